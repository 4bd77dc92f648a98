// SPDX-License-Identifier: GPL-2.0
/*
 * Commits one bug, of the class that the parameter names, for each write to
 * /dev/seeded: does the debug kernel see it, and does the suite fail then? See
 * selftests/vm/seeded.sh. Never to be loaded but in a guest that may crash.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm_types.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "class of the bug");

#define SEEDED_SIZE 64

static DEFINE_MUTEX(seeded_first);
static DEFINE_MUTEX(seeded_second);
static DEFINE_SPINLOCK(seeded_spin);
static LIST_HEAD(seeded_list);

/* Neither compiler nor fortified functions may know how large something is. */
static noinline void *seeded_hide(void *p)
{
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

/* What holds only zeros is an easier find for kmemleak. */
static noinline char *seeded_alloc(void)
{
	char *p = kmalloc(SEEDED_SIZE, GFP_KERNEL | __GFP_NOFAIL);

	memset(p, 0x5a, SEEDED_SIZE);
	return seeded_hide(p);
}

/* All that the others do, done well. */
static void seeded_none(void)
{
	char *p = seeded_alloc();

	mutex_lock(&seeded_first);
	mutex_lock(&seeded_second);
	p[SEEDED_SIZE - 1] = 0;
	mutex_unlock(&seeded_second);
	mutex_unlock(&seeded_first);
	spin_lock(&seeded_spin);
	spin_unlock(&seeded_spin);
	rcu_read_lock();
	rcu_read_unlock();
	kfree(p);
}

/* Memory */

static void seeded_use_after_free(void)
{
	char *p = seeded_alloc();

	kfree(p);
	WRITE_ONCE(p[8], 1);
}

static void seeded_out_of_bounds(void)
{
	char *p = seeded_alloc();

	WRITE_ONCE(p[SEEDED_SIZE], 1);
	kfree(p);
}

static void seeded_vmalloc_out_of_bounds(void)
{
	char *p = seeded_hide(vmalloc(SEEDED_SIZE));

	WRITE_ONCE(p[SEEDED_SIZE], 1);
	vfree(p);
}

static char seeded_global[SEEDED_SIZE];

static void seeded_global_out_of_bounds(void)
{
	char *p = seeded_hide(seeded_global);

	WRITE_ONCE(p[SEEDED_SIZE], 1);
}

static void seeded_stack_out_of_bounds(void)
{
	char here[SEEDED_SIZE];
	char *p = seeded_hide(here);

	WRITE_ONCE(p[SEEDED_SIZE], 1);
}

static void seeded_double_free(void)
{
	char *p = seeded_alloc();

	kfree(p);
	kfree(p);
}

static void seeded_oops(void)
{
	char *p = seeded_hide(NULL);

	WRITE_ONCE(p[8], 1);
}

static void seeded_usercopy(void)
{
	char *p = seeded_alloc();
	size_t size = 2 * SEEDED_SIZE;

	OPTIMIZER_HIDE_VAR(size);
	if (copy_from_user(p, (void __user *)current->mm->arg_start, size))
		pr_info("seeded: nothing was copied\n");
	kfree(p);
}

static void seeded_fortify(void)
{
	size_t size = 2 * SEEDED_SIZE;

	OPTIMIZER_HIDE_VAR(size);
	memset(seeded_global, 1, size);
}

/*
 * Many, as what a register or a stack still holds is not leaked. Until the
 * objects leak they are on a list.
 */
#define SEEDED_LEAKS 16

struct seeded_object {
	struct list_head list;
	char content[SEEDED_SIZE];
};

static void seeded_hold_memory(void)
{
	int i;

	for (i = 0; i < SEEDED_LEAKS; i++) {
		struct seeded_object *object = kmalloc(sizeof(*object),
						       GFP_KERNEL | __GFP_NOFAIL);

		memset(object->content, 0x5a, sizeof(object->content));
		list_add(&object->list, &seeded_list);
	}
}

static void seeded_memory_leak_live(void)
{
	seeded_hold_memory();
	INIT_LIST_HEAD(&seeded_list);
}

/* What our module would not free when it is unloaded. */
static int seeded_module_event(struct notifier_block *nb, unsigned long event,
			       void *data)
{
	struct module *mod = data;

	if (event == MODULE_STATE_GOING && !strcmp(mod->name, "bootstrap"))
		INIT_LIST_HEAD(&seeded_list);
	return NOTIFY_DONE;
}

static struct notifier_block seeded_notifier = {
	.notifier_call = seeded_module_event,
};

/* Locks */

static void seeded_sleep_in_atomic(void)
{
	spin_lock(&seeded_spin);
	kfree(seeded_alloc());
	spin_unlock(&seeded_spin);
}

static void seeded_lock_inversion(void)
{
	mutex_lock(&seeded_first);
	mutex_lock(&seeded_second);
	mutex_unlock(&seeded_second);
	mutex_unlock(&seeded_first);

	mutex_lock(&seeded_second);
	mutex_lock(&seeded_first);
	mutex_unlock(&seeded_first);
	mutex_unlock(&seeded_second);
}

static void seeded_lock_recursion(void)
{
	struct mutex *locks = kcalloc(2, sizeof(*locks), GFP_KERNEL | __GFP_NOFAIL);
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&locks[i]);
	mutex_lock(&locks[0]);
	mutex_lock(&locks[1]);
	mutex_unlock(&locks[1]);
	mutex_unlock(&locks[0]);
	kfree(locks);
}

struct seeded_rcu {
	struct rcu_head rcu;
	struct rcu_head more;
};

static struct seeded_rcu seeded_rcu;

static void seeded_take_in_softirq(struct rcu_head *rcu)
{
	spin_lock(&seeded_spin);
	spin_unlock(&seeded_spin);
}

static void seeded_lock_irq_unsafe(void)
{
	spin_lock(&seeded_spin);
	spin_unlock(&seeded_spin);
	call_rcu(&seeded_rcu.rcu, seeded_take_in_softirq);
	rcu_barrier();
}

static void seeded_lock_not_initialised(void)
{
	spinlock_t *lock = kzalloc(sizeof(*lock), GFP_KERNEL | __GFP_NOFAIL);

	spin_lock(lock);
	spin_unlock(lock);
	kfree(lock);
}

static void seeded_lock_freed(void)
{
	struct mutex *lock = kzalloc(sizeof(*lock), GFP_KERNEL | __GFP_NOFAIL);

	mutex_init(lock);
	mutex_lock(lock);
	kfree(lock);
}

static void seeded_lock_held_on_return(void)
{
	mutex_lock(&seeded_first);
}

static void seeded_rcu_held_on_return(void)
{
	rcu_read_lock();
}

static void seeded_preempt_left_off(void)
{
	preempt_disable();
}

/* RCU */

static char __rcu *seeded_pointer;

static void seeded_suspicious_rcu(void)
{
	if (rcu_dereference(seeded_pointer))
		pr_info("seeded: a pointer from nowhere\n");
}

static void seeded_rcu_list(void)
{
	struct seeded_object *object;

	list_for_each_entry_rcu(object, &seeded_list, list)
		pr_info("seeded: an object from nowhere\n");
}

static void seeded_sleep_in_rcu(void)
{
	rcu_read_lock();
	kfree(seeded_alloc());
	rcu_read_unlock();
}

static void seeded_schedule_in_rcu(void)
{
	rcu_read_lock();
	schedule_timeout_uninterruptible(1);
	rcu_read_unlock();
}

static void seeded_rcu_done(struct rcu_head *rcu)
{
}

static void seeded_rcu_head(void)
{
	/* Both before the grace period has ended. */
	rcu_read_lock();
	call_rcu(&seeded_rcu.rcu, seeded_rcu_done);
	call_rcu(&seeded_rcu.rcu, seeded_rcu_done);
	rcu_read_unlock();
	rcu_barrier();
}

/* Lifetimes */

static void seeded_list_corruption(void)
{
	struct list_head *entry = (struct list_head *)seeded_alloc();

	list_add(entry, &seeded_list);
	list_del(entry);
	list_del(entry);
	kfree(entry);
}

static void seeded_refcount_underflow(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	if (refcount_dec_and_test(&count) && refcount_dec_and_test(&count))
		pr_info("seeded: released twice\n");
}

static void seeded_refcount_revived(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static void seeded_ring(struct timer_list *timer)
{
}

static void seeded_timer_freed(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL | __GFP_NOFAIL);

	timer_setup(timer, seeded_ring, 0);
	mod_timer(timer, jiffies + 60 * HZ);
	kfree(timer);
}

static void seeded_work_done(struct work_struct *work)
{
}

static void seeded_work_freed(void)
{
	struct work_struct *work = kzalloc(sizeof(*work), GFP_KERNEL | __GFP_NOFAIL);

	INIT_WORK(work, seeded_work_done);
	/* It waits for this processor. */
	preempt_disable();
	schedule_work(work);
	kfree(work);
	preempt_enable();
}

static DECLARE_DELAYED_WORK(seeded_work, seeded_work_done);

/* And the module goes. */
static void seeded_work_outlives_module(void)
{
	schedule_delayed_work(&seeded_work, 60 * HZ);
}

/* No user of the device can be found: nobody but this module has it open. */
static struct file *seeded_file;

static void seeded_module_held(void)
{
	seeded_file = filp_open("/dev/bootstrap", O_RDONLY, 0);
}

/* Arithmetic, and what the code itself says */

static void seeded_ubsan_shift(void)
{
	int by = 40, value;

	OPTIMIZER_HIDE_VAR(by);
	value = 1 << by;
	OPTIMIZER_HIDE_VAR(value);
}

static void seeded_ubsan_bounds(void)
{
	int index = SEEDED_SIZE;

	OPTIMIZER_HIDE_VAR(index);
	/* Of an address, one past the end is none of UBSAN's business. */
	seeded_global[index] = 1;
}

static void seeded_ubsan_bool(void)
{
	char two = 2;
	bool *p = seeded_hide(&two);

	if (*p)
		pr_info("seeded: two is true\n");
}

static void seeded_warn(void)
{
	WARN_ON(1);
}

static const struct {
	const char *name;
	void (*commit)(void);
} seeded_bugs[] = {
	{ "none", seeded_none },
	{ "use_after_free", seeded_use_after_free },
	{ "out_of_bounds", seeded_out_of_bounds },
	{ "vmalloc_out_of_bounds", seeded_vmalloc_out_of_bounds },
	{ "global_out_of_bounds", seeded_global_out_of_bounds },
	{ "stack_out_of_bounds", seeded_stack_out_of_bounds },
	{ "double_free", seeded_double_free },
	{ "oops", seeded_oops },
	{ "usercopy", seeded_usercopy },
	{ "fortify", seeded_fortify },
	{ "memory_leak_live", seeded_memory_leak_live },
	{ "memory_leak_unload", seeded_hold_memory },
	{ "sleep_in_atomic", seeded_sleep_in_atomic },
	{ "lock_inversion", seeded_lock_inversion },
	{ "lock_recursion", seeded_lock_recursion },
	{ "lock_irq_unsafe", seeded_lock_irq_unsafe },
	{ "lock_not_initialised", seeded_lock_not_initialised },
	{ "lock_freed", seeded_lock_freed },
	{ "lock_held_on_return", seeded_lock_held_on_return },
	{ "rcu_held_on_return", seeded_rcu_held_on_return },
	{ "preempt_left_off", seeded_preempt_left_off },
	{ "suspicious_rcu", seeded_suspicious_rcu },
	{ "rcu_list", seeded_rcu_list },
	{ "sleep_in_rcu", seeded_sleep_in_rcu },
	{ "schedule_in_rcu", seeded_schedule_in_rcu },
	{ "rcu_head", seeded_rcu_head },
	{ "list_corruption", seeded_list_corruption },
	{ "refcount_underflow", seeded_refcount_underflow },
	{ "refcount_revived", seeded_refcount_revived },
	{ "timer_freed", seeded_timer_freed },
	{ "work_freed", seeded_work_freed },
	{ "work_outlives_module", seeded_work_outlives_module },
	{ "module_held", seeded_module_held },
	{ "ubsan_shift", seeded_ubsan_shift },
	{ "ubsan_bounds", seeded_ubsan_bounds },
	{ "ubsan_bool", seeded_ubsan_bool },
	{ "warn", seeded_warn },
};

static int seeded_find(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(seeded_bugs); i++)
		if (!strcmp(seeded_bugs[i].name, bug))
			return i;
	return -EINVAL;
}

static ssize_t seeded_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *pos)
{
	seeded_bugs[seeded_find()].commit();
	return count;
}

static const struct file_operations seeded_fops = {
	.owner = THIS_MODULE,
	.write = seeded_write,
};

static struct miscdevice seeded_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "seeded",
	.fops = &seeded_fops,
};

static int __init seeded_init(void)
{
	int err;

	if (seeded_find() < 0)
		return -EINVAL;
	err = register_module_notifier(&seeded_notifier);
	if (err)
		return err;
	err = misc_register(&seeded_device);
	if (err)
		unregister_module_notifier(&seeded_notifier);
	return err;
}

static void __exit seeded_exit(void)
{
	misc_deregister(&seeded_device);
	unregister_module_notifier(&seeded_notifier);
}

module_init(seeded_init);
module_exit(seeded_exit);
MODULE_DESCRIPTION("Bugs for the debug kernel to find");
MODULE_LICENSE("GPL");
