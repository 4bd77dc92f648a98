// SPDX-License-Identifier: GPL-2.0
/*
 * Users: who is charged for what, and how much is allowed.
 *
 * The kernel's own per-user counters are not exported to modules. A user is
 * in the table while something is charged to it.
 */
#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "internal.h"
#include "limits.h"

static unsigned int bs_limits[BS_LIMIT_COUNT] = {
	[BS_LIMIT_NAMES] = BS_NAMES_PER_USER,
	[BS_LIMIT_SESSIONS] = BS_SESSIONS_PER_USER,
	[BS_LIMIT_WAITS] = BS_WAITS_PER_USER,
	[BS_LIMIT_WATCHES] = BS_WATCHES_PER_USER,
	[BS_LIMIT_SUBSETS] = BS_SUBSETS_PER_USER,
	[BS_LIMIT_HANDLES] = BS_HANDLES_PER_USER,
	[BS_LIMIT_DEFERRALS] = BS_DEFERRALS_PER_USER,
};

module_param_named(names_per_user, bs_limits[BS_LIMIT_NAMES], uint, 0644);
MODULE_PARM_DESC(names_per_user, "Names that one user may register");
module_param_named(sessions_per_user, bs_limits[BS_LIMIT_SESSIONS], uint, 0644);
MODULE_PARM_DESC(sessions_per_user, "Login sessions of one user");
module_param_named(waits_per_user, bs_limits[BS_LIMIT_WAITS], uint, 0644);
MODULE_PARM_DESC(waits_per_user, "Look-ups of one user that wait");
module_param_named(watches_per_user, bs_limits[BS_LIMIT_WATCHES], uint, 0644);
MODULE_PARM_DESC(watches_per_user, "Watches of one user");
module_param_named(subsets_per_user, bs_limits[BS_LIMIT_SUBSETS], uint, 0644);
MODULE_PARM_DESC(subsets_per_user, "Subset namespaces of one user");
module_param_named(handles_per_user, bs_limits[BS_LIMIT_HANDLES], uint, 0644);
MODULE_PARM_DESC(handles_per_user, "Namespace handles of one user");
module_param_named(deferrals_per_user, bs_limits[BS_LIMIT_DEFERRALS], uint,
		   0644);
MODULE_PARM_DESC(deferrals_per_user, "Deferrals of logouts of one user");

static DEFINE_HASHTABLE(bs_users, 8);
static DEFINE_SPINLOCK(bs_users_lock);

static struct bs_user *bs_user_find_locked(kuid_t uid)
{
	struct bs_user *user;

	lockdep_assert_held(&bs_users_lock);
	hash_for_each_possible(bs_users, user, node, __kuid_val(uid))
		if (uid_eq(user->uid, uid))
			return user;
	return NULL;
}

/**
 * bs_user_get() - the user with a uid
 * @uid: see bs_caller_accountable_uid()
 *
 * Return: a reference, or -ENOMEM.
 */
struct bs_user *bs_user_get(kuid_t uid)
{
	struct bs_user *user, *new;

	spin_lock(&bs_users_lock);
	user = bs_user_find_locked(uid);
	if (user)
		refcount_inc(&user->refs);
	spin_unlock(&bs_users_lock);
	if (user)
		return user;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->uid = uid;
	refcount_set(&new->refs, 1);

	spin_lock(&bs_users_lock);
	user = bs_user_find_locked(uid);
	if (user)
		refcount_inc(&user->refs);
	else
		hash_add(bs_users, &new->node, __kuid_val(uid));
	spin_unlock(&bs_users_lock);
	if (!user)
		return new;
	kfree(new);
	return user;
}

/**
 * bs_user_put() - drop a reference
 * @user: may be NULL
 */
void bs_user_put(struct bs_user *user)
{
	bool last;

	if (!user)
		return;
	spin_lock(&bs_users_lock);
	last = refcount_dec_and_test(&user->refs);
	if (last)
		hash_del(&user->node);
	spin_unlock(&bs_users_lock);
	if (last)
		kfree(user);
}

unsigned int bs_user_limit(enum bs_limit limit)
{
	return READ_ONCE(bs_limits[limit]);
}

/**
 * bs_user_charge() - count one more thing
 * @user: for whom
 * @limit: what
 *
 * Return: 0, or -EDQUOT; privileged callers are counted but not limited.
 */
int bs_user_charge(struct bs_user *user, enum bs_limit limit)
{
	int used = atomic_read(&user->used[limit]);

	do {
		if (used >= bs_user_limit(limit) && !bs_caller_privileged())
			return bs_deny(-EDQUOT, BOOTSTRAP_DENIED_LIMIT);
	} while (!atomic_try_cmpxchg(&user->used[limit], &used, used + 1));
	return 0;
}

void bs_user_uncharge(struct bs_user *user, enum bs_limit limit)
{
	atomic_dec(&user->used[limit]);
}

/**
 * bs_user_charge_caller() - count one more thing for the caller
 * @limit: what
 *
 * Return: a reference for bs_user_discharge(), or -EDQUOT, -ENOMEM.
 */
struct bs_user *bs_user_charge_caller(enum bs_limit limit)
{
	struct bs_user *user = bs_user_get(bs_caller_accountable_uid());
	int err;

	if (IS_ERR(user))
		return user;
	err = bs_user_charge(user, limit);
	if (!err)
		return user;
	bs_user_put(user);
	return ERR_PTR(err);
}

/**
 * bs_user_discharge() - count one thing less, and drop the reference
 * @user: from bs_user_charge_caller(); may be NULL
 * @limit: what
 */
void bs_user_discharge(struct bs_user *user, enum bs_limit limit)
{
	if (user)
		bs_user_uncharge(user, limit);
	bs_user_put(user);
}

/**
 * bs_users_sum() - what all users have used of the limits
 * @used: filled
 *
 * Return: how many users there are.
 */
unsigned int bs_users_sum(u32 used[BS_LIMIT_COUNT])
{
	const struct bs_user *user;
	unsigned int users = 0, bucket, i;

	memset(used, 0, BS_LIMIT_COUNT * sizeof(used[0]));
	spin_lock(&bs_users_lock);
	hash_for_each(bs_users, bucket, user, node) {
		users++;
		for (i = 0; i < BS_LIMIT_COUNT; i++)
			used[i] += atomic_read(&user->used[i]);
	}
	spin_unlock(&bs_users_lock);
	return users;
}

/**
 * bs_usage() - BOOTSTRAP_IOC_USAGE
 * @call: the call
 */
long bs_usage(struct bs_call *call)
{
	const struct bootstrap_usage *args = &call->args.usage;
	struct bootstrap_usage reply = *args;
	kuid_t uid = bs_caller_accountable_uid();
	struct bs_user *user;

	if (args->flags & ~BOOTSTRAP_USAGE_BY_UID)
		return -EOPNOTSUPP;
	if (args->pad)
		return -EINVAL;
	if (args->flags & BOOTSTRAP_USAGE_BY_UID) {
		kuid_t asked = make_kuid(current_user_ns(), args->uid);

		if (!uid_valid(asked))
			return -EINVAL;
		if (!uid_eq(asked, uid) && !bs_caller_privileged())
			return bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
		uid = asked;
	} else if (args->uid) {
		return -EINVAL;
	}

	reply.uid = from_kuid_munged(current_user_ns(), uid);
	reply.names = 0;
	reply.names_max = bs_user_limit(BS_LIMIT_NAMES);
	reply.sessions = 0;
	reply.sessions_max = bs_user_limit(BS_LIMIT_SESSIONS);
	reply.waits = 0;
	reply.waits_max = bs_user_limit(BS_LIMIT_WAITS);
	reply.watches = 0;
	reply.watches_max = bs_user_limit(BS_LIMIT_WATCHES);
	reply.subsets = 0;
	reply.subsets_max = bs_user_limit(BS_LIMIT_SUBSETS);
	reply.handles = 0;
	reply.handles_max = bs_user_limit(BS_LIMIT_HANDLES);
	reply.deferrals = 0;
	reply.deferrals_max = bs_user_limit(BS_LIMIT_DEFERRALS);
	spin_lock(&bs_users_lock);
	user = bs_user_find_locked(uid);
	if (user) {
		reply.names = atomic_read(&user->used[BS_LIMIT_NAMES]);
		reply.sessions = atomic_read(&user->used[BS_LIMIT_SESSIONS]);
		reply.waits = atomic_read(&user->used[BS_LIMIT_WAITS]);
		reply.watches = atomic_read(&user->used[BS_LIMIT_WATCHES]);
		reply.subsets = atomic_read(&user->used[BS_LIMIT_SUBSETS]);
		reply.handles = atomic_read(&user->used[BS_LIMIT_HANDLES]);
		reply.deferrals = atomic_read(&user->used[BS_LIMIT_DEFERRALS]);
	}
	spin_unlock(&bs_users_lock);
	return bs_call_reply(call, &reply);
}
