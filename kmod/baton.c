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

/* Who holds which baton, which sessions die, and when the last sweep was. */
DEFINE_MUTEX(bs_sessions_lock);

static unsigned long bs_last_sweep;

static void bs_sweep_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(bs_sweep, bs_sweep_work);

/*
 * Not our own work queue: there the works of a process's many owners might
 * stand before the one sweep.
 */
static void bs_baton_notify(struct bs_death *baton)
{
	queue_delayed_work(system_unbound_wq, &bs_sweep, BS_SWEEP_DELAY);
}

void bs_baton_init(struct bs_death *baton)
{
	bs_death_init(baton, bs_baton_notify);
}

static bool bs_task_is_member(struct task_struct *leader, u32 id)
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
 * Lets a process watch over the session, unless it ended before it was asked;
 * whoever it left behind then comes further on in the list.
 */
static bool bs_baton_pass(struct bs_session *session, struct task_struct *leader)
{
	struct pid *pid = task_tgid(leader);

	/* Reaped by now: its task is kept by RCU, its number is not. */
	if (!pid)
		return false;
	bs_death_arm(&session->baton, pid);
	if (bs_task_is_member(leader, session->id))
		return true;
	bs_death_disarm(&session->baton);
	return false;
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
	bs_last_sweep = jiffies;
	bereft = bs_sweep_mark();
	if (!bereft)
		return;
	bs_sweep_pass(bereft);
	xa_for_each(&bs_sessions, id, session) {
		if (!session->bereft)
			continue;
		xa_erase(&bs_sessions, id);
		list_add_tail(&session->ended, ended);
	}
}

/* Ends what a sweep found to be over, once the lock is released. */
static void bs_sessions_end(struct list_head *ended)
{
	struct bs_session *session, *next;

	list_for_each_entry_safe(session, next, ended, ended) {
		pr_debug("session %u ended, cookie %llu\n", session->id,
			 session->cookie);
		bs_namespace_kill(session->ns);
		bs_session_free(session);
	}
}

static void bs_sweep_work(struct work_struct *work)
{
	LIST_HEAD(ended);

	mutex_lock(&bs_sessions_lock);
	bs_sweep_locked(&ended);
	mutex_unlock(&bs_sessions_lock);
	bs_sessions_end(&ended);
}

/*
 * How many jiffies to wait before one may know whether the session with an id
 * is alive; 0 if that is known.
 */
static long bs_baton_check_locked(u32 id, struct list_head *ended)
{
	const struct bs_session *session = xa_load(&bs_sessions, id);
	long left = bs_last_sweep + BS_SWEEP_DELAY - jiffies;

	lockdep_assert_held(&bs_sessions_lock);
	if (!session || bs_baton_is_held(session))
		return 0;
	if (left > 0 && left <= BS_SWEEP_DELAY)
		return left;
	bs_sweep_locked(ended);
	return 0;
}

/**
 * bs_baton_check() - make sure that a session which is found is alive
 * @id: its id
 *
 * Return: 0, or -EINTR if the caller is being killed.
 */
int bs_baton_check(u32 id)
{
	LIST_HEAD(ended);
	long left;

	do {
		if (mutex_lock_killable(&bs_sessions_lock))
			return -EINTR;
		left = bs_baton_check_locked(id, &ended);
		mutex_unlock(&bs_sessions_lock);
		bs_sessions_end(&ended);
		if (left && schedule_timeout_killable(left))
			return -EINTR;
	} while (left);
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
		bs_death_disarm(&session->baton);
		xa_erase(&bs_sessions, id);
		list_add_tail(&session->ended, &ended);
	}
	mutex_unlock(&bs_sessions_lock);
	/* No baton is left to ask for another. */
	cancel_delayed_work_sync(&bs_sweep);
	bs_sessions_end(&ended);
}
