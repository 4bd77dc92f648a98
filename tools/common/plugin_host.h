/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bootstrap-login-host and bootstrap-plugin-host say to each other.
 *
 * The login host, which is the engine, starts at most two hosts of plug-ins for a
 * login: one that is root and one that is not. Descriptor PLUGIN_HOST_FD of each is a
 * socket of type SOCK_SEQPACKET. A message is the struct, the key and the value,
 * without ends of their own. A mechanism goes by its place in the right.
 *
 * The engine sends, in this order, PLUGIN_CREATE, the values, PLUGIN_INVOKE; for the
 * next invocation of the same mechanism the values from PLUGIN_FORGET on. When it
 * closes the socket, the host destroys what there is, and ends.
 */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_HOST_FD 3

/* The most bytes of a message; what a program gives may be this long. */
#define PLUGIN_MESSAGE_MAX (128 << 10)

/* The most of a key, and of what a mechanism sets in one invocation, in bytes. */
#define PLUGIN_KEY_MAX 255
#define PLUGIN_VALUES_MAX (64 << 10)

/* The most of what the user is told or asked at once. */
#define PLUGIN_TEXT_MAX 1024

enum plugin_kind {
	/* to the host */
	PLUGIN_CREATE,		/* number: session or 0; key: its name; value: path */
	PLUGIN_FORGET,		/* all values */
	PLUGIN_CONTEXT,		/* number: flags */
	PLUGIN_HINT,
	PLUGIN_IMMUTABLE_HINT,
	PLUGIN_INVOKE,
	PLUGIN_DEACTIVATE,
	PLUGIN_DESTROY,
	PLUGIN_REPLY,		/* number: OSStatus; value: the user's answer */

	/* from it */
	PLUGIN_RESULT,		/* number: AuthorizationResult */
	PLUGIN_INTERRUPT,
	PLUGIN_DID_DEACTIVATE,
	PLUGIN_DESTROYED,
	PLUGIN_FAILED,		/* value: why */
	PLUGIN_SET_CONTEXT,	/* number: flags */
	PLUGIN_SET_HINT,
	PLUGIN_REMOVE_CONTEXT,
	PLUGIN_REMOVE_HINT,
	PLUGIN_CONVERSE,	/* number: kAuthorizationConverse*; value: text */
};

struct plugin_message {
	uint32_t kind;		/* enum plugin_kind */
	uint32_t index;		/* of the mechanism in the right */
	uint32_t number;
	uint32_t key_len;
};

/* Sends one. Returns false with errno set. */
bool plugin_message_send(int fd, enum plugin_kind kind, uint32_t index,
			 uint32_t number, const char *key, const void *value,
			 size_t len);

/* One that was received; the value has no end, and stays where it was read to. */
struct plugin_parts {
	struct plugin_message header;
	char key[PLUGIN_KEY_MAX + 1];
	const char *value;
	size_t len;
};

/* Returns whether it is a message. */
bool plugin_message_parse(struct plugin_parts *ret_parts, const char *text,
			  size_t len);

#endif
