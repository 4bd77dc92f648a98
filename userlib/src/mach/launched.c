// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a program that was started on demand is given: receive rights, as
 * sd_listen_fds(3) has them. So bootstrap_check_in() is for the server what it
 * was under launchd, whoever starts it.
 *
 * Their numbers may be other files' by the time that they are asked for: so it is
 * noted which files they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"

#define LISTEN_FDS_START 3

/* What the addresses of the module's receive rights begin with. */
#define RIGHT_PREFIX "/bootstrap/"

struct passed {
	dev_t device;
	ino_t inode;
	bool taken;
};

/* From LISTEN_FDS_START on, under the mutex; for the process with this pid. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct passed *passed;
static int passed_count;
static pid_t passed_pid;

void bns_mach_passed_init(void)
{
	const char *pid = secure_getenv("LISTEN_PID");
	const char *count = secure_getenv("LISTEN_FDS");
	struct stat stat;
	int i;

	if (!pid || !count || atoi(pid) != getpid() || atoi(count) <= 0)
		return;
	passed = calloc(atoi(count), sizeof(*passed));
	if (!passed)
		return;
	passed_pid = getpid();
	passed_count = atoi(count);
	for (i = 0; i < passed_count; i++) {
		if (fstat(LISTEN_FDS_START + i, &stat) ||
		    !bns_mach_is_listening(LISTEN_FDS_START + i)) {
			passed[i].taken = true;
			continue;
		}
		passed[i].device = stat.st_dev;
		passed[i].inode = stat.st_ino;
	}
}

/* A colon is what names are told apart by, so it has become another sign. */
static bool is_name(const char *text, size_t len, const char *name)
{
	size_t i;

	if (strlen(name) != len)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] != (name[i] == ':' ? '_' : name[i]))
			return false;
	return true;
}

/* Two names may look alike then; but the module's rights bear their own. */
static bool is_right_of(int fd, const char *name)
{
	const size_t prefix = strlen(RIGHT_PREFIX);
	struct sockaddr_un addr = { 0 };
	socklen_t size = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &size) ||
	    addr.sun_family != AF_UNIX ||
	    strncmp(addr.sun_path, RIGHT_PREFIX, prefix))
		return true;
	return !strncmp(addr.sun_path + prefix, name,
			sizeof(addr.sun_path) - prefix - 1);
}

static bool is_still_there(int fd, const struct passed *right)
{
	struct stat stat;

	return !fstat(fd, &stat) && stat.st_dev == right->device &&
	       stat.st_ino == right->inode;
}

static int take(struct passed *right, int fd)
{
	if (right->taken)
		return -EBUSY;
	right->taken = true;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static int take_by_name(const char *text, const char *name)
{
	int i, fd, ret = -ENOENT;
	size_t len;

	for (i = 0; text && i < passed_count; i++) {
		fd = LISTEN_FDS_START + i;
		len = strcspn(text, ":");
		if (is_name(text, len, name) &&
		    is_still_there(fd, &passed[i]) && is_right_of(fd, name)) {
			ret = take(&passed[i], fd);
			if (ret >= 0)
				return ret;
		}
		text += len;
		text = *text ? text + 1 : NULL;
	}
	return ret;
}

int bns_mach_check_in_passed(const char *name)
{
	int ret = -ENOENT;

	if (passed_pid != getpid())
		return ret;
	pthread_mutex_lock(&mutex);
	ret = take_by_name(secure_getenv("LISTEN_FDNAMES"), name);
	pthread_mutex_unlock(&mutex);
	return ret;
}
