// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of sessions, and who may change which.
 *
 * What a login says of itself when it is complete, a terminal or the network, is
 * so for good. That it was authenticated may be taken back by whoever is inside,
 * and given only by privilege. The console is one session's at most.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/xarray.h>

#include "internal.h"

#define BS_ATTRIBUTES_KNOWN	(BOOTSTRAP_SESSION_ATTR_ROOT | \
				 BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS | \
				 BOOTSTRAP_SESSION_ATTR_TTY | \
				 BOOTSTRAP_SESSION_ATTR_REMOTE | \
				 BOOTSTRAP_SESSION_ATTR_CONSOLE | \
				 BOOTSTRAP_SESSION_ATTR_AUTHENTICATED)
#define BS_ATTRIBUTES_ANNOUNCED	(BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS | \
				 BOOTSTRAP_SESSION_ATTR_TTY | \
				 BOOTSTRAP_SESSION_ATTR_REMOTE)
#define BS_ATTRIBUTES_CHANGED	(BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS | \
				 BOOTSTRAP_SESSION_ATTR_CONSOLE | \
				 BOOTSTRAP_SESSION_ATTR_AUTHENTICATED)

/**
 * bs_attributes_check() - may a login say that of itself
 * @attributes: BOOTSTRAP_SESSION_ATTR_*
 *
 * Return: 0, -EOPNOTSUPP or -EINVAL.
 */
int bs_attributes_check(u32 attributes)
{
	if (attributes & ~BS_ATTRIBUTES_KNOWN)
		return -EOPNOTSUPP;
	return attributes & ~BS_ATTRIBUTES_ANNOUNCED ? -EINVAL : 0;
}

static int bs_attributes_args_check(const struct bootstrap_attributes *args)
{
	u32 both = args->set | args->clear;

	if (args->flags || both & ~BS_ATTRIBUTES_KNOWN)
		return -EOPNOTSUPP;
	if (args->pad || !both || args->set & args->clear ||
	    both & ~BS_ATTRIBUTES_CHANGED ||
	    args->session == BOOTSTRAP_SESSION_ID_ROOT)
		return -EINVAL;
	return 0;
}

/*
 * Whoever stands in a session may say that it is not authenticated any more: it
 * is that one, by its cookie, and no other that comes to have its id.
 */
static int bs_attributes_permit(const struct bootstrap_attributes *args,
				u64 *ret_cookie)
{
	const struct bs_session *stand;
	int err = -EPERM;

	*ret_cookie = args->cookie;
	if (!args->set && args->clear == BOOTSTRAP_SESSION_ATTR_AUTHENTICATED) {
		rcu_read_lock();
		stand = bs_session_stand_rcu();
		if (!IS_ERR(stand) && stand->id == args->session &&
		    (!args->cookie || args->cookie == stand->cookie)) {
			*ret_cookie = stand->cookie;
			err = 0;
		}
		rcu_read_unlock();
	}
	return !err || capable(CAP_SYS_ADMIN) ? 0 :
		bs_deny(err, BOOTSTRAP_DENIED_PRIVILEGE);
}

static void bs_attributes_set_locked(struct bs_session *session, u32 attributes)
{
	lockdep_assert_held(&bs_sessions_lock);
	if (session->attributes == attributes)
		return;
	WRITE_ONCE(session->attributes, attributes);
	bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_CHANGED, NULL);
}

/* Nobody ever sees it with two. */
static void bs_console_leave_locked(const struct bs_session *to)
{
	struct bs_session *session;
	unsigned long id;

	lockdep_assert_held(&bs_sessions_lock);
	xa_for_each(&bs_sessions, id, session)
		if (session != to)
			bs_attributes_set_locked(session, session->attributes &
						 ~BOOTSTRAP_SESSION_ATTR_CONSOLE);
}

static int bs_attributes_change(const struct bootstrap_attributes *args,
				u64 cookie)
{
	struct bs_session *session;
	int err = -ESRCH;

	mutex_lock(&bs_sessions_lock);
	session = xa_load(&bs_sessions, args->session);
	if (session && (!cookie || cookie == session->cookie)) {
		if (args->set & BOOTSTRAP_SESSION_ATTR_CONSOLE)
			bs_console_leave_locked(session);
		bs_attributes_set_locked(session, (session->attributes &
						   ~args->clear) | args->set);
		err = 0;
	}
	mutex_unlock(&bs_sessions_lock);
	return err;
}

/**
 * bs_attributes() - BOOTSTRAP_IOC_ATTRIBUTES
 * @call: the call
 */
long bs_attributes(struct bs_call *call)
{
	const struct bootstrap_attributes *args = &call->args.attributes;
	u64 cookie;
	int err;

	err = bs_attributes_args_check(args) ?:
		bs_attributes_permit(args, &cookie);
	if (err)
		return err;
	/* One that nobody is left of is none. */
	err = bs_baton_check(args->session);
	return err ?: bs_attributes_change(args, cookie);
}
