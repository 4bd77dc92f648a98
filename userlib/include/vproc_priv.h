/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file vproc_priv.h
 * The private calls of launchd's process manager by which programs leave a
 * session's namespace for that of its user. All of them set the task's bootstrap
 * port, see task_set_special_port(), and bootstrap_port.
 *
 * They return NULL, or something else if they fail.
 */
#ifndef VPROC_PRIV_H
#define VPROC_PRIV_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void *vproc_err_t;
typedef uint64_t vproc_flags_t;

#define VPROCMGR_SESSION_LOGINWINDOW	"LoginWindow"
#define VPROCMGR_SESSION_BACKGROUND	"Background"
#define VPROCMGR_SESSION_AQUA		"Aqua"
#define VPROCMGR_SESSION_STANDARDIO	"StandardIO"
#define VPROCMGR_SESSION_SYSTEM		"System"

/**
 * Move to the namespace of a user.
 *
 * @param target_user as with bootstrap_look_up_per_user()
 * @param session_type VPROCMGR_SESSION_BACKGROUND, in any case of letters; a
 * session of another type begins with a login, and no other way
 * @param flags 0
 * Since 0.1.
 */
vproc_err_t _vprocmgr_move_subset_to_user(uid_t target_user,
					  const char *session_type,
					  uint64_t flags);

/**
 * Move from a session's namespace to that of the caller's effective uid.
 *
 * @param session_type VPROCMGR_SESSION_BACKGROUND, as above
 * @param flags 0
 * @return not NULL also in the root namespace. Since 0.1.
 */
vproc_err_t _vprocmgr_switch_to_session(const char *session_type,
					uint64_t flags);

/**
 * As _vprocmgr_switch_to_session() with VPROCMGR_SESSION_BACKGROUND. Since 0.1.
 */
vproc_err_t _vprocmgr_detach_from_console(uint64_t flags);

#ifdef __cplusplus
}
#endif

#endif /* VPROC_PRIV_H */
