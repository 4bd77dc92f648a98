# SPDX-License-Identifier: GPL-2.0
# What the scripts of the test VM share. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM_DIR/../.." && pwd)
BUILD=$TOP/build
# Kernels and root file systems take a while to make and outlive a checkout.
CACHE=${BOOTSTRAP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/bootstrap-vm}
KERNEL=${KERNEL:-6.1}
CPUS=${CPUS:-1}

# What a guest writes to isa-debug-exit when all went well; QEMU makes 2n+1.
VM_EXIT_PASSED=16
# shellcheck disable=SC2034 # for the scripts that source this
VM_STATUS_PASSED=$((2 * VM_EXIT_PASSED + 1))

die() {
	printf '%s\n' "$*" >&2
	exit 3
}

say() {
	printf '# %s\n' "$*" >&2
}

# need_packages NAME...: installs what is missing, or says what that is.
need_packages() {
	local missing=() name

	for name; do
		dpkg-query -W -f '${Status}' "$name" 2>/dev/null |
			grep -q 'ok installed' || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] ||
		die "missing packages; as root: apt-get install ${missing[*]}"
	say "installing ${missing[*]}"
	install_packages "${missing[@]}" || {
		apt-get update -q >&2
		install_packages "$@"
	} || die "cannot install ${missing[*]}"
}

install_packages() {
	DEBIAN_FRONTEND=noninteractive apt-get install -qy \
		--no-install-recommends "$@" >&2 </dev/null
}

# The kernel's release that headers are installed for, newest first.
installed_headers() {
	local dir

	for dir in /usr/src/linux-headers-"$1".*-amd64; do
		[ -e "$dir/Makefile" ] && basename "$dir" | sed 's/^linux-headers-//'
	done | grep -Ev -- '-(rt|cloud)-' | sort -rV
}

# Sets RELEASE and IMAGE (the directory with vmlinuz and lib/modules) for
# $KERNEL. The machine's own kernel and boot loader are left alone: the image
# is unpacked into the cache, never installed.
find_kernel() {
	local release meta

	for release in $(installed_headers "$KERNEL"); do
		if [ -e "$CACHE/kernel/$release/vmlinuz" ]; then
			RELEASE=$release
			IMAGE=$CACHE/kernel/$release
			return
		fi
	done
	case $KERNEL in
	6.1) meta=amd64 ;;
	*) meta=$KERNEL-amd64 ;;
	esac
	apt-cache show "linux-image-$meta" >/dev/null 2>&1 || {
		[ "$(id -u)" = 0 ] && apt-get update -q >&2
	}
	RELEASE=$(apt-cache depends "linux-image-$meta" 2>/dev/null |
		sed -n 's/.*Depends: linux-image-\([0-9].*-amd64\)$/\1/p' |
		head -n 1)
	case $RELEASE in
	"$KERNEL".*) ;;
	*) die "no package of a $KERNEL kernel (linux-image-$meta)" ;;
	esac
	need_packages "linux-headers-$RELEASE"
	IMAGE=$CACHE/kernel/$RELEASE
	fetch_kernel
}

fetch_kernel() {
	local tmp

	mkdir -p "$CACHE/kernel"
	tmp=$(mktemp -d "$CACHE/kernel/tmp.XXXXXX")
	say "fetching linux-image-$RELEASE"
	(cd "$tmp" && apt-get -o APT::Sandbox::User=root download -q "linux-image-$RELEASE" >&2) ||
		die "cannot download linux-image-$RELEASE (apt-get update?)"
	dpkg-deb -x "$tmp"/linux-image-*.deb "$tmp/root"
	mv "$tmp/root/boot/vmlinuz-$RELEASE" "$tmp/root/vmlinuz"
	rm -rf "$tmp/root/boot" "$IMAGE"
	mv "$tmp/root" "$IMAGE"
	rm -rf "$tmp"
	# Without root the headers' version decides; see find_kernel.
	depmod -b "$IMAGE" "$RELEASE" 2>/dev/null || true
}

# Sets KSFT: the kernel's selftest harness, from Debian's kernel source.
find_kselftest() {
	local source=/usr/src/linux-source-6.1.tar.xz tmp

	KSFT=$CACHE/kselftest
	[ -e "$KSFT/lib.mk" ] && return
	need_packages linux-source-6.1 xz-utils
	mkdir -p "$CACHE"
	tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
	say "unpacking the kselftest harness"
	tar -C "$tmp" --strip-components=4 -xf "$source" \
		linux-source-6.1/tools/testing/selftests/kselftest.h \
		linux-source-6.1/tools/testing/selftests/kselftest_harness.h \
		linux-source-6.1/tools/testing/selftests/lib.mk \
		linux-source-6.1/tools/testing/selftests/kselftest
	# Tests include "../kselftest_harness.h", as they would in a kernel tree.
	mkdir "$tmp/bootstrap"
	rm -rf "$KSFT"
	mv "$tmp" "$KSFT"
}

# copy_program ROOT FILE [DEST]: a program with the libraries it needs.
copy_program() {
	local root=$1 file=$2 dest=${3:-$2} lib

	install -D "$file" "$root$dest"
	# Of a static program there is nothing to be said.
	{ LD_LIBRARY_PATH=$BUILD ldd "$file" 2>/dev/null || true; } |
		sed -n 's,.*[[:space:]]\(/[^ ]*\).*,\1,p' | while read -r lib; do
		[ -e "$root/lib/$(basename "$lib")" ] ||
			install -D "$lib" "$root/lib/$(basename "$lib")"
	done
}

# boot NAME INITRD QEMU-ARGS...: runs a guest to its end, its console in
# build/NAME.console. The kernel's arguments come in KERNEL_ARGS. Returns
# QEMU's status: VM_STATUS_PASSED, or another if anything went wrong.
boot() {
	local name=$1 initrd=$2 status=0
	shift 2

	timeout --foreground "${VM_TIMEOUT:-1200}" qemu-system-x86_64 \
		-M q35 -m "${VM_MEMORY:-1024}" -smp "$CPUS" \
		-nodefaults -no-user-config -no-reboot -display none \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$IMAGE/vmlinuz" -initrd "$initrd" \
		-append "console=ttyS0 quiet loglevel=6 panic=-1 oops=panic panic_on_warn=1 no_timer_check ${KERNEL_ARGS:-}" \
		"$@" </dev/null >"$BUILD/$name.qemu" 2>&1 || status=$?
	[ ! -s "$BUILD/$name.qemu" ] || cat "$BUILD/$name.qemu" >&2
	return $status
}

# Lines of a kernel log that no run may have.
log_is_clean() {
	! grep -aE 'WARNING:|BUG:|\bOops\b|general protection|Call Trace|Kernel panic|INFO: (possible|task|rcu|suspicious)|refcount_t|leaked|UBSAN|KASAN|kmemleak' "$1"
}

# build_parts [KBUILD-FLAG...]: module, library and tools for $RELEASE; says
# something only if they fail.
build_parts() {
	make -s -C "$TOP" module KVER="$RELEASE" KBUILD_FLAGS="-s $*" \
		>"$BUILD/module.log" 2>&1 || { cat "$BUILD/module.log" >&2; die "the module does not build"; }
	make -s -C "$TOP" lib tools >"$BUILD/user.log" 2>&1 ||
		{ cat "$BUILD/user.log" >&2; die "library or tools do not build"; }
}

# copy_modules DIR NAME...: these and what they need, in DIR/order to be loaded.
copy_modules() {
	local dir=$1 name file
	shift

	[ -e "$IMAGE/lib/modules/$RELEASE/modules.dep" ] || depmod -b "$IMAGE" "$RELEASE"
	for name; do
		modprobe -d "$IMAGE" -S "$RELEASE" --show-depends "$name" ||
			die "kernel $RELEASE has no module $name"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' |
		while read -r file; do
			cp "$file" "$dir/"
			basename "$file" >>"$dir/order"
		done
}

# rootfs_initramfs OUT GUEST: what boots the Debian root file system, see
# rootfs-init, and runs the script GUEST there with all parts in place.
rootfs_initramfs() {
	local out=$1 guest=$2 root applet payload

	root=$(mktemp -d "$BUILD/initramfs.XXXXXX")
	payload=$root/payload
	mkdir -p "$root"/{bin,dev,proc,sys,lower,over,new,modules}
	install /bin/busybox "$root/bin/busybox"
	for applet in sh mount mkdir cat cp ln insmod switch_root; do
		ln -s busybox "$root/bin/$applet"
	done
	install "$VM_DIR/rootfs-init" "$root/init"
	copy_modules "$root/modules" virtio_pci 9pnet_virtio 9p overlay
	mkdir -p "$payload"/usr/{bin,sbin,lib/bootstrap}
	gcc -static -O2 -Wall -o "$payload/usr/sbin/vm-exit" "$VM_DIR/vm-exit.c"
	install "$BUILD/bootstrapctl" "$payload/usr/bin/"
	install -m 644 "$BUILD/libbootstrap.so.0" "$payload/usr/lib/"
	install -m 644 "$BUILD/$RELEASE/bootstrap.ko" "$payload/usr/lib/bootstrap/"
	install "$guest" "$payload/usr/lib/bootstrap/init"
	printf 'EXIT_PASSED=%s\n' "$VM_EXIT_PASSED" >"$payload/usr/lib/bootstrap/conf"
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out"
	rm -rf "$root"
}

# The value of QEMU's -virtfs that shares a root file system with its guest,
# which cannot write to it.
rootfs_share() {
	echo "local,path=${1//,/,,},mount_tag=rootfs,security_model=none,readonly=on"
}

# rootfs_guest NAME: all that it takes to boot a Debian guest which runs
# NAME-guest.sh; sets ROOTFS.
rootfs_guest() {
	need_packages gcc libc6-dev make pkg-config libjson-c-dev cpio \
		busybox-static qemu-system-x86 kmod
	mkdir -p "$BUILD"
	find_kernel
	# shellcheck disable=SC2034 # for the scripts that source this
	ROOTFS=$(bash "$VM_DIR/rootfs.sh")
	build_parts -s
	rootfs_initramfs "$BUILD/$1.initramfs" "$VM_DIR/$1-guest.sh"
}
