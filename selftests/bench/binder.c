// SPDX-License-Identifier: GPL-2.0
/*
 * Binder, as Android looks up its services: a context manager that has names is
 * sent a transaction, and replies with a file. No library is between: a look-up
 * is one ioctl of the client's, and two of the manager's, to whom the driver says
 * that a reply is on its way before it waits for what comes next.
 */
#include <stddef.h>
#include <linux/android/binder.h>

#include "peers.h"
#include "table.h"

#define BINDER_PATH	"/dev/binder"
#define MAP_SIZE	(128 * 1024)
#define LOOK_UP		1

/*
 * What either side writes: that a buffer is free, whose address is not aligned,
 * and a message.
 */
struct commands {
	uint32_t free, buffer[2];
	uint32_t command;
	struct binder_transaction_data message;
};

struct binder {
	int fd;
	struct commands write;
	char read[256];
	struct binder_transaction_data got;
};

static void binder_open(struct binder *binder)
{
	binder->fd = open(BINDER_PATH, O_RDWR | O_CLOEXEC);
	REQUIRE(binder->fd >= 0);
	REQUIRE(mmap(NULL, MAP_SIZE, PROT_READ, MAP_PRIVATE, binder->fd, 0) !=
		MAP_FAILED);
	binder->write.free = BC_FREE_BUFFER;
}

/* Is a message among what was read? */
static bool binder_got(struct binder *binder, size_t size)
{
	const char *at = binder->read, *end = at + size;
	uint32_t code;

	while (at < end) {
		memcpy(&code, at, sizeof(code));
		at += sizeof(code);
		if (code == BR_TRANSACTION || code == BR_REPLY) {
			memcpy(&binder->got, at, sizeof(binder->got));
			return true;
		}
		REQUIRE(code == BR_NOOP || code == BR_TRANSACTION_COMPLETE);
	}
	return false;
}

/* Has these commands carried out, and waits for a message. */
static void binder_exchange(struct binder *binder, const void *commands,
			    size_t size)
{
	struct binder_write_read args = {
		.write_size = size, .write_buffer = (uintptr_t)commands,
		.read_size = sizeof(binder->read),
		.read_buffer = (uintptr_t)binder->read,
	};

	REQUIRE(!ioctl(binder->fd, BINDER_WRITE_READ, &args));
	while (!binder_got(binder, args.read_consumed)) {
		args.write_size = 0;
		args.read_consumed = 0;
		REQUIRE(!ioctl(binder->fd, BINDER_WRITE_READ, &args));
	}
}

/* A message for the one that was got last, whose buffer it frees. */
static void binder_send(struct binder *binder)
{
	struct commands *write = &binder->write;

	memcpy(write->buffer, &binder->got.data.ptr.buffer,
	       sizeof(write->buffer));
	/* Nothing was got before the first. */
	if (binder->got.data.ptr.buffer)
		binder_exchange(binder, write, sizeof(*write));
	else
		binder_exchange(binder, &write->command,
				sizeof(*write) -
				offsetof(struct commands, command));
}

static const void *payload(const struct binder *binder)
{
	return (const void *)(uintptr_t)binder->got.data.ptr.buffer;
}

/* The reply has either a file, or a number that says why there is none. */
static void reply(struct binder *binder, struct table *table)
{
	static struct binder_fd_object object = { .hdr.type = BINDER_TYPE_FD };
	static const binder_size_t offset;
	static int32_t status;
	const struct entry *entry = NULL;

	if (binder->got.code == LOOK_UP &&
	    binder->got.data_size == sizeof(struct name))
		entry = *table_find(table, payload(binder));
	binder->write.command = BC_REPLY;
	if (entry) {
		object.fd = entry->fd;
		binder->write.message = (struct binder_transaction_data){
			.data_size = sizeof(object),
			.offsets_size = sizeof(offset),
			.data.ptr = { (uintptr_t)&object, (uintptr_t)&offset },
		};
	} else {
		status = -ENOENT;
		binder->write.message = (struct binder_transaction_data){
			.flags = TF_STATUS_CODE,
			.data_size = sizeof(status),
			.data.ptr.buffer = (uintptr_t)&status,
		};
	}
	binder_send(binder);
}

static void manage(int ready)
{
	static struct table table;
	static struct binder binder;
	const uint32_t enter = BC_ENTER_LOOPER;
	int i;

	binder_open(&binder);
	REQUIRE(!ioctl(binder.fd, BINDER_SET_CONTEXT_MGR, 0));
	for (i = 0; i < PEER_NAMES; i++) {
		struct name name = name_from(name_of(i));

		REQUIRE(!table_add(&table, &name, tag_new(i), 0));
	}
	REQUIRE(write(ready, "r", 1) == 1);
	binder_exchange(&binder, &enter, sizeof(enter));
	for (;;)
		reply(&binder, &table);
}

static void manager_start(void)
{
	int ready[2];
	char c;

	REQUIRE(!pipe2(ready, O_CLOEXEC));
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		manage(ready[1]);
	}
	close(ready[1]);
	REQUIRE(read(ready[0], &c, 1) == 1);
	close(ready[0]);
}

/* The context manager is whom no handle is needed for. */
static void client_open(struct binder *binder)
{
	binder_open(binder);
	binder->write.command = BC_TRANSACTION;
	binder->write.message = (struct binder_transaction_data){
		.code = LOOK_UP, .flags = TF_ACCEPT_FDS,
		.data_size = sizeof(struct name),
	};
}

static int do_binder_look_up(struct binder *binder, const struct name *name)
{
	binder->write.message.data.ptr.buffer = (uintptr_t)name;
	binder_send(binder);
	if (binder->got.flags & TF_STATUS_CODE)
		return *(const int32_t *)payload(binder);
	return ((const struct binder_fd_object *)payload(binder))->fd;
}

void bench_binder(void)
{
	static struct binder binder;
	struct name names[PEER_NAMES], no_name = name_from(NO_NAME);
	int i, next = 0;

	manager_start();
	client_open(&binder);
	for (i = 0; i < PEER_NAMES; i++) {
		names[i] = name_from(name_of(i));
		REQUIRE(has_tag(do_binder_look_up(&binder, &names[i]), i));
	}
	REQUIRE(do_binder_look_up(&binder, &no_name) == -ENOENT);
	MEASURE_SETTLED("binder_look_up", {
		close(do_binder_look_up(&binder, &names[next]));
		next = next + 1 < PEER_NAMES ? next + 1 : 0;
	});
}
