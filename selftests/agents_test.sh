#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bootstrap-agents: which agents a session gets, when they are started, and that
# they end with it.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tests=$(cd "$(dirname "$0")" && pwd)
agents=/usr/local/lib/bootstrap/bootstrap-agents
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir -m 777 "$tmp/out" "$tmp/link"
mkdir "$tmp/etc"
export OUT="$tmp/out"
export VAR=inherited

# --- a session of alice's, in which a shell does what it is told

cat >"$tmp/inside" <<'END'
while read -r command; do
	(eval "$command") >said 2>&1 </dev/null
	echo $? >status.new
	mv status.new status
done
END

# enter TYPE
enter() {
	rm -f "$tmp/link/"*
	mkfifo "$tmp/commands"
	(cd "$tmp/link" && exec "$tests/announced" "$1" sh "$tmp/inside") \
		<"$tmp/commands" &
	session=$!
	exec 9>"$tmp/commands"
	rm "$tmp/commands"
}

# inside COMMAND...: its output and status. It is a line.
inside() {
	rm -f "$tmp/link/status"
	echo "$*" >&9
	until_so test -e "$tmp/link/status" || return
	cat "$tmp/link/said"
	return "$(cat "$tmp/link/status")"
}

leave() {
	exec 9>&-
	ended $session
}

# start OPTION: its agents; there is a login that they end with.
start() {
	rm -f "$OUT"/* "$tmp/link/log"
	inside "$tests/login_fd $agents --login-fd=3 --verbose $1 2>log &" \
		"echo \$! >login" || return
	until_so pidof bootstrap-agents
	launcher=$(pidof bootstrap-agents)
}

# The login ends, and all with it.
stop() {
	kill "$(cat "$tmp/link/login")"
	until_so gone "$launcher"
}

# gone PID: it is no process, or a dead one.
gone() {
	! grep -q '^State:[[:space:]]*[A-WYt]' "/proc/$1/status" 2>/dev/null
}

no_names() {
	[ -z "$(inside bootstrapctl bslist)" ]
}

logged() {
	until_so grep -q "$*" "$tmp/link/log" || {
		cat "$tmp/link/log"
		return 1
	}
}

# logs NUMBER TEXT: so often and no more.
logs() {
	[ "$(grep -c "$2" "$tmp/link/log")" = "$1" ] || {
		cat "$tmp/link/log"
		return 1
	}
}

# --- property lists

# agent LABEL KEYS...: KEY=yes, KEY=no, KEY=NUMBER, KEY=TEXT, KEY=[TEXT,TEXT...] or
# what is XML.
agent() {
	label=$1
	shift
	{
		echo '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>'
		echo "<key>Label</key><string>org.example.$label</string>"
		for key; do
			case $key in
			"<"*) echo "$key" && continue ;;
			esac
			value=${key#*=}
			echo "<key>${key%%=*}</key>"
			case $value in
			yes) echo "<true/>" ;;
			no) echo "<false/>" ;;
			"["*)
				echo "<array><string>"
				value=${value#[}
				echo "${value%]}" | sed 's,\,,</string><string>,g'
				echo "</string></array>"
				;;
			*[!0-9]* | "") echo "<string>$value</string>" ;;
			*) echo "<integer>$value</integer>" ;;
			esac
		done
		echo '</dict></plist>'
	} | tr -d '\n' >"$tmp/etc/$label.plist"
}

# services NAME...: the key for these.
services() {
	echo "<key>MachServices</key><dict>"
	for name; do
		echo "<key>$name</key><true/>"
	done
	echo "</dict>"
}

none() {
	rm -rf "${tmp:?}/etc"
	mkdir "$tmp/etc"
}

# Says what it is, notes each start, and goes on; or ends, or ignores SIGTERM.
cat >"$tmp/agent" <<'END'
#!/bin/sh
echo "$0 $* in $(pwd) VAR=$VAR LISTEN_FDS=${LISTEN_FDS-unset}" >"$OUT/$1.says"
echo $$ >>"$OUT/$1"
[ "$2" != ignores ] || trap '' TERM
if [ "$2" = forks ]; then
	sleep 1000 &
	echo $! >"$OUT/$1.child"
fi
[ "$2" != ends ] || exit "$3"
exec sleep 1000
END
chmod 755 "$tmp/agent"
# run LABEL [ARGUMENT,...]: the key for it.
run() {
	echo "ProgramArguments=[$tmp/agent,$1${2:+,$2}]"
}

# pid_of LABEL: of its last start.
pid_of() {
	tail -n 1 "$OUT/$1"
}

# ended_agent LABEL
ended_agent() {
	until_so gone "$(pid_of "$1")"
}

started() {
	until_so test -s "$OUT/$1"
}

starts() {
	wc -l <"$OUT/$1"
}

# --- what is there for whom

ok "without a directory there are no agents" "$agents" --verbose
enter non-gui
mkdir -p /etc/bootstrap/session.d
ok "nor with an empty one" inside "$agents --verbose"
agent all "$(run all)" RunAtLoad=yes "LimitLoadToSessionType=StandardIO"
mv "$tmp/etc/all.plist" /etc/bootstrap/session.d/
inside "$agents &"
ok "agents are listed in /etc/bootstrap/session.d" started all
launcher=$(pidof bootstrap-agents)
kill "$launcher"
ok "SIGTERM ends them" until_so gone "$launcher"
ok "and the agent" ended_agent all
rm -r /etc/bootstrap
ok "a directory that was asked for must be there" \
	status 1 inside "$agents --directory $tmp/absent"
ok "a usage error" status 2 "$agents" --login-fd=none
ok "another" status 2 "$agents" operand
ok "a descriptor that is not there" status 3 "$agents" --login-fd=77
leave

agent default "$(run default)" RunAtLoad=yes
agent aqua "$(run aqua)" RunAtLoad=yes LimitLoadToSessionType=aqua
agent stdio "$(run stdio)" RunAtLoad=yes LimitLoadToSessionType=StandardIO
agent background "$(run background)" RunAtLoad=yes LimitLoadToSessionType=Background
agent both "$(run both)" RunAtLoad=yes "LimitLoadToSessionType=[StandardIO,Background]"
agent system "$(run system)" RunAtLoad=yes "LimitLoadToSessionType=[System,LoginWindow]"
agent wrong "$(run wrong)" RunAtLoad=yes LimitLoadToSessionType=Everything
agent disabled "$(run disabled)" RunAtLoad=yes Disabled=yes "LimitLoadToSessionType=[Aqua,StandardIO]"
# of_type TYPE LABELS: in a session of this type these run, and no others.
of_type() {
	enter "$1"
	start "--directory=$tmp/etc"
	for label in $2; do
		started "$label"
	done
	stop
	leave
	(cd "$OUT" && for file in *.says; do
		echo "${file%.says}"
	done) >"$tmp/types"
	[ "$(tr '\n' ' ' <"$tmp/types")" = "$2 " ] || {
		cat "$tmp/types"
		return 1
	}
}
ok "a graphic session" of_type gui "aqua default"
ok "one of a terminal" of_type non-gui "both stdio"
ok "one of a user's services" of_type background "background both"
ok "one that nobody announced is of a terminal" \
	says stdio.says bootstrapctl login alice -- \
	sh -c "rm -f $OUT/*; $agents --directory=$tmp/etc &
		until [ -s $OUT/stdio ]; do usleep 100000; done
		ls $OUT; kill \$!; wait"
none

# --- keys

enter gui
agent keys "Program=$tmp/agent" "ProgramArguments=[other,keys,,two words]" \
	"<key>EnvironmentVariables</key><dict><key>VAR</key><string>own</string><key>BAD=</key><string>x</string></dict>" \
	"WorkingDirectory=/usr" RunAtLoad=yes KeepAlive=no ThrottleInterval=3 ExitTimeOut=5 \
	StartInterval=300 "<key>Umask</key><array/>" Nice=yes
agent program "Program=/bin/busybox" "ProgramArguments=[touch,$OUT/program]" RunAtLoad=yes
agent path "ProgramArguments=[touch,$OUT/path]" RunAtLoad=yes
agent values "$(run values)" RunAtLoad=1 KeepAlive=maybe ThrottleInterval=0 \
	"<key>MachServices</key><dict><key>org.example.not</key><false/><key>org.example.dict</key><dict><key>ResetAtClose</key><true/></dict></dict>"
agent absent "Program=/absent/program" RunAtLoad=yes
agent directory "$(run directory)" WorkingDirectory=/absent RunAtLoad=yes
agent never "$(run never)"
echo YnBsaXN0MDDTAQIDBAUJVUxhYmVsXxAQUHJvZ3JhbUFyZ3VtZW50c1lSdW5BdExvYWRfEBJvcmcuZXhhbXBsZS5iaW5hcnmjBgcIUnNoUi1jXxAaZWNobyAiJE9VVCIgPiIkT1VUL2JpbmFyeSIJCA8VKDJHS05RbgAAAAAAAAEBAAAAAAAAAAoAAAAAAAAAAAAAAAAAAABv |
	base64 -d >"$tmp/etc/binary.plist"
start "--directory=$tmp/etc"
ok "RunAtLoad" started keys
ok "Program, its arguments, variables and directory" \
	says "$tmp/agent keys  two words in /usr VAR=own LISTEN_FDS=unset" \
	cat "$OUT/keys.says"
ok "a program has its name for itself" until_so test -e "$OUT/program"
ok "a program is looked for as the shell does" until_so test -e "$OUT/path"
ok "a binary property list" until_so grep -q "$OUT" "$OUT/binary"
ok "unknown keys are told" logged "keys.plist: StartInterval: ignored, not a key"
ok "once each" logs 1 "keys.plist: Nice"
ok "those of a service, too" logged "org.example.dict: ResetAtClose: ignored, not a key"
ok "a value of another type is told" logged "values.plist: RunAtLoad: ignored, not a value"
ok "KeepAlive is yes or no" logged "values.plist: KeepAlive: ignored, not a value"
ok "an interval is not 0" logged "values.plist: ThrottleInterval: ignored, not a value"
ok "a service is true" logged "values.plist: MachServices: ignored, not a value"
ok "a variable has no =" logged "keys.plist: EnvironmentVariables: ignored"
ok "the services that are in order are declared" \
	until_so inside bootstrapctl wait org.example.dict --timeout 0
ok "and no others" status 1 inside bootstrapctl wait org.example.not --timeout 0
ok "a program that is not there" logged "absent: ended with status 127"
ok "why" logged "absent: /absent/program: No such file"
ok "a directory that is not there" logged "directory: /absent: No such file"
ok "an agent that nothing starts is told" logged "never: nothing will start it"
ok "which is as if it were not there" test ! -e "$OUT/values"
stop
ok "the end of the login is that of its agents" ended_agent keys
ok "nothing is left in the session" no_names
none

# --- on demand

agent demand "ProgramArguments=[$tests/listen_server]" ThrottleInterval=1 \
	"<key>EnvironmentVariables</key><dict><key>VAR</key><string>own</string></dict>" \
	"$(services org.example.one org.example:two)"
agent hidden "ProgramArguments=[$tests/listen_server]" \
	"<key>MachServices</key><dict><key>org.example.hidden</key><dict><key>HideUntilCheckIn</key><true/></dict></dict>"
agent shown "ProgramArguments=[$tests/listen_server]" RunAtLoad=yes \
	"<key>MachServices</key><dict><key>org.example.shown</key><dict><key>HideUntilCheckIn</key><true/></dict></dict>"
agent mach "ProgramArguments=[$tests/mach_check_in_or_register]" \
	"$(services org.example.check-in-or-register)" ThrottleInterval=1
agent taken "$(run taken)" RunAtLoad=yes \
	"$(services org.example.taken org.example.free)"
cp "$(dirname "$agents")/examples/org.example.upper.plist" "$tmp/etc/"
inside "bootstrapctl register org.example.taken --file /etc/passwd -- sleep 1000 &"
until_so inside bootstrapctl wait org.example.taken --timeout 0
start "--directory=$tmp/etc"
# Says what the server does.
ask() {
	inside "echo | bootstrapctl connect $1"
}
until_so inside bootstrapctl wait org.example.upper --timeout 0
ok "a name that is taken is told" logged "taken: org.example.taken: File exists"
ok "its agent runs" started taken
ok "with the other" says "LISTEN_FDS=1" cat "$OUT/taken.says"
ok "a service is declared" says "no server yet" inside bootstrapctl lookup org.example.one
ok "and nothing is started for it" logs 0 "demand: started"
ok "a look-up has it started" says "right 3 of org.example.one:org.example_two pid" \
	ask org.example.one
ok "for all its names" says "right 4 " ask org.example:two
ok "with its environment" says "VAR=own" ask org.example.one
ok "once" logs 1 "demand: started"
ok "clients see its credentials" \
	inside "bootstrapctl connect org.example.one -- $tests/listen_server client"
ok "what is hidden is not found" status 1 inside bootstrapctl lookup org.example.hidden
ok "until its server has checked in" until_so says "active" \
	inside bootstrapctl lookup org.example.shown
server_pid() {
	ask org.example.one | sed 's/.* pid \([0-9]*\) .*/\1/'
}
before=$(server_pid)
kill -KILL "$before"
ok "a crash is told" logged "demand: killed by signal 9"
ok "the next client has it started again" test "$(server_pid)" != "$before"
ok "an agent that checks in by the name" says "SHOUT" \
	inside "echo shout | bootstrapctl connect org.example.upper"
ok "is the one of the list" logs 1 "upper: started"
ok "one that was written for Mach" says hello ask org.example.check-in-or-register
ok "is started for each client, if it ends" says hello ask org.example.check-in-or-register
ok "and that is no crash" logs 0 "mach: ended"
# Whoever is of the session may be the server, too.
inside "bootstrapctl serve org.example.free -- echo by hand & echo \$! >hand"
ok "while its agent has checked in nobody else does" \
	until_so gone "$(cat "$tmp/link/hand")"
kill "$(pid_of taken)"
ended_agent taken
inside "bootstrapctl serve org.example.free -- echo by hand & echo \$! >hand"
ok "when that is gone another process of the session may" \
	until_so says "by hand" ask org.example.free
kill "$(cat "$tmp/link/hand")"
ok "a name is the session's" status 1 bootstrapctl login alice -- \
	bootstrapctl lookup org.example.one
before=$(server_pid)
stop
ok "all ends with the login" until_so gone "$before"
ok "but what is others'" inside "test \"\$(bootstrapctl bslist)\" = 'A  org.example.taken'"
inside "killall sleep"
none

# --- again

agent alive "$(run alive)" KeepAlive=yes ThrottleInterval=5
agent crash "$(run crash "ends,7")" KeepAlive=yes ThrottleInterval=1
agent once "$(run once "ends,0")" RunAtLoad=yes
agent lazy "$(run lazy "ends,0")" ThrottleInterval=1 "$(services org.example.lazy)"
start "--directory=$tmp/etc"
ok "KeepAlive starts an agent" started alive
kill -KILL "$(pid_of alive)"
ok "a second time not at once" logged "alive: to be started in [1-5] seconds"
at_least() {
	[ "$(starts "$1")" -ge "$2" ]
}
ok "but then" until_so at_least alive 2
ok "one that ends at once is started again and again" until_so at_least crash 3
ok "with a pause each time" test "$(starts crash)" -lt 20
ok "its end is told" logged "crash: ended with status 7"
inside "bootstrapctl connect org.example.lazy </dev/null & echo \$! >client"
ok "one that does not check in is started while somebody waits" until_so at_least lazy 2
kill "$(cat "$tmp/link/client")"
ok "RunAtLoad is once" test "$(starts once)" = 1
stop
ok "an agent that was to be started is not" ended_agent alive
none

# --- the end

agent ignores "$(run ignores ignores)" RunAtLoad=yes ExitTimeOut=1 "$(services org.example.ignores)"
agent forks "$(run forks forks)" RunAtLoad=yes
agent plain "$(run plain)" RunAtLoad=yes
start "--directory=$tmp/etc"
started ignores
started forks
until_so test -s "$OUT/forks.child"
stop
ok "what ignores SIGTERM is killed" logged "ignores: killed, it does not end"
ok "indeed" gone "$(pid_of ignores)"
ok "what an agent started ends with it" gone "$(cat "$OUT/forks.child")"
ok "there are no names" no_names
start "--directory=$tmp/etc"
started ignores
started plain
until_so test -s "$OUT/forks.child"
kill -KILL "$launcher"
ok "no agent outlives one that is killed" ended_agent plain
ok "not even one that ignores SIGTERM" ended_agent ignores
ok "nor do the names" until_so no_names
# What was started by agents is not bound to it.
kill "$(cat "$OUT/forks.child")"
kill "$(cat "$tmp/link/login")"
none
agent again "$(run again)" KeepAlive=yes ThrottleInterval=1
inside "(ulimit -u 1; exec $agents --verbose --directory=$tmp/etc) 2>log &"
ok "a fork that fails is told" logged "again: fork: Resource temporarily unavailable"
forks_again() {
	[ "$(grep -c "again: fork" "$tmp/link/log")" -gt 1 ]
}
ok "and tried again" until_so forks_again
kill "$(pidof bootstrap-agents)"
until_so status 1 pidof bootstrap-agents
none
agent short "ProgramArguments=[sleep,3]" RunAtLoad=yes
start "--directory=$tmp/etc"
ok "when nothing is left to be started it ends" until_so gone "$launcher"
kill "$(cat "$tmp/link/login")"
none

# --- a hundred

i=0
while [ $i -lt 100 ]; do
	agent "many$i" "ProgramArguments=[$tests/listen_server]" "$(services "org.example.many$i")"
	i=$((i + 1))
done
start "--directory=$tmp/etc"
ok "a hundred agents" until_so inside bootstrapctl wait org.example.many99 --timeout 0
ok "one of them" says "right 3 of org.example.many57 " ask org.example.many57
ok "another" says "right 3 of org.example.many8 " ask org.example.many8
ok "and no others" logs 2 "started, process"
switches() {
	sed -n 's/^voluntary_ctxt_switches://p' "/proc/$launcher/status"
}
rests() {
	before=$(switches)
	sleep 1
	[ "$(switches)" = "$before" ]
}
ok "it does nothing while there is nothing to do" until_so rests
stop
ok "they are gone" no_names
none

# --- what is refused

agent good "$(run good)" RunAtLoad=yes
agent owner "$(run owner)" RunAtLoad=yes
chown bob "$tmp/etc/owner.plist"
agent group "$(run group)" RunAtLoad=yes
chmod 664 "$tmp/etc/group.plist"
agent world "$(run world)" RunAtLoad=yes
chmod 646 "$tmp/etc/world.plist"
agent unreadable "$(run unreadable)" RunAtLoad=yes
chmod 600 "$tmp/etc/unreadable.plist"
agent target "$(run target)" RunAtLoad=yes
mv "$tmp/etc/target.plist" "$tmp/out.plist"
ln -s "$tmp/out.plist" "$tmp/etc/link.plist"
agent his "$(run his)" RunAtLoad=yes
mv "$tmp/etc/his.plist" "$tmp/his.plist"
chown bob "$tmp/his.plist"
ln -s "$tmp/his.plist" "$tmp/etc/hislink.plist"
ln -s "$tmp/absent" "$tmp/etc/dangling.plist"
mkfifo "$tmp/etc/pipe.plist"
mkdir "$tmp/etc/directory.plist"
cp "$tmp/etc/good.plist" "$tmp/etc/second.plist"
: >"$tmp/etc/empty.plist"
head -c 60 "$tmp/etc/good.plist" >"$tmp/etc/half.plist"
echo 'bplist00 and more' >"$tmp/etc/bad.plist"
echo '<plist version="1.0"><array/></plist>' >"$tmp/etc/array.plist"
sed 's/Label/Lable/' "$tmp/etc/good.plist" >"$tmp/etc/label.plist"
agent program RunAtLoad=yes
cp "$tmp/etc/good.plist" "$tmp/etc/.hidden.plist"
cp "$tmp/etc/good.plist" "$tmp/etc/good.plist.old"
start "--directory=$tmp/etc"
ok "a file that is in order" started good
ok "one that a link leads to" started target
ok "one of another owner" logged "owner.plist: refused: neither root's"
ok "one that a group may write to" logged "group.plist: refused: others may write"
ok "one that all may write to" logged "world.plist: refused: others may write"
ok "one that cannot be read" logged "unreadable.plist: refused: Permission denied"
ok "a link to one of another owner" logged "hislink.plist: refused: neither root's"
ok "a link to nothing" logged "dangling.plist: refused: No such file"
ok "a pipe" logged "pipe.plist: refused: not a file"
ok "a directory" logged "directory.plist: refused: not a file"
ok "a second one with a label" logged "second.plist: refused: there is another org.example.good"
ok "an empty one" logged "empty.plist: refused: not a property list"
ok "half of one" logged "half.plist: refused: not a property list"
ok "one that is damaged" logged "bad.plist: refused: not a property list"
ok "one of an array" logged "array.plist: refused: not a property list"
ok "one without a label" logged "label.plist: refused: no Label"
ok "one without a program" logged "program.plist: refused: neither Program"
ok "other names are not looked at" logs 0 "hidden\|\.old"
stop
ok "nobody else was started" sh -c "cd $OUT && [ \"\$(echo *)\" = 'good good.says target target.says' ]"
chmod 777 "$tmp/etc"
ok "a directory that others may write to" says "others may write to it" \
	inside "$agents --verbose --directory $tmp/etc"
chmod 755 "$tmp/etc"
chown bob "$tmp/etc"
ok "one of another owner" status 1 inside "$agents --directory $tmp/etc"
none
mkdir -p /etc/bootstrap/session.d
chown alice /etc/bootstrap/session.d
ok "the system's is root's" says "session.d: refused: not root's" inside "$agents --verbose"
rm -r /etc/bootstrap
agent trial "$(run trial)" RunAtLoad=yes
inside "mkdir trial; cp $tmp/etc/trial.plist trial"
start "--directory=trial"
ok "but there are trials of one's own" started trial
stop
leave
nothing_left() {
	said=$(bootstrapctl bstree)
	[ "$said" = "System/" ] || {
		echo "$said"
		return 1
	}
}
until_so nothing_left
ok "nothing is left" nothing_left
tap_end
