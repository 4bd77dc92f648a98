/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOOTSTRAPCTL_H
#define BOOTSTRAPCTL_H

#include <stdbool.h>
#include <stddef.h>

#include <bootstrap/bootstrap.h>
#include <json-c/json.h>

/* What the tool exits with, unless a command that it runs decides. */
enum {
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_SYSTEM = 3,
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
	bool json;
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
};

struct subcommand {
	const char *name;
	const char *usage;
	const char *summary;
	unsigned int takes;
	int (*run)(const struct args *args);
};

void args_parse(const struct subcommand *sub, int argc, char **argv,
		struct args *args);

int cmd_register(const struct args *args);
int cmd_lookup(const struct args *args);
int cmd_list(const struct args *args);
int cmd_session(const struct args *args);
int cmd_sessions(const struct args *args);
int cmd_login(const struct args *args);
int cmd_serve(const struct args *args);
int cmd_connect(const struct args *args);
int cmd_activate(const struct args *args);
int cmd_watch(const struct args *args);
int cmd_wait(const struct args *args);

/* A bootstrap port; says what to do and exits if there is none. */
int port_open(void);

/* Says why an operation on a thing failed, returns what to exit with. */
int complain(int err, const char *thing);

/* Executes a command; returns what to exit with if that fails. */
int run_command(char **command);

/* The same, with a file as standard input and output. */
int run_command_on(int fd, char **command);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t now_ms(void);

/* Milliseconds for poll(2) until then; -1 for ever if that is below 0. */
int poll_timeout(int64_t then);

/* A table whose columns are as wide as they must be. */
struct table;
struct table *table_new(size_t columns, const char *const *heads);
void table_add(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void table_free(struct table *table);
void table_print_free(struct table *table);

/* Prints and releases. */
void json_print_free(struct json_object *object);

/* "root" or the number, valid until the next call. */
const char *session_text(unsigned int session);
struct json_object *session_json(unsigned int session);

/* What a name stands for, in a word. */
const char *kind_text(const struct bootstrap_info *info);

/* The type of a service's connections. */
const char *socket_text(const struct bootstrap_info *info);

/* Adds what is known of a name, and of who registered it. */
void json_add_info(struct json_object *object,
		   const struct bootstrap_info *info);

#endif
