// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tasks, and the bootstrap port of this one.
 *
 * Mach's task has its bootstrap port from its parent. Here a descriptor and a
 * variable of the environment carry it on, to programs that it is meant for.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* Out of the way of those that programs number themselves, as shells do. */
#define HANDED_DOWN_MIN 10

#define VARIABLE "BOOTSTRAP_NAMESPACE"

BNS_API mach_port_t bootstrap_port = MACH_PORT_NULL;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Under the mutex. */
static struct {
	pid_t pid;		/* whose pidfd @self is */
	mach_port_t self;
	bool started;
	mach_port_t port;	/* the bootstrap port, which it holds */
	int handed_down;	/* the descriptor for programs, or 0 */
} task;

static kern_return_t task_open(pid_t pid, mach_port_t *ret_name)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);

	return bns_mach_give(fd < 0 ? -errno : fd, PORT_SEND, ret_name);
}

BNS_API mach_port_t mach_task_self(void)
{
	pid_t pid = getpid();
	mach_port_t self = MACH_PORT_NULL;

	pthread_mutex_lock(&mutex);
	/* What was inherited is the parent. */
	if (task.pid != pid && !task_open(pid, &task.self)) {
		bns_mach_keep(task.self);
		task.pid = pid;
	}
	if (task.pid == pid)
		self = task.self;
	pthread_mutex_unlock(&mutex);
	return self;
}

bool bns_mach_task_is_self(task_t name)
{
	return name != MACH_PORT_NULL && name == mach_task_self();
}

BNS_API kern_return_t task_for_pid(mach_port_t self, int pid, task_t *ret_task)
{
	kern_return_t code;

	if (!bns_mach_task_is_self(self))
		return KERN_INVALID_TASK;
	code = task_open(pid, ret_task);
	if (code == BOOTSTRAP_NO_MEMORY)
		return KERN_RESOURCE_SHORTAGE;
	return code ? KERN_FAILURE : KERN_SUCCESS;
}

BNS_API kern_return_t pid_for_task(task_t name, int *ret_pid)
{
	int pid = 0;
	char path[48], line[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%u", name);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	if (file)
		fclose(file);
	if (pid <= 0)
		return KERN_FAILURE;
	*ret_pid = pid;
	return KERN_SUCCESS;
}

/* In a child, whose pid may be its parent's in another pid namespace. */
static void task_forget_self(void)
{
	task.pid = 0;
}

BNS_API void bootstrap_port_init(void)
{
	pthread_mutex_lock(&mutex);
	if (!task.started) {
		task.started = true;
		bns_mach_passed_init();
		pthread_atfork(NULL, NULL, task_forget_self);
		if (!bns_mach_give(bns_open(), PORT_SEND, &bootstrap_port) &&
		    !bns_mach_hold(bootstrap_port))
			task.port = bootstrap_port;
	}
	pthread_mutex_unlock(&mutex);
}

BNS_API kern_return_t task_get_special_port(task_t name, int which,
					    mach_port_t *ret_port)
{
	kern_return_t code = KERN_SUCCESS;

	if (!bns_mach_task_is_self(name))
		return KERN_INVALID_TASK;
	if (which != TASK_BOOTSTRAP_PORT)
		return KERN_INVALID_ARGUMENT;
	pthread_mutex_lock(&mutex);
	if (task.port != MACH_PORT_NULL)
		code = bns_mach_reference(task.port);
	if (!code)
		*ret_port = task.port;
	pthread_mutex_unlock(&mutex);
	return code;
}

/* Children have it by default. */
static bool is_device(mach_port_t port)
{
	struct stat stat;

	return !fstat(port, &stat) && S_ISCHR(stat.st_mode);
}

static int hand_down(mach_port_t port)
{
	char text[BNS_ENVIRONMENT_MAX];
	int fd, err;

	if (is_device(port))
		return unsetenv(VARIABLE) ? -errno : 0;
	fd = fcntl(port, F_DUPFD, HANDED_DOWN_MIN);
	if (fd < 0)
		return -errno;
	err = bns_environment(fd, text, sizeof(text));
	if (!err && setenv(VARIABLE, strchr(text, '=') + 1, 1))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static kern_return_t task_set_port(mach_port_t port)
{
	uint32_t state;
	int former = bns_inherited(&state), fd;

	if (port != task.port && bns_mach_hold(port))
		return KERN_INVALID_CAPABILITY;
	fd = hand_down(port);
	if (fd < 0) {
		if (port != task.port)
			bns_mach_unhold(port);
		return KERN_RESOURCE_SHORTAGE;
	}
	/* Children are not to have what they are not told of. */
	if (former >= 0)
		fcntl(former, F_SETFD, FD_CLOEXEC);
	if (task.handed_down)
		close(task.handed_down);
	task.handed_down = fd;
	if (task.port != MACH_PORT_NULL && task.port != port)
		bns_mach_unhold(task.port);
	task.port = port;
	return KERN_SUCCESS;
}

BNS_API kern_return_t task_set_special_port(task_t name, int which,
					    mach_port_t port)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };
	kern_return_t code;

	if (!bns_mach_task_is_self(name))
		return KERN_INVALID_TASK;
	if (which != TASK_BOOTSTRAP_PORT || port == MACH_PORT_NULL)
		return KERN_INVALID_ARGUMENT;
	if (bns_namespace(bns_mach_fd(port), NULL, &ns))
		return KERN_INVALID_CAPABILITY;
	if (!(ns.rights & BOOTSTRAP_RIGHT_ENTER))
		return KERN_NO_ACCESS;
	pthread_mutex_lock(&mutex);
	code = task_set_port(port);
	pthread_mutex_unlock(&mutex);
	return code;
}

bool bns_mach_task_port_is_for(mach_port_t bp)
{
	struct bootstrap_namespace asked = { .size = sizeof(asked) };
	struct bootstrap_namespace own = { .size = sizeof(own) };
	mach_port_t port;

	pthread_mutex_lock(&mutex);
	port = task.port;
	pthread_mutex_unlock(&mutex);
	return port != MACH_PORT_NULL &&
	       (port == bp ||
		(!bns_namespace(bns_mach_fd(bp), NULL, &asked) &&
		 !bns_namespace(bns_mach_fd(port), NULL, &own) &&
		 asked.namespace_id == own.namespace_id));
}
