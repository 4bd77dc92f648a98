// SPDX-License-Identifier: LGPL-2.1-or-later
/* The names of a namespace, and the namespaces below it. */
#include "internal.h"

static int bns_list_call(int port, unsigned long command,
			 const struct bns_scope *scope, uint64_t *cursor,
			 void *ret_buffer, size_t size,
			 uint64_t *ret_namespace_id)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_list args = {
		.size = sizeof(args),
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
		.cursor = *cursor,
		.buffer = (uintptr_t)ret_buffer,
		.buffer_size = size < UINT32_MAX ? size : UINT32_MAX,
	};
	int ret = bns_call(port, command, &args);

	if (ret < 0)
		return ret;
	*cursor = args.cursor;
	if (ret_namespace_id)
		*ret_namespace_id = args.namespace_id;
	return args.count;
}

BNS_API int bns_list(int port, const struct bns_scope *scope, uint64_t *cursor,
		     void *ret_buffer, size_t size, uint64_t *ret_namespace_id)
{
	return bns_list_call(port, BOOTSTRAP_IOC_LIST, scope, cursor,
			     ret_buffer, size, ret_namespace_id);
}

BNS_API int bns_children(int port, const struct bns_scope *scope,
			 uint64_t *cursor, void *ret_buffer, size_t size)
{
	return bns_list_call(port, BOOTSTRAP_IOC_CHILDREN, scope, cursor,
			     ret_buffer, size, NULL);
}
