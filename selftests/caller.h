/* SPDX-License-Identifier: GPL-2.0 */
/* To load bootstrap_caller.ko, and to have it call bootstrap(9). */
#ifndef CALLER_H
#define CALLER_H

#include <sys/syscall.h>

#include "bootstrap_test.h"
#include "driver/bootstrap_caller.h"

#define CALLER "/dev/bootstrap_caller"

static inline int module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

static inline int module_unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* Closed files are let go of a moment later. */
#define unloaded(_name) eventually(!module_unload(_name))

static inline int caller_open(void)
{
	return open(CALLER, O_RDWR | O_CLOEXEC | O_NONBLOCK);
}

static inline int do_call(int caller, unsigned long number,
			  const struct caller_args *args)
{
	int ret = ioctl(caller, number, args);

	return ret < 0 ? -errno : ret;
}

static inline int name_file(int caller, const char *name, int fd)
{
	struct caller_args args = {.name = (uintptr_t)name, .fd = fd};

	return do_call(caller, CALLER_REGISTER_FILE, &args);
}

static inline int name_service(int caller, const char *name, int type,
			       __u32 backlog)
{
	struct caller_args args = {
		.name = (uintptr_t)name,
		.id = type,
		.flags = backlog,
	};

	return do_call(caller, CALLER_REGISTER_SERVICE, &args);
}

static inline int call_plain(int caller, unsigned long number)
{
	struct caller_args args = {};

	return do_call(caller, number, &args);
}

static inline int unname(int caller)
{
	return call_plain(caller, CALLER_UNREGISTER);
}

static inline int find_session(int caller, __u32 id, __u64 cookie,
			       const char *name, __u32 flags)
{
	struct caller_args args = {
		.name = (uintptr_t)name,
		.cookie = cookie,
		.id = id,
		.flags = flags,
	};

	return do_call(caller, CALLER_LOOK_UP_SESSION, &args);
}

static inline int find_user(int caller, uid_t uid, const char *name,
			    __u32 flags)
{
	struct caller_args args = {
		.name = (uintptr_t)name,
		.id = uid,
		.flags = flags,
	};

	return do_call(caller, CALLER_LOOK_UP_USER, &args);
}

#endif /* CALLER_H */
