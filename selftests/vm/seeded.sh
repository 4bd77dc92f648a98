#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does the net hold? Boots a guest for each class of bug, in which seeded.ko
# commits one; a run passes if the suite would have failed, and for that bug.
#   KERNEL=6.1      the kernel whose debug kernel is tried
#   BUGS="a b"      only these classes
#   SEEDED_OFF=1    no bug is committed: nothing but "none" may pass
# Little memory is soon set up, and soon searched for leaks.
VM_TIMEOUT=${VM_TIMEOUT:-300} VM_MEMORY=${VM_MEMORY:-512}
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

# CLASS, and the message that must be in the kernel's log or in the results.
bugs() {
	cat <<-'EOT'
	none
	use_after_free          BUG: KASAN: (slab-)?use-after-free
	out_of_bounds           BUG: KASAN: slab-out-of-bounds
	vmalloc_out_of_bounds   BUG: KASAN: vmalloc-out-of-bounds
	global_out_of_bounds    BUG: KASAN: global-out-of-bounds
	stack_out_of_bounds     BUG: KASAN: stack-out-of-bounds
	double_free             BUG: KASAN: (double-free|invalid-free)
	oops                    KASAN: null-ptr-deref in range
	usercopy                usercopy: Kernel memory overwrite attempt detected
	fortify                 detected buffer overflow
	memory_leak_live        ^not ok 1 no memory leaked before
	memory_leak_unload      ^not ok 3 no memory leaked by unloading
	kmemleak_off            ^not ok 1 no memory leaked before
	sleep_in_atomic         preempt_count: 1, expected: 0
	lock_inversion          WARNING: possible circular locking dependency
	lock_recursion          WARNING: possible recursive locking
	lock_irq_unsafe         WARNING: inconsistent lock state
	lock_not_initialised    INFO: trying to register non-static key
	lock_freed              WARNING: held lock freed
	lock_held_on_return     WARNING: lock held when returning to user space
	rcu_held_on_return      lock held when returning to user space|BUG: Invalid wait context
	preempt_left_off        BUG: scheduling while atomic
	suspicious_rcu          suspicious rcu_dereference_check\(\) usage
	rcu_list                RCU-list traversed in non-reader section
	sleep_in_rcu            RCU nest depth: 1, expected: 0
	schedule_in_rcu         Voluntary context switch within RCU
	rcu_head                ODEBUG: activate active .*rcu_head
	list_corruption         list_del corruption
	refcount_underflow      refcount_t: underflow
	refcount_revived        refcount_t: addition on 0
	timer_freed             ODEBUG: free active .*timer_list
	work_freed              ODEBUG: free active .*work_struct
	work_outlives_module    ODEBUG: free active .*timer_list
	module_held             ^not ok [0-9]* unload
	ubsan_shift             UBSAN: shift-out-of-bounds
	ubsan_bounds            UBSAN: array-index-out-of-bounds
	ubsan_bool              UBSAN: invalid-load
	warn                    WARNING: .*seeded_warn
	EOT
}

build_seeded() {
	local dir=$BUILD/seeded-$KIND

	mkdir -p "$dir"
	ln -sf "$TOP"/selftests/seeded/{Kbuild,seeded.c} "$dir/"
	make -s -C "$IMAGE/build" M="$dir" modules >"$dir.log" 2>&1 ||
		{ cat "$dir.log" >&2; die "seeded.ko does not build"; }
}

# The suite's own guest, with another test: two archives make one.
seeded_initramfs() {
	local root

	MODULE=$MODULE TESTS=seeded_test.sh PARTS=$BUILD \
		bash "$VM_DIR/initramfs.sh" "$1"
	root=$(mktemp -d "$BUILD/seeded.XXXXXX")
	mkdir "$root/tests"
	cp "$BUILD/seeded-$KIND/seeded.ko" "$root/"
	install "$TOP/selftests/seeded/seeded_test.sh" "$root/tests/"
	(cd "$root" && find seeded.ko tests/seeded_test.sh |
		cpio -o -H newc -R 0:0 --quiet) >>"$1"
	rm -rf "$root"
}

# guest BUG: runs one, to be judged later.
guest() {
	local kind=$KIND-seeded-$1 bug=$1

	KERNEL_ARGS=
	case $bug in
	none | memory_leak_*) ;;
	kmemleak_off)
		bug=none
		[ -n "${SEEDED_OFF:-}" ] || KERNEL_ARGS="kmemleak=off"
		;;
	# Some seconds, for nothing.
	*) KERNEL_ARGS="LEAKS=no" ;;
	esac
	KERNEL_ARGS+=" SEEDED_BUG=$bug ${SEEDED_OFF:+SEEDED_OFF=none}"
	ln -f "$BUILD/initramfs-$KIND-seeded" "$BUILD/initramfs-$kind"
	run_guest "$kind" 1
	rm "$BUILD/initramfs-$kind"
}

# suite_passes BUG: the suite's own verdict, without its results being ours.
suite_passes() {
	(
		passed=0 failed=0 skipped=0 number=0
		judge_guest "$KIND-seeded-$1" 1
		sum
	) >"$BUILD/$(guest_name "$1").judged"
}

guest_name() {
	echo "guest-$KIND-seeded-$1-cpus1"
}

found() {
	grep -aqE -- "$2" "$BUILD/$(guest_name "$1")".{console,results}
}

# caught BUG MESSAGE: what is asked of all of this.
caught() {
	! suite_passes "$1" &&
		grep -q '^not ok' "$BUILD/$(guest_name "$1").judged" &&
		found "$1" "$2"
}

# Messages are not such that any log has them.
nothing_in_none() {
	local bug message

	bugs | while read -r bug message; do
		[ "$bug" = none ] || ! found none "$message" || {
			echo "# found in none: $message"
			return 1
		}
	done
}

judge() {
	local bug message

	while read -r bug message; do
		case " $BUGS " in
		*" $bug "*) ;;
		*) continue ;;
		esac
		if [ "$bug" = none ]; then
			check "$KIND seeded: none" suite_passes none
			check "$KIND seeded: none has no message" nothing_in_none
		else
			check "$KIND seeded: $bug" caught "$bug" "$message"
		fi
	done < <(bugs)
}

KIND=$KERNEL-debug
if [ "${1:-}" = guest ]; then
	guest "$2"
	exit
fi
need_packages gcc libc6-dev make pkg-config libjson-c-dev libplist-dev libpam0g-dev cpio \
	busybox-static qemu-system-x86 kmod
mkdir -p "$BUILD"
BUGS=${BUGS:-$(bugs | cut -d ' ' -f 1 | tr '\n' ' ')}
find_kernel "$KIND"
build_module
build_user
build_seeded
seeded_initramfs "$BUILD/initramfs-$KIND-seeded"
rm -f "$BUILD/guest-$KIND-seeded-"*
# Guests ask at the same time.
kvm_works || true
# shellcheck disable=SC2086 # words
printf '%s\n' $BUGS | xargs -P 2 -n 1 bash "$0" guest || true
judge
sum
