// SPDX-License-Identifier: GPL-2.0
/* Logouts that are asked for, and deferrals that hold them up. */
#include <sched.h>
#include <sys/resource.h>

#include "login.h"
#include "harness.h"

#define LOGOUT		BOOTSTRAP_RECORD_SESSION_LOGOUT
#define DEFERRED	BOOTSTRAP_RECORD_SESSION_DEFERRED
#define CHANGED		BOOTSTRAP_RECORD_SESSION_CHANGED
#define ENDED		BOOTSTRAP_RECORD_SESSION_ENDED

#define SECOND		1000000000ULL
#define MINUTE		(60 * SECOND)
/* What has passed. */
#define FORCE		1
#define NEVER		BOOTSTRAP_DEADLINE_NEVER

#define LIMIT		PARAMETER("deferrals_per_user")

FIXTURE(logout)
{
	int port;
	int watch;
	/* A session of alice's, and another process of hers; a session of bob's. */
	struct peer login;
	struct peer other;
	struct peer bob;
	__u32 id;
};

FIXTURE_SETUP(logout)
{
	self->port = port_open();
	ASSERT_TRUE(eventually(no_logins(self->port)));
	self->login = login_start(ALICE);
	self->other = login_start(ALICE);
	self->bob = login_start(BOB);
	self->id = session_of(&self->login);
	self->watch = do_watch_sessions(self->port);
	ASSERT_TRUE(skip_present(self->watch));
}

FIXTURE_TEARDOWN(logout)
{
	close(self->watch);
	peer_stop(&self->login);
	peer_stop(&self->other);
	peer_stop(&self->bob);
	close(self->port);
}

static struct bootstrap_session session_now(int port, __u32 id)
{
	struct bootstrap_session session;

	if (do_session_by_id(port, id, 0, &session))
		memset(&session, 0, sizeof(session));
	return session;
}

static __u32 state_of(int port, __u32 id)
{
	return session_now(port, id).state;
}

#define EXPECT_EVENT(_type, _watch, _event)				\
	EXPECT_EQ(_type, await_session_event(_watch, _event))

/* It may go on. */
#define EXPECT_GOES_ON(_logout)						\
	EXPECT_EQ(POLLIN, events_of(_logout))

#define EXPECT_HELD_UP(_logout)						\
	EXPECT_EQ(0, events_of(_logout))

TEST_F(logout, nobody_defers)
{
	struct session_event event;
	__u64 before = now_ns();
	int logout = do_logout(self->port, self->id, 0, 0);
	struct bootstrap_session session = session_now(self->port, self->id);

	ASSERT_LE(0, logout);
	EXPECT_GOES_ON(logout);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGOUT, session.state);
	EXPECT_LE(before + MINUTE, session.deadline);
	EXPECT_GE(now_ns() + MINUTE, session.deadline);
	EXPECT_EVENT(LOGOUT, self->watch, &event);
	EXPECT_EQ(self->id, event.session.session);
	EXPECT_EQ(session.deadline, event.session.deadline);
	EXPECT_EQ(0, events_of(self->watch));
	/* It is given up. */
	close(logout);
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, event.session.state);
	EXPECT_EQ(0, event.session.deadline);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, state_of(self->port, self->id));
}

TEST_F(logout, waits_for_each_that_defers)
{
	int deferrals[] = { peer_defer(&self->login, "unsaved text"),
			    peer_defer(&self->login, "a burning disc") };
	struct session_event event;
	int logout;

	ASSERT_LE(0, deferrals[0]);
	ASSERT_LE(0, deferrals[1]);
	EXPECT_EQ(2, session_now(self->port, self->id).deferrals);
	/* That somebody would defer is no news as long as nobody asks. */
	EXPECT_EQ(0, events_of(self->watch));
	logout = do_logout(self->port, self->id, 0, 0);
	ASSERT_LE(0, logout);
	EXPECT_HELD_UP(logout);
	EXPECT_EVENT(LOGOUT, self->watch, &event);
	EXPECT_EQ(2, event.session.deferrals);
	EXPECT_EVENT(DEFERRED, self->watch, &event);
	EXPECT_STREQ("unsaved text", event.reason);
	EXPECT_EQ(self->login.pid, event.deferral.pid);
	EXPECT_EQ(ALICE, event.deferral.uid);
	EXPECT_EQ(self->id, event.deferral.session);
	EXPECT_EQ(session_now(self->port, self->id).cookie,
		  event.deferral.cookie);
	EXPECT_EQ(0, events_of(self->watch));

	close(deferrals[0]);
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(1, event.session.deferrals);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGOUT, event.session.state);
	EXPECT_HELD_UP(logout);
	close(deferrals[1]);
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(0, event.session.deferrals);
	EXPECT_GOES_ON(logout);
	close(logout);
}

/* Whoever sleeps in poll(2) is woken. */
TEST_F(logout, wakes_who_waits_for_it)
{
	int deferral = peer_defer(&self->login, "a while");
	int logout = do_logout(self->port, self->id, 0, 0);
	pid_t pid = fork();

	if (!pid) {
		CHECK(close(deferral) == 0);
		CHECK(readable(logout, 10000));
		_exit(0);
	}
	usleep(50000);
	close(deferral);
	EXPECT_EQ(0, child_result(pid));
	close(logout);
}

static void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* Defers, and asks about its session as soon as it is told; by members alone. */
static void look_when_told(int sock, int rounds)
{
	int port, deferral, round, i;
	__u32 id;

	log_in(ALICE);
	stay_on(1);
	port = port_open();
	id = session_of_pid(getpid());
	deferral = do_defer(port, "quick");
	/* To tell them, too, takes its time. */
	for (i = 0; i < 40; i++)
		CHECK(do_defer(port, "slow") >= 0);
	CHECK(deferral >= 0 && write(sock, &id, sizeof(id)) == sizeof(id));
	for (round = 0; round < rounds; round++) {
		while (!(events_of(deferral) & POLLIN))
			;
		CHECK(state_of(port, id) == BOOTSTRAP_SESSION_STATE_LOGOUT);
		CHECK(write(sock, "l", 1) == 1);
		while (events_of(deferral))
			sched_yield();
		CHECK(write(sock, "c", 1) == 1);
	}
	_exit(0);
}

/* Maybe on another processor. */
TEST_F(logout, is_asked_for_when_that_is_told)
{
	int socks[2], round, rounds = scaled(200);
	pid_t pid;
	__u32 id;
	char c;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, socks));
	pid = fork();
	if (!pid)
		look_when_told(socks[1], rounds);
	close(socks[1]);
	stay_on(0);
	ASSERT_EQ(sizeof(id), read(socks[0], &id, sizeof(id)));
	for (round = 0; round < rounds; round++) {
		int logout = do_logout(self->port, id, 0, 0);

		if (logout < 0 || read(socks[0], &c, 1) != 1)
			break;
		close(logout);
		if (read(socks[0], &c, 1) != 1)
			break;
	}
	EXPECT_EQ(rounds, round);
	EXPECT_EQ(0, child_result(pid));
	close(socks[0]);
}

static void call_without_descriptors(void)
{
	struct rlimit none = { 4, 4 };
	__u32 id = session_of_pid(getpid());

	dup2(port_open(), 3);
	setrlimit(RLIMIT_NOFILE, &none);
	CHECK(do_defer(3, "no descriptor") == -EMFILE);
	CHECK(do_logout(3, id, 0, 0) == -EMFILE);
	CHECK(state_of(3, id) == BOOTSTRAP_SESSION_STATE_OPEN);
	CHECK(session_now(3, id).deferrals == 0);
}

TEST_F(logout, needs_a_descriptor)
{
	EXPECT_EQ(0, AS(ALICE, call_without_descriptors()));
}

TEST_F(logout, tells_who_defers)
{
	int deferral = peer_defer(&self->login, "unsaved");
	int logout;

	EXPECT_EQ(0, events_of(deferral));
	logout = do_logout(self->port, self->id, 0, 0);
	EXPECT_EQ(POLLIN, events_of(deferral));
	close(logout);
	EXPECT_EQ(0, events_of(deferral));
	logout = do_logout(self->port, self->id, 0, 0);
	EXPECT_EQ(POLLIN, events_of(deferral));
	ASSERT_TRUE(login_stop(self->port, &self->login));
	EXPECT_EQ(POLLIN | POLLHUP, events_of(deferral));
	EXPECT_EQ(POLLIN | POLLHUP, events_of(logout));
	EXPECT_EQ(-ESHUTDOWN, do_cancel(deferral));
	/* Descriptors outlive it, and keep nothing of it. */
	close(logout);
	close(deferral);
	self->login = login_start(ALICE);
}

TEST_F(logout, is_cancelled)
{
	int deferral = peer_defer(&self->login, "do not go");
	struct session_event event;
	int logout;

	EXPECT_EQ(-ESRCH, do_cancel(deferral));
	logout = do_logout(self->port, self->id, 0, 0);
	EXPECT_EVENT(LOGOUT, self->watch, &event);
	EXPECT_EVENT(DEFERRED, self->watch, &event);
	EXPECT_EQ(0, do_cancel(deferral));
	EXPECT_EQ(POLLERR, events_of(logout));
	EXPECT_EQ(0, events_of(deferral));
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, event.session.state);
	EXPECT_EQ(1, event.session.deferrals);
	EXPECT_EQ(-ESRCH, do_cancel(deferral));
	/* For good, whatever becomes of the deferral. */
	close(deferral);
	EXPECT_EQ(POLLERR, events_of(logout));
	close(logout);
	EXPECT_EQ(0, events_of(self->watch));
	logout = do_logout(self->port, self->id, 0, 0);
	EXPECT_GOES_ON(logout);
	close(logout);
}

TEST_F(logout, deadline_overrides)
{
	int deferral = peer_defer(&self->login, "for ever");
	int logout = do_logout(self->port, self->id, 0, now_ns() + SECOND / 2);
	__u64 deadline = session_now(self->port, self->id).deadline;

	EXPECT_HELD_UP(logout);
	EXPECT_TRUE(readable(logout, 10000));
	EXPECT_LE(deadline, now_ns());
	EXPECT_EQ(-ETIMEDOUT, do_cancel(deferral));
	EXPECT_GOES_ON(logout);
	close(deferral);
	close(logout);
}

TEST_F(logout, force_overrides)
{
	int deferral = peer_defer(&self->login, "for ever");
	int logout = do_logout(self->port, self->id, 0, FORCE);

	EXPECT_GOES_ON(logout);
	EXPECT_EQ(-ETIMEDOUT, do_cancel(deferral));
	/* All the same it is told, and waited for by nobody. */
	EXPECT_EQ(POLLIN, events_of(deferral));
	close(deferral);
	close(logout);
}

TEST_F(logout, is_joined)
{
	int deferral = peer_defer(&self->login, "for ever");
	int first = do_logout(self->port, self->id, 0, now_ns() + 30 * SECOND);
	__u64 deadline = session_now(self->port, self->id).deadline;
	struct session_event event;
	int later, sooner;

	EXPECT_EVENT(LOGOUT, self->watch, &event);
	EXPECT_EVENT(DEFERRED, self->watch, &event);
	later = do_logout(self->port, self->id, 0, 0);
	ASSERT_LE(0, later);
	EXPECT_EQ(deadline, session_now(self->port, self->id).deadline);
	EXPECT_EQ(0, events_of(self->watch));
	/* It is asked for until the last gives it up. */
	close(first);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGOUT,
		  state_of(self->port, self->id));
	EXPECT_HELD_UP(later);
	sooner = do_logout(self->port, self->id, 0, FORCE);
	EXPECT_GOES_ON(sooner);
	EXPECT_GOES_ON(later);
	EXPECT_EVENT(LOGOUT, self->watch, &event);
	EXPECT_EQ(FORCE, event.session.deadline);
	close(later);
	EXPECT_EQ(0, events_of(self->watch));
	close(sooner);
	EXPECT_EVENT(CHANGED, self->watch, &event);
	close(deferral);
}

TEST_F(logout, all_who_asked_hear_of_the_cancelling)
{
	int deferral = peer_defer(&self->login, "no");
	int logouts[] = { do_logout(self->port, self->id, 0, 0),
			  peer_logout(&self->other, self->id, 0) };

	EXPECT_EQ(0, do_cancel(deferral));
	EXPECT_EQ(POLLERR, events_of(logouts[0]));
	EXPECT_EQ(POLLERR, events_of(logouts[1]));
	/* A new one is none of theirs. */
	close(logouts[0]);
	logouts[0] = do_logout(self->port, self->id, 0, 0);
	EXPECT_HELD_UP(logouts[0]);
	close(logouts[1]);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGOUT,
		  state_of(self->port, self->id));
	close(logouts[0]);
	close(deferral);
}

TEST_F(logout, who_may_ask)
{
	__u64 cookie = session_now(self->port, self->id).cookie;
	int logout;

	EXPECT_EQ(-ESRCH, peer_logout(&self->bob, self->id, 0));
	logout = peer_logout(&self->other, self->id, 0);
	EXPECT_LE(0, logout);
	close(logout);
	logout = peer_logout(&self->login, self->id, 0);
	EXPECT_LE(0, logout);
	close(logout);
	EXPECT_EQ(-ESRCH, do_logout(self->port, self->id, cookie + 1, 0));
	logout = do_logout(self->port, self->id, cookie, 0);
	EXPECT_LE(0, logout);
	close(logout);
	EXPECT_EQ(-ESRCH, do_logout(self->port, 0xfffffff0, 0, 0));
	EXPECT_EQ(-EINVAL, do_logout(self->port, ROOT_ID, 0, 0));
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, state_of(self->port, self->id));
}

TEST_F(logout, how_long_deferrals_may_hold)
{
	int logout;

	/* Longer than a minute only with privilege, whatever there is. */
	EXPECT_EQ(-EPERM, peer_logout(&self->other, self->id,
				      now_ns() + 2 * MINUTE));
	EXPECT_EQ(-EPERM, peer_logout(&self->other, self->id, NEVER));
	EXPECT_EQ(-EPERM, peer_logout(&self->bob, 0xfffffff0, NEVER));
	EXPECT_EQ(-EINVAL, peer_logout(&self->other, self->id, NEVER - 1));
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, state_of(self->port, self->id));
	logout = do_logout(self->port, self->id, 0, NEVER);
	EXPECT_LE(0, logout);
	EXPECT_EQ(NEVER, session_now(self->port, self->id).deadline);
	close(logout);
	logout = do_logout(self->port, self->id, 0, now_ns() + 1000 * MINUTE);
	EXPECT_LE(0, logout);
	/* What root would wait for, the user need not. */
	close(peer_logout(&self->other, self->id, 0));
	EXPECT_GE(now_ns() + MINUTE,
		  session_now(self->port, self->id).deadline);
	close(logout);
}

static void log_in_only(uid_t uid)
{
	if (set_login_uid(uid))
		_exit(1);
}

/* A login in progress is root's business. */
TEST_F(logout, of_a_login_in_progress)
{
	struct peer login = peer_start(log_in_only, ALICE);
	int logout;
	__u32 id;

	ASSERT_EQ(0, peer_begin(&login));
	id = session_of(&login);
	ASSERT_EQ(0, do_announce(self->port, BOOTSTRAP_ANNOUNCE_USER, id, -1,
				 ALICE));
	EXPECT_EQ(-ESRCH, peer_logout(&self->other, id, 0));
	logout = do_logout(self->port, id, 0, 0);
	EXPECT_LE(0, logout);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGOUT, state_of(self->port, id));
	EXPECT_GOES_ON(logout);
	close(logout);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGIN, state_of(self->port, id));
	peer_stop(&login);
}

TEST_F(logout, who_may_defer)
{
	int deferral, logout;

	/* Nobody stands in a login session here. */
	EXPECT_EQ(-ESRCH, do_defer(self->port, "root"));
	EXPECT_EQ(0, AS(ALICE, {
		int port = port_open();
		int fd = do_defer(port, "mine");

		CHECK(fd >= 0);
		CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
		close(fd);
	}));
	/* One that bears the id but is not its user. */
	EXPECT_EQ(0, AS(ALICE, {
		CHECK(do_defer(self->port, "mine") >= 0);
	}));
	logout = do_logout(self->port, self->id, 0, 0);
	/* It is too late to be asked for. */
	EXPECT_EQ(-EBUSY, peer_defer(&self->login, "late"));
	deferral = peer_defer(&self->other, "another session");
	EXPECT_LE(0, deferral);
	EXPECT_GOES_ON(logout);
	close(logout);
	close(deferral);
	deferral = peer_defer(&self->login, "in time");
	EXPECT_LE(0, deferral);
	close(deferral);
}

/* With the process that took it, and as long as anybody has it. */
TEST_F(logout, deferral_ends_with_its_last_descriptor)
{
	int deferral = peer_defer(&self->login, "passed on");
	int logout = do_logout(self->port, self->id, 0, 0);
	int copy = dup(deferral);

	close(deferral);
	EXPECT_HELD_UP(logout);
	close(copy);
	EXPECT_GOES_ON(logout);
	close(logout);
	EXPECT_EQ(0, AS(BOB, {
		CHECK(do_defer(port_open(), "to the end") >= 0);
	}));
	EXPECT_TRUE(eventually(usage_of(self->port, BOB).deferrals == 0));
}

/* It serves others; nobody is asked before it ends. */
TEST_F(logout, not_the_server_of_what_is_declared)
{
	int handle, right, deferral;

	handle = peer_declare(&self->other, "org.example.declared", 0, 0);
	ASSERT_LE(0, handle);
	right = peer_handle_check_in(&self->login, handle);
	ASSERT_LE(0, right);
	EXPECT_EQ(-EPERM, peer_defer(&self->login, "serving"));
	/* Whoever serves what was not declared may. */
	close(peer_check_in(&self->bob, "org.example.own", 0));
	deferral = peer_defer(&self->bob, "serving");
	EXPECT_LE(0, deferral);
	close(deferral);
	/* Another takes over. */
	EXPECT_EQ(0, peer_handle_take_over(&self->other, handle));
	deferral = peer_defer(&self->login, "not serving any more");
	EXPECT_LE(0, deferral);
	EXPECT_EQ(-EPERM, peer_defer(&self->other, "serving"));
	close(deferral);
	close(right);
	close(handle);
}

TEST_F(logout, no_more_than_so_many)
{
	struct bootstrap_usage usage;
	int deferrals[3], i;

	ASSERT_EQ(0, write_file(LIMIT, "3"));
	for (i = 0; i < 3; i++) {
		deferrals[i] = peer_defer(i % 2 ? &self->login : &self->other,
					  "one of three");
		EXPECT_LE(0, deferrals[i]);
	}
	EXPECT_EQ(-EDQUOT, peer_defer(&self->login, "one too many"));
	usage = usage_of(self->port, ALICE);
	EXPECT_EQ(3, usage.deferrals);
	EXPECT_EQ(3, usage.deferrals_max);
	EXPECT_EQ(0, usage_of(self->port, BOB).deferrals);
	close(deferrals[1]);
	deferrals[1] = peer_defer(&self->login, "in its place");
	EXPECT_LE(0, deferrals[1]);
	for (i = 0; i < 3; i++)
		close(deferrals[i]);
	EXPECT_EQ(0, usage_of(self->port, ALICE).deferrals);
	ASSERT_EQ(0, write_file(LIMIT, "64"));
}

/* The reasons on a page of this size, separated; a negative errno. */
static int list(int port, __u32 session, __u64 cookie, __u64 *cursor,
		__u32 size, char *ret_reasons)
{
	_Alignas(8) char page[4096];
	struct bootstrap_deferrals args = {
		.size = sizeof(args), .session = session, .cookie = cookie,
		.cursor = *cursor, .buffer = (uintptr_t)page,
		.buffer_size = size,
	};
	const struct bootstrap_deferral *deferral = (const void *)page;
	int ret = call(port, BOOTSTRAP_IOC_DEFERRALS, &args);

	*ret_reasons = 0;
	if (ret)
		return ret == -EMSGSIZE ? -(int)args.needed : ret;
	*cursor = args.cursor;
	for (ret = args.count; args.count--;) {
		strcat(ret_reasons, (const char *)deferral +
		       deferral->reason_offset);
		strcat(ret_reasons, ";");
		deferral = (const void *)((const char *)deferral +
					  deferral->length);
	}
	return ret;
}

TEST_F(logout, list)
{
	__u64 cookie = session_now(self->port, self->id).cookie, cursor = 0;
	int deferrals[3];
	char reasons[512];

	EXPECT_EQ(0, list(self->port, self->id, 0, &cursor, 4096, reasons));
	deferrals[0] = peer_defer(&self->login, "first");
	deferrals[1] = peer_defer(&self->login, "second");
	deferrals[2] = peer_defer(&self->login, "third");
	EXPECT_EQ(3, list(self->port, self->id, cookie, &cursor, 4096,
			  reasons));
	EXPECT_STREQ("first;second;third;", reasons);
	EXPECT_EQ(0, list(self->port, self->id, cookie, &cursor, 4096,
			  reasons));
	/* Page by page. */
	cursor = 0;
	EXPECT_EQ(-48, list(self->port, self->id, 0, &cursor, 47, reasons));
	EXPECT_EQ(1, list(self->port, self->id, 0, &cursor, 48, reasons));
	EXPECT_STREQ("first;", reasons);
	close(deferrals[0]);
	close(deferrals[1]);
	EXPECT_EQ(1, list(self->port, self->id, 0, &cursor, 48, reasons));
	EXPECT_STREQ("third;", reasons);
	EXPECT_EQ(0, list(self->port, self->id, 0, &cursor, 0, reasons));

	cursor = 0;
	EXPECT_EQ(-ESRCH, list(self->port, self->id, cookie + 1, &cursor, 4096,
			       reasons));
	EXPECT_EQ(-EINVAL, list(self->port, ROOT_ID, 0, &cursor, 4096,
				reasons));
	EXPECT_EQ(0, AS(BOB, {
		CHECK(list(port_open(), self->id, 0, &cursor, 4096, reasons) ==
		      -ESRCH);
	}));
	EXPECT_EQ(0, AS(ALICE, {
		CHECK(list(port_open(), self->id, 0, &cursor, 4096, reasons) ==
		      1);
	}));
	close(deferrals[2]);
}

/* The process that took it is told of as long as it is there. */
TEST_F(logout, deferral_of_a_process_that_is_gone)
{
	int pipes[2], deferral;
	struct session_event event;
	struct peer brief = peer_start(log_in, ALICE);
	__u32 id;

	/* Another process keeps the session. */
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, peer_begin(&brief));
	id = session_of(&brief);
	deferral = peer_defer(&brief, "left behind");
	ASSERT_LE(0, deferral);
	close(do_logout(self->port, id, 0, 0));
	EXPECT_EVENT(BOOTSTRAP_RECORD_SESSION_STARTED, self->watch, &event);
	EXPECT_EVENT(LOGOUT, self->watch, &event);
	peer_stop(&brief);
	/* Read later, the same record tells of nobody. */
	EXPECT_EVENT(DEFERRED, self->watch, &event);
	EXPECT_EQ(0, event.deferral.pid);
	EXPECT_EQ(ALICE, event.deferral.uid);
	close(deferral);
	close(pipes[0]);
	close(pipes[1]);
}

/* A whole life of a session, with a logout that is cancelled. */
static int live_and_cancel(void)
{
	return AS(ALICE, {
		int port = port_open();
		struct bootstrap_session session;
		int deferral = do_defer(port, "storm");
		int asked;

		CHECK(deferral >= 0);
		CHECK(!do_session(port, &session));
		asked = do_logout(port, session.session, 0, 0);
		CHECK(asked >= 0);
		CHECK(!do_cancel(deferral));
		CHECK(events_of(asked) == POLLERR);
	});
}

static bool stir(int port, __u32 id, int round)
{
	int fd;

	switch (round % 4) {
	case 0:
		return !live_and_cancel();
	case 1:
		fd = do_watch_sessions(port);
		break;
	case 2:
		fd = do_logout(port, id, 0, FORCE);
		break;
	default:
		fd = do_logout(port, id, 0, 0);
		events_of(fd);
	}
	close(fd);
	return fd >= 0;
}

/* All at once: nothing is lost, and nothing is left. */
TEST_F_TIMEOUT(logout, storm, 120)
{
	const int rounds = scaled(300);
	pid_t pids[4];
	int i, round;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		for (round = 0; !pids[i] && round < rounds; round++)
			if (!stir(self->port, self->id, i + round))
				_exit(1);
		if (!pids[i])
			_exit(0);
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, child_result(pids[i]));
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, state_of(self->port, self->id));
	EXPECT_EQ(0, session_now(self->port, self->id).deferrals);
}

TEST_HARNESS_MAIN
