// SPDX-License-Identifier: GPL-2.0
/*
 * Keys: the text of a name, as callers pass it.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/uaccess.h>

#include "internal.h"

/* Who does not know it cannot choose names that fall together. */
static hsiphash_key_t bs_hash_key __read_mostly;

void __init bs_keys_init(void)
{
	get_random_bytes(&bs_hash_key, sizeof(bs_hash_key));
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
	unsigned int at, step;

	if (len > max)
		return -ENAMETOOLONG;
	if (copy_from_user(text, u64_to_user_ptr(from), len))
		return -EFAULT;
	for (at = 0; at < len; at += step) {
		step = bs_text_sequence((u8 *)text + at, len - at);
		if (!step)
			return -EILSEQ;
	}
	return 0;
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
	int err;

	if (!len)
		return -EINVAL;
	err = bs_text_read(key->text, BOOTSTRAP_NAME_MAX, text, len);
	if (err)
		return err;
	key->len = len;
	key->hash = hsiphash(key->text, len, &bs_hash_key);
	return 0;
}
