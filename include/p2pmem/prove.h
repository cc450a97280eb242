/* SPDX-License-Identifier: MIT */
/*
 * Proving pairs: moves data by real I/O between a client and memory that a device provides, and
 * looks whether the right bytes arrived, from the other side: in the provider's memory by the CPU,
 * in a drive through host memory.
 *
 *     p2p_prove_open()    finds clients and providers; nothing is moved yet
 *     p2p_prove_run()     tries each pair, both ways; may be stopped from a signal handler
 *     p2p_prove_trial()   what came of each, at any time
 *     p2p_prove_close()
 *
 * A drive is only read, and what it holds is what should arrive, unless there is scratch: a new
 * file, or a range of a device, that may be overwritten. Results are kept: <p2pmem/proofs.h>.
 *
 * One prover belongs to one thread; p2p_prove_stop() alone may be called from elsewhere.
 */
#ifndef P2PMEM_PROVE_H
#define P2PMEM_PROVE_H

#include <p2pmem/error.h>
#include <p2pmem/proofs.h>
#include <p2pmem/route.h>

P2P_BEGIN_DECLS

/** Why a pair was not tried in a direction, or not to the end. */
enum p2p_prove_gap {
	P2P_PROVE_TRIED,
	P2P_PROVE_WAITS,   /**< its turn has not come */
	P2P_PROVE_SCRATCH, /**< bytes would have to be written to the client, and no scratch is on
			      it */
	P2P_PROVE_BLANK,   /**< what the client holds is all alike, which proves nothing */
	P2P_PROVE_MEMORY,  /**< the provider's memory cannot be had, or be used by this client */
	P2P_PROVE_CLIENT,  /**< the client fails without the provider's part in it */
	P2P_PROVE_LOST,    /**< the provider does not answer any more */
	P2P_PROVE_STOPPED,
	P2P_PROVE_ALLOW, /**< it was to be let through for that, and cannot be */
};

/** Gives a stable word. Returns "tried", "waits", "scratch", "blank", "memory" and so on. */
const char *p2p_prove_gap_name(enum p2p_prove_gap gap);

/** What moved through one memory. */
struct p2p_prove_speed {
	uint64_t requests;
	uint64_t ns; /**< that they took together */
};

/** How fast requests of one size go, when so many are in flight. */
struct p2p_prove_rate {
	uint32_t length;             /**< bytes of a request */
	uint32_t depth;              /**< in flight; the mean latency is depth * ns / requests */
	struct p2p_prove_speed peer; /**< through the provider's memory */
	struct p2p_prove_speed host; /**< through the host's, in turns with it */
};

/** One pair in one direction. */
struct p2p_prove_trial {
	const char *client;       /**< as the system names it: "nvme0n1" */
	const char *provider;     /**< its address, or "p2pmem0" */
	enum p2p_verdict verdict; /**< of the route between them, by the running kernel's rules */
	int32_t distance;         /**< hops as Linux counts them, -1: none or unknown */
	/** State, damage, bytes; `text` is what was seen, a sentence without a full stop. */
	const struct p2p_proof_result *result;
	enum p2p_prove_gap gap; /**< of what is NOT_TRIED */
	uint64_t requests;      /**< that moved those bytes */
	uint32_t least, most;   /**< bytes of the smallest and the largest of them */
	uint32_t depth;         /**< how many were in flight at once, at most */
	/** How many times a flag was seen to come that was written after data, TO_PROVIDER. */
	uint32_t ordered;
	bool allowed; /**< the pair is let through from now on, for it is proven both ways */
	/** Who moved at the same time, through the same provider, in a round more; or NULL. */
	const char *beside;
	const struct p2p_prove_rate
		*rates; /**< of what is PROVEN, where asked for: by size, depth */
	uint32_t rate_count;
	/* Of what is WRONG: */
	uint64_t wrong;      /**< bytes, */
	uint64_t looked_at;  /**< of so many that one batch of requests moved */
	uint64_t first;      /**< the first of them: in the memory, or in the client's storage */
	int64_t by;          /**< SHIFTED, MIRRORED, SWAPPED: bytes */
	const char *meaning; /**< what such a damage usually means, a clause; else NULL */
};

/** What is told while it runs. */
enum p2p_prove_event {
	P2P_PROVE_EVENT_BEGIN, /**< a pair is tried now */
	P2P_PROVE_EVENT_END,   /**< its result is there, or is another than before */
	P2P_PROVE_EVENT_NOTE,  /**< something worth knowing; `text` */
};

/** What to prove: starts from p2p_prove_options_init(). */
struct p2p_prove_options {
	size_t size;          /**< of this struct, as the program that fills it in was compiled */
	const char *client;   /**< any name of a drive or its function; NULL: all */
	const char *provider; /**< as p2p_memory_provider_find() takes it; NULL: all */
	/**
	 * What may be overwritten: a file that does not exist, which is made and removed again, or
	 * a block device, of which a range must be named. NULL: nothing.
	 */
	const char *scratch;
	uint64_t scratch_offset; /**< bytes; of a device */
	uint64_t scratch_length; /**< bytes; of a file 0: 64 MiB */
	uint64_t duration;       /**< of each trial, at least, in ns; 0: once through its plan */
	bool rates;              /**< measure them, too, of what is proven */
	const char *results;     /**< file to keep results in; NULL: P2P_PROOFS_PATH */
	/**
	 * Lets each pair through while it is proven, and on if it is proven both ways:
	 * <p2pmem/allow.h>. Only for pairs that the rules refuse.
	 */
	bool allow;
	const char *allowed; /**< file to record those in; NULL: P2P_ALLOWED_PATH */
	/** Told what happens, in the thread of p2p_prove_run(); may be NULL. */
	void (*event)(void *context, enum p2p_prove_event event, const char *text,
		      const struct p2p_prove_trial *trial);
	void *context;
};

/** Clears options; `size` is sizeof(*options). */
void p2p_prove_options_init(struct p2p_prove_options *options, size_t size);

struct p2p_prove;

/**
 * Finds out which pairs there are, opens results and scratch. A scratch file is made and at once
 * has no name any more. The strings in `options` are used during the call only. `*prove` is for
 * p2p_prove_close(), and NULL on failure.
 *
 * Returns 0, or a negative errno with the sentence in `error`:
 * -EINVAL  options that were not initialized; scratch that is not on the client, is no whole number
 *          of its sectors, or could overlap with what is in use
 * -EEXIST  a scratch file that exists
 * -EBUSY   a scratch device that is mounted or in use
 * -ENODEV  there is no such client or provider, or none at all
 * -ENOENT, -EACCES, -EPERM, -EROFS, -ENOSPC, -ENOMEM, -EIO  as their names say
 */
int p2p_prove_open(const struct p2p_prove_options *options, struct p2p_prove **prove,
		   struct p2p_error *error);

/**
 * Tries all pairs, both ways, and keeps each result as it is found. Returns 0 when all that could
 * be tried was, whatever came of it; -EINTR after p2p_prove_stop(); -EACCES, -ENOSPC and the like
 * when results could not be kept, with all trials done; -ENOMEM. To be called once.
 */
int p2p_prove_run(struct p2p_prove *prove, struct p2p_error *error);

/** Asks a running prover to stop soon and orderly. Async-signal-safe and thread-safe. */
void p2p_prove_stop(struct p2p_prove *prove);

/** Counts the trials: two directions of each pair. Returns how many there are, from the start. */
uint32_t p2p_prove_count(const struct p2p_prove *prove);

/**
 * Gives a trial; `index` is below p2p_prove_count(). Trials of a pair follow each other, pairs are
 * ordered by client. Returns it; it changes while the prover runs, and lives until it is closed.
 */
const struct p2p_prove_trial *p2p_prove_trial(const struct p2p_prove *prove, uint32_t index);

/** Tells about which machine it is. Returns it; it lives until the prover is closed. */
const struct p2p_machine *p2p_prove_machine(const struct p2p_prove *prove);

/** Closes a prover. NULL is allowed. */
void p2p_prove_close(struct p2p_prove *prove);

P2P_END_DECLS

#endif
