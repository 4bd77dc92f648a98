// SPDX-License-Identifier: GPL-2.0
/* The command tree: which namespaces there are. */
#include <stdio.h>
#include <unistd.h>

#include "bootstrapctl.h"

struct tree {
	bool names;			/* are told, too */
	struct table *table;		/* NULL for JSON */
	struct json_object *array;	/* where that begins */
};

/* Where that would be its id, which is told anyway, the type. */
static const char *node_text(const struct bootstrap_child *about)
{
	return about->type < BOOTSTRAP_NAMESPACE_PRE_LOGIN ?
		child_text(about) : namespace_type_text(about->type);
}

static void node_add_row(struct table *table, const struct node *node)
{
	const struct bootstrap_child *about = node->about;

	table_add(table, "%*s%s", (int)node->level * 2, "", node_text(about));
	table_add(table, "%llu", (unsigned long long)about->namespace_id);
	table_add(table, "%s", user_text(about->uid));
	table_add(table, "%u", about->names);
	if (node->handle < 0)
		table_add(table, "-");
	else
		table_add(table, "%s", node->own ? "own" : "");
}

static struct json_object *node_object(const struct node *node)
{
	const struct bootstrap_child *about = node->about;
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "type",
			       json_object_new_string(namespace_type_text(about->type)));
	json_object_object_add(object, "namespace",
			       json_object_new_int64(about->namespace_id));
	json_object_object_add(object, "where",
			       json_object_new_string(child_text(about)));
	json_object_object_add(object, "uid",
			       json_object_new_int64(about->uid));
	json_object_object_add(object, "session", about->cookie ?
			       session_json(about->session) : NULL);
	json_object_object_add(object, "cookie", about->cookie ?
			       json_object_new_int64(about->cookie) : NULL);
	json_object_object_add(object, "names",
			       json_object_new_int64(about->names));
	json_object_object_add(object, "depth",
			       json_object_new_int64(about->depth));
	json_object_object_add(object, "own",
			       json_object_new_boolean(node->own));
	json_object_object_add(object, "open",
			       json_object_new_boolean(node->handle >= 0));
	return object;
}

/* Where the names of a namespace are put. */
struct name_list {
	const struct node *node;
	struct table *table;
	struct json_object *array;	/* or this */
};

static int node_name(const struct bootstrap_list_entry *entry, void *context)
{
	const struct name_list *list = context;
	const struct node *node = list->node;
	struct table *table = list->table;

	if (list->array) {
		json_object_array_add(list->array,
				      entry_json(entry, child_text(node->about)));
		return 0;
	}
	table_add(table, "%*s%s", (int)(node->level + 2) * 2, "",
		  bns_list_name(entry));
	table_add(table, "%s", "");
	table_add(table, "%s", "");
	table_add(table, "%s", kind_text(&entry->info));
	table_add(table, "%s", "");
	return 0;
}

/* Leaves the array for those below it. */
static void node_add_object(const struct tree *tree, struct node *node,
			    struct name_list *list)
{
	struct json_object *object = node_object(node), *children;

	json_object_array_add(node->above ? node->above->left : tree->array,
			      object);
	if (node->handle < 0)
		return;
	children = json_object_new_array();
	json_object_object_add(object, "children", children);
	node->left = children;
	if (!tree->names)
		return;
	list->array = json_object_new_array();
	json_object_object_add(object, "list", list->array);
}

static int tree_add(struct node *node, void *context)
{
	const struct tree *tree = context;
	struct name_list list = { .node = node, .table = tree->table };

	if (tree->table)
		node_add_row(tree->table, node);
	else
		node_add_object(tree, node, &list);
	if (!tree->names || node->handle < 0)
		return 0;
	return names_each(node->handle, node_name, &list);
}

int cmd_tree(const struct args *args)
{
	static const char *const heads[] = {
		"NAMESPACE", "ID", "USER", "NAMES", ""
	};
	struct tree tree = {
		.names = args->names,
		.table = args->json ? NULL : table_new(5, heads),
		.array = args->json ? json_object_new_array() : NULL,
	};
	int handle = args->which.text ? namespace_open(&args->which, 0) :
					root_open();
	int err = namespaces_each(handle, BOOTSTRAP_RIGHT_LIST, tree_add,
				  &tree);

	close(handle);
	if (err) {
		table_free(tree.table);
		json_object_put(tree.array);
		return complain(err, "tree");
	}
	if (tree.table) {
		table_print_free(tree.table);
		return 0;
	}
	json_print_free(json_object_get(json_object_array_get_idx(tree.array,
								  0)));
	json_object_put(tree.array);
	return 0;
}
