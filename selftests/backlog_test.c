// SPDX-License-Identifier: GPL-2.0
/*
 * Backlogs: how many connections may wait at a service, for what those wait who
 * find no room, and what becomes of all of them when the server goes.
 */
#include "harness.h"
#include "service.h"

/* As with listen(2), one more than the backlog may wait. */
#define BACKLOG	7
#define ROOM	(BACKLOG + 1)
#define SOMAXCONN_FILE	"/proc/sys/net/core/somaxconn"

FIXTURE(backlog)
{
	int port, right;
};

FIXTURE_SETUP(backlog)
{
	self->port = port_open();
	self->right = do_check_in_as(self->port, "service", 0, 0, BACKLOG);
	ASSERT_LE(0, self->right);
}

FIXTURE_TEARDOWN(backlog)
{
	EXPECT_EQ(0, write_file(PARAMETER("backlog"), "128"));
	EXPECT_EQ(0, write_file(PARAMETER("backlog_max"), "4096"));
	EXPECT_EQ(0, write_file(SOMAXCONN_FILE, "4096"));
	close(self->right);
	close(self->port);
}

/* Connects until there is no room; how often that went well. */
static int fill(int port, const char *name)
{
	int count = 0;

	while (do_look_up_nonblock(port, name) >= 0)
		count++;
	return count;
}

/* A process in a look-up that blocks; it ends with the errno, or 0. */
static pid_t look_up_blocked(int port, const char *name)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	/* No copy of the right: it is closed when the test closes it. */
	for (fd = 3; fd < 100; fd++)
		if (fd != port)
			close(fd);
	fd = do_look_up(port, name);
	_exit(fd < 0 ? -fd : 0);
}

static char state_of(pid_t pid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*d %*s %c", &state) != 1)
		state = 0;
	fclose(file);
	return state;
}

static bool blocks(pid_t pid)
{
	char path[64], where[64] = "";
	FILE *file;

	if (state_of(pid) != 'S')
		return false;
	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	file = fopen(path, "re");
	if (file) {
		fgets(where, sizeof(where), file);
		fclose(file);
	}
	return atoi(where) == SYS_ioctl;
}

TEST_F(backlog, nonblocking)
{
	EXPECT_EQ(ROOM, fill(self->port, "service"));
	EXPECT_EQ(-EAGAIN, do_look_up_nonblock(self->port, "service"));
	close(accept_now(self->right));
	EXPECT_EQ(1, fill(self->port, "service"));
	EXPECT_EQ(ROOM, drain(self->right));
	EXPECT_EQ(ROOM, fill(self->port, "service"));
}

TEST_F(backlog, blocking)
{
	pid_t pid;

	fill(self->port, "service");
	pid = look_up_blocked(self->port, "service");
	EXPECT_TRUE(eventually(blocks(pid)));
	close(accept_now(self->right));
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(ROOM, drain(self->right));
}

TEST_F(backlog, interrupted)
{
	alarms_on(0);
	fill(self->port, "service");
	EXPECT_EQ(-EINTR, do_look_up(self->port, "service"));
	alarms_off();
	EXPECT_EQ(ROOM, drain(self->right));
}

static volatile sig_atomic_t interruptions;
static int make_room;

static void count_and_make_room(int sig)
{
	(void)sig;
	if (++interruptions == 3)
		close(accept(make_room, NULL, NULL));
}

TEST_F(backlog, restarted)
{
	struct sigaction action = {
		.sa_handler = count_and_make_room, .sa_flags = SA_RESTART,
	};

	fill(self->port, "service");
	make_room = self->right;
	alarms_on(SA_RESTART);
	sigaction(SIGALRM, &action, NULL);
	EXPECT_LE(0, do_look_up(self->port, "service"));
	alarms_off();
	EXPECT_LE(3, interruptions);
	EXPECT_EQ(ROOM, drain(self->right));
}

TEST_F(backlog, killed)
{
	pid_t pids[3];
	int i;

	fill(self->port, "service");
	for (i = 0; i < 3; i++) {
		pids[i] = look_up_blocked(self->port, "service");
		EXPECT_TRUE(eventually(blocks(pids[i])));
	}
	/* Who was the next is not there any more; the others are. */
	kill(pids[0], SIGKILL);
	close(accept_now(self->right));
	wait_for(pids[0]);
	close(accept_now(self->right));
	EXPECT_EQ(0, child_result(pids[1]));
	EXPECT_EQ(0, child_result(pids[2]));
}

#define WAITERS	20

TEST_F(backlog, all_get_through)
{
	pid_t pids[WAITERS];
	int i, taken = 0;

	fill(self->port, "service");
	for (i = 0; i < WAITERS; i++)
		pids[i] = look_up_blocked(self->port, "service");
	for (i = 0; i < WAITERS; i++)
		EXPECT_TRUE(eventually(blocks(pids[i])));
	while (taken < WAITERS + ROOM && readable(self->right, 10000))
		taken += drain(self->right);
	EXPECT_EQ(WAITERS + ROOM, taken);
	for (i = 0; i < WAITERS; i++)
		EXPECT_EQ(0, child_result(pids[i]));
}

/* Of two users, each of which has too many there for a while. */
TEST_F(backlog, all_users_get_through)
{
	static const uid_t uids[] = { ALICE, BOB, 0 };
	pid_t pids[WAITERS];
	int i, taken = 0;

	fill(self->port, "service");
	for (i = 0; i < WAITERS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		become(uids[i % 3]);
		_exit(do_look_up(self->port, "service") < 0);
	}
	for (i = 0; i < WAITERS; i++)
		EXPECT_TRUE(eventually(blocks(pids[i])));
	/* One by one, so that each has to do with one that was accepted. */
	while (taken < WAITERS + ROOM && readable(self->right, 10000)) {
		close(accept_now(self->right));
		taken++;
	}
	EXPECT_EQ(WAITERS + ROOM, taken);
	for (i = 0; i < WAITERS; i++)
		EXPECT_EQ(0, child_result(pids[i]));
}

TEST_F(backlog, a_quarter_for_others)
{
	struct peer alice = peer_start(enter_root_session, ALICE);
	struct peer bob = peer_start(log_in, BOB);
	int right, i;

	right = do_check_in_as(self->port, "quarter", 0, 0, 16);
	ASSERT_LE(0, right);
	for (i = 0; i < 4; i++)
		EXPECT_LE(0, peer_connect(&alice, "quarter"));
	EXPECT_EQ(-EAGAIN, peer_connect(&alice, "quarter"));
	/* Also for those that hung up, as long as they wait. */
	for (i = 0; i < 4; i++)
		close(peer_connect(&bob, "quarter"));
	EXPECT_EQ(-EAGAIN, peer_connect(&bob, "quarter"));
	close(accept_now(right));
	EXPECT_LE(0, peer_connect(&alice, "quarter"));
	EXPECT_EQ(-EAGAIN, peer_connect(&alice, "quarter"));
	EXPECT_EQ(17 - 8, fill(self->port, "quarter"));
	close(accept_now(right));
	/* There is room now, and alice has her share of it still. */
	EXPECT_EQ(17, drain(right) + 1);
	peer_stop(&alice);
	peer_stop(&bob);
}

TEST_F(backlog, the_servers_own_user)
{
	struct peer alice = peer_start(log_in, ALICE);
	int right, i;

	right = peer_check_in(&alice, "hers", 0);
	ASSERT_LE(0, right);
	for (i = 0; i < 129; i++)
		ASSERT_LE(0, peer_connect(&alice, "hers"));
	EXPECT_EQ(-EAGAIN, peer_connect(&alice, "hers"));
	EXPECT_EQ(129, drain(right));
	peer_stop(&alice);
}

/* A backlog too small to be divided. */
TEST_F(backlog, at_least_one)
{
	struct peer alice = peer_start(enter_root_session, ALICE);
	struct peer bob = peer_start(enter_root_session, BOB);
	int right = do_check_in_as(self->port, "small", 0, 0, 1);

	ASSERT_LE(0, right);
	EXPECT_LE(0, peer_connect(&alice, "small"));
	EXPECT_EQ(-EAGAIN, peer_connect(&alice, "small"));
	EXPECT_LE(0, peer_connect(&bob, "small"));
	EXPECT_EQ(-EAGAIN, do_look_up_nonblock(self->port, "small"));
	peer_stop(&alice);
	peer_stop(&bob);
}

TEST_F(backlog, listen_by_the_holder)
{
	ASSERT_EQ(0, listen(self->right, 1000));
	EXPECT_EQ(ROOM, fill(self->port, "service"));
	EXPECT_EQ(ROOM, drain(self->right));
	/* Fewer he may want. */
	ASSERT_EQ(0, listen(self->right, 2));
	EXPECT_EQ(3, fill(self->port, "service"));
	EXPECT_EQ(3, drain(self->right));
	ASSERT_EQ(0, listen(self->right, BACKLOG));
	EXPECT_EQ(ROOM, fill(self->port, "service"));
}

/* More room wakes those who wait for it. */
TEST_F(backlog, listen_makes_room)
{
	pid_t pid;

	ASSERT_EQ(0, listen(self->right, 1));
	EXPECT_EQ(2, fill(self->port, "service"));
	pid = look_up_blocked(self->port, "service");
	EXPECT_TRUE(eventually(blocks(pid)));
	ASSERT_EQ(0, listen(self->right, 2));
	EXPECT_EQ(0, child_result(pid));
}

static int room_of(int port, __u32 asked)
{
	int right = do_check_in_as(port, "asked", 0, 0, asked);
	int room = fill(port, "asked");

	close(right);
	return room;
}

TEST_F(backlog, caps)
{
	struct bootstrap_features features = { .size = sizeof(features) };

	ASSERT_EQ(0, write_file(PARAMETER("backlog"), "5"));
	ASSERT_EQ(0, write_file(PARAMETER("backlog_max"), "20"));
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_FEATURES, &features));
	EXPECT_EQ(5, features.backlog);
	EXPECT_EQ(20, features.backlog_max);
	EXPECT_EQ(6, room_of(self->port, 0));
	EXPECT_EQ(21, room_of(self->port, 20));
	EXPECT_EQ(21, room_of(self->port, 21));
	EXPECT_EQ(21, room_of(self->port, ~0u));
	ASSERT_EQ(0, write_file(SOMAXCONN_FILE, "10"));
	EXPECT_EQ(11, room_of(self->port, 20));
	EXPECT_EQ(6, room_of(self->port, 0));
}

/* Connections that wait and are not accepted any more. */
static bool is_refused(int client)
{
	char c;

	/* As with any AF_UNIX socket that is closed with something unread. */
	return readable(client, 10000) &&
	       (recv(client, &c, 1, 0) == 0 || errno == ECONNRESET) &&
	       send(client, &c, 1, MSG_NOSIGNAL) < 0;
}

TEST_F(backlog, closed_with_connections)
{
	int quiet = do_look_up(self->port, "service");
	int busy = do_look_up(self->port, "service");

	ASSERT_EQ(1, write(busy, "x", 1));
	close(self->right);
	EXPECT_TRUE(is_refused(quiet));
	EXPECT_TRUE(is_refused(busy));
	self->right = -1;
}

TEST_F(backlog, server_dies)
{
	int ready[2], client;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		close(self->right);
		if (do_check_in(self->port, "dies") < 0)
			_exit(1);
		write(ready[1], "r", 1);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	client = do_look_up(self->port, "dies");
	ASSERT_LE(0, client);
	EXPECT_FALSE(readable(client, 0));
	kill(pid, SIGKILL);
	EXPECT_TRUE(is_refused(client));
	wait_for(pid);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "dies"));
}

/* Those who wait for room when all is over. */
TEST_F(backlog, closed_with_waiters)
{
	pid_t pids[3];
	int i;

	fill(self->port, "service");
	for (i = 0; i < 3; i++) {
		pids[i] = look_up_blocked(self->port, "service");
		EXPECT_TRUE(eventually(blocks(pids[i])));
	}
	close(self->right);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(ENOENT, child_result(pids[i]));
	self->right = -1;
}

TEST_F(backlog, unregistered_with_waiters)
{
	pid_t pids[3];
	int i;

	fill(self->port, "service");
	for (i = 0; i < 3; i++) {
		pids[i] = look_up_blocked(self->port, "service");
		EXPECT_TRUE(eventually(blocks(pids[i])));
	}
	ASSERT_EQ(0, do_unregister(self->port, "service"));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(ENOENT, child_result(pids[i]));
	EXPECT_EQ(ROOM, drain(self->right));
}

TEST_F(backlog, shut_down)
{
	pid_t pid;

	fill(self->port, "service");
	pid = look_up_blocked(self->port, "service");
	EXPECT_TRUE(eventually(blocks(pid)));
	ASSERT_EQ(0, shutdown(self->right, SHUT_RDWR));
	/* What waits may still be accepted, but nothing else comes. */
	close(accept_now(self->right));
	EXPECT_EQ(ECONNREFUSED, child_result(pid));
	EXPECT_EQ(-ECONNREFUSED, do_look_up(self->port, "service"));
	EXPECT_EQ(-ECONNREFUSED, do_look_up_nonblock(self->port, "service"));
	/* The name is there as long as the right. */
	EXPECT_EQ(-EBUSY, do_check_in(self->port, "service"));
	close(self->right);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	self->right = -1;
}

/* The room that one waits for is where the server comes to be. */
TEST_F(backlog, check_in_wakes_those_who_wait)
{
	int handle, right, taken = 0;
	pid_t pids[3];
	int i;

	handle = do_declare_as(self->port, "declared", 0, 0, BACKLOG, 0);
	ASSERT_LE(0, handle);
	EXPECT_EQ(ROOM, fill(self->port, "declared"));
	for (i = 0; i < 3; i++) {
		pids[i] = look_up_blocked(self->port, "declared");
		EXPECT_TRUE(eventually(blocks(pids[i])));
	}
	right = handle_check_in(handle);
	ASSERT_LE(0, right);
	while (taken < ROOM + 3 && readable(right, 10000))
		taken += drain(right);
	EXPECT_EQ(ROOM + 3, taken);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, child_result(pids[i]));
}

/* And where the server is no longer, back at the queue. */
TEST_F(backlog, waiters_survive_the_server)
{
	int handle, right, taken = 0;
	struct peer server;
	pid_t pid;

	handle = do_declare_as(self->port, "declared", 0, 0, BACKLOG, 0);
	server = peer_start(NULL, 0);
	right = peer_handle_check_in(&server, handle);
	ASSERT_LE(0, right);
	EXPECT_EQ(ROOM, fill(self->port, "declared"));
	pid = look_up_blocked(self->port, "declared");
	EXPECT_TRUE(eventually(blocks(pid)));
	peer_kill(&server);
	EXPECT_TRUE(readable(handle, 10000));
	/* The right is not the service's any more. */
	EXPECT_GT(0, accept4(right, NULL, NULL, SOCK_NONBLOCK));
	right = handle_check_in(handle);
	ASSERT_LE(0, right);
	while (taken < ROOM + 1 && readable(right, 10000))
		taken += drain(right);
	EXPECT_EQ(ROOM + 1, taken);
	EXPECT_EQ(0, child_result(pid));
}

TEST_HARNESS_MAIN
