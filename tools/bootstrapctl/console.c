// SPDX-License-Identifier: GPL-2.0
/* The command console: which session has screen and keyboard. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* The kernel's, with the name of the virtual terminal that is shown. */
#define ACTIVE "/sys/class/tty/tty0/active"

#define CONSOLE BOOTSTRAP_SESSION_ATTR_CONSOLE

/* What is looked for among the sessions; an id is told by a cookie. */
struct console {
	int port;
	const char *tty;	/* that is shown; NULL if it does not matter */
	struct bootstrap_session holder;	/* that has it */
	struct bootstrap_session shown;	/* that is on @tty */
};

static const char *tty_name(const char *tty)
{
	return strncmp(tty, "/dev/", 5) ? tty : tty + 5;
}

static bool console_take(const struct bootstrap_session *session,
			 void *context)
{
	struct console *console = context;

	if (session->attributes & CONSOLE)
		console->holder = *session;
	/* A login inside of another, on the same terminal, is nearer to it. */
	if (console->tty && !strcmp(tty_name(session->tty), console->tty) &&
	    session->since >= console->shown.since)
		console->shown = *session;
	return true;
}

static int console_look(struct console *console)
{
	console->holder.cookie = 0;
	console->shown = (struct bootstrap_session){ 0 };
	return sessions_each(console->port, console_take, console);
}

static int console_print(struct console *console, bool json)
{
	struct json_object *object;
	int err = console_look(console);

	if (err)
		return complain(err, "console");
	if (!console->holder.cookie) {
		fprintf(stderr, "bootstrapctl: console: no session that the caller may see has it\n");
		return EXIT_REFUSED;
	}
	if (json) {
		object = json_object_new_object();
		json_add_session(object, &console->holder);
		json_print_free(object);
	} else {
		puts(session_label(&console->holder));
	}
	return 0;
}

static int console_give(const struct console *console, const char *text)
{
	struct bootstrap_session session;
	int status = session_find(console->port, text, &session), err;

	if (status)
		return status;
	err = bns_attributes(console->port, session.session, session.cookie,
			     CONSOLE, 0);
	return err ? complain(err, text) : 0;
}

/* Lets it be where it is to be. Returns 0 or an error. */
static int console_move(const struct console *console)
{
	const struct bootstrap_session *holder = &console->holder;
	const struct bootstrap_session *shown = &console->shown;
	int err;

	if (shown->cookie == holder->cookie)
		return 0;
	if (shown->cookie)
		err = bns_attributes(console->port, shown->session,
				     shown->cookie, CONSOLE, 0);
	else
		err = bns_attributes(console->port, holder->session,
				     holder->cookie, 0, CONSOLE);
	/* It has ended meanwhile, which the watch tells of. */
	if (err == -ESRCH)
		return 0;
	if (!err)
		progress(false, "%s", shown->cookie ? session_label(shown) :
						      "no session");
	return err;
}

static bool console_hear(const struct bootstrap_record *record, void *context)
{
	(void)record;
	(void)context;
	return true;
}

/* Reads which terminal is shown; to do so is to be told of the next change. */
static int active_read(int active, char *tty, size_t size)
{
	ssize_t n = pread(active, tty, size - 1, 0);

	if (n < 0)
		return -errno;
	tty[n] = '\0';
	tty[strcspn(tty, "\n")] = '\0';
	return 0;
}

static int console_follow(struct console *console, int active, int watch)
{
	struct pollfd polled[] = {
		{ .fd = active, .events = POLLPRI },
		{ .fd = watch, .events = POLLIN },
	};
	char tty[32];
	int err;

	console->tty = tty;
	for (;;) {
		err = active_read(active, tty, sizeof(tty));
		if (!err)
			err = console_look(console);
		if (!err)
			err = console_move(console);
		if (err)
			return err;
		if (poll(polled, 2, -1) < 0)
			return -errno;
		if (polled[1].revents &&
		    records_each(watch, console_hear, NULL) < 0)
			return -EIO;
	}
}

/*
 * No session has this cookie. Who is not permitted is told so, rather than left
 * to wait for something that he may not do.
 */
static int console_check(const struct console *console)
{
	int err = bns_attributes(console->port, 0, UINT64_MAX, CONSOLE, 0);

	return err == -ESRCH ? 0 : err;
}

static int console_follow_open(struct console *console)
{
	int active = open(ACTIVE, O_RDONLY | O_CLOEXEC), watch, err;

	if (active < 0) {
		fprintf(stderr, "bootstrapctl: console: no virtual terminals here: %s: %s\n",
			ACTIVE, strerror(errno));
		return EXIT_SYSTEM;
	}
	err = console_check(console);
	if (err)
		return complain(err, "console");
	watch = bns_watch_sessions(console->port);
	if (watch < 0)
		return complain(watch, "console");
	if (fcntl(watch, F_SETFL, O_NONBLOCK) < 0)
		return complain(-errno, "console");
	return complain(console_follow(console, active, watch), "console");
}

int cmd_console(const struct args *args)
{
	struct console console = { .port = device_open() };

	if (args->follow)
		return console_follow_open(&console);
	return args->operand ? console_give(&console, args->operand) :
			       console_print(&console, args->json);
}
