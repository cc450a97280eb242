// SPDX-License-Identifier: MIT
/*
 * The naive twin of the router.
 */
#include "twin.h"

#include "support.h"

#define DIRECT      P2P_POSSIBLE(P2P_VERDICT_DIRECT)
#define VIA_HOST    P2P_POSSIBLE(P2P_VERDICT_VIA_HOST)
#define UNREACHABLE P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE)

#define TRIED_NODES 10

/* One full set of facts. `control` and `vector` by node; a key of 0:0 is "not a key". */
struct facts {
	const struct machine *m;
	uint16_t control[MACHINE_NODES];
	bool vector[MACHINE_NODES]; /* egress control of this port names the neighbour */
	uint16_t key[MACHINE_BRIDGES][2];
	bool cpu;
	bool newest;
};

static int walk_up(const struct machine *m, int node)
{
	return m->node[node].above;
}

static bool same_only(uint16_t vendor, uint16_t device)
{
	return vendor == 0x8086 &&
	       (device == 0x3c00 || device == 0x3c01 || device == 0x2f00 || device == 0x2f01);
}

static bool listed(const struct facts *f, uint16_t vendor, uint16_t device)
{
	switch ((uint32_t)vendor << 16 | device) {
	case 0x80863c00:
	case 0x80863c01:
	case 0x80862f00:
	case 0x80862f01:
	case 0x80862030:
	case 0x80862031:
	case 0x80862032:
	case 0x80862033:
	case 0x80862020:
	case 0x808609a2:
		return true;
	case 0x80860b25:
	case 0x80860cfe:
	case 0x808611fb:
	case 0x80861212:
	case 0x80861216:
	case 0x80864940:
	case 0x80864942:
	case 0x80864944:
	case 0x80864946:
	case 0x80864948:
	case 0x10de2f95:
	case 0x10de2f96:
	case 0x10de2f97:
	case 0x10de2f98:
		return f->newest;
	default:
		return f->newest && vendor == 0x1ae0;
	}
}

static bool bridge_passes(const struct facts *f, int bridge, bool same)
{
	const uint16_t *key = f->key[bridge];

	return listed(f, key[0], key[1]) && (same || !same_only(key[0], key[1]));
}

static unsigned int by_host(const struct facts *f, int client, int provider)
{
	int a = f->m->node[client].bridge, b = f->m->node[provider].bridge;

	if (f->cpu)
		return VIA_HOST;
	if (a == b)
		return bridge_passes(f, a, true) ? VIA_HOST : UNREACHABLE;
	return bridge_passes(f, a, false) && bridge_passes(f, b, false) ? VIA_HOST : UNREACHABLE;
}

/* The two nested walks of the kernel, with its two counters. VIA_HOST: the host must be asked. */
static unsigned int judge_linux(const struct facts *f, int client, int provider, int *distance)
{
	const uint16_t redirect = P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_EC;
	int up_a = 0, up_b = 0, redirects = 0;
	int a, b = -1;

	for (a = provider; a >= 0; a = walk_up(f->m, a), up_a++) {
		redirects += (f->control[a] & redirect) != 0;
		up_b = 0;
		for (b = client; b >= 0 && b != a; b = walk_up(f->m, b))
			up_b++;
		if (b >= 0)
			break;
	}
	*distance = up_a + up_b;
	if (a < 0)
		return VIA_HOST;
	for (b = client; b != a; b = walk_up(f->m, b))
		redirects += (f->control[b] & redirect) != 0;
	return redirects ? VIA_HOST : DIRECT;
}

/* The child of `top` on the way up from `node`, or -1 if they are the same. */
static int turning_port(const struct machine *m, int node, int top)
{
	int below = -1;

	for (; node != top; node = walk_up(m, node))
		below = node;
	return below;
}

static int common_above(const struct machine *m, int client, int provider)
{
	for (int a = provider; a >= 0; a = walk_up(m, a))
		for (int b = client; b >= 0; b = walk_up(m, b))
			if (a == b)
				return a;
	return -1;
}

static unsigned int judge_wires(const struct facts *f, int client, int provider)
{
	int top = common_above(f->m, client, provider);
	int in, out;

	if (top < 0)
		return VIA_HOST;
	in = turning_port(f->m, client, top);
	out = turning_port(f->m, provider, top);
	if (in < 0 || out < 0)
		return DIRECT;
	if ((f->control[in] & P2P_ACS_EC) && f->vector[in] && !(f->control[in] & P2P_ACS_RR))
		return UNREACHABLE;
	if ((f->control[in] & P2P_ACS_RR) && (!(f->control[in] & P2P_ACS_EC) || f->vector[in]))
		return VIA_HOST;
	return f->control[out] & P2P_ACS_CR ? VIA_HOST : DIRECT;
}

/* Digits of a number that counts through all values of the unknown facts. */
static unsigned int digit(unsigned long *number, unsigned int values)
{
	unsigned int value = (unsigned int)(*number % values);

	*number /= values;
	return value;
}

static bool acs_unknown(const struct p2p_node_info *info)
{
	return info->acs.known == P2P_UNKNOWN && info->pcie != P2P_ABSENT;
}

static void fill_way(struct facts *f, int node, unsigned long *number, int *tried)
{
	static const uint16_t controls[] = { 0, P2P_ACS_RR, P2P_ACS_CR, P2P_ACS_EC };

	for (; node >= 0; node = walk_up(f->m, node)) {
		const struct p2p_node_info *info = &f->m->node[node].info;

		f->control[node] = info->acs.known == P2P_PRESENT ? info->acs.control : 0;
		if (acs_unknown(info) && (*tried)++ < TRIED_NODES)
			f->control[node] = controls[digit(number, 2)];
	}
}

static void fill_key(struct facts *f, int bridge, unsigned long *number)
{
	static const uint16_t candidates[][2] = { { 0x8086, 0x3c00 }, { 0x8086, 0x2030 },
						  { 0x8086, 0x4948 }, { 0x1ae0, 0x7777 },
						  { 0x10de, 0x2f95 }, { 0x10de, 0x0001 },
						  { 0x8086, 0x29c0 }, { 0x1022, 0x1480 } };
	const struct machine_bridge *b = &f->m->bridge[bridge];
	const struct p2p_node_info *first = b->first < 0 ? NULL : &f->m->node[b->first].info;
	unsigned int try = digit(number, 8);
	unsigned int is_key = digit(number, 2);
	uint16_t *key = f->key[bridge];

	key[0] = key[1] = 0;
	if (b->partial && (!first || first->bdf.devfn != 0)) {
		memcpy(key, candidates[try], sizeof(candidates[try]));
		return;
	}
	if (!first)
		return;
	if (first->bdf.devfn != 0 && first->kind != P2P_KIND_ROOT_PORT &&
	    (first->kind != P2P_KIND_BRIDGE || !is_key))
		return;
	key[0] = first->vendor;
	key[1] = first->device;
	/* A candidate stands for the unknown half, or for all of it. */
	if (first->vendor == P2P_ID_UNKNOWN && first->device == P2P_ID_UNKNOWN) {
		memcpy(key, candidates[try], sizeof(candidates[try]));
	} else if (first->vendor == P2P_ID_UNKNOWN) {
		key[0] = candidates[try][0];
	} else if (first->device == P2P_ID_UNKNOWN) {
		key[1] = first->vendor == candidates[try][0] ? candidates[try][1] : 0x7777;
	}
}

/* Every value of a three-state platform, tried on the rule as the kernel has it. */
static void fill_cpu(struct facts *f, unsigned long *number)
{
	struct p2p_platform p = f->m->platform;
	unsigned int arch = digit(number, 2), vendor = digit(number, 2), family = digit(number, 2);

	/* An AMD CPU that is not x86 does not exist. */
	if (p.arch == P2P_ARCH_UNKNOWN)
		p.arch = arch || p.cpu_vendor == P2P_CPU_AMD ? P2P_ARCH_X86 : P2P_ARCH_OTHER;
	if (p.cpu_vendor == P2P_CPU_UNKNOWN)
		p.cpu_vendor = vendor ? P2P_CPU_AMD : P2P_CPU_OTHER;
	if (p.cpu_family == 0)
		p.cpu_family = family ? 0x19 : 0x15;
	f->cpu = p.arch == P2P_ARCH_X86 && p.cpu_vendor == P2P_CPU_AMD && p.cpu_family >= 0x17;
}

static int unknown_on_way(const struct machine *m, int node)
{
	int unknown = 0;

	for (; node >= 0; node = walk_up(m, node))
		unknown += acs_unknown(&m->node[node].info);
	return unknown;
}

/* All that the host may say to two devices below these bridges; worked out once, then noted. */
static unsigned int host_set(struct machine *m, int client, int provider, bool newest)
{
	static struct facts f;
	int a = m->node[client].bridge, b = m->node[provider].bridge;
	uint8_t *note = &m->host_set[newest][a][b];

	f.m = m;
	f.newest = newest;
	for (unsigned long all = 0; *note == 0 || (all != 0 && all < 8ul * 16 * 16); all++) {
		unsigned long number = all;

		fill_cpu(&f, &number);
		fill_key(&f, a, &number);
		if (b != a)
			fill_key(&f, b, &number);
		*note |= (uint8_t)by_host(&f, client, provider);
	}
	return *note;
}

unsigned int twin_linux(struct machine *machine, int client, int provider, bool newest,
			int *distance)
{
	static struct facts f;
	int unknown = unknown_on_way(machine, client) + unknown_on_way(machine, provider);
	unsigned int set = 0;

	f.m = machine;
	if (unknown > TRIED_NODES)
		unknown = TRIED_NODES;
	/* Both ways share nodes; the second filling overwrites the first with values of its own. */
	for (unsigned long all = 0; all < 1ul << unknown; all++) {
		unsigned long number = all;
		int tried = 0;

		fill_way(&f, client, &number, &tried);
		fill_way(&f, provider, &number, &tried);
		set |= judge_linux(&f, client, provider, distance);
	}
	if (set & VIA_HOST)
		set = (set & ~VIA_HOST) | host_set(machine, client, provider, newest);
	return set;
}

unsigned int twin_hardware(const struct machine *machine, int client, int provider, int *distance)
{
	static struct facts f;
	int top = common_above(machine, client, provider);
	int in = top < 0 ? -1 : turning_port(machine, client, top);
	int out = top < 0 ? -1 : turning_port(machine, provider, top);
	unsigned int set = 0;

	f.m = machine;
	judge_linux(&f, client, provider, distance);
	for (unsigned long all = 0; all < 8ul * 8 * 2; all++) {
		unsigned long number = all;
		const unsigned int bits[2] = { digit(&number, 8), digit(&number, 8) };
		const int port[2] = { in, out };

		for (int i = 0; i < 2; i++) {
			const struct p2p_node_info *info;

			if (port[i] < 0)
				continue;
			info = &machine->node[port[i]].info;
			f.control[port[i]] = acs_unknown(info)
						     ? (uint16_t)(bits[i] & 1 ? 0x04 : 0) |
							       (bits[i] & 2 ? 0x08 : 0) |
							       (bits[i] & 4 ? 0x20 : 0)
					     : info->acs.known == P2P_PRESENT ? info->acs.control
									      : 0;
		}
		if (in >= 0)
			f.vector[in] = digit(&number, 2);
		set |= judge_wires(&f, client, provider);
	}
	return set;
}
