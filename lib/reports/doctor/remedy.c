// SPDX-License-Identifier: MIT
/*
 * The boot option for a whole machine's ports.
 */
#include "reports/doctor/checks.h"

#include <stdio.h>
#include <stdlib.h>

char *p2p_remedy_acs_boot(const struct p2p_fabric *fabric, const p2p_node *ports, uint32_t count)
{
	char name[P2P_NODE_TEXT];
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	fprintf(file, "pci=disable_acs_redir=");
	for (uint32_t i = 0; i < count; i++)
		fprintf(file, "%s%s", i ? ";" : "",
			p2p_bdf_only(name, p2p_fabric_info(fabric, ports[i])->bdf));
	if (fclose(file)) {
		free(text);
		return NULL;
	}
	return text;
}
