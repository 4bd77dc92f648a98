// SPDX-License-Identifier: GPL-2.0
/* An agent: what is declared for it, its starts and its end. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents.h"

/* As the shell has it. */
enum {
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

static void agent_complain(const struct agent *agent, const char *what, int err)
{
	syslog(LOG_ERR, "%s: %s: %s", agent->job.label, what, strerror(-err));
}

static void agent_declare(struct agent *agent, int port,
			  const struct job_service *service)
{
	/* Who checks in by the name need not be who was started for it. */
	const struct bns_service how = {
		.flags = BOOTSTRAP_DECLARE_UID |
			 (service->hidden ? BOOTSTRAP_DECLARE_HIDDEN : 0),
		.uid = geteuid(),
	};
	struct services *services = service->by_name ? &agent->named :
						       &agent->passed;
	int handle = services_declare(services, port, service->name, &how);

	if (handle < 0)
		agent_complain(agent, service->name, handle);
}

/* When it may be started again; that is told if it is not now. */
static int64_t agent_next(const struct agent *agent)
{
	int64_t now = now_ms(), next = agent->started + agent->job.throttle;

	if (agent->started < 0 || next <= now)
		return now;
	syslog(LOG_INFO, "%s: to be started in %d seconds", agent->job.label,
	       (int)((next - now + 999) / 1000));
	return next;
}

static bool agent_is_idle(const struct agent *agent)
{
	return !agent->pid && agent->due < 0;
}

void agent_load(struct agent *agent, int port)
{
	const struct job *job = &agent->job;
	unsigned int i;

	agent->started = agent->kill_at = agent->due = -1;
	for (i = 0; i < job->service_count; i++)
		agent_declare(agent, port, &job->services[i]);
	if (job->run_at_load || job->keep_alive)
		agent->due = now_ms();
	if (!agent_is_alive(agent))
		syslog(LOG_WARNING, "%s: nothing will start it", job->label);
}

void agent_free(struct agent *agent)
{
	services_free(&agent->passed);
	services_free(&agent->named);
	job_free(&agent->job);
}

bool agent_is_alive(const struct agent *agent)
{
	return !agent_is_idle(agent) || agent->passed.count ||
	       agent->named.count;
}

/* What becomes the program has the launcher's end for its own. */
static int agent_be_bound(const struct agent *agent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	/* Before that it may have ended. */
	return getppid() == agent->starter ? 0 : -ESRCH;
}

static int agent_check_in(const struct agent *agent)
{
	const struct services *passed = &agent->passed;
	int err;

	if (!passed->count)
		return 0;
	/* Where the rights go it would be overwritten. */
	err = namespace_keep(STDERR_FILENO + 1 + passed->count);
	return err ?: services_check_in(passed);
}

/* Returns 0, or an error and what it is about. */
static int agent_settle(const struct agent *agent, const char **ret_what)
{
	char **assignment = agent->job.environment;
	int err = agent_be_bound(agent);

	*ret_what = "start";
	for (; !err && assignment && *assignment; assignment++)
		if (putenv(*assignment))
			err = -errno;
	if (!err && agent->job.directory) {
		*ret_what = agent->job.directory;
		if (chdir(agent->job.directory))
			err = -errno;
	}
	if (err)
		return err;
	*ret_what = "check-in";
	return agent_check_in(agent);
}

static int agent_become(void *context)
{
	const struct agent *agent = context;
	const char *path = agent->job.program ?: agent->job.arguments[0];
	const char *what;
	int err;

	/* Its socket may be where a right goes. */
	closelog();
	err = agent_settle(agent, &what);
	if (err) {
		agent_complain(agent, what, err);
		return EXIT_CANNOT_RUN;
	}
	if (agent->job.program)
		execv(path, agent->job.arguments);
	else
		execvp(path, agent->job.arguments);
	err = -errno;
	agent_complain(agent, path, err);
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static void agent_start(struct agent *agent, const sigset_t *mask)
{
	pid_t pid;

	agent->starter = getpid();
	agent->started = now_ms();
	agent->due = -1;
	pid = group_start(mask, agent_become, agent);
	if (pid < 0) {
		agent_complain(agent, "fork", pid);
		/* Who is to be kept alive has no other occasion. */
		if (agent->job.keep_alive || agent->job.run_at_load)
			agent->due = agent_next(agent);
		return;
	}
	agent->pid = agent->group = pid;
	syslog(LOG_INFO, "%s: started, process %d", agent->job.label, pid);
}

static unsigned int handles_poll(const struct services *services,
				 struct pollfd *polled, short events)
{
	unsigned int i;

	for (i = 0; i < services->count; i++)
		polled[i] = (struct pollfd){ .fd = services->handles[i],
					     .events = events };
	return services->count;
}

static void make_earlier(int64_t *then, int64_t time)
{
	if (time >= 0 && (*then < 0 || time < *then))
		*then = time;
}

unsigned int agent_poll(struct agent *agent, struct pollfd *polled,
			int64_t *then)
{
	short events = agent_is_idle(agent) ? POLLIN : 0;
	unsigned int count;

	make_earlier(then, agent->due);
	agent->polled = polled;
	count = handles_poll(&agent->passed, polled, events);
	return count + handles_poll(&agent->named, polled + count, events);
}

void agent_go_on(struct agent *agent, const sigset_t *mask)
{
	unsigned int count = agent->passed.count + agent->named.count, i;
	short told = 0;

	for (i = 0; i < count; i++)
		told |= agent->polled[i].revents;
	if (told & ~POLLIN) {
		services_drop_gone(&agent->passed);
		services_drop_gone(&agent->named);
	}
	if (told & POLLIN && agent_is_idle(agent))
		agent->due = agent_next(agent);
	if (agent->due >= 0 && now_ms() >= agent->due)
		agent_start(agent, mask);
}

void agent_reap(struct agent *agent)
{
	const char *text;
	int status;

	if (!group_reap(agent->pid, &status))
		return;
	agent->pid = 0;
	text = end_text(status);
	if (text)
		syslog(LOG_WARNING, "%s: %s", agent->job.label, text);
	if (agent->job.keep_alive && agent->kill_at < 0)
		agent->due = agent_next(agent);
}

/*
 * Orphans of the group are children of the launcher, who reaps them. As long as
 * there is one, even a dead one, nobody else's group has the number.
 */
static bool group_is_gone(pid_t group)
{
	siginfo_t info;

	return !group ||
	       waitid(P_PGID, group, &info, WEXITED | WNOHANG | WNOWAIT);
}

void agent_terminate(struct agent *agent)
{
	agent->due = -1;
	agent->kill_at = now_ms() + agent->job.exit_time;
	if (!group_is_gone(agent->group))
		kill(-agent->group, SIGTERM);
}

bool agent_end(struct agent *agent, int64_t *then)
{
	if (group_is_gone(agent->group))
		return true;
	if (now_ms() >= agent->kill_at) {
		syslog(LOG_WARNING, "%s: killed, it does not end",
		       agent->job.label);
		kill(-agent->group, SIGKILL);
		/* Not again, but for what came of it meanwhile. */
		agent->kill_at += agent->job.exit_time;
	}
	make_earlier(then, agent->kill_at);
	return false;
}
