// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who may pass through the host: the CPU rule and the host-bridge allowlist.
 *
 * Linux: cpu_supports_p2pdma(), pci_host_bridge_dev() and __host_bridge_whitelist() in
 * drivers/pci/p2pdma.c.
 */
#include "router.h"

#define AMD 0x1022

unsigned int p2p_allow_cpu(const struct p2p_policy *policy, const struct p2p_platform *platform)
{
	bool known = platform->cpu_family != 0;

	if (policy->amd_family == 0 || platform->arch == P2P_ARCH_OTHER ||
	    platform->cpu_vendor == P2P_CPU_OTHER)
		return P2P_MAY_REFUSE;
	if (known && platform->cpu_family < policy->amd_family)
		return P2P_MAY_REFUSE;
	if (known && platform->cpu_vendor == P2P_CPU_AMD)
		return P2P_MAY_PASS;
	return P2P_MAY_PASS | P2P_MAY_REFUSE;
}

/*
 * Linux takes the head of the root bus's device list. Devices are appended as the scan finds
 * them, in order of device and function (pci_scan_child_bus_extend() and pci_device_add() in
 * drivers/pci/probe.c); virtual functions and hot-added devices come later, so only a removal of
 * the first device at run time makes the head another than the lowest address.
 */
void p2p_bridge_key(const struct p2p_router *router, p2p_node host_bridge,
		    struct p2p_bridge_key *key)
{
	const struct p2p_fabric *fabric = router->fabric;
	bool ports = router->policy->key_root_port;
	p2p_node first = fabric->first_child[host_bridge];
	const struct p2p_node_info *above = &fabric->info[host_bridge], *info = NULL;

	*key = (struct p2p_bridge_key){ .node = first, .may_count = false, .may_fail = true };
	if (first != P2P_NO_NODE) {
		info = &fabric->info[first];
		key->may_count =
			info->bdf.devfn == 0 || (ports && (info->kind == P2P_KIND_ROOT_PORT ||
							   info->kind == P2P_KIND_BRIDGE));
		key->may_fail =
			info->bdf.devfn != 0 && !(ports && info->kind == P2P_KIND_ROOT_PORT);
	}
	/*
	 * Something unseen may come before the first that is seen, but nothing before 00.0. Where
	 * even the host bridge was not seen, or ports below it were not, the first that is seen
	 * may not be on a root bus at all.
	 */
	if (above->partial &&
	    (above->unplaced || first == P2P_NO_NODE || info->gap || info->bdf.devfn != 0))
		*key = (struct p2p_bridge_key){ P2P_NO_NODE, true, true };
}

static unsigned int row_outcome(const struct p2p_allow_row *row, bool same)
{
	return (row->flags & P2P_ALLOW_SAME_ONLY) && !same ? P2P_MAY_REFUSE : P2P_MAY_PASS;
}

/* The first device on a root bus is the CPU maker's: AMD's CPUs have no root complex of others. */
static bool may_have(const struct p2p_router *router, const struct p2p_allow_row *row)
{
	if (row->vendor == AMD)
		return router->platform.cpu_vendor != P2P_CPU_OTHER;
	return router->platform.cpu_vendor != P2P_CPU_AMD;
}

/* The first row that fits decides; what is unknown may fit several. */
static unsigned int look_up(const struct p2p_router *router, uint16_t vendor, uint16_t device,
			    bool same)
{
	const struct p2p_policy *policy = router->policy;
	unsigned int set = 0;

	for (uint32_t i = 0; i < policy->allow_count; i++) {
		const struct p2p_allow_row *row = &policy->allow[i];
		bool any = row->flags & P2P_ALLOW_ANY_DEVICE;

		if (vendor != P2P_ID_UNKNOWN ? vendor != row->vendor : !may_have(router, row))
			continue;
		if (!any && device != P2P_ID_UNKNOWN && device != row->device)
			continue;
		set |= row_outcome(row, same);
		if (vendor != P2P_ID_UNKNOWN && (any || device != P2P_ID_UNKNOWN))
			return set;
	}
	return set | P2P_MAY_REFUSE | (policy->open ? P2P_MAY_PASS : 0);
}

unsigned int p2p_allow_iommu(const struct p2p_policy *policy, const struct p2p_platform *platform)
{
	if (!policy->host_without_iommu || platform->iommu == P2P_ABSENT)
		return P2P_MAY_PASS;
	return platform->iommu == P2P_PRESENT ? P2P_MAY_REFUSE : P2P_MAY_PASS | P2P_MAY_REFUSE;
}

unsigned int p2p_allow_list(const struct p2p_router *router, p2p_node host_bridge, bool same)
{
	const struct p2p_fabric *fabric = router->fabric;
	uint16_t vendor = P2P_ID_UNKNOWN, device = P2P_ID_UNKNOWN;
	struct p2p_bridge_key key;
	unsigned int set = 0;

	p2p_bridge_key(router, host_bridge, &key);
	if (key.node != P2P_NO_NODE) {
		vendor = fabric->info[key.node].vendor;
		device = fabric->info[key.node].device;
	}
	if (key.may_fail)
		set |= P2P_MAY_REFUSE | (router->policy->open ? P2P_MAY_PASS : 0);
	if (key.may_count)
		set |= look_up(router, vendor, device, same);
	return set;
}
