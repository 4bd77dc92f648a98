// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics: what there is of all users. Counted is what is kept anyway, and
 * what is rare, so that they cost nothing while nobody asks.
 */
#include <linux/err.h>
#include <linux/mutex.h>

#include "internal.h"

static void bs_statistics_used(struct bootstrap_statistics *reply)
{
	u32 used[BS_LIMIT_COUNT];

	reply->users = bs_users_sum(used);
	reply->names = used[BS_LIMIT_NAMES];
	reply->waits = used[BS_LIMIT_WAITS];
	reply->watches = used[BS_LIMIT_WATCHES];
	reply->subsets = used[BS_LIMIT_SUBSETS];
	reply->handles = used[BS_LIMIT_HANDLES];
	reply->deferrals = used[BS_LIMIT_DEFERRALS];
}

static void bs_statistics_denied(struct bootstrap_statistics *reply)
{
	u32 reason;

	for (reason = 0; reason < BOOTSTRAP_DENIED_COUNT; reason++)
		reply->denied[reason] = bs_denials(reason);
}

/**
 * bs_statistics() - BOOTSTRAP_IOC_STATISTICS
 * @call: the call
 */
long bs_statistics(struct bs_call *call)
{
	struct bootstrap_statistics reply = call->args.statistics;

	if (reply.flags)
		return -EOPNOTSUPP;
	if (!bs_caller_privileged())
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
	if (mutex_lock_killable(&bs_sessions_lock))
		return -EINTR;
	reply.sessions = bs_sessions_count_locked(&reply.sessions_begun);
	mutex_unlock(&bs_sessions_lock);
	reply.namespaces = bs_namespaces_count();
	reply.services = bs_services_count();
	reply.servers = bs_servers_count();
	reply.pad = 0;
	bs_statistics_used(&reply);
	bs_statistics_denied(&reply);
	return bs_call_reply(call, &reply);
}
