/* SPDX-License-Identifier: MIT */
/*
 * A device that provides memory, as seen by the CPU and by other devices, and what goes wrong on
 * the way. Its memory is mapped without access: whoever touches it as if it were RAM crashes.
 */
#ifndef P2P_TESTS_MODEL_PROVIDER_H
#define P2P_TESTS_MODEL_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct p2p_memory;

/* What becomes of a transfer between a client and peer memory though all report success. */
enum way {
	WAY_RIGHT,
	WAY_LOST,    /* writes go nowhere, reads bring ones */
	WAY_ZEROS,   /* writes go nowhere, reads bring zeros */
	WAY_GARBAGE, /* writes and reads bring anything */
	WAYS,
};

/* The client's transfers from step `from` on, until step `until`, are not right. */
struct bad_way {
	enum way way;
	int client;         /* -1: all */
	bool reads, writes; /* of peer memory, which end it concerns */
	uint64_t from, until;
	uint64_t at_least, below; /* only requests of this many bytes, of fewer; 0: any */
	bool odd;                 /* only those not made of whole pages of the client */
	bool slightly;            /* only a transfer's first bytes: samples hardly see that */
	bool placed;              /* only bytes that pass a few of the peer memory's, at `place` */
	uint64_t place;
};

/* What a client was asked for; a member's part of it may be smaller. */
struct peer_request {
	int client;
	uint64_t offset, size;
};

#define BAD_WAYS 2

struct provider {
	uint64_t available;
	uint64_t wraps;     /* its upper memory is its lower again, every so many bytes; 0: no */
	uint64_t gone_from; /* steps: the device left, for ever */
	uint64_t deaf_from, deaf_until; /* reset: it answers nobody, and forgets its memory */
	bool deaf_slightly;             /* transfers then, and memory, are wrong in a few bytes */
	bool refused[8];                /* clients that the kernel does not map it for */
	struct bad_way bad[BAD_WAYS];
	unsigned int bad_count;

	/* while some of it is allocated */
	struct peer_memory *memory;
};

void provider_open(struct provider *provider, size_t size, struct p2p_memory **memory);

/* Whether [at, at + size) is peer memory; then where in it. */
bool provider_holds(const struct provider *provider, const void *at, size_t size, uint64_t *offset);

/* A device's transfer to or from peer memory. Returns 0 or a negative errno. */
int provider_take(struct provider *provider, const struct peer_request *request, uint64_t offset,
		  const void *from, size_t size);
int provider_give(struct provider *provider, const struct peer_request *request, uint64_t offset,
		  void *to, size_t size);

/* Time passes: a reset forgets. */
void provider_step(struct provider *provider, uint64_t step);

#endif
