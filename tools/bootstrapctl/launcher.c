// SPDX-License-Identifier: GPL-2.0
/* What starts a server, again if need be, and ends with it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* More starts than LAUNCHER_BURST in so long, and the next ones are put off. */
#define BURST_MS 10000

/* For how long at first, and at most. */
#define DELAY_MS 1000
#define DELAY_MAX_MS 10000

/* What ends the launcher is read like news; but what is ignored stays so. */
static int launcher_catch_signals(struct launcher *launcher)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action;
	sigset_t caught;
	size_t i;
	int fd;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&caught);
	sigaddset(&caught, SIGCHLD);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!sigaction(ends[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&caught, ends[i]);
	sigprocmask(SIG_BLOCK, &caught, &launcher->mask);
	fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return complain(-errno, "signalfd");
	launcher->polled[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 0;
}

static bool launcher_make_room(struct launcher *launcher)
{
	size_t count = launcher->count + 1;
	struct pollfd *polled;
	char **names;

	polled = reallocarray(launcher->polled, count + 1, sizeof(*polled));
	if (polled)
		launcher->polled = polled;
	names = reallocarray(launcher->names, count, sizeof(*names));
	if (names)
		launcher->names = names;
	return polled && names;
}

int launcher_init(struct launcher *launcher)
{
	launcher->due = -1;
	if (!launcher_make_room(launcher))
		return complain(-ENOMEM, launcher->command[0]);
	return launcher_catch_signals(launcher);
}

int launcher_handle(const struct launcher *launcher, unsigned int i)
{
	return launcher->polled[1 + i].fd;
}

int launcher_declare(struct launcher *launcher, const char *name)
{
	unsigned int i = launcher->count;
	char *copy = strdup(name);
	int handle = -ENOMEM;

	if (copy && launcher_make_room(launcher))
		handle = bns_declare(launcher->port, name, NULL, NULL);
	if (handle < 0) {
		free(copy);
		return handle;
	}
	launcher->names[i] = copy;
	launcher->polled[1 + i] = (struct pollfd){ .fd = handle };
	launcher->count++;
	return handle;
}

static void launcher_drop(struct launcher *launcher, unsigned int i)
{
	unsigned int after = --launcher->count - i;

	close(launcher_handle(launcher, i));
	free(launcher->names[i]);
	memmove(&launcher->names[i], &launcher->names[i + 1],
		after * sizeof(launcher->names[0]));
	memmove(&launcher->polled[1 + i], &launcher->polled[2 + i],
		after * sizeof(launcher->polled[0]));
}

void launcher_free(struct launcher *launcher)
{
	while (launcher->count)
		launcher_drop(launcher, launcher->count - 1);
	free(launcher->polled);
	free(launcher->names);
}

void launcher_drop_gone(struct launcher *launcher)
{
	unsigned int i = launcher->count;
	struct pollfd polled;

	while (i--) {
		polled = (struct pollfd){ .fd = launcher_handle(launcher, i) };
		if (poll(&polled, 1, 0) > 0)
			launcher_drop(launcher, i);
	}
}

int launcher_check_in(const struct launcher *launcher)
{
	int *handles = calloc(launcher->count + 1, sizeof(*handles));
	unsigned int i;
	int err;

	if (!handles)
		return -ENOMEM;
	for (i = 0; i < launcher->count; i++)
		handles[i] = launcher_handle(launcher, i);
	err = bns_listen_fds(handles, (const char *const *)launcher->names,
			     launcher->count);
	free(handles);
	return err;
}

void launcher_start(struct launcher *launcher)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		sigprocmask(SIG_SETMASK, &launcher->mask, NULL);
		_exit(launcher->become(launcher));
	}
	if (pid < 0) {
		complain(-errno, "fork");
	} else {
		setpgid(pid, pid);
		launcher->server = pid;
	}
	launcher->due = -1;
	launcher->starts[launcher->started++ % LAUNCHER_BURST] = now_ms();
}

/* When to start a server that is needed now. */
static int64_t launcher_next(struct launcher *launcher)
{
	unsigned int started = launcher->started;
	const int64_t *starts = launcher->starts;
	int64_t now = now_ms();

	if (!started ||
	    now - starts[(started - 1) % LAUNCHER_BURST] >= BURST_MS)
		launcher->delay = 0;
	else if (started >= LAUNCHER_BURST &&
		 now - starts[started % LAUNCHER_BURST] < BURST_MS)
		launcher->delay = launcher->delay ? 2 * launcher->delay :
						    DELAY_MS;
	if (launcher->delay > DELAY_MAX_MS)
		launcher->delay = DELAY_MAX_MS;
	if (launcher->delay)
		fprintf(stderr, "bootstrapctl: %s: started too often; again in %d seconds\n",
			launcher->command[0], (int)(launcher->delay / 1000));
	return now + launcher->delay;
}

bool launcher_is_idle(const struct launcher *launcher)
{
	return !launcher->server && launcher->due < 0;
}

void launcher_go_on(struct launcher *launcher, bool needed)
{
	if (needed && launcher_is_idle(launcher))
		launcher->due = launcher_next(launcher);
	if (launcher->due >= 0 && now_ms() >= launcher->due)
		launcher_start(launcher);
}

/*
 * Of a server that was killed there may be workers left. They cannot serve any
 * more, and some try without end. The group is theirs until it is reaped.
 */
static void launcher_reap(struct launcher *launcher)
{
	const char *name = launcher->command[0];
	siginfo_t ended = { 0 };
	int status;

	if (!launcher->server ||
	    waitid(P_PID, launcher->server, &ended,
		   WEXITED | WNOHANG | WNOWAIT) || !ended.si_pid)
		return;
	kill(-launcher->server, SIGTERM);
	waitpid(launcher->server, &status, 0);
	launcher->server = 0;
	if (WIFSIGNALED(status))
		fprintf(stderr, "bootstrapctl: %s: killed by signal %d\n", name,
			WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(stderr, "bootstrapctl: %s: ended with status %d\n",
			name, WEXITSTATUS(status));
}

bool launcher_take_signals(struct launcher *launcher)
{
	struct signalfd_siginfo info;

	while (read(launcher->polled[0].fd, &info, sizeof(info)) ==
	       sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			return true;
		launcher_reap(launcher);
	}
	return false;
}

short launcher_poll(struct launcher *launcher)
{
	short wanted = launcher_is_idle(launcher) ? POLLIN : 0, told = 0;
	unsigned int count = launcher->count, i;

	for (i = 1; i <= count; i++)
		launcher->polled[i].events = wanted;
	if (poll(launcher->polled, count + 1, poll_timeout(launcher->due)) < 0)
		return 0;
	for (i = 1; i <= count; i++)
		told |= launcher->polled[i].revents;
	return told;
}

void launcher_stop(struct launcher *launcher)
{
	close(launcher->port);
	sigprocmask(SIG_SETMASK, &launcher->mask, NULL);
	if (launcher->server) {
		kill(-launcher->server, SIGTERM);
		waitpid(launcher->server, NULL, 0);
	}
}
