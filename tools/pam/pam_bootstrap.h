/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAM_BOOTSTRAP_H
#define PAM_BOOTSTRAP_H

#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>

#include <bootstrap/bootstrap.h>
#include <security/pam_modules.h>

/* What the line in the PAM configuration asks for. */
struct options {
	uint32_t type;		/* or BOOTSTRAP_SESSION_TYPE_UNKNOWN: find out */
	enum answer { FIND_OUT, NO, YES } graphic, remote;
	bool agents;
	bool terminate;
	bool debug;
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
};

/* The pidfd's number there. */
#define APPLICATION_FD 3

/* Returns 0 or a negative errno; never waits for the program. */
int detached_start(const struct detached *detached);

void agents_start(const struct login *login);

/* Has the session ended once the calling process is gone. */
void logout_start(pam_handle_t *pamh, const struct announced *announced);

#endif
