/* SPDX-License-Identifier: MIT */
/*
 * What the doctor's checks share: what they look at, and how they say what they found.
 */
#ifndef P2P_REPORTS_DOCTOR_CHECKS_H
#define P2P_REPORTS_DOCTOR_CHECKS_H

#include <p2pmem/providers.h>
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "doctor.h"
#include "survey.h"

/** Whether devices in an IOMMU domain of that type have their addresses translated. */
bool p2p_group_translates(const char *type);

struct p2p_ward {
	const struct p2p_machine *machine;
	const struct p2p_machine_facts *facts;
	const struct p2p_fabric *fabric;
	const struct p2p_router *router;
	const struct p2p_survey *survey;
	const char *release;
	const char *devices;
	const char *module;
	struct p2p_provider_info *providers; /* by p2p_providers_list() */
	uint32_t provider_count;
};

/** A check looks at the ward and adds findings; running out of memory is remembered for it. */
typedef void p2p_doctor_check(const struct p2p_ward *ward, struct p2p_doctor *doctor);

p2p_doctor_check p2p_doctor_access, p2p_doctor_acs, p2p_doctor_bars, p2p_doctor_devices,
	p2p_doctor_groups, p2p_doctor_guest, p2p_doctor_host_bridges, p2p_doctor_iommu,
	p2p_doctor_kernel, p2p_doctor_links, p2p_doctor_memory, p2p_doctor_module;

/** Adds a finding; the pointer is good until the next one is added. Both texts are literals. */
struct p2p_finding *p2p_find(struct p2p_doctor *doctor, const char *id, const char *area,
			     enum p2p_severity severity);

/** Appends to one of a finding's texts. */
void p2p_say(struct p2p_doctor *doctor, char **text, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** As p2p_say(), on a new line unless it is the first. */
void p2p_say_line(struct p2p_doctor *doctor, char **text, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Says a remedy that takes hands on the machine or its firmware, and what it costs. In a guest it
 * names the host instead: nothing inside can apply it.
 */
void p2p_say_hands_on(const struct p2p_ward *ward, struct p2p_doctor *doctor,
		      struct p2p_finding *finding, const char *remedy, const char *cost);

/** Says that a finding is about `node`. */
void p2p_about(struct p2p_doctor *doctor, struct p2p_finding *finding, p2p_node node);

/**
 * Says how to learn what could not be read: the one remedy of all that is unknown. Root on the
 * running machine is not told to become root.
 */
void p2p_say_how_to_read(struct p2p_doctor *doctor, const struct p2p_ward *ward,
			 struct p2p_finding *finding);

/** The same of what any user may read where the kernel shows it: nobody need become root. */
void p2p_say_how_to_see(struct p2p_doctor *doctor, const struct p2p_ward *ward,
			struct p2p_finding *finding);

/**
 * Names the pairs of devices whose requests to each other pass one of the finding's nodes and are
 * not direct by the rules: P2P_AFFECTED_MAX of them at most.
 */
void p2p_say_pairs(struct p2p_doctor *doctor, const struct p2p_ward *ward,
		   struct p2p_finding *finding);

/** Appends the names of the nodes that a finding is about, the first few of many. */
void p2p_say_nodes(struct p2p_doctor *doctor, const struct p2p_ward *ward, char **text,
		   const struct p2p_finding *finding);

#endif
