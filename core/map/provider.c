// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What every provider must fulfil.
 */
#include "port.h"

#include "provider.h"

int p2p_provider_check(const struct p2p_provider *provider)
{
	uint64_t start = provider->start.value;

	if (provider->size == 0 || ((start | provider->size) & (P2P_GRANULE - 1)) != 0)
		return -EINVAL;
	return provider->size - 1 <= UINT64_MAX - start ? 0 : -EINVAL;
}

uint32_t p2p_provider_mappings(const struct p2p_provider *provider)
{
	return P2P_ACQUIRE(provider->mappings);
}
