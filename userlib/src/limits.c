// SPDX-License-Identifier: LGPL-2.1-or-later
/* Features, limits, what is used of them, and statistics. */
#include <string.h>

#include "internal.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

BNS_API int bns_features(int port, struct bootstrap_features *ret_features)
{
	struct bootstrap_features args = {
		.size = MIN(ret_features->size, sizeof(args)),
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_FEATURES, &args);

	if (!ret)
		memcpy(ret_features, &args, args.size);
	return ret;
}

static int bns_usage_call(int port, uint32_t flags, uid_t uid,
			  struct bootstrap_usage *ret_usage)
{
	struct bootstrap_usage args = {
		.size = MIN(ret_usage->size, sizeof(args)),
		.flags = flags,
		.uid = uid,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_USAGE, &args);

	if (!ret)
		memcpy(ret_usage, &args, args.size);
	return ret;
}

BNS_API int bns_usage(int port, struct bootstrap_usage *ret_usage)
{
	return bns_usage_call(port, 0, 0, ret_usage);
}

BNS_API int bns_usage_by_uid(int port, uid_t uid,
			     struct bootstrap_usage *ret_usage)
{
	return bns_usage_call(port, BOOTSTRAP_USAGE_BY_UID, uid, ret_usage);
}

BNS_API int bns_statistics(int port, struct bootstrap_statistics *ret_statistics)
{
	struct bootstrap_statistics args = {
		.size = MIN(ret_statistics->size, sizeof(args)),
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_STATISTICS, &args);

	if (!ret)
		memcpy(ret_statistics, &args, args.size);
	return ret;
}
