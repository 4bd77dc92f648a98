// SPDX-License-Identifier: GPL-2.0
/*
 * A plug-in that does what the names of its mechanisms say: words with a "+" between
 * them, arguments behind "=". It does them when the mechanism is invoked; those that
 * begin with "create-", "deactivate-" or "destroy-" then. It writes down in CALLS what
 * it is called for, and what it gets.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <Security/AuthorizationPlugin.h>
#include <bootstrap/setugid.h>

#include "script_plugin.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct mechanism {
	AuthorizationEngineRef engine;
	const char *name;
	bool has_interrupted;
	bool later;		/* there is a thread */
	pthread_t thread;
	char rest[512];		/* what is for it */
	bool fails;
};

static const AuthorizationCallbacks *host;

static void note(const char *format, ...)
{
	int fd = open(CALLS, O_WRONLY | O_APPEND | O_CLOEXEC);
	va_list args;

	va_start(args, format);
	vdprintf(fd, format, args);
	va_end(args);
	close(fd);
}

/* --- words */

static void do_result(struct mechanism *mechanism, char *arguments)
{
	OSStatus status = host->SetResult(mechanism->engine, atoi(arguments));

	if (status)
		note("result %d\n", status);
}

static void do_allow(struct mechanism *mechanism, char *arguments)
{
	(void)arguments;
	do_result(mechanism, (char[]){ "0" });
}

static void do_deny(struct mechanism *mechanism, char *arguments)
{
	(void)arguments;
	do_result(mechanism, (char[]){ "1" });
}

static void do_deny_once(struct mechanism *mechanism, char *arguments)
{
	const AuthorizationValue *tries;

	(void)arguments;
	host->GetHintValue(mechanism->engine, "tries", &tries);
	do_result(mechanism, *(const int *)tries->data ? (char[]){ "0" } :
							 (char[]){ "1" });
}

static void do_interrupt(struct mechanism *mechanism, char *arguments)
{
	OSStatus status;

	(void)arguments;
	if (mechanism->has_interrupted)
		return;
	mechanism->has_interrupted = true;
	status = host->RequestInterrupt(mechanism->engine);
	if (status)
		note("interrupt %d\n", status);
}

static void do_set(struct mechanism *mechanism, char *arguments)
{
	const char *key = strsep(&arguments, "=");
	const char *text = strsep(&arguments, "=");
	AuthorizationValue value = { strlen(text), (void *)text };
	OSStatus status;

	status = host->SetContextValue(mechanism->engine, key,
				       arguments ? atoi(arguments) : 0, &value);
	if (status)
		note("set %d\n", status);
}

static void do_hint(struct mechanism *mechanism, char *arguments)
{
	const char *key = strsep(&arguments, "=");
	AuthorizationValue value = { strlen(arguments), arguments };
	OSStatus status = host->SetHintValue(mechanism->engine, key, &value);

	if (status)
		note("hint %d\n", status);
}

/* So many bytes, none of them text. */
static void do_bytes(struct mechanism *mechanism, char *arguments)
{
	const char *key = strsep(&arguments, "=");
	const size_t len = atoi(arguments);
	AuthorizationValue value = { len, malloc(len + 1) };
	OSStatus status;

	memset(value.data, 0xfe, len);
	status = host->SetHintValue(mechanism->engine, key, &value);
	free(value.data);
	if (status)
		note("bytes %d\n", status);
}

static void note_value(const char *key, OSStatus status,
		       const AuthorizationValue *value, UInt32 flags)
{
	if (status)
		note("%s %d\n", key, status);
	else if (value->length == sizeof(uint32_t) &&
		 !((const char *)value->data)[3])
		note("%s number %u flags %u\n", key,
		     *(const uint32_t *)value->data, flags);
	else if (value->length && *(const unsigned char *)value->data == 0xfe)
		note("%s %zu bytes flags %u\n", key, value->length, flags);
	else if (value->length > 1000)
		note("%s %zu flags %u\n", key, value->length, flags);
	else
		note("%s '%s' %zu flags %u\n", key, (const char *)value->data,
		     value->length, flags);
}

static void do_get(struct mechanism *mechanism, char *key)
{
	const AuthorizationValue *value = NULL;
	AuthorizationContextFlags flags = 0;
	OSStatus status;

	status = host->GetContextValue(mechanism->engine, key, &flags, &value);
	note_value(key, status, value, flags);
}

static void do_get_hint(struct mechanism *mechanism, char *key)
{
	const AuthorizationValue *value = NULL;
	OSStatus status = host->GetHintValue(mechanism->engine, key, &value);

	note_value(key, status, value, 0);
}

static void do_get_own(struct mechanism *mechanism, char *key)
{
	const AuthorizationValue *value = NULL;
	OSStatus status;

	status = host->GetImmutableHintValue(mechanism->engine, key, &value);
	note_value(key, status, value, 0);
}

static void do_unset(struct mechanism *mechanism, char *key)
{
	note("unset %d\n", host->RemoveContextValue(mechanism->engine, key));
}

static void do_unhint(struct mechanism *mechanism, char *key)
{
	note("unhint %d\n", host->RemoveHintValue(mechanism->engine, key));
}

static void do_session(struct mechanism *mechanism, char *arguments)
{
	AuthorizationSessionId session = NULL;
	const AuthorizationValueVector *vector = NULL;

	(void)arguments;
	host->GetSessionId(mechanism->engine, &session);
	host->GetArguments(mechanism->engine, &vector);
	note("session %u, %u arguments\n", (unsigned int)(uintptr_t)session,
	     vector->count);
}

/* What every call makes of arguments that are none. */
static void do_misuse(struct mechanism *mechanism, char *arguments)
{
	const AuthorizationValue empty = { 1, NULL }, *value;
	const AuthorizationEngineRef engine = mechanism->engine;
	AuthorizationContextFlags flags;
	char key[300] = "";
	void *nothing;

	(void)arguments;
	memset(key, 'k', sizeof(key) - 1);
	note("misuse %d %d %d %d %d\n", host->SetResult(NULL, 0),
	     host->DidDeactivate(engine),
	     host->GetContextValue(engine, NULL, &flags, &value),
	     host->GetContextValue(engine, "uid", &flags, NULL),
	     host->SetContextValue(engine, "a", 8, &empty));
	note("values %d %d %d %d\n", host->SetContextValue(engine, "a", 0, &empty),
	     host->SetHintValue(engine, key, &(AuthorizationValue){ 0, NULL }),
	     host->SetHintValue(engine, "", &(AuthorizationValue){ 0, NULL }),
	     host->SetHintValue(engine, NULL, &empty));
	note("none %d %d %d %d %d %d\n", host->GetLAContext(engine, &nothing),
	     host->GetTKTokenWatcher(engine, &nothing),
	     host->GetTokenIdentities(engine, NULL, &nothing),
	     host->GetArguments(engine, NULL), host->GetSessionId(engine, NULL),
	     host->Converse(engine, 0, NULL, NULL));
}

static void do_say(struct mechanism *mechanism, char *arguments)
{
	const UInt32 style = atoi(strsep(&arguments, "="));
	char *answer = NULL;
	OSStatus status;

	status = host->Converse(mechanism->engine, style, arguments, &answer);
	note("said %d %s\n", status, answer ? answer : "-");
	free(answer);
}

static void do_ids(struct mechanism *mechanism, char *arguments)
{
	uid_t r, e, s;

	(void)mechanism;
	(void)arguments;
	getresuid(&r, &e, &s);
	note("ids %s %d groups %s no_new_privs %d dumpable\n",
	     r == e && e == s && getgid() == getegid() ?
		     r ? "unprivileged" : "privileged" : "torn",
	     getgroups(0, NULL), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) ?
		     "with" : "without", prctl(PR_GET_DUMPABLE));
}

/* As whom the main thread, and so any other, is. */
static uid_t main_euid(void)
{
	char path[64], line[128];
	unsigned int euid = 99;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", getpid());
	in = fopen(path, "r");
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, "Uid: %*u %u", &euid) == 1)
			break;
	fclose(in);
	return euid;
}

static void do_become(struct mechanism *mechanism, char *arguments)
{
	const uid_t uid = atoi(arguments);
	struct stat st;
	int fd;

	(void)mechanism;
	note("become %d", pthread_setugid_np(uid, uid));
	fd = open(CALLS ".user", O_CREAT | O_EXCL | O_RDWR, 0600);
	fstat(fd, &st);
	close(fd);
	note(" file %u main %u", st.st_uid, main_euid());
	/* From one to another it goes, too. */
	note(" other %d", pthread_setugid_np(uid + 1, uid + 1));
	note(" back %d", pthread_setugid_np(KAUTH_UID_NONE, KAUTH_GID_NONE));
	note(" euid %u\n", (unsigned int)syscall(SYS_geteuid));
}

static void do_crash(struct mechanism *mechanism, char *arguments)
{
	(void)mechanism;
	(void)arguments;
	raise(SIGSEGV);
}

static void do_exit(struct mechanism *mechanism, char *arguments)
{
	(void)mechanism;
	_exit(atoi(arguments));
}

static void do_hang(struct mechanism *mechanism, char *arguments)
{
	(void)mechanism;
	(void)arguments;
	for (;;)
		pause();
}

static void do_fail(struct mechanism *mechanism, char *arguments)
{
	(void)arguments;
	mechanism->fails = true;
}

/* A child that stays. */
static void do_fork(struct mechanism *mechanism, char *seconds)
{
	(void)mechanism;
	if (!fork()) {
		setsid();
		execlp("sleep", "sleep", seconds, NULL);
		_exit(1);
	}
}

static void do_leak(struct mechanism *mechanism, char *arguments)
{
	size_t count = 0;

	(void)mechanism;
	(void)arguments;
	while (malloc(1 << 20))
		count++;
	note("leaks %s\n", count > 100 && count < 1100 ? "so much" : "else");
	count = 0;
	while (dup(0) >= 0)
		count++;
	note("opens %s\n", count > 100 && count < 256 ? "so many" : "else");
}

static void do_change(struct mechanism *mechanism, char *arguments)
{
	(void)mechanism;
	(void)arguments;
	note("change %d %d %o\n", chdir("/tmp"), setenv("LANG", "x", 1),
	     umask(0777));
	/* Which all its threads are, then. */
	note("seteuid %d\n", seteuid(1000));
}

static void do_around(struct mechanism *mechanism, char *arguments)
{
	char cwd[64];
	mode_t mask = umask(022);

	(void)mechanism;
	(void)arguments;
	umask(mask);
	note("around %s %s %o %u\n", getcwd(cwd, sizeof(cwd)), getenv("LANG"),
	     mask, geteuid());
}

static void do_close(struct mechanism *mechanism, char *arguments)
{
	(void)mechanism;
	(void)arguments;
	close_range(3, ~0U, 0);
}

static void do_print(struct mechanism *mechanism, char *text)
{
	(void)mechanism;
	puts(text);
	fprintf(stderr, "error: %s\n", text);
}

static void do_sleep(struct mechanism *mechanism, char *ms)
{
	(void)mechanism;
	usleep(1000 * atoi(ms));
}

/* --- for logins in the demo */

static const char *text_of_hint(struct mechanism *mechanism, const char *key)
{
	const AuthorizationValue *value;

	if (host->GetHintValue(mechanism->engine, key, &value))
		return NULL;
	return value->data;
}

static void leave_behind(int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (!fork()) {
			if (i)
				setsid();
			execlp("sleep", "sleep", "infinity", NULL);
			_exit(1);
		}
}

static void run_note(struct mechanism *mechanism, const char *user)
{
	const AuthorizationValue *tries;
	char path[64];
	FILE *out;

	snprintf(path, sizeof(path), "/run/mechanisms/%s.runs", user);
	out = fopen(path, "a");
	if (!out || host->GetHintValue(mechanism->engine, "tries", &tries))
		return;
	fprintf(out, "%d %s\n", *(const int *)tries->data,
		text_of_hint(mechanism, "reason") ?: "-");
	fclose(out);
}

/* What the login's user is called after: RESULT.PLACE, if this is the place. */
static void do_by_user(struct mechanism *mechanism, char *place)
{
	static const char *const results[] = { "allow", "deny", "undefined",
					       "user-canceled" };
	const AuthorizationValue *value;
	AuthorizationContextFlags flags;
	char user[64], *at = user;
	const char *result;
	size_t i;

	host->GetContextValue(mechanism->engine, "username", &flags, &value);
	snprintf(user, sizeof(user), "%s", (const char *)value->data);
	result = strsep(&at, ".");
	if (!at || strcmp(at, place)) {
		host->SetResult(mechanism->engine, kAuthorizationResultAllow);
		return;
	}
	run_note(mechanism, value->data);
	for (i = 0; i < ARRAY_SIZE(results); i++)
		if (!strcmp(result, results[i])) {
			host->SetResult(mechanism->engine, i);
			return;
		}
	leave_behind(strcmp(result, "hang") ? 2 : 3);
	if (!strcmp(result, "crash"))
		raise(SIGSEGV);
	if (!strcmp(result, "hang"))
		do_hang(mechanism, NULL);
	mechanism->fails = true;
}

/* Until there is such a file. */
static void do_await(struct mechanism *mechanism, char *name)
{
	char path[128];

	(void)mechanism;
	snprintf(path, sizeof(path), "/run/mechanisms/%s", name);
	while (access(path, F_OK))
		usleep(100000);
}

/* Without the hint it goes on to wait, for somebody to interrupt it. */
static void do_need(struct mechanism *mechanism, char *key)
{
	if (text_of_hint(mechanism, key))
		host->SetResult(mechanism->engine, kAuthorizationResultAllow);
}

/* It is denied to whoever does not know the number. */
static void do_badge(struct mechanism *mechanism, char *number)
{
	char *answer = NULL;
	bool knows;

	host->Converse(mechanism->engine, kAuthorizationConverseSecret,
		       "Badge: ", &answer);
	knows = answer && !strcmp(answer, number);
	host->Converse(mechanism->engine,
		       knows ? kAuthorizationConverseInformation :
			       kAuthorizationConverseError,
		       knows ? "Your badge is good." : "Not this badge.", NULL);
	free(answer);
	host->SetResult(mechanism->engine,
			knows ? kAuthorizationResultAllow :
				kAuthorizationResultDeny);
}

static const struct {
	const char *word;
	void (*run)(struct mechanism *mechanism, char *arguments);
} words[] = {
	{ "allow", do_allow },	     { "deny", do_deny },
	{ "denyonce", do_deny_once }, { "result", do_result },
	{ "interrupt", do_interrupt }, { "set", do_set },
	{ "hint", do_hint },	     { "bytes", do_bytes },
	{ "get", do_get },	     { "gethint", do_get_hint },
	{ "getown", do_get_own },    { "unset", do_unset },
	{ "unhint", do_unhint },     { "session", do_session },
	{ "misuse", do_misuse },     { "say", do_say },
	{ "ids", do_ids },	     { "become", do_become },
	{ "crash", do_crash },	     { "exit", do_exit },
	{ "hang", do_hang },	     { "fail", do_fail },
	{ "fork", do_fork },	     { "leak", do_leak },
	{ "change", do_change },     { "around", do_around },
	{ "close", do_close },	     { "print", do_print },
	{ "sleep", do_sleep },	     { "byuser", do_by_user },
	{ "await", do_await },	     { "need", do_need },
	{ "badge", do_badge },
};

static void *do_later(void *mechanism);

/* Returns the word without what says when it is for, or NULL if it is not for now. */
static char *word_for(char *word, const char *when)
{
	static const char *const others[] = { "create-", "deactivate-",
					      "destroy-" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!strncmp(word, others[i], strlen(others[i])))
			return strcmp(when, others[i]) ? NULL :
							 word + strlen(when);
	return *when ? NULL : word;
}

static void do_words(struct mechanism *mechanism, const char *when, char *text)
{
	char *word, *name;
	size_t i;

	while ((word = strsep(&text, "+"))) {
		word = word_for(word, when);
		if (!word)
			continue;
		if (!strcmp(word, "later") && text) {
			snprintf(mechanism->rest, sizeof(mechanism->rest), "%s",
				 text);
			mechanism->later = !pthread_create(&mechanism->thread,
				NULL, do_later, mechanism);
			return;
		}
		name = strsep(&word, "=");
		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (!strcmp(name, words[i].word))
				words[i].run(mechanism, word);
	}
}

static void *do_later(void *mechanism)
{
	do_words(mechanism, "", ((struct mechanism *)mechanism)->rest);
	return NULL;
}

static OSStatus do_name(struct mechanism *mechanism, const char *when)
{
	char text[512];

	snprintf(text, sizeof(text), "%s", mechanism->name);
	mechanism->fails = false;
	do_words(mechanism, when, text);
	return mechanism->fails ? errAuthorizationInternal :
				  errAuthorizationSuccess;
}

/* --- the plug-in */

static OSStatus plugin_destroy(AuthorizationPluginRef plugin)
{
	note("plugin destroy%s\n", plugin == &host ? "" : " amiss");
	return errAuthorizationSuccess;
}

static OSStatus mechanism_create(AuthorizationPluginRef plugin,
				 AuthorizationEngineRef engine,
				 AuthorizationMechanismId id,
				 AuthorizationMechanismRef *ret_mechanism)
{
	struct mechanism *mechanism = calloc(1, sizeof(*mechanism));

	note("create %s%s\n", id, plugin == &host ? "" : " amiss");
	mechanism->engine = engine;
	mechanism->name = id;
	*ret_mechanism = mechanism;
	return do_name(mechanism, "create-");
}

static void join(struct mechanism *mechanism)
{
	if (mechanism->later)
		pthread_join(mechanism->thread, NULL);
	mechanism->later = false;
}

static OSStatus mechanism_invoke(AuthorizationMechanismRef ref)
{
	struct mechanism *mechanism = ref;

	join(mechanism);
	note("invoke %s\n", mechanism->name);
	return do_name(mechanism, "");
}

static OSStatus mechanism_deactivate(AuthorizationMechanismRef ref)
{
	struct mechanism *mechanism = ref;
	OSStatus status;

	note("deactivate %s\n", mechanism->name);
	status = do_name(mechanism, "deactivate-");
	join(mechanism);
	if (!status)
		host->DidDeactivate(mechanism->engine);
	return status;
}

static OSStatus mechanism_destroy(AuthorizationMechanismRef ref)
{
	struct mechanism *mechanism = ref;
	OSStatus status;

	note("destroy %s\n", mechanism->name);
	status = do_name(mechanism, "destroy-");
	join(mechanism);
	free(mechanism);
	return status;
}

static const AuthorizationPluginInterface interface = {
	.version = INTERFACE_VERSION,
	.PluginDestroy = plugin_destroy,
	.MechanismCreate = mechanism_create,
	.MechanismInvoke = mechanism_invoke,
	.MechanismDeactivate = mechanism_deactivate,
	.MechanismDestroy = mechanism_destroy,
};

OSStatus AuthorizationPluginCreate(const AuthorizationCallbacks *callbacks,
				   AuthorizationPluginRef *ret_plugin,
				   const AuthorizationPluginInterface **ret_interface)
{
	host = callbacks;
	note("plugin create version %u\n", callbacks->version);
	*ret_plugin = &host;
	*ret_interface = &interface;
	return CREATE_STATUS;
}
