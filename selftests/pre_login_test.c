// SPDX-License-Identifier: GPL-2.0
/*
 * Logins in progress: pre-login namespaces, and the announcement of sessions.
 */
#include <pthread.h>

#include "space.h"
#include "harness.h"

#define PRE_LOGIN	BOOTSTRAP_ANNOUNCE_PRE_LOGIN
#define USER		BOOTSTRAP_ANNOUNCE_USER
#define COMPLETE	BOOTSTRAP_ANNOUNCE_COMPLETE

FIXTURE(login)
{
	int port;
};

FIXTURE_SETUP(login)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	ASSERT_TRUE(eventually(uses_nothing(self->port, BOB)));
}

FIXTURE_TEARDOWN(login)
{
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	EXPECT_TRUE(eventually(!usage_of(self->port, 0).subsets));
	close(self->port);
}

static __u32 own_id(void)
{
	return proc_number("self/sessionid");
}

/* Runs something as a login program: root, which bears an id of its own. */
#define LOGIN(_body)							\
({									\
	pid_t login_ = fork();						\
	if (!login_) {							\
		CHECK(!set_login_uid(ALICE));				\
		_exit(({ _body; 0; }));					\
	}								\
	child_result(login_);						\
})

/* Runs something as the session's user, in a child. */
#define MEMBER(_uid, _body)						\
({									\
	pid_t member_ = fork();						\
	if (!member_) {							\
		become(_uid);						\
		_exit(({ _body; 0; }));					\
	}								\
	child_result(member_);						\
})

TEST_F(login, takes_privilege)
{
	EXPECT_EQ(0, AS(ALICE, ({
		int port = port_open();

		CHECK(do_pre_login(port) == -EPERM);
		CHECK(do_announce(port, USER | COMPLETE, own_id(), 0, ALICE) ==
		      -EPERM);
	})));
}

/* The way of a login, and what its parts may see meanwhile. */
TEST_F(login, from_start_to_end)
{
	ASSERT_EQ(0, put(self->port, "in root", 1));
	ASSERT_EQ(0, do_register_in(self->port, "in user", 2,
				    BOOTSTRAP_SCOPE_USER_ID, ALICE));
	EXPECT_EQ(0, LOGIN(({
		int port = port_open(), handle = do_pre_login(port), below;
		struct bootstrap_session session;
		__u64 id = id_of(handle);

		CHECK(type_of(handle) == BOOTSTRAP_NAMESPACE_PRE_LOGIN);
		CHECK(rights_of(handle) == ALL);
		CHECK(!put(handle, "in pre-login", 3));
		below = do_subset(handle);
		CHECK(!put(below, "n", 1));
		CHECK(find(handle, "in root") == 1);
		CHECK(find(port, "in pre-login") == -ENOENT);

		CHECK(!do_announce(port, PRE_LOGIN, own_id(), handle, 0));
		CHECK(!do_session_by_id(port, own_id(), 0, &session));
		CHECK(session.type == BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW);
		CHECK(session.namespace_id == id && session.uid == 65534);
		CHECK(find(handle, "in user") == -ENOENT);
		CHECK(!do_announce(port, USER, own_id(), 0, ALICE));
		CHECK(!do_session_by_id(port, own_id(), 0, &session));
		CHECK(session.type == BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW);
		CHECK(session.uid == ALICE && !session.attributes);
		/* Nobody stands in it yet. */
		CHECK(!MEMBER(ALICE, ({
			CHECK(id_of(port) == id_in(port, BOOTSTRAP_SCOPE_ROOT,
						   0));
			CHECK(put(port, "n", 1) == -EPERM);
			CHECK(find_in(port, "n", 0, BOOTSTRAP_SCOPE_SESSION,
				      0) == -ENOENT);
		})));
		CHECK(find_in(port, "n", 0, BOOTSTRAP_SCOPE_SESSION, 0) ==
		      -ESRCH);

		CHECK(!do_announce(port, COMPLETE, own_id(), 0, 0));
		CHECK(!do_session_by_id(port, own_id(), 0, &session));
		CHECK(session.type == BOOTSTRAP_SESSION_TYPE_GUI);
		CHECK(session.attributes ==
		      BOOTSTRAP_SESSION_ATTR_AUTHENTICATED);
		CHECK(session.names == 0);
		/* It has become the session's: what was in it is gone. */
		CHECK(type_of(handle) == BOOTSTRAP_NAMESPACE_SESSION);
		CHECK(parent_of(handle) ==
		      id_in(port, BOOTSTRAP_SCOPE_USER_ID, ALICE));
		CHECK(find(handle, "in pre-login") == -ENOENT);
		CHECK(is_dead(below));
		CHECK(find(handle, "in user") == 2);
		CHECK(find(handle, "in root") == 1);
		CHECK(!is_dead(handle));
		CHECK(!MEMBER(ALICE, ({
			CHECK(id_of(port) == id);
			CHECK(!put(port, "hers", 4));
			CHECK(find(handle, "hers") == 4);
			CHECK(find(port, "in user") == 2);
		})));
		CHECK(!put(handle, "n", 1));
	})));
}

/* As root, or as a thread that acts as the user. */
struct host {
	int port, handle;
	uid_t uid;
	int by_handle, by_scope, by_default;
};

/* By the system call: the C library would have all threads change. */
static void *act_as_user(void *data)
{
	struct host *host = data;

	if (syscall(SYS_setresuid, -1, host->uid, -1))
		abort();
	host->by_handle = find(host->handle, "in user");
	host->by_scope = find_in(host->port, "in user", 0,
				 BOOTSTRAP_SCOPE_USER, 0);
	host->by_default = find(host->port, "in user");
	return NULL;
}

static struct host act_as(int port, int handle, uid_t uid)
{
	struct host host = { .port = port, .handle = handle, .uid = uid };
	pthread_t thread;

	if (pthread_create(&thread, NULL, act_as_user, &host) ||
	    pthread_join(thread, NULL))
		abort();
	return host;
}

TEST_F(login, threads_that_act_as_the_user)
{
	ASSERT_EQ(0, do_register_in(self->port, "in user", 2,
				    BOOTSTRAP_SCOPE_USER_ID, ALICE));
	EXPECT_EQ(0, LOGIN(({
		int port = port_open(), handle = do_pre_login(port);
		struct host host;

		CHECK(!do_announce(port, PRE_LOGIN, own_id(), handle, 0));
		/* Once the user is set, and not before. */
		host = act_as(port, handle, ALICE);
		CHECK(host.by_handle == -ENOENT && host.by_scope == 2);
		CHECK(!do_announce(port, USER, own_id(), 0, ALICE));
		host = act_as(port, handle, ALICE);
		CHECK(host.by_handle == 2 && host.by_scope == 2);
		CHECK(host.by_default == -ENOENT);
		host = act_as(port, handle, BOB);
		CHECK(host.by_handle == -ENOENT && host.by_scope == -ENOENT);
		CHECK(find(handle, "in user") == -ENOENT);
		CHECK(find_in(handle, "in user", 0, BOOTSTRAP_SCOPE_USER,
			      0) == -ESRCH);
		/* The other threads are still root. */
		CHECK(geteuid() == 0 && do_open(port, 0, REGISTER) >= 0);
	})));
}

/* A host that waits as the user hears of a name of the user's. */
static void *wait_as_user(void *data)
{
	struct host *host = data;
	struct bootstrap_look_up args = args_look_up("new");
	int fd;

	if (host->uid && syscall(SYS_setresuid, -1, host->uid, -1))
		abort();
	args.deadline = (now_ms() + 20000) * 1000000;
	fd = call(host->handle, BOOTSTRAP_IOC_LOOK_UP, &args);
	host->by_handle = fd < 0 ? fd : tag_of(fd);
	return NULL;
}

TEST_F(login, threads_that_wait_as_the_user)
{
	EXPECT_EQ(0, LOGIN(({
		int port = port_open(), handle = do_pre_login(port);
		struct host host = {
			.port = port, .handle = handle, .uid = ALICE,
		};
		pthread_t thread;

		CHECK(!do_announce(port, PRE_LOGIN | USER, own_id(), handle,
				   ALICE));
		CHECK(!pthread_create(&thread, NULL, wait_as_user, &host));
		while (!usage_of(port, ALICE).waits)
			usleep(1000);
		CHECK(!do_register_in(port, "new", 5, BOOTSTRAP_SCOPE_USER_ID,
				      ALICE));
		CHECK(!pthread_join(thread, NULL));
		CHECK(host.by_handle == 5);
	})));
}

/*
 * The name is there already; it is the step that lets the host see it, by the
 * pre-login namespace or from a subset of that.
 */
static int wait_over_step(uid_t uid, __u32 first, __u32 step, bool below)
{
	int port = port_open(), handle = do_pre_login(port);
	struct host host = {
		.handle = below ? do_subset(handle) : handle, .uid = uid,
	};
	pthread_t thread;

	CHECK(!do_register_in(port, "new", 5, BOOTSTRAP_SCOPE_USER_ID, ALICE));
	CHECK(!do_announce(port, first, own_id(), handle, ALICE));
	CHECK(!pthread_create(&thread, NULL, wait_as_user, &host));
	while (!usage_of(port, uid).waits)
		usleep(1000);
	CHECK(!do_announce(port, step, own_id(), 0, ALICE));
	CHECK(!pthread_join(thread, NULL));
	return host.by_handle;
}

TEST_F(login, threads_that_wait_for_the_next_step)
{
	EXPECT_EQ(0, LOGIN(({
		CHECK(wait_over_step(ALICE, PRE_LOGIN, USER, false) == 5);
	})));
	EXPECT_EQ(0, LOGIN(({
		CHECK(wait_over_step(ALICE, PRE_LOGIN, USER, true) == 5);
	})));
	EXPECT_EQ(0, LOGIN(({
		CHECK(wait_over_step(0, PRE_LOGIN | USER, COMPLETE, false) ==
		      5);
	})));
}

TEST_F(login, in_one_step)
{
	EXPECT_EQ(0, LOGIN(({
		struct bootstrap_announce args = {
			.size = sizeof(args), .flags = USER | COMPLETE,
			.session = own_id(), .uid = ALICE,
			.type = BOOTSTRAP_SESSION_TYPE_BACKGROUND,
		};
		struct bootstrap_session session;
		int port = port_open();

		CHECK(!call(port, BOOTSTRAP_IOC_ANNOUNCE, &args));
		CHECK(!do_session_by_id(port, own_id(), 0, &session));
		CHECK(session.cookie == args.cookie);
		CHECK(session.namespace_id == args.namespace_id);
		CHECK(session.type == BOOTSTRAP_SESSION_TYPE_BACKGROUND);
		CHECK(!MEMBER(ALICE, ({
			CHECK(id_of(port) == args.namespace_id);
			CHECK(!put(port, "n", 1));
		})));
		CHECK(do_announce(port, COMPLETE, own_id(), 0, 0) == -EBUSY);
		CHECK(do_announce(port, USER, own_id(), 0, BOB) == -EBUSY);
	})));
}

/* By a process of the root session, for a login that is not its own. */
TEST_F(login, of_another_process)
{
	int ready[2];
	pid_t pid;
	char path[32], c;
	__u32 id;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CHECK(!set_login_uid(BOB));
		write(ready[1], "r", 1);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	snprintf(path, sizeof(path), "%d/sessionid", pid);
	id = proc_number(path);
	EXPECT_EQ(0, do_announce(self->port, USER | COMPLETE, id, 0, ALICE));
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_SESSION,
		  ({ struct bootstrap_namespace ns;
		     do_namespace_in(self->port, BOOTSTRAP_SCOPE_SESSION_ID,
				     id, &ns); ns.type; }));
	stop_idler(pid);
	EXPECT_TRUE(eventually(find_in(self->port, "n", 0,
				       BOOTSTRAP_SCOPE_SESSION_ID, id) ==
			       -ESRCH));
	EXPECT_EQ(-ESRCH, do_announce(self->port, USER | COMPLETE, id, 0,
				      ALICE));
	close(ready[0]);
	close(ready[1]);
}

TEST_F(login, that_cannot_be)
{
	EXPECT_EQ(-ESRCH, do_announce(self->port, USER, 0x7ffffff0, 0, ALICE));
	EXPECT_EQ(-EINVAL, do_announce(self->port, USER, ROOT_ID, 0, ALICE));
	EXPECT_EQ(-EINVAL, do_announce(self->port, 0, 1, 0, 0));
	EXPECT_EQ(0, LOGIN(({
		struct bootstrap_announce args = {
			.size = sizeof(args), .flags = USER,
			.session = own_id(), .uid = ALICE,
		};
		struct bootstrap_session session;
		int port = port_open(), subset = do_subset(port);
		int handle = do_pre_login(port), other = do_pre_login(port);
		__u32 id = own_id();

		/* Not a pre-login namespace, not a handle, not anything. */
		CHECK(do_announce(port, PRE_LOGIN, id, subset, 0) == -EBADF);
		CHECK(do_announce(port, PRE_LOGIN, id, port, 0) == -EBADF);
		CHECK(do_announce(port, PRE_LOGIN, id, 1 << 20, 0) == -EBADF);
		CHECK(do_announce(port, COMPLETE, id, 0, 0) == -EINVAL);
		CHECK(do_announce(port, USER, id, 0, ~0u) == -EINVAL);
		args.type = BOOTSTRAP_SESSION_TYPE_GUI;
		CHECK(call(port, BOOTSTRAP_IOC_ANNOUNCE, &args) == -EINVAL);
		args.flags = USER | COMPLETE;
		args.type = BOOTSTRAP_SESSION_TYPE_ROOT;
		CHECK(call(port, BOOTSTRAP_IOC_ANNOUNCE, &args) == -EOPNOTSUPP);
		args.type = BOOTSTRAP_SESSION_TYPE_BACKGROUND + 1;
		CHECK(call(port, BOOTSTRAP_IOC_ANNOUNCE, &args) == -EOPNOTSUPP);
		args.type = BOOTSTRAP_SESSION_TYPE_GUI;
		args.cookie = 12345;
		CHECK(call(port, BOOTSTRAP_IOC_ANNOUNCE, &args) == -ESRCH);
		args.cookie = 0;
		args.pre_login = 1;
		CHECK(call(port, BOOTSTRAP_IOC_ANNOUNCE, &args) == -EINVAL);
		/* None of these has made a session. */
		CHECK(do_session_by_id(port, id, 0, &session) == -ESRCH);

		CHECK(!do_announce(port, PRE_LOGIN, id, handle, 0));
		CHECK(do_announce(port, PRE_LOGIN, id, other, 0) == -EBUSY);
		CHECK(do_announce(port, COMPLETE, id, 0, 0) == -EINVAL);
		CHECK(!do_announce(port, USER, id, 0, ALICE));
		CHECK(do_announce(port, USER, id, 0, ALICE) == -EBUSY);
		/* It is bound: not for another session as well. */
		CHECK(!LOGIN(({
			CHECK(do_announce(port, PRE_LOGIN, own_id(), handle,
					  0) == -EBUSY);
		})));
		CHECK(!do_announce(port, COMPLETE, id, 0, 0));
		CHECK(do_announce(port, PRE_LOGIN, id, handle, 0) == -EBADF);
	})));
}

/* Whoever came before the announcement has to go; its names forbid that. */
TEST_F(login, of_a_session_that_is_there)
{
	EXPECT_EQ(0, LOGIN(({
		struct bootstrap_session before, after;
		int port = port_open(), early[2];
		struct peer_message message = {};
		int old;

		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, early));
		CHECK(!MEMBER(ALICE, ({
			CHECK(!do_session(port, &before));
			CHECK(before.type == BOOTSTRAP_SESSION_TYPE_UNKNOWN);
			CHECK(!before.attributes);
			CHECK(!put(port, "n", 1));
			/* Its port ends with the last of us; the name not. */
			CHECK(peer_send(early[1], &message, do_open(port, 0,
								    0)));
		})));
		CHECK(!do_session_by_id(port, own_id(), 0, &before));
		CHECK(peer_receive(early[0], &message, &old));
		CHECK(eventually(find(old, "n") == -ENOENT));
		CHECK(!put(old, "n", 1));
		CHECK(do_announce(port, USER | COMPLETE, own_id(), 0, ALICE) ==
		      -EBUSY);
		CHECK(find(old, "n") == 1);
		CHECK(!do_unregister(old, "n"));
		CHECK(!do_announce(port, USER | COMPLETE, own_id(), 0, ALICE));
		CHECK(!do_session_by_id(port, own_id(), 0, &after));
		CHECK(after.cookie != before.cookie);
		CHECK(after.namespace_id != before.namespace_id);
		CHECK(hangs_up(old, 10000));
		CHECK(put(old, "n", 1) == -ESHUTDOWN);
	})));
}

/* The user is whom the login says, not whom the id claims. */
TEST_F(login, of_another_user)
{
	EXPECT_EQ(0, LOGIN(({
		int port = port_open();

		CHECK(!do_announce(port, USER | COMPLETE, own_id(), 0, BOB));
		CHECK(!MEMBER(BOB, ({ CHECK(!put(port, "n", 1)); })));
		CHECK(!MEMBER(ALICE, ({
			CHECK(put(port, "n", 1) == -EPERM);
			CHECK(id_of(port) == id_in(port, BOOTSTRAP_SCOPE_ROOT,
						   0));
		})));
	})));
}

/* Without its maker a login comes to nothing, and its session stays closed. */
TEST_F(login, never_completed)
{
	EXPECT_EQ(0, LOGIN(({
		int port = port_open(), ends[2], handle;
		struct peer_message message = {};
		pid_t maker;

		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
		maker = fork();
		if (!maker) {
			handle = do_pre_login(port);
			peer_send(ends[1], &message, handle);
			for (;;)
				pause();
		}
		CHECK(peer_receive(ends[0], &message, &handle));
		CHECK(!do_announce(port, PRE_LOGIN | USER, own_id(), handle,
				   ALICE));
		stop_idler(maker);
		CHECK(hangs_up(handle, 10000));
		CHECK(put(handle, "n", 1) == -ESHUTDOWN);
		CHECK(do_announce(port, COMPLETE, own_id(), 0, 0) ==
		      -ESHUTDOWN);
		CHECK(!MEMBER(ALICE, ({
			CHECK(put(port, "n", 1) == -EPERM);
		})));
	})));
}

/* Its session's end is the end of it, though its maker lives on. */
TEST_F(login, whose_session_ends)
{
	int handle = do_pre_login(self->port);

	EXPECT_EQ(0, LOGIN(({
		CHECK(!do_announce(self->port, PRE_LOGIN | USER, own_id(),
				   handle, ALICE));
	})));
	EXPECT_TRUE(hangs_up(handle, 10000));
	EXPECT_EQ(-ESHUTDOWN, put(handle, "n", 1));
	close(handle);
}

/* Of a session that ended, the maker's end is no matter. */
TEST_F(login, completed_outlives_its_maker)
{
	EXPECT_EQ(0, LOGIN(({
		int port = port_open(), ends[2], handle;
		struct peer_message message = {};
		__u32 id = own_id();
		pid_t maker;

		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
		maker = fork();
		if (!maker) {
			handle = do_pre_login(port);
			CHECK(!do_announce(port, PRE_LOGIN | USER | COMPLETE,
					   id, handle, ALICE));
			peer_send(ends[1], &message, handle);
			_exit(0);
		}
		CHECK(peer_receive(ends[0], &message, &handle));
		CHECK(child_result(maker) == 0);
		usleep(100000);
		CHECK(!is_dead(handle) && !hung_up(handle));
		CHECK(!MEMBER(ALICE, ({ CHECK(!put(port, "n", 1)); })));
		CHECK(!usage_of(port, 0).subsets);
	})));
}

#define MANY	scaled(3000)

/* Of two that complete a login one does, and it opens when all is cleared. */
TEST_F(login, completed_twice_at_once)
{
	EXPECT_EQ(0, LOGIN(({
		int port = port_open(), handle = do_pre_login(port), i;
		pid_t others[2], member;
		char name[16];

		CHECK(!do_announce(port, PRE_LOGIN | USER, own_id(), handle,
				   ALICE));
		for (i = 0; i < MANY; i++) {
			snprintf(name, sizeof(name), "n%d", i);
			CHECK(!put(handle, name, 1));
		}
		member = fork();
		if (!member) {
			become(ALICE);
			while (id_of(port) != id_of(handle))
				;
			_exit(find(port, name) != -ENOENT);
		}
		for (i = 0; i < 2; i++) {
			others[i] = fork();
			if (others[i])
				continue;
			_exit(-do_announce(port, COMPLETE, own_id(), 0, 0));
		}
		i = child_result(others[0]);
		CHECK(i + child_result(others[1]) == EBUSY);
		CHECK(child_result(member) == 0);
	})));
}

/* A member waits for a name that will be in the session, once that is open. */
static bool wait_for_session(__u32 scope)
{
	struct bootstrap_look_up args = args_look_up("new");
	int port = port_open(), handle = do_pre_login(port);
	pid_t waiter;

	CHECK(!do_announce(port, PRE_LOGIN | USER, own_id(), handle, ALICE));
	waiter = fork();
	if (!waiter) {
		become(ALICE);
		args.scope = scope;
		args.deadline = (now_ms() + 20000) * 1000000;
		_exit(call(port, BOOTSTRAP_IOC_LOOK_UP, &args) < 0);
	}
	while (!usage_of(port, ALICE).waits)
		usleep(1000);
	CHECK(!do_announce(port, COMPLETE, own_id(), 0, 0));
	CHECK(!put(handle, "new", 1));
	return child_result(waiter) == 0;
}

/* Who waited where the root session stands, or for the session, goes on there. */
TEST_F(login, waiting_members_move)
{
	EXPECT_EQ(0, LOGIN(({
		CHECK(wait_for_session(BOOTSTRAP_SCOPE_DEFAULT));
	})));
	EXPECT_EQ(0, LOGIN(({
		CHECK(wait_for_session(BOOTSTRAP_SCOPE_SESSION));
	})));
}

TEST_HARNESS_MAIN
