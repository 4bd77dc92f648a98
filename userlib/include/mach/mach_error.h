/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file mach_error.h Texts for Mach's codes. */
#ifndef MACH_MACH_ERROR_H
#define MACH_MACH_ERROR_H

#include <mach/kern_return.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef kern_return_t mach_error_t;

/**
 * The text for a code, those of <servers/bootstrap.h> included. Each has one of
 * its own. @return a constant; "unknown error code" for what none of the
 * functions here returns. Since 0.1.
 */
char *mach_error_string(mach_error_t code);

/** Writes "@p text: ", the code's text and its number to stderr. Since 0.1. */
void mach_error(const char *text, mach_error_t code);

#ifdef __cplusplus
}
#endif

#endif /* MACH_MACH_ERROR_H */
