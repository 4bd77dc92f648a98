// SPDX-License-Identifier: GPL-2.0
/* Runs benchmarks by their names, and reports figures. */
#include "bench.h"

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void report_figure(const char *key, double figure, double spread)
{
	printf("%s %.6g %.2f\n", key, figure, spread);
	fflush(stdout);
}

void report(const char *key, double *costs, int count)
{
	double median;

	qsort(costs, count, sizeof(*costs), compare);
	median = costs[count / 2];
	report_figure(key, median, (costs[count - 1] - costs[0]) / median * 100);
}

static int run(const struct benchmark *benchmark)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		benchmark->run();
		exit(0);
	}
	return child_result(pid);
}

int bench_main(const struct benchmark *benchmarks, int count, char **names)
{
	int i;

	for (; *names; names++) {
		for (i = 0; i < count; i++)
			if (!strcmp(*names, benchmarks[i].name))
				break;
		if (i == count || run(&benchmarks[i])) {
			fprintf(stderr, "%s: failed\n", *names);
			return 1;
		}
	}
	return 0;
}
