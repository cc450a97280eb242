// SPDX-License-Identifier: MIT
/*
 * Clients on a random machine, and how they get to memory: as a kernel would map it for them.
 */
#include "bus_map.h"

#define FIRST_IOVA UINT64_C(0x10000000) /* from here to LAST_IOVA is no window of any machine */
#define LAST_IOVA  UINT64_C(0x70000000)

static bool is_translated(const struct bus_client *client)
{
	struct sim_machine *machine = client->map->machine;
	sim_node bridge = sim_host_bridge(machine, client->node);

	return bridge != SIM_NO_NODE &&
	       sim_registers(machine, bridge)->iommu == SIM_IOMMU_TRANSLATE;
}

bool bus_in_own_window(const struct bus_client *client, uint64_t dma, uint64_t length)
{
	struct sim_machine *machine = client->map->machine;
	const struct sim_info *bridge = sim_info(machine, sim_host_bridge(machine, client->node));

	for (unsigned int i = 0; bridge && i < SIM_WINDOWS_MAX; i++) {
		const struct sim_window *window = &bridge->window[i];

		if (window->size && dma < window->bus.value + window->size &&
		    window->bus.value < dma + length)
			return true;
	}
	return false;
}

/* Linux keeps bridge windows free of I/O virtual addresses; now and then this one does not. */
static uint64_t choose_iova(struct bus_client *client, uint64_t size, bool host)
{
	struct sim_machine *machine = client->map->machine;
	sim_node bridge = sim_host_bridge(machine, client->node);
	uint64_t iova;

	if (!host && bus_draw(&client->random, 16) == 0)
		return sim_info(machine, bridge)->window[0].bus.value +
		       bus_draw(&client->random, 2048) * SIM_PAGE;
	if (client->next > LAST_IOVA)
		client->next = FIRST_IOVA;
	iova = client->next;
	client->next += size;
	return iova;
}

static uint64_t translate(struct bus_client *client, uint64_t cpu, uint64_t length, bool host)
{
	uint64_t skipped = cpu % SIM_PAGE;
	struct sim_map pages = {
		.client = client->node,
		.cpu = { cpu - skipped },
		.size = (skipped + length + SIM_PAGE - 1) / SIM_PAGE * SIM_PAGE,
		.read = true,
		.write = true,
	};

	pages.dma.value = choose_iova(client, pages.size, host);
	assert_int_equal(sim_map(client->map->machine, &pages), 0);
	return pages.dma.value + skipped;
}

/* `cookie`: of a batch of host memory; 0: device memory. */
static int map_piece(struct bus_client *client, uint64_t cpu, uint64_t length, uint64_t cookie,
		     uint64_t *dma)
{
	p2p_dma_addr inbound;

	if (is_translated(client)) {
		*dma = translate(client, cpu, length, cookie != 0);
	} else {
		if (sim_inbound_address(client->map->machine, client->node, (p2p_cpu_addr){ cpu },
					&inbound) != 0)
			return -ERANGE;
		*dma = inbound.value;
	}
	assert_true(client->live_count < BUS_LIVE);
	client->live[client->live_count++] = (struct bus_piece){ *dma, length, cookie };
	return 0;
}

static void unmap_piece(struct bus_client *client, unsigned int i)
{
	struct bus_piece piece = client->live[i];

	assert_true(i < client->live_count);
	if (is_translated(client))
		sim_unmap(client->map->machine, client->node, (p2p_dma_addr){ piece.dma },
			  piece.length);
	client->live[i] = client->live[--client->live_count];
}

int bus_map_piece(struct bus_client *client, uint64_t cpu, uint64_t length, uint64_t *dma)
{
	return map_piece(client, cpu, length, 0, dma);
}

void bus_unmap_piece(struct bus_client *client, uint64_t dma, uint64_t length)
{
	unsigned int i = 0;

	while (i < client->live_count && (client->live[i].cookie || client->live[i].dma != dma ||
					  client->live[i].length != length))
		i++;
	unmap_piece(client, i);
}

static void unmap_host(const struct p2p_client *of, uint64_t cookie)
{
	struct bus_client *client = of->context;

	for (unsigned int i = client->live_count; i-- > 0;)
		if (client->live[i].cookie == cookie)
			unmap_piece(client, i);
}

static int map_host(const struct p2p_client *of, const struct p2p_segment *segments, uint32_t count,
		    struct p2p_mapped *mapped, uint32_t *mapped_count, uint64_t *cookie)
{
	struct bus_client *client = of->context;
	uint32_t n = 0;

	*cookie = ++client->cookie;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t dma, length = segments[i].length;
		int error = map_piece(client, segments[i].start.value, length, *cookie, &dma);

		if (!error && dma + (length - 1) > of->highest.value)
			error = -ERANGE;
		if (error) {
			unmap_host(of, *cookie);
			return error;
		}
		if (n && mapped[n - 1].start.value + mapped[n - 1].length == dma)
			mapped[n - 1].length += length;
		else
			mapped[n++] = (struct p2p_mapped){ { dma }, length };
	}
	*mapped_count = n;
	return 0;
}

static int map_device(const struct p2p_client *of, p2p_cpu_addr start, uint64_t length,
		      p2p_dma_addr *dma)
{
	struct bus_client *client = of->context;
	bool coherent = bus_range_at(client->map, start.value)->provider.ops == &bus_coherent_ops;
	int error;

	client->last_cpu = start.value;
	if (!coherent && sim_info(client->map->machine, client->node)->no_mmio)
		return -EREMOTE;
	error = bus_map_piece(client, start.value, length, &dma->value);
	client->last_dma = dma->value;
	return error;
}

static void unmap_device(const struct p2p_client *of, p2p_dma_addr dma, uint64_t length)
{
	bus_unmap_piece(of->context, dma.value, length);
}

static const struct p2p_client_ops client_ops = { map_host, unmap_host, map_device, unmap_device };

/* Linear where that will do: all of it without translation, and not hidden by a window. */
static void decide_coherent(const struct p2p_provider *provider, const struct p2p_client *of,
			    p2p_cpu_addr at, struct p2p_decision *decision)
{
	const struct bus_client *client = of->context;
	struct sim_machine *machine = client->map->machine;

	(void)at;
	*decision = (struct p2p_decision){
		.reach = P2P_VIA_HOST,
		.mapped = true,
		.start = provider->start,
		.length = provider->size,
	};
	if (is_translated(client) ||
	    sim_inbound_address(machine, client->node, provider->start, &decision->dma) != 0 ||
	    !p2p_pci_leads_to_host(client->map->fabric, of->node, decision->dma, provider->size))
		return;
	decision->mapped = false;
	if (sim_host_bridge(machine, client->node) == SIM_NO_NODE)
		decision->reach = P2P_DIRECT;
}

static int map_coherent(const struct p2p_provider *provider, const struct p2p_client *of,
			p2p_cpu_addr start, uint64_t length, p2p_dma_addr *dma)
{
	const struct bus_client *client = of->context;
	int error = map_device(of, start, length, dma);

	(void)provider;
	if (error || p2p_pci_leads_to_host(client->map->fabric, of->node, *dma, length))
		return error;
	unmap_device(of, *dma, length);
	return -EREMOTE;
}

static void unmap_coherent(const struct p2p_provider *provider, const struct p2p_client *of,
			   p2p_dma_addr dma, uint64_t length)
{
	(void)provider;
	unmap_device(of, dma, length);
}

const struct p2p_provider_ops bus_coherent_ops = {
	.decide = decide_coherent,
	.map = map_coherent,
	.unmap = unmap_coherent,
};

/* Host memory in a linear window, for clients without translation that happen to know of it. */
static void know_linear(struct bus_client *client)
{
	struct sim_machine *machine = client->map->machine;
	p2p_dma_addr dma;

	if (is_translated(client) || bus_draw(&client->random, 2))
		return;
	assert_int_equal(
		sim_inbound_address(machine, client->node, sim_info(machine, 0)->memory, &dma), 0);
	client->client.linear_start = sim_info(machine, 0)->memory;
	client->client.linear_size = sim_info(machine, 0)->memory_size;
	client->client.linear_offset = dma.value - client->client.linear_start.value;
}

void bus_client_open(struct bus_map *map, int index)
{
	const struct bus_node *node = &map->spec->node[index];
	struct bus_client *client = &map->client[index];

	*client = (struct bus_client){
		.node = node->node,
		.map = map,
		.next = FIRST_IOVA,
		.random = bus_seed(map->spec, BUS_SEED_CLIENT, index, 0),
	};
	if (node->dropped || node->info.kind == SIM_RAM || node->info.kind == SIM_HOST_BRIDGE)
		return;
	client->client.node = map->fabric_node[node->node];
	client->client.ops = &client_ops;
	client->client.context = client;
	client->client.highest.value = bus_draw(&client->random, 10) ? UINT64_MAX : UINT32_MAX;
	know_linear(client);
	assert_int_equal(
		p2p_mapper_new(&map->allocator, map->registry, &client->client, &client->mapper),
		0);
}
