// SPDX-License-Identifier: GPL-2.0
/*
 * The conversation with the user, which PAM's application has for the module: one
 * thing after the other, whoever has something to say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "host.h"

static bool style_asks(enum login_style style)
{
	return style == LOGIN_PROMPT || style == LOGIN_SECRET;
}

/* --- to whoever has asked */

static void program_reply(struct invocation *invocation, const char *answer)
{
	const bool asks = style_asks(invocation->style);
	json_object *object = json_object_new_object();
	json_object *value = answer ? json_object_new_string(answer) : NULL;
	const char *text = NULL;
	size_t len = 0;

	if (object && (!answer || value) &&
	    !json_object_object_add(object, "answer", value))
		text = json_object_to_json_string_length(
			object, JSON_C_TO_STRING_PLAIN, &len);
	/* Who does not read what he has asked for does without; or ends just now. */
	if (!text || (dprintf(invocation->reply_fd, "%s\n", text) < 0 && asks &&
		      errno != EPIPE))
		invocation_fail(invocation, "it cannot be answered");
	json_object_put(object);
}

static void reply(struct invocation *invocation, const char *answer)
{
	if (invocation->reply_fd >= 0)
		program_reply(invocation, answer);
	else
		plugin_reply(invocation,
			     answer ? errAuthorizationSuccess :
				      errAuthorizationInteractionNotAllowed,
			     answer ? answer : "");
}

/* --- to the user */

static void question_send(struct login *login, struct invocation *invocation)
{
	struct login_converse converse = { LOGIN_CONVERSE, invocation->style };
	struct iovec parts[] = {
		{ &converse, sizeof(converse) },
		{ invocation->question, strlen(invocation->question) + 1 },
	};
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(login->socket, &message, MSG_NOSIGNAL) < 0)
		login_leave(login, EXIT_FAILURE);
	login->conversing = true;
	login->speaker = invocation;
}

/* Whoever has waited longest. */
static void next_send(struct login *login)
{
	struct invocation *invocation, *found = NULL;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		if (invocation->question &&
		    (!found || invocation->asked < found->asked))
			found = invocation;
	if (found && !login->conversing)
		question_send(login, found);
}

static void question_take_back(struct invocation *invocation)
{
	free(invocation->question);
	invocation->question = NULL;
	/* His time does not count. */
	invocation->deadline += now_ms() - invocation->asked;
	if (invocation->login->speaker == invocation)
		invocation->login->speaker = NULL;
}

void converse(struct invocation *invocation, enum login_style style,
	      const char *text)
{
	invocation->question = strdup(text);
	if (!invocation->question) {
		invocation_fail(invocation, "no memory");
		return;
	}
	invocation->style = style;
	invocation->asked = now_ms();
	next_send(invocation->login);
}

void conversation_reply(struct login *login, const char *text)
{
	struct invocation *invocation = login->speaker;

	login->conversing = false;
	if (invocation) {
		/* What nobody has asked for is no answer. */
		if (text && !style_asks(invocation->style))
			text = "";
		question_take_back(invocation);
		reply(invocation, text);
	}
	next_send(login);
}

void conversation_forget(struct invocation *invocation)
{
	if (!invocation->question)
		return;
	question_take_back(invocation);
	plugin_reply(invocation, errAuthorizationCanceled, "");
}
