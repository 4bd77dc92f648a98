// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces, and which of them a call addresses.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "internal.h"

/* How many names die before others may take the lock. */
#define BS_KILL_BATCH 64

struct bs_namespace *bs_root_namespace __read_mostly;

/**
 * bs_namespace_new() - an empty namespace
 * @parent: where look-ups go on, NULL for the root
 *
 * Return: a reference, or NULL.
 */
struct bs_namespace *bs_namespace_new(struct bs_namespace *parent)
{
	struct bs_namespace *ns = kzalloc(sizeof(*ns), GFP_KERNEL_ACCOUNT);

	if (!ns)
		return NULL;
	ns->id = bs_next_id();
	ns->salt = get_random_u32();
	refcount_set(&ns->refs, 1);
	if (parent)
		refcount_inc(&parent->refs);
	ns->parent = parent;
	mutex_init(&ns->lock);
	ns->names = RB_ROOT;
	INIT_LIST_HEAD(&ns->watches);
	return ns;
}

void bs_namespace_put(struct bs_namespace *ns)
{
	struct bs_namespace *parent;

	while (ns && refcount_dec_and_test(&ns->refs)) {
		parent = ns->parent;
		kfree_rcu(ns, rcu);
		ns = parent;
	}
}

/* Moves up to BS_KILL_BATCH names out; false when that was the last of them. */
static bool bs_namespace_unlink_some(struct bs_namespace *ns,
				     struct bs_name **batch, unsigned int *count)
{
	struct rb_node *node;
	bool more;

	mutex_lock(&ns->lock);
	WRITE_ONCE(ns->dead, true);
	for (*count = 0; *count < BS_KILL_BATCH; (*count)++) {
		node = rb_first(&ns->names);
		if (!node)
			break;
		batch[*count] = rb_entry(node, struct bs_name, in_namespace);
		bs_name_unlink(batch[*count]);
	}
	more = !RB_EMPTY_ROOT(&ns->names);
	if (!more)
		bs_watches_end(ns);
	mutex_unlock(&ns->lock);
	return more;
}

/**
 * bs_namespace_kill() - end all names, and take no more
 * @ns: the namespace
 */
void bs_namespace_kill(struct bs_namespace *ns)
{
	struct bs_name *batch[BS_KILL_BATCH];
	unsigned int count, i;
	bool more;

	do {
		more = bs_namespace_unlink_some(ns, batch, &count);
		for (i = 0; i < count; i++)
			bs_name_end(batch[i]);
		cond_resched();
	} while (more);
	bs_waiters_wake_dead(ns);
	pr_debug("namespace %llu is dead\n", ns->id);
}

/**
 * bs_address_check() - is an address well formed
 * @where: the address
 *
 * Return: 0, or -EOPNOTSUPP, -EINVAL.
 */
int bs_address_check(const struct bs_address *where)
{
	if (where->scope > BOOTSTRAP_SCOPE_SESSION_ID)
		return -EOPNOTSUPP;
	if (where->scope != BOOTSTRAP_SCOPE_SESSION_ID &&
	    (where->session || where->cookie))
		return -EINVAL;
	return 0;
}

static const struct bs_session *
bs_session_address_rcu(const struct bs_address *where,
		       const struct bs_session *stand)
{
	const struct bs_session *session;
	u32 id = where->session;

	if (where->scope == BOOTSTRAP_SCOPE_DEFAULT)
		return stand;
	if (where->scope == BOOTSTRAP_SCOPE_SESSION)
		id = bs_caller_session_id();
	if (id == stand->id &&
	    (!where->cookie || where->cookie == stand->cookie))
		return stand;
	if (id != BOOTSTRAP_SESSION_ID_ROOT && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	session = bs_session_of_id_rcu(id);
	if (!session || (where->cookie && where->cookie != session->cookie))
		return ERR_PTR(-ESRCH);
	return session;
}

/**
 * bs_namespace_find_rcu() - the namespace that a call addresses
 * @where: well formed
 * @access: what for
 *
 * Everybody may read the root's; writing to it, and all access to a session
 * that the caller does not stand in, takes CAP_SYS_ADMIN.
 *
 * Under RCU, see bs_session_stand_rcu().
 *
 * Return: a namespace, or -EPERM, -ESRCH, -ENOMEM, -EDQUOT.
 */
struct bs_namespace *bs_namespace_find_rcu(const struct bs_address *where,
					   enum bs_access access)
	__must_hold(RCU)
{
	const struct bs_session *session, *stand;

	if (where->scope == BOOTSTRAP_SCOPE_ROOT) {
		/* Reached also by those for whom no session can be set up. */
		session = bs_root_session;
	} else {
		stand = bs_session_stand_rcu();
		if (IS_ERR(stand))
			return ERR_CAST(stand);
		session = bs_session_address_rcu(where, stand);
	}
	if (IS_ERR(session))
		return ERR_CAST(session);
	if (session == bs_root_session && access == BS_WRITE &&
	    !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	return session->ns;
}

/**
 * bs_namespace_get_address() - like bs_namespace_find_rcu(), with a reference
 * @where: checked here
 * @access: what for
 *
 * Return: a reference, or what bs_address_check() and bs_namespace_find_rcu() do.
 */
struct bs_namespace *bs_namespace_get_address(const struct bs_address *where,
					      enum bs_access access)
{
	struct bs_namespace *ns;
	int err;

	err = bs_address_check(where);
	if (err)
		return ERR_PTR(err);
	rcu_read_lock();
	ns = bs_namespace_find_rcu(where, access);
	if (!IS_ERR(ns) && !refcount_inc_not_zero(&ns->refs))
		ns = ERR_PTR(-ESHUTDOWN);
	rcu_read_unlock();
	return ns;
}
