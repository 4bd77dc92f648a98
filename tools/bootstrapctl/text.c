// SPDX-License-Identifier: GPL-2.0
/* Texts that come from files, which may say anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "right.h"

/* How many bytes one that begins with this has; 0 if none does. */
static size_t first_size(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0 || first >= 0xf8)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The bytes of the character that a text begins with; 0 if that is no UTF-8. */
static size_t character_size(const char *text, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t size = first_size(*text), i;
	uint32_t code = *text & 0x7f;

	if (size > 1)
		code &= 0x7f >> size;
	for (i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[size] || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	*ret_code = code;
	return size;
}

static bool moves_terminal(uint32_t code, const char *keep)
{
	if (code < ' ')
		return keep && !strchr(keep, code);
	return code >= 0x7f && code < 0xa0;
}

char *text_harmless(const char *text, const char *keep)
{
	char *copy = malloc(strlen(text) + 1), *end = copy;
	uint32_t code = 0;
	size_t size;

	if (!copy) {
		fprintf(stderr, "bootstrapctl: no memory\n");
		exit(EXIT_SYSTEM);
	}
	while (*text) {
		size = character_size(text, &code);
		if (!size || moves_terminal(code, keep)) {
			*end++ = '?';
			text += size ? size : 1;
			continue;
		}
		memcpy(end, text, size);
		end += size;
		text += size;
	}
	*end = '\0';
	return copy;
}

void text_complain(const char *thing, const char *text)
{
	char *name = text_harmless(thing, "");
	char *lines = text_harmless(text, "\n"), *rest = lines, *line;

	size_t len = strlen(name);

	while ((line = strsep(&rest, "\n"))) {
		/* Who said it may have named the thing as well. */
		if (!strncmp(line, name, len) && !strncmp(line + len, ": ", 2))
			line += len + 2;
		fprintf(stderr, "bootstrapctl: %s: %s\n", name, line);
	}
	free(lines);
	free(name);
}
