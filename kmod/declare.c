// SPDX-License-Identifier: GPL-2.0
/*
 * Declarations, and the check-in handles that they give.
 *
 * A handle keeps no name alive: it refers to the service, and what that has is
 * let go of when the declaration ends. So a handle that waits in the service's
 * own queue is freed then at the latest.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "internal.h"

#define BS_DECLARE_FLAGS (BOOTSTRAP_DECLARE_HIDDEN | \
			  BOOTSTRAP_DECLARE_RESERVED | BOOTSTRAP_DECLARE_UID)

static bool bs_demand_is_told(const struct bs_service *service)
{
	return READ_ONCE(service->needs) || !READ_ONCE(service->name);
}

static u64 bs_demand_take(struct bs_service *service)
{
	u64 needs = 0;

	mutex_lock(&service->lock);
	swap(needs, service->needs);
	mutex_unlock(&service->lock);
	return needs;
}

static ssize_t bs_check_in_handle_read(struct file *file, char __user *buffer,
				       size_t size, loff_t *pos)
{
	struct bs_service *service = file->private_data;
	u64 needs;
	int err;

	if (size < sizeof(needs))
		return -EINVAL;
	for (;;) {
		needs = bs_demand_take(service);
		if (needs)
			break;
		if (!READ_ONCE(service->name))
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(service->demand,
					       bs_demand_is_told(service));
		if (err)
			return err;
	}
	if (!copy_to_user(buffer, &needs, sizeof(needs)))
		return sizeof(needs);
	mutex_lock(&service->lock);
	/* Unless a server came in between. */
	if (service->needed)
		service->needs += needs;
	mutex_unlock(&service->lock);
	wake_up_interruptible(&service->demand);
	return -EFAULT;
}

static __poll_t bs_check_in_handle_poll(struct file *file, poll_table *table)
{
	struct bs_service *service = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &service->demand, table);
	if (READ_ONCE(service->needs))
		events |= EPOLLIN | EPOLLRDNORM;
	if (!READ_ONCE(service->name))
		events |= EPOLLIN | EPOLLHUP;
	return events;
}

static int bs_check_in_handle_release(struct inode *inode, struct file *file)
{
	bs_service_put(file->private_data);
	return 0;
}

static const char *bs_check_in_state(const struct bs_service *service)
{
	if (!service->name)
		return "ended";
	if (service->server)
		return "served";
	return service->needed ? "needed" : "idle";
}

/* Its declarer's, who is told no more of the server than that there is one. */
static void bs_check_in_handle_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct bs_service *service = file->private_data;

	seq_puts(m, "bootstrap:\tcheck-in\n");
	mutex_lock(&service->lock);
	seq_printf(m, "generation:\t%llu\n", service->generation);
	seq_printf(m, "type:\t%u\n", service->type);
	seq_printf(m, "backlog:\t%u\n", service->limit.backlog);
	seq_printf(m, "state:\t%s\n", bs_check_in_state(service));
	seq_printf(m, "needs:\t%llu\n", service->needs);
	/* It has no control characters. */
	if (service->name)
		seq_printf(m, "name:\t%.*s\n", service->name->len,
			   service->name->text);
	mutex_unlock(&service->lock);
}

static const struct file_operations bs_check_in_handle_operations = {
	.owner = THIS_MODULE,
	.show_fdinfo = bs_check_in_handle_show_fdinfo,
	.read = bs_check_in_handle_read,
	.poll = bs_check_in_handle_poll,
	.release = bs_check_in_handle_release,
	.unlocked_ioctl = bs_check_in_handle_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct file *bs_check_in_handle_new(struct bs_service *service)
{
	struct file *handle;

	handle = anon_inode_getfile("[bootstrap-check-in]",
				    &bs_check_in_handle_operations, service, O_RDWR);
	if (!IS_ERR(handle))
		bs_service_get(service);
	return handle;
}

static int bs_declare_publish(struct bs_call *call, const struct bs_key *key,
			      struct bs_namespace *ns,
			      struct bs_service *service)
{
	struct bs_publication what = {
		.flags = BS_NAME_SERVICE | BS_NAME_DECLARED,
		.service = service,
		.generation_at = offsetof(struct bootstrap_declare, generation),
		.taken = -EEXIST,
		.declared = -EEXIST,
	};

	if (call->args.declare.flags & BOOTSTRAP_DECLARE_RESERVED)
		what.flags |= BS_NAME_RESERVED;
	return bs_name_publish(call, key, ns, &what);
}

static long bs_declare_service(struct bs_call *call, const struct bs_key *key,
			       struct bs_namespace *ns,
			       struct bs_service *service)
{
	struct file *handle;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	handle = bs_check_in_handle_new(service);
	err = PTR_ERR_OR_ZERO(handle);
	if (err)
		goto out_fd;
	err = bs_declare_publish(call, key, ns, service);
	if (err)
		goto out_handle;
	fd_install(fd, handle);
	return fd;
out_handle:
	fput(handle);
out_fd:
	put_unused_fd(fd);
	return err;
}

static long bs_declare_in(struct bs_call *call, const struct bs_key *key,
			  struct bs_namespace *ns, kuid_t uid)
{
	const struct bootstrap_declare *args = &call->args.declare;
	struct bs_service *service;
	long ret;

	service = bs_service_new(key, args->type, args->backlog, NULL);
	if (IS_ERR(service))
		return PTR_ERR(service);
	service->hidden = args->flags & BOOTSTRAP_DECLARE_HIDDEN;
	if (READ_ONCE(ns->type) == BOOTSTRAP_NAMESPACE_USER)
		service->home = ns->uid;
	if (args->flags & BOOTSTRAP_DECLARE_UID) {
		service->admits = true;
		service->admitted = uid;
		service->limit.uid = uid;
	}
	ret = bs_declare_service(call, key, ns, service);
	bs_service_put(service);
	return ret;
}

/**
 * bs_declare() - BOOTSTRAP_IOC_DECLARE
 * @call: the call
 */
long bs_declare(struct bs_call *call)
{
	const struct bootstrap_declare *args = &call->args.declare;
	const struct bs_address where = BS_ADDRESS(call, args);
	kuid_t uid = INVALID_UID;
	struct bs_namespace *ns;
	struct bs_key key;
	long ret;

	if (args->flags & ~BS_DECLARE_FLAGS)
		return -EOPNOTSUPP;
	if (args->flags & BOOTSTRAP_DECLARE_UID) {
		uid = make_kuid(current_user_ns(), args->uid);
		if (!uid_valid(uid))
			return -EINVAL;
	} else if (args->uid) {
		return -EINVAL;
	}
	ret = bs_service_type_check(args->type);
	if (ret)
		return ret;
	ret = bs_key_read(&key, args->name, args->name_len);
	if (ret)
		return ret;
	ns = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_REGISTER);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_declare_in(call, &key, ns, uid);
	bs_trace(declare, &key, ns, ret);
	bs_namespace_put(ns);
	return ret;
}
