// SPDX-License-Identifier: GPL-2.0
/* bootstrap-agents: the agents of one login session. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents.h"

#define DIRECTORY "/etc/bootstrap/session.d"

enum {
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_SYSTEM = 3,
};

const char *argp_program_version = "bootstrap-agents " VERSION;

struct options {
	const char *directory;	/* NULL: the system's */
	int login;		/* pidfd, or -1 */
	bool verbose;
};

/* All agents of the session. */
struct agents {
	struct agent *agents;
	unsigned int count;
	uint32_t types;		/* the session's, as a bit */
	int port;
	int signals;
	int login;		/* what it ends with, or -1 */
	sigset_t mask;		/* as it was, for the agents */
	struct pollfd *polled;	/* signals, login, check-in handles */
};

void *must(void *memory)
{
	if (memory)
		return memory;
	syslog(LOG_ERR, "no memory");
	exit(EXIT_SYSTEM);
}

static const struct agent *agents_find(const struct agents *agents,
				       const char *label)
{
	unsigned int i;

	for (i = 0; i < agents->count; i++)
		if (!strcmp(agents->agents[i].job.label, label))
			return &agents->agents[i];
	return NULL;
}

static bool agents_want(const struct agents *agents, const struct job *job,
			const char *file)
{
	if (job->disabled || !(job->types & agents->types))
		return false;
	if (!agents_find(agents, job->label))
		return true;
	syslog(LOG_ERR, "%s: refused: there is another %s", file, job->label);
	return false;
}

static void agents_take_file(void *context, const char *file, const char *data,
			     size_t size)
{
	struct agents *agents = context;
	struct job job;

	if (!job_read(&job, file, data, size) ||
	    !agents_want(agents, &job, file)) {
		job_free(&job);
		return;
	}
	agents->agents = must(reallocarray(agents->agents, agents->count + 1,
					   sizeof(*agents->agents)));
	agents->agents[agents->count++] = (struct agent){ .job = job };
}

static void agents_load(struct agents *agents)
{
	unsigned int polled = 2, i;

	for (i = 0; i < agents->count; i++) {
		agent_load(&agents->agents[i], agents->port);
		polled += agents->agents[i].passed.count +
			  agents->agents[i].named.count;
	}
	agents->polled = must(calloc(polled, sizeof(*agents->polled)));
}

static bool agents_are_alive(const struct agents *agents)
{
	unsigned int i;

	for (i = 0; i < agents->count; i++)
		if (agent_is_alive(&agents->agents[i]))
			return true;
	return false;
}

/* Orphans, too: see agent.c. */
static void agents_reap(struct agents *agents)
{
	siginfo_t ended = { 0 };
	unsigned int i;

	while (!waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) &&
	       ended.si_pid) {
		for (i = 0; i < agents->count; i++)
			if (agents->agents[i].pid == ended.si_pid)
				break;
		if (i < agents->count)
			agent_reap(&agents->agents[i]);
		else
			waitpid(ended.si_pid, NULL, 0);
		ended.si_pid = 0;
	}
}

/* Returns whether to end. */
static bool agents_take_signals(struct agents *agents)
{
	struct signalfd_siginfo info;
	bool end = false;

	while (read(agents->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			agents_reap(agents);
		else
			end = true;
	}
	return end;
}

/* Returns whether anything is told. */
static bool agents_poll(struct agents *agents)
{
	struct pollfd *polled = agents->polled;
	unsigned int count = 2, i;
	int64_t then = -1;

	polled[0] = (struct pollfd){ .fd = agents->signals, .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = agents->login, .events = POLLIN };
	for (i = 0; i < agents->count; i++)
		count += agent_poll(&agents->agents[i], &polled[count], &then);
	return poll(polled, count, poll_timeout(then)) >= 0;
}

static void agents_run(struct agents *agents)
{
	unsigned int i;

	while (agents_are_alive(agents)) {
		if (!agents_poll(agents))
			continue;
		if (agents_take_signals(agents) || agents->polled[1].revents)
			return;
		for (i = 0; i < agents->count; i++)
			agent_go_on(&agents->agents[i], &agents->mask);
	}
}

/* Nobody is to find the names meanwhile. */
static void agents_end(struct agents *agents)
{
	struct pollfd polled = { .fd = agents->signals, .events = POLLIN };
	unsigned int left = agents->count, i;
	int64_t then;

	close(agents->port);
	for (i = 0; i < agents->count; i++)
		agent_terminate(&agents->agents[i]);
	for (;;) {
		agents_reap(agents);
		then = -1;
		left = 0;
		for (i = 0; i < agents->count; i++)
			left += !agent_end(&agents->agents[i], &then);
		if (!left)
			return;
		poll(&polled, 1, poll_timeout(then));
		agents_take_signals(agents);
	}
}

static void agents_free(struct agents *agents)
{
	while (agents->count)
		agent_free(&agents->agents[--agents->count]);
	free(agents->agents);
	free(agents->polled);
}

static int fail(const char *what, int err)
{
	syslog(LOG_ERR, "%s: %s", what, strerror(-err));
	return EXIT_SYSTEM;
}

/* A login that nobody announced is one of a terminal, as for managername. */
static int agents_init(struct agents *agents)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	int err;

	agents->port = bns_open();
	if (agents->port < 0)
		return fail("/dev/bootstrap", agents->port);
	err = bns_session(agents->port, &session);
	if (err)
		return fail("session", err);
	if (session.type == BOOTSTRAP_SESSION_TYPE_UNKNOWN)
		session.type = BOOTSTRAP_SESSION_TYPE_NON_GUI;
	agents->types = 1U << session.type;
	agents->signals = signals_catch(&agents->mask);
	if (agents->signals < 0)
		return fail("signalfd", agents->signals);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		return fail("prctl", -errno);
	return 0;
}

/* What was passed to this program is not for those that it starts. */
static int settle(const struct options *options)
{
	openlog("bootstrap-agents", LOG_PID | (options->verbose ? LOG_PERROR : 0),
		LOG_USER);
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	/* Logins often ignore it, which their programs do not expect. */
	signal(SIGPIPE, SIG_DFL);
	if (options->login < 0)
		return 0;
	if (fcntl(options->login, F_SETFD, FD_CLOEXEC))
		return fail("--login-fd", -errno);
	/* What is typed at the login's terminal is for others. */
	setsid();
	return 0;
}

static int run(const struct options *options)
{
	const char *path = options->directory ?: DIRECTORY;
	struct agents agents = { .login = options->login };
	int status = agents_init(&agents);

	if (status)
		return status;
	/* There need not be any. */
	if (!options->directory && access(path, F_OK))
		return 0;
	if (!directory_read(path, options->directory, agents_take_file,
			    &agents))
		return EXIT_REFUSED;
	agents_load(&agents);
	agents_run(&agents);
	agents_end(&agents);
	agents_free(&agents);
	return 0;
}

static int parse_fd(const char *text, struct argp_state *state)
{
	char *end;
	long fd = strtol(text, &end, 10);

	if (end == text || *end || fd < 0 || fd > INT_MAX)
		argp_error(state, "%s: not a descriptor", text);
	return fd;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'd':
		options->directory = arg;
		return 0;
	case 'l':
		options->login = parse_fd(arg, state);
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option known[] = {
		{ "directory", 'd', "DIR", 0,
		  "Where agents are listed, instead of " DIRECTORY, 0 },
		{ "login-fd", 'l', "FD", 0,
		  "End with the process that this is a pidfd of", 0 },
		{ "verbose", 'v', NULL, 0,
		  "Write to standard error what is logged", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = known,
		.parser = parse_option,
		.doc = "Start the agents of this login session, and end them with it.",
	};
	struct options options = { .login = -1 };
	int status;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	status = settle(&options);
	return status ?: run(&options);
}
