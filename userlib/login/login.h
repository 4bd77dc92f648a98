/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LOGIN_H
#define LOGIN_H

#include <bootstrap/login.h>

#define API __attribute__((visibility("default")))

/*
 * Writes a text to @ret_why, if there is room for one, and returns @err.
 */
int fail(char **ret_why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The text of a string, NULL of anything else; the node keeps it. */
const char *text_of(plist_t node);

/* The rights of a database, which has been read or made. */
plist_t rights_of(plist_t database);

/* What evaluation takes a definition for; its key is not set. */
int definition_parse(const char *name, plist_t definition,
		     struct bnl_right **ret_right, char **ret_why);

/* Takes a text for a database; @path is what it is called. */
int database_parse(const char *path, const char *text, size_t len,
		   plist_t *ret_database, char **ret_why);

/* A database without rights. */
plist_t database_new(void);

/* Is it root's, and writable by nobody else? */
struct stat;
bool is_of_root(const struct stat *st);

#endif
