// SPDX-License-Identifier: GPL-2.0
/* The commands that print as launchctl did: bslist, bstree, managername. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrapctl.h"

#define INDENT 4

/* How the names of a namespace are told. */
struct telling {
	int port;
	unsigned int level;
	bool labels;
};

static int tell_name(const struct bootstrap_list_entry *entry, void *context)
{
	const struct telling *telling = context;
	const struct bootstrap_info *info = &entry->info;
	const char *name = bns_list_name(entry);
	bool on_demand = info->flags & BOOTSTRAP_INFO_DECLARED &&
			 !(info->flags & BOOTSTRAP_INFO_ACTIVE);
	char command[COMMAND_SIZE];

	printf("%*s%-3s%s", (int)telling->level * INDENT, "",
	       on_demand ? "D" : "A", name);
	if (telling->labels) {
		holder_command(telling->port, name, info, command);
		if (*command)
			printf(" (%s[%u])", command, info->pid);
	}
	putchar('\n');
	return 0;
}

static int parent_open(void)
{
	int port = port_open();
	int handle = bns_open_parent(port, NULL, 0, NULL);

	close(port);
	return handle;
}

static int bslist_open(const char *text)
{
	struct which which = { .text = text };

	if (!text)
		return port_open();
	if (!strcmp(text, "/"))
		return root_open();
	if (!strcmp(text, ".."))
		return parent_open();
	if (!parse_pid(text, &which.pid)) {
		fprintf(stderr, "bootstrapctl: %s: not a process id, .. or /\n",
			text);
		exit(EXIT_USAGE);
	}
	return namespace_open(&which, 0);
}

int cmd_bslist(const struct args *args)
{
	struct telling telling = {
		.port = bslist_open(args->operand), .labels = args->labels,
	};
	int err = telling.port;

	if (err >= 0) {
		err = names_each(telling.port, tell_name, &telling);
		close(telling.port);
	}
	return err ? complain(err, args->operand ?: "bslist") : 0;
}

/* What launchd called those that were made in the same way. */
static const char *namespace_kind_text(uint32_t type)
{
	switch (type) {
	case BOOTSTRAP_NAMESPACE_USER:
		return "Per-user";
	case BOOTSTRAP_NAMESPACE_SESSION:
	case BOOTSTRAP_NAMESPACE_PRE_LOGIN:
		return "Implicit Subset";
	case BOOTSTRAP_NAMESPACE_SUBSET:
		return "Explicit Subset";
	default:
		return "Unknown";
	}
}

static int tell_node(struct node *node, void *context)
{
	const struct args *args = context;
	struct telling telling = {
		.port = node->handle,
		.level = node->level + 1,
		.labels = args->labels,
	};

	if (!node->above)
		puts("System/");
	else
		printf("%*s%s (%s)/\n", (int)node->level * INDENT, "",
		       child_text(node->about),
		       namespace_kind_text(node->about->type));
	if (node->handle < 0)
		return 0;
	return names_each(node->handle, tell_name, &telling);
}

int cmd_bstree(const struct args *args)
{
	uint32_t rights = BOOTSTRAP_RIGHT_LIST;
	int root, err;

	if (geteuid() != 0) {
		fprintf(stderr, "You must be root to perform this operation.\n");
		return EXIT_REFUSED;
	}
	if (args->labels)
		rights |= BOOTSTRAP_RIGHT_LOOK_UP;
	root = root_open();
	err = namespaces_each(root, rights, tell_node, (void *)args);
	close(root);
	return err ? complain(err, "bstree") : 0;
}

/* What manages a session, as its login announced it. */
static int session_manager(int port, const struct bootstrap_namespace *own,
			   const char **ret_text)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	int err = bns_session_by_id(port, own->session_id, own->session_cookie,
				    &session);

	if (err)
		return err;
	switch (session.type) {
	case BOOTSTRAP_SESSION_TYPE_GUI:
		*ret_text = "Aqua";
		break;
	case BOOTSTRAP_SESSION_TYPE_BACKGROUND:
		*ret_text = "Background";
		break;
	default:
		*ret_text = "StandardIO";
	}
	return 0;
}

static int manager(int port, const char **ret_text)
{
	struct bootstrap_namespace own = { .size = sizeof(own) };
	int err = bns_namespace(port, NULL, &own);

	if (err)
		return err;
	switch (own.type) {
	case BOOTSTRAP_NAMESPACE_ROOT:
		*ret_text = "System";
		return 0;
	case BOOTSTRAP_NAMESPACE_PRE_LOGIN:
		*ret_text = "LoginWindow";
		return 0;
	case BOOTSTRAP_NAMESPACE_USER:
		*ret_text = "Background";
		return 0;
	case BOOTSTRAP_NAMESPACE_SESSION:
		return session_manager(port, &own, ret_text);
	default:
		*ret_text = namespace_text(own.type, own.namespace_id, own.uid,
					   own.session_id);
		return 0;
	}
}

int cmd_managername(const struct args *args)
{
	int port = port_open(), err;
	const char *text;

	(void)args;
	err = manager(port, &text);
	close(port);
	if (err)
		return complain(err, "managername");
	puts(text);
	return 0;
}
