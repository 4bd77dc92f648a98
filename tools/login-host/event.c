// SPDX-License-Identifier: GPL-2.0
/* What happens while mechanisms run, and is waited for. */
#include <poll.h>
#include <stdlib.h>

#include "host.h"

/* So many descriptors each. */
#define OF_INVOCATION 3
#define OF_HOST 3
#define OF_LOGIN 3

static void invocation_read(struct invocation *invocation,
			    const struct pollfd *polled)
{
	if (polled[0].revents)
		lines_read(&invocation->said);
	if (polled[1].revents)
		results_read(invocation);
	if (polled[2].revents)
		program_reap(invocation);
}

static void overdue_look(struct invocation *invocation)
{
	if (!invocation->decided && !*invocation->wrong &&
	    !invocation->question && now_ms() >= invocation->deadline)
		invocation_fail(invocation, "no result in %u seconds",
				invocation->login->request.timeout);
}

static void host_read(struct plugin_host *host, const struct pollfd *polled)
{
	if (polled[0].revents)
		lines_read(&host->said);
	if (polled[2].revents)
		plugin_host_reap(host);
	else if (polled[1].revents)
		plugin_host_read(host);
}

static unsigned int running_count(const struct login *login)
{
	const struct invocation *invocation;
	unsigned int count = 0;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		count++;
	return count;
}

static struct pollfd *login_add(const struct login *login, struct pollfd *at)
{
	*at++ = (struct pollfd){
		login->socket, login->conversing ? POLLIN : POLLRDHUP, 0
	};
	*at++ = (struct pollfd){ APPLICATION_FD, POLLIN, 0 };
	*at++ = (struct pollfd){ login->terminate, POLLIN, 0 };
	return at;
}

static struct pollfd *hosts_add(const struct login *login, struct pollfd *at)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(login->hosts); i++) {
		const struct plugin_host *host = login->hosts[i];

		*at++ = (struct pollfd){ host ? host->said.fd : -1, POLLIN, 0 };
		*at++ = (struct pollfd){ host ? host->socket : -1, POLLIN, 0 };
		*at++ = (struct pollfd){ host ? host->pidfd : -1, POLLIN, 0 };
	}
	return at;
}

static struct pollfd *running_add(const struct login *login, struct pollfd *at)
{
	const struct invocation *invocation;

	for (invocation = login->running; invocation;
	     invocation = invocation->next) {
		*at++ = (struct pollfd){ invocation->said.fd, POLLIN, 0 };
		*at++ = (struct pollfd){ invocation->result_fd, POLLIN, 0 };
		*at++ = (struct pollfd){ invocation->pidfd, POLLIN, 0 };
	}
	return at;
}

static void login_look(struct login *login, const struct pollfd *polled)
{
	if (polled[1].revents || polled[2].revents ||
	    polled[0].revents & (POLLRDHUP | POLLHUP | POLLERR))
		login_leave(login, EXIT_SUCCESS);
	if (polled[0].revents)
		login_read(login);
}

void events_wait(struct login *login, int64_t until)
{
	struct pollfd polled[OF_LOGIN + OF_HOST * ARRAY_SIZE(login->hosts) +
			     OF_INVOCATION * running_count(login)];
	struct pollfd *end, *at = polled;
	struct invocation *invocation;
	size_t i;

	end = running_add(login, hosts_add(login, login_add(login, polled)));
	if (poll(polled, end - polled, poll_timeout(until)) < 0)
		return;
	login_look(login, at);
	at += OF_LOGIN;
	for (i = 0; i < ARRAY_SIZE(login->hosts); i++, at += OF_HOST)
		if (login->hosts[i])
			host_read(login->hosts[i], at);
	for (invocation = login->running; invocation;
	     invocation = invocation->next, at += OF_INVOCATION) {
		invocation_read(invocation, at);
		overdue_look(invocation);
	}
}

void invocations_wait(struct login *login)
{
	const struct invocation *invocation = login->running;

	events_wait(login, invocation && !invocation->decided &&
				   !invocation->question ?
				   invocation->deadline : -1);
}

void invocations_look(struct login *login)
{
	events_wait(login, 0);
}
