// SPDX-License-Identifier: MIT
/*
 * Fuzzes the hwloc and NCCL sources; both read every document, their own or not.
 */
#include "read_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as(&p2p_source_hwloc, data, size);
	return read_as(&p2p_source_nccl, data, size);
}
