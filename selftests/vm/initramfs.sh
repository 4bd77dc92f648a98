#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: initramfs.sh OUT: the test guest's file system, from what is in build/.
# From the environment come MODULE, TESTS, and PARTS, where library and tools
# are taken from.
. "$(dirname "$0")/common.sh"

OUT=$1
ROOT=$(mktemp -d "$BUILD/initramfs.XXXXXX")
trap 'rm -rf "$ROOT"' EXIT

base_root "$ROOT" "$VM_DIR/init"
copy_program "$ROOT" "$PARTS/bootstrapctl" /bin/bootstrapctl
# Where the library has it started from.
mkdir -p "$ROOT/usr/local/bin"
ln -s /bin/bootstrapctl "$ROOT/usr/local/bin/bootstrapctl"
copy_program "$ROOT" "$PARTS/bootstrap-agents" \
	/usr/local/lib/bootstrap/bootstrap-agents
copy_program "$ROOT" "$PARTS/bootstrap-login-host" \
	/usr/local/lib/bootstrap/bootstrap-login-host
# It has less room than sanitizers take.
copy_program "$ROOT" "$BUILD/bootstrap-plugin-host" \
	/usr/local/lib/bootstrap/bootstrap-plugin-host
cp -r "$BUILD/samples" "$ROOT/tests/samples"
cp -r "$TOP/tools/agents/examples" "$ROOT/usr/local/lib/bootstrap/"
copy_program "$ROOT" "$PARTS/pam_bootstrap.so" /lib/security/pam_bootstrap.so
for name in permit deny; do
	copy_program "$ROOT" "/lib/$(gcc -print-multiarch)/security/pam_$name.so" \
		"/lib/security/pam_$name.so"
done
for file in "$BUILD"/selftests/* "$PARTS"/selftests/*; do
	[ ! -x "$file" ] || [ -d "$file" ] ||
		copy_program "$ROOT" "$file" "/tests/$(basename "$file")"
done
install -m 644 "$TOP/selftests/fuzz/corpus" "$ROOT/tests/corpus"
for file in "$TOP"/selftests/*.sh; do
	[ ! -e "$file" ] || install "$file" "$ROOT/tests/$(basename "$file")"
done
{
	printf 'EXIT_PASSED=%s\n' "$VM_EXIT_PASSED"
	printf 'TESTS="%s"\n' "${TESTS:-}"
	printf '%s\n' "${GUEST_CONF:-}"
} >"$ROOT/vm.conf"

(cd "$ROOT" && find . | cpio -o -H newc -R 0:0 --quiet) >"$OUT"
