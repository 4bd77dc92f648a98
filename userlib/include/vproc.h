/* SPDX-License-Identifier: LGPL-2.1-or-later */
/** @file vproc.h What launchd has here is in vproc_priv.h. */
#ifndef VPROC_H
#define VPROC_H

#include <vproc_priv.h>

#endif /* VPROC_H */
