// SPDX-License-Identifier: GPL-2.0
/* The commands on sessions: session, sessions, login. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const char *session_user_text(const struct bootstrap_session *session)
{
	if (session->attributes & BOOTSTRAP_SESSION_ATTR_ROOT)
		return "-";
	return user_text(session->uid);
}

static const char *session_type_text(uint32_t type)
{
	static const char *const texts[] = {
		[BOOTSTRAP_SESSION_TYPE_UNKNOWN] = "unknown",
		[BOOTSTRAP_SESSION_TYPE_ROOT] = "root",
		[BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW] = "login-window",
		[BOOTSTRAP_SESSION_TYPE_GUI] = "gui",
		[BOOTSTRAP_SESSION_TYPE_NON_GUI] = "non-gui",
		[BOOTSTRAP_SESSION_TYPE_BACKGROUND] = "background",
	};

	return type < ARRAY_SIZE(texts) ? texts[type] : "unknown";
}

static const struct attribute {
	uint32_t bit;
	const char *text;
} attributes[] = {
	{ BOOTSTRAP_SESSION_ATTR_ROOT, "root" },
	{ BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS, "graphic-access" },
	{ BOOTSTRAP_SESSION_ATTR_TTY, "tty" },
	{ BOOTSTRAP_SESSION_ATTR_REMOTE, "remote" },
	{ BOOTSTRAP_SESSION_ATTR_CONSOLE, "console" },
	{ BOOTSTRAP_SESSION_ATTR_AUTHENTICATED, "authenticated" },
};

static void attributes_print(uint32_t bits)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (bits & attributes[i].bit) {
			printf("%s%s", comma, attributes[i].text);
			comma = ", ";
		}
	printf("%s\n", *comma ? "" : "-");
}

static struct json_object *attributes_json(uint32_t bits)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (bits & attributes[i].bit)
			json_object_array_add(array,
					      json_object_new_string(attributes[i].text));
	return array;
}

static struct json_object *
session_object(const struct bootstrap_session *session)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "session",
			       session_json(session->session));
	json_object_object_add(object, "cookie",
			       json_object_new_int64(session->cookie));
	json_object_object_add(object, "namespace",
			       json_object_new_int64(session->namespace_id));
	json_object_object_add(object, "uid",
			       json_object_new_int64(session->uid));
	json_object_object_add(object, "names",
			       json_object_new_int64(session->names));
	json_object_object_add(object, "type",
			       json_object_new_string(session_type_text(session->type)));
	json_object_object_add(object, "attributes",
			       attributes_json(session->attributes));
	json_object_object_add(object, "outside",
			       json_object_new_boolean(session->standing &
						       BOOTSTRAP_STANDING_OUTSIDE));
	return object;
}

static void session_print(const struct bootstrap_session *session)
{
	printf("session    %s\n", session_text(session->session));
	printf("user       %s\n", session_user_text(session));
	printf("type       %s\n", session_type_text(session->type));
	printf("attributes ");
	attributes_print(session->attributes);
	printf("names      %u\n", session->names);
	printf("cookie     %llu\n", (unsigned long long)session->cookie);
	printf("namespace  %llu\n",
	       (unsigned long long)session->namespace_id);
	if (session->standing & BOOTSTRAP_STANDING_OUTSIDE)
		printf("note       the caller bears a session id, but is more or other than that session's user\n");
}

int cmd_session(const struct args *args)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	int port = port_open();
	uint32_t id;
	int err;

	if (!args->operand) {
		err = bns_session(port, &session);
	} else if (!parse_session(args->operand, &id)) {
		fprintf(stderr, "bootstrapctl: %s: not a session id (a number, or root)\n",
			args->operand);
		return EXIT_USAGE;
	} else {
		err = bns_session_by_id(port, id, 0, &session);
	}
	if (err)
		return complain(err, args->operand ? args->operand : "session");
	if (args->json)
		json_print_free(session_object(&session));
	else
		session_print(&session);
	return 0;
}

static void sessions_add_row(struct table *table,
			     const struct bootstrap_session *session)
{
	table_add(table, "%s", session_text(session->session));
	table_add(table, "%s", session_user_text(session));
	table_add(table, "%u", session->names);
	table_add(table, "%s", session_type_text(session->type));
	table_add(table, "%llu", (unsigned long long)session->cookie);
}

int cmd_sessions(const struct args *args)
{
	static const char *const heads[] = {
		"SESSION", "USER", "NAMES", "TYPE", "COOKIE"
	};
	struct bootstrap_session session = { .size = sizeof(session) };
	struct json_object *array = args->json ? json_object_new_array() : NULL;
	struct table *table = array ? NULL : table_new(5, heads);
	int port = port_open();
	uint32_t id = 0;
	int err;

	do {
		err = bns_session_next(port, id, &session);
		if (err) {
			json_object_put(array);
			table_free(table);
			return complain(err, "sessions");
		}
		if (array)
			json_object_array_add(array, session_object(&session));
		else
			sessions_add_row(table, &session);
		id = session.session + 1;
	} while (session.session != BOOTSTRAP_SESSION_ID_ROOT);
	if (array)
		json_print_free(array);
	else
		table_print_free(table);
	return 0;
}

int cmd_session_name(const struct args *args)
{
	const size_t size = strlen(args->operand) + BNS_SESSION_NAME_MORE;
	char *name = malloc(size);
	int err = -ENOMEM;

	if (name)
		err = bns_session_name(port_open(), args->operand, name, size);
	if (!err)
		puts(name);
	free(name);
	return err ? complain(err, "session-name") : 0;
}

/* What a login's PAM module does: the kernel gives out a fresh session id. */
static int login_set_uid(uid_t uid)
{
	int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	char text[16];
	ssize_t n;
	int len;

	if (fd < 0)
		return -errno;
	len = snprintf(text, sizeof(text), "%u", uid);
	n = write(fd, text, len);
	if (n != len)
		len = n < 0 ? -errno : -EIO;
	close(fd);
	return len < 0 ? len : 0;
}

static int login_become(const struct passwd *pw)
{
	int err = user_become(pw->pw_name, pw->pw_uid, pw->pw_gid);

	if (err)
		return err;
	if (setenv("HOME", pw->pw_dir, 1) || setenv("USER", pw->pw_name, 1) ||
	    setenv("LOGNAME", pw->pw_name, 1) ||
	    setenv("SHELL", *pw->pw_shell ? pw->pw_shell : "/bin/sh", 1))
		return -ENOMEM;
	/* As login does where the home is not there. */
	if (chdir(pw->pw_dir) && chdir("/"))
		return -errno;
	/* Where the caller was; shells find out where they are. */
	unsetenv("PWD");
	/* A login has a namespace of its own. */
	namespace_forget();
	return 0;
}

int cmd_login(const struct args *args)
{
	const struct passwd *pw;
	int err;

	errno = 0;
	pw = getpwnam(args->operand);
	if (!pw) {
		fprintf(stderr, "bootstrapctl: %s: %s\n", args->operand,
			errno ? strerror(errno) : "no such user");
		return errno ? EXIT_SYSTEM : EXIT_REFUSED;
	}
	if (geteuid() != 0) {
		fprintf(stderr, "bootstrapctl: login: only root can log others in\n");
		return EXIT_REFUSED;
	}
	err = login_set_uid(pw->pw_uid);
	if (err == -EPERM) {
		fprintf(stderr, "bootstrapctl: login: this process has a login uid that it may not change (CAP_AUDIT_CONTROL)\n");
		return EXIT_REFUSED;
	}
	if (err) {
		fprintf(stderr, "bootstrapctl: login: no session id can be had from /proc/self/loginuid: %s\n",
			strerror(-err));
		return EXIT_SYSTEM;
	}
	err = login_become(pw);
	if (err) {
		fprintf(stderr, "bootstrapctl: login: cannot become %s: %s\n",
			args->operand, strerror(-err));
		return EXIT_SYSTEM;
	}
	return run_command(args->command);
}
