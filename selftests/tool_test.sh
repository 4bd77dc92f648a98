#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl, as a user would type it.
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
	exec 7<&-
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		bootstrapctl lookup "$held_name" >/dev/null 2>&1 && return
		usleep 50000
	done
}

release() {
	rm -f "$tmp/held"
	wait
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

ok "no command is a usage error" status 2 bootstrapctl
ok "an unknown command is one" status 2 bootstrapctl frobnicate
ok "register needs a command" status 2 bootstrapctl register org.example.x
ok "register needs a name" status 2 bootstrapctl register -- true
ok "register takes one file" \
	status 2 bootstrapctl register x --fd 0 --file /bin -- true
ok "--fd takes a number" status 2 bootstrapctl register x --fd zero -- true
ok "--json is not for a command" status 2 bootstrapctl lookup x --json -- true
ok "list takes no operand" status 2 bootstrapctl list x
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
