// SPDX-License-Identifier: GPL-2.0
/* Processes: the end of them, and of what they leave behind. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/*
 * For how long one is waited for that was killed: it may be in the hands of a file
 * system that never answers.
 */
#define END_MS 5000

/* What is left over may make more of it; but not for ever. */
#define ROUNDS 1000

bool process_end(pid_t pid, int pidfd)
{
	struct pollfd polled = { .fd = pidfd, .events = POLLIN };

	kill(pid, SIGKILL);
	if (poll(&polled, 1, END_MS) > 0)
		return waitpid(pid, NULL, WNOHANG) == pid;
	syslog(LOG_ERR, "process %d does not end", pid);
	return false;
}

/* From /proc/PID/stat, where the name in parentheses may have any. */
static bool stat_read(const char *pid, pid_t *ret_parent, pid_t *ret_session)
{
	char path[64], text[512], *end;
	int fd, parent, session;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %*c %d %*d %d", &parent, &session) != 2)
		return false;
	*ret_parent = parent;
	*ret_session = session;
	return true;
}

/* Each leads a session of its own. */
static bool is_of_running(const struct login *login, pid_t pid, pid_t session)
{
	const struct invocation *invocation;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		if (invocation->pidfd >= 0 &&
		    (invocation->pid == pid || invocation->pid == session))
			return true;
	return false;
}

static bool end_left(const struct login *login, const char *name)
{
	pid_t pid = atoi(name), parent, session;
	bool ended;
	int pidfd;

	if (pid <= 0 || !stat_read(name, &parent, &session) ||
	    parent != getpid() || is_of_running(login, pid, session))
		return false;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return false;
	ended = process_end(pid, pidfd);
	close(pidfd);
	return ended;
}

/* Their children become the host's as they end; so it is done until none is left. */
void processes_end_left(const struct login *login)
{
	const struct dirent *entry;
	bool again = true;
	int round;
	DIR *dir;

	for (round = 0; again && round < ROUNDS; round++) {
		dir = opendir("/proc");
		if (!dir)
			return;
		again = false;
		while ((entry = readdir(dir)))
			again |= end_left(login, entry->d_name);
		closedir(dir);
	}
}
