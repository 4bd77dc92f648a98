// SPDX-License-Identifier: GPL-2.0
/* The commands on services: serve, connect. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bootstrapctl.h"

/* Its own process, so that the next connection does not wait for its end. */
static void serve_client(int client, char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		complain(-errno, "fork");
	if (pid)
		return;
	/* What is ignored would stay so in the command. */
	signal(SIGCHLD, SIG_DFL);
	_exit(run_command_on(client, command));
}

int cmd_serve(const struct args *args)
{
	int port = place_open(args), client;
	int right = bns_check_in(port, args->operand, NULL, NULL);

	if (right < 0)
		return complain(right, args->operand);
	/* So that ended commands are not waited for. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		client = accept4(right, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0 && errno != ECONNABORTED)
			break;
		if (client < 0)
			continue;
		serve_client(client, args->command);
		close(client);
	}
	fprintf(stderr, "bootstrapctl: %s: cannot accept connections: %s\n",
		args->operand, strerror(errno));
	return EXIT_SYSTEM;
}

/* Returns whether all was sent. */
static bool send_all(int fd, const char *data, size_t size)
{
	ssize_t n;

	for (; size; size -= n, data += n) {
		n = send(fd, data, size, MSG_NOSIGNAL);
		if (n < 0)
			return false;
	}
	return true;
}

/*
 * A thread of its own, because the server may wait for what it says to be read
 * before it reads on.
 */
static void *send_input(void *arg)
{
	const int *fd = arg;
	char data[65536];
	ssize_t n;

	do
		n = read(STDIN_FILENO, data, sizeof(data));
	while (n > 0 && send_all(*fd, data, n));
	shutdown(*fd, SHUT_WR);
	return NULL;
}

static bool write_all(const char *data, size_t size)
{
	ssize_t n;

	for (; size; size -= n, data += n) {
		n = write(STDOUT_FILENO, data, size);
		if (n < 0)
			return false;
	}
	return true;
}

/* Ends with the connection, whatever is still to come by standard input. */
static int relay(int fd)
{
	static int connection;
	char data[65536];
	pthread_t thread;
	ssize_t n;
	int err;

	connection = fd;
	err = pthread_create(&thread, NULL, send_input, &connection);
	if (err)
		return complain(-err, "thread");
	while ((n = read(fd, data, sizeof(data))) > 0)
		if (!write_all(data, n))
			return complain(-errno, "standard output");
	/* Reset: the server ended without having read all. */
	if (n < 0 && errno != ECONNRESET)
		return complain(-errno, "connection");
	return 0;
}

int cmd_connect(const struct args *args)
{
	struct bootstrap_info info = { .size = sizeof(info) };
	int port = place_open(args);
	int fd = bns_look_up(port, args->operand, NULL, 0, &info);

	if (fd < 0)
		return complain(fd, args->operand);
	if (!(info.flags & BOOTSTRAP_INFO_SERVICE)) {
		fprintf(stderr, "bootstrapctl: %s: stands for a file, not for a service (see bootstrapctl lookup)\n",
			args->operand);
		return EXIT_REFUSED;
	}
	if (args->command)
		return run_command_on(fd, args->command);
	return relay(fd);
}
