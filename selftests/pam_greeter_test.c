// SPDX-License-Identifier: GPL-2.0
/* The PAM module: greeters, and the namespaces that they are given. */
#include "pam.h"
#include "harness.h"

FIXTURE(greeter)
{
	int port;
	int log;
};

FIXTURE_SETUP(greeter)
{
	PAM_SETUP();
}

FIXTURE_TEARDOWN(greeter)
{
	PAM_TEARDOWN();
}

static bool is_greeter_session(int port, __u32 id)
{
	struct bootstrap_session session;

	return !do_session_by_id(port, id, 0, &session) &&
	       session.type == BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW &&
	       session.uid == ALICE && !(session.attributes & ATTR_KNOWN);
}

/* The handle that a transaction names, or -1. */
static int handle_of(pam_handle_t *pamh)
{
	const char *text = pam_getenv(pamh, "BOOTSTRAP_NAMESPACE");
	unsigned long long id;
	int fd;

	if (!text || sscanf(text, "%d:%llu", &fd, &id) != 2 || id_of(fd) != id)
		return -1;
	return fd;
}

static bool stays_open(int fd)
{
	return !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST_F(greeter, session)
{
	const struct attempt kinds[] = {
		{ .service = "lightdm-greeter", .tty = ":0" },
		{ .service = "gdm-launch-environment",
		  .variables = { "XDG_SESSION_CLASS=greeter",
				 "XDG_SESSION_TYPE=wayland" } },
		{ .service = "kiosk", .options = "type=login-window agents=yes" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		EXPECT_EQ(0, LOGIN(({
			pam_handle_t *pamh = transaction(&kinds[i]);
			int before = count_descriptors();
			int fd;

			CHECK(!pam_open_session(pamh, 0));
			CHECK(is_greeter_session(self->port, own_id()));
			CHECK(exports_id(pamh, own_id()));
			fd = handle_of(pamh);
			CHECK(fd > STDERR_FILENO && stays_open(fd));
			CHECK(type_of(fd) == BOOTSTRAP_NAMESPACE_PRE_LOGIN);
			CHECK(rights_of(fd) == ALL);
			CHECK(count_descriptors() == before + 1);
			CHECK(!put(fd, "org.example.screen", 1));
			CHECK(!pam_close_session(pamh, 0));
			CHECK(count_descriptors() == before);
			CHECK(!pam_end(pamh, 0));
		})))
			TH_LOG("greeter %zu", i);
	EXPECT_STREQ("", log_text(self->log));
}

/* Standard descriptors that are closed are not what the handle takes. */
TEST_F(greeter, without_standard_descriptors)
{
	const struct attempt greeter = { .service = "gdm-greeter" };

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&greeter);
		int fd;

		close(STDIN_FILENO);
		CHECK(!pam_open_session(pamh, 0));
		fd = handle_of(pamh);
		CHECK(fd > STDERR_FILENO);
		CHECK(fcntl(STDIN_FILENO, F_GETFD) < 0);
	})));
}

/* What runs as the greeter finds what its application registers for it. */
TEST_F(greeter, uses_its_namespace)
{
	const struct attempt greeter = { .service = "gdm-greeter" };
	char *const argv[] = {
		"sh", "-c", "bootstrapctl list >" TOLD, NULL
	};

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&greeter);
		char **variables;
		pid_t pid;

		CHECK(!pam_open_session(pamh, 0));
		CHECK(!put(handle_of(pamh), "org.example.screen", 1));
		variables = pam_getenvlist(pamh);
		pid = fork();
		if (!pid) {
			/* As login programs do in the child, and it changes nothing. */
			pam_end(pamh, PAM_DATA_SILENT);
			become(ALICE);
			execve("/bin/sh", argv, variables);
		}
		CHECK(child_result(pid) == 0);
	})));
	EXPECT_NE(NULL, strstr(file_text(TOLD), "org.example.screen"));
}

/* The namespace dies with the application, and the login is never complete. */
TEST_F(greeter, dies_with_its_application)
{
	const struct attempt greeter = { .service = "gdm-greeter" };
	int handle;

	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&greeter);
		char text[16];

		CHECK(!pam_open_session(pamh, 0));
		snprintf(text, sizeof(text), "%llu\n", id_of(handle_of(pamh)));
		put_file(TOLD, text, 0600);
	})));
	handle = do_open_child(self->port, strtoull(file_text(TOLD), NULL, 10), 0);
	EXPECT_TRUE(handle < 0 || eventually(is_dead(handle)));
}

TEST_HARNESS_MAIN
