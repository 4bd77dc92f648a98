// SPDX-License-Identifier: GPL-2.0
/* Services when all is done at once: what ends against what is just used. */
#include <pthread.h>
#include <sched.h>

#include "harness.h"
#include "service.h"

#define ROUNDS	scaled(500)

static volatile bool started, finished;

static void *accept_all(void *arg)
{
	int right = *(int *)arg, fd;

	started = true;
	while (!finished) {
		fd = accept4(right, NULL, NULL, SOCK_NONBLOCK);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

/* What tells that there is room in a right, while its name is taken from it. */
TEST(accept_while_unregistered)
{
	int port = port_open(), right, i;
	pthread_t thread;

	for (i = 0; i < ROUNDS; i++) {
		right = do_check_in(port, "service");
		ASSERT_LE(0, right);
		ASSERT_EQ(0, fcntl(right, F_SETFL, O_NONBLOCK));
		started = false;
		finished = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, accept_all, &right));
		while (!started)
			sched_yield();
		close(do_look_up(port, "service"));
		close(do_look_up(port, "service"));
		ASSERT_EQ(0, do_unregister(port, "service"));
		finished = true;
		pthread_join(thread, NULL);
		close(right);
	}
}

/* The last descriptor is closed as the name is, and somebody looks it up. */
TEST(close_while_unregistered)
{
	int port = port_open(), ready[2], right, i, ret;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		while (read(ready[0], &c, 1) == 1)
			do_look_up_nonblock(port, "service");
		_exit(0);
	}
	close(ready[0]);
	for (i = 0; i < ROUNDS; i++) {
		right = do_check_in(port, "service");
		ASSERT_LE(0, right);
		if (i % 10 == 0)
			ASSERT_EQ(1, write(ready[1], "l", 1));
		close(right);
		ret = do_unregister(port, "service");
		ASSERT_TRUE(!ret || ret == -ENOENT);
	}
	kill(pid, SIGKILL);
	wait_for(pid);
}

#define WORKERS	6
#define DABBLERS 150

/* One step of somebody who does now this and now that with a declared service. */
static void dabble(int port, int handle, unsigned int *seed)
{
	static int right = -1, client = -1;

	switch (rand_r(seed) % 8) {
	case 0:
		close(right);
		right = handle_check_in(handle);
		break;
	case 1:
		close(client);
		client = do_look_up_nonblock(port, "service");
		break;
	case 2:
		close(accept_now(right));
		break;
	case 3:
		handle_take_over(handle);
		break;
	case 4:
		if (client >= 0)
			send_fd(client, rand_r(seed) % 2 ? right : client);
		break;
	case 5:
		close(right);
		right = -1;
		break;
	case 6:
		if (rand_r(seed) % 8 == 0)
			shutdown(right, SHUT_RDWR);
		break;
	default:
		if (rand_r(seed) % 4 == 0)
			kill(getpid(), SIGKILL);
	}
}

static pid_t dabbler(int port, int handle, unsigned int seed)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		dabble(port, handle, &seed);
}

static bool all_declared_is_gone(int port)
{
	return eventually(uses_nothing(port, 0) &&
			  do_look_up(port, "service") == -ENOENT);
}

/* Servers come, go and hand over, and after it all the service still serves. */
TEST(servers_come_and_go)
{
	int port = port_open(), handle = do_declare(port, "service"), right, i;
	int client, server = -1;
	pid_t pids[WORKERS];

	ASSERT_LE(0, handle);
	for (i = 0; i < WORKERS; i++)
		pids[i] = dabbler(port, handle, i);
	for (i = 0; i < DABBLERS; i++) {
		wait_for(pids[i % WORKERS]);
		pids[i % WORKERS] = dabbler(port, handle, i + WORKERS);
	}
	for (i = 0; i < WORKERS; i++) {
		kill(pids[i], SIGKILL);
		wait_for(pids[i]);
	}
	ASSERT_TRUE(eventually((right = handle_check_in(handle)) >= 0));
	drain(right);
	client = do_look_up_nonblock(port, "service");
	ASSERT_LE(0, client);
	server = accept_now(right);
	EXPECT_TRUE(connected(client, server));
	ASSERT_EQ(0, do_unregister(port, "service"));
	EXPECT_TRUE(all_declared_is_gone(port));
}

/* Declared and withdrawn again, while others check in and look up. */
TEST(declarations_come_and_go)
{
	int port = port_open(), handle, i;
	pid_t pids[WORKERS];
	unsigned int n;

	for (i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		handle = port_open();
		for (n = i;; n++) {
			if (n % 3 == 0)
				close(do_check_in(handle, "service"));
			else
				close(do_look_up_nonblock(handle, "service"));
		}
	}
	for (i = 0; i < ROUNDS; i++) {
		handle = do_declare_as(port, "service", BOOTSTRAP_DECLARE_UID,
				       0, 0, 0);
		/* It may be checked in just then, undeclared. */
		if (handle == -EEXIST)
			continue;
		ASSERT_LE(0, handle);
		close(handle_check_in(handle));
		ASSERT_EQ(0, do_unregister(port, "service"));
		EXPECT_TRUE(events_of(handle) & POLLHUP);
		close(handle);
	}
	for (i = 0; i < WORKERS; i++) {
		kill(pids[i], SIGKILL);
		wait_for(pids[i]);
	}
	EXPECT_TRUE(all_declared_is_gone(port));
}

TEST_HARNESS_MAIN
