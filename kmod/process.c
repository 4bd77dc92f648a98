// SPDX-License-Identifier: GPL-2.0
/*
 * Telling when a process is gone: the same moment at which its pidfd becomes
 * readable, and by the same means. This file alone knows the wait queue in
 * struct pid; no tracepoint or probe is needed, and fork and exit of other
 * processes cost nothing.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
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

/*
 * The operations of a pidfd are not exported, but nobody else can make what is
 * told here: an inode of pidfs, or before there was that, an anonymous inode of
 * the name.
 */
static struct pid *bs_file_pid(const struct file *file)
{
	const struct inode *inode = file_inode(file);

#ifdef PID_FS_MAGIC
	if (inode->i_sb->s_magic == PID_FS_MAGIC)
		return inode->i_private;
#endif
	if (inode->i_sb->s_magic == ANON_INODE_FS_MAGIC &&
	    !strcmp(file->f_path.dentry->d_name.name, "[pidfd]"))
		return file->private_data;
	return NULL;
}

/**
 * bs_pid_of_fd() - the process that a pidfd is for
 * @fd: the caller's descriptor
 *
 * Return: a reference, or -EBADF. The process may be gone.
 */
struct pid *bs_pid_of_fd(int fd)
{
	struct file *file = fget(fd);
	struct pid *pid;

	if (!file)
		return ERR_PTR(-EBADF);
	pid = get_pid(bs_file_pid(file));
	fput(file);
	return pid ?: ERR_PTR(-EBADF);
}
