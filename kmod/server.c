// SPDX-License-Identifier: GPL-2.0
/*
 * Servers: the processes that checked in declared services.
 *
 * They are there for others, started on demand. So none of them may ask to be
 * waited for at a logout, and those that serve a user end with that user's last
 * session; the next who needs one has it started again.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "internal.h"

/* How long one that was told to end may take for that. */
#define BS_SERVER_GRACE (20 * HZ)

/* By process. */
static DEFINE_HASHTABLE(bs_servers, 8);
static DEFINE_SPINLOCK(bs_servers_lock);

/* How many are in the table; bs_servers_lock to write. */
static unsigned int bs_servers_listed;

static void bs_servers_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(bs_servers_overdue, bs_servers_work);

static void bs_server_notify(struct bs_death *death)
{
	bs_service_schedule(container_of(death, struct bs_server,
					 death)->service);
}

/**
 * bs_server_new() - the caller as server
 * @service: of what; must stay for as long
 * @port: by which port it checked in; NULL for a check-in handle
 *
 * Return: one for bs_server_free(), or NULL.
 */
struct bs_server *bs_server_new(struct bs_service *service,
				struct bs_port *port)
{
	struct bs_server *server = kzalloc(sizeof(*server), GFP_KERNEL_ACCOUNT);

	if (!server)
		return NULL;
	server->service = service;
	server->port = port;
	if (port)
		refcount_inc(&port->refs);
	server->uid = current_euid();
	INIT_HLIST_NODE(&server->in_table);
	bs_death_init(&server->death, bs_server_notify);
	/* The caller lives, so that the watch cannot have come too late. */
	bs_death_arm(&server->death, task_tgid(current));
	return server;
}

/**
 * bs_server_begin_locked() - it is the service's server from now on
 * @server: its service is locked
 *
 * What was told to end does not go on by handing over.
 */
void bs_server_begin_locked(struct bs_server *server)
{
	const struct bs_server *former = server->service->server;

	lockdep_assert_held(&server->service->lock);
	spin_lock(&bs_servers_lock);
	if (former) {
		server->ending = former->ending;
		server->kill_at = former->kill_at;
	}
	hash_add(bs_servers, &server->in_table,
		 (unsigned long)server->death.pid);
	WRITE_ONCE(bs_servers_listed, bs_servers_listed + 1);
	spin_unlock(&bs_servers_lock);
	WRITE_ONCE(server->service->server, server);
}

/**
 * bs_server_free() - watch a server no longer
 * @server: may be NULL
 */
void bs_server_free(struct bs_server *server)
{
	if (!server)
		return;
	spin_lock(&bs_servers_lock);
	if (hash_hashed(&server->in_table)) {
		hash_del(&server->in_table);
		WRITE_ONCE(bs_servers_listed, bs_servers_listed - 1);
	}
	spin_unlock(&bs_servers_lock);
	bs_death_disarm(&server->death);
	if (server->port)
		bs_port_put(server->port);
	kfree(server);
}

/**
 * bs_servers_count() - how many servers of declared services there are
 */
unsigned int bs_servers_count(void)
{
	return READ_ONCE(bs_servers_listed);
}

/**
 * bs_caller_serves_declared() - is the calling process the server of something
 *	declared
 */
bool bs_caller_serves_declared(void)
{
	const struct pid *pid = task_tgid(current);
	const struct bs_server *server;
	bool serves = false;

	spin_lock(&bs_servers_lock);
	hash_for_each_possible(bs_servers, server, in_table,
			       (unsigned long)pid) {
		serves = server->death.pid == pid;
		if (serves)
			break;
	}
	spin_unlock(&bs_servers_lock);
	return serves;
}

/* One process may be many servers. */
static bool bs_server_told(const struct pid *pid)
{
	const struct bs_server *server;

	lockdep_assert_held(&bs_servers_lock);
	hash_for_each_possible(bs_servers, server, in_table, (unsigned long)pid)
		if (server->death.pid == pid && server->ending)
			return true;
	return false;
}

/* As the user may by kill(2): it may have become another's by now. */
static void bs_server_signal(const struct bs_server *server, int signal)
{
	struct task_struct *leader;
	const struct cred *cred;

	rcu_read_lock();
	leader = pid_task(server->death.pid, PIDTYPE_TGID);
	cred = leader ? __task_cred(leader) : NULL;
	if (cred && (uid_eq(cred->uid, server->uid) ||
		     uid_eq(cred->suid, server->uid)))
		kill_pid(server->death.pid, signal, 1);
	rcu_read_unlock();
}

/**
 * bs_servers_end() - end what serves a user, as the last session is gone
 * @uid: the user; what others run in that one's namespace is not touched
 */
void bs_servers_end(kuid_t uid)
{
	struct bs_server *server;
	bool any = false;
	int bucket;

	spin_lock(&bs_servers_lock);
	hash_for_each(bs_servers, bucket, server, in_table) {
		if (!uid_eq(server->uid, uid) ||
		    !uid_eq(server->service->home, uid) || server->ending)
			continue;
		if (!bs_server_told(server->death.pid))
			bs_server_signal(server, SIGTERM);
		server->ending = true;
		server->kill_at = jiffies + BS_SERVER_GRACE;
		any = true;
	}
	spin_unlock(&bs_servers_lock);
	if (any)
		queue_delayed_work(bs_workqueue, &bs_servers_overdue,
				   BS_SERVER_GRACE + 1);
}

static void bs_servers_work(struct work_struct *work)
{
	struct bs_server *server;
	bool more = false;
	int bucket;

	spin_lock(&bs_servers_lock);
	hash_for_each(bs_servers, bucket, server, in_table) {
		if (!server->ending)
			continue;
		if (time_after_eq(jiffies, server->kill_at))
			bs_server_signal(server, SIGKILL);
		else
			more = true;
	}
	spin_unlock(&bs_servers_lock);
	if (more)
		queue_delayed_work(bs_workqueue, &bs_servers_overdue, HZ);
}

/**
 * bs_servers_exit() - forget about those that take long to end
 */
void bs_servers_exit(void)
{
	cancel_delayed_work_sync(&bs_servers_overdue);
}
