/* SPDX-License-Identifier: MIT */
/*
 * Copies between block devices and regular files, through a device's memory when any is provided,
 * through host memory otherwise.
 *
 *     p2p_copy_open()    checks everything; nothing is written yet
 *     p2p_copy_run()     copies; may be stopped from another thread or a signal handler
 *     p2p_copy_report()  what happened to how many bytes, at any time
 *     p2p_copy_close()
 *
 * One copy belongs to one thread; p2p_copy_stop() alone may be called from elsewhere.
 */
#ifndef P2PMEM_COPY_H
#define P2PMEM_COPY_H

#include <p2pmem/error.h>
#include <p2pmem/route.h>

P2P_BEGIN_DECLS

#define P2P_COPY_TO_THE_END  UINT64_MAX
#define P2P_COPY_SAME_OFFSET UINT64_MAX

enum p2p_copy_strategy {
	P2P_COPY_AUTO, /**< peer memory when some serves both files, host memory otherwise */
	P2P_COPY_PEER, /**< as AUTO, but an error when nobody provides memory to begin with */
	P2P_COPY_HOST, /**< host memory */
};

/** Which memory bytes go through. */
enum p2p_copy_path {
	P2P_COPY_PATH_NONE,
	P2P_COPY_PATH_PEER,
	P2P_COPY_PATH_HOST,
};

enum p2p_copy_event {
	P2P_COPY_EVENT_PATH,    /**< a path was chosen; `text` describes it */
	P2P_COPY_EVENT_DROPPED, /**< a path was given up; `text` says why */
	P2P_COPY_EVENT_PROVEN, /**< the path's first bytes arrived; `text` says how that was seen */
	P2P_COPY_EVENT_NOTE,   /**< something worth knowing; `text` */
	P2P_COPY_EVENT_PROGRESS, /**< several times a second; `text` is NULL */
};

/** What is read back from the destination and compared, before bytes count as good. */
enum p2p_copy_comparison {
	P2P_COPY_COMPARES_SAMPLES, /**< a random piece of every block */
	P2P_COPY_COMPARES_ALL,     /**< everything, as asked */
	/**
	 * What went through peer memory, all of it: several PCI functions move one file's bytes, so
	 * that a proof for one says nothing about the next block.
	 */
	P2P_COPY_COMPARES_ALL_FUNCTIONS,
	/** The same, since the functions that move one file's bytes are others than before. */
	P2P_COPY_COMPARES_ALL_CHANGED,
};

/** From a file's drive to the peer memory, as the running kernel's rules see it. */
struct p2p_copy_route {
	enum p2p_verdict verdict;
	int32_t distance; /**< hops as Linux counts them, -1: none or unknown */
	bool allowed;     /**< root lets it through against the rules: <p2pmem/allow.h> */
};

/** All bytes are counted from the copy's start, each once, by the way that it finally took. */
struct p2p_copy_report {
	uint64_t offset;             /**< where the copy starts in the source */
	uint64_t destination_offset; /**< and in the destination */
	uint64_t length;             /**< bytes to copy */
	uint64_t done;               /**< bytes written so far, not all of them flushed */
	/**
	 * The destination holds the first `good` bytes: written, flushed to the medium, read back
	 * as `comparison` says. A copy can go on from there. It goes back when wrong bytes show
	 * that a path was trusted too early, and to 0 when the source was changed meanwhile.
	 */
	uint64_t good;
	uint64_t peer_bytes;     /**< through peer memory */
	uint64_t host_bytes;     /**< through host memory */
	uint64_t hole_bytes;     /**< holes of the source, made or kept without moving data */
	uint64_t proof_bytes;    /**< read through host memory, only to be compared: the proof */
	uint64_t proof_ns;       /**< time that proofs took; nothing else was moved meanwhile */
	uint64_t compare_ns;     /**< the same for samples and verification */
	uint64_t sampled_bytes;  /**< pieces of blocks, read back from the destination, equal */
	uint64_t verified_bytes; /**< the same of whole stretches */
	enum p2p_copy_comparison comparison;     /**< in use now or last */
	uint64_t block;                          /**< bytes */
	unsigned int depth;                      /**< blocks in flight */
	enum p2p_copy_path path;                 /**< in use now or last */
	struct p2p_copy_route source_route;      /**< valid while `provider` is set */
	struct p2p_copy_route destination_route; /**< likewise */
	const char
		*provider; /**< PCI address of the provider, or p2pmemN, while the path is PEER */
	/** While `provider` is set: the file that its memory was allocated by. */
	const char *provider_node;
	unsigned int dropped_paths; /**< how often a path was given up */
};

/** What to copy, and how: starts from p2p_copy_options_init(). */
struct p2p_copy_options {
	size_t size;        /**< of this struct, as the program that fills it in was compiled */
	const char *source; /**< block device or regular file */
	const char *destination; /**< block device, regular file, or a directory to put one in */
	uint64_t offset;         /**< bytes */
	uint64_t destination_offset; /**< bytes, or P2P_COPY_SAME_OFFSET */
	uint64_t length;             /**< bytes, or P2P_COPY_TO_THE_END */
	uint64_t block;              /**< bytes in one request, 0: chosen */
	unsigned int depth;          /**< blocks in flight, 0: chosen */
	enum p2p_copy_strategy strategy;
	const char *provider; /**< the only one allowed: any name of a device, p2pmemN; or NULL */
	bool require_p2p;     /**< never through host memory: an error instead */
	bool verify;          /**< read everything back and compare, not a piece of every block */
	bool force;           /**< also onto a destination that is mounted or in use */
	/** Told what happens, in the thread of p2p_copy_run(); may be NULL. */
	void (*event)(void *context, enum p2p_copy_event event, const char *text,
		      const struct p2p_copy_report *report);
	void *context;
	/**
	 * A file of results of proving, as P2P_PROOFS_PATH: providers that are recorded as wrong
	 * for these files are passed over, unless `provider` names them, and wrong bytes that the
	 * copy meets are recorded there. NULL: neither.
	 */
	const char *results;
};

struct p2p_copy;

/** Fills in the defaults: the whole source, everything chosen. `size` is sizeof(*options). */
void p2p_copy_options_init(struct p2p_copy_options *options, size_t size);

/**
 * Opens source and destination and checks that the copy can work. A destination file that does not
 * exist is created (and removed again by p2p_copy_close() if nothing came to be written); nothing
 * else is touched. The strings in `options` are used during the call only. `*copy` is for
 * p2p_copy_close(), and NULL on failure.
 *
 * Returns 0, or a negative errno with the sentence in `error`:
 * -EINVAL  options that were not initialized, name no file or do not fit together, files that
 *          overlap, a block that fits nothing, a source that does not have the size that it says
 * -EFBIG   the destination is too small
 * -EBUSY   the destination is mounted or in use
 * -ENODEV  peer memory is required and nobody provides any
 * -ENOENT, -EACCES, -EPERM, -EROFS, -ENOSPC, -ENOMEM, -EIO  as their names say
 */
int p2p_copy_open(const struct p2p_copy_options *options, struct p2p_copy **copy,
		  struct p2p_error *error);

/**
 * Copies. Returns 0 when the destination holds everything, it, its size and its name are on the
 * medium, and the source is what it was. Otherwise a negative errno (-EINTR after p2p_copy_stop(),
 * -ENODEV when a path is required that is gone, -ESTALE when the source was changed meanwhile,
 * -EFBIG when no file may become so large, -EIO, -ENOSPC, …); p2p_copy_report() then tells how far
 * the destination is good. To be called once.
 */
int p2p_copy_run(struct p2p_copy *copy, struct p2p_error *error);

/** Asks a running copy to stop soon and orderly. Async-signal-safe and thread-safe. */
void p2p_copy_stop(struct p2p_copy *copy);

/**
 * Tells what happened so far. Returns the copy's report, which changes while it runs and lives
 * until it is closed.
 */
const struct p2p_copy_report *p2p_copy_report(const struct p2p_copy *copy);

/** Closes a copy, and removes a destination file to which nothing came. NULL is allowed. */
void p2p_copy_close(struct p2p_copy *copy);

P2P_END_DECLS

#endif
