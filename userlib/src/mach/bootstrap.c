// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bootstrap server's calls on one name. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

int bns_mach_name_check(const char *name)
{
	if (!name)
		return -EINVAL;
	return strnlen(name, BOOTSTRAP_MAX_NAME_LEN) ==
		BOOTSTRAP_MAX_NAME_LEN ? -ENAMETOOLONG : 0;
}

int bns_mach_look_up(int port, const char *name, unsigned int flags)
{
	int fd = bns_mach_name_check(name);

	if (fd)
		return fd;
	/* As a message is sent again. */
	do {
		fd = bns_look_up(port, name, NULL, flags, NULL);
	} while (fd == -EINTR);
	return fd;
}

BNS_API kern_return_t bootstrap_look_up2(mach_port_t bp,
					 const char *service_name,
					 mach_port_t *sp, pid_t target_pid,
					 uint64_t flags)
{
	unsigned int how = flags ? BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER : 0;

	(void)target_pid;
	if (flags & ~(uint64_t)BOOTSTRAP_PRIVILEGED_SERVER)
		return BOOTSTRAP_NOT_PRIVILEGED;
	return bns_mach_give(bns_mach_look_up(bns_mach_fd(bp), service_name,
					      how), PORT_SEND, sp);
}

BNS_API kern_return_t bootstrap_look_up(mach_port_t bp,
					const char *service_name,
					mach_port_t *sp)
{
	return bootstrap_look_up2(bp, service_name, sp, 0, 0);
}

BNS_API kern_return_t bootstrap_look_up3(mach_port_t bp,
					 const char *service_name,
					 mach_port_t *sp, pid_t target_pid,
					 const unsigned char *instance,
					 uint64_t flags)
{
	(void)instance;
	return bootstrap_look_up2(bp, service_name, sp, target_pid, flags);
}

static int check_in(mach_port_t bp, const char *name, bool strict)
{
	struct bns_service how = {
		.flags = strict ? BOOTSTRAP_CHECK_IN_STRICT : 0,
	};
	int launcher, fd = bns_mach_name_check(name);

	if (fd)
		return fd;
	launcher = bns_mach_launcher(bp);
	if (launcher >= 0) {
		fd = bns_mach_server_check_in(launcher, bns_mach_fd(bp), name,
					      strict);
		close(launcher);
		return fd;
	}
	if (bns_mach_task_port_is_for(bp)) {
		fd = bns_mach_check_in_passed(name);
		if (fd != -ENOENT)
			return fd;
	}
	return bns_check_in(bns_mach_fd(bp), name, &how, NULL);
}

BNS_API kern_return_t bootstrap_check_in2(mach_port_t bp,
					  const char *service_name,
					  mach_port_t *sp, uint64_t flags)
{
	if (flags & ~(uint64_t)BOOTSTRAP_STRICT_CHECKIN)
		return BOOTSTRAP_NOT_PRIVILEGED;
	return bns_mach_give(check_in(bp, service_name, flags), PORT_RECEIVE,
			     sp);
}

BNS_API kern_return_t bootstrap_check_in(mach_port_t bp,
					 const char *service_name,
					 mach_port_t *sp)
{
	return bootstrap_check_in2(bp, service_name, sp, 0);
}

BNS_API kern_return_t bootstrap_check_in3(mach_port_t bp,
					  const char *service_name,
					  mach_port_t *sp,
					  const unsigned char *instance,
					  uint64_t flags)
{
	(void)instance;
	return bootstrap_check_in2(bp, service_name, sp, flags);
}

bootstrap_status_t bns_mach_status(const struct bootstrap_info *info)
{
	if (info->flags & BOOTSTRAP_INFO_DECLARED &&
	    !(info->flags & BOOTSTRAP_INFO_ACTIVE))
		return BOOTSTRAP_STATUS_ON_DEMAND;
	return BOOTSTRAP_STATUS_ACTIVE;
}

BNS_API kern_return_t bootstrap_status(mach_port_t bp, char *service_name,
				       bootstrap_status_t *service_active)
{
	struct bootstrap_info info = { .size = sizeof(info) };
	int err = bns_mach_name_check(service_name);

	if (!err)
		err = bns_info(bns_mach_fd(bp), service_name, NULL, &info);
	if (!err)
		*service_active = bns_mach_status(&info);
	return bns_mach_code(err);
}

/* The receive right of a new service, in place of one that has none. */
static int name_receive_right(mach_port_t bp, const char *name, mach_port_t sp)
{
	int right = check_in(bp, name, false);

	return right < 0 ? right : bns_mach_name_right(sp, right);
}

/* Only of this namespace, and only what no server has checked in for. */
static int withdraw(int port, const char *name)
{
	struct bootstrap_info info = { .size = sizeof(info) };
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	int err = bns_namespace(port, NULL, &ns);

	if (!err)
		err = bns_info(port, name, NULL, &info);
	if (err == -ENOENT ||
	    (!err && info.namespace_id != ns.namespace_id))
		return 0;
	if (!err && bns_mach_status(&info) == BOOTSTRAP_STATUS_ACTIVE)
		return -EBUSY;
	if (!err)
		err = bns_unregister(port, name, NULL, info.generation);
	return err == -ENOENT ? 0 : err;
}

static kern_return_t register_file(mach_port_t bp, const char *name,
				   mach_port_t sp)
{
	int port = bns_mach_fd(bp);
	int err = bns_register(port, name, (int)sp, NULL, NULL);

	/* Which of the two descriptors is meant? */
	if (err == -EBADF && fcntl(port, F_GETFD) >= 0)
		return MACH_SEND_INVALID_RIGHT;
	if (!err)
		bns_mach_keep_names(bp);
	return bns_mach_code(err);
}

BNS_API kern_return_t bootstrap_register2(mach_port_t bp, char *service_name,
					  mach_port_t sp, uint64_t flags)
{
	int err = bns_mach_name_check(service_name);

	if (flags)
		return BOOTSTRAP_NOT_PRIVILEGED;
	if (err)
		return bns_mach_code(err);
	if (sp == MACH_PORT_NULL)
		return bns_mach_code(withdraw(bns_mach_fd(bp), service_name));
	switch (bns_mach_port_kind(sp)) {
	case PORT_IS_UNNAMED:
		return bns_mach_code(name_receive_right(bp, service_name,
							sp));
	case PORT_IS_FILE:
		return register_file(bp, service_name, sp);
	/* Whoever looked it up could take the server's connections. */
	case PORT_IS_NAMED:
		return BOOTSTRAP_NOT_PRIVILEGED;
	default:
		return MACH_SEND_INVALID_RIGHT;
	}
}

BNS_API kern_return_t bootstrap_register(mach_port_t bp, char *service_name,
					 mach_port_t sp)
{
	return bootstrap_register2(bp, service_name, sp, 0);
}

static int declare(mach_port_t bp, const char *name)
{
	struct bns_service how = {
		.flags = BOOTSTRAP_DECLARE_UID, .uid = geteuid(),
	};
	int launcher, handle = bns_mach_name_check(name);

	if (handle)
		return handle;
	launcher = bns_mach_launcher(bp);
	if (launcher >= 0) {
		handle = bns_mach_server_declare(launcher, bns_mach_fd(bp),
						 name);
		close(launcher);
		return handle;
	}
	handle = bns_declare(bns_mach_fd(bp), name, &how, NULL);
	if (handle < 0)
		return handle;
	/* Servers check in by the name. */
	close(handle);
	return 0;
}

BNS_API kern_return_t bootstrap_create_service(mach_port_t bp,
					       char *service_name,
					       mach_port_t *sp)
{
	int err = declare(bp, service_name);
	kern_return_t code;

	if (err)
		return bns_mach_code(err);
	code = bootstrap_look_up(bp, service_name, sp);
	if (code)
		bns_unregister(bns_mach_fd(bp), service_name, NULL, 0);
	else if (!bns_mach_is_server(bp))
		bns_mach_keep_names(bp);
	return code;
}
