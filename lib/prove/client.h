/* SPDX-License-Identifier: MIT */
/*
 * A client: something whose DMA moves bytes between a storage of its own and a memory. One file for
 * each kind, two tables of functions; clients.c lists the kinds.
 */
#ifndef P2P_LIB_PROVE_CLIENT_H
#define P2P_LIB_PROVE_CLIENT_H

#include <stdatomic.h>
#include <sys/types.h>

#include "memories/ops.h"

struct p2p_prove_client;
struct p2p_prove_scratch;

#define P2P_PROVE_NAME 64

/** A client that was found, not opened. */
struct p2p_prove_found {
	const struct p2p_prove_kind *kind;
	char name[P2P_PROVE_NAME]; /**< as the system names it */
	struct p2p_bdf function;
	dev_t device; /**< the kind's own: of drives the device */
};

/** Clients that were found. All zero: none. The caller frees `all`. */
struct p2p_prove_list {
	struct p2p_prove_found *all;
	uint32_t count, room;
};

/** Adds one. Returns 0 or -ENOMEM. */
int p2p_prove_list_add(struct p2p_prove_list *list, const struct p2p_prove_found *found);

struct p2p_prove_kind {
	/** Adds all that the machine has. Returns 0 or -ENOMEM. */
	int (*list)(struct p2p_prove_list *list);
	/**
	 * Opens one, for reading alone unless `scratch` is on it; that is NULL where it is not.
	 * Returns 0 or a negative errno with the sentence. The caller closes it.
	 */
	int (*open)(const struct p2p_prove_found *found, const struct p2p_prove_scratch *scratch,
		    struct p2p_prove_client **client, struct p2p_error *error);
};

/** `length` bytes at `at` of the client's storage, and at `place` of a memory. */
struct p2p_prove_request {
	uint64_t at;
	size_t place;
	uint32_t length;
};

struct p2p_prove_move {
	const struct p2p_prove_request *requests;
	size_t count;
	unsigned int depth; /**< how many may be in flight at once; 1: each after the one before */
	struct p2p_memory *memory;
	const atomic_bool *stop; /**< begin no request once it is set */
};

struct p2p_prove_client_ops {
	/** Host memory to storage and back, not by way of a provider. 0 or a negative errno. */
	int (*put)(struct p2p_prove_client *client, uint64_t at, const char *from, size_t length);
	int (*get)(struct p2p_prove_client *client, uint64_t at, char *to, size_t length);
	/**
	 * The client's DMA writes the memory, or reads it. Nothing is in flight afterwards. Returns
	 * 0, or the negative errno of a request that failed; -EINTR: stopped.
	 */
	int (*to_memory)(struct p2p_prove_client *client, const struct p2p_prove_move *move);
	int (*from_memory)(struct p2p_prove_client *client, const struct p2p_prove_move *move);
	void (*close)(struct p2p_prove_client *client);
};

struct p2p_prove_client {
	const struct p2p_prove_client_ops *ops;
	uint32_t unit;         /**< lengths and places in the storage are multiples of it */
	uint32_t memory_align; /**< places in a memory are multiples of it */
	uint32_t largest;      /**< bytes of one request */
	unsigned int depth;    /**< requests that may be in flight */
	uint64_t storage;      /**< bytes of it */
	bool writable;         /**< all of its storage may be overwritten */
	bool needs_pages;      /**< it cannot use memory without struct pages */
	bool needs_dmabuf;     /**< it takes the memory of devices as a dma-buf only */
	bool in_background;    /**< it may move while the CPU uses the memory, in another thread */
	const char *left_out;  /**< what it could do and is not tried, a clause; or NULL */
};

#endif
