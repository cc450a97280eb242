// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Providers on a PCI bus: the route decides whether, windows and BARs decide by which address.
 */
#include "route/router.h"

#include "map.h"

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
			struct p2p_decision *decision)
{
	uint64_t first = provider->start.value, last = p2p_provider_last(provider).value;
	uint64_t range_last = range->cpu.value + (range->size - 1);

	if (first < range->cpu.value)
		first = range->cpu.value;
	if (last > range_last)
		last = range_last;
	decision->start.value = first;
	decision->length = last - first + 1;
}

static void decide_direct(const struct p2p_range *range, const struct p2p_client *client,
			  struct p2p_decision *decision)
{
	uint64_t dma = decision->start.value + offset_of(range), last = 0;

	if (__builtin_add_overflow(dma, decision->length - 1, &last) ||
	    last > client->highest.value)
		return;
	decision->dma.value = dma;
	decision->reach = P2P_DIRECT;
}

/*
 * How the route is gone. About a client on no PCI bus no route says anything unless the policy
 * refuses it: then it is that client's own op which knows whether the host takes it there.
 */
static enum p2p_verdict verdict_of(const struct p2p_router *router, p2p_node client,
				   p2p_node provider)
{
	struct p2p_route route;

	if (p2p_route_find(router, client, provider, &route) != 0 ||
	    !p2p_is_function(router->fabric, provider))
		return P2P_VERDICT_UNKNOWN;
	if (!p2p_is_function(router->fabric, client) &&
	    (route.possible & P2P_POSSIBLE(P2P_VERDICT_VIA_HOST)))
		return P2P_VERDICT_VIA_HOST;
	return route.verdict;
}

static void decide(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr at, struct p2p_decision *decision)
{
	const struct p2p_pci_context *context = provider->context;
	const struct p2p_router *router = P2P_SUBSCRIBE(context->router);
	enum p2p_verdict verdict = verdict_of(router, client->node, provider->node);
	const struct p2p_range *range;

	*decision = (struct p2p_decision){
		.reach = P2P_UNREACHABLE,
		.start = provider->start,
		.length = provider->size,
	};
	if (verdict != P2P_VERDICT_DIRECT && verdict != P2P_VERDICT_VIA_HOST)
		return;
	range = way_to_bus(router->fabric, provider->node, at);
	if (!range) {
		/* Of its neighbours nothing is said: they may be in a window. */
		decision->start.value = at.value - at.value % P2P_GRANULE;
		decision->length = P2P_GRANULE;
		return;
	}
	set_stretch(provider, range, decision);
	if (verdict == P2P_VERDICT_DIRECT) {
		decide_direct(range, client, decision);
	} else if (client->ops && client->ops->map_device && client->ops->unmap_device) {
		decision->reach = P2P_VIA_HOST;
		decision->mapped = true;
	}
}

/* Whether no address of the range can be in the window. */
static bool is_clear_of(const struct p2p_range *window, uint64_t first, uint64_t last)
{
	return window->bus_known &&
	       (last < window->bus.value || first > window->bus.value + (window->size - 1));
}

bool p2p_pci_leads_to_host(const struct p2p_fabric *fabric, p2p_node client, p2p_dma_addr start,
			   uint64_t length)
{
	uint64_t first = start.value, last = first + (length - 1);
	const struct p2p_range *windows;
	bool known = false;
	uint32_t count;

	if (client >= fabric->count || last < first)
		return false;
	if (!p2p_is_function(fabric, client))
		return fabric->info[client].kind == P2P_KIND_OFF_BUS;
	windows = p2p_fabric_windows(fabric, fabric->place[client].host_bridge, &count);
	for (uint32_t i = 0; i < count; i++) {
		if (windows[i].flags & P2P_RANGE_IO)
			continue;
		if (!is_clear_of(&windows[i], first, last))
			return false;
		known = true;
	}
	return known;
}

/* Whether on the client's own root bus these are the bus addresses of just that memory. */
static bool is_own_address(const struct p2p_fabric *fabric, p2p_node client, p2p_node provider,
			   p2p_cpu_addr start, uint64_t length, p2p_dma_addr dma)
{
	const struct p2p_range *range;

	if (p2p_route_check(fabric, client, provider) != 0 || !p2p_is_function(fabric, client))
		return false;
	range = way_to_bus(fabric, provider, start);
	return range && fabric->place[client].host_bridge == fabric->place[provider].host_bridge &&
	       length <= range->size - (start.value - range->cpu.value) &&
	       dma.value == start.value + offset_of(range);
}

static int map(const struct p2p_provider *provider, const struct p2p_client *client,
	       p2p_cpu_addr start, uint64_t length, p2p_dma_addr *dma)
{
	const struct p2p_pci_context *context = provider->context;
	const struct p2p_fabric *fabric = P2P_SUBSCRIBE(context->router)->fabric;
	int error = client->ops->map_device(client, start, length, dma);

	if (error)
		return error;
	if (p2p_pci_leads_to_host(fabric, client->node, *dma, length) ||
	    is_own_address(fabric, client->node, provider->node, start, length, *dma))
		return 0;
	client->ops->unmap_device(client, *dma, length);
	return -EREMOTE;
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
