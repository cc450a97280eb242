// SPDX-License-Identifier: MIT
/*
 * Lent memory, and the ways to it that go wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lender.h"
#include "memories/memory.h"
#include "random.h"
#include "world.h"

#define SLIGHTLY 512u
#define SPARED   (8 * DISK_PAGE) /* of so many bytes the first few are forgotten */

struct lent_memory {
	struct p2p_memory memory;
	struct lender *lender;
	uint8_t *bytes;
};

static bool is_gone(const struct lender *lender)
{
	return world.step >= lender->gone_from;
}

static bool is_deaf(const struct lender *lender)
{
	return world.step >= lender->deaf_from && world.step < lender->deaf_until;
}

static uint8_t *byte_at(const struct lender *lender, uint64_t offset)
{
	return lender->lent->bytes + (lender->wraps ? offset % lender->wraps : offset);
}

static int cpu_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	const struct lender *lender = ((struct lent_memory *)memory)->lender;

	world_step();
	if (is_gone(lender))
		return -EFAULT;
	if (is_deaf(lender)) {
		memset(to, 0xff, size);
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = *byte_at(lender, offset + i);
	return 0;
}

static int cpu_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	const struct lender *lender = ((struct lent_memory *)memory)->lender;

	world_step();
	if (is_gone(lender))
		return -EFAULT;
	for (size_t i = 0; i < size && !is_deaf(lender); i++)
		*byte_at(lender, offset + i) = ((const uint8_t *)from)[i];
	return 0;
}

static void give_back(struct p2p_memory *memory)
{
	struct lent_memory *lent = (struct lent_memory *)memory;

	world_expect(!world_in_flight(), "memory is given back while requests use it");
	lent->lender->lent = NULL;
	munmap(memory->base, memory->size);
	free(lent->bytes);
	free(lent);
}

static const struct p2p_memory_ops ops = { cpu_load, cpu_store, give_back };

void lender_open(struct lender *lender, size_t size, struct p2p_memory **memory)
{
	struct lent_memory *lent = calloc(1, sizeof(*lent));

	lent->memory.ops = &ops;
	lent->memory.size = size;
	lent->memory.base =
		mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	lent->lender = lender;
	lent->bytes = malloc(size);
	for (size_t i = 0; i < size; i++) /* whatever its last user left */
		lent->bytes[i] = (uint8_t)random_next(&world.random);
	lender->lent = lent;
	*memory = &lent->memory;
}

bool lender_holds(const struct lender *lender, const void *at, size_t size, uint64_t *offset)
{
	const struct lent_memory *lent = lender->lent;
	uint64_t distance;

	if (!lent || (const char *)at < lent->memory.base)
		return false;
	distance = (uint64_t)((const char *)at - lent->memory.base);
	if (distance >= lent->memory.size)
		return false;
	world_expect(distance + size <= lent->memory.size,
		     "a request passes the lent memory's end");
	*offset = distance;
	return true;
}

/* What becomes of [start, end) of a transfer; the rest is right. */
struct fate {
	enum way way;
	size_t start, end;
};

static bool concerns(const struct bad_way *bad, const struct lent_request *request, bool reads)
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

static struct fate fate_of(const struct lender *lender, const struct lent_request *request,
			   bool reads, uint64_t offset, size_t size)
{
	if (is_deaf(lender))
		return lender->deaf_slightly ? first_bytes(WAY_LOST, size)
					     : (struct fate){ WAY_LOST, 0, size };
	for (unsigned int i = 0; i < lender->bad_count; i++) {
		const struct bad_way *bad = &lender->bad[i];

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

static int refusal(const struct lender *lender, int client)
{
	if (is_gone(lender))
		return -EFAULT;
	return lender->refused[client] ? -EREMOTEIO : 0;
}

static uint8_t wrong_byte(enum way way)
{
	return way == WAY_LOST ? 0xff : way == WAY_ZEROS ? 0 : (uint8_t)random_next(&world.random);
}

int lender_take(struct lender *lender, const struct lent_request *request, uint64_t offset,
		const void *from, size_t size)
{
	struct fate fate = fate_of(lender, request, false, offset, size);
	int rc = refusal(lender, request->client);

	for (size_t i = 0; !rc && i < size; i++) {
		if (!is_hit(&fate, i))
			*byte_at(lender, offset + i) = ((const uint8_t *)from)[i];
		else if (fate.way == WAY_GARBAGE) /* else it goes nowhere */
			*byte_at(lender, offset + i) = wrong_byte(fate.way);
	}
	return rc;
}

int lender_give(struct lender *lender, const struct lent_request *request, uint64_t offset,
		void *to, size_t size)
{
	struct fate fate = fate_of(lender, request, true, offset, size);
	int rc = refusal(lender, request->client);

	for (size_t i = 0; !rc && i < size; i++)
		((uint8_t *)to)[i] =
			is_hit(&fate, i) ? wrong_byte(fate.way) : *byte_at(lender, offset + i);
	return rc;
}

/* The last page always: nothing is moved through it. */
static bool forgets(const struct lender *lender, size_t at)
{
	return !lender->deaf_slightly || at % SPARED < SLIGHTLY ||
	       at + DISK_PAGE >= lender->lent->memory.size;
}

void lender_step(struct lender *lender, uint64_t step)
{
	if (step != lender->deaf_from || !lender->lent)
		return;
	for (size_t i = 0; i < lender->lent->memory.size; i++)
		if (forgets(lender, i))
			lender->lent->bytes[i] = (uint8_t)random_next(&world.random);
}
