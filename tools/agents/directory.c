// SPDX-License-Identifier: GPL-2.0
/*
 * The directory that agents are listed in. What stands there is run by every user
 * who logs in, so it must be nobody's but root's. Only what has been opened is
 * looked at: what a symbolic link leads to counts, and nothing is exchanged
 * between the look and the use.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents.h"

#define SUFFIX ".plist"

/* More than that is nothing that was meant for us. */
#define SIZE_MAX_READ (1 << 20)

/* Why it cannot be trusted, or NULL. */
static const char *distrust(const struct stat *stat, bool own)
{
	if (stat->st_uid && !(own && stat->st_uid == geteuid()))
		return own ? "neither root's nor one's own" : "not root's";
	if (stat->st_mode & (S_IWGRP | S_IWOTH))
		return "others may write to it";
	return NULL;
}

static const char *file_distrust(const struct stat *stat, bool own)
{
	if (!S_ISREG(stat->st_mode))
		return "not a file";
	if (stat->st_size > SIZE_MAX_READ)
		return "too big";
	return distrust(stat, own);
}

/* The content, with a zero behind it; NULL, and errno, if there is none. */
static char *content_read(int fd, size_t size, size_t *ret_size)
{
	char *data = must(malloc(size + 1));
	size_t at = 0;
	ssize_t n;

	while (at < size && (n = read(fd, data + at, size - at))) {
		if (n < 0) {
			free(data);
			return NULL;
		}
		at += n;
	}
	data[at] = '\0';
	*ret_size = at;
	return data;
}

static void file_read(int dir, const char *name, bool own, take_file take,
		      void *context)
{
	/* A pipe would have us wait. */
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *why = NULL;
	char *data = NULL;
	struct stat stat;
	size_t size = 0;

	if (fd >= 0 && !fstat(fd, &stat)) {
		why = file_distrust(&stat, own);
		if (!why)
			data = content_read(fd, stat.st_size, &size);
	}
	if (data)
		take(context, name, data, size);
	else
		syslog(LOG_ERR, "%s: refused: %s", name, why ?: strerror(errno));
	free(data);
	if (fd >= 0)
		close(fd);
}

static int is_list(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);

	return entry->d_name[0] != '.' && len > suffix &&
	       !strcmp(entry->d_name + len - suffix, SUFFIX);
}

/* Whatever the locale, it is the same order for all. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool files_read(int dir, const char *path, bool own, take_file take,
		       void *context)
{
	struct dirent **entries = NULL;
	int count, i;

	count = scandirat(dir, ".", &entries, is_list, by_name);
	if (count < 0) {
		syslog(LOG_ERR, "%s: %s", path, strerror(errno));
		return false;
	}
	for (i = 0; i < count; i++) {
		file_read(dir, entries[i]->d_name, own, take, context);
		free(entries[i]);
	}
	free(entries);
	return true;
}

bool directory_read(const char *path, bool own, take_file take, void *context)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *why = NULL;
	struct stat stat;
	bool good = false;

	if (dir < 0 || fstat(dir, &stat))
		why = strerror(errno);
	else
		why = distrust(&stat, own);
	if (why)
		syslog(LOG_ERR, "%s: refused: %s", path, why);
	else
		good = files_read(dir, path, own, take, context);
	if (dir >= 0)
		close(dir);
	return good;
}
