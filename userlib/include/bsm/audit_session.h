/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file audit_session.h
 * What is there of it is in audit.h. The calls on the audit session device are not:
 * see bns_watch_sessions() of <bootstrap/bootstrap.h>.
 */
#ifndef BSM_AUDIT_SESSION_H
#define BSM_AUDIT_SESSION_H

#include <bsm/audit.h>

#endif /* BSM_AUDIT_SESSION_H */
