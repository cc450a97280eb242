// SPDX-License-Identifier: GPL-2.0-only
/*
 * p2pmem_link.ko: provides memory that is on no PCI bus, with its own DMA ops, as a driver for
 * memory behind a coherent link (CAPI, CXL) would. The memory is RAM that the kernel was told to
 * leave alone: memmap=16M$0x30000000 on its command line, then start=0x30000000 size=0x1000000.
 *
 * How clients reach it is for a test to choose: answer=direct, via-host or unreachable.
 */
#include "../../../kernel/p2pmem.h"

#include "../../../kernel/compat/compat.h"

#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/string.h>

static unsigned long start;
module_param(start, ulong, 0444);
MODULE_PARM_DESC(start, "address of the memory");

static unsigned long size;
module_param(size, ulong, 0444);
MODULE_PARM_DESC(size, "bytes of it");

static char *answer = "via-host";
module_param(answer, charp, 0444);
MODULE_PARM_DESC(answer, "how clients reach it: direct, via-host (default), unreachable");

static bool cached = true;
module_param(cached, bool, 0444);
MODULE_PARM_DESC(cached, "the CPU caches it (Y)");

static bool pages;
module_param(pages, bool, 0444);
MODULE_PARM_DESC(pages, "with struct pages (N)");

static unsigned long shift;
module_param(shift, ulong, 0444);
MODULE_PARM_DESC(shift, "direct: how far clients' addresses are beyond the CPU's (0)");

static const char *const answers[] = {
	[P2PMEM_ANSWER_DIRECT] = "direct",
	[P2PMEM_ANSWER_VIA_HOST] = "via-host",
	[P2PMEM_ANSWER_UNREACHABLE] = "unreachable",
};

static enum p2pmem_answer chosen;
static struct p2pmem *memory;

static enum p2pmem_answer link_answer(void *context, struct device *client)
{
	return chosen;
}

/* Past the IOMMU, clients of this link use CPU addresses. */
static int link_map(void *context, struct device *client, phys_addr_t from, size_t length,
		    enum dma_data_direction direction, dma_addr_t *dma)
{
	if (chosen == P2PMEM_ANSWER_DIRECT) {
		*dma = from + shift;
		return 0;
	}
	*dma = compat_dma_map(client, from, length, direction);
	return dma_mapping_error(client, *dma);
}

static void link_unmap(void *context, struct device *client, dma_addr_t dma, size_t length,
		       enum dma_data_direction direction)
{
	if (chosen != P2PMEM_ANSWER_DIRECT)
		compat_dma_unmap(client, dma, length, direction);
}

static const struct p2pmem_dma_ops link_ops = {
	.answer = link_answer,
	.map = link_map,
	.unmap = link_unmap,
};

static int link_choose(void)
{
	for (size_t i = P2PMEM_ANSWER_DIRECT; i < ARRAY_SIZE(answers); i++) {
		if (sysfs_streq(answer, answers[i])) {
			chosen = i;
			return 0;
		}
	}
	pr_err("%s: answer=%s: give direct, via-host or unreachable\n", KBUILD_MODNAME, answer);
	return -EINVAL;
}

/* What the kernel uses as RAM must not be published. */
static int link_claim(void)
{
	if (size &&
	    region_intersects(start, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) ==
		    REGION_DISJOINT &&
	    request_mem_region(start, size, KBUILD_MODNAME))
		return 0;
	pr_err("%s: start=%#lx size=%#lx: in use; boot with memmap=SIZE$START\n", KBUILD_MODNAME,
	       start, size);
	return -EBUSY;
}

static int __init link_init(void)
{
	struct p2pmem_range range = {
		.start = start,
		.size = size,
		.ops = &link_ops,
		.cached = cached,
		.pages = pages,
	};
	int error = link_choose();

	if (!error)
		error = link_claim();
	if (error)
		return error;
	memory = p2pmem_register_provider(&range);
	if (!IS_ERR(memory))
		return 0;
	release_mem_region(start, size);
	return PTR_ERR(memory);
}
module_init(link_init);

static void __exit link_exit(void)
{
	p2pmem_unregister_provider(memory);
	release_mem_region(start, size);
}
module_exit(link_exit);

MODULE_DESCRIPTION("Provides memory on no PCI bus, with its own DMA ops");
MODULE_LICENSE("GPL");
