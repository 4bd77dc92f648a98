// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bootstrap server's calls that give arrays. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

/* Of no elements it is NULL. */
static int array_new(size_t count, size_t size, void *ret_array)
{
	void *array = NULL;

	if (count) {
		array = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (array == MAP_FAILED)
			return -ENOMEM;
	}
	*(void **)ret_array = array;
	return 0;
}

static void array_free(void *array, size_t count, size_t size)
{
	if (array && count)
		munmap(array, count * size);
}

BNS_API kern_return_t vm_deallocate(vm_map_t task, vm_address_t address,
				    vm_size_t size)
{
	if (!bns_mach_task_is_self(task))
		return KERN_INVALID_TASK;
	return size && munmap((void *)address, size) ? KERN_INVALID_ARGUMENT :
						       KERN_SUCCESS;
}

/* What of a namespace is listed, until it is known how much that is. */
struct list {
	size_t size;		/* of an element */
	size_t count, room;
	void *elements;
};

static void *list_add(struct list *list)
{
	size_t room = list->room ? 2 * list->room : 64;
	void *more = list->elements;

	if (list->count == list->room) {
		more = reallocarray(more, room, list->size);
		if (!more)
			return NULL;
		list->elements = more;
		list->room = room;
	}
	return (char *)more + list->count++ * list->size;
}

struct service {
	name_t name;
	struct bootstrap_info info;
};

static int services_list(int port, struct list *list)
{
	const struct bootstrap_list_entry *entry;
	_Alignas(8) char page[4096];
	struct service *service;
	uint64_t cursor = 0;
	int n;

	while ((n = bns_list(port, NULL, &cursor, page, sizeof(page),
			     NULL)) > 0) {
		for (entry = bns_list_first(page); n;
		     n--, entry = bns_list_next(entry)) {
			service = list_add(list);
			if (!service)
				return -ENOMEM;
			strcpy(service->name, bns_list_name(entry));
			service->info = entry->info;
		}
	}
	return n;
}

/* "command[pid]"; the program may call itself whatever it likes. */
static void describe_process(pid_t pid, name_t text)
{
	char path[32], command[32] = "", *c;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = pid ? fopen(path, "re") : NULL;
	if (file && fgets(command, sizeof(command), file)) {
		command[strcspn(command, "\n")] = '\0';
		for (c = command; *c; c++)
			if (*c < ' ' || *c > '~')
				*c = '?';
		snprintf(text, sizeof(name_t), "%s[%d]", command, pid);
	}
	if (file)
		fclose(file);
}

static int services_give(const struct list *list, name_array_t *ret_names,
			 name_array_t *ret_servers,
			 bootstrap_status_array_t *ret_statuses)
{
	const struct service *services = list->elements;
	bootstrap_status_array_t statuses = NULL;
	name_array_t names = NULL, servers = NULL;
	size_t count = list->count, i;

	if (array_new(count, sizeof(*names), &names) ||
	    array_new(count, sizeof(*servers), &servers) ||
	    array_new(count, sizeof(*statuses), &statuses)) {
		array_free(names, count, sizeof(*names));
		array_free(servers, count, sizeof(*servers));
		return -ENOMEM;
	}
	for (i = 0; i < count; i++) {
		strcpy(names[i], services[i].name);
		describe_process(services[i].info.pid, servers[i]);
		statuses[i] = bns_mach_status(&services[i].info);
	}
	*ret_names = names;
	*ret_servers = servers;
	*ret_statuses = statuses;
	return 0;
}

BNS_API kern_return_t bootstrap_info(mach_port_t bp,
				     name_array_t *service_names,
				     mach_msg_type_number_t *service_namesCnt,
				     name_array_t *server_names,
				     mach_msg_type_number_t *server_namesCnt,
				     bootstrap_status_array_t *service_active,
				     mach_msg_type_number_t *service_activeCnt)
{
	struct list list = { .size = sizeof(struct service) };
	int err = services_list(bns_mach_fd(bp), &list);

	if (!err)
		err = services_give(&list, service_names, server_names,
				    service_active);
	if (!err) {
		*service_namesCnt = list.count;
		*server_namesCnt = list.count;
		*service_activeCnt = list.count;
	}
	free(list.elements);
	return bns_mach_code(err);
}

static void ports_release(mach_port_array_t ports, size_t count)
{
	while (count--)
		if (ports[count] != MACH_PORT_NULL)
			bns_mach_release(ports[count]);
}

/* A failure that is not about the one name. */
static bool is_shortage(int result)
{
	return bns_mach_code(result) == BOOTSTRAP_NO_MEMORY;
}

static int entries_look_up(int port, name_array_t names,
			   struct bootstrap_look_up_entry *entries,
			   unsigned int count)
{
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++)
		entries[i] = (struct bootstrap_look_up_entry){
			.name = (uintptr_t)names[i],
			.name_len = strnlen(names[i], sizeof(*names)),
		};
	do {
		ret = bns_look_up_array(port, entries, count, NULL, 0, 0);
	} while (ret == -EINTR);
	if (ret < 0)
		return ret;
	for (i = 0; i < count; i++)
		if (entries[i].result == -EINTR)
			entries[i].result = bns_mach_look_up(port, names[i], 0);
	return 0;
}

/* All descriptors become names, or are closed. */
static kern_return_t entries_give(struct bootstrap_look_up_entry *entries,
				  unsigned int count, mach_port_array_t ports)
{
	kern_return_t code = KERN_SUCCESS, one;
	unsigned int i;

	for (i = 0; i < count; i++) {
		one = bns_mach_give(entries[i].result, PORT_SEND, &ports[i]);
		if (entries[i].result >= 0 || is_shortage(entries[i].result))
			code = code ?: one;
	}
	if (code)
		ports_release(ports, count);
	return code;
}

static kern_return_t ports_look_up(mach_port_t bp, name_array_t names,
				   unsigned int count, mach_port_array_t ports)
{
	struct bootstrap_look_up_entry entries[BOOTSTRAP_MAX_LOOKUP_COUNT];
	int err = 0;

	if (count)
		err = entries_look_up(bns_mach_fd(bp), names, entries, count);
	return err ? bns_mach_code(err) : entries_give(entries, count, ports);
}

BNS_API kern_return_t bootstrap_look_up_array(mach_port_t bp,
			name_array_t service_names,
			mach_msg_type_number_t service_namesCnt,
			mach_port_array_t *sps,
			mach_msg_type_number_t *service_portsCnt,
			boolean_t *all_services_known)
{
	mach_port_array_t ports;
	kern_return_t code;
	unsigned int i;

	if (service_namesCnt > BOOTSTRAP_MAX_LOOKUP_COUNT)
		return BOOTSTRAP_BAD_COUNT;
	if (array_new(service_namesCnt, sizeof(*ports), &ports))
		return BOOTSTRAP_NO_MEMORY;
	code = ports_look_up(bp, service_names, service_namesCnt, ports);
	if (code) {
		array_free(ports, service_namesCnt, sizeof(*ports));
		return code;
	}
	*sps = ports;
	*service_portsCnt = service_namesCnt;
	*all_services_known = TRUE;
	for (i = 0; i < service_namesCnt; i++)
		if (ports[i] == MACH_PORT_NULL)
			*all_services_known = FALSE;
	return BOOTSTRAP_SUCCESS;
}

struct child {
	mach_port_t port;
	name_t name;
	bootstrap_property_t property;
};

/* As bootstrapctl takes it. */
static void child_describe(struct child *child,
			   const struct bootstrap_child *about)
{
	switch (about->type) {
	case BOOTSTRAP_NAMESPACE_USER:
		child->property = BOOTSTRAP_PROPERTY_PERUSER;
		snprintf(child->name, sizeof(child->name), "user:%u",
			 about->uid);
		break;
	case BOOTSTRAP_NAMESPACE_SESSION:
		child->property = BOOTSTRAP_PROPERTY_IMPLICITSUBSET;
		snprintf(child->name, sizeof(child->name), "session:%u",
			 about->session);
		break;
	default:
		child->property = about->type == BOOTSTRAP_NAMESPACE_SUBSET ?
			BOOTSTRAP_PROPERTY_EXPLICITSUBSET :
			BOOTSTRAP_PROPERTY_IMPLICITSUBSET;
		snprintf(child->name, sizeof(child->name), "%" PRIu64,
			 (uint64_t)about->namespace_id);
	}
}

static kern_return_t child_add(int port, struct list *list,
			       const struct bootstrap_child *about)
{
	int fd = bns_open_child(port, NULL, about->namespace_id, 0);
	struct child *child;

	/* It died in between. */
	if (fd == -ENOENT)
		return KERN_SUCCESS;
	child = fd < 0 ? NULL : list_add(list);
	if (!child) {
		if (fd >= 0)
			close(fd);
		return bns_mach_code(fd < 0 ? fd : -ENOMEM);
	}
	*child = (struct child){ .port = MACH_PORT_NULL };
	child_describe(child, about);
	return bns_mach_give(fd, PORT_SEND, &child->port);
}

static kern_return_t children_list(int port, struct list *list)
{
	const struct bootstrap_child *child;
	_Alignas(8) char page[4096];
	kern_return_t code;
	uint64_t cursor = 0;
	int n;

	while ((n = bns_children(port, NULL, &cursor, page,
				 sizeof(page))) > 0) {
		for (child = bns_child_first(page); n;
		     n--, child = bns_child_next(child)) {
			code = child_add(port, list, child);
			if (code)
				return code;
		}
	}
	if (!n && !list->count)
		return BOOTSTRAP_NO_CHILDREN;
	return bns_mach_code(n);
}

static int children_give(const struct list *list, mach_port_array_t *ret_ports,
			 name_array_t *ret_names,
			 bootstrap_property_array_t *ret_properties)
{
	const struct child *children = list->elements;
	bootstrap_property_array_t properties = NULL;
	mach_port_array_t ports = NULL;
	name_array_t names = NULL;
	size_t count = list->count, i;

	if (array_new(count, sizeof(*ports), &ports) ||
	    array_new(count, sizeof(*names), &names) ||
	    array_new(count, sizeof(*properties), &properties)) {
		array_free(ports, count, sizeof(*ports));
		array_free(names, count, sizeof(*names));
		return -ENOMEM;
	}
	for (i = 0; i < count; i++) {
		ports[i] = children[i].port;
		strcpy(names[i], children[i].name);
		properties[i] = children[i].property;
	}
	*ret_ports = ports;
	*ret_names = names;
	*ret_properties = properties;
	return 0;
}

BNS_API kern_return_t bootstrap_lookup_children(mach_port_t bp,
			mach_port_array_t *children, name_array_t *names,
			bootstrap_property_array_t *properties,
			mach_msg_type_number_t *n_children)
{
	struct list list = { .size = sizeof(struct child) };
	struct child *opened;
	kern_return_t code;
	size_t i;

	if (geteuid())
		return BOOTSTRAP_NOT_PRIVILEGED;
	code = children_list(bns_mach_fd(bp), &list);
	if (!code)
		code = bns_mach_code(children_give(&list, children, names,
					       properties));
	opened = list.elements;
	if (!code)
		*n_children = list.count;
	else
		for (i = 0; i < list.count; i++)
			if (opened[i].port != MACH_PORT_NULL)
				bns_mach_release(opened[i].port);
	free(list.elements);
	return code;
}
