// SPDX-License-Identifier: GPL-2.0
/* What is known of a login: as mechanisms are told, and as its result. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "host.h"

#define RESULT_PREFIX "BOOTSTRAP_LOGIN_"

static const char *const stretches[] = {
	[BNL_STRETCH_BEFORE_AUTH] = "before-auth",
	[BNL_STRETCH_AFTER_AUTH] = "after-auth",
	[BNL_STRETCH_AFTER_HOME] = "after-home",
};

const char *login_stretch(const struct login *login)
{
	return stretches[login->request.stretch];
}

/* --- its own values */

/* Takes the value. */
static bool own_put(struct values *own, const char *key, json_object *value)
{
	if (!value)
		return false;
	return is_own_hint(key) ?
		       values_set_hint(own, key, value) :
		       values_set_context(own, key, value,
					  kAuthorizationContextFlagExtractable);
}

/* None for a text that is empty. */
static bool own_text(struct values *own, const char *key, const char *text)
{
	return !*text || own_put(own, key, json_object_new_string(text));
}

static bool own_number(struct values *own, const char *key, uint32_t number)
{
	return own_put(own, key, json_object_new_int64(number));
}

static bool own_fill(struct values *own, const struct login *login,
		     const struct occasion *occasion)
{
	const struct login_request *request = &login->request;
	char *const *texts = login->texts;
	const char *reason = occasion->reason ? occasion->reason : "";

	if (!own_text(own, "username", texts[LOGIN_USER]))
		return false;
	if (request->uid != LOGIN_UNKNOWN &&
	    (!own_number(own, "uid", request->uid) ||
	     !own_number(own, "gid", request->gid) ||
	     !own_text(own, "home", texts[LOGIN_HOME])))
		return false;
	return own_number(own, "client-pid", request->pid) &&
	       own_text(own, "client-name", texts[LOGIN_SERVICE]) &&
	       own_text(own, "tty", texts[LOGIN_TTY]) &&
	       own_text(own, "rhost", texts[LOGIN_RHOST]) &&
	       own_text(own, "authorize-right", texts[LOGIN_RIGHT]) &&
	       own_number(own, "tries", occasion->tries) &&
	       own_text(own, "reason", reason);
}

bool login_own_values(const struct login *login,
		      const struct occasion *occasion, struct values *ret_own)
{
	if (!values_init(ret_own))
		return false;
	if (own_fill(ret_own, login, occasion))
		return true;
	values_free(ret_own);
	return false;
}

/* --- for programs */

/* Takes the value. */
static bool add(json_object *object, const char *key, json_object *value)
{
	return value && object_put(object, key, value);
}

static bool add_text(json_object *object, const char *key, const char *text)
{
	return add(object, key, json_object_new_string(text));
}

static bool add_session(json_object *object, uint32_t session)
{
	if (session == LOGIN_UNKNOWN)
		return object_put(object, "session", NULL);
	return add(object, "session", json_object_new_int64(session));
}

/* By their names; nothing if no value has any. */
static bool add_flags(json_object *object, const struct values *values)
{
	json_object *all;

	if (!json_object_object_length(values->flags))
		return true;
	all = json_object_new_object();
	if (!all)
		return false;
	json_object_object_foreach(values->flags, key, flags) {
		if (!add(all, key,
			 flags_names(json_object_get_int64(flags)))) {
			json_object_put(all);
			return false;
		}
	}
	return add(object, "flags", all);
}

static bool fill(json_object *object, const struct login *login,
		 const char *mechanism, const struct values *all)
{
	const struct login_request *request = &login->request;

	return add_text(object, "right", login->texts[LOGIN_RIGHT]) &&
	       add_text(object, "mechanism", mechanism) &&
	       add_text(object, "stretch", login_stretch(login)) &&
	       add_session(object, request->session) &&
	       add(object, "context", json_object_get(all->context)) &&
	       add(object, "hints", json_object_get(all->hints)) &&
	       add_flags(object, &login->values);
}

json_object *login_describe(const struct login *login, const char *mechanism,
			    const struct occasion *occasion)
{
	json_object *object = NULL;
	struct values own, all;

	if (!login_own_values(login, occasion, &own))
		return NULL;
	if (values_copy(&all, &login->values)) {
		object = json_object_new_object();
		if (object && (!values_merge(&all, &own) ||
			       !fill(object, login, mechanism, &all))) {
			json_object_put(object);
			object = NULL;
		}
		values_free(&all);
	}
	values_free(&own);
	return object;
}

/* --- its result */

/* In capitals, and with nothing in it that a shell would take for something else. */
static void name_write(char *to, size_t size, const char *key)
{
	snprintf(to, size, RESULT_PREFIX "%s", key);
	for (; *to; to++)
		*to = isascii(*to) && isalnum(*to) ? toupper(*to) : '_';
}

/* Writes NAME=VALUE. Returns its length with its end, or 0 if it cannot be said. */
static size_t result_write(char *to, size_t size, const char *key,
			   json_object *value)
{
	char name[sizeof(RESULT_PREFIX) + PLUGIN_KEY_MAX];
	size_t len, written = 0;
	char *bytes = value_to_bytes(value, &len);

	name_write(name, sizeof(name), key);
	if (bytes && !memchr(bytes, '\0', len) && !memchr(bytes, '\n', len) &&
	    strlen(name) + 1 + len + 1 <= size)
		written = sprintf(to, "%s=%.*s", name, (int)len, bytes) + 1;
	free(bytes);
	return written;
}

size_t login_result_texts(const struct login *login, char *to, size_t size)
{
	size_t len = 0, written;

	json_object_object_foreach(login->values.context, key, value) {
		if (!(values_flags(&login->values, key) &
		      kAuthorizationContextFlagExtractable))
			continue;
		written = result_write(to + len, size - len, key, value);
		if (!written)
			login_log(login, LOG_NOTICE,
				  "%s is left out of the result", key);
		len += written;
	}
	return len;
}
