// SPDX-License-Identifier: GPL-2.0
/* The values that are a login's own. */
#include <stddef.h>
#include <string.h>

#include "own_values.h"

static const char *const context[] = { "username", "uid", "gid", "home" };
static const char *const hints[] = { "client-pid", "client-name", "tty",
				     "rhost", "authorize-right", "tries",
				     "reason" };

static bool has(const char *const *keys, size_t count, const char *key)
{
	while (count--)
		if (!strcmp(keys[count], key))
			return true;
	return false;
}

bool is_own_context(const char *key)
{
	return has(context, sizeof(context) / sizeof(context[0]), key);
}

bool is_own_hint(const char *key)
{
	return has(hints, sizeof(hints) / sizeof(hints[0]), key);
}
