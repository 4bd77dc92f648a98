/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOOTSTRAPCTL_H
#define BOOTSTRAPCTL_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include <bootstrap/bootstrap.h>
#include <json-c/json.h>

#include "../common/launch.h"

/* What the tool exits with, unless a command that it runs decides. */
enum {
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_SYSTEM = 3,
	/* As env(1) and others that run a command in another setting. */
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

/* The namespace that was asked for. */
struct which {
	const char *text;	/* as it was said; NULL: the caller's own */
	struct bns_scope scope;
	uint64_t id;		/* instead of that, if it is not 0 */
	pid_t pid;		/* the same: of the session that this one bears */
};

/* The arguments of a subcommand, as args_parse() found them. */
struct args {
	const char *operand;	/* the first, or NULL */
	const char **operands;	/* all */
	unsigned int count;
	char **command;
	const char *file;
	int fd;
	char **env;		/* VAR=VALUE */
	unsigned int env_count;
	double timeout;		/* seconds; below 0 if there is none */
	double grace;		/* the same */
	double deadline;	/* the same */
	struct which which;
	uint32_t uid;		/* if @by_uid */
	bool by_uid;
	bool subset;
	bool names;
	bool labels;
	bool json;
	bool sessions;
	bool force;
	bool cancel;
	bool follow;
	const char *database;	/* NULL: where logins look */
	const char *right;	/* NULL: that which logins ask for */
	const char *plugin;	/* where to insert: at its mechanisms */
	bool before;		/* the first of them, not behind the last */
};

/* What a subcommand takes. */
enum {
	TAKES_OPERAND = 1 << 0,
	NEEDS_OPERAND = 1 << 1 | TAKES_OPERAND,
	TAKES_COMMAND = 1 << 2,
	NEEDS_COMMAND = 1 << 3 | TAKES_COMMAND,
	TAKES_FILE = 1 << 4,
	TAKES_JSON = 1 << 5,
	TAKES_OPERANDS = 1 << 6 | NEEDS_OPERAND,
	TAKES_ENV = 1 << 7,
	TAKES_TIMEOUT = 1 << 8,
	TAKES_NAMESPACE = 1 << 9,
	TAKES_EXEC = 1 << 10,
	TAKES_UID = 1 << 11,
	TAKES_NAMES = 1 << 12,
	TAKES_LABELS = 1 << 13,
	TAKES_SESSIONS = 1 << 14,
	TAKES_LOGOUT = 1 << 15,
	TAKES_CANCEL = 1 << 16,
	TAKES_FOLLOW = 1 << 17,
	TAKES_SECOND = 1 << 18,
	TAKES_DATABASE = 1 << 19,
	TAKES_RIGHT = 1 << 20,
	NEEDS_PLACE = 1 << 21,
};

struct subcommand {
	const char *name;	/* a word or two */
	const char *usage;
	const char *summary;
	unsigned int takes;
	int (*run)(const struct args *args);
};

void args_parse(const struct subcommand *sub, int argc, char **argv,
		struct args *args);

/* "root", or a number that fits: other words and signs are not an id. */
bool parse_session(const char *text, uint32_t *ret_id);

bool parse_pid(const char *text, pid_t *ret_pid);

/* A number, or a name. */
bool parse_uid(const char *text, uint32_t *ret_uid);

int cmd_register(const struct args *args);
int cmd_lookup(const struct args *args);
int cmd_list(const struct args *args);
int cmd_session(const struct args *args);
int cmd_sessions(const struct args *args);
int cmd_session_name(const struct args *args);
int cmd_console(const struct args *args);
int cmd_defer(const struct args *args);
int cmd_logout(const struct args *args);
int cmd_login(const struct args *args);
int cmd_serve(const struct args *args);
int cmd_connect(const struct args *args);
int cmd_activate(const struct args *args);
int cmd_watch(const struct args *args);
int cmd_wait(const struct args *args);
int cmd_tree(const struct args *args);
int cmd_info(const struct args *args);
int cmd_exec(const struct args *args);
int cmd_usage(const struct args *args);
int cmd_stats(const struct args *args);
int cmd_bslist(const struct args *args);
int cmd_bstree(const struct args *args);
int cmd_managername(const struct args *args);
int cmd_launch_server(const struct args *args);
int cmd_right_list(const struct args *args);
int cmd_right_get(const struct args *args);
int cmd_right_set(const struct args *args);
int cmd_right_insert(const struct args *args);
int cmd_right_remove(const struct args *args);
int cmd_right_check(const struct args *args);
int cmd_right_backup(const struct args *args);
int cmd_right_restore(const struct args *args);

/* A bootstrap port; says what to do and exits if there is none. */
int port_open(void);

/* The device, whatever namespace the environment names. */
int device_open(void);

/*
 * A handle for the namespace that was asked for, with all rights that may be had
 * but those @without. Says why and exits if there is none.
 */
int namespace_open(const struct which *which, uint32_t without);

/* The same for the root namespace. */
int root_open(void);

/*
 * The bootstrap port that a command on names works through: that of the caller's
 * own namespace, or a handle for the one that was asked for, alone.
 */
int place_open(const struct args *args);

/* Another handle for a port's namespace, with its rights but those @without. */
int namespace_derive(int port, uint32_t without);

/* The namespaces that a look-up goes through, the nearest first. */
struct stop {
	int port;
	struct bootstrap_namespace about;
};

struct way {
	struct stop *stops;
	unsigned int count;
};

/* Returns 0 or an error; there is something to be closed in any case. */
int way_open(const struct args *args, struct way *way);
void way_close(struct way *way);

/* What --namespace takes for it, valid until the next call. */
const char *namespace_text(uint32_t type, uint64_t id, uint32_t uid,
			   uint32_t session);
const char *stop_text(const struct stop *stop);
const char *child_text(const struct bootstrap_child *child);

/* The type of a namespace, in a word. */
const char *namespace_type_text(uint32_t type);

/* Returns 0 to go on. */
typedef int (*take_entry)(const struct bootstrap_list_entry *entry,
			  void *context);

/*
 * Gives each name of a namespace to @take. Returns what that returned last, or
 * an error.
 */
int names_each(int port, take_entry take, void *context);

/* A namespace on the way down from another. */
struct node {
	const struct node *above;	/* NULL for the first */
	const struct bootstrap_child *about;
	unsigned int level;		/* how far below the first */
	int handle;			/* below 0: not to be looked into */
	bool own;			/* the caller's */
	void *left;			/* by who took it, for those below it */
};

/* Returns 0 to go on. */
typedef int (*take_node)(struct node *node, void *context);

/*
 * Gives a namespace and all below it to @take, each before those below it. To
 * look into those takes @rights. Returns what @take returned last, or an error.
 */
int namespaces_each(int handle, uint32_t rights, take_node take, void *context);

/* Returns whether to go on. */
typedef bool (*take_record)(const struct bootstrap_record *record,
			    void *context);

/*
 * Gives each record that a watch has ready to @take; one that blocks waits for
 * some. Returns 1 to go on, 0 if @take had enough, -ESHUTDOWN after the last
 * record, or an error.
 */
int records_each(int watch, take_record take, void *context);

/* Tells of sessions, until killed. */
int watch_sessions(const struct args *args);

/* What there is to tell of a name in a list. */
struct json_object *entry_json(const struct bootstrap_list_entry *entry,
			       const char *where);

/* Bytes that hold what a process calls itself. */
#define COMMAND_SIZE 64

/* What a process calls itself, fit to be printed: it may say anything. */
void process_command(pid_t pid, char *command);

/*
 * The same of the process that a name is tied to; empty if that is gone. It
 * takes the right to look up.
 */
void holder_command(int port, const char *name,
		    const struct bootstrap_info *info, char *command);

/* The id that a process bears. Returns 0, or -ENOENT if there is no such one. */
int process_session(pid_t pid, uint32_t *ret_session);
bool process_bears(pid_t pid, uint32_t session);

/* Its effective uid; false if it is gone. */
bool process_user(pid_t pid, uint32_t *ret_uid);

/* Returns whether to go on. */
typedef bool (*take_process)(pid_t pid, int pidfd, void *context);

/*
 * Gives each living process that bears the id and can be seen to @take, but not
 * the caller. Returns 0 or an error.
 */
int processes_each(uint32_t session, take_process take, void *context);

/* A process in words, valid until the next call; one that is gone is pid 0. */
const char *process_text(pid_t pid, const char *command, uint32_t uid);
void json_add_process(struct json_object *object, pid_t pid,
		      const char *command, uint32_t uid);

/* Who asks to be waited for at a logout, and why. */
struct deferral {
	struct bootstrap_deferral about;
	char reason[BOOTSTRAP_NAME_MAX + 1];
	char command[COMMAND_SIZE];	/* empty if it is gone */
};

/* Those of a session, in the order in which they asked. */
struct deferrals {
	struct deferral *list;
	unsigned int count;
};

void deferral_init(struct deferral *deferral,
		   const struct bootstrap_deferral *about);

/* Returns 0 or an error; then there is nothing to free. */
int deferrals_read(int port, const struct bootstrap_session *session,
		   struct deferrals *deferrals);
void deferrals_free(struct deferrals *deferrals);

/* Who, and why; valid until the next call. */
const char *deferral_text(const struct deferral *deferral);
void json_add_deferral(struct json_object *object,
		       const struct deferral *deferral);
struct json_object *deferrals_json(const struct deferrals *deferrals);

/*
 * The session with the id that @text is, or without one that which the caller
 * stands in. Says why there is none, returns what to exit with.
 */
int session_find(int port, const char *text, struct bootstrap_session *session);

/* Returns whether to go on. */
typedef bool (*take_session)(const struct bootstrap_session *session,
			     void *context);

/*
 * Gives each session that the caller may see to @take, the root session last.
 * Returns 0 or an error.
 */
int sessions_each(int port, take_session take, void *context);

/* Each in a word or some, valid until the next call of the same. */
const char *session_user_text(const struct bootstrap_session *session);
const char *session_type_text(const struct bootstrap_session *session);
const char *session_state_text(const struct bootstrap_session *session);
const char *session_attributes_text(const struct bootstrap_session *session,
				    const char *separator);

/* Of a logout that is asked for: until when deferrals hold. */
const char *session_deadline_text(const struct bootstrap_session *session);

/* Which session, whose, and where it comes from. */
const char *session_label(const struct bootstrap_session *session);

/* Adds what is known of a session. */
void json_add_session(struct json_object *object,
		      const struct bootstrap_session *session);

/* The end of a session's processes. */
struct ending {
	int port;
	const struct bootstrap_session *session;
	int logout;		/* which tells of the session's end */
	int64_t grace;		/* ms between asking them to end and killing */
	bool own;		/* the caller is one of them */
	bool quiet;
};

/*
 * Ends all processes that the caller may end, but itself. Returns whether none
 * is left, or none but the caller.
 */
bool ending_run(const struct ending *ending);

/* Whether the caller may send signals to a process. */
bool may_end(int pidfd);

/* Another user for good; @name, if any, is whose supplementary groups it has. */
int user_become(const char *name, uid_t uid, gid_t gid);

/* Says why an operation on a thing failed, returns what to exit with. */
int complain(int err, const char *thing);

/* Executes a command; returns what to exit with if that fails. errno says why. */
int run_command(char **command);

/* The same, with a file as standard input and output. */
int run_command_on(int fd, char **command);

#define LAUNCHER_BURST 5

/*
 * Starts a server, and again when it has ended and there is need of one, which
 * the check-in handles of its services tell.
 */
struct launcher {
	int port;		/* which the services are declared through */
	char **command;
	/* In the child; returns what that is to exit with if it cannot. */
	int (*become)(const struct launcher *launcher);
	const void *context;	/* for that */
	/* The rest is the launcher's own, all zero at first. */
	struct services services;
	struct pollfd *polled;	/* signals, then check-in handles */
	sigset_t mask;		/* as it was, for the server */
	pid_t server;		/* 0 if none runs */
	int64_t due;		/* when to start the next; below 0 if not */
	int64_t starts[LAUNCHER_BURST];	/* the last ones, by their number */
	unsigned int started;
	int64_t delay;
};

/* Returns what to exit with if it fails; there is something to free in any case. */
int launcher_init(struct launcher *launcher);
void launcher_free(struct launcher *launcher);

/* Another service. Returns its check-in handle, which is kept, or an error. */
int launcher_declare(struct launcher *launcher, const char *name);

/*
 * Waits for signals, the time of a start, the end of services, and if there is
 * no server, for need of one. Returns what all the handles tell together.
 */
short launcher_poll(struct launcher *launcher);

/* Returns whether to end; a server that has ended is seen to. */
bool launcher_take_signals(struct launcher *launcher);

/* Neither does a server run, nor is one about to. */
bool launcher_is_idle(const struct launcher *launcher);

/* Starts a server now, or when it is time to if one is needed. */
void launcher_start(struct launcher *launcher);
void launcher_go_on(struct launcher *launcher, bool needed);

/*
 * Ends the server. Nobody is to find the names meanwhile, so the port is closed;
 * and a signal ends the caller, too.
 */
void launcher_stop(struct launcher *launcher);

/* A table whose columns are as wide as they must be. */
struct table;
struct table *table_new(size_t columns, const char *const *heads);
void table_add(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void table_free(struct table *table);
void table_print_free(struct table *table);

/* Prints a line that is to be read at once, unless @quiet. */
void progress(bool quiet, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints and releases. */
void json_print_free(struct json_object *object);
void json_print_line_free(struct json_object *object);

/* Times of CLOCK_REALTIME in nanoseconds; valid until the next call. */
#define TIME_LOCAL "%Y-%m-%d %H:%M:%S %z"
#define TIME_COLUMN "%Y-%m-%dT%H:%M:%S"
const char *local_time_text(uint64_t time, const char *format)
	__attribute__((format(strftime, 2, 0)));
const char *utc_time_text(uint64_t time);

/* "root" or the number, valid until the next call. */
const char *session_text(unsigned int session);
struct json_object *session_json(unsigned int session);

/* The name of a user, or the number; valid until the next call. */
const char *user_text(uint32_t uid);

/* What a name stands for, in a word. */
const char *kind_text(const struct bootstrap_info *info);

/* The type of a service's connections. */
const char *socket_text(const struct bootstrap_info *info);

/* Adds what is known of a name, and of who registered it. */
void json_add_info(struct json_object *object,
		   const struct bootstrap_info *info);

#endif
