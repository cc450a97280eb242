// SPDX-License-Identifier: MIT
/*
 * What all memories have in common: who is asked for one, and what is checked before.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "memories/driver.h"
#include "memories/module.h"

int p2p_memory_open(const struct p2p_memory_provider *provider, size_t size, unsigned int flags,
		    struct p2p_memory **memory, struct p2p_error *error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole;

	*memory = NULL;
	if (flags & ~P2P_MEMORY_FOR_IO)
		return p2p_error_set(error, -EINVAL, "unknown flags %#x for a memory", flags);
	if (!size || __builtin_add_overflow(size, page - 1, &whole))
		return p2p_error_set(error, -EINVAL, "a memory cannot have %zu bytes: ask for some",
				     size);
	whole -= whole % page;
	switch (provider->kind) {
	case P2P_MEMORY_HOST:
		return p2p_host_memory_open(whole, memory, error);
	case P2P_MEMORY_DRIVER:
		return p2p_driver_memory_open(provider->function, whole, memory, error);
	case P2P_MEMORY_MODULE:
		return p2p_module_memory_open_on(&p2p_this_system, provider->index, whole, flags,
						 memory, error);
	}
	return p2p_error_set(error, -EINVAL, "unknown kind of provider: %d", (int)provider->kind);
}

void *p2p_memory_base(const struct p2p_memory *memory)
{
	return memory->base;
}

size_t p2p_memory_size(const struct p2p_memory *memory)
{
	return memory->size;
}

static bool is_within(const struct p2p_memory *memory, size_t offset, size_t size)
{
	return offset <= memory->size && size <= memory->size - offset;
}

int p2p_memory_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	if (!is_within(memory, offset, size))
		return -EINVAL;
	return memory->ops->load(memory, offset, to, size);
}

int p2p_memory_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	if (!is_within(memory, offset, size))
		return -EINVAL;
	return memory->ops->store(memory, offset, from, size);
}

int p2p_memory_export(struct p2p_memory *memory, int *fd, struct p2p_error *error)
{
	*fd = -1;
	if (memory->ops->export)
		return memory->ops->export(memory, fd, error);
	return p2p_error_set(error, -EOPNOTSUPP,
			     "only memory that p2pmem.ko publishes becomes a dma-buf: choose a "
			     "/dev/p2pmemN");
}

int p2p_memory_ask(const struct p2p_memory *memory, struct p2p_bdf client,
		   struct p2p_memory_verdict **verdict, struct p2p_error *error)
{
	*verdict = NULL;
	if (memory->ops->ask)
		return memory->ops->ask(memory, client, verdict, error);
	return p2p_error_set(error, -EOPNOTSUPP,
			     "p2pmem.ko judges only memory that it publishes: choose a "
			     "/dev/p2pmemN, or find the route of the two devices");
}

void p2p_memory_verdict_free(struct p2p_memory_verdict *verdict)
{
	if (!verdict)
		return;
	for (uint32_t i = 0; i < verdict->reason_count; i++)
		free(verdict->reasons[i].text);
	free(verdict->reasons);
	free(verdict->text);
	free(verdict);
}

void p2p_memory_close(struct p2p_memory *memory)
{
	if (memory)
		memory->ops->close(memory);
}
