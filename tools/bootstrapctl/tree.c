// SPDX-License-Identifier: GPL-2.0
/* The command tree: which namespaces there are. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* However many subsets the kernel lets be in each other. */
#define DEPTH_MAX 1000

/* The root's, a user's and a session's namespace, which subsets are below. */
#define LEVELS_ABOVE 3

struct tree {
	bool names;			/* are told, too */
	struct table *table;		/* NULL for JSON */
	int own;			/* the caller's namespace */
	uint64_t own_id;
	unsigned int levels;		/* to go down at most */
};

/* A namespace in the tree, and what of it is being told. */
struct node {
	const struct bootstrap_child *about;
	unsigned int level;
	bool open;			/* may be looked into */
	struct json_object *list;	/* its names; NULL without JSON */
};

static int tree_below(const struct tree *tree, int handle, unsigned int level,
		      struct json_object *children);

static const char *where_text(const struct bootstrap_child *about)
{
	return namespace_text(about->type, about->namespace_id, about->uid,
			      about->session);
}

/* Where that would be its id, which is told anyway, the type. */
static const char *node_text(const struct bootstrap_child *about)
{
	return about->type < BOOTSTRAP_NAMESPACE_PRE_LOGIN ?
		where_text(about) : namespace_type_text(about->type);
}

static void node_add_row(const struct tree *tree, const struct node *node)
{
	const struct bootstrap_child *about = node->about;
	struct table *table = tree->table;

	table_add(table, "%*s%s", (int)node->level * 2, "", node_text(about));
	table_add(table, "%llu", (unsigned long long)about->namespace_id);
	table_add(table, "%s", user_text(about->uid));
	table_add(table, "%u", about->names);
	if (!node->open)
		table_add(table, "-");
	else
		table_add(table, "%s", about->namespace_id == tree->own_id ?
			  "own" : "");
}

static struct json_object *node_object(const struct tree *tree,
				       const struct node *node)
{
	const struct bootstrap_child *about = node->about;
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "type",
			       json_object_new_string(namespace_type_text(about->type)));
	json_object_object_add(object, "namespace",
			       json_object_new_int64(about->namespace_id));
	json_object_object_add(object, "where",
			       json_object_new_string(where_text(about)));
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
			       json_object_new_boolean(about->namespace_id ==
						       tree->own_id));
	json_object_object_add(object, "open",
			       json_object_new_boolean(node->open));
	return object;
}

struct name_list {
	const struct tree *tree;
	const struct node *node;
};

static int node_name(const struct bootstrap_list_entry *entry, void *context)
{
	const struct name_list *names = context;
	const struct node *node = names->node;
	struct table *table = names->tree->table;
	const char *name = bns_list_name(entry);

	if (node->list) {
		json_object_array_add(node->list,
				      entry_json(entry, where_text(node->about)));
		return 0;
	}
	table_add(table, "%*s%s", (int)(node->level + 2) * 2, "", name);
	table_add(table, "%s", "");
	table_add(table, "%s", "");
	table_add(table, "%s", kind_text(&entry->info));
	table_add(table, "%s", "");
	return 0;
}

/* The namespace's names and all that is below it. */
static int node_look_into(const struct tree *tree, struct node *node,
			  int handle, struct json_object *object)
{
	const struct name_list names = { .tree = tree, .node = node };
	struct json_object *children = NULL;
	int err = 0;

	if (object) {
		children = json_object_new_array();
		json_object_object_add(object, "children", children);
	}
	if (object && tree->names) {
		node->list = json_object_new_array();
		json_object_object_add(object, "list", node->list);
	}
	if (tree->names)
		err = names_each(handle, node_name, (void *)&names);
	return err ?: tree_below(tree, handle, node->level + 1, children);
}

/* With a handle, or why there is none. */
static int tree_node(const struct tree *tree,
		     const struct bootstrap_child *about, int handle,
		     unsigned int level, struct json_object *siblings)
{
	struct node node = {
		.about = about, .level = level, .open = handle >= 0,
	};
	struct json_object *object = NULL;

	/* It died in between. */
	if (handle == -ENOENT)
		return 0;
	if (!node.open && handle != -EPERM && handle != -EACCES)
		return handle;
	if (tree->table) {
		node_add_row(tree, &node);
	} else {
		object = node_object(tree, &node);
		json_object_array_add(siblings, object);
	}
	return node.open ? node_look_into(tree, &node, handle, object) : 0;
}

/* The caller's own may have been handed down by somebody who might open it. */
static int node_open(const struct tree *tree, int parent, uint64_t id,
		     unsigned int level)
{
	if (level > tree->levels)
		return -EPERM;
	if (id == tree->own_id)
		return bns_open_namespace(tree->own, NULL,
					  BOOTSTRAP_RIGHT_LIST, NULL);
	return bns_open_child(parent, NULL, id, BOOTSTRAP_RIGHT_LIST);
}

static int tree_below(const struct tree *tree, int handle, unsigned int level,
		      struct json_object *children)
{
	const struct bootstrap_child *child;
	_Alignas(8) char page[1024];
	uint64_t cursor = 0;
	int n, err, fd;

	while ((n = bns_children(handle, NULL, &cursor, page,
				 sizeof(page))) > 0) {
		for (child = bns_child_first(page); n;
		     n--, child = bns_child_next(child)) {
			fd = node_open(tree, handle, child->namespace_id,
				       level);
			err = tree_node(tree, child, fd, level, children);
			if (fd >= 0)
				close(fd);
			if (err)
				return err;
		}
	}
	return n;
}

static int tree_from(const struct tree *tree, int handle,
		     struct json_object *array)
{
	struct bootstrap_namespace all = { .size = sizeof(all) };
	struct bootstrap_child about;
	int err = bns_namespace(handle, NULL, &all);

	if (err)
		return err;
	about = (struct bootstrap_child){
		.type = all.type,
		.namespace_id = all.namespace_id,
		.cookie = all.session_cookie,
		.session = all.session_id,
		.uid = all.uid,
		.names = all.names,
		.depth = all.depth,
	};
	return tree_node(tree, &about, handle, 0, array);
}

static int tree_start(const struct args *args)
{
	static const struct bns_scope root = { .kind = BOOTSTRAP_SCOPE_ROOT };
	int device, handle;

	if (args->which.text)
		return namespace_open(&args->which, 0);
	device = device_open();
	handle = bns_open_namespace(device, &root, BOOTSTRAP_RIGHT_LIST, NULL);
	close(device);
	return handle;
}

static int tree_init(struct tree *tree)
{
	struct bootstrap_features features = { .size = sizeof(features) };
	struct bootstrap_namespace own = { .size = sizeof(own) };
	int err = bns_features(tree->own, &features);

	if (!err)
		err = bns_namespace(tree->own, NULL, &own);
	if (err)
		return err;
	tree->own_id = own.namespace_id;
	if (features.subset_depth > DEPTH_MAX)
		features.subset_depth = DEPTH_MAX;
	tree->levels = features.subset_depth + LEVELS_ABOVE;
	return 0;
}

int cmd_tree(const struct args *args)
{
	static const char *const heads[] = {
		"NAMESPACE", "ID", "USER", "NAMES", ""
	};
	struct json_object *array = args->json ? json_object_new_array() : NULL;
	struct tree tree = {
		.names = args->names,
		.table = array ? NULL : table_new(5, heads),
		.own = port_open(),
	};
	int handle = tree_start(args), err;

	err = handle < 0 ? handle : tree_init(&tree);
	if (!err)
		err = tree_from(&tree, handle, array);
	if (err) {
		table_free(tree.table);
		json_object_put(array);
		return complain(err, "tree");
	}
	if (!array) {
		table_print_free(tree.table);
		return 0;
	}
	json_print_free(json_object_get(json_object_array_get_idx(array, 0)));
	json_object_put(array);
	return 0;
}
