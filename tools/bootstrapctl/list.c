// SPDX-License-Identifier: GPL-2.0
/* The names of namespaces: the command list. */
#include <errno.h>
#include <stdio.h>

#include "bootstrapctl.h"

int names_each(int port, take_entry take, void *context)
{
	static _Alignas(8) char page[65536];
	const struct bootstrap_list_entry *entry;
	uint64_t cursor = 0;
	int n, ret;

	while ((n = bns_list(port, NULL, &cursor, page, sizeof(page),
			     NULL)) > 0) {
		for (entry = bns_list_first(page); n;
		     n--, entry = bns_list_next(entry)) {
			ret = take(entry, context);
			if (ret)
				return ret;
		}
	}
	return n;
}

struct json_object *entry_json(const struct bootstrap_list_entry *entry,
			       const char *where)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name",
			       json_object_new_string(bns_list_name(entry)));
	json_object_object_add(object, "where", json_object_new_string(where));
	json_add_info(object, &entry->info);
	return object;
}

struct listing {
	const char *where;
	struct table *table;
	struct json_object *array;	/* or this */
};

static int list_entry(const struct bootstrap_list_entry *entry, void *context)
{
	const struct bootstrap_info *info = &entry->info;
	const struct listing *listing = context;
	struct table *table = listing->table;

	if (listing->array) {
		json_object_array_add(listing->array,
				      entry_json(entry, listing->where));
		return 0;
	}
	table_add(table, "%s", bns_list_name(entry));
	table_add(table, "%s", listing->where);
	table_add(table, "%s", kind_text(info));
	if (info->pid)
		table_add(table, "%u", info->pid);
	else
		table_add(table, "-");
	table_add(table, "%u", info->uid);
	table_add(table, "%llu", (unsigned long long)info->generation);
	return 0;
}

static int list_way(const struct way *way, struct listing *listing)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < way->count && !err; i++) {
		listing->where = stop_text(&way->stops[i]);
		err = names_each(way->stops[i].port, list_entry, listing);
	}
	return err;
}

int cmd_list(const struct args *args)
{
	static const char *const heads[] = {
		"NAME", "IN", "KIND", "PID", "UID", "GENERATION"
	};
	struct listing listing = { 0 };
	struct way way;
	int err = way_open(args, &way);

	if (args->json)
		listing.array = json_object_new_array();
	else
		listing.table = table_new(6, heads);
	if (!err)
		err = list_way(&way, &listing);
	way_close(&way);
	if (err) {
		json_object_put(listing.array);
		table_free(listing.table);
		return complain(err, "list");
	}
	if (listing.array)
		json_print_free(listing.array);
	else
		table_print_free(listing.table);
	return 0;
}
