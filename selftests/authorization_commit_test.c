// SPDX-License-Identifier: GPL-2.0
/*
 * Whoever changes the authorization database may be killed at any moment: a child
 * does it under ptrace, and is killed at each of its system calls in turn, before
 * and behind it. What is there then is the database as it was or as it was to be,
 * and the next change works.
 */
#include <sys/ptrace.h>

#include "authorization.h"
#include "harness.h"

#define PREVIOUS	DATABASE "-previous"
#define COPY		WORK "/copy"

/* Beyond which something has gone wrong. */
#define STOPS_MAX	2000

FIXTURE(commit) {
	int nothing;
};

FIXTURE_SETUP(commit)
{
	have_own_files();
}

FIXTURE_TEARDOWN(commit)
{
}

typedef int (*deed)(void);

static int change(void)
{
	return do_append(TWO, NULL);
}

static int restore(void)
{
	return bnl_database_restore(DATABASE, PLUGINS_DIR, COPY, NULL);
}

static int backup(void)
{
	return bnl_database_backup(DATABASE, COPY, NULL);
}

/* Stopped at first; from the next system call on it does the deed. */
static pid_t start_traced(deed deed)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(99);
		raise(SIGSTOP);
		_exit(deed() ? 1 : 0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		abort();
	return pid;
}

/* To the next end of a system call; its result if the child has ended. */
static bool goes_on(pid_t pid, int *ret_result)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) ||
	    waitpid(pid, &status, 0) != pid)
		abort();
	if (WIFSTOPPED(status))
		return true;
	*ret_result = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return false;
}

/*
 * Does a deed up to its so many'th stop, and no further. Returns -1, or its result if
 * it has fewer.
 */
static int do_until(deed deed, int stops)
{
	pid_t pid = start_traced(deed);
	int result = -1;

	while (stops--)
		if (!goes_on(pid, &result))
			return result;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

static char *former, *wanted;

/* What a deed makes of a file's former text. */
static void learn(deed deed, const char *path)
{
	former = file_text(path);
	if (deed())
		abort();
	wanted = file_text(path);
	unlink(path);
}

static bool is_one_of(const char *path, bool *ret_done)
{
	char *text = file_text(path);
	bool good = same_text(text, former) || same_text(text, wanted);

	if (!good)
		printf("# %s: %s\n", path, text ?: "is gone");
	*ret_done = same_text(text, wanted);
	free(text);
	return good;
}

static void put_back(const char *path)
{
	if (former)
		put_file(path, former, 0644);
	else
		unlink(path);
}

/* Does the deed, whatever is left there, go well? */
static bool works(deed deed, const char *path)
{
	bool done = false;

	if (deed() || !is_one_of(path, &done))
		return false;
	return done && !is_there(DATABASE "-new") && !is_there(COPY "-new") &&
	       !is_there(PREVIOUS "-new");
}

/* Has all that is beside the file, too, be as before. */
static void clean_up(const char *path)
{
	unlink(PREVIOUS);
	unlink(DATABASE "-new");
	unlink(PREVIOUS "-new");
	unlink(COPY "-new");
	put_back(path);
}

/*
 * Returns at how many places it was killed, or -1. Some are to be before, and some
 * behind that where it is done; a run may have a system call more than another.
 */
static int kill_at_each(deed deed, const char *path)
{
	int stops, before = 0, behind = 0, result = -1;
	bool done = false;

	for (stops = 0; stops < STOPS_MAX; stops++) {
		clean_up(path);
		result = do_until(deed, stops);
		if (result >= 0)
			break;
		if (!is_one_of(path, &done) || !works(deed, path)) {
			printf("# killed at stop %d\n", stops);
			return -1;
		}
		before += !done;
		behind += done;
	}
	printf("# killed %d times before, %d behind\n", before, behind);
	return !result && before > 10 && behind > 2 ? stops : -1;
}

TEST_F(commit, killed_while_it_changes)
{
	PUT_DATABASE(ONE);
	learn(change, DATABASE);
	EXPECT_LT(0, kill_at_each(change, DATABASE));
}

TEST_F(commit, killed_while_it_makes_one)
{
	learn(change, DATABASE);
	ASSERT_EQ(NULL, former);
	EXPECT_LT(0, kill_at_each(change, DATABASE));
}

TEST_F(commit, killed_while_it_restores)
{
	PUT_DATABASE(ONE, TWO);
	ASSERT_EQ(0, backup());
	PUT_DATABASE(ONE);
	learn(restore, DATABASE);
	EXPECT_LT(0, kill_at_each(restore, DATABASE));
}

TEST_F(commit, killed_while_it_makes_a_copy)
{
	PUT_DATABASE(ONE, TWO);
	put_file(COPY, "the former copy", 0644);
	learn(backup, COPY);
	EXPECT_LT(0, kill_at_each(backup, COPY));
}

/* The one before stays, whole, until there is another whole one. */
TEST_F(commit, the_previous_is_whole)
{
	char *first, *second, *text;
	int stops, result = -1;

	PUT_DATABASE(THREE);
	first = file_text(DATABASE);
	PUT_DATABASE(ONE);
	second = file_text(DATABASE);
	for (stops = 0; result && stops < STOPS_MAX; stops++) {
		put_file(PREVIOUS "-put", first, 0644);
		ASSERT_EQ(0, rename(PREVIOUS "-put", PREVIOUS));
		put_file(DATABASE "-put", second, 0644);
		ASSERT_EQ(0, rename(DATABASE "-put", DATABASE));
		result = do_until(change, stops);
		text = file_text(PREVIOUS);
		EXPECT_TRUE(same_text(text, first) || same_text(text, second))
			TH_LOG("killed at stop %d", stops);
		free(text);
	}
	EXPECT_EQ(0, result);
	free(first);
	free(second);
}

/* What system calls a deed has of those that count, each by a letter. */
static void note_call(pid_t pid, char *calls, size_t size)
{
	struct __ptrace_syscall_info info;
	size_t len = strlen(calls);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0)
		abort();
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || len + 1 == size)
		return;
	switch (info.entry.nr) {
	case __NR_write:
		calls[len] = 'w';
		break;
	case __NR_fsync:
		calls[len] = 's';
		break;
#ifdef __NR_rename
	case __NR_rename:
#endif
	case __NR_renameat:
	case __NR_renameat2:
		calls[len] = 'r';
		break;
	}
}

/*
 * A power failure cannot be had here. But what is renamed has been written to the
 * disk, and in the end so have the names.
 */
TEST_F(commit, is_on_the_disk_in_order)
{
	char calls[64] = "";
	int result = -1;
	pid_t pid;

	PUT_DATABASE(ONE);
	pid = start_traced(change);
	while (goes_on(pid, &result))
		note_call(pid, calls, sizeof(calls));
	EXPECT_EQ(0, result);
	EXPECT_STREQ("wsrrs", calls);
}

TEST_HARNESS_MAIN
