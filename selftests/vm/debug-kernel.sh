#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Prints the directory of the debug kernel for KERNEL, as debug.config has it:
# vmlinuz, and build, for modules to be built against. It is made once, from
# Debian's linux-source, and kept in the cache; another version of the source or
# a change of the configuration makes another.
. "$(dirname "$0")/common.sh"

# untaken CONFIG: the options of debug.config that are not as they stand there.
untaken() {
	local line name

	while read -r line; do
		name=${line%%=*}
		case $line in
		CONFIG_*=n) ! grep -q "^$name=" "$1" ;;
		CONFIG_*) grep -qx "$line" "$1" ;;
		esac || say "linux-source-$KERNEL does not take $line"
	done <"$VM_DIR/debug.config"
}

configure() {
	make -s tinyconfig
	scripts/kconfig/merge_config.sh -m .config "$VM_DIR/debug.config"
	make -s olddefconfig
}

# What is needed to build modules, and the scripts that check sources.
prune() {
	rm -rf Documentation drivers fs sound samples net/*/
	find . -name .git -prune -o -type f \
		\( -name '*.o' -o -name '*.a' -o -name '*.c' -o -name '*.S' -o -name '.*.cmd' -o -name 'vmlinux*' \) \
		-not -path './scripts/*' -not -path './tools/*' -not -path './include/*' \
		-print0 | xargs -0 rm -f
}

build_kernel() {
	local tmp log=$BUILD/debug-kernel-$KERNEL.log

	mkdir -p "$CACHE/debug" "$BUILD"
	tmp=$(mktemp -d "$CACHE/debug/tmp.XXXXXX")
	say "building the debug kernel $VERSION, once; some minutes"
	mkdir "$tmp/build"
	tar -C "$tmp/build" --strip-components=1 -xf "/usr/src/$SOURCE.tar.xz"
	(
		set -e
		cd "$tmp/build"
		configure
		make -s "-j$(nproc)" bzImage modules
	) >"$log" 2>&1 </dev/null || {
		tail -n 30 "$log" >&2
		rm -rf "$tmp"
		die "the debug kernel does not build"
	}
	cp "$tmp/build/arch/x86/boot/bzImage" "$tmp/vmlinuz"
	(cd "$tmp/build" && prune)
	rm -rf "$OUT"
	mv "$tmp" "$OUT"
}

SOURCE=linux-source-$KERNEL
need_packages "$SOURCE" gcc make flex bison bc xz-utils libelf-dev libssl-dev
VERSION=$(dpkg-query -W -f '${Version}' "$SOURCE")
OUT=$CACHE/debug/$VERSION-$(cat "$VM_DIR/debug.config" "$0" | sha256sum | cut -c 1-12)
[ -e "$OUT/vmlinuz" ] || build_kernel
untaken "$OUT/build/.config"
echo "$OUT"
