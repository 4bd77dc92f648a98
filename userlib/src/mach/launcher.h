/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library and the launcher of servers, "bootstrapctl launch-server UID
 * on-demand|always COMMAND", say to each other. They are always of one version.
 */
#ifndef BNS_MACH_LAUNCHER_H
#define BNS_MACH_LAUNCHER_H

#include <stdint.h>

/* The launcher's descriptors. */
#define LAUNCHER_PORT	3	/* that the server's services are declared through */
#define LAUNCHER_SOCKET	4	/* SOCK_SEQPACKET; at its end servers may start */

enum launcher_request {
	LAUNCHER_DECLARE = 1,	/* declare a service */
	LAUNCHER_FIND,		/* one that was declared; or -ENOENT */
};

/*
 * The answer is an int32_t: 0, and with it the service's check-in handle
 * (SCM_RIGHTS); or a negative errno.
 */
struct launcher_message {
	uint32_t what;
	char name[128];		/* terminated */
};

#endif
