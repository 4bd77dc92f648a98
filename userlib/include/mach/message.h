/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file message.h
 * What is left of Mach's messages where there are none: types that arguments
 * have, and codes that functions return for ports that cannot be used. There is
 * no mach_msg(); bootstrap(3) says what takes its place.
 */
#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H

#include <mach/kern_return.h>
#include <mach/port.h>

typedef natural_t mach_msg_type_number_t;
typedef unsigned int mach_msg_type_name_t;
typedef kern_return_t mach_msg_return_t;

#define MACH_MSG_SUCCESS		0
#define MACH_SEND_TIMED_OUT		0x10000004	/* not returned */

/** How mach_port_insert_right() comes by a right. */
#define MACH_MSG_TYPE_MOVE_SEND		17
#define MACH_MSG_TYPE_COPY_SEND		19
#define MACH_MSG_TYPE_MAKE_SEND		20

/** The port asked is none, or is gone; what it stands for cannot be reached. */
#define MACH_SEND_INVALID_DEST		0x10000003
/** A port in the arguments is not one that others can be given. */
#define MACH_SEND_INVALID_RIGHT		0x1000000a

#endif /* MACH_MESSAGE_H */
