# SPDX-License-Identifier: GPL-2.0
# For the guest with logins of all kinds: what pam_bootstrap makes of them, agents,
# the console, and what a watch of sessions tells. To be sourced after members.sh.
# shellcheck shell=bash

# agent LABEL TYPE: for sessions of this type one that says whose it is, and in
# which session, when it is asked.
agent() {
	cat >"/etc/bootstrap/session.d/org.example.$1.plist" <<-END
		<?xml version="1.0" encoding="UTF-8"?>
		<plist version="1.0"><dict>
		<key>Label</key><string>org.example.$1</string>
		<key>LimitLoadToSessionType</key><string>$2</string>
		<key>ProgramArguments</key><array>
		<string>bootstrapctl</string><string>serve</string>
		<string>org.example.$1</string><string>--</string>
		<string>sh</string><string>-c</string>
		<string>echo \$(id -un):\$(cat /proc/self/sessionid)</string>
		</array>
		<key>MachServices</key><dict><key>org.example.$1</key>
		<dict><key>CheckInByName</key><true/></dict></dict>
		</dict></plist>
	END
}

# All that is to be there before the first login.
set_up_sessions() {
	# PAM and the unit look where make install puts it.
	ln -s /usr/bin/bootstrapctl /usr/local/bin/
	mkdir -p /etc/bootstrap/session.d
	agent whoami StandardIO
	agent desktop Aqua
	DEBIAN_FRONTEND=noninteractive pam-auth-update --enable bootstrap \
		>"$DIR/profile.log" 2>&1
	fact "pam-auth-update installs the profile" grep -q pam_bootstrap.so \
		/etc/pam.d/common-session /etc/pam.d/common-session-noninteractive
	systemctl start bootstrap-console
	fact "the console is followed" systemctl -q is-active bootstrap-console
	systemd-run -q --unit=session-watch \
		--property="StandardOutput=truncate:$DIR/sessions.watch" \
		bootstrapctl watch --sessions
	fact "sessions are watched" within 60 grep -sqx complete "$DIR/sessions.watch"
}

# kind WHO: what his session is: type, terminal, host and attributes.
kind() {
	as root "bootstrapctl session ${SESSION[$1]}" || return
	awk '{ key = $1; sub(/^[^ ]* */, ""); is[key] = $0 }
		END { print is["type"], is["tty"], is["host"], is["attributes"] }' \
		"$DIR/root.answer"
}

# sessions_are: of everybody on standard input, each line WHO and what kind is
# expected; prints what it is. Each is a fact.
sessions_are() {
	local who want found

	while read -r who want; do
		found=$(kind "$who")
		fact "$who: $found" [ "$found" = "$want" ]
	done
}

# told_its_id WHO [COMMAND]: what his programs, by COMMAND, find in the environment.
told_its_id() {
	local id=${SESSION[$1]}

	# shellcheck disable=SC2016 # the login's shell expands it
	answers "$1" "${2:-} sh -c 'echo \$BOOTSTRAP_SESSION_ID \$SECURITYSESSIONID'" \
		"$(printf '%u %x' "$id" "$id")"
}

show_kinds() {
	local who

	heading "What the sessions are: type, terminal, host, attributes"
	sessions_are <<-END
		root root - - root
		alice#1 non-gui - 127.0.0.1 remote, authenticated
		alice#2 non-gui - 127.0.0.1 remote, authenticated
		bob#1 non-gui - 127.0.0.1 remote, authenticated
		alice#tty non-gui ttyS2 - tty, authenticated
		alice#greetd gui tty7 - graphic-access, console, authenticated
		alice#cron background - - authenticated
		alice#manager background - - authenticated
	END
	for who in alice#1 bob#1 alice#tty alice#greetd alice#cron alice#manager; do
		fact "programs of $who are told the id" told_its_id $who
	done
}

status_of() {
	as "$1" "bootstrapctl info $2" && sed -n 's/^status *//p' "$DIR/$1.answer"
}

show_agents() {
	local who

	heading "Agents: whoami for a terminal's sessions, desktop for those with a screen"
	fact "alice#1's is not started before somebody asks" \
		says "on demand" status_of alice#1 org.example.whoami
	row "who asks" whoami desktop
	for who in alice#1 alice#2 bob#1 alice#tty; do
		fact "$who: his own session's whoami answers" agents_answer $who \
			"${who%#*}:${SESSION[$who]}" -
	done
	fact "alice#greetd: her desktop" agents_answer alice#greetd \
		- "alice:${SESSION[alice#greetd]}"
	for who in alice#cron alice#manager root; do
		fact "$who: nobody" agents_answer $who - -
	done
	fact "alice#1's is started now" \
		says active status_of alice#1 org.example.whoami
}

# agents_answer WHO WHOAMI DESKTOP: that is what he hears of them, "-" nothing.
agents_answer() {
	local found

	# shellcheck disable=SC2016 # the login's shell expands it
	as "$1" 'for n in whoami desktop; do bootstrapctl connect "org.example.$n" 2>/dev/null || echo -; done'
	mapfile -t found <"$DIR/$1.answer"
	row "$1" "${found[@]}"
	[ "${found[*]}" = "$2 $3" ]
}

# show_terminal N: that virtual terminal is shown from now on.
show_terminal() {
	python3 -c "import fcntl, os
fcntl.ioctl(os.open('/dev/tty0', os.O_WRONLY), 0x5606, $1)"
}

has_console() {
	as root "bootstrapctl console" &&
		grep -q "^session ${SESSION[$1]} " "$DIR/root.answer"
}

nobody_has_console() {
	refused root "bootstrapctl console" "no session"
}

show_console() {
	heading "The console"
	fact "alice's login on terminal 7 has it" within 60 has_console alice#greetd
	show_terminal 1
	fact "when terminal 1 is shown, nobody" within 60 nobody_has_console
	show_terminal 7
	fact "when it is 7 again, she has it again" within 60 has_console alice#greetd
}

# --- at the end

no_sessions() {
	[ "$(bootstrapctl sessions | awk 'NR > 1 { print $1 }')" = root ]
}

# nothing_used USER...: nothing of what is limited.
nothing_used() {
	local user

	for user; do
		[ "$(bootstrapctl usage --uid "$user" |
			awk 'NR > 1 { n++; used += $3 } END { print n, used }')" = "7 0" ] ||
			return
	done
}

# Whatever is told of a session is told between its start and its end, and all
# have come to that. Complaints go out.
check_order() {
	awk '
		function bad(why) { print why ": " $0; failed = 1 }
		$0 == "complete" { next }
		!/session/ { bad("strange"); next }
		$1 == "present" && /root/ { next }
		{ id = $3; gsub(/[:,]/, "", id) }
		$1 == "started" { if (is[id]) bad("again"); is[id] = "there"; next }
		is[id] != "there" { bad("not there") }
		$1 == "ended" { is[id] = "gone" }
		END {
			for (id in is)
				if (is[id] != "gone")
					bad("session " id " has not ended")
			exit failed
		}' "$DIR/sessions.watch"
}

# All that logged in started once, and ended once.
all_told() {
	local who id

	for who in "${!SESSION[@]}"; do
		id=${SESSION[$who]}
		[ "$who" != root ] || continue
		says 1 grep -c "^started session $id " "$DIR/sessions.watch" || return
		says 1 grep -c "^ended session $id\$" "$DIR/sessions.watch" || return
	done
}

# lines_of WHO: what was told of his session.
lines_of() {
	grep -w "session ${SESSION[$1]}" "$DIR/sessions.watch" |
		sed "s/session ${SESSION[$1]}\>/session S/; s/process [0-9]*/process N/
			s/deadline in [0-9]* s/deadline in N s/"
}

check_watch() {
	fact "all of them were told to have started and ended, once each" \
		within 60 all_told
	fact "in the order of the facts; $(grep -c ^started "$DIR/sessions.watch") sessions" \
		check_order
	say "  of alice#4:"
	lines_of alice#4 | sed 's/^/    /'
	fact "with its logout, and who deferred it" \
		says "logout deferred changed ended" deferral_story alice#4
	systemctl stop session-watch
}

# The words of what came after the logout was asked for.
deferral_story() {
	lines_of "$1" | sed -n '/^logout/,$p' | cut -d ' ' -f 1 | paste -sd ' '
}
