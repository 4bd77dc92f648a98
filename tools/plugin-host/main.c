// SPDX-License-Identifier: GPL-2.0
/*
 * bootstrap-plugin-host: the process that plug-ins of one login run in, for
 * bootstrap-login-host.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.h"

static bool is_started_by_engine(void)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return !getsockopt(PLUGIN_HOST_FD, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       type == SOCK_SEQPACKET;
}

int main(void)
{
	struct message *message;

	if (!is_started_by_engine()) {
		fprintf(stderr,
			"bootstrap-plugin-host is started by bootstrap-login-host, see bootstrap-login-host(8).\n");
		return 2;
	}
	/* Hosts of other logins have the same user, if it is not root. */
	if (getuid() && prctl(PR_SET_DUMPABLE, 0))
		return EXIT_FAILURE;
	if (fcntl(PLUGIN_HOST_FD, F_SETFD, FD_CLOEXEC))
		return EXIT_FAILURE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!messages_start()) {
		fprintf(stderr, "no memory\n");
		return EXIT_FAILURE;
	}
	while ((message = message_next())) {
		mechanism_act(message);
		free(message);
	}
	mechanisms_destroy();
	plugins_destroy();
	return EXIT_SUCCESS;
}
