/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A piece of lent memory that somebody has.
 */
#ifndef P2PMEM_PIECE_H
#define P2PMEM_PIECE_H

#include "memory.h"

struct p2pmem_piece {
	struct kref users;
	struct p2pmem *memory;        /* a reference */
	struct p2pmem_holder *holder; /* a reference */
	bool held;                    /* by it, with a reference; under memory->lock */
	phys_addr_t start;
	u64 size;
	u32 flags;     /* P2PMEM_ALLOC_* */
	bool combined; /* the CPU's memory type is set for it; under memory->lock */
	struct list_head lingering;
};

static inline u64 p2pmem_offset(const struct p2pmem_piece *piece)
{
	return piece->start - piece->memory->provider.start.value;
}

/*
 * Whether the CPU's stores are combined. Else it caches the memory, or does neither: so where it
 * was asked for, where the kernel has mapped it so already (pages), and where a BAR takes no such
 * stores.
 */
static inline bool p2pmem_piece_combines(const struct p2pmem_piece *piece)
{
	const struct p2pmem *memory = piece->memory;

	return !(piece->flags & P2PMEM_ALLOC_UNCACHED) && !memory->range.cached && !memory->pages &&
	       !memory->narrow;
}

/* Of what comes from kmalloc(), the last put frees it. */
void p2pmem_holder_init(struct p2pmem_holder *holder, bool limited);
void p2pmem_holder_put(struct p2pmem_holder *holder);

/*
 * Allocates, for the holder and with a reference for the caller: another thread may make the holder
 * let go of it at once. The memory is zero. `alignment` is 0 or a power of two. 0, -ENODEV,
 * -ENOSPC, -EDQUOT, -EINVAL, -ENOMEM, or -EINTR: a fatal signal. May sleep.
 */
int p2pmem_piece_new(struct p2pmem *memory, struct p2pmem_holder *holder, u64 size, u64 alignment,
		     u32 flags, struct p2pmem_piece **piece);

/* The holder's piece that the offset is in, with a reference, or NULL. */
struct p2pmem_piece *p2pmem_piece_find(struct p2pmem *memory, struct p2pmem_holder *holder,
				       u64 offset);

/*
 * Whether somebody has all of these bytes, which are in the memory: as one piece, or neighbours.
 * Any context.
 */
bool p2pmem_pieces_cover(struct p2pmem *memory, phys_addr_t start, u64 size);

/*
 * The holder lets go of the piece that begins at the offset: it stays as long as others use it.
 * 0 or -ENOENT: the holder has none there.
 */
int p2pmem_piece_drop(struct p2pmem *memory, struct p2pmem_holder *holder, u64 offset);

/* The holder lets go of this piece, if it has not already. The caller keeps its reference. */
void p2pmem_piece_disown(struct p2pmem_piece *piece);

/* As the last that a holder does. */
void p2pmem_piece_drop_all(struct p2pmem *memory, struct p2pmem_holder *holder);

struct p2pmem_piece *p2pmem_piece_get(struct p2pmem_piece *piece);
void p2pmem_piece_put(struct p2pmem_piece *piece);

/* The memory is gone and the CPU's mappings are: its types go before somebody else maps it. */
void p2pmem_release_memtypes(struct p2pmem *memory);

/* For lingering pieces: nobody uses it; false if a transfer still holds its pages. */
bool p2pmem_piece_try_free(struct p2pmem_piece *piece);

#endif
