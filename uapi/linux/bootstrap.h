/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Bootstrap namespaces: the ABI of /dev/bootstrap.
 *
 * A descriptor of /dev/bootstrap is a bootstrap port: it addresses "the
 * namespace of whoever calls". The caller's credential is read at each call,
 * never at open. See bootstrap(4) for the concepts.
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
 * A command returns 0, or a new descriptor (always close-on-exec). On failure
 * nothing is changed and nothing is written, except where EMSGSIZE tells the
 * size needed; but the caller's session may have begun, as it does with the
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
 * EPERM         the caller lacks the privilege, or does not own the name
 * ENOENT        no such name that this caller may look up
 * EBUSY         register: the name is active, or in another generation than
 *               the one to replace
 * EMSGSIZE      the buffer holds not even one entry; the size needed is told
 * ENOMEM        no memory
 * EDQUOT        a limit on names or sessions is reached
 * EMFILE        the caller's descriptor table is full
 * ENFILE        the system's file table is full (open(2) of the device)
 * ESRCH         no such session (that this caller may see)
 * ENAMETOOLONG  the name is longer than BOOTSTRAP_NAME_MAX
 * EILSEQ        the name is not UTF-8, or has control characters
 * EINVAL        empty name, wrong value, non-zero pad, size below the minimum
 * E2BIG         non-zero bytes beyond the size known here, or size beyond a page
 * EOPNOTSUPP    unknown flag bit or unsupported value
 * ENOTTY        unknown command
 * EINTR         a signal that ends the caller
 * ESHUTDOWN     the namespace addressed is dead
 * ELOOP         a descriptor of /dev/bootstrap as endpoint
 * EBADF         not an open descriptor, or of a kind that no name can stand
 *               for (O_PATH, io_uring)
 * EFAULT        an address of the caller's is not accessible; what is written
 *               before that is noticed stays written
 * ============  ==========================================================
 *
 * A look-up may also fail with what the security module's file-receive hook
 * returns for the endpoint, most often EACCES.
 */

/** BOOTSTRAP_NAME_MAX - longest name in bytes, no terminating zero counted */
#define BOOTSTRAP_NAME_MAX	127

/** BOOTSTRAP_SESSION_ID_ROOT - the session id that stands for the root session */
#define BOOTSTRAP_SESSION_ID_ROOT	0xffffffffU

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
 *
 * @session and @cookie must be 0 for the other scopes.
 */
#define BOOTSTRAP_SCOPE_DEFAULT		0
#define BOOTSTRAP_SCOPE_ROOT		1
#define BOOTSTRAP_SCOPE_SESSION		2
#define BOOTSTRAP_SCOPE_SESSION_ID	3

/* struct bootstrap_register.flags */
#define BOOTSTRAP_REGISTER_STICKY	(1U << 0)
#define BOOTSTRAP_REGISTER_GROUP	(1U << 1)

/**
 * struct bootstrap_register - BOOTSTRAP_IOC_REGISTER: let a name stand for a file
 * @size:	in: size of this struct
 * @flags:	in: BOOTSTRAP_REGISTER_STICKY: the name outlives the calling
 *		process and the bootstrap port. BOOTSTRAP_REGISTER_GROUP: only
 *		members of @gid (and CAP_SYS_ADMIN) may look it up.
 * @name:	in: address of @name_len bytes, valid UTF-8, no terminating zero
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID
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
 * Writing to the root namespace, or to a session that the caller does not
 * stand inside, takes CAP_SYS_ADMIN over the initial user namespace.
 *
 * Return: 0, or EPERM, ESRCH, ENOENT (@replace: no such name), EBUSY, EDQUOT,
 * ENOMEM, ESHUTDOWN, ELOOP, EBADF, and the errors of malformed arguments.
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
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @pad:	in: 0
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @generation:	in: only the registration of this number; 0 for whichever it is
 *
 * UNREGISTER ends the name. TAKE_OVER ties it to the calling process instead
 * of the one it was tied to, as a daemon that forked does for what its parent
 * registered; generation and endpoint stay.
 *
 * The caller must use the bootstrap port (any descriptor of the same open
 * file) that the name was registered through. A sticky name may also be
 * unregistered, or replaced, by its uid or CAP_SYS_ADMIN through any bootstrap
 * port.
 *
 * Return: 0, or EPERM, ESRCH, ENOENT (also: another @generation), EDQUOT,
 * ENOMEM, ESHUTDOWN, and the errors of malformed arguments.
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

/**
 * struct bootstrap_info - who registered a name or took it over, and where
 * @size:	in: size of this struct; out: how much of it was filled
 * @flags:	out: BOOTSTRAP_INFO_PRIVILEGED: by a process with CAP_SYS_ADMIN.
 *		BOOTSTRAP_INFO_STICKY, BOOTSTRAP_INFO_GROUP: as registered.
 * @namespace_id: out: the namespace that answered
 * @generation:	out: number of the registration within that namespace
 * @cookie:	out: cookie of the session that the registering process stood in
 * @session:	out: id of that session
 * @pid:	out: the process that the name is tied to; 0 once it is gone
 * @uid:	out: its effective uid when it registered or took over
 * @gid:	out: its effective gid then
 * @group:	out: with BOOTSTRAP_INFO_GROUP, the group that may look it up;
 *		else 0
 * @pad:	out: 0
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
};
#define BOOTSTRAP_INFO_SIZE_VER0	56

/* struct bootstrap_look_up.flags */
#define BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER	(1U << 0)

/**
 * struct bootstrap_look_up - BOOTSTRAP_IOC_LOOK_UP: a descriptor for a name
 * @size:	in: size of this struct, at least BOOTSTRAP_LOOK_UP_SIZE_MIN
 * @flags:	in: BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER: search the root
 *		namespace alone, and accept only what a privileged process
 *		registered. Only with BOOTSTRAP_SCOPE_DEFAULT or
 *		BOOTSTRAP_SCOPE_ROOT.
 * @name:	in: address of @name_len bytes
 * @name_len:	in: 1 to BOOTSTRAP_NAME_MAX
 * @scope:	in: BOOTSTRAP_SCOPE_*
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @pad:	in: 0
 * @cookie:	in: for BOOTSTRAP_SCOPE_SESSION_ID
 * @info:	in: address of a struct bootstrap_info to fill, or 0
 *
 * By default the search goes from the caller's namespace up through its
 * parents. The nearest match wins and ends the search. A name that the caller
 * may not look up is answered like one that is not there.
 *
 * Return: a new close-on-exec descriptor of the registered open file
 * description, or ENOENT, ESRCH (no such session, where the caller might have
 * looked into it), EMFILE, EDQUOT and ENOMEM (the caller's session could not be
 * set up), and the errors of malformed arguments.
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
};
#define BOOTSTRAP_LOOK_UP_SIZE_MIN	24
#define BOOTSTRAP_LOOK_UP_SIZE_VER0	48

/**
 * struct bootstrap_list - BOOTSTRAP_IOC_LIST: the names of one namespace
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @scope:	in: BOOTSTRAP_SCOPE_*; the default is the caller's own
 *		namespace, without its parents
 * @session:	in: for BOOTSTRAP_SCOPE_SESSION_ID
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
 * Return: 0, or EPERM, ESRCH, EMSGSIZE, ENOMEM, EDQUOT, and the errors of
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
#define BOOTSTRAP_LIST_ENTRY_SIZE_VER0	72

/* struct bootstrap_session.flags */
#define BOOTSTRAP_SESSION_BY_ID		(1U << 0)
#define BOOTSTRAP_SESSION_NEXT		(1U << 1)

/* struct bootstrap_session.attributes */
#define BOOTSTRAP_SESSION_ATTR_ROOT	0x0001U

/* struct bootstrap_session.standing */
#define BOOTSTRAP_STANDING_OUTSIDE	(1U << 0)

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
 * @pad:	in: 0
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
	__u32 pad;
};
#define BOOTSTRAP_SESSION_SIZE_VER0	48

/* struct bootstrap_features.features */
#define BOOTSTRAP_FEATURE_FILE_ENDPOINTS	(1ULL << 0)
#define BOOTSTRAP_FEATURE_LOGIN_SESSIONS	(1ULL << 1)

/**
 * struct bootstrap_features - BOOTSTRAP_IOC_FEATURES: what this kernel can do
 * @size:	in: size of this struct
 * @flags:	in: 0
 * @features:	out: BOOTSTRAP_FEATURE_*
 * @name_max:	out: longest name in bytes
 * @names_per_namespace: out: limit of names in one namespace
 * @names_per_user: out: limit of names of one user
 * @sessions_per_user: out: limit of login sessions of one user
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
};
#define BOOTSTRAP_FEATURES_SIZE_VER0	32

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
};
#define BOOTSTRAP_USAGE_SIZE_VER0	32

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

#endif /* _UAPI_LINUX_BOOTSTRAP_H */
