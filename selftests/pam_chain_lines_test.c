// SPDX-License-Identifier: GPL-2.0
/*
 * The PAM module: lines of configurations that are right or wrong, and logins at which
 * no mechanisms are run.
 */
#include "pam_host.h"

TEST_F(chain, options)
{
	static const struct attempt own = {
		.service = "own",
		.config = LINE("auth", "phase=after-auth timeout=7 right=org.example.right")
			YES("auth"),
	};

	forget("");
	EXPECT_EQ(0, LOGIN(({
		CHECK(!pam_authenticate(transaction(&own), 0));
		CHECK(asked("0 -1 -1 7 pre-login org.example.right own alice - - -\n"
			    "1 1000 1000 7 - org.example.right own alice - - /home/alice\n"));
	})));
}

/* Nobody who asks for mechanisms gets in without because of a typing error. */
static const struct {
	const char *config;
	int authenticate;
	int account;
	int open;
	const char *logged;
} errors[] = {
	{ LINE("auth", ""), PAM_SERVICE_ERR, -1, -1, "another phase=" },
	{ LINE("auth", "phase=after-home"), PAM_SERVICE_ERR, -1, -1, "another phase=" },
	{ LINE("auth", "phase=before"), PAM_SERVICE_ERR, -1, -1, "phase=before is not known" },
	{ LINE("auth", "phase=before-auth timeout=0"), PAM_SERVICE_ERR, -1, -1, "timeout=0" },
	{ LINE("auth", "phase=before-auth timeout=4000"), PAM_SERVICE_ERR, -1, -1, "timeout=4000" },
	{ LINE("auth", "phase=before-auth timeout=1x"), PAM_SERVICE_ERR, -1, -1, "timeout=1x" },
	{ LINE("auth", "phase=before-auth right="), PAM_SERVICE_ERR, -1, -1, "right=" },
	{ LINE("auth", "phase=before-auth rigth=x"), PAM_SERVICE_ERR, -1, -1, "rigth=x" },
	{ LINE("account", ""), -1, PAM_SERVICE_ERR, -1, "another phase=" },
	{ LINE("account", "phase=before-auth"), -1, PAM_SERVICE_ERR, -1, "another phase=" },
	{ LINE("session", "phase=after-auth"), -1, -1, PAM_SESSION_ERR, "another phase=" },
	{ LINE("session", "phase="), -1, -1, PAM_SESSION_ERR, "phase= is not known" },
	{ LINE("session", "phase=after-home color"), -1, -1, PAM_SESSION_ERR, "color" },
	/* The session would be open before the last stretch. */
	{ LINE("session", "") HOME, -1, -1, PAM_SESSION_ERR, "has opened the session already" },
};

TEST_F(chain, configuration_errors)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		const struct attempt attempt = {
			.service = "errors", .config = errors[i].config,
		};

		forget("");
		EXPECT_EQ(0, LOGIN(({
			pam_handle_t *pamh = transaction(&attempt);

			CHECK(errors[i].authenticate < 0 ||
			      pam_authenticate(pamh, 0) == errors[i].authenticate);
			CHECK(errors[i].account < 0 ||
			      pam_acct_mgmt(pamh, 0) == errors[i].account);
			CHECK(errors[i].open < 0 ||
			      pam_open_session(pamh, 0) == errors[i].open);
			CHECK(asked(""));
		})))
			TH_LOG("%s", errors[i].config);
		EXPECT_NE(NULL, strstr(log_text(self->log), errors[i].logged))
			TH_LOG("%s", errors[i].config);
	}
}

/* One that forgets the phase, or misspells it, among those that have theirs. */
TEST_F(chain, session_line_without_a_phase)
{
	static const struct attempt attempt = {
		.service = "errors",
		.config = BEFORE YES("auth") AFTER LINE("session", "pahse=after-home"),
	};

	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&attempt);

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(pam_open_session(pamh, 0) == PAM_SESSION_ERR);
		CHECK(eventually(host_has_ended()));
		CHECK(own_session(self->port).type == BOOTSTRAP_SESSION_TYPE_UNKNOWN);
	})));
	EXPECT_NE(NULL, strstr(log_text(self->log), "other lines have a phase"));
}

/* Whom nobody else lets in is not in because no mechanism says no. */
TEST_F(chain, says_no_more_than_no)
{
	static const char *const configs[] = {
		BEFORE NO("auth") AFTER, BEFORE NO("auth"), NO("auth") AFTER,
		BEFORE "auth [success=done default=ignore] /lib/security/pam_deny.so\n" AFTER,
	};
	size_t i, off;

	for (off = 0; off < 2; off++) {
		for (i = 0; i < ARRAY_SIZE(configs); i++) {
			const struct attempt attempt = {
				.service = "deny", .config = configs[i],
			};

			forget("");
			EXPECT_EQ(0, LOGIN(({
				pam_handle_t *pamh = transaction(&attempt);

				CHECK(pam_authenticate(pamh, 0));
				CHECK(pam_setcred(pamh, PAM_ESTABLISH_CRED));
				CHECK(off || !access(ASKED, F_OK));
			})));
		}
		unlink(DATABASE);
	}
}

static void let_nobody_run_it(const char *how)
{
	unlink(HOST);
	if (how)
		put_file(HOST, how, 0755);
}

TEST_F(chain, without_a_host)
{
	static const char *const hosts[] = { NULL, "no program", "#!/bin/true\n" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		let_nobody_run_it(hosts[i]);
		forget("");
		EXPECT_EQ(0, LOGIN(({
			pam_handle_t *pamh = transaction(&remote);

			CHECK(pam_authenticate(pamh, 0) == PAM_MAXTRIES);
			CHECK(pam_acct_mgmt(pamh, 0) == PAM_PERM_DENIED);
			CHECK(pam_open_session(pamh, 0) == PAM_SESSION_ERR);
			CHECK(!pam_end(pamh, 0));
		})));
		EXPECT_NE(NULL, strstr(log_text(self->log), "cannot be had"));
	}
}

/* It would run programs as root for whoever is not. */
TEST_F(chain, without_privilege)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		become(ALICE);
		CHECK(pam_authenticate(pamh, 0) == PAM_MAXTRIES);
		CHECK(asked(""));
	})));
}

/* Nothing is asked, and the others decide; or everything is. */
static bool passes(const struct attempt *attempt, bool unasked)
{
	forget(unasked ? "222" : "");
	return !LOGIN(({
		pam_handle_t *pamh = transaction(attempt);
		int lines = 0;
		const char *at;

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(!pam_acct_mgmt(pamh, 0));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(!pam_end(pamh, 0));
		for (at = file_text(ASKED); (at = strchr(at, '\n')); at++)
			lines++;
		CHECK(lines == (unasked ? 0 : 3));
	}));
}

static bool passes_unasked(const struct attempt *attempt)
{
	return passes(attempt, true);
}

static bool passes_asked(const struct attempt *attempt)
{
	return passes(attempt, false);
}

TEST_F(chain, no_database)
{
	unlink(DATABASE);
	EXPECT_TRUE(passes_unasked(&remote));
	EXPECT_STREQ("", log_text(self->log));
}

static void command_line(const char *text)
{
	put_file(WORK "/cmdline", text, 0644);
	if (mount(WORK "/cmdline", "/proc/cmdline", NULL, MS_BIND, NULL))
		abort();
}

/* The scratch monkey: all get in. */
TEST_F(chain, off_by_the_command_line)
{
	command_line("quiet bootstrap_login=off panic=1\n");
	EXPECT_TRUE(passes_unasked(&remote));
	EXPECT_NE(NULL, strstr(log_text(self->log), "bootstrap_login=off"));
	umount("/proc/cmdline");
	command_line("quiet nobootstrap_login=off bootstrap_login=offset\n");
	EXPECT_TRUE(passes_asked(&remote));
	umount("/proc/cmdline");
}

TEST_F(chain, root_at_the_machine)
{
	struct attempt attempt = {
		.service = "login", .config = LINES, .user = "root", .tty = "/dev/tty1",
	};

	EXPECT_TRUE(passes_unasked(&attempt));
	EXPECT_NE(NULL, strstr(log_text(self->log), "root, at the machine"));
	attempt.tty = "console";
	EXPECT_TRUE(passes_unasked(&attempt));
	attempt.host = "localhost";
	EXPECT_TRUE(passes_asked(&attempt));
	attempt.host = NULL;
	attempt.user = "alice";
	EXPECT_TRUE(passes_asked(&attempt));
}

/* What anybody may open, or is no terminal of the machine's. */
TEST_F(chain, root_elsewhere)
{
	static const char *const terminals[] = {
		"ssh", NULL, "null", "/dev/tty", "ptmx", ":0", "/dev/log",
	};
	struct attempt attempt = {
		.service = "login", .config = LINES, .user = "root",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(terminals); i++) {
		attempt.tty = terminals[i];
		EXPECT_TRUE(passes_asked(&attempt))
			TH_LOG("%s", terminals[i] ?: "none");
	}
}

TEST_F(chain, root_on_a_pseudo_terminal)
{
	struct attempt attempt = {
		.service = "login", .config = LINES, .user = "root",
	};
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), mounted = 0;

	if (fd < 0 || access("/dev/pts/ptmx", F_OK)) {
		mkdir("/dev/pts", 0755);
		ASSERT_EQ(0, mount("devpts", "/dev/pts", "devpts", 0, NULL));
		mounted = 1;
		fd = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	}
	ASSERT_LE(0, fd);
	attempt.tty = ptsname(fd);
	ASSERT_NE(NULL, attempt.tty);
	EXPECT_TRUE(passes_asked(&attempt));
	/* As containers have it. */
	ASSERT_EQ(0, mount(attempt.tty, "/dev/console", NULL, MS_BIND, NULL));
	attempt.tty = "/dev/console";
	EXPECT_TRUE(passes_asked(&attempt));
	EXPECT_EQ(0, umount("/dev/console"));
	close(fd);
	if (mounted)
		umount("/dev/pts");
}

/* Mechanisms are run without it, too. */
TEST_F(chain, no_kernel_module)
{
	struct attempt attempt = remote;
	int log;

	attempt.tty = NULL;
	mount_empty("/dev");
	ASSERT_EQ(0, mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)));
	log = log_open();
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&attempt);

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(strstr(file_text(ASKED), "0 -1 -1 30 - system"));
		CHECK(strstr(file_text(ASKED), "\n2 1000"));
	})));
	EXPECT_NE(NULL, strstr(log_text(log), "is not announced"));
	close(log);
	umount("/dev");
}

TEST_HARNESS_MAIN
