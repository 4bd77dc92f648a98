/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What storms share: memory that all their processes see, how long they go on,
 * and that nothing is left when they are over.
 */
#ifndef STORM_H
#define STORM_H

#include <sched.h>

#include "bootstrap_test.h"
#include "harness.h"

#define MODULE_REFERENCES	"/sys/module/bootstrap/refcnt"
#define FILES			"/proc/sys/fs/file-nr"

/* How long a race is run for, in ms. */
#define STORM_MS	1500

/* The first of some users that nobody else is. */
#define CROWD		2000
#define CROWD_USERS	10

#define CALLERS 4
#define LANES 4

/* Shared by all processes of a storm, also across an exec. */
struct storm {
	int failed;		/* the line of a check that failed */
	uint64_t end;		/* when it is time to stop, in ms */
	uint64_t deadline;	/* when something hangs */
	int arrived;
	int watchers;		/* those at work whom others wait for */
	__u64 cookies[CALLERS];
	struct lane {
		__u32 id;
		__u64 cookie;
		ino_t ino;	/* of the pipe that is held */
		int held;	/* its write end */
		int steps;
		int most;	/* steps, unless 0 */
	} lanes[LANES];
};

static struct storm *storm;
static int storm_fd = -1;

static inline void storm_attach(int fd)
{
	storm_fd = fd;
	storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (storm == MAP_FAILED)
		abort();
}

static inline void storm_begin(int deadline_ms)
{
	int fd = memfd_create("storm", 0);

	if (fd < 0 || ftruncate(fd, sizeof(*storm)))
		abort();
	storm_attach(fd);
	storm->end = now_ms() + STORM_MS;
	storm->deadline = now_ms() + deadline_ms;
}

/* For processes other than the test's own: stops all of them. */
static inline void must(bool condition, int line, const char *text)
{
	if (condition)
		return;
	__atomic_store_n(&storm->failed, line, __ATOMIC_SEQ_CST);
	fprintf(stderr, "# line %d: %s (errno %d)\n", line, text, errno);
	_exit(1);
}

#define MUST(_condition) must(_condition, __LINE__, #_condition)

static inline bool storm_failed(void)
{
	return __atomic_load_n(&storm->failed, __ATOMIC_SEQ_CST) ||
	       now_ms() > storm->deadline;
}

static inline bool storm_goes_on(int rounds, int least)
{
	return !storm_failed() && (rounds < least || now_ms() < storm->end);
}

/* Returns for all at once when as many have come. */
static inline void meet(int *arrived, int count)
{
	unsigned int spins = 0;

	__atomic_add_fetch(arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(arrived, __ATOMIC_SEQ_CST) < count) {
		/* Whoever is running shall go on within nanoseconds. */
		if (++spins % 128)
			continue;
		sched_yield();
		if (!(spins % 65536) && storm_failed())
			_exit(1);
	}
}

static inline ino_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

/* Is this a descriptor of that pipe, and not an error? Closes it. */
static inline bool is_pipe(int fd, ino_t ino)
{
	bool same = fd >= 0 && inode_of(fd) == ino;

	if (fd >= 0)
		close(fd);
	return same;
}

FIXTURE(storm)
{
	int port;
	int pipe;		/* hangs up when the last name is gone */
	int held;
	long references;
	long files;
};

/* Nobody is charged, no login session is there, and the root's has no name. */
static inline bool nothing_is_left(int port)
{
	struct bootstrap_session session;
	int i;

	for (i = 0; i < CROWD_USERS; i++)
		if (!uses_nothing(port, CROWD + i))
			return false;
	return uses_nothing(port, 0) && uses_nothing(port, ALICE) &&
	       !do_session_next(port, 0, &session) &&
	       session.session == ROOT_ID && !session.names;
}

/* The kernel counts files on each processor and sums up to within 32 each. */
static inline bool files_are_closed(long before)
{
	return labs(file_number(FILES) - before) <=
		2 * 32 * sysconf(_SC_NPROCESSORS_ONLN);
}

FIXTURE_SETUP(storm)
{
	int pipes[2];

	storm_begin(100000);
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(nothing_is_left(self->port)));
	ASSERT_EQ(0, pipe2(pipes, O_CLOEXEC));
	/* The storm's users open it anew. */
	ASSERT_EQ(0, fchmod(pipes[1], 0666));
	self->pipe = pipes[0];
	self->held = pipes[1];
	self->references = file_number(MODULE_REFERENCES);
	self->files = file_number(FILES);
}

FIXTURE_TEARDOWN(storm)
{
	EXPECT_FALSE(storm_failed());
	EXPECT_TRUE(eventually(nothing_is_left(self->port)));
	EXPECT_TRUE(eventually(file_number(MODULE_REFERENCES) ==
			       self->references));
	EXPECT_TRUE(eventually(files_are_closed(self->files)));
	close(self->held);
	EXPECT_TRUE(hangs_up(self->pipe, 3000));
	close(self->port);
}

#endif
