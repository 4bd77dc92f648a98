// SPDX-License-Identifier: LGPL-2.1-or-later
/* Services: check in, declare, and who is at the other end. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* As sd_listen_fds(3) has it. */
#define LISTEN_FDS_START 3

static int bns_check_in_call(int fd, struct bootstrap_check_in *args,
			     uint64_t *ret_generation)
{
	int ret;

	args->size = sizeof(*args);
	ret = bns_call(fd, BOOTSTRAP_IOC_CHECK_IN, args);
	if (ret >= 0 && ret_generation)
		*ret_generation = args->generation;
	return ret;
}

BNS_API int bns_check_in(int port, const char *name,
			 const struct bns_service *how,
			 uint64_t *ret_generation)
{
	struct bootstrap_check_in args = {
		.name = (uintptr_t)name,
		.name_len = bns_name_len(name),
	};

	if (how) {
		if (how->uid)
			return -EINVAL;
		args.flags = how->flags;
		args.scope = how->scope.kind;
		args.session = how->scope.session;
		args.cookie = how->scope.cookie;
		args.type = how->type;
		args.backlog = how->backlog;
	}
	return bns_check_in_call(port, &args, ret_generation);
}

BNS_API int bns_check_in_handle(int handle, unsigned int flags,
				uint64_t *ret_generation)
{
	struct bootstrap_check_in args = { .flags = flags };

	return bns_check_in_call(handle, &args, ret_generation);
}

BNS_API int bns_take_over_handle(int handle)
{
	struct bootstrap_name args = { .size = sizeof(args) };

	return bns_call(handle, BOOTSTRAP_IOC_TAKE_OVER, &args);
}

BNS_API int bns_declare(int port, const char *name,
			const struct bns_service *how,
			uint64_t *ret_generation)
{
	struct bootstrap_declare args = {
		.size = sizeof(args),
		.name = (uintptr_t)name,
		.name_len = bns_name_len(name),
	};
	int ret;

	if (how) {
		args.flags = how->flags;
		args.scope = how->scope.kind;
		args.session = how->scope.session;
		args.cookie = how->scope.cookie;
		args.type = how->type;
		args.backlog = how->backlog;
		args.uid = how->uid;
	}
	ret = bns_call(port, BOOTSTRAP_IOC_DECLARE, &args);
	if (ret >= 0 && ret_generation)
		*ret_generation = args.generation;
	return ret;
}

BNS_API int bns_peer(int port, int fd, struct bootstrap_peer *ret_peer)
{
	struct bootstrap_peer args = {
		.size = ret_peer->size < sizeof(args) ? ret_peer->size :
							sizeof(args),
		.fd = fd,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_PEER, &args);

	if (!ret)
		memcpy(ret_peer, &args, args.size);
	return ret;
}

/* A colon is what names are told apart by. */
static int listen_fds_name(const char *const *names, unsigned int count)
{
	char *text, *end, *at;
	size_t size = 1;
	unsigned int i;
	int err = 0;

	for (i = 0; i < count; i++)
		size += strlen(names[i]) + 1;
	text = malloc(size);
	if (!text)
		return -ENOMEM;
	end = text;
	for (i = 0; i < count; i++) {
		at = end;
		end = stpcpy(end, names[i]);
		while ((at = strchr(at, ':')))
			*at = '_';
		if (i + 1 < count)
			*end++ = ':';
	}
	*end = '\0';
	if (setenv("LISTEN_FDNAMES", text, 1))
		err = -errno;
	free(text);
	return err;
}

static int listen_fds_environment(const char *const *names, unsigned int count)
{
	char fds[16], pid[16];

	snprintf(fds, sizeof(fds), "%u", count);
	snprintf(pid, sizeof(pid), "%d", getpid());
	if (setenv("LISTEN_FDS", fds, 1) || setenv("LISTEN_PID", pid, 1))
		return -errno;
	return listen_fds_name(names, count);
}

/* Each right above where they all go, so that none is overwritten there. */
static int listen_fds_check_in(const int *handles, int *fds, unsigned int count)
{
	unsigned int i;
	int right;

	for (i = 0; i < count; i++) {
		right = bns_check_in_handle(handles[i], 0, NULL);
		if (right < 0)
			return right;
		fds[i] = fcntl(right, F_DUPFD_CLOEXEC,
			       (int)(LISTEN_FDS_START + count));
		if (fds[i] < 0)
			return -errno;
		close(right);
	}
	return 0;
}

static int listen_fds_place(const int *fds, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (dup2(fds[i], LISTEN_FDS_START + i) < 0)
			return -errno;
		close(fds[i]);
	}
	return 0;
}

BNS_API int bns_listen_fds(const int *handles, const char *const *names,
			   unsigned int count)
{
	int saved = errno, err;
	int *fds;

	if (count > INT_MAX - LISTEN_FDS_START)
		return -EINVAL;
	fds = calloc(count + 1, sizeof(*fds));
	if (!fds)
		err = -ENOMEM;
	else
		err = listen_fds_check_in(handles, fds, count);
	if (!err)
		err = listen_fds_place(fds, count);
	if (!err)
		err = listen_fds_environment(names, count);
	free(fds);
	errno = saved;
	return err;
}
