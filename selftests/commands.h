/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All commands of /dev/bootstrap in one table, with what each field of their
 * arguments means. Tests that walk it leave no command out, the fuzzer makes
 * arguments by it. abi_test fails if a command has no row, or a byte of its
 * argument no field.
 */
#ifndef BOOTSTRAP_COMMANDS_H
#define BOOTSTRAP_COMMANDS_H

#include <stddef.h>

#include "bootstrap_test.h"

enum field_kind {
	FIELD_END,
	FIELD_SIZE,
	FIELD_FLAGS,
	FIELD_PAD,
	FIELD_TEXT,		/* address of a name */
	FIELD_TEXT_LEN,
	FIELD_SCOPE,
	FIELD_SESSION,
	FIELD_COOKIE,
	FIELD_FD,
	FIELD_ID,		/* of a user or group */
	FIELD_GENERATION,
	FIELD_INFO,		/* address of a struct bootstrap_info */
	FIELD_BUFFER,		/* address of room for a list */
	FIELD_BUFFER_SIZE,
	FIELD_OUT,		/* written, never read */
};

struct field {
	const char *name;
	enum field_kind kind;
	unsigned short offset;
	unsigned short size;
};

#define FIELDS_MAX	16

struct command {
	const char *name;
	unsigned int number;
	unsigned short size;
	unsigned short min_size;
	__u32 flags;			/* those that are known */
	bool addresses;			/* scope, session and cookie say what */
	struct field fields[FIELDS_MAX];
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

#define FIELD(_kind, _struct, _field) {					\
	.name = #_field, .kind = FIELD_##_kind,				\
	.offset = offsetof(struct bootstrap_##_struct, _field),		\
	.size = sizeof(((struct bootstrap_##_struct *)0)->_field),	\
}

#define NAME_FIELDS							\
	FIELD(SIZE, name, size),					\
	FIELD(FLAGS, name, flags),					\
	FIELD(TEXT, name, name),					\
	FIELD(TEXT_LEN, name, name_len),				\
	FIELD(SCOPE, name, scope),					\
	FIELD(SESSION, name, session),					\
	FIELD(PAD, name, pad),						\
	FIELD(COOKIE, name, cookie),					\
	FIELD(GENERATION, name, generation)

static const struct command commands[] = {
	{
		.name = "REGISTER", .number = BOOTSTRAP_IOC_REGISTER,
		.size = sizeof(struct bootstrap_register),
		.min_size = BOOTSTRAP_REGISTER_SIZE_VER0,
		.flags = BOOTSTRAP_REGISTER_STICKY | BOOTSTRAP_REGISTER_GROUP,
		.addresses = true,
		.fields = {
			FIELD(SIZE, register, size),
			FIELD(FLAGS, register, flags),
			FIELD(TEXT, register, name),
			FIELD(TEXT_LEN, register, name_len),
			FIELD(SCOPE, register, scope),
			FIELD(SESSION, register, session),
			FIELD(ID, register, gid),
			FIELD(COOKIE, register, cookie),
			FIELD(FD, register, fd),
			FIELD(PAD, register, pad),
			FIELD(GENERATION, register, replace),
			FIELD(OUT, register, generation),
		},
		.good = good_register, .undo = undo_register,
	}, {
		.name = "UNREGISTER", .number = BOOTSTRAP_IOC_UNREGISTER,
		.size = sizeof(struct bootstrap_name),
		.min_size = BOOTSTRAP_NAME_SIZE_VER0,
		.addresses = true,
		.fields = { NAME_FIELDS },
		.good = good_name, .undo = undo_unregister,
	}, {
		.name = "TAKE_OVER", .number = BOOTSTRAP_IOC_TAKE_OVER,
		.size = sizeof(struct bootstrap_name),
		.min_size = BOOTSTRAP_NAME_SIZE_VER0,
		.addresses = true,
		.fields = { NAME_FIELDS },
		.good = good_name,
	}, {
		.name = "LOOK_UP", .number = BOOTSTRAP_IOC_LOOK_UP,
		.size = sizeof(struct bootstrap_look_up),
		.min_size = BOOTSTRAP_LOOK_UP_SIZE_MIN,
		.flags = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER,
		.addresses = true,
		.fields = {
			FIELD(SIZE, look_up, size),
			FIELD(FLAGS, look_up, flags),
			FIELD(TEXT, look_up, name),
			FIELD(TEXT_LEN, look_up, name_len),
			FIELD(SCOPE, look_up, scope),
			FIELD(SESSION, look_up, session),
			FIELD(PAD, look_up, pad),
			FIELD(COOKIE, look_up, cookie),
			FIELD(INFO, look_up, info),
		},
		.good = good_look_up, .undo = undo_look_up,
	}, {
		.name = "LIST", .number = BOOTSTRAP_IOC_LIST,
		.size = sizeof(struct bootstrap_list),
		.min_size = BOOTSTRAP_LIST_SIZE_VER0,
		.addresses = true,
		.fields = {
			FIELD(SIZE, list, size),
			FIELD(FLAGS, list, flags),
			FIELD(SCOPE, list, scope),
			FIELD(SESSION, list, session),
			FIELD(COOKIE, list, cookie),
			FIELD(GENERATION, list, cursor),
			FIELD(BUFFER, list, buffer),
			FIELD(BUFFER_SIZE, list, buffer_size),
			FIELD(OUT, list, count),
			FIELD(OUT, list, namespace_id),
			FIELD(OUT, list, needed),
			FIELD(PAD, list, pad),
		},
		.good = good_list,
	}, {
		.name = "SESSION", .number = BOOTSTRAP_IOC_SESSION,
		.size = sizeof(struct bootstrap_session),
		.min_size = BOOTSTRAP_SESSION_SIZE_VER0,
		.flags = BOOTSTRAP_SESSION_BY_ID | BOOTSTRAP_SESSION_NEXT,
		.fields = {
			FIELD(SIZE, session, size),
			FIELD(FLAGS, session, flags),
			FIELD(SESSION, session, session),
			FIELD(OUT, session, attributes),
			FIELD(COOKIE, session, cookie),
			FIELD(OUT, session, namespace_id),
			FIELD(OUT, session, uid),
			FIELD(OUT, session, names),
			FIELD(OUT, session, standing),
			FIELD(PAD, session, pad),
		},
		.good = good_session,
	}, {
		.name = "FEATURES", .number = BOOTSTRAP_IOC_FEATURES,
		.size = sizeof(struct bootstrap_features),
		.min_size = BOOTSTRAP_FEATURES_SIZE_VER0,
		.fields = {
			FIELD(SIZE, features, size),
			FIELD(FLAGS, features, flags),
			FIELD(OUT, features, features),
			FIELD(OUT, features, name_max),
			FIELD(OUT, features, names_per_namespace),
			FIELD(OUT, features, names_per_user),
			FIELD(OUT, features, sessions_per_user),
		},
		.good = good_features,
	}, {
		.name = "USAGE", .number = BOOTSTRAP_IOC_USAGE,
		.size = sizeof(struct bootstrap_usage),
		.min_size = BOOTSTRAP_USAGE_SIZE_VER0,
		.flags = BOOTSTRAP_USAGE_BY_UID,
		.fields = {
			FIELD(SIZE, usage, size),
			FIELD(FLAGS, usage, flags),
			FIELD(ID, usage, uid),
			FIELD(PAD, usage, pad),
			FIELD(OUT, usage, names),
			FIELD(OUT, usage, names_max),
			FIELD(OUT, usage, sessions),
			FIELD(OUT, usage, sessions_max),
		},
		.good = good_usage,
	},
};

#define COMMANDS ARRAY_SIZE(commands)

#define for_each_command(c) for (c = commands; c < commands + COMMANDS; c++)
#define for_each_field(f, c) for (f = (c)->fields; f->kind != FIELD_END; f++)

/* The field of a kind, or NULL: no command has two of one kind but OUT. */
static inline const struct field *field_of(const struct command *command,
					   enum field_kind kind)
{
	const struct field *field;

	for_each_field(field, command)
		if (field->kind == kind)
			return field;
	return NULL;
}

#endif
