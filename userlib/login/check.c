// SPDX-License-Identifier: LGPL-2.1-or-later
/* Would logins that ask the database go on? */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "login.h"

/* What is wrong is added to a text, a line each. */
static void __attribute__((format(printf, 2, 3)))
complain(FILE *out, const char *format, ...)
{
	va_list args;

	if (ftell(out) > 0)
		fputc('\n', out);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
}

static bool stands_before(const struct bnl_right *right, size_t i)
{
	const struct bnl_mechanism *mechanism = &right->mechanisms[i];

	while (i--)
		if (!strcmp(right->mechanisms[i].plugin, mechanism->plugin) &&
		    !strcmp(right->mechanisms[i].name, mechanism->name))
			return true;
	return false;
}

static void check_mechanism(FILE *out, const char *name,
			    const struct bnl_right *right, size_t i,
			    const char *directory, bool home)
{
	const struct bnl_mechanism *mechanism = &right->mechanisms[i];
	enum bnl_kind kind = bnl_mechanism_kind(mechanism);
	char *why = NULL;

	if (stands_before(right, i))
		complain(out, "%s: %s:%s stands there twice", name,
			 mechanism->plugin, mechanism->name);
	if (kind == BNL_KIND_AUTHENTICATE && home)
		complain(out, "%s: %s stands behind %s", name, BNL_AUTHENTICATE,
			 BNL_HOME_PLUGIN);
	if (kind != BNL_KIND_PLUGIN ||
	    !bnl_mechanism_find(mechanism, directory, NULL, NULL, &why))
		return;
	complain(out, "%s: %s:%s: %s", name, mechanism->plugin, mechanism->name,
		 why ? why : "it cannot be run");
	free(why);
}

static void check_right(FILE *out, const char *name, plist_t definition,
			const char *directory)
{
	struct bnl_right *right;
	bool home = false;
	char *why = NULL;
	size_t i;

	if (definition_parse(name, definition, &right, &why)) {
		complain(out, "%s", why ? why : name);
		free(why);
		return;
	}
	if (!*name)
		name = "the default right";
	for (i = 0; i < right->count; i++) {
		check_mechanism(out, name, right, i, directory, home);
		home |= bnl_mechanism_kind(&right->mechanisms[i]) ==
			BNL_KIND_HOME;
	}
	bnl_right_free(right);
}

static void check_rights(FILE *out, plist_t rights, const char *directory)
{
	plist_dict_iter iter = NULL;
	plist_t definition;
	char *name;

	plist_dict_new_iter(rights, &iter);
	if (!iter)
		complain(out, "no memory");
	while (iter) {
		name = NULL;
		plist_dict_next_item(rights, iter, &name, &definition);
		if (!name)
			break;
		check_right(out, name, definition, directory);
		free(name);
	}
	free(iter);
}

API int bnl_database_check(plist_t database, const char *directory,
			   char **ret_why)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!rights_of(database))
		return fail(ret_why, -EINVAL, "no dictionary \"rights\"");
	out = open_memstream(&text, &size);
	if (!out)
		return fail(ret_why, -ENOMEM, "no memory");
	check_rights(out, rights_of(database), directory);
	if (fclose(out)) {
		free(text);
		return fail(ret_why, -ENOMEM, "no memory");
	}
	if (!size) {
		free(text);
		return 0;
	}
	if (ret_why)
		*ret_why = text;
	else
		free(text);
	return -EINVAL;
}
