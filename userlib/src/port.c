// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bootstrap ports, and the way all calls go through them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "internal.h"

BNS_API int bns_open_device(void)
{
	int saved = errno;
	int fd = open("/dev/bootstrap", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		fd = -errno;
		errno = saved;
	}
	return fd;
}

int bns_call(int port, unsigned long command, void *args)
{
	int saved = errno;
	int ret = ioctl(port, command, args);

	if (ret < 0) {
		ret = -errno;
		errno = saved;
	}
	return ret;
}

uint32_t bns_name_len(const char *name)
{
	return name ? strnlen(name, BOOTSTRAP_NAME_MAX + 1) : 0;
}

struct bns_scope bns_scope_or_default(const struct bns_scope *scope)
{
	static const struct bns_scope none;

	return scope ? *scope : none;
}
