// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rights, and how one is found. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"

API int bnl_right_get(plist_t database, const char *name,
		      plist_t *ret_definition)
{
	plist_t found =
		name ? plist_dict_get_item(rights_of(database), name) : NULL;

	if (!found)
		return -ENOENT;
	found = plist_copy(found);
	if (!found)
		return -ENOMEM;
	*ret_definition = found;
	return 0;
}

API int bnl_right_set(plist_t database, const char *name, plist_t definition,
		      char **ret_why)
{
	struct bnl_right *right;
	plist_t copy;
	int err;

	if (!name || !rights_of(database))
		return fail(ret_why, -EINVAL,
			    "no name of a right, or no \"rights\"");
	err = definition_parse(name, definition, &right, ret_why);
	if (err)
		return err;
	bnl_right_free(right);
	copy = plist_copy(definition);
	if (!copy)
		return fail(ret_why, -ENOMEM, "no memory");
	plist_dict_set_item(rights_of(database), name, copy);
	return 0;
}

API int bnl_right_remove(plist_t database, const char *name)
{
	plist_t rights = rights_of(database);

	if (!name || !plist_dict_get_item(rights, name))
		return -ENOENT;
	plist_dict_remove_item(rights, name);
	return 0;
}

/* The key is cut until one is found; at the end it is empty. */
static plist_t find_for(plist_t rights, char *key)
{
	plist_t found = plist_dict_get_item(rights, key);

	while (!found && *key) {
		char *end = key + strlen(key) - 1;

		while (end > key && end[-1] != '.')
			end--;
		*end = '\0';
		found = plist_dict_get_item(rights, key);
	}
	return found;
}

API int bnl_right_find(plist_t database, const char *name,
		       struct bnl_right **ret_right, char **ret_why)
{
	char *key = strdup(name ? name : "");
	plist_t definition;
	int err;

	if (!key)
		return fail(ret_why, -ENOMEM, "no memory");
	definition = find_for(rights_of(database), key);
	if (!definition) {
		free(key);
		return fail(ret_why, -ENOENT, "%s: no such right",
			    name ? name : "");
	}
	err = definition_parse(key, definition, ret_right, ret_why);
	if (err)
		free(key);
	else
		(*ret_right)->key = key;
	return err;
}

API void bnl_right_free(struct bnl_right *right)
{
	if (!right)
		return;
	free(right->key);
	free(right->mechanisms);
	free(right);
}

/* The index of the first of a kind, or that behind the last of all. */
static size_t first_of(const struct bnl_right *right, enum bnl_kind kind)
{
	size_t i;

	for (i = 0; i < right->count; i++)
		if (bnl_mechanism_kind(&right->mechanisms[i]) == kind)
			break;
	return i;
}

API size_t bnl_right_stretch(const struct bnl_right *right,
			     enum bnl_stretch stretch, size_t *ret_first)
{
	size_t auth = first_of(right, BNL_KIND_AUTHENTICATE);
	size_t home = first_of(right, BNL_KIND_HOME);

	/* Where one is missing its place is as early as it can be. */
	if (auth == right->count)
		auth = 0;
	if (home == right->count)
		home = auth;
	switch (stretch) {
	case BNL_STRETCH_BEFORE_AUTH:
		*ret_first = 0;
		return auth;
	case BNL_STRETCH_AFTER_AUTH:
		*ret_first = auth;
		return home > auth ? home - auth : 0;
	default:
		*ret_first = home > auth ? home : auth;
		return right->count - *ret_first;
	}
}
