// SPDX-License-Identifier: GPL-2.0
/*
 * Ports and owners: what names are tied to.
 *
 * A name ends with the port it came through and with the process that
 * registered it, whichever goes first. The port alone would not do: a
 * descriptor of it that waits in the queue of a socket which is registered
 * through it would keep itself open for ever, and no garbage collector sees
 * that. So each process that registers gets an owner, which watches it.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "internal.h"

/**
 * bs_port_new() - the port of a newly opened file
 */
struct bs_port *bs_port_new(void)
{
	struct bs_port *port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);

	if (!port)
		return NULL;
	refcount_set(&port->refs, 1);
	spin_lock_init(&port->lock);
	INIT_LIST_HEAD(&port->owners);
	return port;
}

void bs_port_put(struct bs_port *port)
{
	if (refcount_dec_and_test(&port->refs))
		kfree(port);
}

struct bs_owner *bs_owner_get(struct bs_owner *owner)
{
	refcount_inc(&owner->refs);
	return owner;
}

void bs_owner_put(struct bs_owner *owner)
{
	if (!refcount_dec_and_test(&owner->refs))
		return;
	bs_user_put(owner->user);
	put_pid(owner->who.pid);
	bs_port_put(owner->port);
	kfree(owner);
}

static void bs_owner_drop_names(struct bs_owner *owner)
{
	struct bs_name *name;

	for (;;) {
		spin_lock(&owner->lock);
		name = list_first_entry_or_null(&owner->names, struct bs_name,
						of_owner);
		/* It is in the table while it is in the list. */
		if (name)
			refcount_inc(&name->refs);
		spin_unlock(&owner->lock);
		if (!name)
			return;
		bs_name_remove(name);
		bs_name_put(name);
		cond_resched();
	}
}

/* The port is closed or the process gone, perhaps both at once. */
static void bs_owner_retire(struct bs_owner *owner)
{
	bool listed;

	spin_lock(&owner->port->lock);
	listed = !list_empty(&owner->in_port);
	list_del_init(&owner->in_port);
	spin_unlock(&owner->port->lock);
	if (!listed)
		return;
	bs_death_disarm(&owner->death);
	bs_owner_drop_names(owner);
	bs_owner_put(owner);
}

/**
 * bs_owner_release() - end a claim
 * @owner: watches no longer if this was the last
 *
 * So there are never more owners than names and calls under way.
 */
void bs_owner_release(struct bs_owner *owner)
{
	bool last;

	spin_lock(&owner->port->lock);
	last = !--owner->claims && !list_empty(&owner->in_port);
	if (last)
		list_del_init(&owner->in_port);
	spin_unlock(&owner->port->lock);
	if (last) {
		bs_death_disarm(&owner->death);
		bs_owner_put(owner);
	}
	bs_owner_put(owner);
}

static void bs_owner_work(struct work_struct *work)
{
	struct bs_owner *owner = container_of(work, struct bs_owner, work);

	if (bs_pid_gone(owner->who.pid))
		bs_owner_retire(owner);
	bs_owner_put(owner);
}

static void bs_owner_notify(struct bs_death *death)
{
	struct bs_owner *owner = container_of(death, struct bs_owner, death);

	/* The list's reference is held until the watch is disarmed. */
	refcount_inc(&owner->refs);
	if (!queue_work(bs_workqueue, &owner->work))
		refcount_dec(&owner->refs);
}

/**
 * bs_port_close() - the open file is closed for the last time
 * @port: its port; ends all names that came through it but the sticky ones
 */
void bs_port_close(struct bs_port *port)
{
	struct bs_owner *owner;

	for (;;) {
		spin_lock(&port->lock);
		owner = list_first_entry_or_null(&port->owners,
						 struct bs_owner, in_port);
		if (owner)
			bs_owner_get(owner);
		spin_unlock(&port->lock);
		if (!owner)
			break;
		bs_owner_retire(owner);
		bs_owner_put(owner);
		cond_resched();
	}
	bs_port_put(port);
}

/**
 * bs_port_show() - tell who looks at the descriptor what came through a port
 * @port: the port
 * @m: where
 *
 * What ends with it: whoever has the descriptor may end it.
 */
void bs_port_show(struct bs_port *port, struct seq_file *m)
{
	unsigned int processes = 0, claims = 0;
	const struct bs_owner *owner;

	spin_lock(&port->lock);
	list_for_each_entry(owner, &port->owners, in_port) {
		processes++;
		claims += owner->claims;
	}
	spin_unlock(&port->lock);
	seq_printf(m, "processes:\t%u\nregistered:\t%u\n", processes, claims);
}

static int bs_identity_of_caller(struct bs_identity *who)
{
	const struct bs_session *session;
	int err;

	rcu_read_lock();
	session = bs_session_stand_rcu();
	err = PTR_ERR_OR_ZERO(session);
	if (!err) {
		who->session = session->id;
		who->cookie = session->cookie;
	}
	rcu_read_unlock();
	if (err)
		return err;
	who->pid = task_tgid(current);
	who->uid = current_euid();
	who->gid = current_egid();
	who->charged = bs_caller_accountable_uid();
	return 0;
}

static bool bs_identity_equal(const struct bs_identity *a,
			      const struct bs_identity *b)
{
	return a->pid == b->pid && a->cookie == b->cookie &&
	       uid_eq(a->uid, b->uid) && gid_eq(a->gid, b->gid) &&
	       uid_eq(a->charged, b->charged);
}

/* Claimed, if there is one. */
static struct bs_owner *bs_owner_find_locked(struct bs_port *port,
					     const struct bs_identity *who)
{
	struct bs_owner *owner;

	lockdep_assert_held(&port->lock);
	list_for_each_entry(owner, &port->owners, in_port)
		if (bs_identity_equal(&owner->who, who)) {
			owner->claims++;
			return bs_owner_get(owner);
		}
	return NULL;
}

/* Inline, since who registers a first name and unregisters it makes one each time. */
static __always_inline struct bs_owner *
bs_owner_new(struct bs_port *port, const struct bs_identity *who)
{
	struct bs_owner *owner;

	owner = kzalloc(sizeof(*owner), GFP_KERNEL_ACCOUNT);
	if (!owner)
		return ERR_PTR(-ENOMEM);
	owner->user = bs_user_get(who->charged);
	if (IS_ERR(owner->user)) {
		int err = PTR_ERR(owner->user);

		kfree(owner);
		return ERR_PTR(err);
	}
	refcount_set(&owner->refs, 1);
	owner->claims = 1;
	refcount_inc(&port->refs);
	owner->port = port;
	owner->who = *who;
	get_pid(owner->who.pid);
	INIT_LIST_HEAD(&owner->in_port);
	spin_lock_init(&owner->lock);
	INIT_LIST_HEAD(&owner->names);
	INIT_WORK(&owner->work, bs_owner_work);
	bs_death_init(&owner->death, bs_owner_notify);
	return owner;
}

/**
 * bs_owner_claim_caller() - the owner for what the caller registers
 * @port: through which port
 *
 * Return: an owner with a claim on it, for bs_owner_release(), or -ENOMEM,
 * -EDQUOT.
 */
struct bs_owner *bs_owner_claim_caller(struct bs_port *port)
{
	struct bs_owner *owner, *new;
	struct bs_identity who;
	int err;

	err = bs_identity_of_caller(&who);
	if (err)
		return ERR_PTR(err);
	spin_lock(&port->lock);
	owner = bs_owner_find_locked(port, &who);
	spin_unlock(&port->lock);
	if (owner)
		return owner;

	new = bs_owner_new(port, &who);
	if (IS_ERR(new))
		return new;
	/* The caller lives, so that the watch cannot have come too late. */
	bs_death_arm(&new->death, who.pid);
	spin_lock(&port->lock);
	owner = bs_owner_find_locked(port, &who);
	if (!owner) {
		bs_owner_get(new);
		list_add(&new->in_port, &port->owners);
	}
	spin_unlock(&port->lock);
	if (!owner)
		return new;
	/* Another thread of this process came first. */
	bs_death_disarm(&new->death);
	bs_owner_put(new);
	return owner;
}

/**
 * bs_owner_new_kernel() - the owner for what another module of the kernel registers
 *
 * Through a port that nobody has, and with no process that is watched: what it
 * has ends one by one.
 *
 * Return: an owner with a claim on it, for bs_owner_release(), or -ENOMEM.
 */
struct bs_owner *bs_owner_new_kernel(void)
{
	const struct bs_identity who = {
		.uid = GLOBAL_ROOT_UID,
		.gid = GLOBAL_ROOT_GID,
		.charged = GLOBAL_ROOT_UID,
		.session = bs_root_session->id,
		.cookie = bs_root_session->cookie,
	};
	struct bs_port *port = bs_port_new();
	struct bs_owner *owner;

	if (!port)
		return ERR_PTR(-ENOMEM);
	owner = bs_owner_new(port, &who);
	bs_port_put(port);
	return owner;
}

/**
 * bs_owner_describe() - tell the caller who has a name
 * @owner: its owner
 * @group: who may look it up, with BOOTSTRAP_INFO_GROUP
 * @info: filled as to these
 */
void bs_owner_describe(const struct bs_owner *owner, kgid_t group,
		       struct bootstrap_info *info)
{
	const struct bs_identity *who = &owner->who;
	struct user_namespace *user_ns = current_user_ns();

	info->cookie = who->cookie;
	info->session = who->session;
	/* A number that may be another's by now is worse than none. */
	info->pid = bs_pid_gone(who->pid) ? 0 : pid_vnr(who->pid);
	info->uid = from_kuid_munged(user_ns, who->uid);
	info->gid = from_kgid_munged(user_ns, who->gid);
	info->group = info->flags & BOOTSTRAP_INFO_GROUP ?
		from_kgid_munged(user_ns, group) : 0;
}
