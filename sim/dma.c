// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A client's DMA: cut into requests, each routed on its own, its bytes moved where it landed.
 */
#include "private.h"

#include <errno.h>
#include <string.h>

static void route(struct sim_request *request, uint64_t address, struct sim_result *result)
{
	const struct sim_object *client = sim_object(request, request->client);

	request->address = address;
	request->redirected = request->host_owns = false;
	request->result = result;
	result->hop_count = 0;
	result->bits = 0;
	result->bar = 0;
	result->offset = 0;
	if (!client->registers.present || !client->registers.bus_master) {
		sim_die(request, request->client, SIM_NOT_SENT, 0,
			client->registers.present ? "the client's bus master bit is clear"
						  : "the client is gone");
		request->result = NULL;
		return;
	}
	sim_hop(request, request->client, SIM_SENDS, 0);
	if (client->info.kind == SIM_COHERENT) {
		request->host_owns = true;
		sim_go_cpu(request, SIM_NO_NODE);
	} else {
		sim_go_up(request, request->client);
	}
	if (result->outcome == SIM_LANDED && !request->write)
		sim_complete(request);
	request->result = NULL;
}

static bool same_way(const struct sim_result *a, const struct sim_result *b)
{
	uint32_t kept = a->hop_count < SIM_HOPS_MAX ? a->hop_count : SIM_HOPS_MAX;

	if (a->hop_count != b->hop_count)
		return false;
	for (uint32_t i = 0; i < kept; i++)
		if (a->hop[i].node != b->hop[i].node || a->hop[i].action != b->hop[i].action ||
		    a->hop[i].bits != b->hop[i].bits)
			return false;
	return true;
}

/* Whether what follows `whole` directly shares its fate. */
static bool same_fate(const struct sim_result *whole, const struct sim_result *next)
{
	if (whole->outcome != next->outcome || whole->where != next->where ||
	    whole->why != next->why || !same_way(whole, next))
		return false;
	return whole->outcome != SIM_LANDED ||
	       (whole->bar == next->bar && whole->offset + whole->bytes == next->offset);
}

/* PCIe 2.2.7: a request does not cross a 4 KiB boundary. */
static uint64_t one_request(uint64_t address, uint64_t left)
{
	uint64_t room = SIM_PAGE - address % SIM_PAGE;

	return left < room ? left : room;
}

static bool is_client(const struct sim_machine *machine, sim_node node)
{
	const struct sim_info *info = sim_info(machine, node);

	return info && info->kind != SIM_RAM && info->kind != SIM_HOST_BRIDGE;
}

/* Moves the part that starts `done` bytes into the DMA; only one of `to` and `from` is used. */
static int move(const struct sim_request *request, const struct sim_result *result, uint8_t *to,
		const uint8_t *from, uint64_t done, uint64_t size)
{
	struct sim_machine *machine = request->machine;

	if (request->write)
		return result->outcome != SIM_LANDED ? 0
						     : sim_poke(machine, result->where, result->bar,
								result->offset, from + done, size);
	if (result->outcome == SIM_LANDED)
		return sim_peek(machine, result->where, result->bar, result->offset, to + done,
				size);
	memset(to + done, 0xff, size);
	return 0;
}

static int dma(struct sim_request *request, uint64_t address, uint8_t *to, const uint8_t *from,
	       uint64_t size, struct sim_result *result)
{
	struct sim_result next, *routed = result;

	if (!is_client(request->machine, request->client) || !size ||
	    size - 1 > UINT64_MAX - address)
		return -EINVAL;
	result->bytes = 0;
	while (result->bytes < size) {
		uint64_t part = one_request(address + result->bytes, size - result->bytes);
		int rc;

		route(request, address + result->bytes, routed);
		if (routed == &next && !same_fate(result, &next))
			break;
		rc = move(request, routed, to, from, result->bytes, part);
		if (rc)
			return rc;
		result->bytes += part;
		routed = &next;
	}
	return 0;
}

int sim_write(struct sim_machine *machine, sim_node client, p2p_dma_addr address, const void *bytes,
	      uint64_t size, unsigned int flags, struct sim_result *result)
{
	struct sim_request request = {
		.machine = machine,
		.client = client,
		.write = true,
		.translated = flags & SIM_TRANSLATED,
		.relaxed = flags & SIM_RELAXED,
	};

	return dma(&request, address.value, NULL, bytes, size, result);
}

int sim_read(struct sim_machine *machine, sim_node client, p2p_dma_addr address, void *bytes,
	     uint64_t size, unsigned int flags, struct sim_result *result)
{
	struct sim_request request = {
		.machine = machine,
		.client = client,
		.translated = flags & SIM_TRANSLATED,
		.relaxed = flags & SIM_RELAXED,
	};

	return dma(&request, address.value, bytes, NULL, size, result);
}

int sim_route(struct sim_machine *machine, sim_node client, p2p_dma_addr address, bool write,
	      unsigned int flags, struct sim_result *result)
{
	struct sim_request request = {
		.machine = machine,
		.client = client,
		.write = write,
		.translated = flags & SIM_TRANSLATED,
		.relaxed = flags & SIM_RELAXED,
	};

	if (!is_client(machine, client))
		return -EINVAL;
	route(&request, address.value, result);
	result->bytes = 1;
	return 0;
}
