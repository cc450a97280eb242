// SPDX-License-Identifier: MIT
/*
 * Names of published memory.
 */
#include <errno.h>

#include <p2pmem/module.h>

#include "machine/sources/text.h"

int p2p_module_index(const char *text, uint32_t *index)
{
	struct p2p_span rest = p2p_span(text);
	uint64_t number;

	p2p_span_skip(&rest, "/dev/");
	if (!p2p_span_skip(&rest, "p2pmem") || !p2p_span_decimal(&rest, UINT32_MAX, &number) ||
	    rest.length)
		return -EINVAL;
	*index = (uint32_t)number;
	return 0;
}
