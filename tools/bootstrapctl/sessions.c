// SPDX-License-Identifier: GPL-2.0
/* The commands that tell of sessions: session, sessions, session-name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* How many processes it has, the caller too; below 0 if that is not to be told. */
static int session_processes(int port, const struct bootstrap_session *session)
{
	unsigned int members;

	if (bns_signal(port, session->session, session->cookie, 0,
		       &members) < 0)
		return -1;
	return members + process_bears(getpid(), session->session);
}

static const char *processes_text(int processes)
{
	static char text[16];

	snprintf(text, sizeof(text), "%d", processes);
	return processes < 0 ? "-" : text;
}

static struct json_object *
session_object(int port, const struct bootstrap_session *session)
{
	struct json_object *object = json_object_new_object();
	int processes = session_processes(port, session);

	json_add_session(object, session);
	json_object_object_add(object, "processes", processes < 0 ? NULL :
			       json_object_new_int64(processes));
	json_object_object_add(object, "outside",
			       json_object_new_boolean(session->standing &
						       BOOTSTRAP_STANDING_OUTSIDE));
	return object;
}

static void session_print(int port, const struct bootstrap_session *session,
			  const struct deferrals *deferrals)
{
	unsigned int i;

	printf("session    %s\n", session_text(session->session));
	printf("user       %s\n", session_user_text(session));
	printf("type       %s\n", session_type_text(session));
	printf("attributes %s\n", session_attributes_text(session, ", "));
	printf("tty        %s\n", *session->tty ? session->tty : "-");
	printf("host       %s\n", *session->host ? session->host : "-");
	printf("since      %s\n", local_time_text(session->since, TIME_LOCAL));
	printf("state      %s", session_state_text(session));
	if (session->state == BOOTSTRAP_SESSION_STATE_LOGOUT)
		printf(", %s", session_deadline_text(session));
	printf("\nprocesses  %s\n",
	       processes_text(session_processes(port, session)));
	for (i = 0; i < deferrals->count; i++)
		printf("deferral   %s\n", deferral_text(&deferrals->list[i]));
	printf("names      %u\n", session->names);
	printf("cookie     %llu\n", (unsigned long long)session->cookie);
	printf("namespace  %llu\n",
	       (unsigned long long)session->namespace_id);
	if (session->standing & BOOTSTRAP_STANDING_OUTSIDE)
		printf("note       the caller bears a session id, but is more or other than that session's user\n");
}

int session_find(int port, const char *text, struct bootstrap_session *session)
{
	uint32_t id;
	int err;

	*session = (struct bootstrap_session){ .size = sizeof(*session) };
	if (!text) {
		err = bns_session(port, session);
	} else if (!parse_session(text, &id)) {
		fprintf(stderr, "bootstrapctl: %s: not a session id (a number, or root)\n",
			text);
		return EXIT_USAGE;
	} else {
		err = bns_session_by_id(port, id, 0, session);
	}
	return err ? complain(err, text ?: "session") : 0;
}

int cmd_session(const struct args *args)
{
	struct deferrals deferrals = { 0 };
	struct bootstrap_session session;
	struct json_object *object;
	int port = port_open(), err;

	err = session_find(port, args->operand, &session);
	if (err)
		return err;
	/* It may end meanwhile: then there is nobody to be told of. */
	if (session.deferrals)
		deferrals_read(port, &session, &deferrals);
	if (args->json) {
		object = session_object(port, &session);
		json_object_object_add(object, "deferred_by",
				       deferrals_json(&deferrals));
		json_print_free(object);
	} else {
		session_print(port, &session, &deferrals);
	}
	deferrals_free(&deferrals);
	return 0;
}

int sessions_each(int port, take_session take, void *context)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	uint32_t id = 0;
	int err;

	do {
		err = bns_session_next(port, id, &session);
		if (err || !take(&session, context))
			return err;
		id = session.session + 1;
	} while (session.session != BOOTSTRAP_SESSION_ID_ROOT);
	return 0;
}

/* Where they are listed: one of the two. */
struct listing {
	int port;
	struct json_object *array;
	struct table *table;
};

static void sessions_add_row(const struct listing *listing,
			     const struct bootstrap_session *session)
{
	struct table *table = listing->table;

	table_add(table, "%s", session_text(session->session));
	table_add(table, "%s", session_user_text(session));
	table_add(table, "%s", session_type_text(session));
	table_add(table, "%s", *session->tty ? session->tty : "-");
	table_add(table, "%s", *session->host ? session->host : "-");
	table_add(table, "%s", local_time_text(session->since, TIME_COLUMN));
	table_add(table, "%s",
		  processes_text(session_processes(listing->port, session)));
	table_add(table, "%u", session->names);
	table_add(table, "%s", session_state_text(session));
}

static bool sessions_add(const struct bootstrap_session *session, void *context)
{
	const struct listing *listing = context;

	if (listing->array)
		json_object_array_add(listing->array,
				      session_object(listing->port, session));
	else
		sessions_add_row(listing, session);
	return true;
}

int cmd_sessions(const struct args *args)
{
	static const char *const heads[] = {
		"SESSION", "USER", "TYPE", "TTY", "HOST", "SINCE", "PROCESSES",
		"NAMES", "STATE"
	};
	struct listing listing = { .port = port_open() };
	int err;

	if (args->json)
		listing.array = json_object_new_array();
	else
		listing.table = table_new(sizeof(heads) / sizeof(heads[0]),
					  heads);
	err = sessions_each(listing.port, sessions_add, &listing);
	if (err) {
		json_object_put(listing.array);
		table_free(listing.table);
		return complain(err, "sessions");
	}
	if (listing.array)
		json_print_free(listing.array);
	else
		table_print_free(listing.table);
	return 0;
}

int cmd_session_name(const struct args *args)
{
	const size_t size = strlen(args->operand) + BNS_SESSION_NAME_MORE;
	char *name = malloc(size);
	int err = -ENOMEM;

	if (name)
		err = bns_session_name(port_open(), args->operand, name, size);
	if (!err)
		puts(name);
	free(name);
	return err ? complain(err, "session-name") : 0;
}
