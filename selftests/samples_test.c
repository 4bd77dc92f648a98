// SPDX-License-Identifier: GPL-2.0
/*
 * The samples of mechanisms, as they are built: that they do what they are to show. What
 * a login's namespace is needed for takes the module; all else runs without it, too.
 */
#include "engine.h"

#define SAMPLES "/tests/samples"
#define RESET_DIR "/usr/share/bootstrap/reset"
#define USER_HOME WORK "/home"
#define CONFIG USER_HOME "/.config"
#define PUT CONFIG "/bootstrap"
#define PROGRESS "org.example.reset.progress"
#define COUNT "\"org.example.reset.count\":"

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

/* In the session, and with a uid that is no text and has a sign as a number. */
TEST_F(samples, null_in_a_session)
{
	RIGHT(0, AUTH, HOME, "org.example.null:third");
	asked_uid = 3000000000U;
	EXPECT_EQ(ALLOW, run(AFTER));
	asked_uid = ALICE;
	LOGGED("org.example.null: MechanismInvoke third: uid 3000000000, session 7, euid 990");
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
	/* Whatever is in the file, it can be said. */
	put_file("/etc/nologin.reason", "a\001\303\274\377\tb\r", 0644);
	*conversation = '\0';
	EXPECT_EQ(UNDEFINED, run(BETWEEN));
	EXPECT_STREQ("3 a???? b?\n", conversation);
	/* Nobody may speak to him, which changes nothing. */
	user_answer = NULL;
	EXPECT_EQ(UNDEFINED, run(BETWEEN));
	EXPECT_FALSE(log_has("no JSON object"));
}

/* What somebody claims to be called is no more than that. */
TEST_F(samples, script_is_not_misled)
{
	RIGHT(1, "org.example.script:check", AUTH);
	put_file("/etc/nologin.reason", "closed", 0644);
	asked_name = "x\",\"uid\":0,\"y\":\"";
	EXPECT_EQ(UNDEFINED, run(BEFORE));
	asked_name = "alice";
	EXPECT_STREQ("3 closed\n", conversation);
}

/* As she makes them. */
static void make_hers(const char *directory)
{
	if (mkdir(directory, 0755) || chown(directory, ALICE, ALICE))
		abort();
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
	EXPECT_TRUE(has("look", COUNT "\"2\""));
	LOGGED("privileged plug-ins: directory: Is a directory");
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
	make_hers(CONFIG);
	make_hers(PUT);
	ASSERT_EQ(0, symlink(WORK "/roots", PUT "/one"));
	ASSERT_EQ(0, symlink(WORK "/roots", PUT "/.two.new"));
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_TRUE(is_managed());
	EXPECT_STREQ("root's\n", file_text(WORK "/roots"));
	/* One file that has another name is not written through it. */
	put_file(WORK "/roots", "root's\n", 0666);
	unlink(PUT "/one");
	ASSERT_EQ(0, link(WORK "/roots", PUT "/one"));
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
	LOGGED("privileged plug-ins: one: Permission denied");
}

/* Neither is one further up, hers though it be. */
TEST_F(samples, reset_among_links_of_directories)
{
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged");
	make_hers(WORK "/elsewhere");
	ASSERT_EQ(0, symlink(WORK "/elsewhere", CONFIG));
	EXPECT_EQ(ALLOW, reach_home(-1));
	LOGGED("privileged plug-ins: " USER_HOME ": Not a directory");
	EXPECT_NE(0, access(WORK "/elsewhere/bootstrap", F_OK));
	/* Nor what is no directory at all, which somebody might wait at. */
	unlink(CONFIG);
	ASSERT_EQ(0, mkfifo(CONFIG, 0666));
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_EQ(0, unlink(CONFIG));
}

/* What cannot be replaced keeps nothing else from it, and leaves nothing behind. */
TEST_F(samples, reset_of_some)
{
	script("look", NOTE("look"));
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged",
	      "t:look,privileged");
	make_hers(CONFIG);
	make_hers(PUT);
	make_hers(PUT "/one");
	EXPECT_EQ(ALLOW, reach_home(-1));
	LOGGED("privileged plug-ins: one: Is a directory");
	EXPECT_TRUE(has("look", COUNT "\"1\""));
	EXPECT_STREQ("managed two\n", file_text(PUT "/two"));
	EXPECT_NE(0, access(PUT "/.one.new", F_OK));
	/* A pipe in its place is replaced; one to take is not waited for. */
	ASSERT_EQ(0, rmdir(PUT "/one"));
	ASSERT_EQ(0, mkfifo(PUT "/one", 0600));
	ASSERT_EQ(0, mkfifo(RESET_DIR "/pipe", 0644));
	/* What only root may read is not handed out. */
	put_file(RESET_DIR "/secret", "root's\n", 0600);
	EXPECT_EQ(ALLOW, reach_home(-1));
	EXPECT_TRUE(is_managed());
	LOGGED("privileged plug-ins: pipe: Invalid argument");
	LOGGED("privileged plug-ins: secret: Permission denied");
	EXPECT_NE(0, access(PUT "/secret", F_OK));
}

/* There is no room: what she has stays as it is. */
TEST_F(samples, reset_without_room)
{
	static char big[1 << 16];

	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged");
	make_hers(CONFIG);
	make_hers(PUT);
	ASSERT_EQ(0, mount("none", PUT, "tmpfs", 0, "size=16k,mode=777"));
	put_file(PUT "/big", "hers\n", 0644);
	memset(big, 'x', sizeof(big) - 1);
	put_file(RESET_DIR "/big", big, 0644);
	EXPECT_EQ(ALLOW, reach_home(-1));
	LOGGED("privileged plug-ins: big: No space left on device");
	EXPECT_STREQ("hers\n", file_text(PUT "/big"));
	EXPECT_TRUE(is_managed());
	EXPECT_NE(0, access(PUT "/.big.new", F_OK));
	umount(PUT);
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
	EXPECT_TRUE(eventually(do_look_up(handle, PROGRESS) == -ENOENT));
	/* One is no more than one. */
	*conversation = '\0';
	unlink(RESET_DIR "/two");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_STREQ("2 Resetting one\n2 1 file was reset.\n", conversation);
	/* Nobody can be told. */
	user_answer = NULL;
	unlink(PUT "/one");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_STREQ("managed one\n", file_text(PUT "/one"));
	close(handle);
	close(port);
}

/* How many lines of so many bytes the conversation had. */
static int count_lines(long len)
{
	const char *line = conversation, *end;
	int count = 0;

	for (; (end = strchr(line, '\n')); line = end + 1)
		count += end - line == len;
	return count;
}

/* More than a pipe holds, told one by one. */
TEST_F_TIMEOUT(samples, pair_has_much_to_do, 240)
{
	int port = port_open(), handle = do_pre_login(port), i;
	char path[300];

	ASSERT_LE(0, handle);
	for (i = 0; i < 400; i++) {
		snprintf(path, sizeof(path), RESET_DIR "/%0200d", i);
		put_file(path, "x", 0644);
	}
	RIGHT(0, AUTH, HOME, "org.example.progress:begin",
	      "org.example.reset:files,privileged", "org.example.progress:end");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_TRUE(is_managed());
	snprintf(path, sizeof(path), PUT "/%0200d", i - 1);
	EXPECT_STREQ("x", file_text(path));
	/* There is room for nine to be noted: each is whole. */
	EXPECT_LE(8, count_lines(strlen("2 Resetting ") + 200));
	close(handle);
	close(port);
}

/* Whoever has the name is told; no login waits for him, or ends with him. */
TEST_F(samples, reset_tells_anybody)
{
	int port = port_open(), handle = do_pre_login(port), ends[2];
	char text[128] = "";

	ASSERT_LE(0, handle);
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_TRUE(is_managed());
	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	ASSERT_EQ(0, do_register(handle, PROGRESS, ends[1]));
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_LT(0, read(ends[0], text, sizeof(text) - 1));
	EXPECT_NE(NULL, strstr(text, "Resetting one\n"));
	EXPECT_NE(NULL, strstr(text, "Resetting two\n"));
	/* It is full, and he does not read. */
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], text, sizeof(text)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	unlink(PUT "/one");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_TRUE(is_managed());
	/* He is gone. */
	close(ends[0]);
	unlink(PUT "/one");
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_TRUE(is_managed());
	EXPECT_FALSE(log_has("killed by signal"));
	close(ends[1]);
	close(handle);
	close(port);
}

/* Root writes to nothing that is no pipe, whatever the name stands for. */
TEST_F(samples, reset_writes_to_no_file)
{
	int port = port_open(), handle = do_pre_login(port), fd;

	ASSERT_LE(0, handle);
	RIGHT(0, AUTH, HOME, "org.example.reset:files,privileged");
	fd = open(WORK "/file", O_CREAT | O_RDWR | O_CLOEXEC, 0644);
	ASSERT_EQ(0, do_register(handle, PROGRESS, fd));
	EXPECT_EQ(ALLOW, reach_home(handle));
	EXPECT_TRUE(is_managed());
	EXPECT_STREQ("", file_text(WORK "/file"));
	close(fd);
	close(handle);
	close(port);
}

/* Without the other, and without a namespace, it keeps nobody out. */
TEST_F(samples, progress_alone)
{
	RIGHT(0, "org.example.progress:begin", "org.example.progress:end", AUTH);
	EXPECT_EQ(ALLOW, run(BEFORE));
	EXPECT_STREQ("", conversation);
	LOGGED("unprivileged plug-ins: " PROGRESS ": ");
	RIGHT(0, "org.example.progress:begun", AUTH);
	EXPECT_EQ(UNDEFINED, run(BEFORE));
}

TEST_HARNESS_MAIN
