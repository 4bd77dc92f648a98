/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <bootstrap/login.h>
#include <json-c/json.h>

#include "../common/launch.h"
#include "../common/login_host.h"

/* A pidfd of the application, as pam_bootstrap has it. */
#define APPLICATION_FD 3
/* Where the handle for the pre-login namespace is kept, for mechanisms, too. */
#define NAMESPACE_FD 5

/* --- values: what mechanisms are told, and tell each other */

/* Two objects; what is in them never changes, so copies share it. */
struct values {
	json_object *context;
	json_object *hints;
};

bool values_init(struct values *values);
bool values_copy(struct values *to, const struct values *from);
void values_free(struct values *values);

/* What @from has, of both; a null removes it. */
bool values_merge(struct values *to, const struct values *from);

/* Would it change what is the login's own? */
bool values_are_free(const struct values *values);

/* --- a login */

struct login {
	int socket;
	int terminate;		/* a signalfd */
	bool has_namespace;
	struct login_request request;
	char *texts[LOGIN_TEXTS];
	struct bnl_right *right;	/* NULL: nothing is run */
	bool right_known;
	struct values values;	/* what mechanisms have given */
	struct invocation *running;	/* the last one first */
};

/* Answers one request after the other, until there is nobody left to ask. */
void login_serve(struct login *login) __attribute__((noreturn));

/* Something that happened to it, or to one of its mechanisms. */
void login_log(const struct login *login, int priority, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));

/*
 * What a mechanism reads: all that is known, for one that is invoked this often, for
 * this reason or none. NULL if there is no memory.
 */
json_object *login_describe(const struct login *login, const char *mechanism,
			    uint32_t tries, const char *reason);

/* Ends the host, and all that it runs. */
void login_leave(struct login *login, int status) __attribute__((noreturn));

/* --- a chain */

/* Runs a stretch of the login's right. */
enum login_result chain_run(struct login *login, struct login_answer *answer);

const char *result_text(enum login_result result);

/* --- an invocation of a mechanism */

/* Lines that somebody writes into a pipe. */
struct lines {
	int fd;			/* -1 when it has ended */
	size_t len;		/* of what is not a line yet */
	size_t total;
	unsigned int count;	/* of lines */
	char text[512];
};

struct invocation {
	struct invocation *next;	/* the one before it */
	struct login *login;
	size_t index;		/* of the mechanism in the right */
	char *name;
	pid_t pid;
	int pidfd;		/* -1 when it has ended */
	int64_t started;
	int64_t deadline;	/* until there is a result */
	struct lines said;
	int result_fd;
	char *result_text;	/* what is not a line yet */
	size_t result_len;
	size_t result_total;
	struct values given;
	bool decided;
	enum login_result result;
	bool interrupts;
	char wrong[128];	/* why the result is undefined, if it is */
};

/*
 * Starts one, which becomes the first of those that run. NULL if it cannot be; that
 * has been logged.
 */
struct invocation *invocation_start(struct login *login, size_t index,
				    json_object *description);

/* Waits until something has come of one of them. */
void invocations_wait(struct login *login);

/* Takes what there is to be read already. */
void invocations_look(struct login *login);

/* It is undefined, for that reason; the first one counts. */
void invocation_fail(struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends those that run, the last first, down to and without this one. */
void invocations_end(struct login *login, const struct invocation *until);

/* --- what mechanisms write */

/* Reads what there is; logs each line. */
void lines_read(struct invocation *invocation);

/* Reads what there is; acts on each line. At the end the rest is a line, too. */
void results_read(struct invocation *invocation);
void results_end(struct invocation *invocation);

/* The same text without what is more than a letter to a terminal or a log. */
void make_harmless(char *text);

/* --- processes */

/* Ends a child. Returns whether it could be ended. */
bool process_end(pid_t pid, int pidfd);

/*
 * Ends all that were left to the host by those that have ended, but what is in the
 * session of one that runs.
 */
void processes_end_left(const struct login *login);

#endif
