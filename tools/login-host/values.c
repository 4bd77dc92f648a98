// SPDX-License-Identifier: GPL-2.0
/* Context and hints: what mechanisms are told, and tell each other. */
#include <string.h>

#include "host.h"

static const char *const own_context[] = { "username", "uid", "gid", "home" };
static const char *const own_hints[] = { "client-pid", "client-name", "tty",
					 "rhost", "authorize-right", "tries",
					 "reason" };

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

bool values_init(struct values *values)
{
	values->context = json_object_new_object();
	values->hints = json_object_new_object();
	return values->context && values->hints;
}

void values_free(struct values *values)
{
	json_object_put(values->context);
	json_object_put(values->hints);
	*values = (struct values){ NULL, NULL };
}

static bool object_merge(json_object *to, json_object *from)
{
	json_object_object_foreach(from, key, value) {
		if (!value)
			json_object_object_del(to, key);
		else if (json_object_object_add(to, key,
						json_object_get(value)))
			return false;
	}
	return true;
}

bool values_merge(struct values *to, const struct values *from)
{
	return object_merge(to->context, from->context) &&
	       object_merge(to->hints, from->hints);
}

bool values_copy(struct values *to, const struct values *from)
{
	if (values_init(to) && values_merge(to, from))
		return true;
	values_free(to);
	return false;
}

static bool has_one_of(json_object *object, const char *const *keys,
		       size_t count)
{
	while (count--)
		if (json_object_object_get_ex(object, keys[count], NULL))
			return true;
	return false;
}

bool values_are_free(const struct values *values)
{
	return !has_one_of(values->context, own_context,
			   ARRAY_SIZE(own_context)) &&
	       !has_one_of(values->hints, own_hints, ARRAY_SIZE(own_hints));
}
