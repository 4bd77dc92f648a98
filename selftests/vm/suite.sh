# SPDX-License-Identifier: GPL-2.0
# Running the suite in guests, and counting what came of it. Sourced after
# common.sh, never run.
# shellcheck shell=bash

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

# check NAME COMMAND...: a result from a command, which may not be a part of &&.
check() {
	local name=$1 status=0
	shift

	"$@" || status=$?
	if [ $status = 0 ]; then
		result ok "$name"
	else
		result "not ok" "$name"
	fi
}

# sum: the last lines of each run. Nothing that ran is nothing that passed.
sum() {
	echo "1..$number"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# skip_result KIND TEST LINE: no test is left out but for a reason that is known.
skip_result() {
	local reason=${3#*# [Ss][Kk][Ii][Pp]} known

	case $1 in
	*-debug*) known=debug ;;
	*) known=stock ;;
	esac
	if grep -q "^$known $2:" "$TOP/selftests/skips"; then
		result skip "$1 $2: $(tap_name "$3")" "$reason"
	else
		result "not ok" "$1 $2: $(tap_name "$3"): skipped,$reason"
	fi
}

tap_name() {
	sed -E 's/^(not )?ok [0-9]+ *(- )?//; s/ *# [Ss][Kk][Ii][Pp].*//' <<<"$1"
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
			test=
			;;
		"1.."*) planned=${line#1..} planned=${planned%% *} ;;
		ok\ *"# SKIP"* | ok\ *"# skip"*)
			seen=$((seen + 1))
			skip_result "$1" "$test" "$line"
			;;
		ok\ *)
			seen=$((seen + 1))
			result ok "$1 $test: $(tap_name "$line")"
			;;
		"not ok "*)
			seen=$((seen + 1))
			result "not ok" "$1 $test: $(tap_name "$line")"
			;;
		# What went well says so in its result.
		"# "*" RUN "* | "# "*" OK "* | "# Totals:"* | "# PASSED:"* | "# Starting"* | "TAP version"*) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$2"
	[ -z "$test" ] || result "not ok" "$1 $test: did not end"
}

# prepare_suite [PACKAGE]...: what all runs of the suite need, and these packages;
# sets TESTS to all tests.
prepare_suite() {
	need_packages gcc g++ gcc-multilib libc6-dev make pkg-config \
		libjson-c-dev libplist-dev libpam0g-dev cpio busybox-static \
		qemu-system-x86 kmod "$@"
	mkdir -p "$BUILD"
	find_kselftest
	build_user
	build_tests
	TESTS=$(make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD" M32=y list)
}

# build_tests: what runs in guests, also as programs of 32 bits.
build_tests() {
	mkdir -p "$BUILD/selftests"
	make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD" M32=y \
		OUTPUT="$BUILD/selftests" >"$BUILD/selftests.log" 2>&1 ||
		{ cat "$BUILD/selftests.log"; die "the tests do not build"; }
}

SAN_CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"

# build_sanitized: library and tool as they look for faults of their own. Not on
# the debug kernel, where it takes a second to start such a program.
build_sanitized() {
	mkdir -p "$BUILD/san/selftests"
	build_user B="$BUILD/san" CFLAGS="$SAN_CFLAGS"
	make -s -C "$TOP/selftests" KSFT="$KSFT" LIB="$BUILD/san" \
		CFLAGS="$SAN_CFLAGS" OUTPUT="$BUILD/san/selftests" \
		"$BUILD"/san/selftests/{library,library_tree,bindings,mach_names,mach_tree,server,session_api}_test \
		"$BUILD"/san/selftests/{pam{,_greeter,_programs,_chain,_chain_lines},login_host,login_plugin}_test \
		"$BUILD"/san/selftests/authorization{,_mechanisms,_api,_change,_commit}_test \
		sanitized-programs >"$BUILD/san.log" 2>&1 ||
		{ cat "$BUILD/san.log"; die "the tests do not build"; }
}

# prepare_guest KIND [KBUILD-FLAG...]: what run_guest needs of a kind of kernel,
# see find_kernel; the tests in TESTS.
prepare_guest() {
	local kind=$1
	shift

	find_kernel "$kind"
	build_module "$@"
	PARTS=$BUILD
	if [ "$kind" = "$KERNEL-san" ]; then
		build_sanitized
		PARTS=$BUILD/san
	fi
	MODULE=$MODULE TESTS=$TESTS PARTS=$PARTS \
		bash "$VM_DIR/initramfs.sh" "$BUILD/initramfs-$kind"
}

# run_guest KIND CPUS [QEMU-ARG...]: runs a guest; judge_guest tells how it went.
# On a busy host a kernel's calibration of emulated timers may fail so that it
# never comes up; what never began may begin again.
run_guest() {
	local kind=$1 name=guest-$1-cpus$2 status results try KERNEL_ARGS=${KERNEL_ARGS:-}
	CPUS=$2
	shift 2

	find_kernel "$kind"
	# One processor, one instruction a nanosecond: times mean something.
	if [ "$kind" = "$KERNEL" ] && [ "$CPUS" = 1 ] && ! kvm_works; then
		set -- "$@" -icount "shift=0,sleep=off" -rtc clock=vm
		KERNEL_ARGS+=" ICOUNT=y"
	fi
	mapfile -t results < <(results_args "$BUILD/$name.results")
	for try in 1 2 3; do
		rm -f "$BUILD/$name".{console,results,status}
		status=0
		boot_watched "$name" "$BUILD/initramfs-$kind" "${results[@]}" "$@" || status=$?
		[ ! -s "$BUILD/$name.results" ] || break
		say "$name did not come up ($try)"
	done
	echo $status >"$BUILD/$name.status"
}

# boot_watched NAME INITRD QEMU-ARG...: ends a guest whose init has said nothing
# within two minutes.
boot_watched() {
	local said=$BUILD/$1.results guest status=0

	boot "$@" &
	guest=$!
	for _ in {1..120}; do
		if [ -s "$said" ] || ! kill -0 $guest 2>/dev/null; then
			break
		fi
		sleep 1
	done
	[ -s "$said" ] || pkill -P $guest || true
	wait $guest || status=$?
	return $status
}

# judge_guest KIND CPUS: counts the results of a guest that has run.
judge_guest() {
	local name=guest-$1-cpus$2 label="$1 cpus=$2" status

	status=$(cat "$BUILD/$name.status" 2>/dev/null) || status="none"
	touch "$BUILD/$name".{console,results}
	collect "$label" "$BUILD/$name.results"
	if [ "$status" = "$VM_STATUS_PASSED" ] &&
		grep -aq '^# verdict done' "$BUILD/$name.results"; then
		result ok "$label verdict"
	else
		result "not ok" "$label verdict (status $status, see build/$name.console)"
	fi
	check "$label kernel log (build/$name.console)" log_is_clean "$BUILD/$name.console"
}
