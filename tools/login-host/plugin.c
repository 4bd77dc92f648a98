// SPDX-License-Identifier: GPL-2.0
/* Hosts of plug-ins: what they are told, and what they say. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/* A host that does not take what it is told for so long is stuck, in seconds. */
#define SEND_SECONDS 5

/* Room for what is under way to a host, and from it. */
#define BUFFER_BYTES (2 * PLUGIN_MESSAGE_MAX)

static const char *host_name(bool privileged)
{
	return privileged ? "privileged plug-ins" : "unprivileged plug-ins";
}

/* --- a host from its start to its end */

static bool sockets_make(int ends[2])
{
	const struct timeval timeout = { .tv_sec = SEND_SECONDS };
	const int size = BUFFER_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	if (!setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &timeout,
			sizeof(timeout)) &&
	    !setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) &&
	    !setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)))
		return true;
	close(ends[0]);
	close(ends[1]);
	return false;
}

static bool process_of(struct plugin_host *host)
{
	struct program program = {
		.path = PLUGIN_HOST,
		.privileged = host->privileged,
		.fourth = -1,
	};
	bool started;
	int ends[2];

	program.input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (program.input < 0)
		return false;
	started = sockets_make(ends);
	if (started) {
		program.third = ends[1];
		started = process_start(host->login, &program, &host->pid,
					&host->pidfd, &host->said.fd);
		close(ends[1]);
		if (started)
			host->socket = ends[0];
		else
			close(ends[0]);
	}
	close(program.input);
	return started;
}

static struct plugin_host *host_start(struct login *login, bool privileged)
{
	const size_t count = login->right->count;
	struct plugin_host *host;

	host = calloc(1, sizeof(*host) + count * sizeof(host->lives[0]));
	if (!host)
		return NULL;
	host->login = login;
	host->privileged = privileged;
	host->count = count;
	host->said.login = login;
	host->said.name = host_name(privileged);
	if (process_of(host)) {
		login_log(login, LOG_DEBUG, "the host of %s starts",
			  host->said.name);
		return host;
	}
	free(host);
	return NULL;
}

/* Has it, or does it within so many milliseconds? */
static bool has_ended(const struct plugin_host *host, int timeout)
{
	struct pollfd polled = { .fd = host->pidfd, .events = POLLIN };

	return poll(&polled, 1, timeout) > 0;
}

static struct plugin_host **host_at(struct login *login, bool privileged)
{
	return &login->hosts[privileged ? 0 : 1];
}

static struct plugin_host *host_get(struct login *login, bool privileged)
{
	struct plugin_host **at = host_at(login, privileged);

	/* It may have died when nobody looked. */
	if (*at && has_ended(*at, 0))
		plugin_host_reap(*at);
	if (!*at)
		*at = host_start(login, privileged);
	return *at;
}

static void messages_drain(struct plugin_host *host);

/* It is not there any more, for that reason. */
static void host_gone(struct plugin_host *host, const char *why)
{
	struct login *login = host->login;
	struct invocation *invocation;

	/* What it has left behind could go on to write. */
	*host_at(login, host->privileged) = NULL;
	processes_end_left(login);
	messages_drain(host);
	lines_drain(&host->said);
	for (invocation = login->running; invocation;
	     invocation = invocation->next) {
		if (invocation->host != host)
			continue;
		invocation->host = NULL;
		conversation_forget(invocation);
		if (!invocation->decided)
			invocation_fail(invocation, "the host of %s %s",
					host->said.name, why);
	}
	close(host->socket);
	close(host->pidfd);
	if (host->said.fd >= 0)
		close(host->said.fd);
	free(host);
}

void plugin_host_reap(struct plugin_host *host)
{
	siginfo_t info;
	char why[64];

	process_wait(host->pidfd, &info);
	if (info.si_code == CLD_EXITED)
		snprintf(why, sizeof(why), "ended with status %d",
			 info.si_status);
	else
		snprintf(why, sizeof(why), "was killed by signal %d",
			 info.si_status);
	login_log(host->login, LOG_NOTICE, "the host of %s %s", host->said.name,
		  why);
	host_gone(host, why);
}

static void host_kill(struct plugin_host *host, const char *why)
{
	login_log(host->login, LOG_ERR, "the host of %s %s, and is killed",
		  host->said.name, why);
	kill(-host->pid, SIGKILL);
	process_end(host->pid, host->pidfd);
	host_gone(host, why);
}

/* --- what it is told */

static bool host_send(const struct plugin_host *host, enum plugin_kind kind,
		      size_t index, uint32_t number, const char *key,
		      const void *value, size_t len)
{
	/* Of one that has just died its end is told, and why. */
	return plugin_message_send(host->socket, kind, index, number, key,
				   value, len) ||
	       errno == EPIPE;
}

static bool simple_send(const struct plugin_host *host, enum plugin_kind kind,
			size_t index)
{
	return host_send(host, kind, index, 0, "", NULL, 0);
}

/* The login's own numbers are as in the original: bytes of a number of 32 bits. */
static bool value_send(const struct invocation *invocation,
		       enum plugin_kind kind, uint32_t flags, const char *key,
		       json_object *value, bool own)
{
	const uint32_t number = json_object_get_int64(value);
	char *bytes;
	size_t len;
	bool sent;

	if (own && json_object_is_type(value, json_type_int))
		return host_send(invocation->host, kind, invocation->index,
				 flags, key, &number, sizeof(number));
	bytes = value_to_bytes(value, &len);
	sent = bytes && host_send(invocation->host, kind, invocation->index,
				  flags, key, bytes, len);
	free(bytes);
	return sent;
}

static bool values_send(const struct invocation *invocation,
			const struct values *values, bool own)
{
	const enum plugin_kind hints = own ? PLUGIN_IMMUTABLE_HINT :
					     PLUGIN_HINT;

	json_object_object_foreach(values->context, key, value) {
		if (!value_send(invocation, PLUGIN_CONTEXT,
				values_flags(values, key), key, value, own))
			return false;
	}
	json_object_object_foreach(values->hints, name, hint) {
		if (!value_send(invocation, hints, 0, name, hint, own))
			return false;
	}
	return true;
}

static bool create_send(const struct invocation *invocation, const char *path)
{
	const struct login *login = invocation->login;
	const uint32_t session = login->request.session;
	struct plugin_host *host = invocation->host;
	const size_t index = invocation->index;

	if (host->lives[index])
		return simple_send(host, PLUGIN_FORGET, index);
	host->lives[index] = true;
	return host_send(host, PLUGIN_CREATE, index,
			 session == LOGIN_UNKNOWN ? 0 : session,
			 login->right->mechanisms[index].name, path,
			 strlen(path));
}

bool plugin_invoke(struct invocation *invocation, const char *path,
		   const struct occasion *occasion)
{
	struct login *login = invocation->login;
	struct plugin_host *host = host_get(login, invocation->privileged);
	struct values own;
	bool sent;

	if (!host || !login_own_values(login, occasion, &own))
		return false;
	invocation->host = host;
	host->said.count = 0;
	sent = create_send(invocation, path) &&
	       values_send(invocation, &login->values, false) &&
	       values_send(invocation, &own, true) &&
	       simple_send(host, PLUGIN_INVOKE, invocation->index);
	values_free(&own);
	return sent;
}

void plugin_deactivate(struct invocation *invocation)
{
	if (!invocation->host)
		return;
	conversation_forget(invocation);
	invocation->deactivating = true;
	if (!simple_send(invocation->host, PLUGIN_DEACTIVATE,
			 invocation->index))
		invocation_fail(invocation, "its host does not listen");
}

void plugin_reply(struct invocation *invocation, OSStatus status,
		  const char *text)
{
	if (invocation->host)
		host_send(invocation->host, PLUGIN_REPLY, invocation->index,
			  status, "", text, strlen(text));
}

/* --- what it says */

static void result_take(struct invocation *invocation, uint32_t result)
{
	if (invocation->decided || result > LOGIN_USER_CANCELED) {
		invocation_fail(invocation, "a result that makes no sense");
		return;
	}
	invocation->decided = true;
	invocation->result = result;
}

static bool value_put(struct values *given, enum plugin_kind kind,
		      uint32_t flags, const char *key, json_object *value)
{
	if (kind == PLUGIN_SET_CONTEXT || kind == PLUGIN_REMOVE_CONTEXT)
		return values_set_context(given, key, value, flags);
	return values_set_hint(given, key, value);
}

static void value_take(struct invocation *invocation,
		       const struct plugin_parts *said)
{
	const struct plugin_message *header = &said->header;
	const bool removes = header->kind == PLUGIN_REMOVE_CONTEXT ||
			     header->kind == PLUGIN_REMOVE_HINT;
	struct values *given = invocation->decided ? &invocation->late :
						     &invocation->given;
	json_object *value = NULL;

	invocation->given_bytes += strlen(said->key) + said->len;
	if (invocation->given_bytes > PLUGIN_VALUES_MAX) {
		invocation_fail(invocation, "more than it may say");
		return;
	}
	if (!removes)
		value = value_from_bytes(said->value, said->len);
	if ((!removes && !value) ||
	    !value_put(given, header->kind, header->number, said->key, value))
		invocation_fail(invocation, "no memory");
	else if (!values_are_free(given))
		invocation_fail(invocation,
				"a value that is not a mechanism's to give");
}

static void converse_take(struct invocation *invocation,
			  const struct plugin_parts *said)
{
	const uint32_t style = said->header.number;
	char text[PLUGIN_TEXT_MAX + 1];

	if (style > LOGIN_ERROR || said->len > PLUGIN_TEXT_MAX ||
	    invocation->question) {
		invocation_fail(invocation, "nothing that can be said");
		return;
	}
	if (invocation->privileged) {
		plugin_reply(invocation, errAuthorizationInteractionNotAllowed,
			     "");
		return;
	}
	memcpy(text, said->value, said->len);
	text[said->len] = '\0';
	converse(invocation, style, text);
}

static void failure_take(struct invocation *invocation,
			 const struct plugin_parts *said)
{
	if (!invocation->decided)
		invocation_fail(invocation, "%.*s", (int)said->len, said->value);
}

/* It is of an invocation that goes on. */
static void act(struct invocation *invocation, const struct plugin_parts *said)
{
	switch (said->header.kind) {
	case PLUGIN_RESULT:
		result_take(invocation, said->header.number);
		break;
	case PLUGIN_INTERRUPT:
		if (!invocation->decided)
			invocation_fail(invocation,
					"an interrupt before its result");
		invocation->interrupts = invocation->decided;
		break;
	case PLUGIN_FAILED:
		failure_take(invocation, said);
		break;
	case PLUGIN_SET_CONTEXT:
	case PLUGIN_SET_HINT:
	case PLUGIN_REMOVE_CONTEXT:
	case PLUGIN_REMOVE_HINT:
		value_take(invocation, said);
		break;
	case PLUGIN_CONVERSE:
		converse_take(invocation, said);
		break;
	default:
		invocation_fail(invocation, "its host makes no sense");
	}
}

static void message_take(struct plugin_host *host,
			 const struct plugin_parts *said)
{
	const struct plugin_message *header = &said->header;
	struct invocation *invocation = invocation_at(host->login,
						      header->index);

	if (header->kind == PLUGIN_DESTROYED) {
		if (header->index < host->count)
			host->lives[header->index] = false;
		return;
	}
	if (invocation && invocation->host != host)
		invocation = NULL;
	if (invocation && header->kind == PLUGIN_DID_DEACTIVATE)
		invocation->deactivating = false;
	else if (invocation && !invocation->deactivating)
		act(invocation, said);
	else if (invocation && header->kind == PLUGIN_FAILED)
		failure_take(invocation, said);
	/* Nobody is left whom it concerns; it must not wait all the same. */
	else if (header->kind == PLUGIN_CONVERSE)
		host_send(host, PLUGIN_REPLY, header->index,
			  errAuthorizationCanceled, "", NULL, 0);
}

/* Takes one message. Returns 1, 0 if there is none, or -1 if there will be none. */
static int message_read(struct plugin_host *host)
{
	static char text[PLUGIN_MESSAGE_MAX];
	struct plugin_parts said;
	ssize_t n = recv(host->socket, text, sizeof(text), MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	if (plugin_message_parse(&said, text, n))
		message_take(host, &said);
	return 1;
}

static void messages_drain(struct plugin_host *host)
{
	while (message_read(host) > 0)
		;
}

void plugin_host_read(struct plugin_host *host)
{
	int count = 0, read;

	/* Others want to be heard, too. */
	do {
		read = message_read(host);
	} while (read > 0 && ++count < 256);
	if (read >= 0)
		return;
	/* It is about to end, unless a plug-in has closed what is not its own. */
	if (has_ended(host, END_MS))
		plugin_host_reap(host);
	else
		host_kill(host, "does not listen");
}

/* --- what is waited for */

static bool is_to_settle(const struct invocation *invocation,
			 const struct plugin_host *host)
{
	return invocation->host && invocation->deactivating &&
	       (!host || invocation->host == host);
}

/* One that has said that it failed will not do it any more. */
static bool is_settled(const struct login *login,
		       const struct plugin_host *host, bool failed)
{
	const struct invocation *invocation;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		if (is_to_settle(invocation, host) &&
		    (failed || !*invocation->wrong))
			return false;
	return true;
}

void plugins_settle(struct login *login)
{
	const int64_t until = now_ms() + END_MS;
	size_t i;

	while (!is_settled(login, NULL, false) && now_ms() < until)
		events_wait(login, until);
	for (i = 0; i < ARRAY_SIZE(login->hosts); i++)
		if (login->hosts[i] &&
		    !is_settled(login, login->hosts[i], true))
			host_kill(login->hosts[i], "does not deactivate");
}

static bool has_living(const struct plugin_host *host)
{
	return host && memchr(host->lives, true, host->count);
}

static bool is_living(const struct login *login)
{
	return has_living(login->hosts[0]) || has_living(login->hosts[1]);
}

static void destroy_send(struct plugin_host *host)
{
	size_t index;

	for (index = 0; index < host->count; index++)
		if (host->lives[index] &&
		    !simple_send(host, PLUGIN_DESTROY, index)) {
			host_kill(host, "does not listen");
			return;
		}
}

void plugins_destroy(struct login *login)
{
	const int64_t until = now_ms() + END_MS;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(login->hosts); i++)
		if (login->hosts[i])
			destroy_send(login->hosts[i]);
	while (is_living(login) && now_ms() < until)
		events_wait(login, until);
	for (i = 0; i < ARRAY_SIZE(login->hosts); i++)
		if (has_living(login->hosts[i]))
			host_kill(login->hosts[i], "does not destroy");
}

/* Takes what it says, so that it does not wait for that. */
static bool end_wait(struct plugin_host *host, int64_t until)
{
	struct pollfd polled[] = {
		{ host->said.fd, POLLIN, 0 },
		{ host->pidfd, POLLIN, 0 },
	};

	while (now_ms() < until) {
		if (poll(polled, 2, poll_timeout(until)) < 0)
			continue;
		if (polled[1].revents)
			return true;
		if (polled[0].revents)
			lines_read(&host->said);
		polled[0].fd = host->said.fd;
	}
	return false;
}

void plugin_hosts_end(struct login *login)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(login->hosts); i++) {
		struct plugin_host *host = login->hosts[i];

		if (!host)
			continue;
		shutdown(host->socket, SHUT_WR);
		if (!end_wait(host, now_ms() + END_MS)) {
			host_kill(host, "does not end");
			continue;
		}
		process_end(host->pid, host->pidfd);
		host_gone(host, "has ended");
	}
}
