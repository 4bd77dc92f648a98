// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting look-ups: for a name to be there, or for room in a backlog.
 *
 * Who waits for a name is in a table by what the name is called, so that a new
 * name wakes those alone who wait for one like it, in its namespace or below.
 */
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/time_namespace.h>

#include "internal.h"

#define BS_WAIT_BITS 8

static struct bs_wait_bucket {
	spinlock_t lock;	/* protects waiters */
	struct hlist_head waiters;
} bs_wait_table[1 << BS_WAIT_BITS];

void __init bs_wait_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bs_wait_table); i++)
		spin_lock_init(&bs_wait_table[i].lock);
}

static struct bs_wait_bucket *bs_wait_bucket(u32 hash)
{
	return &bs_wait_table[hash_32(hash, BS_WAIT_BITS)];
}

/* What the caller's clock is ahead of CLOCK_MONOTONIC. */
static ktime_t bs_clock_offset(void)
{
#ifdef CONFIG_TIME_NS
	return timespec64_to_ktime(current->nsproxy->time_ns->offsets.monotonic);
#else
	return 0;
#endif
}

/**
 * bs_deadline_read() - until when a call is to wait
 * @value: as the caller says, in its time namespace
 * @ret: of CLOCK_MONOTONIC, KTIME_MAX for ever
 *
 * Return: 0, or -EINVAL.
 */
int bs_deadline_read(u64 value, ktime_t *ret)
{
	ktime_t offset = bs_clock_offset();

	*ret = KTIME_MAX;
	if (!value || value == BOOTSTRAP_DEADLINE_NEVER)
		return 0;
	if (value >= KTIME_MAX)
		return -EINVAL;
	/* No time is before the clock began, or after its end. */
	if (offset >= 0 || value <= KTIME_MAX + offset)
		*ret = max_t(ktime_t, value - offset, 0);
	return 0;
}

/**
 * bs_deadline_tell() - the same for the caller to read
 * @deadline: of CLOCK_MONOTONIC, KTIME_MAX for ever; 0 for none
 */
u64 bs_deadline_tell(ktime_t deadline)
{
	ktime_t offset = bs_clock_offset();

	if (!deadline)
		return 0;
	if (deadline == KTIME_MAX)
		return BOOTSTRAP_DEADLINE_NEVER;
	if (offset > 0 && deadline > KTIME_MAX - 1 - offset)
		return KTIME_MAX - 1;
	return max_t(ktime_t, deadline + offset, 1);
}

/**
 * bs_sleep() - sleep, having set the task's state
 * @deadline: of CLOCK_MONOTONIC, KTIME_MAX for ever
 *
 * Return: 0 if woken, or -ETIMEDOUT, -ERESTARTSYS.
 */
int bs_sleep(ktime_t deadline)
{
	ktime_t *expires = deadline == KTIME_MAX ? NULL : &deadline;

	if (!signal_pending(current) &&
	    !schedule_hrtimeout_range(expires, 0, HRTIMER_MODE_ABS))
		return -ETIMEDOUT;
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

/**
 * bs_waiter_add() - be woken when a name is there
 * @waiter: its key, namespace and climb are set
 */
void bs_waiter_add(struct bs_waiter *waiter)
{
	struct bs_wait_bucket *bucket = bs_wait_bucket(waiter->key->hash);

	waiter->task = current;
	waiter->uid = current_euid();
	spin_lock(&bucket->lock);
	hlist_add_head(&waiter->in_bucket, &bucket->waiters);
	spin_unlock(&bucket->lock);
}

void bs_waiter_remove(struct bs_waiter *waiter)
{
	struct bs_wait_bucket *bucket = bs_wait_bucket(waiter->key->hash);

	spin_lock(&bucket->lock);
	hlist_del(&waiter->in_bucket);
	spin_unlock(&bucket->lock);
}

/**
 * bs_waiter_prepare() - before looking whether to sleep
 * @waiter: the waiter
 */
void bs_waiter_prepare(struct bs_waiter *waiter)
{
	WRITE_ONCE(waiter->woken, false);
	/* Pairs with bs_waiters_wake(): the name is seen, or the wake-up is. */
	smp_mb();
}

/**
 * bs_waiter_sleep() - sleep, unless woken since bs_waiter_prepare()
 * @waiter: the waiter
 * @deadline: as for bs_sleep()
 *
 * Return: as bs_sleep().
 */
int bs_waiter_sleep(struct bs_waiter *waiter, ktime_t deadline)
{
	int err = 0;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(waiter->woken))
		err = bs_sleep(deadline);
	__set_current_state(TASK_RUNNING);
	return err;
}

static void bs_waiter_wake(struct bs_waiter *waiter)
{
	WRITE_ONCE(waiter->woken, true);
	wake_up_process(waiter->task);
}

static bool bs_waiter_finds(const struct bs_waiter *waiter,
			    const struct bs_name *name)
{
	const struct bs_namespace *ns = waiter->ns;

	if (waiter->key->len != name->len ||
	    memcmp(waiter->key->text, name->text, name->len))
		return false;
	while (ns && ns != name->ns)
		ns = waiter->climb ? bs_namespace_above(ns, waiter->uid) : NULL;
	return ns;
}

/**
 * bs_waiters_wake() - a name can be looked up from now on
 * @name: the name
 */
void bs_waiters_wake(const struct bs_name *name)
{
	struct bs_wait_bucket *bucket =
		bs_wait_bucket(name->hash - name->ns->salt);
	struct bs_waiter *waiter;

	/* See bs_waiter_prepare(). */
	smp_mb();
	if (hlist_empty(&bucket->waiters))
		return;
	spin_lock(&bucket->lock);
	hlist_for_each_entry(waiter, &bucket->waiters, in_bucket)
		if (bs_waiter_finds(waiter, name))
			bs_waiter_wake(waiter);
	spin_unlock(&bucket->lock);
}

/**
 * bs_waiters_wake_all() - have all who wait in a namespace look again
 * @ns: marked as dead; NULL: all who wait
 */
void bs_waiters_wake_all(const struct bs_namespace *ns)
{
	struct bs_waiter *waiter;
	size_t i;

	/* See bs_waiter_prepare(). */
	smp_mb();
	for (i = 0; i < ARRAY_SIZE(bs_wait_table); i++) {
		struct bs_wait_bucket *bucket = &bs_wait_table[i];

		if (hlist_empty(&bucket->waiters))
			continue;
		spin_lock(&bucket->lock);
		hlist_for_each_entry(waiter, &bucket->waiters, in_bucket)
			if (!ns || waiter->ns == ns)
				bs_waiter_wake(waiter);
		spin_unlock(&bucket->lock);
	}
}
