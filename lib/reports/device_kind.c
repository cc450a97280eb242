// SPDX-License-Identifier: MIT
/*
 * What kind of device a function is to people who move data, and which functions they overlook.
 */
#include <string.h>

#include "reports/device_kind.h"

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
	{ 0x070000, 0xff0000, "serial", true },
	{ 0x080100, 0xffff00, "dma", false },
	{ 0x080000, 0xff0000, "system", true },
	{ 0x090000, 0xff0000, "input", true },
	{ 0x0b0000, 0xff0000, "accel", false },
	{ 0x0c0300, 0xffff00, "usb", true },
	{ 0x0c0600, 0xffff00, "infiniband", false },
	{ 0x0c0000, 0xff0000, "serial", true },
	{ 0x0d0000, 0xff0000, "network", false },
	{ 0x100000, 0xff0000, "crypto", false },
	{ 0x110000, 0xff0000, "system", true },
	{ 0x120000, 0xff0000, "accel", false },
	{ 0x130000, 0xff0000, "system", true },
};

/* Drivers that tell what the class does not: it says "system peripheral" or "other bridge". */
static const struct {
	const char *driver, *word;
} driver_kinds[] = {
	{ "ae4dma", "dma" },  { "dw-edma-pcie", "dma" },         { "idxd", "dma" },
	{ "ioatdma", "dma" }, { "nvidia-nvswitch", "nvswitch" }, { "plx_dma", "dma" },
	{ "ptdma", "dma" },   { "switchtec_dma", "dma" },
};

/* Matrox, ASPEED, Cirrus, and QEMU's: management controllers and emulated screens, no GPUs. */
static const uint16_t display_vendors[] = { 0x102b, 0x1a03, 0x1013, 0x1234, 0x1af4, 0x1b36 };

static const char *driver_kind(const struct p2p_device *device)
{
	for (size_t i = 0; device->driver && i < COUNT(driver_kinds); i++)
		if (!strcmp(device->driver, driver_kinds[i].driver))
			return driver_kinds[i].word;
	return NULL;
}

static bool is_display(const struct p2p_node_info *info)
{
	for (size_t i = 0; i < COUNT(display_vendors); i++)
		if (info->vendor == display_vendors[i])
			return true;
	return false;
}

static size_t kind_row(const struct p2p_node_info *info)
{
	size_t i = 0;

	if (info->class_code > 0xffffff)
		return COUNT(kinds);
	while (i < COUNT(kinds) && (info->class_code & kinds[i].mask) != kinds[i].class)
		i++;
	return i;
}

static const char *endpoint_kind(const struct p2p_node_info *info, const struct p2p_device *device)
{
	size_t row = kind_row(info);

	if (driver_kind(device))
		return driver_kind(device);
	if (row == COUNT(kinds))
		return "other";
	if (info->class_code >> 16 == 0x03 && is_display(info))
		return "display";
	return kinds[row].word;
}

const char *p2p_device_kind(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);

	switch (info->kind) {
	case P2P_KIND_HOST_BRIDGE:
		return "host";
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

bool p2p_device_minor(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	const struct p2p_device *device = p2p_machine_device(machine, node);
	size_t row = kind_row(info);
	int bar = p2p_device_memory_bar(info);
	uint32_t names;

	if (info->kind != P2P_KIND_ENDPOINT || row == COUNT(kinds) || !kinds[row].minor)
		return false;
	p2p_machine_names(machine, node, &names);
	return !names && device->memory.known != P2P_PRESENT && !driver_kind(device) &&
	       (bar < 0 || info->bar[bar].size < P2P_LENDABLE_SIZE);
}
