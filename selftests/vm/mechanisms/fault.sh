#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that has the result which its user's name tells: RESULT.MECHANISM. For
# others it allows.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

# A child in the group, and one that got away from it.
leave_behind() {
	sleep infinity &
	setsid sleep infinity &
}

user=$(value username)
own=$(value mechanism)
own=${own#*:} own=${own%,*}
[ "${user##*.}" = "$own" ] || exit 0
echo "$(value tries) $(value reason)" >>"$DIR/$user.runs"
case ${user%.*} in
allow) exit 0 ;;
deny) exit 1 ;;
undefined) exit 2 ;;
user-canceled) exit 3 ;;
crash)
	leave_behind
	kill -SEGV $$
	;;
hang)
	trap '' TERM HUP INT
	leave_behind
	sleep infinity
	;;
nonsense)
	leave_behind
	gives "so be it"
	;;
esac
