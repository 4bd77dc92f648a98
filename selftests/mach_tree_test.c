// SPDX-License-Identifier: GPL-2.0
/* The Mach API as a table: the calls on namespaces. */
#include <vproc_priv.h>

#include "mach_table.h"

#define MAKES_SUBSET(_state, _code, _port, _requestor)			\
	ROW("bootstrap_subset", _state, _code,				\
	    bootstrap_subset(_port, _requestor, &out))

static mach_port_t task_of_dead(void)
{
	pid_t pid = start_idler();
	mach_port_t task;

	if (task_for_pid(mach_task_self(), pid, &task))
		abort();
	stop_idler(pid);
	return task;
}

static void subset_rows(void)
{
	mach_port_t self = mach_task_self(), deep = bp, next;
	int depth;

	MAKES_SUBSET("of its own task", 0, bp, self);
	MAKES_SUBSET("no requestor", BOOTSTRAP_NOT_PRIVILEGED, bp,
		     MACH_PORT_NULL);
	MAKES_SUBSET("a dead requestor", BOOTSTRAP_NOT_PRIVILEGED, bp,
		     MACH_PORT_DEAD);
	MAKES_SUBSET("a requestor that cannot be one", MACH_SEND_INVALID_RIGHT,
		     bp, MACH_PORT_DEAD - 1);
	MAKES_SUBSET("a requestor that is gone", BOOTSTRAP_NOT_PRIVILEGED, bp,
		     task_of_dead());
	MAKES_SUBSET("a requestor that is no task", MACH_SEND_INVALID_RIGHT, bp,
		     no_port);
	MAKES_SUBSET("below a dead namespace", BOOTSTRAP_NOT_PRIVILEGED, dead,
		     self);
	MAKES_SUBSET("a port without the right", BOOTSTRAP_NOT_PRIVILEGED,
		     listing, self);
	MAKES_SUBSET("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL, self);
	MAKES_SUBSET("a closed port", MACH_SEND_INVALID_DEST, closed, self);
	for (depth = 0; depth < 100 && !bootstrap_subset(deep, self, &next);
	     depth++)
		deep = next;
	AND(depth == 100);
	MAKES_SUBSET("in a hundred others", BOOTSTRAP_NO_MEMORY, deep, self);
	/* Which ends all the others, too. */
}

#define CLIMBS(_state, _code, _port)					\
	ROW("bootstrap_parent", _state, _code, bootstrap_parent(_port, &out))

static void tree_rows(void)
{
	mach_port_t flat = bns_open_namespace(bp, NULL, BOOTSTRAP_RIGHT_LOOK_UP,
					      NULL), user, root;

	CLIMBS("of a session", 0, bp);
	AND(type_of(out) == BOOTSTRAP_NAMESPACE_USER);
	user = out;
	CLIMBS("of a user", 0, user);
	root = out;
	AND(type_of(root) == BOOTSTRAP_NAMESPACE_ROOT);
	CLIMBS("of the root", 0, root);
	AND(out == root);
	AND(!mach_port_deallocate(mach_task_self(), root));
	AND(type_of(root) == BOOTSTRAP_NAMESPACE_ROOT);
	CLIMBS("of a dead namespace", 0, dead);
	CLIMBS("a port without the right", BOOTSTRAP_NOT_PRIVILEGED, flat);
	CLIMBS("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL);
	ROW("bootstrap_get_root", "in a session", 0,
	    bootstrap_get_root(bp, &out));
	AND(out != root && type_of(out) == BOOTSTRAP_NAMESPACE_ROOT);
	ROW("bootstrap_get_root", "in the root", 0,
	    bootstrap_get_root(root, &out));
	AND(out == root);
	ROW("bootstrap_get_root", "a port without the right",
	    BOOTSTRAP_NOT_PRIVILEGED, bootstrap_get_root(flat, &out));
	ROW("bootstrap_get_root", "another port", MACH_SEND_INVALID_DEST,
	    bootstrap_get_root(no_port, &out));
	ROW("bootstrap_unprivileged", "not a server's port", 0,
	    bootstrap_unprivileged(bp, &out));
	AND(out == bp && !mach_port_deallocate(mach_task_self(), out));
	ROW("bootstrap_unprivileged", "another port", MACH_SEND_INVALID_DEST,
	    bootstrap_unprivileged(no_port, &out));
}

#define LOOKS_UP_USERS(_state, _code, _name, _uid)			\
	ROW("bootstrap_look_up_per_user", _state, _code,		\
	    bootstrap_look_up_per_user(bp, _name, _uid, &out))

static void per_user_rows(void)
{
	LOOKS_UP_USERS("its own", 0, NULL, ALICE);
	AND(type_of(out) == BOOTSTRAP_NAMESPACE_USER);
	AND(!bootstrap_register(out, (char *)"users.file", no_port));
	LOOKS_UP_USERS("a name in its own", 0, "users.file", ALICE);
	LOOKS_UP_USERS("a name further up", 0, "root.reserved", ALICE);
	LOOKS_UP_USERS("a name of the session", BOOTSTRAP_UNKNOWN_SERVICE,
		       "other.file", ALICE);
	LOOKS_UP_USERS("another user's", BOOTSTRAP_NOT_PRIVILEGED, NULL, BOB);
	LOOKS_UP_USERS("a name of another user's", BOOTSTRAP_NOT_PRIVILEGED,
		       "users.file", BOB);
	LOOKS_UP_USERS("128 bytes and more", KERN_INVALID_ARGUMENT, long_name,
		       ALICE);
	ROW("bootstrap_look_up_per_user", "no port", MACH_SEND_INVALID_DEST,
	    bootstrap_look_up_per_user(MACH_PORT_NULL, NULL, ALICE, &out));
}

static void create_server_rows(void)
{
	static char cmd[600];

#define CREATES(_state, _code, _port, _cmd, _uid)			\
	ROW("bootstrap_create_server", _state, _code,			\
	    bootstrap_create_server(_port, _cmd, _uid, TRUE, &out))
	CREATES("its own uid", 0, bp, (char *)"/bin/false", ALICE);
	AND(!mach_port_deallocate(mach_task_self(), out));
	CREATES("another uid", BOOTSTRAP_NOT_PRIVILEGED, bp,
		(char *)"/bin/false", BOB);
	CREATES("no uid", KERN_INVALID_ARGUMENT, bp, (char *)"/bin/false",
		(uid_t)-1);
	CREATES("no command", KERN_INVALID_ARGUMENT, bp, (char *)"", ALICE);
	memset(cmd, 'c', sizeof(cmd) - 1);
	CREATES("512 bytes and more", KERN_INVALID_ARGUMENT, bp, cmd, ALICE);
	CREATES("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL,
		(char *)"/bin/false", ALICE);
}

#define LISTS(_state, _code, _port)					\
do {									\
	count = POISON;							\
	ROW("bootstrap_lookup_children", _state, _code,			\
	    ({ kern_return_t code_ = bootstrap_lookup_children(_port,	\
			&children, &names, &properties, &count);	\
	       out = count; code_; }));					\
} while (0)

static void children_rows(void)
{
	bootstrap_property_array_t properties = NULL;
	mach_port_array_t children = NULL;
	mach_msg_type_number_t count = 0, i;
	name_array_t names = NULL;
	mach_port_t root, user, subset;
	char name[32];

	bootstrap_get_root(bp, &root);
	if (bootstrap_look_up_per_user(bp, NULL, BOB, &user) ||
	    bootstrap_subset(user, mach_task_self(), &subset))
		abort();
	LISTS("the root's", 0, root);
	for (i = 0; i < count && strcmp(names[i], "user:1001"); i++)
		;
	AND(i < count && properties[i] == BOOTSTRAP_PROPERTY_PERUSER);
	AND(i < count && id_of(children[i]) == id_of(user));
	LISTS("a user's", 0, user);
	snprintf(name, sizeof(name), "%llu", (unsigned long long)id_of(subset));
	AND(count == 1 && !strcmp(names[0], name));
	AND(properties[0] == BOOTSTRAP_PROPERTY_EXPLICITSUBSET);
	children = NULL;
	LISTS("none", BOOTSTRAP_NO_CHILDREN, subset);
	LISTS("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL);
	LISTS("a port without the right", BOOTSTRAP_NOT_PRIVILEGED,
	      bns_open_namespace(bp, NULL, BOOTSTRAP_RIGHT_LOOK_UP, NULL));
	AND(!children);
}

static void children_refused_rows(void)
{
	bootstrap_property_array_t properties = NULL;
	mach_port_array_t children = NULL;
	mach_msg_type_number_t count = 0;
	name_array_t names = NULL;

	LISTS("not root", BOOTSTRAP_NOT_PRIVILEGED, bp);
}

/* Not codes: NULL, or something else. */
static void move_rows(void)
{
	const char *background = VPROCMGR_SESSION_BACKGROUND;
	mach_port_t before = bootstrap_port, task;

	AND(_vprocmgr_move_subset_to_user(BOB, background, 0));
	AND(_vprocmgr_move_subset_to_user(ALICE, VPROCMGR_SESSION_AQUA, 0));
	AND(_vprocmgr_move_subset_to_user(ALICE, background, 1));
	AND(_vprocmgr_switch_to_session(VPROCMGR_SESSION_SYSTEM, 0));
	AND(_vprocmgr_detach_from_console(1));
	AND(bootstrap_port == before);
	AND(!_vprocmgr_detach_from_console(0));
	AND(bootstrap_port != before);
	AND(type_of(bootstrap_port) == BOOTSTRAP_NAMESPACE_USER);
	AND(!task_get_bootstrap_port(mach_task_self(), &task));
	AND(task == bootstrap_port);
	AND(!_vprocmgr_switch_to_session("background", 0));
	AND(!_vprocmgr_move_subset_to_user(ALICE, background, 0));
}

static void rows(void)
{
	bp = bootstrap_port;
	world_of_other();
	world_of_ports();
	subset_rows();
	tree_rows();
	per_user_rows();
	create_server_rows();
	children_refused_rows();
	move_rows();
}

static void rows_of_root(void)
{
	LOOKS_UP_USERS("any user's, for root", 0, NULL, BOB);
	AND(type_of(out) == BOOTSTRAP_NAMESPACE_USER);
	CLIMBS("of the root, by the device", 0, bp);
	AND(out == bp);
	children_rows();
	AND(_vprocmgr_detach_from_console(0));
}

int main(void)
{
	table_begin();
	bp = bootstrap_port;
	world_of_root();
	rows_of(0, rows_of_root);
	rows_of(ALICE, rows);
	return table_end();
}
