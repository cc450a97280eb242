/* SPDX-License-Identifier: MIT */
/*
 * What sysfs says about a block device: where its bytes lie, which PCI functions move them, who
 * uses it.
 */
#ifndef P2P_LIB_BLOCKDEV_H
#define P2P_LIB_BLOCKDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "print.h"

/** Bytes on a disk (inode 0) or in a file of the file system on `device`. */
struct p2p_ground_range {
	dev_t device;
	ino_t inode;
	uint64_t start, end;
	bool holds_file; /**< a disk that the file system of a file lies on, not the bytes
			    themselves */
};

#define P2P_GROUND_RANGES 32

/** Everything that a range of a device or file finally lies on; stacked devices count whole. */
struct p2p_ground {
	struct p2p_ground_range range[P2P_GROUND_RANGES];
	size_t count;
};

/** Adds what bytes [start, end) of a block device lie on: partitions, loop files, dm, md resolved.
 */
void p2p_ground_add_device(struct p2p_ground *ground, dev_t device, uint64_t start, uint64_t end);

/** Adds bytes [start, end) of a file, and the disks that hold its file system. */
void p2p_ground_add_file(struct p2p_ground *ground, const struct stat *file, uint64_t start,
			 uint64_t end);

enum p2p_overlap {
	P2P_OVERLAP_NONE,
	P2P_OVERLAP_BYTES,     /**< the same bytes */
	P2P_OVERLAP_B_HOLDS_A, /**< a's file lies on the disk b */
	P2P_OVERLAP_A_HOLDS_B,
};

enum p2p_overlap p2p_ground_overlap(const struct p2p_ground *a, const struct p2p_ground *b);

/** The PCI functions that do the DMA of a device. */
struct p2p_functions {
	char bdf[8][P2P_BDF_TEXT];
	size_t count;
};

/**
 * Finds the PCI functions behind a block device, through partitions, NVMe multipath, dm and md.
 * None: no PCI device moves its bytes (RAM disks, loop devices, network block devices).
 */
void p2p_blockdev_functions(dev_t device, struct p2p_functions *functions);

/** Says in words who uses the device (mount point, swap, a device stacked on it), or "". */
void p2p_blockdev_user(dev_t device, char *text, size_t size);

#endif
