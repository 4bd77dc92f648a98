// SPDX-License-Identifier: GPL-2.0
/* A mechanism that is a program: a process for each invocation. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

/* More than this nobody can be told. */
#define DESCRIPTION_BYTES (1 << 20)

/* A file with the text, that can be read only. */
static int input_make(json_object *description)
{
	size_t len = 0;
	const char *text = json_object_to_json_string_length(
		description,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	char path[32];
	int fd, input;

	if (!text || len > DESCRIPTION_BYTES)
		return -1;
	fd = memfd_create("login", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	input = write(fd, text, len) == (ssize_t)len ?
			open(path, O_RDONLY | O_CLOEXEC) : -1;
	close(fd);
	return input;
}

/* The ends of the engine, which do not wait; and of the program. */
struct ends {
	int result[2];
	int reply[2];
};

static void ends_close(struct ends *ends)
{
	int *const all[] = { &ends->result[0], &ends->result[1],
			     &ends->reply[0], &ends->reply[1] };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (*all[i] >= 0)
			close(*all[i]);
		*all[i] = -1;
	}
}

static bool ends_make(struct ends *ends, bool privileged)
{
	*ends = (struct ends){ { -1, -1 }, { -1, -1 } };
	if (!pipe2(ends->result, O_CLOEXEC) &&
	    !fcntl(ends->result[0], F_SETFL, O_NONBLOCK) &&
	    (privileged || (!pipe2(ends->reply, O_CLOEXEC) &&
			    !fcntl(ends->reply[1], F_SETFL, O_NONBLOCK))))
		return true;
	ends_close(ends);
	return false;
}

static bool start(struct invocation *invocation, const char *path, int input)
{
	struct program program = {
		.path = path,
		.privileged = invocation->privileged,
		.input = input,
	};
	struct ends ends;
	bool started;

	if (!ends_make(&ends, invocation->privileged))
		return false;
	program.third = ends.result[1];
	program.fourth = ends.reply[0];
	started = process_start(invocation->login, &program, &invocation->pid,
				&invocation->pidfd, &invocation->said.fd);
	if (started) {
		invocation->result_fd = ends.result[0];
		invocation->reply_fd = ends.reply[1];
		ends.result[0] = -1;
		ends.reply[1] = -1;
	}
	ends_close(&ends);
	return started;
}

bool program_start(struct invocation *invocation, const char *path,
		   json_object *description)
{
	int input = input_make(description);
	bool started;

	invocation->result_text = malloc(RESULT_BYTES + 1);
	started = invocation->result_text && input >= 0 &&
		  start(invocation, path, input);

	if (input >= 0)
		close(input);
	return started;
}

void program_drain(struct invocation *invocation)
{
	size_t total;

	do {
		total = invocation->result_total;
		if (invocation->result_fd >= 0)
			results_read(invocation);
	} while (invocation->result_total > total);
	results_end(invocation);
	lines_drain(&invocation->said);
}

/* What it ended with, if that is the result. */
static void status_take(struct invocation *invocation, const siginfo_t *info)
{
	if (invocation->decided || *invocation->wrong)
		return;
	if (info->si_code != CLD_EXITED)
		invocation_fail(invocation, "killed by signal %d",
				info->si_status);
	else if (info->si_status > LOGIN_USER_CANCELED)
		invocation_fail(invocation, "exit status %d", info->si_status);
	invocation->decided = !*invocation->wrong;
	invocation->result = info->si_status;
}

void program_reap(struct invocation *invocation)
{
	siginfo_t info;

	process_wait(invocation->pidfd, &info);
	close(invocation->pidfd);
	invocation->pidfd = -1;
	processes_end_left(invocation->login);
	program_drain(invocation);
	conversation_forget(invocation);
	status_take(invocation, &info);
}

void program_end(struct invocation *invocation)
{
	if (invocation->pidfd < 0)
		return;
	kill(-invocation->pid, SIGKILL);
	process_end(invocation->pid, invocation->pidfd);
	close(invocation->pidfd);
	invocation->pidfd = -1;
}
