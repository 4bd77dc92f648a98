// SPDX-License-Identifier: GPL-2.0
/* The commands that hear of names: watch, wait. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* Those of the namespaces that a look-up goes through. */
struct watches {
	struct pollfd *polled;
	char (*where)[32];
	unsigned int count;
};

/* What a record is taken with. */
struct hearing {
	const struct args *args;
	const char *where;
};

static int watches_add(struct watches *watches, const struct stop *stop)
{
	int fd = bns_watch(stop->port, NULL, NULL);

	/* A look-up that begins in a dead namespace goes on as well. */
	if (fd == -ESHUTDOWN)
		return 0;
	if (fd < 0)
		return fd;
	/* What one has to tell is not to wait for another. */
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	watches->polled[watches->count] = (struct pollfd){
		.fd = fd, .events = POLLIN };
	snprintf(watches->where[watches->count], sizeof(watches->where[0]),
		 "%s", stop_text(stop));
	watches->count++;
	return 0;
}

static int watches_open(struct watches *watches, const struct args *args)
{
	struct way way;
	unsigned int i;
	int err = way_open(args, &way);

	watches->count = 0;
	watches->polled = calloc(way.count + 1, sizeof(*watches->polled));
	watches->where = calloc(way.count + 1, sizeof(*watches->where));
	if (!err && (!watches->polled || !watches->where))
		err = -ENOMEM;
	for (i = 0; i < way.count && !err; i++)
		err = watches_add(watches, &way.stops[i]);
	way_close(&way);
	return err || watches->count ? err : -ESHUTDOWN;
}

static void watches_close(struct watches *watches)
{
	while (watches->count)
		close(watches->polled[--watches->count].fd);
	free(watches->polled);
	free(watches->where);
}

int records_each(int watch, take_record take, void *context)
{
	const struct bootstrap_record *record;
	_Alignas(8) char page[16384];
	ssize_t left = read(watch, page, sizeof(page));

	if (left < 0)
		return errno == EAGAIN ? 1 : -errno;
	if (!left)
		return -ESHUTDOWN;
	for (record = bns_record_first(page); left > 0;
	     left -= record->length, record = bns_record_next(record))
		if (!take(record, context))
			return 0;
	return 1;
}

/* Returns 1 to go on, 0 if @take had enough, or an error. */
static int watch_read(struct watches *watches, unsigned int i,
		      const struct args *args, take_record take)
{
	struct hearing hearing = { args, watches->where[i] };
	int ret = records_each(watches->polled[i].fd, take, &hearing);

	if (ret != -ESHUTDOWN)
		return ret;
	/* All that there will ever be. */
	close(watches->polled[i].fd);
	watches->polled[i].fd = -1;
	return 1;
}

/*
 * Gives each record to @take, until @then if that is not below 0. Returns 0 if
 * @take had enough, or -ETIMEDOUT, -ESHUTDOWN (no namespace is left), or an
 * error.
 */
static int watches_read(struct watches *watches, const struct args *args,
			int64_t then, take_record take)
{
	unsigned int i, open;
	int n, ret;

	for (;;) {
		n = poll(watches->polled, watches->count, poll_timeout(then));
		if (n < 0)
			return -errno;
		if (!n && then >= 0 && now_ms() >= then)
			return -ETIMEDOUT;
		for (i = 0, open = 0; i < watches->count; i++) {
			if (watches->polled[i].fd >= 0 &&
			    watches->polled[i].revents) {
				ret = watch_read(watches, i, args, take);
				if (ret <= 0)
					return ret;
			}
			open += watches->polled[i].fd >= 0;
		}
		if (!open)
			return -ESHUTDOWN;
	}
}

static const char *record_text(uint32_t type)
{
	static const char *const texts[] = {
		[BOOTSTRAP_RECORD_PRESENT] = "present",
		[BOOTSTRAP_RECORD_COMPLETE] = "complete",
		[BOOTSTRAP_RECORD_ADDED] = "added",
		[BOOTSTRAP_RECORD_REMOVED] = "removed",
		[BOOTSTRAP_RECORD_DEMAND] = "demand",
		[BOOTSTRAP_RECORD_OVERFLOW] = "overflow",
		[BOOTSTRAP_RECORD_DEAD] = "dead",
	};

	return type < sizeof(texts) / sizeof(texts[0]) ? texts[type] : NULL;
}

static void record_print_json(const char *text, const char *where,
			      const struct bootstrap_record *record)
{
	const struct bootstrap_name_record *about =
		bns_record_about_name(record);
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "record", json_object_new_string(text));
	json_object_object_add(object, "number",
			       json_object_new_int64(record->number));
	json_object_object_add(object, "where", json_object_new_string(where));
	if (about) {
		json_object_object_add(object, "name",
				       json_object_new_string(bns_record_name(about)));
		json_add_info(object, &about->info);
	}
	json_print_line_free(object);
}

static void record_print(const char *text, const char *where,
			 const struct bootstrap_record *record)
{
	const struct bootstrap_name_record *about =
		bns_record_about_name(record);

	printf("%s ", text);
	if (about)
		printf("%s ", bns_record_name(about));
	printf("in %s", where);
	if (about) {
		printf(" (%s, ", kind_text(&about->info));
		if (about->info.pid)
			printf("process %u, ", about->info.pid);
		printf("user %u, generation %llu)", about->info.uid,
		       (unsigned long long)about->info.generation);
	}
	printf("\n");
}

/* Whoever reads the other end of a pipe is to hear of it now. */
static bool watch_record(const struct bootstrap_record *record, void *context)
{
	const struct hearing *hearing = context;
	const char *text = record_text(record->type);

	if (!text)
		return true;
	if (hearing->args->json)
		record_print_json(text, hearing->where, record);
	else
		record_print(text, hearing->where, record);
	return !fflush(stdout);
}

int cmd_watch(const struct args *args)
{
	struct watches watches;
	int err;

	if (args->sessions)
		return watch_sessions(args);
	err = watches_open(&watches, args);
	if (!err)
		err = watches_read(&watches, args, -1, watch_record);
	watches_close(&watches);
	if (err)
		return complain(err, "watch");
	fprintf(stderr, "bootstrapctl: watch: cannot write\n");
	return EXIT_SYSTEM;
}

static bool wait_record(const struct bootstrap_record *record, void *context)
{
	const struct hearing *hearing = context;
	const struct bootstrap_name_record *about =
		bns_record_about_name(record);

	return !about || record->type == BOOTSTRAP_RECORD_REMOVED ||
	       strcmp(bns_record_name(about), hearing->args->operand);
}

/*
 * By watches rather than by a look-up with a deadline, which would connect to a
 * service, and have the server of a declared one started.
 */
int cmd_wait(const struct args *args)
{
	struct watches watches;
	int64_t then = -1;
	int err;

	if (args->timeout >= 0)
		then = now_ms() + (int64_t)(args->timeout * 1000);
	err = watches_open(&watches, args);
	if (!err)
		err = watches_read(&watches, args, then, wait_record);
	watches_close(&watches);
	if (err == -ETIMEDOUT) {
		fprintf(stderr, "bootstrapctl: %s: still not there\n",
			args->operand);
		return EXIT_REFUSED;
	}
	return err ? complain(err, args->operand) : 0;
}
