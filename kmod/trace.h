/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, for perf, ftrace and bpftrace. trace.c alone includes this: it
 * makes them, and calls them for all others.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM bootstrap

#if !defined(BOOTSTRAP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define BOOTSTRAP_TRACE_H

#include <linux/tracepoint.h>

#include "internal.h"

/* Of a name, which has no control characters, and a zero. */
#define BS_TRACE_TEXT_MAX (BOOTSTRAP_NAME_MAX + 1)

#define bs_trace_namespace(_type)					\
	__print_symbolic(_type,						\
			 { 0, "none" },					\
			 { BOOTSTRAP_NAMESPACE_ROOT, "root" },		\
			 { BOOTSTRAP_NAMESPACE_USER, "user" },		\
			 { BOOTSTRAP_NAMESPACE_SESSION, "session" },	\
			 { BOOTSTRAP_NAMESPACE_PRE_LOGIN, "pre-login" },	\
			 { BOOTSTRAP_NAMESPACE_SUBSET, "subset" })

#define bs_trace_change(_change)					\
	__print_symbolic(_change,					\
			 { 0, "announced" },				\
			 { BOOTSTRAP_RECORD_SESSION_STARTED, "made" },	\
			 { BOOTSTRAP_RECORD_SESSION_CHANGED, "changed" },	\
			 { BOOTSTRAP_RECORD_SESSION_LOGOUT, "logout" },	\
			 { BOOTSTRAP_RECORD_SESSION_DEFERRED, "deferred" },	\
			 { BOOTSTRAP_RECORD_SESSION_ENDED, "ended" })

#define bs_trace_session_state(_state)					\
	__print_symbolic(_state,					\
			 { BOOTSTRAP_SESSION_STATE_LOGIN, "login" },	\
			 { BOOTSTRAP_SESSION_STATE_OPEN, "open" },	\
			 { BOOTSTRAP_SESSION_STATE_LOGOUT, "logout" })

#define bs_trace_session_type(_type)					\
	__print_symbolic(_type,						\
			 { BOOTSTRAP_SESSION_TYPE_UNKNOWN, "unknown" },	\
			 { BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW, "login-window" }, \
			 { BOOTSTRAP_SESSION_TYPE_GUI, "gui" },		\
			 { BOOTSTRAP_SESSION_TYPE_NON_GUI, "non-gui" },	\
			 { BOOTSTRAP_SESSION_TYPE_BACKGROUND, "background" })

#define bs_trace_reason(_reason)					\
	__print_symbolic(_reason,					\
			 { BOOTSTRAP_DENIED_PRIVILEGE, "privilege" },	\
			 { BOOTSTRAP_DENIED_RIGHT, "right" },		\
			 { BOOTSTRAP_DENIED_OWNER, "owner" },		\
			 { BOOTSTRAP_DENIED_HIDDEN, "hidden" },		\
			 { BOOTSTRAP_DENIED_RESERVED, "reserved" },	\
			 { BOOTSTRAP_DENIED_DECLARED, "declared" },	\
			 { BOOTSTRAP_DENIED_SESSION, "session" },	\
			 { BOOTSTRAP_DENIED_LIMIT, "limit" })

#define bs_trace_command(_command)					\
	__print_symbolic(_command,					\
			 { BOOTSTRAP_IOC_REGISTER, "REGISTER" },	\
			 { BOOTSTRAP_IOC_UNREGISTER, "UNREGISTER" },	\
			 { BOOTSTRAP_IOC_TAKE_OVER, "TAKE_OVER" },	\
			 { BOOTSTRAP_IOC_LOOK_UP, "LOOK_UP" },		\
			 { BOOTSTRAP_IOC_LIST, "LIST" },		\
			 { BOOTSTRAP_IOC_SESSION, "SESSION" },		\
			 { BOOTSTRAP_IOC_FEATURES, "FEATURES" },	\
			 { BOOTSTRAP_IOC_USAGE, "USAGE" },		\
			 { BOOTSTRAP_IOC_CHECK_IN, "CHECK_IN" },	\
			 { BOOTSTRAP_IOC_DECLARE, "DECLARE" },		\
			 { BOOTSTRAP_IOC_PEER, "PEER" },		\
			 { BOOTSTRAP_IOC_LOOK_UP_ARRAY, "LOOK_UP_ARRAY" },	\
			 { BOOTSTRAP_IOC_WATCH, "WATCH" },		\
			 { BOOTSTRAP_IOC_OPEN, "OPEN" },		\
			 { BOOTSTRAP_IOC_SUBSET, "SUBSET" },		\
			 { BOOTSTRAP_IOC_PRE_LOGIN, "PRE_LOGIN" },	\
			 { BOOTSTRAP_IOC_ANNOUNCE, "ANNOUNCE" },	\
			 { BOOTSTRAP_IOC_CHILDREN, "CHILDREN" },	\
			 { BOOTSTRAP_IOC_NAMESPACE, "NAMESPACE" },	\
			 { BOOTSTRAP_IOC_ATTRIBUTES, "ATTRIBUTES" },	\
			 { BOOTSTRAP_IOC_SIGNAL, "SIGNAL" },		\
			 { BOOTSTRAP_IOC_LOGOUT, "LOGOUT" },		\
			 { BOOTSTRAP_IOC_DEFER, "DEFER" },		\
			 { BOOTSTRAP_IOC_CANCEL, "CANCEL" },		\
			 { BOOTSTRAP_IOC_DEFERRALS, "DEFERRALS" },	\
			 { BOOTSTRAP_IOC_STATISTICS, "STATISTICS" })

/* What a command did, or tried to do, with a name. */
DECLARE_EVENT_CLASS(bootstrap_command,
	TP_PROTO(const struct bs_key *key, const struct bs_namespace *ns,
		 long result),
	TP_ARGS(key, ns, result),
	TP_STRUCT__entry(
		__field(u64, namespace)
		__field(u32, type)
		__field(int, result)
		__array(char, name, BS_TRACE_TEXT_MAX)
	),
	TP_fast_assign(
		__entry->namespace = ns ? ns->id : 0;
		__entry->type = ns ? READ_ONCE(ns->type) : 0;
		__entry->result = result;
		bs_trace_copy(__entry->name, key->text, key->len);
	),
	TP_printk("namespace=%llu type=%s result=%d name=%s",
		  __entry->namespace, bs_trace_namespace(__entry->type),
		  __entry->result, __entry->name)
);

DEFINE_EVENT(bootstrap_command, bootstrap_look_up,
	TP_PROTO(const struct bs_key *key, const struct bs_namespace *ns,
		 long result),
	TP_ARGS(key, ns, result)
);

DEFINE_EVENT(bootstrap_command, bootstrap_register,
	TP_PROTO(const struct bs_key *key, const struct bs_namespace *ns,
		 long result),
	TP_ARGS(key, ns, result)
);

DEFINE_EVENT(bootstrap_command, bootstrap_declare,
	TP_PROTO(const struct bs_key *key, const struct bs_namespace *ns,
		 long result),
	TP_ARGS(key, ns, result)
);

DEFINE_EVENT(bootstrap_command, bootstrap_check_in,
	TP_PROTO(const struct bs_key *key, const struct bs_namespace *ns,
		 long result),
	TP_ARGS(key, ns, result)
);

/* What became of a name that was there. */
DECLARE_EVENT_CLASS(bootstrap_name,
	TP_PROTO(const struct bs_name *name),
	TP_ARGS(name),
	TP_STRUCT__entry(
		__field(u64, namespace)
		__field(u64, generation)
		__field(u32, type)
		__field(pid_t, owner)
		__array(char, name, BS_TRACE_TEXT_MAX)
	),
	TP_fast_assign(
		__entry->namespace = name->ns->id;
		__entry->generation = name->generation;
		__entry->type = READ_ONCE(name->ns->type);
		__entry->owner = pid_nr(name->owner->who.pid);
		bs_trace_copy(__entry->name, name->text, name->len);
	),
	TP_printk("namespace=%llu type=%s generation=%llu owner=%d name=%s",
		  __entry->namespace, bs_trace_namespace(__entry->type),
		  __entry->generation, __entry->owner, __entry->name)
);

/* It ends: by a command, or with its process, port or namespace. */
DEFINE_EVENT(bootstrap_name, bootstrap_unregister,
	TP_PROTO(const struct bs_name *name),
	TP_ARGS(name)
);

/* A look-up was connected to it. */
DEFINE_EVENT(bootstrap_name, bootstrap_connect,
	TP_PROTO(const struct bs_name *name),
	TP_ARGS(name)
);

TRACE_EVENT(bootstrap_session,
	TP_PROTO(const struct bs_session *session, u32 change),
	TP_ARGS(session, change),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u64, namespace)
		__field(u32, session)
		__field(u32, change)
		__field(uid_t, uid)
		__field(u32, type)
		__field(u32, state)
		__field(u32, attributes)
	),
	TP_fast_assign(
		struct bs_session_view view;

		bs_session_look(session, &view);
		__entry->cookie = session->cookie;
		__entry->namespace = view.namespace_id;
		__entry->session = session->id;
		__entry->change = change;
		__entry->uid = from_kuid(&init_user_ns, view.uid);
		__entry->type = view.type;
		__entry->state = view.state;
		__entry->attributes = view.attributes;
	),
	TP_printk("session=%u cookie=%llu change=%s uid=%d namespace=%llu type=%s state=%s attributes=0x%x",
		  __entry->session, __entry->cookie,
		  bs_trace_change(__entry->change), (int)__entry->uid,
		  __entry->namespace, bs_trace_session_type(__entry->type),
		  bs_trace_session_state(__entry->state), __entry->attributes)
);

TRACE_EVENT(bootstrap_denied,
	TP_PROTO(unsigned int command, int err, u32 reason),
	TP_ARGS(command, err, reason),
	TP_STRUCT__entry(
		__field(u32, command)
		__field(int, error)
		__field(u32, reason)
		__field(uid_t, uid)
		__field(u32, session)
	),
	TP_fast_assign(
		__entry->command = command;
		__entry->error = err;
		__entry->reason = reason;
		__entry->uid = from_kuid(&init_user_ns, current_euid());
		__entry->session = bs_caller_session_id();
	),
	TP_printk("command=%s error=%d reason=%s uid=%u session=%d",
		  bs_trace_command(__entry->command), __entry->error,
		  bs_trace_reason(__entry->reason), __entry->uid,
		  (int)__entry->session)
);

#endif /* BOOTSTRAP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
