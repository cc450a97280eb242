/* SPDX-License-Identifier: MIT */
/*
 * The doctor: everything that stands between a machine and peer-to-peer DMA, as a list of
 * findings. It reads what a machine says and judges it; it changes nothing and prints nothing.
 */
#ifndef P2P_REPORTS_DOCTOR_H
#define P2P_REPORTS_DOCTOR_H

#include <p2pmem/machine.h>
#include <p2pmem/module.h>
#include <p2pmem/route.h>

#include <p2pmem/severity.h>

/** Two devices whose requests to each other a finding bears on. */
struct p2p_affected {
	p2p_node client, provider;
};

/** At most so many pairs are named by one finding. */
#define P2P_AFFECTED_MAX 64

/** One answer of one check. The texts are whole sentences; NULL: there is nothing to say. */
struct p2p_finding {
	const char *id;   /**< one of p2p_doctor_ids(); several findings may share it */
	const char *area; /**< a heading: findings of one area follow each other */
	enum p2p_severity severity;
	char *what;
	char *evidence;  /**< what was read where; lines end with newlines but the last */
	char *affected;  /**< whom it bears on, lines as above */
	char *remedy;    /**< what to do; lines as above */
	char *paste;     /**< the remedy's text to paste, one line, never cut */
	char *cost;      /**< what the remedy costs */
	p2p_node *nodes; /**< every node that it is about, also where the text names only some */
	uint32_t node_count, node_room;
	struct p2p_affected *pairs; /**< of `affected`, as many as there is room for, or NULL */
	uint32_t pair_count;
	bool more_pairs; /**< there are others */
};

struct p2p_doctor {
	struct p2p_finding *findings;
	uint32_t count, room;
	uint32_t tally[P2P_SEVERITIES];
	struct p2p_finding lost; /* takes what there is no memory for */
	bool out_of_memory;
};

struct p2p_doctor_request {
	const struct p2p_machine *machine;
	const struct p2p_router *router; /**< of the machine's fabric: whose rules */
	const char *release;             /**< the kernel release it is about, NULL: unknown */
	/**
	 * Where the devices' directories are when their permissions can be tried:
	 * /sys/bus/pci/devices for the running machine, NULL for a capture.
	 */
	const char *devices;
	/** The directory that the loaded module p2pmem has in sysfs, or NULL for a capture. */
	const char *module;
	/** What the module publishes on that machine. */
	const struct p2p_module_memory *memories;
	size_t memory_count;
};

/** All words that findings have as `id`, ending with NULL. */
const char *const *p2p_doctor_ids(void);

/**
 * Examines a machine. Time and memory grow with its nodes, not with their pairs.
 *
 * @return 0, or -ENOMEM. `*doctor` is the caller's to free with p2p_doctor_free(), NULL on failure.
 */
int p2p_doctor_examine(const struct p2p_doctor_request *request, struct p2p_doctor **doctor,
		       struct p2p_error *error);

/** Leaves only the findings that `wanted` says yes to, and counts anew. */
void p2p_doctor_keep(struct p2p_doctor *doctor, bool (*wanted)(const char *id, void *context),
		     void *context);

/** NULL is allowed. */
void p2p_doctor_free(struct p2p_doctor *doctor);

#endif
