// SPDX-License-Identifier: GPL-2.0
/*
 * Calls bootstrap(9) for the test that opened /dev/bootstrap_caller, in the
 * context of its task: a fault that is ordered for that is met by what is called.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>
#include <net/sock.h>

#include "bootstrap_api.h"
#include "bootstrap_caller.h"

#define CALLER_NAME_MAX		256
#define CALLER_EVENTS		512

/* One call at a time; protects what open files have, and the taking of events. */
static DEFINE_MUTEX(caller_lock);

/* Put in by the notifier alone. */
static DECLARE_KFIFO(caller_events, struct caller_event, CALLER_EVENTS);

/* Milliseconds; written before the notifier is registered. */
static unsigned int caller_delay;
static atomic_t caller_running;

static int caller_notify(struct notifier_block *notifier, unsigned long event,
			 void *data)
{
	const struct bootstrap_session_info *session = data;
	struct caller_event told = {
		.cookie = session->cookie,
		.session = session->session,
		.event = event,
		.uid = from_kuid(&init_user_ns, session->uid),
		.type = session->type,
		.attributes = session->attributes,
		.state = session->state,
	};

	atomic_inc(&caller_running);
	if (caller_delay)
		msleep(caller_delay);
	kfifo_put(&caller_events, told);
	atomic_dec(&caller_running);
	return NOTIFY_OK;
}

static struct notifier_block caller_notifier = {
	.notifier_call = caller_notify,
};

static long caller_install(struct file *found)
{
	int fd;

	if (IS_ERR(found))
		return PTR_ERR(found);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		fput(found);
	else
		fd_install(fd, found);
	return fd;
}

static long caller_keep(struct file *file,
			struct bootstrap_registration *registration)
{
	if (IS_ERR(registration))
		return PTR_ERR(registration);
	file->private_data = registration;
	return 0;
}

static long caller_register(struct file *file, const struct caller_args *args,
			    const char *name)
{
	struct file *target = fget_raw(args->fd);
	long ret;

	if (!target)
		return -EBADF;
	ret = caller_keep(file, bootstrap_register_file(name, target));
	fput(target);
	return ret;
}

static long caller_unregister(struct file *file)
{
	bootstrap_unregister(file->private_data);
	file->private_data = NULL;
	return 0;
}

static long caller_accept(struct file *file)
{
	struct bootstrap_registration *registration = file->private_data;
	struct socket *right, *connection;
	int err;

	right = registration ? bootstrap_service_socket(registration) : NULL;
	if (!right)
		return -ENOTSOCK;
	err = kernel_accept(right, &connection, O_NONBLOCK);
	return err ?: caller_install(sock_alloc_file(connection, 0, NULL));
}

static long caller_console(void)
{
	struct bootstrap_session_info info;

	return bootstrap_console_session(&info) ?: (long)info.session;
}

static long caller_watch(const struct caller_args *args)
{
	caller_delay = args->id;
	return bootstrap_register_session_notifier(&caller_notifier);
}

static long caller_run(struct file *file, unsigned int number,
		       const struct caller_args *args, const char *name)
{
	switch (number) {
	case CALLER_REGISTER_FILE:
		return caller_register(file, args, name);
	case CALLER_REGISTER_SERVICE:
		return caller_keep(file,
				   bootstrap_register_service(name, args->id,
							      args->flags));
	case CALLER_UNREGISTER:
		return caller_unregister(file);
	case CALLER_ACCEPT:
		return caller_accept(file);
	case CALLER_LOOK_UP_SESSION:
		return caller_install(bootstrap_look_up_session(args->id,
								args->cookie,
								name,
								args->flags));
	case CALLER_LOOK_UP_USER:
		return caller_install(bootstrap_look_up_user(KUIDT_INIT(args->id),
							     name,
							     args->flags));
	case CALLER_CONSOLE:
		return caller_console();
	case CALLER_NOTIFY:
		return caller_watch(args);
	case CALLER_NOTIFY_NOT:
		return bootstrap_unregister_session_notifier(&caller_notifier);
	default:
		return -ENOTTY;
	}
}

static long caller_ioctl(struct file *file, unsigned int number,
			 unsigned long arg)
{
	struct caller_args args;
	char *name = NULL;
	long ret;

	/* Of what may be under way. */
	if (number == CALLER_RUNNING)
		return atomic_read(&caller_running);
	if (copy_from_user(&args, (void __user *)arg, sizeof(args)))
		return -EFAULT;
	if (args.name)
		name = strndup_user(u64_to_user_ptr(args.name),
				    CALLER_NAME_MAX);
	if (IS_ERR(name))
		return PTR_ERR(name);
	mutex_lock(&caller_lock);
	ret = caller_run(file, number, &args, name);
	mutex_unlock(&caller_lock);
	kfree(name);
	return ret;
}

static ssize_t caller_read(struct file *file, char __user *buffer, size_t size,
			   loff_t *position)
{
	struct caller_event event;
	bool any;

	if (size < sizeof(event))
		return -EINVAL;
	mutex_lock(&caller_lock);
	any = kfifo_get(&caller_events, &event);
	mutex_unlock(&caller_lock);
	if (!any)
		return -EAGAIN;
	return copy_to_user(buffer, &event, sizeof(event)) ? -EFAULT :
		sizeof(event);
}

static int caller_open(struct inode *inode, struct file *file)
{
	/* Where the core has put the device. */
	file->private_data = NULL;
	return 0;
}

static int caller_release(struct inode *inode, struct file *file)
{
	return caller_unregister(file);
}

static const struct file_operations caller_operations = {
	.owner = THIS_MODULE,
	.open = caller_open,
	.release = caller_release,
	.read = caller_read,
	.unlocked_ioctl = caller_ioctl,
};

static struct miscdevice caller_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KBUILD_MODNAME,
	.fops = &caller_operations,
	.mode = 0600,
};

static int __init caller_init(void)
{
	INIT_KFIFO(caller_events);
	return misc_register(&caller_device);
}

/* Whether it is registered or not. */
static void __exit caller_exit(void)
{
	misc_deregister(&caller_device);
	bootstrap_unregister_session_notifier(&caller_notifier);
}

module_init(caller_init);
module_exit(caller_exit);

MODULE_DESCRIPTION("Calls the kernel's interface of bootstrap for tests");
MODULE_LICENSE("GPL");
