// SPDX-License-Identifier: GPL-2.0
/* The command info: who has a name, and what became of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bootstrapctl.h"

/* All that there is to tell of a name. */
struct report {
	const char *name;
	struct bootstrap_info info;
	struct bootstrap_namespace where;
	char command[COMMAND_SIZE];	/* of the process */
};

/*
 * The number of a process may be another's by the time that its command is
 * asked for; not if the name is still tied to it afterwards.
 */
void holder_command(int port, const char *name,
		    const struct bootstrap_info *info, char *command)
{
	struct bootstrap_info now = { .size = sizeof(now) };

	*command = '\0';
	if (!info->pid)
		return;
	process_command(info->pid, command);
	if (bns_info(port, name, NULL, &now) || now.pid != info->pid ||
	    now.generation != info->generation ||
	    now.namespace_id != info->namespace_id)
		*command = '\0';
}

/* The name that a look-up finds, and which of the namespaces on its way has it. */
static int report_find(const struct way *way, struct report *report)
{
	unsigned int i;
	int err;

	report->info.size = sizeof(report->info);
	err = bns_info(way->stops[0].port, report->name, NULL, &report->info);
	if (err)
		return err;
	for (i = 0; i < way->count; i++)
		if (way->stops[i].about.namespace_id ==
		    report->info.namespace_id) {
			report->where = way->stops[i].about;
			return 0;
		}
	/* What it found was moved to where it was not when the way was told. */
	return -ESHUTDOWN;
}

static const char *status_text(const struct bootstrap_info *info)
{
	if (!(info->flags & BOOTSTRAP_INFO_DECLARED))
		return "active";
	if (info->flags & BOOTSTRAP_INFO_DEMAND)
		return "demand waits";
	return info->flags & BOOTSTRAP_INFO_ACTIVE ? "active" : "on demand";
}

static const char *where_text(const struct report *report)
{
	return namespace_text(report->where.type, report->where.namespace_id,
			      report->where.uid, report->where.session_id);
}

static void report_print_flags(const struct bootstrap_info *info)
{
	const char *comma = "";

	if (!(info->flags & (BOOTSTRAP_INFO_STICKY | BOOTSTRAP_INFO_RESERVED |
			     BOOTSTRAP_INFO_GROUP)))
		return;
	printf("flags       ");
	if (info->flags & BOOTSTRAP_INFO_RESERVED) {
		printf("reserved");
		comma = ", ";
	}
	if (info->flags & BOOTSTRAP_INFO_STICKY) {
		printf("%ssticky", comma);
		comma = ", ";
	}
	if (info->flags & BOOTSTRAP_INFO_GROUP)
		printf("%sonly for group %u", comma, info->group);
	printf("\n");
}

static void report_print(const struct report *report)
{
	const struct bootstrap_info *info = &report->info;

	printf("name        %s\n", report->name);
	if (info->flags & BOOTSTRAP_INFO_SERVICE)
		printf("type        %s service%s\n", socket_text(info),
		       info->flags & BOOTSTRAP_INFO_DECLARED ? ", declared" :
							       "");
	else
		printf("type        file\n");
	printf("status      %s\n", status_text(info));
	if (!info->pid)
		printf("process     gone\n");
	else if (*report->command)
		printf("process     %u (%s)\n", info->pid, report->command);
	else
		printf("process     %u\n", info->pid);
	printf("user        %u (%s), group %u%s\n", info->uid,
	       user_text(info->uid), info->gid,
	       info->flags & BOOTSTRAP_INFO_PRIVILEGED ? ", privileged" : "");
	printf("session     %s\n", session_text(info->session));
	printf("since       %s\n", local_time_text(info->since, TIME_LOCAL));
	printf("namespace   %llu (%s)\n",
	       (unsigned long long)info->namespace_id,
	       report->where.type < BOOTSTRAP_NAMESPACE_PRE_LOGIN ?
		       where_text(report) :
		       namespace_type_text(report->where.type));
	printf("generation  %llu\n", (unsigned long long)info->generation);
	report_print_flags(info);
}

static void report_print_json(const struct report *report)
{
	const struct bootstrap_info *info = &report->info;
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name",
			       json_object_new_string(report->name));
	json_object_object_add(object, "where",
			       json_object_new_string(where_text(report)));
	json_object_object_add(object, "namespace_type",
			       json_object_new_string(namespace_type_text(report->where.type)));
	json_add_info(object, info);
	json_object_object_add(object, "status",
			       json_object_new_string(status_text(info)));
	json_object_object_add(object, "declared",
			       json_object_new_boolean(info->flags &
						       BOOTSTRAP_INFO_DECLARED));
	json_object_object_add(object, "command", *report->command ?
			       json_object_new_string(report->command) : NULL);
	json_object_object_add(object, "user",
			       json_object_new_string(user_text(info->uid)));
	json_object_object_add(object, "since",
			       json_object_new_string(utc_time_text(info->since)));
	json_print_free(object);
}

int cmd_info(const struct args *args)
{
	struct report report = { .name = args->operand };
	struct way way;
	int err = way_open(args, &way);

	if (!err)
		err = report_find(&way, &report);
	if (!err)
		holder_command(way.stops[0].port, report.name, &report.info,
			       report.command);
	way_close(&way);
	if (err)
		return complain(err, args->operand);
	if (args->json)
		report_print_json(&report);
	else
		report_print(&report);
	return 0;
}
