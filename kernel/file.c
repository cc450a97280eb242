// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open /dev/p2pmemN: its allocations, by what user space asks for.
 */
#include "file.h"

#include "allocation.h"
#include "cpu.h"
#include "export.h"
#include "machine.h"
#include "mapping.h"
#include "stat.h"
#include "verdict.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct p2pmem_file {
	struct p2pmem *memory; /* a reference */
	struct p2pmem_owner *owner;
};

static struct p2pmem_file *p2pmem_file_new(struct p2pmem *memory)
{
	struct p2pmem_file *own = kzalloc(sizeof(*own), GFP_KERNEL_ACCOUNT);

	if (!own)
		return NULL;
	own->owner = kzalloc(sizeof(*own->owner), GFP_KERNEL_ACCOUNT);
	if (!own->owner) {
		kfree(own);
		return NULL;
	}
	p2pmem_owner_init(own->owner, true);
	own->memory = p2pmem_memory_get(memory);
	return own;
}

static void p2pmem_file_free(struct p2pmem_file *own)
{
	p2pmem_allocation_drop_all(own->memory, own->owner);
	p2pmem_owner_put(own->owner);
	p2pmem_memory_put(own->memory);
	kfree(own);
}

/* There may be several nodes of one number; the mappings of all are found through the memory's. */
static int p2pmem_file_open(struct inode *inode, struct file *file)
{
	struct p2pmem *memory = container_of(inode->i_cdev, struct p2pmem, cdev);
	struct p2pmem_file *own;

	if (!READ_ONCE(memory->ready) || READ_ONCE(memory->gone))
		return -ENODEV;
	own = p2pmem_file_new(memory);
	if (!own)
		return -ENOMEM;
	file->private_data = own;
	file->f_mapping = memory->inode->i_mapping;
	return 0;
}

static int p2pmem_file_release(struct inode *inode, struct file *file)
{
	p2pmem_file_free(file->private_data);
	return 0;
}

static bool p2pmem_file_is_gone(const struct p2pmem_file *own)
{
	return READ_ONCE(own->memory->gone);
}

static void p2pmem_file_describe(struct file *file, struct p2pmem_info *info)
{
	struct p2pmem_file *own = file->private_data;
	struct p2pmem *memory = own->memory;

	memset(info, 0, sizeof(*info));
	info->abi = P2PMEM_ABI;
	info->flags =
		(memory->pdev ? P2PMEM_INFO_PCI : 0) | (memory->pages ? P2PMEM_INFO_PAGES : 0);
	if (memory->pdev)
		info->function = p2pmem_function(p2pmem_bdf(memory->pdev));
	info->bar = memory->bar;
	info->bar_offset = memory->bar_offset;
	info->no_pages = memory->no_pages;
	if (file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN))
		info->cpu_address = memory->provider.start.value;
	info->size = memory->provider.size;
	info->bounced = atomic64_read(&memory->bounced_bytes);
	mutex_lock(&memory->lock);
	info->available = memory->provider.size - memory->allocated;
	info->limit = memory->limit;
	info->used = own->owner->used;
	mutex_unlock(&memory->lock);
}

static int p2pmem_file_get_info(struct file *file, struct p2pmem_info __user *user)
{
	struct p2pmem_info info;

	p2pmem_file_describe(file, &info);
	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

static int p2pmem_file_check_alloc(const struct p2pmem_alloc *wish)
{
	if (wish->flags & ~(P2PMEM_ALLOC_UNCACHED | P2PMEM_ALLOC_VFIO) || wish->reserved ||
	    !wish->size)
		return -EINVAL;
	/* VFIO type 1 follows page tables once and tells nobody when it lets go: docs/design.md. */
	return wish->flags & P2PMEM_ALLOC_VFIO ? -EOPNOTSUPP : 0;
}

static u32 p2pmem_file_why(int error)
{
	switch (error) {
	case -EOPNOTSUPP:
		return P2PMEM_WHY_VFIO;
	case -ENOSPC:
		return P2PMEM_WHY_FULL;
	case -EDQUOT:
		return P2PMEM_WHY_LIMIT;
	default:
		return P2PMEM_WHY_NONE;
	}
}

static int p2pmem_file_allocate(struct p2pmem_file *own, const struct p2pmem_alloc *wish,
				struct p2pmem_allocation **allocation)
{
	int error = p2pmem_file_check_alloc(wish);

	if (error)
		return error;
	return p2pmem_allocation_new(own->memory, own->owner, wish->size, wish->alignment,
				     wish->flags, allocation);
}

static int p2pmem_file_ask_alloc(struct p2pmem_file *own, struct p2pmem_alloc __user *user)
{
	struct p2pmem_allocation *allocation = NULL;
	struct p2pmem_alloc wish;
	int error;

	if (copy_from_user(&wish, user, sizeof(wish)))
		return -EFAULT;
	error = p2pmem_file_allocate(own, &wish, &allocation);
	wish.offset = allocation ? p2pmem_offset(allocation) : 0;
	wish.why = p2pmem_file_why(error);
	p2pmem_stat_refused(wish.why);
	if (copy_to_user(user, &wish, sizeof(wish))) {
		error = -EFAULT;
		if (allocation)
			p2pmem_allocation_disown(allocation);
	}
	if (allocation)
		p2pmem_allocation_put(allocation);
	return error;
}

static int p2pmem_file_ask_free(struct p2pmem_file *own, struct p2pmem_free __user *user)
{
	struct p2pmem_free wish;

	if (copy_from_user(&wish, user, sizeof(wish)))
		return -EFAULT;
	if (wish.reserved)
		return -EINVAL;
	return p2pmem_allocation_drop(own->memory, own->owner, wish.offset);
}

static int p2pmem_file_ask_export(struct p2pmem_file *own, struct p2pmem_export __user *user)
{
	struct p2pmem_export wish;
	struct p2pmem_allocation *allocation;
	int error;

	if (copy_from_user(&wish, user, sizeof(wish)))
		return -EFAULT;
	if (wish.reserved || wish.flags & ~(O_CLOEXEC | O_ACCMODE))
		return -EINVAL;
	allocation = p2pmem_allocation_find(own->memory, own->owner, wish.offset);
	if (!allocation)
		return -ENOENT;
	if (p2pmem_offset(allocation) == wish.offset)
		error = p2pmem_export_fd(allocation, wish.flags, &user->fd);
	else
		error = -ENOENT;
	p2pmem_allocation_put(allocation);
	return error;
}

static long p2pmem_file_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct p2pmem_file *own = file->private_data;
	void __user *user = (void __user *)argument;

	if (p2pmem_file_is_gone(own))
		return -ENODEV;
	if (!(file->f_mode & FMODE_WRITE) && command != P2PMEM_INFO && command != P2PMEM_VERDICT)
		return -EBADF;
	switch (command) {
	case P2PMEM_INFO:
		return p2pmem_file_get_info(file, user);
	case P2PMEM_VERDICT:
		return p2pmem_ask_verdict(own->memory, user);
	case P2PMEM_ALLOC:
		return p2pmem_file_ask_alloc(own, user);
	case P2PMEM_FREE:
		return p2pmem_file_ask_free(own, user);
	case P2PMEM_EXPORT:
		return p2pmem_file_ask_export(own, user);
	default:
		return -ENOTTY;
	}
}

static int p2pmem_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct p2pmem_file *own = file->private_data;
	struct p2pmem_allocation *allocation;
	int error;

	if (p2pmem_file_is_gone(own))
		return -ENODEV;
	allocation =
		p2pmem_allocation_find(own->memory, own->owner, (u64)vma->vm_pgoff << PAGE_SHIFT);
	if (!allocation)
		return -ENXIO;
	error = p2pmem_map_cpu(allocation, vma);
	p2pmem_allocation_put(allocation);
	return error;
}

/* Within one allocation, as if each were a file at its offset. */
static ssize_t p2pmem_file_copy(struct kiocb *call, struct iov_iter *user, bool write)
{
	struct p2pmem_file *own = call->ki_filp->private_data;
	struct p2pmem_allocation *allocation;
	u64 skipped, size;
	ssize_t done;

	if (p2pmem_file_is_gone(own))
		return -ENODEV;
	if (!iov_iter_count(user))
		return 0;
	allocation = p2pmem_allocation_find(own->memory, own->owner, call->ki_pos);
	if (!allocation)
		return -ENXIO;
	skipped = call->ki_pos - p2pmem_offset(allocation);
	size = min_t(u64, iov_iter_count(user), allocation->size - skipped);
	done = p2pmem_cpu_copy(allocation, skipped, size, user, write);
	p2pmem_allocation_put(allocation);
	if (done > 0)
		call->ki_pos += done;
	return done;
}

static ssize_t p2pmem_file_read_iter(struct kiocb *call, struct iov_iter *to)
{
	return p2pmem_file_copy(call, to, false);
}

static ssize_t p2pmem_file_write_iter(struct kiocb *call, struct iov_iter *from)
{
	return p2pmem_file_copy(call, from, true);
}

static loff_t p2pmem_file_seek(struct file *file, loff_t offset, int whence)
{
	struct p2pmem_file *own = file->private_data;

	return fixed_size_llseek(file, offset, whence, own->memory->provider.size);
}

const struct file_operations p2pmem_file_operations = {
	.owner = THIS_MODULE,
	.open = p2pmem_file_open,
	.release = p2pmem_file_release,
	.unlocked_ioctl = p2pmem_file_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = p2pmem_file_mmap,
	.read_iter = p2pmem_file_read_iter,
	.write_iter = p2pmem_file_write_iter,
	.llseek = p2pmem_file_seek,
};
