// SPDX-License-Identifier: MIT
/*
 * What ids tell of the CPU and of a hypervisor.
 *
 * A root port is part of the root complex, and so is a host bridge function on bus 0: their maker
 * made the CPU. AMD's vendor id alone tells nothing, as families 10h to 16h have it, too, and
 * Linux's rule begins with Zen.
 */
#include "platform_ids.h"

#include <stddef.h>

#define INTEL          0x8086
#define AMD            0x1022
#define AMD_ZEN_FAMILY 0x17

#define CLASS_HOST_BRIDGE 0x0600u

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

struct id {
	uint16_t vendor, device;
};

/*
 * Intel's ids that emulated machines have. QEMU: hw/pci-host/i440fx.c, q35.c,
 * hw/pci-bridge/ioh3420.c, i82801b11.c, cxl_root_port.c; VMware and Hyper-V: 440BX; VirtualBox:
 * DevPciIch9.cpp; Parallels: 82P965; Firecracker, Cloud Hypervisor: 0d57.
 */
static const uint16_t emulated_intel[] = {
	0x0d57, 0x1237, 0x2448, 0x244e, 0x29a0, 0x29a1, 0x29c0,
	0x29e0, 0x3420, 0x7075, 0x7190, 0x7191, 0x7192,
};

/*
 * Root complexes and root ports of Zen and later, as pci.ids of 2023.04.10 names them, and below
 * those that it lacks: root complexes alone, of amd_root_ids[] in arch/x86/kernel/amd_nb.c, as
 * Linux had it until 6.13. MI200's and MI300's there (14bb, 14f8) are not here.
 */
static const uint16_t zen[] = {
	0x1450, /* family 17h models 00h to 0fh: root complex */
	0x1453, /* the same: root port */
	0x15d0, /* Raven, Raven2: root complex */
	0x15d3, /* the same: root port */
	0x1480, /* Starship, Matisse: root complex */
	0x1483, /* the same: root port */
	0x1630, /* Renoir, Cezanne: root complex */
	0x1633, /* Renoir: root port */
	0x1634, /* Renoir, Cezanne: root port */
	0x1645, /* Van Gogh: root complex */
	0x1647, /* Van Gogh: root port */
	0x14b5, /* families 17h to 19h: root complex */
	0x14ba, /* the same: root port */

	0x14a4, /* family 19h models 10h */
	0x14d8, /* family 19h models 60h */
	0x14e8, /* family 19h models 70h */
	0x153a, /* family 1ah models 00h */
	0x1507, /* family 1ah models 20h */
	0x1122, /* family 1ah models 60h */
};

/*
 * Who makes root complexes, and no AMD CPU has one: vendors whose root ports are on arm64,
 * riscv64, ppc64, loongarch or on x86 of their own; by pci.ids of 2023.04.10, but for two. Vendors
 * whose chipsets served AMD's CPUs (NVIDIA, VIA, SiS, ALi, ATI, ServerWorks) are not here.
 */
static const uint16_t other_makers[] = {
	0x0014, /* Loongson */
	0x1014, /* IBM */
	0x106b, /* Apple */
	0x13b5, /* Arm */
	0x14c3, /* MediaTek */
	0x14e4, /* Broadcom */
	0x16c3, /* Synopsys */
	0x177d, /* Cavium, Marvell */
	0x17cb, /* Qualcomm */
	0x17cd, /* Cadence */
	0x1912, /* Renesas */
	0x1957, /* NXP, Freescale */
	0x19e5, /* Huawei HiSilicon */
	0x1d0f, /* Amazon */
	0x1d17, /* Zhaoxin */
	0x1d87, /* Rockchip */
	0x1d94, /* Hygon, which is not AMD to Linux */
	0x1db7, /* Phytium */
	0x1ded, /* Alibaba */
	0x1def, /* Ampere */
	0x1f1c, /* Sophgo: include/linux/pci_ids.h */
	0x1fe1, /* ESWIN: drivers/pci/controller/dwc/pcie-eswin.c */
	0xf15e, /* SiFive */
};

/*
 * NVIDIA's own: the root ports of Tegra that pci_quirk_nvidia_tegra_disable_rp_msi() is for, in
 * drivers/pci/quirks.c of Linux (0bf0 to 229e), and "Nvidia CPUs" of pci_p2pdma_whitelist[] in its
 * drivers/pci/p2pdma.c (2f95 to 2f98).
 */
static const struct id other_devices[] = {
	{ 0x10de, 0x0bf0 }, { 0x10de, 0x0bf1 }, { 0x10de, 0x0e12 }, { 0x10de, 0x0e13 },
	{ 0x10de, 0x0e1c }, { 0x10de, 0x0e1d }, { 0x10de, 0x0fae }, { 0x10de, 0x0faf },
	{ 0x10de, 0x10e5 }, { 0x10de, 0x10e6 }, { 0x10de, 0x1ad0 }, { 0x10de, 0x1ad1 },
	{ 0x10de, 0x1ad2 }, { 0x10de, 0x229a }, { 0x10de, 0x229c }, { 0x10de, 0x229e },
	{ 0x10de, 0x2f95 }, { 0x10de, 0x2f96 }, { 0x10de, 0x2f97 }, { 0x10de, 0x2f98 },
};

#define ANY_DEVICE 0xffff

/* pci.ids: devices that are programs. */
static const struct {
	struct id id;
	const char *name;
} hypervisors[] = {
	{ { 0x1b36, ANY_DEVICE }, "QEMU" }, /* Red Hat's own */
	{ { 0x1234, 0x1111 }, "QEMU" },     /* its VGA */
	{ { 0x15ad, ANY_DEVICE }, "VMware" },
	{ { 0x80ee, ANY_DEVICE }, "VirtualBox" },
	{ { 0x1ab8, ANY_DEVICE }, "Parallels" },
	{ { 0x5853, ANY_DEVICE }, "Xen" },
	{ { 0x1275, 0x1275 }, "bhyve" },                           /* its host bridge */
	{ { 0x8086, 0x0d57 }, "Firecracker or Cloud Hypervisor" }, /* their host bridge */
	{ { 0x1414, 0x008c }, "Hyper-V" },                         /* its display */
	{ { 0x1414, 0x008e }, "Hyper-V" },                         /* its GPU */
	{ { 0x1414, 0x5353 }, "Hyper-V" },                         /* its VGA */
};

/* virtio(7), which real cards emulate, too; as subsystem 1100 it is QEMU's mark on all it makes. */
#define VIRTIO         0x1af4
#define VIRTIO_OF_QEMU 0x1100

static bool has(const uint16_t *list, size_t count, uint16_t value)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == value)
			return true;
	return false;
}

static bool is_other_device(const struct p2p_node_info *info)
{
	for (size_t i = 0; i < ROWS(other_devices); i++)
		if (info->vendor == other_devices[i].vendor &&
		    info->device == other_devices[i].device)
			return true;
	return false;
}

static bool is_emulated_intel(const struct p2p_node_info *info)
{
	return info->vendor == INTEL && has(emulated_intel, ROWS(emulated_intel), info->device);
}

/*
 * Cards can have host bridge functions, too, so only bus 0 counts for them, which is always a root
 * bus: elsewhere what is above a bus may just not have been shown.
 */
static bool is_of_root_complex(const struct p2p_node_info *info)
{
	if (info->vendor == P2P_ID_UNKNOWN || info->device == P2P_ID_UNKNOWN)
		return false;
	if (info->kind == P2P_KIND_ROOT_PORT)
		return true;
	return info->kind == P2P_KIND_ENDPOINT && info->class_code >> 8 == CLASS_HOST_BRIDGE &&
	       info->bdf.bus == 0;
}

static enum p2p_cpu_vendor maker(const struct p2p_node_info *info)
{
	if (!is_of_root_complex(info))
		return P2P_CPU_UNKNOWN;
	if (info->vendor == AMD)
		return has(zen, ROWS(zen), info->device) ? P2P_CPU_AMD : P2P_CPU_UNKNOWN;
	if (info->vendor == INTEL)
		return is_emulated_intel(info) ? P2P_CPU_UNKNOWN : P2P_CPU_OTHER;
	return has(other_makers, ROWS(other_makers), info->vendor) || is_other_device(info)
		       ? P2P_CPU_OTHER
		       : P2P_CPU_UNKNOWN;
}

struct p2p_ids_cpu p2p_ids_cpu(const struct p2p_fabric *fabric)
{
	struct p2p_ids_cpu cpu = { P2P_CPU_UNKNOWN, 0, P2P_NO_NODE };

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++) {
		enum p2p_cpu_vendor vendor = maker(p2p_fabric_info(fabric, node));

		if (vendor == P2P_CPU_UNKNOWN || vendor == cpu.vendor)
			continue;
		if (cpu.vendor != P2P_CPU_UNKNOWN)
			return (struct p2p_ids_cpu){ P2P_CPU_UNKNOWN, 0, P2P_NO_NODE };
		cpu.vendor = vendor;
		cpu.shown_by = node;
	}
	if (cpu.vendor == P2P_CPU_AMD)
		cpu.family = AMD_ZEN_FAMILY;
	return cpu;
}

static const char *by_id(const struct p2p_node_info *info)
{
	for (size_t i = 0; i < ROWS(hypervisors); i++)
		if (info->vendor == hypervisors[i].id.vendor &&
		    (hypervisors[i].id.device == ANY_DEVICE ||
		     info->device == hypervisors[i].id.device))
			return hypervisors[i].name;
	return NULL;
}

/* Whether every port above was made by a hypervisor, so that no card can be below it. */
static bool is_below_emulated(const struct p2p_fabric *fabric, p2p_node node)
{
	for (node = p2p_fabric_parent(fabric, node); node != P2P_NO_NODE;
	     node = p2p_fabric_parent(fabric, node)) {
		const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

		if (info->kind == P2P_KIND_HOST_BRIDGE)
			return info->bdf.bus == 0;
		if (!by_id(info) && !is_emulated_intel(info))
			return false;
	}
	return false;
}

const char *p2p_ids_hypervisor(const struct p2p_fabric *fabric, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	const char *name = by_id(info);

	if (name)
		return name;
	if (info->vendor == VIRTIO)
		return is_below_emulated(fabric, node) ? "virtio" : NULL;
	if (info->subsystem_vendor == VIRTIO && info->subsystem_device == VIRTIO_OF_QEMU)
		return is_below_emulated(fabric, node) ? "QEMU" : NULL;
	return NULL;
}

p2p_node p2p_ids_guest(const struct p2p_fabric *fabric)
{
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		if (p2p_ids_hypervisor(fabric, node))
			return node;
	return P2P_NO_NODE;
}
