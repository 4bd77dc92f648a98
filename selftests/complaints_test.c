// SPDX-License-Identifier: GPL-2.0
/*
 * What people complained of where they had bootstrap namespaces before, and do
 * not need to here: a test for each.
 */
#include <bootstrap/bootstrap.h>

#include "space.h"
#include "harness.h"

static const struct bns_scope user_scope = { .kind = BOOTSTRAP_SCOPE_USER };

FIXTURE(complaint)
{
	int port;
};

FIXTURE_SETUP(complaint)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	ASSERT_TRUE(eventually(!put(self->port, "system", 1)));
}

FIXTURE_TEARDOWN(complaint)
{
	close(self->port);
}

/*
 * A daemon outlives the login that it was started in, and is left without any
 * name, those of the system included. Here it keeps what is above, is told, and
 * can move up.
 */
TEST_F(complaint, survivors_lose_everything)
{
	EXPECT_EQ(0, AS(ALICE, ({
		pid_t shell = start_idler();
		int port = port_open(), handle, up;

		CHECK(!do_register_in(port, "hers", 2, BOOTSTRAP_SCOPE_USER,
				      0));
		handle = do_subset_as(port, 0, pidfd_open(shell), 0);
		CHECK(!put(handle, "login's", 3));
		CHECK(find(handle, "login's") == 3);
		stop_idler(shell);
		CHECK(hangs_up(handle, 10000));
		CHECK(is_dead(handle));
		CHECK(find(handle, "login's") == -ENOENT);
		CHECK(find(handle, "system") == 1);
		CHECK(find(handle, "hers") == 2);
		CHECK(put(handle, "n", 1) == -ESHUTDOWN);
		up = do_open_parent(handle, 0);
		CHECK(up >= 0 && !is_dead(up) && !put(up, "n", 4));
	})));
}

/* The last of a login's processes is still in it, whoever has logged out. */
TEST_F(complaint, daemons_lose_their_session)
{
	int pipes[2], done[2];
	pid_t shell;
	char c;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, pipe(done));
	shell = fork();
	if (!shell) {
		log_in(ALICE);
		CHECK(!put(port_open(), "of the shell", 2));
		if (!fork()) {
			int port = port_open(), ret;

			setsid();
			close(pipes[1]);
			/* Until the shell is gone. */
			while (getppid() == shell)
				usleep(1000);
			ret = find(port, "system") != 1 ||
			      put(port, "of the daemon", 3) ||
			      find(port, "of the daemon") != 3;
			c = ret ? 'n' : 'y';
			_exit(write(done[1], &c, 1) != 1);
		}
		_exit(0);
	}
	shell = child_result(shell);
	EXPECT_EQ(0, shell);
	EXPECT_EQ(1, read(done[0], &c, 1));
	EXPECT_EQ('y', c);
	close(pipes[0]);
	close(pipes[1]);
	close(done[0]);
	close(done[1]);
}

/* Runs this program again with a namespace named by the environment. */
static int run_inside(int handle, const char *program, const char *what)
{
	pid_t pid = fork();

	if (!pid) {
		static char variable[BNS_ENVIRONMENT_MAX];

		CHECK(!bns_environment(handle, variable, sizeof(variable)));
		CHECK(!fcntl(handle, F_SETFD, 0));
		putenv(variable);
		execl(program, program, "--find", what, NULL);
		_exit(99);
	}
	return child_result(pid);
}

#define NOT_FOUND (100 + ENOENT)

/*
 * To move a program to the user's namespace, as tmux and screen do, took private
 * calls that changed with each release.
 */
TEST_F(complaint, no_way_to_move_to_the_users_namespace)
{
	EXPECT_EQ(0, AS(ALICE, ({
		int port = bns_open(), home;

		CHECK(!put(port, "of the session", 2));
		home = bns_open_namespace(port, &user_scope, 0, NULL);
		CHECK(home >= 0);
		CHECK(!put(home, "of the user", 3));
		CHECK(run_inside(home, "/proc/self/exe", "of the user") == 3);
		CHECK(run_inside(home, "/proc/self/exe", "of the session") ==
		      NOT_FOUND);
		CHECK(run_inside(home, "/proc/self/exe", "system") == 1);
	})));
}

/* Look-ups that hang for ever, as nobody will ever answer. */
TEST_F(complaint, no_timeouts)
{
	struct bootstrap_declare declare = args_declare("nobody");
	struct bootstrap_info info = { .size = sizeof(info) };
	struct timespec now;
	uint64_t soon;
	int handle, client;

	clock_gettime(CLOCK_MONOTONIC, &now);
	soon = now.tv_sec * 1000000000ULL + now.tv_nsec + 50000000;
	EXPECT_EQ(-ENOENT, bns_look_up(self->port, "never", NULL, 0, NULL));
	EXPECT_EQ(-ETIMEDOUT, bns_look_up_until(self->port, "never", NULL, 0,
						soon, NULL));
	/* That there is a service, and nobody to answer, can be told. */
	declare.backlog = 1;
	handle = call(self->port, BOOTSTRAP_IOC_DECLARE, &declare);
	ASSERT_LE(0, handle);
	client = bns_look_up(self->port, "nobody", NULL,
			     BOOTSTRAP_LOOK_UP_NONBLOCK, &info);
	ASSERT_LE(0, client);
	EXPECT_FALSE(info.flags & BOOTSTRAP_INFO_ACTIVE);
	close(client);
	close(handle);
}

/* "Service active", and no word on who is. */
TEST_F(complaint, holders_are_not_named)
{
	struct bootstrap_info info = { .size = sizeof(info) };
	struct timespec now;
	pid_t holder;
	int fd;

	holder = fork();
	if (!holder) {
		become(ALICE);
		if (do_register_in(port_open(), "taken", 2,
				   BOOTSTRAP_SCOPE_USER, 0))
			_exit(1);
		for (;;)
			pause();
	}
	EXPECT_EQ(0, child_result(({
		pid_t pid = fork();

		if (!pid) {
			int port = port_open();

			become(ALICE);
			while (find_in(port, "taken", 0, BOOTSTRAP_SCOPE_USER,
				       0) != 2)
				usleep(1000);
			CHECK(do_register_in(port, "taken", 3,
					     BOOTSTRAP_SCOPE_USER, 0) ==
			      -EBUSY);
			fd = bns_look_up(port, "taken", &user_scope, 0, &info);
			CHECK(fd >= 0);
			CHECK(info.pid == (__u32)holder && info.uid == ALICE);
			clock_gettime(CLOCK_REALTIME, &now);
			CHECK(info.since / 1000000000 + 60 >
			      (__u64)now.tv_sec);
			CHECK(info.since / 1000000000 <= (__u64)now.tv_sec);
			_exit(0);
		}
		pid;
	})));
	stop_idler(holder);
}

/*
 * A program that gains privilege keeps the namespace of whoever runs it, who so
 * plays the system's servers to it.
 */
TEST_F(complaint, set_user_id_programs_are_deceived)
{
	static const char program[] = "/tmp/complaint";

	install_set_user_id(program);
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open(), handle;

		CHECK(!put(port, "system", 2));
		handle = do_subset(port);
		CHECK(!put(handle, "system", 3));
		CHECK(run_inside(handle, "/proc/self/exe", "system") == 3);
		CHECK(run_inside(handle, program, "system") == 1);
		CHECK(run_inside(port, program, "system") == 1);
	})));
	unlink(program);
}

/* su changes who one is, and keeps the environment. */
TEST_F(complaint, su_carries_a_namespace_along)
{
	EXPECT_EQ(0, ({
		pid_t pid = fork();

		if (!pid) {
			struct peer alice = peer_start(log_in, ALICE);
			struct peer_message message = {
				.command = BOOTSTRAP_IOC_SUBSET,
			};
			int handle = -1;

			CHECK(peer_call(&alice, &message, -1, &handle) >= 0);
			CHECK(!put(handle, "system", 3));
			/* As root, as bob, and as alice once more. */
			CHECK(run_inside(handle, "/proc/self/exe", "system") ==
			      1);
			pid = fork();
			if (!pid) {
				become(BOB);
				_exit(run_inside(handle, "/proc/self/exe",
						 "system") != 1);
			}
			CHECK(child_result(pid) == 0);
			pid = fork();
			if (!pid) {
				become(ALICE);
				_exit(run_inside(handle, "/proc/self/exe",
						 "system") != 3);
			}
			CHECK(child_result(pid) == 0);
			peer_stop(&alice);
			_exit(0);
		}
		child_result(pid);
	}));
}

/* What a name found by the library's port says: its tag, or 100 + errno. */
static int helper(const char *name)
{
	int port = bns_open(), fd;

	if (port < 0)
		return 98;
	fd = bns_look_up(port, name, NULL, 0, NULL);
	return fd < 0 ? 100 - fd : tag_of(fd);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--find"))
		return helper(argv[2]);
	return test_harness_run(argc, argv);
}
