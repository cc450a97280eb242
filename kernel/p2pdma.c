// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a function may be handed a page of p2pdma.c's is decided in one place, for each request
 * or list: __pci_p2pdma_update_state(state, dev, page). What its caller's state says of the page
 * before stands if that was of the same provider. So a probe at its entry writes there what root
 * has allowed, and the function finds it as if it had been its own answer:
 *
 *     state->mem == the page's provider    state->map is not worked out again
 *
 * Nothing of the kernel's is replaced, and what is written is its caller's, of a public type. If
 * the probe does not run, or is not told right, the function works out what it always would.
 *
 * By fprobe, not kprobe: a kprobe is passed over by what interrupts another, and a request that is
 * sent from there would fail.
 */
#include "p2pdma.h"

#ifdef COMPAT_TELLS

#include "allow_list.h"
#include "client.h"
#include "machine.h"

#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/fprobe.h>
#include <linux/pci-p2pdma.h>
#include <linux/swiotlb.h>

/* What the probed functions' arguments are taken for, by their number. */
static_assert(__same_type(__pci_p2pdma_update_state,
			  void(struct pci_p2pdma_map_state *, struct device *, struct page *)));
static_assert(__same_type(dma_map_phys, dma_addr_t(struct device *, phys_addr_t, size_t,
						   enum dma_data_direction, unsigned long)));
static_assert(__same_type(dma_iova_link,
			  int(struct device *, struct dma_iova_state *, phys_addr_t, size_t, size_t,
			      enum dma_data_direction, unsigned long)));

/* Whose the address is, inside of a read-side section; or NULL. */
static struct p2pmem *p2pmem_p2pdma_memory_at(phys_addr_t at)
{
	const p2p_cpu_addr address = { at };
	const struct p2p_provider *provider = p2p_registry_find(p2pmem_registry, address);

	return provider ? p2pmem_from_provider(provider) : NULL;
}

/* To its device each address of the memory is the CPU's, as firmware says of the ways to RAM. */
static bool p2pmem_p2pdma_is_untranslated(struct device *dev, const struct p2pmem *memory)
{
	u64 start = memory->provider.start.value;
	u64 last = p2p_provider_last(&memory->provider).value;

	return p2pmem_has_one_address(memory) && phys_to_dma(dev, start) == start &&
	       phys_to_dma(dev, last) == last;
}

/* What the DMA API would refuse to map, a driver may try again for ever. */
static bool p2pmem_p2pdma_can_map(struct device *dev, const struct p2pmem *memory)
{
	if (p2pmem_client_has_iommu(dev))
		return true;
	return !is_swiotlb_force_bounce(dev) && p2pmem_p2pdma_is_untranslated(dev, memory) &&
	       p2pmem_client_has_lines(dev, memory->provider.start.value, memory->provider.size);
}

static void p2pmem_p2pdma_answer(struct pci_p2pdma_map_state *state, struct device *dev,
				 phys_addr_t at)
{
	const struct p2pmem *memory = p2pmem_p2pdma_memory_at(at);

	if (!memory || !memory->pdev || !dev_is_pci(dev) ||
	    !p2pmem_allow_lets_through(to_pci_dev(dev), memory) ||
	    !p2pmem_p2pdma_can_map(dev, memory))
		return;
	state->mem = pcim_p2pdma_provider(memory->pdev, memory->bar);
	state->map = PCI_P2PDMA_MAP_THRU_HOST_BRIDGE;
}

static int p2pmem_p2pdma_asked(struct fprobe *probe, unsigned long entry, unsigned long back,
			       struct ftrace_regs *regs, void *data)
{
	struct pci_p2pdma_map_state *state = (void *)ftrace_regs_get_argument(regs, 0);
	struct device *dev = (void *)ftrace_regs_get_argument(regs, 1);
	const struct page *page = (void *)ftrace_regs_get_argument(regs, 2);
	int index = srcu_read_lock(&p2pmem_srcu);

	p2pmem_p2pdma_answer(state, dev, page_to_phys(page));
	srcu_read_unlock(&p2pmem_srcu, index);
	return 0;
}

/* What drivers want mapped, a request's pieces one by one or together. */

static void p2pmem_p2pdma_count(struct device *dev, phys_addr_t start, u64 size,
				enum dma_data_direction direction)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	const struct p2pmem *memory = p2pmem_p2pdma_memory_at(start);

	if (memory)
		p2pmem_allow_count(p2pmem_function_of(dev), memory, size, direction);
	srcu_read_unlock(&p2pmem_srcu, index);
}

/* dma_map_phys(dev, start, size, direction, attrs) */
static int p2pmem_p2pdma_maps(struct fprobe *probe, unsigned long entry, unsigned long back,
			      struct ftrace_regs *regs, void *data)
{
	p2pmem_p2pdma_count((void *)ftrace_regs_get_argument(regs, 0),
			    ftrace_regs_get_argument(regs, 1), ftrace_regs_get_argument(regs, 2),
			    ftrace_regs_get_argument(regs, 3));
	return 0;
}

/* dma_iova_link(dev, state, start, offset, size, direction, attrs); direction: the sixth */
static int p2pmem_p2pdma_links(struct fprobe *probe, unsigned long entry, unsigned long back,
			       struct ftrace_regs *regs, void *data)
{
	p2pmem_p2pdma_count((void *)ftrace_regs_get_argument(regs, 0),
			    ftrace_regs_get_argument(regs, 2), ftrace_regs_get_argument(regs, 4),
			    ftrace_regs_get_argument(regs, 5));
	return 0;
}

/* Begin and end. */

struct probed {
	const char *function;
	struct fprobe probe;
};

static struct probed p2pmem_p2pdma_told[] = {
	{ "__pci_p2pdma_update_state", { .entry_handler = p2pmem_p2pdma_asked } },
};

static struct probed p2pmem_p2pdma_watched[] = {
	{ "dma_map_phys", { .entry_handler = p2pmem_p2pdma_maps } },
#ifdef CONFIG_IOMMU_DMA
	{ "dma_iova_link", { .entry_handler = p2pmem_p2pdma_links } },
#endif
};

struct probes {
	struct probed *probed;
	unsigned int count;
	unsigned int on; /* of these; under p2pmem_p2pdma_lock */
	atomic_t users;
};

static DEFINE_MUTEX(p2pmem_p2pdma_lock);
static struct probes p2pmem_p2pdma_tell = { p2pmem_p2pdma_told, ARRAY_SIZE(p2pmem_p2pdma_told) };
static struct probes p2pmem_p2pdma_watch = { p2pmem_p2pdma_watched,
					     ARRAY_SIZE(p2pmem_p2pdma_watched) };

static int p2pmem_p2pdma_switch_on(struct probes *probes)
{
	struct probed *next;
	int error;

	lockdep_assert_held(&p2pmem_p2pdma_lock);
	for (; probes->on < probes->count; probes->on++) {
		next = &probes->probed[probes->on];
		error = register_fprobe_syms(&next->probe, &next->function, 1);
		if (error) {
			pr_warn("p2pmem: %s() cannot be probed: %pe\n", next->function,
				ERR_PTR(error));
			return error;
		}
	}
	return 0;
}

static void p2pmem_p2pdma_switch_off(struct probes *probes)
{
	lockdep_assert_held(&p2pmem_p2pdma_lock);
	while (probes->on)
		unregister_fprobe(&probes->probed[--probes->on].probe);
}

static void p2pmem_p2pdma_end_unused(struct work_struct *work)
{
	mutex_lock(&p2pmem_p2pdma_lock);
	if (!atomic_read(&p2pmem_p2pdma_watch.users))
		p2pmem_p2pdma_switch_off(&p2pmem_p2pdma_watch);
	if (!atomic_read(&p2pmem_p2pdma_tell.users))
		p2pmem_p2pdma_switch_off(&p2pmem_p2pdma_tell);
	mutex_unlock(&p2pmem_p2pdma_lock);
}

static DECLARE_WORK(p2pmem_p2pdma_ending, p2pmem_p2pdma_end_unused);

static void p2pmem_p2pdma_end(struct probes *probes)
{
	if (atomic_dec_and_test(&probes->users))
		queue_work(p2pmem_work, &p2pmem_p2pdma_ending);
}

static int p2pmem_p2pdma_begin(struct probes *probes)
{
	int error;

	atomic_inc(&probes->users);
	mutex_lock(&p2pmem_p2pdma_lock);
	error = p2pmem_p2pdma_switch_on(probes);
	mutex_unlock(&p2pmem_p2pdma_lock);
	if (error)
		p2pmem_p2pdma_end(probes);
	return error;
}

int p2pmem_p2pdma_tell_begin(void)
{
	return p2pmem_p2pdma_begin(&p2pmem_p2pdma_tell);
}

void p2pmem_p2pdma_tell_end(void)
{
	p2pmem_p2pdma_end(&p2pmem_p2pdma_tell);
}

int p2pmem_p2pdma_watch_begin(void)
{
	return p2pmem_p2pdma_begin(&p2pmem_p2pdma_watch);
}

void p2pmem_p2pdma_watch_end(void)
{
	p2pmem_p2pdma_end(&p2pmem_p2pdma_watch);
}

void p2pmem_p2pdma_stop(void)
{
	flush_work(&p2pmem_p2pdma_ending);
}

#endif
