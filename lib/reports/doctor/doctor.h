/* SPDX-License-Identifier: MIT */
/*
 * The doctor: everything that stands between a machine and peer-to-peer DMA, as a list of
 * findings. It reads what a machine says and judges it; it changes nothing and prints nothing.
 */
#ifndef P2P_REPORTS_DOCTOR_H
#define P2P_REPORTS_DOCTOR_H

#include <p2pmem/machine.h>
#include <p2pmem/route.h>

/** Worst last. */
enum p2p_severity {
	P2P_SEVERITY_OK,
	P2P_SEVERITY_NOTE,    /**< worth knowing, nothing to do */
	P2P_SEVERITY_UNKNOWN, /**< could not be read, so it may be wrong */
	P2P_SEVERITY_WARNING, /**< works, but slower, less, or not to be trusted without proof */
	P2P_SEVERITY_PROBLEM, /**< keeps some devices from peer-to-peer, or is plainly wrong */
};
#define P2P_SEVERITIES 5

/** "ok", "note", "unknown", "warning" or "problem". */
const char *p2p_severity_name(enum p2p_severity severity);

/** One answer of one check. The texts are whole sentences; NULL: there is nothing to say. */
struct p2p_finding {
	const char *id;   /**< a stable word; several findings may share it */
	const char *area; /**< a heading: findings of one area follow each other */
	enum p2p_severity severity;
	char *what;
	char *evidence;  /**< what was read where; lines end with newlines but the last */
	char *remedy;    /**< text to paste, or what to do; lines as above, never cut */
	char *cost;      /**< what the remedy costs */
	p2p_node *nodes; /**< every node that it is about, also where the text names only some */
	uint32_t node_count, node_room;
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
	 * Where the devices' folders are when their permissions can be tried: /sys/bus/pci/devices
	 * for the running machine, NULL for a capture.
	 */
	const char *devices;
	/** The folder that the loaded module p2pmem has in sysfs, or NULL for a capture. */
	const char *module;
};

/**
 * Examines a machine. Time and memory grow with its nodes, not with their pairs.
 *
 * @return 0, or -ENOMEM. `*doctor` is the caller's to free with p2p_doctor_free(), NULL on failure.
 */
int p2p_doctor_examine(const struct p2p_doctor_request *request, struct p2p_doctor **doctor,
		       struct p2p_error *error);

/** NULL is allowed. */
void p2p_doctor_free(struct p2p_doctor *doctor);

#endif
