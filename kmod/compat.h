/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions: here and nowhere else. Told by types
 * rather than by numbers, since distributions change what a number stands for.
 */
#ifndef BOOTSTRAP_COMPAT_H
#define BOOTSTRAP_COMPAT_H

#include <linux/file.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/sock.h>

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

/*
 * Since what SO_PASSRIGHTS and the like set is kept in the sock, an embryo has
 * it from its listener; since about then, security modules know an embryo as
 * one that no process has created.
 */
#ifdef SO_PASSRIGHTS
static inline int bs_create_embryo(int type, struct socket **res)
{
	int err = sock_create_kern(current->nsproxy->net_ns, PF_UNIX, type, 0,
				   res);

	if (!err)
		sk_net_refcnt_upgrade((*res)->sk);
	return err;
}

static inline void bs_inherit_scm_flags(struct sock *embryo,
					const struct sock *listener)
{
	embryo->sk_scm_recv_flags = listener->sk_scm_recv_flags;
}
#else
static inline int bs_create_embryo(int type, struct socket **res)
{
	return sock_create(PF_UNIX, type, 0, res);
}

static inline void bs_inherit_scm_flags(struct sock *embryo,
					const struct sock *listener)
{
}
#endif

#endif /* BOOTSTRAP_COMPAT_H */
