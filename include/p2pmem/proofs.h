/* SPDX-License-Identifier: MIT */
/*
 * Results of proving, kept: which pairs of a client and a provider brought the right bytes, which
 * brought wrong ones, and whether the machine is still what it was then.
 *
 * A result belongs to its pair's fingerprint, which is a list of named facts: ids, revision and
 * firmware of both and of every port above them, ACS control there, the IOMMU and the client's
 * domain, the kernel's release, the BIOS' version, the CPU. Once one of them differs the result is
 * void, and says which. A fact that could not be read is unknown; unknown and known are different.
 *
 *     p2p_proofs_open()     reads the file of results, for one machine
 *     p2p_proofs_find()     what is known of one pair in one direction
 *     p2p_proofs_record()   a new result, in memory
 *     p2p_proofs_save()     into the file, which others may be writing too
 *     p2p_proofs_close()
 *
 * Between opening and recording, any number of threads may ask; recording and saving is for one
 * thread at a time that nobody asks beside. Strings that are handed out belong to the store, until
 * the next result is recorded or it is closed. The file: p2pmem-proofs(5).
 */
#ifndef P2PMEM_PROOFS_H
#define P2PMEM_PROOFS_H

#include <p2pmem/error.h>
#include <p2pmem/fabric.h>
#include <p2pmem/machine.h>

P2P_BEGIN_DECLS

/** Where results of the running machine are. */
#define P2P_PROOFS_PATH "/var/lib/p2pmem/proofs"

enum p2p_proof_state {
	P2P_PROOF_NOT_TRIED, /**< nothing is recorded */
	P2P_PROOF_PROVEN,    /**< all that was moved arrived as it should */
	P2P_PROOF_WRONG,     /**< transfers succeeded and wrong bytes arrived */
	P2P_PROOF_REFUSED,   /**< the kernel or a driver refused: no byte was moved */
	P2P_PROOF_VOID,      /**< the machine is not any more what it was then */
};

/** Gives a stable word. Returns "not-tried", "proven", "wrong", "refused" or "void". */
const char *p2p_proof_state_name(enum p2p_proof_state state);

/** Which way bytes go between a client and the memory of a provider. */
enum p2p_proof_direction {
	P2P_PROOF_TO_PROVIDER,   /**< the client's DMA writes it: a drive is read */
	P2P_PROOF_FROM_PROVIDER, /**< the client's DMA reads it: a drive is written */
};
#define P2P_PROOF_DIRECTIONS 2

/** Gives a stable word. Returns "to-provider" or "from-provider". */
const char *p2p_proof_direction_name(enum p2p_proof_direction direction);

/** What is wrong with bytes that arrived. */
enum p2p_damage {
	P2P_DAMAGE_NONE,
	P2P_DAMAGE_STALE,    /**< what was there before: nothing arrived */
	P2P_DAMAGE_TORN,     /**< partly new, partly what was there before */
	P2P_DAMAGE_SHIFTED,  /**< the right bytes, a distance away from their place */
	P2P_DAMAGE_MIRRORED, /**< the same bytes once more, a power of two away */
	P2P_DAMAGE_SWAPPED,  /**< blocks in each other's places */
	P2P_DAMAGE_ONES,     /**< nothing but ones: nobody answered */
	P2P_DAMAGE_ZEROS,    /**< nothing but zeros */
	P2P_DAMAGE_FOREIGN,  /**< bytes that nobody put there */
	P2P_DAMAGE_ORDER,    /**< a flag was seen before the data that were written first */
};
#define P2P_DAMAGES 10

/**
 * Gives a stable word. Returns "none", "stale", "torn", "shifted", "mirrored", "swapped", "ones",
 * "zeros", "foreign" or "order".
 */
const char *p2p_damage_name(enum p2p_damage damage);

/** A client, or a provider: a function, or memory that is on no PCI bus. */
struct p2p_proof_end {
	bool on_pci;
	struct p2p_bdf function; /**< when it is on PCI */
	uint32_t index;          /**< N of its /dev/p2pmemN, when it is not */
};

/** Makes an end of a function's address. Returns it. */
static inline struct p2p_proof_end p2p_proof_function(struct p2p_bdf function)
{
	struct p2p_proof_end end = { true, { 0, 0, 0 }, 0 };

	end.function = function;
	return end;
}

/** Room for an end's name and its NUL. */
#define P2P_PROOF_END_TEXT 24

/** Writes an end's name, "0000:03:00.0" or "p2pmem3". Returns `text`. */
const char *p2p_proof_end_text(struct p2p_proof_end end, char text[P2P_PROOF_END_TEXT]);

/** Finds an end on a machine. Returns P2P_NO_NODE for memory on no PCI bus, and for what is gone.
 */
p2p_node p2p_proof_end_node(const struct p2p_machine *machine, struct p2p_proof_end end);

/** What is known of one pair in one direction: starts from p2p_proof_result_init(). */
struct p2p_proof_result {
	size_t size; /**< of this struct, as the program was compiled */
	struct p2p_proof_end client, provider;
	enum p2p_proof_direction direction;
	enum p2p_proof_state state;
	enum p2p_proof_state recorded; /**< the same, but where it is VOID: what it was */
	enum p2p_damage damage;        /**< of WRONG, also where that is void */
	int64_t time;                  /**< seconds since the epoch; 0: not tried */
	uint64_t bytes;                /**< that were moved and compared */
	const char *text;    /**< what was seen, a sentence without a full stop; or NULL */
	const char *changed; /**< VOID: "ACS of 0000:02:00.0 was none, is RR CR"; else NULL */
};

/** Clears a result; `size` is sizeof(*result). Its state is NOT_TRIED. */
void p2p_proof_result_init(struct p2p_proof_result *result, size_t size);

/**
 * Words a result: "proven on 2026-11-26 05:30 UTC, 64 MiB", "void: the kernel was 7.2, is 7.3
 * (before: wrong, shifted, on ...)". Returns a string for free(), or NULL: memory was short.
 */
char *p2p_proof_text(const struct p2p_proof_result *result);

/**
 * Says a result and whose it is: "0000:04:00.0 (nvme1) -> 0000:03:00.0 (nvme0), data to the
 * provider: …", as p2p_proof_text() words it. Returns a string for free(), or NULL: memory was
 * short.
 */
char *p2p_proof_pair_text(const struct p2p_machine *machine, const struct p2p_proof_result *result);

/** Which results to open: starts from p2p_proofs_options_init(). */
struct p2p_proofs_options {
	size_t size;      /**< of this struct, as the program that fills it in was compiled */
	const char *path; /**< of the file; NULL: P2P_PROOFS_PATH */
	/** The release of the kernel that is asked about. NULL: that of the machine. */
	const char *kernel;
};

/** Clears options; `size` is sizeof(*options). */
void p2p_proofs_options_init(struct p2p_proofs_options *options, size_t size);

struct p2p_proofs;

/**
 * Opens results for a machine, which must outlive them. `options` may be NULL. A file that does
 * not exist has none. A line that is damaged is a warning, its result is left out, and the rest
 * counts. `*proofs` is for p2p_proofs_close(), and NULL on failure.
 *
 * Returns 0; -EACCES, -EIO and the like (the file), -EBADMSG (no file of results, or a newer
 * format), -EFBIG (larger than any machine's), -EINVAL (options that were not initialized) or
 * -ENOMEM.
 */
int p2p_proofs_open(const struct p2p_machine *machine, const struct p2p_proofs_options *options,
		    struct p2p_proofs **proofs, struct p2p_error *error);

/** Tells which file results were read from. Returns its path. */
const char *p2p_proofs_path(const struct p2p_proofs *proofs);

/** Counts the warnings: lines of the file that are damaged. Returns how many there are. */
uint32_t p2p_proofs_warnings(const struct p2p_proofs *proofs);

/** Gives a warning; `index` is below p2p_proofs_warnings(). Returns a line that names the place. */
const char *p2p_proofs_warning(const struct p2p_proofs *proofs, uint32_t index);

/**
 * Finds what is known of a pair in one direction. `result` was initialized. Where nothing is
 * recorded its state is NOT_TRIED. Where there are results of several states of the machine, as
 * of two kernels, that which fits; where none fits, the last one, which is VOID.
 *
 * Returns 0, or -EINVAL: the result was not initialized.
 */
int p2p_proofs_find(const struct p2p_proofs *proofs, struct p2p_proof_end client,
		    struct p2p_proof_end provider, enum p2p_proof_direction direction,
		    struct p2p_proof_result *result);

/** Counts the pairs and directions of which something is recorded. Returns how many there are. */
uint32_t p2p_proofs_count(const struct p2p_proofs *proofs);

/**
 * Gives one of them, as p2p_proofs_find() does; ordered by client, provider and direction. What
 * the machine does not have is VOID.
 *
 * Returns 0, or -EINVAL: there is no such, or the result was not initialized.
 */
int p2p_proofs_get(const struct p2p_proofs *proofs, uint32_t index,
		   struct p2p_proof_result *result);

/**
 * Records a result that was found just now: PROVEN, WRONG or REFUSED, with `time` 0 for now. It
 * takes the place of one of the same pair, direction and facts. `text` is copied; `recorded` and
 * `changed` are not looked at.
 *
 * Returns 0, -EINVAL (another state or direction, a result that was not initialized), -ENODEV (an
 * end that the machine does not have) or -ENOMEM.
 */
int p2p_proofs_record(struct p2p_proofs *proofs, const struct p2p_proof_result *result);

/**
 * Forgets all that is recorded of a pair, both ways and whatever it rests on. Returns 0, -ENOENT:
 * nothing is; or -ENOMEM.
 */
int p2p_proofs_forget(struct p2p_proofs *proofs, struct p2p_proof_end client,
		      struct p2p_proof_end provider);

/**
 * Writes what was recorded or forgotten since the results were opened or saved; does nothing when
 * that is nothing. The file is replaced by a whole new one. What other programs have written to it
 * meanwhile stays; of two results for one thing the later one does. A directory that does not
 * exist is made, but not what is above it.
 *
 * Returns 0, what p2p_proofs_open() returns, or -ENOSPC, -EROFS and the like. What was not saved
 * can be saved again.
 */
int p2p_proofs_save(struct p2p_proofs *proofs, struct p2p_error *error);

/** Closes results; what was not saved is lost. NULL is allowed. */
void p2p_proofs_close(struct p2p_proofs *proofs);

P2P_END_DECLS

#endif
