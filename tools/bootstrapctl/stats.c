// SPDX-License-Identifier: GPL-2.0
/* The command stats: what there is of all users, and how often what was denied. */
#include <stdio.h>

#include "bootstrapctl.h"

struct statistic {
	const char *name;
	uint64_t value;
};

static void stats_print(const struct statistic *there,
			const struct statistic *denied)
{
	static const char *const heads[] = { "WHAT", "COUNT" };
	struct table *table = table_new(2, heads);

	for (; there->name; there++) {
		table_add(table, "%s", there->name);
		table_add(table, "%llu", (unsigned long long)there->value);
	}
	for (; denied->name; denied++) {
		table_add(table, "denied: %s", denied->name);
		table_add(table, "%llu", (unsigned long long)denied->value);
	}
	table_print_free(table);
}

static struct json_object *stats_json(const struct statistic *statistic)
{
	struct json_object *object = json_object_new_object();

	for (; statistic->name; statistic++)
		json_object_object_add(object, statistic->name,
				       json_object_new_int64(statistic->value));
	return object;
}

static void stats_tell(const struct bootstrap_statistics *s, bool json)
{
	const struct statistic there[] = {
		{ "users", s->users },
		{ "sessions", s->sessions },
		{ "sessions-begun", s->sessions_begun },
		{ "namespaces", s->namespaces },
		{ "names", s->names },
		{ "services", s->services },
		{ "servers", s->servers },
		{ "waits", s->waits },
		{ "watches", s->watches },
		{ "subsets", s->subsets },
		{ "handles", s->handles },
		{ "deferrals", s->deferrals },
		{}
	};
	const struct statistic denied[] = {
		{ "privilege", s->denied[BOOTSTRAP_DENIED_PRIVILEGE] },
		{ "right", s->denied[BOOTSTRAP_DENIED_RIGHT] },
		{ "owner", s->denied[BOOTSTRAP_DENIED_OWNER] },
		{ "hidden", s->denied[BOOTSTRAP_DENIED_HIDDEN] },
		{ "reserved", s->denied[BOOTSTRAP_DENIED_RESERVED] },
		{ "declared", s->denied[BOOTSTRAP_DENIED_DECLARED] },
		{ "session", s->denied[BOOTSTRAP_DENIED_SESSION] },
		{ "limit", s->denied[BOOTSTRAP_DENIED_LIMIT] },
		{}
	};
	struct json_object *object;

	if (!json) {
		stats_print(there, denied);
		return;
	}
	object = stats_json(there);
	json_object_object_add(object, "denied", stats_json(denied));
	json_print_free(object);
}

int cmd_stats(const struct args *args)
{
	struct bootstrap_statistics statistics = { .size = sizeof(statistics) };
	int err = bns_statistics(port_open(), &statistics);

	if (err)
		return complain(err, "stats");
	stats_tell(&statistics, args->json);
	return 0;
}
