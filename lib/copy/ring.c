// SPDX-License-Identifier: MIT
/*
 * The ring is an io_uring.
 */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

#include "clock.h"
#include "copy/ring.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define TICK_NS       (NS_PER_SECOND / 100)

struct p2p_ring {
	struct io_uring uring;
	unsigned int depth;
	unsigned int unfinished; /* queued or running */
	int broken;              /* why it cannot be used any more, 0: it can */
};

int p2p_ring_open(unsigned int depth, struct p2p_ring **ring)
{
	struct p2p_ring *opened = calloc(1, sizeof(*opened));
	int rc;

	if (!opened)
		return -ENOMEM;
	opened->depth = depth;
	rc = io_uring_queue_init(depth, &opened->uring, 0);
	if (rc) {
		free(opened);
		return rc;
	}
	*ring = opened;
	return 0;
}

void p2p_ring_close(struct p2p_ring *ring)
{
	if (!ring)
		return;
	if (!ring->broken)
		io_uring_queue_exit(&ring->uring);
	free(ring);
}

void p2p_ring_read(struct p2p_ring *ring, int fd, void *buffer, uint32_t size, uint64_t offset,
		   void *tag)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);

	io_uring_prep_read(sqe, fd, buffer, size, offset);
	io_uring_sqe_set_data(sqe, tag);
	ring->unfinished++;
}

void p2p_ring_write(struct p2p_ring *ring, int fd, const void *buffer, uint32_t size,
		    uint64_t offset, void *tag)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);

	io_uring_prep_write(sqe, fd, buffer, size, offset);
	io_uring_sqe_set_data(sqe, tag);
	ring->unfinished++;
}

int p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout)
{
	struct __kernel_timespec limit = {
		.tv_sec = (int64_t)timeout / NS_PER_SECOND,
		.tv_nsec = (int64_t)timeout % NS_PER_SECOND,
	};
	struct io_uring_cqe *cqe;
	int rc;

	if (ring->broken)
		return ring->broken;
	rc = io_uring_submit_and_wait_timeout(&ring->uring, &cqe, 1, &limit, NULL);
	return rc >= 0 || rc == -ETIME || rc == -EINTR ? 0 : rc;
}

bool p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result)
{
	struct io_uring_cqe *cqe;

	while (!ring->broken && !io_uring_peek_cqe(&ring->uring, &cqe)) {
		bool timeout = cqe->user_data == LIBURING_UDATA_TIMEOUT; /* liburing's own */

		*tag = io_uring_cqe_get_data(cqe);
		*result = cqe->res;
		io_uring_cqe_seen(&ring->uring, cqe);
		if (timeout)
			continue;
		ring->unfinished--;
		return true;
	}
	return false;
}

/*
 * Direct I/O that a driver has cannot be recalled, so this waits. Not by p2p_ring_wait(), which
 * would start what is queued, and not by a call that may be what fails: a running request's end is
 * noted in shared memory whenever this thread enters the kernel, and a sleep does that too.
 */
void p2p_ring_abandon(struct p2p_ring *ring)
{
	void *tag;
	int result;

	if (ring->broken)
		return;
	while (p2p_ring_reap(ring, &tag, &result))
		;
	while (ring->unfinished > io_uring_sq_ready(&ring->uring)) {
		p2p_pause_ns(TICK_NS);
		while (p2p_ring_reap(ring, &tag, &result))
			;
	}
	if (!ring->unfinished)
		return;

	/* Only a new ring forgets what is queued. */
	io_uring_queue_exit(&ring->uring);
	ring->unfinished = 0;
	ring->broken = io_uring_queue_init(ring->depth, &ring->uring, 0);
}
