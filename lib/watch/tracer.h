/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of a watch: a trace instance and probes, whose events become those of event.h.
 */
#ifndef P2P_WATCH_TRACER_H
#define P2P_WATCH_TRACER_H

#include <stddef.h>

#include <p2pmem/error.h>

#include "event.h"

struct p2p_watch_tracer;

/** What the kernel cannot trace here. */
struct p2p_watch_blind {
	bool mappings; /**< no events of mappings at all */
	bool peers;    /**< peer memory by bus address */
	bool iova;     /**< mappings through dma_iova_link() */
};

/**
 * Begins to trace what concerns `devices`, or all that have disks if there are none. `buffer` is
 * bytes for each CPU, or 0. Returns as p2p_watch_open() does.
 */
int p2p_watch_tracer_open(const char (*devices)[P2P_WATCH_NAME], size_t count, uint64_t buffer,
			  struct p2p_watch_tracer **tracer, struct p2p_error *error);

/** Ends it, and removes the instance and the probes. NULL is allowed. */
void p2p_watch_tracer_close(struct p2p_watch_tracer *tracer);

const struct p2p_watch_blind *p2p_watch_tracer_blind(const struct p2p_watch_tracer *tracer);

/** How many events are lost since the beginning: its buffer was full. */
uint64_t p2p_watch_tracer_lost(const struct p2p_watch_tracer *tracer);

/** Takes one event. A negative errno ends the reading. */
typedef int (*p2p_watch_take)(void *context, const struct p2p_watch_event *event);

/** Hands over all events that are there. Returns 0, what `take` returned, -EIO or -ENOMEM. */
int p2p_watch_tracer_read(struct p2p_watch_tracer *tracer, p2p_watch_take take, void *context,
			  struct p2p_error *error);

#endif
