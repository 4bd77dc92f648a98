// SPDX-License-Identifier: GPL-2.0
/* The announcement of a login. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "pam_bootstrap.h"

/* Not what it is: who chose it may have meant to write into the log. */
static void log_left_out(const struct login *login, const char *what,
			 const char *text, int err)
{
	pam_syslog(login->pamh, LOG_NOTICE,
		   "session %u is announced without its %s, a name of %zu bytes: %s",
		   login->id, what, strlen(text), strerror(-err));
}

/*
 * The kernel judges the texts, and changes nothing if it does not take one; so it
 * is asked until it does, with as much of them as can be.
 */
static int announce_complete(const struct login *login,
			     struct announced *announced,
			     struct description *description)
{
	struct bns_announcement what = {
		.flags = BOOTSTRAP_ANNOUNCE_COMPLETE,
		.session = login->id,
		.type = description->type,
		.attributes = description->attributes,
		.cookie = announced->cookie,
	};
	const char *tty = description->tty, *host = description->host;
	int left_out, refused = 0, err = 0;

	if (!announced->cookie) {
		what.flags |= BOOTSTRAP_ANNOUNCE_USER;
		what.uid = login->user->pw_uid;
	}
	for (left_out = 0; left_out < 4; left_out++) {
		what.tty = left_out & 1 ? NULL : tty;
		what.host = left_out & 2 ? NULL : host;
		err = bns_announce(login->port, &what, &announced->cookie, NULL);
		if (err != -ENAMETOOLONG && err != -EILSEQ)
			break;
		refused = err;
	}
	if (err)
		return err;
	if (tty && !what.tty)
		log_left_out(login, "terminal", tty, refused);
	if (host && !what.host)
		log_left_out(login, "host", host, refused);
	description->tty = what.tty;
	description->host = what.host;
	return 0;
}

/*
 * A greeter's session is one whose login is in progress: the namespace is for the
 * greeter, which gets it by a descriptor that stays open when it is executed.
 */
static int announce_greeter(const struct login *login,
			    struct announced *announced)
{
	struct bns_announcement what = {
		.flags = BOOTSTRAP_ANNOUNCE_PRE_LOGIN | BOOTSTRAP_ANNOUNCE_USER,
		.session = login->id,
		.uid = login->user->pw_uid,
	};
	char text[BNS_ENVIRONMENT_MAX];
	int handle, inherited, err;

	handle = bns_pre_login(login->port, 0, &announced->namespace);
	if (handle < 0)
		return handle;
	/* Not in the place of a standard one that happens to be closed. */
	inherited = fcntl(handle, F_DUPFD, STDERR_FILENO + 1);
	err = inherited < 0 ? -errno : 0;
	close(handle);
	if (err)
		return err;
	what.pre_login = inherited;
	err = bns_environment(inherited, text, sizeof(text));
	if (!err)
		err = bns_announce(login->port, &what, &announced->cookie, NULL);
	if (err) {
		close(inherited);
		return err;
	}
	announced->handle = inherited;
	announced->owner = getpid();
	if (pam_putenv(login->pamh, text) != PAM_SUCCESS)
		pam_syslog(login->pamh, LOG_CRIT, "no memory for %s", text);
	return 0;
}

/* It was announced before, which is no news, or has names, which is odd. */
static void log_busy(const struct login *login)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	int err = bns_session_by_id(login->port, login->id, 0, &session);

	if (!err && session.type == BOOTSTRAP_SESSION_TYPE_UNKNOWN)
		pam_syslog(login->pamh, LOG_NOTICE,
			   "session %u cannot be announced any more: it holds names",
			   login->id);
	else if (login->options->debug)
		pam_syslog(login->pamh, LOG_DEBUG,
			   "session %u was announced before", login->id);
}

static void log_announced(const struct login *login,
			  const struct description *description)
{
	if (login->options->debug)
		pam_syslog(login->pamh, LOG_DEBUG,
			   "session %u of %s is announced: %s, attributes %#x, terminal %s, host %s",
			   login->id, login->user->pw_name,
			   type_text(description->type),
			   description->attributes,
			   description->tty ? description->tty : "-",
			   description->host ? description->host : "-");
}

/* Says what went wrong, if it did. */
static int log_refusal(const struct login *login, int err)
{
	if (err == -EBUSY)
		log_busy(login);
	else if (err)
		pam_syslog(login->pamh, LOG_NOTICE,
			   "session %u of %s cannot be announced: %s",
			   login->id, login->user->pw_name, strerror(-err));
	return err;
}

int login_begin(const struct login *login, struct announced *announced,
		int handle)
{
	struct bns_announcement what = {
		.flags = BOOTSTRAP_ANNOUNCE_USER,
		.session = login->id,
		.uid = login->user->pw_uid,
	};

	announced->id = login->id;
	if (handle >= 0) {
		what.flags |= BOOTSTRAP_ANNOUNCE_PRE_LOGIN;
		what.pre_login = handle;
	}
	return log_refusal(login, bns_announce(login->port, &what,
					       &announced->cookie, NULL));
}

int login_complete(const struct login *login, struct announced *announced,
		   struct description *description)
{
	int err = announce_complete(login, announced, description);

	if (!err)
		log_announced(login, description);
	return log_refusal(login, err);
}

int login_announce(const struct login *login, struct announced *announced,
		   struct description *description)
{
	int err;

	announced->id = login->id;
	if (description->type != BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW)
		return login_complete(login, announced, description);
	err = announce_greeter(login, announced);
	if (!err)
		log_announced(login, description);
	return log_refusal(login, err);
}
