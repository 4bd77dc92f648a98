/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine: runs the mechanisms of one login. Those that are programs it starts
 * itself; those of plug-ins that are shared objects it has done by hosts of plug-ins.
 */
#ifndef HOST_H
#define HOST_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <Security/AuthorizationPlugin.h>
#include <bootstrap/login.h>
#include <json-c/json.h>

#include "../common/launch.h"
#include "../common/login_host.h"
#include "../common/own_values.h"
#include "../common/plugin_host.h"

/* A pidfd of the application, as pam_bootstrap has it. */
#define APPLICATION_FD 3
/* Where the handle for the pre-login namespace is kept, for mechanisms, too. */
#define NAMESPACE_FD 5

/* The most that a program writes of its result and values. */
#define RESULT_BYTES 65536

/* For how long one is waited for that is to end, in milliseconds. */
#define END_MS 5000

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct invocation;
struct plugin_host;

/* --- values: what mechanisms are told, and tell each other */

/*
 * Objects; what is in them never changes, so copies share it. Bytes that are no text
 * are an object, too: {"hex": "00ff"}. Flags are AuthorizationContextFlags of context
 * values that have some.
 */
struct values {
	json_object *context;
	json_object *hints;
	json_object *flags;
};

bool values_init(struct values *values);
bool values_copy(struct values *to, const struct values *from);
void values_free(struct values *values);

/* What @from has; a null removes it. */
bool values_merge(struct values *to, const struct values *from);

/* Those of @from that survive a deny. */
bool values_keep_sticky(struct values *to, const struct values *from);

/* Would it change what is the login's own? */
bool values_are_free(const struct values *values);

/* Takes the value, which may be NULL for a null. */
bool values_set_context(struct values *values, const char *key,
			json_object *value, uint32_t flags);
bool values_set_hint(struct values *values, const char *key,
		     json_object *value);
uint32_t values_flags(const struct values *values, const char *key);

/* Flags by their names, as programs have them. */
bool flags_parse(json_object *names, uint32_t *ret_flags);
json_object *flags_names(uint32_t flags);

/* Takes the value, which may be NULL for a null, also if there is no memory. */
bool object_put(json_object *to, const char *key, json_object *value);

/* Bytes as a value, NULL if there is no memory; and back, to be freed. */
json_object *value_from_bytes(const void *data, size_t len);
char *value_to_bytes(json_object *value, size_t *ret_len);

/* --- a login */

struct login {
	int socket;
	int terminate;		/* a signalfd */
	bool has_namespace;
	struct login_request request;
	char *texts[LOGIN_TEXTS];
	struct bnl_right *right;	/* NULL: nothing is run */
	char *right_name;	/* what it was asked for by; NULL: not known yet */
	struct values values;	/* what mechanisms have given */
	struct invocation *running;	/* the last one first */
	/* Those of plug-ins that are privileged, and that are not. */
	struct plugin_host *hosts[2];
	bool conversing;	/* the module has not replied yet */
	struct invocation *speaker;	/* to this one; NULL: it has ended */
};

/* Answers one request after the other, until there is nobody left to ask. */
void login_serve(struct login *login) __attribute__((noreturn));

/* Takes what the module says while mechanisms run. */
void login_read(struct login *login);

/* Something that happened to it, or to one of its mechanisms. */
void login_log(const struct login *login, int priority, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));

/* Ends the host, and all that it runs. */
void login_leave(struct login *login, int status) __attribute__((noreturn));

/* --- what a mechanism is told of it */

const char *login_stretch(const struct login *login);

/* How a mechanism is invoked: as often before, and for this reason or none. */
struct occasion {
	uint32_t tries;
	const char *reason;
};

/* All that is known, for a program. NULL if there is no memory. */
json_object *login_describe(const struct login *login, const char *mechanism,
			    const struct occasion *occasion);

/* The login's own values. */
bool login_own_values(const struct login *login,
		      const struct occasion *occasion, struct values *ret_own);

/* What of the context is the login's result, as texts. Returns their length. */
size_t login_result_texts(const struct login *login, char *to, size_t size);

/* --- a chain */

/* Runs a stretch of the login's right. */
enum login_result chain_run(struct login *login, struct login_answer *answer);

const char *result_text(enum login_result result);

/* --- an invocation of a mechanism */

/* Lines that somebody writes into a pipe. */
struct lines {
	const struct login *login;
	const char *name;	/* whose they are, for the log */
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
	bool privileged;
	char *name;
	int64_t started;
	int64_t deadline;	/* until there is a result */
	struct values given;
	struct values late;	/* behind the result; of use if it interrupts */
	size_t given_bytes;	/* by a plug-in */
	bool decided;
	enum login_result result;
	bool interrupts;
	char wrong[128];	/* why the result is undefined, if it is */

	/* Of a plug-in: NULL when that host is gone. */
	struct plugin_host *host;
	bool deactivating;

	/* Of a program. */
	pid_t pid;
	int pidfd;		/* -1 when it has ended */
	struct lines said;
	int result_fd;
	int reply_fd;		/* where it reads what the user answers */
	char *result_text;	/* what is not a line yet */
	size_t result_len;
	size_t result_total;

	/* What it wants to be said to the user, or NULL. */
	char *question;
	enum login_style style;
	int64_t asked;
};

/*
 * Starts one, which becomes the first of those that run. NULL if it cannot be; that
 * has been logged.
 */
struct invocation *invocation_start(struct login *login, size_t index,
				    const struct occasion *occasion);

/* The one of a mechanism that runs, or NULL. */
struct invocation *invocation_at(const struct login *login, size_t index);

/* It is undefined, for that reason; the first one counts. */
void invocation_fail(struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Ends those that run, the last first, down to and without this one. If they are to be
 * invoked again, since the one behind it interrupts them, plug-ins are told.
 */
void invocations_end(struct login *login, const struct invocation *until,
		     bool again);

/* --- what comes of them */

/* Waits until something has come of one of them, until a time, or -1. */
void events_wait(struct login *login, int64_t until);

/* Until a result is overdue. */
void invocations_wait(struct login *login);

/* Takes what there is to be read already. */
void invocations_look(struct login *login);

/* --- what programs do */

/* Starts the program of an invocation. */
bool program_start(struct invocation *invocation, const char *path,
		   json_object *description);

/* It has ended. */
void program_reap(struct invocation *invocation);

/* Kills it, if it has not ended. What it has left behind is not. */
void program_end(struct invocation *invocation);

/* Nothing is left of it, so what can be read is all there is. */
void program_drain(struct invocation *invocation);

/* Reads what there is; logs each line. */
void lines_read(struct lines *said);
void lines_drain(struct lines *said);

/* Reads what there is; acts on each line. At the end the rest is a line, too. */
void results_read(struct invocation *invocation);
void results_end(struct invocation *invocation);

/* The same text without what is more than a letter to a terminal or a log. */
void make_harmless(char *text);

/* --- hosts of plug-ins */

struct plugin_host {
	struct login *login;
	bool privileged;
	pid_t pid;
	int pidfd;
	int socket;
	struct lines said;
	size_t count;		/* of mechanisms in the right */
	bool lives[];		/* those that have been created */
};

/* Invokes the mechanism of a plug-in, in the host that is for it. */
bool plugin_invoke(struct invocation *invocation, const char *path,
		   const struct occasion *occasion);

/* Has it stop, until it is invoked again. */
void plugin_deactivate(struct invocation *invocation);

/* Waits until all that are to have. A host where one does not is ended. */
void plugins_settle(struct login *login);

/* The user's answer, or why there is none. */
void plugin_reply(struct invocation *invocation, OSStatus status,
		  const char *text);

/* Destroys all mechanisms that there are. A host where that fails is ended. */
void plugins_destroy(struct login *login);

/* Takes what one says; it may be gone after that. */
void plugin_host_read(struct plugin_host *host);
void plugin_host_reap(struct plugin_host *host);

/* Has both end, of themselves if they do. */
void plugin_hosts_end(struct login *login);

/* --- the user */

/* Says it to him when it is its turn, and has the invocation know what he answers. */
void converse(struct invocation *invocation, enum login_style style,
	      const char *text);

/* The module's reply: what he said, or NULL. */
void conversation_reply(struct login *login, const char *text);

/* Whoever it is for does not want it any more. */
void conversation_forget(struct invocation *invocation);

/* --- processes */

/* What one is to run, and have. */
struct program {
	const char *path;
	bool privileged;
	int input;		/* becomes its descriptor 0 */
	int third;		/* 3 */
	int fourth;		/* 4, or -1 */
};

/*
 * Starts one, as the system's user for that if it is not privileged, in a session of
 * its own. What it says comes from ret_said. Returns false with errno set.
 */
bool process_start(const struct login *login, const struct program *program,
		   pid_t *ret_pid, int *ret_pidfd, int *ret_said);

/* What a child that has ended has ended with. Returns whether it can be told. */
bool process_wait(int pidfd, siginfo_t *ret_info);

/* Ends a child. Returns whether it could be ended. */
bool process_end(pid_t pid, int pidfd);

/*
 * Ends all that were left to the host by those that have ended, but what is in the
 * session of one that runs.
 */
void processes_end_left(const struct login *login);

#endif
