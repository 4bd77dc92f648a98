// SPDX-License-Identifier: GPL-2.0
/*
 * Names: one table for those of all namespaces, keyed by namespace and text.
 *
 * A look-up costs one probe for each namespace on its way, whatever the
 * number of names. Names are found under RCU; one that is found may be on its
 * way out, so a reference is taken only if there is one left. The endpoint's
 * file goes with the last reference, not after a grace period, so that the
 * other end of a pipe or socket learns of it promptly.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/slab.h>

#include "name_table.h"

/* How often an insertion is tried again while the table grows. */
#define BS_INSERT_TRIES 20

struct rhashtable bs_names;

int __init bs_names_init(void)
{
	return rhashtable_init(&bs_names, &bs_names_params);
}

void bs_names_exit(void)
{
	rhashtable_destroy(&bs_names);
}

/**
 * bs_name_new() - a name that nobody finds yet
 * @key: its text
 * @ns: where it will be
 * @owner: who registers it
 * @flags: BS_NAME_*; how privileged the caller is, is added
 *
 * Return: a name with references of its own to both, or NULL. The caller gives
 * it a reference to what it stands for.
 */
struct bs_name *bs_name_new(const struct bs_key *key, struct bs_namespace *ns,
			    struct bs_owner *owner, u8 flags)
{
	/* Not struct_size(), which counts what there is of padding twice. */
	size_t size = offsetof(struct bs_name, text) + key->len;
	struct bs_name *name;

	name = kzalloc(max(size, sizeof(*name)), GFP_KERNEL_ACCOUNT);
	if (!name)
		return NULL;
	RB_CLEAR_NODE(&name->in_namespace);
	INIT_LIST_HEAD(&name->of_owner);
	refcount_inc(&ns->refs);
	name->ns = ns;
	name->owner = bs_owner_get(owner);
	refcount_set(&name->refs, 1);
	name->since = ktime_get_real_ns();
	name->hash = key->hash + ns->salt;
	name->flags = flags;
	if (bs_caller_privileged())
		name->flags |= BS_NAME_PRIVILEGED;
	name->len = key->len;
	memcpy(name->text, key->text, key->len);
	return name;
}

/**
 * bs_name_find() - the name in one namespace
 * @key: the text
 * @ns: the namespace
 *
 * Under RCU.
 */
struct bs_name *bs_name_find(const struct bs_key *key,
			     const struct bs_namespace *ns)
{
	return bs_name_probe(key, ns);
}

/**
 * bs_name_find_locked() - the name in a namespace that is locked
 * @key: the text
 * @ns: the namespace; the name stays while it is locked
 */
struct bs_name *bs_name_find_locked(const struct bs_key *key,
				    const struct bs_namespace *ns)
{
	struct bs_name *name;

	lockdep_assert_held(&ns->lock);
	rcu_read_lock();
	name = bs_name_find(key, ns);
	rcu_read_unlock();
	return name;
}

void bs_name_put(struct bs_name *name)
{
	if (!refcount_dec_and_test(&name->refs))
		return;
	if (name->flags & BS_NAME_SERVICE)
		bs_service_put(name->service);
	else
		fput(name->file);
	bs_owner_put(name->owner);
	bs_namespace_put(name->ns);
	kfree_rcu(name, rcu);
}

/**
 * bs_name_is_owned() - does a name end with its owner
 * @name: the name; else it ends with its right, or with neither
 */
bool bs_name_is_owned(const struct bs_name *name)
{
	if (name->flags & BS_NAME_SERVICE)
		return name->flags & BS_NAME_DECLARED;
	return !(name->flags & BS_NAME_STICKY);
}

static void bs_name_link_owner(struct bs_name *name)
{
	if (!bs_name_is_owned(name))
		return;
	spin_lock(&name->owner->lock);
	list_add_tail(&name->of_owner, &name->owner->names);
	spin_unlock(&name->owner->lock);
}

static void bs_name_unlink_owner(struct bs_name *name)
{
	if (!bs_name_is_owned(name))
		return;
	spin_lock(&name->owner->lock);
	list_del_init(&name->of_owner);
	spin_unlock(&name->owner->lock);
	bs_owner_release(name->owner);
}

static void bs_name_link_namespace(struct bs_name *name)
{
	struct rb_node **link = &name->ns->names.rb_node, *parent = NULL;

	while (*link) {
		const struct bs_name *other;

		parent = *link;
		other = rb_entry(parent, struct bs_name, in_namespace);
		link = name->generation < other->generation ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&name->in_namespace, parent, link);
	rb_insert_color(&name->in_namespace, &name->ns->names);
}

/*
 * The table refuses for a moment while it is being resized or its chains are
 * long; that must not reach the user as an error.
 */
static int bs_name_insert(struct bs_name *name)
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < BS_INSERT_TRIES; tries++) {
		err = rhashtable_insert_fast(&bs_names, &name->in_table,
					     bs_names_params);
		if (err != -EBUSY && err != -ENOMEM)
			return err;
		usleep_range(500, 1000);
	}
	return -ENOMEM;
}

static void bs_name_tell_added(struct bs_name *name)
{
	name->shown = !(name->flags & BS_NAME_SERVICE) ||
		      !name->service->hidden;
	if (!name->shown)
		return;
	bs_watches_tell(name, BOOTSTRAP_RECORD_ADDED);
	bs_waiters_wake(name);
}

static void bs_name_tell_removed(const struct bs_name *name)
{
	if (name->shown)
		bs_watches_tell(name, BOOTSTRAP_RECORD_REMOVED);
}

/* Who takes a name over changes nothing that watches tell. */
static void bs_name_tell_replaced(const struct bs_name *old,
				  struct bs_name *name)
{
	if (old->generation == name->generation) {
		name->shown = old->shown;
		/* But it may now be a privileged process's. */
		bs_waiters_wake(name);
		return;
	}
	bs_name_tell_removed(old);
	bs_name_tell_added(name);
}

static int bs_name_reserves(const struct bs_name *name)
{
	return !!(name->flags & BS_NAME_RESERVED);
}

/* In one store each, since both are read without the lock. */
static void bs_namespace_count(struct bs_namespace *ns, int names, int reserved)
{
	lockdep_assert_held(&ns->lock);
	if (names)
		WRITE_ONCE(ns->count, ns->count + names);
	if (reserved)
		WRITE_ONCE(ns->reserved, ns->reserved + reserved);
}

/**
 * bs_name_add() - let a new name be found
 * @name: charged already; its text is free in its namespace, which is locked
 *
 * Return: 0, or -ENOMEM. On success the reference is the table's, and the claim
 * on the owner is the name's if that owns it.
 */
int bs_name_add(struct bs_name *name)
{
	int err;

	lockdep_assert_held(&name->ns->lock);
	if (name->flags & BS_NAME_SERVICE)
		bs_service_attach(name->service, name);
	err = bs_name_insert(name);
	if (err) {
		if (name->flags & BS_NAME_SERVICE)
			bs_service_detach(name->service, name);
		return err;
	}
	bs_name_link_namespace(name);
	bs_namespace_count(name->ns, 1, bs_name_reserves(name));
	bs_name_link_owner(name);
	bs_name_tell_added(name);
	return 0;
}

/**
 * bs_name_replace() - let a name be found instead of another
 * @old: in the table; its namespace is locked
 * @name: charged already, instead of @old; same text, same namespace
 *
 * There is no moment in which neither is found. The table's reference to @old
 * becomes the caller's, for bs_name_end(), the caller's to @name the table's, and
 * the claim on its owner the name's if that owns it.
 */
void bs_name_replace(struct bs_name *old, struct bs_name *name)
{
	lockdep_assert_held(&name->ns->lock);
	if (name->flags & BS_NAME_SERVICE)
		bs_service_attach(name->service, name);
	/* Cannot fail: @old is there and the hash is the same. */
	WARN_ON_ONCE(rhashtable_replace_fast(&bs_names, &old->in_table,
					     &name->in_table, bs_names_params));
	rb_erase(&old->in_namespace, &old->ns->names);
	RB_CLEAR_NODE(&old->in_namespace);
	bs_name_link_namespace(name);
	bs_namespace_count(name->ns, 0,
			   bs_name_reserves(name) - bs_name_reserves(old));
	bs_name_unlink_owner(old);
	bs_name_link_owner(name);
	bs_name_tell_replaced(old, name);
	if (old->flags & BS_NAME_SERVICE)
		bs_service_detach(old->service, old);
}

/**
 * bs_name_unlink() - let a name not be found any more
 * @name: in the table; its namespace is locked
 *
 * The table's reference becomes the caller's, for bs_name_end().
 */
void bs_name_unlink(struct bs_name *name)
{
	lockdep_assert_held(&name->ns->lock);
	rhashtable_remove_fast(&bs_names, &name->in_table, bs_names_params);
	rb_erase(&name->in_namespace, &name->ns->names);
	RB_CLEAR_NODE(&name->in_namespace);
	bs_namespace_count(name->ns, -1, -bs_name_reserves(name));
	bs_trace(unregister, name);
	bs_name_tell_removed(name);
	/* It may have been in the way of a parent's. */
	bs_waiters_wake(name);
	bs_name_unlink_owner(name);
	bs_user_uncharge(name->owner->user, BS_LIMIT_NAMES);
	if (name->flags & BS_NAME_SERVICE)
		bs_service_detach(name->service, name);
}

/**
 * bs_name_end() - let go of a name that was in the table
 * @name: unlinked or replaced; the reference that was the table's
 */
void bs_name_end(struct bs_name *name)
{
	/* Others may hold the name for a while yet, and a handle its service. */
	if (name->flags & BS_NAME_SERVICE)
		bs_service_end(name->service);
	bs_name_put(name);
}

/**
 * bs_name_remove() - end a name, unless that was done already
 * @name: a reference
 */
void bs_name_remove(struct bs_name *name)
{
	bool linked;

	mutex_lock(&name->ns->lock);
	linked = !RB_EMPTY_NODE(&name->in_namespace);
	if (linked)
		bs_name_unlink(name);
	mutex_unlock(&name->ns->lock);
	if (linked)
		bs_name_end(name);
}

/**
 * bs_name_remove_service() - end the name of a service, whichever it is now
 * @name: one that it has, or had until somebody took it over; a reference
 */
void bs_name_remove_service(struct bs_name *name)
{
	struct bs_namespace *ns = name->ns;
	struct bs_name *now;

	mutex_lock(&ns->lock);
	now = name->service->name;
	if (now)
		bs_name_unlink(now);
	mutex_unlock(&ns->lock);
	if (now)
		bs_name_end(now);
}

/**
 * bs_name_lock() - lock a namespace, and find a name in it
 * @key: the text
 * @ns: the namespace
 *
 * A name whose right is closed is ended before, so that it is free at once.
 *
 * Return: the name, which stays while the namespace is locked, or NULL.
 */
struct bs_name *bs_name_lock(const struct bs_key *key, struct bs_namespace *ns)
{
	struct bs_name *name;

	for (;;) {
		mutex_lock(&ns->lock);
		name = bs_name_find_locked(key, ns);
		if (!name || !(name->flags & BS_NAME_SERVICE) ||
		    !bs_service_over(name->service))
			return name;
		refcount_inc(&name->refs);
		mutex_unlock(&ns->lock);
		bs_name_remove(name);
		bs_name_put(name);
	}
}

/**
 * bs_name_prune() - end a name whose right is closed, if that is yet to be done
 * @key: the text
 * @ns: the namespace
 *
 * So that a name is free again at once.
 */
void bs_name_prune(const struct bs_key *key, const struct bs_namespace *ns)
{
	struct bs_name *name;

	rcu_read_lock();
	name = bs_name_find_get(key, ns);
	rcu_read_unlock();
	if (!name)
		return;
	if (name->flags & BS_NAME_SERVICE && bs_service_over(name->service))
		bs_name_remove(name);
	bs_name_put(name);
}

/**
 * bs_name_check_parents() - may a name be in a namespace, as to those above
 * @key: the text
 * @ns: the namespace
 *
 * What a parent reserves at the same time may or may not be seen; what a
 * namespace has already stays in any case.
 *
 * Return: 0, or -EEXIST.
 */
int bs_name_check_parents(const struct bs_key *key,
			  const struct bs_namespace *ns)
{
	const struct bs_name *name;
	bool reserved;

	for (ns = ns->parent; ns; ns = ns->parent) {
		if (!READ_ONCE(ns->reserved))
			continue;
		bs_name_prune(key, ns);
		rcu_read_lock();
		name = bs_name_find(key, ns);
		reserved = name && name->flags & BS_NAME_RESERVED;
		rcu_read_unlock();
		if (reserved)
			return bs_deny(-EEXIST, BOOTSTRAP_DENIED_RESERVED);
	}
	return 0;
}

/**
 * bs_name_visible() - may the caller look this name up, once it is reached
 * @name: the name
 */
bool bs_name_visible(const struct bs_name *name)
{
	if (name->flags & BS_NAME_SERVICE && name->service->hidden &&
	    !bs_service_active(name->service))
		return false;
	return !(name->flags & BS_NAME_GROUP) || in_egroup_p(name->group) ||
	       bs_caller_privileged();
}

/**
 * bs_name_after() - the next name in the order of generations
 * @ns: locked
 * @generation: of the one before
 */
struct bs_name *bs_name_after(struct bs_namespace *ns, u64 generation)
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

/**
 * bs_name_show() - tell watches what became of a declared service's name
 * @name: one that it has, or had until somebody took it over; a reference
 * @demand: that there is need of a server
 *
 * A hidden one comes and goes with its server.
 */
void bs_name_show(struct bs_name *name, bool demand)
{
	struct bs_service *service = name->service;
	struct bs_namespace *ns = name->ns;
	bool show;

	mutex_lock(&ns->lock);
	name = service->name;
	if (!name)
		goto out;
	show = !service->hidden || bs_service_active(service);
	if (name->shown != show) {
		name->shown = show;
		bs_watches_tell(name, show ? BOOTSTRAP_RECORD_ADDED :
					     BOOTSTRAP_RECORD_REMOVED);
		if (show)
			bs_waiters_wake(name);
	}
	if (demand && show)
		bs_watches_tell(name, BOOTSTRAP_RECORD_DEMAND);
out:
	mutex_unlock(&ns->lock);
}

/**
 * bs_name_describe_itself() - what there is to tell of a name to anybody
 * @name: the name
 * @info: filled, but for its size and what bs_owner_describe() tells
 */
void bs_name_describe_itself(const struct bs_name *name,
			     struct bootstrap_info *info)
{
	info->flags = name->flags;
	if (name->flags & BS_NAME_SERVICE) {
		if (name->service->type == SOCK_SEQPACKET)
			info->flags |= BOOTSTRAP_INFO_SEQPACKET;
		if (bs_service_active(name->service))
			info->flags |= BOOTSTRAP_INFO_ACTIVE;
		if (READ_ONCE(name->service->needed))
			info->flags |= BOOTSTRAP_INFO_DEMAND;
	}
	info->namespace_id = name->ns->id;
	info->generation = name->generation;
	info->since = name->since;
	info->pad = 0;
}

/**
 * bs_name_describe() - tell the caller who registered a name
 * @name: the name
 * @info: filled, but for its size
 */
void bs_name_describe(const struct bs_name *name, struct bootstrap_info *info)
{
	bs_name_describe_itself(name, info);
	bs_owner_describe(name->owner, name->group, info);
}
