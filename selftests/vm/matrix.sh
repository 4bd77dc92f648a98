#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The suite on the stock kernels of Debian: that of bookworm, that of its
# security suite, and sid's. A line each, and the sum.
#   KERNELS="6.1 6.12 sid"   which of them
#   CPUS="1 2"               with how many processors
KERNELS=${KERNELS:-6.1 6.12 sid} CPUS_ASKED=${CPUS:-1 2}
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

prepare_suite
lines=()
for kind in $KERNELS; do
	before=("$passed" "$failed" "$skipped")
	say "kernel $kind"
	prepare_guest "$kind"
	for cpus in $CPUS_ASKED; do
		run_guest "$kind" "$cpus"
		judge_guest "$kind" "$cpus"
	done
	lines+=("$kind: $((passed - before[0])) passed, $((failed - before[1])) failed, $((skipped - before[2])) skipped")
done
printf '%s\n' "${lines[@]}"
sum
