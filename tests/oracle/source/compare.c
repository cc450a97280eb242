// SPDX-License-Identifier: MIT
/*
 * Linux's own rule, compiled from its source, against ours on random machines: what is not known of
 * a machine has some value there, and the verdict that follows must be one that we say is possible.
 * Where we say one, it is the one.
 */
#include "shim.h"

#include "../../unit/machine.h"
#include "../../unit/support.h"

#include <p2pmem/route.h>

#include <stdio.h>

#include ORACLE_SOURCE

struct cpuinfo_x86 oracle_cpu;

#define MACHINES 1000

static uint64_t random_state;

static unsigned int pick(unsigned int limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(random_state >> 33) % limit;
}

struct linux_machine {
	struct pci_dev dev[MACHINE_NODES];
	struct pci_bus bus[MACHINE_NODES], root[MACHINE_BRIDGES];
	struct pci_host_bridge host[MACHINE_BRIDGES];
};

static void fill_device(struct pci_dev *dev, const struct p2p_node_info *info)
{
	static const u16 listed[] = { 0x2030, 0x2f00, 0x09a2, 0x0b25, 0x1450, 0x7777 };

	/* AMD's CPUs have AMD's root complexes. */
	dev->vendor = info->vendor;
	if (info->vendor == P2P_ID_UNKNOWN)
		dev->vendor = oracle_cpu.x86_vendor == X86_VENDOR_AMD ? PCI_VENDOR_ID_AMD
								      : PCI_VENDOR_ID_INTEL;
	dev->device = info->device == P2P_ID_UNKNOWN ? listed[pick(6)] : info->device;
	dev->devfn = info->bdf.devfn;
	dev->type = info->kind == P2P_KIND_ROOT_PORT ? PCI_EXP_TYPE_ROOT_PORT : 0;
	if (info->kind == P2P_KIND_BRIDGE && pick(2))
		dev->type = PCI_EXP_TYPE_ROOT_PORT;
	dev->acs = info->acs.control;
	dev->acs_cap = info->acs.known == P2P_PRESENT;
	if (info->acs.known == P2P_UNKNOWN && info->pcie != P2P_ABSENT) {
		dev->acs_cap = (int)pick(2);
		dev->acs = (u16)pick(0x40);
	}
}

static void fill_cpu(const struct p2p_platform *platform)
{
	bool amd = platform->cpu_vendor == P2P_CPU_AMD ||
		   (platform->cpu_vendor == P2P_CPU_UNKNOWN && platform->arch != P2P_ARCH_OTHER &&
		    pick(2));

	/* An AMD CPU that is not x86 does not exist. */
	oracle_cpu.x86_vendor = amd && platform->arch != P2P_ARCH_OTHER ? X86_VENDOR_AMD : 0;
	oracle_cpu.x86 = platform->cpu_family ? platform->cpu_family : (int)(0x15 + pick(6));
}

/* False: what is first on some root bus is not in the machine, so nothing can be filled in. */
static bool fill(struct linux_machine *l, const struct machine *m)
{
	memset(l, 0, sizeof(*l));
	/* Random facts can contradict each other. */
	if (m->platform.cpu_vendor == P2P_CPU_AMD && m->platform.arch == P2P_ARCH_OTHER)
		return false;
	fill_cpu(&m->platform);
	for (int i = 0; i < m->bridges; i++) {
		if (m->bridge[i].partial)
			return false;
		l->host[i].bus = &l->root[i];
		l->root[i].host = &l->host[i];
		if (m->bridge[i].first >= 0)
			l->root[i].devices.first = &l->dev[m->bridge[i].first];
	}
	for (int i = 0; i < m->count; i++) {
		fill_device(&l->dev[i], &m->node[i].info);
		l->dev[i].bus = &l->bus[i];
		l->bus[i].host = &l->host[m->node[i].bridge];
		l->bus[i].number = m->node[i].info.bdf.bus;
		l->dev[i].up = m->node[i].above < 0 ? NULL : &l->dev[m->node[i].above];
	}
	return true;
}

static unsigned int verdict_of(enum pci_p2pdma_map_type type)
{
	return P2P_POSSIBLE(type == PCI_P2PDMA_MAP_BUS_ADDR           ? P2P_VERDICT_DIRECT
			    : type == PCI_P2PDMA_MAP_THRU_HOST_BRIDGE ? P2P_VERDICT_VIA_HOST
								      : P2P_VERDICT_UNREACHABLE);
}

static unsigned long pairs, single, wrong;

static void compare(struct linux_machine *l, const struct machine *m,
		    const struct p2p_router *router, int client, int provider)
{
	struct p2p_route route;
	unsigned int verdict;
	int distance = -1;

	p2p_route_find(router, m->node[client].node, m->node[provider].node, &route);
	verdict = verdict_of(ORACLE_JUDGE(&l->dev[provider], &l->dev[client], &distance));
	pairs++;
	single += route.verdict != P2P_VERDICT_UNKNOWN;
	if ((verdict & route.possible) && (route.distance < 0 || route.distance == distance))
		return;
	wrong++;
	if (wrong > 20)
		return;
	printf("%d to %d: Linux says %x at distance %d, we say %x at %d; CPU %x:%x, first "
	       "%04x:%04x\n",
	       client, provider, verdict, distance, route.possible, (int)route.distance,
	       oracle_cpu.x86_vendor, oracle_cpu.x86,
	       l->dev[client].bus->host->bus->devices.first->vendor,
	       l->dev[client].bus->host->bus->devices.first->device);
}

static void judge(uint64_t seed, const struct p2p_policy *policy)
{
	static struct machine m;
	static struct linux_machine l;
	struct counting counting;
	struct p2p_allocator allocator = counting_allocator(&counting);
	struct p2p_fabric *fabric;
	struct p2p_router *router;

	random_state = seed;
	machine_make(&m, seed);
	fabric = machine_fabric(&m, &allocator);
	if (fill(&l, &m) && !p2p_router_new(fabric, policy, &m.platform, &router)) {
		for (int client = 0; client < m.count; client++)
			for (int provider = 0; provider < m.count; provider++)
				compare(&l, &m, router, client, provider);
		p2p_router_free(router);
	}
	p2p_fabric_free(fabric);
}

int main(int argc, char **argv)
{
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;

	if (argc != 2 || p2p_policy_find(argv[1], &policy, &fit))
		return 64;
	for (uint64_t seed = 0; seed < MACHINES; seed++)
		judge(seed, policy);
	printf("%s: %d machines, %lu pairs, %lu with one verdict; %lu disagreements\n", argv[1],
	       MACHINES, pairs, single, wrong);
	return wrong != 0 || single == 0;
}
