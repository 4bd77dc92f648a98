// SPDX-License-Identifier: GPL-2.0
/* Names and file endpoints: each command's good path, lifetimes, refusals. */
#include <pthread.h>

#include "bootstrap_test.h"
#include "../kselftest_harness.h"

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

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		EXPECT_EQ(texts[i].ret,
			  do_register(self->port, texts[i].text, self->tag)) {
			TH_LOG("text %zu", i);
		}
	args = args_register("a\0b", self->tag);
	args.name_len = 3;
	EXPECT_EQ(-EILSEQ, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
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

TEST_F(names, gone_at_close)
{
	int port = port_open(), dup_port, pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	dup_port = dup(port);
	ASSERT_EQ(0, do_register(port, "a", pipes[1]));
	close(pipes[1]);
	close(port);
	EXPECT_EQ(0, look_up_result(self->port, "a"));
	EXPECT_FALSE(hangs_up(pipes[0], 0));
	close(dup_port);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
	EXPECT_TRUE(hangs_up(pipes[0], 1000));
}

TEST_F(names, gone_at_exit_though_port_is_open)
{
	int pipes[2], port = port_open();
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid)
		_exit(do_register(port, "a", pipes[1]) != 0);
	ASSERT_EQ(0, child_result(pid));
	close(pipes[1]);
	EXPECT_TRUE(hangs_up(pipes[0], 1000));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
	/* The port is as good as before. */
	EXPECT_EQ(0, do_register(port, "a", self->tag));
}

static void *wait_for_hangup(void *arg)
{
	char c;

	read(*(int *)arg, &c, 1);
	_exit(0);
}

/* The holder of a name is the process, not the thread that registered it. */
TEST_F(names, kept_while_a_thread_lives)
{
	int port = port_open(), stop[2], ready[2];
	pthread_t thread;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(stop));
	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		close(stop[1]);
		if (pthread_create(&thread, NULL, wait_for_hangup, &stop[0]) ||
		    do_register(port, "a", self->tag))
			_exit(1);
		write(ready[1], "r", 1);
		/* The leader alone, not exit_group(). */
		syscall(SYS_exit, 0);
	}
	close(stop[0]);
	ASSERT_EQ(1, read(ready[0], &c, 1));
	usleep(200000);
	EXPECT_EQ(0, look_up_result(self->port, "a"));
	close(stop[1]);
	ASSERT_EQ(0, child_result(pid));
	usleep(100000);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
}

TEST_F(names, take_over_by_forked_daemon)
{
	struct bootstrap_info before, after;
	int port = port_open(), ready[2], stop[2];
	pid_t parent, daemon = -1;
	char c;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(stop));
	parent = fork();
	if (!parent) {
		if (do_register(port, "a", self->tag))
			_exit(1);
		do_look_up_info(port, "a", &before);
		daemon = fork();
		if (!daemon) {
			close(stop[1]);
			c = do_take_over(port, "a") ? 'n' : 'y';
			if (write(ready[1], &c, 1) == 1)
				read(stop[0], &c, 1);
			_exit(0);
		}
		if (read(ready[0], &c, 1) != 1 || c != 'y')
			_exit(2);
		do_look_up_info(port, "a", &after);
		_exit(after.pid == (__u32)daemon &&
		      after.generation == before.generation ? 0 : 3);
	}
	close(stop[0]);
	EXPECT_EQ(0, child_result(parent));
	close(port);
	usleep(100000);
	ASSERT_LE(0, do_look_up_info(self->port, "a", &after));
	EXPECT_NE((__u32)parent, after.pid);
	EXPECT_NE(0, after.pid);
	close(stop[1]);
	usleep(200000);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
}

TEST_F(names, sticky_outlives_process_and_port)
{
	struct bootstrap_register args = args_register("a", self->tag);
	struct bootstrap_info info;
	pid_t pid = fork();

	if (!pid) {
		int port = port_open();

		args.flags = BOOTSTRAP_REGISTER_STICKY;
		_exit(call(port, BOOTSTRAP_IOC_REGISTER, &args) != 0);
	}
	ASSERT_EQ(0, child_result(pid));
	usleep(100000);
	ASSERT_LE(0, do_look_up_info(self->port, "a", &info));
	EXPECT_EQ(BOOTSTRAP_INFO_STICKY | BOOTSTRAP_INFO_PRIVILEGED, info.flags);
	/* Who registered it is gone, and its number perhaps another's. */
	EXPECT_EQ(0, info.pid);
	EXPECT_EQ(-EBUSY, do_register(self->port, "a", self->tag));
	EXPECT_EQ(-EPERM, do_take_over(self->port, "a"));
	/* Its uid may end it, through any port. */
	EXPECT_EQ(0, do_unregister(self->port, "a"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
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

TEST_F(names, refused_endpoints)
{
	int path = open("/", O_PATH), other = port_open();
	__u32 params[30] = { 0 };
	int ring;

	EXPECT_EQ(-EBADF, do_register(self->port, "a", -1));
	EXPECT_EQ(-EBADF, do_register(self->port, "a", 9999));
	EXPECT_EQ(-EBADF, do_register(self->port, "a", path));
	EXPECT_EQ(-ELOOP, do_register(self->port, "a", self->port));
	EXPECT_EQ(-ELOOP, do_register(self->port, "a", other));
	ring = syscall(SYS_io_uring_setup, 4, params);
	ASSERT_LE(0, ring);
	EXPECT_EQ(-EBADF, do_register(self->port, "a", ring));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
}

/* All kinds that a program might think of. */
TEST_F(names, any_other_file)
{
	int sockets[2], pipes[2], epoll = syscall(SYS_epoll_create1, 0), i;
	int files[8];
	char name[8];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	ASSERT_EQ(0, pipe(pipes));
	files[0] = sockets[0];
	files[1] = pipes[1];
	files[2] = epoll;
	files[3] = open("/", O_RDONLY | O_DIRECTORY);
	files[4] = open("/dev/null", O_RDWR);
	files[5] = syscall(SYS_pidfd_open, getpid(), 0);
	files[6] = syscall(SYS_eventfd2, 0, 0);
	files[7] = open("/proc/self/status", O_RDONLY);
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		ASSERT_LE(0, files[i]);
		EXPECT_EQ(0, do_register(self->port, name, files[i]));
		EXPECT_EQ(0, look_up_result(self->port, name));
	}
}

TEST_F(names, access_mode_stays)
{
	int fd, null = open("/dev/null", O_RDONLY);

	ASSERT_EQ(0, do_register(self->port, "a", null));
	fd = do_look_up(self->port, "a");
	EXPECT_EQ(O_RDONLY, fcntl(fd, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EBADF, errno);
}

/* Nothing is told, and nothing kept, if there is no room for the descriptor. */
TEST_F(names, full_descriptor_table)
{
	struct bootstrap_look_up args = args_look_up("a");
	struct bootstrap_info info, poison;
	int last;

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	do {
		last = dup(self->tag);
	} while (last >= 0);
	ASSERT_EQ(EMFILE, errno);
	memset(&info, 0xcc, sizeof(info));
	info.size = sizeof(info);
	poison = info;
	args.info = (uintptr_t)&info;
	EXPECT_EQ(-EMFILE, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	EXPECT_EQ(0, memcmp(&info, &poison, sizeof(info)));
	args.info = 0;
	EXPECT_EQ(-EMFILE, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
}

/* The file goes with the name, though the name was just looked up. */
TEST_F(names, file_goes_promptly)
{
	int pipes[2], fd;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, do_register(self->port, "a", pipes[1]));
	close(pipes[1]);
	fd = do_look_up(self->port, "a");
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, do_unregister(self->port, "a"));
	EXPECT_FALSE(hangs_up(pipes[0], 0));
	close(fd);
	EXPECT_TRUE(hangs_up(pipes[0], 0));
}

/* A descriptor of the port waits in the socket that is registered through it. */
TEST_F(names, cycle_of_port_in_registered_socket)
{
	struct peer_message message = { 0 };
	int sockets[2], pipes[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid) {
		int port = port_open();

		close(pipes[0]);
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) ||
		    do_register(port, "cycle", sockets[0]) ||
		    do_register(port, "pipe", pipes[1]))
			_exit(1);
		/* Queued at the registered end, and its sender goes. */
		_exit(!peer_send(sockets[1], &message, port));
	}
	close(pipes[1]);
	ASSERT_EQ(0, child_result(pid));
	EXPECT_TRUE(hangs_up(pipes[0], 1000));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "cycle"));
}

/* Two sockets, each registered through the port that waits in the other. */
TEST_F(names, cycle_of_two_ports)
{
	struct peer_message message = { 0 };
	int a[2], b[2], pipes[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid) {
		int port_a = port_open(), port_b = port_open();

		close(pipes[0]);
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, a) ||
		    socketpair(AF_UNIX, SOCK_STREAM, 0, b) ||
		    do_register(port_a, "a", a[0]) ||
		    do_register(port_b, "b", b[0]) ||
		    do_register(port_a, "pipe", pipes[1]))
			_exit(1);
		_exit(!peer_send(a[1], &message, port_b) ||
		      !peer_send(b[1], &message, port_a));
	}
	close(pipes[1]);
	ASSERT_EQ(0, child_result(pid));
	EXPECT_TRUE(hangs_up(pipes[0], 1000));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "b"));
}

struct page {
	struct bootstrap_list args;
	_Alignas(8) char buffer[4096];
};

static int list_page(int port, struct page *page, __u32 size)
{
	page->args.size = sizeof(page->args);
	page->args.buffer = (uintptr_t)page->buffer;
	page->args.buffer_size = size;
	return call(port, BOOTSTRAP_IOC_LIST, &page->args);
}

TEST_F(names, list_pages)
{
	const struct bootstrap_list_entry *entry;
	struct page page = { 0 };
	char name[32], expected[32];
	__u64 last = 0;
	__u32 i, seen = 0;

	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "list%u", i);
		ASSERT_EQ(0, do_register(self->port, name, self->tag));
	}
	for (;;) {
		memset(page.buffer, 0xcc, sizeof(page.buffer));
		ASSERT_EQ(0, list_page(self->port, &page, 1000));
		if (!page.args.count)
			break;
		EXPECT_EQ((char)0xcc, page.buffer[1000]);
		entry = (void *)page.buffer;
		for (i = 0; i < page.args.count; i++) {
			snprintf(expected, sizeof(expected), "list%u", seen++);
			EXPECT_STREQ(expected, (char *)entry + entry->name_offset);
			EXPECT_EQ(strlen(expected), entry->name_len);
			EXPECT_EQ(0, entry->length % 8);
			EXPECT_LT(last, entry->info.generation);
			EXPECT_EQ(getpid(), entry->info.pid);
			last = entry->info.generation;
			entry = (void *)((char *)entry + entry->length);
		}
		EXPECT_LE((char *)entry, page.buffer + 1000);
		/* What goes in between does not disturb the order. */
		if (seen < 200) {
			ASSERT_EQ(0, do_unregister(self->port, "list299"));
			ASSERT_EQ(0, do_register(self->port, "list299",
						 self->tag));
		}
	}
	EXPECT_EQ(300, seen);
}

TEST_F(names, list_sizes)
{
	struct page page = { 0 }, poison;
	const struct bootstrap_list_entry *entry = (void *)page.buffer;
	struct bootstrap_session session;
	__u32 size, needed = sizeof(*entry) + 8;

	ASSERT_EQ(0, list_page(self->port, &page, 0));
	EXPECT_EQ(0, page.args.count);
	ASSERT_EQ(0, do_session(self->port, &session));
	EXPECT_EQ(session.namespace_id, page.args.namespace_id);

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	for (size = 0; size < needed; size++) {
		memset(&page, 0, sizeof(page));
		memset(page.buffer, 0xcc, sizeof(page.buffer));
		poison = page;
		ASSERT_EQ(-EMSGSIZE, list_page(self->port, &page, size));
		EXPECT_EQ(needed, page.args.needed);
		EXPECT_EQ(0, page.args.count);
		EXPECT_EQ(0, page.args.cursor);
		EXPECT_EQ(0, page.args.namespace_id);
		EXPECT_EQ(0, memcmp(page.buffer, poison.buffer,
				    sizeof(page.buffer)));
	}
	ASSERT_EQ(0, list_page(self->port, &page, needed));
	EXPECT_EQ(1, page.args.count);
	EXPECT_EQ(needed, entry->length);
	EXPECT_EQ((char)0xcc, page.buffer[needed]);
	EXPECT_EQ(0, page.args.needed);
	/* A claim of more than any page is cut, not believed. */
	memset(&page.args, 0, sizeof(page.args));
	ASSERT_EQ(0, list_page(self->port, &page, ~0u));
	EXPECT_EQ(1, page.args.count);
	memset(&page.args, 0, sizeof(page.args));
	page.args.cursor = ~0ull;
	ASSERT_EQ(0, list_page(self->port, &page, sizeof(page.buffer)));
	EXPECT_EQ(0, page.args.count);
}

TEST_F(names, list_shows_what_may_be_looked_up)
{
	struct bootstrap_register args = args_register("secret", self->tag);
	struct page page = { 0 };
	pid_t pid;

	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 77;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	ASSERT_EQ(0, do_register(self->port, "open", self->tag));
	ASSERT_EQ(0, list_page(self->port, &page, sizeof(page.buffer)));
	EXPECT_EQ(2, page.args.count);
	pid = fork();
	if (!pid) {
		const struct bootstrap_list_entry *entry = (void *)page.buffer;

		become(ALICE);
		memset(&page, 0, sizeof(page));
		if (list_page(port_open(), &page, sizeof(page.buffer)))
			_exit(1);
		_exit(page.args.count != 1 ||
		      strcmp((char *)entry + entry->name_offset, "open"));
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_F(names, features)
{
	struct bootstrap_features features = { .size = sizeof(features) };

	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_FEATURES, &features));
	EXPECT_EQ(BOOTSTRAP_FEATURE_FILE_ENDPOINTS |
		  BOOTSTRAP_FEATURE_LOGIN_SESSIONS, features.features);
	EXPECT_EQ(BOOTSTRAP_NAME_MAX, features.name_max);
	EXPECT_EQ(65536, features.names_per_namespace);
	EXPECT_EQ(4096, features.names_per_user);
	EXPECT_EQ(1024, features.sessions_per_user);
}

TEST_HARNESS_MAIN
