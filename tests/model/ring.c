// SPDX-License-Identifier: MIT
/*
 * The ring of lib/copy/ring.h: requests come back in any order, some late, and the ring itself may
 * fail.
 */
#include <errno.h>
#include <stdlib.h>

#include "copy/ring.h"
#include "random.h"
#include "world.h"

#define REQUESTS_MAX 64

struct request {
	char *buffer;
	void *tag;
	uint64_t offset;
	uint32_t size;
	int fd, result;
	bool writing, through;
};

static struct request request[REQUESTS_MAX];
static unsigned int requests, started; /* those that wait for a start come last */

int __wrap_p2p_ring_open(unsigned int depth, struct p2p_ring **ring);
void __wrap_p2p_ring_close(struct p2p_ring *ring);
void __wrap_p2p_ring_read(struct p2p_ring *ring, int fd, void *buffer, uint32_t size,
			  uint64_t offset, void *tag);
void __wrap_p2p_ring_write(struct p2p_ring *ring, int fd, const void *buffer, uint32_t size,
			   uint64_t offset, void *tag);
int __wrap_p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout);
bool __wrap_p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result);
void __wrap_p2p_ring_abandon(struct p2p_ring *ring);
void __wrap_p2p_pause_ns(uint64_t duration);

unsigned int world_in_flight(void)
{
	return requests;
}

void world_forget_ring(void)
{
	requests = started = 0;
}

int __wrap_p2p_ring_open(unsigned int depth, struct p2p_ring **ring)
{
	world_expect(depth <= REQUESTS_MAX, "the ring is deep enough");
	*ring = (struct p2p_ring *)&requests;
	return 0;
}

void __wrap_p2p_ring_close(struct p2p_ring *ring)
{
	(void)ring;
	world_expect(!requests, "nothing is in flight at the end");
	world_forget_ring();
}

static void queue(int fd, bool writing, char *buffer, uint32_t size, uint64_t offset, void *tag)
{
	world_expect(world_disk(fd), "requests go to the ends");
	world_expect(requests < REQUESTS_MAX, "requests fit the ring");
	request[requests++] = (struct request){
		.fd = fd,
		.writing = writing,
		.buffer = buffer,
		.size = size,
		.offset = offset,
		.tag = tag,
	};
}

void __wrap_p2p_ring_read(struct p2p_ring *ring, int fd, void *buffer, uint32_t size,
			  uint64_t offset, void *tag)
{
	(void)ring;
	queue(fd, false, buffer, size, offset, tag);
}

void __wrap_p2p_ring_write(struct p2p_ring *ring, int fd, const void *buffer, uint32_t size,
			   uint64_t offset, void *tag)
{
	(void)ring;
	queue(fd, true, (char *)(uintptr_t)buffer, size, offset, tag);
}

static void carry_out(struct request *one)
{
	one->result = (int)world_transfer(world_disk(one->fd), world_is_direct(one->fd),
					  one->writing, one->buffer, one->size, one->offset);
	one->through = true;
}

/* Any of those that run, now. */
static void carry_out_some(unsigned int count)
{
	for (; count; count--) {
		unsigned int index = (unsigned int)random_below(&world.random, started);

		if (!request[index].through)
			carry_out(&request[index]);
	}
}

int __wrap_p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout)
{
	(void)ring;
	(void)timeout;
	world_step();
	if (world.step >= world.wait_fails_at && !world.wait_failed) {
		world.wait_failed = true;
		return random_chance(&world.random, 50) ? -ENOMEM : -EAGAIN;
	}
	started = requests;
	if (started)
		carry_out_some((unsigned int)random_below(&world.random, started + 1));
	return 0;
}

bool __wrap_p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result)
{
	(void)ring;
	for (unsigned int i = 0; i < started; i++) {
		if (!request[i].through)
			continue;
		*tag = request[i].tag;
		*result = request[i].result;
		requests--;
		started--;
		for (unsigned int j = i; j < requests; j++)
			request[j] = request[j + 1];
		return true;
	}
	return false;
}

void __wrap_p2p_ring_abandon(struct p2p_ring *ring)
{
	(void)ring;
	world_step();
	for (unsigned int i = 0; i < started; i++)
		if (!request[i].through)
			carry_out(&request[i]);
	world_forget_ring();
}

void __wrap_p2p_pause_ns(uint64_t duration)
{
	world_step();
	world.now += duration;
}
