// SPDX-License-Identifier: MIT
/*
 * Configuration space, whole, cut short and broken.
 */
#include "sources_support.h"

#include "machine/sources/config_space.h"

static void put16(uint8_t *config, size_t at, unsigned int value)
{
	config[at] = (uint8_t)value;
	config[at + 1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *config, size_t at, uint32_t value)
{
	put16(config, at, value & 0xffff);
	put16(config, at + 2, value >> 16);
}

/* A switch downstream port: PCI Express at 40, a serial number at 100, ACS at 110. */
static void downstream_port(uint8_t config[P2P_CONFIG_PCIE])
{
	memset(config, 0, P2P_CONFIG_PCIE);
	put32(config, 0x00, 0xc0301000);
	config[0x06] = 0x10;
	put32(config, 0x08, 0x060400b0);
	config[0x0e] = 0x01;
	config[0x18] = 0x17;
	config[0x19] = 0x19;
	config[0x1a] = 0x1b;
	put16(config, 0x1c, 0x0101);
	put32(config, 0x20, 0x97f09600);
	put32(config, 0x24, 0x0ff10001);
	put32(config, 0x28, 0x2100);
	put32(config, 0x2c, 0x2140);
	config[0x34] = 0x40;
	config[0x40] = 0x10;
	config[0x41] = 0x80;
	put16(config, 0x42, 6 << 4 | 2);
	put32(config, 0x4c, 16 << 4 | 5);
	put16(config, 0x52, 8 << 4 | 4);
	config[0x80] = 0x0d;
	put32(config, 0x84, 0x224b1028);
	put32(config, 0x100, 0x11010003);
	put32(config, 0x104, 0xdeadbeef);
	put32(config, 0x108, 0xdeadbeef);
	put32(config, 0x110, 0x0001000d);
	put16(config, 0x114, 0x005f);
	put16(config, 0x116, 0x001d);
}

static struct p2p_node_info decode(const uint8_t *config, size_t size, struct p2p_link *below)
{
	struct p2p_node_info info;

	p2p_node_info_init(&info);
	info.kind = P2P_KIND_ENDPOINT;
	memset(below, 0, sizeof(*below));
	assert_int_equal(p2p_config_decode(config, size, &info, below), 0);
	return info;
}

static void whole_port(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	downstream_port(config);
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.kind, P2P_KIND_DOWNSTREAM_PORT);
	assert_int_equal(info.vendor, 0x1000);
	assert_int_equal(info.device, 0xc030);
	assert_int_equal(info.subsystem_vendor, 0x1028);
	assert_int_equal(info.subsystem_device, 0x224b);
	assert_int_equal(info.class_code, 0x060400);
	assert_int_equal(info.secondary, 0x19);
	assert_int_equal(info.subordinate, 0x1b);
	assert_int_equal(info.acs.known, P2P_PRESENT);
	assert_int_equal(info.acs.capability, 0x5f);
	assert_int_equal(info.acs.control, 0x1d);
	/* The registers are of the link below; the one above is the switch's inside. */
	assert_int_equal(info.link.width, 0);
	assert_int_equal(below.speed, 16000);
	assert_int_equal(below.max_speed, 32000);
	assert_int_equal(below.width, 8);
	assert_int_equal(below.max_width, 16);
	assert_true(info.window[1].bus_known && !info.window[1].cpu_known);
	assert_int_equal(info.window[1].bus.value, 0x96000000);
	assert_int_equal(info.window[1].size, 0x2000000);
	assert_int_equal(info.window[2].bus.value, 0x210000000000);
	assert_int_equal(info.window[2].size, 0x4010000000);
}

static void cut_short(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	downstream_port(config);
	info = decode(config, 64, &below);
	assert_int_equal(info.kind, P2P_KIND_BRIDGE);
	assert_int_equal(info.pcie, P2P_UNKNOWN);
	assert_int_equal(info.acs.known, P2P_UNKNOWN);
	assert_int_equal(info.secondary, 0x19);
	info = decode(config, 256, &below);
	assert_int_equal(info.kind, P2P_KIND_DOWNSTREAM_PORT);
	assert_int_equal(info.acs.known, P2P_UNKNOWN);
	/* Not even inside the ACS capability. */
	info = decode(config, 0x114, &below);
	assert_int_equal(info.acs.known, P2P_UNKNOWN);
	info = decode(config, 0x118, &below);
	assert_int_equal(info.acs.known, P2P_PRESENT);
}

static void absent_is_not_unknown(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	downstream_port(config);
	put32(config, 0x100, 0x00010003);
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.acs.known, P2P_ABSENT);
	/* All ones: extended space could not be reached. */
	put32(config, 0x100, 0xffffffff);
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.acs.known, P2P_UNKNOWN);
	/* No capability list: no PCI Express, no ACS, and 64 bytes show it. */
	config[0x06] = 0;
	info = decode(config, 64, &below);
	assert_int_equal(info.pcie, P2P_ABSENT);
	assert_int_equal(info.acs.known, P2P_ABSENT);
	assert_int_equal(info.kind, P2P_KIND_PCI_BRIDGE);
}

static void endpoint_bars(void **state)
{
	uint8_t config[64] = { 0 };
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	put32(config, 0, 0x233010de);
	put32(config, 0x10, 0xfb00000c);
	put32(config, 0x14, 0x2140);
	put32(config, 0x18, 0x0000e001);
	put32(config, 0x1c, 0x90000000);
	/* A 64-bit BAR in the last register has no upper half. */
	put32(config, 0x24, 0x80000004);
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.kind, P2P_KIND_ENDPOINT);
	assert_int_equal(info.bar[0].bus.value, 0x2140fb000000);
	assert_int_equal(info.bar[0].flags,
			 P2P_RANGE_MEMORY | P2P_RANGE_PREFETCH | P2P_RANGE_64BIT);
	assert_false(info.bar[1].bus_known);
	assert_int_equal(info.bar[2].bus.value, 0xe000);
	assert_int_equal(info.bar[2].flags, P2P_RANGE_IO);
	assert_int_equal(info.bar[3].bus.value, 0x90000000);
	assert_int_equal(info.bar[5].bus.value, 0x80000000);
	assert_int_equal(info.bar[0].size, 0);
}

static void nothing_there(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	memset(config, 0xff, sizeof(config));
	assert_int_equal(p2p_config_decode(config, sizeof(config), &info, &below), -ENODEV);
	downstream_port(config);
	assert_int_equal(p2p_config_decode(config, 63, &info, &below), -ENODEV);
}

static void loops_end(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	downstream_port(config);
	config[0x40] = 0x05;
	config[0x81] = 0x40;
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.pcie, P2P_UNKNOWN);
	downstream_port(config);
	put32(config, 0x110, 0x10010001);
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.acs.known, P2P_UNKNOWN);
}

static void blank_hides_serials(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	downstream_port(config);
	p2p_config_blank(config, sizeof(config));
	assert_null(memmem(config, sizeof(config), "\xef\xbe\xad\xde", 4));
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.acs.control, 0x1d);
}

/*
 * 7.8.6: two resizable BARs. BAR 0: bits 8 and 14 of the capability, 16 MiB (2^(8 - 4 + 20)) and
 * 1 GiB. BAR 2: bit 31, 128 TiB, and bit 17 of the control register, 512 TiB.
 */
static void resizable(uint8_t config[P2P_CONFIG_PCIE])
{
	downstream_port(config);
	put32(config, 0x110, 0x14010001);
	put32(config, 0x140, 0x00010015);
	put32(config, 0x144, 1u << 8 | 1u << 14);
	put32(config, 0x148, 2 << 5 | 0);
	put32(config, 0x14c, 1u << 31);
	put32(config, 0x150, 1u << 17 | 2);
}

static void resizable_bars(void **state)
{
	static const uint64_t expected[P2P_BARS] = { 1ull << 30, 0, 1ull << 49 };
	uint64_t sizes[P2P_BARS] = { 0 };
	uint8_t config[P2P_CONFIG_PCIE];

	(void)state;
	resizable(config);
	p2p_config_resizable(config, 256, sizes);
	assert_int_equal(sizes[0], 0);
	p2p_config_resizable(config, sizeof(config), sizes);
	assert_memory_equal(sizes, expected, sizeof(sizes));
	/* A capture keeps it. */
	memset(sizes, 0, sizeof(sizes));
	p2p_config_blank(config, sizeof(config));
	p2p_config_resizable(config, sizeof(config), sizes);
	assert_memory_equal(sizes, expected, sizeof(sizes));
	/* Cut inside the second BAR's registers: the first is whole. */
	memset(sizes, 0, sizeof(sizes));
	p2p_config_resizable(config, 0x14e, sizes);
	assert_int_equal(sizes[0], 1ull << 30);
	assert_int_equal(sizes[2], 0);
	/* Seven BARs, of which none is the sixth or seventh. */
	put32(config, 0x148, 7 << 5 | 7);
	p2p_config_resizable(config, sizeof(config), sizes);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A list that breaks off must not become a short, whole one. */
static void blank_keeps_broken_lists(void **state)
{
	uint8_t config[P2P_CONFIG_PCIE];
	struct p2p_node_info info;
	struct p2p_link below;

	(void)state;
	downstream_port(config);
	config[0x40] = 0x05;
	config[0x41] = 0x90;
	config[0x90] = 0xff;
	p2p_config_blank(config, sizeof(config));
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.pcie, P2P_UNKNOWN);
	downstream_port(config);
	put32(config, 0x100, 0x13010003);
	put32(config, 0x130, 0xffffffff);
	p2p_config_blank(config, sizeof(config));
	info = decode(config, sizeof(config), &below);
	assert_int_equal(info.acs.known, P2P_UNKNOWN);
}

/* Random damage to a real layout, at any length: blanking never changes what is decoded. */
static void blank_keeps_meaning(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		static const size_t sizes[] = { 64, 256, 280, 4096 };
		size_t size = sizes[next_random(&seed) % 4];
		struct p2p_node_info before, after;
		struct p2p_link below_before = { 0 }, below_after = { 0 };
		uint8_t config[P2P_CONFIG_PCIE];
		int status;

		downstream_port(config);
		for (unsigned int i = 0; i < 6; i++)
			config[next_random(&seed) % (i % 2 ? 0x120 : 0x90)] =
				(uint8_t)next_random(&seed);
		p2p_node_info_init(&before);
		after = before;
		status = p2p_config_decode(config, size, &before, &below_before);
		p2p_config_blank(config, size);
		assert_int_equal(p2p_config_decode(config, size, &after, &below_after), status);
		assert_memory_equal(&before, &after, sizeof(before));
		assert_memory_equal(&below_before, &below_after, sizeof(below_before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_port),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(absent_is_not_unknown),
		cmocka_unit_test(endpoint_bars),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(loops_end),
		cmocka_unit_test(resizable_bars),
		cmocka_unit_test(blank_hides_serials),
		cmocka_unit_test(blank_keeps_broken_lists),
		cmocka_unit_test(blank_keeps_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
