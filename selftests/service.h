/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of services share: servers and clients, here and elsewhere. */
#ifndef BOOTSTRAP_SERVICE_H
#define BOOTSTRAP_SERVICE_H

#include <sys/time.h>

#include "bootstrap_test.h"

#define PARAMETER(name) "/sys/module/bootstrap/parameters/" name

static inline int do_check_in_as(int port, const char *name, __u32 flags,
				 __u32 type, __u32 backlog)
{
	struct bootstrap_check_in args = args_check_in(name);

	args.flags = flags;
	args.type = type;
	args.backlog = backlog;
	return call(port, BOOTSTRAP_IOC_CHECK_IN, &args);
}

static inline int do_declare_as(int port, const char *name, __u32 flags,
				__u32 type, __u32 backlog, uid_t uid)
{
	struct bootstrap_declare args = args_declare(name);

	args.flags = flags;
	args.type = type;
	args.backlog = backlog;
	args.uid = uid;
	return call(port, BOOTSTRAP_IOC_DECLARE, &args);
}

/* Through a check-in handle. */
static inline int handle_check_in(int handle)
{
	struct bootstrap_check_in args = { .size = sizeof(args) };

	return call(handle, BOOTSTRAP_IOC_CHECK_IN, &args);
}

static inline int handle_take_over(int handle)
{
	struct bootstrap_name args = { .size = sizeof(args) };

	return call(handle, BOOTSTRAP_IOC_TAKE_OVER, &args);
}

static inline int do_look_up_flags(int port, const char *name, __u32 flags)
{
	struct bootstrap_look_up args = args_look_up(name);

	args.flags = flags;
	return call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
}

static inline int do_look_up_nonblock(int port, const char *name)
{
	return do_look_up_flags(port, name, BOOTSTRAP_LOOK_UP_NONBLOCK);
}

/* The events that are there, of all that may be. */
static inline short events_of(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

/* Does something come to be read, or accepted, in time? */
static inline bool readable(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1 && (pfd.revents & POLLIN);
}

/* Who waits is there, who does not is not waited for. */
static inline int accept_now(int right)
{
	int fd;

	if (!readable(right, 0))
		return -EAGAIN;
	fd = accept4(right, NULL, NULL, SOCK_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* How many wait; all of them are accepted and left. */
static inline int drain(int right)
{
	int count = 0, fd;

	while ((fd = accept_now(right)) >= 0) {
		close(fd);
		count++;
	}
	return count;
}

/* Does what is written to one arrive at the other, and the other way round? */
static inline bool connected(int one, int other)
{
	char c = 0;

	return send(one, "a", 1, MSG_NOSIGNAL) == 1 &&
	       recv(other, &c, 1, 0) == 1 && c == 'a' &&
	       send(other, "b", 1, MSG_NOSIGNAL) == 1 &&
	       recv(one, &c, 1, 0) == 1 && c == 'b';
}

static inline int option_of(int fd, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	getsockopt(fd, SOL_SOCKET, option, &value, &size);
	return value;
}

/* Is the other end of this connection said to be this process and user? */
static inline bool peer_cred_is(int fd, pid_t pid, uid_t uid)
{
	struct ucred cred = { .pid = -1 };
	socklen_t size = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size))
		return false;
	return cred.pid == pid && cred.uid == uid && cred.gid == uid;
}

static inline void on_alarm(int sig)
{
	(void)sig;
}

/* As often as it takes, in case the first comes before there is any wait. */
static inline void alarms_on(int flags)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	const struct itimerval often = {
		{ .tv_usec = 50000 }, { .tv_usec = 50000 },
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static inline void alarms_off(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
}

#define NOBODY	((uid_t)-1)

/* Peers that are servers, launchers and clients; descriptors come to the test. */

/* The peer has no copy any more of what it sent: it has answered since. */
static inline int peer_settled(const struct peer *peer, int ret)
{
	struct bootstrap_session session;

	if (ret >= 0)
		peer_session(peer, 0, 0, &session);
	return ret;
}

static inline int peer_service(const struct peer *peer, unsigned int command,
			       const char *name, struct peer_message *message)
{
	int fd, ret;

	message->command = command;
	strcpy(message->name, name);
	ret = peer_call(peer, message, -1, &fd);
	return peer_settled(peer, ret < 0 ? ret : fd);
}

static inline int peer_check_in(const struct peer *peer, const char *name,
				__u32 flags)
{
	struct peer_message message = {
		.args.check_in = { .name_len = strlen(name), .flags = flags },
	};

	return peer_service(peer, BOOTSTRAP_IOC_CHECK_IN, name, &message);
}

static inline int peer_declare(const struct peer *peer, const char *name,
			       __u32 flags, uid_t uid)
{
	struct peer_message message = {
		.args.declare = {
			.name_len = strlen(name), .flags = flags, .uid = uid,
		},
	};

	return peer_service(peer, BOOTSTRAP_IOC_DECLARE, name, &message);
}

static inline int peer_connect_flags(const struct peer *peer, const char *name,
				     __u32 flags)
{
	struct peer_message message = {
		.args.look_up = { .name_len = strlen(name), .flags = flags },
	};

	return peer_service(peer, BOOTSTRAP_IOC_LOOK_UP, name, &message);
}

static inline int peer_connect(const struct peer *peer, const char *name)
{
	return peer_connect_flags(peer, name, BOOTSTRAP_LOOK_UP_NONBLOCK);
}

/* On a handle that is sent to the peer. */
static inline int peer_handle_check_in(const struct peer *peer, int handle)
{
	struct peer_message message = {
		.command = BOOTSTRAP_IOC_CHECK_IN, .on_fd = true,
	};
	int fd, ret = peer_call(peer, &message, handle, &fd);

	return peer_settled(peer, ret < 0 ? ret : fd);
}

static inline int peer_take_over(const struct peer *peer, const char *name)
{
	struct peer_message message = {
		.command = BOOTSTRAP_IOC_TAKE_OVER,
		.args.name.name_len = strlen(name),
	};

	strcpy(message.name, name);
	return peer_call(peer, &message, -1, NULL);
}

static inline int peer_handle_take_over(const struct peer *peer, int handle)
{
	struct peer_message message = {
		.command = BOOTSTRAP_IOC_TAKE_OVER, .on_fd = true,
	};

	return peer_call(peer, &message, handle, NULL);
}

/* In the root session, but for that a user of its own. */
static inline void enter_root_session(uid_t uid)
{
	become(uid);
}

static inline void peer_kill(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	wait_for(peer->pid);
	close(peer->socket);
}

/* Sends a descriptor along with a byte. */
static inline bool send_fd(int socket, int fd)
{
	struct peer_message message = { 0 };

	return peer_send(socket, &message, fd);
}

static inline int receive_fd_from(int socket)
{
	struct peer_message message;
	int fd;

	return peer_receive(socket, &message, &fd) ? fd : -1;
}

#endif
