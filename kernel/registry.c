// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry of all provider memory, and what the core needs for it from the kernel.
 */
#include "registry.h"

#include <linux/mm.h>
#include <linux/slab.h>

DEFINE_SRCU(p2pmem_srcu);
struct p2p_registry *p2pmem_registry;

static void *p2pmem_registry_allocate(void *context, size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

static void p2pmem_registry_give_back(void *context, void *memory)
{
	kvfree(memory);
}

const struct p2p_allocator p2pmem_allocator = { .alloc = p2pmem_registry_allocate,
						.free = p2pmem_registry_give_back };

static void p2pmem_registry_wait_for_readers(void *context)
{
	synchronize_srcu(&p2pmem_srcu);
}

int p2pmem_registry_start(void)
{
	struct p2p_rcu rcu = { .wait = p2pmem_registry_wait_for_readers };

	return p2p_registry_new(&p2pmem_allocator, &rcu, &p2pmem_registry);
}

void p2pmem_registry_stop(void)
{
	p2p_registry_free(p2pmem_registry);
}

/* The registry has one writer at a time. */
static DEFINE_MUTEX(registry_lock);

int p2pmem_registry_add(struct p2p_provider *provider)
{
	int error;

	mutex_lock(&registry_lock);
	error = p2p_registry_add(p2pmem_registry, &provider, 1);
	mutex_unlock(&registry_lock);
	return error;
}

void p2pmem_registry_remove(struct p2p_provider *provider)
{
	mutex_lock(&registry_lock);
	p2p_registry_remove(p2pmem_registry, provider);
	mutex_unlock(&registry_lock);
}

void p2pmem_registry_touch(void)
{
	mutex_lock(&registry_lock);
	p2p_registry_touch(p2pmem_registry);
	mutex_unlock(&registry_lock);
	synchronize_srcu(&p2pmem_srcu);
}
