// SPDX-License-Identifier: MIT
/*
 * Fuzzes the archive source.
 */
#include "read_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return read_whole(data, size);
}
