/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAM_BOOTSTRAP_H
#define PAM_BOOTSTRAP_H

#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>

#include <bootstrap/bootstrap.h>
#include <security/pam_modules.h>

#include "../common/login_host.h"

/* Which stretch of the chain the line runs, if any. */
enum phase {
	PHASE_NONE,
	PHASE_BEFORE_AUTH,
	PHASE_AFTER_AUTH,
	PHASE_AFTER_HOME,
	PHASE_INVALID,		/* somebody wants one, and says it wrong */
};

/* What the line in the PAM configuration asks for. */
struct options {
	enum phase phase;
	const char *right;	/* that the login asks for */
	uint32_t timeout;	/* of each mechanism, seconds */
	uint32_t type;		/* or BOOTSTRAP_SESSION_TYPE_UNKNOWN: find out */
	enum answer { FIND_OUT, NO, YES } graphic, remote;
	bool agents;
	bool terminate;
	bool debug;
	bool silent;		/* the user is told nothing: PAM says so */
};

/* Logs what it does not understand, unless @pamh is NULL. */
void options_parse(struct options *options, pam_handle_t *pamh, int argc,
		   const char **argv);

/* "non-gui", and so on. */
const char *type_text(uint32_t type);

/* A login about to be announced. */
struct login {
	pam_handle_t *pamh;
	const struct options *options;
	const struct passwd *user;
	uint32_t id;
	int port;
};

/* What there is to be said of a login, besides whose it is. */
struct description {
	uint32_t type;
	uint32_t attributes;
	const char *tty;	/* or NULL */
	const char *host;	/* or NULL */
	char vt[8];		/* where @tty may point to */
};

void description_find(struct description *description,
		      const struct login *login);

/* Is it on a terminal of the machine itself, so one that no network leads to? */
bool is_on_console(pam_handle_t *pamh);

/* What a transaction keeps of the session that it announced. */
struct announced {
	uint32_t id;
	uint64_t cookie;
	int handle;		/* of the pre-login namespace, or -1 */
	uint64_t namespace;	/* that one's id */
	bool terminated;	/* its logout was asked for */
	pid_t owner;		/* who opened that */
};

/*
 * Announces it, and leaves in the description what it was announced with. Returns
 * 0 or a negative errno; what went wrong has been logged.
 */
int login_announce(const struct login *login, struct announced *announced,
		   struct description *description);

/*
 * The same in two steps, between which the session is closed: it has its user, and
 * the pre-login namespace that @handle is for, unless that is -1.
 */
int login_begin(const struct login *login, struct announced *announced,
		int handle);
int login_complete(const struct login *login, struct announced *announced,
		   struct description *description);

/*
 * Does nothing run at this login, whatever the database says? The log says why,
 * unless there is no database.
 */
bool chain_is_off(pam_handle_t *pamh);

/*
 * Runs the stretch of that phase, and those before it that were not run; waits for
 * them. The log says what came of it. The session is LOGIN_UNKNOWN, or the login's.
 */
enum login_result chain_run(pam_handle_t *pamh, const struct options *options,
			    enum phase phase, uint32_t session);

/*
 * Authentication has come to this phase. If the phase was run already, that was for
 * another attempt.
 */
void chain_restart(pam_handle_t *pamh, enum phase phase);

/* The handle for the login's pre-login namespace, or -1 if there is none. */
int chain_handle(pam_handle_t *pamh);

/* Has any of it been run in this transaction? */
bool chain_is_there(pam_handle_t *pamh);

/* Nothing more is run for this login; what has been is remembered. */
void chain_end(pam_handle_t *pamh);

/* The same, and the next login begins anew. */
void chain_forget(pam_handle_t *pamh);

/*
 * A program to run with no tie to the application: no child of it, in no session
 * or process group of its, without its descriptors and signals.
 */
struct detached {
	const char *path;
	char *const *argv;
	char *const *envp;
	/*
	 * Runs in the program's process, where descriptor 3 is a pidfd of the
	 * application. The process may be the copy of one with many threads: takes
	 * no locks, no memory. The program is not run if this returns false.
	 */
	bool (*prepare)(const void *data);
	const void *data;
	/* To be descriptor DETACHED_FD there, or -1. */
	int fd;
};

/* The pidfd's number there. */
#define APPLICATION_FD 3
#define DETACHED_FD 4

/* Returns 0 or a negative errno; never waits for the program. */
int detached_start(const struct detached *detached);

/*
 * For @prepare: leaves the session that the application is in for the root session.
 * Only who may set login uids can; the others stay.
 */
void session_leave(void);

void agents_start(const struct login *login);

/* Starts a login's host. Returns a socket to it, or a negative errno. */
int host_start(void);

/* What is asked of a host. */
struct asked {
	pam_handle_t *pamh;
	bool silent;
	struct login_request request;
	const char *texts[LOGIN_TEXTS];
	int handle;		/* goes along, or -1 */
};

/*
 * Has it run a stretch, which may take as long as its mechanisms do, and converses
 * for them. What it says of the result goes into PAM's environment. Returns 0 or a
 * negative errno; -EPIPE if there is no host.
 */
int host_ask(int host, const struct asked *asked,
	     struct login_answer *ret_answer);

/* Has the session ended once the calling process is gone. */
void logout_start(pam_handle_t *pamh, const struct announced *announced);

#endif
