// SPDX-License-Identifier: GPL-2.0
/*
 * Peer: which session the process at the other end of a connection stands in.
 */
#include <linux/audit.h>
#include <linux/err.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/sock.h>

#include "internal.h"

/**
 * struct bs_peer_identity - the other end, as it was when it connected
 * @pid: the process; a reference, NULL for nobody
 * @cred: its credential; a reference
 */
struct bs_peer_identity {
	struct pid *pid;
	const struct cred *cred;
};

static int bs_peer_read(int fd, struct bs_peer_identity *peer)
{
	struct socket *sock;
	int err = 0;

	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return -EBADF;
	if (sock->sk->sk_family != PF_UNIX ||
	    READ_ONCE(sock->sk->sk_state) != TCP_ESTABLISHED) {
		err = -EBADF;
	} else {
		spin_lock(&sock->sk->sk_peer_lock);
		peer->pid = get_pid(sock->sk->sk_peer_pid);
		peer->cred = get_cred(sock->sk->sk_peer_cred);
		spin_unlock(&sock->sk->sk_peer_lock);
	}
	sockfd_put(sock);
	return err;
}

/* Would a session that begins with a call of this process be the process's? */
static bool bs_peer_may_begin(struct task_struct *leader)
{
	const struct cred *cred = __task_cred(leader);

	return uid_eq(cred->euid, audit_get_loginuid(leader)) &&
	       bs_cred_is_only(cred, cred->euid);
}

/* As it would be told by BOOTSTRAP_IOC_SESSION itself. */
static void bs_peer_tell_rcu(struct bootstrap_peer *reply,
			     struct task_struct *leader)
{
	u32 id = audit_get_sessionid(leader);
	const struct bs_session *session = bs_session_of_id_rcu(id);
	bool inside = session == bs_root_session;

	if (!session)
		inside = bs_peer_may_begin(leader);
	else if (!inside)
		inside = bs_session_open(session) &&
			 bs_cred_is_only(__task_cred(leader), session->uid);
	if (!inside) {
		reply->standing = BOOTSTRAP_STANDING_OUTSIDE;
		session = bs_root_session;
	}
	reply->session = session ? session->id : id;
	reply->cookie = session ? session->cookie : 0;
}

static int bs_peer_describe(struct bootstrap_peer *reply,
			    const struct bs_peer_identity *peer)
{
	struct task_struct *leader;
	int err = -ESRCH;

	if (!peer->pid || bs_pid_gone(peer->pid))
		return err;
	reply->pid = pid_vnr(peer->pid);
	reply->uid = from_kuid_munged(current_user_ns(), peer->cred->euid);
	reply->gid = from_kgid_munged(current_user_ns(), peer->cred->egid);
	reply->standing = 0;
	rcu_read_lock();
	leader = pid_task(peer->pid, PIDTYPE_TGID);
	if (leader) {
		bs_peer_tell_rcu(reply, leader);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

/**
 * bs_peer() - BOOTSTRAP_IOC_PEER
 * @call: the call
 */
long bs_peer(struct bs_call *call)
{
	struct bootstrap_peer reply = call->args.peer;
	struct bs_peer_identity peer = {};
	int err;

	if (reply.flags)
		return -EOPNOTSUPP;
	err = bs_peer_read(reply.fd, &peer);
	if (err)
		return err;
	err = bs_peer_describe(&reply, &peer);
	put_pid(peer.pid);
	put_cred(peer.cred);
	return err ?: bs_call_reply(call, &reply);
}
