/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions: here and nowhere else. Told by types
 * rather than by numbers, since distributions change what a number stands for.
 */
#ifndef BOOTSTRAP_COMPAT_H
#define BOOTSTRAP_COMPAT_H

#include <linux/file.h>

/*
 * bs_receive_fd() - receive_fd(), which after 6.1 was given the address to
 * store the number at, as second argument
 */
#define bs_receive_fd(_file, _flags)					\
	_Generic(&receive_fd,						\
		 int (*)(struct file *, unsigned int): bs_receive_fd_2,	\
		 default: bs_receive_fd_3)(&receive_fd, _file, _flags)

static inline int bs_receive_fd_2(int (*receive)(struct file *, unsigned int),
				  struct file *file, unsigned int flags)
{
	return receive(file, flags);
}

static inline int bs_receive_fd_3(int (*receive)(struct file *, int __user *,
						 unsigned int),
				  struct file *file, unsigned int flags)
{
	return receive(file, NULL, flags);
}

#endif /* BOOTSTRAP_COMPAT_H */
