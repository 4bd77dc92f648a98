#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that does not come to an end without a card.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

card=$(value card)
echo "use $(value reason) $card" >>"$DIR/seen"
[ "$card" = in ] || sleep infinity
