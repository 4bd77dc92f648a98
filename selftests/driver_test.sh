#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A driver that has the preferences of whoever sits at the console, from an agent
# in each login session, be that well, dead, or a liar.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 777 "$tmp"
trap 'rm -rf "$tmp"' EXIT
agent=org.example.driver.agent
device=/sys/class/misc/bootstrap_driver

# log_in USER: a session, until its file is gone, which runs what it is given;
# sets $session.
log_in() {
	touch "$tmp/$1.on"
	bootstrapctl login "$1" -- sh -c "bootstrapctl session >/dev/null
		cat /proc/self/sessionid >$tmp/new
		mv $tmp/new $tmp/$1
		while [ -e $tmp/$1.on ]; do
			if [ -e $tmp/$1.do ]; then
				mv $tmp/$1.do $tmp/$1.doing
				sh $tmp/$1.doing &
			fi
			usleep 20000
		done
		[ ! -e $tmp/$1.pid ] || kill \$(cat $tmp/$1.pid)
		wait" &
	until_so test -e "$tmp/$1"
	session=$(cat "$tmp/$1")
}

# in_session USER COMMAND: runs it there, and waits for its end unless it is one
# that stays.
in_session() {
	rm -f "$tmp/$1.done"
	printf '%s\ntouch %s\n' "$2" "$tmp/$1.done" >"$tmp/$1.new"
	mv "$tmp/$1.new" "$tmp/$1.do"
	until_so test -e "$tmp/$1.done"
}

# agent USER COMMAND: the agent of a session; what this writes, each connection
# gets. Then it tells the driver.
agent() {
	in_session "$1" "[ ! -e $tmp/$1.pid ] || kill \$(cat $tmp/$1.pid)
		until ! bootstrapctl info $agent >/dev/null 2>&1; do usleep 20000; done
		bootstrapctl serve $agent -- sh -c '$2' >/dev/null 2>&1 &
		echo \$! >$tmp/$1.pid
		until bootstrapctl info $agent >/dev/null 2>&1; do usleep 20000; done
		bootstrapctl connect org.example.driver </dev/null"
}

# wants VOLUME: a command that writes a record that says so, in octal.
wants() {
	printf 'printf "pref\\\\1\\\\0\\\\0\\\\0\\\\%s\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0"' "$1"
}

is() {
	read -r session <$device/session
	read -r volume <$device/volume
	read -r error <$device/error
	[ "$session $volume $error" = "$*" ] || {
		echo "$session $volume $error, not $*"
		return 1
	}
}

becomes() {
	until_so is "$@" || is "$@"
}

# Whatever the driver is doing is done: it tried once more since.
poke() {
	tries=$(cat $device/tries)
	bootstrapctl connect org.example.driver </dev/null >/dev/null
	until_so test "$(cat $device/tries)" -gt "$tries"
}

# To start a program takes long on some guests; an agent starts one.
load() {
	insmod /bootstrap_driver.ko patience="${SLOW:+1}5000"
	until_so test -e "$device/tries"
}

# Files that were closed are let go of a moment later.
unload() {
	until_so rmmod bootstrap_driver && ! grep -q '^bootstrap_driver ' /proc/modules
}

refused() {
	! rmmod bootstrap 2>/dev/null
}

ok "load" load
ok "nobody has the console" becomes none 50 0
ok "the driver is to be found" says "org.example.driver" bootstrapctl list
ok "it is no process's" says "process     gone" bootstrapctl info org.example.driver
ok "it holds the module" refused
log_in alice
alice=$session
log_in bob
bob=$session
bootstrapctl console "$alice"
ok "a session without an agent" becomes "$alice" 50 -2
agent alice "$(wants 12)"
ok "its agent says what is wanted" becomes "$alice" 10 0
agent bob "$(wants 36)"
poke
ok "that of another is not asked" is "$alice" 10 0
bootstrapctl console "$bob"
ok "the console moves" becomes "$bob" 30 0
bootstrapctl console "$alice"
ok "and back" becomes "$alice" 10 0
agent alice "$(wants 24)"
ok "a user changes his mind" becomes "$alice" 20 0

agent alice true
ok "an agent that says nothing: the last word holds" becomes "$alice" 20 -32
agent alice "printf pref"
ok "too little" becomes "$alice" 20 -32
agent alice "$(wants 30 | sed 's/pref/fork/')"
ok "another record" becomes "$alice" 20 -74
agent alice "$(wants 377)"
ok "louder than loud" becomes "$alice" 20 -74
agent alice "cat /dev/zero"
ok "more than was asked for" becomes "$alice" 20 -74
agent alice "read -r x"
ok "silence is not waited for" becomes "$alice" 20 -110
agent alice "while printf p; do usleep 2000000; done"
ok "nor what comes by drops" becomes "$alice" 20 -110
bootstrapctl console "$bob"
ok "others do not suffer" becomes "$bob" 30 0
bootstrapctl console "$alice"
ok "nor is their word taken for another's" becomes "$alice" 50 -110
agent alice "$(wants 17)"
ok "an agent that has recovered" becomes "$alice" 15 0
in_session alice "kill \$(cat $tmp/alice.pid); rm $tmp/alice.pid
	until ! bootstrapctl info $agent >/dev/null 2>&1; do usleep 20000; done"
poke
ok "a dead agent" becomes "$alice" 15 -2
in_session alice "bootstrapctl register $agent --file /dev/zero -- sleep 1000 &
	echo \$! >$tmp/alice.pid
	until bootstrapctl info $agent >/dev/null 2>&1; do usleep 20000; done"
poke
ok "a file is not read from" becomes "$alice" 15 -88
agent alice "$(wants 17)"
becomes "$alice" 15 0
in_session bob "kill -STOP \$(cat $tmp/bob.pid)"
bootstrapctl console "$bob"
ok "an agent that is stopped" becomes "$bob" 50 -110
in_session bob "kill -CONT \$(cat $tmp/bob.pid)"
poke
ok "and goes on" becomes "$bob" 30 0

ok "unload" unload
ok "its name is gone" status 1 bootstrapctl info org.example.driver
ok "load with a user there" load
ok "who is asked" becomes "$bob" 30 0
agent bob "read -r x"
bootstrapctl connect org.example.driver </dev/null
ok "unload while an agent is waited for" unload
ok "load once more" load
bootstrapctl console "$alice"
becomes "$alice" 15 0
(
	while [ ! -e "$tmp/enough" ]; do
		bootstrapctl connect org.example.driver </dev/null
		bootstrapctl console "$bob"
		bootstrapctl console "$alice"
	done >/dev/null 2>&1
) &
again_and_again() {
	for _ in 1 2 3; do
		unload && load || return 1
	done
}
ok "unload and load while the console moves and agents call" again_and_again
touch "$tmp/enough"
wait $!
bootstrapctl console "$alice"
ok "it knows its way" becomes "$alice" 15 0
rm "$tmp/alice.on"
ok "the session ends" becomes none 50 0
rm "$tmp/bob.on"
wait
ok "unload at last" unload
tap_end
