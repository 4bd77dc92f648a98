// SPDX-License-Identifier: GPL-2.0
/*
 * bootstrap_create_server(): programs that are started when they are needed. The
 * program is this one, see serve().
 */
#include <bootstrap/bootstrap.h>
#include <mach/mach.h>
#include <servers/bootstrap.h>

#include <sys/sysmacros.h>

#include "space.h"
#include "harness.h"

/* As the library is built to look for it. */
#define LAUNCHER "/usr/local/bin/bootstrapctl"

/* A user that no file knows. */
#define NOBODYS	4242

/* What a server says of itself to each client. */
struct answer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	int groups;
	uint64_t namespace_id;
	kern_return_t registers;	/* a name there */
	bool silent;			/* it has no input and no output */
	char words[256];		/* its arguments, each with a '|' */
};

static bool is_null(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_rdev == makedev(1, 3);
}

static uint64_t namespace_of(mach_port_t port)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };

	return bns_namespace(port, NULL, &ns) ? 0 : ns.namespace_id;
}

static struct answer answer_new(char **words)
{
	struct answer answer = {
		.pid = getpid(), .uid = getuid(), .gid = getgid(),
		.groups = getgroups(0, NULL),
		.namespace_id = namespace_of(bootstrap_port),
		.registers = bootstrap_register(bootstrap_port,
						(char *)"test.own", tag_new(1)),
		.silent = is_null(STDIN_FILENO) && is_null(STDOUT_FILENO),
	};

	for (; *words; words++) {
		strcat(answer.words, *words);
		strcat(answer.words, "|");
	}
	return answer;
}

static void serve_client(int right, char **words)
{
	struct answer answer = answer_new(words);
	int client = accept4(right, NULL, NULL, SOCK_CLOEXEC);

	/* Who has gone meanwhile is no reason to end. */
	send(client, &answer, sizeof(answer), MSG_NOSIGNAL);
	close(client);
}

/* Until the namespace ends, or one was served. */
static int serve_clients(int right, bool once, char **words)
{
	struct pollfd polled[] = {
		{ .fd = right, .events = POLLIN }, { .fd = bootstrap_port },
	};

	while (poll(polled, 2, -1) > 0 && !polled[1].revents) {
		serve_client(right, words);
		if (once)
			break;
	}
	return 0;
}

/* "mark PATH"; or "once" or "stay", the names to check in, "-", and the rest. */
static int serve(char **words)
{
	const char *how = *words++;
	mach_port_t right = MACH_PORT_NULL;
	int fd;

	if (!strcmp(how, "mark")) {
		fd = open(*words, O_WRONLY | O_CREAT | O_APPEND, 0644);
		return write(fd, "x", 1) != 1;
	}
	for (; strcmp(*words, "-"); words++)
		if (bootstrap_check_in(bootstrap_port, *words, &right))
			return 99;
	return serve_clients(right, !strcmp(how, "once"), words + 1);
}

static kern_return_t create_in(mach_port_t bp, const char *words, uid_t uid,
			       bool on_demand, mach_port_t *server)
{
	char cmd[BOOTSTRAP_MAX_CMD_LEN], program[128];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len < 0)
		abort();
	program[len] = '\0';
	snprintf(cmd, sizeof(cmd), "%s serve %s", program, words);
	return bootstrap_create_server(bp, cmd, uid, on_demand, server);
}

static void release(mach_port_t port)
{
	if (mach_port_deallocate(mach_task_self(), port))
		abort();
}

static void release_right(mach_port_t right)
{
	if (mach_port_mod_refs(mach_task_self(), right,
			       MACH_PORT_RIGHT_RECEIVE, -1))
		abort();
}

/* Declares a service without a client: its need is yet to come. */
static kern_return_t declare(mach_port_t server, const char *name)
{
	mach_port_t right;
	kern_return_t code = bootstrap_check_in(server, name, &right);

	if (!code)
		release_right(right);
	return code;
}

static kern_return_t status_of(mach_port_t bp, const char *name)
{
	bootstrap_status_t status;
	kern_return_t code = bootstrap_status(bp, (char *)name, &status);

	return code ?: status;
}

/* Is there nobody but a launcher, and does it stay so for a while? */
static bool stays_on_demand(mach_port_t bp, const char *name)
{
	usleep(300000);
	return status_of(bp, name) == BOOTSTRAP_STATUS_ON_DEMAND;
}

/* Nobody answers: a process id that nobody has. */
static struct answer answer_of(mach_port_t connection)
{
	struct answer answer = { 0 };

	if (recv(connection, &answer, sizeof(answer), MSG_WAITALL) !=
	    sizeof(answer))
		answer.pid = 0;
	release(connection);
	return answer;
}

static struct answer ask(mach_port_t bp, const char *name)
{
	mach_port_t connection;

	if (bootstrap_look_up(bp, name, &connection))
		return (struct answer){ 0 };
	return answer_of(connection);
}

/* The process that declared a name. */
static pid_t launcher_of(mach_port_t bp, const char *name)
{
	struct bootstrap_info info = { .size = sizeof(info) };

	return bns_info(bp, name, NULL, &info) ? 0 : info.pid;
}

/* A subset that is about to die, with all servers that there are in it. */
FIXTURE(server)
{
	pid_t requestor;
	mach_port_t bp;
	mach_port_t port;
};

FIXTURE_SETUP(server)
{
	mach_port_t task;

	/* Launchers become children of the test's when they are on their own. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->requestor = start_idler();
	ASSERT_EQ(KERN_SUCCESS, task_for_pid(mach_task_self(), self->requestor,
					     &task));
	ASSERT_EQ(BOOTSTRAP_SUCCESS, bootstrap_subset(bootstrap_port, task,
						      &self->bp));
	release(task);
}

/* Nothing is left running. */
FIXTURE_TEARDOWN(server)
{
	mach_port_destroy(mach_task_self(), self->port);
	if (self->requestor)
		stop_idler(self->requestor);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

#define create(_words, _on_demand) \
	ASSERT_EQ(BOOTSTRAP_SUCCESS, create_in(self->bp, _words, geteuid(), \
					       _on_demand, &self->port))

TEST_F(server, starts_when_it_is_needed)
{
	struct answer first, second;
	mach_port_t connection;

	create("once test.demand -", TRUE);
	ASSERT_EQ(0, bootstrap_create_service(self->port, "test.demand",
					      &connection));
	/* There is a client, but the caller is the server. */
	EXPECT_TRUE(stays_on_demand(self->bp, "test.demand"));
	release(self->port);
	first = answer_of(connection);
	EXPECT_NE(0, first.pid);
	EXPECT_EQ(0, first.uid);
	EXPECT_EQ(namespace_of(self->bp), first.namespace_id);
	EXPECT_EQ(BOOTSTRAP_SUCCESS, first.registers);
	EXPECT_TRUE(first.silent);

	EXPECT_TRUE(eventually(status_of(self->bp, "test.demand") ==
			       BOOTSTRAP_STATUS_ON_DEMAND));
	EXPECT_TRUE(stays_on_demand(self->bp, "test.demand"));
	second = ask(self->bp, "test.demand");
	EXPECT_NE(0, second.pid);
	EXPECT_NE(first.pid, second.pid);
}

TEST_F(server, the_caller_is_the_first)
{
	mach_port_t right, connection;
	int client;

	create("once test.first -", TRUE);
	ASSERT_EQ(0, bootstrap_check_in(self->port, "test.first", &right));
	EXPECT_EQ(BOOTSTRAP_SERVICE_ACTIVE,
		  bootstrap_check_in(self->port, "test.first", &connection));
	ASSERT_EQ(0, bootstrap_look_up(self->bp, "test.first", &connection));
	client = accept(right, NULL, NULL);
	ASSERT_LE(0, client);
	EXPECT_EQ(1, write(client, "x", 1));
	EXPECT_EQ(1, read(connection, &(char){ 0 }, 1));
	close(client);
	release(connection);
	release_right(right);

	/* He may be it again. */
	ASSERT_EQ(0, bootstrap_check_in(self->port, "test.first", &right));
	release_right(right);
	release(self->port);
	EXPECT_TRUE(stays_on_demand(self->bp, "test.first"));
	EXPECT_NE(0, ask(self->bp, "test.first").pid);
}

TEST_F(server, has_all_its_services)
{
	struct answer answer;

	create("stay test.a:1 test.a_1 test.b -", TRUE);
	ASSERT_EQ(0, declare(self->port, "test.a:1"));
	ASSERT_EQ(0, declare(self->port, "test.a_1"));
	ASSERT_EQ(0, declare(self->port, "test.b"));
	release(self->port);
	answer = ask(self->bp, "test.b");
	EXPECT_NE(0, answer.pid);
	EXPECT_EQ(BOOTSTRAP_STATUS_ACTIVE, status_of(self->bp, "test.a:1"));
	EXPECT_EQ(BOOTSTRAP_STATUS_ACTIVE, status_of(self->bp, "test.a_1"));
	EXPECT_EQ(answer.pid, ask(self->bp, "test.b").pid);
}

TEST_F(server, runs_always)
{
	pid_t pid;

	create("stay test.always -", FALSE);
	ASSERT_EQ(0, declare(self->port, "test.always"));
	EXPECT_TRUE(stays_on_demand(self->bp, "test.always"));
	release(self->port);
	EXPECT_TRUE(eventually(status_of(self->bp, "test.always") ==
			       BOOTSTRAP_STATUS_ACTIVE));
	pid = ask(self->bp, "test.always").pid;
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_TRUE(eventually(kill(pid, 0)));
	EXPECT_TRUE(eventually(status_of(self->bp, "test.always") ==
			       BOOTSTRAP_STATUS_ACTIVE));
	EXPECT_NE(pid, ask(self->bp, "test.always").pid);
}

/* It is the last child of the test's, with its status; but for the requestor. */
static int last_child(pid_t requestor)
{
	int status;
	pid_t pid = wait(&status);

	return pid < 0 || pid == requestor ? -1 : status;
}

#define MARK "/tmp/server_test.mark"

TEST_F(server, runs_once_without_services)
{
	char text[8];
	int fd;

	unlink(MARK);
	create("mark " MARK, FALSE);
	EXPECT_NE(0, access(MARK, F_OK));
	release(self->port);
	EXPECT_EQ(0, last_child(self->requestor));
	fd = open(MARK, O_RDONLY);
	EXPECT_EQ(1, read(fd, text, sizeof(text)));
	unlink(MARK);

	/* On demand there is no need of it ever. */
	create("mark " MARK, TRUE);
	release(self->port);
	EXPECT_EQ(0, last_child(self->requestor));
	EXPECT_NE(0, access(MARK, F_OK));
}

TEST_F(server, is_another_user)
{
	mach_port_t connection;
	struct answer answer;

	ASSERT_EQ(0, create_in(self->bp, "once test.alices -", ALICE, TRUE,
			       &self->port));
	ASSERT_EQ(0, bootstrap_create_service(self->port, "test.alices",
					      &connection));
	release(self->port);
	answer = answer_of(connection);
	EXPECT_EQ(ALICE, answer.uid);
	EXPECT_EQ(ALICE, answer.gid);
	EXPECT_EQ(1, answer.groups);
	/* It is in the namespace, and has no more rights there than she has. */
	EXPECT_EQ(namespace_of(self->bp), answer.namespace_id);
	EXPECT_EQ(BOOTSTRAP_NOT_PRIVILEGED, answer.registers);

	ASSERT_EQ(0, create_in(self->bp, "once test.nobodys -", NOBODYS, TRUE,
			       &self->port));
	ASSERT_EQ(0, bootstrap_create_service(self->port, "test.nobodys",
					      &connection));
	release(self->port);
	answer = answer_of(connection);
	EXPECT_EQ(NOBODYS, answer.uid);
	EXPECT_EQ(NOBODYS, answer.gid);
	EXPECT_EQ(0, answer.groups);
}

TEST_F(server, of_a_login)
{
	EXPECT_EQ(0, AS(ALICE, ({
		struct answer answer;
		mach_port_t server, connection;
		pid_t launcher;
		int status;

		CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1));
		CHECK(create_in(bootstrap_port, "stay test.hers -", BOB, TRUE,
				&server) == BOOTSTRAP_NOT_PRIVILEGED);
		CHECK(create_in(bootstrap_port, "stay test.hers -", 0, TRUE,
				&server) == BOOTSTRAP_NOT_PRIVILEGED);
		CHECK(!create_in(bootstrap_port, "stay test.hers -", ALICE,
				 TRUE, &server));
		CHECK(!bootstrap_create_service(server, (char *)"test.hers",
						&connection));
		launcher = launcher_of(bootstrap_port, "test.hers");
		release(server);
		answer = answer_of(connection);
		CHECK(answer.uid == ALICE && answer.gid == ALICE);
		CHECK(answer.namespace_id == namespace_of(bootstrap_port));
		CHECK(answer.registers == BOOTSTRAP_SUCCESS);
		/* Its end is that of server and services. */
		CHECK(!kill(launcher, SIGTERM));
		CHECK(waitpid(launcher, &status, 0) == launcher && !status);
		CHECK(kill(answer.pid, 0));
		CHECK(bootstrap_look_up(bootstrap_port, "test.hers",
					&connection) ==
		      BOOTSTRAP_UNKNOWN_SERVICE);
	})));
}

TEST_F(server, services_are_withdrawn)
{
	mach_port_t connection;
	pid_t launcher;
	int status;

	create("stay test.gone -", TRUE);
	ASSERT_EQ(0, declare(self->port, "test.gone"));
	launcher = launcher_of(self->bp, "test.gone");
	ASSERT_EQ(0, bootstrap_register(self->port, "test.gone",
					MACH_PORT_NULL));
	EXPECT_EQ(BOOTSTRAP_UNKNOWN_SERVICE,
		  bootstrap_look_up(self->bp, "test.gone", &connection));
	/* It may be declared again. */
	ASSERT_EQ(0, bootstrap_create_service(self->port, "test.gone",
					      &connection));
	release(connection);
	ASSERT_EQ(0, bootstrap_register(self->port, "test.gone",
					MACH_PORT_NULL));
	release(self->port);
	EXPECT_EQ(launcher, waitpid(launcher, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(server, services_are_its_own)
{
	mach_port_t other = MACH_PORT_NULL, port;

	create("stay test.own -", TRUE);
	ASSERT_EQ(0, declare(self->port, "test.own"));
	EXPECT_EQ(BOOTSTRAP_NAME_IN_USE,
		  bootstrap_create_service(self->port, "test.own", &port));
	EXPECT_EQ(BOOTSTRAP_NAME_IN_USE,
		  bootstrap_create_service(self->bp, "test.own", &port));
	EXPECT_EQ(BOOTSTRAP_NOT_PRIVILEGED,
		  bootstrap_check_in(self->bp, "test.own", &port));
	EXPECT_EQ(BOOTSTRAP_NOT_PRIVILEGED,
		  bootstrap_register(self->bp, "test.own", MACH_PORT_NULL));
	ASSERT_EQ(0, bootstrap_unprivileged(self->port, &other));
	EXPECT_NE(self->port, other);
	EXPECT_EQ(BOOTSTRAP_NOT_PRIVILEGED,
		  bootstrap_check_in(other, "test.own", &port));
	release(other);

	ASSERT_EQ(0, create_in(self->bp, "stay test.own -", 0, TRUE, &other));
	EXPECT_EQ(BOOTSTRAP_NOT_PRIVILEGED,
		  bootstrap_check_in(other, "test.own", &port));
	release(other);
}

TEST_F(server, checks_in_as_others_do)
{
	mach_port_t port;

	create("stay test.some -", TRUE);
	EXPECT_EQ(BOOTSTRAP_UNKNOWN_SERVICE,
		  bootstrap_check_in2(self->port, "test.some", &port,
				      BOOTSTRAP_STRICT_CHECKIN));
	ASSERT_EQ(0, bootstrap_register(self->bp, "test.some", tag_new(1)));
	EXPECT_EQ(BOOTSTRAP_SERVICE_ACTIVE,
		  bootstrap_check_in(self->port, "test.some", &port));
	EXPECT_EQ(BOOTSTRAP_NAME_IN_USE,
		  bootstrap_create_service(self->port, "test.some", &port));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_create_service(self->port, "", &port));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_check_in(self->port, "\x01", &port));
	ASSERT_EQ(0, declare(self->port, "test.more"));
	EXPECT_EQ(0, bootstrap_check_in2(self->port, "test.more", &port,
					 BOOTSTRAP_STRICT_CHECKIN));
}

TEST_F(server, outlives_its_maker)
{
	pid_t pid = fork();

	if (!pid) {
		mach_port_t server;

		CHECK(!create_in(self->bp, "once test.left -", 0, TRUE,
				 &server));
		CHECK(!declare(server, "test.left"));
		_exit(0);
	}
	ASSERT_EQ(0, child_result(pid));
	EXPECT_NE(0, ask(self->bp, "test.left").pid);
	EXPECT_NE(0, ask(self->bp, "test.left").pid);
}

TEST_F(server, ends_with_its_namespace)
{
	pid_t launcher;
	int status;

	create("stay test.with -", TRUE);
	ASSERT_EQ(0, declare(self->port, "test.with"));
	launcher = launcher_of(self->bp, "test.with");
	release(self->port);
	EXPECT_NE(0, ask(self->bp, "test.with").pid);
	stop_idler(self->requestor);
	self->requestor = 0;
	EXPECT_EQ(launcher, waitpid(launcher, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(server, command_is_split)
{
	static const char *const texts[][2] = {
		{ "a b", "a|b|" },
		{ "  a\t b \t", "a|b|" },
		{ "'a b' \"c  d\"", "a b|c  d|" },
		{ "a'b c'd e\"'\"f", "ab cd|e'f|" },
		{ "'' \"\"", "||" },
		{ "\\a $b *", "\\a|$b|*|" },
		{ "a 'b c ", "a|b c |" },
		{ "\"it's\"", "it's|" },
	};
	char words[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(words, sizeof(words), "once test.words - %s",
			 texts[i][0]);
		create(words, TRUE);
		ASSERT_EQ(0, declare(self->port, "test.words"));
		release(self->port);
		EXPECT_STREQ(texts[i][1], ask(self->bp, "test.words").words);
		kill(launcher_of(self->bp, "test.words"), SIGTERM);
		EXPECT_TRUE(eventually(status_of(self->bp, "test.words") ==
				       BOOTSTRAP_UNKNOWN_SERVICE));
	}
}

TEST_F(server, is_refused)
{
	mach_port_t tag = tag_new(1), server = 77;
	cmd_t cmd;

	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_create_server(self->bp, "", 0, TRUE, &server));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_create_server(self->bp, " \t", 0, TRUE, &server));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_create_server(self->bp, NULL, 0, TRUE, &server));
	memset(cmd, 'x', sizeof(cmd));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_create_server(self->bp, cmd, 0, TRUE, &server));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  bootstrap_create_server(tag, "x", 0, TRUE, &server));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  bootstrap_create_server(MACH_PORT_NULL, "x", 0, TRUE,
					  &server));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  bootstrap_create_server(MACH_PORT_DEAD, "x", 0, TRUE,
					  &server));
	/* A user that nobody can be. */
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  bootstrap_create_server(self->bp, "x", -1, TRUE, &server));
	/* The launcher is not installed. */
	ASSERT_EQ(0, rename(LAUNCHER, LAUNCHER "-"));
	EXPECT_EQ(KERN_FAILURE,
		  bootstrap_create_server(self->bp, "x", 0, TRUE, &server));
	ASSERT_EQ(0, rename(LAUNCHER "-", LAUNCHER));
	EXPECT_EQ(77, server);
	cmd[sizeof(cmd) - 1] = '\0';
	EXPECT_EQ(BOOTSTRAP_SUCCESS,
		  bootstrap_create_server(self->bp, cmd, 0, TRUE, &server));
	release(server);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "serve"))
		return serve(argv + 2);
	return test_harness_run(argc, argv);
}
