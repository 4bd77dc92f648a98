// SPDX-License-Identifier: GPL-2.0
/*
 * A PAM module that announces login sessions, and has the mechanisms run that a login
 * is to wait for.
 *
 * It is loaded into programs that log people in. So nothing of what may go wrong
 * with an announcement is a reason that a login fails: it is logged, and the answer
 * is PAM_SUCCESS, always. (PAM_IGNORE would not do: where all modules of a stack
 * want to be ignored the login fails.) Of lines with a phase the mechanisms are what
 * a login depends on. Nothing is kept between calls but what libpam keeps for the
 * transaction, so threads may have one each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modutil.h>

#include "pam_bootstrap.h"

#define PAM_API __attribute__((visibility("default")))

/* What the transaction keeps a struct announced as. */
#define DATA "pam_bootstrap"

/* What the kernel says of a process that has no id, or no login uid. */
#define UNSET UINT32_MAX

/* A number that /proc tells of the calling process. */
static uint32_t proc_number(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16], *end;
	unsigned long number;
	ssize_t n;

	if (fd < 0)
		return UNSET;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return UNSET;
	text[n] = '\0';
	number = strtoul(text, &end, 10);
	return end == text || number > UNSET ? UNSET : number;
}

/* The application may have closed it, and have opened another. */
static bool is_handle_of(const struct announced *announced)
{
	struct bootstrap_namespace ns = { .size = sizeof(ns) };

	return !bns_namespace(announced->handle, NULL, &ns) &&
	       ns.namespace_id == announced->namespace;
}

static void handle_close(struct announced *announced)
{
	if (announced->handle >= 0 && announced->owner == getpid() &&
	    is_handle_of(announced))
		close(announced->handle);
	announced->handle = -1;
}

/*
 * The namespace goes when the transaction ends. Not in another process that the
 * application made meanwhile, such as the one that will be the greeter; nor if
 * the application says that it ends its memory of the transaction only.
 */
static void announced_free(pam_handle_t *pamh, void *data, int status)
{
	struct announced *announced = data;

	(void)pamh;
	if (!announced)
		return;
	if (!(status & PAM_DATA_SILENT))
		handle_close(announced);
	free(announced);
}

static struct announced *announced_get(pam_handle_t *pamh)
{
	const void *data = NULL;

	if (pam_get_data(pamh, DATA, &data) != PAM_SUCCESS)
		return NULL;
	return (struct announced *)data;
}

static struct announced *announced_new(pam_handle_t *pamh)
{
	struct announced *announced = calloc(1, sizeof(*announced));

	if (!announced)
		return NULL;
	announced->handle = -1;
	if (pam_set_data(pamh, DATA, announced, announced_free) == PAM_SUCCESS)
		return announced;
	free(announced);
	return NULL;
}

static void announced_drop(pam_handle_t *pamh)
{
	pam_set_data(pamh, DATA, NULL, NULL);
}

/* For programs that want something for each session, as on Mac OS X. */
static void export_id(pam_handle_t *pamh, uint32_t id)
{
	char text[64];
	int err;

	snprintf(text, sizeof(text), "BOOTSTRAP_SESSION_ID=%u", id);
	err = pam_putenv(pamh, text);
	snprintf(text, sizeof(text), "SECURITYSESSIONID=%x", id);
	if (err == PAM_SUCCESS)
		err = pam_putenv(pamh, text);
	if (err != PAM_SUCCESS)
		pam_syslog(pamh, LOG_ERR, "the session's id is not exported: %s",
			   pam_strerror(pamh, err));
}

/*
 * Is the application within a login? Whoever logs somebody in has got the id just
 * now, and not from whoever started it; and is no program that its user has
 * gained rights by, such as su or sudo.
 */
static bool is_within_login(uint32_t id)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/sessionid", getppid());
	return getauxval(AT_SECURE) || proc_number(path) == id;
}

/* The user, if the session that the application is in is a login of his. */
static const struct passwd *user_of_session(pam_handle_t *pamh, uint32_t id)
{
	const struct passwd *user;
	const void *name = NULL;

	if (is_within_login(id))
		return NULL;
	if (pam_get_item(pamh, PAM_USER, &name) != PAM_SUCCESS || !name)
		return NULL;
	user = pam_modutil_getpwnam(pamh, name);
	if (!user || user->pw_uid != proc_number("/proc/self/loginuid"))
		return NULL;
	return user;
}

/* The session is closed until its mechanisms have run; so it is if one says no. */
static enum login_result announce_around_chain(const struct login *login,
					       struct announced *announced,
					       struct description *description)
{
	pam_handle_t *pamh = login->pamh;
	int err = login_begin(login, announced, chain_handle(pamh));
	enum login_result result = chain_run(pamh, login->options,
					     PHASE_AFTER_HOME,
					     err ? LOGIN_UNKNOWN : login->id);

	if (err || result != LOGIN_ALLOW ||
	    login_complete(login, announced, description))
		announced_drop(pamh);
	return result;
}

static enum login_result announce_behind_chain(const struct login *login,
					       struct announced *announced,
					       struct description *description,
					       bool chain)
{
	enum login_result result = LOGIN_ALLOW;

	if (chain)
		result = chain_run(login->pamh, login->options,
				   PHASE_AFTER_HOME, LOGIN_UNKNOWN);
	if (result != LOGIN_ALLOW ||
	    login_announce(login, announced, description))
		announced_drop(login->pamh);
	return result;
}

static enum login_result announce(const struct login *login, bool chain)
{
	struct announced *announced = announced_new(login->pamh);
	struct description description;
	enum login_result result;
	bool greeter;

	if (!announced) {
		pam_syslog(login->pamh, LOG_CRIT, "no memory");
		return chain ? LOGIN_UNDEFINED : LOGIN_ALLOW;
	}
	description_find(&description, login);
	/* A greeter's session is never complete. */
	greeter = description.type == BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW;
	if (chain && !greeter)
		result = announce_around_chain(login, announced, &description);
	else
		result = announce_behind_chain(login, announced, &description,
					       chain);
	if (announced_get(login->pamh) && login->options->agents && !greeter)
		agents_start(login);
	return result;
}

/* Where there is no session to announce the chain is run all the same. */
static enum login_result open_session(pam_handle_t *pamh,
				      const struct options *options,
				      uint32_t id)
{
	bool chain = options->phase && !chain_is_off(pamh);
	struct login login = { .pamh = pamh, .options = options, .id = id };
	enum login_result result = LOGIN_ALLOW;

	login.user = id == UNSET ? NULL : user_of_session(pamh, id);
	if (chain && announced_get(pamh) && !chain_is_there(pamh)) {
		pam_syslog(pamh, LOG_ERR,
			   "a line before this one has opened the session already");
		return LOGIN_UNDEFINED;
	}
	if (!login.user || announced_get(pamh)) {
		if (options->debug && id != UNSET)
			pam_syslog(pamh, LOG_DEBUG,
				   "session %u is not this login's to announce",
				   id);
		if (chain)
			result = chain_run(pamh, options, PHASE_AFTER_HOME,
					   LOGIN_UNKNOWN);
		return result;
	}
	login.port = bns_open_device();
	if (login.port >= 0) {
		result = announce(&login, chain);
		close(login.port);
		return result;
	}
	pam_syslog(pamh, LOG_NOTICE,
		   "session %u of %s is not announced: /dev/bootstrap: %s",
		   id, login.user->pw_name, strerror(-login.port));
	return chain ? chain_run(pamh, options, PHASE_AFTER_HOME, id) : result;
}

/* There is no phase but these for such a line. */
static bool phase_is(pam_handle_t *pamh, const struct options *options,
		     enum phase a, enum phase b)
{
	if (options->phase == a || options->phase == b)
		return true;
	pam_syslog(pamh, LOG_ERR, "a line of this type takes another phase=");
	return false;
}

/* A line that forgets the phase would open the session too early. */
static bool session_phase_is_right(pam_handle_t *pamh,
				   const struct options *options)
{
	if (!phase_is(pamh, options, PHASE_NONE, PHASE_AFTER_HOME))
		return false;
	if (options->phase || !chain_is_there(pamh))
		return true;
	pam_syslog(pamh, LOG_ERR,
		   "other lines have a phase, so this one has to have phase=after-home");
	return false;
}

/* It logs that a session cannot be opened, and goes on; its process must not. */
static void leave_sshd(pam_handle_t *pamh)
{
	const void *service = NULL;

	if (pam_get_item(pamh, PAM_SERVICE, &service) != PAM_SUCCESS ||
	    !service || strcmp(service, "sshd"))
		return;
	pam_syslog(pamh, LOG_NOTICE, "the login ends here");
	_exit(EXIT_FAILURE);
}

PAM_API int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc,
				const char **argv)
{
	uint32_t id = proc_number("/proc/self/sessionid");
	enum login_result result = LOGIN_UNDEFINED;
	struct options options;
	int saved = errno;

	options_parse(&options, pamh, argc, argv);
	options.silent = flags & PAM_SILENT;
	if (id != UNSET)
		export_id(pamh, id);
	else if (options.debug)
		pam_syslog(pamh, LOG_DEBUG,
			   "no session id: not a login, or no pam_loginuid before");
	if (session_phase_is_right(pamh, &options))
		result = open_session(pamh, &options, id);
	chain_end(pamh);
	if (result != LOGIN_ALLOW)
		leave_sshd(pamh);
	errno = saved;
	return result == LOGIN_ALLOW ? PAM_SUCCESS : PAM_SESSION_ERR;
}

/*
 * Mechanisms that allow a login authenticate nobody: that the others have not said no
 * would be taken for a yes.
 */
PAM_API int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
				const char **argv)
{
	struct options options;
	const char *user;
	int err;

	options_parse(&options, pamh, argc, argv);
	options.silent = flags & PAM_SILENT;
	if (!phase_is(pamh, &options, PHASE_BEFORE_AUTH, PHASE_AFTER_AUTH))
		return PAM_SERVICE_ERR;
	/* Whoever is not known yet is asked for. */
	err = pam_get_user(pamh, &user, NULL);
	if (err != PAM_SUCCESS)
		return err;
	if (chain_is_off(pamh))
		return PAM_IGNORE;
	chain_restart(pamh, options.phase);
	switch (chain_run(pamh, &options, options.phase, LOGIN_UNKNOWN)) {
	case LOGIN_ALLOW:
		return PAM_IGNORE;
	case LOGIN_DENY:
		return PAM_AUTH_ERR;
	default:
		/* The only one after which nobody tries again. */
		return PAM_MAXTRIES;
	}
}

PAM_API int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc,
			   const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

/* Applications may authenticate without PAM: the chain is run here, then. */
PAM_API int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc,
			     const char **argv)
{
	struct options options;

	options_parse(&options, pamh, argc, argv);
	options.silent = flags & PAM_SILENT;
	if (!phase_is(pamh, &options, PHASE_AFTER_AUTH, PHASE_AFTER_AUTH))
		return PAM_SERVICE_ERR;
	if (chain_is_off(pamh) ||
	    chain_run(pamh, &options, PHASE_AFTER_AUTH, LOGIN_UNKNOWN) ==
		    LOGIN_ALLOW)
		return PAM_IGNORE;
	return PAM_PERM_DENIED;
}

PAM_API int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc,
				 const char **argv)
{
	struct announced *announced = announced_get(pamh);
	struct options options;
	int saved = errno;

	(void)flags;
	options_parse(&options, NULL, argc, argv);
	/* There may be several lines for the module: one of them will do. */
	if (announced && options.terminate && !announced->terminated) {
		announced->terminated = true;
		logout_start(pamh, announced);
	}
	if (announced)
		handle_close(announced);
	/* Whoever opens it once more in this transaction begins anew. */
	if (options.phase) {
		announced_drop(pamh);
		chain_forget(pamh);
	}
	errno = saved;
	return PAM_SUCCESS;
}
