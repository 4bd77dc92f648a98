# SPDX-License-Identifier: GPL-2.0
# For a guest that has things done, and asked, inside of several logins. As
# "serve WHO" the guest's script is what each of them runs: it does there what the
# first process, which is in the root session, asks it to. To be sourced after
# facts.sh, with the script's arguments.
# shellcheck shell=bash

# --- in every session

# look NAME...: what each name stands for, a line each, "-" if it is not found.
look() {
	local name text status

	for name; do
		# Whoever looks up a file shares its offset, so open it anew.
		text=$(bootstrapctl lookup "org.example.$name" -- cat /dev/stdin 2>&1)
		status=$?
		case $status:$text in
		0:*) echo "$text" ;;
		1:*"no such name here"*) echo - ;;
		*) echo "?$status" ;;
		esac
	done
}

# hold NAME [OPTION]...: lets it stand for a file that says whose it is, until the
# end of the session.
hold() {
	local pid

	bootstrapctl register "org.example.$1" "${@:2}" -- sleep infinity <"$DIR/$ME.file" &
	pid=$!
	# Once it is registered the process becomes the command.
	until [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sleep ]; do
		kill -0 "$pid" 2>/dev/null || { wait "$pid"; return; }
		sleep 0.1
	done
}

whoami_here() {
	echo "$(id -un) $(cat /proc/self/loginuid) $(cat /proc/self/sessionid)" \
		"$(bootstrapctl session | sed -n 's/^session *//p')"
}

serve() {
	local request

	while read -r request <&3; do
		eval "$request" >"$DIR/$ME.answer" 2>&1 </dev/null
		echo $? >"$DIR/$ME.status"
	done 3<>"$DIR/$ME.request"
}

if [ "${1:-}" = serve ]; then
	ME=$2
	serve
	exit
fi

# --- in the root session only

ME=root
declare -A LOGIN SESSION REQUEST STATUS

# as WHO COMMAND: the answer is in $DIR/WHO.answer.
as() {
	local status

	if [ "$1" = root ]; then
		eval "$2" >"$DIR/root.answer" 2>&1 </dev/null
		return
	fi
	printf '%s\n' "$2" >&"${REQUEST[$1]}"
	read -r -t 60 -u "${STATUS[$1]}" status || give_up "$1 does not answer"
	return "$status"
}

# refused WHO COMMAND MESSAGE: the command fails, and for that reason.
refused() {
	! as "$1" "$2" && grep -q "$3" "$DIR/$1.answer"
}

# answers WHO COMMAND TEXT: the command succeeds and says just that.
answers() {
	as "$1" "$2" && [ "$(cat "$DIR/$1.answer")" = "$3" ]
}

row() {
	local line cell

	printf -v line '  %-14s' "$1"
	shift
	for cell; do
		printf -v line '%s%-9s ' "$line" "$cell"
	done
	say "${line%"${line##*[! ]}"}"
}

# who_finds "NAME...": asks everybody on standard input, each line WHO and what
# he is to find under each name; prints what he does find. Each cell is a fact.
who_finds() {
	local -a names want found wrong=()
	local who i cells=0

	read -ra names <<<"$1"
	row "who looks up" "${names[@]}"
	while read -ra want; do
		who=${want[0]}
		want=("${want[@]:1}")
		as "$who" "look ${names[*]}"
		mapfile -t found <"$DIR/$who.answer"
		for i in "${!names[@]}"; do
			cells=$((cells + 1))
			[ "${found[i]:-}" != "${want[i]}" ] || continue
			wrong+=("  NO   $who is to find under ${names[i]}: ${want[i]}")
			found[i]="${found[i]:-}!"
		done
		row "$who" "${found[@]}"
	done
	good=$((good + cells - ${#wrong[@]}))
	bad=$((bad + ${#wrong[@]}))
	if [ ${#wrong[@]} = 0 ]; then
		say "  yes  all $cells are as they should be"
	else
		say "${wrong[@]}"
		return 1
	fi
}

# sees WHO TEXT: prints the sessions that there are for him, which are to be
# those on standard input, in any order: SESSION USER NAMES.
sees() {
	as "$1" "bootstrapctl sessions"
	say "  \$ bootstrapctl sessions    (as $1)"
	sed 's/^/  /' "$DIR/$1.answer"
	fact "$2" [ "$(awk 'NR > 1 { print $1, $2, $8 }' "$DIR/$1.answer" | sort)" = "$(sort)" ]
}

# The head of what meet prints.
table_of_logins() {
	row "who" user "login uid" "audit id" session
}

# meet WHO [STANDS]: asks who he is, and prints it. Of his session nothing good is
# known if he does not stand in the one that his login began, or where he is said to,
# or if he is not the user of his name.
meet() {
	local who=$1 user loginuid audit session uid

	as "$who" whoami_here
	read -r user loginuid audit session <"$DIR/$who.answer"
	SESSION[$who]=${audit/$UNSET/root}
	row "$who" "$user" "${loginuid/$UNSET/unset}" "${audit/$UNSET/unset}" "$session"
	uid=$(id -u "$user")
	[ "$who" != root ] || uid=$UNSET
	[ "$loginuid $session" = "$uid ${2:-${SESSION[$who]}}" ] &&
		[ "$user" = "${who%#*}" ] ||
		SESSION[$who]=wrong
}

# all_differ SESSION...: and each is known.
all_differ() {
	[[ " $* " != *" wrong "* ]] &&
		[ "$(printf '%s\n' "$@" | sort -u | wc -l)" = $# ]
}

# enlist WHO: makes all that it takes to ask him. WHO is a user, # and any word.
enlist() {
	local who=$1 fd

	mkfifo -m 600 "$DIR/$who.request" "$DIR/$who.status"
	echo "$who" >"$DIR/$who.file"
	: >"$DIR/$who.answer"
	chown "${who%#*}" "$DIR/$who".{request,status,answer}
	exec {fd}<>"$DIR/$who.request"
	REQUEST[$who]=$fd
	exec {fd}<>"$DIR/$who.status"
	STATUS[$who]=$fd
}

# begin_login WHO [COMMAND]...: by ssh, or by a command that runs its last argument.
begin_login() {
	local who=$1 user=${1%#*}
	shift

	enlist "$who"
	mkfifo "$DIR/$who.terminal"
	# A terminal, so that all processes of the login are hung up at its end.
	[ $# -gt 0 ] || set -- ssh -tt -o BatchMode=yes "$user@127.0.0.1"
	"$@" "exec $PARTS/init serve $who" \
		<>"$DIR/$who.terminal" >"$DIR/$who.log" 2>&1 &
	LOGIN[$who]=$!
}

# log_in WHO [COMMAND]...: until he is.
log_in() {
	begin_login "$@"
	as "$1" true
}

# log_out WHO: until no process of the session is left.
log_out() {
	echo exit >&"${REQUEST[$1]}"
	# Not all logins are jobs of this shell.
	[ -z "${LOGIN[$1]:-}" ] || wait "${LOGIN[$1]}"
	within 60 nobody_bears "${SESSION[$1]}"
}

nobody_bears() {
	! grep -qsx "$1" /proc/[0-9]*/sessionid
}

# within SECONDS COMMAND...: does it come to succeed?
within() {
	local end=$((SECONDS + $1 + 1))
	shift

	until "$@"; do
		[ $SECONDS -lt $end ] || return
		sleep 0.1
	done
}
