/* SPDX-License-Identifier: MIT */
/*
 * All memory that devices lend, whichever way: what their drivers publish through the kernel, and
 * what p2pmem.ko does.
 */
#ifndef P2P_LIB_MEMORIES_LENT_H
#define P2P_LIB_MEMORIES_LENT_H

#include <p2pmem/module.h>

#include "memories/memory.h"
#include "print.h"

#define P2P_BY_DRIVER (-1)

struct p2p_lent {
	char owner[P2P_BDF_TEXT]; /**< PCI address; "p2pmemN" for memory on no PCI bus */
	int64_t module;           /**< N of /dev/p2pmemN, or P2P_BY_DRIVER */
	uint64_t available;       /**< bytes that one user can have now */
	bool page_backed;
	/**
	 * A function has one pool of pages, which its driver and the module share: only one way to
	 * it counts. This is the other; it serves when it is asked for by name.
	 */
	bool second;
};

/**
 * Lists what is lent, in bus order, what the module publishes last. Returns 0 (also for none) or
 * -ENOMEM. The caller frees `*list`.
 */
int p2p_lent_list(struct p2p_lent **list, size_t *count);

/** The same from two lists that the caller has. */
int p2p_lent_merge(const struct p2p_published *published, size_t published_count,
		   const struct p2p_module_memory *memories, size_t memory_count,
		   struct p2p_lent **list, size_t *count);

/** Whether it is the memory that `name` means: an address, or p2pmemN. */
bool p2p_lent_is(const struct p2p_lent *lent, const char *name);

/** Allocates: as p2p_published_memory_open() or p2p_module_memory_open_on(). */
int p2p_lent_open(const struct p2p_lent *lent, size_t size, struct p2p_memory **memory,
		  struct p2p_error *error);

/** Longest name of p2p_lent_node(): a path in sysfs. */
#define P2P_LENT_NODE 80

/** The file that it is allocated by: "/dev/p2pmem0". Returns `text`. */
const char *p2p_lent_node(const struct p2p_lent *lent, char text[P2P_LENT_NODE]);

#endif
