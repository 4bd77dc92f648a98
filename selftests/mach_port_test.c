// SPDX-License-Identifier: GPL-2.0
/* The Mach API as a table: port names, tasks, and the texts of codes. */
#include <sys/un.h>

#include "mach_table.h"

static mach_port_t self;

/* Which is no descriptor by now, and no name. */
static bool is_closed(mach_port_t name)
{
	return fcntl(name, F_GETFD) < 0 &&
	       mach_port_deallocate(self, name) == KERN_INVALID_NAME;
}

#define ALLOCATES(_state, _code, _task, _right)				\
	ROW("mach_port_allocate", _state, _code,			\
	    mach_port_allocate(_task, _right, &out))
#define INSERTS(_state, _code, _name, _port, _how)			\
	ROW("mach_port_insert_right", _state, _code,			\
	    mach_port_insert_right(self, _name, _port, _how))
#define DEALLOCATES(_state, _code, _name)				\
	ROW("mach_port_deallocate", _state, _code,			\
	    mach_port_deallocate(self, _name))
#define MODIFIES(_state, _code, _name, _right, _delta)			\
	ROW("mach_port_mod_refs", _state, _code,			\
	    mach_port_mod_refs(self, _name, MACH_PORT_RIGHT_##_right, _delta))

static void right_rows(void)
{
	mach_port_t right, file = tag_new(1);

	ALLOCATES("a receive right", 0, self, MACH_PORT_RIGHT_RECEIVE);
	right = out;
	AND(right >= 3);
	ALLOCATES("a port set", KERN_INVALID_VALUE, self,
		  MACH_PORT_RIGHT_PORT_SET);
	ALLOCATES("another task", KERN_INVALID_TASK, file,
		  MACH_PORT_RIGHT_RECEIVE);
	ROW("mach_port_allocate", "no descriptor left", KERN_RESOURCE_SHORTAGE,
	    FULL(mach_port_allocate(self, MACH_PORT_RIGHT_RECEIVE, &out)));
	DEALLOCATES("a receive right", KERN_INVALID_RIGHT, right);
	INSERTS("copied where none is", KERN_INVALID_CAPABILITY, right, right,
		MACH_MSG_TYPE_COPY_SEND);
	INSERTS("made", 0, right, right, MACH_MSG_TYPE_MAKE_SEND);
	INSERTS("copied", 0, right, right, MACH_MSG_TYPE_COPY_SEND);
	INSERTS("moved", KERN_INVALID_VALUE, right, right,
		MACH_MSG_TYPE_MOVE_SEND);
	INSERTS("another name", KERN_INVALID_CAPABILITY, right, file,
		MACH_MSG_TYPE_MAKE_SEND);
	INSERTS("made of a file", KERN_INVALID_CAPABILITY, file, file,
		MACH_MSG_TYPE_MAKE_SEND);
	INSERTS("a closed name", KERN_INVALID_NAME, closed, closed,
		MACH_MSG_TYPE_MAKE_SEND);
	ROW("mach_port_insert_right", "another task", KERN_INVALID_TASK,
	    mach_port_insert_right(MACH_PORT_NULL, right, right,
				   MACH_MSG_TYPE_MAKE_SEND));
	DEALLOCATES("its first send right", 0, right);
	DEALLOCATES("its last", 0, right);
	DEALLOCATES("the receive right that is left", KERN_INVALID_RIGHT, right);
	MODIFIES("the receive right", 0, right, RECEIVE, -1);
	AND(is_closed(right));
}

static void reference_rows(void)
{
	mach_port_t file = tag_new(2);

	MODIFIES("a descriptor from elsewhere", 0, file, SEND, 2);
	MODIFIES("by none", 0, file, SEND, 0);
	MODIFIES("as a receive right", KERN_INVALID_RIGHT, file, RECEIVE, -1);
	MODIFIES("as a dead name", KERN_INVALID_RIGHT, file, DEAD_NAME, -1);
	MODIFIES("as a port set", KERN_INVALID_VALUE, file, PORT_SET, -1);
	MODIFIES("below none", KERN_INVALID_VALUE, file, SEND, -4);
	MODIFIES("by the least that there is", KERN_INVALID_VALUE, file, SEND,
		 -0x7fffffff - 1);
	MODIFIES("by too many", KERN_UREFS_OVERFLOW, file, SEND, 0x7fffffff);
	MODIFIES("to one", 0, file, SEND, -2);
	AND(tag_of(file) == 2);
	DEALLOCATES("the last", 0, file);
	AND(is_closed(file));
	MODIFIES("a closed name", KERN_INVALID_NAME, file, SEND, 1);
	MODIFIES("no name", KERN_INVALID_NAME, MACH_PORT_NULL, SEND, 1);
	MODIFIES("standard input", KERN_INVALID_NAME, 0, SEND, -1);
	MODIFIES("a dead name", KERN_INVALID_NAME, MACH_PORT_DEAD, SEND, 1);
	ROW("mach_port_mod_refs", "another task", KERN_INVALID_TASK,
	    mach_port_mod_refs(closed, file, MACH_PORT_RIGHT_SEND, 1));
	ROW("mach_port_deallocate", "another task", KERN_INVALID_TASK,
	    mach_port_deallocate(closed, file));
}

static void dead_name_rows(void)
{
	mach_port_t right = receive_right(), client;

	if (bootstrap_register(bp, (char *)"dies", right) ||
	    bootstrap_look_up(bp, "dies", &client))
		abort();
	MODIFIES("to two receive rights", KERN_INVALID_VALUE, right, RECEIVE, 1);
	MODIFIES("a receive right with a send right", 0, right, RECEIVE, -1);
	AND(hangs_up(client, 10000));
	AND(do_look_up(bp, "dies") == -ENOENT);
	AND(fcntl(right, F_GETFD) >= 0);
	MODIFIES("a dead name's send right", KERN_INVALID_RIGHT, right, SEND, 1);
	MODIFIES("a dead name", 0, right, DEAD_NAME, 1);
	ROW("bootstrap_register", "a dead name", MACH_SEND_INVALID_RIGHT,
	    bootstrap_register(bp, (char *)"dies", right));
	ROW("bootstrap_look_up", "by a dead name", MACH_SEND_INVALID_DEST,
	    bootstrap_look_up(right, "dies", &out));
	DEALLOCATES("a dead name", 0, right);
	DEALLOCATES("the last of it", 0, right);
	AND(is_closed(right));
	right = receive_right();
	ROW("mach_port_destroy", "a receive right with a send right", 0,
	    mach_port_destroy(self, right));
	AND(is_closed(right));
	ROW("mach_port_destroy", "a closed name", KERN_INVALID_NAME,
	    mach_port_destroy(self, right));
	ROW("mach_port_destroy", "another task", KERN_INVALID_TASK,
	    mach_port_destroy(closed, right));
	ROW("mach_port_mod_refs", "no descriptor left", KERN_RESOURCE_SHORTAGE,
	    ({
		mach_port_t one = receive_right();

		FULL(mach_port_mod_refs(self, one, MACH_PORT_RIGHT_RECEIVE,
					-1));
	    }));
}

static void task_rows(void)
{
	int pid = 0, pipes[2];
	task_t task;
	char c;

	ROW("task_for_pid", "its own", 0, task_for_pid(self, getpid(), &out));
	task = out;
	ROW("pid_for_task", "its own", 0, pid_for_task(task, &pid));
	AND(pid == getpid());
	ROW("task_for_pid", "no such process", KERN_FAILURE,
	    task_for_pid(self, 0x7ffffff0, &out));
	ROW("task_for_pid", "another task", KERN_INVALID_TASK,
	    task_for_pid(closed, getpid(), &out));
	ROW("task_for_pid", "no descriptor left", KERN_RESOURCE_SHORTAGE,
	    FULL(task_for_pid(self, getpid(), &out)));
	ROW("pid_for_task", "not a task", KERN_FAILURE,
	    pid_for_task(bp, &pid));
	ROW("pid_for_task", "no name", KERN_FAILURE,
	    pid_for_task(MACH_PORT_NULL, &pid));
	AND(mach_task_self() == self && self >= 3);
	AND(!mach_port_deallocate(self, self) &&
	    !mach_port_destroy(self, self));
	AND(!pid_for_task(self, &pid) && pid == getpid());
	/* A child of fork() is another task. */
	if (pipe(pipes))
		abort();
	if (!fork()) {
		c = !pid_for_task(mach_task_self(), &pid) && pid == getpid() &&
		    mach_port_deallocate(self, bp) == KERN_INVALID_TASK ? 'y' :
									  'n';
		_exit(write(pipes[1], &c, 1) != 1);
	}
	AND(read(pipes[0], &c, 1) == 1 && c == 'y');
}

/* What a program that is executed finds by its bootstrap port. */
static int found_by_child(const char *program, const char *name)
{
	pid_t pid = fork();

	if (!pid) {
		execl(program, program, "--find", name, NULL);
		_exit(99);
	}
	return child_result(pid);
}

#define ITSELF		"/proc/self/exe"
#define NOT_FOUND	(100 + ENOENT)

#define SETS(_state, _code, _which, _port)				\
	ROW("task_set_special_port", _state, _code,			\
	    task_set_special_port(self, _which, _port))
#define GETS(_state, _code, _task, _which)				\
	ROW("task_get_special_port", _state, _code,			\
	    task_get_special_port(_task, _which, &out))

static void special_port_refused_rows(void)
{
	mach_port_t weak = bns_open_namespace(bp, NULL, BOOTSTRAP_RIGHTS_ALL &
					      ~BOOTSTRAP_RIGHT_ENTER, NULL);

	GETS("another task's", KERN_INVALID_TASK, closed, TASK_BOOTSTRAP_PORT);
	GETS("another port", KERN_INVALID_ARGUMENT, self, 3);
	SETS("another port", KERN_INVALID_ARGUMENT, 3, bp);
	SETS("to none", KERN_INVALID_ARGUMENT, TASK_BOOTSTRAP_PORT,
	     MACH_PORT_NULL);
	SETS("to what is none", KERN_INVALID_CAPABILITY, TASK_BOOTSTRAP_PORT,
	     no_port);
	SETS("to a closed one", KERN_INVALID_CAPABILITY, TASK_BOOTSTRAP_PORT,
	     closed);
	SETS("to one that may not be entered", KERN_NO_ACCESS,
	     TASK_BOOTSTRAP_PORT, weak);
	ROW("task_set_special_port", "another task's", KERN_INVALID_TASK,
	    task_set_special_port(closed, TASK_BOOTSTRAP_PORT, bp));
	GETS("as it was", 0, self, TASK_BOOTSTRAP_PORT);
	AND(out == bootstrap_port && !getenv("BOOTSTRAP_NAMESPACE"));
	mach_port_deallocate(self, out);
}

/* What is released too often is never the task's own. */
static void held_port_rows(void)
{
	DEALLOCATES("the bootstrap port", 0, bp);
	DEALLOCATES("the bootstrap port that is the task's", KERN_INVALID_RIGHT,
		    bp);
	ROW("mach_port_destroy", "the bootstrap port that is the task's", 0,
	    mach_port_destroy(self, bp));
	AND(id_of(bp) != 0);
	GETS("what was released", 0, self, TASK_BOOTSTRAP_PORT);
	AND(out == bp);
}

/* Children do not get a namespace that they are not told of. */
static int leave(void)
{
	int inherited = atoi(getenv("BOOTSTRAP_NAMESPACE"));

	if (inherited < 3 || fcntl(inherited, F_GETFD))
		return 1;
	if (task_set_bootstrap_port(mach_task_self(), bns_open_device()))
		return 2;
	return fcntl(inherited, F_GETFD) == FD_CLOEXEC ? 0 : 3;
}

static void left_port_rows(void)
{
	mach_port_t subset;

	if (bootstrap_subset(bp, self, &subset) ||
	    task_set_bootstrap_port(self, subset))
		abort();
	AND(found_by_child(ITSELF, "--leave") == 0);
	AND(!task_set_bootstrap_port(self, bp));
}

static int listener_new(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&addr, sizeof(sa_family_t)) ||
	    listen(fd, 1))
		abort();
	return fd;
}

/* A program that was passed a right as its first descriptor. */
static int run_with_right(const char *what)
{
	pid_t pid = fork();
	char text[16];

	if (!pid) {
		CHECK(dup2(listener_new(), 3) == 3);
		closefrom(4);
		snprintf(text, sizeof(text), "%d", getpid());
		setenv("LISTEN_PID", text, 1);
		setenv("LISTEN_FDS", "1", 1);
		setenv("LISTEN_FDNAMES", "a_b", 1);
		execl(ITSELF, ITSELF, "--find", what, NULL);
		_exit(99);
	}
	return child_result(pid);
}

/* Given once, whatever has its number later. */
static int use_right_once(void)
{
	mach_port_t task = mach_task_self(), port, other;

	CHECK(bootstrap_port > 3);
	CHECK(!bootstrap_check_in(bootstrap_port, "a:b", &port) && port == 3);
	CHECK(fcntl(3, F_GETFD) == FD_CLOEXEC);
	CHECK(bootstrap_check_in(bootstrap_port, "a:b", &other) ==
	      BOOTSTRAP_SERVICE_ACTIVE);
	CHECK(!mach_port_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECK(listener_new() == 3);
	CHECK(!bootstrap_check_in(bootstrap_port, "a:b", &other) && other > 3);
	return 0;
}

/* A receive right of the program's own takes the place of what was passed. */
static int register_right(void)
{
	mach_port_t task = mach_task_self(), port = receive_right();
	int flags = fcntl(port, F_GETFL);

	CHECK(!fcntl(port, F_SETFL, flags | O_NONBLOCK));
	CHECK(!bootstrap_register(bootstrap_port, (char *)"a:b", port));
	CHECK(accept(port, NULL, NULL) < 0 && errno == EAGAIN);
	CHECK(tag_new(1) == 3);
	CHECK(!mach_port_deallocate(task, 3) && fcntl(3, F_GETFD) < 0);
	return 0;
}

static void passed_rows(void)
{
	AND(run_with_right("--once") == 0);
	AND(run_with_right("--register") == 0);
}

static void special_port_rows(void)
{
	mach_port_t subset, other;

	if (bootstrap_subset(bp, self, &subset) || put(subset, "below", 7) ||
	    bootstrap_subset(bp, self, &other) || put(other, "below", 8))
		abort();
	SETS("to a subset", 0, TASK_BOOTSTRAP_PORT, subset);
	GETS("a subset", 0, self, TASK_BOOTSTRAP_PORT);
	AND(out == subset && bootstrap_port == bp);
	AND(found_by_child(ITSELF, "below") == 7);
	/* The task has a reference of its own. */
	mach_port_deallocate(self, subset);
	mach_port_deallocate(self, subset);
	AND(id_of(subset) != 0);
	ROW("task_set_special_port", "no descriptor left",
	    KERN_RESOURCE_SHORTAGE,
	    FULL(task_set_special_port(self, TASK_BOOTSTRAP_PORT, other)));
	AND(found_by_child(ITSELF, "below") == 7);
	SETS("to another", 0, TASK_BOOTSTRAP_PORT, other);
	AND(is_closed(subset));
	AND(found_by_child(ITSELF, "below") == 8);
	SETS("to the device", 0, TASK_BOOTSTRAP_PORT, bp);
	AND(found_by_child(ITSELF, "below") == NOT_FOUND);
	AND(!getenv("BOOTSTRAP_NAMESPACE"));
}

/* A program that gains privilege does not have the namespace of its caller. */
static void set_user_id_rows(void)
{
	mach_port_t subset;

	if (bootstrap_subset(bp, self, &subset) ||
	    put(subset, "root.file", 7) ||
	    task_set_bootstrap_port(self, subset))
		abort();
	AND(found_by_child(ITSELF, "root.file") == 7);
	AND(found_by_child("/tmp/mach_port_test.suid", "root.file") == 1);
}

/* Names are never what programs take for standard input and output. */
static void low_descriptor_rows(void)
{
	int saved = fcntl(0, F_DUPFD, 10);
	mach_port_t port;

	close(0);
	AND(!mach_port_allocate(self, MACH_PORT_RIGHT_RECEIVE, &port));
	AND(port >= 3 && fcntl(0, F_GETFD) < 0);
	AND(fcntl(port, F_GETFD) == FD_CLOEXEC);
	mach_port_destroy(self, port);
	AND(!bootstrap_look_up(bp, "root.file", &port));
	AND(port >= 3 && fcntl(0, F_GETFD) < 0);
	AND(fcntl(port, F_GETFD) == FD_CLOEXEC);
	dup2(saved, 0);
}

static void text_rows(void)
{
	static const kern_return_t codes[] = {
		KERN_SUCCESS, KERN_INVALID_ARGUMENT, KERN_FAILURE,
		KERN_RESOURCE_SHORTAGE, KERN_NO_ACCESS, KERN_INVALID_NAME,
		KERN_INVALID_TASK, KERN_INVALID_RIGHT, KERN_INVALID_VALUE,
		KERN_UREFS_OVERFLOW, KERN_INVALID_CAPABILITY,
		BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_NAME_IN_USE,
		BOOTSTRAP_UNKNOWN_SERVICE, BOOTSTRAP_SERVICE_ACTIVE,
		BOOTSTRAP_BAD_COUNT, BOOTSTRAP_NO_MEMORY, BOOTSTRAP_NO_CHILDREN,
		MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_RIGHT,
		141, /* which is none */
	};
	const char *text, *other;
	size_t i, j, same = 0;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		text = bootstrap_strerror(codes[i]);
		same += strcmp(text, mach_error_string(codes[i])) != 0;
		for (j = 0; j < i; j++) {
			other = bootstrap_strerror(codes[j]);
			same += !strcmp(text, other);
		}
	}
	AND(!same);
	AND(!strcmp(mach_error_string(141), "unknown error code"));
}

/* For people, on standard error. */
static void error_rows(void)
{
	int saved = dup(2), pipes[2];
	char said[128] = "";

	if (pipe(pipes) || dup2(pipes[1], 2) != 2)
		abort();
	mach_error("check in", BOOTSTRAP_SERVICE_ACTIVE);
	dup2(saved, 2);
	AND(read(pipes[0], said, sizeof(said) - 1) > 0);
	AND(!strcmp(said, "check in: the service is active (0x44f)\n"));
}

static void rows(void)
{
	self = mach_task_self();
	bp = bootstrap_port;
	world_of_ports();
	right_rows();
	reference_rows();
	dead_name_rows();
	task_rows();
	special_port_refused_rows();
	held_port_rows();
	special_port_rows();
	left_port_rows();
	passed_rows();
	low_descriptor_rows();
	text_rows();
	error_rows();
	set_user_id_rows();
}

/* What a name found by the program's port says: its tag, or 100 + errno. */
static int helper(const char *name)
{
	mach_port_t port;

	if (!strcmp(name, "--leave"))
		return leave();
	if (!strcmp(name, "--once"))
		return use_right_once();
	if (!strcmp(name, "--register"))
		return register_right();
	if (bootstrap_look_up(bootstrap_port, name, &port))
		return NOT_FOUND;
	return tag_of(port);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--find"))
		return helper(argv[2]);
	table_begin();
	bp = bootstrap_port;
	world_of_root();
	install_set_user_id("/tmp/mach_port_test.suid");
	rows_of(ALICE, rows);
	unlink("/tmp/mach_port_test.suid");
	return table_end();
}
