// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints: what ftrace prints of them. The text is what perf and bpftrace
 * make of the same fields.
 */
#include <sys/mount.h>

#include "caller.h"
#include "harness.h"
#include "login.h"

#define TRACING	"/sys/kernel/tracing/"
#define EVENTS	TRACING "events/bootstrap/"

/* It is emptied by being opened so. */
static bool empty(void)
{
	int fd = open(TRACING "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd >= 0 && !close(fd);
}

FIXTURE(trace) {
	int port;
};

FIXTURE_SETUP(trace)
{
	if (access(TRACING "trace", F_OK) &&
	    mount("tracefs", TRACING, "tracefs", 0, NULL) && errno == ENODEV)
		SKIP(return, "no tracing on this kernel");
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(no_logins(self->port)));
	ASSERT_TRUE(empty());
	ASSERT_EQ(0, write_file(TRACING "tracing_on", "1"));
	ASSERT_EQ(0, write_file(EVENTS "enable", "1"));
}

FIXTURE_TEARDOWN(trace)
{
	write_file(EVENTS "enable", "0");
	empty();
	close(self->port);
}

/*
 * How many events of this name have both texts; what is printed is a line for
 * each, "COMM-PID ... TIME: EVENT: KEY=VALUE ...".
 */
static int traced(const char *event, const char *text, const char *other)
{
	static char line[1024];
	FILE *trace = fopen(TRACING "trace", "re");
	char head[64];
	int count = 0;

	if (!trace)
		return -1;
	snprintf(head, sizeof(head), ": bootstrap_%s: ", event);
	while (fgets(line, sizeof(line), trace)) {
		const char *at = strstr(line, head);

		line[strcspn(line, "\n")] = ' ';
		if (at && strstr(at, text) && strstr(at, other))
			count++;
	}
	fclose(trace);
	return count;
}

static int traced_of(const char *event, const char *key,
		     unsigned long long value, const char *other)
{
	char text[64];

	snprintf(text, sizeof(text), " %s=%llu ", key, value);
	return traced(event, text, other);
}

TEST_F(trace, names)
{
	struct bootstrap_info info;
	char result[32];
	int fd;

	ASSERT_EQ(0, put(self->port, "org.example.a b", 1));
	fd = do_look_up_info(self->port, "org.example.a b", &info);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, traced_of("register", "namespace", info.namespace_id,
			       " type=root result=0 name=org.example.a b "));
	snprintf(result, sizeof(result), " result=%d ", fd);
	EXPECT_EQ(1, traced("look_up", result, " name=org.example.a b "));
	close(fd);
	/* As most look-ups are, which goes another way through the module. */
	close(do_look_up_flags(self->port, "org.example.a b", 0));
	EXPECT_EQ(2, traced_of("look_up", "namespace", info.namespace_id,
			       " type=root "));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "org.example.none"));
	EXPECT_EQ(1, traced("look_up", " namespace=0 type=none result=-2 ",
			    " name=org.example.none "));
	EXPECT_EQ(0, traced("unregister", "", ""));
	ASSERT_EQ(0, do_unregister(self->port, "org.example.a b"));
	EXPECT_EQ(1, traced_of("unregister", "generation", info.generation,
			       " name=org.example.a b "));
	EXPECT_EQ(1, traced_of("unregister", "owner", getpid(),
			       " name=org.example.a b "));
	EXPECT_EQ(0, traced("denied", "", ""));
}

TEST_F(trace, plain_look_up)
{
	struct bootstrap_look_up args = args_look_up("plain");
	int fd;

	args.size = BOOTSTRAP_LOOK_UP_SIZE_MIN;
	ASSERT_EQ(0, put(self->port, "plain", 1));
	fd = call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args);
	ASSERT_LE(0, fd);
	close(fd);
	EXPECT_EQ(1, traced("look_up", " type=root ", " name=plain "));
	args = args_look_up("none");
	args.size = BOOTSTRAP_LOOK_UP_SIZE_MIN;
	EXPECT_EQ(-ENOENT, call(self->port, BOOTSTRAP_IOC_LOOK_UP, &args));
	EXPECT_EQ(1, traced("look_up", " result=-2 ", " name=none "));
}

/* The longest, of characters that are several bytes each. */
TEST_F(trace, long_name)
{
	char name[BOOTSTRAP_NAME_MAX + 1], text[160];
	int i;

	for (i = 0; i < BOOTSTRAP_NAME_MAX - 1; i += 2)
		memcpy(name + i, "\303\244", 2);
	strcpy(name + i, "z");
	ASSERT_EQ(BOOTSTRAP_NAME_MAX, strlen(name));
	ASSERT_EQ(0, put(self->port, name, 1));
	snprintf(text, sizeof(text), " name=%s ", name);
	EXPECT_EQ(1, traced("register", text, ""));
}

TEST_F(trace, names_that_end_with_their_process)
{
	pid_t child = fork();

	if (!child)
		_exit(put(port_open(), "org.example.gone", 1) != 0);
	EXPECT_EQ(0, child_result(child));
	EXPECT_TRUE(eventually(traced_of("unregister", "owner", child,
					 " name=org.example.gone ") == 1));
}

TEST_F(trace, services)
{
	int right = do_check_in(self->port, "served"), client;
	int handle = do_declare(self->port, "declared");

	ASSERT_LE(0, right);
	ASSERT_LE(0, handle);
	EXPECT_EQ(1, traced("check_in", " type=root ", " name=served "));
	EXPECT_EQ(1, traced("declare", " type=root ", " name=declared "));
	EXPECT_EQ(0, traced("connect", "", ""));
	client = do_look_up(self->port, "served");
	ASSERT_LE(0, client);
	EXPECT_EQ(1, traced_of("connect", "owner", getpid(), " name=served "));
	close(client);
	client = handle_check_in(handle);
	ASSERT_LE(0, client);
	EXPECT_EQ(1, traced("check_in", " type=root ", " name=declared "));
	EXPECT_EQ(-EBUSY, handle_check_in(handle));
	EXPECT_EQ(1, traced("check_in", " result=-16 ", " name=declared "));
	ASSERT_EQ(0, do_unregister(self->port, "declared"));
	EXPECT_EQ(-ENOENT, handle_check_in(handle));
	EXPECT_EQ(1, traced("check_in", " namespace=0 type=none result=-2 ",
			    ""));
	close(client);
	close(right);
	close(handle);
}

TEST_F(trace, sessions)
{
	struct peer login = login_start(ALICE);
	__u32 id = session_of(&login);
	int logout;

	EXPECT_EQ(1, traced_of("session", "session", id,
			       " change=made uid=1000 "));
	ASSERT_EQ(0, announce_as(self->port, id, ALICE,
				 BOOTSTRAP_SESSION_TYPE_GUI, 0));
	EXPECT_EQ(1, traced_of("session", "session", id,
			       " change=announced uid=1000 "));
	EXPECT_EQ(1, traced_of("session", "session", id, " change=ended "));
	EXPECT_EQ(1, traced_of("session", "session", id, " type=gui state=open "));
	logout = do_logout(self->port, id, 0, 0);
	ASSERT_LE(0, logout);
	EXPECT_EQ(1, traced_of("session", "session", id, " change=logout "));
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_EQ(2, traced_of("session", "session", id, " change=ended "));
	close(logout);
}

/* Who may not is told an error; who looks after the system is told why. */
TEST_F(trace, denials)
{
	struct bootstrap_register args;
	int tag = tag_new(1), other = port_open(), handle, blind;

	args = args_register("hers", tag);
	args.flags = BOOTSTRAP_REGISTER_GROUP;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(0, AS(ALICE, ({
		CHECK(do_register_in(port_open(), "a", 1, BOOTSTRAP_SCOPE_ROOT,
				     0) == -EPERM);
		CHECK(do_look_up(port_open(), "hers") == -ENOENT);
	})));
	EXPECT_EQ(1, traced("denied",
			    "command=REGISTER error=-1 reason=privilege ",
			    " uid=1000 "));
	EXPECT_EQ(1, traced("denied", "command=LOOK_UP error=-2 reason=hidden ",
			    " uid=1000 "));
	EXPECT_EQ(-EPERM, do_unregister(other, "hers"));
	EXPECT_EQ(1, traced("denied", "command=UNREGISTER error=-1 reason=owner ",
			    " uid=0 session=-1 "));
	handle = do_subset(self->port);
	ASSERT_LE(0, handle);
	blind = do_derive(handle, LOOK_UP);
	ASSERT_LE(0, blind);
	EXPECT_EQ(-EACCES, do_check_in(blind, "a"));
	EXPECT_EQ(1, traced("denied", "command=CHECK_IN error=-13 reason=right ",
			    ""));
	EXPECT_EQ(4, traced("denied", "", ""));
	close(blind);
	close(handle);
	close(other);
	close(tag);
}

TEST_F(trace, denial_inside_a_session)
{
	struct peer login = login_start(ALICE), bobs = login_start(BOB);
	struct bootstrap_session session;

	EXPECT_EQ(-ESRCH, peer_session(&login, BOOTSTRAP_SESSION_BY_ID,
				       session_of(&bobs), &session));
	EXPECT_EQ(1, traced("denied", "command=SESSION error=-3 reason=session ",
			    " uid=1000 "));
	EXPECT_EQ(1, traced_of("denied", "session", session_of(&login), ""));
	EXPECT_TRUE(login_stop(self->port, &login));
	EXPECT_TRUE(login_stop(self->port, &bobs));
}

/* A filter is by fields, as for any event. */
TEST_F(trace, filter)
{
	ASSERT_EQ(0, write_file(EVENTS "bootstrap_register/filter",
				"name == \"wanted\""));
	ASSERT_EQ(0, put(self->port, "wanted", 1));
	ASSERT_EQ(0, put(self->port, "other", 2));
	EXPECT_EQ(1, traced("register", "", ""));
	EXPECT_EQ(1, traced("register", " name=wanted ", ""));
	EXPECT_EQ(0, write_file(EVENTS "bootstrap_register/filter", "0"));
}

TEST_F(trace, what_the_kernel_calls)
{
	int caller = -1, client;

	ASSERT_EQ(0, module_load("/bootstrap_caller.ko"));
	ASSERT_TRUE(eventually((caller = caller_open()) >= 0));
	EXPECT_EQ(0, name_file(caller, "kernel.file", 0));
	EXPECT_EQ(1, traced("register", " type=root result=0 ",
			    " name=kernel.file "));
	EXPECT_EQ(-EBUSY, do_register(self->port, "kernel.file", 0));
	EXPECT_EQ(0, unname(caller));
	EXPECT_EQ(1, traced("unregister", " owner=0 ", " name=kernel.file "));
	ASSERT_EQ(0, name_service(caller, "kernel.service", 0, 0));
	EXPECT_EQ(1, traced("check_in", " type=root result=0 ",
			    " name=kernel.service "));
	client = find_session(caller, ROOT_ID, 0, "kernel.service", 0);
	EXPECT_LE(0, client);
	close(client);
	EXPECT_EQ(1, traced("connect", " owner=0 ", " name=kernel.service "));
	EXPECT_EQ(1, traced("look_up", " type=root result=0 ",
			    " name=kernel.service "));
	EXPECT_EQ(-ENOENT, find_user(caller, ALICE, "kernel.none", 0));
	EXPECT_EQ(1, traced("look_up", " type=none result=-2 ",
			    " name=kernel.none "));
	close(caller);
	EXPECT_EQ(1, traced("unregister", "", " name=kernel.service "));
	EXPECT_TRUE(unloaded("bootstrap_caller"));
}

TEST_F(trace, off)
{
	ASSERT_EQ(0, write_file(EVENTS "enable", "0"));
	ASSERT_EQ(0, put(self->port, "a", 1));
	EXPECT_EQ(-EPERM, do_unregister(port_open(), "a"));
	EXPECT_EQ(0, traced("register", "", ""));
	EXPECT_EQ(0, traced("denied", "", ""));
}

TEST_HARNESS_MAIN
