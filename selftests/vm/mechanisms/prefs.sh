#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The mechanism of that product. It acts as the user, whose home root may not be able
# to write to.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

uid=$(value uid) gid=$(value gid)
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups \
	sh /usr/lib/bootstrap/reset_preferences.sh "$(value home)/by.mechanism"
