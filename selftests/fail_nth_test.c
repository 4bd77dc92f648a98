// SPDX-License-Identifier: GPL-2.0
/*
 * What is left of a call when memory runs out in the middle of it, or a copy to
 * or from its caller fails: all commands, and their ways through the module
 * that differ by what has to be made. What nobody refers to any more is found
 * by the kernel's own search for leaks, after all tests.
 */
#include <linux/securebits.h>
#include <sched.h>
#include <sys/resource.h>

#include "fail_nth.h"
#include "harness.h"

#define NO_FAULTS "no faults to order on this kernel"
#define MODULE "/bootstrap.ko"

/* A port without names. */
static int other = -1;

static void good_sticky(union bootstrap_args *args)
{
	good_register(args);
	args->reg.flags = BOOTSTRAP_REGISTER_STICKY;
}

static void good_group(union bootstrap_args *args)
{
	good_register(args);
	args->reg.flags = BOOTSTRAP_REGISTER_GROUP;
	args->reg.gid = getegid();
}

static void good_replace(union bootstrap_args *args)
{
	struct bootstrap_info info;

	close(do_look_up_info(port, "there", &info));
	args->reg = args_register("there", good_file);
	args->reg.replace = info.generation;
}

static void undo_replace(int port, int ret)
{
	union bootstrap_args args;

	(void)ret;
	good_replace(&args);
	call(port, BOOTSTRAP_IOC_REGISTER, &args);
}

static void undo_take_over(int port, int ret)
{
	(void)ret;
	do_take_over(port, "there");
}

static void good_first(union bootstrap_args *args)
{
	good_register(args);
	through = other;
}

static void good_first_check_in(union bootstrap_args *args)
{
	good_check_in(args);
	through = other;
}

static void good_first_declare(union bootstrap_args *args)
{
	good_declare(args);
	through = other;
}

static void good_look_up_only(union bootstrap_args *args)
{
	args->look_up = args_look_up("there");
}

static void good_climb(union bootstrap_args *args)
{
	args->look_up = args_look_up("stays");
}

/* More than a page of the kernel's memory. */
static void good_long_list(union bootstrap_args *args)
{
	static _Alignas(8) char buffer[65536];

	good_list(args);
	args->list.buffer = (uintptr_t)buffer;
	args->list.buffer_size = sizeof(buffer);
}

static void good_short_list(union bootstrap_args *args)
{
	good_list(args);
	args->list.buffer_size = 8;
}

static void good_by_id(union bootstrap_args *args)
{
	good_session(args);
	args->session.flags = BOOTSTRAP_SESSION_BY_ID;
	args->session.session = proc_number("self/sessionid");
}

static void good_next(union bootstrap_args *args)
{
	good_session(args);
	args->session.flags = BOOTSTRAP_SESSION_NEXT;
}

static void good_usage_by_uid(union bootstrap_args *args)
{
	good_usage(args);
	args->usage.flags = BOOTSTRAP_USAGE_BY_UID;
	args->usage.uid = geteuid();
}

/* A port with names, of two owners if the process can be two. */
static void good_close(union bootstrap_args *args)
{
	(void)args;
	through = port_open();
	if (do_register(through, "a", good_file) ||
	    do_register(through, "b", good_file))
		abort();
	if (geteuid())
		return;
	if (seteuid(STRANGER) || do_register(through, "c", good_file) ||
	    do_register(through, "d", good_file) || seteuid(0))
		abort();
}

static int act_close(void)
{
	return close(through);
}

static int act_open(void)
{
	int fd = port_open();

	return fd < 0 ? -errno : fd;
}

static int act_poll(void)
{
	struct pollfd pfd = { .fd = port, .events = POLLIN };
	int ret = poll(&pfd, 1, 0);

	return ret < 0 ? -errno : ret;
}

/* What comes of one name is its own result: one that failed fails all here. */
static int act_array(void)
{
	union bootstrap_args args = { 0 };
	int ret;

	good_array(&args);
	ret = call(port, BOOTSTRAP_IOC_LOOK_UP_ARRAY, &args);
	if (ret < 0)
		return ret;
	if (good_entries[1].result >= 0)
		abort();
	if (ret && good_entries[1].result != -ENOENT) {
		close(good_entries[0].result);
		return good_entries[1].result;
	}
	return good_entries[0].result;
}

static int watch = -1;

/* Each has the present state to tell. */
static void good_fresh_watch(union bootstrap_args *args)
{
	if (watch >= 0)
		close(watch);
	good_watch(args);
	watch = call(port, BOOTSTRAP_IOC_WATCH, args);
	if (watch < 0)
		abort();
}

static int act_read_watch(void)
{
	char room[4096];
	ssize_t got = read(watch, room, sizeof(room));

	return got < 0 ? -errno : 0;
}

static void enter_session(void)
{
	log_in(ALICE);
}

/* The next descriptor makes the process's table grow. */
static void enter_full_table(void)
{
	while (dup(0) < 63)
		;
}

/* As it is: root in the root session. */
static void enter_root(void)
{
}

/* A user's namespace, that of a user who has nothing else, is made for it. */
static void good_users_subset(union bootstrap_args *args)
{
	good_subset(args);
	args->subset.scope = BOOTSTRAP_SCOPE_USER_ID;
	args->subset.session = STRANGER;
}

/* A login: root, with an id of its own. */
static void enter_login(void)
{
	if (set_login_uid(ALICE))
		abort();
}

static void good_announce_self(union bootstrap_args *args)
{
	args->announce.size = sizeof(args->announce);
	args->announce.flags = BOOTSTRAP_ANNOUNCE_USER |
			       BOOTSTRAP_ANNOUNCE_COMPLETE;
	args->announce.session = proc_number("self/sessionid");
	args->announce.type = BOOTSTRAP_SESSION_TYPE_GUI;
	args->announce.uid = STRANGER;
}

static int pre_login = -1;

static void enter_pre_login(void)
{
	union bootstrap_args args = { 0 };

	enter_login();
	good_pre_login(&args);
	pre_login = call(port, BOOTSTRAP_IOC_PRE_LOGIN, &args);
	if (pre_login < 0 || do_register(pre_login, "gone", good_file))
		abort();
}

static void good_announce_login(union bootstrap_args *args)
{
	good_announce_self(args);
	args->announce.flags |= BOOTSTRAP_ANNOUNCE_PRE_LOGIN;
	args->announce.pre_login = pre_login;
}

static void enter_announced(void)
{
	union bootstrap_args args = { 0 };

	enter_login();
	good_announce_self(&args);
	if (call(port, BOOTSTRAP_IOC_ANNOUNCE, &args))
		abort();
}

static void good_attributes_self(union bootstrap_args *args)
{
	args->attributes.size = sizeof(args->attributes);
	args->attributes.session = proc_number("self/sessionid");
	args->attributes.set = BOOTSTRAP_SESSION_ATTR_CONSOLE;
}

static void good_signal_self(union bootstrap_args *args)
{
	args->signal.size = sizeof(args->signal);
	args->signal.session = proc_number("self/sessionid");
}

static void good_logout_self(union bootstrap_args *args)
{
	args->logout.size = sizeof(args->logout);
	args->logout.session = proc_number("self/sessionid");
}

/* Inside it, with what a logout of it waits for. */
static void enter_deferring(void)
{
	enter_announced();
	become(STRANGER);
	defer_once();
}

static void enter_asked(void)
{
	union bootstrap_args args = { 0 };

	enter_deferring();
	good_cancel(&args);
}

static void good_cancel_own(union bootstrap_args *args)
{
	good_cancel(args);
	through = good_deferral;
}

static void good_watch_sessions(union bootstrap_args *args)
{
	good_watch(args);
	args->watch.flags = BOOTSTRAP_WATCH_SESSIONS;
}

#define REGISTER	.number = BOOTSTRAP_IOC_REGISTER
#define TAKE_OVER	.number = BOOTSTRAP_IOC_TAKE_OVER
#define LOOK_UP		.number = BOOTSTRAP_IOC_LOOK_UP
#define CHECK_IN	.number = BOOTSTRAP_IOC_CHECK_IN
#define DECLARE		.number = BOOTSTRAP_IOC_DECLARE
#define LIST		.number = BOOTSTRAP_IOC_LIST
#define SESSION		.number = BOOTSTRAP_IOC_SESSION
#define USAGE		.number = BOOTSTRAP_IOC_USAGE
#define SUBSET		.number = BOOTSTRAP_IOC_SUBSET
#define PRE_LOGIN	.number = BOOTSTRAP_IOC_PRE_LOGIN
#define ANNOUNCE	.number = BOOTSTRAP_IOC_ANNOUNCE
#define ATTRIBUTES	.number = BOOTSTRAP_IOC_ATTRIBUTES
#define SIGNAL		.number = BOOTSTRAP_IOC_SIGNAL
#define LOGOUT		.number = BOOTSTRAP_IOC_LOGOUT
#define DEFER		.number = BOOTSTRAP_IOC_DEFER
#define CANCEL		.number = BOOTSTRAP_IOC_CANCEL
#define DEFERRALS	.number = BOOTSTRAP_IOC_DEFERRALS
#define WATCH		.number = BOOTSTRAP_IOC_WATCH
#define STATISTICS	.number = BOOTSTRAP_IOC_STATISTICS

/* What the table of commands does not do. */
static const struct trial trials[] = {
	{ "register, sticky", 4, REGISTER, good_sticky, undo_register },
	{ "register, for a group", 4, REGISTER, good_group, undo_register },
	{ "replace", 4, REGISTER, good_replace },
	{ "register, first of a port", 5, REGISTER, good_first, undo_register },
	{ "check in, first of a port", 5, CHECK_IN, good_first_check_in,
	  undo_service, .sockets = true },
	{ "declare, first of a port", 5, DECLARE, good_first_declare,
	  undo_service, .sockets = true },
	{ "look up, without info", 2, LOOK_UP, good_look_up_only, undo_look_up },
	{ "look up, found in the root", 2, LOOK_UP, good_climb, undo_look_up },
	{ "list, with much room", 3, LIST, good_long_list },
	{ "list, without room", 3, LIST, good_short_list, .answer = -EMSGSIZE },
	{ "session, by id", 2, SESSION, good_by_id },
	{ "session, next", 2, SESSION, good_next },
	{ "usage, by uid", 2, USAGE, good_usage_by_uid },
	{ "open", 2, .act = act_open, .undo = undo_look_up },
	{ "poll", 1, .act = act_poll },
	{ "look up, an array", 4, .act = act_array, .undo = undo_look_up },
	{ "watch, of sessions", 4, WATCH, good_watch_sessions, undo_look_up },
	{ "watch, read", 1, .good = good_fresh_watch, .act = act_read_watch },
	/* Must go well, whatever fails. */
	{ "close", 0, .good = good_close, .act = act_close },
};

/* What a process can do that is root, and another user in between. */
static const struct trial trials_of_root[] = {
	{ "register, first of a user", 6, REGISTER, good_first, undo_register,
	  .uid = STRANGER },
	{ "replace, as another user", 6, REGISTER, good_replace, undo_replace,
	  .uid = STRANGER },
	{ "take over, as another user", 5, TAKE_OVER, good_name, undo_take_over,
	  .uid = STRANGER },
	{ "statistics", 2, STATISTICS, good_statistics },
};

/* What a process does once in its life: only the first call makes a session. */
static const struct trial trials_of_children[] = {
	{ "look up, into a full table", 7, LOOK_UP, good_look_up, undo_look_up,
	  .enter = enter_full_table },
	{ "register, first in a session", 8, REGISTER, good_register,
	  .enter = enter_session },
	{ "look up, first in a session", 7, LOOK_UP, good_look_up,
	  .enter = enter_session },
	{ "session, first in a session", 5, SESSION, good_session,
	  .enter = enter_session },
	{ "subset", 6, SUBSET, good_subset, .enter = enter_root },
	{ "subset, of a first user's", 8, SUBSET, good_users_subset,
	  .enter = enter_root },
	{ "pre-login", 6, PRE_LOGIN, good_pre_login, .enter = enter_root },
	{ "announce", 5, ANNOUNCE, good_announce_self, .enter = enter_login },
	{ "announce, of a login", 4, ANNOUNCE, good_announce_login,
	  .enter = enter_pre_login },
	{ "attributes", 1, ATTRIBUTES, good_attributes_self,
	  .enter = enter_announced },
	{ "signal", 2, SIGNAL, good_signal_self, .enter = enter_announced,
	  .tells = true },
	{ "logout", 4, LOGOUT, good_logout_self, .enter = enter_announced },
	{ "defer", 6, DEFER, good_defer, .enter = enter_session },
	{ "cancel", 1, CANCEL, good_cancel_own, .enter = enter_asked },
	{ "deferrals", 4, DEFERRALS, good_deferrals, .enter = enter_deferring,
	  .tells = true },
};

static bool sweep_each(const struct trial *trial, unsigned int count)
{
	bool good = true;

	while (count--)
		good &= sweep(trial++);
	return good;
}

/*
 * Of the one with a result for each name, of what ends with the process, of what
 * takes a session, and of what is root's.
 */
static bool has_trial(unsigned int command)
{
	return command == BOOTSTRAP_IOC_LOOK_UP_ARRAY ||
	       command == BOOTSTRAP_IOC_SUBSET ||
	       command == BOOTSTRAP_IOC_PRE_LOGIN ||
	       command == BOOTSTRAP_IOC_ANNOUNCE ||
	       command == BOOTSTRAP_IOC_ATTRIBUTES ||
	       command == BOOTSTRAP_IOC_SIGNAL ||
	       command == BOOTSTRAP_IOC_LOGOUT ||
	       command == BOOTSTRAP_IOC_DEFER ||
	       command == BOOTSTRAP_IOC_CANCEL ||
	       command == BOOTSTRAP_IOC_DEFERRALS ||
	       command == BOOTSTRAP_IOC_STATISTICS;
}

static bool sweep_commands(void)
{
	const struct command *command;
	bool good = true;

	for_each_command(command) {
		const struct trial trial = {
			.name = command->name, .least = 1,
			.number = command->number,
			.good = command->good, .undo = command->undo,
			.sockets = field_of(command, FIELD_TYPE),
		};

		if (!has_trial(command->number))
			good &= sweep(&trial);
	}
	return good;
}

/* All that can be done as the caller stands. */
static bool sweep_all(void)
{
	bool good;
	int ends[2];

	if (pipe(ends))
		abort();
	good_file = ends[1];
	port = port_open();
	other = port_open();
	if (do_register(port, "there", good_file) ||
	    do_register(port, "mine", good_file))
		abort();
	good = sweep_commands();
	good &= sweep_each(trials, ARRAY_SIZE(trials));
	/* It keeps those whose changes it has yet to tell. */
	close(watch);
	watch = -1;
	if (!geteuid())
		good &= sweep_each(trials_of_root, ARRAY_SIZE(trials_of_root));
	close(port);
	close(other);
	close(good_file);
	if (!hangs_up(ends[0], 3000)) {
		printf("# something holds the file of the names\n");
		good = false;
	}
	fflush(stdout);
	return good;
}

FIXTURE(fail_nth)
{
	pid_t witness;
	int port;
};

FIXTURE_SETUP(fail_nth)
{
	static struct state state;

	self->witness = witness_start();
	self->port = port_open();
	ASSERT_LE(0, self->port);
	ASSERT_TRUE(eventually(!do_register(self->port, "stays", tag_new(1))));
	/* What the test before has used is given back by now, or soon. */
	ASSERT_TRUE(eventually((look(&state),
				state.sessions == 1 && state.names == 1)));
}

FIXTURE_TEARDOWN(fail_nth)
{
	close(witness_socket);
	EXPECT_EQ(0, child_result(self->witness));
}

TEST_F_TIMEOUT(fail_nth, in_the_root_session, 300)
{
	if (!have_faults())
		SKIP(return, NO_FAULTS);
	prepare_faults();
	/* Capabilities stay when the effective user is another. */
	ASSERT_EQ(0, prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	EXPECT_TRUE(sweep_all());
}

TEST_F_TIMEOUT(fail_nth, in_a_login_session, 300)
{
	pid_t pid;

	if (!have_faults())
		SKIP(return, NO_FAULTS);
	pid = fork();
	if (!pid) {
		prepare_faults();
		log_in(ALICE);
		_exit(!sweep_all());
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_F_TIMEOUT(fail_nth, once_in_a_life, 300)
{
	if (!have_faults())
		SKIP(return, NO_FAULTS);
	port = self->port;
	good_file = tag_new(2);
	ASSERT_EQ(0, do_register(port, "there", good_file));
	EXPECT_TRUE(sweep_each(trials_of_children,
			       ARRAY_SIZE(trials_of_children)));
}

/* So many that the module's table of names grows, whatever its size was. */
#define MANY 40

struct growth {
	int met, failed, waited, wrong;
};

static long times_waited(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static void register_failing(const char *name, unsigned int nth,
			     struct growth *growth)
{
	struct bootstrap_register args = args_register(name, good_file);
	struct bootstrap_register before = args;
	long waits = times_waited();
	bool met;
	int ret;

	order_fault(nth);
	ret = call(port, BOOTSTRAP_IOC_REGISTER, &args);
	met = !fault_left();
	waits = times_waited() - waits;
	growth->met += met;
	growth->waited += met && waits;
	if (!ret)
		return;
	growth->failed++;
	/* Who waited did so for the table, which is no fault of the caller's. */
	if (!met || waits || (ret != -ENOMEM && ret != -EFAULT) ||
	    memcmp(&args, &before, sizeof(args)) ||
	    do_register(port, name, good_file))
		growth->wrong++;
}

static bool set_policy(int policy)
{
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO };

	return !sched_setscheduler(0, policy, &param);
}

static bool grow(unsigned int nth, struct growth *growth)
{
	char name[16];
	int i;

	/* Nobody else runs here, such as who would make room in time. */
	if (!set_policy(SCHED_FIFO))
		return false;
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		register_failing(name, nth, growth);
	}
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		growth->wrong += do_unregister(port, name) != 0;
	}
	if (!set_policy(SCHED_OTHER))
		return false;
	/* The table becomes small again. */
	usleep(20000);
	return true;
}

/* That there is no room just then in the table does not reach the caller. */
TEST_F_TIMEOUT(fail_nth, while_the_table_grows, 120)
{
	static struct state before, after;
	struct growth growth = { 0 };
	unsigned int nth, round = 0;
	cpu_set_t here;
	int met;

	if (!have_faults())
		SKIP(return, NO_FAULTS);
	prepare_faults();
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(here), &here));
	port = self->port;
	good_file = tag_new(2);
	look(&before);
	/* One point is it that waits, if the table was small when that came up. */
	do {
		for (nth = 1; nth <= STEPS_MAX; nth++) {
			met = growth.met;
			ASSERT_TRUE(grow(nth, &growth));
			if (growth.met == met)
				break;
			look(&after);
			EXPECT_TRUE(same(&before, &after));
		}
		EXPECT_GE(STEPS_MAX, nth);
	} while (!growth.waited && ++round < 10);
	EXPECT_LE(3 * MANY, growth.failed);
	EXPECT_LE(1, growth.waited);
	EXPECT_EQ(0, growth.wrong);
}

static int load_module(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC), ret;

	/* As init has it; other tests look at what the module tells. */
	ret = syscall(SYS_finit_module, fd, "dyndbg=+p", 0) ? -errno : 0;
	close(fd);
	return ret;
}

static bool unload_module(void)
{
	return eventually(!syscall(SYS_delete_module, "bootstrap", 0));
}

static bool module_is_there(void)
{
	return !access("/sys/module/bootstrap", F_OK) ||
	       !access(DEVICE, F_OK);
}

static bool device_works(void)
{
	int port = port_open(), ret;

	ret = do_register(port, "there", 0) ?: look_up_result(port, "there");
	close(port);
	return !ret;
}

/*
 * The module's own steps are the last of the many that the kernel takes to load
 * it, which is not what is to be tested here.
 */
#define LOAD_STEPS 80

/* More points than there are. */
#define FAR 1000000

FIXTURE(module)
{
	bool loaded;
};

FIXTURE_SETUP(module)
{
	self->loaded = true;
}

FIXTURE_TEARDOWN(module)
{
	if (!self->loaded)
		EXPECT_EQ(0, load_module());
	EXPECT_TRUE(device_works());
}

TEST_F_TIMEOUT(module, load, 120)
{
	unsigned int total, nth;
	int ret, failed = 0;

	if (!have_faults())
		SKIP(return, NO_FAULTS);
	if (access(MODULE, F_OK))
		SKIP(return, "no module to load");
	prepare_faults();
	ASSERT_TRUE(unload_module());
	self->loaded = false;
	order_fault(FAR);
	ASSERT_EQ(0, load_module());
	total = FAR - fault_left();
	self->loaded = true;
	for (nth = total; nth + LOAD_STEPS > total; nth--) {
		if (self->loaded)
			ASSERT_TRUE(unload_module());
		order_fault(nth);
		ret = load_module();
		fault_left();
		self->loaded = !ret;
		if (!ret) {
			EXPECT_TRUE(device_works());
			continue;
		}
		EXPECT_EQ(-ENOMEM, ret);
		EXPECT_FALSE(module_is_there());
		failed++;
	}
	/* The work queue, the table, the root session and the device. */
	EXPECT_LE(10, failed);
}

TEST_HARNESS_MAIN
