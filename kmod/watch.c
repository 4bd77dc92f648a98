// SPDX-License-Identifier: GPL-2.0
/*
 * Watches: descriptors that tell what is there, and then what changes.
 *
 * The present state is not copied: it has an order, so that a reader walks
 * through what was there when the watch was made, at its own pace. Of a change to
 * what the reader has yet to come to, nothing need be told; all other changes
 * wait in a ring that was allocated with the watch. So no watch makes others
 * wait, or fail. When the ring is full, the reader starts anew.
 *
 * What there is to tell of, names or sessions, is other files' business.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/**
 * bs_record_text() - finish a record that ends with a text
 * @record: all but its length is filled
 * @at: where the text is to be, behind all else
 * @text: the text
 * @len: bytes
 *
 * Return: the record's length.
 */
u32 bs_record_text(union bs_record *record, size_t at, const char *text, u8 len)
{
	u32 length = ALIGN(at + len + 1, 8);

	memcpy(record->bytes + at, text, len);
	record->plain.length = length;
	return length;
}

static u32 bs_record_plain(union bs_record *record, u32 type)
{
	record->plain.length = sizeof(record->plain);
	record->plain.type = type;
	return sizeof(record->plain);
}

static void bs_watch_pop_locked(struct bs_watch *watch)
{
	lockdep_assert_held(watch->lock);
	watch->operations->drop(watch, watch->tail % BS_WATCH_RING);
	WRITE_ONCE(watch->tail, watch->tail + 1);
}

/* From here on, what is there is what is to be told. */
static void bs_watch_restart_locked(struct bs_watch *watch)
{
	lockdep_assert_held(watch->lock);
	while (watch->tail != watch->head)
		bs_watch_pop_locked(watch);
	watch->cursor = 0;
	watch->until = watch->operations->last(watch);
	WRITE_ONCE(watch->complete, false);
}

static void bs_watch_overflow_locked(struct bs_watch *watch)
{
	bs_watch_restart_locked(watch);
	WRITE_ONCE(watch->overflow, true);
}

/**
 * bs_watch_slot_locked() - where in the ring a change is to be put
 * @watch: the watch
 * @at: of what, in the order of the present state
 *
 * Return: a number for bs_watch_pushed_locked() to follow, or -1: nothing is to
 * be told.
 */
int bs_watch_slot_locked(struct bs_watch *watch, u64 at)
{
	lockdep_assert_held(watch->lock);
	/* As it is when the reader comes to it, it will be told. */
	if (watch->overflow || (at > watch->cursor && at <= watch->until))
		return -1;
	if (watch->head - watch->tail == BS_WATCH_RING) {
		bs_watch_overflow_locked(watch);
		return -1;
	}
	return watch->head % BS_WATCH_RING;
}

/**
 * bs_watch_pushed_locked() - a change is in the ring
 * @watch: the watch
 */
void bs_watch_pushed_locked(struct bs_watch *watch)
{
	lockdep_assert_held(watch->lock);
	WRITE_ONCE(watch->head, watch->head + 1);
	wake_up_interruptible_poll(&watch->changed, EPOLLIN | EPOLLRDNORM);
}

static bool bs_watch_over(const struct bs_watch *watch)
{
	return watch->operations->over && watch->operations->over(watch);
}

static bool bs_watch_ready(const struct bs_watch *watch)
{
	return READ_ONCE(watch->overflow) || !READ_ONCE(watch->complete) ||
	       READ_ONCE(watch->head) != READ_ONCE(watch->tail) ||
	       (bs_watch_over(watch) && !READ_ONCE(watch->ended));
}

static u32 bs_watch_peek_present(struct bs_watch *watch,
				 union bs_record *record, u64 *cursor)
{
	u32 length = watch->operations->present(watch, record, cursor);

	if (length || watch->cursor < watch->until)
		return length;
	return bs_record_plain(record, BOOTSTRAP_RECORD_COMPLETE);
}

/*
 * Takes the next record, if there is one and @room for it. Returns its length,
 * 0 if there is none, or more than @room.
 */
static u32 bs_watch_take_locked(struct bs_watch *watch,
				union bs_record *record, size_t room)
{
	u64 cursor = watch->until;
	u32 length;

	lockdep_assert_held(watch->lock);
	if (watch->overflow) {
		length = bs_record_plain(record, BOOTSTRAP_RECORD_OVERFLOW);
		if (length <= room) {
			bs_watch_restart_locked(watch);
			WRITE_ONCE(watch->overflow, false);
		}
	} else if (!watch->complete) {
		length = bs_watch_peek_present(watch, record, &cursor);
		if (length && length <= room) {
			watch->cursor = cursor;
			if (record->plain.type == BOOTSTRAP_RECORD_COMPLETE)
				WRITE_ONCE(watch->complete, true);
		}
	} else if (watch->head != watch->tail) {
		length = watch->operations->change(watch,
						   watch->tail % BS_WATCH_RING,
						   record);
		if (length <= room)
			bs_watch_pop_locked(watch);
	} else if (bs_watch_over(watch) && !watch->ended) {
		length = bs_record_plain(record, BOOTSTRAP_RECORD_DEAD);
		if (length <= room)
			WRITE_ONCE(watch->ended, true);
	} else {
		length = 0;
	}
	return length;
}

/* As many records as are there and fit; 0 if there are none. */
static ssize_t bs_watch_fill(struct bs_watch *watch, char __user *buffer,
			     size_t size)
{
	union bs_record record;
	size_t used = 0;
	u32 length;

	lockdep_assert_held(&watch->reader);
	while (bs_watch_ready(watch)) {
		memset(&record, 0, sizeof(record));
		mutex_lock(watch->lock);
		length = bs_watch_take_locked(watch, &record, size - used);
		mutex_unlock(watch->lock);
		cond_resched();
		if (!length)
			continue;
		if (length > size - used)
			return used ?: -EMSGSIZE;
		record.plain.number = watch->number + 1;
		if (copy_to_user(buffer + used, &record, length))
			goto fault;
		watch->number++;
		used += length;
		if (signal_pending(current))
			break;
	}
	return used;
fault:
	/* What could not be told must not be lost without a word. */
	mutex_lock(watch->lock);
	bs_watch_overflow_locked(watch);
	WRITE_ONCE(watch->ended, false);
	mutex_unlock(watch->lock);
	return used ?: -EFAULT;
}

static ssize_t bs_watch_read(struct file *file, char __user *buffer,
			     size_t size, loff_t *pos)
{
	struct bs_watch *watch = file->private_data;
	ssize_t ret;

	for (;;) {
		ret = mutex_lock_interruptible(&watch->reader);
		if (ret)
			return ret;
		ret = bs_watch_fill(watch, buffer, size);
		mutex_unlock(&watch->reader);
		if (ret || READ_ONCE(watch->ended))
			return ret;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(watch->changed,
					       bs_watch_ready(watch) ||
					       READ_ONCE(watch->ended));
		if (ret)
			return ret;
	}
}

static __poll_t bs_watch_poll(struct file *file, poll_table *table)
{
	struct bs_watch *watch = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &watch->changed, table);
	if (bs_watch_ready(watch))
		events |= EPOLLIN | EPOLLRDNORM;
	if (bs_watch_over(watch))
		events |= EPOLLIN | EPOLLHUP;
	return events;
}

/* One that nobody finds any more. */
static void bs_watch_free(struct bs_watch *watch)
{
	while (watch->tail != watch->head)
		watch->operations->drop(watch, watch->tail++ % BS_WATCH_RING);
	bs_user_discharge(watch->user, BS_LIMIT_WATCHES);
	put_cred(watch->cred);
	if (watch->operations->free)
		watch->operations->free(watch);
	kvfree(watch);
}

static int bs_watch_release(struct inode *inode, struct file *file)
{
	struct bs_watch *watch = file->private_data;

	mutex_lock(watch->lock);
	list_del_init(&watch->in_list);
	mutex_unlock(watch->lock);
	bs_watch_free(watch);
	return 0;
}

static const char *bs_watch_state_locked(const struct bs_watch *watch)
{
	lockdep_assert_held(watch->lock);
	if (watch->overflow)
		return "overflow";
	if (!watch->complete)
		return "present";
	return bs_watch_over(watch) ? "dead" : "changes";
}

/* What waits in the ring is what its reader sees; of others' nothing is there. */
static void bs_watch_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bs_watch *watch = file->private_data;

	seq_puts(m, "bootstrap:\twatch\n");
	watch->operations->show(watch, m);
	mutex_lock(watch->lock);
	seq_printf(m, "state:\t%s\n", bs_watch_state_locked(watch));
	seq_printf(m, "pending:\t%u\n", watch->head - watch->tail);
	mutex_unlock(watch->lock);
}

static const struct file_operations bs_watch_file_operations = {
	.owner = THIS_MODULE,
	.show_fdinfo = bs_watch_show_fdinfo,
	.read = bs_watch_read,
	.poll = bs_watch_poll,
	.release = bs_watch_release,
};

/**
 * bs_watch_new() - a watch of the caller's
 * @size: of the struct that begins with it
 * @operations: what it tells of
 * @lock: protects that
 *
 * Return: one for bs_watch_install(), or -EDQUOT, -ENOMEM.
 */
struct bs_watch *bs_watch_new(size_t size,
			      const struct bs_watch_operations *operations,
			      struct mutex *lock)
{
	struct bs_user *user = bs_user_charge_caller(BS_LIMIT_WATCHES);
	struct bs_watch *watch;

	if (IS_ERR(user))
		return ERR_CAST(user);
	watch = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!watch) {
		bs_user_discharge(user, BS_LIMIT_WATCHES);
		return ERR_PTR(-ENOMEM);
	}
	INIT_LIST_HEAD(&watch->in_list);
	watch->operations = operations;
	watch->lock = lock;
	watch->user = user;
	watch->cred = get_current_cred();
	watch->privileged = bs_caller_privileged();
	mutex_init(&watch->reader);
	init_waitqueue_head(&watch->changed);
	return watch;
}

static int bs_watch_begin(struct bs_watch *watch, struct list_head *list)
{
	int err = -ESHUTDOWN;

	mutex_lock(watch->lock);
	if (!watch->operations->closed || !watch->operations->closed(watch)) {
		bs_watch_restart_locked(watch);
		list_add_tail(&watch->in_list, list);
		err = 0;
	}
	mutex_unlock(watch->lock);
	return err;
}

/**
 * bs_watch_install() - give the caller a watch
 * @call: the call
 * @watch: from bs_watch_new(); taken over, or freed
 * @list: where those are that are told; @watch->lock
 * @reply: what the caller's struct is told
 *
 * Return: the descriptor, or an error, and nothing is told.
 */
long bs_watch_install(struct bs_call *call, struct bs_watch *watch,
		      struct list_head *list, const void *reply)
{
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		bs_watch_free(watch);
		return fd;
	}
	file = anon_inode_getfile("[bootstrap-watch]",
				  &bs_watch_file_operations, watch, O_RDONLY);
	if (IS_ERR(file)) {
		bs_watch_free(watch);
		err = PTR_ERR(file);
		goto out_fd;
	}
	err = bs_call_reply(call, reply);
	if (err)
		goto out_file;
	err = bs_watch_begin(watch, list);
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
 * bs_watch() - BOOTSTRAP_IOC_WATCH
 * @call: the call
 */
long bs_watch(struct bs_call *call)
{
	const struct bootstrap_watch *args = &call->args.watch;

	if (args->flags & ~BOOTSTRAP_WATCH_SESSIONS)
		return -EOPNOTSUPP;
	return args->flags ? bs_watch_sessions(call) : bs_watch_names(call);
}
