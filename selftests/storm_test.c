// SPDX-License-Identifier: GPL-2.0
/*
 * Storms: what is right when one process does it has to be right when many do
 * it at once, while others are killed. Each goes on for some time, and for some
 * rounds however long these take.
 */
#include <pthread.h>

#include "storm.h"

/* First calls */

/* One of as many processes of a session that nobody has called from yet. */
static void call_first(int port, int held, int i)
{
	struct bootstrap_session session;
	char name[16];

	snprintf(name, sizeof(name), "first%d", i);
	meet(&storm->arrived, CALLERS);
	switch (i % 4) {
	case 0:
		MUST(do_look_up(port, "nothing") == -ENOENT);
		break;
	case 1:
		MUST(do_register(port, name, held) == 0);
		break;
	}
	MUST(do_session(port, &session) == 0);
	MUST(session.session == (__u32)proc_number("self/sessionid"));
	storm->cookies[i] = session.cookie;
	meet(&storm->arrived, 2 * CALLERS);
	if (i) {
		/* Waits until all is counted. */
		meet(&storm->arrived, 3 * CALLERS);
		_exit(0);
	}
}

static int first_calls_of_processes(int port, int held)
{
	struct bootstrap_usage usage;
	int i;

	log_in(ALICE);
	for (i = CALLERS - 1; i; i--)
		if (!fork())
			break;
	call_first(port, held, i);
	for (i = 1; i < CALLERS; i++)
		MUST(storm->cookies[i] == storm->cookies[0]);
	usage = usage_of(port, ALICE);
	MUST(usage.sessions == 1);
	MUST(usage.names == CALLERS / 4);
	meet(&storm->arrived, 3 * CALLERS);
	while (wait(NULL) > 0)
		;
	return 0;
}

TEST_F(storm, of_first_calls_of_processes)
{
	__u64 last = 0;
	int rounds;

	for (rounds = 0; storm_goes_on(rounds, 8); rounds++) {
		pid_t pid;

		ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
		storm->arrived = 0;
		pid = fork();
		if (!pid)
			_exit(first_calls_of_processes(self->port, self->held));
		ASSERT_EQ(0, child_result(pid));
		/* A session each time. */
		EXPECT_LT(last, storm->cookies[0]);
		last = storm->cookies[0];
	}
	TH_LOG("%d rounds", rounds);
}

#define THREADS 3

struct caller {
	int port;
	int i;
	int rounds;
};

static void *call_in_thread(void *arg)
{
	struct caller *caller = arg;
	struct bootstrap_session session;
	int round;

	for (round = 0; round < caller->rounds; round++) {
		meet(&storm->arrived, (2 * round + 1) * THREADS);
		MUST(do_session(caller->port, &session) == 0);
		storm->cookies[caller->i] = session.cookie;
		meet(&storm->arrived, (2 * round + 2) * THREADS);
	}
	return NULL;
}

/* root logs in over and over; the threads of the process call at once. */
static void first_calls_of_threads(int port, int rounds)
{
	struct caller callers[THREADS];
	pthread_t threads[THREADS];
	__u32 first;
	int i, round;

	storm->arrived = 0;
	for (i = 1; i < THREADS; i++) {
		callers[i] = (struct caller){ port, i, rounds };
		MUST(!pthread_create(&threads[i], NULL, call_in_thread,
				     &callers[i]));
	}
	for (round = 0; round < rounds; round++) {
		struct bootstrap_session session;

		MUST(!set_login_uid(0));
		meet(&storm->arrived, (2 * round + 1) * THREADS);
		MUST(do_session(port, &session) == 0);
		meet(&storm->arrived, (2 * round + 2) * THREADS);
		for (i = 1; i < THREADS; i++)
			MUST(storm->cookies[i] == session.cookie);
		if (!round)
			first = session.session;
		if (round < rounds - 1)
			continue;
		/* To ask for one that is left has all noticed. */
		MUST(do_session_by_id(port, first, 0, &session) == -ESRCH);
	}
	MUST(eventually(usage_of(port, 0).sessions == 1));
	for (i = 1; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

TEST_F(storm, of_first_calls_of_threads)
{
	pid_t pid = fork();

	if (!pid) {
		int rounds;

		for (rounds = 0; storm_goes_on(rounds, 4 * 32); rounds += 32)
			first_calls_of_threads(self->port, 32);
		fprintf(stderr, "# %d rounds\n", rounds);
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
}

/* Few names, many processes that want them, and ports that all of them use. */

#define HANDS	3		/* processes, of two threads each */
#define NAMES	4
#define STEADY	"steady"	/* is replaced and taken over, never away */

struct hand {
	int shared;		/* a port that all use */
	int port;		/* another */
	int mail;		/* where ports go and come from */
	const int *held;	/* pipes, one for each name and the steady one */
	unsigned int seed;
	__u64 seen;		/* generation of the steady name */
};

static unsigned int roll(struct hand *hand, unsigned int sides)
{
	return rand_r(&hand->seed) / 7 % sides;
}

/* A new open file, so that there may be no reference but the name's. */
static int reopen(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	MUST(fd >= 0);
	return fd;
}

static int some_port(struct hand *hand)
{
	return roll(hand, 2) ? hand->shared : hand->port;
}

static void hammer_register(struct hand *hand, int i, const char *name)
{
	struct bootstrap_register args = args_register(name, -1);
	int port = some_port(hand), ret;

	args.fd = reopen(hand->held[i]);
	if (!roll(hand, 4))
		args.flags = BOOTSTRAP_REGISTER_STICKY;
	ret = call(port, BOOTSTRAP_IOC_REGISTER, &args);
	MUST(ret == 0 || ret == -EBUSY);
	if (ret == 0 && roll(hand, 2)) {
		args.replace = args.generation;
		ret = call(port, BOOTSTRAP_IOC_REGISTER, &args);
		MUST(ret == 0 || ret == -ENOENT || ret == -EBUSY ||
		     ret == -EPERM);
	}
	close(args.fd);
}

/* It is always there, and never an older one than before. */
static void look_up_steady(int port, int held, __u64 *seen)
{
	struct bootstrap_info info;

	MUST(is_pipe(do_look_up_info(port, STEADY, &info), inode_of(held)));
	MUST(info.generation >= *seen);
	*seen = info.generation;
}

static void hammer_look_up(struct hand *hand, int i, const char *name)
{
	int fd = do_look_up(some_port(hand), name);

	MUST(fd == -ENOENT || is_pipe(fd, inode_of(hand->held[i])));
	look_up_steady(some_port(hand), hand->held[NAMES], &hand->seen);
}

/* To close the last descriptor of a port ends what came through it. */
static void hammer_close(struct hand *hand)
{
	close(hand->port);
	hand->port = port_open();
	MUST(hand->port >= 0);
}

static void hammer_mail(struct hand *hand)
{
	struct peer_message message = { 0 };
	int port;

	if (roll(hand, 2)) {
		peer_send(hand->mail, &message, hand->port);
	} else if (peer_receive(hand->mail, &message, &port)) {
		MUST(port >= 0);
		close(hand->port);
		hand->port = port;
	}
}

/* So many names that the table grows, and shrinks as they go all at once. */
static void hammer_crowd(struct hand *hand)
{
	int port = port_open(), i, ret;
	char name[32];

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "crowd%d-%d", gettid(), i);
		ret = do_register(port, name, hand->held[0]);
		MUST(ret == 0);
	}
	close(port);
}

static void hammer_once(struct hand *hand)
{
	static const char *const names[NAMES] = { "a", "bb", "ccc", "dddd" };
	int i = roll(hand, NAMES), ret = 0;
	const char *name = names[i];

	switch (roll(hand, 16)) {
	case 0 ... 4:
		hammer_register(hand, i, name);
		break;
	case 5:
		ret = do_unregister(some_port(hand), name);
		break;
	case 6:
		ret = do_take_over(some_port(hand), name);
		break;
	case 7:
		hammer_close(hand);
		break;
	case 8 ... 9:
		hammer_mail(hand);
		break;
	case 10:
		if (!roll(hand, 16))
			hammer_crowd(hand);
		break;
	default:
		hammer_look_up(hand, i, name);
	}
	MUST(ret == 0 || ret == -ENOENT || ret == -EPERM);
}

static void *hammer_in_thread(void *arg)
{
	struct hand hand = *(struct hand *)arg;
	int rounds;

	hand.seed++;
	hand.port = port_open();
	for (rounds = 0; storm_goes_on(rounds, 50); rounds++)
		hammer_once(&hand);
	return NULL;
}

static void hammer(struct hand hand)
{
	pthread_t thread;
	int rounds;

	hand.port = port_open();
	MUST(!pthread_create(&thread, NULL, hammer_in_thread, &hand));
	for (rounds = 0; storm_goes_on(rounds, 50); rounds++)
		hammer_once(&hand);
	pthread_join(thread, NULL);
	_exit(0);
}

static bool hands_are_at_work(void)
{
	return __atomic_load_n(&storm->watchers, __ATOMIC_SEQ_CST) &&
	       !storm_failed();
}

/* The one replaces the steady name, the other takes it over, all the time. */
static void keep_steady(int port, int held, bool replaces)
{
	struct bootstrap_register args = args_register(STEADY, -1);
	int rounds;

	for (rounds = 0; hands_are_at_work(); rounds++) {
		if (!replaces) {
			MUST(do_take_over(port, STEADY) == 0);
			continue;
		}
		args.fd = reopen(held);
		MUST(call(port, BOOTSTRAP_IOC_REGISTER, &args) == 0);
		close(args.fd);
		args.replace = args.generation;
		if (!rounds)
			meet(&storm->arrived, 1);
	}
	fprintf(stderr, "# %d rounds of a keeper\n", rounds);
	/* Not before the other has ended as well: one of the two has it. */
	meet(&storm->arrived, 3);
	_exit(0);
}

static pid_t start_hand(struct hand *hand)
{
	pid_t pid = fork();

	if (!pid)
		hammer(*hand);
	hand->seed += 100;
	return pid;
}

/* Kills and replaces hands as long as the storm goes on. */
static void kill_hands(struct hand *hand)
{
	pid_t pids[HANDS];
	int i, rounds;

	for (i = 0; i < HANDS; i++)
		pids[i] = start_hand(hand);
	for (rounds = 0; storm_goes_on(rounds, 10); rounds++) {
		usleep(roll(hand, 40000));
		i = roll(hand, HANDS);
		kill(pids[i], SIGKILL);
		wait_for(pids[i]);
		pids[i] = start_hand(hand);
	}
	for (i = 0; i < HANDS; i++)
		MUST(child_result(pids[i]) == 0);
	fprintf(stderr, "# %d kills\n", rounds);
}

static int hammer_session(const int *held)
{
	struct hand hand = { .held = held, .seed = 1 };
	struct bootstrap_session session;
	int mail[2], i;
	pid_t pid;

	log_in(ALICE);
	hand.shared = port_open();
	MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			 0, mail));
	storm->watchers = 1;
	for (i = 0; i < 2; i++) {
		if (!fork())
			keep_steady(hand.shared, held[NAMES], !i);
		while (!__atomic_load_n(&storm->arrived, __ATOMIC_SEQ_CST))
			sched_yield();
	}
	hand.mail = mail[0];
	/* What goes in at either end comes out at the other. */
	pid = fork();
	if (!pid) {
		hand.mail = mail[1];
		hand.seed = 2;
		kill_hands(&hand);
		_exit(0);
	}
	kill_hands(&hand);
	MUST(child_result(pid) == 0);
	/* Charged is what is left: sticky names, and the steady one. */
	MUST(eventually(!do_session(hand.shared, &session) &&
			session.names > 0 && session.names <= NAMES + 1));
	MUST(usage_of(hand.shared, ALICE).names == session.names);
	return 0;
}

/* On two processors, one does nothing but replace, the other but look up. */
TEST_F(storm, of_one_name)
{
	pid_t pid = fork();

	if (!pid) {
		int port, rounds;
		__u64 seen = 0;

		log_in(ALICE);
		port = port_open();
		storm->watchers = 1;
		pid = fork();
		if (!pid)
			keep_steady(port, self->held, true);
		meet(&storm->arrived, 2);
		for (rounds = 0; storm_goes_on(rounds, 1000); rounds++)
			look_up_steady(port, self->held, &seen);
		fprintf(stderr, "# %d look-ups\n", rounds);
		storm->watchers = 0;
		_exit(child_result(pid));
	}
	EXPECT_EQ(0, child_result(pid));
}

/*
 * One writes to the text that the other registers under. It has two values, so
 * only two names are free, whichever is read.
 */
TEST_F(storm, of_one_text)
{
	char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rounds, names = 0;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, text);
	strcpy(text, "com.example");
	storm->watchers = 1;
	pid = fork();
	if (!pid) {
		while (__atomic_load_n(&storm->watchers, __ATOMIC_RELAXED))
			__atomic_xor_fetch(&text[5], 'x' ^ 'y', __ATOMIC_RELAXED);
		_exit(0);
	}
	for (rounds = 0; storm_goes_on(rounds, 1000); rounds++)
		names += !do_register(self->port, text, self->held);
	storm->watchers = 0;
	EXPECT_EQ(0, child_result(pid));
	fprintf(stderr, "# %d registrations\n", rounds);
	EXPECT_LE(1, names);
	EXPECT_GE(2, names);
	munmap(text, 4096);
	close(self->port);
	self->port = port_open();
}

TEST_F(storm, of_names_and_kills)
{
	int pipes[NAMES + 1][2], held[NAMES + 1], i;
	pid_t pid;

	for (i = 0; i <= NAMES; i++) {
		ASSERT_EQ(0, pipe2(pipes[i], O_CLOEXEC));
		ASSERT_EQ(0, fchmod(pipes[i][1], 0666));
		held[i] = pipes[i][1];
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (!pid)
		_exit(hammer_session(held));
	EXPECT_EQ(0, child_result(pid));
	storm->watchers = 0;
	while (wait(&i) > 0)
		EXPECT_EQ(0, i);
	for (i = 0; i <= NAMES; i++) {
		close(held[i]);
		EXPECT_TRUE(hangs_up(pipes[i][0], 3000));
		close(pipes[i][0]);
	}
}

/* The load under which storm_test.sh loads and unloads the module. */

struct load {
	const char *stop;	/* a file that ends it */
	uid_t uid;
	int held;
	ino_t ino;
	__u64 cookie;
	int lives;		/* of the module, as seen from here */
};

/* Whoever has the device open can count on the module. */
static void load_once(struct load *load, int port)
{
	struct bootstrap_register args = args_register("stays", load->held);
	struct bootstrap_session session;
	char name[16];
	int ret;

	snprintf(name, sizeof(name), "load%d", getpid());
	MUST(do_session(port, &session) == 0);
	/* No number comes again with the next life. */
	MUST(session.cookie >= load->cookie);
	load->lives += session.cookie != load->cookie;
	load->cookie = session.cookie;
	MUST(do_register(port, name, load->held) == 0);
	MUST(is_pipe(do_look_up(port, name), load->ino));
	args.flags = BOOTSTRAP_REGISTER_STICKY;
	ret = call(port, BOOTSTRAP_IOC_REGISTER, &args);
	MUST(ret == 0 || ret == -EBUSY);
	MUST(is_pipe(do_look_up(port, "stays"), load->ino));
}

static void load_as(struct load load)
{
	int rounds = 0, port;
	uint64_t start;

	if (fork())
		return;
	if (load.uid)
		log_in(load.uid);
	while (access(load.stop, F_OK) && !storm_failed()) {
		start = now_ms();
		port = port_open();
		if (port < 0) {
			usleep(8000);
			continue;
		}
		load_once(&load, port);
		close(port);
		rounds++;
		/* Leaves moments in which nobody has it open. */
		usleep(5000 + 3000 * (now_ms() - start));
	}
	printf("# %d rounds as %d in %d lives\n", rounds, load.uid, load.lives);
	fflush(stdout);
	MUST(load.lives > 5);
	_exit(0);
}

/* Ends when the file is there and the names that were left are not. */
static int load_until(const char *stop)
{
	int pipes[2], status, failed = 0;
	struct load load = { .stop = stop };

	storm_begin(300000);
	if (pipe2(pipes, O_CLOEXEC) || fchmod(pipes[1], 0666))
		return 1;
	load.held = pipes[1];
	load.ino = inode_of(pipes[1]);
	load_as(load);
	load.uid = ALICE;
	load_as(load);
	load_as(load);
	close(pipes[1]);
	while (wait(&status) > 0)
		failed |= status;
	return failed || !hangs_up(pipes[0], 10000);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--load"))
		return load_until(argv[2]);
	return test_harness_run(argc, argv);
}
