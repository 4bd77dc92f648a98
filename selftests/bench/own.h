/* SPDX-License-Identifier: GPL-2.0 */
/* What this project's own benchmarks share. */
#ifndef BENCH_OWN_H
#define BENCH_OWN_H

#include "bench.h"

/*
 * A login session that stays until the calling process ends. One without names is
 * a login also where there is no module. Returns its process.
 */
static inline pid_t start_session(uid_t uid, int names)
{
	int ready[2], port, file;
	pid_t pid;
	char c;

	REQUIRE(!pipe(ready));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		log_in(uid);
		port = port_open();
		file = tag_new(0);
		while (names--)
			REQUIRE(!do_register(port, name_of(names), file));
		REQUIRE(write(ready[1], "r", 1) == 1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	REQUIRE(read(ready[0], &c, 1) == 1);
	close(ready[0]);
	return pid;
}

void bench_floors(void);
void bench_look_up(void);
void bench_growth(void);
void bench_many_names(void);
void bench_many_sessions(void);
void bench_names(void);
void bench_services(void);
void bench_fork(void);
void bench_idle(void);
void bench_scale(void);

#endif /* BENCH_OWN_H */
