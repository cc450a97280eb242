// SPDX-License-Identifier: MIT
/*
 * Who provides memory, who could, and what stands between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/providers.h>
#include <p2pmem/topology.h>

#include "explain/verdict_order.h"
#include "sized.h"

const char *p2p_provider_state_name(enum p2p_provider_state state)
{
	static const char *const names[] = {
		[P2P_PROVIDER_PUBLISHED] = "published", [P2P_PROVIDER_PRIVATE] = "private",
		[P2P_PROVIDER_POSSIBLE] = "possible",   [P2P_PROVIDER_UNLIKELY] = "unlikely",
		[P2P_PROVIDER_TOO_SMALL] = "too-small",
	};

	return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static const struct {
	const char *name, *text;
} reasons[] = {
	[P2P_PROVIDER_LENDS] = { "lends", "lends" },
	[P2P_PROVIDER_NOT_PUBLISHED] = { "not-published", "its driver keeps it to itself" },
	[P2P_PROVIDER_NO_P2PDMA] = { "no-p2pdma",
				     "this kernel is built without CONFIG_PCI_P2PDMA" },
	[P2P_PROVIDER_NO_DRIVER] = { "no-driver", "no driver is bound that could publish it" },
	[P2P_PROVIDER_DRIVER] = { "driver", "its driver does not publish it" },
	[P2P_PROVIDER_REGISTERS] = { "registers",
				     "large BARs of this kind of device are usually registers" },
	[P2P_PROVIDER_SMALL] = { "small", "too small: Linux publishes in blocks of 2 MiB" },
	[P2P_PROVIDER_UNKNOWN] = { "unknown", "the source does not say who publishes memory" },
};

const char *p2p_provider_reason_name(enum p2p_provider_reason reason)
{
	if ((size_t)reason >= sizeof(reasons) / sizeof(reasons[0]))
		reason = P2P_PROVIDER_UNKNOWN;
	return reasons[reason].name;
}

static bool has_registers_only(enum p2p_device_kind kind)
{
	return kind == P2P_DEVICE_NETWORK || kind == P2P_DEVICE_INFINIBAND ||
	       kind == P2P_DEVICE_STORAGE || kind == P2P_DEVICE_USB ||
	       kind == P2P_DEVICE_MANAGEMENT;
}

static enum p2p_provider_reason why_not(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_device *device = p2p_machine_device(machine, node);
	const char *p2pdma = p2p_machine_config(machine, "CONFIG_PCI_P2PDMA");

	if (has_registers_only(p2p_device_kind(machine, node)))
		return P2P_PROVIDER_REGISTERS;
	if (p2pdma && !strcmp(p2pdma, "n"))
		return P2P_PROVIDER_NO_P2PDMA;
	if (device->driver_known == P2P_ABSENT)
		return P2P_PROVIDER_NO_DRIVER;
	if (device->memory.known == P2P_UNKNOWN)
		return P2P_PROVIDER_UNKNOWN;
	return P2P_PROVIDER_DRIVER;
}

static void advise_driver(const struct p2p_machine *machine, struct p2p_provider_info *provider)
{
	enum p2p_device_kind kind = p2p_device_kind(machine, provider->node);

	if (kind == P2P_DEVICE_GPU || kind == P2P_DEVICE_ACCEL)
		provider->advice = "its driver may give it to programs as a dma-buf, which p2pmem "
				   "does not see";
	else if (kind == P2P_DEVICE_NVME)
		provider->step.code = P2P_STEP_WHY_NOT_PUBLISHED;
}

/* What the reason means to people, and what would change it. */
static void explain(const struct p2p_machine *machine, struct p2p_provider_info *provider)
{
	provider->text = reasons[provider->reason].text;
	provider->step = (struct p2p_step){ P2P_STEP_NONE, provider->node, provider->bar };
	switch (provider->reason) {
	case P2P_PROVIDER_NOT_PUBLISHED:
		provider->step.code = P2P_STEP_PUBLISH_DRIVERS;
		break;
	case P2P_PROVIDER_NO_DRIVER:
	case P2P_PROVIDER_NO_P2PDMA:
		provider->step.code = P2P_STEP_PUBLISH_BAR;
		break;
	case P2P_PROVIDER_DRIVER:
		advise_driver(machine, provider);
		break;
	default:
		break;
	}
}

/*
 * The module takes the kernel's pool of such a function whole, so that p2pmem/available is 0 and
 * p2pmem/published is 0: what it provides is in the module's own list.
 */
static bool is_modules(const struct p2p_machine *machine, p2p_node node)
{
	const char *driver = p2p_machine_device(machine, node)->driver;

	return driver && !strcmp(driver, "p2pmem");
}

/* Fills in what a function provides or could provide; false: nothing. */
static bool judge(const struct p2p_machine *machine, p2p_node node,
		  struct p2p_provider_info *provider)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	const struct p2p_peer_memory *memory = &p2p_machine_device(machine, node)->memory;
	int bar = p2p_device_memory_bar(info);

	*provider = (struct p2p_provider_info){ .node = node, .bar = bar, .module = P2P_BY_DRIVER };
	if (memory->known == P2P_PRESENT && is_modules(machine, node)) {
		provider->size = memory->size;
		provider->available = P2P_UNCOUNTED;
		provider->state = P2P_PROVIDER_PUBLISHED;
		provider->reason = P2P_PROVIDER_LENDS;
		return true;
	}
	if (memory->known == P2P_PRESENT) {
		provider->size = memory->size;
		provider->available = memory->available;
		provider->state = memory->published ? P2P_PROVIDER_PUBLISHED : P2P_PROVIDER_PRIVATE;
		provider->reason =
			memory->published ? P2P_PROVIDER_LENDS : P2P_PROVIDER_NOT_PUBLISHED;
		return true;
	}
	if (info->kind != P2P_KIND_ENDPOINT || bar < 0)
		return false;
	provider->size = info->bar[bar].size;
	if (provider->size >= P2P_PUBLISHABLE_SIZE) {
		provider->reason = why_not(machine, node);
		provider->state = provider->reason == P2P_PROVIDER_REGISTERS
					  ? P2P_PROVIDER_UNLIKELY
					  : P2P_PROVIDER_POSSIBLE;
		return true;
	}
	provider->state = P2P_PROVIDER_TOO_SMALL;
	provider->reason = P2P_PROVIDER_SMALL;
	/* BAR 0 and 1 of a drive are its registers: NVMe 1.4, 2.1.10 and 2.1.11. */
	return p2p_device_kind(machine, node) == P2P_DEVICE_NVME && bar >= 2;
}

/* What the module publishes of a function: the first `count` rows at `providers`. */
static uint32_t judge_published(const struct p2p_providers_request *request, p2p_node node,
				struct p2p_provider_info *providers)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(request->machine);
	const struct p2p_peer_memory *pool = &p2p_machine_device(request->machine, node)->memory;
	uint32_t count = 0;

	for (size_t i = 0; i < request->memory_count; i++) {
		const struct p2p_module_memory *memory = &request->memories[i];

		if (!memory->on_pci || p2p_fabric_find(fabric, memory->function) != node)
			continue;
		/* The driver's way to the same pool, as p2p_providers_merge() has it. */
		if (memory->page_backed && pool->known == P2P_PRESENT && pool->available)
			continue;
		providers[count++] = (struct p2p_provider_info){
			.node = node,
			.state = P2P_PROVIDER_PUBLISHED,
			.reason = P2P_PROVIDER_LENDS,
			.bar = memory->bar,
			.size = memory->size,
			.available = memory->available == P2P_UNCOUNTED ? memory->size
									: memory->available,
			.module = memory->index,
			.page_backed = memory->page_backed,
		};
	}
	return count;
}

/* All that a function provides; what it only could provide is no news beside that. */
static uint32_t judge_all(const struct p2p_providers_request *request, p2p_node node,
			  struct p2p_provider_info *providers)
{
	uint32_t count = judge_published(request, node, providers);
	struct p2p_provider_info own;
	bool pages = false;

	for (uint32_t i = 0; i < count; i++)
		pages |= providers[i].page_backed;
	if (!judge(request->machine, node, &own))
		return count;
	if (count && (own.state > P2P_PROVIDER_PRIVATE || is_modules(request->machine, node) ||
		      (pages && !own.available)))
		return count;
	providers[count++] = own;
	return count;
}

/* Lists come in order of address, and qsort() is not stable: the position decides last. */
struct sorting {
	struct p2p_provider_info provider;
	uint32_t position;
};

static int compare(const void *left, const void *right)
{
	const struct sorting *a = left, *b = right;
	unsigned int above = p2p_verdict_order(a->provider.route.verdict),
		     below = p2p_verdict_order(b->provider.route.verdict);

	if (a->provider.state != b->provider.state)
		return a->provider.state < b->provider.state ? -1 : 1;
	if (above != below)
		return above < below ? -1 : 1;
	if (a->provider.route.distance != b->provider.route.distance)
		return a->provider.route.distance < b->provider.route.distance ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

void p2p_providers_request_init(struct p2p_providers_request *request, size_t size)
{
	static const struct p2p_providers_request none = { .client = P2P_NO_NODE };

	p2p_sized_init(request, size, &none, sizeof(none));
}

static uint32_t judge_machine(const struct p2p_providers_request *request,
			      struct p2p_provider_info *providers)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(request->machine);
	const p2p_node *order = p2p_fabric_order(fabric);
	uint32_t found = 0;

	for (uint32_t i = 0; i < p2p_fabric_count(fabric); i++)
		found += judge_all(request, order[i], providers + found);
	for (uint32_t i = 0; i < found; i++) {
		explain(request->machine, &providers[i]);
		if (request->client != P2P_NO_NODE)
			p2p_route_find(request->router, request->client, providers[i].node,
				       &providers[i].route);
	}
	return found;
}

int p2p_providers_list(const struct p2p_providers_request *request,
		       struct p2p_provider_info **providers, uint32_t *count)
{
	struct p2p_providers_request asked;
	struct sorting *sorting;
	size_t room;

	*providers = NULL;
	*count = 0;
	p2p_providers_request_init(&asked, sizeof(asked));
	if (!p2p_sized_copy(&asked, request) || !asked.machine)
		return -EINVAL;
	room = p2p_fabric_count(p2p_machine_fabric(asked.machine)) + asked.memory_count + 1;
	sorting = malloc(sizeof(*sorting) * room);
	*providers = malloc(sizeof(**providers) * room);
	if (!sorting || !*providers) {
		free(sorting);
		free(*providers);
		*providers = NULL;
		return -ENOMEM;
	}
	*count = judge_machine(&asked, *providers);
	for (uint32_t i = 0; i < *count; i++)
		sorting[i] = (struct sorting){ (*providers)[i], i };
	qsort(sorting, *count, sizeof(*sorting), compare);
	for (uint32_t i = 0; i < *count; i++)
		(*providers)[i] = sorting[i].provider;
	free(sorting);
	return 0;
}

const struct p2p_provider_info *p2p_providers_find(const struct p2p_provider_info *providers,
						   uint32_t count, p2p_node node)
{
	for (uint32_t i = 0; i < count; i++)
		if (providers[i].node == node)
			return &providers[i];
	return NULL;
}
