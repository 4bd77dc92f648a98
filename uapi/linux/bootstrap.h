/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Bootstrap namespaces: the ABI of /dev/bootstrap.
 *
 * A descriptor of /dev/bootstrap is a bootstrap port: it addresses "the
 * namespace of whoever calls". The caller's credential is read at each call,
 * never at open. A namespace handle is a bootstrap port that addresses one
 * namespace, whoever calls, with rights of its own. All commands work on both;
 * see bootstrap(4) for the concepts.
 */
#ifndef _UAPI_LINUX_BOOTSTRAP_H
#define _UAPI_LINUX_BOOTSTRAP_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: Conventions
 *
 * Every argument begins with @size, which the caller sets to the size of the
 * struct as it was compiled. A shorter struct of an older program is completed
 * with zeros; a longer one of a newer program is taken if what this kernel
 * does not know is zero. Outputs are cut to the caller's size. Layouts are the
 * same for 32-bit and 64-bit callers; pointers travel as __u64.
 *
 * A command returns 0, a count, or a new descriptor (always close-on-exec). On
 * failure nothing is changed and nothing is written, except where EMSGSIZE tells
 * the size needed; but the caller's session may have begun, as it does with the
 * first call of a login. Commands are never renumbered or renamed.
 *
 * Identities (pid, uid, gid) are those of the caller's own pid and user
 * namespace; what is not visible there is pid 0, uid and gid 65534.
 */

/**
 * DOC: Errors
 *
 * One table for all commands. A right is checked before existence is, so no
 * error tells what the caller may not see.
 *
 * ============  ==========================================================
 * EACCES        the handle lacks the right
 * EPERM         the caller lacks the privilege, or does not own the name
 * EEXIST        declare: the name exists; register, check in, declare: a
 *               namespace further up has reserved it
 * ENOENT        no such name that this caller may look up
 * EBUSY         register, check in: the name is active; register: it is in
 *               another generation than the one to replace; announce: that was
 *               announced before, or the session holds names; defer: a logout
 *               is under way
 * EMSGSIZE      the buffer holds not even one entry (where there is a field for
 *               it, the size needed is told); more names than
 *               BOOTSTRAP_LOOK_UP_ARRAY_MAX
 * ENOMEM        no memory
 * EDQUOT        a limit is reached, on names, sessions, look-ups that wait,
 *               watches, subsets, handles, deferrals, or subsets in each other
 * EMFILE        the caller's descriptor table is full
 * ENFILE        the system's file table is full; as with socket(2), no memory
 *               for a socket
 * ESRCH         no such session (that this caller may see), no such process; no
 *               logout to cancel;
 *               through a handle: nothing of the kind above it
 * ENAMETOOLONG  the name, or another text, is longer than it may be
 * EILSEQ        it is not UTF-8, or has control characters
 * EINVAL        empty name, wrong value, non-zero pad, size below the minimum
 * E2BIG         non-zero bytes beyond the size known here, or size beyond a page
 * EOPNOTSUPP    unknown flag bit or unsupported value
 * ENOTTY        unknown command
 * EINTR         a signal
 * ESHUTDOWN     the namespace or session addressed is dead
 * ECONNREFUSED  the server has shut down its receive right
 * EAGAIN        no room in the backlog, and not to be waited for
 * ETIMEDOUT     the deadline passed
 * ELOOP         a descriptor of /dev/bootstrap, or another of the module's own, as
 *               endpoint
 * EBADF         not an open descriptor, or of a kind that no name can stand
 *               for (O_PATH, io_uring)
 * EFAULT        an address of the caller's is not accessible; what is written
 *               before that is noticed stays written
 * ============  ==========================================================
 *
 * A look-up may also fail with what a security module's hooks return for the
 * endpoint or the connection, and a check-in with what they do for the socket,
 * most often EACCES.
 */

/** BOOTSTRAP_NAME_MAX - longest name in bytes, no terminating zero counted */
#define BOOTSTRAP_NAME_MAX	127

/** BOOTSTRAP_SESSION_ID_ROOT - the session id that stands for the root session */
#define BOOTSTRAP_SESSION_ID_ROOT	0xffffffffU

/** BOOTSTRAP_TTY_MAX - longest name of a session's terminal, in bytes */
#define BOOTSTRAP_TTY_MAX	31

/** BOOTSTRAP_HOST_MAX - longest name of a session's remote host, in bytes */
#define BOOTSTRAP_HOST_MAX	255

/**
 * DOC: Scopes
 *
 * BOOTSTRAP_SCOPE_DEFAULT
 *	The caller's own namespace. A look-up goes on to its parents.
 * BOOTSTRAP_SCOPE_ROOT
 *	The root namespace alone.
 * BOOTSTRAP_SCOPE_SESSION
 *	The namespace of the session whose id the caller bears, alone. Takes
 *	being inside that session's walls, or CAP_SYS_ADMIN.
 * BOOTSTRAP_SCOPE_SESSION_ID
 *	The namespace of the session with the id @session and, unless @cookie
 *	is 0, that cookie, alone. Takes being inside its walls, or
 *	CAP_SYS_ADMIN; the root session's may be read by all.
 * BOOTSTRAP_SCOPE_USER
 *	The namespace of the caller's effective uid, alone. Writing to root's
 *	takes CAP_SYS_ADMIN.
 * BOOTSTRAP_SCOPE_USER_ID
 *	The namespace of the user @session, alone. Takes that effective uid, or
 *	CAP_SYS_ADMIN.
 *
 * @session and @cookie must be 0 for the other scopes, and @cookie for
 * BOOTSTRAP_SCOPE_USER_ID.
 *
 * Through a handle, the default is the handle's namespace; a look-up goes on to
 * its parents if the handle has BOOTSTRAP_RIGHT_ASCEND. ROOT, SESSION and USER
 * are the nearest namespace of the kind, itself or above it, which takes that
 * right, too, and may be read, not written. The scopes by id are refused.
 */
#define BOOTSTRAP_SCOPE_DEFAULT		0
#define BOOTSTRAP_SCOPE_ROOT		1
#define BOOTSTRAP_SCOPE_SESSION		2
#define BOOTSTRAP_SCOPE_SESSION_ID	3
#define BOOTSTRAP_SCOPE_USER		4
#define BOOTSTRAP_SCOPE_USER_ID		5

/**
 * DOC: Rights
 *
 * What may be done through a handle, whoever does it.
 *
 * BOOTSTRAP_RIGHT_LOOK_UP
 *	Look up.
 * BOOTSTRAP_RIGHT_REGISTER
 *	Register, unregister, take over, check in, declare.
 * BOOTSTRAP_RIGHT_LIST
 *	List the names and the children, watch.
 * BOOTSTRAP_RIGHT_SUBSET
 *	Make subsets.
 * BOOTSTRAP_RIGHT_ENTER
 *	Take it for one's own namespace, where it is handed down by the
 *	environment.
 * BOOTSTRAP_RIGHT_ASCEND
 *	Look up, list and open what is above the namespace. Without it, a
 *	look-up finds the namespace's own names only.
 */
#define BOOTSTRAP_RIGHT_LOOK_UP		(1U << 0)
#define BOOTSTRAP_RIGHT_REGISTER	(1U << 1)
#define BOOTSTRAP_RIGHT_LIST		(1U << 2)
#define BOOTSTRAP_RIGHT_SUBSET		(1U << 3)
#define BOOTSTRAP_RIGHT_ENTER		(1U << 4)
#define BOOTSTRAP_RIGHT_ASCEND		(1U << 5)
#define BOOTSTRAP_RIGHTS_ALL		0x3fU

/* Types of namespaces. */
#define BOOTSTRAP_NAMESPACE_ROOT	1
#define BOOTSTRAP_NAMESPACE_USER	2
#define BOOTSTRAP_NAMESPACE_SESSION	3
#define BOOTSTRAP_NAMESPACE_PRE_LOGIN	4
#define BOOTSTRAP_NAMESPACE_SUBSET	5

/* struct bootstrap_register.flags */
#define BOOTSTRAP_REGISTER_STICKY	(1U << 0)
#define BOOTSTRAP_REGISTER_GROUP	(1U << 1)
#define BOOTSTRAP_REGISTER_RESERVED	(1U << 2)

/**
 * struct bootstrap_register - BOOTSTRAP_IOC_REGISTER: let a name stand for a file
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_REGISTER_STICKY: the name outlives the calling
 *		process and the bootstrap port. BOOTSTRAP_REGISTER_GROUP: only
 *		members of @gid (and CAP_SYS_ADMIN) may look it up.
 *		BOOTSTRAP_REGISTER_RESERVED: no namespace below may have a name
 *		like this from now on; what it has already stays.
 * @name:	in: address of @name_len bytes, valid UTF-8, no terminating zero
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @gid:	in: for BOOTSTRAP_REGISTER_GROUP, else 0
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @fd:		in: any open file but those refused with ELOOP and EBADF. The
 *		module takes a reference of its own; the descriptor stays the
 *		caller's.
 * @pad:	in: 0
 * @replace:	in: 0: the name must be free. Else the name must be active in
 *		this generation and the caller's own, and is replaced with no
 *		moment in which it could not be looked up.
 * @generation:	out: number of this registration, never repeated within the
 *		namespace
 *
 * The name lives until it is unregistered, until the bootstrap port it was
 * registered through is closed for the last time, until the calling process is
 * gone, or until its namespace dies.
 *
 * Writing to the root namespace, or to what is another's, takes CAP_SYS_ADMIN
 * over the initial user namespace; so does BOOTSTRAP_REGISTER_STICKY, except in
 * the namespace of the session that the caller stands in.
 *
 * Return: 0, or EACCES, EPERM, ESRCH, EEXIST (reserved further up), ENOENT
 * (@replace: no such name), EBUSY, EDQUOT, ENOMEM, ESHUTDOWN, ELOOP, EBADF, and
 * the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_register {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 scope;
	__u32 session;
	__u32 gid;
	__aligned_u64 cookie;
	__s32 fd;
	__u32 pad;
	__aligned_u64 replace;
	__aligned_u64 generation;
};
#define BOOTSTRAP_REGISTER_SIZE_VER0	64

/**
 * struct bootstrap_name - BOOTSTRAP_IOC_UNREGISTER and BOOTSTRAP_IOC_TAKE_OVER
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @name:	in: address of @name_len bytes
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @pad:	in: 0
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @generation:	in: only the registration of this number; 0 for whichever it is
 *
 * UNREGISTER ends the name. A service's receive right stays open, but no
 * look-up reaches it any more; what waits to be accepted where no server has
 * checked in is refused.
 *
 * TAKE_OVER ties the name to the calling process instead of the one it was tied
 * to, as a daemon that forked does for what its parent registered; generation
 * and endpoint stay. Through the bootstrap port by which the server of a
 * declared service checked in, unless that is also its launcher's, it makes the
 * calling process the server instead.
 *
 * The caller must use the bootstrap port (any descriptor of the same open
 * file) that the name was registered through. A sticky name may also be
 * unregistered, or replaced, by its uid or CAP_SYS_ADMIN through any bootstrap
 * port.
 *
 * On a check-in handle, TAKE_OVER makes the calling process the server of the
 * declared service; @name, @name_len and what addresses a namespace are 0.
 *
 * Return: 0, or EACCES, EPERM, ESRCH (also: on a check-in handle, there is no
 * server), ENOENT (also: another @generation; on a check-in handle, the
 * declaration was withdrawn), EDQUOT, ENOMEM, ESHUTDOWN, and the errors of
 * malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_name {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 scope;
	__u32 session;
	__u32 pad;
	__aligned_u64 cookie;
	__aligned_u64 generation;
};
#define BOOTSTRAP_NAME_SIZE_VER0	48

/* struct bootstrap_info.flags */
#define BOOTSTRAP_INFO_PRIVILEGED	(1U << 0)
#define BOOTSTRAP_INFO_STICKY		(1U << 1)
#define BOOTSTRAP_INFO_GROUP		(1U << 2)
#define BOOTSTRAP_INFO_SERVICE		(1U << 3)
#define BOOTSTRAP_INFO_DECLARED		(1U << 4)
#define BOOTSTRAP_INFO_RESERVED		(1U << 5)
#define BOOTSTRAP_INFO_SEQPACKET	(1U << 6)
#define BOOTSTRAP_INFO_ACTIVE		(1U << 7)
#define BOOTSTRAP_INFO_DEMAND		(1U << 8)

/**
 * struct bootstrap_info - who registered a name or took it over, and where
 * @size:	in: size of this struct; out: how much of it was filled
 * @flags:	out: BOOTSTRAP_INFO_PRIVILEGED: by a process with CAP_SYS_ADMIN.
 *		BOOTSTRAP_INFO_STICKY, BOOTSTRAP_INFO_GROUP,
 *		BOOTSTRAP_INFO_RESERVED: as registered.
 *		BOOTSTRAP_INFO_SERVICE: it stands for a service, of type
 *		SOCK_SEQPACKET with BOOTSTRAP_INFO_SEQPACKET, else SOCK_STREAM.
 *		BOOTSTRAP_INFO_DECLARED: the service was declared.
 *		BOOTSTRAP_INFO_ACTIVE: a server has checked in.
 *		BOOTSTRAP_INFO_DEMAND: none has, and a connection waits.
 * @namespace_id: out: the namespace that answered
 * @generation:	out: number of the registration within that namespace
 * @cookie:	out: cookie of the session that the registering process stood in
 * @session:	out: id of that session
 * @pid:	out: the process that the name is tied to, for a service that
 *		was not declared the one that checked in; 0 once it is gone
 * @uid:	out: its effective uid when it registered or took over
 * @gid:	out: its effective gid then
 * @group:	out: with BOOTSTRAP_INFO_GROUP, the group that may look it up;
 *		else 0
 * @pad:	out: 0
 * @since:	out: when it was registered, nanoseconds of CLOCK_REALTIME
 *
 * Since: 0.1
 */
struct bootstrap_info {
	__u32 size;
	__u32 flags;
	__aligned_u64 namespace_id;
	__aligned_u64 generation;
	__aligned_u64 cookie;
	__u32 session;
	__u32 pid;
	__u32 uid;
	__u32 gid;
	__u32 group;
	__u32 pad;
	__aligned_u64 since;
};
#define BOOTSTRAP_INFO_SIZE_VER0	64

/* struct bootstrap_look_up.flags */
#define BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER	(1U << 0)
#define BOOTSTRAP_LOOK_UP_NONBLOCK		(1U << 1)
#define BOOTSTRAP_LOOK_UP_QUERY			(1U << 2)

/** BOOTSTRAP_DEADLINE_NEVER - wait without a limit */
#define BOOTSTRAP_DEADLINE_NEVER	(~0ULL)

/** BOOTSTRAP_LOOK_UP_ARRAY_MAX - names in one BOOTSTRAP_IOC_LOOK_UP_ARRAY */
#define BOOTSTRAP_LOOK_UP_ARRAY_MAX	20

/**
 * struct bootstrap_look_up - BOOTSTRAP_IOC_LOOK_UP: a descriptor for a name
 * @size:	in: size of this struct, at least BOOTSTRAP_LOOK_UP_SIZE_MIN
 * @flags:	in: BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER: search the root
 *		namespace alone, and accept only what a privileged process
 *		registered or declared. Only with BOOTSTRAP_SCOPE_DEFAULT or
 *		BOOTSTRAP_SCOPE_ROOT. BOOTSTRAP_LOOK_UP_NONBLOCK: do not wait
 *		for room in a service's backlog. BOOTSTRAP_LOOK_UP_QUERY: fill
 *		@info and return 0; nothing is opened, nobody is connected to.
 * @name:	in: address of @name_len bytes
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @pad:	in: 0
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @info:	in: address of a struct bootstrap_info to fill, or 0
 * @deadline:	in: 0: do not wait for the name. Else until when: nanoseconds of
 *		CLOCK_MONOTONIC, as in the caller's time namespace, or
 *		BOOTSTRAP_DEADLINE_NEVER. Not with BOOTSTRAP_LOOK_UP_NONBLOCK.
 *
 * By default the search goes from the caller's namespace up through its
 * parents. The nearest match wins and ends the search. A name that the caller
 * may not look up is answered like one that is not there.
 *
 * A file endpoint is answered with a descriptor of the registered open file
 * description. A service is answered with a new connection, the other end of
 * which waits to be accepted by the server; if the backlog is full, then for
 * room in it first, as with connect(2), unless BOOTSTRAP_LOOK_UP_NONBLOCK is
 * set. Of what waits at one service, at most a quarter of the backlog is one
 * user's, but for root and the service's own user.
 *
 * With a deadline, the call waits until there is such a name that the caller
 * may look up, and for no longer than that for room in a backlog.
 *
 * Return: a new close-on-exec descriptor, or with BOOTSTRAP_LOOK_UP_QUERY 0, or
 * EACCES, ENOENT, ESRCH (no such session, where the caller might have looked into
 * it), EMFILE, ENFILE, ENOMEM,
 * EDQUOT (too many look-ups of the user's wait, or sessions), ECONNREFUSED, EAGAIN,
 * ETIMEDOUT, EINTR, ESHUTDOWN (the one namespace to wait at is dead), and the
 * errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_look_up {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 scope;
	__u32 session;
	__u32 pad;
	__aligned_u64 cookie;
	__aligned_u64 info;
	__aligned_u64 deadline;
};
#define BOOTSTRAP_LOOK_UP_SIZE_MIN	24
#define BOOTSTRAP_LOOK_UP_SIZE_VER0	56

/**
 * struct bootstrap_look_up_entry - one name of BOOTSTRAP_IOC_LOOK_UP_ARRAY
 * @name:	in: address of @name_len bytes
 * @info:	in: address of a struct bootstrap_info to fill, or 0
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @result:	out: a new close-on-exec descriptor, or a negative errno
 *
 * Since: 0.1
 */
struct bootstrap_look_up_entry {
	__aligned_u64 name;
	__aligned_u64 info;
	__u32 name_len;
	__s32 result;
};
#define BOOTSTRAP_LOOK_UP_ENTRY_SIZE_VER0	24

/**
 * struct bootstrap_look_up_array - BOOTSTRAP_IOC_LOOK_UP_ARRAY: several names at
 *	once
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, BOOTSTRAP_LOOK_UP_NONBLOCK
 * @entries:	in: address of @count struct bootstrap_look_up_entry
 * @count:	in: 1 to BOOTSTRAP_LOOK_UP_ARRAY_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @pad:	in: 0
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @deadline:	in: for all of them, as in struct bootstrap_look_up
 *
 * The names are looked up one after the other, each as by BOOTSTRAP_IOC_LOOK_UP,
 * and each has its own result. After a signal, the rest have the result -EINTR,
 * if something was found already.
 *
 * Return: the number of results that are descriptors, or EMSGSIZE (@count),
 * EACCES, ESRCH, EINTR (nothing was found yet), and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_look_up_array {
	__u32 size;
	__u32 flags;
	__aligned_u64 entries;
	__u32 count;
	__u32 scope;
	__u32 session;
	__u32 pad;
	__aligned_u64 cookie;
	__aligned_u64 deadline;
};
#define BOOTSTRAP_LOOK_UP_ARRAY_SIZE_VER0	48

/* struct bootstrap_check_in.flags */
#define BOOTSTRAP_CHECK_IN_STRICT	(1U << 0)
#define BOOTSTRAP_CHECK_IN_RESERVED	(1U << 1)

/**
 * struct bootstrap_check_in - BOOTSTRAP_IOC_CHECK_IN: the receive right of a
 *	service
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_CHECK_IN_STRICT: only if the name was declared.
 *		BOOTSTRAP_CHECK_IN_RESERVED: if it was not, as
 *		BOOTSTRAP_REGISTER_RESERVED; else EINVAL.
 * @name:	in: address of @name_len bytes
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @type:	in: SOCK_STREAM, SOCK_SEQPACKET, or 0: as declared, else
 *		SOCK_STREAM
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @backlog:	in: how many connections may wait, cut to what the module and
 *		net.core.somaxconn allow; 0: as declared, else the module's
 *		default
 * @pad:	in: 0
 * @generation:	out: number of the service's name within the namespace
 *
 * The receive right is a listening AF_UNIX socket. It bears an address for
 * those who look for one, /bootstrap/NAME, cut off where it is too long, but
 * nobody can connect to it by that.
 *
 * If the name was declared, and admits the caller, then the caller is the
 * server from now on, and gets what waits to be accepted. When the server is
 * gone, or has closed every descriptor of the right, then the name is on demand
 * again; copies that others hold of the right get nothing more. That a process
 * which lives on has closed the last is noticed at the next look-up or check-in.
 * If the right was shut down, or another uid checks in than last time, then what
 * waits is refused.
 *
 * Else the name is registered anew, and lives until the right is closed by all
 * who have it, until it is unregistered, or until its namespace dies.
 *
 * On a check-in handle, @name, @name_len and what addresses a namespace are 0;
 * who holds the handle is admitted.
 *
 * Return: a new close-on-exec descriptor, or EACCES, EPERM (also: declared, and
 * does not admit the caller), ESRCH, EBUSY (a server has checked in, or the name
 * is active), ENOENT (strict, and no such name; a check-in handle whose
 * declaration was withdrawn), EEXIST (reserved further up), EDQUOT, EMFILE, ENFILE,
 * ENOMEM, ESHUTDOWN, and the errors of malformed arguments (EINVAL also for a
 * @type or @backlog that was declared otherwise).
 *
 * Since: 0.1
 */
struct bootstrap_check_in {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 scope;
	__u32 session;
	__u32 type;
	__aligned_u64 cookie;
	__u32 backlog;
	__u32 pad;
	__aligned_u64 generation;
};
#define BOOTSTRAP_CHECK_IN_SIZE_VER0	56

/* struct bootstrap_declare.flags */
#define BOOTSTRAP_DECLARE_HIDDEN	(1U << 0)
#define BOOTSTRAP_DECLARE_RESERVED	(1U << 1)
#define BOOTSTRAP_DECLARE_UID		(1U << 2)

/**
 * struct bootstrap_declare - BOOTSTRAP_IOC_DECLARE: a service that is started
 *	on demand
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_DECLARE_HIDDEN: it cannot be looked up until its
 *		server has checked in. BOOTSTRAP_DECLARE_RESERVED: as
 *		BOOTSTRAP_REGISTER_RESERVED. BOOTSTRAP_DECLARE_UID: processes
 *		whose real, effective and saved uid are @uid and that stand in
 *		the caller's session may check in by the name.
 * @name:	in: address of @name_len bytes
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @type:	in: SOCK_STREAM, SOCK_SEQPACKET, or 0: SOCK_STREAM
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @backlog:	in: as with check-in; 0: the module's default
 * @uid:	in: for BOOTSTRAP_DECLARE_UID, else 0
 * @generation:	out: number of the name within the namespace
 *
 * Look-ups connect before any server runs, and wait to be accepted. Until a
 * server checks in, the peer that clients see is nobody: pid 0, uid and gid -1.
 *
 * The descriptor is a check-in handle, for CHECK_IN and TAKE_OVER. Who holds it
 * may check in. It becomes readable when there is need of a server: when the
 * first connection waits while there is none. read(2) tells, as eight bytes,
 * how often that was so since it was read last. With EPOLLHUP, and a read of 0
 * bytes, it tells that the declaration is gone.
 *
 * The declaration lives until it is unregistered, until the bootstrap port it
 * was made through is closed for the last time, until the calling process is
 * gone, or until its namespace dies. A server that has checked in keeps its
 * receive right, and what waits there.
 *
 * Return: a new close-on-exec descriptor, or EACCES, EPERM, ESRCH, EEXIST (the
 * name exists, or is reserved further up), EDQUOT, EMFILE, ENFILE, ENOMEM,
 * ESHUTDOWN, and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_declare {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 scope;
	__u32 session;
	__u32 type;
	__aligned_u64 cookie;
	__u32 backlog;
	__u32 uid;
	__aligned_u64 generation;
};
#define BOOTSTRAP_DECLARE_SIZE_VER0	56

/**
 * struct bootstrap_peer - BOOTSTRAP_IOC_PEER: who is at the other end
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @fd:		in: a connected AF_UNIX socket, such as a server accepted
 * @pid:	out: the process that connected
 * @uid:	out: its effective uid then
 * @gid:	out: its effective gid then
 * @session:	out: id of the session that it stands in now
 * @standing:	out: BOOTSTRAP_STANDING_OUTSIDE: it bears a session id but does
 *		not stand inside that session's walls
 * @cookie:	out: cookie of that session; 0 if that has yet to begin, with the
 *		first call of a process of it
 *
 * Return: 0, or ESRCH (the process is gone, or there is nobody yet), EBADF (not
 * a connected AF_UNIX socket), and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_peer {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 pid;
	__u32 uid;
	__u32 gid;
	__u32 session;
	__u32 standing;
	__aligned_u64 cookie;
};
#define BOOTSTRAP_PEER_SIZE_VER0	40

/**
 * struct bootstrap_list - BOOTSTRAP_IOC_LIST: the names of one namespace
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @scope:	in: BOOTSTRAP_SCOPE_*; the default is the caller's own
 *		namespace, without its parents
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @cursor:	in: 0 to start, then what the last call returned
 *		out: where to go on
 * @buffer:	in: address of @buffer_size bytes, filled with
 *		struct bootstrap_list_entry
 * @buffer_size: in: any size; no call fills more than 65536 bytes
 * @count:	out: entries filled; 0 at the end
 * @namespace_id: out: the namespace listed
 * @needed:	out: with EMSGSIZE, the buffer size that the next entry needs;
 *		else 0
 * @pad:	in: 0
 *
 * Names come in the order of their generations, and only those that the caller
 * may look up. What is registered or unregistered between two calls may be
 * listed or not; all else is listed once.
 *
 * Return: 0, or EACCES, EPERM, ESRCH, EMSGSIZE, ENOMEM, EDQUOT, and the errors of
 * malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_list {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 session;
	__aligned_u64 cookie;
	__aligned_u64 cursor;
	__aligned_u64 buffer;
	__u32 buffer_size;
	__u32 count;
	__aligned_u64 namespace_id;
	__u32 needed;
	__u32 pad;
};
#define BOOTSTRAP_LIST_SIZE_VER0	64

/**
 * struct bootstrap_list_entry - one name in the buffer of BOOTSTRAP_IOC_LIST
 * @length:	bytes to the next entry, a multiple of 8
 * @name_offset: bytes from the start of this entry to the name
 * @name_len:	bytes of the name; a zero byte follows it
 * @pad:	0
 * @info:	who registered it; @info.size is what the kernel filled
 *
 * Since: 0.1
 */
struct bootstrap_list_entry {
	__u32 length;
	__u32 name_offset;
	__u32 name_len;
	__u32 pad;
	struct bootstrap_info info;
};
#define BOOTSTRAP_LIST_ENTRY_SIZE_VER0	80

/**
 * DOC: Records
 *
 * What read(2) of a watch returns: as many whole records as fit, in order.
 *
 * BOOTSTRAP_RECORD_PRESENT
 *	A name that is there. These come first.
 * BOOTSTRAP_RECORD_COMPLETE
 *	All that is there was told; what follows are changes.
 * BOOTSTRAP_RECORD_ADDED, BOOTSTRAP_RECORD_REMOVED
 *	A name can be looked up from now on, or not any more. Which, its
 *	generation tells.
 * BOOTSTRAP_RECORD_DEMAND
 *	A connection waits at a declared service that has no server.
 * BOOTSTRAP_RECORD_OVERFLOW
 *	More changed than was read in time. All that was told is void; what is
 *	there now follows.
 * BOOTSTRAP_RECORD_DEAD
 *	The namespace is dead, and with it all its names. This is the last.
 *
 *
 * With BOOTSTRAP_WATCH_SESSIONS there is no DEAD, and instead of names:
 *
 * BOOTSTRAP_RECORD_SESSION_PRESENT
 *	A login session that is there. These come first.
 * BOOTSTRAP_RECORD_SESSION_STARTED
 *	A session began.
 * BOOTSTRAP_RECORD_SESSION_CHANGED
 *	Its user, type, attributes or state have changed, or while a logout is
 *	asked for, its deferrals. That this was cancelled or given up, its state
 *	tells.
 * BOOTSTRAP_RECORD_SESSION_LOGOUT
 *	A logout was asked for, or has a nearer deadline.
 * BOOTSTRAP_RECORD_SESSION_DEFERRED
 *	It is held up, by this deferral that was asked for first; @deferrals of
 *	the session tells how many there are, BOOTSTRAP_IOC_DEFERRALS which.
 * BOOTSTRAP_RECORD_SESSION_ENDED
 *	Its last process is gone. Which, its cookie tells.
 *
 * Those about a name are struct bootstrap_name_record; SESSION_DEFERRED is
 * struct bootstrap_deferral_record, and others about a session are
 * struct bootstrap_session_record; the rest (COMPLETE, OVERFLOW, DEAD) are
 * struct bootstrap_record.
 */
#define BOOTSTRAP_RECORD_PRESENT	1
#define BOOTSTRAP_RECORD_COMPLETE	2
#define BOOTSTRAP_RECORD_ADDED		3
#define BOOTSTRAP_RECORD_REMOVED	4
#define BOOTSTRAP_RECORD_DEMAND		5
#define BOOTSTRAP_RECORD_OVERFLOW	6
#define BOOTSTRAP_RECORD_DEAD		7
#define BOOTSTRAP_RECORD_SESSION_PRESENT	8
#define BOOTSTRAP_RECORD_SESSION_STARTED	9
#define BOOTSTRAP_RECORD_SESSION_CHANGED	10
#define BOOTSTRAP_RECORD_SESSION_LOGOUT		11
#define BOOTSTRAP_RECORD_SESSION_DEFERRED	12
#define BOOTSTRAP_RECORD_SESSION_ENDED		13

/** BOOTSTRAP_RECORD_MAX - bytes that any record fits in */
#define BOOTSTRAP_RECORD_MAX	512

/**
 * struct bootstrap_record - what all records of a watch begin with
 * @length:	bytes to the next record, a multiple of 8
 * @type:	BOOTSTRAP_RECORD_*; readers skip those they do not know
 * @number:	1 for the first record of the watch, 2 for the next, ...
 *
 * Since: 0.1
 */
struct bootstrap_record {
	__u32 length;
	__u32 type;
	__aligned_u64 number;
};
#define BOOTSTRAP_RECORD_SIZE_VER0	16

/**
 * struct bootstrap_name_record - a record that is about a name
 * @record:	what all records begin with
 * @name_offset: bytes from the start of this record to the name
 * @name_len:	bytes of the name; a zero byte follows it
 * @info:	who registered it; @info.size is what the kernel filled
 *
 * Since: 0.1
 */
struct bootstrap_name_record {
	struct bootstrap_record record;
	__u32 name_offset;
	__u32 name_len;
	struct bootstrap_info info;
};
#define BOOTSTRAP_NAME_RECORD_SIZE_VER0	88

/* struct bootstrap_watch.flags */
#define BOOTSTRAP_WATCH_SESSIONS	(1U << 0)

/**
 * struct bootstrap_watch - BOOTSTRAP_IOC_WATCH: hear of the names of a namespace,
 *	or of sessions
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_WATCH_SESSIONS: of login sessions. Then @scope,
 *		@session and @cookie are 0.
 * @scope:	in: BOOTSTRAP_SCOPE_*; the default is the caller's own
 *		namespace, without its parents
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @namespace_id: out: the namespace watched; 0 with BOOTSTRAP_WATCH_SESSIONS
 *
 * A watch tells what the calling process may look up, as it stands now, to
 * whoever reads it. read(2) waits for a record, unless the descriptor is
 * O_NONBLOCK; it fails with EMSGSIZE if the next one does not fit, and returns
 * 0 after BOOTSTRAP_RECORD_DEAD. poll(2) tells EPOLLIN if there is something to
 * read, and EPOLLHUP once the namespace is dead. A watch does not keep it alive.
 *
 * Of sessions it tells those of the user that the calling process is, and with
 * CAP_SYS_ADMIN all. One that comes to be that user's by its announcement has
 * started by that.
 *
 * Return: a new close-on-exec descriptor, or EACCES, EPERM, ESRCH, EDQUOT, EMFILE,
 * ENFILE, ENOMEM, ESHUTDOWN, and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_watch {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 session;
	__aligned_u64 cookie;
	__aligned_u64 namespace_id;
};
#define BOOTSTRAP_WATCH_SIZE_VER0	32

/* struct bootstrap_session.flags */
#define BOOTSTRAP_SESSION_BY_ID		(1U << 0)
#define BOOTSTRAP_SESSION_NEXT		(1U << 1)

/* struct bootstrap_open.flags */
#define BOOTSTRAP_OPEN_PARENT		(1U << 0)
#define BOOTSTRAP_OPEN_CHILD		(1U << 1)

/**
 * DOC: Attributes of sessions
 *
 * BOOTSTRAP_SESSION_ATTR_ROOT
 *	It is the root session.
 * BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS
 *	It can show windows.
 * BOOTSTRAP_SESSION_ATTR_TTY, _REMOTE
 *	Its login was on a terminal, over the network. The announcement says so,
 *	and nothing changes it.
 * BOOTSTRAP_SESSION_ATTR_CONSOLE
 *	It has the console: screen and keyboard. No two have it at one time.
 * BOOTSTRAP_SESSION_ATTR_AUTHENTICATED
 *	Its user was authenticated, by word of the login that announced it.
 */
#define BOOTSTRAP_SESSION_ATTR_ROOT		0x0001U
#define BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS	0x0010U
#define BOOTSTRAP_SESSION_ATTR_TTY		0x0020U
#define BOOTSTRAP_SESSION_ATTR_REMOTE		0x1000U
#define BOOTSTRAP_SESSION_ATTR_CONSOLE		0x2000U
#define BOOTSTRAP_SESSION_ATTR_AUTHENTICATED	0x4000U

/**
 * DOC: Types of sessions
 *
 * BOOTSTRAP_SESSION_TYPE_UNKNOWN
 *	Nobody announced the session.
 * BOOTSTRAP_SESSION_TYPE_ROOT
 *	The root session.
 * BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW
 *	Its login is announced and not complete: nobody stands in it yet.
 * BOOTSTRAP_SESSION_TYPE_GUI, _NON_GUI, _BACKGROUND
 *	As announced: with a graphic login; of a terminal or the network; a user's
 *	services.
 */
#define BOOTSTRAP_SESSION_TYPE_UNKNOWN		0
#define BOOTSTRAP_SESSION_TYPE_ROOT		1
#define BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW	2
#define BOOTSTRAP_SESSION_TYPE_GUI		3
#define BOOTSTRAP_SESSION_TYPE_NON_GUI		4
#define BOOTSTRAP_SESSION_TYPE_BACKGROUND	5

/* struct bootstrap_session.standing */
#define BOOTSTRAP_STANDING_OUTSIDE	(1U << 0)

/**
 * DOC: State of a session
 *
 * BOOTSTRAP_SESSION_STATE_LOGIN
 *	Its login is in progress: nobody stands in it yet.
 * BOOTSTRAP_SESSION_STATE_OPEN
 *	Its user's processes stand in it.
 * BOOTSTRAP_SESSION_STATE_LOGOUT
 *	A logout of it is asked for.
 */
#define BOOTSTRAP_SESSION_STATE_LOGIN		0
#define BOOTSTRAP_SESSION_STATE_OPEN		1
#define BOOTSTRAP_SESSION_STATE_LOGOUT		2

/**
 * struct bootstrap_session - BOOTSTRAP_IOC_SESSION: tell about a session
 * @size:	in: size of this struct
 * @flags:	in: 0: the session that the caller stands in.
 *		BOOTSTRAP_SESSION_BY_ID: the one with @session and, unless
 *		@cookie is 0, that cookie. BOOTSTRAP_SESSION_NEXT: the first
 *		that the caller may see with an id of @session or more; the
 *		root session, with the highest id, comes last.
 * @session:	in: with a flag, a session id, else 0
 *		out: the session's id
 * @attributes:	out: BOOTSTRAP_SESSION_ATTR_*
 * @cookie:	in: with BOOTSTRAP_SESSION_BY_ID, else 0
 *		out: the session's cookie, which no other session ever has
 * @namespace_id: out: the id of its namespace
 * @uid:	out: the session's user; 0 for the root session
 * @names:	out: the number of names in its namespace, those that the caller
 *		may not look up included
 * @standing:	out: without flags: BOOTSTRAP_STANDING_OUTSIDE: the caller bears
 *		a session id but does not stand inside that session's walls, so
 *		the answer is the root session
 * @type:	out: BOOTSTRAP_SESSION_TYPE_*
 * @since:	out: when it began, nanoseconds of CLOCK_REALTIME; of the root
 *		session, when the module was loaded
 * @deadline:	out: with BOOTSTRAP_SESSION_STATE_LOGOUT, until when deferrals
 *		hold: nanoseconds of CLOCK_MONOTONIC, as in the caller's time
 *		namespace, or BOOTSTRAP_DEADLINE_NEVER; else 0
 * @state:	out: BOOTSTRAP_SESSION_STATE_*
 * @deferrals:	out: how many processes ask to be waited for at a logout
 * @tty:	out: the terminal that its login was on, with a terminating zero;
 *		empty if there is none
 * @host:	out: where over the network that came from, likewise
 *
 * A session is seen by the processes inside it, by its user and by
 * CAP_SYS_ADMIN; the root session by all. A session whose processes are all
 * gone is not reported.
 *
 * Return: 0, or ESRCH, EDQUOT, ENOMEM, EINTR (the caller is being killed), and
 * the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_session {
	__u32 size;
	__u32 flags;
	__u32 session;
	__u32 attributes;
	__aligned_u64 cookie;
	__aligned_u64 namespace_id;
	__u32 uid;
	__u32 names;
	__u32 standing;
	__u32 type;
	__aligned_u64 since;
	__aligned_u64 deadline;
	__u32 state;
	__u32 deferrals;
	char tty[BOOTSTRAP_TTY_MAX + 1];
	char host[BOOTSTRAP_HOST_MAX + 1];
};
#define BOOTSTRAP_SESSION_SIZE_VER0	48

/**
 * struct bootstrap_logout - BOOTSTRAP_IOC_LOGOUT: ask for the end of a session
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @session:	in: the session id
 * @pad:	in: 0
 * @cookie:	in: 0, or the session's cookie
 * @deadline:	in: until when deferrals hold: nanoseconds of CLOCK_MONOTONIC, as
 *		in the caller's time namespace; 0: 60 seconds from now. One that
 *		has passed overrides them all. BOOTSTRAP_DEADLINE_NEVER, or more
 *		than 60 seconds from now, takes CAP_SYS_ADMIN.
 *
 * Takes CAP_SYS_ADMIN over the initial user namespace, or the session's user as
 * effective uid.
 *
 * Nobody is ended by this: it says what is to come, and tells when it may go on.
 * All who watch the session are told, and whoever holds a deferral for it. The
 * logout is asked for until the descriptor is closed for the last time. poll(2)
 * tells EPOLLIN as soon as no deferral holds it up, because the last was closed or
 * the deadline has passed, and then BOOTSTRAP_IOC_SIGNAL is what ends the
 * processes; EPOLLERR, for good, when whoever holds a deferral has cancelled it;
 * EPOLLHUP when the session has ended.
 *
 * Who asks while a logout is asked for joins in; the earlier deadline counts.
 *
 * Return: a new close-on-exec descriptor, or ESRCH (no such session, or not the
 * caller's), EPERM (the deadline), EMFILE, ENFILE, ENOMEM, EINTR (the caller is
 * being killed), and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_logout {
	__u32 size;
	__u32 flags;
	__u32 session;
	__u32 pad;
	__aligned_u64 cookie;
	__aligned_u64 deadline;
};
#define BOOTSTRAP_LOGOUT_SIZE_VER0	32

/**
 * struct bootstrap_defer - BOOTSTRAP_IOC_DEFER: be waited for at a logout
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @reason:	in: address of @reason_len bytes, told to whoever asks for the
 *		logout; what is text for a name is text for a reason
 * @reason_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @session:	out: id of the session, which is the one that the caller stands in
 * @cookie:	out: its cookie
 *
 * The descriptor is the deferral: a logout of the session waits, up to its
 * deadline, until that is closed for the last time. poll(2) tells EPOLLIN while a
 * logout is asked for, so that what is unsaved can be saved, and EPOLLHUP when the
 * session has ended. BOOTSTRAP_IOC_CANCEL on it cancels the logout.
 *
 * Return: a new close-on-exec descriptor, or ESRCH (the caller does not stand in a
 * login session), EPERM (the caller is the server of a declared service, which
 * ends without being asked), EBUSY (a logout is asked for), EDQUOT, EMFILE, ENFILE,
 * ENOMEM, and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_defer {
	__u32 size;
	__u32 flags;
	__aligned_u64 reason;
	__u32 reason_len;
	__u32 session;
	__aligned_u64 cookie;
};
#define BOOTSTRAP_DEFER_SIZE_VER0	32

/**
 * struct bootstrap_cancel - BOOTSTRAP_IOC_CANCEL: cancel a logout
 * @size:	in: size of this struct
 * @flags:	in: 0
 *
 * On the descriptor of BOOTSTRAP_IOC_DEFER alone. The deferral stays.
 *
 * Return: 0, or ESRCH (no logout is asked for), ETIMEDOUT (its deadline has
 * passed), ESHUTDOWN (the session has ended), and the errors of malformed
 * arguments.
 *
 * Since: 0.1
 */
struct bootstrap_cancel {
	__u32 size;
	__u32 flags;
};
#define BOOTSTRAP_CANCEL_SIZE_VER0	8

/**
 * struct bootstrap_deferral - who holds up a session's logout, and why
 * @length:	bytes to the next entry, a multiple of 8
 * @reason_offset: bytes from the start of this entry to the reason
 * @reason_len:	bytes of the reason; a zero byte follows it
 * @pid:	the process that asked to be waited for; 0 once it is gone
 * @uid:	its effective uid
 * @session:	id of the session
 * @cookie:	its cookie
 * @since:	when it asked, nanoseconds of CLOCK_REALTIME
 *
 * Since: 0.1
 */
struct bootstrap_deferral {
	__u32 length;
	__u32 reason_offset;
	__u32 reason_len;
	__u32 pid;
	__u32 uid;
	__u32 session;
	__aligned_u64 cookie;
	__aligned_u64 since;
};
#define BOOTSTRAP_DEFERRAL_SIZE_VER0	40

/**
 * struct bootstrap_deferrals - BOOTSTRAP_IOC_DEFERRALS: who will hold up a logout
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @session:	in: the session id
 * @buffer_size: in: any size; no call fills more than 65536 bytes
 * @cookie:	in: 0, or the session's cookie
 * @cursor:	in: 0 to start, then what the last call returned
 *		out: where to go on
 * @buffer:	in: address of @buffer_size bytes, filled with
 *		struct bootstrap_deferral
 * @count:	out: entries filled; 0 at the end
 * @needed:	out: with EMSGSIZE, the buffer size that the next entry needs;
 *		else 0
 *
 * In the order in which they were asked for. Who may see the session may see
 * these.
 *
 * Return: 0, or ESRCH, EMSGSIZE, ENOMEM, EINTR (the caller is being killed), and
 * the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_deferrals {
	__u32 size;
	__u32 flags;
	__u32 session;
	__u32 buffer_size;
	__aligned_u64 cookie;
	__aligned_u64 cursor;
	__aligned_u64 buffer;
	__u32 count;
	__u32 needed;
};
#define BOOTSTRAP_DEFERRALS_SIZE_VER0	48

/**
 * struct bootstrap_session_record - a record that is about a session
 * @record:	what all records begin with
 * @session:	the session as it was then; @session.size is what the kernel filled
 *
 * Since: 0.1
 */
struct bootstrap_session_record {
	struct bootstrap_record record;
	struct bootstrap_session session;
};
#define BOOTSTRAP_SESSION_RECORD_SIZE_VER0	376

/**
 * struct bootstrap_deferral_record - a record that is about a deferral
 * @record:	what all records begin with
 * @deferral:	who holds up the logout
 *
 * Since: 0.1
 */
struct bootstrap_deferral_record {
	struct bootstrap_record record;
	struct bootstrap_deferral deferral;
};
#define BOOTSTRAP_DEFERRAL_RECORD_SIZE_VER0	56

/**
 * struct bootstrap_open - BOOTSTRAP_IOC_OPEN: a handle for a namespace
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_OPEN_PARENT: the parent of what is addressed, that
 *		of the root being itself. BOOTSTRAP_OPEN_CHILD: the one of its
 *		children that has the id @namespace_id.
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @namespace_id: in: for BOOTSTRAP_OPEN_CHILD, else 0
 *		out: the namespace opened
 * @rights:	in: BOOTSTRAP_RIGHT_*, or 0: all that may be had
 *		out: those of the handle
 * @type:	out: BOOTSTRAP_NAMESPACE_*
 *
 * Through the device, the caller may have all rights in his own session's
 * namespace and in that of his effective uid, and in the root's all but
 * BOOTSTRAP_RIGHT_REGISTER; that, which also root's own user namespace asks for,
 * and all rights elsewhere take CAP_SYS_ADMIN.
 *
 * Through a handle, the new one never has more rights than it. To open what is
 * above takes BOOTSTRAP_RIGHT_ASCEND and gives LOOK_UP, LIST and ASCEND, and of
 * the other rights those that the caller would have through the device. To open a
 * child takes BOOTSTRAP_RIGHT_LIST, and gives the latter alone.
 *
 * A handle does not keep the namespace alive. poll(2) tells EPOLLHUP when it is
 * dead; then it cannot be written to, and look-ups still go on to its parents.
 *
 * Return: a new close-on-exec descriptor, or EACCES, EPERM, ESRCH, ENOENT (no
 * such child), EDQUOT, EMFILE, ENFILE, ENOMEM, and the errors of malformed
 * arguments.
 *
 * Since: 0.1
 */
struct bootstrap_open {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 session;
	__aligned_u64 cookie;
	__aligned_u64 namespace_id;
	__u32 rights;
	__u32 type;
};
#define BOOTSTRAP_OPEN_SIZE_VER0	40

/* struct bootstrap_subset.flags */
#define BOOTSTRAP_SUBSET_REQUESTOR	(1U << 0)

/**
 * struct bootstrap_subset - BOOTSTRAP_IOC_SUBSET: a namespace below another
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_SUBSET_REQUESTOR: it lives and dies with
 *		@requestor, else with the calling process
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @requestor:	in: with BOOTSTRAP_SUBSET_REQUESTOR, a pidfd, else 0
 * @rights:	in: BOOTSTRAP_RIGHT_*, or 0: all that may be had
 *		out: those of the handle
 * @namespace_id: out: the subset
 *
 * Its names are its own, and a look-up goes on to its parents. It is reached
 * through the handle that is returned, and what is derived from that. It dies
 * with its requestor, or with its parent, and then all below it die, too. No
 * more than 100 subsets may be in each other, whoever makes them.
 *
 * Through the device, whoever may look up in a namespace may make subsets of it.
 * Through a handle it takes BOOTSTRAP_RIGHT_SUBSET, and gives no right that the
 * handle does not have.
 *
 * Return: a new close-on-exec descriptor, or EACCES, EPERM, ESRCH (also: the
 * requestor is gone, or is a thread), EBADF (not a pidfd), EDQUOT, EMFILE,
 * ENFILE, ENOMEM, ESHUTDOWN, and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_subset {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 session;
	__aligned_u64 cookie;
	__s32 requestor;
	__u32 rights;
	__aligned_u64 namespace_id;
};
#define BOOTSTRAP_SUBSET_SIZE_VER0	40

/**
 * struct bootstrap_pre_login - BOOTSTRAP_IOC_PRE_LOGIN: a namespace for a login
 *	in progress
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @rights:	in: BOOTSTRAP_RIGHT_*, or 0: all
 *		out: those of the handle
 * @pad:	in: 0
 * @namespace_id: out: the namespace
 *
 * It is below the root's, and reached through the handle alone, which the login
 * hands to the programs that take part in it. Once the session's user is known
 * (BOOTSTRAP_ANNOUNCE_USER), those that act with that effective uid have the
 * user's names, too. It dies with the calling process, with the session that it
 * is bound to, or, when the login is complete, becomes that session's namespace:
 * its names end, as do the subsets of it, and handles address the session's.
 *
 * Takes CAP_SYS_ADMIN over the initial user namespace.
 *
 * Return: a new close-on-exec descriptor, or EPERM, EMFILE, ENFILE, ENOMEM, and
 * the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_pre_login {
	__u32 size;
	__u32 flags;
	__u32 rights;
	__u32 pad;
	__aligned_u64 namespace_id;
};
#define BOOTSTRAP_PRE_LOGIN_SIZE_VER0	24

/* struct bootstrap_announce.flags */
#define BOOTSTRAP_ANNOUNCE_PRE_LOGIN	(1U << 0)
#define BOOTSTRAP_ANNOUNCE_USER		(1U << 1)
#define BOOTSTRAP_ANNOUNCE_COMPLETE	(1U << 2)

/**
 * struct bootstrap_announce - BOOTSTRAP_IOC_ANNOUNCE: whose login a session is
 * @size:	in: size of this struct
 * @flags:	in: one or more of BOOTSTRAP_ANNOUNCE_*
 * @session:	in: the session id
 * @type:	in: with BOOTSTRAP_ANNOUNCE_COMPLETE, BOOTSTRAP_SESSION_TYPE_GUI,
 *		_NON_GUI or _BACKGROUND, else 0
 * @cookie:	in: 0, or the cookie that an earlier announcement told
 *		out: the session's cookie
 * @pre_login:	in: with BOOTSTRAP_ANNOUNCE_PRE_LOGIN, a handle for a pre-login
 *		namespace, else 0
 * @uid:	in: with BOOTSTRAP_ANNOUNCE_USER, the session's user, else 0
 * @namespace_id: out: the session's namespace
 * @attributes:	in: with BOOTSTRAP_ANNOUNCE_COMPLETE, of
 *		BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS, _TTY and _REMOTE; else 0
 * @pad:	in: 0
 * @tty:	in: with BOOTSTRAP_ANNOUNCE_COMPLETE, address of @tty_len bytes,
 *		the terminal that the login is on, or 0; as a name, no
 *		terminating zero
 * @host:	in: with BOOTSTRAP_ANNOUNCE_COMPLETE, address of @host_len bytes,
 *		where over the network it comes from, or 0
 * @tty_len:	in: 0 for none, at most BOOTSTRAP_TTY_MAX
 * @host_len:	in: 0 for none, at most BOOTSTRAP_HOST_MAX
 *
 * A login announces its session once that has its id, in one step or in several:
 * it binds the pre-login namespace, says who the user is, and that the login is
 * complete. Until then nobody stands in the session, its processes are where the
 * root session is. A login that is never completed leaves it so. The first step
 * must bind a namespace or say who the user is; the last must find that said.
 *
 * What of the session there was before is ended; that is refused if it holds
 * names.
 *
 * Takes CAP_SYS_ADMIN over the initial user namespace.
 *
 * Return: 0, or EPERM, ESRCH (no process bears the id, or not that cookie), EBUSY
 * (that was announced before; the session holds names; the handle's namespace is
 * bound already), EBADF (not a handle for a pre-login namespace), ESHUTDOWN (the
 * pre-login namespace is dead, or dies during the call, which then may have begun
 * the session and set its user; nobody will ever stand in it), ENOMEM, EINVAL
 * (also: complete, and no user), ENAMETOOLONG and EILSEQ (@tty, @host), and the
 * errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_announce {
	__u32 size;
	__u32 flags;
	__u32 session;
	__u32 type;
	__aligned_u64 cookie;
	__s32 pre_login;
	__u32 uid;
	__aligned_u64 namespace_id;
	__u32 attributes;
	__u32 pad;
	__aligned_u64 tty;
	__aligned_u64 host;
	__u32 tty_len;
	__u32 host_len;
};
#define BOOTSTRAP_ANNOUNCE_SIZE_VER0	48

/**
 * struct bootstrap_attributes - BOOTSTRAP_IOC_ATTRIBUTES: change what a session is
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @session:	in: the session id
 * @set:	in: attributes that it has from now on, of
 *		BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS, _CONSOLE and
 *		_AUTHENTICATED; the console is no other's then
 * @cookie:	in: 0, or the session's cookie
 * @clear:	in: attributes that it has no more, of the same; at least one in
 *		all, and none in both
 * @pad:	in: 0
 *
 * Takes CAP_SYS_ADMIN over the initial user namespace; but to clear
 * BOOTSTRAP_SESSION_ATTR_AUTHENTICATED, being inside the session's walls will do.
 * The root session's attributes never change.
 *
 * Return: 0, or EPERM, ESRCH (no such session, or it has another cookie), EINTR
 * (the caller is being killed), and the errors of malformed arguments (EINVAL also
 * for an attribute that never changes).
 *
 * Since: 0.1
 */
struct bootstrap_attributes {
	__u32 size;
	__u32 flags;
	__u32 session;
	__u32 set;
	__aligned_u64 cookie;
	__u32 clear;
	__u32 pad;
};
#define BOOTSTRAP_ATTRIBUTES_SIZE_VER0	32

/**
 * struct bootstrap_signal - BOOTSTRAP_IOC_SIGNAL: to all processes of a session
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @session:	in: the session id
 * @signal:	in: number of the signal; 0 to send none
 * @cookie:	in: 0, or the session's cookie
 * @members:	out: how many processes bear the id, but for the calling one
 * @reached:	out: how many of these the signal was sent to; with 0, could be
 *
 * Takes CAP_SYS_ADMIN over the initial user namespace, and then reaches all; or the
 * session's user as effective uid, and reaches those that kill(2) would.
 *
 * No process escapes by forking: the children that are made meanwhile are reached,
 * too. What a process does that catches the signal is another matter: SIGKILL
 * leaves none. The calling process is left out.
 *
 * Return: 0, or ESRCH (no such session, not the caller's, or no process is left),
 * and the errors of malformed arguments. After EFAULT the signal may have been
 * sent, if the address was accessible at first.
 *
 * Since: 0.1
 */
struct bootstrap_signal {
	__u32 size;
	__u32 flags;
	__u32 session;
	__u32 signal;
	__aligned_u64 cookie;
	__u32 members;
	__u32 reached;
};
#define BOOTSTRAP_SIGNAL_SIZE_VER0	32

/**
 * struct bootstrap_child - one namespace in the buffer of BOOTSTRAP_IOC_CHILDREN
 * @length:	bytes to the next entry, a multiple of 8
 * @type:	BOOTSTRAP_NAMESPACE_*
 * @namespace_id: its id
 * @cookie:	the cookie of its session, if it has one, else 0
 * @session:	the id of that session, else 0
 * @uid:	whose it is; of a subset, the effective uid of its maker
 * @names:	how many names it holds
 * @depth:	how many subsets it is in, itself one of them
 *
 * BOOTSTRAP_IOC_CHILDREN takes a struct bootstrap_list, and fills its buffer with
 * these: the namespaces below the one addressed, in the order of their ids, those
 * that the caller may see. A user's and a session's are seen by that user, a
 * subset by its maker's effective uid, and all by CAP_SYS_ADMIN. Through a handle
 * it takes BOOTSTRAP_RIGHT_LIST.
 *
 * Since: 0.1
 */
struct bootstrap_child {
	__u32 length;
	__u32 type;
	__aligned_u64 namespace_id;
	__aligned_u64 cookie;
	__u32 session;
	__u32 uid;
	__u32 names;
	__u32 depth;
};
#define BOOTSTRAP_CHILD_SIZE_VER0	40

/* struct bootstrap_namespace.state */
#define BOOTSTRAP_NAMESPACE_DEAD	(1U << 0)
#define BOOTSTRAP_NAMESPACE_MAY_ENTER	(1U << 1)

/**
 * struct bootstrap_namespace - BOOTSTRAP_IOC_NAMESPACE: tell about a namespace
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID and BOOTSTRAP_SCOPE_USER_ID
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @namespace_id: out: its id
 * @parent_id:	out: its parent's; of the root, its own; 0 through a handle
 *		without BOOTSTRAP_RIGHT_ASCEND
 * @session_cookie: out: the cookie of its session, if it has one, else 0
 * @session_id:	out: the id of that session, else 0
 * @type:	out: BOOTSTRAP_NAMESPACE_*
 * @uid:	out: whose it is; of a subset, the effective uid of its maker
 * @names:	out: how many names it holds, those that the caller may not look
 *		up included; 0 through a handle without BOOTSTRAP_RIGHT_LIST
 * @depth:	out: how many subsets it is in, itself one of them
 * @rights:	out: of a handle, its own; else what the caller may have there
 * @state:	out: BOOTSTRAP_NAMESPACE_DEAD: its names are gone, and there
 *		will be no others. BOOTSTRAP_NAMESPACE_MAY_ENTER: the caller may
 *		take this handle, that the environment named, for its own
 *		namespace: it has BOOTSTRAP_RIGHT_ENTER, and its maker had the
 *		caller's uid, real and effective, or was privileged.
 * @pad:	out: 0
 *
 * Return: 0, or EACCES, EPERM, ESRCH, ENOMEM, EDQUOT, and the errors of malformed
 * arguments.
 *
 * Since: 0.1
 */
struct bootstrap_namespace {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 session;
	__aligned_u64 cookie;
	__aligned_u64 namespace_id;
	__aligned_u64 parent_id;
	__aligned_u64 session_cookie;
	__u32 session_id;
	__u32 type;
	__u32 uid;
	__u32 names;
	__u32 depth;
	__u32 rights;
	__u32 state;
	__u32 pad;
};
#define BOOTSTRAP_NAMESPACE_SIZE_VER0	80

/* struct bootstrap_features.features */
#define BOOTSTRAP_FEATURE_FILE_ENDPOINTS	(1ULL << 0)
#define BOOTSTRAP_FEATURE_LOGIN_SESSIONS	(1ULL << 1)
#define BOOTSTRAP_FEATURE_SERVICES		(1ULL << 2)
#define BOOTSTRAP_FEATURE_WAITING		(1ULL << 3)
#define BOOTSTRAP_FEATURE_WATCHES		(1ULL << 4)
#define BOOTSTRAP_FEATURE_NAMESPACES		(1ULL << 5)
#define BOOTSTRAP_FEATURE_LOGOUT		(1ULL << 6)
#define BOOTSTRAP_FEATURE_STATISTICS		(1ULL << 7)

/**
 * struct bootstrap_features - BOOTSTRAP_IOC_FEATURES: what this kernel can do
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @features:	out: BOOTSTRAP_FEATURE_*
 * @name_max:	out: longest name in bytes
 * @names_per_namespace: out: limit of names in one namespace
 * @names_per_user: out: limit of names of one user
 * @sessions_per_user: out: limit of login sessions of one user
 * @backlog:	out: how many connections may wait if nothing else is said
 * @backlog_max: out: how many may wait at most
 * @waits_per_user: out: limit of one user's look-ups that wait
 * @watches_per_user: out: limit of watches of one user
 * @subsets_per_user: out: limit of subsets of one user
 * @handles_per_user: out: limit of namespace handles of one user
 * @subset_depth: out: how many subsets may be in each other
 * @deferrals_per_user: out: limit of deferrals of one user
 *
 * Return: 0, or the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_features {
	__u32 size;
	__u32 flags;
	__aligned_u64 features;
	__u32 name_max;
	__u32 names_per_namespace;
	__u32 names_per_user;
	__u32 sessions_per_user;
	__u32 backlog;
	__u32 backlog_max;
	__u32 waits_per_user;
	__u32 watches_per_user;
	__u32 subsets_per_user;
	__u32 handles_per_user;
	__u32 subset_depth;
	__u32 deferrals_per_user;
};
#define BOOTSTRAP_FEATURES_SIZE_VER0	64

/* struct bootstrap_usage.flags */
#define BOOTSTRAP_USAGE_BY_UID		(1U << 0)

/**
 * struct bootstrap_usage - BOOTSTRAP_IOC_USAGE: what a user has used of the limits
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_USAGE_BY_UID: tell about @uid, else about the user
 *		that the caller's own names are counted for
 * @uid:	in: with BOOTSTRAP_USAGE_BY_UID, else 0
 *		out: the user told about
 * @pad:	in: 0
 * @names:	out: names registered
 * @names_max:	out: limit of these
 * @sessions:	out: login sessions
 * @sessions_max: out: limit of these
 * @waits:	out: look-ups that wait
 * @waits_max:	out: limit of these
 * @watches:	out: watches
 * @watches_max: out: limit of these
 * @subsets:	out: subset namespaces
 * @subsets_max: out: limit of these
 * @handles:	out: namespace handles
 * @handles_max: out: limit of these
 * @deferrals:	out: deferrals
 * @deferrals_max: out: limit of these
 *
 * What a process in a child user namespace uses is counted for the owner of
 * the outermost such namespace. CAP_SYS_ADMIN over the initial user namespace
 * is counted but not limited, and is what it takes to ask about another user.
 *
 * Return: 0, or EPERM, and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_usage {
	__u32 size;
	__u32 flags;
	__u32 uid;
	__u32 pad;
	__u32 names;
	__u32 names_max;
	__u32 sessions;
	__u32 sessions_max;
	__u32 waits;
	__u32 waits_max;
	__u32 watches;
	__u32 watches_max;
	__u32 subsets;
	__u32 subsets_max;
	__u32 handles;
	__u32 handles_max;
	__u32 deferrals;
	__u32 deferrals_max;
};
#define BOOTSTRAP_USAGE_SIZE_VER0	64

/*
 * Why something was denied. Who asked was told no more than an error.
 *
 * BOOTSTRAP_DENIED_PRIVILEGE
 *	it takes CAP_SYS_ADMIN, or to be the user that it is about
 * BOOTSTRAP_DENIED_RIGHT
 *	the namespace handle lacks the right
 * BOOTSTRAP_DENIED_OWNER
 *	the name is another's
 * BOOTSTRAP_DENIED_HIDDEN
 *	the name is for others, or must be a privileged process's and is not: ENOENT
 *	is told of one that is there
 * BOOTSTRAP_DENIED_RESERVED
 *	a namespace above reserves the name
 * BOOTSTRAP_DENIED_DECLARED
 *	the service is declared, and its server is who checks in by the handle; or
 *	the caller is such a server, and may not defer a logout
 * BOOTSTRAP_DENIED_SESSION
 *	the session is another user's: ESRCH is told of one that is there
 * BOOTSTRAP_DENIED_LIMIT
 *	a limit is reached
 */
#define BOOTSTRAP_DENIED_PRIVILEGE	0
#define BOOTSTRAP_DENIED_RIGHT		1
#define BOOTSTRAP_DENIED_OWNER		2
#define BOOTSTRAP_DENIED_HIDDEN		3
#define BOOTSTRAP_DENIED_RESERVED	4
#define BOOTSTRAP_DENIED_DECLARED	5
#define BOOTSTRAP_DENIED_SESSION	6
#define BOOTSTRAP_DENIED_LIMIT		7
#define BOOTSTRAP_DENIED_COUNT		8

/**
 * struct bootstrap_statistics - BOOTSTRAP_IOC_STATISTICS: what there is of all
 * users, and how often something was denied
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @users:	out: users that something is counted for
 * @sessions:	out: login sessions, those that are being logged in included
 * @namespaces:	out: namespaces that live
 * @names:	out: names, those of services included
 * @services:	out: names of services
 * @servers:	out: processes that checked in a declared service, for each
 * @waits:	out: look-ups that wait
 * @watches:	out: watches
 * @subsets:	out: subset namespaces
 * @handles:	out: namespace handles
 * @deferrals:	out: deferrals
 * @pad:	out: 0
 * @sessions_begun: out: login sessions that there have been; this and what
 *		follows since the module was loaded
 * @denied:	out: how often something was denied for each reason, by
 *		BOOTSTRAP_DENIED_*
 *
 * It takes CAP_SYS_ADMIN over the initial user namespace, as it tells of all
 * users; BOOTSTRAP_IOC_USAGE tells each of his own. The numbers are read one after
 * the other, while others change them.
 *
 * Return: 0, or EPERM, EINTR, and the errors of malformed arguments.
 *
 * Since: 0.1
 */
struct bootstrap_statistics {
	__u32 size;
	__u32 flags;
	__u32 users;
	__u32 sessions;
	__u32 namespaces;
	__u32 names;
	__u32 services;
	__u32 servers;
	__u32 waits;
	__u32 watches;
	__u32 subsets;
	__u32 handles;
	__u32 deferrals;
	__u32 pad;
	__aligned_u64 sessions_begun;
	__aligned_u64 denied[BOOTSTRAP_DENIED_COUNT];
};
#define BOOTSTRAP_STATISTICS_SIZE_VER0	128

/* The number of a command never changes when its struct grows: no size in it. */
#define BOOTSTRAP_IOC_MAGIC		0xBB
#define BOOTSTRAP_IOC_REGISTER		_IO(BOOTSTRAP_IOC_MAGIC, 0x01)
#define BOOTSTRAP_IOC_UNREGISTER	_IO(BOOTSTRAP_IOC_MAGIC, 0x02)
#define BOOTSTRAP_IOC_TAKE_OVER		_IO(BOOTSTRAP_IOC_MAGIC, 0x03)
#define BOOTSTRAP_IOC_LOOK_UP		_IO(BOOTSTRAP_IOC_MAGIC, 0x04)
#define BOOTSTRAP_IOC_LIST		_IO(BOOTSTRAP_IOC_MAGIC, 0x05)
#define BOOTSTRAP_IOC_SESSION		_IO(BOOTSTRAP_IOC_MAGIC, 0x06)
#define BOOTSTRAP_IOC_FEATURES		_IO(BOOTSTRAP_IOC_MAGIC, 0x07)
#define BOOTSTRAP_IOC_USAGE		_IO(BOOTSTRAP_IOC_MAGIC, 0x08)
#define BOOTSTRAP_IOC_CHECK_IN		_IO(BOOTSTRAP_IOC_MAGIC, 0x09)
#define BOOTSTRAP_IOC_DECLARE		_IO(BOOTSTRAP_IOC_MAGIC, 0x0a)
#define BOOTSTRAP_IOC_PEER		_IO(BOOTSTRAP_IOC_MAGIC, 0x0b)
#define BOOTSTRAP_IOC_LOOK_UP_ARRAY	_IO(BOOTSTRAP_IOC_MAGIC, 0x0c)
#define BOOTSTRAP_IOC_WATCH		_IO(BOOTSTRAP_IOC_MAGIC, 0x0d)
#define BOOTSTRAP_IOC_OPEN		_IO(BOOTSTRAP_IOC_MAGIC, 0x0e)
#define BOOTSTRAP_IOC_SUBSET		_IO(BOOTSTRAP_IOC_MAGIC, 0x0f)
#define BOOTSTRAP_IOC_PRE_LOGIN		_IO(BOOTSTRAP_IOC_MAGIC, 0x10)
#define BOOTSTRAP_IOC_ANNOUNCE		_IO(BOOTSTRAP_IOC_MAGIC, 0x11)
#define BOOTSTRAP_IOC_CHILDREN		_IO(BOOTSTRAP_IOC_MAGIC, 0x12)
#define BOOTSTRAP_IOC_NAMESPACE		_IO(BOOTSTRAP_IOC_MAGIC, 0x13)
#define BOOTSTRAP_IOC_ATTRIBUTES	_IO(BOOTSTRAP_IOC_MAGIC, 0x14)
#define BOOTSTRAP_IOC_SIGNAL		_IO(BOOTSTRAP_IOC_MAGIC, 0x15)
#define BOOTSTRAP_IOC_LOGOUT		_IO(BOOTSTRAP_IOC_MAGIC, 0x16)
#define BOOTSTRAP_IOC_DEFER		_IO(BOOTSTRAP_IOC_MAGIC, 0x17)
#define BOOTSTRAP_IOC_CANCEL		_IO(BOOTSTRAP_IOC_MAGIC, 0x18)
#define BOOTSTRAP_IOC_DEFERRALS		_IO(BOOTSTRAP_IOC_MAGIC, 0x19)
#define BOOTSTRAP_IOC_STATISTICS	_IO(BOOTSTRAP_IOC_MAGIC, 0x1a)

#endif /* _UAPI_LINUX_BOOTSTRAP_H */
