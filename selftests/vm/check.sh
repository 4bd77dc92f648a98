#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds everything, runs all tests in QEMU, prints TAP and the sum.
#   KERNEL=6.1   the kernel to test on
#   DEBUG=0|1    only the stock or only the debug kernel (both by default)
#   CPUS=1|2     only that number of processors (both by default)
#   TEST=name    only that test, on the stock kernel unless DEBUG=1
KERNEL_ASKED=${KERNEL:-6.1} CPUS_ASKED=${CPUS:-1 2}
. "$(dirname "$0")/common.sh"
. "$VM_DIR/suite.sh"

# What a packager and a user of the library do with "make install".
check_install() {
	local root=$BUILD/install-root flags release

	release=$(find_kernel "$KERNEL_ASKED" && echo "$RELEASE")
	rm -rf "$root"
	make -s -C "$TOP" install KVER="$release" DESTDIR="$root" PREFIX=/opt \
		>"$BUILD/install.log" 2>&1 || { cat "$BUILD/install.log"; return 1; }
	[ -e "$root/lib/modules/$release/updates/bootstrap.ko" ] &&
		[ -e "$root/opt/share/man/man4/bootstrap.4" ] &&
		[ -e "$root/opt/share/man/man9/bootstrap.9" ] &&
		[ -e "$root/opt/share/man/man1/bootstrapctl.1" ] &&
		[ -e "$root/opt/share/man/man3/bootstrap.3" ] &&
		[ -e "$root/opt/share/man/man3/SessionGetInfo.3" ] &&
		[ -e "$root/opt/share/man/man3/AuthorizationRightGet.3" ] &&
		[ -e "$root/opt/share/man/man5/authorization.5" ] &&
		[ -e "$root/opt/lib/libbootstrap-login.a" ] &&
		[ -e "$root/opt/include/Security/AuthorizationDB.h" ] &&
		[ -d "$root/opt/lib/bootstrap/plugins" ] &&
		[ -e "$root/opt/share/man/man8/bootstrap-agents.8" ] &&
		[ -x "$root/opt/lib/bootstrap/bootstrap-agents" ] &&
		[ -e "$root/opt/share/man/man7/bootstrap-login-mechanisms.7" ] &&
		[ -e "$root/opt/share/man/man7/bootstrap.7" ] &&
		[ -e "$root/opt/share/man/man8/bootstrap-login-host.8" ] &&
		[ -x "$root/opt/lib/bootstrap/bootstrap-login-host" ] &&
		[ -x "$root/opt/lib/bootstrap/bootstrap-plugin-host" ] &&
		[ -e "$root/opt/include/Security/AuthorizationPlugin.h" ] &&
		[ -e "$root/opt/share/man/man8/pam_bootstrap.8" ] &&
		[ -e "$root/usr/share/pam-configs/bootstrap" ] &&
		[ -e "$root/lib/$(gcc -print-multiarch)/security/pam_bootstrap.so" ] &&
		[ -x "$root/opt/bin/bootstrapctl" ] &&
		[ -e "$root/opt/lib/sysusers.d/bootstrap-login.conf" ] &&
		[ -e "$root/opt/lib/udev/rules.d/60-bootstrap.rules" ] &&
		[ -e "$root/opt/lib/modules-load.d/bootstrap.conf" ] &&
		[ -e "$root/opt/include/bootstrap/bootstrap.hpp" ] &&
		[ -e "$root/opt/lib/cmake/Bootstrap/BootstrapConfig.cmake" ] &&
		[ -e "$root/opt/share/bash-completion/completions/bootstrapctl" ] &&
		grep -q '^ExecStart=/opt/bin/' \
			"$root/opt/lib/systemd/system/bootstrap-console.service" ||
		return
	flags=$(PKG_CONFIG_PATH=$root/opt/lib/pkgconfig \
		PKG_CONFIG_SYSROOT_DIR=$root pkg-config --cflags --libs libbootstrap)
	# shellcheck disable=SC2086 # flags are words
	gcc -o "$BUILD/installed-mach" "$TOP/selftests/mach/climb.c" $flags &&
		gcc -o "$BUILD/installed-example" "$BUILD/selftests/readme_example.c" $flags &&
		readelf -d "$BUILD/installed-example" | grep -q 'libbootstrap\.so\.0' &&
		check_install_samples "$root/opt/share/doc/bootstrap/samples" $flags &&
		check_install_login "$root" && check_install_module "$root" "$release"
}

# And what another module of the kernel is built with.
check_install_module() {
	local src=$1/opt/src/bootstrap dir=$BUILD/installed-driver

	rm -rf "$dir"
	mkdir "$dir"
	cp "$TOP"/selftests/driver/* "$dir/"
	make -s -C "/lib/modules/$2/build" M="$dir" BOOTSTRAP="$src" \
		KBUILD_EXTRA_SYMBOLS="$src/$2/Module.symvers" \
		modules >"$BUILD/installed-driver.log" 2>&1 &&
		[ "$(modinfo -F depends "$dir/bootstrap_driver.ko")" = bootstrap ]
}

# check_install_samples DIR FLAG...: each is built from what is installed alone.
check_install_samples() {
	local dir=$1 sample
	shift

	for sample in null reset progress; do
		gcc -Wall -Werror -fPIC -shared -o "$BUILD/installed-$sample.so" \
			"$dir/$sample.c" "$@" || return
	done
	[ -x "$dir/check" ]
}

# The same of libbootstrap-login, which looks for plug-ins where they are installed.
check_install_login() {
	local flags

	flags=$(PKG_CONFIG_PATH=$1/opt/lib/pkgconfig pkg-config \
		--define-variable=prefix="$1/opt" --define-variable=libdir="$1/opt/lib" \
		--cflags --libs libbootstrap-login)
	# shellcheck disable=SC2086 # flags are words
	gcc -Wall -Wextra -Werror -x c -o "$BUILD/installed-login" - $flags <<-'END' &&
		#include <Security/AuthorizationDB.h>
		#include <bootstrap/login.h>
		#include <stdio.h>

		int main(void)
		{
			AuthorizationRef ref;

			if (AuthorizationCreate(NULL, NULL, 0, &ref))
				return 1;
			plist_free(plist_new_dict());
			puts(bnl_plugin_directory());
			return AuthorizationFree(ref, 0);
		}
	END
		readelf -d "$BUILD/installed-login" |
		grep -q 'libbootstrap-login\.so\.0' &&
		[ "$(LD_LIBRARY_PATH=$1/opt/lib "$BUILD/installed-login")" = \
			/opt/lib/bootstrap/plugins ]
}

# Instructions, of what is this project's own.
run_bench() {
	KERNEL=$KERNEL_ASKED BASELINE=check bash "$VM_DIR/bench.sh" \
		>"$BUILD/bench.tap" 2>&1 || true
}

module_without_warnings() {
	! grep -E 'warning|error' "$BUILD"/module-*.log
}

# Real logins and real servers, with what they show as comments.
run_demos() {
	local name

	for name in session names pam programs documents logins mechanisms plugins; do
		KERNEL=$KERNEL_ASKED CPUS=2 DEMO_TAP=1 \
			bash "$VM_DIR/demo.sh" $name >"$BUILD/$name.tap" || true
	done
}

judge_demos() {
	grep -h '^#' "$BUILD"/{session,names,pam,programs,documents,logins,mechanisms,plugins}.tap || true
	check "session: from login to logout, make demo (build/session.console)" \
		grep -qx 'ok 1 session' "$BUILD/session.tap"
	check "names: three ssh logins, and services (build/names.console)" \
		grep -qx 'ok 1 names' "$BUILD/names.tap"
	check "pam: logins that are announced (build/pam.console)" \
		grep -qx 'ok 1 pam' "$BUILD/pam.tap"
	check "programs: nginx, Python and sshd serve names (build/programs.console)" \
		grep -qx 'ok 1 programs' "$BUILD/programs.tap"
	check "documents: examples of pages and README are run (build/documents.console)" \
		grep -qx 'ok 1 documents' "$BUILD/documents.tap"
	check "logins: of all kinds, under systemd (build/logins.console)" \
		grep -qx 'ok 1 logins' "$BUILD/logins.tap"
	check "mechanisms: what runs at logins (build/mechanisms.console)" \
		grep -qx 'ok 1 mechanisms' "$BUILD/mechanisms.tap"
	check "plugins: shared objects, and the user, at logins (build/plugins.console)" \
		grep -qx 'ok 1 plugins' "$BUILD/plugins.tap"
}

# asked KIND CPUS: is it among the guests that this run is about?
asked() {
	case " $CPUS_ASKED " in
	*" $2 "*) ;;
	*) return 1 ;;
	esac
	case "$1:$DEBUG" in
	*-debug:0) return 1 ;;
	*-debug:*) ;;
	*:1) return 1 ;;
	esac
}

# guest KIND CPUS [TEST]...: runs one that is asked for, without these tests.
guest() {
	asked "$1" "$2" || return 0
	KERNEL_ARGS="WITHOUT=,$(IFS=, && echo "${*:3}")," run_guest "$1" "$2"
}

judge() {
	! asked "$1" "$2" || judge_guest "$1" "$2"
}

# Two lanes, of about the same length: most of what runs in a guest keeps one
# processor of the host busy. All but the tool's tests run on both kernels. What
# takes long is left out where another guest shows it as well: storms take two
# processors; faults are ordered by a thread for itself, so that one will do; of
# the tool it is the sanitized one that looks for its own faults. Where the stock
# kernel has one processor instructions are counted, which is three times as slow.
# What runs mechanisms asks little of the kernel, and waits much. A host of plug-ins
# cannot load the sanitized library, which the samples want.
STORMS=(storm_test storm_sessions_test storm_service_test storm_tree_test
	storm_test.sh)
TOOL=(tool_test.sh tool_tree_test.sh tool_launchctl_test.sh tool_logout_test.sh
	tool_console_test.sh right_test.sh agents_test.sh mach_programs_test.sh)
HOSTS=(login_host_test login_plugin_test)
run_lanes() {
	local kind=$KERNEL_ASKED

	(
		guest "$kind-debug" 2 fail_nth_test fail_nth_service_test "${TOOL[@]}" \
			"${HOSTS[@]}"
		[ "$DEBUG" = 0 ] || run_fuzz
		[ "$DEBUG" = 1 ] || { run_demos && run_bench; }
	) &
	bash "$TOP/selftests/lint.sh" fast >"$BUILD/lint.tap" 2>&1 || true
	[ "$DEBUG" = 1 ] ||
		bash "$TOP/selftests/packages.sh" >"$BUILD/debian.tap" 2>&1 || true
	guest "$kind-debug" 1 quota_test wait_test session_end_test sessions_test \
		module_test.sh "${TOOL[@]}" "${STORMS[@]}"
	guest "$kind" 1 quota_test restart_test driver_test.sh "${TOOL[@]}" \
		"${STORMS[@]}" "${HOSTS[@]}"
	guest "$kind-san" 2 wait_test session_end_test samples_test
	wait
}

# For whoever waits for it.
run_test() {
	local kind=$KERNEL_ASKED

	guest "$kind" 1 &
	guest "$kind-san" 2 samples_test &
	guest "$kind-debug" 1 &
	guest "$kind-debug" 2 &
	wait
}

judge_all() {
	judge "$KERNEL_ASKED" 1
	judge "$KERNEL_ASKED-san" 2
	judge "$KERNEL_ASKED-debug" 1
	judge "$KERNEL_ASKED-debug" 2
	[ -z "${TEST:-}" ] || return 0
	count lint cat "$BUILD/lint.tap"
	[ "$DEBUG" = 1 ] || count debian cat "$BUILD/debian.tap"
	[ "$DEBUG" = 0 ] ||
		judge_last fuzz '[1-9][0-9]* calls, [1-9][0-9]* edges, 0 crashes'
	[ "$DEBUG" = 1 ] || judge_demos
	[ "$DEBUG" = 1 ] || judge_last bench '[1-9][0-9]* ratios, 0 regressions'
}

build() {
	local kind flags

	for kind in "$KERNEL_ASKED"{,-san,-debug}; do
		asked "$kind" 1 || asked "$kind" 2 || continue
		say "kernel $kind"
		find_kernel "$kind"
		flags=(W=1 C=2)
		case $kind in
		*-debug) flags=() ;;
		# Checked by sparse is only what is compiled.
		"$KERNEL") rm -rf "${BUILD:?}/$MODULE" ;;
		esac
		prepare_guest "$kind" "${flags[@]}"
	done
}

run_fuzz() {
	KERNEL=$KERNEL_ASKED FUZZ_SECONDS=60 bash "$VM_DIR/fuzz.sh" \
		>"$BUILD/fuzz.tap" 2>&1 || true
}

# judge_last NAME PATTERN: a run whose last line says how it went.
judge_last() {
	local said

	said=$(cat "$BUILD/$1.tap")
	printf '# %s\n' "${said//$'\n'/$'\n'# }"
	said=$(tail -n 1 <<<"$said")
	check "$said" grep -q "^$1: $2\$" <<<"$said"
}

# count NAME COMMAND...: a script of checks that has a sum of its own.
count() {
	local name=$1 line
	shift

	while IFS= read -r line; do
		case $line in
		"ok "*"# SKIP"*) result skip "$name: $(tap_name "$line")" "${line#*# SKIP}" ;;
		"ok "*) result ok "$name: $(tap_name "$line")" ;;
		"not ok "*) result "not ok" "$name: $(tap_name "$line")" ;;
		"#"*) echo "$line" ;;
		esac
	done < <("$@")
}

echo "TAP version 13"
DEBUG=${DEBUG:-${TEST:+0}}
rm -f "$BUILD"/module-*.log
prepare_suite sparse
TESTS=${TEST:-$TESTS}
build
if [ -z "${TEST:-}" ]; then
	if [ "$DEBUG" != 1 ]; then # what users build and install
		check "build: module without warnings (W=1, sparse)" module_without_warnings
		check "install: a program builds with what is installed" check_install
	fi
	count complete bash "$TOP/selftests/completeness.sh"
	count bindings bash "$TOP/selftests/bindings.sh"
	count documents python3 -B "$TOP/selftests/documents/check.py" "$TOP" "$BUILD"
fi
if [ -z "${TEST:-}" ]; then
	run_lanes
else
	run_test
fi
judge_all
sum
