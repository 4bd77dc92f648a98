// SPDX-License-Identifier: GPL-2.0
/* The arguments of subcommands. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "bootstrapctl.h"

enum { KEY_FD = 0x100, KEY_FILE, KEY_JSON };

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
	if (!(parse->sub->takes & TAKES_OPERAND) || parse->args->operand)
		argp_error(state, "%s: not expected", arg);
	parse->args->operand = arg;
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
	struct argp_option options[4] = { 0 };
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
	/* For messages and help: argp names what argv[0] does. */
	if (asprintf(&name, "bootstrapctl %s", sub->name) < 0)
		exit(EXIT_SYSTEM);
	argv[0] = name;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &parse);
}
