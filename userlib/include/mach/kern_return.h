/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file kern_return.h
 * Mach's return codes: those that functions here return, and some that programs
 * name.
 */
#ifndef MACH_KERN_RETURN_H
#define MACH_KERN_RETURN_H

typedef int kern_return_t;

#define KERN_SUCCESS			0
#define KERN_INVALID_ADDRESS		1	/* not returned */
#define KERN_NO_SPACE			3	/* not returned */
#define KERN_INVALID_ARGUMENT		4
#define KERN_FAILURE			5
#define KERN_RESOURCE_SHORTAGE		6
#define KERN_NO_ACCESS			8
#define KERN_NAME_EXISTS		13	/* not returned */
#define KERN_ABORTED			14	/* not returned */
#define KERN_INVALID_NAME		15
#define KERN_INVALID_TASK		16
#define KERN_INVALID_RIGHT		17
#define KERN_INVALID_VALUE		18
#define KERN_UREFS_OVERFLOW		19
#define KERN_INVALID_CAPABILITY		20
#define KERN_NOT_SUPPORTED		46	/* not returned */

#endif /* MACH_KERN_RETURN_H */
