// SPDX-License-Identifier: LGPL-2.1-or-later
/* Mechanisms, as texts. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "login.h"

/* Takes a name of so many bytes, if it is one. */
static bool name_take(char *to, const char *from, size_t len)
{
	size_t i;

	if (!len || len > BNL_NAME_MAX || *from == '.')
		return false;
	for (i = 0; i < len; i++)
		if (strchr("/:,\177", from[i]) || (unsigned char)from[i] < ' ')
			return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

API int bnl_mechanism_parse(const char *text,
			    struct bnl_mechanism *ret_mechanism, char **ret_why)
{
	struct bnl_mechanism mechanism = {.privileged = false};
	const char *colon, *comma;

	if (!text)
		return fail(ret_why, -EINVAL, "no mechanism");
	colon = strchr(text, ':');
	if (!colon)
		return fail(ret_why, -EINVAL,
			    "%s: no colon between plug-in and mechanism", text);
	comma = strchrnul(colon, ',');
	if (!name_take(mechanism.plugin, text, colon - text))
		return fail(ret_why, -EINVAL, "%s: no name of a plug-in", text);
	if (!name_take(mechanism.name, colon + 1, comma - colon - 1))
		return fail(ret_why, -EINVAL, "%s: no name of a mechanism",
			    text);
	mechanism.privileged = *comma;
	if (*comma && strcasecmp(comma + 1, "privileged"))
		return fail(
			ret_why, -EINVAL,
			"%s: what follows on the comma is not \"privileged\"",
			text);
	*ret_mechanism = mechanism;
	return 0;
}

API enum bnl_kind bnl_mechanism_kind(const struct bnl_mechanism *mechanism)
{
	if (!strcmp(mechanism->plugin, BNL_HOME_PLUGIN))
		return BNL_KIND_HOME;
	if (!strcmp(mechanism->plugin, "builtin") &&
	    !strcmp(mechanism->name, "authenticate"))
		return BNL_KIND_AUTHENTICATE;
	return BNL_KIND_PLUGIN;
}
