// SPDX-License-Identifier: GPL-2.0-only
/*
 * p2pmem_edu.ko: a plain DMA engine, QEMU's "edu", as a client of peer memory. /dev/p2pmem_eduN
 * moves bytes between any two of dma-bufs and the caller's memory; see p2pmem_edu.h.
 *
 * Locks, outermost first: present (held for reading by a copy, so that the function stays bound),
 * turn (who may use the engine), a dma-buf's reservation lock.
 */
#include "buffer.h"
#include "engine.h"

#include "../../../kernel/compat/compat.h"

#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* The engine cuts off the upper bits of an address in silence, and cannot be asked how many. */
static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "address lines of the engine, as QEMU's dma_mask gives them (28)");

static bool interrupts = true;
module_param(interrupts, bool, 0444);
MODULE_PARM_DESC(interrupts, "use message-signalled interrupts (Y); else poll");

/**
 * struct edu - one function, as long as it is bound or its node open
 * @users: the driver's and each open file's
 * @node: /dev/p2pmem_edu and @index
 * @index: of edu_indices
 * @dev: the function
 * @present: see above
 * @gone: set before the driver leaves the function, so that copies end early
 * @turn: see above
 * @engine: under @turn
 */
struct edu {
	struct kref users;
	struct miscdevice node;
	int index;
	struct device *dev;
	struct rw_semaphore present;
	bool gone;
	struct mutex turn; /* one piece at a time */
	struct edu_engine engine;
};

static DEFINE_IDA(edu_indices);

static void edu_free(struct kref *users)
{
	struct edu *edu = container_of(users, struct edu, users);

	ida_free(&edu_indices, edu->index);
	kfree(edu->node.name);
	kfree(edu);
}

/* Copies. */

static int edu_load(struct edu *edu, struct edu_buffer *source, u64 position, u32 length)
{
	int error = edu_buffer_lock(source);
	u64 run;

	if (error)
		return error;
	for (u32 at = 0; at < length && !error; at += run) {
		dma_addr_t from;

		run = length - at;
		error = edu_buffer_run(source, position + at, &from, &run);
		if (!error)
			error = edu_engine_load(&edu->engine, at, from, run);
	}
	edu_buffer_unlock(source);
	return error;
}

static int edu_store(struct edu *edu, struct edu_buffer *destination, u64 position, u32 length)
{
	int error = edu_buffer_lock(destination);
	u64 run;

	if (error)
		return error;
	for (u32 at = 0; at < length && !error; at += run) {
		dma_addr_t to;

		run = length - at;
		error = edu_buffer_run(destination, position + at, &to, &run);
		if (!error)
			error = edu_engine_store(&edu->engine, to, at, run);
	}
	edu_buffer_unlock(destination);
	return error;
}

static int edu_move_piece(struct edu *edu, struct edu_buffer *source,
			  struct edu_buffer *destination, u64 position, u32 length)
{
	int error;

	if (mutex_lock_interruptible(&edu->turn))
		return -EINTR;
	error = READ_ONCE(edu->gone) ? -ENODEV : edu_load(edu, source, position, length);
	if (!error)
		error = edu_store(edu, destination, position, length);
	mutex_unlock(&edu->turn);
	return error;
}

static int edu_move(struct edu *edu, struct edu_buffer *source, struct edu_buffer *destination,
		    struct p2pmem_edu_copy *copy)
{
	int error = 0;

	while (!error && copy->copied < copy->length) {
		u32 length = min_t(u64, copy->length - copy->copied, EDU_PIECE);

		if (signal_pending(current))
			return -EINTR;
		error = edu_move_piece(edu, source, destination, copy->copied, length);
		if (!error)
			copy->copied += length;
	}
	return error;
}

static int edu_attach_and_move(struct edu *edu, struct edu_buffer *source,
			       struct edu_buffer *destination, struct p2pmem_edu_copy *copy)
{
	int error = edu_buffer_attach(source, edu->dev);

	if (error)
		return error;
	error = edu_buffer_attach(destination, edu->dev);
	if (!error) {
		error = edu_move(edu, source, destination, copy);
		edu_buffer_cling();
		edu_buffer_detach(destination);
	}
	edu_buffer_detach(source);
	return error;
}

static int edu_copy(struct edu *edu, struct p2pmem_edu_copy *copy)
{
	struct edu_buffer source = {};
	struct edu_buffer destination = {};
	int error;

	error = edu_buffer_open(&source, &copy->source, copy->length, DMA_TO_DEVICE);
	if (!error)
		error = edu_buffer_open(&destination, &copy->destination, copy->length,
					DMA_FROM_DEVICE);
	if (!error)
		error = down_read_interruptible(&edu->present);
	if (!error) {
		if (edu->gone)
			error = -ENODEV;
		else
			error = edu_attach_and_move(edu, &source, &destination, copy);
		up_read(&edu->present);
	}
	edu_buffer_close(&destination);
	edu_buffer_close(&source);
	return error;
}

/* The node. */

static long edu_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct p2pmem_edu_copy __user *user = (void __user *)argument;
	struct p2pmem_edu_copy copy;
	int error;

	if (command != P2PMEM_EDU_COPY)
		return -ENOTTY;
	if (copy_from_user(&copy, user, sizeof(copy)))
		return -EFAULT;
	if (copy.flags || copy.reserved || !copy.length || copy.length > P2PMEM_EDU_LENGTH_MAX)
		return -EINVAL;
	copy.copied = 0;
	error = edu_copy(file->private_data, &copy);
	if (put_user(copy.copied, &user->copied))
		return -EFAULT;
	return error;
}

/* Not while the node is being taken away: misc_deregister() waits for this. */
static int edu_open(struct inode *inode, struct file *file)
{
	struct edu *edu = container_of(file->private_data, struct edu, node);

	kref_get(&edu->users);
	file->private_data = edu;
	return 0;
}

static int edu_release(struct inode *inode, struct file *file)
{
	struct edu *edu = file->private_data;

	kref_put(&edu->users, edu_free);
	return 0;
}

static const struct file_operations edu_fops = {
	.owner = THIS_MODULE,
	.open = edu_open,
	.release = edu_release,
	.unlocked_ioctl = edu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* The driver. */

static struct edu *edu_new(struct pci_dev *pdev)
{
	struct edu *edu = kzalloc(sizeof(*edu), GFP_KERNEL);

	if (!edu)
		return NULL;
	edu->index = ida_alloc(&edu_indices, GFP_KERNEL);
	if (edu->index < 0)
		goto free;
	kref_init(&edu->users);
	init_rwsem(&edu->present);
	mutex_init(&edu->turn);
	edu->dev = &pdev->dev;
	edu->node.name = kasprintf(GFP_KERNEL, "p2pmem_edu%d", edu->index);
	edu->node.minor = MISC_DYNAMIC_MINOR;
	edu->node.fops = &edu_fops;
	edu->node.parent = &pdev->dev;
	edu->node.mode = 0600;
	if (edu->node.name)
		return edu;
	ida_free(&edu_indices, edu->index);
free:
	kfree(edu);
	return NULL;
}

static int edu_enable(struct pci_dev *pdev)
{
	int error = pcim_enable_device(pdev);

	if (!error)
		error = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (!error)
		error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(dma_bits));
	/* It goes through a list in small steps, so that no entry is too long. */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	return error;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int error = edu_enable(pdev);

	if (error)
		return error;
	edu = edu_new(pdev);
	if (!edu)
		return -ENOMEM;
	error = edu_engine_start(&edu->engine, pdev, interrupts);
	if (error)
		goto put;
	error = misc_register(&edu->node);
	if (error)
		goto stop;
	pci_set_drvdata(pdev, edu);
	dev_info(&pdev->dev, "%s: %u address lines, %s\n", edu->node.name, dma_bits,
		 edu->engine.irq ? "interrupts" : "polled");
	return 0;
stop:
	edu_engine_stop(&edu->engine);
put:
	kref_put(&edu->users, edu_free);
	return error;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	misc_deregister(&edu->node);
	WRITE_ONCE(edu->gone, true);
	/* Waits for copies, which have mapped memory for the function and end after one piece. */
	down_write(&edu->present);
	edu_engine_stop(&edu->engine);
	up_write(&edu->present);
	kref_put(&edu->users, edu_free);
}

/* Two for each piece of a copy: how tests know that one is under way. */
static ssize_t transfers_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct edu *edu = dev_get_drvdata(dev);

	return sysfs_emit(text, "%lu\n", READ_ONCE(edu->engine.transfers));
}
static DEVICE_ATTR_RO(transfers);

/* The driver's core takes them away before edu_remove(). */
static struct attribute *edu_attrs[] = {
	&dev_attr_transfers.attr,
	NULL,
};
ATTRIBUTE_GROUPS(edu);

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{},
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
	.dev_groups = edu_groups,
};

static int __init edu_init(void)
{
	if (dma_bits < 1 || dma_bits > 64) {
		pr_err("%s: dma_bits=%u: give 1 to 64\n", KBUILD_MODNAME, dma_bits);
		return -EINVAL;
	}
	return pci_register_driver(&edu_driver);
}
module_init(edu_init);

static void __exit edu_exit(void)
{
	pci_unregister_driver(&edu_driver);
}
module_exit(edu_exit);

MODULE_DESCRIPTION("A DMA engine (QEMU's edu) that moves dma-bufs and host memory");
MODULE_LICENSE("GPL");
COMPAT_IMPORT_NS(DMA_BUF);
