// SPDX-License-Identifier: GPL-2.0
/* What starts a server, again if need be, and ends with it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* More starts than LAUNCHER_BURST in so long, and the next ones are put off. */
#define BURST_MS 10000

/* For how long at first, and at most. */
#define DELAY_MS 1000
#define DELAY_MAX_MS 10000

static bool launcher_make_room(struct launcher *launcher)
{
	struct pollfd *polled;

	polled = reallocarray(launcher->polled, launcher->services.count + 2,
			      sizeof(*polled));
	if (polled)
		launcher->polled = polled;
	return polled;
}

int launcher_init(struct launcher *launcher)
{
	int fd;

	launcher->due = -1;
	if (!launcher_make_room(launcher))
		return complain(-ENOMEM, launcher->command[0]);
	fd = signals_catch(&launcher->mask);
	if (fd < 0)
		return complain(fd, "signalfd");
	launcher->polled[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 0;
}

int launcher_declare(struct launcher *launcher, const char *name)
{
	if (!launcher_make_room(launcher))
		return -ENOMEM;
	return services_declare(&launcher->services, launcher->port, name,
				NULL);
}

void launcher_free(struct launcher *launcher)
{
	services_free(&launcher->services);
	free(launcher->polled);
}

static int launcher_become(void *context)
{
	const struct launcher *launcher = context;

	return launcher->become(launcher);
}

void launcher_start(struct launcher *launcher)
{
	pid_t pid = group_start(&launcher->mask, launcher_become, launcher);

	if (pid < 0)
		complain(pid, "fork");
	else
		launcher->server = pid;
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

static void launcher_reap(struct launcher *launcher)
{
	const char *text;
	int status;

	if (!launcher->server || !group_reap(launcher->server, &status))
		return;
	launcher->server = 0;
	text = end_text(status);
	if (text)
		fprintf(stderr, "bootstrapctl: %s: %s\n", launcher->command[0],
			text);
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
	const struct services *services = &launcher->services;
	unsigned int count = services->count, i;

	for (i = 1; i <= count; i++)
		launcher->polled[i] = (struct pollfd){
			.fd = services->handles[i - 1], .events = wanted };
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
