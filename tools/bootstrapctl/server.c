// SPDX-License-Identifier: GPL-2.0
/*
 * The command launch-server, which bootstrap_create_server() runs. Until its
 * caller lets go of the server's port it declares services, as it is asked to;
 * from then on it is their launcher.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../userlib/src/mach/launcher.h"
#include "bootstrapctl.h"

struct server {
	struct launcher launcher;
	uid_t uid;
	bool always;		/* not only when it is needed */
	bool declared;		/* a service, which may be gone */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the quotes out of the word that @text begins with; returns its end. */
static char *word_end(char *text)
{
	char *to = text, quote = '\0';

	for (; *text && (quote || !is_blank(*text)); text++) {
		if (*text == quote)
			quote = '\0';
		else if (!quote && (*text == '"' || *text == '\''))
			quote = *text;
		else
			*to++ = *text;
	}
	if (*text)
		*text++ = '\0';
	*to = '\0';
	return text;
}

/* The words of a command, which is changed; NULL if there is no memory. */
static char **words_new(char *command)
{
	char **words = calloc(strlen(command) / 2 + 2, sizeof(*words));
	unsigned int count = 0;

	while (words && *(command += strspn(command, " \t"))) {
		words[count++] = command;
		command = word_end(command);
	}
	return words;
}

/*
 * Whoever runs as another user than the launcher gets no right to register in
 * what is not that user's: his other processes could take the handle from him.
 */
static int server_hand_down(const struct server *server)
{
	const struct launcher *launcher = &server->launcher;
	struct bootstrap_namespace about = { .size = sizeof(about) };
	int err = bns_namespace(launcher->port, NULL, &about), handle;
	uint32_t without = 0;

	if (err)
		return err;
	if (server->uid != geteuid() && server->uid != about.uid)
		without = BOOTSTRAP_RIGHT_REGISTER;
	handle = namespace_derive(launcher->port, without);
	if (handle == -EACCES)
		return 0;
	if (handle < 0)
		return handle;
	/* Where the rights go it would be overwritten. */
	return namespace_hand_down(handle, STDERR_FILENO + 1 +
				   launcher->services.count);
}

static int server_become_user(uid_t uid)
{
	const struct passwd *pw;

	if (uid == geteuid())
		return 0;
	errno = 0;
	pw = getpwuid(uid);
	if (pw)
		return user_become(pw->pw_name, uid, pw->pw_gid);
	/* Which groups they are is not to be guessed. */
	if (errno && errno != ENOENT)
		return -errno;
	return user_become(NULL, uid, uid);
}

static int server_become(const struct launcher *launcher)
{
	const struct server *server = launcher->context;
	int err = server_hand_down(server);

	if (!err)
		err = server_become_user(server->uid);
	/* The server itself, so that clients see its credentials. */
	if (!err)
		err = services_check_in(&launcher->services);
	if (err)
		return complain(err, launcher->command[0]);
	return run_command(launcher->command);
}

static int server_find(const struct services *services, const char *name)
{
	unsigned int i;

	for (i = 0; i < services->count; i++)
		if (!strcmp(services->names[i], name))
			return services->handles[i];
	return -ENOENT;
}

/* Returns a check-in handle, which is kept, or an error. */
static int server_do(struct server *server,
		     const struct launcher_message *message)
{
	struct launcher *launcher = &server->launcher;
	int handle;

	if (!memchr(message->name, '\0', sizeof(message->name)))
		return -EINVAL;
	services_drop_gone(&launcher->services);
	switch (message->what) {
	case LAUNCHER_DECLARE:
		handle = launcher_declare(launcher, message->name);
		if (handle >= 0)
			server->declared = true;
		return handle;
	case LAUNCHER_FIND:
		return server_find(&launcher->services, message->name);
	default:
		return -EINVAL;
	}
}

static void server_answer(int handle)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(handle))];
	} control = { 0 };
	int32_t err = handle < 0 ? handle : 0;
	struct iovec iov = { .iov_base = &err, .iov_len = sizeof(err) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (!err) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(handle));
		memcpy(CMSG_DATA(&control.header), &handle, sizeof(handle));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	/* Who does not read his answers has no others waited for. */
	sendmsg(LAUNCHER_SOCKET, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Returns whether there may be more messages. */
static bool server_take_message(struct server *server, short told)
{
	struct launcher_message message;
	ssize_t n = recv(LAUNCHER_SOCKET, &message, sizeof(message),
			 MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!n && told & (POLLHUP | POLLRDHUP))
		return false;
	server_answer(n == sizeof(message) ? server_do(server, &message) :
					     -EINVAL);
	return true;
}

/* While the caller is the server. Returns whether to go on after that. */
static bool server_listen(struct server *server)
{
	struct pollfd polled[] = {
		server->launcher.polled[0],
		{ .fd = LAUNCHER_SOCKET, .events = POLLIN | POLLRDHUP },
	};
	bool more = true;

	while (more) {
		if (poll(polled, 2, -1) < 0)
			continue;
		if (launcher_take_signals(&server->launcher))
			return false;
		if (polled[1].revents)
			more = server_take_message(server, polled[1].revents);
	}
	close(LAUNCHER_SOCKET);
	return true;
}

static void server_run(struct server *server)
{
	struct launcher *launcher = &server->launcher;
	short told;

	services_drop_gone(&launcher->services);
	/* One that has no services is started once. */
	if (server->always && (launcher->services.count || !server->declared))
		launcher_start(launcher);
	while (launcher->server || launcher->services.count) {
		told = launcher_poll(launcher);
		if (launcher_take_signals(launcher))
			break;
		if (told & POLLHUP)
			services_drop_gone(&launcher->services);
		else if (launcher->services.count)
			launcher_go_on(launcher,
				       server->always || told & POLLIN);
	}
}

static int server_launch(struct server *server)
{
	int status = launcher_init(&server->launcher);

	if (!status && server_listen(server))
		server_run(server);
	launcher_stop(&server->launcher);
	launcher_free(&server->launcher);
	return status;
}

/* What the caller has open, and who else he is, is no business of a server's. */
static int server_settle(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 ||
	    (fcntl(STDERR_FILENO, F_GETFD) < 0 &&
	     dup2(null, STDERR_FILENO) < 0) ||
	    fcntl(LAUNCHER_PORT, F_SETFD, FD_CLOEXEC) ||
	    fcntl(LAUNCHER_SOCKET, F_SETFD, FD_CLOEXEC) ||
	    setresgid(getegid(), getegid(), getegid()) ||
	    setresuid(geteuid(), geteuid(), geteuid()))
		return complain(-errno, "launch-server");
	if (null > STDERR_FILENO)
		close(null);
	namespace_forget();
	return 0;
}

/* The caller waits for no more than this. */
static int server_go_on_in_child(void)
{
	pid_t pid = fork();

	if (pid > 0)
		_exit(0);
	return pid < 0 ? complain(-errno, "launch-server") : 0;
}

static int server_parse(const struct args *args, struct server *server)
{
	const char *when = args->count == 3 ? args->operands[1] : "";

	server->always = !strcmp(when, "always");
	if ((!server->always && strcmp(when, "on-demand")) ||
	    !parse_uid(args->operand, &server->uid)) {
		fprintf(stderr, "bootstrapctl: launch-server: for bootstrap_create_server(), not to be run by hand\n");
		return EXIT_USAGE;
	}
	server->launcher.command = words_new((char *)args->operands[2]);
	if (!server->launcher.command)
		return complain(-ENOMEM, "launch-server");
	if (!server->launcher.command[0])
		return complain(-ENOENT, "launch-server");
	return 0;
}

int cmd_launch_server(const struct args *args)
{
	struct server server = {
		.launcher = { .port = LAUNCHER_PORT, .become = server_become },
	};
	int status = server_parse(args, &server);

	server.launcher.context = &server;
	if (!status)
		status = server_settle();
	if (!status)
		status = server_go_on_in_child();
	if (!status)
		status = server_launch(&server);
	free(server.launcher.command);
	return status;
}
