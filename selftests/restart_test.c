// SPDX-License-Identifier: GPL-2.0
/*
 * Servers of declared services that end, in each of the ways that they can, and
 * what becomes of those who wait: none is lost, none is served twice.
 */
#include "harness.h"
#include "service.h"

FIXTURE(restart)
{
	int port, handle;
	struct peer server;
};

FIXTURE_SETUP(restart)
{
	self->port = port_open();
	self->handle = do_declare(self->port, "service");
	ASSERT_LE(0, self->handle);
	self->server = peer_start(NULL, 0);
}

FIXTURE_TEARDOWN(restart)
{
	peer_stop(&self->server);
	close(self->handle);
	close(self->port);
}

/* A client that has said something; the server has not heard of it yet. */
static int client_new(int port, const char *name, char c)
{
	int fd = do_look_up_nonblock(port, name);

	return fd >= 0 && write(fd, &c, 1) != 1 ? -EIO : fd;
}

/* Does the next that waits at a right say this? */
static bool serves(int right, char expected)
{
	int fd = accept_now(right);
	char c = 0;

	return fd >= 0 && read(fd, &c, 1) == 1 && c == expected &&
	       write(fd, &c, 1) == 1 && !close(fd);
}

static bool is_refused(int client)
{
	char c;

	return readable(client, 10000) && recv(client, &c, 1, 0) <= 0;
}

TEST_F(restart, old_holders_get_nothing)
{
	int old, right, client, blocked[2];
	pid_t pid;

	old = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, old);
	ASSERT_EQ(0, pipe(blocked));
	/* One holder is in accept(2) all the while. */
	pid = fork();
	if (!pid) {
		close(blocked[0]);
		_exit(accept(old, NULL, NULL) >= 0);
	}
	close(blocked[1]);
	peer_kill(&self->server);
	EXPECT_EQ(0, child_result(pid));
	client = client_new(self->port, "service", 'a');
	ASSERT_LE(0, client);
	EXPECT_GT(0, accept4(old, NULL, NULL, SOCK_NONBLOCK));
	/* Nor by listening anew. */
	listen(old, 5);
	EXPECT_GT(0, accept4(old, NULL, NULL, SOCK_NONBLOCK));
	self->server = peer_start(NULL, 0);
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	EXPECT_GT(0, accept4(old, NULL, NULL, SOCK_NONBLOCK));
	ASSERT_LE(0, client_new(self->port, "service", 'b'));
	EXPECT_GT(0, accept4(old, NULL, NULL, SOCK_NONBLOCK));
	EXPECT_TRUE(serves(right, 'a'));
	EXPECT_TRUE(serves(right, 'b'));
	EXPECT_TRUE(readable(client, 0));
}

TEST_F(restart, queue_survives_a_crash)
{
	int right = peer_handle_check_in(&self->server, self->handle);
	int clients[5], i;

	ASSERT_LE(0, right);
	for (i = 0; i < 3; i++)
		clients[i] = client_new(self->port, "service", '0' + i);
	/* The first is the crashed server's, and goes with it. */
	close(accept_now(right));
	EXPECT_TRUE(is_refused(clients[0]));
	close(right);
	peer_kill(&self->server);
	EXPECT_TRUE(readable(self->handle, 10000));
	EXPECT_TRUE(peer_cred_is(clients[1], 0, NOBODY));
	clients[3] = client_new(self->port, "service", '3');
	self->server = peer_start(NULL, 0);
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	clients[4] = client_new(self->port, "service", '4');
	for (i = 1; i < 5; i++) {
		EXPECT_TRUE(peer_cred_is(clients[i], self->server.pid, 0));
		EXPECT_TRUE(serves(right, '0' + i));
	}
}

/* Descriptors that clients sent ahead, sockets and the right itself among them. */
TEST_F(restart, descriptors_survive_a_crash)
{
	int right = peer_handle_check_in(&self->server, self->handle);
	int client, server, pair[2], pipes[2], fd;

	ASSERT_LE(0, right);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, pipe(pipes));
	client = do_look_up(self->port, "service");
	ASSERT_TRUE(send_fd(client, pair[1]));
	ASSERT_TRUE(send_fd(client, pipes[1]));
	ASSERT_TRUE(send_fd(client, client));
	ASSERT_TRUE(send_fd(client, right));
	close(pair[1]);
	close(pipes[1]);
	close(right);
	peer_kill(&self->server);
	EXPECT_TRUE(readable(self->handle, 10000));
	ASSERT_TRUE(send_fd(client, self->handle));
	EXPECT_FALSE(hangs_up(pipes[0], 0));
	right = handle_check_in(self->handle);
	ASSERT_LE(0, right);
	server = accept_now(right);
	ASSERT_LE(0, server);
	fd = receive_fd_from(server);
	EXPECT_TRUE(connected(pair[0], fd));
	close(fd);
	fd = receive_fd_from(server);
	EXPECT_FALSE(hangs_up(pipes[0], 0));
	close(fd);
	EXPECT_TRUE(hangs_up(pipes[0], 1000));
	close(client);
	client = receive_fd_from(server);
	EXPECT_LE(0, client);
	fd = receive_fd_from(server);
	/* The right of one who is not the server any more. */
	EXPECT_GT(0, accept4(fd, NULL, NULL, SOCK_NONBLOCK));
	EXPECT_LE(0, receive_fd_from(server));
	EXPECT_TRUE(connected(client, server));
}

TEST_F(restart, right_closed_by_a_server_that_lives)
{
	int right = peer_handle_check_in(&self->server, self->handle), client;

	ASSERT_LE(0, right);
	ASSERT_LE(0, client_new(self->port, "service", 'a'));
	close(right);
	/* When it answers to this it has closed what it sent on. */
	EXPECT_EQ(-ENOENT, peer_find(&self->server, "absent"));
	/* Noticed at the next look-up, or check-in. */
	client = client_new(self->port, "service", 'b');
	ASSERT_LE(0, client);
	EXPECT_TRUE(readable(self->handle, 0));
	EXPECT_TRUE(peer_cred_is(client, 0, NOBODY));
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	EXPECT_TRUE(serves(right, 'a'));
	EXPECT_TRUE(serves(right, 'b'));
	ASSERT_LE(0, client_new(self->port, "service", 'c'));
	close(right);
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	EXPECT_TRUE(serves(right, 'c'));
}

TEST_F(restart, right_shut_down)
{
	int right = peer_handle_check_in(&self->server, self->handle), waits;

	ASSERT_LE(0, right);
	waits = client_new(self->port, "service", 'a');
	ASSERT_LE(0, waits);
	ASSERT_EQ(0, shutdown(right, SHUT_RDWR));
	EXPECT_EQ(-ECONNREFUSED, do_look_up(self->port, "service"));
	/* As long as the server is there, it may still see to those. */
	EXPECT_FALSE(readable(waits, 0) && is_refused(waits));
	close(right);
	peer_kill(&self->server);
	EXPECT_TRUE(is_refused(waits));
	waits = client_new(self->port, "service", 'b');
	ASSERT_LE(0, waits);
	EXPECT_TRUE(readable(self->handle, 0));
	self->server = peer_start(NULL, 0);
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	EXPECT_TRUE(serves(right, 'b'));
	EXPECT_EQ(-EAGAIN, accept_now(right));
}

/* What waited for one user's server is not for another's to read. */
TEST_F(restart, another_user_checks_in)
{
	struct peer alice = peer_start(enter_root_session, ALICE);
	int right, waits, later;

	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	close(right);
	waits = client_new(self->port, "service", 'a');
	ASSERT_LE(0, waits);
	EXPECT_FALSE(readable(waits, 0));
	right = peer_handle_check_in(&alice, self->handle);
	ASSERT_LE(0, right);
	EXPECT_TRUE(is_refused(waits));
	EXPECT_EQ(-EAGAIN, accept_now(right));
	later = client_new(self->port, "service", 'b');
	EXPECT_TRUE(peer_cred_is(later, alice.pid, ALICE));
	EXPECT_TRUE(serves(right, 'b'));
	/* The same user again gets what waits. */
	waits = client_new(self->port, "service", 'c');
	close(right);
	right = peer_handle_check_in(&alice, self->handle);
	ASSERT_LE(0, right);
	EXPECT_TRUE(serves(right, 'c'));
	peer_stop(&alice);
}

/* By the port that the server checked in through; see also the launcher's. */
TEST_F(restart, taken_over_by_port)
{
	int port = port_open(), right, stop[2], client, ready[2];
	struct peer first = peer_start(enter_root_session, ALICE);
	pid_t parent, pid;
	char c;

	ASSERT_LE(0, do_declare_as(self->port, "hers", BOOTSTRAP_DECLARE_UID, 0,
				   0, ALICE));
	ASSERT_EQ(0, pipe(stop));
	ASSERT_EQ(0, pipe(ready));
	EXPECT_EQ(-EPERM, peer_take_over(&first, "hers"));
	parent = fork();
	if (!parent) {
		become(ALICE);
		right = do_check_in(port, "hers");
		if (right < 0)
			_exit(1);
		pid = fork();
		if (pid)
			_exit(write(ready[1], &pid, sizeof(pid)) !=
			      sizeof(pid) || read(stop[0], &c, 1) != 1);
		_exit(do_take_over(port_open(), "hers") != -EPERM ||
		      do_take_over(port, "hers") ||
		      write(stop[1], "g", 1) != 1 ||
		      accept(right, NULL, NULL) < 0);
	}
	ASSERT_EQ(sizeof(pid), read(ready[0], &pid, sizeof(pid)));
	ASSERT_EQ(0, child_result(parent));
	/* The daemon has taken over before its parent went. */
	client = do_look_up(self->port, "hers");
	ASSERT_LE(0, client);
	EXPECT_TRUE(peer_cred_is(client, pid, ALICE));
	EXPECT_TRUE(is_refused(client));
	EXPECT_TRUE(eventually(do_look_up(self->port, "hers") >= 0));
	EXPECT_EQ(-EPERM, peer_take_over(&first, "hers"));
	peer_stop(&first);
}

TEST_F(restart, taken_over_by_handle)
{
	struct peer alice = peer_start(log_in, ALICE);
	int right, waits, client;

	EXPECT_EQ(-ESRCH, peer_handle_take_over(&alice, self->handle));
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	waits = client_new(self->port, "service", 'a');
	EXPECT_TRUE(peer_cred_is(waits, self->server.pid, 0));
	EXPECT_EQ(0, peer_handle_take_over(&alice, self->handle));
	/* Who waits is told whom it waits for. */
	EXPECT_TRUE(peer_cred_is(waits, alice.pid, ALICE));
	client = client_new(self->port, "service", 'b');
	EXPECT_TRUE(peer_cred_is(client, alice.pid, ALICE));
	peer_kill(&self->server);
	EXPECT_EQ(-EBUSY, handle_check_in(self->handle));
	EXPECT_TRUE(serves(right, 'a'));
	EXPECT_TRUE(serves(right, 'b'));
	/* It is alice's service now, and with her it goes. */
	waits = client_new(self->port, "service", 'c');
	peer_stop(&alice);
	EXPECT_TRUE(readable(self->handle, 10000));
	self->server = peer_start(NULL, 0);
	right = peer_handle_check_in(&self->server, self->handle);
	ASSERT_LE(0, right);
	EXPECT_TRUE(is_refused(waits));
}

/* The launcher's port is a title to the declaration, not to be its server. */
TEST_F(restart, taken_over_by_the_launchers_port)
{
	int right = peer_handle_check_in(&self->server, self->handle);

	ASSERT_LE(0, right);
	EXPECT_EQ(0, do_take_over(self->port, "service"));
	EXPECT_TRUE(peer_cred_is(do_look_up(self->port, "service"),
				 self->server.pid, 0));
	peer_kill(&self->server);
	EXPECT_TRUE(eventually(handle_check_in(self->handle) >= 0));
	self->server = peer_start(NULL, 0);
}

/* Load: servers that are killed while several clients ask them. */

#define CLIENTS		4
#define SERVERS		scaled(300)

struct load {
	int stop;
	int next;			/* id of a request */
	int asked, answered, refused, servers;
	int wrong;
	unsigned char served[1 << 22];	/* how often, by id */
};

static struct load *load;

/* Answers what was asked, as long as it lives. */
static void serve(int handle)
{
	int right = handle_check_in(handle), fd, passed;
	struct peer_message message;

	if (right < 0)
		_exit(1);
	__atomic_fetch_add(&load->servers, 1, __ATOMIC_RELAXED);
	for (;;) {
		fd = accept(right, NULL, NULL);
		if (fd < 0)
			_exit(2);
		/* From here on it is the server's fault what is lost. */
		if (!peer_receive(fd, &message, &passed))
			__atomic_fetch_add(&load->wrong, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&load->served[message.ret], 1,
				   __ATOMIC_RELAXED);
		if (message.command ? passed < 0 : passed >= 0)
			__atomic_fetch_add(&load->wrong, 1, __ATOMIC_RELAXED);
		write(fd, &message.ret, sizeof(message.ret));
		if (passed >= 0)
			close(passed);
		close(fd);
	}
}

static int something_to_send(int id)
{
	int pair[2];

	switch (id % 4) {
	case 0:
		return open("/dev/null", O_RDONLY);
	case 1:
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
		close(pair[1]);
		return pair[0];
	default:
		return -1;
	}
}

/* Asks; who is hung up on was accepted by one who did not live to answer. */
static void ask(int port)
{
	struct peer_message message = { 0 };
	int fd, passed, id, answer = -1;

	id = __atomic_fetch_add(&load->next, 1, __ATOMIC_RELAXED);
	if (id >= (int)sizeof(load->served))
		_exit(0);
	fd = do_look_up(port, "service");
	if (fd < 0) {
		__atomic_fetch_add(&load->wrong, 1, __ATOMIC_RELAXED);
		return;
	}
	passed = something_to_send(id);
	/* With its own end, a cycle that is there for a while. */
	if (id % 8 == 2)
		passed = dup(fd);
	message.ret = id;
	message.command = passed >= 0;
	if (peer_send(fd, &message, passed)) {
		__atomic_fetch_add(&load->asked, 1, __ATOMIC_RELAXED);
		if (read(fd, &answer, sizeof(answer)) == sizeof(answer))
			__atomic_fetch_add(answer == id ? &load->answered :
					   &load->wrong, 1, __ATOMIC_RELAXED);
		else
			__atomic_fetch_add(&load->refused, 1, __ATOMIC_RELAXED);
	}
	if (passed >= 0)
		close(passed);
	close(fd);
}

TEST_F(restart, killed_under_load)
{
	pid_t clients[CLIENTS], server;
	int i, twice = 0, served = 0;

	load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, load);
	for (i = 0; i < CLIENTS; i++) {
		clients[i] = fork();
		if (clients[i])
			continue;
		while (!load->stop)
			ask(self->port);
		_exit(0);
	}
	for (i = 0; i < SERVERS; i++) {
		/* A server when there is need of one, as a launcher has it. */
		ASSERT_TRUE(readable(self->handle, 10000));
		server = fork();
		if (!server)
			serve(self->handle);
		/* Some come to nothing, some to much. */
		usleep(i % 8 * 10000);
		kill(server, SIGKILL);
		wait_for(server);
	}
	load->stop = 1;
	server = fork();
	if (!server)
		serve(self->handle);
	for (i = 0; i < CLIENTS; i++)
		EXPECT_EQ(0, child_result(clients[i]));
	kill(server, SIGKILL);
	wait_for(server);
	for (i = 0; i < (int)sizeof(load->served); i++) {
		served += load->served[i];
		twice += load->served[i] > 1;
	}
	EXPECT_LE(SERVERS / 4, load->servers) {
		TH_LOG("%d servers, %d asked, %d answered", load->servers,
		       load->asked, load->answered);
	}
	EXPECT_LE(SERVERS / 4, load->answered);
	EXPECT_EQ(0, twice);
	EXPECT_EQ(0, load->wrong);
	EXPECT_EQ(load->asked, load->answered + load->refused);
	/* Each server may have taken one with it, answered or not. */
	EXPECT_GE(load->servers, load->refused);
	EXPECT_LE(load->answered, served);
	EXPECT_GE(load->answered + load->servers, served);
	munmap(load, sizeof(*load));
}

TEST_HARNESS_MAIN
