// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces, and the tree that they make.
 *
 * A namespace refers to its parent, so that a look-up can climb; the parent
 * knows its children, so that they die with it, but does not keep them. What
 * keeps a session's namespace is the session, and a subset the watch on its
 * requestor. A user's namespace is there while anything refers to it: names,
 * sessions, subsets, handles and watches do.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "internal.h"

/* How many names die before others may take the lock. */
#define BS_KILL_BATCH 64

struct bs_namespace *bs_root_namespace __read_mostly;

/* Who is whose child, and what is about to die. */
static DEFINE_SPINLOCK(bs_tree_lock);

/* How many have a parent and live; bs_tree_lock to write. */
static unsigned int bs_tree_size;

/*
 * The users' namespaces by uid. An entry may be on its way out; the mutex is
 * taken to replace one that has no reference left.
 */
static DEFINE_XARRAY_FLAGS(bs_user_namespaces, XA_FLAGS_ACCOUNT);
static DEFINE_MUTEX(bs_user_namespaces_lock);

/* Puts a namespace below its parent, in the order of ids. */
static void bs_tree_link_locked(struct bs_namespace *ns)
{
	struct rb_node **link = &ns->parent->children.rb_node, *above = NULL;

	lockdep_assert_held(&bs_tree_lock);
	while (*link) {
		above = *link;
		link = ns->id < rb_entry(above, struct bs_namespace,
					 in_parent)->id ?
			&above->rb_left : &above->rb_right;
	}
	rb_link_node(&ns->in_parent, above, link);
	rb_insert_color(&ns->in_parent, &ns->parent->children);
	WRITE_ONCE(bs_tree_size, bs_tree_size + 1);
}

/* Numbers are given out under the lock, so that the last child is the newest. */
static bool bs_tree_add(struct bs_namespace *ns)
{
	bool alive;

	spin_lock(&bs_tree_lock);
	ns->id = bs_next_id();
	alive = !ns->parent || !ns->parent->doomed;
	if (ns->parent && alive)
		bs_tree_link_locked(ns);
	spin_unlock(&bs_tree_lock);
	return alive;
}

static void bs_tree_remove_locked(struct bs_namespace *ns)
{
	lockdep_assert_held(&bs_tree_lock);
	if (RB_EMPTY_NODE(&ns->in_parent))
		return;
	rb_erase(&ns->in_parent, &ns->parent->children);
	RB_CLEAR_NODE(&ns->in_parent);
	WRITE_ONCE(bs_tree_size, bs_tree_size - 1);
}

static void bs_tree_remove(struct bs_namespace *ns)
{
	spin_lock(&bs_tree_lock);
	bs_tree_remove_locked(ns);
	spin_unlock(&bs_tree_lock);
}

/**
 * bs_namespace_new() - an empty namespace
 * @parent: where look-ups go on, NULL for the root
 * @type: BOOTSTRAP_NAMESPACE_*
 * @uid: whose it is
 *
 * Return: a reference, or -ENOMEM, -ESHUTDOWN (the parent dies).
 */
struct bs_namespace *bs_namespace_new(struct bs_namespace *parent, u32 type,
				      kuid_t uid)
{
	struct bs_namespace *ns = kzalloc(sizeof(*ns), GFP_KERNEL_ACCOUNT);

	if (!ns)
		return ERR_PTR(-ENOMEM);
	ns->salt = get_random_u32();
	ns->type = type;
	ns->uid = uid;
	refcount_set(&ns->refs, 1);
	mutex_init(&ns->lock);
	ns->names = RB_ROOT;
	ns->children = RB_ROOT;
	RB_CLEAR_NODE(&ns->in_parent);
	INIT_LIST_HEAD(&ns->watches);
	init_waitqueue_head(&ns->died);
	if (parent) {
		refcount_inc(&parent->refs);
		ns->parent = parent;
		ns->depth = parent->depth + (type == BOOTSTRAP_NAMESPACE_SUBSET);
	}
	if (bs_tree_add(ns))
		return ns;
	bs_namespace_put(ns);
	return ERR_PTR(-ESHUTDOWN);
}

static void bs_namespace_free(struct bs_namespace *ns)
{
	bs_tree_remove(ns);
	/* Unless another has taken its place. */
	if (ns->type == BOOTSTRAP_NAMESPACE_USER)
		xa_cmpxchg(&bs_user_namespaces, __kuid_val(ns->uid), ns, NULL,
			   GFP_KERNEL);
	kfree_rcu(ns, rcu);
}

/* Without references; what it referred to may be without as well now. */
static noinline void bs_namespace_let_go(struct bs_namespace *ns)
{
	struct bs_namespace *parent;

	do {
		/* A login that was never completed has both. */
		if (ns->to_be)
			bs_namespace_put(ns->to_be);
		parent = ns->parent;
		bs_namespace_free(ns);
		ns = parent;
	} while (ns && refcount_dec_and_test(&ns->refs));
}

void bs_namespace_put(struct bs_namespace *ns)
{
	if (ns && refcount_dec_and_test(&ns->refs))
		bs_namespace_let_go(ns);
}

/**
 * bs_namespace_over() - is a namespace dead, and are its names gone
 * @ns: the namespace
 *
 * Death is told when nothing is found any more; writes are refused before.
 */
bool bs_namespace_over(const struct bs_namespace *ns)
{
	return READ_ONCE(ns->dead) && !READ_ONCE(ns->count);
}

/**
 * bs_user_namespace_rcu() - a user's namespace, if it is there
 * @uid: the user
 *
 * Return: one that may be on its way out, or NULL; under RCU.
 */
struct bs_namespace *bs_user_namespace_rcu(kuid_t uid)
{
	return xa_load(&bs_user_namespaces, __kuid_val(uid));
}

static struct bs_namespace *bs_user_namespace_find(kuid_t uid)
{
	struct bs_namespace *ns;

	rcu_read_lock();
	ns = bs_user_namespace_rcu(uid);
	if (ns && !refcount_inc_not_zero(&ns->refs))
		ns = NULL;
	rcu_read_unlock();
	return ns;
}

/**
 * bs_user_namespace_get() - a user's namespace
 * @uid: the user
 *
 * Return: a reference, or -ENOMEM.
 */
struct bs_namespace *bs_user_namespace_get(kuid_t uid)
{
	struct bs_namespace *ns = bs_user_namespace_find(uid);
	int err;

	if (ns)
		return ns;
	mutex_lock(&bs_user_namespaces_lock);
	ns = bs_user_namespace_find(uid);
	if (ns)
		goto out;
	ns = bs_namespace_new(bs_root_namespace, BOOTSTRAP_NAMESPACE_USER, uid);
	if (IS_ERR(ns))
		goto out;
	err = xa_err(xa_store(&bs_user_namespaces, __kuid_val(uid), ns,
			      GFP_KERNEL_ACCOUNT));
	if (err) {
		bs_namespace_put(ns);
		ns = ERR_PTR(err);
	}
out:
	mutex_unlock(&bs_user_namespaces_lock);
	return ns;
}

/* Moves up to BS_KILL_BATCH names out; false when that was the last of them. */
static bool bs_namespace_unlink_some(struct bs_namespace *ns, u64 until,
				     struct bs_name **batch, unsigned int *count)
{
	struct bs_name *name;

	lockdep_assert_held(&ns->lock);
	for (*count = 0; *count < BS_KILL_BATCH; (*count)++) {
		name = rb_entry_safe(rb_first(&ns->names), struct bs_name,
				     in_namespace);
		if (!name || name->generation > until)
			return false;
		batch[*count] = name;
		bs_name_unlink(name);
	}
	return true;
}

static void bs_names_end_batch(struct bs_name **batch, unsigned int count)
{
	while (count--)
		bs_name_end(batch[count]);
	cond_resched();
}

/**
 * bs_namespace_clear() - end the names that a namespace has had so far
 * @ns: the namespace
 * @until: generation of the last of them
 */
void bs_namespace_clear(struct bs_namespace *ns, u64 until)
{
	struct bs_name *batch[BS_KILL_BATCH];
	unsigned int count;
	bool more;

	do {
		mutex_lock(&ns->lock);
		more = bs_namespace_unlink_some(ns, until, batch, &count);
		mutex_unlock(&ns->lock);
		bs_names_end_batch(batch, count);
	} while (more);
}

static void bs_namespace_kill_one(struct bs_namespace *ns)
{
	struct bs_requestor *requestor = NULL;
	struct bs_name *batch[BS_KILL_BATCH];
	unsigned int count;
	bool more;

	do {
		mutex_lock(&ns->lock);
		WRITE_ONCE(ns->dead, true);
		more = bs_namespace_unlink_some(ns, U64_MAX, batch, &count);
		if (!more) {
			bs_watches_end(ns);
			requestor = bs_requestor_detach_locked(ns);
		}
		mutex_unlock(&ns->lock);
		bs_names_end_batch(batch, count);
	} while (more);
	bs_waiters_wake_all(ns);
	wake_up_interruptible_poll(&ns->died, EPOLLIN | EPOLLHUP);
	bs_requestor_end(requestor);
	pr_debug("namespace %llu is dead\n", ns->id);
}

/* A child that lives or is being killed, with a reference. */
static struct bs_namespace *bs_tree_first_child(struct bs_namespace *ns,
						bool doom)
{
	struct bs_namespace *child = NULL;
	struct rb_node *node;

	spin_lock(&bs_tree_lock);
	if (doom)
		ns->doomed = true;
	while (!child && (node = rb_first(&ns->children))) {
		child = rb_entry(node, struct bs_namespace, in_parent);
		if (refcount_inc_not_zero(&child->refs))
			continue;
		/* Whoever has let go of the last is about to do this. */
		bs_tree_remove_locked(child);
		child = NULL;
	}
	spin_unlock(&bs_tree_lock);
	return child;
}

/**
 * bs_namespace_kill() - end all names of a namespace and of all below
 * @ns: the namespace, kept by the caller
 *
 * None of them will have names or children again. Whatever refers to them may
 * go on: look-ups still climb. Several may do this at once.
 */
void bs_namespace_kill(struct bs_namespace *ns)
{
	struct bs_namespace *at = ns, *next;

	/* Down to those without children, and up again: no recursion. */
	for (;;) {
		next = bs_tree_first_child(at, true);
		if (next) {
			at = next;
			continue;
		}
		bs_namespace_kill_one(at);
		next = at->parent;
		bs_tree_remove(at);
		if (at == ns)
			return;
		/* The reference to the parent is the one that was taken on the way. */
		bs_namespace_put(at);
		at = next;
	}
}

/**
 * bs_namespace_kill_children() - end what has been below a namespace so far
 * @ns: the namespace, which lives on
 * @until: id of the last that may be
 */
void bs_namespace_kill_children(struct bs_namespace *ns, u64 until)
{
	struct bs_namespace *child;
	bool more = true;

	while (more && (child = bs_tree_first_child(ns, false))) {
		more = child->id <= until;
		if (more)
			bs_namespace_kill(child);
		bs_namespace_put(child);
	}
}

/**
 * bs_namespace_adopt() - move a namespace below its parent to be
 * @ns: a login's; locked
 *
 * Who climbs sees the one or the other. The former is the root, which outlives
 * whoever still looks at it.
 */
void bs_namespace_adopt(struct bs_namespace *ns)
{
	struct bs_namespace *former = ns->parent;

	lockdep_assert_held(&ns->lock);
	spin_lock(&bs_tree_lock);
	bs_tree_remove_locked(ns);
	/* It is made by whoever announced the user: seen before it is climbed to. */
	smp_store_release(&ns->parent, ns->to_be);
	WRITE_ONCE(ns->to_be, NULL);
	bs_tree_link_locked(ns);
	spin_unlock(&bs_tree_lock);
	bs_namespace_put(former);
}

/**
 * bs_namespace_child_after() - the next child in the order of ids
 * @ns: the parent
 * @id: of the one before
 *
 * Return: a reference, or NULL.
 */
struct bs_namespace *bs_namespace_child_after(struct bs_namespace *ns, u64 id)
{
	struct bs_namespace *child, *best;
	struct rb_node *node;

	spin_lock(&bs_tree_lock);
	do {
		best = NULL;
		for (node = ns->children.rb_node; node;) {
			child = rb_entry(node, struct bs_namespace, in_parent);
			if (child->id > id) {
				best = child;
				node = node->rb_left;
			} else {
				node = node->rb_right;
			}
		}
		if (best)
			id = best->id;
	} while (best && !refcount_inc_not_zero(&best->refs));
	spin_unlock(&bs_tree_lock);
	return best;
}

/**
 * bs_namespaces_count() - how many live, the root's included
 */
unsigned int bs_namespaces_count(void)
{
	return READ_ONCE(bs_tree_size) + 1;
}
