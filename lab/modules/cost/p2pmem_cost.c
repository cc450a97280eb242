// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the DMA API costs a driver for normal memory, in instructions, as counted by an emulated CPU
 * whose time stamp counter counts them (QEMU's -icount shift=0). Each reading of
 * /sys/kernel/debug/p2pmem_cost measures anew, for the last function that was bound, which is never
 * told to move anything.
 *
 * The least of many rounds, with interrupts off, is the usual way through: exact, and the same each
 * time.
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <asm/msr.h>

#define PAGES  32
#define ROUNDS 2000
#define NOPS   1000

/**
 * struct cost - one function, as long as it is bound
 * @dev: the function
 * @pages: to be mapped, and not neighbours of each other
 * @list: of one entry for each
 * @refused: a mapping was
 * @file: in debugfs
 */
struct cost {
	struct device *dev;
	struct page *pages[PAGES];
	struct scatterlist list[PAGES];
	bool refused;
	struct dentry *file;
};

static __always_inline void cost_nothing(struct cost *cost)
{
}

static __always_inline void cost_nops(struct cost *cost)
{
	asm volatile(".rept %c0\n\tnop\n\t.endr" : : "i"(NOPS));
}

static __always_inline void cost_page(struct cost *cost)
{
	dma_addr_t dma = dma_map_page(cost->dev, cost->pages[0], 0, PAGE_SIZE, DMA_TO_DEVICE);

	if (dma_mapping_error(cost->dev, dma))
		cost->refused = true;
	else
		dma_unmap_page(cost->dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
}

static __always_inline void cost_list(struct cost *cost)
{
	if (!dma_map_sg(cost->dev, cost->list, PAGES, DMA_TO_DEVICE))
		cost->refused = true;
	else
		dma_unmap_sg(cost->dev, cost->list, PAGES, DMA_TO_DEVICE);
}

static __always_inline u64 cost_least(struct cost *cost, void (*work)(struct cost *))
{
	u64 least = U64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned long flags;
		u64 begin, end;

		local_irq_save(flags);
		begin = rdtsc();
		work(cost);
		end = rdtsc();
		local_irq_restore(flags);
		least = min(least, end - begin);
	}
	return least;
}

static int cost_show(struct seq_file *file, void *unused)
{
	struct cost *cost = file->private;
	u64 nothing = cost_least(cost, cost_nothing);

	if (cost_least(cost, cost_nops) - nothing != NOPS) {
		dev_err(cost->dev, "the time stamp counter does not count instructions\n");
		return -EOPNOTSUPP;
	}
	seq_printf(file, "page=%llu", cost_least(cost, cost_page) - nothing);
	seq_printf(file, " list=%llu\n", cost_least(cost, cost_list) - nothing);
	return cost->refused ? -EIO : 0;
}
DEFINE_SHOW_ATTRIBUTE(cost);

static void cost_free_pages(struct cost *cost)
{
	for (int i = 0; i < PAGES; i++)
		if (cost->pages[i])
			__free_page(cost->pages[i]);
}

/* Each second one of a block, as an IOMMU may join neighbours, and so could lists. */
static int cost_take_pages(struct cost *cost)
{
	sg_init_table(cost->list, PAGES);
	for (int i = 0; i < PAGES; i++) {
		struct page *pair = alloc_pages(GFP_KERNEL, 1);

		if (!pair)
			return -ENOMEM;
		split_page(pair, 1);
		__free_page(pair + 1);
		cost->pages[i] = pair;
		sg_set_page(&cost->list[i], pair, PAGE_SIZE, 0);
	}
	return 0;
}

static int cost_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct cost *cost = devm_kzalloc(&pdev->dev, sizeof(*cost), GFP_KERNEL);
	int error;

	if (!cost)
		return -ENOMEM;
	error = pcim_enable_device(pdev);
	if (!error)
		error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (!error)
		error = cost_take_pages(cost);
	if (error) {
		cost_free_pages(cost);
		return error;
	}
	cost->dev = &pdev->dev;
	pci_set_drvdata(pdev, cost);
	cost->file = debugfs_create_file(KBUILD_MODNAME, 0400, NULL, cost, &cost_fops);
	return 0;
}

static void cost_remove(struct pci_dev *pdev)
{
	struct cost *cost = pci_get_drvdata(pdev);

	debugfs_remove(cost->file);
	cost_free_pages(cost);
}

static const struct pci_device_id cost_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{},
};

static struct pci_driver cost_driver = {
	.name = KBUILD_MODNAME,
	.id_table = cost_ids,
	.probe = cost_probe,
	.remove = cost_remove,
};
module_pci_driver(cost_driver);

MODULE_DESCRIPTION("Lab: counts the instructions of mapping normal memory");
MODULE_AUTHOR("The p2pmem project");
MODULE_LICENSE("GPL");
