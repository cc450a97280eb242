/* SPDX-License-Identifier: MIT */
/*
 * Explanations: all that is known of one client and one provider. Each part has a code for
 * programs, which stays what it is, and a text for people, which may be worded better next time.
 *
 * Texts are UTF-8 without control characters, one line unless it says otherwise, and end without
 * a full stop unless they are made of sentences. No text names a command of p2pmem: what this
 * library can do next is a `struct p2p_step`, for the program to word.
 */
#ifndef P2PMEM_EXPLAIN_H
#define P2PMEM_EXPLAIN_H

#include <p2pmem/error.h>
#include <p2pmem/machine.h>
#include <p2pmem/proofs.h>
#include <p2pmem/providers.h>
#include <p2pmem/route.h>
#include <p2pmem/severity.h>
#include <p2pmem/step.h>

P2P_BEGIN_DECLS

struct p2p_explained_reason {
	struct p2p_reason reason;
	char *text; /**< names the nodes and bits, and whose rule it is */
};

struct p2p_explained_hop {
	struct p2p_hop hop;
	/**
	 * "forwards it up", "redirects it up to the host bridge: ACS RR, CR"; or that the request
	 * does not come so far, after a host bridge that refuses it.
	 */
	char *text;
};

/** What to know of a pair beside its verdict: that is about the path, this about the bytes. */
enum p2p_caution_code {
	P2P_CAUTION_BRIDGE,        /**< a bridge was named, and devices are below it */
	P2P_CAUTION_IOMMU,         /**< direct, and an IOMMU translates for the client */
	P2P_CAUTION_IOMMU_UNKNOWN, /**< direct, and whether one does is not known */
	P2P_CAUTION_WIRES,         /**< direct by the rules, and not by the wires alone */
	P2P_CAUTION_ACS_ELSEWHERE, /**< direct by these rules, though ports on the path redirect */
	P2P_CAUTION_NO_P2PDMA,     /**< the kernel is built without CONFIG_PCI_P2PDMA */
	P2P_CAUTION_LENDS_NOTHING, /**< the provider publishes no memory now */
	P2P_CAUTION_TAKEN,         /**< it does, and nothing of it is free */
	P2P_CAUTION_LENDS_UNKNOWN, /**< whether it does could not be read */
	P2P_CAUTION_VIRTUAL,       /**< the topology is a hypervisor's picture */
	P2P_CAUTION_VIRTUAL_UNKNOWN, /**< whether it is could not be read */
	P2P_CAUTION_PROVEN_WRONG,    /**< wrong bytes arrived, and nothing has changed since */
	P2P_CAUTION_PROOF_VOID,      /**< what was found is void: something has changed */
	P2P_CAUTION_ALLOWED, /**< root has let it through against the rules, or had, and why */
	P2P_CAUTIONS,
};

/** Gives a caution's stable word. Returns "bridge", "iommu", "lends-nothing" and so on. */
const char *p2p_caution_name(enum p2p_caution_code code);

struct p2p_caution {
	enum p2p_caution_code code;
	enum p2p_severity severity;
	char *text;
	struct p2p_step step; /**< what to do about it with this library, or P2P_STEP_NONE */
	char *advice;         /**< what else to do, which goes on after the step; or NULL */
};

/** What to change so that a pair works better. */
enum p2p_remedy_code {
	P2P_REMEDY_BOOT_OPTION, /**< pci=disable_acs_redir= with every port on the path */
	P2P_REMEDY_LIVE,        /**< the same bits, cleared at once */
	P2P_REMEDY_FIRMWARE,    /**< what setup programs offer */
	P2P_REMEDY_READ,        /**< how to learn what could not be read */
	P2P_REMEDY_ALLOWLIST,   /**< which other kernel's list has the host bridge, if any */
	P2P_REMEDY_MOVE,        /**< put both below one port */
	P2P_REMEDY_ASK_HOST,    /**< this is a guest */
	P2P_REMEDY_ALLOW, /**< root can let the pair through after its proof: p2p_allow_try() */
	P2P_REMEDIES,
};

/** Gives a remedy's stable word. Returns "boot-option", "live" and so on. */
const char *p2p_remedy_name(enum p2p_remedy_code code);

struct p2p_remedy {
	enum p2p_remedy_code code;
	char *text;           /**< what to do, in sentences */
	struct p2p_step step; /**< by what of this library, or P2P_STEP_NONE */
	char *paste;          /**< lines for a shell or a boot loader; or NULL */
	char *cost;           /**< what it takes away, in sentences; or NULL */
};

/** What is recorded of a pair in one direction. */
struct p2p_explained_proof {
	struct p2p_proof_result result;
	char *text; /**< as p2p_proof_text() words it */
};

/** Made by p2p_explain(); later versions may have more at its end. */
struct p2p_explanation {
	const struct p2p_machine *machine; /**< must outlive it; the routers need not */
	const struct p2p_policy *policy;   /**< whose rules decided */
	p2p_node client, provider;
	struct p2p_route route;
	struct p2p_route hardware_route; /**< what the wires alone would do */
	struct p2p_route back;           /**< by the same rules, from the provider to the client */
	/** The hardware's verdict, and where it differs what that means. */
	char *hardware_text;
	struct p2p_ceiling ceiling;
	char *ceiling_text; /**< "at most 31.5 GB/s: …", or why that is not known */
	char *numa_text;    /**< "both on 0", "0 and 1: …"; NULL: not known of both */
	struct p2p_explained_hop *hops;
	uint32_t hop_count;
	struct p2p_explained_reason *reasons;
	uint32_t reason_count;
	struct p2p_explained_reason *hardware_reasons;
	uint32_t hardware_reason_count;
	struct p2p_caution *cautions; /**< worst first */
	uint32_t caution_count;
	uint32_t caution_tally[P2P_SEVERITIES]; /**< how many of each severity */
	struct p2p_remedy *remedies;            /**< none where the route is direct */
	uint32_t remedy_count;
	/** One for each enum p2p_proof_direction; NULL: no results were given. */
	struct p2p_explained_proof *proofs;
	/** What it was allowed by, of two directions the worse one; NULL: it never was. */
	struct p2p_explained_proof *allowed;
	bool allowable; /**< p2p_path_allowable() */
};

/** What p2p_explain() takes from callers that have it already. */
struct p2p_explain_options {
	size_t size; /**< of this struct, as the program that fills it in was compiled */
	/** What the wires would do: a router of "hardware". NULL: it is made for the question. */
	const struct p2p_router *hardware;
	/** All of the machine's, by p2p_providers_list(). NULL: without p2pmem.ko's. */
	const struct p2p_provider_info *providers;
	uint32_t provider_count;
	/** Results of proving, of the machine; must outlive the explanation. NULL: none. */
	const struct p2p_proofs *proofs;
	/** The same of pairs that were allowed: those at P2P_ALLOWED_PATH. NULL: none. */
	const struct p2p_proofs *allowed;
};

/** Clears options; `size` is sizeof(*options). */
void p2p_explain_options_init(struct p2p_explain_options *options, size_t size);

/**
 * Explains a pair by the rules of `router`, which is of the machine's fabric: p2p_machine_router()
 * makes one. `options` may be NULL. Any number of threads may ask at once.
 *
 * Returns 0, -EINVAL (options that were not initialized, or nodes that p2p_route_check() refuses)
 * or -ENOMEM. `*explanation` is for p2p_explanation_free(), and NULL on failure.
 */
int p2p_explain(const struct p2p_machine *machine, const struct p2p_router *router, p2p_node client,
		p2p_node provider, const struct p2p_explain_options *options,
		struct p2p_explanation **explanation, struct p2p_error *error);

/** Tells whether a pair is proven both ways, by results that hold. Returns true if so. */
bool p2p_explanation_proven(const struct p2p_explanation *explanation);

/** Frees an explanation and all its texts. NULL is allowed. */
void p2p_explanation_free(struct p2p_explanation *explanation);

/** Compares the verdicts of the rules and of the wires alone. Returns true: they differ. */
bool p2p_explanation_differs(const struct p2p_explanation *explanation);

/** Who could read what a source does not show. */
enum p2p_unread {
	P2P_UNREAD_NEEDS_ROOT,    /**< root can read more of this machine */
	P2P_UNREAD_HIDDEN,        /**< root read this machine */
	P2P_UNREAD_NEEDS_CAPTURE, /**< a capture, taken as root there, has more than this source */
	P2P_UNREAD_HIDDEN_THERE,  /**< the source is such a capture */
};

/** Tells what it takes to learn more of a machine than its source shows. Returns who could. */
enum p2p_unread p2p_machine_unread(const struct p2p_machine *machine);

P2P_END_DECLS

#endif
