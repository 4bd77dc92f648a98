/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What benchmarks share. Each figure is the median of some batches, and goes out
 * as a line "KEY FIGURE SPREAD": the cost of one operation, in ns, which are
 * instructions where the guest's clock counts those; and how far the batches are
 * apart, in percent of the median.
 */
#ifndef BENCH_H
#define BENCH_H

#include <sched.h>
#include <sys/un.h>

#include "../bootstrap_test.h"

#define BATCHES		9
#define BATCHES_MAX	31

static inline uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* With its end, 25 bytes are what a name takes. */
#define NAME_FORMAT	"org.example.service.%05x"
#define NAME_SIZE	32

static inline const char *name_of(unsigned int number)
{
	static char name[NAME_SIZE];

	snprintf(name, sizeof(name), NAME_FORMAT, number);
	return name;
}

/* What a benchmark is made of works, or there is no figure. */
#define REQUIRE(_condition)						\
do {									\
	if (!(_condition)) {						\
		fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__,	\
			#_condition);					\
		exit(1);						\
	}								\
} while (0)

static inline struct sockaddr_un socket_address(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	REQUIRE(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	return address;
}

/* A socket of this type that listens there, whatever was there before. */
static inline int listen_at(const char *path, int type)
{
	struct sockaddr_un address = socket_address(path);
	int listener = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	unlink(path);
	REQUIRE(!bind(listener, (void *)&address, sizeof(address)));
	REQUIRE(!listen(listener, 16));
	return listener;
}

/* For the calling process, and those that it makes from now on. */
static inline void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	REQUIRE(!sched_setaffinity(0, sizeof(cpus), &cpus));
}

/* A batch of so many operations; what one of them costs. */
#define BATCH(_times, ...)						\
({									\
	const int times_ = (_times);					\
	uint64_t start_ = now();					\
									\
	for (int i_ = 0; i_ < times_; i_++) {				\
		__VA_ARGS__;						\
	}								\
	(double)(now() - start_) / times_;				\
})

/* One batch more than count, so that all have been there before. */
#define MEASURE(_key, _times, ...)					\
do {									\
	double costs_[BATCHES];						\
									\
	for (int batch_ = -1; batch_ < BATCHES; batch_++) {		\
		double cost_ = BATCH(_times, __VA_ARGS__);		\
									\
		if (batch_ >= 0)					\
			costs_[batch_] = cost_;				\
	}								\
	report(_key, costs_, BATCHES);					\
} while (0)

/* A figure that is none of instructions or time. */
void report_figure(const char *key, double figure, double spread);
void report(const char *key, double *costs, int count);

/* A set of benchmarks, run in a process of its own, as root. */
struct benchmark {
	const char *name;
	void (*run)(void);
};

int bench_main(const struct benchmark *benchmarks, int count, char **names);

#endif /* BENCH_H */
