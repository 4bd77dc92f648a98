// SPDX-License-Identifier: GPL-2.0
/* What there is to tell of a session, in words and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bootstrapctl.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

const char *session_user_text(const struct bootstrap_session *session)
{
	if (session->attributes & BOOTSTRAP_SESSION_ATTR_ROOT)
		return "-";
	return user_text(session->uid);
}

const char *session_type_text(const struct bootstrap_session *session)
{
	static const char *const texts[] = {
		[BOOTSTRAP_SESSION_TYPE_UNKNOWN] = "unknown",
		[BOOTSTRAP_SESSION_TYPE_ROOT] = "root",
		[BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW] = "login-window",
		[BOOTSTRAP_SESSION_TYPE_GUI] = "gui",
		[BOOTSTRAP_SESSION_TYPE_NON_GUI] = "non-gui",
		[BOOTSTRAP_SESSION_TYPE_BACKGROUND] = "background",
	};

	return session->type < ARRAY_SIZE(texts) ? texts[session->type] :
						   "unknown";
}

const char *session_state_text(const struct bootstrap_session *session)
{
	static const char *const texts[] = {
		[BOOTSTRAP_SESSION_STATE_LOGIN] = "login",
		[BOOTSTRAP_SESSION_STATE_OPEN] = "open",
		[BOOTSTRAP_SESSION_STATE_LOGOUT] = "logout",
	};

	return session->state < ARRAY_SIZE(texts) ? texts[session->state] :
						    "unknown";
}

static const struct attribute {
	uint32_t bit;
	const char *text;
} attributes[] = {
	{ BOOTSTRAP_SESSION_ATTR_ROOT, "root" },
	{ BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS, "graphic-access" },
	{ BOOTSTRAP_SESSION_ATTR_TTY, "tty" },
	{ BOOTSTRAP_SESSION_ATTR_REMOTE, "remote" },
	{ BOOTSTRAP_SESSION_ATTR_CONSOLE, "console" },
	{ BOOTSTRAP_SESSION_ATTR_AUTHENTICATED, "authenticated" },
};

const char *session_attributes_text(const struct bootstrap_session *session,
				    const char *separator)
{
	static char text[128];
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (session->attributes & attributes[i].bit)
			len += snprintf(text + len, sizeof(text) - len, "%s%s",
					len ? separator : "",
					attributes[i].text);
	return len ? text : "-";
}

static struct json_object *
attributes_json(const struct bootstrap_session *session)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (session->attributes & attributes[i].bit)
			json_object_array_add(array,
					      json_object_new_string(attributes[i].text));
	return array;
}

/* Milliseconds until the deadline, which is not BOOTSTRAP_DEADLINE_NEVER. */
static int64_t deadline_left(const struct bootstrap_session *session)
{
	return (int64_t)(session->deadline / 1000000) - now_ms();
}

const char *session_deadline_text(const struct bootstrap_session *session)
{
	static char text[48];
	int64_t left;

	if (session->deadline == BOOTSTRAP_DEADLINE_NEVER)
		return "no deadline";
	left = deadline_left(session);
	if (left <= 0)
		return "deadline passed";
	snprintf(text, sizeof(text), "deadline in %" PRId64 " s",
		 (left + 999) / 1000);
	return text;
}

static struct json_object *
deadline_json(const struct bootstrap_session *session)
{
	int64_t left;

	if (session->state != BOOTSTRAP_SESSION_STATE_LOGOUT)
		return NULL;
	if (session->deadline == BOOTSTRAP_DEADLINE_NEVER)
		return json_object_new_string("never");
	left = deadline_left(session);
	return json_object_new_int64(left > 0 ? (left + 999) / 1000 : 0);
}

const char *session_label(const struct bootstrap_session *session)
{
	static char text[1024];

	/* Names of users have no limit; what is longer than this is cut. */
	snprintf(text, sizeof(text), "session %s (%s, %s%s%s%s%s)",
		 session_text(session->session), session_user_text(session),
		 session_type_text(session), *session->tty ? ", " : "",
		 session->tty, *session->host ? ", from " : "", session->host);
	return text;
}

static struct json_object *text_json(const char *text)
{
	return *text ? json_object_new_string(text) : NULL;
}

void json_add_session(struct json_object *object,
		      const struct bootstrap_session *session)
{
	json_object_object_add(object, "session",
			       session_json(session->session));
	json_object_object_add(object, "cookie",
			       json_object_new_int64(session->cookie));
	json_object_object_add(object, "namespace",
			       json_object_new_int64(session->namespace_id));
	json_object_object_add(object, "uid",
			       json_object_new_int64(session->uid));
	json_object_object_add(object, "names",
			       json_object_new_int64(session->names));
	json_object_object_add(object, "type",
			       json_object_new_string(session_type_text(session)));
	json_object_object_add(object, "attributes", attributes_json(session));
	json_object_object_add(object, "tty", text_json(session->tty));
	json_object_object_add(object, "host", text_json(session->host));
	json_object_object_add(object, "since",
			       json_object_new_string(utc_time_text(session->since)));
	json_object_object_add(object, "state",
			       json_object_new_string(session_state_text(session)));
	json_object_object_add(object, "deadline", deadline_json(session));
	json_object_object_add(object, "deferrals",
			       json_object_new_int64(session->deferrals));
}
