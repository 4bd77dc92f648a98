// SPDX-License-Identifier: GPL-2.0
/*
 * Look-ups by other modules of the kernel, in a session or a user's namespace.
 *
 * They find what BOOTSTRAP_IOC_LOOK_UP would, of a privileged process that names
 * the session or the user: what is there, and nothing further up. Who asks is
 * the kernel, whichever task does it.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/fs.h>

#include "bootstrap_api.h"
#include "name_table.h"

/**
 * struct bs_kernel_search - what a module searches for, and where
 * @key: the name
 * @uid: in the namespace of which user, if that is valid
 * @session: else in that of which session
 * @cookie: its cookie, or 0 for whichever has the id
 * @flags: BOOTSTRAP_LOOK_UP_SERVICE_ONLY
 */
struct bs_kernel_search {
	struct bs_key key;
	kuid_t uid;
	u32 session;
	u64 cookie;
	unsigned int flags;
};

static const struct bs_namespace *
bs_kernel_namespace_rcu(const struct bs_kernel_search *search)
{
	const struct bs_session *session;

	if (uid_valid(search->uid))
		return bs_user_namespace_rcu(search->uid) ?: ERR_PTR(-ENOENT);
	session = bs_session_of_id_rcu(search->session);
	if (!session || !bs_session_open(session) ||
	    (search->cookie && search->cookie != session->cookie))
		return ERR_PTR(-ESRCH);
	return session->ns;
}

static struct bs_name *bs_kernel_find(const struct bs_kernel_search *search)
{
	const struct bs_namespace *ns;
	struct bs_name *name;

	rcu_read_lock();
	ns = bs_kernel_namespace_rcu(search);
	if (IS_ERR(ns))
		name = ERR_CAST(ns);
	else
		name = bs_name_find_get(&search->key, ns) ?: ERR_PTR(-ENOENT);
	rcu_read_unlock();
	if (!IS_ERR(name) && !bs_name_visible(name)) {
		bs_name_put(name);
		name = ERR_PTR(-ENOENT);
	}
	return name;
}

/* -ESTALE if the name is not to be found any more. */
static struct file *bs_kernel_connect(struct bs_name *name)
{
	struct bs_connection c;
	struct file *client;
	int err;

	err = bs_connection_open(&c, name->service);
	if (err)
		return ERR_PTR(err);
	bs_connection_own_kernel(&c);
	err = bs_service_connect(name->service, &c, true, KTIME_MAX);
	client = c.client;
	if (!err) {
		bs_trace(connect, name);
		c.client = NULL;
	}
	bs_connection_close(&c);
	if (err == -ESTALE && bs_service_over(name->service))
		bs_name_remove(name);
	return err ? ERR_PTR(err) : client;
}

static struct file *bs_kernel_endpoint(struct bs_name *name,
				       const struct bs_kernel_search *search)
{
	if (name->flags & BS_NAME_SERVICE)
		return bs_kernel_connect(name);
	if (search->flags & BOOTSTRAP_LOOK_UP_SERVICE_ONLY)
		return ERR_PTR(-ENOTSOCK);
	return get_file(name->file);
}

static struct file *bs_kernel_look_up(struct bs_kernel_search *search,
				      const char *text)
{
	const struct cred *former;
	struct bs_name *name;
	struct file *file;
	int err;

	might_sleep();
	if (search->flags & ~BOOTSTRAP_LOOK_UP_SERVICE_ONLY)
		return ERR_PTR(-EOPNOTSUPP);
	err = bs_key_set(&search->key, text);
	if (err)
		return ERR_PTR(err);
	former = override_creds(bs_kernel_cred);
	do {
		name = bs_kernel_find(search);
		if (IS_ERR(name)) {
			file = ERR_CAST(name);
			bs_trace(look_up, &search->key, NULL, PTR_ERR(file));
		} else {
			file = bs_kernel_endpoint(name, search);
			bs_trace(look_up, &search->key, name,
				 PTR_ERR_OR_ZERO(file));
			bs_name_put(name);
		}
	} while (file == ERR_PTR(-ESTALE));
	revert_creds(former);
	return file;
}

/**
 * bootstrap_look_up_session() - look a name up in a login session
 * @session: its id, or BOOTSTRAP_SESSION_ID_ROOT for the root session
 * @cookie: its cookie, or 0 for whichever has the id
 * @name: 1 to 127 bytes of UTF-8 without control characters, terminated
 * @flags: 0 or BOOTSTRAP_LOOK_UP_SERVICE_ONLY
 *
 * What is in the session itself, not in its user's namespace nor in the root's.
 * Whatever that is, the session's programs have put it there: do not trust it.
 *
 * Of a service the result is the client's end of a new connection, which nobody
 * else has; its server is told of a client with pid 0 and root's uid. This does
 * not wait for the server, nor for room in its backlog. Else it is the very file
 * that was registered, shared with others, whose operations may block as long as
 * whoever wrote them likes: those of a file system in user space, say. Unless
 * that is wanted, take services only, and neither read from nor write to them
 * without MSG_DONTWAIT or a time-out.
 *
 * Context: Process context; may sleep, and does not wait for user space.
 *
 * Since: 0.1
 *
 * Return: a reference for fput(), or -EINVAL, -ENAMETOOLONG, -EILSEQ,
 * -EOPNOTSUPP (another flag), -ESRCH (no such session, or its login is in
 * progress), -ENOENT, -ENOTSOCK (a file, with BOOTSTRAP_LOOK_UP_SERVICE_ONLY),
 * -EAGAIN (no room in the backlog), -ECONNREFUSED, -ENFILE, -ENOMEM, or what a
 * security module said.
 */
struct file *bootstrap_look_up_session(u32 session, u64 cookie,
				       const char *name, unsigned int flags)
{
	struct bs_kernel_search search = {
		.uid = INVALID_UID,
		.session = session,
		.cookie = cookie,
		.flags = flags,
	};

	return bs_kernel_look_up(&search, name);
}
EXPORT_SYMBOL_GPL(bootstrap_look_up_session);

/**
 * bootstrap_look_up_user() - look a name up in a user's namespace
 * @uid: the user
 * @name: as for bootstrap_look_up_session()
 * @flags: as for bootstrap_look_up_session()
 *
 * What is in that namespace itself, which all sessions of the user share, not in
 * one of them nor in the root's. All else is as with bootstrap_look_up_session().
 *
 * Context: Process context; may sleep, and does not wait for user space.
 *
 * Since: 0.1
 *
 * Return: as of bootstrap_look_up_session(), but -ESRCH; -EINVAL also if @uid is
 * none.
 */
struct file *bootstrap_look_up_user(kuid_t uid, const char *name,
				    unsigned int flags)
{
	struct bs_kernel_search search = { .uid = uid, .flags = flags };

	if (!uid_valid(uid))
		return ERR_PTR(-EINVAL);
	return bs_kernel_look_up(&search, name);
}
EXPORT_SYMBOL_GPL(bootstrap_look_up_user);
