// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names: register, unregister, take over. */
#include "internal.h"

BNS_API int bns_register(int port, const char *name, int fd,
			 const struct bns_registration *how,
			 uint64_t *ret_generation)
{
	struct bootstrap_register args = {
		.size = sizeof(args),
		.name = (uintptr_t)name,
		.name_len = bns_name_len(name),
		.fd = fd,
	};
	int ret;

	if (how) {
		args.flags = how->flags;
		args.scope = how->scope.kind;
		args.session = how->scope.session;
		args.cookie = how->scope.cookie;
		args.gid = how->gid;
		args.replace = how->replace;
	}
	ret = bns_call(port, BOOTSTRAP_IOC_REGISTER, &args);
	if (!ret && ret_generation)
		*ret_generation = args.generation;
	return ret;
}

static int bns_name_call(int port, unsigned long command, const char *name,
			 const struct bns_scope *scope, uint64_t generation)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_name args = {
		.size = sizeof(args),
		.name = (uintptr_t)name,
		.name_len = bns_name_len(name),
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
		.generation = generation,
	};

	return bns_call(port, command, &args);
}

BNS_API int bns_unregister(int port, const char *name,
			   const struct bns_scope *scope, uint64_t generation)
{
	return bns_name_call(port, BOOTSTRAP_IOC_UNREGISTER, name, scope,
			     generation);
}

BNS_API int bns_take_over(int port, const char *name,
			  const struct bns_scope *scope, uint64_t generation)
{
	return bns_name_call(port, BOOTSTRAP_IOC_TAKE_OVER, name, scope,
			     generation);
}
