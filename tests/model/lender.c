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

/* What becomes of how many bytes of a transfer, from its start. */
struct fate {
	enum way way;
	size_t size;
};

static struct fate fate_of(const struct lender *lender, int client, bool reads, size_t size)
{
	size_t first = size < SLIGHTLY ? size : SLIGHTLY;

	if (is_deaf(lender))
		return (struct fate){ WAY_LOST, lender->deaf_slightly ? first : size };
	for (unsigned int i = 0; i < lender->bad_count; i++) {
		const struct bad_way *bad = &lender->bad[i];

		if ((bad->client == -1 || bad->client == client) &&
		    (reads ? bad->reads : bad->writes) && world.step >= bad->from &&
		    world.step < bad->until && size >= bad->at_least)
			return (struct fate){ bad->way, bad->slightly ? first : size };
	}
	return (struct fate){ WAY_RIGHT, 0 };
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

int lender_take(struct lender *lender, int client, uint64_t offset, const void *from, size_t size)
{
	struct fate fate = fate_of(lender, client, false, size);
	int rc = refusal(lender, client);

	for (size_t i = 0; !rc && i < size; i++) {
		if (i >= fate.size)
			*byte_at(lender, offset + i) = ((const uint8_t *)from)[i];
		else if (fate.way == WAY_GARBAGE) /* else it goes nowhere */
			*byte_at(lender, offset + i) = wrong_byte(fate.way);
	}
	return rc;
}

int lender_give(struct lender *lender, int client, uint64_t offset, void *to, size_t size)
{
	struct fate fate = fate_of(lender, client, true, size);
	int rc = refusal(lender, client);

	for (size_t i = 0; !rc && i < size; i++)
		((uint8_t *)to)[i] =
			i < fate.size ? wrong_byte(fate.way) : *byte_at(lender, offset + i);
	return rc;
}

void lender_step(struct lender *lender, uint64_t step)
{
	if (step != lender->deaf_from || !lender->lent)
		return;
	for (size_t i = 0; i < lender->lent->memory.size; i++)
		lender->lent->bytes[i] = (uint8_t)random_next(&world.random);
}
