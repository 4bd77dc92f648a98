// SPDX-License-Identifier: GPL-2.0
/* BOOTSTRAP_IOC_SIGNAL: to all processes of a session, and to no others. */
#include <pthread.h>

#include "space.h"
#include "harness.h"

/* How many processes of its own a session has in the tests, besides the first. */
#define WORKERS 20

FIXTURE(signal)
{
	int port;
	/* The first process of a session of alice's. */
	pid_t first;
	__u32 id;
	struct peer bystander;
};

static int do_signal_as(int port, __u32 session, __u64 cookie, __u32 number,
			struct bootstrap_signal *ret)
{
	struct bootstrap_signal args = {
		.size = sizeof(args), .session = session, .cookie = cookie,
		.signal = number, .members = 77, .reached = 78,
	};
	int err = call(port, BOOTSTRAP_IOC_SIGNAL, &args);

	*ret = args;
	return err;
}

/* How many are there; -1 if there are none any more. */
static int members_of(int port, __u32 session)
{
	struct bootstrap_signal told;

	return do_signal_as(port, session, 0, 0, &told) ? -1 :
							  (int)told.members;
}

static __u32 id_of_process(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/sessionid", pid);
	return proc_number(path);
}

/* One of root's in the session, which its user may not kill. */
static void start_roots(void)
{
	if (!fork())
		for (;;)
			pause();
}

/*
 * The first process of the session: is root until all of root's are there, then
 * alice, and then tells so.
 */
static void be_first(int ready, bool roots)
{
	struct bootstrap_session session;
	int i;

	if (set_login_uid(ALICE))
		_exit(1);
	if (roots)
		start_roots();
	become(ALICE);
	for (i = 0; i < WORKERS; i++)
		if (!fork())
			for (;;)
				pause();
	if (do_session(port_open(), &session) || write(ready, "r", 1) != 1)
		_exit(2);
	for (;;)
		pause();
}

static pid_t start_session(bool roots)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC))
		abort();
	pid = fork();
	if (!pid)
		be_first(ready[1], roots);
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		abort();
	close(ready[0]);
	return pid;
}

FIXTURE_SETUP(signal)
{
	self->port = port_open();
	self->bystander = peer_start(log_in, ALICE);
	self->first = start_session(false);
	self->id = id_of_process(self->first);
	ASSERT_NE(ROOT_ID, self->id);
}

FIXTURE_TEARDOWN(signal)
{
	struct bootstrap_signal told;

	do_signal_as(self->port, self->id, 0, SIGKILL, &told);
	wait_for(self->first);
	peer_stop(&self->bystander);
	close(self->port);
}

/* A user's call from another session of his, or of another user. */
static int signal_by(uid_t uid, __u32 session, __u32 number,
		     struct bootstrap_signal *ret)
{
	struct peer peer = peer_start(log_in, uid);
	struct peer_message message = {
		.command = BOOTSTRAP_IOC_SIGNAL,
		.args.signal = {
			.size = sizeof(message.args.signal),
			.session = session, .signal = number,
		},
	};
	int err = peer_call(&peer, &message, -1, NULL);

	*ret = message.args.signal;
	peer_stop(&peer);
	return err;
}

TEST_F(signal, reaches_all_and_no_others)
{
	struct bootstrap_signal told;
	int status;

	EXPECT_EQ(WORKERS + 1, members_of(self->port, self->id));
	EXPECT_EQ(0, do_signal_as(self->port, self->id, 0, SIGTERM, &told));
	EXPECT_EQ(WORKERS + 1, told.members);
	EXPECT_EQ(WORKERS + 1, told.reached);
	EXPECT_EQ(self->first, waitpid(self->first, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	EXPECT_TRUE(eventually(members_of(self->port, self->id) == -1));
	EXPECT_EQ(0, kill(self->bystander.pid, 0));
	EXPECT_EQ(0, peer_register(&self->bystander, "n", 1));
	self->first = start_session(false);
	self->id = id_of_process(self->first);
}

TEST_F(signal, by_the_user_from_elsewhere)
{
	struct bootstrap_signal told;

	EXPECT_EQ(0, signal_by(ALICE, self->id, 0, &told));
	EXPECT_EQ(WORKERS + 1, told.members);
	EXPECT_EQ(WORKERS + 1, told.reached);
	EXPECT_EQ(WORKERS + 1, members_of(self->port, self->id));
	EXPECT_EQ(0, signal_by(ALICE, self->id, SIGKILL, &told));
	EXPECT_EQ(WORKERS + 1, told.reached);
	EXPECT_TRUE(eventually(members_of(self->port, self->id) == -1));
	EXPECT_EQ(-ESRCH, signal_by(ALICE, self->id, SIGKILL, &told));
}

/* What is another's is not there. */
TEST_F(signal, refused)
{
	struct bootstrap_signal told;
	struct bootstrap_session session;

	EXPECT_EQ(-ESRCH, signal_by(BOB, self->id, SIGKILL, &told));
	EXPECT_EQ(-ESRCH, signal_by(BOB, self->id, 0, &told));
	EXPECT_EQ(0, told.members);
	EXPECT_EQ(-ESRCH, do_signal_as(self->port, 0xfffffff0, 0, SIGKILL,
				       &told));
	EXPECT_EQ(77, told.members);
	ASSERT_EQ(0, do_session_by_id(self->port, self->id, 0, &session));
	EXPECT_EQ(-ESRCH, do_signal_as(self->port, self->id, session.cookie + 1,
				       SIGKILL, &told));
	EXPECT_EQ(-EINVAL, do_signal_as(self->port, ROOT_ID, 0, SIGKILL, &told));
	EXPECT_EQ(-EINVAL, do_signal_as(self->port, self->id, 0, 65, &told));
	EXPECT_EQ(-EINVAL, do_signal_as(self->port, self->id, 0, ~0u, &told));
	EXPECT_EQ(0, do_signal_as(self->port, self->id, session.cookie, 0,
				  &told));
	EXPECT_EQ(WORKERS + 1, told.reached);
}

/* The user's signal does not reach what he may not kill, and he is told so. */
TEST_F(signal, roots_process_in_a_users_session)
{
	pid_t first = start_session(true);
	__u32 id = id_of_process(first);
	struct bootstrap_signal told;

	EXPECT_EQ(0, signal_by(ALICE, id, SIGKILL, &told));
	EXPECT_EQ(WORKERS + 2, told.members);
	EXPECT_EQ(WORKERS + 1, told.reached);
	wait_for(first);
	EXPECT_TRUE(eventually(members_of(self->port, id) == 1));
	EXPECT_EQ(0, do_signal_as(self->port, id, 0, SIGKILL, &told));
	EXPECT_EQ(1, told.reached);
	EXPECT_TRUE(eventually(members_of(self->port, id) == -1));
}

/* As with kill(2), who ends all others is there to tell of it. */
TEST_F(signal, not_the_caller)
{
	struct bootstrap_session session;
	struct bootstrap_signal told;

	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open(), i;
		__u32 id = proc_number("self/sessionid");

		CHECK(!do_session(port, &session));
		for (i = 0; i < WORKERS; i++)
			start_idler();
		CHECK(!do_signal_as(port, id, 0, SIGKILL, &told));
		CHECK(told.members == WORKERS && told.reached == WORKERS);
		while (wait(NULL) > 0)
			;
		CHECK(!do_signal_as(port, id, 0, SIGKILL, &told));
		CHECK(told.members == 0 && told.reached == 0);
	})));
}

/* A process that does nothing but fork; its children do the same. */
static void fork_for_ever(void)
{
	for (;;) {
		pid_t pid = fork();

		/* The parent goes, so that there are not too many. */
		if (pid > 0)
			_exit(0);
	}
}

/* None slips through by forking while the signal is sent. */
TEST_F(signal, forkers)
{
	struct bootstrap_session session;
	struct bootstrap_signal told;
	int round, i;

	for (round = 0; round < scaled(20); round++) {
		pid_t pid = fork();
		__u32 id;

		if (!pid) {
			log_in(ALICE);
			do_session(port_open(), &session);
			for (i = 0; i < 4; i++)
				if (!fork())
					fork_for_ever();
			for (;;)
				pause();
		}
		while ((id = id_of_process(pid)) == ROOT_ID ||
		       members_of(self->port, id) < 5)
			usleep(1000);
		usleep(round * 100);
		ASSERT_EQ(0, do_signal_as(self->port, id, 0, SIGKILL, &told));
		wait_for(pid);
		ASSERT_TRUE(eventually(members_of(self->port, id) == -1));
	}
}

/* A thread's leader that has ended is a process still. */
static void *wait_in_thread(void *ready)
{
	if (write(*(int *)ready, "r", 1) != 1)
		abort();
	for (;;)
		pause();
	return NULL;
}

TEST_F(signal, a_leader_that_has_ended)
{
	struct bootstrap_signal told;
	int ready[2];
	pid_t pid;
	__u32 id;
	char c;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		struct bootstrap_session session;
		pthread_t thread;

		log_in(ALICE);
		do_session(port_open(), &session);
		pthread_create(&thread, NULL, wait_in_thread, &ready[1]);
		syscall(SYS_exit, 0);
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	id = id_of_process(pid);
	EXPECT_EQ(1, members_of(self->port, id));
	EXPECT_EQ(0, do_signal_as(self->port, id, 0, SIGKILL, &told));
	EXPECT_EQ(1, told.reached);
	wait_for(pid);
	close(ready[0]);
	close(ready[1]);
}

/* What cannot be told is not done. */
TEST_F(signal, faults)
{
	struct bootstrap_signal *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1,
					     0);

	*args = (struct bootstrap_signal){
		.size = sizeof(*args), .session = self->id, .signal = SIGKILL,
	};
	ASSERT_EQ(0, mprotect(args, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, call(self->port, BOOTSTRAP_IOC_SIGNAL, args));
	EXPECT_EQ(WORKERS + 1, members_of(self->port, self->id));
}

TEST_HARNESS_MAIN
