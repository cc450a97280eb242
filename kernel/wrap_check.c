// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may be handed a page and would not ask ops of ours for its address. All of this is refused
 * rather than hoped for: such a device would take device memory for host memory, unchecked.
 */
#include "wrap_check.h"

#include "compat/compat.h"

#ifdef COMPAT_WRAPS

#include <linux/cc_platform.h>
#include <linux/dma-map-ops.h>
#include <linux/platform_device.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <p2pmem/uapi.h>
#include <xen/xen.h>
#include <asm/hypervisor.h>

/* It offers to use the DMA API, and then its driver does: vring_transport_features(). */
static int p2pmem_wrap_virtio_is_bad(struct device *child, void *unused)
{
	struct virtio_device *virtio;

	if (!child->bus || strcmp(child->bus->name, "virtio") != 0)
		return 0;
	virtio = dev_to_virtio(child);
	return !(virtio->config->get_features(virtio) & BIT_ULL(VIRTIO_F_ACCESS_PLATFORM));
}

u32 p2pmem_wrap_check_children(struct pci_dev *pdev)
{
	if (device_for_each_child(&pdev->dev, NULL, p2pmem_wrap_virtio_is_bad))
		return P2PMEM_WHY_WRAP_VIRTIO;
	return P2PMEM_WHY_NONE;
}

u32 p2pmem_wrap_check(struct pci_dev *pdev)
{
	device_lock_assert(&pdev->dev);
	/* Whatever its domain's type is: VFIO would make another one, and give pages to that. */
	if (device_iommu_mapped(&pdev->dev))
		return P2PMEM_WHY_WRAP_IOMMU;
	if (pdev->untrusted)
		return P2PMEM_WHY_WRAP_UNTRUSTED;
	if (get_dma_ops(&pdev->dev))
		return P2PMEM_WHY_WRAP_OPS;
	return p2pmem_wrap_check_children(pdev);
}

/* What hands pages on to the device that it is below of. */
static bool p2pmem_wrap_moves_bytes(const struct device *dev)
{
	static const char *const classes[] = { "block", "net", "infiniband" };

	for (size_t i = 0; dev->class && i < ARRAY_SIZE(classes); i++)
		if (!strcmp(dev->class->name, classes[i]))
			return true;
	return false;
}

/* Below a PCI function it is that function which does DMA; persistent memory is moved by the CPU.
 */
static int p2pmem_wrap_find_mover(struct device *dev, void *unused)
{
	if (dev_is_pci(dev) || (dev->bus && !strcmp(dev->bus->name, "nd")))
		return 0;
	if (p2pmem_wrap_moves_bytes(dev)) {
		dev_notice(dev, "p2pmem makes no pages: this moves bytes, and is on no PCI bus\n");
		return 1;
	}
	return device_for_each_child(dev, NULL, p2pmem_wrap_find_mover);
}

static int p2pmem_wrap_find_master(struct device *dev, void *unused)
{
	return dev->driver ? device_for_each_child(dev, NULL, p2pmem_wrap_find_mover) : 0;
}

/* Their drivers for disks and networks give addresses of guest memory to the host as they are. */
static bool p2pmem_wrap_has_host_drivers(void)
{
	return xen_domain() || hypervisor_is_type(X86_HYPER_MS_HYPERV);
}

u32 p2pmem_wrap_check_machine(void)
{
	if (cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return P2PMEM_WHY_WRAP_KERNEL;
	if (p2pmem_wrap_has_host_drivers() ||
	    bus_for_each_dev(&platform_bus_type, NULL, NULL, p2pmem_wrap_find_master))
		return P2PMEM_WHY_WRAP_MASTER;
	return P2PMEM_WHY_NONE;
}

#endif
