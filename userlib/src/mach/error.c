// SPDX-License-Identifier: LGPL-2.1-or-later
/* Codes: those that errors become, and their texts. */
#include <errno.h>
#include <stdio.h>

#include "internal.h"

kern_return_t bns_mach_code(int err)
{
	switch (-err) {
	case 0:
		return BOOTSTRAP_SUCCESS;
	case EACCES:
	case EPERM:
	case ESHUTDOWN:
		return BOOTSTRAP_NOT_PRIVILEGED;
	case EEXIST:
		return BOOTSTRAP_NAME_IN_USE;
	case ENOENT:
		return BOOTSTRAP_UNKNOWN_SERVICE;
	case EBUSY:
		return BOOTSTRAP_SERVICE_ACTIVE;
	case EMSGSIZE:
		return BOOTSTRAP_BAD_COUNT;
	case ENOMEM:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
		return BOOTSTRAP_NO_MEMORY;
	case ESRCH:
		return BOOTSTRAP_NO_CHILDREN;
	case EINVAL:
	case ENAMETOOLONG:
	case EILSEQ:
		return KERN_INVALID_ARGUMENT;
	case EBADF:
	case ENOTTY:
	case ENXIO:
	case ECONNREFUSED:
		return MACH_SEND_INVALID_DEST;
	case ELOOP:
		return MACH_SEND_INVALID_RIGHT;
	default:
		return KERN_FAILURE;
	}
}

static const struct {
	kern_return_t code;
	const char *text;
} texts[] = {
	{ KERN_SUCCESS, "success" },
	{ KERN_INVALID_ADDRESS, "invalid address" },
	{ KERN_NO_SPACE, "no space left" },
	{ KERN_INVALID_ARGUMENT, "invalid argument" },
	{ KERN_FAILURE, "failure" },
	{ KERN_RESOURCE_SHORTAGE, "no descriptor or no memory left" },
	{ KERN_NO_ACCESS, "the port may not be used for that" },
	{ KERN_NAME_EXISTS, "a port of that name exists" },
	{ KERN_ABORTED, "aborted" },
	{ KERN_INVALID_NAME, "no port of that name" },
	{ KERN_INVALID_TASK, "not a task that this can be done to" },
	{ KERN_INVALID_RIGHT, "the port is not a right of that kind" },
	{ KERN_INVALID_VALUE, "invalid value" },
	{ KERN_UREFS_OVERFLOW, "too many references to a port" },
	{ KERN_INVALID_CAPABILITY, "the port does not allow that" },
	{ KERN_NOT_SUPPORTED, "not supported" },
	{ BOOTSTRAP_NOT_PRIVILEGED, "permission denied" },
	{ BOOTSTRAP_NAME_IN_USE, "the service name exists" },
	{ BOOTSTRAP_UNKNOWN_SERVICE, "unknown service name" },
	{ BOOTSTRAP_SERVICE_ACTIVE, "the service is active" },
	{ BOOTSTRAP_BAD_COUNT, "too many names in one request" },
	{ BOOTSTRAP_NO_MEMORY, "no memory, or a limit is reached" },
	{ BOOTSTRAP_NO_CHILDREN, "the namespace has no children" },
	{ MACH_SEND_INVALID_DEST, "the port cannot be reached" },
	{ MACH_SEND_TIMED_OUT, "timed out" },
	{ MACH_SEND_INVALID_RIGHT, "the port cannot be given to others" },
};

BNS_API char *mach_error_string(mach_error_t code)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return (char *)texts[i].text;
	return (char *)"unknown error code";
}

BNS_API const char *bootstrap_strerror(kern_return_t r)
{
	return mach_error_string(r);
}

BNS_API void mach_error(const char *text, mach_error_t code)
{
	fprintf(stderr, "%s: %s (%#x)\n", text, mach_error_string(code), code);
}
