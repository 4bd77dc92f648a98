// SPDX-License-Identifier: GPL-2.0
/*
 * Receive rights: listening AF_UNIX sockets that no address leads to, and the
 * connections that look-ups queue in them.
 *
 * To a server, a right is a socket like any other; accept, poll, SO_PEERCRED,
 * SCM_RIGHTS and its garbage collector, security modules and ss(8) know nothing
 * of this module. It bears an address, but only as a text: it was never bound,
 * so that connect(2) does not find it.
 *
 * What bs_connection_queue() does repeats the end of unix_stream_connect() in
 * the kernel's net/unix/af_unix.c, and bs_right_move() relies on what the
 * collector in garbage.c reads. This file alone knows about the insides of
 * AF_UNIX sockets.
 */
#include <linux/file.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/af_unix.h>

#include "compat.h"
#include "internal.h"

/*
 * What the addresses of rights begin with. Paths, as servers match them with
 * what they were configured for, and no sandbox takes them for abstract ones.
 */
#define BS_RIGHT_PREFIX "/bootstrap/"

/**
 * bs_right_address() - the address that the rights of a name bear
 * @key: the name; what does not fit is cut off
 *
 * Return: a reference for bs_right_address_put(), or NULL.
 */
struct unix_address *bs_right_address(const struct bs_key *key)
{
	const size_t prefix = sizeof(BS_RIGHT_PREFIX) - 1;
	size_t len = min_t(size_t, key->len, UNIX_PATH_MAX - prefix - 1);
	struct unix_address *addr;

	addr = kzalloc(sizeof(*addr) + sizeof(struct sockaddr_un),
		       GFP_KERNEL_ACCOUNT);
	if (!addr)
		return NULL;
	refcount_set(&addr->refcnt, 1);
	addr->name->sun_family = AF_UNIX;
	memcpy(addr->name->sun_path, BS_RIGHT_PREFIX, prefix);
	memcpy(addr->name->sun_path + prefix, key->text, len);
	addr->len = offsetof(struct sockaddr_un, sun_path) + prefix + len + 1;
	return addr;
}

void bs_right_address_put(struct unix_address *addr)
{
	if (refcount_dec_and_test(&addr->refcnt))
		kfree(addr);
}

static struct sock *bs_right_sock(const struct file *right)
{
	const struct socket *sock = right->private_data;

	return sock->sk;
}

/* The other end of @sk is said to be this process; takes the references. */
static void bs_peer_set(struct sock *sk, struct pid *pid,
			const struct cred *cred)
{
	spin_lock(&sk->sk_peer_lock);
	swap(sk->sk_peer_pid, pid);
	swap(sk->sk_peer_cred, cred);
	spin_unlock(&sk->sk_peer_lock);
	put_pid(pid);
	put_cred(cred);
}

static void bs_peer_copy(struct sock *sk, struct sock *listener)
{
	const struct cred *cred;
	struct pid *pid;

	spin_lock(&listener->sk_peer_lock);
	pid = get_pid(listener->sk_peer_pid);
	cred = get_cred(listener->sk_peer_cred);
	spin_unlock(&listener->sk_peer_lock);
	bs_peer_set(sk, pid, cred);
}

/* As listen(2) does; the kernel's own listeners are not held to it. */
static int bs_listen(struct socket *sock, unsigned int backlog)
{
	unsigned int most = READ_ONCE(sock_net(sock->sk)->core.sysctl_somaxconn);

	return kernel_listen(sock, min(backlog, most));
}

/**
 * bs_right_new() - a receive right of the calling process
 * @addr: the address it bears
 * @type: SOCK_STREAM or SOCK_SEQPACKET
 * @backlog: as for listen(2)
 *
 * Return: the open file, or an error.
 */
struct file *bs_right_new(struct unix_address *addr, int type,
			  unsigned int backlog)
{
	struct socket *sock;
	int err;

	err = sock_create(PF_UNIX, type, 0, &sock);
	if (err)
		return ERR_PTR(err);
	refcount_inc(&addr->refcnt);
	/* As bind(2) does, for those who read it without a lock. */
	smp_store_release(&unix_sk(sock->sk)->addr, addr);
	err = bs_listen(sock, backlog);
	if (!err)
		return sock_alloc_file(sock, 0, NULL);
	sock_release(sock);
	return ERR_PTR(err);
}

/**
 * bs_right_listener() - the socket of a right
 * @right: from bs_right_new()
 *
 * Return: a reference, which does not keep the right open.
 */
struct sock *bs_right_listener(const struct file *right)
{
	struct sock *listener = bs_right_sock(right);

	sock_hold(listener);
	return listener;
}

/**
 * bs_right_renew() - have the calling process be the one that listens
 * @right: the right
 * @backlog: as for listen(2)
 */
int bs_right_renew(const struct file *right, unsigned int backlog)
{
	return bs_listen(right->private_data, backlog);
}

/**
 * bs_right_disown() - have nobody be the one that listens
 * @right: the right
 */
void bs_right_disown(const struct file *right)
{
	bs_peer_set(bs_right_sock(right), NULL, NULL);
}

/* As one end sees the other: the kernel is no process. */
static void bs_peer_set_kernel(struct sock *sk)
{
	bs_peer_set(sk, NULL, get_cred(bs_kernel_cred));
}

/**
 * bs_right_own_kernel() - have the kernel be the one that listens
 * @right: the right
 */
void bs_right_own_kernel(const struct file *right)
{
	bs_peer_set_kernel(bs_right_sock(right));
}

/**
 * bs_right_shut() - has a holder shut the right down
 * @right: the right
 */
bool bs_right_shut(const struct file *right)
{
	return READ_ONCE(bs_right_sock(right)->sk_shutdown) & RCV_SHUTDOWN;
}

/**
 * bs_right_shut_down() - let whoever else holds the right get nothing more
 * @right: the right
 */
void bs_right_shut_down(const struct file *right)
{
	kernel_sock_shutdown(right->private_data, SHUT_RDWR);
	bs_listener_kick(bs_right_sock(right));
}

/**
 * bs_right_pending() - does a connection wait in the right
 * @right: the right
 */
bool bs_right_pending(const struct file *right)
{
	return !skb_queue_empty_lockless(&bs_right_sock(right)->sk_receive_queue);
}

/**
 * bs_right_move() - move all connections that wait in a right to another
 * @from: the one
 * @to: the other, or the same; its listener becomes the peer that clients see
 *
 * The collector of AF_UNIX follows the pointer from a connection in which
 * sockets are under way to its listener, under a spin lock that is not for
 * modules. It copes with a pointer that changes: a right that this module
 * keeps open is not garbage whoever leads to it. But it may have read the
 * pointer just before. So @from must stay for an RCU grace period.
 *
 * Return: whether there were any.
 */
bool bs_right_move(const struct file *from, const struct file *to)
{
	struct sock *source = bs_right_sock(from), *target = bs_right_sock(to);
	struct sk_buff_head moved;
	struct sk_buff *skb;

	__skb_queue_head_init(&moved);
	spin_lock(&source->sk_receive_queue.lock);
	skb_queue_splice_init(&source->sk_receive_queue, &moved);
	spin_unlock(&source->sk_receive_queue.lock);
	if (skb_queue_empty(&moved))
		return false;

	skb_queue_walk(&moved, skb) {
		WRITE_ONCE(unix_sk(skb->sk)->listener, target);
		/* The peer of a connection that waits is held by it. */
		bs_peer_copy(unix_peer(skb->sk), target);
	}
	spin_lock(&target->sk_receive_queue.lock);
	skb_queue_splice_tail(&moved, &target->sk_receive_queue);
	spin_unlock(&target->sk_receive_queue.lock);
	READ_ONCE(target->sk_data_ready)(target);
	return true;
}

/**
 * bs_listener_closed() - is a right closed for good
 * @listener: its socket
 */
bool bs_listener_closed(const struct sock *listener)
{
	return sock_flag(listener, SOCK_DEAD);
}

/**
 * bs_listener_watch() - be told each time that a right may have been closed
 * @listener: its socket
 * @wait: its function is called in atomic context, also if the right is open
 */
void bs_listener_watch(struct sock *listener, wait_queue_entry_t *wait)
{
	add_wait_queue(&unix_sk(listener)->peer_wait, wait);
}

void bs_listener_unwatch(struct sock *listener, wait_queue_entry_t *wait)
{
	remove_wait_queue(&unix_sk(listener)->peer_wait, wait);
}

/**
 * bs_listener_kick() - have those who wait for room look the name up again
 * @listener: the socket of a right
 */
void bs_listener_kick(struct sock *listener)
{
	wake_up_interruptible_all(&unix_sk(listener)->peer_wait);
}

static unsigned int bs_listener_count(struct sock *listener, kuid_t uid)
{
	unsigned int count = 0;
	struct sk_buff *skb;

	spin_lock(&listener->sk_receive_queue.lock);
	skb_queue_walk(&listener->sk_receive_queue, skb)
		if (uid_eq(bs_cred_accountable_uid(skb->sk->sk_peer_cred), uid))
			count++;
	spin_unlock(&listener->sk_receive_queue.lock);
	return count;
}

/*
 * No room for another connection of the caller's. Whoever holds the right may
 * have set the backlog to anything by listen(2).
 */
static bool bs_listener_full(struct sock *listener,
			     const struct bs_queue_limit *limit)
{
	unsigned int most = min_t(unsigned int, limit->backlog,
				  READ_ONCE(listener->sk_max_ack_backlog));
	unsigned int length = skb_queue_len_lockless(&listener->sk_receive_queue);
	unsigned int share = max(most / 4, 1U);
	kuid_t uid;

	if (length > most)
		return true;
	if (length < share)
		return false;
	uid = bs_caller_accountable_uid();
	if (uid_eq(uid, limit->uid) || uid_eq(current_euid(), GLOBAL_ROOT_UID))
		return false;
	return bs_listener_count(listener, uid) >= share;
}

/**
 * bs_listener_wait() - wait until a right may have room
 * @service: whose right
 * @listener: its socket; there is no waiting for another than it now has
 * @limit: what counts as full
 * @deadline: how long
 *
 * As with connect(2), one of those who wait goes on for each connection that
 * is accepted. If what it waited for is not what happened, then there is still
 * a connection to be accepted, and so another will go on later.
 *
 * Return: 0: try again, or -ETIMEDOUT, -ERESTARTSYS.
 */
int bs_listener_wait(const struct bs_service *service, struct sock *listener,
		     const struct bs_queue_limit *limit, ktime_t deadline)
{
	wait_queue_head_t *room = &unix_sk(listener)->peer_wait;
	DEFINE_WAIT(wait);
	int err = 0;

	prepare_to_wait_exclusive(room, &wait, TASK_INTERRUPTIBLE);
	if (READ_ONCE(service->listener) == listener &&
	    !bs_listener_closed(listener) &&
	    !(READ_ONCE(listener->sk_shutdown) & RCV_SHUTDOWN) &&
	    bs_listener_full(listener, limit))
		err = bs_sleep(deadline);
	finish_wait(room, &wait);
	/* Who leaves must not keep to itself that there was room. */
	if (err)
		wake_up_interruptible(room);
	return err;
}

/*
 * What carries a connection through the queue of a right. It bears no data, and
 * is not charged to a socket: so the last one can go again as soon as the kernel,
 * which has it while the connection waits, has let go of it. To make one and to
 * free it would be a twentieth of all that a connection takes.
 */
static struct sk_buff *bs_carrier_get(struct sk_buff **spare)
{
	struct sk_buff *skb = xchg(spare, NULL);

	if (skb && !skb_shared(skb)) {
		/* After whatever the kernel did with it. */
		smp_acquire__after_ctrl_dep();
		return skb;
	}
	consume_skb(skb);
	return alloc_skb(0, GFP_KERNEL);
}

/**
 * bs_carrier_put() - end of a spare carrier
 * @spare: where it is, if there is one
 */
void bs_carrier_put(struct sk_buff **spare)
{
	consume_skb(xchg(spare, NULL));
}

/**
 * bs_connection_open() - all that it takes to connect the caller to a service
 * @c: filled; for bs_connection_close()
 * @service: what to
 *
 * Return: 0 or an error.
 */
int bs_connection_open(struct bs_connection *c, struct bs_service *service)
{
	struct socket *client;
	int err;

	memset(c, 0, sizeof(*c));
	err = sock_create(PF_UNIX, service->type, 0, &client);
	if (err)
		return err;
	c->client = sock_alloc_file(client, 0, NULL);
	if (IS_ERR(c->client)) {
		err = PTR_ERR(c->client);
		c->client = NULL;
		return err;
	}
	err = bs_create_embryo(service->type, &c->server);
	if (err)
		goto out;
	err = client->ops->socketpair(client, c->server);
	if (err)
		goto out;
	c->spare = &service->carrier;
	c->carrier = bs_carrier_get(c->spare);
	if (c->carrier)
		return 0;
	err = -ENOMEM;
out:
	bs_connection_close(c);
	return err;
}

/**
 * bs_connection_own_kernel() - have the kernel be the client
 * @c: not queued yet
 */
void bs_connection_own_kernel(const struct bs_connection *c)
{
	bs_peer_set_kernel(c->server->sk);
}

/**
 * bs_connection_close() - release what is left of a connection
 * @c: the server's end too, unless it is queued
 */
void bs_connection_close(struct bs_connection *c)
{
	consume_skb(c->carrier);
	if (c->server)
		sock_release(c->server);
	if (c->client)
		fput(c->client);
}

/* The server's end is to be a socket that nobody has accepted yet. */
static void bs_connection_strip(struct bs_connection *c, struct sock *listener)
{
	struct sock *embryo = c->server->sk;
	struct unix_address *addr = unix_sk(listener)->addr;

	write_lock_bh(&embryo->sk_callback_lock);
	RCU_INIT_POINTER(embryo->sk_wq, &unix_sk(embryo)->peer_wq);
	sk_set_socket(embryo, NULL);
	write_unlock_bh(&embryo->sk_callback_lock);
	c->server->sk = NULL;

	unix_sk(embryo)->listener = listener;
	refcount_inc(&addr->refcnt);
	/* As unix_stream_connect() does, for those who read it without a lock. */
	smp_store_release(&unix_sk(embryo)->addr, addr);
	bs_inherit_scm_flags(embryo, listener);
}

static void bs_connection_enqueue(struct bs_connection *c, struct sock *listener)
{
	struct sk_buff *skb = skb_get(c->carrier);

	skb->sk = c->server->sk;
	bs_connection_strip(c, listener);
	spin_lock(&listener->sk_receive_queue.lock);
	__skb_queue_tail(&listener->sk_receive_queue, skb);
	spin_unlock(&listener->sk_receive_queue.lock);
	c->carrier = xchg(c->spare, skb);
}

/**
 * bs_connection_queue() - let a server accept a connection
 * @c: one of bs_connection_open()
 * @listener: where it is to wait
 * @limit: what counts as full
 *
 * Return: 0, or -ECONNREFUSED, -EAGAIN (no room), or what a security module
 * said.
 */
int bs_connection_queue(struct bs_connection *c, struct sock *listener,
			const struct bs_queue_limit *limit)
{
	struct sock *client = bs_right_sock(c->client);
	int err;

	unix_state_lock(listener);
	err = -ECONNREFUSED;
	if (bs_listener_closed(listener) || listener->sk_state != TCP_LISTEN ||
	    listener->sk_shutdown & RCV_SHUTDOWN)
		goto out;
	err = -EAGAIN;
	if (bs_listener_full(listener, limit))
		goto out;
	err = security_unix_stream_connect(client, listener, c->server->sk);
	/* What stands for something else here is not to be had from outside. */
	if (err == -EAGAIN || err == -ESTALE)
		err = -EACCES;
	if (err)
		goto out;
	bs_connection_enqueue(c, listener);
out:
	unix_state_unlock(listener);
	if (err)
		return err;
	bs_peer_copy(client, listener);
	READ_ONCE(listener->sk_data_ready)(listener);
	return 0;
}
