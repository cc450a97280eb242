/* SPDX-License-Identifier: MIT */
/*
 * Requests that run on their own: a thin cover over io_uring, so that a test can put something
 * else in its place.
 */
#ifndef P2P_LIB_COPY_RING_H
#define P2P_LIB_COPY_RING_H

#include <stdbool.h>
#include <stdint.h>

struct p2p_ring;

/** For at most `depth` requests at a time. Returns 0 or a negative errno. The caller closes it. */
int p2p_ring_open(unsigned int depth, struct p2p_ring **ring);

/** NULL is allowed. Nothing may be in flight. */
void p2p_ring_close(struct p2p_ring *ring);

/** Queues a request, to start with the next p2p_ring_wait(). `tag` comes back with its result. */
void p2p_ring_read(struct p2p_ring *ring, int fd, void *buffer, uint32_t size, uint64_t offset,
		   void *tag);
void p2p_ring_write(struct p2p_ring *ring, int fd, const void *buffer, uint32_t size,
		    uint64_t offset, void *tag);

/**
 * Starts what is queued and waits until something is through, for at most `timeout` ns. Returns 0,
 * also after the timeout or a signal; -EAGAIN: the kernel cannot start more now, what was queued
 * stays so; another negative errno: the ring does not work any more.
 */
int p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout);

/** Takes one request that is through: bytes or a negative errno in `*result`. False: none is. */
bool p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result);

/**
 * Drops what is only queued and waits for all that runs, however long that takes, and throws the
 * results away. Then no request touches its buffer or file any more.
 */
void p2p_ring_abandon(struct p2p_ring *ring);

#endif
