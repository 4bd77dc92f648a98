// SPDX-License-Identifier: GPL-2.0
/* Values: context and hints, as a mechanism has them. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static struct value **find(const struct values *values, enum plugin_kind kind,
			   const char *key)
{
	struct value **at = (struct value **)&values->first;

	while (*at && ((*at)->kind != kind || strcmp((*at)->text, key)))
		at = &(*at)->next;
	return at;
}

const struct value *values_get(const struct values *values,
			       enum plugin_kind kind, const char *key)
{
	return *find(values, kind, key);
}

void values_remove(struct values *values, enum plugin_kind kind,
		   const char *key)
{
	struct value **at = find(values, kind, key), *value = *at;

	if (!value)
		return;
	*at = value->next;
	value->next = values->old;
	values->old = value;
}

void values_forget(struct values *values)
{
	while (values->first)
		values_remove(values, values->first->kind, values->first->text);
}

bool values_put(struct values *values, enum plugin_kind kind, const char *key,
		AuthorizationContextFlags flags, const void *data, size_t len)
{
	const size_t key_size = strlen(key) + 1;
	struct value *value = calloc(1, sizeof(*value) + key_size + len + 1);

	if (!value)
		return false;
	values_remove(values, kind, key);
	value->kind = kind;
	value->flags = flags;
	value->value.length = len;
	value->value.data = value->text + key_size;
	memcpy(value->text, key, key_size);
	if (len)
		memcpy(value->value.data, data, len);
	value->next = values->first;
	values->first = value;
	return true;
}

void values_free(struct values *values)
{
	struct value *value;

	values_forget(values);
	while ((value = values->old)) {
		values->old = value->next;
		free(value);
	}
}
