// SPDX-License-Identifier: GPL-2.0
/* Ends the guest with a status: QEMU's isa-debug-exit at port 0xf4. */
#include <stdlib.h>
#include <sys/io.h>

int main(int argc, char **argv)
{
	if (argc != 2 || ioperm(0xf4, 4, 1))
		return 1;
	outl(strtoul(argv[1], NULL, 10), 0xf4);
	return 1;
}
