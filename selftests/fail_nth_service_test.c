// SPDX-License-Identifier: GPL-2.0
/*
 * What is left of a call on a service when memory runs out in the middle of it,
 * or a copy fails: connections and servers, checked in by name and by handle.
 */
#include <linux/securebits.h>

#include "fail_nth.h"
#include "harness.h"
#include "service.h"

/* A port that has none of the names. */
static int other = -1;

/* "new": a service with a server that lives. */
static int right = -1;

/* Declared services: no server, one that waits for it, a server, by name. */
static int idle = -1, needed = -1, served = -1, named = -1;

static void good_look_up_service(union bootstrap_args *args)
{
	good_look_up(args);
	args->look_up.name = (uintptr_t)"new";
	args->look_up.name_len = 3;
}

static void good_look_up_bare(union bootstrap_args *args)
{
	args->look_up = args_look_up("new");
	args->look_up.flags = BOOTSTRAP_LOOK_UP_NONBLOCK;
}

static void undo_look_up_service(int through, int ret)
{
	(void)through;
	close(ret);
	if (drain(right) != 1)
		abort();
}

static void good_look_up_idle(union bootstrap_args *args)
{
	args->look_up = args_look_up("idle");
}

/* The service notices that its server has closed the right. */
static void vacate(int handle)
{
	if (handle_take_over(handle) != -ESRCH)
		abort();
}

static void undo_look_up_idle(int through, int ret)
{
	int served_by = handle_check_in(idle);

	(void)through;
	close(ret);
	if (drain(served_by) != 1)
		abort();
	close(served_by);
	vacate(idle);
}

static void good_seqpacket(union bootstrap_args *args)
{
	args->check_in = args_check_in("more");
	args->check_in.type = SOCK_SEQPACKET;
	args->check_in.flags = BOOTSTRAP_CHECK_IN_RESERVED;
}

static void undo_more(int through, int ret)
{
	(void)through;
	do_unregister(port, "more");
	close(ret);
}

static void good_declare_all(union bootstrap_args *args)
{
	args->declare = args_declare("more");
	args->declare.type = SOCK_SEQPACKET;
	args->declare.flags = BOOTSTRAP_DECLARE_HIDDEN |
			      BOOTSTRAP_DECLARE_RESERVED |
			      BOOTSTRAP_DECLARE_UID;
	args->declare.uid = ALICE;
}

static void good_unregister(union bootstrap_args *args)
{
	args->name = args_name("new");
}

static void undo_unregister_service(int through, int ret)
{
	(void)through;
	(void)ret;
	close(right);
	right = do_check_in(port, "new");
	if (right < 0)
		abort();
}

static void good_handle_idle(union bootstrap_args *args)
{
	args->check_in.size = sizeof(args->check_in);
	through = idle;
}

static void undo_handle_idle(int handle, int ret)
{
	close(ret);
	vacate(handle);
}

/* The former server's uid, as which the test does the rest, is this one's. */
static void undo_as_another(int handle, int ret)
{
	undo_handle_idle(handle, ret);
	undo_handle_idle(handle, handle_check_in(handle));
}

static void good_handle_needed(union bootstrap_args *args)
{
	args->check_in.size = sizeof(args->check_in);
	through = needed;
}

static void good_check_in_named(union bootstrap_args *args)
{
	args->check_in = args_check_in("named");
	args->check_in.flags = BOOTSTRAP_CHECK_IN_STRICT;
	through = other;
}

static void undo_named(int port_, int ret)
{
	(void)port_;
	close(ret);
	vacate(named);
}

static void good_handle_take_over(union bootstrap_args *args)
{
	args->name.size = sizeof(args->name);
	through = served;
}

static void good_take_over_served(union bootstrap_args *args)
{
	args->name = args_name("served");
	through = other;
}

static int act_read(void)
{
	ssize_t n = read(needed, good_buffer, 8);

	return n < 0 ? -errno : n;
}

/* Somebody waits still, and so there is need again. */
static void undo_read(int through, int ret)
{
	(void)through;
	(void)ret;
	undo_handle_idle(needed, handle_check_in(needed));
}

static int act_poll_handle(void)
{
	struct pollfd pfd = { .fd = needed, .events = POLLIN };
	int ret = poll(&pfd, 1, 0);

	return ret < 0 ? -errno : ret;
}

/* A handle that is the last to refer to its service. */
static void good_close_handle(union bootstrap_args *args)
{
	(void)args;
	through = do_declare(port, "more");
	if (through < 0 || do_unregister(port, "more"))
		abort();
}

/* And one that was not withdrawn before. */
static void good_close_right(union bootstrap_args *args)
{
	(void)args;
	through = do_check_in(port, "more");
	if (through < 0 || do_unregister(port, "more"))
		abort();
}

static int act_close(void)
{
	return close(through);
}

/* A port with declarations, of which one has a server. */
static void good_close_port(union bootstrap_args *args)
{
	int handle;

	(void)args;
	through = port_open();
	handle = do_declare(through, "a");
	close(do_look_up(through, "a"));
	close(handle_check_in(handle));
	close(handle);
	handle = do_declare(through, "b");
	close(do_look_up(through, "b"));
	close(handle);
}

#define CHECK_IN	.sockets = true, .number = BOOTSTRAP_IOC_CHECK_IN
#define DECLARE		.sockets = true, .number = BOOTSTRAP_IOC_DECLARE
#define LOOK_UP		.sockets = true, .number = BOOTSTRAP_IOC_LOOK_UP
#define TAKE_OVER	.number = BOOTSTRAP_IOC_TAKE_OVER
#define UNREGISTER	.number = BOOTSTRAP_IOC_UNREGISTER

static const struct trial trials[] = {
	{ "look up, a service", 8, LOOK_UP, good_look_up_service,
	  undo_look_up_service, .watch = &right },
	{ "look up, without info", 6, LOOK_UP, good_look_up_bare,
	  undo_look_up_service, .watch = &right },
	{ "look up, no server", 6, LOOK_UP, good_look_up_idle,
	  undo_look_up_idle, .watch = &idle },
	{ "check in, packets", 7, CHECK_IN, good_seqpacket, undo_more },
	{ "declare, with all", 8, DECLARE, good_declare_all, undo_more },
	{ "unregister, a service", 1, UNREGISTER, good_unregister,
	  undo_unregister_service },
	{ "check in, by a handle", 6, CHECK_IN, good_handle_idle,
	  undo_handle_idle, .watch = &idle },
	{ "check in, with some that wait", 6, CHECK_IN, good_handle_needed,
	  undo_handle_idle, .watch = &needed },
	{ "check in, by name", 6, CHECK_IN, good_check_in_named, undo_named,
	  .watch = &named },
	{ "take over, by a port", 2, TAKE_OVER, good_take_over_served },
	/* Which makes it a server without a port. */
	{ "take over, by a handle", 2, TAKE_OVER, good_handle_take_over,
	  .watch = &served },
	{ "read", 1, .act = act_read, .undo = undo_read, .watch = &needed },
	{ "poll of a handle", 1, .act = act_poll_handle, .watch = &needed },
	/* Must go well, whatever fails. */
	{ "close of a handle", 0, .good = good_close_handle, .act = act_close },
	{ "close of a right", 0, .good = good_close_right, .act = act_close },
	{ "close of a port", 0, .good = good_close_port, .act = act_close },
};

static const struct trial trials_of_root[] = {
	{ "check in, of another user", 7, CHECK_IN, good_handle_idle,
	  undo_as_another, .uid = STRANGER, .watch = &idle },
};

static bool sweep_each(const struct trial *trial, unsigned int count)
{
	bool good = true;

	while (count--)
		good &= sweep(trial++);
	return good;
}

/* All that can be done as the caller stands. */
static bool sweep_all(void)
{
	int client, keep;
	bool good;

	good_file = tag_new(1);
	port = port_open();
	other = port_open();
	right = do_check_in(port, "new");
	idle = do_declare(port, "idle");
	needed = do_declare(port, "needed");
	served = do_declare_as(port, "served", BOOTSTRAP_DECLARE_UID, 0, 0,
			       geteuid());
	named = do_declare_as(port, "named", BOOTSTRAP_DECLARE_UID, 0, 0,
			      geteuid());
	client = do_look_up(port, "needed");
	keep = do_check_in(other, "served");
	if (right < 0 || idle < 0 || needed < 0 || named < 0 || client < 0 ||
	    keep < 0 || do_register(port, "there", good_file))
		abort();
	good = sweep_each(trials, ARRAY_SIZE(trials));
	if (!geteuid())
		good &= sweep_each(trials_of_root, ARRAY_SIZE(trials_of_root));
	fflush(stdout);
	return good;
}

FIXTURE(fail_nth_service)
{
	pid_t witness;
};

FIXTURE_SETUP(fail_nth_service)
{
	static struct state state;

	self->witness = witness_start();
	/* What the test before has used is given back by now, or soon. */
	ASSERT_TRUE(eventually((look(&state),
				state.sessions == 1 && !state.names)));
}

FIXTURE_TEARDOWN(fail_nth_service)
{
	close(witness_socket);
	EXPECT_EQ(0, child_result(self->witness));
}

TEST_F_TIMEOUT(fail_nth_service, in_the_root_session, 300)
{
	if (!have_faults())
		SKIP(return, "no faults to order on this kernel");
	prepare_faults();
	/* Capabilities stay when the effective user is another. */
	ASSERT_EQ(0, prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	EXPECT_TRUE(sweep_all());
}

TEST_F_TIMEOUT(fail_nth_service, in_a_login_session, 300)
{
	pid_t pid;

	if (!have_faults())
		SKIP(return, "no faults to order on this kernel");
	pid = fork();
	if (!pid) {
		prepare_faults();
		log_in(ALICE);
		_exit(!sweep_all());
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_HARNESS_MAIN
