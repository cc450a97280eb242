// SPDX-License-Identifier: MIT
/*
 * Addresses and sizes as people read them.
 */
#include "print.h"

#include <inttypes.h>
#include <stdio.h>

const char *p2p_bdf_text(struct p2p_bdf bdf, char text[P2P_BDF_TEXT])
{
	snprintf(text, P2P_BDF_TEXT, "%04" PRIx32 ":%02x:%02x.%x", bdf.domain, bdf.bus,
		 bdf.devfn >> 3, bdf.devfn & 7u);
	return text;
}

const char *p2p_size_text(char text[P2P_SIZE_TEXT], uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	int unit = 0;

	if (bytes < 1024) {
		snprintf(text, P2P_SIZE_TEXT, "%" PRIu64 " bytes", bytes);
		return text;
	}
	while (value >= 1023.95 && unit < 5) {
		value /= 1024;
		unit++;
	}
	snprintf(text, P2P_SIZE_TEXT, "%.*f %s", value == (double)(uint64_t)value ? 0 : 1, value,
		 units[unit]);
	return text;
}
