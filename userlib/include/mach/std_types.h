/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file std_types.h What Mach has here is in mach.h. */
#ifndef MACH_STD_TYPES_H
#define MACH_STD_TYPES_H

#include <mach/mach.h>

#endif /* MACH_STD_TYPES_H */
