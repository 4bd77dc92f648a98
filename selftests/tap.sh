# SPDX-License-Identifier: GPL-2.0
# TAP for tests that are scripts of the guest's shell. Sourced, never run.
# shellcheck shell=sh

tap_number=0
tap_failed=0
echo "TAP version 13"

# ok NAME COMMAND...: the command must succeed.
ok() {
	tap_name=$1
	shift
	tap_number=$((tap_number + 1))
	if tap_output=$("$@" 2>&1); then
		echo "ok $tap_number $tap_name"
	else
		tap_failed=1
		echo "not ok $tap_number $tap_name"
		echo "$tap_output" | sed 's/^/# /'
	fi
}

# status EXPECTED COMMAND...: what the command must exit with.
status() {
	expected=$1
	shift
	"$@"
	set -- $?
	[ "$1" = "$expected" ] || {
		echo "exited with $1, not $expected"
		return 1
	}
}

# says TEXT COMMAND...: what must be in the command's output.
says() {
	text=$1
	shift
	said=$("$@" 2>&1)
	case $said in
	*"$text"*) ;;
	*)
		echo "no '$text' in: $said"
		return 1
		;;
	esac
}

# prints TEXT COMMAND...: all that the command must say.
prints() {
	text=$1
	shift
	said=$("$@" 2>&1)
	[ "$said" = "$text" ] || {
		echo "'$said' is not '$text'"
		return 1
	}
}

# Waits until a command succeeds, on a slow guest for long; a minute at most.
until_so() {
	tries=300
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		usleep 200000
	done
}

# What a child ended with; a result could not wait for it.
ended() {
	wait "$1" 2>/dev/null
	# shellcheck disable=SC2034 # for whoever sources this
	ended=$?
}

tap_end() {
	echo "1..$tap_number"
	exit $tap_failed
}
