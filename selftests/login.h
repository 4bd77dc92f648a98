/* SPDX-License-Identifier: GPL-2.0 */
/* Logins, watches of them, and what delays their end. */
#ifndef BOOTSTRAP_LOGIN_H
#define BOOTSTRAP_LOGIN_H

#include "service.h"
#include "space.h"

static inline __u32 session_of_pid(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/sessionid", pid);
	return proc_number(path);
}

static inline __u32 session_of(const struct peer *peer)
{
	return session_of_pid(peer->pid);
}

/* A peer calls from within its session, which so comes to be. */
static inline int peer_begin(const struct peer *peer)
{
	struct bootstrap_session session;

	return peer_session(peer, 0, 0, &session);
}

/* A login of a user's, with a session that is there. */
static inline struct peer login_start(uid_t uid)
{
	struct peer peer = peer_start(log_in, uid);

	if (peer_begin(&peer))
		abort();
	return peer;
}

/* Its session ends as its last process does; waits until that was noticed. */
static inline bool login_stop(int port, struct peer *peer)
{
	struct bootstrap_session session;
	__u32 id = session_of(peer);

	peer_stop(peer);
	return eventually(do_session_by_id(port, id, 0, &session) == -ESRCH);
}

/* Have the sessions of the tests before ended? */
static inline bool no_logins(int port)
{
	struct bootstrap_session session;

	return !do_session_next(port, 0, &session) &&
	       session.session == ROOT_ID;
}

static inline int announce_as(int port, __u32 session, uid_t uid, __u32 type,
			      __u32 attributes)
{
	struct bootstrap_announce args = {
		.size = sizeof(args),
		.flags = BOOTSTRAP_ANNOUNCE_USER | BOOTSTRAP_ANNOUNCE_COMPLETE,
		.session = session, .type = type, .uid = uid,
		.attributes = attributes,
	};

	return call(port, BOOTSTRAP_IOC_ANNOUNCE, &args);
}

static inline int do_attributes_of(int port, __u32 session, __u64 cookie,
				   __u32 set, __u32 clear)
{
	struct bootstrap_attributes args = {
		.size = sizeof(args), .session = session, .cookie = cookie,
		.set = set, .clear = clear,
	};

	return call(port, BOOTSTRAP_IOC_ATTRIBUTES, &args);
}

static inline int do_logout(int port, __u32 session, __u64 cookie,
			    __u64 deadline)
{
	struct bootstrap_logout args = {
		.size = sizeof(args), .session = session, .cookie = cookie,
		.deadline = deadline,
	};

	return call(port, BOOTSTRAP_IOC_LOGOUT, &args);
}

static inline int do_defer(int port, const char *reason)
{
	struct bootstrap_defer args = {
		.size = sizeof(args), .reason = (uintptr_t)reason,
		.reason_len = strlen(reason),
	};

	return call(port, BOOTSTRAP_IOC_DEFER, &args);
}

static inline int do_cancel(int deferral)
{
	struct bootstrap_cancel args = { .size = sizeof(args) };

	return call(deferral, BOOTSTRAP_IOC_CANCEL, &args);
}

/* A deferral that a peer took and passed on, so that it is the test's alone. */
static inline int peer_defer(const struct peer *peer, const char *reason)
{
	struct peer_message message = {
		.args.defer.reason_len = strlen(reason),
	};

	return peer_service(peer, BOOTSTRAP_IOC_DEFER, reason, &message);
}

static inline int peer_logout(const struct peer *peer, __u32 session,
			      __u64 deadline)
{
	struct peer_message message = {
		.args.logout = { .session = session, .deadline = deadline },
	};

	return peer_service(peer, BOOTSTRAP_IOC_LOGOUT, "", &message);
}

static inline __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Never waits to be read. */
static inline int do_watch_sessions(int port)
{
	struct bootstrap_watch args = {
		.size = sizeof(args), .flags = BOOTSTRAP_WATCH_SESSIONS,
		.namespace_id = 77,
	};
	int fd = call(port, BOOTSTRAP_IOC_WATCH, &args);

	if (fd < 0)
		return fd;
	return args.namespace_id || fcntl(fd, F_SETFL, O_NONBLOCK) ? -EPROTO :
								    fd;
}

/* As a peer's maker sees it. */
static inline int peer_watch_sessions(const struct peer *peer)
{
	struct peer_message message = {
		.args.watch.flags = BOOTSTRAP_WATCH_SESSIONS,
	};
	int watch = peer_service(peer, BOOTSTRAP_IOC_WATCH, "", &message);

	if (watch >= 0)
		fcntl(watch, F_SETFL, O_NONBLOCK);
	return watch;
}

/* One record, read by itself. */
struct session_event {
	__u32 type;
	__u64 number;
	struct bootstrap_session session;
	struct bootstrap_deferral deferral;
	char reason[BOOTSTRAP_NAME_MAX + 1];
};

static inline int session_event_parse(const char *room,
				      struct session_event *event)
{
	const struct bootstrap_session_record *about = (const void *)room;
	const struct bootstrap_deferral_record *deferred = (const void *)room;

	event->type = about->record.type;
	event->number = about->record.number;
	if (about->record.type == BOOTSTRAP_RECORD_SESSION_DEFERRED) {
		event->deferral = deferred->deferral;
		strcpy(event->reason, (const char *)&deferred->deferral +
		       deferred->deferral.reason_offset);
		if (strlen(event->reason) != deferred->deferral.reason_len)
			return -EPROTO;
	} else if (about->record.length > sizeof(about->record)) {
		event->session = about->session;
		if (about->record.length != sizeof(*about) ||
		    about->session.size != sizeof(about->session))
			return -EPROTO;
	}
	return event->type;
}

/* The type of the next record, 0 at the end, or a negative errno. */
static inline int next_session_event(int watch, struct session_event *event)
{
	_Alignas(8) char room[BOOTSTRAP_RECORD_MAX];
	size_t size = BOOTSTRAP_RECORD_SIZE_VER0;
	ssize_t got;

	memset(event, 0, sizeof(*event));
	do {
		got = read(watch, room, size);
		size += 8;
	} while (got < 0 && errno == EMSGSIZE);
	if (got <= 0)
		return got ? -errno : 0;
	return session_event_parse(room, event);
}

/* The same, once there is one. */
static inline int await_session_event(int watch, struct session_event *event)
{
	memset(event, 0, sizeof(*event));
	if (!readable(watch, 10000))
		return -ETIMEDOUT;
	return next_session_event(watch, event);
}

/* Reads what there is up to the end of the present state. */
static inline bool skip_present(int watch)
{
	struct session_event event;
	int type;

	do
		type = next_session_event(watch, &event);
	while (type == BOOTSTRAP_RECORD_SESSION_PRESENT);
	return type == BOOTSTRAP_RECORD_COMPLETE;
}

#endif
