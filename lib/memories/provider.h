/* SPDX-License-Identifier: MIT */
/*
 * Who provides memory, whichever way: functions' drivers through the kernel, and p2pmem.ko.
 */
#ifndef P2P_LIB_MEMORIES_PROVIDER_H
#define P2P_LIB_MEMORIES_PROVIDER_H

#include <p2pmem/machine.h>
#include <p2pmem/memory.h>
#include <p2pmem/module.h>

#include "memories/driver.h"

/** The list of p2p_memory_providers() from two that the caller has. Returns 0 or -ENOMEM. */
int p2p_providers_merge(const struct p2p_driver_pool *pools, size_t pool_count,
			const struct p2p_module_memory *memories, size_t memory_count,
			struct p2p_memory_provider **providers, size_t *count);

/** What a name stands for: /dev/p2pmemN, or all that a function provides. */
struct p2p_provider_name {
	bool is_module;
	uint32_t index;
	struct p2p_bdf function;
};

/**
 * Reads a name: p2pmemN, or a device that `machine` has; where `machine` is NULL, an address.
 * Returns 0, or with the sentence what p2p_machine_find() returns.
 */
int p2p_provider_name_read(struct p2p_provider_name *name, const char *text,
			   const struct p2p_machine *machine, struct p2p_error *error);

bool p2p_provider_is(const struct p2p_memory_provider *provider,
		     const struct p2p_provider_name *name);

/** The sentence for a name that stands for nothing that is provided. Returns -ENODEV. */
int p2p_provider_missing(const char *name, struct p2p_error *error);

#endif
