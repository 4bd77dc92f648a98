// SPDX-License-Identifier: GPL-2.0
/* Services that a launcher has declared. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

static bool services_make_room(struct services *services)
{
	size_t count = services->count + 1;
	char **names;
	int *handles;

	names = reallocarray(services->names, count, sizeof(*names));
	if (names)
		services->names = names;
	handles = reallocarray(services->handles, count, sizeof(*handles));
	if (handles)
		services->handles = handles;
	return names && handles;
}

int services_declare(struct services *services, int port, const char *name,
		     const struct bns_service *how)
{
	unsigned int i = services->count;
	char *copy = strdup(name);
	int handle = -ENOMEM;

	if (copy && services_make_room(services))
		handle = bns_declare(port, name, how, NULL);
	if (handle < 0) {
		free(copy);
		return handle;
	}
	services->names[i] = copy;
	services->handles[i] = handle;
	services->count++;
	return handle;
}

static void services_drop(struct services *services, unsigned int i)
{
	unsigned int after = --services->count - i;

	close(services->handles[i]);
	free(services->names[i]);
	memmove(&services->names[i], &services->names[i + 1],
		after * sizeof(services->names[0]));
	memmove(&services->handles[i], &services->handles[i + 1],
		after * sizeof(services->handles[0]));
}

void services_drop_gone(struct services *services)
{
	unsigned int i = services->count;
	struct pollfd polled;

	while (i--) {
		polled = (struct pollfd){ .fd = services->handles[i] };
		if (poll(&polled, 1, 0) > 0)
			services_drop(services, i);
	}
}

int services_check_in(const struct services *services)
{
	return bns_listen_fds(services->handles,
			      (const char *const *)services->names,
			      services->count);
}

void services_free(struct services *services)
{
	while (services->count)
		services_drop(services, services->count - 1);
	free(services->names);
	free(services->handles);
	services->names = NULL;
	services->handles = NULL;
}
