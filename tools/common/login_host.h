/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pam_bootstrap and bootstrap-login-host say to each other.
 *
 * The module starts a host for a login at the first stretch of it, and has it run
 * one stretch after the other. The host's descriptor LOGIN_HOST_FD is a socket of
 * type SOCK_SEQPACKET; APPLICATION_FD, see pam_bootstrap.h, a pidfd of the process
 * that the login goes on in. A message is one of the structs, each with its kind
 * first, and behind it texts, each with its end. With the first request comes a
 * handle for the pre-login namespace (SCM_RIGHTS) unless there is none. Each request
 * is answered. Until it is the host may have the module converse, one thing at a
 * time, each of which the module replies to; that reply may be behind the answer.
 * The host ends when there is nobody left to ask, when the process is gone, or when
 * the last stretch has been answered.
 */
#ifndef LOGIN_HOST_H
#define LOGIN_HOST_H

#include <stdint.h>

#define LOGIN_HOST_FD 4

/* The most bytes of a message. */
#define LOGIN_MESSAGE_MAX 16384

/* The most of those texts that say who logs in. */
#define LOGIN_REQUEST_MAX 4096

/* The most of what the user answers. */
#define LOGIN_REPLY_MAX 1024

/* No session, user or group yet. */
#define LOGIN_UNKNOWN UINT32_MAX

enum login_kind {
	/* to the host */
	LOGIN_REQUEST,
	LOGIN_REPLY,

	/* from it */
	LOGIN_ANSWER,
	LOGIN_CONVERSE,
};

enum login_text {
	LOGIN_RIGHT,		/* to be acquired */
	LOGIN_SERVICE,		/* PAM's items; empty if not set */
	LOGIN_USER,
	LOGIN_TTY,
	LOGIN_RHOST,
	LOGIN_HOME,		/* empty while the user is not known */
	LOGIN_TEXTS
};

/* The texts of all kinds follow. */
struct login_request {
	uint32_t kind;		/* LOGIN_REQUEST */
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

/*
 * When the last stretch has allowed the login, what is extractable of the context
 * follows: texts NAME=VALUE, for PAM's environment.
 */
struct login_answer {
	uint32_t kind;		/* LOGIN_ANSWER */
	uint32_t result;	/* enum login_result */
	uint32_t ran;		/* how many mechanisms were started */
};

/* One text follows. */
struct login_converse {
	uint32_t kind;		/* LOGIN_CONVERSE */
	uint32_t style;		/* enum login_style */
};

enum login_style {
	LOGIN_PROMPT,
	LOGIN_SECRET,
	LOGIN_INFORMATION,
	LOGIN_ERROR,
};

/* One text follows, empty unless there was a question. */
struct login_reply {
	uint32_t kind;		/* LOGIN_REPLY */
	uint32_t done;		/* 0: nobody can be spoken to */
};

#endif
