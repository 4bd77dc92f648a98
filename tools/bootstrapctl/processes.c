// SPDX-License-Identifier: GPL-2.0
/* What /proc tells of processes, and which of them bear a session's id. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bootstrapctl.h"

static FILE *process_file(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

void process_command(pid_t pid, char *command)
{
	FILE *file = process_file(pid, "comm");
	char *c;

	if (!file || !fgets(command, COMMAND_SIZE, file))
		*command = '\0';
	if (file)
		fclose(file);
	command[strcspn(command, "\n")] = '\0';
	for (c = command; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

int process_session(pid_t pid, uint32_t *ret_session)
{
	FILE *file = process_file(pid, "sessionid");
	int n;

	if (!file)
		return -errno;
	n = fscanf(file, "%" SCNu32, ret_session);
	fclose(file);
	return n == 1 ? 0 : -ENOENT;
}

bool process_bears(pid_t pid, uint32_t session)
{
	uint32_t borne;

	return !process_session(pid, &borne) && borne == session;
}

/* The owner of the directory would do, were it not root's of some. */
bool process_user(pid_t pid, uint32_t *ret_uid)
{
	FILE *file = process_file(pid, "status");
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "Uid: %*u %" SCNu32, ret_uid) == 1;
	if (file)
		fclose(file);
	return found;
}

static bool has_ended(int pidfd)
{
	struct pollfd polled = { .fd = pidfd, .events = POLLIN };

	return poll(&polled, 1, 0) > 0;
}

/*
 * A pidfd of a process if it bears the id and has not ended, which one does
 * until it is waited for; else below 0. That it bears the id still is seen after
 * the number was taken: by then it may have been another's.
 */
static int process_open(pid_t pid, uint32_t session)
{
	int pidfd;

	if (!process_bears(pid, session))
		return -1;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -1;
	if (process_bears(pid, session) && !has_ended(pidfd))
		return pidfd;
	close(pidfd);
	return -1;
}

int processes_each(uint32_t session, take_process take, void *context)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	bool more = true;
	pid_t pid;
	int pidfd;

	if (!dir)
		return -errno;
	while (more && (entry = readdir(dir))) {
		if (!parse_pid(entry->d_name, &pid) || pid == getpid())
			continue;
		pidfd = process_open(pid, session);
		if (pidfd < 0)
			continue;
		more = take(pid, pidfd, context);
		close(pidfd);
	}
	closedir(dir);
	return 0;
}
