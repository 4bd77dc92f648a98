// SPDX-License-Identifier: GPL-2.0
/* What /proc/PID/fdinfo tells of each kind of descriptor. */
#include "harness.h"
#include "login.h"

#define MINUTE	60000000000ULL

FIXTURE(fdinfo) {
	int port;
};

FIXTURE_SETUP(fdinfo)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(no_logins(self->port)));
}

FIXTURE_TEARDOWN(fdinfo)
{
	close(self->port);
}

/* The value of a key, until the next call; NULL if it is not told. */
static const char *told(int fd, const char *key)
{
	static char text[4096];
	char path[64], *line, *rest;
	ssize_t got = -1;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info >= 0) {
		got = read(info, text, sizeof(text) - 1);
		close(info);
	}
	if (got < 0)
		return NULL;
	text[got] = '\0';
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		size_t len = strlen(key);

		if (!strncmp(line, key, len) && !strncmp(line + len, ":\t", 2))
			return line + len + 2;
	}
	return NULL;
}

static bool tells(int fd, const char *key, const char *value)
{
	const char *is = told(fd, key);

	if (is && value && !strcmp(is, value))
		return true;
	if (!is && !value)
		return true;
	printf("# %s: '%s', not '%s'\n", key, is ?: "none", value ?: "none");
	return false;
}

static bool tells_number(int fd, const char *key, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", value);
	return tells(fd, key, text);
}

#define EXPECT_TOLD(_fd, _key, _value)					\
	EXPECT_TRUE(tells(_fd, _key, _value))
#define EXPECT_TOLD_NUMBER(_fd, _key, _value)				\
	EXPECT_TRUE(tells_number(_fd, _key, _value))

TEST_F(fdinfo, device)
{
	EXPECT_TOLD(self->port, "bootstrap", "device");
	EXPECT_TOLD(self->port, "processes", "0");
	EXPECT_TOLD(self->port, "registered", "0");
	ASSERT_EQ(0, put(self->port, "a", 1));
	ASSERT_EQ(0, put(self->port, "b", 2));
	EXPECT_TOLD(self->port, "processes", "1");
	EXPECT_TOLD(self->port, "registered", "2");
	ASSERT_EQ(0, do_unregister(self->port, "a"));
	ASSERT_EQ(0, do_unregister(self->port, "b"));
	EXPECT_TOLD(self->port, "processes", "0");
	EXPECT_TOLD(self->port, "registered", "0");
}

TEST_F(fdinfo, namespace_handle)
{
	int subset = do_subset(self->port), blind;

	ASSERT_LE(0, subset);
	EXPECT_TOLD(subset, "bootstrap", "namespace");
	EXPECT_TOLD_NUMBER(subset, "namespace", id_of(subset));
	EXPECT_TOLD_NUMBER(subset, "type", BOOTSTRAP_NAMESPACE_SUBSET);
	EXPECT_TOLD(subset, "rights", "0x3f");
	EXPECT_TOLD(subset, "state", "alive");
	ASSERT_EQ(0, put(subset, "a", 1));
	EXPECT_TOLD(subset, "names", "1");
	EXPECT_TOLD(subset, "registered", "1");
	/* How many names there are is for those who may list them. */
	blind = do_derive(subset, LOOK_UP);
	ASSERT_LE(0, blind);
	EXPECT_TOLD(blind, "rights", "0x1");
	EXPECT_TOLD(blind, "names", NULL);
	EXPECT_TOLD(blind, "registered", "0");
	close(blind);
	close(subset);
}

TEST_F(fdinfo, dead_namespace)
{
	pid_t idler = start_idler();
	int pidfd = pidfd_open(idler), subset;

	subset = do_subset_as(self->port, 0, pidfd, 0);
	ASSERT_LE(0, subset);
	EXPECT_TOLD(subset, "state", "alive");
	stop_idler(idler);
	EXPECT_TRUE(eventually(hung_up(subset)));
	EXPECT_TOLD(subset, "state", "dead");
	close(subset);
	close(pidfd);
}

TEST_F(fdinfo, check_in_handle)
{
	int handle = do_declare(self->port, "a service"), client, right;
	struct bootstrap_info info;

	ASSERT_LE(0, handle);
	EXPECT_TOLD(handle, "bootstrap", "check-in");
	EXPECT_TOLD(handle, "name", "a service");
	EXPECT_TOLD_NUMBER(handle, "type", SOCK_STREAM);
	EXPECT_TOLD(handle, "backlog", "128");
	EXPECT_TOLD(handle, "state", "idle");
	EXPECT_TOLD(handle, "needs", "0");
	client = do_look_up_info(self->port, "a service", &info);
	ASSERT_LE(0, client);
	EXPECT_TOLD_NUMBER(handle, "generation", info.generation);
	EXPECT_TOLD(handle, "state", "needed");
	EXPECT_TOLD(handle, "needs", "1");
	right = handle_check_in(handle);
	ASSERT_LE(0, right);
	EXPECT_TOLD(handle, "state", "served");
	EXPECT_TOLD(handle, "needs", "0");
	ASSERT_EQ(0, do_unregister(self->port, "a service"));
	EXPECT_TOLD(handle, "state", "ended");
	EXPECT_TOLD(handle, "name", NULL);
	close(client);
	close(right);
	close(handle);
}

TEST_F(fdinfo, watch_of_names)
{
	struct bootstrap_watch args = { .size = sizeof(args) };
	int watch = call(self->port, BOOTSTRAP_IOC_WATCH, &args);
	char room[BOOTSTRAP_RECORD_MAX];

	ASSERT_LE(0, watch);
	EXPECT_TOLD(watch, "bootstrap", "watch");
	EXPECT_TOLD(watch, "of", "names");
	EXPECT_TOLD_NUMBER(watch, "namespace", args.namespace_id);
	EXPECT_TOLD(watch, "state", "present");
	fcntl(watch, F_SETFL, O_NONBLOCK);
	while (read(watch, room, sizeof(room)) > 0)
		;
	EXPECT_TOLD(watch, "state", "changes");
	EXPECT_TOLD(watch, "pending", "0");
	ASSERT_EQ(0, put(self->port, "a", 1));
	EXPECT_TOLD(watch, "pending", "1");
	ASSERT_EQ(0, do_unregister(self->port, "a"));
	EXPECT_TOLD(watch, "pending", "2");
	close(watch);
}

TEST_F(fdinfo, watch_that_overflows)
{
	struct bootstrap_watch args = { .size = sizeof(args) };
	int watch = call(self->port, BOOTSTRAP_IOC_WATCH, &args), i;
	char room[BOOTSTRAP_RECORD_MAX];

	ASSERT_LE(0, watch);
	fcntl(watch, F_SETFL, O_NONBLOCK);
	while (read(watch, room, sizeof(room)) > 0)
		;
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, put(self->port, "a", 1));
		ASSERT_EQ(0, do_unregister(self->port, "a"));
	}
	EXPECT_TOLD(watch, "state", "overflow");
	EXPECT_TOLD(watch, "pending", "0");
	close(watch);
}

TEST_F(fdinfo, watch_of_sessions)
{
	int watch = do_watch_sessions(self->port);

	ASSERT_LE(0, watch);
	EXPECT_TOLD(watch, "bootstrap", "watch");
	EXPECT_TOLD(watch, "of", "sessions");
	EXPECT_TOLD(watch, "namespace", NULL);
	EXPECT_TOLD(watch, "state", "present");
	EXPECT_TRUE(skip_present(watch));
	EXPECT_TOLD(watch, "state", "changes");
	close(watch);
}

TEST_F(fdinfo, logout_and_deferral)
{
	struct peer login = login_start(ALICE);
	__u32 id = session_of(&login);
	int deferral = peer_defer(&login, "unsaved text"), logout;
	struct bootstrap_session session;

	ASSERT_LE(0, deferral);
	ASSERT_EQ(0, do_session_by_id(self->port, id, 0, &session));
	EXPECT_TOLD(deferral, "bootstrap", "deferral");
	EXPECT_TOLD_NUMBER(deferral, "session", id);
	EXPECT_TOLD_NUMBER(deferral, "cookie", session.cookie);
	EXPECT_TOLD(deferral, "reason", "unsaved text");
	EXPECT_TOLD(deferral, "state", "waiting");
	logout = do_logout(self->port, id, 0, now_ns() + MINUTE);
	ASSERT_LE(0, logout);
	ASSERT_EQ(0, do_session_by_id(self->port, id, 0, &session));
	EXPECT_TOLD(deferral, "state", "asked");
	EXPECT_TOLD(logout, "bootstrap", "logout");
	EXPECT_TOLD_NUMBER(logout, "session", id);
	EXPECT_TOLD_NUMBER(logout, "cookie", session.cookie);
	EXPECT_TOLD(logout, "deferrals", "1");
	EXPECT_TOLD_NUMBER(logout, "deadline", session.deadline);
	EXPECT_TOLD(logout, "state", "deferred");
	ASSERT_EQ(0, do_cancel(deferral));
	EXPECT_TOLD(logout, "state", "cancelled");
	EXPECT_TOLD(logout, "session", NULL);
	EXPECT_TOLD(deferral, "state", "waiting");
	close(logout);

	logout = do_logout(self->port, id, 0, 1);
	ASSERT_LE(0, logout);
	EXPECT_TOLD(logout, "state", "overdue");
	close(logout);
	close(deferral);
	logout = do_logout(self->port, id, 0, 0);
	ASSERT_LE(0, logout);
	EXPECT_TOLD(logout, "state", "ready");
	deferral = peer_defer(&login, "too late");
	EXPECT_EQ(-EBUSY, deferral);
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_TOLD(logout, "state", "over");
	EXPECT_TOLD(logout, "session", NULL);
	close(logout);
}

TEST_F(fdinfo, deferral_that_is_over)
{
	struct peer login = login_start(ALICE);
	int deferral = peer_defer(&login, "unsaved text");

	ASSERT_LE(0, deferral);
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_TOLD(deferral, "state", "over");
	EXPECT_TOLD(deferral, "session", NULL);
	EXPECT_TOLD(deferral, "reason", "unsaved text");
	close(deferral);
}

TEST_HARNESS_MAIN
