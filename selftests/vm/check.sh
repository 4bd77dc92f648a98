#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds everything, runs the tests in QEMU, prints TAP and the sum.
#   KERNEL=6.1   the kernel to test on
#   CPUS=1|2     only that number of processors (both by default)
#   TEST=name    only that test
CPUS_ASKED=${CPUS:-}
. "$(dirname "$0")/common.sh"

passed=0 failed=0 skipped=0 number=0

# result ok|"not ok"|skip NAME [REASON]: one line of TAP, and counts it.
result() {
	number=$((number + 1))
	case $1 in
	ok) passed=$((passed + 1)) && echo "ok $number $2" ;;
	skip) skipped=$((skipped + 1)) && echo "ok $number $2 # SKIP ${3:-}" ;;
	*) failed=$((failed + 1)) && echo "not ok $number $2" ;;
	esac
}

# collect NAME FILE: counts what a guest's tests said. A test program that
# ended without all the results that it planned has failed.
collect() {
	local line test="" planned=0 seen=0

	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		"# test "*) test=${line#\# test } planned=0 seen=0 ;;
		"# end "*)
			if [ "$seen" -lt "$planned" ] || [ "$seen" = 0 ]; then
				result "not ok" "$1 $test: $seen of $planned results"
			fi
			case $line in
			*" 0" | *" 1" | *" 4") ;;
			*) result "not ok" "$1 $test: ended with ${line##* }" ;;
			esac
			test= ;;
		"1.."*) planned=${line#1..} planned=${planned%% *} ;;
		ok\ *"# SKIP"* | ok\ *"# skip"*)
			seen=$((seen + 1))
			result skip "$1 $test: $(tap_name "$line")" "${line#*# [Ss][Kk][Ii][Pp]}" ;;
		ok\ *)
			seen=$((seen + 1))
			result ok "$1 $test: $(tap_name "$line")" ;;
		"not ok "*)
			seen=$((seen + 1))
			result "not ok" "$1 $test: $(tap_name "$line")" ;;
		# What went well says so in its result.
		"# "*" RUN "* | "# "*" OK "* | "# Totals:"* | "# PASSED:"* | "# Starting"* | "TAP version"*) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$2"
	[ -z "$test" ] || result "not ok" "$1 $test: did not end"
}

tap_name() {
	sed -E 's/^(not )?ok [0-9]+ *(- )?//; s/ *# [Ss][Kk][Ii][Pp].*//' <<<"$1"
}

run_guest() {
	local name=guest-$KERNEL-cpus$CPUS status=0 args=()

	# One processor, one instruction a nanosecond: times mean something.
	[ "$CPUS" != 1 ] || args=(-icount "shift=0,sleep=off" -rtc clock=vm)
	args+=(-accel tcg -cpu max)
	rm -f "$BUILD/$name".{console,results}
	boot "$name" "$BUILD/initramfs" "${args[@]}" \
		-serial "file:$BUILD/$name.console" \
		-serial "file:$BUILD/$name.results" || status=$?
	collect "cpus=$CPUS" "$BUILD/$name.results"
	if [ $status = $VM_STATUS_PASSED ] &&
		grep -aq '^# verdict done' "$BUILD/$name.results"; then
		result ok "cpus=$CPUS: verdict"
	else
		result "not ok" "cpus=$CPUS: verdict (status $status, see build/$name.console)"
	fi
	if log_is_clean "$BUILD/$name.console"; then
		result ok "cpus=$CPUS: kernel log"
	else
		result "not ok" "cpus=$CPUS: kernel log (see build/$name.console)"
	fi
}

# Real logins, with what they show as comments.
run_demo() {
	local line

	CPUS=${CPUS_ASKED:-2} DEMO_TAP=1 bash "$VM_DIR/demo.sh" >"$BUILD/demo.tap" || true
	grep '^#' "$BUILD/demo.tap" || true
	line=$(tail -n 1 "$BUILD/demo.tap")
	case $line in
	"ok 1 demo") result ok "demo: three ssh logins" ;;
	*) result "not ok" "demo: three ssh logins (see build/demo.console)" ;;
	esac
}

build() {
	# Checked by sparse is only what is compiled.
	rm -rf "${BUILD:?}/$RELEASE"
	build_parts W=1 C=2
	make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD" OUTPUT="$BUILD/selftests" \
		>"$BUILD/selftests.log" 2>&1 ||
		{ cat "$BUILD/selftests.log"; die "the tests do not build"; }
}

# What a packager and a user of the library do with "make install".
check_install() {
	local root=$BUILD/install-root flags

	rm -rf "$root"
	make -s -C "$TOP" install KVER="$RELEASE" DESTDIR="$root" PREFIX=/opt \
		>"$BUILD/install.log" 2>&1 || return
	[ -e "$root/lib/modules/$RELEASE/updates/bootstrap.ko" ] &&
		[ -e "$root/opt/share/man/man4/bootstrap.4" ] &&
		[ -e "$root/opt/share/man/man1/bootstrapctl.1" ] &&
		[ -x "$root/opt/bin/bootstrapctl" ] || return
	flags=$(PKG_CONFIG_PATH=$root/opt/lib/pkgconfig \
		PKG_CONFIG_SYSROOT_DIR=$root pkg-config --cflags --libs libbootstrap)
	# shellcheck disable=SC2086 # flags are words
	gcc -o "$BUILD/installed-example" "$BUILD/selftests/readme_example.c" $flags &&
		readelf -d "$BUILD/installed-example" | grep -q 'libbootstrap\.so\.0'
}

need_packages gcc g++ libc6-dev make pkg-config libjson-c-dev sparse cpio \
	busybox-static qemu-system-x86 kmod
mkdir -p "$BUILD/selftests"
find_kernel
find_kselftest
echo "TAP version 13"
say "kernel $RELEASE"
build
if [ -z "${TEST:-}" ]; then
	if grep -E 'warning|error' "$BUILD/module.log"; then
		result "not ok" "build: module without warnings (W=1, sparse)"
	else
		result ok "build: module without warnings (W=1, sparse)"
	fi
	if check_install; then
		result ok "install: a program builds with what is installed"
	else
		cat "$BUILD/install.log"
		result "not ok" "install: a program builds with what is installed"
	fi
fi
TESTS=${TEST:-$(make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD" list)}
export TESTS RELEASE
bash "$VM_DIR/initramfs.sh" "$BUILD/initramfs"
for CPUS in ${CPUS_ASKED:-1 2}; do
	run_guest
done
if [ -z "${TEST:-}" ]; then
	run_demo
fi
echo "1..$number"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
