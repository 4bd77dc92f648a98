// SPDX-License-Identifier: GPL-2.0
/*
 * The authorization database as it is read and asked: good and bad files, definitions
 * and names.
 */
#include "authorization.h"
#include "harness.h"

#define LIST(_body)							\
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"			\
	"<plist version=\"1.0\">" _body "</plist>\n"
#define NO_RIGHTS	"<key>rights</key><dict/>"
#define RIGHTS(_body)	"<dict><key>rights</key><dict>" _body "</dict></dict>"

FIXTURE(authorization) {
	int nothing;
};

FIXTURE_SETUP(authorization)
{
	have_own_files();
}

FIXTURE_TEARDOWN(authorization)
{
}

/* Which files are taken for a database, and what is said of others. */
TEST_F(authorization, files)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ LIST(RIGHTS("")), 0 },
		{ LIST("<dict>" NO_RIGHTS "<key>rules</key><dict/></dict>"), 0 },
		{ LIST("<dict>" NO_RIGHTS "<key>more</key><true/></dict>"), 0 },
		{ "", -EINVAL },
		{ "x", -EINVAL },
		{ "bplist00", -EINVAL },
		{ "bplist00 and what is none", -EINVAL },
		{ LIST(""), -EINVAL },
		{ LIST("<array/>"), -EINVAL },
		{ LIST("<dict/>"), -EINVAL },
		{ LIST("<dict><key>rights</key><array/></dict>"), -EINVAL },
		{ LIST("<dict>" NO_RIGHTS "<key>rules</key><true/></dict>"),
		  -EINVAL },
		{ "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>rights</key>",
		  -EINVAL },
	};
	plist_t database;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *why = NULL;
		int err;

		put_file(DATABASE, rows[i].text, 0644);
		database = NULL;
		err = bnl_database_read(DATABASE, &database, &why);
		EXPECT_EQ(rows[i].err, err)
			TH_LOG("%s", rows[i].text);
		EXPECT_EQ(!err, !!database);
		EXPECT_EQ(!err, !why);
		EXPECT_TRUE(!err || fails_with(err, err, why, DATABASE));
		plist_free(database);
	}
}

TEST_F(authorization, binary_database)
{
	plist_t database = database_of("r", DEFINITION(ONE));
	char *text = NULL;
	uint32_t len = 0;
	int fd = open(DATABASE, O_WRONLY | O_CREAT, 0644);

	plist_to_bin(database, &text, &len);
	ASSERT_EQ(len, write(fd, text, len));
	close(fd);
	free(text);
	plist_free(database);
	EXPECT_TRUE(right_has(DATABASE, "r", ONE));
}

static int read_at(const char *path, char **ret_why)
{
	plist_t database = NULL;
	int err = bnl_database_read(path, &database, ret_why);

	plist_free(database);
	return err;
}

#define READ_FAILS(_err, _part) FAILS(_err, _part, read_at(DATABASE, &why))

TEST_F(authorization, files_that_are_not_taken)
{
	EXPECT_TRUE(READ_FAILS(-ENOENT, DATABASE));
	PUT_DATABASE(ONE);
	EXPECT_EQ(0, read_at(DATABASE, NULL));
	ASSERT_EQ(0, chmod(DATABASE, 0664));
	EXPECT_TRUE(READ_FAILS(-EPERM, DATABASE));
	ASSERT_EQ(0, chmod(DATABASE, 0646));
	EXPECT_TRUE(READ_FAILS(-EPERM, DATABASE));
	ASSERT_EQ(0, chmod(DATABASE, 0644));
	ASSERT_EQ(0, chown(DATABASE, ALICE, 0));
	EXPECT_TRUE(READ_FAILS(-EPERM, DATABASE));
	ASSERT_EQ(0, chown(DATABASE, 0, ALICE));
	EXPECT_EQ(0, read_at(DATABASE, NULL));
	ASSERT_EQ(0, rename(DATABASE, WORK "/else"));
	ASSERT_EQ(0, symlink("else", DATABASE));
	EXPECT_TRUE(READ_FAILS(-ELOOP, DATABASE));
	ASSERT_EQ(0, unlink(DATABASE));
	ASSERT_EQ(0, mkdir(DATABASE, 0755));
	EXPECT_TRUE(READ_FAILS(-EPERM, DATABASE));
	ASSERT_EQ(0, rmdir(DATABASE));
	/* That nobody writes to is not waited for. */
	ASSERT_EQ(0, mkfifo(DATABASE, 0644));
	EXPECT_TRUE(READ_FAILS(-EPERM, DATABASE));
	EXPECT_TRUE(FAILS(-ENOTDIR, DATABASE "/x", read_at(DATABASE "/x", &why)));
}

TEST_F(authorization, the_biggest_file)
{
	PUT_DATABASE(ONE);
	ASSERT_EQ(0, truncate(DATABASE, 1 << 20));
	EXPECT_NE(-EFBIG, read_at(DATABASE, NULL));
	ASSERT_EQ(0, truncate(DATABASE, (1 << 20) + 1));
	EXPECT_TRUE(READ_FAILS(-EFBIG, DATABASE));
}

TEST_F(authorization, may_be_read_by_all_that_the_file_lets)
{
	PUT_DATABASE(ONE);
	EXPECT_EQ(0, AS(ALICE, CHECK(!read_at(DATABASE, NULL))));
	ASSERT_EQ(0, chmod(DATABASE, 0600));
	EXPECT_EQ(0, AS(ALICE, CHECK(read_at(DATABASE, NULL) == -EACCES)));
}

/* A right with this as its definition, or a piece of one. */
static int find_in(const char *body, struct bnl_right **ret_right,
		   char **ret_why)
{
	plist_t database = NULL;
	char text[1024];
	int err;

	snprintf(text, sizeof(text), LIST(RIGHTS("<key>r</key>%s")), body);
	plist_from_memory(text, strlen(text), &database);
	if (!database)
		abort();
	err = bnl_right_find(database, "r", ret_right, ret_why);
	plist_free(database);
	return err;
}

#define EVALUATED	"<key>class</key><string>evaluate-mechanisms</string>"
#define MECHANISMS(_m)	"<key>mechanisms</key><array>" _m "</array>"
#define GOOD		"<string>a:b</string>"
#define WRONG		"<string>a:b,c</string>"
#define TRIES(_tries)							\
	"<dict>" EVALUATED MECHANISMS("") "<key>tries</key>" _tries "</dict>"

TEST(definitions_that_are_good)
{
	static const struct {
		const char *body;
		uint32_t tries;
		size_t count;
	} rows[] = {
		{ "<dict>" EVALUATED MECHANISMS("") "</dict>", BNL_TRIES, 0 },
		{ "<dict>" EVALUATED MECHANISMS(GOOD)
		  "<key>comment</key><array/></dict>", BNL_TRIES, 1 },
		{ TRIES("<integer>0</integer>"), 0, 0 },
		{ TRIES("<integer>1</integer>"), 1, 0 },
		{ TRIES("<integer>2147483647</integer>"), 2147483647, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bnl_right *right;

		ASSERT_EQ(0, find_in(rows[i].body, &right, NULL))
			TH_LOG("%s", rows[i].body);
		EXPECT_STREQ("r", right->key);
		EXPECT_EQ(rows[i].tries, right->tries);
		EXPECT_EQ(rows[i].count, right->count);
		bnl_right_free(right);
	}
	bnl_right_free(NULL);
}

TEST(definitions_that_are_bad)
{
	static const struct {
		const char *body;
		int err;
		const char *part;
	} rows[] = {
		{ "<string>allow</string>", -EINVAL, "r: no dictionary" },
		{ "<array/>", -EINVAL, "r: " },
		{ "<dict/>", -EINVAL, "\"class\"" },
		{ "<dict><key>class</key><integer>1</integer></dict>", -EINVAL,
		  "\"class\"" },
		{ "<dict><key>class</key><string>rule</string></dict>",
		  -ENOTSUP, "\"rule\"" },
		{ "<dict><key>class</key><string>user</string>" MECHANISMS("")
		  "</dict>", -ENOTSUP, "\"user\"" },
		{ "<dict><key>class</key><string>Evaluate-Mechanisms</string>"
		  MECHANISMS("") "</dict>", -ENOTSUP, "Evaluate" },
		{ "<dict>" EVALUATED "</dict>", -EINVAL, "\"mechanisms\"" },
		{ "<dict>" EVALUATED "<key>mechanisms</key><dict/></dict>",
		  -EINVAL, "\"mechanisms\"" },
		{ "<dict>" EVALUATED MECHANISMS("<true/>") "</dict>", -EINVAL,
		  "r: " },
		{ "<dict>" EVALUATED MECHANISMS(GOOD WRONG) "</dict>", -EINVAL,
		  "a:b,c" },
		{ TRIES("<integer>2147483648</integer>"), -EINVAL, "tries" },
		{ TRIES("<integer>-1</integer>"), -EINVAL, "tries" },
		{ TRIES("<real>1</real>"), -EINVAL, "tries" },
		{ TRIES("<string>1</string>"), -EINVAL, "tries" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bnl_right *right = (void *)rows;

		EXPECT_TRUE(FAILS(rows[i].err, rows[i].part,
				  find_in(rows[i].body, &right, &why)))
			TH_LOG("%s", rows[i].body);
		EXPECT_EQ((void *)rows, right);
		EXPECT_EQ(rows[i].err, find_in(rows[i].body, &right, NULL));
	}
}

static plist_t database_with(const char *const *names)
{
	plist_t database = database_of(NULL, NULL);

	for (; *names; names++) {
		plist_t definition = NO_MECHANISMS;

		if (bnl_right_set(database, *names, definition, NULL))
			abort();
		plist_free(definition);
	}
	return database;
}

TEST(which_right_is_found)
{
	static const char *const names[] = {
		"system.login.console", "system.login.", "system.", "config.a",
		"noend", "a..", ".", NULL,
	};
	static const struct {
		const char *name, *key;
	} rows[] = {
		{ "system.login.console", "system.login.console" },
		{ "system.login.tty", "system.login." },
		{ "system.login.console.x", "system.login." },
		{ "system.login.", "system.login." },
		{ "system.login", "system." },
		{ "system.x.y.z", "system." },
		{ "system.", "system." },
		{ "a..b", "a.." },
		{ ".x", "." },
		{ "noend", "noend" },
		{ "system", NULL },
		{ "noend.x", NULL },
		{ "noend.", NULL },
		{ "config.a.b", NULL },
		{ "config", NULL },
		{ "a.", NULL },
		{ "systemx", NULL },
		{ "", NULL },
	};
	plist_t database = database_with(names), definition = NO_MECHANISMS;
	struct bnl_right *right;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].key) {
			EXPECT_TRUE(FAILS(-ENOENT, "no such right",
					  bnl_right_find(database, rows[i].name,
							 &right, &why)))
				TH_LOG("%s", rows[i].name);
			continue;
		}
		ASSERT_EQ(0, bnl_right_find(database, rows[i].name, &right, NULL))
			TH_LOG("%s", rows[i].name);
		EXPECT_STREQ(rows[i].key, right->key);
		bnl_right_free(right);
	}
	/* With a default, there is one for each. */
	EXPECT_EQ(0, bnl_right_set(database, "", definition, NULL));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, bnl_right_find(database, rows[i].name, &right, NULL));
		EXPECT_STREQ(rows[i].key ?: "", right->key);
		bnl_right_free(right);
	}
	plist_free(definition);
	plist_free(database);
}

TEST(which_stretch_has_what)
{
	static const struct {
		const char *line[8];
		size_t first[3], count[3];
	} rows[] = {
		{ { NULL }, { 0, 0, 0 }, { 0, 0, 0 } },
		{ { ONE, TWO }, { 0, 0, 0 }, { 0, 0, 2 } },
		{ { ONE, AUTH, TWO }, { 0, 1, 1 }, { 1, 0, 2 } },
		{ { ONE, HOME, TWO }, { 0, 0, 1 }, { 0, 1, 2 } },
		{ { ONE, AUTH, TWO, HOME, THREE }, { 0, 1, 3 }, { 1, 2, 2 } },
		{ { AUTH, HOME }, { 0, 0, 1 }, { 0, 1, 1 } },
		{ { ONE, AUTH, HOME, TWO, HOME, THREE }, { 0, 1, 2 },
		  { 1, 1, 4 } },
		/* What check refuses makes no stretch overlap another. */
		{ { ONE, HOME, TWO, AUTH, THREE }, { 0, 3, 3 }, { 3, 0, 2 } },
	};
	size_t i, stretch, first;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		plist_t database = database_of("r", definition_of(rows[i].line));
		struct bnl_right *right;

		ASSERT_EQ(0, bnl_right_find(database, "r", &right, NULL));
		for (stretch = 0; stretch < 3; stretch++) {
			EXPECT_EQ(rows[i].count[stretch],
				  bnl_right_stretch(right, stretch, &first))
				TH_LOG("row %zu, stretch %zu", i, stretch);
			EXPECT_EQ(rows[i].first[stretch], first)
				TH_LOG("row %zu, stretch %zu", i, stretch);
		}
		bnl_right_free(right);
		plist_free(database);
	}
}

TEST(rights_are_copied)
{
	plist_t database = database_of(NULL, NULL), got = NULL, none = NULL;
	plist_t definition = DEFINITION(ONE), wrong = plist_new_dict();

	EXPECT_EQ(-ENOENT, bnl_right_get(database, "r", &got));
	EXPECT_EQ(NULL, got);
	EXPECT_EQ(-ENOENT, bnl_right_get(database, NULL, &got));
	EXPECT_EQ(-ENOENT, bnl_right_remove(database, "r"));
	EXPECT_EQ(-ENOENT, bnl_right_remove(database, NULL));
	ASSERT_EQ(0, bnl_right_set(database, "r", definition, NULL));
	EXPECT_EQ(1, bnl_mechanism_insert(definition, TWO, "p", false, NULL));
	ASSERT_EQ(0, bnl_right_get(database, "r", &got));
	EXPECT_TRUE(has_line(got, ONE));
	EXPECT_EQ(1, bnl_mechanism_insert(got, TWO, "p", false, NULL));
	plist_free(got);
	ASSERT_EQ(0, bnl_right_get(database, "r", &got));
	EXPECT_TRUE(has_line(got, ONE));
	plist_free(got);
	/* By their own names only. */
	EXPECT_EQ(0, bnl_right_set(database, "r.", definition, NULL));
	EXPECT_EQ(-ENOENT, bnl_right_get(database, "r.x", &got));
	EXPECT_EQ(-ENOENT, bnl_right_remove(database, "r.x"));
	EXPECT_TRUE(FAILS(-EINVAL, "r", bnl_right_set(database, "r", wrong, &why)));
	EXPECT_EQ(-EINVAL, bnl_right_set(database, NULL, definition, NULL));
	EXPECT_EQ(-EINVAL, bnl_right_set(database, "r", NULL, NULL));
	/* It is a dictionary, but no database. */
	EXPECT_EQ(-EINVAL, bnl_right_set(wrong, "r", definition, NULL));
	EXPECT_EQ(0, plist_dict_get_size(wrong));
	EXPECT_EQ(-ENOENT, bnl_right_get(wrong, "r", &none));
	ASSERT_EQ(0, bnl_right_get(database, "r", &got));
	EXPECT_TRUE(has_line(got, ONE));
	plist_free(got);
	EXPECT_EQ(0, bnl_right_remove(database, "r"));
	EXPECT_EQ(-ENOENT, bnl_right_remove(database, "r"));
	plist_free(wrong);
	plist_free(definition);
	plist_free(database);
}

TEST(insertion)
{
	static const struct {
		const char *line[8], *mechanism, *plugin;
		bool before;
		int ret;
		const char *then;
	} rows[] = {
		{ { "a:1", "h:1", "b:1", "h:2", "c:1" }, "n:m", "h", true, 1,
		  "a:1 n:m h:1 b:1 h:2 c:1" },
		{ { "a:1", "h:1", "b:1", "h:2", "c:1" }, "n:m", "h", false, 1,
		  "a:1 h:1 b:1 h:2 n:m c:1" },
		{ { "h:1", "a:1" }, "n:m", "h", true, 1, "n:m h:1 a:1" },
		{ { "a:1", "h:1" }, "n:m", "h", false, 1, "a:1 h:1 n:m" },
		{ { "a:1" }, "n:m", "h", true, 1, "a:1 n:m" },
		{ { "a:1" }, "n:m,privileged", "h", false, 1,
		  "a:1 n:m,privileged" },
		{ { NULL }, "n:m", "h", true, 1, "n:m" },
		/* A plug-in's name is not the beginning of another's. */
		{ { "hh:1", "a:1" }, "n:m", "h", true, 1, "hh:1 a:1 n:m" },
		{ { "h:1", "n:m" }, "n:m", "h", true, 0, "h:1 n:m" },
		{ { "n:m", "h:1" }, "n:m", "h", false, 0, "n:m h:1" },
		{ { "h:1", "n:m,privileged" }, "n:m,PRIVILEGED", "h", true, 0,
		  "h:1 n:m,privileged" },
		/* The document's, between those that it has. */
		{ { AUTH, HOME, "HomeDirMechanism:status" }, ONE,
		  BNL_HOME_PLUGIN, false, 1,
		  AUTH " " HOME " HomeDirMechanism:status " ONE },
		{ { "a:1" }, "n:m,x", "h", true, -EINVAL, "a:1" },
		{ { "a:1", "wrong" }, "n:m", "h", true, -EINVAL, "a:1 wrong" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		plist_t definition = definition_of(rows[i].line);
		char *why = NULL;

		EXPECT_EQ(rows[i].ret,
			  bnl_mechanism_insert(definition, rows[i].mechanism,
					       rows[i].plugin, rows[i].before,
					       &why))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].ret < 0, !!why);
		EXPECT_TRUE(has_line(definition, rows[i].then))
			TH_LOG("row %zu", i);
		free(why);
		plist_free(definition);
	}
}

TEST(insertion_into_what_is_none)
{
	plist_t definition = plist_new_dict();

	EXPECT_TRUE(FAILS(-EINVAL, "class",
			  bnl_mechanism_insert(definition, "n:m", "h", true, &why)));
	plist_dict_set_item(definition, "class", plist_new_string("rule"));
	EXPECT_TRUE(FAILS(-ENOTSUP, "rule",
			  bnl_mechanism_insert(definition, "n:m", "h", true, &why)));
	EXPECT_EQ(1, plist_dict_get_size(definition));
	plist_free(definition);
}

TEST_HARNESS_MAIN
