// SPDX-License-Identifier: GPL-2.0
/*
 * Services: names that look-ups connect to.
 *
 * The service of a server that just checked in is no more than a watch on its
 * receive right: the name ends when that is closed, whoever had it last.
 *
 * A declared service has a queue of its own besides, a right that nobody holds.
 * Connections wait in it while there is no server. Each server gets a fresh
 * right, and what waits moves there; when the server is gone, what it has not
 * accepted moves back. So nothing is lost, and whoever kept a copy of the right
 * of an earlier server gets nothing more.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/moduleparam.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "internal.h"
#include "limits.h"

static unsigned int bs_backlog = BS_BACKLOG;
module_param_named(backlog, bs_backlog, uint, 0644);
MODULE_PARM_DESC(backlog, "Connections that wait at a service unless it says");

static unsigned int bs_backlog_max = BS_BACKLOG_MAX;
module_param_named(backlog_max, bs_backlog_max, uint, 0644);
MODULE_PARM_DESC(backlog_max, "Connections that wait at a service at most");

/* How many have a name. */
static atomic_t bs_services = ATOMIC_INIT(0);

/**
 * bs_services_count() - how many services have a name
 */
unsigned int bs_services_count(void)
{
	return atomic_read(&bs_services);
}

/**
 * bs_service_backlog() - how many connections may wait
 * @asked: by whoever offers the service; 0 for the default
 */
unsigned int bs_service_backlog(u32 asked)
{
	return min_t(u32, asked ?: READ_ONCE(bs_backlog),
		     READ_ONCE(bs_backlog_max));
}

/**
 * bs_service_type_check() - is this a type of service
 * @type: SOCK_*, or 0 for none in particular
 *
 * Return: 0, or -EOPNOTSUPP.
 */
int bs_service_type_check(u32 type)
{
	return !type || type == SOCK_STREAM || type == SOCK_SEQPACKET ?
		0 : -EOPNOTSUPP;
}

/**
 * bs_service_schedule() - see to a right or server that may be gone
 * @service: which; may be called in atomic context
 */
void bs_service_schedule(struct bs_service *service)
{
	if (!refcount_inc_not_zero(&service->refs))
		return;
	/*
	 * Never the last: whoever lets go of that has stopped these callbacks
	 * before, and so has waited for this one.
	 */
	if (!queue_work(bs_workqueue, &service->work))
		refcount_dec(&service->refs);
}

static int bs_service_closed(wait_queue_entry_t *wait, unsigned int mode,
			     int sync, void *key)
{
	/* Not @listener: that is gone as soon as the name has ended. */
	if (bs_listener_closed(wait->private))
		bs_service_schedule(container_of(wait, struct bs_service,
						 closed));
	return 0;
}

/**
 * bs_leftover_tell() - have watches hear of what became of a service
 * @left: for bs_leftover_release()
 * @service: locked
 */
void bs_leftover_tell(struct bs_leftover *left,
		      const struct bs_service *service)
{
	lockdep_assert_held(&service->lock);
	if (left->name || !service->name)
		return;
	refcount_inc(&service->name->refs);
	left->name = service->name;
}

/**
 * bs_leftover_close() - have a right closed
 * @left: for bs_leftover_release()
 * @service: locked
 * @right: a reference, which the service had; what was to be moved out of it is
 */
void bs_leftover_close(struct bs_leftover *left,
		       const struct bs_service *service, struct file *right)
{
	lockdep_assert_held(&service->lock);
	if (WARN_ON_ONCE(left->count == ARRAY_SIZE(left->rights)))
		return;
	left->rights[left->count++] = right;
	left->moved = service->moved;
}

/**
 * bs_leftover_release() - let go of what a change of servers left over
 * @left: filled while the service was locked; it no longer is
 */
void bs_leftover_release(struct bs_leftover *left)
{
	bs_server_free(left->server);
	if (left->name) {
		bs_name_show(left->name, left->demand);
		bs_name_put(left->name);
	}
	if (!left->count)
		return;
	/* See bs_right_move(). */
	cond_synchronize_rcu(left->moved);
	while (left->count--)
		fput(left->rights[left->count]);
}

/**
 * bs_service_move_locked() - move what waits in a right to another
 * @service: locked
 * @from: the one
 * @to: the other
 */
void bs_service_move_locked(struct bs_service *service,
			    const struct file *from, const struct file *to)
{
	lockdep_assert_held(&service->lock);
	if (bs_right_move(from, to))
		service->moved = get_state_synchronize_rcu();
}

static void bs_service_need_locked(struct bs_service *service,
				   struct bs_leftover *left)
{
	lockdep_assert_held(&service->lock);
	if (service->server || service->needed ||
	    !bs_right_pending(service->queue))
		return;
	service->needed = true;
	service->needs++;
	left->demand = true;
	bs_leftover_tell(left, service);
	wake_up_interruptible_poll(&service->demand, EPOLLIN | EPOLLRDNORM);
}

/**
 * bs_service_listen_locked() - have look-ups connect to another right
 * @service: locked
 * @right: to which; those who wait for room in the former go on there
 */
void bs_service_listen_locked(struct bs_service *service,
			      const struct file *right)
{
	struct sock *former = service->listener;

	lockdep_assert_held(&service->lock);
	WRITE_ONCE(service->listener, bs_right_listener(right));
	bs_listener_kick(former);
	sock_put(former);
}

static struct file *bs_service_new_right(struct bs_service *service)
{
	return bs_right_new(service->addr, service->type,
			    service->limit.backlog);
}

/**
 * bs_service_new_queue() - a right for connections to wait in
 * @service: declared
 *
 * Return: an open file whose clients are connected to nobody, or an error.
 */
struct file *bs_service_new_queue(struct bs_service *service)
{
	struct file *queue = bs_service_new_right(service);

	if (!IS_ERR(queue))
		bs_right_disown(queue);
	return queue;
}

/*
 * What waits in a right that was shut down is refused by closing a right that
 * it was moved to, because the one may still be held by others.
 */
static void bs_service_refuse_locked(struct bs_service *service,
				     struct bs_leftover *left)
{
	struct file *refused = bs_service_new_queue(service);

	if (IS_ERR(refused)) {
		/* Better served by the next than by whoever has a copy. */
		bs_service_move_locked(service, service->right, service->queue);
	} else {
		bs_service_move_locked(service, service->right, refused);
		bs_leftover_close(left, service, refused);
	}
}

/**
 * bs_service_vacate_locked() - notice that there is no server any more
 * @service: declared, locked
 * @left: for bs_leftover_release()
 *
 * The server is the process that checked in. It also is no longer one when
 * nobody has the right any more but the service: the last of them closed it.
 */
void bs_service_vacate_locked(struct bs_service *service,
			      struct bs_leftover *left)
{
	lockdep_assert_held(&service->lock);
	if (!service->server || (!bs_pid_gone(service->server->death.pid) &&
				 file_count(service->right) > 1))
		return;
	left->server = service->server;
	WRITE_ONCE(service->server, NULL);
	bs_service_listen_locked(service, service->queue);
	if (bs_right_shut(service->right))
		bs_service_refuse_locked(service, left);
	else
		bs_service_move_locked(service, service->right, service->queue);
	bs_right_shut_down(service->right);
	bs_leftover_close(left, service, service->right);
	service->right = NULL;
	bs_leftover_tell(left, service);
	bs_service_need_locked(service, left);
}

static void bs_service_work(struct work_struct *work)
{
	struct bs_service *service =
		container_of(work, struct bs_service, work);
	struct bs_leftover left = {};
	struct bs_name *over = NULL;

	mutex_lock(&service->lock);
	if (service->declared) {
		bs_service_vacate_locked(service, &left);
	} else if (service->name && bs_listener_closed(service->listener)) {
		over = service->name;
		refcount_inc(&over->refs);
	}
	mutex_unlock(&service->lock);
	if (over) {
		bs_name_remove_service(over);
		bs_name_put(over);
	}
	bs_leftover_release(&left);
	bs_service_put(service);
}

static int bs_service_set_up(struct bs_service *service,
			     const struct bs_key *key, struct file **ret_right)
{
	struct file *right;

	service->addr = bs_right_address(key);
	if (!service->addr)
		return -ENOMEM;
	right = ret_right ? bs_service_new_right(service) :
			    bs_service_new_queue(service);
	if (IS_ERR(right)) {
		bs_right_address_put(service->addr);
		return PTR_ERR(right);
	}
	service->listener = bs_right_listener(right);
	if (ret_right) {
		service->closed.private = service->listener;
		bs_listener_watch(service->listener, &service->closed);
		*ret_right = right;
	} else {
		service->queue = right;
	}
	return 0;
}

/**
 * bs_service_new() - a service that has no name yet
 * @key: the name that it will have
 * @type: SOCK_*, or 0 for the default
 * @backlog: what was asked for
 * @ret_right: the caller's receive right; NULL for a service that is declared
 *
 * Return: a reference, or an error.
 */
struct bs_service *bs_service_new(const struct bs_key *key, u32 type,
				  u32 backlog, struct file **ret_right)
{
	struct bs_service *service;
	int err;

	service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);
	if (!service)
		return ERR_PTR(-ENOMEM);
	refcount_set(&service->refs, 1);
	mutex_init(&service->lock);
	init_waitqueue_head(&service->demand);
	init_waitqueue_func_entry(&service->closed, bs_service_closed);
	INIT_WORK(&service->work, bs_service_work);
	service->declared = !ret_right;
	service->type = type ?: SOCK_STREAM;
	service->limit.backlog = bs_service_backlog(backlog);
	service->limit.uid = bs_caller_accountable_uid();
	service->last = INVALID_UID;
	service->home = INVALID_UID;
	err = bs_service_set_up(service, key, ret_right);
	if (!err)
		return service;
	kfree(service);
	return ERR_PTR(err);
}

struct bs_service *bs_service_get(struct bs_service *service)
{
	refcount_inc(&service->refs);
	return service;
}

/**
 * bs_service_attach() - give a service its name
 * @service: the service
 * @name: about to be in the table; its namespace is locked. The one it had
 *	before, if any, is replaced by this.
 */
void bs_service_attach(struct bs_service *service, struct bs_name *name)
{
	mutex_lock(&service->lock);
	if (!service->name)
		atomic_inc(&bs_services);
	WRITE_ONCE(service->name, name);
	/* Whoever takes the name over changes neither. */
	if (!service->generation) {
		service->generation = name->generation;
		service->cookie = name->owner->who.cookie;
	}
	mutex_unlock(&service->lock);
}

/**
 * bs_service_detach() - take a name from a service, if it still is its own
 * @service: the service
 * @name: not in the table; its namespace is locked
 */
void bs_service_detach(struct bs_service *service, const struct bs_name *name)
{
	mutex_lock(&service->lock);
	if (service->name == name) {
		WRITE_ONCE(service->name, NULL);
		atomic_dec(&bs_services);
	}
	mutex_unlock(&service->lock);
}

/**
 * bs_service_end() - let go of what a service has, unless it has a name
 * @service: the service
 *
 * What waits in the queue of a declared one is refused. A server keeps its
 * right.
 */
void bs_service_end(struct bs_service *service)
{
	struct bs_leftover left = {};
	struct sock *listener = NULL;

	mutex_lock(&service->lock);
	if (!service->name) {
		listener = service->listener;
		WRITE_ONCE(service->listener, NULL);
		if (service->queue)
			bs_leftover_close(&left, service, service->queue);
		if (service->right)
			bs_leftover_close(&left, service, service->right);
		service->queue = NULL;
		service->right = NULL;
		swap(left.server, service->server);
	}
	mutex_unlock(&service->lock);
	if (!listener)
		return;
	if (!service->declared)
		bs_listener_unwatch(listener, &service->closed);
	bs_listener_kick(listener);
	sock_put(listener);
	bs_leftover_release(&left);
	wake_up_interruptible_poll(&service->demand, EPOLLIN | EPOLLHUP);
}

void bs_service_put(struct bs_service *service)
{
	if (!refcount_dec_and_test(&service->refs))
		return;
	/* One that never had a name. */
	bs_service_end(service);
	bs_carrier_put(&service->carrier);
	bs_right_address_put(service->addr);
	kfree(service);
}

/**
 * bs_service_active() - has a server checked in
 * @service: the service
 */
bool bs_service_active(const struct bs_service *service)
{
	return !service->declared || READ_ONCE(service->server);
}

/**
 * bs_service_over() - is its name about to end, as the right is closed
 * @service: the service
 */
bool bs_service_over(struct bs_service *service)
{
	bool over;

	if (service->declared)
		return false;
	mutex_lock(&service->lock);
	over = !service->name || bs_listener_closed(service->listener);
	mutex_unlock(&service->lock);
	return over;
}

/* What look-ups notice first: 0, or -ESTALE as bs_service_connect() has it. */
static int bs_service_refresh_locked(struct bs_service *service,
				     struct bs_leftover *left)
{
	lockdep_assert_held(&service->lock);
	if (!service->name)
		return -ESTALE;
	if (service->declared)
		bs_service_vacate_locked(service, left);
	else if (bs_listener_closed(service->listener))
		return -ESTALE;
	return service->hidden && !service->server ? -ESTALE : 0;
}

/**
 * bs_service_refresh() - notice what a look-up does, and do not connect
 * @service: the service
 *
 * Return: 0, or -ESTALE.
 */
int bs_service_refresh(struct bs_service *service)
{
	struct bs_leftover left = {};
	int err;

	mutex_lock(&service->lock);
	err = bs_service_refresh_locked(service, &left);
	mutex_unlock(&service->lock);
	bs_leftover_release(&left);
	return err;
}

static int bs_service_queue(struct bs_service *service, struct bs_connection *c,
			    struct sock **ret_listener,
			    struct bs_queue_limit *ret_limit)
{
	struct bs_leftover left = {};
	int err;

	mutex_lock(&service->lock);
	err = bs_service_refresh_locked(service, &left);
	if (!err)
		err = bs_connection_queue(c, service->listener,
					  &service->limit);
	if (!err && service->declared)
		bs_service_need_locked(service, &left);
	if (err == -EAGAIN) {
		sock_hold(service->listener);
		*ret_listener = service->listener;
		*ret_limit = service->limit;
	}
	mutex_unlock(&service->lock);
	bs_leftover_release(&left);
	return err;
}

/**
 * bs_service_connect() - connect the caller
 * @service: to what
 * @c: of the service's type
 * @nonblock: do not wait for room
 * @deadline: until when, else
 *
 * Return: 0, or -ESTALE (the name has ended, or cannot be looked up any more),
 * -ECONNREFUSED, -EAGAIN, -EDQUOT, -ENOMEM, -ETIMEDOUT, -ERESTARTSYS, or what a
 * security module said.
 */
int bs_service_connect(struct bs_service *service, struct bs_connection *c,
		       bool nonblock, ktime_t deadline)
{
	struct bs_user *charged = NULL;
	struct bs_queue_limit limit;
	struct sock *listener;
	int err;

	for (;;) {
		err = bs_service_queue(service, c, &listener, &limit);
		if (err != -EAGAIN)
			break;
		if (!nonblock && !charged) {
			charged = bs_user_charge_caller(BS_LIMIT_WAITS);
			err = PTR_ERR_OR_ZERO(charged);
			if (err)
				charged = NULL;
		}
		if (!nonblock && charged)
			err = bs_listener_wait(service, listener, &limit,
					       deadline);
		sock_put(listener);
		if (err)
			break;
	}
	bs_user_discharge(charged, BS_LIMIT_WAITS);
	return err;
}
