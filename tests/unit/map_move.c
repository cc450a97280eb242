// SPDX-License-Identifier: MIT
/*
 * Moves real bytes by the addresses that the map gave, and judges where they went.
 */
#include "map_trial.h"

/*
 * It ended on its way through the host for a reason that no address could help, and the address
 * was right until then: the host does not forward it, a port does not send it up to where its ACS
 * redirects it (or its completion), or Egress Control picks just that neighbour.
 */
static bool is_excused(const struct map_trial *trial, const struct map_target *target,
		       const struct sim_result *result, bool read)
{
	struct sim_machine *machine = trial->map->machine;
	sim_node from = sim_host_bridge(machine, trial->client->node);
	sim_node to = sim_host_bridge(machine, target->node);
	const struct sim_registers *where = sim_registers(machine, result->where);
	uint64_t address;

	if (target->decision.reach != P2P_VIA_HOST || from == SIM_NO_NODE || to == SIM_NO_NODE)
		return false;
	assert_true(result->hop_count <= SIM_HOPS_MAX);
	address = result->hop[result->hop_count - 1].address;
	switch (result->outcome) {
	case SIM_ABORT:
		return result->where == to && address == target->cpu &&
		       !(where->peers & sim_registers(machine, from)->peers &
			 (from == to ? SIM_PEERS_SAME : SIM_PEERS_CROSS));
	case SIM_UNSUPPORTED:
		return sim_is_port(sim_info(machine, result->where)->kind) &&
		       !(where->acs_control & SIM_ACS_UF) &&
		       address == map_trial_bus(trial, target);
	case SIM_BLOCKED:
		return result->bits == SIM_ACS_EC && address == map_trial_bus(trial, target);
	case SIM_LOST:
		return read && !(where->acs_control & SIM_ACS_UF);
	default:
		return false;
	}
}

static const char *judge(const struct map_trial *trial, const struct map_target *target,
			 const struct sim_result *result, bool read)
{
	if (result->outcome != SIM_LANDED) {
		if (!is_excused(trial, target, result, read))
			return "mapped, and does not arrive";
		trial->seen->excused++;
		return NULL;
	}
	if (result->where != target->node || result->bar != target->bar ||
	    result->offset != target->offset)
		return "mapped, and goes to somebody else's memory";
	switch (target->decision.reach) {
	case P2P_NORMAL:
		trial->seen->normal++;
		return NULL;
	case P2P_VIA_HOST:
		trial->seen->via_host++;
		return NULL;
	default:
		trial->seen->direct++;
		return bus_asked_host(trial->map->machine, result) ? "direct, and the host is asked"
								   : NULL;
	}
}

static void transfer(const struct map_trial *trial, const struct map_target *piece, uint64_t dma,
		     bool read, uint8_t *out, uint8_t *in, struct sim_result *result)
{
	struct sim_machine *machine = trial->map->machine;
	const p2p_dma_addr at = { dma };
	sim_node client = trial->client->node;
	int error;

	if (read) {
		error = sim_poke(machine, piece->node, piece->bar, piece->offset, out, piece->size);
		assert_int_equal(error, 0);
		error = sim_read(machine, client, at, in, piece->size, 0, result);
		assert_int_equal(error, 0);
	} else {
		error = sim_write(machine, client, at, out, piece->size, 0, result);
		assert_int_equal(error, 0);
		error = sim_peek(machine, piece->node, piece->bar, piece->offset, in, piece->size);
		assert_int_equal(error, 0);
	}
}

/*
 * Bytes that nobody has yet are written, and looked for behind the bus's back, or put there and
 * read. The piece is cut down to what shares a fate.
 */
static const char *move(struct map_trial *trial, struct map_target *piece, uint64_t dma, bool read)
{
	static uint8_t out[LIST_BYTES], in[LIST_BYTES];
	static uint8_t stamp;
	struct sim_result result;
	const char *promise;

	stamp++;
	for (uint64_t i = 0; i < piece->size; i++)
		out[i] = (uint8_t)(stamp + i * 3);
	transfer(trial, piece, dma, read, out, in, &result);
	piece->size = result.bytes;
	promise = judge(trial, piece, &result, read);
	if (!promise && result.outcome == SIM_LANDED && memcmp(in, out, piece->size) != 0)
		promise = "mapped, and the bytes are not those meant";
	trial->read = read;
	return promise ? map_trial_fail(trial, piece, dma, promise) : NULL;
}

const char *map_trial_move(struct map_trial *trial, bool read)
{
	const struct p2p_mapped *mapped = trial->mapped;
	const struct p2p_mapped *end = mapped + trial->mapping.count;
	uint64_t done = 0; /* of the entry */

	for (uint32_t i = 0; i < trial->list.targets; i++) {
		struct map_target rest = trial->list.target[i];

		while (rest.size) {
			struct map_target piece = rest;
			const char *promise;

			if (mapped == end)
				return map_trial_fail(trial, &rest, 0, "mapped, and not all of it");
			if (piece.size > mapped->length - done)
				piece.size = mapped->length - done;
			promise = move(trial, &piece, mapped->start.value + done, read);
			if (promise)
				return promise;
			rest.offset += piece.size;
			rest.cpu += piece.size;
			rest.size -= piece.size;
			done += piece.size;
			if (done == mapped->length) {
				done = 0;
				mapped++;
			}
		}
	}
	return mapped == end ? NULL
			     : map_trial_fail(trial, trial->list.target, 0,
					      "mapped, and more than was asked for");
}
