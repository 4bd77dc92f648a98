#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Has seeded.ko commit its bug. The kernel's command line names that, whose
# words are variables for init and for what it starts.
# shellcheck disable=SC2317 # functions are called through ok
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

commit() {
	echo >/dev/seeded
}

# What is to be found in a module that is loaded, or as another one goes.
stays() {
	case $SEEDED_BUG in
	memory_leak_* | module_held) ;;
	*) false ;;
	esac
}

ok "load" insmod /seeded.ko bug="${SEEDED_OFF:-$SEEDED_BUG}"
ok "commit the bug" commit
stays || ok "unload" rmmod seeded
tap_end
