// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tries the in-kernel API as a driver would: `insmod p2pmem_selftest.ko client=BDF`, with at least
 * one memory published. Each check is a line in the log; loading fails if one does.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <p2pmem.h>

static char *client;
module_param(client, charp, 0444);
MODULE_PARM_DESC(client, "the PCI function to map for");

static char *memory_at;
module_param(memory_at, charp, 0444);
MODULE_PARM_DESC(memory_at, "a CPU address of the memory to map");

static char *bus_at;
module_param(bus_at, charp, 0444);
MODULE_PARM_DESC(bus_at, "its bus address, as the BAR's register has it");

static char *expected;
module_param(expected, charp, 0444);
MODULE_PARM_DESC(expected, "what it should be to the client: direct, via-host or unreachable");

static bool bind;
module_param(bind, bool, 0444);
MODULE_PARM_DESC(bind, "be the driver of functions instead, which are named by new_id");

static unsigned int failures;

static void selftest_check(bool good, const char *what)
{
	pr_info("p2pmem_selftest: %s: %s\n", good ? "passed" : "FAILED", what);
	failures += !good;
}

struct bench {
	struct device *dev;
	struct p2pmem *memory;
	struct p2pmem_client *client;
	enum p2pmem_answer answer;
	phys_addr_t piece;  /* PIECE bytes */
	u64 offset;         /* of its bus addresses to its CPU addresses, modulo 2^64 */
	struct page *pages; /* 4 of the host's, in a row */
};

#define HOST_PAGES 4
#define PIECE      SZ_64K /* as long as a segment may be, unless a driver says otherwise */
#define PART       SZ_4K  /* a page may be all of the piece */

static void selftest_test_normal(struct bench *bench)
{
	struct scatterlist list[HOST_PAGES];
	struct p2pmem_sg mapped;
	int error;

	sg_init_table(list, HOST_PAGES);
	for (int i = 0; i < HOST_PAGES; i++)
		sg_set_page(&list[i], bench->pages + i, PAGE_SIZE, 0);
	error = p2pmem_map_sg(bench->client, list, HOST_PAGES, DMA_BIDIRECTIONAL, 0, &mapped);
	selftest_check(!error, "a list of host memory is mapped");
	selftest_check(mapped.count >= 1 && mapped.count <= HOST_PAGES && !mapped.direct_bytes &&
			       !mapped.via_host_bytes,
		       "and none of it is device memory");
	p2pmem_unmap_sg(bench->client, &mapped);
}

static u64 selftest_mapped_bytes(struct scatterlist *list, const struct p2pmem_sg *mapped)
{
	struct scatterlist *entry;
	u64 bytes = 0;
	int i;

	for_each_sg(list, entry, mapped->count, i)
		bytes += sg_dma_len(entry);
	return bytes;
}

/* host, device, device (goes on), host: 4 entries of which the two in the middle become one. */
static void selftest_fill_mixed(struct bench *bench, struct scatterlist *list)
{
	sg_init_table(list, 4);
	sg_set_page(&list[0], bench->pages, PAGE_SIZE, 0);
	p2pmem_set_sg(&list[1], bench->piece, PART);
	p2pmem_set_sg(&list[2], bench->piece + PART, PIECE - PART);
	sg_set_page(&list[3], bench->pages + 2, PAGE_SIZE, 0);
}

static void selftest_test_mixed(struct bench *bench)
{
	struct scatterlist list[4];
	struct p2pmem_sg mapped;
	int error;

	selftest_fill_mixed(bench, list);
	error = p2pmem_map_sg(bench->client, list, 4, DMA_BIDIRECTIONAL, 0, &mapped);
	if (bench->answer == P2PMEM_ANSWER_UNREACHABLE) {
		selftest_check(error == -EREMOTE,
			       "a list with memory out of reach is refused as a whole");
		return;
	}
	selftest_check(!error, "a mixed list is mapped");
	if (error)
		return;
	selftest_check(selftest_mapped_bytes(list, &mapped) == PIECE + 2 * PAGE_SIZE,
		       "and all bytes of it");
	selftest_check(mapped.direct_bytes + mapped.via_host_bytes == PIECE,
		       "of which so many are provider memory");
	selftest_check(!!mapped.direct_bytes == (bench->answer == P2PMEM_ANSWER_DIRECT),
		       "by the way that was announced");
	if (mapped.direct_bytes)
		selftest_check(mapped.count == 3 &&
				       sg_dma_address(&list[1]) == bench->piece + bench->offset &&
				       sg_dma_len(&list[1]) == PIECE,
			       "at its bus address, and neighbours are one");
	p2pmem_unmap_sg(bench->client, &mapped);
}

static void selftest_test_long(struct bench *bench)
{
	unsigned int count = 200;
	struct scatterlist *list = kmalloc_array(count, sizeof(*list), GFP_KERNEL);
	struct p2pmem_sg mapped;
	int error;

	if (!list)
		return;
	sg_init_table(list, count);
	for (unsigned int i = 0; i < count; i++) {
		if (i % 2)
			p2pmem_set_sg(&list[i], bench->piece + (i % 16) * PART, 512);
		else
			sg_set_page(&list[i], bench->pages + i % HOST_PAGES, 512, 1024);
	}
	error = p2pmem_map_sg(bench->client, list, count, DMA_TO_DEVICE, 0, &mapped);
	selftest_check(bench->answer == P2PMEM_ANSWER_UNREACHABLE ? error == -EREMOTE : !error,
		       "a long list of both kinds in turn");
	if (!error) {
		selftest_check(selftest_mapped_bytes(list, &mapped) == 512 * (u64)count,
			       "has all its bytes");
		p2pmem_unmap_sg(bench->client, &mapped);
	}
	kfree(list);
}

static void selftest_test_find(struct bench *bench)
{
	struct p2pmem *found = p2pmem_find(bench->piece + PIECE - 1);

	selftest_check(found == bench->memory, "an address inside is found");
	if (found)
		p2pmem_put(found);
	selftest_check(!p2pmem_find(page_to_phys(bench->pages)), "host memory is nobody's");
	selftest_check(!p2pmem_find(0), "nor is address 0");
}

static void selftest_test_alloc(struct bench *bench)
{
	phys_addr_t start;

	selftest_check(p2pmem_alloc(bench->memory, 0, 0, &start) == -EINVAL,
		       "nothing is not allocated");
	selftest_check(p2pmem_alloc(bench->memory, PAGE_SIZE, 3, &start) == -EINVAL,
		       "3 is no alignment");
	selftest_check(p2pmem_alloc(bench->memory, SZ_1T, 0, &start) == -ENOSPC,
		       "too much is refused");
	selftest_check(!p2pmem_alloc(bench->memory, 5000, SZ_64K, &start) &&
			       IS_ALIGNED(start, SZ_64K),
		       "alignment is kept");
	p2pmem_free(bench->memory, start);
}

static int selftest_map_one(struct bench *bench, phys_addr_t start, unsigned int length)
{
	struct scatterlist entry;
	struct p2pmem_sg mapped;
	int error;

	sg_init_table(&entry, 1);
	p2pmem_set_sg(&entry, start, length);
	error = p2pmem_map_sg(bench->client, &entry, 1, DMA_FROM_DEVICE, 0, &mapped);
	if (!error)
		p2pmem_unmap_sg(bench->client, &mapped);
	return error;
}

/* Only what somebody has: nobody may be given it while a device writes there. */
static void selftest_test_unallocated(struct bench *bench)
{
	int reached = bench->answer == P2PMEM_ANSWER_UNREACHABLE ? -EREMOTE : 0;
	phys_addr_t other;

	if (p2pmem_alloc(bench->memory, PIECE, PIECE, &other)) {
		selftest_check(false, "there is a second piece");
		return;
	}
	selftest_check(selftest_map_one(bench, other, PIECE) == reached, "a piece, whole");
	selftest_check(selftest_map_one(bench, other + 100, PART) == reached, "a part of it");
	selftest_check(selftest_map_one(bench, max(bench->piece, other) + PIECE - 100, 101) ==
			       -EFAULT,
		       "but not a byte after what is allocated");
	if (other == bench->piece + PIECE)
		selftest_check(selftest_map_one(bench, other - 100, 200) == reached,
			       "a part of two in a row");
	p2pmem_free(bench->memory, other);
	selftest_check(selftest_map_one(bench, other, PART) == -EFAULT,
		       "nor anything of it, once it is free");
}

static enum p2pmem_answer selftest_answer_named(const char *name)
{
	if (!strcmp(name, "direct"))
		return P2PMEM_ANSWER_DIRECT;
	return !strcmp(name, "via-host") ? P2PMEM_ANSWER_VIA_HOST : P2PMEM_ANSWER_UNREACHABLE;
}

static void selftest_test_all(struct bench *bench)
{
	bench->answer = p2pmem_ask(bench->memory, bench->dev);
	if (expected)
		selftest_check(bench->answer == selftest_answer_named(expected),
			       "the answer is the expected one");
	selftest_test_normal(bench);
	selftest_test_mixed(bench);
	selftest_test_long(bench);
	selftest_test_find(bench);
	selftest_test_alloc(bench);
	selftest_test_unallocated(bench);
}

static int selftest_prepare(struct bench *bench)
{
	unsigned long long address, bus;

	bench->dev = bus_find_device_by_name(&pci_bus_type, NULL, client ?: "");
	if (!bench->dev || !memory_at || kstrtoull(memory_at, 0, &address) || !bus_at ||
	    kstrtoull(bus_at, 0, &bus))
		return -EINVAL;
	bench->offset = bus - address;
	bench->memory = p2pmem_find(address);
	if (!bench->memory)
		return -ENODEV;
	bench->pages = alloc_pages(GFP_KERNEL, get_order(HOST_PAGES * PAGE_SIZE));
	if (!bench->pages || p2pmem_alloc(bench->memory, PIECE, 0, &bench->piece))
		return -ENOMEM;
	if (dma_set_mask_and_coherent(bench->dev, DMA_BIT_MASK(64)))
		return -EIO;
	bench->client = p2pmem_client_new(bench->dev);
	return PTR_ERR_OR_ZERO(bench->client);
}

static void selftest_clean_up(struct bench *bench)
{
	if (!IS_ERR_OR_NULL(bench->client))
		p2pmem_client_free(bench->client);
	if (bench->piece)
		p2pmem_free(bench->memory, bench->piece);
	if (bench->pages)
		__free_pages(bench->pages, get_order(HOST_PAGES * PAGE_SIZE));
	if (bench->memory)
		p2pmem_put(bench->memory);
	put_device(bench->dev);
}

/* As a driver that prepares itself when its function appears: under the lock of PCI hotplug. */
static int selftest_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct p2pmem_client *own = p2pmem_client_new(&pdev->dev);

	if (IS_ERR(own))
		return PTR_ERR(own);
	p2pmem_client_free(own);
	pci_info(pdev, "p2pmem_selftest: probed\n");
	return 0;
}

static struct pci_driver selftest_driver = { .name = "p2pmem_selftest", .probe = selftest_probe };

static int __init selftest_start(void)
{
	struct bench bench = { 0 };
	int error = bind ? pci_register_driver(&selftest_driver) : selftest_prepare(&bench);

	if (bind)
		return error;
	if (error)
		pr_err("p2pmem_selftest: %pe; give client=BDF, memory_at= and bus_at=ADDRESS\n",
		       ERR_PTR(error));
	else
		selftest_test_all(&bench);
	selftest_clean_up(&bench);
	if (!error && failures)
		error = -EIO;
	if (!error)
		pr_info("p2pmem_selftest: all checks passed\n");
	return error;
}
module_init(selftest_start);

static void __exit selftest_stop(void)
{
	if (bind)
		pci_unregister_driver(&selftest_driver);
}
module_exit(selftest_stop);

MODULE_DESCRIPTION("Tests of p2pmem.ko's in-kernel API");
MODULE_LICENSE("GPL");
