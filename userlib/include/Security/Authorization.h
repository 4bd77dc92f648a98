/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file Authorization.h
 * Of Authorization Services, what the calls of <Security/AuthorizationDB.h> need:
 * references. AuthorizationRightGet(3) says, call by call, what is as in the
 * original and what is not.
 *
 * The functions are libbootstrap-login's, and may be called from any thread. They
 * return errAuthorizationSuccess or another code, and write outputs only on success.
 */
#ifndef SECURITY_AUTHORIZATION_H
#define SECURITY_AUTHORIZATION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* <Security/AuthSession.h> has it as well. */
#ifndef SECURITY_OSSTATUS
#define SECURITY_OSSTATUS
typedef int32_t OSStatus;
#endif

typedef uint32_t AuthorizationFlags;

/** What somebody refers to who changes the database. It is not looked into. */
typedef const struct AuthorizationOpaqueRef *AuthorizationRef;

typedef const char *AuthorizationString;

typedef struct {
	AuthorizationString name;
	size_t valueLength;
	void *value;
	uint32_t flags;
} AuthorizationItem;

typedef struct {
	uint32_t count;
	AuthorizationItem *items;
} AuthorizationItemSet;

typedef AuthorizationItemSet AuthorizationRights;
typedef AuthorizationItemSet AuthorizationEnvironment;

#define kAuthorizationEmptyEnvironment	NULL

#define kAuthorizationFlagDefaults		((AuthorizationFlags)0)
#define kAuthorizationFlagInteractionAllowed	((AuthorizationFlags)0x0001)
#define kAuthorizationFlagExtendRights		((AuthorizationFlags)0x0002)
#define kAuthorizationFlagPartialRights		((AuthorizationFlags)0x0004)
#define kAuthorizationFlagDestroyRights		((AuthorizationFlags)0x0008)
#define kAuthorizationFlagPreAuthorize		((AuthorizationFlags)0x0010)

#define errAuthorizationSuccess			0
#define errAuthorizationInvalidSet		(-60001)
#define errAuthorizationInvalidRef		(-60002)
#define errAuthorizationInvalidPointer		(-60004)
#define errAuthorizationDenied			(-60005)
#define errAuthorizationCanceled		(-60006)
#define errAuthorizationInteractionNotAllowed	(-60007)
#define errAuthorizationInternal		(-60008)
#define errAuthorizationInvalidFlags		(-60011)

/**
 * Give a reference. It stands for the caller as he is when he uses it: whether he
 * may change the database is for the file system to say, then.
 *
 * @param rights NULL, or none: there are no rights to be had by this
 * @param environment is not looked at
 * @param flags of kAuthorizationFlag*; they make no difference
 * @param authorization to be freed with AuthorizationFree()
 * @return errAuthorizationInvalidFlags, errAuthorizationInvalidPointer
 * (@p authorization is NULL), or errAuthorizationDenied (@p rights has some).
 * Since 0.1.
 */
OSStatus AuthorizationCreate(const AuthorizationRights *rights,
			     const AuthorizationEnvironment *environment,
			     AuthorizationFlags flags,
			     AuthorizationRef *authorization);

/**
 * Give a reference back.
 *
 * @param flags kAuthorizationFlagDefaults or kAuthorizationFlagDestroyRights
 * @return errAuthorizationInvalidRef or errAuthorizationInvalidFlags. Since 0.1.
 */
OSStatus AuthorizationFree(AuthorizationRef authorization,
			   AuthorizationFlags flags);

#ifdef __cplusplus
}
#endif

#endif /* SECURITY_AUTHORIZATION_H */
