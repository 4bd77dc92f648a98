// SPDX-License-Identifier: GPL-2.0
/*
 * The namespace tree: where namespaces stand in it, and how they die.
 */
#include <linux/capability.h>
#include <sys/resource.h>

#include "space.h"
#include "harness.h"

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = {};

	if (syscall(SYS_capset, &header, none))
		abort();
}

FIXTURE(tree)
{
	int port;
};

FIXTURE_SETUP(tree)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
}

FIXTURE_TEARDOWN(tree)
{
	EXPECT_EQ(0, write_file(PARAMETER("subset_depth"), "100"));
	EXPECT_EQ(0, write_file(PARAMETER("subsets_per_user"), "1024"));
	EXPECT_EQ(0, write_file(PARAMETER("handles_per_user"), "1024"));
	close(self->port);
}

TEST_F(tree, root_is_its_own_parent)
{
	struct bootstrap_namespace ns;
	int parent;

	ASSERT_EQ(0, do_namespace(self->port, &ns));
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_ROOT, ns.type);
	EXPECT_EQ(ns.namespace_id, ns.parent_id);
	EXPECT_EQ(0, ns.depth);
	EXPECT_EQ(ROOT_ID, ns.session_id);
	EXPECT_EQ(ALL, ns.rights);
	EXPECT_EQ(0, ns.state);
	parent = do_open_parent(self->port, 0);
	ASSERT_LE(0, parent);
	EXPECT_EQ(ns.namespace_id, id_of(parent));
	close(parent);
}

/* root, user, session: each knows the one above. */
TEST_F(tree, session_is_below_its_users)
{
	__u64 root = id_of(self->port);

	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_namespace ns, user;
		int port = port_open();

		CHECK(!do_namespace(port, &ns));
		CHECK(ns.type == BOOTSTRAP_NAMESPACE_SESSION);
		CHECK(ns.uid == ALICE);
		CHECK(ns.session_id == (__u32)proc_number("self/sessionid"));
		CHECK(ns.rights == ALL);
		CHECK(!do_namespace_in(port, BOOTSTRAP_SCOPE_USER, 0, &user));
		CHECK(user.type == BOOTSTRAP_NAMESPACE_USER);
		CHECK(user.uid == ALICE && !user.session_id);
		CHECK(user.rights == ALL);
		CHECK(ns.parent_id == user.namespace_id);
		CHECK(user.parent_id == root);
	})));
}

/* While anything is in it, or refers to it, it is the same one. */
TEST_F(tree, users_namespace_is_there_while_it_is_needed)
{
	__u64 id;
	int handle;

	handle = do_open_as(self->port, 0, BOOTSTRAP_SCOPE_USER_ID, ALICE, 0,
			    0);
	ASSERT_LE(0, handle);
	id = id_of(handle);
	EXPECT_TRUE(is_child(self->port, BOOTSTRAP_SCOPE_ROOT, id));
	EXPECT_EQ(id, id_in(self->port, BOOTSTRAP_SCOPE_USER_ID, ALICE));
	ASSERT_EQ(0, put(handle, "hers", 1));
	EXPECT_EQ(1, find_in(self->port, "hers", 0, BOOTSTRAP_SCOPE_USER_ID,
			     ALICE));
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open();

		CHECK(id_in(port, BOOTSTRAP_SCOPE_USER, 0) == id);
		CHECK(find(port, "hers") == 1);
		CHECK(put(port, "of the session", 2) == 0);
	})));
	close(handle);
	/* Nothing is left of it: not a session, not a name, not a handle. */
	EXPECT_TRUE(eventually(!is_child(self->port, BOOTSTRAP_SCOPE_ROOT, id)));
	EXPECT_EQ(-ENOENT, find_in(self->port, "hers", 0,
				   BOOTSTRAP_SCOPE_USER_ID, ALICE));
}

/* A watch keeps it, and a subset of it does. */
TEST_F(tree, users_namespace_is_kept)
{
	struct bootstrap_watch watch = {
		.size = sizeof(watch), .scope = BOOTSTRAP_SCOPE_USER_ID,
		.session = ALICE,
	};
	struct bootstrap_subset subset = {
		.size = sizeof(subset), .scope = BOOTSTRAP_SCOPE_USER_ID,
		.session = ALICE, .flags = BOOTSTRAP_SUBSET_REQUESTOR,
	};
	pid_t requestor = start_idler();
	__u64 id;
	int fd;

	fd = call(self->port, BOOTSTRAP_IOC_WATCH, &watch);
	ASSERT_LE(0, fd);
	id = watch.namespace_id;
	EXPECT_EQ(id, id_in(self->port, BOOTSTRAP_SCOPE_USER_ID, ALICE));
	subset.requestor = pidfd_open(requestor);
	ASSERT_EQ(0, close(call(self->port, BOOTSTRAP_IOC_SUBSET, &subset)));
	close(fd);
	EXPECT_EQ(id, id_in(self->port, BOOTSTRAP_SCOPE_USER_ID, ALICE));
	stop_idler(requestor);
	EXPECT_TRUE(eventually(id_in(self->port, BOOTSTRAP_SCOPE_USER_ID,
				     ALICE) != id));
	close(subset.requestor);
}

/* Made by one login, for another of the same user, and for nobody else. */
TEST_F(tree, users_namespace_joins_sessions)
{
	struct peer first = peer_start(log_in, ALICE);
	struct peer second = peer_start(log_in, ALICE);
	struct peer other = peer_start(log_in, BOB);
	struct peer_message message = { .command = BOOTSTRAP_IOC_REGISTER };
	int tag = tag_new(5);

	strcpy(message.name, "common");
	message.args.reg.name_len = 6;
	message.args.reg.scope = BOOTSTRAP_SCOPE_USER;
	EXPECT_EQ(0, peer_call(&first, &message, tag, NULL));
	EXPECT_EQ(5, peer_find(&first, "common"));
	EXPECT_EQ(5, peer_find(&second, "common"));
	EXPECT_EQ(-ENOENT, peer_find(&other, "common"));
	EXPECT_EQ(-ENOENT, find(self->port, "common"));
	/* A session's own is nearer. */
	EXPECT_EQ(0, peer_register(&second, "common", 6));
	EXPECT_EQ(6, peer_find(&second, "common"));
	EXPECT_EQ(5, peer_find_in(&second, "common", 0, BOOTSTRAP_SCOPE_USER,
				  0));
	EXPECT_EQ(5, peer_find(&first, "common"));
	peer_stop(&first);
	EXPECT_TRUE(eventually(peer_find_in(&second, "common", 0,
					    BOOTSTRAP_SCOPE_USER, 0) == -ENOENT));
	peer_stop(&second);
	peer_stop(&other);
	close(tag);
}

TEST_F(tree, who_writes_to_a_users_namespace)
{
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open();

		CHECK(!do_register_in(port, "n", 1, BOOTSTRAP_SCOPE_USER, 0));
		CHECK(do_register_in(port, "n", 1, BOOTSTRAP_SCOPE_USER_ID,
				     BOB) == -EPERM);
		CHECK(find_in(port, "n", 0, BOOTSTRAP_SCOPE_USER_ID, BOB) ==
		      -ENOENT);
		CHECK(id_in(port, BOOTSTRAP_SCOPE_USER_ID, BOB) == 0);
		CHECK(find_in(port, "n", 0, BOOTSTRAP_SCOPE_USER_ID, ALICE) ==
		      1);
	})));
	/* Root without its capability reads there, and does not write. */
	EXPECT_EQ(0, child_result(({
		pid_t pid = fork();

		if (!pid) {
			int port = port_open();

			drop_capabilities();
			CHECK(do_register_in(port, "n", 1, BOOTSTRAP_SCOPE_USER,
					     0) == -EPERM);
			CHECK(id_in(port, BOOTSTRAP_SCOPE_USER, 0) != 0);
			CHECK(do_open(port, BOOTSTRAP_SCOPE_USER, REGISTER) ==
			      -EPERM);
			CHECK(do_open(port, BOOTSTRAP_SCOPE_USER, LOOK_UP) >=
			      0);
			_exit(0);
		}
		pid;
	})));
	EXPECT_EQ(0, do_register_in(self->port, "n", 1, BOOTSTRAP_SCOPE_USER,
				    0));
	EXPECT_EQ(-EINVAL, do_register_in(self->port, "n", 1,
					  BOOTSTRAP_SCOPE_USER_ID, ~0u));
}

TEST_F(tree, subsets_shadow_and_climb)
{
	int subset, below;

	ASSERT_EQ(0, put(self->port, "both", 1));
	ASSERT_EQ(0, put(self->port, "above", 2));
	subset = do_subset(self->port);
	ASSERT_LE(0, subset);
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_SUBSET, type_of(subset));
	EXPECT_EQ(id_of(self->port), parent_of(subset));
	EXPECT_EQ(ALL, rights_of(subset));
	EXPECT_EQ(0, put(subset, "both", 3));
	EXPECT_EQ(3, find(subset, "both"));
	EXPECT_EQ(2, find(subset, "above"));
	EXPECT_EQ(1, find(self->port, "both"));
	below = do_subset(subset);
	ASSERT_LE(0, below);
	EXPECT_EQ(3, find(below, "both"));
	EXPECT_EQ(2, find(below, "above"));
	EXPECT_EQ(id_of(subset), parent_of(below));
	/* Only the root's; and only what is privileged there. */
	EXPECT_EQ(1, find_in(below, "both", 0, BOOTSTRAP_SCOPE_ROOT, 0));
	EXPECT_EQ(1, find_in(below, "both",
			     BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, 0, 0));
	/* There is no user or session above these. */
	EXPECT_EQ(-ESRCH, find_in(below, "both", 0, BOOTSTRAP_SCOPE_USER, 0));
	EXPECT_EQ(-ESRCH, find_in(below, "both", 0, BOOTSTRAP_SCOPE_SESSION,
				  0));
	close(below);
	close(subset);
}

/* What a namespace has reserved is not to be had below. */
TEST_F(tree, reserved_names)
{
	struct bootstrap_register args;
	int subset, below, fd = tag_new(1);

	subset = do_subset(self->port);
	below = do_subset(subset);
	ASSERT_LE(0, below);
	ASSERT_EQ(0, put(below, "early", 2));
	args = args_register("early", fd);
	args.flags = BOOTSTRAP_REGISTER_RESERVED;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	args = args_register("late", fd);
	args.flags = BOOTSTRAP_REGISTER_RESERVED;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(-EEXIST, put(below, "late", 3));
	EXPECT_EQ(-EEXIST, put(subset, "early", 3));
	/* Earlier shadows stay. Who must be sure asks for the privileged one. */
	EXPECT_EQ(2, find(below, "early"));
	EXPECT_EQ(1, find_in(below, "early",
			     BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, 0, 0));
	close(below);
	close(subset);
	close(fd);
}

TEST_F(tree, subset_dies_with_its_maker)
{
	struct peer_message message;
	int ends[2], subset;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	ASSERT_EQ(0, put(self->port, "above", 2));
	pid = fork();
	if (!pid) {
		int handle = do_subset(self->port);

		memset(&message, 0, sizeof(message));
		put(handle, "own", 1);
		peer_send(ends[1], &message, handle);
		for (;;)
			pause();
	}
	ASSERT_TRUE(peer_receive(ends[0], &message, &subset));
	ASSERT_LE(0, subset);
	EXPECT_EQ(1, find(subset, "own"));
	EXPECT_FALSE(hung_up(subset));
	stop_idler(pid);
	EXPECT_TRUE(hangs_up(subset, 10000));
	EXPECT_TRUE(is_dead(subset));
	EXPECT_EQ(-ENOENT, find(subset, "own"));
	EXPECT_EQ(2, find(subset, "above"));
	EXPECT_EQ(-ESHUTDOWN, put(subset, "new", 1));
	EXPECT_EQ(-ESHUTDOWN, do_subset(subset));
	close(subset);
	close(ends[0]);
	close(ends[1]);
}

TEST_F(tree, subset_dies_with_a_requestor)
{
	pid_t pid = start_idler();
	int pidfd = pidfd_open(pid), subset, below, deep;
	struct bootstrap_watch watch = { .size = sizeof(watch) };
	char records[4096];
	int watcher;

	subset = do_subset_as(self->port, 0, pidfd, 0);
	ASSERT_LE(0, subset);
	close(pidfd);
	/* Those below may have a requestor that lives on: it is no help. */
	below = do_subset(subset);
	deep = do_subset(below);
	ASSERT_LE(0, deep);
	ASSERT_EQ(0, put(deep, "own", 1));
	ASSERT_EQ(0, put(self->port, "above", 2));
	watcher = call(deep, BOOTSTRAP_IOC_WATCH, &watch);
	ASSERT_LE(0, watcher);
	stop_idler(pid);
	EXPECT_TRUE(hangs_up(deep, 10000));
	EXPECT_TRUE(hangs_up(below, 10000));
	EXPECT_TRUE(hangs_up(subset, 10000));
	EXPECT_TRUE(hangs_up(watcher, 10000));
	EXPECT_LT(0, read(watcher, records, sizeof(records)));
	EXPECT_EQ(-ENOENT, find(deep, "own"));
	EXPECT_EQ(2, find(deep, "above"));
	EXPECT_EQ(-ESHUTDOWN, put(deep, "own", 1));
	EXPECT_EQ(-ESHUTDOWN, do_subset(deep));
	/* Who has only a dead one still gets to what is above. */
	close(watcher);
	watcher = do_open_parent(deep, LOOK_UP);
	EXPECT_LE(0, watcher);
	close(watcher);
	close(deep);
	close(below);
	close(subset);
}

TEST_F(tree, requestors_that_will_not_do)
{
	struct pollfd pfd = { .events = POLLIN };
	int pipes[2], pidfd, subset;
	pid_t pid = start_idler();

	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(-EBADF, do_subset_as(self->port, 0, pipes[0], 0));
	EXPECT_EQ(-EBADF, do_subset_as(self->port, 0, 1 << 20, 0));
	EXPECT_EQ(-EBADF, do_subset_as(self->port, 0, self->port, 0));
	pidfd = pidfd_open(pid);
	ASSERT_LE(0, pidfd);
	/* A zombie is as good as gone. */
	kill(pid, SIGKILL);
	pfd.fd = pidfd;
	ASSERT_EQ(1, poll(&pfd, 1, 10000));
	EXPECT_EQ(-ESRCH, do_subset_as(self->port, 0, pidfd, 0));
	wait_for(pid);
	EXPECT_EQ(-ESRCH, do_subset_as(self->port, 0, pidfd, 0));
	close(pidfd);
	/* Nothing is left of those that failed. */
	EXPECT_EQ(0, usage_of(self->port, 0).subsets);
	subset = do_subset(self->port);
	EXPECT_EQ(1, usage_of(self->port, 0).subsets);
	close(subset);
	close(pipes[0]);
	close(pipes[1]);
}

/* A hundred in each other, and no more; all die with the first. */
TEST_F(tree, depth)
{
	pid_t pid = start_idler();
	int pidfd = pidfd_open(pid), first, i;
	struct bootstrap_namespace ns;
	int handle[100];

	/* Those of the tests before this one are being given back. */
	EXPECT_TRUE(eventually(!usage_of(self->port, 0).subsets));
	first = do_subset_as(self->port, 0, pidfd, 0);
	handle[0] = first;
	for (i = 1; i < 100; i++) {
		handle[i] = do_subset(handle[i - 1]);
		ASSERT_LE(0, handle[i]);
	}
	ASSERT_EQ(0, do_namespace(handle[99], &ns));
	EXPECT_EQ(100, ns.depth);
	EXPECT_EQ(-EDQUOT, do_subset(handle[99]));
	ASSERT_EQ(0, put(handle[99], "deep", 1));
	ASSERT_EQ(0, put(self->port, "above", 2));
	EXPECT_EQ(2, find(handle[99], "above"));
	EXPECT_EQ(100, usage_of(self->port, 0).subsets);
	EXPECT_EQ(100, usage_of(self->port, 0).handles);
	stop_idler(pid);
	EXPECT_TRUE(hangs_up(handle[0], 10000));
	/* The first takes no names any more before those below are killed. */
	EXPECT_TRUE(eventually(is_dead(handle[99])));
	EXPECT_EQ(-ENOENT, find(handle[99], "deep"));
	EXPECT_EQ(2, find(handle[99], "above"));
	EXPECT_TRUE(eventually(!usage_of(self->port, 0).subsets));
	for (i = 0; i < 100; i++)
		close(handle[i]);
	EXPECT_EQ(0, usage_of(self->port, 0).handles);
	ASSERT_EQ(0, write_file(PARAMETER("subset_depth"), "1"));
	first = do_subset(self->port);
	EXPECT_LE(0, first);
	EXPECT_EQ(-EDQUOT, do_subset(first));
	close(first);
	close(pidfd);
}

/* A session's subsets die with it, whoever holds them. */
TEST_F(tree, subset_dies_with_its_session)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct peer_message message = { .command = BOOTSTRAP_IOC_SUBSET };
	pid_t pid = start_idler();
	int pidfd = pidfd_open(pid), subset = -1;

	/* With a requestor that outlives the session. */
	message.args.subset.flags = BOOTSTRAP_SUBSET_REQUESTOR;
	ASSERT_LE(0, peer_call(&alice, &message, pidfd, &subset));
	ASSERT_LE(0, subset);
	EXPECT_EQ(0, put(subset, "n", 1));
	EXPECT_EQ(1, usage_of(self->port, ALICE).subsets);
	/* As of any process's, its end ends the name; here it is ours. */
	EXPECT_EQ(1, find(subset, "n"));
	peer_stop(&alice);
	EXPECT_TRUE(hangs_up(subset, 10000));
	EXPECT_EQ(-ENOENT, find(subset, "n"));
	EXPECT_EQ(-ESHUTDOWN, put(subset, "n", 1));
	EXPECT_TRUE(eventually(!usage_of(self->port, ALICE).subsets));
	/* The handle is alice's still, until we close it. */
	EXPECT_EQ(1, usage_of(self->port, ALICE).handles);
	close(subset);
	EXPECT_EQ(0, usage_of(self->port, ALICE).handles);
	stop_idler(pid);
	close(pidfd);
}

TEST_F(tree, children)
{
	struct bootstrap_child children[CHILDREN_MAX];
	struct bootstrap_list args = { .size = sizeof(args) };
	int handles[5], i, count, before;
	__u64 seen = 0;

	before = do_children(self->port, 0, children);
	ASSERT_LE(0, before);
	for (i = 0; i < 5; i++) {
		handles[i] = do_subset(self->port);
		ASSERT_EQ(0, put(handles[i], "n", 1));
	}
	count = do_children(self->port, 0, children);
	ASSERT_EQ(before + 5, count);
	for (i = 0; i < count; i++) {
		EXPECT_LT(seen, children[i].namespace_id);
		seen = children[i].namespace_id;
		EXPECT_EQ(sizeof(children[0]), children[i].length);
	}
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(id_of(handles[i]),
			  children[before + i].namespace_id);
		EXPECT_EQ(1, children[before + i].names);
		EXPECT_EQ(1, children[before + i].depth);
		EXPECT_EQ(BOOTSTRAP_NAMESPACE_SUBSET,
			  children[before + i].type);
		EXPECT_EQ(0, children[before + i].uid);
	}
	/* One by one it is the same. */
	args.buffer = (uintptr_t)children;
	args.buffer_size = sizeof(children[0]);
	i = 0;
	while (!call(self->port, BOOTSTRAP_IOC_CHILDREN, &args) && args.count) {
		EXPECT_EQ(args.cursor, children[0].namespace_id);
		i++;
	}
	EXPECT_EQ(count, i);
	args.cursor = 0;
	args.buffer_size = sizeof(children[0]) - 1;
	EXPECT_EQ(-EMSGSIZE, call(self->port, BOOTSTRAP_IOC_CHILDREN, &args));
	EXPECT_EQ(sizeof(children[0]), args.needed);
	/* Of what has none, none. */
	EXPECT_EQ(0, do_children(handles[0], 0, children));
	for (i = 0; i < 5; i++)
		close(handles[i]);
}

/* What others may see of the tree: what is theirs. */
TEST_F(tree, children_of_others)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct peer bob = peer_start(log_in, BOB);
	struct bootstrap_session session;
	__u32 id;
	int subset;

	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	id = session.session;
	ASSERT_EQ(0, peer_session(&bob, 0, 0, &session));
	subset = do_subset(self->port);
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_child children[CHILDREN_MAX];
		int port = port_open(), count, own, i;
		int hers = do_subset_as(port, BOOTSTRAP_SCOPE_ROOT, -1, 0);

		/* Of the root's children her own namespace, and her subset. */
		count = do_children(port, BOOTSTRAP_SCOPE_ROOT, children);
		CHECK(count == 2 && hers >= 0);
		for (i = 0; i < count; i++)
			CHECK(children[i].uid == ALICE);
		CHECK(do_open_child(port, id_of(hers), 0) == -ENOENT);
		CHECK(do_open_as(port, BOOTSTRAP_OPEN_CHILD,
				 BOOTSTRAP_SCOPE_ROOT, 0, id_of(subset), 0) ==
		      -ENOENT);
		/* Of her own, both of her sessions; this one she may open. */
		count = do_children(port, BOOTSTRAP_SCOPE_USER, children);
		CHECK(count == 2);
		own = children[0].namespace_id == id_of(port) ? 0 : 1;
		CHECK(children[own].namespace_id == id_of(port));
		CHECK(children[!own].session == id);
		CHECK(do_open_as(port, BOOTSTRAP_OPEN_CHILD,
				 BOOTSTRAP_SCOPE_USER, 0,
				 children[own].namespace_id, 0) >= 0);
		CHECK(do_open_as(port, BOOTSTRAP_OPEN_CHILD,
				 BOOTSTRAP_SCOPE_USER, 0,
				 children[!own].namespace_id, 0) == -EPERM);
		CHECK(do_open_as(port, 0, BOOTSTRAP_SCOPE_SESSION_ID, id, 0,
				 LIST) == -EPERM);
	})));
	close(subset);
	peer_stop(&alice);
	peer_stop(&bob);
}

TEST_F(tree, limits)
{
	ASSERT_EQ(0, write_file(PARAMETER("subsets_per_user"), "3"));
	ASSERT_EQ(0, write_file(PARAMETER("handles_per_user"), "5"));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_usage usage = { .size = sizeof(usage) };
		int port = port_open(), handles[5], i;

		for (i = 0; i < 3; i++) {
			handles[i] = do_subset(port);
			CHECK(handles[i] >= 0);
		}
		CHECK(do_subset(port) == -EDQUOT);
		CHECK(do_subset(handles[2]) == -EDQUOT);
		for (; i < 5; i++) {
			handles[i] = do_open(port, 0, 0);
			CHECK(handles[i] >= 0);
		}
		CHECK(do_open(port, 0, 0) == -EDQUOT);
		CHECK(do_derive(handles[0], LOOK_UP) == -EDQUOT);
		CHECK(!call(port, BOOTSTRAP_IOC_USAGE, &usage));
		CHECK(usage.subsets == 3 && usage.subsets_max == 3);
		CHECK(usage.handles == 5 && usage.handles_max == 5);
		/* With the handle goes only the handle. */
		close(handles[0]);
		usage.uid = 0;
		CHECK(!call(port, BOOTSTRAP_IOC_USAGE, &usage));
		CHECK(usage.subsets == 3 && usage.handles == 4);
		CHECK(do_subset(port) == -EDQUOT);
	})));
	EXPECT_TRUE(eventually(!usage_of(self->port, ALICE).subsets));
	EXPECT_EQ(0, usage_of(self->port, ALICE).handles);
}

/* Whoever has no descriptor left gets no subset. */
TEST_F(tree, full_descriptor_table)
{
	EXPECT_EQ(0, AS(ALICE, ({
		struct rlimit limit = { 64, 64 };
		struct bootstrap_usage usage = { .size = sizeof(usage) };
		int port = port_open();

		CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
		while (dup(port) >= 0)
			;
		CHECK(do_subset(port) == -EMFILE);
		CHECK(do_open(port, 0, 0) == -EMFILE);
		CHECK(!call(port, BOOTSTRAP_IOC_USAGE, &usage));
		CHECK(!usage.handles);
	})));
	EXPECT_TRUE(eventually(!usage_of(self->port, ALICE).subsets));
}

/* A name that outlives its process needs an end, or a privileged master. */
TEST_F(tree, sticky_names)
{
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_register args =
			args_register("n", tag_new(1));
		int port = port_open(), subset = do_subset(port);

		args.flags = BOOTSTRAP_REGISTER_STICKY;
		CHECK(!call(port, BOOTSTRAP_IOC_REGISTER, &args));
		CHECK(call(subset, BOOTSTRAP_IOC_REGISTER, &args) == -EPERM);
		args.scope = BOOTSTRAP_SCOPE_USER;
		CHECK(call(port, BOOTSTRAP_IOC_REGISTER, &args) == -EPERM);
	})));
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
}

TEST_HARNESS_MAIN
