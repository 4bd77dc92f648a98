// SPDX-License-Identifier: GPL-2.0
/* The commands right backup and restore: copies of the database. */
#include <stdio.h>
#include <stdlib.h>

#include "right.h"

/* Where the copy is: where it was said to be, or beside the database. */
static char *copy_path(const struct args *args)
{
	char *path;

	if (asprintf(&path, "%s%s",
		     args->operand ? args->operand : database_path(args),
		     args->operand ? "" : "-orig") >= 0)
		return path;
	fprintf(stderr, "bootstrapctl: no memory\n");
	exit(EXIT_SYSTEM);
}

int cmd_right_backup(const struct args *args)
{
	char *path, *why;
	int err;

	if (!right_may_change())
		return EXIT_REFUSED;
	path = copy_path(args);
	err = bnl_database_backup(database_path(args), path, &why);
	free(path);
	return err ? right_complain(database_path(args), err, why) : 0;
}

int cmd_right_restore(const struct args *args)
{
	char *path, *why;
	int err = 0;

	if (!right_may_change())
		return EXIT_REFUSED;
	path = copy_path(args);
	err = bnl_database_restore(database_path(args), NULL, path, &why);
	if (err)
		err = right_complain(path, err, why);
	free(path);
	return err;
}
