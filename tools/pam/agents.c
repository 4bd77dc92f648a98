// SPDX-License-Identifier: GPL-2.0
/* The programs that each session is to have. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "pam_bootstrap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Where they are described; what starts them looks for itself. */
#define AGENTS_DIR "/etc/bootstrap/session.d"

/* Where ids once had 16 bits, the calls of the plain names still have those. */
#ifdef SYS_setgroups32
#define BECOME(call) SYS_##call##32
#else
#define BECOME(call) SYS_##call
#endif

/* Who they run as. */
struct agents_user {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int count;
	const char *home;
};

static bool is_description(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name && !strcmp(dot, ".plist");
}

static bool agents_are_there(void)
{
	const struct dirent *entry;
	DIR *dir = opendir(AGENTS_DIR);
	bool found = false;

	if (!dir)
		return false;
	while (!found) {
		entry = readdir(dir);
		if (!entry)
			break;
		found = is_description(entry->d_name);
	}
	closedir(dir);
	return found;
}

/*
 * The C library's own set*id() are for all threads: in the copy of a process it
 * would look for those that are not there.
 */
static bool user_become(const void *data)
{
	const struct agents_user *user = data;
	uid_t real, effective, saved;

	if (syscall(BECOME(setgroups), user->count, user->groups) ||
	    syscall(BECOME(setresgid), user->gid, user->gid, user->gid) ||
	    syscall(BECOME(setresuid), user->uid, user->uid, user->uid))
		return false;
	/* Of all that may go wrong, this must not. */
	if (getresuid(&real, &effective, &saved) || real != user->uid ||
	    effective != user->uid || saved != user->uid)
		return false;
	return !chdir(user->home) || !chdir("/");
}

static int groups_find(struct agents_user *user, const char *name)
{
	int count = 0;

	getgrouplist(name, user->gid, NULL, &count);
	user->groups = calloc(count, sizeof(*user->groups));
	if (!user->groups)
		return -ENOMEM;
	user->count = count;
	/* Whoever came into another group just now is in it next time. */
	if (getgrouplist(name, user->gid, user->groups, &user->count) < 0)
		user->count = count;
	return 0;
}

static void environment_free(char **list)
{
	char **at;

	if (!list)
		return;
	for (at = list; *at; at++)
		free(*at);
	free(list);
}

struct variable {
	const char *name;
	const char *value;
};

/* What PAM has for the session, with room for so many more. */
static char **environment_of_pam(pam_handle_t *pamh, size_t more,
				 size_t *ret_count)
{
	char **list = pam_getenvlist(pamh), **longer;
	size_t count = 0;

	if (!list)
		return NULL;
	while (list[count])
		count++;
	longer = calloc(count + more + 1, sizeof(*longer));
	if (!longer) {
		environment_free(list);
		return NULL;
	}
	memcpy(longer, list, count * sizeof(*list));
	free(list);
	*ret_count = count;
	return longer;
}

/* That of the session to be, and what every program may expect. */
static char **environment_new(const struct login *login)
{
	const struct passwd *user = login->user;
	const struct variable more[] = {
		{ "HOME", user->pw_dir },
		{ "USER", user->pw_name },
		{ "LOGNAME", user->pw_name },
		{ "SHELL", *user->pw_shell ? user->pw_shell : "/bin/sh" },
		{ "PATH", user->pw_uid ? "/usr/local/bin:/usr/bin:/bin" :
			  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
	};
	char **list;
	size_t count, i;

	list = environment_of_pam(login->pamh, ARRAY_SIZE(more), &count);
	if (!list)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(more); i++) {
		if (pam_getenv(login->pamh, more[i].name))
			continue;
		if (asprintf(&list[count], "%s=%s", more[i].name,
			     more[i].value) < 0) {
			list[count] = NULL;
			environment_free(list);
			return NULL;
		}
		count++;
	}
	return list;
}

static int agents_run(const struct login *login, struct agents_user *user,
		      char *const *envp)
{
	char argument[] = "--login-fd=3";
	char *argv[] = { "bootstrap-agents", argument, NULL };
	const struct detached agents = {
		.path = AGENTS,
		.argv = argv,
		.envp = envp,
		.prepare = user_become,
		.data = user,
		.fd = -1,
	};
	int err;

	_Static_assert(APPLICATION_FD == 3, "as in the argument");
	if (!envp)
		return -ENOMEM;
	if (access(AGENTS, X_OK))
		return -errno;
	err = groups_find(user, login->user->pw_name);
	return err ? err : detached_start(&agents);
}

void agents_start(const struct login *login)
{
	struct agents_user user = {
		.uid = login->user->pw_uid,
		.gid = login->user->pw_gid,
		.home = login->user->pw_dir,
	};
	char **envp;
	int err;

	if (!agents_are_there())
		return;
	envp = environment_new(login);
	err = agents_run(login, &user, envp);
	environment_free(envp);
	free(user.groups);
	if (err)
		pam_syslog(login->pamh, LOG_ERR, "no agents of session %u: %s: %s",
			   login->id, AGENTS, strerror(-err));
	else if (login->options->debug)
		pam_syslog(login->pamh, LOG_DEBUG,
			   "the agents of session %u are being started",
			   login->id);
}
