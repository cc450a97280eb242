// SPDX-License-Identifier: MIT
/*
 * Plain host memory: the way that bytes take when nobody provides any.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memories/ops.h"

static int host_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	memcpy(to, memory->base + offset, size);
	return 0;
}

static int host_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	memcpy(memory->base + offset, from, size);
	return 0;
}

static void host_close(struct p2p_memory *memory)
{
	munmap(memory->base, memory->size);
	free(memory);
}

static const struct p2p_memory_ops host_ops = {
	.load = host_load,
	.store = host_store,
	.close = host_close,
};

int p2p_host_memory_open(size_t size, struct p2p_memory **memory, struct p2p_error *error)
{
	struct p2p_memory *host = malloc(sizeof(*host));
	void *base;

	if (!host)
		goto no_memory;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
	if (base == MAP_FAILED)
		goto no_memory;
	*host = (struct p2p_memory){ .ops = &host_ops, .base = base, .size = size };
	*memory = host;
	return 0;

no_memory:
	free(host);
	return p2p_error_set_hint(error, -ENOMEM, P2P_HINT_IN_FLIGHT,
				  "no %zu bytes of host memory for buffers: ask for less", size);
}
