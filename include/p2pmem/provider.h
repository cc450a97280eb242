/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Providers: ranges of memory that devices lend.
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

/** Constant while it is in a registry or a mapping of it exists. */
struct p2p_provider {
	p2p_cpu_addr start; /**< a multiple of P2P_GRANULE */
	uint64_t size;      /**< bytes, a multiple of P2P_GRANULE, not 0 */
	p2p_node node;      /**< place in the fabric; P2P_NO_NODE: none */
	const struct p2p_provider_ops *ops;
	void *context; /**< the owner's */
};

/** 0, or -EINVAL: empty, not on multiples of P2P_GRANULE, or past the end of 64 bits. */
int p2p_provider_check(const struct p2p_provider *provider);

/** The last byte; of a provider that passed p2p_provider_check(). */
static inline p2p_cpu_addr p2p_provider_last(const struct p2p_provider *provider)
{
	p2p_cpu_addr last = { provider->start.value + (provider->size - 1) };

	return last;
}

P2P_END_DECLS

#endif
