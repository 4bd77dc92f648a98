#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two users, three ssh logins, and who finds what, in QEMU; see demo-guest.sh.
#   KERNEL=6.1    the kernel to run it on
#   CPUS=2        number of processors
#   DEMO_TAP=1    the result as a line of TAP, all else as comments
CPUS=${CPUS:-2}
VM_TIMEOUT=${VM_TIMEOUT:-300}
. "$(dirname "$0")/common.sh"

# What the guest says, as it says it; the end of it is the result.
run_demo() {
	local status=0

	boot demo "$BUILD/demo.initramfs" \
		-virtfs "$(rootfs_share "$ROOTFS")" \
		-serial file:/dev/fd/3 3>&1 >&2 || status=$?
	echo "$status" >"$BUILD/demo.status"
}

show() {
	if [ -n "${DEMO_TAP:-}" ]; then
		tee "$BUILD/demo.results" | sed -u 's/^/# /'
	else
		tee "$BUILD/demo.results"
	fi
}

passed() {
	[ "$(cat "$BUILD/demo.status")" = "$VM_STATUS_PASSED" ] &&
		[ "$(tail -n 1 "$BUILD/demo.results")" = "verdict: the walls hold" ] &&
		log_is_clean "$BUILD/demo.console" >&2
}

result="not ok"
[ -z "${DEMO_TAP:-}" ] || trap 'echo "$result 1 demo"' EXIT
rootfs_guest demo
say "two users, three logins, on kernel $RELEASE"
rm -f "$BUILD"/demo.{console,results,status}
run_demo | show
if ! passed; then
	say "failed: QEMU's status $(cat "$BUILD/demo.status"), see build/demo.console"
	exit 1
fi
result=ok
