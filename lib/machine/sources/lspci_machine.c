// SPDX-License-Identifier: MIT
/*
 * From listings to a machine. One text may have several listings of one machine (`lspci -nn`, then
 * `lspci -vvv`), or of two machines (host and guest, before and after): where two listings
 * contradict each other they are of two machines, and machines are never mixed.
 */
#include "lspci.h"
#include <p2pmem/text.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MACHINES_MAX 64u

static bool ids_differ(uint16_t a, uint16_t b)
{
	return a != P2P_ID_UNKNOWN && b != P2P_ID_UNKNOWN && a != b;
}

static bool known_differ(enum p2p_known a, enum p2p_known b)
{
	return a != P2P_UNKNOWN && b != P2P_UNKNOWN && a != b;
}

/* Whether one function cannot be both. */
static bool contradict(const struct p2p_lspci_function *a, const struct p2p_lspci_function *b)
{
	const struct p2p_node_info *x = &a->info, *y = &b->info;

	if (ids_differ(x->vendor, y->vendor) || ids_differ(x->device, y->device))
		return true;
	if (x->class_code != UINT32_MAX && y->class_code != UINT32_MAX &&
	    x->class_code >> 8 != y->class_code >> 8)
		return true;
	if (known_differ(x->acs.known, y->acs.known) || known_differ(x->pcie, y->pcie))
		return true;
	if (x->acs.known == P2P_PRESENT && y->acs.known == P2P_PRESENT &&
	    x->acs.control != y->acs.control)
		return true;
	if ((x->acs.known == P2P_ABSENT && b->proof.acs_named) ||
	    (y->acs.known == P2P_ABSENT && a->proof.acs_named))
		return true;
	return x->secondary && y->secondary &&
	       (x->secondary != y->secondary || x->subordinate != y->subordinate);
}

static void fill_id(uint16_t *to, uint16_t from)
{
	if (*to == P2P_ID_UNKNOWN)
		*to = from;
}

static void fill_info(struct p2p_node_info *to, const struct p2p_node_info *from)
{
	fill_id(&to->vendor, from->vendor);
	fill_id(&to->device, from->device);
	fill_id(&to->subsystem_vendor, from->subsystem_vendor);
	fill_id(&to->subsystem_device, from->subsystem_device);
	if (to->class_code == UINT32_MAX)
		to->class_code = from->class_code;
	if (to->pcie == P2P_UNKNOWN) {
		to->pcie = from->pcie;
		to->port_type = from->port_type;
	}
	if (to->kind == P2P_KIND_BRIDGE || to->kind == P2P_KIND_ENDPOINT)
		to->kind = from->kind == P2P_KIND_ENDPOINT ? to->kind : from->kind;
	if (to->acs.known == P2P_UNKNOWN)
		to->acs = from->acs;
	if (!to->secondary) {
		to->secondary = from->secondary;
		to->subordinate = from->subordinate;
	}
	if (!to->link.width)
		to->link = from->link;
	for (unsigned int i = 0; i < P2P_BARS; i++)
		if (!to->bar[i].flags)
			to->bar[i] = from->bar[i];
	for (unsigned int i = 0; i < P2P_BRIDGE_WINDOWS; i++)
		if (!to->window[i].size)
			to->window[i] = from->window[i];
	if (to->numa_node == P2P_NUMA_UNKNOWN)
		to->numa_node = from->numa_node;
	if (to->iommu_group == P2P_GROUP_UNKNOWN)
		to->iommu_group = from->iommu_group;
}

static void fill(struct p2p_lspci_function *to, const struct p2p_lspci_function *from)
{
	struct p2p_device *device = &to->device;

	fill_info(&to->info, &from->info);
	if (!device->model)
		device->model = from->device.model;
	if (device->driver_known == P2P_UNKNOWN) {
		device->driver_known = from->device.driver_known;
		device->driver = from->device.driver;
	}
	if (!device->slot)
		device->slot = from->device.slot;
	if (!device->label)
		device->label = from->device.label;
	if (!device->link_below.width)
		device->link_below = from->device.link_below;
	for (unsigned int i = 0; i < P2P_BARS; i++)
		if (!device->bar_max[i])
			device->bar_max[i] = from->device.bar_max[i];
	to->proof.acs_named |= from->proof.acs_named;
	to->proof.hex |= from->proof.hex;
	if (!to->has_above) {
		to->has_above = from->has_above;
		to->above = from->above;
	}
	to->on_root_bus |= from->on_root_bus;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct p2p_lspci_function *left = *(struct p2p_lspci_function *const *)a;
	const struct p2p_lspci_function *right = *(struct p2p_lspci_function *const *)b;
	int order = p2p_bdf_compare(left->info.bdf, right->info.bdf);

	return order ? order : left < right ? -1 : left > right;
}

/* `first`: of each function the first with that address, which has the others in `next`. */
struct sorting {
	struct p2p_lspci *lspci;
	struct p2p_lspci_function **first; /* by function */
	uint32_t machines;
	uint32_t others[MACHINES_MAX]; /* functions of each machine */
	unsigned int line[MACHINES_MAX];
};

static bool find_first(struct sorting *sorting)
{
	struct p2p_lspci *lspci = sorting->lspci;
	struct p2p_lspci_function **order = calloc((size_t)lspci->count + 1, sizeof(void *));
	struct p2p_lspci_function *first = NULL;

	sorting->first = calloc((size_t)lspci->count + 1, sizeof(void *));
	if (!order || !sorting->first) {
		free(order);
		return false;
	}
	for (uint32_t i = 0; i < lspci->count; i++)
		order[i] = &lspci->functions[i];
	if (lspci->count)
		qsort(order, lspci->count, sizeof(struct p2p_lspci_function *), compare_addresses);
	for (uint32_t i = 0; i < lspci->count; i++) {
		if (!first || p2p_bdf_compare(first->info.bdf, order[i]->info.bdf))
			first = order[i];
		sorting->first[order[i] - lspci->functions] = first;
	}
	free(order);
	return true;
}

/* The function of a machine with that address, among those sorted so far. */
static struct p2p_lspci_function *of_machine(struct p2p_lspci_function *first, uint8_t machine)
{
	for (; first; first = first->next)
		if (first->machine == machine + 1)
			return first;
	return NULL;
}

/* The machine that a listing is of: one that it has functions of and does not contradict. */
static uint8_t machine_of(const struct sorting *sorting, const struct p2p_lspci_listing *listing,
			  uint8_t latest)
{
	struct p2p_lspci_function *functions = sorting->lspci->functions;
	uint64_t shared = 0, contradicted = 0;

	for (uint32_t i = listing->first; i < listing->first + listing->count; i++) {
		for (struct p2p_lspci_function *known = sorting->first[i]; known;
		     known = known->next) {
			if (!known->machine)
				continue;
			shared |= UINT64_C(1) << (known->machine - 1);
			if (contradict(known, &functions[i]))
				contradicted |= UINT64_C(1) << (known->machine - 1);
		}
	}
	if (!shared)
		return latest;
	if (shared & ~contradicted)
		return (uint8_t)__builtin_ctzll(shared & ~contradicted);
	/* It may have nothing in common with one of them: that one it may still be of. */
	if (!(contradicted >> latest & 1))
		return latest;
	return (uint8_t)(sorting->machines < MACHINES_MAX ? sorting->machines : MACHINES_MAX - 1);
}

static unsigned int weight(const struct p2p_lspci_function *function)
{
	return (unsigned int)__builtin_popcountll(function->proof.signs) +
	       function->proof.capabilities + 64 * function->proof.hex;
}

static void join(struct p2p_lspci_function *known, struct p2p_lspci_function *function)
{
	struct p2p_lspci_function poorer = *function;

	function->merged_into = known;
	/* The richer record says it, the other one fills in. */
	if (weight(function) > weight(known)) {
		struct p2p_lspci_function *next = known->next;

		poorer = *known;
		*known = *function;
		known->next = next;
		known->merged_into = NULL;
		known->machine = poorer.machine;
	}
	fill(known, &poorer);
}

static void sort_listing(struct sorting *sorting, struct p2p_lspci_listing *listing)
{
	struct p2p_lspci_function *functions = sorting->lspci->functions;
	uint8_t machine = (uint8_t)listing->machine;

	if (machine == sorting->machines) {
		sorting->line[machine] = functions[listing->first].line;
		sorting->machines++;
	}
	for (uint32_t i = listing->first; i < listing->first + listing->count; i++) {
		struct p2p_lspci_function *first = sorting->first[i];
		struct p2p_lspci_function *known = of_machine(first, machine);

		if (known) {
			join(known, &functions[i]);
			continue;
		}
		functions[i].machine = (uint8_t)(machine + 1);
		sorting->others[machine]++;
		if (&functions[i] != first) {
			functions[i].next = first->next;
			first->next = &functions[i];
		}
	}
}

static bool sort_listings(struct sorting *sorting)
{
	struct p2p_lspci *lspci = sorting->lspci;
	uint8_t latest = 0;

	if (!find_first(sorting))
		return false;
	for (uint32_t i = 0; i < lspci->listing_count; i++) {
		struct p2p_lspci_listing *listing = &lspci->listings[i];

		latest = machine_of(sorting, listing, latest);
		listing->machine = latest;
		sort_listing(sorting, listing);
	}
	return true;
}

static void name_others(const struct sorting *sorting, uint32_t chosen)
{
	for (uint32_t i = 0; i < sorting->machines; i++) {
		if (i == chosen)
			continue;
		p2p_build_warn(
			sorting->lspci->machine,
			"%s:%u: machine %u of %u in this text, or the same one at another "
			"time: its %u function%s are left out; ask for machine %u to see them",
			sorting->lspci->input->path, sorting->line[i], i + 1, sorting->machines,
			sorting->others[i], sorting->others[i] == 1 ? "" : "s", i + 1);
	}
}

/* The functions of one machine, in order of address. */
struct chosen {
	struct p2p_lspci_function **function;
	uint32_t count;
};

static int compare_function(const void *key, const void *member)
{
	const struct p2p_bdf *bdf = key;
	const struct p2p_lspci_function *function = *(struct p2p_lspci_function *const *)member;

	return p2p_bdf_compare(*bdf, function->info.bdf);
}

static struct p2p_lspci_function *find(const struct chosen *chosen, struct p2p_bdf bdf)
{
	struct p2p_lspci_function **found = chosen->count
						    ? bsearch(&bdf, chosen->function, chosen->count,
							      sizeof(void *), compare_function)
						    : NULL;

	return found ? *found : NULL;
}

static bool choose(struct p2p_lspci *lspci, uint32_t machine, struct chosen *chosen)
{
	chosen->function = calloc((size_t)lspci->count + 1, sizeof(void *));
	if (!chosen->function)
		return false;
	for (uint32_t i = 0; i < lspci->count; i++)
		if (lspci->functions[i].machine == machine + 1 && !lspci->functions[i].merged_into)
			chosen->function[chosen->count++] = &lspci->functions[i];
	if (chosen->count)
		qsort(chosen->function, chosen->count, sizeof(void *), compare_addresses);
	return true;
}

/* A path names all bridges above a function, so the last leads to its bus. */
static void learn_from_paths(const struct chosen *chosen)
{
	for (uint32_t i = 0; i < chosen->count; i++) {
		const struct p2p_lspci_function *function = chosen->function[i];
		struct p2p_lspci_function *above =
			function->has_above ? find(chosen, function->above) : NULL;
		uint8_t bus = function->info.bdf.bus;

		if (!above || bus <= above->info.bdf.bus || above->proof.hex ||
		    above->proof.signs & P2P_SIGN(BUS))
			continue;
		if (!above->info.secondary || bus < above->info.secondary)
			above->info.secondary = bus;
		if (bus > above->info.subordinate)
			above->info.subordinate = bus;
		if (above->info.kind == P2P_KIND_ENDPOINT)
			above->info.kind = P2P_KIND_BRIDGE;
	}
	/* Ranges hold those of the bridges below; deeper ones come later in order of address. */
	for (uint32_t i = chosen->count; i-- > 0;) {
		const struct p2p_lspci_function *function = chosen->function[i];
		struct p2p_lspci_function *above =
			function->has_above ? find(chosen, function->above) : NULL;

		if (above && above->info.secondary &&
		    above->info.subordinate < function->info.subordinate)
			above->info.subordinate = function->info.subordinate;
	}
}

static void forget_buses(struct p2p_lspci *lspci, struct p2p_lspci_function *function)
{
	char bdf[P2P_BDF_TEXT];

	p2p_build_warn(lspci->machine,
		       "%s:%u: %s: another bridge has a part of its buses, too; they are unknown",
		       lspci->input->path, function->line, p2p_bdf_text(function->info.bdf, bdf));
	function->info.secondary = function->info.subordinate = 0;
}

/* Two bridges that lead to one bus are not both what the text says. */
static void check_buses(struct p2p_lspci *lspci, const struct chosen *chosen)
{
	struct p2p_lspci_function *owner[256] = { NULL };
	uint32_t domain = UINT32_MAX;

	for (uint32_t i = 0; i < chosen->count; i++) {
		struct p2p_lspci_function *function = chosen->function[i];
		struct p2p_lspci_function *other;
		char where[256];

		if (function->info.bdf.domain != domain)
			memset(owner, 0, sizeof(owner));
		domain = function->info.bdf.domain;
		snprintf(where, sizeof(where), "%s:%u", lspci->input->path, function->line);
		p2p_build_check_buses(lspci->machine, &function->info, where);
		if (!function->info.secondary)
			continue;
		other = owner[function->info.secondary];
		if (!other) {
			owner[function->info.secondary] = function;
			continue;
		}
		forget_buses(lspci, function);
		if (other->info.secondary)
			forget_buses(lspci, other);
	}
}

static void distrust(struct p2p_lspci_function *function)
{
	struct p2p_node_info *info = &function->info;

	info->pcie = P2P_UNKNOWN;
	info->port_type = 0;
	info->acs = (struct p2p_acs){ P2P_UNKNOWN, 0, 0 };
	if (p2p_kind_is_bridge(info->kind))
		info->kind = P2P_KIND_BRIDGE;
}

/* What is directly below a port that has a link: PCIe 1.3 and 7.5.3.2. */
static bool is_possible_below(const struct p2p_node_info *info, enum p2p_kind above)
{
	bool link = above == P2P_KIND_ROOT_PORT || above == P2P_KIND_DOWNSTREAM_PORT;

	if (info->kind == P2P_KIND_ROOT_PORT)
		return false;
	if (info->pcie == P2P_PRESENT && (info->port_type == 9 || info->port_type == 10))
		return false;
	if (info->pcie == P2P_ABSENT)
		return !link && above != P2P_KIND_UPSTREAM_PORT;
	if (info->kind == P2P_KIND_DOWNSTREAM_PORT)
		return !link;
	return info->kind != P2P_KIND_UPSTREAM_PORT || above != P2P_KIND_UPSTREAM_PORT;
}

/* A record that has become another's by lost lines does not fit where it is. */
static void check_places(const struct chosen *chosen)
{
	const struct p2p_lspci_function *owner[256] = { NULL };
	uint32_t domain = UINT32_MAX;

	/* In order of address bridges come before what is below them. */
	for (uint32_t i = 0; i < chosen->count; i++) {
		struct p2p_lspci_function *function = chosen->function[i];
		const struct p2p_lspci_function *above;

		if (function->info.bdf.domain != domain)
			memset(owner, 0, sizeof(owner));
		domain = function->info.bdf.domain;
		above = owner[function->info.bdf.bus];
		if (above && !function->proof.hex &&
		    !is_possible_below(&function->info, above->info.kind))
			distrust(function);
		if (function->info.secondary)
			owner[function->info.secondary] = function;
	}
}

static void distrust_buses(struct p2p_lspci_function *function)
{
	distrust(function);
	function->info.secondary = function->info.subordinate = 0;
}

/*
 * A bus whose bridge is missing shows that lines are: the bridge's, and who knows how much of the
 * record before it, which then goes on in what is left of the bridge's. The bridge is on a bus
 * between that of the narrowest range around it and its own, or before all if there is no such
 * range. Or the bridge is there, and has another's bus numbers in place of its own.
 */
static void distrust_before(const struct chosen *domain, uint32_t orphan, unsigned int first_bus)
{
	uint8_t bus = domain->function[orphan]->info.bdf.bus;
	bool before = false;

	for (uint32_t i = orphan; i-- > 0 && !before;) {
		struct p2p_lspci_function *function = domain->function[i];

		if (function->info.bdf.bus == bus)
			continue;
		before = function->info.bdf.bus < first_bus;
		if (function->proof.hex || !function->proof.signs)
			continue;
		if (before)
			distrust(function);
		else
			distrust_buses(function);
	}
}

/* Where records are in no order, that before the missing one may be any. */
static void distrust_all(const struct chosen *domain)
{
	for (uint32_t i = 0; i < domain->count; i++)
		if (!domain->function[i]->proof.hex && domain->function[i]->proof.signs)
			distrust_buses(domain->function[i]);
}

/* The narrowest bridge around a bus, by its numbers. */
struct around {
	uint8_t first[256]; /* the secondary bus of that bridge; 0: none */
	uint16_t width[256];
};

static void note_range(struct around *around, const struct p2p_node_info *info)
{
	uint16_t width = (uint16_t)(info->subordinate - info->secondary + 1);

	for (unsigned int bus = info->secondary; info->secondary && bus <= info->subordinate;
	     bus++) {
		if (around->width[bus] && around->width[bus] <= width && bus != info->secondary)
			continue;
		around->first[bus] = info->secondary;
		around->width[bus] = width;
	}
}

static bool may_be_root(const struct p2p_node_info *info)
{
	return info->bdf.bus == 0 || info->class_code >> 8 == 0x0600 || info->pcie == P2P_ABSENT ||
	       info->kind == P2P_KIND_ROOT_PORT ||
	       (info->pcie == P2P_PRESENT && (info->port_type == 9 || info->port_type == 10));
}

/* Where a device is at the other end of a port's link, its further buses are virtual functions'. */
static bool is_virtual(const struct chosen *domain, const struct p2p_node_info *info, uint8_t first)
{
	const struct p2p_lspci_function *device =
		find(domain, (struct p2p_bdf){ info->bdf.domain, first, 0 });

	return first && device && device->info.kind == P2P_KIND_ENDPOINT &&
	       device->info.class_code != UINT32_MAX;
}

/* Only records can go on in others: where there are none but heads, nothing is lost. */
static void check_domain(const struct chosen *domain, bool scattered)
{
	struct around around = { .first = { 0 } };
	int latest = -1;

	for (uint32_t i = 0; i < domain->count; i++)
		note_range(&around, &domain->function[i]->info);
	for (uint32_t i = 0; i < domain->count; i++) {
		const struct p2p_node_info *info = &domain->function[i]->info;
		uint8_t bus = info->bdf.bus, first = around.first[bus];

		if (bus == latest || (first ? first == bus : may_be_root(info)) ||
		    is_virtual(domain, info, first))
			continue;
		latest = bus;
		if (scattered) {
			distrust_all(domain);
			return;
		}
		distrust_before(domain, i, first);
	}
}

static void check_missing(const struct p2p_lspci *lspci, const struct chosen *chosen)
{
	struct chosen domain = { .count = 0 };
	bool scattered = false;

	for (uint32_t i = 0; i < lspci->run_count; i++)
		scattered |= lspci->runs[i].scattered;

	for (uint32_t start = 0; start < chosen->count; start += domain.count) {
		domain.function = chosen->function + start;
		domain.count = 1;
		while (start + domain.count < chosen->count &&
		       domain.function[domain.count]->info.bdf.domain ==
			       domain.function[0]->info.bdf.domain)
			domain.count++;
		check_domain(&domain, scattered);
	}
}

/* A device whose link is not shown has the link of the port it is plugged into. */
static void share_links(const struct chosen *chosen)
{
	const struct p2p_link *below[256] = { NULL };
	uint32_t domain = UINT32_MAX;

	for (uint32_t i = 0; i < chosen->count; i++) {
		struct p2p_lspci_function *function = chosen->function[i];
		struct p2p_link *link = &function->info.link;
		uint8_t bus = function->info.bdf.bus;

		if (function->info.bdf.domain != domain)
			memset(below, 0, sizeof(below));
		domain = function->info.bdf.domain;
		if (!link->width && below[bus]) {
			link->speed = below[bus]->speed;
			link->width = below[bus]->width;
		}
		if (function->info.secondary && function->device.link_below.width)
			below[function->info.secondary] = &function->device.link_below;
	}
}

static void note_privileges(struct p2p_machine *machine, const struct p2p_lspci_function *function)
{
	struct p2p_machine_facts *platform = &machine->platform;

	if (function->proof.denied)
		platform->root = P2P_ABSENT;
	else if (function->proof.capabilities && platform->root == P2P_UNKNOWN)
		platform->root = P2P_PRESENT;
	if (function->info.iommu_group >= 0)
		platform->iommu = P2P_PRESENT;
}

static int add_functions(struct p2p_lspci *lspci, const struct chosen *chosen)
{
	struct p2p_machine *machine = lspci->machine;

	for (uint32_t i = 0; i < chosen->count; i++) {
		struct p2p_lspci_function *function = chosen->function[i];
		p2p_node root;
		int rc = 0;

		if (function->on_root_bus)
			rc = p2p_build_root_add(machine, function->info.bdf, &root);
		if (!rc)
			rc = p2p_build_add(machine, &function->info, &function->node);
		if (rc)
			return rc;
		*p2p_build_device(machine, function->node) = function->device;
		note_privileges(machine, function);
	}
	/* Nothing shows that no function was left out. */
	p2p_fabric_set_partial(machine->builder);
	return 0;
}

int p2p_lspci_build(struct p2p_lspci *lspci)
{
	struct sorting sorting = { .lspci = lspci };
	struct chosen chosen = { .count = 0 };
	uint32_t wanted = lspci->input->machine ? lspci->input->machine - 1 : 0;
	int rc = -ENOMEM;

	if (sort_listings(&sorting) && choose(lspci, wanted, &chosen)) {
		learn_from_paths(&chosen);
		check_buses(lspci, &chosen);
		check_places(&chosen);
		check_missing(lspci, &chosen);
		share_links(&chosen);
		name_others(&sorting, wanted);
		rc = add_functions(lspci, &chosen);
	}
	if (!rc && wanted && wanted >= sorting.machines)
		rc = -ENOENT;
	if (lspci->pathless)
		p2p_build_warn(
			lspci->machine,
			"%s: %u functions are named by paths without bus numbers (lspci -P); "
			"they are left out; give lspci -PP",
			lspci->input->path, lspci->pathless);
	free(sorting.first);
	free(chosen.function);
	return rc;
}
