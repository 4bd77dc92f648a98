// SPDX-License-Identifier: LGPL-2.1-or-later
/* The namespace that a process hands to its children, by the environment. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define BNS_ENVIRONMENT "BOOTSTRAP_NAMESPACE"

/* Digits and nothing else, up to @end; moves @text on behind that. */
static bool read_number(const char **text, char end, uint64_t max,
			uint64_t *ret_number)
{
	const char *at = *text;
	uint64_t number = 0;
	unsigned int digit;

	if (*at == end)
		return false;
	for (; *at != end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		digit = *at - '0';
		if (number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*text = at + 1;
	*ret_number = number;
	return true;
}

/*
 * The descriptor that the environment names, or -1. A program that was given
 * more rights than its caller has must not have its names given by him.
 */
static int inherited_fd(uint64_t *ret_id)
{
	const char *text = secure_getenv(BNS_ENVIRONMENT);
	uint64_t fd, id;

	if (!text || !read_number(&text, ':', INT_MAX, &fd) ||
	    !read_number(&text, '\0', UINT64_MAX, &id))
		return -1;
	*ret_id = id;
	return fd;
}

int bns_inherited(uint32_t *ret_state)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	uint64_t id;
	int fd = inherited_fd(&id);

	if (fd < 0 || bns_namespace(fd, NULL, &ns) || ns.namespace_id != id)
		return -1;
	*ret_state = ns.state;
	return fd;
}

BNS_API int bns_open(void)
{
	uint32_t state;
	int fd = bns_inherited(&state);

	/* Was it meant for us? */
	if (fd < 0 || !(state & BOOTSTRAP_NAMESPACE_MAY_ENTER))
		return bns_open_device();
	/* The caller closes what he gets; the other is his children's, too. */
	return bns_open_namespace(fd, NULL, 0, NULL);
}

BNS_API int bns_environment(int handle, char *buffer, size_t size)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	char text[BNS_ENVIRONMENT_MAX];
	int len, ret;

	ret = bns_namespace(handle, NULL, &ns);
	if (ret)
		return ret;
	len = snprintf(text, sizeof(text), BNS_ENVIRONMENT "=%d:%llu", handle,
		       (unsigned long long)ns.namespace_id);
	if ((size_t)len >= size)
		return -ERANGE;
	memcpy(buffer, text, len + 1);
	return 0;
}
