// SPDX-License-Identifier: GPL-2.0-only
/*
 * The running kernel's own verdict on every ordered pair of PCI functions, as
 * /sys/kernel/debug/p2p_oracle/pairs: "CLIENT PROVIDER DISTANCE ROUTE" lines, and "end" as the
 * last. It knows no rule of peer-to-peer itself: each answer comes out of an exported function.
 *
 * The distance is pci_p2pdma_distance_many()'s. That function does not tell a direct route from
 * one through the host, but mapping for a DMA must: dma_buf_phys_vec_to_sgt() asks
 * pci_p2pdma_map_type() and for a direct route returns the address plus the provider's bus offset,
 * for one through the host a mapping without it, else -EINVAL (drivers/dma-buf/dma-buf-mapping.c,
 * Linux 7.3). So it is given a provider whose bus offset no other address can have.
 */
#include <linux/debugfs.h>
#include <linux/device/devres.h>
#include <linux/dma-buf-mapping.h>
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/module.h>
#include <linux/pci-p2pdma.h>
#include <linux/pci.h>
#include <linux/seq_file.h>

/* Never read or written through: an address below 4 GiB, which every function's DMA mask allows. */
#define ANY_MMIO_ADDRESS 0xfed00000
/* Far above what the processors and IOMMUs of the lab's machines can address. */
#define MARKED_OFFSET BIT_ULL(60)

static struct dentry *directory;

static int map_route(struct pci_dev *client, struct pci_dev *provider, const char **route)
{
	struct p2pdma_provider memory = {
		.owner = &provider->dev,
		.bus_offset = MARKED_OFFSET,
	};
	struct phys_vec range = { .paddr = ANY_MMIO_ADDRESS, .len = PAGE_SIZE };
	struct dma_resv lock;
	struct dma_buf buffer = { .resv = &lock };
	struct dma_buf_attachment attachment = { .dmabuf = &buffer, .dev = &client->dev };
	struct sg_table *table;
	int error = 0;

	dma_resv_init(&lock);
	dma_resv_lock(&lock, NULL);
	table = dma_buf_phys_vec_to_sgt(&attachment, &memory, &range, 1, PAGE_SIZE,
					DMA_BIDIRECTIONAL);
	if (!IS_ERR(table)) {
		*route = sg_dma_address(table->sgl) & MARKED_OFFSET ? "direct" : "via-host";
		dma_buf_free_sgt(&attachment, table, DMA_BIDIRECTIONAL);
	} else if (PTR_ERR(table) == -EINVAL) {
		*route = "unreachable";
	} else {
		error = PTR_ERR(table);
	}
	dma_resv_unlock(&lock);
	dma_resv_fini(&lock);
	return error;
}

static int show_pair(struct seq_file *file, struct pci_dev *client, struct pci_dev *provider)
{
	struct device *clients[] = { &client->dev };
	const char *route;
	int distance = pci_p2pdma_distance_many(provider, clients, 1, false);
	int error = map_route(client, provider, &route);

	if (error) {
		pr_err("%s to %s: mapping: %pe\n", pci_name(client), pci_name(provider),
		       ERR_PTR(error));
		return error;
	}
	seq_printf(file, "%s %s %d %s\n", pci_name(client), pci_name(provider), distance, route);
	return 0;
}

/* What maps must know the provider as one; the group takes that back. */
static int show_provider(struct seq_file *file, struct pci_dev *provider)
{
	struct pci_dev *client = NULL;
	void *group = devres_open_group(&provider->dev, NULL, GFP_KERNEL);
	int error;

	if (!group)
		return -ENOMEM;
	error = pcim_p2pdma_init(provider);
	devres_close_group(&provider->dev, group);
	if (error)
		pr_err("%s: pcim_p2pdma_init: %pe\n", pci_name(provider), ERR_PTR(error));
	/* A full buffer means that all is asked again with a larger one. */
	while (!error && !seq_has_overflowed(file) &&
	       (client = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, client)))
		error = show_pair(file, client, provider);
	pci_dev_put(client);
	devres_release_group(&provider->dev, group);
	return error;
}

static int pairs_show(struct seq_file *file, void *unused)
{
	struct pci_dev *provider = NULL;
	int error = 0;

	while (!error && !seq_has_overflowed(file) &&
	       (provider = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, provider)))
		error = show_provider(file, provider);
	pci_dev_put(provider);
	if (!error)
		seq_puts(file, "end\n");
	return error;
}
DEFINE_SHOW_ATTRIBUTE(pairs);

static int __init p2p_oracle_init(void)
{
	directory = debugfs_create_dir("p2p_oracle", NULL);
	debugfs_create_file("pairs", 0400, directory, NULL, &pairs_fops);
	return 0;
}
module_init(p2p_oracle_init);

static void __exit p2p_oracle_exit(void)
{
	debugfs_remove(directory);
}
module_exit(p2p_oracle_exit);

MODULE_DESCRIPTION("The kernel's own peer-to-peer verdict on every pair of PCI functions");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("DMA_BUF");
