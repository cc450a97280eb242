// SPDX-License-Identifier: MIT
/*
 * The module's reasons for a refusal.
 */
#include "module/why.h"

const char *p2p_why_name(unsigned int why)
{
	static const char *const names[] = {
		[P2PMEM_WHY_NONE] = "none",
		[P2PMEM_WHY_NO_FUNCTION] = "no-function",
		[P2PMEM_WHY_NO_DRIVER] = "no-driver",
		[P2PMEM_WHY_NO_BAR] = "no-bar",
		[P2PMEM_WHY_NOT_MEMORY] = "not-memory",
		[P2PMEM_WHY_DISABLED] = "disabled",
		[P2PMEM_WHY_RANGE] = "range",
		[P2PMEM_WHY_MSIX] = "msix",
		[P2PMEM_WHY_CLAIMED] = "claimed",
		[P2PMEM_WHY_PUBLISHED] = "published",
		[P2PMEM_WHY_NO_P2PDMA] = "no-p2pdma",
		[P2PMEM_WHY_ALIGNMENT] = "alignment",
		[P2PMEM_WHY_NO_PAGES] = "no-pages",
		[P2PMEM_WHY_DRIVER_MEMORY] = "driver-memory",
		[P2PMEM_WHY_HELD] = "held",
		[P2PMEM_WHY_IN_USE] = "in-use",
		[P2PMEM_WHY_LIMIT] = "limit",
		[P2PMEM_WHY_FULL] = "full",
	};

	return why < sizeof(names) / sizeof(names[0]) && names[why] ? names[why] : "unknown";
}

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
