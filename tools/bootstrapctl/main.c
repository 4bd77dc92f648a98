// SPDX-License-Identifier: GPL-2.0
/* bootstrapctl: bootstrap namespaces from the command line. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrapctl.h"

const char *argp_program_version = "bootstrapctl " VERSION;

static const struct subcommand subcommands[] = {
	{ "register", "NAME [--fd N | --file PATH] -- CMD...",
	  "Let NAME stand for a file (standard input) while CMD runs.",
	  NEEDS_OPERAND | NEEDS_COMMAND | TAKES_FILE | TAKES_NAMESPACE,
	  cmd_register },
	{ "lookup", "NAME [-- CMD...]",
	  "Run CMD with what NAME stands for as standard input, or tell what it is.",
	  NEEDS_OPERAND | TAKES_COMMAND | TAKES_JSON | TAKES_NAMESPACE,
	  cmd_lookup },
	{ "info", "NAME",
	  "Tell who has NAME, since when, and what is with it; nothing is opened.",
	  NEEDS_OPERAND | TAKES_JSON | TAKES_NAMESPACE, cmd_info },
	{ "serve", "NAME -- CMD...",
	  "Offer NAME as a service; each connection is the standard input and output of a CMD.",
	  NEEDS_OPERAND | NEEDS_COMMAND | TAKES_NAMESPACE, cmd_serve },
	{ "activate", "[--env VAR=VALUE]... NAME... -- CMD...",
	  "Declare services, and start CMD when somebody connects (LISTEN_FDS).",
	  TAKES_OPERANDS | NEEDS_COMMAND | TAKES_ENV | TAKES_NAMESPACE,
	  cmd_activate },
	{ "connect", "NAME [-- CMD...]",
	  "Connect standard input and output, or those of CMD, to the service NAME.",
	  NEEDS_OPERAND | TAKES_COMMAND | TAKES_NAMESPACE, cmd_connect },
	{ "wait", "NAME [--timeout SECONDS]", "Wait until NAME is there.",
	  NEEDS_OPERAND | TAKES_TIMEOUT | TAKES_NAMESPACE, cmd_wait },
	{ "watch", "[--sessions]",
	  "Tell of names, or of sessions, that are there, come and go, until killed.",
	  TAKES_JSON | TAKES_NAMESPACE | TAKES_SESSIONS, cmd_watch },
	{ "list", "",
	  "List the names of the caller's namespace and of those above it.",
	  TAKES_JSON | TAKES_NAMESPACE, cmd_list },
	{ "tree", "[--names]",
	  "Tell which namespaces there are, and what is below which.",
	  TAKES_JSON | TAKES_NAMES | TAKES_NAMESPACE, cmd_tree },
	{ "exec", "[--session ID | --user UID | --pid PID] [--subset] -- CMD...",
	  "Run CMD in another namespace, or in a fresh one.",
	  NEEDS_COMMAND | TAKES_EXEC | TAKES_NAMESPACE, cmd_exec },
	{ "session", "[ID]", "Tell about the caller's session, or that with ID.",
	  TAKES_OPERAND | TAKES_JSON, cmd_session },
	{ "sessions", "", "List the sessions that the caller may see.",
	  TAKES_JSON, cmd_sessions },
	{ "session-name", "BASE",
	  "Make a name for what each session has one of: BASE with the session's id and cookie.",
	  NEEDS_OPERAND, cmd_session_name },
	{ "logout", "[ID] [--force | --deadline SECONDS] [--grace SECONDS]",
	  "End the caller's session, or that with ID, once those who ask for it were waited for.",
	  TAKES_OPERAND | TAKES_JSON | TAKES_LOGOUT, cmd_logout },
	{ "defer", "REASON [--cancel] -- CMD...",
	  "Run CMD, and have a logout of the session wait for its end.",
	  NEEDS_OPERAND | NEEDS_COMMAND | TAKES_CANCEL, cmd_defer },
	{ "console", "[ID | --follow]",
	  "Tell which session has the console, or give it to that with ID (root only).",
	  TAKES_OPERAND | TAKES_JSON | TAKES_FOLLOW, cmd_console },
	{ "usage", "[--uid UID]",
	  "Tell how much of the limits a user has used, by default the caller.",
	  TAKES_JSON | TAKES_UID, cmd_usage },
	{ "bslist", "[PID | .. | /] [-j]",
	  "List the names of one namespace, by default the caller's, as launchctl did.",
	  TAKES_OPERAND | TAKES_LABELS, cmd_bslist },
	{ "bstree", "[-j]",
	  "List the names of all namespaces, as launchctl did (root only).",
	  TAKES_LABELS, cmd_bstree },
	{ "managername", "",
	  "Tell what the caller's namespace is for, as launchctl did.",
	  0, cmd_managername },
	{ "login", "USER -- CMD...",
	  "Run CMD as USER in a fresh login session (root only).",
	  NEEDS_OPERAND | NEEDS_COMMAND, cmd_login },
	{ "launch-server", "UID on-demand|always COMMAND",
	  "What bootstrap_create_server(3) runs; not to be run by hand.",
	  TAKES_OPERANDS, cmd_launch_server },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static const struct subcommand *subcommand_find(const char *name)
{
	size_t i;

	for (i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(subcommands[i].name, name))
			return &subcommands[i];
	return NULL;
}

struct main_args {
	const struct subcommand *sub;
	int first;
};

static error_t parse_main(int key, char *arg, struct argp_state *state)
{
	struct main_args *args = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		args->sub = subcommand_find(arg);
		if (!args->sub)
			argp_error(state, "%s: no such command", arg);
		/* The rest is the subcommand's. */
		args->first = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!args->sub)
			argp_error(state, "no command given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static char *help_text(int key, const char *text, void *input)
{
	char *help = NULL;
	size_t size, i;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&help, &size);
	if (!out)
		return NULL;
	fputs("Commands:\n", out);
	for (i = 0; i < SUBCOMMANDS; i++)
		fprintf(out, "  %s %s\n      %s\n", subcommands[i].name,
			subcommands[i].usage, subcommands[i].summary);
	fputs("\nWhat works with names takes --namespace WHICH: root, user, user:UID, session,\nsession:ID, or the id of a namespace.\n", out);
	fputs("\nExit status: 0, or 1 (refused or absent), 2 (usage), 3 (no device, no memory,\nother failure of the system), or that of CMD.\n", out);
	fclose(out);
	return help;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_main,
		.args_doc = "COMMAND [ARGUMENTS]",
		.doc = "Look up and register names in bootstrap namespaces.\v",
		.help_filter = help_text,
	};
	struct main_args main_args = { 0 };
	static struct args args = {
		.fd = -1, .timeout = -1, .grace = -1, .deadline = -1,
	};

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &main_args);
	args_parse(main_args.sub, argc - main_args.first,
		   argv + main_args.first, &args);
	return main_args.sub->run(&args);
}
