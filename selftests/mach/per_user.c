// SPDX-License-Identifier: GPL-2.0
/*
 * What a terminal multiplexer does as it starts: it leaves the session's
 * namespace for that of its user, and runs a program there.
 */
#include <stdio.h>
#include <unistd.h>

#include <mach/mach.h>
#include <servers/bootstrap.h>

static int move_to_user(void)
{
	mach_port_t root = MACH_PORT_NULL, user = MACH_PORT_NULL;

	if (bootstrap_get_root(bootstrap_port, &root) != KERN_SUCCESS)
		return -1;
	if (bootstrap_look_up_per_user(root, NULL, getuid(), &user) !=
	    KERN_SUCCESS)
		return -1;
	if (task_set_bootstrap_port(mach_task_self(), user) != KERN_SUCCESS)
		return -1;
	if (mach_port_deallocate(mach_task_self(), bootstrap_port) !=
	    KERN_SUCCESS)
		return -1;
	bootstrap_port = user;
	return mach_port_deallocate(mach_task_self(), root);
}

int main(int argc, char **argv)
{
	if (argc < 2 || move_to_user() != 0) {
		fprintf(stderr, "cannot move\n");
		return 1;
	}
	execvp(argv[1], argv + 1);
	return 127;
}
