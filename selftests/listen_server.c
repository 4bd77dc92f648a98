// SPDX-License-Identifier: GPL-2.0
/*
 * For tool_test.sh. A server that was started with receive rights, as
 * sd_listen_fds(3) has them: says to each client who it is, and hangs up. Or,
 * as "listen_server client", the client: is who says so the one that it is
 * connected to?
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 8

static int client(void)
{
	struct ucred cred = { 0 };
	socklen_t len = sizeof(cred);
	char text[256] = "", *pid;

	if (read(STDIN_FILENO, text, sizeof(text) - 1) <= 0 ||
	    getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return 1;
	pid = strstr(text, " pid ");
	return !pid || atoi(pid + 5) != cred.pid;
}

static void serve(int right)
{
	int fd = accept(right, NULL, NULL);

	dprintf(fd, "right %d of %s pid %d VAR=%s\n", right,
		getenv("LISTEN_FDNAMES"), getpid(), getenv("VAR"));
	close(fd);
}

int main(int argc, char **argv)
{
	int count = atoi(getenv("LISTEN_FDS") ?: "0"), i;
	struct pollfd fds[MOST];

	if (argc > 1 && !strcmp(argv[1], "client"))
		return client();
	if (atoi(getenv("LISTEN_PID") ?: "0") != getpid() || count > MOST)
		return 1;
	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = 3 + i, .events = POLLIN };
	while (poll(fds, count, -1) > 0)
		for (i = 0; i < count; i++)
			if (fds[i].revents)
				serve(fds[i].fd);
	return 1;
}
