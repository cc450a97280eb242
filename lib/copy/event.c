// SPDX-License-Identifier: MIT
/*
 * What the caller of a copy is told.
 */
#include "copy/event.h"

void p2p_copy_tell(struct p2p_copy *copy, enum p2p_copy_event event, const char *text)
{
	if (copy->options.event)
		copy->options.event(copy->options.context, event, text, &copy->report);
}
