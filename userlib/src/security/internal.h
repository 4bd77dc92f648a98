/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the calls on security sessions and on audit sessions share. */
#ifndef BNS_SECURITY_INTERNAL_H
#define BNS_SECURITY_INTERNAL_H

#include <Security/AuthSession.h>

#include "../internal.h"

/*
 * An id is the kernel's own, but for the root session's: what that is to the
 * kernel, -1, is "the caller's" to programs.
 */
static inline SecuritySessionId bns_security_id(uint32_t session)
{
	return session == BOOTSTRAP_SESSION_ID_ROOT ? rootSecuritySession :
						      session;
}

static inline uint32_t bns_security_session(SecuritySessionId id)
{
	return id == rootSecuritySession ? BOOTSTRAP_SESSION_ID_ROOT : id;
}

#endif
