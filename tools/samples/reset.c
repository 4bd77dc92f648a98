// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a pair that does the work, see pair.h: it puts the files of RESET_DIR
 * into the home of whoever logs in, once that is there and before any of his programs
 * run. What he has changed in them is as it was. Mechanism "files" is privileged:
 *
 *	bootstrapctl right insert org.example.reset:files,privileged --after HomeDirMechanism
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <Security/AuthorizationPlugin.h>
#include <bootstrap/bootstrap.h>
#include <bootstrap/setugid.h>

#include "pair.h"

#define RESET_DIR "/usr/share/bootstrap/reset"

/* Where they go, in the home; each of these is made if it is not there. */
static const char *const steps[] = { ".config", "bootstrap" };

struct mechanism {
	const AuthorizationCallbacks *callbacks;
	AuthorizationEngineRef engine;
};

/* --- telling how it goes on */

/*
 * A line to whoever has asked for it, who may be slow, or gone: neither is to keep the
 * login, nor to end the host, by a signal.
 */
static void tell(int progress, const char *name)
{
	const struct timespec now = { 0, 0 };
	struct pollfd polled = { .fd = progress, .events = POLLOUT };
	char line[300];
	sigset_t pipe, was;
	int len;

	len = snprintf(line, sizeof(line), "Resetting %s\n", name);
	if (poll(&polled, 1, 0) != 1 || polled.revents != POLLOUT)
		return;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &was);
	if (write(progress, line, len) < 0 && errno == EPIPE)
		sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
}

/* Where to; -1 if nobody wants to know. */
static int progress_open(void)
{
	int port = bns_open(), progress;

	if (port < 0)
		return -1;
	progress = bns_look_up(port, PROGRESS_NAME, NULL, 0, NULL);
	close(port);
	return progress < 0 ? -1 : progress;
}

/* --- files: all that follows runs with the user's ids, so his links lead only him */

static bool copy(int from, int to)
{
	char text[4096];
	ssize_t n;

	while ((n = read(from, text, sizeof(text))) > 0)
		if (write(to, text, n) != n)
			return false;
	return !n;
}

/* Puts a file in the place of what is there, whole or not at all. */
static bool file_put(int source, int to, const char *name)
{
	char new[300];
	int fd;
	bool done;

	snprintf(new, sizeof(new), ".%s.new", name);
	unlinkat(to, new, 0);
	fd = openat(to, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	done = copy(source, fd);
	done = !close(fd) && done && !renameat(to, new, to, name);
	if (!done)
		unlinkat(to, new, 0);
	return done;
}

static int target_open(const char *home)
{
	int fd = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC), next;
	size_t i;

	for (i = 0; fd >= 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		mkdirat(fd, steps[i], 0700);
		next = openat(fd, steps[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						    O_CLOEXEC);
		close(fd);
		fd = next;
	}
	return fd;
}

static bool one_put(DIR *from, int to, const char *name, int progress)
{
	int source = openat(dirfd(from), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool done;

	done = source >= 0 && !fstat(source, &st) && S_ISREG(st.st_mode) &&
	       file_put(source, to, name);
	if (source >= 0)
		close(source);
	if (done)
		tell(progress, name);
	else
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
	return done;
}

/* Returns how many were put there, or -1. */
static int all_put(const char *home, DIR *from, int progress)
{
	const struct dirent *entry;
	int to = target_open(home), count = 0;

	if (to < 0) {
		fprintf(stderr, "%s: %s\n", home, strerror(errno));
		return -1;
	}
	while ((entry = readdir(from)))
		if (*entry->d_name != '.' &&
		    one_put(from, to, entry->d_name, progress))
			count++;
	close(to);
	return count;
}

/* --- the mechanism */

/* What the context has; NULL if there is none, or it is none of that size. */
static const void *value(const struct mechanism *mechanism, const char *key,
			 size_t size)
{
	const AuthorizationValue *found;
	AuthorizationContextFlags flags;

	if (mechanism->callbacks->GetContextValue(mechanism->engine, key, &flags,
						  &found) ||
	    (size && found->length != size))
		return NULL;
	return found->data;
}

static void count_hint(const struct mechanism *mechanism, int count)
{
	AuthorizationValue hint;
	char text[16];

	snprintf(text, sizeof(text), "%d", count);
	hint.length = strlen(text);
	hint.data = text;
	mechanism->callbacks->SetHintValue(mechanism->engine, COUNT_HINT, &hint);
}

static bool reset(const struct mechanism *mechanism, DIR *from)
{
	const uid_t *uid = value(mechanism, "uid", sizeof(*uid));
	const gid_t *gid = value(mechanism, "gid", sizeof(*gid));
	const char *home = value(mechanism, "home", 0);
	int progress, count = -1;

	if (!uid || !gid || !home) {
		fprintf(stderr, "nobody is known to log in yet\n");
		return false;
	}
	progress = progress_open();
	/* Root may not look into every home; and must not write into any. */
	if (!pthread_setugid_np(*uid, *gid)) {
		count = all_put(home, from, progress);
		/* The thread is the host's, for all its plug-ins. */
		if (pthread_setugid_np(KAUTH_UID_NONE, KAUTH_GID_NONE))
			abort();
	}
	if (progress >= 0)
		close(progress);
	if (count >= 0)
		count_hint(mechanism, count);
	return count >= 0;
}

static OSStatus mechanism_invoke(AuthorizationMechanismRef ref)
{
	const struct mechanism *mechanism = ref;
	DIR *from = opendir(RESET_DIR);

	/*
	 * A home that cannot be written to keeps nobody out. Where preferences are
	 * a rule and no help, this is where to deny.
	 */
	if (!from)
		fprintf(stderr, RESET_DIR ": %s\n", strerror(errno));
	else if (!reset(mechanism, from))
		fprintf(stderr, "nothing was reset\n");
	if (from)
		closedir(from);
	return mechanism->callbacks->SetResult(mechanism->engine,
					       kAuthorizationResultAllow);
}

static OSStatus mechanism_create(AuthorizationPluginRef ref,
				 AuthorizationEngineRef engine,
				 AuthorizationMechanismId id,
				 AuthorizationMechanismRef *ret_mechanism)
{
	struct mechanism *mechanism;

	if (strcmp(id, "files"))
		return errAuthorizationInternal;
	mechanism = calloc(1, sizeof(*mechanism));
	if (!mechanism)
		return errAuthorizationInternal;
	mechanism->callbacks = ref;
	mechanism->engine = engine;
	*ret_mechanism = mechanism;
	return errAuthorizationSuccess;
}

static OSStatus mechanism_deactivate(AuthorizationMechanismRef ref)
{
	const struct mechanism *mechanism = ref;

	return mechanism->callbacks->DidDeactivate(mechanism->engine);
}

static OSStatus mechanism_destroy(AuthorizationMechanismRef ref)
{
	free(ref);
	return errAuthorizationSuccess;
}

static OSStatus plugin_destroy(AuthorizationPluginRef ref)
{
	(void)ref;
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
	*ret_plugin = (AuthorizationPluginRef)callbacks;
	*ret_interface = &interface;
	return errAuthorizationSuccess;
}
