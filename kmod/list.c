// SPDX-License-Identifier: GPL-2.0
/*
 * List: the names of one namespace, page by page. The tree is in the order of
 * generations, so that a page starts where the last one ended however many
 * names there are, and whatever came and went in between.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* What one call fills at most: bounds the memory and the time under lock. */
#define BS_LIST_BUFFER_MAX SZ_64K

struct bs_page {
	u8 *buffer;
	u32 size;
	u32 used;
	u32 needed;
};

static struct bs_name *bs_name_after(struct bs_namespace *ns, u64 generation)
{
	struct rb_node *node = ns->names.rb_node;
	struct bs_name *name, *best = NULL;

	lockdep_assert_held(&ns->lock);
	while (node) {
		name = rb_entry(node, struct bs_name, in_namespace);
		if (name->generation > generation) {
			best = name;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

static bool bs_page_add(struct bs_page *page, const struct bs_name *name)
{
	struct bootstrap_list_entry *entry;
	u32 length = ALIGN(sizeof(*entry) + name->len + 1, 8);

	if (length > page->size - page->used) {
		page->needed = length;
		return false;
	}
	entry = (void *)(page->buffer + page->used);
	entry->length = length;
	entry->name_offset = sizeof(*entry);
	entry->name_len = name->len;
	entry->info.size = sizeof(entry->info);
	bs_name_describe(name, &entry->info);
	memcpy(entry + 1, name->text, name->len);
	page->used += length;
	return true;
}

static void bs_list_fill(struct bs_namespace *ns, struct bs_page *page,
			 struct bootstrap_list *reply)
{
	struct bs_name *name;
	struct rb_node *node;

	mutex_lock(&ns->lock);
	name = bs_name_after(ns, reply->cursor);
	while (name) {
		if (bs_name_visible(name)) {
			if (!bs_page_add(page, name))
				break;
			reply->count++;
		}
		reply->cursor = name->generation;
		node = rb_next(&name->in_namespace);
		name = rb_entry_safe(node, struct bs_name, in_namespace);
	}
	mutex_unlock(&ns->lock);
}

static long bs_list_namespace(struct bs_call *call, struct bs_namespace *ns)
{
	const struct bootstrap_list *args = &call->args.list;
	struct bootstrap_list reply = *args;
	struct bs_page page = {
		.size = min_t(u32, args->buffer_size, BS_LIST_BUFFER_MAX),
	};
	long err = 0;

	reply.count = 0;
	reply.needed = 0;
	reply.namespace_id = ns->id;
	page.buffer = kvzalloc(page.size, GFP_KERNEL_ACCOUNT);
	if (!page.buffer)
		return -ENOMEM;
	bs_list_fill(ns, &page, &reply);
	if (page.needed && !reply.count) {
		reply = *args;
		reply.needed = page.needed;
		err = bs_call_reply(call, &reply) ?: -EMSGSIZE;
	} else if (copy_to_user(u64_to_user_ptr(args->buffer), page.buffer,
				page.used)) {
		err = -EFAULT;
	} else {
		err = bs_call_reply(call, &reply);
	}
	kvfree(page.buffer);
	return err;
}

/**
 * bs_list() - BOOTSTRAP_IOC_LIST
 * @call: the call
 */
long bs_list(struct bs_call *call)
{
	const struct bootstrap_list *args = &call->args.list;
	const struct bs_address where = {
		args->scope, args->session, args->cookie
	};
	struct bs_namespace *ns;
	long ret;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->pad)
		return -EINVAL;
	ns = bs_namespace_get_address(&where, BS_READ);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_list_namespace(call, ns);
	bs_namespace_put(ns);
	return ret;
}
