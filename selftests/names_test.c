// SPDX-License-Identifier: GPL-2.0
/* Names: the good path of each command on them, and their text. */
#include "bootstrap_test.h"
#include "harness.h"

FIXTURE(names)
{
	int port;
	int tag;
};

FIXTURE_SETUP(names)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(42);
}

FIXTURE_TEARDOWN(names)
{
	close(self->port);
	close(self->tag);
}

TEST_F(names, register_look_up_unregister)
{
	int fd;

	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
	EXPECT_EQ(0, do_register(self->port, "a", self->tag));
	fd = do_look_up(self->port, "a");
	ASSERT_LE(0, fd);
	EXPECT_EQ(42, tag_of(fd));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	/* The same open file, so that a position moved here is moved there. */
	EXPECT_EQ(3, lseek(fd, 3, SEEK_SET));
	EXPECT_EQ(3, lseek(self->tag, 0, SEEK_CUR));
	close(fd);
	EXPECT_EQ(-EBUSY, do_register(self->port, "a", self->tag));
	EXPECT_EQ(0, do_unregister(self->port, "a"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
	EXPECT_EQ(-ENOENT, do_unregister(self->port, "a"));
	EXPECT_EQ(0, do_register(self->port, "a", self->tag));
}

TEST_F(names, shortest_look_up)
{
	struct bootstrap_look_up args = args_look_up("a");
	int fd;

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	args.size = BOOTSTRAP_LOOK_UP_SIZE_MIN;
	args.session = 7;
	args.info = 1;
	fd = call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args);
	EXPECT_LE(0, fd);
	EXPECT_EQ(42, tag_of(fd));
}

TEST_F(names, text)
{
	static const struct {
		const char *text;
		int ret;
	} texts[] = {
		{ "", -EINVAL },
		{ "com.example.service", 0 },
		{ " ~", 0 },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 0 },
		{ "\xc2\xa0", 0 },
		{ "\xee\x80\x80", 0 },
		{ "\xf4\x8f\xbf\xbf", 0 },
		{ "a\tb", -EILSEQ },
		{ "\x1f", -EILSEQ },
		{ "\x7f", -EILSEQ },
		{ "\xc2\x80", -EILSEQ },	/* C1 control */
		{ "\xc2\x9f", -EILSEQ },
		{ "\x80", -EILSEQ },		/* stray continuation */
		{ "\xc3", -EILSEQ },		/* cut short */
		{ "\xe2\x82", -EILSEQ },
		{ "\xf0\x9f\x98", -EILSEQ },
		{ "\xc3(", -EILSEQ },
		{ "\xc1\x81", -EILSEQ },	/* overlong */
		{ "\xe0\x80\xaf", -EILSEQ },
		{ "\xf0\x80\x82\xac", -EILSEQ },
		{ "\xed\xa0\x80", -EILSEQ },	/* surrogate */
		{ "\xf4\x90\x80\x80", -EILSEQ },	/* beyond Unicode */
		{ "\xf8\x88\x80\x80\x80", -EILSEQ },
		{ "\xff", -EILSEQ },
	};
	struct bootstrap_register args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		EXPECT_EQ(texts[i].ret,
			  do_register(self->port, texts[i].text, self->tag)) {
			TH_LOG("text %zu", i);
		}
	args = args_register("a\0b", self->tag);
	args.name_len = 3;
	EXPECT_EQ(-EILSEQ, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
}

/* Each byte counts, wherever it is among the words in which a text is read. */
TEST_F(names, bytes)
{
	char name[2 * sizeof(__u64) + 6], other[sizeof(name)];
	unsigned int len, at;
	int fd;

	for (len = 1; len < sizeof(name); len++) {
		memset(name, 'n', len);
		name[len] = '\0';
		ASSERT_EQ(0, do_register(self->port, name, self->tag));
		fd = do_look_up(self->port, name);
		ASSERT_EQ(42, tag_of(fd));
		close(fd);
		for (at = 0; at < len; at++) {
			strcpy(other, name);
			other[at] = '\x1f';
			ASSERT_EQ(-EILSEQ, do_look_up(self->port, other));
			other[at] = '\x7f';
			ASSERT_EQ(-EILSEQ, do_look_up(self->port, other));
			other[at] = '\xff';
			ASSERT_EQ(-EILSEQ, do_look_up(self->port, other));
			other[at] = '~';
			ASSERT_EQ(-ENOENT, do_look_up(self->port, other));
			ASSERT_EQ(0, do_register(self->port, other, self->tag));
			ASSERT_EQ(0, do_unregister(self->port, other));
		}
	}
}

TEST_F(names, length)
{
	char name[BOOTSTRAP_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[BOOTSTRAP_NAME_MAX + 1] = '\0';
	EXPECT_EQ(-ENAMETOOLONG, do_register(self->port, name, self->tag));
	EXPECT_EQ(-ENAMETOOLONG, do_look_up(self->port, name));
	EXPECT_EQ(-ENAMETOOLONG, do_unregister(self->port, name));
	name[BOOTSTRAP_NAME_MAX] = '\0';
	EXPECT_EQ(0, do_register(self->port, name, self->tag));
	EXPECT_EQ(0, look_up_result(self->port, name));
	/* One that is longer by a byte is another, and so is one shorter. */
	name[BOOTSTRAP_NAME_MAX - 1] = '\0';
	EXPECT_EQ(-ENOENT, do_look_up(self->port, name));
}

TEST_F(names, info)
{
	struct bootstrap_register args = args_register("a", self->tag);
	struct bootstrap_session session;
	struct bootstrap_info info;

	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 7;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_NE(0, args.generation);
	ASSERT_EQ(0, do_session(self->port, &session));
	ASSERT_LE(0, do_look_up_info(self->port, "a", &info));
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(BOOTSTRAP_INFO_PRIVILEGED | BOOTSTRAP_INFO_GROUP, info.flags);
	EXPECT_EQ(session.namespace_id, info.namespace_id);
	EXPECT_EQ(args.generation, info.generation);
	EXPECT_EQ(session.cookie, info.cookie);
	EXPECT_EQ(ROOT_ID, info.session);
	EXPECT_EQ(getpid(), info.pid);
	EXPECT_EQ(0, info.uid);
	EXPECT_EQ(0, info.gid);
	EXPECT_EQ(7, info.group);
	EXPECT_EQ(0, info.pad);
}

TEST_F(names, info_longer_than_known)
{
	struct {
		struct bootstrap_info info;
		char more[64];
	} info;
	struct bootstrap_look_up args = args_look_up("a");

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	memset(&info, 0xcc, sizeof(info));
	info.info.size = sizeof(info);
	args.info = (uintptr_t)&info;
	ASSERT_LE(0, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	/* The size tells how much was filled; the rest is left alone. */
	EXPECT_EQ(sizeof(info.info), info.info.size);
	EXPECT_EQ((char)0xcc, info.more[0]);
}

TEST_F(names, generations_never_repeat)
{
	struct bootstrap_register args = args_register("a", self->tag);
	__u64 last = 0;
	int i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
		EXPECT_LT(last, args.generation);
		last = args.generation;
		ASSERT_EQ(0, do_unregister(self->port, "a"));
	}
}

TEST_F(names, replace_own_generation_only)
{
	struct bootstrap_register args = args_register("a", self->tag);
	int other_port = port_open(), other_tag = tag_new(43), fd;
	__u64 first, second;

	args.replace = 1;
	EXPECT_EQ(-ENOENT, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	args.replace = 0;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	first = args.generation;

	args.fd = other_tag;
	args.replace = first + 1000;
	args.generation = 77;
	EXPECT_EQ(-EBUSY, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(77, args.generation);
	args.replace = first;
	EXPECT_EQ(-EPERM, call(other_port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	second = args.generation;
	EXPECT_LT(first, second);
	fd = do_look_up(self->port, "a");
	EXPECT_EQ(43, tag_of(fd));

	/* What was replaced does not come back, nor is it counted. */
	EXPECT_EQ(-EBUSY, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, do_unregister(self->port, "a"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
}

TEST_F(names, unregister_own_generation_only)
{
	struct bootstrap_register args = args_register("a", self->tag);
	struct bootstrap_name name = args_name("a");
	int other_port = port_open();

	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(-EPERM, do_unregister(other_port, "a"));
	EXPECT_EQ(-EPERM, do_take_over(other_port, "a"));
	name.generation = args.generation + 1;
	EXPECT_EQ(-ENOENT, call(self->port, BOOTSTRAP_IOC_UNREGISTER, &name));
	EXPECT_EQ(-ENOENT, call(self->port, BOOTSTRAP_IOC_TAKE_OVER, &name));
	EXPECT_EQ(0, look_up_result(self->port, "a"));
	name.generation = args.generation;
	EXPECT_EQ(0, call(self->port, BOOTSTRAP_IOC_UNREGISTER, &name));
}

TEST_F(names, group)
{
	struct bootstrap_register args = args_register("a", self->tag);
	gid_t groups[] = { 77 };
	pid_t pid;

	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 77;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, look_up_result(self->port, "a"));
	pid = fork();
	if (!pid) {
		become(ALICE);
		_exit(look_up_result(port_open(), "a") != -ENOENT);
	}
	EXPECT_EQ(0, child_result(pid));
	pid = fork();
	if (!pid) {
		setgroups(1, groups);
		if (setresgid(ALICE, ALICE, ALICE) || setresuid(ALICE, ALICE, ALICE))
			_exit(2);
		_exit(look_up_result(port_open(), "a") != 0);
	}
	EXPECT_EQ(0, child_result(pid));
	pid = fork();
	if (!pid) {
		setgroups(0, NULL);
		if (setresgid(ALICE, 77, ALICE) || setresuid(ALICE, ALICE, ALICE))
			_exit(2);
		_exit(look_up_result(port_open(), "a") != 0);
	}
	EXPECT_EQ(0, child_result(pid));
}

/* To whom a name is hidden it is not there, also if he would end it. */
TEST_F(names, hidden_names_are_not_told_of)
{
	pid_t pid = fork();

	if (!pid) {
		struct bootstrap_register args = args_register("h", self->tag);
		int port, other;

		log_in(ALICE);
		port = port_open();
		other = port_open();
		args.flags = BOOTSTRAP_REGISTER_GROUP;
		args.gid = 77;
		if (call(port, BOOTSTRAP_IOC_REGISTER, &args) ||
		    do_register(port, "v", self->tag))
			_exit(1);
		if (do_look_up(other, "h") != -ENOENT ||
		    do_unregister(other, "h") != -ENOENT ||
		    do_take_over(other, "h") != -ENOENT)
			_exit(2);
		args.replace = args.generation;
		if (call(other, BOOTSTRAP_IOC_REGISTER, &args) != -ENOENT)
			_exit(3);
		if (do_unregister(other, "v") != -EPERM ||
		    do_take_over(other, "v") != -EPERM)
			_exit(4);
		/* The port is the title to it nonetheless. */
		_exit(do_unregister(port, "h") != 0);
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_F(names, features)
{
	struct bootstrap_features features = { .size = sizeof(features) };

	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_FEATURES, &features));
	EXPECT_EQ(BOOTSTRAP_FEATURE_FILE_ENDPOINTS |
		  BOOTSTRAP_FEATURE_LOGIN_SESSIONS |
		  BOOTSTRAP_FEATURE_SERVICES | BOOTSTRAP_FEATURE_WAITING |
		  BOOTSTRAP_FEATURE_WATCHES | BOOTSTRAP_FEATURE_NAMESPACES |
		  BOOTSTRAP_FEATURE_LOGOUT |
		  BOOTSTRAP_FEATURE_STATISTICS,
		  features.features);
	EXPECT_EQ(BOOTSTRAP_NAME_MAX, features.name_max);
	EXPECT_EQ(65536, features.names_per_namespace);
	EXPECT_EQ(4096, features.names_per_user);
	EXPECT_EQ(1024, features.sessions_per_user);
	EXPECT_EQ(128, features.backlog);
	EXPECT_EQ(4096, features.backlog_max);
	EXPECT_EQ(1024, features.waits_per_user);
	EXPECT_EQ(128, features.watches_per_user);
	EXPECT_EQ(1024, features.subsets_per_user);
	EXPECT_EQ(1024, features.handles_per_user);
	EXPECT_EQ(100, features.subset_depth);
	EXPECT_EQ(64, features.deferrals_per_user);
}

TEST_HARNESS_MAIN
