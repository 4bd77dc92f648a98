// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions: what the database says of a right. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"

static int tries_parse(const char *name, plist_t definition,
		       struct bnl_right *right, char **ret_why)
{
	plist_t node = plist_dict_get_item(definition, "tries");
	uint64_t tries = BNL_TRIES;

	if (node && !PLIST_IS_UINT(node))
		return fail(ret_why, -EINVAL, "%s: \"tries\" is no number",
			    name);
	if (node)
		plist_get_uint_val(node, &tries);
	if (tries > INT32_MAX)
		return fail(ret_why, -EINVAL, "%s: so many tries there are not",
			    name);
	right->tries = tries;
	return 0;
}

static int mechanisms_parse(const char *name, plist_t array,
			    struct bnl_right *right, char **ret_why)
{
	uint32_t i, count = plist_array_get_size(array);
	char *why = NULL;
	int err;

	right->mechanisms = calloc(count + 1, sizeof(*right->mechanisms));
	if (!right->mechanisms)
		return fail(ret_why, -ENOMEM, "no memory");
	for (i = 0; i < count; i++) {
		err = bnl_mechanism_parse(
			text_of(plist_array_get_item(array, i)),
			&right->mechanisms[i], &why);
		if (err) {
			fail(ret_why, err, "%s: %s", name,
			     why ? why : "no mechanism");
			free(why);
			return err;
		}
	}
	right->count = count;
	return 0;
}

static int definition_take(const char *name, plist_t definition,
			   struct bnl_right *right, char **ret_why)
{
	const char *class;
	plist_t array;
	int err;

	if (!PLIST_IS_DICT(definition))
		return fail(ret_why, -EINVAL, "%s: no dictionary", name);
	class = text_of(plist_dict_get_item(definition, "class"));
	if (!class)
		return fail(ret_why, -EINVAL, "%s: no \"class\"", name);
	if (strcmp(class, "evaluate-mechanisms"))
		return fail(ret_why, -ENOTSUP,
			    "%s: class \"%s\"; only \"evaluate-mechanisms\" is "
			    "evaluated",
			    name, class);
	array = plist_dict_get_item(definition, "mechanisms");
	if (!PLIST_IS_ARRAY(array))
		return fail(ret_why, -EINVAL, "%s: no array \"mechanisms\"",
			    name);
	err = tries_parse(name, definition, right, ret_why);
	return err ? err : mechanisms_parse(name, array, right, ret_why);
}

int definition_parse(const char *name, plist_t definition,
		     struct bnl_right **ret_right, char **ret_why)
{
	struct bnl_right *right = calloc(1, sizeof(*right));
	int err;

	if (!right)
		return fail(ret_why, -ENOMEM, "no memory");
	if (!*name)
		name = "the default right";
	err = definition_take(name, definition, right, ret_why);
	if (err)
		bnl_right_free(right);
	else
		*ret_right = right;
	return err;
}

/* Where it belongs, or -1 if it is there already. */
static int64_t place_find(plist_t array, const struct bnl_mechanism *mechanism,
			  const char *plugin, bool before)
{
	uint32_t i, count = plist_array_get_size(array);
	struct bnl_mechanism other;
	int64_t place = -1;

	for (i = 0; i < count; i++) {
		bnl_mechanism_parse(text_of(plist_array_get_item(array, i)),
				    &other, NULL);
		if (!strcmp(other.plugin, mechanism->plugin) &&
		    !strcmp(other.name, mechanism->name) &&
		    other.privileged == mechanism->privileged)
			return -1;
		if (!strcmp(other.plugin, plugin) && (!before || place < 0))
			place = before ? i : i + 1;
	}
	return place < 0 ? count : place;
}

API int bnl_mechanism_insert(plist_t definition, const char *mechanism,
			     const char *plugin, bool before, char **ret_why)
{
	struct bnl_mechanism parsed;
	struct bnl_right *right = NULL;
	int64_t place;
	plist_t array;
	int err = bnl_mechanism_parse(mechanism, &parsed, ret_why);

	if (err)
		return err;
	err = definition_parse("the right", definition, &right, ret_why);
	if (err)
		return err;
	bnl_right_free(right);
	array = plist_dict_get_item(definition, "mechanisms");
	place = place_find(array, &parsed, plugin, before);
	if (place < 0)
		return 0;
	if (place == plist_array_get_size(array))
		plist_array_append_item(array, plist_new_string(mechanism));
	else
		plist_array_insert_item(array, plist_new_string(mechanism),
					place);
	return 1;
}
