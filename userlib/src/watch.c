// SPDX-License-Identifier: LGPL-2.1-or-later
/* Watches. */
#include "internal.h"

BNS_API int bns_watch(int port, const struct bns_scope *scope,
		      uint64_t *ret_namespace_id)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_watch args = {
		.size = sizeof(args),
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_WATCH, &args);

	if (ret >= 0 && ret_namespace_id)
		*ret_namespace_id = args.namespace_id;
	return ret;
}

BNS_API int bns_watch_sessions(int port)
{
	struct bootstrap_watch args = {
		.size = sizeof(args),
		.flags = BOOTSTRAP_WATCH_SESSIONS,
	};

	return bns_call(port, BOOTSTRAP_IOC_WATCH, &args);
}
