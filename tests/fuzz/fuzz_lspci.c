// SPDX-License-Identifier: MIT
/*
 * Fuzzes the lspci source.
 */
#include "read_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return read_as(&p2p_source_lspci, data, size);
}
