/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file bootstrap_priv.h
 * The private calls of Mach's bootstrap server that programs use.
 * <servers/bootstrap.h> includes them, and says what is common to all.
 */
#ifndef SERVERS_BOOTSTRAP_PRIV_H
#define SERVERS_BOOTSTRAP_PRIV_H

#include <stdint.h>
#include <sys/types.h>

#include <servers/bootstrap.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Flags. BOOTSTRAP_PRIVILEGED_SERVER and BOOTSTRAP_STRICT_CHECKIN mean something
 * here, each where it is told; all others are BOOTSTRAP_NOT_PRIVILEGED.
 */
#define BOOTSTRAP_PER_PID_SERVICE	(1 << 0)
#define BOOTSTRAP_ALLOW_LOOKUP		(1 << 1)
#define BOOTSTRAP_DENY_JOB_CREATION	(1 << 2)
#define BOOTSTRAP_PRIVILEGED_SERVER	(1 << 3)
#define BOOTSTRAP_FORCE_LOCAL		(1 << 4)
#define BOOTSTRAP_SPECIFIC_INSTANCE	(1 << 5)
#define BOOTSTRAP_STRICT_CHECKIN	(1 << 6)
#define BOOTSTRAP_STRICT_LOOKUP		(1 << 7)

/** What a namespace is. */
#define BOOTSTRAP_PROPERTY_EXPLICITSUBSET	(1 << 0)
#define BOOTSTRAP_PROPERTY_IMPLICITSUBSET	(1 << 1)
#define BOOTSTRAP_PROPERTY_MOVEDSUBSET		(1 << 2)
#define BOOTSTRAP_PROPERTY_PERUSER		(1 << 3)
#define BOOTSTRAP_PROPERTY_XPC_DOMAIN		(1 << 4)
#define BOOTSTRAP_PROPERTY_XPC_SINGLETON	(1 << 5)

typedef unsigned int bootstrap_property_t;
typedef bootstrap_property_t *bootstrap_property_array_t;

/** As bootstrap_register(). @param flags none. Since 0.1. */
kern_return_t bootstrap_register2(mach_port_t bp, char *service_name,
				  mach_port_t sp, uint64_t flags);

/**
 * As bootstrap_look_up().
 *
 * @param target_pid is not looked at
 * @param flags BOOTSTRAP_PRIVILEGED_SERVER: only what a privileged process
 * registered in the root namespace; else it is BOOTSTRAP_UNKNOWN_SERVICE
 * Since 0.1.
 */
kern_return_t bootstrap_look_up2(mach_port_t bp, const char *service_name,
				 mach_port_t *sp, pid_t target_pid,
				 uint64_t flags);

/** As bootstrap_look_up2(). @param instance is not looked at. Since 0.1. */
kern_return_t bootstrap_look_up3(mach_port_t bp, const char *service_name,
				 mach_port_t *sp, pid_t target_pid,
				 const unsigned char *instance,
				 uint64_t flags);

/**
 * As bootstrap_check_in().
 *
 * @param flags BOOTSTRAP_STRICT_CHECKIN: only what was declared; else it is
 * BOOTSTRAP_UNKNOWN_SERVICE
 * Since 0.1.
 */
kern_return_t bootstrap_check_in2(mach_port_t bp, const char *service_name,
				  mach_port_t *sp, uint64_t flags);

/** As bootstrap_check_in2(). @param instance is not looked at. Since 0.1. */
kern_return_t bootstrap_check_in3(mach_port_t bp, const char *service_name,
				  mach_port_t *sp,
				  const unsigned char *instance,
				  uint64_t flags);

/**
 * A user's namespace, or a name in it or above it.
 *
 * @param service_name NULL for the namespace itself
 * @param target_user the caller's effective uid; any other takes CAP_SYS_ADMIN
 * @return BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_UNKNOWN_SERVICE. Since 0.1.
 */
kern_return_t bootstrap_look_up_per_user(mach_port_t bp,
					 const char *service_name,
					 uid_t target_user, mach_port_t *sp);

/**
 * The namespaces right below the port's, those that the caller may open. Only for
 * root.
 *
 * @param names "user:UID", "session:ID", or the namespace's id
 * @param properties BOOTSTRAP_PROPERTY_*
 * @return BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_NO_CHILDREN. Since 0.1.
 */
kern_return_t bootstrap_lookup_children(mach_port_t bp,
					mach_port_array_t *children,
					name_array_t *names,
					bootstrap_property_array_t *properties,
					mach_msg_type_number_t *n_children);

/** The root namespace; through a port for it, the same port. Since 0.1. */
kern_return_t bootstrap_get_root(mach_port_t bp, mach_port_t *root);

#ifdef __cplusplus
}
#endif

#endif /* SERVERS_BOOTSTRAP_PRIV_H */
