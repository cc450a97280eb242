// SPDX-License-Identifier: MIT
/*
 * Fuzzes configuration space; blanking for a capture must never change what it decodes to.
 */
#include <stdlib.h>
#include <string.h>

#include "sources/config_space.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
	p2p_config_blank(config, size);
	/* Both began as copies of one object, so padding is the same, too. */
	/* NOLINTBEGIN(bugprone-suspicious-memory-comparison,cert-*) */
	if (p2p_config_decode(config, size, &after, &below_after) != status ||
	    memcmp(&before, &after, sizeof(before)) != 0 ||
	    memcmp(&below_before, &below_after, sizeof(below_before)) != 0)
		abort();
	/* NOLINTEND(bugprone-suspicious-memory-comparison,cert-*) */
	free(config);
	return 0;
}
