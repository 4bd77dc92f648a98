// SPDX-License-Identifier: GPL-2.0
/*
 * bootstrap-login-host: runs the mechanisms of one login, for pam_bootstrap.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

#define STACK_BYTES (8UL << 20)

/* Not what the application is worth, which mechanisms would inherit. */
static void score_reset(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	n = write(fd, "0", 1);
	(void)n;
	close(fd);
}

/* Not what whoever started the application has chosen, be it by su. */
static void limits_reset(void)
{
	static const int resources[] = {
		RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_RSS, RLIMIT_NPROC,
		RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING,
	};
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit stack = { STACK_BYTES, RLIM_INFINITY };
	const struct rlimit files = { 1024, 4096 };
	const struct rlimit no_core = { 0, 0 };
	size_t i;

	for (i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		setrlimit(resources[i], &none);
	setrlimit(RLIMIT_STACK, &stack);
	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &no_core);
}

/* Nor when, and where, it may run. */
static void scheduling_reset(void)
{
	const struct sched_param param = { .sched_priority = 0 };
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setscheduler(0, SCHED_OTHER, &param);
	sched_setaffinity(0, sizeof(all), &all);
	setpriority(PRIO_PROCESS, 0, 0);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, 0);
}

/* Nor keys, which mechanisms would be root with. */
static void keys_forget(void)
{
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

/* Without these there is nobody to run anything for. */
static bool is_started_by_module(void)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return !getsockopt(LOGIN_HOST_FD, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       type == SOCK_SEQPACKET && fcntl(APPLICATION_FD, F_GETFD) >= 0;
}

/* What no mechanism gets, and a place for what each does. */
static bool descriptors_prepare(void)
{
	int fd;

	if (fcntl(LOGIN_HOST_FD, F_SETFD, FD_CLOEXEC) ||
	    fcntl(APPLICATION_FD, F_SETFD, FD_CLOEXEC))
		return false;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	return fd == NAMESPACE_FD ||
	       dup3(fd, NAMESPACE_FD, O_CLOEXEC) == NAMESPACE_FD;
}

int main(void)
{
	struct login login = { .socket = LOGIN_HOST_FD };
	sigset_t terminate;

	if (!is_started_by_module()) {
		fprintf(stderr,
			"bootstrap-login-host is started by pam_bootstrap, see pam_bootstrap(8).\n");
		return 2;
	}
	openlog("bootstrap-login-host", LOG_PID, LOG_AUTHPRIV);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&terminate);
	sigaddset(&terminate, SIGTERM);
	sigprocmask(SIG_BLOCK, &terminate, NULL);
	umask(022);
	/* For telling text from other bytes. */
	setlocale(LC_CTYPE, "C.UTF-8");
	limits_reset();
	scheduling_reset();
	score_reset();
	keys_forget();
	if (!descriptors_prepare() || prctl(PR_SET_CHILD_SUBREAPER, 1) ||
	    chdir("/")) {
		syslog(LOG_ERR, "cannot begin: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	login.terminate = signalfd(-1, &terminate, SFD_CLOEXEC);
	if (login.terminate < 0 || !values_init(&login.values)) {
		syslog(LOG_ERR, "cannot begin: no memory");
		return EXIT_FAILURE;
	}
	login_serve(&login);
}
