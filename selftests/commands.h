/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All commands of /dev/bootstrap in one table, with what each field of their
 * arguments means. Tests that walk it leave no command out, the fuzzer makes
 * arguments by it. abi_test fails if a command has no row, or a byte of its
 * argument no field.
 */
#ifndef BOOTSTRAP_COMMANDS_H
#define BOOTSTRAP_COMMANDS_H

#include <stddef.h>

#include "bootstrap_test.h"

enum field_kind {
	FIELD_END,
	FIELD_SIZE,
	FIELD_FLAGS,
	FIELD_PAD,
	FIELD_TEXT,		/* address of a name */
	FIELD_TEXT_LEN,
	FIELD_SCOPE,
	FIELD_SESSION,
	FIELD_COOKIE,
	FIELD_FD,
	FIELD_ID,		/* of a user or group */
	FIELD_GENERATION,
	FIELD_INFO,		/* address of a struct bootstrap_info */
	FIELD_BUFFER,		/* address of room for a list */
	FIELD_BUFFER_SIZE,
	FIELD_TYPE,		/* of a socket */
	FIELD_BACKLOG,
	FIELD_DEADLINE,
	FIELD_ENTRIES,		/* address of struct bootstrap_look_up_entry */
	FIELD_COUNT,		/* of these */
	FIELD_NAMESPACE,	/* id of a child */
	FIELD_RIGHTS,
	FIELD_HANDLE,		/* of a pre-login namespace */
	FIELD_PIDFD,
	FIELD_LOGIN,		/* type of a session */
	FIELD_ATTRIBUTES,	/* of a session */
	FIELD_CLEAR,		/* the same, to be taken away */
	FIELD_SIGNAL,		/* its number */
	FIELD_TTY,		/* address of a text of a login's */
	FIELD_HOST,
	FIELD_TTY_LEN,
	FIELD_HOST_LEN,
	FIELD_OUT,		/* written, never read */
};

struct field {
	const char *name;
	enum field_kind kind;
	unsigned short offset;
	unsigned short size;
};

#define FIELDS_MAX	20

struct command {
	const char *name;
	unsigned int number;
	unsigned short size;
	unsigned short min_size;
	__u32 flags;			/* those that are known */
	bool addresses;			/* scope, session and cookie say what */
	bool inside;			/* for processes of login sessions */
	const int *through;		/* what it is a command on, if no port */
	struct field fields[FIELDS_MAX];
	/* Fills in arguments that succeed. */
	void (*good)(union bootstrap_args *args);
	/* Undoes what success did. */
	void (*undo)(int port, int ret);
};

/* What tests use; "there" is registered by the test, "new" is not. */
static int good_file = -1;
static int good_connection = -1;
static struct bootstrap_info good_info;
static struct bootstrap_look_up_entry good_entries[2];
static _Alignas(8) char good_buffer[4096];

static inline void good_register(union bootstrap_args *args)
{
	args->reg = args_register("new", good_file);
}

static inline void undo_register(int port, int ret)
{
	(void)ret;
	do_unregister(port, "new");
}

static inline void good_name(union bootstrap_args *args)
{
	args->name = args_name("there");
}

static inline void undo_unregister(int port, int ret)
{
	(void)ret;
	do_register(port, "there", good_file);
}

static inline void good_look_up(union bootstrap_args *args)
{
	args->look_up = args_look_up("there");
	memset(&good_info, 0, sizeof(good_info));
	good_info.size = sizeof(good_info);
	args->look_up.info = (uintptr_t)&good_info;
}

static inline void undo_look_up(int port, int ret)
{
	(void)port;
	close(ret);
}

static inline void good_list(union bootstrap_args *args)
{
	args->list.size = sizeof(args->list);
	args->list.buffer = (uintptr_t)good_buffer;
	args->list.buffer_size = sizeof(good_buffer);
}

static inline void good_session(union bootstrap_args *args)
{
	args->session.size = sizeof(args->session);
}

static inline void good_features(union bootstrap_args *args)
{
	args->features.size = sizeof(args->features);
}

static inline void good_usage(union bootstrap_args *args)
{
	args->usage.size = sizeof(args->usage);
}

static inline void good_statistics(union bootstrap_args *args)
{
	args->statistics.size = sizeof(args->statistics);
}

static inline void good_check_in(union bootstrap_args *args)
{
	args->check_in = args_check_in("new");
}

static inline void good_declare(union bootstrap_args *args)
{
	args->declare = args_declare("new");
}

/* The name would end with the descriptor, too, but a moment later. */
static inline void undo_service(int port, int ret)
{
	do_unregister(port, "new");
	close(ret);
}

/* A connection of the process with itself. */
static inline void good_peer(union bootstrap_args *args)
{
	int sockets[2];

	if (good_connection < 0) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
			abort();
		good_connection = sockets[0];
	}
	args->peer.size = sizeof(args->peer);
	args->peer.fd = good_connection;
}

/* One that is there, and one that is not. */
static inline void good_array(union bootstrap_args *args)
{
	memset(good_entries, 0, sizeof(good_entries));
	good_entries[0].name = (uintptr_t)"there";
	good_entries[0].name_len = 5;
	good_entries[1].name = (uintptr_t)"nowhere";
	good_entries[1].name_len = 7;
	args->array.size = sizeof(args->array);
	args->array.entries = (uintptr_t)good_entries;
	args->array.count = 2;
}

static inline void undo_array(int port, int ret)
{
	(void)port;
	if (ret != 1 || good_entries[1].result != -ENOENT)
		abort();
	close(good_entries[0].result);
}

static inline void good_watch(union bootstrap_args *args)
{
	args->watch.size = sizeof(args->watch);
}

static inline void good_open(union bootstrap_args *args)
{
	args->open.size = sizeof(args->open);
}

static inline void good_subset(union bootstrap_args *args)
{
	args->subset.size = sizeof(args->subset);
}

static inline void good_pre_login(union bootstrap_args *args)
{
	args->pre_login.size = sizeof(args->pre_login);
}

/* A process of a session that nobody has announced; one at a time. */
static pid_t good_member;

static inline void start_member(void)
{
	struct bootstrap_session session;
	int ready[2];
	char c;

	if (pipe2(ready, O_CLOEXEC))
		abort();
	good_member = fork();
	if (!good_member) {
		log_in(ALICE);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (do_session(port_open(), &session) ||
		    write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (good_member < 0 || read(ready[0], &c, 1) != 1)
		abort();
	close(ready[0]);
	close(ready[1]);
}

static inline __u32 good_session_id(void)
{
	char path[32];

	if (!good_member)
		start_member();
	snprintf(path, sizeof(path), "%d/sessionid", good_member);
	return proc_number(path);
}

static inline void good_announce(union bootstrap_args *args)
{
	args->announce.size = sizeof(args->announce);
	args->announce.flags = BOOTSTRAP_ANNOUNCE_USER |
			       BOOTSTRAP_ANNOUNCE_COMPLETE;
	args->announce.session = good_session_id();
	args->announce.type = BOOTSTRAP_SESSION_TYPE_NON_GUI;
	args->announce.uid = ALICE;
	args->announce.tty = (uintptr_t)"pts/0";
	args->announce.tty_len = 5;
	args->announce.host = (uintptr_t)"host";
	args->announce.host_len = 4;
}

static inline void undo_session(int port, int ret)
{
	struct bootstrap_session session;
	__u32 id = good_session_id();

	(void)ret;
	kill(good_member, SIGKILL);
	wait_for(good_member);
	good_member = 0;
	if (!eventually(do_session_by_id(port, id, 0, &session) == -ESRCH))
		abort();
}

static inline void good_signal(union bootstrap_args *args)
{
	args->signal.size = sizeof(args->signal);
	args->signal.session = good_session_id();
}

static inline void good_attributes(union bootstrap_args *args)
{
	args->attributes.size = sizeof(args->attributes);
	args->attributes.session = good_session_id();
	args->attributes.set = BOOTSTRAP_SESSION_ATTR_CONSOLE;
}

static inline void good_logout(union bootstrap_args *args)
{
	args->logout.size = sizeof(args->logout);
	args->logout.session = good_session_id();
}

static inline void undo_logout(int port, int ret)
{
	close(ret);
	undo_session(port, 0);
}

/* A deferral of the process's own session, and the logout that it holds up. */
static int good_deferral = -1;
static int good_asked = -1;

static inline void good_defer(union bootstrap_args *args)
{
	args->defer.size = sizeof(args->defer);
	args->defer.reason = (uintptr_t)"unsaved";
	args->defer.reason_len = 7;
}

static inline void defer_once(void)
{
	union bootstrap_args defer = { 0 };
	int port;

	if (good_deferral >= 0)
		return;
	port = port_open();
	good_defer(&defer);
	good_deferral = call(port, BOOTSTRAP_IOC_DEFER, &defer);
	close(port);
	if (good_deferral < 0)
		abort();
}

static inline void good_deferrals(union bootstrap_args *args)
{
	defer_once();
	args->deferrals.size = sizeof(args->deferrals);
	args->deferrals.session = proc_number("self/sessionid");
	args->deferrals.buffer = (uintptr_t)good_buffer;
	args->deferrals.buffer_size = sizeof(good_buffer);
}

static inline void good_cancel(union bootstrap_args *args)
{
	union bootstrap_args logout = { 0 };
	int port;

	defer_once();
	if (good_asked < 0) {
		port = port_open();
		logout.logout.size = sizeof(logout.logout);
		logout.logout.session = proc_number("self/sessionid");
		good_asked = call(port, BOOTSTRAP_IOC_LOGOUT, &logout);
		close(port);
		if (good_asked < 0)
			abort();
	}
	args->cancel.size = sizeof(args->cancel);
}

static inline void undo_cancel(int port, int ret)
{
	(void)port;
	(void)ret;
	close(good_asked);
	good_asked = -1;
}

/* Something is there. */
static inline void good_children(union bootstrap_args *args)
{
	static int subset = -1;
	union bootstrap_args child = {};
	int port;

	if (subset < 0) {
		port = port_open();
		good_subset(&child);
		subset = call(port, BOOTSTRAP_IOC_SUBSET, &child);
		close(port);
		if (subset < 0)
			abort();
	}
	good_list(args);
}

static inline void good_namespace(union bootstrap_args *args)
{
	args->ns.size = sizeof(args->ns);
}

#define FIELD(_kind, _struct, _field) {					\
	.name = #_field, .kind = FIELD_##_kind,				\
	.offset = offsetof(struct bootstrap_##_struct, _field),		\
	.size = sizeof(((struct bootstrap_##_struct *)0)->_field),	\
}

#define NAME_FIELDS							\
	FIELD(SIZE, name, size),					\
	FIELD(FLAGS, name, flags),					\
	FIELD(TEXT, name, name),					\
	FIELD(TEXT_LEN, name, name_len),				\
	FIELD(SCOPE, name, scope),					\
	FIELD(SESSION, name, session),					\
	FIELD(PAD, name, pad),						\
	FIELD(COOKIE, name, cookie),					\
	FIELD(GENERATION, name, generation)

#define LIST_FIELDS							\
	FIELD(SIZE, list, size),					\
	FIELD(FLAGS, list, flags),					\
	FIELD(SCOPE, list, scope),					\
	FIELD(SESSION, list, session),					\
	FIELD(COOKIE, list, cookie),					\
	FIELD(GENERATION, list, cursor),				\
	FIELD(BUFFER, list, buffer),					\
	FIELD(BUFFER_SIZE, list, buffer_size),				\
	FIELD(OUT, list, count),					\
	FIELD(OUT, list, namespace_id),					\
	FIELD(OUT, list, needed),					\
	FIELD(PAD, list, pad)

static const struct command commands[] = {
	{
		.name = "REGISTER", .number = BOOTSTRAP_IOC_REGISTER,
		.size = sizeof(struct bootstrap_register),
		.min_size = BOOTSTRAP_REGISTER_SIZE_VER0,
		.flags = BOOTSTRAP_REGISTER_STICKY | BOOTSTRAP_REGISTER_GROUP |
			 BOOTSTRAP_REGISTER_RESERVED,
		.addresses = true,
		.fields = {
			FIELD(SIZE, register, size),
			FIELD(FLAGS, register, flags),
			FIELD(TEXT, register, name),
			FIELD(TEXT_LEN, register, name_len),
			FIELD(SCOPE, register, scope),
			FIELD(SESSION, register, session),
			FIELD(ID, register, gid),
			FIELD(COOKIE, register, cookie),
			FIELD(FD, register, fd),
			FIELD(PAD, register, pad),
			FIELD(GENERATION, register, replace),
			FIELD(OUT, register, generation),
		},
		.good = good_register, .undo = undo_register,
	}, {
		.name = "UNREGISTER", .number = BOOTSTRAP_IOC_UNREGISTER,
		.size = sizeof(struct bootstrap_name),
		.min_size = BOOTSTRAP_NAME_SIZE_VER0,
		.addresses = true,
		.fields = { NAME_FIELDS },
		.good = good_name, .undo = undo_unregister,
	}, {
		.name = "TAKE_OVER", .number = BOOTSTRAP_IOC_TAKE_OVER,
		.size = sizeof(struct bootstrap_name),
		.min_size = BOOTSTRAP_NAME_SIZE_VER0,
		.addresses = true,
		.fields = { NAME_FIELDS },
		.good = good_name,
	}, {
		.name = "LOOK_UP", .number = BOOTSTRAP_IOC_LOOK_UP,
		.size = sizeof(struct bootstrap_look_up),
		.min_size = BOOTSTRAP_LOOK_UP_SIZE_MIN,
		.flags = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER |
			 BOOTSTRAP_LOOK_UP_NONBLOCK |
			 BOOTSTRAP_LOOK_UP_QUERY,
		.addresses = true,
		.fields = {
			FIELD(SIZE, look_up, size),
			FIELD(FLAGS, look_up, flags),
			FIELD(TEXT, look_up, name),
			FIELD(TEXT_LEN, look_up, name_len),
			FIELD(SCOPE, look_up, scope),
			FIELD(SESSION, look_up, session),
			FIELD(PAD, look_up, pad),
			FIELD(COOKIE, look_up, cookie),
			FIELD(INFO, look_up, info),
			FIELD(DEADLINE, look_up, deadline),
		},
		.good = good_look_up, .undo = undo_look_up,
	}, {
		.name = "LIST", .number = BOOTSTRAP_IOC_LIST,
		.size = sizeof(struct bootstrap_list),
		.min_size = BOOTSTRAP_LIST_SIZE_VER0,
		.addresses = true,
		.fields = { LIST_FIELDS },
		.good = good_list,
	}, {
		.name = "SESSION", .number = BOOTSTRAP_IOC_SESSION,
		.size = sizeof(struct bootstrap_session),
		.min_size = BOOTSTRAP_SESSION_SIZE_VER0,
		.flags = BOOTSTRAP_SESSION_BY_ID | BOOTSTRAP_SESSION_NEXT,
		.fields = {
			FIELD(SIZE, session, size),
			FIELD(FLAGS, session, flags),
			FIELD(SESSION, session, session),
			FIELD(OUT, session, attributes),
			FIELD(COOKIE, session, cookie),
			FIELD(OUT, session, namespace_id),
			FIELD(OUT, session, uid),
			FIELD(OUT, session, names),
			FIELD(OUT, session, standing),
			FIELD(OUT, session, type),
			FIELD(OUT, session, since),
			FIELD(OUT, session, deadline),
			FIELD(OUT, session, state),
			FIELD(OUT, session, deferrals),
			FIELD(OUT, session, tty),
			FIELD(OUT, session, host),
		},
		.good = good_session,
	}, {
		.name = "FEATURES", .number = BOOTSTRAP_IOC_FEATURES,
		.size = sizeof(struct bootstrap_features),
		.min_size = BOOTSTRAP_FEATURES_SIZE_VER0,
		.fields = {
			FIELD(SIZE, features, size),
			FIELD(FLAGS, features, flags),
			FIELD(OUT, features, features),
			FIELD(OUT, features, name_max),
			FIELD(OUT, features, names_per_namespace),
			FIELD(OUT, features, names_per_user),
			FIELD(OUT, features, sessions_per_user),
			FIELD(OUT, features, backlog),
			FIELD(OUT, features, backlog_max),
			FIELD(OUT, features, waits_per_user),
			FIELD(OUT, features, watches_per_user),
			FIELD(OUT, features, subsets_per_user),
			FIELD(OUT, features, handles_per_user),
			FIELD(OUT, features, subset_depth),
			FIELD(OUT, features, deferrals_per_user),
		},
		.good = good_features,
	}, {
		.name = "USAGE", .number = BOOTSTRAP_IOC_USAGE,
		.size = sizeof(struct bootstrap_usage),
		.min_size = BOOTSTRAP_USAGE_SIZE_VER0,
		.flags = BOOTSTRAP_USAGE_BY_UID,
		.fields = {
			FIELD(SIZE, usage, size),
			FIELD(FLAGS, usage, flags),
			FIELD(ID, usage, uid),
			FIELD(PAD, usage, pad),
			FIELD(OUT, usage, names),
			FIELD(OUT, usage, names_max),
			FIELD(OUT, usage, sessions),
			FIELD(OUT, usage, sessions_max),
			FIELD(OUT, usage, waits),
			FIELD(OUT, usage, waits_max),
			FIELD(OUT, usage, watches),
			FIELD(OUT, usage, watches_max),
			FIELD(OUT, usage, subsets),
			FIELD(OUT, usage, subsets_max),
			FIELD(OUT, usage, handles),
			FIELD(OUT, usage, handles_max),
			FIELD(OUT, usage, deferrals),
			FIELD(OUT, usage, deferrals_max),
		},
		.good = good_usage,
	}, {
		.name = "CHECK_IN", .number = BOOTSTRAP_IOC_CHECK_IN,
		.size = sizeof(struct bootstrap_check_in),
		.min_size = BOOTSTRAP_CHECK_IN_SIZE_VER0,
		.flags = BOOTSTRAP_CHECK_IN_STRICT |
			 BOOTSTRAP_CHECK_IN_RESERVED,
		.addresses = true,
		.fields = {
			FIELD(SIZE, check_in, size),
			FIELD(FLAGS, check_in, flags),
			FIELD(TEXT, check_in, name),
			FIELD(TEXT_LEN, check_in, name_len),
			FIELD(SCOPE, check_in, scope),
			FIELD(SESSION, check_in, session),
			FIELD(TYPE, check_in, type),
			FIELD(COOKIE, check_in, cookie),
			FIELD(BACKLOG, check_in, backlog),
			FIELD(PAD, check_in, pad),
			FIELD(OUT, check_in, generation),
		},
		.good = good_check_in, .undo = undo_service,
	}, {
		.name = "DECLARE", .number = BOOTSTRAP_IOC_DECLARE,
		.size = sizeof(struct bootstrap_declare),
		.min_size = BOOTSTRAP_DECLARE_SIZE_VER0,
		.flags = BOOTSTRAP_DECLARE_HIDDEN | BOOTSTRAP_DECLARE_RESERVED |
			 BOOTSTRAP_DECLARE_UID,
		.addresses = true,
		.fields = {
			FIELD(SIZE, declare, size),
			FIELD(FLAGS, declare, flags),
			FIELD(TEXT, declare, name),
			FIELD(TEXT_LEN, declare, name_len),
			FIELD(SCOPE, declare, scope),
			FIELD(SESSION, declare, session),
			FIELD(TYPE, declare, type),
			FIELD(COOKIE, declare, cookie),
			FIELD(BACKLOG, declare, backlog),
			FIELD(ID, declare, uid),
			FIELD(OUT, declare, generation),
		},
		.good = good_declare, .undo = undo_service,
	}, {
		.name = "PEER", .number = BOOTSTRAP_IOC_PEER,
		.size = sizeof(struct bootstrap_peer),
		.min_size = BOOTSTRAP_PEER_SIZE_VER0,
		.fields = {
			FIELD(SIZE, peer, size),
			FIELD(FLAGS, peer, flags),
			FIELD(FD, peer, fd),
			FIELD(OUT, peer, pid),
			FIELD(OUT, peer, uid),
			FIELD(OUT, peer, gid),
			FIELD(OUT, peer, session),
			FIELD(OUT, peer, standing),
			FIELD(OUT, peer, cookie),
		},
		.good = good_peer,
	}, {
		.name = "LOOK_UP_ARRAY", .number = BOOTSTRAP_IOC_LOOK_UP_ARRAY,
		.size = sizeof(struct bootstrap_look_up_array),
		.min_size = BOOTSTRAP_LOOK_UP_ARRAY_SIZE_VER0,
		.flags = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER |
			 BOOTSTRAP_LOOK_UP_NONBLOCK,
		.addresses = true,
		.fields = {
			FIELD(SIZE, look_up_array, size),
			FIELD(FLAGS, look_up_array, flags),
			FIELD(ENTRIES, look_up_array, entries),
			FIELD(COUNT, look_up_array, count),
			FIELD(SCOPE, look_up_array, scope),
			FIELD(SESSION, look_up_array, session),
			FIELD(PAD, look_up_array, pad),
			FIELD(COOKIE, look_up_array, cookie),
			FIELD(DEADLINE, look_up_array, deadline),
		},
		.good = good_array, .undo = undo_array,
	}, {
		.name = "WATCH", .number = BOOTSTRAP_IOC_WATCH,
		.size = sizeof(struct bootstrap_watch),
		.min_size = BOOTSTRAP_WATCH_SIZE_VER0,
		.flags = BOOTSTRAP_WATCH_SESSIONS,
		.addresses = true,
		.fields = {
			FIELD(SIZE, watch, size),
			FIELD(FLAGS, watch, flags),
			FIELD(SCOPE, watch, scope),
			FIELD(SESSION, watch, session),
			FIELD(COOKIE, watch, cookie),
			FIELD(OUT, watch, namespace_id),
		},
		.good = good_watch, .undo = undo_look_up,
	}, {
		.name = "OPEN", .number = BOOTSTRAP_IOC_OPEN,
		.size = sizeof(struct bootstrap_open),
		.min_size = BOOTSTRAP_OPEN_SIZE_VER0,
		.flags = BOOTSTRAP_OPEN_PARENT | BOOTSTRAP_OPEN_CHILD,
		.addresses = true,
		.fields = {
			FIELD(SIZE, open, size),
			FIELD(FLAGS, open, flags),
			FIELD(SCOPE, open, scope),
			FIELD(SESSION, open, session),
			FIELD(COOKIE, open, cookie),
			FIELD(NAMESPACE, open, namespace_id),
			FIELD(RIGHTS, open, rights),
			FIELD(OUT, open, type),
		},
		.good = good_open, .undo = undo_look_up,
	}, {
		.name = "SUBSET", .number = BOOTSTRAP_IOC_SUBSET,
		.size = sizeof(struct bootstrap_subset),
		.min_size = BOOTSTRAP_SUBSET_SIZE_VER0,
		.flags = BOOTSTRAP_SUBSET_REQUESTOR,
		.addresses = true,
		.fields = {
			FIELD(SIZE, subset, size),
			FIELD(FLAGS, subset, flags),
			FIELD(SCOPE, subset, scope),
			FIELD(SESSION, subset, session),
			FIELD(COOKIE, subset, cookie),
			FIELD(PIDFD, subset, requestor),
			FIELD(RIGHTS, subset, rights),
			FIELD(OUT, subset, namespace_id),
		},
		.good = good_subset, .undo = undo_look_up,
	}, {
		.name = "PRE_LOGIN", .number = BOOTSTRAP_IOC_PRE_LOGIN,
		.size = sizeof(struct bootstrap_pre_login),
		.min_size = BOOTSTRAP_PRE_LOGIN_SIZE_VER0,
		.fields = {
			FIELD(SIZE, pre_login, size),
			FIELD(FLAGS, pre_login, flags),
			FIELD(RIGHTS, pre_login, rights),
			FIELD(PAD, pre_login, pad),
			FIELD(OUT, pre_login, namespace_id),
		},
		.good = good_pre_login, .undo = undo_look_up,
	}, {
		.name = "ANNOUNCE", .number = BOOTSTRAP_IOC_ANNOUNCE,
		.size = sizeof(struct bootstrap_announce),
		.min_size = BOOTSTRAP_ANNOUNCE_SIZE_VER0,
		.flags = BOOTSTRAP_ANNOUNCE_PRE_LOGIN |
			 BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
		.fields = {
			FIELD(SIZE, announce, size),
			FIELD(FLAGS, announce, flags),
			FIELD(SESSION, announce, session),
			FIELD(LOGIN, announce, type),
			FIELD(COOKIE, announce, cookie),
			FIELD(HANDLE, announce, pre_login),
			FIELD(ID, announce, uid),
			FIELD(OUT, announce, namespace_id),
			FIELD(ATTRIBUTES, announce, attributes),
			FIELD(PAD, announce, pad),
			FIELD(TTY, announce, tty),
			FIELD(HOST, announce, host),
			FIELD(TTY_LEN, announce, tty_len),
			FIELD(HOST_LEN, announce, host_len),
		},
		.good = good_announce, .undo = undo_session,
	}, {
		.name = "CHILDREN", .number = BOOTSTRAP_IOC_CHILDREN,
		.size = sizeof(struct bootstrap_list),
		.min_size = BOOTSTRAP_LIST_SIZE_VER0,
		.addresses = true,
		.fields = { LIST_FIELDS },
		.good = good_children,
	}, {
		.name = "NAMESPACE", .number = BOOTSTRAP_IOC_NAMESPACE,
		.size = sizeof(struct bootstrap_namespace),
		.min_size = BOOTSTRAP_NAMESPACE_SIZE_VER0,
		.addresses = true,
		.fields = {
			FIELD(SIZE, namespace, size),
			FIELD(FLAGS, namespace, flags),
			FIELD(SCOPE, namespace, scope),
			FIELD(SESSION, namespace, session),
			FIELD(COOKIE, namespace, cookie),
			FIELD(OUT, namespace, namespace_id),
			FIELD(OUT, namespace, parent_id),
			FIELD(OUT, namespace, session_cookie),
			FIELD(OUT, namespace, session_id),
			FIELD(OUT, namespace, type),
			FIELD(OUT, namespace, uid),
			FIELD(OUT, namespace, names),
			FIELD(OUT, namespace, depth),
			FIELD(OUT, namespace, rights),
			FIELD(OUT, namespace, state),
			FIELD(OUT, namespace, pad),
		},
		.good = good_namespace,
	}, {
		.name = "ATTRIBUTES", .number = BOOTSTRAP_IOC_ATTRIBUTES,
		.size = sizeof(struct bootstrap_attributes),
		.min_size = BOOTSTRAP_ATTRIBUTES_SIZE_VER0,
		.fields = {
			FIELD(SIZE, attributes, size),
			FIELD(FLAGS, attributes, flags),
			FIELD(SESSION, attributes, session),
			FIELD(ATTRIBUTES, attributes, set),
			FIELD(COOKIE, attributes, cookie),
			FIELD(CLEAR, attributes, clear),
			FIELD(PAD, attributes, pad),
		},
		.good = good_attributes, .undo = undo_session,
	}, {
		.name = "SIGNAL", .number = BOOTSTRAP_IOC_SIGNAL,
		.size = sizeof(struct bootstrap_signal),
		.min_size = BOOTSTRAP_SIGNAL_SIZE_VER0,
		.fields = {
			FIELD(SIZE, signal, size),
			FIELD(FLAGS, signal, flags),
			FIELD(SESSION, signal, session),
			FIELD(SIGNAL, signal, signal),
			FIELD(COOKIE, signal, cookie),
			FIELD(OUT, signal, members),
			FIELD(OUT, signal, reached),
		},
		.good = good_signal, .undo = undo_session,
	}, {
		.name = "LOGOUT", .number = BOOTSTRAP_IOC_LOGOUT,
		.size = sizeof(struct bootstrap_logout),
		.min_size = BOOTSTRAP_LOGOUT_SIZE_VER0,
		.fields = {
			FIELD(SIZE, logout, size),
			FIELD(FLAGS, logout, flags),
			FIELD(SESSION, logout, session),
			FIELD(PAD, logout, pad),
			FIELD(COOKIE, logout, cookie),
			FIELD(DEADLINE, logout, deadline),
		},
		.good = good_logout, .undo = undo_logout,
	}, {
		.name = "DEFER", .number = BOOTSTRAP_IOC_DEFER,
		.size = sizeof(struct bootstrap_defer),
		.min_size = BOOTSTRAP_DEFER_SIZE_VER0,
		.inside = true,
		.fields = {
			FIELD(SIZE, defer, size),
			FIELD(FLAGS, defer, flags),
			FIELD(TEXT, defer, reason),
			FIELD(TEXT_LEN, defer, reason_len),
			FIELD(OUT, defer, session),
			FIELD(OUT, defer, cookie),
		},
		.good = good_defer, .undo = undo_look_up,
	}, {
		.name = "CANCEL", .number = BOOTSTRAP_IOC_CANCEL,
		.size = sizeof(struct bootstrap_cancel),
		.min_size = BOOTSTRAP_CANCEL_SIZE_VER0,
		.inside = true,
		.through = &good_deferral,
		.fields = {
			FIELD(SIZE, cancel, size),
			FIELD(FLAGS, cancel, flags),
		},
		.good = good_cancel, .undo = undo_cancel,
	}, {
		.name = "DEFERRALS", .number = BOOTSTRAP_IOC_DEFERRALS,
		.size = sizeof(struct bootstrap_deferrals),
		.min_size = BOOTSTRAP_DEFERRALS_SIZE_VER0,
		.inside = true,
		.fields = {
			FIELD(SIZE, deferrals, size),
			FIELD(FLAGS, deferrals, flags),
			FIELD(SESSION, deferrals, session),
			FIELD(BUFFER_SIZE, deferrals, buffer_size),
			FIELD(COOKIE, deferrals, cookie),
			FIELD(GENERATION, deferrals, cursor),
			FIELD(BUFFER, deferrals, buffer),
			FIELD(OUT, deferrals, count),
			FIELD(OUT, deferrals, needed),
		},
		.good = good_deferrals,
	}, {
		.name = "STATISTICS", .number = BOOTSTRAP_IOC_STATISTICS,
		.size = sizeof(struct bootstrap_statistics),
		.min_size = BOOTSTRAP_STATISTICS_SIZE_VER0,
		.fields = {
			FIELD(SIZE, statistics, size),
			FIELD(FLAGS, statistics, flags),
			FIELD(OUT, statistics, users),
			FIELD(OUT, statistics, sessions),
			FIELD(OUT, statistics, namespaces),
			FIELD(OUT, statistics, names),
			FIELD(OUT, statistics, services),
			FIELD(OUT, statistics, servers),
			FIELD(OUT, statistics, waits),
			FIELD(OUT, statistics, watches),
			FIELD(OUT, statistics, subsets),
			FIELD(OUT, statistics, handles),
			FIELD(OUT, statistics, deferrals),
			FIELD(OUT, statistics, pad),
			FIELD(OUT, statistics, sessions_begun),
			FIELD(OUT, statistics, denied),
		},
		.good = good_statistics,
	},
};

#define COMMANDS ARRAY_SIZE(commands)

#define for_each_command(c) for (c = commands; c < commands + COMMANDS; c++)
#define for_each_field(f, c) for (f = (c)->fields; f->kind != FIELD_END; f++)

/* The field of a kind, or NULL: no command has two of one kind but OUT. */
static inline const struct field *field_of(const struct command *command,
					   enum field_kind kind)
{
	const struct field *field;

	for_each_field(field, command)
		if (field->kind == kind)
			return field;
	return NULL;
}

#endif
