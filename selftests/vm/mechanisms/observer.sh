#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that tells what it sees, a line of words at a time, and allows.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

home=$(value home)
there=no
[ ! -d "$home" ] || there=yes
mechanism=$(value mechanism)
echo "${mechanism%,*} $(value stretch) $(value session) $(value username)" \
	"$(value uid) $home $there $(value ticket)" >>"$DIR/seen"
