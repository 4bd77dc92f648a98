// SPDX-License-Identifier: GPL-2.0
/*
 * Deferrals: descriptors of processes that ask to be waited for when their
 * session is to be logged out.
 *
 * One is a session's for as long as both are there, and keeps neither a session
 * nor a process.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "internal.h"

/* What one call fills at most. */
#define BS_DEFERRALS_BUFFER_MAX SZ_64K

void bs_deferral_put(struct bs_deferral *deferral)
{
	if (!deferral || !refcount_dec_and_test(&deferral->refs))
		return;
	put_pid(deferral->pid);
	kfree(deferral);
}

/* It delays nothing any more: what is yet to be read of it is not counted. */
static void bs_deferral_free(struct bs_deferral *deferral)
{
	bs_user_discharge(deferral->user, BS_LIMIT_DEFERRALS);
	bs_deferral_put(deferral);
}

static void bs_deferral_remove_locked(struct bs_deferral *deferral)
{
	struct bs_session *session = deferral->session;

	lockdep_assert_held(&bs_sessions_lock);
	list_del_init(&deferral->in_session);
	WRITE_ONCE(session->deferring, session->deferring - 1);
	deferral->session = NULL;
}

/**
 * bs_deferrals_notify_locked() - tell deferrals whether a logout is asked for
 * @session: whose
 */
void bs_deferrals_notify_locked(const struct bs_session *session)
{
	struct bs_deferral *deferral;

	lockdep_assert_held(&bs_sessions_lock);
	list_for_each_entry(deferral, &session->deferrals, in_session) {
		WRITE_ONCE(deferral->asked, session->logout);
		wake_up_interruptible_poll(&deferral->changed,
					   EPOLLIN | EPOLLRDNORM);
	}
}

/**
 * bs_deferrals_end_locked() - their session is over
 * @session: about to be told of
 */
void bs_deferrals_end_locked(struct bs_session *session)
{
	struct bs_deferral *deferral, *next;

	lockdep_assert_held(&bs_sessions_lock);
	list_for_each_entry_safe(deferral, next, &session->deferrals,
				 in_session) {
		bs_deferral_remove_locked(deferral);
		WRITE_ONCE(deferral->over, true);
		wake_up_interruptible_poll(&deferral->changed,
					   EPOLLIN | EPOLLHUP);
	}
}

static __poll_t bs_deferral_poll(struct file *file, poll_table *table)
{
	struct bs_deferral *deferral = file->private_data;

	poll_wait(file, &deferral->changed, table);
	if (READ_ONCE(deferral->over))
		return EPOLLIN | EPOLLHUP;
	return READ_ONCE(deferral->asked) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int bs_deferral_release(struct inode *inode, struct file *file)
{
	struct bs_deferral *deferral = file->private_data;
	struct bs_session *session;

	mutex_lock(&bs_sessions_lock);
	session = deferral->session;
	if (session) {
		bs_deferral_remove_locked(deferral);
		bs_logout_notify_locked(session);
		if (session->logout)
			bs_session_tell(session,
					BOOTSTRAP_RECORD_SESSION_CHANGED, NULL);
	}
	mutex_unlock(&bs_sessions_lock);
	bs_deferral_free(deferral);
	return 0;
}

static void bs_deferral_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bs_deferral *deferral = file->private_data;
	const char *state;

	seq_puts(m, "bootstrap:\tdeferral\n");
	mutex_lock(&bs_sessions_lock);
	state = deferral->asked ? "asked" : "waiting";
	if (deferral->session)
		seq_printf(m, "session:\t%u\ncookie:\t%llu\n",
			   deferral->session->id, deferral->session->cookie);
	seq_printf(m, "state:\t%s\n", deferral->over ? "over" : state);
	mutex_unlock(&bs_sessions_lock);
	/* It has no control characters, as names have none. */
	seq_printf(m, "reason:\t%.*s\n", deferral->reason.len,
		   deferral->reason.text);
}

static const struct file_operations bs_deferral_operations = {
	.owner = THIS_MODULE,
	.show_fdinfo = bs_deferral_show_fdinfo,
	.poll = bs_deferral_poll,
	.release = bs_deferral_release,
	.unlocked_ioctl = bs_deferral_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* The caller's; a reference, or -EDQUOT, -ENOMEM. */
static struct bs_deferral *bs_deferral_new(const struct bs_key *reason)
{
	struct bs_user *user = bs_user_charge_caller(BS_LIMIT_DEFERRALS);
	struct bs_deferral *deferral;

	if (IS_ERR(user))
		return ERR_CAST(user);
	deferral = kzalloc(sizeof(*deferral), GFP_KERNEL_ACCOUNT);
	if (!deferral) {
		bs_user_discharge(user, BS_LIMIT_DEFERRALS);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&deferral->refs, 1);
	INIT_LIST_HEAD(&deferral->in_session);
	deferral->pid = get_pid(task_tgid(current));
	deferral->uid = current_euid();
	deferral->since = ktime_get_real_ns();
	deferral->reason = *reason;
	deferral->user = user;
	init_waitqueue_head(&deferral->changed);
	return deferral;
}

static int bs_deferral_add(struct bs_deferral *deferral,
			   const struct bootstrap_defer *where)
{
	struct bs_session *session;
	int err = 0;

	mutex_lock(&bs_sessions_lock);
	session = xa_load(&bs_sessions, where->session);
	if (!session || session->cookie != where->cookie) {
		err = -ESRCH;
	} else if (session->logout) {
		err = -EBUSY;
	} else {
		deferral->session = session;
		deferral->id = bs_next_id();
		list_add_tail(&deferral->in_session, &session->deferrals);
		WRITE_ONCE(session->deferring, session->deferring + 1);
	}
	mutex_unlock(&bs_sessions_lock);
	return err;
}

static long bs_deferral_install(struct bs_call *call,
				const struct bs_key *reason,
				const struct bootstrap_defer *reply)
{
	struct bs_deferral *deferral;
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	deferral = bs_deferral_new(reason);
	err = PTR_ERR_OR_ZERO(deferral);
	if (err)
		goto out_fd;
	file = anon_inode_getfile("[bootstrap-deferral]",
				  &bs_deferral_operations, deferral, O_RDWR);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		bs_deferral_free(deferral);
		goto out_fd;
	}
	err = bs_call_reply(call, reply);
	if (err)
		goto out_file;
	err = bs_deferral_add(deferral, reply);
	if (err) {
		bs_call_unreply(call);
		goto out_file;
	}
	fd_install(fd, file);
	return fd;
out_file:
	fput(file);
out_fd:
	put_unused_fd(fd);
	return err;
}

/**
 * bs_defer() - BOOTSTRAP_IOC_DEFER
 * @call: the call
 */
long bs_defer(struct bs_call *call)
{
	struct bootstrap_defer reply = call->args.defer;
	const struct bs_session *stand;
	struct bs_key reason;
	int err;

	if (reply.flags)
		return -EOPNOTSUPP;
	err = bs_key_read(&reason, reply.reason, reply.reason_len);
	if (err)
		return err;
	if (bs_caller_serves_declared())
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_DECLARED);
	rcu_read_lock();
	stand = bs_session_stand_rcu();
	err = PTR_ERR_OR_ZERO(stand);
	if (!err) {
		reply.session = stand->id;
		reply.cookie = stand->cookie;
	}
	rcu_read_unlock();
	if (err)
		return err;
	if (reply.session == BOOTSTRAP_SESSION_ID_ROOT)
		return -ESRCH;
	return bs_deferral_install(call, &reason, &reply);
}

/**
 * bs_cancel() - BOOTSTRAP_IOC_CANCEL
 * @call: the call, on a deferral
 */
long bs_cancel(struct bs_call *call)
{
	struct bs_deferral *deferral = call->deferral;
	int err = -ESHUTDOWN;

	if (call->args.cancel.flags)
		return -EOPNOTSUPP;
	mutex_lock(&bs_sessions_lock);
	if (deferral->session)
		err = bs_logout_cancel_locked(deferral->session);
	mutex_unlock(&bs_sessions_lock);
	return err;
}

/* With the reason and a zero behind it. */
static u32 bs_deferral_length(const struct bs_deferral *deferral)
{
	return ALIGN(sizeof(struct bootstrap_deferral) + deferral->reason.len +
		     1, 8);
}

/**
 * bs_deferral_describe() - what there is to tell of a deferral
 * @deferral: the deferral
 * @session: whose it is or was
 * @entry: filled; the reason is to follow
 */
void bs_deferral_describe(const struct bs_deferral *deferral,
			  const struct bs_session *session,
			  struct bootstrap_deferral *entry)
{
	entry->length = bs_deferral_length(deferral);
	entry->reason_offset = sizeof(*entry);
	entry->reason_len = deferral->reason.len;
	entry->pid = bs_pid_gone(deferral->pid) ? 0 : pid_vnr(deferral->pid);
	entry->uid = from_kuid_munged(current_user_ns(), deferral->uid);
	entry->session = session->id;
	entry->cookie = session->cookie;
	entry->since = deferral->since;
}

/* Fills @buffer from behind the cursor on, and returns how much of it. */
static u32 bs_deferrals_fill_locked(const struct bs_session *session,
				    u8 *buffer, u32 size,
				    struct bootstrap_deferrals *reply)
{
	const struct bs_deferral *deferral;
	struct bootstrap_deferral *entry;
	u32 used = 0, length;

	lockdep_assert_held(&bs_sessions_lock);
	list_for_each_entry(deferral, &session->deferrals, in_session) {
		if (deferral->id <= reply->cursor)
			continue;
		length = bs_deferral_length(deferral);
		if (length > size - used) {
			reply->needed = length;
			break;
		}
		entry = (void *)(buffer + used);
		bs_deferral_describe(deferral, session, entry);
		memcpy(entry + 1, deferral->reason.text, deferral->reason.len);
		used += length;
		reply->count++;
		reply->cursor = deferral->id;
	}
	return used;
}

static long bs_deferrals_list(struct bs_call *call, u64 cookie, u8 *buffer,
			      u32 size)
{
	const struct bootstrap_deferrals *args = &call->args.deferrals;
	struct bootstrap_deferrals reply = *args;
	const struct bs_session *session;
	u32 used = 0;

	reply.count = 0;
	reply.needed = 0;
	if (mutex_lock_killable(&bs_sessions_lock))
		return -EINTR;
	session = xa_load(&bs_sessions, args->session);
	if (session && session->cookie == cookie)
		used = bs_deferrals_fill_locked(session, buffer, size, &reply);
	else
		session = NULL;
	mutex_unlock(&bs_sessions_lock);
	if (!session)
		return -ESRCH;
	if (reply.needed && !reply.count) {
		reply.count = args->count;
		return bs_call_reply(call, &reply) ?: -EMSGSIZE;
	}
	reply.needed = 0;
	if (copy_to_user(u64_to_user_ptr(args->buffer), buffer, used))
		return -EFAULT;
	return bs_call_reply(call, &reply);
}

/**
 * bs_deferrals() - BOOTSTRAP_IOC_DEFERRALS
 * @call: the call
 */
long bs_deferrals(struct bs_call *call)
{
	const struct bootstrap_deferrals *args = &call->args.deferrals;
	u32 size = min_t(u32, args->buffer_size, BS_DEFERRALS_BUFFER_MAX);
	u64 cookie = args->cookie;
	u8 *buffer;
	long ret;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->session == BOOTSTRAP_SESSION_ID_ROOT)
		return -EINVAL;
	ret = bs_session_see(args->session, &cookie);
	if (ret)
		return ret;
	buffer = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!buffer)
		return -ENOMEM;
	ret = bs_deferrals_list(call, cookie, buffer, size);
	kvfree(buffer);
	return ret;
}
