// SPDX-License-Identifier: MIT
/*
 * What kind of device a function is to people who move data.
 */
#include <stdint.h>
#include <string.h>

#include "interest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first row that matches decides. */
static const struct {
	uint32_t class, mask;
	enum p2p_device_kind kind;
	bool minor;
} kinds[] = {
	{ 0x010800, 0xffff00, P2P_DEVICE_NVME, false },
	{ 0x010000, 0xff0000, P2P_DEVICE_STORAGE, false },
	{ 0x020700, 0xffff00, P2P_DEVICE_INFINIBAND, false },
	{ 0x020000, 0xff0000, P2P_DEVICE_NETWORK, false },
	{ 0x030000, 0xff0000, P2P_DEVICE_GPU, false },
	{ 0x040000, 0xffff00, P2P_DEVICE_VIDEO, false },
	{ 0x040000, 0xff0000, P2P_DEVICE_AUDIO, true },
	{ 0x050200, 0xffff00, P2P_DEVICE_MEMORY, false }, /* CXL */
	{ 0x050000, 0xff0000, P2P_DEVICE_MEMORY, true },
	{ 0x068000, 0xffff00, P2P_DEVICE_OTHER, true },
	{ 0x060000, 0xff0000, P2P_DEVICE_CHIPSET, true },
	{ 0x070000, 0xffff00, P2P_DEVICE_SERIAL, true },
	{ 0x070000, 0xff0000, P2P_DEVICE_COMM, true },
	{ 0x080100, 0xffff00, P2P_DEVICE_DMA, false },
	{ 0x080000, 0xff0000, P2P_DEVICE_SYSTEM, true },
	{ 0x090000, 0xff0000, P2P_DEVICE_INPUT, true },
	{ 0x0b0000, 0xff0000, P2P_DEVICE_ACCEL, false },
	{ 0x0c0300, 0xffff00, P2P_DEVICE_USB, true },
	{ 0x0c0500, 0xffff00, P2P_DEVICE_SMBUS, true },
	{ 0x0c0600, 0xffff00, P2P_DEVICE_INFINIBAND, false },
	{ 0x0c0700, 0xffff00, P2P_DEVICE_MANAGEMENT, true }, /* IPMI */
	{ 0x0c0000, 0xff0000, P2P_DEVICE_SERIAL_BUS, true },
	{ 0x0d0000, 0xff0000, P2P_DEVICE_NETWORK, false },
	{ 0x100000, 0xff0000, P2P_DEVICE_CRYPTO, false },
	{ 0x110000, 0xff0000, P2P_DEVICE_SYSTEM, true },
	{ 0x120000, 0xff0000, P2P_DEVICE_ACCEL, false },
	{ 0x130000, 0xff0000, P2P_DEVICE_SYSTEM, true },
};

/* Drivers that tell what the class does not: it says "system peripheral", "other bridge", … */
static const struct {
	const char *driver;
	enum p2p_device_kind kind;
	bool minor;
} driver_kinds[] = {
	{ "ae4dma", P2P_DEVICE_DMA, false },
	{ "dw-edma-pcie", P2P_DEVICE_DMA, false },
	{ "idxd", P2P_DEVICE_DMA, false },
	{ "ioatdma", P2P_DEVICE_DMA, false },
	{ "mei_me", P2P_DEVICE_MANAGEMENT, true },
	{ "nvidia-nvswitch", P2P_DEVICE_NVSWITCH, false },
	{ "plx_dma", P2P_DEVICE_DMA, false },
	{ "ptdma", P2P_DEVICE_DMA, false },
	{ "switchtec", P2P_DEVICE_MANAGEMENT, true }, /* its large BAR is the switch's registers */
	{ "switchtec_dma", P2P_DEVICE_DMA, false },
};

#define NO_ROW SIZE_MAX

/* Matrox, ASPEED, Cirrus, and QEMU's: management controllers and emulated screens, no GPUs. */
static const uint16_t display_vendors[] = { 0x102b, 0x1a03, 0x1013, 0x1234, 0x1af4, 0x1b36 };

static size_t driver_row(const struct p2p_device *device)
{
	for (size_t i = 0; device->driver && i < COUNT(driver_kinds); i++)
		if (!strcmp(device->driver, driver_kinds[i].driver))
			return i;
	return NO_ROW;
}

static bool is_display(const struct p2p_node_info *info)
{
	for (size_t i = 0; i < COUNT(display_vendors); i++)
		if (info->vendor == display_vendors[i])
			return true;
	return false;
}

static size_t class_row(const struct p2p_node_info *info)
{
	for (size_t i = 0; info->class_code <= 0xffffff && i < COUNT(kinds); i++)
		if ((info->class_code & kinds[i].mask) == kinds[i].class)
			return i;
	return NO_ROW;
}

static enum p2p_device_kind endpoint_kind(const struct p2p_node_info *info,
					  const struct p2p_device *device)
{
	size_t driver = driver_row(device), class = class_row(info);

	if (driver != NO_ROW)
		return driver_kinds[driver].kind;
	if (class == NO_ROW)
		return P2P_DEVICE_OTHER;
	if (info->class_code >> 16 == 0x03 && is_display(info))
		return P2P_DEVICE_DISPLAY;
	return kinds[class].kind;
}

enum p2p_device_kind p2p_device_kind(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);

	switch (info->kind) {
	case P2P_KIND_HOST_BRIDGE:
		return info->unplaced ? P2P_DEVICE_BUS : P2P_DEVICE_HOST;
	case P2P_KIND_UPSTREAM_PORT:
		return P2P_DEVICE_SWITCH;
	case P2P_KIND_ROOT_PORT:
	case P2P_KIND_DOWNSTREAM_PORT:
		return P2P_DEVICE_PORT;
	case P2P_KIND_PCI_BRIDGE:
	case P2P_KIND_BRIDGE:
		return P2P_DEVICE_BRIDGE;
	case P2P_KIND_OFF_BUS:
		return P2P_DEVICE_OFF_BUS;
	case P2P_KIND_ENDPOINT:
		break;
	}
	return endpoint_kind(info, p2p_machine_device(machine, node));
}

const char *p2p_device_kind_name(enum p2p_device_kind kind)
{
	static const char *const names[] = {
		[P2P_DEVICE_HOST] = "host",
		[P2P_DEVICE_BUS] = "bus",
		[P2P_DEVICE_SWITCH] = "switch",
		[P2P_DEVICE_PORT] = "port",
		[P2P_DEVICE_BRIDGE] = "bridge",
		[P2P_DEVICE_OFF_BUS] = "off-bus",
		[P2P_DEVICE_NVME] = "nvme",
		[P2P_DEVICE_STORAGE] = "storage",
		[P2P_DEVICE_NETWORK] = "network",
		[P2P_DEVICE_INFINIBAND] = "infiniband",
		[P2P_DEVICE_GPU] = "gpu",
		[P2P_DEVICE_DISPLAY] = "display",
		[P2P_DEVICE_ACCEL] = "accel",
		[P2P_DEVICE_NVSWITCH] = "nvswitch",
		[P2P_DEVICE_DMA] = "dma",
		[P2P_DEVICE_MEMORY] = "memory",
		[P2P_DEVICE_VIDEO] = "video",
		[P2P_DEVICE_AUDIO] = "audio",
		[P2P_DEVICE_CHIPSET] = "chipset",
		[P2P_DEVICE_SERIAL] = "serial",
		[P2P_DEVICE_COMM] = "comm",
		[P2P_DEVICE_SYSTEM] = "system",
		[P2P_DEVICE_INPUT] = "input",
		[P2P_DEVICE_USB] = "usb",
		[P2P_DEVICE_SMBUS] = "smbus",
		[P2P_DEVICE_MANAGEMENT] = "management",
		[P2P_DEVICE_SERIAL_BUS] = "serial-bus",
		[P2P_DEVICE_CRYPTO] = "crypto",
		[P2P_DEVICE_OTHER] = "other",
	};

	return names[(size_t)kind < sizeof(names) / sizeof(names[0]) ? kind : P2P_DEVICE_OTHER];
}

bool p2p_device_overlooked(const struct p2p_machine *machine, p2p_node node, bool *by_driver)
{
	size_t driver = driver_row(p2p_machine_device(machine, node));
	size_t class = class_row(p2p_fabric_info(p2p_machine_fabric(machine), node));

	*by_driver = driver != NO_ROW;
	if (*by_driver)
		return driver_kinds[driver].minor;
	return class != NO_ROW && kinds[class].minor;
}
