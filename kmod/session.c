// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: the root session, and one login session for each audit session id
 * whose user's processes have called.
 *
 * A login session belongs to {id, user}: an id may recur, and a process
 * without an id may claim any login uid, so neither alone is a right. A
 * process stands in its login session while it is nobody but its user, else
 * where the root session stands.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "internal.h"

/* In the order of ids, login sessions only. Written under bs_sessions_lock. */
DEFINE_XARRAY_FLAGS(bs_sessions, XA_FLAGS_ACCOUNT);

/* The same for whoever has an id, under RCU, in fewer steps than a tree takes. */
static DEFINE_HASHTABLE(bs_sessions_by_id, 10);

/* How many there are, and how many there have been; bs_sessions_lock. */
static unsigned int bs_sessions_now;
static u64 bs_sessions_begun;

struct bs_session *bs_root_session __read_mostly;

/**
 * bs_session_new() - a session that cannot be found yet
 * @id: its id
 * @uid: its user; not valid for a login of which that is not known
 * @ns: its namespace; the reference becomes the session's
 *
 * Return: one for bs_session_free(), or NULL, and the reference is dropped.
 */
struct bs_session *bs_session_new(u32 id, kuid_t uid, struct bs_namespace *ns)
{
	struct bs_session *session;

	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session) {
		bs_namespace_put(ns);
		return NULL;
	}
	session->id = id;
	session->cookie = bs_next_id();
	session->uid = uid;
	session->ns = ns;
	refcount_set(&session->refs, 1);
	INIT_LIST_HEAD(&session->deferrals);
	session->since = ktime_get_real_ns();
	bs_baton_init(&session->baton);
	return session;
}

/**
 * bs_session_name() - have the namespace tell whose it is
 * @session: about to be found; bs_sessions_lock is held
 */
void bs_session_name(struct bs_session *session)
{
	WRITE_ONCE(session->ns->session, session->id);
	WRITE_ONCE(session->ns->cookie, session->cookie);
}

void bs_session_put(struct bs_session *session)
{
	if (refcount_dec_and_test(&session->refs))
		kfree_rcu(session, rcu);
}

/**
 * bs_session_free() - let go of a session that cannot be found any more
 * @session: its baton disarmed
 */
void bs_session_free(struct bs_session *session)
{
	bs_user_discharge(session->user, BS_LIMIT_SESSIONS);
	bs_namespace_put(session->ns);
	bs_session_put(session);
}

/**
 * bs_session_publish_locked() - a session can be found from now on
 * @session: in bs_sessions
 * @former: one of the same id that is to end now, or NULL
 *
 * There is no moment in which neither is found.
 */
void bs_session_publish_locked(struct bs_session *session,
			       struct bs_session *former)
{
	lockdep_assert_held(&bs_sessions_lock);
	bs_sessions_now++;
	bs_sessions_begun++;
	/* Not at the head, where those who are on their way have passed by. */
	if (former)
		hlist_add_behind_rcu(&session->in_table, &former->in_table);
	else
		hash_add_rcu(bs_sessions_by_id, &session->in_table, session->id);
}

/**
 * bs_session_end_locked() - a session cannot be found any more
 * @session: out of bs_sessions; for bs_sessions_end()
 * @ended: where to put it
 */
void bs_session_end_locked(struct bs_session *session, struct list_head *ended)
{
	lockdep_assert_held(&bs_sessions_lock);
	bs_sessions_now--;
	hash_del_rcu(&session->in_table);
	bs_death_disarm(&session->baton);
	bs_logout_end_locked(session);
	bs_deferrals_end_locked(session);
	bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_ENDED, NULL);
	list_add_tail(&session->ended, ended);
}

/**
 * bs_session_open() - do its user's processes stand in a session
 * @session: the session; under RCU
 *
 * Not before its login is complete, if that was announced. What says whose it
 * is does not change afterwards.
 */
bool bs_session_open(const struct bs_session *session)
{
	/* What was announced is seen by whoever sees this. */
	return smp_load_acquire(&session->open);
}

/* A session that nobody has announced. */
static struct bs_session *bs_session_charged(u32 id)
{
	struct bs_user *user = bs_user_charge_caller(BS_LIMIT_SESSIONS);
	struct bs_namespace *ns = ERR_PTR(-ENOMEM), *parent;
	struct bs_session *session = NULL;
	kuid_t uid = current_euid();

	if (IS_ERR(user))
		return ERR_CAST(user);
	parent = bs_user_namespace_get(uid);
	if (!IS_ERR(parent)) {
		ns = bs_namespace_new(parent, BOOTSTRAP_NAMESPACE_SESSION, uid);
		bs_namespace_put(parent);
	}
	if (!IS_ERR(ns))
		session = bs_session_new(id, uid, ns);
	if (!session) {
		bs_user_discharge(user, BS_LIMIT_SESSIONS);
		return ERR_PTR(-ENOMEM);
	}
	session->user = user;
	session->open = true;
	bs_session_name(session);
	return session;
}

/*
 * Makes the session of the caller, who is a member and so keeps it alive. One
 * at a time, so that members who call at once have one place charged.
 */
static noinline int bs_session_create(u32 id)
{
	struct bs_session *session;
	int err = 0;

	mutex_lock(&bs_sessions_lock);
	if (xa_load(&bs_sessions, id))
		goto out;
	session = bs_session_charged(id);
	err = PTR_ERR_OR_ZERO(session);
	if (err)
		goto out;
	bs_death_arm(&session->baton, task_tgid(current));
	err = xa_insert(&bs_sessions, id, session, GFP_KERNEL_ACCOUNT);
	if (err) {
		bs_death_disarm(&session->baton);
		bs_session_free(session);
	} else {
		bs_session_publish_locked(session, NULL);
		pr_debug("session %u began, cookie %llu\n", id,
			 session->cookie);
		bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_STARTED,
				NULL);
	}
out:
	mutex_unlock(&bs_sessions_lock);
	return err;
}

/**
 * bs_session_of_id_rcu() - the session with an id
 * @id: its id
 *
 * Return: the session, or NULL; under RCU.
 */
struct bs_session *bs_session_of_id_rcu(u32 id)
{
	struct bs_session *session;

	/* Not in the table: it is where most are who have no id. */
	if (id == BOOTSTRAP_SESSION_ID_ROOT)
		return bs_root_session;
	hash_for_each_possible_rcu(bs_sessions_by_id, session, in_table, id)
		if (session->id == id)
			return session;
	return NULL;
}

/**
 * bs_session_stand_rcu() - where the caller stands
 *
 * Makes the caller's session at the first call by a member whose effective uid
 * is its login uid.
 *
 * Under RCU, which is left for a moment where a session is made.
 *
 * Return: a session, or -ENOMEM, -EDQUOT.
 */
struct bs_session *bs_session_stand_rcu(void)
	__must_hold(RCU)
{
	struct bs_session *session;
	u32 id;
	int err;

	for (;;) {
		id = audit_get_sessionid(current->group_leader);
		session = bs_session_of_id_rcu(id);
		if (session == bs_root_session)
			return session;
		if (session)
			return bs_session_open(session) &&
			       bs_cred_is_only(current_cred(), session->uid) ?
				session : bs_root_session;
		if (!uid_eq(current_euid(), bs_caller_login_uid()))
			return bs_root_session;
		rcu_read_unlock();
		err = bs_session_create(id);
		rcu_read_lock();
		/* Who would not stand in it can do without. */
		if (err)
			return bs_caller_is_only(current_euid()) ?
				ERR_PTR(err) : bs_root_session;
	}
}

static bool bs_session_visible(const struct bs_session *session,
			       const struct bs_session *stand)
{
	return session == stand || session == bs_root_session ||
	       uid_eq(session->uid, current_euid()) || bs_caller_privileged();
}

static const struct bs_session *
bs_session_next_rcu(u32 id, const struct bs_session *stand)
{
	struct bs_session *session;
	unsigned long index;

	xa_for_each_start(&bs_sessions, index, session, id)
		if (bs_session_visible(session, stand))
			return session;
	return bs_root_session;
}

static const struct bs_session *
bs_session_asked_rcu(const struct bootstrap_session *args,
		     const struct bs_session *stand)
{
	const struct bs_session *session;

	if (args->flags & BOOTSTRAP_SESSION_NEXT)
		return bs_session_next_rcu(args->session, stand);
	if (!(args->flags & BOOTSTRAP_SESSION_BY_ID))
		return stand;
	session = bs_session_of_id_rcu(args->session);
	if (!session || (args->cookie && args->cookie != session->cookie))
		return ERR_PTR(-ESRCH);
	if (!bs_session_visible(session, stand))
		return ERR_PTR(bs_deny(-ESRCH, BOOTSTRAP_DENIED_SESSION));
	return session;
}

/**
 * bs_session_look() - what of a session may change
 * @session: the session; under RCU, or bs_sessions_lock is held
 * @view: filled
 */
void bs_session_look(const struct bs_session *session,
		     struct bs_session_view *view)
{
	view->open = bs_session_open(session);
	view->uid = session->uid;
	view->namespace_id = session->ns->id;
	view->names = READ_ONCE(session->ns->count);
	view->attributes = READ_ONCE(session->attributes);
	view->type = view->open ? session->type :
				  BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW;
	view->deferrals = READ_ONCE(session->deferring);
	view->deadline = READ_ONCE(session->deadline);
	if (view->deadline)
		view->state = BOOTSTRAP_SESSION_STATE_LOGOUT;
	else
		view->state = view->open ? BOOTSTRAP_SESSION_STATE_OPEN :
					   BOOTSTRAP_SESSION_STATE_LOGIN;
}

/**
 * bs_session_describe() - what there is to tell of a session
 * @session: the session
 * @view: as it was
 * @reply: filled, but for its size and flags
 */
void bs_session_describe(const struct bs_session *session,
			 const struct bs_session_view *view,
			 struct bootstrap_session *reply)
{
	reply->session = session->id;
	reply->attributes = view->attributes;
	reply->cookie = session->cookie;
	reply->namespace_id = view->namespace_id;
	reply->uid = from_kuid_munged(current_user_ns(), view->uid);
	reply->names = view->names;
	reply->standing = 0;
	reply->type = view->type;
	reply->since = session->since;
	reply->deadline = bs_deadline_tell(view->deadline);
	reply->state = view->state;
	reply->deferrals = view->deferrals;
	memset(reply->tty, 0, sizeof(reply->tty));
	memset(reply->host, 0, sizeof(reply->host));
	if (view->open) {
		strscpy(reply->tty, session->origin.tty, sizeof(reply->tty));
		strscpy(reply->host, session->origin.host, sizeof(reply->host));
	}
}

static int bs_session_read(const struct bootstrap_session *args,
			   struct bootstrap_session *reply)
{
	const struct bs_session *session, *stand;
	struct bs_session_view view;

	rcu_read_lock();
	stand = bs_session_stand_rcu();
	session = IS_ERR(stand) ? stand : bs_session_asked_rcu(args, stand);
	if (!IS_ERR(session)) {
		bs_session_look(session, &view);
		bs_session_describe(session, &view, reply);
		if (!args->flags && session->id != bs_caller_session_id())
			reply->standing = BOOTSTRAP_STANDING_OUTSIDE;
	}
	rcu_read_unlock();
	return PTR_ERR_OR_ZERO(session);
}

/*
 * The last process of a session may be gone, or bear another id, as yet
 * unnoticed: looks, and reads again until what is told was alive when asked
 * about. To bear the id is to be proof.
 */
static int bs_session_read_alive(const struct bootstrap_session *args,
				 struct bootstrap_session *reply)
{
	u64 cookie = 0;
	int err;

	for (;;) {
		err = bs_session_read(args, reply);
		if (err || reply->session == BOOTSTRAP_SESSION_ID_ROOT ||
		    reply->session == bs_caller_session_id() ||
		    reply->cookie == cookie)
			return err;
		cookie = reply->cookie;
		err = bs_baton_check(reply->session);
		if (err)
			return err;
	}
}

/**
 * bs_session_see() - may the caller see a session
 * @id: its id
 * @cookie: its cookie, or 0 for whichever has the id; filled
 *
 * Return: 0, or -ESRCH, -ENOMEM, -EDQUOT, -EINTR.
 */
int bs_session_see(u32 id, u64 *cookie)
{
	const struct bootstrap_session args = {
		.flags = BOOTSTRAP_SESSION_BY_ID,
		.session = id,
		.cookie = *cookie,
	};
	struct bootstrap_session reply;
	int err = bs_session_read_alive(&args, &reply);

	if (!err)
		*cookie = reply.cookie;
	return err;
}

/**
 * bs_session_permit() - may the caller act on all of a login session
 * @id: its id
 * @cookie: its cookie, or 0 for whichever has the id; filled, since that one it is
 *	and no other that comes to have its id
 * @privileged: the caller has CAP_SYS_ADMIN
 *
 * Those who may see a session but are not its user are inside it, and so are the
 * user after all; or they are privileged. To others it is not there.
 *
 * Return: 0 or -ESRCH.
 */
int bs_session_permit(u32 id, u64 *cookie, bool privileged)
{
	const struct bs_session *session;
	int err = -ESRCH;

	rcu_read_lock();
	session = bs_session_of_id_rcu(id);
	if (session && (!*cookie || *cookie == session->cookie)) {
		if (privileged || (bs_session_open(session) &&
				   uid_eq(session->uid, current_euid()))) {
			*cookie = session->cookie;
			err = 0;
		} else {
			bs_deny(err, BOOTSTRAP_DENIED_SESSION);
		}
	}
	rcu_read_unlock();
	return err;
}

/**
 * bs_session_query() - BOOTSTRAP_IOC_SESSION
 * @call: the call
 */
long bs_session_query(struct bs_call *call)
{
	const struct bootstrap_session *args = &call->args.session;
	struct bootstrap_session reply = *args;
	int err;

	if (args->flags & ~(BOOTSTRAP_SESSION_BY_ID | BOOTSTRAP_SESSION_NEXT))
		return -EOPNOTSUPP;
	if (hweight32(args->flags) > 1 ||
	    (!args->flags && args->session) ||
	    (!(args->flags & BOOTSTRAP_SESSION_BY_ID) && args->cookie))
		return -EINVAL;
	err = bs_session_read_alive(args, &reply);
	if (err)
		return err;
	return bs_call_reply(call, &reply);
}

/**
 * bs_sessions_count_locked() - how many login sessions there are
 * @ret_begun: how many there have been
 */
unsigned int bs_sessions_count_locked(u64 *ret_begun)
{
	lockdep_assert_held(&bs_sessions_lock);
	*ret_begun = bs_sessions_begun;
	return bs_sessions_now;
}

int __init bs_sessions_init(void)
{
	struct bs_namespace *ns;

	ns = bs_namespace_new(NULL, BOOTSTRAP_NAMESPACE_ROOT, GLOBAL_ROOT_UID);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	bs_root_session = bs_session_new(AUDIT_SID_UNSET, GLOBAL_ROOT_UID, ns);
	if (!bs_root_session)
		return -ENOMEM;
	bs_root_session->type = BOOTSTRAP_SESSION_TYPE_ROOT;
	bs_root_session->attributes = BOOTSTRAP_SESSION_ATTR_ROOT;
	bs_root_session->open = true;
	bs_session_name(bs_root_session);
	bs_root_namespace = ns;
	return 0;
}

/**
 * bs_sessions_exit() - end the root session, last of all
 */
void bs_sessions_exit(void)
{
	bs_session_free(bs_root_session);
}
