// SPDX-License-Identifier: GPL-2.0
/*
 * The last of rights: those that nobody but themselves leads to, and those that
 * outlive the module. To be run after all others, since on some kernels the
 * collector of AF_UNIX makes lockdep complain, which then falls silent, and
 * since the module is loaded anew.
 */
#include "harness.h"
#include "service.h"

#define MODULE "/bootstrap.ko"

FIXTURE(cycle)
{
	int port, pipes[2];
};

FIXTURE_SETUP(cycle)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_EQ(0, pipe(self->pipes));
}

/* Whatever was parked there with the pipe's end is gone. */
FIXTURE_TEARDOWN(cycle)
{
	close(self->pipes[1]);
	/* The collector is set off by the next socket that is closed. */
	EXPECT_TRUE(eventually((close(socket(AF_UNIX, SOCK_STREAM, 0)),
				hangs_up(self->pipes[0], 0))));
	close(self->port);
}

/* A client that nobody accepts, with these in its queue. */
static bool park(int port, const char *name, const int *fds, int count)
{
	int client = do_look_up_nonblock(port, name), i;
	bool sent = client >= 0;

	for (i = 0; i < count; i++)
		sent &= send_fd(client, fds[i]);
	/* The other end waits in the right's queue as long as that lives. */
	close(client);
	return sent;
}

TEST_F(cycle, right_in_its_own_queue)
{
	int right = do_check_in(self->port, "service");
	int fds[2] = { right, self->pipes[1] };

	ASSERT_LE(0, right);
	ASSERT_TRUE(park(self->port, "service", fds, 2));
	close(right);
	EXPECT_TRUE(eventually((close(socket(AF_UNIX, SOCK_STREAM, 0)),
				do_look_up_nonblock(self->port, "service") ==
				-ENOENT)));
}

TEST_F(cycle, client_in_its_own_connection)
{
	int right = do_check_in(self->port, "service");
	int client = do_look_up(self->port, "service");

	ASSERT_LE(0, client);
	ASSERT_TRUE(send_fd(client, client));
	ASSERT_TRUE(send_fd(client, right));
	ASSERT_TRUE(send_fd(client, self->pipes[1]));
	close(client);
	close(right);
}

TEST_F(cycle, two_rights_in_each_others_queues)
{
	int a = do_check_in(self->port, "a"), b = do_check_in(self->port, "b");
	int in_a[2] = { b, self->pipes[1] }, in_b[2] = { a, self->pipes[1] };

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_TRUE(park(self->port, "a", in_a, 2));
	ASSERT_TRUE(park(self->port, "b", in_b, 2));
	close(a);
	close(b);
}

/* As long as it is declared, the collector leaves it alone; and then it goes. */
TEST_F(cycle, declared_right_in_its_own_queue)
{
	int handle = do_declare(self->port, "service");
	int right = handle_check_in(handle);
	int fds[3] = { right, handle, self->pipes[1] };

	ASSERT_LE(0, right);
	ASSERT_TRUE(park(self->port, "service", fds, 3));
	close(right);
	close(handle);
	close(self->pipes[1]);
	self->pipes[1] = -1;
	close(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_FALSE(hangs_up(self->pipes[0], 100));
	ASSERT_EQ(0, do_unregister(self->port, "service"));
}

/* Moved from one right to another while it was under way. */
TEST_F(cycle, moved_between_rights)
{
	struct peer server = peer_start(NULL, 0);
	int handle = do_declare(self->port, "service"), right, i;

	for (i = 0; i < 3; i++) {
		int fds[3];

		right = peer_handle_check_in(&server, handle);
		ASSERT_LE(0, right);
		fds[0] = right;
		fds[1] = handle;
		fds[2] = self->pipes[1];
		ASSERT_TRUE(park(self->port, "service", fds, 3));
		close(right);
		peer_kill(&server);
		ASSERT_TRUE(readable(handle, 10000));
		ASSERT_TRUE(park(self->port, "service", fds + 1, 2));
		close(socket(AF_UNIX, SOCK_STREAM, 0));
		server = peer_start(NULL, 0);
	}
	close(handle);
	right = -1;
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	peer_stop(&server);
}

/* Nobody is left who could withdraw it but the launcher's end. */
TEST_F(cycle, all_goes_with_the_launcher)
{
	pid_t pid = fork();

	if (!pid) {
		int port = port_open(), handle = do_declare(port, "service");
		int fds[4] = { handle, handle_check_in(handle), port,
			       self->pipes[1] };

		_exit(!park(port, "service", fds, 4));
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_TRUE(eventually(do_look_up_nonblock(self->port, "service") ==
			       -ENOENT));
}

FIXTURE(unload)
{
	int right, server, client;
	bool loaded;
};

static int load_module(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC), ret;

	/* As init has it; other tests look at what the module tells. */
	ret = syscall(SYS_finit_module, fd, "dyndbg=+p", 0) ? -errno : 0;
	close(fd);
	return ret;
}

static bool unload_module(void)
{
	return eventually(!syscall(SYS_delete_module, "bootstrap", 0));
}

FIXTURE_SETUP(unload)
{
	int port = port_open();

	self->right = do_check_in(port, "service");
	ASSERT_LE(0, self->right);
	self->client = do_look_up(port, "service");
	self->server = accept_now(self->right);
	ASSERT_LE(0, self->server);
	close(port);
	self->loaded = true;
}

FIXTURE_TEARDOWN(unload)
{
	if (!self->loaded)
		EXPECT_EQ(0, load_module());
	EXPECT_FALSE(access(DEVICE, R_OK | W_OK));
}

/* A handle is the module's own file; a right is not. */
TEST_F(unload, handle_holds_the_module)
{
	struct peer launcher = peer_start(NULL, 0);
	int handle = peer_declare(&launcher, "declared", 0, 0);

	ASSERT_LE(0, handle);
	peer_kill(&launcher);
	ASSERT_TRUE(eventually(events_of(handle) & POLLHUP));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "bootstrap", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	close(handle);
}

TEST_F(unload, rights_live_on)
{
	struct bootstrap_peer who;
	int waits, port, right, i;

	if (access(MODULE, F_OK))
		SKIP(return, "no module to load");
	port = port_open();
	waits = do_look_up(port, "service");
	close(port);
	ASSERT_TRUE(unload_module());
	self->loaded = false;
	EXPECT_TRUE(connected(self->client, self->server));
	i = accept_now(self->right);
	EXPECT_TRUE(connected(waits, i));
	EXPECT_TRUE(peer_cred_is(waits, getpid(), 0));
	EXPECT_EQ(-EAGAIN, accept_now(self->right));
	ASSERT_EQ(0, listen(self->right, 3));

	ASSERT_EQ(0, load_module());
	self->loaded = true;
	port = port_open();
	/* They are sockets like any other now. */
	EXPECT_EQ(-ENOENT, do_look_up(port, "service"));
	EXPECT_EQ(0, do_peer(port, self->server, &who));
	right = do_check_in(port, "service");
	ASSERT_LE(0, right);
	EXPECT_LE(0, do_look_up(port, "service"));
	EXPECT_EQ(-EAGAIN, accept_now(self->right));
	EXPECT_EQ(0, shutdown(self->right, SHUT_RDWR));
	close(self->right);
	EXPECT_EQ(1, drain(right));
	EXPECT_EQ(0, look_up_result(port, "service"));
}

/* The name of a session that goes on, with what waits at its service. */
TEST_F(unload, in_a_session_that_goes_on)
{
	int sockets[2], stop[2], right, client;
	pid_t pid;

	if (access(MODULE, F_OK))
		SKIP(return, "no module to load");
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets));
	ASSERT_EQ(0, pipe(stop));
	pid = fork();
	if (!pid) {
		int port;

		log_in(ALICE);
		port = port_open();
		if (!send_fd(sockets[1], do_check_in(port, "hers")) ||
		    !send_fd(sockets[1], do_look_up(port, "hers")))
			_exit(1);
		close(port);
		_exit(linger(stop));
	}
	right = receive_fd_from(sockets[0]);
	client = receive_fd_from(sockets[0]);
	ASSERT_LE(0, client);
	ASSERT_TRUE(unload_module());
	self->loaded = false;
	EXPECT_TRUE(connected(client, accept_now(right)));
	close(right);
	ASSERT_EQ(0, load_module());
	self->loaded = true;
	close(stop[1]);
	EXPECT_EQ(0, child_result(pid));
}

TEST_HARNESS_MAIN
