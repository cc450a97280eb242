// SPDX-License-Identifier: MIT
/*
 * Peer memory, and the ways to it that go wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "provider.h"
#include "memories/ops.h"
#include "random.h"
#include "world.h"

#define SLIGHTLY 512u
#define SPARED   (8 * DISK_PAGE) /* of this many bytes the first few are forgotten */

struct peer_memory {
	struct p2p_memory memory;
	struct provider *provider;
	uint8_t *bytes;
};

static bool is_gone(const struct provider *provider)
{
	return world.step >= provider->gone_from;
}

static bool is_deaf(const struct provider *provider)
{
	return world.step >= provider->deaf_from && world.step < provider->deaf_until;
}

static uint8_t *byte_at(const struct provider *provider, uint64_t offset)
{
	return provider->memory->bytes + (provider->wraps ? offset % provider->wraps : offset);
}

static int cpu_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	const struct provider *provider = ((struct peer_memory *)memory)->provider;

	world_step();
	if (is_gone(provider))
		return -EFAULT;
	if (is_deaf(provider)) {
		memset(to, 0xff, size);
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = *byte_at(provider, offset + i);
	return 0;
}

static int cpu_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	const struct provider *provider = ((struct peer_memory *)memory)->provider;

	world_step();
	if (is_gone(provider))
		return -EFAULT;
	for (size_t i = 0; i < size && !is_deaf(provider); i++)
		*byte_at(provider, offset + i) = ((const uint8_t *)from)[i];
	return 0;
}

static void give_back(struct p2p_memory *memory)
{
	struct peer_memory *peer = (struct peer_memory *)memory;

	world_expect(!world_in_flight(), "memory is given back while requests use it");
	peer->provider->memory = NULL;
	munmap(memory->base, memory->size);
	free(peer->bytes);
	free(peer);
}

static const struct p2p_memory_ops ops = {
	.load = cpu_load,
	.store = cpu_store,
	.close = give_back,
};

void provider_open(struct provider *provider, size_t size, struct p2p_memory **memory)
{
	struct peer_memory *peer = calloc(1, sizeof(*peer));

	peer->memory.ops = &ops;
	peer->memory.size = size;
	peer->memory.base =
		mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	peer->provider = provider;
	peer->bytes = malloc(size);
	for (size_t i = 0; i < size; i++) /* whatever its last user left */
		peer->bytes[i] = (uint8_t)random_next(&world.random);
	provider->memory = peer;
	*memory = &peer->memory;
}

bool provider_holds(const struct provider *provider, const void *at, size_t size, uint64_t *offset)
{
	const struct peer_memory *peer = provider->memory;
	uint64_t distance;

	if (!peer || (const char *)at < peer->memory.base)
		return false;
	distance = (uint64_t)((const char *)at - peer->memory.base);
	if (distance >= peer->memory.size)
		return false;
	world_expect(distance + size <= peer->memory.size,
		     "a request passes the peer memory's end");
	*offset = distance;
	return true;
}

/* What becomes of [start, end) of a transfer; the rest is right. */
struct fate {
	enum way way;
	size_t start, end;
};

static bool concerns(const struct bad_way *bad, const struct peer_request *request, bool reads)
{
	bool odd = (request->offset | request->size) % DISK_PAGE;

	return (bad->client == -1 || bad->client == request->client) &&
	       (reads ? bad->reads : bad->writes) && world.step >= bad->from &&
	       world.step < bad->until && request->size >= bad->at_least &&
	       (!bad->below || request->size < bad->below) && (odd || !bad->odd);
}

static struct fate first_bytes(enum way way, size_t size)
{
	return (struct fate){ way, 0, size < SLIGHTLY ? size : SLIGHTLY };
}

/* What of [offset, offset + size) is at the bad place. */
static struct fate placed_bytes(const struct bad_way *bad, uint64_t offset, size_t size)
{
	uint64_t start = bad->place > offset ? bad->place - offset : 0;
	uint64_t end = bad->place + SLIGHTLY > offset ? bad->place + SLIGHTLY - offset : 0;

	end = end < size ? end : size;
	return (struct fate){ bad->way, start < end ? start : end, end };
}

static struct fate fate_of(const struct provider *provider, const struct peer_request *request,
			   bool reads, uint64_t offset, size_t size)
{
	if (is_deaf(provider))
		return provider->deaf_slightly ? first_bytes(WAY_LOST, size)
					       : (struct fate){ WAY_LOST, 0, size };
	for (unsigned int i = 0; i < provider->bad_count; i++) {
		const struct bad_way *bad = &provider->bad[i];

		if (!concerns(bad, request, reads))
			continue;
		if (bad->placed)
			return placed_bytes(bad, offset, size);
		return bad->slightly ? first_bytes(bad->way, size)
				     : (struct fate){ bad->way, 0, size };
	}
	return (struct fate){ .way = WAY_RIGHT };
}

static bool is_hit(const struct fate *fate, size_t at)
{
	return at >= fate->start && at < fate->end;
}

static int refusal(const struct provider *provider, int client)
{
	if (is_gone(provider))
		return -EFAULT;
	return provider->refused[client] ? -EREMOTEIO : 0;
}

static uint8_t wrong_byte(enum way way)
{
	return way == WAY_LOST ? 0xff : way == WAY_ZEROS ? 0 : (uint8_t)random_next(&world.random);
}

int provider_take(struct provider *provider, const struct peer_request *request, uint64_t offset,
		  const void *from, size_t size)
{
	struct fate fate = fate_of(provider, request, false, offset, size);
	int rc = refusal(provider, request->client);

	for (size_t i = 0; !rc && i < size; i++) {
		if (!is_hit(&fate, i))
			*byte_at(provider, offset + i) = ((const uint8_t *)from)[i];
		else if (fate.way == WAY_GARBAGE) /* else it goes nowhere */
			*byte_at(provider, offset + i) = wrong_byte(fate.way);
	}
	return rc;
}

int provider_give(struct provider *provider, const struct peer_request *request, uint64_t offset,
		  void *to, size_t size)
{
	struct fate fate = fate_of(provider, request, true, offset, size);
	int rc = refusal(provider, request->client);

	for (size_t i = 0; !rc && i < size; i++)
		((uint8_t *)to)[i] =
			is_hit(&fate, i) ? wrong_byte(fate.way) : *byte_at(provider, offset + i);
	return rc;
}

/* The last page always: nothing is moved through it. */
static bool forgets(const struct provider *provider, size_t at)
{
	return !provider->deaf_slightly || at % SPARED < SLIGHTLY ||
	       at + DISK_PAGE >= provider->memory->memory.size;
}

void provider_step(struct provider *provider, uint64_t step)
{
	if (step != provider->deaf_from || !provider->memory)
		return;
	for (size_t i = 0; i < provider->memory->memory.size; i++)
		if (forgets(provider, i))
			provider->memory->bytes[i] = (uint8_t)random_next(&world.random);
}
