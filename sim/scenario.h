/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Scenarios: a machine and what is done with it, as text, with the outcome that is expected. The
 * format is p2pmem-sim-scenario(5).
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim.h"

struct sim_error {
	char text[512]; /**< one line: FILE:LINE, what is wrong, what would be right */
};

#define SIM_TEXT_MAX     ((size_t)1 << 20) /**< bytes of a scenario */
#define SIM_STEPS_MAX    4096
#define SIM_SEGMENTS_MAX 16
#define SIM_REQUEST_MAX  (UINT64_C(16) << 20) /**< bytes of one segment */
#define SIM_TRAFFIC_MAX  (UINT64_C(64) << 20) /**< bytes of all segments together */

/** A place in a memory. */
struct sim_target {
	sim_node node;
	unsigned int bar;
	uint64_t offset;
};

/** One piece of a DMA: that much, to or from there. */
struct sim_segment {
	struct sim_target target;
	uint64_t size;
	bool write;
};

enum sim_by {
	SIM_BY_ITSELF,  /**< what fits without an IOMMU: bus address, or the host's view */
	SIM_BY_BUS,     /**< the target's bus address */
	SIM_BY_CPU,     /**< the target's CPU address */
	SIM_BY_ADDRESS, /**< this address */
};

struct sim_dma_step {
	sim_node client;
	unsigned int count;
	struct sim_segment segment[SIM_SEGMENTS_MAX];
	enum sim_by by;
	p2p_dma_addr address;
	unsigned int flags;     /**< SIM_TRANSLATED, SIM_RELAXED */
	sim_node removed;       /**< taken out while it runs, or SIM_NO_NODE */
	uint64_t removed_after; /**< bytes of the step */
};

enum sim_register {
	SIM_SET_MEMORY,
	SIM_SET_MASTER,
	SIM_SET_ATS,
	SIM_SET_ACS,
	SIM_SET_EGRESS,
	SIM_SET_PEERS,
	SIM_SET_IOMMU,
	SIM_SET_BUSES,
	SIM_SET_BAR,
};

enum sim_expected {
	SIM_EXPECT_ARRIVES,
	SIM_EXPECT_LANDS,
	SIM_EXPECT_DIES,
	SIM_EXPECT_PASSES,
	SIM_EXPECT_AVOIDS,
};

struct sim_expect_step {
	enum sim_expected what;
	struct sim_target target; /**< LANDS */
	enum sim_outcome outcome; /**< DIES */
	uint16_t bits;            /**< DIES of ACS: these services, 0: any */
	sim_node node;            /**< DIES there (or SIM_NO_NODE: anywhere), PASSES, AVOIDS */
	uint64_t size;            /**< bytes that it judges, 0: all that are left */
};

enum sim_step_kind {
	SIM_STEP_DMA,
	SIM_STEP_EXPECT,
	SIM_STEP_SET,
	SIM_STEP_MAP,
	SIM_STEP_UNMAP,
	SIM_STEP_REMOVE,
	SIM_STEP_INSERT,
};

struct sim_step {
	enum sim_step_kind kind;
	unsigned int line;
	char *text; /**< the line without indentation and comment */
	union {
		struct sim_dma_step dma;
		struct sim_expect_step expect;
		struct {
			sim_node node;
			enum sim_register what;
			unsigned int bar;
			uint64_t value;
		} set;
		struct {
			struct sim_map map; /**< `cpu` is found when the step runs */
			struct sim_target target;
		} map;
		sim_node node; /**< REMOVE, INSERT */
	};
};

struct sim_scenario {
	struct sim_machine *machine;
	struct sim_step *step;
	unsigned int count, room;
};

/**
 * Reads a scenario. `name` is what messages call it; `text` needs no 0 at its end.
 * Returns it, to be freed with sim_scenario_free(), or NULL with `error` filled in.
 */
struct sim_scenario *sim_scenario_parse(const char *name, const char *text, size_t length,
					struct sim_error *error);

/** NULL is allowed. */
void sim_scenario_free(struct sim_scenario *scenario);

/** Bytes of one segment that shared one fate. */
struct sim_run {
	const struct sim_segment *segment;
	p2p_dma_addr dma;         /**< of its first byte */
	uint64_t position;        /**< of its first byte in the segment */
	struct sim_target wanted; /**< where that byte belongs */
	bool right;               /**< landed, and the bytes there (or read) are those meant */
	bool arrived;             /**< landed where it belongs, and right */
	const struct sim_result *result;
};

/** Told what happens, in order. Each may be NULL. */
struct sim_observer {
	void (*step)(void *context, const struct sim_step *step);
	void (*run)(void *context, const struct sim_step *step, const struct sim_run *run);
	/** An expectation: met, or not and then what happened instead. */
	void (*judged)(void *context, const struct sim_step *step, bool met, const char *instead);
	void *context;
};

/**
 * Runs a scenario once; the machine keeps what it did. `*unmet` counts expectations that were
 * not met. Returns 0, or -1 with `error` filled in: a step that cannot be done.
 */
int sim_scenario_run(struct sim_scenario *scenario, const char *name,
		     const struct sim_observer *observer, unsigned int *unmet,
		     struct sim_error *error);

/** "SV RR", or "none"; returns `text`. */
#define SIM_ACS_TEXT 32
const char *sim_acs_text(char text[SIM_ACS_TEXT], uint16_t bits);

/** "gpu+0x1000", "gpu.1+0x0"; returns `text`. */
#define SIM_TARGET_TEXT 64
const char *sim_target_text(const struct sim_machine *machine, char text[SIM_TARGET_TEXT],
			    const struct sim_target *target);

#endif
