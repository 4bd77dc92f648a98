// SPDX-License-Identifier: GPL-2.0
/*
 * How look-ups on two processors get on with each other, and with a writer.
 * These are rates, by the clock; how much two processors of this guest do more
 * than one is told by a control.
 */
#include "own.h"

#define ROUND_MS	200

/* Each in cache lines of its own: none is slowed by what the other writes. */
struct worker {
	uint64_t done;
	char apart[256 - sizeof(uint64_t)];
};

/* What both processors see. */
struct shared {
	struct worker workers[2];
	bool stop;
};

static struct shared *shared;
static int port, file;

typedef void (*work_fn)(int worker);

static void control(int worker)
{
	syscall(SYS_getppid);
}

static void look_up(int number)
{
	static struct bootstrap_look_up args;

	if (!args.size) {
		args = args_look_up(strdup(name_of(number)));
		args.size = BOOTSTRAP_LOOK_UP_SIZE_MIN;
	}
	close(ioctl(port, BOOTSTRAP_IOC_LOOK_UP, &args));
}

static void look_up_same(int worker)
{
	look_up(0);
}

static void look_up_different(int worker)
{
	look_up(worker);
}

static void write_names(int worker)
{
	do_register(port, name_of(100 + worker), file);
	do_unregister(port, name_of(100 + worker));
}

static pid_t worker_start(int worker, work_fn work)
{
	uint64_t done = 0;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(worker);
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		work(worker);
		__atomic_store_n(&shared->workers[worker].done, ++done,
				 __ATOMIC_RELAXED);
	}
	_exit(0);
}

static uint64_t done_by(int worker)
{
	return __atomic_load_n(&shared->workers[worker].done, __ATOMIC_RELAXED);
}

static uint64_t done(bool both)
{
	return done_by(0) + (both ? done_by(1) : 0);
}

/* How much the first does in a second, and both do if there is a second. */
static double rate(work_fn first, work_fn second, bool both)
{
	pid_t pids[2] = { -1, -1 };
	uint64_t start, before, after;
	double time;

	memset(shared, 0, sizeof(*shared));
	pids[0] = worker_start(0, first);
	if (second)
		pids[1] = worker_start(1, second);
	usleep(50000);
	before = done(both);
	start = now();
	usleep(ROUND_MS * 1000);
	after = done(both);
	time = now() - start;
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	REQUIRE(!child_result(pids[0]));
	REQUIRE(!second || !child_result(pids[1]));
	return (after - before) * 1e9 / time;
}

static void measure(const char *key, work_fn work)
{
	double factors[BATCHES];
	int i;

	for (i = 0; i < BATCHES; i++)
		factors[i] = rate(work, work, true) / rate(work, NULL, false);
	report(key, factors, BATCHES);
}

/* In percent, of what a reader does beside somebody who does nothing to it. */
static void measure_writer(void)
{
	double slowdowns[BATCHES];
	int i;

	for (i = 0; i < BATCHES; i++)
		slowdowns[i] = rate(look_up_same, control, false) /
			       rate(look_up_same, write_names, false);
	report("writer_slowdown", slowdowns, BATCHES);
}

void bench_scale(void)
{
	int i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	log_in(ALICE);
	port = port_open();
	file = tag_new(0);
	for (i = 0; i < 10; i++)
		REQUIRE(!do_register(port, name_of(i), tag_new(i)));
	measure("scale_control", control);
	measure("scale_look_up_same", look_up_same);
	measure("scale_look_up_different", look_up_different);
	measure_writer();
}
