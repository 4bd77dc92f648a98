// SPDX-License-Identifier: GPL-2.0
/*
 * Signals to all processes of a session.
 *
 * One pass through the list of processes, in its order. A process joins a session
 * by fork alone, and is appended to the list before its parent can end; so the
 * pass comes to the children that are made meanwhile, and one that was sent
 * SIGKILL makes no more.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "internal.h"

/* Returns whether there was anybody, the caller included. */
static bool bs_signal_pass(struct bootstrap_signal *reply, bool privileged)
{
	struct task_struct *leader;
	bool found = false;

	rcu_read_lock();
	for_each_process(leader) {
		if (!bs_task_is_member(leader, reply->session))
			continue;
		found = true;
		/* As kill(2) has it, where that is for many. */
		if (same_thread_group(leader, current))
			continue;
		reply->members++;
		/* With privilege, it is not the caller's uid that decides. */
		if (!kill_pid(task_pid(leader), reply->signal, privileged))
			reply->reached++;
	}
	rcu_read_unlock();
	return found;
}

/**
 * bs_signal() - BOOTSTRAP_IOC_SIGNAL
 * @call: the call
 */
long bs_signal(struct bs_call *call)
{
	struct bootstrap_signal reply = call->args.signal;
	u64 cookie = reply.cookie;
	bool privileged;
	int err;

	if (reply.flags)
		return -EOPNOTSUPP;
	if (!valid_signal(reply.signal) ||
	    reply.session == BOOTSTRAP_SESSION_ID_ROOT)
		return -EINVAL;
	privileged = bs_caller_privileged();
	err = bs_session_permit(reply.session, &cookie, privileged);
	if (err)
		return err;
	reply.members = 0;
	reply.reached = 0;
	/* That this can be told is tried first. */
	err = bs_call_reply(call, &reply);
	if (err)
		return err;
	if (bs_signal_pass(&reply, privileged))
		return bs_call_reply(call, &reply);
	/* Nobody has noticed yet. */
	bs_call_unreply(call);
	return -ESRCH;
}
