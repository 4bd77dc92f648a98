// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzer's supervisor: starts workers, kills them at random, and sees to it
 * that they get on. Its environment:
 *	FUZZ_SECONDS	how long (60)
 *	FUZZ_SEED	of what is random
 *	FUZZ_REPLAY	a file with programs to be run again and again instead
 * Programs to begin with are in a file "corpus" beside it; those of this run
 * that are worth keeping are printed to the file FUZZ_CORPUS.
 *
 * "fuzz salvage MEMORY REPRODUCER" is run on the host, see shared.c.
 */
#include <sched.h>
#include <sys/resource.h>

#include "../faults.h"
#include "fuzz.h"

#define SEEDS_MAX	4096
#define HANG_MS		60000

static struct program *seeds;
static unsigned int seed_count;
static bool replay;
static pid_t anchor;	/* leads the process group of all workers */

/* Who a worker is; the twin of the one before it shares its session. */
static const struct role {
	int login;			/* -1 for none */
	uid_t uid;
	bool userns;
	bool twin;
} roles[WORKERS] = {
	{ .login = -1 },
	{ .login = 0 },
	{ .login = ALICE, .uid = ALICE },
	{ .login = ALICE, .uid = ALICE, .twin = true },
	{ .login = BOB, .uid = BOB },
	{ .login = BOB, .uid = BOB, .twin = true },
	{ .login = ALICE, .uid = ALICE },
	{ .login = -1, .uid = ALICE },
	{ .login = ALICE, .uid = ALICE, .userns = true },
	/* As a program that is set-user-id root. */
	{ .login = ALICE },
};

/* What OP_FAIL and KCOV need, also of workers that are not root. */
static void faults_set_up(void)
{
	if (!have_faults())
		printf("# no faults to order on this kernel\n");
	chmod("/sys/kernel/debug", 0755);
	chmod("/sys/kernel/debug/kcov", 0666);
}

static void seeds_load(const char *path)
{
	FILE *in = fopen(path, "re");
	int ret = 0;

	seeds = calloc(SEEDS_MAX, sizeof(*seeds));
	while (in && seeds && seed_count < SEEDS_MAX &&
	       (ret = program_read(&seeds[seed_count], in)) > 0)
		seed_count++;
	if (!in || !seeds || ret < 0) {
		printf("Bail out! %s cannot be read, after %u programs\n", path,
		       seed_count);
		exit(1);
	}
	fclose(in);
}

/* Runs what the worker with this number ran, in the same order. */
static void worker_replay(unsigned int worker)
{
	unsigned int i;

	while (!shared->stop) {
		for (i = 0; i < seed_count && !shared->stop; i++) {
			if (seeds[i].worker != worker)
				continue;
			execute(&seeds[i]);
			shared->progress[worker]++;
		}
		if (!shared->progress[worker])
			pause();
	}
}

static void worker_make(struct program *program, struct random *random)
{
	const struct program *from = corpus_pick(random);
	const struct program *other = corpus_pick(random);

	if (!from || !random_below(random, 20)) {
		program_random(program, random);
		return;
	}
	*program = *from;
	program_mutate(program, other ? other : from, random);
}

static void worker_fuzz(unsigned int worker, uint64_t seed)
{
	struct random random = { seed };
	struct program program;
	uint32_t at;

	while (!shared->stop) {
		at = __atomic_load_n(&shared->seed_next, __ATOMIC_RELAXED);
		if (at < seed_count) {
			at = __atomic_fetch_add(&shared->seed_next, 1,
						__ATOMIC_RELAXED);
			if (at >= seed_count)
				continue;
			program = seeds[at];
		} else {
			worker_make(&program, &random);
		}
		program.worker = worker;
		log_program(&program);
		execute(&program);
		__atomic_fetch_add(&shared->programs, 1, __ATOMIC_RELAXED);
		shared->progress[worker]++;
	}
}

static void worker_enter(const struct role *role)
{
	if (role->login >= 0) {
		if (set_login_uid(role->login))
			abort();
		shared->last_session = proc_number("self/sessionid");
	}
	if (role->uid)
		become(role->uid);
	if (role->userns)
		unshare(CLONE_NEWUSER);
}

static void worker_run(unsigned int worker, uint64_t seed)
{
	shared->pids[worker] = getpid();
	execute_init();
	if (replay)
		worker_replay(worker);
	else
		worker_fuzz(worker, seed + worker);
	_exit(0);
}

static void worker_start(unsigned int worker, uint64_t seed)
{
	pid_t pid = fork();

	if (pid < 0)
		abort();
	if (pid) {
		shared->pids[worker] = pid;
		return;
	}
	setpgid(0, anchor);
	worker_enter(&roles[worker]);
	if (worker + 1 < WORKERS && roles[worker + 1].twin && !fork())
		worker++;
	worker_run(worker, seed);
}

static void worker_kill(unsigned int worker)
{
	int pid = shared->pids[worker];

	if (pid > 0)
		kill(pid, SIGKILL);
}

/* A pair ends together, since a twin cannot join a session later. */
static void worker_ended(pid_t pid, uint64_t seed)
{
	unsigned int worker;

	for (worker = 0; worker < WORKERS; worker++)
		if (shared->pids[worker] == pid)
			break;
	if (worker == WORKERS)
		return;
	shared->pids[worker] = 0;
	if (roles[worker].twin) {
		worker_kill(worker - 1);
	} else {
		if (worker + 1 < WORKERS && roles[worker + 1].twin)
			worker_kill(worker + 1);
		if (!shared->stop)
			worker_start(worker, seed);
	}
}

static void print_file(const char *path)
{
	char line[256];
	FILE *in = fopen(path, "re");

	while (in && fgets(line, sizeof(line), in))
		printf("# %s", line);
	if (in)
		fclose(in);
}

/* Whoever does not get on, and where he stands. */
static void watch_hangs(void)
{
	static uint64_t seen[WORKERS], when[WORKERS];
	static int pids[WORKERS];
	unsigned int worker;
	char path[64];

	for (worker = 0; worker < WORKERS; worker++) {
		if (seen[worker] != shared->progress[worker] ||
		    pids[worker] != shared->pids[worker] || !when[worker] ||
		    (replay && !shared->progress[worker])) {
			seen[worker] = shared->progress[worker];
			pids[worker] = shared->pids[worker];
			when[worker] = now_ms();
		} else if (now_ms() - when[worker] > HANG_MS) {
			printf("# worker %u hangs\n", worker);
			snprintf(path, sizeof(path), "/proc/%d/stack",
				 pids[worker]);
			print_file(path);
			shared->faults++;
			when[worker] = 0;
			worker_kill(worker);
		}
	}
}

static void reap(uint64_t seed)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		worker_ended(pid, seed);
}

static void anchor_start(void)
{
	anchor = fork();
	if (!anchor)
		for (;;)
			pause();
	setpgid(anchor, anchor);
}

static void supervise(unsigned int seconds, struct random *random)
{
	uint64_t end = now_ms() + seconds * 1000ull, kill_at = 0;
	unsigned int worker;

	anchor_start();
	for (worker = 0; worker < WORKERS; worker++)
		if (!roles[worker].twin)
			worker_start(worker, random_next(random));
	while (now_ms() < end && !shared->faults) {
		usleep(10000);
		reap(random_next(random));
		watch_hangs();
		if (now_ms() >= kill_at) {
			worker_kill(random_below(random, WORKERS));
			kill_at = now_ms() + random_below(random, 1000);
		}
	}
	shared->stop = 1;
}

static void kill_all(void)
{
	/* Orphans come to us, so that in the end there is nobody left. */
	do {
		kill(-anchor, SIGKILL);
		usleep(10000);
	} while (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD);
}

/* Is one the beginning of the other? */
static bool begins(const struct program *shorter, const struct program *longer)
{
	return shorter->worker == longer->worker &&
	       shorter->count <= longer->count &&
	       !memcmp(shorter->ops, longer->ops,
		       shorter->count * sizeof(shorter->ops[0]));
}

static void corpus_print(FILE *out)
{
	const struct corpus_entry *entry = shared->corpus;
	unsigned int i;

	for (i = 0; i < shared->corpus_next && i < CORPUS_MAX; i++, entry++) {
		if (!entry->ready)
			continue;
		if (i + 1 < CORPUS_MAX && entry[1].ready &&
		    begins(&entry->program, &entry[1].program))
			continue;
		program_print(&entry->program, out);
	}
}

/* Keeps of the corpus what reaches, one after the other, all that was reached. */
static void corpus_minimize(const char *path)
{
	struct corpus_entry *old;
	unsigned int count = shared->corpus_next, worker, i;
	FILE *out;

	if (count > CORPUS_MAX)
		count = CORPUS_MAX;
	old = malloc(sizeof(shared->corpus));
	out = fopen(path, "we");
	if (!old || !out)
		return;
	memcpy(old, shared->corpus, sizeof(shared->corpus));
	memset(shared->corpus, 0, sizeof(shared->corpus));
	memset(shared->edges, 0, sizeof(shared->edges));
	shared->corpus_next = 0;
	shared->edge_count = 0;
	for (worker = 0; worker < WORKERS; worker++) {
		if (!fork()) {
			worker_enter(&roles[worker]);
			execute_init();
			for (i = 0; i < count; i++)
				if (old[i].ready &&
				    old[i].program.worker == worker)
					execute(&old[i].program);
			_exit(0);
		}
		while (wait(NULL) > 0)
			;
	}
	corpus_print(out);
	fclose(out);
}

static void remove_names(int port)
{
	struct bootstrap_list args = { .size = sizeof(args) };
	struct bootstrap_list_entry *entry = (void *)good_buffer;
	char name[BOOTSTRAP_NAME_MAX + 1];

	good_list((union bootstrap_args *)&args);
	while (!call(port, BOOTSTRAP_IOC_LIST, &args) && args.count) {
		snprintf(name, sizeof(name), "%.*s", (int)entry->name_len,
			 (char *)entry + entry->name_offset);
		do_unregister(port, name);
		args.cursor = 0;
	}
}

/* Those of the users that are below the root. */
static void remove_users_names(int port)
{
	struct bootstrap_child children[64];
	struct bootstrap_list args = {
		.size = sizeof(args), .buffer = (uintptr_t)children,
		.buffer_size = sizeof(children),
	};
	unsigned int i;
	int handle;

	while (!call(port, BOOTSTRAP_IOC_CHILDREN, &args) && args.count)
		for (i = 0; i < args.count; i++) {
			struct bootstrap_open open = {
				.size = sizeof(open),
				.flags = BOOTSTRAP_OPEN_CHILD,
				.namespace_id = children[i].namespace_id,
			};

			handle = call(port, BOOTSTRAP_IOC_OPEN, &open);
			if (handle < 0)
				continue;
			remove_names(handle);
			close(handle);
		}
}

static bool is_unused(int port, uid_t uid)
{
	struct bootstrap_usage usage = usage_of(port, uid);

	return uses_nothing(port, uid) && !usage.subsets && !usage.handles;
}

/* Sticky names that root registered are all that may be left. */
static bool back_to_nothing(void)
{
	struct bootstrap_session session;
	int port = port_open(), fds[2] = { shared->socket[0],
					   shared->socket[1] };

	close(fds[0]);
	close(fds[1]);
	remove_names(port);
	remove_users_names(port);
	return eventually(is_unused(port, 0)) &&
	       eventually(is_unused(port, ALICE)) &&
	       eventually(is_unused(port, BOB)) &&
	       !do_session_next(port, 0, &session) &&
	       session.session == ROOT_ID && !session.names;
}

static int run_all(const char *self)
{
	const char *seconds = getenv("FUZZ_SECONDS"), *seed = getenv("FUZZ_SEED");
	const char *keep = getenv("FUZZ_CORPUS"), *again = getenv("FUZZ_REPLAY");
	struct random random = { seed && *seed ? strtoull(seed, NULL, 0) :
							  now_ms() };
	const struct rlimit no_core = { 0, 0 };
	char path[256];

	replay = again && *again;
	snprintf(path, sizeof(path), "%.*s/corpus",
		 (int)(strrchr(self, '/') - self), self);
	seeds_load(replay ? again : path);
	shared_init();
	faults_set_up();
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	printf("TAP version 13\n1..2\n# %u programs to begin with, seed %llu\n",
	       seed_count, (unsigned long long)random.state);
	fflush(stdout);
	supervise(seconds ? atoi(seconds) : 60, &random);
	kill_all();
	printf("%sok 1 %llu programs\n", shared->faults ? "not " : "",
	       (unsigned long long)shared->programs);
	printf("# fuzz: %llu calls, %llu edges\n",
	       (unsigned long long)shared->calls,
	       (unsigned long long)shared->edge_count);
	if (keep && *keep && !shared->faults)
		corpus_minimize(keep);
	printf("%sok 2 all is gone with the workers\n",
	       back_to_nothing() ? "" : "not ");
	return shared->faults != 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "salvage"))
		return salvage(argv[2], argv[3]);
	return run_all(argv[0]);
}
