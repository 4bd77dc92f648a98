#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl, as to which session has the console, which follows the virtual
# terminal that is shown.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 777 "$tmp"
trap 'rm -rf "$tmp"' EXIT
announced="$(dirname "$0")/announced"

# log_in TTY: a session on it, until its file is gone; sets $session.
log_in() {
	touch "$tmp/$1.on"
	"$announced" "non-gui,$1" sh -c "cat /proc/self/sessionid >$tmp/new
		mv $tmp/new $tmp/$1
		while [ -e $tmp/$1.on ]; do usleep 50000; done" &
	until_so test -e "$tmp/$1"
	session=$(cat "$tmp/$1")
	rm "$tmp/$1"
}

# The last thing that the one who follows said.
last() {
	tail -n 1 "$tmp/follow"
}

was=$(sed 's/tty//' /sys/class/tty/tty0/active)
chvt 8
ok "nobody has the console" says "no session that the caller may see has it" \
	bootstrapctl console
ok "which is no success" status 1 bootstrapctl console
log_in tty8
eight=$session
log_in tty9
nine=$session
ok "root gives it away" bootstrapctl console "$nine"
ok "console tells who has it" \
	prints "session $nine (alice, non-gui, tty9)" bootstrapctl console
ok "as JSON" says "\"session\": $nine," bootstrapctl console --json
ok "session tells of it" says "attributes tty, remote, console" \
	bootstrapctl session "$nine"
ok "others are refused" status 1 su alice -s /bin/sh -c "bootstrapctl console $eight"
ok "and told why" says "not permitted" su alice -s /bin/sh -c "bootstrapctl console $eight"
ok "nor may they follow" says "not permitted" \
	su alice -s /bin/sh -c "bootstrapctl console --follow"
ok "that is refused" status 1 su alice -s /bin/sh -c "bootstrapctl console --follow"
ok "a session that is not there" status 1 bootstrapctl console 4000000000
ok "the root session has none" status 1 bootstrapctl console root
ok "what is no session is a usage error" status 2 bootstrapctl console tty8
ok "--follow takes no session" status 2 bootstrapctl console --follow "$nine"
ok "and prints no JSON" status 2 bootstrapctl console --follow --json

bootstrapctl watch --sessions >"$tmp/watch" &
watching=$!
until_so grep -q complete "$tmp/watch"
bootstrapctl console --follow >"$tmp/follow" &
following=$!
ok "it goes to the session on the terminal that is shown" until_so \
	prints "session $eight (alice, non-gui, tty8)" bootstrapctl console
ok "who follows says so" until_so prints "session $eight (alice, non-gui, tty8)" last
chvt 9
ok "it follows to another" until_so \
	prints "session $nine (alice, non-gui, tty9)" bootstrapctl console
chvt 10
ok "where no session is, none has it" until_so status 1 bootstrapctl console
ok "which is said, too" until_so prints "no session" last
log_in tty10
ten=$session
ok "it goes to one that comes there" until_so \
	prints "session $ten (alice, non-gui, tty10)" bootstrapctl console
log_in tty10
ok "and to a nearer one" until_so \
	prints "session $session (alice, non-gui, tty10)" bootstrapctl console
ok "watch tells of the changes" until_so grep -q \
	"^changed session $nine: attributes tty+remote+console+authenticated$" "$tmp/watch"
rm "$tmp/tty10.on"
ok "it ends with the session" until_so status 1 bootstrapctl console
bootstrapctl console "$eight" # for which there is no reason
ok "what else moves it is undone" until_so status 1 bootstrapctl console
chvt 8
until_so prints "session $eight (alice, non-gui, tty8)" bootstrapctl console
ok "nothing is said twice" test -z "$(uniq -d "$tmp/follow")"
ok "who follows waits" test "$(wc -l <"$tmp/follow")" -lt 20
kill $following $watching
ended $following
ok "until it is killed" test $ended = 143
rm "$tmp/tty8.on" "$tmp/tty9.on"
wait
chvt "$was"

mv /dev/bootstrap "$tmp/device"
ok "console without the device" status 3 bootstrapctl console
ok "console --follow without it" status 3 bootstrapctl console --follow
mv "$tmp/device" /dev/bootstrap
tap_end
