// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The tables of the policies, and which one fits a kernel release.
 */
#include "port.h"

#include <p2pmem/fabric.h>
#include <p2pmem/policy.h>

#define INTEL  0x8086
#define GOOGLE 0x1ae0
#define NVIDIA 0x10de

/*
 * pci_p2pdma_whitelist[] in drivers/pci/p2pdma.c, each kernel's own. The rows of 6.1.192 and of
 * 6.12.107 are the same; those of 7.3.4 begin with the same.
 */
static const struct p2p_allow_row allow_7_3[] = {
	{ INTEL, 0x3c00, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x3c01, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x2f00, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x2f01, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x2030, 0 },
	{ INTEL, 0x2031, 0 },
	{ INTEL, 0x2032, 0 },
	{ INTEL, 0x2033, 0 },
	{ INTEL, 0x2020, 0 },
	{ INTEL, 0x09a2, 0 },
#define ALLOW_6_1_COUNT 10
	{ INTEL, 0x0b25, 0 }, /* DSA_SPR0 */
	{ INTEL, 0x0cfe, 0 }, /* IAX_SPR0 */
	{ INTEL, 0x11fb, 0 }, /* DSA_GNRD */
	{ INTEL, 0x1212, 0 }, /* DSA_DMR */
	{ INTEL, 0x1216, 0 }, /* IAA_DMR */
	{ INTEL, 0x4940, 0 }, /* QAT_4XXX */
	{ INTEL, 0x4942, 0 }, /* QAT_401XX */
	{ INTEL, 0x4944, 0 }, /* QAT_402XX */
	{ INTEL, 0x4946, 0 }, /* QAT_420XX */
	{ INTEL, 0x4948, 0 }, /* QAT_6XXX */
	{ GOOGLE, 0, P2P_ALLOW_ANY_DEVICE },
	{ NVIDIA, 0x2f95, 0 },
	{ NVIDIA, 0x2f96, 0 },
	{ NVIDIA, 0x2f97, 0 },
	{ NVIDIA, 0x2f98, 0 },
};

/* pci_bridge_has_acs_redir(), the same in all three. */
#define LINUX_ACS (P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_EC)
/* cpu_supports_p2pdma(), the same in all three: Zen and newer. */
#define LINUX_AMD_FAMILY 0x17

/*
 * The hardware row follows PCIe 6.12.1.1 and 6.12.3: redirect and egress control act where a
 * request turns from one port (or function) to its neighbour, and nowhere else on the way.
 */
static const struct p2p_policy policies[] = {
	{
		.name = "6.1",
		.major = 6,
		.minor = 1,
		.acs_way = LINUX_ACS,
		.host = P2P_HOST_ALLOWLIST,
		.amd_family = LINUX_AMD_FAMILY,
		.off_bus_refused = true,
		.allow = allow_7_3,
		.allow_count = ALLOW_6_1_COUNT,
	},
	{
		.name = "6.12",
		.major = 6,
		.minor = 12,
		.acs_way = LINUX_ACS,
		.host = P2P_HOST_ALLOWLIST,
		.amd_family = LINUX_AMD_FAMILY,
		.off_bus_refused = true,
		.allow = allow_7_3,
		.allow_count = ALLOW_6_1_COUNT,
	},
	{
		.name = "7.3",
		.major = 7,
		.minor = 3,
		.acs_way = LINUX_ACS,
		.host = P2P_HOST_ALLOWLIST,
		.amd_family = LINUX_AMD_FAMILY,
		.off_bus_refused = true,
		.allow = allow_7_3,
		.allow_count = P2P_ARRAY_SIZE(allow_7_3),
	},
	{
		.name = "hardware",
		.acs_turn_redirect = P2P_ACS_RR,
		.acs_turn_block = P2P_ACS_EC,
		.acs_turn_completion = P2P_ACS_CR,
		.host = P2P_HOST_ALWAYS,
	},
};

#define LINUX_COUNT (P2P_ARRAY_SIZE(policies) - 1)
#define NUMBER_MAX  9999u

const struct p2p_policy *p2p_policies(uint32_t *count)
{
	*count = P2P_ARRAY_SIZE(policies);
	return policies;
}

const struct p2p_policy *p2p_policy_hardware(void)
{
	return &policies[LINUX_COUNT];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a decimal number and moves `*text` behind it. False: no number, or too large. */
static bool read_number(const char **text, unsigned int *number)
{
	const char *at = *text;

	*number = 0;
	if (!is_digit(*at))
		return false;
	while (is_digit(*at)) {
		*number = *number * 10 + (unsigned int)(*at++ - '0');
		if (*number > NUMBER_MAX)
			return false;
	}
	*text = at;
	return true;
}

static bool read_release(const char *text, unsigned int *major, unsigned int *minor)
{
	if (!read_number(&text, major) || *text++ != '.' || !read_number(&text, minor))
		return false;
	return *text == '\0' || *text == '.' || *text == '-' || *text == '+' || *text == '~' ||
	       *text == '_';
}

/* Linux 4.x, 5.x and 6.x had 21, 20 and 20 releases: 20 puts them on one line well enough. */
static unsigned int ordinal(unsigned int major, unsigned int minor)
{
	return major * 20 + minor;
}

static const struct p2p_policy *nearest(unsigned int major, unsigned int minor,
					enum p2p_policy_fit *fit)
{
	unsigned int wanted = ordinal(major, minor);
	size_t above = 0;
	unsigned int lower, upper;

	while (above < LINUX_COUNT &&
	       (policies[above].major < major ||
		(policies[above].major == major && policies[above].minor <= minor)))
		above++;
	if (above == 0) {
		*fit = P2P_FIT_OLDER;
		return &policies[0];
	}
	if (policies[above - 1].major == major && policies[above - 1].minor == minor) {
		*fit = P2P_FIT_EXACT;
		return &policies[above - 1];
	}
	if (above == LINUX_COUNT) {
		*fit = P2P_FIT_NEWER;
		return &policies[above - 1];
	}
	*fit = P2P_FIT_BETWEEN;
	lower = ordinal(policies[above - 1].major, policies[above - 1].minor);
	upper = ordinal(policies[above].major, policies[above].minor);
	/* "6.30" would lie beyond 7.3 on that line. */
	if (wanted >= upper || upper - wanted < wanted - lower)
		return &policies[above];
	return &policies[above - 1];
}

static bool same_text(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int p2p_policy_find(const char *release, const struct p2p_policy **policy, enum p2p_policy_fit *fit)
{
	unsigned int major, minor;

	if (same_text(release, p2p_policy_hardware()->name)) {
		*policy = p2p_policy_hardware();
		*fit = P2P_FIT_EXACT;
		return 0;
	}
	if (!read_release(release, &major, &minor))
		return -EINVAL;
	*policy = nearest(major, minor, fit);
	return 0;
}
