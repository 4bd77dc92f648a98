// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a pair that does the work, see pair.h: it puts the files of RESET_DIR
 * into the home of whoever logs in, once that is there and before any of his programs
 * run. What he has changed in them is as it was. Mechanism "files" is privileged:
 *
 *	cc -fPIC -shared -o org.example.reset.so reset.c -lbootstrap
 *	bootstrapctl right insert org.example.reset:files,privileged --after HomeDirMechanism
 */
#define _GNU_SOURCE
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

/* Its files are read as the user, too: what is only root's is not given away. */
#ifndef RESET_DIR
#define RESET_DIR "/usr/share/bootstrap/reset"
#endif

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

/*
 * Where to; -1 if nobody wants to know. Where nobody has made the name for this login,
 * the search goes on further up: so it may be anybody's. A line of text does no harm
 * in a pipe, whosever it is; elsewhere it might, for root has it written.
 */
static int progress_open(void)
{
	int port = bns_open(), progress;
	struct stat st;

	if (port < 0)
		return -1;
	progress = bns_look_up(port, PROGRESS_NAME, NULL,
			       BOOTSTRAP_LOOK_UP_NONBLOCK, NULL);
	close(port);
	if (progress < 0)
		return -1;
	if (!fstat(progress, &st) && S_ISFIFO(st.st_mode))
		return progress;
	close(progress);
	return -1;
}

/* --- files: all that follows runs with the user's ids, so his links lead only him */

/* These return 0, or an error as of errno, which what cleans up would change. */

static int copy(int from, int to)
{
	char text[4096];
	ssize_t n, done, more;

	while ((n = read(from, text, sizeof(text))) > 0)
		for (done = 0; done < n; done += more) {
			more = write(to, text + done, n - done);
			if (more < 0)
				return errno;
		}
	return n ? errno : 0;
}

/* Puts a file in the place of what is there, whole or not at all. */
static int file_put(int source, int to, const char *name)
{
	char new[300];
	int fd, err;

	snprintf(new, sizeof(new), ".%s.new", name);
	/* What he has there, a link to elsewhere perhaps, is not written to. */
	unlinkat(to, new, 0);
	fd = openat(to, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	err = copy(source, fd);
	/* Some file systems tell only now that there was no room. */
	if (close(fd) && !err)
		err = errno;
	if (!err && renameat(to, new, to, name))
		err = errno;
	if (err)
		unlinkat(to, new, 0);
	return err;
}

/* Step by step, as O_NOFOLLOW is about the last part of a path alone. */
static int target_open(const char *home)
{
	int fd = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC), next, err;
	size_t i;

	for (i = 0; fd >= 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		mkdirat(fd, steps[i], 0700);
		next = openat(fd, steps[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						    O_CLOEXEC);
		err = errno;
		close(fd);
		errno = err;
		fd = next;
	}
	return fd;
}

static int one_put(DIR *from, int to, const char *name)
{
	/* A pipe there would keep the login until somebody writes to it. */
	int source = openat(dirfd(from), name, O_RDONLY | O_NOFOLLOW |
						O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int err;

	if (source < 0)
		return errno;
	if (fstat(source, &st))
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	else
		err = file_put(source, to, name);
	close(source);
	return err;
}

/* Returns how many were put there, or -1. */
static int all_put(const char *home, DIR *from, int progress)
{
	const struct dirent *entry;
	int to = target_open(home), count = 0, err;

	if (to < 0) {
		fprintf(stderr, "%s: %s\n", home, strerror(errno));
		return -1;
	}
	while ((entry = readdir(from))) {
		if (*entry->d_name == '.')
			continue;
		err = one_put(from, to, entry->d_name);
		if (err) {
			/* One that fails does not keep the others from it. */
			fprintf(stderr, "%s: %s\n", entry->d_name, strerror(err));
			continue;
		}
		tell(progress, entry->d_name);
		count++;
	}
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
	/* As root: with the user's ids a name of his own might be found. */
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
	 * No other plug-in of this host is called until this returns; what takes
	 * long had better be a thread's, as in progress.c.
	 *
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
