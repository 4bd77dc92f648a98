#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl, as to the end of sessions: logout, defer and watch --sessions.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT
mkdir -m 777 "$tmp/alice"
announced="$(dirname "$0")/announced"

# In none of her sessions.
as_alice() {
	su alice -s /bin/sh -c "$*"
}

as_bob() {
	su bob -s /bin/sh -c "$*"
}

# In a new one.
in_alice() {
	bootstrapctl login alice -- "$@"
}

# log_in COMMANDS [TOOL...]: a session of alice's with a shell that does this;
# sets $session, and $login to its first process.
log_in() {
	rm -f "$tmp/alice/session"
	echo "bootstrapctl session >/dev/null
		cat /proc/self/sessionid >$tmp/alice/new
		mv $tmp/alice/new $tmp/alice/session
		$1" >"$tmp/script"
	shift
	[ $# -gt 0 ] || set -- bootstrapctl login alice --
	"$@" sh "$tmp/script" &
	login=$!
	until_so test -e "$tmp/alice/session"
	session=$(cat "$tmp/alice/session")
}

# defer FILE REASON [OPTION]: for a shell in a session, which so defers as long
# as the file is there.
defer() {
	touch "$tmp/alice/$1"
	echo "bootstrapctl defer '$2' ${3:-} -- sh -c \
		'while [ -e $tmp/alice/$1 ]; do usleep 50000; done' \
		2>$tmp/alice/$1.said &"
}

# For one, too: until it does.
until_deferred="until bootstrapctl session | grep -q ^deferral; do usleep 50000; done"

# How many deferrals there are.
deferrals() {
	bootstrapctl session "$session" | grep -c "^deferral "
}

holds() {
	[ "$(deferrals)" = "$1" ]
}

# said FILE PATTERN
said() {
	grep -q -- "$2" "$1" || {
		echo "no '$2' in:"
		cat "$1"
		return 1
	}
}

unsaid() {
	! grep -q -- "$2" "$1" || {
		echo "'$2' is in:"
		cat "$1"
		return 1
	}
}

gone() {
	! grep -qsx "$session" /proc/[0-9]*/sessionid
}

bootstrapctl watch --sessions >"$tmp/watch" &
watching=$!
bootstrapctl watch --sessions --json >"$tmp/watch.json" &
watching="$watching $!"
su bob -s /bin/sh -c "exec bootstrapctl watch --sessions" >"$tmp/watch.bob" &
watching="$watching $!"
ok "watch --sessions tells when it has told all" \
	until_so said "$tmp/watch" '^complete$'
until_so said "$tmp/watch.json" complete
until_so said "$tmp/watch.bob" complete

# Two who ask to be waited for, one after the other.
log_in "$(defer one 'unsaved document')
	$until_deferred
	$(defer two 'a long computation')
	exec sleep 1000" "$announced" non-gui,tty7,far.example
until_so holds 2
ok "session tells who defers, and why" says \
	"(bootstrapctl, user alice): unsaved document" bootstrapctl session "$session"
ok "as JSON" says '"reason": "a long computation"' \
	bootstrapctl session "$session" --json
ok "and how many there are" says '"deferrals": 2' \
	bootstrapctl session "$session" --json
as_alice bootstrapctl logout "$session" >"$tmp/logout" 2>&1 &
asking=$!
ok "logout tells of what" until_so said "$tmp/logout" \
	"^logout of session $session (alice, non-gui, tty7, from far.example), deadline in [56].* s$"
ok "logout tells whom it waits for" until_so said "$tmp/logout" \
	"^waiting for process [0-9]* (bootstrapctl, user alice): unsaved document$"
ok "and whom else" until_so said "$tmp/logout" ": a long computation$"
ok "defer tells that it is asked for" until_so said "$tmp/alice/one.said" \
	"^bootstrapctl: logout asked, deadline in [56].* s$"
ok "sessions tells the state" says " logout" bootstrapctl sessions
ok "session tells the deadline" \
	says "state      logout, deadline in " bootstrapctl session "$session"
ok "as JSON, in seconds" says '"deadline": ' bootstrapctl session "$session" --json
rm "$tmp/alice/one"
ok "logout tells who is waited for no longer" \
	until_so said "$tmp/logout" "^no longer waiting for .*: unsaved document$"
ok "and how many are left" said "$tmp/logout" "^still waiting for 1$"
ok "it waits" unsaid "$tmp/logout" asked\ to
rm "$tmp/alice/two"
ended $asking
ok "when nobody is left it goes on" said "$tmp/logout" ": a long computation$"
ok "processes are asked to end" said "$tmp/logout" "^processes asked to end: [1-9]"
ok "none has to be killed" unsaid "$tmp/logout" killed
ok "the session has ended" said "$tmp/logout" "^session $session has ended$"
ok "logout says so by its status" test $ended = 0
ok "there is nobody left" gone
ok "it is no session any more" status 1 bootstrapctl session "$session"
ended $login
ok "its processes were ended, not left" test $ended = 143

# The whole story, the numbers of processes left out.
story() {
	sed -n "s/process [0-9]*/process N/;s/in 60 s/in N s/;s/in 59 s/in N s/;s/session $session\>/session S/p" \
		"$tmp/watch"
}
cat >"$tmp/story" <<'END'
started session S (alice, login-window)
changed session S: type non-gui, attributes tty+remote+authenticated, tty tty7, host far.example, state open
logout session S, deadline in N s, deferrals 2
deferred session S by process N (bootstrapctl, user alice): unsaved document
changed session S: deferrals 1
changed session S: deferrals 0
ended session S
END
is_told() {
	story | diff "$tmp/story" -
}
ok "watch --sessions tells the whole story" until_so is_told
ok "as JSON, a line each" said "$tmp/watch.json" \
	"^{\"record\":\"changed\",\"number\":[0-9]*,\"session\":$session,\"cookie\":[0-9]*,.*\"tty\":\"tty7\""
ok "with the reason" said "$tmp/watch.json" \
	"^{\"record\":\"deferred\",.*\"session\":$session,\"cookie\":[0-9]*,\"pid\":[0-9]*,\"command\":\"bootstrapctl\",.*\"reason\":\"unsaved document\""
ok "and the deadline" said "$tmp/watch.json" "^{\"record\":\"logout\",.*\"deadline\":[56]"
ok "to the end" until_so said "$tmp/watch.json" "^{\"record\":\"ended\",.*\"session\":$session,"
ok "others hear nothing of it" unsaid "$tmp/watch.bob" alice

# Cancelled, by one and by one of two.
log_in "$(defer one 'not now' --cancel) exec sleep 1000"
until_so holds 1
as_alice bootstrapctl logout "$session" >"$tmp/logout" 2>&1
ended=$?
ok "a logout may be cancelled" said "$tmp/logout" \
	"^bootstrapctl: $session: logout cancelled by process [0-9]* (bootstrapctl, user alice): not now$"
ok "which is refused" test $ended = 1
ok "no deadline has passed by that" unsaid "$tmp/logout" "deadline passed"
ok "defer tells of it" until_so said "$tmp/alice/one.said" "^bootstrapctl: logout cancelled$"
ok "watch tells that the session goes on" until_so said "$tmp/watch" \
	"^changed session $session: state open$"
bootstrapctl logout "$session" --json >"$tmp/logout" 2>"$tmp/errors"
ok "a second time, too, as JSON" said "$tmp/logout" '"result": "cancelled"'
ok "with who it was" said "$tmp/logout" '"reason": "not now"'
ok "and without other words" unsaid "$tmp/logout" waiting
ok "root may override it" bootstrapctl logout "$session" --force
ended $login
rm "$tmp/alice/one"
log_in "$(defer one first) $(defer two second --cancel) exec sleep 1000"
until_so holds 2
bootstrapctl logout "$session" >"$tmp/logout" 2>&1
ok "who of two has cancelled is not known" said "$tmp/logout" \
	"^bootstrapctl: $session: logout cancelled by one of these:$"
ok "so both are told" said "$tmp/logout" "^bootstrapctl: process [0-9]* (.*): second$"

# Overridden: at once, and by the deadline. What stands still is ended, too.
as_alice bootstrapctl logout "$session" --force >"$tmp/logout" 2>&1
ended=$?
ok "--force waits for nobody" said "$tmp/logout" "^not waiting for .*: first$"
ok "and says so" said "$tmp/logout" ", deadline passed$"
ok "it ends the session" test $ended = 0
ok "all of it" gone
ended $login
log_in "$(defer one stubborn) sleep 1000 & kill -STOP \$!; exec sleep 1000"
until_so holds 1
bootstrapctl logout "$session" --deadline 1 >"$tmp/logout" 2>&1
ended=$?
ok "--deadline waits" said "$tmp/logout" "^waiting for .*: stubborn$"
ok "and no longer than that" said "$tmp/logout" "^not waiting for .*: stubborn$"
ok "then the session ends" test $ended = 0
ok "what was stopped need not be killed" unsaid "$tmp/logout" killed
ended $login
rm -f "$tmp/alice/one" "$tmp/alice/two"
log_in "exec sleep 1000"
as_alice bootstrapctl logout "$session" --deadline 100 >"$tmp/logout" 2>&1
ended=$?
ok "a later deadline is for root" said "$tmp/logout" "more than 60 seconds takes CAP_SYS_ADMIN"
ok "others are refused" test $ended = 1
ok "the session goes on" bootstrapctl session "$session"
ok "root may set one" bootstrapctl logout "$session" --deadline 100
ended $login

# Who does not heed what he is asked.
log_in "trap '' TERM HUP; while :; do usleep 100000; done"
as_alice bootstrapctl logout "$session" --grace 1 >"$tmp/logout" 2>&1
ended=$?
ok "what goes on after --grace is killed" said "$tmp/logout" "^processes killed: [12]$"
ok "which ends the session" test $ended = 0
ended $login
ok "by SIGKILL" test $ended = 137
log_in "trap '' TERM; while :; do usleep 100000; done"
as_alice bootstrapctl logout "$session" --grace 20 >"$tmp/logout" 2>&1
ended=$?
ok "what heeds SIGHUP alone gets that" said "$tmp/logout" "^processes hung up: [12]$"
ok "and need not be killed" unsaid "$tmp/logout" killed
ok "nor is it lost" test $ended = 0
ended $login
log_in "trap 'usleep 500000; touch $tmp/alice/saved; exit 0' TERM
	while :; do usleep 100000; done"
ok "logout of what has to do something first" bootstrapctl logout "$session" --grace 20
ended $login
ok "leaves the time for it" test $ended = 0 -a -e "$tmp/alice/saved"

# A shell ends when it cannot fork, with the trap: else all may have ended before
# the logout comes.
cat >"$tmp/bomb" <<END
trap '' TERM HUP
trap 'exec sh $tmp/bomb' EXIT
ulimit -u 40
while :; do
	sh $tmp/bomb &
	usleep 5000
done
END
log_in "sh $tmp/bomb 2>/dev/null & exec sleep 1000"
many() {
	[ "$(grep -sxc "$session" /proc/[0-9]*/sessionid | grep -c ':1$')" -gt 10 ]
}
ok "a fork bomb goes off" until_so many
as_alice bootstrapctl logout "$session" --grace 1 >"$tmp/logout" 2>&1
ended=$?
ok "it is killed" said "$tmp/logout" "^processes killed: [1-9]"
ok "nothing is left of it" gone
ok "and that is success" test $ended = 0
ended $login

# Whom alice may not end.
# The shell's own su is not set-user-id.
log_in "/bin/su root -s /bin/sh -c 'echo \$\$ >$tmp/alice/root; exec sleep 1000' &
	exec sleep 1000"
until_so test -s "$tmp/alice/root"
root=$(cat "$tmp/alice/root")
until_so grep -qx sleep "/proc/$root/comm"
as_alice bootstrapctl logout "$session" >"$tmp/logout" 2>&1
ended=$?
ok "who may not be ended is told of" said "$tmp/logout" \
	"^left is process $root (sleep, user root), which the caller may not end$"
ok "the session has not ended" said "$tmp/logout" \
	"^bootstrapctl: $session: the session has not ended, processes are left in it$"
ok "which is no success" test $ended = 1
ended $login
ok "alice's own have" test $ended = 143
ok "it is there still" bootstrapctl session "$session"
as_alice bootstrapctl logout "$session" --json >"$tmp/logout" 2>/dev/null
ok "as JSON" said "$tmp/logout" '"result": "left"'
ok "with the process" said "$tmp/logout" "\"pid\": $root,"
ok "and why" said "$tmp/logout" '"permitted": false'
ok "root may end it" status 0 bootstrapctl logout "$session"
ok "then it is gone" gone

# One's own.
log_in "trap '' TERM HUP; $(defer one mine) $until_deferred
	bootstrapctl logout --grace 1 >$tmp/alice/own 2>&1 &
	echo \$! >$tmp/alice/asking; while :; do usleep 100000; done"
until_so said "$tmp/alice/own" "^waiting for .*: mine"
kill -HUP "$(cat "$tmp/alice/asking")"
ok "who logs himself out does not mind that the terminal goes" \
	says "state      logout" bootstrapctl session "$session"
rm "$tmp/alice/one"
ended $login
ok "and kills all others" test $ended = 137
ok "his session ends with the command" \
	until_so said "$tmp/alice/own" "^session $session ends with this command$"
ok "which it does" until_so gone
log_in "(usleep 500000; exec bootstrapctl logout --grace 0) | : & exec sleep 1000"
ended $login
ok "nor that nobody reads what is said" test $ended = 143 -o $ended = 137
ok "to the end" until_so gone
in_alice bootstrapctl logout >"$tmp/logout"
ended=$?
ok "who is alone is not waited for" test $ended = 0
ok "and is not told of others" unsaid "$tmp/logout" asked\ to
in_alice bootstrapctl logout --json >"$tmp/logout"
ok "one's own, as JSON" said "$tmp/logout" '"result": "ending"'

# Given up.
log_in "$(defer one wait) exec sleep 1000"
until_so holds 1
timeout -s INT 10 bootstrapctl logout "$session" >"$tmp/logout" 2>&1
ended=$?
ok "an interrupt withdraws a logout" said "$tmp/logout" "^bootstrapctl: $session: logout withdrawn$"
ok "which is no success" test $ended = 1
ok "and ends nobody" unsaid "$tmp/logout" asked\ to
ok "watch tells of it" until_so said "$tmp/watch" "^changed session $session: state open$"
su alice -s /bin/sh -c "exec bootstrapctl logout $session --json" \
	>"$tmp/logout" 2>/dev/null &
asking=$!
until_so says "state      logout" bootstrapctl session "$session"
bootstrapctl logout "$session" --deadline 50 >"$tmp/logout2" 2>&1 &
asking_too=$!
until_so said "$tmp/logout2" "^waiting for"
kill $asking
ended $asking
ok "so does SIGTERM" said "$tmp/logout" '"result": "withdrawn"'
ok "but another's stands" says "state      logout" bootstrapctl session "$session"
as_alice bootstrapctl logout "$session" --deadline 1 >"$tmp/logout" 2>&1 &
asking=$!
ended $asking_too
ok "who comes with a nearer deadline is heard" said "$tmp/logout2" \
	"^somebody else asks for it too, deadline in 1 s$"
ok "and both end it" test $ended = 0
ended $asking
ok "as both say" said "$tmp/logout" "^session $session has ended$"
ended $login
rm "$tmp/alice/one"

# Which session.
log_in "exec sleep 1000"
ok "another's session is not there" \
	says "$session: no such session" as_bob bootstrapctl logout "$session"
ok "that is refused" status 1 as_bob bootstrapctl logout "$session"
ok "and ends nobody" bootstrapctl session "$session"
ok "a session that is not there" status 1 bootstrapctl logout 4000000000
ok "the root session does not end" \
	says "the root session does not end" bootstrapctl logout root
ok "in it, one has to say which" says "the caller stands in it" bootstrapctl logout
ok "that is refused, too" status 1 bootstrapctl logout
ok "what is no id is a usage error" status 2 bootstrapctl logout alice
ok "--force has no deadline" status 2 bootstrapctl logout --force --deadline 1
ok "--grace takes a number" status 2 bootstrapctl logout --grace soon
ok "--deadline takes one that is not below 0" status 2 bootstrapctl logout --deadline=-1
ok "logout takes one session" status 2 bootstrapctl logout 1 2
bootstrapctl logout "$session" --json >"$tmp/logout"
ok "what has ended, as JSON" said "$tmp/logout" '"result": "ended"'
ended $login

# defer, as the command sees it.
ok "defer passes the command's status on" \
	status 7 in_alice bootstrapctl defer x -- sh -c 'exit 7'
# shellcheck disable=SC2016 # for the inner shell
ok "or the signal that ended it" \
	status 137 in_alice bootstrapctl defer x -- sh -c 'kill -KILL $$'
in_alice bootstrapctl defer x -- ls -l /proc/self/fd >"$tmp/fds" 2>/dev/null
ok "the command gets no descriptor of it" unsaid "$tmp/fds" 'bootstrap\|anon_inode'
ok "but what there was" said "$tmp/fds" "fds$"
# shellcheck disable=SC2016 # for the inner shells
bootstrapctl login alice -- bootstrapctl defer x -- sh -c 'trap "echo heard; exit 5" TERM
	touch $0; while :; do usleep 50000; done' "$tmp/alice/ready" >"$tmp/heard" &
deferring=$!
until_so test -e "$tmp/alice/ready"
kill $deferring
ended $deferring
ok "the command gets defer's signals" said "$tmp/heard" heard
ok "and its status counts" test $ended = 5
ok "there is nothing to defer in the root session" \
	says "the caller stands in no login session" bootstrapctl defer x -- true
ok "that is refused" status 1 bootstrapctl defer x -- true
log_in "$(defer one wait)
	while [ ! -e $tmp/alice/try ]; do usleep 50000; done
	bootstrapctl defer late -- true >$tmp/alice/late 2>&1
	echo \$? >>$tmp/alice/late; exec sleep 1000"
until_so holds 1
bootstrapctl logout "$session" >"$tmp/logout" &
asking=$!
until_so said "$tmp/logout" "^waiting"
touch "$tmp/alice/try"
ok "it is too late once a logout is asked for" \
	until_so said "$tmp/alice/late" "a logout of the session is asked for already"
ok "that is refused, too" until_so said "$tmp/alice/late" "^1$"
rm "$tmp/alice/one"
ended $asking
ended $login
in_alice sh -c "bootstrapctl activate org.example.x -- bootstrapctl defer x -- true \
		2>$tmp/alice/server &
	bootstrapctl wait org.example.x; activate=\$!
	bootstrapctl connect org.example.x </dev/null &
	until grep -q without $tmp/alice/server; do usleep 50000; done
	kill \$activate" 2>/dev/null
ok "a server on demand is not waited for" said "$tmp/alice/server" \
	"^bootstrapctl: defer: what serves a declared service ends without being asked$"
ok "a reason is text" status 1 in_alice bootstrapctl defer "$(printf 'a\tb')" -- true
ok "that is not empty" status 1 in_alice bootstrapctl defer "" -- true
ok "nor too long" says "longer than 127" \
	in_alice bootstrapctl defer "$(printf '%0200d' 0)" -- true
ok "a command that is not there" status 3 in_alice bootstrapctl defer x -- /absent/command
ok "defer needs a command" status 2 bootstrapctl defer x
ok "defer needs a reason" status 2 bootstrapctl defer -- true
ok "watch --sessions has no namespace" \
	status 2 bootstrapctl watch --sessions --namespace root

# shellcheck disable=SC2086 # three of them
kill $watching
ended "${watching##* }"
mv /dev/bootstrap "$tmp/device"
ok "logout without the device" status 3 bootstrapctl logout
ok "defer without it" status 3 bootstrapctl defer x -- true
ok "watch --sessions without it" status 3 bootstrapctl watch --sessions
mv "$tmp/device" /dev/bootstrap
tap_end
