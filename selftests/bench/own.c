// SPDX-License-Identifier: GPL-2.0
/* What this project costs, and the floors. */
#include "own.h"

static const struct benchmark benchmarks[] = {
	{ "fork", bench_fork },
	{ "floors", bench_floors },
	{ "look_up", bench_look_up },
	{ "growth", bench_growth },
	{ "many_names", bench_many_names },
	{ "many_sessions", bench_many_sessions },
	{ "services", bench_services },
	{ "names", bench_names },
	{ "idle", bench_idle },
	{ "scale", bench_scale },
};

int main(int argc, char **argv)
{
	(void)argc;
	return bench_main(benchmarks, ARRAY_SIZE(benchmarks), argv + 1);
}
