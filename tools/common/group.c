// SPDX-License-Identifier: GPL-2.0
/* Programs that a launcher starts, each with a process group of its own. */
#include <errno.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

int signals_open(const int *which, sigset_t *ret_mask)
{
	struct sigaction action;
	sigset_t caught;
	int fd;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&caught);
	for (; *which; which++)
		if (!sigaction(*which, NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&caught, *which);
	sigprocmask(SIG_BLOCK, &caught, ret_mask);
	fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int signals_catch(sigset_t *ret_mask)
{
	static const int caught[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM, 0 };

	return signals_open(caught, ret_mask);
}

pid_t group_start(const sigset_t *mask, int (*become)(void *context),
		  void *context)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		sigprocmask(SIG_SETMASK, mask, NULL);
		_exit(become(context));
	}
	if (pid < 0)
		return -errno;
	setpgid(pid, pid);
	return pid;
}

/*
 * Of a server that was killed there may be workers left. They cannot serve any
 * more, and some try without end. The group is theirs until it is reaped.
 */
bool group_reap(pid_t pid, int *ret_status)
{
	siginfo_t ended = { 0 };

	if (waitid(P_PID, pid, &ended, WEXITED | WNOHANG | WNOWAIT) ||
	    !ended.si_pid)
		return false;
	kill(-pid, SIGTERM);
	return waitpid(pid, ret_status, 0) == pid;
}

const char *end_text(int status)
{
	static char text[48];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed by signal %d",
			 WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(text, sizeof(text), "ended with status %d",
			 WEXITSTATUS(status));
	else
		return NULL;
	return text;
}
