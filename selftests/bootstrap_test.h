/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of /dev/bootstrap share: thin wrappers of the commands, and
 * peers, which are processes of other sessions and users that carry out
 * commands on the test's behalf.
 */
#ifndef BOOTSTRAP_TEST_H
#define BOOTSTRAP_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/bootstrap.h>

#define DEVICE	"/dev/bootstrap"

/* As the harness has it, which not all programs include. */
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* The users of the test guest. */
#define ALICE	1000
#define BOB	1001
#define ROOT_ID	BOOTSTRAP_SESSION_ID_ROOT

union bootstrap_args {
	__u32 size;
	struct bootstrap_register reg;
	struct bootstrap_name name;
	struct bootstrap_look_up look_up;
	struct bootstrap_look_up_array array;
	struct bootstrap_watch watch;
	struct bootstrap_list list;
	struct bootstrap_session session;
	struct bootstrap_features features;
	struct bootstrap_usage usage;
	struct bootstrap_check_in check_in;
	struct bootstrap_declare declare;
	struct bootstrap_peer peer;
	struct bootstrap_open open;
	struct bootstrap_subset subset;
	struct bootstrap_pre_login pre_login;
	struct bootstrap_announce announce;
	struct bootstrap_attributes attributes;
	struct bootstrap_signal signal;
	struct bootstrap_logout logout;
	struct bootstrap_defer defer;
	struct bootstrap_cancel cancel;
	struct bootstrap_deferrals deferrals;
	struct bootstrap_namespace ns;
	struct bootstrap_statistics statistics;
};

static inline int port_open(void)
{
	return open(DEVICE, O_RDWR | O_CLOEXEC);
}

static inline int call(int port, unsigned int command, void *args)
{
	int ret = ioctl(port, command, args);

	return ret < 0 ? -errno : ret;
}

static inline struct bootstrap_register args_register(const char *name, int fd)
{
	return (struct bootstrap_register){
		.size = sizeof(struct bootstrap_register),
		.name = (uintptr_t)name,
		.name_len = strlen(name),
		.fd = fd,
	};
}

static inline struct bootstrap_name args_name(const char *name)
{
	return (struct bootstrap_name){
		.size = sizeof(struct bootstrap_name),
		.name = (uintptr_t)name,
		.name_len = strlen(name),
	};
}

static inline struct bootstrap_look_up args_look_up(const char *name)
{
	return (struct bootstrap_look_up){
		.size = sizeof(struct bootstrap_look_up),
		.name = (uintptr_t)name,
		.name_len = strlen(name),
	};
}

static inline struct bootstrap_check_in args_check_in(const char *name)
{
	return (struct bootstrap_check_in){
		.size = sizeof(struct bootstrap_check_in),
		.name = (uintptr_t)name,
		.name_len = strlen(name),
	};
}

static inline struct bootstrap_declare args_declare(const char *name)
{
	return (struct bootstrap_declare){
		.size = sizeof(struct bootstrap_declare),
		.name = (uintptr_t)name,
		.name_len = strlen(name),
	};
}

static inline int do_register(int port, const char *name, int fd)
{
	struct bootstrap_register args = args_register(name, fd);

	return call(port, BOOTSTRAP_IOC_REGISTER, &args);
}

static inline int do_unregister(int port, const char *name)
{
	struct bootstrap_name args = args_name(name);

	return call(port, BOOTSTRAP_IOC_UNREGISTER, &args);
}

static inline int do_take_over(int port, const char *name)
{
	struct bootstrap_name args = args_name(name);

	return call(port, BOOTSTRAP_IOC_TAKE_OVER, &args);
}

static inline int do_look_up(int port, const char *name)
{
	struct bootstrap_look_up args = args_look_up(name);

	return call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
}

static inline int do_look_up_info(int port, const char *name,
				  struct bootstrap_info *info)
{
	struct bootstrap_look_up args = args_look_up(name);

	memset(info, 0xcc, sizeof(*info));
	info->size = sizeof(*info);
	args.info = (uintptr_t)info;
	return call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
}

static inline int do_check_in(int port, const char *name)
{
	struct bootstrap_check_in args = args_check_in(name);

	return call(port, BOOTSTRAP_IOC_CHECK_IN, &args);
}

static inline int do_declare(int port, const char *name)
{
	struct bootstrap_declare args = args_declare(name);

	return call(port, BOOTSTRAP_IOC_DECLARE, &args);
}

static inline int do_peer(int port, int fd, struct bootstrap_peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	peer->size = sizeof(*peer);
	peer->fd = fd;
	return call(port, BOOTSTRAP_IOC_PEER, peer);
}

/* How often is enough: a debug kernel is slow, and sees more each time. */
static inline int scaled(int times)
{
	return getenv("SLOW") ? times / 10 : times;
}

/* Can it be found? Leaves no descriptor. */
static inline int look_up_result(int port, const char *name)
{
	int fd = do_look_up(port, name);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static inline int do_session(int port, struct bootstrap_session *session)
{
	memset(session, 0, sizeof(*session));
	session->size = sizeof(*session);
	return call(port, BOOTSTRAP_IOC_SESSION, session);
}

static inline int do_session_by_id(int port, __u32 id, __u64 cookie,
				   struct bootstrap_session *session)
{
	memset(session, 0, sizeof(*session));
	session->size = sizeof(*session);
	session->flags = BOOTSTRAP_SESSION_BY_ID;
	session->session = id;
	session->cookie = cookie;
	return call(port, BOOTSTRAP_IOC_SESSION, session);
}

/* The first session with an id from @id on; the root session comes last. */
static inline int do_session_next(int port, __u32 id,
				  struct bootstrap_session *session)
{
	memset(session, 0, sizeof(*session));
	session->size = sizeof(*session);
	session->flags = BOOTSTRAP_SESSION_NEXT;
	session->session = id;
	return call(port, BOOTSTRAP_IOC_SESSION, session);
}

static inline struct bootstrap_usage usage_of(int port, uid_t uid)
{
	struct bootstrap_usage usage = {
		.size = sizeof(usage), .flags = BOOTSTRAP_USAGE_BY_UID,
		.uid = uid,
	};

	if (call(port, BOOTSTRAP_IOC_USAGE, &usage)) {
		usage.names = ~0u;
		usage.sessions = ~0u;
	}
	return usage;
}

static inline bool uses_nothing(int port, uid_t uid)
{
	struct bootstrap_usage usage = usage_of(port, uid);

	return !usage.names && !usage.sessions && !usage.deferrals;
}

/* A file that tells who registered it. */
static inline int tag_new(int tag)
{
	int fd = memfd_create("tag", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, &tag, sizeof(tag), 0) != sizeof(tag))
		abort();
	return fd;
}

static inline int tag_of(int fd)
{
	int tag = -1;

	if (pread(fd, &tag, sizeof(tag), 0) != sizeof(tag))
		return -1;
	return tag;
}

/* The number that a file of the kernel's begins with. */
static inline long file_number(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -1;

	if (!file)
		return -errno;
	if (fscanf(file, "%ld", &value) != 1)
		value = -EIO;
	fclose(file);
	return value;
}

/* The number in a file of /proc, such as "self/sessionid". */
static inline long proc_number(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s", name);
	return file_number(path);
}

/* For files of the kernel's: all in one write. */
static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static inline int set_login_uid(uid_t uid)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", uid);
	return write_file("/proc/self/loginuid", text);
}

static inline void become(uid_t uid)
{
	/* What a login leaves of root, one would not be inside the walls. */
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid))
		abort();
	/* /proc/self is the user's own again. */
	prctl(PR_SET_DUMPABLE, 1);
}

/* A fresh login session for a user; the calling process is its first. */
static inline void log_in(uid_t uid)
{
	if (set_login_uid(uid))
		abort();
	become(uid);
}

/*
 * Lives until it is killed, or whoever else holds the pipe ends. A signal at
 * the parent's death would not do: the parent may be another user by then.
 */
static inline int linger(int pipes[2])
{
	char c;

	close(pipes[1]);
	return read(pipes[0], &c, 1);
}

static inline void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * Gives the calling process, which is root, a login session of alice's, in
 * which another process of hers has registered a name by the time this returns
 * true; that one lives until the calling process ends.
 */
static inline bool host_alice(const char *name, int tag)
{
	int pipes[2], ready[2];
	char c;

	if (pipe(pipes) || pipe(ready) || set_login_uid(ALICE))
		return false;
	if (!fork()) {
		become(ALICE);
		_exit(do_register(port_open(), name, tag_new(tag)) ||
		      write(ready[1], "r", 1) != 1 || linger(pipes));
	}
	close(ready[1]);
	return read(ready[0], &c, 1) == 1;
}

/* What a child's function returned, or -1 if it did not end by itself. */
static inline int child_result(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs something as the first process of a login session; 0 if all held. */
#define AS(_uid, _body)							\
({									\
	pid_t pid_ = fork();						\
	if (!pid_) {							\
		log_in(_uid);						\
		_exit(({ _body; 0; }));					\
	}								\
	child_result(pid_);						\
})

#define CHECK(_condition)						\
do {									\
	if (!(_condition)) {						\
		fprintf(stderr, "# line %d: %s\n", __LINE__, #_condition); \
		_exit(1);						\
	}								\
} while (0)

static inline uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/*
 * What ends with a process ends soon after it, on a busy host not at once:
 * looks again until the condition holds, for ten seconds.
 */
#define eventually(_condition)						\
({									\
	int tries_ = 1000;						\
	while (!(_condition) && --tries_)				\
		usleep(10000);						\
	tries_ > 0;							\
})

/* Has the other end of this pipe been let go within so many milliseconds? */
static inline bool hangs_up(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd };

	return poll(&pfd, 1, ms) == 1 && (pfd.revents & POLLHUP);
}

/* Peers */

struct peer {
	pid_t pid;
	int socket;
};

struct peer_message {
	unsigned int command;
	bool on_fd;		/* not on the peer's port but on what is sent */
	int ret;
	union bootstrap_args args;
	struct bootstrap_info info;
	char name[BOOTSTRAP_NAME_MAX + 1];
};

static inline bool peer_send(int socket, const struct peer_message *message,
			     int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)message, sizeof(*message) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	return sendmsg(socket, &msg, MSG_NOSIGNAL) == sizeof(*message);
}

static inline bool peer_receive(int socket, struct peer_message *message,
				int *fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { message, sizeof(*message) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *cmsg;

	*fd = -1;
	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != sizeof(*message))
		return false;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(cmsg), sizeof(int));
	return true;
}

static inline bool gives_descriptor(unsigned int command)
{
	return command == BOOTSTRAP_IOC_LOOK_UP ||
	       command == BOOTSTRAP_IOC_CHECK_IN ||
	       command == BOOTSTRAP_IOC_DECLARE ||
	       command == BOOTSTRAP_IOC_OPEN ||
	       command == BOOTSTRAP_IOC_SUBSET ||
	       command == BOOTSTRAP_IOC_WATCH ||
	       command == BOOTSTRAP_IOC_LOGOUT ||
	       command == BOOTSTRAP_IOC_DEFER;
}

/* Serves until the test hangs up or ends. */
static inline void peer_serve(int socket)
{
	struct peer_message message;
	int port = port_open(), fd, out;

	while (peer_receive(socket, &message, &fd)) {
		out = -1;
		switch (message.command) {
		case BOOTSTRAP_IOC_REGISTER:
			message.args.reg.fd = fd;
			message.args.reg.name = (uintptr_t)message.name;
			break;
		case BOOTSTRAP_IOC_LOOK_UP:
			message.args.look_up.info = (uintptr_t)&message.info;
			message.args.look_up.name = (uintptr_t)message.name;
			break;
		case BOOTSTRAP_IOC_UNREGISTER:
		case BOOTSTRAP_IOC_TAKE_OVER:
			if (!message.on_fd)
				message.args.name.name = (uintptr_t)message.name;
			break;
		case BOOTSTRAP_IOC_CHECK_IN:
			if (!message.on_fd)
				message.args.check_in.name =
					(uintptr_t)message.name;
			break;
		case BOOTSTRAP_IOC_DECLARE:
			message.args.declare.name = (uintptr_t)message.name;
			break;
		case BOOTSTRAP_IOC_DEFER:
			message.args.defer.reason = (uintptr_t)message.name;
			break;
		case BOOTSTRAP_IOC_SUBSET:
			if (fd >= 0 && !message.on_fd)
				message.args.subset.requestor = fd;
			break;
		}
		message.ret = call(message.on_fd ? fd : port, message.command,
				   &message.args);
		if (gives_descriptor(message.command))
			out = message.ret;
		peer_send(socket, &message, out);
		if (out >= 0)
			close(out);
		if (fd >= 0)
			close(fd);
	}
	_exit(0);
}

/* A peer that first becomes what @enter makes of it. */
static inline struct peer peer_start(void (*enter)(uid_t uid), uid_t uid)
{
	struct peer peer;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		abort();
	peer.pid = fork();
	if (!peer.pid) {
		close(sockets[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (enter)
			enter(uid);
		peer_serve(sockets[1]);
	}
	close(sockets[1]);
	peer.socket = sockets[0];
	return peer;
}

/* Ends a peer, and with it all it holds. */
static inline void peer_stop(struct peer *peer)
{
	/* Peers that were started later hold copies of it. */
	shutdown(peer->socket, SHUT_RDWR);
	close(peer->socket);
	wait_for(peer->pid);
}

static inline __u32 args_size(unsigned int command)
{
	switch (command) {
	case BOOTSTRAP_IOC_REGISTER:
		return sizeof(struct bootstrap_register);
	case BOOTSTRAP_IOC_LOOK_UP:
		return sizeof(struct bootstrap_look_up);
	case BOOTSTRAP_IOC_SESSION:
		return sizeof(struct bootstrap_session);
	case BOOTSTRAP_IOC_USAGE:
		return sizeof(struct bootstrap_usage);
	case BOOTSTRAP_IOC_CHECK_IN:
		return sizeof(struct bootstrap_check_in);
	case BOOTSTRAP_IOC_DECLARE:
		return sizeof(struct bootstrap_declare);
	case BOOTSTRAP_IOC_OPEN:
		return sizeof(struct bootstrap_open);
	case BOOTSTRAP_IOC_SUBSET:
		return sizeof(struct bootstrap_subset);
	case BOOTSTRAP_IOC_NAMESPACE:
		return sizeof(struct bootstrap_namespace);
	default:
		return sizeof(struct bootstrap_name);
	}
}

static inline int peer_call(const struct peer *peer,
			    struct peer_message *message, int fd, int *ret_fd)
{
	int out;

	message->args.size = args_size(message->command);
	message->info.size = sizeof(message->info);
	if (!peer_send(peer->socket, message, fd) ||
	    !peer_receive(peer->socket, message, &out))
		return -ECONNRESET;
	if (ret_fd)
		*ret_fd = out;
	else if (out >= 0)
		close(out);
	return message->ret;
}

static inline int peer_register_flags(const struct peer *peer, const char *name,
				      int fd, __u32 flags)
{
	struct peer_message message = { .command = BOOTSTRAP_IOC_REGISTER };

	strcpy(message.name, name);
	message.args.reg.name_len = strlen(name);
	message.args.reg.flags = flags;
	return peer_call(peer, &message, fd, NULL);
}

/* Registers a file with a tag; the peer alone keeps it. */
static inline int peer_register(const struct peer *peer, const char *name,
				int tag)
{
	int fd = tag_new(tag);
	int ret = peer_register_flags(peer, name, fd, 0);

	close(fd);
	return ret;
}

/* The tag of what the peer finds in a scope, or a negative errno. */
static inline int peer_find_in(const struct peer *peer, const char *name,
			       __u32 flags, __u32 scope, __u32 session)
{
	struct peer_message message = { .command = BOOTSTRAP_IOC_LOOK_UP };
	int ret, fd;

	strcpy(message.name, name);
	message.args.look_up.name_len = strlen(name);
	message.args.look_up.flags = flags;
	message.args.look_up.scope = scope;
	message.args.look_up.session = session;
	ret = peer_call(peer, &message, -1, &fd);
	if (ret < 0)
		return ret;
	ret = tag_of(fd);
	close(fd);
	return ret;
}

static inline int peer_find(const struct peer *peer, const char *name)
{
	return peer_find_in(peer, name, 0, BOOTSTRAP_SCOPE_DEFAULT, 0);
}

static inline int peer_unregister(const struct peer *peer, const char *name)
{
	struct peer_message message = { .command = BOOTSTRAP_IOC_UNREGISTER };

	strcpy(message.name, name);
	message.args.name.name_len = strlen(name);
	return peer_call(peer, &message, -1, NULL);
}

static inline int peer_session(const struct peer *peer, __u32 flags, __u32 id,
			       struct bootstrap_session *ret_session)
{
	struct peer_message message = { .command = BOOTSTRAP_IOC_SESSION };
	int ret;

	message.args.session.flags = flags;
	message.args.session.session = id;
	ret = peer_call(peer, &message, -1, NULL);
	if (!ret)
		*ret_session = message.args.session;
	return ret;
}

#endif
