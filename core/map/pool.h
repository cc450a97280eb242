/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A pool: allocates blocks of a range of addresses, in units of 4 KiB.
 *
 * Allocating and freeing cost the same whatever the pool's size and however full it is. What the
 * pool knows about the range is kept in host memory, less than 0.4 % of a large pool at worst and
 * next to nothing while it is whole: the range itself is never touched.
 *
 * Every block has an owner, and what an owner still has comes back in one call.
 *
 * One call at a time, by a lock of the caller's.
 */
#ifndef P2PMEM_POOL_H
#define P2PMEM_POOL_H

#include <p2pmem/fabric.h>

P2P_BEGIN_DECLS

#define P2P_POOL_UNIT 4096u
#define P2P_POOL_MAX  ((UINT64_C(1) << 41) - P2P_POOL_UNIT) /**< bytes of one pool */

struct p2p_pool;

/** A handle; one that was closed is refused for (practically) ever. */
typedef struct {
	uint32_t index, generation;
} p2p_pool_owner;

/**
 * Makes a pool of the range. The allocator is copied and must outlive the pool.
 * Returns 0, -EINVAL (empty, larger than P2P_POOL_MAX, past the end of 64 bits, or not on
 * multiples of P2P_POOL_UNIT) or -ENOMEM.
 */
int p2p_pool_new(const struct p2p_allocator *allocator, p2p_cpu_addr start, uint64_t size,
		 struct p2p_pool **pool);

/** Whatever is allocated, it is forgotten. NULL is allowed. */
void p2p_pool_free(struct p2p_pool *pool);

/** A new owner, with nothing. Returns 0 or -ENOMEM. */
int p2p_pool_open(struct p2p_pool *pool, p2p_pool_owner *owner);

/**
 * Frees all that an owner has and the owner itself; cannot fail for want of memory.
 * `*bytes`, if not NULL, is set to how much came back. Returns 0 or -EINVAL: no such owner.
 */
int p2p_pool_close(struct p2p_pool *pool, p2p_pool_owner owner, uint64_t *bytes);

/**
 * Allocates `size` bytes, rounded up to P2P_POOL_UNIT, at a multiple of `alignment` (a power of
 * two; less than P2P_POOL_UNIT means that).
 *
 * Good fit, not best fit: a block above 32 units may be refused though there is a free block for
 * it, if no free block is larger by a 32nd or (with an alignment) by the alignment. Powers of two
 * of units are never refused a free block of their size.
 *
 * Returns 0; -ENOSPC; -EINVAL (size 0, an alignment that is none, no such owner); -ENOMEM: host
 * memory for the pool's own use.
 */
int p2p_pool_take(struct p2p_pool *pool, p2p_pool_owner owner, uint64_t size, uint64_t alignment,
		  p2p_cpu_addr *address);

/**
 * Gives back what p2p_pool_take() gave; cannot fail for want of memory.
 *
 * Returns 0; -ENOENT: nothing that is allocated begins there (given back twice, or never taken);
 * -EPERM: it is another owner's; -EINVAL: no such owner. An error changes nothing.
 */
int p2p_pool_give(struct p2p_pool *pool, p2p_pool_owner owner, p2p_cpu_addr address);

/** Bytes that are not allocated. */
uint64_t p2p_pool_available(const struct p2p_pool *pool);

/** Bytes that an owner has; 0 if there is no such owner. */
uint64_t p2p_pool_owned(const struct p2p_pool *pool, p2p_pool_owner owner);

/** Bytes of host memory that the pool uses. */
size_t p2p_pool_memory(const struct p2p_pool *pool);

P2P_END_DECLS

#endif
