// SPDX-License-Identifier: GPL-2.0
/* Look-ups that wait for a name, and look-ups of several names at once. */
#include <pthread.h>
#include <sched.h>

#include "bootstrap_test.h"
#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define PARAMETER(name) "/sys/module/bootstrap/parameters/" name
#define NEVER BOOTSTRAP_DEADLINE_NEVER

static __u64 in_ms(unsigned int ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec + ms * 1000000ULL;
}

static int look_up_until(int port, const char *name, __u64 deadline)
{
	struct bootstrap_look_up args = args_look_up(name);

	args.deadline = deadline;
	return call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
}

/* A look-up in a thread of its own. */
struct waiting {
	pthread_t thread;
	struct bootstrap_look_up args;
	int port;
	int ret;
};

static void *wait_thread(void *arg)
{
	struct waiting *waiting = arg;

	waiting->ret = call(waiting->port, BOOTSTRAP_IOC_LOOK_UP,
			    &waiting->args);
	return NULL;
}

static int waits_of(int port, uid_t uid)
{
	return usage_of(port, uid).waits;
}

static void wait_start(struct waiting *waiting, int port, const char *name,
		       __u64 deadline)
{
	int before = waits_of(port, 0);

	waiting->port = port;
	waiting->args = args_look_up(name);
	waiting->args.deadline = deadline;
	pthread_create(&waiting->thread, NULL, wait_thread, waiting);
	while (waits_of(port, 0) == before)
		usleep(1000);
}

static int wait_end(struct waiting *waiting)
{
	pthread_join(waiting->thread, NULL);
	return waiting->ret;
}

FIXTURE(waits)
{
	int port;
	int tag;
};

FIXTURE_SETUP(waits)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(7);
}

FIXTURE_TEARDOWN(waits)
{
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	EXPECT_EQ(0, waits_of(self->port, 0));
	EXPECT_EQ(0, waits_of(self->port, ALICE));
	close(self->port);
	close(self->tag);
}

TEST_F(waits, time_out)
{
	__u64 deadline = in_ms(100);

	EXPECT_EQ(-ETIMEDOUT, look_up_until(self->port, "new", deadline));
	EXPECT_LE(deadline, in_ms(0));
	/* In the past; at the beginning of the clock. */
	EXPECT_EQ(-ETIMEDOUT, look_up_until(self->port, "new", deadline));
	EXPECT_EQ(-ETIMEDOUT, look_up_until(self->port, "new", 1));
	/* What is there is found, whatever the time. */
	ASSERT_EQ(0, do_register(self->port, "new", self->tag));
	EXPECT_EQ(7, tag_of(look_up_until(self->port, "new", 1)));
}

TEST_F(waits, are_well_formed)
{
	struct bootstrap_look_up args = args_look_up("new");

	EXPECT_EQ(-EINVAL, look_up_until(self->port, "new", NEVER - 1));
	EXPECT_EQ(-EINVAL, look_up_until(self->port, "new", 1ULL << 63));
	args.deadline = 1;
	args.flags = BOOTSTRAP_LOOK_UP_NONBLOCK;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
}

TEST_F(waits, end_with_the_name)
{
	struct waiting some[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++)
		wait_start(&some[i], self->port, "new", NEVER);
	ASSERT_EQ(0, do_register(self->port, "other", self->tag));
	ASSERT_EQ(0, do_register(self->port, "ne", self->tag));
	EXPECT_EQ(3, waits_of(self->port, 0));
	ASSERT_EQ(0, do_register(self->port, "new", self->tag));
	for (i = 0; i < ARRAY_SIZE(some); i++)
		EXPECT_EQ(7, tag_of(wait_end(&some[i])));
}

/* Whoever did not see the name was woken, and the other way round. */
TEST_F(waits, miss_nothing)
{
	struct waiting one;
	int i;

	for (i = 0; i < scaled(500); i++) {
		one.port = self->port;
		one.args = args_look_up("new");
		one.args.deadline = in_ms(20000);
		pthread_create(&one.thread, NULL, wait_thread, &one);
		if (i % 2)
			usleep(i % 50);
		ASSERT_EQ(0, do_register(self->port, "new", self->tag));
		ASSERT_LE(0, wait_end(&one));
		close(one.ret);
		ASSERT_EQ(0, do_unregister(self->port, "new"));
	}
}

static void on_signal(int signal)
{
	(void)signal;
}

static void signals_restart(int flags)
{
	struct sigaction action = {
		.sa_handler = on_signal, .sa_flags = flags,
	};

	sigaction(SIGUSR1, &action, NULL);
}

TEST_F(waits, are_interruptible)
{
	struct waiting one;

	signals_restart(0);
	wait_start(&one, self->port, "new", NEVER);
	/* Between being counted and being asleep it might miss it. */
	while (waits_of(self->port, 0)) {
		pthread_kill(one.thread, SIGUSR1);
		usleep(1000);
	}
	EXPECT_EQ(-EINTR, wait_end(&one));
}

TEST_F(waits, go_on_after_a_signal)
{
	struct waiting one;
	__u64 deadline = in_ms(300);
	int i;

	signals_restart(SA_RESTART);
	wait_start(&one, self->port, "new", deadline);
	for (i = 0; i < 20; i++) {
		pthread_kill(one.thread, SIGUSR1);
		usleep(1000);
	}
	EXPECT_EQ(-ETIMEDOUT, wait_end(&one));
	EXPECT_LE(deadline, in_ms(0));
}

/* Of a session's waiters, those above it wake some; those beside it none. */
TEST_F(waits, see_what_look_ups_see)
{
	struct peer other = peer_start(log_in, ALICE);
	int done[2], pipes[2];
	pid_t pid;
	char tag;

	ASSERT_EQ(0, pipe(done));
	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid) {
		log_in(ALICE);
		tag = tag_of(look_up_until(port_open(), "new", NEVER));
		_exit(write(done[1], &tag, 1) != 1);
	}
	while (waits_of(self->port, ALICE) != 1)
		usleep(1000);
	ASSERT_EQ(0, peer_register(&other, "new", 5));
	EXPECT_FALSE(hangs_up(pipes[0], 50));
	EXPECT_EQ(1, waits_of(self->port, ALICE));
	ASSERT_EQ(0, do_register(self->port, "new", self->tag));
	ASSERT_EQ(1, read(done[0], &tag, 1));
	EXPECT_EQ(7, tag);
	EXPECT_EQ(0, child_result(pid));
	peer_stop(&other);
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
}

/* One who may not look it up waits, as if it were not there. */
TEST_F(waits, tell_nothing)
{
	struct bootstrap_register args = args_register("new", self->tag);
	pid_t pid;

	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 4242;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	pid = fork();
	if (!pid) {
		struct bootstrap_look_up look_up = args_look_up("new");
		int port = port_open();

		become(ALICE);
		look_up.deadline = in_ms(50);
		if (call(port, BOOTSTRAP_IOC_LOOK_UP, &look_up) != -ETIMEDOUT)
			_exit(1);
		look_up.deadline = in_ms(20000);
		_exit(tag_of(call(port, BOOTSTRAP_IOC_LOOK_UP, &look_up)) != 7);
	}
	usleep(100000);
	args.flags = 0;
	args.gid = 0;
	args.replace = args.generation;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, child_result(pid));
}

/* Where no search goes on elsewhere, nothing will ever be found. */
TEST_F(waits, end_with_the_only_namespace)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_session session;
	struct waiting one;

	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	one.port = self->port;
	one.args = args_look_up("new");
	one.args.deadline = NEVER;
	one.args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	one.args.session = session.session;
	one.args.cookie = session.cookie;
	pthread_create(&one.thread, NULL, wait_thread, &one);
	while (!waits_of(self->port, 0))
		usleep(1000);
	peer_stop(&alice);
	EXPECT_EQ(-ESHUTDOWN, wait_end(&one));
	EXPECT_EQ(-ESRCH, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &one.args));
}

TEST_F(waits, are_limited)
{
	char before[16] = "";
	int fd = open(PARAMETER("waits_per_user"), O_RDONLY);
	pid_t pid;

	ASSERT_LT(0, read(fd, before, sizeof(before) - 1));
	close(fd);
	ASSERT_EQ(0, write_file(PARAMETER("waits_per_user"), "0"));
	pid = fork();
	if (!pid) {
		become(ALICE);
		_exit(look_up_until(port_open(), "new", in_ms(100)) != -EDQUOT);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(-ETIMEDOUT, look_up_until(self->port, "new", in_ms(1)));
	ASSERT_EQ(0, write_file(PARAMETER("waits_per_user"), before));
}

/* The clock of a time namespace counts, not that of the machine. */
TEST_F(waits, know_time_namespaces)
{
	pid_t pid = fork();

	if (!pid) {
		__u64 before = in_ms(0);

		if (unshare(CLONE_NEWTIME) ||
		    write_file("/proc/self/timens_offsets", "monotonic 3600 0"))
			_exit(2);
		pid = fork();
		if (!pid) {
			__u64 deadline = in_ms(200);
			int port = port_open();

			if (deadline < before + 3600 * 1000000000ULL)
				_exit(3);
			if (look_up_until(port, "new", deadline) != -ETIMEDOUT)
				_exit(4);
			/* Neither at once nor in an hour. */
			_exit(in_ms(0) < deadline ||
			      in_ms(0) > deadline + 60 * 1000000000ULL);
		}
		_exit(child_result(pid));
	}
	EXPECT_EQ(0, child_result(pid));
}

/* Voluntary context switches of all threads. */
static unsigned long switches(const pid_t *tids, int count)
{
	unsigned long sum = 0, number;
	char path[64], line[128];
	FILE *file;
	int i;

	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/self/task/%d/status",
			 tids[i]);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "voluntary_ctxt_switches: %lu",
				   &number) == 1)
				sum += number;
		if (file)
			fclose(file);
	}
	return sum;
}

#define MANY 10000

static struct {
	int port;
	pid_t tids[MANY];
} many;

static void *one_of_many(void *arg)
{
	char name[16];

	many.tids[(intptr_t)arg] = syscall(SYS_gettid);
	snprintf(name, sizeof(name), "many%d", (int)(intptr_t)arg);
	look_up_until(many.port, name, NEVER);
	return NULL;
}

TEST_F(waits, by_the_thousand_sleep_on)
{
	/* On a debug kernel it is to be shown that it works, no more. */
	int i, count = scaled(scaled(MANY));
	unsigned long before;
	pthread_attr_t small;
	pthread_t thread;
	pid_t pid;

	write_file("/proc/sys/kernel/threads-max", "20000");
	pid = fork();
	if (!pid) {
		many.port = port_open();
		pthread_attr_init(&small);
		pthread_attr_setstacksize(&small, 16384);
		for (i = 0; i < count; i++)
			if (pthread_create(&thread, &small, one_of_many,
					   (void *)(intptr_t)i))
				_exit(2);
		while (waits_of(self->port, 0) < count)
			usleep(10000);
		/* The last of them may yet have to fall asleep. */
		usleep(100000);
		before = switches(many.tids, count);
		for (i = 0; i < 100; i++)
			if (do_register(many.port, "new", self->tag) ||
			    do_unregister(many.port, "new"))
				_exit(3);
		usleep(100000);
		if (switches(many.tids, count) != before)
			_exit(4);
		/* But the one it is for is woken. */
		if (do_register(many.port, "many5", self->tag))
			_exit(5);
		_exit(!eventually(waits_of(self->port, 0) == count - 1));
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_TRUE(eventually(!waits_of(self->port, 0)));
}

/* Arrays */

static void put_entry(struct bootstrap_look_up_entry *entry, const char *name)
{
	memset(entry, 0, sizeof(*entry));
	entry->name = (uintptr_t)name;
	entry->name_len = strlen(name);
	entry->result = -77;
}

static struct bootstrap_look_up_array
args_array(struct bootstrap_look_up_entry *entries, unsigned int count)
{
	return (struct bootstrap_look_up_array){
		.size = sizeof(struct bootstrap_look_up_array),
		.entries = (uintptr_t)entries,
		.count = count,
	};
}

static int open_files(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

TEST_F(waits, array_has_a_result_each)
{
	struct bootstrap_look_up_entry entries[4];
	struct bootstrap_look_up_array args = args_array(entries, 4);
	struct bootstrap_info info = { .size = sizeof(info) };

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	ASSERT_EQ(0, do_register(self->port, "b", tag_new(8)));
	put_entry(&entries[0], "a");
	put_entry(&entries[1], "absent");
	put_entry(&entries[2], "");
	put_entry(&entries[3], "b");
	entries[3].info = (uintptr_t)&info;
	ASSERT_EQ(2, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
	EXPECT_EQ(7, tag_of(entries[0].result));
	EXPECT_EQ(FD_CLOEXEC, fcntl(entries[0].result, F_GETFD));
	EXPECT_EQ(-ENOENT, entries[1].result);
	EXPECT_EQ(-EINVAL, entries[2].result);
	EXPECT_EQ(8, tag_of(entries[3].result));
	EXPECT_EQ(getpid(), info.pid);
}

TEST_F(waits, array_is_well_formed)
{
	struct bootstrap_look_up_entry entries[BOOTSTRAP_LOOK_UP_ARRAY_MAX + 1];
	struct bootstrap_look_up_array args;
	unsigned int i;

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		put_entry(&entries[i], "a");
	args = args_array(entries, ARRAY_SIZE(entries));
	EXPECT_EQ(-EMSGSIZE, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
	args = args_array(entries, 0);
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
	EXPECT_EQ(-77, entries[0].result);
	args = args_array(entries, BOOTSTRAP_LOOK_UP_ARRAY_MAX);
	ASSERT_EQ(BOOTSTRAP_LOOK_UP_ARRAY_MAX,
		  call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
}

/* What cannot be told is not there, nor is what was told before. */
TEST_F(waits, array_leaves_no_descriptor_untold)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct bootstrap_look_up_array args;
	struct bootstrap_look_up_entry *entries;
	char *room;
	int before;

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	room = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, room);
	ASSERT_EQ(0, munmap(room + page, page));
	/* One entry is there, the next is not. */
	entries = (void *)(room + page - sizeof(*entries));
	put_entry(entries, "a");
	args = args_array(entries, 2);
	before = open_files();
	EXPECT_EQ(-EFAULT, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
	EXPECT_EQ(before, open_files());
	/* There to be read, but not to be written. */
	ASSERT_EQ(0, mprotect(room, page, PROT_READ));
	args.count = 1;
	EXPECT_EQ(-EFAULT, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
	EXPECT_EQ(before, open_files());
}

TEST_F(waits, array_has_one_deadline)
{
	struct bootstrap_look_up_entry entries[3];
	struct bootstrap_look_up_array args = args_array(entries, 3);

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	put_entry(&entries[0], "absent");
	put_entry(&entries[1], "a");
	put_entry(&entries[2], "absent too");
	args.deadline = in_ms(50);
	ASSERT_EQ(1, call(self->port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args));
	EXPECT_LE(args.deadline, in_ms(0));
	EXPECT_EQ(-ETIMEDOUT, entries[0].result);
	EXPECT_EQ(7, tag_of(entries[1].result));
	EXPECT_EQ(-ETIMEDOUT, entries[2].result);
}

static void *array_thread(void *arg)
{
	int port = port_open();

	return (void *)(intptr_t)call(port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, arg);
}

TEST_F(waits, array_keeps_what_it_found_at_a_signal)
{
	struct bootstrap_look_up_entry entries[3];
	struct bootstrap_look_up_array args = args_array(entries, 3);
	pthread_t thread;
	void *ret;

	signals_restart(SA_RESTART);
	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	put_entry(&entries[0], "a");
	put_entry(&entries[1], "absent");
	put_entry(&entries[2], "a");
	args.deadline = NEVER;
	pthread_create(&thread, NULL, array_thread, &args);
	while (!waits_of(self->port, 0))
		usleep(1000);
	while (waits_of(self->port, 0)) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	pthread_join(thread, &ret);
	EXPECT_LE(1, (intptr_t)ret);
	EXPECT_EQ(7, tag_of(entries[0].result));
	EXPECT_EQ(-EINTR, entries[1].result);
}

TEST_F(waits, array_that_found_nothing_begins_again)
{
	struct bootstrap_look_up_entry entries[2];
	struct bootstrap_look_up_array args = args_array(entries, 2);
	pthread_t thread;
	void *ret;
	int i;

	signals_restart(SA_RESTART);
	put_entry(&entries[0], "absent");
	put_entry(&entries[1], "a");
	args.deadline = in_ms(300);
	pthread_create(&thread, NULL, array_thread, &args);
	while (!waits_of(self->port, 0))
		usleep(1000);
	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	for (i = 0; i < 20; i++) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	pthread_join(thread, &ret);
	EXPECT_EQ(1, (intptr_t)ret);
	EXPECT_LE(args.deadline, in_ms(0));
	EXPECT_EQ(-ETIMEDOUT, entries[0].result);
	EXPECT_EQ(7, tag_of(entries[1].result));
}

TEST_HARNESS_MAIN
