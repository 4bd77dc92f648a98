# SPDX-License-Identifier: GPL-2.0
# For the guest with logins of all kinds: logouts that somebody asks for. To be
# sourced after members.sh. alice#1, alice#2 and bob#1 are logged in all the time.
# shellcheck shell=bash

# come_in WHO...: each by ssh.
come_in() {
	local who

	table_of_logins
	for who; do
		log_in "$who"
		meet "$who"
	done
	say ""
}

# logs_out WHO WHOM [OPTION]...: WHO ends the session of WHOM.
# shellcheck disable=SC2153 # that is what members.sh calls it
logs_out() {
	as "$1" "bootstrapctl logout ${SESSION[$2]} ${*:3}"
}

# told WHO PATTERN: what he was told last has a line like that.
told() {
	grep -q -- "$2" "$DIR/$1.answer"
}

# is_out WHO: his login is over, and nothing is left of the session.
is_out() {
	wait "${LOGIN[$1]}"
	within 60 nobody_bears "${SESSION[$1]}" && within 60 gone "$1"
}

# defers WHO REASON [OPTION]: until that is known.
defers() {
	as "$1" "bootstrapctl defer ${3:-} '$2' -- sleep infinity &"
	within 60 state_is "$1" "^deferral .*: $2$"
}

# state_is WHO PATTERN: among what there is to be told of the session.
state_is() {
	as root "bootstrapctl session ${SESSION[$1]}" && told root "$2"
}

show_asked() {
	heading "Logouts that are asked for"
	come_in alice#8 bob#2
	fact "alice does not log bob out" \
		refused alice#1 "bootstrapctl logout ${SESSION[bob#2]}" "no such session"
	fact "alice ends one of her logins from another" logs_out alice#2 alice#8
	sed 's/^/    /' "$DIR/alice#2.answer"
	fact "all in it were asked to end" told alice#2 "^processes asked to end: [1-9]"
	fact "nothing is left of it" is_out alice#8
	fact "bob's is there still" as bob#2 true
	fact "root ends that" logs_out root bob#2
	fact "nothing is left of that, either" is_out bob#2
}

show_deferrals() {
	local asking editor

	heading "Logouts that somebody defers"
	come_in alice#4 alice#5
	fact "alice's editor asks to be waited for" defers alice#4 "unsaved document"
	# shellcheck disable=SC2016 # the login's shell expands it
	as alice#4 'until pgrep -P $!; do sleep 0.1; done'
	editor=$(cat "$DIR/alice#4.answer")
	# However slow the machine is.
	logs_out root alice#4 --deadline 600 &
	asking=$!
	fact "root, who logs her out, is told of that" within 60 told root \
		"^waiting for process [0-9]* (bootstrapctl, user alice): unsaved document$"
	fact "meanwhile nobody is asked to end" answers alice#4 "echo here" here
	# Not by her shell, which would be ended while it answers.
	kill "$editor"
	fact "when the document is saved the logout goes on, and comes to its end" \
		wait $asking
	sed 's/^/    /' "$DIR/root.answer"
	fact "which is told, too" told root "^no longer waiting for .*: unsaved document$"
	fact "nothing is left of the session" is_out alice#4
	say ""
	fact "alice's other editor will cancel logouts" defers alice#5 "not now" --cancel
	fact "which it does" refused alice#2 "bootstrapctl logout ${SESSION[alice#5]}" \
		"logout cancelled by process [0-9]* (bootstrapctl, user alice): not now$"
	fact "the session goes on" state_is alice#5 "^state *open$"
	fact "all in it is as it was" answers alice#5 "echo here" here
	fact "with --force nobody is asked" logs_out alice#2 alice#5 --force
	fact "and that is told" told alice#2 "^not waiting for .*: not now$"
	fact "nothing is left of the session" is_out alice#5
}

# ready WHO: a program that he was asked to start has said so.
ready() {
	grep -qx ready "$DIR/$1.answer"
}

show_unwilling() {
	heading "A process that neither comes to an end nor heeds signals"
	come_in bob#3
	fact "it defers logouts" defers bob#3 stubborn
	as bob#3 "bash -c 'trap \"\" TERM HUP; echo ready; while :; do sleep 1; done' &"
	fact "and ignores what it is sent" within 60 ready bob#3
	fact "bob ends the session, with a deadline and a time of grace" \
		logs_out bob#1 bob#3 --deadline 1 --grace 1
	sed 's/^/    /' "$DIR/bob#1.answer"
	fact "the deferral was overridden" told bob#1 "^not waiting for .*: stubborn$"
	fact "and the process killed" told bob#1 "^processes killed: [1-9]"
	fact "nothing is left of the session" is_out bob#3
}

many_bear() {
	[ "$(members "$1" | wc -l)" -gt 40 ]
}

show_bomb() {
	heading "A fork bomb"
	come_in bob#4
	as bob#4 "(ulimit -u 80; exec python3 $PARTS/fork_bomb.py) &"
	fact "it goes off" within 60 many_bear "${SESSION[bob#4]}"
	fact "bob ends the session" logs_out bob#1 bob#4 --grace 1
	sed 's/^/    /' "$DIR/bob#1.answer"
	fact "by killing what was left" told bob#1 "^processes killed: [1-9]"
	fact "and that is the end of it" is_out bob#4
}

show_others() {
	local pid

	heading "A process of root's in a session of alice's"
	come_in alice#6
	# shellcheck disable=SC2016 # the shell inside expands it
	as alice#6 'sudo sh -c "setsid sleep infinity </dev/null >/dev/null 2>&1 & echo \$!"'
	pid=$(cat "$DIR/alice#6.answer")
	fact "there is one" within 60 says sleep cat "/proc/$pid/comm"
	fact "alice, who logs herself out, is told that she may not end it" \
		refused alice#2 "bootstrapctl logout ${SESSION[alice#6]}" \
		"^left is process $pid (sleep, user root), which the caller may not end$"
	fact "it is all that is left" within 60 says "$pid" members "${SESSION[alice#6]}"
	fact "and keeps the session" as root "bootstrapctl session ${SESSION[alice#6]}"
	fact "root may end it" logs_out root alice#6
	fact "then nothing is left" is_out alice#6
}

show_terminate() {
	local pid

	heading "sshd with logout=terminate"
	cp /etc/pam.d/sshd "$DIR/pam.sshd"
	sed -i 's/^@include common-session$/session optional pam_bootstrap.so logout=terminate\n&/' \
		/etc/pam.d/sshd
	come_in alice#7
	as alice#7 "setsid -f sleep infinity; pgrep -n -x sleep"
	pid=$(cat "$DIR/alice#7.answer")
	fact "alice leaves a daemon behind" \
		says "${SESSION[alice#7]}" cat "/proc/$pid/sessionid"
	echo exit >&"${REQUEST[alice#7]}"
	fact "with her login it is ended, too" is_out alice#7
	fact "not so those of other sessions" as alice#1 true
	cp "$DIR/pam.sshd" /etc/pam.d/sshd
}

show_last() {
	local session pid

	heading "A service of bob's, for all of his sessions"
	# Their systemds would stop some seconds after the last of their logins.
	loginctl enable-linger alice bob
	as bob#1 "systemd-run --user -q bootstrapctl activate org.example.home \
		--namespace user -- python3 $PARTS/home_server.py /tmp/home.end"
	fact "bob's systemd has it declared" \
		as bob#1 "bootstrapctl wait org.example.home --timeout 50"
	come_in bob#5
	fact "when he asks it is started" as bob#5 "bootstrapctl connect org.example.home"
	read -r session pid <"$DIR/bob#5.answer"
	fact "in his systemd's session" [ "$session" = "$(manager_session bob)" ]
	fact "bob logs out of one session" log_out bob#5
	fact "the server goes on, for his other" answers bob#1 \
		"bootstrapctl connect org.example.home" "$session $pid"
	fact "bob logs out of that" log_out bob#1
	fact "without being asked to, his server is ended" within 60 ended "$pid"
	fact "by a signal that it can heed" says SIGTERM cat /tmp/home.end
	fact "the service stays, on demand" within 60 says "on demand" \
		status_of root "org.example.home --namespace user:bob"
	fact "and so does his systemd's session" \
		as root "bootstrapctl session $session"
}

ended() {
	! kill -0 "$1" 2>/dev/null
}
