/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/bootstrap_caller: calls bootstrap(9) for whoever asks, so for tests. */
#ifndef BOOTSTRAP_CALLER_H
#define BOOTSTRAP_CALLER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct caller_args - the arguments of a call, as far as it has them
 * @name: terminated; address of it
 * @cookie: of a session
 * @id: of a session or a user; a type of socket; milliseconds
 * @flags: of a look-up; a backlog
 * @fd: of a file to be registered
 * @pad: 0
 */
struct caller_args {
	__u64 name;
	__u64 cookie;
	__u32 id;
	__u32 flags;
	__s32 fd;
	__u32 pad;
};

/**
 * struct caller_event - what the notifier was told, as it is read
 * @cookie: the session's
 * @session: its id
 * @event: what
 * @uid: its user, or -1
 * @type: its type
 * @attributes: its attributes
 * @state: its state
 */
struct caller_event {
	__u64 cookie;
	__u32 session;
	__u32 event;
	__u32 uid;
	__u32 type;
	__u32 attributes;
	__u32 state;
};

/* Registrations: each open file of the device has at most one. */
#define CALLER_REGISTER_FILE	_IOW('c', 0, struct caller_args)
#define CALLER_REGISTER_SERVICE	_IOW('c', 1, struct caller_args)
#define CALLER_UNREGISTER	_IOW('c', 2, struct caller_args)
/* A descriptor of a connection that waits. */
#define CALLER_ACCEPT		_IOW('c', 3, struct caller_args)
/* Descriptors of what was found. */
#define CALLER_LOOK_UP_SESSION	_IOW('c', 4, struct caller_args)
#define CALLER_LOOK_UP_USER	_IOW('c', 5, struct caller_args)
/* The id of the session that has the console. */
#define CALLER_CONSOLE		_IOW('c', 6, struct caller_args)
/* There is one notifier, which takes its time from @id. */
#define CALLER_NOTIFY		_IOW('c', 7, struct caller_args)
#define CALLER_NOTIFY_NOT	_IOW('c', 8, struct caller_args)
/* How many calls of the notifier run. */
#define CALLER_RUNNING		_IOW('c', 9, struct caller_args)

#endif /* BOOTSTRAP_CALLER_H */
