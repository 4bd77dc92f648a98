/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file mach_port.h What Mach has here is in mach.h. */
#ifndef MACH_MACH_PORT_H
#define MACH_MACH_PORT_H

#include <mach/mach.h>

#endif /* MACH_MACH_PORT_H */
