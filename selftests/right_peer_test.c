// SPDX-License-Identifier: GPL-2.0
/* Services between users and sessions: who is who, and who reaches whom. */
#include <sys/un.h>

#include "harness.h"
#include "service.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD	77
#endif

/* The process that the other end of a connection is, or a negative errno. */
static pid_t pidfd_peer(int fd)
{
	socklen_t size = sizeof(int);
	char path[64], line[128];
	int pidfd, pid = -EIO;
	FILE *file;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size))
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	fclose(file);
	close(pidfd);
	return pid;
}

FIXTURE(right_peer)
{
	int port, right;
};

FIXTURE_SETUP(right_peer)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	/* What the test before has used is given back by now, or soon. */
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	ASSERT_TRUE(eventually((self->right = do_check_in(self->port, "service")) >= 0));
}

FIXTURE_TEARDOWN(right_peer)
{
	EXPECT_EQ(0, write_file(PARAMETER("names_per_user"), "4096"));
	close(self->right);
	close(self->port);
}

static bool pidfd_is(int fd, pid_t pid)
{
	pid_t other = pidfd_peer(fd);

	return other == pid || other == -ENOPROTOOPT;
}

#define EXPECT_PEER(end, process, user, where) do {			\
	struct bootstrap_peer peer_;					\
									\
	EXPECT_TRUE(peer_cred_is(end, process, user));			\
	EXPECT_TRUE(pidfd_is(end, process));				\
	ASSERT_EQ(0, do_peer(self->port, end, &peer_));			\
	EXPECT_EQ(process, (pid_t)peer_.pid);				\
	EXPECT_EQ(user, peer_.uid);					\
	EXPECT_EQ(user, peer_.gid);					\
	EXPECT_EQ((where)->session, peer_.session);			\
	EXPECT_EQ((where)->cookie, peer_.cookie);			\
	EXPECT_EQ(0, peer_.standing);					\
	EXPECT_EQ(end, peer_.fd);					\
} while (0)

TEST_F(right_peer, clients_of_all_kinds)
{
	static const struct {
		void (*enter)(uid_t uid);
		uid_t uid;
	} kinds[] = {
		{ NULL, 0 },
		{ enter_root_session, ALICE },
		{ log_in, 0 },
		{ log_in, ALICE },
		{ log_in, BOB },
	};
	struct bootstrap_session root, session;
	int client, server;
	struct peer peer;
	unsigned int i;

	ASSERT_EQ(0, do_session(self->port, &root));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		peer = peer_start(kinds[i].enter, kinds[i].uid);
		client = peer_connect(&peer, "service");
		ASSERT_LE(0, client);
		ASSERT_EQ(0, peer_session(&peer, 0, 0, &session));
		EXPECT_EQ(kinds[i].enter == log_in,
			  session.session != ROOT_ID);
		server = accept_now(self->right);
		EXPECT_PEER(client, getpid(), 0, &root);
		EXPECT_PEER(server, peer.pid, kinds[i].uid, &session);
		EXPECT_TRUE(connected(client, server));
		peer_stop(&peer);
		close(client);
		close(server);
	}
}

TEST_F(right_peer, server_in_a_session)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_session session;
	int right, client, server;

	right = peer_check_in(&alice, "hers", 0);
	ASSERT_LE(0, right);
	client = peer_connect(&alice, "hers");
	ASSERT_LE(0, client);
	server = accept_now(right);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	EXPECT_NE(ROOT_ID, session.session);
	EXPECT_PEER(client, alice.pid, ALICE, &session);
	EXPECT_PEER(server, alice.pid, ALICE, &session);
	peer_stop(&alice);
}

/* A process that is gone is not told about, nor is another of its number. */
TEST_F(right_peer, gone)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_peer who, before;
	int client = peer_connect(&alice, "service"), server;

	ASSERT_LE(0, client);
	server = accept_now(self->right);
	ASSERT_EQ(0, do_peer(self->port, server, &who));
	peer_stop(&alice);
	memset(&who, 0xcc, sizeof(who));
	who.size = sizeof(who);
	who.flags = 0;
	who.fd = server;
	before = who;
	EXPECT_EQ(-ESRCH, call(self->port, BOOTSTRAP_IOC_PEER, &who));
	EXPECT_EQ(0, memcmp(&before, &who, sizeof(who)));
	/* What it was is told all the same. */
	EXPECT_TRUE(peer_cred_is(server, 0, ALICE) ||
		    peer_cred_is(server, alice.pid, ALICE));
	EXPECT_EQ(0, do_peer(self->port, client, &who));
}

/* One that bears the id of a session which no call has begun. */
static void enter_id_alone(uid_t uid)
{
	if (set_login_uid(uid))
		abort();
}

/* One in bob's place, as su makes it, in a session of alice's. */
static void enter_by_su(uid_t uid)
{
	if (!host_alice("hers", 1))
		abort();
	become(uid);
}

TEST_F(right_peer, outside)
{
	static const struct {
		void (*enter)(uid_t uid);
		uid_t enters, uid;
	} kinds[] = {
		{ enter_id_alone, ALICE, 0 },
		{ enter_by_su, BOB, BOB },
	};
	struct bootstrap_session root, session;
	struct bootstrap_peer who;
	struct peer peer;
	unsigned int i;
	int server;

	ASSERT_EQ(0, do_session(self->port, &root));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		peer = peer_start(kinds[i].enter, kinds[i].enters);
		ASSERT_LE(0, peer_connect(&peer, "service"));
		ASSERT_EQ(0, peer_session(&peer, 0, 0, &session));
		ASSERT_EQ(BOOTSTRAP_STANDING_OUTSIDE, session.standing);
		server = accept_now(self->right);
		ASSERT_EQ(0, do_peer(self->port, server, &who));
		EXPECT_EQ(peer.pid, (pid_t)who.pid);
		EXPECT_EQ(kinds[i].uid, who.uid);
		EXPECT_EQ(BOOTSTRAP_STANDING_OUTSIDE, who.standing);
		EXPECT_EQ(ROOT_ID, who.session);
		EXPECT_EQ(root.cookie, who.cookie);
		peer_stop(&peer);
		close(server);
	}
}

/* It need not be by look-up that they are connected. */
TEST_F(right_peer, session_that_has_not_begun)
{
	struct bootstrap_peer who;
	int sockets[2], stop[2];
	__u32 id;
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets));
	pid = fork();
	if (!pid) {
		int pair[2];

		log_in(ALICE);
		id = proc_number("self/sessionid");
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
		    !send_fd(sockets[1], pair[0]) ||
		    write(pair[1], &id, sizeof(id)) != sizeof(id))
			_exit(1);
		_exit(linger(stop));
	}
	close(stop[0]);
	sockets[1] = receive_fd_from(sockets[0]);
	ASSERT_EQ(sizeof(id), read(sockets[1], &id, sizeof(id)));
	ASSERT_EQ(0, do_peer(self->port, sockets[1], &who));
	EXPECT_EQ(pid, (pid_t)who.pid);
	EXPECT_EQ(id, who.session);
	EXPECT_EQ(0, who.cookie);
	EXPECT_EQ(0, who.standing);
	close(stop[1]);
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(-ESRCH, do_peer(self->port, sockets[1], &who));
}

TEST_F(right_peer, no_connection)
{
	int unconnected = socket(AF_UNIX, SOCK_STREAM, 0);
	int inet = socket(AF_INET, SOCK_STREAM, 0), pipes[2], pair[2];
	int path = open("/", O_PATH), client, server;
	struct bootstrap_peer who;

	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(-EBADF, do_peer(self->port, -1, &who));
	EXPECT_EQ(-EBADF, do_peer(self->port, 9999, &who));
	EXPECT_EQ(-EBADF, do_peer(self->port, pipes[0], &who));
	EXPECT_EQ(-EBADF, do_peer(self->port, path, &who));
	EXPECT_EQ(-EBADF, do_peer(self->port, self->port, &who));
	EXPECT_EQ(-EBADF, do_peer(self->port, self->right, &who));
	ASSERT_LE(0, unconnected);
	EXPECT_EQ(-EBADF, do_peer(self->port, unconnected, &who));
	ASSERT_LE(0, inet);
	EXPECT_EQ(-EBADF, do_peer(self->port, inet, &who));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	EXPECT_EQ(0, do_peer(self->port, pair[0], &who));
	EXPECT_EQ(getpid(), (pid_t)who.pid);
	/* Who hung up is still who it was. */
	client = do_look_up(self->port, "service");
	server = accept_now(self->right);
	close(client);
	EXPECT_EQ(0, do_peer(self->port, server, &who));
	EXPECT_EQ(getpid(), (pid_t)who.pid);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), ret = 0;

	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		ret = -errno;
	close(fd);
	return ret;
}

/* No way from one session to a service of another's: not even of one user. */
TEST_F(right_peer, walls)
{
	static const uid_t others[] = { ALICE, BOB };
	int ready[2], stop[2], fd;
	char path[64];
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(stop));
	pid = fork();
	if (!pid) {
		log_in(ALICE);
		fd = do_check_in(port_open(), "hers");
		_exit(write(ready[1], &fd, sizeof(fd)) != sizeof(fd) ||
		      linger(stop));
	}
	ASSERT_EQ(sizeof(fd), read(ready[0], &fd, sizeof(fd)));
	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EQ(0, AS(others[i], ({
			int port = port_open();
			struct bootstrap_look_up args = args_look_up("hers");

			CHECK(do_look_up(port, "hers") == -ENOENT);
			args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
			args.session = proc_number("self/sessionid") - 1;
			CHECK(call(port, BOOTSTRAP_IOC_LOOK_UP, &args) < 0);
			CHECK(connect_to("/bootstrap/hers") < 0);
			CHECK(connect_to(path) < 0);
			CHECK(open(path, O_RDWR) < 0);
			/* What is not found is free. */
			CHECK(do_check_in(port, "hers") >= 0);
		})));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "hers"));
	close(stop[1]);
	EXPECT_EQ(0, child_result(pid));
}

/* The name goes with its session, whoever holds the right. */
TEST_F(right_peer, session_ends)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_session session;
	int right, client, server;

	right = peer_check_in(&alice, "hers", 0);
	ASSERT_LE(0, right);
	client = peer_connect(&alice, "hers");
	ASSERT_LE(0, client);
	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	EXPECT_EQ(1, usage_of(self->port, ALICE).names);
	peer_stop(&alice);
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, session.session,
					   session.cookie, &session));
	/* What was connected is so still. */
	server = accept_now(right);
	EXPECT_TRUE(connected(client, server));
	close(right);
}

TEST_F(right_peer, reserved)
{
	struct bootstrap_register reg = args_register("kept", 0);
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_info info;
	int right, earlier;

	earlier = peer_check_in(&alice, "kept", 0);
	ASSERT_LE(0, earlier);
	right = do_check_in_as(self->port, "kept", BOOTSTRAP_CHECK_IN_RESERVED,
			       0, 0);
	ASSERT_LE(0, right);
	ASSERT_LE(0, do_look_up_info(self->port, "kept", &info));
	EXPECT_EQ(BOOTSTRAP_INFO_RESERVED,
		  info.flags & BOOTSTRAP_INFO_RESERVED);
	EXPECT_EQ(1, drain(right));
	/* What was there stays, and is found first. */
	EXPECT_LE(0, peer_connect(&alice, "kept"));
	EXPECT_EQ(1, drain(earlier));
	EXPECT_EQ(0, drain(right));
	EXPECT_LE(0, peer_connect_flags(&alice, "kept",
					BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER));
	EXPECT_EQ(1, drain(right));
	close(earlier);
	EXPECT_EQ(-EEXIST, peer_check_in(&alice, "kept", 0));
	EXPECT_EQ(-EEXIST, peer_register(&alice, "kept", 1));
	EXPECT_EQ(-EEXIST, peer_declare(&alice, "kept", 0, 0));
	EXPECT_LE(0, peer_connect(&alice, "kept"));
	EXPECT_EQ(1, drain(right));
	/* In the namespace itself it is a name like any other. */
	EXPECT_EQ(-EBUSY, do_check_in(self->port, "kept"));
	close(right);
	EXPECT_LE(0, peer_check_in(&alice, "kept", 0));

	reg.flags = BOOTSTRAP_REGISTER_RESERVED;
	reg.name = (uintptr_t)"file";
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &reg));
	EXPECT_EQ(-EEXIST, peer_register(&alice, "file", 1));
	EXPECT_EQ(-EEXIST, peer_check_in(&alice, "file", 0));
	ASSERT_EQ(0, do_unregister(self->port, "file"));
	EXPECT_EQ(0, peer_register(&alice, "file", 1));
	right = do_declare_as(self->port, "declared",
			      BOOTSTRAP_DECLARE_RESERVED, 0, 0, 0);
	ASSERT_LE(0, right);
	EXPECT_EQ(-EEXIST, peer_check_in(&alice, "declared", 0));
	EXPECT_EQ(-EEXIST, peer_register(&alice, "declared", 1));
	peer_stop(&alice);
}

TEST_F(right_peer, list)
{
	static const __u32 expected[] = {
		BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_ACTIVE,
		BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_ACTIVE |
		BOOTSTRAP_INFO_SEQPACKET | BOOTSTRAP_INFO_RESERVED,
		BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_DECLARED,
	};
	static _Alignas(8) char buffer[4096];

	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_list_entry *entry = (void *)buffer;
		struct bootstrap_list list = {
			.size = sizeof(list), .buffer = (uintptr_t)buffer,
			.buffer_size = sizeof(buffer),
		};
		int port = port_open();
		unsigned int i;

		CHECK(do_check_in(port, "a") >= 0);
		CHECK(do_check_in_as(port, "b", BOOTSTRAP_CHECK_IN_RESERVED,
				     SOCK_SEQPACKET, 0) >= 0);
		CHECK(do_declare(port, "c") >= 0);
		CHECK(do_declare_as(port, "d", BOOTSTRAP_DECLARE_HIDDEN, 0, 0,
				    0) >= 0);
		CHECK(!call(port, BOOTSTRAP_IOC_LIST, &list));
		/* What is hidden until check-in is not listed, either. */
		CHECK(list.count == 3);
		for (i = 0; i < 3; i++) {
			CHECK(entry->info.flags == expected[i]);
			entry = (void *)((char *)entry + entry->length);
		}
	})));
}

TEST_F(right_peer, quota)
{
	ASSERT_EQ(0, write_file(PARAMETER("names_per_user"), "2"));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_usage usage = { .size = sizeof(usage) };
		int port = port_open(), right, handle;

		right = do_check_in(port, "a");
		handle = do_declare(port, "b");
		CHECK(right >= 0 && handle >= 0);
		CHECK(do_check_in(port, "c") == -EDQUOT);
		CHECK(do_declare(port, "c") == -EDQUOT);
		CHECK(!call(port, BOOTSTRAP_IOC_USAGE, &usage));
		CHECK(usage.names == 2);
		/* To check in what was declared takes no other name. */
		CHECK(handle_check_in(handle) >= 0);
		close(right);
		CHECK(eventually((usage.uid = 0,
				  !call(port, BOOTSTRAP_IOC_USAGE, &usage) &&
				  usage.names == 1)));
		right = do_check_in(port, "c");
		CHECK(right >= 0);
	})));
}

TEST_HARNESS_MAIN
