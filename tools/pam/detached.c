// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that are started from within an application, and none of its business.
 *
 * A child that the application did not make may confuse it: a SIGCHLD, or a
 * result of wait(2) that is not one of its own. So the one between is made
 * without a signal at its end, and wait(2) passes over it unless asked. And since
 * the application may have threads, which hold whatever locks they hold, all that
 * runs in the copies of it are system calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_bootstrap.h"

#define EXIT_CANNOT_RUN 126

/* As fork(), but without a signal at the end, and without anybody being told. */
static pid_t fork_silently(void)
{
	return syscall(SYS_clone, 0, 0, 0, 0, 0);
}

/* What is blocked or ignored here need not be there. */
static void signals_reset(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int sig;

	/* For SIGABRT C libraries take a lock, which a copy may find taken. */
	for (sig = 1; sig < NSIG; sig++)
		if (sig != SIGABRT)
			sigaction(sig, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void session_leave(void)
{
	static const char unset[] = "4294967295";
	int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	n = write(fd, unset, strlen(unset));
	(void)n;
	close(fd);
}

/* Out of the way: it may be where another is to be. */
static int move_up(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, DETACHED_FD + 1);
}

/*
 * The standard ones lead nowhere, the next is the pidfd, then there may be one more;
 * there are no others.
 */
static bool descriptors_arrange(const struct detached *detached, int pidfd)
{
	int null, fd = -1, i;

	if (detached->fd >= 0)
		fd = move_up(detached->fd);
	pidfd = move_up(pidfd);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0 && null <= DETACHED_FD)
		null = move_up(null);
	if (pidfd < 0 || null < 0 || (detached->fd >= 0 && fd < 0))
		return false;
	for (i = 0; i < APPLICATION_FD; i++)
		if (dup2(null, i) != i)
			return false;
	if (dup2(pidfd, APPLICATION_FD) != APPLICATION_FD ||
	    (fd >= 0 && dup2(fd, DETACHED_FD) != DETACHED_FD))
		return false;
	return !close_range(fd < 0 ? DETACHED_FD : DETACHED_FD + 1, ~0U, 0);
}

static void detached_run(const struct detached *detached, int pidfd)
{
	signals_reset();
	if (descriptors_arrange(detached, pidfd) && detached->prepare(detached->data))
		execve(detached->path, detached->argv, detached->envp);
	_exit(EXIT_CANNOT_RUN);
}

/* What is between ends at once, so that the program has no parent here. */
static void detached_run_between(const struct detached *detached, int pidfd)
{
	pid_t pid;

	setsid();
	pid = fork_silently();
	if (!pid)
		detached_run(detached, pidfd);
	_exit(pid < 0 ? errno : 0);
}

static int wait_between(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

int detached_start(const struct detached *detached)
{
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0), err;
	sigset_t all, mask;
	pid_t pid;

	if (pidfd < 0)
		return -errno;
	/* No handler of the application's may run in a copy of it. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	pid = fork_silently();
	if (!pid)
		detached_run_between(detached, pidfd);
	err = pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	close(pidfd);
	return err ? err : wait_between(pid);
}
