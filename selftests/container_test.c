// SPDX-License-Identifier: GPL-2.0
/*
 * Containers: root of a child user namespace is its owner and no more, whatever
 * uids it has there, and pays from one purse.
 */
#include <sched.h>

#include "space.h"
#include "harness.h"

/* The range that newuidmap would give alice. */
#define FIRST	100000

FIXTURE(container)
{
	int port;
};

FIXTURE_SETUP(container)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	ASSERT_TRUE(eventually(!put(self->port, "system", 1)));
}

FIXTURE_TEARDOWN(container)
{
	EXPECT_EQ(0, write_file(PARAMETER("subsets_per_user"), "1024"));
	EXPECT_EQ(0, write_file(PARAMETER("handles_per_user"), "1024"));
	close(self->port);
}

/*
 * Runs a function as root of a user namespace of alice's, in which uid 0 is she
 * and the others are of her range; as of a login of hers, or without.
 */
static int in_container(int (*inside)(void), bool login)
{
	int ready[2], mapped[2];
	char path[64], map[64], c;
	pid_t pid;

	if (pipe(ready) || pipe(mapped))
		return -1;
	pid = fork();
	if (!pid) {
		if (login)
			log_in(ALICE);
		else
			become(ALICE);
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID))
			_exit(98);
		write(ready[1], "x", 1);
		read(mapped[0], &c, 1);
		/* The first process of the new pid namespace. */
		pid = fork();
		if (!pid) {
			CHECK(!setresgid(0, 0, 0) && !setresuid(0, 0, 0));
			prctl(PR_SET_DUMPABLE, 1);
			_exit(inside());
		}
		_exit(child_result(pid));
	}
	if (read(ready[0], &c, 1) != 1)
		return -1;
	snprintf(map, sizeof(map), "0 %d 1\n1 %d 65535\n", ALICE, FIRST + 1);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (write_file(path, map))
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	if (write_file(path, map))
		return -1;
	write(mapped[1], "x", 1);
	close(ready[0]);
	close(ready[1]);
	close(mapped[0]);
	close(mapped[1]);
	return child_result(pid);
}

/* All capabilities there are none here. */
static int without_privilege(void)
{
	int port = port_open(), subset;

	CHECK(find(port, "system") == 1);
	CHECK(put(port, "n", 1) == -EPERM);
	CHECK(do_open(port, 0, REGISTER) == -EPERM);
	CHECK(do_pre_login(port) == -EPERM);
	CHECK(do_announce(port, BOOTSTRAP_ANNOUNCE_USER, 1, 0, 0) == -EPERM);
	/* Its root is alice, and has what she has, of root's nothing. */
	CHECK(!do_register_in(port, "hers", 2, BOOTSTRAP_SCOPE_USER, 0));
	CHECK(find_in(port, "hers", 0, BOOTSTRAP_SCOPE_USER_ID, 0) == 2);
	CHECK(do_register_in(port, "n", 1, BOOTSTRAP_SCOPE_USER_ID, 5) ==
	      -EPERM);
	/* An id that is none there. */
	CHECK(find_in(port, "n", 0, BOOTSTRAP_SCOPE_USER_ID, 70000) == -EINVAL);
	subset = do_subset(port);
	CHECK(subset >= 0 && !put(subset, "n", 1));
	CHECK(do_open_parent(subset, REGISTER) == -EPERM);
	return 0;
}

TEST_F(container, root_of_it_is_not_root)
{
	EXPECT_EQ(0, in_container(without_privilege, false));
}

/* What others are called there. */
static int sees_its_own_ids(void)
{
	struct bootstrap_child children[CHILDREN_MAX];
	struct bootstrap_namespace ns;
	struct bootstrap_info info;
	int port = port_open(), fd, count;

	CHECK(!do_namespace(port, &ns));
	CHECK(ns.type == BOOTSTRAP_NAMESPACE_SESSION && ns.uid == 0);
	CHECK(!do_namespace_in(port, BOOTSTRAP_SCOPE_ROOT, 0, &ns));
	CHECK(ns.uid == 65534);
	CHECK(!do_namespace_in(port, BOOTSTRAP_SCOPE_USER, 0, &ns));
	CHECK(ns.type == BOOTSTRAP_NAMESPACE_USER && ns.uid == 0);
	count = do_children(port, BOOTSTRAP_SCOPE_ROOT, children);
	CHECK(count == 1 && children[0].uid == 0);
	CHECK(children[0].namespace_id == ns.namespace_id);
	fd = do_look_up_info(port, "system", &info);
	CHECK(fd >= 0 && info.uid == 65534 && info.pid == 0);
	CHECK(!put(port, "own", 1));
	CHECK(do_look_up_info(port, "own", &info) >= 0);
	CHECK(info.uid == 0 && info.pid == (__u32)getpid());
	return 0;
}

TEST_F(container, in_a_login_session)
{
	EXPECT_EQ(0, in_container(sees_its_own_ids, true));
}

/* Some of its uids, each with a namespace of its own; one purse for all. */
static int uses_many_uids(void)
{
	int port = port_open(), subsets = 0, handles = 0, uid, ret;

	for (uid = 1; uid <= 8; uid++) {
		CHECK(!seteuid(uid));
		do {
			ret = do_subset_as(port, BOOTSTRAP_SCOPE_USER, -1, 0);
			subsets += ret >= 0;
		} while (ret >= 0 && subsets < 100);
		CHECK(ret == -EDQUOT);
		handles += do_open(port, BOOTSTRAP_SCOPE_USER, 0) >= 0;
		CHECK(!seteuid(0));
	}
	return subsets == 6 && handles == 4 ? 0 : 1;
}

TEST_F(container, pays_from_one_purse)
{
	ASSERT_EQ(0, write_file(PARAMETER("subsets_per_user"), "6"));
	ASSERT_EQ(0, write_file(PARAMETER("handles_per_user"), "10"));
	EXPECT_EQ(0, in_container(uses_many_uids, false));
	EXPECT_TRUE(eventually(!usage_of(self->port, ALICE).subsets));
	EXPECT_EQ(0, usage_of(self->port, ALICE).handles);
	EXPECT_EQ(0, usage_of(self->port, FIRST + 1).subsets);
	EXPECT_EQ(0, usage_of(self->port, FIRST + 1).handles);
}

/* Of another namespace of the same user nothing is seen but by the handle. */
static int handed_in = -1;

static int takes_what_is_handed_in(void)
{
	CHECK(find(handed_in, "within") == 3);
	CHECK(put(handed_in, "n", 1) == -EACCES);
	CHECK(do_open_parent(handed_in, 0) == -EACCES);
	return 0;
}

TEST_F(container, handles_work_inside)
{
	int subset = do_subset(self->port);

	ASSERT_EQ(0, put(subset, "within", 3));
	handed_in = do_derive(subset, LOOK_UP);
	ASSERT_LE(0, handed_in);
	EXPECT_EQ(0, in_container(takes_what_is_handed_in, false));
	close(handed_in);
	close(subset);
}

TEST_HARNESS_MAIN
