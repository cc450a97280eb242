// SPDX-License-Identifier: MIT
/*
 * The policies: which one a release gets, and every row of every table.
 */
#include "support.h"

#include <p2pmem/policy.h>

static void assert_fit(const char *release, const char *name, enum p2p_policy_fit expected)
{
	const struct p2p_policy *policy = NULL;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find(release, &policy, &fit), 0);
	assert_string_equal(policy->name, name);
	assert_int_equal(fit, expected);
}

static void releases(void **state)
{
	(void)state;
	assert_fit("6.1", "6.1", P2P_FIT_EXACT);
	assert_fit("6.1.0-18-amd64", "6.1", P2P_FIT_EXACT);
	assert_fit("6.12.107-amd64", "6.12", P2P_FIT_EXACT);
	assert_fit("6.12+", "6.12", P2P_FIT_EXACT);
	assert_fit("7.3-rc1", "7.3", P2P_FIT_EXACT);
	assert_fit("7.3~rc1", "7.3", P2P_FIT_EXACT);
	assert_fit("hardware", "hardware", P2P_FIT_EXACT);
	assert_fit("5.15.0", "6.1", P2P_FIT_OLDER);
	assert_fit("6.0", "6.1", P2P_FIT_OLDER);
	assert_fit("0.0", "6.1", P2P_FIT_OLDER);
	assert_fit("6.6.30", "6.1", P2P_FIT_BETWEEN);
	assert_fit("6.7", "6.12", P2P_FIT_BETWEEN);
	assert_fit("6.11", "6.12", P2P_FIT_BETWEEN);
	assert_fit("6.17", "6.12", P2P_FIT_BETWEEN);
	assert_fit("6.18", "7.3", P2P_FIT_BETWEEN);
	assert_fit("7.0", "7.3", P2P_FIT_BETWEEN);
	assert_fit("6.99", "7.3", P2P_FIT_BETWEEN);
	assert_fit("7.4", "7.3", P2P_FIT_NEWER);
	assert_fit("9999.9999", "7.3", P2P_FIT_NEWER);
}

static void no_releases(void **state)
{
	static const char *const bad[] = { "",
					   "6",
					   "6.",
					   ".1",
					   "6.x",
					   "six",
					   "6.1x",
					   "-6.1",
					   " 6.1",
					   "10000.1",
					   "6.10000",
					   "4294967302.1",
					   "99999999999999999999.1",
					   "6.1 ",
					   "hardware2",
					   "hard" };
	const struct p2p_policy *policy = NULL;
	enum p2p_policy_fit fit;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(p2p_policy_find(bad[i], &policy, &fit), -EINVAL);
		assert_null(policy);
	}
}

/* Written down from each kernel's pci_p2pdma_whitelist[], apart from the core's tables. */
static const struct p2p_allow_row rows_6_1[] = {
	{ 0x8086, 0x3c00, P2P_ALLOW_SAME_ONLY },
	{ 0x8086, 0x3c01, P2P_ALLOW_SAME_ONLY },
	{ 0x8086, 0x2f00, P2P_ALLOW_SAME_ONLY },
	{ 0x8086, 0x2f01, P2P_ALLOW_SAME_ONLY },
	{ 0x8086, 0x2030, 0 },
	{ 0x8086, 0x2031, 0 },
	{ 0x8086, 0x2032, 0 },
	{ 0x8086, 0x2033, 0 },
	{ 0x8086, 0x2020, 0 },
	{ 0x8086, 0x09a2, 0 },
};

static const struct p2p_allow_row rows_7_3[] = {
	{ 0x8086, 0x0b25, 0 },
	{ 0x8086, 0x0cfe, 0 },
	{ 0x8086, 0x11fb, 0 },
	{ 0x8086, 0x1212, 0 },
	{ 0x8086, 0x1216, 0 },
	{ 0x8086, 0x4940, 0 },
	{ 0x8086, 0x4942, 0 },
	{ 0x8086, 0x4944, 0 },
	{ 0x8086, 0x4946, 0 },
	{ 0x8086, 0x4948, 0 },
	{ 0x1ae0, 0, P2P_ALLOW_ANY_DEVICE },
	{ 0x10de, 0x2f95, 0 },
	{ 0x10de, 0x2f96, 0 },
	{ 0x10de, 0x2f97, 0 },
	{ 0x10de, 0x2f98, 0 },
};

static void assert_rows(const struct p2p_allow_row *rows, const struct p2p_allow_row *expected,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rows[i].vendor, expected[i].vendor);
		assert_int_equal(rows[i].device, expected[i].device);
		assert_int_equal(rows[i].flags, expected[i].flags);
	}
}

static void tables(void **state)
{
	const size_t old = sizeof(rows_6_1) / sizeof(rows_6_1[0]);
	const size_t added = sizeof(rows_7_3) / sizeof(rows_7_3[0]);
	const struct p2p_policy *policies;
	uint32_t count;

	(void)state;
	policies = p2p_policies(&count);
	assert_int_equal(count, 4);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(policies[i].acs_way, 0x2c);
		assert_int_equal(policies[i].amd_family, 0x17);
		assert_true(policies[i].off_bus_refused);
		assert_int_equal(policies[i].host, P2P_HOST_ALLOWLIST);
		assert_int_equal(policies[i].allow_count, i < 2 ? old : old + added);
		assert_rows(policies[i].allow, rows_6_1, old);
	}
	assert_rows(policies[2].allow + old, rows_7_3, added);
	assert_ptr_equal(p2p_policy_hardware(), &policies[3]);
	assert_int_equal(policies[3].allow_count, 0);
	assert_int_equal(policies[3].acs_way, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases),
		cmocka_unit_test(no_releases),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
