/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which importers of dma-bufs let go when they are told.
 */
#ifndef P2PMEM_IMPORTER_H
#define P2PMEM_IMPORTER_H

#include <linux/dma-buf.h>

/*
 * Whether the importer takes memory without pages, and unmaps it within bounded time after it was
 * told that it goes.
 */
bool p2pmem_importer_lets_go(const struct dma_buf_attachment *attachment);

#endif
