// SPDX-License-Identifier: MIT
#include "vfio.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../kernel/vfio_device.h"

/* As include/uapi/linux/vfio.h of Linux 7.3 has it. */
#define FEATURE_DMA_BUF 11

struct dma_buf_feature {
	struct vfio_device_feature header;
	uint32_t region_index, open_flags, flags, nr_ranges;
	uint64_t offset, length;
};

static int export(int device, size_t size)
{
	struct dma_buf_feature feature = {
		.header = { .argsz = sizeof(feature),
			    .flags = VFIO_DEVICE_FEATURE_GET | FEATURE_DMA_BUF },
		.region_index = VFIO_PCI_BAR2_REGION_INDEX,
		.open_flags = O_RDWR | O_CLOEXEC,
		.nr_ranges = 1,
		.length = size,
	};
	int buffer = ioctl(device, VFIO_DEVICE_FEATURE, &feature);

	if (buffer < 0)
		perror("VFIO_DEVICE_FEATURE_DMA_BUF");
	return buffer;
}

int vfio_export(const char *function, size_t size, char **bytes)
{
	struct vfio_region_info region = { .argsz = sizeof(region),
					   .index = VFIO_PCI_BAR2_REGION_INDEX };
	struct vfio_device vfio;

	if (!vfio_device_open(&vfio, function) ||
	    ioctl(vfio.device, VFIO_DEVICE_GET_REGION_INFO, &region)) {
		perror("vfio");
		return -1;
	}
	*bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vfio.device,
		      (off_t)region.offset);
	if (*bytes == MAP_FAILED) {
		perror("mmap");
		return -1;
	}
	return export(vfio.device, size);
}
