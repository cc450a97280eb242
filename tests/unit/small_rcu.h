/* SPDX-License-Identifier: MIT */
/*
 * The smallest RCU that there is, for tests with threads: of C11 atomics, since ThreadSanitizer
 * understands those and does not understand liburcu's membarrier().
 */
#ifndef P2P_TESTS_UNIT_SMALL_RCU_H
#define P2P_TESTS_UNIT_SMALL_RCU_H

#include <sched.h>
#include <stdatomic.h>

#define SMALL_RCU_READERS 2u

/* A reader takes over the writer's epoch whenever it holds nothing; 0: it has gone. */
struct small_rcu {
	atomic_ulong epoch;
	atomic_ulong seen[SMALL_RCU_READERS];
};

/* All readers are there from now on: before they start, and after the last wait without them. */
static inline void small_rcu_begin(struct small_rcu *rcu)
{
	atomic_store(&rcu->epoch, 1);
	for (unsigned int i = 0; i < SMALL_RCU_READERS; i++)
		atomic_store(&rcu->seen[i], 1);
}

static inline void small_rcu_quiescent(struct small_rcu *rcu, unsigned int reader)
{
	atomic_store(&rcu->seen[reader], atomic_load(&rcu->epoch));
}

static inline void small_rcu_leave(struct small_rcu *rcu, unsigned int reader)
{
	atomic_store(&rcu->seen[reader], 0);
}

/* As p2p_rcu's wait; `context` is the struct small_rcu. */
static inline void small_rcu_wait(void *context)
{
	struct small_rcu *rcu = context;
	unsigned long epoch = atomic_fetch_add(&rcu->epoch, 1) + 1;

	for (unsigned int i = 0; i < SMALL_RCU_READERS; i++)
		for (;;) {
			unsigned long seen = atomic_load(&rcu->seen[i]);

			if (seen == 0 || seen >= epoch)
				break;
			sched_yield();
		}
}

#endif
