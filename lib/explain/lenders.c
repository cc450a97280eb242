// SPDX-License-Identifier: MIT
/*
 * Who lends memory, who could, and what stands between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/device_kind.h"
#include "lenders.h"
#include "machine/order.h"
#include "machine/title.h"
#include "verdict_order.h"

const char *p2p_lender_state_name(enum p2p_lender_state state)
{
	static const char *const names[] = {
		[P2P_LENDER_PUBLISHED] = "published", [P2P_LENDER_PRIVATE] = "private",
		[P2P_LENDER_POSSIBLE] = "possible",   [P2P_LENDER_UNLIKELY] = "unlikely",
		[P2P_LENDER_TOO_SMALL] = "too-small",
	};

	return names[state];
}

static const struct {
	const char *name, *text;
} reasons[] = {
	[P2P_LENDER_LENDS] = { "lends", "lends" },
	[P2P_LENDER_NOT_PUBLISHED] = { "not-published", "its driver keeps it to itself" },
	[P2P_LENDER_NO_P2PDMA] = { "no-p2pdma", "this kernel is built without CONFIG_PCI_P2PDMA" },
	[P2P_LENDER_NO_DRIVER] = { "no-driver", "no driver is bound that could publish it" },
	[P2P_LENDER_DRIVER] = { "driver", "its driver does not publish it" },
	[P2P_LENDER_REGISTERS] = { "registers",
				   "large BARs of this kind of device are usually registers" },
	[P2P_LENDER_SMALL] = { "small", "too small: Linux lends in blocks of 2 MiB" },
	[P2P_LENDER_UNKNOWN] = { "unknown", "the source does not say who publishes memory" },
};

const char *p2p_lender_reason_name(enum p2p_lender_reason reason)
{
	return reasons[reason].name;
}

const char *p2p_lender_reason_text(enum p2p_lender_reason reason)
{
	return reasons[reason].text;
}

static bool has_registers_only(const char *kind)
{
	return !strcmp(kind, "network") || !strcmp(kind, "infiniband") ||
	       !strcmp(kind, "storage") || !strcmp(kind, "usb") || !strcmp(kind, "management");
}

static enum p2p_lender_reason why_not(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_device *device = p2p_machine_device(machine, node);
	const char *p2pdma = p2p_machine_config(machine, "CONFIG_PCI_P2PDMA");

	if (has_registers_only(p2p_device_kind(machine, node)))
		return P2P_LENDER_REGISTERS;
	if (p2pdma && !strcmp(p2pdma, "n"))
		return P2P_LENDER_NO_P2PDMA;
	if (device->driver_known == P2P_ABSENT)
		return P2P_LENDER_NO_DRIVER;
	if (device->memory.known == P2P_UNKNOWN)
		return P2P_LENDER_UNKNOWN;
	return P2P_LENDER_DRIVER;
}

/*
 * The module takes the kernel's pool of such a function whole, so that p2pmem/available is 0 and
 * p2pmem/published is 0: what it lends is in the module's own list.
 */
static bool is_modules(const struct p2p_machine *machine, p2p_node node)
{
	const char *driver = p2p_machine_device(machine, node)->driver;

	return driver && !strcmp(driver, "p2pmem");
}

/* Fills in what a function lends or could lend; false: nothing. */
static bool judge(const struct p2p_machine *machine, p2p_node node, struct p2p_lender *lender)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	const struct p2p_peer_memory *memory = &p2p_machine_device(machine, node)->memory;
	int bar = p2p_device_memory_bar(info);

	*lender = (struct p2p_lender){ .node = node, .bar = bar, .module = P2P_LENT_BY_DRIVER };
	if (memory->known == P2P_PRESENT && is_modules(machine, node)) {
		lender->size = memory->size;
		lender->available = P2P_UNCOUNTED;
		lender->state = P2P_LENDER_PUBLISHED;
		lender->reason = P2P_LENDER_LENDS;
		return true;
	}
	if (memory->known == P2P_PRESENT) {
		lender->size = memory->size;
		lender->available = memory->available;
		lender->state = memory->published ? P2P_LENDER_PUBLISHED : P2P_LENDER_PRIVATE;
		lender->reason = memory->published ? P2P_LENDER_LENDS : P2P_LENDER_NOT_PUBLISHED;
		return true;
	}
	if (info->kind != P2P_KIND_ENDPOINT || bar < 0)
		return false;
	lender->size = info->bar[bar].size;
	if (lender->size >= P2P_LENDABLE_SIZE) {
		lender->reason = why_not(machine, node);
		lender->state = lender->reason == P2P_LENDER_REGISTERS ? P2P_LENDER_UNLIKELY
								       : P2P_LENDER_POSSIBLE;
		return true;
	}
	lender->state = P2P_LENDER_TOO_SMALL;
	lender->reason = P2P_LENDER_SMALL;
	/* BAR 0 and 1 of a drive are its registers: NVMe 1.4, 2.1.10 and 2.1.11. */
	return !strcmp(p2p_device_kind(machine, node), "nvme") && bar >= 2;
}

/* What the module publishes of a function: the first `count` rows at `lenders`. */
static uint32_t judge_published(const struct p2p_lenders_request *request, p2p_node node,
				struct p2p_lender *lenders)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(request->machine);
	const struct p2p_peer_memory *pool = &p2p_machine_device(request->machine, node)->memory;
	uint32_t count = 0;

	for (size_t i = 0; i < request->memory_count; i++) {
		const struct p2p_module_memory *memory = &request->memories[i];

		if (!memory->on_pci || p2p_fabric_find(fabric, memory->function) != node)
			continue;
		/* The driver's way to the same pool, as p2p_lent_merge() has it. */
		if (memory->page_backed && pool->known == P2P_PRESENT && pool->available)
			continue;
		lenders[count++] = (struct p2p_lender){
			.node = node,
			.state = P2P_LENDER_PUBLISHED,
			.reason = P2P_LENDER_LENDS,
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

/* All that a function lends; what it only could lend is no news when it lends something. */
static uint32_t judge_all(const struct p2p_lenders_request *request, p2p_node node,
			  struct p2p_lender *lenders)
{
	uint32_t count = judge_published(request, node, lenders);
	struct p2p_lender own;
	bool pages = false;

	for (uint32_t i = 0; i < count; i++)
		pages |= lenders[i].page_backed;
	if (!judge(request->machine, node, &own))
		return count;
	if (count && (own.state > P2P_LENDER_PRIVATE || is_modules(request->machine, node) ||
		      (pages && !own.available)))
		return count;
	lenders[count++] = own;
	return count;
}

/* Lists come in order of address, and qsort() is not stable: the position decides last. */
struct sorting {
	struct p2p_lender lender;
	uint32_t position;
};

static int compare(const void *left, const void *right)
{
	const struct sorting *a = left, *b = right;
	unsigned int above = p2p_verdict_order(a->lender.route.verdict),
		     below = p2p_verdict_order(b->lender.route.verdict);

	if (a->lender.state != b->lender.state)
		return a->lender.state < b->lender.state ? -1 : 1;
	if (above != below)
		return above < below ? -1 : 1;
	if (a->lender.route.distance != b->lender.route.distance)
		return a->lender.route.distance < b->lender.route.distance ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

int p2p_lenders_list(const struct p2p_lenders_request *request, struct p2p_lender **lenders,
		     uint32_t *count)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(request->machine);
	uint32_t nodes = p2p_fabric_count(fabric), found = 0;
	size_t room = nodes + request->memory_count + 1;
	p2p_node *order = malloc(sizeof(*order) * room);
	struct sorting *sorting = malloc(sizeof(*sorting) * room);

	*count = 0;
	*lenders = malloc(sizeof(**lenders) * room);
	if (!order || !sorting || !*lenders) {
		free(order);
		free(sorting);
		free(*lenders);
		*lenders = NULL;
		return -ENOMEM;
	}
	p2p_tree_order(fabric, order);
	for (uint32_t i = 0; i < nodes; i++)
		found += judge_all(request, order[i], *lenders + found);
	for (uint32_t i = 0; i < found; i++) {
		sorting[i] = (struct sorting){ (*lenders)[i], i };
		if (request->client != P2P_NO_NODE)
			p2p_route_find(request->router, request->client, (*lenders)[i].node,
				       &sorting[i].lender.route);
	}
	qsort(sorting, found, sizeof(*sorting), compare);
	for (uint32_t i = 0; i < found; i++)
		(*lenders)[i] = sorting[i].lender;
	*count = found;
	free(order);
	free(sorting);
	return 0;
}

const struct p2p_lender *p2p_lenders_find(const struct p2p_lender *lenders, uint32_t count,
					  p2p_node node)
{
	for (uint32_t i = 0; i < count; i++)
		if (lenders[i].node == node)
			return &lenders[i];
	return NULL;
}

bool p2p_lender_fix_write(FILE *file, const struct p2p_machine *machine,
			  const struct p2p_lender *lender)
{
	const char *kind = p2p_device_kind(machine, lender->node);
	char address[P2P_ADDRESS];

	switch (lender->reason) {
	case P2P_LENDER_NOT_PUBLISHED:
		fprintf(file, "p2pmem publish %s --driver-memory",
			p2p_address(p2p_machine_fabric(machine), lender->node, address));
		return true;
	case P2P_LENDER_NO_DRIVER:
	case P2P_LENDER_NO_P2PDMA:
		fprintf(file, "p2pmem publish %s --bar %d",
			p2p_address(p2p_machine_fabric(machine), lender->node, address),
			lender->bar);
		return true;
	case P2P_LENDER_DRIVER:
		if (!strcmp(kind, "gpu") || !strcmp(kind, "accel"))
			fprintf(file, "its driver may lend it to programs as a dma-buf, which "
				      "p2pmem does not see");
		else if (!strcmp(kind, "nvme"))
			fprintf(file, "p2pmem doctor says why its driver does not publish it");
		else
			return false;
		return true;
	default:
		return false;
	}
}
