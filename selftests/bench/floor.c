// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/bench_floor: an ioctl that copies its argument both ways and does nothing
 * else, to tell what a command costs before it does anything.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#define FLOOR_MAX 128

static long floor_ioctl(struct file *file, unsigned int number,
			unsigned long arg)
{
	char args[FLOOR_MAX];
	size_t size = _IOC_SIZE(number);

	if (size > sizeof(args))
		return -EINVAL;
	if (copy_from_user(args, (void __user *)arg, size) ||
	    copy_to_user((void __user *)arg, args, size))
		return -EFAULT;
	return 0;
}

static const struct file_operations floor_file_operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = floor_ioctl,
};

static struct miscdevice floor_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bench_floor",
	.fops = &floor_file_operations,
};
module_misc_device(floor_device);

MODULE_DESCRIPTION("What an ioctl costs at least");
MODULE_LICENSE("GPL");
