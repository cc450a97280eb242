// SPDX-License-Identifier: MIT
/*
 * A client and a memory of a provider: what is had for a trial, and given back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prove/pair.h"
#include "random.h"

#define MEMORY (UINT64_C(16) << 20) /* of a provider, at most */
#define PAGE   4096u
#define STAMPS 16u

static enum p2p_prove_gap out_of_memory(struct p2p_error *error)
{
	p2p_error_set(error, -ENOMEM, "out of memory");
	return P2P_PROVE_CLIENT;
}

/* NULL: not to be had. The pool may be fragmented, or others have taken of it meanwhile: less may
 * still fit. */
static struct p2p_memory *allocate(const struct p2p_prove_client *client,
				   const struct p2p_memory_provider *provider,
				   struct p2p_error *error)
{
	struct p2p_memory *memory = NULL;
	uint64_t size = provider->available < MEMORY ? provider->available : MEMORY;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int rc;

	size -= size % page;
	if (size < 2 * page) {
		p2p_error_set(error, -ENOMEM,
			      "the provider has %" PRIu64 " bytes free or allowed, too few to move "
			      "anything through",
			      provider->available);
		return NULL;
	}
	do
		rc = p2p_memory_open(provider, size, client->needs_pages ? P2P_MEMORY_FOR_IO : 0,
				     &memory, error);
	while (rc == -ENOMEM && (size = size / 2 / page * page) >= 2 * page);
	return memory;
}

static enum p2p_prove_gap check_export(const struct p2p_prove_pair *pair, struct p2p_error *error)
{
	int buffer;

	if (!pair->client->needs_dmabuf)
		return P2P_PROVE_TRIED;
	if (p2p_memory_export(pair->memory, &buffer, error))
		return P2P_PROVE_MEMORY;
	close(buffer);
	return P2P_PROVE_TRIED;
}

static enum p2p_prove_gap check_memory(struct p2p_prove_pair *pair, struct p2p_error *error)
{
	int rc = p2p_memory_check_places(pair->memory, pair->room / STAMPS / PAGE * PAGE, STAMPS,
					 &pair->random);

	pair->canary.offset = pair->room;
	if (!rc && !p2p_canary_set(&pair->canary, pair->memory, p2p_random_next(&pair->random)))
		rc = -EFAULT;
	if (!rc)
		return P2P_PROVE_TRIED;
	if (rc == -ENXIO)
		p2p_error_set(
			error, rc,
			"the memory shows the same bytes in several places when the CPU alone "
			"uses it: it has less than it says");
	else
		p2p_error_set(error, rc, "the memory does not answer the CPU");
	return P2P_PROVE_MEMORY;
}

static size_t largest_window(const struct p2p_prove_pair *pair)
{
	size_t largest = p2p_prove_window(&pair->batches[0]); /* a plan has one or more */

	for (size_t i = 1; i < pair->batch_count; i++)
		if (p2p_prove_window(&pair->batches[i]) > largest)
			largest = p2p_prove_window(&pair->batches[i]);
	return largest;
}

static enum p2p_prove_gap make_plan(struct p2p_prove_pair *pair, struct p2p_error *error)
{
	const struct p2p_prove_limits limits = {
		.unit = pair->client->unit,
		.memory_align = pair->client->memory_align,
		.largest = pair->client->largest,
		.depth = pair->client->depth,
		.room = pair->room,
		.storage = pair->client->storage,
	};
	int rc = p2p_prove_plan(&limits, &pair->batches, &pair->batch_count);

	if (rc == -ENOSPC) {
		p2p_error_set(error, rc,
			      "not one request of %" PRIu32 " bytes fits %zu bytes of memory and "
			      "%" PRIu64 " bytes of the client's",
			      limits.unit, pair->room, limits.storage);
		return P2P_PROVE_MEMORY;
	}
	if (rc)
		return out_of_memory(error);
	pair->window = largest_window(pair);
	pair->should = malloc(pair->window);
	pair->before = malloc(pair->window);
	pair->is = malloc(pair->window);
	return pair->should && pair->before && pair->is ? P2P_PROVE_TRIED : out_of_memory(error);
}

enum p2p_prove_gap p2p_prove_pair_with(struct p2p_prove_pair *pair, struct p2p_prove_client *client,
				       struct p2p_memory *memory, const atomic_bool *stop,
				       struct p2p_error *error)
{
	enum p2p_prove_gap gap;
	int rc;

	*pair = (struct p2p_prove_pair){
		.client = client,
		.memory = memory,
		.room = p2p_memory_size(memory) - (size_t)sysconf(_SC_PAGESIZE),
		.random = p2p_random_start(),
		.stop = stop,
	};
	gap = check_export(pair, error);
	if (gap == P2P_PROVE_TRIED)
		gap = check_memory(pair, error);
	if (gap == P2P_PROVE_TRIED)
		gap = make_plan(pair, error);
	if (gap != P2P_PROVE_TRIED || client->writable)
		return gap;
	rc = p2p_prove_places_find(&pair->places, client, &pair->random, stop);
	if (rc)
		p2p_error_set(error, rc, "reading it through host memory failed: %s",
			      strerror(-rc));
	return rc ? P2P_PROVE_CLIENT : P2P_PROVE_TRIED;
}

enum p2p_prove_gap p2p_prove_pair_open(struct p2p_prove_pair *pair, struct p2p_prove_client *client,
				       const struct p2p_memory_provider *provider,
				       const atomic_bool *stop, struct p2p_error *error)
{
	struct p2p_memory *memory = allocate(client, provider, error);

	*pair = (struct p2p_prove_pair){ .client = client };
	if (!memory)
		return P2P_PROVE_MEMORY;
	return p2p_prove_pair_with(pair, client, memory, stop, error);
}

void p2p_prove_pair_close(struct p2p_prove_pair *pair)
{
	p2p_memory_close(pair->memory);
	free(pair->batches);
	free(pair->should);
	free(pair->before);
	free(pair->is);
	*pair = (struct p2p_prove_pair){ .client = NULL };
}
