// SPDX-License-Identifier: GPL-2.0-only
/* p2pmem_map_sg() of a list of normal memory against dma_map_sg() of the same list. */
#include "bench.h"

#include <linux/dma-mapping.h>
#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "p2pmem.h"

#define ENTRIES 256
#define REPEATS 20

struct contest {
	struct device *dev;
	struct p2pmem_client *client;
	struct scatterlist list[ENTRIES];
	struct bench_times times;
};

static int time_ours(struct contest *contest, u64 *time)
{
	u64 start = ktime_get_ns();
	struct p2pmem_sg mapped;

	for (unsigned int i = 0; i < REPEATS; i++) {
		int error = p2pmem_map_sg(contest->client, contest->list, ENTRIES,
					  DMA_BIDIRECTIONAL, 0, &mapped);

		if (error)
			return error;
		p2pmem_unmap_sg(contest->client, &mapped);
	}
	*time = ktime_get_ns() - start;
	return 0;
}

static int time_theirs(struct contest *contest, u64 *time)
{
	u64 start = ktime_get_ns();

	for (unsigned int i = 0; i < REPEATS; i++) {
		if (!dma_map_sg(contest->dev, contest->list, ENTRIES, DMA_BIDIRECTIONAL))
			return -EIO;
		dma_unmap_sg(contest->dev, contest->list, ENTRIES, DMA_BIDIRECTIONAL);
	}
	*time = ktime_get_ns() - start;
	return 0;
}

static int compete(struct contest *contest)
{
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++) {
		int error = time_ours(contest, &contest->times.ours[i]);

		if (!error)
			error = time_theirs(contest, &contest->times.theirs[i]);
		if (error)
			return error;
		cond_resched();
	}
	bench_report("map and unmap 256 entries of normal memory", "dma_map_sg", &contest->times);
	return 0;
}

static void free_pages_of(struct contest *contest)
{
	for (unsigned int i = 0; i < ENTRIES; i++) {
		if (sg_page(&contest->list[i]))
			__free_page(sg_page(&contest->list[i]));
	}
}

/* Every other page is kept: pages that lie side by side would be joined. */
static int fill(struct contest *contest)
{
	sg_init_table(contest->list, ENTRIES);
	for (unsigned int i = 0; i < ENTRIES; i++) {
		struct page *page = alloc_page(GFP_KERNEL), *between = alloc_page(GFP_KERNEL);

		if (between)
			__free_page(between);
		if (!page)
			return -ENOMEM;
		sg_set_page(&contest->list[i], page, PAGE_SIZE, 0);
	}
	return 0;
}

static int run(struct contest *contest)
{
	int error;

	contest->client = p2pmem_client_new(contest->dev);
	if (IS_ERR(contest->client))
		return PTR_ERR(contest->client);
	error = fill(contest);
	if (!error)
		error = compete(contest);
	free_pages_of(contest);
	p2pmem_client_free(contest->client);
	return error;
}

int bench_map(const char *function)
{
	struct device *dev = bus_find_device_by_name(&pci_bus_type, NULL, function);
	struct contest *contest = kzalloc(sizeof(*contest), GFP_KERNEL);
	int error = -ENOMEM;

	if (!dev)
		error = -ENODEV;
	if (dev && contest) {
		contest->dev = dev;
		error = run(contest);
	}
	kfree(contest);
	put_device(dev);
	return error;
}
