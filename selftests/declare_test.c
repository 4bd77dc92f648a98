// SPDX-License-Identifier: GPL-2.0
/* Declared services: who may check in, what waits, and what the launcher hears. */
#include <sys/epoll.h>

#include "harness.h"
#include "service.h"

#define HIDDEN	BOOTSTRAP_DECLARE_HIDDEN
#define BY_UID	BOOTSTRAP_DECLARE_UID
#define STRICT	BOOTSTRAP_CHECK_IN_STRICT

FIXTURE(declare)
{
	int port, handle;
};

FIXTURE_SETUP(declare)
{
	self->port = port_open();
	self->handle = do_declare(self->port, "service");
	ASSERT_LE(0, self->handle);
}

FIXTURE_TEARDOWN(declare)
{
	close(self->handle);
	close(self->port);
}

/* What read(2) tells: how often there was need of a server, or an errno. */
static long needs(int handle)
{
	uint64_t count;
	ssize_t n;

	if (!readable(handle, 0))
		return -EAGAIN;
	n = read(handle, &count, sizeof(count));
	return n < 0 ? -errno : n == sizeof(count) ? (long)count : n;
}

TEST_F(declare, handle_to_a_child)
{
	pid_t pid = fork();
	int client;

	if (!pid) {
		int right = handle_check_in(self->handle), fd;

		fd = accept(right, NULL, NULL);
		_exit(fd < 0 || write(fd, "x", 1) != 1 ||
		      fcntl(right, F_GETFD) != FD_CLOEXEC);
	}
	client = do_look_up(self->port, "service");
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->handle, F_GETFD));
	EXPECT_TRUE(readable(client, 10000));
	EXPECT_EQ(0, child_result(pid));
}

TEST_F(declare, handle_to_a_stranger)
{
	struct peer bob = peer_start(log_in, BOB);
	struct bootstrap_info info;
	int right, client, server;

	right = peer_handle_check_in(&bob, self->handle);
	ASSERT_LE(0, right);
	client = do_look_up_info(self->port, "service", &info);
	ASSERT_LE(0, client);
	EXPECT_TRUE(peer_cred_is(client, bob.pid, BOB));
	/* The name is still the launcher's. */
	EXPECT_EQ(getpid(), (pid_t)info.pid);
	EXPECT_EQ(0, info.uid);
	EXPECT_EQ(BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_DECLARED |
		  BOOTSTRAP_INFO_ACTIVE | BOOTSTRAP_INFO_PRIVILEGED,
		  info.flags);
	server = accept_now(right);
	EXPECT_TRUE(connected(client, server));
	EXPECT_EQ(-EBUSY, handle_check_in(self->handle));
	EXPECT_EQ(-EPERM, do_check_in(self->port, "service"));
	peer_stop(&bob);
}

TEST_F(declare, twice)
{
	EXPECT_EQ(-EEXIST, do_declare(self->port, "service"));
	EXPECT_EQ(-EEXIST, do_declare(port_open(), "service"));
	EXPECT_EQ(-EBUSY, do_register(self->port, "service", 0));
	/* Who may write here may not for that check in. */
	EXPECT_EQ(-EPERM, do_check_in(self->port, "service"));
	EXPECT_EQ(-EPERM, do_check_in_as(self->port, "service", STRICT, 0, 0));
	EXPECT_EQ(0, look_up_result(self->port, "service"));
}

/* Enters as none but alice's, with one id that is another's. */
static void enter_with_another_uid(uid_t which)
{
	uid_t ids[3] = { ALICE, ALICE, ALICE };

	ids[which] = BOB;
	if (setgroups(0, NULL) || setresgid(ALICE, ALICE, ALICE) ||
	    setresuid(ids[0], ids[1], ids[2]))
		abort();
	prctl(PR_SET_DUMPABLE, 1);
}

TEST_F(declare, admitted)
{
	struct peer alice = peer_start(enter_root_session, ALICE), peer;
	int right, i;

	ASSERT_LE(0, do_declare_as(self->port, "hers", BY_UID, 0, 0, ALICE));
	EXPECT_EQ(-EPERM, peer_check_in(&alice, "service", 0));
	EXPECT_EQ(-EPERM, peer_check_in(&alice, "other", 0));
	for (i = 0; i < 3; i++) {
		peer = peer_start(enter_with_another_uid, i);
		EXPECT_EQ(-EPERM, peer_check_in(&peer, "hers", 0));
		peer_stop(&peer);
	}
	peer = peer_start(enter_root_session, BOB);
	EXPECT_EQ(-EPERM, peer_check_in(&peer, "hers", 0));
	peer_stop(&peer);
	/* Of the right user, but not in the launcher's session. */
	peer = peer_start(log_in, ALICE);
	right = peer_check_in(&peer, "hers", 0);
	/* There the name is free, and so this is another service. */
	EXPECT_LE(0, right);
	EXPECT_EQ(-ENOENT, peer_check_in(&peer, "absent", STRICT));
	EXPECT_EQ(-EAGAIN, accept_now(right));
	EXPECT_EQ(0, look_up_result(self->port, "hers"));
	EXPECT_EQ(-EAGAIN, accept_now(right));
	peer_stop(&peer);

	right = peer_check_in(&alice, "hers", STRICT);
	ASSERT_LE(0, right);
	EXPECT_EQ(1, drain(right));
	EXPECT_EQ(-EBUSY, peer_check_in(&alice, "hers", 0));
	peer_stop(&alice);
}

/* As one who addresses the root's namespace from within a login session. */
TEST_F(declare, not_admitted_from_another_session)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct peer_message message = {
		.args.check_in = {
			.name_len = 4, .scope = BOOTSTRAP_SCOPE_ROOT,
		},
	};

	ASSERT_LE(0, do_declare_as(self->port, "hers", BY_UID, 0, 0, ALICE));
	EXPECT_EQ(-EPERM, peer_service(&alice, BOOTSTRAP_IOC_CHECK_IN, "hers",
				       &message));
	peer_stop(&alice);
}

TEST_F(declare, admitted_in_a_session)
{
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open(), other = port_open(), right, client;

		CHECK(do_declare_as(port, "a", BY_UID, 0, 0, ALICE) >= 0);
		CHECK(do_declare_as(port, "b", BY_UID, 0, 0, BOB) >= 0);
		CHECK(do_check_in(other, "b") == -EPERM);
		client = do_look_up(other, "a");
		CHECK(client >= 0);
		CHECK(peer_cred_is(client, 0, NOBODY));
		right = do_check_in(other, "a");
		CHECK(right >= 0);
		CHECK(peer_cred_is(client, getpid(), ALICE));
		CHECK(drain(right) == 1);
	})));
}

TEST_F(declare, type_and_backlog)
{
	struct bootstrap_check_in args = { .size = sizeof(args) };
	int handle = do_declare_as(self->port, "packets", 0, SOCK_SEQPACKET, 3,
				   0);
	int client = do_look_up(self->port, "packets"), right, count = 1;
	struct bootstrap_info info;

	ASSERT_LE(0, handle);
	EXPECT_EQ(SOCK_SEQPACKET, option_of(client, SO_TYPE));
	args.type = SOCK_STREAM;
	EXPECT_EQ(-EINVAL, call(handle, BOOTSTRAP_IOC_CHECK_IN, &args));
	args.type = SOCK_DGRAM;
	EXPECT_EQ(-EOPNOTSUPP, call(handle, BOOTSTRAP_IOC_CHECK_IN, &args));
	args.type = 0;
	args.backlog = 4;
	EXPECT_EQ(-EINVAL, call(handle, BOOTSTRAP_IOC_CHECK_IN, &args));
	args.backlog = 3;
	args.flags = BOOTSTRAP_CHECK_IN_RESERVED;
	EXPECT_EQ(-EINVAL, call(handle, BOOTSTRAP_IOC_CHECK_IN, &args));
	args.flags = STRICT;
	args.type = SOCK_SEQPACKET;
	right = call(handle, BOOTSTRAP_IOC_CHECK_IN, &args);
	ASSERT_LE(0, right);
	EXPECT_EQ(SOCK_SEQPACKET, option_of(right, SO_TYPE));
	while (do_look_up_nonblock(self->port, "packets") >= 0)
		count++;
	EXPECT_EQ(4, count);
	EXPECT_EQ(4, drain(right));
	ASSERT_LE(0, do_look_up_info(self->port, "packets", &info));
	EXPECT_EQ(BOOTSTRAP_INFO_SEQPACKET,
		  info.flags & BOOTSTRAP_INFO_SEQPACKET);
	EXPECT_EQ(info.generation, args.generation);
}

/* What a handle does not know, or know how to do. */
TEST_F(declare, arguments_on_a_handle)
{
	struct bootstrap_check_in good = { .size = sizeof(good) }, args;
	struct bootstrap_name good_name = { .size = sizeof(good_name) }, name;
	unsigned int nr;
	char room[4];

	for (nr = 0; nr < 256; nr++) {
		int number = _IO(BOOTSTRAP_IOC_MAGIC, nr);
		bool known = number == BOOTSTRAP_IOC_CHECK_IN ||
			     number == BOOTSTRAP_IOC_TAKE_OVER;

		EXPECT_EQ(known ? -EFAULT : -ENOTTY,
			  call(self->handle, number, NULL));
	}
	EXPECT_EQ(-ENOTTY, call(self->handle, 0, &(int){ 0 }));
#define REFUSED(_errno, _member, _value)				\
	args = good;							\
	args._member = _value;						\
	EXPECT_EQ(_errno, call(self->handle, BOOTSTRAP_IOC_CHECK_IN, &args))
	REFUSED(-EINVAL, size, sizeof(good) - 1);
	REFUSED(-E2BIG, size, 4097);
	REFUSED(-EOPNOTSUPP, flags, 4);
	REFUSED(-EINVAL, name, (uintptr_t)"service");
	REFUSED(-EINVAL, name_len, 7);
	REFUSED(-EINVAL, scope, BOOTSTRAP_SCOPE_ROOT);
	REFUSED(-EINVAL, session, 1);
	REFUSED(-EINVAL, cookie, 1);
	REFUSED(-EINVAL, pad, 1);
#undef REFUSED
#define REFUSED(_errno, _member, _value)				\
	name = good_name;						\
	name._member = _value;						\
	EXPECT_EQ(_errno, call(self->handle, BOOTSTRAP_IOC_TAKE_OVER, &name))
	/* There is no server to be taken over from. */
	REFUSED(-ESRCH, flags, 0);
	REFUSED(-EINVAL, size, sizeof(good_name) - 1);
	REFUSED(-EOPNOTSUPP, flags, 1);
	REFUSED(-EINVAL, name, (uintptr_t)"service");
	REFUSED(-EINVAL, name_len, 7);
	REFUSED(-EINVAL, scope, BOOTSTRAP_SCOPE_ROOT);
	REFUSED(-EINVAL, session, 1);
	REFUSED(-EINVAL, cookie, 1);
	REFUSED(-EINVAL, pad, 1);
	REFUSED(-ENOENT, generation, 12345);
#undef REFUSED
	EXPECT_EQ(-1, read(self->handle, room, sizeof(room)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->handle, room, sizeof(room)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-ELOOP, do_register(self->port, "handle", self->handle));
	EXPECT_LE(0, handle_check_in(self->handle));
}

/* The nearest match ends the search, though it cannot be had. */
TEST_F(declare, hidden_until_check_in)
{
	int right = do_check_in(self->port, "shadowed");

	ASSERT_LE(0, right);
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open(), handle, hers, client;

		CHECK(look_up_result(port, "shadowed") == 0);
		handle = do_declare_as(port, "shadowed", HIDDEN, 0, 0, 0);
		CHECK(do_look_up(port, "shadowed") == -ENOENT);
		CHECK(do_declare(port, "shadowed") == -EEXIST);
		CHECK(!readable(handle, 0));
		hers = handle_check_in(handle);
		CHECK(hers >= 0);
		client = do_look_up(port, "shadowed");
		CHECK(connected(client, accept_now(hers)));
		/* With the server it is gone again. */
		close(hers);
		CHECK(do_look_up(port, "shadowed") == -ENOENT);
		close(port);
		CHECK(look_up_result(port_open(), "shadowed") == 0);
	})));
	EXPECT_EQ(2, drain(right));
}

TEST_F(declare, queue_before_any_server)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_peer who;
	int clients[3], right, server, i;
	char c;

	for (i = 0; i < 3; i++) {
		clients[i] = peer_connect(&alice, "service");
		ASSERT_LE(0, clients[i]);
		EXPECT_TRUE(peer_cred_is(clients[i], 0, NOBODY));
		EXPECT_EQ(-ESRCH, do_peer(self->port, clients[i], &who));
		c = '0' + i;
		ASSERT_EQ(1, write(clients[i], &c, 1));
	}
	right = handle_check_in(self->handle);
	ASSERT_LE(0, right);
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(peer_cred_is(clients[i], getpid(), 0));
		ASSERT_EQ(0, do_peer(self->port, clients[i], &who));
		EXPECT_EQ(getpid(), (pid_t)who.pid);
		server = accept_now(right);
		ASSERT_LE(0, server);
		EXPECT_TRUE(peer_cred_is(server, alice.pid, ALICE));
		ASSERT_EQ(1, read(server, &c, 1));
		EXPECT_EQ('0' + i, c);
		EXPECT_TRUE(connected(clients[i], server));
	}
	EXPECT_EQ(-EAGAIN, accept_now(right));
	peer_stop(&alice);
}

/* A quarter is one user's here, too; it is whose service it will be that counts. */
TEST_F(declare, room_before_any_server)
{
	struct peer alice = peer_start(enter_root_session, ALICE);
	struct peer bob = peer_start(enter_root_session, BOB);
	int i;

	ASSERT_LE(0, do_declare_as(self->port, "hers", BY_UID, 0, 8, ALICE));
	for (i = 0; i < 2; i++)
		EXPECT_LE(0, peer_connect(&bob, "hers"));
	EXPECT_EQ(-EAGAIN, peer_connect(&bob, "hers"));
	for (i = 0; i < 7; i++)
		EXPECT_LE(0, peer_connect(&alice, "hers"));
	EXPECT_EQ(-EAGAIN, peer_connect(&alice, "hers"));
	peer_stop(&alice);
	peer_stop(&bob);
}

TEST_F(declare, demand)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), clients[3], right, i;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->handle, &event));
	EXPECT_EQ(0, events_of(self->handle));
	for (i = 0; i < 3; i++)
		clients[i] = do_look_up(self->port, "service");
	/* However many wait, there is need of one server. */
	EXPECT_EQ(POLLIN, events_of(self->handle));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(1, needs(self->handle));
	EXPECT_EQ(0, events_of(self->handle));
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(-EAGAIN, needs(self->handle));

	/* A server that does nothing, and goes. */
	right = handle_check_in(self->handle);
	ASSERT_LE(0, right);
	close(right);
	EXPECT_EQ(-EAGAIN, needs(self->handle));
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(1, needs(self->handle));
	/* One that does all, and goes. */
	right = handle_check_in(self->handle);
	EXPECT_EQ(5, drain(right));
	close(right);
	close(clients[0]);
	/* To check in is to know. */
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(POLLIN, events_of(self->handle));
	right = handle_check_in(self->handle);
	ASSERT_LE(0, right);
	EXPECT_EQ(0, events_of(self->handle));
	EXPECT_EQ(1, drain(right));
	close(do_look_up(self->port, "service"));
	EXPECT_EQ(0, events_of(self->handle));
}

TEST_F(declare, demand_after_a_crash)
{
	struct peer server = peer_start(NULL, 0);
	int right = peer_handle_check_in(&server, self->handle);

	ASSERT_LE(0, right);
	/* Nothing waits, so that nobody is needed. */
	peer_kill(&server);
	EXPECT_FALSE(readable(self->handle, 100));
	server = peer_start(NULL, 0);
	close(right);
	right = peer_handle_check_in(&server, self->handle);
	ASSERT_LE(0, right);
	ASSERT_LE(0, do_look_up(self->port, "service"));
	EXPECT_EQ(-EAGAIN, needs(self->handle));
	peer_kill(&server);
	EXPECT_TRUE(readable(self->handle, 10000));
	EXPECT_EQ(1, needs(self->handle));
	EXPECT_FALSE(readable(self->handle, 0));
}

TEST_F(declare, read_waits)
{
	uint64_t count = 0;
	pid_t pid = fork();

	if (!pid) {
		usleep(50000);
		_exit(do_look_up(self->port, "service") < 0);
	}
	EXPECT_EQ(8, read(self->handle, &count, sizeof(count)));
	EXPECT_EQ(1, count);
	EXPECT_EQ(0, child_result(pid));
	alarms_on(0);
	EXPECT_EQ(-1, read(self->handle, &count, sizeof(count)));
	EXPECT_EQ(EINTR, errno);
	alarms_off();
	ASSERT_EQ(0, fcntl(self->handle, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, read(self->handle, &count, sizeof(count)));
	EXPECT_EQ(EAGAIN, errno);
}

/* What could not be told is told again. */
TEST_F(declare, read_faults)
{
	ASSERT_LE(0, do_look_up(self->port, "service"));
	EXPECT_EQ(-1, read(self->handle, (void *)8, 8));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, needs(self->handle));
}

/* Those who wait at a handle, and at the queue, when the declaration ends. */
TEST_F(declare, withdrawn_without_server)
{
	int client = do_look_up(self->port, "service"), other;
	uint64_t count;
	pid_t pid;
	char c;

	ASSERT_LE(0, client);
	EXPECT_EQ(1, needs(self->handle));
	pid = fork();
	if (!pid)
		_exit(read(self->handle, &count, sizeof(count)) != 0);
	EXPECT_EQ(-EPERM, do_unregister(port_open(), "service"));
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(POLLIN | POLLHUP, events_of(self->handle));
	EXPECT_EQ(0, needs(self->handle));
	EXPECT_TRUE(readable(client, 10000));
	EXPECT_GE(0, recv(client, &c, 1, 0));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	EXPECT_EQ(-ENOENT, handle_check_in(self->handle));
	EXPECT_EQ(-ENOENT, handle_take_over(self->handle));
	/* The name is free, and the handle is not for the next of that name. */
	other = do_declare(self->port, "service");
	ASSERT_LE(0, other);
	EXPECT_EQ(-ENOENT, handle_check_in(self->handle));
	EXPECT_LE(0, handle_check_in(other));
}

TEST_F(declare, withdrawn_with_server)
{
	int right = handle_check_in(self->handle), client, server;

	client = do_look_up(self->port, "service");
	ASSERT_LE(0, client);
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	EXPECT_EQ(POLLIN | POLLHUP, events_of(self->handle));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	/* What had come by then is the server's. */
	server = accept_now(right);
	ASSERT_LE(0, server);
	EXPECT_TRUE(connected(client, server));
	EXPECT_EQ(-EAGAIN, accept_now(right));
	close(right);
}

/* A need that was not told when the declaration ended is still told. */
TEST_F(declare, withdrawn_in_need)
{
	ASSERT_LE(0, do_look_up(self->port, "service"));
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	EXPECT_EQ(1, needs(self->handle));
	EXPECT_EQ(0, needs(self->handle));
}

TEST_F(declare, launchers_port_closed)
{
	int port = port_open(), handle = do_declare(port, "brief");
	int client = do_look_up(self->port, "brief");

	ASSERT_LE(0, client);
	close(port);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "brief"));
	EXPECT_TRUE(events_of(handle) & POLLHUP);
	EXPECT_TRUE(readable(client, 10000));
}

TEST_F(declare, launcher_dies)
{
	struct peer launcher = peer_start(NULL, 0);
	int handle = peer_declare(&launcher, "brief", 0, 0);
	int right = handle_check_in(handle), client;

	ASSERT_LE(0, right);
	client = do_look_up(self->port, "brief");
	ASSERT_LE(0, client);
	peer_kill(&launcher);
	EXPECT_TRUE(eventually(events_of(handle) & POLLHUP));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "brief"));
	EXPECT_EQ(1, drain(right));
}

/* A launcher that forks, as daemons do. */
TEST_F(declare, launcher_hands_over)
{
	struct bootstrap_info info;
	int stop[2], right;
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	right = handle_check_in(self->handle);
	pid = fork();
	if (!pid)
		_exit(do_take_over(self->port, "service") || linger(stop));
	EXPECT_TRUE(eventually(do_look_up_info(self->port, "service",
					       &info) >= 0 &&
			       (pid_t)info.pid == pid));
	/* The server is who it was. */
	EXPECT_TRUE(peer_cred_is(do_look_up(self->port, "service"), getpid(),
				 0));
	drain(right);
	close(stop[1]);
	EXPECT_EQ(0, child_result(pid));
	EXPECT_TRUE(eventually(do_look_up(self->port, "service") == -ENOENT));
}

/* Its own handle waits in its own queue, and nobody else has it. */
TEST_F(declare, handle_in_its_own_queue)
{
	int client = do_look_up(self->port, "service"), pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_TRUE(send_fd(client, self->handle));
	ASSERT_TRUE(send_fd(client, pipes[1]));
	close(self->handle);
	close(pipes[1]);
	close(client);
	self->handle = -1;
	EXPECT_FALSE(hangs_up(pipes[0], 0));
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	EXPECT_TRUE(hangs_up(pipes[0], 10000));
}

TEST_HARNESS_MAIN
