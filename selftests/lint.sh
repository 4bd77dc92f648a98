#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What checkers say about the source: a line of TAP for each, with what it says
# as comments, and the sum. Nobody may say anything but what lint.exceptions
# tells the reason of.
#   lint.sh         all of them
#   lint.sh fast    what takes less than half a minute
. "$(dirname "$0")/vm/common.sh"
. "$(dirname "$0")/vm/suite.sh"

OUT=$BUILD/lint
EXCEPTIONS=$TOP/selftests/lint.exceptions
SOURCE=linux-source-6.1

# silent NAME COMMAND...: passes if the command does and has nothing to say.
silent() {
	local name=$1 said status=0
	shift

	said=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ] && [ -z "$said" ]; then
		result ok "$name"
	else
		result "not ok" "$name"
		printf '%s\n' "${said:-failed with $status, and without a word}" |
			sed 's/^/# /'
	fi
}

# files PATTERN...: those of the checkout, whether git was told of them or not.
files() {
	local file

	git -C "$TOP" ls-files -co --exclude-standard -- "$@" | sort -u |
		while IFS= read -r file; do
			[ ! -f "$TOP/$file" ] || printf '%s\n' "$file"
		done
}

# find_files PATTERN...: sets FILES to them. To check none is to have failed.
find_files() {
	mapfile -t FILES < <(files "$@")
	[ ${#FILES[@]} -gt 0 ] || echo "no files: $*"
}

# in_parts COMMAND...: runs it in parallel, each with some of FILES.
in_parts() {
	printf '%s\n' "${FILES[@]}" | (cd "$TOP" && xargs -d '\n' -n 6 -P "$(nproc)" "$@")
}

# without PREFIX: complaints without this in front of their files.
without() {
	local line

	while IFS= read -r line; do
		printf '%s\n' "${line//"$1"/}"
	done
}

# excepted CHECKER: of the complaints, those that no exception is made for.
excepted() {
	local said pattern

	said=$(cat)
	while IFS= read -r pattern; do
		grep -Eq -- "$pattern" <<<"$said" ||
			echo "${EXCEPTIONS#"$TOP"/}: not needed: $pattern"
		said=$(grep -Ev -- "$pattern" <<<"$said" || true)
	done < <(sed -n "s/^$1 //p" "$EXCEPTIONS")
	[ -z "$said" ] || printf '%s\n' "$said"
}

# Sets SCRIPTS: the kernel's own, which are packaged in its source only.
find_scripts() {
	local tmp

	need_packages "$SOURCE" xz-utils
	SCRIPTS=$CACHE/checkpatch-$(dpkg-query -W -f '${Version}' "$SOURCE")
	[ ! -e "$SCRIPTS/checkpatch.pl" ] || return 0
	mkdir -p "$CACHE"
	tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
	say "unpacking the kernel's scripts"
	tar -C "$tmp" --strip-components=2 -xf "/usr/src/$SOURCE.tar.xz" \
		$SOURCE/scripts/{checkpatch.pl,const_structs.checkpatch,spelling.txt} \
		$SOURCE/scripts/{kernel-doc,coccinelle}
	rm -rf "$SCRIPTS"
	mv "$tmp" "$SCRIPTS"
}

# find_headers VERSION PACKAGE: any of this version will do.
find_headers() {
	[ -n "$(installed_headers "$1")" ] || need_packages "$2"
}

# module VERSION FLAGS: what Kbuild has to say, less what it says of itself.
module() {
	local release

	release=$(installed_headers "$1" | sed -n 1p)
	make -s -j "$(nproc)" -O -C "$TOP" driver B="$OUT/module" KVER="$release" \
		KBUILD_FLAGS="-s $2" 2>&1 |
		sed '/^Skipping BTF generation/d; /^built /d' |
		without "$OUT/module/$release/"
}

module_on() {
	# Sparse checks it all, gcc only what is compiled.
	rm -rf "$OUT/module/$1".*
	module "$1" "W=1 C=2"
}

module_on_sid() {
	bash "$VM_DIR/sid.sh" build "$OUT/module/sid" -s W=1 C=2
}

# In the place of sparse, which Kbuild gives the compiler's arguments to. They
# are gcc's: taken are those that are about what is compiled.
clang_for_kbuild() {
	local args=()

	while [ $# -gt 0 ]; do
		case $1 in
		# What the kernel's headers do is not for us to judge.
		-I*) args+=(-isystem "${1#-I}") ;;
		-include | -isystem)
			args+=("$1" "$2")
			shift
			;;
		-D* | -U* | -std=* | -nostdinc | -fshort-wchar | *.c) args+=("$1") ;;
		esac
		shift
	done
	# The kernel does without these three itself.
	clang -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
		-Wno-pointer-sign "${args[@]}"
}

module_by_clang() {
	# With the flags of the check above, or gcc compiles it all once more.
	module 6.1 "W=1 C=2 CHECK='bash $TOP/selftests/lint.sh clang-for-kbuild'"
}

# The kernel's semantic patches, but for two: one is about the data of a single
# driver, and both take a compiler of OCaml, which is a lot for what sparse says
# of a 0 for a pointer as well.
module_by_coccinelle() {
	local patch options

	find "$SCRIPTS/coccinelle" -name '*.cocci' ! -name check_bq27xxx_data.cocci \
		! -name badzero.cocci | sort |
		while IFS= read -r patch; do
			options=$(sed -n 's,^// Options: ,,p' "$patch")
			# shellcheck disable=SC2086 # options are words
			spatch -D report --very-quiet --no-show-diff $options \
				--cocci-file "$patch" --dir "$TOP/kmod" \
				2>"$OUT/spatch" </dev/null |
				sed '/./!d' | without "$TOP/" ||
				{ echo "$patch:"; cat "$OUT/spatch"; }
		done
}

checkpatch() {
	find_files 'kmod/*.[ch]' 'uapi/*.h' 'selftests/*.[ch]'
	FILES=("${FILES[@]/#/$TOP/}")
	# It looks for names with capitals in a kernel's tree, which is not here,
	# leaves a note of them where it stands, and fails if it has anything to say.
	{ in_parts env -C "$OUT" LC_ALL=C perl "$SCRIPTS/checkpatch.pl" --strict \
		--no-tree --terse --show-types --no-summary -f 2>&1 || true; } |
		sed '/^total:/d; /^find: .*include/d; /./!d
			/^Use of uninitialized value .root in/d' |
		without "$TOP/" | sort | excepted checkpatch
}

kernel_doc() {
	find_files 'kmod/*.[ch]' 'selftests/driver/*.[ch]'
	in_parts perl "$SCRIPTS/kernel-doc" -none
}

# user DIR [VARIABLE...]: library, tools and samples, made anew by the Makefile's rules.
user() {
	local dir=$OUT/$1
	shift

	rm -rf "$dir"
	make -s -C "$TOP" lib tools samples B="$dir" "$@"
}

user_by_analyzer() {
	user analyzer CC=gcc \
		CFLAGS='-O0 -fanalyzer -fdiagnostics-path-format=none -Wno-error' 2>&1 |
		sed -n '/: \(warning\|error\): /p; /^make:/p' | excepted analyzer
}

tests_by_clang() {
	local args=(-fsyntax-only -Wall -Wextra -Werror -Iuapi -Iuserlib/include
		-I"$OUT")
	local peers

	make -s -C "$TOP/selftests" KSFT="$KSFT" OUTPUT="$OUT" \
		"$OUT/manual_examples.h" || return
	peers=$(bash "$VM_DIR/peers.sh")/usr/include

	# The harness compares signed and unsigned, and has functions take what few
	# tests need.
	find_files 'selftests/*.c' ':!selftests/seeded' ':!selftests/driver' \
		':!selftests/bench/floor.c'
	in_parts clang "${args[@]}" -std=gnu11 -D_GNU_SOURCE -Wno-sign-compare \
		-Wno-unused-parameter -isystem "$KSFT/bootstrap" \
		-isystem "$peers" -isystem "$peers/$(gcc -print-multiarch)" || return
	find_files 'selftests/*.cpp' ':!selftests/bindings_test.cpp'
	in_parts clang++ "${args[@]}" -std=c++11
	find_files 'selftests/bindings_test.cpp'
	in_parts clang++ "${args[@]}" -std=c++17
}

# header_compiles COMPILER STANDARD HEADER...: all in one program.
header_compiles() {
	local language=c

	[[ $2 != c++* ]] || language=c++
	printf '#include <%s>\n' "${@:3}" |
		"$1" -fsyntax-only -std="$2" -pedantic -Wall -Wextra -Werror \
			-Wno-unused-function -Iuapi -Iuserlib/include -x $language - ||
		echo "$*"
}

# The one header that is for C++ alone, whose standard goes on.
new_header() {
	local pair

	cd "$TOP" || return
	for pair in {g++,clang++}\ c++{17,20,2b}; do
		# shellcheck disable=SC2086 # pairs are words
		header_compiles $pair bootstrap/bootstrap.hpp
	done
}

# The headers that programs for the original include, whatever their language was:
# each alone, and all of them in one order and the other.
old_headers() {
	local header headers reversed pair

	cd "$TOP" || return
	mapfile -t headers < <(cd userlib/include &&
		printf '%s\n' {Security,bsm,mach,servers}/*.h ./*.h)
	mapfile -t reversed < <(printf '%s\n' "${headers[@]}" | tac)
	for pair in {gcc,clang}\ {c89,c99,c11,c17} {g++,clang++}\ c++{98,11,14,17,20}; do
		# shellcheck disable=SC2086 # pairs are words
		header_compiles $pair "${headers[@]}"
		# shellcheck disable=SC2086
		header_compiles $pair "${reversed[@]}"
	done
	for header in "${headers[@]}"; do
		header_compiles gcc c89 "$header"
		header_compiles clang++ c++98 "$header"
	done
}

# All that is a script of the shell's, or sourced by one.
shell_check() {
	local file scripts=()

	find_files
	for file in "${FILES[@]}"; do
		case $file in
		*.sh | */completion) scripts+=("$file") ;;
		*)
			! sed 1q "$TOP/$file" | grep -aEq '^#!.*[/ ](ba|da)?sh\>' ||
				scripts+=("$file")
			;;
		esac
	done
	FILES=("${scripts[@]}")
	# Those two are about functions that are sourced, and called elsewhere.
	in_parts shellcheck -f gcc -x -P SCRIPTDIR -e SC2119,SC2120
}

manual_pages() {
	find_files '*.[1-9]'
	in_parts mandoc -T lint -W warning
}

# function_text NAME FILE...: its definition, not what declares it.
function_text() {
	awk -v name="[ *]$1[(]" '
		/^[a-z]/ && $0 ~ name { text = ""; open = 0; within = 1 }
		!within { next }
		{ text = text $0 "\n" }
		$0 == "{" { open = 1 }
		!open && /;$/ { within = 0 }
		$0 == "}" { printf "%s", text; within = 0 }
	' "${@:2}"
}

# What kmod/right.c repeats, or relies on, of functions that are the kernel's own
# business: each line of af_unix.sums is a kernel, a function, and the checksum of
# its text as it was when the two were compared.
af_unix_unchanged() {
	local version file function sum known

	for version in 6.1 6.12; do
		need_packages "linux-source-$version" xz-utils
		for file in af_unix.c garbage.c; do
			tar -C "$OUT" --strip-components=3 -xf \
				"/usr/src/linux-source-$version.tar.xz" \
				"linux-source-$version/net/unix/$file"
			mv "$OUT/$file" "$OUT/$version-$file"
		done
		while read -r _ function known; do
			sum=$(function_text "$function" \
				"$OUT/$version"-{af_unix,garbage}.c |
				sha256sum | cut -c 1-16)
			[ "$sum" = "$known" ] ||
				echo "$version: $function() is now $sum: compare kmod/right.c"
		done < <(grep "^$version " "$TOP/selftests/af_unix.sums")
	done
}

fast() {
	silent "module: W=1 and sparse, kernel 6.1" module_on 6.1
	silent "module: clang" module_by_clang
	silent "checkpatch" checkpatch
	silent "kernel-doc" kernel_doc
	silent "library and tools: gcc" user gcc CC=gcc
	silent "library and tools: gcc -fanalyzer" user_by_analyzer
	silent "library and tools: clang" user clang CC=clang
	silent "tests: clang" tests_by_clang
	silent "headers: C89 to C17, C++98 to C++20" old_headers
	silent "header for C++: C++17 to C++2b" new_header
	silent "shellcheck" shell_check
	silent "manual pages: mandoc" manual_pages
}

slow() {
	silent "module: W=1 and sparse, kernel 6.12" module_on 6.12
	if [ "$(id -u)" = 0 ]; then
		silent "module: W=1 and sparse, kernel of sid" module_on_sid
	else
		result skip "module: W=1 and sparse, kernel of sid" "it takes root"
	fi
	silent "module: coccinelle" module_by_coccinelle
	silent "AF_UNIX is as kmod/right.c takes it to be" af_unix_unchanged
}

WHAT=${1:-all}
case $WHAT in
all | fast) ;;
clang-for-kbuild)
	shift
	clang_for_kbuild "$@"
	exit ;;
*) die "usage: lint.sh [all|fast]" ;;
esac
need_packages gcc libc6-dev make pkg-config libjson-c-dev libplist-dev libpam0g-dev sparse \
	clang git perl shellcheck mandoc
mkdir -p "$OUT"
find_scripts
find_kselftest
find_headers 6.1 linux-headers-amd64
if [ "$WHAT" = all ]; then
	need_packages coccinelle
	find_headers 6.12 linux-headers-6.12-amd64
	[ "$(id -u)" != 0 ] || bash "$VM_DIR/sid.sh" >/dev/null || true
fi
echo "TAP version 13"
fast
[ "$WHAT" = fast ] || slow
sum
