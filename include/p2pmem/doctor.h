/* SPDX-License-Identifier: MIT */
/*
 * The doctor: everything that stands between a machine and peer-to-peer DMA, as a list of
 * findings. It reads what a machine says and judges it; it changes nothing and prints nothing.
 *
 * A machine is only read, so any number of threads may examine one at once. What the doctor found
 * belongs to its caller, and one thread at a time may use it.
 */
#ifndef P2PMEM_DOCTOR_H
#define P2PMEM_DOCTOR_H

#include <p2pmem/error.h>
#include <p2pmem/machine.h>
#include <p2pmem/module.h>
#include <p2pmem/proofs.h>
#include <p2pmem/route.h>
#include <p2pmem/severity.h>
#include <p2pmem/step.h>

P2P_BEGIN_DECLS

/** Two devices whose requests to each other a finding bears on. */
struct p2p_affected {
	p2p_node client, provider;
};

/** At most this many pairs are named by one finding. */
#define P2P_AFFECTED_MAX 64
/** At most this many of them are in its text `affected`. */
#define P2P_AFFECTED_SAID 8

/** One answer of one check. Texts without a value are NULL. */
struct p2p_finding {
	const char *id;   /**< a stable word of p2p_doctor_ids(); several findings may share it */
	const char *area; /**< a heading: findings of one area follow each other */
	enum p2p_severity severity;
	char *text;                /**< what it is, as a sentence without a full stop */
	char *evidence;            /**< what was read where; lines end with newlines but the last */
	char *affected;            /**< whom it bears on, lines as above */
	struct p2p_advice *advice; /**< what to do, in this order */
	uint32_t advice_count;
	char *paste;     /**< text to paste into a shell or boot loader, one line */
	char *cost;      /**< what the advice costs; lines as above */
	p2p_node *nodes; /**< every node that it is about, also where the text names only some */
	uint32_t node_count;
	struct p2p_affected *pairs; /**< of `affected`, as many as there is room for */
	uint32_t pair_count;
	bool more_pairs; /**< there are others */
};

/** What the doctor found, from what everything needs to what only costs speed. */
struct p2p_doctor {
	struct p2p_finding *findings;
	uint32_t count;
	uint32_t tally[P2P_SEVERITIES]; /**< how many there are of each severity */
};

/** What the doctor is asked: starts from p2p_doctor_request_init(). */
struct p2p_doctor_request {
	size_t size; /**< of this struct, as the program that fills it in was compiled */
	const struct p2p_machine *machine;
	const struct p2p_router *router; /**< of the machine's fabric: whose rules */
	const char *release;             /**< the kernel release it is about, NULL: unknown */
	/**
	 * Where the devices' directories are when their permissions can be tried:
	 * /sys/bus/pci/devices for the running machine, NULL for a capture.
	 */
	const char *devices;
	/** The directory of the loaded module, /sys/module/p2pmem, or NULL for a capture. */
	const char *module;
	/** What the module publishes on that machine. */
	const struct p2p_module_memory *memories;
	size_t memory_count;
	/** Results of proving, of that machine; NULL: none. */
	const struct p2p_proofs *proofs;
	/** The same of pairs that were allowed: those at P2P_ALLOWED_PATH. NULL: none. */
	const struct p2p_proofs *allowed;
};

/** Clears a request; `size` is sizeof(*request). Machine and router are still to be filled in. */
void p2p_doctor_request_init(struct p2p_doctor_request *request, size_t size);

/** Gives all words that findings have as `id`. Returns constants, ending with NULL. */
const char *const *p2p_doctor_ids(void);

/**
 * Examines a machine. Time and memory grow with its nodes, not with their pairs.
 *
 * Returns 0, -ENOMEM, or -EINVAL: the request was not initialized, or has no machine or router.
 * `*doctor` is to be freed by p2p_doctor_free(), and NULL on failure.
 */
int p2p_doctor_examine(const struct p2p_doctor_request *request, struct p2p_doctor **doctor,
		       struct p2p_error *error);

/** Leaves only the findings that `wanted` says yes to, and counts anew. */
void p2p_doctor_keep(struct p2p_doctor *doctor, bool (*wanted)(const char *id, void *context),
		     void *context);

/** Frees what the doctor found. NULL is allowed. */
void p2p_doctor_free(struct p2p_doctor *doctor);

P2P_END_DECLS

#endif
