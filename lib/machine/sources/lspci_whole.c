// SPDX-License-Identifier: MIT
/*
 * What records prove. lspci lists what a function has, never what it has not: ACS is absent only
 * where all of the list was there to be seen. Text gets filtered, trimmed and cut, and few of those
 * who do that say so, so a record has to prove itself:
 *
 *  - its end was seen, nothing in it is out of order, and no line of those that a function has once
 *    is there twice (else it is two functions', and nothing in it is anybody's);
 *  - lines that come together in one record of the listing come together in it;
 *  - its list of extended capabilities begins at 100h, where all of them begin (PCIe 7.6.1);
 *  - no other function of the same model shows what it does not.
 *
 * Where many records of a listing fail, all of it went through a filter.
 */
#include "lspci.h"

#include <errno.h>
#include <stdlib.h>

/* Lines that lspci prints together, for those functions that have any of them. */
static const uint64_t companions[] = {
	P2P_SIGN(CONTROL) | P2P_SIGN(STATUS),
	P2P_SIGN(BUS) | P2P_SIGN(IO_WINDOW) | P2P_SIGN(MEMORY_WINDOW) | P2P_SIGN(PREFETCH_WINDOW) |
		P2P_SIGN(SECONDARY_STATUS) | P2P_SIGN(BRIDGE_CONTROL),
	P2P_SIGN(EXPRESS) | P2P_SIGN(DEVICE_CAP),
	P2P_SIGN(DEVICE_CAP) | P2P_SIGN(DEVICE_CTL) | P2P_SIGN(DEVICE_STA),
	P2P_SIGN(LINK_CAP) | P2P_SIGN(LINK_CTL) | P2P_SIGN(LINK_STA),
	P2P_SIGN(AER) | P2P_SIGN(AER_UESTA) | P2P_SIGN(AER_UEMSK) | P2P_SIGN(AER_UESVRT) |
		P2P_SIGN(AER_CESTA) | P2P_SIGN(AER_CEMSK) | P2P_SIGN(AER_CAP),
	P2P_SIGN(ACS) | P2P_SIGN(ACS_CAP) | P2P_SIGN(ACS_CTL),
};

/* Of a listing with so many records in which lines are missing (one in four), none is whole. */
#define BROKEN_SHARE 4

static bool lacks_companions(uint64_t signs, uint64_t all)
{
	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++)
		if (signs & companions[i] && (signs ^ all) & companions[i])
			return true;
	return false;
}

static bool is_bridge(const struct p2p_node_info *info)
{
	return info->class_code >> 8 == 0x0604 || info->class_code >> 8 == 0x0609;
}

static bool has_body(const struct p2p_lspci_proof *proof)
{
	return proof->signs || proof->capabilities || proof->denied;
}

/* Lines without which lspci prints no function in this listing. */
static bool lacks_lines(const struct p2p_lspci_function *function, const struct p2p_lspci_run *run)
{
	const struct p2p_lspci_proof *proof = &function->proof;

	if (!(proof->signs & (P2P_SIGN(CONTROL) | P2P_SIGN(FLAGS))))
		return true;
	if (is_bridge(&function->info) && !(proof->signs & P2P_SIGN(BUS)))
		return true;
	if (proof->extended && !proof->extended_first)
		return true;
	if (proof->capabilities && proof->list == P2P_ABSENT)
		return true;
	/* Details without the capability that they are of. */
	if (proof->signs & (P2P_SIGN(DEVICE_CAP) | P2P_SIGN(LINK_CAP) | P2P_SIGN(LINK_STA)) &&
	    !(proof->signs & P2P_SIGN(EXPRESS)))
		return true;
	/* Where records end in a blank line, one that does not goes on elsewhere. */
	if (!proof->ended_blank && !(proof->signs & P2P_SIGN(KERNEL)) &&
	    run->blanks * 2 > run->bodies)
		return true;
	return lacks_companions(proof->signs, run->signs);
}

static void judge_record(struct p2p_lspci_function *function, struct p2p_lspci_run *run)
{
	struct p2p_lspci_proof *proof = &function->proof;

	if (!has_body(proof) || proof->trimmed)
		return;
	proof->broken |= lacks_lines(function, run);
	run->broken += proof->broken;
}

static bool is_port(const struct p2p_lspci_function *function)
{
	return function->proof.signs & P2P_SIGN(EXPRESS) && function->info.port_type >= 4 &&
	       function->info.port_type <= 6;
}

static bool is_whole(const struct p2p_lspci_function *function, const struct p2p_lspci_run *run)
{
	const struct p2p_lspci_proof *proof = &function->proof;

	/* Linux has a driver for every port, so its line closes every port's record. */
	if (is_port(function) && run->signs & ~proof->signs & P2P_SIGN(KERNEL))
		return false;
	return proof->ended && !proof->broken && !proof->trimmed && !proof->denied &&
	       !run->filtered;
}

/* Only bridges' heads, or lines that no filter drops alone: then it may be any function's. */
static bool is_bare_control_its_own(const struct p2p_lspci_function *function,
				    const struct p2p_lspci_run *run)
{
	return run->others && is_bridge(&function->info) && !(run->signs & P2P_SIGN(CONTROL));
}

/* Lines that come before ACS in every record of a function that has it. */
static uint64_t before_acs(const struct p2p_node_info *info)
{
	return P2P_SIGN(EXPRESS) | (is_bridge(info) ? P2P_SIGN(BUS) : 0);
}

/*
 * Who prints ACSCap and the capability's own line somewhere prints them everywhere: an ACSCtl
 * without them was another function's. Where everything but ACSCtl was filtered out, the lines of
 * functions whose heads were filtered out too would be taken for those of the bridge before.
 */
static bool is_control_its_own(const struct p2p_lspci_function *function,
			       const struct p2p_lspci_run *run)
{
	const struct p2p_lspci_proof *proof = &function->proof;
	/* Nor does a text go without them that has the first lines of records. */
	uint64_t first = P2P_SIGN(CONTROL);
	bool heads = run->signs & (P2P_SIGN(ACS) | first);
	bool caps = run->signs & (P2P_SIGN(ACS_CAP) | first);

	if (!(proof->signs & P2P_SIGN(ACS_CTL)) || proof->acs_controls != 1)
		return false;
	/* In a gap before it may have been another's head. */
	if (run->signs & ~proof->signs & before_acs(&function->info))
		return false;
	if (caps && (proof->acs_caps != 1 || !proof->control_follows))
		return false;
	if (heads && (proof->acs_heads != 1 || (caps && !proof->cap_follows)))
		return false;
	return heads || caps || is_bare_control_its_own(function, run);
}

static void settle_pcie(struct p2p_lspci_function *function, bool whole)
{
	struct p2p_lspci_proof *proof = &function->proof;
	struct p2p_node_info *info = &function->info;
	uint64_t details = P2P_SIGN(DEVICE_CAP) | P2P_SIGN(LINK_CAP) | P2P_SIGN(LINK_STA);

	if (proof->express_unknown)
		return;
	if (proof->signs & P2P_SIGN(EXPRESS))
		info->pcie = P2P_PRESENT;
	else if (proof->acs_named || proof->extended || proof->signs & details)
		return; /* it is, and what type of it is not known */
	else if ((proof->list == P2P_ABSENT && !proof->broken) || (whole && proof->capabilities))
		info->pcie = P2P_ABSENT;
}

static void settle_acs(struct p2p_lspci_function *function, const struct p2p_lspci_run *run,
		       bool whole)
{
	const struct p2p_lspci_proof *proof = &function->proof;
	struct p2p_acs *acs = &function->info.acs;

	if (proof->acs_named) {
		if (!is_control_its_own(function, run)) {
			*acs = (struct p2p_acs){ P2P_UNKNOWN, 0, 0 };
			return;
		}
		acs->known = P2P_PRESENT;
		if (!(proof->signs & P2P_SIGN(ACS_CAP)))
			acs->capability = acs->control;
		return;
	}
	*acs = (struct p2p_acs){ P2P_UNKNOWN, 0, 0 };
	if (function->info.pcie == P2P_ABSENT ||
	    (function->info.pcie == P2P_PRESENT && whole && proof->capabilities && proof->extended))
		acs->known = P2P_ABSENT;
}

static enum p2p_kind kind_of(const struct p2p_lspci_function *function)
{
	const struct p2p_node_info *info = &function->info;

	if (info->class_code >> 8 == 0x0607)
		return P2P_KIND_PCI_BRIDGE;
	/* A tree shows buses, and no class. */
	if (!is_bridge(info) && !(function->proof.signs & P2P_SIGN(BUS)))
		return info->secondary ? P2P_KIND_BRIDGE : P2P_KIND_ENDPOINT;
	if (info->pcie == P2P_ABSENT)
		return P2P_KIND_PCI_BRIDGE;
	if (info->pcie == P2P_UNKNOWN)
		return P2P_KIND_BRIDGE;
	return p2p_config_port_kind(info->port_type);
}

/* Whether the lines below a head can be those of the function that it names. */
static bool is_foreign(const struct p2p_lspci_function *function, const struct p2p_lspci_run *run)
{
	const struct p2p_node_info *info = &function->info;
	uint64_t first = P2P_SIGN(CONTROL) | P2P_SIGN(FLAGS);
	bool port = info->port_type >= 4 && info->port_type <= 8;

	/* Two bodies, one head: nobody can tell whose the first is. */
	if (function->proof.overrun)
		return true;
	/* The first lines of a record are those that no filter drops alone. */
	if (has_body(&function->proof) && run->signs & first && !(function->proof.signs & first))
		return true;
	if (!(function->proof.signs & P2P_SIGN(EXPRESS)) || function->proof.express_unknown ||
	    info->class_code == UINT32_MAX)
		return false;
	return port != is_bridge(info);
}

/* Keeps what the head says. */
static void forget(struct p2p_lspci_function *function)
{
	struct p2p_node_info *info = &function->info, blank;
	struct p2p_device *device = &function->device;

	p2p_node_info_init(&blank);
	blank.bdf = info->bdf;
	blank.vendor = info->vendor;
	blank.device = info->device;
	blank.class_code = info->class_code;
	*info = blank;
	*device = (struct p2p_device){
		.physical_function = device->physical_function,
		.model = device->model,
	};
	info->kind = is_bridge(info) ? P2P_KIND_BRIDGE : P2P_KIND_ENDPOINT;
	function->proof.broken = true;
}

/*
 * The bytes decide what they show: they are the registers. What the words showed beyond them stays.
 */
static void settle_function(struct p2p_lspci_function *function, struct p2p_lspci_run *run)
{
	bool whole = is_whole(function, run);
	struct p2p_lspci_function words = *function;

	if (!function->proof.hex && is_foreign(function, run)) {
		forget(function);
		return;
	}
	if (!function->proof.hex) {
		settle_pcie(function, whole);
		settle_acs(function, run, whole);
		function->info.kind = kind_of(function);
		return;
	}
	if (function->info.pcie == P2P_UNKNOWN)
		settle_pcie(&words, whole);
	if (function->info.acs.known == P2P_UNKNOWN && function->proof.acs_named)
		settle_acs(&words, run, whole);
	function->info.pcie = words.info.pcie;
	function->info.acs = words.info.acs;
	if (function->info.kind == P2P_KIND_BRIDGE)
		function->info.kind = kind_of(function);
}

/*
 * A PCI Express function that shows no extended capability has none where others' can be read;
 * where nobody's can be, the machine or the reader could not reach them. All ports have some.
 */
static void settle_without_extended(struct p2p_lspci_function *function, struct p2p_lspci_run *run)
{
	const struct p2p_lspci_proof *proof = &function->proof;

	if (run->extended && !proof->hex && !proof->extended && !proof->acs_named &&
	    proof->capabilities && function->info.pcie == P2P_PRESENT &&
	    !is_bridge(&function->info) && is_whole(function, run))
		function->info.acs.known = P2P_ABSENT;
}

static int compare_models(const void *a, const void *b)
{
	const struct p2p_lspci_function *left = *(struct p2p_lspci_function *const *)a;
	const struct p2p_lspci_function *right = *(struct p2p_lspci_function *const *)b;

	if (left->proof.model != right->proof.model)
		return left->proof.model < right->proof.model ? -1 : 1;
	return 0;
}

/* By model, then by type of port: the two sides of a switch have other capabilities. */
static int compare_types(const void *a, const void *b)
{
	const struct p2p_lspci_function *left = *(struct p2p_lspci_function *const *)a;
	const struct p2p_lspci_function *right = *(struct p2p_lspci_function *const *)b;
	int order = compare_models(a, b);

	return order ? order : left->info.port_type - right->info.port_type;
}

static void compare_express(struct p2p_lspci_function *const *functions, uint32_t count)
{
	bool express = false;

	for (uint32_t i = 0; i < count; i++)
		express |= functions[i]->info.pcie == P2P_PRESENT;
	for (uint32_t i = 0; i < count && express; i++) {
		struct p2p_lspci_function *function = functions[i];

		if (function->proof.hex || function->info.pcie != P2P_ABSENT)
			continue;
		function->info.pcie = P2P_UNKNOWN;
		function->info.acs.known = P2P_UNKNOWN;
		function->info.kind = kind_of(function);
	}
}

static void compare_acs(struct p2p_lspci_function *const *functions, uint32_t count)
{
	bool present = false, absent = false;

	for (uint32_t i = 0; i < count; i++) {
		const struct p2p_lspci_function *function = functions[i];

		present |= function->proof.acs_named && !function->proof.hex;
		absent |= function->info.acs.known == P2P_ABSENT && !function->proof.hex;
	}
	for (uint32_t i = 0; i < count && present && absent; i++)
		if (!functions[i]->proof.hex)
			functions[i]->info.acs = (struct p2p_acs){ P2P_UNKNOWN, 0, 0 };
}

static void each_group(struct p2p_lspci_function **order, uint32_t count,
		       int (*compare)(const void *, const void *),
		       void (*settle)(struct p2p_lspci_function *const *, uint32_t))
{
	uint32_t start = 0;

	if (count)
		qsort(order, count, sizeof(struct p2p_lspci_function *), compare);
	for (uint32_t i = 1; i <= count; i++) {
		if (i < count && !compare(&order[start], &order[i]))
			continue;
		settle(&order[start], i - start);
		start = i;
	}
}

/* Two functions of one model that differ in what they have: one of them is not whole. */
static int compare_all(struct p2p_lspci *lspci)
{
	struct p2p_lspci_function **order = calloc((size_t)lspci->count + 1, sizeof(void *));
	uint32_t count = 0;

	if (!order)
		return -ENOMEM;
	for (uint32_t i = 0; i < lspci->count; i++)
		if (has_body(&lspci->functions[i].proof))
			order[count++] = &lspci->functions[i];
	each_group(order, count, compare_models, compare_express);
	each_group(order, count, compare_types, compare_acs);
	free(order);
	return 0;
}

static void each_function(struct p2p_lspci *lspci,
			  void (*settle)(struct p2p_lspci_function *, struct p2p_lspci_run *))
{
	for (uint32_t i = 0; i < lspci->listing_count; i++) {
		struct p2p_lspci_listing *listing = &lspci->listings[i];

		for (uint32_t j = 0; j < listing->count; j++)
			settle(&lspci->functions[listing->first + j], &lspci->runs[listing->run]);
	}
}

static void judge_run(struct p2p_lspci_run *run)
{
	run->filtered = run->broken * BROKEN_SHARE >= run->bodies;
}

int p2p_lspci_settle(struct p2p_lspci *lspci)
{
	each_function(lspci, judge_record);
	for (uint32_t i = 0; i < lspci->run_count; i++)
		judge_run(&lspci->runs[i]);
	each_function(lspci, settle_function);
	each_function(lspci, settle_without_extended);
	return compare_all(lspci);
}
