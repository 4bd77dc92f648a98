// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Port names. Mach gives the same name for a port each time, and counts; a
 * descriptor can be closed but once. So there is a count for each, and what the
 * kernel does not know of it. What the program has got elsewhere counts as one
 * send right.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

/* The first descriptor that is a name: 0 must be none. */
#define NAME_MIN	3

/* With so many references the count stays as it is. */
#define REFERENCES_MAX	65535

struct port {
	bool known;
	bool receive;		/* it is a receive right, perhaps among others */
	bool dead;		/* it was one; the sends are of a dead name */
	bool names;		/* there may be names that end with the descriptor */
	bool held;		/* by the task */
	unsigned int sends;
	int launcher;		/* see bns_mach_launcher() */
};

/* By their names, under the mutex. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct port *ports;
static size_t port_count;

/* Descriptors that have no name any more, but names depend on them. */
static int *kept;
static size_t kept_count;

int bns_mach_fd(mach_port_t name)
{
	return name < NAME_MIN || name > INT_MAX ? -1 : (int)name;
}

static struct port *port_room(mach_port_t name)
{
	size_t count = port_count;
	struct port *more;

	if (name < count)
		return &ports[name];
	while (count <= name)
		count = count ? 2 * count : 64;
	more = reallocarray(ports, count, sizeof(*ports));
	if (!more)
		return NULL;
	ports = more;
	while (port_count < count)
		ports[port_count++] = (struct port){ .launcher = -1 };
	return &ports[name];
}

/* Whatever had the number before was closed as a descriptor. */
static void port_begin(struct port *port, bool receive)
{
	if (port->launcher >= 0)
		close(port->launcher);
	*port = (struct port){
		.known = true, .receive = receive, .sends = !receive,
		.launcher = -1,
	};
}

/* NULL if it is no name; the mutex is locked. */
static struct port *port_find(mach_port_t name, kern_return_t *ret_code)
{
	struct port *port = NULL;

	*ret_code = KERN_INVALID_NAME;
	if (fcntl(bns_mach_fd(name), F_GETFD) < 0)
		return NULL;
	*ret_code = KERN_RESOURCE_SHORTAGE;
	port = port_room(name);
	if (port && !port->known)
		port_begin(port, false);
	return port;
}

static bool is_dead(int fd)
{
	struct pollfd polled = { .fd = fd };

	return poll(&polled, 1, 0) == 1 && polled.revents & POLLHUP;
}

/* Keeps a port, but not its number, for as long as its namespace is there. */
static void names_keep(int fd)
{
	size_t alive = 0, i;
	int *more;

	for (i = 0; i < kept_count; i++)
		if (is_dead(kept[i]))
			close(kept[i]);
		else
			kept[alive++] = kept[i];
	kept_count = alive;
	more = is_dead(fd) ? NULL :
			     reallocarray(kept, kept_count + 1, sizeof(*kept));
	if (!more)
		return;
	kept = more;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, NAME_MIN);
	if (fd >= 0)
		kept[kept_count++] = fd;
}

static void port_close(mach_port_t name, struct port *port)
{
	if (port->names)
		names_keep((int)name);
	close((int)name);
	if (port->launcher >= 0)
		close(port->launcher);
	*port = (struct port){ .launcher = -1 };
}

static void port_close_unused(mach_port_t name, struct port *port)
{
	if (!port->sends && !port->receive && !port->held)
		port_close(name, port);
}

/* Descriptors from 0 to 2 are closed when the program is a daemon. */
static int fd_to_name(int fd)
{
	int name, err;

	if (fd < 0 || fd >= NAME_MIN)
		return fd;
	name = fcntl(fd, F_DUPFD_CLOEXEC, NAME_MIN);
	err = -errno;
	close(fd);
	return name < 0 ? err : name;
}

kern_return_t bns_mach_give(int fd, enum port_right right, mach_port_t *ret_name)
{
	int name = fd_to_name(fd);
	struct port *port;

	if (name < 0)
		return bns_mach_code(name);
	pthread_mutex_lock(&mutex);
	port = port_room(name);
	if (port)
		port_begin(port, right == PORT_RECEIVE);
	pthread_mutex_unlock(&mutex);
	if (!port) {
		close(name);
		return bns_mach_code(-ENOMEM);
	}
	*ret_name = name;
	return KERN_SUCCESS;
}

static kern_return_t port_change(struct port *port, mach_port_delta_t delta)
{
	if (port->sends == REFERENCES_MAX)
		return KERN_SUCCESS;
	if (delta < -(mach_port_delta_t)port->sends)
		return KERN_INVALID_VALUE;
	if (delta > 0 && port->sends + (unsigned int)delta >= REFERENCES_MAX)
		return KERN_UREFS_OVERFLOW;
	port->sends += delta;
	return KERN_SUCCESS;
}

kern_return_t bns_mach_reference(mach_port_t name)
{
	kern_return_t code;
	struct port *port;

	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port)
		code = port_change(port, 1);
	pthread_mutex_unlock(&mutex);
	return code;
}

kern_return_t bns_mach_release(mach_port_t name)
{
	kern_return_t code;
	struct port *port;

	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port && !port->sends) {
		code = KERN_INVALID_RIGHT;
	} else if (port) {
		code = port_change(port, -1);
		port_close_unused(name, port);
	}
	pthread_mutex_unlock(&mutex);
	return code;
}

void bns_mach_keep(mach_port_t name)
{
	kern_return_t code;
	struct port *port;

	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port)
		port->sends = REFERENCES_MAX;
	pthread_mutex_unlock(&mutex);
}

void bns_mach_keep_names(mach_port_t name)
{
	kern_return_t code;
	struct port *port;

	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port)
		port->names = true;
	pthread_mutex_unlock(&mutex);
}

kern_return_t bns_mach_hold(mach_port_t name)
{
	kern_return_t code;
	struct port *port;

	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port) {
		port->held = true;
		code = KERN_SUCCESS;
	}
	pthread_mutex_unlock(&mutex);
	return code;
}

void bns_mach_unhold(mach_port_t name)
{
	pthread_mutex_lock(&mutex);
	ports[name].held = false;
	port_close_unused(name, &ports[name]);
	pthread_mutex_unlock(&mutex);
}

int bns_mach_launcher(mach_port_t name)
{
	int launcher = -1;

	pthread_mutex_lock(&mutex);
	if (name < port_count && ports[name].launcher >= 0)
		launcher = fcntl(ports[name].launcher, F_DUPFD_CLOEXEC,
				 NAME_MIN);
	pthread_mutex_unlock(&mutex);
	return launcher;
}

bool bns_mach_is_server(mach_port_t name)
{
	bool is_server;

	pthread_mutex_lock(&mutex);
	is_server = name < port_count && ports[name].launcher >= 0;
	pthread_mutex_unlock(&mutex);
	return is_server;
}

void bns_mach_set_launcher(mach_port_t name, int launcher)
{
	pthread_mutex_lock(&mutex);
	ports[name].launcher = launcher;
	pthread_mutex_unlock(&mutex);
}

bool bns_mach_is_listening(int fd)
{
	socklen_t size = sizeof(int);
	int listens = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) &&
	       listens;
}

static enum port_kind port_kind(mach_port_t name, const struct port *port)
{
	if (!port || port->dead)
		return PORT_IS_NOTHING;
	if (port->receive && !port->sends)
		return PORT_IS_NOT_SENT;
	if (bns_mach_is_listening((int)name))
		return PORT_IS_NAMED;
	return port->receive ? PORT_IS_UNNAMED : PORT_IS_FILE;
}

enum port_kind bns_mach_port_kind(mach_port_t name)
{
	enum port_kind kind;
	kern_return_t code;

	pthread_mutex_lock(&mutex);
	kind = port_kind(name, port_find(name, &code));
	pthread_mutex_unlock(&mutex);
	return kind;
}

int bns_mach_name_right(mach_port_t name, int right)
{
	kern_return_t code;
	int err = -EINVAL;

	pthread_mutex_lock(&mutex);
	if (port_kind(name, port_find(name, &code)) == PORT_IS_UNNAMED) {
		/* What the program has set on the one, holds for the other. */
		fcntl(right, F_SETFL, fcntl((int)name, F_GETFL));
		err = dup3(right, (int)name, O_CLOEXEC) < 0 ? -errno : 0;
	}
	close(right);
	pthread_mutex_unlock(&mutex);
	return err;
}

BNS_API kern_return_t mach_port_allocate(ipc_space_t task,
					 mach_port_right_t right,
					 mach_port_name_t *ret_name)
{
	kern_return_t code;
	int fd;

	if (!bns_mach_task_is_self(task))
		return KERN_INVALID_TASK;
	if (right != MACH_PORT_RIGHT_RECEIVE)
		return KERN_INVALID_VALUE;
	/* A place for the receive right that the kernel will give. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	code = bns_mach_give(fd < 0 ? -errno : fd, PORT_RECEIVE, ret_name);
	return code ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

static bool port_has(const struct port *port, mach_msg_type_name_t how)
{
	return how == MACH_MSG_TYPE_MAKE_SEND ? port->receive :
						port->sends && !port->dead;
}

BNS_API kern_return_t mach_port_insert_right(ipc_space_t task,
					     mach_port_name_t name,
					     mach_port_t port_name,
					     mach_msg_type_name_t how)
{
	kern_return_t code;
	struct port *port;

	if (!bns_mach_task_is_self(task))
		return KERN_INVALID_TASK;
	if (how != MACH_MSG_TYPE_MAKE_SEND && how != MACH_MSG_TYPE_COPY_SEND)
		return KERN_INVALID_VALUE;
	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port)
		code = name == port_name && port_has(port, how) ?
			port_change(port, 1) : KERN_INVALID_CAPABILITY;
	pthread_mutex_unlock(&mutex);
	return code;
}

BNS_API kern_return_t mach_port_deallocate(ipc_space_t task,
					   mach_port_name_t name)
{
	return bns_mach_task_is_self(task) ? bns_mach_release(name) : KERN_INVALID_TASK;
}

/* Closed for all to see, but for the program still a name. */
static kern_return_t port_die(mach_port_t name, struct port *port)
{
	int nothing;

	if (port->sends) {
		nothing = open("/", O_PATH | O_CLOEXEC);
		if (nothing < 0)
			return KERN_RESOURCE_SHORTAGE;
		dup3(nothing, (int)name, O_CLOEXEC);
		close(nothing);
		port->dead = true;
	}
	port->receive = false;
	port_close_unused(name, port);
	return KERN_SUCCESS;
}

static kern_return_t port_mod_receive(mach_port_t name, struct port *port,
				      mach_port_delta_t delta)
{
	if (!port->receive)
		return KERN_INVALID_RIGHT;
	if (!delta)
		return KERN_SUCCESS;
	return delta == -1 ? port_die(name, port) : KERN_INVALID_VALUE;
}

static kern_return_t port_mod_sends(mach_port_t name, struct port *port,
				    bool dead, mach_port_delta_t delta)
{
	kern_return_t code;

	if (!port->sends || port->dead != dead)
		return KERN_INVALID_RIGHT;
	code = port_change(port, delta);
	port_close_unused(name, port);
	return code;
}

static kern_return_t port_mod(mach_port_t name, struct port *port,
			      mach_port_right_t right, mach_port_delta_t delta)
{
	switch (right) {
	case MACH_PORT_RIGHT_RECEIVE:
		return port_mod_receive(name, port, delta);
	case MACH_PORT_RIGHT_SEND:
		return port_mod_sends(name, port, false, delta);
	case MACH_PORT_RIGHT_DEAD_NAME:
		return port_mod_sends(name, port, true, delta);
	default:
		return KERN_INVALID_VALUE;
	}
}

BNS_API kern_return_t mach_port_mod_refs(ipc_space_t task,
					 mach_port_name_t name,
					 mach_port_right_t right,
					 mach_port_delta_t delta)
{
	kern_return_t code;
	struct port *port;

	if (!bns_mach_task_is_self(task))
		return KERN_INVALID_TASK;
	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port)
		code = port_mod(name, port, right, delta);
	pthread_mutex_unlock(&mutex);
	return code;
}

BNS_API kern_return_t mach_port_destroy(ipc_space_t task,
					mach_port_name_t name)
{
	kern_return_t code;
	struct port *port;

	if (!bns_mach_task_is_self(task))
		return KERN_INVALID_TASK;
	pthread_mutex_lock(&mutex);
	port = port_find(name, &code);
	if (port) {
		code = KERN_SUCCESS;
		/* One that is kept, is. */
		if (port->sends != REFERENCES_MAX) {
			port->sends = 0;
			port->receive = false;
			port_close_unused(name, port);
		}
	}
	pthread_mutex_unlock(&mutex);
	return code;
}
