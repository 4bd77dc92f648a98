// SPDX-License-Identifier: GPL-2.0
/* Messages: what the engine says, and is told. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
	return message->text + message->header.key_len + 1;
}

static struct message *message_make(const char *from, size_t len)
{
	struct plugin_parts parts;
	struct message *message;

	if (!plugin_message_parse(&parts, from, len))
		return NULL;
	message = calloc(1, sizeof(*message) + parts.header.key_len + 1 +
				    parts.len + 1);
	if (!message)
		return NULL;
	message->header = parts.header;
	message->value_len = parts.len;
	memcpy(message->text, parts.key, parts.header.key_len);
	memcpy((char *)message_value(message), parts.value, parts.len);
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
			explicit_bzero((char *)message_value(message),
				       message->value_len);
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
	plugin_message_send(PLUGIN_HOST_FD, kind, index, number, key, value,
			    len);
}
