#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that takes it that root can write to any home, and tells whether.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

stretch=$(value stretch) can=no
! echo "$stretch" 2>/dev/null >"$(value home)/by.mechanism" || can=yes
echo "$stretch root $can" >>"$DIR/seen"
