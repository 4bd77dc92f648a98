#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest with logins of all kinds, under systemd. Without arguments a unit of
# it, which is in the root session, asks and checks everything; as "serve WHO"
# what a login runs, see members.sh. WHO is called after his user, and how he came
# in. There is a story for each way; logins stay until the story of logouts, so
# that those in between can ask them all. What sshd, login, greetd and cron say is
# in the journal, which ends up on the console if a fact does not hold.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/logins
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh

logs() {
	cat "$DIR"/*.log
	journalctl --no-pager -b
}

show_boot() {
	heading "systemd is the init"
	echo root >"$DIR/root.file"
	fact "the first process is systemd" says systemd cat /proc/1/comm
	fact "the module is loaded" systemctl -q is-active bootstrap.service
	fact "no unit has failed" says "" systemctl --failed --plain --no-legend
	sees root "nobody is logged in: there is the root session alone" <<<"root - 0"
}

show_end() {
	heading "The module is unloaded"
	fact "no unit has failed" says "" systemctl --failed --plain --no-legend
	fact "the module can be unloaded" unload
	fact "the kernel has nothing to complain about" taint_is_clean
}

begin_shown
for story in boot end; do
	show_$story
	say "  $(cut -d ' ' -f 1 /proc/uptime) s"
done
verdict
