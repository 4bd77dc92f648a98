// SPDX-License-Identifier: GPL-2.0
/* Limits: who is charged, who is not, and that nobody pays for another. */
#include <sched.h>

#include "bootstrap_test.h"
#include "harness.h"

#define PARAMETER(name) "/sys/module/bootstrap/parameters/" name
#define CGROUP "/sys/fs/cgroup"

static bool is_unused(int port)
{
	return uses_nothing(port, ALICE) && uses_nothing(port, BOB);
}

FIXTURE(quota)
{
	int port;
};

FIXTURE_SETUP(quota)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	/* What the test before has used is given back by now, or soon. */
	ASSERT_TRUE(eventually(is_unused(self->port)));
}

FIXTURE_TEARDOWN(quota)
{
	EXPECT_EQ(0, write_file(PARAMETER("names_per_user"), "4096"));
	EXPECT_EQ(0, write_file(PARAMETER("sessions_per_user"), "1024"));
	EXPECT_EQ(0, write_file(PARAMETER("names_per_namespace"), "65536"));
	close(self->port);
}

/* Registers n0, n1, … and returns how many that were. */
static int fill(int port, int from, int count)
{
	int tag = tag_new(1), i, ret;
	char name[16];

	for (i = from; i < from + count; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		ret = do_register(port, name, tag);
		if (ret)
			break;
	}
	close(tag);
	return i == from + count ? count : i > from ? i - from : ret;
}

TEST_F(quota, names_of_a_user)
{
	ASSERT_EQ(0, write_file(PARAMETER("names_per_user"), "10"));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_register args = args_register("n0", tag_new(2));
		struct bootstrap_usage usage = { .size = sizeof(usage) };
		int port = port_open();

		CHECK(fill(port, 0, 100) == 10);
		CHECK(fill(port, 50, 1) == -EDQUOT);
		CHECK(!call(port, BOOTSTRAP_IOC_USAGE, &usage));
		CHECK(usage.uid == ALICE && usage.names == 10 &&
		      usage.names_max == 10 && usage.sessions == 1);
		/* Another port is no other purse. */
		CHECK(fill(port_open(), 50, 1) == -EDQUOT);
		/* To replace, or to take over, takes no more room. */
		CHECK(do_unregister(port, "n0") == 0);
		CHECK(call(port, BOOTSTRAP_IOC_REGISTER, &args) == 0);
		args.replace = args.generation;
		CHECK(call(port, BOOTSTRAP_IOC_REGISTER, &args) == 0);
		CHECK(child_result(({
			pid_t pid = fork();

			if (!pid)
				_exit(do_take_over(port, "n1") != 0);
			pid;
		})) == 0);
		/* What the child took over has ended with it. */
		usage.flags = BOOTSTRAP_USAGE_BY_UID;
		CHECK(eventually(!call(port, BOOTSTRAP_IOC_USAGE, &usage) &&
				 usage.names == 9));
		CHECK(fill(port, 50, 2) == 1);
	})));
	/* Others are as they were, and root has no limit but is counted. */
	EXPECT_EQ(0, AS(BOB, CHECK(fill(port_open(), 0, 10) == 10)));
	EXPECT_EQ(20, fill(self->port, 0, 20));
	EXPECT_LE(20, usage_of(self->port, 0).names);
	EXPECT_TRUE(eventually(is_unused(self->port)));
}

TEST_F(quota, two_sessions_of_a_user_share_it)
{
	struct peer first = peer_start(log_in, ALICE);

	ASSERT_EQ(0, write_file(PARAMETER("names_per_user"), "10"));
	ASSERT_EQ(0, peer_register(&first, "a", 1));
	ASSERT_EQ(0, peer_register(&first, "b", 1));
	EXPECT_EQ(0, AS(ALICE, CHECK(fill(port_open(), 0, 100) == 8)));
	/* What the one used is given back while the other goes on. */
	EXPECT_TRUE(eventually(usage_of(self->port, ALICE).sessions == 1));
	EXPECT_TRUE(eventually(usage_of(self->port, ALICE).names == 2));
	peer_stop(&first);
}

TEST_F(quota, default_limit_of_names)
{
	EXPECT_EQ(0, AS(ALICE, CHECK(fill(port_open(), 0, 5000) == 4096)));
}

TEST_F(quota, names_of_a_namespace)
{
	ASSERT_EQ(0, write_file(PARAMETER("names_per_namespace"), "5"));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_register args = args_register("n0", tag_new(2));
		int port = port_open();

		CHECK(fill(port, 1, 100) == 5);
		CHECK(do_unregister(port, "n1") == 0);
		CHECK(call(port, BOOTSTRAP_IOC_REGISTER, &args) == 0);
		args.replace = args.generation;
		CHECK(call(port, BOOTSTRAP_IOC_REGISTER, &args) == 0);
	})));
	EXPECT_EQ(10, fill(self->port, 0, 10));
}

TEST_F(quota, sessions_of_a_user)
{
	struct peer first = peer_start(log_in, ALICE);
	struct bootstrap_session session;

	ASSERT_EQ(0, do_register(self->port, "roots", tag_new(1)));
	ASSERT_EQ(0, write_file(PARAMETER("sessions_per_user"), "1"));
	ASSERT_EQ(0, peer_session(&first, 0, 0, &session));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_look_up args = args_look_up("roots");
		struct bootstrap_session none;
		int port = port_open();

		CHECK(do_session(port, &none) == -EDQUOT);
		CHECK(do_look_up(port, "roots") == -EDQUOT);
		CHECK(fill(port, 0, 1) == -EDQUOT);
		/* What needs no session of one's own is to be had. */
		args.scope = BOOTSTRAP_SCOPE_ROOT;
		CHECK(call(port, BOOTSTRAP_IOC_LOOK_UP, &args) >= 0);
		args.scope = BOOTSTRAP_SCOPE_DEFAULT;
		args.flags = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER;
		CHECK(call(port, BOOTSTRAP_IOC_LOOK_UP, &args) >= 0);
	})));
	/* So it is for who would stand outside of it. */
	EXPECT_EQ(0, child_result(({
		pid_t pid = fork();

		if (!pid) {
			CHECK(!set_login_uid(ALICE) && !setgroups(0, NULL));
			CHECK(!setresgid(ALICE, 77, ALICE));
			CHECK(!setresuid(ALICE, ALICE, ALICE));
			CHECK(do_look_up(port_open(), "roots") >= 0);
			_exit(0);
		}
		pid;
	})));
	EXPECT_EQ(0, AS(BOB, CHECK(fill(port_open(), 0, 1) == 1)));
	EXPECT_EQ(1, usage_of(self->port, ALICE).sessions);
	peer_stop(&first);
	EXPECT_TRUE(eventually(is_unused(self->port)));
	EXPECT_EQ(0, AS(ALICE, CHECK(fill(port_open(), 0, 1) == 1)));
}

/* Threads and processes that call first, all at once, make one session. */
TEST_F(quota, one_session_for_many_first_calls)
{
	ASSERT_EQ(0, write_file(PARAMETER("sessions_per_user"), "1"));
	EXPECT_EQ(0, AS(ALICE, ({
		struct bootstrap_session session;
		int go[2], i, failed = 0, port = port_open(), status;
		char c;

		CHECK(!pipe(go));
		for (i = 0; i < 16; i++)
			if (!fork()) {
				close(go[1]);
				read(go[0], &c, 1);
				_exit(do_session(port, &session) ? 1 : 0);
			}
		close(go[1]);
		while (wait(&status) > 0)
			failed += status != 0;
		CHECK(!failed);
	})));
}

/* bob claims to be alice, with as many ids as he likes: she pays nothing. */
TEST_F(quota, forged_logins_are_not_charged)
{
	int i;

	for (i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (!pid) {
			struct bootstrap_session session;

			become(BOB);
			CHECK(!set_login_uid(ALICE));
			CHECK(!do_session(port_open(), &session));
			CHECK(session.session == ROOT_ID);
			_exit(usage_of(self->port, BOB).sessions != 0);
		}
		EXPECT_EQ(0, child_result(pid));
	}
	EXPECT_EQ(0, usage_of(self->port, ALICE).sessions);
}

/* A login of one of the uids that a user namespace has. */
static int log_in_and_fill(uid_t uid, int from, int count)
{
	CHECK(!setresgid(uid, uid, uid) && !setresuid(uid, uid, uid));
	prctl(PR_SET_DUMPABLE, 1);
	CHECK(!set_login_uid(uid));
	return fill(port_open(), from, count);
}

/* With subordinate uids, as newuidmap gives them, there is still one purse. */
TEST_F(quota, user_namespace_with_many_uids)
{
	int ready[2], mapped[2];
	char path[64], c;
	pid_t pid;

	ASSERT_EQ(0, write_file(PARAMETER("names_per_user"), "10"));
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(mapped));
	pid = fork();
	if (!pid) {
		int filled[2], stop[2];

		become(ALICE);
		CHECK(!unshare(CLONE_NEWUSER) && !pipe(filled) && !pipe(stop));
		write(ready[1], "x", 1);
		read(mapped[0], &c, 1);
		if (!fork()) {
			CHECK(log_in_and_fill(5, 0, 6) == 6);
			write(filled[1], "x", 1);
			_exit(linger(stop));
		}
		CHECK(read(filled[0], &c, 1) == 1);
		_exit(log_in_and_fill(6, 0, 100) != 4);
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	ASSERT_EQ(0, write_file(path, "0 100000 65536"));
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	ASSERT_EQ(0, write_file(path, "0 100000 65536"));
	write(mapped[1], "x", 1);
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(0, usage_of(self->port, 100005).names);
}

static long slab_of(const char *cgroup)
{
	char path[128], line[128];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/memory.stat", cgroup);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "slab %ld", &value) == 1)
			break;
	if (file)
		fclose(file);
	return value;
}

/* A cgroup whose memory is counted; false if there is no such thing. */
static bool cgroup_new(const char *cgroup)
{
	char path[128];

	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	if (mkdir(cgroup, 0755) && errno != EEXIST)
		return false;
	snprintf(path, sizeof(path), "%s/memory.stat", cgroup);
	return !access(path, F_OK);
}

static int cgroup_enter(const char *cgroup)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	snprintf(text, sizeof(text), "%d", getpid());
	return write_file(path, text);
}

/*
 * By how much the kernel's memory of a cgroup grows as a process in it does
 * what it is told to do, and goes on to hold; -1 if it fails to.
 */
static long slab_growth(const char *cgroup, void (*prepare)(int port),
			void (*act)(int port))
{
	int tell[2], stop[2];
	long growth = -1;
	pid_t pid;
	char c;

	if (pipe(tell) || pipe(stop))
		return -1;
	pid = fork();
	if (!pid) {
		int port = port_open();

		CHECK(!cgroup_enter(cgroup));
		prepare(port);
		write(tell[1], "x", 1);
		read(stop[0], &c, 1);
		act(port);
		write(tell[1], "x", 1);
		_exit(linger(stop));
	}
	close(tell[1]);
	if (read(tell[0], &c, 1) == 1) {
		/* Statistics are gathered every two seconds. */
		sleep(3);
		growth = slab_of(cgroup);
		write(stop[1], "x", 1);
	}
	if (read(tell[0], &c, 1) == 1) {
		sleep(3);
		growth = slab_of(cgroup) - growth;
	} else {
		growth = -1;
	}
	kill(pid, SIGKILL);
	wait_for(pid);
	return growth;
}

static void prepare_nothing(int port)
{
	(void)port;
}

static void register_many(int port)
{
	CHECK(fill(port, 0, 4000) == 4000);
}

TEST_F(quota, memory_is_charged_to_the_cgroup)
{
	const char *cgroup = CGROUP "/names";

	if (!cgroup_new(cgroup))
		SKIP(return, "no memory controller");
	EXPECT_LE(4000 * 100, slab_growth(cgroup, prepare_nothing,
					  register_many));
}

static void register_taken(int port)
{
	CHECK(do_register(port, "taken", tag_new(1)) == 0);
}

static void fail_many_times(int port)
{
	int tag = tag_new(1), i;

	for (i = 1; i <= 2500; i++) {
		CHECK(!setresgid(-1, i, -1));
		CHECK(do_register(port, "taken", tag) == -EBUSY);
		CHECK(do_take_over(port, "absent") == -ENOENT);
		CHECK(do_register(port, "short", tag) == 0);
		CHECK(do_unregister(port, "short") == 0);
	}
}

/* Failed calls and other identities leave nothing behind in the kernel. */
TEST_F(quota, failed_calls_keep_no_memory)
{
	const char *cgroup = CGROUP "/failed";
	long growth;

	if (!cgroup_new(cgroup))
		SKIP(return, "no memory controller");
	growth = slab_growth(cgroup, register_taken, fail_many_times);
	EXPECT_NE(-1, growth);
	/* 2500 owners that stayed would be twice as much and more. */
	EXPECT_GT(300000, growth);
}

TEST_HARNESS_MAIN
