/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a mapper remembers between mappings: decisions, and where host memory surely is.
 */
#ifndef P2P_CORE_MAPPER_H
#define P2P_CORE_MAPPER_H

#include "array.h"

#include "client.h"
#include "registry.h"

P2P_BEGIN_DECLS

#define P2P_CACHE_SLOTS 64u /* more providers than one client usually meets */

struct p2p_cached_decision {
	const struct p2p_provider *provider; /* NULL: none */
	struct p2p_decision decision;
};

/* Addresses to which one offset applies. */
struct p2p_run {
	uint64_t start, length, offset; /* length 0: none */
};

/*
 * Host memory that a segment is in, or is not, by the bits of two numbers: it begins less than
 * 1 << bits after `start` and is no longer than P2P_PLAIN_LENGTH. That is a disjunction for each
 * segment and a comparison for each list.
 */
#define P2P_PLAIN_LENGTH (UINT64_C(1) << 30)

struct p2p_plain {
	uint64_t start;
	uint32_t bits; /* 0: no such memory */
};

struct p2p_mapper {
	struct p2p_allocator allocator;
	const struct p2p_registry *registry;
	const struct p2p_client *client;
	uint64_t linear_size; /* the client's, cut down to what it can be programmed with */
	uint64_t generation;  /* of the registry when what follows was worked out */
	/* The largest stretch known that no provider is in; of the linear window if there is one.
	 */
	struct p2p_run normal;
	struct p2p_plain plain;
	struct p2p_cached_decision cache[P2P_CACHE_SLOTS];
};

/** All that is passed must outlive the mapper. 0, -ENOMEM, or -EINVAL: an impossible window. */
int p2p_mapper_new(const struct p2p_allocator *allocator, const struct p2p_registry *registry,
		   const struct p2p_client *client, struct p2p_mapper **mapper);

/** Nothing of it may be mapped. NULL is allowed. */
void p2p_mapper_free(struct p2p_mapper *mapper);

/**
 * What the memory at `address` is to the client. `*decision` tells how far that holds: of
 * P2P_NORMAL, to the next provider or the end of 64 bits (length 0: all 2^64 bytes). As p2p_map().
 */
enum p2p_reach p2p_map_ask(struct p2p_mapper *mapper, p2p_cpu_addr address,
			   struct p2p_decision *decision);

/** "normal", "direct", "via-host", "unreachable". */
const char *p2p_reach_name(enum p2p_reach reach);

/* Forgets what a change of providers or fabric has made doubtful: the generation is another. */
void p2p_mapper_refresh(struct p2p_mapper *mapper);

/* The provider's answer for the stretch around `at`; valid until the next call. */
const struct p2p_decision *p2p_mapper_decide(struct p2p_mapper *mapper,
					     const struct p2p_provider *provider, p2p_cpu_addr at);

/* How many bytes from `at` on are in no provider, `at` included; 0: all to the end of 64 bits. */
uint64_t p2p_mapper_normal(const struct p2p_mapper *mapper, p2p_cpu_addr at);

static inline bool p2p_decision_holds(const struct p2p_decision *decision, p2p_cpu_addr at)
{
	return at.value - decision->start.value < decision->length;
}

P2P_END_DECLS

#endif
