#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest in which pam_bootstrap is installed as Debian installs PAM modules,
# and people log in: by ssh, by login(1), and within a login by su.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/pam
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh

# What a login runs to say how it finds itself.
put_teller() {
	cat >"$DIR/tell" <<-'END'
		echo "bears $(cat /proc/self/sessionid)"
		echo "told ${BOOTSTRAP_SESSION_ID:-nothing} ${SECURITYSESSIONID:-nothing}"
		bootstrapctl session | tr -s ' '
		python3 /usr/lib/bootstrap/session_origin.py
	END
}

# tells WHO COMMAND...: runs it, and shows what it says, which is kept.
tells() {
	"${@:2}" >"$DIR/$1.answer" 2>"$DIR/$1.log" </dev/null
	sed 's/^/  /' "$DIR/$1.answer"
}

ssh_as() {
	timeout 60 ssh -o BatchMode=yes "$1@127.0.0.1" "${@:2}"
}

# has WHO LINE...: all these are among what it said.
has() {
	local line

	for line in "${@:2}"; do
		grep -qx -- "$line" "$DIR/$1.answer" || return
	done
}

id_of() {
	sed -n 's/^bears //p' "$DIR/$1.answer"
}

told_its_id() {
	has "$1" "$(printf 'told %u %x' "$(id_of "$1")" "$(id_of "$1")")"
}

soon() {
	for _ in {1..100}; do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

nobody_bears() {
	! grep -qsx "$1" /proc/[0-9]*/sessionid
}

# ends_with_module FILE...: it is the last of the session modules in each.
ends_with_module() {
	local file

	for file; do
		[ "$(grep '^session' "$file" | tail -n 1 | tr -s '[:space:]' ' ')" = \
			"session optional pam_bootstrap.so " ] || return
	done
}

install_profile() {
	heading "The profile"
	DEBIAN_FRONTEND=noninteractive pam-auth-update --enable bootstrap \
		>"$DIR/profile.log" 2>&1
	fact "pam-auth-update puts the module at the end of both common-session files" \
		ends_with_module /etc/pam.d/common-session{,-noninteractive}
	install -m 600 /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
	mkdir -p /run/sshd
	/usr/sbin/sshd || give_up "sshd does not start"
}

show_ssh() {
	heading "alice logs in by ssh"
	tells alice ssh_as alice ". $DIR/tell"
	fact "her session is announced as a remote one without a terminal" \
		has alice "session $(id_of alice)" "user alice" "type non-gui" \
		"attributes remote, authenticated"
	fact "it tells where she comes from" has alice "host 127.0.0.1" "tty -"
	fact "her programs are told its id" told_its_id alice
	fact "when she is gone so is it" soon nobody_bears "$(id_of alice)"
	say ""
	tells terminal ssh_as alice -tt ". $DIR/tell"
	sed -i 's/\r$//' "$DIR/terminal.answer"
	fact "with a terminal it is the same: sshd has none yet when it asks PAM" \
		has terminal "type non-gui" "attributes remote, authenticated" "tty -"
}

show_login() {
	heading "alice logs in on a terminal, by login(1)"
	printf '%s\n' ". $DIR/tell >$DIR/login.told 2>&1" exit |
		timeout 60 script -qc "login -f alice" /dev/null >"$DIR/login.log" 2>&1
	tells login cat "$DIR/login.told"
	fact "her session is announced as one on a terminal" \
		has login "user alice" "type non-gui" "attributes tty, authenticated"
	fact "it tells which" has login "tty pts/[0-9]*" "host -"
	fact "her programs are told its id" told_its_id login
}

show_su() {
	heading "root logs in by ssh, and becomes alice by su"
	tells root ssh_as root ". $DIR/tell; su - alice -c '. $DIR/tell'"
	fact "the session is announced as root's, once" \
		has root "user root" "attributes remote, authenticated"
	fact "what su starts bears the same id and is told it" \
		[ "$(grep -c "^told $(id_of root | head -n 1) " "$DIR/root.answer")" = 2 ]
	say ""
	tells outside su - alice -c ". $DIR/tell"
	fact "su outside of a login tells nothing, and announces nothing" \
		has outside "bears $UNSET" "told nothing nothing" "session root"
}

show_agents() {
	heading "There are agents"
	mkdir -p /etc/bootstrap/session.d /usr/local/lib/bootstrap
	touch /etc/bootstrap/session.d/org.example.plist
	cat >/usr/local/lib/bootstrap/bootstrap-agents <<-END
		#!/bin/sh
		{ echo "\$* \$(id -un) \$(id -gn) \$(pwd)"; . $DIR/tell; } >$DIR/agents.told 2>&1
	END
	chmod 755 /usr/local/lib/bootstrap/bootstrap-agents
	rm -f "$DIR/agents.told"
	tells alice ssh_as alice ". $DIR/tell; sleep 3"
	tells agents cat "$DIR/agents.told"
	fact "they are started as alice, in her home" \
		has agents "--login-fd=3 alice alice /home/alice"
	fact "they stand in her session" \
		has agents "session $(id_of alice)" "user alice"
	rm -rf /etc/bootstrap
}

show_terminate() {
	local id

	heading "With logout=terminate"
	sed -i 's/pam_bootstrap.so.*/pam_bootstrap.so logout=terminate/' \
		/etc/pam.d/common-session
	# What the module starts.
	cat >/usr/local/bin/bootstrapctl <<-END
		#!/bin/sh
		[ "\$1" != logout ] ||
			echo "\$*, by one of \$(cat /proc/self/sessionid)" >$DIR/logout.told
		exec /usr/bin/bootstrapctl "\$@"
	END
	chmod 755 /usr/local/bin/bootstrapctl
	tells alice ssh_as alice ". $DIR/tell; setsid sleep infinity </dev/null >/dev/null 2>&1 &"
	id=$(id_of alice)
	fact "alice leaves something behind, which is ended" soon nobody_bears "$id"
	tells logout cat "$DIR/logout.told"
	fact "from outside of the session" \
		has logout "logout $id, by one of $UNSET"
	rm /usr/local/bin/bootstrapctl
}

show_no_module() {
	heading "The kernel module is not there"
	fact "it can be unloaded" unload
	tells alice ssh_as alice "id -un; cat /proc/self/sessionid"
	fact "alice can log in as ever" has alice alice
}

begin
chmod 777 "$DIR"
put_teller
install_profile
show_ssh
show_login
show_su
show_agents
show_terminate
show_no_module
kill "$(cat /run/sshd.pid)"
fact "the kernel has nothing to complain about" taint_is_clean
verdict
