#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl, as to namespaces: tree, exec, info, usage and --namespace.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT
mkdir -m 777 "$tmp/alice"
echo "hello from root" >"$tmp/hello"
echo "hello from below" >"$tmp/below"
server="$(dirname "$0")/listen_server"

# told FILE TEXT: is it there, however wide the columns are?
told() {
	tr -s ' ' <"$1" | grep -qF -e "$2" || {
		echo "no '$2' in:"
		cat "$1"
		return 1
	}
}

# untold FILE TEXT
untold() {
	! told "$@" >/dev/null || {
		echo "'$2' is in:"
		cat "$1"
		return 1
	}
}

# What alice has, and what she is told from within: in her session two names, in
# a subset of that two more, one of them the same. It is one process all the way,
# which goes on until the file is gone.
cat >"$tmp/inside" <<'END'
tell() {
	file=$1
	shift
	bootstrapctl "$@" >"$file" 2>&1
	echo "ended with $?" >>"$file"
}
cd "$1" || exit
tell usage usage
tell list list
tell own lookup org.example.both -- cat /proc/self/fd/0
tell up lookup org.example.own
tell wait wait org.example.root --timeout 0
tell info info org.example.both
tell tree tree --names
tell session list --namespace session
tell number list --namespace "${BOOTSTRAP_NAMESPACE#*:}"
tell nested exec --subset -- bootstrapctl register org.example.nested -- \
	bootstrapctl list
tell root exec --pid 1 -- bootstrapctl list
tell user exec --user 1000 -- bootstrapctl register org.example.user -- \
	bootstrapctl info org.example.user
tell root-write register --namespace root org.example.x -- true
tell other-user exec --user bob -- true
tell other-session exec --session "$2" -- true
tell other-list list --namespace user:bob
tell other-usage usage --uid bob
tell stats stats
bootstrapctl register org.example.su -- su bob -s /bin/sh -c \
	'bootstrapctl lookup org.example.su; echo "$BOOTSTRAP_NAMESPACE"' >su 2>&1
echo "$BOOTSTRAP_NAMESPACE" >namespace
cat /proc/self/sessionid >sessionid
touch "$3"
while [ -e "$3" ]; do usleep 50000; done
END

bootstrapctl register org.example.root --file "$tmp/hello" -- \
	sh -c "touch $tmp/held; while [ -e $tmp/held ]; do usleep 50000; done" &
holding=$!
bootstrapctl login bob -- sh -c "bootstrapctl session >/dev/null; \
	cat /proc/self/sessionid >$tmp/alice/bob; \
	while [ -e $tmp/hello ]; do usleep 50000; done" &
bob=$!
until_so test -s "$tmp/alice/bob" -a -e "$tmp/held"
bob_session=$(cat "$tmp/alice/bob")
bootstrapctl login alice -- \
	bootstrapctl register org.example.own --file "$tmp/hello" -- \
	bootstrapctl register org.example.both --file "$tmp/hello" -- \
	bootstrapctl exec --subset -- \
	bootstrapctl register org.example.sub --file "$tmp/below" -- \
	bootstrapctl register org.example.both --file "$tmp/below" -- \
	sh "$tmp/inside" "$tmp/alice" "$bob_session" "$tmp/alice/go" &
alice=$!
until_so test -e "$tmp/alice/go"
cd "$tmp/alice" || exit
id=$(sed 's/.*://' namespace)
session=$(cat sessionid)

ok "exec makes a subset, where a child finds its names" \
	told list "org.example.sub $id file $alice 1000"
ok "list goes up from there to the session" \
	told list "org.example.own session:$session file $alice 1000"
ok "and to the root" told list "org.example.root root file $holding 0"
ok "the nearest name wins" told own "hello from below"
ok "a look-up goes on above" told up "$tmp/hello"
ok "so does wait" told wait "ended with 0"
ok "info tells of the nearest" told info "namespace $id (subset)"
ok "and of the command" told info "process $alice (sh)"
ok "and of the user" told info "user 1000 (alice), group 1000"
ok "and since when" told info "since $(date +%Y-)"
ok "tree has the session" told tree " session:$session "
ok "and the subset, and says which is one's own" \
	told tree " subset $id alice 2 own"
ok "and tells its names" told tree " org.example.sub file"
ok "tree shows nothing of others" untold tree bob
ok "--namespace session is the session itself" \
	told session "org.example.own session:$session"
ok "and it alone" untold session org.example.sub
ok "one's own namespace has a number" told number org.example.sub
ok "by which it is itself alone" untold number org.example.own
ok "a subset in a subset has names of its own" told nested org.example.nested
ok "and those above" told nested org.example.sub
ok "exec --pid enters the root session's" told root "org.example.root root"
ok "and leaves the subset" untold root org.example.sub
ok "exec --user enters the user's" told user "(user:1000)"
ok "what is root's is not written to" told root-write "ended with 1"
ok "another user's namespace is not entered" told other-user "not permitted"
ok "nor another's session" told other-session "not permitted"
ok "nor is it listed" told other-list "ended with 1"
ok "nor what another has used" told other-usage "ended with 1"
ok "nor what there is of all" told stats "ended with 1"
ok "usage counts the subset" told usage "alice subsets 1 1024"
ok "and the names" told usage "alice names 4 4096"
ok "su to another user has the variable" told su "$id"
ok "and ignores it" told su "org.example.su: no such name"
cd / || exit

bootstrapctl tree --names >"$tmp/tree"
ok "root sees all" told "$tmp/tree" "user:1000 "
ok "sessions of all" told "$tmp/tree" "session:$bob_session "
ok "subsets, too" told "$tmp/tree" " subset $id alice 2"
ok "and their names" told "$tmp/tree" "org.example.sub"
bootstrapctl tree --json --names >"$tmp/tree"
ok "tree prints JSON" told "$tmp/tree" '"type": "subset"'
ok "an object" test "$(head -n 1 "$tmp/tree")" = "{"
ok "with the names" told "$tmp/tree" '"name": "org.example.sub"'
bootstrapctl tree -n --namespace "session:$session" >"$tmp/tree"
ok "tree may begin elsewhere" told "$tmp/tree" " subset $id"
ok "and then goes down from there" untold "$tmp/tree" root
ok "root lists a subset by its number" \
	says org.example.sub bootstrapctl list --namespace "$id"
ok "root looks into it" says "hello from below" \
	bootstrapctl lookup org.example.sub --namespace "$id" -- cat /proc/self/fd/0
ok "and there alone" \
	status 1 bootstrapctl lookup org.example.own --namespace "$id"
ok "root lists a session by its id" \
	says "org.example.own" bootstrapctl list --namespace "session:$session"
ok "root waits in a session" \
	bootstrapctl wait org.example.own --namespace "session:$session" --timeout 0
ok "exec --session enters it" says "hello from root" \
	bootstrapctl exec --session "$session" -- \
	bootstrapctl lookup org.example.own -- cat /proc/self/fd/0
ok "exec --pid enters the session of a process" says "org.example.own" \
	bootstrapctl exec --pid $alice -- bootstrapctl list
ok "exec changes neither user nor session" says "session    root" \
	bootstrapctl exec --session "$session" -- bootstrapctl session
ok "exec --namespace enters a subset" says "namespace   $id (subset)" \
	bootstrapctl exec --namespace "$id" -- bootstrapctl info org.example.sub
ok "register --namespace user is for all of that user's sessions" \
	says "hello from root" \
	bootstrapctl register org.example.users --namespace user:alice \
	--file "$tmp/hello" -- bootstrapctl login alice -- \
	bootstrapctl lookup org.example.users -- cat /proc/self/fd/0
ok "login leaves what exec entered" says "no such name" \
	bootstrapctl exec --session "$session" -- bootstrapctl login bob -- \
	bootstrapctl lookup org.example.own
ok "exec in exec passes on the last only" says "1 handles" \
	bootstrapctl exec --subset -- bootstrapctl exec --subset -- \
	sh -c 'ls -l /proc/$$/fd | grep -c bootstrap-namespace | sed "s/$/ handles/"'
ok "usage tells of another user" says '"uid": 1000' \
	bootstrapctl usage --uid alice --json
bootstrapctl usage >"$tmp/usage"
ok "usage tells of all limits" told "$tmp/usage" "root handles 0 1024"
ok "of deferrals, too" told "$tmp/usage" "root deferrals 0 "

ok "info prints JSON" says '"status": "active"' \
	bootstrapctl info org.example.root --json
bootstrapctl activate org.example.declared -- "$server" 2>/dev/null &
launching=$!
until_so bootstrapctl wait org.example.declared --timeout 0
bootstrapctl info org.example.declared >"$tmp/info"
ok "info tells of a service" \
	told "$tmp/info" "type stream service, declared"
ok "and that it is on demand" told "$tmp/info" "status on demand"
ok "which it still is" says "no server yet" bootstrapctl lookup org.example.declared
kill $launching
ended $launching

# What it inherits is not in the way of the rights that it gets.
bootstrapctl exec --subset -- sh -c "echo \$BOOTSTRAP_NAMESPACE >$tmp/namespace
	exec bootstrapctl activate org.example.in -- \
		sh -c 'bootstrapctl list >$tmp/in; exec $server'" 2>/dev/null &
launching=$!
until_so test -s "$tmp/namespace"
id_in=$(sed 's/.*://' "$tmp/namespace")
until_so bootstrapctl wait org.example.in --namespace "$id_in" --timeout 0
ok "activate starts its server in the namespace that it is in itself" \
	says "right 3 of org.example.in" \
	bootstrapctl connect org.example.in --namespace "$id_in" </dev/null
ok "which that sees" told "$tmp/in" "org.example.in $id_in"
kill $launching
ended $launching

# Those who come last find no room.
depth=/sys/module/bootstrap/parameters/subset_depth
was=$(cat $depth)
echo 3 >$depth
ok "subsets in subsets, as deep as may be" says "three" \
	bootstrapctl exec --subset -- bootstrapctl exec --subset -- \
	bootstrapctl exec --subset -- sh -c \
	"bootstrapctl tree >$tmp/tree; ! bootstrapctl exec --subset -- true && echo three"
echo "$was" >$depth
ok "tree goes down as deep" told "$tmp/tree" "own"

# A child that outlives the command has what was above.
bootstrapctl exec --subset -- bootstrapctl register org.example.gone -- sh -c \
	"(while [ ! -e $tmp/over ]; do usleep 50000; done; usleep 200000
	bootstrapctl list; bootstrapctl exec --subset -- true
	echo ended with \$?
	bootstrapctl wait org.example.root --timeout 0; echo waited \$?) \
	>$tmp/dead 2>&1 &"
touch "$tmp/over"
ok "in a dead namespace there is what is above" \
	until_so told "$tmp/dead" "org.example.root root"
ok "and nothing else" untold "$tmp/dead" org.example.gone
ok "no subset is made of it" until_so told "$tmp/dead" "ended with 1"
ok "to wait goes on above, too" until_so told "$tmp/dead" "waited 0"

touch "$tmp/storm"
while [ -e "$tmp/storm" ]; do
	bootstrapctl exec --subset -- true
done &
storming=$!
trees_stand() {
	for _ in 1 2 3 4 5 6 7 8; do
		bootstrapctl tree --names || return
	done
}
ok "tree does not mind what dies meanwhile" trees_stand
rm "$tmp/storm"
ended $storming

rm "$tmp/alice/go" "$tmp/held" "$tmp/hello"
ended $alice
ended $holding
ended $bob
ok "the subset ends with the command" \
	until_so status 1 bootstrapctl list --namespace "$id"
ok "exec passes the command's status on" \
	status 7 bootstrapctl exec --subset -- sh -c 'exit 7'
ok "a command that is not there" \
	status 127 bootstrapctl exec --subset -- /absent/command
ok "a command that is none" \
	status 126 bootstrapctl exec --subset -- /etc/passwd
ok "no such namespace" says "bootstrapctl tree shows" \
	bootstrapctl list --namespace 1
ok "no such session" status 1 bootstrapctl exec --session 4000000000 -- true
ok "no such process" status 1 bootstrapctl exec --pid 2000000000 -- true
ok "no such name" status 1 bootstrapctl info org.example.absent
ok "exec needs a namespace" status 2 bootstrapctl exec -- true
ok "exec takes one" \
	status 2 bootstrapctl exec --session 1 --user 1000 -- true
ok "exec needs a command" status 2 bootstrapctl exec --subset
ok "--pid takes a number" status 2 bootstrapctl exec --pid self -- true
ok "--session takes an id" status 2 bootstrapctl exec --session alice -- true
ok "--namespace takes what it may be" \
	status 2 bootstrapctl list --namespace nowhere
ok "and no user that is not there" \
	status 2 bootstrapctl list --namespace user:nobody-of-that-name
bootstrapctl stats >"$tmp/stats"
ok "stats tells root what there is" told "$tmp/stats" "sessions "
ok "and what was denied" told "$tmp/stats" "denied: privilege "
ok "which is more than nothing" untold "$tmp/stats" "denied: privilege 0"
bootstrapctl stats --json >"$tmp/stats"
ok "stats prints JSON" told "$tmp/stats" '"sessions-begun": '
ok "with an object of what was denied" told "$tmp/stats" '"denied": {'
ok "stats takes no user" status 2 bootstrapctl stats --uid alice
ok "usage takes a user" status 2 bootstrapctl usage --uid nobody-of-that-name
ok "info needs a name" status 2 bootstrapctl info
ok "tree takes no name" status 2 bootstrapctl tree x
tap_end
