// SPDX-License-Identifier: GPL-2.0
/* The names of a namespace, page by page. */
#include "bootstrap_test.h"
#include "harness.h"

FIXTURE(list)
{
	int port;
	int tag;
};

FIXTURE_SETUP(list)
{
	self->port = port_open();
	ASSERT_LE(0, self->port);
	self->tag = tag_new(42);
}

FIXTURE_TEARDOWN(list)
{
	close(self->port);
	close(self->tag);
}

struct page {
	struct bootstrap_list args;
	_Alignas(8) char buffer[4096];
};

static int list_page(int port, struct page *page, __u32 size)
{
	page->args.size = sizeof(page->args);
	page->args.buffer = (uintptr_t)page->buffer;
	page->args.buffer_size = size;
	return call(port, BOOTSTRAP_IOC_LIST, &page->args);
}

TEST_F(list, pages)
{
	const struct bootstrap_list_entry *entry;
	struct page page = { 0 };
	char name[32], expected[32];
	__u64 last = 0;
	__u32 i, seen = 0;

	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "list%u", i);
		ASSERT_EQ(0, do_register(self->port, name, self->tag));
	}
	for (;;) {
		memset(page.buffer, 0xcc, sizeof(page.buffer));
		ASSERT_EQ(0, list_page(self->port, &page, 1000));
		if (!page.args.count)
			break;
		EXPECT_EQ((char)0xcc, page.buffer[1000]);
		entry = (void *)page.buffer;
		for (i = 0; i < page.args.count; i++) {
			snprintf(expected, sizeof(expected), "list%u", seen++);
			EXPECT_STREQ(expected, (char *)entry + entry->name_offset);
			EXPECT_EQ(strlen(expected), entry->name_len);
			EXPECT_EQ(0, entry->length % 8);
			EXPECT_LT(last, entry->info.generation);
			EXPECT_EQ(getpid(), entry->info.pid);
			last = entry->info.generation;
			entry = (void *)((char *)entry + entry->length);
		}
		EXPECT_LE((char *)entry, page.buffer + 1000);
		/* What goes in between does not disturb the order. */
		if (seen < 200) {
			ASSERT_EQ(0, do_unregister(self->port, "list299"));
			ASSERT_EQ(0, do_register(self->port, "list299",
						 self->tag));
		}
	}
	EXPECT_EQ(300, seen);
}

TEST_F(list, sizes)
{
	struct page page = { 0 }, poison;
	const struct bootstrap_list_entry *entry = (void *)page.buffer;
	struct bootstrap_session session;
	__u32 size, needed = sizeof(*entry) + 8;

	ASSERT_EQ(0, list_page(self->port, &page, 0));
	EXPECT_EQ(0, page.args.count);
	ASSERT_EQ(0, do_session(self->port, &session));
	EXPECT_EQ(session.namespace_id, page.args.namespace_id);

	ASSERT_EQ(0, do_register(self->port, "a", self->tag));
	for (size = 0; size < needed; size++) {
		memset(&page, 0, sizeof(page));
		memset(page.buffer, 0xcc, sizeof(page.buffer));
		poison = page;
		ASSERT_EQ(-EMSGSIZE, list_page(self->port, &page, size));
		EXPECT_EQ(needed, page.args.needed);
		EXPECT_EQ(0, page.args.count);
		EXPECT_EQ(0, page.args.cursor);
		EXPECT_EQ(0, page.args.namespace_id);
		EXPECT_EQ(0, memcmp(page.buffer, poison.buffer,
				    sizeof(page.buffer)));
	}
	ASSERT_EQ(0, list_page(self->port, &page, needed));
	EXPECT_EQ(1, page.args.count);
	EXPECT_EQ(needed, entry->length);
	EXPECT_EQ((char)0xcc, page.buffer[needed]);
	EXPECT_EQ(0, page.args.needed);
	/* A claim of more than any page is cut, not believed. */
	memset(&page.args, 0, sizeof(page.args));
	ASSERT_EQ(0, list_page(self->port, &page, ~0u));
	EXPECT_EQ(1, page.args.count);
	memset(&page.args, 0, sizeof(page.args));
	page.args.cursor = ~0ull;
	ASSERT_EQ(0, list_page(self->port, &page, sizeof(page.buffer)));
	EXPECT_EQ(0, page.args.count);
}

TEST_F(list, shows_what_may_be_looked_up)
{
	struct bootstrap_register args = args_register("secret", self->tag);
	struct page page = { 0 };
	pid_t pid;

	args.flags = BOOTSTRAP_REGISTER_GROUP;
	args.gid = 77;
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	ASSERT_EQ(0, do_register(self->port, "open", self->tag));
	ASSERT_EQ(0, list_page(self->port, &page, sizeof(page.buffer)));
	EXPECT_EQ(2, page.args.count);
	pid = fork();
	if (!pid) {
		const struct bootstrap_list_entry *entry = (void *)page.buffer;

		become(ALICE);
		memset(&page, 0, sizeof(page));
		if (list_page(port_open(), &page, sizeof(page.buffer)))
			_exit(1);
		_exit(page.args.count != 1 ||
		      strcmp((char *)entry + entry->name_offset, "open"));
	}
	EXPECT_EQ(0, child_result(pid));
}

/* Many hidden names are passed over, and their numbers not told. */
TEST_F(list, hidden_names_between)
{
	struct bootstrap_register args;
	struct page page = { 0 };
	__u64 first, last;
	char name[16];
	pid_t pid;
	int i;

	args = args_register("first", self->tag);
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	first = args.generation;
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "h%d", i);
		args = args_register(name, self->tag);
		args.flags = BOOTSTRAP_REGISTER_GROUP;
		args.gid = 77;
		ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	}
	pid = fork();
	if (!pid) {
		become(ALICE);
		_exit(list_page(port_open(), &page, sizeof(page.buffer)) ||
		      page.args.count != 1 || page.args.cursor != first);
	}
	EXPECT_EQ(0, child_result(pid));
	args = args_register("last", self->tag);
	ASSERT_EQ(0, call(self->port, BOOTSTRAP_IOC_REGISTER, &args));
	last = args.generation;
	pid = fork();
	if (!pid) {
		become(ALICE);
		_exit(list_page(port_open(), &page, sizeof(page.buffer)) ||
		      page.args.count != 2 || page.args.cursor != last);
	}
	EXPECT_EQ(0, child_result(pid));
}

TEST_HARNESS_MAIN
