// SPDX-License-Identifier: GPL-2.0
/*
 * libbootstrap: each function, its errors, and that it keeps to its manners.
 * What is about namespaces is in library_tree_test.
 */
#include <pthread.h>

#include <sys/un.h>

#include <bootstrap/bootstrap.h>

#include "bootstrap_test.h"
#include "harness.h"

FIXTURE(library)
{
	int port;
	int tag;
};

FIXTURE_SETUP(library)
{
	self->port = bns_open();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(42);
	errno = 0;
}

/* Negative errnos are returned; errno itself is the caller's. */
FIXTURE_TEARDOWN(library)
{
	EXPECT_EQ(0, errno);
	close(self->port);
}

TEST_F(library, open)
{
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->port, F_GETFD));
}

TEST_F(library, names)
{
	struct bns_registration how = { .flags = BOOTSTRAP_REGISTER_STICKY };
	uint64_t generation = UINT64_MAX, next = 78;
	int fd;

	EXPECT_EQ(0, bns_register(self->port, "a", self->tag, NULL,
				  &generation));
	EXPECT_NE(UINT64_MAX, generation);
	EXPECT_EQ(-EBUSY, bns_register(self->port, "a", self->tag, NULL,
				       &next));
	EXPECT_EQ(78, next);
	fd = bns_look_up(self->port, "a", NULL, 0, NULL);
	EXPECT_EQ(42, tag_of(fd));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(0, bns_take_over(self->port, "a", NULL, generation));
	EXPECT_EQ(-ENOENT, bns_unregister(self->port, "a", NULL,
					  generation + 1));
	EXPECT_EQ(0, bns_unregister(self->port, "a", NULL, generation));
	EXPECT_EQ(-ENOENT, bns_take_over(self->port, "a", NULL, 0));
	EXPECT_EQ(-ENOENT, bns_look_up(self->port, "a", NULL, 0, NULL));

	EXPECT_EQ(0, bns_register(self->port, "a", self->tag, &how,
				  &generation));
	how.replace = generation;
	EXPECT_EQ(0, bns_register(self->port, "a", self->tag, &how, NULL));
	EXPECT_EQ(0, bns_unregister(self->port, "a", NULL, 0));
	how = (struct bns_registration){
		.flags = BOOTSTRAP_REGISTER_GROUP, .gid = 77,
	};
	EXPECT_EQ(0, bns_register(self->port, "a", self->tag, &how, NULL));
}

TEST_F(library, wrong_names)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[299] = '\0';
	EXPECT_EQ(-EINVAL, bns_register(self->port, NULL, self->tag, NULL, NULL));
	EXPECT_EQ(-EINVAL, bns_look_up(self->port, "", NULL, 0, NULL));
	EXPECT_EQ(-ENAMETOOLONG, bns_look_up(self->port, name, NULL, 0, NULL));
	EXPECT_EQ(-EILSEQ, bns_look_up(self->port, "a\n", NULL, 0, NULL));
	EXPECT_EQ(-EBADF, bns_look_up(-1, "a", NULL, 0, NULL));
	EXPECT_EQ(-ENOTTY, bns_look_up(self->tag, "a", NULL, 0, NULL));
	EXPECT_EQ(-EOPNOTSUPP, bns_look_up(self->port, "a", NULL, ~0u, NULL));
}

TEST_F(library, scopes)
{
	struct bns_scope root = { .kind = BOOTSTRAP_SCOPE_ROOT };
	struct bns_scope none = {
		.kind = BOOTSTRAP_SCOPE_SESSION_ID, .session = 0xfffffff0,
	};
	struct bns_registration how = { .scope = none };

	ASSERT_EQ(0, bns_register(self->port, "a", self->tag, NULL, NULL));
	EXPECT_LE(0, bns_look_up(self->port, "a", &root, 0, NULL));
	EXPECT_LE(0, bns_look_up(self->port, "a", NULL,
				 BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER, NULL));
	EXPECT_EQ(-ESRCH, bns_look_up(self->port, "a", &none, 0, NULL));
	EXPECT_EQ(-ESRCH, bns_register(self->port, "a", self->tag, &how, NULL));
	EXPECT_EQ(-ESRCH, bns_unregister(self->port, "a", &none, 0));
}

TEST_F(library, info_and_holder)
{
	struct bootstrap_info info, poison;
	struct peer peer;
	int pidfd;

	memset(&info, 0xcc, sizeof(info));
	info.size = sizeof(info);
	poison = info;
	EXPECT_EQ(-ENOENT, bns_look_up(self->port, "a", NULL, 0, &info));
	EXPECT_EQ(0, memcmp(&info, &poison, sizeof(info)));

	peer = peer_start(NULL, 0);
	ASSERT_EQ(0, peer_register(&peer, "a", 1));
	ASSERT_LE(0, bns_look_up(self->port, "a", NULL, 0, &info));
	memset(&poison, 0, sizeof(poison));
	poison.size = sizeof(poison);
	EXPECT_EQ(0, bns_info(self->port, "a", NULL, &poison));
	EXPECT_EQ(0, memcmp(&info, &poison, sizeof(info)));
	EXPECT_EQ(-ENOENT, bns_info(self->port, "b", NULL, &info));
	EXPECT_EQ(peer.pid, info.pid);
	pidfd = bns_open_holder(self->port, "a", NULL, &info);
	ASSERT_LE(0, pidfd);
	EXPECT_EQ(0, syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	/* Of another registration the process is not the holder. */
	info.generation++;
	EXPECT_EQ(-ESRCH, bns_open_holder(self->port, "a", NULL, &info));
	info.generation--;
	peer_stop(&peer);
	EXPECT_EQ(-ESRCH, bns_open_holder(self->port, "a", NULL, &info));
	info.pid = 0;
	EXPECT_EQ(-ESRCH, bns_open_holder(self->port, "a", NULL, &info));
	errno = 0;
}

TEST_F(library, session_name)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	char name[64], expected[64];
	size_t len;

	ASSERT_EQ(0, bns_session(self->port, &session));
	len = snprintf(expected, sizeof(expected), "/shm-root-%llu",
		       (unsigned long long)session.cookie);
	EXPECT_EQ(0, bns_session_name(self->port, "/shm", name, sizeof(name)));
	EXPECT_STREQ(expected, name);
	EXPECT_GE(strlen("/shm") + BNS_SESSION_NAME_MORE, len + 1);
	EXPECT_EQ(0, bns_session_name(self->port, "/shm", name, len + 1));
	memset(name, 'x', sizeof(name));
	EXPECT_EQ(-ERANGE, bns_session_name(self->port, "/shm", name, len));
	EXPECT_EQ('x', name[0]);
	EXPECT_EQ(-ERANGE, bns_session_name(self->port, "/shm", NULL, 0));
	EXPECT_EQ(-EINVAL, bns_session_name(self->port, "", name, 64));
	EXPECT_EQ(-EINVAL, bns_session_name(self->port, NULL, name, 64));
	EXPECT_EQ(-EBADF, bns_session_name(-1, "/shm", name, 64));
	EXPECT_EQ(0, AS(ALICE, ({
		int port = bns_open();

		CHECK(!bns_session(port, &session));
		snprintf(expected, sizeof(expected), "n-%u-%llu",
			 session.session, (unsigned long long)session.cookie);
		CHECK(!bns_session_name(port, "n", name, sizeof(name)));
		CHECK(!strcmp(name, expected));
	})));
}

TEST_F(library, list)
{
	static _Alignas(8) char page[1024];
	const struct bootstrap_list_entry *entry;
	uint64_t cursor = 0, namespace_id = 0;
	char name[16], expected[16];
	int i, n, seen = 0;

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		ASSERT_EQ(0, bns_register(self->port, name, self->tag, NULL,
					  NULL));
	}
	while ((n = bns_list(self->port, NULL, &cursor, page, sizeof(page),
			     &namespace_id)) > 0) {
		for (entry = bns_list_first(page); n--;
		     entry = bns_list_next(entry)) {
			snprintf(expected, sizeof(expected), "l%d", seen++);
			EXPECT_STREQ(expected, bns_list_name(entry));
		}
	}
	EXPECT_EQ(0, n);
	EXPECT_EQ(40, seen);
	EXPECT_NE(0, namespace_id);
	cursor = 0;
	EXPECT_EQ(-EMSGSIZE, bns_list(self->port, NULL, &cursor, page, 8, NULL));
	EXPECT_EQ(0, cursor);
	memset(name, 'n', sizeof(name));
	EXPECT_LT(0, bns_list(self->port, NULL, &cursor, page,
			      BNS_LIST_BUFFER_MIN, NULL));
}

TEST_F(library, sessions)
{
	struct bootstrap_session session = { .size = sizeof(session) }, again;
	struct bootstrap_session poison = { .size = sizeof(poison), .names = 9 };

	ASSERT_EQ(0, bns_session(self->port, &session));
	EXPECT_EQ(ROOT_ID, session.session);
	again = (struct bootstrap_session){ .size = sizeof(again) };
	EXPECT_EQ(0, bns_session_by_id(self->port, ROOT_ID, session.cookie,
				       &again));
	EXPECT_EQ(session.cookie, again.cookie);
	EXPECT_EQ(0, bns_session_next(self->port, 0xfffffff0, &again));
	EXPECT_EQ(ROOT_ID, again.session);
	EXPECT_EQ(-ESRCH, bns_session_by_id(self->port, 0xfffffff0, 0, &poison));
	EXPECT_EQ(9, poison.names);
	/* A size that was forgotten is not guessed. */
	poison.size = 0;
	EXPECT_EQ(-EINVAL, bns_session(self->port, &poison));
}

TEST_F(library, a_struct_of_a_later_version)
{
	struct {
		struct bootstrap_features features;
		char more[32];
	} later;

	memset(&later, 0xcc, sizeof(later));
	later.features.size = sizeof(later);
	EXPECT_EQ(0, bns_features(self->port, &later.features));
	EXPECT_EQ(BOOTSTRAP_NAME_MAX, later.features.name_max);
	EXPECT_EQ(sizeof(later.features), later.features.size);
	EXPECT_EQ((char)0xcc, later.more[0]);
}

TEST_F(library, usage)
{
	struct bootstrap_usage usage = { .size = sizeof(usage) };
	__u32 names;

	ASSERT_EQ(0, bns_usage(self->port, &usage));
	EXPECT_EQ(0, usage.uid);
	names = usage.names;
	ASSERT_EQ(0, bns_register(self->port, "a", self->tag, NULL, NULL));
	ASSERT_EQ(0, bns_usage_by_uid(self->port, 0, &usage));
	EXPECT_EQ(names + 1, usage.names);
	EXPECT_EQ(-EINVAL, bns_usage_by_uid(self->port, -1, &usage));
}

TEST_F(library, statistics)
{
	struct bootstrap_statistics statistics = { .size = sizeof(statistics) };
	__u32 names;

	ASSERT_EQ(0, bns_statistics(self->port, &statistics));
	names = statistics.names;
	ASSERT_EQ(0, bns_register(self->port, "a", self->tag, NULL, NULL));
	ASSERT_EQ(0, bns_statistics(self->port, &statistics));
	EXPECT_EQ(names + 1, statistics.names);
	statistics.size = BOOTSTRAP_STATISTICS_SIZE_VER0 - 8;
	EXPECT_EQ(-EINVAL, bns_statistics(self->port, &statistics));
}

/* A server that ends with its first client, which it says this to. */
static pid_t server_start(int right, const char *text)
{
	pid_t pid = fork();
	int client;

	if (pid)
		return pid;
	client = accept(right, NULL, NULL);
	_exit(client < 0 || write(client, text, strlen(text)) < 0);
}

/* What the server at the other end says, until it hangs up. */
static const char *said(int client)
{
	static char text[32];
	size_t n = 0;
	ssize_t got;

	while ((got = read(client, text + n, sizeof(text) - 1 - n)) > 0)
		n += got;
	text[n] = '\0';
	close(client);
	return text;
}

static int type_of(int sock)
{
	int type = -1;
	socklen_t len = sizeof(type);

	getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &len);
	return type;
}

TEST_F(library, check_in)
{
	struct bns_service how = {
		.flags = BOOTSTRAP_CHECK_IN_STRICT, .type = SOCK_SEQPACKET,
		.backlog = 2,
	};
	struct bootstrap_info info = { .size = sizeof(info) };
	uint64_t generation = 77;
	int right, client;
	pid_t pid;

	EXPECT_EQ(-ENOENT, bns_check_in(self->port, "s", &how, &generation));
	EXPECT_EQ(77, generation);
	how.flags = 0;
	how.uid = 1;
	EXPECT_EQ(-EINVAL, bns_check_in(self->port, "s", &how, &generation));
	how.uid = 0;
	right = bns_check_in(self->port, "s", &how, &generation);
	ASSERT_LE(0, right);
	EXPECT_NE(UINT64_MAX, generation);
	EXPECT_EQ(FD_CLOEXEC, fcntl(right, F_GETFD));
	EXPECT_EQ(SOCK_SEQPACKET, type_of(right));
	EXPECT_EQ(-EBUSY, bns_check_in(self->port, "s", NULL, NULL));
	client = bns_look_up(self->port, "s", NULL, 0, &info);
	ASSERT_LE(0, client);
	EXPECT_EQ(generation, info.generation);
	EXPECT_EQ(BOOTSTRAP_INFO_SERVICE | BOOTSTRAP_INFO_SEQPACKET |
		  BOOTSTRAP_INFO_ACTIVE | BOOTSTRAP_INFO_PRIVILEGED,
		  info.flags);
	pid = server_start(right, "served");
	EXPECT_STREQ("served", said(client));
	EXPECT_EQ(0, child_result(pid));
	/* The last holder ends the name. */
	close(right);
	EXPECT_EQ(-ENOENT, bns_look_up(self->port, "s", NULL, 0, NULL));
}

static bool readable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, 2000) == 1 && pollfd.revents & POLLIN;
}

TEST_F(library, declare)
{
	struct bns_service how = {
		.flags = BOOTSTRAP_DECLARE_UID, .type = SOCK_STREAM,
		.backlog = 4, .uid = ALICE,
	};
	struct bootstrap_peer peer = { .size = sizeof(peer) };
	uint64_t generation = 77, needs, checked_in;
	int handle, client, right;

	handle = bns_declare(self->port, "d", &how, &generation);
	ASSERT_LE(0, handle);
	EXPECT_EQ(FD_CLOEXEC, fcntl(handle, F_GETFD));
	EXPECT_EQ(-EEXIST, bns_declare(self->port, "d", NULL, NULL));
	EXPECT_EQ(-ESRCH, bns_take_over_handle(handle));
	client = bns_look_up(self->port, "d", NULL, 0, NULL);
	ASSERT_LE(0, client);
	EXPECT_EQ(-ESRCH, bns_peer(self->port, client, &peer));
	EXPECT_EQ(0, peer.pid);
	EXPECT_TRUE(readable(handle));
	EXPECT_EQ(8, read(handle, &needs, sizeof(needs)));
	EXPECT_EQ(1, needs);
	/* Root is not whom the name admits: only the handle does. */
	EXPECT_EQ(-EPERM, bns_check_in(self->port, "d",
				       &(struct bns_service){
					       .flags = BOOTSTRAP_CHECK_IN_STRICT },
				       NULL));
	right = bns_check_in_handle(handle, 0, &checked_in);
	ASSERT_LE(0, right);
	EXPECT_EQ(generation, checked_in);
	EXPECT_EQ(-EBUSY, bns_check_in_handle(handle, 0, NULL));
	EXPECT_EQ(0, bns_take_over_handle(handle));
	EXPECT_EQ(0, bns_peer(self->port, client, &peer));
	EXPECT_EQ(getpid(), peer.pid);
	EXPECT_EQ(ROOT_ID, peer.session);
	EXPECT_EQ(0, child_result(server_start(right, "on demand")));
	EXPECT_STREQ("on demand", said(client));
	EXPECT_EQ(0, bns_unregister(self->port, "d", NULL, generation));
	EXPECT_EQ(0, read(handle, &needs, sizeof(needs)));
	EXPECT_EQ(-ENOENT, bns_check_in_handle(handle, 0, NULL));
}

TEST_F(library, peer)
{
	struct bootstrap_peer peer = { .size = sizeof(peer), .pid = 9 };
	int ends[2];

	EXPECT_EQ(-EBADF, bns_peer(self->port, self->tag, &peer));
	EXPECT_EQ(9, peer.pid);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	EXPECT_EQ(0, bns_peer(self->port, ends[0], &peer));
	EXPECT_EQ(getpid(), peer.pid);
	EXPECT_EQ(0, peer.uid);
	peer.size = 0;
	EXPECT_EQ(-EINVAL, bns_peer(self->port, ends[0], &peer));
}

/* What a server that was started with receive rights makes of them. */
static bool listens(int fd, const char *address)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	return !fcntl(fd, F_GETFD) &&
	       !getsockname(fd, (struct sockaddr *)&addr, &len) &&
	       !strcmp(addr.sun_path, address);
}

static int listen_fds_child(int port, const int *handles,
			    const char *const *names)
{
	/* Also where the rights are to go, and the other way around. */
	const int low[2] = { dup2(handles[0], 4), dup2(handles[1], 3) };
	struct bootstrap_peer peer = { .size = sizeof(peer) };
	char pid[16];
	int client;

	if (bns_listen_fds(low, names, 2))
		return 1;
	snprintf(pid, sizeof(pid), "%d", getpid());
	if (strcmp(getenv("LISTEN_FDS"), "2") ||
	    strcmp(getenv("LISTEN_PID"), pid) ||
	    strcmp(getenv("LISTEN_FDNAMES"), "one:t_w_o"))
		return 2;
	if (!listens(3, "/bootstrap/one") || !listens(4, "/bootstrap/t:w:o"))
		return 3;
	client = bns_look_up(port, "t:w:o", NULL, 0, NULL);
	if (bns_peer(port, client, &peer) || peer.pid != (__u32)getpid())
		return 4;
	return bns_listen_fds(handles, names, 2) == -EBUSY ? 0 : 5;
}

TEST_F(library, listen_fds)
{
	const char *const names[] = { "one", "t:w:o" };
	int port = fcntl(self->port, F_DUPFD, 10), handles[2], i;
	pid_t pid;

	for (i = 0; i < 2; i++) {
		handles[i] = bns_declare(port, names[i], NULL, NULL);
		ASSERT_LE(0, handles[i]);
		handles[i] = fcntl(handles[i], F_DUPFD, 10);
	}
	pid = fork();
	if (!pid)
		_exit(listen_fds_child(port, handles, names));
	EXPECT_EQ(0, child_result(pid));
}

static uint64_t deadline_in(unsigned int milliseconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec +
	       milliseconds * 1000000ULL;
}

TEST_F(library, look_up_until)
{
	struct bootstrap_info info = { .size = sizeof(info), .pid = 9 };
	struct peer peer;
	pid_t pid;
	int fd;

	EXPECT_EQ(-ETIMEDOUT, bns_look_up_until(self->port, "w", NULL, 0,
						deadline_in(50), &info));
	EXPECT_EQ(9, info.pid);
	EXPECT_EQ(-ENOENT, bns_look_up_until(self->port, "w", NULL, 0, 0, NULL));
	pid = fork();
	if (!pid)
		_exit(tag_of(bns_look_up_until(self->port, "w", NULL, 0,
					       BOOTSTRAP_DEADLINE_NEVER,
					       NULL)) != 5);
	peer = peer_start(NULL, 0);
	ASSERT_EQ(0, peer_register(&peer, "w", 5));
	EXPECT_EQ(0, child_result(pid));
	fd = bns_look_up_until(self->port, "w", NULL, 0, deadline_in(1), &info);
	EXPECT_EQ(5, tag_of(fd));
	EXPECT_EQ(peer.pid, info.pid);
	peer_stop(&peer);
	errno = 0;
}

TEST_F(library, look_up_array)
{
	struct bootstrap_info info = { .size = sizeof(info) };
	struct bootstrap_look_up_entry entries[] = {
		bns_look_up_entry("a1", &info),
		bns_look_up_entry("absent", NULL),
		bns_look_up_entry(NULL, NULL),
		bns_look_up_entry("a2", NULL),
	};
	static struct bootstrap_look_up_entry many[BOOTSTRAP_LOOK_UP_ARRAY_MAX + 1];

	ASSERT_EQ(0, bns_register(self->port, "a1", self->tag, NULL, NULL));
	ASSERT_EQ(0, bns_register(self->port, "a2", self->tag, NULL, NULL));
	EXPECT_EQ(2, bns_look_up_array(self->port, entries, 4, NULL, 0, 0));
	EXPECT_EQ(42, tag_of(entries[0].result));
	EXPECT_EQ(getpid(), info.pid);
	EXPECT_EQ(-ENOENT, entries[1].result);
	EXPECT_EQ(-EINVAL, entries[2].result);
	EXPECT_EQ(42, tag_of(entries[3].result));
	EXPECT_EQ(-EMSGSIZE, bns_look_up_array(self->port, many,
					       ARRAY_SIZE(many), NULL, 0, 0));
}

/* The records of one read; returns how many. */
static int records_read(int watch, char *page, size_t size)
{
	const struct bootstrap_record *record;
	ssize_t left = read(watch, page, size);
	int n = 0;

	for (record = bns_record_first(page); left > 0;
	     left -= record->length, record = bns_record_next(record))
		n++;
	return n;
}

TEST_F(library, watch)
{
	static _Alignas(8) char page[4096];
	const struct bootstrap_record *record = bns_record_first(page);
	const struct bootstrap_name_record *about;
	uint64_t namespace_id = 77;
	int watch;

	EXPECT_EQ(-ESRCH, bns_watch(self->port,
				    &(struct bns_scope){
					    .kind = BOOTSTRAP_SCOPE_SESSION_ID,
					    .session = 0xfffffff0 },
				    &namespace_id));
	EXPECT_EQ(77, namespace_id);
	ASSERT_EQ(0, bns_register(self->port, "here", self->tag, NULL, NULL));
	watch = bns_watch(self->port, NULL, &namespace_id);
	ASSERT_LE(0, watch);
	EXPECT_EQ(FD_CLOEXEC, fcntl(watch, F_GETFD));
	ASSERT_EQ(2, records_read(watch, page, sizeof(page)));
	EXPECT_EQ(BOOTSTRAP_RECORD_PRESENT, record->type);
	about = bns_record_about_name(record);
	ASSERT_NE(NULL, about);
	EXPECT_STREQ("here", bns_record_name(about));
	EXPECT_EQ(namespace_id, about->info.namespace_id);
	record = bns_record_next(record);
	EXPECT_EQ(BOOTSTRAP_RECORD_COMPLETE, record->type);
	EXPECT_EQ(NULL, bns_record_about_name(record));
	ASSERT_EQ(0, bns_unregister(self->port, "here", NULL, 0));
	EXPECT_TRUE(readable(watch));
	ASSERT_EQ(1, records_read(watch, page, sizeof(page)));
	record = bns_record_first(page);
	EXPECT_EQ(BOOTSTRAP_RECORD_REMOVED, record->type);
	EXPECT_STREQ("here", bns_record_name(bns_record_about_name(record)));
}

#define THREADS 4
#define ROUNDS 200

static void *register_and_look_up(void *arg)
{
	long number = (long)arg, i;
	int port = bns_open(), tag = tag_new(number), fd;
	char name[16];

	for (i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "t%ld", number);
		if (bns_register(port, name, tag, NULL, NULL))
			return "register";
		fd = bns_look_up(port, name, NULL, 0, NULL);
		if (tag_of(fd) != number)
			return "look up";
		close(fd);
		if (bns_unregister(port, name, NULL, 0))
			return "unregister";
	}
	close(port);
	close(tag);
	return NULL;
}

TEST_F(library, threads)
{
	pthread_t threads[THREADS];
	void *ret;
	long i;

	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL,
					    register_and_look_up, (void *)i));
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &ret));
		EXPECT_EQ(NULL, ret) {
			TH_LOG("%s", (char *)ret);
		}
	}
	errno = 0;
}

/* However often a name is replaced, there is no moment without it. */
static void *replace_again_and_again(void *arg)
{
	struct bns_registration how = { 0 };
	int port = *(int *)arg, tag = tag_new(5), i;
	uint64_t generation;

	if (bns_register(port, "always", tag, NULL, &generation))
		return "register";
	for (i = 0; i < 1000; i++) {
		how.replace = generation;
		if (bns_register(port, "always", tag, &how, &generation))
			return "replace";
		if (bns_take_over(port, "always", NULL, generation))
			return "take over";
	}
	return NULL;
}

TEST_F(library, replaced_names_are_always_there)
{
	pthread_t thread;
	void *ret;
	int fd;

	ASSERT_EQ(0, pthread_create(&thread, NULL, replace_again_and_again,
				    &self->port));
	while ((fd = bns_look_up(self->port, "always", NULL, 0, NULL)) == -ENOENT)
		;
	while (pthread_tryjoin_np(thread, &ret)) {
		EXPECT_LE(0, fd);
		close(fd);
		fd = bns_look_up(self->port, "always", NULL, 0, NULL);
	}
	EXPECT_EQ(NULL, ret);
	EXPECT_LE(0, fd);
	errno = 0;
}

TEST_HARNESS_MAIN
