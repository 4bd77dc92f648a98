// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The database, as it is changed: whoever has the lock writes a new one beside
 * it, under a name of its own, and renames that. What is there when he dies has
 * either the old name or is written over by the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "login.h"

/* What is added to the name of the database. */
#define NEW	     "-new"
#define PREVIOUS     "-previous"
#define PREVIOUS_NEW "-previous-new"

struct commit {
	const char *path;
	const char *directory;
	bnl_change change;
	void *context;
	char **ret_why;
	bool keep; /* the previous one; and logins will ask it */
};

/* Another name beside it, to be freed. */
static char *beside(const struct commit *commit, const char *suffix)
{
	char *path;

	return asprintf(&path, "%s%s", commit->path, suffix) < 0 ? NULL : path;
}

static int fail_at(const struct commit *commit, const char *path, int err)
{
	return fail(commit->ret_why, err, "%s: %s", path, strerror(-err));
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return 0;
}

static int file_fill(int fd, const char *text, size_t len)
{
	struct stat st;
	int err = write_all(fd, text, len);

	if (err)
		return err;
	if (fchmod(fd, 0644) || fstat(fd, &st) || fsync(fd))
		return -errno;
	/* Nobody would read one of somebody else's. */
	return is_of_root(&st) ? 0 : -EPERM;
}

static int file_write(const char *path, const char *text, size_t len)
{
	int fd, err;

	if (unlink(path) && errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return -errno;
	err = file_fill(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* Returns a descriptor, or a negative errno. */
static int directory_open(const struct commit *commit)
{
	char *copy = strdup(commit->path);
	int fd;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(copy);
	return fd;
}

/* The one that is there gets another name, too; if there is one. */
static int previous_keep(const struct commit *commit)
{
	char *previous = beside(commit, PREVIOUS);
	char *between = beside(commit, PREVIOUS_NEW);
	int err = 0;

	if (!previous || !between)
		err = -ENOMEM;
	else if ((unlink(between) && errno != ENOENT) ||
		 (link(commit->path, between) && errno != ENOENT) ||
		 (rename(between, previous) && errno != ENOENT) ||
		 /* Which does nothing if both are the same already. */
		 (unlink(between) && errno != ENOENT))
		err = -errno;
	free(previous);
	free(between);
	return err;
}

/* At last, the names are to be on the disk, too. */
static int names_put(const struct commit *commit, const char *path)
{
	int directory = directory_open(commit), err = 0;

	if (directory < 0)
		return directory;
	if (commit->keep)
		err = previous_keep(commit);
	if (!err && (rename(path, commit->path) || fsync(directory)))
		err = -errno;
	close(directory);
	return err;
}

static int text_put(const struct commit *commit, const char *text, size_t len)
{
	char *path = beside(commit, NEW);
	int err = path ? file_write(path, text, len) : -ENOMEM;

	if (!err)
		err = names_put(commit, path);
	if (err && path)
		unlink(path);
	free(path);
	return err ? fail_at(commit, commit->path, err) : 0;
}

/* What is checked is what will be read. */
static int text_check(const struct commit *commit, const char *text, size_t len)
{
	plist_t database;
	int err = database_parse(commit->path, text, len, &database,
				 commit->ret_why);

	if (err)
		return err;
	if (commit->keep)
		err = bnl_database_check(database, commit->directory,
					 commit->ret_why);
	plist_free(database);
	return err;
}

static int database_put(const struct commit *commit, plist_t database)
{
	char *text = NULL;
	uint32_t len = 0;
	int err;

	plist_to_xml(database, &text, &len);
	if (!text)
		return fail_at(commit, commit->path, -ENOMEM);
	err = text_check(commit, text, len);
	if (!err)
		err = text_put(commit, text, len);
	free(text);
	return err;
}

static int database_get(const struct commit *commit, plist_t *ret_database)
{
	char *why = NULL;
	int err = bnl_database_read(commit->path, ret_database, &why);

	if (err == -ENOENT) {
		free(why);
		*ret_database = database_new();
		return 0;
	}
	if (err)
		*commit->ret_why = why;
	return err;
}

static int change_locked(const struct commit *commit)
{
	plist_t database;
	int ret = database_get(commit, &database);

	if (ret)
		return ret;
	ret = commit->change(database, commit->context, commit->ret_why);
	if (!ret)
		ret = database_put(commit, database);
	plist_free(database);
	return ret > 0 ? 0 : ret;
}

/* Returns a descriptor, or a negative errno. */
static int lock_take(const char *of)
{
	const struct commit locked = {.path = of};
	char *path = beside(&locked, BNL_DATABASE_LOCK);
	int fd, err;

	if (!path)
		return -ENOMEM;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : 0;
	free(path);
	while (!err && flock(fd, LOCK_EX))
		if (errno != EINTR) {
			err = -errno;
			close(fd);
		}
	return err ? err : fd;
}

/* Does something while nobody else changes what has this path. */
static int with_lock(struct commit *commit, const char *path,
		     int (*run)(const struct commit *commit))
{
	char **ret_why = commit->ret_why;
	/* What a caller's function does it may do without a word. */
	char *why = NULL;
	int fd, ret;

	commit->ret_why = &why;
	fd = lock_take(path);
	ret = fd < 0 ? fail_at(commit, path, fd) : run(commit);
	if (fd >= 0)
		close(fd);
	if (ret && ret_why)
		*ret_why = why;
	else
		free(why);
	return ret;
}

API int bnl_database_change(const char *path, const char *directory,
			    bnl_change change, void *context, char **ret_why)
{
	struct commit commit = {
		.path = path ? path : BNL_DATABASE,
		.directory = directory,
		.change = change,
		.context = context,
		.ret_why = ret_why,
		.keep = true,
	};

	return with_lock(&commit, commit.path, change_locked);
}

/* Puts another one there, as it is. */
static int copy_locked(const struct commit *commit)
{
	plist_t database;
	int err =
		bnl_database_read(commit->context, &database, commit->ret_why);

	if (err)
		return err;
	err = database_put(commit, database);
	plist_free(database);
	return err;
}

API int bnl_database_backup(const char *path, const char *to, char **ret_why)
{
	struct commit commit = {
		.path = to,
		.context = (void *)(path ? path : BNL_DATABASE),
		.ret_why = ret_why,
	};

	return with_lock(&commit, commit.context, copy_locked);
}

API int bnl_database_restore(const char *path, const char *directory,
			     const char *from, char **ret_why)
{
	struct commit commit = {
		.path = path ? path : BNL_DATABASE,
		.directory = directory,
		.context = (void *)from,
		.ret_why = ret_why,
		.keep = true,
	};

	return with_lock(&commit, commit.path, copy_locked);
}
