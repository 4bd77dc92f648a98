// SPDX-License-Identifier: GPL-2.0
/* What it costs elsewhere to get a file by its name. */
#include "peers.h"

static const struct benchmark benchmarks[] = {
	{ "broker", bench_broker },
	{ "binder", bench_binder },
	{ "s6", bench_s6 },
	{ "dbus_broker", bench_dbus_broker },
	{ "dbus_daemon", bench_dbus_daemon },
};

int main(int argc, char **argv)
{
	(void)argc;
	return bench_main(benchmarks, ARRAY_SIZE(benchmarks), argv + 1);
}
