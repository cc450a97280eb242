// SPDX-License-Identifier: MIT
/*
 * What kind of device a function is to people who move data, and which functions they overlook.
 */
#include <stdint.h>
#include <string.h>

#include "device_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first row that matches decides. */
static const struct {
	uint32_t class, mask;
	const char *word;
	bool minor;
} kinds[] = {
	{ 0x010800, 0xffff00, "nvme", false },
	{ 0x010000, 0xff0000, "storage", false },
	{ 0x020700, 0xffff00, "infiniband", false },
	{ 0x020000, 0xff0000, "network", false },
	{ 0x030000, 0xff0000, "gpu", false },
	{ 0x040000, 0xffff00, "video", false },
	{ 0x040000, 0xff0000, "audio", true },
	{ 0x050200, 0xffff00, "memory", false }, /* CXL */
	{ 0x050000, 0xff0000, "memory", true },
	{ 0x068000, 0xffff00, "other", true },
	{ 0x060000, 0xff0000, "chipset", true },
	{ 0x070000, 0xffff00, "serial", true },
	{ 0x070000, 0xff0000, "comm", true },
	{ 0x080100, 0xffff00, "dma", false },
	{ 0x080000, 0xff0000, "system", true },
	{ 0x090000, 0xff0000, "input", true },
	{ 0x0b0000, 0xff0000, "accel", false },
	{ 0x0c0300, 0xffff00, "usb", true },
	{ 0x0c0500, 0xffff00, "smbus", true },
	{ 0x0c0600, 0xffff00, "infiniband", false },
	{ 0x0c0700, 0xffff00, "management", true }, /* IPMI */
	{ 0x0c0000, 0xff0000, "serial-bus", true },
	{ 0x0d0000, 0xff0000, "network", false },
	{ 0x100000, 0xff0000, "crypto", false },
	{ 0x110000, 0xff0000, "system", true },
	{ 0x120000, 0xff0000, "accel", false },
	{ 0x130000, 0xff0000, "system", true },
};

/* Drivers that tell what the class does not: it says "system peripheral", "other bridge", … */
static const struct {
	const char *driver, *word;
	bool minor;
} driver_kinds[] = {
	{ "ae4dma", "dma", false },
	{ "dw-edma-pcie", "dma", false },
	{ "idxd", "dma", false },
	{ "ioatdma", "dma", false },
	{ "mei_me", "management", true },
	{ "nvidia-nvswitch", "nvswitch", false },
	{ "plx_dma", "dma", false },
	{ "ptdma", "dma", false },
	{ "switchtec", "management", true }, /* its large BAR is the switch's registers */
	{ "switchtec_dma", "dma", false },
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

static const char *endpoint_kind(const struct p2p_node_info *info, const struct p2p_device *device)
{
	size_t driver = driver_row(device), class = class_row(info);

	if (driver != NO_ROW)
		return driver_kinds[driver].word;
	if (class == NO_ROW)
		return "other";
	if (info->class_code >> 16 == 0x03 && is_display(info))
		return "display";
	return kinds[class].word;
}

const char *p2p_device_kind(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);

	switch (info->kind) {
	case P2P_KIND_HOST_BRIDGE:
		return info->unplaced ? "bus" : "host";
	case P2P_KIND_UPSTREAM_PORT:
		return "switch";
	case P2P_KIND_ROOT_PORT:
	case P2P_KIND_DOWNSTREAM_PORT:
		return "port";
	case P2P_KIND_PCI_BRIDGE:
	case P2P_KIND_BRIDGE:
		return "bridge";
	case P2P_KIND_OFF_BUS:
		return "off-bus";
	case P2P_KIND_ENDPOINT:
		break;
	}
	return endpoint_kind(info, p2p_machine_device(machine, node));
}

int p2p_device_memory_bar(const struct p2p_node_info *info)
{
	const uint8_t wanted = P2P_RANGE_MEMORY | P2P_RANGE_PREFETCH;
	int best = -1;

	for (int i = 0; i < P2P_BARS; i++)
		if (info->bar[i].size && (info->bar[i].flags & wanted) == wanted &&
		    (best < 0 || info->bar[i].size > info->bar[best].size))
			best = i;
	return best;
}

static bool could_lend(const struct p2p_node_info *info)
{
	int bar = p2p_device_memory_bar(info);

	return bar >= 0 && info->bar[bar].size >= P2P_LENDABLE_SIZE;
}

bool p2p_device_minor(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	const struct p2p_device *device = p2p_machine_device(machine, node);
	size_t driver = driver_row(device), class = class_row(info);
	uint32_t names;

	if (info->kind != P2P_KIND_ENDPOINT || device->memory.known == P2P_PRESENT)
		return false;
	p2p_machine_names(machine, node, &names);
	if (names)
		return false;
	if (driver != NO_ROW)
		return driver_kinds[driver].minor;
	return class != NO_ROW && kinds[class].minor && !could_lend(info);
}
