// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a session: once, never early, and soon. A sticky name holds the
 * write end of a pipe in each session; when the session's namespace dies the
 * pipe hangs up, which tells without asking (to ask would be to look).
 */
#include <linux/audit.h>
#include <pthread.h>
#include <sys/ptrace.h>

#include "bootstrap_test.h"
#include "harness.h"

/* From the end of the last process to the end of the session, at most. */
#define SOON_MS 50
/* Where the host may be busy with other work, times say less. */
#define LATE_MS 10000

FIXTURE(end)
{
	int port;
	int pipe;
	int held;
	int log;
	int soon;
	__u32 id;
};

FIXTURE_SETUP(end)
{
	int pipes[2];

	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_EQ(0, pipe2(pipes, O_CLOEXEC));
	self->pipe = pipes[0];
	self->held = pipes[1];
	self->log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->log);
	lseek(self->log, 0, SEEK_END);
	/* The guest's clock counts its instructions. */
	self->soon = getenv("ICOUNT") ? SOON_MS : LATE_MS;
}

FIXTURE_TEARDOWN(end)
{
	close(self->port);
	close(self->log);
}

/* Logs in, and puts the pipe into the session; all in the calling process. */
static void begin(int held, int tell, uid_t uid)
{
	struct bootstrap_register args = args_register("held", held);
	int port;
	__u32 id;

	log_in(uid);
	port = port_open();
	args.flags = BOOTSTRAP_REGISTER_STICKY;
	if (call(port, BOOTSTRAP_IOC_REGISTER, &args))
		_exit(90);
	close(port);
	close(held);
	id = proc_number("self/sessionid");
	if (write(tell, &id, sizeof(id)) != sizeof(id))
		_exit(91);
}

/* How many times the module's log says that the session ended. */
static int times_ended(int log, __u32 id)
{
	char line[1024], text[64];
	int times = 0;
	ssize_t n;

	snprintf(text, sizeof(text), "session %u ended", id);
	while ((n = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[n > 0 ? n : 0] = '\0';
		times += !!strstr(line, text);
	}
	return times;
}

/* Starts the function as the first process of a session of alice's. */
#define START(_function)						\
({									\
	int tell[2];							\
	pid_t pid;							\
	ASSERT_EQ(0, pipe(tell));					\
	pid = fork();							\
	if (!pid) {							\
		close(self->pipe);					\
		close(tell[0]);						\
		begin(self->held, tell[1], ALICE);			\
		close(tell[1]);						\
		_exit(_function);					\
	}								\
	close(self->held);						\
	close(tell[1]);							\
	ASSERT_EQ(sizeof(self->id),					\
		  read(tell[0], &self->id, sizeof(self->id)));		\
	close(tell[0]);							\
	pid;								\
})

/* The session is there; after the end it is not, and that happened once. */
#define EXPECT_ALIVE()							\
do {									\
	struct bootstrap_session session_;				\
	EXPECT_FALSE(hangs_up(self->pipe, 60));				\
	EXPECT_EQ(0, do_session_by_id(self->port, self->id, 0, &session_)); \
} while (0)

#define EXPECT_ENDS_SOON()						\
do {									\
	struct bootstrap_session session_;				\
	EXPECT_TRUE(hangs_up(self->pipe, self->soon));			\
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, self->id, 0,	\
					   &session_));			\
	usleep(100000);							\
	EXPECT_EQ(1, times_ended(self->log, self->id));			\
} while (0)

static int wait_on(int pipe)
{
	char c;

	return read(pipe, &c, 1);
}

TEST_F(end, with_its_only_process)
{
	int stop[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	pid = START((close(stop[1]), wait_on(stop[0])));
	EXPECT_ALIVE();
	close(stop[1]);
	wait_for(pid);
	EXPECT_ENDS_SOON();
}

/* Killed, and not waited for: a zombie is no process any more. */
TEST_F(end, with_a_zombie)
{
	int stop[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	pid = START(wait_on(stop[0]));
	EXPECT_ALIVE();
	kill(pid, SIGKILL);
	EXPECT_ENDS_SOON();
	wait_for(pid);
}

static int daemonise(int stop)
{
	if (fork())
		return 0;
	setsid();
	if (fork())
		_exit(0);
	return wait_on(stop);
}

TEST_F(end, not_before_a_daemon_that_survives)
{
	int stop[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	pid = START((close(stop[1]), daemonise(stop[0])));
	EXPECT_EQ(0, child_result(pid));
	EXPECT_ALIVE();
	usleep(200000);
	EXPECT_ALIVE();
	EXPECT_EQ(0, times_ended(self->log, self->id));
	close(stop[1]);
	EXPECT_ENDS_SOON();
}

/* Whoever else holds what came from the session does not hold the session. */
TEST_F(end, though_descriptors_were_passed_out)
{
	struct peer_message message = { 0 };
	int sockets[2], port, fd;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets));
	pid = START(({
		int own = port_open(), endpoint = tag_new(3);

		_exit(do_register(own, "a", endpoint) ||
		      !peer_send(sockets[1], &message, own) ||
		      !peer_send(sockets[1], &message, endpoint) ||
		      !peer_send(sockets[1], &message, do_look_up(own, "a")));
		0;
	}));
	ASSERT_EQ(0, child_result(pid));
	EXPECT_ENDS_SOON();
	ASSERT_TRUE(peer_receive(sockets[0], &message, &port));
	ASSERT_TRUE(peer_receive(sockets[0], &message, &fd));
	/* The port works on, for whom it came to; the file is still one. */
	EXPECT_EQ(-ENOENT, do_look_up(port, "a"));
	EXPECT_EQ(0, do_register(port, "b", fd));
	EXPECT_EQ(3, tag_of(fd));
}

/* Each child starts the next and ends: never is there a moment without one. */
static int relay(int depth)
{
	while (depth--) {
		if (fork())
			_exit(0);
	}
	return 0;
}

static int long_relay(int arrived, int stop)
{
	relay(scaled(1000));
	write(arrived, "x", 1);
	close(arrived);
	return wait_on(stop);
}

TEST_F_TIMEOUT(end, after_a_fork_relay, 120)
{
	struct bootstrap_session session;
	int stop[2], arrived[2];
	struct pollfd pfd;
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	ASSERT_EQ(0, pipe(arrived));
	pid = START((close(stop[1]), long_relay(arrived[1], stop[0])));
	wait_for(pid);
	/* To ask has the processes swept while they relay. */
	pfd = (struct pollfd){ .fd = arrived[0], .events = POLLIN };
	do {
		ASSERT_EQ(0, do_session_by_id(self->port, self->id, 0,
					      &session));
	} while (!poll(&pfd, 1, 1));
	EXPECT_FALSE(hangs_up(self->pipe, 0));
	EXPECT_EQ(0, times_ended(self->log, self->id));
	EXPECT_ALIVE();
	close(stop[1]);
	EXPECT_ENDS_SOON();
}

TEST_F_TIMEOUT(end, after_a_relay_that_nobody_waits_for, 120)
{
	pid_t pid = START(relay(scaled(1000)));

	wait_for(pid);
	/* Here the end of the relay is the end of the session. */
	EXPECT_TRUE(hangs_up(self->pipe, 100000));
	usleep(100000);
	EXPECT_EQ(1, times_ended(self->log, self->id));
}

static void *wait_in_thread(void *arg)
{
	char c;

	read(*(int *)arg, &c, 1);
	syscall(SYS_exit, 0);
	return NULL;
}

static int leader_leaves(int *stop)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_in_thread, stop))
		return 1;
	syscall(SYS_exit, 0);
	return 0;
}

TEST_F(end, not_before_the_last_thread)
{
	int stop[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	pid = START((close(stop[1]), leader_leaves(&stop[0])));
	usleep(200000);
	EXPECT_ALIVE();
	close(stop[1]);
	wait_for(pid);
	EXPECT_ENDS_SOON();
}

/* A thread executes a program: it becomes the process, which goes on. */
static void *exec_in_thread(void *arg)
{
	char fd[16];

	snprintf(fd, sizeof(fd), "%d", *(int *)arg);
	execl("/proc/self/exe", "session_end_test", "--wait", fd, NULL);
	_exit(1);
}

static int exec_by_thread(int *stop)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, stop))
		return 1;
	pause();
	return 1;
}

TEST_F(end, not_at_an_exec_by_a_thread)
{
	int stop[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(stop));
	pid = START((close(stop[1]), exec_by_thread(&stop[0])));
	usleep(300000);
	EXPECT_ALIVE();
	close(stop[1]);
	EXPECT_EQ(0, child_result(pid));
	EXPECT_ENDS_SOON();
}

/*
 * The last thread ends under a tracer, after the leader. For its pidfd, and so
 * for us, the process is there until the tracer has reaped the thread.
 */
TEST_F(end, not_before_a_traced_last_thread_is_reaped)
{
	int stop[2], tids[2], status;
	pid_t pid, tid;

	ASSERT_EQ(0, pipe(stop));
	ASSERT_EQ(0, pipe(tids));
	pid = START(({
		pthread_t thread;

		close(stop[1]);
		pthread_create(&thread, NULL, wait_in_thread, &stop[0]);
		usleep(200000);
		syscall(SYS_exit, 0);
		0;
	}));
	/* The one task besides the leader, which waits a little longer. */
	usleep(100000);
	for (tid = pid + 1; tid < pid + 50; tid++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
		if (!access(path, F_OK))
			break;
	}
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, tid, 0, 0));
	usleep(200000);
	EXPECT_ALIVE();
	close(stop[1]);
	usleep(200000);
	/* Nothing of it runs any more, but it is not gone. */
	EXPECT_FALSE(hangs_up(self->pipe, 0));
	EXPECT_EQ(tid, waitpid(tid, &status, __WALL));
	EXPECT_TRUE(hangs_up(self->pipe, self->soon));
	wait_for(pid);
	usleep(100000);
	EXPECT_EQ(1, times_ended(self->log, self->id));
}

/*
 * A privileged member takes another id. Nothing wakes us up for that; a query
 * looks, and so does the next sweep.
 */
TEST_F(end, when_the_last_takes_another_id)
{
	struct bootstrap_register args = args_register("held", self->held);
	struct bootstrap_session session;
	int tell[2], go[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(tell));
	ASSERT_EQ(0, pipe(go));
	args.flags = BOOTSTRAP_REGISTER_STICKY;
	pid = fork();
	if (!pid) {
		int port;

		close(self->pipe);
		close(self->held);
		if (set_login_uid(ALICE))
			_exit(1);
		/* Root all the time, but alice when it calls. */
		if (setresgid(ALICE, ALICE, ALICE) ||
		    setresuid(ALICE, ALICE, 0))
			_exit(2);
		port = port_open();
		/* Outside for the saved id; the session comes to be all the same. */
		if (do_session(port, &session))
			_exit(3);
		self->id = proc_number("self/sessionid");
		write(tell[1], &self->id, sizeof(self->id));
		read(go[0], &c, 1);
		if (setresuid(0, 0, 0) || set_login_uid(BOB))
			_exit(4);
		write(tell[1], "x", 1);
		read(go[0], &c, 1);
		_exit(0);
	}
	ASSERT_EQ(sizeof(self->id), read(tell[0], &self->id, sizeof(self->id)));
	args.scope = BOOTSTRAP_SCOPE_SESSION_ID;
	args.session = self->id;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	close(self->held);
	EXPECT_ALIVE();
	write(go[1], "x", 1);
	ASSERT_EQ(1, read(tell[0], &c, 1));
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, self->id, 0, &session));
	EXPECT_TRUE(hangs_up(self->pipe, 10000));
	EXPECT_EQ(1, times_ended(self->log, self->id));
	write(go[1], "x", 1);
	EXPECT_EQ(0, child_result(pid));
}

/* The sweep for one session's end finds that another's baton went astray. */
TEST_F(end, of_one_is_noticed_at_the_sweep_for_another)
{
	struct bootstrap_register args = args_register("held", self->held);
	struct bootstrap_session session;
	struct peer other;
	int tell[2], go[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(tell));
	ASSERT_EQ(0, pipe(go));
	args.flags = BOOTSTRAP_REGISTER_STICKY;
	other = peer_start(log_in, BOB);
	ASSERT_EQ(0, peer_session(&other, 0, 0, &session));
	pid = fork();
	if (!pid) {
		close(self->pipe);
		if (set_login_uid(0))
			_exit(1);
		/* Root's own login: it is inside with all it may do. */
		if (call(self->port, BOOTSTRAP_IOC_REGISTER, &args))
			_exit(2);
		close(self->held);
		if (set_login_uid(0))
			_exit(3);
		write(tell[1], "x", 1);
		read(go[0], &c, 1);
		_exit(0);
	}
	close(self->held);
	ASSERT_EQ(1, read(tell[0], &c, 1));
	EXPECT_FALSE(hangs_up(self->pipe, 100));
	peer_stop(&other);
	EXPECT_TRUE(hangs_up(self->pipe, self->soon));
	write(go[1], "x", 1);
	EXPECT_EQ(0, child_result(pid));
}

/* A new session with the next id is another, and finds nothing of the old. */
TEST_F(end, leaves_nothing_to_the_next)
{
	struct bootstrap_session first, second;
	struct peer peer = peer_start(log_in, ALICE);

	ASSERT_EQ(0, peer_register(&peer, "a", 1));
	ASSERT_EQ(0, peer_session(&peer, 0, 0, &first));
	peer_stop(&peer);
	peer = peer_start(log_in, ALICE);
	EXPECT_EQ(-ENOENT, peer_find(&peer, "a"));
	ASSERT_EQ(0, peer_session(&peer, 0, 0, &second));
	EXPECT_NE(first.session, second.session);
	EXPECT_LT(first.cookie, second.cookie);
	peer_stop(&peer);
}

/* Many sessions at once, and one process among many. */
TEST_F(end, of_many_at_once)
{
	struct bootstrap_usage usage = {
		.size = sizeof(usage), .flags = BOOTSTRAP_USAGE_BY_UID,
		.uid = BOB,
	};
	struct peer peers[50];
	int i;

	for (i = 0; i < 50; i++) {
		peers[i] = peer_start(log_in, BOB);
		ASSERT_EQ(0, peer_register(&peers[i], "same", i));
	}
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_USAGE, &usage));
	EXPECT_LE(50, usage.sessions);
	EXPECT_LE(50, usage.names);
	for (i = 0; i < 50; i++)
		EXPECT_EQ(i, peer_find(&peers[i], "same"));
	for (i = 0; i < 50; i++)
		peer_stop(&peers[i]);
	usage.uid = BOB;
	EXPECT_TRUE(eventually(!call(self->port, BOOTSTRAP_IOC_USAGE, &usage) &&
			       !usage.sessions && !usage.names));
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--wait"))
		return wait_on(atoi(argv[2]));
	return test_harness_run(argc, argv);
}
