// SPDX-License-Identifier: MIT
/*
 * `p2pmem topo --json`: the whole forest, one node a line. Its fields: p2pmem-topo(1).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/acs.h>

#include "format.h"
#include "exit.h"
#include "json.h"
#include <p2pmem/topology.h>
#include "topo.h"

static json_t *positive(uint64_t number)
{
	return number ? json_integer((json_int_t)number) : json_null();
}

static json_t *reference(const uint32_t *ids, p2p_node node)
{
	return node == P2P_NO_NODE ? json_null() : json_integer(ids[node]);
}

static json_t *id(uint16_t number)
{
	return number == P2P_ID_UNKNOWN ? json_null() : json_sprintf("%04x", number);
}

static json_t *class_code(uint32_t number)
{
	return number > 0xffffff ? json_null() : json_sprintf("%06" PRIx32, number);
}

static json_t *acs(const struct p2p_node_info *info)
{
	enum p2p_known state = p2p_acs_known(info);
	bool present = state == P2P_PRESENT;

	return json_pack("{s:o, s:o, s:o, s:s}", "present", cli_json_known(state), "capability",
			 present ? cli_json_acs(info->acs.capability) : json_null(), "control",
			 present ? cli_json_acs(info->acs.control) : json_null(), "quirk",
			 p2p_acs_quirk_name(p2p_acs_quirk(info)));
}

static json_t *link_object(const struct p2p_link *link)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "speed", positive(link->speed), "width",
			 positive(link->width), "max_speed", positive(link->max_speed), "max_width",
			 positive(link->max_width), "bandwidth",
			 positive(p2p_link_bandwidth(link)));
}

static json_t *hex(bool is_known, uint64_t value)
{
	return is_known ? json_sprintf("0x%" PRIx64, value) : json_null();
}

static json_t *ranges(const struct p2p_range *list, uint32_t count)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < count; i++) {
		const struct p2p_range *range = &list[i];

		if (!range->size)
			continue;
		json_array_append_new(array,
				      json_pack("{s:i, s:I, s:o, s:o, s:b, s:b, s:b, s:b}", "index",
						(int)i, "size", (json_int_t)range->size, "cpu",
						hex(range->cpu_known, range->cpu.value), "bus",
						hex(range->bus_known, range->bus.value), "memory",
						!!(range->flags & P2P_RANGE_MEMORY), "io",
						!!(range->flags & P2P_RANGE_IO), "prefetchable",
						!!(range->flags & P2P_RANGE_PREFETCH), "64bit",
						!!(range->flags & P2P_RANGE_64BIT)));
	}
	return array;
}

static json_t *windows(const struct p2p_fabric *fabric, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	uint32_t count;
	const struct p2p_range *list = p2p_fabric_windows(fabric, node, &count);

	return info->kind == P2P_KIND_HOST_BRIDGE ? ranges(list, count)
						  : ranges(info->window, P2P_BRIDGE_WINDOWS);
}

/* What is published, by a driver or by p2pmem.ko; `provider` is NULL or another state: nothing. */
static json_t *memory(enum p2p_known known, const struct p2p_provider_info *provider)
{
	if (!provider || provider->state > P2P_PROVIDER_PRIVATE)
		return json_pack("{s:o, s:n, s:n, s:n, s:n}", "present", cli_json_known(known),
				 "size", "available", "published", "node");
	return json_pack(
		"{s:b, s:I, s:o, s:b, s:o}", "present", true, "size", (json_int_t)provider->size,
		"available", cli_json_count(provider->available), "published",
		provider->state == P2P_PROVIDER_PUBLISHED, "node", cli_json_node(provider->module));
}

struct listing {
	const struct p2p_machine *machine;
	uint32_t *ids;                             /* by node: its place in the tree's order */
	const struct p2p_provider_info **provider; /* by node: what it does best, or NULL */
};

/* The object of one node; NULL when memory is lacking, as jansson's functions pass it on. */
static json_t *node_object(const struct listing *listing, p2p_node node)
{
	const struct p2p_machine *machine = listing->machine;
	const uint32_t *ids = listing->ids;
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	const struct p2p_device *device = p2p_machine_device(machine, node);
	json_t *object = json_object();
	const struct {
		const char *key;
		json_t *value;
	} fields[] = {
		{ "id", json_integer(ids[node]) },
		{ "parent", reference(ids, p2p_fabric_parent(fabric, node)) },
		{ "address", cli_json_address(fabric, node) },
		{ "type", json_string(info->unplaced ? "bus" : cli_json_type(info->kind)) },
		{ "kind", json_string(p2p_device_kind_name(p2p_device_kind(machine, node))) },
		{ "names", cli_json_names(machine, node) },
		{ "model", cli_json_text(device->model) },
		{ "vendor", id(info->vendor) },
		{ "device", id(info->device) },
		{ "subsystem_vendor", id(info->subsystem_vendor) },
		{ "subsystem_device", id(info->subsystem_device) },
		{ "class", class_code(info->class_code) },
		{ "driver_bound", cli_json_known(device->driver_known) },
		{ "driver", cli_json_text(device->driver) },
		{ "label", cli_json_text(device->label) },
		{ "slot", cli_json_text(device->slot) },
		{ "physical_function", reference(ids, device->physical_function) },
		{ "pcie", cli_json_known(info->pcie) },
		{ "secondary", positive(info->secondary) },
		{ "subordinate", positive(info->subordinate) },
		{ "acs", acs(info) },
		{ "link", link_object(&info->link) },
		{ "link_below", link_object(&device->link_below) },
		{ "bars", ranges(info->bar, P2P_BARS) },
		{ "windows", windows(fabric, node) },
		{ "numa_node", cli_json_natural(info->numa_node) },
		{ "iommu_group", cli_json_natural(info->iommu_group) },
		{ "iommu_domain",
		  cli_json_text(p2p_machine_group_type(machine, info->iommu_group)) },
		{ "peer_memory", memory(device->memory.known, listing->provider[node]) },
		{ "partial", json_boolean(info->partial) },
		{ "parent_known", json_boolean(!info->unplaced && !info->gap) },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!json_object_set_new(object, fields[i].key, fields[i].value))
			continue;
		json_decref(object);
		object = NULL;
	}
	return object;
}

static int print_all(const struct listing *listing, const p2p_node *order, uint32_t count)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < count; i++) {
		json_t *object = node_object(listing, order[i]);

		fputs(i ? ",\n  " : "\n  ", stdout);
		rc = object ? json_dumpf(object, stdout, JSON_PRESERVE_ORDER) : -1;
		json_decref(object);
	}
	return rc;
}

static int print_nodes(const struct cli_view *view)
{
	uint32_t count = p2p_fabric_count(view->fabric), provider_count = 0;
	const p2p_node *order = p2p_fabric_order(view->fabric);
	struct listing listing = { .machine = view->machine };
	struct p2p_provider_info *providers = NULL;
	int rc = -1;

	listing.ids = malloc(sizeof(*listing.ids) * (count + 1));
	listing.provider = calloc(count + 1, sizeof(struct p2p_provider_info *));
	if (listing.ids && listing.provider)
		rc = cli_view_providers(view, P2P_NO_NODE, &providers, &provider_count);
	if (!rc) {
		for (uint32_t i = 0; i < count; i++)
			listing.ids[order[i]] = i;
		/* The best of a node comes first. */
		for (uint32_t i = provider_count; i--;)
			listing.provider[providers[i].node] = &providers[i];
		rc = print_all(&listing, order, count);
	}
	free(listing.ids);
	free(listing.provider);
	free(providers);
	return rc;
}

int cli_topo_json(const struct cli_view *view)
{
	json_t *head = cli_json_head(cli_view_json(view));
	int rc;

	/* The nodes go out one by one, so that a million of them need not be held as JSON. */
	if (!head)
		return cli_fail_memory();
	cli_errors_as_json(false);
	fputs("{", stdout);
	rc = json_dumpf(head, stdout, JSON_EMBED);
	json_decref(head);
	fputs(",\n \"nodes\": [", stdout);
	if (!rc)
		rc = print_nodes(view);
	if (rc && !ferror(stdout))
		return cli_fail_memory();
	printf("\n ]\n}\n");
	return cli_finish();
}
