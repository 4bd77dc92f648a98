/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions: here and nowhere else.
 */
#ifndef BOOTSTRAP_COMPAT_H
#define BOOTSTRAP_COMPAT_H

#include <linux/file.h>
#include <linux/version.h>

/* 6.7 gave receive_fd() the address to store the number at, as 2nd argument. */
static inline int bs_receive_fd(struct file *file, unsigned int flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return receive_fd(file, NULL, flags);
#else
	return receive_fd(file, flags);
#endif
}

#endif /* BOOTSTRAP_COMPAT_H */
