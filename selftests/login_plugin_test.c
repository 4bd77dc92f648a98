// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanisms of plug-ins that are shared objects, and those that are not privileged:
 * what they get, what comes of what they do, and that it is nobody's trouble but their
 * login's. Plug-in "s" does what the names of its mechanisms say, see script_plugin.c.
 */
#include <sys/sysinfo.h>

#include <Security/Authorization.h>

#include "engine.h"
#include "script_plugin.h"

/* As they stand in what the plug-in writes down. */
_Static_assert(errAuthorizationCanceled == -60006 &&
	       errAuthorizationInteractionNotAllowed == -60007, "the codes");

#define OBJECT(name)	"/tests/script_" name ".so"
#define PRIVILEGED	",privileged"

/* What a mechanism of each kind is called for. */
#define CREATES(name)	"create " name "\n"
#define INVOKES(name)	"invoke " name "\n"
#define DESTROYS(name)	"destroy " name "\n"
#define BEGINS		"plugin create version 4\n"
#define ENDS		"plugin destroy\n"

FIXTURE(plugin)
{
	pid_t logger;
};

static void install(const char *from, const char *name, mode_t mode)
{
	char command[256];

	snprintf(command, sizeof(command), "cp %s " PLUGIN_DIR "/%s.so", from,
		 name);
	if (system(command))
		abort();
	snprintf(command, sizeof(command), PLUGIN_DIR "/%s.so", name);
	chmod(command, mode);
}

static void calls_forget(void)
{
	unlink(CALLS);
	unlink(CALLS ".user");
	put_file(CALLS, "", 0600);
	chmod(CALLS, 0666);
}

FIXTURE_SETUP(plugin)
{
	self->logger = engine_prepare();
	chmod("/tmp", 0777);
	calls_forget();
	install(OBJECT("plugin"), "s", 0644);
	*conversation = '\0';
	user_answer = "";
}

FIXTURE_TEARDOWN(plugin)
{
	engine_clear(self->logger);
	unlink(CALLS);
	unlink(CALLS ".user");
}

/* Are these the calls, all of them? */
static bool called(const char *wanted)
{
	const char *text = file_text(CALLS);

	if (!strcmp(text, wanted))
		return true;
	fprintf(stderr, "# calls: %s# not: %s", text, wanted);
	return false;
}

static bool called_for(const char *part)
{
	const char *text = file_text(CALLS);

	if (strstr(text, part))
		return true;
	fprintf(stderr, "# not called for %s# but: %s", part, text);
	return false;
}

/* One login through one stretch. */
static int run(struct host *host, int stretch)
{
	int result;

	*host = start();
	result = ask(host, stretch);
	return host_end(host) ? -2 : result;
}

static int run_before(void)
{
	struct host host;

	return run(&host, BEFORE);
}

/* --- the calls, and results */

TEST_F(plugin, life)
{
	struct host host = start();

	RIGHT(0, "s:allow" PRIVILEGED, "s:sleep=0+allow" PRIVILEGED, AUTH,
	      "s:allow" PRIVILEGED, HOME, "s:allow" PRIVILEGED);
	/* Nothing stands twice but in a file that is written by hand. */
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(ALLOW, ask(&host, AFTER));
	EXPECT_EQ(0, host_end(&host));
	/* One plug-in, and a mechanism for each place. */
	EXPECT_TRUE(called(BEGINS CREATES("allow") INVOKES("allow")
			   CREATES("sleep=0+allow") INVOKES("sleep=0+allow")
			   DESTROYS("allow") DESTROYS("sleep=0+allow")
			   CREATES("allow") INVOKES("allow") DESTROYS("allow")
			   CREATES("allow") INVOKES("allow") DESTROYS("allow") ENDS));
}

static const struct {
	const char *mechanism;
	int result;
	const char *logged;
} results[] = {
	{ "allow", ALLOW, ": allow, " },
	{ "deny", DENY, ": deny, " },
	{ "result=2", UNDEFINED, ": undefined, " },
	{ "result=3", CANCELED, ": user-canceled, " },
	/* Before it is invoked, and after that. */
	{ "create-allow", ALLOW, ": allow, " },
	{ "create-deny", DENY, ": deny, " },
	{ "later+sleep=200+allow", ALLOW, ": allow, " },
	{ "later+sleep=200+deny", DENY, ": deny, " },
	/* The first one counts. */
	{ "allow+deny", ALLOW, ": allow, " },
	{ "create-deny+allow", DENY, ": deny, " },
	{ "result=4+allow", ALLOW, ": allow, " },
	{ "allow+fail", ALLOW, ": allow, " },
	/* What it says of its end does not matter any more. */
	{ "allow+destroy-fail", ALLOW, ": allow, " },
	{ "fail", UNDEFINED, "(MechanismInvoke returned -60008)" },
	{ "create-fail+allow", UNDEFINED, "(MechanismCreate returned -60008)" },
	{ "crash", UNDEFINED, "plug-ins was killed by signal 11)" },
	{ "create-crash", UNDEFINED, "plug-ins was killed by signal 11)" },
	{ "later+sleep=200+crash", UNDEFINED, "plug-ins was killed by signal 11)" },
	{ "exit=7", UNDEFINED, "plug-ins ended with status 7)" },
	{ "exit=0", UNDEFINED, "plug-ins ended with status 0)" },
	{ "interrupt+allow", ALLOW, ": allow, " },
};

/* In both hosts. */
TEST_F_TIMEOUT(plugin, results, 400)
{
	static const char *const kinds[] = { PRIVILEGED, "" };
	size_t i, kind;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (i = 0; i < ARRAY_SIZE(results); i++) {
			char name[128];

			snprintf(name, sizeof(name), "s:%s%s",
				 results[i].mechanism, kinds[kind]);
			log_forget();
			RIGHT(1, name, AUTH);
			EXPECT_EQ(results[i].result, run_before())
				TH_LOG("%s", name);
			LOGGED(results[i].logged)
				TH_LOG("%s", name);
		}
}

TEST_F(plugin, second_result)
{
	RIGHT(1, "s:result=9+allow+deny+interrupt" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("result -60008\nresult -60008\n"));
	/* Without a result there is nothing to interrupt. */
	calls_forget();
	RIGHT(1, "s:interrupt+allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("interrupt -60008\n"));
}

TEST_F(plugin, misuse)
{
	RIGHT(1, "s:misuse+allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("misuse -60002 -60008 -60004 -60004 -60011\n"
			       "values -60004 -60008 -60008 -60004\n"
			       "none -60008 -60008 -60008 -60004 -60004 -60004\n"));
}

static const struct {
	const char *object;
	const char *logged;
} unusable[] = {
	{ OBJECT("version"), "(its interface is not whole, or of another version)" },
	{ OBJECT("failing"), "(AuthorizationPluginCreate returned -60005)" },
	{ OBJECT("empty"), "(it has no AuthorizationPluginCreate)" },
	{ "/vm.conf", "s.so: " },
};

TEST_F(plugin, unusable)
{
	size_t i;

	RIGHT(0, "s:allow" PRIVILEGED, AUTH);
	for (i = 0; i < ARRAY_SIZE(unusable); i++) {
		install(unusable[i].object, "s", 0644);
		EXPECT_EQ(UNDEFINED, run_before());
		LOGGED(unusable[i].logged);
	}
	/* Who may have had a hand in it is asked as for programs. */
	install(OBJECT("plugin"), "s", 0666);
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("s:allow cannot be run: " PLUGIN_DIR "/s.so: somebody other than root");
	unlink(PLUGIN_DIR "/s.so");
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("s:allow cannot be run: " PLUGIN_DIR "/s: No such file");
}

/* That of the manual page. */
TEST_F(plugin, example)
{
	struct host host;

	install("/tests/plugin_example.so", "example", 0644);
	RIGHT(1, AUTH, HOME, "example:home,privileged");
	asked_home = WORK "/home";
	ASSERT_EQ(0, mkdir(asked_home, 0700));
	EXPECT_EQ(DENY, run(&host, AFTER));
	ASSERT_EQ(0, chown(asked_home, ALICE, ALICE));
	EXPECT_EQ(ALLOW, run(&host, AFTER));
	asked_home = "/home/alice";
}

/* --- as whom they run */

TEST_F(plugin, identity)
{
	struct host host;

	script("who", "id -u >" WORK "/who; cat /proc/$$/status >>" WORK "/who");
	RIGHT(0, "s:ids+session+allow" PRIVILEGED, "s:ids+allow", "t:who", AUTH,
	      HOME, "s:session+allow" PRIVILEGED);
	ASSERT_EQ(ALLOW, run(&host, BEFORE));
	EXPECT_TRUE(called_for("ids privileged 0 groups without no_new_privs 1 dumpable\n"
			       "session 0, 0 arguments\n"));
	EXPECT_TRUE(called_for("ids unprivileged 0 groups with no_new_privs 0 dumpable\n"));
	EXPECT_TRUE(has("who", "990\n"));
	EXPECT_TRUE(has("who", "Gid:\t990\t990\t990\t990\n"));
	EXPECT_TRUE(has("who", "Groups:\t "));
	EXPECT_TRUE(has("who", "NoNewPrivs:\t1\n"));
	ASSERT_EQ(ALLOW, run(&host, AFTER));
	EXPECT_TRUE(called_for("session 7, 0 arguments\n"));
}

/* What only root gets to is nothing for others to run. */
TEST_F(plugin, only_roots)
{
	chmod(PLUGIN_DIR "/s.so", 0600);
	RIGHT(1, "s:allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
	RIGHT(1, "s:allow", AUTH);
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("s.so: only root may use it");
	script("a", "exit 0");
	RIGHT(1, "t:a", AUTH);
	EXPECT_EQ(ALLOW, run_before());
	chmod(PLUGIN_DIR "/t", 0700);
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("/t: only root gets in");
	chmod(PLUGIN_DIR "/t", 0755);
	chmod(PLUGIN_DIR "/t/a", 0744);
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("/t/a: only root may use it");
}

TEST_F(plugin, nobody_to_run_as)
{
	const char *passwd = "root:x:0:0:root:/root:/bin/sh\n";

	put_file(WORK "/passwd", passwd, 0644);
	ASSERT_EQ(0, mount(WORK "/passwd", "/etc/passwd", NULL, MS_BIND, NULL));
	RIGHT(1, "s:allow", AUTH);
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("s:allow cannot be run: there is no user bootstrap-login");
	RIGHT(1, "s:allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
	umount("/etc/passwd");
}

/* One thread becomes the user, and writes as he does; the others stay as they are. */
TEST_F(plugin, thread_identity)
{
	struct host host;

	RIGHT(0, AUTH, "s:become=1000+allow" PRIVILEGED, HOME);
	ASSERT_EQ(ALLOW, run(&host, BETWEEN));
	EXPECT_TRUE(called_for("become 0 file 1000 main 1000 other 0 back 0 euid 0\n"));
	calls_forget();
	RIGHT(0, AUTH, "s:later+become=1000+allow" PRIVILEGED, HOME);
	ASSERT_EQ(ALLOW, run(&host, BETWEEN));
	EXPECT_TRUE(called_for("become 0 file 1000 main 0 other 0 back 0 euid 0\n"));
}

/* --- values */

TEST_F(plugin, login_values)
{
	char pid[64];
	struct host host;

	RIGHT(0, AUTH, "s:get=username+get=uid+get=gid+get=home+get=none+allow" PRIVILEGED,
	      "s:gethint=tries+getown=tries+getown=client-pid+allow",
	      "s:gethint=rhost+getown=none+allow",
	      HOME);
	ASSERT_EQ(ALLOW, run(&host, BETWEEN));
	EXPECT_TRUE(called_for("username 'alice' 5 flags 1\nuid number 1000 flags 1\n"
			       "gid number 1000 flags 1\nhome '/home/alice' 11 flags 1\n"
			       "none -60008\n"));
	snprintf(pid, sizeof(pid), "client-pid number %u flags 0\n", getpid());
	EXPECT_TRUE(called_for(pid));
	EXPECT_TRUE(called_for("tries number 0 flags 0\ntries number 0 flags 0\n"));
	EXPECT_TRUE(called_for("rhost 'far' 3 flags 0\nnone -60008\n"));
	/* They are not a mechanism's to change. */
	calls_forget();
	RIGHT(0, AUTH, "s:set=uid=0+set=home=a+hint=tries=1+allow" PRIVILEGED,
	      "s:unset=username+unhint=reason+allow",
	      "s:get=uid+allow", HOME);
	ASSERT_EQ(ALLOW, run(&host, BETWEEN));
	EXPECT_TRUE(called_for("set -60005\nset -60005\nhint -60005\n"));
	EXPECT_TRUE(called_for("unset -60005\nunhint -60005\n"));
	EXPECT_TRUE(called_for("uid number 1000 flags 1\n"));
}

/* Through both hosts, and programs of both kinds. */
TEST_F(plugin, values_travel)
{
	script("give", "cat >" WORK "/give\n"
	       SAY("{\"context\":{\"p\":\"text\",\"n\":[1,\"b\"]},\"hints\":{\"q\":7}}")
	       SAY("{\"flags\":{\"p\":[\"sticky\",\"volatile\"]}}"));
	script("look", NOTE("look"));
	RIGHT(0, "s:set=a=one=5+hint=b=two+bytes=c=9+get=a+allow" PRIVILEGED,
	      "s:get=a+gethint=b+gethint=c+unhint=b+set=d=three+allow",
	      "t:give,privileged", "t:look",
	      "s:get=p+get=n+gethint=q+gethint=c+gethint=b+get=d+allow" PRIVILEGED,
	      AUTH);
	chmod(WORK, 0777);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("a 'one' 3 flags 5\n"));
	EXPECT_TRUE(called_for("b 'two' 3 flags 0\nc 9 bytes flags 0\nunhint 0\n"));
	EXPECT_TRUE(called_for("p 'text' 4 flags 6\nn '[1,\"b\"]' 7 flags 0\n"
			       "q '7' 1 flags 0\nc 9 bytes flags 0\n"
			       "b -60008\nd 'three' 5 flags 0\n"));
	EXPECT_TRUE(has("give", "\"a\":\"one\""));
	EXPECT_TRUE(has("give", "\"c\":{\"hex\":\"fefefefefefefefefe\"}"));
	EXPECT_TRUE(has("give", "\"flags\":{\"a\":[\"extractable\",\"sticky\"]}"));
	EXPECT_TRUE(has("look", "\"p\":[\"volatile\",\"sticky\"]"));
	EXPECT_TRUE(has("look", "\"n\":[1,\"b\"]"));
}

/* What it gave without a result is nobody's. */
TEST_F(plugin, values_count_with_the_result)
{
	script("look", NOTE("look"));
	RIGHT(0, "s:allow+set=late=1" PRIVILEGED, "s:set=early=1+allow",
	      "t:look,privileged", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(has("look", "\"early\":\"1\""));
	EXPECT_EQ(NULL, strstr(file_text(WORK "/look"), "late"));
}

TEST_F(plugin, too_much)
{
	RIGHT(1, "s:bytes=a=65535+bytes=b=1+bytes=c=65536+allow" PRIVILEGED,
	      "s:gethint=a+gethint=b+allow", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("bytes -60008\nbytes -60008\n"));
	EXPECT_TRUE(called_for("a 65535 bytes flags 0\nb -60008\n"));
	/* A program's may be as long, and is said to be too long if it is longer. */
	script("long", "printf '{\"hints\":{\"a\":\"' >&3\n"
	       "head -c 65000 /dev/zero | tr '\\0' '\\1' | sed 's/./\\\\u0001/g' | head -c 60000 >&3\n"
	       "printf '\"}}\\n' >&3\n");
	calls_forget();
	RIGHT(1, "t:long,privileged", "s:gethint=a+allow", AUTH);
	EXPECT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("a 10000 flags 0\n"));
}

/* A deny takes the context back, but for what is sticky; hints stay. */
TEST_F(plugin, sticky)
{
	RIGHT(3, "s:get=s+get=x+gethint=h+set=s=1=4+set=x=1=3+hint=h=1+denyonce" PRIVILEGED,
	      "s:get=s+get=x+allow", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("s -60008\nx -60008\nh -60008\n"));
	EXPECT_TRUE(called_for("s '1' 1 flags 4\nx -60008\nh '1' 1 flags 0\n"));
	/* Each try has mechanisms of its own, and the same plug-in. */
	EXPECT_EQ(NULL, strstr(strstr(file_text(CALLS), "plugin create") + 1,
			       "plugin create version 4\nplugin create"));
	calls_forget();
	RIGHT(2, "s:set=s=1=4+deny" PRIVILEGED, AUTH);
	EXPECT_EQ(DENY, run_before());
}

/* Only what is extractable is the login's result, and only of one that is allowed. */
TEST_F(plugin, result_of_login)
{
	struct host host;

	RIGHT(0, AUTH, HOME,
	      "s:set=realm=a b=1+set=my-key.2=c=7+set=no=d=6+set=u=e+bytes=x=3+allow",
	      "s:set=a=1=1+allow" PRIVILEGED);
	*result_texts = '\0';
	ASSERT_EQ(ALLOW, run(&host, AFTER));
	EXPECT_NE(NULL, strstr(result_texts, "BOOTSTRAP_LOGIN_REALM=a b\n"));
	EXPECT_NE(NULL, strstr(result_texts, "BOOTSTRAP_LOGIN_MY_KEY_2=c\n"));
	EXPECT_NE(NULL, strstr(result_texts, "BOOTSTRAP_LOGIN_A=1\n"));
	EXPECT_EQ(strlen("BOOTSTRAP_LOGIN_REALM=a b\nBOOTSTRAP_LOGIN_MY_KEY_2=c\n"
			 "BOOTSTRAP_LOGIN_A=1\n"), strlen(result_texts));
	RIGHT(0, AUTH, "s:set=a=1=1+allow", HOME, "s:deny");
	EXPECT_EQ(DENY, run(&host, AFTER));
	EXPECT_STREQ("", result_texts);
	RIGHT(0, AUTH, "s:set=a=1=1+allow", HOME);
	EXPECT_EQ(ALLOW, run(&host, BETWEEN));
	EXPECT_STREQ("", result_texts);
}

/* --- interrupts */

/* Later ones are deactivated, and invoked again; nothing is created anew. */
TEST_F(plugin, interrupt)
{
	const char *first = "gethint=reason+hint=h=1+allow+later+sleep=300+interrupt";
	char name[256];

	snprintf(name, sizeof(name), "s:%s" PRIVILEGED, first);
	RIGHT(0, name, "s:gethint=h+later+sleep=2000+allow", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("reason -60008\n"));
	EXPECT_TRUE(called_for("deactivate gethint=h+later+sleep=2000+allow\n"));
	EXPECT_TRUE(called_for("reason 'worldChanged' 12 flags 0\n"));
	EXPECT_EQ(NULL, strstr(strstr(file_text(CALLS), "create gethint=h") + 1,
			       "create gethint=h"));
	EXPECT_NE(NULL, strstr(strstr(file_text(CALLS), "invoke gethint=h") + 1,
			       "invoke gethint=h"));
	LOGGED("interrupts, and is invoked again");
}

/* A program that comes later is ended, and its result forgotten. */
TEST_F(plugin, interrupt_of_programs)
{
	script("wait", "echo x >>" WORK "/waited\n"
	       HAS("again") " && exit 0\nsleep 471101");
	RIGHT(0, "s:allow+later+sleep=1000+hint=again=1+interrupt" PRIVILEGED,
	      "t:wait,privileged", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_STREQ("x\nx\n", file_text(WORK "/waited"));
	EXPECT_EQ(0, count_sleeping("471101"));
}

/* One that does not deactivate costs its host, and the others in it begin anew. */
TEST_F_TIMEOUT(plugin, interrupt_is_not_heard, 120)
{
	RIGHT(0, "s:allow+later+sleep=300+interrupt" PRIVILEGED,
	      "s:deactivate-hang+gethint=reason+later+sleep=1500+allow", AUTH);
	EXPECT_EQ(ALLOW, run_before());
	LOGGED("the host of unprivileged plug-ins does not deactivate, and is killed");
	calls_forget();
	RIGHT(0, "s:allow+later+sleep=300+interrupt" PRIVILEGED,
	      "s:deactivate-fail+gethint=reason+later+sleep=1500+allow", AUTH);
	EXPECT_EQ(ALLOW, run_before());
}

/* --- the user */

TEST_F(plugin, converse)
{
	RIGHT(0, "s:say=0=Name?+say=1=Word?+say=2=Fine.+say=3=Bad.+allow",
	      "s:say=2=Psst+allow" PRIVILEGED, AUTH);
	user_answer = "an answer";
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_STREQ("0 Name?\n1 Word?\n2 Fine.\n3 Bad.\n", conversation);
	EXPECT_TRUE(called_for("said 0 an answer\nsaid 0 an answer\nsaid 0 -\nsaid 0 -\n"));
	EXPECT_TRUE(called_for("said -60007 -\n"));
	/* There is nobody. */
	calls_forget();
	user_answer = NULL;
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("said -60007 -\nsaid -60007 -\nsaid -60007 -\nsaid -60007 -\n"));
	/* There is no such style. */
	calls_forget();
	RIGHT(0, "s:say=4=Song+allow", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("said -60008 -\n"));
}

TEST_F(plugin, converse_of_programs)
{
	script("ask", SAY("{\"converse\":{\"style\":\"information\",\"text\":\"Hi\"}}")
	       "read -r said <&4; echo \"$said\" >" WORK "/said\n"
	       SAY("{\"converse\":{\"style\":\"secret\",\"text\":\"Word?\"}}")
	       "read -r said <&4; echo \"$said\" >>" WORK "/said\n");
	RIGHT(0, "t:ask", AUTH);
	user_answer = "a \"word\"";
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_STREQ("2 Hi\n1 Word?\n", conversation);
	EXPECT_STREQ("{\"answer\":\"\"}\n{\"answer\":\"a \\\"word\\\"\"}\n",
		     file_text(WORK "/said"));
	user_answer = NULL;
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_STREQ("{\"answer\":null}\n{\"answer\":null}\n",
		     file_text(WORK "/said"));
	/* Who only tells need not listen. */
	script("ask", "exec 4<&-\n"
	       SAY("{\"converse\":{\"style\":\"error\",\"text\":\"a\"}}") "sleep 1\n");
	user_answer = "";
	EXPECT_EQ(ALLOW, run_before());
	/* One thing after the other. */
	script("ask", "a='{\"converse\":{\"style\":\"error\",\"text\":\"a\"}}'\n"
	       "printf '%s\n%s\n' \"$a\" \"$a\" >&3\n"
	       "read -r said <&4; read -r said <&4\n");
	EXPECT_EQ(UNDEFINED, run_before());
	LOGGED("it converses already");
}

/* One that shows how it goes on while another one works. */
TEST_F(plugin, converse_beside)
{
	script("work", "sleep 1");
	RIGHT(0, "s:allow+later+say=2=one+say=2=two", "t:work,privileged", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_STREQ("2 one\n2 two\n", conversation);
}

/* While the user thinks, the time stands still. */
TEST_F_TIMEOUT(plugin, converse_takes_time, 120)
{
	struct host host = start();
	struct asked asked = request_for(&host, BEFORE);
	struct login_answer answer;
	char message[128];

	RIGHT(0, "s:say=0=Name?+allow", AUTH);
	asked.request.timeout = 5;
	asked_send(&host, &asked);
	ASSERT_LT(0, recv(host.socket, message, sizeof(message), 0));
	sleep(7);
	user_reply(&host, message);
	EXPECT_EQ(ALLOW, answer_of(&host, &answer));
	EXPECT_EQ(0, host_end(&host));
}

/* Whoever has asked is interrupted: he does not wait, and the user answers nobody. */
TEST_F(plugin, converse_interrupted)
{
	struct host host = start();
	struct asked asked = request_for(&host, BEFORE);
	struct login_answer answer;
	char message[128];

	mkdir("/run", 0755);
	mkdir("/run/mechanisms", 0755);
	unlink("/run/mechanisms/go");
	RIGHT(0, "s:allow+later+await=go+hint=h=1+interrupt" PRIVILEGED,
	      "s:gethint=h+say=0=Name?+allow", AUTH);
	asked_send(&host, &asked);
	ASSERT_LT(0, recv(host.socket, message, sizeof(message), 0));
	put_file("/run/mechanisms/go", "", 0644);
	ASSERT_TRUE(eventually(strstr(file_text(CALLS), "said -60006 -\n")));
	ASSERT_TRUE(eventually(strstr(file_text(CALLS), "h '1' 1 flags 0\n")));
	user_answer = "late";
	user_reply(&host, message);
	user_answer = "in time";
	EXPECT_EQ(ALLOW, answer_of(&host, &answer));
	EXPECT_TRUE(called_for("said 0 in time\n"));
	EXPECT_EQ(0, host_end(&host));
}

/* A login that is over meanwhile takes no answer. */
TEST_F(plugin, converse_too_late)
{
	struct host host = start();
	struct asked asked = request_for(&host, BEFORE);
	struct login_answer answer;
	char message[LOGIN_MESSAGE_MAX];

	RIGHT(1, "s:allow+later+say=0=Name?", "s:later+sleep=1000+deny" PRIVILEGED,
	      AUTH);
	asked_send(&host, &asked);
	ASSERT_LT(0, recv(host.socket, message, sizeof(message), 0));
	/* It does not wait for it, either. */
	ASSERT_LT(0, recv(host.socket, &answer, sizeof(answer), 0));
	EXPECT_EQ(LOGIN_ANSWER, answer.kind);
	EXPECT_EQ(DENY, answer.result);
	user_reply(&host, message);
	RIGHT(0, "s:allow", AUTH);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	EXPECT_EQ(0, host_end(&host));
}

/* --- being nice, or not */

/* What one changes, others of its login find; nobody else does. */
TEST_F(plugin, process_wide)
{
	struct host other = start();

	script("look", "exec >" WORK "/look; pwd; echo $LANG; umask; id -u");
	RIGHT(0, "s:change+allow" PRIVILEGED, "s:around+allow" PRIVILEGED,
	      "s:around+allow", "t:look,privileged", AUTH);
	ASSERT_EQ(ALLOW, run_before());
	EXPECT_TRUE(called_for("change 0 0 22\nseteuid 0\n"));
	EXPECT_TRUE(called_for("around /tmp x 777 1000\n"));
	EXPECT_TRUE(called_for("around / C.UTF-8 22 990\n"));
	EXPECT_TRUE(has("look", "/\nC.UTF-8\n0022\n0\n"));
	calls_forget();
	RIGHT(0, "s:around+allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, ask(&other, BEFORE));
	EXPECT_TRUE(called_for("around / C.UTF-8 22 0\n"));
	EXPECT_EQ(0, host_end(&other));
}

TEST_F(plugin, forks)
{
	RIGHT(0, "s:fork=471102+allow" PRIVILEGED, "s:fork=471103+allow",
	      "s:fork=471104+crash", AUTH);
	EXPECT_EQ(UNDEFINED, run_before());
	EXPECT_EQ(0, count_sleeping("471102"));
	EXPECT_EQ(0, count_sleeping("471103"));
	EXPECT_EQ(0, count_sleeping("471104"));
}

TEST_F(plugin, leaks)
{
	RIGHT(0, "s:leak+allow" PRIVILEGED, AUTH);
	run_before();
	EXPECT_TRUE(called_for("leaks so much\n"));
	/* Nobody else has less. */
	RIGHT(0, "s:allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
}

/* The result stands; the host does not outlive it by much. */
TEST_F_TIMEOUT(plugin, hangs_in_destroy, 120)
{
	struct host host = start();

	RIGHT(0, "s:allow+destroy-hang" PRIVILEGED, AUTH, "s:allow" PRIVILEGED);
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	LOGGED("the host of privileged plug-ins does not destroy, and is killed");
	/* There is another one for what comes then. */
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(0, host_end(&host));
}

TEST_F_TIMEOUT(plugin, hangs, 120)
{
	static const char *const hanging[] = {
		("s:hang" PRIVILEGED), "s:create-hang", "s:sleep=0", "s:later+hang+allow",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hanging); i++) {
		struct host host = start();

		log_forget();
		RIGHT(0, hanging[i], AUTH);
		EXPECT_EQ(UNDEFINED, ask_in(&host, BEFORE, 5));
		LOGGED("no result in 5 seconds");
		EXPECT_EQ(0, host_end(&host));
	}
}

TEST_F_TIMEOUT(plugin, closes_what_it_has, 60)
{
	struct host host = start();

	RIGHT(0, "s:close+allow" PRIVILEGED, AUTH);
	/* Its host does not hear or is not heard, or notices and ends. */
	EXPECT_EQ(UNDEFINED, ask_in(&host, BEFORE, 5));
	EXPECT_EQ(0, host_end(&host));
}

/* One that dies in its destruction has said what it had to say. */
TEST_F(plugin, dies_in_destroy)
{
	struct host host = start();

	RIGHT(0, "s:allow+destroy-crash", AUTH, "s:allow");
	EXPECT_EQ(ALLOW, ask(&host, BEFORE));
	LOGGED("the host of unprivileged plug-ins was killed by signal 11");
	EXPECT_EQ(ALLOW, ask(&host, BETWEEN));
	EXPECT_EQ(0, host_end(&host));
}

TEST_F(plugin, prints)
{
	RIGHT(0, "s:print=a word+allow", "s:print=a secret+allow" PRIVILEGED, AUTH);
	EXPECT_EQ(ALLOW, run_before());
	LOGGED("unprivileged plug-ins: a word");
	LOGGED("unprivileged plug-ins: error: a word");
	LOGGED(": privileged plug-ins: a secret");
}

/* The application is gone, or the host is killed: so are those of plug-ins. */
TEST_F(plugin, all_end)
{
	struct host host = start();
	struct asked asked = request_for(&host, BEFORE);

	RIGHT(0, "s:fork=471105+later+sleep=60000", AUTH);
	asked_send(&host, &asked);
	ASSERT_TRUE(eventually(count_sleeping("471105") == 1));
	kill(host.pid, SIGKILL);
	waitpid(host.pid, NULL, 0);
	close(host.socket);
	calls_forget();
	host = start();
	asked = request_for(&host, BEFORE);
	RIGHT(0, "s:fork=471106+later+sleep=1000", AUTH);
	asked_send(&host, &asked);
	ASSERT_TRUE(eventually(count_sleeping("471106") == 1));
	EXPECT_EQ(0, host_end(&host));
	EXPECT_EQ(0, count_sleeping("471106"));
	EXPECT_TRUE(called_for("destroy"));
	EXPECT_TRUE(called_for("plugin destroy"));
}

TEST_F(plugin, host_by_hand)
{
	pid_t pid = fork();

	if (!pid) {
		close_range(3, ~0U, 0);
		dup2(open("/dev/null", O_RDWR), 2);
		execl("/usr/local/lib/bootstrap/bootstrap-plugin-host", "x", NULL);
		_exit(99);
	}
	EXPECT_EQ(2, child_result(pid));
}

TEST_HARNESS_MAIN
