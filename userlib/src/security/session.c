// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The Session API. The kernel gives out an audit session id to whoever writes a
 * login uid, so that this is how a session begins; what it is beyond that, the
 * announcement says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* What a session's creator may say of it. */
#define ATTRIBUTES (sessionHasGraphicAccess | sessionHasTTY | sessionIsRemote)

#define NO_UID	((uid_t)-1)

static OSStatus session_code(int err)
{
	switch (-err) {
	case 0:
		return errSessionSuccess;
	case ESRCH:
		return errSessionInvalidId;
	case EACCES:
	case EPERM:
		return errSessionAuthorizationDenied;
	default:
		return errSessionInternal;
	}
}

static int session_ask(SecuritySessionId id, struct bootstrap_session *ret_session)
{
	int device, err;

	if (id == noSecuritySession)
		return -ESRCH;
	device = bns_open_device();
	if (device < 0)
		return -EIO;
	if (id == callerSecuritySession)
		err = bns_session(device, ret_session);
	else
		err = bns_session_by_id(device, bns_security_session(id), 0,
					ret_session);
	close(device);
	return err;
}

/* The number in a file that tells of the calling process, -1 being none. */
static int audit_read(const char *path, uint32_t *ret_number)
{
	int saved = errno, err = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		err = -errno;
	else if (fscanf(file, "%u", ret_number) != 1)
		err = -EIO;
	if (file)
		fclose(file);
	errno = saved;
	return err;
}

static int audit_session_id(uint32_t *ret_id)
{
	return audit_read("/proc/self/sessionid", ret_id);
}

/* Gives the process a fresh audit session id; of all threads, only the first. */
static int audit_begin(uid_t login)
{
	int saved = errno, err = 0, fd, len;
	char text[16];

	len = snprintf(text, sizeof(text), "%u", login);
	fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != len)
		err = -errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return err;
}

/*
 * May the caller announce sessions? Asked with what is no namespace, which comes
 * to nothing, as there is no way back from a fresh id.
 */
static int announce_permit(int device)
{
	const struct bns_announcement nothing = {
		.flags = BOOTSTRAP_ANNOUNCE_PRE_LOGIN, .pre_login = -1,
	};
	int err = bns_announce(device, &nothing, NULL, NULL);

	return err == -EBADF ? 0 : err;
}

static int session_announce(int device, uint32_t id, uid_t user,
			    const struct bootstrap_session *like)
{
	const struct bns_announcement all = {
		.flags = BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
		.session = id,
		.type = like->attributes & sessionHasGraphicAccess ?
			BOOTSTRAP_SESSION_TYPE_GUI :
			BOOTSTRAP_SESSION_TYPE_NON_GUI,
		.uid = user,
		.attributes = like->attributes & ATTRIBUTES,
		.tty = *like->tty ? like->tty : NULL,
		.host = *like->host ? like->host : NULL,
	};

	return bns_announce(device, &all, NULL, NULL);
}

/*
 * A fresh session, which the caller may announce or not. Without that it comes to
 * be by the first call, and is to be there when this returns.
 */
static int session_begin(int device, bool announced, uid_t login, uid_t user,
			 const struct bootstrap_session *like)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	int saved = errno, err;
	char text[16];
	uint32_t id;

	err = audit_begin(login);
	if (err)
		return err;
	err = audit_session_id(&id);
	if (!err)
		err = announced ? session_announce(device, id, user, like) :
				  bns_session(device, &session);
	/* Whatever it was: it is not that the caller should have asked otherwise. */
	if (err)
		return -EIO;
	snprintf(text, sizeof(text), "%x", id);
	if (setenv("SECURITYSESSIONID", text, 1))
		err = -errno;
	errno = saved;
	return err;
}

BNS_API OSStatus SessionGetInfo(SecuritySessionId session,
				SecuritySessionId *sessionId,
				SessionAttributeBits *attributes)
{
	struct bootstrap_session info = { .size = sizeof(info) };
	int err = session_ask(session, &info);

	if (!err && sessionId)
		*sessionId = bns_security_id(info.session);
	if (!err && attributes)
		*attributes = info.attributes;
	return session_code(err);
}

static int session_create(int device, SessionAttributeBits attributes)
{
	const struct bootstrap_session like = { .attributes = attributes };
	int permit = announce_permit(device), err;
	uid_t login;

	if (permit && (permit != -EPERM || attributes))
		return permit;
	err = audit_read("/proc/self/loginuid", &login);
	if (err)
		return -EIO;
	/* Who logged in is not to be hidden by a session within a session. */
	if (login == NO_UID)
		login = getuid();
	return session_begin(device, !permit, login, getuid(), &like);
}

BNS_API OSStatus SessionCreate(SessionCreationFlags flags,
			       SessionAttributeBits attributes)
{
	int device, err;

	if (flags & ~sessionKeepCurrentBootstrap)
		return errSessionInvalidFlags;
	if (attributes & ~ATTRIBUTES)
		return errSessionInvalidAttributes;
	device = bns_open_device();
	if (device < 0)
		return errSessionInternal;
	err = session_create(device, attributes);
	close(device);
	return session_code(err);
}

/* The session of that user that takes the place of the caller's own. */
static int session_replace(const struct bootstrap_session *former, uid_t user)
{
	unsigned int others;
	int device, err;

	device = bns_open_device();
	if (device < 0)
		return -EIO;
	err = announce_permit(device);
	if (!err)
		err = bns_signal(device, former->session, former->cookie, 0,
				 &others);
	if (err >= 0)
		err = others ? -EPERM : session_begin(device, true, user, user,
						      former);
	close(device);
	return err;
}

BNS_API OSStatus SessionSetDistinguishedUser(SecuritySessionId session,
					     uid_t user)
{
	struct bootstrap_session info = { .size = sizeof(info) };
	int err = session_ask(session, &info);
	uint32_t own;

	if (err)
		return session_code(err);
	if (user == NO_UID)
		return errSessionInvalidAttributes;
	if (audit_session_id(&own))
		return errSessionInternal;
	if (info.type == BOOTSTRAP_SESSION_TYPE_ROOT || info.session != own)
		return errSessionAuthorizationDenied;
	return info.uid == user ? errSessionSuccess :
				  session_code(session_replace(&info, user));
}

BNS_API OSStatus SessionGetDistinguishedUser(SecuritySessionId session,
					     uid_t *user)
{
	struct bootstrap_session info = { .size = sizeof(info) };
	int err = session_ask(session, &info);

	if (err)
		return session_code(err);
	if (info.type == BOOTSTRAP_SESSION_TYPE_ROOT ||
	    info.state == BOOTSTRAP_SESSION_STATE_LOGIN)
		return errSessionValueNotSet;
	*user = info.uid;
	return errSessionSuccess;
}
