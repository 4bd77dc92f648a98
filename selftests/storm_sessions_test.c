// SPDX-License-Identifier: GPL-2.0
/*
 * Storms of sessions: many that come and go, and some that live on though each
 * of their processes does not.
 */
#include <sys/eventfd.h>

#include "storm.h"

/* Relays: the only process of a session hands on to a child and ends. */

static _Alignas(16) char thread_stacks[2][65536];

struct runner {
	struct lane *lane;
	int port;
	int stack;		/* which of the two it does not run on */
};

static void relay(struct runner runner);

static bool relay_is_over(const struct lane *lane, int step)
{
	if (storm_failed())
		return true;
	return lane->most ? step >= lane->most :
		step >= 60 && !__atomic_load_n(&storm->watchers, __ATOMIC_SEQ_CST);
}

/* The session is what it was; its name stays, those of processes come and go. */
static void relay_look(struct runner *runner, int step)
{
	struct lane *lane = runner->lane;
	struct bootstrap_session session;
	char name[16];
	int fd;

	MUST(do_session(runner->port, &session) == 0);
	MUST(session.session == lane->id && session.cookie == lane->cookie);
	MUST(is_pipe(do_look_up(runner->port, "held"), lane->ino));
	snprintf(name, sizeof(name), "step%d", step);
	MUST(do_register(runner->port, name, lane->held) == 0);
	snprintf(name, sizeof(name), "step%d", step - 3);
	fd = do_look_up(runner->port, name);
	MUST(fd == -ENOENT || is_pipe(fd, lane->ino));
	/* At times the port goes with the process before. */
	if (step % 24 == 0) {
		close(runner->port);
		runner->port = port_open();
	}
}

/* In the child, the stack of the thread is all that is left of its parent. */
static int fork_in_thread(void *arg)
{
	struct runner runner = *(struct runner *)arg;

	if (!fork())
		relay(runner);
	syscall(SYS_exit, 0);
	return 0;
}

static int exec_in_thread(void *arg)
{
	const struct runner *runner = arg;
	char fd[16], lane[16];

	snprintf(fd, sizeof(fd), "%d", storm_fd);
	snprintf(lane, sizeof(lane), "%d", (int)(runner->lane - storm->lanes));
	execl("/proc/self/exe", "storm_sessions_test", "--relay", fd, lane, NULL);
	_exit(1);
}

static void start_thread(struct runner *runner, int (*function)(void *))
{
	char *stack = thread_stacks[runner->stack];

	runner->stack = !runner->stack;
	MUST(clone(function, stack + sizeof(thread_stacks[0]),
		   CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		   CLONE_THREAD | CLONE_SYSVSEM, runner) > 0);
}

/* Ends the calling process, and returns in one that it leaves behind. */
static void hand_on(struct runner *runner, int step)
{
	pid_t parent = getpid();

	switch (step % 32) {
	case 3:
		start_thread(runner, exec_in_thread);
		pause();
		_exit(1);
	case 5: case 15: case 25:
		start_thread(runner, fork_in_thread);
		syscall(SYS_exit, 0);
		_exit(1);
	case 7: case 17: case 27:
		/* A brother, not a child. */
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0))
			_exit(0);
		break;
	case 9: case 19: case 29:
		if (fork())
			pause();
		kill(parent, SIGKILL);
		break;
	case 11: case 21: case 31:
		if (fork() || fork())
			_exit(0);
		break;
	default:
		if (fork())
			_exit(0);
	}
}

/*
 * The names of those before go with them, though they had the same port; what
 * stays is the lane's, an observer's, and perhaps one's own.
 */
static bool relay_is_alone(int port)
{
	struct bootstrap_session session;

	return !do_session(port, &session) && session.names <= 3;
}

static void relay(struct runner runner)
{
	int step;

	for (;;) {
		step = runner.lane->steps++;
		if (step % 3 == 0)
			relay_look(&runner, step);
		if (relay_is_over(runner.lane, step)) {
			MUST(eventually(relay_is_alone(runner.port)));
			_exit(0);
		}
		hand_on(&runner, step);
	}
}

/* What follows the exec of --relay. */
static int relay_after_exec(int fd, int lane)
{
	storm_attach(fd);
	relay((struct runner){ &storm->lanes[lane], port_open(), 0 });
	return 0;
}

/* The first process of a lane's session, which tells when it is there. */
static void relay_begin(struct lane *lane, int tell)
{
	struct bootstrap_register args = args_register("held", lane->held);
	struct bootstrap_session session;
	int port;

	log_in(ALICE);
	port = port_open();
	args.flags = BOOTSTRAP_REGISTER_STICKY;
	MUST(call(port, BOOTSTRAP_IOC_REGISTER, &args) == 0);
	MUST(do_session(port, &session) == 0);
	lane->id = session.session;
	lane->steps = 0;
	__atomic_store_n(&lane->cookie, session.cookie, __ATOMIC_SEQ_CST);
	write(tell, "x", 1);
	close(tell);
	relay((struct runner){ lane, port, 0 });
}

/*
 * Has a lane's session run to its end, at once known to whoever asks, and
 * gathers those whom their parents left. If they are not waited for they are
 * no zombies, either.
 */
static void relay_host(struct lane *lane, int port, int tell, bool zombies)
{
	struct bootstrap_session session;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, zombies ? SIG_DFL : SIG_IGN);
	if (!fork())
		relay_begin(lane, tell);
	close(tell);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	MUST(!storm_failed());
	MUST(do_session_by_id(port, lane->id, 0, &session) == -ESRCH);
}

/* A session that lives is found as what it is, whoever looks in whatever way. */
static void observe_alive(const struct lane *lane, int port, bool privileged)
{
	struct bootstrap_look_up args = args_look_up("held");
	struct bootstrap_session session;

	MUST(do_session_by_id(port, lane->id, lane->cookie, &session) == 0);
	MUST(session.cookie == lane->cookie && session.names > 0);
	MUST(do_session_next(port, lane->id, &session) == 0);
	MUST(session.session == lane->id && session.cookie == lane->cookie);
	if (!privileged)
		return;
	args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	args.session = lane->id;
	args.cookie = lane->cookie;
	MUST(is_pipe(call(port, BOOTSTRAP_IOC_LOOK_UP, &args), lane->ino));
}

/* One that may end at any time is there or not there, and never another. */
static void observe_ending(struct lane *lane, int port)
{
	__u64 cookie = __atomic_load_n(&lane->cookie, __ATOMIC_SEQ_CST);
	struct bootstrap_register late = args_register("late", lane->held);
	struct bootstrap_look_up args = args_look_up("held");
	struct bootstrap_session session;
	int ret;

	/* Ends with the session, or is not taken any more. */
	late.flags = BOOTSTRAP_REGISTER_STICKY;
	late.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	late.session = lane->id;
	late.cookie = cookie;
	ret = call(port, BOOTSTRAP_IOC_REGISTER, &late);
	MUST(ret == 0 || ret == -EBUSY || ret == -ESRCH || ret == -ESHUTDOWN);
	ret = do_session_by_id(port, lane->id, cookie, &session);
	MUST(ret == -ESRCH || (ret == 0 && session.cookie == cookie));
	args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	args.session = lane->id;
	args.cookie = cookie;
	ret = call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
	MUST(ret == -ESRCH || ret == -ENOENT || is_pipe(ret, lane->ino));
}

/* A few names fill it, so that a list has more pages than one. */
static _Alignas(8) char page[512];

/* How often a name is in the list of a session. */
static int times_listed(int port, const struct lane *lane, const char *name)
{
	struct bootstrap_list args = {
		.size = sizeof(args), .scope = BOOTSTRAP_SCOPE_SESSION_ID,
		.session = lane->id, .cookie = lane->cookie,
		.buffer = (uintptr_t)page, .buffer_size = sizeof(page),
	};
	int times = 0;

	do {
		const char *at = page;

		if (call(port, BOOTSTRAP_IOC_LIST, &args))
			return -1;
		for (__u32 i = 0; i < args.count; i++) {
			const struct bootstrap_list_entry *entry = (void *)at;

			times += !strcmp(at + entry->name_offset, name);
			at += entry->length;
		}
	} while (args.count);
	return times;
}

/* The lanes but the last are those that live while there are observers. */
static int observe(uid_t uid)
{
	int port, rounds, i;

	if (uid)
		log_in(uid);
	port = port_open();
	for (rounds = 0; storm_goes_on(rounds, 10); rounds++) {
		for (i = 0; i < LANES - 1; i++) {
			observe_alive(&storm->lanes[i], port, !uid);
			MUST(uid || times_listed(port, &storm->lanes[i],
						 "held") == 1);
		}
		if (!uid)
			observe_ending(&storm->lanes[LANES - 1], port);
		usleep(500);
	}
	fprintf(stderr, "# %d observations as %d\n", rounds, uid);
	return 0;
}

static void start_observer(uid_t uid)
{
	if (fork())
		return;
	observe(uid);
	__atomic_sub_fetch(&storm->watchers, 1, __ATOMIC_SEQ_CST);
	_exit(0);
}

/* Sessions that end soon, one after the other. */
static void host_short_relays(struct lane *lane, int port, int tell)
{
	int rounds;

	for (rounds = 0; !rounds || storm_goes_on(rounds, 5); rounds++) {
		lane->most = 1 + rounds % 13;
		relay_host(lane, port, dup(tell), rounds % 2);
	}
	fprintf(stderr, "# %d short relays\n", rounds);
}

TEST_F(storm, of_relays)
{
	int tell[2], i, steps = 0;
	char c;

	ASSERT_EQ(0, pipe2(tell, O_CLOEXEC));
	storm->watchers = 2;
	for (i = 0; i < LANES; i++) {
		struct lane *lane = &storm->lanes[i];

		/* Goes through an exec. */
		lane->held = dup(self->held);
		lane->ino = inode_of(self->held);
		if (!fork()) {
			if (i < LANES - 1)
				relay_host(lane, self->port, tell[1], i % 2);
			else
				host_short_relays(lane, self->port, tell[1]);
			_exit(0);
		}
		ASSERT_EQ(1, read(tell[0], &c, 1));
	}
	start_observer(0);
	start_observer(ALICE);
	while (wait(&i) > 0)
		EXPECT_EQ(0, i);
	for (i = 0; i < LANES; i++) {
		steps += storm->lanes[i].steps;
		close(storm->lanes[i].held);
	}
	TH_LOG("%d steps", steps);
}

/* A thousand sessions and ten thousand names. */

#define CROWD_SESSIONS	100	/* of each user */
#define CROWD_NAMES	10	/* in each session */
#define CROWD_LEAST	(CROWD_USERS * CROWD_SESSIONS)

static _Alignas(16) char crowd_stacks[CROWD_SESSIONS][16384];

struct member {
	uid_t uid;
	int held;
	int ready;
};

/* The only process of a session: one name for a file of its own, nine more. */
static int crowd_member(void *arg)
{
	struct member *member = arg;
	struct bootstrap_session session;
	int port, tag, i;
	char name[16];

	become(member->uid);
	port = port_open();
	MUST(do_session(port, &session) == 0);
	tag = eventfd(session.session, EFD_NONBLOCK);
	MUST(do_register(port, "own", tag) == 0);
	close(tag);
	for (i = 1; i < CROWD_NAMES; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		MUST(do_register(port, name, member->held) == 0);
	}
	write(member->ready, "x", 1);
	pause();
	return 0;
}

/*
 * The sessions of one user, all in one group of processes. To copy memory a
 * thousand times would take longest, so all have the same, and come one after
 * the other, because the C library in it does not expect them.
 */
static void crowd_of(uid_t uid, int held, int tell)
{
	struct member member = { .uid = uid, .held = held };
	int login, ready[2], i;
	char text[16], c;

	setpgid(0, 0);
	login = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	MUST(!pipe2(ready, O_CLOEXEC));
	member.ready = ready[1];
	snprintf(text, sizeof(text), "%u", uid);
	for (i = 0; i < CROWD_SESSIONS; i++) {
		MUST(pwrite(login, text, strlen(text), 0) > 0);
		MUST(clone(crowd_member, crowd_stacks[i] + sizeof(crowd_stacks[i]),
			   CLONE_VM | SIGCHLD, &member) > 0);
		MUST(read(ready[0], &c, 1) == 1);
		write(tell, "x", 1);
	}
	pause();
	_exit(1);
}

static bool crowd_has_come(int tell)
{
	struct pollfd pfd = { .fd = tell, .events = POLLIN };
	int count = 0;
	char c;

	while (count < CROWD_LEAST && !storm_failed())
		if (poll(&pfd, 1, 100) > 0)
			count += read(tell, &c, 1) == 1;
	return count == CROWD_LEAST;
}

/* How many names of a session are listed, some on each page; -1 on failure. */
static int names_listed(int port, __u32 id)
{
	struct bootstrap_list args = {
		.size = sizeof(args), .scope = BOOTSTRAP_SCOPE_SESSION_ID,
		.session = id, .buffer = (uintptr_t)page,
		.buffer_size = sizeof(page),
	};
	int names = 0;

	do {
		if (call(port, BOOTSTRAP_IOC_LIST, &args))
			return -1;
		names += args.count;
	} while (args.count);
	return names;
}

/* Each may be asked once. */
static __u64 owner_of(int port, __u32 id)
{
	struct bootstrap_look_up args = args_look_up("own");
	__u64 owner = 0;
	int fd;

	args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	args.session = id;
	fd = call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
	if (fd < 0 || read(fd, &owner, sizeof(owner)) != sizeof(owner))
		return 0;
	close(fd);
	return owner;
}

/* Walks all sessions; how many of the crowd's have all that they should. */
static int crowd_count(int port)
{
	struct bootstrap_session session;
	int sessions = 0;
	__u32 id = 0;

	while (!do_session_next(port, id, &session) &&
	       session.session != ROOT_ID) {
		id = session.session + 1;
		sessions += session.uid >= CROWD &&
			session.uid < CROWD + CROWD_USERS &&
			session.names == CROWD_NAMES &&
			names_listed(port, session.session) == CROWD_NAMES &&
			owner_of(port, session.session) == session.session;
	}
	return sessions;
}

/* All come, are counted, and go. */
static void crowd_comes_and_goes(struct __test_metadata *_metadata, int port,
				 int held)
{
	pid_t pids[CROWD_USERS];
	int tell[2], i;

	ASSERT_EQ(0, pipe2(tell, O_CLOEXEC));
	for (i = 0; i < CROWD_USERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			crowd_of(CROWD + i, held, tell[1]);
	}
	EXPECT_TRUE(crowd_has_come(tell[0]));
	EXPECT_EQ(CROWD_LEAST, crowd_count(port));
	for (i = 0; i < CROWD_USERS; i++) {
		struct bootstrap_usage usage = usage_of(port, CROWD + i);

		EXPECT_EQ(CROWD_SESSIONS, usage.sessions);
		EXPECT_EQ(CROWD_SESSIONS * CROWD_NAMES, usage.names);
	}
	for (i = 0; i < CROWD_USERS; i++)
		kill(-pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	EXPECT_TRUE(eventually(nothing_is_left(port)));
	close(tell[0]);
	close(tell[1]);
}

/* The caches that our objects are in, and little else is. */
static const char *const slabs[] = {
	"kmalloc-cg-32", "kmalloc-cg-64", "kmalloc-cg-96", "kmalloc-cg-128",
	"kmalloc-cg-192", "kmalloc-cg-256", "kmalloc-cg-512",
	"radix_tree_node", "pid",
};

#define SLABS ARRAY_SIZE(slabs)

/* How many objects of each cache are in use. */
static void slabs_count(long *counts)
{
	char path[96];

	/* What waits to be freed is freed. */
	write_file("/proc/sys/vm/drop_caches", "2");
	for (size_t i = 0; i < SLABS; i++) {
		/* What a processor keeps for the next would count. */
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 slabs[i]);
		write_file(path, "1");
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects",
			 slabs[i]);
		counts[i] = file_number(path);
	}
}

/* The least of some counts: what is freed late is not in use. */
static void slabs_settle(long *least)
{
	long counts[SLABS];
	int tries;

	slabs_count(least);
	for (tries = 0; tries < 8; tries++) {
		usleep(50000);
		slabs_count(counts);
		for (size_t i = 0; i < SLABS; i++)
			if (counts[i] < least[i])
				least[i] = counts[i];
	}
}

/* Has a cache more than a few objects more than before? */
static const char *slab_that_grew(const long *before)
{
	long counts[SLABS];

	slabs_count(counts);
	for (size_t i = 0; i < SLABS; i++)
		if (counts[i] > before[i] + 4)
			return slabs[i];
	return NULL;
}

/*
 * What comes again leaves the kernel's memory as it was. Where freed objects
 * are held back to catch who uses them, they cannot be counted; but there the
 * guest looks for leaks in the end.
 */
TEST_F(storm, of_sessions)
{
	long before[SLABS];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	crowd_comes_and_goes(_metadata, self->port, self->held);
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		return;
	slabs_settle(before);
	/* It can be told at all. */
	ASSERT_LT(0, before[SLABS - 1]);
	crowd_comes_and_goes(_metadata, self->port, self->held);
	EXPECT_TRUE(eventually(!slab_that_grew(before))) {
		TH_LOG("%s", slab_that_grew(before));
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "--relay"))
		return relay_after_exec(atoi(argv[2]), atoi(argv[3]));
	return test_harness_run(argc, argv);
}
