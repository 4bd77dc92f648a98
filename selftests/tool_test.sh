#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl, as a user would type it.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT
echo "hello from root" >"$tmp/hello"

# Holds a name until the file is gone; returns once it can be looked up.
hold() {
	held_name=$1
	shift
	touch "$tmp/held"
	# In the background the shell would give it another standard input.
	exec 7<&0
	bootstrapctl register "$held_name" "$@" -- \
		sh -c "while [ -e $tmp/held ]; do usleep 20000; done" <&7 &
	holding=$!
	exec 7<&-
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		bootstrapctl lookup "$held_name" >/dev/null 2>&1 && return
		usleep 50000
	done
}

release() {
	rm -f "$tmp/held"
	wait $holding
}

as_alice() {
	bootstrapctl login alice -- "$@"
}

hold org.example.a --file "$tmp/hello"
ok "lookup runs a command with the file as its input" \
	says "hello from root" bootstrapctl lookup org.example.a -- cat
ok "lookup tells what it is" \
	says "regular file, open to read" bootstrapctl lookup org.example.a
ok "lookup tells where it is" \
	says "$tmp/hello" bootstrapctl lookup org.example.a
ok "lookup prints JSON" \
	says '"session": "root"' bootstrapctl lookup --json org.example.a
ok "list names it" says org.example.a bootstrapctl list
ok "list says that it is a file" says '"kind": "file"' bootstrapctl list --json
ok "list prints JSON" says '"name": "org.example.a"' bootstrapctl list --json
ok "register refuses an active name" \
	status 1 bootstrapctl register org.example.a -- true
ok "register says that the name is active" \
	says "org.example.a: the name is active" bootstrapctl register org.example.a -- true
# The position in the file is shared; by its name it is opened once more.
ok "a login finds it" \
	says "hello from root" as_alice bootstrapctl lookup org.example.a -- cat /proc/self/fd/0
ok "the command's status is the tool's" \
	status 7 bootstrapctl lookup org.example.a -- sh -c 'exit 7'
release
ok "the name ends with the command" status 1 bootstrapctl lookup org.example.a
ok "lookup says what to do" \
	says "bootstrapctl list shows" bootstrapctl lookup org.example.a

echo "from standard input" >"$tmp/stdin"
hold org.example.b <"$tmp/stdin"
ok "register takes standard input" \
	says "from standard input" bootstrapctl lookup org.example.b -- cat
release
hold org.example.c --fd 9 9<"$tmp/hello"
ok "register takes a descriptor" \
	says "hello from root" bootstrapctl lookup org.example.c -- cat
release
hold org.example.e --fd 9 9<>"$tmp/hello"
ok "what is open to write is so for all" \
	says "read and write" bootstrapctl lookup org.example.e
release
ok "register passes the command's status on" \
	status 5 bootstrapctl register org.example.d -- sh -c 'exit 5'
hold "/usr dir" --file /bin
ok "register takes a directory, and any name" \
	says directory bootstrapctl lookup "/usr dir"
release

ok "root is in the root session" says root bootstrapctl session
ok "session prints JSON" says '"session": "root"' bootstrapctl session --json
ok "session takes an id" says root bootstrapctl session root
ok "session says that there is none" status 1 bootstrapctl session 4000000000
ok "session refuses what is no id" status 2 bootstrapctl session -- -1
ok "session refuses a word" status 2 bootstrapctl session alice
ok "login makes a session of alice's" says "user       alice" as_alice bootstrapctl session
ok "login makes a fresh one each time" \
	test "$(as_alice cat /proc/self/sessionid)" != "$(as_alice cat /proc/self/sessionid)"
ok "login becomes the user" says "uid=1000(alice) gid=1000(alice) groups=1000(alice)" as_alice id
ok "login goes home" says /home/alice as_alice pwd
# shellcheck disable=SC2016 # for the inner shell
ok "login sets the environment" says "/home/alice alice" \
	as_alice sh -c 'echo $HOME $LOGNAME'
ok "login has users to know" status 1 bootstrapctl login nobody-of-that-name -- true
ok "login is for root" status 1 as_alice bootstrapctl login bob -- true
ok "login in a login" says "user       bob" \
	bootstrapctl login root -- bootstrapctl login bob -- bootstrapctl session
ok "sessions lists the root session" says root bootstrapctl sessions
ok "sessions lists one's own" says alice \
	as_alice sh -c 'bootstrapctl session >/dev/null; bootstrapctl sessions'
announced="$(dirname "$0")/announced"
ok "session tells the type" says "type       non-gui" \
	"$announced" non-gui bootstrapctl session
ok "session tells the attributes" says "attributes tty, remote, authenticated" \
	"$announced" non-gui bootstrapctl session
ok "session tells the terminal" says "tty        tty7" \
	"$announced" non-gui,tty7,far.example bootstrapctl session
ok "session tells the host" says "host       far.example" \
	"$announced" non-gui,tty7,far.example bootstrapctl session
ok "session tells that there is neither" says "host       -" \
	"$announced" gui bootstrapctl session
ok "session tells since when" says "since      $(date +%Y-)" bootstrapctl session root
ok "session tells the state" says "state      open" "$announced" gui bootstrapctl session
ok "session tells how many processes there are, itself one" \
	says "processes  2" as_alice sh -c 'bootstrapctl session; true'
ok "not of one that is not the caller's" \
	says "processes  -" as_alice bootstrapctl session root
# columns N... COMMAND...: these columns of the table for who is alice.
columns() {
	as_alice sh -c "bootstrapctl session >/dev/null; bootstrapctl sessions; true" |
		awk "\$2 == \"alice\" { print $1 }"
}
ok "sessions has nine columns" says \
	"SESSION USER TYPE TTY HOST SINCE PROCESSES NAMES STATE" \
	sh -c 'bootstrapctl sessions | head -n 1 | tr -s " "'
# shellcheck disable=SC2016 # for awk
ok "sessions tells all of them" test "$(columns 'NF, $2, $3, $4, $5, $7, $8, $9')" = \
	"9 alice unknown - - 2 0 open"
# shellcheck disable=SC2016 # for awk
ok "since when, without blanks" test -n \
	"$(columns '$6' | sed -n '/^[0-9]*-[0-9]*-[0-9]*T[0-9:]*$/p')"
ok "sessions tells terminal and host" says " non-gui tty7 far.example " \
	"$announced" non-gui,tty7,far.example sh -c 'bootstrapctl sessions | tr -s " "'
ok "sessions prints them as JSON" says '"host": "far.example"' \
	"$announced" non-gui,tty7,far.example bootstrapctl sessions --json
ok "sessions prints the processes as JSON" says '"processes": 1' \
	"$announced" gui bootstrapctl sessions --json
ok "session tells of none" says "attributes -" as_alice bootstrapctl session
ok "sessions tells the type" says " gui " "$announced" gui bootstrapctl sessions
ok "session prints attributes as JSON" says '"remote"' \
	"$announced" non-gui bootstrapctl session --json
two_names() {
	as_alice sh -c 'bootstrapctl session-name x; bootstrapctl session-name x'
}
ok "session-name is the same within a session" test "$(two_names | uniq | wc -l)" = 1
ok "session-name is another in another" test "$(two_names)" != "$(two_names)"
ok "session-name has id and cookie" test "$(bootstrapctl session-name /x)" = \
	"/x-root-$(bootstrapctl session | sed -n 's/^cookie *//p')"
ok "session-name takes a base" status 2 bootstrapctl session-name
ok "session-name takes one that is not empty" status 1 bootstrapctl session-name ""
ok "sessions prints JSON" says '"session": "root"' bootstrapctl sessions --json
ok "a login may not write to the root session" says "org.example.x" \
	as_alice bootstrapctl register org.example.x -- bootstrapctl list
ok "a user without a login may not register" \
	status 1 su alice -s /bin/sh -c 'bootstrapctl register org.example.x -- true'
ok "and is told why" says "CAP_SYS_ADMIN" \
	su alice -s /bin/sh -c 'bootstrapctl register org.example.x -- true'
ok "su is told to stand outside" says "more or other" \
	bootstrapctl login alice -- su bob -s /bin/sh -c 'bootstrapctl session'

ok "the program of the README" says hello "$(dirname "$0")/readme_example"

server="$(dirname "$0")/listen_server"

# Sends the text to the service, and prints what comes back.
send() {
	printf %s "$2" | timeout 20 bootstrapctl connect "$1"
}

bootstrapctl serve org.example.cat -- cat &
serving=$!
until_so bootstrapctl lookup org.example.cat
ok "serve and connect" says "to and fro" send org.example.cat "to and fro"
megabytes_pass() {
	[ "$(head -c 8000000 /dev/zero | timeout 60 bootstrapctl connect org.example.cat | wc -c)" = 8000000 ]
}
ok "much at once, both ways" megabytes_pass
ok "lookup of a service connects to nobody" \
	says "service, stream" bootstrapctl lookup org.example.cat
ok "lookup of a service, as JSON" \
	says '"kind": "service"' bootstrapctl lookup --json org.example.cat
ok "lookup runs a command with a connection" \
	says "through it" bootstrapctl lookup org.example.cat -- \
	sh -c 'echo through it >&0; head -n 1'
# shellcheck disable=SC2016 # for the inner shell
ok "connect runs a command with a connection" \
	bootstrapctl connect org.example.cat -- sh -c 'echo x; read a; [ "$a" = x ]'
ok "connect passes the command's status on" \
	status 9 bootstrapctl connect org.example.cat -- sh -c 'exit 9'
ok "a login is served too" says "from alice" \
	as_alice sh -c 'echo from alice | bootstrapctl connect org.example.cat'
many_clients() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(send org.example.cat "$i")" = "$i" ] || return
	done
}
ok "one client after the other" many_clients
no_children() {
	[ -z "$(cat "/proc/$serving/task/$serving/children")" ]
}
ok "serve leaves no dead commands" until_so no_children
ok "serve refuses an active name" \
	status 1 bootstrapctl serve org.example.cat -- true
kill $serving
ended $serving
ok "the service ends with serve" \
	until_so status 1 bootstrapctl connect org.example.cat
hold org.example.a --file "$tmp/hello"
ok "connect refuses a file" status 1 bootstrapctl connect org.example.a
release

VAR=wrong bootstrapctl activate --env VAR=right org.example.one org.example:two \
	-- "$server" 2>"$tmp/activate" &
launching=$!
until_so bootstrapctl lookup org.example:two
ok "activate declares the names" \
	says "declared service, no server yet, stream" bootstrapctl lookup org.example.one
ok "list says that there is no server" \
	says '"kind": "declared"' bootstrapctl list --json
ok "the first client has the server started" \
	says "right 3 of org.example.one:org.example_two pid" \
	send org.example.one ""
ok "with its environment" says "VAR=right" send org.example.one ""
ok "the other name has its own right" says "right 4" send org.example:two ""
ok "lookup says that there is a server" \
	says "declared service, active" bootstrapctl lookup org.example.one
ok "clients see the server's own credentials" \
	bootstrapctl connect org.example.one -- "$server" client
server_pid() {
	send org.example.one "" | sed 's/.* pid \([0-9]*\) .*/\1/'
}
before=$(server_pid)
ok "it is the same server for all" test "$(server_pid)" = "$before"
# What waits while the server is killed is not lost.
kill -STOP "$before"
for i in 1 2 3 4 5 6; do
	send org.example.one "" >"$tmp/client$i" &
done
usleep 300000
kill -KILL "$before"
all_served() {
	for i in 1 2 3 4 5 6; do
		grep -q "right 3" "$tmp/client$i" || return
	done
}
ok "those who waited are served by the next server" until_so all_served
ok "which is another" test "$(server_pid)" != "$before"
ok "activate tells what became of a server" \
	says "killed by signal 9" cat "$tmp/activate"
before=$(server_pid)
kill $launching
ended $launching
ok "activate ends" test $ended = 0
ok "and its names" status 1 bootstrapctl lookup org.example.one
ok "and its server" status 1 kill -0 "$before"

# A worker, say, of one that was killed.
bootstrapctl activate org.example.group -- \
	sh -c "sleep 1000 & echo \$! >$tmp/worker; exec $server" 2>/dev/null &
launching=$!
until_so status 0 bootstrapctl lookup org.example.group
before=$(send org.example.group "" | sed 's/.* pid \([0-9]*\) .*/\1/')
worker=$(cat "$tmp/worker")
ok "a server has a group" kill -0 "-$before"
kill -KILL "$before"
ok "what a killed server leaves behind ends" \
	until_so status 1 kill -0 "$worker"
kill $launching
ended $launching

# Six starts, of which none checks in for long: the seventh has to wait.
bootstrapctl activate org.example.crash -- \
	sh -c "echo >>$tmp/starts; exit 7" 2>"$tmp/activate" &
launching=$!
until_so bootstrapctl lookup org.example.crash
bootstrapctl connect org.example.crash </dev/null &
client=$!
ok "a server that ends is started again, but not too often" \
	until_so grep -q "started too often; again in 1 seconds" "$tmp/activate"
ok "and its end is told" says "ended with status 7" cat "$tmp/activate"
ok "list says that there is demand" \
	until_so says '"kind": "demand"' bootstrapctl list --json
ok "lookup says so too" until_so \
	says "though somebody waits" bootstrapctl lookup org.example.crash
ok "the delay grows" until_so grep -q "again in 2 seconds" "$tmp/activate"
started=$(wc -l <"$tmp/starts")
ok "there were not many" test "$started" -ge 5 -a "$started" -le 7
kill $launching
ended $launching
ok "activate ends while it waits" test $ended = 0
ended $client
ok "who waited is hung up on" test $ended = 0
hold org.example.a --file "$tmp/hello"
ok "activate refuses a name that is there" \
	status 1 bootstrapctl activate org.example.a -- true
ok "wait finds a name that is there" \
	bootstrapctl wait org.example.a --timeout 0
ok "a login finds it too" as_alice bootstrapctl wait org.example.a --timeout 0
bootstrapctl watch >"$tmp/watch" &
watching=$!
bootstrapctl watch --json >"$tmp/watch.json" &
watching="$watching $!"
ok "watch tells what is there" \
	until_so grep -q "^present org.example.a in root (file, process" "$tmp/watch"
ok "and that this was all" until_so grep -q "^complete in root" "$tmp/watch"
release
ok "watch tells that a name went" \
	until_so grep -q "^removed org.example.a in root" "$tmp/watch"
ok "wait does not find it any more" \
	status 1 bootstrapctl wait org.example.a --timeout 0
ok "wait waits" status 1 bootstrapctl wait org.example.a --timeout 0.2
bootstrapctl wait org.example.later &
waiting=$!
as_alice bootstrapctl wait org.example.later --timeout 60 &
waiting_too=$!
bootstrapctl activate org.example.later -- "$server" 2>"$tmp/activate" &
launching=$!
ended $waiting
ok "wait hears of a name that comes" test $ended = 0
ended $waiting_too
ok "in a login too" test $ended = 0
ok "watch tells that a name came" \
	until_so grep -q "^added org.example.later in root (declared, process" "$tmp/watch"
ok "to wait takes no server" \
	says "no server yet" bootstrapctl lookup org.example.later
ok "and is no demand" status 1 grep demand "$tmp/watch"
send org.example.later "" >/dev/null
ok "watch tells of demand" \
	until_so grep -q "^demand org.example.later" "$tmp/watch"
ok "watch prints JSON, a line each" \
	until_so grep -q '^{"record":"demand",.*"name":"org.example.later",.*}$' "$tmp/watch.json"
kill $launching
ended $launching
# shellcheck disable=SC2086 # two of them
kill $watching
ended "${watching#* }"

ok "no command is a usage error" status 2 bootstrapctl
ok "an unknown command is one" status 2 bootstrapctl frobnicate
ok "register needs a command" status 2 bootstrapctl register org.example.x
ok "register needs a name" status 2 bootstrapctl register -- true
ok "register takes one file" \
	status 2 bootstrapctl register x --fd 0 --file /bin -- true
ok "--fd takes a number" status 2 bootstrapctl register x --fd zero -- true
ok "--json is not for a command" status 2 bootstrapctl lookup x --json -- true
ok "list takes no operand" status 2 bootstrapctl list x
ok "--env takes a value" status 2 bootstrapctl activate x --env VAR -- true
ok "--timeout takes a number" status 2 bootstrapctl wait x --timeout soon
ok "connect takes one name" status 2 bootstrapctl connect x y
ok "serve needs a command" status 2 bootstrapctl serve x
ok "an unknown option is a usage error" status 2 bootstrapctl list --frobnicate
ok "help is no error" says "Exit status" bootstrapctl --help
ok "a subcommand has help" says "standard input" bootstrapctl register --help
ok "a closed descriptor" status 1 bootstrapctl register x --fd 77 -- true
ok "an absent file" status 1 bootstrapctl register x --file /absent -- true
ok "a name with a control character" status 1 bootstrapctl lookup "$(printf 'a\tb')"
ok "an empty name" status 1 bootstrapctl lookup ""
ok "a name that is too long" says "longer than 127" \
	bootstrapctl lookup "$(printf '%0200d' 0)"
ok "a command that is not there" status 3 bootstrapctl register x -- /absent/command

mv /dev/bootstrap "$tmp/device"
ok "no device" status 3 bootstrapctl list
ok "no device: what to do" says "modprobe bootstrap" bootstrapctl list
mv "$tmp/device" /dev/bootstrap
tap_end
