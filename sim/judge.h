/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What became of a DMA step's bytes, and whether that was expected.
 */
#ifndef SIM_JUDGE_H
#define SIM_JUDGE_H

#include "scenario.h"

/* A run, without its hops. */
struct sim_past {
	enum sim_outcome outcome;
	struct sim_target place; /* where it landed; node: or died */
	uint16_t bits;
	const char *why;
	uint64_t bytes;
	bool arrived, right;
};

struct sim_judge {
	struct sim_past *past;
	unsigned int count, room;
	unsigned int next;                  /* the first run that is not judged yet in whole, */
	uint64_t judged;                    /* and how many bytes of it are */
	bool consumed;                      /* an expectation judged bytes */
	unsigned int passed[SIM_NODES_MAX]; /* runs that came by that node, */
	unsigned int last[SIM_NODES_MAX];   /* and the last one, counted from 1 */
};

/** Forgets everything, for the next DMA step. */
void sim_judge_reset(struct sim_judge *judge);
/** Adds a run. Returns false: out of memory. */
bool sim_judge_add(struct sim_judge *judge, const struct sim_run *run);
/** Judges; `last`: no further expectation follows, so no bytes may be left over. */
bool sim_judge_expect(struct sim_judge *judge, const struct sim_machine *machine,
		      const struct sim_expect_step *expect, bool last, char *instead, size_t room);

#endif
