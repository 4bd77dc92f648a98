# SPDX-License-Identifier: GPL-2.0
# For guests in which mechanisms run at logins: users, PAM, sshd, the database, ways to
# log in, and what there is to be seen of it. To be sourced after facts.sh, members.sh
# and line.sh.
# shellcheck shell=bash

DATABASE=/etc/authorization
PLUGINS=/usr/local/lib/bootstrap/plugins
PLACES="before between after"
RESULTS="allow deny undefined user-canceled crash hang nonsense"

# --- setting up

# put_user NAME UID HOME: with alice's password. Homes are made at logins.
put_user() {
	echo "$1:x:$2:$2::$3:/bin/bash" >>/etc/passwd
	echo "$1:x:$2:" >>/etc/group
	echo "$1:$SECRET" >>/etc/shadow
}

put_users() {
	local place result number=2100 n

	printf '%s\n' alice:alice root:root | chpasswd -c SHA512 -s 1000
	SECRET=$(sed -n 's/^alice://p' /etc/shadow)
	put_user carol 2000 /home/carol
	put_user dave 2001 /home/dave
	for n in {0..9}; do
		put_user "p$n" $((2010 + n)) "/home/p$n"
	done
	mkdir -m 777 /srv/any
	for place in $PLACES; do
		for result in $RESULTS; do
			put_user "$result.$place" $((number++)) /srv/any
		done
	done
}

# What stands in the files of services, around what Debian has there.
configure_pam() {
	local service

	echo "session required pam_mkhomedir.so" >/etc/pam.d/home
	for service in sshd login; do
		sed -i "
			/^@include common-auth/i auth requisite pam_bootstrap.so phase=before-auth timeout=60
			/^@include common-auth/a auth required pam_bootstrap.so phase=after-auth timeout=60
			/^@include common-account/a account required pam_bootstrap.so phase=after-auth timeout=60
			/^@include common-session/a @include home\nsession required pam_bootstrap.so phase=after-home timeout=60
			" /etc/pam.d/$service
	done
}

# timeout SECONDS: how long a mechanism may take, from the next login on.
set_timeout() {
	sed -i "s/timeout=[0-9]*/timeout=$1/" /etc/pam.d/{sshd,login}
}

# Keys are found before there is a home. Many log in at a time.
configure_sshd() {
	mkdir -p /run/sshd
	install -m 644 /root/.ssh/id_ed25519.pub /etc/ssh/keys
	printf '%s\n' 'AuthorizedKeysFile /etc/ssh/keys' 'MaxStartups 100' \
		'LoginGraceTime 600' 'KbdInteractiveAuthentication no' 'PasswordAuthentication yes' \
		>>/etc/ssh/sshd_config.d/guest.conf
	cat >/usr/local/bin/askpass <<-'END'
		#!/bin/sh
		echo asked >>"$ASKED"
		echo alice
	END
	chmod 755 /usr/local/bin/askpass
}

start() {
	python3 "$PARTS/log_server.py" >"$DIR/syslog.log" 2>&1 </dev/null &
	LOG_SERVER=$!
	echo root >"$DIR/root.file"
	put_users
	configure_pam
	configure_sshd
	within 60 [ -S /dev/log ] || give_up "there is no log"
	/usr/sbin/sshd || give_up "sshd does not start"
	SSHD=$(cat /run/sshd.pid)
	open_line
}

# put PLUGIN:MECHANISM FILE: installs one.
put() {
	install -D -m 755 "$PARTS/mechanisms/$2" "$PLUGINS/${1%:*}/${1#*:}"
}

# The database as a system comes with it: nothing is run.
put_database() {
	cat >$DATABASE.new <<-END
		<?xml version="1.0" encoding="UTF-8"?>
		<plist version="1.0"><dict><key>rights</key><dict>
		<key>system.login.console</key><dict>
		<key>class</key><string>evaluate-mechanisms</string>
		<key>tries</key><integer>3</integer>
		<key>mechanisms</key><array>
		<string>builtin:authenticate,privileged</string>
		<string>HomeDirMechanism:login,privileged</string>
		</array></dict></dict></dict></plist>
	END
	mv $DATABASE.new $DATABASE
	rm -f "$DIR/seen"
}

# add MECHANISM WHERE PLUGIN: has it run from now on.
add() {
	say "  # bootstrapctl right insert $1 $2 $3"
	bootstrapctl right insert "$1" "$2" "$3" >"$DIR/insert.log" 2>&1 ||
		{ cat "$DIR/insert.log"; bad=$((bad + 1)); }
}

# insert MECHANISM WHERE PLUGIN FILE: the same, of root's; installs it before.
insert() {
	put "$1" "$4"
	add "$1,privileged" "$2" "$3"
}

# --- logging in

TELL="cat /proc/self/sessionid"

# by_key USER [COMMAND]: what it says is in USER.answer.
by_key() {
	timeout 600 ssh -n -o BatchMode=yes "$1@127.0.0.1" "${2:-$TELL}" \
		>"$DIR/$1.answer" 2>"$DIR/$1.log"
}

# by_password USER [COMMAND]: as often as it is asked for, but twice.
by_password() {
	: >"$DIR/$1.asked"
	ASKED=$DIR/$1.asked SSH_ASKPASS=/usr/local/bin/askpass \
		SSH_ASKPASS_REQUIRE=force timeout 600 \
		ssh -n -o PreferredAuthentications=password \
		-o NumberOfPasswordPrompts=2 "$1@127.0.0.1" "${2:-$TELL}" \
		>"$DIR/$1.answer" 2>"$DIR/$1.log"
}

# Somebody waits for a login on the line.
begin_line() {
	setsid agetty --noclear 115200 ttyS2 vt100 </dev/null >/dev/null 2>&1 &
	GETTY=$!
	reads "login: "
}

# on_line USER PASSWORD
on_line() {
	enter "$1"
	reads "Password: " && enter "$2"
}

# end_line: whoever is logged in there logs out.
end_line() {
	enter exit
	wait "$GETTY"
}

answer() {
	cat "$DIR/$1.answer"
}

# --- what there is to be seen

# table: words in columns.
table() {
	awk '{
		n[NR] = NF
		for (i = 1; i <= NF; i++) {
			cell[NR, i] = $i
			if (length($i) > width[i])
				width[i] = length($i)
		}
	}
	END {
		for (row = 1; row <= NR; row++) {
			line = " "
			for (i = 1; i <= n[row]; i++)
				line = line sprintf(" %-" width[i] "s ", cell[row, i])
			sub(/ +$/, "", line)
			print line
		}
	}'
}

# saw HEAD: shows what mechanisms have told since the last time, which is to be what
# is on standard input.
saw() {
	local found

	found=$(cat "$DIR/seen" 2>/dev/null)
	rm -f "$DIR/seen"
	printf '%s\n' "$1" "$found" | table
	[ "$found" = "$(cat)" ]
}

# logged_of USER: what the hosts logged of the logins of one, without what is only for
# those who look for a fault.
logged_of() {
	sed -n "/ of $1 (/s/^[0-6] bootstrap-login-host[^ ]* //p" "$DIR/syslog.log"
}

# clean: nothing is left of any login.
clean() {
	[ "$(bootstrapctl sessions | awk 'NR > 1 { print $1 }')" = root ] &&
		[ "$(bootstrapctl tree | awk 'NR > 1 { print $1 }')" = root ] &&
		! grep -qsvx "$UNSET" /proc/[0-9]*/sessionid &&
		! pgrep -f "bootstrap-(login|plugin)-host|$PLUGINS" >/dev/null &&
		! pgrep -x sleep >/dev/null
}

# --- results

# log_in_all USER...: at once, with passwords; waits for all.
log_in_all() {
	local user jobs=()

	for user; do
		by_password "$user" &
		jobs+=($!)
	done
	wait "${jobs[@]}"
}

# lines FILE: how many it has.
lines() {
	if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi
}

# outcome USER: "in", or how often he was asked for his password, and how often his
# mechanism was run.
outcome() {
	if [ -s "$DIR/$1.answer" ]; then
		echo in
	else
		echo "$(lines "$DIR/$1.asked")/$(lines "$DIR/$1.runs")"
	fi
}

outcomes() {
	local result place line

	for result in $RESULTS; do
		line=$result
		for place in $PLACES; do
			line+=" $(outcome "$result.$place")"
		done
		echo "$line"
	done
}

hang_everywhere() {
	[ -s "$DIR/hang.before.runs" ] && [ -s "$DIR/hang.between.runs" ] &&
		[ -s "$DIR/hang.after.runs" ]
}

show_results() {
	local result place users hanging

	heading "Each result, in each place"
	put_faults
	set_timeout 45
	log_in_all hang.{before,between,after} &
	hanging=$!
	fact "three users' mechanisms hang, one in each place" within 60 hang_everywhere
	fact "each has left a child behind, and one that got away" \
		within 60 says 9 pgrep -xc sleep
	fact "bob can log in all the same, by key" by_key bob
	fact "while they still hang" kill -0 $hanging
	say "  Other users log in, six at once, each with a mechanism that has another result."
	for place in $PLACES; do
		users=()
		for result in $RESULTS; do
			[ "$result" = hang ] || users+=("$result.$place")
		done
		log_in_all "${users[@]}"
	done
	wait $hanging
	say "" "  What they see: in, or P/R: not in, P times asked for the password, while the" \
		"  mechanism was run R times. The right's tries are 3, ssh's own are 2." ""
	outcomes >"$DIR/outcomes"
	{ echo "result $PLACES"; cat "$DIR/outcomes"; } | table
	fact "deny is tried again before there is a session, all else ends the login" \
		says "$(printf '%s\n' "allow in in in" "deny 2/6 2/6 1/1" \
			"undefined 1/1 1/1 1/1" "user-canceled 1/1 1/1 1/1" \
			"crash 1/1 1/1 1/1" "hang 1/1 1/1 1/1" "nonsense 1/1 1/1 1/1")" \
		cat "$DIR/outcomes"
	fact "who is run again is told which try it is, and why" \
		says "0 -,1 denied,2 denied,0 -,1 denied,2 denied" \
		paste -sd , "$DIR/deny.between.runs"
	say "" "  The log of some:"
	for result in deny.between crash.after hang.before nonsense.after; do
		logged_of $result | sed 's/^/    /'
	done
	fact "nothing is left of them: no process, no session, no namespace" \
		within 60 clean
	set_timeout 60
}

# --- the last story

show_end() {
	heading "The end"
	kill "$SSHD" "$LOG_SERVER"
	wait
	fact "the module can be unloaded" unload
	fact "the kernel has nothing to complain about" taint_is_clean
}
