// SPDX-License-Identifier: GPL-2.0
/* Messages, and running commands. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

struct reason {
	int err;
	int status;
	const char *text;
};

static const struct reason reasons[] = {
	{ ENOENT, EXIT_REFUSED,
	  "no such name here (bootstrapctl list shows those there are)" },
	{ EBUSY, EXIT_REFUSED,
	  "the name is active (bootstrapctl lookup tells who registered it)" },
	{ EEXIST, EXIT_REFUSED,
	  "the name is there already, or is reserved further up" },
	{ ECONNREFUSED, EXIT_REFUSED, "the server refuses connections" },
	{ ESHUTDOWN, EXIT_REFUSED,
	  "the namespace is dead, and its names gone" },
	{ EPERM, EXIT_REFUSED,
	  "not permitted (what is root's or another's takes CAP_SYS_ADMIN)" },
	{ ESRCH, EXIT_REFUSED,
	  "no such session (bootstrapctl sessions shows those there are)" },
	{ EDQUOT, EXIT_REFUSED,
	  "the limit of this user or namespace is reached (see bootstrap(4))" },
	{ ENAMETOOLONG, EXIT_REFUSED, "longer than 127 bytes" },
	{ EILSEQ, EXIT_REFUSED,
	  "not UTF-8, or with control characters" },
	{ EINVAL, EXIT_REFUSED, "empty, or a wrong value" },
	{ ELOOP, EXIT_REFUSED,
	  "no name can stand for /dev/bootstrap itself" },
	{ EBADF, EXIT_REFUSED,
	  "not an open descriptor, or of a kind that no name can stand for" },
	{ EACCES, EXIT_REFUSED,
	  "no right to that in this namespace (root's takes CAP_SYS_ADMIN), or the security module refuses" },
};

int complain(int err, const char *thing)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].err != -err)
			continue;
		fprintf(stderr, "bootstrapctl: %s: %s\n", thing,
			reasons[i].text);
		return reasons[i].status;
	}
	fprintf(stderr, "bootstrapctl: %s: %s\n", thing, strerror(-err));
	return EXIT_SYSTEM;
}

static int port_or_exit(int port)
{
	if (port >= 0)
		return port;
	if (port == -ENOENT || port == -ENXIO || port == -ENODEV)
		fprintf(stderr, "bootstrapctl: /dev/bootstrap: no device; is the module loaded? (as root: modprobe bootstrap, or insmod bootstrap.ko)\n");
	else
		fprintf(stderr, "bootstrapctl: /dev/bootstrap: %s\n",
			strerror(-port));
	exit(EXIT_SYSTEM);
}

int port_open(void)
{
	return port_or_exit(bns_open());
}

int device_open(void)
{
	return port_or_exit(bns_open_device());
}

int run_command(char **command)
{
	int err;

	execvp(command[0], command);
	err = errno;
	fprintf(stderr, "bootstrapctl: %s: cannot be run: %s\n", command[0],
		strerror(err));
	errno = err;
	return EXIT_SYSTEM;
}

int run_command_on(int fd, char **command)
{
	/* It may be one of the two, if that was closed; then it would not last. */
	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0 ||
	    fcntl(STDIN_FILENO, F_SETFD, 0) < 0 ||
	    fcntl(STDOUT_FILENO, F_SETFD, 0) < 0)
		return complain(-errno, command[0]);
	return run_command(command);
}

int user_become(const char *name, uid_t uid, gid_t gid)
{
	int err = name ? initgroups(name, gid) : setgroups(0, NULL);

	return err || setgid(gid) || setuid(uid) ? -errno : 0;
}
