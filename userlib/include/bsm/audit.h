/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file audit.h
 * The audit session calls of <bsm/audit.h>, and no other part of it; see
 * SessionGetInfo(3). An audit session is a security session of
 * <Security/AuthSession.h>, and its id the same.
 *
 * A session port is a namespace handle for the session, a descriptor: who has it
 * may use the session's names, but never becomes a process of the session, as
 * Linux has no way to take another's audit session id. On failure errno is set.
 */
#ifndef BSM_AUDIT_H
#define BSM_AUDIT_H

#include <sys/types.h>

#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef pid_t au_asid_t;

/** No session; what audit_session_join() returns if it fails. */
#define AU_DEFAUDITSID		0
/** As an argument: the session that the caller stands in. */
#define AU_ASSIGN_ASID		(-1)
/** No user. */
#define AU_DEFAUDITID		((uid_t)-1)

/* The attributes that SessionGetInfo() tells, by their other names. */
#define AU_SESSION_FLAG_IS_INITIAL		0x0001
#define AU_SESSION_FLAG_HAS_GRAPHIC_ACCESS	0x0010
#define AU_SESSION_FLAG_HAS_TTY			0x0020
#define AU_SESSION_FLAG_IS_REMOTE		0x1000
#define AU_SESSION_FLAG_HAS_CONSOLE_ACCESS	0x2000
#define AU_SESSION_FLAG_HAS_AUTHENTICATED	0x4000

/**
 * A port for the session that the caller stands in, with all rights that the
 * caller may have in its namespace.
 *
 * @return the caller's to deallocate; or MACH_PORT_NULL, and ENXIO or ENOENT (the
 * module is not loaded), EMFILE, ENFILE, ENOMEM, EDQUOT. Since 0.1.
 */
mach_port_name_t audit_session_self(void);

/**
 * A port for any session, as audit_session_self(). Another's than the caller's or
 * the root's takes CAP_SYS_ADMIN.
 *
 * @param asid the session's id, or AU_ASSIGN_ASID
 * @param portname the caller's to deallocate
 * @return 0; or -1, and EPERM, EINVAL (no such session), or an error of
 * audit_session_self(). Since 0.1.
 */
int audit_session_port(au_asid_t asid, mach_port_name_t *portname);

/**
 * Join a session. On Linux that can be the one that the caller stands in, and no
 * other.
 *
 * @param port a port for that session; it stays the caller's
 * @return the session's id; or AU_DEFAUDITSID, and EINVAL (not a port for a
 * session), EPERM (for another one). Since 0.1.
 */
au_asid_t audit_session_join(mach_port_name_t port);

#ifdef __cplusplus
}
#endif

#endif /* BSM_AUDIT_H */
