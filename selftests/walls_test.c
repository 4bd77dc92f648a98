// SPDX-License-Identifier: GPL-2.0
/*
 * The walls: who stands inside them, and the programs that are more or other
 * than their user and so do not.
 */
#include <linux/capability.h>
#include <linux/securebits.h>
#include <linux/xattr.h>
#include <pthread.h>
#include <sched.h>
#include <sys/xattr.h>

#include "bootstrap_test.h"
#include "harness.h"

/* This program again, as another one: see main(). */
#define SELF "/proc/self/exe"

static int find_as_child(const char *program)
{
	pid_t pid = fork();

	if (!pid) {
		execl(program, program, "--find", "planted", NULL);
		_exit(99);
	}
	return child_result(pid);
}

/* A copy of this program with a mode, on a file system that knows all modes. */
static char *install_copy(const char *name, mode_t mode, gid_t gid)
{
	static char path[64];
	char buffer[65536];
	int in, out;
	ssize_t n;

	snprintf(path, sizeof(path), "/tmp/%s.%d", name, getpid());
	in = open(SELF, O_RDONLY);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, n) != n)
			abort();
	if (fchown(out, 0, gid) || fchmod(out, mode))
		abort();
	close(in);
	close(out);
	return path;
}

/* What a found name says as an exit status: its tag, or 100 + errno. */
static int found_status(int port, const char *name)
{
	int fd = do_look_up(port, name);

	return fd < 0 ? 100 - fd : tag_of(fd);
}

#define NOT_FOUND (100 + ENOENT)

FIXTURE(walls)
{
	int port;
};

FIXTURE_SETUP(walls)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	/* Who outlived the test before may still hold its port for a moment. */
	ASSERT_TRUE(eventually(!do_register(self->port, "planted", tag_new(1))));
}

FIXTURE_TEARDOWN(walls)
{
	close(self->port);
}

/* Runs a function as alice in a fresh session where "planted" is tag 2. */
static int in_planted_session(int (*function)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (!pid) {
		log_in(ALICE);
		if (do_register(port_open(), "planted", tag_new(2)))
			_exit(98);
		_exit(function(arg));
	}
	return child_result(pid);
}

static int run_program(void *program)
{
	return find_as_child(program);
}

TEST_F(walls, plain_program_is_inside)
{
	EXPECT_EQ(2, in_planted_session(run_program, SELF));
}

TEST_F(walls, set_user_id_program_stands_outside)
{
	char *program = install_copy("setuid", 04755, 0);

	EXPECT_EQ(1, in_planted_session(run_program, program));
	unlink(program);
}

TEST_F(walls, set_group_id_program_stands_outside)
{
	char *program = install_copy("setgid", 02755, 77);

	EXPECT_EQ(1, in_planted_session(run_program, program));
	unlink(program);
}

TEST_F(walls, file_capability_program_stands_outside)
{
	char *program = install_copy("filecap", 0755, 0);
	struct vfs_cap_data cap = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data[0].permitted = 1 << CAP_NET_BIND_SERVICE,
	};

	ASSERT_EQ(0, setxattr(program, XATTR_NAME_CAPS, &cap, XATTR_CAPS_SZ_2,
			      0));
	EXPECT_EQ(1, in_planted_session(run_program, program));
	unlink(program);
}

/* Root's helper dropped to the user again, but for the saved id. */
static int dropped_but_saved(void *arg)
{
	pid_t pid = fork();

	if (!pid) {
		execl(arg, arg, "--drop-and-find", "planted", NULL);
		_exit(99);
	}
	return child_result(pid);
}

TEST_F(walls, saved_user_id_stands_outside)
{
	char *program = install_copy("saved", 04755, 0);

	EXPECT_EQ(1, in_planted_session(dropped_but_saved, program));
	unlink(program);
}

/* As a set-user-id program of alice's that bob runs: hers, but not only. */
TEST_F(walls, real_user_id_stands_outside)
{
	pid_t pid = fork();

	if (!pid) {
		int port;

		if (set_login_uid(ALICE) || setgroups(0, NULL) ||
		    setresgid(ALICE, ALICE, ALICE))
			_exit(97);
		if (setresuid(BOB, ALICE, ALICE))
			_exit(96);
		port = port_open();
		if (do_register(port, "planted", tag_new(2)) != -EPERM)
			_exit(95);
		_exit(found_status(port, "planted"));
	}
	EXPECT_EQ(1, child_result(pid));
}

/* pam_systemd gives some logins CAP_WAKE_ALARM in this way. */
TEST_F(walls, ambient_capability_is_inside)
{
	pid_t pid = fork();

	if (!pid) {
		struct __user_cap_header_struct header = {
			.version = _LINUX_CAPABILITY_VERSION_3,
		};
		struct __user_cap_data_struct data[2] = {
			[1].effective = 1 << (CAP_WAKE_ALARM - 32),
			[1].permitted = 1 << (CAP_WAKE_ALARM - 32),
			[1].inheritable = 1 << (CAP_WAKE_ALARM - 32),
		};
		int port;

		if (set_login_uid(ALICE) || prctl(PR_SET_KEEPCAPS, 1))
			_exit(97);
		become(ALICE);
		if (syscall(SYS_capset, &header, data))
			_exit(96);
		port = port_open();
		/* Permitted and not ambient: more than the user. */
		if (found_status(port, "planted") != 1)
			_exit(95);
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_WAKE_ALARM,
			  0, 0))
			_exit(94);
		if (do_register(port, "planted", tag_new(2)))
			_exit(93);
		_exit(found_status(port, "planted"));
	}
	EXPECT_EQ(2, child_result(pid));
}

/* su keeps the id; it does not carry anybody into the session. */
TEST_F(walls, su_stands_outside)
{
	struct bootstrap_info info;
	pid_t pid;
	int port;

	pid = fork();
	if (!pid) {
		if (!host_alice("planted", 2))
			_exit(97);
		become(BOB);
		port = port_open();
		if (found_status(port, "planted") != 1 ||
		    do_register(port, "bob", tag_new(3)) != -EPERM ||
		    do_look_up_info(port, "planted", &info) < 0 || info.uid)
			_exit(1);
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
}

/* The real su and a shell, as a user would type it. */
static int run_su(void *arg)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/su", "su", "-s", "/bin/sh", "bob", "-c", arg, NULL);
		_exit(99);
	}
	return child_result(pid);
}

TEST_F(walls, real_su_stands_outside)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "test $(id -u) = 1001 && /tests/walls_test --find planted");
	EXPECT_EQ(1, in_planted_session(run_su, command));
}

static void *thread_find(void *arg)
{
	(void)arg;
	return (void *)(long)found_status(port_open(), "planted");
}

static int find_in_thread(void *arg)
{
	pthread_t thread;
	void *ret;

	(void)arg;
	if (pthread_create(&thread, NULL, thread_find, NULL) ||
	    pthread_join(thread, &ret))
		return 99;
	return (long)ret;
}

TEST_F(walls, thread_is_inside)
{
	EXPECT_EQ(2, in_planted_session(find_in_thread, NULL));
}

static int find_in_fork_and_exec(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (!pid)
		_exit(find_as_child(SELF));
	return child_result(pid);
}

TEST_F(walls, fork_and_exec_are_inside)
{
	EXPECT_EQ(2, in_planted_session(find_in_fork_and_exec, NULL));
}

/* Root in a namespace of his own is still alice, and has one quota. */
static int find_in_user_namespace(void *arg)
{
	struct bootstrap_usage usage = { .size = sizeof(usage) };
	struct bootstrap_info info;
	int port = port_open(), fd;
	__u32 names;

	(void)arg;
	if (call(port, BOOTSTRAP_IOC_USAGE, &usage) || usage.uid != ALICE)
		return 98;
	names = usage.names;
	if (unshare(CLONE_NEWUSER) ||
	    write_file("/proc/self/setgroups", "deny") ||
	    write_file("/proc/self/uid_map", "0 1000 1") ||
	    write_file("/proc/self/gid_map", "0 1000 1"))
		return 97;
	if (getuid() != 0)
		return 96;
	fd = do_look_up_info(port, "planted", &info);
	/* Identities are those of the namespace that asks. */
	if (info.uid != 0)
		return 95;
	usage.uid = 0;
	if (call(port, BOOTSTRAP_IOC_USAGE, &usage) || usage.uid != 0 ||
	    usage.names != names)
		return 94;
	/* Root here is not privileged: nothing of the root session's. */
	struct bootstrap_register args = args_register("x", fd);

	args.scope = BOOTSTRAP_SCOPE_ROOT;
	if (call(port, BOOTSTRAP_IOC_REGISTER, &args) != -EPERM)
		return 93;
	usage.uid = 0;
	if (do_register(port, "mine", fd) ||
	    call(port, BOOTSTRAP_IOC_USAGE, &usage) || usage.names != names + 1)
		return 92;
	return tag_of(fd);
}

TEST_F(walls, user_namespace_is_inside)
{
	EXPECT_EQ(2, in_planted_session(find_in_user_namespace, NULL));
}

static int root_name_seen_from_user_namespace(void *arg)
{
	struct bootstrap_info info;
	int port = port_open();

	(void)arg;
	if (unshare(CLONE_NEWUSER))
		return 97;
	if (do_unregister(port, "planted") != -EPERM)
		return 96;
	if (do_look_up_info(port, "other", &info) < 0)
		return 95;
	return info.uid == 65534 && info.gid == 65534 ? 0 : 1;
}

TEST_F(walls, identities_not_mapped_are_nobody)
{
	ASSERT_EQ(0, do_register(self->port, "other", tag_new(1)));
	EXPECT_EQ(0, in_planted_session(root_name_seen_from_user_namespace,
					NULL));
}

static int look_from_pid_namespace(void *arg)
{
	struct bootstrap_info info;
	pid_t pid;

	(void)arg;
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return 97;
	pid = fork();
	if (!pid) {
		if (do_look_up_info(port_open(), "planted", &info) < 0)
			_exit(96);
		_exit(info.pid != 0);
	}
	return child_result(pid);
}

TEST_F(walls, processes_not_in_the_namespace_are_0)
{
	EXPECT_EQ(0, in_planted_session(look_from_pid_namespace, NULL));
}

/* root's own login, in which a thread has taken another id for itself. */
static void *thread_with_another_id(void *arg)
{
	char path[64];

	(void)arg;
	snprintf(path, sizeof(path), "/proc/self/task/%ld/loginuid",
		 syscall(SYS_gettid));
	if (write_file(path, "0"))
		return (void *)97;
	return (void *)(long)found_status(port_open(), "leaders");
}

TEST_F(walls, the_leaders_id_counts)
{
	pid_t pid = fork();

	if (!pid) {
		pthread_t thread;
		void *ret;

		if (set_login_uid(0) ||
		    do_register(port_open(), "leaders", tag_new(6)) ||
		    pthread_create(&thread, NULL, thread_with_another_id, NULL) ||
		    pthread_join(thread, &ret))
			_exit(99);
		_exit((long)ret);
	}
	EXPECT_EQ(6, child_result(pid));
	EXPECT_EQ(-ENOENT, do_look_up(self->port, "leaders"));
}

/* Drops root's rights, but for the saved id, by which they can be had again. */
static int drop_all_but_saved(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { 0 };

	return setresuid(-1, getuid(), -1) || syscall(SYS_capset, &header, none);
}

/* The program that the tests above execute. */
static int helper(int argc, char **argv)
{
	if (argc != 3)
		return 99;
	if (!strcmp(argv[1], "--drop-and-find") && drop_all_but_saved())
		return 98;
	return found_status(port_open(), argv[2]);
}

int main(int argc, char **argv)
{
	if (argc > 1 && argv[1][0] == '-')
		return helper(argc, argv);
	return test_harness_run(argc, argv);
}
