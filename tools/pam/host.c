// SPDX-License-Identifier: GPL-2.0
/* The process that runs mechanisms for a login. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "pam_bootstrap.h"

/* It acts for the system, not for whoever started the application. */
static bool host_prepare(const void *data)
{
	(void)data;
	session_leave();
	return !syscall(SYS_setgroups, 0, NULL) &&
	       !syscall(SYS_setresgid, 0, 0, 0) &&
	       !syscall(SYS_setresuid, 0, 0, 0) && !chdir("/");
}

int host_start(void)
{
	char *argv[] = { "bootstrap-login-host", NULL };
	char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	struct detached host = {
		.path = LOGIN_HOST,
		.argv = argv,
		.envp = envp,
		.prepare = host_prepare,
	};
	int ends[2], err;

	_Static_assert(DETACHED_FD == LOGIN_HOST_FD, "where it looks for it");
	if (faccessat(AT_FDCWD, LOGIN_HOST, X_OK, AT_EACCESS) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	host.fd = ends[1];
	err = detached_start(&host);
	close(ends[1]);
	if (!err)
		return ends[0];
	close(ends[0]);
	return err;
}

/* A request as it is sent. Returns its length, or a negative errno. */
static ssize_t request_write(char *to, const struct asked *asked)
{
	size_t len = sizeof(asked->request);
	int i;

	memcpy(to, &asked->request, len);
	for (i = 0; i < LOGIN_TEXTS; i++) {
		size_t size = strlen(asked->texts[i]) + 1;

		if (size > LOGIN_REQUEST_MAX - len)
			return -EMSGSIZE;
		memcpy(to + len, asked->texts[i], size);
		len += size;
	}
	return len;
}

static int message_send(int host, const char *text, size_t len, int handle)
{
	struct iovec iov = { .iov_base = (void *)text, .iov_len = len };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		},
	};
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (handle >= 0) {
		memcpy(CMSG_DATA(&control.header), &handle, sizeof(handle));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.space);
	}
	do {
		n = sendmsg(host, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* --- while it runs them */

static bool say(const struct asked *asked, uint32_t style, const char *text,
		char **ret_answer)
{
	static const int styles[] = {
		[LOGIN_PROMPT] = PAM_PROMPT_ECHO_ON,
		[LOGIN_SECRET] = PAM_PROMPT_ECHO_OFF,
		[LOGIN_INFORMATION] = PAM_TEXT_INFO,
		[LOGIN_ERROR] = PAM_ERROR_MSG,
	};
	const bool asks = style == LOGIN_PROMPT || style == LOGIN_SECRET;

	*ret_answer = NULL;
	if (style > LOGIN_ERROR)
		return false;
	/* Whoever is not to be told it is not waited for, either. */
	if (asked->silent && !asks)
		return true;
	if (pam_prompt(asked->pamh, styles[style], asks ? ret_answer : NULL,
		       "%s", text) != PAM_SUCCESS)
		return false;
	return !asks || *ret_answer;
}

/* Speaks to the user, and says what came of it. */
static int converse(int host, const struct asked *asked, const char *message)
{
	struct login_reply reply = { .kind = LOGIN_REPLY };
	struct login_converse what;
	char text[sizeof(reply) + LOGIN_REPLY_MAX + 1], *answer;
	size_t len = 0;
	int err;

	memcpy(&what, message, sizeof(what));
	reply.done = say(asked, what.style, message + sizeof(what), &answer);
	if (answer)
		len = strlen(answer);
	if (len > LOGIN_REPLY_MAX) {
		reply.done = 0;
		len = 0;
	}
	memcpy(text, &reply, sizeof(reply));
	if (len)
		memcpy(text + sizeof(reply), answer, len);
	text[sizeof(reply) + len] = '\0';
	err = message_send(host, text, sizeof(reply) + len + 1, -1);
	/* The host may have answered the request, for the last time, and ended. */
	if (err == -EPIPE)
		err = 0;
	if (answer)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	explicit_bzero(text, sizeof(text));
	return err;
}

static ssize_t message_read(int host, char text[LOGIN_MESSAGE_MAX])
{
	ssize_t n;

	do {
		n = recv(host, text, LOGIN_MESSAGE_MAX, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? n : -EPIPE;
}

/* Texts NAME=VALUE, each with its end. */
static int result_take(const struct asked *asked, const char *text, size_t len)
{
	const char *at, *end = text + len;

	if (len && end[-1])
		return -EPROTO;
	for (at = text; at < end; at += strlen(at) + 1)
		if (!strchr(at, '=') ||
		    pam_putenv(asked->pamh, at) != PAM_SUCCESS)
			return -EPROTO;
	return 0;
}

int host_ask(int host, const struct asked *asked,
	     struct login_answer *ret_answer)
{
	struct login_answer answer = { .kind = LOGIN_CONVERSE };
	char text[LOGIN_MESSAGE_MAX];
	ssize_t n;
	int err;

	n = request_write(text, asked);
	if (n < 0)
		return n;
	err = message_send(host, text, n, asked->handle);
	while (!err) {
		n = message_read(host, text);
		if (n < 0)
			return n;
		memcpy(&answer.kind, text,
		       n < (ssize_t)sizeof(answer.kind) ? 0 :
							  sizeof(answer.kind));
		if (answer.kind != LOGIN_CONVERSE)
			break;
		if (n <= (ssize_t)sizeof(struct login_converse) || text[n - 1])
			return -EPROTO;
		err = converse(host, asked, text);
	}
	if (err)
		return err;
	if (n < (ssize_t)sizeof(answer))
		return -EPROTO;
	memcpy(&answer, text, sizeof(answer));
	if (answer.kind != LOGIN_ANSWER || answer.result > LOGIN_USER_CANCELED)
		return -EPROTO;
	*ret_answer = answer;
	return result_take(asked, text + sizeof(answer), n - sizeof(answer));
}
