// SPDX-License-Identifier: GPL-2.0
/* Mechanisms: what the engine wants of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

pthread_mutex_t engine_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t engine_changed = PTHREAD_COND_INITIALIZER;

static struct mechanism *mechanisms;	/* engine_lock */
static bool engine_gone;		/* engine_lock */

struct mechanism *mechanism_find(AuthorizationEngineRef engine)
{
	struct mechanism *mechanism = mechanisms;

	while (mechanism && mechanism != engine)
		mechanism = mechanism->next;
	return mechanism;
}

static struct mechanism *mechanism_at(uint32_t index)
{
	struct mechanism *mechanism = mechanisms;

	while (mechanism && mechanism->index != index)
		mechanism = mechanism->next;
	return mechanism;
}

static void failed(uint32_t index, const char *why)
{
	message_send(PLUGIN_FAILED, index, 0, "", why, strlen(why));
}

static void call_failed(uint32_t index, const char *call, OSStatus status)
{
	char why[64];

	snprintf(why, sizeof(why), "%s returned %d", call, status);
	failed(index, why);
}

/* --- from its creation to its end */

static struct mechanism *mechanism_new(const struct message *message)
{
	struct mechanism *mechanism = calloc(1, sizeof(*mechanism));

	if (!mechanism)
		return NULL;
	mechanism->index = message->header.index;
	mechanism->session =
		(AuthorizationSessionId)(uintptr_t)message->header.number;
	mechanism->ending = engine_gone;
	mechanism->name = strdup(message_key(message));
	if (mechanism->name)
		return mechanism;
	free(mechanism);
	return NULL;
}

static void mechanism_free(struct mechanism *mechanism)
{
	struct mechanism **at = &mechanisms;

	pthread_mutex_lock(&engine_lock);
	while (*at != mechanism)
		at = &(*at)->next;
	*at = mechanism->next;
	while (mechanism->asking)
		pthread_cond_wait(&engine_changed, &engine_lock);
	pthread_mutex_unlock(&engine_lock);
	values_free(&mechanism->values);
	free(mechanism->name);
	free(mechanism);
}

static void create(const struct message *message)
{
	const uint32_t index = message->header.index;
	struct mechanism *mechanism;
	struct plugin *plugin;
	const char *why;
	OSStatus status;

	plugin = plugin_get(message_value(message), &why);
	if (!plugin) {
		failed(index, why);
		return;
	}
	pthread_mutex_lock(&engine_lock);
	mechanism = mechanism_new(message);
	if (mechanism) {
		mechanism->plugin = plugin;
		mechanism->next = mechanisms;
		mechanisms = mechanism;
	}
	pthread_mutex_unlock(&engine_lock);
	if (!mechanism) {
		failed(index, "no memory");
		return;
	}
	status = plugin->interface->MechanismCreate(plugin->ref, mechanism,
						    mechanism->name,
						    &mechanism->ref);
	if (!status)
		return;
	call_failed(index, "MechanismCreate", status);
	mechanism_free(mechanism);
}

static void destroy(struct mechanism *mechanism)
{
	const uint32_t index = mechanism->index;

	pthread_mutex_lock(&engine_lock);
	mechanism->ending = true;
	pthread_cond_broadcast(&engine_changed);
	pthread_mutex_unlock(&engine_lock);
	mechanism->plugin->interface->MechanismDestroy(mechanism->ref);
	mechanism_free(mechanism);
	message_send(PLUGIN_DESTROYED, index, 0, "", NULL, 0);
}

void mechanisms_destroy(void)
{
	while (mechanisms)
		destroy(mechanisms);
}

/* --- invocations */

/* What it has said before it was invoked counts now. */
static void result_send(struct mechanism *mechanism)
{
	if (!mechanism->decided || mechanism->sent)
		return;
	mechanism->sent = true;
	message_send(PLUGIN_RESULT, mechanism->index, mechanism->result, "",
		     NULL, 0);
}

static void invoke(struct mechanism *mechanism)
{
	OSStatus status;

	pthread_mutex_lock(&engine_lock);
	mechanism->set = 0;
	mechanism->invoked = true;
	mechanism->ending = engine_gone;
	pthread_mutex_unlock(&engine_lock);
	status = mechanism->plugin->interface->MechanismInvoke(mechanism->ref);
	pthread_mutex_lock(&engine_lock);
	if (status && !mechanism->sent)
		call_failed(mechanism->index, "MechanismInvoke", status);
	else
		result_send(mechanism);
	pthread_mutex_unlock(&engine_lock);
}

void mechanism_begin_anew(struct mechanism *mechanism)
{
	mechanism->invoked = false;
	mechanism->decided = false;
	mechanism->sent = false;
}

static void deactivate(struct mechanism *mechanism)
{
	OSStatus status;

	pthread_mutex_lock(&engine_lock);
	mechanism_begin_anew(mechanism);
	mechanism->deactivating = true;
	mechanism->ending = true;
	pthread_cond_broadcast(&engine_changed);
	pthread_mutex_unlock(&engine_lock);
	status = mechanism->plugin->interface->MechanismDeactivate(
		mechanism->ref);
	if (status)
		call_failed(mechanism->index, "MechanismDeactivate", status);
}

/* --- values, and answers */

static void value_take(struct mechanism *mechanism,
		       const struct message *message)
{
	bool done;

	pthread_mutex_lock(&engine_lock);
	done = values_put(&mechanism->values, message->header.kind,
			  message_key(message), message->header.number,
			  message_value(message), message->value_len);
	pthread_mutex_unlock(&engine_lock);
	if (!done)
		failed(mechanism->index, "no memory");
}

static void forget(struct mechanism *mechanism)
{
	pthread_mutex_lock(&engine_lock);
	values_forget(&mechanism->values);
	pthread_mutex_unlock(&engine_lock);
}

static void answer_take(struct mechanism *mechanism,
			const struct message *message)
{
	if (!mechanism->asking || mechanism->answered)
		return;
	mechanism->answered = true;
	mechanism->status = message->header.number;
	if (mechanism->status)
		return;
	mechanism->answer = strdup(message_value(message));
	if (!mechanism->answer)
		mechanism->status = errAuthorizationInternal;
}

void mechanism_answer(const struct message *message)
{
	struct mechanism *mechanism;

	pthread_mutex_lock(&engine_lock);
	if (!message)
		engine_gone = true;
	for (mechanism = mechanisms; mechanism; mechanism = mechanism->next)
		if (!message)
			mechanism->ending = true;
		else if (mechanism->index == message->header.index)
			answer_take(mechanism, message);
	pthread_cond_broadcast(&engine_changed);
	pthread_mutex_unlock(&engine_lock);
}

/* The engine has been told that it could not be created; it waits all the same. */
static void not_there(const struct plugin_message *message)
{
	if (message->kind == PLUGIN_DEACTIVATE)
		message_send(PLUGIN_DID_DEACTIVATE, message->index, 0, "",
			     NULL, 0);
	if (message->kind == PLUGIN_DESTROY)
		message_send(PLUGIN_DESTROYED, message->index, 0, "", NULL, 0);
}

void mechanism_act(struct message *message)
{
	struct mechanism *mechanism = mechanism_at(message->header.index);

	if (message->header.kind == PLUGIN_CREATE) {
		if (!mechanism)
			create(message);
		return;
	}
	if (!mechanism) {
		not_there(&message->header);
		return;
	}
	switch (message->header.kind) {
	case PLUGIN_FORGET:
		forget(mechanism);
		break;
	case PLUGIN_CONTEXT:
	case PLUGIN_HINT:
	case PLUGIN_IMMUTABLE_HINT:
		value_take(mechanism, message);
		break;
	case PLUGIN_INVOKE:
		invoke(mechanism);
		break;
	case PLUGIN_DEACTIVATE:
		deactivate(mechanism);
		break;
	case PLUGIN_DESTROY:
		destroy(mechanism);
		break;
	}
}
