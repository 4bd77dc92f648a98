#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The fuzzer (see selftests/fuzz) on the debug kernel, with 2 processors.
#   KERNEL=6.1            the kernel
#   FUZZ_SECONDS=60       how long
#   FUZZ_SEED=N           of what is random
#   FUZZ_REPLAY=FILE      runs that file's programs again and again instead
# What a crash leaves goes to build/fuzz/reproducer; what is worth to be kept for
# later runs is in build/fuzz/corpus.
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

OUT=$BUILD/fuzz
MEMORY=$OUT/memory
KIND=$KERNEL-debug-kcov
SIZE=2048

# Prints the last line of the run.
tell() {
	local line

	if [ "$1" = 0 ]; then
		line=$(sed -n 's/\r$//; s/^# \(fuzz: [0-9]* calls, [0-9]* edges\)$/\1, 0 crashes/p' \
			"$BUILD/guest-$KIND-cpus2.results")
		[ -n "$line" ] && echo "$line" && return
	fi
	"$BUILD/selftests/fuzzer" salvage "$MEMORY" "$OUT/reproducer"
	say "the last programs are in $OUT/reproducer (make fuzz-replay)"
}

mkdir -p "$OUT/share"
rm -f "$OUT"/share/*
if [ -n "${FUZZ_REPLAY:-}" ]; then
	cp "$FUZZ_REPLAY" "$OUT/share/replay"
fi
prepare_suite
export TESTS=fuzzer GUEST_CONF
GUEST_CONF="SHARE=y TEST_TIMEOUT=$((${FUZZ_SECONDS:-60} + 300))
export FUZZ_SECONDS=${FUZZ_SECONDS:-60} FUZZ_SEED=${FUZZ_SEED:-} FUZZ_CORPUS=/share/corpus
export FUZZ_REPLAY=${FUZZ_REPLAY:+/share/replay}"
prepare_guest "$KIND"
mapfile -t share < <(share_args "$OUT/share")
# The guest's memory is a file, so that what was run can be read from it when
# the guest is no more.
# The first fault ends it, so that what led there is among the last.
VM_TIMEOUT=$((${FUZZ_SECONDS:-60} + 600)) VM_MEMORY=$SIZE KERNEL_ARGS=kasan.fault=panic \
	run_guest "$KIND" 2 "${share[@]}" \
	-object "memory-backend-file,id=ram,size=${SIZE}M,mem-path=$MEMORY,share=on" \
	-machine memory-backend=ram
judge_guest "$KIND" 2
[ ! -s "$OUT/share/corpus" ] || mv "$OUT/share/corpus" "$OUT/corpus"
status=0
[ "$failed" = 0 ] || status=1
tell $status
rm -f "$MEMORY"
exit $status
