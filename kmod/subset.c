// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces that live and die with a process: subsets with their requestor, a
 * login's with the process that made it.
 *
 * The watch on that process is what keeps such a namespace. It ends with the
 * process, or when the namespace dies for another reason, or becomes a session's.
 */
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "internal.h"
#include "limits.h"

static unsigned int bs_subset_depth_max = BS_SUBSET_DEPTH;
module_param_named(subset_depth, bs_subset_depth_max, uint, 0644);
MODULE_PARM_DESC(subset_depth, "How many subsets may be in each other");

/**
 * struct bs_requestor - a watch on the process that a namespace dies with
 * @refs: the namespace, and work under way
 * @ns: the namespace; a reference, invariant
 * @user: who is charged; a reference, invariant
 * @death: watches the process
 * @work: ends the namespace
 */
struct bs_requestor {
	refcount_t refs;
	struct bs_namespace *ns;
	struct bs_user *user;
	struct bs_death death;
	struct work_struct work;
};

/**
 * bs_subset_depth() - how many subsets may be in each other
 */
unsigned int bs_subset_depth(void)
{
	return READ_ONCE(bs_subset_depth_max);
}

static void bs_requestor_put(struct bs_requestor *requestor)
{
	if (!refcount_dec_and_test(&requestor->refs))
		return;
	bs_user_discharge(requestor->user, BS_LIMIT_SUBSETS);
	bs_namespace_put(requestor->ns);
	kfree(requestor);
}

/**
 * bs_requestor_detach_locked() - have a namespace not die with a process any more
 * @ns: the namespace; locked
 *
 * Return: for bs_requestor_end() after unlocking; NULL if it had none.
 */
struct bs_requestor *bs_requestor_detach_locked(struct bs_namespace *ns)
{
	struct bs_requestor *requestor = ns->requestor;

	lockdep_assert_held(&ns->lock);
	ns->requestor = NULL;
	return requestor;
}

/**
 * bs_requestor_end() - watch the process no longer
 * @requestor: may be NULL; the caller keeps the namespace
 */
void bs_requestor_end(struct bs_requestor *requestor)
{
	if (!requestor)
		return;
	bs_death_disarm(&requestor->death);
	bs_requestor_put(requestor);
}

static void bs_requestor_work(struct work_struct *work)
{
	struct bs_requestor *requestor =
		container_of(work, struct bs_requestor, work);
	struct bs_namespace *ns = requestor->ns;
	bool ends;

	mutex_lock(&ns->lock);
	ends = ns->requestor == requestor &&
	       bs_pid_gone(requestor->death.pid);
	/* From here on it cannot become a session's. */
	if (ends)
		WRITE_ONCE(ns->dead, true);
	mutex_unlock(&ns->lock);
	if (ends)
		bs_namespace_kill(ns);
	bs_requestor_put(requestor);
}

static void bs_requestor_notify(struct bs_death *death)
{
	struct bs_requestor *requestor =
		container_of(death, struct bs_requestor, death);

	/* The namespace's reference is held until the watch is disarmed. */
	refcount_inc(&requestor->refs);
	if (!queue_work(bs_workqueue, &requestor->work))
		refcount_dec(&requestor->refs);
}

static struct bs_requestor *bs_requestor_new(struct bs_namespace *ns)
{
	struct bs_requestor *requestor;
	struct bs_user *user;

	user = bs_user_charge_caller(BS_LIMIT_SUBSETS);
	if (IS_ERR(user))
		return ERR_CAST(user);
	requestor = kzalloc(sizeof(*requestor), GFP_KERNEL_ACCOUNT);
	if (!requestor) {
		bs_user_discharge(user, BS_LIMIT_SUBSETS);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&requestor->refs, 1);
	refcount_inc(&ns->refs);
	requestor->ns = ns;
	requestor->user = user;
	bs_death_init(&requestor->death, bs_requestor_notify);
	INIT_WORK(&requestor->work, bs_requestor_work);
	return requestor;
}

/*
 * Has a new namespace die with a process; -ESRCH if that is gone. The namespace
 * is in the tree: it may have died with its parent, or become a session's.
 */
static int bs_requestor_start(struct bs_namespace *ns, struct pid *pid)
{
	struct bs_requestor *requestor = bs_requestor_new(ns);
	int err = 0;

	if (IS_ERR(requestor))
		return PTR_ERR(requestor);
	mutex_lock(&ns->lock);
	if (ns->dead || ns->type == BOOTSTRAP_NAMESPACE_SESSION) {
		err = -ESHUTDOWN;
	} else {
		ns->requestor = requestor;
		bs_death_arm(&requestor->death, pid);
	}
	mutex_unlock(&ns->lock);
	if (err)
		bs_requestor_end(requestor);
	return err ?: bs_pid_gone(pid) ? -ESRCH : 0;
}

static struct bs_namespace *bs_subset_new(struct bs_namespace *parent, u32 type,
					  struct pid *pid)
{
	struct bs_namespace *ns;
	int err;

	if (READ_ONCE(parent->dead))
		return ERR_PTR(-ESHUTDOWN);
	if (type == BOOTSTRAP_NAMESPACE_SUBSET &&
	    parent->depth >= bs_subset_depth())
		return ERR_PTR(bs_deny(-EDQUOT, BOOTSTRAP_DENIED_LIMIT));
	ns = bs_namespace_new(parent, type, current_euid());
	if (IS_ERR(ns))
		return ns;
	err = bs_requestor_start(ns, pid);
	if (!err)
		return ns;
	bs_namespace_kill(ns);
	bs_namespace_put(ns);
	return ERR_PTR(err);
}

static long bs_subset_below(struct bs_call *call, struct bs_namespace *parent,
			    u32 rights)
{
	struct bootstrap_subset reply = call->args.subset;
	struct bs_namespace *ns;
	struct pid *pid;
	long ret;

	if (reply.flags & BOOTSTRAP_SUBSET_REQUESTOR)
		pid = bs_pid_of_fd(reply.requestor);
	else
		pid = get_pid(task_tgid(current));
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	ns = bs_subset_new(parent, BOOTSTRAP_NAMESPACE_SUBSET, pid);
	put_pid(pid);
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	reply.rights = rights;
	reply.namespace_id = ns->id;
	ret = bs_handle_install(call, ns, rights, &reply);
	if (ret < 0)
		bs_namespace_kill(ns);
	bs_namespace_put(ns);
	return ret;
}

/**
 * bs_subset() - BOOTSTRAP_IOC_SUBSET
 * @call: the call
 */
long bs_subset(struct bs_call *call)
{
	const struct bootstrap_subset *args = &call->args.subset;
	const struct bs_address where = BS_ADDRESS(call, args);
	u32 allowed = BOOTSTRAP_RIGHTS_ALL;
	struct bs_namespace *parent;
	long ret;

	if (args->flags & ~BOOTSTRAP_SUBSET_REQUESTOR ||
	    args->rights & ~BOOTSTRAP_RIGHTS_ALL)
		return -EOPNOTSUPP;
	if (!(args->flags & BOOTSTRAP_SUBSET_REQUESTOR) && args->requestor)
		return -EINVAL;
	parent = bs_namespace_get_address(&where, BOOTSTRAP_RIGHT_SUBSET);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	/* Through a handle, none that it does not have itself. */
	if (call->port->ns)
		allowed = call->port->rights;
	if (args->rights & ~allowed)
		ret = bs_deny(-EACCES, BOOTSTRAP_DENIED_RIGHT);
	else
		ret = bs_subset_below(call, parent, args->rights ?: allowed);
	bs_namespace_put(parent);
	return ret;
}

/**
 * bs_pre_login() - BOOTSTRAP_IOC_PRE_LOGIN
 * @call: the call
 */
long bs_pre_login(struct bs_call *call)
{
	struct bootstrap_pre_login reply = call->args.pre_login;
	struct bs_namespace *ns;
	long ret;

	if (reply.flags || reply.rights & ~BOOTSTRAP_RIGHTS_ALL)
		return -EOPNOTSUPP;
	if (reply.pad)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return bs_deny(-EPERM, BOOTSTRAP_DENIED_PRIVILEGE);
	ns = bs_subset_new(bs_root_namespace, BOOTSTRAP_NAMESPACE_PRE_LOGIN,
			   task_tgid(current));
	if (IS_ERR(ns))
		return PTR_ERR(ns);
	reply.rights = reply.rights ?: BOOTSTRAP_RIGHTS_ALL;
	reply.namespace_id = ns->id;
	ret = bs_handle_install(call, ns, reply.rights, &reply);
	if (ret < 0)
		bs_namespace_kill(ns);
	bs_namespace_put(ns);
	return ret;
}
