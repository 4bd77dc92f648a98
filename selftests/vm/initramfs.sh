#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: initramfs.sh OUT: the test guest's file system, from what is in build/.
# From the environment come MODULE, TESTS, and PARTS, where library and tools
# are taken from.
. "$(dirname "$0")/common.sh"

OUT=$1
ROOT=$(mktemp -d "$BUILD/initramfs.XXXXXX")
trap 'rm -rf "$ROOT"' EXIT

mkdir -p "$ROOT"/{bin,sbin,dev,proc,sys,tmp,run,etc,lib64,tests,home/alice,home/bob,root}
chmod 755 "$ROOT"
# The loader is asked for in lib64, libraries are looked for in lib.
rmdir "$ROOT/lib64"
mkdir "$ROOT/lib"
ln -s lib "$ROOT/lib64"

install /bin/busybox "$ROOT/bin/busybox"
for applet in $(/bin/busybox --list); do
	[ -e "$ROOT/bin/$applet" ] || ln -s busybox "$ROOT/bin/$applet"
done
# Not a link to what everybody runs: this one is set-user-id, as su must be.
rm "$ROOT/bin/su"
install -m 4755 /bin/busybox "$ROOT/bin/su"

printf 'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000:Alice:/home/alice:/bin/sh\nbob:x:1001:1001:Bob:/home/bob:/bin/sh\n' >"$ROOT/etc/passwd"
printf 'root:x:0:\nalice:x:1000:\nbob:x:1001:\nstaff:x:77:\n' >"$ROOT/etc/group"
printf 'root::19000::::::\nalice::19000::::::\nbob::19000::::::\n' >"$ROOT/etc/shadow"
printf '/bin/sh\n' >"$ROOT/etc/shells"

gcc -static -O2 -Wall -o "$ROOT/bin/vm-exit" "$VM_DIR/vm-exit.c"
install "$VM_DIR/init" "$ROOT/init"
install -m 644 "$BUILD/$MODULE/bootstrap.ko" "$ROOT/bootstrap.ko"
copy_program "$ROOT" "$PARTS/bootstrapctl" /bin/bootstrapctl
# Where the library has it started from.
mkdir -p "$ROOT/usr/local/bin"
ln -s /bin/bootstrapctl "$ROOT/usr/local/bin/bootstrapctl"
copy_program "$ROOT" "$PARTS/bootstrap-agents" \
	/usr/local/lib/bootstrap/bootstrap-agents
cp -r "$TOP/tools/agents/examples" "$ROOT/usr/local/lib/bootstrap/"
copy_program "$ROOT" "$PARTS/pam_bootstrap.so" /lib/security/pam_bootstrap.so
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
