// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a pair that speaks to the user, see pair.h. Mechanism "begin" makes the
 * name, and tells what comes through it for as long as the chain runs; "end" sums up.
 * They stand around what they tell of:
 *
 *	cc -fPIC -shared -o org.example.progress.so progress.c -lbootstrap -lpthread
 *	bootstrapctl right insert org.example.progress:end --after HomeDirMechanism
 *	bootstrapctl right insert org.example.reset:files,privileged --after HomeDirMechanism
 *	bootstrapctl right insert org.example.progress:begin --after HomeDirMechanism
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <Security/AuthorizationPlugin.h>
#include <bootstrap/bootstrap.h>

#include "pair.h"

/* All calls of a host come from one thread, so this needs no lock. */
struct plugin {
	const AuthorizationCallbacks *callbacks;
	struct mechanism *begun;	/* the one that tells, or NULL */
};

struct mechanism {
	struct plugin *plugin;
	const AuthorizationCallbacks *callbacks;
	AuthorizationEngineRef engine;
	bool begins;
	bool runs;		/* there is a thread */
	pthread_t thread;
	int port;		/* the name stands for as long as it is open */
	int lines;		/* what comes through it */
	int stop[2];		/* closed to have the thread end */
};

/* Returns false if there is to be no more of it. */
static bool tell(const struct mechanism *mechanism, const char *text)
{
	/* Where there is nobody to be told, that is no failure. */
	return mechanism->callbacks->Converse(mechanism->engine,
					      kAuthorizationConverseInformation,
					      text, NULL) !=
	       errAuthorizationCanceled;
}

/* --- the thread of "begin" */

/* Tells each whole line; what is not one yet stays. */
static bool tell_lines(const struct mechanism *mechanism, char *text,
		       size_t *len)
{
	char *end;

	while ((end = memchr(text, '\n', *len))) {
		*end++ = '\0';
		if (!tell(mechanism, text))
			return false;
		*len -= end - text;
		memmove(text, end, *len);
	}
	return true;
}

static void *tell_all(void *ref)
{
	const struct mechanism *mechanism = ref;
	struct pollfd polled[] = {
		{ mechanism->lines, POLLIN, 0 },
		{ mechanism->stop[0], POLLIN, 0 },
	};
	char text[512];
	size_t len = 0;
	ssize_t n;

	for (;;) {
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			break;
		/* Neither end waits; what is there already is told first. */
		n = read(mechanism->lines, text + len, sizeof(text) - len);
		if (n < 0 && errno == EAGAIN && !polled[1].revents)
			continue;
		if (n <= 0)
			break;
		len += n;
		if (!tell_lines(mechanism, text, &len))
			break;
		/* Nobody means to be read who writes that much without an end. */
		if (len == sizeof(text))
			len = 0;
	}
	return NULL;
}

/* --- "begin" */

/* The name, in the namespace that the host has for its plug-ins. */
static int name_make(struct mechanism *mechanism)
{
	int ends[2], err;

	/* Whoever tells is not to wait for the user to take note. */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	mechanism->port = bns_open();
	err = mechanism->port < 0 ? mechanism->port :
				    bns_register(mechanism->port, PROGRESS_NAME,
						 ends[1], NULL, NULL);
	/* From now on whoever has looked it up has it open, and the name has. */
	close(ends[1]);
	if (err) {
		close(ends[0]);
		return err;
	}
	mechanism->lines = ends[0];
	return 0;
}

static bool begin(struct mechanism *mechanism)
{
	int err = name_make(mechanism);

	if (err) {
		fprintf(stderr, "%s: %s\n", PROGRESS_NAME, strerror(-err));
		return false;
	}
	if (pipe2(mechanism->stop, O_CLOEXEC))
		return false;
	mechanism->runs = !pthread_create(&mechanism->thread, NULL, tell_all,
					  mechanism);
	mechanism->plugin->begun = mechanism->runs ? mechanism : NULL;
	return mechanism->runs;
}

/* Stops what begin() began, once all that was written has been told. */
static void stop(struct mechanism *mechanism)
{
	const int fds[] = { mechanism->stop[1], mechanism->stop[0],
			    mechanism->lines, mechanism->port };
	size_t i;

	/* Its other end is closed first, which the thread waits for. */
	if (mechanism->stop[1] >= 0)
		close(mechanism->stop[1]);
	if (mechanism->runs)
		pthread_join(mechanism->thread, NULL);
	if (mechanism->plugin->begun == mechanism)
		mechanism->plugin->begun = NULL;
	for (i = 1; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	mechanism->runs = false;
	mechanism->stop[0] = -1;
	mechanism->stop[1] = -1;
	mechanism->lines = -1;
	mechanism->port = -1;
}

/* --- "end" */

static void end(const struct mechanism *mechanism)
{
	const AuthorizationValue *count;
	const char *number;
	char text[64];

	/* What there is to tell comes before the sum of it. */
	if (mechanism->plugin->begun)
		stop(mechanism->plugin->begun);
	/* The other one may not have run. */
	if (mechanism->callbacks->GetHintValue(mechanism->engine, COUNT_HINT,
					       &count))
		return;
	number = count->data;
	snprintf(text, sizeof(text), "%.20s %s reset.", number,
		 strcmp(number, "1") ? "files were" : "file was");
	tell(mechanism, text);
}

/* --- the plug-in */

static OSStatus mechanism_create(AuthorizationPluginRef ref,
				 AuthorizationEngineRef engine,
				 AuthorizationMechanismId id,
				 AuthorizationMechanismRef *ret_mechanism)
{
	struct plugin *plugin = ref;
	struct mechanism *mechanism;

	/* A word that is misspelt in the database is to be noticed. */
	if (strcmp(id, "begin") && strcmp(id, "end"))
		return errAuthorizationInternal;
	mechanism = calloc(1, sizeof(*mechanism));
	if (!mechanism)
		return errAuthorizationInternal;
	*mechanism = (struct mechanism){
		.plugin = plugin,
		.callbacks = plugin->callbacks,
		.engine = engine,
		.begins = !strcmp(id, "begin"),
		.port = -1,
		.lines = -1,
		.stop = { -1, -1 },
	};
	*ret_mechanism = mechanism;
	return errAuthorizationSuccess;
}

static OSStatus mechanism_invoke(AuthorizationMechanismRef ref)
{
	struct mechanism *mechanism = ref;

	/* It may be another time, after an interrupt. */
	stop(mechanism);
	if (!mechanism->begins)
		end(mechanism);
	else if (!begin(mechanism))
		stop(mechanism);
	/* To tell is good, but nobody is kept out for want of it. */
	return mechanism->callbacks->SetResult(mechanism->engine,
					       kAuthorizationResultAllow);
}

static OSStatus mechanism_deactivate(AuthorizationMechanismRef ref)
{
	struct mechanism *mechanism = ref;

	stop(mechanism);
	return mechanism->callbacks->DidDeactivate(mechanism->engine);
}

static OSStatus mechanism_destroy(AuthorizationMechanismRef ref)
{
	stop(ref);
	free(ref);
	return errAuthorizationSuccess;
}

static OSStatus plugin_destroy(AuthorizationPluginRef ref)
{
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

	if (!plugin)
		return errAuthorizationInternal;
	plugin->callbacks = callbacks;
	*ret_plugin = plugin;
	*ret_interface = &interface;
	return errAuthorizationSuccess;
}
