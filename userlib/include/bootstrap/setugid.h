/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file setugid.h
 * The effective ids of one thread, as in Mac OS X.
 *
 * Those of the C library, seteuid(2) and the like, change all threads of a process:
 * in a host of plug-ins also those of others.
 */
#ifndef BOOTSTRAP_SETUGID_H
#define BOOTSTRAP_SETUGID_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef KAUTH_UID_NONE
#define KAUTH_UID_NONE (~(uid_t)0 - 100)
#define KAUTH_GID_NONE (~(gid_t)0 - 100)
#endif

/**
 * Give the calling thread, and no other, these effective ids; or, by KAUTH_UID_NONE
 * and KAUTH_GID_NONE, its real ones again. Its other groups stay as they are.
 *
 * @return 0; or -1 with errno as of setresuid(2), and nothing is changed. Since 0.1.
 */
static inline int pthread_setugid_np(uid_t uid, gid_t gid)
{
	const long same = -1;
	uid_t was = geteuid();
	int err;

	if (uid == KAUTH_UID_NONE)
		uid = getuid();
	if (gid == KAUTH_GID_NONE)
		gid = getgid();
	/* Whoever is not root any more becomes it first, to be allowed the rest. */
	if (!getuid() && was && syscall(SYS_setresuid, same, 0L, same))
		return -1;
	if (!syscall(SYS_setresgid, same, (long)gid, same)) {
		if (!syscall(SYS_setresuid, same, (long)uid, same))
			return 0;
	}
	err = errno;
	syscall(SYS_setresuid, same, (long)was, same);
	errno = err;
	return -1;
}

#ifdef __cplusplus
}
#endif

#endif
