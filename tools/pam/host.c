// SPDX-License-Identifier: GPL-2.0
/* The process that runs mechanisms for a login. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_bootstrap.h"

/* It acts for the system, not for whoever started the application. */
static bool host_prepare(const void *data)
{
	(void)data;
	session_leave();
	return !syscall(SYS_setgroups, 0, NULL) &&
	       !syscall(SYS_setresgid, 0, 0, 0) &&
	       !syscall(SYS_setresuid, 0, 0, 0) && !chdir("/");
}

int host_start(void)
{
	char *argv[] = { "bootstrap-login-host", NULL };
	char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	struct detached host = {
		.path = LOGIN_HOST,
		.argv = argv,
		.envp = envp,
		.prepare = host_prepare,
	};
	int ends[2], err;

	_Static_assert(DETACHED_FD == LOGIN_HOST_FD, "where it looks for it");
	if (faccessat(AT_FDCWD, LOGIN_HOST, X_OK, AT_EACCESS) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	host.fd = ends[1];
	err = detached_start(&host);
	close(ends[1]);
	if (!err)
		return ends[0];
	close(ends[0]);
	return err;
}

/* A request as it is sent. Returns its length, or a negative errno. */
static ssize_t request_write(char *to, const struct login_request *request,
			     const char *const texts[LOGIN_TEXTS])
{
	size_t len = sizeof(*request);
	int i;

	memcpy(to, request, len);
	for (i = 0; i < LOGIN_TEXTS; i++) {
		size_t size = strlen(texts[i]) + 1;

		if (size > LOGIN_REQUEST_MAX - len)
			return -EMSGSIZE;
		memcpy(to + len, texts[i], size);
		len += size;
	}
	return len;
}

static int request_send(int host, const char *text, size_t len, int handle)
{
	struct iovec iov = { .iov_base = (void *)text, .iov_len = len };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		},
	};
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (handle >= 0) {
		memcpy(CMSG_DATA(&control.header), &handle, sizeof(handle));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.space);
	}
	do {
		n = sendmsg(host, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int host_ask(int host, const struct login_request *request,
	     const char *const texts[LOGIN_TEXTS], int handle,
	     struct login_answer *ret_answer)
{
	struct login_answer answer;
	char text[LOGIN_REQUEST_MAX];
	ssize_t n;
	int err;

	n = request_write(text, request, texts);
	if (n < 0)
		return n;
	err = request_send(host, text, n, handle);
	if (err)
		return err;
	do {
		n = recv(host, &answer, sizeof(answer), MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!n)
		return -EPIPE;
	if (n != sizeof(answer) || answer.result > LOGIN_USER_CANCELED)
		return -EPROTO;
	*ret_answer = answer;
	return 0;
}
