// SPDX-License-Identifier: GPL-2.0
/* The PAM module: which sessions it announces, and what it says of them. */
#include "pam.h"
#include "harness.h"

#define GUI		BOOTSTRAP_SESSION_TYPE_GUI
#define NON_GUI		BOOTSTRAP_SESSION_TYPE_NON_GUI
#define BACKGROUND	BOOTSTRAP_SESSION_TYPE_BACKGROUND
#define UNKNOWN		BOOTSTRAP_SESSION_TYPE_UNKNOWN

FIXTURE(pam)
{
	int port;
	int log;
};

FIXTURE_SETUP(pam)
{
	PAM_SETUP();
}

FIXTURE_TEARDOWN(pam)
{
	PAM_TEARDOWN();
}

static const struct kind {
	struct attempt attempt;
	__u32 type;
	__u32 attributes;
	const char *tty;
	const char *host;
} kinds[] = {
	/* On a terminal, over the network, and what is neither. */
	{ .attempt = { .service = "login", .tty = "/dev/ttyS0" },
	  .type = NON_GUI, .attributes = ATTR_TTY, .tty = "ttyS0" },
	{ .attempt = { .service = "login", .tty = "ttyS0",
		.host = "localhost" },
	  .type = NON_GUI, .attributes = ATTR_TTY, .tty = "ttyS0" },
	{ .attempt = { .service = "sshd", .tty = "ssh",
		.host = "2001:db8::1" },
	  .type = NON_GUI, .attributes = ATTR_REMOTE, .host = "2001:db8::1" },
	{ .attempt = { .service = "sshd", .tty = "ssh", .host = "127.0.0.1" },
	  .type = NON_GUI, .attributes = ATTR_REMOTE, .host = "127.0.0.1" },
	{ .attempt = { .service = "sshd", .tty = "ttyS0",
		.host = "h\xc3\xb4te.example.org" },
	  .type = NON_GUI, .attributes = ATTR_TTY | ATTR_REMOTE,
	  .tty = "ttyS0", .host = "h\xc3\xb4te.example.org" },
	{ .attempt = { .service = "login", .tty = "", .host = "" },
	  .type = NON_GUI },
	{ .attempt = { .service = "login" },
	  .type = NON_GUI },
	/* What is no terminal. */
	{ .attempt = { .service = "login", .tty = "/dev" },
	  .type = NON_GUI },
	{ .attempt = { .service = "login", .tty = "/dev/../dev/ttyS0" },
	  .type = NON_GUI },
	{ .attempt = { .service = "login", .tty = "/tmp" },
	  .type = NON_GUI },
	{ .attempt = { .service = "login", .tty = "pts" },
	  .type = NON_GUI },
	/* Of no terminal either, and with nobody to see it. */
	{ .attempt = { .service = "systemd-user" },
	  .type = BACKGROUND },
	{ .attempt = { .service = "systemd-user",
		.variables = { "XDG_SESSION_TYPE=wayland" } },
	  .type = BACKGROUND },
	{ .attempt = { .service = "cron", .tty = "cron" },
	  .type = BACKGROUND },
	{ .attempt = { .service = "crond" },
	  .type = BACKGROUND },
	{ .attempt = { .service = "atd" },
	  .type = BACKGROUND },
	{ .attempt = { .service = "anacron" },
	  .type = BACKGROUND },
	/* With windows. */
	{ .attempt = { .service = "gdm-password",
		.variables = { "XDG_SESSION_TYPE=wayland" } },
	  .type = GUI, .attributes = ATTR_GRAPHIC },
	{ .attempt = { .service = "gdm-password", .tty = "/dev/ttyS0",
		.variables = { "XDG_SESSION_TYPE=x11", "XDG_VTNR=3" } },
	  .type = GUI, .attributes = ATTR_GRAPHIC, .tty = "ttyS0" },
	{ .attempt = { .service = "lightdm", .tty = ":0",
		.variables = { "XDG_VTNR=7" } },
	  .type = GUI, .attributes = ATTR_GRAPHIC, .tty = "tty7" },
	{ .attempt = { .service = "lightdm", .tty = ":0",
		.variables = { "XDG_VTNR=64" } },
	  .type = GUI, .attributes = ATTR_GRAPHIC },
	{ .attempt = { .service = "lightdm", .tty = ":0",
		.variables = { "XDG_VTNR=7a" } },
	  .type = GUI, .attributes = ATTR_GRAPHIC },
	{ .attempt = { .service = "xdm", .display = ":1",
		.host = "far.example.org" },
	  .type = GUI, .attributes = ATTR_GRAPHIC | ATTR_REMOTE,
	  .host = "far.example.org" },
	{ .attempt = { .service = "login", .tty = "ttyS0",
		.variables = { "XDG_SESSION_TYPE=tty", "XDG_VTNR=1" } },
	  .type = NON_GUI, .attributes = ATTR_TTY, .tty = "ttyS0" },
	/* As the options say. */
	{ .attempt = { .service = "login", .options = "type=background",
		.tty = "ttyS0" },
	  .type = BACKGROUND, .attributes = ATTR_TTY, .tty = "ttyS0" },
	{ .attempt = { .service = "vnc", .options = "type=gui remote=yes" },
	  .type = GUI, .attributes = ATTR_GRAPHIC | ATTR_REMOTE },
	{ .attempt = { .service = "kiosk", .options = "type=gui graphic=no" },
	  .type = GUI },
	{ .attempt = { .service = "sshd",
		.options = "graphic=yes remote=no",
		.host = "far.example.org" },
	  .type = NON_GUI, .attributes = ATTR_GRAPHIC },
	{ .attempt = { .service = "cron", .options = "type=non-gui debug" },
	  .type = NON_GUI },
};

static bool is_of_kind(const struct bootstrap_session *session,
		       const struct kind *kind)
{
	return session->type == kind->type && session->uid == ALICE &&
	       session->attributes == (kind->attributes | ATTR_KNOWN) &&
	       !strcmp(session->tty, kind->tty ?: "") &&
	       !strcmp(session->host, kind->host ?: "");
}

TEST_F(pam, kinds)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		EXPECT_EQ(0, LOGIN(({
			pam_handle_t *pamh = transaction(&kinds[i].attempt);
			struct bootstrap_session session;

			CHECK(!pam_open_session(pamh, 0));
			session = own_session(self->port);
			CHECK(is_of_kind(&session, &kinds[i]));
			CHECK(exports_id(pamh, own_id()));
			CHECK(!pam_close_session(pamh, 0));
			CHECK(!pam_end(pamh, 0));
		})))
			TH_LOG("kind %zu", i);
}

/* It stands in the session, then. */
TEST_F(pam, login)
{
	const struct attempt sshd = { .service = "sshd" };

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		struct bootstrap_session session;

		CHECK(!pam_open_session(pamh, 0));
		become(ALICE);
		CHECK(!do_session(self->port, &session));
		CHECK(session.session == own_id());
		CHECK(session.attributes & ATTR_KNOWN);
	})));
}

/* The application's own variables count where the session's say nothing. */
TEST_F(pam, variables_of_the_application)
{
	const struct attempt dm = { .service = "dm" }, tty = {
		.service = "dm", .variables = { "XDG_SESSION_TYPE=tty" }
	};

	EXPECT_EQ(0, LOGIN(({
		setenv("XDG_SESSION_TYPE", "wayland", 1);
		CHECK(!pam_open_session(transaction(&dm), 0));
		CHECK(own_session(self->port).type ==
		      GUI);
	})));
	EXPECT_EQ(0, LOGIN(({
		setenv("XDG_SESSION_TYPE", "wayland", 1);
		CHECK(!pam_open_session(transaction(&tty), 0));
		CHECK(own_session(self->port).type ==
		      NON_GUI);
	})));
}

/* su and sudo are no logins, not even to who one is already. */
TEST_F(pam, within_a_session)
{
	const struct attempt sshd = { .service = "sshd", .host = "far.example.org" };
	const struct attempt su = { .service = "su", .user = "bob", .tty = "ttyS0" };
	const struct attempt self_su = { .service = "su", .tty = "ttyS0" };

	EXPECT_EQ(0, LOGIN(({
		struct bootstrap_session before;
		struct bootstrap_session after;
		pam_handle_t *pamh;

		CHECK(!pam_open_session(transaction(&sshd), 0));
		before = own_session(self->port);
		CHECK(before.type == NON_GUI);
		pamh = transaction(&su);
		CHECK(!pam_open_session(pamh, 0));
		CHECK(exports_id(pamh, own_id()));
		CHECK(!pam_close_session(pamh, 0));
		pamh = transaction(&self_su);
		CHECK(!pam_open_session(pamh, 0));
		CHECK(exports_id(pamh, own_id()));
		after = own_session(self->port);
		CHECK(!memcmp(&before, &after, sizeof(before)));
	})));
	EXPECT_STREQ("", log_text(self->log));
}

/* Nor if nobody has announced the login that they are in. */
TEST_F(pam, within_a_session_that_nobody_announced)
{
	const struct attempt su = { .service = "su", .options = "debug" };

	EXPECT_EQ(0, LOGIN(({
		pid_t pid = fork();

		if (!pid) {
			pam_handle_t *pamh = transaction(&su);

			CHECK(!pam_open_session(pamh, 0));
			CHECK(exports_id(pamh, own_id()));
			CHECK(own_session(self->port).type ==
			      BOOTSTRAP_SESSION_TYPE_UNKNOWN);
			_exit(0);
		}
		CHECK(!child_result(pid));
	})));
	EXPECT_NE(NULL, strstr(log_text(self->log), "not this login's"));
}

/* What a user may have pam_env say is not about the machine's own screen. */
TEST_F(pam, from_afar_there_is_no_screen)
{
	const struct attempt sshd = {
		.service = "sshd", .host = "far.example.org",
		.variables = { "XDG_SESSION_CLASS=greeter", "XDG_VTNR=1",
			       "XDG_SESSION_TYPE=x11" },
	};

	EXPECT_EQ(0, LOGIN(({
		struct bootstrap_session session;

		CHECK(!pam_open_session(transaction(&sshd), 0));
		session = own_session(self->port);
		CHECK(session.state == BOOTSTRAP_SESSION_STATE_OPEN);
		CHECK(!*session.tty);
		CHECK(session.attributes & ATTR_REMOTE);
	})));
}

/* alice's session is not bob's, nor one that is to be announced as his. */
TEST_F(pam, another_user)
{
	const struct attempt bob = { .service = "sshd", .options = "debug", .user = "bob" };
	const struct attempt nobody = { .service = "sshd", .user = "no-such-user" };
	const char *logged;

	EXPECT_EQ(0, LOGIN(({
		struct bootstrap_session session;
		pam_handle_t *pamh = transaction(&bob);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(exports_id(pamh, own_id()));
		CHECK(!pam_open_session(transaction(&nobody), 0));
		CHECK(do_session_by_id(self->port, own_id(), 0, &session) ==
		      -ESRCH);
	})));
	logged = log_text(self->log);
	EXPECT_NE(NULL, strstr(logged, "not this login's to announce"));
}

/* cron's daemon, su outside of a login, or a service without pam_loginuid. */
TEST_F(pam, no_id)
{
	const struct attempt su = { .service = "su", .options = "debug" };
	pam_handle_t *pamh = transaction(&su);

	ASSERT_EQ(0, pam_open_session(pamh, 0));
	EXPECT_EQ(NULL, pam_getenv(pamh, "BOOTSTRAP_SESSION_ID"));
	EXPECT_EQ(NULL, pam_getenv(pamh, "SECURITYSESSIONID"));
	EXPECT_NE(NULL, strstr(log_text(self->log), "no session id"));
	EXPECT_EQ(0, pam_close_session(pamh, 0));
	EXPECT_EQ(0, pam_end(pamh, 0));
}

TEST_F(pam, no_kernel_module)
{
	const struct attempt sshd = { .service = "sshd" };
	const char *logged;
	int log;

	mount_empty("/dev");
	log = log_open();
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		int before = count_descriptors();

		CHECK(!pam_open_session(pamh, 0));
		CHECK(exports_id(pamh, own_id()));
		/* syslog(3) keeps one, unless it has got it already. */
		CHECK(count_descriptors() <= before + 1);
		CHECK(!pam_close_session(pamh, 0));
		CHECK(!pam_end(pamh, 0));
	})));
	logged = log_text(log);
	EXPECT_NE(NULL, strstr(logged, "alice is not announced: /dev/bootstrap"));
	EXPECT_EQ(strchr(logged, '\n'), strrchr(logged, '\n'));
	close(log);
	umount("/dev");
}

/* Whoever may not announce does no harm. */
TEST_F(pam, no_privilege)
{
	const struct attempt sshd = { .service = "sshd" };

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);

		become(ALICE);
		CHECK(!pam_open_session(pamh, 0));
		CHECK(exports_id(pamh, own_id()));
	})));
	EXPECT_NE(NULL, strstr(log_text(self->log), "cannot be announced"));
}

TEST_F(pam, session_with_names)
{
	const struct attempt sshd = { .service = "sshd" };

	EXPECT_EQ(0, ({
		pid_t pid = fork();

		if (!pid) {
			CHECK(host_alice("org.example.early", 1));
			CHECK(!pam_open_session(transaction(&sshd), 0));
			CHECK(own_session(self->port).names == 1);
			CHECK(own_session(self->port).type ==
			      UNKNOWN);
			_exit(0);
		}
		child_result(pid);
	}));
	EXPECT_NE(NULL, strstr(log_text(self->log), "it holds names"));
}

TEST_F(pam, unknown_options)
{
	const struct attempt odd = {
		.service = "sshd",
		.options = "type=window color remote=perhaps agents= logout=never type=gui"
	};
	const char *logged;

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&odd);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(own_session(self->port).type ==
		      GUI);
		CHECK(!pam_close_session(pamh, 0));
	})));
	logged = log_text(self->log);
	EXPECT_NE(NULL, strstr(logged, "option type=window is not known"));
	EXPECT_NE(NULL, strstr(logged, "option color is not known"));
	EXPECT_NE(NULL, strstr(logged, "option remote=perhaps is not known"));
	EXPECT_NE(NULL, strstr(logged, "option agents= is not known"));
	EXPECT_NE(NULL, strstr(logged, "option logout=never is not known"));
	EXPECT_EQ(NULL, strstr(logged, "type=gui"));
}

#define LONG_TTY "a-terminal-of-a-name-of-32-bytes"

/* Left out, not cut; what is as it should be stays. */
TEST_F(pam, texts_that_are_not_taken)
{
	const struct kind rest[] = {
		{ .type = NON_GUI, .tty = "ttyS0",
		  .attributes = ATTR_TTY | ATTR_REMOTE },
		{ .type = NON_GUI,
		  .host = "far.example.org",
		  .attributes = ATTR_TTY | ATTR_REMOTE },
		{ .type = NON_GUI,
		  .attributes = ATTR_TTY | ATTR_REMOTE },
	};
	char host[BOOTSTRAP_HOST_MAX + 2];
	const struct attempt attempts[][2] = {
		{ { .service = "sshd", .tty = "ttyS0", .host = host },
		  { .service = "sshd", .tty = "ttyS0", .host = "\xff.example.org" } },
		{ { .service = "sshd", .tty = LONG_TTY, .host = "far.example.org" },
		  { .service = "sshd", .tty = "/dev/" LONG_TTY, .host = "far.example.org" } },
		{ { .service = "sshd", .tty = LONG_TTY, .host = "two\nlines" },
		  { .service = "sshd", .tty = LONG_TTY, .host = host } },
	};
	const char *const logged[] = {
		"without its host, a name of 256 bytes",
		"without its host, a name of 13 bytes",
		"without its terminal, a name of 32 bytes",
		"without its terminal, a name of 32 bytes",
		"without its host, a name of 9 bytes",
		"without its terminal, a name of 32 bytes",
	};
	const char *said;
	size_t i;

	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	ASSERT_EQ(0, mknod("/dev/" LONG_TTY, S_IFCHR | 0600, makedev(1, 3)));
	for (i = 0; i < 2 * ARRAY_SIZE(rest); i++) {
		EXPECT_EQ(0, LOGIN(({
			struct bootstrap_session session;

			CHECK(!pam_open_session(transaction(&attempts[i / 2][i % 2]), 0));
			session = own_session(self->port);
			CHECK(is_of_kind(&session, &rest[i / 2]));
		})))
			TH_LOG("attempt %zu", i);
		said = log_text(self->log);
		EXPECT_NE(NULL, strstr(said, logged[i]))
			TH_LOG("attempt %zu: %s", i, said);
	}
	unlink("/dev/" LONG_TTY);
}

/* One of the longest that there may be. */
TEST_F(pam, longest_host)
{
	char host[BOOTSTRAP_HOST_MAX + 1];
	const struct attempt sshd = { .service = "sshd", .host = host };

	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	EXPECT_EQ(0, LOGIN(({
		CHECK(!pam_open_session(transaction(&sshd), 0));
		CHECK(!strcmp(own_session(self->port).host, host));
	})));
}

TEST_F(pam, nothing_stays_open)
{
	const struct attempt sshd = { .service = "sshd" };

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&sshd);
		int before = count_descriptors();

		errno = ENOTTY;
		CHECK(!pam_open_session(pamh, 0));
		CHECK(count_descriptors() == before);
		/* Once more in the same transaction. */
		CHECK(!pam_open_session(pamh, 0));
		CHECK(!pam_close_session(pamh, 0));
		CHECK(!pam_close_session(pamh, 0));
		CHECK(count_descriptors() == before);
		CHECK(!pam_end(pamh, 0));
		CHECK(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD);
	})));
	EXPECT_STREQ("", log_text(self->log));
}

TEST_HARNESS_MAIN
