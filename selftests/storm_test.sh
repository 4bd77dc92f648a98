#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading while processes use the device whenever it is there, in
# the root session and in sessions that live on. Leaves the module loaded, as it
# was.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/tap.sh"

TIMES=50

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'touch "$tmp/stop"; rm -rf "$tmp"' EXIT

# unload: rmmod, as soon as nobody has the device open.
unload() {
	tries=0
	until rmmod bootstrap 2>"$tmp/error"; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || {
			cat "$tmp/error"
			return 1
		}
	done
	busy=$((busy + tries))
}

reload() {
	busy=0
	for life in $(seq "$TIMES"); do
		unload && insmod /bootstrap.ko || return 1
		# Some last longer than others.
		[ $((life % 4)) != 0 ] || usleep 20000
	done
	unload || return 1
	echo "# busy $busy times" >&3
}

files() {
	cut -f 1 /proc/sys/fs/file-nr
}

# objects: those in use in the caches that ours are in. What only waits to be
# freed is freed before.
objects() {
	sum=0
	echo 2 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/kmalloc-cg-*; do
		echo 1 >"$cache/shrink"
		read -r count _ <"$cache/objects"
		sum=$((sum + count))
	done
	echo "$sum"
}

# no_more COMMAND BEFORE SOME: it says, soon, no more than some above before.
no_more() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		now=$($1)
		[ $((now - $2)) -gt "$3" ] || return 0
		usleep 100000
	done
	echo "$1: $2 before, $now now"
	return 1
}

exec 3>&1
files=$(files)
objects=$(objects)
"$(dirname "$0")/storm_test" --load "$tmp/stop" &
load=$!
ok "$TIMES unloads under load" reload
touch "$tmp/stop"
wait "$load"
status=$?
ok "whoever used it found all in order, and names are gone" test "$status" = 0
insmod /bootstrap.ko dyndbg=+p
# The kernel counts them on each processor, and sums up to within 32 each.
ok "files are closed" no_more files "$files" $((64 * $(nproc)))
# A leak at each unload would be more; where freed objects are held back, the
# guest looks for leaks in the end.
if [ ! -e /sys/kernel/debug/kmemleak ]; then
	ok "memory is freed" no_more objects "$objects" $((TIMES / 2))
fi
ok "nobody holds the module" test "$(cat /sys/module/bootstrap/refcnt)" = 0
tap_end
