#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that runs on after its result, and interrupts what comes after it as
# soon as there is a card.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

card=out
[ ! -e "$DIR/card" ] || card=in
echo "watch $(value reason) $card" >>"$DIR/seen"
gives '{"result": "allow", "hints": {"card": "'$card'"}}'
until [ -e "$DIR/card" ]; do
	sleep 0.1
done
[ $card = in ] || gives '{"interrupt": true}'
sleep infinity
