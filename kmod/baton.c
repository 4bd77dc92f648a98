// SPDX-License-Identifier: GPL-2.0
/*
 * The baton: how a session learns that its last process is gone.
 *
 * Each login session watches one living member. When that one ends, a sweep
 * over the list of processes passes the baton to the oldest member left, or
 * finds none and ends the session.
 *
 * One pass in the order of the list is enough. Processes are appended to the
 * list before their parent can end, and a session grows by fork alone; so
 * while a session lives, a pass meets a member or, further on, a descendant of
 * those that ended before it came by. To go by process number would not do,
 * because numbers wrap behind the cursor.
 *
 * A privileged process may take another id without ending. No wake-up tells
 * of that; each sweep and each query looks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/audit.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/xarray.h>

#include "internal.h"

/* Nobody can have the processes swept more often than 50 times a second. */
#define BS_SWEEP_DELAY msecs_to_jiffies(20)

/* Who holds which baton, and which sessions there are. */
DEFINE_MUTEX(bs_sessions_lock);

/* How many sweeps there have been, and who waits for the next. */
static unsigned long bs_sweeps;
static DECLARE_WAIT_QUEUE_HEAD(bs_swept);

static void bs_sweep_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(bs_sweep, bs_sweep_work);

/*
 * Not our own work queue: there the works of a process's many owners might
 * stand before the one sweep.
 */
static void bs_sweep_soon(void)
{
	queue_delayed_work(system_unbound_wq, &bs_sweep, BS_SWEEP_DELAY);
}

static void bs_baton_notify(struct bs_death *baton)
{
	bs_sweep_soon();
}

void bs_baton_init(struct bs_death *baton)
{
	bs_death_init(baton, bs_baton_notify);
}

/**
 * bs_task_is_member() - does a living process bear a session's id
 * @leader: its thread-group leader; under RCU
 * @id: the session's id
 */
bool bs_task_is_member(struct task_struct *leader, u32 id)
{
	return audit_get_sessionid(leader) == id && !bs_task_gone(leader);
}

static bool bs_baton_is_held(const struct bs_session *session)
{
	struct task_struct *leader;
	bool held;

	lockdep_assert_held(&bs_sessions_lock);
	rcu_read_lock();
	leader = pid_task(session->baton.pid, PIDTYPE_TGID);
	held = leader && bs_task_is_member(leader, session->id);
	rcu_read_unlock();
	return held;
}

/* Marks the sessions whose baton was lost, and tells whether there are any. */
static unsigned int bs_sweep_mark(void)
{
	struct bs_session *session;
	unsigned int bereft = 0;
	unsigned long id;

	xa_for_each(&bs_sessions, id, session) {
		if (bs_baton_is_held(session))
			continue;
		bs_death_disarm(&session->baton);
		session->bereft = true;
		bereft++;
	}
	return bereft;
}

/*
 * Has a session watch a process, unless that ended before it was watched; whom
 * it left behind then comes further on in the list.
 */
static bool bs_baton_pass(struct bs_session *session, struct task_struct *leader)
{
	struct pid *pid = get_task_pid(leader, PIDTYPE_TGID);
	bool passed = false;

	if (!pid) {
		/* Reaped by now; to go on, see bs_task_gone(). */
		smp_rmb();
		return false;
	}
	bs_death_arm(&session->baton, pid);
	if (bs_task_is_member(leader, session->id)) {
		passed = true;
		/*
		 * A leader that a thread of its process replaced, by executing
		 * a program, never looks gone: the process may be so.
		 */
		if (bs_pid_gone(pid))
			bs_sweep_soon();
	} else {
		bs_death_disarm(&session->baton);
	}
	put_pid(pid);
	return passed;
}

/* Finds the oldest living member of each of @bereft marked sessions. */
static void bs_sweep_pass(unsigned int bereft)
{
	struct bs_session *session;
	struct task_struct *leader;
	u32 id;

	rcu_read_lock();
	for_each_process(leader) {
		id = audit_get_sessionid(leader);
		if (id == AUDIT_SID_UNSET || bs_task_gone(leader))
			continue;
		session = bs_session_of_id_rcu(id);
		if (!session || !session->bereft ||
		    !bs_baton_pass(session, leader))
			continue;
		session->bereft = false;
		if (!--bereft)
			break;
	}
	rcu_read_unlock();
}

/* Passes lost batons on; moves sessions that have nobody left to @ended. */
static void bs_sweep_locked(struct list_head *ended)
{
	struct bs_session *session;
	unsigned int bereft;
	unsigned long id;

	lockdep_assert_held(&bs_sessions_lock);
	bereft = bs_sweep_mark();
	if (bereft)
		bs_sweep_pass(bereft);
	xa_for_each(&bs_sessions, id, session) {
		if (!session->bereft)
			continue;
		xa_erase(&bs_sessions, id);
		bs_session_end_locked(session, ended);
	}
}

/**
 * bs_baton_find() - give a new session its baton
 * @session: cannot be found yet
 *
 * Return: whether a living process bears its id.
 */
bool bs_baton_find(struct bs_session *session)
{
	struct task_struct *leader;
	bool found = false;

	lockdep_assert_held(&bs_sessions_lock);
	rcu_read_lock();
	for_each_process(leader) {
		if (!bs_task_is_member(leader, session->id))
			continue;
		found = bs_baton_pass(session, leader);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/**
 * bs_sessions_end() - end what can no longer be found, once unlocked
 * @ended: sessions that were taken from the table
 */
void bs_sessions_end(struct list_head *ended)
{
	struct bs_session *session, *next;

	list_for_each_entry_safe(session, next, ended, ended) {
		pr_debug("session %u ended, cookie %llu\n", session->id,
			 session->cookie);
		bs_namespace_kill(session->ns);
		bs_session_free(session);
	}
}

/* Has a user a session besides those that are there for all of them? */
static bool bs_user_has_session(kuid_t uid)
{
	struct bs_session *session;
	unsigned long id;

	lockdep_assert_held(&bs_sessions_lock);
	xa_for_each(&bs_sessions, id, session)
		if (uid_eq(session->uid, uid) &&
		    session->type != BOOTSTRAP_SESSION_TYPE_BACKGROUND)
			return true;
	return false;
}

/**
 * bs_users_left_locked() - see whose last sessions these were
 * @ended: sessions that were taken from the table
 *
 * What serves such a user ends, before another session can need it.
 */
void bs_users_left_locked(const struct list_head *ended)
{
	const struct bs_session *session;
	kuid_t seen = INVALID_UID;

	lockdep_assert_held(&bs_sessions_lock);
	list_for_each_entry(session, ended, ended) {
		if (session->type == BOOTSTRAP_SESSION_TYPE_BACKGROUND ||
		    !uid_valid(session->uid) || uid_eq(session->uid, seen))
			continue;
		seen = session->uid;
		if (!bs_user_has_session(seen))
			bs_servers_end(seen);
	}
}

static void bs_sweep_work(struct work_struct *work)
{
	LIST_HEAD(ended);

	mutex_lock(&bs_sessions_lock);
	bs_sweep_locked(&ended);
	bs_users_left_locked(&ended);
	WRITE_ONCE(bs_sweeps, bs_sweeps + 1);
	mutex_unlock(&bs_sessions_lock);
	wake_up_all(&bs_swept);
	bs_sessions_end(&ended);
}

/**
 * bs_baton_check() - make sure that a session which is found is alive
 * @id: its id
 *
 * Where that is not plain, waits for the next sweep, which begins after the
 * question was asked and so is an answer.
 *
 * Return: 0, or -EINTR if the caller is being killed.
 */
int bs_baton_check(u32 id)
{
	const struct bs_session *session;
	unsigned long sweeps;
	bool known;

	if (mutex_lock_killable(&bs_sessions_lock))
		return -EINTR;
	session = xa_load(&bs_sessions, id);
	known = !session || bs_baton_is_held(session);
	sweeps = bs_sweeps;
	mutex_unlock(&bs_sessions_lock);
	if (known)
		return 0;
	bs_sweep_soon();
	if (wait_event_killable(bs_swept, READ_ONCE(bs_sweeps) != sweeps))
		return -EINTR;
	return 0;
}

/**
 * bs_baton_end_all() - end all login sessions, as the module goes
 *
 * No file of the device is open any more, so that no session begins.
 */
void bs_baton_end_all(void)
{
	struct bs_session *session;
	unsigned long id;
	LIST_HEAD(ended);

	mutex_lock(&bs_sessions_lock);
	xa_for_each(&bs_sessions, id, session) {
		xa_erase(&bs_sessions, id);
		bs_session_end_locked(session, &ended);
	}
	mutex_unlock(&bs_sessions_lock);
	/* No baton is left to ask for another. */
	cancel_delayed_work_sync(&bs_sweep);
	bs_sessions_end(&ended);
}
