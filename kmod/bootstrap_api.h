/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What other modules of the kernel may call: names in the root namespace, names
 * in a given session or of a given user, and what becomes of login sessions.
 *
 * See bootstrap(9). A module that calls any of these holds this one, by its
 * symbols. Errors are told as -errno, where a pointer is returned by ERR_PTR(). No
 * task that is exiting may call what is here, nor may anybody in atomic context
 * but where it says so.
 */
#ifndef BOOTSTRAP_API_H
#define BOOTSTRAP_API_H

#include <linux/notifier.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "../uapi/linux/bootstrap.h"

struct bootstrap_registration;
struct file;
struct socket;

/* Have bootstrap_look_up_session() and its like find services only. */
#define BOOTSTRAP_LOOK_UP_SERVICE_ONLY 0x1

/**
 * enum bootstrap_session_event - what a notifier is told
 * @BOOTSTRAP_SESSION_STARTED: there is a session; its login may be in progress
 * @BOOTSTRAP_SESSION_CHANGED: its user, state, type or attributes
 * @BOOTSTRAP_SESSION_CONSOLE: it has the console now, or has it no more, as its
 *	attributes say; what else there is of it may have changed as well
 * @BOOTSTRAP_SESSION_LOGOUT: its logout is asked for, or is to be sooner
 * @BOOTSTRAP_SESSION_ENDED: there is none any more
 * @BOOTSTRAP_SESSION_LOST: there was more than could be kept until notifiers had
 *	come to it; the session is none. Ask what there is.
 */
enum bootstrap_session_event {
	BOOTSTRAP_SESSION_STARTED = 1,
	BOOTSTRAP_SESSION_CHANGED,
	BOOTSTRAP_SESSION_CONSOLE,
	BOOTSTRAP_SESSION_LOGOUT,
	BOOTSTRAP_SESSION_ENDED,
	BOOTSTRAP_SESSION_LOST,
};

/**
 * struct bootstrap_session_info - a login session, as it was
 * @cookie: never repeats, while an id may
 * @session: its audit session id
 * @uid: its user, not valid before a login has said who that is
 * @type: BOOTSTRAP_SESSION_TYPE_*
 * @attributes: BOOTSTRAP_SESSION_ATTR_*
 * @state: BOOTSTRAP_SESSION_STATE_*
 */
struct bootstrap_session_info {
	u64 cookie;
	u32 session;
	kuid_t uid;
	u32 type;
	u32 attributes;
	u32 state;
};

struct bootstrap_registration *bootstrap_register_file(const char *name,
						       struct file *file);
struct bootstrap_registration *bootstrap_register_service(const char *name,
							  int type,
							  unsigned int backlog);
struct socket *
bootstrap_service_socket(const struct bootstrap_registration *registration);
void bootstrap_unregister(struct bootstrap_registration *registration);

struct file *bootstrap_look_up_session(u32 session, u64 cookie,
				       const char *name, unsigned int flags);
struct file *bootstrap_look_up_user(kuid_t uid, const char *name,
				    unsigned int flags);

int bootstrap_console_session(struct bootstrap_session_info *info);
int bootstrap_register_session_notifier(struct notifier_block *notifier);
int bootstrap_unregister_session_notifier(struct notifier_block *notifier);

#endif /* BOOTSTRAP_API_H */
