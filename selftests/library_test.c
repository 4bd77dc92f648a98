// SPDX-License-Identifier: GPL-2.0
/* libbootstrap: each function, its errors, and that it keeps to its manners. */
#include <pthread.h>

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
	uint64_t generation = 77, next = 78;
	int fd;

	EXPECT_EQ(0, bns_register(self->port, "a", self->tag, NULL,
				  &generation));
	EXPECT_NE(77, generation);
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
