// SPDX-License-Identifier: LGPL-2.1-or-later
/* The calls of the Security framework on the database. */
#include <errno.h>
#include <string.h>

#include <Security/AuthorizationDB.h>

#include "login.h"

#define FLAGS_ALL                                                              \
	(kAuthorizationFlagInteractionAllowed |                                \
	 kAuthorizationFlagExtendRights | kAuthorizationFlagPartialRights |    \
	 kAuthorizationFlagDestroyRights | kAuthorizationFlagPreAuthorize)

/*
 * Who may change the database is for the file system to say whenever somebody
 * does, so that there is nothing to remember: one reference serves all.
 */
struct AuthorizationOpaqueRef {
	char nothing;
};

static const struct AuthorizationOpaqueRef reference;

struct wanted {
	const char *name;
	plist_t definition; /* NULL to have it removed */
	bool asked;	    /* it came to that */
};

static OSStatus status_of(int err)
{
	switch (err) {
	case 0:
		return errAuthorizationSuccess;
	case -ENOENT:
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return errAuthorizationDenied;
	default:
		return errAuthorizationInternal;
	}
}

API OSStatus AuthorizationCreate(const AuthorizationRights *rights,
				 __attribute__((unused))
				 const AuthorizationEnvironment *environment,
				 AuthorizationFlags flags,
				 AuthorizationRef *authorization)
{
	if (flags & ~FLAGS_ALL)
		return errAuthorizationInvalidFlags;
	if (!authorization)
		return errAuthorizationInvalidPointer;
	if (rights && rights->count)
		return errAuthorizationDenied;
	*authorization = &reference;
	return errAuthorizationSuccess;
}

API OSStatus AuthorizationFree(AuthorizationRef authorization,
			       AuthorizationFlags flags)
{
	if (authorization != &reference)
		return errAuthorizationInvalidRef;
	if (flags & ~kAuthorizationFlagDestroyRights)
		return errAuthorizationInvalidFlags;
	return errAuthorizationSuccess;
}

API OSStatus AuthorizationRightGet(const char *rightName,
				   plist_t *rightDefinition)
{
	plist_t database, definition;
	int err;

	if (!rightName)
		return errAuthorizationInvalidPointer;
	err = bnl_database_read(NULL, &database, NULL);
	if (err)
		return status_of(err);
	err = bnl_right_get(database, rightName, &definition);
	plist_free(database);
	if (!err && rightDefinition)
		*rightDefinition = definition;
	else if (!err)
		plist_free(definition);
	return status_of(err);
}

static int change(plist_t database, void *context, char **ret_why)
{
	struct wanted *wanted = context;

	wanted->asked = true;
	if (!wanted->definition)
		return bnl_right_remove(database, wanted->name);
	return bnl_right_set(database, wanted->name, wanted->definition,
			     ret_why);
}

/* One that stands for others is the administrator's own affair. */
static bool is_wildcard(const char *name)
{
	return !*name || name[strlen(name) - 1] == '.';
}

API OSStatus AuthorizationRightSet(
	AuthorizationRef authRef, const char *rightName,
	plist_t rightDefinition, __attribute__((unused)) plist_t descriptionKey,
	__attribute__((unused)) plist_t bundle,
	__attribute__((unused)) plist_t localeTableName)
{
	struct wanted wanted = {
		.name = rightName,
		.definition = rightDefinition,
	};
	int err;

	if (!rightName || !rightDefinition)
		return errAuthorizationInvalidPointer;
	if (authRef != &reference)
		return errAuthorizationInvalidRef;
	if (is_wildcard(rightName))
		return errAuthorizationDenied;
	err = bnl_database_change(NULL, NULL, change, &wanted, NULL);
	if (wanted.asked && (err == -EINVAL || err == -ENOTSUP))
		return errAuthorizationInvalidSet;
	return status_of(err);
}

API OSStatus AuthorizationRightRemove(AuthorizationRef authRef,
				      const char *rightName)
{
	struct wanted wanted = {.name = rightName};

	if (!rightName)
		return errAuthorizationInvalidPointer;
	if (authRef != &reference)
		return errAuthorizationInvalidRef;
	if (is_wildcard(rightName))
		return errAuthorizationDenied;
	return status_of(
		bnl_database_change(NULL, NULL, change, &wanted, NULL));
}
