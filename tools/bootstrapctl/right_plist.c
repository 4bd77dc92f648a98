// SPDX-License-Identifier: GPL-2.0
/* Property lists of rights, and the same as JSON. */
#include <math.h>
#include <stdlib.h>

#include "right.h"

const char *plist_text(plist_t node)
{
	return PLIST_IS_STRING(node) ? plist_get_string_ptr(node, NULL) : NULL;
}

void plist_dict_each(plist_t dict, take_item take, void *context)
{
	plist_dict_iter iter = NULL;
	plist_t value;
	char *key;

	plist_dict_new_iter(dict, &iter);
	for (;;) {
		key = NULL;
		value = NULL;
		plist_dict_next_item(dict, iter, &key, &value);
		if (!key)
			break;
		take(key, value, context);
		free(key);
	}
	free(iter);
}

static struct json_object *text_json(const char *text)
{
	char *harmless = text_harmless(text, NULL);
	struct json_object *object = json_object_new_string(harmless);

	free(harmless);
	return object;
}

/* What is added to, and what it could not have. */
struct json_target {
	struct json_object *object;
	const char *what;
};

static void add_item(const char *key, plist_t value, void *context)
{
	struct json_target *target = context;
	char *harmless = text_harmless(key, NULL);

	json_object_object_add(target->object, harmless,
			       plist_json(value, &target->what));
	free(harmless);
}

static struct json_object *array_json(plist_t array, const char **ret_what)
{
	struct json_object *object = json_object_new_array();
	uint32_t i;

	for (i = 0; i < plist_array_get_size(array); i++)
		json_object_array_add(object,
				      plist_json(plist_array_get_item(array, i),
						 ret_what));
	return object;
}

static struct json_object *number_json(plist_t node)
{
	uint64_t number = 0;

	/* Of those below 0 it gives the same bits. */
	plist_get_uint_val(node, &number);
	return json_object_new_int64(number);
}

static struct json_object *real_json(plist_t node, const char **ret_what)
{
	double real = 0;

	plist_get_real_val(node, &real);
	if (isfinite(real))
		return json_object_new_double(real);
	*ret_what = "a number that is none";
	return NULL;
}

struct json_object *plist_json(plist_t node, const char **ret_what)
{
	struct json_target target = { 0 };

	switch (plist_get_node_type(node)) {
	case PLIST_DICT:
		target.object = json_object_new_object();
		plist_dict_each(node, add_item, &target);
		if (target.what)
			*ret_what = target.what;
		return target.object;
	case PLIST_ARRAY:
		return array_json(node, ret_what);
	case PLIST_STRING:
		return text_json(plist_get_string_ptr(node, NULL));
	case PLIST_BOOLEAN:
		return json_object_new_boolean(plist_bool_val_is_true(node));
	case PLIST_UINT:
		return number_json(node);
	case PLIST_REAL:
		return real_json(node, ret_what);
	case PLIST_DATE:
		*ret_what = "a date";
		return NULL;
	case PLIST_DATA:
		*ret_what = "data";
		return NULL;
	default:
		*ret_what = "something";
		return NULL;
	}
}
