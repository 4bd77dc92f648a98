// SPDX-License-Identifier: GPL-2.0
/*
 * For tests of the tool: "announced TYPE[,TTY[,HOST]] COMMAND..." runs a command
 * of alice's in a login session that is announced as of this type, on that
 * terminal, and from that host; or as root in the pre-login namespace of a login
 * in progress.
 */
#include "space.h"

static const char *const types[] = {
	[BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW] = "login-window",
	[BOOTSTRAP_SESSION_TYPE_GUI] = "gui",
	[BOOTSTRAP_SESSION_TYPE_NON_GUI] = "non-gui",
	[BOOTSTRAP_SESSION_TYPE_BACKGROUND] = "background",
};

static __u32 type_named(const char *name)
{
	__u32 type;

	for (type = 0; type < ARRAY_SIZE(types); type++)
		if (types[type] && !strcmp(types[type], name))
			return type;
	return BOOTSTRAP_SESSION_TYPE_UNKNOWN;
}

static int enter_pre_login(int port)
{
	int handle = do_pre_login(port);
	char text[64];

	if (handle < 0)
		return handle;
	snprintf(text, sizeof(text), "%d:%llu", handle, id_of(handle));
	return fcntl(handle, F_SETFD, 0) ||
	       setenv("BOOTSTRAP_NAMESPACE", text, 1);
}

static int enter_session(int port, __u32 type, const char *tty, const char *host)
{
	struct bootstrap_announce args = {
		.size = sizeof(args),
		.flags = BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
		.type = type,
		.uid = ALICE,
		.attributes = type == BOOTSTRAP_SESSION_TYPE_NON_GUI ?
			BOOTSTRAP_SESSION_ATTR_TTY |
			BOOTSTRAP_SESSION_ATTR_REMOTE : 0,
		.tty = (uintptr_t)tty,
		.host = (uintptr_t)host,
		.tty_len = tty ? strlen(tty) : 0,
		.host_len = host ? strlen(host) : 0,
	};
	int err = set_login_uid(ALICE);

	if (err)
		return err;
	args.session = proc_number("self/sessionid");
	err = call(port, BOOTSTRAP_IOC_ANNOUNCE, &args);
	if (!err)
		become(ALICE);
	return err;
}

int main(int argc, char **argv)
{
	const char *name = argc > 2 ? strtok(argv[1], ",") : "";
	const char *tty = strtok(NULL, ","), *host = strtok(NULL, ",");
	__u32 type = type_named(name);
	int port = port_open(), err;

	if (type == BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW)
		err = enter_pre_login(port);
	else
		err = type ? enter_session(port, type, tty, host) : -EINVAL;
	if (err) {
		fprintf(stderr, "announced: %d\n", err);
		return 1;
	}
	execvp(argv[2], argv + 2);
	return 1;
}
