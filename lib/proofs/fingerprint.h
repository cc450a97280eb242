/* SPDX-License-Identifier: MIT */
/*
 * What a pair's result rests on: named facts of the machine.
 */
#ifndef P2P_PROOFS_FINGERPRINT_H
#define P2P_PROOFS_FINGERPRINT_H

#include <p2pmem/proofs.h>

#include "span.h"

/* More than any path has: 2 ends, each below 64 ports at most, a few facts for each. */
#define P2P_FACTS_MAX 512

/** "acs 0000:02:00.0" and "RR CR"; both are printable and have no newlines. */
struct p2p_fact {
	char *name, *value;
};

/** All zero: none. */
struct p2p_facts {
	struct p2p_fact *fact;
	uint32_t count, room;
};

/** Adds a fact. False: memory is short, or there are too many. */
bool p2p_facts_add(struct p2p_facts *facts, struct p2p_span name, struct p2p_span value);

/** Whether there is a word for facts of that name. */
bool p2p_fact_is_known(struct p2p_span name);

/**
 * Collects the facts of a pair. `kernel` stands for the machine's own release, unless NULL.
 * Returns 0, -ENODEV (the machine has no such function) or -ENOMEM; `facts` is to be freed in any
 * case.
 */
int p2p_facts_of(const struct p2p_machine *machine, const char *kernel, struct p2p_proof_end client,
		 struct p2p_proof_end provider, struct p2p_facts *facts);

/** Whether all are the same, and none is missing on one side. */
bool p2p_facts_same(const struct p2p_facts *was, const struct p2p_facts *is);

/** What differs: "ACS of 0000:02:00.0 was none, is RR CR". For free(); NULL: memory is short. */
char *p2p_facts_changed(const struct p2p_facts *was, const struct p2p_facts *is);

void p2p_facts_free(struct p2p_facts *facts);

#endif
