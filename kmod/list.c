// SPDX-License-Identifier: GPL-2.0
/*
 * List: the names of one namespace, page by page. The tree is in the order of
 * generations, so that a page starts where the last one ended however many
 * names there are, and whatever came and went in between.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* What one call fills at most. */
#define BS_LIST_BUFFER_MAX SZ_64K

/* How many names are looked at before others may take the lock. */
#define BS_LIST_BATCH 1024

/**
 * struct bs_page - the entries that one call returns
 * @buffer: where they are put
 * @size: bytes there
 * @used: bytes filled
 * @needed: what the first entry that did not fit needs, else 0
 * @count: entries
 * @last: generation of the last entry
 */
struct bs_page {
	u8 *buffer;
	u32 size;
	u32 used;
	u32 needed;
	u32 count;
	u64 last;
};

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
	page->count++;
	page->last = name->generation;
	return true;
}

/* Looks at some names after @seen; false if the page or the names are at end. */
static bool bs_list_fill_some(struct bs_namespace *ns, struct bs_page *page,
			      u64 *seen)
{
	unsigned int left = BS_LIST_BATCH;
	struct bs_name *name;
	struct rb_node *node;
	bool room = true;

	mutex_lock(&ns->lock);
	name = bs_name_after(ns, *seen);
	while (name && room && left--) {
		room = !bs_name_visible(name) || bs_page_add(page, name);
		*seen = name->generation;
		node = rb_next(&name->in_namespace);
		name = rb_entry_safe(node, struct bs_name, in_namespace);
	}
	mutex_unlock(&ns->lock);
	cond_resched();
	return name && room;
}

static long bs_list_namespace(struct bs_call *call, struct bs_namespace *ns)
{
	const struct bootstrap_list *args = &call->args.list;
	struct bootstrap_list reply = *args;
	struct bs_page page = {
		.size = min_t(u32, args->buffer_size, BS_LIST_BUFFER_MAX),
		/* Moves on to what is told alone: others' numbers are not. */
		.last = args->cursor,
	};
	u64 seen = args->cursor;
	long err;

	page.buffer = kvzalloc(page.size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!page.buffer)
		return -ENOMEM;
	while (bs_list_fill_some(ns, &page, &seen))
		;
	if (page.needed && !page.count) {
		reply.needed = page.needed;
		err = bs_call_reply(call, &reply) ?: -EMSGSIZE;
		goto out;
	}
	err = -EFAULT;
	if (copy_to_user(u64_to_user_ptr(args->buffer), page.buffer, page.used))
		goto out;
	reply.cursor = page.last;
	reply.count = page.count;
	reply.namespace_id = ns->id;
	reply.needed = 0;
	err = bs_call_reply(call, &reply);
out:
	kvfree(page.buffer);
	return err;
}

/**
 * bs_list_address() - the namespace of which a list is asked for
 * @call: the call
 *
 * Return: a reference, or the error of the call.
 */
struct bs_namespace *bs_list_address(struct bs_call *call)
{
	const struct bootstrap_list *args = &call->args.list;
	const struct bs_address where = BS_ADDRESS(call, args);

	if (args->flags)
		return ERR_PTR(-EOPNOTSUPP);
	if (args->pad)
		return ERR_PTR(-EINVAL);
	return bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_LIST);
}

/**
 * bs_list() - BOOTSTRAP_IOC_LIST
 * @call: the call
 */
long bs_list(struct bs_call *call)
{
	struct bs_namespace *ns = bs_list_address(call);
	long ret;

	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_list_namespace(call, ns);
	bs_namespace_put(ns);
	return ret;
}
