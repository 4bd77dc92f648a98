// SPDX-License-Identifier: GPL-2.0
/* A login: what is asked for it, and answered. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/* Seconds that a mechanism may be given. */
#define TIMEOUT_MAX 3600

/* --- what it is called in the log */

static void who(const struct login *login, char *to, size_t size)
{
	const char *user = login->texts[LOGIN_USER];
	const char *service = login->texts[LOGIN_SERVICE];
	char session[32] = "no session yet";

	if (login->request.session != LOGIN_UNKNOWN)
		snprintf(session, sizeof(session), "session %u",
			 login->request.session);
	snprintf(to, size, "%s of %.64s (%.64s[%u])", session,
		 user && *user ? user : "?", service && *service ? service : "?",
		 login->request.pid);
	make_harmless(to);
}

void login_log(const struct login *login, int priority, const char *format, ...)
{
	char about[256], text[1024];
	va_list args;

	who(login, about, sizeof(about));
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_harmless(text);
	syslog(priority, "%s: %s", about, text);
}

/* --- messages of the module */

static void texts_free(struct login *login)
{
	int i;

	for (i = 0; i < LOGIN_TEXTS; i++) {
		free(login->texts[i]);
		login->texts[i] = NULL;
	}
}

static bool texts_take(struct login *login, const char *at, const char *end)
{
	int i;

	texts_free(login);
	for (i = 0; i < LOGIN_TEXTS; i++) {
		size_t len = strnlen(at, end - at);

		if (at + len == end)
			return false;
		login->texts[i] = strdup(at);
		if (!login->texts[i])
			return false;
		at += len + 1;
	}
	return at == end;
}

static bool request_take(struct login *login, const char *text, size_t len)
{
	struct login_request *request = &login->request;

	if (len < sizeof(*request) || len > LOGIN_REQUEST_MAX)
		return false;
	memcpy(request, text, sizeof(*request));
	if (request->stretch > BNL_STRETCH_AFTER_HOME || !request->timeout ||
	    request->timeout > TIMEOUT_MAX)
		return false;
	if (!texts_take(login, text + sizeof(*request), text + len) ||
	    !*login->texts[LOGIN_RIGHT])
		return false;
	return request->stretch == BNL_STRETCH_BEFORE_AUTH ||
	       (request->uid != LOGIN_UNKNOWN &&
		request->gid != LOGIN_UNKNOWN && *login->texts[LOGIN_USER]);
}

static bool reply_take(struct login *login, const char *text, size_t len)
{
	struct login_reply reply;

	if (len <= sizeof(reply) || text[len - 1] || !login->conversing)
		return false;
	memcpy(&reply, text, sizeof(reply));
	conversation_reply(login, reply.done ? text + sizeof(reply) : NULL);
	return true;
}

/* The handle, if one came along; it replaces what was there. */
static bool handle_take(struct login *login, struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd;

	if (message->msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return false;
	if (!header)
		return true;
	if (header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(fd)))
		return false;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	login->has_namespace = dup3(fd, NAMESPACE_FD, O_CLOEXEC) ==
			       NAMESPACE_FD;
	close(fd);
	return login->has_namespace;
}

/* Returns its length, 0 if nobody is left to ask, or -1. */
static ssize_t message_read(struct login *login, char *text, size_t size)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = text, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space),
	};
	ssize_t n = recvmsg(login->socket, &message, MSG_CMSG_CLOEXEC);

	return n > 0 && !handle_take(login, &message) ? -1 : n;
}

/* Reads one, and acts on it, of these kinds. Returns which it was. */
static enum login_kind message_take(struct login *login, bool may_request)
{
	char text[LOGIN_REQUEST_MAX];
	ssize_t n = message_read(login, text, sizeof(text));
	uint32_t kind = UINT32_MAX;
	bool good = false;

	if (n == 0)
		login_leave(login, EXIT_SUCCESS);
	if (n >= (ssize_t)sizeof(kind))
		memcpy(&kind, text, sizeof(kind));
	if (kind == LOGIN_REPLY)
		good = reply_take(login, text, n);
	else if (kind == LOGIN_REQUEST && may_request)
		good = request_take(login, text, n);
	/* It may be a password. */
	explicit_bzero(text, sizeof(text));
	if (!good) {
		syslog(LOG_ERR, "a request that makes no sense");
		login_leave(login, EXIT_FAILURE);
	}
	return kind;
}

void login_read(struct login *login)
{
	message_take(login, false);
}

/* --- what is run for them */

static int right_read(struct login *login, char **ret_why)
{
	plist_t database;
	int err;

	bnl_right_free(login->right);
	login->right = NULL;
	err = bnl_database_read(NULL, &database, ret_why);
	if (err)
		return err;
	err = bnl_right_find(database, login->texts[LOGIN_RIGHT], &login->right,
			     ret_why);
	plist_free(database);
	if (err == -ENOENT)
		login_log(login, LOG_NOTICE, "no right %s, so nothing is run",
			  login->texts[LOGIN_RIGHT]);
	return err;
}

/* Lines that name different rights are a mistake, and nobody gets past by one. */
static bool right_is_same(const struct login *login)
{
	if (!strcmp(login->right_name, login->texts[LOGIN_RIGHT]))
		return true;
	login_log(login, LOG_ERR, "it began with the right %s, and goes on with %s",
		  login->right_name, login->texts[LOGIN_RIGHT]);
	return false;
}

/* As an attempt begins, and for as long as it goes on. Returns whether it is known. */
static bool right_know(struct login *login)
{
	char *why = NULL;
	int err;

	if (login->request.stretch == BNL_STRETCH_BEFORE_AUTH) {
		free(login->right_name);
		login->right_name = NULL;
		plugin_hosts_end(login);
		values_free(&login->values);
		if (!values_init(&login->values))
			login_leave(login, EXIT_FAILURE);
	}
	if (login->right_name)
		return right_is_same(login);
	err = right_read(login, &why);
	if (!err || err == -ENOENT)
		login->right_name = strdup(login->texts[LOGIN_RIGHT]);
	if (!login->right_name)
		login_log(login, LOG_ERR, "%s cannot be had: %s",
			  login->texts[LOGIN_RIGHT], why ? why : strerror(-err));
	free(why);
	return login->right_name;
}

static bool is_over(const struct login *login)
{
	return login->request.stretch == BNL_STRETCH_AFTER_HOME;
}

static void answer_send(struct login *login, const struct login_answer *answer)
{
	char text[LOGIN_MESSAGE_MAX];
	size_t len = sizeof(*answer);

	memcpy(text, answer, len);
	if (is_over(login) && answer->result == LOGIN_ALLOW)
		len += login_result_texts(login, text + len,
					  sizeof(text) - len);
	if (send(login->socket, text, len, MSG_NOSIGNAL) < 0)
		login_leave(login, EXIT_FAILURE);
}

static void answer(struct login *login)
{
	struct login_answer answer = { LOGIN_ANSWER, LOGIN_UNDEFINED, 0 };

	if (right_know(login))
		answer.result = login->right ? chain_run(login, &answer) :
					       LOGIN_ALLOW;
	if (login->right || answer.result != LOGIN_ALLOW)
		login_log(login,
			  answer.result == LOGIN_ALLOW ? LOG_INFO : LOG_NOTICE,
			  "%s: %s, after %u mechanisms", login_stretch(login),
			  result_text(answer.result), answer.ran);
	answer_send(login, &answer);
}

void login_leave(struct login *login, int status)
{
	invocations_end(login, NULL, false);
	plugin_hosts_end(login);
	processes_end_left(login);
	values_free(&login->values);
	bnl_right_free(login->right);
	free(login->right_name);
	texts_free(login);
	exit(status);
}

/* Waits for a message, or for the end. */
static void message_wait(struct login *login)
{
	struct pollfd polled[] = {
		{ login->socket, POLLIN, 0 },
		{ APPLICATION_FD, POLLIN, 0 },
		{ login->terminate, POLLIN, 0 },
	};

	while (poll(polled, 3, -1) < 0)
		if (errno != EINTR)
			login_leave(login, EXIT_FAILURE);
	if (polled[1].revents || polled[2].revents)
		login_leave(login, EXIT_SUCCESS);
}

void login_serve(struct login *login)
{
	do {
		do {
			message_wait(login);
		} while (message_take(login, true) != LOGIN_REQUEST);
		answer(login);
	} while (!is_over(login));
	login_leave(login, EXIT_SUCCESS);
}
