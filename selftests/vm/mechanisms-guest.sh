#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest in which mechanisms run at logins: by ssh, with keys and passwords, and by
# login(1) on a serial line. Without arguments the first process of it asks and checks
# everything; as "serve WHO" what an ssh login runs, see members.sh. Mechanisms are
# scripts, in mechanisms/. Stories of what goes wrong, and of what they are for, are
# in mechanisms-stories.sh.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/mechanisms
# shellcheck disable=SC2034 # for members.sh
UNSET=4294967295
DATABASE=/etc/authorization
PLUGINS=/usr/local/lib/bootstrap/plugins

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh
# shellcheck source=line.sh
. $PARTS/line.sh
# shellcheck source=mechanisms-stories.sh
. $PARTS/mechanisms-stories.sh

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
	python3 $PARTS/log_server.py >"$DIR/syslog.log" 2>&1 </dev/null &
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

# insert MECHANISM WHERE PLUGIN FILE: installs it, and has it run from now on.
insert() {
	put "$1" "$4"
	say "  # bootstrapctl right insert $1,privileged $2 $3"
	bootstrapctl right insert "$1,privileged" "$2" "$3" >"$DIR/insert.log" 2>&1 ||
		{ cat "$DIR/insert.log"; bad=$((bad + 1)); }
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
		! pgrep -f "bootstrap-login-host|$PLUGINS" >/dev/null &&
		! pgrep -x sleep >/dev/null
}

# --- the first stories

show_chain() {
	heading "Four mechanisms, around authentication and the home"
	put_database
	insert org.example.policy:banner --before builtin observer.sh
	insert org.example.audit:known --after builtin observer.sh
	insert org.example.prefs:early --before HomeDirMechanism observer.sh
	insert org.example.prefs:late --after HomeDirMechanism observer.sh
	say "" "  # bootstrapctl right list"
	bootstrapctl right list >"$DIR/right.answer" 2>&1
	sed 's/^/  /' "$DIR/right.answer"
	fact "they stand in their places" in_order
	fact "the database is in order" bootstrapctl right check
	cp $DATABASE "$DIR/database"
	fact "to insert one of them again changes nothing" unchanged_by as root \
		"bootstrapctl right insert org.example.policy:banner,privileged --after HomeDirMechanism"
	fact "one that is not installed is refused: nobody could log in any more" \
		unchanged_by refused root \
		"bootstrapctl right insert org.example.none:none,privileged --after builtin" \
		"org.example.none"
	as root "bootstrapctl right insert org.example.none:none,privileged --after builtin"
	sed 's/^/    /' "$DIR/root.answer"
}

# unchanged_by COMMAND...: it succeeds, and the database is what it was.
unchanged_by() {
	"$@" && cmp -s $DATABASE "$DIR/database"
}

in_order() {
	[ "$(grep -oE '[A-Za-z.]+:[a-z]+,privileged' "$DIR/right.answer" | paste -sd ' ')" = \
		"$(printf '%s,privileged ' org.example.policy:banner builtin:authenticate \
			org.example.audit:known org.example.prefs:early \
			HomeDirMechanism:login org.example.prefs:late | sed 's/ $//')" ]
}

SEEN="mechanism stretch session user uid home there ticket"

# passes USER UID HOME WHETHER [TICKET]: the four have run, in this order; whether the
# home was there while it was not said to be.
passes() {
	saw "$SEEN" <<-END
		org.example.policy:banner before-auth - $1 - - no -
		org.example.audit:known after-auth - $1 $2 $3 $4 -
		org.example.prefs:early after-auth - $1 $2 $3 $4 -
		org.example.prefs:late after-home $(answer "$1") $1 $2 $3 yes -
	END
}

# log_tells USER SERVICE: of the four in this order, and of the last with the session.
log_tells() {
	logged_of "$1" | sed 's/^/    /'
	[ "$(logged_of "$1" | sed -n "s/^\(.*\) of $1 ($2\[[0-9]*\]): .*\(org.example[.a-z]*:[a-z]*\).*/\1 \2/p" | uniq)" = \
		"$(printf '%s\n' "no session yet org.example.policy:banner" \
			"no session yet org.example.audit:known" \
			"no session yet org.example.prefs:early" \
			"session $(answer "$1") org.example.prefs:late")" ]
}

show_passing() {
	heading "Logins pass through it"
	say "  carol, who has never been here, by ssh, with a key:"
	fact "she is in" by_key carol
	fact "the four have run in their order; the first did not know who she is, and her home came before the last" \
		passes carol 2000 /home/carol no
	fact "the log tells so, with her session" log_tells carol sshd
	say "" "  alice, by ssh, with her password:"
	fact "she is in" by_password alice
	fact "and was asked for it once" says asked cat "$DIR/alice.asked"
	fact "the four have run" passes alice 1000 /home/alice yes
	say "" "  alice, by login(1) on the serial line:"
	begin_line
	fact "she is asked for her password" on_line alice wrong
	fact "with a wrong one she may try again" reads "incorrect"
	fact "and came no further than the first" saw "$SEEN" <<-END
		org.example.policy:banner before-auth - alice - - no -
	END
	reads "login: "
	on_line alice alice
	fact "with hers she is in" reads "$ "
	enter "$TELL >/tmp/line; mv /tmp/line /tmp/line.answer"
	within 60 [ -e /tmp/line.answer ]
	cp /tmp/line.answer "$DIR/alice.answer"
	fact "the four have run" passes alice 1000 /home/alice yes
	end_line
	fact "when all are out nothing is left of the logins" within 60 clean
}

show_hints() {
	heading "What one mechanism leaves for those after it"
	put_database
	insert org.example.prefs:late --after HomeDirMechanism observer.sh
	insert org.example.policy:ticket --before builtin ticket.sh
	fact "alice logs in with her password" by_password alice
	fact "the mechanism behind the home has the hint of that before authentication" \
		saw "$SEEN" <<-END
			org.example.prefs:late after-home $(answer alice) alice 1000 /home/alice yes T42
		END
}

show_interrupt() {
	heading "A mechanism interrupts one after it"
	say "  The first watches for a card and goes on, the second waits for one in vain."
	put_database
	insert org.example.card:use --before HomeDirMechanism card_use.sh
	insert org.example.card:watch --after builtin card_watch.sh
	: >"$DIR/seen"
	by_key alice &
	within 60 grep -q "^use - out" "$DIR/seen" || say "  NO   they do not run"
	touch "$DIR/card"
	fact "alice is in once the card is there" wait $!
	fact "the second was ended, and both were run again, with new hints" \
		saw "mechanism reason card" <<-END
			watch - out
			use - out
			watch worldChanged in
			use - in
		END
	fact "nothing is left of them" within 60 clean
}

begin
start
for story in chain passing results results_by_key results_on_line hints interrupt names \
	network_home broken race end; do
	show_$story
	say "  $(cut -d ' ' -f 1 /proc/uptime) s"
done
verdict
