// SPDX-License-Identifier: MIT
/*
 * The module's reasons for a refusal.
 */
#include "module/why.h"

bool p2p_why_of_pages(unsigned int why)
{
	return why == P2PMEM_WHY_NO_P2PDMA || why == P2PMEM_WHY_ALIGNMENT ||
	       why == P2PMEM_WHY_NO_PAGES;
}

const char *p2p_why_no_pages(unsigned int why)
{
	switch (why) {
	case P2PMEM_WHY_NO_P2PDMA:
		return "this kernel is built without CONFIG_PCI_P2PDMA";
	case P2PMEM_WHY_ALIGNMENT:
		return "pages take an address and a size that are multiples of 2 MiB";
	case P2PMEM_WHY_NO_PAGES:
		return "the kernel would not make pages for this range";
	default:
		return "it was published without";
	}
}

const char *p2p_why_pages_remedy(unsigned int why)
{
	switch (why) {
	case P2PMEM_WHY_NO_P2PDMA:
		return "boot a kernel that has it, as Debian's 7.3";
	case P2PMEM_WHY_ALIGNMENT:
		return "publish such a part of it, with --offset and --size";
	case P2PMEM_WHY_NO_PAGES:
		return "dmesg may tell more, and what its driver publishes itself is had with "
		       "--driver-memory";
	default:
		return "publish it again, with --pages";
	}
}
