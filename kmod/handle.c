// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace handles: descriptors that address one namespace, with rights of
 * their own, whoever calls.
 *
 * A handle is a port like the device's; what is registered through it ends with
 * it. It keeps the memory of its namespace, never the namespace's life.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "internal.h"

#define BS_OPEN_FLAGS (BOOTSTRAP_OPEN_PARENT | BOOTSTRAP_OPEN_CHILD)

static __poll_t bs_handle_poll(struct file *file, poll_table *table)
{
	const struct bs_port *port = file->private_data;

	poll_wait(file, &port->ns->died, table);
	return bs_namespace_over(port->ns) ? EPOLLIN | EPOLLHUP : 0;
}

static int bs_handle_release(struct inode *inode, struct file *file)
{
	struct bs_port *port = file->private_data;
	struct bs_namespace *ns = port->ns;
	struct bs_user *user = port->user;

	bs_port_close(port);
	bs_user_discharge(user, BS_LIMIT_HANDLES);
	bs_namespace_put(ns);
	return 0;
}

/* As BOOTSTRAP_IOC_NAMESPACE, what it may not read it is not told. */
static void bs_handle_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct bs_port *port = file->private_data;
	const struct bs_namespace *ns = port->ns;

	seq_puts(m, "bootstrap:\tnamespace\n");
	seq_printf(m, "namespace:\t%llu\n", ns->id);
	seq_printf(m, "type:\t%u\n", READ_ONCE(ns->type));
	seq_printf(m, "rights:\t0x%x\n", port->rights);
	seq_printf(m, "state:\t%s\n", bs_namespace_over(ns) ? "dead" : "alive");
	if (port->rights & BOOTSTRAP_RIGHT_LIST)
		seq_printf(m, "names:\t%u\n", READ_ONCE(ns->count));
	bs_port_show(port, m);
}

static const struct file_operations bs_handle_operations = {
	.owner = THIS_MODULE,
	.show_fdinfo = bs_handle_show_fdinfo,
	.poll = bs_handle_poll,
	.release = bs_handle_release,
	.unlocked_ioctl = bs_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* An open file, or -EDQUOT, -ENOMEM, -ENFILE. */
static struct file *bs_handle_new(struct bs_namespace *ns, u32 rights)
{
	struct bs_user *user = bs_user_charge_caller(BS_LIMIT_HANDLES);
	struct file *file = ERR_PTR(-ENOMEM);
	struct bs_port *port;

	if (IS_ERR(user))
		return ERR_CAST(user);
	port = bs_port_new();
	if (!port)
		goto out_user;
	refcount_inc(&ns->refs);
	port->ns = ns;
	port->rights = rights;
	port->maker = current_euid();
	port->privileged = bs_caller_privileged();
	port->user = user;
	file = anon_inode_getfile("[bootstrap-namespace]",
				  &bs_handle_operations, port, O_RDWR);
	if (!IS_ERR(file))
		return file;
	bs_namespace_put(ns);
	bs_port_put(port);
out_user:
	bs_user_discharge(user, BS_LIMIT_HANDLES);
	return file;
}

/**
 * bs_handle_get() - the handle that a descriptor is
 * @fd: the caller's descriptor
 *
 * Return: a reference to the open file, whose private data is a port, or -EBADF.
 */
struct file *bs_handle_get(int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op == &bs_handle_operations)
		return file;
	fput(file);
	return ERR_PTR(-EBADF);
}

/**
 * bs_handle_install() - give the caller a handle
 * @call: the call
 * @ns: for which namespace
 * @rights: BOOTSTRAP_RIGHT_*
 * @reply: what the caller's struct is told
 *
 * Return: the descriptor, or an error, and nothing is told.
 */
long bs_handle_install(struct bs_call *call, struct bs_namespace *ns,
		       u32 rights, const void *reply)
{
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = bs_handle_new(ns, rights);
	err = PTR_ERR_OR_ZERO(file);
	if (err)
		goto out_fd;
	err = bs_call_reply(call, reply);
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

/* That it is there is not told to those who may not see it. */
static int bs_open_check_child(const struct bootstrap_open *args,
			       const struct bs_namespace *child)
{
	if (child->id != args->namespace_id)
		return -ENOENT;
	return bs_namespace_visible(child) ? 0 :
		bs_deny(-ENOENT, BOOTSTRAP_DENIED_PRIVILEGE);
}

/* The namespace that is meant, as seen from the one that is addressed. */
static struct bs_namespace *bs_open_target(const struct bootstrap_open *args,
					   struct bs_namespace *ns)
{
	struct bs_namespace *target = ns;
	int err;

	if (args->flags & BOOTSTRAP_OPEN_CHILD) {
		target = bs_namespace_child_after(ns, args->namespace_id - 1);
		if (!target)
			return ERR_PTR(-ENOENT);
		err = bs_open_check_child(args, target);
		if (!err)
			return target;
		bs_namespace_put(target);
		return ERR_PTR(err);
	}
	rcu_read_lock();
	if (args->flags & BOOTSTRAP_OPEN_PARENT)
		target = READ_ONCE(ns->parent) ?: ns;
	refcount_inc(&target->refs);
	rcu_read_unlock();
	return target;
}

/*
 * What may be given. Through a handle never more than it has; of what is not its
 * own namespace, what lies above to be read, and else what the caller might have
 * without it.
 */
static u32 bs_open_allowed(const struct bs_call *call,
			   const struct bs_namespace *target)
{
	const struct bs_port *port = call->port;
	u32 own;

	if (target == port->ns)
		return port->rights;
	own = bs_namespace_rights(target);
	if (!port->ns)
		return own;
	if (!(call->args.open.flags & BOOTSTRAP_OPEN_CHILD))
		own |= BOOTSTRAP_RIGHT_LOOK_UP | BOOTSTRAP_RIGHT_LIST |
		       BOOTSTRAP_RIGHT_ASCEND;
	return port->rights & own;
}

static long bs_open_install(struct bs_call *call, struct bs_namespace *ns)
{
	struct bootstrap_open reply = call->args.open;
	u32 allowed = bs_open_allowed(call, ns);

	if (call->port->ns && reply.rights & ~call->port->rights)
		return bs_deny(-EACCES, BOOTSTRAP_DENIED_RIGHT);
	if (reply.rights & ~allowed || !allowed)
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
	reply.rights = reply.rights ?: allowed;
	reply.namespace_id = ns->id;
	reply.type = READ_ONCE(ns->type);
	return bs_handle_install(call, ns, reply.rights, &reply);
}

/* What it takes of a handle to go on from its namespace to another. */
static u32 bs_open_right(u32 flags)
{
	if (flags & BOOTSTRAP_OPEN_PARENT)
		return BOOTSTRAP_RIGHT_ASCEND;
	if (flags & BOOTSTRAP_OPEN_CHILD)
		return BOOTSTRAP_RIGHT_LIST;
	return 0;
}

/**
 * bs_open_handle() - BOOTSTRAP_IOC_OPEN
 * @call: the call
 */
long bs_open_handle(struct bs_call *call)
{
	const struct bootstrap_open *args = &call->args.open;
	const struct bs_address where = BS_ADDRESS(call, args);
	struct bs_namespace *ns, *target;
	long ret;

	if (args->flags & ~BS_OPEN_FLAGS ||
	    args->rights & ~BOOTSTRAP_RIGHTS_ALL)
		return -EOPNOTSUPP;
	if (args->flags == BS_OPEN_FLAGS ||
	    !(args->flags & BOOTSTRAP_OPEN_CHILD) != !args->namespace_id)
		return -EINVAL;
	ns = bs_namespace_get_address(&where, bs_open_right(args->flags));
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	target = bs_open_target(args, ns);
	bs_namespace_put(ns);
	if (IS_ERR(target))
		return PTR_ERR(target);
	ret = bs_open_install(call, target);
	bs_namespace_put(target);
	return ret;
}

/* May the caller take the handle for its own namespace, as its maker meant? */
static bool bs_handle_may_enter(const struct bs_port *port)
{
	if (!(port->rights & BOOTSTRAP_RIGHT_ENTER))
		return false;
	return port->privileged || (uid_eq(port->maker, current_uid()) &&
				    uid_eq(port->maker, current_euid()));
}

/**
 * bs_namespace_describe() - what there is to tell of a namespace to anybody
 * @ns: the namespace
 * @reply: filled, but for what the caller may do there
 */
void bs_namespace_describe(const struct bs_namespace *ns,
			   struct bootstrap_namespace *reply)
{
	const struct bs_namespace *parent;

	rcu_read_lock();
	parent = READ_ONCE(ns->parent) ?: ns;
	reply->parent_id = parent->id;
	rcu_read_unlock();
	reply->namespace_id = ns->id;
	reply->type = READ_ONCE(ns->type);
	reply->uid = from_kuid_munged(current_user_ns(), ns->uid);
	reply->session_id = READ_ONCE(ns->session);
	reply->session_cookie = READ_ONCE(ns->cookie);
	reply->names = READ_ONCE(ns->count);
	reply->depth = ns->depth;
	reply->state = bs_namespace_over(ns) ? BOOTSTRAP_NAMESPACE_DEAD : 0;
	reply->pad = 0;
}

/**
 * bs_namespace_query() - BOOTSTRAP_IOC_NAMESPACE
 * @call: the call
 */
long bs_namespace_query(struct bs_call *call)
{
	struct bootstrap_namespace reply = call->args.ns;
	const struct bs_address where = BS_ADDRESS(call, &reply);
	const struct bs_port *port = call->port;
	struct bs_namespace *ns;

	if (reply.flags)
		return -EOPNOTSUPP;
	ns = bs_namespace_get_address(&where, 0);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	bs_namespace_describe(ns, &reply);
	if (ns == port->ns) {
		reply.rights = port->rights;
		if (bs_handle_may_enter(port))
			reply.state |= BOOTSTRAP_NAMESPACE_MAY_ENTER;
	} else {
		reply.rights = bs_namespace_rights(ns);
	}
	/* What a handle may not read it is not told. */
	if (port->ns && !(port->rights & BOOTSTRAP_RIGHT_ASCEND))
		reply.parent_id = 0;
	if (port->ns && !(port->rights & BOOTSTRAP_RIGHT_LIST))
		reply.names = 0;
	bs_namespace_put(ns);
	return bs_call_reply(call, &reply);
}
