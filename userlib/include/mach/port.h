/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file port.h
 * Mach's port names. A name is a descriptor of the process, never below 3, so
 * that MACH_PORT_NULL is none.
 */
#ifndef MACH_PORT_H
#define MACH_PORT_H

typedef unsigned int natural_t;
typedef int integer_t;
typedef natural_t mach_port_name_t;
typedef mach_port_name_t mach_port_t;
typedef mach_port_t *mach_port_array_t;
typedef mach_port_t task_t;
typedef mach_port_t task_name_t;
typedef mach_port_t ipc_space_t;

#define MACH_PORT_NULL		((mach_port_t)0)
#define MACH_PORT_DEAD		(~(mach_port_t)0)
#define MACH_PORT_VALID(name)	\
	((name) != MACH_PORT_NULL && (name) != MACH_PORT_DEAD)

/** What kind of right a function is about. */
typedef natural_t mach_port_right_t;
#define MACH_PORT_RIGHT_SEND		((mach_port_right_t)0)
#define MACH_PORT_RIGHT_RECEIVE		((mach_port_right_t)1)
#define MACH_PORT_RIGHT_SEND_ONCE	((mach_port_right_t)2)
#define MACH_PORT_RIGHT_PORT_SET	((mach_port_right_t)3)
#define MACH_PORT_RIGHT_DEAD_NAME	((mach_port_right_t)4)

typedef natural_t mach_port_urefs_t;
typedef integer_t mach_port_delta_t;

#endif /* MACH_PORT_H */
