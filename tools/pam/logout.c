// SPDX-License-Identifier: GPL-2.0
/* The logout that the end of a login asks for. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "pam_bootstrap.h"

/*
 * For how long the application may have something to do after it closed the PAM
 * session. Then it is taken for one of the processes to be ended.
 */
#define APPLICATION_MS 10000

/* No session, no logout: nor one of another that has the id by now. */
static bool session_is_there(const struct announced *announced)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	int port = bns_open_device(), err;

	if (port < 0)
		return false;
	err = bns_session_by_id(port, announced->id, announced->cookie,
				&session);
	close(port);
	return !err;
}

static bool application_wait(const void *data)
{
	struct pollfd polled = { .fd = APPLICATION_FD, .events = POLLIN };

	/* So that it is not asked to end, nor what the session's end waits for. */
	session_leave();
	poll(&polled, 1, APPLICATION_MS);
	close(APPLICATION_FD);
	return session_is_there(data);
}

void logout_start(pam_handle_t *pamh, const struct announced *announced)
{
	char id[16], *argv[] = { "bootstrapctl", "logout", id, NULL };
	char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	const struct detached logout = {
		.path = BOOTSTRAPCTL,
		.argv = argv,
		.envp = envp,
		.prepare = application_wait,
		.data = announced,
		.fd = -1,
	};
	int err;

	snprintf(id, sizeof(id), "%u", announced->id);
	err = access(BOOTSTRAPCTL, X_OK) ? -errno : detached_start(&logout);
	if (err)
		pam_syslog(pamh, LOG_ERR, "no logout of session %s: %s: %s", id,
			   BOOTSTRAPCTL, strerror(-err));
}
