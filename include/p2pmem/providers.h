/* SPDX-License-Identifier: MIT */
/*
 * Providers: which devices of a machine publish memory for others, which could, and what stands
 * between.
 *
 * Nothing here changes anything; all functions may be called by any number of threads at once.
 */
#ifndef P2PMEM_PROVIDERS_H
#define P2PMEM_PROVIDERS_H

#include <p2pmem/machine.h>
#include <p2pmem/module.h>
#include <p2pmem/route.h>
#include <p2pmem/step.h>

P2P_BEGIN_DECLS

/** Best first. */
enum p2p_provider_state {
	P2P_PROVIDER_PUBLISHED, /**< the kernel may choose it for others */
	P2P_PROVIDER_PRIVATE,   /**< set up by its driver, which keeps it to itself */
	P2P_PROVIDER_POSSIBLE,  /**< has a BAR that could hold memory, and nobody publishes it */
	P2P_PROVIDER_UNLIKELY,  /**< the same, but such devices usually have registers there */
	P2P_PROVIDER_TOO_SMALL, /**< looks like memory, below what Linux can publish */
};

/** Why its memory is not published. */
enum p2p_provider_reason {
	P2P_PROVIDER_LENDS,         /**< it is */
	P2P_PROVIDER_NOT_PUBLISHED, /**< set up, not published */
	P2P_PROVIDER_NO_P2PDMA,     /**< the kernel has no CONFIG_PCI_P2PDMA */
	P2P_PROVIDER_NO_DRIVER,     /**< no driver is bound that could publish it */
	P2P_PROVIDER_DRIVER,        /**< its driver does not publish it */
	P2P_PROVIDER_REGISTERS,     /**< a kind of device whose BARs are usually registers */
	P2P_PROVIDER_SMALL,         /**< Linux publishes in blocks of 2 MiB */
	P2P_PROVIDER_UNKNOWN,       /**< the source does not say who publishes memory */
};

/** In `module`: not p2pmem.ko publishes it. */
#define P2P_BY_DRIVER (-1)

/** Memory of a function that is published, or could be. */
struct p2p_provider_info {
	p2p_node node;
	enum p2p_provider_state state;
	enum p2p_provider_reason reason;
	const char *text;       /**< the reason as a sentence without a full stop; a constant */
	const char *advice;     /**< what else to try, as a sentence, or NULL; a constant */
	struct p2p_step step;   /**< what would publish it, or tell more; P2P_STEP_NONE: nothing */
	int bar;                /**< of the memory, -1: not known */
	uint64_t size;          /**< bytes: of what is published, else of the BAR */
	uint64_t available;     /**< bytes, of what is published; or P2P_UNCOUNTED */
	struct p2p_route route; /**< from the client, when there is one */
	int64_t module;         /**< N of the p2pmemN that p2pmem.ko made of it, or P2P_BY_DRIVER */
	bool page_backed;       /**< of what the module publishes: with struct pages */
};

/**
 * Gives a state's stable word. Returns "published", "private", "possible", "unlikely" or
 * "too-small".
 */
const char *p2p_provider_state_name(enum p2p_provider_state state);

/**
 * Gives a reason's stable word. Returns "lends", "not-published", "no-p2pdma", "no-driver",
 * "driver", "registers", "small" or "unknown".
 */
const char *p2p_provider_reason_name(enum p2p_provider_reason reason);

/** What p2p_providers_list() is asked: starts from p2p_providers_request_init(). */
struct p2p_providers_request {
	size_t size; /**< of this struct, as the program that fills it in was compiled */
	const struct p2p_machine *machine;
	const struct p2p_router *router; /**< gives the routes from the client */
	p2p_node client;                 /**< a node that can be one, or P2P_NO_NODE */
	/** What p2pmem.ko publishes on that machine; memory on no PCI bus is not listed. */
	const struct p2p_module_memory *memories;
	size_t memory_count;
};

/** Clears a request; `size` is sizeof(*request). The machine is still to be filled in. */
void p2p_providers_request_init(struct p2p_providers_request *request, size_t size);

/**
 * Lists all functions that publish memory or have a prefetchable memory BAR of 2 MiB or more, and
 * NVMe drives with a smaller one beside their registers, which may be a controller memory buffer
 * (NVMe Base 1.4, section 4.7). A function whose driver is p2pmem publishes all its memory; how
 * much of it is free only `memories` tell. A function has an entry for each range that the module
 * publishes, unless that is a part of the pool which its driver publishes, too. Ordered by state,
 * then address; with a client by state, verdict, distance, then address.
 *
 * Returns 0, -ENOMEM, or -EINVAL: the request was not initialized, or has no machine. `*providers`
 * is the caller's to free(), and NULL on failure.
 */
int p2p_providers_list(const struct p2p_providers_request *request,
		       struct p2p_provider_info **providers, uint32_t *count);

/**
 * Finds a function's first entry in such a list, which is the best that it does. Returns NULL
 * where it has none.
 */
const struct p2p_provider_info *p2p_providers_find(const struct p2p_provider_info *providers,
						   uint32_t count, p2p_node node);

P2P_END_DECLS

#endif
