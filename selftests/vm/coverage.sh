#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which lines of the module the tests reach, by gcov on the debug kernel: all
# tests with 1 and with 2 processors. Reads coverage.gaps, which explains each
# line that none reaches; a line without an explanation fails. A report by lcov
# is in build/coverage/html.
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

KIND=$KERNEL-debug-gcov
OUT=$BUILD/coverage
GAPS=$TOP/selftests/coverage.gaps
LEAST=95

# gather CPUS: what a guest counted becomes a tracefile of lcov's.
gather() {
	local dir=$BUILD/$KIND/kmod

	rm -f "$dir"/*.gcda
	tar -C "$dir" -xf "$OUT/share/gcov.tar"
	# What it cannot find are the kernel's headers, and not ours to count.
	lcov -q --capture --directory "$dir" --base-directory "$BUILD/$KIND" \
		--output-file "$OUT/cpus$1.info" 2>"$OUT/lcov.log" ||
		{ cat "$OUT/lcov.log"; die "lcov fails"; }
}

run() {
	rm -rf "$OUT/share"
	mkdir -p "$OUT/share"
	mapfile -t share < <(share_args "$OUT/share")
	run_guest "$KIND" "$1" "${share[@]}"
	judge_guest "$KIND" "$1"
	gather "$1"
}

# The tests' own text is their business, not that of whom asks for coverage.
quiet() {
	grep -v '^ok ' || true
}

# missed: "file<TAB>text" for each line of ours that no test reached.
missed() {
	awk -F '[:,]' '
		/^SF:/ { file = $0; sub(/^SF:.*\/kmod\//, "kmod/", file) }
		/^DA:/ && $3 == 0 { print file, $2 }' "$OUT/module.info" |
		while read -r file line; do
			printf '%s\t%s\n' "$file" \
				"$(sed -n "${line}s/^[[:space:]]*//p" "$TOP/$file")"
		done
}

# Each gap with why it is one. Of an explanation without a gap, that.
explain() {
	local gaps file text why known=0

	gaps=$(missed)
	while IFS=$'\t' read -r file text; do
		[ -n "$file" ] || continue
		why=$(awk -F '\t+' -v file="$file" -v text="$text" \
			'$1 == file && $2 == text { print $3 }' "$GAPS")
		printf '# %s: %s\n#     %s\n' "$file" "$text" "${why:-NOT EXPLAINED}"
		[ -n "$why" ] || known=1
	done <<<"$gaps"
	while IFS=$'\t' read -r file text why; do
		grep -qxF "$file"$'\t'"$text" <<<"$gaps" ||
			{ printf '# %s: %s\n#     was reached this time\n' "$file" "$text"; }
	done < <(grep -v '^#' "$GAPS" | sed 's/\t\t*/\t/g')
	return $known
}

prepare_suite lcov
mkdir -p "$OUT"
export GUEST_CONF="SHARE=y GCOV=y"
prepare_guest "$KIND"
for cpus in 1 2; do
	run "$cpus" > >(quiet)
done
lcov -q --add-tracefile "$OUT/cpus1.info" --add-tracefile "$OUT/cpus2.info" \
	--output-file "$OUT/all.info"
# Inlines of the kernel's headers are not ours.
lcov -q --extract "$OUT/all.info" '*/kmod/*' --output-file "$OUT/module.info"
genhtml -q --output-directory "$OUT/html" "$OUT/module.info"
status=0
explain || status=1
read -r hit total < <(awk -F '[:,]' '/^DA:/ { total++; hit += $3 > 0 }
	END { print hit + 0, total + 0 }' "$OUT/module.info")
[ "$failed" = 0 ] && [ $((hit * 100)) -ge $((total * LEAST)) ] || status=1
echo "coverage: $(awk "BEGIN { printf \"%.1f\", $hit * 100 / $total }")% lines ($hit/$total)"
exit $status
