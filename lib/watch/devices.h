/* SPDX-License-Identifier: MIT */
/*
 * Devices by the numbers that events have, and by the names that people have for them: from sysfs.
 */
#ifndef P2P_WATCH_DEVICES_H
#define P2P_WATCH_DEVICES_H

#include <stdint.h>

#include "event.h"

/** A controller or a disk. */
struct p2p_watch_device {
	char device[P2P_WATCH_NAME]; /**< whose DMA it is; "": a disk that has none of its own */
	char label[P2P_WATCH_NAME];  /**< "nvme0", "sda" */
};

/** The NVMe controller of that number; one across a network is its own device. */
void p2p_watch_controller(uint32_t number, struct p2p_watch_device *found);

/** The disk, or that of the partition, of a dev_t as the kernel has it. */
void p2p_watch_disk(uint32_t disk, struct p2p_watch_device *found, uint32_t *whole);

/**
 * "nvme0", "nvme0n1", "/dev/nvme0n1p2", "0000:03:00.0", "03:00.0". Returns 0, or -ENODEV: there is
 * none, or it does no DMA.
 */
int p2p_watch_device_find(const char *name, struct p2p_watch_device *found);

/** The devices of all disks and controllers, up to `room`; their number. */
uint32_t p2p_watch_devices(char (*devices)[P2P_WATCH_NAME], uint32_t room);

#endif
