// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that write names: register, unregister, take over.
 */
#include <linux/err.h>
#include <linux/fault-inject-usercopy.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/moduleparam.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "internal.h"
#include "limits.h"

static unsigned int bs_names_per_namespace = BS_NAMES_PER_NAMESPACE;
module_param_named(names_per_namespace, bs_names_per_namespace, uint, 0644);
MODULE_PARM_DESC(names_per_namespace, "Names in one namespace");

#define BS_REGISTER_FLAGS (BOOTSTRAP_REGISTER_STICKY | \
			   BOOTSTRAP_REGISTER_GROUP | \
			   BOOTSTRAP_REGISTER_RESERVED)

/**
 * bs_namespace_limit() - how many names one namespace may hold
 */
unsigned int bs_namespace_limit(void)
{
	return READ_ONCE(bs_names_per_namespace);
}

/*
 * The port is the title to a name. Sticky names outlive it, and so are also
 * their uid's.
 */
static bool bs_name_is_callers(const struct bs_name *name,
			       const struct bs_port *port)
{
	if (name->owner->port == port)
		return true;
	return (name->flags & BS_NAME_STICKY) &&
	       (uid_eq(name->owner->who.uid, current_euid()) ||
		bs_caller_privileged());
}

/* That there is such a name is told to those who may look it up. */
static struct bs_name *bs_name_refusal(const struct bs_name *name)
{
	return ERR_PTR(bs_deny(bs_name_visible(name) ? -EPERM : -ENOENT,
			       BOOTSTRAP_DENIED_OWNER));
}

/* Why a name may not be added where @old is. */
static int bs_publish_refusal(const struct bs_name *old,
			      const struct bs_publication *what)
{
	if (!(old->flags & BS_NAME_DECLARED))
		return what->taken;
	return what->declared == -EPERM ?
		bs_deny(-EPERM, BOOTSTRAP_DENIED_DECLARED) : what->declared;
}

/*
 * What a name would replace, NULL for nothing, or why it may not be added. @old
 * is what is there.
 */
static struct bs_name *bs_publish_check(const struct bs_call *call,
					const struct bs_namespace *ns,
					struct bs_name *old,
					const struct bs_publication *what)
{
	if (ns->dead)
		return ERR_PTR(-ESHUTDOWN);
	if (!what->replace) {
		if (old)
			return ERR_PTR(bs_publish_refusal(old, what));
		if (ns->count >= bs_namespace_limit() && !bs_caller_privileged())
			return ERR_PTR(bs_deny(-EDQUOT, BOOTSTRAP_DENIED_LIMIT));
		return NULL;
	}
	if (!old)
		return ERR_PTR(-ENOENT);
	if (!bs_name_is_callers(old, call->port))
		return bs_name_refusal(old);
	if (old->generation != what->replace)
		return ERR_PTR(-EBUSY);
	return old;
}

/* Who replaces a name of his own needs no room for a second. */
static int bs_charge_instead(struct bs_user *user, const struct bs_name *old)
{
	int err;

	if (old && old->owner->user == user)
		return 0;
	err = bs_user_charge(user, BS_LIMIT_NAMES);
	if (!err && old)
		bs_user_uncharge(old->owner->user, BS_LIMIT_NAMES);
	return err;
}

/* @inout_old: what is there; then what was replaced. */
static int bs_publish_locked(const struct bs_call *call, struct bs_name *name,
			     const struct bs_publication *what,
			     struct bs_name **inout_old)
{
	struct bs_name *old;
	int err;

	old = bs_publish_check(call, name->ns, *inout_old, what);
	*inout_old = NULL;
	if (IS_ERR(old))
		return PTR_ERR(old);
	err = bs_charge_instead(name->owner->user, old);
	if (err)
		return err;
	if (old) {
		bs_name_replace(old, name);
		*inout_old = old;
		return 0;
	}
	err = bs_name_add(name);
	if (err)
		bs_user_uncharge(name->owner->user, BS_LIMIT_NAMES);
	return err;
}

/*
 * The number is told before the name can be found, because nothing may fail
 * afterwards, and taken back if the name cannot be added. On success, the
 * reference is the table's.
 */
static int bs_publish(const struct bs_call *call, const struct bs_key *key,
		      struct bs_name *name, const struct bs_publication *what)
{
	u64 __user *told = call->user + what->generation_at;
	u64 before = *(u64 *)((char *)&call->args + what->generation_at);
	struct bs_namespace *ns = name->ns;
	struct bs_name *old;
	int err;

	err = what->replace ? 0 : bs_name_check_parents(key, ns);
	if (err)
		return err;
	name->generation = atomic64_inc_return(&ns->generation);
	if (should_fail_usercopy() || put_user(name->generation, told))
		return -EFAULT;

	old = bs_name_lock(key, ns);
	err = bs_publish_locked(call, name, what, &old);
	mutex_unlock(&ns->lock);
	/* Nothing to be done if the caller has unmapped it in between. */
	if (err && put_user(before, told))
		return err;
	if (old)
		bs_name_end(old);
	return err;
}

/*
 * A name that outlives who registered it must have another end: that of the
 * session which the caller stands in.
 */
static bool bs_name_may_stick(const struct bs_owner *owner,
			      const struct bs_namespace *ns)
{
	return (ns != bs_root_namespace &&
		READ_ONCE(ns->cookie) == owner->who.cookie) ||
	       bs_caller_privileged();
}

/**
 * bs_name_publish() - let a new name be found
 * @call: the call that it came with; the caller will be its owner
 * @key: its text
 * @ns: where
 * @what: all else; what it stands for is not the name's own reference yet
 *
 * Return: 0, or what the commands that make names fail with.
 */
int bs_name_publish(const struct bs_call *call, const struct bs_key *key,
		    struct bs_namespace *ns, const struct bs_publication *what)
{
	struct bs_owner *owner = bs_owner_claim_caller(call->port);
	struct bs_name *name;
	bool owned = false;
	int err = -ENOMEM;

	if (IS_ERR(owner))
		return PTR_ERR(owner);
	if (what->flags & BS_NAME_STICKY && !bs_name_may_stick(owner, ns)) {
		err = bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
		goto out;
	}
	name = bs_name_new(key, ns, owner, what->flags);
	if (name) {
		if (what->flags & BS_NAME_SERVICE)
			name->service = bs_service_get(what->service);
		else
			name->file = get_file(what->file);
		name->group = what->group;
		owned = bs_name_is_owned(name);
		err = bs_publish(call, key, name, what);
		if (err)
			bs_name_put(name);
	}
out:
	/* Else the claim is the name's from here on. */
	if (err || !owned)
		bs_owner_release(owner);
	return err;
}

static int bs_register_file(const struct bs_call *call,
			    const struct bs_key *key, struct bs_namespace *ns,
			    struct file *file, kgid_t group)
{
	struct bs_publication what = {
		.file = file,
		.group = group,
		.generation_at = offsetof(struct bootstrap_register, generation),
		.replace = call->args.reg.replace,
		.taken = -EBUSY,
		.declared = -EBUSY,
	};

	if (call->args.reg.flags & BOOTSTRAP_REGISTER_STICKY)
		what.flags |= BS_NAME_STICKY;
	if (call->args.reg.flags & BOOTSTRAP_REGISTER_GROUP)
		what.flags |= BS_NAME_GROUP;
	if (call->args.reg.flags & BOOTSTRAP_REGISTER_RESERVED)
		what.flags |= BS_NAME_RESERVED;
	return bs_name_publish(call, key, ns, &what);
}

/**
 * bs_register() - BOOTSTRAP_IOC_REGISTER
 * @call: the call
 */
long bs_register(struct bs_call *call)
{
	const struct bootstrap_register *args = &call->args.reg;
	const struct bs_address where = BS_ADDRESS(call, args);
	kgid_t group = INVALID_GID;
	struct bs_key key __uninitialized;
	struct bs_namespace *ns;
	struct file *file;
	int err;

	if (args->flags & ~BS_REGISTER_FLAGS)
		return -EOPNOTSUPP;
	if (args->pad)
		return -EINVAL;
	if (args->flags & BOOTSTRAP_REGISTER_GROUP) {
		group = make_kgid(current_user_ns(), args->gid);
		if (!gid_valid(group))
			return -EINVAL;
	} else if (args->gid) {
		return -EINVAL;
	}
	err = bs_key_read(&key, args->name, args->name_len);
	if (err)
		return err;
	file = bs_endpoint_get(args->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ns = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_REGISTER);
	if (IS_ERR(ns)) {
		err = PTR_ERR(ns);
		goto out_file;
	}
	err = bs_register_file(call, &key, ns, file, group);
	bs_trace(register, &key, ns, err);
	bs_namespace_put(ns);
out_file:
	fput(file);
	return err;
}

/* The common part of the commands on an existing name. */
static int bs_name_args_read(const struct bs_call *call, struct bs_key *key,
			     struct bs_address *where)
{
	const struct bootstrap_name *args = &call->args.name;
	int err;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->pad)
		return -EINVAL;
	err = bs_key_read(key, args->name, args->name_len);
	if (err)
		return err;
	*where = (struct bs_address)BS_ADDRESS(call, args);
	return bs_address_check(where);
}

/* @name: what is there. */
static struct bs_name *bs_name_check_args(const struct bootstrap_name *args,
					  const struct bs_namespace *ns,
					  struct bs_name *name)
{
	if (ns->dead)
		return ERR_PTR(-ESHUTDOWN);
	if (!name || (args->generation && name->generation != args->generation))
		return ERR_PTR(-ENOENT);
	return name;
}

/**
 * bs_unregister() - BOOTSTRAP_IOC_UNREGISTER
 * @call: the call
 */
long bs_unregister(struct bs_call *call)
{
	struct bs_key key __uninitialized;
	struct bs_address where;
	struct bs_namespace *ns;
	struct bs_name *name;
	int err;

	err = bs_name_args_read(call, &key, &where);
	if (err)
		return err;
	ns = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_REGISTER);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	name = bs_name_lock(&key, ns);
	name = bs_name_check_args(&call->args.name, ns, name);
	if (!IS_ERR(name) && !bs_name_is_callers(name, call->port))
		name = bs_name_refusal(name);
	if (!IS_ERR(name))
		bs_name_unlink(name);
	mutex_unlock(&ns->lock);
	if (!IS_ERR(name))
		bs_name_end(name);
	bs_namespace_put(ns);
	return PTR_ERR_OR_ZERO(name);
}

static void bs_name_stand_for_same(struct bs_name *name,
				   const struct bs_name *old)
{
	if (old->flags & BS_NAME_SERVICE)
		name->service = bs_service_get(old->service);
	else
		name->file = get_file(old->file);
}

/*
 * A name is never changed: another of the same generation takes its place. The
 * one of the two that is not in use is left to the caller.
 */
static int bs_take_over_locked(const struct bs_call *call,
			       const struct bs_key *key,
			       struct bs_namespace *ns, struct bs_owner *owner,
			       struct bs_name **ret_unused)
{
	struct bs_name *old, *name;
	int err;

	old = bs_name_find_locked(key, ns);
	old = bs_name_check_args(&call->args.name, ns, old);
	if (IS_ERR(old))
		return PTR_ERR(old);
	if (old->owner->port != call->port)
		return PTR_ERR(bs_name_refusal(old));
	name = bs_name_new(key, ns, owner, old->flags & ~BS_NAME_PRIVILEGED);
	if (!name)
		return -ENOMEM;
	bs_name_stand_for_same(name, old);
	name->generation = old->generation;
	name->since = old->since;
	name->group = old->group;
	err = bs_charge_instead(owner->user, old);
	if (err) {
		*ret_unused = name;
		return err;
	}
	bs_name_replace(old, name);
	*ret_unused = old;
	return 0;
}

static int bs_take_over_name(const struct bs_call *call,
			     const struct bs_key *key,
			     const struct bs_address *where)
{
	struct bs_name *unused = NULL;
	struct bs_namespace *ns;
	struct bs_owner *owner;
	bool owned;
	int err;

	ns = bs_namespace_get_address(where, BOOTSTRAP_RIGHT_REGISTER);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	owner = bs_owner_claim_caller(call->port);
	if (IS_ERR(owner)) {
		err = PTR_ERR(owner);
		goto out_ns;
	}
	mutex_lock(&ns->lock);
	err = bs_take_over_locked(call, key, ns, owner, &unused);
	mutex_unlock(&ns->lock);
	/* As the former was, so is the one that has the claim now. */
	owned = !err && bs_name_is_owned(unused);
	if (unused)
		bs_name_end(unused);
	if (!owned)
		bs_owner_release(owner);
out_ns:
	bs_namespace_put(ns);
	return err;
}

/* Whoever is not the launcher may be about to be the server. */
static int bs_take_over_server(const struct bs_call *call,
			       const struct bs_key *key,
			       const struct bs_address *where)
{
	u64 generation = call->args.name.generation;
	struct bs_service *service;
	int err = -EPERM;

	service = bs_service_find_declared(key, where);
	if (IS_ERR_OR_NULL(service))
		return err;
	if (!generation || generation == service->generation)
		err = bs_service_hand_over(service, call->port);
	bs_service_put(service);
	return err == -ESRCH || err == -ENOENT ? -EPERM : err;
}

/**
 * bs_take_over() - BOOTSTRAP_IOC_TAKE_OVER
 * @call: the call
 */
long bs_take_over(struct bs_call *call)
{
	struct bs_address where;
	struct bs_key key;
	int err;

	err = bs_name_args_read(call, &key, &where);
	if (err)
		return err;
	err = bs_take_over_name(call, &key, &where);
	return err == -EPERM ? bs_take_over_server(call, &key, &where) : err;
}
