// SPDX-License-Identifier: GPL-2.0
/*
 * Where events are told. Who has something to tell does so by bs_trace(),
 * which is an instruction that does nothing while nobody listens, or calls here.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/string.h>

#include "internal.h"

/* Zeros behind it: what the buffer held before is none of the reader's business. */
static void bs_trace_copy(char to[BOOTSTRAP_NAME_MAX + 1], const char *text,
			  u8 len)
{
	memcpy(to, text, len);
	memset(to + len, 0, BOOTSTRAP_NAME_MAX + 1 - len);
}

#define CREATE_TRACE_POINTS
#include "trace.h"

void bs_trace_look_up(const struct bs_key *key, const struct bs_name *name,
		      long result)
{
	trace_bootstrap_look_up(key, name ? name->ns : NULL, result);
}

void bs_trace_register(const struct bs_key *key, const struct bs_namespace *ns,
		       long result)
{
	trace_bootstrap_register(key, ns, result);
}

void bs_trace_declare(const struct bs_key *key, const struct bs_namespace *ns,
		      long result)
{
	trace_bootstrap_declare(key, ns, result);
}

void bs_trace_check_in(const struct bs_key *key, const struct bs_namespace *ns,
		       long result)
{
	trace_bootstrap_check_in(key, ns, result);
}

/**
 * bs_trace_served() - tell of a check-in at a declared service
 * @service: which; not locked
 * @result: the descriptor, or why there is none
 */
void bs_trace_served(struct bs_service *service, long result)
{
	struct bs_key key = {};

	mutex_lock(&service->lock);
	if (service->name) {
		key.len = service->name->len;
		memcpy(key.text, service->name->text, key.len);
		trace_bootstrap_check_in(&key, service->name->ns, result);
	} else {
		trace_bootstrap_check_in(&key, NULL, result);
	}
	mutex_unlock(&service->lock);
}

void bs_trace_unregister(const struct bs_name *name)
{
	trace_bootstrap_unregister(name);
}

void bs_trace_connect(const struct bs_name *name)
{
	trace_bootstrap_connect(name);
}

/**
 * bs_trace_session() - tell of a session
 * @session: which; bs_sessions_lock is held
 * @change: BOOTSTRAP_RECORD_SESSION_*
 */
void bs_trace_session(const struct bs_session *session, u32 change)
{
	if (change == BOOTSTRAP_RECORD_SESSION_STARTED && session->announced)
		change = 0;
	trace_bootstrap_session(session, change);
}

void bs_trace_denied(unsigned int command, int err, u32 reason)
{
	trace_bootstrap_denied(command, err, reason);
}
