// SPDX-License-Identifier: GPL-2.0
/* An invocation of a mechanism: a process, and what comes of it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/* As the manual page says. */
#define DESCRIPTORS 256
#define ADDRESS_BYTES (1UL << 30)
#define CPU_SECONDS 60
#define RESULT_BYTES 65536
#define RESULT_FD 3

/* More than this nobody can be told. */
#define DESCRIPTION_BYTES (1 << 20)

#define EXIT_CANNOT_RUN 126

void invocation_fail(struct invocation *invocation, const char *format, ...)
{
	va_list args;

	if (*invocation->wrong)
		return;
	va_start(args, format);
	vsnprintf(invocation->wrong, sizeof(invocation->wrong), format, args);
	va_end(args);
}

/* --- in its process */

static void limits_set(void)
{
	const struct rlimit files = { DESCRIPTORS, DESCRIPTORS };
	const struct rlimit address = { ADDRESS_BYTES, ADDRESS_BYTES };
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS };

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_AS, &address);
	setrlimit(RLIMIT_CPU, &cpu);
}

/* What it inherits are the standard ones, that for results, and the namespace. */
static bool descriptors_arrange(const struct login *login, int input, int said,
				int result)
{
	if (dup2(input, STDIN_FILENO) < 0 || dup2(said, STDOUT_FILENO) < 0 ||
	    dup2(said, STDERR_FILENO) < 0 || dup2(result, RESULT_FD) < 0 ||
	    close_range(RESULT_FD + 1, NAMESPACE_FD - 1, 0))
		return false;
	if (!login->has_namespace)
		return !close_range(NAMESPACE_FD, ~0U, 0);
	return !fcntl(NAMESPACE_FD, F_SETFD, 0) &&
	       !close_range(NAMESPACE_FD + 1, ~0U, 0);
}

static void __attribute__((noreturn))
become(const struct login *login, const char *path, int input, int said,
       int result)
{
	char namespace[BNS_ENVIRONMENT_MAX];
	char *argv[] = { (char *)path, NULL };
	char *envp[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LANG=C.UTF-8", "HOME=/", "SHELL=/bin/sh", NULL, NULL,
	};
	sigset_t none;

	setsid();
	/* Should the host be killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (login->has_namespace &&
	    !bns_environment(NAMESPACE_FD, namespace, sizeof(namespace)))
		envp[4] = namespace;
	limits_set();
	if (descriptors_arrange(login, input, said, result)) {
		execve(path, argv, envp);
		dprintf(STDERR_FILENO, "it cannot be run: %s\n",
			strerror(errno));
	}
	_exit(EXIT_CANNOT_RUN);
}

/* --- in the host */

/* A file with the text, that can be read only. */
static int input_make(json_object *description)
{
	size_t len = 0;
	const char *text = json_object_to_json_string_length(
		description,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	char path[32];
	int fd, input;

	if (!text || len > DESCRIPTION_BYTES)
		return -1;
	fd = memfd_create("login", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	input = write(fd, text, len) == (ssize_t)len ?
			open(path, O_RDONLY | O_CLOEXEC) : -1;
	close(fd);
	return input;
}

/* Of both the reading end does not wait. */
static bool pipes_make(int said[2], int result[2])
{
	if (pipe2(said, O_CLOEXEC))
		return false;
	if (!pipe2(result, O_CLOEXEC)) {
		if (!fcntl(said[0], F_SETFL, O_NONBLOCK) &&
		    !fcntl(result[0], F_SETFL, O_NONBLOCK))
			return true;
		close(result[0]);
		close(result[1]);
	}
	close(said[0]);
	close(said[1]);
	return false;
}

static bool process_start(struct invocation *invocation, const char *path,
			  int input)
{
	int said[2], result[2];

	if (!pipes_make(said, result))
		return false;
	invocation->pid = fork();
	if (!invocation->pid)
		become(invocation->login, path, input, said[1], result[1]);
	close(said[1]);
	close(result[1]);
	invocation->said.fd = said[0];
	invocation->result_fd = result[0];
	if (invocation->pid < 0)
		return false;
	invocation->pidfd = syscall(SYS_pidfd_open, invocation->pid, 0);
	if (invocation->pidfd >= 0)
		return true;
	kill(invocation->pid, SIGKILL);
	waitpid(invocation->pid, NULL, 0);
	return false;
}

static void invocation_free(struct invocation *invocation)
{
	if (!invocation)
		return;
	if (invocation->said.fd >= 0)
		close(invocation->said.fd);
	if (invocation->result_fd >= 0)
		close(invocation->result_fd);
	if (invocation->pidfd >= 0)
		close(invocation->pidfd);
	values_free(&invocation->given);
	free(invocation->result_text);
	free(invocation->name);
	free(invocation);
}

static struct invocation *invocation_new(struct login *login, size_t index)
{
	const struct bnl_mechanism *mechanism = &login->right->mechanisms[index];
	struct invocation *invocation = calloc(1, sizeof(*invocation));

	if (!invocation)
		return NULL;
	*invocation = (struct invocation){
		.login = login,
		.index = index,
		.said.fd = -1,
		.result_fd = -1,
		.pidfd = -1,
		.result_text = malloc(RESULT_BYTES + 1),
		.started = now_ms(),
	};
	if (asprintf(&invocation->name, "%s:%s", mechanism->plugin,
		     mechanism->name) < 0)
		invocation->name = NULL;
	if (invocation->result_text && invocation->name &&
	    values_init(&invocation->given))
		return invocation;
	invocation_free(invocation);
	return NULL;
}

struct invocation *invocation_start(struct login *login, size_t index,
				    json_object *description)
{
	const struct bnl_mechanism *mechanism = &login->right->mechanisms[index];
	struct invocation *invocation = invocation_new(login, index);
	char *path = NULL, *why = NULL;
	int input = input_make(description);
	int err;

	err = bnl_mechanism_find(mechanism, NULL, &path, &why);
	if (err)
		login_log(login, LOG_ERR, "%s:%s cannot be run: %s",
			  mechanism->plugin, mechanism->name,
			  why ? why : strerror(-err));
	else if (!invocation || input < 0 ||
		 !process_start(invocation, path, input)) {
		login_log(login, LOG_ERR, "%s:%s cannot be started: %s",
			  mechanism->plugin, mechanism->name, strerror(errno));
		err = -ENOMEM;
	}
	free(path);
	free(why);
	if (input >= 0)
		close(input);
	if (err) {
		invocation_free(invocation);
		return NULL;
	}
	login_log(login, LOG_DEBUG, "%s starts", invocation->name);
	invocation->deadline = invocation->started +
			       login->request.timeout * INT64_C(1000);
	invocation->next = login->running;
	login->running = invocation;
	return invocation;
}

/* What it ended with, if that is the result. */
static void status_take(struct invocation *invocation, const siginfo_t *info)
{
	if (invocation->decided || *invocation->wrong)
		return;
	if (info->si_code != CLD_EXITED)
		invocation_fail(invocation, "killed by signal %d",
				info->si_status);
	else if (info->si_status > LOGIN_USER_CANCELED)
		invocation_fail(invocation, "exit status %d", info->si_status);
	invocation->decided = !*invocation->wrong;
	invocation->result = info->si_status;
}

/* Nothing is left of it, so what can be read is all there is. */
static void invocation_drain(struct invocation *invocation)
{
	size_t total;

	do {
		total = invocation->result_total;
		if (invocation->result_fd >= 0)
			results_read(invocation);
	} while (invocation->result_total > total);
	results_end(invocation);
	do {
		total = invocation->said.total;
		if (invocation->said.fd >= 0)
			lines_read(invocation);
	} while (invocation->said.total > total);
}

/* It has ended. */
static void invocation_reap(struct invocation *invocation)
{
	siginfo_t info = { .si_code = CLD_KILLED };

	waitid(P_PIDFD, invocation->pidfd, &info, WEXITED | WNOHANG);
	close(invocation->pidfd);
	invocation->pidfd = -1;
	processes_end_left(invocation->login);
	invocation_drain(invocation);
	status_take(invocation, &info);
}

static void invocation_read(struct invocation *invocation,
			    const struct pollfd *polled)
{
	if (polled[0].revents)
		lines_read(invocation);
	if (polled[1].revents)
		results_read(invocation);
	if (polled[2].revents)
		invocation_reap(invocation);
	if (!invocation->decided && !*invocation->wrong &&
	    now_ms() >= invocation->deadline)
		invocation_fail(invocation, "no result in %u seconds",
				invocation->login->request.timeout);
}

static unsigned int running_count(const struct login *login)
{
	const struct invocation *invocation;
	unsigned int count = 0;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		count++;
	return count;
}

/* The first that has to have a result by a time. */
static int64_t next_deadline(const struct login *login)
{
	const struct invocation *invocation = login->running;

	return invocation && !invocation->decided ? invocation->deadline : -1;
}

static void invocations_poll(struct login *login, int timeout)
{
	struct pollfd polled[3 * (running_count(login) + 1)], *at = polled;
	struct invocation *invocation;

	for (invocation = login->running; invocation;
	     invocation = invocation->next) {
		*at++ = (struct pollfd){ invocation->said.fd, POLLIN, 0 };
		*at++ = (struct pollfd){ invocation->result_fd, POLLIN, 0 };
		*at++ = (struct pollfd){ invocation->pidfd, POLLIN, 0 };
	}
	*at++ = (struct pollfd){ login->socket, POLLRDHUP, 0 };
	*at++ = (struct pollfd){ APPLICATION_FD, POLLIN, 0 };
	*at++ = (struct pollfd){ login->terminate, POLLIN, 0 };
	if (poll(polled, at - polled, timeout) < 0)
		return;
	if (at[-1].revents || at[-2].revents || at[-3].revents)
		login_leave(login, EXIT_SUCCESS);
	at = polled;
	for (invocation = login->running; invocation;
	     invocation = invocation->next, at += 3)
		invocation_read(invocation, at);
}

void invocations_wait(struct login *login)
{
	invocations_poll(login, poll_timeout(next_deadline(login)));
}

void invocations_look(struct login *login)
{
	invocations_poll(login, 0);
}

void invocations_end(struct login *login, const struct invocation *until)
{
	struct invocation *invocation, *ended = NULL;

	while (login->running != until) {
		invocation = login->running;
		login->running = invocation->next;
		invocation->next = ended;
		ended = invocation;
		if (invocation->pidfd < 0)
			continue;
		kill(-invocation->pid, SIGKILL);
		process_end(invocation->pid, invocation->pidfd);
	}
	processes_end_left(login);
	while (ended) {
		invocation = ended;
		ended = invocation->next;
		invocation_drain(invocation);
		invocation_free(invocation);
	}
}
