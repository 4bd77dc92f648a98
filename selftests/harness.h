/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's harness, with time enough for an emulated debug kernel. */
#ifndef BOOTSTRAP_HARNESS_H
#define BOOTSTRAP_HARNESS_H

#include "../kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	120

#endif
