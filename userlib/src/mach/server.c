// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Servers, which a launcher starts when one of their services is needed.
 *
 * The launcher is a process of its own, bootstrapctl, and outlives its caller. It
 * has the server's port, and a socket by which it is asked to declare services;
 * once that is closed, the caller has no more to do with the server.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "launcher.h"

static int passed_fd(struct msghdr *msg)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int fd;

	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -ENOBUFS;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

/* A check-in handle, or a negative errno; -ENOBUFS if there is no room for one. */
static int launcher_answer(int launcher)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	int32_t err;
	struct iovec iov = { .iov_base = &err, .iov_len = sizeof(err) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t n;

	do {
		n = recvmsg(launcher, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	/* It is gone. */
	if (n != sizeof(err))
		return -EIO;
	return err ? err : passed_fd(&msg);
}

static int launcher_ask(int launcher, enum launcher_request what,
			const char *name)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct launcher_message message = { .what = what };
	int handle = -EIO;

	strcpy(message.name, name);
	pthread_mutex_lock(&mutex);
	if (send(launcher, &message, sizeof(message), MSG_NOSIGNAL) ==
	    sizeof(message))
		handle = launcher_answer(launcher);
	pthread_mutex_unlock(&mutex);
	return handle;
}

static int launcher_declare(int launcher, int port, const char *name)
{
	int handle = launcher_ask(launcher, LAUNCHER_DECLARE, name);

	if (handle != -ENOBUFS)
		return handle;
	bns_unregister(port, name, NULL, 0);
	return -EMFILE;
}

int bns_mach_server_declare(int launcher, int port, const char *name)
{
	int handle = launcher_declare(launcher, port, name);

	if (handle < 0)
		return handle;
	close(handle);
	return 0;
}

int bns_mach_server_check_in(int launcher, int port, const char *name,
			     bool strict)
{
	const struct bns_service how = { .flags = BOOTSTRAP_CHECK_IN_STRICT };
	int handle = launcher_ask(launcher, LAUNCHER_FIND, name), right;

	/* What is there and not the server's is as for anybody else. */
	if (handle == -ENOENT) {
		right = bns_check_in(port, name, &how, NULL);
		if (right != -ENOENT || strict)
			return right;
		handle = launcher_declare(launcher, port, name);
	}
	if (handle < 0)
		return handle == -ENOBUFS ? -EMFILE : handle;
	right = bns_check_in_handle(handle, 0, NULL);
	close(handle);
	return right;
}

/* As it expects its descriptors, and nothing else open. */
static int launcher_actions(posix_spawn_file_actions_t *actions, int port,
			    int socket)
{
	int err = posix_spawn_file_actions_adddup2(actions, port, LAUNCHER_PORT);

	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, socket,
						       LAUNCHER_SOCKET);
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions,
							       LAUNCHER_SOCKET + 1);
	return err;
}

/* What ends the program that it is called from is not to end the server. */
static int launcher_attributes(posix_spawnattr_t *attributes)
{
	sigset_t set;

	sigfillset(&set);
	posix_spawnattr_setsigdefault(attributes, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(attributes, &set);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID |
					POSIX_SPAWN_SETSIGDEF |
					POSIX_SPAWN_SETSIGMASK);
}

static int launcher_spawn(char *const *argv, int port, int socket)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int status = 0, err;
	pid_t pid;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawnattr_init(&attributes);
	if (!err) {
		err = launcher_actions(&actions, port, socket);
		if (!err)
			err = launcher_attributes(&attributes);
		if (!err)
			err = posix_spawn(&pid, BOOTSTRAPCTL, &actions,
					  &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return err == EAGAIN || err == ENOMEM ? -ENOMEM : -EIO;
	/* It goes on in a child, which is not the program's own to wait for. */
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return status ? -EIO : 0;
}

/* The descriptors are above those that they will be in the launcher. */
static int launcher_start(int port, int socket, const char *cmd, uid_t uid,
			  bool on_demand)
{
	char user[16];
	char *argv[] = {
		(char *)"bootstrapctl", (char *)"launch-server", user,
		(char *)(on_demand ? "on-demand" : "always"), (char *)cmd, NULL,
	};
	int above[2] = {
		fcntl(port, F_DUPFD_CLOEXEC, LAUNCHER_SOCKET + 1),
		fcntl(socket, F_DUPFD_CLOEXEC, LAUNCHER_SOCKET + 1),
	};
	int err = -EMFILE, i;

	snprintf(user, sizeof(user), "%u", uid);
	if (above[0] >= 0 && above[1] >= 0)
		err = launcher_spawn(argv, above[0], above[1]);
	for (i = 0; i < 2; i++)
		if (above[i] >= 0)
			close(above[i]);
	return err;
}

static int server_start(mach_port_t port, const char *cmd, uid_t uid,
			bool on_demand)
{
	int sockets[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	err = launcher_start((int)port, sockets[1], cmd, uid, on_demand);
	close(sockets[1]);
	if (err)
		close(sockets[0]);
	else
		bns_mach_set_launcher(port, sockets[0]);
	return err;
}

static bool cmd_is_whole(const char *cmd)
{
	return cmd &&
	       strnlen(cmd, BOOTSTRAP_MAX_CMD_LEN) < BOOTSTRAP_MAX_CMD_LEN &&
	       cmd[strspn(cmd, " \t")];
}

BNS_API kern_return_t bootstrap_create_server(mach_port_t bp, char *server_cmd,
					      uid_t server_uid,
					      boolean_t on_demand,
					      mach_port_t *server_port)
{
	mach_port_t port;
	kern_return_t code;
	int err;

	if (!cmd_is_whole(server_cmd) || server_uid == (uid_t)-1)
		return KERN_INVALID_ARGUMENT;
	if (geteuid() && server_uid != geteuid())
		return BOOTSTRAP_NOT_PRIVILEGED;
	/* What is declared through it is its own. */
	code = bns_mach_give(bns_open_namespace(bns_mach_fd(bp), NULL, 0, NULL), PORT_SEND,
			     &port);
	if (code)
		return code;
	/* Nothing may fail after that: the server might be running. */
	err = server_start(port, server_cmd, server_uid, on_demand);
	if (err)
		bns_mach_release(port);
	else
		*server_port = port;
	return bns_mach_code(err);
}
