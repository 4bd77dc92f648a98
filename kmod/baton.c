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
#include <linux/audit.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/xarray.h>

#include "internal.h"

/* Bounds how often anyone can have the processes swept: 50 times a second. */
#define BS_SWEEP_DELAY msecs_to_jiffies(20)

/* Who holds which baton, and which sessions die. */
DEFINE_MUTEX(bs_sessions_lock);

static void bs_sweep_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(bs_sweep, bs_sweep_work);

static void bs_baton_notify(struct bs_death *baton)
{
	queue_delayed_work(bs_workqueue, &bs_sweep, BS_SWEEP_DELAY);
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
		if (!session || !session->bereft)
			continue;
		session->bereft = false;
		bs_death_arm(&session->baton, task_tgid(leader));
		if (!--bereft)
			break;
	}
	rcu_read_unlock();
}

static void bs_session_end(struct bs_session *session)
{
	lockdep_assert_held(&bs_sessions_lock);
	pr_debug("session %u ended, cookie %llu\n", session->id,
		 session->cookie);
	xa_erase(&bs_sessions, session->id);
	bs_namespace_kill(session->ns);
	bs_session_free(session);
}

static void bs_sweep_locked(void)
{
	struct bs_session *session;
	unsigned int bereft;
	unsigned long id;

	lockdep_assert_held(&bs_sessions_lock);
	/* Once more if who was given a baton ended before it was watched. */
	while ((bereft = bs_sweep_mark())) {
		bs_sweep_pass(bereft);
		xa_for_each(&bs_sessions, id, session)
			if (session->bereft)
				bs_session_end(session);
	}
}

static void bs_sweep_work(struct work_struct *work)
{
	mutex_lock(&bs_sessions_lock);
	bs_sweep_locked();
	mutex_unlock(&bs_sessions_lock);
}

/**
 * bs_baton_check() - make sure that a session which is found is alive
 * @id: its id
 */
void bs_baton_check(u32 id)
{
	const struct bs_session *session;

	mutex_lock(&bs_sessions_lock);
	/* Only the holder of the lock ends sessions. */
	session = xa_load(&bs_sessions, id);
	if (session && !bs_baton_is_held(session))
		bs_sweep_locked();
	mutex_unlock(&bs_sessions_lock);
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

	mutex_lock(&bs_sessions_lock);
	xa_for_each(&bs_sessions, id, session) {
		bs_death_disarm(&session->baton);
		bs_session_end(session);
	}
	mutex_unlock(&bs_sessions_lock);
	/* No baton is left to ask for another. */
	cancel_delayed_work_sync(&bs_sweep);
}
