// SPDX-License-Identifier: LGPL-2.1-or-later
/* The end of sessions: to ask for it, and to ask to be waited for. */
#include "internal.h"

BNS_API int bns_logout(int port, uint32_t id, uint64_t cookie, uint64_t deadline)
{
	struct bootstrap_logout args = {
		.size = sizeof(args),
		.session = id,
		.cookie = cookie,
		.deadline = deadline,
	};

	return bns_call(port, BOOTSTRAP_IOC_LOGOUT, &args);
}

BNS_API int bns_defer(int port, const char *reason)
{
	struct bootstrap_defer args = {
		.size = sizeof(args),
		.reason = (uintptr_t)reason,
		.reason_len = bns_name_len(reason),
	};

	return bns_call(port, BOOTSTRAP_IOC_DEFER, &args);
}

BNS_API int bns_cancel_logout(int deferral)
{
	struct bootstrap_cancel args = { .size = sizeof(args) };

	return bns_call(deferral, BOOTSTRAP_IOC_CANCEL, &args);
}

BNS_API int bns_deferrals(int port, uint32_t id, uint64_t cookie,
			  uint64_t *cursor, void *ret_buffer, size_t size)
{
	struct bootstrap_deferrals args = {
		.size = sizeof(args),
		.session = id,
		.buffer_size = size < UINT32_MAX ? size : UINT32_MAX,
		.cookie = cookie,
		.cursor = *cursor,
		.buffer = (uintptr_t)ret_buffer,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_DEFERRALS, &args);

	if (ret < 0)
		return ret;
	*cursor = args.cursor;
	return args.count;
}
