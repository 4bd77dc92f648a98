/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file mach.h
 * As much of Mach as programs that use <servers/bootstrap.h> need; see
 * bootstrap(3).
 *
 * A port name is a descriptor. The library counts the references to each, as
 * Mach does, so that mach_port_deallocate() closes it with the last. It may also
 * be used as a descriptor, but should not be closed as one. What was registered
 * through a bootstrap port outlives that, as long as the process is there. The functions may be
 * called from any thread, but not in the child of a process with several
 * threads before that executes a program.
 *
 * Where a function takes a task, that must be mach_task_self(), else it returns
 * KERN_INVALID_TASK.
 */
#ifndef MACH_MACH_H
#define MACH_MACH_H

#include <stdint.h>
#include <sys/types.h>

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/mach_error.h>
#include <mach/message.h>
#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which special port of a task. */
#define TASK_BOOTSTRAP_PORT	4

typedef uintptr_t vm_address_t;
typedef uintptr_t vm_size_t;
typedef mach_port_t vm_map_t;

/**
 * The bootstrap port of the calling process: the device, or what its parent
 * handed down, see bns_open(). It is there before main(), and MACH_PORT_NULL if
 * none could be opened. Nothing but the program itself changes it later. Since 0.1.
 */
extern mach_port_t bootstrap_port;

/** Sets bootstrap_port, if that is yet to be done. No program calls it. */
void bootstrap_port_init(void);

/*
 * Only programs that include this are to have the device open; their own
 * constructors, after this one.
 */
#ifndef BOOTSTRAP_PORT_STARTS_NOT
static void __attribute__((constructor(101))) bootstrap_port_start(void)
{
	bootstrap_port_init();
}
#endif

/**
 * The calling process as a task: a pidfd, and always the same one. To deallocate
 * it does nothing. @return a name, or MACH_PORT_NULL. Since 0.1.
 */
mach_port_t mach_task_self(void);

/**
 * A process as a task: a pidfd. Unlike Mach's it gives no power over it.
 *
 * @param self mach_task_self()
 * @param pid of which process
 * @param ret_task the caller's to deallocate
 * @return KERN_SUCCESS, KERN_FAILURE (no such process), KERN_RESOURCE_SHORTAGE.
 * Since 0.1.
 */
kern_return_t task_for_pid(mach_port_t self, int pid, task_t *ret_task);

/**
 * Which process a task is.
 *
 * @return KERN_SUCCESS, or KERN_FAILURE: it is not a task, or is gone. Since 0.1.
 */
kern_return_t pid_for_task(task_t task, int *ret_pid);

/**
 * A receive right that has no name yet, for bootstrap_register(). Only after that
 * can it be listened to.
 *
 * @param right MACH_PORT_RIGHT_RECEIVE, else it is KERN_INVALID_VALUE
 * @param ret_name has no send right yet, see mach_port_insert_right()
 * @return KERN_SUCCESS, KERN_RESOURCE_SHORTAGE. Since 0.1.
 */
kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right,
				 mach_port_name_t *ret_name);

/**
 * Add a send right to a name.
 *
 * @param port the same as @p name, else it is KERN_INVALID_CAPABILITY
 * @param how MACH_MSG_TYPE_MAKE_SEND, from the receive right that the name is;
 * or MACH_MSG_TYPE_COPY_SEND, from a send right
 * @return KERN_SUCCESS, KERN_INVALID_NAME, KERN_INVALID_CAPABILITY (the name has
 * no such right), KERN_INVALID_VALUE (@p how), KERN_UREFS_OVERFLOW,
 * KERN_RESOURCE_SHORTAGE. Since 0.1.
 */
kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name,
				     mach_port_t port,
				     mach_msg_type_name_t how);

/**
 * Release one reference to a send right, or to a dead name. With the last, the
 * descriptor is closed, unless the name is a receive right, too.
 *
 * @return KERN_SUCCESS, KERN_INVALID_NAME, KERN_INVALID_RIGHT (it is a receive
 * right, and no more). Since 0.1.
 */
kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name);

/**
 * Change the number of references to one kind of right.
 *
 * A receive right has one, and with it, the service ends. If there are send
 * rights by the same name, that is a dead name from then on.
 *
 * @return KERN_SUCCESS, KERN_INVALID_NAME, KERN_INVALID_RIGHT (the name has no
 * such right), KERN_INVALID_VALUE (there would be fewer than none, or a second
 * receive right; or @p right is none of the three), KERN_UREFS_OVERFLOW,
 * KERN_RESOURCE_SHORTAGE. Since 0.1.
 */
kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name,
				 mach_port_right_t right,
				 mach_port_delta_t delta);

/** Release all rights of a name. @return KERN_SUCCESS, KERN_INVALID_NAME. Since 0.1. */
kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name);

/**
 * The bootstrap port that the task's children inherit.
 *
 * @param which TASK_BOOTSTRAP_PORT, else it is KERN_INVALID_ARGUMENT
 * @param ret_port a reference, the caller's to deallocate; or MACH_PORT_NULL, if
 * there is none
 * @return KERN_SUCCESS. Since 0.1.
 */
kern_return_t task_get_special_port(task_t task, int which,
				    mach_port_t *ret_port);

/**
 * Set the bootstrap port that the task's children inherit; through fork(2) and
 * execve(2), unless the program gains rights by its execution. bootstrap_port
 * stays as it is.
 *
 * It is handed down by the environment, which no other thread may be using
 * meanwhile, see bns_environment().
 *
 * @param port a bootstrap port, of which a reference is taken
 * @return KERN_SUCCESS, KERN_INVALID_ARGUMENT (MACH_PORT_NULL, or not
 * TASK_BOOTSTRAP_PORT), KERN_INVALID_CAPABILITY (not a bootstrap port),
 * KERN_NO_ACCESS (a handle without BOOTSTRAP_RIGHT_ENTER),
 * KERN_RESOURCE_SHORTAGE. Since 0.1.
 */
kern_return_t task_set_special_port(task_t task, int which, mach_port_t port);

#define task_get_bootstrap_port(task, port) \
	(task_get_special_port((task), TASK_BOOTSTRAP_PORT, (port)))
#define task_set_bootstrap_port(task, port) \
	(task_set_special_port((task), TASK_BOOTSTRAP_PORT, (port)))

/**
 * Release an array that a function gave.
 *
 * @param size of its elements, in bytes
 * @return KERN_SUCCESS, KERN_INVALID_ARGUMENT. Since 0.1.
 */
kern_return_t vm_deallocate(vm_map_t task, vm_address_t address,
			    vm_size_t size);

#ifdef __cplusplus
}
#endif

#endif /* MACH_MACH_H */
