#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# rootfs.sh [plain|systemd|packages]: prints the path of a Debian root file system with
# sshd, PAM, the users alice and bob, and root's key to both. It is built once,
# from the machine's own apt sources, and kept in the cache; a change of this
# script makes another.
#   plain     without an init, with some programs that can serve
#   systemd   with all that logs users in where that is the init
#   packages  as it comes, with DKMS and what else our packages depend on, and the
#             headers of the kernel at hand and of 6.12, but nothing of ours
. "$(dirname "$0")/common.sh"

KIND=${1:-plain}
PACKAGES=(openssh-server openssh-client libpam-modules login passwd mount
	libjson-c5 libplist3 procps kmod iproute2 python3)
case $KIND in
plain) PACKAGES+=(nginx-light jq) ;;
systemd)
	PACKAGES+=(systemd systemd-sysv libpam-systemd dbus dbus-user-session
		sudo cron greetd)
	;;
packages)
	find_kernel
	PACKAGES+=(apt systemd systemd-sysv libpam-systemd dbus udev dkms openssl libc6-dev
		libplist-dev "linux-headers-$RELEASE" linux-headers-6.12-amd64)
	;;
*) die "usage: rootfs.sh [plain|systemd|packages]" ;;
esac
CODENAME=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
ROOTFS=$CACHE/rootfs-$KIND-$CODENAME-$({ cat "$0" && echo "${RELEASE:-}"; } |
	sha256sum | cut -c 1-12)

# Debian's own suites for this release, as apt knows them: by what each suite's
# signed release file says, not by an address. So sources of third parties stay
# out, and any mirror will do.
apt_sources() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format \
		'$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' |
		awk -v key="$KEYRING" -v codename="$CODENAME" '
			$1 == "Debian" && $2 ~ "^" codename "(-updates|-security)?$" && $5 == "main" {
				print "deb [signed-by=" key "] " $3, $4, $5
			}' | sort -u
}

# How the machine's apt reaches its mirrors: proxies and the like.
apt_options() {
	apt-config dump | grep -E '^Acquire::(https?|Check-|Retries|Force)' || true
}

# set_up ROOT: what is not a package's business.
set_up() {
	local root=$1 user

	chroot "$root" groupadd -g 1000 alice
	chroot "$root" groupadd -g 1001 bob
	chroot "$root" useradd -m -u 1000 -g alice -s /bin/bash alice
	# A second group lets bob make set-group-id programs.
	chroot "$root" useradd -m -u 1001 -g bob -G staff -s /bin/bash bob
	install -d -m 700 "$root/root/.ssh"
	chroot "$root" ssh-keygen -q -t ed25519 -N '' -C root -f /root/.ssh/id_ed25519
	for user in alice bob; do
		chroot "$root" install -d -m 700 -o $user -g $user "/home/$user/.ssh"
		chroot "$root" install -m 600 -o $user -g $user \
			/root/.ssh/id_ed25519.pub "/home/$user/.ssh/authorized_keys"
	done
	printf 'localhost,127.0.0.1 %s\n' "$(cat "$root/etc/ssh/ssh_host_ed25519_key.pub")" \
		>"$root/etc/ssh/ssh_known_hosts"
	# Keys and their exchange are most of a login's cost where all is emulated.
	printf '%s\n' 'ListenAddress 127.0.0.1' 'UseDNS no' \
		'HostKey /etc/ssh/ssh_host_ed25519_key' \
		'KexAlgorithms curve25519-sha256' \
		>"$root/etc/ssh/sshd_config.d/guest.conf"
	printf '127.0.0.1 localhost guest\n' >"$root/etc/hosts"
	printf 'guest\n' >"$root/etc/hostname"
	: >"$root/etc/resolv.conf"
	: >"$root/etc/motd"
	# PAM misses it at each login.
	: >"$root/etc/default/locale"
	case $KIND in
	systemd) set_up_systemd "$root" ;;
	packages) set_up_kernels "$root" ;;
	esac
}

# set_up_kernels ROOT: the indices that each kernel's own package has: modules are
# looked for in them.
set_up_kernels() {
	local root=$1 release

	cp "$IMAGE/lib/modules/$RELEASE"/modules.{order,builtin*} \
		"$root/lib/modules/$RELEASE/"
	for release in "$root"/lib/modules/*; do
		release=${release##*/}
		touch "$root/lib/modules/$release"/modules.{order,builtin}
		chroot "$root" depmod "$release"
	done
	echo 5e551055e551055e551055e551055e55 >"$root/etc/machine-id"
	chroot "$root" systemctl -q set-default multi-user.target
}

# What takes time at boot, or a device that there is none of. There is no udev:
# no device unit ever comes up, so a getty on one would be waited for in vain.
MASKED=(getty.target systemd-networkd.socket modprobe@.service
	kmod-static-nodes.service systemd-modules-load.service
	systemd-random-seed.service systemd-journal-flush.service
	systemd-pstore.service systemd-machine-id-commit.service
	proc-sys-fs-binfmt_misc.automount dev-hugepages.mount dev-mqueue.mount
	sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
	sys-fs-fuse-connections.mount remote-fs.target swap.target
	systemd-ask-password-console.path systemd-ask-password-wall.path
	dpkg-db-backup.timer fstrim.timer e2scrub_all.timer
	systemd-tmpfiles-clean.timer)

set_up_systemd() {
	local root=$1

	# Without an id all units would be set up as at a first boot.
	echo 5e551055e551055e551055e551055e55 >"$root/etc/machine-id"
	chroot "$root" systemctl -q set-default multi-user.target
	chroot "$root" systemctl -q mask "${MASKED[@]}"
	# A guest's script starts these when it is their turn.
	chroot "$root" systemctl -q disable cron.service greetd.service
	# Some logins take a password. To check it need not be dear.
	echo alice:alice | chroot "$root" chpasswd -c SHA512 -s 1000
	echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/alice"
	chmod 440 "$root/etc/sudoers.d/alice"
}

# The guests are about what PAM does at a login: without it they show nothing.
has_real_logins() {
	grep -Eq '^session.*pam_loginuid\.so' "$1/etc/pam.d/sshd" &&
		grep -Eq '^UsePAM yes' "$1/etc/ssh/sshd_config" || return
	[ "$KIND" = plain ] ||
		grep -Eq '^session.*pam_systemd\.so' "$1/etc/pam.d/common-session"
}

build_rootfs() {
	need_packages mmdebstrap debian-archive-keyring
	[ -n "$(apt_sources)" ] || apt-get update -q >&2
	apt_sources >"$WORK/sources.list"
	[ -s "$WORK/sources.list" ] ||
		die "apt knows no source of Debian ${CODENAME:-(which release?)}"
	apt_options >"$WORK/apt.conf"
	say "building a root file system ($KIND, once)"
	# The cache may be where only root can look, apt's own user cannot.
	mmdebstrap --quiet --mode=root --variant=essential \
		--include="$(IFS=,; echo "${PACKAGES[*]}")" \
		--aptopt='APT::Sandbox::User "root"' --aptopt="$WORK/apt.conf" \
		"$CODENAME" "$WORK/root" - <"$WORK/sources.list" >"$WORK/log" 2>&1 ||
		{ cat "$WORK/log" >&2; die "cannot build the root file system"; }
	set_up "$WORK/root" >&2
	has_real_logins "$WORK/root" ||
		die "this release's sshd has no PAM, or no pam_loginuid"
	# All or nothing; another may have been faster.
	mv -T "$WORK/root" "$ROOTFS" 2>/dev/null || [ -d "$ROOTFS" ]
}

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
[ "$(id -u)" = 0 ] ||
	die "it takes root to build a root file system with its users and devices, and to boot from it"
if [ ! -d "$ROOTFS" ]; then
	mkdir -p "$CACHE"
	WORK=$(mktemp -d "$CACHE/rootfs-tmp.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	build_rootfs
fi
echo "$ROOTFS"
