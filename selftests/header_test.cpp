// SPDX-License-Identifier: GPL-2.0
// The headers as C++, and the program of the README, as a C++ program uses them.
#include <cstddef>
#include <cstdio>

#include <Security/AuthSession.h>
#include <Security/AuthorizationDB.h>
#include <bootstrap/bootstrap.h>
#include <bootstrap/login.h>
#include <bsm/audit_session.h>
#include <servers/bootstrap.h>
#include <vproc_priv.h>

static_assert(sizeof(struct bootstrap_register) == BOOTSTRAP_REGISTER_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_name) == BOOTSTRAP_NAME_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_info) == BOOTSTRAP_INFO_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_look_up) == BOOTSTRAP_LOOK_UP_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_list) == BOOTSTRAP_LIST_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_list_entry) == BOOTSTRAP_LIST_ENTRY_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_session) == 360, "");
static_assert(sizeof(struct bootstrap_features) == BOOTSTRAP_FEATURES_SIZE_VER0, "");
static_assert(sizeof(struct bootstrap_usage) == 72, "");
static_assert(sizeof(struct bootstrap_statistics) == BOOTSTRAP_STATISTICS_SIZE_VER0, "");

/* It is there before the program's own constructors. */
static struct early {
	mach_port_t port;
	early() : port(bootstrap_port) { }
} early;

int main()
{
	int port = bns_open();
	bool found = bns_register(port, "c++", 0, nullptr, nullptr) == 0 &&
		     bns_look_up(port, "c++", nullptr, 0, nullptr) >= 0;
	mach_port_t sp;

	/* Both APIs in one program: functions and structs of the same name. */
	struct bootstrap_info info = { };
	info.size = sizeof(info);
	found = found && early.port != MACH_PORT_NULL && bns_info(port, "c++", nullptr, &info) == 0 &&
		bootstrap_look_up(bootstrap_port, "c++", &sp) == KERN_SUCCESS;
	found = found && SessionGetInfo(callerSecuritySession, nullptr, nullptr) == errSessionSuccess &&
		audit_session_self() != MACH_PORT_NULL;
	/* Nor does one library take anything from the other. */
	AuthorizationRef ref;
	struct bnl_mechanism mechanism;
	OSStatus status = AuthorizationCreate(nullptr, kAuthorizationEmptyEnvironment,
					      kAuthorizationFlagDefaults, &ref);
	found = found && status == errAuthorizationSuccess &&
		AuthorizationFree(ref, kAuthorizationFlagDefaults) == errAuthorizationSuccess &&
		bnl_mechanism_parse(BNL_AUTHENTICATE, &mechanism, nullptr) == 0 &&
		bnl_mechanism_kind(&mechanism) == BNL_KIND_AUTHENTICATE;

	std::printf("TAP version 13\n1..1\n%sok 1 headers as C++\n",
		    found ? "" : "not ");
	return !found;
}
