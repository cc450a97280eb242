// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/p2pmem/stat: a record a line, `p2pmem stat` reads it.
 *
 * Lists of nothing but normal memory are not counted: they must cost nothing.
 */
#include "stat.h"

#include "machine.h"

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

/* What one client has had of one memory. */
struct pair {
	struct list_head entry; /* of memory->pairs */
	struct p2pmem_function function;
	bool on_pci;
	u64 bytes[4], segments[4]; /* by enum p2p_reach */
	u64 bounced_bytes, bounced_segments;
};

static DEFINE_SPINLOCK(stat_lock);
static u64 refused[P2PMEM_WHY_COUNT];
static u64 host_bytes, host_segments;
static struct dentry *directory;
static void (*p2pmem_stat_show_more)(struct seq_file *file);

static struct pair *p2pmem_stat_find_pair(struct p2pmem *memory, const struct pci_dev *client)
{
	struct p2pmem_function function = { 0 };
	struct pair *pair;

	lockdep_assert_held(&stat_lock);
	if (client)
		function = p2pmem_function(p2pmem_bdf(client));
	list_for_each_entry(pair, &memory->pairs, entry)
		if (pair->on_pci == !!client &&
		    !memcmp(&pair->function, &function, sizeof(function)))
			return pair;
	pair = kzalloc(sizeof(*pair), GFP_ATOMIC);
	if (!pair)
		return NULL;
	pair->on_pci = client;
	pair->function = function;
	list_add_tail(&pair->entry, &memory->pairs);
	return pair;
}

static void p2pmem_stat_count(const struct pci_dev *client, const struct p2p_map_use *use)
{
	struct p2pmem *memory = p2pmem_from_provider(use->provider);
	struct pair *pair = p2pmem_stat_find_pair(memory, client);

	/* Without memory for a number, the number is less important. */
	if (!pair)
		return;
	pair->bytes[use->reach] += use->bytes;
	pair->segments[use->reach] += use->segments;
}

void p2pmem_stat_mapped(const struct pci_dev *client, const struct p2p_mapping *mapping)
{
	unsigned long flags;

	if (!mapping->uses)
		return;
	spin_lock_irqsave(&stat_lock, flags);
	for (u32 i = 0; i < mapping->uses; i++)
		p2pmem_stat_count(client, &mapping->use[i]);
	host_bytes += mapping->normal_bytes;
	host_segments += mapping->normal_segments;
	spin_unlock_irqrestore(&stat_lock, flags);
}

void p2pmem_stat_unreachable(const struct pci_dev *client, const struct p2p_segment *segment)
{
	const struct p2p_map_use use = {
		.provider = p2p_registry_next(p2pmem_registry, segment->start),
		.reach = P2P_UNREACHABLE,
		.segments = 1,
		.bytes = segment->length,
	};
	unsigned long flags;

	if (!use.provider)
		return;
	spin_lock_irqsave(&stat_lock, flags);
	p2pmem_stat_count(client, &use);
	spin_unlock_irqrestore(&stat_lock, flags);
}

void p2pmem_stat_reached(const struct pci_dev *client, struct p2pmem *memory, enum p2p_reach reach,
			 u64 bytes)
{
	const struct p2p_map_use use = {
		.provider = &memory->provider,
		.reach = reach,
		.segments = 1,
		.bytes = bytes,
	};
	unsigned long flags;

	spin_lock_irqsave(&stat_lock, flags);
	p2pmem_stat_count(client, &use);
	spin_unlock_irqrestore(&stat_lock, flags);
}

void p2pmem_stat_bounced(const struct pci_dev *client, struct p2pmem *memory, u64 bytes)
{
	struct pair *pair;
	unsigned long flags;

	spin_lock_irqsave(&stat_lock, flags);
	pair = p2pmem_stat_find_pair(memory, client);
	if (pair) {
		pair->bounced_bytes += bytes;
		pair->bounced_segments++;
	}
	spin_unlock_irqrestore(&stat_lock, flags);
}

void p2pmem_stat_refused(u32 why)
{
	unsigned long flags;

	if (why == P2PMEM_WHY_NONE || why >= ARRAY_SIZE(refused))
		return;
	spin_lock_irqsave(&stat_lock, flags);
	refused[why]++;
	spin_unlock_irqrestore(&stat_lock, flags);
}

void p2pmem_stat_forget(struct p2pmem *memory)
{
	struct pair *pair, *next;

	list_for_each_entry_safe(pair, next, &memory->pairs, entry)
		kfree(pair);
}

static void p2pmem_stat_show_function(struct seq_file *file, const char *key,
				      const struct p2pmem_function *function)
{
	seq_printf(file, " %s=%04x:%02x:%02x.%x", key, function->domain, function->bus,
		   PCI_SLOT(function->devfn), PCI_FUNC(function->devfn));
}

static void p2pmem_stat_show_memory(struct seq_file *file, struct p2pmem *memory)
{
	struct p2pmem_function function;

	seq_printf(file, "memory %u", p2pmem_index(memory));
	if (memory->pdev) {
		function = p2pmem_function(p2pmem_bdf(memory->pdev));
		p2pmem_stat_show_function(file, "function", &function);
		seq_printf(file, " bar=%u offset=%llu", memory->bar, memory->bar_offset);
	}
	mutex_lock(&memory->lock);
	seq_printf(file, " size=%llu available=%llu high_water=%llu allocations=%llu mappings=%u\n",
		   memory->provider.size, memory->provider.size - memory->allocated,
		   memory->high_water, memory->total_allocations,
		   p2p_provider_mappings(&memory->provider));
	mutex_unlock(&memory->lock);
}

static void p2pmem_stat_show_pairs(struct seq_file *file, struct p2pmem *memory)
{
	struct pair *pair;

	spin_lock_irq(&stat_lock);
	list_for_each_entry(pair, &memory->pairs, entry) {
		seq_printf(file, "pair %u", p2pmem_index(memory));
		if (pair->on_pci)
			p2pmem_stat_show_function(file, "client", &pair->function);
		else
			seq_puts(file, " client=none");
		seq_printf(file, " direct_bytes=%llu direct_segments=%llu", pair->bytes[P2P_DIRECT],
			   pair->segments[P2P_DIRECT]);
		seq_printf(file, " via_host_bytes=%llu via_host_segments=%llu",
			   pair->bytes[P2P_VIA_HOST], pair->segments[P2P_VIA_HOST]);
		seq_printf(file, " bounced_bytes=%llu bounced_segments=%llu", pair->bounced_bytes,
			   pair->bounced_segments);
		seq_printf(file, " unreachable=%llu\n", pair->segments[P2P_UNREACHABLE]);
	}
	spin_unlock_irq(&stat_lock);
}

static void p2pmem_stat_show_totals(struct seq_file *file)
{
	spin_lock_irq(&stat_lock);
	seq_puts(file, "refused");
	for (u32 why = 1; why < ARRAY_SIZE(refused); why++)
		if (refused[why])
			seq_printf(file, " %s=%llu", p2pmem_why_name(why), refused[why]);
	seq_printf(file, "\nnormal bytes=%llu segments=%llu\n", host_bytes, host_segments);
	spin_unlock_irq(&stat_lock);
}

static int stat_show(struct seq_file *file, void *unused)
{
	struct p2pmem *memory;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry) {
		p2pmem_stat_show_memory(file, memory);
		p2pmem_stat_show_pairs(file, memory);
	}
	mutex_unlock(&p2pmem_list_lock);
	p2pmem_stat_show_more(file);
	p2pmem_stat_show_totals(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stat);

void p2pmem_stat_start(void (*show_more)(struct seq_file *file))
{
	p2pmem_stat_show_more = show_more;
	directory = debugfs_create_dir("p2pmem", NULL);
	debugfs_create_file("stat", 0400, directory, NULL, &stat_fops);
}

void p2pmem_stat_stop(void)
{
	debugfs_remove(directory);
}
