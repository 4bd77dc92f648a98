// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of <Security/AuthorizationDB.h>: a test for each and for each of its
 * codes; and an installer, as the document on running at login has one.
 */
#include <Security/AuthSession.h>
#include <Security/AuthorizationDB.h>

#include "authorization.h"
#include "harness.h"

#define ETC_DATABASE	BNL_DATABASE
#define LOCAL		"/usr/local"
#define INSTALLED	LOCAL "/lib/bootstrap/plugins"

/* What no call may have written to. */
#define POISON		((plist_t)0x5a)

FIXTURE(api) {
	AuthorizationRef ref;
};

static void put_etc(plist_t database)
{
	put_list(ETC_DATABASE, database);
	plist_free(database);
}

FIXTURE_SETUP(api)
{
	have_own_files();
	mount_tmpfs("/etc", "mode=755");
	mount_tmpfs(LOCAL, "mode=755");
	if (mkdir(LOCAL "/lib", 0755) || mkdir(LOCAL "/lib/bootstrap", 0755))
		abort();
	put_plugins(INSTALLED);
	ASSERT_EQ(errAuthorizationSuccess,
		  AuthorizationCreate(NULL, kAuthorizationEmptyEnvironment,
				      kAuthorizationFlagDefaults, &self->ref));
}

FIXTURE_TEARDOWN(api)
{
	EXPECT_EQ(errAuthorizationSuccess,
		  AuthorizationFree(self->ref, kAuthorizationFlagDestroyRights));
}

static OSStatus do_set(AuthorizationRef ref, const char *name,
		       plist_t definition)
{
	OSStatus status = AuthorizationRightSet(ref, name, definition, NULL,
						NULL, NULL);

	plist_free(definition);
	return status;
}

static OSStatus do_get(const char *name)
{
	plist_t got = POISON;
	OSStatus status = AuthorizationRightGet(name, &got);

	if (status != errAuthorizationSuccess)
		return got == POISON ? status : 1;
	plist_free(got);
	return status;
}

TEST_F(api, references)
{
	AuthorizationItem item = { .name = BNL_RIGHT_LOGIN };
	AuthorizationRights none = { 0, NULL }, some = { 1, &item };
	AuthorizationFlags all = kAuthorizationFlagInteractionAllowed |
		kAuthorizationFlagExtendRights | kAuthorizationFlagPartialRights |
		kAuthorizationFlagDestroyRights | kAuthorizationFlagPreAuthorize;
	AuthorizationRef ref = NULL;

	EXPECT_EQ(errAuthorizationInvalidFlags,
		  AuthorizationCreate(NULL, NULL, 0x20, &ref));
	EXPECT_EQ(errAuthorizationInvalidPointer,
		  AuthorizationCreate(NULL, NULL, 0, NULL));
	EXPECT_EQ(errAuthorizationDenied,
		  AuthorizationCreate(&some, NULL, all, &ref));
	EXPECT_EQ(NULL, ref);
	EXPECT_EQ(errAuthorizationSuccess,
		  AuthorizationCreate(&none, &some, all, &ref));
	ASSERT_NE(NULL, ref);
	EXPECT_EQ(errAuthorizationInvalidFlags,
		  AuthorizationFree(ref, kAuthorizationFlagExtendRights));
	EXPECT_EQ(errAuthorizationSuccess,
		  AuthorizationFree(ref, kAuthorizationFlagDefaults));
	EXPECT_EQ(errAuthorizationInvalidRef, AuthorizationFree(NULL, 0));
	EXPECT_EQ(errAuthorizationInvalidRef,
		  AuthorizationFree((AuthorizationRef)&item, 0));
	/* As anybody may have one, it proves nothing. */
	EXPECT_EQ(0, AS(ALICE, CHECK(!AuthorizationCreate(NULL, NULL, 0, &ref))));
}

TEST_F(api, get)
{
	plist_t got = NULL;

	EXPECT_EQ(errAuthorizationDenied, do_get("r"));
	put_etc(database_of("r", DEFINITION(ONE)));
	EXPECT_EQ(errAuthorizationInvalidPointer, do_get(NULL));
	EXPECT_EQ(errAuthorizationDenied, do_get("r.x"));
	EXPECT_EQ(errAuthorizationDenied, AuthorizationRightGet("s", NULL));
	EXPECT_EQ(errAuthorizationSuccess, AuthorizationRightGet("r", NULL));
	ASSERT_EQ(errAuthorizationSuccess, AuthorizationRightGet("r", &got));
	EXPECT_TRUE(has_line(got, ONE));
	plist_free(got);
	EXPECT_EQ(0, AS(ALICE, CHECK(do_get("r") == errAuthorizationSuccess)));
	/* Those that stand for others may be asked for. */
	put_etc(database_of("r.", DEFINITION(ONE)));
	EXPECT_EQ(errAuthorizationSuccess, do_get("r."));
	EXPECT_EQ(errAuthorizationDenied, do_get("r.x"));
	ASSERT_EQ(0, chmod(ETC_DATABASE, 0600));
	EXPECT_EQ(0, AS(ALICE, CHECK(do_get("r.") == errAuthorizationDenied)));
	ASSERT_EQ(0, chown(ETC_DATABASE, ALICE, 0));
	EXPECT_EQ(errAuthorizationDenied, do_get("r."));
	ASSERT_EQ(0, chown(ETC_DATABASE, 0, 0));
	put_file(ETC_DATABASE, "broken", 0644);
	EXPECT_EQ(errAuthorizationInternal, do_get("r."));
}

TEST_F(api, set)
{
	plist_t definition = DEFINITION(ONE), other = plist_new_string("x");

	EXPECT_EQ(errAuthorizationSuccess,
		  AuthorizationRightSet(self->ref, "r", definition, other, other,
					other));
	EXPECT_TRUE(right_has(ETC_DATABASE, "r", ONE));
	/* It is the caller's still. */
	EXPECT_TRUE(has_line(definition, ONE));
	plist_free(other);
	plist_free(definition);
	EXPECT_EQ(errAuthorizationSuccess,
		  do_set(self->ref, "r", DEFINITION(TWO)));
	EXPECT_TRUE(right_has(ETC_DATABASE, "r", TWO));
	EXPECT_TRUE(right_has(BNL_DATABASE_PREVIOUS, "r", ONE));
}

static plist_t of_class(const char *class)
{
	plist_t definition = NO_MECHANISMS;

	plist_dict_set_item(definition, "class", plist_new_string(class));
	return definition;
}

TEST_F(api, set_refused)
{
	char *former;

	put_etc(database_of("r", DEFINITION(ONE)));
	former = file_text(ETC_DATABASE);
	EXPECT_EQ(errAuthorizationInvalidPointer,
		  do_set(self->ref, NULL, DEFINITION(TWO)));
	EXPECT_EQ(errAuthorizationInvalidPointer, do_set(self->ref, "r", NULL));
	EXPECT_EQ(errAuthorizationInvalidRef, do_set(NULL, "r", DEFINITION(TWO)));
	EXPECT_EQ(errAuthorizationInvalidRef,
		  do_set((AuthorizationRef)former, "r", DEFINITION(TWO)));
	EXPECT_EQ(errAuthorizationDenied, do_set(self->ref, "", DEFINITION(TWO)));
	EXPECT_EQ(errAuthorizationDenied,
		  do_set(self->ref, "r.", DEFINITION(TWO)));
	EXPECT_EQ(errAuthorizationInvalidSet,
		  do_set(self->ref, "r", plist_new_string("allow")));
	EXPECT_EQ(errAuthorizationInvalidSet,
		  do_set(self->ref, "r", of_class("rule")));
	EXPECT_EQ(errAuthorizationInvalidSet,
		  do_set(self->ref, "r", DEFINITION("a:b,c")));
	EXPECT_EQ(errAuthorizationInvalidSet,
		  do_set(self->ref, "r", DEFINITION("p:none,privileged")));
	EXPECT_EQ(errAuthorizationInvalidSet,
		  do_set(self->ref, "s", DEFINITION("p:one")));
	EXPECT_EQ(0, AS(ALICE, CHECK(do_set(self->ref, "r", DEFINITION(TWO)) ==
				     errAuthorizationDenied)));
	EXPECT_TRUE(unchanged(ETC_DATABASE, former));
	EXPECT_FALSE(is_there(BNL_DATABASE_PREVIOUS));
}

TEST_F(api, remove)
{
	put_etc(database_of("r", DEFINITION(ONE)));
	EXPECT_EQ(errAuthorizationInvalidPointer,
		  AuthorizationRightRemove(self->ref, NULL));
	EXPECT_EQ(errAuthorizationInvalidRef,
		  AuthorizationRightRemove(NULL, "r"));
	EXPECT_EQ(errAuthorizationDenied,
		  AuthorizationRightRemove(self->ref, "none"));
	EXPECT_EQ(0, AS(ALICE, CHECK(AuthorizationRightRemove(self->ref, "r") ==
				     errAuthorizationDenied)));
	EXPECT_TRUE(right_has(ETC_DATABASE, "r", ONE));
	EXPECT_EQ(errAuthorizationSuccess,
		  AuthorizationRightRemove(self->ref, "r"));
	EXPECT_TRUE(right_has(ETC_DATABASE, "r", NULL));
	EXPECT_EQ(errAuthorizationDenied,
		  AuthorizationRightRemove(self->ref, "r"));
	put_etc(database_of("r.", DEFINITION(ONE)));
	EXPECT_EQ(errAuthorizationDenied,
		  AuthorizationRightRemove(self->ref, "r."));
	EXPECT_EQ(errAuthorizationDenied,
		  AuthorizationRightRemove(self->ref, ""));
	EXPECT_TRUE(right_has(ETC_DATABASE, "r.", ONE));
}

TEST_F(api, of_what_is_broken)
{
	plist_t database = database_of("r", DEFINITION(ONE));

	put_file(ETC_DATABASE, "broken", 0644);
	EXPECT_EQ(errAuthorizationInternal,
		  do_set(self->ref, "r", DEFINITION(ONE)));
	EXPECT_EQ(errAuthorizationInternal,
		  AuthorizationRightRemove(self->ref, "r"));
	EXPECT_TRUE(unchanged(ETC_DATABASE, strdup("broken")));
	/* Of another right, that is; what is removed is not to blame. */
	plist_dict_set_item(plist_dict_get_item(database, "rights"), "wrong",
			    of_class("rule"));
	put_etc(database);
	EXPECT_EQ(errAuthorizationInternal,
		  AuthorizationRightRemove(self->ref, "r"));
	EXPECT_TRUE(right_has(ETC_DATABASE, "r", ONE));
	EXPECT_EQ(errAuthorizationSuccess,
		  AuthorizationRightRemove(self->ref, "wrong"));
	ASSERT_EQ(0, mount(NULL, "/etc", NULL, MS_REMOUNT | MS_RDONLY, "mode=755"));
	EXPECT_EQ(errAuthorizationDenied,
		  AuthorizationRightRemove(self->ref, "r"));
	EXPECT_EQ(errAuthorizationDenied,
		  do_set(self->ref, "r", DEFINITION(TWO)));
	EXPECT_EQ(errAuthorizationSuccess, do_get("r"));
}

/*
 * From here on, the document's third listing, as it is written for libplist: what an
 * installer does.
 */
static bool is_of_home(plist_t mechanism)
{
	return PLIST_IS_STRING(mechanism) &&
	       !strncmp(plist_get_string_ptr(mechanism, NULL),
			"HomeDirMechanism:", strlen("HomeDirMechanism:"));
}

static void insert_relative_to_home(CFMutableArrayRef mechanisms,
				    const char *text, bool before)
{
	uint32_t i, count = plist_array_get_size(mechanisms), place = count;

	for (i = 0; i < count; i++) {
		if (!is_of_home(plist_array_get_item(mechanisms, i)))
			continue;
		place = before ? i : i + 1;
		if (before)
			break;
	}
	if (place == count)
		plist_array_append_item(mechanisms, plist_new_string(text));
	else
		plist_array_insert_item(mechanisms, plist_new_string(text),
					place);
}

static bool contains(CFArrayRef mechanisms, const char *text)
{
	uint32_t i;

	for (i = 0; i < plist_array_get_size(mechanisms); i++) {
		plist_t node = plist_array_get_item(mechanisms, i);

		if (PLIST_IS_STRING(node) &&
		    !strcmp(plist_get_string_ptr(node, NULL), text))
			return true;
	}
	return false;
}

static OSStatus add_to_definition(AuthorizationRef ref,
				  CFMutableDictionaryRef definition,
				  const char *text, bool before)
{
	plist_t class = plist_dict_get_item(definition, "class");
	CFMutableArrayRef mechanisms = plist_dict_get_item(definition,
							   "mechanisms");

	if (!PLIST_IS_STRING(class) ||
	    strcmp(plist_get_string_ptr(class, NULL), "evaluate-mechanisms") ||
	    !PLIST_IS_ARRAY(mechanisms))
		return errAuthorizationInternal;
	if (contains(mechanisms, text))
		return errAuthorizationSuccess;
	insert_relative_to_home(mechanisms, text, before);
	return AuthorizationRightSet(ref, "system.login.console", definition,
				     NULL, NULL, NULL);
}

static OSStatus add_to_console_login(AuthorizationRef ref, const char *plugin,
				     const char *name, bool privileged,
				     bool before)
{
	CFDictionaryRef definition;
	OSStatus status;
	char text[128];

	snprintf(text, sizeof(text), "%s:%s%s", plugin, name,
		 privileged ? ",privileged" : "");
	status = AuthorizationRightGet("system.login.console", &definition);
	if (status)
		return status;
	status = add_to_definition(ref, definition, text, before);
	plist_free(definition);
	return status;
}

#define BEFORE	true
#define BEHIND	false
#define STATUS	"HomeDirMechanism:status"

TEST_F(api, an_installer)
{
	char *former;

	EXPECT_EQ(errAuthorizationDenied,
		  add_to_console_login(self->ref, "p", "one", true, BEFORE));
	put_etc(database_of(BNL_RIGHT_LOGIN,
			    DEFINITION(AUTH, HOME, STATUS, THREE)));
	EXPECT_EQ(errAuthorizationSuccess,
		  add_to_console_login(self->ref, "p", "one", true, BEFORE));
	EXPECT_EQ(errAuthorizationSuccess,
		  add_to_console_login(self->ref, "p", "two", true, BEHIND));
	EXPECT_TRUE(right_has(ETC_DATABASE, BNL_RIGHT_LOGIN,
			      AUTH " " ONE " " HOME " " STATUS " " TWO " " THREE));
	/* Once more makes no difference. */
	former = file_text(ETC_DATABASE);
	EXPECT_EQ(errAuthorizationSuccess,
		  add_to_console_login(self->ref, "p", "one", true, BEHIND));
	EXPECT_EQ(errAuthorizationSuccess,
		  add_to_console_login(self->ref, "p", "two", true, BEFORE));
	EXPECT_TRUE(unchanged(ETC_DATABASE, former));
	former = file_text(ETC_DATABASE);
	EXPECT_EQ(errAuthorizationInvalidSet,
		  add_to_console_login(self->ref, "q", "three", false, BEFORE));
	EXPECT_EQ(errAuthorizationInvalidSet,
		  add_to_console_login(self->ref, "p", "none", true, BEFORE));
	EXPECT_EQ(0, AS(ALICE, CHECK(add_to_console_login(self->ref, "q", "four",
							  true, BEFORE) ==
				     errAuthorizationDenied)));
	EXPECT_TRUE(unchanged(ETC_DATABASE, former));
}

/* The library's own insertion gives the same. */
TEST_F(api, an_installer_and_the_library)
{
	plist_t definition = DEFINITION(AUTH, HOME, STATUS), got;

	put_etc(database_of(BNL_RIGHT_LOGIN, plist_copy(definition)));
	ASSERT_EQ(0, add_to_console_login(self->ref, "p", "one", true, BEFORE));
	ASSERT_EQ(0, add_to_console_login(self->ref, "p", "two", true, BEHIND));
	ASSERT_EQ(1, bnl_mechanism_insert(definition, ONE, BNL_HOME_PLUGIN, true,
					  NULL));
	ASSERT_EQ(1, bnl_mechanism_insert(definition, TWO, BNL_HOME_PLUGIN, false,
					  NULL));
	ASSERT_EQ(0, AuthorizationRightGet(BNL_RIGHT_LOGIN, &got));
	EXPECT_TRUE(has_line(got, AUTH " " ONE " " HOME " " STATUS " " TWO));
	EXPECT_TRUE(has_line(definition, AUTH " " ONE " " HOME " " STATUS " " TWO));
	plist_free(got);
	plist_free(definition);
}

TEST_HARNESS_MAIN
