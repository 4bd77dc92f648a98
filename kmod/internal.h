/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of the bootstrap module and how they hang together.
 *
 *   session ──> namespace <── name ──> file
 *                               │
 *   open file = port <── owner <┘        owner ──> user (who is charged)
 *
 * A namespace is a table of names. A session gives its processes a namespace
 * and dies with the last of them. A port is one open file of /dev/bootstrap.
 * An owner is one process that registered names through one port; it takes
 * its names with it. A user counts what its processes use of the limits.
 *
 * All tables are read under RCU. A name never changes once it can be found:
 * to change one is to replace it.
 *
 * Lock order, outermost first:
 *
 *   bs_sessions_lock (mutex)        batons, and which sessions there are
 *     bs_users_lock (spin)
 *
 *   bs_namespace.lock (mutex)       the names of one namespace, its death
 *     bs_port.lock (spin)           the owners of one port
 *     bs_owner.lock (spin)          the names of one owner
 *     bs_users_lock (spin)          the table of users
 *
 * The two mutexes never nest, nor do the three spin locks. No lock is held over
 * a copy from or to user space, fget(), fput() or receive_fd(). The callback of
 * a death watch runs with interrupts off under locks of the kernel's, and only
 * queues work.
 */
#ifndef BOOTSTRAP_INTERNAL_H
#define BOOTSTRAP_INTERNAL_H

#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../uapi/linux/bootstrap.h"

struct file;

/* main.c: the device */

/* The argument of a command, as the caller's size-first struct was read. */
union bs_args {
	u32 size;
	struct bootstrap_register reg;
	struct bootstrap_name name;
	struct bootstrap_look_up look_up;
	struct bootstrap_list list;
	struct bootstrap_session session;
	struct bootstrap_features features;
	struct bootstrap_usage usage;
};

/**
 * struct bs_call - one command on its way through the module
 * @port: the open file it came through
 * @user: where the caller's struct is
 * @reply_size: how much of the struct the caller knows, never more than we do
 * @args: what the caller passed; handlers do not write to it
 */
struct bs_call {
	struct bs_port *port;
	void __user *user;
	size_t reply_size;
	union bs_args args;
};

extern struct workqueue_struct *bs_workqueue;

int bs_call_reply(const struct bs_call *call, const void *reply);
void bs_call_unreply(const struct bs_call *call);
u64 bs_next_id(void);

/* caller.c: what the credential of the calling task allows */

bool bs_caller_privileged(void);
bool bs_caller_is_only(kuid_t uid);
u32 bs_caller_session_id(void);
kuid_t bs_caller_login_uid(void);
kuid_t bs_caller_accountable_uid(void);

/* process.c: telling when a process is gone */

/**
 * struct bs_death - a watch on the end of a process
 * @pid: the process; a reference, NULL while not armed
 * @wait: entry on the queue that pidfds are woken through
 * @notify: called in atomic context each time the process may have ended;
 *	spurious calls happen, so it must lead to bs_pid_gone()
 */
struct bs_death {
	struct pid *pid;
	wait_queue_entry_t wait;
	void (*notify)(struct bs_death *death);
};

void bs_death_init(struct bs_death *death, void (*notify)(struct bs_death *));
void bs_death_arm(struct bs_death *death, struct pid *pid);
void bs_death_disarm(struct bs_death *death);
bool bs_task_gone(struct task_struct *leader);
bool bs_pid_gone(struct pid *pid);

/* user.c: limits */

enum bs_limit {
	BS_LIMIT_NAMES,
	BS_LIMIT_SESSIONS,
	BS_LIMIT_COUNT
};

/**
 * struct bs_user - who is charged
 * @node: in the table of users; bs_users_lock
 * @uid: invariant
 * @refs: owners and sessions that charge it
 * @used: how much of each limit
 */
struct bs_user {
	struct hlist_node node;
	kuid_t uid;
	refcount_t refs;
	atomic_t used[BS_LIMIT_COUNT];
};

struct bs_user *bs_user_get(kuid_t uid);
void bs_user_put(struct bs_user *user);
int bs_user_charge(struct bs_user *user, enum bs_limit limit);
void bs_user_uncharge(struct bs_user *user, enum bs_limit limit);
unsigned int bs_user_limit(enum bs_limit limit);
long bs_usage(struct bs_call *call);

/* owner.c: ports and owners */

/**
 * struct bs_port - one open file of /dev/bootstrap
 * @refs: the open file, and each owner
 * @lock: protects @owners
 * @owners: the processes that registered names through it
 */
struct bs_port {
	refcount_t refs;
	spinlock_t lock;
	struct list_head owners;
};

/**
 * struct bs_identity - a process as it stood when it registered a name
 * @pid: the process
 * @uid: its effective uid
 * @gid: its effective gid
 * @charged: who is charged for its names
 * @session: id of the session it stood in
 * @cookie: that session's cookie
 */
struct bs_identity {
	struct pid *pid;
	kuid_t uid;
	kgid_t gid;
	kuid_t charged;
	u32 session;
	u64 cookie;
};

/**
 * struct bs_owner - one process, as it registered names through one port
 * @refs: the port's list, each name, each claim, and work under way
 * @claims: names in @names and calls under way; port's lock
 * @port: the port; a reference, invariant
 * @in_port: in @port's list while there are claims, the port is open and the
 *	process lives; port's lock
 * @lock: protects @names
 * @names: what ends with the process or the port (no sticky names)
 * @death: watches the process; armed while in @port's list
 * @who: the process; holds a reference to the pid; invariant
 * @user: who is charged; a reference, invariant
 * @work: ends the names once the process is gone
 */
struct bs_owner {
	refcount_t refs;
	unsigned int claims;
	struct bs_port *port;
	struct list_head in_port;
	spinlock_t lock;
	struct list_head names;
	struct bs_death death;
	struct bs_identity who;
	struct bs_user *user;
	struct work_struct work;
};

struct bs_session;

struct bs_port *bs_port_new(void);
void bs_port_close(struct bs_port *port);
struct bs_owner *bs_owner_claim_caller(struct bs_port *port);
void bs_owner_claim(struct bs_owner *owner);
void bs_owner_release(struct bs_owner *owner);
struct bs_owner *bs_owner_get(struct bs_owner *owner);
void bs_owner_put(struct bs_owner *owner);

/* namespace.c */

/**
 * struct bs_namespace - a table of names
 * @id: never repeats; invariant
 * @salt: mixed into the hash of each name; invariant
 * @refs: whoever made it, each name, and calls under way
 * @parent: where look-ups go on; NULL for the root; invariant
 * @lock: protects @names, @count, @dead, and with it every write
 * @names: the names by generation
 * @count: how many; read without lock for reports
 * @dead: no name will ever be added
 * @generation: the last number given to a registration
 * @rcu: readers hold no reference
 */
struct bs_namespace {
	u64 id;
	u32 salt;
	refcount_t refs;
	struct bs_namespace *parent;
	struct mutex lock;
	struct rb_root names;
	unsigned int count;
	bool dead;
	atomic64_t generation;
	struct rcu_head rcu;
};

/**
 * struct bs_address - which namespace a command means
 * @scope: BOOTSTRAP_SCOPE_*
 * @session: for BOOTSTRAP_SCOPE_SESSION_ID
 * @cookie: for BOOTSTRAP_SCOPE_SESSION_ID
 */
struct bs_address {
	u32 scope;
	u32 session;
	u64 cookie;
};

enum bs_access { BS_READ, BS_WRITE };

extern struct bs_namespace *bs_root_namespace;

int bs_address_check(const struct bs_address *where);
struct bs_namespace *bs_namespace_new(struct bs_namespace *parent);
struct bs_namespace *bs_namespace_find_rcu(const struct bs_address *where,
					   enum bs_access access);
struct bs_namespace *bs_namespace_get_address(const struct bs_address *where,
					      enum bs_access access);
void bs_namespace_put(struct bs_namespace *ns);
void bs_namespace_kill(struct bs_namespace *ns);

/* name.c */

/**
 * struct bs_key - a name as it is searched for
 * @hash: of @text alone, computed once for all namespaces searched
 * @len: bytes in @text
 * @text: not terminated
 */
struct bs_key {
	u32 hash;
	u8 len;
	char text[BOOTSTRAP_NAME_MAX];
};

#define BS_NAME_PRIVILEGED	BOOTSTRAP_INFO_PRIVILEGED
#define BS_NAME_STICKY		BOOTSTRAP_INFO_STICKY
#define BS_NAME_GROUP		BOOTSTRAP_INFO_GROUP

/**
 * struct bs_name - a name and the endpoint it stands for
 * @in_table: in the table of all names
 * @in_namespace: in the namespace's tree, empty once out; namespace's lock
 * @rcu: after the last reference is gone
 * @of_owner: in the owner's list, empty if sticky; owner's lock
 * @ns: a reference, invariant
 * @owner: a reference, invariant
 * @file: a reference, invariant
 * @generation: invariant
 * @group: who may look it up, with BS_NAME_GROUP; invariant
 * @refs: the table, and calls under way
 * @hash: of text and namespace; invariant
 * @flags: BS_NAME_*; invariant
 * @len: bytes in @text; invariant
 * @text: not terminated; invariant
 */
struct bs_name {
	struct rhash_head in_table;
	union {
		struct rb_node in_namespace;
		struct rcu_head rcu;
	};
	struct list_head of_owner;
	struct bs_namespace *ns;
	struct bs_owner *owner;
	struct file *file;
	u64 generation;
	kgid_t group;
	refcount_t refs;
	u32 hash;
	u8 flags;
	u8 len;
	char text[];
};

int bs_names_init(void);
void bs_names_exit(void);
int bs_key_read(struct bs_key *key, u64 text, u32 len);
struct bs_name *bs_name_new(const struct bs_key *key, struct bs_namespace *ns,
			    struct bs_owner *owner, struct file *file, u8 flags);
struct bs_name *bs_name_find(const struct bs_key *key,
			     const struct bs_namespace *ns);
struct bs_name *bs_name_find_locked(const struct bs_key *key,
				    const struct bs_namespace *ns);
bool bs_name_get(struct bs_name *name);
void bs_name_put(struct bs_name *name);
int bs_name_add(struct bs_name *name);
void bs_name_replace(struct bs_name *old, struct bs_name *name);
void bs_name_unlink(struct bs_name *name);
void bs_name_remove(struct bs_name *name);
bool bs_name_visible(const struct bs_name *name);
void bs_name_describe(const struct bs_name *name, struct bootstrap_info *info);

/* endpoint.c, register.c, look_up.c, list.c: commands on names */

struct file *bs_endpoint_get(int fd);
unsigned int bs_namespace_limit(void);
long bs_register(struct bs_call *call);
long bs_unregister(struct bs_call *call);
long bs_take_over(struct bs_call *call);
long bs_look_up(struct bs_call *call);
long bs_list(struct bs_call *call);

/* session.c */

/**
 * struct bs_session - the root session or one login session
 * @id: audit session id; invariant
 * @cookie: never repeats; invariant
 * @uid: its user; invariant
 * @ns: its namespace; a reference, invariant
 * @user: who is charged for it; a reference, NULL for root; invariant
 * @baton: watches one living member; bs_sessions_lock
 * @bereft: the baton's holder was lost; bs_sessions_lock
 * @ended: among those that a sweep found to be over; whoever swept
 * @rcu: readers hold no reference
 */
struct bs_session {
	u32 id;
	u64 cookie;
	kuid_t uid;
	struct bs_namespace *ns;
	struct bs_user *user;
	struct bs_death baton;
	bool bereft;
	struct list_head ended;
	struct rcu_head rcu;
};

extern struct bs_session *bs_root_session;
extern struct xarray bs_sessions;

int bs_sessions_init(void);
void bs_sessions_exit(void);
struct bs_session *bs_session_stand_rcu(void);
struct bs_session *bs_session_of_id_rcu(u32 id);
void bs_session_free(struct bs_session *session);
long bs_session_query(struct bs_call *call);

/* baton.c: the end of sessions */

extern struct mutex bs_sessions_lock;

void bs_baton_init(struct bs_death *baton);
int bs_baton_check(u32 id);
void bs_baton_end_all(void);

#endif /* BOOTSTRAP_INTERNAL_H */
