// SPDX-License-Identifier: MIT
/*
 * A host bridge's node of the device tree: its property `ranges` has each window with both
 * addresses. Devicetree Specification 0.4, 2.3.8, and IEEE 1275's PCI Bus Binding 2.1, 2.2.1.1:
 *
 *     one entry   phys.hi  phys.mid phys.lo   parent address   size
 *     32-bit      1        2                  1 or 2           2     words, big-endian
 *
 *     phys.hi     npt0 00ss ....              ss: 1 I/O, 2 memory below 4 GiB, 3 anywhere; p:
 * prefetchable
 */
#include "device_tree.h"

#include <string.h>

#define PCI_WORDS  3u
#define SIZE_WORDS 2u
#define M64_WORDS  6u

#define PREFETCHABLE UINT32_C(0x40000000)
#define SPACE(hi)    ((hi) >> 24 & 3u)
#define RESERVED     UINT32_C(0x1c000000)

enum space {
	SPACE_CONFIG,
	SPACE_IO,
	SPACE_MEMORY_32,
	SPACE_MEMORY_64,
};

static uint32_t word(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static uint64_t words(const uint8_t *bytes, unsigned int count)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < count; i++)
		value = value << 32 | word(bytes + 4 * (size_t)i);
	return value;
}

static uint8_t flags_of(uint32_t hi)
{
	unsigned int space = SPACE(hi);

	if (space == SPACE_IO)
		return P2P_RANGE_IO;
	return (uint8_t)(P2P_RANGE_MEMORY | (space == SPACE_MEMORY_64 ? P2P_RANGE_64BIT : 0) |
			 (hi & PREFETCHABLE ? P2P_RANGE_PREFETCH : 0));
}

int p2p_device_tree_ranges(const void *ranges, size_t size, uint32_t parent_words,
			   p2p_device_tree_each *each, void *context)
{
	size_t entry = 4 * (size_t)(PCI_WORDS + parent_words + SIZE_WORDS);
	const uint8_t *bytes = ranges;

	if (parent_words < 1 || parent_words > 2 || size % entry)
		return -1;
	for (size_t at = 0; at < size; at += entry) {
		const uint8_t *parent = bytes + at + 4 * (size_t)PCI_WORDS;
		uint32_t hi = word(bytes + at);
		struct p2p_range range = {
			.bus.value = words(bytes + at + 4, 2),
			.cpu.value = words(parent, parent_words),
			.size = words(parent + 4 * (size_t)parent_words, SIZE_WORDS),
			.bus_known = true,
			.cpu_known = true,
			.flags = flags_of(hi),
		};

		if (hi & RESERVED || SPACE(hi) == SPACE_CONFIG)
			return -1;
		if (range.flags & P2P_RANGE_MEMORY && !each(context, &range))
			return -1;
	}
	return 0;
}

int p2p_device_tree_m64(const void *window, size_t size, uint32_t endpoints,
			struct p2p_range *range)
{
	const uint8_t *bytes = window;
	uint64_t length;

	if (size != 4 * (size_t)M64_WORDS)
		return -1;
	length = words(bytes + 16, 2);
	if (endpoints > 2)
		length -= length / endpoints * 2;
	*range = (struct p2p_range){
		.bus.value = words(bytes, 2),
		.cpu.value = words(bytes + 8, 2),
		.size = length,
		.bus_known = true,
		.cpu_known = true,
		.flags = P2P_RANGE_MEMORY | P2P_RANGE_64BIT | P2P_RANGE_PREFETCH,
	};
	return 0;
}
