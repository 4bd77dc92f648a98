// SPDX-License-Identifier: GPL-2.0
/* The command watch --sessions: what becomes of sessions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrapctl.h"

/* The sessions as they were told of last, to tell what has changed. */
struct known {
	struct bootstrap_session *list;
	unsigned int count;
	bool json;
};

static const char *record_text(uint32_t type)
{
	switch (type) {
	case BOOTSTRAP_RECORD_SESSION_PRESENT:
		return "present";
	case BOOTSTRAP_RECORD_SESSION_STARTED:
		return "started";
	case BOOTSTRAP_RECORD_SESSION_CHANGED:
		return "changed";
	case BOOTSTRAP_RECORD_SESSION_LOGOUT:
		return "logout";
	case BOOTSTRAP_RECORD_SESSION_DEFERRED:
		return "deferred";
	case BOOTSTRAP_RECORD_SESSION_ENDED:
		return "ended";
	case BOOTSTRAP_RECORD_COMPLETE:
		return "complete";
	case BOOTSTRAP_RECORD_OVERFLOW:
		return "overflow";
	default:
		return NULL;
	}
}

static struct bootstrap_session *known_find(const struct known *known,
					    uint64_t cookie)
{
	unsigned int i;

	for (i = 0; i < known->count; i++)
		if (known->list[i].cookie == cookie)
			return &known->list[i];
	return NULL;
}

/* Without memory for it, all that it is will be told as changed. */
static void known_set(struct known *known,
		      const struct bootstrap_session *session)
{
	struct bootstrap_session *list;
	struct bootstrap_session *old = known_find(known, session->cookie);

	if (old) {
		*old = *session;
		return;
	}
	list = reallocarray(known->list, known->count + 1, sizeof(*list));
	if (!list)
		return;
	known->list = list;
	list[known->count++] = *session;
}

static void known_drop(struct known *known,
		       const struct bootstrap_session *session)
{
	struct bootstrap_session *old = known_find(known, session->cookie);

	if (old)
		*old = known->list[--known->count];
}

/* A part of a line: what it is now, if it is another than before. */
static void part_print(bool changed, const char *what, const char *is,
		       const char **separator)
{
	if (!changed)
		return;
	printf("%s%s %s", *separator, what, is);
	*separator = ", ";
}

static void change_print(const struct bootstrap_session *was,
			 const struct bootstrap_session *is)
{
	static const struct bootstrap_session nothing = {
		.type = UINT32_MAX, .uid = UINT32_MAX, .state = UINT32_MAX,
		.attributes = UINT32_MAX, .deferrals = UINT32_MAX,
	};
	const char *separator = ": ";
	char deferrals[16];

	was = was ?: &nothing;
	snprintf(deferrals, sizeof(deferrals), "%u", is->deferrals);
	printf("changed session %s", session_text(is->session));
	part_print(was->uid != is->uid, "user", session_user_text(is),
		   &separator);
	part_print(was->type != is->type, "type", session_type_text(is),
		   &separator);
	part_print(was->attributes != is->attributes, "attributes",
		   session_attributes_text(is, "+"), &separator);
	part_print(strcmp(was->tty, is->tty), "tty", is->tty, &separator);
	part_print(strcmp(was->host, is->host), "host", is->host, &separator);
	part_print(was->state != is->state, "state", session_state_text(is),
		   &separator);
	part_print(was->deferrals != is->deferrals, "deferrals", deferrals,
		   &separator);
	printf("\n");
}

static void session_record_print(const struct known *known, uint32_t type,
				 const struct bootstrap_session *session)
{
	switch (type) {
	case BOOTSTRAP_RECORD_SESSION_CHANGED:
		change_print(known_find(known, session->cookie), session);
		break;
	case BOOTSTRAP_RECORD_SESSION_LOGOUT:
		printf("logout session %s, %s",
		       session_text(session->session),
		       session_deadline_text(session));
		if (session->deferrals)
			printf(", deferrals %u", session->deferrals);
		printf("\n");
		break;
	case BOOTSTRAP_RECORD_SESSION_ENDED:
		printf("ended session %s\n", session_text(session->session));
		break;
	default:
		printf("%s %s\n", record_text(type), session_label(session));
	}
}

static void record_print(const struct known *known,
			 const struct bootstrap_record *record)
{
	const struct bootstrap_session *session = bns_record_session(record);
	const struct bootstrap_deferral *about = bns_record_deferral(record);
	const char *text = record_text(record->type);
	struct deferral deferral;

	if (session) {
		session_record_print(known, record->type, session);
	} else if (about) {
		deferral_init(&deferral, about);
		printf("deferred session %s by %s\n",
		       session_text(about->session), deferral_text(&deferral));
	} else {
		puts(text ?: "");
	}
}

static void record_print_json(const struct bootstrap_record *record)
{
	const struct bootstrap_session *session = bns_record_session(record);
	const struct bootstrap_deferral *about = bns_record_deferral(record);
	struct json_object *object = json_object_new_object();
	struct deferral deferral;

	json_object_object_add(object, "record",
			       json_object_new_string(record_text(record->type)));
	json_object_object_add(object, "number",
			       json_object_new_int64(record->number));
	if (session) {
		json_add_session(object, session);
	} else if (about) {
		json_object_object_add(object, "session",
				       session_json(about->session));
		json_object_object_add(object, "cookie",
				       json_object_new_int64(about->cookie));
		deferral_init(&deferral, about);
		json_add_deferral(object, &deferral);
	}
	json_print_line_free(object);
}

static bool take_session_record(const struct bootstrap_record *record,
				void *context)
{
	const struct bootstrap_session *session = bns_record_session(record);
	struct known *known = context;

	if (!record_text(record->type))
		return true;
	if (known->json)
		record_print_json(record);
	else
		record_print(known, record);
	if (record->type == BOOTSTRAP_RECORD_OVERFLOW)
		known->count = 0;
	else if (session && record->type == BOOTSTRAP_RECORD_SESSION_ENDED)
		known_drop(known, session);
	else if (session)
		known_set(known, session);
	/* Whoever reads the other end of a pipe is to hear of it now. */
	return !fflush(stdout);
}

int watch_sessions(const struct args *args)
{
	struct known known = { .json = args->json };
	int watch = bns_watch_sessions(device_open()), ret;

	if (watch < 0)
		return complain(watch, "watch");
	do
		ret = records_each(watch, take_session_record, &known);
	while (ret > 0);
	free(known.list);
	if (ret)
		return complain(ret, "watch");
	fprintf(stderr, "bootstrapctl: watch: cannot write\n");
	return EXIT_SYSTEM;
}
