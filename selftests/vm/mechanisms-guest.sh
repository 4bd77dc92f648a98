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

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh
# shellcheck source=line.sh
. $PARTS/line.sh
# shellcheck source=mechanisms.sh
. $PARTS/mechanisms.sh
# shellcheck source=mechanisms-stories.sh
. $PARTS/mechanisms-stories.sh

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
