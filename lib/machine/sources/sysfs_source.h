/* SPDX-License-Identifier: MIT */
/*
 * The steps of reading a machine from sysfs.
 */
#ifndef P2P_SOURCES_SYSFS_SOURCE_H
#define P2P_SOURCES_SYSFS_SOURCE_H

#include "sysfs_tree.h"

/* The steps, in the order they are taken. */
int p2p_sysfs_platform(struct p2p_sysfs *sysfs, struct p2p_error *error);
void p2p_sysfs_function_read(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function);
int p2p_sysfs_windows(struct p2p_sysfs *sysfs);
void p2p_sysfs_facts(struct p2p_sysfs *sysfs, const struct p2p_sysfs_function *function);
void p2p_sysfs_names(struct p2p_sysfs *sysfs);
void p2p_sysfs_iommu(struct p2p_sysfs *sysfs);
void p2p_sysfs_bios(struct p2p_sysfs *sysfs);

/** Called for each window of a root bus; false: no more of that bus. */
typedef bool p2p_sysfs_each_window(void *context, struct p2p_bdf root,
				   const struct p2p_range *window);

/** Tells the windows of all host bridges that are in a device tree. */
void p2p_sysfs_device_tree(struct p2p_sysfs *sysfs, p2p_sysfs_each_window *each, void *context);

#endif
