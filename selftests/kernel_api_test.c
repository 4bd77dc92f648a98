// SPDX-License-Identifier: GPL-2.0
/* What other modules of the kernel may call, through one that does. */
#include "caller.h"
#include "faults.h"
#include "login.h"
#include "harness.h"

/* As kmod/bootstrap_api.h has them. */
#define STARTED		1
#define CHANGED		2
#define MOVED		3
#define LOGOUT		4
#define ENDED		5
#define LOST		6
#define SERVICE_ONLY	1

#define CONSOLE		BOOTSTRAP_SESSION_ATTR_CONSOLE
#define GRAPHIC		BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS

/* More events than are kept. */
#define TOO_MANY 200

#define STEPS_MAX 200

/* The tag of what was found, or the error. */
static int tag_in(int found)
{
	int tag = found < 0 ? found : tag_of(found);

	if (found >= 0)
		close(found);
	return tag;
}

static int notify(int caller, __u32 ms)
{
	struct caller_args args = { .id = ms };

	return do_call(caller, CALLER_NOTIFY, &args);
}

/* What the notifier is told next; 0 if that is nothing in time. */
static int next_event(int caller, struct caller_event *event)
{
	memset(event, 0, sizeof(*event));
	if (!eventually(read(caller, event, sizeof(*event)) ==
			sizeof(*event)))
		return 0;
	return event->event;
}

FIXTURE(kernel_api)
{
	int port;
	int caller;
};

FIXTURE_SETUP(kernel_api)
{
	self->port = port_open();
	ASSERT_TRUE(eventually(no_logins(self->port)));
	ASSERT_EQ(0, module_load("/bootstrap_caller.ko"));
	ASSERT_TRUE(eventually((self->caller = caller_open()) >= 0));
}

FIXTURE_TEARDOWN(kernel_api)
{
	close(self->caller);
	EXPECT_TRUE(unloaded("bootstrap_caller"));
	close(self->port);
}

TEST_F(kernel_api, a_file)
{
	struct peer alice = login_start(ALICE);
	int tag = tag_new(7), other = caller_open();

	ASSERT_EQ(0, name_file(self->caller, "kernel.file", tag));
	close(tag);
	EXPECT_EQ(7, tag_in(do_look_up(self->port, "kernel.file")));
	EXPECT_EQ(7, peer_find(&alice, "kernel.file"));
	EXPECT_EQ(-EBUSY, name_file(other, "kernel.file", 0));
	EXPECT_EQ(-EBUSY, do_register(self->port, "kernel.file", 0));
	EXPECT_EQ(0, unname(self->caller));
	EXPECT_EQ(-ENOENT, look_up_result(self->port, "kernel.file"));
	EXPECT_EQ(0, do_register(self->port, "kernel.file", 0));
	EXPECT_EQ(0, do_unregister(self->port, "kernel.file"));
	close(other);
	EXPECT_TRUE(login_stop(self->port, &alice));
}

TEST_F(kernel_api, nobody_else_ends_a_name)
{
	struct bootstrap_register args;
	struct bootstrap_info info;
	int fd;

	ASSERT_EQ(0, name_file(self->caller, "kernel.file", 0));
	fd = do_look_up_info(self->port, "kernel.file", &info);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, info.pid);
	EXPECT_EQ(0, info.uid);
	EXPECT_EQ(0, info.gid);
	EXPECT_EQ(ROOT_ID, info.session);
	EXPECT_EQ(BOOTSTRAP_INFO_PRIVILEGED, info.flags);
	EXPECT_EQ(-EPERM, do_unregister(self->port, "kernel.file"));
	EXPECT_EQ(-EPERM, do_take_over(self->port, "kernel.file"));
	args = args_register("kernel.file", 0);
	args.replace = info.generation;
	EXPECT_EQ(-EPERM, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, look_up_result(self->port, "kernel.file"));
	EXPECT_EQ(0, unname(self->caller));
}

TEST_F(kernel_api, refuses)
{
	char longest[BOOTSTRAP_NAME_MAX + 2];
	int path = open("/", O_PATH | O_CLOEXEC);

	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	EXPECT_EQ(-EINVAL, name_file(self->caller, "", 0));
	EXPECT_EQ(-ENAMETOOLONG, name_file(self->caller, longest, 0));
	EXPECT_EQ(-EILSEQ, name_file(self->caller, "a\xff", 0));
	EXPECT_EQ(-EILSEQ, name_file(self->caller, "a\n", 0));
	EXPECT_EQ(-ELOOP, name_file(self->caller, "n", self->port));
	EXPECT_EQ(-EBADF, name_file(self->caller, "n", path));
	EXPECT_EQ(-EINVAL, name_service(self->caller, "", 0, 0));
	EXPECT_EQ(-ENAMETOOLONG, name_service(self->caller, longest, 0, 0));
	EXPECT_EQ(-EILSEQ, name_service(self->caller, "\xc0\x80", 0, 0));
	EXPECT_EQ(-EOPNOTSUPP,
		  name_service(self->caller, "n", SOCK_DGRAM, 0));
	EXPECT_EQ(-EINVAL, find_session(self->caller, ROOT_ID, 0, "", 0));
	EXPECT_EQ(-ENAMETOOLONG,
		  find_session(self->caller, ROOT_ID, 0, longest, 0));
	EXPECT_EQ(-EILSEQ, find_session(self->caller, ROOT_ID, 0, "\x01", 0));
	EXPECT_EQ(-EOPNOTSUPP, find_session(self->caller, ROOT_ID, 0, "n", 2));
	EXPECT_EQ(-EINVAL, find_user(self->caller, -1, "n", 0));
	EXPECT_EQ(-EILSEQ, find_user(self->caller, ALICE, "\x7f", 0));
	EXPECT_EQ(-EOPNOTSUPP, find_user(self->caller, ALICE, "n", 2));
	EXPECT_EQ(0, unname(self->caller)); /* nothing */
	close(path);
}

/* A name is the same whoever says it: what is hashed differs with the length. */
TEST_F(kernel_api, names_of_all_lengths)
{
	char name[BOOTSTRAP_NAME_MAX + 1] = "";
	int len, found = 0;

	for (len = 1; len <= BOOTSTRAP_NAME_MAX; len++) {
		name[len - 1] = 'a' + len % 26;
		ASSERT_EQ(0, name_file(self->caller, name, 0));
		found += !look_up_result(self->port, name);
		ASSERT_EQ(0, unname(self->caller));
		ASSERT_EQ(0, do_register(self->port, name, 0));
		found += tag_in(find_session(self->caller, ROOT_ID, 0, name,
					     0)) != -ENOENT;
		ASSERT_EQ(0, do_unregister(self->port, name));
	}
	EXPECT_EQ(2 * BOOTSTRAP_NAME_MAX, found);
	name[0] = '\xc3';
	name[1] = '\xa9';
	EXPECT_EQ(0, name_file(self->caller, name, 0));
	EXPECT_EQ(0, look_up_result(self->port, name));
}

TEST_F(kernel_api, a_service)
{
	struct peer alice = login_start(ALICE);
	struct bootstrap_info info;
	int client, server, waiting;

	ASSERT_EQ(0, name_service(self->caller, "kernel.service", 0, 0));
	EXPECT_EQ(-EAGAIN, call_plain(self->caller, CALLER_ACCEPT));
	client = do_look_up_info(self->port, "kernel.service", &info);
	ASSERT_LE(0, client);
	EXPECT_EQ(0, info.pid);
	EXPECT_EQ(BOOTSTRAP_INFO_PRIVILEGED | BOOTSTRAP_INFO_SERVICE |
		  BOOTSTRAP_INFO_ACTIVE, info.flags);
	EXPECT_TRUE(peer_cred_is(client, 0, 0));
	server = call_plain(self->caller, CALLER_ACCEPT);
	ASSERT_LE(0, server);
	EXPECT_TRUE(peer_cred_is(server, getpid(), 0));
	EXPECT_TRUE(connected(client, server));
	waiting = peer_connect(&alice, "kernel.service");
	ASSERT_LE(0, waiting);
	EXPECT_EQ(0, events_of(waiting) & POLLHUP);
	EXPECT_EQ(-EBUSY, do_check_in(self->port, "kernel.service"));
	EXPECT_EQ(-EPERM, do_unregister(self->port, "kernel.service"));
	EXPECT_EQ(0, unname(self->caller));
	EXPECT_EQ(-ENOENT, look_up_result(self->port, "kernel.service"));
	/* Who waited is refused, who was accepted is not. */
	EXPECT_TRUE(hangs_up(waiting, 10000));
	EXPECT_TRUE(connected(client, server));
	close(waiting);
	close(client);
	close(server);
	EXPECT_TRUE(login_stop(self->port, &alice));
}

TEST_F(kernel_api, a_service_of_its_own_type)
{
	int client, full;

	ASSERT_EQ(0, name_service(self->caller, "kernel.service",
				  SOCK_SEQPACKET, 1));
	client = do_look_up(self->port, "kernel.service");
	ASSERT_LE(0, client);
	EXPECT_EQ(SOCK_SEQPACKET, option_of(client, SO_TYPE));
	full = do_look_up_nonblock(self->port, "kernel.service");
	EXPECT_LE(0, full);
	EXPECT_EQ(-EAGAIN, do_look_up_nonblock(self->port, "kernel.service"));
	close(full);
	close(client);
	EXPECT_EQ(0, unname(self->caller));
}

TEST_F(kernel_api, a_name_ends_with_its_registration_alone)
{
	int other = caller_open();

	ASSERT_LE(0, other);
	ASSERT_EQ(0, name_file(other, "kernel.file", 0));
	ASSERT_EQ(0, name_service(self->caller, "kernel.service", 0, 0));
	EXPECT_EQ(-ENOTSOCK, call_plain(other, CALLER_ACCEPT));
	EXPECT_EQ(0, unname(self->caller));
	EXPECT_EQ(0, look_up_result(self->port, "kernel.file"));
	close(other);
	EXPECT_TRUE(eventually(look_up_result(self->port, "kernel.file") ==
			       -ENOENT));
	EXPECT_EQ(0, usage_of(self->port, 0).names);
}

TEST_F(kernel_api, looks_up_in_one_session)
{
	struct peer alice = login_start(ALICE), again = login_start(ALICE);
	struct bootstrap_session session;
	__u32 id = session_of(&alice);

	ASSERT_EQ(0, do_session_by_id(self->port, id, 0, &session));
	ASSERT_EQ(0, peer_register(&alice, "mine", 3));
	ASSERT_EQ(0, put(self->port, "root's", 4));
	EXPECT_EQ(3, tag_in(find_session(self->caller, id, 0, "mine", 0)));
	EXPECT_EQ(3, tag_in(find_session(self->caller, id, session.cookie,
					 "mine", 0)));
	EXPECT_EQ(-ESRCH, find_session(self->caller, id, session.cookie + 1,
				       "mine", 0));
	EXPECT_EQ(-ESRCH, find_session(self->caller, 4000000000, 0, "mine", 0));
	EXPECT_EQ(-ENOENT, find_session(self->caller, session_of(&again), 0,
					"mine", 0));
	EXPECT_EQ(-ENOENT, find_user(self->caller, ALICE, "mine", 0));
	/* Not further up. */
	EXPECT_EQ(-ENOENT, find_session(self->caller, id, 0, "root's", 0));
	EXPECT_EQ(4, tag_in(find_session(self->caller, ROOT_ID, 0, "root's", 0)));
	EXPECT_EQ(-ENOTSOCK, find_session(self->caller, id, 0, "mine",
					  SERVICE_ONLY));
	EXPECT_TRUE(login_stop(self->port, &alice));
	EXPECT_EQ(-ESRCH, find_session(self->caller, id, 0, "mine", 0));
	EXPECT_TRUE(login_stop(self->port, &again));
	EXPECT_EQ(0, do_unregister(self->port, "root's"));
}

TEST_F(kernel_api, looks_up_at_a_user)
{
	int port = port_open();

	EXPECT_EQ(-ENOENT, find_user(self->caller, BOB, "bob's", 0));
	ASSERT_EQ(0, do_register_in(port, "bob's", 5, BOOTSTRAP_SCOPE_USER_ID,
				    BOB));
	EXPECT_EQ(5, tag_in(find_user(self->caller, BOB, "bob's", 0)));
	EXPECT_EQ(-ENOENT, find_user(self->caller, ALICE, "bob's", 0));
	EXPECT_EQ(-ENOTSOCK, find_user(self->caller, BOB, "bob's",
				       SERVICE_ONLY));
	close(port);
	EXPECT_TRUE(eventually(find_user(self->caller, BOB, "bob's", 0) ==
			       -ENOENT));
}

/* No look-up makes a session of whoever calls, nor is it his. */
TEST_F(kernel_api, looks_up_as_the_kernel)
{
	struct peer alice = login_start(ALICE);
	struct bootstrap_session session;
	struct bootstrap_peer peer;
	int right, client, server;
	__u32 id = session_of(&alice);

	right = peer_check_in(&alice, "agent", 0);
	ASSERT_LE(0, right);
	client = find_session(self->caller, id, 0, "agent", SERVICE_ONLY);
	ASSERT_LE(0, client);
	EXPECT_TRUE(peer_cred_is(client, alice.pid, ALICE));
	server = accept_now(right);
	ASSERT_LE(0, server);
	EXPECT_TRUE(peer_cred_is(server, 0, 0));
	EXPECT_EQ(-ESRCH, do_peer(self->port, server, &peer));
	EXPECT_TRUE(connected(client, server));
	close(server);
	EXPECT_TRUE(hangs_up(client, 10000));
	close(client);
	close(right);
	EXPECT_TRUE(eventually(find_session(self->caller, id, 0, "agent", 0) ==
			       -ENOENT));
	EXPECT_TRUE(login_stop(self->port, &alice));
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, id, 0, &session));
}

TEST_F(kernel_api, does_not_wait_for_room)
{
	struct peer alice = login_start(ALICE);
	int right = peer_check_in(&alice, "agent", 0), i, found = 0;
	__u32 id = session_of(&alice);

	ASSERT_LE(0, right);
	ASSERT_EQ(0, listen(right, 3));
	for (i = 0; found >= 0 && i < 100; i++)
		found = find_session(self->caller, id, 0, "agent", 0);
	EXPECT_EQ(-EAGAIN, found);
	EXPECT_EQ(5, i);
	EXPECT_EQ(0, shutdown(right, SHUT_RDWR));
	EXPECT_EQ(-ECONNREFUSED, find_session(self->caller, id, 0, "agent", 0));
	close(right);
	EXPECT_TRUE(login_stop(self->port, &alice));
}

TEST_F(kernel_api, a_notifier_hears_of_sessions)
{
	struct bootstrap_session session;
	struct caller_event event;
	struct peer alice, bob;
	int logout;

	EXPECT_EQ(-ENOENT, call_plain(self->caller, CALLER_NOTIFY_NOT));
	ASSERT_EQ(0, notify(self->caller, 0));
	EXPECT_EQ(-ESRCH, call_plain(self->caller, CALLER_CONSOLE));
	alice = login_start(ALICE);
	ASSERT_EQ(0, do_session_by_id(self->port, session_of(&alice), 0,
				      &session));
	EXPECT_EQ(STARTED, next_event(self->caller, &event));
	EXPECT_EQ(session.cookie, event.cookie);
	EXPECT_EQ(session.session, event.session);
	EXPECT_EQ(ALICE, event.uid);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, event.state);
	EXPECT_EQ(session.type, event.type);
	bob = login_start(BOB);
	EXPECT_EQ(STARTED, next_event(self->caller, &event));
	EXPECT_EQ(BOB, event.uid);

	EXPECT_EQ(0, do_attributes_of(self->port, session_of(&alice), 0,
				      GRAPHIC, 0));
	EXPECT_EQ(CHANGED, next_event(self->caller, &event));
	EXPECT_EQ(GRAPHIC, event.attributes);
	EXPECT_EQ(0, do_attributes_of(self->port, session_of(&alice), 0,
				      CONSOLE, 0));
	EXPECT_EQ(MOVED, next_event(self->caller, &event));
	EXPECT_EQ(GRAPHIC | CONSOLE, event.attributes);
	EXPECT_EQ(session_of(&alice),
		  call_plain(self->caller, CALLER_CONSOLE));
	/* From one to the other, and never both. */
	EXPECT_EQ(0, do_attributes_of(self->port, session_of(&bob), 0,
				      CONSOLE, 0));
	EXPECT_EQ(MOVED, next_event(self->caller, &event));
	EXPECT_EQ(session.cookie, event.cookie);
	EXPECT_EQ(GRAPHIC, event.attributes);
	EXPECT_EQ(MOVED, next_event(self->caller, &event));
	EXPECT_EQ(BOB, event.uid);
	EXPECT_EQ(CONSOLE, event.attributes);

	logout = do_logout(self->port, session_of(&alice), 0, 0);
	EXPECT_LE(0, logout);
	EXPECT_EQ(LOGOUT, next_event(self->caller, &event));
	EXPECT_EQ(session.cookie, event.cookie);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGOUT, event.state);
	close(logout);
	EXPECT_EQ(CHANGED, next_event(self->caller, &event));
	EXPECT_TRUE(login_stop(self->port, &alice));
	EXPECT_EQ(ENDED, next_event(self->caller, &event));
	EXPECT_EQ(session.cookie, event.cookie);
	EXPECT_TRUE(login_stop(self->port, &bob));
	EXPECT_EQ(ENDED, next_event(self->caller, &event));
	EXPECT_EQ(CONSOLE, event.attributes);
	EXPECT_EQ(-ESRCH, call_plain(self->caller, CALLER_CONSOLE));
	EXPECT_EQ(0, call_plain(self->caller, CALLER_NOTIFY_NOT));
	alice = login_start(ALICE);
	EXPECT_TRUE(login_stop(self->port, &alice));
	EXPECT_EQ(-1, read(self->caller, &event, sizeof(event)));
}

static void await_turn(uid_t uid)
{
	(void)uid;
	if (set_login_uid(ALICE))
		abort();
}

TEST_F(kernel_api, a_notifier_hears_of_announcements)
{
	struct peer login = peer_start(await_turn, ALICE);
	struct caller_event event;
	struct bootstrap_session session;
	__u32 id;

	EXPECT_EQ(0, peer_session(&login, 0, 0, &session));
	id = session_of(&login);
	ASSERT_EQ(0, notify(self->caller, 0));
	EXPECT_EQ(0, announce_as(self->port, id, ALICE,
				 BOOTSTRAP_SESSION_TYPE_GUI, GRAPHIC));
	EXPECT_EQ(STARTED, next_event(self->caller, &event));
	EXPECT_EQ(id, event.session);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGIN, event.state);
	EXPECT_EQ(CHANGED, next_event(self->caller, &event));
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, event.state);
	EXPECT_EQ(BOOTSTRAP_SESSION_TYPE_GUI, event.type);
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_EQ(ENDED, next_event(self->caller, &event));
	EXPECT_EQ(0, call_plain(self->caller, CALLER_NOTIFY_NOT));
}

/* Nobody waits for it, and that something is lost is told. */
TEST_F(kernel_api, a_slow_notifier)
{
	struct peer alice = login_start(ALICE);
	struct caller_event event;
	int i, told = 0, last = 0;

	ASSERT_EQ(0, notify(self->caller, 20));
	for (i = 0; i < TOO_MANY; i++)
		EXPECT_EQ(0, do_attributes_of(self->port, session_of(&alice),
					      0, i % 2 ? 0 : GRAPHIC,
					      i % 2 ? GRAPHIC : 0));
	while (last != LOST && next_event(self->caller, &event)) {
		last = event.event;
		told++;
	}
	EXPECT_EQ(LOST, last);
	EXPECT_EQ(0, event.cookie);
	EXPECT_EQ(-1, (int)event.uid);
	EXPECT_LE(128, told);
	EXPECT_GT(TOO_MANY, told);
	EXPECT_EQ(0, do_attributes_of(self->port, session_of(&alice), 0,
				      CONSOLE, 0));
	/* Some were kept while the first of them were told. */
	while ((last = next_event(self->caller, &event)) == CHANGED)
		;
	EXPECT_EQ(MOVED, last);
	EXPECT_EQ(0, call_plain(self->caller, CALLER_NOTIFY_NOT));
	EXPECT_TRUE(login_stop(self->port, &alice));
}

/* Nobody keeps that from being told by causing more. */
TEST_F(kernel_api, a_flood)
{
	struct peer alice = login_start(ALICE);
	struct caller_event event = { .event = CHANGED };
	int told = 0;
	pid_t pid;

	ASSERT_EQ(0, notify(self->caller, 10));
	pid = fork();
	while (!pid) {
		do_attributes_of(self->port, session_of(&alice), 0, GRAPHIC, 0);
		do_attributes_of(self->port, session_of(&alice), 0, 0, GRAPHIC);
	}
	while (told < 4 * TOO_MANY && next_event(self->caller, &event) == CHANGED)
		told++;
	EXPECT_EQ(LOST, event.event);
	kill(pid, SIGKILL);
	wait_for(pid);
	EXPECT_EQ(0, call_plain(self->caller, CALLER_NOTIFY_NOT));
	EXPECT_TRUE(login_stop(self->port, &alice));
}

/* To unregister is to wait for the call that runs. */
TEST_F(kernel_api, a_notifier_that_runs)
{
	struct peer alice;

	ASSERT_EQ(0, notify(self->caller, 500));
	alice = login_start(ALICE);
	EXPECT_TRUE(eventually(call_plain(self->caller, CALLER_RUNNING) == 1));
	EXPECT_EQ(0, call_plain(self->caller, CALLER_NOTIFY_NOT));
	EXPECT_EQ(0, call_plain(self->caller, CALLER_RUNNING));
	EXPECT_TRUE(login_stop(self->port, &alice));
}

TEST_F(kernel_api, unloading_a_module_whose_notifier_runs)
{
	struct peer alice;

	ASSERT_EQ(0, notify(self->caller, 1000));
	alice = login_start(ALICE);
	/* Who has the device open as well. */
	EXPECT_TRUE(login_stop(self->port, &alice));
	EXPECT_TRUE(eventually(call_plain(self->caller, CALLER_RUNNING) == 1));
	close(self->caller);
	EXPECT_TRUE(unloaded("bootstrap_caller"));
	ASSERT_EQ(0, module_load("/bootstrap_caller.ko"));
	ASSERT_TRUE(eventually((self->caller = caller_open()) >= 0));
}

/* Who calls holds what is called, and a file holds whose it is. */
TEST_F(kernel_api, who_holds_whom)
{
	int other = caller_open(), found;

	close(self->port);
	usleep(200000);
	EXPECT_EQ(-EWOULDBLOCK, module_unload("bootstrap"));
	self->port = port_open();
	ASSERT_EQ(0, name_file(self->caller, "kernel.own", other));
	close(other);
	found = do_look_up(self->port, "kernel.own");
	ASSERT_LE(0, found);
	EXPECT_EQ(0, unname(self->caller));
	close(self->caller);
	usleep(200000);
	EXPECT_EQ(-EWOULDBLOCK, module_unload("bootstrap_caller"));
	close(found);
	EXPECT_TRUE(unloaded("bootstrap_caller"));
	EXPECT_EQ(0, look_up_result(self->port, "kernel.own") != -ENOENT);
	ASSERT_EQ(0, module_load("/bootstrap_caller.ko"));
	ASSERT_TRUE(eventually((self->caller = caller_open()) >= 0));
}

/* Runs a call again and again, each time with a fault further on. */
static int sweep(int fail_nth, int caller, int (*try)(int caller),
		 void (*undo)(int caller, int ret), int *ret_failed)
{
	char text[12];
	int nth, ret, len;

	*ret_failed = 0;
	for (nth = 1; nth < STEPS_MAX; nth++) {
		len = snprintf(text, sizeof(text), "%d", nth);
		if (pwrite(fail_nth, text, len, 0) != len)
			return -EIO;
		ret = try(caller);
		memset(text, 0, sizeof(text));
		if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
			text[0] = '1';
		while (pwrite(fail_nth, "0", 1, 0) != 1)
			;
		if (ret >= 0)
			undo(caller, ret);
		else
			(*ret_failed)++;
		if (ret < 0 && ret != -ENOMEM && ret != -EFAULT &&
		    ret != -ENFILE)
			return ret;
		/* None is left to be met. */
		if (strtol(text, NULL, 10) > 0)
			return ret;
	}
	return -ELOOP;
}

static __u32 swept_session;

static int try_file(int caller)
{
	return name_file(caller, "kernel.swept", 0);
}

static int try_service(int caller)
{
	return name_service(caller, "kernel.swept", 0, 0);
}

static int try_session(int caller)
{
	return find_session(caller, swept_session, 0, "agent", SERVICE_ONLY);
}

static void undo_name(int caller, int ret)
{
	(void)ret;
	unname(caller);
}

static void undo_fd(int caller, int ret)
{
	(void)caller;
	close(ret);
}

TEST_F(kernel_api, all_that_can_fail)
{
	struct peer alice;
	int fail_nth, failed, right;

	if (!have_faults())
		SKIP(return, "no faults to order on this kernel");
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fail_nth);
	EXPECT_EQ(0, sweep(fail_nth, self->caller, try_file, undo_name,
			   &failed));
	EXPECT_LE(5, failed);
	EXPECT_EQ(0, sweep(fail_nth, self->caller, try_service, undo_name,
			   &failed));
	EXPECT_LE(7, failed);
	EXPECT_EQ(-ENOENT, look_up_result(self->port, "kernel.swept"));
	EXPECT_TRUE(eventually(!usage_of(self->port, 0).names));
	alice = login_start(ALICE);
	swept_session = session_of(&alice);
	right = peer_check_in(&alice, "agent", 0);
	ASSERT_LE(0, right);
	EXPECT_LE(0, sweep(fail_nth, self->caller, try_session, undo_fd,
			   &failed));
	EXPECT_LE(5, failed);
	close(right);
	close(fail_nth);
	EXPECT_TRUE(login_stop(self->port, &alice));
}

TEST_HARNESS_MAIN
