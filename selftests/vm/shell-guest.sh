#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The first process of the guest that one can look around in.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root
PARTS=/usr/lib/bootstrap

# shellcheck source=/dev/null
. $PARTS/conf
# Unlike the console, a terminal.
exec </dev/ttyS0 >/dev/ttyS0 2>&1
# There is no init that could be asked.
printf '#!/bin/sh\nexec vm-exit %s\n' "$EXIT_PASSED" >/usr/local/sbin/poweroff
chmod +x /usr/local/sbin/poweroff
ip link set lo up
hostname guest
mkdir -p /run/sshd
/usr/sbin/sshd
insmod $PARTS/bootstrap.ko dyndbg=+p
stty rows "${ROWS:-24}" cols "${COLS:-80}"
unset ROWS COLS

cat <<'END'

The module is loaded, sshd runs. This shell is in the root session; the users
alice and bob let root in. For example:

  bootstrapctl sessions                  the sessions that there are
  bootstrapctl tree --names              the namespaces, and what is in them
  bootstrapctl register org.example.greeting -- sleep 1000 </etc/issue &
  bootstrapctl list
  bootstrapctl lookup org.example.greeting -- cat /dev/stdin
  ssh alice@localhost                    a login, a session of its own
  bootstrapctl login alice -- sh         the same without ssh
  bootstrapctl --help
  dmesg                                  with what the module tells of itself

poweroff, exit or Ctrl-A X leaves.

END
cd /root || exit
# A session and a terminal of its own, for job control.
setsid --ctty --wait bash -l
poweroff
