// SPDX-License-Identifier: GPL-2.0
/*
 * Look-up: the command that all others are there for, and the one that must
 * be fast. No lock is taken for a file endpoint, and no reference but one to the
 * name.
 */
#include <linux/err.h>
#include <linux/fault-inject-usercopy.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "name_table.h"

#define BS_LOOK_UP_ARRAY_FLAGS (BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER | \
				BOOTSTRAP_LOOK_UP_NONBLOCK)
#define BS_LOOK_UP_FLAGS (BS_LOOK_UP_ARRAY_FLAGS | BOOTSTRAP_LOOK_UP_QUERY)

/**
 * struct bs_search - what a look-up searches for, and where
 * @args: as the caller says
 * @where: the namespace to search first
 * @climb: go on to its parents
 * @plain: through the device, and nothing is asked for but a name
 * @deadline: until when to wait
 */
struct bs_search {
	const struct bootstrap_look_up *args;
	struct bs_address where;
	bool climb;
	bool plain;
	ktime_t deadline;
};

/*
 * The nearest match wins, also if the caller may not have it: to go on would
 * hand a parent's name to someone who means another.
 */
static struct bs_name *bs_look_up_rcu(const struct bs_key *key,
				      const struct bs_namespace *ns,
				      const struct bs_search *search)
{
	struct bs_name *name;

	for (;;) {
		name = bs_name_find_get(key, ns);
		if (name)
			return name;
		if (search->climb)
			ns = bs_namespace_above(ns, current_euid());
		if (!search->climb || !ns)
			return ERR_PTR(-ENOENT);
	}
}

static bool bs_look_up_allowed(const struct bs_name *name,
			       const struct bootstrap_look_up *args)
{
	if ((args->flags & BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER) &&
	    !(name->flags & BS_NAME_PRIVILEGED))
		return false;
	return !(name->flags & (BS_NAME_SERVICE | BS_NAME_GROUP)) ||
	       bs_name_visible(name);
}

static struct bs_name *bs_look_up_name(const struct bs_key *key,
				       const struct bs_search *search)
{
	struct bs_namespace *ns;
	struct bs_name *name;

	rcu_read_lock();
	ns = bs_namespace_find_rcu(&search->where, BOOTSTRAP_RIGHT_LOOK_UP);
	/* Not permitted and not there must look the same. */
	if (ns == ERR_PTR(-EPERM))
		name = ERR_PTR(-ENOENT);
	else if (IS_ERR(ns))
		name = ERR_CAST(ns);
	else
		name = bs_look_up_rcu(key, ns, search);
	rcu_read_unlock();
	if (!IS_ERR(name) && !bs_look_up_allowed(name, search->args)) {
		bs_name_put(name);
		name = ERR_PTR(bs_deny(-ENOENT, BOOTSTRAP_DENIED_HIDDEN));
	}
	return name;
}

/* A scope that the caller may not read is waited for like a name in it. */
static struct bs_namespace *
bs_look_up_get_namespace(const struct bs_search *search)
{
	struct bs_namespace *ns;

	ns = bs_namespace_get_address(&search->where, BOOTSTRAP_RIGHT_LOOK_UP);
	return ns == ERR_PTR(-EPERM) ? NULL : ns;
}

/* Would the search begin elsewhere by now, as a session opened or ended? */
static bool bs_look_up_moved(const struct bs_waiter *waiter,
			     const struct bs_search *search)
{
	struct bs_namespace *ns = bs_look_up_get_namespace(search);
	bool moved = !IS_ERR(ns) && ns != waiter->ns;

	if (!IS_ERR(ns))
		bs_namespace_put(ns);
	return moved;
}

/* -EAGAIN if there is another namespace to wait in. */
static struct bs_name *bs_look_up_retry(struct bs_waiter *waiter,
					const struct bs_search *search)
{
	struct bs_name *name;
	int err;

	for (;;) {
		bs_waiter_prepare(waiter);
		name = bs_look_up_name(waiter->key, search);
		if ((name == ERR_PTR(-ENOENT) || name == ERR_PTR(-ESRCH)) &&
		    waiter->ns && !waiter->climb && READ_ONCE(waiter->ns->dead))
			return ERR_PTR(-ESHUTDOWN);
		if (name != ERR_PTR(-ENOENT))
			return name;
		if (bs_look_up_moved(waiter, search))
			return ERR_PTR(-EAGAIN);
		err = bs_waiter_sleep(waiter, search->deadline);
		if (err)
			return ERR_PTR(err);
	}
}

static struct bs_name *bs_look_up_wait_once(const struct bs_key *key,
					    const struct bs_search *search)
{
	struct bs_waiter waiter = { .key = key, .climb = search->climb };
	struct bs_name *name;

	waiter.ns = bs_look_up_get_namespace(search);
	if (IS_ERR(waiter.ns))
		return ERR_CAST(waiter.ns);
	bs_waiter_add(&waiter);
	name = bs_look_up_retry(&waiter, search);
	bs_waiter_remove(&waiter);
	bs_namespace_put(waiter.ns);
	return name;
}

static struct bs_name *bs_look_up_wait(const struct bs_key *key,
				       const struct bs_search *search)
{
	struct bs_user *charged = bs_user_charge_caller(BS_LIMIT_WAITS);
	struct bs_name *name;

	if (IS_ERR(charged))
		return ERR_CAST(charged);
	do {
		name = bs_look_up_wait_once(key, search);
	} while (name == ERR_PTR(-EAGAIN));
	bs_user_discharge(charged, BS_LIMIT_WAITS);
	return name;
}

/**
 * struct bs_inform - where to tell who registered a name
 * @user: the caller's struct bootstrap_info, or NULL
 * @before: what was there
 * @known: how much of it the caller and we know
 */
struct bs_inform {
	void __user *user;
	struct bootstrap_info before;
	size_t known;
};

/* Told before the descriptor is there, and taken back if that fails. */
static int bs_inform(struct bs_inform *inform, const struct bs_name *name)
{
	struct bootstrap_info info = {};
	u32 size;

	if (!inform->user)
		return 0;
	if (get_user(size, (u32 __user *)inform->user))
		return -EFAULT;
	if (size < BOOTSTRAP_INFO_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	inform->known = min_t(size_t, size, sizeof(info));
	if (copy_from_user(&inform->before, inform->user, inform->known))
		return -EFAULT;
	bs_name_describe(name, &info);
	info.size = inform->known;
	return copy_to_user(inform->user, &info, inform->known) ? -EFAULT : 0;
}

static long bs_uninform(const struct bs_inform *inform, long ret)
{
	if (inform->user && ret < 0 &&
	    copy_to_user(inform->user, &inform->before, inform->known))
		return -EFAULT;
	return ret;
}

static noinline long bs_look_up_file_informed(const struct bs_name *name,
					      struct bs_inform *inform)
{
	long ret;

	ret = bs_inform(inform, name);
	if (ret)
		return ret;
	ret = bs_receive_fd(name->file, O_CLOEXEC);
	return bs_uninform(inform, ret);
}

/* Nothing may fail once the server can see that somebody connected. */
static long bs_look_up_service(const struct bs_name *name,
			       const struct bootstrap_look_up *args,
			       ktime_t deadline, struct bs_inform *inform)
{
	bool nonblock = args->flags & BOOTSTRAP_LOOK_UP_NONBLOCK;
	struct bs_connection c;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	err = bs_connection_open(&c, name->service);
	if (err)
		goto out_fd;
	err = bs_inform(inform, name);
	if (err)
		goto out_connection;
	err = bs_service_connect(name->service, &c, nonblock, deadline);
	if (!err) {
		bs_trace(connect, name);
		fd_install(fd, c.client);
		c.client = NULL;
		bs_connection_close(&c);
		return fd;
	}
	err = bs_uninform(inform, err);
out_connection:
	bs_connection_close(&c);
out_fd:
	put_unused_fd(fd);
	return err;
}

static long bs_look_up_query(const struct bs_name *name,
			     struct bs_inform *inform)
{
	int err = 0;

	if (name->flags & BS_NAME_SERVICE)
		err = bs_service_refresh(name->service);
	return err ?: bs_inform(inform, name);
}

/* -ESTALE if the name is not to be found any more. */
static noinline long bs_look_up_other(struct bs_name *name,
				      const struct bs_search *search)
{
	const struct bootstrap_look_up *args = search->args;
	struct bs_inform inform = { .user = u64_to_user_ptr(args->info) };
	long ret;

	if (args->flags & BOOTSTRAP_LOOK_UP_QUERY)
		ret = bs_look_up_query(name, &inform);
	else if (name->flags & BS_NAME_SERVICE)
		ret = bs_look_up_service(name, args, search->deadline, &inform);
	else
		ret = bs_look_up_file_informed(name, &inform);
	if (ret == -ESTALE && name->flags & BS_NAME_SERVICE &&
	    bs_service_over(name->service))
		bs_name_remove(name);
	return ret;
}

/* That of a file, of which nothing else is asked, is the one that must be fast. */
static long bs_look_up_endpoint(struct bs_name *name,
				const struct bs_search *search)
{
	const struct bootstrap_look_up *args = search->args;

	if (name->flags & BS_NAME_SERVICE || args->info ||
	    args->flags & BOOTSTRAP_LOOK_UP_QUERY)
		return bs_look_up_other(name, search);
	return bs_receive_fd(name->file, O_CLOEXEC);
}

static __always_inline struct bs_name *
bs_look_up_plain_name(const struct bs_key *key)
{
	const struct bs_session *stand;
	const struct bs_namespace *ns;
	struct bs_name *name;

	rcu_read_lock();
	stand = bs_session_stand_rcu();
	if (IS_ERR(stand)) {
		name = ERR_CAST(stand);
		goto out;
	}
	ns = stand->ns;
	do {
		name = bs_name_find_get(key, ns);
	} while (!name && (ns = bs_namespace_above(ns, current_euid())));
out:
	rcu_read_unlock();
	return name ?: ERR_PTR(-ENOENT);
}

/* -ENOIOCTLCMD: look again. */
static noinline long bs_look_up_plain_other(struct bs_name *name)
{
	static const struct bootstrap_look_up args;
	static const struct bs_search search = {
		.args = &args, .deadline = KTIME_MAX,
	};
	long ret;

	if (!bs_name_visible(name))
		return bs_deny(-ENOENT, BOOTSTRAP_DENIED_HIDDEN);
	ret = bs_look_up_endpoint(name, &search);
	return ret == -ESTALE ? -ENOIOCTLCMD : ret;
}

/*
 * What bs_look_up_one() comes to through the device if nothing is asked for but
 * a name; of a file, in two thirds of the instructions. Or -ENOIOCTLCMD: do that.
 */
static __always_inline long bs_look_up_plain_one(u64 text, u32 len)
{
	struct bs_key key __uninitialized;
	struct bs_name *name;
	long ret;

	ret = bs_key_read(&key, text, len);
	if (ret)
		return ret;
	name = bs_look_up_plain_name(&key);
	if (IS_ERR(name)) {
		ret = PTR_ERR(name);
		bs_trace(look_up, &key, NULL, ret);
		return ret;
	}
	if (name->flags & (BS_NAME_SERVICE | BS_NAME_GROUP))
		ret = bs_look_up_plain_other(name);
	else
		ret = bs_receive_fd(name->file, O_CLOEXEC);
	bs_trace(look_up, &key, name, ret);
	bs_name_put(name);
	return ret;
}

/* One look-up, of its own or of an array. */
static long bs_look_up_one(const struct bs_search *search)
{
	const struct bootstrap_look_up *args = search->args;
	struct bs_key key __uninitialized;
	struct bs_name *name;
	long ret;

	ret = bs_key_read(&key, args->name, args->name_len);
	if (ret)
		return ret;
	do {
		name = bs_look_up_name(&key, search);
		if (name == ERR_PTR(-ENOENT) && args->deadline)
			name = bs_look_up_wait(&key, search);
		if (IS_ERR(name)) {
			bs_trace(look_up, &key, NULL, PTR_ERR(name));
			return PTR_ERR(name);
		}
		ret = bs_look_up_endpoint(name, search);
		bs_trace(look_up, &key, name, ret);
		bs_name_put(name);
	} while (ret == -ESTALE);
	return ret;
}

static int bs_search_check(struct bs_search *search)
{
	const struct bootstrap_look_up *args = search->args;
	int err;

	if (args->flags & ~BS_LOOK_UP_FLAGS)
		return -EOPNOTSUPP;
	if (args->pad ||
	    (args->flags & BOOTSTRAP_LOOK_UP_NONBLOCK && args->deadline) ||
	    (args->flags & BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER &&
	     args->scope > BOOTSTRAP_SCOPE_ROOT))
		return -EINVAL;
	err = bs_address_check(&search->where);
	if (err)
		return err;
	if (args->flags & BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER)
		search->where.scope = BOOTSTRAP_SCOPE_ROOT;
	return bs_deadline_read(args->deadline, &search->deadline);
}

static int bs_search_init(struct bs_search *search, const struct bs_port *port,
			  const struct bootstrap_look_up *args)
{
	int err;

	search->args = args;
	search->where.port = port;
	search->where.scope = args->scope;
	search->where.session = args->session;
	search->where.cookie = args->cookie;
	search->plain = !port->ns && !args->flags && !args->deadline &&
			args->scope == BOOTSTRAP_SCOPE_DEFAULT;
	err = bs_search_check(search);
	search->climb = search->where.scope == BOOTSTRAP_SCOPE_DEFAULT &&
			(!port->ns || port->rights & BOOTSTRAP_RIGHT_ASCEND);
	return err;
}

/**
 * bs_look_up_plain() - BOOTSTRAP_IOC_LOOK_UP, as most look-ups are
 * @port: the open file
 * @user: the caller's struct
 *
 * Through the device, by a name and nothing more. All others are left to
 * bs_look_up().
 */
long bs_look_up_plain(struct bs_port *port,
		      struct bootstrap_look_up __user *user)
{
	u32 size, flags, scope, len;
	u64 text;
	long ret;

	if (port->ns || should_fail_usercopy() ||
	    !user_read_access_begin(user, BOOTSTRAP_LOOK_UP_SIZE_MIN))
		goto other;
	unsafe_get_user(size, &user->size, fault);
	unsafe_get_user(flags, &user->flags, fault);
	unsafe_get_user(text, &user->name, fault);
	unsafe_get_user(len, &user->name_len, fault);
	unsafe_get_user(scope, &user->scope, fault);
	user_read_access_end();
	if (size != BOOTSTRAP_LOOK_UP_SIZE_MIN || flags || scope)
		goto other;
	ret = bs_look_up_plain_one(text, len);
	if (ret != -ENOIOCTLCMD)
		return ret;
	goto other;
fault:
	user_read_access_end();
other:
	return bs_port_ioctl(port, BOOTSTRAP_IOC_LOOK_UP, (unsigned long)user);
}

/**
 * bs_look_up() - BOOTSTRAP_IOC_LOOK_UP
 * @call: the call
 */
long bs_look_up(struct bs_call *call)
{
	struct bs_search search __uninitialized;
	int err;

	err = bs_search_init(&search, call->port, &call->args.look_up);
	return err ?: bs_look_up_one(&search);
}

/*
 * That the result can be told is tried first. Returns the descriptor or the
 * error that was told, or -ERESTARTSYS or -EFAULT in @ret_err.
 */
static long bs_look_up_entry(const struct bs_search *search,
			     struct bootstrap_look_up *args,
			     struct bootstrap_look_up_entry __user *user,
			     int *ret_err)
{
	long ret;

	*ret_err = -EFAULT;
	if (should_fail_usercopy() || !user_access_begin(user, sizeof(*user)))
		return -EFAULT;
	unsafe_get_user(args->name, &user->name, fault);
	unsafe_get_user(args->name_len, &user->name_len, fault);
	unsafe_get_user(args->info, &user->info, fault);
	unsafe_put_user(-EINTR, &user->result, fault);
	user_access_end();
	*ret_err = -ERESTARTSYS;
	if (signal_pending(current))
		return -EINTR;
	ret = -ENOIOCTLCMD;
	if (search->plain && !args->info)
		ret = bs_look_up_plain_one(args->name, args->name_len);
	if (ret == -ENOIOCTLCMD)
		ret = bs_look_up_one(search);
	if (ret == -ERESTARTSYS)
		return -EINTR;
	*ret_err = put_user((int)ret, &user->result);
	return ret;
fault:
	user_access_end();
	return -EFAULT;
}

/* All of them, or what the call fails with; @fds has room for as many. */
static int bs_look_up_entries(const struct bootstrap_look_up_array *args,
			      const struct bs_search *search,
			      struct bootstrap_look_up *one, int *fds,
			      unsigned int *ret_found)
{
	struct bootstrap_look_up_entry __user *user =
		u64_to_user_ptr(args->entries);
	long ret;
	int err;
	u32 i;

	for (i = 0; i < args->count; i++) {
		ret = bs_look_up_entry(search, one, &user[i], &err);
		if (ret >= 0)
			fds[(*ret_found)++] = ret;
		/* What was found already is not looked up again. */
		if (err == -EFAULT || (err && !*ret_found))
			return err;
	}
	return 0;
}

/* That there is no such session is no one name's result. */
static int bs_look_up_check_namespace(const struct bs_search *search)
{
	struct bs_namespace *ns = bs_look_up_get_namespace(search);

	if (IS_ERR(ns))
		return PTR_ERR(ns);
	bs_namespace_put(ns);
	return 0;
}

/**
 * bs_look_up_array() - BOOTSTRAP_IOC_LOOK_UP_ARRAY
 * @call: the call
 */
long bs_look_up_array(struct bs_call *call)
{
	const struct bootstrap_look_up_array *args = &call->args.array;
	struct bootstrap_look_up one = {
		.flags = args->flags,
		.scope = args->scope,
		.session = args->session,
		.pad = args->pad,
		.cookie = args->cookie,
		.deadline = args->deadline,
	};
	int fds[BOOTSTRAP_LOOK_UP_ARRAY_MAX] __uninitialized;
	struct bs_search search __uninitialized;
	unsigned int found = 0;
	int err;

	if (args->flags & ~BS_LOOK_UP_ARRAY_FLAGS)
		return -EOPNOTSUPP;
	err = bs_search_init(&search, call->port, &one);
	if (err)
		return err;
	if (!args->count)
		return -EINVAL;
	if (args->count > BOOTSTRAP_LOOK_UP_ARRAY_MAX)
		return -EMSGSIZE;
	err = bs_look_up_check_namespace(&search) ?:
		bs_look_up_entries(args, &search, &one, fds, &found);
	if (!err)
		return found;
	while (found--)
		close_fd(fds[found]);
	return err;
}
