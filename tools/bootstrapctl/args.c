// SPDX-License-Identifier: GPL-2.0
/* The arguments of subcommands. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrapctl.h"

enum { KEY_FD = 0x100, KEY_FILE, KEY_JSON, KEY_ENV, KEY_TIMEOUT };

struct parse {
	const struct subcommand *sub;
	struct args *args;
};

static void take_fd(struct argp_state *state, struct args *args,
		    const char *text)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(text, &end, 10);
	if (errno || *end || end == text || fd < 0 || fd > INT_MAX)
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
static void take_timeout(struct argp_state *state, struct args *args,
			 const char *text)
{
	char *end;

	args->timeout = strtod(text, &end);
	if (*end || end == text || !(args->timeout >= 0))
		argp_error(state, "%s: not a number of seconds", text);
	if (args->timeout > 1e9)
		args->timeout = 1e9;
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
	if (!(parse->sub->takes & TAKES_OPERAND) ||
	    (parse->args->operand &&
	     (parse->sub->takes & TAKES_OPERANDS) != TAKES_OPERANDS))
		argp_error(state, "%s: not expected", arg);
	parse->args->operands[parse->args->count++] = arg;
	parse->args->operand = parse->args->operands[0];
}

static void check_end(struct argp_state *state, struct parse *parse)
{
	if ((parse->sub->takes & NEEDS_OPERAND) == NEEDS_OPERAND &&
	    !parse->args->operand)
		argp_error(state, "no name given");
	if ((parse->sub->takes & NEEDS_COMMAND) == NEEDS_COMMAND &&
	    !parse->args->command)
		argp_error(state, "no command given after --");
	if (parse->args->fd >= 0 && parse->args->file)
		argp_error(state, "--fd and --file exclude each other");
	if (parse->args->json && parse->args->command)
		argp_error(state, "--json is for what is printed, not for a command");
}

static error_t parse_sub(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;

	switch (key) {
	case KEY_FD:
		take_fd(state, parse->args, arg);
		return 0;
	case KEY_FILE:
		parse->args->file = arg;
		return 0;
	case KEY_JSON:
		parse->args->json = true;
		return 0;
	case KEY_ENV:
		take_env(state, parse->args, arg);
		return 0;
	case KEY_TIMEOUT:
		take_timeout(state, parse->args, arg);
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
	struct argp_option options[6] = { 0 };
	struct argp argp = {
		.options = options,
		.parser = parse_sub,
		.args_doc = sub->usage,
		.doc = sub->summary,
	};
	struct parse parse = { .sub = sub, .args = args };
	unsigned int n = 0;
	char *name;

	if (sub->takes & TAKES_FILE) {
		options[n++] = (struct argp_option){
			.name = "fd", .key = KEY_FD, .arg = "N",
			.doc = "the file that is open as descriptor N" };
		options[n++] = (struct argp_option){
			.name = "file", .key = KEY_FILE, .arg = "PATH",
			.doc = "the file at PATH" };
	}
	if (sub->takes & TAKES_JSON)
		options[n++] = (struct argp_option){
			.name = "json", .key = KEY_JSON,
			.doc = "print JSON" };
	if (sub->takes & TAKES_ENV)
		options[n++] = (struct argp_option){
			.name = "env", .key = KEY_ENV, .arg = "VAR=VALUE",
			.doc = "for the environment of CMD" };
	if (sub->takes & TAKES_TIMEOUT)
		options[n++] = (struct argp_option){
			.name = "timeout", .key = KEY_TIMEOUT, .arg = "SECONDS",
			.doc = "wait no longer than that" };
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
