/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file boolean.h Mach's type of truth values. */
#ifndef MACH_BOOLEAN_H
#define MACH_BOOLEAN_H

typedef int boolean_t;

#ifndef TRUE
#define TRUE	1
#endif
#ifndef FALSE
#define FALSE	0
#endif

#endif /* MACH_BOOLEAN_H */
