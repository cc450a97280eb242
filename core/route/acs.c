// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Decodes Access Control Services and knows the ports that isolate without saying so.
 */
#include "port.h"

#include <p2pmem/acs.h>

#define ROOT       (1u << P2P_KIND_ROOT_PORT)
#define DOWNSTREAM (1u << P2P_KIND_DOWNSTREAM_PORT)
#define ANY        (ROOT | DOWNSTREAM | 1u << P2P_KIND_UPSTREAM_PORT | 1u << P2P_KIND_PCI_BRIDGE)

struct quirk_row {
	uint16_t vendor;
	uint16_t first, last; /* device */
	uint8_t step;
	uint8_t kinds;
	uint8_t quirk;
};

#define INTEL     0x8086
#define CAVIUM    0x177d
#define QUALCOMM  0x17cb
#define HXT       0x1dbf
#define AMCC      0x10e8
#define AMPERE    0x1def
#define BROADCOM  0x14e4
#define LOONGSON  0x0014
#define ANNAPURNA 0x1c36
#define ZHAOXIN   0x1d17
#define NXP       0x1957

/* Linux 7.3, drivers/pci/quirks.c; the function named is where the ids are. */
static const struct quirk_row quirks[] = {
	/* pci_quirk_intel_spt_pch_acs_match() */
	{ INTEL, 0xa110, 0xa11f, 1, ROOT, P2P_ACS_QUIRK_LAYOUT },
	{ INTEL, 0xa167, 0xa16a, 1, ROOT, P2P_ACS_QUIRK_LAYOUT },
	{ INTEL, 0xa290, 0xa29f, 1, ROOT, P2P_ACS_QUIRK_LAYOUT },
	{ INTEL, 0xa2e7, 0xa2ee, 1, ROOT, P2P_ACS_QUIRK_LAYOUT },
	{ INTEL, 0x9d10, 0x9d1b, 1, ROOT, P2P_ACS_QUIRK_LAYOUT },
	/* pci_quirk_intel_pch_acs_ids[] */
	{ INTEL, 0x3b42, 0x3b51, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x1c10, 0x1c1f, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x1e10, 0x1e1f, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x8c10, 0x8c1f, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x9c10, 0x9c1b, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x9c90, 0x9c9b, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x1d10, 0x1d1e, 2, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x8d10, 0x8d1e, 1, ROOT, P2P_ACS_QUIRK_CHIPSET },
	{ INTEL, 0x8c90, 0x8c9e, 2, ROOT, P2P_ACS_QUIRK_CHIPSET },
	/* pci_quirk_cavium_acs_match() */
	{ CAVIUM, 0xa000, 0xa7ff, 1, ROOT, P2P_ACS_QUIRK_ISOLATED },
	{ CAVIUM, 0xaf84, 0xaf84, 1, ROOT, P2P_ACS_QUIRK_ISOLATED },
	{ CAVIUM, 0xb884, 0xb884, 1, ROOT, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_qcom_rp_acs() */
	{ QUALCOMM, 0x0400, 0x0401, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ QUALCOMM, 0x0111, 0x0111, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ QUALCOMM, 0x0115, 0x0115, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ QUALCOMM, 0x0120, 0x0120, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ HXT, 0x0401, 0x0401, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_xgene_acs() */
	{ AMCC, 0xe004, 0xe004, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ AMPERE, 0xe005, 0xe00c, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_brcm_acs() */
	{ BROADCOM, 0xd714, 0xd714, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_loongson_acs() */
	{ LOONGSON, 0x3c09, 0x3c29, 0x10, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ LOONGSON, 0x7a09, 0x7a69, 0x10, ANY, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_al_acs() */
	{ ANNAPURNA, 0x0031, 0x0031, 1, ROOT, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_nxp_rp_acs() */
	{ NXP, 0x8d80, 0x8d83, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8d88, 0x8d8b, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8d90, 0x8d93, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8d98, 0x8d9b, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8da0, 0x8da1, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8da8, 0x8da9, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8db0, 0x8db1, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	{ NXP, 0x8db8, 0x8db9, 1, ANY, P2P_ACS_QUIRK_ISOLATED },
	/* pci_quirk_zhaoxin_pcie_ports_acs() */
	{ ZHAOXIN, 0x0710, 0x071e, 1, ROOT | DOWNSTREAM, P2P_ACS_QUIRK_ISOLATED },
	{ ZHAOXIN, 0x0721, 0x0721, 1, ROOT | DOWNSTREAM, P2P_ACS_QUIRK_ISOLATED },
	{ ZHAOXIN, 0x0723, 0x0752, 1, ROOT | DOWNSTREAM, P2P_ACS_QUIRK_ISOLATED },
};

static bool row_fits(const struct quirk_row *row, const struct p2p_node_info *info)
{
	return row->vendor == info->vendor && info->device >= row->first &&
	       info->device <= row->last && (info->device - row->first) % row->step == 0 &&
	       (row->kinds & 1u << info->kind) != 0;
}

enum p2p_acs_quirk p2p_acs_quirk(const struct p2p_node_info *info)
{
	for (size_t i = 0; i < P2P_ARRAY_SIZE(quirks); i++)
		if (row_fits(&quirks[i], info))
			return (enum p2p_acs_quirk)quirks[i].quirk;
	return P2P_ACS_QUIRK_NONE;
}

const char *p2p_acs_quirk_name(enum p2p_acs_quirk quirk)
{
	switch (quirk) {
	case P2P_ACS_QUIRK_NONE:
		return "none";
	case P2P_ACS_QUIRK_LAYOUT:
		return "layout";
	case P2P_ACS_QUIRK_CHIPSET:
		return "chipset";
	case P2P_ACS_QUIRK_ISOLATED:
		return "isolated";
	}
	return "none";
}

const char *p2p_acs_bit_name(uint16_t bit)
{
	static const char *const names[] = { "SV", "TB", "RR", "CR", "UF", "EC", "DT" };

	for (unsigned int i = 0; i < P2P_ARRAY_SIZE(names); i++)
		if (bit == 1u << i)
			return names[i];
	return NULL;
}

enum p2p_known p2p_acs_known(const struct p2p_node_info *info)
{
	if (info->acs.known == P2P_UNKNOWN && info->pcie == P2P_ABSENT)
		return P2P_ABSENT;
	return info->acs.known;
}

uint16_t p2p_acs_active(const struct p2p_node_info *info, uint16_t bits)
{
	return info->acs.known == P2P_PRESENT ? info->acs.control & bits : 0;
}
