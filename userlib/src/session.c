// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sessions. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static int bns_session_call(int port, struct bootstrap_session *args,
			    struct bootstrap_session *ret_session)
{
	int ret;

	/* Inputs go into a copy, so that a failure leaves the output alone. */
	args->size = ret_session->size < sizeof(*args) ? ret_session->size :
							 sizeof(*args);
	ret = bns_call(port, BOOTSTRAP_IOC_SESSION, args);
	if (!ret)
		memcpy(ret_session, args, args->size);
	return ret;
}

BNS_API int bns_session(int port, struct bootstrap_session *ret_session)
{
	struct bootstrap_session args = { 0 };

	return bns_session_call(port, &args, ret_session);
}

BNS_API int bns_session_by_id(int port, uint32_t id, uint64_t cookie,
			      struct bootstrap_session *ret_session)
{
	struct bootstrap_session args = {
		.flags = BOOTSTRAP_SESSION_BY_ID,
		.session = id,
		.cookie = cookie,
	};

	return bns_session_call(port, &args, ret_session);
}

BNS_API int bns_session_next(int port, uint32_t id,
			     struct bootstrap_session *ret_session)
{
	struct bootstrap_session args = {
		.flags = BOOTSTRAP_SESSION_NEXT,
		.session = id,
	};

	return bns_session_call(port, &args, ret_session);
}

BNS_API int bns_attributes(int port, uint32_t id, uint64_t cookie, uint32_t set,
			   uint32_t clear)
{
	struct bootstrap_attributes args = {
		.size = sizeof(args),
		.session = id,
		.set = set,
		.cookie = cookie,
		.clear = clear,
	};

	return bns_call(port, BOOTSTRAP_IOC_ATTRIBUTES, &args);
}

BNS_API int bns_session_name(int port, const char *base, char *buffer,
			     size_t size)
{
	struct bootstrap_session session = { .size = sizeof(session) };
	char id[16] = "root";
	int err, len;

	if (!base || !*base)
		return -EINVAL;
	err = bns_session(port, &session);
	if (err)
		return err;
	if (session.session != BOOTSTRAP_SESSION_ID_ROOT)
		snprintf(id, sizeof(id), "%u", session.session);
	len = snprintf(NULL, 0, "%s-%s-%llu", base, id,
		       (unsigned long long)session.cookie);
	if (len < 0 || (size_t)len >= size)
		return -ERANGE;
	snprintf(buffer, size, "%s-%s-%llu", base, id,
		 (unsigned long long)session.cookie);
	return 0;
}

BNS_API int bns_signal(int port, uint32_t id, uint64_t cookie, int signal,
		       unsigned int *ret_members)
{
	struct bootstrap_signal args = {
		.size = sizeof(args),
		.session = id,
		.signal = signal,
		.cookie = cookie,
	};
	int ret = bns_call(port, BOOTSTRAP_IOC_SIGNAL, &args);

	if (ret < 0)
		return ret;
	if (ret_members)
		*ret_members = args.members;
	return args.reached;
}
