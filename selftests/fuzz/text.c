// SPDX-License-Identifier: GPL-2.0
/*
 * Programs as text: a line for each operation, an empty one after each program.
 *
 *	worker 3
 *	FILE 2 1
 *	REGISTER port=0 size=64 name=4 fd=2
 *
 * Values of a command that are not there are 0.
 */
#include "fuzz.h"

static const char *const op_names[OP_KINDS] = {
	[OP_OPEN] = "open",
	[OP_FILE] = "file",
	[OP_CLOSE] = "close",
	[OP_DUP] = "dup",
	[OP_SEND] = "send",
	[OP_RECEIVE] = "receive",
	[OP_QUEUE] = "queue",
	[OP_POLL] = "poll",
	[OP_ACCEPT] = "accept",
	[OP_TAKE] = "take",
	[OP_READ] = "read",
	[OP_LISTEN] = "listen",
	[OP_SHUTDOWN] = "shutdown",
	[OP_CONNECT] = "connect",
	[OP_FORK] = "fork",
	[OP_THREAD] = "thread",
	[OP_LOGIN] = "login",
	[OP_BECOME] = "become",
	[OP_USERNS] = "userns",
	[OP_KILL] = "kill",
	[OP_YIELD] = "yield",
	[OP_FAIL] = "fail",
};

static void op_print(const struct op *op, FILE *out)
{
	const struct command *command = &commands[op->command];
	unsigned int i;

	if (op->kind != OP_COMMAND) {
		fputs(op_names[op->kind], out);
		for (i = 0; i < op_operands(op->kind); i++)
			fprintf(out, " %llu", (unsigned long long)op->values[i]);
		fputc('\n', out);
		return;
	}
	fprintf(out, "%s port=%u", command->name, op->port);
	for (i = 0; command->fields[i].kind != FIELD_END; i++)
		if (op->values[i])
			fprintf(out, " %s=%llu", command->fields[i].name,
				(unsigned long long)op->values[i]);
	fputc('\n', out);
}

void program_print(const struct program *program, FILE *out)
{
	unsigned int i;

	fprintf(out, "worker %u\n", program->worker);
	for (i = 0; i < program->count; i++)
		op_print(&program->ops[i], out);
	fputc('\n', out);
}

static bool field_read(struct op *op, const char *word)
{
	const struct command *command = &commands[op->command];
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : 0;
	unsigned int i;

	if (!equals)
		return false;
	if (!strncmp(word, "port=", 5)) {
		op->port = strtoul(equals + 1, NULL, 0);
		return true;
	}
	for (i = 0; command->fields[i].kind != FIELD_END; i++)
		if (strlen(command->fields[i].name) == len &&
		    !strncmp(command->fields[i].name, word, len)) {
			op->values[i] = strtoull(equals + 1, NULL, 0);
			return true;
		}
	return false;
}

static bool op_read(struct op *op, char *line)
{
	char *word = strtok(line, "\n ");
	unsigned int i = 0;

	memset(op, 0, sizeof(*op));
	for (op->command = 0; op->command < COMMANDS; op->command++)
		if (!strcmp(commands[op->command].name, word))
			break;
	if (op->command < COMMANDS) {
		while ((word = strtok(NULL, "\n ")))
			if (!field_read(op, word))
				return false;
		return true;
	}
	op->command = 0;
	for (op->kind = 1; op->kind < OP_KINDS; op->kind++)
		if (!strcmp(op_names[op->kind], word))
			break;
	if (op->kind == OP_KINDS)
		return false;
	while (i < op_operands(op->kind) && (word = strtok(NULL, "\n ")))
		op->values[i++] = strtoull(word, NULL, 0);
	return i == op_operands(op->kind);
}

int program_read(struct program *program, FILE *in)
{
	char line[1024];

	memset(program, 0, sizeof(*program));
	while (fgets(line, sizeof(line), in)) {
		if (line[0] == '#')
			continue;
		if (line[0] == '\n') {
			if (program->count)
				return 1;
			continue;
		}
		if (sscanf(line, "worker %u", &program->worker) == 1) {
			program->worker %= WORKERS;
			continue;
		}
		if (program->count == OPS_MAX ||
		    !op_read(&program->ops[program->count], line))
			return -1;
		program->count++;
	}
	return program->count ? 1 : 0;
}
