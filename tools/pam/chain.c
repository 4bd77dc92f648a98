// SPDX-License-Identifier: GPL-2.0
/*
 * The mechanisms of a login: which of them are run when PAM asks for a phase. They
 * themselves, and all that is known of them, are the host's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <bootstrap/login.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>

#include "pam_bootstrap.h"

/* What the transaction keeps a struct chain as. */
#define DATA "pam_bootstrap_chain"

struct chain {
	pid_t owner;
	int host;		/* a socket, or -1 */
	ino_t socket;		/* that one's number */
	int handle;		/* of the pre-login namespace, or -1 */
	bool handed;		/* the host has it, too */
	uint64_t namespace;	/* that one's id */
	enum phase passed;	/* the last whose stretch allowed the login */
	char *user;		/* for whom that was */
};

/*
 * The application may have closed it, and have opened another. In another process that
 * it made meanwhile it is not that one's.
 */
static bool host_is_there(const struct chain *chain)
{
	struct stat st;

	return chain->host >= 0 && chain->owner == getpid() &&
	       !fstat(chain->host, &st) && S_ISSOCK(st.st_mode) &&
	       st.st_ino == chain->socket;
}

static bool handle_is_there(const struct chain *chain)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };

	return chain->handle >= 0 && chain->owner == getpid() &&
	       !bns_namespace(chain->handle, NULL, &ns) &&
	       ns.namespace_id == chain->namespace;
}

static void chain_close(struct chain *chain)
{
	if (host_is_there(chain))
		close(chain->host);
	chain->host = -1;
	if (handle_is_there(chain))
		close(chain->handle);
	chain->handle = -1;
}

static void chain_free(pam_handle_t *pamh, void *data, int status)
{
	struct chain *chain = data;

	(void)pamh;
	(void)status;
	if (!chain)
		return;
	chain_close(chain);
	free(chain->user);
	free(chain);
}

static struct chain *chain_get(pam_handle_t *pamh)
{
	const void *data = NULL;

	if (pam_get_data(pamh, DATA, &data) != PAM_SUCCESS)
		return NULL;
	return (struct chain *)data;
}

/* Without the kernel module there is no namespace, and mechanisms all the same. */
static int pre_login(uint64_t *ret_id)
{
	int port = bns_open_device(), handle;

	if (port < 0)
		return -1;
	handle = bns_pre_login(port, 0, ret_id);
	close(port);
	return handle < 0 ? -1 : handle;
}

static struct chain *chain_get_or_make(pam_handle_t *pamh)
{
	struct chain *chain = chain_get(pamh);

	if (chain && chain->owner == getpid())
		return chain;
	chain = calloc(1, sizeof(*chain));
	if (!chain)
		return NULL;
	chain->owner = getpid();
	chain->host = -1;
	chain->handle = -1;
	if (pam_set_data(pamh, DATA, chain, chain_free) == PAM_SUCCESS)
		return chain;
	chain_free(pamh, chain, 0);
	return NULL;
}

bool chain_is_there(pam_handle_t *pamh)
{
	return chain_get(pamh);
}

int chain_handle(pam_handle_t *pamh)
{
	struct chain *chain = chain_get_or_make(pamh);

	if (chain && !handle_is_there(chain))
		chain->handle = pre_login(&chain->namespace);
	return chain ? chain->handle : -1;
}

void chain_restart(pam_handle_t *pamh, enum phase phase)
{
	struct chain *chain = chain_get(pamh);

	if (chain && chain->passed >= phase)
		chain->passed = PHASE_NONE;
}

void chain_end(pam_handle_t *pamh)
{
	struct chain *chain = chain_get(pamh);

	if (chain)
		chain_close(chain);
}

void chain_forget(pam_handle_t *pamh)
{
	pam_set_data(pamh, DATA, NULL, NULL);
}

/* Does the kernel's command line have it, as a word of its own? */
static bool cmdline_has(const char *word)
{
	char text[4096], *at, *next = text;
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	while ((at = strsep(&next, " \n")))
		if (!strcmp(at, word))
			return true;
	return false;
}

static const char *user_name(pam_handle_t *pamh)
{
	const void *name = NULL;

	if (pam_get_item(pamh, PAM_USER, &name) != PAM_SUCCESS || !name)
		return "";
	return name;
}

static bool is_root(pam_handle_t *pamh)
{
	const struct passwd *user = pam_modutil_getpwnam(pamh, user_name(pamh));

	return user && !user->pw_uid;
}

bool chain_is_off(pam_handle_t *pamh)
{
	if (faccessat(AT_FDCWD, BNL_DATABASE, F_OK, AT_EACCESS) &&
	    errno == ENOENT)
		return true;
	if (cmdline_has("bootstrap_login=off")) {
		pam_syslog(pamh, LOG_WARNING,
			   "no mechanisms run: the kernel's command line has bootstrap_login=off");
		return true;
	}
	if (is_root(pamh) && is_on_console(pamh)) {
		pam_syslog(pamh, LOG_NOTICE,
			   "no mechanisms run: it is root, at the machine itself");
		return true;
	}
	return false;
}

/* There is one from then on, and what an earlier one did is nothing to it. */
static int host_have(struct chain *chain)
{
	struct stat st;
	int host;

	if (host_is_there(chain))
		return 0;
	chain->host = -1;
	chain->handed = false;
	chain->passed = PHASE_NONE;
	if (geteuid())
		return -EPERM;
	if (!handle_is_there(chain))
		chain->handle = pre_login(&chain->namespace);
	host = host_start();
	if (host < 0)
		return host;
	if (fstat(host, &st)) {
		close(host);
		return -ENFILE;
	}
	chain->host = host;
	chain->socket = st.st_ino;
	return 0;
}

static const char *text_item(pam_handle_t *pamh, int which)
{
	const void *text = NULL;

	if (pam_get_item(pamh, which, &text) != PAM_SUCCESS || !text)
		return "";
	return text;
}

static int stretch_run(pam_handle_t *pamh, struct chain *chain,
		       const struct options *options, enum phase phase,
		       uint32_t session, struct login_answer *ret_answer)
{
	const char *name = user_name(pamh);
	const struct passwd *user = phase == PHASE_BEFORE_AUTH ? NULL :
				    pam_modutil_getpwnam(pamh, name);
	struct asked asked = {
		.pamh = pamh,
		.silent = options->silent,
		.request = {
			.kind = LOGIN_REQUEST,
			.stretch = phase - PHASE_BEFORE_AUTH +
				   BNL_STRETCH_BEFORE_AUTH,
			.session = session,
			.uid = user ? user->pw_uid : LOGIN_UNKNOWN,
			.gid = user ? user->pw_gid : LOGIN_UNKNOWN,
			.timeout = options->timeout,
			.pid = getpid(),
		},
		.texts = {
			[LOGIN_RIGHT] = options->right,
			[LOGIN_SERVICE] = text_item(pamh, PAM_SERVICE),
			[LOGIN_USER] = name,
			[LOGIN_TTY] = text_item(pamh, PAM_TTY),
			[LOGIN_RHOST] = text_item(pamh, PAM_RHOST),
			[LOGIN_HOME] = user ? user->pw_dir : "",
		},
		.handle = -1,
	};

	if (!user && phase != PHASE_BEFORE_AUTH) {
		pam_syslog(pamh, LOG_ERR, "nobody knows the user");
		return -ESRCH;
	}
	if (!chain->handed && handle_is_there(chain))
		asked.handle = chain->handle;
	chain->handed = true;
	return host_ask(chain->host, &asked, ret_answer);
}

/* What was done for one user is not done for another. */
static int user_note(pam_handle_t *pamh, struct chain *chain)
{
	const char *name = user_name(pamh);

	if (chain->user && !strcmp(chain->user, name))
		return 0;
	chain->passed = PHASE_NONE;
	free(chain->user);
	chain->user = strdup(name);
	return chain->user ? 0 : -ENOMEM;
}

static int chain_go_on(pam_handle_t *pamh, struct chain *chain,
		       const struct options *options, enum phase phase,
		       uint32_t session, struct login_answer *answer)
{
	int err = user_note(pamh, chain);

	if (!err && chain->passed < phase)
		err = host_have(chain);
	while (!err && chain->passed < phase) {
		err = stretch_run(pamh, chain, options, chain->passed + 1,
				  session, answer);
		if (err || answer->result != LOGIN_ALLOW) {
			/* Whatever comes then begins anew. */
			chain->passed = PHASE_NONE;
			break;
		}
		chain->passed++;
	}
	return err;
}

enum login_result chain_run(pam_handle_t *pamh, const struct options *options,
			    enum phase phase, uint32_t session)
{
	struct login_answer answer = { .result = LOGIN_ALLOW };
	struct chain *chain = chain_get_or_make(pamh);
	int err = -ENOMEM;

	if (chain)
		err = chain_go_on(pamh, chain, options, phase, session,
				  &answer);
	if (!err)
		return answer.result;
	pam_syslog(pamh, LOG_ERR, "%s cannot be had from %s: %s",
		   options->right, LOGIN_HOST, strerror(-err));
	chain_end(pamh);
	return LOGIN_UNDEFINED;
}
