// SPDX-License-Identifier: GPL-2.0
/* What plug-ins call, from any thread. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

/*
 * Begins a call: takes the lock, and finds the mechanism. NULL, without the lock, if
 * there is none.
 */
static struct mechanism *enter(AuthorizationEngineRef engine)
{
	struct mechanism *mechanism;

	pthread_mutex_lock(&engine_lock);
	mechanism = mechanism_find(engine);
	if (!mechanism)
		pthread_mutex_unlock(&engine_lock);
	return mechanism;
}

static OSStatus leave(OSStatus status)
{
	pthread_mutex_unlock(&engine_lock);
	return status;
}

/* --- how it goes on */

static OSStatus set_result(AuthorizationEngineRef engine,
			   AuthorizationResult result)
{
	struct mechanism *mechanism = enter(engine);

	if (!mechanism)
		return errAuthorizationInvalidRef;
	if (result > kAuthorizationResultUserCanceled || mechanism->decided ||
	    mechanism->deactivating)
		return leave(errAuthorizationInternal);
	mechanism->decided = true;
	mechanism->result = result;
	if (mechanism->invoked) {
		mechanism->sent = true;
		message_send(PLUGIN_RESULT, mechanism->index, result, "", NULL,
			     0);
	}
	return leave(errAuthorizationSuccess);
}

static OSStatus request_interrupt(AuthorizationEngineRef engine)
{
	struct mechanism *mechanism = enter(engine);

	if (!mechanism)
		return errAuthorizationInvalidRef;
	if (!mechanism->sent)
		return leave(errAuthorizationInternal);
	mechanism_begin_anew(mechanism);
	message_send(PLUGIN_INTERRUPT, mechanism->index, 0, "", NULL, 0);
	return leave(errAuthorizationSuccess);
}

static OSStatus did_deactivate(AuthorizationEngineRef engine)
{
	struct mechanism *mechanism = enter(engine);

	if (!mechanism)
		return errAuthorizationInvalidRef;
	if (!mechanism->deactivating)
		return leave(errAuthorizationInternal);
	mechanism->deactivating = false;
	message_send(PLUGIN_DID_DEACTIVATE, mechanism->index, 0, "", NULL, 0);
	return leave(errAuthorizationSuccess);
}

/* --- values */

static OSStatus get(AuthorizationEngineRef engine, const enum plugin_kind *kinds,
		    size_t count, const char *key,
		    AuthorizationContextFlags *ret_flags,
		    const AuthorizationValue **ret_value)
{
	const struct value *value = NULL;
	struct mechanism *mechanism;

	if (!key || !ret_value)
		return errAuthorizationInvalidPointer;
	mechanism = enter(engine);
	if (!mechanism)
		return errAuthorizationInvalidRef;
	for (; count-- && !value; kinds++)
		value = values_get(&mechanism->values, *kinds, key);
	if (!value)
		return leave(errAuthorizationInternal);
	if (ret_flags)
		*ret_flags = value->flags;
	*ret_value = &value->value;
	return leave(errAuthorizationSuccess);
}

static OSStatus get_context(AuthorizationEngineRef engine,
			    AuthorizationString key,
			    AuthorizationContextFlags *flags,
			    const AuthorizationValue **value)
{
	static const enum plugin_kind kinds[] = { PLUGIN_CONTEXT };

	return get(engine, kinds, ARRAY_SIZE(kinds), key, flags, value);
}

static OSStatus get_hint(AuthorizationEngineRef engine, AuthorizationString key,
			 const AuthorizationValue **value)
{
	static const enum plugin_kind kinds[] = { PLUGIN_IMMUTABLE_HINT,
						  PLUGIN_HINT };

	return get(engine, kinds, ARRAY_SIZE(kinds), key, NULL, value);
}

static OSStatus get_immutable_hint(AuthorizationEngineRef engine,
				   AuthorizationString key,
				   const AuthorizationValue **value)
{
	static const enum plugin_kind kinds[] = { PLUGIN_IMMUTABLE_HINT };

	return get(engine, kinds, ARRAY_SIZE(kinds), key, NULL, value);
}

/* Whether one of this key and that many bytes may be set. It has the mechanism. */
static OSStatus check(struct mechanism *mechanism, enum plugin_kind kind,
		      const char *key, size_t len)
{
	const size_t key_len = strlen(key);

	if (kind == PLUGIN_CONTEXT ? is_own_context(key) : is_own_hint(key))
		return errAuthorizationDenied;
	if (!key_len || key_len > PLUGIN_KEY_MAX || len > PLUGIN_VALUES_MAX ||
	    mechanism->set + key_len + len > PLUGIN_VALUES_MAX)
		return errAuthorizationInternal;
	return errAuthorizationSuccess;
}

static OSStatus set(AuthorizationEngineRef engine, enum plugin_kind kind,
		    const char *key, AuthorizationContextFlags flags,
		    const AuthorizationValue *value)
{
	struct mechanism *mechanism;
	OSStatus status;

	if (!key || !value || (value->length && !value->data))
		return errAuthorizationInvalidPointer;
	mechanism = enter(engine);
	if (!mechanism)
		return errAuthorizationInvalidRef;
	status = check(mechanism, kind, key, value->length);
	if (status)
		return leave(status);
	if (!values_put(&mechanism->values, kind, key, flags, value->data,
			value->length))
		return leave(errAuthorizationInternal);
	mechanism->set += strlen(key) + value->length;
	message_send(kind == PLUGIN_CONTEXT ? PLUGIN_SET_CONTEXT :
					      PLUGIN_SET_HINT,
		     mechanism->index, flags, key, value->data, value->length);
	return leave(errAuthorizationSuccess);
}

static OSStatus set_context(AuthorizationEngineRef engine,
			    AuthorizationString key,
			    AuthorizationContextFlags flags,
			    const AuthorizationValue *value)
{
	if (flags & ~(kAuthorizationContextFlagExtractable |
		      kAuthorizationContextFlagVolatile |
		      kAuthorizationContextFlagSticky))
		return errAuthorizationInvalidFlags;
	return set(engine, PLUGIN_CONTEXT, key, flags, value);
}

static OSStatus set_hint(AuthorizationEngineRef engine, AuthorizationString key,
			 const AuthorizationValue *value)
{
	return set(engine, PLUGIN_HINT, key, 0, value);
}

static OSStatus remove_value(AuthorizationEngineRef engine,
			     enum plugin_kind kind, const char *key)
{
	struct mechanism *mechanism;
	OSStatus status;

	if (!key)
		return errAuthorizationInvalidPointer;
	mechanism = enter(engine);
	if (!mechanism)
		return errAuthorizationInvalidRef;
	status = check(mechanism, kind, key, 0);
	if (status)
		return leave(status);
	mechanism->set += strlen(key);
	values_remove(&mechanism->values, kind, key);
	message_send(kind == PLUGIN_CONTEXT ? PLUGIN_REMOVE_CONTEXT :
					      PLUGIN_REMOVE_HINT,
		     mechanism->index, 0, key, NULL, 0);
	return leave(errAuthorizationSuccess);
}

static OSStatus remove_context(AuthorizationEngineRef engine,
			       AuthorizationString key)
{
	return remove_value(engine, PLUGIN_CONTEXT, key);
}

static OSStatus remove_hint(AuthorizationEngineRef engine,
			    AuthorizationString key)
{
	return remove_value(engine, PLUGIN_HINT, key);
}

/* --- what else there is to know */

static OSStatus get_arguments(AuthorizationEngineRef engine,
			      const AuthorizationValueVector **ret_arguments)
{
	static const AuthorizationValueVector none;

	if (!ret_arguments)
		return errAuthorizationInvalidPointer;
	if (!enter(engine))
		return errAuthorizationInvalidRef;
	*ret_arguments = &none;
	return leave(errAuthorizationSuccess);
}

static OSStatus get_session(AuthorizationEngineRef engine,
			    AuthorizationSessionId *ret_session)
{
	struct mechanism *mechanism;

	if (!ret_session)
		return errAuthorizationInvalidPointer;
	mechanism = enter(engine);
	if (!mechanism)
		return errAuthorizationInvalidRef;
	*ret_session = mechanism->session;
	return leave(errAuthorizationSuccess);
}

static OSStatus get_nothing(AuthorizationEngineRef engine, void **ret_value)
{
	if (!ret_value)
		return errAuthorizationInvalidPointer;
	if (!enter(engine))
		return errAuthorizationInvalidRef;
	return leave(errAuthorizationInternal);
}

static OSStatus get_identities(AuthorizationEngineRef engine, void *context,
			       void **ret_value)
{
	(void)context;
	return get_nothing(engine, ret_value);
}

/* --- the user */

/* Waits for the answer, and takes it. */
static OSStatus answer_wait(struct mechanism *mechanism, char **ret_answer)
{
	OSStatus status = errAuthorizationCanceled;

	while (!mechanism->answered && !mechanism->ending)
		pthread_cond_wait(&engine_changed, &engine_lock);
	if (mechanism->answered)
		status = mechanism->status;
	if (!status && ret_answer) {
		*ret_answer = mechanism->answer;
		mechanism->answer = NULL;
	}
	free(mechanism->answer);
	mechanism->answer = NULL;
	mechanism->answered = false;
	mechanism->asking = false;
	pthread_cond_broadcast(&engine_changed);
	return status;
}

static OSStatus converse(AuthorizationEngineRef engine, UInt32 style,
			 const char *text, char **ret_answer)
{
	const bool asks = style == kAuthorizationConversePrompt ||
			  style == kAuthorizationConverseSecret;
	struct mechanism *mechanism;

	if (!text || (asks && !ret_answer))
		return errAuthorizationInvalidPointer;
	mechanism = enter(engine);
	if (!mechanism)
		return errAuthorizationInvalidRef;
	if (style > kAuthorizationConverseError ||
	    strlen(text) > PLUGIN_TEXT_MAX || mechanism->asking)
		return leave(errAuthorizationInternal);
	if (mechanism->ending)
		return leave(errAuthorizationCanceled);
	if (ret_answer)
		*ret_answer = NULL;
	mechanism->asking = true;
	message_send(PLUGIN_CONVERSE, mechanism->index, style, "", text,
		     strlen(text));
	return leave(answer_wait(mechanism, asks ? ret_answer : NULL));
}

const AuthorizationCallbacks callbacks = {
	.version = kAuthorizationCallbacksVersion,
	.SetResult = set_result,
	.RequestInterrupt = request_interrupt,
	.DidDeactivate = did_deactivate,
	.GetContextValue = get_context,
	.SetContextValue = set_context,
	.GetHintValue = get_hint,
	.SetHintValue = set_hint,
	.GetArguments = get_arguments,
	.GetSessionId = get_session,
	.GetImmutableHintValue = get_immutable_hint,
	.GetLAContext = get_nothing,
	.GetTokenIdentities = get_identities,
	.GetTKTokenWatcher = get_nothing,
	.RemoveHintValue = remove_hint,
	.RemoveContextValue = remove_context,
	.Converse = converse,
};
