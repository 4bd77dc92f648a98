#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds everything, runs all tests in QEMU, prints TAP and the sum.
#   KERNEL=6.1   the kernel to test on
#   DEBUG=0|1    only the stock or only the debug kernel (both by default)
#   CPUS=1|2     only that number of processors (both by default)
#   TEST=name    only that test, on the stock kernel unless DEBUG=1
KERNEL_ASKED=${KERNEL:-6.1} CPUS_ASKED=${CPUS:-1 2}
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

# What a packager and a user of the library do with "make install".
check_install() {
	local root=$BUILD/install-root flags release

	release=$(find_kernel "$KERNEL_ASKED" && echo "$RELEASE")
	rm -rf "$root"
	make -s -C "$TOP" install KVER="$release" DESTDIR="$root" PREFIX=/opt \
		>"$BUILD/install.log" 2>&1 || { cat "$BUILD/install.log"; return 1; }
	[ -e "$root/lib/modules/$release/updates/bootstrap.ko" ] &&
		[ -e "$root/opt/share/man/man4/bootstrap.4" ] &&
		[ -e "$root/opt/share/man/man1/bootstrapctl.1" ] &&
		[ -x "$root/opt/bin/bootstrapctl" ] || return
	flags=$(PKG_CONFIG_PATH=$root/opt/lib/pkgconfig \
		PKG_CONFIG_SYSROOT_DIR=$root pkg-config --cflags --libs libbootstrap)
	# shellcheck disable=SC2086 # flags are words
	gcc -o "$BUILD/installed-example" "$BUILD/selftests/readme_example.c" $flags &&
		readelf -d "$BUILD/installed-example" | grep -q 'libbootstrap\.so\.0'
}

module_without_warnings() {
	! grep -E 'warning|error' "$BUILD"/module-*.log
}

# Real logins, with what they show as comments.
run_demo() {
	KERNEL=$KERNEL_ASKED CPUS=2 DEMO_TAP=1 \
		bash "$VM_DIR/demo.sh" >"$BUILD/demo.tap" || true
	grep '^#' "$BUILD/demo.tap" || true
	check "demo: three ssh logins (build/demo.console)" \
		grep -qx 'ok 1 demo' "$BUILD/demo.tap"
}

# Programs of the suite that only the debug kernel can run have a line in skips.
run_suite() {
	local kind cpus

	for cpus in $CPUS_ASKED; do
		for kind in "${KINDS[@]}"; do
			run_guest "$kind" "$cpus"
			judge_guest "$kind" "$cpus"
		done
	done
}

build() {
	local kind

	for kind in "${KINDS[@]}"; do
		say "kernel $kind"
		case $kind in
		*-debug*)
			build_sanitized
			prepare_guest "$kind"
			;;
		*)
			# Checked by sparse is only what is compiled.
			find_kernel "$kind"
			rm -rf "${BUILD:?}/$MODULE"
			prepare_guest "$kind" W=1 C=2
			;;
		esac
	done
}

need_packages gcc g++ gcc-multilib libc6-dev make pkg-config libjson-c-dev \
	sparse cpio busybox-static qemu-system-x86 kmod
mkdir -p "$BUILD"
find_kselftest
echo "TAP version 13"
case ${DEBUG:-${TEST:+0}} in
0) KINDS=("$KERNEL_ASKED") ;;
1) KINDS=("$KERNEL_ASKED-debug") ;;
*) KINDS=("$KERNEL_ASKED" "$KERNEL_ASKED-debug") ;;
esac
rm -f "$BUILD"/module-*.log
build_user
build_tests
TESTS=${TEST:-$(make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD" M32=y list)}
build
if [ -z "${TEST:-}" ]; then
	check "build: module without warnings (W=1, sparse)" module_without_warnings
	check "install: a program builds with what is installed" check_install
fi
run_suite
if [ -z "${TEST:-}" ]; then
	run_demo
fi
sum
