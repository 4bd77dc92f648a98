/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AGENTS_H
#define AGENTS_H

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "../common/launch.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct job_service {
	char *name;
	bool hidden;		/* until it is checked in */
	bool by_name;		/* the program does that, and gets no right */
};

/* What a property list says of an agent. */
struct job {
	char *label;
	char *program;		/* or NULL: the first of @arguments */
	char **arguments;
	char **environment;	/* VAR=VALUE */
	char *directory;	/* or NULL: where bootstrap-agents is */
	uint32_t types;		/* of sessions, a bit each */
	bool disabled;
	bool run_at_load;
	bool keep_alive;
	int64_t throttle;	/* milliseconds between two starts at least */
	int64_t exit_time;	/* and from SIGTERM to SIGKILL */
	struct job_service *services;
	unsigned int service_count;
};

/* Says why if it is no agent; there is something to be freed in any case. */
bool job_read(struct job *job, const char *file, const char *data, size_t size);
void job_free(struct job *job);

/* An agent, whether it runs or not. */
struct agent {
	struct job job;
	struct services passed;	/* whose rights the program is given */
	struct services named;	/* which it checks in itself */
	const struct pollfd *polled;	/* the handles of both */
	pid_t starter;		/* who is to be its parent */
	pid_t pid;		/* 0 if it does not run */
	pid_t group;		/* what is left of it, or was; 0 if none was */
	int64_t started;	/* when it was last; below 0 if never */
	int64_t due;		/* when to start it; below 0 if not */
	int64_t kill_at;	/* when to kill its group; below 0 if not */
};

void agent_load(struct agent *agent, int port);
void agent_free(struct agent *agent);

/* May it run, now or later? */
bool agent_is_alive(const struct agent *agent);

/*
 * Sets what to poll for, and makes @then earlier if it is to be called sooner
 * than that. Returns how many are set.
 */
unsigned int agent_poll(struct agent *agent, struct pollfd *polled,
			int64_t *then);

/* After that: starts it if there is need and time. */
void agent_go_on(struct agent *agent, const sigset_t *mask);

/* Sees to its end. */
void agent_reap(struct agent *agent);

/* Begins to end it; agent_end() goes on with that, and returns whether it has. */
void agent_terminate(struct agent *agent);
bool agent_end(struct agent *agent, int64_t *then);

typedef void (*take_file)(void *context, const char *name, const char *data,
			  size_t size);

/*
 * Gives each property list in a directory to @take, by the order of their names,
 * if nobody but root can have written it, or the caller himself if @own. Returns
 * whether the directory could be read.
 */
bool directory_read(const char *path, bool own, take_file take, void *context);

/* For what is needed before any agent runs: exits if there is no memory. */
void *must(void *memory);

#endif
