// SPDX-License-Identifier: GPL-2.0
/*
 * The PAM module: what it asks of a login's host, when, and what it makes of the
 * answers.
 */
#include <pthread.h>

#include "pam_host.h"

TEST_F(chain, phases)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);
		int before = count_descriptors();

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(asked(FIRST SECOND));
		CHECK(!pam_setcred(pamh, 0) && !pam_acct_mgmt(pamh, 0));
		CHECK(asked(FIRST SECOND));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(asked(FIRST SECOND THIRD));
		CHECK(own_session(self->port).type ==
		      BOOTSTRAP_SESSION_TYPE_NON_GUI);
		CHECK(eventually(host_has_ended()));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(asked(FIRST SECOND THIRD));
		CHECK(!pam_close_session(pamh, 0));
		CHECK(count_descriptors() == before);
		CHECK(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD);
		CHECK(!pam_end(pamh, 0));
	})));
	EXPECT_STREQ("", log_text(self->log));
}

/* As sshd has it of who comes with a key, and where there is a session only. */
TEST_F(chain, authentication_elsewhere)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_acct_mgmt(pamh, 0));
		CHECK(asked(FIRST SECOND));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(asked(FIRST SECOND THIRD));
	})));
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(asked(FIRST SECOND THIRD));
	})));
}

static const struct {
	const char *answers;
	int authenticate;
	int account;
	int open;
	const char *asked;
} results[] = {
	{ "1", PAM_AUTH_ERR, -1, -1, FIRST },
	{ "2", PAM_MAXTRIES, -1, -1, FIRST },
	{ "3", PAM_MAXTRIES, -1, -1, FIRST },
	{ "01", PAM_AUTH_ERR, -1, -1, FIRST SECOND },
	{ "02", PAM_MAXTRIES, -1, -1, FIRST SECOND },
	{ "03", PAM_MAXTRIES, -1, -1, FIRST SECOND },
	{ "1", -1, PAM_PERM_DENIED, -1, FIRST },
	{ "02", -1, PAM_PERM_DENIED, -1, FIRST SECOND },
	{ "03", -1, PAM_PERM_DENIED, -1, FIRST SECOND },
	{ "001", 0, 0, PAM_SESSION_ERR, FIRST SECOND THIRD },
	{ "002", 0, 0, PAM_SESSION_ERR, FIRST SECOND THIRD },
	{ "003", 0, 0, PAM_SESSION_ERR, FIRST SECOND THIRD },
	/* A host that dies, or says what is no answer. */
	{ "x", PAM_MAXTRIES, -1, -1, FIRST },
	{ "s", PAM_MAXTRIES, -1, -1, FIRST },
	{ "l", PAM_MAXTRIES, -1, -1, FIRST },
	{ "4", PAM_MAXTRIES, -1, -1, FIRST },
	{ "c", PAM_MAXTRIES, -1, -1, FIRST },
	{ "n", PAM_MAXTRIES, -1, -1, FIRST },
	{ "e", PAM_MAXTRIES, -1, -1, FIRST },
	{ "0x", -1, PAM_PERM_DENIED, -1, FIRST SECOND },
	{ "00x", 0, 0, PAM_SESSION_ERR, FIRST SECOND THIRD },
};

TEST_F(chain, results)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		forget(results[i].answers);
		EXPECT_EQ(0, LOGIN(({
			pam_handle_t *pamh = transaction(&remote);
			int before = count_descriptors();

			CHECK(results[i].authenticate < 0 ||
			      pam_authenticate(pamh, 0) == results[i].authenticate);
			CHECK(results[i].account < 0 ||
			      pam_acct_mgmt(pamh, 0) == results[i].account);
			CHECK(results[i].open < 0 ||
			      pam_open_session(pamh, 0) == results[i].open);
			CHECK(asked(results[i].asked));
			/* Nobody stands in it. */
			CHECK(own_session(self->port).type <=
			      BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW);
			pam_end(pamh, 0);
			/* syslog(3) keeps one. */
			CHECK(count_descriptors() <= before + 1);
			CHECK(strchr(results[i].answers, 'x') ||
			      eventually(host_has_ended()));
		})))
			TH_LOG("answers %s", results[i].answers);
		EXPECT_EQ(!strpbrk(results[i].answers, "xsl4cne"),
			  !strstr(log_text(self->log), "cannot be had"));
	}
}

/* --- what the host has said to the user, and says of the result */

/* Answers each as "STYLE:TEXT"; the fourth is too long for the host. */
static int conversation(int count, const struct pam_message **messages,
			struct pam_response **responses, void *data)
{
	char *said = data;
	char *answer = NULL;

	if (count != 1)
		return PAM_CONV_ERR;
	sprintf(said + strlen(said), "%d:%s\n", messages[0]->msg_style,
		messages[0]->msg);
	*responses = calloc(1, sizeof(**responses));
	if (messages[0]->msg_style == PAM_PROMPT_ECHO_ON)
		answer = strdup("alice's");
	if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF) {
		answer = calloc(1, LOGIN_REPLY_MAX + 2);
		memset(answer, 'x', LOGIN_REPLY_MAX + (strlen(said) > 30));
	}
	(*responses)->resp = answer;
	return PAM_SUCCESS;
}

#define X20 "xxxxxxxxxxxxxxxxxxxx"

TEST_F(chain, conversation)
{
	forget("qq");
	EXPECT_EQ(0, LOGIN(({
		char said[256] = "";
		const struct pam_conv conv = { conversation, said };
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_set_item(pamh, PAM_CONV, &conv));
		CHECK(!pam_authenticate(pamh, PAM_SILENT));
		/* What is no question is left out; it is done, all the same. */
		CHECK(!strcmp(said, "2:a text\n1:a text\n2:a text\n1:a text\n"));
		CHECK(asked(FIRST "reply 0 1 alice's\nreply 1 1 " X20 "\n"
			    "reply 2 1 -\nreply 3 1 -\nreply 4 0 -\n"
			    SECOND "reply 0 1 alice's\nreply 1 0 -\n"
			    "reply 2 1 -\nreply 3 1 -\nreply 4 0 -\n"));
	})));
	forget("q");
	EXPECT_EQ(0, LOGIN(({
		char said[256] = "";
		const struct pam_conv conv = { conversation, said };
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_set_item(pamh, PAM_CONV, &conv));
		CHECK(!pam_authenticate(pamh, 0));
		CHECK(!strcmp(said, "2:a text\n1:a text\n4:a text\n3:a text\n"));
	})));
	/* Where nobody can be spoken to. */
	forget("q");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(asked(FIRST "reply 0 0 -\nreply 1 0 -\nreply 2 0 -\n"
			    "reply 3 0 -\nreply 4 0 -\n" SECOND));
	})));
}

static int slow_conversation(int count, const struct pam_message **messages,
			     struct pam_response **responses, void *data)
{
	sleep(2);
	*responses = calloc(1, sizeof(**responses));
	(*responses)->resp = strdup("late");
	return PAM_SUCCESS;
}

/* It has answered, and is gone, before the user has. */
TEST_F(chain, host_that_does_not_wait)
{
	forget("00z");
	EXPECT_EQ(0, LOGIN(({
		const struct pam_conv conv = { slow_conversation, NULL };
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_set_item(pamh, PAM_CONV, &conv));
		CHECK(!pam_open_session(pamh, 0));
	})));
}

/* What was run for an attempt that failed is run again for the next. */
TEST_F(chain, attempt_after_a_denied_one)
{
	static const struct attempt attempt = {
		.service = "remote", .config = YES("auth") AFTER, .tty = "ssh",
		.host = "far.example.org",
	};

	forget("0100");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&attempt);

		CHECK(pam_authenticate(pamh, 0) == PAM_AUTH_ERR);
		CHECK(!pam_authenticate(pamh, 0));
		CHECK(asked(FIRST SECOND "0 -1 -1 30 - " FAR " -\n" SECOND));
	})));
}

TEST_F(chain, environment)
{
	forget("00v");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(!strcmp(pam_getenv(pamh, "A") ?: "", "b c"));
		CHECK(!strcmp(pam_getenv(pamh, "B") ?: "none", ""));
	})));
}

/* sshd does not mind that a session cannot be opened. */
TEST_F(chain, sshd_is_left)
{
	struct attempt service = remote;

	service.service = "sshd";
	forget("001");
	EXPECT_EQ(1, LOGIN(({
		pam_open_session(transaction(&service), 0);
		_exit(7);
	})));
	forget("");
	EXPECT_EQ(7, LOGIN(({
		CHECK(!pam_open_session(transaction(&service), 0));
		_exit(7);
	})));
}

/* Each attempt is run from the beginning; by the same host, as long as there is one. */
TEST_F(chain, attempts)
{
	forget("1");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(pam_authenticate(pamh, 0) == PAM_AUTH_ERR);
		CHECK(!pam_authenticate(pamh, 0));
		CHECK(asked(FIRST "0 -1 -1 30 - " FAR " -\n" SECOND));
		CHECK(!pam_authenticate(pamh, 0));
		CHECK(asked(FIRST "0 -1 -1 30 - " FAR " -\n" SECOND
			    "0 -1 -1 30 - " FAR " -\n" SECOND));
	})));
	forget("x");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(pam_authenticate(pamh, 0) == PAM_MAXTRIES);
		put_file(ANSWERS, "", 0644);
		CHECK(!pam_authenticate(pamh, 0));
		CHECK(asked(FIRST FIRST SECOND));
	})));
}

/* What allowed one user says nothing of another. */
TEST_F(chain, another_user)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(!pam_set_item(pamh, PAM_USER, "bob"));
		CHECK(!pam_acct_mgmt(pamh, 0));
		CHECK(strstr(file_text(ASKED), "\n0 -1 -1 30 - system.login.console remote bob"));
		CHECK(strstr(file_text(ASKED), "/home/bob\n"));
		CHECK(!pam_set_item(pamh, PAM_USER, "nobody.there"));
		CHECK(pam_acct_mgmt(pamh, 0) == PAM_PERM_DENIED);
	})));
}

/* The session has its user, and the namespace; nobody stands in it. */
TEST_F(chain, session_that_is_not_complete)
{
	forget("002");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);
		struct bootstrap_session session;

		CHECK(pam_open_session(pamh, 0) == PAM_SESSION_ERR);
		session = own_session(self->port);
		CHECK(session.uid == ALICE);
		CHECK(session.type == BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW);
	})));
}

/* What the application has closed meanwhile is not used, nor closed. */
TEST_F(chain, closed_descriptors)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);
		int first = dup(0);
		int pair[2];
		char c;

		CHECK(!close(first));
		CHECK(!pam_authenticate(pamh, 0));
		close_range(first, ~0U, 0);
		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(asked(FIRST SECOND FIRST SECOND THIRD));
		CHECK(!pam_end(pamh, 0));
		CHECK(fcntl(pair[0], F_GETFD) >= 0 && fcntl(pair[1], F_GETFD) >= 0);
		CHECK(recv(pair[0], &c, 1, MSG_DONTWAIT) < 0 &&
		      recv(pair[1], &c, 1, MSG_DONTWAIT) < 0);
	})));
}

/* Its end is the application's, however that ends. */
TEST_F(chain, application_that_dies)
{
	forget("");
	LOGIN(({
		pam_authenticate(transaction(&remote), 0);
		kill(getpid(), SIGKILL);
	}));
	EXPECT_TRUE(eventually(host_has_ended()));
}

/* A process that the application makes meanwhile has a host of its own. */
TEST_F(chain, children_of_the_application)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);
		pid_t pid;

		CHECK(!pam_authenticate(pamh, 0));
		pid = fork();
		if (!pid) {
			CHECK(!pam_acct_mgmt(pamh, 0));
			CHECK(asked(FIRST SECOND FIRST SECOND));
			_exit(pam_end(pamh, PAM_DATA_SILENT));
		}
		CHECK(!child_result(pid));
		CHECK(!pam_acct_mgmt(pamh, 0));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(asked(FIRST SECOND FIRST SECOND THIRD));
	})));
}

/* Who opens a session once more is asked for once more. */
TEST_F(chain, opened_again)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&remote);

		CHECK(!pam_authenticate(pamh, 0));
		CHECK(!pam_open_session(pamh, 0));
		CHECK(!pam_close_session(pamh, 0));
		put_file(ANSWERS, "002", 0644);
		CHECK(pam_open_session(pamh, 0) == PAM_SESSION_ERR);
		CHECK(asked(FIRST SECOND THIRD FIRST SECOND THIRD));
	})));
}

/* Its session stays closed, as every greeter's, and it has its namespace. */
TEST_F(chain, greeter)
{
	static const struct attempt greeter = {
		.service = "gdm-greeter", .config = HOME,
	};

	forget("");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&greeter);

		CHECK(!pam_open_session(pamh, 0));
		CHECK(own_session(self->port).type ==
		      BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW);
		CHECK(pam_getenv(pamh, "BOOTSTRAP_NAMESPACE"));
		CHECK(!pam_close_session(pamh, 0));
	})));
	forget("002");
	EXPECT_EQ(0, LOGIN(({
		pam_handle_t *pamh = transaction(&greeter);

		CHECK(pam_open_session(pamh, 0) == PAM_SESSION_ERR);
		CHECK(!pam_getenv(pamh, "BOOTSTRAP_NAMESPACE"));
	})));
}

static void *log_in_thread(void *data)
{
	pam_handle_t *pamh = data;

	return (void *)(long)(pam_authenticate(pamh, 0) ||
			      pam_acct_mgmt(pamh, 0) || pam_end(pamh, 0));
}

TEST_F(chain, threads)
{
	forget("");
	EXPECT_EQ(0, LOGIN(({
		pthread_t threads[4];
		void *result;
		size_t i;

		for (i = 0; i < ARRAY_SIZE(threads); i++)
			CHECK(!pthread_create(&threads[i], NULL, log_in_thread,
					      transaction(&remote)));
		for (i = 0; i < ARRAY_SIZE(threads); i++)
			CHECK(!pthread_join(threads[i], &result) && !result);
		CHECK(strlen(file_text(ASKED)) ==
		      ARRAY_SIZE(threads) * strlen(FIRST SECOND));
	})));
}

TEST_HARNESS_MAIN
