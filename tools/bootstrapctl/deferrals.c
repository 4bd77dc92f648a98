// SPDX-License-Identifier: GPL-2.0
/* Who asks to be waited for at a logout. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrapctl.h"

void deferral_init(struct deferral *deferral,
		   const struct bootstrap_deferral *about)
{
	deferral->about = *about;
	snprintf(deferral->reason, sizeof(deferral->reason), "%s",
		 bns_deferral_reason(about));
	*deferral->command = '\0';
	if (about->pid)
		process_command(about->pid, deferral->command);
}

static int deferrals_add(struct deferrals *deferrals,
			 const struct bootstrap_deferral *about)
{
	struct deferral *list = reallocarray(deferrals->list,
					     deferrals->count + 1,
					     sizeof(*list));

	if (!list)
		return -ENOMEM;
	deferrals->list = list;
	deferral_init(&list[deferrals->count++], about);
	return 0;
}

int deferrals_read(int port, const struct bootstrap_session *session,
		   struct deferrals *deferrals)
{
	const struct bootstrap_deferral *about;
	_Alignas(8) char page[4096];
	uint64_t cursor = 0;
	int n, err = 0;

	*deferrals = (struct deferrals){ 0 };
	while (!err && (n = bns_deferrals(port, session->session,
					  session->cookie, &cursor, page,
					  sizeof(page)))) {
		err = n < 0 ? n : 0;
		for (about = bns_deferral_first(page); n > 0 && !err;
		     n--, about = bns_deferral_next(about))
			err = deferrals_add(deferrals, about);
	}
	if (err)
		deferrals_free(deferrals);
	return err;
}

void deferrals_free(struct deferrals *deferrals)
{
	free(deferrals->list);
	*deferrals = (struct deferrals){ 0 };
}

const char *process_text(pid_t pid, const char *command, uint32_t uid)
{
	static char text[COMMAND_SIZE + 128];
	size_t len;

	if (pid)
		len = snprintf(text, sizeof(text), "process %d (", pid);
	else
		len = snprintf(text, sizeof(text), "a process that is gone (");
	snprintf(text + len, sizeof(text) - len, "%s%suser %s)", command,
		 *command ? ", " : "", user_text(uid));
	return text;
}

const char *deferral_text(const struct deferral *deferral)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s: %s",
		 process_text(deferral->about.pid, deferral->command,
			      deferral->about.uid), deferral->reason);
	return text;
}

void json_add_process(struct json_object *object, pid_t pid,
		      const char *command, uint32_t uid)
{
	json_object_object_add(object, "pid",
			       pid ? json_object_new_int64(pid) : NULL);
	json_object_object_add(object, "command", *command ?
			       json_object_new_string(command) : NULL);
	json_object_object_add(object, "uid", json_object_new_int64(uid));
	json_object_object_add(object, "user",
			       json_object_new_string(user_text(uid)));
}

void json_add_deferral(struct json_object *object,
		       const struct deferral *deferral)
{
	json_add_process(object, deferral->about.pid, deferral->command,
			 deferral->about.uid);
	json_object_object_add(object, "reason",
			       json_object_new_string(deferral->reason));
	json_object_object_add(object, "since",
			       json_object_new_string(utc_time_text(deferral->about.since)));
}

struct json_object *deferrals_json(const struct deferrals *deferrals)
{
	struct json_object *array = json_object_new_array(), *object;
	unsigned int i;

	for (i = 0; i < deferrals->count; i++) {
		object = json_object_new_object();
		json_add_deferral(object, &deferrals->list[i]);
		json_object_array_add(array, object);
	}
	return array;
}
