#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian sid's kernel, of which the machine gets nothing installed:
#   sid.sh                      prints the directory, named after the kernel's
#                               release, of vmlinuz, lib/modules and root/, a
#                               chroot with what it takes to build modules, also
#                               by DKMS
#   sid.sh build DIR [FLAG...]  builds the module in that, with these arguments
#                               to make, and puts bootstrap.ko into DIR
# It is made once, and stays as it is until it is removed from the cache.
. "$(dirname "$0")/common.sh"

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
SID=$CACHE/sid

# The archive that this machine's own release comes from has sid as well.
apt_source() {
	local codename

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format \
		'$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)' \
		'Created-By: Packages' |
		awk -v key="$KEYRING" -v codename="$codename" '
			$1 == "Debian" && $2 == codename && $4 == "main" && !found++ {
				print "deb [signed-by=" key "] " $3 " sid main"
			}'
}

# How the machine's apt reaches its mirrors. A mirror that stands still has a
# release file of sid's that has expired: these last a week.
apt_options() {
	apt-config dump | grep -E '^Acquire::(https?|Check-|Retries|Force)' || true
	printf '%s\n' 'Acquire::Check-Valid-Until "false";' \
		'APT::Sandbox::User "root";'
}

# depends PACKAGE: the names of what it depends on, one a line.
depends() {
	apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' |
		tr ',|' '\n' | awk '{ print $1 }'
}

# mmdebstrap calls this for the chroot that it made. APT_CONFIG is of that.
fetch_image() {
	local root=$1 release names modules

	release=$(depends linux-headers-amd64 |
		sed -n 's/^linux-headers-\([0-9].*-amd64\)$/\1/p')
	[ -e "$root/lib/modules/$release/build/Makefile" ] ||
		[ -e "$root/usr/src/linux-headers-$release/Makefile" ] ||
		die "cannot tell sid's kernel from linux-headers-amd64"
	# The image itself may be in packages that it depends on.
	names=$(depends "linux-image-$release" |
		grep -Fx -e "linux-binary-$release" -e "linux-modules-$release") || true
	mkdir "$WORK/debs"
	# shellcheck disable=SC2086 # names are words
	(cd "$WORK/debs" && apt-get download -q "linux-image-$release" $names) ||
		die "cannot download linux-image-$release"
	find "$WORK/debs" -name '*.deb' -exec dpkg-deb -x {} "$WORK/image" \;
	mkdir -p "$WORK/$release/lib/modules"
	for modules in "$WORK/image"{/usr,}/lib/modules/"$release"; do
		[ ! -d "$modules" ] || mv "$modules" "$WORK/$release/lib/modules/"
	done
	modules=$WORK/$release/lib/modules/$release
	mv "$WORK/image/boot/vmlinuz-$release" "$WORK/$release/vmlinuz" 2>/dev/null ||
		mv "$modules/vmlinuz" "$WORK/$release/"
	# Indices of what is in the kernel itself come with the headers.
	cp -n "$root/lib/modules/$release"/modules.* "$modules/"
	depmod -b "$WORK/$release" "$release"
	echo "$release" >"$WORK/release"
}

# Sets IMAGE and RELEASE, having made them if need be.
find_sid() {
	local old

	# What was made before DKMS belonged to it.
	for old in "$SID"/[0-9]*; do
		[ ! -d "$old/root" ] || [ -e "$old/root/usr/sbin/dkms" ] || rm -rf "$old"
	done
	RELEASE=$(find "$SID" -mindepth 2 -maxdepth 2 -name vmlinuz -printf '%h\n' \
		2>/dev/null | sed 's,.*/,,' | grep -v '^tmp' | sort -V | tail -n 1) || true
	[ -n "$RELEASE" ] || make_sid
	IMAGE=$SID/$RELEASE
}

make_sid() {
	[ "$(id -u)" = 0 ] || die "it takes root to make a chroot of sid"
	need_packages mmdebstrap debian-archive-keyring kmod
	mkdir -p "$SID"
	WORK=$(mktemp -d "$SID/tmp.XXXXXX")
	export WORK SCRIPT=$VM_DIR/sid.sh
	trap 'rm -rf "$WORK"' EXIT
	[ -n "$(apt_source)" ] || apt-get update -q >&2
	apt_source >"$WORK/sources.list"
	[ -s "$WORK/sources.list" ] || die "apt knows no source of Debian"
	apt_options >"$WORK/apt.conf"
	say "making a chroot of sid (once)"
	# shellcheck disable=SC2016 # the hook's shell expands these
	mmdebstrap --quiet --mode=root --variant=essential \
		--include=linux-headers-amd64,make,gcc,sparse,dkms \
		--aptopt="$WORK/apt.conf" \
		--customize-hook='APT_CONFIG=$MMDEBSTRAP_APT_CONFIG bash "$SCRIPT" fetch-image "$1"' \
		sid "$WORK/root" - <"$WORK/sources.list" >"$WORK/log" 2>&1 ||
		{ cat "$WORK/log" >&2; die "cannot make a chroot of sid"; }
	RELEASE=$(cat "$WORK/release")
	mv "$WORK/root" "$WORK/$RELEASE/"
	# All or nothing; another may have been faster.
	mv -T "$WORK/$RELEASE" "$SID/$RELEASE" 2>/dev/null ||
		[ -d "$SID/$RELEASE/root" ]
	rm -rf "$WORK"
}

# in_root COMMAND...: runs it in the chroot. /proc is mounted in a namespace of
# its own, so it is gone with the command whatever becomes of either.
in_root() {
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare -m sh -euc 'mount -t proc proc "$1/proc"; exec chroot "$@"' sh \
		"$IMAGE/root" env -i PATH=/usr/bin:/bin LC_ALL=C "$@"
}

# make_in_root DIR [FLAG...]: builds modules. These headers lack the script that
# tells Kbuild whether sparse is of any use. It then takes it that it is not, unless
# the command line insists.
make_in_root() {
	in_root make -C "/lib/modules/$RELEASE/build" M="$1" \
		"${@:2}" modules 2>&1 |
		sed '/checker-valid\.sh: No such file/d; /C=2 specified, but sparse/d'
}

build_module() {
	local out=$1 dir status=0
	shift

	[ "$(id -u)" = 0 ] || die "it takes root to build in a chroot"
	WORK=$(mktemp -d "$IMAGE/root/tmp/build.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	dir=${WORK#"$IMAGE/root"}
	mkdir "$WORK"/{kmod,driver}
	cp "$TOP/Kbuild" "$WORK/"
	cp "$TOP"/selftests/driver/* "$WORK/driver/"
	cp "$TOP"/kmod/*.[ch] "$WORK/kmod/"
	cp -r "$TOP/uapi" "$WORK/"
	set -- "${@/#C=2/KBUILD_CHECKSRC=2}"
	make_in_root "$dir" "$@" && make_in_root "$dir/driver" "$@" \
		KBUILD_EXTRA_SYMBOLS="$dir/Module.symvers" BOOTSTRAP="$dir" ||
		status=$?
	[ "$status" != 0 ] || {
		install -D -m 644 -t "$out" "$WORK/bootstrap.ko"
		install -D -m 644 -t "$out/driver" "$WORK"/driver/*.ko
	}
	return "$status"
}

case ${1:-} in
'')
	find_sid
	echo "$IMAGE" ;;
build)
	[ $# -ge 2 ] || die "usage: sid.sh build DIR [FLAG...]"
	shift
	find_sid
	build_module "$@" ;;
fetch-image) fetch_image "$2" ;;
*) die "usage: sid.sh [build DIR [FLAG...]]" ;;
esac
