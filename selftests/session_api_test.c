// SPDX-License-Identifier: GPL-2.0
/*
 * The Session API and the audit session calls as a table. Of the latter, what
 * counts as the code is errno.
 */
#include <linux/capability.h>
#include <pthread.h>

#include <Security/AuthSession.h>
#include <bsm/audit_session.h>

#include "mach_table.h"

#define SELF		callerSecuritySession
#define NOBODYS_ID	0x7ffffff0u
#define NO_ID		0xffffffffu

/* Sessions that others are in. */
static SecuritySessionId alices, bobs;
static SessionAttributeBits bits;

#define GETS_INFO(_state, _code, _id)					\
	ROW("SessionGetInfo", _state, _code,				\
	    SessionGetInfo(_id, &out, &bits))
#define CREATES(_state, _code, _flags, _attributes)			\
	ROW("SessionCreate", _state, _code, SessionCreate(_flags, _attributes))
#define SETS_USER(_state, _code, _id, _uid)				\
	ROW("SessionSetDistinguishedUser", _state, _code,		\
	    SessionSetDistinguishedUser(_id, _uid))
#define GETS_USER(_state, _code, _id)					\
	ROW("SessionGetDistinguishedUser", _state, _code,		\
	    SessionGetDistinguishedUser(_id, &out))

static __u32 own_id(void)
{
	return proc_number("self/sessionid");
}

static __u32 id_in_environment(void)
{
	const char *text = getenv("SECURITYSESSIONID");

	return text ? strtoul(text, NULL, 16) : NO_ID;
}

/* A session of a user's, for as long as its process is there. */
static pid_t world_of_session(uid_t uid, SecuritySessionId *ret_id)
{
	struct bootstrap_session session;
	int ready[2];
	pid_t pid;

	if (pipe(ready))
		abort();
	pid = fork();
	if (!pid) {
		log_in(uid);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (do_session(port_open(), &session) ||
		    write(ready[1], &session.session, sizeof(*ret_id)) !=
		    sizeof(*ret_id))
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], ret_id, sizeof(*ret_id)) != sizeof(*ret_id))
		abort();
	close(ready[0]);
	return pid;
}

static void drop_capability(int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	int word = CAP_TO_INDEX(capability);

	if (syscall(SYS_capget, &header, data))
		abort();
	data[word].effective &= ~CAP_TO_MASK(capability);
	data[word].permitted &= ~CAP_TO_MASK(capability);
	if (syscall(SYS_capset, &header, data))
		abort();
}

static void info_rows(void)
{
	GETS_INFO("of its own", 0, SELF);
	AND(out == own_id() && out != NO_ID && !bits);
	GETS_INFO("by its id", 0, own_id());
	AND(out == own_id());
	GETS_INFO("another one of its user", 0, alices);
	AND(out == alices && out != own_id());
	GETS_INFO("another user's", errSessionInvalidId, bobs);
	GETS_INFO("nobody's", errSessionInvalidId, NOBODYS_ID);
	GETS_INFO("none", errSessionInvalidId, noSecuritySession);
	GETS_INFO("the root session", 0, rootSecuritySession);
	AND(out == rootSecuritySession && bits == sessionIsRoot);
	ROW("SessionGetInfo", "no descriptor left", errSessionInternal,
	    FULL(SessionGetInfo(SELF, &out, &bits)));
	ROW("SessionGetInfo", "nothing asked for", 0,
	    SessionGetInfo(SELF, NULL, NULL));
}

static void user_rows(void)
{
	GETS_USER("of its own", 0, SELF);
	AND(out == ALICE);
	GETS_USER("another user's", errSessionInvalidId, bobs);
	GETS_USER("none", errSessionInvalidId, noSecuritySession);
	GETS_USER("the root session", errSessionValueNotSet,
		  rootSecuritySession);
	SETS_USER("that is it", 0, SELF, ALICE);
	SETS_USER("another uid, no privilege", errSessionAuthorizationDenied,
		  SELF, BOB);
	SETS_USER("no uid", errSessionInvalidAttributes, SELF, (uid_t)-1);
	SETS_USER("of another session", errSessionAuthorizationDenied, alices,
		  ALICE);
	SETS_USER("of another user's", errSessionInvalidId, bobs, BOB);
	SETS_USER("of the root session", errSessionAuthorizationDenied,
		  rootSecuritySession, 0);
}

static void create_refused_rows(void)
{
	__u32 id = own_id();

	CREATES("in a login session, no privilege",
		errSessionAuthorizationDenied, 0, 0);
	CREATES("an unknown flag", errSessionInvalidFlags,
		sessionKeepCurrentBootstrap | 1, 0);
	CREATES("an unknown attribute", errSessionInvalidAttributes, 0, 2);
	CREATES("an attribute of no login", errSessionInvalidAttributes, 0,
		sessionIsRoot);
	AND(own_id() == id && id_in_environment() == NO_ID);
}

static int give_self(void)
{
	mach_port_name_t self = audit_session_self();

	if (self == MACH_PORT_NULL)
		return errno;
	out = self;
	return 0;
}

static int join(mach_port_name_t port)
{
	au_asid_t asid = audit_session_join(port);

	if (asid == AU_DEFAUDITSID)
		return errno;
	out = asid;
	return 0;
}

#define GIVES_SELF(_state, _code)					\
	ROW("audit_session_self", _state, _code, give_self())
#define GIVES_PORT(_state, _code, _asid)				\
	ROW("audit_session_port", _state, _code,			\
	    audit_session_port(_asid, &out) ? errno : 0)
#define JOINS(_state, _code, _port)					\
	ROW("audit_session_join", _state, _code, join(_port))

static void audit_rows(void)
{
	mach_port_t self, root, user;

	GIVES_SELF("in a login session", 0);
	self = out;
	AND(type_of(self) == BOOTSTRAP_NAMESPACE_SESSION);
	ROW("audit_session_self", "no descriptor left", EMFILE,
	    FULL(give_self()));
	GIVES_PORT("its own", 0, AU_ASSIGN_ASID);
	AND(id_of(out) == id_of(self));
	AND(!mach_port_deallocate(mach_task_self(), out));
	GIVES_PORT("its own, by the id", 0, own_id());
	AND(id_of(out) == id_of(self));
	GIVES_PORT("the root session's", 0, rootSecuritySession);
	root = out;
	AND(type_of(root) == BOOTSTRAP_NAMESPACE_ROOT);
	GIVES_PORT("another user's, no privilege", EPERM, bobs);
	GIVES_PORT("none", EINVAL, AU_DEFAUDITSID);
	JOINS("its own", 0, self);
	AND(out == own_id());
	JOINS("the root session", EPERM, root);
	if (bootstrap_look_up_per_user(bp, NULL, ALICE, &user))
		abort();
	JOINS("a port for something else", EINVAL, user);
	JOINS("no bootstrap port", EINVAL, no_port);
	JOINS("no port", EINVAL, MACH_PORT_NULL);
	AND(!mach_port_deallocate(mach_task_self(), self));
	JOINS("a closed port", EINVAL, self);
}

static void rows(void)
{
	no_port = tag_new(3);
	info_rows();
	user_rows();
	create_refused_rows();
	audit_rows();
}

static void *create_in_thread(void *ret_code)
{
	*(OSStatus *)ret_code = SessionCreate(0, 0);
	return NULL;
}

static OSStatus created_by_thread(void)
{
	OSStatus code = POISON;
	pthread_t thread;

	if (pthread_create(&thread, NULL, create_in_thread, &code) ||
	    pthread_join(thread, NULL))
		abort();
	return code;
}

/* A process of a user's without an id, as a daemon may be. */
static void rows_without_id(void)
{
	int root;

	become(ALICE);
	GETS_INFO("without an id", 0, SELF);
	AND(out == rootSecuritySession);
	CREATES("attributes, no privilege", errSessionAuthorizationDenied, 0,
		sessionHasTTY);
	ROW("SessionCreate", "by another thread", errSessionAuthorizationDenied,
	    created_by_thread());
	ROW("SessionCreate", "no descriptor left", errSessionInternal,
	    FULL(SessionCreate(0, 0)));
	AND(own_id() == NO_ID && id_in_environment() == NO_ID);
	root = bns_open_namespace(bp, NULL, 0, NULL);
	CREATES("without an id", 0, 0, 0);
	AND(own_id() != NO_ID && id_in_environment() == own_id());
	AND(proc_number("self/loginuid") == ALICE);
	AND(type_of(bootstrap_port) == BOOTSTRAP_NAMESPACE_SESSION);
	AND(type_of(root) == BOOTSTRAP_NAMESPACE_ROOT);
	GETS_INFO("that it has begun", 0, SELF);
	AND(out == own_id() && !bits);
	GETS_USER("that it has begun", 0, SELF);
	AND(out == ALICE);
	CREATES("once more, no privilege", errSessionAuthorizationDenied, 0, 0);
}

static __u32 type_of_session(SecuritySessionId id)
{
	struct bootstrap_session session;

	return do_session_by_id(bp, id, 0, &session) ? 0 : session.type;
}

/* As a login does it, and then as its user. */
static void login_rows(void)
{
	SessionAttributeBits former_bits;
	SecuritySessionId former;
	pid_t other;

	CREATES("with attributes", 0, sessionKeepCurrentBootstrap,
		sessionHasTTY | sessionIsRemote);
	GETS_INFO("with attributes", 0, SELF);
	former = out;
	AND(former == own_id() && former == id_in_environment());
	AND(bits == (sessionHasTTY | sessionIsRemote |
		     AU_SESSION_FLAG_HAS_AUTHENTICATED));
	AND(type_of_session(former) == BOOTSTRAP_SESSION_TYPE_NON_GUI);
	CREATES("once more, graphic", 0, 0, sessionHasGraphicAccess);
	AND(own_id() != former && type_of_session(own_id()) ==
	    BOOTSTRAP_SESSION_TYPE_GUI);
	AND(eventually(SessionGetInfo(former, NULL, NULL) ==
		       errSessionInvalidId));
	GETS_USER("of root's", 0, SELF);
	AND(out == 0);
	other = start_idler();
	SETS_USER("of one that others are in", errSessionAuthorizationDenied,
		  SELF, ALICE);
	stop_idler(other);
	former = own_id();
	SessionGetInfo(former, NULL, &former_bits);
	SETS_USER("of a new one", 0, SELF, ALICE);
	AND(own_id() != former && own_id() == id_in_environment());
	AND(proc_number("self/loginuid") == ALICE);
	GETS_INFO("of another user, before it is that", 0, SELF);
	AND(out == rootSecuritySession);
	SETS_USER("of the root session, that it stands in",
		  errSessionAuthorizationDenied, SELF, BOB);
	become(ALICE);
	GETS_INFO("of another user, when it is that", 0, SELF);
	AND(out == own_id() && bits == former_bits);
	SETS_USER("once more", errSessionAuthorizationDenied, SELF, BOB);
}

static void login_in_progress_rows(void)
{
	if (set_login_uid(ALICE) ||
	    do_announce(bp, BOOTSTRAP_ANNOUNCE_USER, own_id(), 0, ALICE))
		abort();
	GETS_USER("a login in progress", errSessionValueNotSet, own_id());
}

static void no_audit_control_rows(void)
{
	__u32 id;

	if (SessionCreate(0, 0))
		abort();
	id = own_id();
	drop_capability(CAP_AUDIT_CONTROL);
	CREATES("no CAP_AUDIT_CONTROL", errSessionAuthorizationDenied, 0, 0);
	SETS_USER("no CAP_AUDIT_CONTROL", errSessionAuthorizationDenied, SELF,
		  ALICE);
	AND(own_id() == id && id_in_environment() == id);
}

static void no_sys_admin_rows(void)
{
	/* Of this login there is to be a trace. */
	if (set_login_uid(BOB))
		abort();
	drop_capability(CAP_SYS_ADMIN);
	CREATES("attributes, no CAP_SYS_ADMIN", errSessionAuthorizationDenied,
		0, sessionHasTTY);
	CREATES("no attributes, no CAP_SYS_ADMIN", 0, 0, 0);
	AND(proc_number("self/loginuid") == BOB);
}

static void audit_rows_of_root(void)
{
	mach_port_t root, another;

	GIVES_SELF("in the root session", 0);
	AND(type_of(out) == BOOTSTRAP_NAMESPACE_ROOT);
	root = out;
	JOINS("the root session, in it", 0, root);
	AND(out == rootSecuritySession);
	GIVES_PORT("another's", 0, bobs);
	AND(type_of(out) == BOOTSTRAP_NAMESPACE_SESSION);
	another = out;
	JOINS("another's, with privilege", EPERM, another);
	GIVES_PORT("nobody's", EINVAL, NOBODYS_ID);
}

int main(void)
{
	pid_t alice, bob;

	table_begin();
	bp = bootstrap_port;
	alice = world_of_session(ALICE, &alices);
	bob = world_of_session(BOB, &bobs);
	rows_of(ALICE, rows);
	rows_of(0, rows_without_id);
	rows_of(0, login_rows);
	rows_of(0, login_in_progress_rows);
	rows_of(0, no_audit_control_rows);
	rows_of(0, no_sys_admin_rows);
	rows_of(0, audit_rows_of_root);
	stop_idler(alice);
	stop_idler(bob);
	/* Other tests count sessions. */
	AND(eventually(SessionGetInfo(alices, NULL, NULL) == errSessionInvalidId));
	AND(eventually(SessionGetInfo(bobs, NULL, NULL) == errSessionInvalidId));
	return table_end();
}
