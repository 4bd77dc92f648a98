// SPDX-License-Identifier: GPL-2.0
/*
 * What the module does when nobody asks it for anything. The kernel's tracer sees
 * each call of its functions, each of its work items and timers.
 */
#include <sys/mount.h>

#include "own.h"

#define TRACING	"/sys/kernel/tracing/"

static void trace_set(const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), TRACING "%s", file);
	REQUIRE(!write_file(path, text));
}

static void trace_begin(void)
{
	trace_set("trace", "");
	trace_set("tracing_on", "1");
}

/* How often something of the module's ran since. */
static int trace_end(void)
{
	char line[512];
	int count = 0;
	FILE *file;

	trace_set("tracing_on", "0");
	file = fopen(TRACING "trace", "re");
	REQUIRE(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "<-") || strstr(line, "[bootstrap]");
	fclose(file);
	return count;
}

static void trace_prepare(void)
{
	mkdir(TRACING, 0700);
	REQUIRE(!mount("tracefs", TRACING, "tracefs", 0, NULL) ||
		errno == EBUSY);
	trace_set("tracing_on", "0");
	trace_set("buffer_size_kb", "8192");
	trace_set("set_ftrace_filter", ":mod:bootstrap");
	trace_set("current_tracer", "function");
	trace_set("events/workqueue/workqueue_execute_start/enable", "1");
	trace_set("events/timer/timer_expire_entry/enable", "1");
	trace_set("events/timer/hrtimer_expire_entry/enable", "1");
}

static void trace_cease(void)
{
	trace_set("events/enable", "0");
	trace_set("current_tracer", "nop");
	trace_set("set_ftrace_filter", "");
}

static void make_process(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	REQUIRE(waitpid(pid, NULL, 0) == pid);
}

void bench_idle(void)
{
	int port = port_open(), i;

	start_session(ALICE, 10);
	trace_prepare();
	/* What it sees it counts. */
	trace_begin();
	REQUIRE(look_up_result(port, "org.example.nobody") == -ENOENT);
	REQUIRE(trace_end() > 0);
	/* No process comes or goes past it. */
	trace_begin();
	for (i = 0; i < 20; i++)
		make_process();
	REQUIRE(trace_end() == 0);
	trace_begin();
	sleep(60);
	report_figure("idle_wakeups", trace_end(), 0);
	trace_cease();
}
