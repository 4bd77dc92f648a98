// SPDX-License-Identifier: GPL-2.0
/* The way down through namespaces, for the commands that tell of all. */
#include <errno.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* However many subsets the kernel lets be in each other. */
#define DEPTH_MAX 1000

/* The root's, a user's and a session's namespace, which subsets are below. */
#define LEVELS_ABOVE 3

struct walk {
	take_node take;
	void *context;
	uint32_t rights;	/* that it takes to look into a namespace */
	int own;		/* the caller's namespace */
	uint64_t own_id;
	unsigned int levels;	/* to go down at most */
};

static int walk_below(const struct walk *walk, const struct node *above);

/* With a handle, or why there is none. */
static int walk_node(const struct walk *walk, const struct node *above,
		     const struct bootstrap_child *about, int handle)
{
	struct node node = {
		.above = above,
		.about = about,
		.level = above ? above->level + 1 : 0,
		.handle = handle,
		.own = about->namespace_id == walk->own_id,
	};
	int err;

	/* It died in between. */
	if (handle == -ENOENT)
		return 0;
	if (handle < 0 && handle != -EPERM && handle != -EACCES)
		return handle;
	err = walk->take(&node, walk->context);
	return err || handle < 0 ? err : walk_below(walk, &node);
}

/* The caller's own may have been handed down by somebody who might open it. */
static int walk_open(const struct walk *walk, const struct node *above,
		     uint64_t id)
{
	if (above->level >= walk->levels)
		return -EPERM;
	if (id == walk->own_id)
		return bns_open_namespace(walk->own, NULL, walk->rights, NULL);
	return bns_open_child(above->handle, NULL, id, walk->rights);
}

static int walk_below(const struct walk *walk, const struct node *above)
{
	const struct bootstrap_child *child;
	_Alignas(8) char page[1024];
	uint64_t cursor = 0;
	int n, err, fd;

	while ((n = bns_children(above->handle, NULL, &cursor, page,
				 sizeof(page))) > 0) {
		for (child = bns_child_first(page); n;
		     n--, child = bns_child_next(child)) {
			fd = walk_open(walk, above, child->namespace_id);
			err = walk_node(walk, above, child, fd);
			if (fd >= 0)
				close(fd);
			if (err)
				return err;
		}
	}
	return n;
}

static int walk_from(const struct walk *walk, int handle)
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
	return walk_node(walk, NULL, &about, handle);
}

static int walk_init(struct walk *walk)
{
	struct bootstrap_features features = { .size = sizeof(features) };
	struct bootstrap_namespace own = { .size = sizeof(own) };
	int err = bns_features(walk->own, &features);

	if (!err)
		err = bns_namespace(walk->own, NULL, &own);
	if (err)
		return err;
	walk->own_id = own.namespace_id;
	if (features.subset_depth > DEPTH_MAX)
		features.subset_depth = DEPTH_MAX;
	walk->levels = features.subset_depth + LEVELS_ABOVE;
	return 0;
}

int namespaces_each(int handle, uint32_t rights, take_node take, void *context)
{
	struct walk walk = {
		.take = take,
		.context = context,
		.rights = rights,
		.own = port_open(),
	};
	int err = walk_init(&walk);

	if (!err)
		err = walk_from(&walk, handle);
	close(walk.own);
	return err;
}
