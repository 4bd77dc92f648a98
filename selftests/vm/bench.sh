#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bench.sh: what "make bench" runs. Instructions that operations take, in a guest
# that counts them; with KVM, or where BENCH=time says so, nanoseconds.
#   KERNEL=6.1          the kernel to run on
#   BASELINE=check      instructions of what is this project's own alone, against
#                       the baseline; fails if any is more than 3 % dearer
#   BASELINE=write      the same, and make it the baseline
#   BENCH=time          time, whatever the guest can do
CPUS=1
VM_MEMORY=${VM_MEMORY:-2048}
. "$(dirname "$0")/common.sh"

BASELINE=${BASELINE:-}
SOURCE=$TOP/selftests/bench

# The baseline is of instructions.
counts_instructions() {
	[ -n "$BASELINE" ] || { [ "${BENCH:-}" != time ] && ! kvm_works; }
}

build_bench() {
	local peers=$1

	mkdir -p "$BUILD/bench/floor"
	ln -sf "$SOURCE/floor.c" "$BUILD/bench/floor/"
	echo 'obj-m := floor.o' >"$BUILD/bench/floor/Kbuild"
	{
		make -s -C "/lib/modules/$RELEASE/build" \
			M="$BUILD/bench/floor" modules &&
			make -s -C "$SOURCE" LIB="$BUILD" PEERS="$peers" \
				OUTPUT="$BUILD/bench"
	} >"$BUILD/bench/log" 2>&1 ||
		{ cat "$BUILD/bench/log" >&2; die "the benchmarks do not build"; }
}

# bench_initramfs PEERS: of what was built; PEERS may be empty.
bench_initramfs() {
	local peers=$1 root program

	root=$(mktemp -d "$BUILD/initramfs.XXXXXX")
	base_root "$root" "$VM_DIR/bench-init"
	install -m 644 "$BUILD/bench/floor/floor.ko" "$root/floor.ko"
	mkdir "$root/modules"
	printf 'EXIT_PASSED=%s\n' "$VM_EXIT_PASSED" >"$root/vm.conf"
	copy_program "$root" "$BUILD/bench/bench_own" /bin/bench_own
	if [ -n "$peers" ]; then
		copy_modules "$root/modules" binder_linux
		PARTS=$peers/usr/lib/$(gcc -print-multiarch):$peers/lib/$(gcc -print-multiarch)
		copy_program "$root" "$BUILD/bench/bench_peers" /bin/bench_peers
		for program in dbus-broker dbus-daemon s6-fdholderd; do
			copy_program "$root" "$peers/usr/bin/$program" \
				"/usr/bin/$program"
		done
	fi
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) \
		>"$BUILD/bench/initramfs"
	rm -rf "$root"
}

# run NAME WHAT QEMU-ARG...: figures of a guest, in build/bench/NAME.results.
run() {
	local name=bench-$1 results status=0
	# shellcheck disable=SC2034 # for boot
	local KERNEL_ARGS="nokaslr norandmaps BENCH=$2"
	shift 2

	mapfile -t results < <(results_args "$BUILD/$name.results")
	rm -f "$BUILD/$name".{console,results}
	boot "$name" "$BUILD/bench/initramfs" "${results[@]}" "$@" || status=$?
	if [ $status != "$VM_STATUS_PASSED" ] ||
		! log_is_clean "$BUILD/$name.console" ||
		! grep -qx 'done 0 0' "$BUILD/$name.results"; then
		die "failed: QEMU's status $status, see build/$name.console"
	fi
	RESULTS+=("$BUILD/$name.results")
}

need_packages gcc libc6-dev make pkg-config libjson-c-dev libplist-dev \
	libpam0g-dev cpio busybox-static qemu-system-x86 kmod python3
mkdir -p "$BUILD/bench"
find_kernel
build_module
build_user
peers=
[ -n "$BASELINE" ] || peers=$(bash "$VM_DIR/peers.sh")
build_bench "$peers"
bench_initramfs "$peers"

MACHINE=() UNIT=ns RESULTS=()
if counts_instructions; then
	UNIT=instructions ACCEL=tcg
	MACHINE=(-cpu "max,-erms" -icount "shift=0,sleep=off" -seed 1
		-rtc "base=2025-01-01,clock=vm")
fi
say "kernel $RELEASE, figures are $UNIT"
if [ -n "$BASELINE" ]; then
	run short short "${MACHINE[@]}"
	exec python3 "$SOURCE/report.py" --kernel "$KERNEL" \
		--baseline "$BASELINE" "${RESULTS[@]}"
fi
need_packages gnuplot-nox libgcrypt20 liblz4-1 liblzma5 libzstd1 libcap2 \
	libpcre2-8-0
run all all "${MACHINE[@]}"
# Instructions can be counted of one processor only.
ACCEL='' CPUS=2 run two two
python3 "$SOURCE/report.py" --kernel "$KERNEL" --unit "$UNIT" \
	--json "$BUILD/bench.json" --plot "$BUILD/bench-growth" "${RESULTS[@]}"
