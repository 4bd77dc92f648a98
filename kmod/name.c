// SPDX-License-Identifier: GPL-2.0
/*
 * Names: one table for those of all namespaces, keyed by namespace and text.
 *
 * A look-up costs one probe for each namespace on its way, whatever the
 * number of names. Names are found under RCU; one that is found may be on its
 * way out, so a reference is taken only if there is one left. The endpoint's
 * file goes with the last reference, not after a grace period, so that the
 * other end of a pipe or socket learns of it promptly.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "internal.h"

/* How often an insertion is tried again while the table grows. */
#define BS_INSERT_TRIES 20

struct bs_probe {
	const struct bs_key *key;
	const struct bs_namespace *ns;
};

/* Who does not know it cannot choose names that fall together. */
static hsiphash_key_t bs_hash_key __read_mostly;
static struct rhashtable bs_names;

static u32 bs_probe_hash(const void *data, u32 len, u32 seed)
{
	const struct bs_probe *probe = data;

	return probe->key->hash + probe->ns->salt;
}

static u32 bs_name_hash(const void *data, u32 len, u32 seed)
{
	const struct bs_name *name = data;

	return name->hash;
}

static int bs_name_compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct bs_probe *probe = arg->key;
	const struct bs_name *name = obj;

	if (name->ns != probe->ns || name->len != probe->key->len)
		return 1;
	return memcmp(name->text, probe->key->text, name->len);
}

static const struct rhashtable_params bs_names_params = {
	.head_offset = offsetof(struct bs_name, in_table),
	.hashfn = bs_probe_hash,
	.obj_hashfn = bs_name_hash,
	.obj_cmpfn = bs_name_compare,
	.automatic_shrinking = true,
};

int __init bs_names_init(void)
{
	get_random_bytes(&bs_hash_key, sizeof(bs_hash_key));
	return rhashtable_init(&bs_names, &bs_names_params);
}

void bs_names_exit(void)
{
	rhashtable_destroy(&bs_names);
}

/*
 * The length of the UTF-8 sequence at @text, or 0 if it is malformed or stands
 * for a control character.
 */
static unsigned int bs_text_sequence(const u8 *text, unsigned int left)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int len, i;
	u32 code = text[0];

	if (code < 0x80)
		return code >= 0x20 && code != 0x7f;
	if (code >= 0xc0 && code < 0xe0)
		len = 2;
	else if (code >= 0xe0 && code < 0xf0)
		len = 3;
	else if (code >= 0xf0 && code < 0xf8)
		len = 4;
	else
		return 0;
	if (len > left)
		return 0;
	code &= 0x7f >> len;
	for (i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff)
		return 0;
	if (code < 0xa0 || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

/**
 * bs_key_read() - read a name from user space
 * @key: filled
 * @text: user address
 * @len: bytes
 *
 * Return: 0, or -EINVAL, -ENAMETOOLONG, -EFAULT, -EILSEQ.
 */
int bs_key_read(struct bs_key *key, u64 text, u32 len)
{
	unsigned int at, step;

	if (!len)
		return -EINVAL;
	if (len > BOOTSTRAP_NAME_MAX)
		return -ENAMETOOLONG;
	if (copy_from_user(key->text, u64_to_user_ptr(text), len))
		return -EFAULT;
	for (at = 0; at < len; at += step) {
		step = bs_text_sequence((u8 *)key->text + at, len - at);
		if (!step)
			return -EILSEQ;
	}
	key->len = len;
	key->hash = hsiphash(key->text, len, &bs_hash_key);
	return 0;
}

/**
 * bs_name_new() - a name that nobody finds yet
 * @key: its text
 * @ns: where it will be
 * @owner: who registers it
 * @file: what it stands for
 * @flags: BS_NAME_*
 *
 * Return: a name with references of its own to all three, or NULL.
 */
struct bs_name *bs_name_new(const struct bs_key *key, struct bs_namespace *ns,
			    struct bs_owner *owner, struct file *file, u8 flags)
{
	struct bs_name *name;

	name = kzalloc(struct_size(name, text, key->len), GFP_KERNEL_ACCOUNT);
	if (!name)
		return NULL;
	RB_CLEAR_NODE(&name->in_namespace);
	INIT_LIST_HEAD(&name->of_owner);
	refcount_inc(&ns->refs);
	name->ns = ns;
	name->owner = bs_owner_get(owner);
	name->file = get_file(file);
	refcount_set(&name->refs, 1);
	name->hash = key->hash + ns->salt;
	name->flags = flags;
	name->len = key->len;
	memcpy(name->text, key->text, key->len);
	return name;
}

/**
 * bs_name_find() - the name in one namespace
 * @key: the text
 * @ns: the namespace
 *
 * Under RCU.
 */
struct bs_name *bs_name_find(const struct bs_key *key,
			     const struct bs_namespace *ns)
{
	const struct bs_probe probe = { .key = key, .ns = ns };

	return rhashtable_lookup(&bs_names, &probe, bs_names_params);
}

/**
 * bs_name_find_locked() - the name in a namespace that is locked
 * @key: the text
 * @ns: the namespace; the name stays while it is locked
 */
struct bs_name *bs_name_find_locked(const struct bs_key *key,
				    const struct bs_namespace *ns)
{
	struct bs_name *name;

	lockdep_assert_held(&ns->lock);
	rcu_read_lock();
	name = bs_name_find(key, ns);
	rcu_read_unlock();
	return name;
}

/**
 * bs_name_get() - take a reference to a name found under RCU
 * @name: the name
 *
 * Return: false if it is on its way out.
 */
bool bs_name_get(struct bs_name *name)
{
	return refcount_inc_not_zero(&name->refs);
}

void bs_name_put(struct bs_name *name)
{
	if (!refcount_dec_and_test(&name->refs))
		return;
	fput(name->file);
	bs_owner_put(name->owner);
	bs_namespace_put(name->ns);
	kfree_rcu(name, rcu);
}

static void bs_name_link_owner(struct bs_name *name)
{
	if (name->flags & BS_NAME_STICKY)
		return;
	bs_owner_claim(name->owner);
	spin_lock(&name->owner->lock);
	list_add_tail(&name->of_owner, &name->owner->names);
	spin_unlock(&name->owner->lock);
}

static void bs_name_unlink_owner(struct bs_name *name)
{
	if (name->flags & BS_NAME_STICKY)
		return;
	spin_lock(&name->owner->lock);
	list_del_init(&name->of_owner);
	spin_unlock(&name->owner->lock);
	bs_owner_release(name->owner);
}

static void bs_name_link_namespace(struct bs_name *name)
{
	struct rb_node **link = &name->ns->names.rb_node, *parent = NULL;

	while (*link) {
		const struct bs_name *other;

		parent = *link;
		other = rb_entry(parent, struct bs_name, in_namespace);
		link = name->generation < other->generation ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&name->in_namespace, parent, link);
	rb_insert_color(&name->in_namespace, &name->ns->names);
}

/*
 * The table refuses for a moment while it is being resized or its chains are
 * long; that must not reach the user as an error.
 */
static int bs_name_insert(struct bs_name *name)
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < BS_INSERT_TRIES; tries++) {
		err = rhashtable_insert_fast(&bs_names, &name->in_table,
					     bs_names_params);
		if (err != -EBUSY && err != -ENOMEM)
			return err;
		usleep_range(500, 1000);
	}
	return -ENOMEM;
}

/**
 * bs_name_add() - let a new name be found
 * @name: charged already; its text is free in its namespace, which is locked
 *
 * Return: 0, or -ENOMEM. On success the reference is the table's.
 */
int bs_name_add(struct bs_name *name)
{
	int err;

	lockdep_assert_held(&name->ns->lock);
	err = bs_name_insert(name);
	if (err)
		return err;
	bs_name_link_namespace(name);
	WRITE_ONCE(name->ns->count, name->ns->count + 1);
	bs_name_link_owner(name);
	return 0;
}

/**
 * bs_name_replace() - let a name be found instead of another
 * @old: in the table; its namespace is locked
 * @name: charged already, instead of @old; same text, same namespace
 *
 * There is no moment in which neither is found. The table's reference to @old
 * becomes the caller's, the caller's to @name the table's.
 */
void bs_name_replace(struct bs_name *old, struct bs_name *name)
{
	lockdep_assert_held(&name->ns->lock);
	/* Cannot fail: @old is there and the hash is the same. */
	WARN_ON_ONCE(rhashtable_replace_fast(&bs_names, &old->in_table,
					     &name->in_table, bs_names_params));
	rb_erase(&old->in_namespace, &old->ns->names);
	RB_CLEAR_NODE(&old->in_namespace);
	bs_name_link_namespace(name);
	bs_name_unlink_owner(old);
	bs_name_link_owner(name);
}

/**
 * bs_name_unlink() - let a name not be found any more
 * @name: in the table; its namespace is locked
 *
 * The table's reference becomes the caller's.
 */
void bs_name_unlink(struct bs_name *name)
{
	lockdep_assert_held(&name->ns->lock);
	rhashtable_remove_fast(&bs_names, &name->in_table, bs_names_params);
	rb_erase(&name->in_namespace, &name->ns->names);
	RB_CLEAR_NODE(&name->in_namespace);
	WRITE_ONCE(name->ns->count, name->ns->count - 1);
	bs_name_unlink_owner(name);
	bs_user_uncharge(name->owner->user, BS_LIMIT_NAMES);
}

/**
 * bs_name_remove() - end a name, unless that was done already
 * @name: a reference
 */
void bs_name_remove(struct bs_name *name)
{
	bool linked;

	mutex_lock(&name->ns->lock);
	linked = !RB_EMPTY_NODE(&name->in_namespace);
	if (linked)
		bs_name_unlink(name);
	mutex_unlock(&name->ns->lock);
	if (linked)
		bs_name_put(name);
}

/**
 * bs_name_visible() - may the caller look this name up, once it is reached
 * @name: the name
 */
bool bs_name_visible(const struct bs_name *name)
{
	return !(name->flags & BS_NAME_GROUP) || in_egroup_p(name->group) ||
	       bs_caller_privileged();
}

/**
 * bs_name_describe() - tell the caller who registered a name
 * @name: the name
 * @info: filled, but for its size
 */
void bs_name_describe(const struct bs_name *name, struct bootstrap_info *info)
{
	const struct bs_identity *who = &name->owner->who;
	struct user_namespace *user_ns = current_user_ns();

	info->flags = name->flags;
	info->namespace_id = name->ns->id;
	info->generation = name->generation;
	info->cookie = who->cookie;
	info->session = who->session;
	/* A number that may be another's by now is worse than none. */
	info->pid = bs_pid_gone(who->pid) ? 0 : pid_vnr(who->pid);
	info->uid = from_kuid_munged(user_ns, who->uid);
	info->gid = from_kgid_munged(user_ns, who->gid);
	info->group = name->flags & BS_NAME_GROUP ?
		from_kgid_munged(user_ns, name->group) : 0;
	info->pad = 0;
}
