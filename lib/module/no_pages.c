// SPDX-License-Identifier: MIT
/*
 * Why memory has no struct pages.
 */
#include "module/no_pages.h"

struct words {
	const char *text, *remedy;
	enum p2p_hint hint;
};

static struct words words_of(unsigned int why)
{
	switch (why) {
	case P2PMEM_WHY_NO_P2PDMA:
		return (struct words){ "this kernel is built without CONFIG_PCI_P2PDMA",
				       "boot one that has it, or, on 6.1 and 6.12, have DMA "
				       "operations wrapped: publish it again",
				       P2P_HINT_PUBLISH_PAGES };
	case P2PMEM_WHY_ALIGNMENT:
		return (struct words){
			"pages take an address and a size that are multiples of 2 MiB",
			"publish such a part of it", P2P_HINT_PUBLISH_PART
		};
	case P2PMEM_WHY_NO_PAGES:
		return (struct words){ "the kernel would not make pages for this range",
				       "dmesg may tell more, and what its driver publishes itself "
				       "can be had",
				       P2P_HINT_DRIVER_MEMORY };
	default:
		return (struct words){ "it was published without", "publish it again with them",
				       P2P_HINT_PUBLISH_PAGES };
	}
}

bool p2p_no_pages_is_why(unsigned int why)
{
	return why == P2PMEM_WHY_NO_P2PDMA || why == P2PMEM_WHY_ALIGNMENT ||
	       why == P2PMEM_WHY_NO_PAGES;
}

const char *p2p_no_pages_text(unsigned int why)
{
	return words_of(why).text;
}

const char *p2p_no_pages_remedy(unsigned int why)
{
	return words_of(why).remedy;
}

enum p2p_hint p2p_no_pages_hint(unsigned int why)
{
	return words_of(why).hint;
}
