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

static const char *const stretches[] = {
	[BNL_STRETCH_BEFORE_AUTH] = "before-auth",
	[BNL_STRETCH_AFTER_AUTH] = "after-auth",
	[BNL_STRETCH_AFTER_HOME] = "after-home",
};

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

/* --- what mechanisms are told */

static bool add(json_object *object, const char *key, json_object *value)
{
	if (value && !json_object_object_add(object, key, value))
		return true;
	json_object_put(value);
	return false;
}

static bool add_text(json_object *object, const char *key, const char *text)
{
	return !*text || add(object, key, json_object_new_string(text));
}

static bool add_number(json_object *object, const char *key, int64_t number)
{
	return add(object, key, json_object_new_int64(number));
}

static bool context_add(json_object *context, const struct login *login)
{
	const struct login_request *request = &login->request;

	if (!add_text(context, "username", login->texts[LOGIN_USER]))
		return false;
	return request->uid == LOGIN_UNKNOWN ||
	       (add_number(context, "uid", request->uid) &&
		add_number(context, "gid", request->gid) &&
		add_text(context, "home", login->texts[LOGIN_HOME]));
}

static bool hints_add(json_object *hints, const struct login *login,
		      uint32_t tries, const char *reason)
{
	char *const *texts = login->texts;

	return add_number(hints, "client-pid", login->request.pid) &&
	       add_text(hints, "client-name", texts[LOGIN_SERVICE]) &&
	       add_text(hints, "tty", texts[LOGIN_TTY]) &&
	       add_text(hints, "rhost", texts[LOGIN_RHOST]) &&
	       add_text(hints, "authorize-right", texts[LOGIN_RIGHT]) &&
	       add_number(hints, "tries", tries) &&
	       (!reason || add_text(hints, "reason", reason));
}

static bool description_fill(json_object *object, const struct login *login,
			     const char *mechanism)
{
	const struct login_request *request = &login->request;

	if (!add_text(object, "right", login->texts[LOGIN_RIGHT]) ||
	    !add_text(object, "mechanism", mechanism) ||
	    !add_text(object, "stretch", stretches[request->stretch]))
		return false;
	if (request->session == LOGIN_UNKNOWN)
		return !json_object_object_add(object, "session", NULL);
	return add_number(object, "session", request->session);
}

json_object *login_describe(const struct login *login, const char *mechanism,
			    uint32_t tries, const char *reason)
{
	json_object *object = json_object_new_object();
	struct values all;

	if (!object)
		return NULL;
	if (values_copy(&all, &login->values)) {
		bool done = context_add(all.context, login) &&
			    hints_add(all.hints, login, tries, reason) &&
			    description_fill(object, login, mechanism) &&
			    add(object, "context", json_object_get(all.context)) &&
			    add(object, "hints", json_object_get(all.hints));

		values_free(&all);
		if (done)
			return object;
	}
	json_object_put(object);
	return NULL;
}

/* --- requests */

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

static void request_read(struct login *login)
{
	char text[LOGIN_REQUEST_MAX];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space),
	};
	ssize_t n = recvmsg(login->socket, &message, MSG_CMSG_CLOEXEC);

	if (n == 0)
		login_leave(login, EXIT_SUCCESS);
	if (n < 0 || !handle_take(login, &message) ||
	    !request_take(login, text, n)) {
		syslog(LOG_ERR, "a request that makes no sense");
		login_leave(login, EXIT_FAILURE);
	}
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

/* As an attempt begins, and for as long as it goes on. Returns whether it is known. */
static bool right_know(struct login *login)
{
	char *why = NULL;
	int err;

	if (login->request.stretch == BNL_STRETCH_BEFORE_AUTH) {
		login->right_known = false;
		values_free(&login->values);
		if (!values_init(&login->values))
			login_leave(login, EXIT_FAILURE);
	}
	if (login->right_known)
		return true;
	err = right_read(login, &why);
	login->right_known = !err || err == -ENOENT;
	if (!login->right_known)
		login_log(login, LOG_ERR, "%s cannot be had: %s",
			  login->texts[LOGIN_RIGHT], why ? why : strerror(-err));
	free(why);
	return login->right_known;
}

static void answer(struct login *login)
{
	struct login_answer answer = { .result = LOGIN_UNDEFINED };
	const char *stretch = stretches[login->request.stretch];

	if (right_know(login))
		answer.result = login->right ? chain_run(login, &answer) :
					       LOGIN_ALLOW;
	if (login->right || answer.result != LOGIN_ALLOW)
		login_log(login,
			  answer.result == LOGIN_ALLOW ? LOG_INFO : LOG_NOTICE,
			  "%s: %s, after %u mechanisms", stretch,
			  result_text(answer.result), answer.ran);
	if (send(login->socket, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		login_leave(login, EXIT_FAILURE);
}

void login_leave(struct login *login, int status)
{
	invocations_end(login, NULL);
	values_free(&login->values);
	bnl_right_free(login->right);
	texts_free(login);
	exit(status);
}

/* Waits for a request, or for the end. */
static void request_wait(struct login *login)
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
		request_wait(login);
		request_read(login);
		answer(login);
	} while (login->request.stretch != BNL_STRETCH_AFTER_HOME);
	login_leave(login, EXIT_SUCCESS);
}
