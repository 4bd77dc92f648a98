// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a user's last session: what serves that user ends, too, and nothing
 * else does.
 */
#include "login.h"
#include "harness.h"

#define SERVICE	"org.example.per-user"

FIXTURE(user_end)
{
	int port;
	/* Of alice's, there for all her sessions; it starts servers. */
	struct peer background;
	int handle;
};

static int declare_in(const struct peer *peer, __u32 scope, const char *name)
{
	struct peer_message message = {
		.args.declare = { .name_len = strlen(name), .scope = scope },
	};

	return peer_service(peer, BOOTSTRAP_IOC_DECLARE, name, &message);
}

/* Does a process live, and does it go on for a while? */
static bool goes_on(pid_t pid)
{
	int status;

	usleep(300000);
	return waitpid(pid, &status, WNOHANG) == 0;
}

/* The signal that ended it, within so many seconds. */
static int ended_by(pid_t pid, int seconds)
{
	int status, tries = seconds * 100;

	while (!waitpid(pid, &status, WNOHANG) && --tries)
		usleep(10000);
	if (!tries)
		return -ETIMEDOUT;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

/*
 * A server that checks in by a handle. As it is no process of the test's own that
 * bears the session's id, it is in a session of its own of the same user's.
 */
static pid_t server_start(uid_t uid, int handle, bool stubborn)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC))
		abort();
	pid = fork();
	if (!pid) {
		if (set_login_uid(uid))
			_exit(1);
		c = announce_as(port_open(), proc_number("self/sessionid"), uid,
				BOOTSTRAP_SESSION_TYPE_BACKGROUND, 0);
		if (c)
			_exit(2);
		if (stubborn)
			signal(SIGTERM, SIG_IGN);
		become(uid);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (handle_check_in(handle) < 0 ||
		    write(ready[1], "r", 1) != 1)
			_exit(3);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		abort();
	close(ready[0]);
	return pid;
}

static void log_in_background(uid_t uid)
{
	int port = port_open();

	if (set_login_uid(uid) ||
	    announce_as(port, proc_number("self/sessionid"), uid,
			BOOTSTRAP_SESSION_TYPE_BACKGROUND, 0))
		_exit(1);
	close(port);
	become(uid);
}

FIXTURE_SETUP(user_end)
{
	self->port = port_open();
	ASSERT_TRUE(eventually(no_logins(self->port)));
	self->background = peer_start(log_in_background, ALICE);
	self->handle = declare_in(&self->background, BOOTSTRAP_SCOPE_USER,
				  SERVICE);
	ASSERT_LE(0, self->handle);
}

FIXTURE_TEARDOWN(user_end)
{
	close(self->handle);
	peer_stop(&self->background);
	close(self->port);
}

TEST_F(user_end, ends_what_serves_the_user)
{
	struct peer login = login_start(ALICE);
	pid_t server = server_start(ALICE, self->handle, false);

	peer_stop(&login);
	EXPECT_EQ(SIGTERM, ended_by(server, 10));
	/* It is on demand again: the next login has it started anew. */
	login = login_start(ALICE);
	close(peer_connect(&login, SERVICE));
	EXPECT_TRUE(readable(self->handle, 10000));
	server = server_start(ALICE, self->handle, false);
	EXPECT_TRUE(goes_on(server));
	peer_stop(&login);
	EXPECT_EQ(SIGTERM, ended_by(server, 10));
}

TEST_F(user_end, not_before_the_last_session)
{
	struct peer logins[] = { login_start(ALICE), login_start(ALICE),
				 login_start(BOB) };
	pid_t server = server_start(ALICE, self->handle, false);

	peer_stop(&logins[0]);
	EXPECT_TRUE(goes_on(server));
	peer_stop(&logins[2]);
	EXPECT_TRUE(goes_on(server));
	peer_stop(&logins[1]);
	EXPECT_EQ(SIGTERM, ended_by(server, 10));
}

/* Those of type background are there for the others, and are none by themselves. */
TEST_F(user_end, not_by_a_background_session)
{
	struct peer another = peer_start(log_in_background, ALICE);
	pid_t server = server_start(ALICE, self->handle, false);

	ASSERT_EQ(0, peer_begin(&another));
	ASSERT_TRUE(login_stop(self->port, &another));
	EXPECT_TRUE(goes_on(server));
	kill(server, SIGKILL);
	EXPECT_EQ(SIGKILL, ended_by(server, 10));
}

/* Announced anew, a session goes on. */
TEST_F(user_end, not_by_an_announcement)
{
	struct peer login = login_start(ALICE);
	pid_t server = server_start(ALICE, self->handle, false);

	ASSERT_EQ(0, announce_as(self->port, session_of(&login), ALICE,
				 BOOTSTRAP_SESSION_TYPE_NON_GUI, 0));
	EXPECT_TRUE(goes_on(server));
	peer_stop(&login);
	EXPECT_EQ(SIGTERM, ended_by(server, 10));
}

TEST_F(user_end, nothing_of_others)
{
	struct peer login = login_start(ALICE);
	int handles[2];
	pid_t servers[3];

	/* In a session of alice's that goes on. */
	handles[0] = declare_in(&self->background, BOOTSTRAP_SCOPE_DEFAULT,
				"org.example.of-session");
	ASSERT_LE(0, handles[0]);
	servers[0] = server_start(ALICE, handles[0], false);
	/* Of bob's, who may do what he was given the handle for. */
	servers[1] = server_start(BOB, self->handle, false);
	/* In the root namespace. */
	handles[1] = do_declare(self->port, "org.example.of-root");
	ASSERT_LE(0, handles[1]);
	servers[2] = server_start(ALICE, handles[1], false);

	ASSERT_TRUE(login_stop(self->port, &login));
	EXPECT_TRUE(goes_on(servers[0]));
	EXPECT_TRUE(goes_on(servers[1]));
	EXPECT_TRUE(goes_on(servers[2]));
	for (int i = 0; i < 3; i++) {
		kill(servers[i], SIGKILL);
		ended_by(servers[i], 10);
	}
	close(handles[0]);
	close(handles[1]);
}

TEST_F_TIMEOUT(user_end, kills_what_does_not_end, 90)
{
	struct peer login = login_start(ALICE);
	pid_t server = server_start(ALICE, self->handle, true), other;
	int handle = do_declare(self->port, "org.example.of-root");

	ASSERT_LE(0, handle);
	other = server_start(ALICE, handle, false);
	ASSERT_TRUE(login_stop(self->port, &login));
	EXPECT_TRUE(goes_on(server));
	EXPECT_EQ(SIGKILL, ended_by(server, 60));
	EXPECT_TRUE(goes_on(other));
	kill(other, SIGKILL);
	ended_by(other, 10);
	close(handle);
}

TEST_HARNESS_MAIN
