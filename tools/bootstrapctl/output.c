// SPDX-License-Identifier: GPL-2.0
/* Tables and JSON. */
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* For how long it may take until something can be written. */
#define PROGRESS_MS 1000

struct table {
	size_t columns;
	size_t cells;
	char **cell;
};

static void *must(void *memory)
{
	if (memory)
		return memory;
	fprintf(stderr, "bootstrapctl: no memory\n");
	exit(EXIT_SYSTEM);
}

static void table_add_cell(struct table *table, char *text)
{
	table->cell = must(reallocarray(table->cell, table->cells + 1,
					sizeof(*table->cell)));
	table->cell[table->cells++] = text;
}

struct table *table_new(size_t columns, const char *const *heads)
{
	struct table *table = must(calloc(1, sizeof(*table)));
	size_t i;

	table->columns = columns;
	for (i = 0; i < columns; i++)
		table_add_cell(table, must(strdup(heads[i])));
	return table;
}

void table_add(struct table *table, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	table_add_cell(table, must(text));
}

/* Columns on a terminal, not bytes: what continues a character takes none. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static size_t table_width(const struct table *table, size_t column)
{
	size_t widest = 0, i, width;

	for (i = column; i < table->cells; i += table->columns) {
		width = text_width(table->cell[i]);
		if (width > widest)
			widest = width;
	}
	return widest;
}

void table_free(struct table *table)
{
	size_t i;

	if (!table)
		return;
	for (i = 0; i < table->cells; i++)
		free(table->cell[i]);
	free(table->cell);
	free(table);
}

/* Is nothing left to be printed in the row that this is a cell of? */
static bool table_row_ends(const struct table *table, size_t i)
{
	while (++i % table->columns)
		if (*table->cell[i])
			return false;
	return true;
}

void table_print_free(struct table *table)
{
	size_t *widths = must(calloc(table->columns, sizeof(*widths)));
	size_t i, column, pad;

	for (i = 0; i < table->columns; i++)
		widths[i] = table_width(table, i);
	for (i = 0; i < table->cells; i++) {
		column = i % table->columns;
		fputs(table->cell[i], stdout);
		if (table_row_ends(table, i)) {
			putchar('\n');
			i += table->columns - column - 1;
			continue;
		}
		pad = widths[column] - text_width(table->cell[i]);
		printf("%*s", (int)pad + 2, "");
	}
	free(widths);
	table_free(table);
}

/*
 * What is said on the way must not be in the way: a terminal that somebody has
 * stopped misses it.
 */
void progress(bool quiet, const char *format, ...)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	va_list ap;

	if (quiet || !poll(&out, 1, PROGRESS_MS))
		return;
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

void json_print_line_free(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
}

void json_print_free(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_SPACED));
	json_object_put(object);
}

const char *session_text(unsigned int session)
{
	static char text[16];

	if (session == BOOTSTRAP_SESSION_ID_ROOT)
		return "root";
	snprintf(text, sizeof(text), "%u", session);
	return text;
}

struct json_object *session_json(unsigned int session)
{
	if (session == BOOTSTRAP_SESSION_ID_ROOT)
		return json_object_new_string("root");
	return json_object_new_int64(session);
}

const char *user_text(uint32_t uid)
{
	const struct passwd *pw = getpwuid(uid);
	static char text[16];

	if (pw)
		return pw->pw_name;
	snprintf(text, sizeof(text), "%u", uid);
	return text;
}

const char *local_time_text(uint64_t time, const char *format)
{
	time_t seconds = time / 1000000000;
	static char text[64];
	struct tm tm;

	strftime(text, sizeof(text), format, localtime_r(&seconds, &tm));
	return text;
}

const char *utc_time_text(uint64_t time)
{
	time_t seconds = time / 1000000000;
	static char text[64];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&seconds, &tm));
	return text;
}

const char *kind_text(const struct bootstrap_info *info)
{
	if (!(info->flags & BOOTSTRAP_INFO_SERVICE))
		return "file";
	if (!(info->flags & BOOTSTRAP_INFO_DECLARED))
		return "service";
	if (info->flags & BOOTSTRAP_INFO_DEMAND)
		return "demand";
	return info->flags & BOOTSTRAP_INFO_ACTIVE ? "active" : "declared";
}

const char *socket_text(const struct bootstrap_info *info)
{
	return info->flags & BOOTSTRAP_INFO_SEQPACKET ? "seqpacket" : "stream";
}

void json_add_info(struct json_object *object,
		   const struct bootstrap_info *info)
{
	json_object_object_add(object, "kind",
			       json_object_new_string(kind_text(info)));
	if (info->flags & BOOTSTRAP_INFO_SERVICE)
		json_object_object_add(object, "socket",
				       json_object_new_string(socket_text(info)));
	json_object_object_add(object, "namespace",
			       json_object_new_int64(info->namespace_id));
	json_object_object_add(object, "generation",
			       json_object_new_int64(info->generation));
	json_object_object_add(object, "pid",
			       info->pid ? json_object_new_int64(info->pid) :
					   NULL);
	json_object_object_add(object, "uid",
			       json_object_new_int64(info->uid));
	json_object_object_add(object, "gid",
			       json_object_new_int64(info->gid));
	json_object_object_add(object, "session", session_json(info->session));
	json_object_object_add(object, "cookie",
			       json_object_new_int64(info->cookie));
	json_object_object_add(object, "privileged",
			       json_object_new_boolean(info->flags &
						       BOOTSTRAP_INFO_PRIVILEGED));
	json_object_object_add(object, "sticky",
			       json_object_new_boolean(info->flags &
						       BOOTSTRAP_INFO_STICKY));
	json_object_object_add(object, "reserved",
			       json_object_new_boolean(info->flags &
						       BOOTSTRAP_INFO_RESERVED));
	if (info->flags & BOOTSTRAP_INFO_GROUP)
		json_object_object_add(object, "group",
				       json_object_new_int64(info->group));
}
