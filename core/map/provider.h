/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Providers: ranges of device memory that other devices may reach.
 *
 * A provider is embedded in what its owner keeps about the device. It may stand for a BAR, for
 * memory on a coherent link (CAPI, CXL), or for anything else that a CPU address names: only its
 * ops know, and the registry and the map never ask. Page-backed or not is the owner's affair too.
 */
#ifndef P2PMEM_PROVIDER_H
#define P2PMEM_PROVIDER_H

#include <p2pmem/fabric.h>

P2P_BEGIN_DECLS

/** Providers start and end on multiples of this, whatever pages the CPU uses. */
#define P2P_GRANULE 4096u

struct p2p_provider_ops;
struct p2p_client;

/** What a piece of memory is to a client. */
enum p2p_reach {
	P2P_NORMAL = 0,  /**< no device memory: carry on */
	P2P_DIRECT,      /**< use this bus address; no IOMMU sees it */
	P2P_VIA_HOST,    /**< use this address, mapped through the host bridge or IOMMU */
	P2P_UNREACHABLE, /**< fail */
};

/**
 * All constant while the provider is in a registry or mapped, but `mappings`, which is the map's:
 * after p2p_registry_remove() nobody begins a mapping, and once `mappings` is 0 nobody has one.
 */
struct p2p_provider {
	p2p_cpu_addr start; /**< a multiple of P2P_GRANULE */
	uint64_t size;      /**< bytes, a multiple of P2P_GRANULE, not 0 */
	p2p_node node;      /**< place in the fabric; P2P_NO_NODE: none */
	uint32_t mappings;  /**< read by p2p_provider_mappings() */
	const struct p2p_provider_ops *ops;
	void *context; /**< the owner's */
};

/** The answer of a provider to a client, and for which of the provider's addresses it holds. */
struct p2p_decision {
	enum p2p_reach reach; /**< never P2P_NORMAL */
	/**
	 * Each piece goes through the `map` op, which may still refuse it by the address that it
	 * gets; else `dma` goes on linearly.
	 */
	bool mapped;
	p2p_cpu_addr start;
	uint64_t length;  /**< bytes, within the provider */
	p2p_dma_addr dma; /**< of `start`, unless `mapped` or unreachable */
};

/**
 * Called by the map, inside the read-side section of its caller, for addresses of the provider
 * only. They may be called from several threads at once.
 */
struct p2p_provider_ops {
	/**
	 * Decides for the stretch around `at`. What it fills in is remembered until
	 * p2p_registry_touch(). What cannot be known is P2P_UNREACHABLE.
	 */
	void (*decide)(const struct p2p_provider *provider, const struct p2p_client *client,
		       p2p_cpu_addr at, struct p2p_decision *decision);
	/** Maps a piece of a `mapped` decision. 0 or a negative errno. */
	int (*map)(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr start, uint64_t length, p2p_dma_addr *dma);
	/** Undoes one `map`; also after the provider was removed. */
	void (*unmap)(const struct p2p_provider *provider, const struct p2p_client *client,
		      p2p_dma_addr dma, uint64_t length);
	/**
	 * After a removal, when no reader sees the provider any more: time to revoke what is mapped
	 * of it. May be NULL. Not inside a read-side section.
	 */
	void (*removed)(struct p2p_provider *provider);
};

/** How many mappings use a provider. */
uint32_t p2p_provider_mappings(const struct p2p_provider *provider);

/** 0, or -EINVAL: empty, not on multiples of P2P_GRANULE, or past the end of 64 bits. */
int p2p_provider_check(const struct p2p_provider *provider);

/** The last byte; of a provider that passed p2p_provider_check(). */
static inline p2p_cpu_addr p2p_provider_last(const struct p2p_provider *provider)
{
	p2p_cpu_addr last = { provider->start.value + (provider->size - 1) };

	return last;
}

/**
 * Ops of PCI providers: decide() by the route between the nodes and the host bridge's windows.
 * The provider's `context` is a struct p2p_pci_context.
 *
 * Either way the CPU address must be in a window; where no windows are known, in a BAR. A window
 * and a BAR that contradict each other, an unknown verdict, an address that the client cannot hold:
 * unreachable, never guessed. Direct: the bus address. Via host: the client's map_device op;
 * unreachable if it has none. What that op returns decides in the end: see p2p_pci_leads_to_host().
 *
 * A client on no PCI bus reaches through the host what its map_device op maps, unless the policy
 * refuses such clients.
 */
extern const struct p2p_provider_ops p2p_pci_provider_ops;

struct p2p_router;

/** Shared by any number of providers. To change `router`: p2p_pci_context_set(). */
struct p2p_pci_context {
	const struct p2p_router *router;
};

/**
 * Gives all providers of a context the routes of a changed fabric, whose nodes have the same
 * numbers as before. Afterwards call p2p_registry_touch(), and wait as p2p_rcu does before freeing
 * the old router.
 */
void p2p_pci_context_set(struct p2p_pci_context *context, const struct p2p_router *router);

/**
 * Whether DMA of `client` to these addresses gets up to its host, whatever is beside the way: they
 * are in no window of its host bridge, since what is in one is taken by a device there before any
 * host or IOMMU sees it. Linux keeps the windows out of I/O virtual addresses for that:
 * iova_reserve_pci_windows() in drivers/iommu/dma-iommu.c. False also where no windows are known,
 * or not their bus addresses. A client on no PCI bus is at the host already.
 *
 * The PCI providers' map op ends in -EREMOTE where this is false, unless the addresses are those of
 * the very memory on the client's own root bus. Providers on other links ask it about PCI clients.
 */
bool p2p_pci_leads_to_host(const struct p2p_fabric *fabric, p2p_node client, p2p_dma_addr start,
			   uint64_t length);

P2P_END_DECLS

#endif
