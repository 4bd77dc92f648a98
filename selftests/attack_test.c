// SPDX-License-Identifier: GPL-2.0
/* What an attacker with an account, or with two logins, tries at the walls. */
#include <pthread.h>
#include <sched.h>

#include "bootstrap_test.h"
#include "harness.h"

/* The id is each thread's own; what counts is the process's. */
static void *thread_takes_an_id(void *arg)
{
	char path[64];

	(void)arg;
	/* /proc/self is the leader; this thread may only write its own. */
	snprintf(path, sizeof(path), "/proc/self/task/%ld/loginuid",
		 syscall(SYS_gettid));
	if (write_file(path, "1000"))
		return (void *)97;
	/* Were the thread's id what counts, this would be a login session. */
	return (void *)(long)(do_register(port_open(), "x", tag_new(4)) ==
			      -EPERM ? 0 : 1);
}

TEST(thread_cannot_leave_by_an_id_of_its_own)
{
	pid_t pid = fork();

	if (!pid) {
		pthread_t thread;
		void *ret;

		become(ALICE);
		if (pthread_create(&thread, NULL, thread_takes_an_id, NULL) ||
		    pthread_join(thread, &ret))
			_exit(99);
		_exit((long)ret);
	}
	EXPECT_EQ(0, child_result(pid));
}

/* Leaving, and joining another: the id is not to be had. */
static int try_to_leave(void)
{
	long id = proc_number("self/sessionid");

	if (set_login_uid(ALICE) != -EPERM || set_login_uid(-1) != -EPERM ||
	    set_login_uid(0) != -EPERM)
		return 1;
	setsid();
	if (unshare(CLONE_NEWUSER) || write_file("/proc/self/uid_map", "0 1000 1"))
		return 2;
	if (set_login_uid(0) != -EPERM)
		return 3;
	return proc_number("self/sessionid") != id;
}

TEST(cannot_leave_or_join)
{
	pid_t pid = fork();

	if (!pid) {
		log_in(ALICE);
		_exit(try_to_leave());
	}
	EXPECT_EQ(0, child_result(pid));
}

/* A process without an id may claim any login uid: it gains nothing. */
TEST(forged_login_uid)
{
	struct bootstrap_session session;
	__u32 id;
	pid_t pid = fork();

	if (!pid) {
		int port;

		become(BOB);
		if (set_login_uid(ALICE))
			_exit(97);
		id = proc_number("self/sessionid");
		port = port_open();
		/* No session of alice's comes to be, nor any other. */
		if (do_session(port, &session) || session.session != ROOT_ID ||
		    session.standing != BOOTSTRAP_STANDING_OUTSIDE)
			_exit(1);
		if (do_session_by_id(port, id, 0, &session) != -ESRCH)
			_exit(2);
		if (do_register(port, "x", tag_new(1)) != -EPERM)
			_exit(3);
		/* Claiming to be root is no better. */
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
	pid = fork();
	if (!pid) {
		become(BOB);
		_exit(set_login_uid(0) ||
		      do_register(port_open(), "x", tag_new(1)) != -EPERM);
	}
	EXPECT_EQ(0, child_result(pid));
}

/* alice's id, borne by bob: as after the 32-bit ids have come round. */
TEST(recurring_id_opens_nothing)
{
	pid_t pid;
	int port;

	pid = fork();
	if (!pid) {
		if (!host_alice("secret", 9))
			_exit(97);
		become(BOB);
		port = port_open();
		_exit(do_look_up(port, "secret") != -ENOENT);
	}
	EXPECT_EQ(0, child_result(pid));
}

/* Another user's session, by each command, through id and cookie. */
TEST(cannot_write_to_another_session)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_session session;
	pid_t pid;
	int user;

	ASSERT_EQ(0, peer_register(&alice, "a", 1));
	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	for (user = ALICE; user <= BOB; user++) {
		pid = fork();
		if (!pid) {
			struct bootstrap_register args;
			struct bootstrap_name name = args_name("a");
			struct bootstrap_look_up look_up = args_look_up("a");
			struct bootstrap_list list = { .size = sizeof(list) };
			int port;

			log_in(user);
			port = port_open();
			args = args_register("a", tag_new(5));
			args.scope = name.scope = look_up.scope = list.scope =
				BOOTSTRAP_SCOPE_SESSION_ID;
			args.session = name.session = look_up.session =
				list.session = session.session;
			args.cookie = name.cookie = look_up.cookie =
				list.cookie = session.cookie;
			if (call(port, BOOTSTRAP_IOC_REGISTER, &args) != -EPERM ||
			    call(port, BOOTSTRAP_IOC_UNREGISTER, &name) != -EPERM ||
			    call(port, BOOTSTRAP_IOC_TAKE_OVER, &name) != -EPERM ||
			    call(port, BOOTSTRAP_IOC_LIST, &list) != -EPERM ||
			    call(port, BOOTSTRAP_IOC_LOOK_UP, &look_up) != -ENOENT)
				_exit(1);
			/* The same for an id that nobody has. */
			args.session = name.session = look_up.session =
				list.session = 0xfffffff0;
			_exit(call(port, BOOTSTRAP_IOC_REGISTER, &args) != -EPERM ||
			      call(port, BOOTSTRAP_IOC_UNREGISTER, &name) != -EPERM ||
			      call(port, BOOTSTRAP_IOC_LIST, &list) != -EPERM ||
			      call(port, BOOTSTRAP_IOC_LOOK_UP, &look_up) != -ENOENT);
		}
		EXPECT_EQ(0, child_result(pid));
	}
	EXPECT_EQ(1, peer_find(&alice, "a"));
	peer_stop(&alice);
}

/* The port is the title to a name, but not a way into its session. */
TEST(stolen_port_is_worth_nothing)
{
	int port = port_open();
	int ready[2], stop[2];
	pid_t alice, bob;
	char c;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(stop));
	alice = fork();
	if (!alice) {
		log_in(ALICE);
		if (do_register(port, "a", tag_new(1)))
			_exit(1);
		write(ready[1], "r", 1);
		_exit(linger(stop));
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	bob = fork();
	if (!bob) {
		log_in(BOB);
		_exit(do_look_up(port, "a") != -ENOENT ||
		      do_unregister(port, "a") != -ENOENT ||
		      do_take_over(port, "a") != -ENOENT);
	}
	EXPECT_EQ(0, child_result(bob));
	kill(alice, SIGKILL);
	wait_for(alice);
}

TEST_HARNESS_MAIN
