// SPDX-License-Identifier: MIT
#include "vfio_device.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_group(const char *function)
{
	char path[96], target[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", function);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio%s", strrchr(target, '/'));
	return open(path, O_RDWR);
}

bool vfio_device_open(struct vfio_device *vfio, const char *function)
{
	int group = open_group(function);

	vfio->container = open("/dev/vfio/vfio", O_RDWR);
	vfio->device = -1;
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &vfio->container) < 0 ||
	    ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return false;
	vfio->device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, function);
	return vfio->device >= 0;
}
