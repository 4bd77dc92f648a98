/* SPDX-License-Identifier: GPL-2.0 */
/* The values that are a login's own, and that no mechanism may change. */
#ifndef OWN_VALUES_H
#define OWN_VALUES_H

#include <stdbool.h>

bool is_own_context(const char *key);
bool is_own_hint(const char *key);

#endif
