/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BNS_INTERNAL_H
#define BNS_INTERNAL_H

#include <bootstrap/bootstrap.h>

#define BNS_API __attribute__((visibility("default")))

/* ioctl() that returns a negative errno and leaves errno alone. */
int bns_call(int port, unsigned long command, void *args);

/* The length as the ABI counts it: what is too long for it is too long. */
uint32_t bns_name_len(const char *name);

/* The scope, NULL being the default. */
struct bns_scope bns_scope_or_default(const struct bns_scope *scope);

/*
 * The descriptor that the environment names, if it is still a port for the
 * namespace that was meant, and the state of that; else -1.
 */
int bns_inherited(uint32_t *ret_state);

#endif
