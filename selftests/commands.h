/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All commands of /dev/bootstrap in one table, so that a test which walks it
 * leaves none out. abi_test fails if a command has no row.
 */
#ifndef BOOTSTRAP_COMMANDS_H
#define BOOTSTRAP_COMMANDS_H

#include <stddef.h>

#include "bootstrap_test.h"

/* Where a command has no such field. */
#define NONE	0xffff

struct command {
	const char *name;
	unsigned int number;
	unsigned short size;
	unsigned short min_size;
	__u32 flags;			/* those that are known */
	unsigned short pad;		/* offset of each field */
	unsigned short text;
	unsigned short text_len;
	unsigned short scope;
	unsigned short session;
	unsigned short cookie;
	unsigned short buffer;		/* second address, besides the text */
	bool writes;			/* has outputs in its struct */
	/* Fills in arguments that succeed. */
	void (*good)(union bootstrap_args *args);
	/* Undoes what success did. */
	void (*undo)(int port, int ret);
};

/* What tests use; "there" is registered by the test, "new" is not. */
static int good_file = -1;
static struct bootstrap_info good_info;
static _Alignas(8) char good_buffer[4096];

static inline void good_register(union bootstrap_args *args)
{
	args->reg = args_register("new", good_file);
}

static inline void undo_register(int port, int ret)
{
	(void)ret;
	do_unregister(port, "new");
}

static inline void good_name(union bootstrap_args *args)
{
	args->name = args_name("there");
}

static inline void undo_unregister(int port, int ret)
{
	(void)ret;
	do_register(port, "there", good_file);
}

static inline void good_look_up(union bootstrap_args *args)
{
	args->look_up = args_look_up("there");
	memset(&good_info, 0, sizeof(good_info));
	good_info.size = sizeof(good_info);
	args->look_up.info = (uintptr_t)&good_info;
}

static inline void undo_look_up(int port, int ret)
{
	(void)port;
	close(ret);
}

static inline void good_list(union bootstrap_args *args)
{
	args->list.size = sizeof(args->list);
	args->list.buffer = (uintptr_t)good_buffer;
	args->list.buffer_size = sizeof(good_buffer);
}

static inline void good_session(union bootstrap_args *args)
{
	args->session.size = sizeof(args->session);
}

static inline void good_features(union bootstrap_args *args)
{
	args->features.size = sizeof(args->features);
}

static inline void good_usage(union bootstrap_args *args)
{
	args->usage.size = sizeof(args->usage);
}

#define FIELD(_struct, _field)	offsetof(struct bootstrap_##_struct, _field)
#define ADDRESS_FIELDS(_struct)						\
	.scope = FIELD(_struct, scope),					\
	.session = FIELD(_struct, session),				\
	.cookie = FIELD(_struct, cookie)
#define TEXT_FIELDS(_struct)						\
	.text = FIELD(_struct, name),					\
	.text_len = FIELD(_struct, name_len)
#define NO_ADDRESS_FIELDS	.scope = NONE, .session = NONE, .cookie = NONE
#define NO_TEXT_FIELDS		.text = NONE, .text_len = NONE

static const struct command commands[] = {
	{
		.name = "REGISTER", .number = BOOTSTRAP_IOC_REGISTER,
		.size = sizeof(struct bootstrap_register),
		.min_size = BOOTSTRAP_REGISTER_SIZE_VER0,
		.flags = BOOTSTRAP_REGISTER_STICKY | BOOTSTRAP_REGISTER_GROUP,
		.pad = FIELD(register, pad), TEXT_FIELDS(register),
		ADDRESS_FIELDS(register), .buffer = NONE, .writes = true,
		.good = good_register, .undo = undo_register,
	}, {
		.name = "UNREGISTER", .number = BOOTSTRAP_IOC_UNREGISTER,
		.size = sizeof(struct bootstrap_name),
		.min_size = BOOTSTRAP_NAME_SIZE_VER0,
		.pad = FIELD(name, pad), TEXT_FIELDS(name),
		ADDRESS_FIELDS(name), .buffer = NONE,
		.good = good_name, .undo = undo_unregister,
	}, {
		.name = "TAKE_OVER", .number = BOOTSTRAP_IOC_TAKE_OVER,
		.size = sizeof(struct bootstrap_name),
		.min_size = BOOTSTRAP_NAME_SIZE_VER0,
		.pad = FIELD(name, pad), TEXT_FIELDS(name),
		ADDRESS_FIELDS(name), .buffer = NONE,
		.good = good_name,
	}, {
		.name = "LOOK_UP", .number = BOOTSTRAP_IOC_LOOK_UP,
		.size = sizeof(struct bootstrap_look_up),
		.min_size = BOOTSTRAP_LOOK_UP_SIZE_MIN,
		.flags = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER,
		.pad = FIELD(look_up, pad), TEXT_FIELDS(look_up),
		ADDRESS_FIELDS(look_up), .buffer = FIELD(look_up, info),
		.good = good_look_up, .undo = undo_look_up,
	}, {
		.name = "LIST", .number = BOOTSTRAP_IOC_LIST,
		.size = sizeof(struct bootstrap_list),
		.min_size = BOOTSTRAP_LIST_SIZE_VER0,
		.pad = FIELD(list, pad), NO_TEXT_FIELDS,
		ADDRESS_FIELDS(list), .buffer = FIELD(list, buffer),
		.writes = true, .good = good_list,
	}, {
		.name = "SESSION", .number = BOOTSTRAP_IOC_SESSION,
		.size = sizeof(struct bootstrap_session),
		.min_size = BOOTSTRAP_SESSION_SIZE_VER0,
		.flags = BOOTSTRAP_SESSION_BY_ID | BOOTSTRAP_SESSION_NEXT,
		.pad = FIELD(session, pad), NO_TEXT_FIELDS,
		NO_ADDRESS_FIELDS, .buffer = NONE, .writes = true,
		.good = good_session,
	}, {
		.name = "FEATURES", .number = BOOTSTRAP_IOC_FEATURES,
		.size = sizeof(struct bootstrap_features),
		.min_size = BOOTSTRAP_FEATURES_SIZE_VER0,
		.pad = NONE, NO_TEXT_FIELDS, NO_ADDRESS_FIELDS,
		.buffer = NONE, .writes = true, .good = good_features,
	}, {
		.name = "USAGE", .number = BOOTSTRAP_IOC_USAGE,
		.size = sizeof(struct bootstrap_usage),
		.min_size = BOOTSTRAP_USAGE_SIZE_VER0,
		.flags = BOOTSTRAP_USAGE_BY_UID,
		.pad = FIELD(usage, pad), NO_TEXT_FIELDS, NO_ADDRESS_FIELDS,
		.buffer = NONE, .writes = true, .good = good_usage,
	},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

#endif
