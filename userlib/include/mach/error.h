/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file error.h What Mach has here is in mach.h. */
#ifndef MACH_ERROR_H
#define MACH_ERROR_H

#include <mach/mach.h>

#endif /* MACH_ERROR_H */
