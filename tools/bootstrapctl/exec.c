// SPDX-License-Identifier: GPL-2.0
/* The command exec: a command in another namespace. */
#include <errno.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* A subset is this process's, which becomes the command, and ends with it. */
static int exec_open(const struct args *args)
{
	int port, handle;

	if (!args->subset)
		return namespace_open(&args->which, 0);
	port = args->which.text ? namespace_open(&args->which, 0) :
				  port_open();
	handle = bns_subset(port, NULL, -1, 0, NULL);
	close(port);
	return handle;
}

int cmd_exec(const struct args *args)
{
	int handle = exec_open(args), err;

	/* Above those that a command takes for something else. */
	err = handle < 0 ? handle :
			   namespace_hand_down(handle, STDERR_FILENO + 1);
	if (err)
		return complain(err, "exec");
	run_command(args->command);
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}
