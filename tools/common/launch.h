/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What launchers of servers share: bootstrapctl's activate and launch-server, and
 * bootstrap-agents.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <bootstrap/bootstrap.h>

/*
 * Declared services. Their check-in handles are never read: so the need of a
 * server still stands if one ends before it has checked in.
 */
struct services {
	unsigned int count;
	char **names;
	int *handles;
};

/* Another one. Returns its check-in handle, which is kept, or an error. */
int services_declare(struct services *services, int port, const char *name,
		     const struct bns_service *how);

/* Forgets those that are there no more. */
void services_drop_gone(struct services *services);

/* In the child of a launcher: checks in for all, as bns_listen_fds(). */
int services_check_in(const struct services *services);

void services_free(struct services *services);

/*
 * Has signals read like news, but those that are ignored: they stay so. @which
 * ends with 0. Returns a signalfd, or an error.
 */
int signals_open(const int *which, sigset_t *ret_mask);

/* The same with what ends a launcher, and the end of its children. */
int signals_catch(sigset_t *ret_mask);

/*
 * Has a child, which leads a group of its own and has this signal mask, call
 * @become and exit with what that returns. Returns its pid, or an error.
 */
pid_t group_start(const sigset_t *mask, int (*become)(void *context),
		  void *context);

/*
 * If the child has ended, ends what is left of its group, and returns true with
 * the status that wait(2) tells.
 */
bool group_reap(pid_t pid, int *ret_status);

/* How a child ended, if not well; else NULL. Valid until the next call. */
const char *end_text(int status);

/* Has commands not inherit the namespace that the environment names. */
void namespace_forget(void);

/*
 * Has them inherit this one instead, by a descriptor not below @lowest. Returns 0
 * or an error.
 */
int namespace_hand_down(int handle, int lowest);

/* The same with the one that they inherit already, if they do. */
int namespace_keep(int lowest);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t now_ms(void);

/* Milliseconds for poll(2) until then; -1 for ever if that is below 0. */
int poll_timeout(int64_t then);

#endif
