// SPDX-License-Identifier: GPL-2.0
/* An invocation of a mechanism, and what comes of it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

void invocation_fail(struct invocation *invocation, const char *format, ...)
{
	va_list args;

	if (*invocation->wrong)
		return;
	va_start(args, format);
	vsnprintf(invocation->wrong, sizeof(invocation->wrong), format, args);
	va_end(args);
}

struct invocation *invocation_at(const struct login *login, size_t index)
{
	struct invocation *invocation = login->running;

	while (invocation && invocation->index != index)
		invocation = invocation->next;
	return invocation;
}

static void invocation_free(struct invocation *invocation)
{
	const int fds[] = { invocation->said.fd, invocation->result_fd,
			    invocation->reply_fd, invocation->pidfd };
	size_t i;

	conversation_forget(invocation);
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	values_free(&invocation->given);
	values_free(&invocation->late);
	free(invocation->result_text);
	free(invocation->name);
	free(invocation);
}

static struct invocation *invocation_new(struct login *login, size_t index)
{
	const struct bnl_mechanism *mechanism = &login->right->mechanisms[index];
	struct invocation *invocation = calloc(1, sizeof(*invocation));

	if (!invocation)
		return NULL;
	*invocation = (struct invocation){
		.login = login,
		.index = index,
		.privileged = mechanism->privileged,
		.said = { .login = login, .fd = -1 },
		.result_fd = -1,
		.reply_fd = -1,
		.pidfd = -1,
		.started = now_ms(),
	};
	invocation->deadline = invocation->started +
			       login->request.timeout * INT64_C(1000);
	if (asprintf(&invocation->name, "%s:%s", mechanism->plugin,
		     mechanism->name) < 0)
		invocation->name = NULL;
	invocation->said.name = invocation->name;
	if (invocation->name && values_init(&invocation->given) &&
	    values_init(&invocation->late))
		return invocation;
	invocation_free(invocation);
	return NULL;
}

static bool start(struct invocation *invocation, const char *path,
		  enum bnl_form form, const struct occasion *occasion)
{
	json_object *description;
	bool started;

	if (form == BNL_FORM_OBJECT)
		return plugin_invoke(invocation, path, occasion);
	description = login_describe(invocation->login, invocation->name,
				     occasion);
	started = description && program_start(invocation, path, description);
	json_object_put(description);
	return started;
}

/* Returns whether it is there to be run, and as what. */
static bool find(const struct login *login, size_t index, char **ret_path,
		 enum bnl_form *ret_form)
{
	const struct bnl_mechanism *mechanism = &login->right->mechanisms[index];
	char *why = NULL;
	int err;

	err = bnl_mechanism_find(mechanism, NULL, ret_path, ret_form, &why);
	if (err)
		login_log(login, LOG_ERR, "%s:%s cannot be run: %s",
			  mechanism->plugin, mechanism->name,
			  why ? why : strerror(-err));
	free(why);
	return !err;
}

struct invocation *invocation_start(struct login *login, size_t index,
				    const struct occasion *occasion)
{
	const struct bnl_mechanism *mechanism = &login->right->mechanisms[index];
	struct invocation *invocation;
	enum bnl_form form;
	bool started;
	char *path;

	if (!find(login, index, &path, &form))
		return NULL;
	errno = ENOMEM;
	invocation = invocation_new(login, index);
	started = invocation && start(invocation, path, form, occasion);
	free(path);
	if (!started) {
		login_log(login, LOG_ERR, "%s:%s cannot be started: %s",
			  mechanism->plugin, mechanism->name, strerror(errno));
		if (invocation)
			invocation_free(invocation);
		return NULL;
	}
	login_log(login, LOG_DEBUG, "%s starts", invocation->name);
	invocation->next = login->running;
	login->running = invocation;
	return invocation;
}

/* Those behind the last of them, which has interrupted them, stay, and know it. */
static void deactivate(struct login *login, const struct invocation *until)
{
	struct invocation *invocation;

	for (invocation = login->running; invocation != until;
	     invocation = invocation->next)
		if (invocation->next != until)
			plugin_deactivate(invocation);
	plugins_settle(login);
}

void invocations_end(struct login *login, const struct invocation *until,
		     bool again)
{
	struct invocation *invocation, *ended = NULL;

	if (again)
		deactivate(login, until);
	while (login->running != until) {
		invocation = login->running;
		login->running = invocation->next;
		invocation->next = ended;
		ended = invocation;
		program_end(invocation);
	}
	processes_end_left(login);
	while (ended) {
		invocation = ended;
		ended = invocation->next;
		program_drain(invocation);
		invocation_free(invocation);
	}
}
