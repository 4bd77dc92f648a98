// SPDX-License-Identifier: GPL-2.0
/* The samples of mechanisms, as they are built: that they do what they are to show. */
#include "engine.h"

#define SAMPLES "/tests/samples"
#define RESET_DIR "/usr/share/bootstrap/reset"
#define USER_HOME WORK "/home"
#define PUT USER_HOME "/.config/bootstrap"

FIXTURE(samples)
{
	pid_t logger;
};

FIXTURE_SETUP(samples)
{
	self->logger = engine_prepare();
	mkdir("/usr/share", 0755);
	mkdir("/usr/share/bootstrap", 0755);
	mkdir(PLUGIN_DIR "/org.example.script", 0755);
	if (system("cp " SAMPLES "/*.so " PLUGIN_DIR) ||
	    system("cp " SAMPLES "/check " PLUGIN_DIR "/org.example.script/"))
		abort();
	mount_empty("/usr/share/bootstrap");
	if (mkdir(RESET_DIR, 0755) || mkdir(USER_HOME, 0700) ||
	    chown(USER_HOME, ALICE, ALICE))
		abort();
	put_file(RESET_DIR "/one", "managed one\n", 0644);
	put_file(RESET_DIR "/two", "managed two\n", 0644);
	put_file(RESET_DIR "/.hidden", "", 0644);
	mkdir(RESET_DIR "/directory", 0755);
	*conversation = '\0';
	user_answer = "";
}

FIXTURE_TEARDOWN(samples)
{
	engine_clear(self->logger);
	unlink("/etc/nologin.reason");
}

static int run(int stretch)
{
	struct host host = start();
	int result = ask(&host, stretch);

	return host_end(&host) ? -2 : result;
}

/* A stretch after home, of a user whose home is USER_HOME. */
static int reach_home(int handle)
{
	struct host host = start();
	int result;

	asked_home = USER_HOME;
	result = handle < 0 ? ask(&host, AFTER) : ask_with(&host, AFTER, handle);
	return host_end(&host) ? -2 : result;
}

TEST_F(samples, null)
{
	RIGHT(0, "org.example.null:first", AUTH, "org.example.null:second,privileged",
	      HOME);
	EXPECT_EQ(ALLOW, run(BEFORE));
	LOGGED("org.example.null: AuthorizationPluginCreate, process ");
	LOGGED("org.example.null: MechanismCreate first");
	LOGGED("org.example.null: MechanismInvoke first: uid -2, session 0, euid 990");
	LOGGED("org.example.null: SetResult first: 0");
	LOGGED("org.example.null: MechanismDestroy first");
	LOGGED("org.example.null: PluginDestroy, process ");
	EXPECT_EQ(ALLOW, run(BETWEEN));
	LOGGED("org.example.null: MechanismInvoke second: uid 1000, session 0, euid 0");
}

TEST_F(samples, null_is_interrupted)
{
	script("again", HAS("worldChanged") " && exit 0\n"
	       SAY("{\"result\":\"allow\"}") "sleep 1\n"
	       SAY("{\"interrupt\":true}") "sleep 471110\n");
	script("wait", "sleep 3");
	RIGHT(0, "t:again,privileged", "org.example.null:first", "t:wait,privileged",
	      AUTH);
	EXPECT_EQ(ALLOW, run(BEFORE));
	LOGGED("org.example.null: MechanismDeactivate first");
}

TEST_F(samples, script)
{
	script("look", NOTE("look"));
	RIGHT(1, AUTH, "org.example.script:check", "t:look,privileged", HOME);
	EXPECT_EQ(ALLOW, run(BETWEEN));
	EXPECT_TRUE(has("look", "\"org.example.script.checked\":true"));
	EXPECT_STREQ("", conversation);
	put_file("/etc/nologin.reason", "The \"disk\" is\nbeing \\ changed.", 0644);
	EXPECT_EQ(UNDEFINED, run(BETWEEN));
	EXPECT_STREQ("3 The disk is being  changed.\n", conversation);
	/* What it says is in the log, with whom it is about. */
	asked_uid = 0;
	EXPECT_EQ(ALLOW, run(BETWEEN));
	asked_uid = ALICE;
	LOGGED("org.example.script:check: root may always");
}

static bool is_managed(void)
{
	struct stat st;

	return !strcmp(file_text(PUT "/one"), "managed one\n") &&
	       !strcmp(file_text(PUT "/two"), "managed two\n") &&
	       !stat(PUT "/one", &st) && st.st_uid == ALICE &&
	       st.st_gid == ALICE && (st.st_mode & 07777) == 0600 &&
	       access(PUT "/.hidden", F_OK) && access(PUT "/directory", F_OK) &&
	       access(PUT "/.one.new", F_OK);
}

/* Alone it works in silence. */
TEST_F(samples, reset)
{
	script("look", NOTE("look"));
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged",
	      "t:look,privileged");
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_TRUE(is_managed());
	EXPECT_TRUE(has("look", "\"org.example.reset.count\":\"2\""));
	LOGGED("privileged plug-ins: directory: ");
	/* Again, over what she made of it. */
	put_file(PUT "/one", "hers, and longer than before\n", 0644);
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_TRUE(is_managed());
	EXPECT_STREQ("", conversation);
}

/* What she put there leads nobody anywhere. */
TEST_F(samples, reset_among_links)
{
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged");
	put_file(WORK "/roots", "root's\n", 0600);
	ASSERT_EQ(0, mkdir(USER_HOME "/.config", 0755));
	ASSERT_EQ(0, mkdir(PUT, 0755));
	ASSERT_EQ(0, chown(USER_HOME "/.config", ALICE, ALICE));
	ASSERT_EQ(0, chown(PUT, ALICE, ALICE));
	ASSERT_EQ(0, symlink(WORK "/roots", PUT "/one"));
	ASSERT_EQ(0, symlink(WORK "/roots", PUT "/.two.new"));
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_TRUE(is_managed());
	EXPECT_STREQ("root's\n", file_text(WORK "/roots"));
	/* A directory that is elsewhere is not gone into. */
	ASSERT_EQ(0, rename(PUT, WORK "/elsewhere"));
	ASSERT_EQ(0, symlink(WORK "/elsewhere", PUT));
	unlink(WORK "/elsewhere/one");
	EXPECT_EQ(ALLOW, reach_home(-1));
	LOGGED("privileged plug-ins: nothing was reset");
	EXPECT_NE(0, access(WORK "/elsewhere/one", F_OK));
	/* One that is not hers cannot be written to; root could. */
	unlink(PUT);
	ASSERT_EQ(0, mkdir(PUT, 0755));
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_NE(0, access(PUT "/one", F_OK));
}

TEST_F(samples, reset_without_a_user_or_files)
{
	RIGHT(0, "org.example.reset:files,privileged", AUTH);
	EXPECT_EQ(ALLOW, run(BEFORE));
	LOGGED("nobody is known to log in yet");
	RIGHT(0, "org.example.reset:other,privileged", AUTH);
	EXPECT_EQ(UNDEFINED, run(BEFORE));
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged");
	ASSERT_EQ(0, rename(RESET_DIR, RESET_DIR ".away"));
	EXPECT_EQ(ALLOW, reach_home(-1));
	LOGGED("privileged plug-ins: " RESET_DIR ": ");
}

/* By a name of the login's own they work together. */
TEST_F(samples, pair)
{
	int port = port_open(), handle = do_pre_login(port);

	ASSERT_LE(0, handle);
	RIGHT(0, AUTH, HOME, "org.example.progress:begin",
	      "org.example.reset:files,privileged", "org.example.progress:end");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_TRUE(is_managed());
	EXPECT_NE(NULL, strstr(conversation, "2 Resetting one\n"));
	EXPECT_NE(NULL, strstr(conversation, "2 Resetting two\n"));
	/* At the end, whatever came first. */
	EXPECT_STREQ("2 2 files were reset.\n",
		     conversation + strlen("2 Resetting one\n2 Resetting two\n"));
	close(handle);
	close(port);
}

/* Without the other, and without a namespace, it keeps nobody out. */
TEST_F(samples, progress_alone)
{
	RIGHT(0, "org.example.progress:begin", "org.example.progress:end", AUTH);
	EXPECT_EQ(ALLOW, run(BEFORE));
	EXPECT_STREQ("", conversation);
}

TEST_HARNESS_MAIN
