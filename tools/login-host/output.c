// SPDX-License-Identifier: GPL-2.0
/* What mechanisms write: what is logged, and what tells of their results. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/* Of what one says, this is logged: so many lines, of so many bytes. */
#define SAID_LINES 100
#define SAID_BYTES 400

void make_harmless(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text == '\177')
			*text = '?';
}

static void line_log(struct lines *said)
{
	said->text[said->len < SAID_BYTES ? said->len : SAID_BYTES] = '\0';
	if (said->count == SAID_LINES)
		login_log(said->login, LOG_INFO,
			  "%s says more, which is left out", said->name);
	if (said->count++ >= SAID_LINES || !said->len)
		return;
	make_harmless(said->text);
	login_log(said->login, LOG_INFO, "%s: %s", said->name, said->text);
}

static void said_take(struct lines *said, const char *text, size_t len)
{
	said->total += len;
	for (; len--; text++) {
		if (*text == '\n') {
			line_log(said);
			said->len = 0;
		} else if (said->len < SAID_BYTES) {
			said->text[said->len++] = *text ? *text : '?';
		}
	}
}

void lines_read(struct lines *said)
{
	char text[4096];
	ssize_t n = read(said->fd, text, sizeof(text));

	if (n > 0) {
		said_take(said, text, n);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (said->len)
		line_log(said);
	close(said->fd);
	said->fd = -1;
}

void lines_drain(struct lines *said)
{
	size_t total;

	do {
		total = said->total;
		if (said->fd >= 0)
			lines_read(said);
	} while (said->total > total);
}

const char *result_text(enum login_result result)
{
	static const char *const texts[] = {
		[LOGIN_ALLOW] = "allow",
		[LOGIN_DENY] = "deny",
		[LOGIN_UNDEFINED] = "undefined",
		[LOGIN_USER_CANCELED] = "user-canceled",
	};

	return texts[result];
}

static void take_result(struct invocation *invocation, json_object *value)
{
	enum login_result result;

	if (invocation->decided) {
		invocation_fail(invocation, "a second result");
		return;
	}
	for (result = LOGIN_ALLOW; result <= LOGIN_USER_CANCELED; result++)
		if (json_object_is_type(value, json_type_string) &&
		    !strcmp(json_object_get_string(value),
			    result_text(result))) {
			invocation->decided = true;
			invocation->result = result;
			return;
		}
	invocation_fail(invocation, "no such result");
}

static void take_values(struct invocation *invocation, struct values *given,
			json_object *object, bool hints)
{
	if (!json_object_is_type(object, json_type_object)) {
		invocation_fail(invocation, "values that are no object");
		return;
	}
	json_object_object_foreach(object, key, value) {
		if (!*key || strlen(key) > PLUGIN_KEY_MAX)
			invocation_fail(invocation, "no key for a value");
		/* A null stays one until it removes something. */
		value = json_object_get(value);
		if (hints ? !values_set_hint(given, key, value) :
			    !values_set_context(given, key, value, 0))
			invocation_fail(invocation, "no memory");
	}
	if (!values_are_free(given))
		invocation_fail(invocation,
				"a value that is not a mechanism's to give");
}

/* Of values that the mechanism has given, with this line or before. */
static void take_flags(struct invocation *invocation, struct values *given,
		       json_object *object)
{
	json_object *value;
	uint32_t flags;

	if (!json_object_is_type(object, json_type_object)) {
		invocation_fail(invocation, "flags that are no object");
		return;
	}
	json_object_object_foreach(object, key, names) {
		if (!json_object_object_get_ex(given->context, key, &value) ||
		    !value)
			invocation_fail(invocation,
					"flags of what it has not given");
		else if (!flags_parse(names, &flags))
			invocation_fail(invocation, "no such flag");
		else if (!values_set_context(given, key, json_object_get(value),
					     flags))
			invocation_fail(invocation, "no memory");
	}
}

static bool style_parse(json_object *name, enum login_style *ret_style)
{
	static const char *const names[] = {
		[LOGIN_PROMPT] = "prompt",
		[LOGIN_SECRET] = "secret",
		[LOGIN_INFORMATION] = "information",
		[LOGIN_ERROR] = "error",
	};
	enum login_style style;

	if (!json_object_is_type(name, json_type_string))
		return false;
	for (style = LOGIN_PROMPT; style <= LOGIN_ERROR; style++)
		if (!strcmp(json_object_get_string(name), names[style])) {
			*ret_style = style;
			return true;
		}
	return false;
}

static void take_converse(struct invocation *invocation, json_object *object)
{
	json_object *text = NULL, *style = NULL;
	enum login_style parsed;

	if (!json_object_is_type(object, json_type_object) ||
	    json_object_object_length(object) != 2 ||
	    !json_object_object_get_ex(object, "style", &style) ||
	    !json_object_object_get_ex(object, "text", &text) ||
	    !style_parse(style, &parsed) ||
	    !json_object_is_type(text, json_type_string) ||
	    json_object_get_string_len(text) > PLUGIN_TEXT_MAX)
		invocation_fail(invocation, "nothing that can be said");
	else if (invocation->privileged)
		invocation_fail(invocation,
				"it is privileged, and may not converse");
	else if (invocation->question)
		invocation_fail(invocation, "it converses already");
	/* Of one that has ended nobody would hear the answer. */
	else if (invocation->pidfd >= 0)
		converse(invocation, parsed, json_object_get_string(text));
}

static void take_interrupt(struct invocation *invocation, json_object *value)
{
	if (!json_object_is_type(value, json_type_boolean) ||
	    !json_object_get_boolean(value))
		invocation_fail(invocation, "an interrupt that is not true");
	else
		invocation->interrupts = true;
}

static void take_object(struct invocation *invocation, json_object *object)
{
	const bool decided = invocation->decided;
	struct values *given = decided ? &invocation->late : &invocation->given;
	json_object *flags;

	json_object_object_foreach(object, key, value) {
		if (!strcmp(key, "result"))
			take_result(invocation, value);
		else if (!strcmp(key, "context"))
			take_values(invocation, given, value, false);
		else if (!strcmp(key, "hints"))
			take_values(invocation, given, value, true);
		else if (!strcmp(key, "interrupt"))
			take_interrupt(invocation, value);
		else if (!strcmp(key, "converse"))
			take_converse(invocation, value);
		else if (strcmp(key, "flags"))
			invocation_fail(invocation, "a key that is not known");
	}
	/* They may stand before the values that they are for. */
	if (json_object_object_get_ex(object, "flags", &flags))
		take_flags(invocation, given, flags);
	if (invocation->interrupts && !decided)
		invocation_fail(invocation, "an interrupt before its result");
}

static json_object *parse(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *object;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
					JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != len) {
		json_object_put(object);
		object = NULL;
	}
	json_tokener_free(tokener);
	return object;
}

static void take_line(struct invocation *invocation, const char *text,
		      size_t len)
{
	json_object *object = parse(text, len);

	if (json_object_is_type(object, json_type_object))
		take_object(invocation, object);
	else
		invocation_fail(invocation, "a line that is no JSON object");
	json_object_put(object);
}

/* Takes the lines that there are, and keeps what is behind them. */
static void take_lines(struct invocation *invocation)
{
	char *text = invocation->result_text;
	size_t len = invocation->result_len;
	char *end;

	while (!*invocation->wrong && (end = memchr(text, '\n', len))) {
		take_line(invocation, text, end - text);
		len -= end + 1 - text;
		text = end + 1;
	}
	memmove(invocation->result_text, text, len);
	invocation->result_len = len;
}

void results_end(struct invocation *invocation)
{
	if (invocation->result_len && !*invocation->wrong)
		take_line(invocation, invocation->result_text,
			  invocation->result_len);
	invocation->result_len = 0;
	if (invocation->result_fd >= 0)
		close(invocation->result_fd);
	invocation->result_fd = -1;
}

void results_read(struct invocation *invocation)
{
	char *to = invocation->result_text + invocation->result_len;
	size_t room = RESULT_BYTES + 1 - invocation->result_total;
	ssize_t n = read(invocation->result_fd, to, room);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		results_end(invocation);
		return;
	}
	invocation->result_len += n;
	invocation->result_total += n;
	if (invocation->result_total > RESULT_BYTES) {
		invocation_fail(invocation, "more than it may say");
		invocation->result_len = 0;
		results_end(invocation);
		return;
	}
	take_lines(invocation);
}
