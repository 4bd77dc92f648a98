/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much is allowed unless module parameters say otherwise. CAP_SYS_ADMIN
 * over the initial user namespace is counted but not limited.
 */
#ifndef BOOTSTRAP_LIMITS_H
#define BOOTSTRAP_LIMITS_H

/* Names of one user, in all namespaces. */
#define BS_NAMES_PER_USER 4096

/* Names in one namespace, of all users. */
#define BS_NAMES_PER_NAMESPACE 65536

/* Login sessions of one user. */
#define BS_SESSIONS_PER_USER 1024

/* Look-ups of one user that wait, for a name or for room in a backlog. */
#define BS_WAITS_PER_USER 1024

/* Watches of one user. */
#define BS_WATCHES_PER_USER 128

/* Subsets of one user, handles of one user, and subsets in each other. */
#define BS_SUBSETS_PER_USER 1024
#define BS_HANDLES_PER_USER 1024
#define BS_SUBSET_DEPTH 100

/* Deferrals of logouts of one user. */
#define BS_DEFERRALS_PER_USER 64

/* Connections that wait at a service unless it says, and at most. */
#define BS_BACKLOG 128
#define BS_BACKLOG_MAX 4096

#endif /* BOOTSTRAP_LIMITS_H */
