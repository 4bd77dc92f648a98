// SPDX-License-Identifier: GPL-2.0
/* Look-ups of files: what they cost, and whether that grows. */
#include <bootstrap/bootstrap.h>

#include "own.h"

#define SIZE		BOOTSTRAP_LOOK_UP_SIZE_MIN
#define FEW		10
#define THOUSAND	1000
/* The first of the root's names, and of those that are not there. */
#define GLOBAL		0xa0000
#define GLOBAL_NAMES	50
#define MISSING		0xb0000

static int port;

/* In a login session of alice's, with so many names of 25 bytes. */
static void enter(int names)
{
	int file = tag_new(0);

	log_in(ALICE);
	port = port_open();
	REQUIRE(port >= 0);
	while (names--)
		REQUIRE(!do_register(port, name_of(names), file));
}

static void prepare(struct bootstrap_look_up *args, int count, int first)
{
	int i;

	for (i = 0; i < count; i++) {
		args[i] = args_look_up(strdup(name_of(first + i)));
		args[i].size = SIZE;
	}
}

/* Some of the names that there are, one after the other. */
static void measure(const char *key, int names)
{
	static struct bootstrap_look_up args[THOUSAND];
	int count = names < THOUSAND ? names : THOUSAND, next = 0, i;

	prepare(args, count, 0);
	/* Of many names, those that are looked up are not the first. */
	for (i = 0; i < count; i++)
		snprintf((char *)(uintptr_t)args[i].name, NAME_SIZE,
			 NAME_FORMAT, (unsigned int)(names - 1 -
				(unsigned long)i * names / count));
	REQUIRE(!look_up_result(port, name_of(names - 1)));
	MEASURE(key, 2000, {
		close(ioctl(port, BOOTSTRAP_IOC_LOOK_UP, &args[next]));
		next = next + 1 < count ? next + 1 : 0;
	});
}

static void measure_array(void)
{
	struct bootstrap_look_up args[20];
	struct bootstrap_look_up_entry entries[20] = {};
	struct bootstrap_look_up_array array = {
		.size = sizeof(array), .entries = (uintptr_t)entries,
		.count = 20,
	};
	double singly[BATCHES], together[BATCHES];
	int fds[20], batch, i;

	prepare(args, 20, 0);
	for (i = 0; i < 20; i++) {
		entries[i].name = args[i].name;
		entries[i].name_len = args[i].name_len;
	}
	for (batch = -1; batch < BATCHES; batch++) {
		int at = batch < 0 ? 0 : batch, times = 100;
		uint64_t start;

		/* What there is to be closed does not count. */
		for (singly[at] = together[at] = 0; times--;) {
			start = now();
			for (i = 0; i < 20; i++)
				fds[i] = ioctl(port, BOOTSTRAP_IOC_LOOK_UP,
					       &args[i]);
			singly[at] += now() - start;
			for (i = 0; i < 20; i++)
				REQUIRE(!close(fds[i]));
			start = now();
			ioctl(port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &array);
			together[at] += now() - start;
			for (i = 0; i < 20; i++)
				REQUIRE(!close(entries[i].result));
		}
		singly[at] /= 100;
		together[at] /= 100;
	}
	report("look_up_20_times", singly, BATCHES);
	report("look_up_array_20", together, BATCHES);
}

static void measure_library(void)
{
	const char *name = name_of(0);
	int handle = bns_open();

	REQUIRE(handle >= 0);
	REQUIRE(!close(bns_look_up(handle, name, NULL, 0, NULL)));
	MEASURE("library_look_up_close", 2000, {
		close(bns_look_up(handle, name, NULL, 0, NULL));
	});
}

/* Where there is nothing of that name, other names may be in the way by chance. */
static void measure_miss(void)
{
	struct bootstrap_look_up args[100];
	int next = 0, i;

	prepare(args, 100, MISSING);
	for (i = 0; i < 100; i++)
		REQUIRE(call(port, BOOTSTRAP_IOC_LOOK_UP, &args[i]) == -ENOENT);
	MEASURE("look_up_miss", 2000, {
		ioctl(port, BOOTSTRAP_IOC_LOOK_UP, &args[next]);
		next = next + 1 < 100 ? next + 1 : 0;
	});
}

/* Found in the root namespace, after the session's and the user's. */
static void measure_levels(void)
{
	struct bootstrap_look_up args[GLOBAL_NAMES];
	int next = 0;

	prepare(args, GLOBAL_NAMES, GLOBAL);
	REQUIRE(!look_up_result(port, name_of(GLOBAL)));
	MEASURE("look_up_close_3_levels", 2000, {
		close(ioctl(port, BOOTSTRAP_IOC_LOOK_UP, &args[next]));
		next = next + 1 < GLOBAL_NAMES ? next + 1 : 0;
	});
}

void bench_look_up(void)
{
	int root = port_open(), file = tag_new(0), i;

	for (i = 0; i < GLOBAL_NAMES; i++)
		REQUIRE(!do_register(root, name_of(GLOBAL + i), file));
	enter(20);
	measure_array();
	for (i = FEW; i < 20; i++)
		REQUIRE(!do_unregister(port, name_of(i)));
	measure("look_up_close", FEW);
	measure_levels();
	measure_miss();
	measure_library();
}

void bench_growth(void)
{
	enter(1000);
	measure("look_up_close_1000_names", 1000);
}

static double free_bytes(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	double kib = -1;

	REQUIRE(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %lf", &kib) == 1)
			break;
	fclose(file);
	REQUIRE(kib >= 0);
	return kib * 1024;
}

/* Of what a name costs, all is memory that nobody else has then. */
void bench_many_names(void)
{
	double before = free_bytes();
	int file = tag_new(0), i;

	enter(100000);
	measure("look_up_close_100000_names", 100000);
	for (i = 100000; i < 1000000; i++)
		REQUIRE(!do_register(port, name_of(i), file));
	report_figure("bytes_per_name", (before - free_bytes()) / 1000000, 0);
	measure("look_up_close_1000000_names", 1000000);
}

void bench_many_sessions(void)
{
	int i;

	for (i = 1; i < 1000; i++)
		start_session(BOB, FEW);
	enter(FEW);
	measure("look_up_close_1000_sessions", FEW);
}
