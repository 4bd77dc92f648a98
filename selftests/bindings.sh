#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What goes with the library and the tool, as far as it takes no module: a line of
# TAP for each check. The completion for bash knows all that bootstrapctl does, the
# Python package all that the headers have, and what is installed is found.
. "$(dirname "$0")/vm/common.sh"
. "$(dirname "$0")/vm/suite.sh"
cd "$TOP" || exit

export LD_LIBRARY_PATH=$BUILD
DIR=$BUILD/bindings
TOOL=$DIR/bootstrapctl

# In the place of the tool: what would take the module is told here.
make_tool() {
	rm -rf "$DIR"
	mkdir -p "$DIR/files"
	touch "$DIR/files/one.plist"
	cat >"$TOOL" <<-END
		#!/bin/sh
		case "\$*" in
		list)
			echo 'NAME             IN    KIND'
			echo 'org.example.a    root  file'
			echo 'org.example.böe  root  file'
			echo 'two words        root  file'
			echo 'a:b              root  file'
			;;
		sessions)
			printf '%s\n' 'SESSION  USER' 'root     root' '5        alice'
			;;
		"right list")
			echo 'RIGHT                 CLASS                TRIES  MECHANISMS'
			echo 'system.login.console  evaluate-mechanisms  3      a:first,privileged'
			echo '                                                  b:second'
			;;
		*) exec "$BUILD/bootstrapctl" "\$@" ;;
		esac
	END
	chmod 755 "$TOOL"
}

# offered WORD...: what is offered for the last of these, sorted, in one line.
offered() {
	COMP_WORDS=("$TOOL" "$@")
	COMP_CWORD=$#
	_bootstrapctl
	printf '%s\n' "${COMPREPLY[@]}" | sort -u | paste -s -d ' '
}

# offers TEXT WORD...
offers() {
	local said

	said=$(offered "${@:2}")
	[ "$said" = "$1" ] || {
		echo "# '${*:2}': '$said' is not '$1'"
		return 1
	}
}

# What --help says, read in another way than the completion does.
commands() {
	"$TOOL" --help | awk '/^Commands:/ { on = 1; next } !NF { on = 0 }
		on && /^  [a-z]/ { print $1 ($1 == "right" ? " " $2 : "") }'
}

every_command() {
	local command

	[ "$(commands | wc -l)" -gt 25 ] || return
	offers "$(commands | sed 's/ .*//' | sort -u | paste -s -d ' ')" "" || return
	offers "$(commands | sed -n 's/^right //p' | sort | paste -s -d ' ')" right "" ||
		return
	while read -r command; do
		# Some begin as another does.
		# shellcheck disable=SC2086 # it may be two words
		[[ " $(offered $command) " == *" ${command#right } "* ]] || return
	done < <(commands)
}

# Those that a command's usage tells of, in another form than its help; of those
# that have two names, the long one will do.
every_option() {
	local command option options

	while read -r command; do
		# shellcheck disable=SC2086
		options=$("$TOOL" $command --usage | tr '\n' ' ' |
			sed 's/\[--version\].*/[--version]/' |
			grep -Eo -- '\[(--[a-z]+(=[A-Z])?|-[a-z]+)' | tr -d '[' | sed 's/=.*/=/' |
			grep -vx -e -V -e -n | sort | paste -s -d ' ')
		[[ " $options " == *" --help "* ]] || return
		# shellcheck disable=SC2086
		offers "$options" $command - || return
		for option in $options; do
			# shellcheck disable=SC2086
			[[ " $(offered $command "${option%=}") " == *" $option "* ]] || return
		done
	done < <(commands)
}

# Each kind of what follows an option or a command is known; new ones fail here.
every_kind() {
	local command kind

	while read -r command; do
		for kind in $(_bootstrapctl_operands "$TOOL" "$command") \
			$(_bootstrapctl_options "$TOOL" "$command" | sed -n 's/[^=]*=//p'); do
			case $kind in
			NAME | NAME... | ID | RIGHT | MECHANISM | RIGHT\|MECHANISM | PLUGIN | \
				USER | UID | PID | FILE | PATH | WHICH | VAR=VALUE) ;;
			'PID|..|/' | 'on-demand|always') ;;
			# Of these nobody can know any.
			N | SECONDS | BASE | REASON | COMMAND) ;;
			*)
				echo "# $command: $kind"
				return 1
				;;
			esac
		done
	done < <(commands)
}

names() {
	offers 'a:b org.example.a org.example.böe two\ words' info "" &&
		offers 'org.example.a org.example.böe' wait org. &&
		offers 'two\ words' lookup 'two\ w' &&
		offers '' info org.example.a "" &&
		offers 'org.example.a org.example.böe' activate org.example.x org. &&
		offers b info a : "" && offers b info a : b && offers '' info a : c
}

values() {
	offers '5 root' session "" && offers 5 exec --session 5 &&
		offers 5 exec --session = 5 && offers '5 root' exec --session = &&
		offers 'root' list --json --namespace ro &&
		offers '' usage --bad/word= "" &&
		offers 'session session:5 session:root' watch --namespace ses &&
		offers '5 root' watch --namespace = session : "" &&
		offers 'system.login.console' right get "" &&
		offers 'a b' right insert c:d --after "" &&
		offers 'first\,privileged' right remove a : f &&
		offers .. bslist . && offers / bslist /
}

files() {
	(cd "$DIR/files" && touch 'two words' &&
		offers 'one.plist' right check o &&
		offers 'one.plist' register a --file one &&
		offers 'one.plist' right get --database = one &&
		offers 'one.plist two words' right backup "")
}

others() {
	offers "$$" bslist $$ && offers root login roo &&
		offers 'PATH=' activate --env PATH &&
		offers 'on-demand' launch-server 0 on &&
		offers '' logout --grace "" && offers '' no-such "" &&
		offers '' no/such*"'" ""
}

# As bash-completion has it, if that is loaded.
load_other() {
	# shellcheck disable=SC2317 # the completion calls it
	_command_offset() {
		COMPREPLY=("offset $1")
	}
}

another_command() {
	offers paste exec -- past && (cd "$DIR/files" && offers one.plist exec -- cat on) &&
		(load_other && offers 'offset 4' connect a -- c)
}

# It must not fail, or say anything, where there is no tool, or an old one.
without_tool() {
	TOOL=/nonexistent offers '' "" 2>&1 && TOOL=true offers '' info "" 2>&1
}

python_test() {
	PYTHONPATH=$TOP/userlib/python python3 -B -W error \
		"$TOP/selftests/python/$1.py" >"$DIR/$1.log" 2>&1 ||
		{ sed 's/^/# /' "$DIR/$1.log"; return 1; }
}

# Where the package is put is where Python looks; it needs nothing of the source.
python_installed() {
	PYTHONPATH=$ROOT/opt/lib/python3/dist-packages python3 -B -c \
		'import bootstrap; print(bootstrap.__file__)' |
		grep -qx "$ROOT/opt/lib/python3/dist-packages/bootstrap/__init__.py"
}

install_all() {
	ROOT=$DIR/root
	make -s install KVER=none DESTDIR="$ROOT" PREFIX=/opt \
		B="$DIR/build" PYTHONDIR=/opt/lib/python3/dist-packages >"$DIR/install.log" 2>&1 ||
		{ sed 's/^/# /' "$DIR/install.log"; return 1; }
	grep -q '^complete -F _bootstrapctl bootstrapctl$' \
		"$ROOT/opt/share/bash-completion/completions/bootstrapctl"
}

make_cmake_project() {
	mkdir -p "$DIR/cmake"
	cat >"$DIR/cmake/CMakeLists.txt" <<-END
		cmake_minimum_required(VERSION 3.13)
		project(example CXX)
		find_package(Bootstrap $1 REQUIRED CONFIG)
		add_executable(example example.cpp)
		target_link_libraries(example Bootstrap::bootstrap)
		$2
	END
	cat >"$DIR/cmake/example.cpp" <<-END
		#include <bootstrap/bootstrap.hpp>
		int main() { return bns::descriptor() ? 1 : 0; }
	END
	cat >"$DIR/cmake/login.cpp" <<-END
		#include <bootstrap/login.h>
		int main() { return !bnl_plugin_directory(); }
	END
}

# cmake_finds VERSION [LINE]: with this in its file, a program is built and runs.
cmake_finds() {
	make_cmake_project "$1" "${2-}"
	rm -rf "$DIR/cmake/build"
	cmake -S "$DIR/cmake" -B "$DIR/cmake/build" -DCMAKE_PREFIX_PATH="$ROOT/opt" \
		>"$DIR/cmake.log" 2>&1 &&
		cmake --build "$DIR/cmake/build" >>"$DIR/cmake.log" 2>&1 &&
		"$DIR/cmake/build/example"
}

cmake_refuses() {
	! cmake_finds "$2" && grep -q "$1" "$DIR/cmake.log"
}

LOGIN='add_executable(login login.cpp)
target_link_libraries(login Bootstrap::login)'

cmake_results() {
	if ! command -v cmake >/dev/null; then
		result skip "cmake: find_package" "there is no cmake"
		return
	fi
	check "cmake: find_package(Bootstrap)" cmake_finds 0.1
	check "cmake: libbootstrap-login" cmake_finds "" "$LOGIN"
	check "cmake: another version is refused" cmake_refuses \
		'compatible with requested version' 1.0
	check "cmake: a component that there is not" cmake_refuses \
		'Bootstrap::none is not there' "0.1 COMPONENTS none"
}

pkg_config() {
	# shellcheck disable=SC2046 # flags are words
	make_cmake_project "" "" && g++ -std=c++17 "$DIR/cmake/example.cpp" -o "$DIR/example" \
		$(PKG_CONFIG_PATH=$ROOT/opt/lib/pkgconfig pkg-config \
			--define-variable=prefix="$ROOT/opt" \
			--define-variable=libdir="$ROOT/opt/lib" \
			--cflags --libs libbootstrap) && "$DIR/example"
}

need_packages gcc g++ libc6-dev make pkg-config libjson-c-dev libplist-dev \
	libpam0g-dev python3
mkdir -p "$BUILD"
build_user
make_tool
. "$TOP/tools/bootstrapctl/completion"
echo "TAP version 13"
check "completion: every command" every_command
check "completion: every option" every_option
check "completion: every kind of operand is known" every_kind
check "completion: names" names
check "completion: values" values
check "completion: files" files
check "completion: other kinds" others
check "completion: a command after --" another_command
check "completion: without the tool" without_tool
check "python: structs, constants and functions are those of C" python_test test_abi
check "python: what takes no module" python_test test_texts
check "install" install_all
check "python: installed" python_installed
cmake_results
check "pkg-config: a program in C++" pkg_config
sum
