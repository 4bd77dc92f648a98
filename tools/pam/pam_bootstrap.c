// SPDX-License-Identifier: GPL-2.0
/*
 * A PAM module that announces login sessions.
 *
 * It is loaded into programs that log people in. So nothing of what may go wrong
 * here is a reason that a login fails: it is logged, and the answer is
 * PAM_SUCCESS, always. (PAM_IGNORE would not do: where all modules of a stack
 * want to be ignored the login fails.) Nothing is kept between calls but what
 * libpam keeps for the transaction, so threads may have one each.
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

static void announce(const struct login *login)
{
	struct announced *announced = announced_new(login->pamh);
	struct description description;

	if (!announced) {
		pam_syslog(login->pamh, LOG_CRIT, "no memory");
		return;
	}
	description_find(&description, login);
	if (login_announce(login, announced, &description))
		announced_drop(login->pamh);
	else if (login->options->agents &&
		 description.type != BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW)
		agents_start(login);
}

static void open_session(pam_handle_t *pamh, const struct options *options,
			 uint32_t id)
{
	struct login login = { .pamh = pamh, .options = options, .id = id };

	login.user = user_of_session(pamh, id);
	if (!login.user || announced_get(pamh)) {
		if (options->debug)
			pam_syslog(pamh, LOG_DEBUG,
				   "session %u is not this login's to announce",
				   id);
		return;
	}
	login.port = bns_open_device();
	if (login.port < 0) {
		pam_syslog(pamh, LOG_NOTICE,
			   "session %u of %s is not announced: /dev/bootstrap: %s",
			   id, login.user->pw_name, strerror(-login.port));
		return;
	}
	announce(&login);
	close(login.port);
}

PAM_API int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc,
				const char **argv)
{
	uint32_t id = proc_number("/proc/self/sessionid");
	struct options options;
	int saved = errno;

	(void)flags;
	options_parse(&options, pamh, argc, argv);
	if (id != UNSET) {
		export_id(pamh, id);
		open_session(pamh, &options, id);
	} else if (options.debug) {
		pam_syslog(pamh, LOG_DEBUG,
			   "no session id: not a login, or no pam_loginuid before");
	}
	errno = saved;
	return PAM_SUCCESS;
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
	errno = saved;
	return PAM_SUCCESS;
}
