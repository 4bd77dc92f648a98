// SPDX-License-Identifier: GPL-2.0
/*
 * What can be had without a module: a process that keeps files, and hands them
 * out over AF_UNIX. It has a thread for each connection, that does no more for a
 * request than to receive it and to send its answer: to wait for many at once,
 * and then to read from one of them, would be a call more. Packets take less of
 * the kernel than a stream does.
 */
#include <pthread.h>

#include "peers.h"
#include "table.h"

#define SOCKET_PATH	"/tmp/broker"

enum { LOOK_UP, REGISTER, UNREGISTER };

struct request {
	struct name name;
	uint32_t command;
};

/* No more than one descriptor fits: its length, not its space. */
union control {
	char bytes[CMSG_LEN(sizeof(int))];
	struct cmsghdr header;
};

static struct table table;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static ssize_t send_file(int to, const void *data, size_t size, int fd)
{
	union control control = { .header = {
		.cmsg_len = sizeof(control.bytes),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	struct iovec iov = { (void *)data, size };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.bytes),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The descriptor is -1 if none came with the message. */
static ssize_t receive(int from, void *data, size_t size, int *fd)
{
	union control control;
	struct iovec iov = { data, size };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t ret = recvmsg(from, &message, MSG_CMSG_CLOEXEC);

	*fd = -1;
	if (ret >= 0 && message.msg_controllen >= sizeof(control.bytes))
		memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	return ret;
}

/* Who does not take an answer gets no other. */
static bool answer(int client, int32_t result)
{
	return send(client, &result, sizeof(result),
		    MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(result);
}

/* Until it is sent, nobody may close the file. */
static bool answer_look_up(int client, const struct name *name)
{
	const struct entry *entry;
	const int32_t found = 0;
	bool answered;

	pthread_rwlock_rdlock(&lock);
	entry = *table_find(&table, name);
	answered = entry ? send_file(client, &found, sizeof(found),
				     entry->fd) == sizeof(found) :
			   answer(client, -ENOENT);
	pthread_rwlock_unlock(&lock);
	return answered;
}

static int register_file(int client, const struct name *name, int fd)
{
	int ret;

	if (fd < 0)
		return -EBADF;
	pthread_rwlock_wrlock(&lock);
	ret = table_add(&table, name, fd, client);
	pthread_rwlock_unlock(&lock);
	if (ret)
		close(fd);
	return ret;
}

static int unregister(int client, const struct name *name)
{
	struct entry **at;
	int ret = 0;

	pthread_rwlock_wrlock(&lock);
	at = table_find(&table, name);
	if (!*at)
		ret = -ENOENT;
	else if ((*at)->owner != client)
		ret = -EPERM;
	else
		table_remove(at);
	pthread_rwlock_unlock(&lock);
	return ret;
}

static bool carry_out(int client, const struct request *request, int fd)
{
	if (request->command == REGISTER)
		return answer(client,
			      register_file(client, &request->name, fd));
	if (fd >= 0)
		close(fd);
	switch (request->command) {
	case LOOK_UP:
		return answer_look_up(client, &request->name);
	case UNREGISTER:
		return answer(client, unregister(client, &request->name));
	default:
		return answer(client, -EINVAL);
	}
}

/* Names do not outlive the connection that they were registered by. */
static void forget(int client)
{
	struct entry **at;
	size_t i;

	pthread_rwlock_wrlock(&lock);
	for (i = 0; i < ARRAY_SIZE(table.entries); i++)
		for (at = &table.entries[i]; *at;)
			if ((*at)->owner == client)
				table_remove(at);
			else
				at = &(*at)->next;
	pthread_rwlock_unlock(&lock);
}

static void *serve_client(void *arg)
{
	int client = (intptr_t)arg, fd;
	struct request request;

	while (receive(client, &request, sizeof(request), &fd) ==
	       sizeof(request) && carry_out(client, &request, fd))
		;
	forget(client);
	close(client);
	return NULL;
}

static void serve(int listener)
{
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pthread_t thread;

		REQUIRE(client >= 0);
		REQUIRE(!pthread_create(&thread, NULL, serve_client,
					(void *)(intptr_t)client));
		pthread_detach(thread);
	}
}

/* Starts the broker in a process of its own; returns a connection to it. */
static int broker_start(void)
{
	struct sockaddr_un address = socket_address(SOCKET_PATH);
	int listener = listen_at(SOCKET_PATH, SOCK_SEQPACKET);
	int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(client);
		serve(listener);
	}
	close(listener);
	REQUIRE(!connect(client, (void *)&address, sizeof(address)));
	return client;
}

static struct request request_new(uint32_t command, const char *name)
{
	return (struct request){ .name = name_from(name), .command = command };
}

/* To be told no more than whether it went well. */
static int result_of(int broker)
{
	int32_t result;

	REQUIRE(recv(broker, &result, sizeof(result), 0) == sizeof(result));
	return result;
}

static int do_broker_look_up(int broker, const struct request *request)
{
	int32_t result;
	int fd;

	REQUIRE(send(broker, request, sizeof(*request), 0) == sizeof(*request));
	REQUIRE(receive(broker, &result, sizeof(result), &fd) ==
		sizeof(result));
	return result ? result : fd;
}

static int do_broker_register(int broker, const struct request *request, int fd)
{
	REQUIRE(send_file(broker, request, sizeof(*request), fd) ==
		sizeof(*request));
	return result_of(broker);
}

static int do_broker_unregister(int broker, const struct request *request)
{
	REQUIRE(send(broker, request, sizeof(*request), 0) == sizeof(*request));
	return result_of(broker);
}

static void measure_look_up(int broker)
{
	struct request requests[PEER_NAMES];
	struct request miss = request_new(LOOK_UP, NO_NAME);
	int i, next = 0;

	for (i = 0; i < PEER_NAMES; i++) {
		struct request reg = request_new(REGISTER, name_of(i));
		int file = tag_new(i);

		REQUIRE(!do_broker_register(broker, &reg, file));
		REQUIRE(do_broker_register(broker, &reg, file) == -EEXIST);
		close(file);
		requests[i] = request_new(LOOK_UP, name_of(i));
		REQUIRE(has_tag(do_broker_look_up(broker, &requests[i]), i));
	}
	REQUIRE(do_broker_look_up(broker, &miss) == -ENOENT);
	MEASURE_SETTLED("broker_look_up", {
		close(do_broker_look_up(broker, &requests[next]));
		next = next + 1 < PEER_NAMES ? next + 1 : 0;
	});
}

static void measure_register(int broker)
{
	struct request reg = request_new(REGISTER, name_of(PEER_NAMES));
	struct request unreg = request_new(UNREGISTER, name_of(PEER_NAMES));
	struct request look_up = request_new(LOOK_UP, name_of(PEER_NAMES));
	int file = tag_new(PEER_NAMES);

	MEASURE_SETTLED("broker_register", {
		REQUIRE(!do_broker_register(broker, &reg, file));
		REQUIRE(!do_broker_unregister(broker, &unreg));
	});
	REQUIRE(do_broker_look_up(broker, &look_up) == -ENOENT);
}

void bench_broker(void)
{
	int broker = broker_start();

	measure_look_up(broker);
	measure_register(broker);
}
