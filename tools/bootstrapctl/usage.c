// SPDX-License-Identifier: GPL-2.0
/* The command usage: what a user has used of the limits. */
#include <stdio.h>

#include "bootstrapctl.h"

struct limit {
	const char *name;
	uint32_t used;
	uint32_t max;
};

static void usage_print(const char *user, const struct limit *limits,
			size_t count)
{
	static const char *const heads[] = { "USER", "LIMIT", "USED", "MAX" };
	struct table *table = table_new(4, heads);
	size_t i;

	for (i = 0; i < count; i++) {
		table_add(table, "%s", user);
		table_add(table, "%s", limits[i].name);
		table_add(table, "%u", limits[i].used);
		table_add(table, "%u", limits[i].max);
	}
	table_print_free(table);
}

static void usage_print_json(uint32_t uid, const struct limit *limits,
			     size_t count)
{
	struct json_object *object = json_object_new_object(), *limit;
	size_t i;

	json_object_object_add(object, "uid", json_object_new_int64(uid));
	for (i = 0; i < count; i++) {
		limit = json_object_new_object();
		json_object_object_add(limit, "used",
				       json_object_new_int64(limits[i].used));
		json_object_object_add(limit, "max",
				       json_object_new_int64(limits[i].max));
		json_object_object_add(object, limits[i].name, limit);
	}
	json_print_free(object);
}

static void usage_tell(const struct bootstrap_usage *usage, bool json)
{
	const struct limit limits[] = {
		{ "names", usage->names, usage->names_max },
		{ "sessions", usage->sessions, usage->sessions_max },
		{ "waits", usage->waits, usage->waits_max },
		{ "watches", usage->watches, usage->watches_max },
		{ "subsets", usage->subsets, usage->subsets_max },
		{ "handles", usage->handles, usage->handles_max },
		{ "deferrals", usage->deferrals, usage->deferrals_max },
	};

	if (json)
		usage_print_json(usage->uid, limits,
				 sizeof(limits) / sizeof(limits[0]));
	else
		usage_print(user_text(usage->uid), limits,
			    sizeof(limits) / sizeof(limits[0]));
}

int cmd_usage(const struct args *args)
{
	struct bootstrap_usage usage = { .size = sizeof(usage) };
	int port = port_open(), err;

	if (args->by_uid)
		err = bns_usage_by_uid(port, args->uid, &usage);
	else
		err = bns_usage(port, &usage);
	if (err)
		return complain(err, "usage");
	usage_tell(&usage, args->json);
	return 0;
}
