// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: the text of a name, as callers pass it.
 */
#include <linux/fault-inject-usercopy.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/uaccess.h>

#include "internal.h"

/* Of the hash, for a word of a text. */
struct bs_hash_key {
	u32 low;
	u32 high;
};

/* Who does not know these cannot choose names that fall together. */
static struct bs_hash_key
bs_hash_keys[BOOTSTRAP_NAME_MAX / sizeof(u64) + 1] __read_mostly;
static u64 bs_hash_factors[2] __read_mostly;

void __init bs_keys_init(void)
{
	get_random_bytes(bs_hash_keys, sizeof(bs_hash_keys));
	get_random_bytes(bs_hash_factors, sizeof(bs_hash_factors));
	/* Even ones would lose what differs in the highest bits alone. */
	bs_hash_factors[0] |= 1;
	bs_hash_factors[1] |= 1;
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
 * struct bs_reading - what is found out of a text while it is read
 * @special: a byte of it has its highest bit set if a character is other than
 *	the printing ones of ASCII
 * @sum: of its hash
 */
struct bs_reading {
	u64 special;
	u64 sum;
};

static __always_inline void bs_reading_judge(struct bs_reading *reading,
					     u64 word)
{
	const u64 each = ~0ULL / 0xff;

	/* Below 0x20 or above 0x7e: then a byte's highest bit is set in either. */
	reading->special |= (word - each * 0x20) | (word + each);
}

/* NH, as in UMAC (RFC 4418). */
static __always_inline void bs_reading_hash(struct bs_reading *reading, u64 word,
					    const struct bs_hash_key *key)
{
	u32 low = (u32)word + key->low, high = (u32)(word >> 32) + key->high;

	reading->sum += (u64)low * high;
}

/*
 * Two texts have the same sum with a chance of one in 2^32, whoever chose them. To
 * know two that fall together tells nothing of others, as it would if this were
 * linear.
 */
static __always_inline u32 bs_reading_end(const struct bs_reading *reading)
{
	u64 hash = reading->sum * bs_hash_factors[0];

	hash = (hash ^ hash >> 32) * bs_hash_factors[1];
	return hash >> 32;
}

/*
 * To copy, judge and hash a name is much of what a look-up does: all is done at
 * once, by whole words. What is hashed is what is kept, whoever writes to it
 * meanwhile: of the last word, that reaches back, only what is new is used.
 */
static __always_inline int bs_text_copy(u64 *text, const char __user *from,
					u32 len, struct bs_reading *reading)
{
	const struct bs_hash_key *key = bs_hash_keys;
	u32 left = len % sizeof(u64), at;
	u64 word;
	u8 byte;

	reading->special = 0;
	reading->sum = len;
	if (should_fail_usercopy() || !user_read_access_begin(from, len))
		return -EFAULT;
#ifdef CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS
	for (; len >= sizeof(word); len -= sizeof(word)) {
		unsafe_get_user(word, (const u64 __user *)from, fault);
		from += sizeof(word);
		*text++ = word;
		bs_reading_judge(reading, word);
		bs_reading_hash(reading, word, key++);
	}
	if (left && key != bs_hash_keys) {
		from -= sizeof(word) - left;
		unsafe_get_user(word, (const u64 __user *)from, fault);
		bs_reading_judge(reading, word);
		word = le64_to_cpu((__force __le64)word) >> (64 - 8 * left);
		*text = (__force u64)cpu_to_le64(word);
		bs_reading_hash(reading, word, key);
		len = 0;
	}
#endif
	while (len) {
		left = min_t(u32, len, sizeof(word));
		len -= left;
		word = 0;
		for (at = 0; at < left; at++) {
			unsafe_get_user(byte, (const u8 __user *)from++, fault);
			word |= (u64)byte << 8 * at;
		}
		*text++ = (__force u64)cpu_to_le64(word);
		bs_reading_hash(reading, word, key++);
		/* As if spaces were the rest. */
		for (; at < sizeof(word); at++)
			word |= (u64)' ' << 8 * at;
		bs_reading_judge(reading, word);
	}
	user_read_access_end();
	reading->special &= 0x8080808080808080ULL;
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

static int bs_text_check(const char *text, u32 len)
{
	unsigned int at, step;

	for (at = 0; at < len; at += step) {
		step = bs_text_sequence((const u8 *)text + at, len - at);
		if (!step)
			return -EILSEQ;
	}
	return 0;
}

/**
 * bs_text_read() - read a text from user space
 * @text: filled, not terminated
 * @max: bytes there
 * @from: user address
 * @len: bytes; 0 is for the caller to judge
 *
 * Return: 0, or -ENAMETOOLONG, -EFAULT, -EILSEQ.
 */
int bs_text_read(char *text, u32 max, u64 from, u32 len)
{
	if (len > max)
		return -ENAMETOOLONG;
	if (copy_from_user(text, u64_to_user_ptr(from), len))
		return -EFAULT;
	return bs_text_check(text, len);
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
	struct bs_reading reading;
	int err;

	if (!len)
		return -EINVAL;
	if (len > BOOTSTRAP_NAME_MAX)
		return -ENAMETOOLONG;
	err = bs_text_copy((u64 *)key->text, u64_to_user_ptr(text), len,
			   &reading);
	if (!err && reading.special)
		err = bs_text_check(key->text, len);
	key->len = len;
	key->hash = bs_reading_end(&reading);
	return err;
}

/**
 * bs_key_set() - a name that the kernel has
 * @key: filled
 * @text: terminated
 *
 * Return: 0, or -EINVAL, -ENAMETOOLONG, -EILSEQ.
 */
int bs_key_set(struct bs_key *key, const char *text)
{
	size_t len = strnlen(text, BOOTSTRAP_NAME_MAX + 1), at;
	struct bs_reading reading = { .sum = len };
	u64 word;

	if (!len)
		return -EINVAL;
	if (len > BOOTSTRAP_NAME_MAX)
		return -ENAMETOOLONG;
	memset(key->text, 0, sizeof(key->text));
	memcpy(key->text, text, len);
	for (at = 0; at < len; at += sizeof(word)) {
		memcpy(&word, key->text + at, sizeof(word));
		/* As bs_text_copy() takes it. */
		if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) ||
		    len - at < sizeof(word))
			word = le64_to_cpu((__force __le64)word);
		bs_reading_hash(&reading, word,
				&bs_hash_keys[at / sizeof(word)]);
	}
	key->len = len;
	key->hash = bs_reading_end(&reading);
	return bs_text_check(key->text, len);
}
