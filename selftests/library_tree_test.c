// SPDX-License-Identifier: GPL-2.0
/* libbootstrap: namespaces, the handles for them, and how they are handed down. */
#include <bootstrap/bootstrap.h>

#include "space.h"
#include "harness.h"

#define VARIABLE	"BOOTSTRAP_NAMESPACE"
#define HANDLES_LIMIT	PARAMETER("handles_per_user")

static const struct bns_scope root_scope = { .kind = BOOTSTRAP_SCOPE_ROOT };
static const struct bns_scope user_scope = { .kind = BOOTSTRAP_SCOPE_USER };

FIXTURE(library_tree)
{
	int port;
	int tag;
};

FIXTURE_SETUP(library_tree)
{
	self->port = bns_open_device();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(42);
	errno = 0;
}

/* Negative errnos are returned; errno itself is the caller's. */
FIXTURE_TEARDOWN(library_tree)
{
	EXPECT_EQ(0, errno);
	close(self->port);
}

/* What there is to tell of a port's namespace; all zero if it cannot be told. */
static struct bootstrap_namespace told(int port)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };

	bns_namespace(port, NULL, &ns);
	return ns;
}

static bool is_device(int port)
{
	struct stat st;

	return !fstat(port, &st) && S_ISCHR(st.st_mode);
}

/* Can it be found? Leaves no descriptor. */
static int found(int port, const char *name)
{
	int fd = bns_look_up(port, name, NULL, 0, NULL);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

TEST_F(library_tree, open_namespace)
{
	uint64_t id = 77, again = 78;
	int handle, derived;

	handle = bns_open_namespace(self->port, NULL, 0, &id);
	ASSERT_LE(0, handle);
	EXPECT_EQ(FD_CLOEXEC, fcntl(handle, F_GETFD));
	EXPECT_EQ(told(self->port).namespace_id, id);
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_ROOT, told(handle).type);
	EXPECT_EQ(ALL, told(handle).rights);
	ASSERT_EQ(0, bns_register(handle, "there", self->tag, NULL, NULL));

	derived = bns_open_namespace(handle, NULL, LOOK_UP, NULL);
	ASSERT_LE(0, derived);
	EXPECT_EQ(LOOK_UP, told(derived).rights);
	EXPECT_EQ(0, found(derived, "there"));
	EXPECT_EQ(-EACCES, bns_register(derived, "a", self->tag, NULL, NULL));
	EXPECT_EQ(-EACCES, bns_watch(derived, NULL, NULL));
	EXPECT_EQ(-EACCES, bns_open_namespace(derived, NULL, LOOK_UP | LIST,
					      &again));
	EXPECT_EQ(78, again);
	close(derived);
	/* What came through a handle ends with it. */
	close(handle);
	EXPECT_EQ(-ENOENT, found(self->port, "there"));
}

TEST_F(library_tree, wrong_addresses)
{
	const struct bns_scope none = {
		.kind = BOOTSTRAP_SCOPE_SESSION_ID, .session = 0xfffffff0,
	};
	const struct bns_scope alice = {
		.kind = BOOTSTRAP_SCOPE_USER_ID, .session = ALICE,
	};
	int handle = bns_open_namespace(self->port, NULL, 0, NULL);

	EXPECT_EQ(-ESRCH, bns_open_namespace(self->port, &none, 0, NULL));
	EXPECT_EQ(-EINVAL, bns_open_namespace(handle, &none, 0, NULL));
	EXPECT_EQ(-EINVAL, bns_open_namespace(handle, &alice, 0, NULL));
	EXPECT_EQ(-EOPNOTSUPP, bns_open_namespace(handle, NULL, ~0u, NULL));
	EXPECT_EQ(-EBADF, bns_open_namespace(-1, NULL, 0, NULL));
	EXPECT_EQ(-ENOTTY, bns_open_namespace(self->tag, NULL, 0, NULL));
	close(handle);
}

/* The session's, the user's, the root's, and no further. */
TEST_F(library_tree, parents)
{
	EXPECT_EQ(0, AS(ALICE, ({
		const struct bns_scope bob = {
			.kind = BOOTSTRAP_SCOPE_USER_ID, .session = BOB,
		};
		const struct bns_scope alice = {
			.kind = BOOTSTRAP_SCOPE_USER_ID, .session = ALICE,
		};
		int port = bns_open_device(), user, root, lesser;
		uint64_t id = 0, own = 0;

		user = bns_open_parent(port, NULL, 0, &id);
		CHECK(told(user).type == BOOTSTRAP_NAMESPACE_USER);
		CHECK(told(user).uid == ALICE && told(user).rights == ALL);
		CHECK(bns_open_namespace(port, &user_scope, 0, &own) >= 0);
		CHECK(id == own);
		CHECK(bns_open_namespace(port, &alice, 0, &own) >= 0);
		CHECK(id == own);
		CHECK(bns_open_namespace(port, &bob, 0, NULL) == -EPERM);

		root = bns_open_parent(user, NULL, 0, &id);
		CHECK(told(root).type == BOOTSTRAP_NAMESPACE_ROOT);
		CHECK(told(root).rights == (ALL & ~REGISTER));
		CHECK(bns_open_namespace(user, &root_scope, 0, &own) >= 0);
		CHECK(id == own);
		CHECK(bns_open_parent(root, NULL, 0, &own) >= 0);
		CHECK(id == own);
		CHECK(bns_open_parent(user, NULL, REGISTER, NULL) == -EPERM);

		lesser = bns_open_namespace(user, NULL, ALL & ~ASCEND, NULL);
		CHECK(bns_open_parent(lesser, NULL, 0, NULL) == -EACCES);
		lesser = bns_open_namespace(user, NULL, LOOK_UP | ASCEND, NULL);
		CHECK(bns_open_parent(lesser, NULL, REGISTER, NULL) == -EACCES);
		lesser = bns_open_parent(lesser, NULL, 0, NULL);
		CHECK(told(lesser).rights == (LOOK_UP | ASCEND));
		CHECK(!errno);
	})));
}

TEST_F(library_tree, a_child)
{
	EXPECT_EQ(0, AS(ALICE, ({
		int port = bns_open_device(), user, child;
		uint64_t session = told(port).namespace_id, subset;

		user = bns_open_parent(port, NULL, LOOK_UP | LIST, NULL);
		child = bns_open_child(user, NULL, session, 0);
		CHECK(told(child).namespace_id == session);
		CHECK(told(child).type == BOOTSTRAP_NAMESPACE_SESSION);
		CHECK(told(child).rights == (LOOK_UP | LIST));
		CHECK(bns_open_child(port, &user_scope, session, 0) >= 0);
		CHECK(bns_open_child(user, NULL, session, ENTER) == -EACCES);
		CHECK(bns_open_child(user, NULL, session + 1000, 0) == -ENOENT);
		CHECK(bns_open_child(user, NULL, 0, 0) == -EINVAL);
		user = bns_open_namespace(user, NULL, LOOK_UP, NULL);
		CHECK(bns_open_child(user, NULL, session, 0) == -EACCES);
		/* To see a subset gives no right to it. */
		CHECK(bns_subset(port, NULL, -1, 0, &subset) >= 0);
		CHECK(bns_open_child(port, NULL, subset, 0) == -EPERM);
		CHECK(!errno);
	})));
}

#define CHILDREN 10

TEST_F(library_tree, children)
{
	static _Alignas(8) char page[BNS_LIST_BUFFER_MIN];
	int subset, n, seen = 0, pages = 0, i;
	const struct bootstrap_child *child;
	uint64_t ids[CHILDREN], cursor = 0;

	subset = bns_subset(self->port, NULL, -1, 0, NULL);
	ASSERT_LE(0, subset);
	EXPECT_EQ(0, bns_children(subset, NULL, &cursor, page, sizeof(page)));
	for (i = 0; i < CHILDREN; i++)
		ASSERT_LE(0, bns_subset(subset, NULL, -1, 0, &ids[i]));
	while ((n = bns_children(subset, NULL, &cursor, page,
				 sizeof(page))) > 0) {
		pages++;
		for (child = bns_child_first(page); n--;
		     child = bns_child_next(child)) {
			ASSERT_GT(CHILDREN, seen);
			EXPECT_EQ(ids[seen++], child->namespace_id);
			EXPECT_EQ(BOOTSTRAP_NAMESPACE_SUBSET, child->type);
			EXPECT_EQ(0, child->uid);
			EXPECT_EQ(2, child->depth);
		}
	}
	EXPECT_EQ(0, n);
	EXPECT_EQ(CHILDREN, seen);
	EXPECT_LT(1, pages);
	EXPECT_EQ(ids[CHILDREN - 1], cursor);
	cursor = 0;
	EXPECT_EQ(-EMSGSIZE, bns_children(subset, NULL, &cursor, page, 8));
	EXPECT_EQ(0, cursor);
	subset = bns_open_namespace(subset, NULL, LOOK_UP, NULL);
	EXPECT_EQ(-EACCES, bns_children(subset, NULL, &cursor, page,
					sizeof(page)));
}

TEST_F(library_tree, subset_and_its_requestor)
{
	pid_t requestor = start_idler();
	int pidfd = syscall(SYS_pidfd_open, requestor, 0), subset, below;
	uint64_t id = 77;

	ASSERT_LE(0, pidfd);
	EXPECT_EQ(-EBADF, bns_subset(self->port, NULL, self->tag, 0, &id));
	EXPECT_EQ(-EBADF, bns_subset(self->port, NULL, -2, 0, &id));
	EXPECT_EQ(77, id);
	subset = bns_subset(self->port, NULL, pidfd, 0, &id);
	ASSERT_LE(0, subset);
	EXPECT_EQ(FD_CLOEXEC, fcntl(subset, F_GETFD));
	EXPECT_EQ(id, told(subset).namespace_id);
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_SUBSET, told(subset).type);
	EXPECT_EQ(told(self->port).namespace_id, told(subset).parent_id);
	below = bns_subset(subset, NULL, -1, LOOK_UP | ASCEND, NULL);
	ASSERT_LE(0, below);
	EXPECT_EQ(LOOK_UP | ASCEND, told(below).rights);
	EXPECT_EQ(-EACCES, bns_subset(below, NULL, -1, 0, NULL));

	ASSERT_EQ(0, bns_register(self->port, "above", self->tag, NULL, NULL));
	ASSERT_EQ(0, bns_register(subset, "within", self->tag, NULL, NULL));
	EXPECT_EQ(0, found(below, "above"));
	EXPECT_EQ(0, found(below, "within"));
	EXPECT_EQ(-ENOENT, found(self->port, "within"));

	stop_idler(requestor);
	EXPECT_TRUE(hangs_up(subset, 2000));
	EXPECT_TRUE(hangs_up(below, 2000));
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_DEAD,
		  told(subset).state & BOOTSTRAP_NAMESPACE_DEAD);
	EXPECT_EQ(0, found(below, "above"));
	EXPECT_EQ(-ENOENT, found(below, "within"));
	EXPECT_EQ(-ESHUTDOWN, bns_register(subset, "b", self->tag, NULL, NULL));
	EXPECT_EQ(-ESHUTDOWN, bns_subset(subset, NULL, -1, 0, NULL));
	EXPECT_EQ(-ESRCH, bns_subset(self->port, NULL, pidfd, 0, NULL));
}

TEST_F(library_tree, subset_of_the_calling_process)
{
	uint64_t id = 0;
	int pipes[2], handle;
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid) {
		if (bns_subset(self->port, NULL, -1, 0, &id) < 0)
			_exit(1);
		_exit(write(pipes[1], &id, sizeof(id)) < 0 || pause());
	}
	ASSERT_EQ(sizeof(id), read(pipes[0], &id, sizeof(id)));
	handle = bns_open_child(self->port, NULL, id, 0);
	ASSERT_LE(0, handle);
	EXPECT_FALSE(hangs_up(handle, 100));
	stop_idler(pid);
	EXPECT_TRUE(hangs_up(handle, 2000));
}

TEST_F(library_tree, namespace)
{
	const struct bns_scope none = {
		.kind = BOOTSTRAP_SCOPE_SESSION_ID, .session = 0xfffffff0,
	};
	struct bootstrap_namespace ns = { .size = sizeof(ns), .names = 9 };
	struct {
		struct bootstrap_namespace ns;
		char more[32];
	} later;

	EXPECT_EQ(-ESRCH, bns_namespace(self->port, &none, &ns));
	EXPECT_EQ(9, ns.names);
	/* Inputs are the arguments, not what was left in the struct. */
	memset(&ns, 0xcc, sizeof(ns));
	ns.size = sizeof(ns);
	EXPECT_EQ(0, bns_namespace(self->port, &root_scope, &ns));
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_ROOT, ns.type);
	EXPECT_EQ(ns.namespace_id, ns.parent_id);
	EXPECT_EQ(ALL, ns.rights);
	ns.size = 0;
	EXPECT_EQ(-EINVAL, bns_namespace(self->port, NULL, &ns));
	memset(&later, 0xcc, sizeof(later));
	later.ns.size = sizeof(later);
	EXPECT_EQ(0, bns_namespace(self->port, NULL, &later.ns));
	EXPECT_EQ(sizeof(later.ns), later.ns.size);
	EXPECT_EQ((char)0xcc, later.more[0]);
}

/* The first process of a login, which becomes alice once it is told to. */
struct login {
	pid_t pid;
	int tell;
	uint32_t session;
};

static struct login login_start(int (*run)(void))
{
	struct login login = { 0 };
	int tell[2], answer[2];
	long id;
	char c;

	if (pipe(tell) || pipe(answer))
		abort();
	login.pid = fork();
	if (!login.pid) {
		close(tell[1]);
		if (set_login_uid(ALICE))
			_exit(10);
		id = proc_number("self/sessionid");
		if (write(answer[1], &id, sizeof(id)) < 0 ||
		    read(tell[0], &c, 1) != 1)
			_exit(11);
		become(ALICE);
		_exit(run());
	}
	close(answer[1]);
	if (read(answer[0], &id, sizeof(id)) != sizeof(id))
		abort();
	login.session = id;
	login.tell = tell[1];
	return login;
}

static int login_go(const struct login *login)
{
	if (write(login->tell, "g", 1) != 1)
		return -1;
	return child_result(login->pid);
}

static int inside(void)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	struct bns_announcement again = {
		.flags = BOOTSTRAP_ANNOUNCE_USER, .session = 1, .uid = ALICE,
	};
	int port = bns_open();

	CHECK(!bns_session(port, &session));
	CHECK(session.session != ROOT_ID && session.uid == ALICE);
	CHECK(session.type == BOOTSTRAP_SESSION_TYPE_GUI);
	CHECK(session.attributes == (BOOTSTRAP_SESSION_ATTR_AUTHENTICATED |
				     BOOTSTRAP_SESSION_ATTR_TTY));
	CHECK(bns_attributes(port, session.session, session.cookie,
			     BOOTSTRAP_SESSION_ATTR_CONSOLE, 0) == -EPERM);
	CHECK(!bns_attributes(port, session.session, session.cookie, 0,
			      BOOTSTRAP_SESSION_ATTR_AUTHENTICATED));
	CHECK(!bns_session(port, &session));
	CHECK(session.attributes == BOOTSTRAP_SESSION_ATTR_TTY);
	CHECK(!found(port, "ready"));
	CHECK(found(port, "host") == -ENOENT);
	CHECK(bns_pre_login(port, 0, NULL) == -EPERM);
	CHECK(bns_announce(port, &again, NULL, NULL) == -EPERM);
	return 0;
}

TEST_F(library_tree, login_in_steps)
{
	uint64_t id = 77, cookie = 78, namespace_id = 79;
	struct login login = login_start(inside);
	struct bns_announcement what = {
		.flags = BOOTSTRAP_ANNOUNCE_PRE_LOGIN,
		.session = login.session,
	};
	int handle;

	handle = bns_pre_login(self->port, 0, &id);
	ASSERT_LE(0, handle);
	EXPECT_EQ(FD_CLOEXEC, fcntl(handle, F_GETFD));
	EXPECT_EQ(BOOTSTRAP_NAMESPACE_PRE_LOGIN, told(handle).type);
	EXPECT_EQ(id, told(handle).namespace_id);
	EXPECT_EQ(-EOPNOTSUPP, bns_pre_login(self->port, ~0u, NULL));
	ASSERT_EQ(0, bns_register(handle, "host", self->tag, NULL, NULL));

	what.pre_login = self->port;
	EXPECT_EQ(-EBADF, bns_announce(self->port, &what, &cookie,
				       &namespace_id));
	EXPECT_EQ(78, cookie);
	EXPECT_EQ(79, namespace_id);
	what.pre_login = handle;
	ASSERT_EQ(0, bns_announce(self->port, &what, &cookie, &namespace_id));
	EXPECT_EQ(id, namespace_id);
	EXPECT_EQ(cookie, told(handle).session_cookie);
	EXPECT_EQ(login.session, told(handle).session_id);
	EXPECT_EQ(-EBUSY, bns_announce(self->port, &what, NULL, NULL));

	what = (struct bns_announcement){
		.flags = BOOTSTRAP_ANNOUNCE_COMPLETE, .session = login.session,
		.type = BOOTSTRAP_SESSION_TYPE_GUI, .cookie = cookie,
		.attributes = BOOTSTRAP_SESSION_ATTR_TTY,
	};
	EXPECT_EQ(-EINVAL, bns_announce(self->port, &what, NULL, NULL));
	what.flags |= BOOTSTRAP_ANNOUNCE_USER;
	what.uid = ALICE;
	what.cookie++;
	EXPECT_EQ(-ESRCH, bns_announce(self->port, &what, NULL, NULL));
	what.cookie--;
	ASSERT_EQ(0, bns_announce(self->port, &what, &what.cookie, NULL));
	EXPECT_EQ(cookie, what.cookie);

	EXPECT_EQ(BOOTSTRAP_NAMESPACE_SESSION, told(handle).type);
	EXPECT_EQ(id, told(handle).namespace_id);
	EXPECT_EQ(ALICE, told(handle).uid);
	ASSERT_EQ(0, bns_register(handle, "ready", self->tag, NULL, NULL));
	EXPECT_EQ(0, login_go(&login));
	EXPECT_TRUE(hangs_up(handle, 2000));
}

TEST_F(library_tree, login_at_once)
{
	struct login login = login_start(inside);
	struct bns_announcement what = {
		.flags = BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
		.session = login.session, .uid = ALICE,
		.type = BOOTSTRAP_SESSION_TYPE_GUI,
		.attributes = BOOTSTRAP_SESSION_ATTR_TTY,
	};
	const struct bns_scope session = {
		.kind = BOOTSTRAP_SCOPE_SESSION_ID, .session = login.session,
	};
	uint64_t id = 0, announced = 77;
	unsigned int members = 77;
	int handle;

	EXPECT_EQ(-ESRCH, bns_open_namespace(self->port, &session, 0, NULL));
	ASSERT_EQ(0, bns_announce(self->port, &what, NULL, &announced));
	EXPECT_EQ(-EBUSY, bns_announce(self->port, &what, NULL, NULL));
	handle = bns_open_namespace(self->port, &session, 0, &id);
	ASSERT_LE(0, handle);
	EXPECT_EQ(announced, id);
	ASSERT_EQ(0, bns_register(handle, "ready", self->tag, NULL, NULL));
	EXPECT_EQ(0, bns_attributes(self->port, login.session, 0,
				    BOOTSTRAP_SESSION_ATTR_CONSOLE, 0));
	EXPECT_EQ(0, bns_attributes(self->port, login.session, 0, 0,
				    BOOTSTRAP_SESSION_ATTR_CONSOLE));
	EXPECT_EQ(-EINVAL, bns_attributes(self->port, login.session, 0,
					  BOOTSTRAP_SESSION_ATTR_REMOTE, 0));
	EXPECT_EQ(1, bns_signal(self->port, login.session, 0, 0, &members));
	EXPECT_EQ(1, members);
	EXPECT_EQ(1, bns_signal(self->port, login.session, 0, SIGCONT, NULL));
	EXPECT_EQ(-EINVAL, bns_signal(self->port, login.session, 0, -1,
				      &members));
	EXPECT_EQ(1, members);
	EXPECT_EQ(0, login_go(&login));
	what.session = 0xfffffff0;
	EXPECT_EQ(-ESRCH, bns_announce(self->port, &what, NULL, NULL));
}

TEST_F(library_tree, environment)
{
	char text[BNS_ENVIRONMENT_MAX], expected[BNS_ENVIRONMENT_MAX];
	int subset = bns_subset(self->port, NULL, -1, 0, NULL);
	size_t len;

	ASSERT_LE(0, subset);
	ASSERT_EQ(0, bns_environment(subset, text, sizeof(text)));
	snprintf(expected, sizeof(expected), VARIABLE "=%d:%llu", subset,
		 (unsigned long long)told(subset).namespace_id);
	EXPECT_STREQ(expected, text);
	len = strlen(text);
	memset(text, 'x', sizeof(text));
	EXPECT_EQ(-ERANGE, bns_environment(subset, text, len));
	EXPECT_EQ(-ERANGE, bns_environment(subset, text, 0));
	EXPECT_EQ('x', text[0]);
	EXPECT_EQ(0, bns_environment(subset, text, len + 1));
	EXPECT_STREQ(expected, text);
	EXPECT_EQ(-EBADF, bns_environment(-1, text, sizeof(text)));
	EXPECT_EQ(-ENOTTY, bns_environment(self->tag, text, sizeof(text)));
}

/* Hands a namespace down to this process itself; false if it cannot. */
static bool hand_down(int handle)
{
	static char text[BNS_ENVIRONMENT_MAX];

	return !bns_environment(handle, text, sizeof(text)) && !putenv(text);
}

TEST_F(library_tree, open_takes_what_was_handed_down)
{
	int subset = bns_subset(self->port, NULL, -1, 0, NULL), port, lesser;

	unsetenv(VARIABLE);
	port = bns_open();
	EXPECT_TRUE(is_device(port));
	close(port);
	ASSERT_TRUE(hand_down(subset));
	port = bns_open();
	ASSERT_LE(0, port);
	EXPECT_NE(subset, port);
	EXPECT_EQ(FD_CLOEXEC, fcntl(port, F_GETFD));
	EXPECT_EQ(told(subset).namespace_id, told(port).namespace_id);
	EXPECT_EQ(ALL, told(port).rights);
	ASSERT_EQ(0, bns_register(port, "a", self->tag, NULL, NULL));
	EXPECT_EQ(0, found(subset, "a"));
	EXPECT_EQ(-ENOENT, found(self->port, "a"));
	/* It is the caller's own: what came through it ends with it. */
	close(port);
	EXPECT_EQ(-ENOENT, found(subset, "a"));
	port = bns_open_device();
	EXPECT_TRUE(is_device(port));
	close(port);

	lesser = bns_open_namespace(subset, NULL, LOOK_UP | ENTER, NULL);
	ASSERT_TRUE(hand_down(lesser));
	port = bns_open();
	EXPECT_EQ(told(subset).namespace_id, told(port).namespace_id);
	EXPECT_EQ(LOOK_UP | ENTER, told(port).rights);
	close(port);
	lesser = bns_open_namespace(subset, NULL, ALL & ~ENTER, NULL);
	ASSERT_TRUE(hand_down(lesser));
	EXPECT_TRUE(is_device(bns_open()));
	/* Of the device there is nothing to be taken. */
	ASSERT_TRUE(hand_down(self->port));
	EXPECT_TRUE(is_device(bns_open()));
}

TEST_F(library_tree, open_takes_the_dead)
{
	pid_t requestor = start_idler();
	int pidfd = syscall(SYS_pidfd_open, requestor, 0), subset, port;

	ASSERT_EQ(0, bns_register(self->port, "above", self->tag, NULL, NULL));
	subset = bns_subset(self->port, NULL, pidfd, 0, NULL);
	ASSERT_TRUE(hand_down(subset));
	stop_idler(requestor);
	ASSERT_TRUE(hangs_up(subset, 2000));
	port = bns_open();
	EXPECT_EQ(told(subset).namespace_id, told(port).namespace_id);
	EXPECT_EQ(-ESHUTDOWN, bns_register(port, "a", self->tag, NULL, NULL));
	EXPECT_EQ(0, found(port, "above"));
}

/* Is the device what is opened when the environment says this? */
static bool not_taken(const char *text)
{
	int port;
	bool device;

	setenv(VARIABLE, text, 1);
	port = bns_open();
	device = is_device(port);
	if (!device)
		fprintf(stderr, "# taken: '%s'\n", text);
	close(port);
	return device;
}

TEST_F(library_tree, open_takes_no_other_text)
{
	static const char *const forms[] = {
		" %d:%llu", "+%d:%llu", "-%d:%llu", "x%d:%llu", "%d%llu",
		"%d::%llu", "%d :%llu", "%d: %llu", "%d:+%llu", "%d:-%llu",
		"%d:%llu ", "%d:%llu:", "%d:%llux", "%d:%llu\n", "%d,%llu",
		"%d:%llu0", "0x%x:%llu", "%d:0x%llx", "%d:",
	};
	int subset = bns_subset(self->port, NULL, -1, 0, NULL);
	unsigned long long id = told(subset).namespace_id;
	const unsigned long long ten_digits = 10000000000ULL;
	unsigned long long low;
	char text[128];
	size_t i;

	ASSERT_NE(0, id);
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		snprintf(text, sizeof(text), forms[i], subset, id);
		EXPECT_TRUE(not_taken(text));
	}
	EXPECT_TRUE(not_taken(""));
	EXPECT_TRUE(not_taken(":"));
	snprintf(text, sizeof(text), ":%llu", id);
	EXPECT_TRUE(not_taken(text));
	/* Numbers that are the right ones once they have overflowed. */
	snprintf(text, sizeof(text), "%llu:%llu", (1ULL << 32) + subset, id);
	EXPECT_TRUE(not_taken(text));
	low = id + 3709551616ULL; /* the last ten digits of 2^64 */
	snprintf(text, sizeof(text), "%d:%llu%010llu", subset,
		 1844674407ULL + low / ten_digits, low % ten_digits);
	EXPECT_TRUE(not_taken(text));
	/* Another namespace, no descriptor, and one of something else. */
	snprintf(text, sizeof(text), "%d:%llu", subset, id + 1);
	EXPECT_TRUE(not_taken(text));
	snprintf(text, sizeof(text), "999:%llu", id);
	EXPECT_TRUE(not_taken(text));
	snprintf(text, sizeof(text), "%d:%llu", self->tag, id);
	EXPECT_TRUE(not_taken(text));
	ASSERT_TRUE(hand_down(subset));
	EXPECT_FALSE(is_device(bns_open()));
}

/* Does a process with these uids take what the environment names? */
static bool taken_by(uid_t real, uid_t effective)
{
	pid_t pid = fork();

	if (pid)
		return child_result(pid);
	if (setgroups(0, NULL) || setresuid(real, effective, effective))
		abort();
	_exit(!is_device(bns_open()));
}

TEST_F(library_tree, open_takes_what_is_its_users)
{
	int subset;

	ASSERT_EQ(0, seteuid(ALICE));
	subset = bns_subset(self->port, NULL, -1, 0, NULL);
	ASSERT_EQ(0, seteuid(0));
	ASSERT_TRUE(hand_down(subset));
	EXPECT_TRUE(taken_by(ALICE, ALICE));
	EXPECT_FALSE(taken_by(BOB, BOB));
	EXPECT_FALSE(taken_by(BOB, ALICE));
	EXPECT_FALSE(taken_by(ALICE, BOB));
	EXPECT_FALSE(taken_by(0, 0));
	/* What a privileged process hands down is for whoever gets it. */
	subset = bns_open_namespace(subset, NULL, 0, NULL);
	ASSERT_TRUE(hand_down(subset));
	EXPECT_TRUE(taken_by(ALICE, ALICE));
	EXPECT_TRUE(taken_by(BOB, BOB));
	EXPECT_TRUE(taken_by(0, 0));
}

/* Not the device instead: that would be another namespace than was meant. */
TEST_F(library_tree, open_fails_if_it_cannot_take)
{
	int subset = bns_subset(self->port, NULL, -1, 0, NULL), fd;
	pid_t pid;

	ASSERT_TRUE(hand_down(subset));
	ASSERT_EQ(0, write_file(HANDLES_LIMIT, "0"));
	pid = fork();
	if (!pid) {
		become(ALICE);
		CHECK(bns_open() == -EDQUOT);
		fd = bns_open_device();
		CHECK(is_device(fd));
		CHECK(!errno);
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(0, write_file(HANDLES_LIMIT, "1024"));
}

/* Another program, that knows nothing but its environment. */
static int look_up_by_program(int handle, bool hand_on)
{
	char text[BNS_ENVIRONMENT_MAX];
	char *const argv[] = { "bootstrapctl", "lookup", "only.here", NULL };
	char *const environment[] = { text, NULL };
	pid_t pid = fork();
	int silence;

	if (pid)
		return child_result(pid);
	silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (dup2(silence, 1) < 0 || dup2(silence, 2) < 0 ||
	    bns_environment(handle, text, sizeof(text)) ||
	    (hand_on && fcntl(handle, F_SETFD, 0)))
		_exit(99);
	execve("/bin/bootstrapctl", argv, environment);
	_exit(98);
}

TEST_F(library_tree, handed_down_to_a_program)
{
	int subset = bns_subset(self->port, NULL, -1, 0, NULL);

	ASSERT_EQ(0, bns_register(subset, "only.here", self->tag, NULL, NULL));
	EXPECT_EQ(0, look_up_by_program(subset, true));
	/* What is closed by the execution is not there to be taken. */
	EXPECT_EQ(1, look_up_by_program(subset, false));
}

TEST_HARNESS_MAIN
