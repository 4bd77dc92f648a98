// SPDX-License-Identifier: GPL-2.0
/* File endpoints: what a name may stand for, and when it ends. */
#include <pthread.h>

#include "bootstrap_test.h"
#include "harness.h"

FIXTURE(endpoint)
{
	int port;
	int tag;
};

FIXTURE_SETUP(endpoint)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(42);
}

FIXTURE_TEARDOWN(endpoint)
{
	close(self->port);
	close(self->tag);
}

TEST_F(endpoint, gone_at_close)
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
	EXPECT_TRUE(hangs_up(pipes[0], 10000));
}

TEST_F(endpoint, gone_at_exit_though_port_is_open)
{
	int pipes[2], port = port_open();
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid)
		_exit(do_register(port, "a", pipes[1]) != 0);
	ASSERT_EQ(0, child_result(pid));
	close(pipes[1]);
	EXPECT_TRUE(hangs_up(pipes[0], 10000));
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
TEST_F(endpoint, kept_while_a_thread_lives)
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
	EXPECT_TRUE(eventually(look_up_result(self->port, "a") == -ENOENT));
}

TEST_F(endpoint, take_over_by_forked_daemon)
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
	EXPECT_TRUE(eventually(look_up_result(self->port, "a") == -ENOENT));
}

TEST_F(endpoint, sticky_outlives_process_and_port)
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

TEST_F(endpoint, refused_endpoints)
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
TEST_F(endpoint, any_other_file)
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

TEST_F(endpoint, access_mode_stays)
{
	int fd, null = open("/dev/null", O_RDONLY);

	ASSERT_EQ(0, do_register(self->port, "a", null));
	fd = do_look_up(self->port, "a");
	EXPECT_EQ(O_RDONLY, fcntl(fd, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EBADF, errno);
}

/* Nothing is told, and nothing kept, if there is no room for the descriptor. */
TEST_F(endpoint, full_descriptor_table)
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
TEST_F(endpoint, file_goes_promptly)
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
TEST_F(endpoint, cycle_of_port_in_registered_socket)
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
	EXPECT_TRUE(hangs_up(pipes[0], 10000));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "cycle"));
}

/* Two sockets, each registered through the port that waits in the other. */
TEST_F(endpoint, cycle_of_two_ports)
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
	EXPECT_TRUE(hangs_up(pipes[0], 10000));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "a"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "b"));
}

TEST_HARNESS_MAIN
