#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest in which our packages are installed: from a Debian that has nothing of
# ours to logins with names of their own, and an agent that is started when it is
# asked for; and what is there when they are gone. Without arguments a unit of
# systemd's, which is in the root session, asks and checks everything; as "serve WHO"
# what an ssh login runs, see members.sh.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/opt/guest
DIR=/run/packages
# shellcheck disable=SC2034 # for members.sh
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh

logs() {
	cat "$DIR"/*.log
	cat /var/lib/dkms/bootstrap/*/build/make.log
	journalctl --no-pager -b
}

# runs COMMAND...: with what it says, in columns of the results.
runs() {
	local status=0

	say "  # $*"
	"$@" >"$DIR/runs.log" 2>&1 </dev/null || status=$?
	grep -aE '^(Setting up|Removing|Building (for|initial)|Purging)|rror' "$DIR/runs.log" |
		sed 's/^/  /'
	return $status
}

no_module() {
	! grep -q '^bootstrap ' /proc/modules
}

put_agent() {
	cat >/etc/bootstrap/session.d/org.example.agent.plist <<-'END'
		<?xml version="1.0" encoding="UTF-8"?>
		<plist version="1.0"><dict>
		<key>Label</key><string>org.example.agent</string>
		<key>LimitLoadToSessionType</key><string>StandardIO</string>
		<key>ProgramArguments</key><array>
		<string>bootstrapctl</string><string>serve</string>
		<string>org.example.agent</string><string>--</string>
		<string>sh</string><string>-c</string>
		<string>echo $(id -un):$(cat /proc/self/sessionid)</string>
		</array>
		<key>MachServices</key><dict><key>org.example.agent</key>
		<dict><key>CheckInByName</key><true/></dict></dict>
		</dict></plist>
	END
}

show_before() {
	heading "A Debian machine that has nothing of this"
	fact "there is no device, no command, no user, and no package" before
}

before() {
	[ ! -e /dev/bootstrap ] && ! command -v bootstrapctl &&
		! getent passwd bootstrap-login &&
		! dpkg-query -W '*bootstrap*' 2>/dev/null | grep -v debootstrap
}

show_install() {
	heading "apt install ./*.deb"
	# To compile it for a kernel that does not run takes as long.
	find /lib/modules -mindepth 1 -maxdepth 1 ! -name "$(uname -r)" -exec rm -r {} +
	cd $PARTS/debs || give_up "there are no packages"
	fact "all are installed" runs apt-get install -y ./*.deb
	cd /
	[ "$bad" = 0 ] || give_up "they are not installed"
	fact "DKMS has built the module for this kernel" \
		says "updates/dkms/bootstrap.ko" \
		sh -c 'modinfo -n bootstrap | sed "s,.*/updates,updates,"'
	fact "it is loaded, and everybody may open its device" \
		says 666 stat -c %a /dev/bootstrap
	fact "systemd knows of the device" within 60 systemctl -q is-active dev-bootstrap.device
	fact "the console is followed" within 60 systemctl -q is-active bootstrap-console
	fact "there is a user for mechanisms that are not privileged" \
		says bootstrap-login sh -c "getent passwd bootstrap-login | cut -d : -f 1"
	fact "PAM announces logins" grep -q pam_bootstrap.so /etc/pam.d/common-session
}

show_boot() {
	heading "As at the next boot"
	systemctl stop bootstrap-console
	fact "without the module there is no device" away
	systemctl restart systemd-modules-load
	fact "systemd has it loaded" within 60 [ -e /dev/bootstrap ]
	fact "the console is followed again, for the device is there" \
		within 60 systemctl -q is-active bootstrap-console
}

away() {
	unload && within 10 [ ! -e /dev/bootstrap ]
}

show_logins() {
	local who

	heading "alice logs in twice, bob once: each is a session"
	put_agent
	echo root >"$DIR/root.file"
	table_of_logins
	for who in root alice#1 alice#2 bob#1; do
		[ $who = root ] || log_in $who
		meet $who
	done
	say ""
	fact "each is a session of its own" all_differ "${SESSION[@]}"
	for who in alice#1 alice#2 bob#1; do
		as $who "hold editor"
	done
	as root "hold daemon"
	say "  Each registers editor, and root's daemon daemon." ""
	who_finds "editor daemon" <<-END
		root     -        root
		alice#1  alice#1  root
		alice#2  alice#2  root
		bob#1    bob#1    root
	END
}

show_agents() {
	local who

	heading "A service that is started when somebody asks for it"
	fact "none runs" agents_are 0
	for who in alice#1 bob#1; do
		say "  $who \$ bootstrapctl connect org.example.agent"
		fact "$who's own has been started, and answers" answers $who \
			"bootstrapctl connect org.example.agent" \
			"${who%#*}:${SESSION[$who]}"
	done
	fact "nobody else's was started" agents_are 2
}

agents_are() {
	[ "$(pgrep -fc '^bootstrapctl serve org.example.agent ')" = "$1" ]
}

show_purge() {
	local who

	heading "apt purge"
	for who in alice#1 alice#2 bob#1; do
		log_out $who
	done
	# shellcheck disable=SC2046 # words are meant
	kill $(jobs -p) 2>/dev/null
	wait
	rm /etc/bootstrap/session.d/org.example.agent.plist
	fact "all are purged" runs apt-get purge -y '?source-package(^bootstrap-namespaces$)'
	fact "the module is not loaded any more" no_module
	fact "all is as before" before
	fact "who logs in now is not bothered" says alice \
		ssh -n -o BatchMode=yes alice@127.0.0.1 id -un
	fact "no unit has failed" says "" systemctl list-units --failed --no-legend -q --plain
	fact "the kernel has nothing to complain about" taint_is_clean
}

begin_shown
for story in before install boot logins agents purge; do
	show_$story
	say "  $(cut -d ' ' -f 1 /proc/uptime) s"
done
verdict
