// SPDX-License-Identifier: GPL-2.0
/* The end of a session's processes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* For how long those that were killed are waited for. */
#define KILLED_MS 30000

/*
 * And those that the caller may not end: they may do so by themselves when the
 * others are gone, as what has logged the user in does.
 */
#define OTHERS_MS 2000

/* How often those are asked about whom /proc does not show. */
#define UNSEEN_MS 200

/* What is noticed of the end comes later than the end. */
#define NOTICED_MS 5000

struct search {
	bool all;		/* not only those that the caller may end */
	int pidfd;
};

bool may_end(int pidfd)
{
	return !syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0);
}

static bool take_first(pid_t pid, int pidfd, void *context)
{
	struct search *search = context;

	(void)pid;
	if (!search->all && !may_end(pidfd))
		return true;
	search->pidfd = fcntl(pidfd, F_DUPFD_CLOEXEC, 0);
	return false;
}

/*
 * Waits for the end of one of them: all must end, in whatever order. Returns
 * whether it is the session that has ended.
 */
static bool ending_wait_one(const struct ending *ending, bool all,
			    int64_t until)
{
	struct search search = { .all = all, .pidfd = -1 };
	int64_t now = now_ms();
	struct pollfd polled[2];

	processes_each(ending->session->session, take_first, &search);
	polled[0] = (struct pollfd){ .fd = ending->logout };
	polled[1] = (struct pollfd){ .fd = search.pidfd, .events = POLLIN };
	if (search.pidfd < 0 && until > now + UNSEEN_MS)
		until = now + UNSEEN_MS;
	poll(polled, 2, poll_timeout(until));
	if (search.pidfd >= 0)
		close(search.pidfd);
	return polled[0].revents & POLLHUP;
}

/*
 * Sends a signal until nobody is left, of all or of those that the caller may
 * end; by then whoever was made meanwhile had it, too. Returns whether that is so.
 */
static bool ending_wait(const struct ending *ending, int signal, bool all,
			int64_t until)
{
	const struct bootstrap_session *session = ending->session;
	unsigned int members;
	int reached;

	do {
		reached = bns_signal(ending->port, session->session,
				     session->cookie, signal, &members);
		if (reached < 0)
			return reached == -ESRCH;
		if (!(all ? members : (unsigned int)reached))
			return true;
		if (ending_wait_one(ending, all, until))
			return true;
	} while (now_ms() < until);
	return false;
}

/* Returns whether nobody is left that the caller may end. */
static bool ending_send(const struct ending *ending, int signal,
			const char *what, int64_t ms)
{
	const struct bootstrap_session *session = ending->session;
	int reached = bns_signal(ending->port, session->session,
				 session->cookie, signal, NULL);

	if (reached > 0)
		progress(ending->quiet, "processes %s: %d", what, reached);
	/* What is stopped heeds nothing before it goes on. */
	if (signal == SIGTERM)
		bns_signal(ending->port, session->session, session->cookie,
			   SIGCONT, NULL);
	return ending_wait(ending, signal == SIGKILL ? SIGKILL : 0, false,
			   now_ms() + ms);
}

/*
 * A shell that talks to a terminal heeds SIGHUP alone. But that would end many
 * another while it does what it has to do for SIGTERM, so it comes later.
 */
static void ending_end(const struct ending *ending)
{
	if (!ending_send(ending, SIGTERM, "asked to end", ending->grace / 2) &&
	    !ending_send(ending, SIGHUP, "hung up", ending->grace / 2))
		ending_send(ending, SIGKILL, "killed", KILLED_MS);
}

bool ending_run(const struct ending *ending)
{
	struct pollfd polled = { .fd = ending->logout };

	ending_end(ending);
	if (!ending_wait(ending, 0, true, now_ms() + OTHERS_MS))
		return false;
	if (!ending->own)
		poll(&polled, 1, NOTICED_MS);
	return true;
}
