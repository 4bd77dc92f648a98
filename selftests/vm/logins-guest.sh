#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest with logins of all kinds, under systemd, which pam_bootstrap announces.
# Without arguments a unit of it, which is in the root session, asks and checks
# everything; as "serve WHO" what a login runs, see members.sh. WHO is called after
# his user, and how he came in. There is a story for each way; logins stay until the
# story of logouts, so that those in between can ask them all. Stories of logouts
# that are asked for are in logout-stories.sh. What sshd, login, greetd and cron say
# is in the journal, which ends up on the console if a fact does not hold.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/logins
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh
# shellcheck source=line.sh
. $PARTS/line.sh
# shellcheck source=session-stories.sh
. $PARTS/session-stories.sh
# shellcheck source=logout-stories.sh
. $PARTS/logout-stories.sh

logs() {
	cat "$DIR"/*.log
	journalctl --no-pager -b
}

# SERVE WHO: what a shell is to become in a login.
SERVE="exec $PARTS/init serve"

# manager_session USER: that of his own systemd.
manager_session() {
	cat "/proc/$(systemctl show -P MainPID "user@$(id -u "$1").service")/sessionid"
}

# tells_apart WHO...: all have met; no two are in one session.
tells_apart() {
	local who sessions=()

	for who; do
		sessions+=("${SESSION[$who]}")
	done
	all_differ "${sessions[@]}"
}

# xdg_is_session WHO...: logind has the same id for each as the kernel.
xdg_is_session() {
	local who

	for who; do
		# shellcheck disable=SC2016 # the login's shell expands it
		answers "$who" 'echo "$XDG_SESSION_ID"' "${SESSION[$who]}" || return
	done
}

# gone WHO: his session has ended.
gone() {
	refused root "bootstrapctl session ${SESSION[$1]}" "no such session"
}

show_boot() {
	heading "systemd is the init"
	echo root >"$DIR/root.file"
	fact "the first process is systemd" says systemd cat /proc/1/comm
	fact "the module is loaded" systemctl -q is-active bootstrap.service
	fact "no unit has failed" says "" systemctl --failed --plain --no-legend
	set_up_sessions
	sees root "nobody is logged in: there is the root session alone" <<<"root - 0"
}

show_ssh() {
	local who

	heading "ssh: alice twice, bob once, and each one's systemd"
	table_of_logins
	meet root
	for who in alice#1 alice#2 bob#1; do
		log_in $who
		meet $who
	done
	say ""
	fact "each login is in a session of its own" \
		tells_apart root alice#1 alice#2 bob#1
	fact "logind has the same ids for them" xdg_is_session alice#1 alice#2 bob#1
	# Each session has a name, of an agent's service.
	sees root "root sees all" <<-END
		${SESSION[alice#1]} alice 1
		${SESSION[alice#2]} alice 1
		$(manager_session alice) alice 0
		${SESSION[bob#1]} bob 1
		$(manager_session bob) bob 0
		root - 0
	END
	sees bob#1 "bob sees his own and the root session" <<-END
		${SESSION[bob#1]} bob 1
		$(manager_session bob) bob 0
		root - 0
	END
	for who in root alice#1 alice#2 bob#1; do
		fact "$who registers agent${who/\#/}, and agent unless it is root" \
			as $who "hold agent${who/\#/}; [ $who = root ] || hold agent"
	done
	who_finds "agent agentroot agentalice1 agentalice2 agentbob1" <<-END
		root     -        root  -        -        -
		alice#1  alice#1  root  alice#1  -        -
		alice#2  alice#2  root  -        alice#2  -
		bob#1    bob#1    root  -        -        bob#1
	END
}

show_tty() {
	heading "login, on a serial line"
	open_line
	systemd-run -q --unit=line --property=StandardError=null \
		agetty --noclear 115200 ttyS2 vt100
	enlist alice#tty
	fact "there is a prompt" reads "login: "
	enter alice
	fact "alice is asked for her password" reads "Password: "
	enter wrong
	fact "with a wrong one there is another prompt, and no session" reads "login: "
	enter alice
	reads "Password: "
	enter alice
	fact "with hers there is a shell" reads "$ "
	enter "$SERVE alice#tty"
	as alice#tty true
	table_of_logins
	meet alice#tty
	say ""
	fact "it is a session of its own" tells_apart root alice#1 alice#2 alice#tty
	fact "its terminal is the line" answers alice#tty "ps -o tty= -p \$\$" ttyS2
	fact "logind has the same id for it" xdg_is_session alice#tty
}

show_greetd() {
	heading "greetd, and a greeter that speaks with it"
	cat >/etc/greetd/config.toml <<-END
		[terminal]
		vt = 7
		[default_session]
		command = "$PARTS/init serve _greetd#1"
		user = "_greetd"
	END
	enlist _greetd#1
	systemctl start greetd
	as _greetd#1 true
	enlist alice#greetd
	table_of_logins
	meet _greetd#1 root
	sessions_are <<-END
		_greetd#1 login-window - - -
	END
	fact "nobody stands in it: the greeter has a namespace for the login" \
		answers _greetd#1 "bootstrapctl managername" LoginWindow
	fact "with a wrong password greetd starts nothing" refused _greetd#1 \
		"python3 $PARTS/greeter.py alice wrong true" AUTH
	fact "with alice's it does, as soon as the greeter ends" as _greetd#1 \
		"python3 $PARTS/greeter.py alice alice $PARTS/init serve alice#greetd"
	log_out _greetd#1
	as alice#greetd true
	meet alice#greetd
	say ""
	fact "greeter and login are in sessions of their own" \
		tells_apart root _greetd#1 alice#1 alice#2 alice#tty alice#greetd
	fact "the greeter's session has ended" gone _greetd#1
	fact "logind has the same id for alice's" xdg_is_session alice#greetd
	# shellcheck disable=SC2016 # the login's shell expands it
	fact "and has it at the machine itself" \
		answers alice#greetd 'echo "$XDG_SEAT $XDG_VTNR"' "seat0 7"
}

logind_sessions() {
	loginctl --no-legend list-sessions
}

show_su_and_sudo() {
	local id=/proc/self/sessionid before

	before=$(logind_sessions)
	heading "sudo and su, inside a login"
	fact "sudo keeps the id" \
		answers alice#1 "sudo cat $id" "${SESSION[alice#1]}"
	fact "and is told it as ever" told_its_id alice#1 sudo
	fact "the session remains what it was" says "non-gui - 127.0.0.1 remote, authenticated" \
		kind alice#1
	fact "and so does a shell by sudo -i, and one by su of another user in it" \
		answers alice#1 "sudo -i su - bob -c 'cat $id'" "${SESSION[alice#1]}"
	fact "what sudo runs stands in the root session, where alice plants nothing" \
		answers alice#1 "sudo bootstrapctl lookup org.example.agentroot -- cat /dev/stdin" root
	fact "it does not find the name of alice's session" \
		refused alice#1 "sudo bootstrapctl lookup org.example.agent" "no such name"
	fact "su asks for alice's password" \
		refused bob#1 "echo wrong | su alice -c true" "Authentication failure"
	fact "su to alice keeps the id of bob's login" \
		answers bob#1 "echo alice | su alice -c 'cat $id' 2>/dev/null" "${SESSION[bob#1]}"
	fact "and opens no session of alice's" \
		refused bob#1 "echo alice | su alice -c 'bootstrapctl lookup org.example.agentalice1'" "no such name"
	fact "bob's session remains what it was" says "non-gui - 127.0.0.1 remote, authenticated" \
		kind bob#1
	fact "logind has no more sessions by that" says "$before" logind_sessions
}

show_cron() {
	heading "cron"
	enlist alice#cron
	# Such a job runs once, when cron is started for the first time.
	echo "@reboot $SERVE alice#cron" | crontab -u alice -
	systemctl start cron
	as alice#cron true
	table_of_logins
	meet alice#cron
	say ""
	fact "the job is in a session of its own" \
		tells_apart root alice#1 alice#2 alice#tty alice#greetd alice#cron
	fact "logind knows nothing of it" \
		answers alice#cron "echo \${XDG_SESSION_ID-none}" none
}

show_manager() {
	heading "alice's own systemd, which is not part of any login"
	enlist alice#manager
	fact "alice starts a unit of hers" \
		as alice#1 "systemd-run --user -q $PARTS/init serve alice#manager"
	as alice#manager true
	table_of_logins
	meet alice#manager
	say ""
	fact "its session is the manager's own" tells_apart root alice#1 \
		alice#2 alice#tty alice#greetd alice#cron alice#manager
	fact "the manager itself is in it" says "${SESSION[alice#manager]}" \
		manager_session alice
	fact "alice's unit registers agent, and home in her user's namespace" \
		as alice#manager "hold agent; hold home --namespace user"
	who_finds "agent home" <<-END
		alice#manager  alice#manager  alice#manager
		alice#1        alice#1        alice#manager
		alice#greetd   -              alice#manager
		alice#cron     -              alice#manager
		bob#1          bob#1          -
	END
}

show_survivor() {
	local pid

	heading "A process that survives the logout"
	log_in alice#3
	table_of_logins
	meet alice#3
	say ""
	as alice#3 "hold agent"
	fact "there is an agent in the session" \
		answers alice#3 "bootstrapctl connect org.example.whoami" "alice:${SESSION[alice#3]}"
	as alice#3 "setsid -f sleep infinity; pgrep -n -x sleep"
	pid=$(cat "$DIR/alice#3.answer")
	echo exit >&"${REQUEST[alice#3]}"
	wait "${LOGIN[alice#3]}"
	fact "alice has logged out; the daemon alone is left of the session, no agent is" \
		within 60 says "$pid" members "${SESSION[alice#3]}"
	fact "the session is there still" \
		as root "bootstrapctl session ${SESSION[alice#3]}"
	kill "$pid"
	fact "when it ends, so does the session" within 60 gone alice#3
}

# members SESSION: its processes.
members() {
	grep -lsx "$1" /proc/[0-9]*/sessionid | cut -d / -f 3
}

# One program, and names as it has them, in as many sessions.
show_instances() {
	local n who all=()

	heading "Ten instances of one application, in ten sessions of two users"
	for n in {1..5}; do
		all+=("alice#app$n" "bob#app$n")
	done
	table_of_logins
	for who in "${all[@]}"; do
		log_in "$who" bootstrapctl login "${who%#*}" -- sh -c
		meet "$who"
	done
	say ""
	fact "no two are in one session" tells_apart root "${all[@]}"
	for who in "${all[@]}"; do
		fact "$who registers app and app.control" \
			as "$who" "hold app && hold app.control"
	done
	who_finds "app app.control" < <(printf '%s\n' "${all[@]}" |
		awk '{ print $1, $1, $1 }')
	for who in "${all[@]}"; do
		# No terminal goes with such a login.
		# shellcheck disable=SC2016 # the login's shell expands it
		as "$who" 'kill $(jobs -p)'
		log_out "$who"
	done
	fact "all have ended" within 60 nobody_of "${all[@]}"
}

nobody_of() {
	local who

	for who; do
		gone "$who" || return
	done
}

show_logout() {
	local who before=${SESSION[_greetd#1]}

	heading "All log out"
	for who in alice#1 alice#2 alice#tty alice#greetd alice#cron; do
		fact "$who logs out, and no process is left of the session" \
			log_out $who
	done
	say ""
	as _greetd#1 true
	table_of_logins
	meet _greetd#1 root
	say ""
	fact "the greeter is back, in another session than before" \
		all_differ "$before" "${SESSION[_greetd#1]}" "${SESSION[alice#greetd]}"
	systemctl stop greetd cron
	fact "alice's systemd is there still, and its session with a name" \
		as root "bootstrapctl session ${SESSION[alice#manager]} | grep -qx 'names *1'"
	systemctl stop "user@$(id -u _greetd)" user@{1000,1001} bootstrap-console
	# shellcheck disable=SC2046 # words are meant
	kill $(jobs -p)
	wait
	fact "all sessions but root's have ended" within 60 no_sessions
	sees root "the root session alone is left, and has no names" <<<"root - 0"
	fact "nothing is counted for alice, bob or the greeter" \
		nothing_used alice bob _greetd
	check_watch
}

show_end() {
	heading "The module is unloaded"
	fact "no unit has failed" says "" systemctl --failed --plain --no-legend
	fact "the module can be unloaded" unload
	fact "the kernel has nothing to complain about" taint_is_clean
}

begin_shown
for story in boot ssh tty greetd su_and_sudo cron manager kinds agents console \
	survivor instances asked deferrals unwilling bomb others terminate last \
	logout end; do
	show_$story
	say "  $(cut -d ' ' -f 1 /proc/uptime) s"
done
verdict
