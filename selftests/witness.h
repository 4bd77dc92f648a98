/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The witness: a process that stands outside of what is tested, as root in the
 * root session, and tells all that there is: sessions, names, what users are
 * charged for, and the descriptors of the process that asks.
 */
#ifndef BOOTSTRAP_WITNESS_H
#define BOOTSTRAP_WITNESS_H

#include <dirent.h>

#include "bootstrap_test.h"

/* A user that has no names but for a moment: made anew by each first one. */
#define STRANGER	4242

#define SEEN_SESSIONS	8
#define SEEN_NAMES	32
#define SEEN_USERS	3

static const uid_t seen_users[SEEN_USERS] = { 0, ALICE, STRANGER };

struct seen_name {
	struct bootstrap_info info;
	char text[24];
};

struct state {
	unsigned int descriptors, sessions, names;
	int events;
	struct bootstrap_session session[SEEN_SESSIONS];
	struct bootstrap_usage usage[SEEN_USERS];
	struct seen_name name[SEEN_NAMES];
};

/* The witness writes what it sees to memory that it shares. */
static struct state *seen;
static int witness_socket;

/* A right or handle of the process that asks, whose events are told as well. */
static int watched = -1;

static inline unsigned int count_descriptors(pid_t pid)
{
	unsigned int count = 0;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		abort();
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static inline int seen_name_compare(const void *a, const void *b)
{
	const struct seen_name *one = a, *two = b;

	if (one->info.namespace_id != two->info.namespace_id)
		return one->info.namespace_id < two->info.namespace_id ? -1 : 1;
	return strcmp(one->text, two->text);
}

static inline void see_names(int port, __u32 session)
{
	static _Alignas(8) char buffer[8192];
	struct bootstrap_list_entry *entry = (void *)buffer;
	struct bootstrap_list list = {
		.size = sizeof(list), .scope = BOOTSTRAP_SCOPE_SESSION_ID,
		.session = session, .buffer = (uintptr_t)buffer,
		.buffer_size = sizeof(buffer),
	};
	int ret = call(port, BOOTSTRAP_IOC_LIST, &list);

	/* It may have ended since it was told about. */
	if (ret == -ESRCH)
		return;
	if (ret || list.count > SEEN_NAMES - seen->names)
		abort();
	while (list.count--) {
		struct seen_name *name = &seen->name[seen->names++];

		name->info = entry->info;
		strncpy(name->text, (char *)entry + entry->name_offset,
			sizeof(name->text) - 1);
		entry = (void *)((char *)entry + entry->length);
	}
}

static inline void see(int port, pid_t pid)
{
	__u32 id = 0, i;

	memset(seen, 0, sizeof(*seen));
	seen->descriptors = count_descriptors(pid);
	do {
		struct bootstrap_session *session;

		if (seen->sessions == SEEN_SESSIONS)
			abort();
		session = &seen->session[seen->sessions++];
		session->size = sizeof(*session);
		session->flags = BOOTSTRAP_SESSION_NEXT;
		session->session = id;
		if (call(port, BOOTSTRAP_IOC_SESSION, session))
			abort();
		see_names(port, session->session);
		id = session->session;
	} while (id++ != ROOT_ID);
	for (i = 0; i < SEEN_USERS; i++) {
		seen->usage[i].size = sizeof(seen->usage[i]);
		seen->usage[i].flags = BOOTSTRAP_USAGE_BY_UID;
		seen->usage[i].uid = seen_users[i];
		if (call(port, BOOTSTRAP_IOC_USAGE, &seen->usage[i]))
			abort();
	}
	/* What is registered again goes to the end of the list. */
	qsort(seen->name, seen->names, sizeof(seen->name[0]),
	      seen_name_compare);
}

/* Starts the witness, which ends when nobody can ask it any more. */
static inline pid_t witness_start(void)
{
	int sockets[2], port;
	pid_t pid, asks;

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		abort();
	pid = fork();
	if (!pid) {
		close(sockets[0]);
		port = port_open();
		while (read(sockets[1], &asks, sizeof(asks)) == sizeof(asks)) {
			see(port, asks);
			write(sockets[1], "", 1);
		}
		_exit(0);
	}
	close(sockets[1]);
	witness_socket = sockets[0];
	return pid;
}

static inline void look(struct state *state)
{
	struct pollfd pfd = { .events = POLLIN };
	pid_t pid = getpid();
	char c;

	if (write(witness_socket, &pid, sizeof(pid)) != sizeof(pid) ||
	    read(witness_socket, &c, 1) != 1)
		abort();
	*state = *seen;
	pfd.fd = watched;
	if (poll(&pfd, 1, 0) == 1)
		state->events = pfd.revents;
}

static inline bool same(const struct state *a, const struct state *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline void forget_generations(struct state *state)
{
	unsigned int i;

	for (i = 0; i < state->names; i++)
		if (!strcmp(state->name[i].text, "there") ||
		    !strcmp(state->name[i].text, "new") ||
		    !strcmp(state->name[i].text, "more")) {
			state->name[i].info.generation = 0;
			state->name[i].info.since = 0;
		}
}

/* The same but for when the names that come and go were registered. */
static inline bool same_anew(const struct state *a, const struct state *b)
{
	struct state one = *a, two = *b;

	forget_generations(&one);
	forget_generations(&two);
	return same(&one, &two);
}

/* The same but for a session of alice's that has no names. */
static inline bool same_but_session(const struct state *a,
				    const struct state *b)
{
	struct state two = *b;
	unsigned int i;

	for (i = 0; i < two.sessions; i++)
		if (two.session[i].uid == ALICE && !two.session[i].names)
			break;
	if (i == two.sessions)
		return same(a, b);
	memmove(&two.session[i], &two.session[i + 1],
		(SEEN_SESSIONS - 1 - i) * sizeof(two.session[0]));
	memset(&two.session[SEEN_SESSIONS - 1], 0, sizeof(two.session[0]));
	two.sessions--;
	two.usage[1].sessions--;
	return same(a, &two);
}

static inline void print_difference(const struct state *a,
				    const struct state *b)
{
	unsigned int i;

	printf("# now and then: descriptors %u %u, sessions %u %u, names %u %u, events %x %x\n",
	       a->descriptors, b->descriptors, a->sessions, b->sessions,
	       a->names, b->names, a->events, b->events);
	for (i = 0; i < SEEN_NAMES; i++)
		if (a->name[i].info.flags != b->name[i].info.flags)
			printf("# %s: flags %x, then %x\n", a->name[i].text,
			       a->name[i].info.flags, b->name[i].info.flags);
	for (i = 0; i < SEEN_USERS; i++)
		printf("# user %u: names %u, then %u; sessions %u, then %u\n",
		       seen_users[i], a->usage[i].names, b->usage[i].names,
		       a->usage[i].sessions, b->usage[i].sessions);
}

#endif
