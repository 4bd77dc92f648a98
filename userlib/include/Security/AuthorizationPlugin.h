/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file AuthorizationPlugin.h
 * What a plug-in with mechanisms for logins implements, and what it may call, as in
 * Mac OS X. AuthorizationPlugin(3) says, call by call, what is as in the original and
 * what is not; bootstrap-login-mechanisms(7) is the way from nothing to a mechanism
 * that runs.
 *
 * A plug-in is a shared object. The host of a login, a process, loads it when the
 * first of its mechanisms is due, calls AuthorizationPluginCreate() once, and makes
 * all calls of all plug-ins from one thread, one after the other. What a plug-in may
 * call it may call from any thread, for as long as the mechanism has not been
 * destroyed. There is nothing to link with.
 */
#ifndef SECURITY_AUTHORIZATIONPLUGIN_H
#define SECURITY_AUTHORIZATIONPLUGIN_H

#include <stddef.h>
#include <stdint.h>

#include <Security/Authorization.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef SECURITY_UINT32
#define SECURITY_UINT32
typedef uint32_t UInt32;
#endif

#ifndef noErr
#define noErr 0
#endif

/**
 * A value: bytes. What a host hands out has a null byte behind its end that is not
 * counted, so that text can be taken as a string. Since 0.1.
 */
typedef struct AuthorizationValue {
	size_t length;
	void *data;
} AuthorizationValue;

/** Since 0.1. */
typedef struct AuthorizationValueVector {
	UInt32 count;
	AuthorizationValue *values;
} AuthorizationValueVector;

/** Of a context value, in any combination. Since 0.1. */
typedef UInt32 AuthorizationContextFlags;

enum {
	/** it is part of the login's result, see pam_bootstrap(8) */
	kAuthorizationContextFlagExtractable = 1 << 0,
	/** it is not kept when the login is over; no value is */
	kAuthorizationContextFlagVolatile = 1 << 1,
	/** it is still there when a chain that was denied is run again */
	kAuthorizationContextFlagSticky = 1 << 2
};

/** What stands behind the colon. Since 0.1. */
typedef AuthorizationString AuthorizationMechanismId;
/** What stands before it. Since 0.1. */
typedef AuthorizationString AuthorizationPluginId;

/** A plug-in, as it likes to be called. Since 0.1. */
typedef void *AuthorizationPluginRef;
/** A mechanism, as its plug-in likes it to be called. Since 0.1. */
typedef void *AuthorizationMechanismRef;
/** Whom a mechanism belongs to. It is not looked into. Since 0.1. */
typedef void *AuthorizationEngineRef;
/** The number of a session, as a pointer; 0 while there is none. Since 0.1. */
typedef void *AuthorizationSessionId;

typedef UInt32 AuthorizationResult;

/** What a mechanism says of the login. Since 0.1. */
enum {
	/** it may go on */
	kAuthorizationResultAllow,
	/** it may not; it may be tried again from the beginning */
	kAuthorizationResultDeny,
	/** something is wrong, so that it must not be tried again */
	kAuthorizationResultUndefined,
	/** the user does not want it any more */
	kAuthorizationResultUserCanceled
};

enum {
	kAuthorizationPluginInterfaceVersion = 0,
	kAuthorizationCallbacksVersion = 4
};

/** How Converse() speaks to the user. Since 0.1. */
enum {
	/** it asks for a line that others may see */
	kAuthorizationConversePrompt,
	/** it asks for one that nobody may see */
	kAuthorizationConverseSecret,
	/** it tells him something */
	kAuthorizationConverseInformation,
	/** it tells him that something went wrong */
	kAuthorizationConverseError
};

/**
 * What a plug-in may call. All return errAuthorizationSuccess, or
 * errAuthorizationInvalidRef (@p inEngine is not one that lives),
 * errAuthorizationInvalidPointer (an argument is NULL), or what is told with them.
 * Since 0.1.
 */
typedef struct AuthorizationCallbacks {
	/** of this struct; not less than kAuthorizationCallbacksVersion */
	UInt32 version;

	/**
	 * The result of an invocation: one, before MechanismInvoke (it counts when
	 * that has returned), during, or after it.
	 *
	 * errAuthorizationInternal: it has one, it is to be deactivated, or there
	 * is no such result.
	 */
	OSStatus (*SetResult)(AuthorizationEngineRef inEngine,
			      AuthorizationResult inResult);
	/**
	 * Have the mechanisms that were invoked later deactivated, and this one
	 * invoked again.
	 *
	 * errAuthorizationInternal: this invocation has no result yet.
	 */
	OSStatus (*RequestInterrupt)(AuthorizationEngineRef inEngine);
	/**
	 * What MechanismDeactivate asked for is done.
	 *
	 * errAuthorizationInternal: nothing was asked for.
	 */
	OSStatus (*DidDeactivate)(AuthorizationEngineRef inEngine);

	/**
	 * A value is the host's, and stays until the mechanism is destroyed.
	 *
	 * errAuthorizationInternal: there is none of that key.
	 */
	OSStatus (*GetContextValue)(AuthorizationEngineRef inEngine,
				    AuthorizationString inKey,
				    AuthorizationContextFlags *outContextFlags,
				    const AuthorizationValue **outValue);
	/**
	 * It is copied. It counts for others when this invocation has its result.
	 *
	 * errAuthorizationDenied: it is the login's own, see
	 * bootstrap-login-host(8); errAuthorizationInvalidFlags;
	 * errAuthorizationInternal: the key is empty or longer than 255 bytes, or the
	 * mechanism has set more than 64 KiB in this invocation.
	 */
	OSStatus (*SetContextValue)(AuthorizationEngineRef inEngine,
				    AuthorizationString inKey,
				    AuthorizationContextFlags inContextFlags,
				    const AuthorizationValue *inValue);
	/** As GetContextValue; the login's own, immutable ones are there, too. */
	OSStatus (*GetHintValue)(AuthorizationEngineRef inEngine,
				 AuthorizationString inKey,
				 const AuthorizationValue **outValue);
	/** As SetContextValue. */
	OSStatus (*SetHintValue)(AuthorizationEngineRef inEngine,
				 AuthorizationString inKey,
				 const AuthorizationValue *inValue);
	/** There are none: a vector of 0. */
	OSStatus (*GetArguments)(AuthorizationEngineRef inEngine,
				 const AuthorizationValueVector **outArguments);
	OSStatus (*GetSessionId)(AuthorizationEngineRef inEngine,
				 AuthorizationSessionId *outSessionId);

	/** A hint that is the login's own; otherwise as GetHintValue. */
	OSStatus (*GetImmutableHintValue)(AuthorizationEngineRef inEngine,
					  AuthorizationString inKey,
					  const AuthorizationValue **outValue);
	/** errAuthorizationInternal: there is no such thing here. */
	OSStatus (*GetLAContext)(AuthorizationEngineRef inEngine,
				 void **outValue);
	/** errAuthorizationInternal: there is no such thing here. */
	OSStatus (*GetTokenIdentities)(AuthorizationEngineRef inEngine,
				       void *context, void **outValue);
	/** errAuthorizationInternal: there is no such thing here. */
	OSStatus (*GetTKTokenWatcher)(AuthorizationEngineRef inEngine,
				      void **outValue);
	/** No error if there is none; otherwise as SetHintValue. */
	OSStatus (*RemoveHintValue)(AuthorizationEngineRef inEngine,
				    AuthorizationString inKey);
	/** No error if there is none; otherwise as SetContextValue. */
	OSStatus (*RemoveContextValue)(AuthorizationEngineRef inEngine,
				       AuthorizationString inKey);

	/**
	 * Speak to the user, by the conversation of whatever logs him in. Only for
	 * mechanisms that are not privileged. It returns when he has answered, and
	 * the mechanism's time stands still until then. The original has no such
	 * call: what is not privileged may open windows there.
	 *
	 * @param inStyle of kAuthorizationConverse*
	 * @param inText UTF-8, at most 1 KiB
	 * @param outAnswer to be freed with free(); NULL unless it is asked for one
	 *
	 * errAuthorizationInteractionNotAllowed: the mechanism is privileged, or
	 * nobody can be spoken to; errAuthorizationCanceled: the mechanism is to be
	 * deactivated or destroyed; errAuthorizationInternal: no such style, too
	 * long a text, or another thread of the mechanism speaks already.
	 */
	OSStatus (*Converse)(AuthorizationEngineRef inEngine, UInt32 inStyle,
			     const char *inText, char **outAnswer);
} AuthorizationCallbacks;

/**
 * What a plug-in implements. All return errAuthorizationSuccess, or another code,
 * which fails the mechanism; none of them is NULL. Since 0.1.
 */
typedef struct AuthorizationPluginInterface {
	/** kAuthorizationPluginInterfaceVersion */
	UInt32 version;

	/** The last call, when all its mechanisms have been destroyed. */
	OSStatus (*PluginDestroy)(AuthorizationPluginRef inPlugin);
	/**
	 * Make a mechanism, for one run of a stretch of the chain.
	 *
	 * @param inEngine what it calls the host with
	 * @param mechanismId stays until the mechanism is destroyed
	 */
	OSStatus (*MechanismCreate)(AuthorizationPluginRef inPlugin,
				    AuthorizationEngineRef inEngine,
				    AuthorizationMechanismId mechanismId,
				    AuthorizationMechanismRef *outMechanism);
	/**
	 * Do what it is there for, or begin to. Once, and again after each interrupt
	 * of its own, or of an earlier one.
	 */
	OSStatus (*MechanismInvoke)(AuthorizationMechanismRef inMechanism);
	/** Stop it, and call DidDeactivate, from here or later. */
	OSStatus (*MechanismDeactivate)(AuthorizationMechanismRef inMechanism);
	/** It is not used any more. Threads of its own must be gone. */
	OSStatus (*MechanismDestroy)(AuthorizationMechanismRef inMechanism);
} AuthorizationPluginInterface;

/**
 * The one function that a plug-in exports. Since 0.1.
 *
 * @param callbacks stay for as long as the plug-in
 * @param outPluginInterface must stay as long
 */
__attribute__((visibility("default")))
OSStatus AuthorizationPluginCreate(
	const AuthorizationCallbacks *callbacks,
	AuthorizationPluginRef *outPlugin,
	const AuthorizationPluginInterface **outPluginInterface);

#ifdef __cplusplus
}
#endif

#endif
