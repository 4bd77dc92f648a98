// SPDX-License-Identifier: LGPL-2.1-or-later
/* Plug-ins: where what runs mechanisms is. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "login.h"

/* As the kernel has it. */
#define LINKS_MAX 40

/*
 * A way through the directory, which nobody but root may have had a hand in:
 * each step of it counts, also those that a link leads away from again.
 */
struct way {
	const char *directory; /* without links */
	const char *given;     /* the same, as the caller has it */
	char path[PATH_MAX];   /* as far as it was gone, without links */
	char rest[PATH_MAX];   /* what is left of it */
	unsigned int links;
	bool privileged; /* else it must be open to all */
	enum bnl_form form;
	char **ret_why;
};

API const char *bnl_plugin_directory(void)
{
	return PLUGINS;
}

static int fail_on(struct way *way, int err, const char *text)
{
	return fail(way->ret_why, err, "%s: %s", way->path, text);
}

static int fail_out(struct way *way)
{
	return fail(way->ret_why, -EXDEV, "%s: leads out of %s", way->path,
		    way->directory);
}

/* Takes the first name off what is left; it may be empty. */
static void name_next(struct way *way, char name[PATH_MAX])
{
	char *end = strchrnul(way->rest, '/');

	memcpy(name, way->rest, end - way->rest);
	name[end - way->rest] = '\0';
	memmove(way->rest, end + !!*end, strlen(end + !!*end) + 1);
}

static void step_back(struct way *way)
{
	*strrchr(way->path, '/') = '\0';
}

/* What is left of a path when it has come to the directory; or NULL. */
static const char *within(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !strncmp(path, directory, len) && path[len] == '/' ? path + len
								  : NULL;
}

/* The link at the end of the path is replaced by where it leads to. */
static int link_follow(struct way *way)
{
	char target[PATH_MAX], rest[PATH_MAX];
	const char *from = target;
	ssize_t n = readlink(way->path, target, sizeof(target) - 1);

	if (n < 0)
		return fail_on(way, -errno, strerror(errno));
	target[n] = '\0';
	if (++way->links > LINKS_MAX)
		return fail_on(way, -ELOOP, strerror(ELOOP));
	if (*target == '/') {
		from = within(target, way->directory);
		if (!from)
			from = within(target, way->given);
		if (!from)
			return fail_out(way);
		strcpy(way->path, way->directory);
	} else {
		step_back(way);
	}
	if (snprintf(rest, sizeof(rest), "%s/%s", from, way->rest) >=
	    (int)sizeof(rest))
		return fail_on(way, -ENAMETOOLONG, strerror(ENAMETOOLONG));
	strcpy(way->rest, rest);
	return 0;
}

/* Looks at what the path has come to. */
static int look(struct way *way, struct stat *ret_st)
{
	if (lstat(way->path, ret_st))
		return fail_on(way, -errno, strerror(errno));
	/* All may write to a link, and nobody does. */
	if (S_ISLNK(ret_st->st_mode) ? ret_st->st_uid : !is_of_root(ret_st))
		return fail_on(way, -EPERM,
			       "somebody other than root may write to it");
	if (S_ISDIR(ret_st->st_mode) && !way->privileged &&
	    !(ret_st->st_mode & S_IXOTH))
		return fail_on(way, -EACCES, "only root gets in");
	return 0;
}

/* Whether what the way has led to can be run, or loaded. */
static int usable(struct way *way, const struct stat *st)
{
	const bool is_program = way->form == BNL_FORM_PROGRAM;

	if (!S_ISREG(st->st_mode) || (is_program && !(st->st_mode & 0111)))
		return fail_on(way, -EACCES,
			       is_program ? "no program" : "no shared object");
	if (!way->privileged &&
	    !(st->st_mode & (is_program ? S_IXOTH : S_IROTH)))
		return fail_on(way, -EACCES, "only root may use it");
	return 0;
}

static int step(struct way *way, const char *name, struct stat *ret_st)
{
	size_t len = strlen(way->path);
	int err;

	if (!strcmp(name, "..")) {
		if (!strcmp(way->path, way->directory))
			return fail_out(way);
		step_back(way);
		return look(way, ret_st);
	}
	if (*name && strcmp(name, ".") &&
	    snprintf(way->path + len, sizeof(way->path) - len, "/%s", name) >=
		    (int)(sizeof(way->path) - len)) {
		way->path[len] = '\0';
		return fail_on(way, -ENAMETOOLONG, strerror(ENAMETOOLONG));
	}
	err = look(way, ret_st);
	if (!err && S_ISLNK(ret_st->st_mode))
		err = link_follow(way);
	return err;
}

static int way_go(struct way *way)
{
	char name[PATH_MAX];
	struct stat st;
	int err = look(way, &st);

	while (!err && *way->rest) {
		name_next(way, name);
		err = step(way, name, &st);
	}
	return err ? err : usable(way, &st);
}

/* A plug-in is an object if there is a file of that name, be it a broken link. */
static enum bnl_form form_of(const struct way *way,
			     const struct bnl_mechanism *mechanism)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s.so", way->directory,
		     mechanism->plugin) >= (int)sizeof(path) ||
	    (lstat(path, &st) && errno == ENOENT))
		return BNL_FORM_PROGRAM;
	return BNL_FORM_OBJECT;
}

static int find_in(struct way *way, const struct bnl_mechanism *mechanism,
		   char **ret_path)
{
	char *path;
	int err;

	if (strlen(way->directory) >= sizeof(way->path))
		return fail(way->ret_why, -ENAMETOOLONG, "%s: too long",
			    way->directory);
	strcpy(way->path, way->directory);
	way->form = form_of(way, mechanism);
	if (way->form == BNL_FORM_OBJECT)
		snprintf(way->rest, sizeof(way->rest), "%s.so",
			 mechanism->plugin);
	else
		snprintf(way->rest, sizeof(way->rest), "%s/%s",
			 mechanism->plugin, mechanism->name);
	err = way_go(way);
	if (err || !ret_path)
		return err;
	path = strdup(way->path);
	if (!path)
		return fail(way->ret_why, -ENOMEM, "no memory");
	*ret_path = path;
	return 0;
}

/* Somebody must run what root does not. */
static int user_look(char **ret_why)
{
	struct passwd user, *found;
	char text[1024];
	int err = getpwnam_r(BNL_USER, &user, text, sizeof(text), &found);

	if (err)
		return fail(ret_why, -err, "%s: %s", BNL_USER, strerror(err));
	if (!found)
		return fail(ret_why, -ESRCH,
			    "there is no user %s, whom it would run as",
			    BNL_USER);
	return 0;
}

API int bnl_mechanism_find(const struct bnl_mechanism *mechanism,
			   const char *directory, char **ret_path,
			   enum bnl_form *ret_form, char **ret_why)
{
	struct way way = {
		.privileged = mechanism->privileged,
		.ret_why = ret_why,
	};
	char *real;
	int err;

	if (!directory)
		directory = PLUGINS;
	if (!mechanism->privileged) {
		err = user_look(ret_why);
		if (err)
			return err;
	}
	real = realpath(directory, NULL);
	if (!real)
		return fail(ret_why, -errno, "%s: %s", directory,
			    strerror(errno));
	way.directory = real;
	way.given = directory;
	err = find_in(&way, mechanism, ret_path);
	free(real);
	if (!err && ret_form)
		*ret_form = way.form;
	return err;
}
