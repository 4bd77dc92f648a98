// SPDX-License-Identifier: GPL-2.0
/*
 * Telling when a process is gone: the same moment at which its pidfd becomes
 * readable, and by the same means. This file alone knows the wait queue in
 * struct pid; no tracepoint or probe is needed, and fork and exit of other
 * processes cost nothing.
 */
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "internal.h"

static int bs_death_wake(wait_queue_entry_t *wait, unsigned int mode, int sync,
			 void *key)
{
	struct bs_death *death = container_of(wait, struct bs_death, wait);

	death->notify(death);
	return 0;
}

/**
 * bs_death_init() - prepare a watch that is not armed
 * @death: the watch
 * @notify: called when the watched process may be gone, see struct bs_death
 */
void bs_death_init(struct bs_death *death, void (*notify)(struct bs_death *))
{
	death->pid = NULL;
	death->notify = notify;
	init_waitqueue_func_entry(&death->wait, bs_death_wake);
}

/**
 * bs_death_arm() - watch a process
 * @death: a watch that is not armed
 * @pid: the process
 *
 * The process may have ended before: whoever is not that process itself must
 * ask bs_pid_gone() afterwards.
 */
void bs_death_arm(struct bs_death *death, struct pid *pid)
{
	death->pid = get_pid(pid);
	add_wait_queue(&pid->wait_pidfd, &death->wait);
}

/**
 * bs_death_disarm() - stop watching
 * @death: the watch, armed or not; no call of its @notify is under way or
 *	follows once this returns
 */
void bs_death_disarm(struct bs_death *death)
{
	if (!death->pid)
		return;
	remove_wait_queue(&death->pid->wait_pidfd, &death->wait);
	put_pid(death->pid);
	death->pid = NULL;
}

/**
 * bs_task_gone() - has a process ended
 * @leader: its thread-group leader; under RCU
 *
 * A leader that has ended is still a process while other threads run.
 */
bool bs_task_gone(struct task_struct *leader)
{
	if (!READ_ONCE(leader->exit_state) || !thread_group_empty(leader))
		return false;
	/*
	 * Who sees the end of a process sees the children that it had: a sweep
	 * goes on to what comes next in the list of processes, and must not
	 * have read that before.
	 */
	smp_rmb();
	return true;
}

/**
 * bs_pid_gone() - has a process ended
 * @pid: the process
 */
bool bs_pid_gone(struct pid *pid)
{
	struct task_struct *leader;
	bool gone;

	rcu_read_lock();
	leader = pid_task(pid, PIDTYPE_TGID);
	gone = !leader || bs_task_gone(leader);
	rcu_read_unlock();
	return gone;
}
