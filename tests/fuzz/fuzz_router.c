// SPDX-License-Identifier: MIT
/*
 * Fuzzes router, reasons and remedies with fabrics of the fuzzer's making: four bytes that say
 * what is asked and known of the machine, then RECORD bytes for each node, in any order and shape.
 * Knowing less of a node may only make more verdicts possible.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/explain.h>

#include "machine/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD      4
#define RECORD    12
#define NODES_MAX 24 /* enough for two sockets with two switches each */

/* Takes any value to P2P_UNKNOWN, P2P_ABSENT or P2P_PRESENT. */
static enum p2p_known known(unsigned int value)
{
	return (enum p2p_known)(value % 3);
}

/* Vendors and devices of allowlist rows, quirks and the CPUs' own functions, and nobody's. */
static void set_ids(struct p2p_node_info *info, uint8_t choice)
{
	static const uint16_t ids[][2] = {
		{ P2P_ID_UNKNOWN, P2P_ID_UNKNOWN },
		{ 0x8086, 0x3c00 },
		{ 0x8086, 0x09a2 },
		{ 0x8086, 0x2030 },
		{ 0x8086, 0xa110 },
		{ 0x1022, 0x1480 },
		{ 0x1022, 0x7801 },
		{ 0x10de, 0x1ad0 },
		{ 0x1d0f, 0x0200 },
		{ 0x1b36, 0x0008 },
		{ 0x10b5, 0x8796 },
	};
	const uint16_t *id = ids[choice % (sizeof(ids) / sizeof(ids[0]))];

	info->vendor = id[0];
	info->device = id[1];
}

static void read_record(const uint8_t *record, struct p2p_node_info *info)
{
	p2p_node_info_init(info);
	info->kind = (enum p2p_kind)(record[0] % (P2P_KIND_OFF_BUS + 1));
	if (record[1])
		info->parent = record[1] - 1u;
	info->bdf = (struct p2p_bdf){ record[2] >> 6, record[2] & 0x3f, record[3] };
	set_ids(info, record[4]);
	info->secondary = record[5];
	info->subordinate = record[6];
	info->acs.known = known(record[7]);
	info->acs.capability = record[8];
	info->acs.control = record[9];
	info->gap = record[10] & 1;
	info->partial = record[10] & 2;
	/* No source says that of a function without PCI Express. */
	info->pcie = info->acs.known == P2P_PRESENT ? P2P_PRESENT : known(record[10] >> 2);
	info->port_type = record[11] & 0xf;
	if (record[11] & 0x10)
		info->class_code = record[11] & 0x20 ? 0x030000 : 0x060000;
}

/* What is known of node `blind`'s ACS is left out; P2P_NO_NODE: of none. NULL: no fabric. */
static struct p2p_machine *build(const uint8_t *data, size_t size, p2p_node blind)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	struct p2p_node_info info;
	p2p_node node;

	if (p2p_build_new("fuzz", &machine))
		return NULL;
	machine->platform.root = known(data[1] >> 4);
	machine->platform.hypervisor = known(data[2] >> 4);
	if (data[3] & 0x80)
		p2p_fabric_set_partial(machine->builder);
	for (size_t at = HEAD; at + RECORD <= size && at < HEAD + RECORD * NODES_MAX;
	     at += RECORD) {
		read_record(data + at, &info);
		if (blind != P2P_NO_NODE && (at - HEAD) / RECORD == blind)
			info.acs.known = P2P_UNKNOWN;
		p2p_build_add(machine, &info, &node);
	}
	if (!p2p_build_finish(machine, &error))
		return machine;
	if (!error.text[0] || strchr(error.text, '\n'))
		abort();
	p2p_machine_free(machine);
	return NULL;
}

static struct p2p_router *make_router(const struct p2p_machine *machine,
				      const struct p2p_policy *policy, const uint8_t *head)
{
	const struct p2p_platform platform = {
		.arch = (enum p2p_arch)(head[1] % 3),
		.cpu_vendor = (enum p2p_cpu_vendor)(head[2] % 3),
		.cpu_family = head[3] & 0x1f,
		.iommu = known(head[3] >> 5),
	};
	struct p2p_router *router;

	return p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &router) ? NULL
										       : router;
}

/* One possible verdict is the verdict; several are an unknown one; none cannot be. */
static void check_route(const struct p2p_fabric *fabric, const struct p2p_route *route)
{
	const unsigned int all = P2P_POSSIBLE(P2P_VERDICT_DIRECT) |
				 P2P_POSSIBLE(P2P_VERDICT_VIA_HOST) |
				 P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE);
	bool one = route->possible && !(route->possible & (route->possible - 1u));

	if (!route->possible || route->possible & ~all)
		abort();
	if (one ? route->possible != P2P_POSSIBLE(route->verdict)
		: route->verdict != P2P_VERDICT_UNKNOWN)
		abort();
	if (route->verdict == P2P_VERDICT_UNREACHABLE && route->distance != -1)
		abort();
	if (route->common != P2P_NO_NODE && route->common >= p2p_fabric_count(fabric))
		abort();
}

static void check_reasons(const struct p2p_explained_reason *reasons, uint32_t count)
{
	if (!count)
		abort();
	for (uint32_t i = 0; i < count; i++)
		if (!*reasons[i].text || strchr(reasons[i].text, '\n'))
			abort();
}

static void check_remedies(const struct p2p_explanation *explanation)
{
	if (explanation->route.verdict == P2P_VERDICT_DIRECT && explanation->remedy_count)
		abort();
	for (uint32_t i = 0; i < explanation->remedy_count; i++)
		if (!*explanation->remedies[i].text)
			abort();
}

static void ask(const struct p2p_machine *machine, const struct p2p_router *router,
		const struct p2p_router *hardware, p2p_node client, p2p_node provider)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	struct p2p_explanation *explanation;
	struct p2p_explain_options options;

	p2p_explain_options_init(&options, sizeof(options));
	options.hardware = hardware;
	if (!p2p_explain(machine, router, client, provider, &options, &explanation, NULL)) {
		check_route(fabric, &explanation->route);
		check_route(fabric, &explanation->back);
		check_route(fabric, &explanation->hardware_route);
		check_reasons(explanation->reasons, explanation->reason_count);
		check_reasons(explanation->hardware_reasons, explanation->hardware_reason_count);
		check_remedies(explanation);
		p2p_explanation_free(explanation);
	} else if (!p2p_route_check(fabric, client, provider)) {
		abort();
	}
}

/* A provider for a client, so that all pairs come up over many inputs, not in each. */
static p2p_node partner(const uint8_t *head, p2p_node client, uint32_t count)
{
	return (client * 7 + head[0] / 8u + head[1]) % count;
}

static void compare(const struct p2p_router *router, const struct p2p_router *blinder,
		    const uint8_t *head, uint32_t count)
{
	struct p2p_route told, guessed;

	for (p2p_node client = 0; client < count; client++) {
		p2p_node provider = partner(head, client, count);

		if (p2p_route_find(router, client, provider, &told) ||
		    p2p_route_find(blinder, client, provider, &guessed))
			continue;
		if (told.possible & ~guessed.possible)
			abort();
	}
}

static void ask_with(const struct p2p_machine *machine, const struct p2p_machine *blind,
		     const struct p2p_policy *policy, const uint8_t *head)
{
	struct p2p_router *router = make_router(machine, policy, head);
	struct p2p_router *hardware = make_router(machine, p2p_policy_hardware(), head);
	struct p2p_router *blinder = blind ? make_router(blind, policy, head) : NULL;
	uint32_t count = p2p_fabric_count(p2p_machine_fabric(machine));

	for (p2p_node client = 0; router && hardware && client < count; client++) {
		ask(machine, router, hardware, client, client);
		ask(machine, router, hardware, client, partner(head, client, count));
	}
	if (router && blinder)
		compare(router, blinder, head, count);
	p2p_router_free(blinder);
	p2p_router_free(hardware);
	p2p_router_free(router);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Rules that were read, sets of them, and from before and after all that is known. */
	static const char *const releases[] = { "4.9", "4.20",   "5.4", "5.10", "6.1",     "6.6",
						"6.9", "6.12.5", "7.3", "99.1", "hardware" };
	const struct p2p_policy *policy;
	struct p2p_machine *machine, *blind;
	enum p2p_policy_fit fit;

	if (size < HEAD)
		return 0;
	machine = build(data, size, P2P_NO_NODE);
	if (!machine)
		return 0;
	blind = build(data, size, data[0] % NODES_MAX);
	/* Which nodes there are must not depend on their ACS. */
	if (!blind || p2p_fabric_count(p2p_machine_fabric(blind)) !=
			      p2p_fabric_count(p2p_machine_fabric(machine)))
		abort();
	for (size_t i = data[0] % 3; i < sizeof(releases) / sizeof(releases[0]); i += 3) {
		if (p2p_policy_find(releases[i], &policy, &fit))
			abort();
		ask_with(machine, blind, policy, data);
	}
	p2p_machine_free(blind);
	p2p_machine_free(machine);
	return 0;
}
