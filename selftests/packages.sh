#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's packages of this: builds them, and has them judged, installed, upgraded
# and purged in a chroot, where DKMS builds the module. A line of TAP for each.
#   packages.sh            all that
#   packages.sh build DIR  only builds them, and puts them there
#   packages.sh abi        records the libraries' ABI, once it is what it is to be:
#                          userlib/abi/*.abi
#   KERNELS="6.1 6.12 sid" which kernels the module is to be built for, and which
#                          of them have it loaded in QEMU: all but the first, whose
#                          guest is that of "demo.sh packages"
KERNELS=${KERNELS:-6.1}
. "$(dirname "$0")/vm/common.sh"

OUT=$BUILD/packages
ALL=(bootstrap-dkms bootstrap-tools libbootstrap-dev libbootstrap-login0
	libbootstrap0 libpam-bootstrap python3-bootstrap)
LIBRARIES=(libbootstrap libbootstrap-login)
NEXT=0.2~upgrade

# --- building

# source_status: what git has to say of the tree.
source_status() {
	git -C "$TOP" status --porcelain
}

# build DIR [VERSION]: a copy of the tree, so that nothing is left in that.
build() {
	local dir=$1 src=$1/src version=${2:-} first

	rm -rf "$dir"
	mkdir -p "$src"
	git -C "$TOP" ls-files -co --exclude-standard |
		while IFS= read -r file; do
			[ ! -e "$TOP/$file" ] || printf '%s\n' "$file"
		done | (cd "$TOP" && xargs -d '\n' cp --parents -t "$src")
	if [ -n "$version" ]; then
		first=$(dpkg-parsechangelog -l "$src/debian/changelog" -S Version)
		{
			sed "1s/($first)/($version)/; /^ -- /q" "$src/debian/changelog"
			echo
			cat "$TOP/debian/changelog"
		} >"$src/debian/changelog.new"
		mv "$src/debian/changelog.new" "$src/debian/changelog"
	fi
	# What make was told of this run is not for another one.
	(cd "$src" && env -u MAKEFLAGS -u MFLAGS -u KVER -u KERNEL -u DEBUG -u CPUS \
		dpkg-buildpackage -us -uc -b -j"$(nproc)") >"$dir/log" 2>&1 ||
		{ tail -n 40 "$dir/log"; return 1; }
}

# deb DIR PACKAGE: its file.
deb() {
	echo "$1/$2"_*.deb
}

debs() {
	local name

	for name in "${ALL[@]}"; do
		deb "$1" "$name"
	done
}

all_built() {
	local file

	for file in $(debs "$OUT/first"); do
		[ -s "$file" ] || { echo "$file is not there"; return 1; }
	done
}

# --- what can be said without installing them

files_of() {
	dpkg-deb --fsys-tarfile "$(deb "$OUT/first" "$1")" | tar -tf - |
		sed 's/^\.//; /\/$/d'
}

# has PACKAGE: all files that are told on standard input, and none but those.
has() {
	diff <(sort) <(files_of "$1" | grep -v '^/usr/share/doc/' | sort)
}

lacks_nothing() {
	local arch version=$1

	arch=$(gcc -print-multiarch)
	has libbootstrap0 <<-END &&
		/usr/lib/$arch/libbootstrap.so.0
	END
		has libbootstrap-login0 <<-END &&
			/usr/lib/$arch/libbootstrap-login.so.0
		END
		has libpam-bootstrap <<-END &&
			/lib/$arch/security/pam_bootstrap.so
			/usr/share/man/man8/pam_bootstrap.8.gz
			/usr/share/pam-configs/bootstrap
		END
		has bootstrap-tools <<-END &&
			/lib/systemd/system/bootstrap-console.service
			/usr/bin/bootstrapctl
			/usr/lib/bootstrap/bootstrap-agents
			/usr/lib/bootstrap/bootstrap-login-host
			/usr/lib/bootstrap/bootstrap-plugin-host
			/usr/lib/sysusers.d/bootstrap-login.conf
			/usr/share/bash-completion/completions/bootstrapctl
			/usr/share/lintian/overrides/bootstrap-tools
			/usr/share/man/man1/bootstrapctl.1.gz
			/usr/share/man/man5/authorization.5.gz
			/usr/share/man/man7/bootstrap-login-mechanisms.7.gz
			/usr/share/man/man8/bootstrap-agents.8.gz
			/usr/share/man/man8/bootstrap-login-host.8.gz
		END
		has bootstrap-dkms <<-END &&
			/lib/udev/rules.d/60-bootstrap.rules
			/usr/lib/modules-load.d/bootstrap.conf
			/usr/share/man/man4/bootstrap.4.gz
			/usr/share/man/man7/bootstrap-security.7.gz
			/usr/share/man/man7/bootstrap.7.gz
			/usr/share/man/man9/bootstrap.9.gz
			/usr/src/bootstrap-$version/Kbuild
			/usr/src/bootstrap-$version/dkms.conf
			/usr/src/bootstrap-$version/keep-symbols
			$(cd "$TOP" && printf "/usr/src/bootstrap-$version/%s\n" \
				kmod/*.[ch] uapi/linux/*.h)
		END
		has python3-bootstrap <<-END &&
			$(cd "$TOP/userlib/python" && printf "/usr/lib/python3/dist-packages/%s\n" \
				bootstrap/*)
		END
		has libbootstrap-dev <<-END
			$(cd "$TOP/userlib/include" && find . -name '*.h*' -printf '/usr/include/%P\n')
			/usr/include/linux/bootstrap.h
			$(printf "/usr/lib/$arch/%s\n" {libbootstrap,libbootstrap-login}.{a,so} \
				cmake/Bootstrap/BootstrapConfig{,Version}.cmake \
				pkgconfig/{libbootstrap,libbootstrap-login}.pc)
			$(cd "$TOP/userlib/man" && printf '/usr/share/man/man3/%s.gz\n' *.3)
		END
}

# Pages tell where this build looks for plug-ins.
pages_tell_paths() {
	local file

	for file in man5/authorization.5 man8/bootstrap-login-host.8; do
		dpkg-deb --fsys-tarfile "$(deb "$OUT/first" bootstrap-tools)" |
			tar -xOf - "./usr/share/man/$file.gz" | zcat >"$OUT/page"
		grep -q /usr/lib/bootstrap/plugins "$OUT/page" &&
			! grep /usr/local/lib "$OUT/page" || return
	done
}

is_lintian_clean() {
	# Root is told that it had better not.
	lintian --fail-on error,warning --tag-display-limit 0 \
		"$OUT"/first/*.changes 2>&1
}

# --- the ABI

# unpack_library NAME: with what the compiler knew of it.
unpack_library() {
	local part

	for part in "$1"0 "$1"0-dbgsym; do
		dpkg-deb -x "$(deb "$OUT/first" "$part")" "$OUT/$1"
	done
}

# abi COMMAND NAME [OPTION]...: of what is declared in headers alone.
write_abi() {
	abidw --exported-interfaces-only --no-corpus-path --no-comp-dir-path \
		--no-show-locs --no-elf-needed --type-id-style hash \
		--drop-private-types --headers-dir "$TOP/userlib/include" \
		-d "$OUT/$1/usr/lib/debug" --out-file "$2" \
		"$OUT/$1/usr/lib/$(gcc -print-multiarch)/$1.so.0"
}

compare_abi() {
	abidiff --no-show-locs "$2" "$OUT/$1.abi"
}

# Both guards see a function that is not as it was.
guards_see() {
	local dir=$OUT/first/src symbols=$OUT/broken.symbols

	sed '/ bns_usage@/d' "$dir/debian/libbootstrap0.symbols" >"$symbols"
	! (cd "$dir" && dpkg-gensymbols -c4 -plibbootstrap0 -Pdebian/libbootstrap0 \
		-I"$symbols" -O/dev/null) >"$OUT/broken.log" 2>&1 || return
	sed 's/ bns_session@/ bns_gone@/' "$dir/debian/libbootstrap0.symbols" >"$symbols"
	! (cd "$dir" && dpkg-gensymbols -c4 -plibbootstrap0 -Pdebian/libbootstrap0 \
		-I"$symbols" -O/dev/null) >"$OUT/broken.log" 2>&1 || return
	grep -v "<parameter .*name='uid'" "$TOP/userlib/abi/libbootstrap.abi" \
		>"$OUT/broken.abi"
	! cmp -s "$OUT/broken.abi" "$TOP/userlib/abi/libbootstrap.abi" &&
		! compare_abi libbootstrap "$OUT/broken.abi" >"$OUT/broken.log"
}

# --- installing them

# in_chroot LOWER COMMAND...: in a copy of that file system which keeps what is
# written for the next command. What is mounted is gone with the command; there is
# no network, and no way to load a module into the machine's kernel.
in_chroot() {
	mkdir -p "$COPY"/{upper,work,root}
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare -mn sh -euc '
		lower=$1 copy=$2
		shift 2
		mount -t overlay -o "lowerdir=$lower,upperdir=$copy/upper,workdir=$copy/work" \
			overlay "$copy/root"
		mount -t proc proc "$copy/root/proc"
		mount -t devpts -o newinstance,ptmxmode=666 devpts "$copy/root/dev/pts"
		exec setpriv --bounding-set -sys_module chroot "$copy/root" env -i \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
			DEBIAN_FRONTEND=noninteractive "$@"' sh "$1" "$COPY" "${@:2}"
}

run() {
	in_chroot "$ROOTFS" "$@"
}

# install_in ROOTFS DIR: all packages that are there.
install_in() {
	rm -rf "$COPY/upper/tmp/debs"
	mkdir -p "$COPY/upper/tmp/debs"
	chmod 1777 "$COPY/upper/tmp"
	# shellcheck disable=SC2046 # names without spaces
	cp $(debs "$2") "$COPY/upper/tmp/debs/"
	in_chroot "$1" sh -c 'apt-get install -y /tmp/debs/*.deb' 2>&1
}

remove_copy() {
	# Overlay leaves a directory that none but root may enter.
	rm -rf "$COPY"
}

# everything: each file that there is, without what keeps a record of what was done,
# and what stands in those that users and logins are made of.
everything() {
	# shellcheck disable=SC2016 # the inner shell expands these
	run sh -c '
		find / -xdev \( -path /proc -o -path /tmp -o -path /var/log \
			-o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt \
			-o -path /var/lib/dkms/mok\* -o -path /etc/\*- \) -prune \
			-o -printf "%y %m %u %p\n" | sort
		for file in passwd group shadow gshadow pam.d/common-auth pam.d/common-account \
			pam.d/common-password pam.d/common-session \
			pam.d/common-session-noninteractive; do
			sed "s,^,$file: ," /etc/$file
		done
		dpkg-query -W -f "\${Package} \${Status}\n" | grep -i bootstrap || true'
}

# take_module LOWER RELEASE: what DKMS has built for that kernel, compressed if its own
# modules are.
take_module() {
	local dir=$OUT/ko/$2

	mkdir -p "$dir"
	# shellcheck disable=SC2016 # the inner shell expands these
	in_chroot "$1" sh -ec 'cd "/lib/modules/$1/updates/dkms"
		case $(ls) in
		bootstrap.ko) exec cat bootstrap.ko ;;
		bootstrap.ko.xz) exec xz -dc bootstrap.ko.xz ;;
		bootstrap.ko.zst) exec zstd -qdc bootstrap.ko.zst ;;
		esac' sh "$2" >"$dir/bootstrap.ko" || return
	[ "$(modinfo -F vermagic "$dir/bootstrap.ko" | cut -d ' ' -f 1)" = "$2" ]
}

# module_built VERSION: DKMS has it installed for each kernel there.
module_built() {
	local release

	run dkms status -m bootstrap 2>/dev/null | tee "$OUT/dkms.log"
	for release in $(run ls /lib/modules); do
		grep -q "^bootstrap/$1, $release, x86_64: installed" "$OUT/dkms.log" || return
		take_module "$ROOTFS" "$release" || return
	done
	[ "$(cut -d , -f 1 "$OUT/dkms.log" | sort -u)" = "bootstrap/$1" ]
}

# is_signed: by the key that DKMS made for it, as mokutil would have the firmware
# know it.
is_signed() {
	local file

	for file in "$OUT"/ko/*/bootstrap.ko; do
		[ -n "$(modinfo -F signer "$file")" ] || { echo "$file is not"; return 1; }
	done
	run openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout -subject
}

is_set_up() {
	run getent passwd bootstrap-login | grep ':/:/usr/sbin/nologin$' &&
		run grep -q 'session.*optional.*pam_bootstrap.so' /etc/pam.d/common-session &&
		run systemctl is-enabled bootstrap-console.service &&
		run test -d /usr/lib/bootstrap/plugins -a -d /etc/bootstrap/session.d &&
		run bootstrapctl --version
}

# What the -dev package is for.
program_builds() {
	# shellcheck disable=SC2016 # the inner shell expands these
	run sh -ec '
		cd /tmp
		printf "%s\n" "#include <bootstrap/bootstrap.h>" "#include <bootstrap/login.h>" \
			"int main(void) { bns_open(); return !bnl_plugin_directory(); }" >p.c
		cc -Wall -Werror -o p p.c -lbootstrap -lbootstrap-login
		./p
		readelf -d p | grep -q "libbootstrap-login.so.0"
		rm p p.c'
}

# another_module_builds VERSION: what calls ours, with what DKMS has of that.
another_module_builds() {
	local release arch

	release=$(run ls /lib/modules | head -n 1)
	arch=$(uname -m)
	mkdir -p "$COPY/upper/tmp/driver"
	cp "$TOP"/selftests/driver/* "$COPY/upper/tmp/driver/"
	run make -s -C "/lib/modules/$release/build" M=/tmp/driver modules \
		BOOTSTRAP="/usr/src/bootstrap-$1" \
		KBUILD_EXTRA_SYMBOLS="/var/lib/dkms/bootstrap/$1/$release/$arch/Module.symvers" &&
		[ "$(modinfo -F depends "$COPY/upper/tmp/driver/bootstrap_driver.ko")" = bootstrap ]
}

# What the other packages bring is found where it is looked for.
python_imports() {
	run python3 -c 'import bootstrap; bootstrap.Port.open' &&
		[ "$(run python3 -c 'import bootstrap; print(bootstrap.__file__)')" = \
			/usr/lib/python3/dist-packages/bootstrap/__init__.py ]
}

# What an administrator said before the upgrade is as it was after it.
settings_before() {
	run systemctl disable bootstrap-console.service &&
		run sh -c 'echo "<plist/>" >/etc/bootstrap/session.d/mine.plist'
}

settings_after() {
	! run systemctl is-enabled bootstrap-console.service &&
		run test -e /etc/bootstrap/session.d/mine.plist &&
		[ "$(run dpkg-query -W -f '${Version}\n' "${ALL[@]}" | sort -u)" = "$NEXT" ]
}

purge() {
	run rm /etc/bootstrap/session.d/mine.plist &&
		run sh -c 'echo "<plist/>" >/etc/authorization' &&
		run apt-get purge -y "${ALL[@]}" 2>&1
}

nothing_left() {
	everything | diff "$OUT/before" -
}

# --- other kernels

# sid's is another release, so only the module's package can be installed there.
sid_builds() {
	local image release

	image=$(bash "$VM_DIR/sid.sh") || return
	release=$(basename "$image")
	COPY=$OUT/copy-sid
	mkdir -p "$COPY/upper/tmp"
	chmod 1777 "$COPY/upper/tmp"
	cp "$(deb "$OUT/first" bootstrap-dkms)" "$COPY/upper/tmp/"
	in_chroot "$image/root" sh -c 'dpkg -i /tmp/bootstrap-dkms_*.deb' || return
	in_chroot "$image/root" dkms status -m bootstrap >"$OUT/dkms.log" || return
	grep "^bootstrap/$VERSION, $release, x86_64: installed" "$OUT/dkms.log" || return
	take_module "$image/root" "$release" || return
	remove_copy
}

# loads KIND: what DKMS has made, with bootstrapctl as it was packaged, in a guest.
loads() {
	local root=$OUT/loads-$1 status=0

	find_kernel "$1"
	rm -rf "$root"
	dpkg-deb -x "$(deb "$OUT/first" bootstrap-tools)" "$OUT/tools"
	for name in "${LIBRARIES[@]}"; do
		dpkg-deb -x "$(deb "$OUT/first" "${name}0")" "$OUT/tools"
	done
	MODULE=packages/ko/$RELEASE
	base_root "$root" "$VM_DIR/load-init"
	echo "$VM_EXIT_PASSED" >"$root/passed"
	PARTS=$OUT/tools/usr/lib/$(gcc -print-multiarch) \
		copy_program "$root" "$OUT/tools/usr/bin/bootstrapctl" /bin/bootstrapctl
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$root.cpio"
	rm -rf "$root"
	CPUS=1 VM_TIMEOUT=300 boot "packages-$1" "$root.cpio" || status=$?
	cat "$BUILD/packages-$1.console"
	rm -f "$root.cpio"
	[ "$status" = "$VM_STATUS_PASSED" ] && log_is_clean "$BUILD/packages-$1.console"
}

# --- what is to be done

need_packages dpkg-dev debhelper dh-dkms dh-python python3 lintian abigail-tools fakeroot git gcc \
	libc6-dev make pkg-config libjson-c-dev libplist-dev libpam0g-dev kmod
mkdir -p "$OUT"
COPY=$OUT/copy
VERSION=$(dpkg-parsechangelog -l "$TOP/debian/changelog" -S Version)
WHAT=${1:-all}
case $WHAT in
all) ;;
build)
	mkdir -p "${2:?"where to"}"
	build "$OUT/tmp" >&2
	# shellcheck disable=SC2046 # names without spaces
	cp $(debs "$OUT/tmp") "$2/"
	rm -rf "$OUT/tmp"
	exit ;;
abi)
	build "$OUT/first" >&2
	mkdir -p "$TOP/userlib/abi"
	for name in "${LIBRARIES[@]}"; do
		unpack_library "$name"
		write_abi "$name" "$TOP/userlib/abi/$name.abi"
	done
	exit ;;
*) die "usage: packages.sh [all|build DIR|abi]" ;;
esac

# Not followed, or all that is called by its functions alone seems to be never called.
# shellcheck source=/dev/null
. "$TOP/selftests/tap.sh"

skip() {
	tap_number=$((tap_number + 1))
	echo "ok $tap_number $1 # SKIP $2"
}

# shellcheck disable=SC2154 # tap_failed is of tap.sh
build_and_look() {
	local before name

	before=$(source_status)
	ok "all build, with the symbols that are recorded" build "$OUT/first"
	[ "$tap_failed" = 0 ] || tap_end
	ok "all are there" all_built
	ok "nothing is left in the source tree" [ "$(source_status)" = "$before" ]
	ok "lintian has nothing to say" is_lintian_clean
	ok "each has its files, and no other" lacks_nothing "$VERSION"
	ok "manual pages tell the paths of this build" pages_tell_paths
	for name in "${LIBRARIES[@]}"; do
		if [ "$(dpkg --print-architecture)" = amd64 ]; then
			rm -rf "${OUT:?}/$name"
			unpack_library "$name"
			write_abi "$name" "$OUT/$name.abi"
			ok "$name has the ABI that is recorded (packages.sh abi)" \
				compare_abi "$name" "$TOP/userlib/abi/$name.abi"
		else
			skip "$name has the ABI that is recorded" "it is that of amd64"
		fi
	done
	[ "$(dpkg --print-architecture)" != amd64 ] ||
		ok "a symbol less, one more, another parameter: each is seen" guards_see
}

install_upgrade_purge() {
	ROOTFS=$(bash "$VM_DIR/rootfs.sh" packages)
	remove_copy
	rm -rf "$OUT/ko"
	everything >"$OUT/before"
	ok "they install" install_in "$ROOTFS" "$OUT/first"
	ok "DKMS has built the module: $(run ls /lib/modules | paste -sd ' ')" \
		module_built "$VERSION"
	ok "the module is signed" is_signed
	ok "user, PAM's lines and unit are there" is_set_up
	ok "a program builds" program_builds
	ok "a module that calls ours builds" another_module_builds "$VERSION"
	ok "python has the package" python_imports
	ok "an administrator changes settings" settings_before
	ok "the next version builds" build "$OUT/next" "$NEXT"
	ok "they are upgraded" install_in "$ROOTFS" "$OUT/next"
	ok "the module is that of the upgrade" module_built "$NEXT"
	ok "settings are as they were" settings_after
	ok "they are purged" purge
	ok "nothing of them is left" nothing_left
	remove_copy
}

echo "# packages in ${OUT#"$TOP"/}/first"
build_and_look
if [ "$(id -u)" = 0 ]; then
	install_upgrade_purge
else
	skip "they install, are upgraded and purged" "it takes root"
fi
for kind in $KERNELS; do
	[ "$kind" != 6.1 ] || continue
	[ "$kind" != sid ] || ok "DKMS builds the module for sid's kernel, in its chroot" sid_builds
	ok "kernel $kind loads what DKMS has built" loads "$kind"
done
tap_end
