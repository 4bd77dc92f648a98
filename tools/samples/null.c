// SPDX-License-Identifier: GPL-2.0
/*
 * A plug-in that logs each call, and allows every login: the place to start. It is
 * installed as org.example.null.so; any name of a mechanism will do:
 *
 *	cc -fPIC -shared -o org.example.null.so null.c
 *	bootstrapctl right insert org.example.null:first --before builtin
 *
 * See AuthorizationPlugin(3) for what each call is for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <Security/AuthorizationPlugin.h>

/* What this plug-in needs to know of itself, once for a host. */
struct plugin {
	const AuthorizationCallbacks *callbacks;
};

/* What it needs to know of a mechanism, from its creation to its destruction. */
struct mechanism {
	const struct plugin *plugin;
	AuthorizationEngineRef engine;
	char *id;
};

/* As in the original. Uids have no sign. */
#define NOBODY ((uid_t)-2)

/* The program name is the host's, so each line says whose it is. */
#define LOG(format, ...) \
	syslog(LOG_AUTHPRIV | LOG_INFO, "org.example.null: " format, __VA_ARGS__)

/* Who logs in; or NOBODY while that is not known. */
static uid_t uid_from_context(const struct mechanism *mechanism)
{
	const AuthorizationCallbacks *callbacks = mechanism->plugin->callbacks;
	const AuthorizationValue *value;
	AuthorizationContextFlags flags;
	uid_t uid = NOBODY;

	/* It is bytes: look at how many before taking them for something. */
	if (callbacks->GetContextValue(mechanism->engine, "uid", &flags,
				       &value) == errAuthorizationSuccess &&
	    value->length == sizeof(uid))
		memcpy(&uid, value->data, sizeof(uid));
	return uid;
}

/* The number of the session that the login is about to be, 0 before that. */
static unsigned int session_of(const struct mechanism *mechanism)
{
	const AuthorizationCallbacks *callbacks = mechanism->plugin->callbacks;
	AuthorizationSessionId session = NULL;

	callbacks->GetSessionId(mechanism->engine, &session);
	return (uintptr_t)session;
}

static OSStatus mechanism_create(AuthorizationPluginRef ref,
				 AuthorizationEngineRef engine,
				 AuthorizationMechanismId id,
				 AuthorizationMechanismRef *ret_mechanism)
{
	struct mechanism *mechanism = calloc(1, sizeof(*mechanism));

	LOG("MechanismCreate %s", id);
	if (!mechanism)
		return errAuthorizationInternal;
	mechanism->plugin = ref;
	mechanism->engine = engine;
	mechanism->id = strdup(id);
	if (!mechanism->id) {
		free(mechanism);
		return errAuthorizationInternal;
	}
	*ret_mechanism = mechanism;
	return errAuthorizationSuccess;
}

static OSStatus mechanism_invoke(AuthorizationMechanismRef ref)
{
	const struct mechanism *mechanism = ref;
	const uid_t uid = uid_from_context(mechanism);
	OSStatus status;

	LOG("MechanismInvoke %s: uid %lld, session %u, euid %u", mechanism->id,
	    uid == NOBODY ? -2LL : (long long)uid, session_of(mechanism),
	    (unsigned int)geteuid());

	/* Here is where a mechanism does what it is there for. */

	/* Without a result the login waits, until the mechanism's time is up. */
	status = mechanism->plugin->callbacks->SetResult(
		mechanism->engine, kAuthorizationResultAllow);
	LOG("SetResult %s: %d", mechanism->id, (int)status);
	return status;
}

static OSStatus mechanism_deactivate(AuthorizationMechanismRef ref)
{
	const struct mechanism *mechanism = ref;

	/* There is nothing under way that would have to be stopped. */
	LOG("MechanismDeactivate %s", mechanism->id);
	return mechanism->plugin->callbacks->DidDeactivate(mechanism->engine);
}

static OSStatus mechanism_destroy(AuthorizationMechanismRef ref)
{
	struct mechanism *mechanism = ref;

	LOG("MechanismDestroy %s", mechanism->id);
	free(mechanism->id);
	free(mechanism);
	return errAuthorizationSuccess;
}

static OSStatus plugin_destroy(AuthorizationPluginRef ref)
{
	LOG("PluginDestroy, process %d", (int)getpid());
	free(ref);
	return errAuthorizationSuccess;
}

static const AuthorizationPluginInterface interface = {
	.version = kAuthorizationPluginInterfaceVersion,
	.PluginDestroy = plugin_destroy,
	.MechanismCreate = mechanism_create,
	.MechanismInvoke = mechanism_invoke,
	.MechanismDeactivate = mechanism_deactivate,
	.MechanismDestroy = mechanism_destroy,
};

OSStatus AuthorizationPluginCreate(
	const AuthorizationCallbacks *callbacks, AuthorizationPluginRef *ret_plugin,
	const AuthorizationPluginInterface **ret_interface)
{
	struct plugin *plugin = calloc(1, sizeof(*plugin));

	LOG("AuthorizationPluginCreate, process %d, callbacks of version %u",
	    (int)getpid(), callbacks->version);
	if (!plugin)
		return errAuthorizationInternal;
	/* A host may know more than this was built for, but not less. */
	if (callbacks->version < kAuthorizationCallbacksVersion) {
		free(plugin);
		return errAuthorizationInternal;
	}
	plugin->callbacks = callbacks;
	*ret_plugin = plugin;
	*ret_interface = &interface;
	return errAuthorizationSuccess;
}
