// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatterlists: a few compares for each entry of normal memory, then the DMA API as ever. Only a
 * list with something near provider memory goes through the core's map.
 */
#include "client.h"

#include "allocation.h"

#include <linux/dma-mapping.h>
#include <linux/slab.h>

struct p2pmem_sg_devices {
	struct p2p_mapping mapping;
	struct p2p_mapped mapped[];
};

static bool p2pmem_sg_is_normal(struct scatterlist *list, unsigned int entries)
{
	const struct p2p_range_filter *filter = p2p_registry_filter(p2pmem_registry);
	struct scatterlist *entry;
	unsigned int i;

	for_each_sg(list, entry, entries, i) {
		p2p_cpu_addr first = { sg_phys(entry) };
		p2p_cpu_addr last = { first.value + entry->length - 1 };

		if (p2p_range_filter_passes_range(filter, first, last))
			return false;
	}
	return true;
}

static int p2pmem_sg_map_normal(struct p2pmem_client *client, struct p2pmem_sg *mapped)
{
	int done = dma_map_sg_attrs(client->dev, mapped->list, mapped->entries, mapped->direction,
				    mapped->attrs);

	if (done <= 0)
		return -EIO;
	mapped->count = done;
	return 0;
}

/* A device need not take entries as long as the core can make them by joining. */
static int p2pmem_sg_write_back(struct p2pmem_client *client, struct p2pmem_sg *mapped)
{
	const struct p2p_mapping *mapping = &mapped->devices->mapping;
	u64 longest = dma_get_max_seg_size(client->dev);
	struct scatterlist *entry = mapped->list;

	for (u32 i = 0; i < mapping->count; i++) {
		u64 dma = mapping->mapped[i].start.value, left = mapping->mapped[i].length;

		while (left) {
			u64 part = min(left, longest);

			if (mapped->count == mapped->entries)
				return -EMSGSIZE;
			sg_dma_address(entry) = dma;
			sg_dma_len(entry) = part;
			entry = sg_next(entry);
			mapped->count++;
			dma += part;
			left -= part;
		}
	}
	return 0;
}

static struct p2p_segment *p2pmem_sg_list_segments(struct scatterlist *list, unsigned int entries)
{
	struct p2p_segment *segments = kmalloc_array(entries, sizeof(*segments), GFP_ATOMIC);
	struct scatterlist *entry;
	unsigned int i;

	if (!segments)
		return NULL;
	for_each_sg(list, entry, entries, i) {
		segments[i].start.value = sg_phys(entry);
		segments[i].length = entry->length;
	}
	return segments;
}

static struct p2p_provider *p2pmem_sg_provider_from(p2p_cpu_addr at)
{
	struct p2p_provider *provider = p2p_registry_find(p2pmem_registry, at);

	return provider ?: p2p_registry_next(p2pmem_registry, at);
}

/*
 * Whose address has been found is not yet the caller's: of provider memory, each byte must
 * be allocated, or it could be given to somebody else while the device writes there. What is gone
 * is refused as that.
 */
static bool p2pmem_sg_is_allocated(const struct p2p_segment *segment)
{
	p2p_cpu_addr at = segment->start;
	u64 end = at.value + segment->length;

	while (at.value < end) {
		struct p2p_provider *provider = p2pmem_sg_provider_from(at);
		struct p2pmem *memory;
		u64 first, part_end;

		if (!provider || provider->start.value >= end)
			return true;
		memory = p2pmem_from_provider(provider);
		first = max(at.value, provider->start.value);
		part_end = min(end, provider->start.value + provider->size);
		if (!READ_ONCE(memory->gone) &&
		    !p2pmem_is_allocated(memory, first, part_end - first))
			return false;
		at.value = part_end;
	}
	return true;
}

static int p2pmem_sg_check_allocated(const struct p2p_segment *segments, unsigned int count)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	bool allocated = true;

	for (unsigned int i = 0; i < count && allocated; i++)
		allocated = p2pmem_sg_is_allocated(&segments[i]);
	srcu_read_unlock(&p2pmem_srcu, index);
	return allocated ? 0 : -EFAULT;
}

static int p2pmem_sg_map_mixed(struct p2pmem_client *client, struct p2pmem_sg *mapped)
{
	unsigned int entries = mapped->entries;
	struct p2p_segment *segments = p2pmem_sg_list_segments(mapped->list, entries);
	struct p2pmem_sg_devices *devices =
		kzalloc(struct_size(devices, mapped, entries), GFP_ATOMIC);
	int error = -ENOMEM;

	if (segments && devices) {
		devices->mapping.mapped = devices->mapped;
		devices->mapping.room = entries;
		error = p2pmem_sg_check_allocated(segments, entries);
	}
	if (!error)
		error = p2pmem_client_map(client, segments, entries, mapped->direction,
					  mapped->attrs, &devices->mapping);
	kfree(segments);
	if (error) {
		kfree(devices);
		return error;
	}
	mapped->devices = devices;
	mapped->direct_bytes = devices->mapping.direct_bytes;
	mapped->via_host_bytes = devices->mapping.via_host_bytes;
	error = p2pmem_sg_write_back(client, mapped);
	if (error)
		p2pmem_unmap_sg(client, mapped);
	return error;
}

/**
 * p2pmem_map_sg - maps a scatterlist of host memory, device memory or both
 * @client: for which device
 * @list: entries with pages, or made by p2pmem_set_sg(); their DMA addresses and lengths are set
 * @entries: of @list, at least 1
 * @direction: as for dma_map_sg()
 * @attrs: as for dma_map_sg_attrs(); for host memory
 * @mapped: set; needed for p2pmem_unmap_sg()
 *
 * All or nothing. Host memory is mapped in one batch, whatever lies between. Device memory that is
 * mapped stays where it is until it is unmapped: its removal waits.
 *
 * Context: any. One call after the other for a client; others wait.
 * Return: 0; -EFAULT: a device's memory that nobody has allocated; -EREMOTE: a device's memory is
 * out of reach; -EIO: the DMA API refuses; -EMSGSIZE, -ERANGE, -EINVAL: the list cannot be mapped
 * for this device; -ENOMEM
 */
int p2pmem_map_sg(struct p2pmem_client *client, struct scatterlist *list, unsigned int entries,
		  enum dma_data_direction direction, unsigned long attrs, struct p2pmem_sg *mapped)
{
	*mapped = (struct p2pmem_sg){
		.list = list,
		.entries = entries,
		.direction = direction,
		.attrs = attrs,
	};
	if (entries == 0)
		return -EINVAL;
	return p2pmem_sg_is_normal(list, entries) ? p2pmem_sg_map_normal(client, mapped)
						  : p2pmem_sg_map_mixed(client, mapped);
}
EXPORT_SYMBOL_GPL(p2pmem_map_sg);

/**
 * p2pmem_unmap_sg - undoes exactly what p2pmem_map_sg() did
 * @client: for which device
 * @mapped: what was set
 *
 * Context: any
 */
void p2pmem_unmap_sg(struct p2pmem_client *client, struct p2pmem_sg *mapped)
{
	if (!mapped->devices) {
		dma_unmap_sg_attrs(client->dev, mapped->list, mapped->entries, mapped->direction,
				   mapped->attrs);
		return;
	}
	p2pmem_client_unmap(client, mapped->direction, mapped->attrs, &mapped->devices->mapping);
	kfree(mapped->devices);
	mapped->devices = NULL;
	mapped->count = 0;
}
EXPORT_SYMBOL_GPL(p2pmem_unmap_sg);
