// SPDX-License-Identifier: LGPL-2.1-or-later
/* The database, as it is read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "login.h"

/* Whoever has so many rights has no use for them. */
#define BYTES_MAX (1 << 20)

plist_t rights_of(plist_t database)
{
	plist_t rights = plist_dict_get_item(database, "rights");

	return PLIST_IS_DICT(rights) ? rights : NULL;
}

plist_t database_new(void)
{
	plist_t database = plist_new_dict();

	plist_dict_set_item(database, "rights", plist_new_dict());
	plist_dict_set_item(database, "rules", plist_new_dict());
	return database;
}

static int file_check(int fd, const char *path, size_t *ret_size,
		      char **ret_why)
{
	struct stat st;

	if (fstat(fd, &st))
		return fail(ret_why, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || !is_of_root(&st))
		return fail(ret_why, -EPERM,
			    "%s: not a regular file of root's that nobody else "
			    "may write to",
			    path);
	if (st.st_size > BYTES_MAX)
		return fail(ret_why, -EFBIG, "%s: too big", path);
	*ret_size = st.st_size;
	return 0;
}

/* Returns how many bytes there were, or a negative errno. */
static ssize_t read_all(int fd, char *to, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, to + len, size - len);
		if (n > 0)
			len += n;
	} while ((n > 0 && len < size) || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : (ssize_t)len;
}

static int file_read(int fd, const char *path, char **ret_text, size_t *ret_len,
		     char **ret_why)
{
	size_t size = 0;
	ssize_t len;
	char *text;
	int err = file_check(fd, path, &size, ret_why);

	if (err)
		return err;
	text = malloc(size + 1);
	if (!text)
		return fail(ret_why, -ENOMEM, "no memory");
	len = read_all(fd, text, size);
	if (len < 0) {
		free(text);
		return fail(ret_why, len, "%s: %s", path, strerror(-len));
	}
	*ret_text = text;
	*ret_len = len;
	return 0;
}

int database_parse(const char *path, const char *text, size_t len,
		   plist_t *ret_database, char **ret_why)
{
	plist_t database = NULL, rules;

	if (len > BYTES_MAX)
		return fail(ret_why, -EFBIG, "%s: too big", path);
	plist_from_memory(text, len, &database);
	if (!PLIST_IS_DICT(database)) {
		plist_free(database);
		return fail(ret_why, -EINVAL,
			    "%s: no property list with a dictionary", path);
	}
	rules = plist_dict_get_item(database, "rules");
	if (!rights_of(database) || (rules && !PLIST_IS_DICT(rules))) {
		plist_free(database);
		return fail(ret_why, -EINVAL,
			    "%s: \"rights\", or \"rules\", is no dictionary",
			    path);
	}
	*ret_database = database;
	return 0;
}

API int bnl_database_read(const char *path, plist_t *ret_database,
			  char **ret_why)
{
	size_t len = 0;
	char *text = NULL;
	int fd, err;

	if (!path)
		path = BNL_DATABASE;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail(ret_why, -errno, "%s: %s", path, strerror(errno));
	err = file_read(fd, path, &text, &len, ret_why);
	close(fd);
	if (err)
		return err;
	err = database_parse(path, text, len, ret_database, ret_why);
	free(text);
	return err;
}
