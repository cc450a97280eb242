// SPDX-License-Identifier: MIT
/*
 * Which devices matter: what topo leaves out, what the doctor looks after, and what a matrix is
 * about.
 */
#include "interest.h"

/* PCI Code and ID Assignment 1.11, 1.1 to 1.19: base class and subclass. */
#define CLASS_NVME        0x0108
#define CLASS_ETHERNET    0x0200
#define CLASS_INFINIBAND  0x0207
#define CLASS_COPROCESSOR 0x0b40
#define BASE_DISPLAY      0x03
#define BASE_ACCELERATOR  0x12

/* A display with less memory in its BARs is a console, such as a management controller's. */
#define CONSOLE_MAX (64ull << 20)

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

	return bar >= 0 && info->bar[bar].size >= P2P_PUBLISHABLE_SIZE;
}

static bool publishes(const struct p2p_machine *machine, p2p_node node)
{
	return p2p_machine_device(machine, node)->memory.known == P2P_PRESENT;
}

static bool is_virtual(const struct p2p_machine *machine, p2p_node node)
{
	return p2p_machine_device(machine, node)->physical_function != P2P_NO_NODE;
}

bool p2p_device_is_minor(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	bool by_driver;
	uint32_t names;

	p2p_machine_names(machine, node, &names);
	if (info->kind != P2P_KIND_ENDPOINT || publishes(machine, node) || names)
		return false;
	return p2p_device_overlooked(machine, node, &by_driver) && (by_driver || !could_lend(info));
}

static bool is_console(const struct p2p_node_info *info)
{
	bool read = false;

	for (unsigned int i = 0; i < P2P_BARS; i++) {
		if (!(info->bar[i].flags & P2P_RANGE_MEMORY))
			continue;
		if (!info->bar[i].size || info->bar[i].size >= CONSOLE_MAX)
			return false;
		read = true;
	}
	return read;
}

bool p2p_device_takes_part(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	uint32_t class = info->class_code >> 8;

	if (info->kind != P2P_KIND_ENDPOINT || is_virtual(machine, node))
		return false;
	if (publishes(machine, node))
		return true;
	if (info->class_code == UINT32_MAX)
		return false;
	if (class >> 8 == BASE_DISPLAY)
		return !is_console(info);
	return class == CLASS_NVME || class == CLASS_ETHERNET || class == CLASS_INFINIBAND ||
	       class == CLASS_COPROCESSOR || class >> 8 == BASE_ACCELERATOR;
}

/* Also when integrated in the root complex. */
static bool matters_integrated(enum p2p_device_kind kind)
{
	return kind == P2P_DEVICE_GPU || kind == P2P_DEVICE_NVME || kind == P2P_DEVICE_NETWORK ||
	       kind == P2P_DEVICE_INFINIBAND || kind == P2P_DEVICE_ACCEL;
}

bool p2p_device_likely_client(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	enum p2p_kind kind = p2p_fabric_info(fabric, node)->kind;
	p2p_node parent = p2p_fabric_parent(fabric, node);

	if ((kind != P2P_KIND_ENDPOINT && kind != P2P_KIND_OFF_BUS) || is_virtual(machine, node))
		return false;
	if (parent == P2P_NO_NODE || p2p_kind_is_bridge(p2p_fabric_info(fabric, parent)->kind))
		return true;
	return matters_integrated(p2p_device_kind(machine, node)) || publishes(machine, node);
}

uint64_t p2p_device_largest_bar(const struct p2p_node_info *info)
{
	uint64_t size = 0;

	for (unsigned int i = 0; i < P2P_BARS; i++)
		if (!(info->bar[i].flags & P2P_RANGE_IO) && info->bar[i].size > size)
			size = info->bar[i].size;
	return size;
}

bool p2p_device_likely_provider(const struct p2p_machine *machine, p2p_node node, bool bars_told)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);

	if (!p2p_device_likely_client(machine, node))
		return false;
	return !bars_told || p2p_device_largest_bar(info) >= P2P_PUBLISHABLE_SIZE ||
	       publishes(machine, node);
}
