/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/mountinfo, proc_pid_mountinfo(5).
 */
#ifndef P2P_LIB_BLOCKDEV_MOUNTINFO_H
#define P2P_LIB_BLOCKDEV_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct p2p_mount {
	uint64_t id;
	dev_t device;      /**< the superblock's; files on btrfs have others */
	const char *where; /**< mount point, unescaped */
	const char *type;
	char *options; /**< the superblock's, comma-separated, still escaped */
};

/** Parses a line, which is changed and pointed into. */
bool p2p_mount_parse(char *line, struct p2p_mount *mount);

/** Undoes \ooo in place; returns `text`. */
char *p2p_mount_unescape(char *text);

/**
 * Calls `visit` for each mount of this process until it returns true. Returns whether it did.
 */
bool p2p_mount_each(bool (*visit)(struct p2p_mount *mount, void *context), void *context);

#endif
