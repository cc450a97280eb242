// SPDX-License-Identifier: MIT
/*
 * One batch of requests, one way.
 *
 *     client ──(host memory)──▶ S          what it holds: patterns where there is scratch
 *     provider's memory ◀── ~S by the CPU    and random bytes around it
 *     client ──▶ provider's memory ──(CPU)──▶ is it S, and is what is around it as it was?
 *
 *     provider's memory ◀── S by the CPU, and random bytes around it
 *     client's scratch ◀──(host memory)── ~S
 *     provider's memory ──▶ client ──(host memory)──▶ is it S, and is what is around it as it was?
 *
 * Patterns are random words, so each is another than any other, of this round or one before.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proof/lines.h"
#include "prove/batch.h"
#include "random.h"
#include "round.h"

#define PAGE   4096u
#define CHANGE 3 /* tries with a client that errs itself, or whose storage others write to */

struct run {
	struct p2p_prove_pair *pair;
	const struct p2p_prove_batch *batch;
	struct p2p_prove_seen *seen;
	struct p2p_prove_request *requests;
	size_t window;    /* bytes of it */
	size_t base;      /* of the window in the memory */
	uint64_t storage; /* of that in the client's */
	bool tells;       /* one of the requests does */
};

/* Windows follow each other through all that there is. */
static uint64_t next_window(uint64_t *next, uint64_t window, uint64_t room, uint64_t step)
{
	uint64_t base = *next + window <= room ? *next : 0;

	*next = base + round_up(window, step);
	return base;
}

static void place(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	const struct p2p_prove_batch *batch = run->batch;
	const struct p2p_prove_client *client = pair->client;
	uint64_t next = pair->next_window;

	run->base = next_window(&next, run->window, pair->room, PAGE);
	pair->next_window = next;
	if (client->writable)
		run->storage = next_window(&pair->next_storage, run->window, client->storage,
					   client->unit);
	for (unsigned int i = 0; i < batch->count; i++) {
		size_t start = (size_t)i * batch->stride;

		run->requests[i] = (struct p2p_prove_request){
			.at = client->writable
				      ? run->storage + start + batch->lead
				      : p2p_prove_places_next(&pair->places, client, batch->length,
							      &pair->random),
			.place = run->base + start + batch->shift,
			.length = batch->length,
		};
	}
}

static int gap(struct run *run, enum p2p_prove_gap why, int code, const char *what)
{
	run->seen->outcome = P2P_PROVE_GAP;
	run->seen->gap = why;
	run->seen->code = code;
	run->seen->what = what;
	return code;
}

static int lost(struct run *run, int code)
{
	return gap(run, P2P_PROVE_LOST, code, "using the provider's memory by the CPU");
}

/* What each request will bring, to its place in `window`. */
static int get_each(struct run *run, char *window)
{
	struct p2p_prove_client *client = run->pair->client;
	int rc = 0;

	run->tells = false;
	for (unsigned int i = 0; !rc && i < run->batch->count; i++) {
		const struct p2p_prove_request *request = &run->requests[i];
		char *bytes = window + (request->place - run->base);

		rc = client->ops->get(client, request->at, bytes, request->length);
		run->tells |= !rc && p2p_prove_tells(bytes, request->length);
	}
	return rc ? gap(run, P2P_PROVE_CLIENT, rc, "reading it through host memory") : 0;
}

static int put_pattern(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	int rc;

	if (!pair->client->writable)
		return 0;
	p2p_random_fill(pair->is, run->window, &pair->random);
	rc = pair->client->ops->put(pair->client, run->storage, pair->is, run->window);
	return rc ? gap(run, P2P_PROVE_CLIENT, rc, "writing it through host memory") : 0;
}

/* Whether the client took the requests. After an error, whether it takes them for host memory. */
static int moved(struct run *run, int rc,
		 int (*move)(struct p2p_prove_client *client, const struct p2p_prove_move *move),
		 const struct p2p_prove_move *way)
{
	struct p2p_prove_pair *pair = run->pair;
	struct p2p_prove_move by_host = *way;
	int host;

	if (!rc)
		return 0;
	if (rc == -EINTR)
		return gap(run, P2P_PROVE_STOPPED, rc, "");
	if (rc == -ENOMEM)
		return gap(run, P2P_PROVE_CLIENT, rc, "moving");
	if (!p2p_canary_lives(&pair->canary, pair->memory))
		return lost(run, -EFAULT);
	host = p2p_host_memory_open(pair->memory->size, &by_host.memory, NULL);
	if (host)
		return gap(run, P2P_PROVE_CLIENT, host, "moving");
	host = move(pair->client, &by_host);
	p2p_memory_close(by_host.memory);
	if (host)
		return gap(run, P2P_PROVE_CLIENT, host, "moving the same through host memory");
	run->seen->outcome = P2P_PROVE_TURNED_AWAY;
	run->seen->code = rc;
	return rc;
}

static struct p2p_prove_move way_of(const struct run *run)
{
	return (struct p2p_prove_move){
		.requests = run->requests,
		.count = run->batch->count,
		.depth = run->batch->count,
		.memory = run->pair->memory,
		.stop = run->pair->stop,
	};
}

/* Ones from a provider that does not answer are no damage on the way. */
static void judge(struct run *run, uint64_t place)
{
	struct p2p_prove_pair *pair = run->pair;
	struct p2p_prove_seen *seen = run->seen;
	const struct p2p_evidence evidence = {
		.should = pair->should,
		.before = pair->before,
		.is = pair->is,
		.size = run->window,
		.block = run->batch->stride,
	};

	if (!p2p_canary_lives(&pair->canary, pair->memory)) {
		lost(run, -EFAULT);
		return;
	}
	seen->requests = run->batch->count;
	seen->bytes = (uint64_t)run->batch->length * run->batch->count;
	seen->looked_at = run->window;
	seen->place = place;
	seen->outcome = run->tells ? P2P_PROVE_RIGHT : P2P_PROVE_BLANK_BATCH;
	if (!memcmp(pair->should, pair->is, run->window))
		return;
	seen->found = p2p_damage_find(&evidence);
	seen->outcome = P2P_PROVE_DAMAGED;
}

/* `should` is what each request brings, and around that what is there before. */
static void surround(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	size_t at = 0;

	p2p_random_fill(pair->before, run->window, &pair->random);
	for (unsigned int i = 0; i < run->batch->count; i++) {
		size_t start = run->requests[i].place - run->base;

		memcpy(pair->should + at, pair->before + at, start - at);
		p2p_complement(pair->before + start, pair->should + start, run->batch->length);
		at = start + run->batch->length;
	}
	memcpy(pair->should + at, pair->before + at, run->window - at);
}

/* Whether a client still holds what it held: others may write to it, scratch or not. */
static bool is_unchanged(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	bool same = true;

	if (get_each(run, pair->before))
		return false;
	for (unsigned int i = 0; same && i < run->batch->count; i++) {
		size_t start = run->requests[i].place - run->base;

		same = !memcmp(pair->before + start, pair->should + start, run->batch->length);
	}
	if (!same)
		gap(run, P2P_PROVE_CLIENT, -ESTALE,
		    "others write to it, and reading the same twice");
	return same;
}

static void to_provider(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	const struct p2p_prove_move way = way_of(run);
	int rc = put_pattern(run);

	if (!rc)
		rc = get_each(run, pair->should);
	if (rc)
		return;
	surround(run);
	rc = p2p_memory_store(pair->memory, run->base, pair->before, run->window);
	if (rc) {
		lost(run, rc);
		return;
	}
	if (moved(run, pair->client->ops->to_memory(pair->client, &way),
		  pair->client->ops->to_memory, &way))
		return;
	rc = p2p_memory_load(pair->memory, run->base, pair->is, run->window);
	if (rc)
		lost(run, rc);
	else
		judge(run, run->base);
}

/* The same bytes at the same distance in the storage, which has its own places. */
static void as_in_storage(struct run *run, const char *memory, char *storage)
{
	for (unsigned int i = 0; i < run->batch->count; i++) {
		const struct p2p_prove_request *request = &run->requests[i];

		memcpy(storage + (request->at - run->storage),
		       memory + (request->place - run->base), request->length);
	}
}

static void from_provider(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	struct p2p_prove_client *client = pair->client;
	const struct p2p_prove_move way = way_of(run);
	int rc;

	/* `is` is what the memory holds; the storage differs from it in every bit. */
	p2p_random_fill(pair->is, run->window, &pair->random);
	p2p_random_fill(pair->before, run->window, &pair->random);
	memcpy(pair->should, pair->before, run->window);
	as_in_storage(run, pair->is, pair->should);
	for (unsigned int i = 0; i < run->batch->count; i++) {
		size_t start = run->requests[i].at - run->storage;

		p2p_complement(pair->before + start, pair->should + start, run->batch->length);
	}
	run->tells = true;

	rc = p2p_memory_store(pair->memory, run->base, pair->is, run->window);
	if (rc) {
		lost(run, rc);
		return;
	}
	rc = client->ops->put(client, run->storage, pair->before, run->window);
	if (rc) {
		gap(run, P2P_PROVE_CLIENT, rc, "writing it through host memory");
		return;
	}
	if (moved(run, client->ops->from_memory(client, &way), client->ops->from_memory, &way))
		return;
	rc = client->ops->get(client, run->storage, pair->is, run->window);
	if (rc)
		gap(run, P2P_PROVE_CLIENT, rc, "reading it back through host memory");
	else
		judge(run, run->storage);
}

/* Whether a client keeps the same bytes when they come from host memory. */
static bool is_kept(struct run *run)
{
	struct p2p_prove_pair *pair = run->pair;
	struct p2p_prove_client *client = pair->client;
	struct p2p_prove_move way = way_of(run);
	int rc;

	if (p2p_host_memory_open(pair->memory->size, &way.memory, NULL))
		return true;
	for (unsigned int i = 0; i < run->batch->count; i++)
		memcpy((char *)p2p_memory_base(way.memory) + run->requests[i].place,
		       pair->should + (run->requests[i].at - run->storage), run->batch->length);
	rc = client->ops->put(client, run->storage, pair->before, run->window);
	if (!rc)
		rc = client->ops->from_memory(client, &way);
	if (!rc)
		rc = client->ops->get(client, run->storage, pair->is, run->window);
	p2p_memory_close(way.memory);
	if (rc || !memcmp(pair->should, pair->is, run->window))
		return true;
	gap(run, P2P_PROVE_CLIENT, -EIO,
	    "writing the same through host memory and reading it back");
	return false;
}

/* What is wrong by way of host memory, too, is the client's fault, or that of others. */
static bool is_the_pairs(struct run *run, enum p2p_proof_direction direction)
{
	return direction == P2P_PROOF_FROM_PROVIDER ? is_kept(run) : is_unchanged(run);
}

void p2p_prove_batch_run(struct p2p_prove_pair *pair, const struct p2p_prove_batch *batch,
			 enum p2p_proof_direction direction, struct p2p_prove_seen *seen)
{
	struct run run = {
		.pair = pair,
		.batch = batch,
		.seen = seen,
		.window = p2p_prove_window(batch),
		.requests = calloc(batch->count, sizeof(*run.requests)),
	};

	*seen = (struct p2p_prove_seen){ .outcome = P2P_PROVE_RIGHT };
	if (!run.requests) {
		gap(&run, P2P_PROVE_CLIENT, -ENOMEM, "moving");
		return;
	}
	for (int i = 0; i < CHANGE; i++) {
		place(&run);
		if (direction == P2P_PROOF_FROM_PROVIDER)
			from_provider(&run);
		else
			to_provider(&run);
		if (seen->outcome != P2P_PROVE_DAMAGED || is_the_pairs(&run, direction))
			break;
	}
	free(run.requests);
}
