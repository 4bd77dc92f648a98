/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Mach API as tables: call, state, code. A line of TAP for each row. What a
 * call gives is checked to be left alone where it fails. That no call and no code
 * is without a row is what completeness.sh sees to.
 */
#ifndef BOOTSTRAP_MACH_TABLE_H
#define BOOTSTRAP_MACH_TABLE_H

#include <sys/resource.h>

#include <servers/bootstrap.h>

#include <bootstrap/bootstrap.h>

#include "space.h"

#define POISON	0x5a5a5a5au

/* Rows are made by several processes, one after the other. */
static struct {
	int number;
	int failed;
} *made;

/* What a call gives first, and what it must be if it fails. */
static mach_port_t out;

static inline void result(bool good, const char *text)
{
	made->number++;
	made->failed += !good;
	printf("%sok %d %s\n", good ? "" : "not ", made->number, text);
	fflush(stdout);
}

static inline void row(const char *call, const char *state,
		       kern_return_t expected, kern_return_t code)
{
	char text[160];

	snprintf(text, sizeof(text), "%s: %s: %#x", call, state, expected);
	result(code == expected && (!code || out == POISON), text);
	if (code != expected)
		printf("# it returned %#x\n", code);
}

#define ROW(_call, _state, _code, _result)				\
do {									\
	out = POISON;							\
	row(_call, _state, _code, _result);				\
} while (0)

/* What goes with the row above it. */
#define AND(_condition)	result(_condition, "  " #_condition)

/* Has the rows made by a process of its own, in a fresh session of a user's. */
static inline void rows_of(uid_t uid, void (*rows)(void))
{
	pid_t pid = fork();

	if (!pid) {
		if (uid)
			log_in(uid);
		rows();
		_exit(0);
	}
	if (child_result(pid))
		result(false, "all rows were made");
}

static inline void table_begin(void)
{
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		abort();
	printf("TAP version 13\n");
}

static inline int table_end(void)
{
	printf("1..%d\n", made->number);
	return made->failed != 0;
}

/*
 * The world: what root has registered, a process of alice's session, another one
 * there with names of its own, and ports of all kinds.
 */
static mach_port_t bp, dead, listing, closed, no_port;
static char long_name[200];

static inline void world_of_root(void)
{
	struct bootstrap_register reserved;
	int file = tag_new(1);

	if (!eventually(!do_register(bp, "root.file", file)))
		abort();
	reserved = args_register("root.reserved", file);
	reserved.flags = BOOTSTRAP_REGISTER_RESERVED;
	if (call(bp, BOOTSTRAP_IOC_REGISTER, &reserved))
		abort();
	close(file);
}

/* The other process, which ends with this one. */
static inline void world_of_other(void)
{
	struct bootstrap_declare hidden = args_declare("other.hidden");
	int ready[2], port;
	char c;

	if (pipe(ready))
		abort();
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		port = port_open();
		hidden.flags = BOOTSTRAP_DECLARE_HIDDEN;
		if (put(port, "other.file", 2) ||
		    do_check_in(port, "other.service") < 0 ||
		    do_declare(port, "other.declared") < 0 ||
		    call(port, BOOTSTRAP_IOC_DECLARE, &hidden) < 0 ||
		    write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		abort();
	close(ready[0]);
}

static inline void world_of_ports(void)
{
	pid_t requestor = start_idler();

	dead = bns_subset(bp, NULL, pidfd_open(requestor), 0, NULL);
	stop_idler(requestor);
	listing = bns_open_namespace(bp, NULL, BOOTSTRAP_RIGHT_LIST, NULL);
	no_port = tag_new(3);
	closed = 999;
	memset(long_name, 'n', sizeof(long_name) - 1);
	if ((int)dead < 0 || (int)listing < 0 || !hangs_up(dead, 10000))
		abort();
}

static inline mach_port_t receive_right(void)
{
	mach_port_t port;

	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
			       &port) ||
	    mach_port_insert_right(mach_task_self(), port, port,
				   MACH_MSG_TYPE_MAKE_SEND))
		abort();
	return port;
}

/* With no descriptor to be had. */
#define FULL(_result)							\
({									\
	struct rlimit full_ = { 0, 4096 }, former_;			\
	kern_return_t code_;						\
	getrlimit(RLIMIT_NOFILE, &former_);				\
	setrlimit(RLIMIT_NOFILE, &full_);				\
	code_ = (_result);						\
	setrlimit(RLIMIT_NOFILE, &former_);				\
	code_;								\
})

#define LOOKS_UP(_state, _code, _port, _name)				\
	ROW("bootstrap_look_up", _state, _code,				\
	    bootstrap_look_up(_port, _name, &out))

#endif
