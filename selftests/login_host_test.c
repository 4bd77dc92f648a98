// SPDX-License-Identifier: GPL-2.0
/*
 * The host that runs mechanisms: what it tells them, what it makes of what they do, and
 * that nothing is left of them. Mechanisms are scripts of plug-in "t", which each test
 * puts there.
 */
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "engine.h"

FIXTURE(host)
{
	pid_t logger;
};

FIXTURE_SETUP(host)
{
	self->logger = engine_prepare();
}

FIXTURE_TEARDOWN(host)
{
	engine_clear(self->logger);
}

/* --- what they are told, and how they find themselves */

TEST_F(host, description)
{
	struct host host = start();

	script("a", NOTE("a"));
	script("b", NOTE("b"));
	script("c", NOTE("c"));
	RIGHT(0, "t:a,privileged", AUTH, "t:b,privileged", HOME,
	      "t:c,privileged");
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(ALLOW, ask(&host, AFTER));
	EXPECT_EQ(0, host_end(&host));
	EXPECT_TRUE(has("a", "\"mechanism\":\"t:a\",\"stretch\":\"before-auth\","));
	EXPECT_TRUE(has("a", "\"session\":null,\"context\":{\"username\":\"alice\"},"));
	EXPECT_TRUE(has("a", "\"client-name\":\"sshd\",\"rhost\":\"far\","));
	EXPECT_TRUE(has("a", "\"authorize-right\":\"system.login.console\",\"tries\":0}}"));
	EXPECT_TRUE(has("b", "\"stretch\":\"after-auth\",\"session\":null,"));
	EXPECT_TRUE(has("b", "{\"username\":\"alice\",\"uid\":1000,\"gid\":1000,"));
	EXPECT_TRUE(has("b", "\"gid\":1000,\"home\":\"/home/alice\"}"));
	EXPECT_TRUE(has("c", "\"stretch\":\"after-home\",\"session\":7,"));
}

TEST_F(host, surroundings)
{
	struct host host = start();

	script("a", "exec >" WORK "/a\n"
		 "for n in 0 1 2 3 4 5 6 7 8 9; do\n"
		 "[ ! -e /proc/$$/fd/$n ] || echo has $n; done\n"
		 "(echo x >&0) 2>/dev/null && echo writes\n"
		 "env | grep -v '^PWD=\\|^SHLVL=' | sort; pwd; umask; id -u; ulimit -c; ulimit -n\n"
		 "ulimit -v; ulimit -t; trap\n"
		 "read -r a b c d e f g </proc/self/stat; [ $f = $e ] && echo leads\n");
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
	EXPECT_TRUE(has("a", "has 0\nhas 1\nhas 2\nhas 3\nHOME=/\nLANG=C.UTF-8\n"));
	EXPECT_TRUE(has("a", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"));
	EXPECT_TRUE(has("a", "SHELL=/bin/sh\n/\n0022\n0\n0\n256\n1048576\n60\nleads\n"));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/a"), "BOOTSTRAP_NAMESPACE"));
}

/* A key that only those see who have it in their keyrings. */
static bool key_keep(const char *name)
{
	const unsigned int possessor = 0x3f000000;
	long key;

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
		return false;
	key = syscall(SYS_add_key, "user", name, "x", 1,
		      KEY_SPEC_SESSION_KEYRING);
	return key > 0 &&
	       !syscall(SYS_keyctl, KEYCTL_SETPERM, key, possessor);
}

/* As whoever calls su may have them. */
TEST_F(host, what_the_application_has)
{
	const struct sched_param param = { .sched_priority = 0 };
	const struct rlimit files = { 20, 20 };
	cpu_set_t first;
	struct host host;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	ASSERT_TRUE(key_keep("of-the-application"));
	EXPECT_NE(NULL, strstr(file_text("/proc/keys"), "of-the-application"));
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(first), &first));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_BATCH, &param));
	ASSERT_EQ(0, setpriority(PRIO_PROCESS, 0, 10));
	ASSERT_EQ(0, setrlimit(RLIMIT_NPROC, &files));
	host = start();
	script("a", "exec >" WORK "/a\n"
		 "set -- $(cat /proc/self/stat); echo nice ${19} policy ${41}\n"
		 "grep -c of-the-application /proc/keys\n"
		 "grep Cpus_allowed_list: /proc/self/status\n"
		 "grep processes /proc/self/limits | tr -s ' '\n");
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
	EXPECT_TRUE(has("a", "nice 0 policy 0\n0\nCpus_allowed_list:\t"));
	EXPECT_TRUE(has("a", sysconf(_SC_NPROCESSORS_CONF) > 1 ? "\t0-" : "\t0\n"));
	EXPECT_TRUE(has("a", "\nMax processes unlimited "));
}

TEST_F(host, namespace)
{
	struct host host = start();
	int port = port_open(), handle;

	/* A program with a sanitizer in it needs more room than a mechanism has. */
	script("a", "echo $BOOTSTRAP_NAMESPACE >" WORK "/a; ulimit -v unlimited\n"
		 "bootstrapctl managername >>" WORK "/a 2>&1\n");
	RIGHT(0, "t:a,privileged", AUTH, "t:a,privileged", HOME);
	handle = do_pre_login(port);
	ASSERT_LE(0, handle);
	EXPECT_EQ(ALLOW, ask_with(&host, BEFORE, handle));
	EXPECT_TRUE(has("a", "5:"));
	EXPECT_TRUE(has("a", "\nLoginWindow\n"));
	/* It is there for those that come later, too. */
	unlink(WORK "/a");
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_TRUE(has("a", "\nLoginWindow\n"));
	EXPECT_EQ(0, host_end(&host));
	close(handle);
	close(port);
}

/* --- results */

/* A value with flags that stand before it. */
#define FLAGGED(flags, value)						\
	SAY("{\"flags\":" flags ",\"context\":{\"a\":" value "}}")

static const struct {
	const char *script;
	int result;
	const char *logged;
} results[] = {
	{ "exit 0", ALLOW, "t:a: allow, " },
	{ "exit 1", DENY, "t:a: deny, " },
	{ "exit 2", UNDEFINED, "t:a: undefined, " },
	{ "exit 3", CANCELED, "t:a: user-canceled, " },
	{ SAY("{\"result\":\"allow\"}") "exit 1", ALLOW, "t:a: allow, " },
	{ SAY("{\"result\":\"deny\"}"), DENY, "t:a: deny, " },
	{ SAY("{\"result\":\"undefined\"}"), UNDEFINED, "t:a: undefined, " },
	{ SAY("{\"result\":\"user-canceled\"}"), CANCELED, "t:a: user-canceled, " },
	{ SAY("{\"hints\":{\"a\":[1,{\"b\":null}]}}") SAY("{}"), ALLOW, "t:a: allow, " },
	{ "printf '{\"result\":\"deny\"}' >&3", DENY, "t:a: deny, " },
	{ "exec 3>&- 1>&- 2>&- 0<&-; exit 1", DENY, "t:a: deny, " },
	/* It crashes. */
	{ "exit 4", UNDEFINED, "(exit status 4)" },
	{ "exit 126", UNDEFINED, "(exit status 126)" },
	{ "kill -SEGV $$", UNDEFINED, "(killed by signal 11)" },
	{ "kill -KILL $$", UNDEFINED, "(killed by signal 9)" },
	/* It makes no sense. */
	{ "echo nonsense >&3", UNDEFINED, "no JSON object" },
	{ "echo >&3", UNDEFINED, "no JSON object" },
	{ SAY("[]"), UNDEFINED, "no JSON object" },
	{ SAY("{\"result\":\"allow\"} x"), UNDEFINED, "no JSON object" },
	{ SAY("{\"result\":\"allow\"") "echo '}' >&3", UNDEFINED, "no JSON object" },
	{ "printf '{\"a\":\"\\377\"}\\n' >&3", UNDEFINED, "no JSON object" },
	{ "printf '{\"a\\0\":1}\\n' >&3", UNDEFINED, "no JSON object" },
	{ "printf '{\"result\":' >&3", UNDEFINED, "no JSON object" },
	{ SAY("{\"result\":\"perhaps\"}"), UNDEFINED, "no such result" },
	{ SAY("{\"result\":0}"), UNDEFINED, "no such result" },
	{ SAY("{\"result\":null}"), UNDEFINED, "no such result" },
	{ SAY("{\"answer\":\"allow\"}"), UNDEFINED, "not known" },
	{ SAY("{\"hints\":[]}"), UNDEFINED, "no object" },
	{ SAY("{\"context\":\"alice\"}"), UNDEFINED, "no object" },
	{ SAY("{\"context\":null}"), UNDEFINED, "no object" },
	{ SAY("{\"interrupt\":true}"), UNDEFINED, "before its result" },
	{ SAY("{\"interrupt\":false}"), UNDEFINED, "not true" },
	{ SAY("{\"interrupt\":1}"), UNDEFINED, "not true" },
	{ SAY("{\"hints\":{\"\":1}}"), UNDEFINED, "no key for a value" },
	{ SAY("{\"flags\":[]}"), UNDEFINED, "flags that are no object" },
	{ SAY("{\"flags\":{\"a\":[]}}"), UNDEFINED, "flags of what it has not" },
	{ FLAGGED("{\"a\":\"sticky\"}", "1"), UNDEFINED,
	  "no such flag" },
	{ FLAGGED("{\"a\":[\"tacky\"]}", "1"), UNDEFINED,
	  "no such flag" },
	{ FLAGGED("{\"a\":[4]}", "1"), UNDEFINED,
	  "no such flag" },
	{ FLAGGED("{\"a\":[\"sticky\"]}", "null"), UNDEFINED,
	  "flags of what it has not" },
	{ SAY("{\"converse\":{\"style\":\"error\",\"text\":\"a\"}}"), UNDEFINED,
	  "it is privileged" },
	{ SAY("{\"converse\":{\"style\":\"song\",\"text\":\"a\"}}"), UNDEFINED,
	  "nothing that can be said" },
	{ SAY("{\"converse\":{\"style\":\"error\",\"text\":1}}"), UNDEFINED,
	  "nothing that can be said" },
	{ SAY("{\"converse\":{\"style\":\"error\"}}"), UNDEFINED,
	  "nothing that can be said" },
	{ SAY("{\"converse\":{}}"), UNDEFINED,
	  "nothing that can be said" },
	{ SAY("{\"converse\":\"a\"}"), UNDEFINED,
	  "nothing that can be said" },
	{ SAY("{\"context\":{\"uid\":0}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"context\":{\"username\":null}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"context\":{\"gid\":0}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"context\":{\"home\":\"/\"}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"tries\":9}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"reason\":\"\"}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"rhost\":\"\"}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"tty\":\"\"}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"client-pid\":1}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"client-name\":1}}"), UNDEFINED, "not a mechanism" },
	{ SAY("{\"hints\":{\"authorize-right\":1}}"), UNDEFINED, "not a mechanism" },
	{ "yes >&3", UNDEFINED, "no JSON object" },
	{ "yes '{}' >&3", UNDEFINED, "more than it may say" },
	{ "while :; do printf '          '; done >&3", UNDEFINED, "more than it may say" },
};

TEST_F_TIMEOUT(host, results, 400)
{
	size_t i;

	RIGHT(1, "t:a,privileged", AUTH);
	for (i = 0; i < ARRAY_SIZE(results); i++) {
		struct host host = start();

		log_forget();
		script("a", results[i].script);
		EXPECT_EQ(results[i].result, ask(&host, BEFORE))
			TH_LOG("%s", results[i].script);
		EXPECT_EQ(0, host_end(&host));
		LOGGED(results[i].logged)
			TH_LOG("%s", results[i].script);
		LOGGED("no session yet of alice (sshd[");
	}
}

/* A stretch ends with the first that does not allow the login. */
TEST_F(host, order)
{
	struct host host = start();

	script("a", "echo a >>" WORK "/order");
	script("b", "echo b >>" WORK "/order; exit 3");
	script("c", "echo c >>" WORK "/order");
	RIGHT(0, "t:a,privileged", "t:b,privileged", "t:c,privileged", AUTH,
	      "t:c,privileged");
	EXPECT_EQ(CANCELED, ask(&host, BEFORE));
	EXPECT_STREQ("a\nb\n", file_text(WORK "/order"));
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_STREQ("a\nb\n", file_text(WORK "/order"));
	EXPECT_EQ(ALLOW, ask(&host, AFTER));
	EXPECT_STREQ("a\nb\nc\n", file_text(WORK "/order"));
	EXPECT_EQ(0, host_end(&host));
}

/* --- values */

TEST_F(host, values)
{
	struct host host = start();

	script("a", SAY("{\"hints\":{\"x\":1,\"y\":\"z\"},\"context\":{\"k\":[true]}}"));
	script("b", NOTE("b") SAY("{\"hints\":{\"x\":null,\"y\":2}}"));
	script("c", NOTE("c"));
	RIGHT(0, "t:a,privileged", "t:b,privileged", AUTH, HOME,
	      "t:c,privileged");
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_TRUE(has("b", "\"x\":1,\"y\":\"z\""));
	EXPECT_TRUE(has("b", "\"context\":{\"k\":[true],"));
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(ALLOW, ask(&host, AFTER));
	EXPECT_TRUE(has("c", "\"context\":{\"k\":[true],"));
	EXPECT_TRUE(has("c", "\"hints\":{\"y\":2,"));
	EXPECT_EQ(0, host_end(&host));
}

/* What somebody says whose result is not that the login goes on is nothing to others. */
TEST_F(host, attempts_begin_anew)
{
	struct host host = start();

	script("a", NOTE("a") SAY("{\"hints\":{\"x\":1},\"context\":{\"k\":1}}"));
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/a"), "\"x\""));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/a"), "\"k\""));
	EXPECT_EQ(0, host_end(&host));
}

/* --- tries */

TEST_F(host, tries)
{
	struct host host = start();

	script("a", SAY("{\"hints\":{\"x\":1},\"context\":{\"k\":1}}"));
	script("b", "cat >>" WORK "/b; echo >>" WORK "/b; exit 1");
	RIGHT(3, "t:a,privileged", "t:b,privileged", AUTH, HOME,
	      "t:b,privileged");
	EXPECT_EQ(DENY, ask(&host, BEFORE));
	EXPECT_TRUE(has("b", "\"tries\":0}}\n"));
	EXPECT_TRUE(has("b", "\"tries\":1,\"reason\":\"denied\"}}\n"));
	EXPECT_TRUE(has("b", "\"tries\":2,\"reason\":\"denied\"}}\n"));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/b"), "\"tries\":3"));
	/* In the session nobody is asked again. */
	unlink(WORK "/b");
	EXPECT_EQ(DENY, ask(&host, AFTER));
	EXPECT_TRUE(has("b", "\"tries\":0}}\n"));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/b"), "\"tries\":1"));
	EXPECT_EQ(0, host_end(&host));
}

TEST_F(host, tries_until_it_allows)
{
	struct host host = start();

	script("a", NOTE("a") "exec <" WORK "/a\n"
		 SAY("{\"hints\":{\"x\":1},\"context\":{\"k\":1}}")
		 HAS("\"tries\":5,") " || exit 1");
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	/* Hints are kept, what was said of the login is not. */
	EXPECT_TRUE(has("a", "\"x\":1"));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/a"), "\"k\""));
	EXPECT_EQ(0, host_end(&host));
}

/* --- interrupts */

TEST_F(host, interrupt)
{
	struct host host = start();

	script("a", NOTE("a") "exec <" WORK "/a\n"
		 HAS("worldChanged") " && exit 0\n"
		 SAY("{\"hints\":{\"x\":1}}") SAY("{\"result\":\"allow\"}")
		 "until [ -e " WORK "/waiting ]; do sleep 0.1; done\n"
		 SAY("{\"hints\":{\"y\":2},\"interrupt\":true}") "sleep 1234567");
	script("b", SAY("{\"hints\":{\"z\":3}}") "echo b >>" WORK "/order");
	script("c", NOTE("c") "exec <" WORK "/c\n" HAS("\"y\":2") " && exit 0\n"
		 "touch " WORK "/waiting; sleep 1234567");
	RIGHT(0, "t:a,privileged", "t:b,privileged", "t:c,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_TRUE(has("a", "\"hints\":{\"x\":1,\"y\":2,"));
	EXPECT_TRUE(has("a", "\"tries\":0,\"reason\":\"worldChanged\"}}"));
	EXPECT_STREQ("b\nb\n", file_text(WORK "/order"));
	/* As it is run anew the others have said nothing yet. */
	EXPECT_EQ(NULL, strstr(file_text(WORK "/a"), "\"z\""));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/c"), "worldChanged"));
	EXPECT_EQ(0, count_sleeping("1234567"));
	EXPECT_EQ(0, host_end(&host));
	LOGGED("t:a interrupts");
}

TEST_F_TIMEOUT(host, interrupts_without_end, 400)
{
	struct host host = start();

	script("a", "echo a >>" WORK "/order\n" SAY("{\"result\":\"allow\"}")
		 SAY("{\"interrupt\":true}") "sleep 1234567");
	script("b", "sleep 1234567");
	RIGHT(0, "t:a,privileged", "t:b,privileged", AUTH);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	EXPECT_EQ(33 * 2, (int)strlen(file_text(WORK "/order")));
	EXPECT_EQ(0, count_sleeping("1234567"));
	EXPECT_EQ(0, host_end(&host));
	LOGGED("too many interrupts");
}

/* What it says behind its result may make no sense either. */
TEST_F(host, nonsense_behind_a_result)
{
	struct host host = start();

	script("a", SAY("{\"result\":\"allow\"}") "echo nonsense >&3; sleep 1234567");
	script("b", "sleep 1234567");
	RIGHT(0, "t:a,privileged", "t:b,privileged", AUTH);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	EXPECT_EQ(0, count_sleeping("1234567"));
	script("a", SAY("{\"result\":\"allow\"}") SAY("{\"result\":\"allow\"}") "sleep 1234567");
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
	LOGGED("a second result");
}

/* --- what they leave behind */

TEST_F(host, hang)
{
	struct host host = start();

	script("a", "sleep 1234567");
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(UNDEFINED, ask_in(&host, BEFORE, 1));
	EXPECT_EQ(0, count_sleeping("1234567"));
	script("a", "trap '' TERM INT HUP; setsid sleep 1234567 & while :; do :; done");
	EXPECT_EQ(UNDEFINED, ask_in(&host, BEFORE, 1));
	EXPECT_EQ(0, count_sleeping("1234567"));
	EXPECT_EQ(0, host_end(&host));
	LOGGED("no result in 1 seconds");
}

TEST_F(host, leaves_nothing_behind)
{
	struct host host = start();

	script("a", "sleep 1234567 & setsid sleep 1234567 &\n"
		 "(setsid sh -c 'sleep 1234567 & sleep 1234567' &)\n"
		 "until [ $(ps | grep -c 'sleep 123456[7]') -ge 4 ]; do sleep 0.1; done\n");
	script("b", "[ $(ps | grep -c 'sleep 123456[7]') = 0 ]");
	RIGHT(1, "t:a,privileged", "t:b,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, count_sleeping("1234567"));
	EXPECT_EQ(0, host_end(&host));
}

/* What runs on is ended with its stretch, and what others leave is not its. */
TEST_F(host, runs_on_until_the_end_of_its_stretch)
{
	struct host host = start();

	script("a", "sleep 1234567 &\n" SAY("{\"result\":\"allow\"}") "wait");
	script("b", "sleep 7654321 &");
	script("c", "[ $(ps | grep -c 'sleep 123456[7]') = 1 ] &&\n"
		 "[ $(ps | grep -c 'sleep 765432[1]') = 0 ]");
	RIGHT(1, "t:a,privileged", "t:b,privileged", "t:c,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, count_sleeping("1234567"));
	EXPECT_EQ(0, host_end(&host));
}

static void application_run(void)
{
	for (;;)
		pause();
}

/* Nobody waits for the result any more. */
TEST_F(host, ends_with_its_application)
{
	int how;

	script("a", "touch " WORK "/waiting; sleep 1234567");
	RIGHT(0, "t:a,privileged", AUTH);
	for (how = 0; how < 3; how++) {
		pid_t application = fork();
		struct asked asked;
		struct host host;

		if (!application)
			application_run();
		unlink(WORK "/waiting");
		host = start_for(application);
		asked = request_for(&host, BEFORE);
		asked_send(&host, &asked);
		EXPECT_TRUE(eventually(!access(WORK "/waiting", F_OK)));
		if (how == 0)
			kill(application, SIGKILL);
		else if (how == 1)
			kill(host.pid, SIGTERM);
		else
			close(host.socket);
		EXPECT_EQ(0, child_result(host.pid));
		EXPECT_EQ(0, count_sleeping("1234567"));
		close(host.socket);
		kill(application, SIGKILL);
		waitpid(application, NULL, 0);
	}
}

TEST_F(host, mechanisms_of_a_host_that_is_killed)
{
	struct host host = start();
	struct asked asked = request_for(&host, BEFORE);

	script("a", "touch " WORK "/waiting; exec sleep 1234567");
	RIGHT(0, "t:a,privileged", AUTH);
	asked_send(&host, &asked);
	EXPECT_TRUE(eventually(!access(WORK "/waiting", F_OK)));
	kill(host.pid, SIGKILL);
	EXPECT_TRUE(eventually(!count_sleeping("1234567")));
	close(host.socket);
	waitpid(host.pid, NULL, 0);
}

/* --- the log */

TEST_F(host, output)
{
	struct host host = start();

	script("a", "echo out; echo err >&2; printf 'a\\033[2J\\tb\\n\\303\\251'");
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
	LOGGED("t:a: out\n");
	LOGGED("t:a: err\n");
	LOGGED("t:a: a?[2J?b\n");
	LOGGED("t:a: ??\n");
}

/* It neither fills the log nor keeps anybody waiting. */
TEST_F(host, output_without_end)
{
	struct host host = start();

	script("a", "yes & sleep 1; kill $!; exit 1");
	script("b", "head -c 1000000 /dev/zero; echo end");
	RIGHT(1, "t:b,privileged", "t:a,privileged", AUTH);
	EXPECT_EQ(DENY, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
	LOGGED("t:a says more, which is left out");
}

/* --- what there is to run */

TEST_F(host, no_database_or_right)
{
	struct host host = start();

	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	put_file(DATABASE,
		 "<plist version=\"1.0\"><dict><key>rights</key><dict/></dict></plist>",
		 0644);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	LOGGED("no right system.login.console");
	EXPECT_EQ(0, host_end(&host));
}

TEST_F(host, broken_database)
{
	struct host host = start();

	put_file(DATABASE, "nonsense", 0644);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	RIGHT(0, "t:a,root");
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	RIGHT(0, AUTH);
	chmod(DATABASE, 0666);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	chmod(DATABASE, 0644);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
}

/* A change in the middle of a login is for the next. */
TEST_F(host, changed_database)
{
	struct host host = start();

	script("a", "exit 0");
	script("b", "exit 3");
	RIGHT(0, AUTH, "t:a,privileged");
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	RIGHT(0, AUTH, "t:b,privileged");
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(CANCELED, ask(&host, AFTER));
	EXPECT_EQ(0, host_end(&host));
}

TEST_F(host, mechanisms_that_cannot_be_run)
{
	struct host host = start();

	script("a", "touch " WORK "/ran");
	RIGHT(0, "t:a,privileged", AUTH);
	chmod(PLUGIN_DIR "/t/a", 0644);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	chmod(PLUGIN_DIR "/t/a", 0775);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	chmod(PLUGIN_DIR "/t/a", 0755);
	chmod(PLUGIN_DIR "/t", 0777);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	chmod(PLUGIN_DIR "/t", 0755);
	EXPECT_EQ(0, chown(PLUGIN_DIR "/t/a", ALICE, 0));
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	unlink(PLUGIN_DIR "/t/a");
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	ASSERT_EQ(0, symlink("/bin/busybox", PLUGIN_DIR "/t/a"));
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	unlink(PLUGIN_DIR "/t/a");
	put_file(PLUGIN_DIR "/t/a", "#!/no/such/interpreter\n", 0755);
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	script("a", "touch " WORK "/ran");
	RIGHT(0, "t:a,privileged", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, access(WORK "/ran", F_OK));
	EXPECT_EQ(0, host_end(&host));
}

/* --- requests that nobody makes */

static size_t spoil(struct asked *asked, int how)
{
	struct login_request *request = &asked->request;
	size_t len = sizeof(*request) + asked->len;

	switch (how) {
	case 0:
		return 0;
	case 1:
		return sizeof(*request) - 1;
	case 2:
		return len - 1;
	case 3:
		return len + 1;
	case 4:
		request->stretch = AFTER + 1;
		return len;
	case 5:
		request->timeout = 0;
		return len;
	case 6:
		request->timeout = 3601;
		return len;
	case 7:
		request->stretch = BETWEEN;
		request->uid = LOGIN_UNKNOWN;
		return len;
	case 8:
		request->stretch = AFTER;
		request->gid = LOGIN_UNKNOWN;
		return len;
	case 9:
		memmove(asked->texts, asked->texts + 20, asked->len - 20);
		return len - 20;
	case 10:
		request->kind = LOGIN_ANSWER;
		return len;
	case 11:
		/* Nobody has asked anything. */
		request->kind = LOGIN_REPLY;
		return len;
	default:
		return len + LOGIN_REQUEST_MAX;
	}
}

/* Nobody gets past by lines of PAM's that name different rights. */
TEST_F(host, right_that_changes)
{
	struct host host = start();

	RIGHT(0, "t:none,privileged", AUTH, HOME);
	asked_right = "system.login.consoel";
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	LOGGED("no right system.login.consoel");
	asked_right = "system.login.console";
	EXPECT_EQ(UNDEFINED, ask(&host, BETWEEN));
	LOGGED("right system.login.consoel, and goes on with system.login.console");
	EXPECT_EQ(UNDEFINED, ask(&host, BEFORE));
	LOGGED("t:none cannot be run");
	EXPECT_EQ(0, host_end(&host));
}

TEST_F(host, bad_requests)
{
	static char text[2 * LOGIN_REQUEST_MAX];
	int how;

	RIGHT(0, AUTH);
	for (how = 0; how < 13; how++) {
		struct host host = start();
		struct asked asked = request_for(&host, BEFORE);
		struct login_answer answer;
		size_t len = spoil(&asked, how);

		memcpy(text, &asked, sizeof(asked));
		send(host.socket, text, len, MSG_NOSIGNAL);
		EXPECT_EQ(GONE, answer_of(&host, &answer))
			TH_LOG("%d", how);
		EXPECT_EQ(how ? 1 : 0, host_end(&host));
	}
}

TEST_F(host, by_hand)
{
	pid_t pid = fork();

	if (!pid) {
		close_range(3, ~0U, 0);
		dup2(open("/dev/null", O_RDWR), 2);
		execl(HOST, HOST, NULL);
		_exit(99);
	}
	EXPECT_EQ(2, child_result(pid));
}

/* None of them is in another's way. */
TEST_F(host, many_at_once)
{
	struct host hosts[8];
	struct login_answer answer;
	size_t i;

	script("a", "in=$(cat); sleep 1; case $in in *sshd*) exit 0;; esac; exit 3");
	RIGHT(0, "t:a,privileged", AUTH);
	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		struct asked asked;

		hosts[i] = start();
		asked = request_for(&hosts[i], BEFORE);
		asked_send(&hosts[i], &asked);
	}
	/* One of them is killed. */
	kill(hosts[3].pid, SIGKILL);
	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		EXPECT_EQ(i == 3 ? GONE : ALLOW, answer_of(&hosts[i], &answer));
		close(hosts[i].socket);
		waitpid(hosts[i].pid, NULL, 0);
	}
}

TEST_HARNESS_MAIN
