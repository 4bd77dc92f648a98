/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of the namespace tree, and of handles, share. */
#ifndef BOOTSTRAP_SPACE_H
#define BOOTSTRAP_SPACE_H

#include <poll.h>
#include <sys/syscall.h>

#include "bootstrap_test.h"

#define PARAMETER(name) "/sys/module/bootstrap/parameters/" name

#define LOOK_UP		BOOTSTRAP_RIGHT_LOOK_UP
#define REGISTER	BOOTSTRAP_RIGHT_REGISTER
#define LIST		BOOTSTRAP_RIGHT_LIST
#define SUBSET		BOOTSTRAP_RIGHT_SUBSET
#define ENTER		BOOTSTRAP_RIGHT_ENTER
#define ASCEND		BOOTSTRAP_RIGHT_ASCEND
#define ALL		BOOTSTRAP_RIGHTS_ALL

/* A handle for what a scope means, its parent, or a child of it. */
static inline int do_open_as(int port, __u32 flags, __u32 scope, __u32 session,
			     __u64 child, __u32 rights)
{
	struct bootstrap_open args = {
		.size = sizeof(args), .flags = flags, .scope = scope,
		.session = session, .namespace_id = child, .rights = rights,
	};

	return call(port, BOOTSTRAP_IOC_OPEN, &args);
}

static inline int do_open(int port, __u32 scope, __u32 rights)
{
	return do_open_as(port, 0, scope, 0, 0, rights);
}

static inline int do_derive(int handle, __u32 rights)
{
	return do_open(handle, BOOTSTRAP_SCOPE_DEFAULT, rights);
}

static inline int do_open_parent(int port, __u32 rights)
{
	return do_open_as(port, BOOTSTRAP_OPEN_PARENT, 0, 0, 0, rights);
}

static inline int do_open_child(int port, __u64 id, __u32 rights)
{
	return do_open_as(port, BOOTSTRAP_OPEN_CHILD, 0, 0, id, rights);
}

static inline int do_subset_as(int port, __u32 scope, int requestor,
			       __u32 rights)
{
	struct bootstrap_subset args = {
		.size = sizeof(args), .scope = scope, .rights = rights,
	};

	if (requestor >= 0) {
		args.flags = BOOTSTRAP_SUBSET_REQUESTOR;
		args.requestor = requestor;
	}
	return call(port, BOOTSTRAP_IOC_SUBSET, &args);
}

static inline int do_subset(int port)
{
	return do_subset_as(port, BOOTSTRAP_SCOPE_DEFAULT, -1, 0);
}

static inline int do_pre_login(int port)
{
	struct bootstrap_pre_login args = { .size = sizeof(args) };

	return call(port, BOOTSTRAP_IOC_PRE_LOGIN, &args);
}

static inline int do_namespace_in(int port, __u32 scope, __u32 session,
				  struct bootstrap_namespace *ns)
{
	memset(ns, 0, sizeof(*ns));
	ns->size = sizeof(*ns);
	ns->scope = scope;
	ns->session = session;
	return call(port, BOOTSTRAP_IOC_NAMESPACE, ns);
}

static inline int do_namespace(int port, struct bootstrap_namespace *ns)
{
	return do_namespace_in(port, BOOTSTRAP_SCOPE_DEFAULT, 0, ns);
}

/* What the kernel says of a port's own namespace; 0 if it says nothing. */
static inline __u64 id_of(int port)
{
	struct bootstrap_namespace ns;

	return do_namespace(port, &ns) ? 0 : ns.namespace_id;
}

static inline __u64 id_in(int port, __u32 scope, __u32 session)
{
	struct bootstrap_namespace ns;

	return do_namespace_in(port, scope, session, &ns) ? 0 : ns.namespace_id;
}

static inline __u64 parent_of(int port)
{
	struct bootstrap_namespace ns;

	return do_namespace(port, &ns) ? 0 : ns.parent_id;
}

static inline __u32 type_of(int port)
{
	struct bootstrap_namespace ns;

	return do_namespace(port, &ns) ? 0 : ns.type;
}

static inline __u32 rights_of(int port)
{
	struct bootstrap_namespace ns;

	return do_namespace(port, &ns) ? 0 : ns.rights;
}

static inline bool is_dead(int port)
{
	struct bootstrap_namespace ns;

	return !do_namespace(port, &ns) && ns.state & BOOTSTRAP_NAMESPACE_DEAD;
}

static inline bool hung_up(int handle)
{
	return hangs_up(handle, 0);
}

static inline int do_register_in(int port, const char *name, int tag,
				 __u32 scope, __u32 session)
{
	int fd = tag_new(tag), ret;
	struct bootstrap_register args = args_register(name, fd);

	args.scope = scope;
	args.session = session;
	ret = call(port, BOOTSTRAP_IOC_REGISTER, &args);
	close(fd);
	return ret;
}

static inline int put(int port, const char *name, int tag)
{
	return do_register_in(port, name, tag, BOOTSTRAP_SCOPE_DEFAULT, 0);
}

/* The tag of what a name stands for, or a negative errno. */
static inline int find_in(int port, const char *name, __u32 flags, __u32 scope,
			  __u32 session)
{
	struct bootstrap_look_up args = args_look_up(name);
	int fd, tag;

	args.flags = flags;
	args.scope = scope;
	args.session = session;
	fd = call(port, BOOTSTRAP_IOC_LOOK_UP, &args);
	if (fd < 0)
		return fd;
	tag = tag_of(fd);
	close(fd);
	return tag;
}

static inline int find(int port, const char *name)
{
	return find_in(port, name, 0, BOOTSTRAP_SCOPE_DEFAULT, 0);
}

#define CHILDREN_MAX 128

/* The children of what a scope means; a negative errno, or how many. */
static inline int do_children(int port, __u32 scope,
			      struct bootstrap_child *children)
{
	struct bootstrap_list args = {
		.size = sizeof(args), .scope = scope,
		.buffer = (uintptr_t)children,
		.buffer_size = CHILDREN_MAX * sizeof(*children),
	};
	int ret = call(port, BOOTSTRAP_IOC_CHILDREN, &args);

	return ret ?: (int)args.count;
}

/* Is this among the children? */
static inline bool is_child(int port, __u32 scope, __u64 id)
{
	struct bootstrap_child children[CHILDREN_MAX];
	int count = do_children(port, scope, children);

	while (count-- > 0)
		if (children[count].namespace_id == id)
			return true;
	return false;
}

static inline int pidfd_open(pid_t pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

/* A process that does nothing until it is killed. */
static inline pid_t start_idler(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static inline void stop_idler(pid_t pid)
{
	kill(pid, SIGKILL);
	wait_for(pid);
}

/* A copy of this program that runs as root, whoever runs it. */
static inline void install_set_user_id(const char *path)
{
	char buffer[65536];
	int in, out;
	ssize_t n;

	in = open("/proc/self/exe", O_RDONLY);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, n) != n)
			abort();
	if (fchmod(out, 04755))
		abort();
	close(in);
	close(out);
}

/* Announces the session of a process. */
static inline int do_announce(int port, __u32 flags, __u32 session, int fd,
			      uid_t uid)
{
	struct bootstrap_announce args = {
		.size = sizeof(args), .flags = flags, .session = session,
	};

	if (flags & BOOTSTRAP_ANNOUNCE_PRE_LOGIN)
		args.pre_login = fd;
	if (flags & BOOTSTRAP_ANNOUNCE_USER)
		args.uid = uid;
	if (flags & BOOTSTRAP_ANNOUNCE_COMPLETE)
		args.type = BOOTSTRAP_SESSION_TYPE_GUI;
	return call(port, BOOTSTRAP_IOC_ANNOUNCE, &args);
}

#endif
