/* SPDX-License-Identifier: MIT */
/*
 * What the doctor's checks share: what they look at, and how they write down what they found.
 */
#ifndef P2P_DOCTOR_CHECKS_H
#define P2P_DOCTOR_CHECKS_H

#include <p2pmem/doctor.h>
#include <p2pmem/providers.h>
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "survey.h"
#include "text_builder.h"

/** A finding that is being written. Lack of memory is remembered, so that checks need not ask. */
struct p2p_draft {
	const char *id, *area;
	enum p2p_severity severity;
	struct p2p_text_builder text, evidence, affected, paste, cost;
	struct p2p_advice *advice;
	uint32_t advice_count, advice_room;
	p2p_node *nodes;
	uint32_t node_count, node_room;
	struct p2p_affected *pairs;
	uint32_t pair_count;
	bool more_pairs;
	bool failed; /**< memory was short for a part of it */
};

/** What a check looks at, and what all of them have found so far. */
struct p2p_doctor_context {
	const struct p2p_machine *machine;
	const struct p2p_machine_facts *facts;
	const struct p2p_fabric *fabric;
	const struct p2p_router *router;
	struct p2p_survey survey;
	const char *release;
	const char *devices;
	const char *module;
	const struct p2p_proofs *proofs;     /**< or NULL */
	const struct p2p_proofs *allowed;    /**< or NULL */
	struct p2p_provider_info *providers; /**< by p2p_providers_list() */
	uint32_t provider_count;
	struct p2p_draft *drafts;
	uint32_t count, room;
	struct p2p_draft lost; /**< takes what there is no memory for */
	bool failed;
};

/** A check adds findings. */
typedef void p2p_doctor_check(struct p2p_doctor_context *context);

p2p_doctor_check p2p_doctor_access, p2p_doctor_acs, p2p_doctor_bars, p2p_doctor_devices,
	p2p_doctor_groups, p2p_doctor_guest, p2p_doctor_host_bridges, p2p_doctor_iommu,
	p2p_doctor_kernel, p2p_doctor_links, p2p_doctor_memory, p2p_doctor_module,
	p2p_doctor_proofs, p2p_doctor_allowed;

/** Adds a finding; the pointer is good until the next one is added. Both words are literals. */
struct p2p_draft *p2p_find(struct p2p_doctor_context *context, const char *id, const char *area,
			   enum p2p_severity severity);

/** Says that a finding is about `node`. */
void p2p_about(struct p2p_draft *finding, p2p_node node);

/** Adds something to do, and by which function of the library, if by one. */
void p2p_advise(struct p2p_draft *finding, enum p2p_step_code step, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Advises what takes hands on the machine or its firmware, and says what it costs. In a guest it
 * names the host instead: nothing inside can apply it.
 */
void p2p_advise_hands_on(const struct p2p_doctor_context *context, struct p2p_draft *finding,
			 const char *advice, const char *cost);

/**
 * Advises how to learn what could not be read: the same for all that is unknown. Root on the
 * running machine is not told to become root.
 */
void p2p_advise_reading(const struct p2p_doctor_context *context, struct p2p_draft *finding);

/** The same of what any user may read where the kernel shows it: nobody need become root. */
void p2p_advise_seeing(const struct p2p_doctor_context *context, struct p2p_draft *finding);

/**
 * Names the pairs of devices whose requests to each other pass one of the finding's nodes and are
 * not direct by the rules: P2P_AFFECTED_MAX of them at most.
 */
void p2p_say_pairs(const struct p2p_doctor_context *context, struct p2p_draft *finding);

/** Appends the names of the nodes that a finding is about, the first few of many. */
void p2p_say_nodes(const struct p2p_doctor_context *context, struct p2p_text_builder *text,
		   const struct p2p_draft *finding);

/** Makes a finding of a draft, which gives up all it has. False: memory was short. */
bool p2p_draft_finish(struct p2p_draft *draft, struct p2p_finding *finding);

/** Frees what a finding has. */
void p2p_finding_clear(struct p2p_finding *finding);

#endif
