// SPDX-License-Identifier: LGPL-2.1-or-later
/* What all parts of the library share. */
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "login.h"

int fail(char **ret_why, int err, const char *format, ...)
{
	va_list args;

	if (!ret_why)
		return err;
	va_start(args, format);
	if (vasprintf(ret_why, format, args) < 0)
		*ret_why = NULL;
	va_end(args);
	return err;
}

const char *text_of(plist_t node)
{
	return PLIST_IS_STRING(node) ? plist_get_string_ptr(node, NULL) : NULL;
}

bool is_of_root(const struct stat *st)
{
	return !st->st_uid && !(st->st_mode & (S_IWGRP | S_IWOTH));
}
