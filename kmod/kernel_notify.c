// SPDX-License-Identifier: GPL-2.0
/*
 * What other modules of the kernel are told of sessions.
 *
 * It happens under bs_sessions_lock, and is told by a work of its own, which holds
 * but the chain: so a notifier may do what it likes, and to be slow is to be late, not
 * to be in the way. What waits to be told is bounded. That some was lost is told.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kfifo.h>
#include <linux/notifier.h>
#include <linux/xarray.h>

#include "bootstrap_api.h"
#include "internal.h"

/* How many events wait to be told; a power of two. */
#define BS_EVENTS_WAITING 128

/**
 * struct bs_event - what happened to a session
 * @event: what
 * @info: the session as it was
 */
struct bs_event {
	enum bootstrap_session_event event;
	struct bootstrap_session_info info;
};

static BLOCKING_NOTIFIER_HEAD(bs_notifiers);

/* How many notifiers there are; nothing is kept for none. */
static atomic_t bs_notifier_count;

/* Put in under bs_sessions_lock, taken out by bs_events_work alone. */
static DECLARE_KFIFO(bs_events, struct bs_event, BS_EVENTS_WAITING);

/* Set when there was no room; told, and cleared, by bs_events_work. */
static atomic_t bs_events_lost;

/* Cookie of the session that has the console, or 0; bs_sessions_lock. */
static u64 bs_console;

static void bs_events_tell(struct work_struct *work);
static DECLARE_WORK(bs_events_work, bs_events_tell);

void __init bs_notify_init(void)
{
	INIT_KFIFO(bs_events);
}

/* That some were lost is told however fast others come. */
static void bs_events_tell_some(void)
{
	struct bootstrap_session_info none = { .uid = INVALID_UID };
	struct bs_event event;
	int count = 0;

	while (count++ < BS_EVENTS_WAITING && kfifo_get(&bs_events, &event)) {
		blocking_notifier_call_chain(&bs_notifiers, event.event,
					     &event.info);
		cond_resched();
	}
	if (atomic_xchg(&bs_events_lost, 0))
		blocking_notifier_call_chain(&bs_notifiers,
					     BOOTSTRAP_SESSION_LOST, &none);
}

static void bs_events_tell(struct work_struct *work)
{
	do {
		bs_events_tell_some();
	} while (!kfifo_is_empty(&bs_events));
}

static void bs_session_info(const struct bs_session *session,
			    struct bootstrap_session_info *info)
{
	struct bs_session_view view;

	lockdep_assert_held(&bs_sessions_lock);
	bs_session_look(session, &view);
	*info = (struct bootstrap_session_info){
		.cookie = session->cookie,
		.session = session->id,
		.uid = view.uid,
		.type = view.type,
		.attributes = view.attributes,
		.state = view.state,
	};
}

/* What a record that watches get is to notifiers; 0 for nothing. */
static unsigned int bs_event_of(u32 type)
{
	switch (type) {
	case BOOTSTRAP_RECORD_SESSION_STARTED:
		return BOOTSTRAP_SESSION_STARTED;
	case BOOTSTRAP_RECORD_SESSION_CHANGED:
		return BOOTSTRAP_SESSION_CHANGED;
	case BOOTSTRAP_RECORD_SESSION_LOGOUT:
		return BOOTSTRAP_SESSION_LOGOUT;
	case BOOTSTRAP_RECORD_SESSION_ENDED:
		return BOOTSTRAP_SESSION_ENDED;
	default:
		return 0;
	}
}

/* Has a session got the console, or lost it, since it was last told of? */
static bool bs_console_moved_locked(const struct bs_session *session, bool over)
{
	bool has = session->attributes & BOOTSTRAP_SESSION_ATTR_CONSOLE && !over;
	bool had = bs_console == session->cookie;

	lockdep_assert_held(&bs_sessions_lock);
	if (has == had)
		return false;
	bs_console = has ? session->cookie : 0;
	return true;
}

/**
 * bs_notify() - have notifiers hear of what watches are told
 * @session: of which session
 * @type: BOOTSTRAP_RECORD_SESSION_*
 */
void bs_notify(const struct bs_session *session, u32 type)
{
	unsigned int kind = bs_event_of(type);
	struct bs_event event;
	bool moved;

	lockdep_assert_held(&bs_sessions_lock);
	if (!kind)
		return;
	moved = bs_console_moved_locked(session,
					kind == BOOTSTRAP_SESSION_ENDED);
	if (!atomic_read(&bs_notifier_count))
		return;
	if (moved && kind == BOOTSTRAP_SESSION_CHANGED)
		kind = BOOTSTRAP_SESSION_CONSOLE;
	event.event = kind;
	bs_session_info(session, &event.info);
	if (!kfifo_put(&bs_events, event))
		atomic_set(&bs_events_lost, 1);
	queue_work(bs_workqueue, &bs_events_work);
}

/**
 * bootstrap_console_session() - the login session that has the console
 * @info: filled on success
 *
 * The state as it is, which a notifier may not have been told of yet.
 *
 * Context: Process context; may sleep. A notifier may call this.
 *
 * Since: 0.1
 *
 * Return: 0, or -ESRCH if none has it.
 */
int bootstrap_console_session(struct bootstrap_session_info *info)
{
	struct bs_session *session;
	unsigned long id;
	int err = -ESRCH;

	mutex_lock(&bs_sessions_lock);
	xa_for_each(&bs_sessions, id, session)
		if (session->attributes & BOOTSTRAP_SESSION_ATTR_CONSOLE) {
			bs_session_info(session, info);
			err = 0;
			break;
		}
	mutex_unlock(&bs_sessions_lock);
	return err;
}
EXPORT_SYMBOL_GPL(bootstrap_console_session);

/**
 * bootstrap_register_session_notifier() - be told of login sessions
 * @notifier: called with an enum bootstrap_session_event and with a struct
 *	bootstrap_session_info, which is there until it returns. The caller's
 *	until bootstrap_unregister_session_notifier().
 *
 * Events are told one after the other, in the order in which they came to be, by
 * a kernel thread that holds no lock but the chain's: a notifier may sleep, and may call all of
 * bootstrap(9) but what registers and unregisters notifiers. While it runs no
 * other is called. Whoever is late is told of what was, not of what is, and what
 * is lost because 128 wait already is told as BOOTSTRAP_SESSION_LOST: take events
 * as a reason to ask what there is. Of sessions that are there already nothing is
 * told; some last events of before may be.
 *
 * A notifier returns NOTIFY_OK or NOTIFY_DONE; NOTIFY_STOP keeps the event from
 * those of lower priority, and is no good idea.
 *
 * Context: Process context; may sleep.
 *
 * Since: 0.1
 *
 * Return: 0, or -EEXIST if it is registered already, of which the kernel warns.
 */
int bootstrap_register_session_notifier(struct notifier_block *notifier)
{
	int err;

	atomic_inc(&bs_notifier_count);
	err = blocking_notifier_chain_register(&bs_notifiers, notifier);
	if (err)
		atomic_dec(&bs_notifier_count);
	return err;
}
EXPORT_SYMBOL_GPL(bootstrap_register_session_notifier);

/**
 * bootstrap_unregister_session_notifier() - be told no more
 * @notifier: a registered one
 *
 * No call of it runs any more when this returns, and none will.
 *
 * Context: Process context; waits for the notifiers that run. Never within a
 * notifier, nor with a lock held that one takes.
 *
 * Since: 0.1
 *
 * Return: 0, or -ENOENT if it is not registered.
 */
int bootstrap_unregister_session_notifier(struct notifier_block *notifier)
{
	int err = blocking_notifier_chain_unregister(&bs_notifiers, notifier);

	if (!err)
		atomic_dec(&bs_notifier_count);
	return err;
}
EXPORT_SYMBOL_GPL(bootstrap_unregister_session_notifier);
