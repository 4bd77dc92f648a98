#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading. Leaves the module loaded, as it was.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 777 "$tmp"
trap 'rm -rf "$tmp"' EXIT

settle() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(cat /sys/module/bootstrap/refcnt)" = 0 ] && break
		usleep 100000
	done
}

cookie() {
	bootstrapctl session --json | sed -n 's/.*"cookie": *\([0-9]*\).*/\1/p'
}

unload_with_sessions() {
	dmesg -c >/dev/null
	bootstrapctl login alice -- sh -c "bootstrapctl session >/dev/null
		touch $tmp/ready; while [ ! -e $tmp/stop ]; do usleep 20000; done" &
	while [ ! -e "$tmp/ready" ]; do usleep 20000; done
	settle
	rmmod bootstrap || return 1
	touch "$tmp/stop"
	wait
	dmesg >"$tmp/log"
	# The session's namespace dies, and the root's after it.
	grep -q 'session [0-9]* ended' "$tmp/log" || return 1
	[ "$(grep -c 'namespace [0-9]* is dead' "$tmp/log")" = 2 ] || return 1
	last=$(sed -n 's/.*namespace \([0-9]*\) is dead.*/\1/p' "$tmp/log" | tail -n 1)
	[ "$last" = "$root_namespace" ]
}

load_again_and_again() {
	for _ in 1 2 3 4 5; do
		insmod /bootstrap.ko || return 1
		[ -c /dev/bootstrap ] || return 1
		bootstrapctl list >/dev/null || return 1
		settle
		rmmod bootstrap || return 1
	done
}

held_open() {
	exec 8</dev/bootstrap
	rmmod bootstrap 2>/dev/null
	still=$?
	exec 8<&-
	settle
	[ "$still" != 0 ]
}

ok "the device is for all" test "$(stat -c %a /dev/bootstrap)" = 666
ok "an open device holds the module" held_open
before=$(cookie)
root_namespace=$(bootstrapctl session --json | sed -n 's/.*"namespace": *\([0-9]*\).*/\1/p')
ok "unloading ends sessions that live, and the root last" unload_with_sessions
ok "loading again and again" load_again_and_again
insmod /bootstrap.ko dyndbg=+p names_per_user=3
ok "parameters" test "$(cat /sys/module/bootstrap/parameters/names_per_user)" = 3
ok "a session's number does not come again" test "$(cookie)" -gt "$before"
echo 4096 >/sys/module/bootstrap/parameters/names_per_user
tap_end
