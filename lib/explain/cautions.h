/* SPDX-License-Identifier: MIT */
/*
 * What to know of a pair beside its verdict: what makes it less than it seems, and what could not
 * be read. The verdict is about the path; this is about the bytes, and about whose memory it is.
 */
#ifndef P2P_REPORTS_CAUTIONS_H
#define P2P_REPORTS_CAUTIONS_H

#include "answer.h"
#include <p2pmem/providers.h>
#include <p2pmem/severity.h>

enum p2p_caution_code {
	P2P_CAUTION_BRIDGE,        /**< a bridge was named, and devices are below it */
	P2P_CAUTION_IOMMU,         /**< direct, and an IOMMU translates for the client */
	P2P_CAUTION_IOMMU_UNKNOWN, /**< direct, and whether one does is not known */
	P2P_CAUTION_WIRES,         /**< direct by the rules, and not by the wires alone */
	P2P_CAUTION_ACS_ELSEWHERE, /**< direct by these rules, though ports on the path redirect */
	P2P_CAUTION_NO_P2PDMA,     /**< the kernel is built without CONFIG_PCI_P2PDMA */
	P2P_CAUTION_LENDS_NOTHING, /**< the provider lends no memory now */
	P2P_CAUTION_TAKEN,         /**< it does, and nothing of it is free */
	P2P_CAUTION_LENDS_UNKNOWN, /**< whether it lends could not be read */
	P2P_CAUTION_VIRTUAL,       /**< the topology is a hypervisor's picture */
	P2P_CAUTION_VIRTUAL_UNKNOWN, /**< whether it is could not be read */
	P2P_CAUTIONS,
};

/** A stable word for JSON: "bridge", "iommu", "lends-nothing", … */
const char *p2p_caution_name(enum p2p_caution_code code);

struct p2p_caution {
	enum p2p_caution_code code;
	enum p2p_severity severity;
	char *text; /**< a sentence without a full stop */
	char *fix;  /**< what to do, or NULL */
};

struct p2p_cautions {
	struct p2p_caution list[P2P_CAUTIONS + 1]; /* both ends may be bridges */
	uint32_t count;
	uint32_t tally[P2P_SEVERITIES];
};

/**
 * Finds what there is to know, warnings first. `lenders` is p2p_providers_list()'s of the machine.
 * Returns 0 or -ENOMEM; `*cautions` is to be freed by p2p_cautions_free() in every case.
 */
int p2p_cautions_find(const struct p2p_answer *answer, const struct p2p_provider_info *lenders,
		      uint32_t lender_count, struct p2p_cautions *cautions);

void p2p_cautions_free(struct p2p_cautions *cautions);

#endif
