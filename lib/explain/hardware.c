// SPDX-License-Identifier: MIT
/*
 * What the hardware alone would do, in words.
 */
#include <p2pmem/text.h>

#include "parts.h"

static const char *difference(const struct p2p_explanation *explanation)
{
	enum p2p_verdict rules = explanation->route.verdict;
	enum p2p_verdict wires = explanation->hardware_route.verdict;

	if (wires == P2P_VERDICT_UNKNOWN)
		return "what the wires alone would do depends on what is not known";
	if (rules == P2P_VERDICT_UNKNOWN)
		return "the wires alone would try it, whatever is not known here";
	if (wires == P2P_VERDICT_DIRECT)
		return "the wires alone would carry it directly: ACS bits that Linux counts do "
		       "nothing on this path";
	if (rules == P2P_VERDICT_UNREACHABLE)
		return "the wires alone would try it, and nothing promises that it arrives: that "
		       "is why Linux refuses";
	return "what the wires do is less direct than these rules expect: prove it with data "
	       "before trusting it";
}

char *p2p_hardware_text(const struct p2p_explanation *explanation)
{
	struct p2p_text_builder out = { .length = 0 };

	p2p_text_add(&out, "%s", p2p_verdict_text(explanation->hardware_route.verdict));
	if (p2p_explanation_differs(explanation))
		p2p_text_add(&out, ": %s", difference(explanation));
	return p2p_text_take(&out);
}
