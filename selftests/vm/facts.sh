#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# For the first process of a guest that shows facts and says whether they hold.
# PARTS and DIR are set.
good=0 bad=0

say() {
	printf '%s\n' "$@"
}

heading() {
	printf '\n== %s\n\n' "$1"
}

# finish STATUS: ends the guest once all that was said is out.
finish() {
	stty -F /dev/ttyS1 raw -echo
	exec vm-exit "$1"
}

# What there is to read when something went wrong.
logs() {
	cat "$DIR"/*.log
}

give_up() {
	logs >&2
	say "" "the guest cannot go on: $1" "verdict: BROKEN"
	finish 1
}

# fact TEXT COMMAND...: holds if the command succeeds.
fact() {
	local text=$1
	shift

	if "$@"; then
		good=$((good + 1))
		say "  yes  $text"
	else
		bad=$((bad + 1))
		say "  NO   $text"
	fi
}

# says TEXT COMMAND...: is that what the command says?
says() {
	[ "$("${@:2}")" = "$1" ]
}

# begin_shown: from now on what is said is a result.
begin_shown() {
	exec >/dev/ttyS1
	stty -F /dev/ttyS1 raw -echo
	# shellcheck source=/dev/null
	. "$PARTS/conf"
	mkdir -p "$DIR"
}

# begin: what comes before the first fact where there is no init.
begin() {
	begin_shown
	ip link set lo up
	hostname guest
	insmod "$PARTS/bootstrap.ko" || give_up "the module does not load"
}

# Files that were in flight are closed within some ticks.
unload() {
	for _ in {1..10}; do
		[ "$(cat /sys/module/bootstrap/refcnt)" = 0 ] && break
		sleep 0.1
	done
	timeout 30 rmmod bootstrap && ! grep -q '^bootstrap ' /proc/modules
}

# The kernel may say that the module is from elsewhere (O, E), and no more.
taint_is_clean() {
	[ $(($(cat /proc/sys/kernel/tainted) & ~(4096 | 8192))) = 0 ]
}

# verdict: the end.
verdict() {
	say "" "$good facts hold, $bad do not"
	if [ $bad = 0 ] && [ $good -gt 0 ]; then
		say "verdict: all hold"
		finish "$EXIT_PASSED"
	fi
	logs >&2
	say "verdict: BROKEN"
	finish 1
}
