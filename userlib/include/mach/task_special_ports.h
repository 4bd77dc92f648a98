/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file task_special_ports.h What Mach has here is in mach.h. */
#ifndef MACH_TASK_SPECIAL_PORTS_H
#define MACH_TASK_SPECIAL_PORTS_H

#include <mach/mach.h>

#endif /* MACH_TASK_SPECIAL_PORTS_H */
