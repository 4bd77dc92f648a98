// SPDX-License-Identifier: GPL-2.0
/* The command login: a fresh login session. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* What a login's PAM module does: the kernel gives out a fresh session id. */
static int login_set_uid(uid_t uid)
{
	int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	char text[16];
	ssize_t n;
	int len;

	if (fd < 0)
		return -errno;
	len = snprintf(text, sizeof(text), "%u", uid);
	n = write(fd, text, len);
	if (n != len)
		len = n < 0 ? -errno : -EIO;
	close(fd);
	return len < 0 ? len : 0;
}

static int login_become(const struct passwd *pw)
{
	int err = user_become(pw->pw_name, pw->pw_uid, pw->pw_gid);

	if (err)
		return err;
	if (setenv("HOME", pw->pw_dir, 1) || setenv("USER", pw->pw_name, 1) ||
	    setenv("LOGNAME", pw->pw_name, 1) ||
	    setenv("SHELL", *pw->pw_shell ? pw->pw_shell : "/bin/sh", 1))
		return -ENOMEM;
	/* As login does where the home is not there. */
	if (chdir(pw->pw_dir) && chdir("/"))
		return -errno;
	/* Where the caller was; shells find out where they are. */
	unsetenv("PWD");
	/* A login has a namespace of its own. */
	namespace_forget();
	return 0;
}

int cmd_login(const struct args *args)
{
	const struct passwd *pw;
	int err;

	errno = 0;
	pw = getpwnam(args->operand);
	if (!pw) {
		fprintf(stderr, "bootstrapctl: %s: %s\n", args->operand,
			errno ? strerror(errno) : "no such user");
		return errno ? EXIT_SYSTEM : EXIT_REFUSED;
	}
	if (geteuid() != 0) {
		fprintf(stderr, "bootstrapctl: login: only root can log others in\n");
		return EXIT_REFUSED;
	}
	err = login_set_uid(pw->pw_uid);
	if (err == -EPERM) {
		fprintf(stderr, "bootstrapctl: login: this process has a login uid that it may not change (CAP_AUDIT_CONTROL)\n");
		return EXIT_REFUSED;
	}
	if (err) {
		fprintf(stderr, "bootstrapctl: login: no session id can be had from /proc/self/loginuid: %s\n",
			strerror(-err));
		return EXIT_SYSTEM;
	}
	err = login_become(pw);
	if (err) {
		fprintf(stderr, "bootstrapctl: login: cannot become %s: %s\n",
			args->operand, strerror(-err));
		return EXIT_SYSTEM;
	}
	return run_command(args->command);
}
