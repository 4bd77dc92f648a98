// SPDX-License-Identifier: GPL-2.0
/*
 * Logouts: that the end of a session was asked for.
 *
 * The module says what is to come, and when nobody has to be waited for any more.
 * Whoever asked then ends the processes himself, with no more right than he has.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "internal.h"

/* How long deferrals hold unless less is asked for, or more with privilege. */
#define BS_LOGOUT_DEADLINE (60LL * NSEC_PER_SEC)

/**
 * struct bs_logout - a logout that is asked for
 * @session: of what; NULL once that has ended or the logout was cancelled;
 *	bs_sessions_lock
 * @asked: how many descriptors there are for it; bs_sessions_lock
 * @deadline: until when deferrals hold; bs_sessions_lock to write
 * @held_up: there are deferrals; bs_sessions_lock to write
 * @cancelled: as it says; bs_sessions_lock to write
 * @over: the session has ended; bs_sessions_lock to write
 * @changed: who waits for it to go on
 * @overdue: wakes them when the deadline has passed
 */
struct bs_logout {
	struct bs_session *session;
	unsigned int asked;
	ktime_t deadline;
	bool held_up;
	bool cancelled;
	bool over;
	wait_queue_head_t changed;
	struct delayed_work overdue;
};

static bool bs_logout_overdue(const struct bs_logout *logout)
{
	return ktime_get() >= READ_ONCE(logout->deadline);
}

static void bs_logout_arm(struct bs_logout *logout)
{
	ktime_t deadline = READ_ONCE(logout->deadline);
	s64 left = max_t(s64, ktime_sub(deadline, ktime_get()), 0);

	if (deadline != KTIME_MAX)
		mod_delayed_work(bs_workqueue, &logout->overdue,
				 nsecs_to_jiffies(left) + 1);
}

static void bs_logout_wake(struct bs_logout *logout)
{
	wake_up_interruptible_poll(&logout->changed, EPOLLIN | EPOLLRDNORM |
				   EPOLLERR | EPOLLHUP);
}

/* Whoever is woken looks at the clock, which the timer may be ahead of. */
static void bs_logout_work(struct work_struct *work)
{
	struct bs_logout *logout = container_of(to_delayed_work(work),
						struct bs_logout, overdue);

	if (bs_logout_overdue(logout))
		bs_logout_wake(logout);
	else
		bs_logout_arm(logout);
}

static __poll_t bs_logout_poll(struct file *file, poll_table *table)
{
	struct bs_logout *logout = file->private_data;

	poll_wait(file, &logout->changed, table);
	if (READ_ONCE(logout->over))
		return EPOLLIN | EPOLLHUP;
	if (READ_ONCE(logout->cancelled))
		return EPOLLERR;
	return !READ_ONCE(logout->held_up) || bs_logout_overdue(logout) ?
		EPOLLIN | EPOLLRDNORM : 0;
}

/* It is not the session's any more. */
static void bs_logout_detach_locked(struct bs_logout *logout)
{
	lockdep_assert_held(&bs_sessions_lock);
	logout->session->logout = NULL;
	WRITE_ONCE(logout->session->deadline, 0);
	bs_deferrals_notify_locked(logout->session);
	logout->session = NULL;
}

static int bs_logout_release(struct inode *inode, struct file *file)
{
	struct bs_logout *logout = file->private_data;
	struct bs_session *session;
	bool last;

	/* One that came to nothing. */
	if (!logout)
		return 0;
	mutex_lock(&bs_sessions_lock);
	last = !--logout->asked;
	session = logout->session;
	if (last && session) {
		bs_logout_detach_locked(logout);
		bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_CHANGED,
				NULL);
	}
	mutex_unlock(&bs_sessions_lock);
	if (last) {
		cancel_delayed_work_sync(&logout->overdue);
		kfree(logout);
	}
	return 0;
}

static const char *bs_logout_state_locked(const struct bs_logout *logout)
{
	lockdep_assert_held(&bs_sessions_lock);
	if (logout->over)
		return "over";
	if (logout->cancelled)
		return "cancelled";
	if (!logout->held_up)
		return "ready";
	return bs_logout_overdue(logout) ? "overdue" : "deferred";
}

static void bs_logout_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bs_logout *logout = file->private_data;

	seq_puts(m, "bootstrap:\tlogout\n");
	mutex_lock(&bs_sessions_lock);
	if (logout->session)
		seq_printf(m, "session:\t%u\ncookie:\t%llu\ndeferrals:\t%u\n",
			   logout->session->id, logout->session->cookie,
			   logout->session->deferring);
	seq_printf(m, "state:\t%s\n", bs_logout_state_locked(logout));
	seq_printf(m, "deadline:\t%llu\n", bs_deadline_tell(logout->deadline));
	mutex_unlock(&bs_sessions_lock);
}

static const struct file_operations bs_logout_operations = {
	.owner = THIS_MODULE,
	.show_fdinfo = bs_logout_show_fdinfo,
	.poll = bs_logout_poll,
	.release = bs_logout_release,
};

static struct bs_logout *bs_logout_new(void)
{
	struct bs_logout *logout = kzalloc(sizeof(*logout), GFP_KERNEL_ACCOUNT);

	if (!logout)
		return NULL;
	logout->deadline = KTIME_MAX;
	init_waitqueue_head(&logout->changed);
	INIT_DELAYED_WORK(&logout->overdue, bs_logout_work);
	return logout;
}

/**
 * bs_logout_notify_locked() - see whether a logout may go on
 * @session: its deferrals have changed
 */
void bs_logout_notify_locked(const struct bs_session *session)
{
	struct bs_logout *logout = session->logout;

	lockdep_assert_held(&bs_sessions_lock);
	if (!logout)
		return;
	WRITE_ONCE(logout->held_up, !list_empty(&session->deferrals));
	if (!logout->held_up)
		bs_logout_wake(logout);
}

/**
 * bs_logout_cancel_locked() - cancel what is asked for
 * @session: of which
 *
 * Return: 0, -ESRCH or -ETIMEDOUT.
 */
int bs_logout_cancel_locked(struct bs_session *session)
{
	struct bs_logout *logout = session->logout;

	lockdep_assert_held(&bs_sessions_lock);
	if (!logout)
		return -ESRCH;
	if (bs_logout_overdue(logout))
		return -ETIMEDOUT;
	WRITE_ONCE(logout->cancelled, true);
	bs_logout_detach_locked(logout);
	bs_logout_wake(logout);
	bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_CHANGED, NULL);
	return 0;
}

/**
 * bs_logout_end_locked() - its session is over
 * @session: about to be told of
 */
void bs_logout_end_locked(struct bs_session *session)
{
	struct bs_logout *logout = session->logout;

	lockdep_assert_held(&bs_sessions_lock);
	if (!logout)
		return;
	WRITE_ONCE(logout->over, true);
	bs_logout_detach_locked(logout);
	bs_logout_wake(logout);
}

static void bs_logout_hasten_locked(struct bs_logout *logout, ktime_t deadline)
{
	lockdep_assert_held(&bs_sessions_lock);
	WRITE_ONCE(logout->deadline, deadline);
	/* There 0 stands for none. */
	WRITE_ONCE(logout->session->deadline, max_t(ktime_t, deadline, 1));
	bs_logout_arm(logout);
	bs_session_tell(logout->session, BOOTSTRAP_RECORD_SESSION_LOGOUT, NULL);
}

/* One record, however many there are: what is told costs all who watch. */
static void bs_logout_tell_deferred_locked(struct bs_session *session)
{
	struct bs_deferral *deferral;

	lockdep_assert_held(&bs_sessions_lock);
	deferral = list_first_entry_or_null(&session->deferrals,
					    struct bs_deferral, in_session);
	if (deferral)
		bs_session_tell(session, BOOTSTRAP_RECORD_SESSION_DEFERRED,
				deferral);
}

/*
 * Asks for the logout of a session, by @new unless it is asked for already.
 * Returns what stands for it, with one more descriptor, or -ESRCH.
 */
static struct bs_logout *bs_logout_ask_locked(u32 id, u64 cookie,
					      ktime_t deadline,
					      struct bs_logout *new)
{
	struct bs_session *session = xa_load(&bs_sessions, id);
	struct bs_logout *logout;

	lockdep_assert_held(&bs_sessions_lock);
	if (!session || cookie != session->cookie)
		return ERR_PTR(-ESRCH);
	logout = session->logout;
	if (!logout) {
		logout = new;
		logout->session = session;
		session->logout = logout;
		bs_logout_notify_locked(session);
	}
	logout->asked++;
	if (logout == new || deadline < logout->deadline)
		bs_logout_hasten_locked(logout, deadline);
	if (logout == new) {
		/* Whoever is woken asks what there is, without the lock. */
		bs_deferrals_notify_locked(session);
		bs_logout_tell_deferred_locked(session);
	}
	return logout;
}

static int bs_logout_ask(u32 id, u64 cookie, ktime_t deadline,
			 struct file *file)
{
	struct bs_logout *new = bs_logout_new(), *logout;

	if (!new)
		return -ENOMEM;
	mutex_lock(&bs_sessions_lock);
	logout = bs_logout_ask_locked(id, cookie, deadline, new);
	mutex_unlock(&bs_sessions_lock);
	if (logout != new)
		kfree(new);
	if (IS_ERR(logout))
		return PTR_ERR(logout);
	file->private_data = logout;
	return 0;
}

static long bs_logout_install(u32 id, u64 cookie, ktime_t deadline)
{
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile("[bootstrap-logout]", &bs_logout_operations,
				  NULL, O_RDWR);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		goto out_fd;
	}
	err = bs_logout_ask(id, cookie, deadline, file);
	if (err)
		goto out_file;
	fd_install(fd, file);
	return fd;
out_file:
	fput(file);
out_fd:
	put_unused_fd(fd);
	return err;
}

static int bs_logout_deadline(const struct bootstrap_logout *args,
			      bool privileged, ktime_t *ret)
{
	ktime_t latest = ktime_add_ns(ktime_get(), BS_LOGOUT_DEADLINE);
	int err = bs_deadline_read(args->deadline, ret);

	if (!args->deadline)
		*ret = latest;
	if (!err && *ret > latest && !privileged)
		err = bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
	return err;
}

/**
 * bs_logout() - BOOTSTRAP_IOC_LOGOUT
 * @call: the call
 */
long bs_logout(struct bs_call *call)
{
	const struct bootstrap_logout *args = &call->args.logout;
	bool privileged = bs_caller_privileged();
	u64 cookie = args->cookie;
	ktime_t deadline;
	int err;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->pad || args->session == BOOTSTRAP_SESSION_ID_ROOT)
		return -EINVAL;
	err = bs_logout_deadline(args, privileged, &deadline) ?:
		bs_session_permit(args->session, &cookie, privileged) ?:
		bs_baton_check(args->session);
	return err ?: bs_logout_install(args->session, cookie, deadline);
}
