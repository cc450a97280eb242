// SPDX-License-Identifier: MIT
/*
 * Random machines: several domains and host bridges, switches in switches, functions, virtual
 * functions on buses of their own, and things that could not be read.
 */
#include "machine.h"
#include "support.h"

static uint32_t next(struct machine *m, uint32_t below)
{
	/* splitmix64: small, and the same on every machine. */
	uint64_t z = m->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static bool chance(struct machine *m, unsigned int percent)
{
	return next(m, 100) < percent;
}

static bool unread(struct machine *m)
{
	return chance(m, m->unknown_percent);
}

static void random_acs(struct machine *m, struct p2p_acs *acs)
{
	*acs = (struct p2p_acs){ .known = P2P_ABSENT };
	if (unread(m)) {
		acs->known = P2P_UNKNOWN;
		/* Must not be looked at. */
		acs->control = (uint16_t)next(m, 128);
	} else if (chance(m, 40)) {
		acs->known = P2P_PRESENT;
		acs->capability = 0x7f;
		for (unsigned int bit = 0; bit < 7; bit++)
			acs->control |= chance(m, 12) ? 1u << bit : 0;
	} else {
		acs->control = (uint16_t)next(m, 128);
	}
}

static void random_ids(struct machine *m, struct p2p_node_info *info)
{
	static const uint16_t ids[][2] = {
		{ 0x8086, 0x3c00 }, { 0x8086, 0x3c01 }, { 0x8086, 0x2f00 }, { 0x8086, 0x2f01 },
		{ 0x8086, 0x2030 }, { 0x8086, 0x2033 }, { 0x8086, 0x2020 }, { 0x8086, 0x09a2 },
		{ 0x8086, 0x0b25 }, { 0x8086, 0x4948 }, { 0x1ae0, 0x1234 }, { 0x10de, 0x2f95 },
		{ 0x10de, 0x2f98 }, { 0x10de, 0x2330 }, { 0x1022, 0x1480 }, { 0x8086, 0x29c0 },
	};
	uint32_t which = next(m, (uint32_t)(sizeof(ids) / sizeof(ids[0])));

	info->vendor = unread(m) ? P2P_ID_UNKNOWN : ids[which][0];
	info->device = unread(m) ? P2P_ID_UNKNOWN : ids[which][1];
}

static int new_node(struct machine *m, int above, int bridge, enum p2p_kind kind,
		    struct p2p_bdf where)
{
	struct machine_node *n = &m->node[m->count];

	n->info = node_at(kind, where);
	n->above = above;
	n->bridge = bridge;
	random_acs(m, &n->info.acs);
	random_ids(m, &n->info);
	if (n->info.acs.known == P2P_UNKNOWN && chance(m, 20))
		n->info.pcie = P2P_ABSENT;
	if (above < 0 && (m->bridge[bridge].first < 0 ||
			  m->node[m->bridge[bridge].first].info.bdf.devfn > where.devfn))
		m->bridge[bridge].first = m->count;
	return m->count++;
}

static enum p2p_kind random_bridge_kind(struct machine *m, int above)
{
	if (unread(m))
		return P2P_KIND_BRIDGE;
	if (above < 0)
		return chance(m, 80) ? P2P_KIND_ROOT_PORT : P2P_KIND_PCI_BRIDGE;
	return (enum p2p_kind)(P2P_KIND_ROOT_PORT + next(m, 4));
}

/* Fills a bus; `*last` is the highest bus number given out. Depth bounds the recursion. */
static void fill_bus(struct machine *m, int above, int bridge, struct p2p_bdf bus,
		     unsigned int depth, uint8_t *last)
{
	unsigned int slot = chance(m, 50) ? 0 : next(m, 4);
	unsigned int devices = 1 + next(m, depth < 2 ? 4 : 2);

	for (unsigned int d = 0; d < devices && slot < 32; d++, slot += 1 + next(m, 3)) {
		unsigned int functions = chance(m, 70) ? 1 : 1 + next(m, 3);

		for (unsigned int f = 0; f < functions; f++) {
			struct p2p_bdf where = bdf(bus.domain, bus.bus, slot, f);
			struct machine_node *n;

			if (m->count >= MACHINE_NODES - 4)
				return;
			if (depth >= 6 || chance(m, 15 + 10 * depth) || *last >= 200) {
				new_node(m, above, bridge, P2P_KIND_ENDPOINT, where);
				continue;
			}
			n = &m->node[new_node(m, above, bridge, random_bridge_kind(m, above),
					      where)];
			n->info.secondary = ++*last;
			bus.bus = n->info.secondary;
			fill_bus(m, (int)(n - m->node), bridge, bus, depth + 1, last);
			bus.bus = where.bus;
			/* Virtual functions beyond the secondary bus. */
			if (chance(m, 20))
				new_node(m, (int)(n - m->node), bridge, P2P_KIND_ENDPOINT,
					 bdf(bus.domain, ++*last, 0, 1));
			n->info.subordinate = *last;
		}
	}
}

static void random_platform(struct machine *m)
{
	m->platform.arch = (enum p2p_arch)next(m, 3);
	m->platform.cpu_vendor = (enum p2p_cpu_vendor)next(m, 3);
	m->platform.cpu_family = (uint16_t)(chance(m, 20) ? 0 : 0x15 + next(m, 5));
	if (chance(m, 50))
		m->platform.cpu_vendor = P2P_CPU_OTHER;
}

void machine_make(struct machine *m, uint64_t seed)
{
	uint8_t last = 0;

	memset(m, 0, sizeof(*m));
	m->random = seed;
	m->unknown_percent = seed % 3 == 0 ? 0 : 6;
	m->bridges = 1 + (int)next(m, MACHINE_BRIDGES);
	for (int i = 0; i < m->bridges; i++) {
		uint32_t domain = (uint32_t)i / 3 * 0x10001;

		if (i % 3 == 0)
			last = 0;
		else
			last++;
		m->bridge[i] = (struct machine_bridge){
			.root_bus = bdf(domain, last, 0, 0),
			.explicit_node = chance(m, 50),
			.first = -1,
		};
		m->bridge[i].partial = m->bridge[i].explicit_node && unread(m);
		fill_bus(m, -1, i, m->bridge[i].root_bus, 0, &last);
	}
	random_platform(m);
}

struct p2p_fabric *machine_fabric(struct machine *m, const struct p2p_allocator *allocator)
{
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;
	int order[MACHINE_NODES] = { 0 };

	assert_int_equal(p2p_fabric_builder_new(allocator, &builder), 0);
	for (int i = 0; i < m->count; i++) {
		int other = (int)next(m, (uint32_t)i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	for (int i = 0; i < m->count; i++)
		m->node[order[i]].node = add(builder, m->node[order[i]].info);
	for (int i = 0; i < m->bridges; i++) {
		struct p2p_node_info info = node_at(P2P_KIND_HOST_BRIDGE, m->bridge[i].root_bus);

		info.partial = m->bridge[i].partial;
		if (m->bridge[i].explicit_node)
			add(builder, info);
	}
	assert_int_equal(p2p_fabric_finish(builder, &fabric), 0);
	return fabric;
}
