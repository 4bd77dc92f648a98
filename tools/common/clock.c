// SPDX-License-Identifier: GPL-2.0
/* When to go on. */
#include <limits.h>
#include <time.h>

#include "launch.h"

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int poll_timeout(int64_t then)
{
	int64_t left;

	if (then < 0)
		return -1;
	left = then - now_ms();
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
}
