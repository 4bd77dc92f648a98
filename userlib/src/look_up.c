// SPDX-License-Identifier: LGPL-2.1-or-later
/* Look-up, and the process behind a name. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

BNS_API int bns_look_up_until(int port, const char *name,
			      const struct bns_scope *scope, unsigned int flags,
			      uint64_t deadline, struct bootstrap_info *ret_info)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_look_up args = {
		/* What is not needed need not be copied either. */
		.size = scope || ret_info || deadline ?
				sizeof(args) : BOOTSTRAP_LOOK_UP_SIZE_MIN,
		.flags = flags,
		.name = (uintptr_t)name,
		.name_len = bns_name_len(name),
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
		.info = (uintptr_t)ret_info,
		.deadline = deadline,
	};

	return bns_call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
}

BNS_API int bns_look_up(int port, const char *name,
			const struct bns_scope *scope, unsigned int flags,
			struct bootstrap_info *ret_info)
{
	return bns_look_up_until(port, name, scope, flags, 0, ret_info);
}

BNS_API int bns_info(int port, const char *name, const struct bns_scope *scope,
		     struct bootstrap_info *ret_info)
{
	return bns_look_up(port, name, scope, BOOTSTRAP_LOOK_UP_QUERY, ret_info);
}

BNS_API int bns_look_up_array(int port, struct bootstrap_look_up_entry *entries,
			      unsigned int count, const struct bns_scope *scope,
			      unsigned int flags, uint64_t deadline)
{
	const struct bns_scope where = bns_scope_or_default(scope);
	struct bootstrap_look_up_array args = {
		.size = sizeof(args),
		.flags = flags,
		.entries = (uintptr_t)entries,
		.count = count,
		.scope = where.kind,
		.session = where.session,
		.cookie = where.cookie,
		.deadline = deadline,
	};

	return bns_call(port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args);
}

/* Is the process that @info tells of still there, and the name still its own? */
static int bns_holder_check(int port, const char *name,
			    const struct bns_scope *scope,
			    const struct bootstrap_info *info)
{
	struct bootstrap_info now = { .size = sizeof(now) };
	int err = bns_info(port, name, scope, &now);

	if (err)
		return err == -ENOENT ? -ESRCH : err;
	if (now.namespace_id != info->namespace_id ||
	    now.generation != info->generation || now.pid != info->pid)
		return -ESRCH;
	return 0;
}

BNS_API int bns_open_holder(int port, const char *name,
			    const struct bns_scope *scope,
			    const struct bootstrap_info *info)
{
	int saved = errno;
	int pidfd, err;

	if (!info->pid)
		return -ESRCH;
	pidfd = syscall(SYS_pidfd_open, (pid_t)info->pid, 0);
	if (pidfd < 0) {
		err = -errno;
		errno = saved;
		return err;
	}
	/*
	 * The number may have become another's before the pidfd was made, but
	 * not if the process that it was then is still there now.
	 */
	err = bns_holder_check(port, name, scope, info);
	if (!err)
		return pidfd;
	close(pidfd);
	return err;
}
