#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl, as to what it prints as launchctl did: bslist, bstree and
# managername.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT
mkdir -m 777 "$tmp/alice"
touch "$tmp/file" "$tmp/go"
server="$(dirname "$0")/listen_server"
announced="$(dirname "$0")/announced"

as_alice() {
	su alice -s /bin/sh -c "$*"
}

ok "with no names there is nothing to print" until_so prints "" bootstrapctl bslist
ok "and of namespaces the root's" until_so prints "System/" bootstrapctl bstree

# A file, a service, and two that are declared, one of them with a server. Those
# are tied to who declared them.
bootstrapctl register org.example.file --file "$tmp/file" -- \
	sh -c "printf 'a\\033b' >/proc/self/comm; touch $tmp/held
	while [ -e $tmp/go ]; do usleep 50000; done" &
holding=$!
until_so test -e "$tmp/held"
bootstrapctl serve org.example.service -- cat &
serving=$!
until_so bootstrapctl wait org.example.service --timeout 0
bootstrapctl activate org.example.demand -- "$server" 2>/dev/null &
launching=$!
until_so bootstrapctl wait org.example.demand --timeout 0
bootstrapctl activate org.example.server -- "$server" 2>/dev/null &
launching_too=$!
until_so bootstrapctl wait org.example.server --timeout 0
bootstrapctl connect org.example.server </dev/null >/dev/null

root="A  org.example.file
A  org.example.service
D  org.example.demand
A  org.example.server"
labels="A  org.example.file (a?b[$holding])
A  org.example.service (bootstrapctl[$serving])
D  org.example.demand (bootstrapctl[$launching])
A  org.example.server (bootstrapctl[$launching_too])"
ok "bslist tells who has a server" prints "$root" bootstrapctl bslist
ok "bslist -j tells of what process they are" \
	prints "$labels" bootstrapctl bslist -j
ok "bslist starts no server" says "no server yet" bootstrapctl lookup org.example.demand
ok "bslist /" prints "$root" bootstrapctl bslist /
ok "bslist .. of the root is the root" prints "$root" bootstrapctl bslist ..
ok "bslist PID, without -j, too" prints "$root" bootstrapctl bslist 1
ok "bslist PID -j" prints "$labels" bootstrapctl bslist 1 -j
ok "bslist -j PID" prints "$labels" bootstrapctl bslist -j 1
ok "a process that cannot be seen is as one that is gone" \
	prints "$root" unshare -p -f bootstrapctl bslist -j

# What alice has, and what she is told from within: in her session a name, in
# her own namespace another, and one in a subset.
cat >"$tmp/inside" <<'END'
cd "$1" || exit
bootstrapctl bslist >own
bootstrapctl bslist -j >labels
bootstrapctl bslist .. >up
bootstrapctl bslist / >root
bootstrapctl bslist $$ >session
bootstrapctl bslist 1 >process
bootstrapctl managername >manager
bootstrapctl bslist "$2" >other 2>&1
echo "ended with $?" >>other
echo "${BOOTSTRAP_NAMESPACE#*:}" >id
cat /proc/self/sessionid >sessionid
touch "$3"
while [ -e "$3" ]; do usleep 50000; done
END
bootstrapctl login bob -- sh -c "bootstrapctl session >/dev/null
	touch $tmp/alice/bob; while [ -e $tmp/alice/bob ]; do usleep 50000; done" &
bob=$!
until_so test -e "$tmp/alice/bob"
ok "bslist of a session without names" prints "" bootstrapctl bslist $bob
bootstrapctl login alice -- \
	bootstrapctl register org.example.own --file "$tmp/file" -- \
	bootstrapctl register org.example.user --namespace user --file "$tmp/file" -- \
	bootstrapctl exec --subset -- \
	bootstrapctl register org.example.sub --file "$tmp/file" -- \
	sh "$tmp/inside" "$tmp/alice" "$bob" "$tmp/alice/go" &
alice=$!
until_so test -e "$tmp/alice/go"
id=$(cat "$tmp/alice/id")
session=$(cat "$tmp/alice/sessionid")

ok "bslist is of one's own namespace, and it alone" \
	prints "A  org.example.sub" cat "$tmp/alice/own"
ok "-j for others than root" \
	prints "A  org.example.sub (sh[$alice])" cat "$tmp/alice/labels"
ok "bslist .. is of the one above" \
	prints "A  org.example.own" cat "$tmp/alice/up"
ok "bslist / is of the root's" prints "$root" cat "$tmp/alice/root"
ok "bslist PID is of the process's session" \
	prints "A  org.example.own" cat "$tmp/alice/session"
ok "which may be the root session" prints "$root" cat "$tmp/alice/process"
ok "but not another user's" says "not permitted" cat "$tmp/alice/other"
ok "that is refused" says "ended with 1" cat "$tmp/alice/other"
ok "root may list it" prints "A  org.example.own" bootstrapctl bslist $alice
rm "$tmp/alice/bob"
ended $bob

"$announced" login-window bootstrapctl register org.example.window \
	--file "$tmp/file" -- sh -c "echo \${BOOTSTRAP_NAMESPACE#*:} >$tmp/window
	while [ -e $tmp/go ]; do usleep 50000; done" &
window=$!
until_so test -s "$tmp/window"
# What there is now.
tree_with_labels() {
	cat <<-END
	System/
	    A  org.example.file (a?b[$holding])
	    A  org.example.service (bootstrapctl[$serving])
	    D  org.example.demand (bootstrapctl[$launching])
	    A  org.example.server (bootstrapctl[$launching_too])
	    user:1000 (Per-user)/
	        A  org.example.user (sh[$alice])
	        session:$session (Implicit Subset)/
	            A  org.example.own (sh[$alice])
	            $id (Explicit Subset)/
	                A  org.example.sub (sh[$alice])
	    $(cat "$tmp/window") (Implicit Subset)/
	        A  org.example.window (sh[$window])
	END
}
tree_without() {
	tree_with_labels | sed 's/\(  org[^ ]*\) .*/\1/'
}
ok "bstree tells of all namespaces and names" \
	until_so prints "$(tree_without)" bootstrapctl bstree
ok "bstree -j tells of the processes, too" \
	prints "$(tree_with_labels)" bootstrapctl bstree -j
ok "bstree does not mind where it is run" prints "$(tree_with_labels)" \
	bootstrapctl exec --namespace "$id" -- bootstrapctl bstree -j
ok "bstree is for root" \
	prints "You must be root to perform this operation." \
	as_alice bootstrapctl bstree
ok "others are refused" status 1 as_alice bootstrapctl bstree -j

ok "managername of the root" prints System bootstrapctl managername
ok "and of who stands there" prints System as_alice bootstrapctl managername
ok "of a login that nobody announced" prints StandardIO \
	bootstrapctl login alice -- bootstrapctl managername
ok "of one of a terminal" prints StandardIO \
	"$announced" non-gui bootstrapctl managername
ok "of a graphic one" prints Aqua "$announced" gui bootstrapctl managername
ok "of a user's services" prints Background \
	"$announced" background bootstrapctl managername
ok "of a login in progress" prints LoginWindow \
	"$announced" login-window bootstrapctl managername
ok "of a user" prints Background \
	bootstrapctl exec --user alice -- bootstrapctl managername
ok "of a session that was entered" prints StandardIO \
	bootstrapctl exec --session "$session" -- bootstrapctl managername
ok "of a subset, its id" prints "$id" cat "$tmp/alice/manager"

# Somebody in a session that ends.
bootstrapctl exec --session "$session" -- sh -c "touch $tmp/entered
	while [ -e $tmp/entered ]; do usleep 50000; done
	bootstrapctl bslist; echo ended with \$?
	bootstrapctl managername; echo ended with \$?" >"$tmp/dead" 2>&1 &
entered=$!
until_so test -e "$tmp/entered"
rm "$tmp/alice/go"
ended $alice
until_so status 1 bootstrapctl session "$session"
rm "$tmp/entered"
ended $entered
ok "a session that is over has no names" \
	prints "ended with 0" head -n 1 "$tmp/dead"
ok "and no manager" says "managername: no such session" cat "$tmp/dead"
ok "which is refused" says "ended with 1" cat "$tmp/dead"

kill $launching $launching_too $serving
ended $launching
ended $launching_too
ended $serving
rm "$tmp/go"
ended $holding
ended $window
ok "and then it is all gone" until_so prints "System/" bootstrapctl bstree

touch "$tmp/storm"
while [ -e "$tmp/storm" ]; do
	bootstrapctl exec --subset -- true
done &
storming=$!
trees_stand() {
	for _ in 1 2 3 4 5 6 7 8; do
		bootstrapctl bstree -j || return
	done
}
ok "bstree does not mind what dies meanwhile" trees_stand
rm "$tmp/storm"
ended $storming

ok "bslist of no process" says "no such process" bootstrapctl bslist 2000000000
ok "is refused" status 1 bootstrapctl bslist 2000000000
ok "bslist of what is no process" \
	says "not a process id" bootstrapctl bslist ../..
ok "is a usage error" status 2 bootstrapctl bslist launchd
ok "so is a process 0" status 2 bootstrapctl bslist 0
ok "and a name of a namespace" status 2 bootstrapctl bslist session:1
ok "bslist takes one" status 2 bootstrapctl bslist / ..
ok "bslist prints no JSON" status 2 bootstrapctl bslist --json
ok "bstree takes no operand" status 2 bootstrapctl bstree /
ok "managername takes no operand" status 2 bootstrapctl managername 1
ok "managername takes no -j" status 2 bootstrapctl managername -j

mv /dev/bootstrap "$tmp/device"
ok "bslist without the device" status 3 bootstrapctl bslist
ok "bslist / without it" status 3 bootstrapctl bslist /
ok "bstree without it" status 3 bootstrapctl bstree
ok "managername without it" status 3 bootstrapctl managername
mv "$tmp/device" /dev/bootstrap
tap_end
