/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands on rights have in common. */
#ifndef RIGHT_H
#define RIGHT_H

#include <bootstrap/login.h>

#include "bootstrapctl.h"

/*
 * A copy of a text, to be freed, in which all that could move a terminal is a
 * question mark: what is no UTF-8, and control characters but those in @keep,
 * or below a blank if that is NULL. Exits if there is no memory.
 */
char *text_harmless(const char *text, const char *keep);

/* Prints that to stderr as lines of what is wrong with a thing. */
void text_complain(const char *thing, const char *text);

/*
 * Says why something failed with a thing, returns what to exit with. @why is
 * released, and may be NULL.
 */
int right_complain(const char *thing, int err, char *why);

/* Complains if what was printed has not arrived; returns what to exit with. */
int right_printed(void);

/* Which file the arguments are about, and which right. */
const char *database_path(const struct args *args);
const char *right_name(const struct args *args);

/* Whether the caller may change databases; complains if not. */
bool right_may_change(void);

/* Complains if it fails; returns what to exit with. */
int database_read(const char *path, plist_t *ret_database);

/* The text that is in a node, or NULL. */
const char *plist_text(plist_t node);

/* Called for each entry of a dictionary, in its order. */
typedef void (*take_item)(const char *key, plist_t value, void *context);
void plist_dict_each(plist_t dict, take_item take, void *context);

/*
 * As JSON. If there is anything that JSON has nothing for, such as a date, the
 * object is without it, and @ret_what, which must be NULL before, tells what.
 */
struct json_object *plist_json(plist_t node, const char **ret_what);

#endif
