/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of the authorization database share: files of their own. */
#ifndef BOOTSTRAP_AUTHORIZATION_H
#define BOOTSTRAP_AUTHORIZATION_H

#include <limits.h>
#include <sched.h>
#include <sys/mount.h>

#include <bootstrap/login.h>

#include "bootstrap_test.h"

#define WORK		"/tmp/authorization"
#define DATABASE	WORK "/db"
#define PLUGINS_DIR	WORK "/plugins"

/* Mechanisms that are there. */
#define ONE		"p:one,privileged"
#define TWO		"p:two,privileged"
#define THREE		"q:three,privileged"
#define AUTH		BNL_AUTHENTICATE ",privileged"
#define HOME		BNL_HOME_PLUGIN ":login,privileged"

static inline void put_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode))
		abort();
	close(fd);
}

/* What is in a file, to be freed; NULL if there is none. */
static inline char *file_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	char *text;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st))
		abort();
	text = calloc(1, st.st_size + 1);
	if (!text || read(fd, text, st.st_size) != st.st_size)
		abort();
	close(fd);
	return text;
}

static inline bool is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

/* Are they equal, or both not there? */
static inline bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Is a file, or the lack of it, as it was? The former text is freed. */
static inline bool unchanged(const char *path, char *former)
{
	char *now = file_text(path);
	bool same = same_text(now, former);

	free(now);
	free(former);
	return same;
}

static inline void mount_tmpfs(const char *path, const char *options)
{
	if ((mkdir(path, 0755) && errno != EEXIST) ||
	    mount("none", path, "tmpfs", 0, options))
		abort();
}

static inline void put_plugins(const char *directory)
{
	static const char *const files[] = {
		"/p", "/p/one", "/p/two", "/q", "/q/three",
	};
	char path[PATH_MAX];
	size_t i;

	if (mkdir(directory, 0755))
		abort();
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, files[i]);
		if (strlen(files[i]) > 2)
			put_file(path, "#!/bin/sh\n", 0755);
		else if (mkdir(path, 0755))
			abort();
	}
}

/* Who there is, besides root. */
static inline void put_users(const char *text)
{
	char all[256];

	snprintf(all, sizeof(all), "root:x:0:0:root:/root:/bin/sh\n%s", text);
	put_file(WORK "/passwd", all, 0644);
}

#define THE_USER BNL_USER ":x:990:990::/:/bin/false\n"

/*
 * What is mounted from now on is the calling process's; there are plug-ins, and nobody
 * to run those that are not privileged.
 */
static inline void have_own_files(void)
{
	/* A test's process ends without writing what it has to say. */
	setlinebuf(stdout);
	umask(022);
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		abort();
	mount_tmpfs(WORK, "mode=755");
	put_users("");
	if (mount(WORK "/passwd", "/etc/passwd", NULL, MS_BIND, NULL))
		abort();
	put_plugins(PLUGINS_DIR);
}

/* A definition with these mechanisms, of which the last is followed by NULL. */
static inline plist_t definition_of(const char *const *mechanisms)
{
	plist_t definition = plist_new_dict(), array = plist_new_array();

	for (; *mechanisms; mechanisms++)
		plist_array_append_item(array, plist_new_string(*mechanisms));
	plist_dict_set_item(definition, "class",
			    plist_new_string("evaluate-mechanisms"));
	plist_dict_set_item(definition, "mechanisms", array);
	return definition;
}

#define DEFINITION(...) \
	definition_of((const char *const []){ __VA_ARGS__, NULL })
#define NO_MECHANISMS	definition_of((const char *const []){ NULL })

static inline plist_t database_of(const char *right, plist_t definition)
{
	plist_t database = plist_new_dict(), rights = plist_new_dict();

	if (right)
		plist_dict_set_item(rights, right, definition);
	plist_dict_set_item(database, "rights", rights);
	return database;
}

static inline void put_list(const char *path, plist_t list)
{
	char *text = NULL;
	uint32_t len = 0;

	plist_to_xml(list, &text, &len);
	put_file(path, text, 0644);
	free(text);
}

/* Writes one with a right for logins, of these mechanisms. */
#define PUT_DATABASE(...)						\
do {									\
	plist_t put_ = database_of(BNL_RIGHT_LOGIN,			\
				   DEFINITION(__VA_ARGS__));		\
	put_list(DATABASE, put_);					\
	plist_free(put_);						\
} while (0)

/* The mechanisms of a definition in a line, to be freed. */
static inline char *line_of(plist_t definition)
{
	plist_t array = plist_dict_get_item(definition, "mechanisms");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	uint32_t i;

	for (i = 0; i < plist_array_get_size(array); i++)
		fprintf(out, "%s%s", i ? " " : "",
			plist_get_string_ptr(plist_array_get_item(array, i),
					     NULL));
	fclose(out);
	return text;
}

/* Has a definition these mechanisms, in this order? */
static inline bool has_line(plist_t definition, const char *wanted)
{
	char *line = line_of(definition);
	bool same = !strcmp(line, wanted);

	if (!same)
		printf("# \"%s\", not \"%s\"\n", line, wanted);
	free(line);
	return same;
}

/* Has a database's right these? NULL: there is no such right. */
static inline bool right_has(const char *path, const char *right,
			     const char *wanted)
{
	plist_t database, definition;
	bool good;
	int err = bnl_database_read(path, &database, NULL);

	if (err)
		return printf("# %s: %d\n", path, err) < 0;
	err = bnl_right_get(database, right, &definition);
	plist_free(database);
	if (err)
		return err == -ENOENT && !wanted;
	good = wanted && has_line(definition, wanted);
	plist_free(definition);
	return good;
}

#define LOGIN_HAS(_wanted) right_has(DATABASE, BNL_RIGHT_LOGIN, _wanted)

/* A change: appends a mechanism to the right for logins, or makes it. */
static inline int append(plist_t database, void *mechanism, char **ret_why)
{
	plist_t definition;
	int ret = bnl_right_get(database, BNL_RIGHT_LOGIN, &definition);

	if (ret)
		definition = NO_MECHANISMS;
	ret = bnl_mechanism_insert(definition, mechanism, "none", false,
				   ret_why);
	if (ret > 0)
		ret = bnl_right_set(database, BNL_RIGHT_LOGIN, definition,
				    ret_why);
	else if (!ret)
		ret = 1;
	plist_free(definition);
	return ret;
}

static inline int do_append(const char *mechanism, char **ret_why)
{
	return bnl_database_change(DATABASE, PLUGINS_DIR, append,
				   (void *)mechanism, ret_why);
}

/*
 * Is an error this one, with a text that has this in it, and one line for each of
 * its lines? The text is freed.
 */
static inline bool fails_with(int ret, int err, char *why, const char *part)
{
	size_t len = why ? strlen(why) : 0;
	bool good = ret == err && len && why[len - 1] != '\n' &&
		    strstr(why, part);

	if (!good)
		printf("# %d, not %d: \"%s\", not \"%s\"\n", ret, err,
		       why ?: "(no text)", part);
	free(why);
	return good;
}

#define FAILS(_err, _part, _call)					\
({									\
	char *why = NULL;						\
	int ret_ = (_call);						\
	fails_with(ret_, _err, why, _part);				\
})

#endif
