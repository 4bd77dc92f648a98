// SPDX-License-Identifier: GPL-2.0
/* Names: to register, to list, to be told of; and what a session's query costs. */
#include "own.h"

static void measure_register(int port, int file)
{
	struct bootstrap_register reg = args_register(name_of(0), file);
	struct bootstrap_name name = args_name(name_of(0));

	REQUIRE(!call(port, BOOTSTRAP_IOC_REGISTER, &reg));
	REQUIRE(!call(port, BOOTSTRAP_IOC_UNREGISTER, &name));
	MEASURE("register_unregister", 500, {
		ioctl(port, BOOTSTRAP_IOC_REGISTER, &reg);
		ioctl(port, BOOTSTRAP_IOC_UNREGISTER, &name);
	});
}

/* One of two events: a name is registered, or is gone, and a watch says so. */
static void measure_watch(int port, int file)
{
	struct bootstrap_watch args = { .size = sizeof(args) };
	struct bootstrap_register reg = args_register(name_of(0), file);
	struct bootstrap_name name = args_name(name_of(0));
	int watch = call(port, BOOTSTRAP_IOC_WATCH, &args), turn = 0;
	char buffer[4096];

	REQUIRE(watch >= 0);
	fcntl(watch, F_SETFL, O_NONBLOCK);
	while (read(watch, buffer, sizeof(buffer)) > 0)
		;
	MEASURE("watch_event", 1000, {
		if (turn)
			ioctl(port, BOOTSTRAP_IOC_UNREGISTER, &name);
		else
			ioctl(port, BOOTSTRAP_IOC_REGISTER, &reg);
		turn = !turn;
		REQUIRE(read(watch, buffer, sizeof(buffer)) > 0);
	});
	close(watch);
}

static void measure_list(int port, int file)
{
	static char buffer[65536];
	struct bootstrap_list args = {
		.size = sizeof(args), .buffer = (uintptr_t)buffer,
		.buffer_size = sizeof(buffer),
	};
	int i;

	for (i = 11; i < 1001; i++)
		REQUIRE(!do_register(port, name_of(i), file));
	MEASURE("list_1000", 5, {
		unsigned int listed = 0;

		args.cursor = 0;
		do {
			REQUIRE(!ioctl(port, BOOTSTRAP_IOC_LIST, &args));
			listed += args.count;
		} while (args.count);
		REQUIRE(listed == 1000);
	});
}

static void measure_session(int port)
{
	struct bootstrap_session session;

	REQUIRE(!do_session(port, &session));
	MEASURE("session_query", 2000, {
		ioctl(port, BOOTSTRAP_IOC_SESSION, &session);
	});
}

void bench_names(void)
{
	int file = tag_new(0), port, i;

	log_in(ALICE);
	port = port_open();
	REQUIRE(port >= 0);
	/* As elsewhere, it is not the only one that the process has. */
	for (i = 1; i <= 10; i++)
		REQUIRE(!do_register(port, name_of(i), file));
	measure_register(port, file);
	measure_watch(port, file);
	measure_session(port);
	measure_list(port, file);
}
