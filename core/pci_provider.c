// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Providers on a PCI bus: the route decides whether, windows and BARs decide by which address.
 */
#include "router.h"

#include <p2pmem/map.h>

void p2p_pci_context_set(struct p2p_pci_context *context, const struct p2p_router *router)
{
	P2P_PUBLISH(context->router, router);
}

/* Whether a range of a bridge or BAR says where `at` is on the bus; BARs were never checked. */
static bool translates(const struct p2p_range *range, p2p_cpu_addr at)
{
	uint64_t last = range->size - 1;

	return range->size != 0 && range->cpu_known && range->bus_known &&
	       !(range->flags & P2P_RANGE_IO) && range->cpu.value <= UINT64_MAX - last &&
	       range->bus.value <= UINT64_MAX - last && at.value - range->cpu.value <= last;
}

static const struct p2p_range *find_range(const struct p2p_range *ranges, uint32_t count,
					  p2p_cpu_addr at)
{
	for (uint32_t i = 0; i < count; i++)
		if (translates(&ranges[i], at))
			return &ranges[i];
	return NULL;
}

/* Bus minus CPU address, modulo 2^64. */
static uint64_t offset_of(const struct p2p_range *range)
{
	return range->bus.value - range->cpu.value;
}

/*
 * The window that `at` goes through, cross-checked with the BAR; the BAR alone where the source
 * knows no window. NULL: not known, or they contradict each other.
 */
static const struct p2p_range *way_to_bus(const struct p2p_fabric *fabric, p2p_node node,
					  p2p_cpu_addr at)
{
	const struct p2p_range *bar = find_range(fabric->info[node].bar, P2P_BARS, at);
	const struct p2p_range *windows, *window;
	uint32_t count;

	windows = p2p_fabric_windows(fabric, fabric->place[node].host_bridge, &count);
	if (count == 0)
		return bar;
	window = find_range(windows, count, at);
	if (window && bar && offset_of(window) != offset_of(bar))
		return NULL;
	return window;
}

/* What the provider and the range have in common. */
static void set_stretch(const struct p2p_provider *provider, const struct p2p_range *range,
			struct p2p_passage *passage)
{
	uint64_t first = provider->start.value, last = p2p_provider_last(provider).value;
	uint64_t range_last = range->cpu.value + (range->size - 1);

	if (first < range->cpu.value)
		first = range->cpu.value;
	if (last > range_last)
		last = range_last;
	passage->start.value = first;
	passage->length = last - first + 1;
}

static void decide_direct(const struct p2p_fabric *fabric, const struct p2p_provider *provider,
			  const struct p2p_client *client, p2p_cpu_addr at,
			  struct p2p_passage *passage)
{
	const struct p2p_range *range = way_to_bus(fabric, provider->node, at);
	uint64_t dma, last = 0;

	if (!range)
		return;
	set_stretch(provider, range, passage);
	dma = passage->start.value + offset_of(range);
	if (__builtin_add_overflow(dma, passage->length - 1, &last) || last > client->highest.value)
		return;
	passage->dma.value = dma;
	passage->answer = P2P_DIRECT;
}

static void decide(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr at, struct p2p_passage *passage)
{
	const struct p2p_pci_context *context = provider->context;
	const struct p2p_router *router = P2P_SUBSCRIBE(context->router);
	struct p2p_route route;

	*passage = (struct p2p_passage){
		.answer = P2P_UNREACHABLE,
		.start = provider->start,
		.length = provider->size,
	};
	if (p2p_route_find(router, client->node, provider->node, &route) != 0)
		return;
	if (route.verdict == P2P_VERDICT_DIRECT)
		decide_direct(router->fabric, provider, client, at, passage);
	if (route.verdict == P2P_VERDICT_VIA_HOST && client->ops && client->ops->map_device &&
	    client->ops->unmap_device) {
		passage->answer = P2P_VIA_HOST;
		passage->mapped = true;
	}
}

static int map(const struct p2p_provider *provider, const struct p2p_client *client,
	       p2p_cpu_addr start, uint64_t length, p2p_dma_addr *dma)
{
	(void)provider;
	return client->ops->map_device(client, start, length, dma);
}

static void unmap(const struct p2p_provider *provider, const struct p2p_client *client,
		  p2p_dma_addr dma, uint64_t length)
{
	(void)provider;
	client->ops->unmap_device(client, dma, length);
}

const struct p2p_provider_ops p2p_pci_provider_ops = {
	.decide = decide,
	.map = map,
	.unmap = unmap,
};
