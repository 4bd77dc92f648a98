// SPDX-License-Identifier: GPL-2.0
/*
 * Watches of login sessions, in the order of their ids.
 *
 * What is told is told under the lock under which it comes to be so: all watches
 * hear of all in one order.
 */
#include <linux/err.h>
#include <linux/seq_file.h>
#include <linux/xarray.h>

#include "internal.h"

/**
 * struct bs_session_change - a change that is yet to be told
 * @type: BOOTSTRAP_RECORD_SESSION_*
 * @session: whose; a reference
 * @deferral: what it is about, or NULL; a reference
 * @view: the session as it was
 */
struct bs_session_change {
	u32 type;
	struct bs_session *session;
	struct bs_deferral *deferral;
	struct bs_session_view view;
};

/**
 * struct bs_session_watch - one reader's view of the sessions
 * @watch: its lock is bs_sessions_lock
 * @ring: changes that are yet to be told; bs_sessions_lock
 */
struct bs_session_watch {
	struct bs_watch watch;
	struct bs_session_change ring[BS_WATCH_RING];
};

/* Who is told; bs_sessions_lock. */
static LIST_HEAD(bs_session_watches);

static_assert(sizeof(struct bootstrap_session_record) <= BOOTSTRAP_RECORD_MAX);
static_assert(sizeof(struct bootstrap_deferral_record) + BOOTSTRAP_NAME_MAX +
	      1 <= BOOTSTRAP_RECORD_MAX);

static struct bs_session_watch *bs_session_watch(const struct bs_watch *watch)
{
	return container_of(watch, struct bs_session_watch, watch);
}

/* Whoever is inside a session is its user. */
static bool bs_watch_sees_user(const struct bs_watch *watch, kuid_t uid)
{
	return watch->privileged || uid_eq(watch->cred->euid, uid);
}

/* Ids begin at 0, and what was told so far is what is up to the cursor. */
static u64 bs_session_place(const struct bs_session *session)
{
	return (u64)session->id + 1;
}

static void bs_watch_push_session_locked(struct bs_watch *watch, u32 type,
					 struct bs_session *session,
					 struct bs_deferral *deferral)
{
	int slot = bs_watch_slot_locked(watch, bs_session_place(session));
	struct bs_session_change *change;

	if (slot < 0)
		return;
	change = &bs_session_watch(watch)->ring[slot];
	change->type = type;
	change->session = session;
	refcount_inc(&session->refs);
	change->deferral = deferral;
	if (deferral)
		refcount_inc(&deferral->refs);
	bs_session_look(session, &change->view);
	bs_watch_pushed_locked(watch);
}

/**
 * bs_session_tell() - tell of a session
 * @session: which
 * @type: BOOTSTRAP_RECORD_SESSION_*
 * @deferral: what it is about, or NULL
 */
void bs_session_tell(struct bs_session *session, u32 type,
		     struct bs_deferral *deferral)
{
	struct bs_watch *watch;

	lockdep_assert_held(&bs_sessions_lock);
	bs_trace(session, session, type);
	list_for_each_entry(watch, &bs_session_watches, in_list)
		if (bs_watch_sees_user(watch, session->uid))
			bs_watch_push_session_locked(watch, type, session,
						     deferral);
	bs_notify(session, type);
}

/**
 * bs_session_tell_user() - tell that a session's user is known now
 * @session: which; nobody but the privileged has seen it so far
 */
void bs_session_tell_user(struct bs_session *session)
{
	struct bs_watch *watch;

	lockdep_assert_held(&bs_sessions_lock);
	bs_trace(session, session, BOOTSTRAP_RECORD_SESSION_CHANGED);
	list_for_each_entry(watch, &bs_session_watches, in_list)
		if (bs_watch_sees_user(watch, session->uid))
			bs_watch_push_session_locked(watch, watch->privileged ?
						     BOOTSTRAP_RECORD_SESSION_CHANGED :
						     BOOTSTRAP_RECORD_SESSION_STARTED,
						     session, NULL);
	bs_notify(session, BOOTSTRAP_RECORD_SESSION_CHANGED);
}

static u32 bs_session_record(union bs_record *record, u32 type,
			     const struct bs_session *session,
			     const struct bs_session_view *view)
{
	record->session.record.length = sizeof(record->session);
	record->session.record.type = type;
	record->session.session.size = sizeof(record->session.session);
	bs_session_describe(session, view, &record->session.session);
	return sizeof(record->session);
}

static u32 bs_deferral_record(union bs_record *record, u32 type,
			      const struct bs_session *session,
			      const struct bs_deferral *deferral)
{
	struct bootstrap_deferral *entry = &record->deferral.deferral;

	record->deferral.record.type = type;
	bs_deferral_describe(deferral, session, entry);
	return bs_record_text(record, sizeof(record->deferral),
			      deferral->reason.text, deferral->reason.len);
}

static u32 bs_session_watch_present(struct bs_watch *watch,
				    union bs_record *record, u64 *cursor)
{
	unsigned int left = BS_WATCH_BATCH;
	struct bs_session_view view;
	struct bs_session *session;
	unsigned long id;

	lockdep_assert_held(&bs_sessions_lock);
	xa_for_each_start(&bs_sessions, id, session, watch->cursor) {
		if (bs_watch_sees_user(watch, session->uid)) {
			*cursor = bs_session_place(session);
			bs_session_look(session, &view);
			return bs_session_record(record,
						 BOOTSTRAP_RECORD_SESSION_PRESENT,
						 session, &view);
		}
		watch->cursor = bs_session_place(session);
		if (!--left)
			return 0;
	}
	watch->cursor = watch->until;
	return 0;
}

static u32 bs_session_watch_change(const struct bs_watch *watch, u32 slot,
				   union bs_record *record)
{
	const struct bs_session_change *change =
		&bs_session_watch(watch)->ring[slot];

	if (change->deferral)
		return bs_deferral_record(record, change->type, change->session,
					  change->deferral);
	return bs_session_record(record, change->type, change->session,
				 &change->view);
}

static void bs_session_watch_drop(struct bs_watch *watch, u32 slot)
{
	const struct bs_session_change *change =
		&bs_session_watch(watch)->ring[slot];

	bs_deferral_put(change->deferral);
	bs_session_put(change->session);
}

static u64 bs_session_watch_last(const struct bs_watch *watch)
{
	return BOOTSTRAP_SESSION_ID_ROOT;
}

static void bs_session_watch_show(const struct bs_watch *watch,
				  struct seq_file *m)
{
	seq_puts(m, "of:\tsessions\n");
}

static const struct bs_watch_operations bs_session_watch_operations = {
	.present = bs_session_watch_present,
	.change = bs_session_watch_change,
	.drop = bs_session_watch_drop,
	.last = bs_session_watch_last,
	.show = bs_session_watch_show,
};

/**
 * bs_watch_sessions() - BOOTSTRAP_IOC_WATCH, of sessions
 * @call: the call
 */
long bs_watch_sessions(struct bs_call *call)
{
	struct bootstrap_watch reply = call->args.watch;
	struct bs_watch *watch;

	if (reply.scope || reply.session || reply.cookie)
		return -EINVAL;
	watch = bs_watch_new(sizeof(struct bs_session_watch),
			     &bs_session_watch_operations, &bs_sessions_lock);
	if (IS_ERR(watch))
		return PTR_ERR(watch);
	reply.namespace_id = 0;
	return bs_watch_install(call, watch, &bs_session_watches, &reply);
}
