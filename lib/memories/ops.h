/* SPDX-License-Identifier: MIT */
/*
 * A memory: one file for each kind, one table of functions. p2pmem/memory.h says what they do.
 */
#ifndef P2P_LIB_MEMORIES_OPS_H
#define P2P_LIB_MEMORIES_OPS_H

#include <p2pmem/memory.h>

struct p2p_memory_ops {
	/**
	 * CPU access that survives the memory's disappearance: returns 0, or -EFAULT once the
	 * provider is gone. Never a signal.
	 */
	int (*load)(struct p2p_memory *memory, size_t offset, void *to, size_t size);
	int (*store)(struct p2p_memory *memory, size_t offset, const void *from, size_t size);
	/** NULL: it cannot be exported. */
	int (*export)(struct p2p_memory *memory, int *fd, struct p2p_error *error);
	/** NULL: nobody can be asked. */
	int (*ask)(const struct p2p_memory *memory, struct p2p_bdf client,
		   struct p2p_memory_verdict **verdict, struct p2p_error *error);
	/**
	 * Whether the CPU has carried bytes of it in place of a device since it was opened; NULL:
	 * it never does.
	 */
	bool (*bounces)(const struct p2p_memory *memory);
	void (*close)(struct p2p_memory *memory);
};

struct p2p_memory {
	const struct p2p_memory_ops *ops;
	char *base; /**< page-aligned; for I/O system calls, not for CPU access; or NULL */
	size_t size;
};

static inline bool p2p_memory_bounces(const struct p2p_memory *memory)
{
	return memory->ops->bounces && memory->ops->bounces(memory);
}

/** Anonymous host memory. Returns 0 or -ENOMEM. The caller closes it. */
int p2p_host_memory_open(size_t size, struct p2p_memory **memory, struct p2p_error *error);

#endif
