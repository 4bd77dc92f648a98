// SPDX-License-Identifier: GPL-2.0
/* The examples of bootstrap(4), as they stand there: each does what it is there for. */
#include <stdint.h>

#include "bootstrap_test.h"
#include "harness.h"
#include "manual_examples.h"

/* What a call has printed, and the end of it. */
static char said[8192];

#define HEAR(call)							\
({									\
	FILE *out_ = stdout;						\
	int ret_;							\
	stdout = fmemopen(said, sizeof(said), "w");			\
	ret_ = (call);							\
	fclose(stdout);							\
	stdout = out_;							\
	ret_;								\
})

FIXTURE(manual)
{
	int port;
	struct peer alice;
	struct bootstrap_session session;
};

FIXTURE_SETUP(manual)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	self->alice = peer_start(log_in, ALICE);
	ASSERT_EQ(0, peer_session(&self->alice, 0, 0, &self->session));
}

FIXTURE_TEARDOWN(manual)
{
	struct bootstrap_session session;

	peer_stop(&self->alice);
	EXPECT_TRUE(eventually(do_session_by_id(self->port, self->session.session,
						self->session.cookie,
						&session) == -ESRCH));
	close(self->port);
}

TEST_F(manual, names)
{
	struct bootstrap_info info;
	uint64_t generation = 0;
	int fds[2] = { -1, -1 }, fd;

	ASSERT_EQ(0, register_name(self->port, "manual.a", tag_new(3), &generation));
	fd = look_up_name(self->port, "manual.a", &info);
	EXPECT_EQ(3, tag_of(fd));
	EXPECT_EQ(generation, info.generation);
	EXPECT_EQ(getpid(), (pid_t)info.pid);
	fd = look_up_within(self->port, "manual.a", 1);
	EXPECT_EQ(3, tag_of(fd));
	EXPECT_EQ(-1, look_up_within(self->port, "manual.none", 1));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(1, look_up_both(self->port, "manual.a", "manual.none", fds));
	EXPECT_EQ(3, tag_of(fds[0]));
	EXPECT_EQ(-ENOENT, fds[1]);
	EXPECT_EQ(0, HEAR(list_names(self->port)));
	EXPECT_NE(NULL, strstr(said, "manual.a\n"));
	EXPECT_EQ(0, take_over_name(self->port, "manual.a"));
	EXPECT_EQ(-1, unregister_name(self->port, "manual.a", generation + 1));
	EXPECT_EQ(0, unregister_name(self->port, "manual.a", generation));
	EXPECT_EQ(-ENOENT, look_up_result(self->port, "manual.a"));
}

TEST_F(manual, a_service)
{
	pid_t pid = fork();
	char text[8] = "";
	int fd;

	if (!pid)
		_exit(serve(port_open(), "manual.hello"));
	ASSERT_TRUE(eventually((fd = do_look_up(self->port, "manual.hello")) >= 0));
	EXPECT_EQ(6, recv(fd, text, sizeof(text), MSG_WAITALL));
	EXPECT_STREQ("hello\n", text);
	kill(pid, SIGKILL);
	wait_for(pid);
}

TEST_F(manual, a_declared_service)
{
	int handle = declare(self->port, "manual.later"), right, client;
	char expected[64];

	ASSERT_LE(0, handle);
	client = do_look_up(self->port, "manual.later");
	ASSERT_LE(0, client);
	right = check_in(handle);
	ASSERT_LE(0, right);
	EXPECT_EQ(0, HEAR(print_peer(self->port, accept(right, NULL, NULL))));
	snprintf(expected, sizeof(expected), "process %d, session %u\n", getpid(),
		 BOOTSTRAP_SESSION_ID_ROOT);
	EXPECT_STREQ(expected, said);
}

/* What it opens behind the standard ones and its port. */
static bool has_watch(pid_t pid, int pipes)
{
	char path[64], text[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, pipes + 1);
	return readlink(path, text, sizeof(text) - 1) > 0 &&
	       !strcmp(text, "anon_inode:[bootstrap-watch]");
}

TEST_F(manual, changes)
{
	uint64_t generation;
	FILE *changes;
	pid_t pid;
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		setvbuf(stdout, NULL, _IOLBF, 0);
		_exit(print_changes(port_open()));
	}
	/* Its port is in between. */
	ASSERT_TRUE(eventually(has_watch(pid, ends[1] + 1)));
	close(ends[1]);
	ASSERT_EQ(0, register_name(self->port, "manual.b", 0, &generation));
	changes = fdopen(ends[0], "r");
	ASSERT_NE(NULL, fgets(said, sizeof(said), changes));
	EXPECT_STREQ("added manual.b\n", said);
	ASSERT_EQ(0, unregister_name(self->port, "manual.b", generation));
	ASSERT_NE(NULL, fgets(said, sizeof(said), changes));
	EXPECT_STREQ("removed manual.b\n", said);
	kill(pid, SIGKILL);
	wait_for(pid);
	fclose(changes);
}

TEST_F(manual, namespaces)
{
	int pipes[2], user, lesser, subset, login;
	uint64_t generation;
	pid_t pid;

	user = open_user(self->port);
	ASSERT_LE(0, user);
	EXPECT_EQ(0, register_name(user, "manual.c", tag_new(4), &generation));
	lesser = open_lesser(user);
	ASSERT_LE(0, lesser);
	EXPECT_EQ(4, tag_of(do_look_up(lesser, "manual.c")));
	EXPECT_EQ(-EACCES, do_register(lesser, "manual.d", 0));
	EXPECT_EQ(0, is_dead(user));
	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid)
		_exit(linger(pipes));
	subset = make_subset(self->port, syscall(SYS_pidfd_open, pid, 0));
	ASSERT_LE(0, subset);
	login = begin_login(self->port);
	EXPECT_LE(0, login);
	EXPECT_EQ(0, HEAR(print_children(self->port)));
	snprintf(said + strlen(said), 1, "%s", "");
	EXPECT_NE(NULL, strstr(said, "type "));
	EXPECT_EQ(0, is_dead(subset));
	close(pipes[1]);
	wait_for(pid);
	EXPECT_TRUE(eventually(is_dead(subset) == 1));
}

TEST_F(manual, sessions)
{
	char expected[64];

	EXPECT_EQ(0, HEAR(print_own_session(self->port)));
	EXPECT_STREQ("root session\n", said);
	EXPECT_EQ(0, HEAR(print_all_sessions(self->port)));
	snprintf(expected, sizeof(expected), "%u: 0 names\n", self->session.session);
	EXPECT_NE(NULL, strstr(said, expected));
	EXPECT_EQ(0, announce_login(self->port, self->session.session, ALICE));
	ASSERT_EQ(0, do_session_by_id(self->port, self->session.session, 0,
				      &self->session));
	EXPECT_EQ(0, give_console(self->port, self->session.session,
				  self->session.cookie));
	EXPECT_EQ(0, do_session_by_id(self->port, self->session.session, 0,
				      &self->session));
	EXPECT_EQ(BOOTSTRAP_SESSION_TYPE_NON_GUI, self->session.type);
	EXPECT_NE(0, self->session.attributes & BOOTSTRAP_SESSION_ATTR_CONSOLE);
}

TEST_F(manual, logout)
{
	char expected[64];
	pid_t pid = fork();

	/* Who does not let it go on; then who does. */
	if (!pid) {
		log_in(BOB);
		CHECK((self->port = port_open()) >= 0);
		CHECK(!do_session(self->port, &self->session));
		CHECK(while_unsaved(self->port) >= 0);
		CHECK(!HEAR(print_deferrals(self->port, self->session.session)));
		snprintf(expected, sizeof(expected), "%d: a text is not saved\n",
			 getpid());
		CHECK(!strcmp(expected, said));
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(1, ask_for_logout(self->port, self->session.session,
				    self->session.cookie));
}

TEST_F(manual, a_logout_that_is_cancelled)
{
	int ready[2], deferral;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		log_in(BOB);
		CHECK((self->port = port_open()) >= 0);
		CHECK(!do_session(self->port, &self->session));
		CHECK((deferral = while_unsaved(self->port)) >= 0);
		CHECK(write(ready[1], &self->session, sizeof(self->session)) > 0);
		/* As soon as it is asked for. */
		while (stay(deferral))
			usleep(10000);
		CHECK(read(ready[0], &c, 1) >= 0);
		_exit(0);
	}
	ASSERT_EQ(sizeof(self->session),
		  read(ready[0], &self->session, sizeof(self->session)));
	EXPECT_EQ(0, ask_for_logout(self->port, self->session.session,
				    self->session.cookie));
	EXPECT_EQ(1, write(ready[1], "x", 1));
	EXPECT_EQ(0, child_result(pid));
	ASSERT_EQ(0, peer_session(&self->alice, 0, 0, &self->session));
}

TEST_F(manual, the_end_of_a_session)
{
	EXPECT_EQ(0, kill_session(self->port, self->session.session,
				  self->session.cookie));
}

TEST_F(manual, what_else_there_is)
{
	struct bootstrap_usage usage = usage_of(self->port, 0);

	EXPECT_EQ(1, has_login_sessions(self->port));
	EXPECT_EQ((int)(usage.names_max - usage.names), names_left(self->port));
	EXPECT_EQ(0, HEAR(print_denied_look_ups(self->port)));
	EXPECT_NE(NULL, strstr(said, " hidden names looked up\n"));
}

TEST_HARNESS_MAIN
