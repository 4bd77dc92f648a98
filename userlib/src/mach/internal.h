/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the calls of the Mach API share. */
#ifndef BNS_MACH_INTERNAL_H
#define BNS_MACH_INTERNAL_H

#include <stdbool.h>

/* For programs, see <mach/mach.h>, not for the library. */
#define BOOTSTRAP_PORT_STARTS_NOT

#include <mach/mach.h>
#include <servers/bootstrap.h>

#include "../internal.h"

/* The code for a negative errno, or for 0. */
kern_return_t bns_mach_code(int err);

/* Is it the calling process? */
bool bns_mach_task_is_self(task_t task);

/* Notes what the program was started with, for bns_mach_check_in_passed(). */
void bns_mach_passed_init(void);

/* Is this port for the namespace that the task's own is for? */
bool bns_mach_task_port_is_for(mach_port_t bp);

/* Port names: descriptors, of which the references are counted. */

/* The descriptor; -1 if it cannot be one. */
int bns_mach_fd(mach_port_t name);

/* Is it a socket to be connected to? */
bool bns_mach_is_listening(int fd);

/* What a new name is; to a receive right, there is no send right yet. */
enum port_right { PORT_SEND, PORT_RECEIVE };

/*
 * Gives a descriptor a name, or has it closed. Instead of a descriptor it takes a
 * negative errno, whose code it returns.
 */
kern_return_t bns_mach_give(int fd, enum port_right right, mach_port_t *ret_name);

/* One more reference to a send right, or one less; see mach_port_deallocate(). */
kern_return_t bns_mach_reference(mach_port_t name);
kern_return_t bns_mach_release(mach_port_t name);

/* Has a name that no release ever closes. */
void bns_mach_keep(mach_port_t name);

/*
 * The task's own hold on a name, which no release is about; at most one. Returns
 * KERN_INVALID_NAME if it is none.
 */
kern_return_t bns_mach_hold(mach_port_t name);
void bns_mach_unhold(mach_port_t name);

/*
 * Makes a receive right that has no service yet, with a send right, this one. In
 * any case @right is closed. Returns 0, or -EINVAL if the name is none any more.
 */
int bns_mach_name_right(mach_port_t name, int right);

/*
 * Has what was registered through a port live on when the name is released, as
 * that is no affair of the port's.
 */
void bns_mach_keep_names(mach_port_t name);

/* As what a name can be registered. */
enum port_kind {
	PORT_IS_FILE,		/* anything that look-ups may give */
	PORT_IS_UNNAMED,	/* a receive right that has no service yet */
	PORT_IS_NAMED,		/* one that has */
	PORT_IS_NOT_SENT,	/* one without a send right */
	PORT_IS_NOTHING,
};
enum port_kind bns_mach_port_kind(mach_port_t name);

/*
 * If this is a server's port, the socket to ask its launcher by, which is closed
 * with the name: a duplicate, for the caller to close. Else -1.
 */
int bns_mach_launcher(mach_port_t name);
void bns_mach_set_launcher(mach_port_t name, int launcher);
bool bns_mach_is_server(mach_port_t name);

/*
 * A receive right that the program was started with: returns its descriptor, or
 * -EBUSY (it was taken before), -ENOENT (there is none).
 */
int bns_mach_check_in_passed(const char *name);

/* Through a server's port: a receive right, or 0, or a negative errno. */
int bns_mach_server_check_in(int launcher, int port, const char *name,
			     bool strict);
int bns_mach_server_declare(int launcher, int port, const char *name);

/* 0 if it is one and ends, else a negative errno. */
int bns_mach_name_check(const char *name);

/* A look-up that no signal ends. */
int bns_mach_look_up(int port, const char *name, unsigned int flags);

/* What bootstrap_status() tells. */
bootstrap_status_t bns_mach_status(const struct bootstrap_info *info);

#endif
