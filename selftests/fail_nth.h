/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sweeps: one call is made again and again; the first thing that can fail as
 * the kernel carries it out does so, an allocation or a copy to or from user
 * space, then the second, and so on until there is none left. Each time it must
 * be done in full, or fail with nothing changed and nothing written.
 */
#ifndef BOOTSTRAP_FAIL_NTH_H
#define BOOTSTRAP_FAIL_NTH_H

#include "commands.h"
#include "faults.h"
#include "witness.h"

/* No call has as many points where it can fail. */
#define STEPS_MAX	200

/*
 * Now and then a call fetches memory for those to come as well, which moves on
 * the points that follow: what one round misses is left to the next.
 */
#define ROUNDS		2
#define ROUNDS_MAX	20

/* A call that goes well. */
struct trial {
	const char *name;
	/* This many of its points make it fail; some kernels have more. */
	int least;
	/* A command's number, if it is none that act does. */
	unsigned int number;
	void (*good)(union bootstrap_args *args);
	void (*undo)(int port, int ret);
	int (*act)(void);
	/* Who calls, if not the process as it is. */
	uid_t uid;
	/* What it answers, if that is an error. */
	int answer;
	/* Of what the events are to be as they were, if not of nothing. */
	const int *watch;
	/* Lacks memory for a socket, which the kernel calls a lack of files. */
	bool sockets;
	/* Of those by @enter, one that only tells: it changes nothing. */
	bool tells;
	/* Only once in a process's life: each step has one, that begins so. */
	void (*enter)(void);
};

/* All that a call may write to. */
struct outputs {
	union bootstrap_args args;
	struct bootstrap_info info;
	char buffer[sizeof(good_buffer)];
};

struct outcome {
	int ret;
	bool met;		/* the fault was met */
	struct outputs before, after;
};

/* How it goes without a fault. */
struct reference {
	struct outcome outcome;
	struct state state;
};

struct tally {
	int met, failed;
};

static int port = -1;
static int through = -1;	/* what the call goes through */
static int fail_nth = -1;
static union bootstrap_args argument;

static inline void order_fault(unsigned int nth)
{
	char text[12];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail_nth, text, len, 0) != len)
		abort();
}

/* Takes the order back, and tells how many points were left to go. */
static inline unsigned int fault_left(void)
{
	char text[12] = "";
	unsigned int left = 1;

	/* To tell is a copy, too: it fails if it is the very next point. */
	if (pread(fail_nth, text, sizeof(text) - 1, 0) > 0)
		left = strtoul(text, NULL, 10);
	while (pwrite(fail_nth, "0", 1, 0) != 1)
		;
	return left;
}

/*
 * The faults of a thread are its own, and so is the file. All that is used in
 * between is used once without, so that no fault is spent on the pages of it.
 */
static inline void prepare_faults(void)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		abort();
	order_fault(STEPS_MAX);
	call(-1, 0, NULL);
	if (!fault_left())
		abort();
}

static inline void outputs_take(struct outputs *outputs)
{
	outputs->args = argument;
	outputs->info = good_info;
	memcpy(outputs->buffer, good_buffer, sizeof(good_buffer));
}

/* These are others each time. */
static inline void forget_numbers(unsigned int command,
				  union bootstrap_args *args)
{
	switch (command) {
	case BOOTSTRAP_IOC_REGISTER:
		args->reg.generation = 0;
		args->reg.replace = 0;
		break;
	case BOOTSTRAP_IOC_CHECK_IN:
		args->check_in.generation = 0;
		break;
	case BOOTSTRAP_IOC_DECLARE:
		args->declare.generation = 0;
		break;
	}
}

static inline void attempt(const struct trial *trial, unsigned int nth,
			   struct outcome *outcome)
{
	through = port;
	memset(&argument, 0, sizeof(argument));
	memset(&good_info, 0, sizeof(good_info));
	memset(good_buffer, 0, sizeof(good_buffer));
	if (trial->good)
		trial->good(&argument);
	outputs_take(&outcome->before);
	if (trial->uid && seteuid(trial->uid))
		abort();
	if (nth)
		order_fault(nth);
	outcome->ret = trial->act ? trial->act() :
		call(through, trial->number, &argument);
	outcome->met = nth && !fault_left();
	if (trial->uid && seteuid(0))
		abort();
	outputs_take(&outcome->after);
	if (outcome->ret >= 0)
		forget_numbers(trial->number, &outcome->after.args);
}

static inline void undo(const struct trial *trial, const struct outcome *outcome)
{
	if (trial->undo && outcome->ret >= 0)
		trial->undo(through, outcome->ret);
}

static inline bool complain(const struct trial *trial, unsigned int nth,
			    const struct outcome *outcome, const char *what)
{
	printf("# %s, fault %u, answer %d: %s\n", trial->name, nth,
	       outcome->ret, what);
	fflush(stdout);
	return false;
}

/* Why this is not how a call may fail, or NULL. */
static inline const char *wrong_failure(const struct trial *trial,
					struct outcome *outcome)
{
	if (!outcome->met)
		return "failed without a fault";
	if (outcome->ret != -ENOMEM && outcome->ret != -EFAULT &&
	    !(outcome->ret == -ENFILE && trial->sockets))
		return "no errno for that";
	/* The entries are written before what tells of them. */
	if ((trial->number == BOOTSTRAP_IOC_LIST ||
	     trial->number == BOOTSTRAP_IOC_CHILDREN ||
	     trial->number == BOOTSTRAP_IOC_DEFERRALS) &&
	    outcome->ret == -EFAULT)
		memset(outcome->after.buffer, 0, sizeof(good_buffer));
	if (memcmp(&outcome->before, &outcome->after, sizeof(outcome->before)))
		return "failed, but wrote";
	return NULL;
}

static inline bool step_done(const struct trial *trial, unsigned int nth,
			     const struct reference *reference,
			     const struct outcome *outcome,
			     const struct state *after)
{
	if (memcmp(&outcome->after, &reference->outcome.after,
		   sizeof(outcome->after)))
		return complain(trial, nth, outcome, "wrote something else");
	if (same_anew(&reference->state, after))
		return true;
	print_difference(&reference->state, after);
	return complain(trial, nth, outcome, "did something else");
}

static inline bool step(const struct trial *trial, unsigned int nth,
			const struct reference *reference,
			struct outcome *outcome)
{
	static struct state before, after;
	const char *wrong;
	bool done;

	look(&before);
	attempt(trial, nth, outcome);
	look(&after);
	done = outcome->ret == reference->outcome.ret;
	if (done) {
		if (!step_done(trial, nth, reference, outcome, &after))
			return false;
		undo(trial, outcome);
		look(&after);
	} else {
		wrong = wrong_failure(trial, outcome);
		if (wrong)
			return complain(trial, nth, outcome, wrong);
	}
	if (done ? same_anew(&before, &after) : same(&before, &after))
		return true;
	print_difference(&before, &after);
	return complain(trial, nth, outcome, "left something behind");
}

static inline bool sweep_round(const struct trial *trial, int round,
			       struct tally *tally)
{
	static struct reference reference;
	static struct outcome outcome;
	unsigned int nth;

	/* Once more in each round, lest all rounds miss the same. */
	do {
		attempt(trial, 0, &reference.outcome);
		look(&reference.state);
		undo(trial, &reference.outcome);
	} while (round--);
	if (reference.outcome.ret < 0 &&
	    reference.outcome.ret != trial->answer)
		return complain(trial, 0, &reference.outcome, "not good");
	for (nth = 1; nth <= STEPS_MAX; nth++) {
		if (!step(trial, nth, &reference, &outcome))
			return false;
		if (!outcome.met)
			return true;
		tally->met++;
		tally->failed += outcome.ret != reference.outcome.ret;
	}
	return complain(trial, nth, &outcome, "there is no end to it");
}

/* What the process of a step returns. */
#define CHILD_WRONG	1
#define CHILD_MET	2
#define CHILD_FAILED	4

static inline int child_step(const struct trial *trial, unsigned int nth)
{
	static struct state before, after;
	static struct outcome outcome, again;
	const char *wrong;

	prepare_faults();
	port = port_open();
	trial->enter();
	look(&before);
	attempt(trial, nth, &outcome);
	look(&after);
	again = outcome;
	if (outcome.ret < 0) {
		wrong = wrong_failure(trial, &outcome);
		if (!wrong && !same_but_session(&before, &after))
			wrong = "left something behind";
		if (wrong) {
			print_difference(&before, &after);
			complain(trial, nth, &outcome, wrong);
			return CHILD_WRONG;
		}
		/* As if nothing had been. */
		attempt(trial, 0, &again);
		look(&after);
	}
	if (again.ret < 0 || same(&before, &after) != trial->tells) {
		complain(trial, nth, &again, "was not done");
		return CHILD_WRONG;
	}
	return (outcome.met ? CHILD_MET : 0) |
	       (outcome.ret < 0 ? CHILD_FAILED : 0);
}

static inline bool sweep_round_children(const struct trial *trial,
					struct tally *tally)
{
	static struct state before, after;
	unsigned int nth;
	pid_t pid;
	int ret;

	look(&before);
	for (nth = 1; nth <= STEPS_MAX; nth++) {
		fflush(stdout);
		pid = fork();
		if (!pid)
			_exit(child_step(trial, nth));
		ret = child_result(pid);
		if (ret < 0 || (ret & CHILD_WRONG))
			return false;
		if (!eventually((look(&after), same(&before, &after)))) {
			print_difference(&before, &after);
			return false;
		}
		if (!(ret & CHILD_MET))
			return true;
		tally->met++;
		tally->failed += !!(ret & CHILD_FAILED);
	}
	return false;
}

/* False, with the reason printed, if a call fails other than it may. */
static inline bool sweep(const struct trial *trial)
{
	struct tally tally;
	int round, most = 0;

	watched = trial->watch ? *trial->watch : -1;
	for (round = 0; round < ROUNDS_MAX; round++) {
		if (round >= ROUNDS && most >= trial->least)
			return true;
		memset(&tally, 0, sizeof(tally));
		if (trial->enter ? !sweep_round_children(trial, &tally) :
				   !sweep_round(trial, round, &tally))
			return false;
		most = tally.failed > most ? tally.failed : most;
	}
	printf("# %s: fails at %d points, should at %d\n", trial->name, most,
	       trial->least);
	return false;
}

#endif
