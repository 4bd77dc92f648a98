// SPDX-License-Identifier: GPL-2.0
/*
 * Watches: what is in a namespace, and what changes there.
 *
 * The present state is not copied: names come in the order of their
 * generations, so that a reader walks through those that were there when the
 * watch was made, at its own pace. Of a change to a name that the reader has
 * yet to come to, nothing need be told; all other changes wait in a ring that
 * was allocated with the watch. So no watch makes others wait, or fail. When
 * the ring is full, the reader starts anew.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* How many changes wait to be read; a power of two. */
#define BS_WATCH_RING 128

/* How many names are looked at before others may take the lock. */
#define BS_WATCH_BATCH 1024

/**
 * struct bs_change - a change that is yet to be told
 * @type: BOOTSTRAP_RECORD_*
 * @owner: who had the name; a reference
 * @info: the name as it was, but for what depends on who reads it
 * @group: who might look it up, if that was limited
 * @len: bytes in @text
 * @text: not terminated
 */
struct bs_change {
	u32 type;
	struct bs_owner *owner;
	struct bootstrap_info info;
	kgid_t group;
	u8 len;
	char text[BOOTSTRAP_NAME_MAX];
};

/**
 * struct bs_watch - one reader's view of a namespace
 * @in_namespace: among its watches; namespace's lock
 * @ns: a reference, invariant
 * @user: who is charged; a reference, invariant
 * @cred: of whoever made it; a reference, invariant
 * @privileged: that one had CAP_SYS_ADMIN; invariant
 * @reader: taken by one reader at a time, before the namespace's lock
 * @number: of the last record; @reader
 * @ended: it was told that the namespace is dead; @reader
 * @changed: who waits for a record
 * @cursor: generation of the last name told of the present state; namespace's
 *	lock
 * @until: generation of the last name that may belong to it; namespace's lock
 * @complete: it was told that these were all; namespace's lock
 * @overflow: it must be told that all that was told is void, and until then
 *	nothing else; namespace's lock
 * @head: how many changes were put into @ring; namespace's lock
 * @tail: how many of them were taken; namespace's lock
 * @ring: the changes in between; namespace's lock
 */
struct bs_watch {
	struct list_head in_namespace;
	struct bs_namespace *ns;
	struct bs_user *user;
	const struct cred *cred;
	bool privileged;
	struct mutex reader;	/* see above */
	u64 number;
	bool ended;
	wait_queue_head_t changed;
	u64 cursor;
	u64 until;
	bool complete;
	bool overflow;
	u32 head;
	u32 tail;
	struct bs_change ring[BS_WATCH_RING];
};

/* A record on its way to the reader. */
struct bs_record {
	struct bootstrap_name_record name;
	char text[ALIGN(BOOTSTRAP_NAME_MAX + 1, 8)];
};

static_assert(sizeof(struct bs_record) <= BOOTSTRAP_RECORD_MAX);

static bool bs_watch_sees(const struct bs_watch *watch,
			  const struct bs_name *name)
{
	return !(name->flags & BS_NAME_GROUP) || watch->privileged ||
	       bs_cred_in_group(watch->cred, name->group);
}

static struct bs_change *bs_watch_pop_locked(struct bs_watch *watch)
{
	struct bs_change *change = &watch->ring[watch->tail % BS_WATCH_RING];

	lockdep_assert_held(&watch->ns->lock);
	WRITE_ONCE(watch->tail, watch->tail + 1);
	return change;
}

/* From here on, what is there is what is to be told. */
static void bs_watch_restart_locked(struct bs_watch *watch)
{
	lockdep_assert_held(&watch->ns->lock);
	while (watch->tail != watch->head)
		bs_owner_put(bs_watch_pop_locked(watch)->owner);
	watch->cursor = 0;
	watch->until = atomic64_read(&watch->ns->generation);
	WRITE_ONCE(watch->complete, false);
}

static void bs_watch_overflow_locked(struct bs_watch *watch)
{
	bs_watch_restart_locked(watch);
	WRITE_ONCE(watch->overflow, true);
}

static void bs_watch_push_locked(struct bs_watch *watch, u32 type,
				 const struct bs_name *name)
{
	struct bs_change *change;

	lockdep_assert_held(&watch->ns->lock);
	/* As it is when the reader comes to it, it will be told. */
	if (watch->overflow || (name->generation > watch->cursor &&
				name->generation <= watch->until))
		return;
	if (watch->head - watch->tail == BS_WATCH_RING) {
		bs_watch_overflow_locked(watch);
	} else {
		change = &watch->ring[watch->head % BS_WATCH_RING];
		change->type = type;
		change->owner = bs_owner_get(name->owner);
		bs_name_describe_itself(name, &change->info);
		change->group = name->group;
		change->len = name->len;
		memcpy(change->text, name->text, name->len);
		WRITE_ONCE(watch->head, watch->head + 1);
	}
	wake_up_interruptible_poll(&watch->changed, EPOLLIN | EPOLLRDNORM);
}

/**
 * bs_watches_tell() - tell of a change to a name
 * @name: its namespace is locked
 * @type: BOOTSTRAP_RECORD_*
 */
void bs_watches_tell(const struct bs_name *name, u32 type)
{
	struct bs_watch *watch;

	lockdep_assert_held(&name->ns->lock);
	/* That its names end is told in one record. */
	if (name->ns->dead)
		return;
	list_for_each_entry(watch, &name->ns->watches, in_namespace)
		if (bs_watch_sees(watch, name))
			bs_watch_push_locked(watch, type, name);
}

/**
 * bs_watches_end() - tell of the death of a namespace
 * @ns: dead, and locked
 */
void bs_watches_end(struct bs_namespace *ns)
{
	struct bs_watch *watch;

	lockdep_assert_held(&ns->lock);
	list_for_each_entry(watch, &ns->watches, in_namespace)
		wake_up_interruptible_poll(&watch->changed,
					   EPOLLIN | EPOLLRDNORM | EPOLLHUP);
}

static u32 bs_record_finish(struct bs_record *record, u32 type,
			    const char *text, u8 len)
{
	u32 length = ALIGN(sizeof(record->name) + len + 1, 8);

	memset(record->text, 0, sizeof(record->text));
	memcpy(record->text, text, len);
	record->name.record.length = length;
	record->name.record.type = type;
	record->name.name_offset = offsetof(struct bs_record, text);
	record->name.name_len = len;
	record->name.info.size = sizeof(record->name.info);
	return length;
}

static u32 bs_record_plain(struct bs_record *record, u32 type)
{
	record->name.record.length = sizeof(record->name.record);
	record->name.record.type = type;
	return sizeof(record->name.record);
}

/* The next name of the present state; NULL if there is none, or none yet. */
static struct bs_name *bs_watch_next_locked(struct bs_watch *watch)
{
	unsigned int left = BS_WATCH_BATCH;
	struct bs_name *name;

	lockdep_assert_held(&watch->ns->lock);
	while (left--) {
		name = bs_name_after(watch->ns, watch->cursor);
		if (!name || name->generation > watch->until) {
			watch->cursor = watch->until;
			return NULL;
		}
		if (name->shown && bs_watch_sees(watch, name))
			return name;
		watch->cursor = name->generation;
	}
	return NULL;
}

static u32 bs_watch_peek_present(struct bs_watch *watch,
				 struct bs_record *record, u64 *cursor)
{
	const struct bs_name *name = bs_watch_next_locked(watch);

	if (name) {
		bs_name_describe(name, &record->name.info);
		*cursor = name->generation;
		return bs_record_finish(record, BOOTSTRAP_RECORD_PRESENT,
					name->text, name->len);
	}
	if (watch->cursor < watch->until)
		return 0;
	return bs_record_plain(record, BOOTSTRAP_RECORD_COMPLETE);
}

static u32 bs_watch_peek_change(const struct bs_watch *watch,
				struct bs_record *record)
{
	const struct bs_change *change =
		&watch->ring[watch->tail % BS_WATCH_RING];

	record->name.info = change->info;
	bs_owner_describe(change->owner, change->group, &record->name.info);
	return bs_record_finish(record, change->type, change->text,
				change->len);
}

static bool bs_watch_ready(const struct bs_watch *watch)
{
	return READ_ONCE(watch->overflow) || !READ_ONCE(watch->complete) ||
	       READ_ONCE(watch->head) != READ_ONCE(watch->tail) ||
	       (bs_namespace_over(watch->ns) && !READ_ONCE(watch->ended));
}

/*
 * Takes the next record, if there is one and @room for it. Returns its length,
 * 0 if there is none, or more than @room.
 */
static u32 bs_watch_take_locked(struct bs_watch *watch,
				struct bs_record *record, size_t room)
{
	u64 cursor = watch->until;
	u32 length;

	lockdep_assert_held(&watch->ns->lock);
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
			if (record->name.record.type ==
			    BOOTSTRAP_RECORD_COMPLETE)
				WRITE_ONCE(watch->complete, true);
		}
	} else if (watch->head != watch->tail) {
		length = bs_watch_peek_change(watch, record);
		if (length <= room)
			bs_owner_put(bs_watch_pop_locked(watch)->owner);
	} else if (bs_namespace_over(watch->ns) && !watch->ended) {
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
	struct bs_record record;
	size_t used = 0;
	u32 length;

	lockdep_assert_held(&watch->reader);
	while (bs_watch_ready(watch)) {
		memset(&record.name, 0, sizeof(record.name));
		mutex_lock(&watch->ns->lock);
		length = bs_watch_take_locked(watch, &record, size - used);
		mutex_unlock(&watch->ns->lock);
		cond_resched();
		if (!length)
			continue;
		if (length > size - used)
			return used ?: -EMSGSIZE;
		record.name.record.number = watch->number + 1;
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
	mutex_lock(&watch->ns->lock);
	bs_watch_overflow_locked(watch);
	WRITE_ONCE(watch->ended, false);
	mutex_unlock(&watch->ns->lock);
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
	if (bs_namespace_over(watch->ns))
		events |= EPOLLIN | EPOLLHUP;
	return events;
}

static void bs_watch_free(struct bs_watch *watch)
{
	while (watch->tail != watch->head)
		bs_owner_put(watch->ring[watch->tail++ % BS_WATCH_RING].owner);
	bs_user_discharge(watch->user, BS_LIMIT_WATCHES);
	put_cred(watch->cred);
	bs_namespace_put(watch->ns);
	kvfree(watch);
}

static int bs_watch_release(struct inode *inode, struct file *file)
{
	struct bs_watch *watch = file->private_data;

	mutex_lock(&watch->ns->lock);
	list_del_init(&watch->in_namespace);
	mutex_unlock(&watch->ns->lock);
	bs_watch_free(watch);
	return 0;
}

static const struct file_operations bs_watch_operations = {
	.owner = THIS_MODULE,
	.read = bs_watch_read,
	.poll = bs_watch_poll,
	.release = bs_watch_release,
};

static struct bs_watch *bs_watch_new(struct bs_namespace *ns)
{
	struct bs_user *user = bs_user_charge_caller(BS_LIMIT_WATCHES);
	struct bs_watch *watch;

	if (IS_ERR(user))
		return ERR_CAST(user);
	watch = kvzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!watch) {
		bs_user_discharge(user, BS_LIMIT_WATCHES);
		return ERR_PTR(-ENOMEM);
	}
	INIT_LIST_HEAD(&watch->in_namespace);
	refcount_inc(&ns->refs);
	watch->ns = ns;
	watch->user = user;
	watch->cred = get_current_cred();
	watch->privileged = bs_caller_privileged();
	mutex_init(&watch->reader);
	init_waitqueue_head(&watch->changed);
	return watch;
}

static int bs_watch_begin(struct bs_watch *watch)
{
	int err = -ESHUTDOWN;

	mutex_lock(&watch->ns->lock);
	if (!watch->ns->dead) {
		bs_watch_restart_locked(watch);
		list_add_tail(&watch->in_namespace, &watch->ns->watches);
		err = 0;
	}
	mutex_unlock(&watch->ns->lock);
	return err;
}

static long bs_watch_namespace(struct bs_call *call, struct bs_namespace *ns)
{
	struct bootstrap_watch reply = call->args.watch;
	struct bs_watch *watch;
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	watch = bs_watch_new(ns);
	err = PTR_ERR_OR_ZERO(watch);
	if (err)
		goto out_fd;
	file = anon_inode_getfile("[bootstrap-watch]", &bs_watch_operations,
				  watch, O_RDONLY);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		bs_watch_free(watch);
		goto out_fd;
	}
	reply.namespace_id = ns->id;
	err = bs_call_reply(call, &reply);
	if (err)
		goto out_file;
	err = bs_watch_begin(watch);
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
	const struct bs_address where = BS_ADDRESS(call, args);
	struct bs_namespace *ns;
	long ret;

	if (args->flags)
		return -EOPNOTSUPP;
	ns = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_LIST);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_watch_namespace(call, ns);
	bs_namespace_put(ns);
	return ret;
}
