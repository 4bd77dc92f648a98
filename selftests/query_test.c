// SPDX-License-Identifier: GPL-2.0
/* BOOTSTRAP_LOOK_UP_QUERY: what a look-up would find, without its effects. */
#include "service.h"
#include "space.h"
#include "harness.h"

FIXTURE(query)
{
	int port;
};

FIXTURE_SETUP(query)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
}

FIXTURE_TEARDOWN(query)
{
	close(self->port);
}

static int do_query(int port, const char *name, __u32 flags, __u64 deadline,
		    struct bootstrap_info *info)
{
	struct bootstrap_look_up args = args_look_up(name);

	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	args.flags = BOOTSTRAP_LOOK_UP_QUERY | flags;
	args.info = (uintptr_t)info;
	args.deadline = deadline;
	return call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
}

/* The flags that are told of a name, or a negative errno. */
static int status_of(int port, const char *name)
{
	struct bootstrap_info info;

	return do_query(port, name, 0, 0, &info) ?: (int)info.flags;
}

TEST_F(query, file)
{
	struct bootstrap_info told, found;
	int next = dup(self->port), fd;

	close(next);
	ASSERT_EQ(0, put(self->port, "n", 1));
	EXPECT_EQ(0, do_query(self->port, "n", 0, 0, &told));
	fd = do_look_up_info(self->port, "n", &found);
	EXPECT_EQ(next, fd);
	EXPECT_EQ(0, memcmp(&told, &found, sizeof(told)));
	EXPECT_EQ(-ENOENT, do_query(self->port, "other", 0, 0, &told));
	EXPECT_EQ(0, told.generation);
	close(fd);
}

TEST_F(query, without_info)
{
	struct bootstrap_look_up args = args_look_up("n");

	args.flags = BOOTSTRAP_LOOK_UP_QUERY;
	EXPECT_EQ(-ENOENT, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	ASSERT_EQ(0, put(self->port, "n", 1));
	EXPECT_EQ(0, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	args.info = 1;
	EXPECT_EQ(-EFAULT, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
}

TEST_F(query, connects_to_nobody)
{
	int right = do_check_in_as(self->port, "s", 0, 0, 1), clients[2];

	ASSERT_LE(0, right);
	EXPECT_LT(0, status_of(self->port, "s") & BOOTSTRAP_INFO_ACTIVE);
	EXPECT_FALSE(readable(right, 0));
	clients[0] = do_look_up_nonblock(self->port, "s");
	clients[1] = do_look_up_nonblock(self->port, "s");
	ASSERT_EQ(-EAGAIN, do_look_up_nonblock(self->port, "s"));
	/* Nor waits for room. */
	EXPECT_LT(0, status_of(self->port, "s"));
	EXPECT_EQ(2, drain(right));
	close(right);
	EXPECT_EQ(-ENOENT, status_of(self->port, "s"));
	close(clients[0]);
	close(clients[1]);
}

TEST_F(query, starts_no_server)
{
	int handle = do_declare(self->port, "s"), right, copy;

	ASSERT_LE(0, handle);
	EXPECT_EQ(BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_DECLARED |
		  BOOTSTRAP_INFO_PRIVILEGED, status_of(self->port, "s"));
	EXPECT_EQ(0, events_of(handle) & POLLIN);
	right = handle_check_in(handle);
	ASSERT_LE(0, right);
	EXPECT_LT(0, status_of(self->port, "s") & BOOTSTRAP_INFO_ACTIVE);
	/* That a server lives on without its right, a look-up would notice. */
	copy = dup(right);
	close(right);
	EXPECT_LT(0, status_of(self->port, "s") & BOOTSTRAP_INFO_ACTIVE);
	close(copy);
	EXPECT_EQ(0, status_of(self->port, "s") & BOOTSTRAP_INFO_ACTIVE);
	close(handle);
}

/* The one server gone, and a copy of its right left. */
TEST_F(query, hidden_again)
{
	int handle, copy = -1;
	struct peer peer = peer_start(NULL, 0);
	struct peer_message message = {
		.command = BOOTSTRAP_IOC_CHECK_IN, .on_fd = true,
		.args.check_in.size = sizeof(message.args.check_in),
	};

	handle = do_declare_as(self->port, "h", BOOTSTRAP_DECLARE_HIDDEN, 0, 0,
			       0);
	ASSERT_LE(0, handle);
	ASSERT_LE(0, peer_call(&peer, &message, handle, &copy));
	EXPECT_LT(0, status_of(self->port, "h"));
	peer_stop(&peer);
	EXPECT_EQ(-ENOENT, status_of(self->port, "h"));
	EXPECT_LE(0, copy);
	close(copy);
	close(handle);
}

/* There, if nobody to answer: to find that out takes a connection. */
TEST_F(query, shut_down)
{
	int right = do_check_in(self->port, "s");

	ASSERT_EQ(0, shutdown(right, SHUT_RDWR));
	EXPECT_EQ(-ECONNREFUSED, do_look_up(self->port, "s"));
	EXPECT_LT(0, status_of(self->port, "s"));
	close(right);
}

TEST_F(query, rights)
{
	int below = do_subset(self->port), handle;

	ASSERT_EQ(0, put(self->port, "n", 1));
	EXPECT_LT(0, status_of(below, "n"));
	handle = do_derive(below, LOOK_UP);
	EXPECT_EQ(-ENOENT, status_of(handle, "n"));
	close(handle);
	handle = do_derive(below, LIST | ASCEND);
	EXPECT_EQ(-EACCES, status_of(handle, "n"));
	close(handle);
	close(below);
}

TEST_F(query, size_of_info)
{
	struct bootstrap_look_up args = args_look_up("n");
	struct bootstrap_info info = { .size = 8 };

	ASSERT_EQ(0, put(self->port, "n", 1));
	args.flags = BOOTSTRAP_LOOK_UP_QUERY;
	args.info = (uintptr_t)&info;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	info.size = 0x10000;
	EXPECT_EQ(-E2BIG, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	args.flags |= BOOTSTRAP_LOOK_UP_NONBLOCK;
	info.size = sizeof(info);
	EXPECT_EQ(0, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	args.deadline = 1;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
}

TEST_F(query, tells_what_may_be_looked_up)
{
	struct bootstrap_register args = args_register("g", 0);
	struct bootstrap_info info;
	int handle, right;

	handle = do_declare_as(self->port, "h", BOOTSTRAP_DECLARE_HIDDEN, 0, 0,
			       0);
	ASSERT_LE(0, handle);
	EXPECT_EQ(-ENOENT, status_of(self->port, "h"));
	right = handle_check_in(handle);
	EXPECT_LT(0, status_of(self->port, "h"));
	close(right);
	EXPECT_EQ(-ENOENT, status_of(self->port, "h"));
	close(handle);

	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 77;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	ASSERT_EQ(0, put(self->port, "p", 1));
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open();

		CHECK(status_of(port, "g") == -ENOENT);
		CHECK(status_of(port, "p") > 0);
		CHECK(!put(port, "p", 2));
		CHECK(!(status_of(port, "p") & BOOTSTRAP_INFO_PRIVILEGED));
		CHECK(!do_query(port, "p", BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER,
				0, &info));
		CHECK(info.namespace_id == id_in(port, BOOTSTRAP_SCOPE_ROOT, 0));
	})));
}

TEST_F(query, waits)
{
	struct bootstrap_info info;
	pid_t pid;

	EXPECT_EQ(-ETIMEDOUT, do_query(self->port, "n", 0, 1, &info));
	pid = fork();
	if (!pid) {
		usleep(50000);
		/* In time: it waits for the name, and for nothing else. */
		CHECK(!put(self->port, "n", 1));
		pause();
	}
	EXPECT_EQ(0, do_query(self->port, "n", 0, BOOTSTRAP_DEADLINE_NEVER,
			      &info));
	EXPECT_EQ(pid, (pid_t)info.pid);
	stop_idler(pid);
}

TEST_F(query, not_in_arrays)
{
	struct bootstrap_look_up_entry entry = {
		.name = (uintptr_t)"n", .name_len = 1, .result = 7,
	};
	struct bootstrap_look_up_array args = {
		.size = sizeof(args), .flags = BOOTSTRAP_LOOK_UP_QUERY,
		.entries = (uintptr_t)&entry, .count = 1,
	};

	EXPECT_EQ(-EOPNOTSUPP, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY,
				    &args));
	EXPECT_EQ(7, entry.result);
}

TEST_HARNESS_MAIN
