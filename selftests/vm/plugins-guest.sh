#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest in which plug-ins that are shared objects run at logins, and mechanisms
# that are not privileged: by ssh, and by login(1) on a serial line, where the user
# converses with them. The samples are there, and a plug-in "s" that does what the
# names of its mechanisms say, see script_plugin.c. Arguments as of mechanisms-guest.sh.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/mechanisms
# shellcheck disable=SC2034 # for members.sh
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh
# shellcheck source=line.sh
. $PARTS/line.sh
# shellcheck source=mechanisms.sh
. $PARTS/mechanisms.sh

PROBE=$PARTS/script_plugin.so
SAMPLES=$PARTS/samples

# --- setting up

put_objects() {
	useradd --system --home-dir / --shell /usr/sbin/nologin bootstrap-login
	# They write down there what they see.
	chmod 777 $DIR
	install -D -m 644 $PROBE $PLUGINS/s.so
	install -m 644 $SAMPLES/org.example.{null,reset,progress}.so $PLUGINS/
	install -D -m 755 $SAMPLES/check $PLUGINS/org.example.script/check
	: >/tmp/calls
	chmod 666 /tmp/calls
}

# calls: what the probe was called for since the last time.
calls() {
	cat /tmp/calls
	: >/tmp/calls
}

# --- stories

put_reset() {
	mkdir -p /usr/share/bootstrap/reset
	echo managed >/usr/share/bootstrap/reset/preferences
	echo theme=plain >/usr/share/bootstrap/reset/theme
}

show_six() {
	heading "Six mechanisms, of both kinds and in both hosts"
	say "  Programs and shared objects; root's, and those of bootstrap-login, who may" \
		"  speak to the user. Of a pair one resets the home, the other shows how it goes on."
	put_database
	put_reset
	put org.example.audit:known observer.sh
	add org.example.null:first --before builtin
	add org.example.script:check --after builtin
	add org.example.audit:known,privileged --before HomeDirMechanism
	add org.example.progress:end --after HomeDirMechanism
	add org.example.reset:files,privileged --after HomeDirMechanism
	add org.example.progress:begin --after HomeDirMechanism
	fact "the database is in order" bootstrapctl right check
	say "" "  carol, who has never been here, by ssh, with a key:"
	fact "she is in" by_key carol "cat .config/bootstrap/preferences"
	fact "and finds her preferences reset" says managed answer carol
	fact "as her own" says carol stat -c %U /home/carol/.config/bootstrap/preferences
	logged_of carol | sed 's/^/    /'
	fact "all six have allowed it" says 6 allowed carol
	say "" "  alice, by login(1) on the serial line, who sees how it goes on:"
	begin_line
	fact "she is asked for her password" on_line alice alice
	fact "and told of each file" reads "Resetting"
	reads "Resetting"
	fact "and in the end how many there were" reads "2 files were reset."
	fact "then she is in" reads "$ "
	end_line
	fact "ten at once get through" ten_get_in
	fact "nothing is left of the logins" within 60 clean
}

# allowed USER: how many mechanisms have allowed the login.
allowed() {
	logged_of "$1" | grep -c 'org\.example.*: allow, '
}

ten_get_in() {
	local n jobs=()

	for n in {0..9}; do
		by_key "p$n" "cat .config/bootstrap/preferences" &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	[ "$(cat "$DIR"/p{0..9}.answer)" = "$(yes managed | head -n 10)" ]
}

# Before authentication by an object that is not privileged, between by one that is,
# and after by a program that is not.
put_faults() {
	put_database
	put org.example.fault:after fault.sh
	add s:byuser=before --before builtin
	add s:byuser=between,privileged --before HomeDirMechanism
	add org.example.fault:after --after HomeDirMechanism
}

show_interrupt() {
	heading "A plug-in of one host interrupts one of the other"
	put_database
	calls >/dev/null
	add "s:gethint=card+need=card" --before HomeDirMechanism
	add "s:gethint=reason+allow+later+await=card+hint=card=in+interrupt,privileged" \
		--after builtin
	by_key alice &
	within 60 grep -qx "card -60008" /tmp/calls || say "  NO   they do not run"
	touch "$DIR/card"
	fact "alice is in once the card is there" wait $!
	calls | sed 's/^/    /' | tee "$DIR/calls"
	fact "the second was deactivated, and both were invoked again" \
		says "reason -60008,card -60008,reason 'worldChanged' 12 flags 0,card 'in' 2 flags 0" \
		paste -sd , <(sed -n 's/^ *\(\(card\|reason\) .*\)/\1/p' "$DIR/calls")
	fact "neither was made anew" says 2 grep -c "^ *create" "$DIR/calls"
	fact "nothing is left of them" within 60 clean
}

show_conversation() {
	heading "A mechanism that asks the user"
	put_database
	calls >/dev/null
	add s:badge=1234 --after builtin
	begin_line
	on_line alice alice
	fact "behind her password alice is asked for her badge" reads "Badge: "
	enter 4321
	fact "a wrong one is refused, and she may try again" reads "Not this badge."
	fact "without her password" reads "Badge: "
	enter 1234
	fact "with hers" reads "Your badge is good."
	fact "she is in" reads "$ "
	end_line
	fact "nothing is left of it" within 60 clean
}

show_outcome() {
	heading "What is the login's result"
	put_database
	add "s:set=realm=EXAMPLE=1+set=secret=42=0+allow,privileged" --after builtin
	fact "alice is in" by_key alice "env | grep BOOTSTRAP_LOGIN"
	fact "and has what was said to be extractable, and no more" \
		says BOOTSTRAP_LOGIN_REALM=EXAMPLE answer alice
}

show_names() {
	heading "Which names one that is not privileged finds"
	put_database
	echo home >"$DIR/home.file"
	log_in alice#1
	meet alice#1
	fact "root's daemon has a name" as root "hold daemon"
	fact "alice, who is logged in, has one in that session, and one in her user's namespace" \
		as alice#1 "hold agent && (ME=home; hold home --namespace user)"
	put org.example.third:look look.py
	put org.example.third:progress progress.sh
	put org.example.first:look look.py
	put org.example.first:progress progress.sh
	add org.example.third:look --after HomeDirMechanism
	add org.example.third:progress --after HomeDirMechanism
	add org.example.first:progress --before builtin
	add org.example.first:look --before builtin
	fact "alice is in" by_key alice
	fact "found are root's name and the login's; never the user's, since it cannot have her uid, nor that of a session" \
		saw "stretch as daemon progress home agent user:home" <<-END
			before-auth bootstrap-login root progress - - -
			after-home bootstrap-login root progress - - -
		END
	log_out alice#1
	# Root's name.
	# shellcheck disable=SC2046 # words are meant
	kill $(pgrep -x sleep)
	fact "nothing is left of the names" within 60 clean
}

begin
start
put_objects
for story in six results interrupt conversation outcome names end; do
	show_$story
	say "  $(cut -d ' ' -f 1 /proc/uptime) s"
done
verdict
