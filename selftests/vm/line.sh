# SPDX-License-Identifier: GPL-2.0
# For a guest whose third and fourth serial port are joined, see demo.sh: who is at
# the fourth, the near end, logs in at the third. DIR is set.
# shellcheck shell=bash

open_line() {
	stty -F /dev/ttyS3 115200 raw -echo
	exec {NEAR}<>/dev/ttyS3
}

# enter TEXT: a line, on the near end of the line.
enter() {
	printf '%s\r' "$1" >&"$NEAR"
}

# reads TEXT: waits until that comes from the far end.
reads() {
	local seen="" c

	while read -r -N 1 -t 60 -u "$NEAR" c; do
		seen+=$c
		printf '%s' "$c" >>"$DIR/line.log"
		[[ $seen != *"$1" ]] || return 0
	done
	return 1
}
