// SPDX-License-Identifier: GPL-2.0
/* Watches of sessions: those that are there, then each fact once, in order. */
#include "login.h"
#include "harness.h"

#define PRESENT		BOOTSTRAP_RECORD_SESSION_PRESENT
#define COMPLETE	BOOTSTRAP_RECORD_COMPLETE
#define STARTED		BOOTSTRAP_RECORD_SESSION_STARTED
#define CHANGED		BOOTSTRAP_RECORD_SESSION_CHANGED
#define ENDED		BOOTSTRAP_RECORD_SESSION_ENDED
#define OVERFLOW	BOOTSTRAP_RECORD_OVERFLOW

#define CONSOLE		BOOTSTRAP_SESSION_ATTR_CONSOLE
#define GRAPHIC		BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS
#define AUTHENTICATED	BOOTSTRAP_SESSION_ATTR_AUTHENTICATED

/* More changes than any watch keeps. */
#define TOO_MANY 200

FIXTURE(session_watch)
{
	int port;
	int watch;
};

FIXTURE_SETUP(session_watch)
{
	self->port = port_open();
	ASSERT_TRUE(eventually(no_logins(self->port)));
	self->watch = do_watch_sessions(self->port);
	ASSERT_LE(0, self->watch);
}

FIXTURE_TEARDOWN(session_watch)
{
	close(self->watch);
	close(self->port);
}

#define EXPECT_EVENT(_type, _watch, _event)				\
	EXPECT_EQ(_type, await_session_event(_watch, _event))

/* A record of this type comes, about the session with this cookie. */
#define EXPECT_ABOUT(_type, _watch, _cookie)				\
do {									\
	struct session_event event_;					\
	EXPECT_EVENT(_type, _watch, &event_);				\
	EXPECT_EQ(_cookie, event_.session.cookie);			\
} while (0)

#define EXPECT_SILENCE(_watch)						\
	EXPECT_FALSE(readable(_watch, 100))

TEST_F(session_watch, begins_with_what_is_there)
{
	struct peer logins[3];
	struct bootstrap_session session;
	struct session_event event;
	int watch, i;

	for (i = 0; i < 3; i++)
		logins[i] = login_start(i == 1 ? BOB : ALICE);
	watch = do_watch_sessions(self->port);
	ASSERT_LE(0, watch);
	/* As a query tells of them, in the order of their ids. */
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, do_session_by_id(self->port,
					      session_of(&logins[i]), 0,
					      &session));
		EXPECT_EVENT(PRESENT, watch, &event);
		EXPECT_EQ(i + 1, event.number);
		session.size = sizeof(session);
		session.flags = 0;
		EXPECT_EQ(0, memcmp(&session, &event.session, sizeof(session)));
	}
	EXPECT_EVENT(COMPLETE, watch, &event);
	EXPECT_EQ(4, event.number);
	EXPECT_EQ(0, events_of(watch));
	EXPECT_EQ(-EAGAIN, next_session_event(watch, &event));
	close(watch);
	for (i = 0; i < 3; i++)
		peer_stop(&logins[i]);
}

TEST_F(session_watch, starts_and_ends)
{
	struct bootstrap_session session;
	struct session_event event;
	struct peer login;

	ASSERT_TRUE(skip_present(self->watch));
	login = peer_start(log_in, ALICE);
	/* A login is none before it calls. */
	EXPECT_SILENCE(self->watch);
	ASSERT_EQ(0, peer_session(&login, 0, 0, &session));
	EXPECT_EVENT(STARTED, self->watch, &event);
	EXPECT_EQ(session.session, event.session.session);
	EXPECT_EQ(session.cookie, event.session.cookie);
	EXPECT_EQ(ALICE, event.session.uid);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, event.session.state);
	EXPECT_EQ(session.since, event.session.since);
	EXPECT_SILENCE(self->watch);
	peer_stop(&login);
	EXPECT_EVENT(ENDED, self->watch, &event);
	EXPECT_EQ(session.session, event.session.session);
	EXPECT_EQ(session.cookie, event.session.cookie);
	/* Once. */
	EXPECT_SILENCE(self->watch);
}

TEST_F(session_watch, ends_when_it_cannot_be_found)
{
	struct bootstrap_session session;
	struct session_event event;
	struct peer login = login_start(ALICE);
	__u32 id = session_of(&login);

	ASSERT_TRUE(skip_present(self->watch));
	peer_stop(&login);
	EXPECT_EVENT(ENDED, self->watch, &event);
	EXPECT_EQ(-ESRCH, do_session_by_id(self->port, id, 0, &session));
}

static int announce_from(int port, __u32 session, const char *tty,
			 const char *host)
{
	struct bootstrap_announce args = {
		.size = sizeof(args),
		.flags = BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
		.session = session, .type = BOOTSTRAP_SESSION_TYPE_NON_GUI,
		.uid = ALICE, .tty = (uintptr_t)tty, .host = (uintptr_t)host,
		.tty_len = strlen(tty), .host_len = strlen(host),
	};

	return call(port, BOOTSTRAP_IOC_ANNOUNCE, &args);
}

TEST_F(session_watch, announced_at_once)
{
	struct peer login = login_start(ALICE);
	struct bootstrap_session session;
	struct session_event event;
	__u32 id = session_of(&login);
	__u64 former;

	ASSERT_EQ(0, do_session_by_id(self->port, id, 0, &session));
	former = session.cookie;
	ASSERT_TRUE(skip_present(self->watch));
	ASSERT_EQ(0, announce_from(self->port, id, "pts/3", "client"));
	ASSERT_EQ(0, do_session_by_id(self->port, id, 0, &session));
	EXPECT_STREQ("pts/3", session.tty);
	EXPECT_STREQ("client", session.host);
	/* What nobody had announced was another session. */
	EXPECT_ABOUT(ENDED, self->watch, former);
	EXPECT_EVENT(STARTED, self->watch, &event);
	EXPECT_EQ(session.cookie, event.session.cookie);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_LOGIN, event.session.state);
	EXPECT_EQ(BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW, event.session.type);
	EXPECT_EQ(ALICE, event.session.uid);
	EXPECT_EQ(0, event.session.attributes);
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(BOOTSTRAP_SESSION_STATE_OPEN, event.session.state);
	EXPECT_EQ(BOOTSTRAP_SESSION_TYPE_NON_GUI, event.session.type);
	EXPECT_EQ(AUTHENTICATED, event.session.attributes);
	EXPECT_STREQ("pts/3", event.session.tty);
	EXPECT_STREQ("client", event.session.host);
	EXPECT_SILENCE(self->watch);
	peer_stop(&login);
	EXPECT_EVENT(ENDED, self->watch, &event);
	EXPECT_STREQ("client", event.session.host);
}

static void log_in_only(uid_t uid)
{
	if (set_login_uid(uid))
		_exit(1);
}

/* Each step, as root, as the user, and as another sees it. */
TEST_F(session_watch, announced_step_by_step)
{
	struct peer watchers[] = { login_start(ALICE), login_start(BOB) };
	struct peer login = peer_start(log_in_only, ALICE);
	int pre_login = do_pre_login(self->port);
	struct session_event event;
	int watch[2], i;
	__u64 cookie;
	__u32 id;

	for (i = 0; i < 2; i++) {
		watch[i] = peer_watch_sessions(&watchers[i]);
		ASSERT_LE(0, watch[i]);
		ASSERT_TRUE(skip_present(watch[i]));
	}
	ASSERT_TRUE(skip_present(self->watch));
	ASSERT_EQ(0, peer_begin(&login));
	id = session_of(&login);

	ASSERT_EQ(0, do_announce(self->port, BOOTSTRAP_ANNOUNCE_PRE_LOGIN, id,
				 pre_login, 0));
	EXPECT_EVENT(STARTED, self->watch, &event);
	EXPECT_EQ(65534, event.session.uid);
	cookie = event.session.cookie;
	EXPECT_SILENCE(watch[0]);

	ASSERT_EQ(0, do_announce(self->port, BOOTSTRAP_ANNOUNCE_USER, id, -1,
				 ALICE));
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(ALICE, event.session.uid);
	EXPECT_EQ(cookie, event.session.cookie);
	/* For its user it begins here. */
	EXPECT_ABOUT(STARTED, watch[0], cookie);

	ASSERT_EQ(0, do_announce(self->port, BOOTSTRAP_ANNOUNCE_COMPLETE, id,
				 -1, 0));
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(BOOTSTRAP_SESSION_TYPE_GUI, event.session.type);
	EXPECT_ABOUT(CHANGED, watch[0], cookie);

	peer_stop(&login);
	EXPECT_ABOUT(ENDED, self->watch, cookie);
	EXPECT_ABOUT(ENDED, watch[0], cookie);
	EXPECT_EQ(0, events_of(watch[0]));
	EXPECT_EQ(0, events_of(self->watch));
	/* Of all that, nothing is for another. */
	EXPECT_EQ(0, events_of(watch[1]));
	for (i = 0; i < 2; i++) {
		close(watch[i]);
		peer_stop(&watchers[i]);
	}
	close(pre_login);
}

TEST_F(session_watch, attributes)
{
	struct peer logins[] = { login_start(ALICE), login_start(BOB) };
	__u32 ids[] = { session_of(&logins[0]), session_of(&logins[1]) };
	struct session_event event;

	ASSERT_TRUE(skip_present(self->watch));
	ASSERT_EQ(0, do_attributes_of(self->port, ids[0], 0, GRAPHIC | CONSOLE,
				      0));
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(GRAPHIC | CONSOLE, event.session.attributes);
	/* What is so already is no change. */
	ASSERT_EQ(0, do_attributes_of(self->port, ids[0], 0, CONSOLE, 0));
	ASSERT_EQ(0, do_attributes_of(self->port, ids[0], 0, 0, AUTHENTICATED));
	EXPECT_SILENCE(self->watch);
	/* The console is left, then taken. */
	ASSERT_EQ(0, do_attributes_of(self->port, ids[1], 0, CONSOLE, 0));
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(ids[0], event.session.session);
	EXPECT_EQ(GRAPHIC, event.session.attributes);
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(ids[1], event.session.session);
	EXPECT_EQ(CONSOLE, event.session.attributes);
	EXPECT_SILENCE(self->watch);
	peer_stop(&logins[0]);
	peer_stop(&logins[1]);
}

/* As a reader who comes late sees it. */
TEST_F(session_watch, changes_of_what_is_yet_to_come)
{
	struct peer first = login_start(ALICE), second = login_start(ALICE);
	struct session_event event;
	struct peer third;
	int watch = do_watch_sessions(self->port);
	__u32 id = session_of(&second);

	ASSERT_EQ(PRESENT, next_session_event(watch, &event));
	EXPECT_EQ(session_of(&first), event.session.session);
	/* What is told is as it is then; what is told already has changed. */
	ASSERT_EQ(0, do_attributes_of(self->port, id, 0, GRAPHIC, 0));
	ASSERT_EQ(0, do_attributes_of(self->port, session_of(&first), 0,
				      GRAPHIC, 0));
	third = login_start(BOB);
	EXPECT_EVENT(PRESENT, watch, &event);
	EXPECT_EQ(id, event.session.session);
	EXPECT_EQ(GRAPHIC, event.session.attributes);
	ASSERT_TRUE(login_stop(self->port, &second));
	EXPECT_EVENT(PRESENT, watch, &event);
	EXPECT_EQ(session_of(&third), event.session.session);
	EXPECT_EVENT(COMPLETE, watch, &event);
	EXPECT_EVENT(CHANGED, watch, &event);
	EXPECT_EQ(session_of(&first), event.session.session);
	EXPECT_EVENT(ENDED, watch, &event);
	EXPECT_EQ(id, event.session.session);
	EXPECT_SILENCE(watch);
	close(watch);
	peer_stop(&first);
	peer_stop(&third);
}

TEST_F(session_watch, too_many_changes)
{
	struct peer logins[] = { login_start(ALICE), login_start(BOB) };
	__u32 id = session_of(&logins[0]);
	struct session_event event;
	__u64 number;
	int i;

	ASSERT_TRUE(skip_present(self->watch));
	EXPECT_EQ(-EAGAIN, next_session_event(self->watch, &event));
	for (i = 0; i < TOO_MANY; i++)
		ASSERT_EQ(0, do_attributes_of(self->port, id, 0,
					      i % 2 ? 0 : GRAPHIC,
					      i % 2 ? GRAPHIC : 0));
	EXPECT_EVENT(OVERFLOW, self->watch, &event);
	number = event.number;
	EXPECT_EVENT(PRESENT, self->watch, &event);
	EXPECT_EQ(id, event.session.session);
	EXPECT_EQ(number + 1, event.number);
	EXPECT_EVENT(PRESENT, self->watch, &event);
	EXPECT_EVENT(COMPLETE, self->watch, &event);
	/* From there on nothing is lost. */
	ASSERT_EQ(0, do_attributes_of(self->port, id, 0, CONSOLE, 0));
	EXPECT_EVENT(CHANGED, self->watch, &event);
	EXPECT_EQ(number + 4, event.number);
	peer_stop(&logins[0]);
	peer_stop(&logins[1]);
}

/* A watch that nobody reads keeps nothing but memory of its own. */
TEST_F(session_watch, is_closed_unread)
{
	struct peer login = login_start(ALICE);
	int deferral = peer_defer(&login, "unread");
	int logout = do_logout(self->port, session_of(&login), 0, 0);

	ASSERT_LE(0, deferral);
	ASSERT_LE(0, logout);
	close(logout);
	close(deferral);
	ASSERT_TRUE(login_stop(self->port, &login));
	close(self->watch);
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
	self->watch = do_watch_sessions(self->port);
}

TEST_F(session_watch, lost_to_a_fault)
{
	struct peer login = login_start(ALICE);
	struct session_event event;
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);

	ASSERT_TRUE(skip_present(self->watch));
	ASSERT_EQ(0, do_attributes_of(self->port, session_of(&login), 0,
				      GRAPHIC, 0));
	ASSERT_EQ(-1, read(self->watch, nowhere, 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EVENT(OVERFLOW, self->watch, &event);
	EXPECT_EVENT(PRESENT, self->watch, &event);
	EXPECT_EQ(GRAPHIC, event.session.attributes);
	munmap(nowhere, 4096);
	peer_stop(&login);
}

TEST_F(session_watch, many_at_once)
{
	struct peer logins[30];
	struct session_event event;
	__u32 last = 0;
	int watch, i;

	for (i = 0; i < 30; i++)
		logins[i] = login_start(i % 3 ? ALICE : BOB);
	watch = do_watch_sessions(self->port);
	for (i = 0; i < 30; i++) {
		EXPECT_EVENT(PRESENT, watch, &event);
		EXPECT_LT(last, event.session.session);
		last = event.session.session;
	}
	EXPECT_EVENT(COMPLETE, watch, &event);
	for (i = 0; i < 30; i++)
		shutdown(logins[i].socket, SHUT_RDWR);
	for (i = 0; i < 30; i++)
		EXPECT_EVENT(ENDED, watch, &event);
	EXPECT_SILENCE(watch);
	for (i = 0; i < 30; i++)
		peer_stop(&logins[i]);
	close(watch);
}

TEST_F(session_watch, arguments)
{
	struct bootstrap_watch args = {
		.size = sizeof(args), .flags = BOOTSTRAP_WATCH_SESSIONS,
	};
	int handle = do_open(self->port, BOOTSTRAP_SCOPE_DEFAULT, 0);
	struct bootstrap_usage usage;
	int watch;

	args.scope = BOOTSTRAP_SCOPE_ROOT;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_WATCH, &args));
	args.scope = 0;
	args.session = 1;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_WATCH, &args));
	args.session = 0;
	args.cookie = 1;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_WATCH, &args));
	/* It is not about a namespace, through which port is the same. */
	usage = usage_of(self->port, 0);
	watch = do_watch_sessions(handle);
	ASSERT_LE(0, watch);
	EXPECT_EQ(usage.watches + 1, usage_of(self->port, 0).watches);
	close(watch);
	close(handle);
}

TEST_HARNESS_MAIN
