// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanisms: their texts, their programs and who may have had a hand in them, and
 * what the check of a database has to say.
 */
#include "authorization.h"
#include "harness.h"

FIXTURE(mechanisms) {
	int nothing;
};

FIXTURE_SETUP(mechanisms)
{
	have_own_files();
}

FIXTURE_TEARDOWN(mechanisms)
{
}

static char name_of_255[256], text_of_256[300], text_of_255[300];

static void make_long_texts(void)
{
	memset(name_of_255, 'n', 255);
	snprintf(text_of_255, sizeof(text_of_255), "%s:m", name_of_255);
	snprintf(text_of_256, sizeof(text_of_256), "a%s:m", name_of_255);
}

TEST(good_texts)
{
	static const struct {
		const char *text, *plugin, *name;
		bool privileged;
		enum bnl_kind kind;
	} rows[] = {
		{ "a:b", "a", "b", false, BNL_KIND_PLUGIN },
		{ "a:b,privileged", "a", "b", true, BNL_KIND_PLUGIN },
		{ "a:b,PriviLeged", "a", "b", true, BNL_KIND_PLUGIN },
		{ "org.example.x:m-1_2", "org.example.x", "m-1_2", false,
		  BNL_KIND_PLUGIN },
		{ "a b:c d", "a b", "c d", false, BNL_KIND_PLUGIN },
		{ "\303\244:\303\266", "\303\244", "\303\266", false,
		  BNL_KIND_PLUGIN },
		{ text_of_255, name_of_255, "m", false, BNL_KIND_PLUGIN },
		{ BNL_AUTHENTICATE, "builtin", "authenticate", false,
		  BNL_KIND_AUTHENTICATE },
		{ AUTH, "builtin", "authenticate", true, BNL_KIND_AUTHENTICATE },
		{ "builtin:authenticat", "builtin", "authenticat", false,
		  BNL_KIND_PLUGIN },
		{ "builtins:authenticate", "builtins", "authenticate", false,
		  BNL_KIND_PLUGIN },
		{ HOME, BNL_HOME_PLUGIN, "login", true, BNL_KIND_HOME },
		{ "HomeDirMechanism:status", BNL_HOME_PLUGIN, "status", false,
		  BNL_KIND_HOME },
		{ "homedirmechanism:login", "homedirmechanism", "login", false,
		  BNL_KIND_PLUGIN },
	};
	size_t i;

	make_long_texts();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bnl_mechanism mechanism;
		char *why = (char *)rows;

		ASSERT_EQ(0, bnl_mechanism_parse(rows[i].text, &mechanism, &why))
			TH_LOG("%s", rows[i].text);
		EXPECT_EQ((char *)rows, why);
		EXPECT_STREQ(rows[i].plugin, mechanism.plugin);
		EXPECT_STREQ(rows[i].name, mechanism.name);
		EXPECT_EQ(rows[i].privileged, mechanism.privileged);
		EXPECT_EQ(rows[i].kind, bnl_mechanism_kind(&mechanism))
			TH_LOG("%s", rows[i].text);
	}
}

TEST(bad_texts)
{
	static const char *const rows[] = {
		"", "a", ":", "a:", ":b", "a:b:c", "a/b:c", "a:b/c", "a:..",
		"..:a", ".:a", "a:.", ".a:b", "a:.b", "a,b:c", "a:,privileged",
		"a:b,", "a:b,privilege", "a:b,privilegedd", "a:b, privileged",
		"a:b,privileged,privileged", "a:b,root", "a\n:b", "a:b\x1f",
		"a:\x7f", "a:b,privileged\n", text_of_256,
	};
	struct bnl_mechanism mechanism;
	size_t i;

	make_long_texts();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&mechanism, 0x5a, sizeof(mechanism));
		EXPECT_TRUE(FAILS(-EINVAL, rows[i],
				  bnl_mechanism_parse(rows[i], &mechanism, &why)))
			TH_LOG("%s", rows[i]);
		EXPECT_EQ(0x5a, *mechanism.plugin);
		EXPECT_EQ(-EINVAL, bnl_mechanism_parse(rows[i], &mechanism, NULL));
	}
	EXPECT_EQ(-EINVAL, bnl_mechanism_parse(NULL, &mechanism, NULL));
}

/* What a right of these mechanisms is told, or "". */
static char *complaints_of(plist_t database)
{
	char *why = NULL;

	if (!bnl_database_check(database, PLUGINS_DIR, &why))
		return strdup("");
	return why;
}

TEST_F(mechanisms, check)
{
	static const struct {
		const char *line[8], *part;
	} rows[] = {
		{ { NULL }, "" },
		{ { ONE, AUTH, TWO, HOME, "HomeDirMechanism:status", THREE }, "" },
		{ { BNL_AUTHENTICATE, ONE }, "" },
		{ { AUTH, AUTH }, "r: builtin:authenticate stands there twice" },
		{ { AUTH, BNL_AUTHENTICATE }, "twice" },
		{ { ONE, AUTH, ONE }, "r: p:one stands there twice" },
		{ { HOME, HOME }, "r: HomeDirMechanism:login stands" },
		{ { HOME, AUTH }, "r: builtin:authenticate stands behind" },
		{ { "p:four,privileged" }, "p/four: No such file" },
		{ { "builtin:auto-login,privileged" }, "builtin" },
		{ { "p:one" }, "r: p:one: there is no user" },
		{ { ONE, "wrong" }, "r: wrong" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		plist_t database = database_of("r", definition_of(rows[i].line));
		char *said = complaints_of(database);

		ASSERT_NE(NULL, said);
		EXPECT_TRUE(*rows[i].part ? !!strstr(said, rows[i].part) : !*said)
			TH_LOG("row %zu: %s", i, said);
		EXPECT_EQ(NULL, strchr(said, '\n'));
		EXPECT_EQ(*rows[i].part ? -EINVAL : 0,
			  bnl_database_check(database, PLUGINS_DIR, NULL));
		free(said);
		plist_free(database);
	}
}

TEST_F(mechanisms, check_says_all_that_is_wrong)
{
	plist_t database = database_of("a", DEFINITION("p:no,privileged", "p:one"));
	plist_t rights = plist_dict_get_item(database, "rights");
	char *said;

	plist_dict_set_item(rights, "b", plist_new_string("x"));
	plist_dict_set_item(rights, "", DEFINITION(HOME, AUTH));
	plist_dict_set_item(rights, "fine", DEFINITION(ONE));
	said = complaints_of(database);
	EXPECT_NE(NULL, strstr(said, "a: p:no: "));
	EXPECT_NE(NULL, strstr(said, "\na: p:one: "));
	EXPECT_NE(NULL, strstr(said, "\nb: "));
	EXPECT_NE(NULL, strstr(said, "\nthe default right: "));
	EXPECT_EQ(NULL, strstr(said, "fine"));
	free(said);
	plist_dict_remove_item(database, "rights");
	EXPECT_TRUE(FAILS(-EINVAL, "rights",
			  bnl_database_check(database, PLUGINS_DIR, &why)));
	plist_free(database);
}

static int find(const char *text, const char *directory, char **ret_path,
		char **ret_why)
{
	struct bnl_mechanism mechanism;

	if (bnl_mechanism_parse(text, &mechanism, NULL))
		abort();
	return bnl_mechanism_find(&mechanism, directory, ret_path, NULL, ret_why);
}

static bool finds(const char *text, const char *directory, const char *wanted)
{
	char *path = NULL;
	bool good = !find(text, directory, &path, NULL) && path &&
		    !strcmp(path, wanted) && !find(text, directory, NULL, NULL);

	if (!good)
		printf("# %s: %s, not %s\n", text, path ?: "nothing", wanted);
	free(path);
	return good;
}

#define FIND_FAILS(_err, _part)						\
({									\
	char *path_ = NULL;						\
	bool good_ = FAILS(_err, _part, find(ONE, PLUGINS_DIR, &path_, &why)); \
	good_ && !path_;						\
})

TEST_F(mechanisms, programs)
{
	EXPECT_TRUE(finds(ONE, PLUGINS_DIR, PLUGINS_DIR "/p/one"));
	ASSERT_EQ(0, symlink("plugins", WORK "/linked"));
	EXPECT_TRUE(finds(ONE, WORK "/linked", PLUGINS_DIR "/p/one"));
	EXPECT_TRUE(FAILS(-ENOENT, "p/none",
			  find("p:none,privileged", PLUGINS_DIR, NULL, &why)));
	EXPECT_TRUE(FAILS(-ENOENT, "/none",
			  find("none:x,privileged", PLUGINS_DIR, NULL, &why)));
	EXPECT_TRUE(FAILS(-ENOENT, WORK "/none",
			  find(ONE, WORK "/none", NULL, &why)));
	EXPECT_EQ('/', *bnl_plugin_directory());
}

/* Those that root does not run are for somebody to run, who gets to them. */
TEST_F(mechanisms, unprivileged)
{
	EXPECT_TRUE(FAILS(-ESRCH, "there is no user " BNL_USER,
			  find("p:one", PLUGINS_DIR, NULL, &why)));
	put_users(THE_USER);
	EXPECT_TRUE(finds("p:one", PLUGINS_DIR, PLUGINS_DIR "/p/one"));
	ASSERT_EQ(0, chmod(PLUGINS_DIR "/p/one", 0744));
	EXPECT_TRUE(FAILS(-EACCES, "/p/one: only root may use it",
			  find("p:one", PLUGINS_DIR, NULL, &why)));
	EXPECT_TRUE(finds(ONE, PLUGINS_DIR, PLUGINS_DIR "/p/one"));
	ASSERT_EQ(0, chmod(PLUGINS_DIR "/p/one", 0755));
	ASSERT_EQ(0, chmod(PLUGINS_DIR "/p", 0750));
	EXPECT_TRUE(FAILS(-EACCES, "/p: only root gets in",
			  find("p:one", PLUGINS_DIR, NULL, &why)));
	EXPECT_TRUE(finds(ONE, PLUGINS_DIR, PLUGINS_DIR "/p/one"));
}

static bool finds_object(const char *text, const char *wanted)
{
	struct bnl_mechanism mechanism;
	enum bnl_form form = BNL_FORM_PROGRAM;
	char *path = NULL;
	bool good;

	good = !bnl_mechanism_parse(text, &mechanism, NULL) &&
	       !bnl_mechanism_find(&mechanism, PLUGINS_DIR, &path, &form, NULL) &&
	       form == BNL_FORM_OBJECT && !strcmp(path, wanted);
	if (!good)
		printf("# %s: %s\n", text, path ?: "nothing");
	free(path);
	return good;
}

/* A shared object is all of a plug-in, whatever the mechanism is called. */
TEST_F(mechanisms, objects)
{
	struct bnl_mechanism mechanism;
	enum bnl_form form = BNL_FORM_OBJECT;

	put_users(THE_USER);
	put_file(PLUGINS_DIR "/o.so", "", 0644);
	EXPECT_TRUE(finds_object("o:any", PLUGINS_DIR "/o.so"));
	EXPECT_TRUE(finds_object("o:other,privileged", PLUGINS_DIR "/o.so"));
	/* What lies beside it in a directory is its own business. */
	put_file(PLUGINS_DIR "/p.so", "", 0600);
	EXPECT_TRUE(finds_object(ONE, PLUGINS_DIR "/p.so"));
	EXPECT_TRUE(FAILS(-EACCES, "/p.so: only root may use it",
			  find("p:one", PLUGINS_DIR, NULL, &why)));
	EXPECT_EQ(0, bnl_mechanism_parse(THREE, &mechanism, NULL));
	EXPECT_EQ(0, bnl_mechanism_find(&mechanism, PLUGINS_DIR, NULL, &form, NULL));
	EXPECT_EQ(BNL_FORM_PROGRAM, form);
	/* The rules are the same. */
	ASSERT_EQ(0, chmod(PLUGINS_DIR "/p.so", 0664));
	EXPECT_TRUE(FIND_FAILS(-EPERM, "/p.so: somebody other than root"));
	ASSERT_EQ(0, unlink(PLUGINS_DIR "/p.so"));
	ASSERT_EQ(0, symlink("o.so", PLUGINS_DIR "/p.so"));
	EXPECT_TRUE(finds_object(ONE, PLUGINS_DIR "/o.so"));
	ASSERT_EQ(0, unlink(PLUGINS_DIR "/p.so"));
	ASSERT_EQ(0, symlink("/bin/sh", PLUGINS_DIR "/p.so"));
	EXPECT_TRUE(FIND_FAILS(-EXDEV, "/p.so: leads out"));
	ASSERT_EQ(0, unlink(PLUGINS_DIR "/p.so"));
	ASSERT_EQ(0, symlink("none", PLUGINS_DIR "/p.so"));
	EXPECT_TRUE(FIND_FAILS(-ENOENT, "/none"));
	ASSERT_EQ(0, unlink(PLUGINS_DIR "/p.so"));
	ASSERT_EQ(0, mkdir(PLUGINS_DIR "/p.so", 0755));
	EXPECT_TRUE(FIND_FAILS(-EACCES, "/p.so: no shared object"));
}

TEST_F(mechanisms, programs_of_somebody_elses)
{
	static const char *const steps[] = {
		PLUGINS_DIR, PLUGINS_DIR "/p", PLUGINS_DIR "/p/one",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		ASSERT_EQ(0, chmod(steps[i], 0775));
		EXPECT_TRUE(FIND_FAILS(-EPERM, steps[i]));
		ASSERT_EQ(0, chmod(steps[i], 0757));
		EXPECT_TRUE(FIND_FAILS(-EPERM, steps[i]));
		ASSERT_EQ(0, chmod(steps[i], 01777));
		EXPECT_TRUE(FIND_FAILS(-EPERM, steps[i]));
		ASSERT_EQ(0, chmod(steps[i], 0755));
		ASSERT_EQ(0, chown(steps[i], ALICE, 0));
		EXPECT_TRUE(FIND_FAILS(-EPERM, steps[i]));
		ASSERT_EQ(0, chown(steps[i], 0, 0));
	}
	EXPECT_TRUE(finds(ONE, PLUGINS_DIR, PLUGINS_DIR "/p/one"));
}

TEST_F(mechanisms, programs_that_are_none)
{
	ASSERT_EQ(0, chmod(PLUGINS_DIR "/p/one", 0644));
	EXPECT_TRUE(FIND_FAILS(-EACCES, "p/one"));
	ASSERT_EQ(0, unlink(PLUGINS_DIR "/p/one"));
	ASSERT_EQ(0, mkdir(PLUGINS_DIR "/p/one", 0755));
	EXPECT_TRUE(FIND_FAILS(-EACCES, "p/one"));
	ASSERT_EQ(0, rmdir(PLUGINS_DIR "/p/one"));
	ASSERT_EQ(0, mkfifo(PLUGINS_DIR "/p/one", 0755));
	EXPECT_TRUE(FIND_FAILS(-EACCES, "p/one"));
	ASSERT_EQ(0, rename(PLUGINS_DIR "/p/two", WORK "/file"));
	EXPECT_TRUE(FAILS(-ENOTDIR, "file/p",
			  find(ONE, WORK "/file", NULL, &why)));
}

/* Has p:one be a link to this. */
static void link_one(const char *target)
{
	unlink(PLUGINS_DIR "/p/one");
	if (symlink(target, PLUGINS_DIR "/p/one"))
		abort();
}

TEST_F(mechanisms, links)
{
	static const struct {
		const char *target;
		int err;
		const char *path;	/* that is found, or complained of */
	} rows[] = {
		{ "two", 0, "/p/two" },
		{ "./two", 0, "/p/two" },
		{ "../q/three", 0, "/q/three" },
		{ "../p/..//q/./three", 0, "/q/three" },
		{ PLUGINS_DIR "/q/three", 0, "/q/three" },
		{ WORK "/linked/q/three", -EXDEV, "/p/one" },
		{ "../../out", -EXDEV, "" },
		{ "/bin/sh", -EXDEV, "/p/one" },
		{ PLUGINS_DIR "x/two", -EXDEV, "/p/one" },
		{ "../../plugins/p/two", -EXDEV, "" },
		{ "../../../../../../../../bin/sh", -EXDEV, "" },
		{ "one", -ELOOP, "/p/one" },
		{ "none", -ENOENT, "/p/none" },
		{ ".", -EACCES, "/p" },
		{ "two/x", -ENOTDIR, "/p/two/x" },
	};
	char text[128];
	size_t i;

	put_file(WORK "/out", "#!/bin/sh\n", 0755);
	ASSERT_EQ(0, symlink("plugins", WORK "/linked"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text), PLUGINS_DIR "%s", rows[i].path);
		link_one(rows[i].target);
		if (rows[i].err) {
			EXPECT_TRUE(FIND_FAILS(rows[i].err, text))
				TH_LOG("%s", rows[i].target);
		} else {
			EXPECT_TRUE(finds(ONE, PLUGINS_DIR, text));
		}
	}
	/* By the name that the caller has for it, it leads into it as well. */
	link_one(WORK "/linked/q/three");
	EXPECT_TRUE(finds(ONE, WORK "/linked", PLUGINS_DIR "/q/three"));
}

/* Whoever may change the link may choose what is run. */
TEST_F(mechanisms, links_of_somebody_elses)
{
	link_one("two");
	ASSERT_EQ(0, chown(PLUGINS_DIR "/p", ALICE, 0));
	EXPECT_TRUE(FIND_FAILS(-EPERM, PLUGINS_DIR "/p"));
	ASSERT_EQ(0, chown(PLUGINS_DIR "/p", 0, 0));
	ASSERT_EQ(0, lchown(PLUGINS_DIR "/p/one", ALICE, 0));
	EXPECT_TRUE(FIND_FAILS(-EPERM, PLUGINS_DIR "/p/one"));
	ASSERT_EQ(0, lchown(PLUGINS_DIR "/p/one", 0, 0));
	ASSERT_EQ(0, mkdir(PLUGINS_DIR "/hers", 0755));
	ASSERT_EQ(0, symlink("../q/three", PLUGINS_DIR "/hers/three"));
	ASSERT_EQ(0, chown(PLUGINS_DIR "/hers", ALICE, 0));
	link_one("../hers/three");
	EXPECT_TRUE(FIND_FAILS(-EPERM, PLUGINS_DIR "/hers"));
	ASSERT_EQ(0, chown(PLUGINS_DIR "/hers", 0, 0));
	EXPECT_TRUE(finds(ONE, PLUGINS_DIR, PLUGINS_DIR "/q/three"));
	ASSERT_EQ(0, unlink(PLUGINS_DIR "/q/three"));
	ASSERT_EQ(0, rename(PLUGINS_DIR "/q", PLUGINS_DIR "/r"));
	ASSERT_EQ(0, symlink("r", PLUGINS_DIR "/q"));
	put_file(PLUGINS_DIR "/r/three", "#!/bin/sh\n", 0755);
	EXPECT_TRUE(finds(THREE, PLUGINS_DIR, PLUGINS_DIR "/r/three"));
}

TEST_HARNESS_MAIN
