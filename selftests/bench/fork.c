// SPDX-License-Identifier: GPL-2.0
/*
 * What the module costs those who have nothing to do with it: a process more,
 * with it and a live session, and without it, by turns.
 */
#include "own.h"

#define MODULE_PATH	"/bootstrap.ko"
#define TIMES		50

static void module_load(void)
{
	int fd = open(MODULE_PATH, O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0 && !syscall(SYS_finit_module, fd, "", 0));
	close(fd);
}

/* The last files of those who are gone may be closed somewhat later. */
static void module_unload(void)
{
	REQUIRE(eventually(!syscall(SYS_delete_module, "bootstrap",
				    O_NONBLOCK)));
}

static void session_end(pid_t pid)
{
	kill(pid, SIGKILL);
	REQUIRE(waitpid(pid, NULL, 0) == pid);
}

/* What was begun before, such as the end of a module, does not count. */
static double batch(void)
{
	usleep(100000);
	return BATCH(TIMES, {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		REQUIRE(waitpid(pid, NULL, 0) == pid);
	});
}

/* Begins with no module loaded, and ends so. */
void bench_fork(void)
{
	double with[BATCHES_MAX], without[BATCHES_MAX];
	int i;

	batch();
	for (i = 0; i < BATCHES_MAX; i++) {
		pid_t session = start_session(ALICE, 0);

		without[i] = batch();
		session_end(session);
		module_load();
		session = start_session(ALICE, 1);
		with[i] = batch();
		session_end(session);
		module_unload();
	}
	report("fork_exit", without, BATCHES_MAX);
	report("fork_exit_module", with, BATCHES_MAX);
}
