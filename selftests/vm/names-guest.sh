#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest with names in three ssh logins, and services. Without arguments the
# first process of it, which is in the root session, asks and checks everything;
# as "serve WHO" what an ssh login runs, see members.sh.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/names
UNSET=4294967295

# shellcheck source=facts.sh
. $PARTS/facts.sh
# shellcheck source=members.sh
. $PARTS/members.sh

start() {
	mkdir -p /run/sshd
	echo root >"$DIR/root.file"
	/usr/sbin/sshd || give_up "sshd does not start"
}

show_logins() {
	local who

	heading "Three ssh logins of two users, through sshd and PAM"
	table_of_logins
	for who in root alice#1 alice#2 bob#1; do
		[ $who = root ] || log_in $who
		meet $who
	done
	say ""
	fact "what runs outside of logins is in the root session" \
		[ "${SESSION[root]}" = root ]
	fact "each login is in a session of its own, also two of one user" \
		all_differ "${SESSION[@]}"
}

show_names() {
	local who

	heading "A root daemon and each login register names"
	say "  bootstrapctl register org.example.NAME -- COMMAND, run inside each login" ""
	fact "root's daemon registers rootd" as root "hold rootd"
	for who in alice#1 alice#2 bob#1; do
		fact "$who registers ${who/\#/}, and agent as the others do" \
			as $who "hold ${who/\#/} && hold agent"
	done
	heading "Who finds what"
	say "  bootstrapctl lookup org.example.NAME -- cat /dev/stdin, in each; - is: no such name" ""
	who_finds "agent alice1 alice2 bob1 rootd" <<-END || return
		root     -        -        -        -      root
		alice#1  alice#1  alice#1  -        -      root
		alice#2  alice#2  -        alice#2  -      root
		bob#1    bob#1    -        -        bob#1  root
	END
	say "" "  Under one name each login finds its own; nobody finds another login's," \
		"  not even one of the same user; all find root's, and root finds no login's."
}

show_attack() {
	local loginuid=/proc/self/loginuid

	heading "bob turns malicious"
	fact "bob registers bank, a name that a program of alice's looks up" \
		as bob#1 "hold bank"
	fact "bob registers rootd, the name of root's daemon, in his session" \
		as bob#1 "hold rootd"
	# What is more than its user stands in the root session.
	as bob#1 "cp /usr/bin/bootstrapctl ~/sgid && chgrp staff ~/sgid && chmod 2755 ~/sgid"
	fact "bob registers rootd in the root session, by a set-group-id program: refused" \
		refused bob#1 "\$HOME/sgid register org.example.rootd -- true" "not permitted"
	fact "such a program that bob starts finds root's rootd, not his" \
		answers bob#1 "\$HOME/sgid lookup org.example.rootd -- cat /dev/stdin" root
	fact "bob tries to leave his session: refused" \
		refused bob#1 "(echo $UNSET >$loginuid)" "not permitted"
	fact "bob tries to be a login of alice's: refused" \
		refused bob#1 "(echo $(id -u alice) >$loginuid)" "not permitted"
	fact "bob asks about the session of alice#1: there is none, for him" \
		refused bob#1 "bootstrapctl session ${SESSION[alice#1]}" "no such session"
	say ""
	who_finds "bank rootd agent" <<-END || return
		root     -      root   -
		alice#1  -      root   alice#1
		alice#2  -      root   alice#2
		bob#1    bob#1  bob#1  bob#1
	END
	say "" "  What bob planted fools bob alone."
}

# A client passes on a descriptor; by that alone is it reached.
show_figure_2() {
	local found

	heading "A client in a login, a daemon in the root session"
	bootstrapctl serve org.example.post -- \
		python3 $PARTS/post_server.py org.example.alice1 \
		>"$DIR/post.log" 2>&1 </dev/null &
	fact "root's daemon serves post" bootstrapctl wait org.example.post
	as alice#1 "bootstrapctl connect org.example.post -- python3 $PARTS/post_client.py"
	say "  $(cat "$DIR/alice#1.answer")"
	found="I am 0, of session $UNSET; org.example.alice1 is not there"
	fact "it answers by the descriptor that alice#1 sent with her request, and finds nothing of hers" \
		[ "$(cat "$DIR/alice#1.answer")" = "$found" ]
}

# waiting NAME: how many connections there are. Each bears the address of the
# right that it waits in; the rights themselves have a flag of listeners.
waiting() {
	awk -v name="/bootstrap/$1" '$8 == name && $4 != "00010000"' \
		/proc/net/unix | wc -l
}

# The clients' answers, which begin with the number of the server's process.
show_on_demand() {
	local first server

	heading "A service that is started on demand"
	bootstrapctl activate org.example.lines -- \
		python3 $PARTS/asyncio_server.py >"$DIR/lines.log" 2>&1 </dev/null &
	fact "root declares lines" bootstrapctl wait org.example.lines
	fact "no server runs" [ "$(pgrep -x python3)" = "" ]
	as alice#1 "echo hello | bootstrapctl connect org.example.lines"
	read -r first _ <"$DIR/alice#1.answer"
	fact "the look-up of alice#1 starts one, which answers her" \
		[ "$(cat "$DIR/alice#1.answer")" = "$first hello" ]
	kill -STOP "$first"
	as alice#1 "for i in 1 2 3 4 5; do echo hello | bootstrapctl connect org.example.lines >~/answer.\$i & done"
	for _ in {1..100}; do
		[ "$(waiting org.example.lines)" = 5 ] && break
		sleep 0.1
	done
	fact "while it stands still, five more connect" \
		[ "$(waiting org.example.lines)" = 5 ]
	kill -KILL "$first"
	# shellcheck disable=SC2016 # her shell expands it
	as alice#1 'for i in 1 2 3 4 5; do until [ -s ~/answer.$i ]; do sleep 0.1; done; done; cat ~/answer.*'
	say "  it is killed (kill -9); the five get:" \
		"$(sed 's/^/  /' "$DIR/alice#1.answer")"
	read -r server _ <"$DIR/alice#1.answer"
	fact "another was started, and has answered all five" \
		[ "$(uniq -c <"$DIR/alice#1.answer" | tr -s ' ')" = " 5 $server hello" ]
	fact "it is not the same process" [ "$server" != "$first" ]
}

# What two logins of a user have in common, and what a test has for itself.
show_tree() {
	heading "A namespace for each user, and subsets"
	fact "alice#2 registers home in her user's namespace" \
		as alice#2 "hold home --namespace user"
	who_finds "home" <<-END || return
		root     -
		alice#1  alice#2
		alice#2  alice#2
		bob#1    -
	END
	as bob#1 "bootstrapctl exec --subset -- sh $PARTS/subset.sh $DIR/bob#1.file \$HOME/sgid"
	say "" "$(sed 's/^/  /' "$DIR/bob#1.answer")"
	fact "bob plants rootd in a subset: his programs find it there, those that are more do not" \
		[ "$(cat "$DIR/bob#1.answer")" = $'bob#1\nroot' ]
	say ""
	as root "bootstrapctl tree"
	say "$(sed 's/^/  /' "$DIR/root.answer")"
	fact "root sees the tree: two users, and below them three sessions" \
		[ "$(namespaces <"$DIR/root.answer")" = "1 2 3" ]
}

# How many of the root's, users and sessions a tree has.
namespaces() {
	awk '{ sub(/:.*/, "", $1); n[$1]++ }
		END { print n["root"], n["user"], n["session"] }'
}

show_sessions() {
	heading "Who sees which sessions"
	sees root "root sees all" <<-END
		${SESSION[alice#1]} alice 2
		${SESSION[alice#2]} alice 2
		${SESSION[bob#1]} bob 4
		root - 3
	END
	say ""
	sees alice#2 "alice sees her own and the root session" <<-END
		${SESSION[alice#1]} alice 2
		${SESSION[alice#2]} alice 2
		root - 3
	END
	say ""
	sees bob#1 "bob sees his own and the root session" <<-END
		${SESSION[bob#1]} bob 4
		root - 3
	END
}

show_logout() {
	local ended=${SESSION[alice#1]}

	heading "alice#1 logs out"
	log_out alice#1
	fact "no process of that login is left" nobody_bears "$ended"
	fact "its session has ended" \
		refused root "bootstrapctl session $ended" "no such session"
	say ""
	sees root "the names of alice#1 are gone with it, all others remain" <<-END
		${SESSION[alice#2]} alice 2
		${SESSION[bob#1]} bob 4
		root - 3
	END
	say ""
	who_finds "agent alice1 alice2 rootd" <<-END
		root     -        -  -        root
		alice#2  alice#2  -  alice#2  root
		bob#1    bob#1    -  -        bob#1
	END
}

show_end() {
	heading "All log out, the daemon ends, the module is unloaded"
	log_out alice#2
	log_out bob#1
	# What is left of the jobs are the daemons.
	# shellcheck disable=SC2046 # words are meant
	kill "$(cat /run/sshd.pid)" $(jobs -p)
	wait
	sees root "the root session alone is left, without a name" <<<"root - 0"
	fact "the module can be unloaded" unload
	fact "the kernel has nothing to complain about" taint_is_clean
}

begin
start
show_logins
show_names
show_attack
show_figure_2
show_on_demand
show_tree
show_sessions
show_logout
show_end
verdict
