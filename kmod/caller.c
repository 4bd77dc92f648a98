// SPDX-License-Identifier: GPL-2.0
/*
 * What the credential of the calling task says. It is read at each call:
 * descriptors travel, and so a credential kept at open would be another's.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "internal.h"

/**
 * bs_caller_privileged() - does the caller have CAP_SYS_ADMIN over all
 *
 * Not audited: that a caller has no privilege is no fault by itself.
 */
bool bs_caller_privileged(void)
{
	/* Nobody grants what is not there, as it is with most callers. */
	return cap_raised(current_cred()->cap_effective, CAP_SYS_ADMIN) &&
	       ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * bs_cred_is_only() - is a process this user, and nothing more or else
 * @cred: its credential
 * @uid: the user
 *
 * False for programs that gained an identity or a capability at exec, so that
 * they do not use names that the user planted for them. Ambient capabilities
 * were given to the user's own processes and are dropped by such an exec. One
 * in a child user namespace, whatever it may do there, is still its user.
 */
bool bs_cred_is_only(const struct cred *cred, kuid_t uid)
{
	if (!uid_eq(cred->uid, uid) || !uid_eq(cred->euid, uid) ||
	    !uid_eq(cred->suid, uid))
		return false;
	if (!gid_eq(cred->gid, cred->egid) || !gid_eq(cred->gid, cred->sgid))
		return false;
	if (uid_eq(uid, GLOBAL_ROOT_UID) || cred->user_ns != &init_user_ns)
		return true;
	return cap_issubset(cred->cap_permitted, cred->cap_ambient);
}

/**
 * bs_caller_is_only() - is the caller this user, and nothing more or else
 * @uid: the user
 */
bool bs_caller_is_only(kuid_t uid)
{
	return bs_cred_is_only(current_cred(), uid);
}

/**
 * bs_cred_in_group() - is a process a member of a group
 * @cred: its credential
 * @gid: the group
 *
 * in_egroup_p() knows the calling task alone.
 */
bool bs_cred_in_group(const struct cred *cred, kgid_t gid)
{
	const struct group_info *groups = cred->group_info;
	int low = 0, high = groups->ngroups;

	if (gid_eq(cred->egid, gid))
		return true;
	while (low < high) {
		int middle = (low + high) / 2;

		if (gid_eq(groups->gid[middle], gid))
			return true;
		if (gid_gt(gid, groups->gid[middle]))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/**
 * bs_caller_session_id() - the audit session id of the caller's process
 *
 * The id is a thread's own; the process is what its leader is. RCU because the
 * leader's task may be replaced by a thread that executes a program.
 */
u32 bs_caller_session_id(void)
{
	u32 id;

	rcu_read_lock();
	id = audit_get_sessionid(current->group_leader);
	rcu_read_unlock();
	return id;
}

/**
 * bs_caller_login_uid() - the user that the caller's login claims to be for
 *
 * Only a claim: a process without an id may set any. Never a right by itself.
 */
kuid_t bs_caller_login_uid(void)
{
	kuid_t uid;

	rcu_read_lock();
	uid = audit_get_loginuid(current->group_leader);
	rcu_read_unlock();
	return uid;
}

/**
 * bs_cred_accountable_uid() - who is charged for what a process uses
 * @cred: its credential
 *
 * The effective user; inside user namespaces the owner of the outermost one,
 * who may have many uids there but has one quota.
 */
kuid_t bs_cred_accountable_uid(const struct cred *cred)
{
	const struct user_namespace *ns = cred->user_ns;

	if (ns == &init_user_ns)
		return cred->euid;
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	return ns->owner;
}

/**
 * bs_caller_accountable_uid() - who is charged for what the caller uses
 */
kuid_t bs_caller_accountable_uid(void)
{
	return bs_cred_accountable_uid(current_cred());
}

const struct cred *bs_kernel_cred __read_mostly;

/**
 * bs_kernel_cred_init() - the credential that other modules of the kernel act with
 *
 * Whichever task calls them: what that may do is not theirs.
 *
 * Return: 0 or -ENOMEM.
 */
int __init bs_kernel_cred_init(void)
{
	bs_kernel_cred = prepare_kernel_cred(&init_task);
	return bs_kernel_cred ? 0 : -ENOMEM;
}

void bs_kernel_cred_exit(void)
{
	put_cred(bs_kernel_cred);
}
