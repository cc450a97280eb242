// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The rules of each Linux release, as rows of tables. What was not read is in no row.
 *
 * Rules are those of drivers/pci/p2pdma.c. They changed with these commits, first released in:
 *
 *     52916982af48  4.20  the beginning: below a common bridge, and without ACS redirect, only
 *     0f97da831026  5.2   AMD's 1450 on both root buses lets through the host, without an IOMMU
 *     494d63b0d5d0  5.4   Intel's first rows; with its series: redirected requests may go through
 *                         the host (d9de8fe2b5f1), an IOMMU is no obstacle any more
 *     bc123a515cb7  5.6   2030, 2020
 *     7b94b53db34f  5.7   2031 to 2033
 *     7d5b10fcb81e  5.8   AMD's 15d0, 1630
 *     dea286bb71ba  5.9   AMD CPUs of family 17h and later instead of AMD's rows
 *     feaea1fe8b36  5.18  09a2
 *     1af7c26c59eb  5.19  a root port first on the root bus counts at any device number
 *     70cf146a674c  7.1   Google's devices (any, by 1a1f96e3e2a8)
 *     0ba76b19fd4c  7.2   Intel's accelerators; the only one that went into stable releases, too
 *     894a78088fc3  7.3   NVIDIA's 2f95 to 2f98
 *
 * Read whole: 4.20 (torvalds/linux at 02917e9f8676), 5.2 and 5.3 (torvalds/linux at 3306e99edf70),
 * 5.4.y (qsdk_oss_kernel_linux-ipq-5.4 at 7744840b595e), 5.14 to 5.17 (WSL2-Linux-Kernel at
 * 33cad9854e0b), Debian's linux-source 5.10.262-1, 6.1.192-2, 6.12.117-1~deb12u1,
 * 7.2.12-1~bpo13+1 and 7.3.4-1~bpo13+1. RHEL's are at its tables below.
 */
#include "port.h"

#include <p2pmem/fabric.h>
#include <p2pmem/acs.h>
#include <p2pmem/policy.h>

#include "releases.h"

#define INTEL  0x8086
#define AMD    0x1022
#define GOOGLE 0x1ae0
#define NVIDIA 0x10de

/* AMD's rows of 5.2 to 5.8, then Intel's: a release's rows are a stretch of this list. */
static const struct p2p_allow_row allow[] = {
	{ AMD, 0x1630, 0 },
	{ AMD, 0x15d0, 0 },
#define FROM_1450 2
	{ AMD, 0x1450, 0 },
#define FROM_INTEL 3
	{ INTEL, 0x3c00, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x3c01, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x2f00, P2P_ALLOW_SAME_ONLY },
	{ INTEL, 0x2f01, P2P_ALLOW_SAME_ONLY },
#define TO_5_4 7
	{ INTEL, 0x2030, 0 },
	{ INTEL, 0x2020, 0 },
#define TO_5_6 9
	{ INTEL, 0x2031, 0 },
	{ INTEL, 0x2032, 0 },
	{ INTEL, 0x2033, 0 },
#define TO_5_7 12
	{ INTEL, 0x09a2, 0 },
#define TO_5_18 13
	{ GOOGLE, 0, P2P_ALLOW_ANY_DEVICE },
#define TO_7_1 14
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
#define TO_7_2 24
	{ NVIDIA, 0x2f95, 0 },
	{ NVIDIA, 0x2f96, 0 },
	{ NVIDIA, 0x2f97, 0 },
	{ NVIDIA, 0x2f98, 0 },
#define TO_7_3 28
};

P2P_STATIC_ASSERT(P2P_ARRAY_SIZE(allow) == TO_7_3, "the stretches are counted by hand");

/* pci_bridge_has_acs_redir(), the same in all of them. */
/* cpu_supports_p2pdma(): Zen and newer. */
#define LINUX_AMD_FAMILY 0x17
/* What 5.2 and 5.3 add to the distance of a path through the host. */
#define HOST_DISTANCE 0x1000

#define ROWS(from, to) .allow = &allow[from], .allow_count = (to) - (from)
#define ANY_LINUX      .acs_way = P2P_ACS_LINUX, .off_bus_refused = true

#define RULES_4_20 ANY_LINUX, .host = P2P_HOST_NEVER, .redirect_refused = true
#define RULES_5_2                                                                                  \
	ANY_LINUX, .host = P2P_HOST_ALLOWLIST, .redirect_refused = true,                           \
		   .host_without_iommu = true, .host_distance = HOST_DISTANCE,                     \
		   ROWS(FROM_1450, FROM_INTEL)
#define RULES_5_4  ANY_LINUX, .host = P2P_HOST_ALLOWLIST, ROWS(FROM_1450, TO_5_4)
#define RULES_5_6  ANY_LINUX, .host = P2P_HOST_ALLOWLIST, ROWS(FROM_1450, TO_5_6)
#define RULES_5_7  ANY_LINUX, .host = P2P_HOST_ALLOWLIST, ROWS(FROM_1450, TO_5_7)
#define RULES_5_8  ANY_LINUX, .host = P2P_HOST_ALLOWLIST, ROWS(0, TO_5_7)
#define BY_CPU     ANY_LINUX, .host = P2P_HOST_ALLOWLIST, .amd_family = LINUX_AMD_FAMILY
#define RULES_5_9  BY_CPU, ROWS(FROM_INTEL, TO_5_7)
#define RULES_5_18 BY_CPU, ROWS(FROM_INTEL, TO_5_18)
#define BY_PORT    BY_CPU, .key_root_port = true
#define RULES_5_19 BY_PORT, ROWS(FROM_INTEL, TO_5_18)
#define RULES_7_1  BY_PORT, ROWS(FROM_INTEL, TO_7_1)
#define RULES_7_2  BY_PORT, ROWS(FROM_INTEL, TO_7_2)
#define RULES_7_3  BY_PORT, ROWS(FROM_INTEL, TO_7_3)

/* Each series: its first release's rules, and the last patch that is known to have the same. */
#define RELEASES(X)                                                                                \
	X(4, 20, RULES_4_20, ENDED)                                                                \
	X(5, 0, RULES_4_20, ENDED)                                                                 \
	X(5, 1, RULES_4_20, ENDED)                                                                 \
	X(5, 2, RULES_5_2, ENDED)                                                                  \
	X(5, 3, RULES_5_2, ENDED)                                                                  \
	X(5, 4, RULES_5_4, ENDED)                                                                  \
	X(5, 5, RULES_5_4, ENDED)                                                                  \
	X(5, 6, RULES_5_6, ENDED)                                                                  \
	X(5, 7, RULES_5_7, ENDED)                                                                  \
	X(5, 8, RULES_5_8, ENDED)                                                                  \
	X(5, 9, RULES_5_9, ENDED)                                                                  \
	X(5, 10, RULES_5_9, 262)                                                                   \
	X(5, 11, RULES_5_9, ENDED)                                                                 \
	X(5, 12, RULES_5_9, ENDED)                                                                 \
	X(5, 13, RULES_5_9, ENDED)                                                                 \
	X(5, 14, RULES_5_9, ENDED)                                                                 \
	X(5, 15, RULES_5_9, 0)                                                                     \
	X(5, 16, RULES_5_9, ENDED)                                                                 \
	X(5, 17, RULES_5_9, ENDED)                                                                 \
	X(5, 18, RULES_5_18, ENDED)                                                                \
	X(5, 19, RULES_5_19, ENDED)                                                                \
	X(6, 0, RULES_5_19, ENDED)                                                                 \
	X(6, 1, RULES_5_19, 192)                                                                   \
	X(6, 2, RULES_5_19, ENDED)                                                                 \
	X(6, 3, RULES_5_19, ENDED)                                                                 \
	X(6, 4, RULES_5_19, ENDED)                                                                 \
	X(6, 5, RULES_5_19, ENDED)                                                                 \
	X(6, 6, RULES_5_19, 0)                                                                     \
	X(6, 7, RULES_5_19, ENDED)                                                                 \
	X(6, 8, RULES_5_19, ENDED)                                                                 \
	X(6, 9, RULES_5_19, ENDED)                                                                 \
	X(6, 10, RULES_5_19, ENDED)                                                                \
	X(6, 11, RULES_5_19, ENDED)                                                                \
	X(6, 12, RULES_5_19, 117)                                                                  \
	X(6, 13, RULES_5_19, ENDED)                                                                \
	X(6, 14, RULES_5_19, ENDED)                                                                \
	X(6, 15, RULES_5_19, ENDED)                                                                \
	X(6, 16, RULES_5_19, ENDED)                                                                \
	X(6, 17, RULES_5_19, ENDED)                                                                \
	X(6, 18, RULES_5_19, 0)                                                                    \
	X(6, 19, RULES_5_19, ENDED)                                                                \
	X(7, 0, RULES_5_19, 0)                                                                     \
	X(7, 1, RULES_7_1, 0)                                                                      \
	X(7, 2, RULES_7_2, 12)                                                                     \
	X(7, 3, RULES_7_3, 4)

#define POLICY(number, part, rules, last)                                                          \
	{ .name = #number "." #part,                                                               \
	  .major = (number),                                                                       \
	  .minor = (part),                                                                         \
	  .last_patch = (last),                                                                    \
	  rules },

/*
 * The hardware row follows PCIe 6.12.1.1 and 6.12.3: redirect and egress control act where a
 * request turns from one port (or function) to its neighbour, and nowhere else on the path.
 */
static const struct p2p_policy all[] = {
	/* Before 4.20 there was no such code. */
	{ .name = "before 4.20", ANY_LINUX, .host = P2P_HOST_NEVER, .absent = true },
	RELEASES(POLICY){
		.name = "hardware",
		.acs_turn_redirect = P2P_ACS_RR,
		.acs_turn_block = P2P_ACS_EC,
		.acs_turn_completion = P2P_ACS_CR,
		.host = P2P_HOST_ALWAYS,
	},
};

#define INDEX(number, part, rules, last) AT_##number##_##part,
enum {
	AT_NONE,
	RELEASES(INDEX) AT_END
};
P2P_STATIC_ASSERT(P2P_ARRAY_SIZE(all) == AT_END + 1, "one row for each release");

/*
 * Kernels that were not read: distributions take changes over from later releases, never back to
 * older ones, so each has the rules of its own release or of a later one.
 */
#define SINCE(number, part, rules, last)                                                           \
	{ .name = #number "." #part "+",                                                           \
	  .major = (number),                                                                       \
	  .minor = (part),                                                                         \
	  ANY_LINUX,                                                                               \
	  .host = P2P_HOST_ALLOWLIST,                                                              \
	  .any_of = &all[AT_##number##_##part],                                                    \
	  .any_count = AT_END - AT_##number##_##part },
static const struct p2p_policy since[] = { RELEASES(SINCE) };

/* What lies between two trees that were read has what the older has, or more. */
#define BETWEEN(text, from, to)                                                                    \
	{                                                                                          \
		.name = (text), ANY_LINUX, .host = P2P_HOST_ALLOWLIST, .any_of = &all[from],       \
		.any_count = (to) - (from) + 1                                                     \
	}
static const struct p2p_policy up_to_5_3 = BETWEEN("up to 5.3", AT_NONE, AT_5_3);
static const struct p2p_policy up_to_5_18 = BETWEEN("5.14 to 5.18", AT_5_14, AT_5_18);
static const struct p2p_policy up_to_5_19 = BETWEEN("5.18 to 5.19", AT_5_18, AT_5_19);
/* Distributions' kernels before 4.20. */
static const struct p2p_policy unknown = BETWEEN("any version", AT_NONE, AT_END - 1);

/* After the last row: more may be listed by now. */
static const struct p2p_policy later = {
	.name = "7.4+",
	ANY_LINUX,
	.host = P2P_HOST_ALLOWLIST,
	.open = true,
	ROWS(FROM_INTEL, TO_7_3),
	.amd_family = LINUX_AMD_FAMILY,
	.key_root_port = true,
};

const struct p2p_policy *p2p_policies(uint32_t *count)
{
	*count = P2P_ARRAY_SIZE(all) - AT_4_20;
	return &all[AT_4_20];
}

const struct p2p_policy *p2p_policy_hardware(void)
{
	return &all[AT_END];
}

bool p2p_policy_same_rules(const struct p2p_policy *a, const struct p2p_policy *b)
{
	return a->allow == b->allow && a->allow_count == b->allow_count && a->host == b->host &&
	       a->amd_family == b->amd_family && a->key_root_port == b->key_root_port &&
	       a->redirect_refused == b->redirect_refused &&
	       a->host_without_iommu == b->host_without_iommu && a->absent == b->absent &&
	       a->open == b->open && a->any_of == b->any_of && a->any_count == b->any_count;
}

/* The series' place in the table, or AT_END. */
static uint32_t find_series(const struct p2p_release *release)
{
	for (uint32_t i = AT_4_20; i < AT_END; i++)
		if (all[i].major == release->major && all[i].minor == release->minor)
			return i;
	return AT_END;
}

static bool is_before(const struct p2p_release *release, const struct p2p_policy *policy)
{
	return release->major < policy->major ||
	       (release->major == policy->major && release->minor < policy->minor);
}

/*
 * RHEL and its rebuilds: 4.18.0-N.el8 and 5.14.0-N.el9. Builds N follow each other, so what lies
 * between two that have the same rules has them, too. Respins N.M go on while later N are built,
 * and may take over what those have.
 *
 * Read: 240.1.1.el8_3 (vzkernel at 90e3b8f80b22), 394.el8 (CentOS's tree), 162.6.1.el9_1,
 * 362.8.1.el9_3 and 425.el9 (vzkernel at 99defd3ec113, b44bae1bd6e9, 3b29a884a01b), and that
 * nothing changed from there to 427.1.1.el9_4 (kernel-src-tree at 052b703a124a,
 * redhat/kernel.changelog-9.4).
 */
struct rhel_builds {
	unsigned int build, respin;       /* the first, which has the rules of `built` */
	const struct p2p_policy *built;   /* those after it, up to the next row's */
	const struct p2p_policy *respuns; /* and their respins */
};

#define EXACTLY(number) (&all[AT_##number])
#define FROM(number)    (&since[AT_##number - AT_4_20])

static const struct rhel_builds el8[] = {
	{ 0, 0, &up_to_5_3, &unknown },      /* 8.0 to 8.2 */
	{ 240, 1, EXACTLY(5_3), FROM(5_2) }, /* 8.3 to 8.6 */
	{ 395, 0, FROM(5_2), FROM(5_2) },
};
static const struct rhel_builds el9[] = {
	{ 0, 0, &up_to_5_18, FROM(5_14) },     /* 9.0 */
	{ 162, 6, EXACTLY(5_18), FROM(5_18) }, /* 9.1 */
	{ 163, 0, &up_to_5_19, FROM(5_18) },   /* 9.2 */
	{ 362, 8, EXACTLY(5_19), FROM(5_19) }, /* 9.3 */
	{ 427, 1, EXACTLY(5_19), FROM(5_19) }, /* 9.4 */
	{ 428, 0, FROM(5_19), FROM(5_19) },    /* 9.5 and later */
};

static bool reaches(const struct p2p_release *release, const struct rhel_builds *row)
{
	return release->build > row->build ||
	       (release->build == row->build && release->respin >= row->respin);
}

/* NULL: none of these. */
static const struct p2p_policy *rhel_policy(const struct p2p_release *release)
{
	bool is_8 = release->major == 4 && release->minor == 18;
	bool is_9 = release->major == 5 && release->minor == 14;
	const struct rhel_builds *row = is_8 ? el8 : el9;
	const struct rhel_builds *last =
		is_8 ? &el8[P2P_ARRAY_SIZE(el8) - 1] : &el9[P2P_ARRAY_SIZE(el9) - 1];

	if (release->maker != P2P_MAKER_RHEL || release->patch != 0 || !(is_8 || is_9))
		return NULL;
	while (row < last && reaches(release, row + 1))
		row++;
	if (release->respin == 0)
		return row->built;
	return release->build == row->build && release->respin == row->respin ? row->built
									      : row->respuns;
}

static bool was_read(const struct p2p_release *release, const struct p2p_policy *series)
{
	switch (release->maker) {
	case P2P_MAKER_UPSTREAM:
		return release->patch <= series->last_patch;
	case P2P_MAKER_DEBIAN:
		return p2p_release_debian_read(release);
	case P2P_MAKER_WSL2:
		return p2p_release_wsl2_read(release);
	case P2P_MAKER_RHEL:
	case P2P_MAKER_OTHER:
		break;
	}
	return false;
}

static const struct p2p_policy *before_all(const struct p2p_release *release,
					   enum p2p_policy_fit *fit)
{
	/* A distribution may have taken the code over. */
	bool own = release->maker == P2P_MAKER_UPSTREAM || release->maker == P2P_MAKER_DEBIAN;

	*fit = own ? P2P_FIT_EXACT : P2P_FIT_UNREAD;
	return own ? &all[AT_NONE] : &unknown;
}

static const struct p2p_policy *choose(const struct p2p_release *release, enum p2p_policy_fit *fit)
{
	const struct p2p_policy *rhel = rhel_policy(release);
	uint32_t series = find_series(release);

	if (rhel) {
		*fit = rhel->any_of ? P2P_FIT_UNREAD : P2P_FIT_EXACT;
		return rhel;
	}
	if (is_before(release, &all[AT_4_20]))
		return before_all(release, fit);
	if (series == AT_END) {
		*fit = P2P_FIT_NEWER;
		return &later;
	}
	*fit = was_read(release, &all[series]) ? P2P_FIT_EXACT : P2P_FIT_UNREAD;
	return *fit == P2P_FIT_EXACT ? &all[series] : &since[series - AT_4_20];
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
	struct p2p_release parts;

	if (same_text(release, p2p_policy_hardware()->name)) {
		*policy = p2p_policy_hardware();
		*fit = P2P_FIT_EXACT;
		return 0;
	}
	if (!p2p_release_parse(release, &parts))
		return -EINVAL;
	*policy = choose(&parts, fit);
	return 0;
}
