// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses: which namespace a call means, and what its caller may do there.
 *
 * Through the device, the caller's credential decides at each call. Through a
 * handle its rights alone do, as to the namespace that it is for; what is above
 * that may be read, with the right to ascend, and not be written.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>

#include "internal.h"

/**
 * bs_address_check() - is an address well formed
 * @where: the address
 *
 * Return: 0, or -EOPNOTSUPP, -EINVAL.
 */
int bs_address_check(const struct bs_address *where)
{
	bool handle = where->port->ns;

	/* As most are. */
	if (!where->scope && !where->session && !where->cookie)
		return 0;
	switch (where->scope) {
	case BOOTSTRAP_SCOPE_DEFAULT:
	case BOOTSTRAP_SCOPE_ROOT:
	case BOOTSTRAP_SCOPE_SESSION:
	case BOOTSTRAP_SCOPE_USER:
		return where->session || where->cookie ? -EINVAL : 0;
	case BOOTSTRAP_SCOPE_SESSION_ID:
		return handle ? -EINVAL : 0;
	case BOOTSTRAP_SCOPE_USER_ID:
		return handle || where->cookie ? -EINVAL : 0;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * bs_namespace_above() - where a look-up goes on
 * @ns: where it found nothing
 * @uid: the caller's effective uid
 *
 * In a login in progress, those who act as its user have that user's names, too.
 *
 * Return: a namespace that stays as long as @ns and RCU let it, or NULL.
 */
struct bs_namespace *bs_namespace_above(const struct bs_namespace *ns,
					kuid_t uid)
{
	struct bs_namespace *user = READ_ONCE(ns->to_be);

	if (user && uid_eq(user->uid, uid))
		return user;
	return READ_ONCE(ns->parent);
}

static bool bs_namespace_is_standing_rcu(const struct bs_namespace *ns)
{
	const struct bs_session *stand = bs_session_stand_rcu();

	return !IS_ERR(stand) && stand->ns == ns;
}

/* What the caller's credential allows, as to another's namespace. */
static bool bs_namespace_is_callers_rcu(const struct bs_namespace *ns)
{
	switch (READ_ONCE(ns->type)) {
	case BOOTSTRAP_NAMESPACE_USER:
		return uid_eq(ns->uid, current_euid());
	case BOOTSTRAP_NAMESPACE_SESSION:
		return bs_namespace_is_standing_rcu(ns);
	default:
		return false;
	}
}

/**
 * bs_namespace_rights() - what the caller's credential allows in a namespace
 * @ns: the namespace
 *
 * Return: BOOTSTRAP_RIGHT_*.
 */
u32 bs_namespace_rights(const struct bs_namespace *ns)
{
	bool own;

	if (bs_caller_privileged())
		return BOOTSTRAP_RIGHTS_ALL;
	if (ns == bs_root_namespace)
		return BOOTSTRAP_RIGHTS_ALL & ~BOOTSTRAP_RIGHT_REGISTER;
	rcu_read_lock();
	own = bs_namespace_is_callers_rcu(ns);
	rcu_read_unlock();
	if (!own)
		return 0;
	/* What root's programs find there, root alone says. */
	if (ns->type == BOOTSTRAP_NAMESPACE_USER &&
	    uid_eq(ns->uid, GLOBAL_ROOT_UID))
		return BOOTSTRAP_RIGHTS_ALL & ~BOOTSTRAP_RIGHT_REGISTER;
	return BOOTSTRAP_RIGHTS_ALL;
}

/**
 * bs_namespace_visible() - may the caller know that a namespace is there
 * @ns: the namespace
 */
bool bs_namespace_visible(const struct bs_namespace *ns)
{
	bool stands;

	if (ns == bs_root_namespace || bs_caller_privileged())
		return true;
	if (READ_ONCE(ns->type) == BOOTSTRAP_NAMESPACE_PRE_LOGIN)
		return false;
	if (uid_eq(ns->uid, current_euid()))
		return true;
	rcu_read_lock();
	stands = bs_namespace_is_standing_rcu(ns);
	rcu_read_unlock();
	return stands;
}

static const struct bs_session *
bs_session_address_rcu(const struct bs_address *where)
{
	const struct bs_session *session, *stand = bs_session_stand_rcu();
	u32 id = where->session;

	if (IS_ERR(stand))
		return stand;
	if (where->scope == BOOTSTRAP_SCOPE_SESSION)
		id = bs_caller_session_id();
	if (id == stand->id &&
	    (!where->cookie || where->cookie == stand->cookie))
		return stand;
	if (id != BOOTSTRAP_SESSION_ID_ROOT && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE));
	session = bs_session_of_id_rcu(id);
	if (!session || (where->cookie && where->cookie != session->cookie))
		return ERR_PTR(-ESRCH);
	/* While the login is in progress there is nothing to address. */
	return bs_session_open(session) ? session : ERR_PTR(-ESRCH);
}

/* Whose namespace a scope means, if the caller may do this there. */
static int bs_user_address(const struct bs_address *where, u32 right,
			   kuid_t *ret_uid)
{
	kuid_t uid = current_euid();

	if (where->scope == BOOTSTRAP_SCOPE_USER_ID)
		uid = make_kuid(current_user_ns(), where->session);
	if (!uid_valid(uid))
		return -EINVAL;
	if ((!uid_eq(uid, current_euid()) ||
	     (uid_eq(uid, GLOBAL_ROOT_UID) &&
	      right == BOOTSTRAP_RIGHT_REGISTER)) &&
	    !capable(CAP_SYS_ADMIN))
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
	*ret_uid = uid;
	return 0;
}

static bool bs_scope_is_user(u32 scope)
{
	return scope == BOOTSTRAP_SCOPE_USER || scope == BOOTSTRAP_SCOPE_USER_ID;
}

/* The type of what a scope means through a handle. */
static u32 bs_scope_type(u32 scope)
{
	switch (scope) {
	case BOOTSTRAP_SCOPE_ROOT:
		return BOOTSTRAP_NAMESPACE_ROOT;
	case BOOTSTRAP_SCOPE_SESSION:
		return BOOTSTRAP_NAMESPACE_SESSION;
	default:
		return BOOTSTRAP_NAMESPACE_USER;
	}
}

/* The handle's own, or what is nearest above it of the kind asked for. */
static struct bs_namespace *
bs_handle_address_rcu(const struct bs_address *where, u32 right)
{
	const struct bs_port *port = where->port;
	struct bs_namespace *ns = port->ns;

	if (right & ~port->rights)
		return ERR_PTR(bs_deny(-EACCES, BOOTSTRAP_DENIED_RIGHT));
	if (where->scope == BOOTSTRAP_SCOPE_DEFAULT)
		return ns;
	while (ns && READ_ONCE(ns->type) != bs_scope_type(where->scope))
		ns = bs_namespace_above(ns, current_euid());
	if (ns == port->ns)
		return ns;
	if (!(port->rights & BOOTSTRAP_RIGHT_ASCEND) ||
	    right & (BOOTSTRAP_RIGHT_REGISTER | BOOTSTRAP_RIGHT_SUBSET))
		return ERR_PTR(bs_deny(-EACCES, BOOTSTRAP_DENIED_RIGHT));
	return ns ?: ERR_PTR(-ESRCH);
}

/**
 * bs_namespace_find_rcu() - the namespace that a call addresses
 * @where: well formed
 * @right: what for, one of BOOTSTRAP_RIGHT_*
 *
 * Through the device, everybody may read the root's, and make subsets of it;
 * writing to it, and all access to what is another's, takes CAP_SYS_ADMIN.
 *
 * Under RCU, see bs_session_stand_rcu().
 *
 * Return: a namespace, or -EACCES, -EPERM, -ESRCH, -ENOMEM, -EDQUOT, -EINVAL,
 * -ENOENT (a user's that is not there, since there is nothing in it).
 */
struct bs_namespace *bs_namespace_find_rcu(const struct bs_address *where,
					   u32 right)
	__must_hold(RCU)
{
	const struct bs_session *session;
	kuid_t uid;
	int err;

	if (where->port->ns)
		return bs_handle_address_rcu(where, right);
	if (bs_scope_is_user(where->scope)) {
		err = bs_user_address(where, right, &uid);
		if (err)
			return ERR_PTR(err);
		return bs_user_namespace_rcu(uid) ?: ERR_PTR(-ENOENT);
	}
	if (where->scope == BOOTSTRAP_SCOPE_DEFAULT)
		session = bs_session_stand_rcu();
	/* Reached also by those for whom no session can be set up. */
	else if (where->scope == BOOTSTRAP_SCOPE_ROOT)
		session = bs_root_session;
	else
		session = bs_session_address_rcu(where);
	if (IS_ERR(session))
		return ERR_CAST(session);
	if (session == bs_root_session && right == BOOTSTRAP_RIGHT_REGISTER &&
	    !capable(CAP_SYS_ADMIN))
		return ERR_PTR(bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE));
	return session->ns;
}

/**
 * bs_namespace_get_address() - like bs_namespace_find_rcu(), with a reference
 * @where: checked here
 * @right: what for
 *
 * A user's namespace is made if it is not there.
 *
 * Return: a reference, or what bs_address_check() and bs_namespace_find_rcu() do.
 */
struct bs_namespace *bs_namespace_get_address(const struct bs_address *where,
					      u32 right)
{
	struct bs_namespace *ns;
	kuid_t uid;
	int err;

	err = bs_address_check(where);
	if (err)
		return ERR_PTR(err);
	if (!where->port->ns && bs_scope_is_user(where->scope)) {
		err = bs_user_address(where, right, &uid);
		return err ? ERR_PTR(err) : bs_user_namespace_get(uid);
	}
	rcu_read_lock();
	/* A session that lets go of its namespace is found no more: look again. */
	do {
		ns = bs_namespace_find_rcu(where, right);
	} while (!IS_ERR(ns) && !refcount_inc_not_zero(&ns->refs));
	rcu_read_unlock();
	return ns;
}
