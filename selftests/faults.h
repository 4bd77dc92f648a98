/* SPDX-License-Identifier: GPL-2.0 */
/* Faults on order, by /proc/thread-self/fail-nth: what the kernel needs for it. */
#ifndef BOOTSTRAP_FAULTS_H
#define BOOTSTRAP_FAULTS_H

#include "bootstrap_test.h"

/* Faults in all allocations and copies; false if this kernel makes none. */
static inline bool have_faults(void)
{
#define FAIL "/sys/kernel/debug/fail"
	return !access("/proc/thread-self/fail-nth", F_OK) &&
	       !write_file(FAIL "slab/ignore-gfp-wait", "N") &&
	       !write_file(FAIL "slab/cache-filter", "N") &&
	       !write_file(FAIL "slab/verbose", "0") &&
	       !write_file(FAIL "_page_alloc/ignore-gfp-wait", "N") &&
	       !write_file(FAIL "_page_alloc/ignore-gfp-highmem", "N") &&
	       !write_file(FAIL "_page_alloc/min-order", "0") &&
	       !write_file(FAIL "_page_alloc/verbose", "0") &&
	       !write_file(FAIL "_usercopy/verbose", "0");
}

#endif
