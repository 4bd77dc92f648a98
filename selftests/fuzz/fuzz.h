/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzzer of /dev/bootstrap, guided by the edges that KCOV sees in the module.
 *
 * Workers, each a process of its own session and user, run programs: lists of
 * operations, most of them commands made by the table in ../commands.h. What
 * reaches an edge not seen before joins the corpus that all take from. Values in
 * programs are abstract (the third name, the file in slot 2), so that a program
 * means the same wherever and whenever it runs.
 */
#ifndef BOOTSTRAP_FUZZ_H
#define BOOTSTRAP_FUZZ_H

#include "../commands.h"

#define OPS_MAX		24
#define SLOTS		12	/* descriptors of a program */
#define SLOT_DEFERRAL	3	/* where its deferrals go */
#define SLOT_SPACE	4	/* where its namespace handles go: two */
#define SLOT_HANDLE	6	/* where its declarations go */
#define SLOT_RIGHT	7	/* where its check-ins go */
#define WORKERS		10
#define CORPUS_MAX	4096
#define EDGES		(1 << 16)
#define LOG_PAGES	512
#define FUZZ_PAGE	4096
#define TEXT_NULL	21	/* the value that stands for no text at all */

enum op_kind {
	OP_COMMAND,
	OP_OPEN,		/* slot: the device */
	OP_FILE,		/* slot, kind: a file to be registered */
	OP_CLOSE,		/* slot */
	OP_DUP,			/* slot, slot */
	OP_SEND,		/* slot: to whichever worker receives it */
	OP_RECEIVE,		/* slot */
	OP_QUEUE,		/* slot of a socket, slot: into its queue */
	OP_POLL,		/* slot */
	OP_ACCEPT,		/* slot, slot of a right: what waits there */
	OP_TAKE,		/* slot, slot of a socket: from its queue */
	OP_READ,		/* slot */
	OP_LISTEN,		/* slot, backlog */
	OP_SHUTDOWN,		/* slot, how */
	OP_CONNECT,		/* slot of a right: to the address that it bears */
	OP_FORK,		/* count: a child runs that many operations */
	OP_THREAD,		/* count: a thread runs that many */
	OP_LOGIN,		/* uid: a new session, in children */
	OP_BECOME,		/* uid: in children */
	OP_USERNS,		/* in children */
	OP_KILL,		/* in children: die at once */
	OP_YIELD,
	OP_FAIL,		/* n: the next operation's nth point of failure */
	OP_KINDS
};

struct op {
	unsigned char kind;
	unsigned char command;		/* index in commands */
	unsigned short port;		/* slot, for commands */
	uint64_t values[FIELDS_MAX];	/* one a field, or the operands */
};

struct program {
	uint32_t count;
	uint32_t worker;		/* whose session and user */
	struct op ops[OPS_MAX];
};

/* program.c */

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t limit);
void program_random(struct program *program, struct random *random);
void program_mutate(struct program *program, const struct program *other,
		    struct random *random);
unsigned int op_operands(enum op_kind kind);

/* text.c */

void program_print(const struct program *program, FILE *out);
/* The next program of a file; 0 at its end, -1 if a line cannot be read. */
int program_read(struct program *program, FILE *in);

/* execute.c */

/* Once in each process that executes. */
void execute_init(void);
/* Runs a program; what reaches a new edge joins the corpus. */
void execute(const struct program *program);

/* shared.c: what all workers see, and what is left of it if the guest dies */

struct shared {
	char magic[16];
	uint64_t calls;
	uint64_t edge_count;
	uint64_t programs;
	uint64_t log_next;
	uint32_t corpus_next;
	uint32_t seed_next;
	uint32_t stop;
	uint32_t faults;		/* found by the workers themselves */
	uint32_t last_session;		/* id of the latest login */
	int32_t pids[WORKERS];
	uint64_t progress[WORKERS];
	int32_t socket[2];		/* OP_SEND and OP_RECEIVE */
	unsigned char edges[EDGES];
	struct corpus_entry {
		uint32_t ready;
		struct program program;
	} corpus[CORPUS_MAX];
};

extern struct shared *shared;

void shared_init(void);
/* Counts an edge; true the first time. */
bool shared_edge(uint32_t edge);
void corpus_add(const struct program *program, unsigned int count);
const struct program *corpus_pick(struct random *random);
/* Notes a program, about to be run, where salvage() finds it. */
void log_program(const struct program *program);
/* From the memory of a guest: its last programs, and how far it came. */
int salvage(const char *memory, const char *reproducer);

#endif
