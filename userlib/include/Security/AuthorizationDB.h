/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file AuthorizationDB.h
 * The calls by which programs for Mac OS X change the authorization database, over
 * authorization(5). AuthorizationRightGet(3) says, call by call, what is as in the
 * original and what is not.
 *
 * What is a dictionary of Core Foundation there is a property list of libplist here,
 * to be freed with plist_free().
 *
 * Besides the codes told with each, any may return errAuthorizationInternal: the
 * database is broken, or memory or space on the disk has run out.
 */
#ifndef SECURITY_AUTHORIZATIONDB_H
#define SECURITY_AUTHORIZATIONDB_H

#include <plist/plist.h>

#include <Security/Authorization.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where there are no others of these names, so that declarations need not be
 * rewritten; the calls themselves never take anything of Core Foundation's.
 */
#if !defined(__COREFOUNDATION_CFBASE__) && !defined(__COREFOUNDATION_CFBASE_H__)
typedef plist_t CFTypeRef;
typedef plist_t CFDictionaryRef;
typedef plist_t CFMutableDictionaryRef;
typedef plist_t CFArrayRef;
typedef plist_t CFMutableArrayRef;
typedef plist_t CFStringRef;
typedef plist_t CFBundleRef;
#endif

/**
 * The definition of a right, by its own name alone.
 *
 * @param rightName may be one that ends in a dot, or empty
 * @param rightDefinition a copy, to be freed; or NULL, to ask if there is one
 * @return errAuthorizationInvalidPointer (no name), or errAuthorizationDenied (there
 * is no such right, or no database that may be read). Since 0.1.
 */
OSStatus AuthorizationRightGet(const char *rightName, plist_t *rightDefinition);

/**
 * Put a definition in the place of a right's, or add it; as bnl_database_change()
 * does.
 *
 * @param rightName not empty, and without a dot at its end
 * @param rightDefinition it is copied
 * @param descriptionKey is not looked at: nobody is prompted by a right
 * @param bundle is not looked at
 * @param localeTableName is not looked at
 * @return errAuthorizationInvalidPointer (no name, or no definition),
 * errAuthorizationInvalidRef, errAuthorizationInvalidSet (the definition is none that
 * is evaluated, or logins that ask the database would not go on), or
 * errAuthorizationDenied (the file system does not let the caller, the database is
 * not root's, or the name). Since 0.1.
 */
OSStatus AuthorizationRightSet(AuthorizationRef authRef, const char *rightName,
			       plist_t rightDefinition, plist_t descriptionKey,
			       plist_t bundle, plist_t localeTableName);

/**
 * Remove a right.
 *
 * @param rightName not empty, and without a dot at its end
 * @return errAuthorizationInvalidPointer (no name), errAuthorizationInvalidRef, or
 * errAuthorizationDenied (there is none, or as above). Since 0.1.
 */
OSStatus AuthorizationRightRemove(AuthorizationRef authRef,
				  const char *rightName);

#ifdef __cplusplus
}
#endif

#endif /* SECURITY_AUTHORIZATIONDB_H */
