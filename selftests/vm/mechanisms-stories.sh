# SPDX-License-Identifier: GPL-2.0
# For the guest with mechanisms: what comes of their results, what names they find, and
# what they are for, and are not. To be sourced after the guest's functions.
# shellcheck shell=bash

# --- results

put_faults() {
	put_database
	insert org.example.fault:before --before builtin fault.sh
	insert org.example.fault:between --before HomeDirMechanism fault.sh
	insert org.example.fault:after --after HomeDirMechanism fault.sh
}

# Of such a login PAM is not asked to authenticate anybody.
show_results_by_key() {
	local user jobs=() users=(allow.between deny.before crash.between)

	heading "The same by ssh, with a key"
	for user in "${users[@]}"; do
		rm "$DIR/$user".{answer,asked,runs}
		by_key "$user" &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	for user in "${users[@]}"; do
		echo "$user $(outcome "$user")"
	done >"$DIR/outcomes"
	table <"$DIR/outcomes"
	fact "who is denied, or undefined, is out" \
		says $'allow.between in\ndeny.before 0/3\ncrash.between 0/1' \
		cat "$DIR/outcomes"
	fact "nothing is left of them" within 60 clean
}

show_results_on_line() {
	heading "The same by login(1), on the serial line"
	begin_line
	on_line deny.between alice
	fact "after a deny somebody may try again" reads "incorrect"
	reads "login: "
	on_line crash.after alice
	wait "$GETTY"
	fact "who is in with the right password is out by a crash behind the home" \
		[ "$(lines "$DIR/crash.after.runs")" = 2 ]
	begin_line
	enter undefined.before
	wait "$GETTY"
	fact "after undefined nobody is even asked for a password" \
		[ "$(lines "$DIR/undefined.before.runs")" = 2 ]
	begin_line
	on_line allow.after alice
	fact "after allow there is a shell" reads "$ "
	end_line
	fact "nothing is left of them" within 60 clean
}

# --- names

show_names() {
	heading "Which names mechanisms find"
	put_database
	echo home >"$DIR/home.file"
	log_in alice#1
	table_of_logins
	meet alice#1
	say ""
	fact "root's daemon has a name" as root "hold daemon"
	fact "alice, who is logged in, has one in that session, and one in her user's namespace" \
		as alice#1 "hold agent && (ME=home; hold home --namespace user)"
	insert org.example.third:look --after HomeDirMechanism look.py
	insert org.example.third:progress --after HomeDirMechanism progress.sh
	insert org.example.second:look --after builtin look.py
	insert org.example.second:progress --after builtin progress.sh
	insert org.example.first:progress --before builtin progress.sh
	insert org.example.first:look --before builtin look.py
	say "" "  She logs in once more. Before each that looks, one mechanism of that login has" \
		"  registered progress." ""
	fact "alice is in" by_key alice
	fact "found are root's name and the login's; hers with her uid, when the session is known to be hers, before that by asking for her namespace; never that of a session" \
		saw "stretch as daemon progress home agent user:home" <<-END
			before-auth root root progress - - -
			after-auth root root progress - - -
			after-auth alice root progress - - home
			after-home root root progress - - -
			after-home alice root progress home - home
		END
	log_out alice#1
	# Root's name.
	# shellcheck disable=SC2046 # words are meant
	kill $(pgrep -x sleep)
	fact "nothing is left of the names" within 60 clean
}

# --- homes that root may not enter

put_network_home() {
	mkdir -p /srv/net /home/dave
	python3 "$PARTS/network_home.py" /srv/net 2001 by.mechanism \
		>"$DIR/network_home.log" 2>&1 </dev/null &
	NETWORK_HOME=$!
	cat >/usr/local/bin/mount-home <<-'END'
		#!/bin/sh
		case $PAM_USER:$PAM_TYPE in
		dave:open_session) mount --bind /srv/net /home/dave ;;
		dave:close_session) umount -l /home/dave ;;
		esac
	END
	chmod 755 /usr/local/bin/mount-home
	echo "session required pam_exec.so quiet /usr/local/bin/mount-home" >>/etc/pam.d/home
	within 60 mountpoint -q /srv/net
}

show_network_home() {
	heading "A home that is elsewhere, where root is nobody"
	put_database
	fact "there is such a home, of dave's" put_network_home
	fact "root can not look into it" refused root "ls /srv/net" "ermission denied"
	insert org.example.prefs:reset --after HomeDirMechanism prefs.sh
	insert org.example.prefs:naive --after HomeDirMechanism as_root.sh
	insert org.example.prefs:early --before HomeDirMechanism as_root.sh
	fact "dave logs in" by_key dave "cat by.mechanism"
	fact "once his home is there mechanisms cannot write to it as root; before, they can, to what is in its place" \
		saw "stretch as can" <<-END
			after-auth root yes
			after-home root no
		END
	fact "with his uid one can, and dave finds what it wrote" says managed answer dave
	sed -i '/mount-home/d' /etc/pam.d/home
	fact "what was written too early lies there when he is gone" \
		within 60 says after-auth cat /home/dave/by.mechanism
	umount /srv/net
	wait "$NETWORK_HOME"
	fact "nothing is left of the login" within 60 clean
}

# --- what may lock everybody out

nobody_gets_in() {
	local user

	for user in alice bob root; do
		stays_out $user || return
	done
	! by_password alice
}

stays_out() {
	! by_key "$1"
}

show_broken() {
	heading "A chain that is broken"
	put_database
	say "  # bootstrapctl right backup"
	bootstrapctl right backup
	insert org.example.policy:banner --before builtin observer.sh
	fact "alice is in" by_key alice
	say "  # rm -r $PLUGINS/org.example.policy"
	rm -r "$PLUGINS/org.example.policy"
	fact "nobody gets in by ssh, not even root" nobody_gets_in
	say "  The log tells why:"
	logged_of root | tail -n 2 | sed 's/^/    /'
	fact "which mechanism it is" \
		grep -q "^3 bootstrap-login-host.* of root .*org.example.policy" "$DIR/syslog.log"
	fact "and so does a check" \
		refused root "bootstrapctl right check" "org.example.policy:banner"
	sed 's/ / quiet /; s/$/ bootstrap_login=off/' /proc/cmdline >"$DIR/cmdline"
	mount --bind "$DIR/cmdline" /proc/cmdline
	fact "with bootstrap_login=off on the kernel's command line alice does" by_key alice
	umount /proc/cmdline
	fact "without it she does not" stays_out alice
	begin_line
	fact "root may log in at the machine itself" on_line root root
	fact "and does" reads "# "
	enter "bootstrapctl right check; bootstrapctl right restore; echo restored=\$?"
	fact "he restores the database from the backup" reads "restored=0"
	end_line
	fact "then alice is in again" by_key alice
	fact "nothing is left" within 60 clean
}

# --- what they are for

TEN=(p0 p1 p2 p3 p4 p5 p6 p7 p8 p9)

# The same as the mechanism does, from a daemon that looks for logins.
put_daemon() {
	cat >/usr/local/sbin/prefs-daemon <<-END
		#!/bin/bash
		declare -A known
		while sleep 0.2; do
			while read -r id user _; do
				[ -z "\${known[\$id]:-}" ] || continue
				known[\$id]=seen
				sh $PARTS/reset_preferences.sh "/home/\$user/by.daemon" &
			done < <(bootstrapctl sessions | grep '^[0-9]')
		done
	END
	chmod 755 /usr/local/sbin/prefs-daemon
}

# And from an agent of each session's.
put_agent() {
	mkdir -p /etc/bootstrap/session.d
	cat >/etc/bootstrap/session.d/org.example.prefs.plist <<-END
		<?xml version="1.0" encoding="UTF-8"?>
		<plist version="1.0"><dict>
		<key>Label</key><string>org.example.prefs</string>
		<key>LimitLoadToSessionType</key><string>StandardIO</string>
		<key>RunAtLoad</key><true/>
		<key>ProgramArguments</key><array>
		<string>sh</string><string>$PARTS/reset_preferences.sh</string>
		<string>by.agent</string>
		</array></dict></plist>
	END
}

# in_time WHO: at how many logins the user's first program found what it did.
in_time() {
	local user n=0

	for user in "${TEN[@]}"; do
		! grep -qx "by.$1:managed" "$DIR/$user.answer" || n=$((n + 1))
	done
	echo $n
}

everybody_in() {
	local user

	for user in "${TEN[@]}"; do
		[ "$(lines "$DIR/$user.answer")" = 3 ] || return
	done
}

# ten_log_in WHO...: with preferences of their own, and looks at them first; prints at
# how many of the logins these were in time.
ten_log_in() {
	local user who jobs=()

	for user in "${TEN[@]}"; do
		for who in mechanism daemon agent; do
			echo own >"/home/$user/by.$who"
			chown "$user:" "/home/$user/by.$who"
		done
	done
	for user in "${TEN[@]}"; do
		by_key "$user" "grep . by.mechanism by.daemon by.agent" &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	fact "all ten are in" everybody_in
	for who; do
		say "       the $who was in time at $(in_time "$who") of 10 logins"
	done
}

show_race() {
	local user daemon

	heading "Preferences that are reset before anything of the user's runs"
	say "  Ten users log in at once; the first program of each looks at what was done." ""
	put_database
	for user in "${TEN[@]}"; do
		cp -R /etc/skel "/home/$user"
		chown -R "$user:" "/home/$user"
	done
	put_daemon
	put_agent
	prefs-daemon >"$DIR/daemon.log" 2>&1 </dev/null &
	daemon=$!
	ten_log_in daemon agent
	kill $daemon
	rm -r /etc/bootstrap
	fact "a daemon that looks for logins loses the race" [ "$(in_time daemon)" -lt 10 ]
	fact "so does an agent" [ "$(in_time agent)" -lt 10 ]
	within 60 clean
	say ""
	insert org.example.prefs:reset --after HomeDirMechanism prefs.sh
	ten_log_in mechanism
	fact "a mechanism does not" says 10 in_time mechanism
	fact "nothing is left" within 60 clean
}
