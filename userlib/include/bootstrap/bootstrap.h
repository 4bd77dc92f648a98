/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file bootstrap.h
 * Native interface of libbootstrap to bootstrap namespaces.
 *
 * One function is one operation of /dev/bootstrap. Each returns 0, or what its
 * text says, or a negative errno; errno itself is not touched. Outputs (`ret_`)
 * are written only on success. Descriptors are always close-on-exec and the
 * caller's to close. There are no globals and no locks: all functions may be
 * called from any thread, and after fork.
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
	uint32_t session;	/**< with BOOTSTRAP_SCOPE_SESSION_ID, else 0 */
	uint64_t cookie;	/**< that session's cookie, or 0 for any */
};

/** How to register a name. All zero is the default. Since 0.1. */
struct bns_registration {
	struct bns_scope scope;	/**< where */
	uint32_t flags;		/**< BOOTSTRAP_REGISTER_* */
	uint32_t gid;		/**< with BOOTSTRAP_REGISTER_GROUP, else 0 */
	uint64_t replace;	/**< generation to replace, or 0 */
};

/** Bytes that always hold at least one entry of bns_list(). */
#define BNS_LIST_BUFFER_MIN 256

/**
 * Open a bootstrap port: a descriptor that addresses the namespace of whoever
 * calls. Names registered through it end when it is closed for the last time.
 *
 * @return a descriptor, or -ENOENT, -ENXIO (the module is not loaded), -EMFILE,
 * -ENOMEM. Since 0.1.
 */
int bns_open(void);

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
 * Get a descriptor of the file that a name stands for.
 *
 * @param flags 0 or BOOTSTRAP_LOOK_UP_*
 * @param ret_info who registered it (size set by the caller), or NULL
 * @return a descriptor, or -ENOENT (not there, or not for the caller), -EMFILE,
 * -ESRCH. Since 0.1.
 */
int bns_look_up(int port, const char *name, const struct bns_scope *scope,
		unsigned int flags, struct bootstrap_info *ret_info);

/**
 * Get a pidfd of the process that a name is tied to.
 *
 * @param info as bns_look_up() told it
 * @return a descriptor, or -ESRCH: the process is gone, or the name is no
 * longer its own. Since 0.1.
 */
int bns_open_holder(int port, const char *name, const struct bns_scope *scope,
		    const struct bootstrap_info *info);

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

#ifdef __cplusplus
}
#endif

#endif /* BOOTSTRAP_BOOTSTRAP_H */
