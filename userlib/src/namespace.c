// SPDX-License-Identifier: LGPL-2.1-or-later
/* Namespaces: handles for them, and those that are made. */
#include <string.h>

#include "internal.h"

static int bns_open_call(int port, const struct bns_scope *scope,
			 uint32_t flags, uint64_t child, uint32_t rights,
			 uint64_t *ret_id)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_open args = {
		.size = sizeof(args),
		.flags = flags,
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
		.namespace_id = child,
		.rights = rights,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_OPEN, &args);

	if (ret >= 0 && ret_id)
		*ret_id = args.namespace_id;
	return ret;
}

BNS_API int bns_open_namespace(int port, const struct bns_scope *scope,
			       uint32_t rights, uint64_t *ret_id)
{
	return bns_open_call(port, scope, 0, 0, rights, ret_id);
}

BNS_API int bns_open_parent(int port, const struct bns_scope *scope,
			    uint32_t rights, uint64_t *ret_id)
{
	return bns_open_call(port, scope, BOOTSTRAP_OPEN_PARENT, 0, rights,
			     ret_id);
}

BNS_API int bns_open_child(int port, const struct bns_scope *scope, uint64_t id,
			   uint32_t rights)
{
	return bns_open_call(port, scope, BOOTSTRAP_OPEN_CHILD, id, rights,
			     NULL);
}

BNS_API int bns_subset(int port, const struct bns_scope *scope, int requestor,
		       uint32_t rights, uint64_t *ret_id)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_subset args = {
		.size = sizeof(args),
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
		.rights = rights,
	};
	int ret;

	/* Other negative numbers are mistakes, for the kernel to refuse. */
	if (requestor != -1) {
		args.flags = BOOTSTRAP_SUBSET_REQUESTOR;
		args.requestor = requestor;
	}
	ret = bns_call(port, BOOTSTRAP_IOC_SUBSET, &args);
	if (ret >= 0 && ret_id)
		*ret_id = args.namespace_id;
	return ret;
}

BNS_API int bns_pre_login(int port, uint32_t rights, uint64_t *ret_id)
{
	struct bootstrap_pre_login args = {
		.size = sizeof(args),
		.rights = rights,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_PRE_LOGIN, &args);

	if (ret >= 0 && ret_id)
		*ret_id = args.namespace_id;
	return ret;
}

BNS_API int bns_announce(int port, const struct bns_announcement *what,
			 uint64_t *ret_cookie, uint64_t *ret_id)
{
	struct bootstrap_announce args = {
		.size = sizeof(args),
		.flags = what->flags,
		.session = what->session,
		.type = what->type,
		.cookie = what->cookie,
		.pre_login = what->pre_login,
		.uid = what->uid,
		.attributes = what->attributes,
		.tty = (uintptr_t)what->tty,
		.host = (uintptr_t)what->host,
		.tty_len = bns_name_len(what->tty),
		.host_len = what->host ?
			strnlen(what->host, BOOTSTRAP_HOST_MAX + 1) : 0,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_ANNOUNCE, &args);

	if (ret < 0)
		return ret;
	if (ret_cookie)
		*ret_cookie = args.cookie;
	if (ret_id)
		*ret_id = args.namespace_id;
	return 0;
}

BNS_API int bns_namespace(int port, const struct bns_scope *scope,
			  struct bootstrap_namespace *ret_namespace)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_namespace args = {
		.size = ret_namespace->size < sizeof(args) ?
				ret_namespace->size : sizeof(args),
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_NAMESPACE, &args);

	if (!ret)
		memcpy(ret_namespace, &args, args.size);
	return ret;
}
