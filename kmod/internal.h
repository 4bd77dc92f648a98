/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of the bootstrap module and how they hang together.
 *
 *   session ──> namespace <── name ──> file, or service ──> receive right
 *                               │                 │
 *   open file = port <── owner <┘                 └──> server
 *                          └──> user (who is charged)
 *
 * A namespace is a table of names. A session gives its processes a namespace
 * and dies with the last of them. A port is one open file of /dev/bootstrap.
 * An owner is one process that registered names through one port; it takes
 * its names with it. A user counts what its processes use of the limits. A
 * service is what look-ups connect to; a server is the process that checked in
 * a declared one.
 *
 * All tables are read under RCU. A name never changes once it can be found:
 * to change one is to replace it.
 *
 * Lock order, outermost first:
 *
 *   bs_sessions_lock (mutex)        batons, which sessions there are and what they
 *                                   are, logouts, deferrals, watches of sessions
 *     bs_user_namespaces_lock (mutex)  making a user's namespace
 *     bs_users_lock (spin)
 *     bs_servers_lock (spin)
 *     bs_namespace.lock (mutex)
 *
 *   bs_namespace.lock (mutex)       the names of one namespace, its death
 *     bs_service.lock (mutex)       one service: its right, server and name
 *       a receive right's own locks
 *       bs_servers_lock (spin)      which processes are servers; what kill(2)
 *                                   takes nests in it
 *     bs_port.lock (spin)           the owners of one port
 *     bs_owner.lock (spin)          the names of one owner
 *     bs_users_lock (spin)          the table of users
 *     bs_wait_bucket.lock (spin)    who waits for some names
 *     bs_tree_lock (spin)           parents and children
 *
 * No two locks of namespaces nest, nor do the spin locks.
 * No lock is held over a copy from or to user space, fget(), fput() or
 * receive_fd(). The callbacks of a death watch and of a watched right run with
 * interrupts off under locks of the kernel's, and only queue work.
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
#include <linux/tracepoint-defs.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../uapi/linux/bootstrap.h"

struct bs_service;
struct file;
struct seq_file;
struct sk_buff;
struct sock;
struct socket;
struct unix_address;

/* main.c: the device */

/* The argument of a command, as the caller's size-first struct was read. */
union bs_args {
	u32 size;
	struct bootstrap_register reg;
	struct bootstrap_name name;
	struct bootstrap_look_up look_up;
	struct bootstrap_look_up_array array;
	struct bootstrap_list list;
	struct bootstrap_session session;
	struct bootstrap_features features;
	struct bootstrap_usage usage;
	struct bootstrap_check_in check_in;
	struct bootstrap_declare declare;
	struct bootstrap_peer peer;
	struct bootstrap_watch watch;
	struct bootstrap_open open;
	struct bootstrap_subset subset;
	struct bootstrap_pre_login pre_login;
	struct bootstrap_announce announce;
	struct bootstrap_attributes attributes;
	struct bootstrap_signal signal;
	struct bootstrap_logout logout;
	struct bootstrap_defer defer;
	struct bootstrap_cancel cancel;
	struct bootstrap_deferrals deferrals;
	struct bootstrap_namespace ns;
	struct bootstrap_statistics statistics;
};

/**
 * struct bs_call - one command on its way through the module
 * @port: the open file it came through, NULL for another descriptor of ours
 * @service: what the check-in handle is for that it came through, else NULL
 * @deferral: the deferral that it came through, else NULL
 * @user: where the caller's struct is
 * @reply_size: how much of the struct the caller knows, never more than we do
 * @args: what the caller passed; handlers do not write to it
 */
struct bs_call {
	struct bs_port *port;
	struct bs_service *service;
	struct bs_deferral *deferral;
	void __user *user;
	size_t reply_size;
	union bs_args args;
};

extern struct workqueue_struct *bs_workqueue;

int bs_call_reply(const struct bs_call *call, const void *reply);
void bs_call_unreply(const struct bs_call *call);
u64 bs_next_id(void);
long bs_ioctl(struct file *file, unsigned int number, unsigned long arg);
long bs_port_ioctl(struct bs_port *port, unsigned int number,
		   unsigned long arg);
long bs_check_in_handle_ioctl(struct file *file, unsigned int number,
			      unsigned long arg);
long bs_deferral_ioctl(struct file *file, unsigned int number,
		       unsigned long arg);

/* caller.c: what the credential of the calling task allows */

bool bs_caller_privileged(void);
bool bs_cred_is_only(const struct cred *cred, kuid_t uid);
bool bs_caller_is_only(kuid_t uid);
bool bs_cred_in_group(const struct cred *cred, kgid_t gid);
u32 bs_caller_session_id(void);
kuid_t bs_caller_login_uid(void);
kuid_t bs_cred_accountable_uid(const struct cred *cred);
kuid_t bs_caller_accountable_uid(void);

/* What other modules of the kernel act with; invariant. */
extern const struct cred *bs_kernel_cred;

int bs_kernel_cred_init(void);
void bs_kernel_cred_exit(void);

/* denial.c: what was denied, and why */

int bs_deny(int err, u32 reason) __cold;
u64 bs_denials(u32 reason);

/* trace.c: events */

struct bs_key;
struct bs_name;
struct bs_namespace;
struct bs_session;

DECLARE_TRACEPOINT(bootstrap_look_up);
DECLARE_TRACEPOINT(bootstrap_register);
DECLARE_TRACEPOINT(bootstrap_declare);
DECLARE_TRACEPOINT(bootstrap_check_in);
DECLARE_TRACEPOINT(bootstrap_unregister);
DECLARE_TRACEPOINT(bootstrap_connect);
DECLARE_TRACEPOINT(bootstrap_session);
DECLARE_TRACEPOINT(bootstrap_denied);

/* Tells of an event if anybody listens; else the arguments are not looked at. */
#define bs_trace(_event, ...)						\
	do {								\
		if (tracepoint_enabled(bootstrap_##_event))		\
			bs_trace_##_event(__VA_ARGS__);			\
	} while (0)

void bs_trace_look_up(const struct bs_key *key, const struct bs_name *name,
		      long result);
void bs_trace_register(const struct bs_key *key, const struct bs_namespace *ns,
		       long result) __cold;
void bs_trace_declare(const struct bs_key *key, const struct bs_namespace *ns,
		      long result);
void bs_trace_check_in(const struct bs_key *key, const struct bs_namespace *ns,
		       long result);
void bs_trace_served(struct bs_service *service, long result);
void bs_trace_unregister(const struct bs_name *name) __cold;
void bs_trace_connect(const struct bs_name *name);
void bs_trace_session(const struct bs_session *session, u32 change);
void bs_trace_denied(unsigned int command, int err, u32 reason);

/* statistics.c */

long bs_statistics(struct bs_call *call);

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
struct pid *bs_pid_of_fd(int fd);

/* user.c: limits */

enum bs_limit {
	BS_LIMIT_NAMES,
	BS_LIMIT_SESSIONS,
	BS_LIMIT_WAITS,
	BS_LIMIT_WATCHES,
	BS_LIMIT_SUBSETS,
	BS_LIMIT_HANDLES,
	BS_LIMIT_DEFERRALS,
	BS_LIMIT_COUNT
};

/**
 * struct bs_user - who is charged
 * @node: in the table of users; bs_users_lock
 * @uid: invariant
 * @refs: whatever charges it
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
struct bs_user *bs_user_charge_caller(enum bs_limit limit);
void bs_user_discharge(struct bs_user *user, enum bs_limit limit);
unsigned int bs_user_limit(enum bs_limit limit);
unsigned int bs_users_sum(u32 used[BS_LIMIT_COUNT]);
long bs_usage(struct bs_call *call);

/* owner.c: ports and owners */

/**
 * struct bs_port - one open file of /dev/bootstrap, or one namespace handle
 * @refs: the open file, and each owner
 * @lock: protects @owners
 * @owners: the processes that registered names through it
 * @ns: what a handle addresses; a reference until the file is closed; NULL for
 *	the device, which addresses the namespace of whoever calls. Invariant,
 *	and so is what follows
 * @rights: BOOTSTRAP_RIGHT_*
 * @maker: effective uid of whoever made the handle
 * @privileged: that one had CAP_SYS_ADMIN
 * @user: who is charged for the handle; a reference
 */
struct bs_port {
	refcount_t refs;
	spinlock_t lock;
	struct list_head owners;
	struct bs_namespace *ns;
	u32 rights;
	kuid_t maker;
	bool privileged;
	struct bs_user *user;
};

/**
 * struct bs_identity - a process as it stood when it registered a name
 * @pid: the process; NULL for the kernel
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
void bs_port_put(struct bs_port *port);
void bs_port_close(struct bs_port *port);
void bs_port_show(struct bs_port *port, struct seq_file *m);
struct bs_owner *bs_owner_claim_caller(struct bs_port *port);
struct bs_owner *bs_owner_new_kernel(void);
void bs_owner_release(struct bs_owner *owner);
struct bs_owner *bs_owner_get(struct bs_owner *owner);
void bs_owner_put(struct bs_owner *owner);
void bs_owner_describe(const struct bs_owner *owner, kgid_t group,
		       struct bootstrap_info *info);

/* namespace.c */

/**
 * struct bs_namespace - a table of names
 * @id: never repeats; invariant
 * @salt: mixed into the hash of each name; invariant
 * @refs: whoever made it, each name, child, handle and watch, its requestor, and
 *	calls under way
 * @parent: where look-ups go on; a reference, NULL for the root; invariant but
 *	for bs_namespace_adopt()
 * @to_be: of a login in progress, once its user is known: that user's
 *	namespace, the parent when the login is complete; a reference. Set and
 *	cleared under @lock
 * @type: BOOTSTRAP_NAMESPACE_*; a pre-login namespace becomes a session's, @lock
 * @depth: how many subsets it is in, itself one of them; invariant
 * @uid: whose it is; of a subset, effective uid of whoever made it; as @type
 * @session: of a session's, and of a login that has one, the id; as @type
 * @cookie: and the cookie; as @type
 * @children: by id; bs_tree_lock
 * @in_parent: among its parent's children, empty once dead; bs_tree_lock
 * @doomed: takes no more children; bs_tree_lock
 * @lock: protects @names, @count, @dead, and with it every write; also what
 *	says so here, in names and in watches
 * @names: the names by generation
 * @count: how many; read without lock for reports
 * @reserved: how many of them are reserved; read without lock
 * @dead: no name will ever be added; see bs_namespace_over()
 * @watches: who hears of the names; @lock
 * @requestor: whose end it does not outlive; a reference; @lock
 * @died: who waits at a handle
 * @generation: the last number given to a registration
 * @rcu: readers hold no reference
 */
struct bs_namespace {
	u64 id;
	u32 salt;
	refcount_t refs;
	struct bs_namespace *parent;
	struct bs_namespace *to_be;
	u32 type;
	u32 depth;
	kuid_t uid;
	u32 session;
	u64 cookie;
	struct rb_root children;
	struct rb_node in_parent;
	bool doomed;
	struct mutex lock;
	struct rb_root names;
	unsigned int count;
	unsigned int reserved;
	bool dead;
	struct list_head watches;
	struct bs_requestor *requestor;
	wait_queue_head_t died;
	atomic64_t generation;
	struct rcu_head rcu;
};

extern struct bs_namespace *bs_root_namespace;

struct bs_namespace *bs_namespace_new(struct bs_namespace *parent, u32 type,
				      kuid_t uid);
void bs_namespace_put(struct bs_namespace *ns);
bool bs_namespace_over(const struct bs_namespace *ns);
void bs_namespace_clear(struct bs_namespace *ns, u64 until);
void bs_namespace_kill(struct bs_namespace *ns);
void bs_namespace_kill_children(struct bs_namespace *ns, u64 until);
void bs_namespace_adopt(struct bs_namespace *ns);
struct bs_namespace *bs_namespace_child_after(struct bs_namespace *ns, u64 id);
unsigned int bs_namespaces_count(void);
struct bs_namespace *bs_user_namespace_rcu(kuid_t uid);
struct bs_namespace *bs_user_namespace_get(kuid_t uid);

/* address.c: which namespace a command means, and what the caller may do there */

/**
 * struct bs_address - which namespace a command means
 * @port: through which port it came
 * @scope: BOOTSTRAP_SCOPE_*
 * @session: for BOOTSTRAP_SCOPE_SESSION_ID, BOOTSTRAP_SCOPE_USER_ID
 * @cookie: for BOOTSTRAP_SCOPE_SESSION_ID
 */
struct bs_address {
	const struct bs_port *port;
	u32 scope;
	u32 session;
	u64 cookie;
};

/* Most arguments have the same fields for this. */
#define BS_ADDRESS(_call, _args) {					\
	.port = (_call)->port,						\
	.scope = (_args)->scope,					\
	.session = (_args)->session,					\
	.cookie = (_args)->cookie,					\
}

int bs_address_check(const struct bs_address *where);
struct bs_namespace *bs_namespace_find_rcu(const struct bs_address *where,
					   u32 right);
struct bs_namespace *bs_namespace_get_address(const struct bs_address *where,
					      u32 right);
struct bs_namespace *bs_namespace_above(const struct bs_namespace *ns,
					kuid_t uid);
u32 bs_namespace_rights(const struct bs_namespace *ns);
bool bs_namespace_visible(const struct bs_namespace *ns);

/* handle.c: namespace handles */

long bs_handle_install(struct bs_call *call, struct bs_namespace *ns,
		       u32 rights, const void *reply);
struct file *bs_handle_get(int fd);
void bs_namespace_describe(const struct bs_namespace *ns,
			   struct bootstrap_namespace *reply);
long bs_open_handle(struct bs_call *call);
long bs_namespace_query(struct bs_call *call);

/* children.c: what is below a namespace */

long bs_children(struct bs_call *call);

/* subset.c: namespaces that live and die with a process */

struct bs_requestor;

struct bs_requestor *bs_requestor_detach_locked(struct bs_namespace *ns);
void bs_requestor_end(struct bs_requestor *requestor);
unsigned int bs_subset_depth(void);
long bs_subset(struct bs_call *call);
long bs_pre_login(struct bs_call *call);

/* key.c */

/**
 * struct bs_key - a name as it is searched for
 * @text: not terminated; whole words are written
 * @hash: of @text alone, computed once for all namespaces searched
 * @len: bytes in @text
 */
struct bs_key {
	char text[round_up(BOOTSTRAP_NAME_MAX, sizeof(u64))] __aligned(sizeof(u64));
	u32 hash;
	u8 len;
};

void bs_keys_init(void);
int bs_text_read(char *text, u32 max, u64 from, u32 len);
int bs_key_read(struct bs_key *key, u64 text, u32 len);
int bs_key_set(struct bs_key *key, const char *text);

/* name.c */

#define BS_NAME_PRIVILEGED	BOOTSTRAP_INFO_PRIVILEGED
#define BS_NAME_STICKY		BOOTSTRAP_INFO_STICKY
#define BS_NAME_GROUP		BOOTSTRAP_INFO_GROUP
#define BS_NAME_SERVICE		BOOTSTRAP_INFO_SERVICE
#define BS_NAME_DECLARED	BOOTSTRAP_INFO_DECLARED
#define BS_NAME_RESERVED	BOOTSTRAP_INFO_RESERVED

/**
 * struct bs_name - a name and the endpoint it stands for
 * @in_table: in the table of all names
 * @in_namespace: in the namespace's tree, empty once out; namespace's lock
 * @rcu: after the last reference is gone
 * @of_owner: in the owner's list if it ends with that; owner's lock
 * @ns: a reference, invariant
 * @owner: a reference, invariant
 * @file: a reference, invariant
 * @service: instead of @file, with BS_NAME_SERVICE
 * @generation: invariant
 * @since: when it was registered, by CLOCK_REALTIME; invariant
 * @group: who may look it up, with BS_NAME_GROUP; invariant
 * @refs: the table, and calls under way
 * @hash: of text and namespace; invariant
 * @flags: BS_NAME_*; invariant
 * @shown: watches were told of it; namespace's lock
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
	union {
		struct file *file;
		struct bs_service *service;
	};
	u64 generation;
	u64 since;
	kgid_t group;
	refcount_t refs;
	u32 hash;
	u8 flags;
	bool shown;
	u8 len;
	char text[];
};

int bs_names_init(void);
void bs_names_exit(void);
struct bs_name *bs_name_new(const struct bs_key *key, struct bs_namespace *ns,
			    struct bs_owner *owner, u8 flags);
struct bs_name *bs_name_find(const struct bs_key *key,
			     const struct bs_namespace *ns);
struct bs_name *bs_name_find_locked(const struct bs_key *key,
				    const struct bs_namespace *ns);
void bs_name_put(struct bs_name *name);
int bs_name_add(struct bs_name *name);
void bs_name_replace(struct bs_name *old, struct bs_name *name);
void bs_name_unlink(struct bs_name *name);
void bs_name_end(struct bs_name *name);
void bs_name_remove(struct bs_name *name);
void bs_name_remove_service(struct bs_name *name);
bool bs_name_is_owned(const struct bs_name *name);
struct bs_name *bs_name_lock(const struct bs_key *key, struct bs_namespace *ns);
void bs_name_prune(const struct bs_key *key, const struct bs_namespace *ns);
int bs_name_check_parents(const struct bs_key *key,
			  const struct bs_namespace *ns);
bool bs_name_visible(const struct bs_name *name);
struct bs_name *bs_name_after(struct bs_namespace *ns, u64 generation);
void bs_name_show(struct bs_name *name, bool demand);
void bs_name_describe_itself(const struct bs_name *name,
			     struct bootstrap_info *info);
void bs_name_describe(const struct bs_name *name, struct bootstrap_info *info);

/* endpoint.c, register.c, look_up.c, list.c: commands on names */

/**
 * struct bs_publication - a new name, and how it comes to be found
 * @flags: BS_NAME_*
 * @file: what it stands for
 * @service: instead, with BS_NAME_SERVICE
 * @group: with BS_NAME_GROUP
 * @generation_at: where in the caller's struct the name's number is to be told
 * @replace: generation of the name to replace, or 0
 * @taken: the error if it is there
 * @declared: the error if it is there and was declared
 */
struct bs_publication {
	u8 flags;
	struct file *file;
	struct bs_service *service;
	kgid_t group;
	size_t generation_at;
	u64 replace;
	int taken;
	int declared;
};

int bs_endpoint_check(const struct file *file);
struct file *bs_endpoint_get(int fd);
unsigned int bs_namespace_limit(void);
int bs_name_publish(const struct bs_call *call, const struct bs_key *key,
		    struct bs_namespace *ns, const struct bs_publication *what);
long bs_register(struct bs_call *call);
long bs_unregister(struct bs_call *call);
long bs_take_over(struct bs_call *call);
long bs_look_up(struct bs_call *call);
long bs_look_up_plain(struct bs_port *port,
		      struct bootstrap_look_up __user *user);
long bs_look_up_array(struct bs_call *call);
struct bs_namespace *bs_list_address(struct bs_call *call);
long bs_list(struct bs_call *call);

/* right.c: receive rights and connections */

/**
 * struct bs_queue_limit - when a right has no room for another connection
 * @backlog: how many may wait, whatever the right says
 * @uid: who may fill it
 */
struct bs_queue_limit {
	unsigned int backlog;
	kuid_t uid;
};

/**
 * struct bs_connection - a connection that is not queued yet
 * @client: the client's end
 * @server: the server's end; once queued, an empty shell
 * @carrier: what is to wait in the queue for it, or another that nobody needs; a
 *	reference
 * @spare: where the service keeps one
 */
struct bs_connection {
	struct file *client;
	struct socket *server;
	struct sk_buff *carrier;
	struct sk_buff **spare;
};

struct unix_address *bs_right_address(const struct bs_key *key);
void bs_right_address_put(struct unix_address *addr);
struct file *bs_right_new(struct unix_address *addr, int type,
			  unsigned int backlog);
struct sock *bs_right_listener(const struct file *right);
int bs_right_renew(const struct file *right, unsigned int backlog);
void bs_right_disown(const struct file *right);
void bs_right_own_kernel(const struct file *right);
bool bs_right_shut(const struct file *right);
void bs_right_shut_down(const struct file *right);
bool bs_right_pending(const struct file *right);
bool bs_right_move(const struct file *from, const struct file *to);
bool bs_listener_closed(const struct sock *listener);
void bs_listener_watch(struct sock *listener, wait_queue_entry_t *wait);
void bs_listener_unwatch(struct sock *listener, wait_queue_entry_t *wait);
void bs_listener_kick(struct sock *listener);
int bs_listener_wait(const struct bs_service *service, struct sock *listener,
		     const struct bs_queue_limit *limit, ktime_t deadline);
void bs_carrier_put(struct sk_buff **spare);
int bs_connection_open(struct bs_connection *c, struct bs_service *service);
void bs_connection_own_kernel(const struct bs_connection *c);
void bs_connection_close(struct bs_connection *c);
int bs_connection_queue(struct bs_connection *c, struct sock *listener,
			const struct bs_queue_limit *limit);

/* service.c */

/**
 * struct bs_server - the process that checked in a declared service
 * @service: which; holds it
 * @port: through which port, a reference; NULL for a check-in handle
 * @uid: its effective uid
 * @death: watches the process
 * @in_table: in the table of servers; bs_servers_lock
 * @ending: it was told to end; bs_servers_lock
 * @kill_at: in jiffies, when it is killed unless it has; bs_servers_lock
 */
struct bs_server {
	struct bs_service *service;
	struct bs_port *port;
	kuid_t uid;
	struct bs_death death;
	struct hlist_node in_table;
	bool ending;
	unsigned long kill_at;
};

/**
 * struct bs_service - what look-ups of a name connect to
 * @refs: names, check-in handles, calls and work under way
 * @lock: protects what says so
 * @name: the name it has; NULL once that has ended. No reference, since the
 *	table's is there as long; @lock
 * @addr: the address of its rights; a reference, invariant
 * @listener: where look-ups connect to; a reference; @lock
 * @limit: how many connections may wait there; its uid: @lock
 * @type: SOCK_STREAM or SOCK_SEQPACKET; invariant
 * @declared: invariant, and so is what follows but @work
 * @closed: watches @listener of one that was not declared
 * @queue: what was declared has this for connections to wait in while there is
 *	no server. Nobody holds it but the service; @lock
 * @right: what the server got, or NULL; @lock
 * @server: NULL while there is none; @lock
 * @generation: of its name; invariant once it has one
 * @last: uid of the last server, valid once there was one; @lock
 * @hidden: not to be looked up while there is no server; invariant
 * @admits: @admitted may check in; invariant
 * @admitted: invariant
 * @cookie: of the session whose processes may; as @generation
 * @home: in whose user namespace it is declared; not valid if in another kind;
 *	invariant
 * @moved: state of RCU when connections were last moved; @lock
 * @needed: there is need of a server, and that was told; @lock
 * @needs: how often there was since a handle was read; @lock
 * @demand: who waits at a handle
 * @work: sees to a right or server that is gone
 * @carrier: of the last connection, for the next; a reference, or NULL; xchg()
 */
struct bs_service {
	refcount_t refs;
	struct mutex lock;
	struct bs_name *name;
	struct unix_address *addr;
	struct sock *listener;
	struct bs_queue_limit limit;
	u16 type;
	bool declared;
	bool hidden;
	bool admits;
	bool needed;
	wait_queue_entry_t closed;
	struct file *queue;
	struct file *right;
	struct bs_server *server;
	u64 generation;
	kuid_t last;
	kuid_t admitted;
	u64 cookie;
	kuid_t home;
	unsigned long moved;
	u64 needs;
	wait_queue_head_t demand;
	struct work_struct work;
	struct sk_buff *carrier;
};

/**
 * struct bs_leftover - what a change of servers leaves to be let go of
 * @server: the former server
 * @rights: to be closed, and with them what waits there
 * @count: how many
 * @moved: as in the service, when the last of them was added
 * @name: the service's, of which something is to be told; a reference
 * @demand: that there is need of a server
 */
struct bs_leftover {
	struct bs_server *server;
	struct file *rights[3];
	unsigned int count;
	unsigned long moved;
	struct bs_name *name;
	bool demand;
};

unsigned int bs_services_count(void);
int bs_service_type_check(u32 type);
unsigned int bs_service_backlog(u32 asked);
void bs_service_schedule(struct bs_service *service);
struct file *bs_service_new_queue(struct bs_service *service);
void bs_leftover_tell(struct bs_leftover *left,
		      const struct bs_service *service);
void bs_leftover_close(struct bs_leftover *left,
		       const struct bs_service *service, struct file *right);
void bs_leftover_release(struct bs_leftover *left);
void bs_service_move_locked(struct bs_service *service,
			    const struct file *from, const struct file *to);
void bs_service_listen_locked(struct bs_service *service,
			      const struct file *right);
void bs_service_vacate_locked(struct bs_service *service,
			      struct bs_leftover *left);
struct bs_service *bs_service_new(const struct bs_key *key, u32 type,
				  u32 backlog, struct file **ret_right);
struct bs_service *bs_service_get(struct bs_service *service);
void bs_service_put(struct bs_service *service);
void bs_service_attach(struct bs_service *service, struct bs_name *name);
void bs_service_detach(struct bs_service *service, const struct bs_name *name);
void bs_service_end(struct bs_service *service);
bool bs_service_active(const struct bs_service *service);
bool bs_service_over(struct bs_service *service);
int bs_service_refresh(struct bs_service *service);
int bs_service_connect(struct bs_service *service, struct bs_connection *c,
		       bool nonblock, ktime_t deadline);

/* server.c */

struct bs_server *bs_server_new(struct bs_service *service,
				struct bs_port *port);
void bs_server_begin_locked(struct bs_server *server);
void bs_server_free(struct bs_server *server);
unsigned int bs_servers_count(void);
bool bs_caller_serves_declared(void);
void bs_servers_end(kuid_t uid);
void bs_servers_exit(void);

/* check_in.c, declare.c, peer.c: commands on services */

struct bs_service *bs_service_find_declared(const struct bs_key *key,
					    const struct bs_address *where);
int bs_service_hand_over(struct bs_service *service, struct bs_port *port);
long bs_check_in(struct bs_call *call);
long bs_declare(struct bs_call *call);
long bs_check_in_by_handle(struct bs_call *call);
long bs_take_over_by_handle(struct bs_call *call);
long bs_peer(struct bs_call *call);

/* watch.c: descriptors that tell what is there, and then what changes */

/* How many changes wait to be read; a power of two. */
#define BS_WATCH_RING 128

/* How many things are looked at before others may take a watch's lock. */
#define BS_WATCH_BATCH 1024

/* A record on its way to the reader. */
union bs_record {
	struct bootstrap_record plain;
	struct bootstrap_name_record name;
	struct bootstrap_session_record session;
	struct bootstrap_deferral_record deferral;
	u8 bytes[BOOTSTRAP_RECORD_MAX];
};

struct bs_watch;

/**
 * struct bs_watch_operations - what a watch tells of; with its lock held but for
 *	@over, @free, and @drop once nobody finds the watch
 * @present: the next of the present state behind the cursor; its length, or 0 if
 *	there is none, and the cursor is moved on, or none yet. The last argument
 *	is where the cursor is to be once it is told.
 * @change: the change in a slot of the ring; its length
 * @drop: let go of what a slot holds
 * @last: where the present state ends
 * @closed: is it too late to watch; may be NULL
 * @over: is there nothing to be told of any more; may be NULL
 * @free: let go of what the watch holds besides; may be NULL
 * @show: tell who looks at the descriptor what it tells of; without the lock
 */
struct bs_watch_operations {
	u32 (*present)(struct bs_watch *watch, union bs_record *record,
		       u64 *cursor);
	u32 (*change)(const struct bs_watch *watch, u32 slot,
		      union bs_record *record);
	void (*drop)(struct bs_watch *watch, u32 slot);
	u64 (*last)(const struct bs_watch *watch);
	bool (*closed)(const struct bs_watch *watch);
	bool (*over)(const struct bs_watch *watch);
	void (*free)(struct bs_watch *watch);
	void (*show)(const struct bs_watch *watch, struct seq_file *m);
};

/**
 * struct bs_watch - one reader's view
 * @in_list: among those that are told; @lock
 * @operations: invariant
 * @lock: protects what there is to be told of, and what says so here; invariant
 * @user: who is charged; a reference, invariant
 * @cred: of whoever made it; a reference, invariant
 * @privileged: that one had CAP_SYS_ADMIN; invariant
 * @reader: taken by one reader at a time, before @lock
 * @number: of the last record; @reader
 * @ended: it was told that there is nothing any more; @reader
 * @changed: who waits for a record
 * @cursor: place of the last that was told of the present state; @lock
 * @until: place of the last that may belong to it; @lock
 * @complete: it was told that these were all; @lock
 * @overflow: it must be told that all that was told is void, and until then
 *	nothing else; @lock
 * @head: how many changes were put into the ring; @lock
 * @tail: how many of them were taken; @lock
 */
struct bs_watch {
	struct list_head in_list;
	const struct bs_watch_operations *operations;
	struct mutex *lock;	/* see above */
	struct bs_user *user;
	const struct cred *cred;
	bool privileged;
	struct mutex reader;	/* see above */
	u64 number;
	bool ended;
	wait_queue_head_t changed;
	u64 cursor;
	u64 until;
	bool complete;
	bool overflow;
	u32 head;
	u32 tail;
};

u32 bs_record_text(union bs_record *record, size_t at, const char *text,
		   u8 len);
int bs_watch_slot_locked(struct bs_watch *watch, u64 at);
void bs_watch_pushed_locked(struct bs_watch *watch);
struct bs_watch *bs_watch_new(size_t size,
			      const struct bs_watch_operations *operations,
			      struct mutex *lock);
long bs_watch_install(struct bs_call *call, struct bs_watch *watch,
		      struct list_head *list, const void *reply);
long bs_watch(struct bs_call *call);

/* watch_names.c */

void bs_watches_tell(const struct bs_name *name, u32 type);
void bs_watches_end(struct bs_namespace *ns);
long bs_watch_names(struct bs_call *call);

/* wait.c */

/**
 * struct bs_waiter - a look-up that waits for a name
 * @in_bucket: in the table of those who wait; the bucket's lock
 * @key: the name's text; invariant
 * @ns: where it is searched first; a reference, NULL if the caller may see none;
 *	invariant
 * @climb: also in the parents; invariant
 * @uid: effective uid of who waits; invariant
 * @woken: there is reason to look again
 * @task: who waits; invariant
 */
struct bs_waiter {
	struct hlist_node in_bucket;
	const struct bs_key *key;
	struct bs_namespace *ns;
	bool climb;
	kuid_t uid;
	bool woken;
	struct task_struct *task;
};

void bs_wait_init(void);
int bs_deadline_read(u64 value, ktime_t *ret);
u64 bs_deadline_tell(ktime_t deadline);
int bs_sleep(ktime_t deadline);
void bs_waiter_add(struct bs_waiter *waiter);
void bs_waiter_remove(struct bs_waiter *waiter);
void bs_waiter_prepare(struct bs_waiter *waiter);
int bs_waiter_sleep(struct bs_waiter *waiter, ktime_t deadline);
void bs_waiters_wake(const struct bs_name *name);
void bs_waiters_wake_all(const struct bs_namespace *ns);

/* session.c */

/**
 * struct bs_origin - where a login comes from, as it was announced
 * @tty: its terminal, terminated; empty for none
 * @host: where over the network, likewise
 */
struct bs_origin {
	char tty[BOOTSTRAP_TTY_MAX + 1];
	char host[BOOTSTRAP_HOST_MAX + 1];
};

/**
 * struct bs_session - the root session or one login session
 * @in_table: by id, of a login session; bs_sessions_lock to write
 * @refs: the table, and records that are yet to be read; these keep no more than
 *	this memory
 * @id: audit session id; invariant
 * @cookie: never repeats; invariant
 * @uid: its user, not valid before that is announced; bs_sessions_lock, and
 *	invariant once @open
 * @ns: its namespace, while the login is in progress the pre-login namespace if
 *	it has one; a reference, invariant
 * @type: BOOTSTRAP_SESSION_TYPE_*; of a login that was announced, set as soon as
 *	that is being completed; as @uid
 * @attributes: BOOTSTRAP_SESSION_ATTR_*; bs_sessions_lock to write
 * @announced: by a privileged process; invariant
 * @open: its user's processes stand in it; bs_sessions_lock to set
 * @user: who is charged for it; a reference, NULL for root and while @uid is not
 *	valid; bs_sessions_lock
 * @baton: watches one living member; bs_sessions_lock
 * @bereft: the baton's holder was lost; bs_sessions_lock
 * @since: when it began, by CLOCK_REALTIME; invariant
 * @origin: as @uid
 * @deferrals: who asks to be waited for; bs_sessions_lock
 * @deferring: how many; bs_sessions_lock to write
 * @logout: what is asked for, or NULL; bs_sessions_lock
 * @deadline: until when deferrals hold, 0 while no logout is asked for;
 *	bs_sessions_lock to write
 * @ended: among those that a sweep found to be over; whoever swept
 * @rcu: readers hold no reference
 */
struct bs_session {
	struct hlist_node in_table;
	refcount_t refs;
	u32 id;
	u64 cookie;
	kuid_t uid;
	struct bs_namespace *ns;
	u32 type;
	u32 attributes;
	bool announced;
	bool open;
	struct bs_user *user;
	struct bs_death baton;
	bool bereft;
	u64 since;
	struct bs_origin origin;
	struct list_head deferrals;
	unsigned int deferring;
	struct bs_logout *logout;
	ktime_t deadline;
	struct list_head ended;
	struct rcu_head rcu;
};

/**
 * struct bs_session_view - what of a session may change, as it was
 * @open: its user's processes stand in it
 * @uid: its user
 * @namespace_id: its namespace's
 * @names: how many are there
 * @attributes: BOOTSTRAP_SESSION_ATTR_*
 * @type: BOOTSTRAP_SESSION_TYPE_*
 * @state: BOOTSTRAP_SESSION_STATE_*
 * @deferrals: how many
 * @deadline: until when they hold, or 0
 */
struct bs_session_view {
	bool open;
	kuid_t uid;
	u64 namespace_id;
	u32 names;
	u32 attributes;
	u32 type;
	u32 state;
	u32 deferrals;
	ktime_t deadline;
};

extern struct bs_session *bs_root_session;
extern struct xarray bs_sessions;

unsigned int bs_sessions_count_locked(u64 *ret_begun);
int bs_sessions_init(void);
void bs_sessions_exit(void);
struct bs_session *bs_session_stand_rcu(void);
struct bs_session *bs_session_of_id_rcu(u32 id);
bool bs_session_open(const struct bs_session *session);
struct bs_session *bs_session_new(u32 id, kuid_t uid, struct bs_namespace *ns);
void bs_session_name(struct bs_session *session);
void bs_session_put(struct bs_session *session);
void bs_session_free(struct bs_session *session);
void bs_session_publish_locked(struct bs_session *session,
			       struct bs_session *former);
void bs_session_end_locked(struct bs_session *session, struct list_head *ended);
void bs_session_look(const struct bs_session *session,
		     struct bs_session_view *view);
void bs_session_describe(const struct bs_session *session,
			 const struct bs_session_view *view,
			 struct bootstrap_session *reply);
int bs_session_see(u32 id, u64 *cookie);
int bs_session_permit(u32 id, u64 *cookie, bool privileged);
long bs_session_query(struct bs_call *call);

/* attribute.c: the attributes of sessions */

int bs_attributes_check(u32 attributes);
long bs_attributes(struct bs_call *call);

/* signal.c: to all processes of a session */

long bs_signal(struct bs_call *call);

/* deferral.c: processes that ask to be waited for */

/**
 * struct bs_deferral - a process that asks to be waited for at a logout
 * @refs: the open file, and records that are yet to be read
 * @in_session: among its session's; bs_sessions_lock
 * @session: whose; NULL once that has ended; bs_sessions_lock
 * @id: in the order in which they were asked for; invariant once in a session
 * @pid: the process; a reference, invariant, and so is what follows
 * @uid: its effective uid
 * @since: when it asked, by CLOCK_REALTIME
 * @reason: why
 * @user: who is charged until it is closed; a reference
 * @asked: a logout is asked for; bs_sessions_lock to write
 * @over: the session has ended; bs_sessions_lock to write
 * @changed: who waits for either
 */
struct bs_deferral {
	refcount_t refs;
	struct list_head in_session;
	struct bs_session *session;
	u64 id;
	struct pid *pid;
	kuid_t uid;
	u64 since;
	struct bs_key reason;
	struct bs_user *user;
	bool asked;
	bool over;
	wait_queue_head_t changed;
};

void bs_deferral_put(struct bs_deferral *deferral);
void bs_deferral_describe(const struct bs_deferral *deferral,
			  const struct bs_session *session,
			  struct bootstrap_deferral *entry);
void bs_deferrals_notify_locked(const struct bs_session *session);
void bs_deferrals_end_locked(struct bs_session *session);
long bs_defer(struct bs_call *call);
long bs_cancel(struct bs_call *call);
long bs_deferrals(struct bs_call *call);

/* logout.c: that the end of a session was asked for */

void bs_logout_notify_locked(const struct bs_session *session);
int bs_logout_cancel_locked(struct bs_session *session);
void bs_logout_end_locked(struct bs_session *session);
long bs_logout(struct bs_call *call);

/* watch_sessions.c */

void bs_session_tell(struct bs_session *session, u32 type,
		     struct bs_deferral *deferral);
void bs_session_tell_user(struct bs_session *session);
long bs_watch_sessions(struct bs_call *call);

/* kernel_notify.c: what other modules of the kernel are told of sessions */

void bs_notify_init(void);
void bs_notify(const struct bs_session *session, u32 type);

/* announce.c: logins */

long bs_announce(struct bs_call *call);

/* baton.c: the end of sessions */

extern struct mutex bs_sessions_lock;

bool bs_task_is_member(struct task_struct *leader, u32 id);
void bs_baton_init(struct bs_death *baton);
bool bs_baton_find(struct bs_session *session);
void bs_users_left_locked(const struct list_head *ended);
int bs_baton_check(u32 id);
void bs_sessions_end(struct list_head *ended);
void bs_baton_end_all(void);

#endif /* BOOTSTRAP_INTERNAL_H */
