// SPDX-License-Identifier: GPL-2.0
/* Watches: the present state first, then each change once, or word of a loss. */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "bootstrap_test.h"
#include "harness.h"

#define PARAMETER(name) "/sys/module/bootstrap/parameters/" name
/* More changes than any watch keeps. */
#define TOO_MANY 1000

static int do_watch(int port, struct bootstrap_watch *args)
{
	memset(args, 0, sizeof(*args));
	args->size = sizeof(*args);
	return call(port, BOOTSTRAP_IOC_WATCH, args);
}

static int do_watch_nonblock(int port)
{
	struct bootstrap_watch args;
	int fd = do_watch(port, &args);

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* One record, read by itself. */
struct event {
	struct bootstrap_record record;
	struct bootstrap_info info;
	char name[BOOTSTRAP_NAME_MAX + 1];
};

static int event_parse(const char *room, struct event *event)
{
	const struct bootstrap_name_record *record = (const void *)room;

	memset(event, 0, sizeof(*event));
	event->record = record->record;
	if (record->record.length == sizeof(record->record))
		return record->record.type;
	event->info = record->info;
	memcpy(event->name, room + record->name_offset, record->name_len);
	if (room[record->name_offset + record->name_len] ||
	    record->info.size != sizeof(record->info))
		return -EPROTO;
	return record->record.type;
}

/* The smallest room that does, so that no second fits if nobody else is about. */
static int next_event(int watch, struct event *event)
{
	_Alignas(8) char room[BOOTSTRAP_RECORD_MAX];
	size_t size = BOOTSTRAP_RECORD_SIZE_VER0;
	ssize_t got;

	do {
		got = read(watch, room, size);
		size += 8;
	} while (got < 0 && errno == EMSGSIZE);
	if (got <= 0)
		return got ? -errno : 0;
	if (((struct bootstrap_record *)room)->length != got)
		return -EPROTO;
	return event_parse(room, event);
}

/* Reads as much as there is, for when others change it meanwhile. */
struct reader {
	int watch;
	ssize_t got, at;
	_Alignas(8) char room[4096];
};

static int reader_next(struct reader *reader, struct event *event)
{
	const char *at;

	if (reader->at == reader->got) {
		reader->at = 0;
		reader->got = read(reader->watch, reader->room,
				   sizeof(reader->room));
		if (reader->got <= 0) {
			reader->got = 0;
			return 0;
		}
	}
	at = reader->room + reader->at;
	reader->at += ((struct bootstrap_record *)at)->length;
	return event_parse(at, event);
}

#define EXPECT_EVENT(_watch, _type, _name)				\
do {									\
	struct event event_;						\
	EXPECT_EQ(_type, next_event(_watch, &event_));			\
	EXPECT_STREQ(_name, event_.name);				\
} while (0)

static void flip(int port, int tag, int times)
{
	while (times--) {
		do_register(port, "flip", tag);
		do_unregister(port, "flip");
	}
}

/* Reads until nothing is left; returns the last type, or 0. */
static int drain(int watch)
{
	struct event event;
	int type, last = 0;

	while ((type = next_event(watch, &event)) > 0)
		last = type;
	return last;
}

FIXTURE(watch)
{
	int port;
	int tag;
};

FIXTURE_SETUP(watch)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(7);
}

FIXTURE_TEARDOWN(watch)
{
	close(self->port);
	close(self->tag);
}

TEST_F(watch, tells_the_present_and_then_changes)
{
	struct bootstrap_session session;
	struct bootstrap_watch args;
	struct event event;
	__u64 number = 0;
	int watch;

	ASSERT_EQ(0, do_session(self->port, &session));
	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	ASSERT_EQ(0, do_register(self->port, "b", self->tag));
	watch = do_watch(self->port, &args);
	ASSERT_LE(0, watch);
	EXPECT_EQ(session.namespace_id, args.namespace_id);
	EXPECT_EQ(FD_CLOEXEC, fcntl(watch, F_GETFD));
	fcntl(watch, F_SETFL, O_NONBLOCK);

	/* One that the reader is yet to come to, and one that is new. */
	ASSERT_EQ(0, do_unregister(self->port, "a"));
	ASSERT_EQ(0, do_register(self->port, "c", self->tag));
	EXPECT_EQ(BOOTSTRAP_RECORD_PRESENT, next_event(watch, &event));
	EXPECT_STREQ("b", event.name);
	EXPECT_EQ(++number, event.record.number);
	EXPECT_EQ(getpid(), event.info.pid);
	EXPECT_EQ(session.namespace_id, event.info.namespace_id);
	EXPECT_EQ(BOOTSTRAP_RECORD_COMPLETE, next_event(watch, &event));
	EXPECT_EQ(++number, event.record.number);
	EXPECT_EQ(BOOTSTRAP_RECORD_ADDED, next_event(watch, &event));
	EXPECT_STREQ("c", event.name);
	EXPECT_EQ(++number, event.record.number);
	EXPECT_EQ(-EAGAIN, next_event(watch, &event));
	ASSERT_EQ(0, do_unregister(self->port, "b"));
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_REMOVED, "b");
	EXPECT_EQ(-EAGAIN, next_event(watch, &event));
	close(watch);
}

TEST_F(watch, tells_replacement_but_not_take_over)
{
	struct bootstrap_register args = args_register("a", self->tag);
	struct event removed, added;
	int watch;

	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	watch = do_watch_nonblock(self->port);
	drain(watch);
	ASSERT_EQ(0, do_take_over(self->port, "a"));
	EXPECT_EQ(-EAGAIN, next_event(watch, &removed));
	args.replace = args.generation;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	EXPECT_EQ(BOOTSTRAP_RECORD_REMOVED, next_event(watch, &removed));
	EXPECT_EQ(args.replace, removed.info.generation);
	EXPECT_EQ(BOOTSTRAP_RECORD_ADDED, next_event(watch, &added));
	EXPECT_EQ(args.generation, added.info.generation);
	close(watch);
}

TEST_F(watch, is_polled)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int watch = do_watch_nonblock(self->port), epoll = epoll_create1(0);
	struct pollfd pfd = { .fd = watch, .events = POLLIN };

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, watch, &event));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	drain(watch);
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	flip(self->port, self->tag, 1);
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLIN, pfd.revents);
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	close(epoll);
	close(watch);
}

static void *read_thread(void *arg)
{
	struct event event;

	return (void *)(intptr_t)next_event(*(int *)arg, &event);
}

static void on_signal(int signal)
{
	(void)signal;
}

TEST_F(watch, blocks_until_something_changes)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct bootstrap_watch args;
	pthread_t thread;
	void *ret;
	int watch;

	watch = do_watch_nonblock(self->port);
	drain(watch);
	fcntl(watch, F_SETFL, 0);
	pthread_create(&thread, NULL, read_thread, &watch);
	usleep(20000);
	flip(self->port, self->tag, 1);
	pthread_join(thread, &ret);
	EXPECT_EQ(BOOTSTRAP_RECORD_ADDED, (intptr_t)ret);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_REMOVED, "flip");

	/* A signal ends it, sooner or later. */
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, read_thread, &watch);
	while (pthread_tryjoin_np(thread, &ret)) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	EXPECT_EQ(-EINTR, (intptr_t)ret);
	close(watch);
	args.size = 0;
	EXPECT_EQ(-EINVAL, call(self->port, BOOTSTRAP_IOC_WATCH, &args));
}

TEST_F(watch, tells_of_loss)
{
	int watch = do_watch_nonblock(self->port);
	struct event event;
	__u64 number;

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	drain(watch);
	flip(self->port, self->tag, TOO_MANY);
	ASSERT_EQ(0, do_unregister(self->port, "a"));
	ASSERT_EQ(0, do_register(self->port, "b", self->tag));
	EXPECT_EQ(BOOTSTRAP_RECORD_OVERFLOW, next_event(watch, &event));
	number = event.record.number;
	EXPECT_EQ(BOOTSTRAP_RECORD_PRESENT, next_event(watch, &event));
	EXPECT_STREQ("b", event.name);
	EXPECT_EQ(number + 1, event.record.number);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_COMPLETE, "");
	EXPECT_EQ(-EAGAIN, next_event(watch, &event));
	/* As good as new. */
	flip(self->port, self->tag, 1);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_ADDED, "flip");
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_REMOVED, "flip");
	close(watch);
}

TEST_F(watch, loses_nothing_to_a_bad_buffer)
{
	int watch = do_watch_nonblock(self->port);
	char small[BOOTSTRAP_RECORD_SIZE_VER0 - 1];
	struct event event;
	void *nowhere;

	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, nowhere);
	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	EXPECT_EQ(-1, read(watch, small, sizeof(small)));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(-1, read(watch, small, 0));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_COMPLETE, "");
	EXPECT_EQ(-1, read(watch, nowhere, 4096));
	EXPECT_EQ(EFAULT, errno);
	/* What could not be told is void, and told anew. */
	EXPECT_EQ(BOOTSTRAP_RECORD_OVERFLOW, next_event(watch, &event));
	EXPECT_EQ(2, event.record.number);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_PRESENT, "a");
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_COMPLETE, "");
	close(watch);
}

TEST_F(watch, fills_its_buffer)
{
	_Alignas(8) char room[4096];
	char name[16];
	struct bootstrap_record *record = (void *)room;
	int watch = do_watch_nonblock(self->port);
	ssize_t got, at;
	int i, count = 0;

	drain(watch);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		ASSERT_EQ(0, do_register(self->port, name, self->tag));
	}
	while ((got = read(watch, room, sizeof(room))) > 0) {
		for (at = 0; at < got; at += record->length) {
			record = (void *)(room + at);
			ASSERT_EQ(0, record->length % 8);
			EXPECT_EQ(BOOTSTRAP_RECORD_ADDED, record->type);
			/* COMPLETE was the first. */
			EXPECT_EQ(count + 2, record->number);
			count++;
		}
		EXPECT_EQ(got, at);
	}
	EXPECT_EQ(-1, got);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(100, count);
	close(watch);
}

/* Who reads it is not asked, but who made it, as he was. */
TEST_F(watch, tells_what_its_maker_may_look_up)
{
	struct bootstrap_register args = args_register("a", self->tag);
	int sockets[2], watch, other;
	struct peer_message message;
	struct event event;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets));
	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 4242;
	pid = fork();
	if (!pid) {
		gid_t groups[] = { 17, 18, 300, 4242, 5000 };

		if (setgroups(5, groups) || setresgid(ALICE, ALICE, ALICE) ||
		    setresuid(ALICE, ALICE, ALICE))
			_exit(1);
		watch = do_watch_nonblock(port_open());
		_exit(!peer_send(sockets[1], &message, watch));
	}
	ASSERT_TRUE(peer_receive(sockets[0], &message, &watch));
	EXPECT_EQ(0, child_result(pid));
	pid = fork();
	if (!pid) {
		become(BOB);
		other = do_watch_nonblock(port_open());
		_exit(!peer_send(sockets[1], &message, other));
	}
	ASSERT_TRUE(peer_receive(sockets[0], &message, &other));
	EXPECT_EQ(0, child_result(pid));
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	ASSERT_EQ(0, do_register(self->port, "b", self->tag));
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_COMPLETE, "");
	EXPECT_EQ(BOOTSTRAP_RECORD_ADDED, next_event(watch, &event));
	EXPECT_STREQ("a", event.name);
	EXPECT_EQ(4242, event.info.group);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_ADDED, "b");
	EXPECT_EVENT(other, BOOTSTRAP_RECORD_COMPLETE, "");
	EXPECT_EVENT(other, BOOTSTRAP_RECORD_ADDED, "b");
	EXPECT_EQ(-EAGAIN, next_event(other, &event));
	close(watch);
	close(other);
	/* Nor is it told what is there. */
	pid = fork();
	if (!pid) {
		become(BOB);
		watch = do_watch_nonblock(port_open());
		if (next_event(watch, &event) != BOOTSTRAP_RECORD_PRESENT ||
		    strcmp(event.name, "b"))
			_exit(1);
		_exit(next_event(watch, &event) != BOOTSTRAP_RECORD_COMPLETE);
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_F(watch, ends_with_its_namespace)
{
	struct bootstrap_watch args = {
		.size = sizeof(args), .scope = BOOTSTRAP_SCOPE_SESSION_ID,
	};
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_session session;
	struct event event;
	int watch, unread;

	ASSERT_EQ(0, peer_register(&alice, "a", 1));
	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	args.session = session.session;
	args.cookie = session.cookie;
	watch = call(self->port, BOOTSTRAP_IOC_WATCH, &args);
	ASSERT_LE(0, watch);
	unread = call(self->port, BOOTSTRAP_IOC_WATCH, &args);
	ASSERT_LE(0, unread);
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_PRESENT, "a");
	EXPECT_EVENT(watch, BOOTSTRAP_RECORD_COMPLETE, "");
	EXPECT_FALSE(hangs_up(watch, 0));
	peer_stop(&alice);
	/* The name may go before, with its owner. */
	while (next_event(watch, &event) == BOOTSTRAP_RECORD_REMOVED)
		EXPECT_STREQ("a", event.name);
	EXPECT_EQ(BOOTSTRAP_RECORD_DEAD, event.record.type);
	EXPECT_TRUE(hangs_up(watch, 0));
	EXPECT_EQ(0, next_event(watch, &event));
	EXPECT_EQ(0, next_event(watch, &event));
	while (next_event(unread, &event) == BOOTSTRAP_RECORD_PRESENT)
		;
	EXPECT_EQ(BOOTSTRAP_RECORD_COMPLETE, event.record.type);
	EXPECT_EVENT(unread, BOOTSTRAP_RECORD_DEAD, "");
	close(watch);
	close(unread);
	EXPECT_EQ(-ESRCH, call(self->port, BOOTSTRAP_IOC_WATCH, &args));
}

TEST_F(watch, stays_within_the_walls)
{
	struct peer alice = peer_start(log_in, ALICE);
	struct bootstrap_watch args = {
		.size = sizeof(args), .scope = BOOTSTRAP_SCOPE_SESSION_ID,
	};
	struct bootstrap_session session;
	pid_t pid;

	ASSERT_EQ(0, peer_register(&alice, "a", 1));
	ASSERT_EQ(0, peer_session(&alice, 0, 0, &session));
	args.session = session.session;
	pid = fork();
	if (!pid) {
		log_in(ALICE);
		_exit(call(port_open(), BOOTSTRAP_IOC_WATCH, &args) != -EPERM);
	}
	EXPECT_EQ(0, child_result(pid));
	peer_stop(&alice);
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));
}

TEST_F(watch, needs_a_descriptor)
{
	struct rlimit none = { 3, 3 };
	pid_t pid = fork();

	if (!pid) {
		struct bootstrap_watch args;

		dup2(self->port, 2);
		setrlimit(RLIMIT_NOFILE, &none);
		_exit(do_watch(2, &args) != -EMFILE ||
		      do_check_in(2, "new") != -EMFILE ||
		      do_declare(2, "new") != -EMFILE ||
		      usage_of(2, 0).watches || args.namespace_id);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "new"));
}

TEST_F(watch, is_limited)
{
	char before[16] = "";
	int fd = open(PARAMETER("watches_per_user"), O_RDONLY);
	pid_t pid;

	ASSERT_LT(0, read(fd, before, sizeof(before) - 1));
	close(fd);
	ASSERT_EQ(0, write_file(PARAMETER("watches_per_user"), "2"));
	pid = fork();
	if (!pid) {
		struct bootstrap_watch args, sessions = {
			.size = sizeof(sessions),
			.flags = BOOTSTRAP_WATCH_SESSIONS,
		};
		int port, first;

		become(ALICE);
		port = port_open();
		first = do_watch(port, &args);
		if (first < 0 || do_watch(port, &args) < 0 ||
		    do_watch(port, &args) != -EDQUOT ||
		    call(port, BOOTSTRAP_IOC_WATCH, &sessions) != -EDQUOT ||
		    usage_of(port, ALICE).watches != 2)
			_exit(1);
		close(first);
		_exit(do_watch(port, &args) < 0);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(0, usage_of(self->port, ALICE).watches);
	ASSERT_EQ(0, write_file(PARAMETER("watches_per_user"), before));
}

/* What a reader makes of the records. */
struct model {
	__u64 there[64];	/* generations by name, 0 for none */
	__u64 number;
	bool sound;
	bool told;
};

static void model_apply(struct model *model, int type,
			const struct event *event)
{
	__u64 *there = &model->there[atoi(event->name) % 64];

	model->sound &= event->record.number == ++model->number;
	switch (type) {
	case BOOTSTRAP_RECORD_PRESENT:
	case BOOTSTRAP_RECORD_ADDED:
		model->sound &= !*there;
		model->sound &= model->told == (type == BOOTSTRAP_RECORD_ADDED);
		*there = event->info.generation;
		break;
	case BOOTSTRAP_RECORD_REMOVED:
		model->sound &= *there == event->info.generation;
		*there = 0;
		break;
	case BOOTSTRAP_RECORD_COMPLETE:
		model->told = true;
		break;
	case BOOTSTRAP_RECORD_OVERFLOW:
		memset(model->there, 0, sizeof(model->there));
		model->told = false;
		break;
	default:
		model->sound = false;
	}
}

static void churn(int seed, int tag)
{
	int port = port_open();
	char name[8];

	srand(seed);
	for (;;) {
		/* Each has names of its own. */
		snprintf(name, sizeof(name), "%d", seed * 16 + rand() % 16);
		if (do_register(port, name, tag))
			do_unregister(port, name);
	}
}

/* With names that come and go, what watches told is what is there. */
TEST_F(watch, agrees_with_what_is_there)
{
	int round, i, type;
	struct reader reader;
	struct model model;
	struct event event;
	pid_t pids[4];
	char name[8];

	for (round = 0; round < scaled(50); round++) {
		for (i = 0; i < 4; i++) {
			pids[i] = fork();
			if (!pids[i])
				churn(i, self->tag);
		}
		usleep(5000);
		memset(&model, 0, sizeof(model));
		model.sound = true;
		reader.got = 0;
		reader.at = 0;
		reader.watch = do_watch_nonblock(self->port);
		ASSERT_LE(0, reader.watch);
		for (i = 0; i < 300; i++) {
			type = reader_next(&reader, &event);
			if (type)
				model_apply(&model, type, &event);
		}
		for (i = 0; i < 4; i++)
			kill(pids[i], SIGKILL);
		for (i = 0; i < 4; i++)
			wait_for(pids[i]);
		for (i = 0; i < 64; i++) {
			snprintf(name, sizeof(name), "%d", i);
			EXPECT_TRUE(eventually(look_up_result(self->port, name)));
		}
		while ((type = reader_next(&reader, &event)))
			model_apply(&model, type, &event);
		EXPECT_TRUE(model.sound);
		EXPECT_TRUE(model.told);
		for (i = 0; i < 64; i++)
			EXPECT_EQ(0, model.there[i]);
		close(reader.watch);
	}
}

TEST_HARNESS_MAIN
