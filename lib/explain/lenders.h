/* SPDX-License-Identifier: MIT */
/*
 * Who lends memory, who could, and what stands between.
 */
#ifndef P2P_REPORTS_LENDERS_H
#define P2P_REPORTS_LENDERS_H

#include <stdio.h>

#include <p2pmem/machine.h>
#include <p2pmem/module.h>
#include <p2pmem/route.h>

enum p2p_lender_state {
	P2P_LENDER_PUBLISHED, /**< lends: the kernel may choose it for others */
	P2P_LENDER_PRIVATE,   /**< has p2pmem, but its driver keeps it to itself */
	P2P_LENDER_POSSIBLE,  /**< has a BAR that could hold memory, and nobody lends it */
	P2P_LENDER_UNLIKELY,  /**< the same, but such devices usually have registers there */
	P2P_LENDER_TOO_SMALL, /**< looks like memory, below what Linux can lend */
};

/** Why it does not lend; stable words by p2p_lender_reason_name(). */
enum p2p_lender_reason {
	P2P_LENDER_LENDS,
	P2P_LENDER_NOT_PUBLISHED, /**< set up, not published */
	P2P_LENDER_NO_P2PDMA,     /**< the kernel has no CONFIG_PCI_P2PDMA */
	P2P_LENDER_NO_DRIVER,     /**< no driver is bound that could publish it */
	P2P_LENDER_DRIVER,        /**< its driver does not publish it */
	P2P_LENDER_REGISTERS,     /**< a kind of device whose BARs are usually registers */
	P2P_LENDER_SMALL,         /**< Linux lends in blocks of 2 MiB */
	P2P_LENDER_UNKNOWN,       /**< the source does not say who publishes memory */
};

#define P2P_LENT_BY_DRIVER (-1)

struct p2p_lender {
	p2p_node node;
	enum p2p_lender_state state;
	enum p2p_lender_reason reason;
	int bar;                /**< of the memory, -1: not known */
	uint64_t size;          /**< bytes: of what is lent, else of the BAR */
	uint64_t available;     /**< bytes, of what is lent; or P2P_UNCOUNTED */
	struct p2p_route route; /**< from the client, when there is one */
	/** N of the p2pmemN that p2pmem.ko lends it as, or P2P_LENT_BY_DRIVER. */
	int64_t module;
	bool page_backed; /**< of what the module lends: with struct pages */
};

/** "published", "private", "possible", "unlikely" or "too-small". */
const char *p2p_lender_state_name(enum p2p_lender_state state);

/** "lends", "not-published", "no-p2pdma", "no-driver", "driver", "registers", "small", "unknown".
 */
const char *p2p_lender_reason_name(enum p2p_lender_reason reason);

/** The sentence for people, without a full stop. */
const char *p2p_lender_reason_text(enum p2p_lender_reason reason);

struct p2p_lenders_request {
	const struct p2p_machine *machine;
	const struct p2p_router *router; /**< gives the routes from the client */
	p2p_node client;                 /**< a node that can be one, or P2P_NO_NODE */
	/** What p2pmem.ko publishes on that machine; memory on no PCI bus is not listed. */
	const struct p2p_module_memory *memories;
	size_t memory_count;
};

/**
 * Lists all functions that lend memory or have a prefetchable memory BAR of 2 MiB or more, and
 * NVMe drives with a smaller one beside their registers, which may be a controller memory buffer
 * (NVMe 1.4, section 4.7). A function whose driver is p2pmem publishes all its memory; how much of
 * it is free only `memories` tell. A function has a line for each range that the module publishes,
 * unless that is a part of the pool which its driver publishes, too. Ordered by state, then
 * address; with a client by state, verdict, distance, then address.
 *
 * @return 0 or -ENOMEM. `*lenders` is the caller's to free().
 */
int p2p_lenders_list(const struct p2p_lenders_request *request, struct p2p_lender **lenders,
		     uint32_t *count);

/** A function's first line in such a list, the best that it does; NULL: it has none. */
const struct p2p_lender *p2p_lenders_find(const struct p2p_lender *lenders, uint32_t count,
					  p2p_node node);

/**
 * Writes what would make it lend, as a command where there is one: "p2pmem publish 0000:04:00.0
 * --bar 2". Returns whether there was anything to write.
 */
bool p2p_lender_fix_write(FILE *file, const struct p2p_machine *machine,
			  const struct p2p_lender *lender);

#endif
