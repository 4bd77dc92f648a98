// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bootstrap server's calls on namespaces. */
#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include <vproc_priv.h>

#include "internal.h"

/* The same port has the same name. */
static kern_return_t give_same(mach_port_t bp, mach_port_t *ret_port)
{
	kern_return_t code = bns_mach_reference(bp);

	if (!code)
		*ret_port = bp;
	return code;
}

BNS_API kern_return_t bootstrap_subset(mach_port_t bp, mach_port_t requestor,
				       mach_port_t *subset_port)
{
	int task = bns_mach_fd(requestor), fd;

	if (!MACH_PORT_VALID(requestor))
		return BOOTSTRAP_NOT_PRIVILEGED;
	if (task < 0)
		return MACH_SEND_INVALID_RIGHT;
	fd = bns_subset(bns_mach_fd(bp), NULL, task, 0, NULL);
	if (fd == -ESRCH)
		return BOOTSTRAP_NOT_PRIVILEGED;
	if (fd == -EBADF && bns_mach_port_kind(bp) != PORT_IS_NOTHING)
		return MACH_SEND_INVALID_RIGHT;
	return bns_mach_give(fd, PORT_SEND, subset_port);
}

BNS_API kern_return_t bootstrap_unprivileged(mach_port_t bp,
					     mach_port_t *unpriv_port)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	int err = bns_namespace(bns_mach_fd(bp), NULL, &ns);

	if (err)
		return bns_mach_code(err);
	if (!bns_mach_is_server(bp))
		return give_same(bp, unpriv_port);
	return bns_mach_give(bns_open_namespace((int)bp, NULL, 0, NULL), PORT_SEND,
			 unpriv_port);
}

BNS_API kern_return_t bootstrap_parent(mach_port_t bp, mach_port_t *parent_port)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	int err = bns_namespace(bns_mach_fd(bp), NULL, &ns);

	if (err)
		return bns_mach_code(err);
	if (ns.type == BOOTSTRAP_NAMESPACE_ROOT)
		return give_same(bp, parent_port);
	return bns_mach_give(bns_open_parent((int)bp, NULL, 0, NULL), PORT_SEND,
			 parent_port);
}

BNS_API kern_return_t bootstrap_get_root(mach_port_t bp, mach_port_t *root)
{
	const struct bns_scope scope = { .kind = BOOTSTRAP_SCOPE_ROOT };
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	int err = bns_namespace(bns_mach_fd(bp), NULL, &ns);

	if (err)
		return bns_mach_code(err);
	if (ns.type == BOOTSTRAP_NAMESPACE_ROOT)
		return give_same(bp, root);
	return bns_mach_give(bns_open_namespace((int)bp, &scope, 0, NULL), PORT_SEND,
			 root);
}

/* Whatever the port is for: who the caller is decides. */
static int user_open(mach_port_t bp, uid_t uid)
{
	const struct bns_scope scope = {
		.kind = BOOTSTRAP_SCOPE_USER_ID, .session = uid,
	};
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	int device, handle, err = bns_namespace(bns_mach_fd(bp), NULL, &ns);

	if (err)
		return err;
	device = bns_open_device();
	if (device < 0)
		return device == -ENOENT ? -ENXIO : device;
	handle = bns_open_namespace(device, &scope, 0, NULL);
	close(device);
	return handle;
}

BNS_API kern_return_t bootstrap_look_up_per_user(mach_port_t bp,
						 const char *service_name,
						 uid_t target_user,
						 mach_port_t *sp)
{
	int handle = user_open(bp, target_user), fd;

	if (handle < 0 || !service_name)
		return bns_mach_give(handle, PORT_SEND, sp);
	fd = bns_mach_look_up(handle, service_name, 0);
	close(handle);
	return bns_mach_give(fd, PORT_SEND, sp);
}

/* NULL, or something else. */
static vproc_err_t move_to(uid_t uid)
{
	mach_port_t port;

	if (bootstrap_look_up_per_user(bootstrap_port, NULL, uid, &port))
		return &bootstrap_port;
	if (task_set_bootstrap_port(mach_task_self(), port)) {
		bns_mach_release(port);
		return &bootstrap_port;
	}
	bns_mach_release(bootstrap_port);
	bootstrap_port = port;
	return NULL;
}

BNS_API vproc_err_t _vprocmgr_move_subset_to_user(uid_t target_user,
						  const char *session_type,
						  uint64_t flags)
{
	if (flags || !session_type ||
	    strcasecmp(session_type, VPROCMGR_SESSION_BACKGROUND))
		return &bootstrap_port;
	return move_to(target_user);
}

BNS_API vproc_err_t _vprocmgr_switch_to_session(const char *session_type,
						uint64_t flags)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };

	if (bns_namespace(bns_mach_fd(bootstrap_port), NULL, &ns) ||
	    ns.type == BOOTSTRAP_NAMESPACE_ROOT)
		return &bootstrap_port;
	return _vprocmgr_move_subset_to_user(geteuid(), session_type, flags);
}

BNS_API vproc_err_t _vprocmgr_detach_from_console(uint64_t flags)
{
	return _vprocmgr_switch_to_session(VPROCMGR_SESSION_BACKGROUND, flags);
}
