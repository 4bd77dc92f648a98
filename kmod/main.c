// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/bootstrap: the device, and the way of each command through it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/fault-inject-usercopy.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "internal.h"

struct workqueue_struct *bs_workqueue;

static atomic64_t bs_last_id;

/**
 * bs_next_id() - a number for a session or a namespace, never given out again
 */
u64 bs_next_id(void)
{
	return atomic64_inc_return(&bs_last_id);
}

/**
 * bs_call_reply() - write a command's outputs
 * @call: the call
 * @reply: the caller's struct with the outputs filled in
 *
 * Before anything becomes visible, so that nothing can fail afterwards.
 *
 * Return: 0, or -EFAULT.
 */
int bs_call_reply(const struct bs_call *call, const void *reply)
{
	unsigned long __user *user = call->user;
	const unsigned long *words = reply;
	unsigned int at;

	if (should_fail_usercopy())
		return -EFAULT;
	/* By words, as it is read, if it is made of them. */
	if (!IS_ALIGNED((unsigned long)user | call->reply_size,
			sizeof(*words)) ||
	    !user_write_access_begin(user, call->reply_size))
		return copy_to_user(user, reply, call->reply_size) ?
			-EFAULT : 0;
	for (at = 0; at < call->reply_size / sizeof(*words); at++)
		unsafe_put_user(words[at], &user[at], fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

/**
 * bs_call_unreply() - take back what bs_call_reply() wrote, as the call failed
 * @call: the call
 */
void bs_call_unreply(const struct bs_call *call)
{
	/* Nothing to be done if the caller has unmapped it in between. */
	if (copy_to_user(call->user, &call->args, call->reply_size))
		return;
}

static long bs_features(struct bs_call *call)
{
	struct bootstrap_features reply = call->args.features;

	if (reply.flags)
		return -EOPNOTSUPP;
	reply.features = BOOTSTRAP_FEATURE_FILE_ENDPOINTS |
			 BOOTSTRAP_FEATURE_LOGIN_SESSIONS |
			 BOOTSTRAP_FEATURE_SERVICES |
			 BOOTSTRAP_FEATURE_WAITING |
			 BOOTSTRAP_FEATURE_WATCHES |
			 BOOTSTRAP_FEATURE_NAMESPACES |
			 BOOTSTRAP_FEATURE_LOGOUT |
			 BOOTSTRAP_FEATURE_STATISTICS;
	reply.name_max = BOOTSTRAP_NAME_MAX;
	reply.names_per_namespace = bs_namespace_limit();
	reply.names_per_user = bs_user_limit(BS_LIMIT_NAMES);
	reply.sessions_per_user = bs_user_limit(BS_LIMIT_SESSIONS);
	reply.backlog = bs_service_backlog(0);
	reply.backlog_max = bs_service_backlog(U32_MAX);
	reply.waits_per_user = bs_user_limit(BS_LIMIT_WAITS);
	reply.watches_per_user = bs_user_limit(BS_LIMIT_WATCHES);
	reply.subsets_per_user = bs_user_limit(BS_LIMIT_SUBSETS);
	reply.handles_per_user = bs_user_limit(BS_LIMIT_HANDLES);
	reply.subset_depth = bs_subset_depth();
	reply.deferrals_per_user = bs_user_limit(BS_LIMIT_DEFERRALS);
	return bs_call_reply(call, &reply);
}

/**
 * struct bs_command - a row of the table of commands
 * @number: BOOTSTRAP_IOC_*
 * @size: of the argument, as known here
 * @min_size: as first released
 * @run: on the device, or on a namespace handle, or NULL
 * @handle: on a check-in handle, or NULL
 * @deferral: on a deferral, or NULL
 */
struct bs_command {
	unsigned int number;
	u16 size;
	u16 min_size;
	long (*run)(struct bs_call *call);
	long (*handle)(struct bs_call *call);
	long (*deferral)(struct bs_call *call);
};

#define BS_COMMAND(_name, _struct, _min, _run, ...)			\
	[_IOC_NR(BOOTSTRAP_IOC_##_name)] = {				\
		.number = BOOTSTRAP_IOC_##_name,			\
		.size = sizeof(struct _struct),				\
		.min_size = (_min),					\
		.run = (_run),						\
		__VA_ARGS__						\
	}

static const struct bs_command bs_commands[] = {
	BS_COMMAND(REGISTER, bootstrap_register,
		   BOOTSTRAP_REGISTER_SIZE_VER0, bs_register),
	BS_COMMAND(UNREGISTER, bootstrap_name,
		   BOOTSTRAP_NAME_SIZE_VER0, bs_unregister),
	BS_COMMAND(TAKE_OVER, bootstrap_name,
		   BOOTSTRAP_NAME_SIZE_VER0, bs_take_over,
		   .handle = bs_take_over_by_handle),
	BS_COMMAND(LOOK_UP, bootstrap_look_up,
		   BOOTSTRAP_LOOK_UP_SIZE_MIN, bs_look_up),
	BS_COMMAND(LIST, bootstrap_list,
		   BOOTSTRAP_LIST_SIZE_VER0, bs_list),
	BS_COMMAND(SESSION, bootstrap_session,
		   BOOTSTRAP_SESSION_SIZE_VER0, bs_session_query),
	BS_COMMAND(FEATURES, bootstrap_features,
		   BOOTSTRAP_FEATURES_SIZE_VER0, bs_features),
	BS_COMMAND(USAGE, bootstrap_usage,
		   BOOTSTRAP_USAGE_SIZE_VER0, bs_usage),
	BS_COMMAND(CHECK_IN, bootstrap_check_in,
		   BOOTSTRAP_CHECK_IN_SIZE_VER0, bs_check_in,
		   .handle = bs_check_in_by_handle),
	BS_COMMAND(DECLARE, bootstrap_declare,
		   BOOTSTRAP_DECLARE_SIZE_VER0, bs_declare),
	BS_COMMAND(PEER, bootstrap_peer,
		   BOOTSTRAP_PEER_SIZE_VER0, bs_peer),
	BS_COMMAND(LOOK_UP_ARRAY, bootstrap_look_up_array,
		   BOOTSTRAP_LOOK_UP_ARRAY_SIZE_VER0, bs_look_up_array),
	BS_COMMAND(WATCH, bootstrap_watch,
		   BOOTSTRAP_WATCH_SIZE_VER0, bs_watch),
	BS_COMMAND(OPEN, bootstrap_open,
		   BOOTSTRAP_OPEN_SIZE_VER0, bs_open_handle),
	BS_COMMAND(SUBSET, bootstrap_subset,
		   BOOTSTRAP_SUBSET_SIZE_VER0, bs_subset),
	BS_COMMAND(PRE_LOGIN, bootstrap_pre_login,
		   BOOTSTRAP_PRE_LOGIN_SIZE_VER0, bs_pre_login),
	BS_COMMAND(ANNOUNCE, bootstrap_announce,
		   BOOTSTRAP_ANNOUNCE_SIZE_VER0, bs_announce),
	BS_COMMAND(CHILDREN, bootstrap_list,
		   BOOTSTRAP_LIST_SIZE_VER0, bs_children),
	BS_COMMAND(NAMESPACE, bootstrap_namespace,
		   BOOTSTRAP_NAMESPACE_SIZE_VER0, bs_namespace_query),
	BS_COMMAND(ATTRIBUTES, bootstrap_attributes,
		   BOOTSTRAP_ATTRIBUTES_SIZE_VER0, bs_attributes),
	BS_COMMAND(SIGNAL, bootstrap_signal,
		   BOOTSTRAP_SIGNAL_SIZE_VER0, bs_signal),
	BS_COMMAND(LOGOUT, bootstrap_logout,
		   BOOTSTRAP_LOGOUT_SIZE_VER0, bs_logout),
	BS_COMMAND(DEFER, bootstrap_defer,
		   BOOTSTRAP_DEFER_SIZE_VER0, bs_defer),
	BS_COMMAND(CANCEL, bootstrap_cancel,
		   BOOTSTRAP_CANCEL_SIZE_VER0, NULL, .deferral = bs_cancel),
	BS_COMMAND(DEFERRALS, bootstrap_deferrals,
		   BOOTSTRAP_DEFERRALS_SIZE_VER0, bs_deferrals),
	BS_COMMAND(STATISTICS, bootstrap_statistics,
		   BOOTSTRAP_STATISTICS_SIZE_VER0, bs_statistics),
};

/*
 * The ABI: a struct may grow at its end, by whole words, but what was released
 * stays.
 */
static_assert(sizeof(struct bootstrap_register) == 64);
static_assert(sizeof(struct bootstrap_name) == 48);
static_assert(sizeof(struct bootstrap_info) == 64);
static_assert(sizeof(struct bootstrap_look_up) == 56);
static_assert(offsetof(struct bootstrap_look_up, session) ==
	      BOOTSTRAP_LOOK_UP_SIZE_MIN);
static_assert(sizeof(struct bootstrap_list) == 64);
static_assert(sizeof(struct bootstrap_list_entry) == 80);
static_assert(sizeof(struct bootstrap_session) == 360);
static_assert(sizeof(struct bootstrap_features) == 64);
static_assert(sizeof(struct bootstrap_usage) == 72);
static_assert(sizeof(struct bootstrap_check_in) == 56);
static_assert(sizeof(struct bootstrap_declare) == 56);
static_assert(sizeof(struct bootstrap_peer) == 40);
static_assert(sizeof(struct bootstrap_look_up_entry) == 24);
static_assert(sizeof(struct bootstrap_look_up_array) == 48);
static_assert(sizeof(struct bootstrap_record) == 16);
static_assert(sizeof(struct bootstrap_name_record) == 88);
static_assert(sizeof(struct bootstrap_watch) == 32);
static_assert(sizeof(struct bootstrap_open) == 40);
static_assert(sizeof(struct bootstrap_subset) == 40);
static_assert(sizeof(struct bootstrap_pre_login) == 24);
static_assert(sizeof(struct bootstrap_announce) == 72);
static_assert(sizeof(struct bootstrap_attributes) == 32);
static_assert(sizeof(struct bootstrap_signal) == 32);
static_assert(sizeof(struct bootstrap_logout) == 32);
static_assert(sizeof(struct bootstrap_defer) == 32);
static_assert(sizeof(struct bootstrap_cancel) == 8);
static_assert(sizeof(struct bootstrap_deferral) == 40);
static_assert(sizeof(struct bootstrap_deferrals) == 48);
static_assert(sizeof(struct bootstrap_session_record) == 376);
static_assert(sizeof(struct bootstrap_deferral_record) == 56);
static_assert(sizeof(struct bootstrap_child) == 40);
static_assert(sizeof(struct bootstrap_namespace) == 80);
static_assert(sizeof(struct bootstrap_statistics) == 128);

/* One that nothing runs if there is none of that number. */
static const struct bs_command *bs_command_find(unsigned int number)
{
	static const struct bs_command none;
	const struct bs_command *command;
	unsigned int nr = _IOC_NR(number);

	if (nr >= ARRAY_SIZE(bs_commands))
		return &none;
	command = &bs_commands[array_index_nospec(nr, ARRAY_SIZE(bs_commands))];
	return command->number == number ? command : &none;
}

/*
 * As copy_struct_from_user() does, faster for the few words that most callers
 * pass. Returns 0 or -EFAULT.
 */
static int bs_call_copy_words(void *args, const unsigned long __user *user,
			      unsigned int known, unsigned int size)
{
	unsigned long *words = args;
	unsigned int at;

	if (should_fail_usercopy() || !user_read_access_begin(user, size))
		return -EFAULT;
	for (at = 0; at < size / sizeof(*words); at++)
		unsafe_get_user(words[at], &user[at], fault);
	user_read_access_end();
	for (; at < known / sizeof(*words); at++)
		words[at] = 0;
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

static __always_inline int bs_call_read(struct bs_call *call,
					const struct bs_command *command,
					unsigned long arg)
{
	u32 size;

	call->user = (void __user *)arg;
	if (get_user(size, (u32 __user *)call->user))
		return -EFAULT;
	if (size < command->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	call->reply_size = min_t(size_t, size, command->size);
	if (size <= command->size && IS_ALIGNED(arg | size, sizeof(long)))
		return bs_call_copy_words(&call->args, call->user, command->size,
					  size);
	return copy_struct_from_user(&call->args, command->size, call->user,
				     size);
}

/* Runs a command, if it is one on what it came through. */
static __always_inline long bs_call_run(struct bs_call *call,
					const struct bs_command *command,
					long (*run)(struct bs_call *call),
					unsigned long arg)
{
	int err;

	if (!run)
		return -ENOTTY;
	err = bs_call_read(call, command, arg);
	return err ?: run(call);
}

/**
 * bs_port_ioctl() - any command through a port
 * @port: the port
 * @number: the command
 * @arg: address of its argument
 */
long bs_port_ioctl(struct bs_port *port, unsigned int number, unsigned long arg)
{
	const struct bs_command *command = bs_command_find(number);
	struct bs_call call __uninitialized;

	/* Its arguments are read, which need not be cleared before. */
	call.port = port;
	call.service = NULL;
	call.deferral = NULL;
	return bs_call_run(&call, command, command->run, arg);
}

/**
 * bs_ioctl() - a command on the device, or on a namespace handle
 * @file: its private data is a port
 * @number: the command
 * @arg: address of its argument
 */
long bs_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	if (number == BOOTSTRAP_IOC_LOOK_UP)
		return bs_look_up_plain(file->private_data, (void __user *)arg);
	return bs_port_ioctl(file->private_data, number, arg);
}

/**
 * bs_check_in_handle_ioctl() - a command on a check-in handle
 * @file: the handle
 * @number: the command
 * @arg: address of its argument
 */
long bs_check_in_handle_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	const struct bs_command *command = bs_command_find(number);
	struct bs_call call __uninitialized;

	call.port = NULL;
	call.service = file->private_data;
	call.deferral = NULL;
	return bs_call_run(&call, command, command->handle, arg);
}

/**
 * bs_deferral_ioctl() - a command on a deferral
 * @file: the deferral
 * @number: the command
 * @arg: address of its argument
 */
long bs_deferral_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	const struct bs_command *command = bs_command_find(number);
	struct bs_call call __uninitialized;

	call.port = NULL;
	call.service = NULL;
	call.deferral = file->private_data;
	return bs_call_run(&call, command, command->deferral, arg);
}

static int bs_open(struct inode *inode, struct file *file)
{
	file->private_data = bs_port_new();
	return file->private_data ? 0 : -ENOMEM;
}

static int bs_release(struct inode *inode, struct file *file)
{
	bs_port_close(file->private_data);
	return 0;
}

static void bs_show_fdinfo(struct seq_file *m, struct file *file)
{
	seq_puts(m, "bootstrap:\tdevice\n");
	bs_port_show(file->private_data, m);
}

static const struct file_operations bs_file_operations = {
	.owner = THIS_MODULE,
	.open = bs_open,
	.release = bs_release,
	.show_fdinfo = bs_show_fdinfo,
	.unlocked_ioctl = bs_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice bs_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bootstrap",
	.fops = &bs_file_operations,
	.mode = 0666,
};

static int __init bs_init(void)
{
	int err;

	if (!IS_ENABLED(CONFIG_AUDIT)) {
		pr_err("this kernel has no audit sessions (CONFIG_AUDIT)\n");
		return -EOPNOTSUPP;
	}
	/*
	 * Numbers do not come again after a reload, either: fewer than one a
	 * microsecond are given out. As nanoseconds they would soon be more
	 * than the readers of JSON can tell apart.
	 */
	atomic64_set(&bs_last_id, ktime_get_boottime_ns() >> 10);
	err = bs_kernel_cred_init();
	if (err)
		return err;
	bs_workqueue = alloc_workqueue("bootstrap", WQ_UNBOUND, 0);
	if (!bs_workqueue) {
		err = -ENOMEM;
		goto out_cred;
	}
	bs_keys_init();
	bs_wait_init();
	bs_notify_init();
	err = bs_names_init();
	if (err)
		goto out_workqueue;
	err = bs_sessions_init();
	if (err)
		goto out_names;
	err = misc_register(&bs_device);
	if (!err)
		return 0;
	bs_sessions_exit();
out_names:
	bs_names_exit();
out_workqueue:
	destroy_workqueue(bs_workqueue);
out_cred:
	bs_kernel_cred_exit();
	return err;
}

/*
 * No file of ours is open any more. What is left are sessions, subsets and logins
 * of processes that live on, sticky names, and services with their rights, which
 * live on: they are ordinary sockets.
 */
static void __exit bs_exit(void)
{
	misc_deregister(&bs_device);
	bs_baton_end_all();
	bs_servers_exit();
	/* A right may be closed, which queues work, as long as it has a name. */
	bs_namespace_kill(bs_root_namespace);
	destroy_workqueue(bs_workqueue);
	bs_sessions_exit();
	bs_names_exit();
	bs_kernel_cred_exit();
}

module_init(bs_init);
module_exit(bs_exit);

MODULE_DESCRIPTION("Bootstrap namespaces and login sessions");
MODULE_LICENSE("GPL");
