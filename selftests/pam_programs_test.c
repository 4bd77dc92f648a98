// SPDX-License-Identifier: GPL-2.0
/* The PAM module: the programs that a login starts, and what they are given. */
#include <pthread.h>
#include <signal.h>

#include "pam.h"
#include "harness.h"

FIXTURE(programs)
{
	int port;
	int log;
};

FIXTURE_SETUP(programs)
{
	PAM_SETUP();
}

FIXTURE_TEARDOWN(programs)
{
	PAM_TEARDOWN();
}

static bool has_told(void)
{
	return !access(TOLD, F_OK);
}

static bool is_line(const char *text, const char *line)
{
	const size_t len = strlen(line);
	const char *at = text;

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
		at += len;
	}
	return false;
}

/* --- logout=terminate */

static int children_that_ended;

static void child_ended(int sig)
{
	children_that_ended++;
}

/* Says how it was called, and of which session that was. */
#define TELLING_TOOL							\
	"#!/bin/sh\n"							\
	"{ echo args $*; echo session $(cat /proc/self/sessionid)\n"	\
	"echo parent $PPID; env; } >" WORK "/telling\n"			\
	"mv " WORK "/telling " TOLD "\n"

/* What stays behind after a login of alice's. */
static pid_t start_rest(void)
{
	pid_t pid = fork();

	if (!pid) {
		become(ALICE);
		for (;;)
			pause();
	}
	return pid;
}

TEST_F(programs, logout)
{
	const struct attempt sshd = { .service = "sshd", .options = "logout=terminate" };
	char line[64];
	int pipes[2];
	pid_t rest = 0;
	__u32 id = 0;

	put_file(TOOL, TELLING_TOOL, 0755);
	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		struct bootstrap_session session;
		int before = count_descriptors();

		signal(SIGCHLD, child_ended);
		CHECK(!pam_open_session(pamh, 0));
		id = own_id();
		rest = start_rest();
		CHECK(write(pipes[1], &id, sizeof(id)) == sizeof(id));
		CHECK(write(pipes[1], &rest, sizeof(rest)) == sizeof(rest));
		CHECK(!pam_close_session(pamh, 0));
		/* No sign of it here, nor does it begin while we are here. */
		usleep(300000);
		CHECK(!has_told());
		CHECK(!children_that_ended);
		CHECK(!waitpid(-1, NULL, WNOHANG | __WALL));
		CHECK(count_descriptors() == before);
		CHECK(!do_session_by_id(self->port, id, 0, &session));
	})));
	ASSERT_EQ(sizeof(id), read(pipes[0], &id, sizeof(id)));
	ASSERT_EQ(sizeof(rest), read(pipes[0], &rest, sizeof(rest)));
	EXPECT_TRUE(eventually(has_told()));
	snprintf(line, sizeof(line), "args logout %u", id);
	EXPECT_TRUE(is_line(file_text(TOLD), line));
	/* It has left the session that it is to end. */
	snprintf(line, sizeof(line), "session %u", UINT32_MAX);
	EXPECT_TRUE(is_line(file_text(TOLD), line));
	EXPECT_EQ(NULL, strstr(file_text(TOLD), "BOOTSTRAP"));
	kill(rest, SIGKILL);
	EXPECT_STREQ("", log_text(self->log));
}

/* An application that does not end is not waited for without end. */
TEST_F(programs, logout_though_the_application_stays)
{
	const struct attempt sshd = { .service = "sshd", .options = "logout=terminate" };

	put_file(TOOL, TELLING_TOOL, 0755);
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		uint64_t begun;

		CHECK(!pam_open_session(pamh, 0));
		begun = now_ms();
		CHECK(!pam_close_session(pamh, 0));
		CHECK(now_ms() - begun < 10000);
		CHECK(eventually(has_told()) || eventually(has_told()));
		CHECK(now_ms() - begun >= 10000);
	})));
}

/* Who announced nothing ends nothing; nor does who was not asked to. */
TEST_F(programs, no_logout)
{
	const struct attempt sshd = { .service = "sshd" };
	const struct attempt su = { .service = "su", .options = "logout=terminate" };
	const struct attempt gone = { .service = "sshd", .options = "logout=terminate" };

	put_file(TOOL, TELLING_TOOL, 0755);
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		pam_handle_t *inner = transaction(&su);
		pid_t rest;

		CHECK(!pam_open_session(pamh, 0));
		CHECK(!pam_open_session(inner, 0));
		CHECK(!pam_close_session(inner, 0));
		put_file(WORK "/sshd", "session required " MODULE "\n", 0644);
		CHECK(!pam_close_session(pamh, 0));
		rest = start_rest();
		usleep(300000);
		CHECK(!has_told());
		kill(rest, SIGKILL);
	})));
	/* Nobody is left. */
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&gone);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(!pam_close_session(pamh, 0));
	})));
	usleep(500000);
	EXPECT_FALSE(has_told());
}

TEST_F(programs, logout_without_the_tool)
{
	const struct attempt sshd = { .service = "sshd", .options = "logout=terminate" };

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(!pam_close_session(pamh, 0));
	})));
	EXPECT_NE(NULL, strstr(log_text(self->log), "no logout of session"));
}

/* --- agents */

static void tell_descriptors(FILE *told)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	char path[300], target[64];
	ssize_t n;

	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.' || atoi(entry->d_name) == dirfd(dir) ||
		    atoi(entry->d_name) == fileno(told))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		fprintf(told, "fd %s %.*s\n", entry->d_name, (int)n, target);
	}
	closedir(dir);
}

static void tell_signals(FILE *told)
{
	struct sigaction action;
	sigset_t blocked;
	int sig;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (sig = 1; sig < NSIG; sig++)
		if (sigismember(&blocked, sig) > 0 ||
		    (!sigaction(sig, NULL, &action) &&
		     action.sa_handler == SIG_IGN))
			fprintf(told, "signal %d\n", sig);
}

/*
 * This program is also what is started in place of the agents: says how it finds
 * itself, and ends before it becomes a test.
 */
static void __attribute__((constructor)) agents_main(int argc, char **argv,
						     char **variables)
{
	gid_t groups[8];
	int count, i;
	FILE *told;

	if (argc != 2 || strcmp(argv[1], "--login-fd=3"))
		return;
	told = fopen(WORK "/telling", "we");
	fprintf(told, "named %s\n", argv[0]);
	tell_descriptors(told);
	tell_signals(told);
	fprintf(told, "uid %d of %ld\n", getuid(), proc_number("self/loginuid"));
	count = getgroups(ARRAY_SIZE(groups), groups);
	for (i = 0; i < count; i++)
		fprintf(told, "group %d\n", groups[i]);
	fprintf(told, "gid %d\nin %s\n", getgid(), getcwd(NULL, 0));
	fprintf(told, "parent %d, group of its %s, terminal of its %s\n",
		getppid(), getpgrp() == getpid() ? "own" : "parent's",
		getsid(0) == getpid() ? "own" : "parent's");
	fprintf(told, "%s", file_text("/proc/self/fdinfo/3"));
	while (*variables)
		fprintf(told, "%s\n", *variables++);
	fclose(told);
	_exit(rename(WORK "/telling", TOLD));
}

/* An alice of two groups. */
static void have_agents(void)
{
	char path[256] = "";

	put_file(AGENTS, "", 0755);
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0 ||
	    mount(path, AGENTS, NULL, MS_BIND, NULL))
		abort();
	put_file(AGENTS_DIR "/org.example.agent.plist", "", 0644);
	put_file(WORK "/group",
		 "root:x:0:\nalice:x:1000:\nstaff:x:77:bob,alice\n", 0644);
	if (mount(WORK "/group", "/etc/group", NULL, MS_BIND, NULL))
		abort();
}

static bool tells_all(const char *const *lines, size_t count)
{
	const char *told = file_text(TOLD);
	bool all = true;

	while (count--)
		if (!is_line(told, lines[count])) {
			fprintf(stderr, "# it does not say: %s\n", lines[count]);
			all = false;
		}
	if (strstr(told, "\nfd 4") || strstr(told, "\nsignal "))
		all = false;
	if (!all)
		fprintf(stderr, "# but: %s\n", told);
	return all;
}

TEST_F(programs, agents)
{
	const struct attempt sshd = {
		.service = "sshd", .variables = { "LANG=C", "PATH=/bin:/of/pam" }
	};
	char pid[32], id[32];
	const char *const lines[] = {
		"named bootstrap-agents", "uid 1000 of 1000", "group 77",
		"group 1000", "gid 1000", "in /home/alice",
		"parent 1, group of its parent's, terminal of its parent's",
		"fd 0 /dev/null", "fd 1 /dev/null", "fd 2 /dev/null",
		"fd 3 anon_inode:[pidfd]", pid, id,
		"LANG=C", "PATH=/bin:/of/pam", "USER=alice", "LOGNAME=alice",
		"HOME=/home/alice", "SHELL=/bin/sh",
	};

	have_agents();
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		int before;
		sigset_t usr1;
		int i;

		/* Much that is the application's own. */
		for (i = 0; i < 20; i++)
			CHECK(open("/dev/null", O_RDONLY) >= 0);
		before = count_descriptors();
		signal(SIGCHLD, child_ended);
		signal(SIGUSR2, SIG_IGN);
		sigemptyset(&usr1);
		sigaddset(&usr1, SIGUSR1);
		sigprocmask(SIG_BLOCK, &usr1, NULL);
		CHECK(!pam_open_session(pamh, 0));
		CHECK(eventually(has_told()));
		snprintf(pid, sizeof(pid), "Pid:\t%d", getpid());
		snprintf(id, sizeof(id), "BOOTSTRAP_SESSION_ID=%u", own_id());
		CHECK(tells_all(lines, ARRAY_SIZE(lines)));
		/* Nothing of it is to be seen here. */
		CHECK(!children_that_ended);
		CHECK(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD);
		CHECK(count_descriptors() == before);
	})));
	EXPECT_STREQ("", log_text(self->log));
}

/* A home that is not there, and standard descriptors that are not. */
TEST_F(programs, agents_in_adverse_surroundings)
{
	const struct attempt cron = { .service = "cron" };
	const char *const lines[] = {
		"in /", "fd 0 /dev/null", "fd 1 /dev/null", "fd 2 /dev/null",
		"fd 3 anon_inode:[pidfd]", "PATH=/usr/local/bin:/usr/bin:/bin",
	};

	have_agents();
	mount_empty("/home");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&cron);
		int fd;

		signal(SIGCHLD, SIG_IGN);
		for (fd = 0; fd < 64; fd++)
			if (fd != STDERR_FILENO)
				close(fd);
		close(STDERR_FILENO);
		_exit(pam_open_session(pamh, 0) || !eventually(has_told()));
	})));
	EXPECT_TRUE(tells_all(lines, ARRAY_SIZE(lines)));
	umount("/home");
}

static void *burn(void *arg)
{
	for (;;)
		free(malloc(100));
	return NULL;
}

/* What the threads of the application hold, they hold for ever in a copy. */
TEST_F(programs, agents_of_an_application_with_threads)
{
	const struct attempt sshd = { .service = "sshd" };

	have_agents();
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		pthread_t threads[4];
		int i;

		for (i = 0; i < 4; i++)
			CHECK(!pthread_create(&threads[i], NULL, burn, NULL));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(eventually(has_told()));
	})));
}

TEST_F(programs, no_agents)
{
	const struct attempt none = { .service = "sshd", .options = "agents=no" };
	const struct attempt greeter = { .service = "gdm-greeter" };
	const struct attempt sshd = { .service = "sshd" };
	const struct attempt su = { .service = "su" };

	have_agents();
	EXPECT_EQ(0, LOGIN(({
		CHECK(!pam_open_session(transaction(&none), 0));
		CHECK(!pam_open_session(transaction(&su), 0));
	})));
	EXPECT_EQ(0, LOGIN(({
		CHECK(!pam_open_session(transaction(&greeter), 0));
	})));
	/* None is described. */
	unlink(AGENTS_DIR "/org.example.agent.plist");
	put_file(AGENTS_DIR "/org.example.agent.plist~", "", 0644);
	put_file(AGENTS_DIR "/.plist", "", 0644);
	EXPECT_EQ(0, LOGIN(({
		CHECK(!pam_open_session(transaction(&sshd), 0));
	})));
	usleep(300000);
	EXPECT_FALSE(has_told());
	EXPECT_STREQ("", log_text(self->log));
}

TEST_F(programs, agents_that_are_not_installed)
{
	const struct attempt sshd = { .service = "sshd" };

	have_agents();
	umount(AGENTS);
	unlink(AGENTS);
	EXPECT_EQ(0, LOGIN(({
		CHECK(!pam_open_session(transaction(&sshd), 0));
		CHECK(own_session(self->port).type ==
		      BOOTSTRAP_SESSION_TYPE_NON_GUI);
	})));
	EXPECT_NE(NULL, strstr(log_text(self->log), "no agents of session"));
}

TEST_HARNESS_MAIN
