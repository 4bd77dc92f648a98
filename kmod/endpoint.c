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

/**
 * bs_endpoint_get() - the open file that a name shall stand for
 * @fd: the caller's descriptor
 *
 * Return: a reference, or -EBADF, -ELOOP.
 */
struct file *bs_endpoint_get(int fd)
{
	struct file *file = fget(fd);
	int err = 0;

	if (!file)
		return ERR_PTR(-EBADF);
	/* One of ours would keep alive what keeps it alive. */
	if (file->f_op->owner == THIS_MODULE)
		err = -ELOOP;
	else if (bs_file_is_io_uring(file))
		err = -EBADF;
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}
