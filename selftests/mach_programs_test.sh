#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Programs in the style of those written for Mach, each as C and as C++.
# Functions are called by ok and its like, which shellcheck does not see.
# shellcheck disable=SC2317
. "$(dirname "$0")/tap.sh"

tests=$(cd "$(dirname "$0")" && pwd)
service=org.example.check-in-or-register

# as_alice COMMAND...: in a fresh login session of hers.
as_alice() {
	bootstrapctl login alice -- "$@"
}

# Started by hand it registers, and ends when it has served somebody.
by_hand() {
	"$1" &
	until_so bootstrapctl lookup "$service"
	bootstrapctl connect "$service" </dev/null
	wait
}

# On demand it checks in, each time.
on_demand() {
	bootstrapctl activate "$service" -- "$1" &
	until_so bootstrapctl lookup "$service"
	bootstrapctl connect "$service" </dev/null
	bootstrapctl connect "$service" </dev/null
	kill $!
	wait
}

# session COMMAND...: with a name in her session, and one in her user's namespace.
cat >/tmp/mach-session <<'END'
bootstrapctl register org.example.session -- \
	bootstrapctl register --namespace user org.example.user -- "$@"
END

# find NAME: "found" or "not found".
cat >/tmp/mach-find <<'END'
for name; do
	bootstrapctl lookup "$name" >/dev/null 2>&1 && echo found || echo not found
done
END

for kind in "" _cpp; do
	ok "a server that registers ($kind)" prints "registered
hello" by_hand "$tests/mach_check_in_or_register$kind"
	ok "a server that checks in ($kind)" prints "checked in
hello
checked in
hello" on_demand "$tests/mach_check_in_or_register$kind"
	ok "move to the user's namespace ($kind)" prints "found
not found" as_alice sh /tmp/mach-session "$tests/mach_per_user$kind" \
		sh /tmp/mach-find org.example.user org.example.session
	ok "a subset for children ($kind)" prints "register: success
inside: 0
outside: 1" as_alice "$tests/mach_subset$kind" \
		sh -c 'bootstrapctl lookup org.example.subset >/dev/null 2>&1'
	ok "rendezvous ($kind)" \
		prints "the child said: here; then: unknown service name" \
		as_alice "$tests/mach_rendezvous$kind"
	ok "climb from a session ($kind)" prints "levels: 2
user: success
parent: success" as_alice "$tests/mach_climb$kind"
	ok "climb from the root ($kind)" prints "levels: 0
user: success
parent: success" "$tests/mach_climb$kind"
done
rm -f /tmp/mach-session /tmp/mach-find
tap_end
