// SPDX-License-Identifier: GPL-2.0
/*
 * Look-up: the command that all others are there for, and the one that must
 * be fast. No lock is taken, and no reference but one to the name.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "internal.h"

/*
 * The nearest match wins, also if the caller may not have it: to go on would
 * hand a parent's name to someone who means another.
 */
static struct bs_name *bs_look_up_rcu(const struct bs_key *key,
				      const struct bs_namespace *ns,
				      const struct bootstrap_look_up *args)
{
	bool climb = args->scope == BOOTSTRAP_SCOPE_DEFAULT;
	struct bs_name *name;

	for (;;) {
		/* One without references was replaced, or is gone: look again. */
		do {
			name = bs_name_find(key, ns);
			if (name && bs_name_get(name))
				return name;
		} while (name);
		if (!climb || !ns->parent)
			return ERR_PTR(-ENOENT);
		ns = ns->parent;
	}
}

static bool bs_look_up_allowed(const struct bs_name *name,
			       const struct bootstrap_look_up *args)
{
	if ((args->flags & BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER) &&
	    !(name->flags & BS_NAME_PRIVILEGED))
		return false;
	return bs_name_visible(name);
}

static struct bs_name *bs_look_up_name(const struct bs_key *key,
				       const struct bootstrap_look_up *args)
{
	struct bs_address where = { args->scope, args->session, args->cookie };
	struct bs_namespace *ns;
	struct bs_name *name;
	int err;

	err = bs_address_check(&where);
	if (err)
		return ERR_PTR(err);
	if (args->flags & BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER) {
		if (where.scope > BOOTSTRAP_SCOPE_ROOT)
			return ERR_PTR(-EINVAL);
		where.scope = BOOTSTRAP_SCOPE_ROOT;
	}
	rcu_read_lock();
	ns = bs_namespace_find_rcu(&where, BS_READ);
	/* Not permitted and not there must look the same. */
	if (ns == ERR_PTR(-EPERM))
		name = ERR_PTR(-ENOENT);
	else if (IS_ERR(ns))
		name = ERR_CAST(ns);
	else
		name = bs_look_up_rcu(key, ns, args);
	rcu_read_unlock();
	if (!IS_ERR(name) && !bs_look_up_allowed(name, args)) {
		bs_name_put(name);
		name = ERR_PTR(-ENOENT);
	}
	return name;
}

/* Who registered is told before the descriptor is there, and taken back. */
static long bs_look_up_inform(const struct bs_name *name, void __user *user)
{
	struct bootstrap_info before, info = {};
	size_t known;
	long ret;
	u32 size;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < BOOTSTRAP_INFO_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	known = min_t(size_t, size, sizeof(info));
	if (copy_from_user(&before, user, known))
		return -EFAULT;
	bs_name_describe(name, &info);
	info.size = known;
	if (copy_to_user(user, &info, known))
		return -EFAULT;
	ret = bs_receive_fd(name->file, O_CLOEXEC);
	if (ret < 0 && copy_to_user(user, &before, known))
		return -EFAULT;
	return ret;
}

/**
 * bs_look_up() - BOOTSTRAP_IOC_LOOK_UP
 * @call: the call
 */
long bs_look_up(struct bs_call *call)
{
	const struct bootstrap_look_up *args = &call->args.look_up;
	struct bs_name *name;
	struct bs_key key;
	long ret;

	if (args->flags & ~BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER)
		return -EOPNOTSUPP;
	if (args->pad)
		return -EINVAL;
	ret = bs_key_read(&key, args->name, args->name_len);
	if (ret)
		return ret;
	name = bs_look_up_name(&key, args);
	if (IS_ERR(name))
		return PTR_ERR(name);
	if (args->info)
		ret = bs_look_up_inform(name, u64_to_user_ptr(args->info));
	else
		ret = bs_receive_fd(name->file, O_CLOEXEC);
	bs_name_put(name);
	return ret;
}
