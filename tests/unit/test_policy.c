// SPDX-License-Identifier: MIT
/*
 * The policies: which one a release gets, and every row of every table.
 */
#include "support.h"

#include <stdio.h>

#include <p2pmem/policy.h>

static void assert_fit(const char *release, const char *name, enum p2p_policy_fit expected)
{
	const struct p2p_policy *policy = NULL;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find(release, &policy, &fit), 0);
	if (strcmp(policy->name, name) != 0 || fit != expected)
		print_error("%s\n", release);
	assert_string_equal(policy->name, name);
	assert_int_equal(fit, expected);
	assert_int_equal(policy->any_of != NULL, fit == P2P_FIT_UNREAD);
}

/* Whose rules each release gets, and how well that is known. */
static void releases(void **state)
{
	static const struct {
		const char *release, *name;
		enum p2p_policy_fit fit;
	} rows[] = {
		{ "hardware", "hardware", P2P_FIT_EXACT },
		/* Upstream, up to the patch that was read. */
		{ "4.20", "4.20", P2P_FIT_EXACT },
		{ "4.20.17", "4.20", P2P_FIT_EXACT },
		{ "5.3.18", "5.3", P2P_FIT_EXACT },
		{ "5.4", "5.4", P2P_FIT_EXACT },
		{ "5.10.262", "5.10", P2P_FIT_EXACT },
		{ "5.10.263", "5.10+", P2P_FIT_UNREAD },
		{ "5.15", "5.15", P2P_FIT_EXACT },
		{ "5.15.0", "5.15", P2P_FIT_EXACT },
		{ "5.15.190", "5.15+", P2P_FIT_UNREAD },
		{ "6.0", "6.0", P2P_FIT_EXACT },
		{ "6.1", "6.1", P2P_FIT_EXACT },
		{ "6.1.192", "6.1", P2P_FIT_EXACT },
		{ "6.1.193", "6.1+", P2P_FIT_UNREAD },
		{ "6.6.30", "6.6+", P2P_FIT_UNREAD },
		{ "6.12+", "6.12", P2P_FIT_EXACT },
		{ "6.17.9", "6.17", P2P_FIT_EXACT },
		{ "7.0", "7.0", P2P_FIT_EXACT },
		{ "7.1.4", "7.1+", P2P_FIT_UNREAD },
		{ "7.3", "7.3", P2P_FIT_EXACT },
		{ "7.3-rc1", "7.3", P2P_FIT_EXACT },
		{ "7.3~rc1", "7.3", P2P_FIT_EXACT },
		{ "7.3-rc1+", "7.3", P2P_FIT_EXACT },
		{ "7.3.4", "7.3", P2P_FIT_EXACT },
		{ "7.3.5", "7.3+", P2P_FIT_UNREAD },
		{ "7.4", "7.4+", P2P_FIT_NEWER },
		{ "9999.9999", "7.4+", P2P_FIT_NEWER },
		/* No release has these numbers. */
		{ "6.99", "7.4+", P2P_FIT_NEWER },
		{ "4.19", "before 4.20", P2P_FIT_EXACT },
		{ "0.0", "before 4.20", P2P_FIT_EXACT },
		{ "3.10.0", "before 4.20", P2P_FIT_EXACT },
		/* Debian 10 to 13 and backports. */
		{ "4.19.0-27-amd64", "before 4.20", P2P_FIT_EXACT },
		{ "5.10.0-28-amd64", "5.10", P2P_FIT_EXACT },
		{ "5.10.0-46-cloud-amd64", "5.10", P2P_FIT_EXACT },
		{ "5.10.0-47-amd64", "5.10+", P2P_FIT_UNREAD },
		{ "6.1.0-18-amd64", "6.1", P2P_FIT_EXACT },
		{ "6.1.0-26-rt-amd64", "6.1", P2P_FIT_EXACT },
		{ "6.1.0-56-arm64", "6.1", P2P_FIT_EXACT },
		{ "6.1.0-57-amd64", "6.1+", P2P_FIT_UNREAD },
		{ "6.5.0-0.deb12.4-amd64", "6.5+", P2P_FIT_UNREAD },
		{ "6.12.38+deb13-amd64", "6.12", P2P_FIT_EXACT },
		{ "6.12.107-amd64", "6.12", P2P_FIT_EXACT },
		{ "6.12.117+deb12-cloud-arm64", "6.12", P2P_FIT_EXACT },
		{ "6.12.118+deb13-amd64", "6.12+", P2P_FIT_UNREAD },
		{ "6.16.3+deb13-amd64", "6.16+", P2P_FIT_UNREAD },
		{ "7.2.12+deb13-amd64", "7.2", P2P_FIT_EXACT },
		{ "7.3.4+deb13-arm64", "7.3", P2P_FIT_EXACT },
		/* Ubuntu 20.04 to 26.04. */
		{ "5.4.0-150-generic", "5.4+", P2P_FIT_UNREAD },
		{ "5.15.0-105-generic", "5.15+", P2P_FIT_UNREAD },
		{ "5.15.0-1015-aws", "5.15+", P2P_FIT_UNREAD },
		{ "6.8.0-52-generic", "6.8+", P2P_FIT_UNREAD },
		{ "6.8.0-1015-aws", "6.8+", P2P_FIT_UNREAD },
		{ "6.11.0-19-generic", "6.11+", P2P_FIT_UNREAD },
		{ "7.0.0-30-generic", "7.0+", P2P_FIT_UNREAD },
		/* RHEL and rebuilds. */
		{ "3.10.0-1160.el7.x86_64", "any version", P2P_FIT_UNREAD },
		{ "4.18.0-80.el8.x86_64", "up to 5.3", P2P_FIT_UNREAD },
		{ "4.18.0-147.5.1.el8_1.x86_64", "any version", P2P_FIT_UNREAD },
		{ "4.18.0-239.el8.x86_64", "up to 5.3", P2P_FIT_UNREAD },
		{ "4.18.0-240.el8.x86_64", "up to 5.3", P2P_FIT_UNREAD },
		{ "4.18.0-240.1.1.el8_3.x86_64", "5.3", P2P_FIT_EXACT },
		{ "4.18.0-240.22.1.el8_3.x86_64", "5.2+", P2P_FIT_UNREAD },
		{ "4.18.0-305.el8.aarch64", "5.3", P2P_FIT_EXACT },
		{ "4.18.0-305.25.1.el8_4.x86_64", "5.2+", P2P_FIT_UNREAD },
		{ "4.18.0-394.el8.x86_64", "5.3", P2P_FIT_EXACT },
		{ "4.18.0-395.el8.x86_64", "5.2+", P2P_FIT_UNREAD },
		{ "4.18.0-553.el8.x86_64", "5.2+", P2P_FIT_UNREAD },
		{ "4.18.0-553.16.1.el8_10.x86_64", "5.2+", P2P_FIT_UNREAD },
		{ "4.18.0-553.16.1.el8_10.x86_64+debug", "5.2+", P2P_FIT_UNREAD },
		{ "5.14.0-70.el9.x86_64", "5.14 to 5.18", P2P_FIT_UNREAD },
		{ "5.14.0-70.13.1.el9_0.x86_64", "5.14+", P2P_FIT_UNREAD },
		{ "5.14.0-162.el9.x86_64", "5.14 to 5.18", P2P_FIT_UNREAD },
		{ "5.14.0-162.5.1.el9_1.x86_64", "5.14+", P2P_FIT_UNREAD },
		{ "5.14.0-162.6.1.el9_1.x86_64", "5.18", P2P_FIT_EXACT },
		{ "5.14.0-162.7.1.el9_1.x86_64", "5.18+", P2P_FIT_UNREAD },
		{ "5.14.0-163.el9.x86_64", "5.18 to 5.19", P2P_FIT_UNREAD },
		{ "5.14.0-284.11.1.el9_2.x86_64", "5.18+", P2P_FIT_UNREAD },
		{ "5.14.0-362.el9.x86_64", "5.18 to 5.19", P2P_FIT_UNREAD },
		{ "5.14.0-362.8.1.el9_3.x86_64", "5.19", P2P_FIT_EXACT },
		{ "5.14.0-362.24.1.el9_3.x86_64", "5.19+", P2P_FIT_UNREAD },
		{ "5.14.0-363.8.1.el9.x86_64", "5.19+", P2P_FIT_UNREAD },
		{ "5.14.0-363.el9.x86_64", "5.19", P2P_FIT_EXACT },
		{ "5.14.0-425.el9.x86_64", "5.19", P2P_FIT_EXACT },
		{ "5.14.0-427.el9.aarch64", "5.19", P2P_FIT_EXACT },
		{ "5.14.0-427.1.1.el9_4.x86_64", "5.19", P2P_FIT_EXACT },
		{ "5.14.0-427.13.1.el9_4.x86_64+rt", "5.19+", P2P_FIT_UNREAD },
		{ "5.14.0-428.el9.x86_64", "5.19+", P2P_FIT_UNREAD },
		{ "5.14.0-503.29.1.el9_5.x86_64", "5.19+", P2P_FIT_UNREAD },
		{ "5.14.0-611.20.1.el9_7.x86_64", "5.19+", P2P_FIT_UNREAD },
		/* Theirs have no patch, and others' are not theirs. */
		{ "5.14.21-425.el9.x86_64", "5.14+", P2P_FIT_UNREAD },
		{ "5.14.0-425.x86_64", "5.14+", P2P_FIT_UNREAD },
		{ "5.14.0-425.99999.1.el9.x86_64", "5.14+", P2P_FIT_UNREAD },
		{ "5.14.0-425.el9uek.x86_64", "5.14+", P2P_FIT_UNREAD },
		{ "6.1.0-1.el9.elrepo.x86_64", "6.1+", P2P_FIT_UNREAD },
		{ "6.12.0-55.9.1.el10_0.x86_64", "6.12+", P2P_FIT_UNREAD },
		/* SLES 15, Oracle, WSL2, Fedora, Arch, Proxmox. */
		{ "4.12.14-197.el8-default", "any version", P2P_FIT_UNREAD },
		{ "4.12.14-197.7-default", "any version", P2P_FIT_UNREAD },
		{ "5.3.18-150300.59.93-default", "5.3+", P2P_FIT_UNREAD },
		{ "5.14.21-150500.55.7-default", "5.14+", P2P_FIT_UNREAD },
		{ "6.4.0-150600.23.7-default", "6.4+", P2P_FIT_UNREAD },
		{ "5.4.17-2136.300.7.el8uek.x86_64", "5.4+", P2P_FIT_UNREAD },
		{ "5.15.0-200.131.27.el9uek.x86_64", "5.15+", P2P_FIT_UNREAD },
		{ "4.18.0-1.el8uek.x86_64", "any version", P2P_FIT_UNREAD },
		{ "5.15.167.4-microsoft-standard-WSL2", "5.15", P2P_FIT_EXACT },
		{ "5.15.180.1-microsoft-standard-WSL2", "5.15+", P2P_FIT_UNREAD },
		{ "6.6.87.2-microsoft-standard-WSL2", "6.6+", P2P_FIT_UNREAD },
		{ "6.17.4-200.fc42.x86_64", "6.17+", P2P_FIT_UNREAD },
		{ "6.16.8-arch1-1", "6.16+", P2P_FIT_UNREAD },
		{ "6.8.12-4-pve", "6.8+", P2P_FIT_UNREAD },
		{ "6.1.0-26-amd64x", "6.1+", P2P_FIT_UNREAD },
		{ "6.1.0-26-amd64-mine", "6.1+", P2P_FIT_UNREAD },
		{ "7.3.4_custom", "7.3+", P2P_FIT_UNREAD },
		{ "7.3-rc", "7.3+", P2P_FIT_UNREAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fit(rows[i].release, rows[i].name, rows[i].fit);
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

/* Written down from each kernel's own source, apart from the core's tables: `*` is same-only. */
static const struct {
	const char *first, *last; /* releases */
	const char *list;
	unsigned int amd_family;
	bool root_port, redirect, iommu;
	enum p2p_policy_host host;
} rules[] = {
	{ "4.20", "5.1", "", 0, false, true, false, P2P_HOST_NEVER },
	{ "5.2", "5.3", "1022:1450", 0, false, true, true, P2P_HOST_ALLOWLIST },
	{ "5.4", "5.5", "1022:1450 8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01*", 0, false, false,
	  false, P2P_HOST_ALLOWLIST },
	{ "5.6", "5.6", "1022:1450 8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020",
	  0, false, false, false, P2P_HOST_ALLOWLIST },
	{ "5.7", "5.7",
	  "1022:1450 8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 "
	  "8086:2032 8086:2033",
	  0, false, false, false, P2P_HOST_ALLOWLIST },
	{ "5.8", "5.8",
	  "1022:1630 1022:15d0 1022:1450 8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 "
	  "8086:2020 8086:2031 8086:2032 8086:2033",
	  0, false, false, false, P2P_HOST_ALLOWLIST },
	{ "5.9", "5.17",
	  "8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 8086:2032 "
	  "8086:2033",
	  0x17, false, false, false, P2P_HOST_ALLOWLIST },
	{ "5.18", "5.18",
	  "8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 8086:2032 "
	  "8086:2033 8086:09a2",
	  0x17, false, false, false, P2P_HOST_ALLOWLIST },
	{ "5.19", "7.0",
	  "8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 8086:2032 "
	  "8086:2033 8086:09a2",
	  0x17, true, false, false, P2P_HOST_ALLOWLIST },
	{ "7.1", "7.1",
	  "8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 8086:2032 "
	  "8086:2033 8086:09a2 1ae0:any",
	  0x17, true, false, false, P2P_HOST_ALLOWLIST },
	{ "7.2", "7.2",
	  "8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 8086:2032 "
	  "8086:2033 8086:09a2 1ae0:any 8086:0b25 8086:0cfe 8086:11fb 8086:1212 8086:1216 "
	  "8086:4940 8086:4942 8086:4944 8086:4946 8086:4948",
	  0x17, true, false, false, P2P_HOST_ALLOWLIST },
	{ "7.3", "7.3",
	  "8086:3c00* 8086:3c01* 8086:2f00* 8086:2f01* 8086:2030 8086:2020 8086:2031 8086:2032 "
	  "8086:2033 8086:09a2 1ae0:any 8086:0b25 8086:0cfe 8086:11fb 8086:1212 8086:1216 "
	  "8086:4940 8086:4942 8086:4944 8086:4946 8086:4948 10de:2f95 10de:2f96 10de:2f97 "
	  "10de:2f98",
	  0x17, true, false, false, P2P_HOST_ALLOWLIST },
};

static void list_of(const struct p2p_policy *policy, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < policy->allow_count; i++) {
		const struct p2p_allow_row *row = &policy->allow[i];
		char device[8] = "any";

		if (!(row->flags & P2P_ALLOW_ANY_DEVICE))
			snprintf(device, sizeof(device), "%04x", row->device);
		used += (size_t)snprintf(text + used, size - used, "%s%04x:%s%s", used ? " " : "",
					 row->vendor, device,
					 row->flags & P2P_ALLOW_SAME_ONLY ? "*" : "");
		assert_true(used < size);
	}
}

static void every_release_has_its_rules(void **state)
{
	const struct p2p_policy *policies;
	uint32_t count, at = 0;
	char list[512];

	(void)state;
	policies = p2p_policies(&count);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		assert_string_equal(policies[at].name, rules[i].first);
		for (bool last = false; !last; at++) {
			const struct p2p_policy *policy = &policies[at];

			assert_true(at < count);
			list_of(policy, list, sizeof(list));
			assert_string_equal(list, rules[i].list);
			assert_int_equal(policy->amd_family, rules[i].amd_family);
			assert_int_equal(policy->key_root_port, rules[i].root_port);
			assert_int_equal(policy->redirect_refused, rules[i].redirect);
			assert_int_equal(policy->host_without_iommu, rules[i].iommu);
			assert_int_equal(policy->host_distance, rules[i].iommu ? 0x1000 : 0);
			assert_int_equal(policy->host, rules[i].host);
			assert_int_equal(policy->acs_way, 0x2c);
			assert_true(policy->off_bus_refused);
			assert_false(policy->absent);
			assert_false(policy->open);
			last = strcmp(policy->name, rules[i].last) == 0;
		}
	}
	assert_int_equal(at + 1, count);
	assert_ptr_equal(p2p_policy_hardware(), &policies[at]);
	assert_int_equal(policies[at].allow_count, 0);
	assert_int_equal(policies[at].acs_way, 0);
}

/* Alike within each stretch, and not from one to the next. */
static void which_judge_alike(void **state)
{
	const struct p2p_policy *policies;
	uint32_t count, stretches = 1;

	(void)state;
	policies = p2p_policies(&count);
	for (uint32_t i = 1; i + 1 < count; i++)
		stretches += !p2p_policy_same_rules(&policies[i - 1], &policies[i]);
	assert_int_equal(stretches, sizeof(rules) / sizeof(rules[0]));
}

/* 4.x ended with 20, 5.x with 19, 6.x with 19. */
static void no_release_is_left_out(void **state)
{
	const struct p2p_policy *policies;
	uint32_t count;

	(void)state;
	policies = p2p_policies(&count);
	assert_int_equal(count, 1 + 20 + 20 + 4 + 1);
	for (uint32_t i = 1; i + 1 < count; i++) {
		bool next = policies[i].major == policies[i - 1].major &&
			    policies[i].minor == policies[i - 1].minor + 1;
		bool first =
			policies[i].major == policies[i - 1].major + 1 && policies[i].minor == 0;

		assert_true(next || first);
	}
}

static void sets_are_what_their_names_say(void **state)
{
	static const struct {
		const char *release, *first, *last;
	} sets[] = {
		{ "6.8.0-52-generic", "6.8", "7.3" },
		{ "7.3.4-generic", "7.3", "7.3" },
		{ "4.18.0-553.el8.x86_64", "5.2", "7.3" },
		{ "4.18.0-80.el8.x86_64", "before 4.20", "5.3" },
		{ "5.14.0-70.el9.x86_64", "5.14", "5.18" },
		{ "5.14.0-284.el9.x86_64", "5.18", "5.19" },
		{ "5.14.0-611.20.1.el9_7.x86_64", "5.19", "7.3" },
		{ "3.10.0-1160.el7.x86_64", "before 4.20", "7.3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		const struct p2p_policy *policy;
		enum p2p_policy_fit fit;

		assert_int_equal(p2p_policy_find(sets[i].release, &policy, &fit), 0);
		assert_string_equal(policy->any_of[0].name, sets[i].first);
		assert_string_equal(policy->any_of[policy->any_count - 1].name, sets[i].last);
	}
}

/* Any bytes: an answer or a refusal, the same each time, and nothing past the end is read. */
static void any_bytes(void **state)
{
	static const char alphabet[] = "0123456789.-+~_rcdebelamWSL\x80\xff \n";
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		const struct p2p_policy *policy = NULL, *again = NULL;
		enum p2p_policy_fit fit = P2P_FIT_NEWER;
		size_t length;
		char *text;
		int error;

		random = random * 6364136223846793005u + 1442695040888963407u;
		length = (random >> 33) % 24;
		text = malloc(length + 1);
		assert_non_null(text);
		for (size_t at = 0; at < length; at++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			text[at] = alphabet[(random >> 33) % (sizeof(alphabet) - 1)];
		}
		text[length] = '\0';
		if (i % 2 && length > 4)
			memcpy(text, i % 4 == 1 ? "6.1." : "5.1-", 4);
		error = p2p_policy_find(text, &policy, &fit);
		assert_true(error == 0 || error == -EINVAL);
		assert_int_equal(policy != NULL, error == 0);
		assert_int_equal(p2p_policy_find(text, &again, &fit), error);
		assert_ptr_equal(policy, again);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases),
		cmocka_unit_test(no_releases),
		cmocka_unit_test(every_release_has_its_rules),
		cmocka_unit_test(which_judge_alike),
		cmocka_unit_test(no_release_is_left_out),
		cmocka_unit_test(sets_are_what_their_names_say),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
