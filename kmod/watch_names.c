// SPDX-License-Identifier: GPL-2.0
/*
 * Watches of the names of a namespace, in the order of their generations.
 */
#include <linux/err.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

#include "internal.h"

/**
 * struct bs_name_change - a change that is yet to be told
 * @type: BOOTSTRAP_RECORD_*
 * @owner: who had the name; a reference
 * @info: the name as it was, but for what depends on who reads it
 * @group: who might look it up, if that was limited
 * @len: bytes in @text
 * @text: not terminated
 */
struct bs_name_change {
	u32 type;
	struct bs_owner *owner;
	struct bootstrap_info info;
	kgid_t group;
	u8 len;
	char text[BOOTSTRAP_NAME_MAX];
};

/**
 * struct bs_name_watch - one reader's view of a namespace
 * @watch: its lock is the namespace's
 * @ns: a reference, invariant
 * @ring: changes that are yet to be told; namespace's lock
 */
struct bs_name_watch {
	struct bs_watch watch;
	struct bs_namespace *ns;
	struct bs_name_change ring[BS_WATCH_RING];
};

static_assert(sizeof(struct bootstrap_name_record) + BOOTSTRAP_NAME_MAX + 1 <=
	      BOOTSTRAP_RECORD_MAX);

static struct bs_name_watch *bs_name_watch(const struct bs_watch *watch)
{
	return container_of(watch, struct bs_name_watch, watch);
}

static bool bs_watch_sees_name(const struct bs_watch *watch,
			       const struct bs_name *name)
{
	return !(name->flags & BS_NAME_GROUP) || watch->privileged ||
	       bs_cred_in_group(watch->cred, name->group);
}

static void bs_watch_push_name_locked(struct bs_watch *watch, u32 type,
				      const struct bs_name *name)
{
	int slot = bs_watch_slot_locked(watch, name->generation);
	struct bs_name_change *change;

	if (slot < 0)
		return;
	change = &bs_name_watch(watch)->ring[slot];
	change->type = type;
	change->owner = bs_owner_get(name->owner);
	bs_name_describe_itself(name, &change->info);
	change->group = name->group;
	change->len = name->len;
	memcpy(change->text, name->text, name->len);
	bs_watch_pushed_locked(watch);
}

/**
 * bs_watches_tell() - tell of a change to a name
 * @name: its namespace is locked
 * @type: BOOTSTRAP_RECORD_*
 */
void bs_watches_tell(const struct bs_name *name, u32 type)
{
	struct bs_watch *watch;

	lockdep_assert_held(&name->ns->lock);
	/* That its names end is told in one record. */
	if (name->ns->dead)
		return;
	list_for_each_entry(watch, &name->ns->watches, in_list)
		if (bs_watch_sees_name(watch, name))
			bs_watch_push_name_locked(watch, type, name);
}

/**
 * bs_watches_end() - tell of the death of a namespace
 * @ns: dead, and locked
 */
void bs_watches_end(struct bs_namespace *ns)
{
	struct bs_watch *watch;

	lockdep_assert_held(&ns->lock);
	list_for_each_entry(watch, &ns->watches, in_list)
		wake_up_interruptible_poll(&watch->changed,
					   EPOLLIN | EPOLLRDNORM | EPOLLHUP);
}

/* The next name of the present state; NULL if there is none, or none yet. */
static struct bs_name *bs_watch_next_name_locked(struct bs_watch *watch)
{
	struct bs_namespace *ns = bs_name_watch(watch)->ns;
	unsigned int left = BS_WATCH_BATCH;
	struct bs_name *name;

	lockdep_assert_held(&ns->lock);
	while (left--) {
		name = bs_name_after(ns, watch->cursor);
		if (!name || name->generation > watch->until) {
			watch->cursor = watch->until;
			return NULL;
		}
		if (name->shown && bs_watch_sees_name(watch, name))
			return name;
		watch->cursor = name->generation;
	}
	return NULL;
}

static u32 bs_name_record(union bs_record *record, u32 type, const char *text,
			  u8 len)
{
	record->name.record.type = type;
	record->name.name_offset = sizeof(record->name);
	record->name.name_len = len;
	record->name.info.size = sizeof(record->name.info);
	return bs_record_text(record, sizeof(record->name), text, len);
}

static u32 bs_name_watch_present(struct bs_watch *watch,
				 union bs_record *record, u64 *cursor)
{
	const struct bs_name *name = bs_watch_next_name_locked(watch);

	if (!name)
		return 0;
	bs_name_describe(name, &record->name.info);
	*cursor = name->generation;
	return bs_name_record(record, BOOTSTRAP_RECORD_PRESENT, name->text,
			      name->len);
}

static u32 bs_name_watch_change(const struct bs_watch *watch, u32 slot,
				union bs_record *record)
{
	const struct bs_name_change *change = &bs_name_watch(watch)->ring[slot];

	record->name.info = change->info;
	bs_owner_describe(change->owner, change->group, &record->name.info);
	return bs_name_record(record, change->type, change->text, change->len);
}

static void bs_name_watch_drop(struct bs_watch *watch, u32 slot)
{
	bs_owner_put(bs_name_watch(watch)->ring[slot].owner);
}

static u64 bs_name_watch_last(const struct bs_watch *watch)
{
	return atomic64_read(&bs_name_watch(watch)->ns->generation);
}

static bool bs_name_watch_closed(const struct bs_watch *watch)
{
	return bs_name_watch(watch)->ns->dead;
}

static bool bs_name_watch_over(const struct bs_watch *watch)
{
	return bs_namespace_over(bs_name_watch(watch)->ns);
}

static void bs_name_watch_show(const struct bs_watch *watch,
			       struct seq_file *m)
{
	seq_printf(m, "of:\tnames\nnamespace:\t%llu\n",
		   bs_name_watch(watch)->ns->id);
}

static void bs_name_watch_free(struct bs_watch *watch)
{
	bs_namespace_put(bs_name_watch(watch)->ns);
}

static const struct bs_watch_operations bs_name_watch_operations = {
	.present = bs_name_watch_present,
	.change = bs_name_watch_change,
	.drop = bs_name_watch_drop,
	.last = bs_name_watch_last,
	.closed = bs_name_watch_closed,
	.over = bs_name_watch_over,
	.free = bs_name_watch_free,
	.show = bs_name_watch_show,
};

static long bs_watch_namespace(struct bs_call *call, struct bs_namespace *ns)
{
	struct bootstrap_watch reply = call->args.watch;
	struct bs_watch *watch;

	watch = bs_watch_new(sizeof(struct bs_name_watch),
			     &bs_name_watch_operations, &ns->lock);
	if (IS_ERR(watch))
		return PTR_ERR(watch);
	refcount_inc(&ns->refs);
	bs_name_watch(watch)->ns = ns;
	reply.namespace_id = ns->id;
	return bs_watch_install(call, watch, &ns->watches, &reply);
}

/**
 * bs_watch_names() - BOOTSTRAP_IOC_WATCH, of a namespace
 * @call: the call
 */
long bs_watch_names(struct bs_call *call)
{
	const struct bootstrap_watch *args = &call->args.watch;
	const struct bs_address where = BS_ADDRESS(call, args);
	struct bs_namespace *ns;
	long ret;

	ns = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_LIST);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_watch_namespace(call, ns);
	bs_namespace_put(ns);
	return ret;
}
