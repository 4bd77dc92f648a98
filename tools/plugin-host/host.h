/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host of plug-ins: one process, which the engine tells what to do.
 *
 * The main thread makes all calls of plug-ins. Another one reads what the engine
 * sends, so that an answer gets through while the main one is in a plug-in.
 *
 * Lock order: engine_lock, queue_lock. No plug-in is called under either.
 */
#ifndef HOST_H
#define HOST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <Security/AuthorizationPlugin.h>

#include "../common/own_values.h"
#include "../common/plugin_host.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* --- messages */

struct message {
	struct message *next;
	struct plugin_message header;
	size_t value_len;
	/* The key with an end, behind it the value with one that is not counted. */
	char text[];
};

const char *message_key(const struct message *message);
const char *message_value(const struct message *message);

/* Starts to read what the engine sends. */
bool messages_start(void);

/* The next one, of those that are not answers; NULL when the engine is gone. */
struct message *message_next(void);

/* Tells the engine. What does not get there is of no interest to anybody. */
void message_send(enum plugin_kind kind, uint32_t index, uint32_t number,
		  const char *key, const void *value, size_t len);

/* --- values: what a mechanism may get, and has set */

struct value {
	struct value *next;
	enum plugin_kind kind;	/* PLUGIN_CONTEXT, _HINT or _IMMUTABLE_HINT */
	AuthorizationContextFlags flags;
	AuthorizationValue value;
	char text[];		/* the key with its end, and the bytes with one */
};

struct values {
	struct value *first;
	/* Those of before, which a plug-in may still look at. */
	struct value *old;
};

const struct value *values_get(const struct values *values,
			       enum plugin_kind kind, const char *key);

/* Puts a copy in the place of what is there. */
bool values_put(struct values *values, enum plugin_kind kind, const char *key,
		AuthorizationContextFlags flags, const void *data, size_t len);

/* Takes it away; or all, if there is no key. */
void values_remove(struct values *values, enum plugin_kind kind,
		   const char *key);
void values_forget(struct values *values);

void values_free(struct values *values);

/* --- plug-ins */

struct plugin {
	struct plugin *next;
	char *path;
	bool made;
	AuthorizationPluginRef ref;
	const AuthorizationPluginInterface *interface;
};

/* One that has been created. NULL, and why, if it cannot be. */
struct plugin *plugin_get(const char *path, const char **ret_why);

/* The last call for each. */
void plugins_destroy(void);

/* --- mechanisms */

/*
 * What its engine reference points to. The main thread alone makes and frees one, and
 * reads what is not said to be protected.
 */
struct mechanism {
	struct mechanism *next;	/* engine_lock */
	uint32_t index;
	struct plugin *plugin;
	AuthorizationMechanismRef ref;
	char *name;
	AuthorizationSessionId session;

	/* The rest: engine_lock. */
	struct values values;
	size_t set;		/* bytes, in this invocation */
	bool invoked;
	bool decided;		/* it has a result */
	bool sent;		/* the engine has it, too */
	bool deactivating;
	bool ending;		/* nobody is asked any more */
	AuthorizationResult result;

	bool asking;		/* a thread of it waits in Converse */
	bool answered;
	OSStatus status;
	char *answer;
};

extern pthread_mutex_t engine_lock;

/* Something has changed for those who ask: engine_lock. */
extern pthread_cond_t engine_changed;

/* Whatever it said of its last invocation, it is to begin anew: engine_lock is held. */
void mechanism_begin_anew(struct mechanism *mechanism);

/* The one that the reference is for, or NULL: engine_lock is held. */
struct mechanism *mechanism_find(AuthorizationEngineRef engine);

/* Does what a message says. */
void mechanism_act(struct message *message);

/* An answer to one that asks; NULL: there will never be one, to nobody. */
void mechanism_answer(const struct message *message);

/* Before the end. */
void mechanisms_destroy(void);

/* --- what plug-ins call */

extern const AuthorizationCallbacks callbacks;

#endif
