/* SPDX-License-Identifier: GPL-2.0 */
/* Names and their files, as the servers that are written here keep them. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "bench.h"

/* Zeroes fill it up, so that a few words are all that is to be compared. */
struct name {
	uint64_t words[NAME_SIZE / sizeof(uint64_t)];
};

struct entry {
	struct entry *next;
	struct name name;
	int fd, owner;
};

#define TABLE_BITS	10

struct table {
	struct entry *entries[1 << TABLE_BITS];
};

static inline struct name name_from(const char *text)
{
	struct name name = {};

	memcpy(&name, text, strnlen(text, sizeof(name) - 1));
	return name;
}

/* Where the entry of that name is pointed to, or would be. */
static inline struct entry **table_find(struct table *table,
					const struct name *name)
{
	struct entry **entry;
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(name->words); i++)
		hash = (hash ^ name->words[i]) * 0x9e3779b97f4a7c15;
	entry = &table->entries[hash >> (64 - TABLE_BITS)];
	while (*entry && memcmp(&(*entry)->name, name, sizeof(*name)))
		entry = &(*entry)->next;
	return entry;
}

static inline int table_add(struct table *table, const struct name *name,
			    int fd, int owner)
{
	struct entry **at = table_find(table, name), *entry;

	if (*at)
		return -EEXIST;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	*entry = (struct entry){ .name = *name, .fd = fd, .owner = owner };
	*at = entry;
	return 0;
}

static inline void table_remove(struct entry **at)
{
	struct entry *entry = *at;

	*at = entry->next;
	close(entry->fd);
	free(entry);
}

#endif /* BENCH_TABLE_H */
