// SPDX-License-Identifier: GPL-2.0
/*
 * File endpoints: which open files a name may stand for.
 */
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/module.h>

#include "internal.h"

/*
 * An io_uring instance holds its own files and the credential of its maker;
 * the kernel keeps it out of SCM_RIGHTS for the cycles it makes, and so do we.
 * Its file operations are not exported, but its name cannot be forged: only
 * the kernel makes anonymous inodes.
 */
static bool bs_file_is_io_uring(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == ANON_INODE_FS_MAGIC &&
	       !strcmp(file->f_path.dentry->d_name.name, "[io_uring]");
}

static __always_inline int bs_endpoint_judge(const struct file *file)
{
	/* One of ours would keep alive what keeps it alive. */
	if (file->f_op->owner == THIS_MODULE)
		return -ELOOP;
	return bs_file_is_io_uring(file) ? -EBADF : 0;
}

/**
 * bs_endpoint_check() - may a name stand for an open file of the kernel's
 * @file: the file; no descriptor may have been asked for what that is
 *
 * Return: 0, or -EBADF, -ELOOP.
 */
int bs_endpoint_check(const struct file *file)
{
	return file->f_mode & FMODE_PATH ? -EBADF : bs_endpoint_judge(file);
}

/**
 * bs_endpoint_get() - the open file that a name shall stand for
 * @fd: the caller's descriptor
 *
 * Return: a reference, or -EBADF, -ELOOP.
 */
struct file *bs_endpoint_get(int fd)
{
	struct file *file = fget(fd);
	int err;

	if (!file)
		return ERR_PTR(-EBADF);
	err = bs_endpoint_judge(file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}
