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
	{ "stats", "",
	  "Tell what there is of all users, and what was denied (root only).",
	  TAKES_JSON, cmd_stats },
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
	{ "right list", "[--json]",
	  "List the rights that logins may ask for, and what each runs.",
	  TAKES_JSON | TAKES_DATABASE, cmd_right_list },
	{ "right get", "[RIGHT]",
	  "Print the definition of a right (system.login.console) as a property list.",
	  TAKES_OPERAND | TAKES_JSON | TAKES_DATABASE, cmd_right_get },
	{ "right set", "RIGHT [FILE]",
	  "Define a right by a property list, in FILE or standard input.",
	  NEEDS_OPERAND | TAKES_SECOND | TAKES_DATABASE, cmd_right_set },
	{ "right insert",
	  "MECHANISM --before PLUGIN | --after PLUGIN [--right RIGHT]",
	  "Have logins run MECHANISM (plugin:mechanism,privileged), too.",
	  NEEDS_OPERAND | NEEDS_PLACE | TAKES_RIGHT | TAKES_DATABASE,
	  cmd_right_insert },
	{ "right remove", "RIGHT | MECHANISM [--right RIGHT]",
	  "Remove a right, or from a right what has a colon: a mechanism.",
	  NEEDS_OPERAND | TAKES_RIGHT | TAKES_DATABASE, cmd_right_remove },
	{ "right check", "[FILE]",
	  "Tell all that is wrong with the database, or would be were it FILE.",
	  TAKES_OPERAND | TAKES_DATABASE, cmd_right_check },
	{ "right backup", "[FILE]",
	  "Copy the database to FILE (/etc/authorization-orig).",
	  TAKES_OPERAND | TAKES_DATABASE, cmd_right_backup },
	{ "right restore", "[FILE]",
	  "Put FILE (/etc/authorization-orig) in the place of the database.",
	  TAKES_OPERAND | TAKES_DATABASE, cmd_right_restore },
	{ "launch-server", "UID on-demand|always COMMAND",
	  "What bootstrap_create_server(3) runs; not to be run by hand.",
	  TAKES_OPERANDS, cmd_launch_server },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

/* Sets how many words its name has. */
static const struct subcommand *subcommand_find(char **words, int *ret_count)
{
	const char *name, *second;
	size_t i, len;

	for (i = 0; i < SUBCOMMANDS; i++) {
		name = subcommands[i].name;
		len = strcspn(name, " ");
		if (strncmp(words[0], name, len) || words[0][len])
			continue;
		second = name[len] ? name + len + 1 : NULL;
		if (second && (!words[1] || strcmp(words[1], second)))
			continue;
		*ret_count = second ? 2 : 1;
		return &subcommands[i];
	}
	return NULL;
}

/* Is it the first word of a name that has two? */
static bool needs_second(const char *word)
{
	size_t i, len = strlen(word);

	for (i = 0; i < SUBCOMMANDS; i++)
		if (!strncmp(subcommands[i].name, word, len) &&
		    subcommands[i].name[len] == ' ')
			return true;
	return false;
}

static void complain_of_words(struct argp_state *state, char **words)
{
	if (!needs_second(words[0]))
		argp_error(state, "%s: no such command", words[0]);
	else if (!words[1])
		argp_error(state, "%s: no command given", words[0]);
	else if (!strcmp(words[1], "--help"))
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
	else
		argp_error(state, "%s %s: no such command", words[0], words[1]);
}

struct main_args {
	const struct subcommand *sub;
	int first;
};

static void take_words(struct argp_state *state, struct main_args *args)
{
	char **words = state->argv + state->next - 1;
	int count = 1;

	args->sub = subcommand_find(words, &count);
	if (!args->sub)
		complain_of_words(state, words);
	/* The rest is the subcommand's. */
	args->first = state->next - 2 + count;
	state->next = state->argc;
}

static error_t parse_main(int key, char *arg, struct argp_state *state)
{
	struct main_args *args = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_ARG:
		take_words(state, args);
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
