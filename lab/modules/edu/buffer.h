/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A source or destination of a copy: a dma-buf, or memory of the calling process.
 *
 *	open -- attach -- lock -- run ... -- unlock -- lock ... -- detach -- close
 *
 * Between lock and unlock the addresses of runs stay good; in between an exporter may take its
 * memory back. From attach to detach the device must stay bound.
 */
#ifndef EDU_BUFFER_H
#define EDU_BUFFER_H

#include "p2pmem_edu.h"

#include <linux/dma-buf.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>

struct edu_buffer {
	enum dma_data_direction direction;
	u64 start; /* bytes into the table */
	struct device *dev;
	struct sg_table *table; /* NULL: not mapped; of a dma-buf: under its reservation lock */

	struct dma_buf *dmabuf; /* NULL: the caller's memory */
	struct dma_buf_attachment *attachment;

	struct page **pages;
	unsigned int page_count;
	struct sg_table own;
};

int edu_buffer_open(struct edu_buffer *buffer, const struct p2pmem_edu_end *what, u64 length,
		    enum dma_data_direction direction);
int edu_buffer_attach(struct edu_buffer *buffer, struct device *dev);
int edu_buffer_lock(struct edu_buffer *buffer);
int edu_buffer_run(const struct edu_buffer *buffer, u64 position, dma_addr_t *address, u64 *length);
void edu_buffer_cling(void);
void edu_buffer_unlock(struct edu_buffer *buffer);
void edu_buffer_detach(struct edu_buffer *buffer);
void edu_buffer_close(struct edu_buffer *buffer);

#endif
