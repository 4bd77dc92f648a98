/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of all names, and how one is found in it: inline, since that is what
 * everything is about.
 */
#ifndef BOOTSTRAP_NAME_TABLE_H
#define BOOTSTRAP_NAME_TABLE_H

#include <linux/rhashtable.h>

#include "internal.h"

/**
 * struct bs_probe - what is searched for
 * @key: the text
 * @ns: the namespace
 * @hash: of both
 */
struct bs_probe {
	const struct bs_key *key;
	const struct bs_namespace *ns;
	u32 hash;
};

extern struct rhashtable bs_names;

static inline u32 bs_probe_hash(const void *data, u32 len, u32 seed)
{
	const struct bs_probe *probe = data;

	return probe->hash;
}

static inline u32 bs_name_hash(const void *data, u32 len, u32 seed)
{
	const struct bs_name *name = data;

	return name->hash;
}

/* memcmp(), inline. */
static inline bool bs_text_differs(const char *a, const char *b, u32 len)
{
	u64 x, y;

	for (; len >= sizeof(x); len -= sizeof(x)) {
		memcpy(&x, a, sizeof(x));
		memcpy(&y, b, sizeof(y));
		if (x != y)
			return true;
		a += sizeof(x);
		b += sizeof(y);
	}
	for (; len; len--)
		if (*a++ != *b++)
			return true;
	return false;
}

static inline int bs_name_compare(struct rhashtable_compare_arg *arg,
				  const void *obj)
{
	const struct bs_probe *probe = arg->key;
	const struct bs_name *name = obj;

	if (name->hash != probe->hash || name->ns != probe->ns ||
	    name->len != probe->key->len)
		return 1;
	return bs_text_differs(name->text, probe->key->text, name->len);
}

static const struct rhashtable_params bs_names_params = {
	.head_offset = offsetof(struct bs_name, in_table),
	.hashfn = bs_probe_hash,
	.obj_hashfn = bs_name_hash,
	.obj_cmpfn = bs_name_compare,
	.automatic_shrinking = true,
};

static __always_inline struct bs_name *
bs_name_probe(const struct bs_key *key, const struct bs_namespace *ns)
{
	const struct bs_probe probe = {
		.key = key, .ns = ns, .hash = key->hash + ns->salt,
	};

	return rhashtable_lookup(&bs_names, &probe, bs_names_params);
}

/**
 * bs_name_find_get() - the name in one namespace, to keep
 * @key: the text
 * @ns: the namespace
 *
 * Return: a reference, or NULL; under RCU.
 */
static __always_inline struct bs_name *
bs_name_find_get(const struct bs_key *key, const struct bs_namespace *ns)
{
	struct bs_name *name;

	/* One without references was replaced, or is gone: look again. */
	do {
		name = bs_name_probe(key, ns);
	} while (name && !refcount_inc_not_zero(&name->refs));
	return name;
}

#endif /* BOOTSTRAP_NAME_TABLE_H */
