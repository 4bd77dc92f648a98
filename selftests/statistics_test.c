// SPDX-License-Identifier: GPL-2.0
/* What BOOTSTRAP_IOC_STATISTICS counts, and whom it tells. */
#include "harness.h"
#include "login.h"

FIXTURE(statistics) {
	int port;
	struct bootstrap_statistics before;
};

static int do_statistics(int port, struct bootstrap_statistics *statistics)
{
	memset(statistics, 0xcc, sizeof(*statistics));
	statistics->size = sizeof(*statistics);
	statistics->flags = 0;
	return call(port, BOOTSTRAP_IOC_STATISTICS, statistics);
}

FIXTURE_SETUP(statistics)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(no_logins(self->port) &&
			       uses_nothing(self->port, ALICE)));
	ASSERT_EQ(0, do_statistics(self->port, &self->before));
}

FIXTURE_TEARDOWN(statistics)
{
	close(self->port);
}

/* By how much each number has grown. */
static struct bootstrap_statistics
grown(int port, const struct bootstrap_statistics *before)
{
	struct bootstrap_statistics statistics;
	__u32 *count = &statistics.users;
	const __u32 *was = &before->users;
	int i;

	if (do_statistics(port, &statistics))
		abort();
	while (count <= &statistics.deferrals)
		*count++ -= *was++;
	statistics.sessions_begun -= before->sessions_begun;
	for (i = 0; i < BOOTSTRAP_DENIED_COUNT; i++)
		statistics.denied[i] -= before->denied[i];
	return statistics;
}

#define GROWN(_field) ((int)grown(self->port, &self->before)._field)

TEST_F(statistics, tells_the_privileged_alone)
{
	EXPECT_EQ(0, self->before.pad);
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_statistics statistics;

		CHECK(do_statistics(port_open(), &statistics) == -EPERM);
		/* Nothing was written. */
		CHECK(statistics.names == 0xcccccccc);
	})));
	EXPECT_EQ(1, GROWN(denied[BOOTSTRAP_DENIED_PRIVILEGE]));
}

TEST_F(statistics, names_and_services)
{
	int handle, right;

	ASSERT_EQ(0, put(self->port, "a", 1));
	EXPECT_EQ(1, GROWN(names));
	EXPECT_EQ(0, GROWN(services));
	right = do_check_in(self->port, "service");
	ASSERT_LE(0, right);
	handle = do_declare(self->port, "declared");
	ASSERT_LE(0, handle);
	EXPECT_EQ(3, GROWN(names));
	EXPECT_EQ(2, GROWN(services));
	EXPECT_EQ(0, GROWN(servers));
	close(right);
	EXPECT_TRUE(eventually(GROWN(services) == 1));
	right = handle_check_in(handle);
	ASSERT_LE(0, right);
	EXPECT_EQ(1, GROWN(servers));
	ASSERT_EQ(0, handle_take_over(handle));
	EXPECT_EQ(1, GROWN(servers));
	ASSERT_EQ(0, do_take_over(self->port, "declared"));
	EXPECT_EQ(1, GROWN(services));
	ASSERT_EQ(0, do_unregister(self->port, "declared"));
	EXPECT_EQ(0, GROWN(services));
	EXPECT_EQ(0, GROWN(servers));
	ASSERT_EQ(0, do_unregister(self->port, "a"));
	EXPECT_EQ(0, GROWN(names));
	close(right);
	close(handle);
}

TEST_F(statistics, a_service_becomes_a_file)
{
	struct bootstrap_register args;
	struct bootstrap_info info;
	int right = do_check_in(self->port, "service"), tag = tag_new(1);

	ASSERT_LE(0, right);
	close(do_look_up_info(self->port, "service", &info));
	args = args_register("service", tag);
	args.replace = info.generation;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, GROWN(services));
	EXPECT_EQ(1, GROWN(names));
	close(right);
	close(tag);
}

TEST_F(statistics, namespaces_and_descriptors)
{
	int subset = do_subset(self->port), below = do_subset(subset);
	struct bootstrap_watch args = { .size = sizeof(args) };
	int watch = call(self->port, BOOTSTRAP_IOC_WATCH, &args);

	ASSERT_LE(0, subset);
	ASSERT_LE(0, below);
	ASSERT_LE(0, watch);
	EXPECT_EQ(2, GROWN(namespaces));
	EXPECT_EQ(2, GROWN(subsets));
	EXPECT_EQ(2, GROWN(handles));
	EXPECT_EQ(1, GROWN(watches));
	close(below);
	close(watch);
	EXPECT_EQ(1, GROWN(handles));
	EXPECT_EQ(0, GROWN(watches));
	/* They are there for as long as the process. */
	EXPECT_EQ(2, GROWN(namespaces));
	close(subset);
}

TEST_F(statistics, sessions)
{
	struct peer login = login_start(ALICE);
	int deferral;

	EXPECT_EQ(1, GROWN(sessions));
	EXPECT_EQ(1, GROWN(sessions_begun));
	EXPECT_EQ(1, GROWN(users));
	/* The session's, and its user's above. */
	EXPECT_EQ(2, GROWN(namespaces));
	deferral = peer_defer(&login, "unsaved text");
	ASSERT_LE(0, deferral);
	EXPECT_EQ(1, GROWN(deferrals));
	close(deferral);
	EXPECT_EQ(0, GROWN(deferrals));
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_EQ(0, GROWN(sessions));
	EXPECT_EQ(1, GROWN(sessions_begun));
	EXPECT_TRUE(eventually(!GROWN(namespaces) && !GROWN(users)));
}

/* It takes the place of the one that came to be by a call. */
TEST_F(statistics, announced_session)
{
	struct peer login = login_start(ALICE);
	__u32 id = session_of(&login);

	ASSERT_EQ(0, announce_as(self->port, id, ALICE,
				 BOOTSTRAP_SESSION_TYPE_GUI, 0));
	EXPECT_EQ(1, GROWN(sessions));
	EXPECT_EQ(2, GROWN(sessions_begun));
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_EQ(0, GROWN(sessions));
}

TEST_F(statistics, look_ups_that_wait)
{
	pid_t child = fork();

	if (!child) {
		struct bootstrap_look_up args = args_look_up("never");

		args.deadline = ~0ULL;
		call(port_open(), BOOTSTRAP_IOC_LOOK_UP, &args);
		_exit(1);
	}
	EXPECT_TRUE(eventually(GROWN(waits) == 1));
	stop_idler(child);
	EXPECT_EQ(0, GROWN(waits));
}

TEST_F(statistics, denied_names)
{
	struct bootstrap_register args;
	int tag = tag_new(1), other = port_open(), handle;

	/* Another port's. */
	ASSERT_EQ(0, put(self->port, "a", 1));
	EXPECT_EQ(-EPERM, do_unregister(other, "a"));
	EXPECT_EQ(1, GROWN(denied[BOOTSTRAP_DENIED_OWNER]));
	/* For root's group; hers is another. */
	args = args_register("b", tag);
	args.flags = BOOTSTRAP_REGISTER_GROUP;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, AS(ALICE, ({
		CHECK(do_look_up(port_open(), "b") == -ENOENT);
		/* What is not there is no denial. */
		CHECK(do_look_up(port_open(), "c") == -ENOENT);
	})));
	EXPECT_EQ(1, GROWN(denied[BOOTSTRAP_DENIED_HIDDEN]));
	/* What is declared is checked in by its handle. */
	handle = do_declare(self->port, "declared");
	ASSERT_LE(0, handle);
	EXPECT_EQ(-EPERM, do_check_in(self->port, "declared"));
	EXPECT_EQ(-EPERM, do_check_in_as(self->port, "declared",
					 BOOTSTRAP_CHECK_IN_STRICT, 0, 0));
	EXPECT_EQ(2, GROWN(denied[BOOTSTRAP_DENIED_DECLARED]));
	EXPECT_EQ(0, GROWN(denied[BOOTSTRAP_DENIED_PRIVILEGE]));
	close(handle);
	close(other);
	close(tag);
}

TEST_F(statistics, denied_below)
{
	struct bootstrap_register args;
	int tag = tag_new(1), subset = do_subset(self->port), blind;

	args = args_register("reserved", tag);
	args.flags = BOOTSTRAP_REGISTER_RESERVED;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(-EEXIST, do_register(subset, "reserved", tag));
	EXPECT_EQ(1, GROWN(denied[BOOTSTRAP_DENIED_RESERVED]));
	blind = do_derive(subset, LOOK_UP);
	ASSERT_LE(0, blind);
	EXPECT_EQ(-EACCES, do_register(blind, "a", tag));
	EXPECT_EQ(1, GROWN(denied[BOOTSTRAP_DENIED_RIGHT]));
	close(blind);
	close(subset);
	close(tag);
}

TEST_F(statistics, denied_sessions)
{
	struct peer login = login_start(ALICE);
	__u32 id = session_of(&login);

	EXPECT_EQ(0, AS(BOB, ({
		struct bootstrap_session session;

		CHECK(do_session_by_id(port_open(), id, 0, &session) == -ESRCH);
		CHECK(do_logout(port_open(), id, 0, 0) == -ESRCH);
		/* There is none. */
		CHECK(do_logout(port_open(), id + 1000, 0, 0) == -ESRCH);
	})));
	EXPECT_EQ(2, GROWN(denied[BOOTSTRAP_DENIED_SESSION]));
	EXPECT_TRUE(login_stop(self->port, &login));
}

TEST_F(statistics, denied_for_a_limit)
{
	long watches = file_number(PARAMETER("watches_per_user"));

	ASSERT_EQ(0, write_file(PARAMETER("watches_per_user"), "0"));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_watch args = { .size = sizeof(args) };

		CHECK(call(port_open(), BOOTSTRAP_IOC_WATCH, &args) == -EDQUOT);
	})));
	EXPECT_EQ(1, GROWN(denied[BOOTSTRAP_DENIED_LIMIT]));
	EXPECT_EQ(128, watches);
	EXPECT_EQ(0, write_file(PARAMETER("watches_per_user"), "128"));
}

TEST_HARNESS_MAIN
