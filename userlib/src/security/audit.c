// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Audit sessions' ports: namespace handles, since these are what of a session can
 * be held and passed on. Membership cannot.
 */
#include <errno.h>
#include <unistd.h>

#include <bsm/audit.h>

#include "../mach/internal.h"
#include "internal.h"

static int session_open(const struct bns_scope *scope)
{
	int device = bns_open_device(), handle;

	if (device < 0)
		return device;
	handle = bns_open_namespace(device, scope, 0, NULL);
	close(device);
	return handle == -ESRCH ? -EINVAL : handle;
}

static int session_give(int handle, mach_port_name_t *ret_name)
{
	if (handle >= 0) {
		if (!bns_mach_give(handle, PORT_SEND, ret_name))
			return 0;
		handle = -ENOMEM;
	}
	errno = -handle;
	return -1;
}

BNS_API mach_port_name_t audit_session_self(void)
{
	mach_port_name_t name;

	return session_give(session_open(NULL), &name) ? MACH_PORT_NULL : name;
}

BNS_API int audit_session_port(au_asid_t asid, mach_port_name_t *portname)
{
	const struct bns_scope scope = {
		.kind = BOOTSTRAP_SCOPE_SESSION_ID,
		.session = bns_security_session(asid),
	};

	if (asid == AU_DEFAUDITSID)
		return session_give(-EINVAL, portname);
	return session_give(session_open(asid == AU_ASSIGN_ASID ? NULL : &scope),
			    portname);
}

BNS_API au_asid_t audit_session_join(mach_port_name_t port)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	struct bootstrap_session own = { .size = sizeof(own) };
	int fd = bns_mach_fd(port), err;

	if (bns_namespace(fd, NULL, &ns) ||
	    (ns.type != BOOTSTRAP_NAMESPACE_SESSION &&
	     ns.type != BOOTSTRAP_NAMESPACE_ROOT)) {
		errno = EINVAL;
		return AU_DEFAUDITSID;
	}
	err = bns_session(fd, &own);
	if (!err && own.namespace_id != ns.namespace_id)
		err = -EPERM;
	if (!err)
		return bns_security_id(own.session);
	errno = -err;
	return AU_DEFAUDITSID;
}
