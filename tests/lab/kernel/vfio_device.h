/* SPDX-License-Identifier: MIT */
/* A function that vfio-pci drives, alone in its group, with an IOMMU of type 1. */
#ifndef P2PMEM_GUEST_VFIO_DEVICE_H
#define P2PMEM_GUEST_VFIO_DEVICE_H

#include <stdbool.h>

struct vfio_device {
	int container, device;
};

/** Opens it until the program ends. False: `errno` says why not. */
bool vfio_device_open(struct vfio_device *vfio, const char *function);

#endif
