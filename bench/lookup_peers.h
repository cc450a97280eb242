/* SPDX-License-Identifier: MIT */
/*
 * Other ways from an address to a provider, for comparison. Each is called as a function of
 * another file, as the registry is.
 */
#ifndef P2P_BENCH_LOOKUP_PEERS_H
#define P2P_BENCH_LOOKUP_PEERS_H

#include "map/provider.h"

struct peer {
	const char *name;
	/* `providers` in order of address. NULL: this peer cannot hold them. */
	void *(*make)(struct p2p_provider *const *providers, uint32_t count);
	struct p2p_provider *(*find)(const void *peer, p2p_cpu_addr address);
	void (*drop)(void *peer);
	uint32_t most; /* providers beyond which waiting for it is pointless */
};

extern const struct peer peer_linear, peer_binary, peer_pages;

#ifdef HAVE_JUDY
extern const struct peer peer_judy;
#endif

#endif
