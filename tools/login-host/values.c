// SPDX-License-Identifier: GPL-2.0
/* Context and hints: what mechanisms are told, and tell each other. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "host.h"

#define HEX "hex"

static const struct {
	const char *name;
	uint32_t flag;
} flag_names[] = {
	{ "extractable", kAuthorizationContextFlagExtractable },
	{ "volatile", kAuthorizationContextFlagVolatile },
	{ "sticky", kAuthorizationContextFlagSticky },
};

#define FLAGS (sizeof(flag_names) / sizeof(flag_names[0]))

bool values_init(struct values *values)
{
	values->context = json_object_new_object();
	values->hints = json_object_new_object();
	values->flags = json_object_new_object();
	if (values->context && values->hints && values->flags)
		return true;
	values_free(values);
	return false;
}

void values_free(struct values *values)
{
	json_object_put(values->context);
	json_object_put(values->hints);
	json_object_put(values->flags);
	*values = (struct values){ NULL, NULL, NULL };
}

bool object_put(json_object *to, const char *key, json_object *value)
{
	if (!json_object_object_add(to, key, value))
		return true;
	json_object_put(value);
	return false;
}

static bool flags_put(struct values *values, const char *key, uint32_t flags)
{
	json_object *number;

	json_object_object_del(values->flags, key);
	if (!flags)
		return true;
	number = json_object_new_int64(flags);
	return number && object_put(values->flags, key, number);
}

uint32_t values_flags(const struct values *values, const char *key)
{
	return json_object_get_int64(
		json_object_object_get(values->flags, key));
}

bool values_set_context(struct values *values, const char *key,
			json_object *value, uint32_t flags)
{
	return object_put(values->context, key, value) &&
	       flags_put(values, key, value ? flags : 0);
}

bool values_set_hint(struct values *values, const char *key, json_object *value)
{
	return object_put(values->hints, key, value);
}

bool values_merge(struct values *to, const struct values *from)
{
	json_object_object_foreach(from->context, key, value) {
		if (!value)
			json_object_object_del(to->context, key);
		else if (!object_put(to->context, key, json_object_get(value)))
			return false;
		if (!flags_put(to, key, value ? values_flags(from, key) : 0))
			return false;
	}
	json_object_object_foreach(from->hints, name, hint) {
		if (!hint)
			json_object_object_del(to->hints, name);
		else if (!object_put(to->hints, name, json_object_get(hint)))
			return false;
	}
	return true;
}

bool values_copy(struct values *to, const struct values *from)
{
	if (!values_init(to))
		return false;
	if (values_merge(to, from))
		return true;
	values_free(to);
	return false;
}

bool values_keep_sticky(struct values *to, const struct values *from)
{
	json_object_object_foreach(from->context, key, value) {
		uint32_t flags = values_flags(from, key);

		if (flags & kAuthorizationContextFlagSticky &&
		    !values_set_context(to, key, json_object_get(value), flags))
			return false;
	}
	return true;
}

bool values_are_free(const struct values *values)
{
	json_object_object_foreach(values->context, key, value) {
		(void)value;
		if (is_own_context(key))
			return false;
	}
	json_object_object_foreach(values->hints, name, hint) {
		(void)hint;
		if (is_own_hint(name))
			return false;
	}
	return true;
}

/* --- flags */

static uint32_t flag_of(json_object *name)
{
	size_t i;

	if (!json_object_is_type(name, json_type_string))
		return 0;
	for (i = 0; i < FLAGS; i++)
		if (!strcmp(json_object_get_string(name), flag_names[i].name))
			return flag_names[i].flag;
	return 0;
}

bool flags_parse(json_object *names, uint32_t *ret_flags)
{
	size_t i, count;

	*ret_flags = 0;
	if (!json_object_is_type(names, json_type_array))
		return false;
	count = json_object_array_length(names);
	for (i = 0; i < count; i++) {
		uint32_t flag = flag_of(json_object_array_get_idx(names, i));

		if (!flag)
			return false;
		*ret_flags |= flag;
	}
	return true;
}

json_object *flags_names(uint32_t flags)
{
	json_object *names = json_object_new_array(), *name;
	size_t i;

	for (i = 0; names && i < FLAGS; i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		name = json_object_new_string(flag_names[i].name);
		if (!name || json_object_array_add(names, name)) {
			json_object_put(name);
			json_object_put(names);
			names = NULL;
		}
	}
	return names;
}

/* --- bytes */

static bool is_text(const char *data, size_t len)
{
	mbstate_t state = { 0 };
	size_t n;

	/* The host has set a locale where this is UTF-8. */
	while (len) {
		n = mbrlen(data, len, &state);
		if (n == (size_t)-1 || n == (size_t)-2)
			return false;
		n += !n;
		data += n;
		len -= n;
	}
	return true;
}

json_object *value_from_bytes(const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = data;
	json_object *value, *hex;
	char *text;
	size_t i;

	if (is_text(data, len))
		return json_object_new_string_len(data, len);
	text = malloc(2 * len);
	value = json_object_new_object();
	for (i = 0; text && i < len; i++) {
		text[2 * i] = digits[from[i] >> 4];
		text[2 * i + 1] = digits[from[i] & 15];
	}
	hex = text ? json_object_new_string_len(text, 2 * len) : NULL;
	free(text);
	if (value && hex && object_put(value, HEX, hex))
		return value;
	json_object_put(value);
	return NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes that value_from_bytes() has made this of; NULL if it has not. */
static char *from_hex(json_object *value, size_t *ret_len)
{
	json_object *hex = NULL;
	const char *text;
	size_t i, len;
	char *data;

	if (!json_object_is_type(value, json_type_object) ||
	    json_object_object_length(value) != 1 ||
	    !json_object_object_get_ex(value, HEX, &hex) ||
	    !json_object_is_type(hex, json_type_string))
		return NULL;
	text = json_object_get_string(hex);
	len = json_object_get_string_len(hex);
	data = malloc(len / 2 + 1);
	for (i = 0; data && i < len; i += 2) {
		int high = digit(text[i]), low = digit(text[i + 1]);

		if (high < 0 || low < 0) {
			free(data);
			return NULL;
		}
		data[i / 2] = high << 4 | low;
	}
	*ret_len = len / 2;
	return data;
}

char *value_to_bytes(json_object *value, size_t *ret_len)
{
	const char *text;
	size_t len;
	char *data = from_hex(value, ret_len);

	if (data)
		return data;
	if (json_object_is_type(value, json_type_string)) {
		text = json_object_get_string(value);
		len = json_object_get_string_len(value);
	} else {
		text = json_object_to_json_string_length(
			value,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
			&len);
	}
	data = text ? malloc(len + 1) : NULL;
	if (data)
		memcpy(data, text, len);
	*ret_len = len;
	return data;
}
