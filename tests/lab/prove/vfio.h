/* SPDX-License-Identifier: MIT */
/* VFIO's export of a BAR, since Linux 6.19. */
#ifndef P2PMEM_PROVE_VFIO_H
#define P2PMEM_PROVE_VFIO_H

#include <stddef.h>

/**
 * Exports the first `size` bytes of BAR 2 of a function that vfio-pci drives. Returns the dma-buf,
 * with the same bytes for the CPU in `*bytes`, or -1 and says why.
 */
int vfio_export(const char *function, size_t size, char **bytes);

#endif
