// SPDX-License-Identifier: GPL-2.0
/* Services: to check in, and to connect. */
#include "own.h"

static void measure_check_in(int port)
{
	struct bootstrap_check_in args = args_check_in(name_of(1));

	MEASURE("check_in_close", 300, {
		int right = ioctl(port, BOOTSTRAP_IOC_CHECK_IN, &args);

		REQUIRE(right >= 0 && !close(right));
	});
}

/* Client and server are one process, as those of a socketpair are. */
static void measure_connect(int port)
{
	struct bootstrap_look_up args = args_look_up(name_of(0));
	int right = do_check_in(port, name_of(0));

	REQUIRE(right >= 0);
	args.size = BOOTSTRAP_LOOK_UP_SIZE_MIN;
	MEASURE("service_connect", 300, {
		int client = ioctl(port, BOOTSTRAP_IOC_LOOK_UP, &args);
		int server = accept4(right, NULL, NULL, SOCK_CLOEXEC);

		REQUIRE(!close(client) && !close(server));
	});
}

void bench_services(void)
{
	int port;

	log_in(ALICE);
	port = port_open();
	REQUIRE(port >= 0);
	measure_connect(port);
	measure_check_in(port);
}
