// SPDX-License-Identifier: GPL-2.0
/* Processes: how they start, the end of them, and of what they leave behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/* As the manual page says. */
#define DESCRIPTORS 256
#define ADDRESS_BYTES (1UL << 30)
#define CPU_SECONDS 60

#define THIRD_FD 3
#define FOURTH_FD 4

#define EXIT_CANNOT_RUN 126

/* What is left over may make more of it; but not for ever. */
#define ROUNDS 1000

/* --- in the new process */

static void limits_set(void)
{
	const struct rlimit files = { DESCRIPTORS, DESCRIPTORS };
	const struct rlimit address = { ADDRESS_BYTES, ADDRESS_BYTES };
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS };

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_AS, &address);
	setrlimit(RLIMIT_CPU, &cpu);
}

/*
 * What it inherits are the standard ones, two for the engine, and the namespace. None
 * of those that they are made of is where another goes.
 */
static bool descriptors_arrange(const struct login *login,
				const struct program *program, int said)
{
	if (dup2(program->input, STDIN_FILENO) < 0 ||
	    dup2(said, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0 ||
	    dup2(program->third, THIRD_FD) < 0)
		return false;
	if (program->fourth < 0 ? close_range(FOURTH_FD, FOURTH_FD, 0) :
				  dup2(program->fourth, FOURTH_FD) < 0)
		return false;
	if (!login->has_namespace)
		return !close_range(NAMESPACE_FD, ~0U, 0);
	return !fcntl(NAMESPACE_FD, F_SETFD, 0) &&
	       !close_range(NAMESPACE_FD + 1, ~0U, 0);
}

static bool identity_take(const struct passwd *user, pid_t engine)
{
	if (user && (setgroups(0, NULL) ||
		     setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
		     setresuid(user->pw_uid, user->pw_uid, user->pw_uid) ||
		     prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)))
		return false;
	/* Should the engine be killed; other ids would have undone it. */
	return !prctl(PR_SET_PDEATHSIG, SIGKILL) && getppid() == engine;
}

static void __attribute__((noreturn))
become(const struct login *login, const struct program *program,
       const struct passwd *user, int said, pid_t engine)
{
	char namespace[BNS_ENVIRONMENT_MAX];
	char *argv[] = { (char *)program->path, NULL };
	char *envp[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LANG=C.UTF-8", "HOME=/", "SHELL=/bin/sh", NULL, NULL,
	};
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (login->has_namespace &&
	    !bns_environment(NAMESPACE_FD, namespace, sizeof(namespace)))
		envp[4] = namespace;
	limits_set();
	if (identity_take(user, engine) && descriptors_arrange(login, program, said)) {
		execve(program->path, argv, envp);
		dprintf(STDERR_FILENO, "it cannot be run: %s\n",
			strerror(errno));
	}
	_exit(EXIT_CANNOT_RUN);
}

/* --- in the engine */

/* Its reading end does not wait. */
static bool said_make(int said[2])
{
	if (pipe2(said, O_CLOEXEC))
		return false;
	if (!fcntl(said[0], F_SETFL, O_NONBLOCK))
		return true;
	close(said[0]);
	close(said[1]);
	return false;
}

bool process_start(const struct login *login, const struct program *program,
		   pid_t *ret_pid, int *ret_pidfd, int *ret_said)
{
	const struct passwd *user = NULL;
	const pid_t engine = getpid();
	int said[2], pidfd = -1;
	pid_t pid;

	errno = 0;
	if (!program->privileged && !(user = getpwnam(BNL_USER))) {
		errno = errno ? errno : ESRCH;
		return false;
	}
	if (!said_make(said))
		return false;
	pid = fork();
	if (!pid)
		become(login, program, user, said[1], engine);
	close(said[1]);
	if (pid > 0)
		pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0) {
		*ret_pid = pid;
		*ret_pidfd = pidfd;
		*ret_said = said[0];
		return true;
	}
	close(said[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return false;
}

/* While somebody traces it, it is his first. */
bool process_wait(int pidfd, siginfo_t *ret_info)
{
	const int64_t until = now_ms() + END_MS;

	do {
		*ret_info = (siginfo_t){ .si_pid = 0 };
		if (waitid(P_PIDFD, pidfd, ret_info, WEXITED | WNOHANG))
			break;
		if (ret_info->si_pid)
			return true;
		usleep(10000);
	} while (now_ms() < until);
	*ret_info = (siginfo_t){ .si_code = CLD_KILLED };
	return false;
}

bool process_end(pid_t pid, int pidfd)
{
	struct pollfd polled = { .fd = pidfd, .events = POLLIN };
	siginfo_t info;

	kill(pid, SIGKILL);
	if (poll(&polled, 1, END_MS) > 0)
		return process_wait(pidfd, &info);
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

/* Each leads a session of its own, and so does each host of plug-ins. */
static bool is_of_running(const struct login *login, pid_t pid, pid_t session)
{
	const struct invocation *invocation;
	size_t i;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		if (invocation->pidfd >= 0 &&
		    (invocation->pid == pid || invocation->pid == session))
			return true;
	for (i = 0; i < ARRAY_SIZE(login->hosts); i++)
		if (login->hosts[i] && (login->hosts[i]->pid == pid ||
					login->hosts[i]->pid == session))
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
