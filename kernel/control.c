// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/p2pmem: root publishes and takes back, and lets pairs through that the rules refuse.
 */
#include "control.h"

#include "allow.h"
#include "publish.h"
#include "stat.h"

#include <linux/capability.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

static long p2pmem_control_ask_publish(struct p2pmem_publish __user *user)
{
	struct p2pmem_publish wish;
	struct p2pmem_unpublish undo = { .flags = P2PMEM_UNPUBLISH_FORCE };
	int error;

	if (copy_from_user(&wish, user, sizeof(wish)))
		return -EFAULT;
	error = p2pmem_publish(&wish);
	if (!copy_to_user(user, &wish, sizeof(wish)))
		return error;
	undo.index = wish.index;
	if (!error)
		p2pmem_unpublish(&undo);
	return -EFAULT;
}

static long p2pmem_control_ask_unpublish(struct p2pmem_unpublish __user *user)
{
	struct p2pmem_unpublish wish;
	int error;

	if (copy_from_user(&wish, user, sizeof(wish)))
		return -EFAULT;
	error = p2pmem_unpublish(&wish);
	return copy_to_user(user, &wish, sizeof(wish)) ? -EFAULT : error;
}

static long p2pmem_control_ask_allow(struct file *file, struct p2pmem_allow __user *user)
{
	struct p2pmem_allow wish;
	int error;

	if (copy_from_user(&wish, user, sizeof(wish)))
		return -EFAULT;
	error = p2pmem_allow(file, &wish);
	p2pmem_stat_refused(wish.why);
	return copy_to_user(user, &wish, sizeof(wish)) ? -EFAULT : error;
}

static long p2pmem_control_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	void __user *user = (void __user *)argument;

	/* As for other ways to a BAR: resource files of sysfs, and /dev/mem. */
	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_RAWIO))
		return -EPERM;
	switch (command) {
	case P2PMEM_PUBLISH:
		return p2pmem_control_ask_publish(user);
	case P2PMEM_UNPUBLISH:
		return p2pmem_control_ask_unpublish(user);
	case P2PMEM_ALLOW:
		return p2pmem_control_ask_allow(file, user);
	default:
		return -ENOTTY;
	}
}

/* However its owner ended. */
static int p2pmem_control_release(struct inode *inode, struct file *file)
{
	p2pmem_allow_end_trials(file);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.release = p2pmem_control_release,
	.unlocked_ioctl = p2pmem_control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "p2pmem",
	.fops = &operations,
	.mode = 0600,
};

int p2pmem_control_start(void)
{
	return misc_register(&control);
}

void p2pmem_control_stop(void)
{
	misc_deregister(&control);
}
