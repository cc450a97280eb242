// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between the core's map and the kernel's DMA API.
 *
 *     host memory            map_host      one dma_map_sg() for all of a list
 *     device, direct         bus address, worked out by the core; the DMA API is not asked
 *     device, via host       map_device    dma_map_phys() or dma_map_resource()
 *     device on no PCI bus   its driver's own ops
 */
#include "client.h"

#include "allow_list.h"
#include "compat/compat.h"
#include "machine.h"
#include "stat.h"

#include <linux/iommu.h>
#include <linux/slab.h>

static struct p2pmem_client *p2pmem_client_from_core(const struct p2p_client *core)
{
	return core->context;
}

static_assert((int)P2PMEM_ANSWER_NORMAL == P2P_NORMAL);
static_assert((int)P2PMEM_ANSWER_DIRECT == P2P_DIRECT);
static_assert((int)P2PMEM_ANSWER_VIA_HOST == P2P_VIA_HOST);
static_assert((int)P2PMEM_ANSWER_UNREACHABLE == P2P_UNREACHABLE);

/* Host segments of one list, as the DMA API wants them. */
struct host_list {
	unsigned int count;
	struct scatterlist list[];
};

static int p2pmem_client_map_host(const struct p2p_client *core, const struct p2p_segment *segments,
				  u32 count, struct p2p_mapped *mapped, u32 *mapped_count,
				  u64 *cookie)
{
	struct p2pmem_client *client = p2pmem_client_from_core(core);
	struct scatterlist *entry;
	struct host_list *host;
	int done, i;

	/* What has been unpublished must not be taken for host memory. */
	if (client->resv)
		return -ENODEV;
	host = kmalloc(struct_size(host, list, count), GFP_ATOMIC);
	if (!host)
		return -ENOMEM;
	host->count = count;
	sg_init_table(host->list, count);
	for_each_sg(host->list, entry, count, i)
		p2pmem_set_sg(entry, segments[i].start.value, segments[i].length);
	done = dma_map_sg_attrs(client->dev, host->list, count, client->direction, client->attrs);
	if (done <= 0) {
		kfree(host);
		return -EIO;
	}
	for_each_sg(host->list, entry, done, i) {
		mapped[i].start.value = sg_dma_address(entry);
		mapped[i].length = sg_dma_len(entry);
	}
	*mapped_count = done;
	*cookie = (uintptr_t)host;
	return 0;
}

static void p2pmem_client_unmap_host(const struct p2p_client *core, u64 cookie)
{
	struct p2pmem_client *client = p2pmem_client_from_core(core);
	struct host_list *host = (void *)(uintptr_t)cookie;

	dma_unmap_sg_attrs(client->dev, host->list, host->count, client->direction, client->attrs);
	kfree(host);
}

bool p2pmem_client_has_iommu(struct device *dev)
{
	const struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && domain->type & __IOMMU_DOMAIN_PAGING;
}

bool p2pmem_client_has_lines(struct device *dev, phys_addr_t start, u64 length)
{
	return start + length - 1 <= min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);
}

/*
 * The DMA API warns, with a stack trace, when memory is above a device's address lines and no IOMMU
 * gives it a lower address: dma_direct_map_phys().
 */
static bool p2pmem_client_has_lines_for(struct device *dev, phys_addr_t start, u64 length)
{
	return p2pmem_client_has_iommu(dev) || p2pmem_client_has_lines(dev, start, length);
}

static int p2pmem_client_map_device(const struct p2p_client *core, p2p_cpu_addr start, u64 length,
				    p2p_dma_addr *dma)
{
	struct p2pmem_client *client = p2pmem_client_from_core(core);

	if (!p2pmem_client_has_lines_for(client->dev, start.value, length))
		return -EREMOTE;
	dma->value = compat_dma_map(client->dev, start.value, length, client->direction);
	return dma_mapping_error(client->dev, dma->value) ? -EIO : 0;
}

static void p2pmem_client_unmap_device(const struct p2p_client *core, p2p_dma_addr dma, u64 length)
{
	struct p2pmem_client *client = p2pmem_client_from_core(core);

	compat_dma_unmap(client->dev, dma.value, length, client->direction);
}

static const struct p2p_client_ops client_ops = {
	.map_host = p2pmem_client_map_host,
	.unmap_host = p2pmem_client_unmap_host,
	.map_device = p2pmem_client_map_device,
	.unmap_device = p2pmem_client_unmap_device,
};

/*
 * Says no for all of the memory, which is also where other answers begin. Of pages that somebody
 * still has, the memory is still there, gone or not.
 */
static bool p2pmem_client_is_gone(const struct p2p_provider *provider,
				  const struct p2p_client *client, struct p2p_decision *decision)
{
	*decision = (struct p2p_decision){
		.reach = P2P_UNREACHABLE,
		.start = provider->start,
		.length = provider->size,
	};
	return READ_ONCE(p2pmem_from_provider(provider)->gone) &&
	       !p2pmem_client_from_core(client)->of_pages;
}

/*
 * The core's ops for PCI want node numbers, which mean something in one state of the machine only:
 * so they get copies with the numbers of this moment.
 */
struct pci_pair {
	struct p2p_pci_context context;
	struct p2p_provider memory;
	struct p2p_client client;
};

static void p2pmem_client_fill_pair(struct pci_pair *pair, const struct p2p_provider *provider,
				    const struct p2p_client *client)
{
	const struct p2pmem_machine *machine = p2pmem_machine();
	const struct pci_dev *function = p2pmem_client_from_core(client)->function;

	pair->context.router = machine->router;
	pair->memory = *provider;
	pair->memory.context = &pair->context;
	pair->memory.node = p2pmem_fabric_node(machine, p2pmem_from_provider(provider)->pdev);
	pair->client = *client;
	pair->client.node = function ? p2pmem_fabric_node(machine, function) : P2P_NO_NODE;
}

/*
 * A client that has translations sent to it (ATS) may ask the IOMMU for that of a bus address,
 * which is none of its own: it has no translation there, and the transfer fails.
 */
static bool p2pmem_client_translates(const struct p2pmem_client *client)
{
#ifdef CONFIG_PCI_ATS
	return client->function && client->function->ats_enabled &&
	       p2pmem_client_has_iommu(client->dev);
#else
	return false;
#endif
}

static void p2pmem_client_pci_decide(const struct p2p_provider *provider,
				     const struct p2p_client *client, p2p_cpu_addr at,
				     struct p2p_decision *decision)
{
	struct pci_pair pair;

	if (p2pmem_client_is_gone(provider, client, decision))
		return;
	p2pmem_client_fill_pair(&pair, provider, client);
	p2p_pci_provider_ops.decide(&pair.memory, &pair.client, at, decision);
	if (decision->reach == P2P_DIRECT &&
	    p2pmem_client_translates(p2pmem_client_from_core(client)))
		decision->reach = P2P_UNREACHABLE;
}

static int p2pmem_client_pci_map(const struct p2p_provider *provider,
				 const struct p2p_client *client, p2p_cpu_addr start, u64 length,
				 p2p_dma_addr *dma)
{
	struct pci_pair pair;

	p2pmem_client_fill_pair(&pair, provider, client);
	return p2p_pci_provider_ops.map(&pair.memory, &pair.client, start, length, dma);
}

static void p2pmem_client_pci_unmap(const struct p2p_provider *provider,
				    const struct p2p_client *client, p2p_dma_addr dma, u64 length)
{
	p2p_pci_provider_ops.unmap(provider, client, dma, length);
}

const struct p2p_provider_ops p2pmem_pci_ops = {
	.decide = p2pmem_client_pci_decide,
	.map = p2pmem_client_pci_map,
	.unmap = p2pmem_client_pci_unmap,
};

static void p2pmem_client_range_decide(const struct p2p_provider *provider,
				       const struct p2p_client *client, p2p_cpu_addr at,
				       struct p2p_decision *decision)
{
	const struct p2pmem_range *range = &p2pmem_from_provider(provider)->range;
	enum p2pmem_answer answer;

	if (p2pmem_client_is_gone(provider, client, decision))
		return;
	/* Pages of it are still in use, and its driver can be asked nothing any more. */
	if (READ_ONCE(p2pmem_from_provider(provider)->detached)) {
		decision->reach = P2P_UNREACHABLE;
		return;
	}
	answer = range->ops->answer(range->context, p2pmem_client_from_core(client)->dev);
	decision->mapped = true;
	decision->reach = (enum p2p_reach)answer;
}

static int p2pmem_client_range_map(const struct p2p_provider *provider,
				   const struct p2p_client *client, p2p_cpu_addr start, u64 length,
				   p2p_dma_addr *dma)
{
	const struct p2pmem_range *range = &p2pmem_from_provider(provider)->range;
	struct p2pmem_client *device = p2pmem_client_from_core(client);
	dma_addr_t address;
	int error = range->ops->map(range->context, device->dev, start.value, length,
				    device->direction, &address);

	if (!error)
		dma->value = address;
	return error;
}

static void p2pmem_client_range_unmap(const struct p2p_provider *provider,
				      const struct p2p_client *client, p2p_dma_addr dma, u64 length)
{
	const struct p2pmem *memory = p2pmem_from_provider(provider);
	const struct p2pmem_range *range = &memory->range;
	struct p2pmem_client *device = p2pmem_client_from_core(client);

	/* Too late: nobody is there any more who could undo it. */
	if (READ_ONCE(memory->detached))
		return;
	range->ops->unmap(range->context, device->dev, dma.value, length, device->direction);
}

const struct p2p_provider_ops p2pmem_range_ops = {
	.decide = p2pmem_client_range_decide,
	.map = p2pmem_client_range_map,
	.unmap = p2pmem_client_range_unmap,
};

/*
 * A dma-buf's client is one attachment's, and its callers hold the reservation lock: they may
 * sleep, and an allocation of many GiB must not be mapped with interrupts off. Others may call from
 * anywhere.
 */
static int p2pmem_client_map_alone(struct p2pmem_client *client, const struct p2p_segment *segments,
				   u32 count, enum dma_data_direction direction,
				   unsigned long attrs, struct p2p_mapping *mapping)
{
	int error;

	client->direction = direction;
	client->attrs = attrs;
	error = p2p_map(client->mapper, segments, count, mapping);
	if (!error) {
		p2pmem_stat_mapped(client->function, mapping);
		p2pmem_allow_count_mapped(client->function, mapping, direction);
	} else if (error == -EREMOTE) {
		p2pmem_stat_unreachable(client->function, &segments[mapping->culprit]);
	}
	return error;
}

static int p2pmem_client_map_locked(struct p2pmem_client *client,
				    const struct p2p_segment *segments, u32 count,
				    enum dma_data_direction direction, unsigned long attrs,
				    struct p2p_mapping *mapping)
{
	unsigned long flags;
	int error;

	spin_lock_irqsave(&client->lock, flags);
	error = p2pmem_client_map_alone(client, segments, count, direction, attrs, mapping);
	spin_unlock_irqrestore(&client->lock, flags);
	return error;
}

int p2pmem_client_map(struct p2pmem_client *client, const struct p2p_segment *segments, u32 count,
		      enum dma_data_direction direction, unsigned long attrs,
		      struct p2p_mapping *mapping)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	int error = client->resv ? p2pmem_client_map_alone(client, segments, count, direction,
							   attrs, mapping)
				 : p2pmem_client_map_locked(client, segments, count, direction,
							    attrs, mapping);

	srcu_read_unlock(&p2pmem_srcu, index);
	return error;
}

static void p2pmem_client_unmap_alone(struct p2pmem_client *client,
				      enum dma_data_direction direction, unsigned long attrs,
				      struct p2p_mapping *mapping)
{
	client->direction = direction;
	client->attrs = attrs;
	p2p_unmap(client->mapper, mapping);
}

static void p2pmem_client_unmap_locked(struct p2pmem_client *client,
				       enum dma_data_direction direction, unsigned long attrs,
				       struct p2p_mapping *mapping)
{
	unsigned long flags;

	spin_lock_irqsave(&client->lock, flags);
	p2pmem_client_unmap_alone(client, direction, attrs, mapping);
	spin_unlock_irqrestore(&client->lock, flags);
}

void p2pmem_client_unmap(struct p2pmem_client *client, enum dma_data_direction direction,
			 unsigned long attrs, struct p2p_mapping *mapping)
{
	int index = srcu_read_lock(&p2pmem_srcu);

	if (client->resv)
		p2pmem_client_unmap_alone(client, direction, attrs, mapping);
	else
		p2pmem_client_unmap_locked(client, direction, attrs, mapping);
	srcu_read_unlock(&p2pmem_srcu, index);
	if (wq_has_sleeper(&p2pmem_idle))
		wake_up_all(&p2pmem_idle);
}

enum p2p_reach p2pmem_client_ask(struct p2pmem_client *client, p2p_cpu_addr at)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	struct p2p_decision decision;
	enum p2p_reach reach;

	dma_resv_assert_held(client->resv);
	reach = p2p_map_ask(client->mapper, at, &decision);
	srcu_read_unlock(&p2pmem_srcu, index);
	return reach;
}

/* A BAR's is. Another memory's provider knows, and without an IOMMU it need not be given back. */
static bool p2pmem_client_is_own_address(struct p2pmem_client *client,
					 const struct p2p_provider *provider, p2p_cpu_addr at,
					 u64 length)
{
	p2p_dma_addr dma;

	if (p2pmem_from_provider(provider)->pdev)
		return p2pmem_client_has_lines(client->dev, at.value, length);
	client->direction = DMA_BIDIRECTIONAL;
	if (provider->ops->map(provider, &client->core, at, length, &dma))
		return false;
	provider->ops->unmap(provider, &client->core, dma, length);
	return dma.value == at.value;
}

/*
 * Below an IOMMU nothing but a BAR below its own host bridge is known again as such, when it is
 * unmapped: p2pmem_client_is_own().
 */
static bool p2pmem_client_is_window(const struct p2pmem_client *client, const struct p2pmem *memory)
{
	return memory->host_bridge && memory->host_bridge == client->host_bridge;
}

static bool p2pmem_client_is_good_below_iommu(const struct p2pmem_client *client,
					      const struct p2pmem *memory, enum p2p_reach reach,
					      const struct p2p_decision *decision, p2p_cpu_addr at,
					      u64 length)
{
	if (reach == P2P_VIA_HOST)
		return memory->host_bridge;
	return reach == P2P_DIRECT && p2pmem_client_is_window(client, memory) &&
	       decision->dma.value == decision->start.value &&
	       p2pmem_client_has_lines(client->dev, at.value, length);
}

bool p2pmem_client_is_own(const struct p2pmem_client *client, dma_addr_t dma)
{
	p2p_cpu_addr at = { dma };
	int index = srcu_read_lock(&p2pmem_srcu);
	const struct p2p_provider *provider = p2p_registry_find(p2pmem_registry, at);
	bool own = provider && p2pmem_client_is_window(client, p2pmem_from_provider(provider));

	srcu_read_unlock(&p2pmem_srcu, index);
	return own;
}

static enum p2p_reach p2pmem_client_reach_locked(struct p2pmem_client *client,
						 const struct p2p_provider *provider,
						 p2p_cpu_addr at, u64 *length)
{
	struct p2p_decision decision;
	enum p2p_reach reach = p2p_map_ask(client->mapper, at, &decision);
	bool good = false;

	lockdep_assert_held(&client->lock);
	*length = min(*length, decision.length - (at.value - decision.start.value));
	if (client->translated)
		good = p2pmem_client_is_good_below_iommu(client, p2pmem_from_provider(provider),
							 reach, &decision, at, *length);
	else if (reach == P2P_DIRECT && !decision.mapped)
		good = decision.dma.value == decision.start.value &&
		       p2pmem_client_has_lines(client->dev, at.value, *length);
	else if (reach != P2P_UNREACHABLE)
		good = p2pmem_client_is_own_address(client, provider, at, *length);
	return good ? reach : P2P_UNREACHABLE;
}

enum p2p_reach p2pmem_client_reach(struct p2pmem_client *client, phys_addr_t start, u64 *length,
				   struct p2pmem **memory)
{
	p2p_cpu_addr at = { start };
	const struct p2p_provider *provider = p2p_registry_find(p2pmem_registry, at);
	enum p2p_reach reach;
	unsigned long flags;

	if (!provider) {
		provider = p2p_registry_next(p2pmem_registry, at);
		if (provider)
			*length = min(*length, provider->start.value - start);
		return P2P_NORMAL;
	}
	*length = min(*length, p2p_provider_last(provider).value - start + 1);
	*memory = p2pmem_from_provider(provider);
	if (!READ_ONCE((*memory)->pagemap))
		return P2P_NORMAL;
	spin_lock_irqsave(&client->lock, flags);
	reach = p2pmem_client_reach_locked(client, provider, at, length);
	spin_unlock_irqrestore(&client->lock, flags);
	return reach;
}

/* The context is whether the caller may sleep. */
static void *p2pmem_client_allocate(void *context, size_t size)
{
	return kmalloc(size, context ? GFP_KERNEL : GFP_ATOMIC);
}

static void p2pmem_client_free_memory(void *context, void *memory)
{
	kfree(memory);
}

struct p2pmem_client *p2pmem_client_new_for(struct device *dev, struct dma_resv *resv)
{
	const struct p2p_allocator allocator = {
		.alloc = p2pmem_client_allocate,
		.free = p2pmem_client_free_memory,
		.context = resv,
	};
	struct p2pmem_client *client = kzalloc(sizeof(*client), GFP_KERNEL);
	int error;

	if (!client)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&client->lock);
	client->resv = resv;
	client->dev = get_device(dev);
	client->function = pci_dev_get(p2pmem_function_of(dev));
	client->core.node = P2P_NO_NODE;
	client->core.highest.value = dma_get_mask(dev);
	client->core.ops = &client_ops;
	client->core.context = client;
	error = p2p_mapper_new(&allocator, p2pmem_registry, &client->core, &client->mapper);
	if (!error)
		error = p2pmem_machine_refresh(client->function, NULL);
	if (!error)
		return client;
	p2pmem_client_free(client);
	return ERR_PTR(error);
}

struct p2pmem_client *p2pmem_client_new_of_pages(struct device *dev)
{
	struct p2pmem_client *client = p2pmem_client_new_for(dev, NULL);

	if (IS_ERR(client))
		return client;
	client->of_pages = true;
	client->translated = p2pmem_client_has_iommu(dev);
	client->host_bridge = pci_find_host_bridge(client->function->bus);
	/* Its driver sets the mask later: p2pmem_client_has_lines(). */
	client->core.highest.value = U64_MAX;
	return client;
}

/**
 * p2pmem_client_new - prepares a device to use memory of others
 * @dev: the device that is passed to the DMA API for its transfers; its DMA mask is set
 *
 * Context: may sleep; also from a driver's probe().
 * Return: the client, freed with p2pmem_client_free(); or -ENOMEM
 */
struct p2pmem_client *p2pmem_client_new(struct device *dev)
{
	return p2pmem_client_new_for(dev, NULL);
}
EXPORT_SYMBOL_GPL(p2pmem_client_new);

/**
 * p2pmem_client_free - ends what p2pmem_client_new() began
 * @client: nothing may be mapped for it; NULL is allowed
 */
void p2pmem_client_free(struct p2pmem_client *client)
{
	if (!client)
		return;
	p2p_mapper_free(client->mapper);
	pci_dev_put(client->function);
	put_device(client->dev);
	kfree(client);
}
EXPORT_SYMBOL_GPL(p2pmem_client_free);

/**
 * p2pmem_ask - what a memory is to a client
 * @memory: the memory
 * @dev: the client, as for p2pmem_client_new()
 *
 * Context: may sleep.
 * Return: %P2PMEM_ANSWER_DIRECT, %P2PMEM_ANSWER_VIA_HOST or %P2PMEM_ANSWER_UNREACHABLE
 */
enum p2pmem_answer p2pmem_ask(struct p2pmem *memory, struct device *dev)
{
	struct p2pmem_client *client = p2pmem_client_new(dev);
	enum p2p_reach reach = P2P_UNREACHABLE;
	struct p2p_decision decision;
	int index;

	if (IS_ERR(client))
		return P2PMEM_ANSWER_UNREACHABLE;
	/* What it says then is at worst that nobody knows. */
	p2pmem_machine_refresh(client->function, memory->pdev);
	index = srcu_read_lock(&p2pmem_srcu);
	if (!READ_ONCE(memory->gone))
		reach = p2p_map_ask(client->mapper, memory->provider.start, &decision);
	srcu_read_unlock(&p2pmem_srcu, index);
	p2pmem_client_free(client);
	return reach == P2P_NORMAL ? P2PMEM_ANSWER_UNREACHABLE : (enum p2pmem_answer)reach;
}
EXPORT_SYMBOL_GPL(p2pmem_ask);
