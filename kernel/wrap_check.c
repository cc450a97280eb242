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
#include <linux/iommu.h>
#include <linux/platform_device.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <p2pmem/uapi.h>
#include <xen/xen.h>
#ifdef CONFIG_X86
#include <asm/hypervisor.h>
#endif

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

/* VFIO's; ports' gives nothing to its device, and what nobody is to use has one, too. */
static bool p2pmem_wrap_is_for_others(const struct pci_dev *pdev)
{
	const struct pci_driver *driver = to_pci_driver(pdev->dev.driver);

	return driver && driver->driver_managed_dma && pdev->hdr_type != PCI_HEADER_TYPE_BRIDGE &&
	       strcmp(driver->name, "pci-stub") != 0;
}

/* What is mapped in a domain of others', they map without asking ops. */
static u32 p2pmem_wrap_check_domain(struct pci_dev *pdev)
{
	const struct iommu_domain *domain = iommu_get_domain_for_dev(&pdev->dev);

	if (p2pmem_wrap_is_for_others(pdev))
		return P2PMEM_WHY_WRAP_VFIO;
	if (domain && domain->type & __IOMMU_DOMAIN_DMA_API)
		return compat_translates(&pdev->dev) ? P2PMEM_WHY_NONE : P2PMEM_WHY_WRAP_OPS;
	if (!domain || domain->type != IOMMU_DOMAIN_IDENTITY)
		return P2PMEM_WHY_WRAP_VFIO;
	return P2PMEM_WHY_NONE;
}

static bool p2pmem_wrap_is_of(const struct device *dev, const char *const *classes, size_t count)
{
	for (size_t i = 0; dev->class && i < count; i++)
		if (!strcmp(dev->class->name, classes[i]))
			return true;
	return false;
}

/* Below a port it is other functions that have them. */
static int p2pmem_wrap_find_buffers(struct device *dev, void *unused)
{
	static const char *const classes[] = { "video4linux", "sound" };

	if (dev_is_pci(dev))
		return 0;
	return p2pmem_wrap_is_of(dev, classes, ARRAY_SIZE(classes)) ||
	       device_for_each_child(dev, NULL, p2pmem_wrap_find_buffers);
}

bool p2pmem_wrap_has_buffers(struct pci_dev *pdev)
{
	return device_for_each_child(&pdev->dev, NULL, p2pmem_wrap_find_buffers);
}

bool p2pmem_wrap_is_needless(const struct pci_dev *pdev)
{
	u32 class = pdev->class >> 8;

	return class == PCI_CLASS_MULTIMEDIA_AUDIO || class == PCI_CLASS_MULTIMEDIA_HD_AUDIO;
}

u32 p2pmem_wrap_check(struct pci_dev *pdev)
{
	u32 why;

	device_lock_assert(&pdev->dev);
	if (pdev->untrusted)
		return P2PMEM_WHY_WRAP_UNTRUSTED;
	if (compat_has_ops(&pdev->dev))
		return P2PMEM_WHY_WRAP_OPS;
	/* Our ops flush no caches. */
	if (!dev_is_dma_coherent(&pdev->dev))
		return P2PMEM_WHY_WRAP_KERNEL;
	why = device_iommu_mapped(&pdev->dev) ? p2pmem_wrap_check_domain(pdev) : P2PMEM_WHY_NONE;
	return why ? why : p2pmem_wrap_check_children(pdev);
}

/* What hands pages on to the device that it is below of. */
static bool p2pmem_wrap_moves_bytes(const struct device *dev)
{
	static const char *const classes[] = { "block", "net", "infiniband" };

	return p2pmem_wrap_is_of(dev, classes, ARRAY_SIZE(classes));
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
#ifdef CONFIG_X86
	if (hypervisor_is_type(X86_HYPER_MS_HYPERV))
		return true;
#endif
	return xen_domain();
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
