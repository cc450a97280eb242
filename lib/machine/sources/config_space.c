// SPDX-License-Identifier: MIT
/*
 * PCI configuration space, after PCI Express Base 6.0 chapter 7 and PCI-to-PCI Bridge 1.2
 * chapter 3. Register names are those of Linux's include/uapi/linux/pci_regs.h.
 */
#include "config_space.h"

#include <errno.h>
#include <string.h>

#define HEADER_TYPE         0x0e
#define CAPABILITY_POINTER  0x34
#define STATUS_CAPABILITIES 0x10 /* in the Status register's low byte, at 0x06 */

#define CAPABILITY_SUBSYSTEM 0x0d
#define CAPABILITY_PCIE      0x10
#define PCIE_LENGTH          0x3c /* 7.5.3: through Slot Status 2 */
#define EXTENDED_ACS         0x000d
#define ACS_LENGTH           8
#define EXTENDED_REBAR       0x0015
#define REBAR_LENGTH         ((size_t)8) /* for each BAR, behind the head */

/* More links than fit in the space are a loop. */
#define CAPABILITIES_MAX          ((P2P_CONFIG_PCI - P2P_CONFIG_HEADER) / 4)
#define EXTENDED_CAPABILITIES_MAX ((P2P_CONFIG_PCIE - P2P_CONFIG_PCI) / 8)

static uint16_t get16(const uint8_t *config, size_t at)
{
	return (uint16_t)(config[at] | config[at + 1] << 8);
}

static uint32_t get32(const uint8_t *config, size_t at)
{
	return get16(config, at) | (uint32_t)get16(config, at + 2) << 16;
}

static unsigned int header_type(const uint8_t *config)
{
	return config[HEADER_TYPE] & 0x7f;
}

static size_t first_pointer(const uint8_t *config)
{
	return header_type(config) == 2 ? 0x14 : CAPABILITY_POINTER;
}

/*
 * Walks one of the two lists. `*at` is 0 to start, then the last capability found. PRESENT: `*at`
 * is the next; ABSENT: the end of the list; UNKNOWN: the list goes on beyond `size`, or is broken.
 */
static enum p2p_known next_capability(const uint8_t *config, size_t size, size_t *at,
				      unsigned int *steps)
{
	size_t next;

	if (!*at) {
		if (!(config[6] & STATUS_CAPABILITIES))
			return P2P_ABSENT;
		next = config[first_pointer(config)];
	} else {
		next = config[*at + 1];
	}
	next &= ~(size_t)3;
	if (!next)
		return P2P_ABSENT;
	if (next < P2P_CONFIG_HEADER || next + 4 > size || ++*steps > CAPABILITIES_MAX)
		return P2P_UNKNOWN;
	/* An all-ones header is a device that stopped answering. */
	if (config[next] == 0xff)
		return P2P_UNKNOWN;
	*at = next;
	return P2P_PRESENT;
}

static enum p2p_known next_extended(const uint8_t *config, size_t size, size_t *at,
				    unsigned int *steps)
{
	size_t next = *at ? get16(config, *at + 2) >> 4 & ~3u : P2P_CONFIG_PCI;

	if (*at && next < P2P_CONFIG_PCI)
		return next ? P2P_UNKNOWN : P2P_ABSENT;
	if (next + 4 > size || ++*steps > EXTENDED_CAPABILITIES_MAX)
		return P2P_UNKNOWN;
	if (get32(config, next) == 0xffffffff)
		return P2P_UNKNOWN;
	if (!get32(config, next))
		return P2P_ABSENT;
	*at = next;
	return P2P_PRESENT;
}

static enum p2p_known find_capability(const uint8_t *config, size_t size, uint8_t id, size_t *at)
{
	unsigned int steps = 0;
	enum p2p_known found;

	*at = 0;
	while ((found = next_capability(config, size, at, &steps)) == P2P_PRESENT)
		if (config[*at] == id)
			break;
	return found;
}

static enum p2p_known find_extended(const uint8_t *config, size_t size, uint16_t id, size_t *at)
{
	unsigned int steps = 0;
	enum p2p_known found;

	*at = 0;
	while ((found = next_extended(config, size, at, &steps)) == P2P_PRESENT)
		if (get16(config, *at) == id)
			break;
	return found;
}

/* 7.5.1.2.1. A 64-bit BAR takes two registers; the next one's index is returned. */
static unsigned int decode_bar(const uint8_t *config, unsigned int bar, unsigned int bars,
			       struct p2p_range *range)
{
	uint32_t low = get32(config, 0x10 + 4 * bar);
	uint64_t address;
	uint8_t flags;

	if (!low || low == 0xffffffff)
		return bar + 1;
	if (low & 1) {
		address = low & ~3u;
		flags = P2P_RANGE_IO;
	} else {
		address = low & ~15u;
		flags = P2P_RANGE_MEMORY | (low & 8 ? P2P_RANGE_PREFETCH : 0);
		if ((low & 6) == 4 && bar + 1 < bars) {
			address |= (uint64_t)get32(config, 0x10 + 4 * (bar + 1)) << 32;
			flags |= P2P_RANGE_64BIT;
		}
	}
	range->flags = flags;
	range->bus.value = address;
	range->bus_known = address != 0;
	return bar + (flags & P2P_RANGE_64BIT ? 2 : 1);
}

static void decode_bars(const uint8_t *config, unsigned int bars, struct p2p_node_info *info)
{
	for (unsigned int bar = 0; bar < bars;)
		bar = decode_bar(config, bar, bars, &info->bar[bar]);
}

static void set_window(struct p2p_range *window, uint64_t base, uint64_t limit, uint8_t flags)
{
	if (limit < base || limit == UINT64_MAX)
		return;
	window->bus.value = base;
	window->bus_known = true;
	window->size = limit - base + 1;
	window->flags = flags;
}

/* 7.5.1.3.6 to 7.5.1.3.10. A base above its limit is a closed window. */
static void decode_windows(const uint8_t *config, struct p2p_node_info *info)
{
	uint64_t base = (uint64_t)(config[0x1c] & 0xf0) << 8;
	uint64_t limit = (uint64_t)(config[0x1d] & 0xf0) << 8 | 0xfff;
	uint8_t flags = P2P_RANGE_MEMORY | P2P_RANGE_PREFETCH;

	if ((config[0x1c] & 0xf) == 1) {
		base |= (uint64_t)get16(config, 0x30) << 16;
		limit |= (uint64_t)get16(config, 0x32) << 16;
	}
	/* Base and limit 0 are what a bridge without an I/O window reads as, too. */
	if (get16(config, 0x1c))
		set_window(&info->window[0], base, limit, P2P_RANGE_IO);

	base = (uint64_t)(get16(config, 0x20) & 0xfff0) << 16;
	limit = (uint64_t)(get16(config, 0x22) & 0xfff0) << 16 | 0xfffff;
	if (get32(config, 0x20))
		set_window(&info->window[1], base, limit, P2P_RANGE_MEMORY);

	base = (uint64_t)(get16(config, 0x24) & 0xfff0) << 16;
	limit = (uint64_t)(get16(config, 0x26) & 0xfff0) << 16 | 0xfffff;
	if ((config[0x24] & 0xf) == 1) {
		base |= (uint64_t)get32(config, 0x28) << 32;
		limit |= (uint64_t)get32(config, 0x2c) << 32;
		flags |= P2P_RANGE_64BIT;
	}
	if (get32(config, 0x24))
		set_window(&info->window[2], base, limit, flags);
}

static void decode_subsystem(const uint8_t *config, size_t size, struct p2p_node_info *info)
{
	size_t at = 0x2c;

	if (header_type(config) == 1) {
		if (find_capability(config, size, CAPABILITY_SUBSYSTEM, &at) != P2P_PRESENT ||
		    at + 8 > size)
			return;
		at += 4;
	} else if (header_type(config)) {
		return;
	}
	info->subsystem_vendor = get16(config, at);
	info->subsystem_device = get16(config, at + 2);
}

/* 7.5.3.18: the speed fields are indices into these; 1 is the slowest. */
static uint32_t speed(unsigned int code)
{
	static const uint32_t speeds[] = { 0, 2500, 5000, 8000, 16000, 32000, 64000 };

	return code < sizeof(speeds) / sizeof(speeds[0]) ? speeds[code] : 0;
}

static void decode_link(const uint8_t *config, size_t pcie, struct p2p_link *link)
{
	uint32_t capabilities = get32(config, pcie + 0x0c);
	uint16_t rc = get16(config, pcie + 0x12);

	link->max_speed = speed(capabilities & 0xf);
	link->max_width = (uint8_t)(capabilities >> 4 & 0x3f);
	link->width = (uint8_t)(rc >> 4 & 0x3f);
	link->speed = link->width ? speed(rc & 0xf) : 0;
}

enum p2p_kind p2p_config_port_kind(uint8_t port_type)
{
	switch (port_type) {
	case 4:
		return P2P_KIND_ROOT_PORT;
	case 5:
		return P2P_KIND_UPSTREAM_PORT;
	case 6:
		return P2P_KIND_DOWNSTREAM_PORT;
	case 7:
	case 8:
		return P2P_KIND_PCI_BRIDGE;
	default:
		return P2P_KIND_BRIDGE;
	}
}

static enum p2p_kind kind_of(const struct p2p_node_info *info, unsigned int type)
{
	if (!type)
		return P2P_KIND_ENDPOINT;
	if (type == 2 || info->pcie == P2P_ABSENT)
		return P2P_KIND_PCI_BRIDGE;
	if (info->pcie == P2P_UNKNOWN)
		return P2P_KIND_BRIDGE;
	return p2p_config_port_kind(info->port_type);
}

static void decode_pcie(const uint8_t *config, size_t size, struct p2p_node_info *info,
			struct p2p_link *link_below)
{
	enum p2p_known found;
	size_t at;

	found = find_capability(config, size, CAPABILITY_PCIE, &at);
	if (found == P2P_PRESENT && at + 0x14 > size)
		found = P2P_UNKNOWN;
	if (found == P2P_UNKNOWN)
		return;
	info->pcie = found;
	if (found == P2P_ABSENT)
		return;
	info->port_type = config[at + 2] >> 4;
	if (info->port_type == 4 || info->port_type == 6)
		decode_link(config, at, link_below);
	/* 7.5.3: integrated endpoints and event collectors have no link registers. */
	else if (info->port_type != 9 && info->port_type != 10)
		decode_link(config, at, &info->link);
}

/*
 * Without PCI Express there is no extended space (PCI-X 2.0 had one, without ACS). A PCI Express
 * function that gave only 256 bytes has one that was not read.
 */
static void decode_acs(const uint8_t *config, size_t size, struct p2p_acs *acs, enum p2p_known pcie)
{
	enum p2p_known found = P2P_ABSENT;
	size_t at = 0;

	if (pcie == P2P_UNKNOWN)
		return;
	if (pcie == P2P_PRESENT)
		found = find_extended(config, size, EXTENDED_ACS, &at);
	if (found == P2P_UNKNOWN || (found == P2P_PRESENT && at + ACS_LENGTH > size))
		return;
	acs->known = found;
	if (found == P2P_ABSENT)
		return;
	acs->capability = get16(config, at + 4);
	acs->control = get16(config, at + 6);
}

/* 7.8.6.2 and 7.8.6.3: bit n of the capability is 2^(n + 16) bytes; the control register has 16
 * more bits, for what is larger. */
static uint64_t largest_size(uint32_t capability, uint32_t control)
{
	uint64_t sizes = (uint64_t)(control >> 16) << 28 | capability >> 4;
	unsigned int largest = 0;

	if (!sizes)
		return 0;
	while (sizes >>= 1)
		largest++;
	return 1ull << (largest + 20);
}

static unsigned int rebar_count(const uint8_t *config, size_t size, size_t at)
{
	unsigned int count;

	if (at + 4 + REBAR_LENGTH > size)
		return 0;
	count = get32(config, at + 8) >> 5 & 7;
	while (count && at + 4 + REBAR_LENGTH * count > size)
		count--;
	return count;
}

void p2p_config_resizable(const uint8_t *config, size_t size, uint64_t bar_max[P2P_BARS])
{
	size_t at;

	if (size <= P2P_CONFIG_PCI ||
	    find_extended(config, size, EXTENDED_REBAR, &at) != P2P_PRESENT)
		return;
	for (unsigned int i = 0; i < rebar_count(config, size, at); i++) {
		uint32_t capability = get32(config, at + 4 + REBAR_LENGTH * i);
		uint32_t control = get32(config, at + 8 + REBAR_LENGTH * i);

		if ((control & 7) < P2P_BARS)
			bar_max[control & 7] = largest_size(capability, control);
	}
}

static bool answered(const uint8_t *config, size_t size)
{
	if (size < P2P_CONFIG_HEADER)
		return false;
	for (size_t i = 0; i < P2P_CONFIG_HEADER; i++)
		if (config[i] != 0xff)
			return true;
	return false;
}

int p2p_config_decode(const uint8_t *config, size_t size, struct p2p_node_info *info,
		      struct p2p_link *link_below)
{
	unsigned int type;

	if (!answered(config, size))
		return -ENODEV;
	type = header_type(config);
	/* A virtual function reads as ffff:ffff: SR-IOV 9.3.4.1.1. Its ids come from elsewhere. */
	if (get16(config, 0) != 0xffff) {
		info->vendor = get16(config, 0);
		info->device = get16(config, 2);
	}
	info->class_code = get32(config, 8) >> 8;
	decode_subsystem(config, size, info);
	if (type == 1 || type == 2) {
		info->secondary = config[0x19];
		info->subordinate = config[0x1a];
	}
	decode_bars(config, type == 0 ? 6 : type == 1 ? 2 : 1, info);
	if (type == 1)
		decode_windows(config, info);
	decode_pcie(config, size, info, link_below);
	decode_acs(config, size, &info->acs, info->pcie);
	info->kind = kind_of(info, type);
	return 0;
}

static void keep(uint8_t *to, const uint8_t *from, size_t size, size_t at, size_t length)
{
	if (at < size)
		memcpy(to + at, from + at, length < size - at ? length : size - at);
}

void p2p_config_blank(uint8_t *config, size_t size)
{
	uint8_t kept[P2P_CONFIG_PCIE] = { 0 };
	unsigned int steps = 0;
	size_t at = 0;

	if (size > sizeof(kept))
		size = sizeof(kept);
	keep(kept, config, size, 0, P2P_CONFIG_HEADER);
	if (!answered(config, size)) {
		memcpy(config, kept, size);
		return;
	}
	/* Where a list breaks off must stay as it is, or a broken list would become a short one. */
	keep(kept, config, size, config[first_pointer(config)] & ~3u, 2);
	while (next_capability(config, size, &at, &steps) == P2P_PRESENT) {
		keep(kept, config, size, at, 2);
		keep(kept, config, size, config[at + 1] & ~3u, 2);
		if (config[at] == CAPABILITY_PCIE)
			keep(kept, config, size, at, PCIE_LENGTH);
		if (config[at] == CAPABILITY_SUBSYSTEM)
			keep(kept, config, size, at, 8);
	}
	at = 0;
	steps = 0;
	if (size > P2P_CONFIG_PCI)
		keep(kept, config, size, P2P_CONFIG_PCI, 4);
	while (next_extended(config, size, &at, &steps) == P2P_PRESENT) {
		keep(kept, config, size, get16(config, at + 2) >> 4 & ~3u, 4);
		keep(kept, config, size, at, 4);
		if (get16(config, at) == EXTENDED_ACS)
			keep(kept, config, size, at, ACS_LENGTH);
		if (get16(config, at) == EXTENDED_REBAR)
			keep(kept, config, size, at + 4,
			     REBAR_LENGTH * rebar_count(config, size, at));
	}
	memcpy(config, kept, size);
}
