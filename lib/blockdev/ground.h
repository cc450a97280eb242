/* SPDX-License-Identifier: MIT */
/*
 * The ground of a source or destination: everything that its bytes finally lie on, followed down
 * through partitions, loop devices, dm, md, file systems. A copy between two whose grounds meet
 * would overwrite what it reads.
 *
 * Things are known by what they are (device and inode numbers, worldwide ids), never by a name,
 * which may lead elsewhere by now. What cannot be told is part of the ground, too.
 */
#ifndef P2P_LIB_BLOCKDEV_GROUND_H
#define P2P_LIB_BLOCKDEV_GROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "blockdev/directory.h"

enum p2p_ground_kind {
	P2P_GROUND_BYTES,   /**< the bytes themselves */
	P2P_GROUND_BELOW,   /**< what the file system of a file lies on */
	P2P_GROUND_UNKNOWN, /**< what `device` lies on cannot be told */
};

/** Bytes on a block device, or in a file of the file system on `device`. */
struct p2p_ground_range {
	enum p2p_ground_kind kind;
	bool is_file;
	dev_t device;
	ino_t inode;
	uint64_t start, end;
	char identity[P2P_BLOCK_IDENTITY]; /**< of a device: p2p_block_identity() */
	/** Of a file whose file system may show another's files under numbers of its own. */
	bool aliases;
	uint64_t size;                     /**< of a file, */
	struct timespec modified, changed; /**< to know it again under other numbers */
};

#define P2P_GROUND_TEXT 256

/** Zeroed, it is empty. p2p_ground_free() when done. */
struct p2p_ground {
	struct p2p_ground_range *ranges;
	uint32_t count, room;
	char unknown[P2P_GROUND_TEXT]; /**< what could not be told, and why; or "" */
};

/** Adds a copy of `range`. Returns 0 or -ENOMEM. */
int p2p_ground_add(struct p2p_ground *ground, const struct p2p_ground_range *range);

/** Adds what bytes [start, end) of a block device lie on. Returns 0 or -ENOMEM. */
int p2p_ground_add_device(struct p2p_ground *ground, dev_t device, uint64_t start, uint64_t end);

/** The same of a whole device, without what a dm or md device is made of. */
int p2p_ground_add_surface(struct p2p_ground *ground, dev_t device);

/**
 * Adds bytes [start, end) of the open file `fd`, of which `file` is the stat, and what its file
 * system lies on. Returns 0 or -ENOMEM.
 */
int p2p_ground_add_file(struct p2p_ground *ground, int fd, const struct stat *file, uint64_t start,
			uint64_t end);

void p2p_ground_free(struct p2p_ground *ground);

/** The worse the later; the worst that holds is returned. */
enum p2p_overlap {
	P2P_OVERLAP_NONE,
	P2P_OVERLAP_A_HOLDS_B, /**< b's file lies on the device a */
	P2P_OVERLAP_UNKNOWN,   /**< one of them lies on something unknown that the other does not */
	P2P_OVERLAP_B_HOLDS_A,
	P2P_OVERLAP_BYTES, /**< the same bytes */
};

/** How a and b meet. `where`, which may be NULL, becomes what they have in common, or "". */
enum p2p_overlap p2p_ground_overlap(const struct p2p_ground *a, const struct p2p_ground *b,
				    char where[P2P_GROUND_TEXT]);

#endif
