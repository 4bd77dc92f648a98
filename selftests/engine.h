/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of bootstrap-login-host share: a place for plug-ins, a database, a
 * log, and the part of pam_bootstrap.
 */
#ifndef BOOTSTRAP_ENGINE_H
#define BOOTSTRAP_ENGINE_H

#include <poll.h>
#include <signal.h>

#include <bootstrap/login.h>

#include "../tools/common/login_host.h"
#include "pam.h"
#include "harness.h"

#define HOST		"/usr/local/lib/bootstrap/bootstrap-login-host"
#define PLUGIN_DIR	"/usr/local/lib/bootstrap/plugins"
#define DATABASE	"/etc/authorization"

#define ALLOW		LOGIN_ALLOW
#define DENY		LOGIN_DENY
#define UNDEFINED	LOGIN_UNDEFINED
#define CANCELED	LOGIN_USER_CANCELED
#define GONE		(-1)

#define BEFORE		BNL_STRETCH_BEFORE_AUTH
#define BETWEEN		BNL_STRETCH_AFTER_AUTH
#define AFTER		BNL_STRETCH_AFTER_HOME

/* What a script does with what it has read, and where it leaves something. */
#define NOTE(file)	"cat >" WORK "/" file "\n"
#define SAY(json)	"echo '" json "' >&3\n"
#define HAS(text)	"grep -q '" text "'"

#define LOG		WORK "/log"

/* Whoever logs waits for whoever reads that. */
static inline pid_t logger_start(void)
{
	int log = log_open(), fd = open(LOG, O_WRONLY | O_CREAT | O_APPEND, 0600);
	pid_t pid = fork();

	while (!pid) {
		struct pollfd polled = { .fd = log, .events = POLLIN };
		const char *text;

		poll(&polled, 1, -1);
		text = log_text(log);
		if (write(fd, text, strlen(text)) < 0)
			abort();
	}
	close(log);
	close(fd);
	return pid;
}

static inline void log_forget(void)
{
	if (truncate(LOG, 0))
		abort();
}

static inline bool log_has(const char *text)
{
	static char log[1 << 17];
	int fd = open(LOG, O_RDONLY);
	ssize_t n = read(fd, log, sizeof(log) - 1);

	close(fd);
	log[n > 0 ? n : 0] = '\0';
	return strstr(log, text);
}

#define LOGGED(text) EXPECT_TRUE(eventually(log_has(text)))

/* A place for each test alone. */
static inline pid_t engine_prepare(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		abort();
	mount_empty(WORK);
	chmod(WORK, 01777);
	mount_empty(PLUGIN_DIR);
	if (mkdir(PLUGIN_DIR "/t", 0755))
		abort();
	return logger_start();
}

static inline void engine_clear(pid_t logger)
{
	unlink(DATABASE);
	unlink("/dev/log");
	kill(logger, SIGKILL);
	waitpid(logger, NULL, 0);
}

static inline void script(const char *name, const char *lines)
{
	char path[128], text[4096];

	snprintf(path, sizeof(path), PLUGIN_DIR "/t/%s", name);
	snprintf(text, sizeof(text), "#!/bin/sh\n%s", lines);
	put_file(path, text, 0755);
}

/* The database: mechanisms, each in its place, and tries if not 0. */
static inline void put_right(const char *const *mechanisms, int tries)
{
	char text[4096], *at = text;

	at += sprintf(at, "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>");
	at += sprintf(at, "<key>rights</key><dict>");
	at += sprintf(at, "<key>system.login.console</key><dict>");
	at += sprintf(at, "<key>class</key><string>evaluate-mechanisms</string>");
	at += sprintf(at, "<key>mechanisms</key><array>");
	for (; *mechanisms; mechanisms++)
		at += sprintf(at, "<string>%s</string>", *mechanisms);
	at += sprintf(at, "</array>");
	if (tries)
		at += sprintf(at, "<key>tries</key><integer>%d</integer>", tries);
	sprintf(at, "</dict></dict></dict></plist>");
	put_file(DATABASE, text, 0644);
}

#define RIGHT(tries, ...) put_right((const char *const[]){ __VA_ARGS__, NULL }, tries)
#define AUTH "builtin:authenticate,privileged"
#define HOME "HomeDirMechanism:login,privileged"

struct host {
	int socket;
	pid_t pid;
	pid_t application;
};

static inline void host_become(int socket, pid_t application)
{
	int pidfd = syscall(SYS_pidfd_open, application, 0);

	socket = fcntl(socket, F_DUPFD, 10);
	pidfd = fcntl(pidfd, F_DUPFD, 10);
	dup2(pidfd, 3);
	dup2(socket, LOGIN_HOST_FD);
	close_range(LOGIN_HOST_FD + 1, ~0U, 0);
	execl(HOST, "bootstrap-login-host", NULL);
	_exit(99);
}

static inline struct host start_for(pid_t application)
{
	struct host host = { .application = application };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		abort();
	host.pid = fork();
	if (!host.pid)
		host_become(pair[1], application);
	close(pair[1]);
	host.socket = pair[0];
	return host;
}

static inline struct host start(void)
{
	return start_for(getpid());
}

/* A request as the module makes them, and its texts. */
struct asked {
	struct login_request request;
	char texts[512];
	size_t len;
};

/* Who logs in, when that is known. */
static uid_t asked_uid = ALICE;
static const char *asked_home = "/home/alice";
static const char *asked_right = "system.login.console";
static const char *asked_name = "alice";

static inline struct asked request_for(const struct host *host, int stretch)
{
	const bool known = stretch != BEFORE;
	const char *const texts[] = { asked_right, "sshd", asked_name, "",
				      "far", known ? asked_home : "" };
	struct asked asked = {
		.request = {
			.kind = LOGIN_REQUEST,
			.stretch = stretch,
			.session = stretch == AFTER ? 7 : LOGIN_UNKNOWN,
			.uid = known ? asked_uid : LOGIN_UNKNOWN,
			.gid = known ? asked_uid : LOGIN_UNKNOWN,
			.timeout = 60,
			.pid = host->application,
		},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		strcpy(asked.texts + asked.len, texts[i]);
		asked.len += strlen(texts[i]) + 1;
	}
	return asked;
}

/* What the user was told and asked: a line each, the style and the text. */
static char conversation[2048];
/* What he answers; NULL: there is nobody. */
static const char *user_answer = "";

static inline void user_reply(const struct host *host, const char *message)
{
	struct login_reply reply = { LOGIN_REPLY, !!user_answer };
	const struct login_converse *converse = (const void *)message;
	char text[sizeof(reply) + LOGIN_REPLY_MAX + 1] = "";
	size_t len = strlen(conversation);

	snprintf(conversation + len, sizeof(conversation) - len, "%u %.1024s\n",
		 converse->style, message + sizeof(*converse));
	memcpy(text, &reply, sizeof(reply));
	if (user_answer)
		strcpy(text + sizeof(reply), user_answer);
	len = sizeof(reply) + strlen(text + sizeof(reply)) + 1;
	send(host->socket, text, len, MSG_NOSIGNAL);
}

/* Texts of the result: what the environment would be, a line each. */
static char result_texts[LOGIN_MESSAGE_MAX];

static inline void result_note(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		result_texts[i] = text[i] ? text[i] : '\n';
	result_texts[len] = '\0';
}

static inline int answer_of(const struct host *host, struct login_answer *answer)
{
	static char text[LOGIN_MESSAGE_MAX];
	ssize_t n;

	do {
		n = recv(host->socket, text, sizeof(text), 0);
		if (n < (ssize_t)sizeof(uint32_t))
			return GONE;
		memcpy(&answer->kind, text, sizeof(answer->kind));
		if (answer->kind == LOGIN_CONVERSE)
			user_reply(host, text);
	} while (answer->kind == LOGIN_CONVERSE);
	if (answer->kind != LOGIN_ANSWER || n < (ssize_t)sizeof(*answer))
		return GONE;
	memcpy(answer, text, sizeof(*answer));
	result_note(text + sizeof(*answer), n - sizeof(*answer));
	return answer->result;
}

static inline void asked_send(const struct host *host, const struct asked *asked)
{
	send(host->socket, asked, sizeof(asked->request) + asked->len,
	     MSG_NOSIGNAL);
}

static inline int ask_in(const struct host *host, int stretch, int timeout)
{
	struct asked asked = request_for(host, stretch);
	struct login_answer answer;

	asked.request.timeout = timeout;
	asked_send(host, &asked);
	return answer_of(host, &answer);
}

static inline int ask(const struct host *host, int stretch)
{
	return ask_in(host, stretch, 60);
}

/* The same, with a handle for the pre-login namespace. */
static inline int ask_with(const struct host *host, int stretch, int handle)
{
	struct asked asked = request_for(host, stretch);
	struct iovec iov = { &asked, sizeof(asked.request) + asked.len };
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct login_answer answer;

	*header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET,
				    SCM_RIGHTS };
	memcpy(CMSG_DATA(header), &handle, sizeof(handle));
	sendmsg(host->socket, &message, MSG_NOSIGNAL);
	return answer_of(host, &answer);
}

/* Until it has ended of itself; what it ended with. */
static inline int host_end(struct host *host)
{
	close(host->socket);
	return child_result(host->pid);
}

/* Processes of which this is an argument, so that nobody else's is. */
static inline int count_sleeping(const char *seconds)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	char path[300];
	int count = 0;

	while ((entry = readdir(dir))) {
		const char *text;

		if (*entry->d_name < '1' || *entry->d_name > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		text = file_text(path);
		count += !strcmp(text, "sleep") &&
			 !strcmp(text + strlen(text) + 1, seconds);
	}
	closedir(dir);
	return count;
}

static inline bool has(const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), WORK "/%s", file);
	if (strstr(file_text(path), text))
		return true;
	fprintf(stderr, "# %s: %s\n", file, file_text(path));
	return false;
}

#endif
