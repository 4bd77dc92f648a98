// SPDX-License-Identifier: GPL-2.0
/*
 * Registrations of other modules of the kernel, in the root namespace.
 *
 * Such a name has an owner that is no process and goes through no port that
 * anybody could have: so it ends when its module says so, and nobody else can
 * unregister it, replace it, or take it over.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/slab.h>

#include "bootstrap_api.h"
#include "internal.h"

/**
 * struct bootstrap_registration - a name that a module of the kernel has
 * @name: a reference; invariant
 * @right: where connections wait, of a service; a reference, invariant
 */
struct bootstrap_registration {
	struct bs_name *name;
	struct file *right;
};

/* As bs_publish() does, with nobody to tell the number to. */
static int bs_kernel_publish(const struct bs_key *key, struct bs_name *name)
{
	struct bs_namespace *ns = name->ns;
	int err = -EBUSY;

	name->generation = atomic64_inc_return(&ns->generation);
	if (!bs_name_lock(key, ns)) {
		err = bs_user_charge(name->owner->user, BS_LIMIT_NAMES);
		if (!err) {
			err = bs_name_add(name);
			if (err)
				bs_user_uncharge(name->owner->user,
						 BS_LIMIT_NAMES);
		}
	}
	mutex_unlock(&ns->lock);
	return err;
}

/* A new name for what there is of @file and @service, and a reference to it. */
static struct bs_name *bs_kernel_name(const struct bs_key *key,
				      struct file *file,
				      struct bs_service *service)
{
	struct bs_owner *owner = bs_owner_new_kernel();
	struct bs_name *name;
	bool owned = false;
	int err = -ENOMEM;

	if (IS_ERR(owner))
		return ERR_CAST(owner);
	name = bs_name_new(key, bs_root_namespace, owner,
			   service ? BS_NAME_SERVICE : 0);
	if (name) {
		if (service)
			name->service = bs_service_get(service);
		else
			name->file = get_file(file);
		name->group = INVALID_GID;
		owned = bs_name_is_owned(name);
		/* The table's, if it gets there. */
		refcount_inc(&name->refs);
		err = bs_kernel_publish(key, name);
		if (err) {
			bs_name_put(name);
			bs_name_put(name);
		}
	}
	/* Else the claim is the name's from here on. */
	if (err || !owned)
		bs_owner_release(owner);
	return err ? ERR_PTR(err) : name;
}

static struct bootstrap_registration *
bs_kernel_register(const struct bs_key *key, struct file *file,
		   struct bs_service *service)
{
	struct bootstrap_registration *registration;

	registration = kzalloc(sizeof(*registration), GFP_KERNEL);
	if (!registration)
		return ERR_PTR(-ENOMEM);
	registration->name = bs_kernel_name(key, file, service);
	if (IS_ERR(registration->name)) {
		int err = PTR_ERR(registration->name);

		kfree(registration);
		return ERR_PTR(err);
	}
	return registration;
}

/**
 * bootstrap_register_file() - give an open file a name in the root namespace
 * @name: 1 to 127 bytes of UTF-8 without control characters, terminated
 * @file: what look-ups of it get, as it is: position and flags are shared. The
 *	name holds a reference of its own.
 *
 * As BOOTSTRAP_IOC_REGISTER by a privileged process, but that the name has no
 * process which it ends with: pid 0 is told of it, and root's uid. It is charged
 * to root and not limited.
 *
 * An open file holds the module that its operations are of. A module that gives
 * a name to a file of its own thus cannot be unloaded before the name ends and
 * the last descriptor is closed: it takes another way than its exit to see to
 * that. A service does not have that trouble.
 *
 * Context: Process context; may sleep. A user of the name may hear of it before
 * this returns.
 *
 * Since: 0.1
 *
 * Return: a registration for bootstrap_unregister(), or -EINVAL (empty),
 * -ENAMETOOLONG, -EILSEQ, -EBUSY (there is such a name), -ELOOP (a file of
 * /dev/bootstrap or what comes from it), -EBADF (opened by O_PATH, or an
 * io_uring), -ENOMEM.
 */
struct bootstrap_registration *bootstrap_register_file(const char *name,
						       struct file *file)
{
	struct bootstrap_registration *registration;
	const struct cred *former;
	struct bs_key key;
	int err;

	might_sleep();
	err = bs_key_set(&key, name) ?: bs_endpoint_check(file);
	if (err)
		return ERR_PTR(err);
	former = override_creds(bs_kernel_cred);
	registration = bs_kernel_register(&key, file, NULL);
	revert_creds(former);
	bs_trace(register, &key, bs_root_namespace,
		 PTR_ERR_OR_ZERO(registration));
	return registration;
}
EXPORT_SYMBOL_GPL(bootstrap_register_file);

static struct bootstrap_registration *
bs_kernel_check_in(const struct bs_key *key, int type, unsigned int backlog)
{
	struct bootstrap_registration *registration;
	struct bs_service *service;
	struct file *right;

	service = bs_service_new(key, type, backlog, &right);
	if (IS_ERR(service))
		return ERR_CAST(service);
	bs_right_own_kernel(right);
	registration = bs_kernel_register(key, NULL, service);
	bs_service_put(service);
	if (IS_ERR(registration))
		fput(right);
	else
		registration->right = right;
	return registration;
}

/**
 * bootstrap_register_service() - be connected to by a name in the root namespace
 * @name: as for bootstrap_register_file()
 * @type: SOCK_STREAM or SOCK_SEQPACKET, or 0 for the former
 * @backlog: how many connections may wait, or 0 for the module's default
 *
 * As BOOTSTRAP_IOC_CHECK_IN by a privileged process. Each look-up makes a
 * connection, which waits in bootstrap_service_socket() to be accepted. Both ends
 * are those of any AF_UNIX socket; to the client, the server is pid 0 and root's
 * uid.
 *
 * Context: Process context; may sleep.
 *
 * Since: 0.1
 *
 * Return: a registration for bootstrap_unregister(), or -EINVAL, -ENAMETOOLONG,
 * -EILSEQ, -EOPNOTSUPP (another type), -EBUSY (there is such a name), -ENFILE, -ENOMEM,
 * or what a security module said.
 */
struct bootstrap_registration *bootstrap_register_service(const char *name,
							  int type,
							  unsigned int backlog)
{
	struct bootstrap_registration *registration;
	const struct cred *former;
	struct bs_key key;
	int err;

	might_sleep();
	err = bs_key_set(&key, name) ?: bs_service_type_check(type);
	if (err)
		return ERR_PTR(err);
	former = override_creds(bs_kernel_cred);
	registration = bs_kernel_check_in(&key, type, backlog);
	revert_creds(former);
	bs_trace(check_in, &key, bs_root_namespace,
		 PTR_ERR_OR_ZERO(registration));
	return registration;
}
EXPORT_SYMBOL_GPL(bootstrap_register_service);

/**
 * bootstrap_service_socket() - where connections to a service wait
 * @registration: from bootstrap_register_service()
 *
 * For kernel_accept(). Who waits in that is woken by kernel_sock_shutdown(),
 * which has look-ups fail with ECONNREFUSED, and must be out of it before
 * bootstrap_unregister(). Not to be released: it is the registration's.
 *
 * Context: Any.
 *
 * Since: 0.1
 *
 * Return: a socket that listens, or NULL of a file's registration.
 */
struct socket *
bootstrap_service_socket(const struct bootstrap_registration *registration)
{
	return registration->right ? sock_from_file(registration->right) : NULL;
}
EXPORT_SYMBOL_GPL(bootstrap_service_socket);

/**
 * bootstrap_unregister() - end a name
 * @registration: from bootstrap_register_file() or its like, and no more one
 *	afterwards; NULL and errors are none
 *
 * When this returns nobody finds the name, and it is free. A look-up that found
 * it before may still be about to hand the file out; what was handed out is its
 * holders'. Of a service, what nobody has accepted is refused. The file, or the
 * socket of the service, is let go of as by fput(), so perhaps a moment later.
 *
 * Context: Process context; may sleep. A notifier may call this.
 *
 * Since: 0.1
 */
void bootstrap_unregister(struct bootstrap_registration *registration)
{
	might_sleep();
	if (IS_ERR_OR_NULL(registration))
		return;
	if (registration->right) {
		bs_name_remove_service(registration->name);
		bs_right_shut_down(registration->right);
		fput(registration->right);
	} else {
		bs_name_remove(registration->name);
	}
	bs_name_put(registration->name);
	kfree(registration);
}
EXPORT_SYMBOL_GPL(bootstrap_unregister);
