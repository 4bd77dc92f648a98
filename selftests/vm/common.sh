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
# What guests are made of: programs and library as they are, or with sanitizers.
PARTS=${PARTS:-$BUILD}

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

# find_kernel [KIND]: sets, for "6.1" ($KERNEL if nothing is said), "sid",
# "6.1-debug", or the latter with a way to compile the module, "6.1-debug-kcov",
# or "6.1-san", where library and tool have sanitizers:
#   KERNEL   its version
#   IMAGE    the directory with vmlinuz, and lib/modules if there are any
#   RELEASE  the kernel's release
#   MODULE   the directory below build/ where our module is built for it
find_kernel() {
	local kind=${1:-$KERNEL}

	KERNEL=${kind%%-*}
	case $kind in
	*-debug*)
		IMAGE=$(KERNEL=$KERNEL bash "$VM_DIR/debug-kernel.sh")
		RELEASE=$(cat "$IMAGE/build/include/config/kernel.release")
		MODULE=$kind
		;;
	sid)
		IMAGE=$(bash "$VM_DIR/sid.sh")
		RELEASE=$(basename "$IMAGE")
		MODULE=sid
		;;
	*)
		find_stock_kernel
		MODULE=$RELEASE
		;;
	esac
}

# The machine's own kernel and boot loader are left alone: the image is unpacked
# into the cache, never installed.
find_stock_kernel() {
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

# base_root ROOT INIT: a file system for guests that test the module: busybox,
# two users, the module, and what is its first process.
base_root() {
	local root=$1 init=$2 applet

	mkdir -p "$root"/{bin,sbin,lib,dev,proc,sys,tmp,run,etc,tests,home/alice,home/bob,root}
	chmod 755 "$root"
	# The loader is asked for in lib64, libraries are looked for in lib.
	ln -s lib "$root/lib64"

	install /bin/busybox "$root/bin/busybox"
	for applet in $(/bin/busybox --list); do
		[ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
	done
	# Not a link to what everybody runs: this one is set-user-id, as su must be.
	rm "$root/bin/su"
	install -m 4755 /bin/busybox "$root/bin/su"

	printf 'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000:Alice:/home/alice:/bin/sh\nbob:x:1001:1001:Bob:/home/bob:/bin/sh\nbootstrap-login:x:990:990::/:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nalice:x:1000:\nbob:x:1001:\nstaff:x:77:\n' >"$root/etc/group"
	printf 'root::19000::::::\nalice::19000::::::\nbob::19000::::::\n' >"$root/etc/shadow"
	printf '/bin/sh\n' >"$root/etc/shells"

	gcc -static -O2 -Wall -o "$root/bin/vm-exit" "$VM_DIR/vm-exit.c"
	install "$init" "$root/init"
	install -m 644 "$BUILD/$MODULE/bootstrap.ko" \
		"$BUILD/$MODULE"/driver/bootstrap_{driver,caller}.ko "$root/"
}

# copy_program ROOT FILE [DEST]: a program with the libraries it needs.
copy_program() {
	local root=$1 file=$2 dest=${3:-$2} lib

	install -D "$file" "$root$dest"
	# Of a static program there is nothing to be said.
	{ LD_LIBRARY_PATH=$PARTS ldd "$file" 2>/dev/null || true; } |
		sed -n 's,.*[[:space:]]\(/[^ ]*\).*,\1,p' | while read -r lib; do
		[ -e "$root/lib/$(basename "$lib")" ] ||
			install -D "$lib" "$root/lib/$(basename "$lib")"
	done
}

# Does KVM work? /dev/kvm may be there and yet hang what is booted with it, so a
# guest must have come up once since the machine did.
kvm_works() {
	local answer

	grep -Eqw 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ] || return
	answer=$BUILD/kvm-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$answer" ]; then
		kvm_probe && echo yes >"$answer" || echo no >"$answer"
		say "KVM works here: $(cat "$answer")"
	fi
	[ "$(cat "$answer")" = yes ]
}

kvm_probe() {
	local root status=0

	root=$(mktemp -d "$BUILD/probe.XXXXXX")
	gcc -static -O2 -Wall -o "$root/init" "$VM_DIR/vm-exit.c"
	(cd "$root" && echo init | cpio -o -H newc -R 0:0 --quiet) >"$root.cpio"
	timeout --foreground 30 qemu-system-x86_64 -M q35 -accel kvm -cpu host \
		-m 512 -nodefaults -no-user-config -no-reboot -display none \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$IMAGE/vmlinuz" -initrd "$root.cpio" \
		-append "quiet panic=-1 -- $VM_EXIT_PASSED" \
		</dev/null >/dev/null 2>&1 || status=$?
	rm -rf "$root" "$root.cpio"
	[ $status = $VM_STATUS_PASSED ]
}

# machine_args: QEMU's for the kernel at hand, the least that it comes up on;
# ACCEL=tcg: to be emulated in any case.
machine_args() {
	if [ "${ACCEL:-}" != tcg ] && kvm_works; then
		printf '%s\n' -accel kvm -cpu host
	else
		printf '%s\n' -accel tcg -cpu max
	fi
	case $MODULE in
	*-debug*) printf '%s\n' -M microvm,acpi=off -m "${VM_MEMORY:-1536}" ;;
	*) printf '%s\n' -M q35 -m "${VM_MEMORY:-1024}" ;;
	esac
}

# share_args DIR: QEMU's for a directory that a debug guest may write to.
share_args() {
	printf '%s\n' -fsdev "local,id=share,path=${1//,/,,},security_model=none" \
		-device virtio-9p-device,fsdev=share,mount_tag=share
}

# The first fault is the end, and QEMU's. No five levels of page tables: while
# the kernel identifies a processor that has them, KASAN takes what is in order
# for wild if an interrupt comes.
GUARD_ARGS="panic=-1 reboot=t oops=panic panic_on_warn=1 kasan_multi_shot no5lvl"

# boot NAME INITRD QEMU-ARGS...: runs a guest to its end, its console in
# build/NAME.console. The kernel's arguments come in KERNEL_ARGS. Returns
# QEMU's status: VM_STATUS_PASSED, or another if anything went wrong.
boot() {
	local name=$1 initrd=$2 status=0 machine
	shift 2

	mapfile -t machine < <(machine_args)
	timeout --foreground "${VM_TIMEOUT:-1800}" qemu-system-x86_64 \
		"${machine[@]}" -smp "$CPUS" \
		-nodefaults -no-user-config -no-reboot -display none \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$IMAGE/vmlinuz" -initrd "$initrd" \
		-append "console=ttyS0 quiet loglevel=6 $GUARD_ARGS no_timer_check ${KERNEL_ARGS:-}" \
		-serial "file:$BUILD/$name.console" \
		"$@" </dev/null >"$BUILD/$name.qemu" 2>&1 || status=$?
	[ ! -s "$BUILD/$name.qemu" ] || cat "$BUILD/$name.qemu" >&2
	return $status
}

# results_args FILE: QEMU's for the second serial port, which results go out by.
results_args() {
	printf '%s\n' -chardev "file,id=results,path=${1//,/,,}" \
		-device isa-serial,chardev=results,index=1
}

# without_collector FILE: a kernel log without what lockdep says of AF_UNIX's own
# collector on 6.1.192, where unix_collect_skb() takes the lock of an embryo's
# queue under its listener's and does not say that these are two kinds.
without_collector() {
	awk '
		/WARNING: possible recursive locking detected/ { held = ""; holds = 1 }
		!holds { print; next }
		{ held = held $0 "\n" }
		/<\/TASK>/ {
			if (held !~ /lock:[^\n]*\n[^\n]*rlock-AF_UNIX[^\n]*unix_collect_skb/)
				printf "%s", held
			holds = 0
		}
		END { if (holds) printf "%s", held }
	' "$1"
}

# Lines of a kernel log that no run may have. A page fault for which memory was
# made to fail is taken again, and the kernel wonders.
log_is_clean() {
	! without_collector "$1" | grep -av 'VM_FAULT_OOM leaked out' |
		grep -aE 'WARNING:|BUG:|\bOops\b|general protection|Call Trace|Kernel panic|INFO: (possible|task|rcu|suspicious)|refcount_t|leaked|UBSAN|KASAN|kmemleak'
}

# build_module [KBUILD-FLAG...]: and those that call it, for the kernel at hand; says something only if
# it fails.
build_module() {
	local log=$BUILD/module-$MODULE.log

	case $MODULE in
	*-kcov) set -- "$@" KCOV_INSTRUMENT=y ;;
	*-gcov) set -- "$@" GCOV_PROFILE=y ;;
	esac
	case $MODULE in
	sid) bash "$VM_DIR/sid.sh" build "$BUILD/sid" "$@" ;;
	*-debug*)
		make -s -C "$TOP" driver KVER="$MODULE" KDIR="$IMAGE/build" \
			KBUILD_FLAGS="-s $*"
		;;
	*) make -s -C "$TOP" driver KVER="$MODULE" KBUILD_FLAGS="-s $*" ;;
	esac >"$log" 2>&1 || { cat "$log" >&2; die "the module does not build"; }
}

# build_user [VARIABLE=VALUE...]: library and tools.
build_user() {
	make -s -C "$TOP" lib tools samples "$@" >"$BUILD/user.log" 2>&1 ||
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

# rootfs_initramfs OUT GUEST KIND: what boots the Debian root file system of this
# kind, see rootfs-init, and runs the script GUEST there with all parts in place:
# as the first process, or as a unit of systemd's; of the kind "packages" no part is
# in place, but our packages are there. What more there is to be of the kernel's
# modules comes in GUEST_MODULES; and of what is built in GUEST_FILES.
rootfs_initramfs() {
	local out=$1 guest=$2 kind=$3 root applet payload parts=/usr/lib/bootstrap

	root=$(mktemp -d "$BUILD/initramfs.XXXXXX")
	payload=$root/payload
	mkdir -p "$root"/{bin,dev,proc,sys,lower,over,new,modules}
	install /bin/busybox "$root/bin/busybox"
	for applet in sh mount mkdir cat cp ln insmod switch_root; do
		ln -s busybox "$root/bin/$applet"
	done
	install "$VM_DIR/rootfs-init" "$root/init"
	# shellcheck disable=SC2086 # modules are words
	copy_modules "$root/modules" virtio_pci 9pnet_virtio 9p overlay ${GUEST_MODULES:-}
	[ "$kind" != packages ] || parts=/opt/guest
	mkdir -p "$payload$parts" "$payload/usr/sbin"
	gcc -static -O2 -Wall -o "$payload/usr/sbin/vm-exit" "$VM_DIR/vm-exit.c"
	install "$guest" "$payload$parts/init"
	install -m 644 "$VM_DIR"/{facts,members,line,mechanisms,*-stories}.sh "$payload$parts/"
	printf 'EXIT_PASSED=%s\n' "$VM_EXIT_PASSED" >"$payload$parts/conf"
	if [ "$kind" = packages ]; then
		install -D -m 644 -t "$payload$parts/debs" "$BUILD"/packages/guest/*.deb
	else
		add_parts "$payload"
	fi
	echo $parts/init >"$root/next"
	[ "$kind" = plain ] || add_units "$payload" "$kind" $parts >"$root/next"
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out"
	rm -rf "$root"
}

# add_parts ROOT: all that "make install" would put there, and the module, and what
# guests' scripts use.
add_parts() {
	local root=$1

	mkdir -p "$root"/usr/{bin,local/lib/bootstrap}
	install "$BUILD/bootstrapctl" "$root/usr/bin/"
	install "$BUILD"/bootstrap-{agents,login-host,plugin-host} \
		"$root/usr/local/lib/bootstrap/"
	install -m 644 "$BUILD"/libbootstrap{,-login}.so.0 "$root/usr/lib/"
	install -m 644 "$BUILD/$MODULE/bootstrap.ko" "$root/usr/lib/bootstrap/"
	# There, and not asked for unless the guest says so.
	install -D -m 644 -t "$root/usr/lib/$(gcc -print-multiarch)/security" \
		"$BUILD/pam_bootstrap.so"
	install -D -m 644 -t "$root/usr/share/pam-configs" \
		"$TOP/tools/pam/bootstrap"
	install -m 644 "$VM_DIR"/programs/* "$root/usr/lib/bootstrap/"
	install -m 644 -D -t "$root/usr/lib/python3/dist-packages/bootstrap" \
		"$TOP"/userlib/python/bootstrap/*.py
	install -m 644 -D -t "$root/usr/lib/bootstrap/python" \
		"$TOP"/selftests/python/test_{device,session}.py \
		"$TOP"/userlib/python/examples/*.py
	install -m 644 -D -t "$root/usr/lib/bootstrap/mechanisms" \
		"$VM_DIR"/mechanisms/*
	[ -z "${GUEST_FILES:-}" ] ||
		(cd "$BUILD" && cp -r "${GUEST_FILES[@]}" "$root/usr/lib/bootstrap/")
}

# add_units ROOT KIND PARTS: what systemd is to start; prints where that itself is.
add_units() {
	local dir=$1/etc/systemd/system

	mkdir -p "$dir"/{sysinit,multi-user}.target.wants
	sed "s|/usr/lib/bootstrap/init|$3/init|" "$VM_DIR/systemd/guest.service" \
		>"$dir/guest.service"
	if [ "$2" != packages ]; then
		install -m 644 "$VM_DIR/systemd/bootstrap.service" \
			"$BUILD/bootstrap-console.service" "$dir/"
		ln -s ../bootstrap.service "$dir/sysinit.target.wants/"
	fi
	ln -s ../guest.service "$dir/multi-user.target.wants/"
	echo /lib/systemd/systemd
}

# The value of QEMU's -virtfs that shares a root file system with its guest,
# which cannot write to it.
rootfs_share() {
	echo "local,path=${1//,/,,},mount_tag=rootfs,security_model=none,readonly=on"
}

# rootfs_guest NAME [KIND]: all that it takes to boot a Debian guest which runs
# NAME-guest.sh, see rootfs.sh; sets ROOTFS.
rootfs_guest() {
	need_packages gcc libc6-dev make pkg-config libjson-c-dev libplist-dev \
		libpam0g-dev \
		cpio busybox-static qemu-system-x86 kmod
	mkdir -p "$BUILD"
	find_kernel
	# shellcheck disable=SC2034 # for the scripts that source this
	ROOTFS=$(bash "$VM_DIR/rootfs.sh" "${2:-plain}")
	if [ "${2:-plain}" = packages ]; then
		bash "$TOP/selftests/packages.sh" build "$BUILD/packages/guest" ||
			die "the packages do not build"
	else
		build_module
		build_user
	fi
	rootfs_initramfs "$BUILD/$1.initramfs" "$VM_DIR/$1-guest.sh" \
		"${2:-plain}"
}
