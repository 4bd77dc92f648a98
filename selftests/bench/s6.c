// SPDX-License-Identifier: GPL-2.0
/* s6-fdholderd, which keeps files by names, and its library. */
#include <s6/fdholder.h>

#include "peers.h"

#define SOCKET_PATH	"/tmp/s6-fdholder"
#define RULES_PATH	"/tmp/s6-rules"
#define RULE_PATH	RULES_PATH "/uid/0"

static s6_fdholder_t holder = S6_FDHOLDER_ZERO;

static void rule_write(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	REQUIRE(fd >= 0 && write(fd, text, strlen(text)) ==
		(ssize_t)strlen(text));
	close(fd);
}

/* Root may store and retrieve whatever it likes. */
static void rules_write(void)
{
	mkdir(RULES_PATH, 0700);
	mkdir(RULES_PATH "/uid", 0700);
	mkdir(RULE_PATH, 0700);
	mkdir(RULE_PATH "/env", 0700);
	rule_write(RULE_PATH "/allow", "");
	rule_write(RULE_PATH "/env/S6_FDHOLDER_STORE_REGEX", ".\n");
	rule_write(RULE_PATH "/env/S6_FDHOLDER_RETRIEVE_REGEX", ".\n");
}

/* It takes a socket that somebody else has bound. */
static void daemon_start(void)
{
	int listener = listen_at(SOCKET_PATH, SOCK_STREAM);

	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(listener, 0);
		execlp("s6-fdholderd", "s6-fdholderd", "-t", "0", "-i",
		       RULES_PATH, NULL);
		REQUIRE(!"s6-fdholderd is there");
	}
	close(listener);
}

static int do_s6_look_up(const char *name)
{
	return s6_fdholder_retrieve_g(&holder, name, &tain_infinite);
}

void bench_s6(void)
{
	char names[PEER_NAMES][NAME_SIZE];
	int i, next = 0;

	rules_write();
	daemon_start();
	tain_now_g();
	REQUIRE(s6_fdholder_start_g(&holder, SOCKET_PATH, &tain_infinite));
	for (i = 0; i < PEER_NAMES; i++) {
		int file = tag_new(i);

		strcpy(names[i], name_of(i));
		REQUIRE(s6_fdholder_store_g(&holder, file, names[i],
					    &tain_infinite, &tain_infinite));
		close(file);
		REQUIRE(has_tag(do_s6_look_up(names[i]), i));
	}
	REQUIRE(do_s6_look_up(NO_NAME) < 0 && errno == ENOENT);
	MEASURE_SETTLED("s6_look_up", {
		close(do_s6_look_up(names[next]));
		next = next + 1 < PEER_NAMES ? next + 1 : 0;
	});
}
