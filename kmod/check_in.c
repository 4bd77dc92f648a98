// SPDX-License-Identifier: GPL-2.0
/*
 * Check-in: how a server gets its receive right.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>

#include "name_table.h"

#define BS_CHECK_IN_FLAGS \
	(BOOTSTRAP_CHECK_IN_STRICT | BOOTSTRAP_CHECK_IN_RESERVED)

/*
 * Makes the caller the server; @right, which it listens on, gets what waits.
 * The right's own reference stays the caller's.
 */
static int bs_service_serve_locked(struct bs_service *service,
				   struct bs_server *server,
				   struct file *right, struct bs_leftover *left)
{
	struct file *queue;

	lockdep_assert_held(&service->lock);
	if (!service->name)
		return -ENOENT;
	bs_service_vacate_locked(service, left);
	if (service->server)
		return -EBUSY;
	if (uid_valid(service->last) && !uid_eq(service->last, server->uid)) {
		/* Not for this server were these clients waiting. */
		queue = bs_service_new_queue(service);
		if (IS_ERR(queue))
			return PTR_ERR(queue);
		bs_leftover_close(left, service, service->queue);
		service->queue = queue;
	}
	bs_service_move_locked(service, service->queue, right);
	bs_service_listen_locked(service, right);
	service->right = get_file(right);
	service->last = server->uid;
	service->limit.uid = bs_caller_accountable_uid();
	service->needed = false;
	service->needs = 0;
	bs_server_begin_locked(server);
	bs_leftover_tell(left, service);
	return 0;
}

static int bs_service_hand_over_locked(struct bs_service *service,
				       struct bs_server *server,
				       struct bs_leftover *left)
{
	int err;

	lockdep_assert_held(&service->lock);
	if (!service->name)
		return -ENOENT;
	bs_service_vacate_locked(service, left);
	if (!service->server)
		return -ESRCH;
	if (server->port && server->port != service->server->port)
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_OWNER);
	err = bs_right_renew(service->right, service->limit.backlog);
	if (err)
		return err;
	/* They stay where they are, and are told who serves them now. */
	bs_right_move(service->right, service->right);
	left->server = service->server;
	service->last = server->uid;
	service->limit.uid = bs_caller_accountable_uid();
	bs_server_begin_locked(server);
	return 0;
}

/* Makes the caller the server: with a right of its own, or with the other's. */
static int bs_service_change(struct bs_service *service, struct bs_port *port,
			     struct file *right)
{
	struct bs_leftover left = {};
	struct bs_server *server;
	int err;

	server = bs_server_new(service, port);
	if (!server)
		return -ENOMEM;
	mutex_lock(&service->lock);
	if (right)
		err = bs_service_serve_locked(service, server, right, &left);
	else
		err = bs_service_hand_over_locked(service, server, &left);
	mutex_unlock(&service->lock);
	bs_leftover_release(&left);
	if (err)
		bs_server_free(server);
	return err;
}

static long bs_service_enter(struct bs_call *call, struct bs_service *service)
{
	const struct bootstrap_check_in *args = &call->args.check_in;
	struct bootstrap_check_in reply = *args;
	struct file *right;
	int fd, err;

	if ((args->type && args->type != service->type) ||
	    (args->backlog &&
	     bs_service_backlog(args->backlog) != service->limit.backlog) ||
	    args->flags & BOOTSTRAP_CHECK_IN_RESERVED)
		return -EINVAL;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	right = bs_right_new(service->addr, service->type,
			     service->limit.backlog);
	if (IS_ERR(right)) {
		err = PTR_ERR(right);
		goto out_fd;
	}
	reply.generation = service->generation;
	err = bs_call_reply(call, &reply);
	if (err)
		goto out_right;
	err = bs_service_change(service, call->port, right);
	if (err) {
		bs_call_unreply(call);
		goto out_right;
	}
	fd_install(fd, right);
	return fd;
out_right:
	fput(right);
out_fd:
	put_unused_fd(fd);
	return err;
}

static long bs_service_check_in(struct bs_call *call,
				struct bs_service *service)
{
	long ret = bs_service_enter(call, service);

	if (tracepoint_enabled(bootstrap_check_in))
		bs_trace_served(service, ret);
	return ret;
}

/**
 * bs_service_hand_over() - make the caller the server instead of another
 * @service: declared
 * @port: must be the one that the other checked in through; NULL: a handle
 *
 * Return: 0, or -ENOENT (it was withdrawn), -ESRCH (there is no other), -EPERM
 * (not through this port), -ENOMEM.
 */
int bs_service_hand_over(struct bs_service *service, struct bs_port *port)
{
	return bs_service_change(service, port, NULL);
}

/* May the caller check in by the name? */
static bool bs_service_admits(const struct bs_service *service)
{
	const struct cred *cred = current_cred();
	const struct bs_session *session;
	bool stands;

	if (!service->admits || !uid_eq(cred->uid, service->admitted) ||
	    !uid_eq(cred->euid, service->admitted) ||
	    !uid_eq(cred->suid, service->admitted))
		return false;
	rcu_read_lock();
	session = bs_session_stand_rcu();
	stands = !IS_ERR(session) && session->cookie == service->cookie;
	rcu_read_unlock();
	return stands;
}

/**
 * bs_service_find_declared() - the declared service that a name stands for
 * @key: the text
 * @where: in which namespace; through the device, who may check in need not be
 *	one who may write to it
 *
 * Return: a reference; NULL if there is none; or an error.
 */
struct bs_service *bs_service_find_declared(const struct bs_key *key,
					    const struct bs_address *where)
{
	struct bs_service *service = NULL;
	struct bs_namespace *ns;
	struct bs_name *name;

	ns = bs_namespace_get_address(where, where->port->ns ?
				      BOOTSTRAP_RIGHT_REGISTER : 0);
	if (IS_ERR(ns))
		return ERR_CAST(ns);
	rcu_read_lock();
	name = bs_name_find_get(key, ns);
	rcu_read_unlock();
	bs_namespace_put(ns);
	if (!name)
		return NULL;
	if (name->flags & BS_NAME_DECLARED)
		service = bs_service_get(name->service);
	bs_name_put(name);
	return service;
}

/* Why one who may write to the namespace cannot check in what is not declared. */
static int bs_check_in_strict(const struct bs_key *key, struct bs_namespace *ns)
{
	const struct bs_name *name;
	int err = -ENOENT;

	bs_name_prune(key, ns);
	mutex_lock(&ns->lock);
	name = bs_name_find_locked(key, ns);
	if (ns->dead)
		err = -ESHUTDOWN;
	else if (name && !bs_name_visible(name))
		bs_deny(err, BOOTSTRAP_DENIED_HIDDEN);
	else if (name)
		err = name->flags & BS_NAME_DECLARED ?
			bs_deny(-EPERM, BOOTSTRAP_DENIED_DECLARED) : -EBUSY;
	mutex_unlock(&ns->lock);
	return err;
}

static int bs_check_in_publish(struct bs_call *call, const struct bs_key *key,
			       struct bs_namespace *ns,
			       struct bs_service *service)
{
	struct bs_publication what = {
		.flags = BS_NAME_SERVICE,
		.service = service,
		.generation_at = offsetof(struct bootstrap_check_in, generation),
		.taken = -EBUSY,
		.declared = -EPERM,
	};

	if (call->args.check_in.flags & BOOTSTRAP_CHECK_IN_RESERVED)
		what.flags |= BS_NAME_RESERVED;
	return bs_name_publish(call, key, ns, &what);
}

static long bs_check_in_new(struct bs_call *call, const struct bs_key *key,
			    struct bs_namespace *ns)
{
	const struct bootstrap_check_in *args = &call->args.check_in;
	struct bs_service *service;
	struct file *right;
	int fd, err;

	if (args->flags & BOOTSTRAP_CHECK_IN_STRICT)
		return bs_check_in_strict(key, ns);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	service = bs_service_new(key, args->type, args->backlog, &right);
	if (IS_ERR(service)) {
		put_unused_fd(fd);
		return PTR_ERR(service);
	}
	err = bs_check_in_publish(call, key, ns, service);
	bs_service_put(service);
	if (err) {
		fput(right);
		put_unused_fd(fd);
		return err;
	}
	fd_install(fd, right);
	return fd;
}

static int bs_check_in_args_check(const struct bootstrap_check_in *args)
{
	if (args->flags & ~BS_CHECK_IN_FLAGS)
		return -EOPNOTSUPP;
	if (args->pad)
		return -EINVAL;
	return bs_service_type_check(args->type);
}

/**
 * bs_check_in() - BOOTSTRAP_IOC_CHECK_IN
 * @call: the call
 */
long bs_check_in(struct bs_call *call)
{
	const struct bootstrap_check_in *args = &call->args.check_in;
	const struct bs_address where = BS_ADDRESS(call, args);
	struct bs_service *service;
	struct bs_namespace *ns;
	struct bs_key key;
	bool admitted;
	long ret;

	ret = bs_check_in_args_check(args) ?: bs_address_check(&where);
	if (ret)
		return ret;
	ret = bs_key_read(&key, args->name, args->name_len);
	if (ret)
		return ret;
	service = bs_service_find_declared(&key, &where);
	if (IS_ERR(service))
		return PTR_ERR(service);
	if (service) {
		admitted = bs_service_admits(service);
		if (admitted)
			ret = bs_service_check_in(call, service);
		bs_service_put(service);
		if (admitted)
			return ret;
	}
	ns = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_REGISTER);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	ret = bs_check_in_new(call, &key, ns);
	bs_trace(check_in, &key, ns, ret);
	bs_namespace_put(ns);
	return ret;
}

/**
 * bs_check_in_by_handle() - BOOTSTRAP_IOC_CHECK_IN on a check-in handle
 * @call: the call
 */
long bs_check_in_by_handle(struct bs_call *call)
{
	const struct bootstrap_check_in *args = &call->args.check_in;
	int err;

	err = bs_check_in_args_check(args);
	if (err)
		return err;
	if (args->name || args->name_len || args->scope || args->session ||
	    args->cookie)
		return -EINVAL;
	return bs_service_check_in(call, call->service);
}

/**
 * bs_take_over_by_handle() - BOOTSTRAP_IOC_TAKE_OVER on a check-in handle
 * @call: the call
 */
long bs_take_over_by_handle(struct bs_call *call)
{
	const struct bootstrap_name *args = &call->args.name;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->pad || args->name || args->name_len || args->scope ||
	    args->session || args->cookie)
		return -EINVAL;
	if (args->generation && args->generation != call->service->generation)
		return -ENOENT;
	return bs_service_hand_over(call->service, NULL);
}
