/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Policies: whose rules decide. A given Linux version's, or the hardware's alone; each a constant
 * table, so that a new kernel is new rows and no new code.
 */
#ifndef P2PMEM_POLICY_H
#define P2PMEM_POLICY_H

#include <p2pmem/fabric.h>

P2P_BEGIN_DECLS

/** Facts about the machine that the fabric does not hold. All zero: nothing known. */
enum p2p_arch {
	P2P_ARCH_UNKNOWN = 0,
	P2P_ARCH_X86, /**< 32 or 64 bit */
	P2P_ARCH_OTHER,
};

enum p2p_cpu_vendor {
	P2P_CPU_UNKNOWN = 0,
	P2P_CPU_AMD,   /**< "AuthenticAMD"; Hygon is not AMD to Linux */
	P2P_CPU_OTHER, /**< any other, on any architecture */
};

struct p2p_platform {
	enum p2p_arch arch;
	enum p2p_cpu_vendor cpu_vendor;
	uint16_t cpu_family;  /**< as in /proc/cpuinfo, 0: unknown */
	enum p2p_known iommu; /**< ABSENT: no device is in an IOMMU group */
};

/* Flags of a row of the host-bridge allowlist. */
#define P2P_ALLOW_ANY_DEVICE 0x1u /**< every device of that vendor */
#define P2P_ALLOW_SAME_ONLY  0x2u /**< not between two host bridges: REQ_SAME_HOST_BRIDGE */

/** One row: a device that, first on a root bus, vouches for its host bridge. */
struct p2p_allow_row {
	uint16_t vendor, device;
	uint8_t flags;
};

enum p2p_policy_host {
	P2P_HOST_ALLOWLIST, /**< the CPU rule or the allowlist permits */
	P2P_HOST_ALWAYS,    /**< may be tried between any two; nothing promises that it works */
	P2P_HOST_NEVER,     /**< nothing goes through a host bridge */
};

struct p2p_policy {
	const char *name; /**< "6.1", …, "hardware"; "6.8+": any from 6.8 on */
	const struct p2p_allow_row *allow;
	uint32_t allow_count;
	enum p2p_policy_host host;
	uint16_t major, minor;
	uint16_t last_patch; /**< of the series, known to have these rules; UINT16_MAX: all have */
	/** ACS bits that send a request up to the host, on any node of the path, ends included. */
	uint16_t acs_way;
	/**
	 * ACS bits that count only where the request turns from up to down: at the port (or
	 * function) towards the client, redirecting it or possibly blocking it, and at the one
	 * towards the provider, redirecting the completions of its reads.
	 */
	uint16_t acs_turn_redirect, acs_turn_block, acs_turn_completion;
	uint16_t amd_family;     /**< AMD CPUs from this family on pass any host bridge; 0: none */
	uint16_t host_distance;  /**< is added to the distance where no port is above both */
	bool key_root_port;      /**< a root port first on the root bus counts, not 00.0 alone */
	bool redirect_refused;   /**< what ACS redirects is refused, and not the host's to decide */
	bool host_without_iommu; /**< the allowlist counts only where no IOMMU is on */
	bool off_bus_refused;    /**< refuses what is not a PCI device; else its ops decide */
	bool absent;             /**< the kernel has no peer-to-peer support to ask */
	bool open;               /**< more than the rows may be listed */
	/**
	 * Where the kernel itself was not read: it has the rules of one of these. A verdict then is
	 * the set of theirs; the other fields say only what all have in common.
	 */
	const struct p2p_policy *any_of;
	uint32_t any_count;
};

/** How well a policy fits the kernel release it was asked for. */
enum p2p_policy_fit {
	P2P_FIT_EXACT,   /**< that kernel's own rules were read, or "hardware" */
	P2P_FIT_UNREAD,  /**< they were not: the policy is a set of rules, one of which it has */
	P2P_FIT_NEWER,   /**< newer than every known release: more may be listed than is known */
	P2P_FIT_ASSUMED, /**< no release is known: the newest rules, by p2p_machine_router() */
};

/** Gives a stable word. Returns "exact", "unread", "newer" or "assumed". */
const char *p2p_policy_fit_name(enum p2p_policy_fit fit);

/**
 * Gives all policies that were read, Linux from old to new, "hardware" last. Returns the first;
 * `*count` is set.
 */
const struct p2p_policy *p2p_policies(uint32_t *count);

/** Gives the rules of the wires, with no kernel's consent. Returns the policy "hardware". */
const struct p2p_policy *p2p_policy_hardware(void);

/** Compares two policies. Returns true: they judge alike. */
bool p2p_policy_same_rules(const struct p2p_policy *a, const struct p2p_policy *b);

/**
 * Finds the policy for a kernel release as `uname -r` gives it ("6.12.107+deb13-amd64", "7.3-rc1",
 * "4.18.0-553.el8.x86_64", "6.1") or for "hardware". Returns 0, or -EINVAL: not a release
 * (`*policy` is untouched).
 */
int p2p_policy_find(const char *release, const struct p2p_policy **policy,
		    enum p2p_policy_fit *fit);

P2P_END_DECLS

#endif
