/* SPDX-License-Identifier: MIT */
/*
 * A block device's directory in sysfs, `/sys/dev/block/MAJOR:MINOR`:
 *
 *     partition, start, size    of a partition, in 512-byte units; its parent is the disk
 *     slaves/                   what a dm or md device is made of
 *     wwid, device/wwid         which namespace or unit it is, whatever leads there
 *     (the directory's real path)  the chain of PCI functions above it
 */
#ifndef P2P_LIB_BLOCKDEV_DIRECTORY_H
#define P2P_LIB_BLOCKDEV_DIRECTORY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define P2P_BLOCK_SECTOR 512u
#define P2P_BLOCK_STACK  16 /**< dm on md on loop …: deeper than anybody builds */

void p2p_block_directory(dev_t device, char directory[PATH_MAX]);

/** Its name in /dev and /sys/block, or its numbers when sysfs does not know it; returns `name`. */
const char *p2p_block_name(dev_t device, char *name, size_t size);

/** The device of a sysfs directory. Returns 0 or a negative errno. */
int p2p_block_device_of(const char *directory, dev_t *device);

/** Opens a device for reading by whichever node leads to it. Returns a descriptor or a negative
 * errno. */
int p2p_block_open(dev_t device);

/** Calls `visit` for each device that `directory`/slaves names. Returns how many; -EIO if one of
 * them cannot be read. */
int p2p_block_slaves(const char *directory, void (*visit)(dev_t device, void *context),
		     void *context);

#define P2P_BLOCK_IDENTITY 256

/**
 * What two devices have in common when they are one namespace or unit reached twice: its worldwide
 * id (NVM Express Base 2.0, 4.5.1; SPC-5, 7.7.6) and size. "" when it has none. Returns `identity`.
 */
const char *p2p_block_identity(const char *directory, char identity[P2P_BLOCK_IDENTITY]);

#endif
