/* SPDX-License-Identifier: GPL-2.0 */
/* What else finds a file by its name, on the same terms. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "bench.h"

/* Each has so many names, and they are looked up one after the other. */
#define PEER_NAMES	10
#define PEER_TIMES	500
#define NO_NAME		"org.example.nobody.00000"

/*
 * Two processes that take turns: who of them gives way to whom is something that
 * the scheduler finds out in some thousands of turns, and then keeps to.
 */
#define MEASURE_SETTLED(_key, ...)					\
do {									\
	(void)BATCH(10000, __VA_ARGS__);				\
	MEASURE(_key, PEER_TIMES, __VA_ARGS__);				\
} while (0)

/* Is this what was registered with that tag? Closes it. */
static inline bool has_tag(int fd, int tag)
{
	bool has = fd >= 0 && tag_of(fd) == tag;

	close(fd);
	return has;
}

void bench_broker(void);
void bench_binder(void);
void bench_s6(void);
void bench_dbus_broker(void);
void bench_dbus_daemon(void);

#endif /* BENCH_PEERS_H */
