// SPDX-License-Identifier: GPL-2.0-only
/*
 * p2pmem_wrong.ko: exports a memory BAR as dma-bufs whose DMA addresses are wrong in a way that a
 * test chooses, as those of a mistaken driver or bridge are: see p2pmem_wrong.h. Load it with
 * function=0000:04:00.0 bar=2. The function has no driver and must stay.
 *
 * The right address is the CPU's, mapped for the importer: through its IOMMU if it has one.
 */
#include "p2pmem_wrong.h"

#include "../../../kernel/compat/compat.h"

#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "the PCI function whose memory it is, as 0000:04:00.0");

static unsigned int bar;
module_param(bar, uint, 0444);
MODULE_PARM_DESC(bar, "which of its BARs (0)");

static struct pci_dev *provider;

struct wrong_buffer {
	u64 start; /* CPU address */
	u64 size, by;
	enum p2pmem_wrong_how how;
};

/* What map_dma_buf() returns, and what undoes it. */
struct wrong_table {
	struct sg_table sg;
	dma_addr_t dma; /* of the buffer's first byte; not mapped with P2PMEM_WRONG_RAW */
};

/* Where byte @at of the buffer is in memory, to an importer. */
static u64 wrong_place(const struct wrong_buffer *buffer, u64 at)
{
	switch (buffer->how) {
	case P2PMEM_WRONG_SHIFTED:
		return at + buffer->by;
	case P2PMEM_WRONG_STALE:
		return at + buffer->size;
	case P2PMEM_WRONG_SWAPPED:
		return at ^ PAGE_SIZE;
	case P2PMEM_WRONG_MIRRORED:
	case P2PMEM_WRONG_SMALL:
		return at % buffer->by;
	default:
		return at;
	}
}

/* The CPU is told the truth, but of memory that there is not. */
static u64 wrong_cpu_place(const struct wrong_buffer *buffer, u64 at)
{
	return buffer->how == P2PMEM_WRONG_SMALL ? wrong_place(buffer, at) : at;
}

/* How much memory from the buffer's start an importer is sent to, at most. */
static u64 wrong_reach(const struct wrong_buffer *buffer)
{
	switch (buffer->how) {
	case P2PMEM_WRONG_SHIFTED:
		return buffer->size + buffer->by;
	case P2PMEM_WRONG_STALE:
		return buffer->size * 2;
	default:
		return buffer->size;
	}
}

static int wrong_check(const struct p2pmem_wrong_export *request)
{
	bool whole = request->size && PAGE_ALIGNED(request->offset | request->size);

	switch (request->how) {
	case P2PMEM_WRONG_RIGHT:
	case P2PMEM_WRONG_STALE:
	case P2PMEM_WRONG_RAW:
		return whole && !request->by ? 0 : -EINVAL;
	case P2PMEM_WRONG_SHIFTED:
		return whole && request->by ? 0 : -EINVAL;
	case P2PMEM_WRONG_SWAPPED:
		return whole && !request->by && !(request->size & PAGE_SIZE) ? 0 : -EINVAL;
	case P2PMEM_WRONG_MIRRORED:
	case P2PMEM_WRONG_SMALL:
		return whole && request->by && PAGE_ALIGNED(request->by) ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

/* None of the sums in wrong_reach() overflows when each part is in the BAR. */
static bool wrong_fits(const struct p2pmem_wrong_export *request, const struct wrong_buffer *buffer)
{
	u64 length = pci_resource_len(provider, bar);

	return request->offset <= length && buffer->size <= length && buffer->by <= length &&
	       wrong_reach(buffer) <= length - request->offset;
}

static int wrong_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attachment)
{
	return attachment->peer2peer ? 0 : -EOPNOTSUPP;
}

/* It never moves. */
static int wrong_pin(struct dma_buf_attachment *attachment)
{
	return 0;
}

static void wrong_unpin(struct dma_buf_attachment *attachment)
{
}

static int wrong_map_memory(struct wrong_table *table, const struct wrong_buffer *buffer,
			    struct device *dev, enum dma_data_direction direction)
{
	if (buffer->how == P2PMEM_WRONG_RAW) {
		table->dma = buffer->start;
		return 0;
	}
	table->dma = compat_dma_map(dev, buffer->start, wrong_reach(buffer), direction);
	return dma_mapping_error(dev, table->dma);
}

static void wrong_unmap(struct dma_buf_attachment *attachment, struct sg_table *sg,
			enum dma_data_direction direction)
{
	struct wrong_table *table = container_of(sg, struct wrong_table, sg);
	const struct wrong_buffer *buffer = attachment->dmabuf->priv;

	if (buffer->how != P2PMEM_WRONG_RAW)
		compat_dma_unmap(attachment->dev, table->dma, wrong_reach(buffer), direction);
	sg_free_table(sg);
	kfree(table);
}

static struct sg_table *wrong_map(struct dma_buf_attachment *attachment,
				  enum dma_data_direction direction)
{
	const struct wrong_buffer *buffer = attachment->dmabuf->priv;
	struct wrong_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	struct scatterlist *entry;
	int error, i;

	if (!table)
		return ERR_PTR(-ENOMEM);
	error = sg_alloc_table(&table->sg, buffer->size >> PAGE_SHIFT, GFP_KERNEL);
	if (error)
		goto free;
	error = wrong_map_memory(table, buffer, attachment->dev, direction);
	if (error)
		goto free_list;
	for_each_sgtable_dma_sg(&table->sg, entry, i) {
		sg_dma_address(entry) = table->dma + wrong_place(buffer, (u64)i << PAGE_SHIFT);
		sg_dma_len(entry) = PAGE_SIZE;
	}
	return &table->sg;
free_list:
	sg_free_table(&table->sg);
free:
	kfree(table);
	return ERR_PTR(error);
}

static int wrong_map_for_cpu(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	const struct wrong_buffer *buffer = dmabuf->priv;
	pgprot_t uncached = pgprot_noncached(vma->vm_page_prot);
	u64 at = (u64)vma->vm_pgoff << PAGE_SHIFT;
	int error = vma->vm_flags & VM_SHARED ? 0 : -EINVAL;

	for (unsigned long address = vma->vm_start; !error && address < vma->vm_end;
	     address += PAGE_SIZE, at += PAGE_SIZE)
		error = remap_pfn_range(vma, address,
					PHYS_PFN(buffer->start + wrong_cpu_place(buffer, at)),
					PAGE_SIZE, uncached);
	return error;
}

static void wrong_release(struct dma_buf *dmabuf)
{
	kfree(dmabuf->priv);
}

static const struct dma_buf_ops wrong_operations = {
	.attach = wrong_attach,
	.pin = wrong_pin,
	.unpin = wrong_unpin,
	.map_dma_buf = wrong_map,
	.unmap_dma_buf = wrong_unmap,
	.mmap = wrong_map_for_cpu,
	.release = wrong_release,
};

static struct dma_buf *wrong_export(const struct p2pmem_wrong_export *request)
{
	struct wrong_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf *dmabuf;

	if (!buffer)
		return ERR_PTR(-ENOMEM);
	buffer->start = pci_resource_start(provider, bar) + request->offset;
	buffer->size = request->size;
	buffer->by = request->by;
	buffer->how = request->how;
	info.ops = &wrong_operations;
	info.size = request->size;
	info.flags = O_RDWR;
	info.priv = buffer;
	dmabuf = wrong_fits(request, buffer) ? dma_buf_export(&info) : ERR_PTR(-ERANGE);
	if (IS_ERR(dmabuf))
		kfree(buffer);
	return dmabuf;
}

static long wrong_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct p2pmem_wrong_export __user *user = (void __user *)argument;
	struct p2pmem_wrong_export request;
	struct dma_buf *dmabuf;
	int fd;

	if (command != P2PMEM_WRONG_EXPORT)
		return -ENOTTY;
	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	if (wrong_check(&request))
		return -EINVAL;
	dmabuf = wrong_export(&request);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0 || put_user(fd, &user->fd)) {
		if (fd >= 0)
			put_unused_fd(fd);
		dma_buf_put(dmabuf);
		return fd < 0 ? fd : -EFAULT;
	}
	fd_install(fd, dmabuf->file);
	return 0;
}

static const struct file_operations wrong_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = wrong_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice wrong_node = {
	.name = KBUILD_MODNAME,
	.minor = MISC_DYNAMIC_MINOR,
	.fops = &wrong_fops,
	.mode = 0600,
};

static struct pci_dev *wrong_find(void)
{
	unsigned int domain, bus, slot, number;

	if (!function || sscanf(function, "%x:%x:%x.%x", &domain, &bus, &slot, &number) != 4)
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, number));
}

static int wrong_claim(void)
{
	int error;

	if (bar >= PCI_STD_NUM_BARS || !(pci_resource_flags(provider, bar) & IORESOURCE_MEM))
		return -EINVAL;
	error = pci_enable_device_mem(provider);
	if (error)
		return error;
	error = pci_request_region(provider, bar, KBUILD_MODNAME);
	if (error)
		pci_disable_device(provider);
	return error;
}

static void wrong_let_go(void)
{
	pci_release_region(provider, bar);
	pci_disable_device(provider);
	pci_dev_put(provider);
}

static int __init wrong_init(void)
{
	int error;

	provider = wrong_find();
	error = provider ? wrong_claim() : -ENODEV;
	if (error) {
		pr_err("%s: function=%s bar=%u: no memory, or another driver's\n", KBUILD_MODNAME,
		       function ? function : "", bar);
		pci_dev_put(provider);
		return error;
	}
	error = misc_register(&wrong_node);
	if (error)
		wrong_let_go();
	return error;
}
module_init(wrong_init);

static void __exit wrong_exit(void)
{
	misc_deregister(&wrong_node);
	wrong_let_go();
}
module_exit(wrong_exit);

MODULE_DESCRIPTION("Exports a BAR as dma-bufs with wrong addresses");
MODULE_LICENSE("GPL");
COMPAT_IMPORT_NS(DMA_BUF);
