// SPDX-License-Identifier: GPL-2.0
/* The commands that change rights: right set, insert and remove. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "right.h"

/*
 * A definition has no need of more, and no file is read for ever. What is nested
 * as deeply as it can be in more than that has no room on the stack of libplist.
 */
#define DEFINITION_MAX (64 * 1024)

bool right_may_change(void)
{
	if (!geteuid())
		return true;
	fprintf(stderr, "bootstrapctl: only root may change what runs at login\n");
	return false;
}

/* What is to be done to the database, and what came of it. */
struct change {
	const struct args *args;
	const char *right;
	plist_t definition;			/* set */
	struct bnl_mechanism mechanism;		/* remove */
	bool made;				/* insert: the right, too */
	bool there;				/* insert: it was */
	uint32_t place, count;			/* insert: from 1 on */
};

/* Returns what to exit with; of what went well nothing is said. */
static int change_run(struct change *change, bnl_change run)
{
	const char *path = database_path(change->args);
	char *why;
	int err = bnl_database_change(path, NULL, run, change, &why);

	return err ? right_complain(path, err, why) : 0;
}

static int no_such(char **ret_why, const char *format, const char *name)
{
	if (asprintf(ret_why, format, name) < 0)
		*ret_why = NULL;
	return -ENOENT;
}

/* --- right set */

static char *read_all(FILE *file, size_t *ret_size)
{
	char *data = malloc(DEFINITION_MAX + 1);

	if (!data)
		return NULL;
	*ret_size = fread(data, 1, DEFINITION_MAX + 1, file);
	if (!ferror(file))
		return data;
	free(data);
	return NULL;
}

/* Returns what to exit with. */
static int definition_parse(const char *name, const char *data, size_t size,
			    plist_t *ret_definition)
{
	*ret_definition = NULL;
	if (size <= DEFINITION_MAX && !plist_is_binary(data, size))
		plist_from_xml(data, size, ret_definition);
	if (PLIST_IS_DICT(*ret_definition))
		return 0;
	plist_free(*ret_definition);
	text_complain(name, size > DEFINITION_MAX ?
				    "too long for a definition" :
				    "not an XML property list of a dictionary");
	return EXIT_REFUSED;
}

/* Returns what to exit with. */
static int definition_read(const char *path, plist_t *ret_definition)
{
	const char *name = path ? path : "standard input";
	FILE *file = path ? fopen(path, "re") : stdin;
	char *data = NULL;
	size_t size;
	int status;

	if (file) {
		errno = 0;
		data = read_all(file, &size);
	}
	status = data ? definition_parse(name, data, size, ret_definition) :
			right_complain(name, errno ? -errno : -EIO, NULL);
	free(data);
	if (file && path)
		fclose(file);
	return status;
}

static int change_set(plist_t database, void *context, char **ret_why)
{
	struct change *change = context;

	return bnl_right_set(database, change->right, change->definition,
			     ret_why);
}

int cmd_right_set(const struct args *args)
{
	struct change change = { .args = args, .right = args->operand };
	int status;

	if (!right_may_change())
		return EXIT_REFUSED;
	status = definition_read(args->count > 1 ? args->operands[1] : NULL,
				 &change.definition);
	if (status)
		return status;
	status = change_run(&change, change_set);
	plist_free(change.definition);
	return status;
}

/* --- right insert */

/* What a login does without a right: so there is something to insert into. */
static plist_t definition_new(void)
{
	plist_t definition = plist_new_dict(), mechanisms = plist_new_array();

	plist_array_append_item(mechanisms,
				plist_new_string(BNL_AUTHENTICATE
						 ",privileged"));
	plist_array_append_item(mechanisms,
				plist_new_string(BNL_HOME_PLUGIN
						 ":login,privileged"));
	plist_dict_set_item(definition, "class",
			    plist_new_string("evaluate-mechanisms"));
	plist_dict_set_item(definition, "tries", plist_new_uint(1));
	plist_dict_set_item(definition, "mechanisms", mechanisms);
	return definition;
}

/* Of a definition that has it. */
static void change_find_place(struct change *change, plist_t definition)
{
	plist_t array = plist_dict_get_item(definition, "mechanisms");
	const char *text;

	change->count = plist_array_get_size(array);
	for (change->place = 1; change->place < change->count;
	     change->place++) {
		text = plist_text(plist_array_get_item(array,
						       change->place - 1));
		if (text && !strcmp(text, change->args->operand))
			break;
	}
}

static int change_insert(plist_t database, void *context, char **ret_why)
{
	struct change *change = context;
	plist_t definition;
	int n;

	change->made = bnl_right_get(database, change->right, &definition);
	if (change->made)
		definition = definition_new();
	n = bnl_mechanism_insert(definition, change->args->operand,
				 change->args->plugin, change->args->before,
				 ret_why);
	change->there = !n;
	if (n > 0 || (change->made && !n)) {
		change_find_place(change, definition);
		n = bnl_right_set(database, change->right, definition,
				  ret_why);
	} else if (!n) {
		n = 1;
	}
	plist_free(definition);
	return n;
}

static void insert_tell(const struct change *change)
{
	char *mechanism = text_harmless(change->args->operand, "");
	char *right = text_harmless(change->right, "");

	if (change->made)
		printf("%s: made, with what a login does anyway\n", right);
	if (change->there)
		printf("%s: already there, in %s\n", mechanism, right);
	else
		printf("%s: inserted, %u of %u in %s\n", mechanism,
		       change->place, change->count, right);
	free(mechanism);
	free(right);
}

/* A plug-in's name is what can stand before a colon. */
static bool is_plugin(const char *name)
{
	struct bnl_mechanism mechanism;
	char *text;
	int err;

	if (asprintf(&text, "%s:x", name) < 0)
		return false;
	err = bnl_mechanism_parse(text, &mechanism, NULL);
	free(text);
	return !err;
}

/* What is wrong as it was typed. Returns what to exit with. */
static int check_mechanism(const char *text, struct bnl_mechanism *mechanism)
{
	char *why;
	int err = bnl_mechanism_parse(text, mechanism, &why);

	return err ? right_complain(text, err, why) : 0;
}

int cmd_right_insert(const struct args *args)
{
	struct change change = { .args = args, .right = right_name(args) };
	int status;

	if (!is_plugin(args->plugin)) {
		text_complain(args->plugin,
			      "not a plug-in's name, which is what a mechanism has before its colon");
		return EXIT_USAGE;
	}
	status = check_mechanism(args->operand, &change.mechanism);
	if (status)
		return status;
	if (!right_may_change())
		return EXIT_REFUSED;
	status = change_run(&change, change_insert);
	if (status)
		return status;
	insert_tell(&change);
	return right_printed();
}

/* --- right remove */

static int change_remove_right(plist_t database, void *context, char **ret_why)
{
	struct change *change = context;

	if (!bnl_right_remove(database, change->right))
		return 0;
	return no_such(ret_why, "%s: no such right", change->right);
}

/* Privileged or not: of one name there is but one. */
static bool is_same(const char *text, const struct bnl_mechanism *mechanism)
{
	struct bnl_mechanism other;

	return text && !bnl_mechanism_parse(text, &other, NULL) &&
	       !strcmp(other.plugin, mechanism->plugin) &&
	       !strcmp(other.name, mechanism->name);
}

static bool remove_from(plist_t array, const struct bnl_mechanism *mechanism)
{
	bool found = false;
	uint32_t i = PLIST_IS_ARRAY(array) ? plist_array_get_size(array) : 0;

	while (i--) {
		if (!is_same(plist_text(plist_array_get_item(array, i)),
			     mechanism))
			continue;
		plist_array_remove_item(array, i);
		found = true;
	}
	return found;
}

static int change_remove_mechanism(plist_t database, void *context,
				   char **ret_why)
{
	struct change *change = context;
	plist_t definition, array;
	int err;

	if (bnl_right_get(database, change->right, &definition))
		return no_such(ret_why, "%s: no such right", change->right);
	array = PLIST_IS_DICT(definition) ?
			plist_dict_get_item(definition, "mechanisms") :
			NULL;
	if (remove_from(array, &change->mechanism))
		err = bnl_right_set(database, change->right, definition,
				    ret_why);
	else
		err = no_such(ret_why, "%s: no such mechanism there",
			      change->right);
	plist_free(definition);
	return err;
}

int cmd_right_remove(const struct args *args)
{
	struct change change = { .args = args, .right = args->operand };
	int status;

	if (!strchr(args->operand, ':')) {
		if (args->right) {
			text_complain(args->operand,
				      "not a mechanism, so --right is not expected");
			return EXIT_USAGE;
		}
		return right_may_change() ?
			       change_run(&change, change_remove_right) :
			       EXIT_REFUSED;
	}
	change.right = right_name(args);
	status = check_mechanism(args->operand, &change.mechanism);
	if (status)
		return status;
	return right_may_change() ?
		       change_run(&change, change_remove_mechanism) :
		       EXIT_REFUSED;
}
