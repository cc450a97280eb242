// SPDX-License-Identifier: MIT
/*
 * Fuzzes configuration space; blanking for a capture must never change what it decodes to, and
 * leaves no serial number.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/sources/config_space.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* PCIe 7.6.3, 7.9.3: an extended capability's header; and the Device Serial Number's id, body. */
#define EXTENDED_HEADER 4u
#define SERIAL_ID       0x0003u
#define SERIAL_LENGTH   8u
/* No capability of those that are kept is longer. */
#define KEPT_MAX 64u

static uint32_t header_at(const uint8_t *config, size_t at)
{
	return (uint32_t)config[at] | (uint32_t)config[at + 1] << 8 |
	       (uint32_t)config[at + 2] << 16 | (uint32_t)config[at + 3] << 24;
}

/* Whether nothing that must be kept lies over the serial number: a list may go anywhere. */
static bool is_apart(const size_t *list, unsigned int count, size_t serial)
{
	if (serial < P2P_CONFIG_PCI + KEPT_MAX)
		return false;
	for (unsigned int i = 0; i < count; i++)
		if (list[i] != serial && list[i] + KEPT_MAX > serial &&
		    list[i] < serial + EXTENDED_HEADER + SERIAL_LENGTH)
			return false;
	return true;
}

/* Where the list of extended capabilities leads, headers and where it breaks off. */
static unsigned int walk(const uint8_t *config, size_t size, size_t *list, unsigned int room)
{
	unsigned int count = 0;
	size_t at = P2P_CONFIG_PCI;

	while (at >= P2P_CONFIG_PCI && count < room) {
		list[count++] = at;
		if (at + EXTENDED_HEADER > size)
			break;
		at = header_at(config, at) >> 20 & ~3u;
	}
	return count;
}

/* The headers stay, so the blanked bytes lead to the same places. */
static void find_serials(const uint8_t *blanked, size_t size)
{
	size_t list[P2P_CONFIG_PCIE / EXTENDED_HEADER];
	unsigned int count = walk(blanked, size, list, sizeof(list) / sizeof(list[0]));

	for (unsigned int i = 0; i < count; i++) {
		if (list[i] + EXTENDED_HEADER + SERIAL_LENGTH > size ||
		    (header_at(blanked, list[i]) & 0xffff) != SERIAL_ID ||
		    !is_apart(list, count, list[i]))
			continue;
		for (unsigned int byte = 0; byte < SERIAL_LENGTH; byte++)
			if (blanked[list[i] + EXTENDED_HEADER + byte])
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t largest_before[P2P_BARS] = { 0 }, largest_after[P2P_BARS] = { 0 };
	struct p2p_link below_before = { 0 }, below_after = { 0 };
	struct p2p_node_info before, after;
	uint8_t *config;
	int status;

	if (size > P2P_CONFIG_PCIE)
		size = P2P_CONFIG_PCIE;
	config = malloc(size + !size);
	if (!config)
		return 0;
	if (size)
		memcpy(config, data, size);
	p2p_node_info_init(&before);
	after = before;
	status = p2p_config_decode(config, size, &before, &below_before);
	p2p_config_resizable(config, size, largest_before);
	p2p_config_blank(config, size);
	p2p_config_resizable(config, size, largest_after);
	find_serials(config, size);
	/* Both began as copies of one object, so padding is the same, too. */
	/* NOLINTBEGIN(bugprone-suspicious-memory-comparison,cert-*) */
	if (p2p_config_decode(config, size, &after, &below_after) != status ||
	    memcmp(largest_before, largest_after, sizeof(largest_before)) != 0 ||
	    memcmp(&before, &after, sizeof(before)) != 0 ||
	    memcmp(&below_before, &below_after, sizeof(below_before)) != 0)
		abort();
	/* NOLINTEND(bugprone-suspicious-memory-comparison,cert-*) */
	free(config);
	return 0;
}
