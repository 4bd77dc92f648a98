// SPDX-License-Identifier: GPL-2.0
/*
 * Children: what is below a namespace, page by page in the order of ids.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* What one call fills at most. */
#define BS_CHILDREN_BUFFER_MAX SZ_64K

static void bs_child_describe(const struct bs_namespace *ns,
			      struct bootstrap_child *entry)
{
	struct bootstrap_namespace all;

	bs_namespace_describe(ns, &all);
	entry->length = sizeof(*entry);
	entry->type = all.type;
	entry->namespace_id = all.namespace_id;
	entry->cookie = all.session_cookie;
	entry->session = all.session_id;
	entry->uid = all.uid;
	entry->names = all.names;
	entry->depth = all.depth;
}

/* Fills @page with up to @room entries, and moves @cursor on behind the last. */
static u32 bs_children_fill(struct bs_namespace *ns,
			    struct bootstrap_child *page, u32 room, u64 *cursor)
{
	struct bs_namespace *child;
	u64 seen = *cursor;
	u32 count = 0;

	while (count < room && (child = bs_namespace_child_after(ns, seen))) {
		seen = child->id;
		if (bs_namespace_visible(child)) {
			bs_child_describe(child, &page[count++]);
			*cursor = seen;
		}
		bs_namespace_put(child);
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return count;
}

static bool bs_children_any(struct bs_namespace *ns, u64 cursor)
{
	struct bootstrap_child one;

	return bs_children_fill(ns, &one, 1, &cursor);
}

static long bs_children_list(struct bs_call *call, struct bs_namespace *ns)
{
	const struct bootstrap_list *args = &call->args.list;
	struct bootstrap_list reply = *args;
	struct bootstrap_child *page;
	u32 room;
	long err;

	room = min_t(u32, args->buffer_size, BS_CHILDREN_BUFFER_MAX) /
	       sizeof(*page);
	if (!room && bs_children_any(ns, args->cursor)) {
		reply.needed = sizeof(*page);
		return bs_call_reply(call, &reply) ?: -EMSGSIZE;
	}
	page = kvcalloc(room, sizeof(*page), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	reply.count = bs_children_fill(ns, page, room, &reply.cursor);
	reply.namespace_id = ns->id;
	reply.needed = 0;
	err = -EFAULT;
	if (!copy_to_user(u64_to_user_ptr(args->buffer), page,
			  reply.count * sizeof(*page)))
		err = bs_call_reply(call, &reply);
	kvfree(page);
	return err;
}

/**
 * bs_children() - BOOTSTRAP_IOC_CHILDREN
 * @call: the call
 */
long bs_children(struct bs_call *call)
{
	struct bs_namespace *ns = bs_list_address(call);
	long ret;

	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_children_list(call, ns);
	bs_namespace_put(ns);
	return ret;
}
