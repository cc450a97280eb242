/* SPDX-License-Identifier: MIT */
/*
 * A memory: bytes that a device can be told to read from and write to with ordinary O_DIRECT I/O.
 * One file for each kind, one table of functions.
 */
#ifndef P2P_LIB_MEMORY_H
#define P2P_LIB_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <p2pmem/error.h>

struct p2p_memory;

struct p2p_memory_ops {
	/**
	 * CPU access that survives the memory's disappearance: returns 0, or -EFAULT once the
	 * provider is gone. Never a signal.
	 */
	int (*load)(struct p2p_memory *memory, size_t offset, void *to, size_t size);
	int (*store)(struct p2p_memory *memory, size_t offset, const void *from, size_t size);
	void (*close)(struct p2p_memory *memory);
};

struct p2p_memory {
	const struct p2p_memory_ops *ops;
	char *base; /**< page-aligned; for I/O system calls, not for CPU access */
	size_t size;
};

static inline int p2p_memory_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	return memory->ops->load(memory, offset, to, size);
}

static inline int p2p_memory_store(struct p2p_memory *memory, size_t offset, const void *from,
				   size_t size)
{
	return memory->ops->store(memory, offset, from, size);
}

/** Releases the memory. NULL is allowed. */
static inline void p2p_memory_close(struct p2p_memory *memory)
{
	if (memory)
		memory->ops->close(memory);
}

/** Anonymous host memory. Returns 0 or -ENOMEM. The caller closes it. */
int p2p_host_memory_open(size_t size, struct p2p_memory **memory, struct p2p_error *error);

/**
 * Allocates from the memory that the device `bdf` publishes through the kernel's
 * `p2pmem/allocate` (Linux 6.2 and later with CONFIG_PCI_P2PDMA). `size` is a multiple of the page
 * size. Returns 0; -ENODEV: nothing published; -EACCES; -ENOMEM: no free piece of that size. The
 * caller closes it.
 */
int p2p_published_memory_open(const char *bdf, size_t size, struct p2p_memory **memory,
			      struct p2p_error *error);

/** A device that publishes memory. */
struct p2p_published {
	char bdf[16];
	uint64_t size, available; /**< bytes */
};

/**
 * Lists the devices that publish memory, in bus order. Returns 0 (also for none) or -ENOMEM. The
 * caller frees `*list`.
 */
int p2p_published_list(struct p2p_published **list, size_t *count);

#endif
