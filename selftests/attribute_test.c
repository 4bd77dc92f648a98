// SPDX-License-Identifier: GPL-2.0
/* BOOTSTRAP_IOC_ATTRIBUTES: what a session is, and who may change what of it. */
#include "login.h"
#include "harness.h"

#define ROOT		BOOTSTRAP_SESSION_ATTR_ROOT
#define GRAPHIC		BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS
#define TTY		BOOTSTRAP_SESSION_ATTR_TTY
#define REMOTE		BOOTSTRAP_SESSION_ATTR_REMOTE
#define CONSOLE		BOOTSTRAP_SESSION_ATTR_CONSOLE
#define AUTHENTICATED	BOOTSTRAP_SESSION_ATTR_AUTHENTICATED

FIXTURE(attributes)
{
	int port;
	/* A login of alice's that was announced, and two that were not. */
	struct peer announced;
	struct peer logins[2];
	struct bootstrap_session session;
};

/* What a session is now; 0 also for one that is not there. */
static __u32 attributes_of(int port, const struct peer *peer)
{
	struct bootstrap_session session;

	if (do_session_by_id(port, session_of(peer), 0, &session))
		return 0;
	return session.attributes;
}

static int peer_attributes(const struct peer *peer, __u32 session, __u64 cookie,
			   __u32 set, __u32 clear)
{
	struct peer_message message = {
		.command = BOOTSTRAP_IOC_ATTRIBUTES,
		.args.attributes = {
			.size = sizeof(message.args.attributes),
			.session = session, .cookie = cookie,
			.set = set, .clear = clear,
		},
	};

	return peer_call(peer, &message, -1, NULL);
}

FIXTURE_SETUP(attributes)
{
	self->port = port_open();
	self->announced = peer_start(log_in, ALICE);
	self->logins[0] = peer_start(log_in, ALICE);
	self->logins[1] = peer_start(log_in, BOB);
	/* Which tells as well that it has logged in. */
	ASSERT_EQ(0, peer_begin(&self->announced));
	ASSERT_EQ(0, announce_as(self->port, session_of(&self->announced), ALICE,
				 BOOTSTRAP_SESSION_TYPE_NON_GUI, TTY | REMOTE));
	ASSERT_EQ(0, peer_begin(&self->logins[0]));
	ASSERT_EQ(0, peer_begin(&self->logins[1]));
	ASSERT_EQ(0, do_session_by_id(self->port, session_of(&self->announced),
				      0, &self->session));
}

FIXTURE_TEARDOWN(attributes)
{
	peer_stop(&self->announced);
	peer_stop(&self->logins[0]);
	peer_stop(&self->logins[1]);
	close(self->port);
}

TEST_F(attributes, announced)
{
	struct bootstrap_session root;

	EXPECT_EQ(TTY | REMOTE | AUTHENTICATED, self->session.attributes);
	EXPECT_EQ(0, attributes_of(self->port, &self->logins[0]));
	ASSERT_EQ(0, do_session_by_id(self->port, ROOT_ID, 0, &root));
	EXPECT_EQ(ROOT, root.attributes);
}

TEST_F(attributes, announced_wrongly)
{
	struct bootstrap_announce args = {
		.size = sizeof(args), .flags = BOOTSTRAP_ANNOUNCE_USER,
		.session = session_of(&self->logins[0]), .uid = ALICE,
		.attributes = TTY,
	};
	__u32 type = BOOTSTRAP_SESSION_TYPE_GUI;

	EXPECT_EQ(-EINVAL, announce_as(self->port, args.session, ALICE, type, ROOT));
	EXPECT_EQ(-EINVAL, announce_as(self->port, args.session, ALICE, type,
				       CONSOLE));
	EXPECT_EQ(-EINVAL, announce_as(self->port, args.session, ALICE, type,
				       AUTHENTICATED));
	EXPECT_EQ(-EOPNOTSUPP, announce_as(self->port, args.session, ALICE, type, 2));
	/* Not before it is complete. */
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_ANNOUNCE, &args));
	EXPECT_EQ(0, attributes_of(self->port, &self->logins[0]));
	EXPECT_EQ(0, announce_as(self->port, args.session, ALICE, type, GRAPHIC));
	EXPECT_EQ(GRAPHIC | AUTHENTICATED,
		  attributes_of(self->port, &self->logins[0]));
}

/* Those that may change are set and cleared, and no others with them. */
TEST_F(attributes, changed)
{
	__u32 id = session_of(&self->announced);

	EXPECT_EQ(0, do_attributes_of(self->port, id, 0, GRAPHIC, 0));
	EXPECT_EQ(TTY | REMOTE | AUTHENTICATED | GRAPHIC,
		  attributes_of(self->port, &self->announced));
	EXPECT_EQ(0, do_attributes_of(self->port, id, self->session.cookie,
				      CONSOLE, GRAPHIC | AUTHENTICATED));
	EXPECT_EQ(TTY | REMOTE | CONSOLE,
		  attributes_of(self->port, &self->announced));
	EXPECT_EQ(0, do_attributes_of(self->port, id, 0, AUTHENTICATED, 0));
	EXPECT_EQ(0, do_attributes_of(self->port, id, 0, 0, CONSOLE));
	/* What is so already may be said again. */
	EXPECT_EQ(0, do_attributes_of(self->port, id, 0, AUTHENTICATED,
				      CONSOLE));
	EXPECT_EQ(TTY | REMOTE | AUTHENTICATED,
		  attributes_of(self->port, &self->announced));
}

TEST_F(attributes, never_changed)
{
	static const __u32 never[] = { ROOT, TTY, REMOTE, TTY | GRAPHIC };
	__u32 id = session_of(&self->announced);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(never); i++) {
		EXPECT_EQ(-EINVAL, do_attributes_of(self->port, id, 0, never[i],
						    0));
		EXPECT_EQ(-EINVAL, do_attributes_of(self->port, id, 0, 0,
						    never[i]));
	}
	EXPECT_EQ(-EINVAL, do_attributes_of(self->port, id, 0, 0, 0));
	EXPECT_EQ(-EINVAL, do_attributes_of(self->port, id, 0, GRAPHIC,
					    GRAPHIC));
	EXPECT_EQ(-EOPNOTSUPP, do_attributes_of(self->port, id, 0, 2, 0));
	EXPECT_EQ(-EOPNOTSUPP, do_attributes_of(self->port, id, 0, 0,
						0x80000000));
	EXPECT_EQ(-EINVAL, do_attributes_of(self->port, ROOT_ID, 0, GRAPHIC, 0));
	EXPECT_EQ(self->session.attributes,
		  attributes_of(self->port, &self->announced));
}

TEST_F(attributes, no_such_session)
{
	__u32 id = session_of(&self->announced);

	EXPECT_EQ(-ESRCH, do_attributes_of(self->port, 0xfffffff0, 0, GRAPHIC,
					   0));
	EXPECT_EQ(-ESRCH, do_attributes_of(self->port, id,
					   self->session.cookie + 1, GRAPHIC,
					   0));
	/* It is over as soon as nobody is left, noticed or not. */
	peer_stop(&self->announced);
	EXPECT_EQ(-ESRCH, do_attributes_of(self->port, id, 0, GRAPHIC, 0));
	self->announced = peer_start(log_in, ALICE);
}

/* One session's at most, and nobody's once that is over. */
TEST_F(attributes, console)
{
	__u32 id = session_of(&self->announced);
	__u32 alices = session_of(&self->logins[0]);
	__u32 bobs = session_of(&self->logins[1]);

	EXPECT_EQ(0, do_attributes_of(self->port, id, 0, CONSOLE, 0));
	EXPECT_EQ(0, do_attributes_of(self->port, alices, 0, CONSOLE, 0));
	EXPECT_FALSE(attributes_of(self->port, &self->announced) & CONSOLE);
	EXPECT_EQ(CONSOLE, attributes_of(self->port, &self->logins[0]));
	/* It stays where it is if it cannot move. */
	EXPECT_EQ(-ESRCH, do_attributes_of(self->port, bobs, ~0ULL, CONSOLE, 0));
	EXPECT_EQ(CONSOLE, attributes_of(self->port, &self->logins[0]));
	EXPECT_EQ(0, do_attributes_of(self->port, bobs, 0, CONSOLE, 0));
	EXPECT_EQ(0, attributes_of(self->port, &self->logins[0]));
	EXPECT_EQ(CONSOLE, attributes_of(self->port, &self->logins[1]));
	peer_stop(&self->logins[1]);
	EXPECT_EQ(0, do_attributes_of(self->port, id, 0, CONSOLE, 0));
	EXPECT_TRUE(attributes_of(self->port, &self->announced) & CONSOLE);
	self->logins[1] = peer_start(log_in, BOB);
}

/* From within, one thing only; from without, nothing. */
TEST_F(attributes, unprivileged)
{
	__u32 id = session_of(&self->announced);
	__u64 cookie = self->session.cookie;

	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, 0, GRAPHIC, 0));
	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, 0, CONSOLE, 0));
	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, 0,
					  AUTHENTICATED, 0));
	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, 0, 0,
					  AUTHENTICATED | GRAPHIC));
	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, 0, GRAPHIC,
					  AUTHENTICATED));
	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, cookie + 1, 0,
					  AUTHENTICATED));
	/* Not another of the same user's; and what is not there looks the same. */
	EXPECT_EQ(-EPERM, peer_attributes(&self->logins[0], id, 0, 0,
					  AUTHENTICATED));
	EXPECT_EQ(-EPERM, peer_attributes(&self->logins[1], id, 0, 0,
					  AUTHENTICATED));
	EXPECT_EQ(-EPERM, peer_attributes(&self->logins[0], 0xfffffff0, 0, 0,
					  AUTHENTICATED));
	EXPECT_EQ(self->session.attributes,
		  attributes_of(self->port, &self->announced));
	EXPECT_EQ(0, peer_attributes(&self->announced, id, cookie, 0,
				     AUTHENTICATED));
	EXPECT_EQ(TTY | REMOTE, attributes_of(self->port, &self->announced));
	/* And never back. */
	EXPECT_EQ(-EPERM, peer_attributes(&self->announced, id, cookie,
					  AUTHENTICATED, 0));
	EXPECT_EQ(0, peer_attributes(&self->announced, id, 0, 0,
				     AUTHENTICATED));
}

/* Who is more or other than the session's user does not stand in it. */
TEST_F(attributes, outside_the_walls)
{
	EXPECT_EQ(0, ({
		pid_t pid = fork();

		if (!pid) {
			__u32 id;

			CHECK(!set_login_uid(ALICE));
			id = proc_number("self/sessionid");
			CHECK(!announce_as(self->port, id, ALICE,
					   BOOTSTRAP_SESSION_TYPE_GUI, 0));
			become(BOB);
			CHECK(do_attributes_of(self->port, id, 0, 0,
					       AUTHENTICATED) == -EPERM);
			_exit(0);
		}
		child_result(pid);
	}));
}

TEST_HARNESS_MAIN
