// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace handles: their rights decide, whoever calls, and nothing else does.
 */
#include <sys/resource.h>

#include "commands.h"
#include "space.h"
#include "harness.h"

FIXTURE(handle)
{
	int port, subset;
};

FIXTURE_SETUP(handle)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	self->subset = do_subset(self->port);
	ASSERT_LE(0, self->subset);
	good_file = tag_new(9);
}

FIXTURE_TEARDOWN(handle)
{
	close(good_file);
	close(self->subset);
	close(self->port);
}

/* Which right a command asks for; those that are about no namespace, none. */
static __u32 right_of(unsigned int command)
{
	switch (command) {
	case BOOTSTRAP_IOC_LOOK_UP:
	case BOOTSTRAP_IOC_LOOK_UP_ARRAY:
		return LOOK_UP;
	case BOOTSTRAP_IOC_REGISTER:
	case BOOTSTRAP_IOC_UNREGISTER:
	case BOOTSTRAP_IOC_TAKE_OVER:
	case BOOTSTRAP_IOC_CHECK_IN:
	case BOOTSTRAP_IOC_DECLARE:
		return REGISTER;
	case BOOTSTRAP_IOC_LIST:
	case BOOTSTRAP_IOC_WATCH:
	case BOOTSTRAP_IOC_CHILDREN:
		return LIST;
	case BOOTSTRAP_IOC_SUBSET:
		return SUBSET;
	default:
		return 0;
	}
}

TEST_F(handle, each_command_asks_for_its_right)
{
	const struct command *command;
	union bootstrap_args args;
	int without, with, ret;
	__u32 right;

	/* Something to list, also below. */
	ASSERT_EQ(0, put(self->subset, "other", 1));
	ret = do_subset(self->subset);
	ASSERT_LE(0, ret);
	for_each_command(command) {
		/* About the caller's session, and no namespace. */
		if (command->inside)
			continue;
		right = right_of(command->number);
		without = do_derive(self->subset, ALL & ~right);
		with = do_derive(self->subset, right ?: LOOK_UP);
		ASSERT_LE(0, with);
		if (right == REGISTER || right == LOOK_UP)
			put(right == REGISTER ? with : self->subset, "there",
			    1);
		memset(&args, 0, sizeof(args));
		command->good(&args);
		if (right)
			EXPECT_EQ(-EACCES, call(without, command->number,
						&args)) {
				TH_LOG("%s", command->name);
			}
		ret = call(with, command->number, &args);
		EXPECT_LE(0, ret) {
			TH_LOG("%s", command->name);
		}
		if (command->undo)
			command->undo(with, ret);
		do_unregister(with, "there");
		do_unregister(self->subset, "there");
		close(without);
		close(with);
	}
}

/* All that a handle may have, asked of all that a handle may have. */
TEST_F(handle, derived_ones_have_no_more_rights)
{
	__u32 has, asked;
	int source, derived, expected;

	for (has = 1; has <= ALL; has++) {
		source = do_derive(self->subset, has);
		ASSERT_LE(0, source);
		ASSERT_EQ(has, rights_of(source));
		for (asked = 0; asked <= ALL; asked++) {
			derived = do_derive(source, asked);
			expected = asked & ~has ? -EACCES : 0;
			EXPECT_EQ(expected, derived < 0 ? derived : 0);
			if (derived >= 0)
				EXPECT_EQ(asked ?: has, rights_of(derived));
			close(derived);
		}
		close(source);
	}
	EXPECT_EQ(-EOPNOTSUPP, do_derive(self->subset, ALL + 1));
	EXPECT_EQ(-EOPNOTSUPP, do_derive(self->subset, 1u << 31));
}

TEST_F(handle, subsets_have_no_more_rights)
{
	int source = do_derive(self->subset, SUBSET | LOOK_UP), below;

	below = do_subset(source);
	ASSERT_LE(0, below);
	EXPECT_EQ(SUBSET | LOOK_UP, rights_of(below));
	EXPECT_EQ(-EACCES, put(below, "n", 1));
	EXPECT_EQ(-EACCES, do_subset_as(source, 0, -1, REGISTER));
	EXPECT_EQ(-EOPNOTSUPP, do_subset_as(source, 0, -1, ALL + 1));
	close(below);
	below = do_subset_as(source, 0, -1, LOOK_UP);
	EXPECT_EQ(LOOK_UP, rights_of(below));
	close(below);
	close(source);
}

TEST_F(handle, without_the_right_to_ascend)
{
	struct bootstrap_child children[CHILDREN_MAX];
	int own = do_derive(self->subset, ALL & ~ASCEND);

	ASSERT_EQ(0, put(self->port, "above", 1));
	ASSERT_EQ(0, put(self->subset, "own", 2));
	EXPECT_EQ(1, find(self->subset, "above"));
	EXPECT_EQ(2, find(own, "own"));
	EXPECT_EQ(-ENOENT, find(own, "above"));
	EXPECT_EQ(-EACCES, find_in(own, "above", 0, BOOTSTRAP_SCOPE_ROOT, 0));
	EXPECT_EQ(-EACCES, find_in(own, "above",
				   BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, 0, 0));
	EXPECT_EQ(-EACCES, find_in(own, "own", 0, BOOTSTRAP_SCOPE_USER, 0));
	EXPECT_EQ(-EACCES, do_open_parent(own, 0));
	EXPECT_EQ(-EACCES, do_open(own, BOOTSTRAP_SCOPE_ROOT, 0));
	EXPECT_EQ(-EACCES, do_children(own, BOOTSTRAP_SCOPE_ROOT, children));
	EXPECT_EQ(0, id_in(own, BOOTSTRAP_SCOPE_ROOT, 0));
	EXPECT_EQ(0, parent_of(own));
	EXPECT_NE(0, parent_of(self->subset));
	close(own);
}

/* What is above is read; that it be written, the handle does not say. */
TEST_F(handle, above_is_for_reading)
{
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open(), subset, parent, root;

		/* She may make subsets of the root's, and not write to it. */
		subset = do_subset_as(port, BOOTSTRAP_SCOPE_ROOT, -1, 0);
		CHECK(subset >= 0 && rights_of(subset) == ALL);
		CHECK(do_register_in(subset, "n", 1, BOOTSTRAP_SCOPE_ROOT,
				     0) == -EACCES);
		CHECK(do_open_parent(subset, REGISTER) == -EPERM);
		parent = do_open_parent(subset, 0);
		CHECK(rights_of(parent) == (ALL & ~REGISTER));
		CHECK(put(parent, "n", 1) == -EACCES);
		/* A subset of it she could make anyway. */
		CHECK(do_subset_as(subset, BOOTSTRAP_SCOPE_ROOT, -1, 0) ==
		      -EACCES);
		root = do_open(subset, BOOTSTRAP_SCOPE_ROOT, LOOK_UP | LIST);
		CHECK(root >= 0 && id_of(root) == id_of(parent));
		CHECK(rights_of(root) == (LOOK_UP | LIST));
		/* Of her session, its parent is hers to write. */
		parent = do_open_parent(do_open(port, 0, 0), 0);
		CHECK(type_of(parent) == BOOTSTRAP_NAMESPACE_USER);
		CHECK(!put(parent, "n", 1));
		CHECK(find(port, "n") == 1);
	})));
	/* Whoever is privileged may, but not beyond what the handle has. */
	({
		int reading = do_derive(self->subset, LOOK_UP | ASCEND);
		int parent = do_open_parent(reading, 0);

		EXPECT_EQ(LOOK_UP | ASCEND, rights_of(parent));
		EXPECT_EQ(-EACCES, do_open_parent(reading, REGISTER));
		close(parent);
		parent = do_open_parent(self->subset, REGISTER);
		EXPECT_EQ(0, put(parent, "n", 1));
		close(parent);
		close(reading);
	});
}

TEST_F(handle, scopes_by_id_are_the_callers)
{
	EXPECT_EQ(-EINVAL, find_in(self->subset, "n", 0,
				   BOOTSTRAP_SCOPE_SESSION_ID, ROOT_ID));
	EXPECT_EQ(-EINVAL, find_in(self->subset, "n", 0,
				   BOOTSTRAP_SCOPE_USER_ID, 0));
	EXPECT_EQ(-EOPNOTSUPP, find_in(self->subset, "n", 0,
				       BOOTSTRAP_SCOPE_USER_ID + 1, 0));
	EXPECT_EQ(-EINVAL, do_open_as(self->port, 0, 0, 0, 5, 0));
	EXPECT_EQ(-EINVAL, do_open_as(self->port, BOOTSTRAP_OPEN_CHILD, 0, 0,
				      0, 0));
	EXPECT_EQ(-EINVAL, do_open_as(self->port, BOOTSTRAP_OPEN_CHILD |
				      BOOTSTRAP_OPEN_PARENT, 0, 0, 5, 0));
	EXPECT_EQ(-ENOENT, do_open_child(self->port, 5, 0));
	EXPECT_EQ(-ENOENT, do_open_child(self->port, ~0ull, 0));
}

static int receive_handle(const struct peer *peer, __u32 scope, __u32 rights)
{
	struct peer_message message = { .command = BOOTSTRAP_IOC_OPEN };
	int handle = -1, ret;

	message.args.open.scope = scope;
	message.args.open.rights = rights;
	ret = peer_call(peer, &message, -1, &handle);
	return ret < 0 ? ret : handle;
}

/* What alice hands out works for bob, no more and no less. */
TEST_F(handle, works_for_its_receiver)
{
	struct peer alice = peer_start(log_in, ALICE);
	int reading, writing;

	ASSERT_EQ(0, peer_register(&alice, "hers", 1));
	reading = receive_handle(&alice, 0, LOOK_UP);
	writing = receive_handle(&alice, 0, REGISTER | LOOK_UP);
	ASSERT_LE(0, writing);
	EXPECT_EQ(0, AS(BOB, ({
		int port = port_open();

		CHECK(find(reading, "hers") == 1);
		CHECK(find(port, "hers") == -ENOENT);
		CHECK(put(reading, "his", 2) == -EACCES);
		CHECK(!put(writing, "his", 2));
		CHECK(peer_find(&alice, "his") == 2);
		CHECK(find(port, "his") == -ENOENT);
		CHECK(do_open_parent(writing, 0) == -EACCES);
		/* By its rights alone, not by what alice might do. */
		CHECK(find_in(writing, "n", 0, BOOTSTRAP_SCOPE_USER, 0) ==
		      -EACCES);
	})));
	/* His name has ended with him, and her handle not. */
	EXPECT_TRUE(eventually(peer_find(&alice, "his") == -ENOENT));
	EXPECT_EQ(1, find(writing, "hers"));
	/* Nobody but her may have had such a one. */
	EXPECT_EQ(-EPERM, receive_handle(&alice, BOOTSTRAP_SCOPE_ROOT,
					 REGISTER));
	peer_stop(&alice);
	EXPECT_TRUE(hangs_up(reading, 10000));
	EXPECT_EQ(-ENOENT, find(writing, "hers"));
	EXPECT_EQ(-ESHUTDOWN, put(writing, "hers", 1));
	close(reading);
	close(writing);
}

/* Root may let others write where they could not. */
TEST_F(handle, of_the_root_namespace)
{
	int handle = do_open(self->port, 0, REGISTER | LOOK_UP);

	ASSERT_LE(0, handle);
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_register args =
			args_register("sticky", tag_new(1));
		struct bootstrap_info info;
		int port = port_open();

		CHECK(put(port, "n", 1) == 0);
		CHECK(!put(handle, "public", 1));
		CHECK(find_in(port, "public", 0, BOOTSTRAP_SCOPE_ROOT, 0) == 1);
		/* As herself: it is no privileged server, nor may it stay. */
		CHECK(find_in(port, "public",
			      BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, 0, 0) ==
		      -ENOENT);
		CHECK(do_look_up_info(port, "public", &info) >= 0);
		CHECK(info.uid == ALICE);
		args.flags = BOOTSTRAP_REGISTER_STICKY;
		CHECK(call(handle, BOOTSTRAP_IOC_REGISTER, &args) == -EPERM);
	})));
	EXPECT_TRUE(eventually(find(self->port, "public") == -ENOENT));
	close(handle);
}

TEST_F(handle, names_end_with_it)
{
	int handle = do_derive(self->subset, 0), copy;

	ASSERT_EQ(0, put(handle, "n", 1));
	EXPECT_EQ(-EPERM, do_unregister(self->subset, "n"));
	copy = dup(handle);
	close(handle);
	EXPECT_EQ(1, find(self->subset, "n"));
	EXPECT_EQ(0, do_unregister(copy, "n"));
	ASSERT_EQ(0, put(copy, "n", 1));
	close(copy);
	EXPECT_EQ(-ENOENT, find(self->subset, "n"));
}

TEST_F(handle, is_no_endpoint)
{
	struct bootstrap_register args = args_register("n", self->subset);

	EXPECT_EQ(-ELOOP, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
}

/* A service in a subset: strict rules, hidden names, waiting, all by handle. */
TEST_F(handle, services)
{
	struct bootstrap_declare declare = args_declare("hidden");
	struct bootstrap_peer peer;
	int right, client, server, handle;

	ASSERT_EQ(0, put(self->port, "hidden", 1));
	right = do_check_in(self->subset, "service");
	ASSERT_LE(0, right);
	client = do_look_up(self->subset, "service");
	ASSERT_LE(0, client);
	server = accept(right, NULL, NULL);
	EXPECT_EQ(0, do_peer(self->subset, server, &peer));
	EXPECT_EQ(getpid(), peer.pid);
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "service"));
	/* What is hidden ends the search all the same. */
	declare.flags = BOOTSTRAP_DECLARE_HIDDEN;
	handle = call(self->subset, BOOTSTRAP_IOC_DECLARE, &declare);
	ASSERT_LE(0, handle);
	EXPECT_EQ(-ENOENT, find(self->subset, "hidden"));
	EXPECT_EQ(1, find(self->port, "hidden"));
	close(handle);
	close(client);
	close(server);
	close(right);
}

static int wait_for_name(int port, const char *name, int ms)
{
	struct bootstrap_look_up args = args_look_up(name);
	int fd, tag;

	args.deadline = (now_ms() + ms) * 1000000;
	fd = call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
	if (fd < 0)
		return fd;
	tag = tag_of(fd);
	close(fd);
	return tag;
}

TEST_F(handle, waits)
{
	int own = do_derive(self->subset, LOOK_UP);
	pid_t above, below, local;

	above = fork();
	if (!above)
		_exit(wait_for_name(self->subset, "above", 20000) != 1);
	below = fork();
	if (!below)
		_exit(wait_for_name(self->subset, "below", 20000) != 2);
	local = fork();
	if (!local)
		_exit(wait_for_name(own, "above", 1000) != -ETIMEDOUT);
	while (usage_of(self->port, 0).waits != 3)
		usleep(1000);
	ASSERT_EQ(0, put(self->port, "above", 1));
	ASSERT_EQ(0, put(self->subset, "below", 2));
	EXPECT_EQ(0, child_result(above));
	EXPECT_EQ(0, child_result(below));
	EXPECT_EQ(0, child_result(local));
	close(own);
}

/* A wait in a subset that dies goes on above, and ends if it may not. */
TEST_F(handle, waits_beyond_death)
{
	pid_t requestor = start_idler(), climbing, local;
	int pidfd = pidfd_open(requestor);
	int subset = do_subset_as(self->port, 0, pidfd, 0);
	int own = do_derive(subset, LOOK_UP);

	climbing = fork();
	if (!climbing)
		_exit(wait_for_name(subset, "above", 20000) != 1);
	local = fork();
	if (!local)
		_exit(wait_for_name(own, "above", 20000) != -ESHUTDOWN);
	while (usage_of(self->port, 0).waits != 2)
		usleep(1000);
	stop_idler(requestor);
	EXPECT_EQ(0, child_result(local));
	ASSERT_EQ(0, put(self->port, "above", 1));
	EXPECT_EQ(0, child_result(climbing));
	close(pidfd);
	close(subset);
	close(own);
}

TEST_F(handle, watches)
{
	struct bootstrap_watch args = { .size = sizeof(args) };
	struct bootstrap_name_record record;
	int watch = call(self->subset, BOOTSTRAP_IOC_WATCH, &args);
	char room[512];

	ASSERT_LE(0, watch);
	EXPECT_EQ(id_of(self->subset), args.namespace_id);
	EXPECT_EQ(sizeof(record.record), read(watch, room, sizeof(record)));
	ASSERT_EQ(0, put(self->port, "above", 1));
	ASSERT_EQ(0, put(self->subset, "own", 1));
	EXPECT_LT(0, read(watch, room, sizeof(room)));
	memcpy(&record, room, sizeof(record));
	EXPECT_EQ(BOOTSTRAP_RECORD_ADDED, record.record.type);
	EXPECT_EQ(3, record.name_len);
	close(watch);
}

static bool may_enter(int handle)
{
	struct bootstrap_namespace ns;

	return !do_namespace(handle, &ns) &&
	       ns.state & BOOTSTRAP_NAMESPACE_MAY_ENTER;
}

/* Whose handle one may take for one's own namespace. */
TEST_F(handle, who_may_enter)
{
	struct peer alice = peer_start(log_in, ALICE);
	int hers = receive_handle(&alice, 0, 0);
	int less = receive_handle(&alice, 0, ALL & ~ENTER);
	int roots = do_derive(self->subset, 0), own;

	ASSERT_LE(0, hers);
	/* Made by alice: not for root, with whatever it calls itself. */
	EXPECT_FALSE(may_enter(hers));
	ASSERT_EQ(0, seteuid(ALICE));
	EXPECT_FALSE(may_enter(hers));
	ASSERT_EQ(0, seteuid(0));
	ASSERT_EQ(0, setreuid(ALICE, 0));
	EXPECT_FALSE(may_enter(hers));
	ASSERT_EQ(0, setreuid(0, 0));
	EXPECT_TRUE(may_enter(roots));
	EXPECT_FALSE(may_enter(self->port));
	EXPECT_EQ(0, AS(ALICE, ({
		CHECK(may_enter(hers) && !may_enter(less));
		CHECK(may_enter(roots));
	})));
	EXPECT_EQ(0, AS(BOB, ({
		CHECK(!may_enter(hers) && may_enter(roots));
		/* Who derives it has made it. */
		own = do_derive(hers, 0);
		CHECK(may_enter(own));
	})));
	peer_stop(&alice);
	close(hers);
	close(less);
	close(roots);
}

/* No gift of alice's keeps anything of hers alive. */
TEST_F(handle, keeps_nothing_alive)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_session session;
	int handle = receive_handle(&alice, 0, 0), user;

	ASSERT_EQ(0, peer_register(&alice, "hers", 1));
	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	user = do_open_parent(handle, LOOK_UP);
	ASSERT_LE(0, user);
	peer_stop(&alice);
	EXPECT_TRUE(eventually(do_session_by_id(self->port, session.session,
						session.cookie,
						&session) == -ESRCH));
	EXPECT_TRUE(hangs_up(handle, 10000));
	EXPECT_FALSE(hung_up(user));
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	/* As the user's is still there, a new session of hers is below it. */
	EXPECT_EQ(0, AS(ALICE, ({
		CHECK(parent_of(port_open()) == id_of(user));
	})));
	close(user);
	close(handle);
}

/*
 * A handle that waits in the queue of a socket which is registered through it:
 * only what ends with the process frees it.
 */
TEST_F(handle, cycles)
{
	__u32 before = usage_of(self->port, ALICE).handles;

	EXPECT_EQ(0, AS(ALICE, ({
		struct peer_message message = {};
		int port = port_open(), handle = do_subset(port), ends[2];
		struct bootstrap_register args;

		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
		args = args_register("n", ends[1]);
		CHECK(!call(handle, BOOTSTRAP_IOC_REGISTER, &args));
		CHECK(peer_send(ends[0], &message, handle));
	})));
	EXPECT_TRUE(eventually(usage_of(self->port, ALICE).handles == before));
	EXPECT_TRUE(eventually(!usage_of(self->port, ALICE).subsets));
}

TEST_HARNESS_MAIN
