/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file bootstrap.h
 * The calls of Mach's bootstrap server, over the native ones of
 * <bootstrap/bootstrap.h>. bootstrap(3) says, call by call, what is as in the
 * original and what is not.
 *
 * All calls return BOOTSTRAP_SUCCESS or a code. Besides those told with each, any
 * may return
 *
 * - KERN_INVALID_ARGUMENT: a name that is empty, longer than 127 bytes, not UTF-8,
 *   or has control characters;
 * - BOOTSTRAP_NOT_PRIVILEGED: the port is a namespace handle that lacks the right;
 * - BOOTSTRAP_NO_MEMORY: memory, a limit, or the descriptor table;
 * - MACH_SEND_INVALID_DEST: the port asked is not a bootstrap port.
 *
 * Outputs are written only on success. Ports in them are the caller's to
 * deallocate, arrays the caller's for vm_deallocate().
 */
#ifndef SERVERS_BOOTSTRAP_H
#define SERVERS_BOOTSTRAP_H

#include <mach/mach.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BOOTSTRAP_MAX_NAME_LEN		128
#define BOOTSTRAP_MAX_CMD_LEN		512
#define BOOTSTRAP_MAX_LOOKUP_COUNT	20

#define BOOTSTRAP_SUCCESS		0
#define BOOTSTRAP_NOT_PRIVILEGED	1100
#define BOOTSTRAP_NAME_IN_USE		1101
#define BOOTSTRAP_UNKNOWN_SERVICE	1102
#define BOOTSTRAP_SERVICE_ACTIVE	1103
#define BOOTSTRAP_BAD_COUNT		1104
#define BOOTSTRAP_NO_MEMORY		1105
#define BOOTSTRAP_NO_CHILDREN		1106

#define BOOTSTRAP_STATUS_INACTIVE	0
#define BOOTSTRAP_STATUS_ACTIVE		1
#define BOOTSTRAP_STATUS_ON_DEMAND	2

typedef char name_t[BOOTSTRAP_MAX_NAME_LEN];
typedef char cmd_t[BOOTSTRAP_MAX_CMD_LEN];
typedef name_t *name_array_t;
typedef int bootstrap_status_t;
typedef bootstrap_status_t *bootstrap_status_array_t;
typedef boolean_t *bool_array_t;

/**
 * Look a name up, in the port's namespace and those above it.
 *
 * @param sp a duplicate of what was registered, or a connection to the service
 * @return BOOTSTRAP_UNKNOWN_SERVICE; MACH_SEND_INVALID_DEST, also: the service is
 * there, but does not answer any more. Since 0.1.
 */
kern_return_t bootstrap_look_up(mach_port_t bp, const char *service_name,
				mach_port_t *sp);

/**
 * Get the receive right of a service, a listening socket. A service that was
 * not declared is made.
 *
 * A program that was started with LISTEN_FDS, by bootstrapctl(1) or another,
 * gets by its task's bootstrap port what was passed to it by that name.
 *
 * @param sp has no send right
 * @return BOOTSTRAP_SERVICE_ACTIVE, BOOTSTRAP_NOT_PRIVILEGED (it was declared, and
 * not for the caller; or the caller may not write to the namespace),
 * BOOTSTRAP_NAME_IN_USE (reserved further up). Since 0.1.
 */
kern_return_t bootstrap_check_in(mach_port_t bp, const char *service_name,
				 mach_port_t *sp);

/**
 * Let a name stand for a port, in the port's namespace.
 *
 * @param sp what mach_port_allocate() gave, with a send right: it becomes the
 * receive right of a service. Or any descriptor: it is what look-ups give. Or
 * MACH_PORT_NULL: withdraw what was declared through @p bp, while no server has
 * checked in; or nothing, if there is no such name.
 * @return BOOTSTRAP_SERVICE_ACTIVE, BOOTSTRAP_NOT_PRIVILEGED (the caller may not
 * write to the namespace; @p sp is a receive right that has a name already; what
 * is to be withdrawn is another's), BOOTSTRAP_NAME_IN_USE (reserved further up),
 * MACH_SEND_INVALID_RIGHT (@p sp cannot be given to others). Since 0.1.
 */
kern_return_t bootstrap_register(mach_port_t bp, char *service_name,
				 mach_port_t sp);

/**
 * Declare a service: look-ups connect, and wait for a server to check in. That is
 * the server that @p bp is the port of; or else any process in the caller's session
 * whose real, effective and saved uid are the caller's effective one.
 *
 * @param sp a connection to it, the first
 * @return BOOTSTRAP_NAME_IN_USE, BOOTSTRAP_NOT_PRIVILEGED. Since 0.1.
 */
kern_return_t bootstrap_create_service(mach_port_t bp, char *service_name,
				       mach_port_t *sp);

/**
 * Have a program started when one of its services is needed.
 *
 * The services are those that are declared or checked in through the port that it
 * gives. Until that is deallocated, the caller is the server, then the program.
 * A process of its own sees to that, until the services are withdrawn, or their
 * namespace dies; it is started in the caller's session, which it keeps alive.
 *
 * @param server_cmd program and arguments, separated by blanks unless quoted; the
 * program by its whole path, or as execvp(3) finds it
 * @param server_uid as whom; other than the caller's effective uid only for root
 * @param on_demand if FALSE, start it at once, and again whenever it ends
 * @param server_port a bootstrap port for the same namespace
 * @return BOOTSTRAP_NOT_PRIVILEGED, KERN_INVALID_ARGUMENT (@p server_cmd is empty,
 * or has no end), KERN_FAILURE (bootstrapctl is not installed). Since 0.1.
 */
kern_return_t bootstrap_create_server(mach_port_t bp, char *server_cmd,
				      uid_t server_uid, boolean_t on_demand,
				      mach_port_t *server_port);

/**
 * Make a subset: a namespace below the port's, with names of its own.
 *
 * @param requestor a task, see task_for_pid(); the subset dies with it
 * @return BOOTSTRAP_NOT_PRIVILEGED (also: @p requestor is MACH_PORT_NULL or gone,
 * or the namespace is dead), BOOTSTRAP_NO_MEMORY (also: more than 100 in each
 * other), MACH_SEND_INVALID_RIGHT (@p requestor is not a task). Since 0.1.
 */
kern_return_t bootstrap_subset(mach_port_t bp, mach_port_t requestor,
			       mach_port_t *subset_port);

/**
 * For the port of a server, a port for the namespace alone; for any other, one
 * more reference to the same. Since 0.1.
 */
kern_return_t bootstrap_unprivileged(mach_port_t bp, mach_port_t *unpriv_port);

/**
 * The namespace above. Of the root it is the root: the same port, and one more
 * reference to it. Since 0.1.
 */
kern_return_t bootstrap_parent(mach_port_t bp, mach_port_t *parent_port);

/**
 * What became of a service; no more than that.
 *
 * @param service_active BOOTSTRAP_STATUS_ON_DEMAND: it was declared, and has no
 * server; else BOOTSTRAP_STATUS_ACTIVE
 * @return BOOTSTRAP_UNKNOWN_SERVICE. Since 0.1.
 */
kern_return_t bootstrap_status(mach_port_t bp, char *service_name,
			       bootstrap_status_t *service_active);

/**
 * The names of the port's namespace, those that the caller may look up.
 *
 * @param service_names array of the names
 * @param server_names array of their processes, as "command[pid]", of a declared
 * service the one that declared it; empty for one that is gone
 * @param service_active array of BOOTSTRAP_STATUS_*
 * Since 0.1.
 */
kern_return_t bootstrap_info(mach_port_t bp, name_array_t *service_names,
			     mach_msg_type_number_t *service_namesCnt,
			     name_array_t *server_names,
			     mach_msg_type_number_t *server_namesCnt,
			     bootstrap_status_array_t *service_active,
			     mach_msg_type_number_t *service_activeCnt);

/**
 * Look several names up.
 *
 * @param service_namesCnt how many, BOOTSTRAP_MAX_LOOKUP_COUNT at most
 * @param sps array of as many ports; MACH_PORT_NULL for what is not there, or
 * cannot be a name
 * @param all_services_known whether none is
 * @return BOOTSTRAP_BAD_COUNT. Since 0.1.
 */
kern_return_t bootstrap_look_up_array(mach_port_t bp, name_array_t service_names,
				      mach_msg_type_number_t service_namesCnt,
				      mach_port_array_t *sps,
				      mach_msg_type_number_t *service_portsCnt,
				      boolean_t *all_services_known);

/** The text for a code, as mach_error_string(). Since 0.1. */
const char *bootstrap_strerror(kern_return_t r);

#ifdef __cplusplus
}
#endif

#include <servers/bootstrap_priv.h>

#endif /* SERVERS_BOOTSTRAP_H */
