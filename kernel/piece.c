// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces: allocated, emptied for their new owner, and given back when nothing uses them any more.
 */
#include "piece.h"

#include "cpu.h"
#include "linger.h"
#include "pages.h"

#include <linux/io.h>
#include <linux/slab.h>

void p2pmem_holder_init(struct p2pmem_holder *holder, bool limited)
{
	kref_init(&holder->users);
	holder->limited = limited;
	holder->used = 0;
}

static void p2pmem_holder_free(struct kref *users)
{
	kfree(container_of(users, struct p2pmem_holder, users));
}

void p2pmem_holder_put(struct p2pmem_holder *holder)
{
	kref_put(&holder->users, p2pmem_holder_free);
}

static unsigned long p2pmem_piece_first_page(const struct p2pmem_piece *piece)
{
	return p2pmem_offset(piece) >> PAGE_SHIFT;
}

static unsigned long p2pmem_piece_last_page(const struct p2pmem_piece *piece)
{
	return p2pmem_piece_first_page(piece) + (piece->size >> PAGE_SHIFT) - 1;
}

/* Where x86 has no memory type for what is no RAM, it maps it uncached: lookup_memtype(). */
static void p2pmem_piece_reserve_type(struct p2pmem_piece *piece)
{
	lockdep_assert_held(&piece->memory->lock);
	if (!p2pmem_piece_combines(piece))
		return;
	piece->combined = !arch_io_reserve_memtype_wc(piece->start, piece->size);
	/* Somebody maps it otherwise: so do we, in all our mappings. */
	if (!piece->combined)
		piece->flags |= P2PMEM_ALLOC_UNCACHED;
}

static void p2pmem_piece_release_type(struct p2pmem_piece *piece)
{
	lockdep_assert_held(&piece->memory->lock);
	if (piece->combined)
		arch_io_free_memtype_wc(piece->start, piece->size);
	piece->combined = false;
}

static int p2pmem_piece_take(struct p2pmem_piece *piece, u64 alignment)
{
	struct p2pmem *memory = piece->memory;
	struct p2pmem_holder *holder = piece->holder;
	p2p_cpu_addr start;
	int error;

	lockdep_assert_held(&memory->lock);
	if (memory->gone || !memory->ready)
		return -ENODEV;
	if (holder->limited &&
	    (piece->size > memory->limit || holder->used > memory->limit - piece->size))
		return -EDQUOT;
	error = p2p_pool_take(memory->pool, memory->owner, piece->size, alignment, &start);
	if (error)
		return error;
	piece->start = start.value;
	error = mtree_insert_range(&memory->pieces, p2pmem_piece_first_page(piece),
				   p2pmem_piece_last_page(piece), piece, GFP_KERNEL);
	if (error) {
		p2p_pool_give(memory->pool, memory->owner, start);
		return error;
	}
	p2pmem_piece_reserve_type(piece);
	holder->used += piece->size;
	memory->allocations++;
	memory->allocated += piece->size;
	memory->high_water = max(memory->high_water, memory->allocated);
	return 0;
}

static struct p2pmem_piece *p2pmem_piece_alloc(struct p2pmem *memory, struct p2pmem_holder *holder,
					       u64 size, u32 flags)
{
	struct p2pmem_piece *piece = kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);

	if (!piece)
		return NULL;
	kref_init(&piece->users);
	piece->memory = p2pmem_memory_get(memory);
	piece->holder = holder;
	kref_get(&holder->users);
	piece->size = PAGE_ALIGN(size);
	piece->flags = flags;
	return piece;
}

static void p2pmem_piece_free(struct p2pmem_piece *piece)
{
	p2pmem_holder_put(piece->holder);
	p2pmem_memory_put(piece->memory);
	kfree(piece);
}

/* Now its holder has it, and lets it be found: with a reference, as the caller keeps its own. */
static int p2pmem_piece_hold(struct p2pmem_piece *piece)
{
	struct p2pmem *memory = piece->memory;
	int error = 0;

	mutex_lock(&memory->lock);
	if (memory->gone) {
		error = -ENODEV;
	} else {
		p2pmem_piece_get(piece);
		piece->held = true;
	}
	mutex_unlock(&memory->lock);
	return error;
}

int p2pmem_piece_new(struct p2pmem *memory, struct p2pmem_holder *holder, u64 size, u64 alignment,
		     u32 flags, struct p2pmem_piece **piece)
{
	struct p2pmem_piece *fresh;
	int error;

	if (size == 0 || (alignment & (alignment - 1)))
		return -EINVAL;
	if (size > memory->provider.size || alignment > memory->provider.size)
		return -ENOSPC;
	fresh = p2pmem_piece_alloc(memory, holder, size, flags);
	if (!fresh)
		return -ENOMEM;
	mutex_lock(&memory->lock);
	error = p2pmem_piece_take(fresh, max_t(u64, alignment, PAGE_SIZE));
	mutex_unlock(&memory->lock);
	if (error) {
		p2pmem_piece_free(fresh);
		return error;
	}
	error = p2pmem_cpu_clear(fresh);
	if (!error)
		error = p2pmem_piece_hold(fresh);
	if (error)
		p2pmem_piece_put(fresh);
	else
		*piece = fresh;
	return error;
}

static struct p2pmem_piece *p2pmem_piece_lookup(struct p2pmem *memory, struct p2pmem_holder *holder,
						u64 offset)
{
	struct p2pmem_piece *piece = NULL;

	lockdep_assert_held(&memory->lock);
	if (offset < memory->provider.size)
		piece = mtree_load(&memory->pieces, offset >> PAGE_SHIFT);
	return piece && piece->held && piece->holder == holder ? piece : NULL;
}

struct p2pmem_piece *p2pmem_piece_find(struct p2pmem *memory, struct p2pmem_holder *holder,
				       u64 offset)
{
	struct p2pmem_piece *piece;

	mutex_lock(&memory->lock);
	piece = p2pmem_piece_lookup(memory, holder, offset);
	if (piece)
		kref_get(&piece->users);
	mutex_unlock(&memory->lock);
	return piece;
}

bool p2pmem_pieces_cover(struct p2pmem *memory, phys_addr_t start, u64 size)
{
	u64 offset = start - memory->provider.start.value;
	unsigned long last = (offset + size - 1) >> PAGE_SHIFT;
	MA_STATE(at, &memory->pieces, offset >> PAGE_SHIFT, offset >> PAGE_SHIFT);
	bool covered;

	rcu_read_lock();
	while ((covered = mas_walk(&at)) && at.last < last)
		mas_set(&at, at.last + 1);
	rcu_read_unlock();
	return covered;
}

int p2pmem_piece_drop(struct p2pmem *memory, struct p2pmem_holder *holder, u64 offset)
{
	struct p2pmem_piece *piece;

	mutex_lock(&memory->lock);
	piece = p2pmem_piece_lookup(memory, holder, offset);
	if (piece && p2pmem_offset(piece) != offset)
		piece = NULL;
	if (piece)
		piece->held = false;
	mutex_unlock(&memory->lock);
	if (!piece)
		return -ENOENT;
	p2pmem_piece_put(piece);
	return 0;
}

void p2pmem_piece_disown(struct p2pmem_piece *piece)
{
	struct p2pmem *memory = piece->memory;
	bool held;

	mutex_lock(&memory->lock);
	held = piece->held;
	piece->held = false;
	mutex_unlock(&memory->lock);
	if (held)
		p2pmem_piece_put(piece);
}

static struct p2pmem_piece *p2pmem_piece_drop_next(struct p2pmem *memory,
						   struct p2pmem_holder *holder,
						   unsigned long *page)
{
	struct p2pmem_piece *piece;

	mutex_lock(&memory->lock);
	do {
		piece = mt_find(&memory->pieces, page, ULONG_MAX);
	} while (piece && !(piece->held && piece->holder == holder));
	if (piece)
		piece->held = false;
	mutex_unlock(&memory->lock);
	return piece;
}

void p2pmem_piece_drop_all(struct p2pmem *memory, struct p2pmem_holder *holder)
{
	struct p2pmem_piece *piece;
	unsigned long page = 0;

	while ((piece = p2pmem_piece_drop_next(memory, holder, &page)))
		p2pmem_piece_put(piece);
}

struct p2pmem_piece *p2pmem_piece_get(struct p2pmem_piece *piece)
{
	kref_get(&piece->users);
	return piece;
}

bool p2pmem_piece_try_free(struct p2pmem_piece *piece)
{
	struct p2pmem *memory = piece->memory;
	p2p_cpu_addr start = { piece->start };
	bool last;

	mutex_lock(&memory->lock);
	if (!memory->gone && p2pmem_pages_busy(memory, piece->start, piece->size)) {
		mutex_unlock(&memory->lock);
		return false;
	}
	/* mtree_erase() leaves it there when it finds no memory. */
	mtree_store_range(&memory->pieces, p2pmem_piece_first_page(piece),
			  p2pmem_piece_last_page(piece), NULL, GFP_KERNEL | __GFP_NOFAIL);
	piece->holder->used -= piece->size;
	last = memory->stays && memory->drivers.used == 0;
	memory->allocated -= piece->size;
	p2pmem_piece_release_type(piece);
	p2p_pool_give(memory->pool, memory->owner, start);
	mutex_unlock(&memory->lock);
	if (last)
		p2pmem_forget_later(memory);
	p2pmem_piece_free(piece);
	return true;
}

static void p2pmem_piece_last_user_left(struct kref *users)
{
	struct p2pmem_piece *piece = container_of(users, struct p2pmem_piece, users);

	if (!p2pmem_piece_try_free(piece))
		p2pmem_linger(piece);
}

void p2pmem_piece_put(struct p2pmem_piece *piece)
{
	kref_put(&piece->users, p2pmem_piece_last_user_left);
}

void p2pmem_release_memtypes(struct p2pmem *memory)
{
	struct p2pmem_piece *piece;
	unsigned long page = 0;

	mutex_lock(&memory->lock);
	mt_for_each(&memory->pieces, piece, page, ULONG_MAX) p2pmem_piece_release_type(piece);
	mutex_unlock(&memory->lock);
}

/**
 * p2pmem_alloc - allocates memory of a device
 * @memory: whose; the caller has a reference
 * @size: bytes, rounded up to pages
 * @alignment: a power of two, or 0
 * @start: set to the CPU address. It can be mapped for devices and, with ioremap(), for the CPU.
 *
 * The memory is zero. It stays allocated until p2pmem_free(), also when the device goes: then
 * nobody else gets it, and nobody can map it.
 *
 * Context: may sleep.
 * Return: 0, -ENODEV, -ENOSPC, -EINVAL, -ENOMEM, or -EINTR: a fatal signal
 */
int p2pmem_alloc(struct p2pmem *memory, size_t size, size_t alignment, phys_addr_t *start)
{
	struct p2pmem_piece *piece;
	int error = p2pmem_piece_new(memory, &memory->drivers, size, alignment,
				     P2PMEM_ALLOC_UNCACHED, &piece);

	if (error)
		return error;
	*start = piece->start;
	p2pmem_piece_put(piece);
	return 0;
}
EXPORT_SYMBOL_GPL(p2pmem_alloc);

/**
 * p2pmem_free - gives back what p2pmem_alloc() gave
 * @memory: whose
 * @start: what p2pmem_alloc() set; no device may still use it
 *
 * Context: may sleep.
 */
void p2pmem_free(struct p2pmem *memory, phys_addr_t start)
{
	if (p2pmem_piece_drop(memory, &memory->drivers, start - memory->provider.start.value))
		dev_WARN(&memory->dev, "%pa was not given by p2pmem_alloc()\n", &start);
}
EXPORT_SYMBOL_GPL(p2pmem_free);
