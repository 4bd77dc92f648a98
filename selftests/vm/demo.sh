#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# demo.sh [NAME]: shows facts in a Debian guest, see NAME-guest.sh:
#   session       what "make demo" shows: sessions from login to logout
#   names         two users, three ssh logins, who finds what, and services
#   pam           logins that pam_bootstrap announces
#   programs      well-known programs as servers of names
#   documents     the examples of manual pages and README
#   logins        logins of all kinds under systemd
#   mechanisms    what runs at a login: chains of mechanisms around it
#   plugins       the same with shared objects, and those that are not privileged
#   packages      from "apt install ./*.deb" to logins and a service
# in QEMU.
#   KERNEL=6.1    the kernel to run it on
#   CPUS=2        number of processors
#   DEMO_TAP=1    the result as a line of TAP, all else as comments
CPUS=${CPUS:-2}
VM_TIMEOUT=${VM_TIMEOUT:-1800}
NAME=${1:-session}
. "$(dirname "$0")/common.sh"

# What the guest says, as it says it; the end of it is the result.
run_demo() {
	local status=0

	boot "$NAME" "$BUILD/$NAME.initramfs" \
		-virtfs "$(rootfs_share "$ROOTFS")" \
		-serial file:/dev/fd/3 "${LINE[@]}" 3>&1 >&2 || status=$?
	echo "$status" >"$BUILD/$NAME.status"
}

show() {
	if [ -n "${DEMO_TAP:-}" ]; then
		tee "$BUILD/$NAME.results" | sed -u 's/^/# /'
	else
		tee "$BUILD/$NAME.results"
	fi
}

passed() {
	[ "$(cat "$BUILD/$NAME.status")" = "$VM_STATUS_PASSED" ] &&
		[ "$(tail -n 1 "$BUILD/$NAME.results")" = "verdict: all hold" ] &&
		log_is_clean "$BUILD/$NAME.console" >&2
}

# The guest's third and fourth serial port, joined: who is at one is logged in at
# the other. Each has an interrupt of its own.
join_ports() {
	local line=bootstrap-line-$$

	LINE=(-chardev "socket,id=far,path=$line,abstract=on,server=on,wait=off"
		-chardev "socket,id=near,path=$line,abstract=on"
		-device "isa-serial,chardev=far,index=2,irq=6"
		-device "isa-serial,chardev=near,index=3,irq=7")
}

# What the examples are run from, and programs that they are about.
documents_files() {
	local dir=$BUILD/documents

	need_packages gcc libc6-dev make pkg-config libjson-c-dev libplist-dev \
		libpam0g-dev python3
	rm -rf "$dir" "$BUILD/examples"
	mkdir -p "$dir/texts"
	cp "$TOP"/selftests/documents/*.py "$dir/"
	cp "$TOP"/{README,CONTRIBUTING}.md "$TOP"/*/man/*.[0-9] "$dir/texts/"
	python3 -B "$TOP/selftests/documents/check.py" "$TOP" "$BUILD" >&2 ||
		die "the examples are not what they are to be"
	build_user
	gcc -o "$BUILD/capitals" "$(grep -l org.example.capitals "$BUILD"/examples/*.c)" \
		-I"$TOP/uapi" -I"$TOP/userlib/include" "$BUILD/libbootstrap.a" ||
		die "an example does not build"
	# shellcheck disable=SC2034 # for rootfs_guest
	GUEST_FILES=(documents capitals samples)
}

KIND=plain LINE=()
case $NAME in
logins)
	KIND=systemd
	join_ports
	;;
plugins)
	need_packages gcc libc6-dev
	mkdir -p "$BUILD"
	gcc -D_GNU_SOURCE -I"$TOP/userlib/include" -O2 -fPIC -shared \
		-o "$BUILD/script_plugin.so" "$TOP/selftests/script_plugin.c"
	# shellcheck disable=SC2034 # for rootfs_guest
	GUEST_FILES=(script_plugin.so samples)
	join_ports
	;;
documents)
	documents_files
	;;
mechanisms)
	# shellcheck disable=SC2034 # for rootfs_guest
	GUEST_MODULES=fuse
	join_ports
	;;
packages)
	KIND=packages
	# The module is compiled there, which takes eight minutes of an emulated
	# processor, and memory.
	VM_MEMORY=2048
	VM_TIMEOUT=2400
	;;
session)
	# Nothing here needs these, and whoever looks on waits for them.
	KIND=systemd
	# shellcheck disable=SC2034 # for boot
	KERNEL_ARGS=$(printf 'systemd.mask=systemd-%s.service ' sysusers sysctl \
		tmpfiles-setup-dev update-utmp update-utmp-runlevel)
	;;
esac
result="not ok"
[ -z "${DEMO_TAP:-}" ] || trap 'echo "$result 1 $NAME"' EXIT
rootfs_guest "$NAME" "$KIND"
say "$NAME, on kernel $RELEASE"
rm -f "$BUILD/$NAME".{console,results,status}
run_demo | show
if ! passed; then
	say "failed: QEMU's status $(cat "$BUILD/$NAME.status"), see build/$NAME.console"
	exit 1
fi
result=ok
