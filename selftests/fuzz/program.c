// SPDX-License-Identifier: GPL-2.0
/* Programs: made at random, and made from others. */
#include "fuzz.h"

uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t random_below(struct random *random, uint64_t limit)
{
	return random_next(random) % limit;
}

static bool one_in(struct random *random, unsigned int n)
{
	return !random_below(random, n);
}

/* Any number, those at the edges more often. */
static uint64_t value_any(struct random *random)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 64, 127, 128, 255, 4095, 4096, 4097, 0x7fffffff,
		0x80000000, 0xffffffff, 1ull << 63, ~0ull,
	};

	if (one_in(random, 2))
		return edges[random_below(random, ARRAY_SIZE(edges))];
	return random_next(random) >> random_below(random, 64);
}

static uint64_t value_size(const struct command *command,
			   struct random *random)
{
	if (!one_in(random, 16))
		return command->size;
	if (one_in(random, 2))
		return command->min_size + random_below(random, 3) - 1;
	return value_any(random);
}

/* What the numbers stand for is execute.c's business. */
static uint64_t value_random(const struct command *command,
			     const struct field *field, struct random *random)
{
	switch (field->kind) {
	case FIELD_SIZE:
		return value_size(command, random);
	case FIELD_FLAGS:
		if (one_in(random, 2))
			return 0;
		if (one_in(random, 8))
			return 1ull << random_below(random, 32);
		return random_next(random) & command->flags;
	case FIELD_TEXT:
		return one_in(random, 6) ? random_below(random, 20) :
					   random_below(random, 5);
	case FIELD_FD:
		return one_in(random, 16) ? value_any(random) :
					    random_below(random, SLOTS);
	case FIELD_BUFFER_SIZE:
		return one_in(random, 2) ? 4096 : value_any(random);
	case FIELD_SCOPE:
		return one_in(random, 2) ? 0 : random_below(random, 7);
	case FIELD_SESSION:
	case FIELD_COOKIE:
		return one_in(random, 2) ? 0 : random_below(random, 32);
	case FIELD_INFO:
	case FIELD_BUFFER:
	case FIELD_GENERATION:
		return one_in(random, 2) ? random_below(random, 2) :
					   random_below(random, 8);
	case FIELD_TYPE:
		return one_in(random, 2) ? 0 : random_below(random, 8);
	case FIELD_ENTRIES:
		return one_in(random, 8) ? value_any(random) :
					   random_below(random, 4);
	case FIELD_COUNT:
		return one_in(random, 16) ? value_any(random) :
					    random_below(random, 22);
	case FIELD_BACKLOG:
		return random_below(random, 4);
	case FIELD_TTY:
	case FIELD_HOST:
		return one_in(random, 4) ? random_below(random, 20) : 0;
	case FIELD_TTY_LEN:
	case FIELD_HOST_LEN:
		return one_in(random, 4) ? random_below(random, 6) : 0;
	case FIELD_DEADLINE:
		return one_in(random, 8) ? value_any(random) : 0;
	case FIELD_ID:
		return one_in(random, 2) ? 0 : random_below(random, 5);
	case FIELD_NAMESPACE:
		return one_in(random, 2) ? 0 : random_below(random, 3);
	case FIELD_RIGHTS:
		return one_in(random, 2) ? 0 : random_below(random, 66);
	case FIELD_HANDLE:
		return one_in(random, 4) ? random_below(random, SLOTS) :
					   SLOT_SPACE + random_below(random, 2);
	case FIELD_PIDFD:
		return one_in(random, 2) ? SLOTS : random_below(random, SLOTS);
	case FIELD_LOGIN:
		return random_below(random, 7);
	/* Mostly such that workers go on. */
	case FIELD_SIGNAL:
		return one_in(random, 64) ? random_below(random, 66) : 0;
	case FIELD_ATTRIBUTES:
	case FIELD_CLEAR:
		return one_in(random, 2) ? 0 : 1 << random_below(random, 16);
	default:
		return one_in(random, 32) ? value_any(random) : 0;
	}
}

/* The same command on a handle, where no name goes with it. */
static void op_on_handle(struct op *op, const struct command *command)
{
	unsigned int i;

	op->port = SLOT_HANDLE;
	for (i = 0; command->fields[i].kind != FIELD_END; i++)
		switch (command->fields[i].kind) {
		case FIELD_TEXT:
			op->values[i] = TEXT_NULL;
			break;
		case FIELD_TEXT_LEN:
			op->values[i] = 1;
			break;
		case FIELD_SCOPE:
		case FIELD_SESSION:
		case FIELD_COOKIE:
			op->values[i] = 0;
			break;
		default:
			break;
		}
}

static void op_command(struct op *op, struct random *random)
{
	const struct command *command;
	unsigned int i;

	op->kind = OP_COMMAND;
	op->command = random_below(random, COMMANDS);
	op->port = one_in(random, 8) ? random_below(random, SLOTS) :
		   one_in(random, 4) ? SLOT_SPACE + random_below(random, 2) : 0;
	command = &commands[op->command];
	for (i = 0; command->fields[i].kind != FIELD_END; i++)
		op->values[i] = value_random(command, &command->fields[i],
					     random);
	if ((command->number == BOOTSTRAP_IOC_CHECK_IN ||
	     command->number == BOOTSTRAP_IOC_TAKE_OVER) && one_in(random, 2))
		op_on_handle(op, command);
	if (command->through && !one_in(random, 4))
		op->port = SLOT_DEFERRAL;
}

unsigned int op_operands(enum op_kind kind)
{
	switch (kind) {
	case OP_FILE:
	case OP_DUP:
	case OP_QUEUE:
	case OP_ACCEPT:
	case OP_TAKE:
	case OP_LISTEN:
	case OP_SHUTDOWN:
		return 2;
	case OP_COMMAND:
	case OP_USERNS:
	case OP_KILL:
	case OP_YIELD:
		return 0;
	default:
		return 1;
	}
}

static void op_random(struct op *op, struct random *random)
{
	memset(op, 0, sizeof(*op));
	if (!one_in(random, 4)) {
		op_command(op, random);
		return;
	}
	op->kind = 1 + random_below(random, OP_KINDS - 1);
	op->values[0] = random_below(random, SLOTS);
	op->values[1] = random_below(random, SLOTS);
	/* More often what it is for than anything. */
	if ((op->kind == OP_LISTEN || op->kind == OP_SHUTDOWN ||
	     op->kind == OP_CONNECT) && one_in(random, 2))
		op->values[0] = SLOT_RIGHT;
	if (op->kind == OP_ACCEPT && one_in(random, 2))
		op->values[1] = SLOT_RIGHT;
	if (op->kind == OP_FAIL)
		op->values[0] = 1 + random_below(random, 30);
}

void program_random(struct program *program, struct random *random)
{
	unsigned int i;

	program->count = 1 + random_below(random, OPS_MAX / 2);
	for (i = 0; i < program->count; i++)
		op_random(&program->ops[i], random);
}

static void op_mutate(struct op *op, struct random *random)
{
	const struct command *command = &commands[op->command];
	unsigned int fields = 0, at;

	if (op->kind != OP_COMMAND || one_in(random, 8)) {
		op_random(op, random);
		return;
	}
	while (command->fields[fields].kind != FIELD_END)
		fields++;
	at = random_below(random, fields + 1);
	if (at == fields)
		op->port = random_below(random, SLOTS);
	else if (one_in(random, 8))
		op->values[at] = value_any(random);
	else
		op->values[at] = value_random(command, &command->fields[at],
					      random);
}

static void program_insert(struct program *program, unsigned int at,
			   const struct op *op)
{
	if (program->count == OPS_MAX)
		program->count--;
	if (at > program->count)
		at = program->count;
	memmove(&program->ops[at + 1], &program->ops[at],
		(program->count - at) * sizeof(*op));
	program->ops[at] = *op;
	program->count++;
}

static void program_remove(struct program *program, unsigned int at)
{
	if (program->count == 1)
		return;
	program->count--;
	memmove(&program->ops[at], &program->ops[at + 1],
		(program->count - at) * sizeof(program->ops[0]));
}

static void program_splice(struct program *program, const struct program *other,
			   struct random *random)
{
	unsigned int at = random_below(random, program->count), i;

	for (i = random_below(random, other->count);
	     i < other->count && at < OPS_MAX; i++)
		program->ops[at++] = other->ops[i];
	if (at > program->count)
		program->count = at;
}

void program_mutate(struct program *program, const struct program *other,
		    struct random *random)
{
	unsigned int times = 1 + random_below(random, 4), at;
	struct op op;

	while (times--) {
		at = random_below(random, program->count);
		switch (random_below(random, 8)) {
		case 0:
			op_random(&op, random);
			program_insert(program, at, &op);
			break;
		case 1:
			op = program->ops[at];
			program_insert(program, random_below(random, OPS_MAX),
				       &op);
			break;
		case 2:
			program_remove(program, at);
			break;
		case 3:
			program_splice(program, other, random);
			break;
		default:
			op_mutate(&program->ops[at], random);
		}
	}
}
