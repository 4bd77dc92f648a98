/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file bootstrap_priv.h Where many programs look for these calls. */
#ifndef BOOTSTRAP_PRIV_H
#define BOOTSTRAP_PRIV_H

#include <servers/bootstrap_priv.h>

#endif /* BOOTSTRAP_PRIV_H */
