// SPDX-License-Identifier: MIT
/*
 * Random machines: several host bridges and domains, windows with and without offset, switches in
 * switches, functions, every ACS setting, IOMMUs.
 */
#include "random_bus.h"
#include "support.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

#define LOW  (256 * MIB) /* windows */
#define HIGH (512 * MIB)
#define RAM  GIB

#define LINUX_ACS (SIM_ACS_SV | SIM_ACS_RR | SIM_ACS_CR | SIM_ACS_UF)

uint64_t bus_draw(uint64_t *random, uint64_t below)
{
	/* splitmix64: small, and the same on every machine. */
	uint64_t z = *random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (z ^ z >> 31) % below;
}

uint64_t bus_random(struct bus_spec *spec, uint64_t below)
{
	return bus_draw(&spec->random, below);
}

static bool chance(struct bus_spec *spec, unsigned int percent)
{
	return bus_random(spec, 100) < percent;
}

/* NULL: the machine is large enough. */
static struct bus_node *put(struct bus_spec *spec, enum sim_kind kind, int parent)
{
	struct bus_node *node = &spec->node[spec->count];

	if (spec->count == BUS_NODES)
		return NULL;
	memset(node, 0, sizeof(*node));
	node->info.kind = kind;
	node->info.parent = parent < 0 ? SIM_NO_NODE : (sim_node)parent;
	spec->count++;
	return node;
}

static void random_acs(struct bus_spec *spec, struct bus_node *node, unsigned int percent)
{
	if (!chance(spec, percent))
		return;
	node->info.acs = true;
	node->info.acs_capability = 0x7f;
	if (chance(spec, 30)) {
		node->acs_control = LINUX_ACS;
		return;
	}
	for (unsigned int bit = 0; bit < 7; bit++)
		if (chance(spec, 20))
			node->acs_control |= (uint16_t)(1u << bit);
	node->acs_egress = bus_random(spec, 256);
}

static void random_bars(struct bus_spec *spec, struct sim_info *info, unsigned int percent)
{
	unsigned int bar = 0;

	/* Without gaps: a scenario numbers them in order. */
	for (unsigned int i = 0; i < 2; i++) {
		if (!chance(spec, percent))
			continue;
		info->bar_size[bar] = (uint64_t)SIM_PAGE << bus_random(spec, 10);
		info->bar_32bit |= (uint8_t)(chance(spec, 25) << bar++);
	}
}

static void random_ids(struct bus_spec *spec, struct bus_node *node)
{
	static const uint16_t devices[] = { 0x3c00, 0x2f01, 0x2030, 0x09a2, 0x29c0 };

	node->vendor = 0x8086;
	node->device = devices[bus_random(spec, sizeof(devices) / sizeof(devices[0]))];
}

static void add_functions(struct bus_spec *spec, int parent, unsigned int slot, unsigned int first)
{
	unsigned int functions = first + (chance(spec, 75) ? 1 : 3);

	for (unsigned int f = first; f < functions; f++) {
		struct bus_node *node = put(spec, SIM_FUNCTION, parent);

		if (!node)
			return;
		node->info.slot = (uint8_t)slot;
		node->info.function = (uint8_t)f;
		random_bars(spec, &node->info, 60);
		random_acs(spec, node, functions > 1 ? 40 : 10);
		random_ids(spec, node);
	}
}

static void fill_link(struct bus_spec *spec, int port, unsigned int depth);

static void add_port(struct bus_spec *spec, enum sim_kind kind, int parent, unsigned int slot,
		     unsigned int depth)
{
	struct bus_node *node = put(spec, kind, parent);

	if (!node)
		return;
	node->info.slot = (uint8_t)slot;
	random_bars(spec, &node->info, 8);
	random_acs(spec, node, 60);
	random_ids(spec, node);
	fill_link(spec, (int)(node - spec->node), depth);
}

/* Depth bounds the recursion. */
static void fill_link(struct bus_spec *spec, int port, unsigned int depth)
{
	unsigned int ports = 2 + (unsigned int)bus_random(spec, 3);
	struct bus_node *node;
	int upstream;

	if (depth == 3 || chance(spec, 30)) {
		if (!chance(spec, 10))
			add_functions(spec, port, 0, 0);
		return;
	}
	node = put(spec, SIM_UPSTREAM_PORT, port);
	if (!node)
		return;
	upstream = (int)(node - spec->node);
	random_bars(spec, &node->info, 8);
	for (unsigned int slot = 0; slot < ports; slot++)
		add_port(spec, SIM_DOWNSTREAM_PORT, upstream, slot, depth + 1);
	if (chance(spec, 20))
		add_functions(spec, port, 0, 1);
}

/* Where the CPU sees what is at bus address `bus` first. */
static uint64_t window_cpu(struct bus_spec *spec, unsigned int index, uint64_t bus)
{
	if (spec->collides && index == 0)
		return spec->domains ? bus : bus + MIB;
	if (spec->domains || chance(spec, 40))
		return (UINT64_C(0x20) + index) << 40 | bus;
	return bus;
}

/* A window below 4 GiB, for some also a larger one: perhaps next to it for the CPU, never so on
 * the bus. */
static void random_windows(struct bus_spec *spec, struct bus_node *node, unsigned int index)
{
	uint64_t place = node->info.domain ? 0 : index;
	struct sim_window *low = &node->info.window[0], *high = &node->info.window[1];

	low->size = LOW;
	low->bus.value = 2 * GIB + place * LOW;
	low->cpu.value = window_cpu(spec, index, low->bus.value);
	if (chance(spec, 50)) {
		high->size = HIGH;
		high->bus.value = 256 * GIB + place * HIGH;
		high->cpu.value = window_cpu(spec, index, high->bus.value);
		if (low->cpu.value != low->bus.value && chance(spec, 50))
			high->cpu.value = low->cpu.value + LOW;
	}
	if (chance(spec, 30))
		node->info.inbound[0] = (struct sim_window){
			.bus = { UINT64_C(1) << 59 },
			.size = UINT64_C(1) << 46,
		};
}

static void add_host_bridge(struct bus_spec *spec, unsigned int index)
{
	bool own_domain = index > 0 && spec->domains;
	struct bus_node *node = put(spec, SIM_HOST_BRIDGE, -1);
	unsigned int devices = 1 + (unsigned int)bus_random(spec, 3);
	int bridge;

	if (!node)
		return;
	bridge = (int)(node - spec->node);
	node->info.domain = own_domain ? index : 0;
	node->info.root_bus = (uint8_t)(own_domain ? 0 : index * 64);
	node->peers = (uint32_t)bus_random(spec, 8);
	node->iommu = (enum sim_iommu)bus_random(spec, 3);
	random_windows(spec, node, index);
	for (unsigned int slot = 0; slot < devices; slot++) {
		if (chance(spec, 80))
			add_port(spec, SIM_ROOT_PORT, bridge, slot, 0);
		else
			add_functions(spec, bridge, slot, 0);
	}
}

/*
 * On the CPU's own bus: just behind host memory, and where another domain's device or nothing at
 * all has that bus address.
 */
static void add_coherent(struct bus_spec *spec, uint64_t cpu)
{
	struct bus_node *node = put(spec, SIM_COHERENT, -1);

	if (!node)
		return;
	node->info.memory.value = cpu;
	node->info.memory_size = (uint64_t)SIM_PAGE * (1 + bus_random(spec, 64));
	node->info.no_mmio = chance(spec, 25);
}

void bus_make(struct bus_spec *spec, uint64_t seed)
{
	unsigned int bridges;

	spec->seed = spec->random = seed;
	spec->count = 0;
	bridges = 1 + (unsigned int)bus_random(spec, 3);
	spec->domains = chance(spec, 40);
	spec->collides = (bridges == 1 || spec->domains) && chance(spec, 20);
	put(spec, SIM_RAM, -1)->info.memory_size = RAM;
	if (chance(spec, 25))
		add_coherent(spec, RAM);
	if (chance(spec, 25))
		add_coherent(spec, spec->domains && !spec->collides ? 2 * GIB : 384 * GIB);
	for (unsigned int i = 0; i < bridges; i++)
		add_host_bridge(spec, i);
}

struct sim_machine *bus_build(struct bus_spec *spec)
{
	struct sim_machine *machine = sim_machine_new();
	sim_node culprit;

	assert_non_null(machine);
	for (int i = 0; i < spec->count; i++) {
		struct bus_node *node = &spec->node[i];
		struct sim_info info = node->info;
		struct sim_registers *registers;

		if (node->dropped)
			continue;
		if (info.parent != SIM_NO_NODE)
			info.parent = spec->node[info.parent].node;
		snprintf(info.name, sizeof(info.name), "n%d", i);
		assert_int_equal(sim_add(machine, &info, &node->node), 0);
		registers = sim_registers(machine, node->node);
		registers->acs_control = node->acs_control;
		registers->acs_egress = node->acs_egress;
		registers->peers = node->peers;
		registers->iommu = node->iommu;
	}
	assert_int_equal(sim_assign(machine, &culprit), 0);
	return machine;
}

static enum p2p_kind kind_of(enum sim_kind kind)
{
	switch (kind) {
	case SIM_HOST_BRIDGE:
		return P2P_KIND_HOST_BRIDGE;
	case SIM_ROOT_PORT:
		return P2P_KIND_ROOT_PORT;
	case SIM_UPSTREAM_PORT:
		return P2P_KIND_UPSTREAM_PORT;
	case SIM_DOWNSTREAM_PORT:
		return P2P_KIND_DOWNSTREAM_PORT;
	case SIM_COHERENT:
		return P2P_KIND_OFF_BUS;
	default:
		return P2P_KIND_ENDPOINT;
	}
}

static void tell_bars(struct sim_machine *machine, sim_node node, struct p2p_node_info *to)
{
	const struct sim_info *info = sim_info(machine, node);
	const struct sim_registers *registers = sim_registers(machine, node);

	for (unsigned int i = 0; i < P2P_BARS; i++) {
		struct p2p_range *range = &to->bar[i];

		if (!info->bar_size[i])
			continue;
		range->size = info->bar_size[i];
		range->bus.value = registers->bar[i];
		range->bus_known = true;
		range->cpu_known = sim_cpu_address(machine, node, i, 0, &range->cpu) == 0;
		range->flags = P2P_RANGE_MEMORY;
	}
}

static void tell_node(const struct bus_node *from, struct sim_machine *machine,
		      struct p2p_node_info *to)
{
	const struct sim_registers *registers = sim_registers(machine, from->node);

	p2p_node_info_init(to);
	to->kind = kind_of(from->info.kind);
	if (to->kind == P2P_KIND_OFF_BUS)
		return;
	to->bdf = bdf(registers->domain, registers->bus, from->info.slot, from->info.function);
	to->vendor = from->vendor;
	to->device = from->device;
	to->pcie = P2P_PRESENT;
	to->acs.known = from->info.acs ? P2P_PRESENT : P2P_ABSENT;
	to->acs.capability = from->info.acs_capability;
	to->acs.control = registers->acs_control;
	if (from->info.kind == SIM_HOST_BRIDGE || sim_is_port(from->info.kind)) {
		to->secondary = registers->secondary;
		to->subordinate = registers->subordinate;
	}
	tell_bars(machine, from->node, to);
}

static void tell_window(struct p2p_fabric_builder *builder, p2p_node node,
			const struct sim_window *window, uint64_t first, uint64_t size)
{
	const struct p2p_range range = {
		.cpu = { window->cpu.value + first },
		.bus = { window->bus.value + first },
		.size = size,
		.cpu_known = true,
		.bus_known = true,
		.flags = P2P_RANGE_MEMORY,
	};

	assert_int_equal(p2p_fabric_add_window(builder, node, &range), 0);
}

/* Each in two pieces, as sources do that know no better; also in the middle of BARs. */
static void tell_windows(struct p2p_fabric_builder *builder, p2p_node node,
			 const struct bus_spec *spec, const struct sim_window *windows)
{
	uint64_t first = SIM_PAGE * (1 + spec->seed % 1024);

	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++) {
		if (!windows[i].size)
			continue;
		tell_window(builder, node, &windows[i], 0, first);
		tell_window(builder, node, &windows[i], first, windows[i].size - first);
	}
}

struct p2p_fabric *bus_fabric(const struct bus_spec *spec, struct sim_machine *machine,
			      const struct p2p_allocator *allocator, p2p_node *fabric_node)
{
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;

	assert_int_equal(p2p_fabric_builder_new(allocator, &builder), 0);
	for (int i = 0; i < spec->count; i++) {
		const struct bus_node *node = &spec->node[i];
		struct p2p_node_info info;

		if (node->dropped || node->info.kind == SIM_RAM)
			continue;
		tell_node(node, machine, &info);
		fabric_node[node->node] = add(builder, info);
		if (node->info.kind == SIM_HOST_BRIDGE)
			tell_windows(builder, fabric_node[node->node], spec, node->info.window);
	}
	assert_int_equal(p2p_fabric_finish(builder, &fabric), 0);
	return fabric;
}

bool bus_asked_host(const struct sim_machine *machine, const struct sim_result *result)
{
	for (uint32_t i = 0; i < result->hop_count && i < SIM_HOPS_MAX; i++)
		if (sim_info(machine, result->hop[i].node)->kind == SIM_HOST_BRIDGE ||
		    result->hop[i].action == SIM_REDIRECTS)
			return true;
	return false;
}

static bool is_below(const struct bus_spec *spec, int node, int above)
{
	while (node != above && spec->node[node].info.parent != SIM_NO_NODE)
		node = (int)spec->node[node].info.parent;
	return node == above;
}

/* A device keeps its function 0 as long as it has others. */
static bool has_others(const struct bus_spec *spec, int i)
{
	const struct sim_info *info = &spec->node[i].info;

	if (info->kind != SIM_FUNCTION || info->function != 0)
		return false;
	for (int other = i + 1; other < spec->count; other++)
		if (!spec->node[other].dropped && spec->node[other].info.parent == info->parent &&
		    spec->node[other].info.slot == info->slot)
			return true;
	return false;
}

static void drop(struct bus_spec *spec, int top)
{
	for (int i = top; i < spec->count; i++)
		if (is_below(spec, i, top))
			spec->node[i].dropped = true;
}

/* One way to make it smaller at node `i`; false: there is nothing (more) to do of that kind. */
static bool simplify(struct bus_spec *spec, int i, int a, int b, unsigned int how)
{
	struct bus_node *node = &spec->node[i];

	if (node->dropped)
		return false;
	if (how == 0) {
		if (i == 0 || has_others(spec, i) || is_below(spec, a, i) || is_below(spec, b, i))
			return false;
		drop(spec, i);
		return true;
	}
	if (how <= 7) {
		uint16_t bit = (uint16_t)(1u << (how - 1));

		if (!(node->acs_control & bit))
			return false;
		node->acs_control &= (uint16_t)~bit;
		return true;
	}
	if (how == 8 && node->info.acs && !node->acs_control) {
		node->info.acs = false;
		return true;
	}
	if (how == 9 && node->iommu != SIM_IOMMU_OFF) {
		node->iommu = SIM_IOMMU_OFF;
		return true;
	}
	if (how == 10 && node->info.inbound[0].size) {
		node->info.inbound[0].size = 0;
		return true;
	}
	return false;
}

void bus_shrink(struct bus_spec *spec, int a, int b,
		bool (*wrong)(struct bus_spec *spec, void *context), void *context)
{
	bool smaller = true;

	while (smaller) {
		smaller = false;
		for (int i = 0; i < spec->count; i++)
			for (unsigned int how = 0; how <= 10; how++) {
				struct bus_spec tried = *spec;

				if (!simplify(&tried, i, a, b, how) || !wrong(&tried, context))
					continue;
				*spec = tried;
				smaller = true;
			}
	}
}

void bus_write_acs(uint16_t control, FILE *file)
{
	static const char *const words[] = { "SV", "TB", "RR", "CR", "UF", "EC", "DT" };
	const char *between = "";

	fprintf(file, " acs=%s", control ? "" : "none");
	for (unsigned int bit = 0; bit < 7; bit++) {
		if (!(control >> bit & 1))
			continue;
		fprintf(file, "%s%s", between, words[bit]);
		between = ",";
	}
}

static void write_window(const char *word, uint64_t size, uint64_t from, uint64_t to, FILE *file)
{
	if (size)
		fprintf(file, " %s=%lluM@0x%llx:0x%llx", word, (unsigned long long)(size / MIB),
			(unsigned long long)from, (unsigned long long)to);
}

static void write_host_bridge(const struct bus_node *node, FILE *file)
{
	static const char *const iommus[] = { "off", "pass", "translate" };
	const struct sim_window *window = node->info.window, *inbound = &node->info.inbound[0];

	fprintf(file, " domain=%u bus=%u iommu=%s", node->info.domain, node->info.root_bus,
		iommus[node->iommu]);
	fprintf(file, " peers=%s%s%s", node->peers & SIM_PEERS_DIRECT ? "direct" : "",
		node->peers & SIM_PEERS_SAME ? (node->peers & SIM_PEERS_DIRECT ? ",same" : "same")
					     : "",
		node->peers & SIM_PEERS_CROSS
			? (node->peers & (SIM_PEERS_DIRECT | SIM_PEERS_SAME) ? ",cross" : "cross")
			: "");
	if (!node->peers)
		fprintf(file, "none");
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++)
		write_window("window", window[i].size, window[i].cpu.value, window[i].bus.value,
			     file);
	write_window("inbound", inbound->size, inbound->bus.value, inbound->cpu.value, file);
}

static void write_below(const struct bus_spec *spec, sim_node parent, unsigned int depth,
			FILE *file)
{
	static const char *const words[] = { "ram",    "coherent", "host-bridge", "root-port",
					     "switch", "port",     "device" };

	for (int i = 0; i < spec->count; i++) {
		const struct bus_node *node = &spec->node[i];

		if (node->dropped || node->info.parent != parent)
			continue;
		fprintf(file, "%*s%s n%d", (int)depth * 2, "", words[node->info.kind], i);
		if (node->info.memory_size)
			fprintf(file, " memory=%lluK@0x%llx%s",
				(unsigned long long)(node->info.memory_size / 1024),
				(unsigned long long)node->info.memory.value,
				node->info.no_mmio ? " no-mmio" : "");
		if (node->info.kind == SIM_HOST_BRIDGE)
			write_host_bridge(node, file);
		for (unsigned int bar = 0; bar < SIM_BARS; bar++)
			if (node->info.bar_size[bar])
				fprintf(file, " memory%s=%lluK",
					node->info.bar_32bit >> bar & 1 ? "32" : "",
					(unsigned long long)(node->info.bar_size[bar] / 1024));
		if (node->info.function)
			fprintf(file, " function=%u", node->info.function);
		if (node->info.acs)
			bus_write_acs(node->acs_control, file);
		fprintf(file, "\n");
		write_below(spec, (sim_node)i, depth + 1, file);
	}
}

static void write_egress(const struct bus_spec *spec, int index, FILE *file)
{
	const struct bus_node *node = &spec->node[index];
	const char *between = "";

	if (node->dropped || !(node->acs_control & SIM_ACS_EC) || !node->acs_egress)
		return;
	fprintf(file, "set n%d egress=", index);
	for (int i = 0; i < spec->count; i++) {
		const struct sim_info *peer = &spec->node[i].info;
		unsigned int bit = sim_is_port(peer->kind) ? peer->slot : peer->function;

		if (spec->node[i].dropped || i == index || peer->parent != node->info.parent ||
		    !(node->acs_egress >> bit & 1))
			continue;
		fprintf(file, "%sn%d", between, i);
		between = ",";
	}
	fprintf(file, "%s\n", *between ? "" : "none");
}

void bus_write(const struct bus_spec *spec, FILE *file)
{
	write_below(spec, SIM_NO_NODE, 0, file);
	for (int i = 0; i < spec->count; i++)
		write_egress(spec, i, file);
}
