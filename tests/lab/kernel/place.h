/* SPDX-License-Identifier: MIT */
/* A place that the DMA engine copies from or to: host memory, a system dma-buf, peer memory. */
#ifndef P2PMEM_GUEST_PLACE_H
#define P2PMEM_GUEST_PLACE_H

#include "../../../lab/modules/edu/p2pmem_edu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	int memory;   /* /dev/p2pmemN, or -1 */
	int buffer;   /* the dma-buf, or -1 */
	uint64_t key; /* names the allocation at `memory` */
	size_t length;
	unsigned char *bytes; /* a mapping, or NULL: pread() and pwrite() */
};

/**
 * Opens NAME with LENGTH bytes; MAPPED: the CPU goes through a mapping also where read() and
 * write() would do. Says what failed and returns STATUS_REFUSED.
 */
int place_open(struct place *place, const char *name, size_t length, bool mapped);

/** What the CPU has to say at that place; false and errno. */
bool place_write(const struct place *place, const unsigned char *from);
bool place_read(const struct place *place, unsigned char *to);

/** The place for P2PMEM_EDU_COPY. */
struct p2pmem_edu_end place_end(const struct place *place, size_t offset);

#endif
