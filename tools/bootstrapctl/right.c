// SPDX-License-Identifier: GPL-2.0
/* The commands on rights that change nothing: right list, get and check. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "right.h"

/* What is not the system's failure, but that of what was asked for. */
static bool is_refusal(int err)
{
	static const int refusals[] = { ENOENT, EPERM, EACCES, EINVAL, ENOTSUP,
					EFBIG, EXDEV, EEXIST, ELOOP, ENOTDIR,
					EISDIR, ENAMETOOLONG };
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i] == -err)
			return true;
	return false;
}

int right_complain(const char *thing, int err, char *why)
{
	text_complain(thing, why ? why : strerror(-err));
	free(why);
	return is_refusal(err) ? EXIT_REFUSED : EXIT_SYSTEM;
}

int right_printed(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	fprintf(stderr, "bootstrapctl: standard output: %s\n", strerror(errno));
	return EXIT_SYSTEM;
}

const char *database_path(const struct args *args)
{
	return args->database ? args->database : BNL_DATABASE;
}

const char *right_name(const struct args *args)
{
	return args->right ? args->right : BNL_RIGHT_LOGIN;
}

int database_read(const char *path, plist_t *ret_database)
{
	char *why;
	int err = bnl_database_read(path, ret_database, &why);

	if (err == -ENOENT) {
		free(why);
		text_complain(path,
			      "no such database (bootstrapctl right insert makes one)");
		return EXIT_REFUSED;
	}
	return err ? right_complain(path, err, why) : 0;
}

/* --- right list */

/* What there is to tell of a right; its definition may be anything. */
struct row {
	char *name;		/* harmless, as the next, and to be freed */
	char *class;		/* or NULL */
	char tries[24];		/* or empty */
	plist_t mechanisms;	/* an array, or NULL */
};

static void row_init(struct row *row, const char *name, plist_t right,
		     const char *keep)
{
	plist_t class = NULL, tries = NULL, mechanisms = NULL;
	uint64_t number = BNL_TRIES;

	if (PLIST_IS_DICT(right)) {
		class = plist_dict_get_item(right, "class");
		tries = plist_dict_get_item(right, "tries");
		mechanisms = plist_dict_get_item(right, "mechanisms");
	}
	*row = (struct row){ .name = text_harmless(name, keep) };
	if (plist_text(class))
		row->class = text_harmless(plist_text(class), keep);
	if (PLIST_IS_UINT(tries))
		plist_get_uint_val(tries, &number);
	if (PLIST_IS_UINT(tries) || !tries)
		snprintf(row->tries, sizeof(row->tries), "%lld",
			 (long long)number);
	row->mechanisms = PLIST_IS_ARRAY(mechanisms) ? mechanisms : NULL;
}

static void row_free(struct row *row)
{
	free(row->name);
	free(row->class);
}

/* The text of a mechanism, to be freed; a question mark if it is none. */
static char *row_mechanism(const struct row *row, uint32_t i, const char *keep)
{
	const char *text =
		plist_text(plist_array_get_item(row->mechanisms, i));

	return text_harmless(text ? text : "?", keep);
}

static uint32_t row_count(const struct row *row)
{
	return row->mechanisms ? plist_array_get_size(row->mechanisms) : 0;
}

/* A line for each mechanism; the right stands in the first. */
static void add_lines(const char *name, plist_t right, void *context)
{
	struct table *table = context;
	struct row row;
	uint32_t i = 0;
	char *text;

	row_init(&row, name, right, "");
	do {
		text = i < row_count(&row) ? row_mechanism(&row, i, "") : NULL;
		table_add(table, "%s", i ? "" : *row.name ? row.name : "\"\"");
		table_add(table, "%s", i ? "" : row.class ? row.class : "?");
		table_add(table, "%s", i ? "" : *row.tries ? row.tries : "?");
		table_add(table, "%s", text ? text : "-");
		free(text);
	} while (++i < row_count(&row));
	row_free(&row);
}

static void add_object(const char *name, plist_t right, void *context)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct row row;
	char *text;
	uint32_t i;

	row_init(&row, name, right, NULL);
	for (i = 0; i < row_count(&row); i++) {
		text = row_mechanism(&row, i, NULL);
		json_object_array_add(array, json_object_new_string(text));
		free(text);
	}
	json_object_object_add(object, "right",
			       json_object_new_string(row.name));
	json_object_object_add(object, "class",
			       row.class ? json_object_new_string(row.class) :
					   NULL);
	json_object_object_add(object, "tries",
			       *row.tries ?
				       json_object_new_int64(atoll(row.tries)) :
				       NULL);
	json_object_object_add(object, "mechanisms", array);
	json_object_array_add(context, object);
	row_free(&row);
}

static void list_print(plist_t rights)
{
	static const char *const heads[] = { "RIGHT", "CLASS", "TRIES",
					     "MECHANISMS" };
	struct table *table = table_new(4, heads);

	plist_dict_each(rights, add_lines, table);
	table_print_free(table);
}

static void list_print_json(plist_t rights)
{
	struct json_object *array = json_object_new_array();

	plist_dict_each(rights, add_object, array);
	json_print_free(array);
}

int cmd_right_list(const struct args *args)
{
	plist_t database;
	int status = database_read(database_path(args), &database);

	if (status)
		return status;
	if (args->json)
		list_print_json(plist_dict_get_item(database, "rights"));
	else
		list_print(plist_dict_get_item(database, "rights"));
	plist_free(database);
	return right_printed();
}

/* --- right get */

static int get_print(const char *name, plist_t definition)
{
	uint32_t size = 0;
	char *xml = NULL, *harmless;

	plist_to_xml(definition, &xml, &size);
	if (!xml)
		return right_complain(name, -ENOMEM, NULL);
	/* What this takes out XML could not have anyway. */
	harmless = text_harmless(xml, "\n\t");
	fputs(harmless, stdout);
	free(harmless);
	plist_to_xml_free(xml);
	return right_printed();
}

static int get_print_json(const char *name, plist_t definition)
{
	const char *what = NULL;
	char why[64];
	struct json_object *object = plist_json(definition, &what);

	if (what) {
		json_object_put(object);
		snprintf(why, sizeof(why), "has %s, which JSON does not", what);
		text_complain(name, why);
		return EXIT_REFUSED;
	}
	json_print_free(object);
	return right_printed();
}

int cmd_right_get(const struct args *args)
{
	const char *name = args->operand ? args->operand : BNL_RIGHT_LOGIN;
	plist_t database, definition;
	int status = database_read(database_path(args), &database);

	if (status)
		return status;
	if (bnl_right_get(database, name, &definition))
		status = right_complain(name, -ENOENT,
					strdup("no such right (bootstrapctl right list shows those there are)"));
	plist_free(database);
	if (status)
		return status;
	status = args->json ? get_print_json(name, definition) :
			      get_print(name, definition);
	plist_free(definition);
	return status;
}

/* --- right check */

int cmd_right_check(const struct args *args)
{
	const char *path = args->operand ? args->operand : database_path(args);
	plist_t database;
	char *why;
	int status, err;

	if (args->operand && args->database) {
		text_complain(path, "and --database exclude each other");
		return EXIT_USAGE;
	}
	status = database_read(path, &database);
	if (status)
		return status;
	err = bnl_database_check(database, NULL, &why);
	plist_free(database);
	return err ? right_complain(path, err, why) : 0;
}
