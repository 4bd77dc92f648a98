// SPDX-License-Identifier: GPL-2.0
/* Sessions: who finds whose names, and what is told about sessions. */
#include <sys/un.h>

#include "bootstrap_test.h"
#include "harness.h"

/* The peers, and what each of them is as a caller. */
enum { ROOTD, ALICE1, ALICE2, BOB1, SU_BOB, SU_ROOT, PLAIN, PEERS };

/* As su does inside alice's first session: the id stays. */
static void enter_su(uid_t uid)
{
	if (set_login_uid(ALICE))
		abort();
	become(uid);
}

/* Nobody's login: a daemon that runs as a user. */
static void enter_plain(uid_t uid)
{
	become(uid);
}

FIXTURE(sessions)
{
	int port;
	struct peer peer[PEERS];
};

FIXTURE_SETUP(sessions)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_EQ(4294967295, proc_number("self/sessionid"));
	self->peer[ROOTD] = peer_start(NULL, 0);
	self->peer[ALICE1] = peer_start(log_in, ALICE);
	self->peer[ALICE2] = peer_start(log_in, ALICE);
	self->peer[BOB1] = peer_start(log_in, BOB);
	self->peer[SU_BOB] = peer_start(enter_su, BOB);
	self->peer[SU_ROOT] = peer_start(enter_su, 0);
	self->peer[PLAIN] = peer_start(enter_plain, ALICE);
}

FIXTURE_TEARDOWN(sessions)
{
	int i;

	for (i = 0; i < PEERS; i++)
		peer_stop(&self->peer[i]);
}

static __u32 id_of(const struct peer *peer)
{
	struct bootstrap_session session = { 0 };

	peer_session(peer, 0, 0, &session);
	return session.session;
}

/* Cell by cell: the row looks up what the column registered. */
TEST_F(sessions, visibility)
{
	static const char *const names[PEERS] = {
		"of-rootd", "of-alice1", "of-alice2", "of-bob1"
	};
	static const bool found[PEERS][4] = {
		/*		 root   alice1 alice2 bob1 */
		[ROOTD]   =	{ true, false, false, false },
		[ALICE1]  =	{ true, true,  false, false },
		[ALICE2]  =	{ true, false, true,  false },
		[BOB1]    =	{ true, false, false, true  },
		[SU_BOB]  =	{ true, false, false, false },
		[SU_ROOT] =	{ true, false, false, false },
		[PLAIN]   =	{ true, false, false, false },
	};
	int row, column;

	for (column = 0; column < 4; column++)
		ASSERT_EQ(0, peer_register(&self->peer[column], names[column],
					   column));
	for (row = 0; row < PEERS; row++)
		for (column = 0; column < 4; column++)
			EXPECT_EQ(found[row][column] ? column : -ENOENT,
				  peer_find(&self->peer[row], names[column])) {
				TH_LOG("row %d, column %d", row, column);
			}
}

TEST_F(sessions, same_name_in_each)
{
	int i;

	for (i = ROOTD; i <= BOB1; i++)
		ASSERT_EQ(0, peer_register(&self->peer[i], "same", i));
	/* The nearest wins; the root session's is there for all others. */
	for (i = ROOTD; i <= BOB1; i++)
		EXPECT_EQ(i, peer_find(&self->peer[i], "same"));
	EXPECT_EQ(ROOTD, peer_find(&self->peer[SU_BOB], "same"));
	EXPECT_EQ(ROOTD, peer_find(&self->peer[SU_ROOT], "same"));
	EXPECT_EQ(ROOTD, peer_find(&self->peer[PLAIN], "same"));
	/* Without the shadow there is what it hid. */
	EXPECT_EQ(0, peer_unregister(&self->peer[ALICE1], "same"));
	EXPECT_EQ(ROOTD, peer_find(&self->peer[ALICE1], "same"));
	EXPECT_EQ(ALICE2, peer_find(&self->peer[ALICE2], "same"));
}

/* A user's sticky names are also root's to end. */
TEST_F(sessions, sticky_names_of_users)
{
	struct bootstrap_name args = args_name("kept");
	const struct peer *alice = &self->peer[ALICE1];
	int port = port_open(), tag = tag_new(ALICE1);

	ASSERT_EQ(0, peer_register_flags(alice, "kept", tag,
					 BOOTSTRAP_REGISTER_STICKY));
	EXPECT_EQ(ALICE1, peer_find(alice, "kept"));
	args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	args.session = id_of(alice);
	EXPECT_EQ(0, call(port, BOOTSTRAP_IOC_UNREGISTER, &args));
	EXPECT_EQ(-ENOENT, peer_find(alice, "kept"));
	close(port);
	close(tag);
}

TEST_F(sessions, scopes)
{
	const struct peer *alice = &self->peer[ALICE1];
	__u32 alice1 = id_of(alice), alice2 = id_of(&self->peer[ALICE2]);

	ASSERT_EQ(0, peer_register(&self->peer[ROOTD], "a", ROOTD));
	ASSERT_EQ(0, peer_register(alice, "a", ALICE1));
	ASSERT_EQ(0, peer_register(&self->peer[ALICE2], "only2", ALICE2));
	ASSERT_EQ(0, peer_register(&self->peer[ROOTD], "rootonly", ROOTD));

	EXPECT_EQ(ROOTD, peer_find_in(alice, "a", 0, BOOTSTRAP_SCOPE_ROOT, 0));
	EXPECT_EQ(ALICE1, peer_find_in(alice, "a", 0, BOOTSTRAP_SCOPE_SESSION, 0));
	EXPECT_EQ(ALICE1, peer_find_in(alice, "a", 0,
				       BOOTSTRAP_SCOPE_SESSION_ID, alice1));
	/* A scope is that namespace alone. */
	EXPECT_EQ(-ENOENT, peer_find_in(alice, "rootonly", 0,
					BOOTSTRAP_SCOPE_SESSION, 0));
	/* Another session: not there and not permitted look the same. */
	EXPECT_EQ(-ENOENT, peer_find_in(alice, "only2", 0,
					BOOTSTRAP_SCOPE_SESSION_ID, alice2));
	EXPECT_EQ(-ENOENT, peer_find_in(alice, "only2", 0,
					BOOTSTRAP_SCOPE_SESSION_ID, 0xfffffff0));
	/* The root session's own is the root namespace. */
	EXPECT_EQ(ROOTD, peer_find_in(&self->peer[PLAIN], "a", 0,
				      BOOTSTRAP_SCOPE_SESSION, 0));
	EXPECT_EQ(ROOTD, peer_find_in(alice, "a", 0,
				      BOOTSTRAP_SCOPE_SESSION_ID, ROOT_ID));
	/* Root reaches a session by its id, and the one it came from by su. */
	EXPECT_EQ(ALICE2, peer_find_in(&self->peer[ROOTD], "only2", 0,
				       BOOTSTRAP_SCOPE_SESSION_ID, alice2));
	EXPECT_EQ(-ESRCH, peer_find_in(&self->peer[ROOTD], "only2", 0,
				       BOOTSTRAP_SCOPE_SESSION_ID, 0xfffffff0));
	EXPECT_EQ(-ENOENT, peer_find_in(&self->peer[SU_BOB], "a", 0,
					BOOTSTRAP_SCOPE_SESSION, 0));
}

/* sudo in a session: root, and still where the session is by its id. */
TEST_F(sessions, root_in_a_session_reaches_it_by_scope)
{
	int pipes[2], stop[2], port = port_open();
	struct bootstrap_look_up args = args_look_up("a");
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, pipe(stop));
	pid = fork();
	if (!pid) {
		pid_t child;
		int fd;

		if (set_login_uid(ALICE))
			_exit(1);
		child = fork();
		if (!child) {
			become(ALICE);
			_exit(do_register(port_open(), "a", tag_new(9)) ||
			      write(pipes[1], "r", 1) != 1 || linger(stop));
		}
		if (read(pipes[0], &fd, 1) != 1)
			_exit(2);
		if (do_look_up(port, "a") != -ENOENT)
			_exit(3);
		args.scope = BOOTSTRAP_SCOPE_SESSION;
		fd = call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
		kill(child, SIGKILL);
		_exit(tag_of(fd) != 9);
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_F(sessions, privileged_server)
{
	const __u32 flag = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER;
	const struct peer *alice = &self->peer[ALICE1];

	ASSERT_EQ(0, peer_register(alice, "bank", ALICE1));
	EXPECT_EQ(ALICE1, peer_find(alice, "bank"));
	EXPECT_EQ(-ENOENT, peer_find_in(alice, "bank", flag, 0, 0));
	ASSERT_EQ(0, peer_register(&self->peer[ROOTD], "bank", ROOTD));
	EXPECT_EQ(ALICE1, peer_find(alice, "bank"));
	EXPECT_EQ(ROOTD, peer_find_in(alice, "bank", flag, 0, 0));
	EXPECT_EQ(ROOTD, peer_find_in(alice, "bank", flag,
				      BOOTSTRAP_SCOPE_ROOT, 0));
}

TEST_F(sessions, query_own)
{
	struct bootstrap_session root, alice1, alice2, other;

	ASSERT_EQ(0, do_session(self->port, &root));
	EXPECT_EQ(ROOT_ID, root.session);
	EXPECT_EQ(BOOTSTRAP_SESSION_ATTR_ROOT, root.attributes);
	EXPECT_EQ(0, root.uid);
	EXPECT_EQ(0, root.standing);

	ASSERT_EQ(0, peer_register(&self->peer[ALICE1], "a", 1));
	ASSERT_EQ(0, peer_session(&self->peer[ALICE1], 0, 0, &alice1));
	ASSERT_EQ(0, peer_session(&self->peer[ALICE2], 0, 0, &alice2));
	EXPECT_EQ(0, alice1.attributes);
	EXPECT_EQ(ALICE, alice1.uid);
	EXPECT_EQ(1, alice1.names);
	EXPECT_EQ(0, alice2.names);
	EXPECT_NE(alice1.session, alice2.session);
	EXPECT_NE(alice1.cookie, alice2.cookie);
	EXPECT_NE(alice1.namespace_id, alice2.namespace_id);
	EXPECT_NE(root.cookie, alice1.cookie);

	/* By su one stands where the root session stands, and is told so. */
	ASSERT_EQ(0, peer_session(&self->peer[SU_BOB], 0, 0, &other));
	EXPECT_EQ(ROOT_ID, other.session);
	EXPECT_EQ(BOOTSTRAP_STANDING_OUTSIDE, other.standing);
	ASSERT_EQ(0, peer_session(&self->peer[PLAIN], 0, 0, &other));
	EXPECT_EQ(ROOT_ID, other.session);
	EXPECT_EQ(0, other.standing);
}

TEST_F(sessions, query_by_id)
{
	const __u32 flag = BOOTSTRAP_SESSION_BY_ID;
	__u32 alice1 = id_of(&self->peer[ALICE1]);
	__u32 bob1 = id_of(&self->peer[BOB1]);
	struct bootstrap_session session;

	ASSERT_EQ(0, do_session_by_id(self->port, alice1, 0, &session));
	EXPECT_EQ(alice1, session.session);
	EXPECT_EQ(ALICE, session.uid);
	EXPECT_EQ(0, do_session_by_id(self->port, alice1, session.cookie,
				      &session));
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, alice1,
					   session.cookie + 1, &session));
	/* Its user sees it from his other session and from outside. */
	EXPECT_EQ(0, peer_session(&self->peer[ALICE2], flag, alice1, &session));
	EXPECT_EQ(0, peer_session(&self->peer[PLAIN], flag, alice1, &session));
	EXPECT_EQ(-ESRCH, peer_session(&self->peer[BOB1], flag, alice1,
				       &session));
	EXPECT_EQ(-ESRCH, peer_session(&self->peer[ALICE1], flag, bob1,
				       &session));
	EXPECT_EQ(-ESRCH, peer_session(&self->peer[SU_BOB], flag, alice1,
				       &session));
	EXPECT_EQ(0, peer_session(&self->peer[BOB1], flag, ROOT_ID, &session));
	EXPECT_EQ(0, session.standing);
}

/* How many login sessions a peer is told of, by going through all. */
static int count_sessions(const struct peer *peer, uid_t uid)
{
	struct bootstrap_session session = { 0 };
	__u32 id = 0;
	int count = 0;

	for (;;) {
		if (peer_session(peer, BOOTSTRAP_SESSION_NEXT, id, &session))
			return -1;
		if (session.session == ROOT_ID)
			return count;
		if (session.session < id)
			return -2;
		count += session.uid == uid;
		id = session.session + 1;
	}
}

TEST_F(sessions, query_next)
{
	struct bootstrap_session session;
	int i;

	for (i = 0; i < PEERS; i++)
		ASSERT_EQ(0, peer_session(&self->peer[i], 0, 0, &session));
	EXPECT_EQ(2, count_sessions(&self->peer[ROOTD], ALICE));
	EXPECT_EQ(1, count_sessions(&self->peer[ROOTD], BOB));
	EXPECT_EQ(2, count_sessions(&self->peer[ALICE1], ALICE));
	EXPECT_EQ(0, count_sessions(&self->peer[ALICE1], BOB));
	EXPECT_EQ(1, count_sessions(&self->peer[BOB1], BOB));
	EXPECT_EQ(0, count_sessions(&self->peer[BOB1], ALICE));
	ASSERT_EQ(0, peer_session(&self->peer[BOB1], BOOTSTRAP_SESSION_NEXT,
				  ROOT_ID, &session));
	EXPECT_EQ(ROOT_ID, session.session);
}

/* A session comes to be at its first call, not when its id was given out. */
TEST_F(sessions, nothing_before_the_first_call)
{
	struct bootstrap_session session;
	int pipes[2], stop[2];
	pid_t pid;
	__u32 id;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, pipe(stop));
	pid = fork();
	if (!pid) {
		log_in(ALICE);
		id = proc_number("self/sessionid");
		write(pipes[1], &id, sizeof(id));
		_exit(linger(stop));
	}
	ASSERT_EQ(sizeof(id), read(pipes[0], &id, sizeof(id)));
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, id, 0, &session));
	kill(pid, SIGKILL);
	wait_for(pid);
}

/* Features tell of the kernel, not of a session: they make none. */
TEST_F(sessions, features_make_no_session)
{
	struct bootstrap_features features = { .size = sizeof(features) };
	struct bootstrap_session session;
	int pipes[2], stop[2], port;
	pid_t pid;
	__u32 id;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, pipe(stop));
	pid = fork();
	if (!pid) {
		log_in(ALICE);
		port = port_open();
		call(port, BOOTSTRAP_IOC_FEATURES, &features);
		id = proc_number("self/sessionid");
		write(pipes[1], &id, sizeof(id));
		_exit(linger(stop));
	}
	ASSERT_EQ(sizeof(id), read(pipes[0], &id, sizeof(id)));
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, id, 0, &session));
	kill(pid, SIGKILL);
	wait_for(pid);
}

/* What is registered from inside may be written by root, named by its id. */
TEST_F(sessions, root_writes_to_a_session_by_id)
{
	struct bootstrap_register args = args_register("gift", tag_new(5));
	struct bootstrap_name name = args_name("gift");
	__u32 alice1 = id_of(&self->peer[ALICE1]);
	struct bootstrap_info info;
	int fd;

	args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	args.session = alice1;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(5, peer_find(&self->peer[ALICE1], "gift"));
	EXPECT_EQ(-ENOENT, peer_find(&self->peer[ALICE2], "gift"));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "gift"));
	/* It is root's, told to be of the root session. */
	struct bootstrap_look_up look_up = args_look_up("gift");

	info.size = sizeof(info);
	look_up.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	look_up.session = alice1;
	look_up.info = (uintptr_t)&info;
	fd = call(self->port, BOOTSTRAP_IOC_LOOK_UP, &look_up);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, info.uid);
	EXPECT_EQ(ROOT_ID, info.session);
	EXPECT_EQ(-EPERM, peer_unregister(&self->peer[ALICE1], "gift"));
	name.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	name.session = alice1;
	EXPECT_EQ(0, call(self->port, BOOTSTRAP_IOC_UNREGISTER, &name));
}

/* bob listens at a path, writes a file, and shares memory by its name. */
static int serve_plainly(const char *dir, int tell)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[96], c = 'x';
	int server, client, file, memory;

	log_in(BOB);
	umask(0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(server, (void *)&address, sizeof(address)) || listen(server, 1))
		return 1;
	snprintf(path, sizeof(path), "%s/file", dir);
	file = open(path, O_RDWR | O_CREAT, 0666);
	memory = shm_open("/plain", O_RDWR | O_CREAT, 0666);
	if (write(file, "file", 4) != 4 || write(memory, "memory", 6) != 6)
		return 2;
	write(tell, &c, 1);
	client = accept(server, NULL, NULL);
	return write(client, "socket", 6) != 6;
}

static int use_plainly(const char *dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[96], text[16] = "";
	int client, file;

	log_in(ALICE);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(client, (void *)&address, sizeof(address)) ||
	    read(client, text, sizeof(text)) != 6 || strcmp(text, "socket"))
		return 1;
	snprintf(path, sizeof(path), "%s/file", dir);
	file = open(path, O_RDWR);
	if (read(file, text, sizeof(text)) != 4 || memcmp(text, "file", 4))
		return 2;
	file = shm_open("/plain", O_RDWR, 0);
	return read(file, text, sizeof(text)) != 6 || memcmp(text, "memory", 6);
}

/* What needs no name of ours goes between logins as without the module. */
TEST_F(sessions, sockets_files_and_memory_go_as_before)
{
	char dir[] = "/tmp/plain.XXXXXX", c;
	int tell[2];
	pid_t bob, alice;

	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, chmod(dir, 0777));
	ASSERT_EQ(0, pipe(tell));
	bob = fork();
	if (!bob)
		_exit(serve_plainly(dir, tell[1]));
	ASSERT_EQ(1, read(tell[0], &c, 1));
	alice = fork();
	if (!alice)
		_exit(use_plainly(dir));
	EXPECT_EQ(0, child_result(alice));
	EXPECT_EQ(0, child_result(bob));
	shm_unlink("/plain");
}

/* Only the walls are new: descriptors that were looked up pass over them. */
TEST_F(sessions, descriptors_cross_the_walls)
{
	struct peer *alice = &self->peer[ALICE1], *bob = &self->peer[BOB1];
	int map = tag_new(7), sockets[2], shared[2];
	struct peer_message message = { .command = BOOTSTRAP_IOC_LOOK_UP };
	int *memory, fd;

	/* A file endpoint is a file like any other, shared memory too. */
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	ftruncate(map, 4096);
	ASSERT_EQ(0, peer_register_flags(&self->peer[ROOTD], "shm", map, 0));
	memory[0] = 99;
	EXPECT_EQ(99, peer_find(alice, "shm"));
	EXPECT_EQ(99, peer_find(bob, "shm"));

	/* A connected socket reaches over the walls, and passes descriptors. */
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, shared));
	ASSERT_EQ(0, peer_register_flags(alice, "sock", sockets[1], 0));
	strcpy(message.name, "sock");
	message.args.look_up.name_len = 4;
	ASSERT_LE(0, peer_call(alice, &message, -1, &fd));
	ASSERT_TRUE(peer_send(fd, &message, shared[0]));
	close(fd);
	ASSERT_TRUE(peer_receive(sockets[0], &message, &fd));
	EXPECT_EQ(2, write(fd, "hi", 2));
	EXPECT_EQ(2, read(shared[1], &message, sizeof(message)));
}

/* One port for many: who calls decides, not who opened it. */
TEST_F(sessions, travelling_port_means_the_callers_namespace)
{
	int port, ret;
	pid_t pid;

	ASSERT_EQ(0, peer_register(&self->peer[ROOTD], "a", ROOTD));
	port = port_open();
	pid = fork();
	if (!pid) {
		log_in(ALICE);
		if (do_register(port, "a", tag_new(50)) ||
		    tag_of(do_look_up(port, "a")) != 50)
			_exit(1);
		_exit(0);
	}
	ret = child_result(pid);
	EXPECT_EQ(0, ret);
	EXPECT_EQ(ROOTD, tag_of(do_look_up(port, "a")));
}

TEST_HARNESS_MAIN
