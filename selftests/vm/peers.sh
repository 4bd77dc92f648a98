#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# peers.sh: prints the path of a directory with what benchmarks compare with: some
# of Debian's packages and what they need, unpacked. They are not installed: to
# install some of them would make them this machine's own services.
. "$(dirname "$0")/common.sh"

PACKAGES=(s6 libs6-2.11 libs6-dev libskarnet2.13 skalibs-dev libexecline2.9
	dbus-broker dbus-daemon libdbus-1-3 libdbus-1-dev libsystemd0
	libsystemd-dev libapparmor1 libaudit1 libcap-ng0 libexpat1 libselinux1)
PEERS=$CACHE/peers-$(printf '%s\n' "${PACKAGES[@]}" | sha256sum | cut -c 1-12)

if [ ! -d "$PEERS" ]; then
	mkdir -p "$CACHE"
	WORK=$(mktemp -d "$CACHE/peers-tmp.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	say "fetching what is compared with"
	(cd "$WORK" && apt-get -o APT::Sandbox::User=root download -q \
		"${PACKAGES[@]}" >&2) ||
		die "cannot download ${PACKAGES[*]} (apt-get update?)"
	for package in "$WORK"/*.deb; do
		dpkg-deb -x "$package" "$WORK/root"
	done
	mv -T "$WORK/root" "$PEERS" 2>/dev/null || [ -d "$PEERS" ]
fi
echo "$PEERS"
