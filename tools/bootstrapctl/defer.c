// SPDX-License-Identifier: GPL-2.0
/* The command defer: a command that a logout of the session is to wait for. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bootstrapctl.h"

struct defer {
	int port;
	int deferral;
	int signals;
	int news;		/* of these two */
	pid_t command;
	sigset_t mask;		/* as it was, for the command */
	bool cancel;
};

static int defer_refused(const char *reason, int err)
{
	const char *text;

	switch (err) {
	case -ESRCH:
		text = "the caller stands in no login session";
		break;
	case -EBUSY:
		text = "a logout of the session is asked for already";
		break;
	case -EPERM:
		text = "what serves a declared service ends without being asked";
		break;
	default:
		return complain(err, reason);
	}
	fprintf(stderr, "bootstrapctl: defer: %s\n", text);
	return EXIT_REFUSED;
}

/*
 * A deferral tells that a logout is asked for as long as it is, and is woken
 * when that begins: each is heard of once.
 */
static int defer_listen(struct defer *defer)
{
	static const int caught[] = {
		SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, 0
	};
	struct epoll_event event = { .events = EPOLLIN };

	defer->signals = signals_open(caught, &defer->mask);
	if (defer->signals < 0)
		return defer->signals;
	event.data.fd = defer->signals;
	defer->news = epoll_create1(EPOLL_CLOEXEC);
	if (defer->news < 0 ||
	    epoll_ctl(defer->news, EPOLL_CTL_ADD, defer->signals, &event))
		return -errno;
	event = (struct epoll_event){
		.events = EPOLLIN | EPOLLET, .data.fd = defer->deferral };
	if (epoll_ctl(defer->news, EPOLL_CTL_ADD, defer->deferral, &event))
		return -errno;
	return 0;
}

/* It stays in the caller's process group, and so may use the terminal. */
static int defer_start(struct defer *defer, char **command)
{
	defer->command = fork();
	if (defer->command < 0)
		return -errno;
	if (!defer->command) {
		sigprocmask(SIG_SETMASK, &defer->mask, NULL);
		_exit(run_command(command));
	}
	return 0;
}

static void defer_cancel(const struct defer *defer)
{
	int err = bns_cancel_logout(defer->deferral);

	if (!err)
		fprintf(stderr, "bootstrapctl: logout cancelled\n");
	else if (err == -ETIMEDOUT)
		fprintf(stderr, "bootstrapctl: the logout cannot be cancelled any more\n");
}

static void defer_hear(const struct defer *defer)
{
	struct bootstrap_session session = { .size = sizeof(session) };

	/* It may have been withdrawn by now. */
	if (bns_session(defer->port, &session) ||
	    session.state != BOOTSTRAP_SESSION_STATE_LOGOUT)
		return;
	fprintf(stderr, "bootstrapctl: logout asked, %s\n",
		session_deadline_text(&session));
	if (defer->cancel)
		defer_cancel(defer);
}

/*
 * What comes by the terminal is sent to all of the process group, what comes of a
 * logout to all of the session: to the command, too.
 */
static bool is_sent_to_all(const struct defer *defer,
			   const struct signalfd_siginfo *info)
{
	struct bootstrap_session session = { .size = sizeof(session) };

	return info->ssi_code == SI_KERNEL ||
	       (!bns_session(defer->port, &session) &&
		session.state == BOOTSTRAP_SESSION_STATE_LOGOUT);
}

/* Returns whether the command has ended. */
static bool defer_take_signals(const struct defer *defer, int *status)
{
	struct signalfd_siginfo info;

	while (read(defer->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD) {
			if (!is_sent_to_all(defer, &info))
				kill(defer->command, info.ssi_signo);
		} else if (waitpid(defer->command, status, WNOHANG) ==
			   defer->command) {
			return true;
		}
	}
	return false;
}

static int defer_run(const struct defer *defer)
{
	struct epoll_event event;
	int status;

	for (;;) {
		if (epoll_wait(defer->news, &event, 1, -1) <= 0)
			continue;
		if (event.data.fd == defer->deferral)
			defer_hear(defer);
		else if (defer_take_signals(defer, &status))
			break;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

int cmd_defer(const struct args *args)
{
	struct defer defer = { .port = device_open(), .cancel = args->cancel };
	int err;

	defer.deferral = bns_defer(defer.port, args->operand);
	if (defer.deferral < 0)
		return defer_refused(args->operand, defer.deferral);
	err = defer_listen(&defer);
	if (!err)
		err = defer_start(&defer, args->command);
	return err ? complain(err, "defer") : defer_run(&defer);
}
