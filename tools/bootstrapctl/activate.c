// SPDX-License-Identifier: GPL-2.0
/* The command activate: a server that is started on demand. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* The server itself checks in, so that clients see its credentials. */
static int become_server(const struct launcher *launcher)
{
	const struct args *args = launcher->context;
	unsigned int i;
	int err;

	/* Where the rights go it would be overwritten. */
	err = namespace_keep(STDERR_FILENO + 1 + args->count);
	if (!err)
		err = services_check_in(&launcher->services);
	if (err)
		return complain(err, "check-in");
	for (i = 0; i < args->env_count; i++)
		putenv(args->env[i]);
	return run_command(args->command);
}

static int activate_declare(struct launcher *launcher, const struct args *args)
{
	unsigned int i;
	int handle;

	for (i = 0; i < args->count; i++) {
		handle = launcher_declare(launcher, args->operands[i]);
		if (handle < 0)
			return complain(handle, args->operands[i]);
	}
	return 0;
}

static int activate_run(struct launcher *launcher, const struct args *args)
{
	short told;

	for (;;) {
		told = launcher_poll(launcher);
		if (launcher_take_signals(launcher))
			return 0;
		if (told & POLLHUP)
			return complain(-ESHUTDOWN, args->operand);
		launcher_go_on(launcher, told & POLLIN);
	}
}

int cmd_activate(const struct args *args)
{
	struct launcher launcher = {
		.port = place_open(args), .command = args->command,
		.become = become_server, .context = args,
	};
	int status = launcher_init(&launcher);

	if (!status) {
		status = activate_declare(&launcher, args);
		if (!status) {
			status = activate_run(&launcher, args);
			launcher_stop(&launcher);
		}
	}
	launcher_free(&launcher);
	return status;
}
