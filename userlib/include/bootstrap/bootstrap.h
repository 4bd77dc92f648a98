/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file bootstrap.h
 * Native interface of libbootstrap to bootstrap namespaces.
 *
 * One function is one operation of /dev/bootstrap. Each returns 0, or what its
 * text says, or a negative errno; errno itself is not touched. Outputs (`ret_`)
 * are written only on success. Descriptors are always close-on-exec and the
 * caller's to close. There are no globals and no locks: all functions may be
 * called from any thread, and after fork. bns_listen_fds() and bns_open() are
 * different in this, see there.
 *
 * A port is the device or a namespace handle. Where the handle lacks the right
 * that it takes, each function is -EACCES; that is not repeated below.
 *
 * A struct with a `size` at its beginning must have that set by the caller, so
 * that library, program and kernel may know different versions of it:
 *
 *     struct bootstrap_info info = { .size = sizeof(info) };
 *
 * The errors common to all functions stand in <linux/bootstrap.h>; a name given
 * as NULL is -EINVAL.
 */
#ifndef BOOTSTRAP_BOOTSTRAP_H
#define BOOTSTRAP_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <linux/bootstrap.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Which namespace an operation addresses. Where a function takes a pointer to
 * one, NULL stands for BOOTSTRAP_SCOPE_DEFAULT. Since 0.1.
 */
struct bns_scope {
	uint32_t kind;		/**< BOOTSTRAP_SCOPE_* */
	/**
	 * with BOOTSTRAP_SCOPE_SESSION_ID that session's id, with
	 * BOOTSTRAP_SCOPE_USER_ID that user's uid, else 0
	 */
	uint32_t session;
	/** with BOOTSTRAP_SCOPE_SESSION_ID its cookie, or 0 for any; else 0 */
	uint64_t cookie;
};

/** How to register a name. All zero is the default. Since 0.1. */
struct bns_registration {
	struct bns_scope scope;	/**< where */
	uint32_t flags;		/**< BOOTSTRAP_REGISTER_* */
	uint32_t gid;		/**< with BOOTSTRAP_REGISTER_GROUP, else 0 */
	uint64_t replace;	/**< generation to replace, or 0 */
};

/** How to offer a service. All zero is the default. Since 0.1. */
struct bns_service {
	struct bns_scope scope;	/**< where */
	uint32_t flags;		/**< BOOTSTRAP_CHECK_IN_*, BOOTSTRAP_DECLARE_* */
	uint32_t type;		/**< SOCK_STREAM, SOCK_SEQPACKET, or 0 */
	uint32_t backlog;	/**< how many connections may wait, or 0 */
	uint32_t uid;		/**< with BOOTSTRAP_DECLARE_UID, else 0 */
};

/** A step of a login, or all of it. Since 0.1. */
struct bns_announcement {
	uint32_t flags;		/**< BOOTSTRAP_ANNOUNCE_*, one or more */
	uint32_t session;	/**< the session's id */
	/** with BOOTSTRAP_ANNOUNCE_COMPLETE, BOOTSTRAP_SESSION_TYPE_*; else 0 */
	uint32_t type;
	uint64_t cookie;	/**< as told by an earlier step, or 0 */
	/** with BOOTSTRAP_ANNOUNCE_PRE_LOGIN, a handle; stays the caller's; else 0 */
	int pre_login;
	uint32_t uid;		/**< with BOOTSTRAP_ANNOUNCE_USER, the user; else 0 */
	/**
	 * with BOOTSTRAP_ANNOUNCE_COMPLETE, of
	 * BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS, _TTY, _REMOTE; else 0
	 */
	uint32_t attributes;
	/** with BOOTSTRAP_ANNOUNCE_COMPLETE, the terminal it is on, or NULL */
	const char *tty;
	/** with BOOTSTRAP_ANNOUNCE_COMPLETE, where it comes from, or NULL */
	const char *host;
};

/** Bytes that always hold an entry of bns_list() or bns_children(). */
#define BNS_LIST_BUFFER_MIN 256

/** Bytes that always hold what bns_environment() writes, with the zero. */
#define BNS_ENVIRONMENT_MAX 64

/**
 * Open a bootstrap port. Names registered through it end when it is closed for
 * the last time.
 *
 * That is the device, which addresses the namespace of whoever calls; unless
 * whoever started the program has handed a namespace down, by the environment
 * variable BOOTSTRAP_NAMESPACE=FD:ID, both decimal. Then it is a new handle for
 * that, with all rights that the one handed down has. It is taken only if
 *
 * - the program gained no rights by its execution (AT_SECURE, getauxval(3)),
 * - the text is well formed,
 * - the descriptor FD is a port for the namespace with this ID, and
 * - the kernel says that it may be: BOOTSTRAP_NAMESPACE_MAY_ENTER in struct
 *   bootstrap_namespace.
 *
 * Otherwise it is the device, without an error. It is an error, though, if the
 * namespace may be taken and there is no new handle to be had. One that is dead
 * is taken, too: to register there is -ESHUTDOWN, and look-ups find what is
 * above it.
 *
 * FD stays open and in the environment, for the children of the program. No
 * other thread may be changing the environment.
 *
 * @return a descriptor, or -ENOENT, -ENXIO (the module is not loaded), -EMFILE,
 * -ENFILE, -ENOMEM, -EDQUOT (too many handles). Since 0.1.
 */
int bns_open(void);

/**
 * Open the device, whatever the environment says: a port that addresses the
 * namespace of whoever calls. Sessions and users can be addressed by their ids
 * through it, which is -EINVAL through a handle.
 *
 * @return a descriptor, or -ENOENT, -ENXIO (the module is not loaded), -EMFILE,
 * -ENFILE, -ENOMEM. Since 0.1.
 */
int bns_open_device(void);

/**
 * Let a name stand for an open file.
 *
 * @param port bootstrap port
 * @param name the name, UTF-8
 * @param fd the file; stays the caller's
 * @param how NULL for: in the caller's namespace, for as long as the process
 * and the port live, for all to look up
 * @param ret_generation number of the registration, or NULL
 * @return 0, or -EBUSY (the name is active), -EPERM, -ENOENT (nothing to
 * replace), -EDQUOT, -ELOOP, -EBADF, -ESRCH, -ENOMEM. Since 0.1.
 */
int bns_register(int port, const char *name, int fd,
		 const struct bns_registration *how, uint64_t *ret_generation);

/**
 * End a name that was registered through this port.
 *
 * @param generation only that registration, or 0
 * @return 0, or -ENOENT, -EPERM (not the caller's), -ESRCH. Since 0.1.
 */
int bns_unregister(int port, const char *name, const struct bns_scope *scope,
		   uint64_t generation);

/**
 * Tie a name that was registered through this port to the calling process, as
 * a daemon's child does before its parent exits.
 *
 * @param generation only that registration, or 0
 * @return 0, or -ENOENT, -EPERM (another port's), -ESRCH, -EDQUOT, -ENOMEM.
 * Since 0.1.
 */
int bns_take_over(int port, const char *name, const struct bns_scope *scope,
		  uint64_t generation);

/**
 * Get what a name stands for: a descriptor of the file that was registered, or
 * a new connection to the service.
 *
 * @param flags 0 or BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, _NONBLOCK; for
 * BOOTSTRAP_LOOK_UP_QUERY there is bns_info()
 * @param ret_info who registered it (size set by the caller), or NULL
 * @return a descriptor, or -ENOENT (not there, or not for the caller), -EMFILE,
 * -ESRCH; of a service also -ECONNREFUSED, -EINTR, and with
 * BOOTSTRAP_LOOK_UP_NONBLOCK -EAGAIN: no room in the backlog. Since 0.1.
 */
int bns_look_up(int port, const char *name, const struct bns_scope *scope,
		unsigned int flags, struct bootstrap_info *ret_info);

/**
 * As bns_look_up(), but wait until the name is there.
 *
 * @param deadline nanoseconds of CLOCK_MONOTONIC, or BOOTSTRAP_DEADLINE_NEVER;
 * with 0 it is bns_look_up()
 * @return as bns_look_up(), or -ETIMEDOUT, -EINTR, -EDQUOT (too many of the
 * user's look-ups wait), -ESHUTDOWN. Since 0.1.
 */
int bns_look_up_until(int port, const char *name, const struct bns_scope *scope,
		      unsigned int flags, uint64_t deadline,
		      struct bootstrap_info *ret_info);

/**
 * Look several names up in one call. What came of each is in its entry's
 * `result`: a descriptor, or a negative errno.
 *
 *     struct bootstrap_look_up_entry entries[] = {
 *             bns_look_up_entry("org.example.a", NULL),
 *             bns_look_up_entry("org.example.b", NULL),
 *     };
 *     n = bns_look_up_array(port, entries, 2, NULL, 0, 0);
 *
 * @param entries results are filled in
 * @param count how many, BOOTSTRAP_LOOK_UP_ARRAY_MAX at most
 * @param deadline for all of them, as for bns_look_up_until(); or 0
 * @return how many of the results are descriptors, or -EMSGSIZE (@p count),
 * -EINTR (nothing was found yet). Since 0.1.
 */
int bns_look_up_array(int port, struct bootstrap_look_up_entry *entries,
		      unsigned int count, const struct bns_scope *scope,
		      unsigned int flags, uint64_t deadline);

/** An entry for bns_look_up_array(). A name that is too long is so there. */
static inline struct bootstrap_look_up_entry
bns_look_up_entry(const char *name, struct bootstrap_info *ret_info)
{
	struct bootstrap_look_up_entry entry;
	size_t len = name ? strlen(name) : 0;

	entry.name = (uintptr_t)name;
	entry.info = (uintptr_t)ret_info;
	entry.name_len = len > BOOTSTRAP_NAME_MAX ? BOOTSTRAP_NAME_MAX + 1 : len;
	entry.result = -1;
	return entry;
}

/**
 * Who has a name, as bns_look_up() would find it; nothing is opened, nobody is
 * connected to, and no server is started.
 *
 * @param ret_info size set by the caller
 * @return 0, or -ENOENT (not there, or not for the caller), -ESRCH. Since 0.1.
 */
int bns_info(int port, const char *name, const struct bns_scope *scope,
	     struct bootstrap_info *ret_info);

/**
 * Get a pidfd of the process that a name is tied to. Who serves the connection
 * that you have, that connection tells (SO_PEERPIDFD).
 *
 * @param info as bns_look_up() told it
 * @return a descriptor, or -ESRCH: the process is gone, or the name is no
 * longer its own. Since 0.1.
 */
int bns_open_holder(int port, const char *name, const struct bns_scope *scope,
		    const struct bootstrap_info *info);

/**
 * Offer a service: get its receive right, a listening AF_UNIX socket for
 * accept(2), poll(2) and whatever else takes one. Each look-up of the name
 * makes a connection.
 *
 * If the name was declared and admits the caller, the caller is its server from
 * now on. Else the name is registered, and lives as long as the right.
 *
 * @param how NULL for: in the caller's namespace, SOCK_STREAM, the module's
 * backlog; or all as it was declared
 * @param ret_generation number of the name, or NULL
 * @return a descriptor, or -EBUSY (the name is active), -EPERM (also: it was
 * declared and does not admit the caller), -ENOENT (with
 * BOOTSTRAP_CHECK_IN_STRICT: not declared), -EEXIST (reserved further up),
 * -EDQUOT, -EMFILE, -ENFILE, -ENOMEM, -ESRCH. Since 0.1.
 */
int bns_check_in(int port, const char *name, const struct bns_service *how,
		 uint64_t *ret_generation);

/**
 * Check in by a check-in handle, which admits whoever holds it.
 *
 * @param handle from bns_declare()
 * @param flags 0 or BOOTSTRAP_CHECK_IN_STRICT, which changes nothing here
 * @param ret_generation number of the name, or NULL
 * @return the receive right, or -EBUSY (a server has checked in), -ENOENT (the
 * declaration is gone), -EMFILE, -ENOMEM. Since 0.1.
 */
int bns_check_in_handle(int handle, unsigned int flags,
			uint64_t *ret_generation);

/**
 * Make the calling process the server of a declared service instead of the one
 * that checked in, as a daemon's child does before its parent exits.
 *
 * @param handle from bns_declare()
 * @return 0, or -ESRCH (there is no server), -ENOENT (the declaration is gone),
 * -ENOMEM. Since 0.1.
 */
int bns_take_over_handle(int handle);

/**
 * Declare a service: look-ups find it and connections wait before any server
 * runs. The check-in handle tells when one is needed:
 *
 *     struct pollfd pollfd = { .fd = handle, .events = POLLIN };
 *     poll(&pollfd, 1, -1);
 *
 * POLLIN means that there is need of a server, and ends when one checks in.
 * read(2) also ends it, until the next need; it gives a uint64_t, how often
 * there was one. POLLHUP, and a read of 0 bytes, mean that the declaration is
 * gone.
 *
 * @param how NULL for: in the caller's namespace, SOCK_STREAM, the module's
 * backlog, only holders of the handle may check in
 * @param ret_generation number of the name, or NULL
 * @return the check-in handle, or -EEXIST (the name exists, or is reserved
 * further up), -EPERM, -EDQUOT, -EMFILE, -ENFILE, -ENOMEM, -ESRCH. Since 0.1.
 */
int bns_declare(int port, const char *name, const struct bns_service *how,
		uint64_t *ret_generation);

/**
 * For the child of a launcher, between fork and exec: check in on each handle,
 * and pass the receive rights to the program that it will execute, as
 * sd_listen_fds(3) finds them. They are descriptors 3 and on, in the order of
 * the handles, not close-on-exec; LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES are
 * set. What was open as these descriptors is closed, the handles too.
 *
 * It changes the descriptors and the environment of the calling process, so no
 * other thread may be running. After a failure the child should end.
 *
 * @param handles from bns_declare()
 * @param names what to tell the rights apart by; a colon becomes an underline
 * @param count how many of both
 * @return 0, or as bns_check_in_handle(). Since 0.1.
 */
int bns_listen_fds(const int *handles, const char *const *names,
		   unsigned int count);

/**
 * Who is at the other end of a connection: the process that connected, and the
 * session that it stands in now.
 *
 * @param fd a connected AF_UNIX socket, such as a server accepted
 * @param ret_peer size set by the caller
 * @return 0, or -ESRCH (the process is gone, or there is nobody yet), -EBADF
 * (not such a socket). Since 0.1.
 */
int bns_peer(int port, int fd, struct bootstrap_peer *ret_peer);

/**
 * List the names of one namespace, a page at a time.
 *
 *     uint64_t cursor = 0;
 *     while ((n = bns_list(port, NULL, &cursor, page, sizeof(page), NULL)) > 0)
 *             for (e = bns_list_first(page); n--; e = bns_list_next(e))
 *                     puts(bns_list_name(e));
 *
 * @param cursor 0 to begin with; moved on
 * @param ret_buffer aligned to 8 bytes, filled with entries
 * @param size bytes there, BNS_LIST_BUFFER_MIN or more
 * @param ret_namespace_id the namespace listed, or NULL
 * @return the number of entries, 0 at the end, or -EMSGSIZE, -EPERM, -ESRCH,
 * -ENOMEM. Since 0.1.
 */
int bns_list(int port, const struct bns_scope *scope, uint64_t *cursor,
	     void *ret_buffer, size_t size, uint64_t *ret_namespace_id);

/** The first entry in a buffer that bns_list() filled. */
static inline const struct bootstrap_list_entry *bns_list_first(const void *buffer)
{
	return (const struct bootstrap_list_entry *)buffer;
}

/** The entry after this one, if bns_list() told of more. */
static inline const struct bootstrap_list_entry *
bns_list_next(const struct bootstrap_list_entry *entry)
{
	return (const struct bootstrap_list_entry *)
		((const char *)entry + entry->length);
}

/** The name in an entry, terminated. */
static inline const char *bns_list_name(const struct bootstrap_list_entry *entry)
{
	return (const char *)entry + entry->name_offset;
}

/**
 * Hear of the names of one namespace: of those that are there, then of each
 * change. read(2) returns records; poll(2) tells when there are some.
 *
 *     _Alignas(8) char page[4096];
 *     ssize_t n = read(watch, page, sizeof(page));
 *
 *     for (r = bns_record_first(page); n > 0;
 *          n -= r->length, r = bns_record_next(r))
 *             if (bns_record_about_name(r))
 *                     puts(bns_record_name(bns_record_about_name(r)));
 *
 * @param ret_namespace_id the namespace watched, or NULL
 * @return a descriptor, or -EPERM, -ESRCH, -EDQUOT, -EMFILE, -ENFILE, -ENOMEM,
 * -ESHUTDOWN. Since 0.1.
 */
int bns_watch(int port, const struct bns_scope *scope,
	      uint64_t *ret_namespace_id);

/**
 * Hear of login sessions, likewise: of those that are there, then of each that
 * starts, changes, is to be logged out, or ends. With CAP_SYS_ADMIN of all, else of
 * those of the caller's user.
 *
 * @return a descriptor, or -EDQUOT, -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
int bns_watch_sessions(int port);

/**
 * The first record in a buffer, aligned to 8 bytes, that was read from a watch.
 * One of BOOTSTRAP_RECORD_MAX bytes holds any record.
 */
static inline const struct bootstrap_record *bns_record_first(const void *buffer)
{
	return (const struct bootstrap_record *)buffer;
}

/** The record after this one, if so much was read. */
static inline const struct bootstrap_record *
bns_record_next(const struct bootstrap_record *record)
{
	return (const struct bootstrap_record *)
		((const char *)record + record->length);
}

/** A record that is about a name; NULL for another. */
static inline const struct bootstrap_name_record *
bns_record_about_name(const struct bootstrap_record *record)
{
	switch (record->type) {
	case BOOTSTRAP_RECORD_PRESENT:
	case BOOTSTRAP_RECORD_ADDED:
	case BOOTSTRAP_RECORD_REMOVED:
	case BOOTSTRAP_RECORD_DEMAND:
		return (const struct bootstrap_name_record *)record;
	default:
		return NULL;
	}
}

/** The name that such a record is about, terminated. */
static inline const char *
bns_record_name(const struct bootstrap_name_record *record)
{
	return (const char *)record + record->name_offset;
}

/** The session that a record is about; NULL for another record. */
static inline const struct bootstrap_session *
bns_record_session(const struct bootstrap_record *record)
{
	switch (record->type) {
	case BOOTSTRAP_RECORD_SESSION_PRESENT:
	case BOOTSTRAP_RECORD_SESSION_STARTED:
	case BOOTSTRAP_RECORD_SESSION_CHANGED:
	case BOOTSTRAP_RECORD_SESSION_LOGOUT:
	case BOOTSTRAP_RECORD_SESSION_ENDED:
		return &((const struct bootstrap_session_record *)
			 (const void *)record)->session;
	default:
		return NULL;
	}
}

/** The deferral that a record is about; NULL for another record. */
static inline const struct bootstrap_deferral *
bns_record_deferral(const struct bootstrap_record *record)
{
	if (record->type != BOOTSTRAP_RECORD_SESSION_DEFERRED)
		return NULL;
	return &((const struct bootstrap_deferral_record *)
		 (const void *)record)->deferral;
}

/**
 * Open a handle: a port that addresses one namespace, whoever calls, with
 * rights of its own. It does not keep the namespace alive; poll(2) tells
 * POLLHUP once that is dead.
 *
 * Through the device, the caller may have all rights in the namespaces of the
 * session that he stands in and of his effective uid, but in the root namespace
 * and in that of the user root not BOOTSTRAP_RIGHT_REGISTER. What is more takes
 * CAP_SYS_ADMIN. Through a handle, the new one never has more rights than that.
 *
 * @param scope which; through a handle, NULL for the handle's own
 * @param rights BOOTSTRAP_RIGHT_*, or 0: all that may be had
 * @param ret_id the namespace's id, or NULL
 * @return a descriptor, or -EACCES (more rights than the handle has), -EPERM,
 * -ESRCH, -EDQUOT, -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
int bns_open_namespace(int port, const struct bns_scope *scope, uint32_t rights,
		       uint64_t *ret_id);

/**
 * As bns_open_namespace(), for the parent of what is addressed. The root is its
 * own parent. Through a handle it takes BOOTSTRAP_RIGHT_ASCEND, and gives
 * BOOTSTRAP_RIGHT_LOOK_UP, _LIST and _ASCEND; what is more than that only to
 * those who would have it through the device.
 *
 * @return as bns_open_namespace(). Since 0.1.
 */
int bns_open_parent(int port, const struct bns_scope *scope, uint32_t rights,
		    uint64_t *ret_id);

/**
 * As bns_open_namespace(), for a child of what is addressed. Through a handle
 * it takes BOOTSTRAP_RIGHT_LIST, and gives those rights that the caller would
 * have through the device; of a subset these are none, but for CAP_SYS_ADMIN.
 *
 * @param id the child's, as bns_children() tells it
 * @return as bns_open_namespace(), or -ENOENT: no such child, or not for the
 * caller to see. Since 0.1.
 */
int bns_open_child(int port, const struct bns_scope *scope, uint64_t id,
		   uint32_t rights);

/**
 * Make a subset: a namespace below another, with names of its own. A look-up
 * goes on to its parents. It dies with its requestor or with its parent, and
 * all below it die with it.
 *
 * @param scope below which
 * @param requestor a pidfd of the process that it dies with, which stays the
 * caller's; -1 for the calling process
 * @param rights BOOTSTRAP_RIGHT_*, or 0: all that may be had
 * @param ret_id the subset's id, or NULL
 * @return a handle, or -EACCES (more rights than the handle has), -EPERM,
 * -ESRCH (also: the requestor is gone, or is a thread), -EBADF (not a pidfd),
 * -EDQUOT (also: too many in each other), -ESHUTDOWN, -EMFILE, -ENFILE,
 * -ENOMEM. Since 0.1.
 */
int bns_subset(int port, const struct bns_scope *scope, int requestor,
	       uint32_t rights, uint64_t *ret_id);

/**
 * Make a namespace for a login in progress, below the root's. It dies with the
 * calling process, with the session that bns_announce() binds it to, or becomes
 * that session's when the login is complete.
 *
 * @param port the device, or any handle: it does not matter which
 * @param rights BOOTSTRAP_RIGHT_*, or 0: all
 * @param ret_id the namespace's id, or NULL
 * @return a handle, or -EPERM (no CAP_SYS_ADMIN), -EMFILE, -ENFILE, -ENOMEM.
 * Since 0.1.
 */
int bns_pre_login(int port, uint32_t rights, uint64_t *ret_id);

/**
 * Announce whose login a session is, once the session has its id: bind the
 * pre-login namespace, say who the user is, and that the login is complete, in
 * one step or in several. Until it is complete nobody stands in the session.
 *
 *     struct bns_announcement all = {
 *             .flags = BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
 *             .session = id,
 *             .type = BOOTSTRAP_SESSION_TYPE_NON_GUI,
 *             .uid = uid,
 *     };
 *     ret = bns_announce(port, &all, NULL, NULL);
 *
 * @param port the device, or any handle: it does not matter which
 * @param ret_cookie the session's cookie, or NULL
 * @param ret_id the id of its namespace, or NULL
 * @return 0, or -EPERM (no CAP_SYS_ADMIN), -ESRCH (no process bears the id, or
 * not that cookie), -EBUSY (that was announced before, the session holds names,
 * or the namespace is bound already), -EBADF (not a handle for a pre-login
 * namespace), -ESHUTDOWN (that is dead), -EINVAL (also: complete, and no user),
 * -ENAMETOOLONG and -EILSEQ (the terminal or the host), -ENOMEM. Since 0.1.
 */
int bns_announce(int port, const struct bns_announcement *what,
		 uint64_t *ret_cookie, uint64_t *ret_id);

/**
 * What a namespace is, where it stands, and what may be done there.
 *
 * @param ret_namespace size set by the caller; nothing else of it is read
 * @return 0, or -EPERM, -ESRCH, -EDQUOT, -ENOMEM. Since 0.1.
 */
int bns_namespace(int port, const struct bns_scope *scope,
		  struct bootstrap_namespace *ret_namespace);

/**
 * List the namespaces right below one, those that the caller may see, a page at
 * a time.
 *
 *     uint64_t cursor = 0;
 *     while ((n = bns_children(port, NULL, &cursor, page, sizeof(page))) > 0)
 *             for (c = bns_child_first(page); n--; c = bns_child_next(c))
 *                     printf("%u of %u\n", c->type, c->uid);
 *
 * @param cursor 0 to begin with; moved on
 * @param ret_buffer aligned to 8 bytes, filled with entries
 * @param size bytes there, BNS_LIST_BUFFER_MIN or more
 * @return the number of entries, 0 at the end, or -EMSGSIZE, -EPERM, -ESRCH,
 * -ENOMEM. Since 0.1.
 */
int bns_children(int port, const struct bns_scope *scope, uint64_t *cursor,
		 void *ret_buffer, size_t size);

/** The first entry in a buffer that bns_children() filled. */
static inline const struct bootstrap_child *bns_child_first(const void *buffer)
{
	return (const struct bootstrap_child *)buffer;
}

/** The entry after this one, if bns_children() told of more. */
static inline const struct bootstrap_child *
bns_child_next(const struct bootstrap_child *child)
{
	return (const struct bootstrap_child *)
		((const char *)child + child->length);
}

/**
 * The text by which a namespace is handed to a program, for putenv(3) or the
 * environment of execve(2): "BOOTSTRAP_NAMESPACE=FD:ID". The descriptor must be
 * open in the program under the same number. So the caller must clear its
 * close-on-exec flag, which all handles have; best in the child alone, between
 * fork and exec:
 *
 *     fcntl(handle, F_SETFD, 0);
 *
 * There bns_open() takes it, if the handle has BOOTSTRAP_RIGHT_ENTER and was
 * made by a process of the program's uid, or by a privileged one.
 *
 * @param handle for the namespace; of the device it is a text that nobody takes
 * @param buffer filled with the text, terminated
 * @param size bytes there; BNS_ENVIRONMENT_MAX is enough
 * @return 0, or -ERANGE (@p size is too small), -EBADF, -ENOTTY (not a port),
 * -EDQUOT, -ENOMEM. Since 0.1.
 */
int bns_environment(int handle, char *buffer, size_t size);

/**
 * The session that the caller stands in.
 *
 * @param ret_session size set by the caller
 * @return 0, or -EDQUOT, -ENOMEM. Since 0.1.
 */
int bns_session(int port, struct bootstrap_session *ret_session);

/**
 * A session by id.
 *
 * @param id BOOTSTRAP_SESSION_ID_ROOT for the root session
 * @param cookie its cookie, or 0 for whichever has the id
 * @param ret_session size set by the caller
 * @return 0, or -ESRCH: none, or not for the caller to see. Since 0.1.
 */
int bns_session_by_id(int port, uint32_t id, uint64_t cookie,
		      struct bootstrap_session *ret_session);

/**
 * The first session with an id of @p id or more that the caller may see. The
 * root session, with the highest id, is always the last.
 *
 * @param ret_session size set by the caller
 * @return 0, or -ENOMEM, -EDQUOT. Since 0.1.
 */
int bns_session_next(int port, uint32_t id, struct bootstrap_session *ret_session);

/** Bytes that bns_session_name() adds to a name at most, with the zero. */
#define BNS_SESSION_NAME_MORE 40

/**
 * A name for what each session is to have one of, such as shared memory
 * (shm_open(3)), semaphores or a lock file: "BASE-ID-COOKIE". It is the same for
 * all processes that stand in the session that the caller stands in, and for no
 * others, until the machine is restarted.
 *
 * @param base any text that is not empty
 * @param buffer filled with the name, terminated
 * @param size bytes there; those of @p base and BNS_SESSION_NAME_MORE are enough
 * @return 0, or -ERANGE (@p size is too small), -EINVAL (no @p base), -EDQUOT,
 * -ENOMEM. Since 0.1.
 */
int bns_session_name(int port, const char *base, char *buffer, size_t size);

/**
 * Change a session's attributes: BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS, _CONSOLE,
 * _AUTHENTICATED. The console is taken from the session that has it.
 *
 * @param id of a login session
 * @param cookie its cookie, or 0 for whichever has the id
 * @param set what it has from now on
 * @param clear what it has no more
 * @return 0, or -EPERM (no CAP_SYS_ADMIN, and not a process of that session that
 * clears BOOTSTRAP_SESSION_ATTR_AUTHENTICATED), -ESRCH, -EINVAL (an attribute that
 * never changes, one in both, or none). Since 0.1.
 */
int bns_attributes(int port, uint32_t id, uint64_t cookie, uint32_t set,
		   uint32_t clear);

/**
 * Send a signal to all processes of a session, but not to the calling one. Those
 * that fork meanwhile do not escape.
 *
 * @param id of a login session
 * @param cookie its cookie, or 0 for whichever has the id
 * @param signal its number, or 0 to send none
 * @param ret_members how many processes there are, or NULL
 * @return how many of these it was sent to, or -ESRCH (no such session, not the
 * caller's, or nobody is left), -EINVAL. Since 0.1.
 */
int bns_signal(int port, uint32_t id, uint64_t cookie, int signal,
	       unsigned int *ret_members);

/**
 * Ask for the logout of a session: all who watch it are told, and whoever holds a
 * deferral for it. It is asked for until the descriptor is closed; nobody is ended
 * by that. poll(2) tells
 *
 * - POLLIN when it may go on, because nobody is to be waited for any more or the
 *   deadline has passed: then bns_signal() ends the processes,
 * - POLLERR when whoever holds a deferral has cancelled it,
 * - POLLHUP when the session has ended.
 *
 * @param id of a login session
 * @param cookie its cookie, or 0 for whichever has the id
 * @param deadline until when deferrals hold, nanoseconds of CLOCK_MONOTONIC; one
 * that has passed overrides them; 0 for 60 seconds from now, and what is later takes
 * CAP_SYS_ADMIN
 * @return a descriptor, or -ESRCH (no such session, or not the caller's), -EPERM (the
 * deadline), -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
int bns_logout(int port, uint32_t id, uint64_t cookie, uint64_t deadline);

/**
 * Ask to be waited for at a logout of the session that the caller stands in, until
 * the descriptor is closed. poll(2) tells POLLIN while a logout is asked for, and
 * POLLHUP when the session has ended.
 *
 * @param reason why, for whoever asks for the logout; such text as a name may be
 * @return a descriptor, or -ESRCH (the caller stands in no login session), -EPERM (it
 * is the server of a declared service), -EBUSY (a logout is asked for), -EDQUOT,
 * -EMFILE, -ENFILE, -ENOMEM, and the errors of malformed names. Since 0.1.
 */
int bns_defer(int port, const char *reason);

/**
 * Cancel the logout that a deferral holds up.
 *
 * @param deferral from bns_defer()
 * @return 0, or -ESRCH (no logout is asked for), -ETIMEDOUT (its deadline has passed),
 * -ESHUTDOWN (the session has ended). Since 0.1.
 */
int bns_cancel_logout(int deferral);

/**
 * List who will hold up a session's logout, a page at a time.
 *
 * @param cursor 0 to begin with; moved on
 * @param ret_buffer aligned to 8 bytes, filled with entries
 * @param size bytes there, BNS_LIST_BUFFER_MIN or more
 * @return the number of entries, 0 at the end, or -EMSGSIZE, -ESRCH, -ENOMEM.
 * Since 0.1.
 */
int bns_deferrals(int port, uint32_t id, uint64_t cookie, uint64_t *cursor,
		  void *ret_buffer, size_t size);

/** The first entry in a buffer that bns_deferrals() filled. */
static inline const struct bootstrap_deferral *
bns_deferral_first(const void *buffer)
{
	return (const struct bootstrap_deferral *)buffer;
}

/** The entry after this one, if bns_deferrals() told of more. */
static inline const struct bootstrap_deferral *
bns_deferral_next(const struct bootstrap_deferral *deferral)
{
	return (const struct bootstrap_deferral *)
		((const char *)deferral + deferral->length);
}

/** Why this one asks to be waited for, terminated. */
static inline const char *
bns_deferral_reason(const struct bootstrap_deferral *deferral)
{
	return (const char *)deferral + deferral->reason_offset;
}

/**
 * What this kernel can do, and its limits.
 *
 * @param ret_features size set by the caller
 * @return 0 or a negative errno. Since 0.1.
 */
int bns_features(int port, struct bootstrap_features *ret_features);

/**
 * What the caller's user has used of the limits.
 *
 * @param ret_usage size set by the caller
 * @return 0 or a negative errno. Since 0.1.
 */
int bns_usage(int port, struct bootstrap_usage *ret_usage);

/**
 * What a user has used of the limits.
 *
 * @param ret_usage size set by the caller
 * @return 0, or -EPERM (another user, and no CAP_SYS_ADMIN), -EINVAL (no such
 * uid in the caller's user namespace). Since 0.1.
 */
int bns_usage_by_uid(int port, uid_t uid, struct bootstrap_usage *ret_usage);

/**
 * What there is of all users, and how often something was denied, by reason.
 *
 * @param ret_statistics size set by the caller
 * @return 0, or -EPERM (no CAP_SYS_ADMIN), -EINTR. Since 0.1.
 */
int bns_statistics(int port, struct bootstrap_statistics *ret_statistics);

#ifdef __cplusplus
}
#endif

#endif /* BOOTSTRAP_BOOTSTRAP_H */
