// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stable words for verdicts, reasons, hops and how a policy fits.
 */
#include "port.h"

#include <p2pmem/route.h>

static const char *const verdicts[] = {
	[P2P_VERDICT_UNKNOWN] = "unknown",
	[P2P_VERDICT_DIRECT] = "direct",
	[P2P_VERDICT_VIA_HOST] = "via-host",
	[P2P_VERDICT_UNREACHABLE] = "unreachable",
};

static const char *const reasons[] = {
	[P2P_REASON_SAME_FUNCTION] = "same-function",
	[P2P_REASON_COMMON_PORT] = "common-port",
	[P2P_REASON_NO_COMMON_PORT] = "no-common-port",
	[P2P_REASON_TWO_HOST_BRIDGES] = "two-host-bridges",
	[P2P_REASON_ACS_REDIRECT] = "acs-redirect",
	[P2P_REASON_ACS_EGRESS] = "acs-egress",
	[P2P_REASON_ACS_UNKNOWN] = "acs-unknown",
	[P2P_REASON_ACS_QUIRK] = "acs-quirk",
	[P2P_REASON_CPU_ALLOWS] = "cpu-allows",
	[P2P_REASON_CPU_UNKNOWN] = "cpu-unknown",
	[P2P_REASON_BRIDGE_LISTED] = "bridge-listed",
	[P2P_REASON_BRIDGE_NOT_LISTED] = "bridge-not-listed",
	[P2P_REASON_BRIDGE_SAME_ONLY] = "bridge-same-only",
	[P2P_REASON_BRIDGE_NO_KEY] = "bridge-no-key",
	[P2P_REASON_BRIDGE_UNKNOWN] = "bridge-unknown",
	[P2P_REASON_FORWARDING_NOT_PROMISED] = "forwarding-not-promised",
	[P2P_REASON_OFF_BUS] = "off-bus",
	[P2P_REASON_PARENT_UNKNOWN] = "parent-unknown",
	[P2P_REASON_HOST_NEVER] = "host-never",
	[P2P_REASON_IOMMU_REFUSES] = "iommu-refuses",
	[P2P_REASON_IOMMU_UNKNOWN] = "iommu-unknown",
	[P2P_REASON_REDIRECT_REFUSED] = "redirect-refused",
	[P2P_REASON_RULES_UNREAD] = "rules-unread",
	[P2P_REASON_NO_SUPPORT] = "no-support",
	[P2P_REASON_ALLOWED] = "allowed",
};

static const char *const hops[] = {
	[P2P_HOP_START] = "start",     [P2P_HOP_UP] = "up",         [P2P_HOP_REDIRECT] = "redirect",
	[P2P_HOP_TURN] = "turn",       [P2P_HOP_HOST] = "host",     [P2P_HOP_CROSS] = "cross",
	[P2P_HOP_REFUSED] = "refused", [P2P_HOP_UNSURE] = "unsure", [P2P_HOP_DOWN] = "down",
	[P2P_HOP_END] = "end",
};

static const char *word(const char *const *words, size_t count, size_t at)
{
	return at < count ? words[at] : "invalid";
}

const char *p2p_verdict_name(enum p2p_verdict verdict)
{
	return word(verdicts, P2P_ARRAY_SIZE(verdicts), (size_t)verdict);
}

const char *p2p_reason_name(enum p2p_reason_code code)
{
	return word(reasons, P2P_ARRAY_SIZE(reasons), (size_t)code);
}

const char *p2p_hop_name(enum p2p_hop_action action)
{
	return word(hops, P2P_ARRAY_SIZE(hops), (size_t)action);
}

const char *p2p_policy_fit_name(enum p2p_policy_fit fit)
{
	switch (fit) {
	case P2P_FIT_EXACT:
		return "exact";
	case P2P_FIT_UNREAD:
		return "unread";
	case P2P_FIT_NEWER:
		return "newer";
	case P2P_FIT_ASSUMED:
		break;
	}
	return "assumed";
}
