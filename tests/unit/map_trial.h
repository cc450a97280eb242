/* SPDX-License-Identifier: MIT */
/*
 * Puts the map's answers for one list on trial: bytes go by the addresses that it gives, and what
 * it refuses must be out of reach. The promises are in test_property_map.c.
 */
#ifndef P2P_TESTS_UNIT_MAP_TRIAL_H
#define P2P_TESTS_UNIT_MAP_TRIAL_H

#include "map_list.h"

/* So that no promise goes untried. */
struct map_seen {
	unsigned long normal, direct, via_host; /* arrived */
	unsigned long excused;                  /* sent by the host, and did not arrive */
	unsigned long left_open, beyond, in_window, empty_window; /* unreachable, and why */
};

struct map_trial {
	struct bus_map *map;
	struct bus_client *client;
	struct map_list list;
	bool hardware; /* the rules; else what a Linux refuses is its own affair */
	struct map_seen *seen;
	/* What failed: where, by which address. */
	struct map_target at;
	uint64_t dma;
	bool read;
	/* The trial's own. */
	struct p2p_mapped mapped[LIST_TARGETS];
	struct p2p_mapping mapping;
};

/* Returns the promise that does not hold, always the same text for the same one, or NULL. */
const char *map_trial(struct map_trial *trial);

/* Part of it: moves bytes by what is mapped, one way. */
const char *map_trial_move(struct map_trial *trial, bool read);

/* For its parts: notes where and by which address, and returns `promise`. */
const char *map_trial_fail(struct map_trial *trial, const struct map_target *target, uint64_t dma,
			   const char *promise);

/* The bus address of a target in a BAR. */
uint64_t map_trial_bus(const struct map_trial *trial, const struct map_target *target);

#endif
