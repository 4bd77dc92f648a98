/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pam_bootstrap and bootstrap-login-host say to each other.
 *
 * The module starts a host for a login at the first stretch of it, and has it run
 * one stretch after the other. The host's descriptor LOGIN_HOST_FD is a socket of
 * type SOCK_SEQPACKET; APPLICATION_FD, see pam_bootstrap.h, a pidfd of the process
 * that the login goes on in. A request is one message: the struct, and behind it the
 * texts, each with its end; with the first comes a handle for the pre-login namespace
 * (SCM_RIGHTS) unless there is none. Each request is answered by one message. The
 * host ends when there is nobody left to ask, when the process is gone, or when the
 * last stretch has been answered.
 */
#ifndef LOGIN_HOST_H
#define LOGIN_HOST_H

#include <stdint.h>

#define LOGIN_HOST_FD 4

/* The most bytes of a request. */
#define LOGIN_REQUEST_MAX 4096

/* No session, user or group yet. */
#define LOGIN_UNKNOWN UINT32_MAX

enum login_text {
	LOGIN_RIGHT,		/* to be acquired */
	LOGIN_SERVICE,		/* PAM's items; empty if not set */
	LOGIN_USER,
	LOGIN_TTY,
	LOGIN_RHOST,
	LOGIN_HOME,		/* empty while the user is not known */
	LOGIN_TEXTS
};

struct login_request {
	uint32_t stretch;	/* enum bnl_stretch */
	uint32_t session;	/* id, or LOGIN_UNKNOWN */
	uint32_t uid;
	uint32_t gid;
	uint32_t timeout;	/* for each mechanism, seconds, not 0 */
	uint32_t pid;		/* of the application */
};

/* The original's. */
enum login_result {
	LOGIN_ALLOW,
	LOGIN_DENY,
	LOGIN_UNDEFINED,	/* also: a mechanism crashed, hung, or made no sense */
	LOGIN_USER_CANCELED,
};

struct login_answer {
	uint32_t result;	/* enum login_result */
	uint32_t ran;		/* how many mechanisms were started */
};

#endif
