// SPDX-License-Identifier: GPL-2.0
/*
 * Denials: what was not permitted, and why, for those who look after the system.
 * The caller is told an error, which says less on purpose.
 *
 * Called where the error comes from and nowhere else: what succeeds comes by
 * nothing of this.
 */
#include <linux/atomic.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>

#include "internal.h"

/* How many there have been. */
static atomic64_t bs_denied[BOOTSTRAP_DENIED_COUNT];

/*
 * What the caller asked for is in its registers still: so no command need carry
 * its number along in case that it is denied.
 */
static unsigned int bs_denied_command(void)
{
	unsigned long args[6];

	syscall_get_arguments(current, task_pt_regs(current), args);
	return args[1];
}

/**
 * bs_deny() - note that something is denied
 * @err: the error, as the command gives it or would but for what it must hide
 * @reason: BOOTSTRAP_DENIED_*
 *
 * Return: @err.
 */
int bs_deny(int err, u32 reason)
{
	atomic64_inc(&bs_denied[reason]);
	bs_trace(denied, bs_denied_command(), err, reason);
	return err;
}

/**
 * bs_denials() - how often was something denied
 * @reason: BOOTSTRAP_DENIED_*
 */
u64 bs_denials(u32 reason)
{
	return atomic64_read(&bs_denied[reason]);
}
