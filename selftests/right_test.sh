#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrapctl right: what is told and changed of what runs at login, and that the
# database is whole whenever the tool is killed.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317

# All files are its own: elsewhere it is a machine that somebody logs in to.
if [ "${OWN_FILES:-}" != y ]; then
	export OWN_FILES=y
	exec unshare -m sh "$0"
fi
. "$(dirname "$0")/tap.sh"

LOGIN=system.login.console
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir "$tmp/etc" "$tmp/db"
cp -a /etc/. "$tmp/etc/"
sed -i '/^bootstrap-login:/d' "$tmp/etc/passwd"
echo 'carol:x:1234:1234::/:/bin/sh' >>"$tmp/etc/passwd"
rm -f "$tmp"/etc/authorization*
mount -o bind "$tmp/etc" /etc
[ -d /usr/local/lib/bootstrap ] ||
	mount -t tmpfs -o mode=755 tmpfs /usr/local/lib
mkdir -p /usr/local/lib/bootstrap
mount -t tmpfs -o mode=755 tmpfs /usr/local/lib/bootstrap
plugins=/usr/local/lib/bootstrap/plugins
umask 022

# install_mechanism PLUGIN NAME
install_mechanism() {
	mkdir -p "$plugins/$1"
	printf '#!/bin/sh\n' >"$plugins/$1/$2"
	chmod 755 "$plugins/$1/$2"
}
for name in one two three four; do
	install_mechanism org.example "$name"
done
install_mechanism com.example other

right() {
	bootstrapctl right "$@"
}

insert() {
	right insert "$@"
}

# chain [RIGHT]: its mechanisms in a line, the plug-ins that all know in a letter.
chain() {
	right list | awk -v right="${1:-$LOGIN}" '
		/^[^ ]/ { within = $1 == right; $1 = $2 = $3 = "" }
		within { print $1 $2 $3 $4 }' |
		sed 's/,privileged//; s/builtin:authenticate/A/; s/HomeDirMechanism:/H:/
			s/org.example://' | tr '\n' ' ' | sed 's/ $//'
}

# has_chain MECHANISMS [RIGHT]
has_chain() {
	prints "$1" chain "$2"
}

# unchanged COMMAND...: it may do what it likes, but not with the database.
unchanged() {
	sum=$(ls -l --full-time /etc/authorization; cat /etc/authorization)
	"$@" || return
	[ "$sum" = "$(ls -l --full-time /etc/authorization; cat /etc/authorization)" ] ||
		{ echo "the database has changed"; return 1; }
}

# refuses TEXT COMMAND...: says so, with the status for it, and changes nothing.
refuses() {
	text=$1
	shift
	unchanged status 1 says_and_status "$text" "$@"
}

says_and_status() {
	wanted=$1
	shift
	"$@" >"$tmp/said" 2>&1
	set -- $?
	case $(cat "$tmp/said") in
	*"$wanted"*) return "$1" ;;
	esac
	echo "no '$wanted' in: $(cat "$tmp/said")"
	return 99
}

# definition CLASS MECHANISM...: as XML.
definition() {
	printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>'
	printf '<key>class</key><string>%s</string>' "$1"
	printf '<key>tries</key><integer>%s</integer>' "${TRIES:-3}"
	shift
	printf '<key>mechanisms</key><array>'
	[ $# = 0 ] || printf '<string>%s</string>' "$@"
	printf '</array></dict></plist>\n'
}

# database FILE [NAME DEFINITION]...: one that the tool had no part in.
database() {
	database_file=$1
	shift
	{
		printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>'
		printf '<key>rights</key><dict>'
		while [ $# -gt 0 ]; do
			printf '<key>%s</key>' "$1"
			printf '%s\n' "$2" | sed 's/<?xml.*?>//; s/<\/*plist[^>]*>//g'
			shift 2
		done
		printf '</dict></dict></plist>\n'
	} >"$database_file"
	chmod 644 "$database_file"
}

chain_of() {
	definition evaluate-mechanisms "$@"
}

A=builtin:authenticate,privileged
H=HomeDirMechanism:login,privileged

# --- without a database

for command in list get check backup "remove $LOGIN"; do
	# shellcheck disable=SC2086 # words
	ok "$command says that there is none" \
		status 1 says_and_status "/etc/authorization: " right $command
done
ok "nothing made one" test ! -e /etc/authorization

# --- insert

ok "insert makes database and right" says "$LOGIN: made" \
	insert org.example:one,privileged --after HomeDirMechanism
ok "with what a login does anyway" has_chain "A H:login one"
ok "it is tried once" says " 1 " right list
ok "the database is root's, and all may read it" \
	prints "644 0 0" stat -c "%a %u %g" /etc/authorization
ok "insert says that it is there already" says "already there" \
	insert org.example:one,privileged --after HomeDirMechanism
ok "which is no failure, and changes nothing" \
	unchanged status 0 insert org.example:one,privileged --before builtin
ok "wherever it is" has_chain "A H:login one"
ok "insert tells where it put it" says "inserted, 2 of 4 in $LOGIN" \
	insert --before HomeDirMechanism org.example:two,privileged
ok "which is before the first of the anchor" has_chain "A two H:login one"
ok "before the authentication" insert org.example:three,privileged --before builtin
ok "is the first" has_chain "three A two H:login one"
chain_of "$A" "$H" HomeDirMechanism:status org.example:one,privileged |
	right set "$LOGIN"
insert org.example:two,privileged --before HomeDirMechanism >/dev/null
insert org.example:three,privileged --after HomeDirMechanism >/dev/null
ok "before the first and behind the last of several" \
	has_chain "A two H:login H:status three one"
ok "at the end if there is none" \
	says "7 of 7" insert org.example:four,privileged --before com.example
ok "also if it was to be behind it" \
	says "8 of 8" insert com.example:other,privileged --after com.example.none
ok "in this order" \
	has_chain "A two H:login H:status three one four com.example:other"
ok "before a plug-in of one's own" \
	says "already there" insert org.example:four,privileged --before com.example
ok "into another right, which is made" \
	says "system.login.tty: made" \
	insert org.example:one,privileged --before HomeDirMechanism --right system.login.tty
ok "with the same beginnings" has_chain "A one H:login" system.login.tty
ok "what is there already is told of that one" says "in system.login.tty" \
	insert org.example:one,privileged --after builtin --right system.login.tty

# --- what is refused

ok "a third word other than privileged" \
	refuses "org.example:two,privilege" insert org.example:two,privilege --after builtin
ok "a fourth word" \
	refuses "" insert org.example:two,privileged,privileged --after builtin
ok "no colon" refuses org.example.two insert org.example.two --after builtin
ok "two colons" refuses a:b:c insert a:b:c,privileged --after builtin
ok "no name" refuses "" insert org.example:,privileged --after builtin
ok "no plug-in" refuses "" insert :two,privileged --after builtin
ok "one outside of the directory" \
	refuses "" insert ../org.example:two,privileged --after builtin
ok "one that is not installed" \
	refuses org.example:none insert org.example:none,privileged --after builtin
ok "one that is not privileged, and nobody to run it" \
	refuses "com.example:other: there is no user bootstrap-login" \
	insert com.example:other --after builtin --right x
chmod 666 $plugins/org.example/four
ok "a chain with one that others may write" \
	refuses org.example:four insert org.example:four,privileged --after builtin --right x
chmod 644 $plugins/org.example/four
ok "or that is no program" \
	refuses org.example:four insert org.example:four,privileged --after builtin --right x
chmod 755 $plugins/org.example/four
chown 1234 $plugins/org.example
ok "or in a directory of somebody's" \
	refuses org.example insert org.example:four,privileged --after builtin --right x
chown 0 $plugins/org.example
ok "the authentication twice" \
	refuses "$LOGIN" insert builtin:authenticate --after HomeDirMechanism
set_from() {
	definition "$@" | right set "$LOGIN"
}
ok "another class" refuses rule set_from rule
ok "is named" says rule set_from rule
ok "the authentication behind the home" \
	refuses "$LOGIN" set_from evaluate-mechanisms "$H" "$A"
ok "a mechanism twice" refuses org.example:one \
	set_from evaluate-mechanisms org.example:one,privileged org.example:one,privileged
ok "a wrong mechanism in a definition" \
	refuses "a:b,c" set_from evaluate-mechanisms a:b,c
more_tries() {
	TRIES=$1 definition evaluate-mechanisms | right set "$LOGIN"
}
ok "more tries than can be counted" refuses tries more_tries 5000000000
text_as_tries() {
	definition evaluate-mechanisms | sed 's/integer>/string>/g' | right set "$LOGIN"
}
ok "tries that are no number" refuses tries text_as_tries
echo no list >"$tmp/wrong"
ok "what is no property list" \
	refuses "$tmp/wrong: not an XML property list" right set "$LOGIN" "$tmp/wrong"
ok "nor is nothing" refuses "/dev/null: not an XML" right set "$LOGIN" /dev/null
array() {
	printf '<plist version="1.0"><array></array></plist>' | right set "$LOGIN"
}
ok "one of no dictionary" refuses "standard input: not an XML property list of a" array
chain_of "$A" | head -c 200 >"$tmp/half"
ok "half of one" refuses "$tmp/half: not" right set "$LOGIN" "$tmp/half"
{ chain_of "$A"; yes "                    " | head -c 2000000; } >"$tmp/long"
ok "one without end" refuses "$tmp/long: too long" right set "$LOGIN" "$tmp/long"
deep() {
	printf '<plist version="1.0"><dict><key>class</key><string>'
	printf 'evaluate-mechanisms</string><key>x</key>'
	yes "<array>" | head -n "$1" | tr -d '\n'
	yes "</array>" | head -n "$1" | tr -d '\n'
	printf '<key>mechanisms</key><array/></dict></plist>'
}
deep 200 >"$tmp/deep"
ok "a deep one is taken" right set "$LOGIN" "$tmp/deep" --database "$tmp/db/deep"
deep 4000 >"$tmp/deep"
ok "not one that takes too much room" \
	refuses "too big" right set "$LOGIN" "$tmp/deep"
deep 10000 >"$tmp/deep"
ok "nor a deeper one" refuses "$tmp/deep: too long" right set "$LOGIN" "$tmp/deep"
ok "a file that is not there" refuses "$tmp/none: " right set "$LOGIN" "$tmp/none"
ok "a directory" refuses "$tmp: " right set "$LOGIN" "$tmp"
ok "get of no right" refuses "no.such: no such right" right get no.such
ok "by its beginning none is found" refuses "system.login: no" right get system.login
ok "remove of no right" refuses "no.such: no such right" right remove no.such
ok "remove of no mechanism" \
	refuses "no such mechanism" right remove org.example:none
ok "remove from no right" \
	refuses "no.such: no such right" right remove org.example:one --right no.such
ok "remove of a wrong one" refuses "a:b,c" right remove a:b,c

# --- those that are not privileged, and shared objects

echo 'bootstrap-login:x:990:990::/:/bin/false' >>/etc/passwd
ok "one that is not privileged" says "u: made" \
	insert com.example:other --after builtin --right u
ok "stands there as it is" has_chain "A com.example:other H:login" u
chmod 700 $plugins/com.example
ok "not one that only root gets to" \
	refuses "com.example: only root gets in" insert com.example:other --after builtin --right v
chmod 755 $plugins/com.example
touch $plugins/org.example.object.so
ok "any mechanism of a shared object" \
	insert org.example.object:any,privileged --after HomeDirMechanism --right u
ok "goes where it belongs" \
	has_chain "A com.example:other H:login org.example.object:any" u
chmod 666 $plugins/org.example.object.so
ok "but not if others may write it" \
	refuses "org.example.object.so: somebody" insert org.example.object:other --after builtin --right u
rm $plugins/org.example.object.so
ok "check finds one that is gone" \
	status 1 says_and_status "org.example.object:any" right check
right remove u >/dev/null
ok "and nothing when nobody wants it" right check

# --- what was typed wrongly

for wrong in "" "lis" "list x" "get a b" "set" "set a b c" "insert" \
	"insert a:b" "insert --before x" "insert a:b --before x --after y" \
	"insert a:b --before x --before y" "insert a:b c:d --before x" \
	"insert a:b --before x:y" "insert a:b --after" "remove" "remove a b" \
	"remove a --right b" "check a b" "check a --database b" "backup a b" \
	"restore a b" "list --right x" "set a --json" "insert a:b --before x --json"; do
	# shellcheck disable=SC2086 # words
	ok "usage: right $wrong" unchanged status 2 right $wrong
done
ok "help tells of all" says "right restore" bootstrapctl --help
ok "so does that of right" says "right restore" right --help
ok "and each has its own" says "--after" insert --help

# --- set, get and remove

chain_of "$A" "$H" | sed 's/<dict>/<dict><key>comment<\/key><string>a \&lt; b<\/string>/' \
	>"$tmp/commented"
ok "set takes a file" right set "$LOGIN" "$tmp/commented"
ok "get prints it" says "<string>a &lt; b</string>" right get
ok "with all that is in it" says "<key>comment</key>" right get "$LOGIN"
again() {
	right get >"$tmp/first" && right set "$LOGIN" <"$tmp/first" &&
		right get | cmp - "$tmp/first"
}
ok "set takes what get prints" again
ok "insert keeps what else there is" \
	insert org.example:one,privileged --after HomeDirMechanism
ok "it is all there" says "<key>comment</key>" right get
ok "remove takes a mechanism out" right remove org.example:one,privileged
ok "and nothing else" has_chain "A H:login"
insert org.example:two,privileged --after builtin >/dev/null
ok "whether it is said to be privileged or not" right remove org.example:two
ok "in the end it is as it was" sh -c "bootstrapctl right get | cmp - $tmp/first"
ok "remove takes it out of another" \
	right remove org.example:one --right system.login.tty
ok "and of that only" has_chain "A H:login" system.login.tty
ok "remove of a right" right remove system.login.tty
ok "has it gone" refuses "no such right" right get system.login.tty
empty() {
	chain_of | right set ""
}
ok "set of the default" empty
ok "which is listed" says '""' right list
ok "get of it" says "<integer>3</integer>" right get ""
ok "and removed" right remove ""
ok "a login without a right is none that is locked out" right remove "$LOGIN"
ok "list of none is the head" prints "RIGHT  CLASS  TRIES  MECHANISMS" right list
ok "list of none is no object" prints "[
]" right list --json
ok "insert makes it anew" insert org.example:one,privileged --before HomeDirMechanism
no_space() {
	right get >/dev/full
}
ok "what cannot be printed is a failure" status 3 no_space

# --- JSON

TRIES=0 definition evaluate-mechanisms "$A" 'org.example:one,privileged' |
	right set json
ok "list prints JSON" says '"right": "json"' right list --json
ok "with tries" says '"tries": 0' right list --json
ok "with mechanisms" says "\"mechanisms\": [
      \"$A\",
      \"org.example:one,privileged\"
    ]" right list --json
ok "get prints JSON" prints "{
  \"class\": \"evaluate-mechanisms\",
  \"tries\": 0,
  \"mechanisms\": [
    \"$A\",
    \"org.example:one,privileged\"
  ]
}" right get json --json
set_value() {
	chain_of | sed "s|<dict>|<dict><key>more</key>$1|" | right set json
}
with_value() {
	set_value "$1" && right get json --json
}
ok "truth as JSON" says '"more": true' with_value "<true/>"
ok "a fraction as JSON" says '"more": 1.5' with_value "<real>1.5</real>"
ok "less than nothing as JSON" says '"more": -5' with_value "<integer>-5</integer>"
ok "what is nested as JSON" says '"a": [' \
	with_value "<dict><key>a</key><array><string>b</string></array></dict>"
set_value "<date>2026-01-01T00:00:00Z</date>"
ok "no date as JSON" refuses "json: has a date" right get json --json
set_value "<dict><key>a</key><array><data>YQ==</data></array></dict>"
ok "no data as JSON, deep inside" refuses "json: has data" right get json --json
ok "but as a property list" says "YQ==" right get json
right remove json

# --- check, and what others have done to the database

works=$(chain_of "$A" org.example:one,privileged "$H")
database /etc/authorization "$LOGIN" "$works"
ok "check says nothing of what works" prints "" right check
ok "and succeeds" right check
database "$tmp/wrong" "$LOGIN" "$(chain_of "$H" "$A")" \
	b "$(definition rule)" c "$(chain_of org.example:none,privileged)"
ok "check takes a file" status 1 right check "$tmp/wrong"
ok "or a database" status 1 right check --database "$tmp/wrong"
all_said() {
	right check "$tmp/wrong" 2>"$tmp/said"
	[ "$(sed "s|^bootstrapctl: $tmp/wrong: .*|x|" "$tmp/said")" = "x
x
x" ] || { cat "$tmp/said"; return 1; }
}
ok "all that is wrong, a line each" all_said
ok "with the name of the right" says "system.login.console" right check "$tmp/wrong"
ok "a class that it has not" says "rule" right check "$tmp/wrong"
ok "what is not installed" says "org.example:none" right check "$tmp/wrong"
rm $plugins/org.example/one
ok "a program that is gone is found" refuses org.example:one right check
ok "nor is there a change while one is missing" \
	refuses org.example:one insert org.example:two,privileged --after builtin
ok "but that which takes it out" right remove org.example:one
ok "after which it works" right check
install_mechanism org.example one
database /etc/authorization "$LOGIN" "$works" broken "$(definition rule)"
ok "another right that is wrong is in the way" \
	refuses broken insert org.example:two,privileged --after builtin
ok "list lists it" says "broken                rule" right list
ok "and it can be removed" right remove broken
database /etc/authorization "$LOGIN" "$works" broken "<string>x</string>"
ok "whatever it is" says "broken                ?" right list
ok "as JSON, too" says '"class": null' right list --json
ok "removed as well" right remove broken
database /etc/authorization "$LOGIN" "$works"

# kilobytes NUMBER: a definition of that size.
kilobytes() {
	printf '<plist version="1.0"><dict><key>class</key><string>'
	printf 'evaluate-mechanisms</string><key>comment</key><string>'
	yes "$(printf %1023s x)" | head -n "$1"
	printf '</string><key>mechanisms</key><array/></dict></plist>\n'
}
cp -p /etc/authorization "$tmp/small"
database /etc/authorization "$LOGIN" "$works" big "$(kilobytes 1000)"
kilobytes 40 >"$tmp/much"
ok "a big database works" right check
ok "what would make it too big to be read is refused" \
	refuses "too big" right set more "$tmp/much"
ok "and it works still" right check
mv "$tmp/small" /etc/authorization

# taken TEXT: no command takes the database as it is; what to change is not changed.
taken() {
	refuses "$1" right list && refuses "$1" right get &&
		refuses "$1" right check && refuses "$1" right backup "$tmp/no" &&
		refuses "$1" right remove "$LOGIN" && set_refused "$1" &&
		refuses "$1" insert org.example:two,privileged --after builtin &&
		[ ! -e "$tmp/no" ]
}
set_refused() {
	refuses "$1" right set "$LOGIN" "$tmp/commented"
}
chown 1234 /etc/authorization
ok "a database of somebody else's is none" taken /etc/authorization
chown 0 /etc/authorization
chmod 664 /etc/authorization
ok "nor is one that others may write" taken /etc/authorization
chmod 644 /etc/authorization
mv /etc/authorization /etc/elsewhere
ln -s elsewhere /etc/authorization
ok "nor is a link" taken /etc/authorization
ok "which stays" test -L /etc/authorization
rm /etc/authorization
mkdir /etc/authorization
ok "nor is a directory" status 1 right list
rmdir /etc/authorization
mkfifo /etc/authorization
ok "a pipe keeps nobody waiting" status 1 timeout 60 bootstrapctl right list
rm /etc/authorization
for wrong in '' 'x' '<plist version="1.0"><dict></dict></plist>' \
	'<plist version="1.0"><dict><key>rights</key><array/></dict></plist>' \
	"$(head -c 300 /etc/elsewhere)"; do
	printf '%s' "$wrong" >/etc/authorization
	ok "nor is what has no rights in it: $(printf %.9s "$wrong")" \
		taken /etc/authorization
done
mv /etc/elsewhere /etc/authorization

# --- what is printed is harmless

escape=$(printf '\033')
database /etc/authorization "$LOGIN" "$works" \
	"${escape}c$(printf '\302\233\377\303\244')" "$(chain_of | sed "s/evaluate-mechanisms/${escape}x/")"
harmless() {
	"$@" >"$tmp/said" 2>&1
	grep -q '?c??ä.*?x' "$tmp/said" || { cat "$tmp/said"; return 1; }
	[ -z "$(tr -dc '\033\233\377' <"$tmp/said")" ]
}
ok "names of rights do not move the terminal" harmless right list
ok "nor do complaints" harmless right check
no_escape() {
	"$@" >"$tmp/said" 2>&1
	[ -s "$tmp/said" ] && [ -z "$(tr -dc '\033' <"$tmp/said")" ]
}
ok "nor does JSON" no_escape right list --json
ok "nor what was typed" no_escape right get "${escape}c"
ok "nor a file's name" no_escape right check "$tmp/${escape}c"
database /etc/authorization "$LOGIN" "$(chain_of |
	sed "s|<dict>|<dict><key>comment</key><string>$escape</string>|")"
ok "nor a definition" no_escape right get
database /etc/authorization "$LOGIN" "$works"

# --- who may do what

as_carol() {
	su carol -s /bin/sh -c \
		"PATH='$PATH' LD_LIBRARY_PATH='${LD_LIBRARY_PATH:-}' bootstrapctl right $1"
}
ok "all may list" says "org.example:one" as_carol list
ok "all may check" as_carol check
for command in "insert org.example:two,privileged --after builtin" \
	"remove $LOGIN" "remove org.example:one" "set $LOGIN" backup restore; do
	ok "only root may $command" \
		refuses "only root may" as_carol "$command </dev/null"
done

# --- another database

other=$tmp/db/other
on_other() {
	right "$@" --database "$other"
}
ok "another database is made" \
	says "made" on_other insert org.example:two,privileged --after builtin
ok "and read" says "org.example:two,privileged" on_other list
ok "and kept apart" unchanged has_chain "A one H:login"
ok "get of it" says "org.example:two,privileged" on_other get
ok "check of it" on_other check
ok "set in it" on_other set "$LOGIN" "$tmp/commented"
ok "has it changed" says "<key>comment</key>" on_other get
ok "backup of it" on_other backup
ok "is beside it" cmp "$other" "$other-orig"
ok "remove from it" on_other remove "$LOGIN"
ok "has it removed" status 1 on_other get
ok "restore of it" on_other restore
ok "has it back" says "<key>comment</key>" on_other get
ok "without a directory there is none" \
	status 1 right insert org.example:two,privileged --after builtin \
	--database "$tmp/none/other"

# --- backup and restore

right backup "$tmp/expected"
ok "backup" right backup
ok "is a copy" cmp "$tmp/expected" /etc/authorization-orig
ok "for all to read" prints "644 0 0" stat -c "%a %u %g" /etc/authorization-orig
right remove org.example:one
ok "restore" right restore
ok "brings it back" has_chain "A one H:login"
ok "for all to read, too" prints "644 0 0" stat -c "%a %u %g" /etc/authorization
right remove org.example:one
ok "backup replaces what there is" right backup
ok "so that it is the later one" right restore
ok "which has one mechanism less" has_chain "A H:login"
ok "restore takes a file" right restore "$tmp/expected"
ok "and puts that there" has_chain "A one H:login"
ok "restore of none" refuses "$tmp/none" right restore "$tmp/none"
ok "restore of what would not work" refuses org.example:none \
	right restore "$tmp/wrong"
head -c 300 /etc/authorization >"$tmp/half"
ok "restore of a half one" refuses "$tmp/half" right restore "$tmp/half"
chown 1234 "$tmp/expected"
ok "restore of somebody else's" refuses "$tmp/expected" right restore "$tmp/expected"
chown 0 "$tmp/expected"
head -c 300 "$tmp/expected" >/etc/authorization
ok "restore helps when the database is broken" right restore "$tmp/expected"
ok "so that it works" right check
chown 1234 /etc/authorization
ok "or is somebody else's" right restore "$tmp/expected"
ok "so that it is root's" right check
rm /etc/authorization
ln -s "$tmp/expected" /etc/authorization
ok "or a link" right restore "$tmp/expected"
ok "so that it is none" test ! -L /etc/authorization
rm /etc/authorization
ok "or is not there" right restore "$tmp/expected"
ok "so that it is" right check
ok "backup to where there is no directory" \
	unchanged status 1 right backup "$tmp/none/file"
ok "backup to a directory" unchanged status 1 right backup "$tmp"
printf keep >"$tmp/kept"
ln -sf kept "$tmp/link"
ok "backup in the place of a link" right backup "$tmp/link"
ok "is not what that leads to" prints keep cat "$tmp/kept"
ok "but a file" cmp "$tmp/link" /etc/authorization
ok "backups leave nothing else behind" \
	test -z "$(find "$tmp" -maxdepth 1 -name 'link?*' -o -name 'none*' -type d)"

# --- killed at any moment

mkdir "$tmp/kill"
killed_file=$tmp/kill/a
changed() {
	right "$@" --database "$killed_file" >/dev/null
}
two=org.example:two,privileged

changed insert org.example:one,privileged --after builtin
cp -p "$killed_file" "$tmp/without"
changed insert "$two" --before HomeDirMechanism
cp -p "$killed_file" "$tmp/with"
ok "what was before the last change is kept" \
	cmp "$tmp/without" "$killed_file-previous"
ok "for all to read, as the other" \
	prints "644 0 0" stat -c "%a %u %g" "$killed_file-previous"
ok "both are whole" status 0 right check "$tmp/without"
ok "both of them" status 0 right check "$tmp/with"

# In hundredths of a second.
now() {
	sed 's/ .*//; s/\.//' /proc/uptime
}

# How many microseconds a change takes.
changed remove "$two"
began=$(now)
for _ in 1 2 3 4 5; do
	changed insert "$two" --before HomeDirMechanism
	changed remove "$two"
done
takes=$((($(now) - began) * 1000 + 200))

# next_change: what can be done to the database as it is.
next_change() {
	if cmp -s "$killed_file" "$tmp/without"; then
		echo insert "$two" --before HomeDirMechanism
	elif [ $((round % 2)) = 0 ]; then
		echo remove "$two"
	else
		echo restore "$tmp/without"
	fi
}

# kill_after MICROSECONDS COMMAND...: sets what it ended with. 0 lets it live.
kill_after() {
	delay=$1
	shift
	bootstrapctl right "$@" --database "$killed_file" >"$tmp/said" 2>&1 &
	killing=$!
	if [ "$delay" != 0 ]; then
		usleep "$delay"
		kill -KILL $killing 2>/dev/null
	fi
	ended $killing
}

is_whole() {
	cmp -s "$1" "$tmp/without" || cmp -s "$1" "$tmp/with"
}

# Each round has another part of the time that a change takes, or all it wants. A
# guest that needs a second to start a program has fewer rounds.
round=0 killed=0 finished=0 torn=0 failed=0 with=0
began=$(now)
while [ $round -lt 300 ]; do
	[ $round -lt 30 ] || [ $(($(now) - began)) -lt 6000 ] || break
	round=$((round + 1))
	if [ $((round % 5)) = 0 ]; then
		set -- backup
	else
		# shellcheck disable=SC2046 # words
		set -- $(next_change)
	fi
	kill_after $((round * 37 % 20 * takes / 20)) "$@"
	case $ended in
	0) finished=$((finished + 1)) ;;
	137) killed=$((killed + 1)) ;;
	*)
		failed=$((failed + 1))
		sed 's/^/# /' "$tmp/said"
		;;
	esac
	for file in "$killed_file" "$killed_file-previous" "$killed_file-orig"; do
		[ ! -e "$file" ] || is_whole "$file" || torn=$((torn + 1))
	done
	[ -e "$killed_file" ] || torn=$((torn + 1))
	! cmp -s "$killed_file" "$tmp/with" || with=$((with + 1))
done
echo "# $round rounds of $takes us: $killed killed, $finished not"
ok "some were killed" test $killed -gt 0
ok "some came to their end" test $finished -gt 0
ok "none of those failed" test $failed = 0
ok "it was changed" test $with -gt 0
ok "and back" test $with -lt $round
ok "there was always a whole database" test $torn = 0
ok "which works" changed check
# shellcheck disable=SC2046 # words
ok "the next change does" changed $(next_change)
ok "so does a backup" changed backup
ok "no more is left behind than there always is" prints "a
a-orig
a-previous
a.lock" ls -A "$tmp/kill"
# As if killed between the two names.
ln -f "$killed_file" "$killed_file-previous"
ln -f "$killed_file" "$killed_file-previous-new"
echo half >"$killed_file-new"
# shellcheck disable=SC2046 # words
ok "a change over what a killed one left" changed $(next_change)
ok "cleans it up" prints "a
a-orig
a-previous
a.lock" ls -A "$tmp/kill"

# --- several at once

right remove "$LOGIN"
for name in one two three four; do
	insert org.example:$name,privileged --after HomeDirMechanism >/dev/null &
done
wait
ok "none of several changes at once is lost" \
	prints "four one three two" sh -c "bootstrapctl right list |
	sed -n 's/.*org.example:\([a-z]*\),.*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//'"
tap_end
