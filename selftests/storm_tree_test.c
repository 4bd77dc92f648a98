// SPDX-License-Identifier: GPL-2.0
/*
 * The tree when all is done at once: subsets of each other that come and go with
 * their requestors and sessions, logins that are completed as they end.
 */
#include "storm.h"
#include "space.h"

#define DABBLERS	6
#define HANDLES		8

/* Handles that a dabbler has come by. */
struct dabbler {
	int port, socket;
	unsigned int seed;
	int handles[HANDLES];
};

static int *any_handle(struct dabbler *who)
{
	return &who->handles[rand_r(&who->seed) % HANDLES];
}

static void keep(struct dabbler *who, int handle)
{
	int *slot = any_handle(who);

	if (handle < 0)
		return;
	close(*slot);
	*slot = handle;
}

static int any_port(struct dabbler *who)
{
	int handle = *any_handle(who);

	return handle >= 0 && rand_r(&who->seed) % 4 ? handle : who->port;
}

/* Its requestor lives for a moment, or not even that. */
static int subset_with_requestor(int port)
{
	pid_t pid = fork();
	int pidfd, handle;

	if (!pid) {
		usleep(rand() % 1000);
		_exit(0);
	}
	pidfd = pidfd_open(pid);
	handle = do_subset_as(port, 0, pidfd, 0);
	close(pidfd);
	MUST(handle >= 0 || handle == -ESRCH || handle == -ESHUTDOWN ||
	     handle == -EDQUOT || handle == -EACCES);
	wait_for(pid);
	return handle;
}

static void exchange(struct dabbler *who)
{
	struct peer_message message = {};
	int handle = -1;

	if (rand_r(&who->seed) % 2) {
		if (*any_handle(who) >= 0)
			peer_send(who->socket, &message, *any_handle(who));
		return;
	}
	peer_receive(who->socket, &message, &handle);
	keep(who, handle);
}

static void dabble(struct dabbler *who)
{
	struct bootstrap_child children[CHILDREN_MAX];
	int port = any_port(who), ret;

	switch (rand_r(&who->seed) % 9) {
	case 0:
		keep(who, do_subset(port));
		break;
	case 1:
		keep(who, subset_with_requestor(port));
		break;
	case 2:
		ret = put(port, "n", 7);
		MUST(!ret || ret == -EBUSY || ret == -ESHUTDOWN ||
		     ret == -EPERM || ret == -EACCES);
		break;
	case 3:
		ret = find(port, "n");
		MUST(ret == 7 || ret == -ENOENT);
		break;
	case 4:
		keep(who, do_open_parent(port, 0));
		break;
	case 5:
		keep(who, do_derive(port, 0));
		break;
	case 6:
		MUST(do_children(port, 0, children) >= -EACCES);
		break;
	case 7:
		exchange(who);
		break;
	default:
		do_unregister(port, "n");
	}
}

static void dabble_until_end(int socket, unsigned int seed)
{
	struct dabbler who = {
		.port = port_open(), .socket = socket, .seed = seed,
	};
	int i;

	srand(seed);
	for (i = 0; i < HANDLES; i++)
		who.handles[i] = -1;
	for (i = 0; storm_goes_on(i, 10); i++) {
		dabble(&who);
		/* A session's end takes with it what others work on. */
		if (rand_r(&who.seed) % 200 == 0)
			break;
	}
	_exit(0);
}

static void life(int socket, unsigned int seed)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (seed % 3)
		log_in(seed % 3 == 1 ? ALICE : CROWD);
	dabble_until_end(socket, seed);
}

static bool handles_are_gone(int port)
{
	struct bootstrap_usage root = usage_of(port, 0);
	struct bootstrap_usage alice = usage_of(port, ALICE);
	struct bootstrap_usage other = usage_of(port, CROWD);

	return !root.subsets && !root.handles && !alice.subsets &&
	       !alice.handles && !other.subsets && !other.handles;
}

TEST_F_TIMEOUT(storm, of_subsets, 200)
{
	int sockets[2], alive = 0;
	unsigned int seed = 1;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
				sockets));
	while (storm_goes_on(seed, 10)) {
		while (alive < DABBLERS) {
			if (!fork())
				life(sockets[seed % 2], seed);
			seed++;
			alive++;
		}
		wait(NULL);
		alive--;
	}
	while (wait(NULL) > 0)
		;
	close(sockets[0]);
	close(sockets[1]);
	EXPECT_TRUE(eventually(handles_are_gone(self->port)));
}

/*
 * A subset of what dies at that moment dies, too, though its own requestor lives
 * on, and nothing is charged for it any more.
 */
TEST_F_TIMEOUT(storm, of_dying_parents, 200)
{
	int requestor = pidfd_open(getpid()), round;
	pid_t pid, parents;
	int pidfd, parent;

	for (round = 0; storm_goes_on(round, scaled(200)); round++) {
		parents = start_idler();
		pidfd = pidfd_open(parents);
		parent = do_subset_as(self->port, 0, pidfd, 0);
		ASSERT_LE(0, parent);
		pid = fork();
		if (!pid) {
			int ret;

			do {
				ret = do_subset_as(parent, 0, requestor, 0);
				close(ret);
			} while (ret >= 0);
			_exit(ret != -ESHUTDOWN);
		}
		usleep(round * 97 % 2000);
		stop_idler(parents);
		EXPECT_EQ(0, child_result(pid));
		close(pidfd);
		close(parent);
	}
	close(requestor);
	EXPECT_TRUE(eventually(handles_are_gone(self->port)));
}

/* The maker, the session and the login's completion, in any order. */
static void race_login(unsigned int round)
{
	const __u32 all = BOOTSTRAP_ANNOUNCE_PRE_LOGIN |
			  BOOTSTRAP_ANNOUNCE_USER;
	int port = port_open(), ends[2], handle, ret;
	struct peer_message message = {};
	pid_t maker, member;
	__u32 id;

	MUST(!set_login_uid(ALICE));
	id = proc_number("self/sessionid");
	MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	maker = fork();
	if (!maker) {
		handle = do_pre_login(port);
		MUST(!put(handle, "n", 7));
		MUST(do_subset(handle) >= 0);
		MUST(peer_send(ends[1], &message, handle));
		pause();
	}
	MUST(peer_receive(ends[0], &message, &handle));
	ret = do_announce(port, all, id, handle, ALICE);
	MUST(!ret);
	member = fork();
	if (!member) {
		become(ALICE);
		for (;;) {
			ret = put(port, "own", 7);
			MUST(!ret || ret == -EPERM || ret == -EBUSY ||
			     ret == -ESHUTDOWN);
			do_unregister(port, "own");
			find(port, "n");
		}
	}
	if (round % 2)
		usleep(round * 37 % 500);
	kill(maker, SIGKILL);
	if (round % 3)
		usleep(round * 53 % 200);
	ret = do_announce(port, BOOTSTRAP_ANNOUNCE_COMPLETE, id, 0, 0);
	MUST(!ret || ret == -ESHUTDOWN);
	/* What has become the session's does not die with the maker. */
	if (!ret) {
		wait_for(maker);
		usleep(1000);
		MUST(!is_dead(handle) && find(handle, "n") == -ENOENT);
	}
	kill(member, SIGKILL);
	_exit(0);
}

TEST_F_TIMEOUT(storm, of_logins, 200)
{
	unsigned int round;
	pid_t pid;

	for (round = 0; storm_goes_on(round, scaled(500)); round++) {
		pid = fork();
		if (!pid)
			race_login(round);
		EXPECT_EQ(0, child_result(pid));
	}
	printf("# %u logins\n", round);
	EXPECT_TRUE(eventually(handles_are_gone(self->port)));
}

/* What replaces a reserved name reserves it on. */
static void keep_reserved(int port, int held)
{
	struct bootstrap_register args = args_register("reserved", held);

	args.flags = BOOTSTRAP_REGISTER_RESERVED;
	while (__atomic_load_n(&storm->watchers, __ATOMIC_SEQ_CST)) {
		MUST(!call(port, BOOTSTRAP_IOC_REGISTER, &args));
		args.replace = args.generation;
		__atomic_store_n(&storm->arrived, 1, __ATOMIC_SEQ_CST);
	}
	_exit(0);
}

TEST_F(storm, of_one_reservation)
{
	int rounds, port;
	pid_t pid, user;

	storm->watchers = 1;
	pid = fork();
	if (!pid)
		keep_reserved(self->port, self->held);
	user = fork();
	if (!user) {
		log_in(ALICE);
		port = port_open();
		while (!__atomic_load_n(&storm->arrived, __ATOMIC_SEQ_CST))
			sched_yield();
		for (rounds = 0; storm_goes_on(rounds, 1000); rounds++)
			MUST(do_register(port, "reserved", self->held) ==
			     -EEXIST);
		_exit(0);
	}
	EXPECT_EQ(0, child_result(user));
	storm->watchers = 0;
	EXPECT_EQ(0, child_result(pid));
}

TEST_HARNESS_MAIN
