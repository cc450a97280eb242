/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The pool's map of its range: which blocks there are, and the free ones by size.
 *
 * Two-level segregated fit (Masmano, Ripoll, Crespo, Real: "TLSF: a new dynamic memory allocator
 * for real-time systems", ECRTS 2004), with the tags beside the range instead of in it: each unit
 * has a tag, of which only a block's first is used, and of a free block also the last. Tags come
 * in small chunks, made when a block first begins or ends there.
 *
 *     unit    0 1 2 3 4 5 6 7 8 9
 *             [used ][free ][used]
 *     tag     3     4     4 3        blocks are found from their first unit; a free block also
 *             begin begin end begin  from its last, to be joined with what is freed behind it
 */
#ifndef P2P_CORE_FREE_LIST_H
#define P2P_CORE_FREE_LIST_H

#include "array.h"

#define P2P_NO_UNIT UINT32_MAX

#define P2P_TAG_CHUNK_SHIFT 6u /* tags of a chunk: 64 of 16 bytes are 1 KiB */
#define P2P_TAG_CHUNK       (1u << P2P_TAG_CHUNK_SHIFT)

/* Flags of a tag's head. */
#define P2P_TAG_FREE       0x1u /* a free block begins here */
#define P2P_TAG_AFTER_FREE 0x2u /* the block before this one is free */
#define P2P_TAG_END        0x4u /* a free block of more than one unit ends here */
#define P2P_TAG_SHIFT      3u   /* above: units of the block; 0: nothing begins or ends here */

struct p2p_tag {
	uint32_t head;
	uint32_t owner;      /* of a used block */
	uint32_t next, prev; /* free blocks of like size, or blocks of one owner */
};

#define P2P_FREE_STEPS  32u /* sizes told apart between two powers of two; below it, each size */
#define P2P_FREE_ORDERS 26u

struct p2p_free_list {
	struct p2p_allocator allocator;
	uint32_t units;
	uint32_t orders;                 /* bit i: some bit of steps[i] is set */
	uint32_t steps[P2P_FREE_ORDERS]; /* bit j: there is a free block in first[i][j] */
	uint32_t first[P2P_FREE_ORDERS][P2P_FREE_STEPS];
	struct p2p_tag **chunk;
	size_t memory; /* bytes of chunks and of the table of chunks */
};

/* One free block of `units` units, 1 <= units < 1 << 29. 0 or -ENOMEM; then there is nothing to
 * end. */
int p2p_free_list_begin(struct p2p_free_list *list, const struct p2p_allocator *allocator,
			uint32_t units);

void p2p_free_list_end(struct p2p_free_list *list);

/*
 * Makes a used block of `units` units at a multiple of `alignment` counted from `bias` units
 * before the range. 0, -ENOSPC, or -ENOMEM with nothing changed.
 */
int p2p_free_list_take(struct p2p_free_list *list, uint32_t units, uint64_t alignment,
		       uint64_t bias, uint32_t *unit);

/* Frees the used block that begins at `unit`. */
void p2p_free_list_give(struct p2p_free_list *list, uint32_t unit);

/* The tag of the used block that begins at `unit`; NULL: none does. */
struct p2p_tag *p2p_free_list_used(const struct p2p_free_list *list, uint32_t unit);

/* The tag of a unit where a block begins or ends. */
static inline struct p2p_tag *p2p_tag_at(const struct p2p_free_list *list, uint32_t unit)
{
	return &list->chunk[unit >> P2P_TAG_CHUNK_SHIFT][unit & (P2P_TAG_CHUNK - 1)];
}

static inline uint32_t p2p_tag_units(const struct p2p_tag *tag)
{
	return tag->head >> P2P_TAG_SHIFT;
}

/* Lists through `next` and `prev`; `*first` is P2P_NO_UNIT when a list is empty. */
static inline void p2p_tag_link(const struct p2p_free_list *list, uint32_t *first, uint32_t unit)
{
	struct p2p_tag *tag = p2p_tag_at(list, unit);

	tag->prev = P2P_NO_UNIT;
	tag->next = *first;
	if (*first != P2P_NO_UNIT)
		p2p_tag_at(list, *first)->prev = unit;
	*first = unit;
}

static inline void p2p_tag_unlink(const struct p2p_free_list *list, uint32_t *first, uint32_t unit)
{
	const struct p2p_tag *tag = p2p_tag_at(list, unit);

	if (tag->prev == P2P_NO_UNIT)
		*first = tag->next;
	else
		p2p_tag_at(list, tag->prev)->next = tag->next;
	if (tag->next != P2P_NO_UNIT)
		p2p_tag_at(list, tag->next)->prev = tag->prev;
}

#endif
