#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What "make demo" shows: sessions from login to logout, under systemd. Without
# arguments a unit of it, which is in the root session, asks and checks
# everything; as "serve WHO" what an ssh login runs, see members.sh.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/session
# shellcheck disable=SC2034 # for members.sh
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh

logs() {
	cat "$DIR"/*.log
	journalctl --no-pager -b
}

# indented [FILE]
indented() {
	sed 's/^/  /; s/\r$//' "$@"
}

prompt() {
	say "  $1 \$ $2"
}

# shows WHO COMMAND: with what it says.
shows() {
	local status=0

	prompt "$1" "$2"
	as "$1" "$2" || status=$?
	indented "$DIR/$1.answer"
	return $status
}

# heard TEXT...: the watch was told of each, in a line of its own. It hears of
# things when they have happened.
heard() {
	local text

	for text; do
		within 5 grep -qxE -- "$text" "$DIR/watch.told" || return
	done
}

# told WHO: all that the watch was told of his session.
told() {
	sed -n "/session ${SESSION[$1]}\>/s/^/  /p" "$DIR/watch.told"
}

# is WHO FIELDS: his session's line in the table that was shown last, without
# the time and the numbers.
is() {
	[ "$(awk -v id="${SESSION[$1]}" '$1 == id { print $2, $3, $4, $5, $NF }' \
		"$DIR/root.answer")" = "$2" ]
}

# gone WHO: his session has ended, and nobody is left of it.
gone() {
	nobody_bears "${SESSION[$1]}" &&
		refused root "bootstrapctl session ${SESSION[$1]}" "no such session"
}

ended() {
	[ ! -e "/proc/$1" ]
}

# last_module FILE...: it is the last of the session modules in each.
last_module() {
	local file

	for file; do
		[ "$(awk '$1 == "session" { last = $3 } END { print last }' "$file")" = \
			pam_bootstrap.so ] || return
	done
}

# The agent says whose it is, to whoever asks.
put_agent() {
	mkdir -p /etc/bootstrap/session.d
	cat >/etc/bootstrap/session.d/org.example.agent.plist <<-'END'
		<?xml version="1.0" encoding="UTF-8"?>
		<plist version="1.0">
		<dict>
			<key>Label</key>
			<string>org.example.agent</string>
			<key>ProgramArguments</key>
			<array>
				<string>/usr/local/bin/agent</string>
			</array>
			<key>LimitLoadToSessionType</key>
			<string>StandardIO</string>
			<key>MachServices</key>
			<dict>
				<key>org.example.agent</key>
				<dict>
					<key>CheckInByName</key>
					<true/>
				</dict>
			</dict>
		</dict>
		</plist>
	END
	cat >/usr/local/bin/agent <<-'END'
		#!/bin/sh
		exec bootstrapctl serve org.example.agent -- sh -c \
			'echo "process $PPID, user $(id -un), session $(cat /proc/$PPID/sessionid)"'
	END
	chmod 755 /usr/local/bin/agent
}

show_machine() {
	heading "A Debian machine with systemd, before anybody logs in"
	echo root >"$DIR/root.file"
	# alice's would stay for ten seconds after her last logout. One shows all that
	# there is to show, so that bob is spared the seconds that his would take.
	mkdir -p /run/systemd/system
	ln -s /dev/null /run/systemd/system/user@1001.service
	mkdir -p /etc/systemd/logind.conf.d
	printf '%s\n' '[Login]' UserStopDelaySec=0 >/etc/systemd/logind.conf.d/demo.conf
	systemctl kill -s HUP systemd-logind
	put_agent
	prompt root "pam-auth-update --enable bootstrap"
	DEBIAN_FRONTEND=noninteractive pam-auth-update --enable bootstrap \
		>"$DIR/profile.log" 2>&1
	fact "from now on PAM announces each login" \
		last_module /etc/pam.d/common-session{,-noninteractive}
	prompt root "bootstrapctl watch --sessions &"
	bootstrapctl watch --sessions >"$DIR/watch.told" 2>"$DIR/watch.log" </dev/null &
	fact "root listens to what becomes of sessions" heard complete
	fact "there is no login session" says complete cat "$DIR/watch.told"
}

show_logins() {
	local who

	heading "alice logs in twice, bob once, by ssh"
	for who in alice#1 alice#2 bob#1; do
		log_in $who
		meet $who >/dev/null
			say "  $who is session ${SESSION[$who]}"
	done
	# shellcheck disable=SC2154 # a key
	SESSION[manager]=$(cat "/proc/$(systemctl show -P MainPID user@1000.service)/sessionid")
	say ""
	shows root "bootstrapctl sessions"
	say ""
	fact "each login is a session of its own" all_differ "${SESSION[@]}"
	for who in alice#1 alice#2 bob#1; do
		fact "$who is announced: its user, that it is not graphic, whence it came" \
			is $who "${who%#*} non-gui - 127.0.0.1 open"
	done
	fact "so is what systemd runs for alice, as one in the background" \
		is manager "alice background - - open"
	# shellcheck disable=SC2016 # the login's shell expands it
	fact "programs are told by their environment, too" answers alice#1 \
		'echo $BOOTSTRAP_SESSION_ID' "${SESSION[alice#1]}"
	fact "root has heard of it" heard "started session ${SESSION[alice#1]} \(alice, .*" \
		"started session ${SESSION[bob#1]} \(bob, .*"
}

show_names() {
	local who

	heading "Names: who finds what"
	as root "hold daemon"
	for who in alice#1 alice#2 bob#1; do
		as $who "hold editor"
	done
	echo alice >"$DIR/home.file"
	as alice#1 "systemd-run --user -q --unit home -p StandardInput=file:$DIR/home.file \
		bootstrapctl register org.example.home --namespace user -- sleep infinity"
	as alice#1 "bootstrapctl wait org.example.home --timeout 10"
	say "  Each login registers editor for itself, a service of alice's own systemd" \
		"  registers home for all of her sessions, and root's daemon daemon for all." ""
	who_finds "editor home daemon" <<-END
		root     -        -      root
		alice#1  alice#1  alice  root
		alice#2  alice#2  alice  root
		bob#1    bob#1    -      root
	END
}

declare -A AGENT

# agents_are NUMBER: so many run.
agents_are() {
	[ "$(pgrep -fc '^bootstrapctl serve org.example.agent ')" = "$1" ]
}

show_agents() {
	local who

	heading "Agents: programs that each session has one of, started when asked for"
	say "  /etc/bootstrap/session.d/org.example.agent.plist tells of one." ""
	fact "none runs" agents_are 0
	for who in alice#1 alice#2 bob#1; do
		shows $who "bootstrapctl connect org.example.agent"
		AGENT[$who]=$(awk -F '[ ,]' '{ print $2 }' "$DIR/$who.answer")
		fact "an agent was started, of that user and in that session" \
			says "process ${AGENT[$who]}, user ${who%#*}, session ${SESSION[$who]}" \
			cat "$DIR/$who.answer"
	done
	fact "each has its own" agents_are 3
}

# edits WHO OPTION...: has an editor that ends once its text is saved.
edits() {
	local who=$1 command

	shift
	command="bootstrapctl defer ${*:+$* }\"unsaved text\" -- editor"
	prompt "$who" "$command &"
	as "$who" "touch ~/unsaved; $command >~/editor.log 2>&1 &"
	within 10 deferred_by "$who" 1
}

# deferred_by WHO NUMBER
deferred_by() {
	as root "bootstrapctl session ${SESSION[$1]}"
	[ "$(grep -c '^deferral ' "$DIR/root.answer")" = "$2" ]
}

put_editor() {
	cat >/usr/local/bin/editor <<-'END'
		#!/bin/sh
		while [ -e ~/unsaved ]; do sleep 0.2; done
	END
	chmod 755 /usr/local/bin/editor
}

show_cancelled() {
	local status

	heading "root asks alice#1 to log out, and she says no"
	put_editor
	fact "her editor asks to be waited for at a logout" edits alice#1 --cancel
	say ""
	prompt root "bootstrapctl logout ${SESSION[alice#1]}"
	refused root "bootstrapctl logout ${SESSION[alice#1]}" "logout cancelled by"
	status=$?
	indented "$DIR/root.answer"
	fact "the logout is refused" [ $status = 0 ]
	fact "root is told who did that, and why" \
		grep -q "by process .*, user alice): unsaved text$" "$DIR/root.answer"
	fact "her session goes on as if nothing had happened" \
		answers alice#1 "look editor" alice#1
	as alice#1 "rm ~/unsaved"
	fact "she saves her text, and the editor ends" within 10 deferred_by alice#1 0
}

show_logout() {
	local asking status=0

	heading "root asks again, and is waited for"
	fact "alice#1 has another text, and an editor that does not say no" edits alice#1
	say ""
	prompt root "bootstrapctl logout ${SESSION[alice#1]} &"
	bootstrapctl logout "${SESSION[alice#1]}" >"$DIR/logout.told" 2>&1 </dev/null &
	asking=$!
	fact "the logout waits for her" \
		within 10 grep -q "^waiting for .*: unsaved text$" "$DIR/logout.told"
	fact "the editor is told, with the deadline" within 10 as alice#1 \
		"grep 'logout asked, deadline in [0-9]* s' ~/editor.log"
	as alice#1 "rm ~/unsaved"
	wait $asking || status=$?
	say "  alice#1 saves it; root is told:"
	indented "$DIR/logout.told"
	fact "so nobody is waited for any longer, and her session is ended" [ $status = 0 ]
	fact "nothing of it had to be killed" \
		says "" grep killed "$DIR/logout.told"
	fact "she is logged out: no process is left" gone alice#1
	fact "also the agent has ended" ended "${AGENT[alice#1]}"
	fact "the watch has heard of the end" heard "ended session ${SESSION[alice#1]}"
	say "" "  This is all that the watch was told of her session:"
	told alice#1
	say ""
	who_finds "editor home" <<-END
		alice#2  alice#2  alice
		bob#1    bob#1    -
	END
}

show_force() {
	heading "root insists: alice#2 is ended whatever her editor says"
	fact "it would say no" edits alice#2 --cancel
	say ""
	fact "with --force nobody is asked" shows root "bootstrapctl logout --force ${SESSION[alice#2]}"
	fact "the session has ended" gone alice#2
	fact "that was alice's last: with it her systemd ends" within 10 gone manager
	fact "and with that the name home, which is in no namespace any more" \
		refused root "bootstrapctl tree -n | grep -c home" "^0$"
}

show_own() {
	heading "bob logs out"
	fact "he is there still" answers bob#1 "look editor" bob#1
	prompt bob#1 "bootstrapctl logout"
	echo "bootstrapctl logout" >&"${REQUEST[bob#1]}"
	fact "his session has ended" within 10 gone bob#1
	fact "with his agent" ended "${AGENT[bob#1]}"
	fact "the watch has heard of it" heard "ended session ${SESSION[bob#1]}"
	say ""
	sees root "the root session alone is left, with the name of the daemon" <<<"root - 1"
}

show_end() {
	heading "The end"
	# What is left of the jobs are the daemon and the watch.
	# shellcheck disable=SC2046 # words are meant
	kill $(jobs -p)
	wait
	fact "the module can be unloaded" unload
	fact "the kernel has nothing to complain about" taint_is_clean
}

begin_shown
for story in machine logins names agents cancelled logout force own end; do
	show_$story
done
verdict
