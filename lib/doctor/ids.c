// SPDX-License-Identifier: MIT
/*
 * The words that findings go by: what people may ignore or ask for alone.
 */
#include <p2pmem/doctor.h>

const char *const *p2p_doctor_ids(void)
{
	static const char *const ids[] = {
		"devices",     "kernel-config", "kernel-version",  "module",
		"hypervisor",  "proof-wrong",   "proof-void",      "allowed",
		"iommu",       "iommu-direct",  "acs-redirect",    "acs-quirk",
		"host-bridge", "iommu-groups",  "bar-unassigned",  "bar-window",
		"bars",        "bar-resizable", "peer-memory",     "cmb",
		"root",        "permission",    "link-downgraded", NULL,
	};

	return ids;
}
