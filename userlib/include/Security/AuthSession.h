/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file AuthSession.h
 * The Session API of the Security framework, over the sessions of bootstrap(4).
 * SessionGetInfo(3) says, call by call, what is as in the original and what is
 * not.
 *
 * A security session is a login session, or the root session; its id is the audit
 * session id, as in /proc/self/sessionid. All calls return errSessionSuccess or a
 * code, and write outputs only on success. Besides those told with each, any may
 * return errSessionInternal: the module is not loaded, or memory, descriptors or a
 * limit have run out. The functions may be called from any thread, but see
 * SessionCreate().
 */
#ifndef SECURITY_AUTHSESSION_H
#define SECURITY_AUTHSESSION_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* <Security/Authorization.h> has it as well. */
#ifndef SECURITY_OSSTATUS
#define SECURITY_OSSTATUS
typedef int32_t OSStatus;
#endif

typedef uint32_t SecuritySessionId;
typedef uint32_t SessionAttributeBits;
typedef uint32_t SessionCreationFlags;

/** No session. */
#define noSecuritySession	((SecuritySessionId)0)
/** As an argument: the session that the caller stands in. */
#define callerSecuritySession	((SecuritySessionId)-1)
/**
 * The root session's id. Not in the original, where that is 100000: here a login
 * session may come to have that one.
 */
#define rootSecuritySession	((SecuritySessionId)-2)

/** It is the root session. */
#define sessionIsRoot		((SessionAttributeBits)0x0001)
/** It has a screen. */
#define sessionHasGraphicAccess	((SessionAttributeBits)0x0010)
/** Its login was on a terminal. */
#define sessionHasTTY		((SessionAttributeBits)0x0020)
/** Its login was over the network. */
#define sessionIsRemote		((SessionAttributeBits)0x1000)

/** For SessionCreate(): it does what is done in any case. */
#define sessionKeepCurrentBootstrap	((SessionCreationFlags)0x8000)

#define errSessionSuccess		0
#define errSessionInvalidId		(-60500)
#define errSessionInvalidAttributes	(-60501)
#define errSessionAuthorizationDenied	(-60502)
#define errSessionValueNotSet		(-60503)
#define errSessionInternal		(-60008)
#define errSessionInvalidFlags		(-60011)

/**
 * What a session is.
 *
 * @param session its id, callerSecuritySession or rootSecuritySession
 * @param sessionId its id, never callerSecuritySession; may be NULL
 * @param attributes session*, and further AU_SESSION_FLAG_* of <bsm/audit.h>; may
 * be NULL
 * @return errSessionInvalidId: none, or not for the caller to see. Since 0.1.
 */
OSStatus SessionGetInfo(SecuritySessionId session, SecuritySessionId *sessionId,
			SessionAttributeBits *attributes);

/**
 * Begin a session, whose first process is the calling one, and leave the former.
 * bootstrap_port is not touched: the device addresses the new session's namespace
 * from then on, a handle what it did before.
 *
 * The calling process must have no audit session id, or CAP_AUDIT_CONTROL. The
 * session's user is the process's real uid. With CAP_SYS_ADMIN it is announced,
 * see bns_announce(). SECURITYSESSIONID in the environment is set to its id, in
 * hexadecimal; no other thread may be using the environment meanwhile, and
 * the caller must be the process's first thread. What threads there are already
 * keep their own audit id.
 *
 * @param flags 0 or sessionKeepCurrentBootstrap
 * @param attributes of sessionHasGraphicAccess, sessionHasTTY and sessionIsRemote;
 * 0 without CAP_SYS_ADMIN
 * @return errSessionInvalidFlags, errSessionInvalidAttributes,
 * errSessionAuthorizationDenied (the process has an id and no CAP_AUDIT_CONTROL;
 * or attributes, and no CAP_SYS_ADMIN; or it is not the first thread). After
 * errSessionInternal the process may have left its session. Since 0.1.
 */
OSStatus SessionCreate(SessionCreationFlags flags,
		       SessionAttributeBits attributes);

/**
 * Say who the user of a session is that the caller has just begun. A session's
 * user never changes here, and its login uid goes with its id: so the process
 * begins another session, with the same attributes, and another id. The former
 * ends.
 *
 * Nothing happens if that is its user already; else it takes CAP_SYS_ADMIN and
 * CAP_AUDIT_CONTROL, and is otherwise as SessionCreate().
 *
 * @param session the one whose id the calling process bears
 * @param user the uid
 * @return errSessionInvalidId, errSessionInvalidAttributes (-1 is nobody's uid),
 * errSessionAuthorizationDenied (it is not the caller's, others are in it, it is
 * the root session, or there is no privilege). Since 0.1.
 */
OSStatus SessionSetDistinguishedUser(SecuritySessionId session, uid_t user);

/**
 * Who the user of a session is.
 *
 * @param session as with SessionGetInfo()
 * @param user the uid, as in the caller's user namespace
 * @return errSessionInvalidId, errSessionValueNotSet (it is the root session, or
 * its login is not complete). Since 0.1.
 */
OSStatus SessionGetDistinguishedUser(SecuritySessionId session, uid_t *user);

#ifdef __cplusplus
}
#endif

#endif /* SECURITY_AUTHSESSION_H */
