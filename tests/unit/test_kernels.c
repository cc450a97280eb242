// SPDX-License-Identifier: MIT
/*
 * The table of kernels, and what is known of one by its release.
 */
#include "sources_support.h"

#include <p2pmem/kernels.h>
#include <p2pmem/route.h>

#include <stdio.h>

static void releases(void **state)
{
	static const struct {
		const char *release, *who;
		enum p2p_known p2pdma, allocate, dmabuf;
	} rows[] = {
		{ "4.19.0-27-amd64", "Debian 10", P2P_ABSENT, P2P_ABSENT, P2P_ABSENT },
		{ "6.1.0-26-amd64", "Debian 12", P2P_ABSENT, P2P_ABSENT, P2P_ABSENT },
		{ "6.12.38+deb13-cloud-amd64", "Debian 13", P2P_ABSENT, P2P_ABSENT, P2P_ABSENT },
		{ "7.3.4+deb13-amd64", "Debian 13 backports", P2P_PRESENT, P2P_PRESENT,
		  P2P_PRESENT },
		{ "5.15.0-105-generic", "Ubuntu 22.04", P2P_ABSENT, P2P_ABSENT, P2P_ABSENT },
		{ "6.8.0-52-generic", "Ubuntu 24.04, 22.04 HWE", P2P_PRESENT, P2P_PRESENT,
		  P2P_UNKNOWN },
		{ "6.8.0-1015-aws", "Ubuntu for AWS", P2P_UNKNOWN, P2P_PRESENT, P2P_UNKNOWN },
		{ "5.14.0-362.8.1.el9_3.x86_64", "RHEL 9, rebuilds", P2P_PRESENT, P2P_UNKNOWN,
		  P2P_UNKNOWN },
		{ "5.14.0-427.13.1.el9_4.x86_64", "RHEL 9, rebuilds", P2P_PRESENT, P2P_PRESENT,
		  P2P_UNKNOWN },
		{ "5.14.0-611.20.1.el9_7.aarch64", "RHEL 9, rebuilds", P2P_PRESENT, P2P_PRESENT,
		  P2P_UNKNOWN },
		{ "5.14.0-580.el9.x86_64", "RHEL 9, rebuilds", P2P_PRESENT, P2P_UNKNOWN,
		  P2P_UNKNOWN },
		{ "4.18.0-553.el8.x86_64", "RHEL 8, rebuilds", P2P_ABSENT, P2P_ABSENT, P2P_ABSENT },
		{ "6.12.0-55.43.1.el10_0.x86_64", "RHEL 10, rebuilds", P2P_PRESENT, P2P_PRESENT,
		  P2P_UNKNOWN },
		{ "6.12.0-100.28.2.el10uek.x86_64", "Oracle UEK 8", P2P_ABSENT, P2P_ABSENT,
		  P2P_ABSENT },
		{ "5.15.0-200.131.27.el9uek.x86_64", "Oracle UEK", P2P_UNKNOWN, P2P_UNKNOWN,
		  P2P_UNKNOWN },
		{ "5.14.21-150500.55.7-default", "SLES 15 SP4, SP5", P2P_UNKNOWN, P2P_UNKNOWN,
		  P2P_UNKNOWN },
		{ "5.15.167.4-microsoft-standard-WSL2", "WSL2", P2P_ABSENT, P2P_ABSENT,
		  P2P_ABSENT },
		{ "6.6.87.2-microsoft-standard-WSL2", "WSL2", P2P_UNKNOWN, P2P_PRESENT,
		  P2P_UNKNOWN },
		{ "6.19", NULL, P2P_UNKNOWN, P2P_PRESENT, P2P_PRESENT },
		{ "6.18", NULL, P2P_UNKNOWN, P2P_PRESENT, P2P_ABSENT },
		{ "6.1", NULL, P2P_UNKNOWN, P2P_ABSENT, P2P_ABSENT },
		{ "4.4", NULL, P2P_ABSENT, P2P_ABSENT, P2P_ABSENT },
		{ "3.10.0-1160.el7.x86_64", NULL, P2P_UNKNOWN, P2P_UNKNOWN, P2P_UNKNOWN },
		{ "9.0", NULL, P2P_UNKNOWN, P2P_PRESENT, P2P_PRESENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct p2p_kernel kernel;

		assert_int_equal(p2p_kernel_find(rows[i].release, &kernel), 0);
		if (rows[i].who)
			assert_string_equal(kernel.row ? kernel.row->who : "none", rows[i].who);
		else
			assert_null(kernel.row);
		if (kernel.p2pdma != rows[i].p2pdma || kernel.allocate != rows[i].allocate ||
		    kernel.dmabuf != rows[i].dmabuf)
			fail_msg("%s: %d %d %d", rows[i].release, kernel.p2pdma, kernel.allocate,
				 kernel.dmabuf);
	}
}

/* Whose rules, and where the configuration was read. */
static void rules_that_were_read(void **state)
{
	static const struct {
		const char *release, *rules, *from;
	} rows[] = {
		{ "5.14.0-362.8.1.el9_3.x86_64", "Linux 5.19",
		  "kernel-src-tree at 32032f84ebdc, as of 5.14.0-611.20.1.el9_7" },
		{ "5.14.0-611.20.1.el9_7.x86_64", "one of Linux 5.19 to 7.3",
		  "kernel-src-tree at 32032f84ebdc, as of 5.14.0-611.20.1.el9_7" },
		{ "4.18.0-240.1.1.el8_3.x86_64", "Linux 5.3",
		  "kernel-src-tree at 106ef6545eca, as of 4.18.0-553.94.1.el8_10" },
		{ "6.12.0-55.9.1.el10_0.x86_64", "one of Linux 6.12 to 7.3",
		  "kernel-src-tree at 11e6cfbb09b9, as of 6.12.0-55.43.1.el10_0" },
		{ "6.12.0-100.28.2.el9uek.x86_64", "one of Linux 6.12 to 7.3",
		  "linux-uek at 1887ca9fc5e5, uek-rpm/ol9" },
		{ "5.15.167.4-microsoft-standard-WSL2", "Linux 5.15",
		  "WSL2-Linux-Kernel at c36adc7c7bb7, as of 5.15.90.3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct p2p_kernel kernel;
		char text[P2P_POLICY_TEXT];

		assert_int_equal(p2p_kernel_find(rows[i].release, &kernel), 0);
		assert_string_equal(p2p_policy_text(kernel.policy, text), rows[i].rules);
		assert_string_equal(kernel.p2pdma_from, rows[i].from);
	}
}

/* What is said of a configuration says where it was read, and only then. */
static void every_row_is_its_own(void **state)
{
	uint32_t count;
	const struct p2p_kernel_row *rows = p2p_kernel_rows(&count);

	(void)state;
	for (uint32_t i = 0; i < count; i++) {
		struct p2p_kernel kernel;

		assert_int_equal(p2p_kernel_find(rows[i].example, &kernel), 0);
		assert_ptr_equal(kernel.row, &rows[i]);
		assert_int_equal(rows[i].p2pdma != P2P_UNKNOWN, rows[i].p2pdma_from != NULL);
	}
}

/* The machine's own kernel is what its configuration says; another one is in the table. */
static void of_a_machine(void **state)
{
	struct p2p_machine *machine = read_text("00:00.0 0600: 8086:2020\n");
	struct p2p_kernel kernel;
	char text[P2P_KERNEL_TEXT];

	(void)state;
	machine->platform.kernel_release = "6.1.0-26-amd64";
	p2p_build_option(machine, "CONFIG_PCI_P2PDMA", "y", 1);
	assert_int_equal(p2p_kernel_of(machine, "6.1.0-26-amd64", &kernel), 0);
	assert_int_equal(kernel.p2pdma, P2P_PRESENT);
	assert_string_equal(p2p_kernel_text(&kernel, text),
			    "has P2PDMA; lacks p2pmem/allocate (from 6.2), VFIO dma-bufs (from "
			    "6.19)");
	assert_int_equal(p2p_kernel_of(machine, "6.1.0-27-amd64", &kernel), 0);
	assert_int_equal(kernel.p2pdma, P2P_ABSENT);
	assert_string_equal(p2p_kernel_text(&kernel, text),
			    "lacks P2PDMA, p2pmem/allocate, VFIO dma-bufs");
	assert_int_equal(p2p_kernel_of(machine, "6.8.0-1015-aws", &kernel), 0);
	assert_string_equal(p2p_kernel_text(&kernel, text),
			    "has p2pmem/allocate; not known: P2PDMA, VFIO dma-bufs (from 6.19)");
	p2p_machine_free(machine);
}

/* What its release would have, its configuration leaves out. */
static void without_p2pdma(void **state)
{
	struct p2p_machine *machine = read_text("00:00.0 0600: 8086:2020\n");
	struct p2p_kernel kernel;
	char text[P2P_KERNEL_TEXT];

	(void)state;
	machine->platform.kernel_release = "7.3.4";
	p2p_build_option(machine, "CONFIG_PCI_P2PDMA", "n", 1);
	assert_int_equal(p2p_kernel_of(machine, "7.3.4", &kernel), 0);
	assert_string_equal(p2p_kernel_text(&kernel, text),
			    "lacks P2PDMA, p2pmem/allocate, VFIO dma-bufs");
	p2p_machine_free(machine);
}

static void expect_router(const struct p2p_machine *machine, const char *kernel, const char *name,
			  enum p2p_policy_fit expected)
{
	struct p2p_router *router;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_machine_router(machine, kernel, &router, &fit, NULL), 0);
	assert_string_equal(p2p_router_policy(router)->name, name);
	assert_string_equal(p2p_policy_fit_name(fit), p2p_policy_fit_name(expected));
	p2p_router_free(router);
}

/* Whose rules a machine is judged by: what is asked for, its own kernel's, the newest. */
static void judged_by(void **state)
{
	struct p2p_machine *machine = read_text("00:00.0 0600: 8086:2020\n");
	struct p2p_error error = { .code = 0 };
	enum p2p_policy_fit fit;
	struct p2p_router *router;
	uint32_t count;
	const char *newest;

	(void)state;
	newest = p2p_policies(&count)[count - 2].name;
	machine->platform.kernel_release = NULL;
	expect_router(machine, NULL, newest, P2P_FIT_ASSUMED);
	expect_router(machine, "6.1", "6.1", P2P_FIT_EXACT);
	expect_router(machine, "hardware", "hardware", P2P_FIT_EXACT);
	machine->platform.kernel_release = "6.12.107+deb13-amd64";
	expect_router(machine, NULL, "6.12", P2P_FIT_EXACT);
	expect_router(machine, "6.1", "6.1", P2P_FIT_EXACT);
	machine->platform.kernel_release = "mine";
	assert_int_equal(p2p_machine_router(machine, NULL, &router, &fit, &error), -EINVAL);
	assert_non_null(strstr(error.text, "\"mine\" is not a kernel release"));
	assert_null(router);
	p2p_machine_free(machine);
}

static void no_releases(void **state)
{
	static const char *const bad[] = { "", "hardware", "six", "6", "6.x" };
	struct p2p_kernel kernel;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(p2p_kernel_find(bad[i], &kernel), -EINVAL);
}

static void release_ranges(void **state)
{
	struct p2p_release_range found[P2P_RELEASE_RANGES];
	char text[P2P_POLICY_TEXT];

	(void)state;
	assert_int_equal(p2p_release_ranges(found), 12);
	assert_string_equal(found[6].first->name, "5.9");
	assert_string_equal(found[6].last->name, "5.17");
	assert_string_equal(p2p_release_range_text(&found[6], &found[7], text),
			    "Linux 5.9 to 5.18");
	assert_string_equal(p2p_release_range_text(&found[7], &found[7], text), "Linux 5.18");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases),
		cmocka_unit_test(rules_that_were_read),
		cmocka_unit_test(every_row_is_its_own),
		cmocka_unit_test(of_a_machine),
		cmocka_unit_test(without_p2pdma),
		cmocka_unit_test(judged_by),
		cmocka_unit_test(no_releases),
		cmocka_unit_test(release_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
