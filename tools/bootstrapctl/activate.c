// SPDX-License-Identifier: GPL-2.0
/* The command activate: a server that is started on demand. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* More starts than that in so long, and the next ones are put off. */
#define BURST 5
#define BURST_MS 10000

/* For how long at first, and at most. */
#define DELAY_MS 1000
#define DELAY_MAX_MS 10000

/*
 * A handle tells of need until a server checks in. It is never read: so the
 * need still stands if a server ends before it got that far.
 */
struct launcher {
	const struct args *args;
	int port;
	int *handles;
	struct pollfd *polled;	/* signals, then handles */
	sigset_t mask;		/* as it was, for the server */
	pid_t server;		/* 0 if none runs */
	int64_t due;		/* when to start the next; below 0 if not */
	int64_t starts[BURST];	/* the last ones, by their number */
	unsigned int started;
	int64_t delay;
};

static int launcher_declare(struct launcher *launcher)
{
	const struct args *args = launcher->args;
	unsigned int i;
	int handle;

	for (i = 0; i < args->count; i++) {
		handle = bns_declare(launcher->port, args->operands[i], NULL,
				     NULL);
		if (handle < 0)
			return complain(handle, args->operands[i]);
		launcher->handles[i] = handle;
		launcher->polled[i + 1].fd = handle;
	}
	return 0;
}

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

/* The server itself checks in, so that clients see its credentials. */
static int become_server(const struct launcher *launcher)
{
	const struct args *args = launcher->args;
	unsigned int i;
	int err;

	sigprocmask(SIG_SETMASK, &launcher->mask, NULL);
	/* Where the rights go it would be overwritten. */
	err = namespace_keep(STDERR_FILENO + 1 + args->count);
	if (!err)
		err = bns_listen_fds(launcher->handles, args->operands,
				     args->count);
	if (err)
		return complain(err, "check-in");
	for (i = 0; i < args->env_count; i++)
		putenv(args->env[i]);
	return run_command(args->command);
}

static void launcher_start(struct launcher *launcher)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		_exit(become_server(launcher));
	}
	if (pid < 0) {
		complain(-errno, "fork");
	} else {
		setpgid(pid, pid);
		launcher->server = pid;
	}
	launcher->due = -1;
	launcher->starts[launcher->started++ % BURST] = now_ms();
}

/* When to start a server that is needed now. */
static int64_t launcher_next(struct launcher *launcher)
{
	unsigned int started = launcher->started;
	int64_t now = now_ms();

	if (!started ||
	    now - launcher->starts[(started - 1) % BURST] >= BURST_MS)
		launcher->delay = 0;
	else if (started >= BURST &&
		 now - launcher->starts[started % BURST] < BURST_MS)
		launcher->delay = launcher->delay ? 2 * launcher->delay :
						    DELAY_MS;
	if (launcher->delay > DELAY_MAX_MS)
		launcher->delay = DELAY_MAX_MS;
	if (launcher->delay)
		fprintf(stderr, "bootstrapctl: %s: started too often; again in %d seconds\n",
			launcher->args->command[0],
			(int)(launcher->delay / 1000));
	return now + launcher->delay;
}

/*
 * Of a server that was killed there may be workers left. They cannot serve any
 * more, and some try without end. The group is theirs until it is reaped.
 */
static void launcher_reap(struct launcher *launcher)
{
	const char *name = launcher->args->command[0];
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

/* Returns whether to end. */
static bool launcher_take_signals(struct launcher *launcher)
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

/* Nobody is to find the names while the server ends, and a signal ends us too. */
static void launcher_stop(struct launcher *launcher)
{
	close(launcher->port);
	sigprocmask(SIG_SETMASK, &launcher->mask, NULL);
	if (launcher->server) {
		kill(-launcher->server, SIGTERM);
		waitpid(launcher->server, NULL, 0);
	}
}

/* Polls, and returns what all the handles tell together. */
static short launcher_poll(struct launcher *launcher)
{
	bool idle = !launcher->server && launcher->due < 0;
	unsigned int count = launcher->args->count, i;
	short told = 0;

	for (i = 1; i <= count; i++)
		launcher->polled[i].events = idle ? POLLIN : 0;
	if (poll(launcher->polled, count + 1, poll_timeout(launcher->due)) < 0)
		return 0;
	for (i = 1; i <= count; i++)
		told |= launcher->polled[i].revents;
	return told;
}

static int launcher_run(struct launcher *launcher)
{
	short told;

	for (;;) {
		told = launcher_poll(launcher);
		if (launcher_take_signals(launcher))
			return 0;
		if (told & POLLHUP)
			return complain(-ESHUTDOWN, launcher->args->operand);
		if (told & POLLIN)
			launcher->due = launcher_next(launcher);
		if (launcher->due >= 0 && now_ms() >= launcher->due)
			launcher_start(launcher);
	}
}

static int launcher_launch(struct launcher *launcher)
{
	int status = launcher_catch_signals(launcher);

	if (!status)
		status = launcher_declare(launcher);
	if (status)
		return status;
	status = launcher_run(launcher);
	launcher_stop(launcher);
	return status;
}

int cmd_activate(const struct args *args)
{
	struct launcher launcher = {
		.args = args, .port = place_open(args), .due = -1,
		.handles = calloc(args->count, sizeof(*launcher.handles)),
		.polled = calloc(args->count + 1, sizeof(*launcher.polled)),
	};
	int status;

	if (launcher.handles && launcher.polled)
		status = launcher_launch(&launcher);
	else
		status = complain(-ENOMEM, "activate");
	free(launcher.handles);
	free(launcher.polled);
	return status;
}
