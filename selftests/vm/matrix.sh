#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The suite on the stock kernels of Debian: that of bookworm, that of its
# security suite, and sid's. A line each, and the sum.
#   KERNELS="6.1 6.12 sid"   which of them
#   CPUS="1 2"               with how many processors
KERNELS=${KERNELS:-6.1 6.12 sid} CPUS_ASKED=${CPUS:-1 2}
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

need_packages gcc gcc-multilib g++ libc6-dev make pkg-config libjson-c-dev \
	sparse cpio busybox-static qemu-system-x86 kmod
mkdir -p "$BUILD"
find_kselftest
build_user
build_tests
TESTS=$(make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD" M32=y list)
lines=()
for kind in $KERNELS; do
	before=("$passed" "$failed" "$skipped")
	say "kernel $kind"
	prepare_guest "$kind"
	for cpus in $CPUS_ASKED; do
		run_guest "$kind" "$cpus"
		judge_guest "$kind" "$cpus"
	done
	lines+=("$kind: $((passed - before[0])) passed, $((failed - before[1])) failed, $((skipped - before[2])) skipped")
done
echo "1..$number"
printf '%s\n' "${lines[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
