/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was done and what was refused, in debugfs.
 */
#ifndef P2PMEM_STAT_H
#define P2PMEM_STAT_H

#include "client.h"

void p2pmem_stat_start(void);
void p2pmem_stat_stop(void);

/* Called by a client that has the segments mapped, inside a read-side section. Does not sleep. */
void p2pmem_stat_mapped(struct p2pmem_client *client, const struct p2p_segment *segments,
			u32 count);
/* The segment has an unreachable part. As above. */
void p2pmem_stat_unreachable(struct p2pmem_client *client, const struct p2p_segment *segment);

/* `why`: enum p2pmem_why; P2PMEM_WHY_NONE is not counted. */
void p2pmem_stat_refused(u32 why);

/* The memory is freed. */
void p2pmem_stat_forget(struct p2pmem *memory);

#endif
