#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A root shell in a guest with the module loaded, on this terminal.
#   KERNEL=6.1    the kernel to run it on
#   CPUS=2        number of processors
CPUS=${CPUS:-2}
. "$(dirname "$0")/common.sh"

# As boot() does it, but for somebody who looks on: no limit of time, and what
# the kernel complains about does not end it. The shell learns the terminal's
# size and kind as the kernel hands them on, in the environment.
run_shell() {
	local size status=0 machine

	mapfile -t machine < <(machine_args)
	size=$(stty size 2>/dev/null) || size="24 80"
	qemu-system-x86_64 "${machine[@]}" -smp "$CPUS" \
		-nodefaults -no-user-config -no-reboot -display none \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$IMAGE/vmlinuz" -initrd "$BUILD/shell.initramfs" \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 no_timer_check TERM=${TERM:-linux} ROWS=${size% *} COLS=${size#* } ${KERNEL_ARGS:-}" \
		-virtfs "$(rootfs_share "$ROOTFS")" \
		-serial mon:stdio || status=$?
	# Left by Ctrl-A X, QEMU is content as well.
	[ $status = "$VM_STATUS_PASSED" ] || return $status
}

rootfs_guest shell
say "kernel $RELEASE; Ctrl-A X leaves"
run_shell
