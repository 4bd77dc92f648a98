// SPDX-License-Identifier: GPL-2.0
/*
 * What the credential of the calling task says. It is read at each call:
 * descriptors travel, and so a credential kept at open would be another's.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>

#include "internal.h"

/**
 * bs_caller_privileged() - does the caller have CAP_SYS_ADMIN over all
 *
 * Not audited: that a caller has no privilege is no fault by itself.
 */
bool bs_caller_privileged(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * bs_caller_is_only() - is the caller this user, and nothing more or else
 * @uid: the user
 *
 * False for programs that gained an identity or a capability at exec, so that
 * they do not use names that the user planted for them. Ambient capabilities
 * were given to the user's own processes and are dropped by such an exec. One
 * in a child user namespace, whatever it may do there, is still its user.
 */
bool bs_caller_is_only(kuid_t uid)
{
	const struct cred *cred = current_cred();

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
 * bs_caller_accountable_uid() - who is charged for what the caller uses
 *
 * The effective user; inside user namespaces the owner of the outermost one,
 * who may have many uids there but has one quota.
 */
kuid_t bs_caller_accountable_uid(void)
{
	const struct user_namespace *ns = current_user_ns();

	if (ns == &init_user_ns)
		return current_euid();
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	return ns->owner;
}
