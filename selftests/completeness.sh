#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Is all there that belongs to a command? A line of TAP for each command of the
# ABI's header, for each function of the libraries, for each code of the Mach API, of
# the Session API and of Authorization Services, for what plug-ins have, call and get,
# and for each function that the module exports. That a row of commands.h, by which bad
# arguments are tried and the fuzzer makes its own, knows all fields is what abi_test
# sees to.
. "$(dirname "$0")/vm/common.sh"
. "$(dirname "$0")/vm/suite.sh"
cd "$TOP" || exit

HEADER=uapi/linux/bootstrap.h
EXPORTED=$(sed -n 's/^\t\(bns_[a-z_]*\);$/\1/p' userlib/libbootstrap.map)

# issuers COMMAND: the library's functions that issue it, or call in the same
# file one that does.
issuers() {
	local file

	for file in userlib/src/*.c; do
		awk -v command="$1" '
			/^[A-Za-z].*bns_[a-z_]*\(/ {
				name = $0
				sub(/\(.*/, "", name)
				sub(/.*[ *]/, "", name)
			}
			{ body[name] = body[name] $0 "\n" }
			END {
				for (name in body)
					if (body[name] ~ command "[^A-Z_]")
						issues[name] = 1
				for (name in body)
					for (issuer in issues)
						if (index(body[name], issuer "("))
							print name
			}' "$file"
	done | sort -u
}

# lacks COMMAND: what there is not, one a line.
lacks() {
	local name=BOOTSTRAP_IOC_$1

	grep -q "BS_COMMAND($1," kmod/main.c || echo "the module does not have it"
	grep -Fxq -e "$(issuers "$name")" <<<"$EXPORTED" ||
		echo "no function of the library issues it"
	grep -q "\.number = $name,\$" selftests/commands.h ||
		echo "no row in selftests/commands.h"
	grep -qx "\.Ss $name" kmod/man/bootstrap.4 ||
		echo "no entry in bootstrap(4)"
}

# The Mach API's, but for what its headers call by themselves.
MACH_CALLS=$(sed -n 's/^\t\([a-z_0-9]*\);$/\1/p' userlib/libbootstrap.map |
	grep -v '^bns_\|^bootstrap_port\|^audit_')
MACH_CODES=$(sed -n '/not returned/d;s/^#define \(\(KERN\|MACH_SEND\|BOOTSTRAP\)_[A-Z_]*\)[[:space:]]*[0-9x].*/\1/p' \
	userlib/include/{mach/{kern_return,message},servers/bootstrap}.h |
	grep -v '_MAX_\|_STATUS_\|BOOTSTRAP_SUCCESS')

# mach_lacks CALL: what there is not, one a line.
mach_lacks() {
	grep -rq "\<$1(" userlib/include/{mach,servers,vproc_priv.h} ||
		echo "no header of the library has it"
	grep -qw -- "$1" userlib/man/bootstrap.3 || echo "not in bootstrap(3)"
	grep -qw -- "$1" selftests/mach_*_test.c || echo "no row in a table"
}

# code_lacks CODE
code_lacks() {
	grep -qw -- "$1" userlib/man/bootstrap.3 || echo "not in bootstrap(3)"
	grep -q "{ $1," userlib/src/mach/error.c || echo "no text"
	grep -qw -- "$1" selftests/mach_*_test.c || echo "no row in a table"
}

# The Session API's, and those on audit sessions.
SESSION_CALLS=$(sed -n 's/^\t\(Session[A-Za-z]*\|audit_[a-z_]*\);$/\1/p' userlib/libbootstrap.map)
SESSION_CODES=$(sed -n 's/^#define \(errSession[A-Za-z]*\)[[:space:]].*/\1/p' \
	userlib/include/Security/AuthSession.h | grep -v errSessionSuccess)

# session_lacks CALL
session_lacks() {
	grep -rq "\<$1(" userlib/include/{Security,bsm} ||
		echo "no header of the library has it"
	grep -qx "\.Ss \(.*, \)\?$1\(, .*\)\?" userlib/man/SessionGetInfo.3 ||
		echo "no entry in SessionGetInfo(3)"
	grep -q "ROW(\"$1\"" selftests/session_api_test.c ||
		echo "no row in a table"
}

# session_code_lacks CODE
session_code_lacks() {
	grep -q "^\.It .* Dv $1\$" userlib/man/SessionGetInfo.3 ||
		echo "not among the errors of SessionGetInfo(3)"
	grep -qw -- "$1" selftests/session_api_test.c || echo "no row in a table"
}

# Those of libbootstrap-login.
LOGIN_CALLS=$(sed -n 's/^\t\([A-Za-z_]*\);$/\1/p' userlib/libbootstrap-login.map)
LOGIN_CODES=$(sed -n 's/^#define \(errAuthorization[A-Za-z]*\)[[:space:]].*/\1/p' \
	userlib/include/Security/Authorization.h)

# login_lacks CALL
login_lacks() {
	grep -q "\<$1(" userlib/include/{Security/Authorization*,bootstrap/login}.h ||
		echo "no header of the library has it"
	grep -qx "\.Ss $1" userlib/man/AuthorizationRightGet.3 ||
		echo "no entry in AuthorizationRightGet(3)"
	grep -q "\<$1(" selftests/authorization{,_mechanisms,_api,_change,_commit}_test.c ||
		echo "no test calls it"
}

# login_code_lacks CODE
login_code_lacks() {
	grep -q "^\.It .* Dv $1\$" userlib/man/AuthorizationRightGet.3 ||
		echo "not among the errors of AuthorizationRightGet(3)"
	grep -qw -- "$1" selftests/authorization_api_test.c ||
		grep -qw -- "$1" selftests/login_plugin_test.c || echo "no test has it"
}

# What plug-ins have and call: the pointers in the header's structs. The codes that they
# get, results, flags and styles, and the keys of the login's own values.
PLUGIN_PAGE=userlib/man/AuthorizationPlugin.3
PLUGIN_HEADER=userlib/include/Security/AuthorizationPlugin.h
PLUGIN_CALLS="AuthorizationPluginCreate $(sed -n 's/^\tOSStatus (\*\([A-Za-z]*\))(.*/\1/p' \
	"$PLUGIN_HEADER")"
PLUGIN_CODES=$(grep -ow 'errAuthorization[A-Za-z]*' "$PLUGIN_HEADER" | sort -u |
	grep -v errAuthorizationSuccess)
PLUGIN_VALUES=$(sed -n 's/^\t\(kAuthorization[A-Za-z]*\)\>.*/\1/p' "$PLUGIN_HEADER")
PLUGIN_KEYS=$(grep -o '"[a-z-]*"' tools/common/own_values.c | tr -d '"')

# plugin_lacks CALL
plugin_lacks() {
	grep -q "^\.Ss \(.* \)*$1\( .*\)*$" "$PLUGIN_PAGE" ||
		echo "no entry in AuthorizationPlugin(3)"
	grep -q "\<$1\>" selftests/script_plugin.c || echo "no test calls it"
}

# plugin_code_lacks CODE: the tests have its number, in what plug-ins write down.
plugin_code_lacks() {
	local number

	number=$(sed -n "s/^#define $1[[:space:]]*(\(.*\))$/\1/p" \
		userlib/include/Security/Authorization.h)
	grep -Fxq ".It \\$number Dv $1" "$PLUGIN_PAGE" ||
		echo "not among the errors of AuthorizationPlugin(3)"
	grep -q -- "\".* $number\>.*\"" selftests/login_plugin_test.c ||
		echo "no test has $number"
}

# plugin_value_lacks VALUE
plugin_value_lacks() {
	grep -q "^\.\(It \)\?Dv $1\>" "$PLUGIN_PAGE" ||
		echo "not in AuthorizationPlugin(3)"
}

# plugin_key_lacks KEY
plugin_key_lacks() {
	grep -q "^\.It Li $1 Ta " "$PLUGIN_PAGE" ||
		echo "not among the values of AuthorizationPlugin(3)"
	grep -qw -- "$1" tools/man/bootstrap-login-host.8 ||
		echo "not in bootstrap-login-host(8)"
}

# What other modules of the kernel may call.
KERNEL_CALLS=$(sed -n 's/^EXPORT_SYMBOL_GPL(\([a-z_]*\));$/\1/p' kmod/*.c)

# kernel_lacks CALL
kernel_lacks() {
	local doc

	doc=$(awk -v name=" * $1() - " '
		index($0, name) == 1 { within = 1 }
		within { print }
		/\*\// { within = 0 }' kmod/*.c)
	grep -q '^ \* Context: ' <<<"$doc" && grep -q '^ \* Since: ' <<<"$doc" ||
		echo "no comment tells its context, and since when it is there"
	grep -q "\<$1(" kmod/bootstrap_api.h || echo "not in bootstrap_api.h"
	grep -qx "\.Ss $1" kmod/man/bootstrap.9 || echo "no entry in bootstrap(9)"
	grep -q "\<$1(" selftests/driver/bootstrap_caller.c ||
		echo "bootstrap_caller.ko does not call it"
}

# complete NAME COMPLAINTS: a result.
complete() {
	if [ -z "$2" ]; then
		result ok "$1"
	else
		result "not ok" "$1"
		printf '# %s\n' "${2//$'\n'/$'\n'# }"
	fi
}

# shellcheck disable=SC2013 # words are meant
for command in $(sed -n 's/^#define BOOTSTRAP_IOC_\([A-Z_]*\)[[:space:]]*_IO.*/\1/p' "$HEADER"); do
	complete "$command" "$(lacks "$command")"
done
for function in $EXPORTED; do
	complete "$function" "$(grep -q "\<$function(" userlib/include/bootstrap/*.h ||
		echo "no header of the library has it")"
done
for call in $MACH_CALLS; do
	complete "$call" "$(mach_lacks "$call")"
done
for code in $MACH_CODES; do
	complete "$code" "$(code_lacks "$code")"
done
for call in $SESSION_CALLS; do
	complete "$call" "$(session_lacks "$call")"
done
for code in $SESSION_CODES; do
	complete "$code" "$(session_code_lacks "$code")"
done
for call in $LOGIN_CALLS; do
	complete "$call" "$(login_lacks "$call")"
done
for call in $KERNEL_CALLS; do
	complete "$call" "$(kernel_lacks "$call")"
done
for code in $LOGIN_CODES; do
	complete "$code" "$(login_code_lacks "$code")"
done
for call in $PLUGIN_CALLS; do
	complete "$call" "$(plugin_lacks "$call")"
done
for code in $PLUGIN_CODES; do
	complete "$code of plug-ins" "$(plugin_code_lacks "$code")"
done
for value in $PLUGIN_VALUES; do
	complete "$value" "$(plugin_value_lacks "$value")"
done
for key in $PLUGIN_KEYS; do
	complete "value $key" "$(plugin_key_lacks "$key")"
done
sum
