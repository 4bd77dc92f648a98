// SPDX-License-Identifier: GPL-2.0
/* Which namespaces a command works in. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* More subsets than that are not looked through in each other. */
#define LEVELS_MAX 1000

const char *namespace_type_text(uint32_t type)
{
	static const char *const texts[] = {
		[BOOTSTRAP_NAMESPACE_ROOT] = "root",
		[BOOTSTRAP_NAMESPACE_USER] = "user",
		[BOOTSTRAP_NAMESPACE_SESSION] = "session",
		[BOOTSTRAP_NAMESPACE_PRE_LOGIN] = "pre-login",
		[BOOTSTRAP_NAMESPACE_SUBSET] = "subset",
	};

	if (type < sizeof(texts) / sizeof(texts[0]) && texts[type])
		return texts[type];
	return "unknown";
}

const char *namespace_text(uint32_t type, uint64_t id, uint32_t uid,
			   uint32_t session)
{
	static char text[32];

	switch (type) {
	case BOOTSTRAP_NAMESPACE_ROOT:
		return "root";
	case BOOTSTRAP_NAMESPACE_USER:
		snprintf(text, sizeof(text), "user:%u", uid);
		break;
	case BOOTSTRAP_NAMESPACE_SESSION:
		snprintf(text, sizeof(text), "session:%u", session);
		break;
	default:
		snprintf(text, sizeof(text), "%" PRIu64, id);
	}
	return text;
}

const char *stop_text(const struct stop *stop)
{
	return namespace_text(stop->about.type, stop->about.namespace_id,
			      stop->about.uid, stop->about.session_id);
}

const char *child_text(const struct bootstrap_child *child)
{
	return namespace_text(child->type, child->namespace_id, child->uid,
			      child->session);
}

/* The rights are asked for, since to leave some out is to name the others. */
static int handle_open(int port, const struct bns_scope *scope,
		       uint32_t without)
{
	struct bootstrap_namespace about = { .size = sizeof(about) };
	int err = bns_namespace(port, scope, &about);

	if (err)
		return err;
	about.rights &= ~without;
	/* None would mean all. */
	if (!about.rights)
		return -EACCES;
	return bns_open_namespace(port, scope, about.rights, NULL);
}

/* A handle for the namespace with an id, somewhere below; or -ENOENT. */
static int find_below(int handle, uint64_t id, unsigned int levels)
{
	const struct bootstrap_child *child;
	_Alignas(8) char page[1024];
	uint64_t cursor = 0;
	int n, fd, found;

	while ((n = bns_children(handle, NULL, &cursor, page,
				 sizeof(page))) > 0) {
		for (child = bns_child_first(page); n;
		     n--, child = bns_child_next(child)) {
			fd = bns_open_child(handle, NULL, child->namespace_id,
					    0);
			if (child->namespace_id == id)
				return fd;
			/* Gone, or not for the caller. */
			if (fd == -ENOENT || fd == -EPERM || fd == -EACCES)
				continue;
			if (fd < 0)
				return fd;
			found = levels ? find_below(fd, id, levels - 1) :
					 -ENOENT;
			close(fd);
			if (found != -ENOENT)
				return found;
		}
	}
	return -ENOENT;
}

/*
 * What was found by way of others gives no more rights than those do: where
 * there is another way to address it, that may give more.
 */
static int reopen(int device, int handle, uint32_t without)
{
	struct bootstrap_namespace about = { .size = sizeof(about) };
	struct bns_scope scope = { 0 };
	int err = bns_namespace(handle, NULL, &about);

	if (err)
		return err;
	if (about.type == BOOTSTRAP_NAMESPACE_USER) {
		scope.kind = BOOTSTRAP_SCOPE_USER_ID;
		scope.session = about.uid;
	} else if (about.type == BOOTSTRAP_NAMESPACE_SESSION) {
		scope.kind = BOOTSTRAP_SCOPE_SESSION_ID;
		scope.session = about.session_id;
		scope.cookie = about.session_cookie;
	} else {
		return handle_open(handle, NULL, without);
	}
	return handle_open(device, &scope, without);
}

static int find_from_root(int device, uint64_t id, uint32_t without)
{
	static const struct bns_scope scope = { .kind = BOOTSTRAP_SCOPE_ROOT };
	uint64_t root_id;
	int root = bns_open_namespace(device, &scope, 0, &root_id);
	int found, handle;

	if (root < 0)
		return root;
	if (root_id == id) {
		handle = handle_open(root, NULL, without);
		close(root);
		return handle;
	}
	found = find_below(root, id, LEVELS_MAX);
	close(root);
	if (found < 0)
		return found;
	handle = reopen(device, found, without);
	close(found);
	return handle;
}

static int find_by_id(int device, uint64_t id, uint32_t without)
{
	struct bootstrap_namespace about = { .size = sizeof(about) };
	int port = port_open(), handle;

	/* One that was handed down need not be visible. */
	if (!bns_namespace(port, NULL, &about) && about.namespace_id == id)
		handle = handle_open(port, NULL, without);
	else
		handle = find_from_root(device, id, without);
	close(port);
	return handle;
}

static int which_open(const struct which *which, uint32_t without)
{
	struct bns_scope scope = which->scope;
	int device = device_open(), handle = 0;

	if (which->pid) {
		scope.kind = BOOTSTRAP_SCOPE_SESSION_ID;
		handle = process_session(which->pid, &scope.session);
	}
	if (!handle)
		handle = which->id ? find_by_id(device, which->id, without) :
				     handle_open(device, &scope, without);
	close(device);
	return handle;
}

int namespace_open(const struct which *which, uint32_t without)
{
	int handle = which_open(which, without);

	if (handle >= 0)
		return handle;
	if (handle != -ENOENT)
		exit(complain(handle, which->text));
	fprintf(stderr, "bootstrapctl: %s: %s\n", which->text,
		which->pid ? "no such process" :
		"no such namespace (bootstrapctl tree shows those there are)");
	exit(EXIT_REFUSED);
}

int root_open(void)
{
	static const struct which root = {
		.text = "root", .scope.kind = BOOTSTRAP_SCOPE_ROOT,
	};

	return namespace_open(&root, 0);
}

int place_open(const struct args *args)
{
	if (!args->which.text)
		return port_open();
	/* Without the right to ascend, look-ups do not go on. */
	return namespace_open(&args->which, BOOTSTRAP_RIGHT_ASCEND);
}

static int way_add(struct way *way, int port)
{
	struct bootstrap_namespace about = { .size = sizeof(about) };
	struct stop *stops;
	int err = bns_namespace(port, NULL, &about);

	stops = err ? NULL : reallocarray(way->stops, way->count + 1,
					  sizeof(*stops));
	if (!stops) {
		close(port);
		return err ?: -ENOMEM;
	}
	way->stops = stops;
	stops[way->count++] = (struct stop){ .port = port, .about = about };
	return 0;
}

int namespace_derive(int port, uint32_t without)
{
	return handle_open(port, NULL, without);
}

/* In a login in progress, who acts as its user has that user's names, too. */
static int open_above(const struct stop *stop)
{
	static const struct bns_scope user = { .kind = BOOTSTRAP_SCOPE_USER };
	int port = -ESRCH;

	if (stop->about.type == BOOTSTRAP_NAMESPACE_PRE_LOGIN)
		port = bns_open_namespace(stop->port, &user, 0, NULL);
	if (port == -ESRCH)
		port = bns_open_parent(stop->port, NULL, 0, NULL);
	return port;
}

int way_open(const struct args *args, struct way *way)
{
	const struct stop *last;
	int port, err;

	*way = (struct way){ 0 };
	err = way_add(way, place_open(args));
	while (!err) {
		last = &way->stops[way->count - 1];
		if (last->about.type == BOOTSTRAP_NAMESPACE_ROOT)
			break;
		port = open_above(last);
		/* So far and no further: a look-up, too. */
		if (port == -EACCES)
			break;
		err = port < 0 ? port : way_add(way, port);
	}
	return err;
}

void way_close(struct way *way)
{
	while (way->count)
		close(way->stops[--way->count].port);
	free(way->stops);
	way->stops = NULL;
}
