/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file task.h What Mach has here is in mach.h. */
#ifndef MACH_TASK_H
#define MACH_TASK_H

#include <mach/mach.h>

#endif /* MACH_TASK_H */
