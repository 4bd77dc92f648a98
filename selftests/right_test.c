// SPDX-License-Identifier: GPL-2.0
/* Services that were not declared: the receive right, and how its name lives. */
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/un.h>

#include "harness.h"
#include "service.h"

FIXTURE(kind)
{
	int port, right;
};

FIXTURE_VARIANT(kind)
{
	int asked, type;
};

FIXTURE_VARIANT_ADD(kind, by_default) { .asked = 0, .type = SOCK_STREAM };
FIXTURE_VARIANT_ADD(kind, seqpacket)
{
	.asked = SOCK_SEQPACKET, .type = SOCK_SEQPACKET,
};

FIXTURE_SETUP(kind)
{
	self->port = port_open();
	self->right = do_check_in_as(self->port, "service", 0, variant->asked,
				     0);
	ASSERT_LE(0, self->right);
}

FIXTURE_TEARDOWN(kind)
{
	close(self->right);
	close(self->port);
}

TEST_F(kind, a_connection_for_each_look_up)
{
	int clients[3], server, i;
	char c;

	EXPECT_EQ(FD_CLOEXEC, fcntl(self->right, F_GETFD));
	for (i = 0; i < 3; i++) {
		clients[i] = do_look_up(self->port, "service");
		ASSERT_LE(0, clients[i]);
		EXPECT_EQ(FD_CLOEXEC, fcntl(clients[i], F_GETFD));
		/* Clients need not wait with what they have to say. */
		c = '0' + i;
		ASSERT_EQ(1, write(clients[i], &c, 1));
	}
	for (i = 0; i < 3; i++) {
		server = accept_now(self->right);
		ASSERT_LE(0, server);
		ASSERT_EQ(1, read(server, &c, 1));
		EXPECT_EQ('0' + i, c);
		EXPECT_TRUE(connected(clients[i], server));
		close(clients[i]);
		EXPECT_EQ(0, read(server, &c, 1));
		close(server);
	}
	EXPECT_EQ(-EAGAIN, accept_now(self->right));
}

TEST_F(kind, type)
{
	int client = do_look_up(self->port, "service");
	int server = accept_now(self->right);
	char text[8];
	ssize_t n;

	EXPECT_EQ(AF_UNIX, option_of(self->right, SO_DOMAIN));
	EXPECT_EQ(variant->type, option_of(self->right, SO_TYPE));
	EXPECT_EQ(1, option_of(self->right, SO_ACCEPTCONN));
	EXPECT_EQ(AF_UNIX, option_of(client, SO_DOMAIN));
	EXPECT_EQ(variant->type, option_of(client, SO_TYPE));
	EXPECT_EQ(variant->type, option_of(server, SO_TYPE));
	EXPECT_EQ(0, option_of(client, SO_ACCEPTCONN));
	ASSERT_EQ(2, write(client, "ab", 2));
	ASSERT_EQ(1, write(client, "c", 1));
	n = read(server, text, sizeof(text));
	EXPECT_EQ(variant->type == SOCK_STREAM ? 3 : 2, n);
}

TEST_F(kind, info)
{
	__u32 flags = BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_ACTIVE |
		      BOOTSTRAP_INFO_PRIVILEGED;
	struct bootstrap_info info;

	ASSERT_LE(0, do_look_up_info(self->port, "service", &info));
	if (variant->type == SOCK_SEQPACKET)
		flags |= BOOTSTRAP_INFO_SEQPACKET;
	EXPECT_EQ(flags, info.flags);
	EXPECT_EQ(getpid(), (pid_t)info.pid);
}

TEST_F(kind, accept_blocks)
{
	pid_t pid = fork();
	int client;

	if (!pid) {
		int fd = accept(self->right, NULL, NULL);

		_exit(fd < 0 || write(fd, "x", 1) != 1);
	}
	client = do_look_up(self->port, "service");
	EXPECT_TRUE(readable(client, 10000));
	EXPECT_EQ(0, child_result(pid));
}

TEST_F(kind, accept_that_does_not_succeed)
{
	struct timeval soon = { .tv_usec = 1000 };

	alarms_on(0);
	EXPECT_EQ(-1, accept(self->right, NULL, NULL));
	EXPECT_EQ(EINTR, errno);
	alarms_off();
	ASSERT_EQ(0, setsockopt(self->right, SOL_SOCKET, SO_RCVTIMEO, &soon,
				sizeof(soon)));
	EXPECT_EQ(-1, accept(self->right, NULL, NULL));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, fcntl(self->right, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, accept(self->right, NULL, NULL));
	EXPECT_EQ(EAGAIN, errno);
	/* There is nothing to be read from a right, nor anybody to connect to. */
	EXPECT_EQ(-1, recv(self->right, &soon, 1, 0));
	EXPECT_EQ(-1, send(self->right, &soon, 1, MSG_NOSIGNAL));
}

TEST_F(kind, poll)
{
	EXPECT_EQ(0, events_of(self->right) & POLLIN);
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(POLLIN, events_of(self->right) & (POLLIN | POLLHUP));
	/* Also one whose client is gone is to be accepted. */
	EXPECT_EQ(1, drain(self->right));
	EXPECT_EQ(0, events_of(self->right) & POLLIN);
}

static int epoll_of(int fd, __u32 events)
{
	struct epoll_event event = { .events = events };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -1 : epoll;
}

TEST_F(kind, epoll)
{
	int level = epoll_of(self->right, EPOLLIN);
	int edge = epoll_of(self->right, EPOLLIN | EPOLLET);
	struct epoll_event event;

	EXPECT_EQ(0, epoll_wait(level, &event, 1, 0));
	EXPECT_EQ(0, epoll_wait(edge, &event, 1, 0));
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(1, epoll_wait(level, &event, 1, 0));
	EXPECT_EQ(1, epoll_wait(level, &event, 1, 0));
	EXPECT_EQ(1, epoll_wait(edge, &event, 1, 0));
	EXPECT_EQ(0, epoll_wait(edge, &event, 1, 0));
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(1, epoll_wait(edge, &event, 1, 0));
	EXPECT_EQ(2, drain(self->right));
	EXPECT_EQ(0, epoll_wait(level, &event, 1, 0));
}

static int serve_one_exclusively(int right)
{
	int epoll = epoll_of(right, EPOLLIN | EPOLLEXCLUSIVE), fd;
	struct epoll_event event;

	do {
		if (epoll_wait(epoll, &event, 1, 10000) != 1)
			return 1;
		fd = accept4(right, NULL, NULL, SOCK_NONBLOCK);
	} while (fd < 0 && errno == EAGAIN);
	return fd < 0;
}

/* Workers that share a right, as those of web servers do. */
TEST_F(kind, exclusive_epoll)
{
	pid_t pids[2];
	int i;

	ASSERT_EQ(0, fcntl(self->right, F_SETFL, O_NONBLOCK));
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(serve_one_exclusively(self->right));
	}
	for (i = 0; i < 2; i++)
		ASSERT_LE(0, do_look_up(self->port, "service"));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, child_result(pids[i]));
}

FIXTURE(right)
{
	int port, right;
};

FIXTURE_SETUP(right)
{
	self->port = port_open();
	self->right = do_check_in(self->port, "service");
	ASSERT_LE(0, self->right);
}

FIXTURE_TEARDOWN(right)
{
	close(self->right);
	close(self->port);
}

TEST_F(right, one_server)
{
	int other = port_open(), strict = BOOTSTRAP_CHECK_IN_STRICT;

	EXPECT_EQ(-EBUSY, do_check_in(self->port, "service"));
	EXPECT_EQ(-EBUSY, do_check_in(other, "service"));
	EXPECT_EQ(-EBUSY, do_register(other, "service", 0));
	EXPECT_EQ(-EEXIST, do_declare(other, "service"));
	EXPECT_EQ(-EBUSY, do_check_in_as(other, "service", strict, 0, 0));
	EXPECT_EQ(-ENOENT, do_check_in_as(other, "other", strict, 0, 0));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "other"));
}

TEST_F(right, free_once_closed)
{
	int i;

	for (i = 0; i < scaled(1000); i++) {
		close(self->right);
		self->right = do_check_in(self->port, "service");
		ASSERT_LE(0, self->right);
		/* Somebody has found it, and perhaps still holds it. */
		close(do_look_up(self->port, "service"));
		ASSERT_EQ(1, drain(self->right));
	}
	close(self->right);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	EXPECT_EQ(0, do_register(self->port, "service", 0));
}

/* The port is what it was asked for through, and no more. */
TEST_F(right, outlives_the_port)
{
	int other = port_open();

	close(self->port);
	EXPECT_EQ(0, look_up_result(other, "service"));
	close(self->right);
	EXPECT_EQ(-ENOENT, look_up_result(other, "service"));
	self->port = other;
	self->right = -1;
}

TEST_F(right, outlives_the_process_if_passed_on)
{
	struct bootstrap_info info;
	int sockets[2], right;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets));
	pid = fork();
	if (!pid)
		_exit(!send_fd(sockets[1], do_check_in(port_open(), "passed")));
	ASSERT_EQ(0, child_result(pid));
	/* It is nobody's but under way. */
	EXPECT_EQ(0, look_up_result(self->port, "passed"));
	right = receive_fd_from(sockets[0]);
	ASSERT_LE(0, right);
	EXPECT_EQ(1, drain(right));
	ASSERT_LE(0, do_look_up_info(self->port, "passed", &info));
	EXPECT_EQ(0, info.pid);
	EXPECT_EQ(1, drain(right));
	close(right);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "passed"));
}

TEST_F(right, ends_with_the_process)
{
	pid_t pid = fork();

	if (!pid)
		_exit(do_check_in(self->port, "brief") < 0 ||
		      look_up_result(self->port, "brief"));
	ASSERT_EQ(0, child_result(pid));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "brief"));
	EXPECT_LE(0, do_check_in(self->port, "brief"));
}

TEST_F(right, closed_while_it_is_in_flight)
{
	int sockets[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	ASSERT_TRUE(send_fd(sockets[0], self->right));
	close(self->right);
	EXPECT_EQ(0, look_up_result(self->port, "service"));
	close(sockets[1]);
	EXPECT_TRUE(eventually(do_look_up(self->port, "service") == -ENOENT));
	self->right = -1;
}

TEST_F(right, works_on_when_unregistered)
{
	int client = do_look_up(self->port, "service"), server, other;

	other = port_open();
	EXPECT_EQ(-EPERM, do_unregister(other, "service"));
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	server = accept_now(self->right);
	ASSERT_LE(0, server);
	EXPECT_TRUE(connected(client, server));
	/* The name is another's from now on. */
	other = do_check_in(self->port, "service");
	ASSERT_LE(0, other);
	ASSERT_LE(0, do_look_up(self->port, "service"));
	EXPECT_EQ(-EAGAIN, accept_now(self->right));
	EXPECT_EQ(1, drain(other));
	/* And not touched when the first is closed. */
	close(self->right);
	EXPECT_EQ(0, look_up_result(self->port, "service"));
	EXPECT_EQ(1, drain(other));
	self->right = other;
}

TEST_F(right, taken_over)
{
	struct bootstrap_info before, after;
	int ready[2], stop[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(stop));
	EXPECT_EQ(-EPERM, do_take_over(port_open(), "service"));
	ASSERT_LE(0, do_look_up_info(self->port, "service", &before));
	pid = fork();
	if (!pid) {
		c = do_take_over(self->port, "service") ? 'n' : 'y';
		_exit(write(ready[1], &c, 1) != 1 || linger(stop));
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	EXPECT_EQ('y', c);
	ASSERT_LE(0, do_look_up_info(self->port, "service", &after));
	EXPECT_EQ(pid, (pid_t)after.pid);
	EXPECT_EQ(before.generation, after.generation);
	EXPECT_EQ(before.flags, after.flags);
	EXPECT_EQ(2, drain(self->right));
	/* It has a copy of the right, too. */
	close(self->right);
	EXPECT_EQ(0, look_up_result(self->port, "service"));
	close(stop[1]);
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	self->right = -1;
}

TEST_F(right, replaced_by_a_file)
{
	struct bootstrap_register args = args_register("service", tag_new(7));
	struct bootstrap_info info;
	int client, server;

	client = do_look_up_info(self->port, "service", &info);
	args.replace = info.generation + 1;
	EXPECT_EQ(-EBUSY, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	args.replace = info.generation;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(7, tag_of(do_look_up(self->port, "service")));
	server = accept_now(self->right);
	EXPECT_TRUE(connected(client, server));
	close(self->right);
	EXPECT_EQ(7, tag_of(do_look_up(self->port, "service")));
	self->right = -1;
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, path);
	return address;
}

static int socket_connect(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), ret = 0;

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		ret = -errno;
	close(fd);
	return ret;
}

TEST_F(right, address_is_a_text)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address);
	int other, client;

	ASSERT_EQ(0, getsockname(self->right, (struct sockaddr *)&address,
				 &size));
	EXPECT_EQ(AF_UNIX, address.sun_family);
	EXPECT_STREQ("/bootstrap/service", address.sun_path);
	EXPECT_EQ(offsetof(struct sockaddr_un, sun_path) +
		  sizeof("/bootstrap/service"), size);
	client = do_look_up(self->port, "service");
	memset(&address, 0, size);
	ASSERT_EQ(0, getpeername(client, (struct sockaddr *)&address, &size));
	EXPECT_STREQ("/bootstrap/service", address.sun_path);
	EXPECT_EQ(-ENOENT, socket_connect("/bootstrap/service"));
	EXPECT_EQ(1, drain(self->right));

	/* Anybody may have it, and nobody hears of it. */
	mkdir("/bootstrap", 0755);
	other = socket(AF_UNIX, SOCK_STREAM, 0);
	ASSERT_EQ(0, bind(other, (struct sockaddr *)&address, size));
	ASSERT_EQ(0, listen(other, 1));
	EXPECT_EQ(0, socket_connect("/bootstrap/service"));
	EXPECT_EQ(-EAGAIN, accept_now(self->right));
	EXPECT_EQ(1, drain(other));
	EXPECT_EQ(0, look_up_result(self->port, "service"));
	EXPECT_EQ(1, drain(self->right));
	EXPECT_EQ(-EAGAIN, accept_now(other));
	close(other);
	EXPECT_EQ(-ECONNREFUSED, socket_connect("/bootstrap/service"));
	unlink("/bootstrap/service");
	/* It has one already, and keeps it. */
	EXPECT_EQ(-1, bind(self->right, (struct sockaddr *)&address, size));
}

TEST_F(right, address_is_cut_off)
{
	char name[BOOTSTRAP_NAME_MAX + 1] = { 0 };
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address);
	int right;

	memset(name, 'n', BOOTSTRAP_NAME_MAX);
	right = do_check_in(self->port, name);
	ASSERT_LE(0, right);
	ASSERT_EQ(0, getsockname(right, (struct sockaddr *)&address, &size));
	EXPECT_EQ(sizeof(address), size);
	EXPECT_EQ(0, memcmp("/bootstrap/nnn", address.sun_path, 14));
	EXPECT_EQ(sizeof(address.sun_path) - 1, strlen(address.sun_path));
	EXPECT_EQ(0, look_up_result(self->port, name));
	name[BOOTSTRAP_NAME_MAX - 1] = 'm';
	EXPECT_EQ(-ENOENT, look_up_result(self->port, name));
	EXPECT_EQ(1, drain(right));
}

static bool kernel_lists(const char *text)
{
	char line[512];
	FILE *file = fopen("/proc/net/unix", "re");
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found |= !!strstr(line, text);
	fclose(file);
	return found;
}

TEST_F(right, listed_by_the_kernel)
{
	EXPECT_TRUE(kernel_lists("/bootstrap/service\n"));
	close(self->right);
	EXPECT_TRUE(eventually(!kernel_lists("/bootstrap/service\n")));
	self->right = -1;
}

static int fill_table(void)
{
	int last;

	do {
		last = dup(0);
	} while (last >= 0);
	return errno;
}

/* Who cannot have a descriptor leaves nothing at the server, nor a name. */
TEST_F(right, full_descriptor_table)
{
	struct bootstrap_check_in args = args_check_in("more");
	struct bootstrap_check_in before = args;
	int handle = do_declare(self->port, "other");

	ASSERT_LE(0, handle);
	ASSERT_EQ(EMFILE, fill_table());
	EXPECT_EQ(-EMFILE, handle_check_in(handle));
	EXPECT_EQ(-EMFILE, do_look_up(self->port, "service"));
	EXPECT_EQ(-EMFILE, call(self->port, BOOTSTRAP_IOC_CHECK_IN, &args));
	EXPECT_EQ(0, memcmp(&before, &args, sizeof(args)));
	EXPECT_EQ(-EMFILE, do_declare(self->port, "more"));
	close(dup(0));
	EXPECT_FALSE(readable(self->right, 0));
	close(0);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "more"));
	EXPECT_EQ(0, look_up_result(self->port, "service"));
	EXPECT_TRUE(readable(self->right, 0));
}

/* Nor does who cannot be told whose it is. */
TEST_F(right, look_up_that_faults)
{
	struct bootstrap_look_up args = args_look_up("service");

	args.info = 8;
	EXPECT_EQ(-EFAULT, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	EXPECT_FALSE(readable(self->right, 0));
}

TEST_HARNESS_MAIN
