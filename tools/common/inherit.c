// SPDX-License-Identifier: GPL-2.0
/* The namespace that a command inherits. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "launch.h"

#define VARIABLE "BOOTSTRAP_NAMESPACE"

/* The handle that the environment names, if it is one indeed; else below 0. */
static int inherited(void)
{
	struct bootstrap_namespace about = { .size = sizeof(about) };
	const char *text = getenv(VARIABLE);
	uint64_t id;
	int fd;

	if (text && sscanf(text, "%d:%" SCNu64, &fd, &id) == 2 &&
	    !bns_namespace(fd, NULL, &about) && about.namespace_id == id)
		return fd;
	return -1;
}

void namespace_forget(void)
{
	int fd = inherited();

	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	unsetenv(VARIABLE);
}

int namespace_hand_down(int handle, int lowest)
{
	static char environment[BNS_ENVIRONMENT_MAX];
	int fd = fcntl(handle, F_DUPFD, lowest);
	int err;

	if (fd < 0)
		return -errno;
	err = bns_environment(fd, environment, sizeof(environment));
	if (err < 0)
		return err;
	namespace_forget();
	return putenv(environment) ? -errno : 0;
}

int namespace_keep(int lowest)
{
	int fd = inherited();

	return fd < 0 || fd >= lowest ? 0 : namespace_hand_down(fd, lowest);
}
