// SPDX-License-Identifier: GPL-2.0
/* Messages: what the engine says, and is told. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "host.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct message *first;
	struct message **end;
	bool closed;
} queue = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
	.end = &queue.first,
};

const char *message_key(const struct message *message)
{
	return message->text;
}

const char *message_value(const struct message *message)
{
	return message->text + message->key_len + 1;
}

static struct message *message_make(const char *from, size_t len)
{
	struct plugin_message header;
	struct message *message;
	const char *key = from + sizeof(header);

	if (len < sizeof(header))
		return NULL;
	memcpy(&header, from, sizeof(header));
	len -= sizeof(header);
	if (header.key_len > len || header.key_len > PLUGIN_KEY_MAX)
		return NULL;
	message = calloc(1, sizeof(*message) + len + 2);
	if (!message)
		return NULL;
	message->header = header;
	message->key_len = header.key_len;
	message->value_len = len - header.key_len;
	memcpy(message->text, key, message->key_len);
	memcpy(message->text + message->key_len + 1, key + message->key_len,
	       message->value_len);
	return message;
}

static void queue_put(struct message *message)
{
	pthread_mutex_lock(&queue.lock);
	if (message) {
		*queue.end = message;
		queue.end = &message->next;
	} else {
		queue.closed = true;
	}
	pthread_cond_signal(&queue.changed);
	pthread_mutex_unlock(&queue.lock);
}

struct message *message_next(void)
{
	struct message *message;

	pthread_mutex_lock(&queue.lock);
	while (!queue.first && !queue.closed)
		pthread_cond_wait(&queue.changed, &queue.lock);
	message = queue.closed ? NULL : queue.first;
	if (message) {
		queue.first = message->next;
		if (!queue.first)
			queue.end = &queue.first;
	}
	pthread_mutex_unlock(&queue.lock);
	return message;
}

static void *messages_read(void *context)
{
	static char text[PLUGIN_MESSAGE_MAX];
	struct message *message;
	ssize_t n;

	for (;;) {
		n = recv(PLUGIN_HOST_FD, text, sizeof(text), 0);
		if (n < 0 && errno == EINTR)
			continue;
		message = n > 0 ? message_make(text, n) : NULL;
		if (!message)
			break;
		if (message->header.kind == PLUGIN_REPLY) {
			mechanism_answer(message);
			/* It may be a password. */
			explicit_bzero(message->text,
				       message->key_len + message->value_len + 1);
			explicit_bzero(text, n);
			free(message);
		} else {
			queue_put(message);
		}
	}
	queue_put(NULL);
	mechanism_answer(NULL);
	return context;
}

bool messages_start(void)
{
	sigset_t all, was;
	pthread_t thread;
	bool started;

	/* What is sent to the process is for its main thread, and the plug-ins. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	started = !pthread_create(&thread, NULL, messages_read, NULL);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (started)
		pthread_detach(thread);
	return started;
}

void message_send(enum plugin_kind kind, uint32_t index, uint32_t number,
		  const char *key, const void *value, size_t len)
{
	struct plugin_message header = { kind, index, number, strlen(key) };
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)key, header.key_len },
		{ (void *)value, len },
	};
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };

	while (sendmsg(PLUGIN_HOST_FD, &message, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			break;
}
