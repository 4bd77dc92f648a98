/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the PAM module share: programs that log people in, with PAM
 * configurations of their own.
 */
#ifndef BOOTSTRAP_PAM_H
#define BOOTSTRAP_PAM_H

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <security/pam_appl.h>

#include "space.h"

#define MODULE		"/lib/security/pam_bootstrap.so"
/* What the module was compiled to look for. */
#define TOOL		"/usr/local/bin/bootstrapctl"
#define AGENTS		"/usr/local/lib/bootstrap/bootstrap-agents"
#define AGENTS_DIR	"/etc/bootstrap/session.d"

/* Where a test has its files; for everybody to write to. */
#define WORK		"/tmp/pam"
/* What a program that was started leaves there. */
#define TOLD		WORK "/told"

#define ATTR_TTY	BOOTSTRAP_SESSION_ATTR_TTY
#define ATTR_REMOTE	BOOTSTRAP_SESSION_ATTR_REMOTE
#define ATTR_GRAPHIC	BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS
#define ATTR_KNOWN	BOOTSTRAP_SESSION_ATTR_AUTHENTICATED

/* A PAM transaction; what is NULL is not set, but for the user, who is alice. */
struct attempt {
	const char *service;
	const char *options;	/* of a session line; or */
	const char *config;	/* all lines */
	const char *user;
	const char *tty;
	const char *host;
	const char *display;
	const char *variables[3];
};

static inline void put_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode))
		abort();
	close(fd);
}

/* What is in a file, or nothing; there for the next call only. */
static inline const char *file_text(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static inline void mount_empty(const char *path)
{
	if ((mkdir(path, 0755) && errno != EEXIST) ||
	    mount("none", path, "tmpfs", 0, "mode=755"))
		abort();
}

/* Where the system's log goes to, from now on; a socket. */
static inline int log_open(void)
{
	struct sockaddr_un address = { AF_UNIX, "/dev/log" };
	int log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	unlink(address.sun_path);
	if (bind(log, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(address.sun_path, 0666))
		abort();
	return log;
}

/* What was logged since it was last asked for; there for the next call only. */
static inline const char *log_text(int log)
{
	static char text[8192];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) - 2 &&
	       (n = recv(log, text + len, sizeof(text) - 2 - len, 0)) >= 0) {
		len += n;
		text[len++] = '\n';
	}
	text[len] = '\0';
	return text;
}

/* Whatever is mounted or put there from now on is the calling process's. */
static inline void have_own_files(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		abort();
	mount_empty(WORK);
	chmod(WORK, 01777);
	mount_empty("/etc/bootstrap");
	mount_empty("/usr/local");
	if (mkdir("/etc/bootstrap/session.d", 0755) ||
	    mkdir("/usr/local/bin", 0755) || mkdir("/usr/local/lib", 0755) ||
	    mkdir("/usr/local/lib/bootstrap", 0755))
		abort();
}

static inline int no_conversation(int count,
				  const struct pam_message **messages,
				  struct pam_response **responses, void *data)
{
	return PAM_CONV_ERR;
}

/* Begins a transaction, with a configuration that has nothing but the module. */
static inline pam_handle_t *transaction(const struct attempt *attempt)
{
	static const struct pam_conv conv = { no_conversation, NULL };
	char path[128], line[512];
	const char *config = attempt->config;
	pam_handle_t *pamh;
	size_t i;

	snprintf(path, sizeof(path), WORK "/%s", attempt->service);
	snprintf(line, sizeof(line), "session required " MODULE " %s\n",
		 attempt->options ?: "");
	if (!config)
		config = line;
	put_file(path, config, 0644);
	put_file(WORK "/other", config, 0644);
	if (pam_start_confdir(attempt->service, attempt->user ?: "alice", &conv,
			      WORK, &pamh) ||
	    (attempt->tty && pam_set_item(pamh, PAM_TTY, attempt->tty)) ||
	    (attempt->host && pam_set_item(pamh, PAM_RHOST, attempt->host)) ||
	    (attempt->display &&
	     pam_set_item(pamh, PAM_XDISPLAY, attempt->display)))
		abort();
	for (i = 0; i < ARRAY_SIZE(attempt->variables); i++)
		if (attempt->variables[i] &&
		    pam_putenv(pamh, attempt->variables[i]))
			abort();
	return pamh;
}

/* Runs something as a program that logs alice in: root, with an id of its own. */
#define LOGIN(_body)							\
({									\
	pid_t login_ = fork();						\
	if (!login_) {							\
		CHECK(!set_login_uid(ALICE));				\
		_exit(({ _body; 0; }));					\
	}								\
	child_result(login_);						\
})

static inline __u32 own_id(void)
{
	return proc_number("self/sessionid");
}

/* The session that the caller bears the id of; of type 0 if there is none. */
static inline struct bootstrap_session own_session(int port)
{
	struct bootstrap_session session;

	if (do_session_by_id(port, own_id(), 0, &session))
		memset(&session, 0, sizeof(session));
	return session;
}

/* Does a transaction have the variables that are to tell of an id? */
static inline bool exports_id(pam_handle_t *pamh, __u32 id)
{
	const char *decimal = pam_getenv(pamh, "BOOTSTRAP_SESSION_ID");
	const char *hex = pam_getenv(pamh, "SECURITYSESSIONID");
	char text[2][16];

	snprintf(text[0], sizeof(text[0]), "%u", id);
	snprintf(text[1], sizeof(text[1]), "%x", id);
	return decimal && hex && !strcmp(decimal, text[0]) &&
	       !strcmp(hex, text[1]);
}

static inline int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/*
 * Begins and ends each test; all of them have a port, and what is logged. Their
 * fixtures have the members @port and @log.
 */
#define PAM_SETUP()							\
do {									\
	have_own_files();						\
	self->port = port_open();					\
	ASSERT_LE(0, self->port);					\
	self->log = log_open();						\
} while (0)

#define PAM_TEARDOWN()							\
do {									\
	EXPECT_TRUE(eventually(uses_nothing(self->port, ALICE)));	\
	unlink("/dev/log");						\
	close(self->log);						\
	close(self->port);						\
} while (0)

#endif
