// SPDX-License-Identifier: GPL-2.0
/*
 * Who sees what: the table of the concepts, cell by cell. A name stands in each
 * place; each kind of caller looks all of them up, by default and by each scope.
 */
#include <pthread.h>
#include <signal.h>

#include "space.h"
#include "harness.h"

enum place {
	IN_ROOT,
	IN_PRE_LOGIN,
	IN_USER,
	IN_SESSION,
	IN_OTHER_SESSION,	/* of the same user */
	IN_OTHERS_USER,
	IN_OTHERS_SESSION,
	PLACES
};

static const char *const names[PLACES] = {
	"in root", "in pre-login", "in user", "in session",
	"in other session", "in other's user", "in other's session",
};

#define BIT(place) (1u << (place))

/* The places of whose names one finds any, with a scope. */
static unsigned int seen_in(int port, __u32 scope, __u32 id)
{
	unsigned int seen = 0;
	int place, ret;

	for (place = 0; place < PLACES; place++) {
		ret = find_in(port, names[place], 0, scope, id);
		if (ret == place)
			seen |= BIT(place);
		else if (ret != -ENOENT && ret != -ESRCH && ret != -EACCES)
			return ~0u;
	}
	return seen;
}

static unsigned int seen(int port)
{
	return seen_in(port, BOOTSTRAP_SCOPE_DEFAULT, 0);
}

/* All that can be had by any scope, of one's own or of those of all others. */
static unsigned int seen_by_scope(int port, const __u32 *sessions,
				  unsigned int count)
{
	unsigned int all = seen_in(port, BOOTSTRAP_SCOPE_ROOT, 0) |
			   seen_in(port, BOOTSTRAP_SCOPE_SESSION, 0) |
			   seen_in(port, BOOTSTRAP_SCOPE_USER, 0) |
			   seen_in(port, BOOTSTRAP_SCOPE_USER_ID, 0) |
			   seen_in(port, BOOTSTRAP_SCOPE_USER_ID, ALICE) |
			   seen_in(port, BOOTSTRAP_SCOPE_USER_ID, BOB);

	while (count--)
		all |= seen_in(port, BOOTSTRAP_SCOPE_SESSION_ID,
			       sessions[count]);
	return all;
}

#define SESSIONS 3

FIXTURE(visible)
{
	int port;
	struct peer alice, twin, bob;
	__u32 sessions[SESSIONS];
};

static __u32 peer_id(const struct peer *peer)
{
	struct bootstrap_session session;

	return peer_session(peer, 0, 0, &session) ? 0 : session.session;
}

FIXTURE_SETUP(visible)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	ASSERT_EQ(0, put(self->port, names[IN_ROOT], IN_ROOT));
	ASSERT_EQ(0, do_register_in(self->port, names[IN_USER], IN_USER,
				    BOOTSTRAP_SCOPE_USER_ID, ALICE));
	ASSERT_EQ(0, do_register_in(self->port, names[IN_OTHERS_USER],
				    IN_OTHERS_USER, BOOTSTRAP_SCOPE_USER_ID,
				    BOB));
	self->alice = peer_start(log_in, ALICE);
	self->twin = peer_start(log_in, ALICE);
	self->bob = peer_start(log_in, BOB);
	ASSERT_EQ(0, peer_register(&self->alice, names[IN_SESSION],
				   IN_SESSION));
	ASSERT_EQ(0, peer_register(&self->twin, names[IN_OTHER_SESSION],
				   IN_OTHER_SESSION));
	ASSERT_EQ(0, peer_register(&self->bob, names[IN_OTHERS_SESSION],
				   IN_OTHERS_SESSION));
	self->sessions[0] = peer_id(&self->alice);
	self->sessions[1] = peer_id(&self->twin);
	self->sessions[2] = peer_id(&self->bob);
}

FIXTURE_TEARDOWN(visible)
{
	peer_stop(&self->alice);
	peer_stop(&self->twin);
	peer_stop(&self->bob);
	close(self->port);
}

/* Runs a body as a user in the root session. */
#define AS_DAEMON(_uid, _body)						\
({									\
	pid_t daemon_ = fork();						\
	if (!daemon_) {							\
		become(_uid);						\
		_exit(({ _body; 0; }));					\
	}								\
	child_result(daemon_);						\
})

TEST_F(visible, to_the_root_session)
{
	EXPECT_EQ(BIT(IN_ROOT), seen(self->port));
	EXPECT_EQ(0, AS_DAEMON(ALICE, ({
		int port = port_open();

		CHECK(seen(port) == BIT(IN_ROOT));
		/* Her own user's by explicit scope, and nothing else. */
		CHECK(seen_by_scope(port, self->sessions, SESSIONS) ==
		      (BIT(IN_ROOT) | BIT(IN_USER)));
	})));
	EXPECT_EQ(0, AS_DAEMON(12345, ({
		CHECK(seen_by_scope(port_open(), self->sessions, SESSIONS) ==
		      BIT(IN_ROOT));
	})));
	/* All is open to root that says which, but for logins in progress. */
	EXPECT_EQ(BIT(PLACES) - 1 - BIT(IN_PRE_LOGIN),
		  seen_by_scope(self->port, self->sessions, SESSIONS));
}

static unsigned int bits_of_peer(const struct peer *peer, bool by_scope,
				 const __u32 *sessions)
{
	static const __u32 own[] = {
		BOOTSTRAP_SCOPE_ROOT, BOOTSTRAP_SCOPE_SESSION,
		BOOTSTRAP_SCOPE_USER,
	};
	unsigned int bits = 0, i;
	int place;

	for (place = 0; place < PLACES; place++) {
		if (!by_scope) {
			if (peer_find(peer, names[place]) == place)
				bits |= BIT(place);
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(own); i++)
			if (peer_find_in(peer, names[place], 0, own[i], 0) ==
			    place)
				bits |= BIT(place);
		for (i = 0; i < SESSIONS; i++)
			if (peer_find_in(peer, names[place], 0,
					 BOOTSTRAP_SCOPE_SESSION_ID,
					 sessions[i]) == place)
				bits |= BIT(place);
		for (i = ALICE; i <= BOB; i++)
			if (peer_find_in(peer, names[place], 0,
					 BOOTSTRAP_SCOPE_USER_ID, i) == place)
				bits |= BIT(place);
	}
	return bits;
}

TEST_F(visible, inside_a_login_session)
{
	const unsigned int alices = BIT(IN_ROOT) | BIT(IN_USER) |
				    BIT(IN_SESSION);
	const unsigned int twins = BIT(IN_ROOT) | BIT(IN_USER) |
				   BIT(IN_OTHER_SESSION);
	const unsigned int bobs = BIT(IN_ROOT) | BIT(IN_OTHERS_USER) |
				  BIT(IN_OTHERS_SESSION);

	EXPECT_EQ(alices, bits_of_peer(&self->alice, false, NULL));
	EXPECT_EQ(alices, bits_of_peer(&self->alice, true, self->sessions));
	EXPECT_EQ(twins, bits_of_peer(&self->twin, false, NULL));
	EXPECT_EQ(twins, bits_of_peer(&self->twin, true, self->sessions));
	EXPECT_EQ(bobs, bits_of_peer(&self->bob, false, NULL));
	EXPECT_EQ(bobs, bits_of_peer(&self->bob, true, self->sessions));
}

/* su to bob, or to root, from a login of alice's. */
TEST_F(visible, to_a_member_that_is_another)
{
	EXPECT_EQ(0, ({
		pid_t pid = fork();

		if (!pid) {
			int port = port_open();

			CHECK(host_alice(names[IN_SESSION], IN_SESSION));
			CHECK(seen(port) == BIT(IN_ROOT));
			CHECK(!AS_DAEMON(BOB, ({
				CHECK(seen(port) == BIT(IN_ROOT));
				CHECK(seen_by_scope(port, self->sessions,
						    SESSIONS) ==
				      (BIT(IN_ROOT) | BIT(IN_OTHERS_USER)));
			})));
			_exit(0);
		}
		child_result(pid);
	}));
}

/* A member that is more than its user: what its effective uid has, on request. */
TEST_F(visible, to_a_member_that_is_more)
{
	EXPECT_EQ(0, ({
		pid_t pid = fork();

		if (!pid) {
			int port = port_open();

			CHECK(host_alice(names[IN_SESSION], IN_SESSION));
			/* The saved uid is root's yet, no capability is. */
			CHECK(!setgroups(0, NULL) &&
			      !setresgid(ALICE, ALICE, ALICE) &&
			      !setresuid(ALICE, ALICE, 0));
			CHECK(seen(port) == BIT(IN_ROOT));
			CHECK(seen_by_scope(port, self->sessions, SESSIONS) ==
			      (BIT(IN_ROOT) | BIT(IN_USER)));
			_exit(0);
		}
		child_result(pid);
	}));
}

struct host {
	int port, handle;
	const __u32 *sessions;
	unsigned int by_handle, by_default, by_scope;
};

static void *act_as_alice(void *data)
{
	struct host *host = data;

	if (syscall(SYS_setresuid, -1, ALICE, -1))
		abort();
	host->by_handle = seen(host->handle) |
			  seen_in(host->handle, BOOTSTRAP_SCOPE_USER, 0) |
			  seen_in(host->handle, BOOTSTRAP_SCOPE_SESSION, 0);
	host->by_default = seen(host->port);
	host->by_scope = seen_by_scope(host->port, host->sessions, SESSIONS);
	return NULL;
}

static void run_as_alice(struct host *host)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, act_as_alice, host) ||
	    pthread_join(thread, NULL))
		abort();
}

/* Login hosts: with the handle, and with the session's user for a while. */
TEST_F(visible, to_a_login_in_progress)
{
	const unsigned int always = BIT(IN_ROOT) | BIT(IN_PRE_LOGIN);

	EXPECT_EQ(0, ({
		pid_t pid = fork();

		if (!pid) {
			int port = port_open(), handle = do_pre_login(port);
			struct host host = {
				.port = port, .handle = handle,
				.sessions = self->sessions,
			};
			__u32 id;

			CHECK(!set_login_uid(ALICE));
			id = proc_number("self/sessionid");
			CHECK(!put(handle, names[IN_PRE_LOGIN], IN_PRE_LOGIN));
			CHECK(seen(handle) == always);
			CHECK(!do_announce(port,
					   BOOTSTRAP_ANNOUNCE_PRE_LOGIN, id,
					   handle, 0));
			run_as_alice(&host);
			CHECK(host.by_handle == always);
			CHECK(host.by_default == BIT(IN_ROOT));
			CHECK(!do_announce(port, BOOTSTRAP_ANNOUNCE_USER, id,
					   0, ALICE));
			/* As root, not what is the user's. */
			CHECK(seen(handle) == always);
			run_as_alice(&host);
			CHECK(host.by_handle == (always | BIT(IN_USER)));
			CHECK(host.by_default == BIT(IN_ROOT));
			CHECK(host.by_scope == (BIT(IN_ROOT) | BIT(IN_USER)));
			/* Its own session there is not, nor anybody else's. */
			CHECK(seen_in(port, BOOTSTRAP_SCOPE_SESSION, 0) == 0);
			CHECK(seen_in(handle, BOOTSTRAP_SCOPE_SESSION, 0) ==
			      0);
			/* Once complete, the pre-login phase is gone for all. */
			CHECK(!do_announce(port, BOOTSTRAP_ANNOUNCE_COMPLETE,
					   id, 0, 0));
			CHECK(seen(handle) == (BIT(IN_ROOT) | BIT(IN_USER)));
			CHECK(!AS_DAEMON(ALICE, ({
				CHECK(!put(port, names[IN_SESSION],
					   IN_SESSION));
				CHECK(seen(port) == (BIT(IN_ROOT) |
						     BIT(IN_USER) |
						     BIT(IN_SESSION)));
			})));
			_exit(0);
		}
		child_result(pid);
	}));
}

TEST_HARNESS_MAIN
