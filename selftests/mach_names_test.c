// SPDX-License-Identifier: GPL-2.0
/* The Mach API as a table: the calls on names, one by one and in arrays. */
#include "mach_table.h"

static void look_up_rows(void)
{
	mach_port_t shut;

	LOOKS_UP("a name of nobody's", BOOTSTRAP_UNKNOWN_SERVICE, bp, "none");
	LOOKS_UP("a file", 0, bp, "other.file");
	AND(tag_of(out) == 2 && out >= 3);
	AND(!mach_port_deallocate(mach_task_self(), out));
	AND(mach_port_deallocate(mach_task_self(), out) == KERN_INVALID_NAME);
	LOOKS_UP("a service", 0, bp, "other.service");
	AND(!mach_port_deallocate(mach_task_self(), out));
	LOOKS_UP("declared, without a server", 0, bp, "other.declared");
	LOOKS_UP("hidden until check-in", BOOTSTRAP_UNKNOWN_SERVICE, bp,
		 "other.hidden");
	LOOKS_UP("further up", 0, bp, "root.file");
	LOOKS_UP("through a dead namespace", 0, dead, "root.file");
	LOOKS_UP("an empty name", KERN_INVALID_ARGUMENT, bp, "");
	LOOKS_UP("no name", KERN_INVALID_ARGUMENT, bp, NULL);
	LOOKS_UP("128 bytes and more", KERN_INVALID_ARGUMENT, bp, long_name);
	LOOKS_UP("127 bytes", BOOTSTRAP_UNKNOWN_SERVICE, bp,
		 long_name + sizeof(long_name) - 1 - 127);
	LOOKS_UP("control characters", KERN_INVALID_ARGUMENT, bp, "a\n");
	LOOKS_UP("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL, "none");
	LOOKS_UP("a dead port", MACH_SEND_INVALID_DEST, MACH_PORT_DEAD, "none");
	LOOKS_UP("a closed port", MACH_SEND_INVALID_DEST, closed, "none");
	LOOKS_UP("another port", MACH_SEND_INVALID_DEST, no_port, "none");
	LOOKS_UP("a port without the right", BOOTSTRAP_NOT_PRIVILEGED, listing,
		 "none");
	ROW("bootstrap_look_up", "no descriptor left", BOOTSTRAP_NO_MEMORY,
	    FULL(bootstrap_look_up(bp, "other.file", &out)));
	if (bootstrap_check_in(bp, "shut", &shut) || shutdown(shut, SHUT_RDWR))
		abort();
	LOOKS_UP("a server that is shut down", MACH_SEND_INVALID_DEST, bp,
		 "shut");
}

static void look_up_flag_rows(void)
{
	const unsigned char uuid[16] = { 0 };
	int bit, refused = 0;

	for (bit = 0; bit < 64; bit++)
		if (1ULL << bit != BOOTSTRAP_PRIVILEGED_SERVER)
			refused += bootstrap_look_up2(bp, "other.file", &out, 0,
						      1ULL << bit) ==
				   BOOTSTRAP_NOT_PRIVILEGED;
	AND(refused == 63);
	ROW("bootstrap_look_up2", "no flags", 0,
	    bootstrap_look_up2(bp, "other.file", &out, 0, 0));
	ROW("bootstrap_look_up2", "privileged server, a user's",
	    BOOTSTRAP_UNKNOWN_SERVICE,
	    bootstrap_look_up2(bp, "other.file", &out, 0,
			       BOOTSTRAP_PRIVILEGED_SERVER));
	ROW("bootstrap_look_up2", "privileged server, root's", 0,
	    bootstrap_look_up2(bp, "root.file", &out, 0,
			       BOOTSTRAP_PRIVILEGED_SERVER));
	ROW("bootstrap_look_up3", "no flags", 0,
	    bootstrap_look_up3(bp, "other.file", &out, 0, uuid, 0));
	ROW("bootstrap_look_up3", "a specific instance",
	    BOOTSTRAP_NOT_PRIVILEGED,
	    bootstrap_look_up3(bp, "other.file", &out, 0, uuid,
			       BOOTSTRAP_SPECIFIC_INSTANCE));
}

#define CHECKS_IN(_state, _code, _port, _name)				\
	ROW("bootstrap_check_in", _state, _code,			\
	    bootstrap_check_in(_port, _name, &out))
#define CHECKS_IN_STRICTLY(_state, _code, _name)			\
	ROW("bootstrap_check_in2", _state, _code,			\
	    bootstrap_check_in2(bp, _name, &out, BOOTSTRAP_STRICT_CHECKIN))

static void check_in_rows(void)
{
	mach_port_t root, first;

	CHECKS_IN("a name of nobody's", 0, bp, "checked in");
	first = out;
	AND(mach_port_deallocate(mach_task_self(), first) ==
	    KERN_INVALID_RIGHT);
	CHECKS_IN("its own, active", BOOTSTRAP_SERVICE_ACTIVE, bp, "checked in");
	CHECKS_IN("another's, active", BOOTSTRAP_SERVICE_ACTIVE, bp,
		  "other.service");
	CHECKS_IN("a file's", BOOTSTRAP_SERVICE_ACTIVE, bp, "other.file");
	CHECKS_IN("declared for others", BOOTSTRAP_NOT_PRIVILEGED, bp,
		  "other.declared");
	CHECKS_IN("there further up", 0, bp, "root.file");
	mach_port_destroy(mach_task_self(), out);
	CHECKS_IN("reserved further up", BOOTSTRAP_NAME_IN_USE, bp,
		  "root.reserved");
	CHECKS_IN("in a dead namespace", BOOTSTRAP_NOT_PRIVILEGED, dead, "none");
	bootstrap_get_root(bp, &root);
	CHECKS_IN("in the root namespace", BOOTSTRAP_NOT_PRIVILEGED, root,
		  "none");
	CHECKS_IN("128 bytes and more", KERN_INVALID_ARGUMENT, bp, long_name);
	CHECKS_IN("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL, "none");
	ROW("bootstrap_check_in", "no descriptor left", BOOTSTRAP_NO_MEMORY,
	    FULL(bootstrap_check_in(bp, "none", &out)));
	CHECKS_IN_STRICTLY("strict, a name of nobody's",
			   BOOTSTRAP_UNKNOWN_SERVICE, "none");
	CHECKS_IN_STRICTLY("strict, active", BOOTSTRAP_SERVICE_ACTIVE,
			   "checked in");
	CHECKS_IN_STRICTLY("strict, declared for others",
			   BOOTSTRAP_NOT_PRIVILEGED, "other.declared");
	mach_port_mod_refs(mach_task_self(), first, MACH_PORT_RIGHT_RECEIVE, -1);
	LOOKS_UP("its receive right released", BOOTSTRAP_UNKNOWN_SERVICE, bp,
		 "checked in");
}

static void check_in_flag_rows(void)
{
	const unsigned char uuid[16] = { 0 };
	int bit, refused = 0;

	for (bit = 0; bit < 64; bit++)
		if (1ULL << bit != BOOTSTRAP_STRICT_CHECKIN)
			refused += bootstrap_check_in2(bp, "none", &out,
						       1ULL << bit) ==
				   BOOTSTRAP_NOT_PRIVILEGED;
	AND(refused == 63);
	ROW("bootstrap_check_in3", "a specific instance",
	    BOOTSTRAP_NOT_PRIVILEGED,
	    bootstrap_check_in3(bp, "none", &out, uuid,
				BOOTSTRAP_SPECIFIC_INSTANCE));
	ROW("bootstrap_check_in3", "no flags", 0,
	    bootstrap_check_in3(bp, "checked in 3", &out, uuid, 0));
}

#define REGISTERS(_state, _code, _port, _name, _sp)			\
	ROW("bootstrap_register", _state, _code,			\
	    bootstrap_register(_port, (char *)_name, _sp))

static void register_rows(void)
{
	mach_port_t file = tag_new(4), right = receive_right(), bare, root;

	REGISTERS("a file", 0, bp, "own.file", file);
	REGISTERS("its own, active", BOOTSTRAP_SERVICE_ACTIVE, bp, "own.file",
		  file);
	REGISTERS("another's, active", BOOTSTRAP_SERVICE_ACTIVE, bp,
		  "other.file", file);
	REGISTERS("another's, declared", BOOTSTRAP_SERVICE_ACTIVE, bp,
		  "other.declared", file);
	REGISTERS("there further up", 0, bp, "root.file", file);
	REGISTERS("reserved further up", BOOTSTRAP_NAME_IN_USE, bp,
		  "root.reserved", file);
	bootstrap_get_root(bp, &root);
	REGISTERS("in the root namespace", BOOTSTRAP_NOT_PRIVILEGED, root,
		  "none", file);
	REGISTERS("in a dead namespace", BOOTSTRAP_NOT_PRIVILEGED, dead, "none",
		  file);
	REGISTERS("a receive right", 0, bp, "own.service", right);
	LOOKS_UP("a receive right's", 0, bp, "own.service");
	AND(accept(right, NULL, NULL) >= 0);
	REGISTERS("a receive right once more", BOOTSTRAP_NOT_PRIVILEGED, bp,
		  "none", right);
	mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &bare);
	REGISTERS("a receive right without a send right",
		  MACH_SEND_INVALID_RIGHT, bp, "none", bare);
	REGISTERS("a receive right, to an active name",
		  BOOTSTRAP_SERVICE_ACTIVE, bp, "own.file", receive_right());
	REGISTERS("a closed descriptor", MACH_SEND_INVALID_RIGHT, bp, "none",
		  closed);
	REGISTERS("a dead port", MACH_SEND_INVALID_RIGHT, bp, "none",
		  MACH_PORT_DEAD);
	REGISTERS("a bootstrap port", MACH_SEND_INVALID_RIGHT, bp, "none", bp);
	REGISTERS("with no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL,
		  "none", file);
	REGISTERS("with a closed port", MACH_SEND_INVALID_DEST, closed, "none",
		  file);
	REGISTERS("128 bytes and more", KERN_INVALID_ARGUMENT, bp, long_name,
		  file);
	LOOKS_UP("what was refused", BOOTSTRAP_UNKNOWN_SERVICE, bp, "none");
	mach_port_destroy(mach_task_self(), right);
	LOOKS_UP("its receive right destroyed", BOOTSTRAP_UNKNOWN_SERVICE, bp,
		 "own.service");
	ROW("bootstrap_register2", "per process", BOOTSTRAP_NOT_PRIVILEGED,
	    bootstrap_register2(bp, (char *)"none", file,
				BOOTSTRAP_PER_PID_SERVICE));
	ROW("bootstrap_register2", "no flags", 0,
	    bootstrap_register2(bp, (char *)"own.file2", file, 0));
}

#define DECLARES(_state, _code, _port, _name)				\
	ROW("bootstrap_create_service", _state, _code,			\
	    bootstrap_create_service(_port, (char *)_name, &out))
#define TELLS(_state, _code, _port, _name)				\
	ROW("bootstrap_status", _state, _code,				\
	    bootstrap_status(_port, (char *)_name, (int *)&out))

static void create_service_rows(void)
{
	mach_port_t root;

	DECLARES("a name of nobody's", 0, bp, "declared");
	DECLARES("its own, declared", BOOTSTRAP_NAME_IN_USE, bp, "declared");
	DECLARES("another's, active", BOOTSTRAP_NAME_IN_USE, bp, "other.file");
	DECLARES("reserved further up", BOOTSTRAP_NAME_IN_USE, bp,
		 "root.reserved");
	bootstrap_get_root(bp, &root);
	DECLARES("in the root namespace", BOOTSTRAP_NOT_PRIVILEGED, root,
		 "none");
	DECLARES("in a dead namespace", BOOTSTRAP_NOT_PRIVILEGED, dead, "none");
	DECLARES("128 bytes and more", KERN_INVALID_ARGUMENT, bp, long_name);
	ROW("bootstrap_create_service", "no descriptor left",
	    BOOTSTRAP_NO_MEMORY,
	    FULL(bootstrap_create_service(bp, (char *)"none", &out)));
	LOOKS_UP("what was refused", BOOTSTRAP_UNKNOWN_SERVICE, bp, "none");
	TELLS("declared, without a server", 0, bp, "declared");
	AND(out == BOOTSTRAP_STATUS_ON_DEMAND);
	CHECKS_IN_STRICTLY("strict, declared for it", 0, "declared");
	AND(accept(out, NULL, NULL) >= 0);
	TELLS("declared, with a server", 0, bp, "declared");
	AND(out == BOOTSTRAP_STATUS_ACTIVE);
	CHECKS_IN("declared, with a server", BOOTSTRAP_SERVICE_ACTIVE, bp,
		  "declared");
}

static void withdraw_rows(void)
{
	DECLARES("to be withdrawn", 0, bp, "withdrawn");
	REGISTERS("nothing, to its own, declared", 0, bp, "withdrawn",
		  MACH_PORT_NULL);
	LOOKS_UP("withdrawn", BOOTSTRAP_UNKNOWN_SERVICE, bp, "withdrawn");
	REGISTERS("nothing, to a name of nobody's", 0, bp, "withdrawn",
		  MACH_PORT_NULL);
	REGISTERS("nothing, to an active name", BOOTSTRAP_SERVICE_ACTIVE, bp,
		  "other.file", MACH_PORT_NULL);
	REGISTERS("nothing, to another's, declared", BOOTSTRAP_NOT_PRIVILEGED,
		  bp, "other.declared", MACH_PORT_NULL);
	REGISTERS("nothing, to what is further up", 0, dead, "root.reserved",
		  MACH_PORT_NULL);
	LOOKS_UP("what is further up", 0, bp, "root.reserved");
	REGISTERS("nothing, with no port", MACH_SEND_INVALID_DEST,
		  MACH_PORT_NULL, "none", MACH_PORT_NULL);
}

/* What is kept for the sake of names, is not for those of dead namespaces. */
static bool leaves_no_descriptors(void)
{
	int next = dup(bp), i, last;
	mach_port_t task, subset;
	pid_t requestor;

	close(next);
	for (i = 0; i < 20; i++) {
		requestor = start_idler();
		if (task_for_pid(mach_task_self(), requestor, &task) ||
		    bootstrap_subset(bp, task, &subset) ||
		    bootstrap_register(subset, (char *)"n", no_port))
			abort();
		/* Some before, some after. */
		if (i % 2)
			mach_port_deallocate(mach_task_self(), subset);
		stop_idler(requestor);
		if (i % 2 == 0 && hangs_up(subset, 10000))
			mach_port_deallocate(mach_task_self(), subset);
		mach_port_deallocate(mach_task_self(), task);
	}
	last = dup(bp);
	close(last);
	return last <= next + 2;
}

/* Released as a port, it is not for the names to know. */
static void released_port_rows(void)
{
	mach_port_t port = bns_open_namespace(bp, NULL, 0, NULL);

	REGISTERS("a file, through another port", 0, port, "through", no_port);
	AND(!mach_port_deallocate(mach_task_self(), port));
	AND(fcntl(port, F_GETFD) < 0);
	LOOKS_UP("registered through a port that is released", 0, bp, "through");
	AND(leaves_no_descriptors());
	/* Descriptor 0 is no name, whatever it may be. */
	if (dup2(bp, 0))
		abort();
	LOOKS_UP("no port, where standard input is one", MACH_SEND_INVALID_DEST,
		 MACH_PORT_NULL, "through");
}

static void status_rows(void)
{
	TELLS("a file", 0, bp, "other.file");
	AND(out == BOOTSTRAP_STATUS_ACTIVE);
	TELLS("a service", 0, bp, "other.service");
	AND(out == BOOTSTRAP_STATUS_ACTIVE);
	TELLS("another's, declared", 0, bp, "other.declared");
	AND(out == BOOTSTRAP_STATUS_ON_DEMAND);
	TELLS("further up", 0, bp, "root.reserved");
	AND(out == BOOTSTRAP_STATUS_ACTIVE);
	TELLS("a name of nobody's", BOOTSTRAP_UNKNOWN_SERVICE, bp, "none");
	TELLS("hidden until check-in", BOOTSTRAP_UNKNOWN_SERVICE, bp,
	      "other.hidden");
	TELLS("128 bytes and more", KERN_INVALID_ARGUMENT, bp, long_name);
	TELLS("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL, "other.file");
	TELLS("a port without the right", BOOTSTRAP_NOT_PRIVILEGED, listing,
	      "other.file");
}

static bool has_service(name_array_t names, name_array_t servers,
			bootstrap_status_array_t statuses, unsigned int count,
			const char *name, int status)
{
	while (count--)
		if (!strcmp(names[count], name))
			return statuses[count] == status &&
			       strstr(servers[count], "mach_names_test[");
	return false;
}

static void info_rows(void)
{
	mach_msg_type_number_t count = 0, servers_count = 0, active_count = 0;
	bootstrap_status_array_t active = NULL;
	name_array_t names = NULL, servers = NULL;
	mach_port_t empty;

#define INFORMS(_state, _code, _port)					\
do {									\
	count = POISON;							\
	ROW("bootstrap_info", _state, _code,				\
	    ({ kern_return_t code_ = bootstrap_info(_port, &names, &count, \
			&servers, &servers_count, &active, &active_count); \
	       out = count; code_; }));					\
} while (0)
	INFORMS("a session", 0, bp);
	AND(count > 3 && servers_count == count && active_count == count);
	AND(has_service(names, servers, active, count, "other.service",
			BOOTSTRAP_STATUS_ACTIVE));
	AND(has_service(names, servers, active, count, "other.declared",
			BOOTSTRAP_STATUS_ON_DEMAND));
	AND(!has_service(names, servers, active, count, "root.reserved",
			 BOOTSTRAP_STATUS_ACTIVE));
	ROW("vm_deallocate", "an array", 0,
	    vm_deallocate(mach_task_self(), (vm_address_t)names,
			  count * sizeof(*names)));
	vm_deallocate(mach_task_self(), (vm_address_t)servers,
		      count * sizeof(*servers));
	vm_deallocate(mach_task_self(), (vm_address_t)active,
		      count * sizeof(*active));
	ROW("vm_deallocate", "another address", KERN_INVALID_ARGUMENT,
	    vm_deallocate(mach_task_self(), 1, 1));
	ROW("vm_deallocate", "another task", KERN_INVALID_TASK,
	    vm_deallocate(MACH_PORT_NULL, 0, 0));
	bootstrap_subset(bp, mach_task_self(), &empty);
	INFORMS("no names", 0, empty);
	AND(!count && !names);
	ROW("vm_deallocate", "no bytes", 0,
	    vm_deallocate(mach_task_self(), 0, 0));
	empty = bns_open_namespace(bp, NULL, BOOTSTRAP_RIGHT_LOOK_UP, NULL);
	INFORMS("a port without the right", BOOTSTRAP_NOT_PRIVILEGED, empty);
	INFORMS("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL);
}

static void array_rows(void)
{
	static name_t names[21] = { "other.file", "none", "other.service" };
	mach_msg_type_number_t count = 0;
	mach_port_array_t ports = NULL;
	boolean_t all = -1;
	int i;

#define LOOKS_ALL_UP(_state, _code, _port, _count)			\
do {									\
	count = POISON;							\
	ROW("bootstrap_look_up_array", _state, _code,			\
	    ({ kern_return_t code_ = bootstrap_look_up_array(_port, names, \
			_count, &ports, &count, &all);			\
	       out = count; code_; }));					\
} while (0)
	LOOKS_ALL_UP("21 names", BOOTSTRAP_BAD_COUNT, bp, 21);
	AND(!ports && all == -1);
	LOOKS_ALL_UP("some unknown", 0, bp, 3);
	AND(count == 3 && !all);
	AND(tag_of(ports[0]) == 2 && ports[1] == MACH_PORT_NULL && ports[2] > 2);
	for (i = 0; i < 20; i++)
		strcpy(names[i], "other.file");
	LOOKS_ALL_UP("20 names", 0, bp, 20);
	AND(count == 20 && all);
	for (i = 0; i < 20; i++)
		mach_port_deallocate(mach_task_self(), ports[i]);
	memset(names[1], 'n', sizeof(names[1]));
	LOOKS_ALL_UP("one without an end", 0, bp, 2);
	AND(ports[1] == MACH_PORT_NULL && !all);
	LOOKS_ALL_UP("no names", 0, bp, 0);
	AND(!count && all);
	LOOKS_ALL_UP("no port", MACH_SEND_INVALID_DEST, MACH_PORT_NULL, 2);
	LOOKS_ALL_UP("a port without the right", BOOTSTRAP_NOT_PRIVILEGED,
		     listing, 2);
	ports = NULL;
	ROW("bootstrap_look_up_array", "no descriptor left",
	    BOOTSTRAP_NO_MEMORY,
	    FULL(bootstrap_look_up_array(bp, names, 2, &ports, &count, &all)));
	AND(!ports);
}

static void rows(void)
{
	bp = bootstrap_port;
	world_of_other();
	world_of_ports();
	look_up_rows();
	look_up_flag_rows();
	check_in_rows();
	check_in_flag_rows();
	register_rows();
	create_service_rows();
	withdraw_rows();
	status_rows();
	released_port_rows();
	info_rows();
	array_rows();
}

int main(void)
{
	table_begin();
	bp = bootstrap_port;
	world_of_root();
	rows_of(ALICE, rows);
	return table_end();
}
