// SPDX-License-Identifier: GPL-2.0
/*
 * The authorization database as it is changed: what is written, kept and refused,
 * by one and by several at once. Whatever is refused changes nothing.
 */
#include <sys/file.h>
#include <sys/resource.h>

#include "authorization.h"
#include "harness.h"

#define PREVIOUS	DATABASE "-previous"
#define LOCK		WORK "/db" BNL_DATABASE_LOCK
#define CHANGERS	4
#define CHANGES		8

FIXTURE(change) {
	int nothing;
};

FIXTURE_SETUP(change)
{
	have_own_files();
}

FIXTURE_TEARDOWN(change)
{
}

/* Of what a change goes through, is nothing left? */
static bool nothing_between(void)
{
	return !is_there(DATABASE "-new") && !is_there(PREVIOUS "-new");
}

static bool has_mode(const char *path, mode_t mode)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode) && !st.st_uid &&
	       (st.st_mode & 07777) == mode;
}

TEST_F(change, makes_it)
{
	mode_t former = umask(077);

	EXPECT_EQ(0, do_append(ONE, NULL));
	umask(former);
	EXPECT_TRUE(LOGIN_HAS(ONE));
	EXPECT_TRUE(has_mode(DATABASE, 0644));
	EXPECT_TRUE(has_mode(LOCK, 0600));
	EXPECT_FALSE(is_there(PREVIOUS));
	EXPECT_TRUE(nothing_between());
}

TEST_F(change, keeps_the_previous)
{
	char *former;

	PUT_DATABASE(ONE);
	former = file_text(DATABASE);
	EXPECT_EQ(0, do_append(TWO, NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE " " TWO));
	EXPECT_TRUE(unchanged(PREVIOUS, former));
	former = file_text(DATABASE);
	EXPECT_EQ(0, do_append(THREE, NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE " " TWO " " THREE));
	EXPECT_TRUE(unchanged(PREVIOUS, former));
	EXPECT_TRUE(nothing_between());
}

TEST_F(change, keeps_what_else_is_in_it)
{
	plist_t database = database_of(BNL_RIGHT_LOGIN, DEFINITION(ONE)), got;
	const char *name = "\303\244 <&> \"'";

	plist_dict_set_item(database, "comment", plist_new_string("a < b & c"));
	plist_dict_set_item(plist_dict_get_item(database, "rights"), name,
			    DEFINITION(TWO));
	put_list(DATABASE, database);
	plist_free(database);
	EXPECT_EQ(0, do_append(THREE, NULL));
	ASSERT_EQ(0, bnl_database_read(DATABASE, &database, NULL));
	EXPECT_STREQ("a < b & c",
		     plist_get_string_ptr(plist_dict_get_item(database, "comment"),
					  NULL));
	ASSERT_EQ(0, bnl_right_get(database, name, &got));
	EXPECT_TRUE(has_line(got, TWO));
	plist_free(got);
	plist_free(database);
}

/* A change that wants nothing written changes nothing, not even the previous. */
TEST_F(change, that_is_none)
{
	char *former;

	PUT_DATABASE(ONE);
	former = file_text(DATABASE);
	EXPECT_EQ(0, do_append(ONE, NULL));
	EXPECT_TRUE(unchanged(DATABASE, former));
	EXPECT_FALSE(is_there(PREVIOUS));
}

static int fail_as_told(plist_t database, void *err, char **ret_why)
{
	plist_dict_set_item(database, "rights", plist_new_dict());
	return *(int *)err;
}

static int fail_with_text(plist_t database, void *text, char **ret_why)
{
	*ret_why = strdup(text);
	return -EDOM;
}

static int do_change(bnl_change change, void *context, char **ret_why)
{
	return bnl_database_change(DATABASE, PLUGINS_DIR, change, context,
				   ret_why);
}

TEST_F(change, that_its_function_refuses)
{
	char *why = (char *)&why;
	char *former;
	int err = -ERANGE;

	PUT_DATABASE(ONE);
	former = file_text(DATABASE);
	EXPECT_EQ(-ERANGE, do_change(fail_as_told, &err, &why));
	EXPECT_EQ(NULL, why);
	EXPECT_TRUE(FAILS(-EDOM, "so it is",
			  do_change(fail_with_text, "so it is", &why)));
	EXPECT_EQ(-EDOM, do_change(fail_with_text, "so it is", NULL));
	why = (char *)&why;
	EXPECT_EQ(0, do_append(ONE, &why));
	EXPECT_EQ((char *)&why, why);
	EXPECT_TRUE(unchanged(DATABASE, former));
	EXPECT_FALSE(is_there(PREVIOUS));
	EXPECT_TRUE(nothing_between());
}

/* The function may do what it likes; what comes of it is looked at. */
static int lose_rights(plist_t database, void *context, char **ret_why)
{
	plist_dict_remove_item(database, "rights");
	return 0;
}

static int spoil_rules(plist_t database, void *context, char **ret_why)
{
	plist_dict_set_item(database, "rules", plist_new_string("x"));
	return 0;
}

static int add_wrong(plist_t database, void *context, char **ret_why)
{
	plist_dict_set_item(plist_dict_get_item(database, "rights"), "r",
			    DEFINITION("p:none,privileged"));
	return 0;
}

/* More than is ever read. */
static int bloat(plist_t database, void *context, char **ret_why)
{
	char *text = malloc((1 << 20) + 1);

	memset(text, 'x', 1 << 20);
	text[1 << 20] = '\0';
	plist_dict_set_item(database, "comment", plist_new_string(text));
	free(text);
	return 0;
}

TEST_F(change, to_what_would_lock_out)
{
	char *former;

	PUT_DATABASE(ONE);
	former = file_text(DATABASE);
	EXPECT_TRUE(FAILS(-EINVAL, "rights", do_change(lose_rights, NULL, &why)));
	EXPECT_TRUE(FAILS(-EINVAL, "rules", do_change(spoil_rules, NULL, &why)));
	EXPECT_TRUE(FAILS(-EINVAL, "r: p:none", do_change(add_wrong, NULL, &why)));
	EXPECT_TRUE(FAILS(-EFBIG, DATABASE, do_change(bloat, NULL, &why)));
	EXPECT_TRUE(FAILS(-EINVAL, "p:no", do_append("p:no,privileged", &why)));
	EXPECT_TRUE(FAILS(-EINVAL, "no user", do_append("p:two", &why)));
	EXPECT_TRUE(unchanged(DATABASE, former));
	EXPECT_FALSE(is_there(PREVIOUS));
	EXPECT_TRUE(nothing_between());
}

/* Is the database not to be changed, with this error, and not changed? */
#define REFUSED(_err)							\
({									\
	char *former_ = file_text(DATABASE);				\
	char *previous_ = file_text(PREVIOUS);				\
	bool good_ = FAILS(_err, DATABASE, do_append(TWO, &why));	\
	good_ && unchanged(DATABASE, former_) &&			\
		unchanged(PREVIOUS, previous_) && nothing_between();	\
})

TEST_F(change, of_what_is_not_taken)
{
	PUT_DATABASE(ONE);
	ASSERT_EQ(0, chown(DATABASE, ALICE, 0));
	EXPECT_TRUE(REFUSED(-EPERM));
	ASSERT_EQ(0, chown(DATABASE, 0, 0));
	ASSERT_EQ(0, chmod(DATABASE, 0664));
	EXPECT_TRUE(REFUSED(-EPERM));
	put_file(DATABASE, "broken", 0644);
	EXPECT_TRUE(REFUSED(-EINVAL));
	ASSERT_EQ(0, truncate(DATABASE, 2 << 20));
	EXPECT_TRUE(REFUSED(-EFBIG));
	PUT_DATABASE(ONE);
	ASSERT_EQ(0, rename(DATABASE, WORK "/else"));
	ASSERT_EQ(0, symlink("else", DATABASE));
	EXPECT_TRUE(REFUSED(-ELOOP));
	EXPECT_TRUE(right_has(WORK "/else", BNL_RIGHT_LOGIN, ONE));
	ASSERT_EQ(0, unlink(DATABASE));
	ASSERT_EQ(0, mkdir(DATABASE, 0755));
	EXPECT_TRUE(FAILS(-EPERM, DATABASE, do_append(TWO, &why)));
	ASSERT_EQ(0, rmdir(DATABASE));
	EXPECT_TRUE(FAILS(-ENOENT, WORK "/none/db",
			  bnl_database_change(WORK "/none/db", PLUGINS_DIR,
					      append, ONE, &why)));
}

TEST_F(change, with_others_in_the_way)
{
	PUT_DATABASE(ONE);
	/* What somebody died over is written over. */
	put_file(DATABASE "-new", "half", 0600);
	put_file(PREVIOUS "-new", "half", 0600);
	EXPECT_EQ(0, do_append(TWO, NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE " " TWO));
	EXPECT_TRUE(right_has(PREVIOUS, BNL_RIGHT_LOGIN, ONE));
	EXPECT_TRUE(nothing_between());
	/* A link is not followed. */
	put_file(WORK "/else", "else", 0644);
	ASSERT_EQ(0, symlink("else", DATABASE "-new"));
	ASSERT_EQ(0, symlink("else", PREVIOUS "-new"));
	EXPECT_EQ(0, do_append(THREE, NULL));
	EXPECT_TRUE(unchanged(WORK "/else", strdup("else")));
	EXPECT_TRUE(has_mode(DATABASE, 0644));
	EXPECT_TRUE(nothing_between());
	/* Nor is a lock that is one, and nothing waits for a writer. */
	ASSERT_EQ(0, unlink(LOCK));
	ASSERT_EQ(0, symlink("else", LOCK));
	EXPECT_TRUE(FAILS(-ELOOP, DATABASE, do_append("p:three", &why)));
	ASSERT_EQ(0, unlink(LOCK));
	ASSERT_EQ(0, mkdir(LOCK, 0755));
	EXPECT_TRUE(FAILS(-EISDIR, DATABASE, do_append("p:three", &why)));
	ASSERT_EQ(0, rmdir(LOCK));
	/* What cannot be written over. */
	ASSERT_EQ(0, mkdir(DATABASE "-new", 0755));
	EXPECT_TRUE(FAILS(-EISDIR, DATABASE,
			  do_change(fail_as_told, &(int){ 0 }, &why)));
	ASSERT_EQ(0, rmdir(DATABASE "-new"));
	ASSERT_EQ(0, unlink(PREVIOUS));
	ASSERT_EQ(0, mkdir(PREVIOUS, 0755));
	EXPECT_TRUE(FAILS(-EISDIR, DATABASE,
			  do_change(fail_as_told, &(int){ 0 }, &why)));
	EXPECT_TRUE(LOGIN_HAS(ONE " " TWO " " THREE));
	EXPECT_FALSE(is_there(DATABASE "-new"));
}

TEST_F(change, by_one_who_may_not)
{
	EXPECT_EQ(0, AS(ALICE, CHECK(REFUSED(-EACCES))));
	PUT_DATABASE(ONE);
	EXPECT_EQ(0, AS(ALICE, CHECK(REFUSED(-EACCES))));
	EXPECT_EQ(0, do_append(ONE, NULL));
	EXPECT_TRUE(is_there(LOCK));
	EXPECT_EQ(0, AS(ALICE, CHECK(REFUSED(-EACCES))));
	EXPECT_TRUE(LOGIN_HAS(ONE));
	/* Where he may write, nobody would read what is his. */
	ASSERT_EQ(0, unlink(DATABASE));
	ASSERT_EQ(0, unlink(LOCK));
	ASSERT_EQ(0, chown(WORK, ALICE, 0));
	EXPECT_EQ(0, AS(ALICE, CHECK(REFUSED(-EPERM))));
	EXPECT_FALSE(is_there(DATABASE));
}

static void fill_up(void)
{
	static const char zeros[4096];
	int fd = open(WORK "/small/filler", O_WRONLY | O_CREAT | O_APPEND, 0600);

	while (write(fd, zeros, sizeof(zeros)) > 0)
		continue;
	if (fd < 0 || errno != ENOSPC)
		abort();
	close(fd);
}

#define SMALL WORK "/small/db"

static int append_to_small(const char *mechanism, char **ret_why)
{
	return bnl_database_change(SMALL, PLUGINS_DIR, append, (void *)mechanism,
				   ret_why);
}

TEST_F(change, on_a_full_disk)
{
	char *former, *previous;

	mount_tmpfs(WORK "/small", "size=64k,mode=755");
	ASSERT_EQ(0, append_to_small(ONE, NULL));
	ASSERT_EQ(0, append_to_small(TWO, NULL));
	former = file_text(SMALL);
	previous = file_text(SMALL "-previous");
	fill_up();
	EXPECT_TRUE(FAILS(-ENOSPC, SMALL, append_to_small(THREE, &why)));
	EXPECT_TRUE(unchanged(SMALL, former));
	EXPECT_TRUE(unchanged(SMALL "-previous", previous));
	EXPECT_FALSE(is_there(SMALL "-new"));
	ASSERT_EQ(0, unlink(WORK "/small/filler"));
	EXPECT_EQ(0, append_to_small(THREE, NULL));
	EXPECT_TRUE(right_has(SMALL, BNL_RIGHT_LOGIN, ONE " " TWO " " THREE));
}

TEST_F(change, without_an_inode_left)
{
	/* For the directory, a lock, the database, a new one, another name of it. */
	mount_tmpfs(WORK "/small", "nr_inodes=5,mode=755");
	ASSERT_EQ(0, append_to_small(ONE, NULL));
	put_file(WORK "/small/last", "", 0600);
	EXPECT_TRUE(FAILS(-ENOSPC, SMALL, append_to_small(TWO, &why)));
	EXPECT_FALSE(is_there(SMALL "-new"));
	put_file(WORK "/small/last2", "", 0600);
	EXPECT_TRUE(FAILS(-ENOSPC, SMALL, append_to_small(TWO, &why)));
	EXPECT_TRUE(right_has(SMALL, BNL_RIGHT_LOGIN, ONE));
	EXPECT_FALSE(is_there(SMALL "-previous"));
	ASSERT_EQ(0, unlink(WORK "/small/last"));
	ASSERT_EQ(0, unlink(WORK "/small/last2"));
	EXPECT_EQ(0, append_to_small(TWO, NULL));
}

TEST_F(change, where_nothing_may_be_written)
{
	mount_tmpfs(WORK "/small", "mode=755");
	ASSERT_EQ(0, append_to_small(ONE, NULL));
	ASSERT_EQ(0, mount(NULL, WORK "/small", NULL, MS_REMOUNT | MS_RDONLY,
			   "mode=755"));
	EXPECT_TRUE(FAILS(-EROFS, SMALL, append_to_small(TWO, &why)));
	EXPECT_TRUE(right_has(SMALL, BNL_RIGHT_LOGIN, ONE));
}

/* A limit of the process's: the file is half written then. */
TEST_F(change, beyond_what_a_file_may_have)
{
	struct rlimit limit = { 100, 100 };
	int ret;

	PUT_DATABASE(ONE);
	ret = AS(0, ({
		signal(SIGXFSZ, SIG_IGN);
		CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
		CHECK(REFUSED(-EFBIG));
	}));
	EXPECT_EQ(0, ret);
	EXPECT_TRUE(LOGIN_HAS(ONE));
}

static int count(plist_t database, void *name, char **ret_why)
{
	plist_t definition = NO_MECHANISMS;
	int err = bnl_right_set(database, name, definition, ret_why);

	plist_free(definition);
	return err;
}

static int change_often(int changer)
{
	char name[32];
	int i, err = 0;

	for (i = 0; !err && i < CHANGES; i++) {
		snprintf(name, sizeof(name), "r%d.%d", changer, i);
		err = do_change(count, name, NULL);
	}
	return err;
}

TEST_F(change, by_several_at_once)
{
	pid_t changers[CHANGERS];
	bool changing = true;
	plist_t database;
	int i;

	ASSERT_EQ(0, do_append(ONE, NULL));
	for (i = 0; i < CHANGERS; i++) {
		changers[i] = fork();
		ASSERT_LE(0, changers[i]);
		if (!changers[i])
			_exit(change_often(i) ? 1 : 0);
	}
	/* Whoever reads meanwhile has a whole one each time. */
	for (i = 0; i < CHANGERS; i++) {
		do {
			int status;

			changing = !waitpid(changers[i], &status, WNOHANG);
			EXPECT_TRUE(changing || !status);
			EXPECT_TRUE(LOGIN_HAS(ONE));
		} while (changing);
	}
	ASSERT_EQ(0, bnl_database_read(DATABASE, &database, NULL));
	EXPECT_EQ(1 + CHANGERS * CHANGES,
		  plist_dict_get_size(plist_dict_get_item(database, "rights")));
	plist_free(database);
	EXPECT_TRUE(nothing_between());
}

static bool waits(pid_t pid)
{
	char path[64], text[256] = "";
	const char *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			abort();
		close(fd);
	}
	state = strrchr(text, ')');
	return state && state[2] == 'S';
}

TEST_F(change, waits_for_another)
{
	int lock, status;
	pid_t pid;

	PUT_DATABASE(ONE);
	lock = open(LOCK, O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, lock);
	ASSERT_EQ(0, flock(lock, LOCK_EX));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(lock);
		_exit(do_append(TWO, NULL) ? 1 : 0);
	}
	EXPECT_TRUE(eventually(waits(pid)));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	/* What somebody else writes before is not lost. */
	PUT_DATABASE(THREE);
	close(lock);
	EXPECT_EQ(0, child_result(pid));
	EXPECT_TRUE(LOGIN_HAS(THREE " " TWO));
}

static int do_restore(const char *from, char **ret_why)
{
	return bnl_database_restore(DATABASE, PLUGINS_DIR, from, ret_why);
}

TEST_F(change, backup_and_restore)
{
	EXPECT_TRUE(FAILS(-ENOENT, DATABASE,
			  bnl_database_backup(DATABASE, WORK "/copy", &why)));
	EXPECT_FALSE(is_there(WORK "/copy"));
	EXPECT_TRUE(FAILS(-ENOENT, WORK "/copy", do_restore(WORK "/copy", &why)));
	PUT_DATABASE(ONE);
	put_file(WORK "/copy", "former", 0666);
	EXPECT_EQ(0, bnl_database_backup(DATABASE, WORK "/copy", NULL));
	EXPECT_TRUE(has_mode(WORK "/copy", 0644));
	EXPECT_FALSE(is_there(WORK "/copy-previous"));
	EXPECT_TRUE(right_has(WORK "/copy", BNL_RIGHT_LOGIN, ONE));
	EXPECT_EQ(0, do_append(TWO, NULL));
	EXPECT_EQ(0, do_restore(WORK "/copy", NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE));
	EXPECT_TRUE(right_has(PREVIOUS, BNL_RIGHT_LOGIN, ONE " " TWO));
	EXPECT_EQ(0, do_restore(PREVIOUS, NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE " " TWO));
	/* Whatever is there: that it is broken is what a copy is for. */
	put_file(DATABASE, "broken", 0666);
	EXPECT_EQ(0, do_restore(WORK "/copy", NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE));
	EXPECT_TRUE(has_mode(DATABASE, 0644));
	ASSERT_EQ(0, unlink(DATABASE));
	EXPECT_EQ(0, do_restore(WORK "/copy", NULL));
	EXPECT_TRUE(LOGIN_HAS(ONE));
	EXPECT_TRUE(nothing_between());
}

TEST_F(change, restore_refused)
{
	char *former;

	PUT_DATABASE("p:none,privileged");
	ASSERT_EQ(0, rename(DATABASE, WORK "/copy"));
	PUT_DATABASE(ONE);
	former = file_text(DATABASE);
	EXPECT_TRUE(FAILS(-EINVAL, "p:none", do_restore(WORK "/copy", &why)));
	/* It may be copied all the same, as it is. */
	EXPECT_EQ(0, bnl_database_backup(WORK "/copy", WORK "/copy2", NULL));
	EXPECT_TRUE(right_has(WORK "/copy2", BNL_RIGHT_LOGIN, "p:none,privileged"));
	put_file(WORK "/copy", "broken", 0644);
	EXPECT_TRUE(FAILS(-EINVAL, WORK "/copy", do_restore(WORK "/copy", &why)));
	ASSERT_EQ(0, chown(WORK "/copy2", ALICE, 0));
	EXPECT_TRUE(FAILS(-EPERM, WORK "/copy2", do_restore(WORK "/copy2", &why)));
	EXPECT_TRUE(unchanged(DATABASE, former));
	EXPECT_FALSE(is_there(PREVIOUS));
	EXPECT_EQ(0, AS(ALICE, CHECK(do_restore(DATABASE, NULL) == -EACCES)));
	EXPECT_EQ(0, AS(ALICE, CHECK(bnl_database_backup(DATABASE, WORK "/a", NULL)
				     == -EACCES)));
	EXPECT_EQ(-ENOENT, bnl_database_backup(DATABASE, WORK "/none/a", NULL));
	ASSERT_EQ(0, mkdir(WORK "/dir", 0755));
	EXPECT_TRUE(FAILS(-EISDIR, WORK "/dir",
			  bnl_database_backup(DATABASE, WORK "/dir", &why)));
	EXPECT_FALSE(is_there(WORK "/dir-new"));
}

TEST_HARNESS_MAIN
