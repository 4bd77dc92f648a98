// SPDX-License-Identifier: GPL-2.0
/*
 * Announcements: a privileged login says whose session one is.
 *
 * A session that was announced is another than the one that came to be by a call
 * of its processes, with a cookie of its own. It is closed until the login is
 * complete: nobody stands in it, so what its user and its namespace are may
 * still change. If a pre-login namespace was bound, that is the session's, and
 * moves below the user's in the end.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "internal.h"

#define BS_ANNOUNCE_FLAGS (BOOTSTRAP_ANNOUNCE_PRE_LOGIN | \
			   BOOTSTRAP_ANNOUNCE_USER | \
			   BOOTSTRAP_ANNOUNCE_COMPLETE)

/**
 * struct bs_announcement - one step of a login
 * @args: what the caller says
 * @pre_login: what is to be bound; a reference, or NULL
 * @home: the user's namespace; a reference, or NULL
 * @user: who will be charged; a reference, or NULL
 * @session: a session that was announced before, by its cookie, or 0
 * @new: a session to begin with this announcement, or NULL
 * @ns: the session's namespace; a reference
 * @origin: where the login comes from, with BOOTSTRAP_ANNOUNCE_COMPLETE
 */
struct bs_announcement {
	const struct bootstrap_announce *args;
	struct bs_namespace *pre_login;
	struct bs_namespace *home;
	struct bs_user *user;
	u64 session;
	struct bs_session *new;
	struct bs_namespace *ns;
	struct bs_origin origin;
};

static int bs_announce_args_check(const struct bootstrap_announce *args)
{
	if (args->flags & ~BS_ANNOUNCE_FLAGS)
		return -EOPNOTSUPP;
	if (!args->flags || args->session == AUDIT_SID_UNSET ||
	    (!(args->flags & BOOTSTRAP_ANNOUNCE_PRE_LOGIN) && args->pre_login) ||
	    (!(args->flags & BOOTSTRAP_ANNOUNCE_USER) && args->uid))
		return -EINVAL;
	if (args->pad || (!args->tty_len && args->tty) ||
	    (!args->host_len && args->host))
		return -EINVAL;
	if (!(args->flags & BOOTSTRAP_ANNOUNCE_COMPLETE))
		return args->type || args->attributes || args->tty_len ||
		       args->host_len ? -EINVAL : 0;
	if (args->type < BOOTSTRAP_SESSION_TYPE_GUI ||
	    args->type > BOOTSTRAP_SESSION_TYPE_BACKGROUND)
		return -EOPNOTSUPP;
	return bs_attributes_check(args->attributes);
}

static struct bs_namespace *bs_announced_pre_login(int fd)
{
	struct file *file = bs_handle_get(fd);
	struct bs_namespace *ns;
	bool known;

	if (IS_ERR(file))
		return ERR_CAST(file);
	ns = ((struct bs_port *)file->private_data)->ns;
	refcount_inc(&ns->refs);
	fput(file);
	/* By its id it can be opened before its maker is watched. */
	mutex_lock(&ns->lock);
	known = ns->type == BOOTSTRAP_NAMESPACE_PRE_LOGIN &&
		(ns->requestor || ns->dead);
	mutex_unlock(&ns->lock);
	if (known)
		return ns;
	bs_namespace_put(ns);
	return ERR_PTR(-EBADF);
}

static int bs_announce_prepare_user(struct bs_announcement *a)
{
	kuid_t uid = make_kuid(current_user_ns(), a->args->uid);

	if (!uid_valid(uid))
		return -EINVAL;
	a->home = bs_user_namespace_get(uid);
	if (IS_ERR(a->home)) {
		a->home = NULL;
		return -ENOMEM;
	}
	a->user = bs_user_get(uid);
	if (IS_ERR(a->user)) {
		a->user = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int bs_announce_prepare(struct bs_announcement *a)
{
	const struct bootstrap_announce *args = a->args;
	int err;

	err = bs_text_read(a->origin.tty, BOOTSTRAP_TTY_MAX, args->tty,
			   args->tty_len) ?:
	      bs_text_read(a->origin.host, BOOTSTRAP_HOST_MAX, args->host,
			   args->host_len);
	if (!err && args->flags & BOOTSTRAP_ANNOUNCE_USER)
		err = bs_announce_prepare_user(a);
	if (err || !(args->flags & BOOTSTRAP_ANNOUNCE_PRE_LOGIN))
		return err;
	a->pre_login = bs_announced_pre_login(args->pre_login);
	err = PTR_ERR_OR_ZERO(a->pre_login);
	if (err)
		a->pre_login = NULL;
	return err;
}

/* What there is of the session so far. */
static int bs_announce_find(struct bs_announcement *a)
{
	const struct bs_session *session;
	int err = 0;

	rcu_read_lock();
	session = bs_session_of_id_rcu(a->args->session);
	if (session && session->announced) {
		a->session = session->cookie;
		/* As it ends, it lets go of its namespace. */
		if (refcount_inc_not_zero(&session->ns->refs))
			a->ns = session->ns;
		else
			err = -ESRCH;
	}
	rcu_read_unlock();
	return a->args->cookie && a->args->cookie != a->session ? -ESRCH : err;
}

/* A session that cannot be found yet, if that is what it takes. */
static int bs_announce_make(struct bs_announcement *a)
{
	struct bs_namespace *ns = a->pre_login;

	if (a->session)
		return 0;
	if (ns)
		refcount_inc(&ns->refs);
	else if (a->home)
		ns = bs_namespace_new(a->home, BOOTSTRAP_NAMESPACE_SESSION,
				      a->home->uid);
	else
		return -EINVAL;
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	refcount_inc(&ns->refs);
	a->ns = ns;
	a->new = bs_session_new(a->args->session, INVALID_UID, ns);
	if (!a->new)
		return -ENOMEM;
	a->new->announced = true;
	return 0;
}

/* A namespace takes no names any more, unless it has some. */
static int bs_namespace_give_up(struct bs_namespace *ns)
{
	int err = 0;

	mutex_lock(&ns->lock);
	if (ns->count)
		err = -EBUSY;
	else
		WRITE_ONCE(ns->dead, true);
	mutex_unlock(&ns->lock);
	return err;
}

/* Puts a new session where there is none, or one that nobody announced. */
static int bs_announce_begin_locked(struct bs_announcement *a,
				    struct list_head *ended)
{
	struct bs_session *former;
	u32 id = a->args->session;
	int err;

	lockdep_assert_held(&bs_sessions_lock);
	former = xa_load(&bs_sessions, id);
	if (former && former->announced)
		return -EBUSY;
	if (!bs_baton_find(a->new))
		return -ESRCH;
	err = xa_reserve(&bs_sessions, id, GFP_KERNEL_ACCOUNT);
	if (!err && former)
		err = bs_namespace_give_up(former->ns);
	if (err) {
		bs_death_disarm(&a->new->baton);
		return err;
	}
	bs_session_name(a->new);
	/* Cannot fail: there is room. */
	xa_store(&bs_sessions, id, a->new, GFP_KERNEL_ACCOUNT);
	bs_session_publish_locked(a->new, former);
	a->new = NULL;
	if (former)
		bs_session_end_locked(former, ended);
	return 0;
}

/* The user is known now. */
static void bs_announce_user_locked(struct bs_announcement *a,
				    struct bs_session *session)
{
	lockdep_assert_held(&bs_sessions_lock);
	session->uid = a->home->uid;
	/* Whoever announces is not limited. */
	bs_user_charge(a->user, BS_LIMIT_SESSIONS);
	session->user = a->user;
	a->user = NULL;
	mutex_lock(&session->ns->lock);
	WRITE_ONCE(session->ns->uid, session->uid);
	if (READ_ONCE(session->ns->type) == BOOTSTRAP_NAMESPACE_PRE_LOGIN) {
		/* As in bs_namespace_adopt(). */
		smp_store_release(&session->ns->to_be, a->home);
		a->home = NULL;
	}
	mutex_unlock(&session->ns->lock);
}

/* Why this step cannot follow on those that were, or 0. */
static int bs_announce_check_locked(const struct bs_announcement *a,
				    const struct bs_session *session)
{
	u32 flags = a->args->flags;
	bool known = uid_valid(session->uid);

	lockdep_assert_held(&bs_sessions_lock);
	if ((flags & BOOTSTRAP_ANNOUNCE_PRE_LOGIN &&
	     (a->session || a->ns->cookie)) ||
	    (flags & BOOTSTRAP_ANNOUNCE_USER && known) ||
	    (flags & BOOTSTRAP_ANNOUNCE_COMPLETE && session->type))
		return -EBUSY;
	if (flags & BOOTSTRAP_ANNOUNCE_COMPLETE && !known &&
	    !(flags & BOOTSTRAP_ANNOUNCE_USER))
		return -EINVAL;
	return READ_ONCE(a->ns->dead) ? -ESHUTDOWN : 0;
}

static int bs_announce_commit_locked(struct bs_announcement *a,
				     struct list_head *ended)
{
	struct bs_session *session = a->new;
	bool begins;
	int err;

	lockdep_assert_held(&bs_sessions_lock);
	if (!session)
		session = xa_load(&bs_sessions, a->args->session);
	if (!session || (!a->new && session->cookie != a->session))
		return -ESRCH;
	err = bs_announce_check_locked(a, session);
	begins = a->new;
	if (!err && begins)
		err = bs_announce_begin_locked(a, ended);
	if (err)
		return err;
	if (a->args->flags & BOOTSTRAP_ANNOUNCE_USER)
		bs_announce_user_locked(a, session);
	if (begins)
		bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_STARTED,
				NULL);
	else if (a->args->flags & BOOTSTRAP_ANNOUNCE_USER)
		bs_session_tell_user(session);
	/* From here on nobody else completes it. */
	session->type = a->args->type;
	return 0;
}

/* A pre-login namespace becomes the session's: what was in it is gone. */
static int bs_pre_login_turn(struct bs_namespace *ns)
{
	struct bs_requestor *requestor = NULL;
	u64 names = 0, children = 0;
	int err = 0;

	mutex_lock(&ns->lock);
	if (ns->dead) {
		err = -ESHUTDOWN;
	} else if (ns->type == BOOTSTRAP_NAMESPACE_PRE_LOGIN) {
		requestor = bs_requestor_detach_locked(ns);
		bs_namespace_adopt(ns);
		WRITE_ONCE(ns->type, BOOTSTRAP_NAMESPACE_SESSION);
		names = atomic64_read(&ns->generation);
		children = bs_next_id();
	}
	mutex_unlock(&ns->lock);
	if (!requestor)
		return err;
	bs_requestor_end(requestor);
	bs_namespace_kill_children(ns, children);
	bs_namespace_clear(ns, names);
	return 0;
}

static int bs_announce_complete(const struct bs_announcement *a, u64 cookie)
{
	struct bs_session *session;
	int err;

	err = bs_pre_login_turn(a->ns);
	mutex_lock(&bs_sessions_lock);
	session = xa_load(&bs_sessions, a->args->session);
	if (!session || session->cookie != cookie) {
		err = -ESRCH;
	} else if (err) {
		session->type = BOOTSTRAP_SESSION_TYPE_UNKNOWN;
	} else {
		WRITE_ONCE(session->attributes, session->attributes |
			   a->args->attributes |
			   BOOTSTRAP_SESSION_ATTR_AUTHENTICATED);
		session->origin = a->origin;
		/* See bs_session_open(). */
		smp_store_release(&session->open, true);
		bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_CHANGED,
				NULL);
	}
	mutex_unlock(&bs_sessions_lock);
	return err;
}

static long bs_announce_run(struct bs_call *call, struct bs_announcement *a)
{
	struct bootstrap_announce reply = *a->args;
	LIST_HEAD(ended);
	int err;

	err = bs_announce_prepare(a) ?: bs_announce_find(a) ?:
		bs_announce_make(a);
	if (err)
		return err;
	reply.cookie = a->new ? a->new->cookie : a->session;
	reply.namespace_id = a->ns->id;
	err = bs_call_reply(call, &reply);
	if (err)
		return err;
	mutex_lock(&bs_sessions_lock);
	err = bs_announce_commit_locked(a, &ended);
	bs_users_left_locked(&ended);
	mutex_unlock(&bs_sessions_lock);
	bs_sessions_end(&ended);
	if (!err && a->args->flags & BOOTSTRAP_ANNOUNCE_COMPLETE)
		err = bs_announce_complete(a, reply.cookie);
	/* Who waits may have to go on elsewhere, or see more from where he is. */
	bs_waiters_wake_all(NULL);
	if (err)
		bs_call_unreply(call);
	return err;
}

/**
 * bs_announce() - BOOTSTRAP_IOC_ANNOUNCE
 * @call: the call
 */
long bs_announce(struct bs_call *call)
{
	struct bs_announcement a = { .args = &call->args.announce };
	long ret;

	ret = bs_announce_args_check(a.args);
	if (ret)
		return ret;
	if (!capable(CAP_SYS_ADMIN))
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
	ret = bs_announce_run(call, &a);
	if (a.new)
		bs_session_free(a.new);
	bs_user_put(a.user);
	bs_namespace_put(a.home);
	bs_namespace_put(a.pre_login);
	bs_namespace_put(a.ns);
	return ret;
}
