// SPDX-License-Identifier: MIT
/*
 * Kernels by their release.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include <p2pmem/kernels.h>

/* Tables of kernels that were looked at by others, in public. */
#define HIPFILE "ROCm hipFile's installation guide, as of "
/* Configurations of RHEL, in the tree of one who rebuilds it. */
#define REBUILD(commit, build) "kernel-src-tree at " commit ", as of " build

/*
 * The first that fits counts. A configuration is that of the build named; others of its series may
 * differ. Rows without one: nobody's was read.
 */
static const struct p2p_kernel_row rows[] = {
	{ "Debian 10", "4.19.0-*-*64", "4.19.0-27-amd64", P2P_ABSENT,
	  "no such option before 4.20" },
	{ "Debian 11", "5.10.0-*-amd64", "5.10.0-46-amd64", P2P_ABSENT,
	  "linux-config-5.10 5.10.262-1" },
	{ "Debian 12", "6.1.0-*-amd64", "6.1.0-56-amd64", P2P_ABSENT,
	  "linux-config-6.1 6.1.176-1" },
	{ "Debian 13", "6.12.*+deb1[23]*-amd64", "6.12.107+deb13-amd64", P2P_ABSENT,
	  "linux-config-6.12 6.12.117-1" },
	{ "Debian 13 backports", "7.2.*+deb13*-amd64", "7.2.12+deb13-amd64", P2P_PRESENT,
	  "linux-config-7.2 7.2.12-1~bpo13+1" },
	{ "Debian 13 backports", "7.3.*+deb13*-amd64", "7.3.4+deb13-amd64", P2P_PRESENT,
	  "linux-config-7.3 7.3.4-1~bpo13+1" },
	{ "Ubuntu 20.04", "5.4.0-*-generic", "5.4.0-150-generic", P2P_ABSENT,
	  HIPFILE "5.4.0-150-generic" },
	{ "Ubuntu 22.04", "5.15.0-*-generic", "5.15.0-134-generic", P2P_ABSENT,
	  HIPFILE "5.15.0-134-generic" },
	{ "Ubuntu 24.04, 22.04 HWE", "6.8.0-*-generic", "6.8.0-52-generic", P2P_PRESENT,
	  HIPFILE "6.8.0-52-generic" },
	{ "Ubuntu 24.10, 24.04 HWE", "6.11.0-*-generic", "6.11.0-19-generic", P2P_PRESENT,
	  HIPFILE "6.11.0-19-generic" },
	{ "Ubuntu 24.04 HWE", "6.14.0-*-generic", "6.14.0-24-generic", P2P_UNKNOWN, NULL },
	{ "Ubuntu 24.04 HWE", "6.17.0-*-generic", "6.17.0-5-generic", P2P_UNKNOWN, NULL },
	{ "Ubuntu 26.04", "7.0.0-*-generic", "7.0.0-30-generic", P2P_PRESENT,
	  "NCCL's log on 7.0.0-30-generic" },
	{ "Ubuntu for AWS", "*-aws", "6.8.0-1015-aws", P2P_UNKNOWN, NULL },
	{ "Ubuntu for Azure", "*-azure", "6.8.0-1015-azure", P2P_UNKNOWN, NULL },
	{ "Ubuntu for Google", "*-gcp", "6.8.0-1015-gcp", P2P_UNKNOWN, NULL },
	/* It lists what differs from the defaults, which is not to have it. */
	{ "Oracle UEK 8", "6.12.0-*uek*", "6.12.0-100.28.2.el9uek.x86_64", P2P_ABSENT,
	  "linux-uek at 1887ca9fc5e5, uek-rpm/ol9" },
	{ "Oracle UEK", "*uek*", "5.15.0-200.131.27.el9uek.x86_64", P2P_UNKNOWN, NULL },
	{ "RHEL 8, rebuilds", "4.18.0-*.el8*", "4.18.0-553.el8.x86_64", P2P_ABSENT,
	  REBUILD("106ef6545eca", "4.18.0-553.94.1.el8_10") },
	{ "RHEL 9, rebuilds", "5.14.0-*.el9*", "5.14.0-611.20.1.el9_7.x86_64", P2P_PRESENT,
	  REBUILD("32032f84ebdc", "5.14.0-611.20.1.el9_7") },
	{ "RHEL 10, rebuilds", "6.12.0-*.el10*", "6.12.0-55.9.1.el10_0.x86_64", P2P_PRESENT,
	  REBUILD("11e6cfbb09b9", "6.12.0-55.43.1.el10_0") },
	{ "SLES 15 SP3", "5.3.18-1503*-default", "5.3.18-150300.59.93-default", P2P_UNKNOWN, NULL },
	{ "SLES 15 SP4, SP5", "5.14.21-150*-default", "5.14.21-150500.55.7-default", P2P_UNKNOWN,
	  NULL },
	{ "SLES 15 SP6", "6.4.0-150*-default", "6.4.0-150600.23.7-default", P2P_UNKNOWN, NULL },
	{ "openSUSE Tumbleweed", "6.13.*-default", "6.13.0-1-default", P2P_PRESENT,
	  HIPFILE "6.13.0-1-default" },
	{ "WSL2", "5.15.*-microsoft-standard-WSL2", "5.15.167.4-microsoft-standard-WSL2",
	  P2P_ABSENT, "WSL2-Linux-Kernel at c36adc7c7bb7, as of 5.15.90.3" },
	{ "WSL2", "*-microsoft-standard-WSL2", "6.6.87.2-microsoft-standard-WSL2", P2P_UNKNOWN,
	  NULL },
};

/* RHEL 9 took it over: it is in 5.14.0-425.el9 (vzkernel at 3b29a884a01b), from which 9.4 is. */
#define ALLOCATE_BEFORE_6_2 "5.14.0-*.el9_[!0-3]*"

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct p2p_kernel_row *p2p_kernel_rows(uint32_t *count)
{
	*count = ROWS;
	return rows;
}

/*
 * A release that is the first to have it, or later, has it; of an earlier one that is upstream's
 * or Debian's it is known that it has not, but others take things over.
 */
static enum p2p_known since(const char *release, bool own, int major, int minor)
{
	int its_major, its_minor;

	if (sscanf(release, "%4d.%4d", &its_major, &its_minor) != 2)
		return P2P_UNKNOWN;
	if (its_major > major || (its_major == major && its_minor >= minor))
		return P2P_PRESENT;
	return own ? P2P_ABSENT : P2P_UNKNOWN;
}

/* Both are built with CONFIG_PCI_P2PDMA alone: drivers/pci/p2pdma.c, CONFIG_VFIO_PCI_DMABUF. */
static void add_features(struct p2p_kernel *kernel, const char *release)
{
	/* Upstream's own are in no row. */
	bool own = kernel->row ? !strncmp(kernel->row->who, "Debian", strlen("Debian"))
			       : kernel->fit == P2P_FIT_EXACT;

	if (kernel->p2pdma == P2P_ABSENT) {
		kernel->allocate = kernel->dmabuf = P2P_ABSENT;
		return;
	}
	/* 7e9c7ef83d78 and 5d74781ebc86. */
	kernel->allocate =
		fnmatch(ALLOCATE_BEFORE_6_2, release, 0) ? since(release, own, 6, 2) : P2P_PRESENT;
	kernel->dmabuf = since(release, own, 6, 19);
}

int p2p_kernel_find(const char *release, struct p2p_kernel *kernel)
{
	*kernel = (struct p2p_kernel){ .row = NULL };
	if (p2p_policy_find(release, &kernel->policy, &kernel->fit) ||
	    kernel->policy == p2p_policy_hardware())
		return -EINVAL;
	for (size_t i = 0; i < ROWS && !kernel->row; i++)
		if (!fnmatch(rows[i].releases, release, 0))
			kernel->row = &rows[i];
	if (kernel->row) {
		kernel->p2pdma = kernel->row->p2pdma;
		kernel->p2pdma_from = kernel->row->p2pdma_from;
	}
	if (kernel->policy->absent) {
		kernel->p2pdma = P2P_ABSENT;
		kernel->p2pdma_from = "no such option before 4.20";
	}
	add_features(kernel, release);
	return 0;
}

int p2p_kernel_of(const struct p2p_machine *machine, const char *release, struct p2p_kernel *kernel)
{
	const char *own = p2p_machine_facts(machine)->kernel_release;
	const char *p2pdma = p2p_machine_config(machine, "CONFIG_PCI_P2PDMA");
	int rc = p2p_kernel_find(release, kernel);

	if (rc || !p2pdma || !own || strcmp(own, release) != 0)
		return rc;
	kernel->p2pdma = strcmp(p2pdma, "y") ? P2P_ABSENT : P2P_PRESENT;
	kernel->p2pdma_from = "its configuration";
	add_features(kernel, release);
	return 0;
}

const char *p2p_kernel_text(const struct p2p_kernel *kernel, char text[P2P_KERNEL_TEXT])
{
	static const struct {
		enum p2p_known known;
		const char *before;
	} states[] = {
		{ P2P_PRESENT, "has " },
		{ P2P_ABSENT, "lacks " },
		{ P2P_UNKNOWN, "not known: " },
	};
	const struct {
		enum p2p_known known;
		const char *name, *since;
	} features[] = {
		{ kernel->p2pdma, "P2PDMA", "" },
		{ kernel->allocate, "p2pmem/allocate", " (from 6.2)" },
		{ kernel->dmabuf, "VFIO dma-bufs", " (from 6.19)" },
	};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const char *between = used ? "; " : "", *before = states[i].before;

		for (size_t j = 0; j < sizeof(features) / sizeof(features[0]); j++) {
			if (features[j].known != states[i].known)
				continue;
			used += (size_t)snprintf(text + used, P2P_KERNEL_TEXT - used, "%s%s%s%s",
						 between, before, features[j].name,
						 states[i].known == P2P_PRESENT ||
								 kernel->p2pdma == P2P_ABSENT
							 ? ""
							 : features[j].since);
			between = ", ";
			before = "";
		}
	}
	return text;
}

const char *p2p_policy_text(const struct p2p_policy *policy, char text[P2P_POLICY_TEXT])
{
	const struct p2p_policy *newest = NULL;

	if (policy->any_of)
		newest = &policy->any_of[policy->any_count - 1];
	if (policy == p2p_policy_hardware())
		snprintf(text, P2P_POLICY_TEXT, "the hardware");
	else if (policy->absent)
		snprintf(text, P2P_POLICY_TEXT, "Linux before 4.20");
	else if (policy->open)
		snprintf(text, P2P_POLICY_TEXT, "a later Linux than is known");
	else if (newest && policy->any_of[0].absent)
		snprintf(text, P2P_POLICY_TEXT, "any Linux to %s", newest->name);
	else if (newest && newest != policy->any_of)
		snprintf(text, P2P_POLICY_TEXT, "one of Linux %s to %s", policy->any_of[0].name,
			 newest->name);
	else
		snprintf(text, P2P_POLICY_TEXT, "Linux %s", newest ? newest->name : policy->name);
	return text;
}

uint32_t p2p_release_ranges(struct p2p_release_range ranges[P2P_RELEASE_RANGES])
{
	uint32_t policies, count = 0;
	const struct p2p_policy *policy = p2p_policies(&policies);

	for (uint32_t i = 0; i < policies; i++) {
		if (&policy[i] == p2p_policy_hardware())
			continue;
		if (count && p2p_policy_same_rules(ranges[count - 1].last, &policy[i]))
			ranges[count - 1].last = &policy[i];
		else if (count < P2P_RELEASE_RANGES)
			ranges[count++] = (struct p2p_release_range){ &policy[i], &policy[i] };
	}
	return count;
}

const char *p2p_release_range_text(const struct p2p_release_range *from,
				   const struct p2p_release_range *to, char text[P2P_POLICY_TEXT])
{
	if (from->first == to->last)
		snprintf(text, P2P_POLICY_TEXT, "Linux %s", from->first->name);
	else
		snprintf(text, P2P_POLICY_TEXT, "Linux %s to %s", from->first->name,
			 to->last->name);
	return text;
}
