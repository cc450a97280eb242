// SPDX-License-Identifier: MIT
/*
 * How fast a client moves through a provider's memory, and through the host's: turn about, so that
 * what else the machine does meets both.
 */
#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "prove/rates.h"
#include "random.h"
#include "round.h"

#define PAGE    4096u
#define TURNS   3
#define TURN_NS UINT64_C(40000000) /* of one memory, at least */
#define ROUNDS  4u                 /* requests for each that may be in flight, in one move */
#define DEPTHS  3
#define SIZES   16
#define REACH   (UINT64_C(64) << 20) /* bytes of scratch that are used, at most */

struct measure {
	struct p2p_prove_pair *pair;
	int (*move)(struct p2p_prove_client *client, const struct p2p_prove_move *move);
	struct p2p_memory *host;
	uint64_t reach; /* bytes of the storage */
	uint32_t length;
	unsigned int depth;
	struct p2p_prove_request *requests;
	size_t count;
	struct p2p_prove_rate *rate;
};

/* Places follow each other through the memory; what is read or written is anywhere. */
static void lay_out(struct measure *measure)
{
	struct p2p_prove_pair *pair = measure->pair;
	size_t stride = round_up(measure->length, PAGE), slots = pair->room / stride;
	uint64_t units = (measure->reach - measure->length) / pair->client->unit + 1;

	for (size_t i = 0; i < measure->count; i++)
		measure->requests[i] = (struct p2p_prove_request){
			.at = p2p_random_next(&pair->random) % units * pair->client->unit,
			.place = i % slots * stride,
			.length = measure->length,
		};
}

static int turn(struct measure *measure, struct p2p_memory *memory, struct p2p_prove_speed *speed)
{
	const struct p2p_prove_move way = {
		.requests = measure->requests,
		.count = measure->count,
		.depth = measure->depth,
		.memory = memory,
		.stop = measure->pair->stop,
	};
	uint64_t started = p2p_now_ns(), now;
	int rc;

	do {
		rc = measure->move(measure->pair->client, &way);
		now = p2p_now_ns();
		if (!rc)
			speed->requests += measure->count;
	} while (!rc && now - started < TURN_NS);
	speed->ns += now - started;
	return rc;
}

static int measure_one(struct measure *measure)
{
	int rc = 0;

	lay_out(measure);
	for (int i = 0; !rc && i < TURNS; i++) {
		rc = turn(measure, measure->pair->memory, &measure->rate->peer);
		if (!rc)
			rc = turn(measure, measure->host, &measure->rate->host);
	}
	return rc;
}

/* The requests of a depth fit side by side, or a part of them would measure the others. */
static bool fits(const struct measure *measure, unsigned int depth)
{
	return measure->length <= measure->reach &&
	       round_up(measure->length, PAGE) * depth <= measure->pair->room;
}

/*
 * What was never written is not read: a file system, or a drive, makes zeros of it, and no DMA or
 * no medium would be measured.
 */
static int fill(struct p2p_prove_pair *pair, uint64_t reach)
{
	int rc = 0;

	for (uint64_t at = 0; !rc && at < reach; at += pair->window) {
		size_t size = reach - at < pair->window ? reach - at : pair->window;

		if (atomic_load(pair->stop))
			return -EINTR;
		p2p_random_fill(pair->is, size, &pair->random);
		rc = pair->client->ops->put(pair->client, at, pair->is, size);
	}
	return rc;
}

static int measure_size(struct measure *measure, struct p2p_prove_rate *rates, uint32_t *count)
{
	const struct p2p_prove_client *client = measure->pair->client;
	const unsigned int depths[DEPTHS] = { 1, client->depth / 8, client->depth };
	unsigned int last = 0;
	int rc = 0;

	for (int i = 0; !rc && i < DEPTHS; i++) {
		if (depths[i] <= last || !fits(measure, depths[i]))
			continue;
		last = measure->depth = depths[i];
		measure->count = (size_t)measure->depth * ROUNDS;
		measure->rate = &rates[*count];
		*measure->rate = (struct p2p_prove_rate){
			measure->length, measure->depth, { 0, 0 }, { 0, 0 }
		};
		rc = measure_one(measure);
		*count += !rc;
	}
	return rc;
}

int p2p_prove_rates(struct p2p_prove_pair *pair, enum p2p_proof_direction direction,
		    struct p2p_prove_rate **rates, uint32_t *count)
{
	const struct p2p_prove_client *client = pair->client;
	struct measure measure = {
		.pair = pair,
		.move = direction == P2P_PROOF_TO_PROVIDER ? client->ops->to_memory
							   : client->ops->from_memory,
		.reach = client->storage,
	};
	int rc = p2p_host_memory_open(pair->memory->size, &measure.host, NULL);

	*count = 0;
	*rates = calloc((size_t)SIZES * DEPTHS, sizeof(**rates));
	measure.requests = calloc((size_t)client->depth * ROUNDS, sizeof(*measure.requests));
	if (!rc && (!*rates || !measure.requests))
		rc = -ENOMEM;
	if (client->writable && measure.reach > REACH)
		measure.reach = round_down(REACH, client->unit);
	if (!rc && client->writable && direction == P2P_PROOF_TO_PROVIDER)
		rc = fill(pair, measure.reach);
	/* Four times as much each, and what is largest. */
	for (uint64_t length = client->unit; !rc && length <= client->largest; length *= 4) {
		measure.length = (uint32_t)length;
		rc = measure_size(&measure, *rates, count);
		if (!rc && length < client->largest && length * 4 > client->largest) {
			measure.length = client->largest;
			rc = measure_size(&measure, *rates, count);
		}
	}
	free(measure.requests);
	p2p_memory_close(measure.host);
	return rc;
}
