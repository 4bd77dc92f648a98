/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the PAM module and its chains share: a login's host that is the
 * test program itself, and answers as it is told to.
 */
#ifndef BOOTSTRAP_PAM_HOST_H
#define BOOTSTRAP_PAM_HOST_H

#include "../tools/common/login_host.h"
#include "pam.h"
#include "harness.h"

#define HOST		"/usr/local/lib/bootstrap/bootstrap-login-host"
#define DATABASE	"/etc/authorization"
/* A letter for each request, see host_answer(); what is not there is allowed. */
#define ANSWERS		WORK "/answers"
/* A line for each request, see host_note(). */
#define ASKED		WORK "/asked"
/* With its pid there when a host has ended as it should; who it is, is in HOST_PID. */
#define ENDED		WORK "/ended"
#define HOST_PID	WORK "/pid"

#define LINE(type, options) type " requisite " MODULE " " options "\n"
#define BEFORE	LINE("auth", "phase=before-auth")
#define AFTER	LINE("auth", "phase=after-auth")
#define ACCOUNT	LINE("account", "phase=after-auth")
#define HOME	LINE("session", "phase=after-home")
/* What says yes, and, if it is asked, no; the module itself says neither. */
#define YES(type) type " required /lib/security/pam_permit.so\n"
#define NO(type) type " sufficient /lib/security/pam_deny.so\n"
/* Around authentication, and the session. */
#define AUTHENTICATION	BEFORE YES("auth") AFTER
#define LINES	AUTHENTICATION YES("account") ACCOUNT HOME

/* --- the host */

/* Does it have these descriptors and no others? */
static bool has_only(int count)
{
	int fd;

	for (fd = 0; fd < 64; fd++)
		if (fd < count ? fcntl(fd, F_GETFD) < 0 : fcntl(fd, F_GETFD) >= 0)
			return false;
	return true;
}

static bool is_for_system(void)
{
	uid_t ids[3];
	char cwd[8];

	return !getresuid(&ids[0], &ids[1], &ids[2]) && !ids[0] && !ids[1] &&
	       !ids[2] && !getgroups(0, NULL) && getcwd(cwd, sizeof(cwd)) &&
	       !strcmp(cwd, "/") && proc_number("self/sessionid") == UINT32_MAX;
}

/* "STRETCH UID GID TIMEOUT HANDLE RIGHT SERVICE USER TTY RHOST HOME" */
static void host_note(const char *text, size_t len, int handle)
{
	const struct login_request *request = (const void *)text;
	const char *at = text + sizeof(*request);
	FILE *out = fopen(ASKED, "a");
	int i;

	fprintf(out, "%u %d %d %u %s", request->stretch, (int)request->uid,
		(int)request->gid, request->timeout,
		handle < 0 ? "-" :
		type_of(handle) == BOOTSTRAP_NAMESPACE_PRE_LOGIN ?
			"pre-login" : "?");
	for (i = 0; i < LOGIN_TEXTS && at < text + len; i++) {
		fprintf(out, " %s", *at ? at : "-");
		at += strlen(at) + 1;
	}
	if (i < LOGIN_TEXTS || at != text + len)
		fprintf(out, " ?");
	fprintf(out, "\n");
	fclose(out);
}

/* Has something said, and notes what came of it: "reply STYLE DONE TEXT" */
static void host_converse(uint32_t style, const char *text)
{
	struct login_converse converse = { LOGIN_CONVERSE, style };
	char message[2 * LOGIN_REPLY_MAX];
	const struct login_reply *reply = (const void *)message;
	FILE *out = fopen(ASKED, "a");
	ssize_t n;

	memcpy(message, &converse, sizeof(converse));
	strcpy(message + sizeof(converse), text);
	send(LOGIN_HOST_FD, message, sizeof(converse) + strlen(text) + 1, 0);
	n = recv(LOGIN_HOST_FD, message, sizeof(message), 0);
	if (n > (ssize_t)sizeof(*reply) && reply->kind == LOGIN_REPLY &&
	    !message[n - 1])
		fprintf(out, "reply %u %u %.20s\n", style, reply->done,
			message[sizeof(*reply)] ? message + sizeof(*reply) : "-");
	fclose(out);
}

/*
 * Allows, denies, is undefined or canceled; else ends, or says what is none, or more
 * than that.
 */
static void host_answer(char how)
{
	const struct login_answer answer = {
		.kind = LOGIN_ANSWER,
		.result = how >= '0' && how <= '9' ? how - '0' : 0,
	};
	char text[64] = "", *end = text + sizeof(answer);
	char question[sizeof(struct login_converse) + 2] = "";
	struct login_converse converse;
	uint32_t style;

	memcpy(text, &answer, sizeof(answer));
	switch (how) {
	case 'x':
		_exit(1);
	case 's':
		end--;
		break;
	case 'l':
		memset(text, 0, sizeof(text));
		end = text + sizeof(text);
		break;
	case 'q':
		for (style = LOGIN_PROMPT; style <= LOGIN_ERROR + 1; style++)
			host_converse(style, "a text");
		break;
	case 'z':
		/* All at once, and then it is gone. */
		converse = (struct login_converse){ LOGIN_CONVERSE, LOGIN_PROMPT };
		memcpy(question, &converse, sizeof(converse));
		question[sizeof(converse)] = 'a';
		send(LOGIN_HOST_FD, question, sizeof(question), 0);
		send(LOGIN_HOST_FD, text, end - text, 0);
		_exit(0);
	case 'c':
		memcpy(text, &(uint32_t){ LOGIN_CONVERSE }, sizeof(uint32_t));
		end = text + sizeof(struct login_converse);
		break;
	case 'v':
		memcpy(end, "A=b c\0B=", 9);
		end += 9;
		break;
	case 'n':
		memcpy(end, "A=b\0none", 9);
		end += 9;
		break;
	case 'e':
		*end++ = 'A';
		*end++ = '=';
	}
	send(LOGIN_HOST_FD, text, end - text, 0);
}

static int handle_of(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	return header ? *(int *)CMSG_DATA(header) : -1;
}

static void host_run(void)
{
	char text[LOGIN_REQUEST_MAX], control[64], answers[64] = "", how;
	int fd = open(ANSWERS, O_RDONLY), asked = 0;

	snprintf(text, sizeof(text), "%d", getpid());
	put_file(HOST_PID, text, 0600);

	if (fd >= 0) {
		if (read(fd, answers, sizeof(answers) - 1) < 0)
			abort();
		close(fd);
	}
	if (!has_only(LOGIN_HOST_FD + 1) || !is_for_system())
		put_file(WORK "/amiss", "", 0600);
	for (;;) {
		struct iovec iov = { text, sizeof(text) };
		struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(LOGIN_HOST_FD, &message, 0);

		if (n <= 0)
			break;
		host_note(text, n, handle_of(&message));
		how = answers[asked];
		if (how)
			asked++;
		host_answer(how);
	}
	snprintf(text, sizeof(text), ENDED "-%d", getpid());
	put_file(text, "", 0600);
	_exit(0);
}

__attribute__((constructor)) static void become_host(int argc, char **argv)
{
	if (argc && !strcmp(argv[0], "bootstrap-login-host"))
		host_run();
}

/* --- the tests */

FIXTURE(chain)
{
	int port;
	int log;
};

FIXTURE_SETUP(chain)
{
	char self_path[256] = "";

	PAM_SETUP();
	ASSERT_LT(0, readlink("/proc/self/exe", self_path,
			      sizeof(self_path) - 1));
	ASSERT_EQ(0, symlink(self_path, HOST));
	put_file(DATABASE, "", 0644);
}

FIXTURE_TEARDOWN(chain)
{
	unlink(DATABASE);
	EXPECT_NE(0, access(WORK "/amiss", F_OK));
	PAM_TEARDOWN();
}

static inline void forget(const char *answers)
{
	put_file(ANSWERS, answers, 0644);
	unlink(ASKED);
}

static inline bool asked(const char *lines)
{
	const char *text = file_text(ASKED);

	if (!strcmp(text, lines))
		return true;
	fprintf(stderr, "# requests:\n# %s", text);
	return false;
}

static inline bool host_has_ended(void)
{
	char path[64];

	snprintf(path, sizeof(path), ENDED "-%.16s", file_text(HOST_PID));
	return !access(path, F_OK);
}

static const struct attempt remote = {
	.service = "remote", .config = LINES, .tty = "ssh", .host = "far.example.org",
};

#define FAR	"system.login.console remote alice ssh far.example.org"
#define KNOWN	"1000 1000 30"
#define FIRST	"0 -1 -1 30 pre-login " FAR " -\n"
#define SECOND	"1 " KNOWN " - " FAR " /home/alice\n"
#define THIRD	"2 " KNOWN " - " FAR " /home/alice\n"

#endif
