// SPDX-License-Identifier: GPL-2.0
/*
 * The command logout: it asks for the end of a session, waits for those who ask
 * to be waited for, and then ends the processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* launchd left 20 seconds to each; who needs more than a few had better defer. */
#define GRACE_S 5

/* What came of it. */
enum outcome {
	OUTCOME_NONE,		/* it goes on */
	OUTCOME_ENDED,
	OUTCOME_ENDING,		/* of the session the caller alone is left */
	OUTCOME_LEFT,
	OUTCOME_CANCELLED,
	OUTCOME_WITHDRAWN,
};

struct logout {
	int port;
	struct bootstrap_session session;
	int watch;
	int asked;		/* what stands for the logout */
	int signals;
	struct deferrals deferrals;
	struct json_object *left;	/* if it is to be told as JSON */
	bool changed;		/* the deferrals, maybe */
	bool own;		/* the caller is in the session */
	bool quiet;
};

static int logout_find(struct logout *logout, const struct args *args)
{
	int status = session_find(logout->port, args->operand,
				  &logout->session);

	if (status)
		return status;
	if (logout->session.attributes & BOOTSTRAP_SESSION_ATTR_ROOT) {
		fprintf(stderr, "bootstrapctl: logout: the root session does not end%s\n",
			args->operand ? "" : ", and the caller stands in it (bootstrapctl sessions shows the others)");
		return EXIT_REFUSED;
	}
	logout->own = process_bears(getpid(), logout->session.session);
	return 0;
}

/* In nanoseconds of CLOCK_MONOTONIC; 0 for what there is without a word. */
static uint64_t logout_deadline(const struct args *args)
{
	struct timespec now;

	/* Long ago. */
	if (args->force)
		return 1;
	if (args->deadline < 0)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec +
	       (uint64_t)(args->deadline * 1e9);
}

/*
 * Signals withdraw the logout. But when the caller's own session goes, so does
 * the terminal, and whoever reads what is said: that is no reason to leave off.
 */
static int logout_catch_signals(struct logout *logout)
{
	static const int caught[] = { SIGHUP, SIGINT, SIGTERM, 0 };
	sigset_t was;

	signal(SIGPIPE, SIG_IGN);
	if (logout->own)
		signal(SIGHUP, SIG_IGN);
	logout->signals = signals_open(caught, &was);
	return logout->signals < 0 ? logout->signals : 0;
}

/* The watch is there before anything can happen that it is to tell of. */
static int logout_ask(struct logout *logout, const struct args *args)
{
	struct bootstrap_session *session = &logout->session;
	int err = logout_catch_signals(logout);

	if (err)
		return err;
	logout->watch = bns_watch_sessions(logout->port);
	if (logout->watch < 0)
		return logout->watch;
	if (fcntl(logout->watch, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	logout->asked = bns_logout(logout->port, session->session,
				   session->cookie, logout_deadline(args));
	if (logout->asked < 0)
		return logout->asked;
	/* As it is now; the deadline may be another's. */
	bns_session_by_id(logout->port, session->session, session->cookie,
			  session);
	return 0;
}

static bool is_overdue(const struct logout *logout)
{
	return logout->session.deadline / 1000000 <= (uint64_t)now_ms();
}

static void logout_tell_asked(struct logout *logout)
{
	unsigned int i;

	/* It may have been cancelled since, and has no deadline then. */
	if (logout->session.state == BOOTSTRAP_SESSION_STATE_LOGOUT)
		progress(logout->quiet, "logout of %s, %s",
			 session_label(&logout->session),
			 session_deadline_text(&logout->session));
	if (deferrals_read(logout->port, &logout->session,
			   &logout->deferrals) || is_overdue(logout))
		return;
	for (i = 0; i < logout->deferrals.count; i++)
		progress(logout->quiet, "waiting for %s",
			 deferral_text(&logout->deferrals.list[i]));
}

static bool is_same(const struct deferral *a, const struct deferral *b)
{
	return a->about.since == b->about.since &&
	       a->about.uid == b->about.uid && !strcmp(a->reason, b->reason);
}

/* There are no others than before, and they are in the same order. */
static void logout_tell_progress(struct logout *logout)
{
	struct deferrals was = logout->deferrals, is;
	unsigned int i, same = 0;

	logout->changed = false;
	if (deferrals_read(logout->port, &logout->session, &is))
		return;
	for (i = 0; i < was.count; i++)
		if (same < is.count && is_same(&was.list[i], &is.list[same]))
			same++;
		else
			progress(logout->quiet, "no longer waiting for %s",
				 deferral_text(&was.list[i]));
	if (is.count && is.count < was.count)
		progress(logout->quiet, "still waiting for %u", is.count);
	logout->deferrals = is;
	deferrals_free(&was);
}

static bool logout_take_record(const struct bootstrap_record *record,
			       void *context)
{
	const struct bootstrap_session *session = bns_record_session(record);
	struct logout *logout = context;

	if (record->type == BOOTSTRAP_RECORD_OVERFLOW)
		logout->changed = true;
	if (!session || session->cookie != logout->session.cookie)
		return true;
	logout->changed = true;
	if (record->type == BOOTSTRAP_RECORD_SESSION_LOGOUT &&
	    session->deadline < logout->session.deadline) {
		logout->session.deadline = session->deadline;
		progress(logout->quiet, "somebody else asks for it too, %s",
			 session_deadline_text(session));
	}
	return true;
}

static enum outcome logout_wait(struct logout *logout)
{
	struct pollfd polled[] = {
		{ .fd = logout->asked, .events = POLLIN },
		{ .fd = logout->signals, .events = POLLIN },
		{ .fd = logout->watch, .events = POLLIN },
	};

	for (;;) {
		if (poll(polled, 3, -1) < 0)
			continue;
		if (polled[0].revents & POLLHUP)
			return OUTCOME_ENDED;
		if (polled[0].revents & POLLERR)
			return OUTCOME_CANCELLED;
		if (polled[1].revents)
			return OUTCOME_WITHDRAWN;
		/* What it cannot tell is seen when it goes on. */
		if (polled[2].revents &&
		    records_each(logout->watch, logout_take_record,
				 logout) < 0)
			polled[2].fd = -1;
		if (logout->changed || polled[0].revents)
			logout_tell_progress(logout);
		if (polled[0].revents)
			return OUTCOME_NONE;
	}
}

static enum outcome logout_end(struct logout *logout, const struct args *args)
{
	struct ending ending = {
		.port = logout->port,
		.session = &logout->session,
		.logout = logout->asked,
		.grace = (args->grace < 0 ? GRACE_S : args->grace) * 1000,
		.own = logout->own,
		.quiet = logout->quiet,
	};
	unsigned int i;

	for (i = 0; i < logout->deferrals.count; i++)
		progress(logout->quiet, "not waiting for %s",
			 deferral_text(&logout->deferrals.list[i]));
	if (!ending_run(&ending))
		return OUTCOME_LEFT;
	return logout->own ? OUTCOME_ENDING : OUTCOME_ENDED;
}

static bool logout_take_left(pid_t pid, int pidfd, void *context)
{
	const struct logout *logout = context;
	struct json_object *object;
	char command[COMMAND_SIZE];
	uint32_t uid;

	process_command(pid, command);
	if (!process_user(pid, &uid))
		return true;
	progress(logout->quiet, "left is %s, which %s",
		 process_text(pid, command, uid),
		 may_end(pidfd) ? "was killed" : "the caller may not end");
	if (logout->left) {
		object = json_object_new_object();
		json_add_process(object, pid, command, uid);
		json_object_object_add(object, "permitted",
				       json_object_new_boolean(may_end(pidfd)));
		json_object_array_add(logout->left, object);
	}
	return true;
}

/* What is said of it on standard error, if it did not come to the end. */
static void logout_complain(const struct logout *logout, enum outcome outcome)
{
	const struct deferrals *deferrals = &logout->deferrals;
	const char *id = session_text(logout->session.session);
	unsigned int i;

	if (outcome == OUTCOME_LEFT) {
		fprintf(stderr, "bootstrapctl: %s: the session has not ended, processes are left in it\n",
			id);
	} else if (outcome == OUTCOME_WITHDRAWN) {
		fprintf(stderr, "bootstrapctl: %s: logout withdrawn\n", id);
	} else if (deferrals->count == 1) {
		fprintf(stderr, "bootstrapctl: %s: logout cancelled by %s\n",
			id, deferral_text(&deferrals->list[0]));
	} else {
		fprintf(stderr, "bootstrapctl: %s: logout cancelled by one of these:\n",
			id);
		for (i = 0; i < deferrals->count; i++)
			fprintf(stderr, "bootstrapctl: %s\n",
				deferral_text(&deferrals->list[i]));
	}
}

static void logout_print_json(struct logout *logout, enum outcome outcome)
{
	static const char *const texts[] = {
		[OUTCOME_ENDED] = "ended",
		[OUTCOME_ENDING] = "ending",
		[OUTCOME_LEFT] = "left",
		[OUTCOME_CANCELLED] = "cancelled",
		[OUTCOME_WITHDRAWN] = "withdrawn",
	};
	struct json_object *object = json_object_new_object();
	const struct bootstrap_session *session = &logout->session;

	json_object_object_add(object, "session",
			       session_json(session->session));
	json_object_object_add(object, "cookie",
			       json_object_new_int64(session->cookie));
	json_object_object_add(object, "result",
			       json_object_new_string(texts[outcome]));
	json_object_object_add(object, "deferred_by",
			       deferrals_json(&logout->deferrals));
	json_object_object_add(object, "left", logout->left);
	json_print_free(object);
}

/* Returns what to exit with. */
static int logout_tell(struct logout *logout, enum outcome outcome)
{
	const char *id = session_text(logout->session.session);

	if (outcome == OUTCOME_LEFT)
		processes_each(logout->session.session, logout_take_left,
			       logout);
	else if (outcome == OUTCOME_ENDED)
		progress(logout->quiet, "session %s has ended", id);
	else if (outcome == OUTCOME_ENDING)
		progress(logout->quiet, "session %s ends with this command",
			 id);
	if (logout->left)
		logout_print_json(logout, outcome);
	if (outcome == OUTCOME_ENDED || outcome == OUTCOME_ENDING)
		return 0;
	logout_complain(logout, outcome);
	return EXIT_REFUSED;
}

static int logout_refused(const struct logout *logout, int err)
{
	if (err != -EPERM)
		return complain(err, session_text(logout->session.session));
	fprintf(stderr, "bootstrapctl: %s: a deadline of more than 60 seconds takes CAP_SYS_ADMIN\n",
		session_text(logout->session.session));
	return EXIT_REFUSED;
}

int cmd_logout(const struct args *args)
{
	struct logout logout = { .port = device_open(), .quiet = args->json };
	int status = logout_find(&logout, args), err;
	enum outcome outcome;

	if (status)
		return status;
	err = logout_ask(&logout, args);
	if (err)
		return logout_refused(&logout, err);
	if (args->json)
		logout.left = json_object_new_array();
	logout_tell_asked(&logout);
	outcome = logout_wait(&logout);
	if (outcome == OUTCOME_NONE)
		outcome = logout_end(&logout, args);
	close(logout.asked);
	status = logout_tell(&logout, outcome);
	deferrals_free(&logout.deferrals);
	return status;
}
