// SPDX-License-Identifier: GPL-2.0
/*
 * The ABI: each malformed argument of each command, one wrong thing at a time,
 * with the errno that the header promises, nothing written and nothing changed.
 */
#include "commands.h"
#include "harness.h"

_Static_assert(sizeof(struct bootstrap_register) == 64, "register");
_Static_assert(offsetof(struct bootstrap_register, cookie) == 32, "register");
_Static_assert(offsetof(struct bootstrap_register, generation) == 56, "register");
_Static_assert(sizeof(struct bootstrap_name) == 48, "name");
_Static_assert(offsetof(struct bootstrap_name, generation) == 40, "name");
_Static_assert(sizeof(struct bootstrap_info) == 64, "info");
_Static_assert(offsetof(struct bootstrap_info, session) == 32, "info");
_Static_assert(sizeof(struct bootstrap_look_up) == 56, "look_up");
_Static_assert(offsetof(struct bootstrap_look_up, info) == 40, "look_up");
_Static_assert(sizeof(struct bootstrap_list) == 64, "list");
_Static_assert(offsetof(struct bootstrap_list, needed) == 56, "list");
_Static_assert(sizeof(struct bootstrap_list_entry) == 80, "entry");
_Static_assert(sizeof(struct bootstrap_session) == 360, "session");
_Static_assert(offsetof(struct bootstrap_session, host) == 104, "session");
_Static_assert(offsetof(struct bootstrap_session, uid) == 32, "session");
_Static_assert(sizeof(struct bootstrap_features) == 64, "features");
_Static_assert(sizeof(struct bootstrap_usage) == 72, "usage");
_Static_assert(sizeof(struct bootstrap_check_in) == 56, "check_in");
_Static_assert(offsetof(struct bootstrap_check_in, generation) == 48, "check_in");
_Static_assert(sizeof(struct bootstrap_declare) == 56, "declare");
_Static_assert(offsetof(struct bootstrap_declare, uid) == 44, "declare");
_Static_assert(sizeof(struct bootstrap_peer) == 40, "peer");
_Static_assert(offsetof(struct bootstrap_peer, cookie) == 32, "peer");
_Static_assert(BOOTSTRAP_IOC_REGISTER == 0xbb01, "number");
_Static_assert(BOOTSTRAP_IOC_USAGE == 0xbb08, "number");
_Static_assert(sizeof(struct bootstrap_look_up_entry) == 24, "entry");
_Static_assert(sizeof(struct bootstrap_look_up_array) == 48, "array");
_Static_assert(offsetof(struct bootstrap_look_up_array, cookie) == 32, "array");
_Static_assert(sizeof(struct bootstrap_record) == 16, "record");
_Static_assert(sizeof(struct bootstrap_name_record) == 88, "record");
_Static_assert(sizeof(struct bootstrap_watch) == 32, "watch");
_Static_assert(sizeof(struct bootstrap_open) == 40, "open");
_Static_assert(sizeof(struct bootstrap_subset) == 40, "subset");
_Static_assert(sizeof(struct bootstrap_pre_login) == 24, "pre_login");
_Static_assert(sizeof(struct bootstrap_announce) == 72, "announce");
_Static_assert(offsetof(struct bootstrap_announce, attributes) == 40, "announce");
_Static_assert(sizeof(struct bootstrap_attributes) == 32, "attributes");
_Static_assert(sizeof(struct bootstrap_signal) == 32, "signal");
_Static_assert(offsetof(struct bootstrap_attributes, clear) == 24, "attributes");
_Static_assert(sizeof(struct bootstrap_logout) == 32, "logout");
_Static_assert(sizeof(struct bootstrap_defer) == 32, "defer");
_Static_assert(sizeof(struct bootstrap_cancel) == 8, "cancel");
_Static_assert(sizeof(struct bootstrap_deferral) == 40, "deferral");
_Static_assert(sizeof(struct bootstrap_deferrals) == 48, "deferrals");
_Static_assert(sizeof(struct bootstrap_session_record) == 376, "record");
_Static_assert(sizeof(struct bootstrap_deferral_record) == 56, "record");
_Static_assert(sizeof(struct bootstrap_child) == 40, "child");
_Static_assert(sizeof(struct bootstrap_namespace) == 80, "namespace");
_Static_assert(sizeof(struct bootstrap_statistics) == 128, "statistics");
_Static_assert(offsetof(struct bootstrap_statistics, denied) == 64, "statistics");
_Static_assert(BOOTSTRAP_IOC_STATISTICS == 0xbb1a, "number");
_Static_assert(BOOTSTRAP_IOC_PEER == 0xbb0b, "number");
_Static_assert(BOOTSTRAP_IOC_WATCH == 0xbb0d, "number");

/* Room for arguments that are longer than this version of the ABI. */
struct longer {
	union bootstrap_args args;
	char tail[64];
};

FIXTURE(abi)
{
	int port;
	void *nowhere;
	__u32 session_names;
};

/* In the root session, or what is for processes of login sessions in one. */
FIXTURE_VARIANT(abi)
{
	bool inside;
};

FIXTURE_VARIANT_ADD(abi, outside)
{
	.inside = false,
};

FIXTURE_VARIANT_ADD(abi, inside)
{
	.inside = true,
};

#define for_each_tried(c)						\
	for_each_command(c)						\
		if ((c)->inside == variant->inside)

FIXTURE_SETUP(abi)
{
	struct bootstrap_session session;

	if (variant->inside)
		ASSERT_EQ(0, set_login_uid(0));
	self->port = port_open();
	ASSERT_LE(0, self->port);
	good_file = tag_new(1);
	ASSERT_TRUE(eventually(!do_register(self->port, "there", good_file)));
	ASSERT_EQ(0, do_session(self->port, &session));
	self->session_names = session.names;
	/* An address with nothing behind it. */
	self->nowhere = mmap(NULL, 4096, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->nowhere);
}

/* However often a command failed, there is what there was. */
FIXTURE_TEARDOWN(abi)
{
	struct bootstrap_session session;

	ASSERT_EQ(0, do_session(self->port, &session));
	EXPECT_EQ(self->session_names, session.names);
	EXPECT_EQ(0, look_up_result(self->port, "there"));
	EXPECT_EQ(-ENOENT, look_up_result(self->port, "new"));
}

static void fill(const struct command *command, struct longer *longer)
{
	memset(longer, 0, sizeof(*longer));
	command->good(&longer->args);
}

/* What it is a command on. */
static int on(const struct command *command, int port)
{
	return command->through ? *command->through : port;
}

/* Changes the field of a kind; false if the command has none. */
static bool put(const struct command *command, struct longer *longer,
		enum field_kind kind, __u64 value)
{
	const struct field *field = field_of(command, kind);

	if (!field)
		return false;
	memcpy((char *)longer + field->offset, &value, field->size);
	return true;
}

/* The command's errno, or -999 if it wrote to its arguments all the same. */
static int refused(int port, const struct command *command,
		   struct longer *longer)
{
	struct longer before = *longer;
	struct bootstrap_info info = good_info;
	int ret = call(on(command, port), command->number, longer);

	if (memcmp(longer, &before, sizeof(before)) ||
	    memcmp(&good_info, &info, sizeof(info)))
		return -999;
	return ret;
}

#define EXPECT_REFUSED(error, command, longer)				\
	EXPECT_EQ(error, refused(self->port, command, longer)) {	\
		TH_LOG("%s", (command)->name);				\
	}

TEST_F(abi, table_is_complete)
{
	const struct command *command;
	unsigned int nr, known = 0;
	int ret;

	/* What answers to a number has a row, and the other way round. */
	for (nr = 0; nr < 256; nr++) {
		ret = call(self->port, _IO(BOOTSTRAP_IOC_MAGIC, nr), NULL);
		if (ret == -ENOTTY)
			continue;
		EXPECT_EQ(-EFAULT, ret);
		known++;
	}
	for_each_command(command)
		known += !!command->through;
	EXPECT_EQ(COMMANDS, known);
}

TEST_F(abi, fields_are_complete)
{
	const struct command *command;
	const struct field *field;
	unsigned int end;

	/* In order, and without a gap. */
	for_each_command(command) {
		end = 0;
		for_each_field(field, command) {
			EXPECT_EQ(end, field->offset) {
				TH_LOG("%s: %s", command->name, field->name);
			}
			end = field->offset + field->size;
		}
		EXPECT_EQ(command->size, end) {
			TH_LOG("%s", command->name);
		}
	}
}

TEST_F(abi, good)
{
	const struct command *command;
	struct longer longer;
	int ret;

	for_each_tried(command) {
		fill(command, &longer);
		EXPECT_EQ(command->size, longer.args.size);
		ret = call(on(command, self->port), command->number, &longer);
		EXPECT_LE(0, ret) {
			TH_LOG("%s", command->name);
		}
		if (command->undo)
			command->undo(self->port, ret);
	}
}

TEST_F(abi, unknown_commands)
{
	unsigned int number = BOOTSTRAP_IOC_FEATURES;
	struct bootstrap_features args = { .size = sizeof(args) };

	EXPECT_EQ(-ENOTTY, call(self->port, number ^ 0x100, &args));
	EXPECT_EQ(-ENOTTY, call(self->port, number | _IOC_READ << 30, &args));
	EXPECT_EQ(-ENOTTY, call(self->port, number | 32 << 16, &args));
	EXPECT_EQ(-ENOTTY, call(self->port, 0, &args));
	EXPECT_EQ(-ENOTTY, call(self->port, ~0u, &args));
	/* Shorter than any argument: nothing is known of this one. */
	args.size = 0;
	EXPECT_EQ(-ENOTTY, call(self->port, 0, &args));
}

TEST_F(abi, sizes)
{
	const struct command *command;
	struct longer longer;
	__u32 size;
	int ret;

	for_each_tried(command) {
		for (size = 0; size < command->min_size; size++) {
			fill(command, &longer);
			longer.args.size = size;
			EXPECT_REFUSED(-EINVAL, command, &longer);
		}
		fill(command, &longer);
		longer.args.size = command->size + 16;
		longer.tail[0] = 0;
		ret = call(on(command, self->port), command->number, &longer);
		EXPECT_LE(0, ret) {
			TH_LOG("%s: zero tail", command->name);
		}
		if (command->undo)
			command->undo(self->port, ret);

		for (size = 0; size < 16; size++) {
			fill(command, &longer);
			longer.args.size = command->size + 16;
			((char *)&longer)[command->size + size] = 1;
			EXPECT_REFUSED(-E2BIG, command, &longer);
		}
		fill(command, &longer);
		longer.args.size = 4097;
		EXPECT_REFUSED(-E2BIG, command, &longer);
		longer.args.size = ~0u;
		EXPECT_REFUSED(-E2BIG, command, &longer);
	}
}

TEST_F(abi, flags)
{
	const struct command *command;
	struct longer longer;
	unsigned int bit;

	for_each_tried(command) {
		for (bit = 0; bit < 32; bit++) {
			if (command->flags & 1u << bit)
				continue;
			fill(command, &longer);
			put(command, &longer, FIELD_FLAGS, 1u << bit);
			EXPECT_REFUSED(-EOPNOTSUPP, command, &longer);
		}
	}
}

TEST_F(abi, pads)
{
	const struct command *command;
	struct longer longer;

	for_each_tried(command) {
		fill(command, &longer);
		if (put(command, &longer, FIELD_PAD, 1))
			EXPECT_REFUSED(-EINVAL, command, &longer);
	}
}

TEST_F(abi, scopes)
{
	const struct command *command;
	struct longer longer;

	for_each_tried(command) {
		if (!command->addresses)
			continue;
		fill(command, &longer);
		put(command, &longer, FIELD_SCOPE, BOOTSTRAP_SCOPE_USER_ID + 1);
		EXPECT_REFUSED(-EOPNOTSUPP, command, &longer);
		put(command, &longer, FIELD_SCOPE, ~0u);
		EXPECT_REFUSED(-EOPNOTSUPP, command, &longer);
		fill(command, &longer);
		put(command, &longer, FIELD_SESSION, 1);
		EXPECT_REFUSED(-EINVAL, command, &longer);
		fill(command, &longer);
		put(command, &longer, FIELD_COOKIE, 1);
		EXPECT_REFUSED(-EINVAL, command, &longer);
		/* No session has this id. */
		fill(command, &longer);
		put(command, &longer, FIELD_SCOPE, BOOTSTRAP_SCOPE_SESSION_ID);
		put(command, &longer, FIELD_SESSION, 0xfffffff0);
		EXPECT_REFUSED(-ESRCH, command, &longer);
		/* Nor has the root session this cookie. */
		put(command, &longer, FIELD_SESSION, ROOT_ID);
		put(command, &longer, FIELD_COOKIE, 12345);
		EXPECT_REFUSED(-ESRCH, command, &longer);
	}
}

static bool field_is_address(const struct field *field)
{
	return field->kind == FIELD_TEXT || field->kind == FIELD_INFO ||
	       field->kind == FIELD_BUFFER || field->kind == FIELD_ENTRIES;
}

TEST_F(abi, pointers)
{
	const struct command *command;
	const struct field *field;
	struct longer longer;

	for_each_tried(command) {
		fill(command, &longer);
		EXPECT_EQ(-EFAULT, call(on(command, self->port),
					command->number, NULL));
		EXPECT_EQ(-EFAULT, call(on(command, self->port),
					command->number, self->nowhere));
		EXPECT_EQ(-EFAULT, call(on(command, self->port),
					command->number, (void *)-4096));
		for_each_field(field, command) {
			if (!field_is_address(field))
				continue;
			fill(command, &longer);
			put(command, &longer, field->kind,
			    (uintptr_t)self->nowhere);
			EXPECT_REFUSED(-EFAULT, command, &longer);
			put(command, &longer, field->kind, 1ull << 63);
			EXPECT_REFUSED(-EFAULT, command, &longer);
			/* Without it a look-up does without. */
			if (field->kind == FIELD_INFO)
				continue;
			put(command, &longer, field->kind, 0);
			EXPECT_REFUSED(-EFAULT, command, &longer);
		}
	}
}

/* What cannot be answered is not done. */
TEST_F(abi, read_only_arguments)
{
	const struct command *command;
	struct longer longer, *page;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	for_each_tried(command) {
		if (!field_of(command, FIELD_OUT))
			continue;
		fill(command, &longer);
		*page = longer;
		mprotect(page, 4096, PROT_READ);
		EXPECT_EQ(-EFAULT, call(on(command, self->port),
					command->number, page)) {
			TH_LOG("%s", command->name);
		}
		mprotect(page, 4096, PROT_READ | PROT_WRITE);
	}
	/* The struct that a look-up fills is not its argument. */
	fill(&commands[3], &longer);
	ASSERT_EQ(BOOTSTRAP_IOC_LOOK_UP, commands[3].number);
	*(struct bootstrap_info *)page = good_info;
	longer.args.look_up.info = (uintptr_t)page;
	mprotect(page, 4096, PROT_READ);
	EXPECT_REFUSED(-EFAULT, &commands[3], &longer);
}

TEST_F(abi, texts)
{
	const struct command *command;
	struct longer longer;

	for_each_tried(command) {
		if (!field_of(command, FIELD_TEXT))
			continue;
		fill(command, &longer);
		put(command, &longer, FIELD_TEXT_LEN, 0);
		EXPECT_REFUSED(-EINVAL, command, &longer);
		put(command, &longer, FIELD_TEXT_LEN, BOOTSTRAP_NAME_MAX + 1);
		EXPECT_REFUSED(-ENAMETOOLONG, command, &longer);
		put(command, &longer, FIELD_TEXT_LEN, ~0u);
		EXPECT_REFUSED(-ENAMETOOLONG, command, &longer);
		fill(command, &longer);
		put(command, &longer, FIELD_TEXT, (uintptr_t)"a\n");
		put(command, &longer, FIELD_TEXT_LEN, 2);
		EXPECT_REFUSED(-EILSEQ, command, &longer);
	}
}

TEST_F(abi, descriptors)
{
	const struct command *command;
	struct longer longer;
	int null = open("/dev/null", O_RDWR), path = open(DEVICE, O_PATH);

	for_each_tried(command) {
		fill(command, &longer);
		EXPECT_EQ(-EBADF, call(-1, command->number, &longer));
		EXPECT_EQ(-EBADF, call(path, command->number, &longer));
		EXPECT_EQ(-ENOTTY, call(null, command->number, &longer));
	}
	/* It is for commands alone. */
	EXPECT_EQ(-1, read(self->port, &longer, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->port, &longer, 1));
	EXPECT_EQ(EINVAL, errno);
}

static const struct command *command_of(unsigned int number)
{
	const struct command *command;

	for_each_command(command)
		if (command->number == number)
			return command;
	abort();
}

TEST_F(abi, values_of_services)
{
	static const __u64 types[] = { SOCK_DGRAM, SOCK_RAW, SOCK_RDM, 99,
				       SOCK_STREAM | SOCK_CLOEXEC, ~0u };
	const struct command *command;
	struct longer longer;
	unsigned int i;

	for_each_tried(command) {
		if (!field_of(command, FIELD_TYPE))
			continue;
		for (i = 0; i < ARRAY_SIZE(types); i++) {
			fill(command, &longer);
			put(command, &longer, FIELD_TYPE, types[i]);
			EXPECT_REFUSED(-EOPNOTSUPP, command, &longer);
		}
	}
	command = command_of(BOOTSTRAP_IOC_DECLARE);
	fill(command, &longer);
	longer.args.declare.uid = 1;
	EXPECT_REFUSED(-EINVAL, command, &longer);
	longer.args.declare.flags = BOOTSTRAP_DECLARE_UID;
	longer.args.declare.uid = ~0u;
	EXPECT_REFUSED(-EINVAL, command, &longer);
	fill(command, &longer);
	longer.args.declare.name = (uintptr_t)"there";
	longer.args.declare.name_len = 5;
	EXPECT_REFUSED(-EEXIST, command, &longer);

	command = command_of(BOOTSTRAP_IOC_CHECK_IN);
	fill(command, &longer);
	longer.args.check_in.flags = BOOTSTRAP_CHECK_IN_STRICT;
	EXPECT_REFUSED(-ENOENT, command, &longer);
	fill(command, &longer);
	longer.args.check_in.name = (uintptr_t)"there";
	longer.args.check_in.name_len = 5;
	EXPECT_REFUSED(-EBUSY, command, &longer);
	longer.args.check_in.flags = BOOTSTRAP_CHECK_IN_STRICT;
	EXPECT_REFUSED(-EBUSY, command, &longer);

	command = command_of(BOOTSTRAP_IOC_PEER);
	fill(command, &longer);
	longer.args.peer.fd = -1;
	EXPECT_REFUSED(-EBADF, command, &longer);
	longer.args.peer.fd = good_file;
	EXPECT_REFUSED(-EBADF, command, &longer);
	longer.args.peer.fd = self->port;
	EXPECT_REFUSED(-EBADF, command, &longer);
}

TEST_F(abi, values)
{
	struct longer longer;

	fill(&commands[0], &longer);
	longer.args.reg.gid = 1;
	EXPECT_REFUSED(-EINVAL, &commands[0], &longer);
	longer.args.reg.flags = BOOTSTRAP_REGISTER_GROUP;
	longer.args.reg.gid = ~0u;
	EXPECT_REFUSED(-EINVAL, &commands[0], &longer);

	fill(&commands[3], &longer);
	longer.args.look_up.flags = BOOTSTRAP_LOOK_UP_PRIVILEGED_SERVER;
	longer.args.look_up.scope = BOOTSTRAP_SCOPE_SESSION;
	EXPECT_REFUSED(-EINVAL, &commands[3], &longer);
	fill(&commands[3], &longer);
	good_info.size = sizeof(good_info) - 1;
	EXPECT_REFUSED(-EINVAL, &commands[3], &longer);
	good_info.size = 0;
	EXPECT_REFUSED(-EINVAL, &commands[3], &longer);
	good_info.size = 4097;
	EXPECT_REFUSED(-E2BIG, &commands[3], &longer);

	fill(&commands[5], &longer);
	ASSERT_EQ(BOOTSTRAP_IOC_SESSION, commands[5].number);
	longer.args.session.session = 1;
	EXPECT_REFUSED(-EINVAL, &commands[5], &longer);
	fill(&commands[5], &longer);
	longer.args.session.cookie = 1;
	EXPECT_REFUSED(-EINVAL, &commands[5], &longer);
	longer.args.session.flags = BOOTSTRAP_SESSION_NEXT;
	EXPECT_REFUSED(-EINVAL, &commands[5], &longer);
	longer.args.session.cookie = 0;
	longer.args.session.flags |= BOOTSTRAP_SESSION_BY_ID;
	EXPECT_REFUSED(-EINVAL, &commands[5], &longer);
	longer.args.session.flags = BOOTSTRAP_SESSION_BY_ID;
	longer.args.session.session = 0xfffffff0;
	EXPECT_REFUSED(-ESRCH, &commands[5], &longer);
	longer.args.session.session = ROOT_ID;
	longer.args.session.cookie = 12345;
	EXPECT_REFUSED(-ESRCH, &commands[5], &longer);

	fill(&commands[7], &longer);
	ASSERT_EQ(BOOTSTRAP_IOC_USAGE, commands[7].number);
	longer.args.usage.uid = 1;
	EXPECT_REFUSED(-EINVAL, &commands[7], &longer);
	longer.args.usage.flags = BOOTSTRAP_USAGE_BY_UID;
	longer.args.usage.uid = ~0u;
	EXPECT_REFUSED(-EINVAL, &commands[7], &longer);
}

/* Rights come first, so that an error does not tell what there is. */
TEST_F(abi, without_privilege)
{
	pid_t pid = fork();

	if (!pid) {
		struct bootstrap_usage usage = {
			.size = sizeof(usage), .flags = BOOTSTRAP_USAGE_BY_UID,
		};
		int port;

		become(ALICE);
		port = port_open();
		if (do_register(port, "there", good_file) != -EPERM ||
		    do_register(port, "new", good_file) != -EPERM ||
		    do_unregister(port, "there") != -EPERM ||
		    do_unregister(port, "nothing") != -EPERM ||
		    do_take_over(port, "there") != -EPERM ||
		    do_take_over(port, "nothing") != -EPERM ||
		    do_check_in(port, "there") != -EPERM ||
		    do_check_in(port, "new") != -EPERM ||
		    do_declare(port, "there") != -EPERM ||
		    do_declare(port, "new") != -EPERM)
			_exit(1);
		/* Also through the port that registered it. */
		if (do_unregister(self->port, "there") != -EPERM ||
		    do_take_over(self->port, "there") != -EPERM)
			_exit(2);
		if (call(port, BOOTSTRAP_IOC_USAGE, &usage) != -EPERM)
			_exit(3);
		usage.uid = ALICE;
		_exit(call(port, BOOTSTRAP_IOC_USAGE, &usage) != 0);
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_HARNESS_MAIN
