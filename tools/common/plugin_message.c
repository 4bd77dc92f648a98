// SPDX-License-Identifier: GPL-2.0
/* Messages between the engine and hosts of plug-ins. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "plugin_host.h"

bool plugin_message_send(int fd, enum plugin_kind kind, uint32_t index,
			 uint32_t number, const char *key, const void *value,
			 size_t len)
{
	struct plugin_message header = { kind, index, number, strlen(key) };
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)key, header.key_len },
		{ (void *)value, len },
	};
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
	ssize_t n;

	if (header.key_len > PLUGIN_KEY_MAX ||
	    sizeof(header) + header.key_len + len > PLUGIN_MESSAGE_MAX) {
		errno = EMSGSIZE;
		return false;
	}
	do {
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n >= 0;
}

bool plugin_message_parse(struct plugin_parts *ret_parts, const char *text,
			  size_t len)
{
	struct plugin_message *header = &ret_parts->header;

	if (len < sizeof(*header))
		return false;
	memcpy(header, text, sizeof(*header));
	text += sizeof(*header);
	len -= sizeof(*header);
	if (header->key_len > len || header->key_len > PLUGIN_KEY_MAX)
		return false;
	memcpy(ret_parts->key, text, header->key_len);
	ret_parts->key[header->key_len] = '\0';
	ret_parts->value = text + header->key_len;
	ret_parts->len = len - header->key_len;
	return true;
}
