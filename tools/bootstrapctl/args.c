// SPDX-License-Identifier: GPL-2.0
/* The arguments of subcommands. */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrapctl.h"

enum {
	KEY_LABELS = 'j',
	KEY_NAMES = 'n',
	KEY_FD = 0x100,
	KEY_FILE,
	KEY_JSON,
	KEY_ENV,
	KEY_TIMEOUT,
	KEY_NAMESPACE,
	KEY_SESSION,
	KEY_USER,
	KEY_PID,
	KEY_SUBSET,
	KEY_UID,
	KEY_SESSIONS,
	KEY_FORCE,
	KEY_GRACE,
	KEY_DEADLINE,
	KEY_CANCEL,
	KEY_FOLLOW,
	KEY_DATABASE,
	KEY_RIGHT,
	KEY_BEFORE,
	KEY_AFTER,
};

struct offer {
	unsigned int takes;
	struct argp_option option;
};

static const struct offer offers[] = {
	{ TAKES_FILE, { .name = "fd", .key = KEY_FD, .arg = "N",
			.doc = "the file that is open as descriptor N" } },
	{ TAKES_FILE, { .name = "file", .key = KEY_FILE, .arg = "PATH",
			.doc = "the file at PATH" } },
	{ TAKES_NAMES, { .name = "names", .key = KEY_NAMES,
			 .doc = "the names in each, too" } },
	{ TAKES_LABELS, { .key = KEY_LABELS,
			  .doc = "the process that each name is tied to, too" } },
	{ TAKES_JSON, { .name = "json", .key = KEY_JSON,
			.doc = "print JSON" } },
	{ TAKES_ENV, { .name = "env", .key = KEY_ENV, .arg = "VAR=VALUE",
		       .doc = "for the environment of CMD" } },
	{ TAKES_TIMEOUT, { .name = "timeout", .key = KEY_TIMEOUT,
			   .arg = "SECONDS",
			   .doc = "wait no longer than that" } },
	{ TAKES_NAMESPACE, { .name = "namespace", .key = KEY_NAMESPACE,
			     .arg = "WHICH",
			     .doc = "root, user, user:UID, session, session:ID, or an id" } },
	{ TAKES_EXEC, { .name = "session", .key = KEY_SESSION, .arg = "ID",
			.doc = "the namespace of the session with ID" } },
	{ TAKES_EXEC, { .name = "user", .key = KEY_USER, .arg = "UID",
			.doc = "the namespace of the user with UID" } },
	{ TAKES_EXEC, { .name = "pid", .key = KEY_PID, .arg = "PID",
			.doc = "the namespace of the session that PID bears" } },
	{ TAKES_EXEC, { .name = "subset", .key = KEY_SUBSET,
			.doc = "a fresh namespace below that, or below the caller's" } },
	{ TAKES_UID, { .name = "uid", .key = KEY_UID, .arg = "UID",
		       .doc = "tell about the user with UID" } },
	{ TAKES_SESSIONS, { .name = "sessions", .key = KEY_SESSIONS,
			    .doc = "tell of sessions instead of names" } },
	{ TAKES_LOGOUT, { .name = "force", .key = KEY_FORCE,
			  .doc = "wait for nobody who asks to be waited for" } },
	{ TAKES_LOGOUT, { .name = "deadline", .key = KEY_DEADLINE,
			  .arg = "SECONDS",
			  .doc = "wait no longer for them (60)" } },
	{ TAKES_LOGOUT, { .name = "grace", .key = KEY_GRACE, .arg = "SECONDS",
			  .doc = "kill what has not ended by then (5)" } },
	{ TAKES_CANCEL, { .name = "cancel", .key = KEY_CANCEL,
			  .doc = "cancel a logout as soon as it is asked for" } },
	{ TAKES_FOLLOW, { .name = "follow", .key = KEY_FOLLOW,
			  .doc = "give the console to the session on the active virtual terminal, until killed" } },
	{ TAKES_RIGHT, { .name = "right", .key = KEY_RIGHT, .arg = "RIGHT",
			 .doc = "of this right (system.login.console)" } },
	{ NEEDS_PLACE, { .name = "before", .key = KEY_BEFORE, .arg = "PLUGIN",
			 .doc = "before the first mechanism of this plug-in, or at the end" } },
	{ NEEDS_PLACE, { .name = "after", .key = KEY_AFTER, .arg = "PLUGIN",
			 .doc = "behind its last one, or at the end" } },
	{ TAKES_DATABASE, { .name = "database", .key = KEY_DATABASE,
			    .arg = "FILE",
			    .doc = "another database than /etc/authorization" } },
};

#define OFFERS (sizeof(offers) / sizeof(offers[0]))

struct parse {
	const struct subcommand *sub;
	struct args *args;
};

/* Digits, and no more than @max: signs and spaces are no number. */
static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return !errno && !*end && *ret_number <= max;
}

bool parse_session(const char *text, uint32_t *ret_id)
{
	uint64_t id = BOOTSTRAP_SESSION_ID_ROOT;

	if (strcmp(text, "root") && !parse_number(text, UINT_MAX - 1, &id))
		return false;
	*ret_id = id;
	return true;
}

bool parse_pid(const char *text, pid_t *ret_pid)
{
	uint64_t pid;

	if (!parse_number(text, INT_MAX, &pid) || !pid)
		return false;
	*ret_pid = pid;
	return true;
}

bool parse_uid(const char *text, uint32_t *ret_uid)
{
	const struct passwd *pw;
	uint64_t uid;

	if (parse_number(text, UINT_MAX - 1, &uid)) {
		*ret_uid = uid;
		return true;
	}
	pw = getpwnam(text);
	if (!pw)
		return false;
	*ret_uid = pw->pw_uid;
	return true;
}

static bool parse_which(const char *text, struct which *which)
{
	struct bns_scope *scope = &which->scope;
	const char *of = strchr(text, ':');

	if (!strcmp(text, "root"))
		scope->kind = BOOTSTRAP_SCOPE_ROOT;
	else if (!strcmp(text, "user"))
		scope->kind = BOOTSTRAP_SCOPE_USER;
	else if (!strcmp(text, "session"))
		scope->kind = BOOTSTRAP_SCOPE_SESSION;
	else if (!strncmp(text, "user:", 5))
		scope->kind = BOOTSTRAP_SCOPE_USER_ID;
	else if (!strncmp(text, "session:", 8))
		scope->kind = BOOTSTRAP_SCOPE_SESSION_ID;
	else
		return parse_number(text, UINT64_MAX, &which->id) && which->id;
	if (scope->kind == BOOTSTRAP_SCOPE_USER_ID)
		return parse_uid(of + 1, &scope->session);
	if (scope->kind == BOOTSTRAP_SCOPE_SESSION_ID)
		return parse_session(of + 1, &scope->session);
	return true;
}

static void take_fd(struct argp_state *state, struct args *args,
		    const char *text)
{
	uint64_t fd;

	if (!parse_number(text, INT_MAX, &fd))
		argp_error(state, "%s: not a descriptor", text);
	args->fd = fd;
}

static void take_env(struct argp_state *state, struct args *args, char *text)
{
	if (*text == '=' || !strchr(text, '='))
		argp_error(state, "%s: not VAR=VALUE", text);
	args->env[args->env_count++] = text;
}

/* No more than what milliseconds are counted for, which is for ever. */
static void take_seconds(struct argp_state *state, double *seconds,
			 const char *text)
{
	char *end;

	*seconds = strtod(text, &end);
	if (*end || end == text || !(*seconds >= 0))
		argp_error(state, "%s: not a number of seconds", text);
	if (*seconds > 1e9)
		*seconds = 1e9;
}

/* All that say which namespace is meant. */
static void take_which(struct argp_state *state, struct which *which, int key,
		       const char *text)
{
	if (which->text)
		argp_error(state, "%s: more than one namespace", text);
	which->text = text;
	if (key == KEY_NAMESPACE) {
		if (!parse_which(text, which))
			argp_error(state, "%s: not a namespace (root, user, user:UID, session, session:ID, or an id)",
				   text);
	} else if (key == KEY_SESSION) {
		which->scope.kind = BOOTSTRAP_SCOPE_SESSION_ID;
		if (!parse_session(text, &which->scope.session))
			argp_error(state, "%s: not a session id (a number, or root)",
				   text);
	} else if (key == KEY_USER) {
		which->scope.kind = BOOTSTRAP_SCOPE_USER_ID;
		if (!parse_uid(text, &which->scope.session))
			argp_error(state, "%s: no such user", text);
	} else if (!parse_pid(text, &which->pid)) {
		argp_error(state, "%s: not a process id", text);
	}
}

static void take_uid(struct argp_state *state, struct args *args,
		     const char *text)
{
	if (!parse_uid(text, &args->uid))
		argp_error(state, "%s: no such user", text);
	args->by_uid = true;
}

static void take_place(struct argp_state *state, struct args *args, int key,
		       const char *text)
{
	if (args->plugin)
		argp_error(state, "%s: more than one place", text);
	args->plugin = text;
	args->before = key == KEY_BEFORE;
}

static unsigned int operands_max(const struct subcommand *sub)
{
	if ((sub->takes & TAKES_OPERANDS) == TAKES_OPERANDS)
		return UINT_MAX;
	if (sub->takes & TAKES_SECOND)
		return 2;
	return sub->takes & TAKES_OPERAND ? 1 : 0;
}

static void take_argument(struct argp_state *state, struct parse *parse,
			  char *arg)
{
	/* After "--" all is the command's, what looks like an option too. */
	if (state->quoted && state->next > state->quoted &&
	    (parse->sub->takes & TAKES_COMMAND)) {
		parse->args->command = state->argv + state->next - 1;
		state->next = state->argc;
		return;
	}
	if (parse->args->count >= operands_max(parse->sub))
		argp_error(state, "%s: not expected", arg);
	parse->args->operands[parse->args->count++] = arg;
	parse->args->operand = parse->args->operands[0];
}

/* What cannot be asked for in one command. */
static void check_exclusions(struct argp_state *state, const struct args *args)
{
	if (args->fd >= 0 && args->file)
		argp_error(state, "--fd and --file exclude each other");
	if (args->json && args->command)
		argp_error(state, "--json is for what is printed, not for a command");
	if (args->sessions && args->which.text)
		argp_error(state, "--sessions and --namespace exclude each other");
	if (args->force && args->deadline >= 0)
		argp_error(state, "--force and --deadline exclude each other");
	if (args->follow && (args->operand || args->json))
		argp_error(state, "--follow takes nothing else");
}

static void check_end(struct argp_state *state, struct parse *parse)
{
	if ((parse->sub->takes & NEEDS_OPERAND) == NEEDS_OPERAND &&
	    !parse->args->operand)
		argp_error(state, "an argument is missing");
	if ((parse->sub->takes & NEEDS_COMMAND) == NEEDS_COMMAND &&
	    !parse->args->command)
		argp_error(state, "no command given after --");
	if (parse->sub->takes & NEEDS_PLACE && !parse->args->plugin)
		argp_error(state, "no place given (--before or --after)");
	check_exclusions(state, parse->args);
	if (parse->sub->takes & TAKES_EXEC && !parse->args->which.text &&
	    !parse->args->subset)
		argp_error(state, "no namespace given (--session, --user, --pid, --namespace or --subset)");
}

static error_t parse_sub(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct args *args = parse->args;

	switch (key) {
	case KEY_FD:
		take_fd(state, args, arg);
		return 0;
	case KEY_FILE:
		args->file = arg;
		return 0;
	case KEY_NAMES:
		args->names = true;
		return 0;
	case KEY_LABELS:
		args->labels = true;
		return 0;
	case KEY_JSON:
		args->json = true;
		return 0;
	case KEY_ENV:
		take_env(state, args, arg);
		return 0;
	case KEY_TIMEOUT:
		take_seconds(state, &args->timeout, arg);
		return 0;
	case KEY_NAMESPACE:
	case KEY_SESSION:
	case KEY_USER:
	case KEY_PID:
		take_which(state, &args->which, key, arg);
		return 0;
	case KEY_SUBSET:
		args->subset = true;
		return 0;
	case KEY_UID:
		take_uid(state, args, arg);
		return 0;
	case KEY_SESSIONS:
		args->sessions = true;
		return 0;
	case KEY_FORCE:
		args->force = true;
		return 0;
	case KEY_GRACE:
		take_seconds(state, &args->grace, arg);
		return 0;
	case KEY_DEADLINE:
		take_seconds(state, &args->deadline, arg);
		return 0;
	case KEY_CANCEL:
		args->cancel = true;
		return 0;
	case KEY_FOLLOW:
		args->follow = true;
		return 0;
	case KEY_DATABASE:
		args->database = arg;
		return 0;
	case KEY_RIGHT:
		args->right = arg;
		return 0;
	case KEY_BEFORE:
	case KEY_AFTER:
		take_place(state, args, key, arg);
		return 0;
	case ARGP_KEY_ARG:
		take_argument(state, parse, arg);
		return 0;
	case ARGP_KEY_END:
		check_end(state, parse);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void args_parse(const struct subcommand *sub, int argc, char **argv,
		struct args *args)
{
	struct argp_option options[OFFERS + 1] = { 0 };
	struct argp argp = {
		.options = options,
		.parser = parse_sub,
		.args_doc = sub->usage,
		.doc = sub->summary,
	};
	struct parse parse = { .sub = sub, .args = args };
	unsigned int n = 0;
	char *name;
	size_t i;

	for (i = 0; i < OFFERS; i++)
		if (sub->takes & offers[i].takes)
			options[n++] = offers[i].option;
	/* There are no more of either than there are arguments. */
	args->operands = calloc(argc, sizeof(*args->operands));
	args->env = calloc(argc, sizeof(*args->env));
	/* For messages and help: argp names what argv[0] does. */
	if (!args->operands || !args->env ||
	    asprintf(&name, "bootstrapctl %s", sub->name) < 0)
		exit(EXIT_SYSTEM);
	argv[0] = name;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &parse);
}
